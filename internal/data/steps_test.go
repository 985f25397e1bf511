package data

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

func TestWithSteps(t *testing.T) {
	x := tensors.FromValue([][][]int16{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}})
	for steps, want := range map[int][][][]int16{
		1: {{{1, 2}}, {{5, 6}}},
		4: {{{1, 2}, {3, 4}, {3, 4}, {3, 4}}, {{5, 6}, {7, 8}, {7, 8}, {7, 8}}},
	} {
		got, err := WithSteps(x, steps)
		require.NoError(t, err)
		require.Equal(t, want, got.Value())
	}
	same, err := WithSteps(x, 2)
	require.NoError(t, err)
	require.Same(t, x, same)
	for _, bad := range []*tensors.Tensor{tensors.FromValue([]float32{1}), tensors.FromShape(x.Shape())} {
		_, err := WithSteps(bad, 0)
		require.ErrorContains(t, err, "can't have 0 steps")
	}
}
