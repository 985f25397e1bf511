package metrics_test

import (
	"fmt"

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

func ExampleAUC() {
	auc := metrics.AUC().NumThresholds(3)
	if err := auc.UpdateState([]int{0, 0, 1, 1}, []float64{0, 0.5, 0.3, 0.9}, nil); err != nil {
		fmt.Println(err)
		return
	}
	result, err := auc.Result()
	fmt.Println(result.Value(), err)
	// Output: 0.75 <nil>
}

func ExampleTopKCategoricalAccuracy() {
	top2 := metrics.TopKCategoricalAccuracy().K(2).Name("top2")
	if err := top2.UpdateState([][]float32{{0, 1, 0}, {0, 0, 1}}, [][]float32{{0.5, 0.3, 0.2}, {0.7, 0.2, 0.1}}, nil); err != nil {
		fmt.Println(err)
		return
	}
	result, err := top2.Result()
	fmt.Println(top2.KerasName(), result.Value(), err)
	// Output: top2 0.5 <nil>
}
