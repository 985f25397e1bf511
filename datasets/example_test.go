package datasets_test

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
)

func ExampleToCategorical() {
	y, err := datasets.ToCategorical([]int{0, 2, 1}, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Shape())
	for _, row := range y.Value().([][]float32) {
		fmt.Println(row)
	}
	// Output:
	// (Float32)[3, 4]
	// [1 0 0 0]
	// [0 0 1 0]
	// [0 1 0 0]
}

// The labels of CIFAR-10 have a last axis of length 1, which gives way to the classes.
func ExampleToCategorical_column() {
	labels := tensors.FromFlatDataAndDimensions([]uint8{1, 0, 2}, 3, 1)
	y, err := datasets.ToCategorical(labels, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Value())

	_, err = datasets.ToCategorical(labels, 2)
	fmt.Println(err)
	// Output:
	// [[0 1 0] [1 0 0] [0 0 1]]
	// datasets.ToCategorical: y has class 2 at element 2, and the classes are 0 to 1
}

func ExampleToFloat32() {
	pixels := tensors.FromFlatDataAndDimensions([]uint8{0, 51, 255}, 1, 3)
	x, err := datasets.ToFloat32(pixels, 255)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Value())
	// Output: [[0 0.2 1]]
}

func ExampleSynthetic() {
	data, err := datasets.Synthetic(1000, 200, 42)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(data.XTrain.Shape(), data.YTrain.Shape())
	fmt.Println(data.XTest.Shape(), data.YTest.Shape())
	// Output:
	// (Uint8)[1000, 32, 32, 3] (Uint8)[1000, 1]
	// (Uint8)[200, 32, 32, 3] (Uint8)[200, 1]
}
