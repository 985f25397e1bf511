package losses_test

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/losses"
)

func ExampleCompute() {
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	loss := losses.CategoricalCrossentropy().LabelSmoothing(0.1)
	out, err := graph.CallOnce(engine, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.Compute(loss, yTrue, yPred, nil, nil)
	}, [][]float32{{0, 1, 0}, {0, 0, 1}}, [][]float32{{0.05, 0.9, 0.05}, {0.1, 0.8, 0.1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.4f\n", loss.KerasName(), out.Value())
	// Output: categorical_crossentropy: 1.2657
}
