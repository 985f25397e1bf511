package layers_test

import (
	"fmt"

	_ "github.com/gomlx/compute/gobackend" // the pure-Go engine

	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

func Example() {
	functional.ClearSession()
	inputs := functional.Input(32, 32, 3)
	x := layers.Conv2D(32, 3).Padding("same").Activation("relu").Apply(inputs)
	x = layers.BatchNormalization().Apply(x)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.Dropout(0.25).Apply(x)
	x = layers.Flatten().Apply(x)
	outputs := layers.Dense(10).Activation("softmax").Apply(x)

	model, err := functional.NewModel(inputs, outputs)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range model.Layers() {
		fmt.Println(l.Base().Name(), l.Base().Output().Shape())
	}
	// Output:
	// input_1 (None, 32, 32, 3)
	// conv2d (None, 32, 32, 32)
	// batch_normalization (None, 32, 32, 32)
	// max_pooling2d (None, 16, 16, 32)
	// dropout (None, 16, 16, 32)
	// flatten (None, 8192)
	// dense (None, 10)
}

func Example_mistakes() {
	inputs := functional.Input(32, 32, 3)
	misspelt := layers.Conv2D(8, 3).Name("first").Padding("sane").Apply(inputs)
	tooSmall := layers.Conv2D(8, 40).Name("second").Apply(inputs)
	fmt.Println(misspelt.Err())
	fmt.Println(tooSmall.Err())
	// Output:
	// example_test.go:45: layer "first" (Conv2D) called on (None, 32, 32, 3): padding: unknown padding "sane"; did you mean "same"? (known: same, valid)
	// example_test.go:46: layer "second" (Conv2D) called on (None, 32, 32, 3): computed output size would be zero or negative: received input shape (None, 32, 32, 3), window (40, 40), strides (1, 1), padding "valid"
}

func ExampleConv2D() {
	images := functional.Input(28, 28, 3)
	l := layers.Conv2D(16, [2]int{5, 3}).Strides(2).KernelInitializer("he_normal").KernelRegularizer("l2")
	fmt.Println(l.Apply(images).Shape(), l.CountParams())
	// Output: (None, 12, 13, 16) 736
}

func ExampleMaxPooling2D() {
	images := functional.Input(28, 28, 3)
	fmt.Println(layers.MaxPooling2D().Apply(images).Shape())
	fmt.Println(layers.MaxPooling2D(3).Strides(2).Padding(layers.Same).Apply(images).Shape())
	fmt.Println(layers.MaxPooling2D().PoolSize(4, 2).Apply(images).Shape())
	// Output:
	// (None, 14, 14, 3)
	// (None, 14, 14, 3)
	// (None, 7, 14, 3)
}

func ExampleDense() {
	shared := layers.Dense(8).Activation("relu")
	left, right := functional.Input(4), functional.Input(4)
	both := layers.Concatenate().Apply(shared.Apply(left), shared.Apply(right))
	fmt.Println(both.Shape(), shared.CountParams())
	// Output: (None, 16) 40
}

func ExampleReshape() {
	x := functional.Input(6, 4)
	fmt.Println(layers.Reshape(-1, 8).Apply(x).Shape())
	// Output: (None, 3, 8)
}

func ExampleRescaling() {
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer backend.Use(engine)()
	pixels := functional.InputWith(functional.InputOptions{Shape: []int{3}, DType: "uint8"})
	model, err := functional.NewModel(pixels, layers.Rescaling(1./127.5).Offset(-1).Apply(pixels))
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := model.Predict([][]uint8{{0, 51, 255}}, functional.Predict{Verbose: functional.Silent})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", y.Value())
	// Output: [[-1.00 -0.60 1.00]]
}
