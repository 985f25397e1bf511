package functional_test

import (
	"errors"
	"fmt"

	"github.com/janpfeifer/must"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// A stack of layers; a slice of layers stands for its elements.
func ExampleNewSequential() {
	hidden := []functional.Layer{layers.Dense(8).Activation("relu"), layers.Dropout(0.5)}
	model := must.M1(functional.NewSequential(functional.Input(4), hidden, layers.Dense(3).Activation("softmax")))
	fmt.Println(len(model.Layers()), model.CountParams(), model.Output().Shape())
	// Output: 3 67 (None, 3)
}

// The shortest way to a prediction, safe for many goroutines at once.
func ExampleModel_NewPredictor() {
	model := must.M1(functional.NewSequential(functional.Input(2), layers.Dense(1).KernelInitializer("ones")))
	predictor := must.M1(model.NewPredictor(functional.PredictorOptions{BatchSize: 1}))
	outputs, err := predictor.Predict([][]float32{{3, 4}})
	fmt.Println(outputs[0].Value(), err)

	_, err = predictor.Predict([][]float32{{3, 4, 5}})
	fmt.Println(errors.Is(err, functional.ErrData)) // the caller's mistake
	// Output:
	// [[7]] <nil>
	// true
}
