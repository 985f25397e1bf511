package functional_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
)

func ExampleAs() {
	predictions := tensors.FromValue([][]float32{{0.1, 0.7, 0.2}, {0.8, 0.1, 0.1}})
	rows, err := functional.As[[][]float32](predictions)
	if err != nil {
		fmt.Println(err)
	}
	classes, _ := functional.Argmax(predictions)
	fmt.Println(rows[0][1], classes)
	_, err = functional.As[[]float32](predictions)
	fmt.Println(err)
	// Output:
	// 0.7 [1 0]
	// As[[]float32]: the array has shape (2, 3) and type float32: want the 2-fold slice of a number, or the number alone where there are no axes
}

func TestAs(t *testing.T) {
	whole, err := functional.As[[]int](tensors.FromValue([]float32{1.9, -2}))
	require.NoError(t, err)
	require.Equal(t, []int{1, -2}, whole)
	one, err := functional.As[float64](tensors.FromValue(int32(7)))
	require.NoError(t, err)
	require.Equal(t, 7.0, one)
	deep, err := functional.As[[][][]bool](tensors.FromValue([][][]int32{{{0, 2}}}))
	require.NoError(t, err)
	require.Equal(t, [][][]bool{{{false, true}}}, deep)
	for _, err := range []error{
		failure(functional.As[string](tensors.FromValue(1.0))),
		failure(functional.As[[]string](tensors.FromValue([]float32{1}))),
		failure(functional.As[float32](nil)),
		failure(functional.As[any](tensors.FromValue(1.0))),
		failure(functional.Argmax(nil)),
		failure(functional.Argmax(tensors.FromValue(1.0))),
	} {
		require.Error(t, err)
	}
	places, err := functional.Argmax(tensors.FromValue([][][]float64{{{1, 1}, {0, math.NaN()}}, {{3, 4}, {5, 4}}}))
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 1, 0}, places)
}

func failure[T any](_ T, err error) error { return err }
