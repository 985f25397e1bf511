package goengine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/half"
)

// TestHalfConversion has float32 numbers of all sizes become float16, and every float16 come back.
func TestHalfConversion(t *testing.T) {
	_, own := engines(t)
	rng := rand.New(rand.NewPCG(1, 2))
	numbers := []float32{0, float32(math.Copysign(0, -1)), 1e-7, -1e-7, 6.1e-5, 65504, 65520, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	for range 10000 {
		numbers = append(numbers, float32(math.Ldexp(2*rng.Float64()-1, rng.IntN(48)-30)))
	}
	all := make([]float16.Float16, 1<<16)
	for i := range all {
		all[i] = float16.Float16(i)
	}
	out, err := graph.CallOnceN(own, func(x, all *graph.Node) []*graph.Node {
		return []*graph.Node{graph.ConvertDType(x, dtypes.Float16), graph.ConvertDType(graph.ConvertDType(all, dtypes.Float32), dtypes.Float16)}
	}, numbers, all)
	require.NoError(t, err)
	equal := func(want, got float16.Float16, from float32) {
		if isNaN := want&0x7fff > 0x7c00; isNaN {
			require.Greater(t, got&0x7fff, float16.Float16(0x7c00))
			return
		}
		require.Equal(t, want, got, "%v", from)
	}
	for i, got := range tensors.MustCopyFlatData[float16.Float16](out[0]) {
		equal(half.FromFloat32(numbers[i]), got, numbers[i])
	}
	for i, got := range tensors.MustCopyFlatData[float16.Float16](out[1]) {
		equal(all[i], got, all[i].Float32())
	}
}

// TestHalfOperations has small results of float16 survive, of what GoMLX computes, of what kernels do and inside functions.
func TestHalfOperations(t *testing.T) {
	_, own := engines(t)
	image := make([]float32, 5*5*2)
	for i := range image {
		image[i] = float32(i%7) * 3e-6
	}
	toHalf := func(x float32) float32 { return half.FromFloat32(x).Float32() }
	sum := 0.0
	for i := range image {
		image[i] = toHalf(image[i])
		sum += float64(image[i])
	}
	out, err := graph.CallOnceN(own, func(x *graph.Node) []*graph.Node {
		h := graph.ConvertDType(x, dtypes.Float16)
		pooled := graph.MaxPool(h).Window(2).Done()
		all := []*graph.Node{
			graph.Add(h, h),
			graph.Mul(h, graph.Const(h.Graph(), half.FromFloat32(0.5))),
			graph.Neg(h),
			graph.Max(h, graph.ZerosLike(h)),
			graph.Where(graph.GreaterThan(h, graph.ZerosLike(h)), h, h),
			graph.ReduceAllSum(h),
			graph.ReduceAllMax(h),
			graph.ReduceAllMax(pooled),
			graph.ReduceAllMax(graph.Convolve(h, graph.OnesLike(graph.Reshape(h, 5, 5, 2, 1))).NoPadding().Done()),
			graph.Sort(graph.Reshape(h, -1), 0, true),
			graph.ReduceAllSum(graph.Gradient(graph.ReduceAllSum(graph.Mul(pooled, graph.Const(h.Graph(), half.FromFloat32(1e-6)))), h)[0]),
			graph.DotGeneral(graph.Reshape(h, 1, -1), []int{1}, nil, graph.OnesLike(graph.Reshape(h, -1, 1)), []int{0}, nil),
			graph.Add(graph.DotGeneral(graph.Reshape(h, 1, -1), []int{1}, nil, graph.OnesLike(graph.Reshape(h, -1, 1)), []int{0}, nil), graph.ReduceAllSum(h)),
		}
		for i, y := range all {
			all[i] = graph.Reshape(graph.ConvertDType(y, dtypes.Float32), -1)
		}
		return all
	}, tensors.FromFlatDataAndDimensions(image, 1, 5, 5, 2))
	require.NoError(t, err)
	flat := func(i int) []float32 { return tensors.MustCopyFlatData[float32](out[i]) }
	for i, x := range image {
		require.Equal(t, toHalf(2*x), flat(0)[i])
		require.Equal(t, toHalf(x/2), flat(1)[i])
		require.Equal(t, -x, flat(2)[i])
		require.Equal(t, x, flat(3)[i])
		require.Equal(t, x, flat(4)[i])
	}
	require.Equal(t, toHalf(float32(sum)), flat(5)[0])
	require.Equal(t, image[6], flat(6)[0])
	require.Equal(t, image[6], flat(7)[0])
	require.Positive(t, flat(8)[0])
	require.Equal(t, image[6], flat(9)[len(image)-1])
	require.Positive(t, flat(10)[0])
	require.InDelta(t, sum, flat(11)[0], 1e-6)
	require.InDelta(t, 2*sum, flat(12)[0], 1e-6)
	for _, mixed := range []func(a, b *graph.Node) *graph.Node{graph.Add, graph.Mul} {
		_, err = graph.CallOnce(own, func(x *graph.Node) *graph.Node { return mixed(graph.ConvertDType(x, dtypes.Float16), x) }, image)
		require.ErrorContains(t, err, "must match")
	}
}
