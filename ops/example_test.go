package ops_test

import (
	"fmt"
	"log"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/ops"
)

// A model that moves each row to mean 0 and scales it.
func Example() {
	functional.ClearSession()
	x := functional.Input(4)
	centred := ops.Subtract(x, ops.Mean(x, ops.Axis(-1), ops.KeepDims()))
	model, err := functional.NewModel(x, ops.Multiply(centred, 2))
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range model.Operations() {
		fmt.Println(l.Base().Name(), l.Base().Output().Shape())
	}
	y, err := model.Predict([][]float32{{1, 2, 3, 6}}, functional.Predict{Verbose: functional.Silent})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Value())
	// Output:
	// input_1 (None, 4)
	// mean (None, 1)
	// subtract (None, 4)
	// multiply (None, 4)
	// [[-4 -2 0 6]]
}

// GetItem takes Python's keys.
func ExampleGetItem() {
	x := functional.Input(28, 28, 3)
	fmt.Println(ops.GetItem(x, ":, ::2, ::2").Shape())
	fmt.Println(ops.GetItem(x, "..., 0").Shape())
	fmt.Println(ops.GetItem(x, ":, 0, None").Shape())
	// Output:
	// (None, 14, 14, 3)
	// (None, 28, 28)
	// (None, 1, 28, 3)
}
