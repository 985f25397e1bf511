package optimizers_test

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/optimizers"
)

func ExampleSGD() {
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	sgd := optimizers.SGD(0.1).Momentum(0.9)
	trainable := []optimizers.Variable{{Name: "kernel", Path: "dense/kernel", Shape: []int{2}, DType: dtypes.Float32, CopyOf: -1}}
	for _, v := range sgd.Variables(trainable) {
		fmt.Println(v.Name, v.DType, v.Shape, v.Initial)
	}
	out, err := graph.CallOnceN(engine, func(iteration, rate, momentum, kernel, gradient *graph.Node) []*graph.Node {
		state, weights := sgd.Apply(trainable, []*graph.Node{iteration, rate, momentum}, []*graph.Node{kernel}, []*graph.Node{gradient})
		return append(state, weights...)
	}, int32(0), float32(0.1), []float32{0, 0}, []float32{1, 2}, []float32{1, -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("after one step:", out[0].Value(), out[3].Value())
	// Output:
	// iteration Int32 [] 0
	// learning_rate Float32 [] 0.10000000149011612
	// dense_kernel_momentum Float32 [2] 0
	// after one step: 1 [0.9 2.1]
}

func ExampleGet() {
	adam, err := optimizers.Get(map[string]any{"class_name": "Adam", "config": map[string]any{"learning_rate": 0.01, "clipnorm": 1.0}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adam.KerasName())
	_, err = optimizers.Get("adma")
	fmt.Println(err)
	// Output:
	// adam
	// unknown optimizer "adma"; did you mean "adam"? (known: adadelta, adafactor, adagrad, adam, adamax, adamw, ftrl, lamb, lion, muon, nadam, rmsprop, schedulefreeadamw, sgd)
}

func ExampleCosineDecay() {
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	schedule := optimizers.CosineDecay(0, 100).WarmupTarget(0.1).WarmupSteps(10)
	adam := optimizers.Adam().LearningRateSchedule(schedule)
	fmt.Println(adam.Validate())
	for _, step := range []int32{0, 5, 10, 60, 110} {
		rate, err := graph.CallOnce(engine, schedule.At, step)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d: %.3f\n", step, rate.Value())
	}
	// Output:
	// <nil>
	// 0: 0.000
	// 5: 0.050
	// 10: 0.100
	// 60: 0.050
	// 110: 0.000
}
