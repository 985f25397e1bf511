package align_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/golden"
)

func TestShape(t *testing.T) {
	require.Equal(t, "()", align.Shape(nil))
	require.Equal(t, "(32,)", align.Shape([]int{32}))
	require.Equal(t, "(None, 10)", align.Shape([]int{-1, 10}))
}

func TestSameRank(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		for _, tc := range []struct{ a, b, wantA, wantB []int }{
			{[]int{4}, []int{4, 1}, []int{4, 1}, []int{4, 1}},
			{[]int{4, 1}, []int{4}, []int{4, 1}, []int{4, 1}},
			{[]int{4, 3}, []int{4, 3, 1}, []int{4, 3}, []int{4, 3}},
			{[]int{4, 3, 1}, []int{4, 3}, []int{4, 3}, []int{4, 3}},
			{[]int{4}, []int{4, 3}, []int{4}, []int{4, 3}},
			{[]int{4}, []int{4, 1, 1}, []int{4}, []int{4, 1, 1}},
		} {
			out, err := graph.CallOnceN(backend, func(a, b *graph.Node) (*graph.Node, *graph.Node) { return align.SameRank(a, b) },
				zeros(tc.a), zeros(tc.b))
			require.NoError(t, err)
			require.Equal(t, tc.wantA, out[0].Shape().Dimensions)
			require.Equal(t, tc.wantB, out[1].Shape().Dimensions)
		}
	})
}

func TestBroadcast(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		add := func(a, b *graph.Node) *graph.Node { return graph.Add(align.Broadcast("targets", a, "predictions", b)) }
		out, err := graph.CallOnce(backend, add, zeros([]int{3}), zeros([]int{2, 1}))
		require.NoError(t, err)
		require.Equal(t, []int{2, 3}, out.Shape().Dimensions)
		_, err = graph.CallOnce(backend, add, zeros([]int{2}), zeros([]int{2, 3}))
		require.ErrorContains(t, err, "targets of shape (2,) and predictions of shape (2, 3) don't broadcast to one shape")
	})
}

func zeros(dims []int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	return tensors.FromFlatDataAndDimensions(make([]float32, size), dims...)
}
