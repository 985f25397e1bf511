package datasets

import (
	"testing"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

func TestToFloat32(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]uint8{0, 1, 127, 255}, 1, 2, 2)
	got, err := ToFloat32(x, 255)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 2}, got.Shape().Dimensions)
	flat, err := tensors.CopyFlatData[float32](got)
	require.NoError(t, err)
	// The quotients of float32, not the products with 1/255, which differ in the last digit.
	require.Equal(t, []float32{0, float32(1) / 255, float32(127) / 255, 1}, flat)

	for _, y := range []any{
		[]bool{true, false}, []int8{1, 0}, []int16{1, 0}, []int32{1, 0}, []int64{1, 0}, []uint8{1, 0}, []uint16{1, 0}, []uint32{1, 0},
		[]uint64{1, 0}, []float32{1, 0}, []float64{1, 0}, []float16.Float16{float16.FromFloat32(1), 0},
		[]bfloat16.BFloat16{bfloat16.FromFloat32(1), 0},
	} {
		tensor, err := tensors.FromAnyValue(y)
		require.NoError(t, err)
		got, err := ToFloat32(tensor, 4)
		require.NoError(t, err, "%T", y)
		flat, err := tensors.CopyFlatData[float32](got)
		require.NoError(t, err)
		require.Equal(t, []float32{.25, 0}, flat, "%T", y)
	}

	empty, err := ToFloat32(tensors.FromScalarAndDimensions(uint8(0), 0, 3), 255)
	require.NoError(t, err)
	require.Equal(t, []int{0, 3}, empty.Shape().Dimensions)

	_, err = ToFloat32(x, 0)
	require.EqualError(t, err, "datasets.ToFloat32: scale is 0, and elements are divided by it")
	_, err = ToFloat32(nil, 1)
	require.EqualError(t, err, "datasets.ToFloat32: the tensor is nil")
	_, err = ToFloat32(tensors.FromValue([]complex64{1}), 1)
	require.ErrorContains(t, err, "real numbers were expected")
}

func TestFirst(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]int32{1, 2, 3, 4, 5, 6}, 3, 2)
	for n, want := range map[int][]int32{1: {1, 2}, 2: {1, 2, 3, 4}, 3: {1, 2, 3, 4, 5, 6}, 9: {1, 2, 3, 4, 5, 6}} {
		got, err := First(x, n)
		require.NoError(t, err)
		require.Equal(t, []int{min(n, 3), 2}, got.Shape().Dimensions)
		flat, err := tensors.CopyFlatData[int32](got)
		require.NoError(t, err)
		require.Equal(t, want, flat)
	}
	require.Equal(t, []int{3, 2}, x.Shape().Dimensions, "the original stays")

	none, err := First(x, 0)
	require.NoError(t, err)
	require.Equal(t, []int{0, 2}, none.Shape().Dimensions)

	_, err = First(x, -1)
	require.EqualError(t, err, "datasets.First: n is -1, and 0 or more was expected")
	_, err = First(tensors.FromScalar(1.0), 1)
	require.EqualError(t, err, "datasets.First: a scalar has no first axis")
	_, err = First(nil, 1)
	require.EqualError(t, err, "datasets.First: the tensor is nil")
}

func TestDataFirst(t *testing.T) {
	whole, err := Synthetic(20, 10, 1)
	require.NoError(t, err)
	small, err := whole.First(5, 100)
	require.NoError(t, err)
	require.Equal(t, []int{5, 32, 32, 3}, small.XTrain.Shape().Dimensions)
	require.Equal(t, []int{5, 1}, small.YTrain.Shape().Dimensions)
	require.Equal(t, []int{10, 32, 32, 3}, small.XTest.Shape().Dimensions)
	require.Equal(t, "synthetic", small.Source)
	require.Equal(t, flat(t, whole.YTrain)[:5], flat(t, small.YTrain))

	_, err = whole.First(-1, 1)
	require.ErrorContains(t, err, "XTrain: ")
	_, err = (*Data)(nil).First(1, 1)
	require.Error(t, err)
	_, err = (&Data{}).First(1, 1)
	require.EqualError(t, err, "XTrain: datasets.First: the tensor is nil")
}
