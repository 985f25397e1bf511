package metrics_test

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/metrics"
)

func ExampleResolve() {
	for _, shape := range [][]int{{-1, 1}, {-1, 10}} {
		metric, err := metrics.Resolve("accuracy", []int{-1, 1}, shape)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(metric.KerasName(), "is", metric.KerasClass().Name)
	}
	_, err := metrics.Resolve("mean_square_error", []int{-1, 1}, []int{-1, 1})
	fmt.Println(err != nil)
	// Output:
	// accuracy is BinaryAccuracy
	// accuracy is SparseCategoricalAccuracy
	// true
}

func ExampleTopKCategoricalAccuracy() {
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	top2 := metrics.TopKCategoricalAccuracy().K(2).Name("top2")
	out, err := graph.CallOnce(engine, func(total, count, yTrue, yPred *graph.Node) *graph.Node {
		return top2.Result(top2.Update([]*graph.Node{total, count}, yTrue, yPred, nil))
	}, float32(0), float32(0), [][]float32{{0, 1, 0}, {0, 0, 1}}, [][]float32{{0.5, 0.3, 0.2}, {0.7, 0.2, 0.1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(top2.KerasName(), out.Value())
	// Output: top2 0.5
}
