package functional_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/optimizers"
)

func TestScheduleFunc(t *testing.T) {
	rate := functional.ScheduleFunc("halves", func(step *functional.Tensor) *functional.Tensor {
		return ops.Divide(1, ops.Cast(step, "float32").Add(2))
	})
	model := must.M1(functional.NewSequential(functional.Input(1), layers.Dense(1).KernelInitializer("zeros").UseBias(false)))
	must.M(model.Compile(functional.Compile{Optimizer: optimizers.SGD().LearningRateSchedule(rate), Loss: "mse"}))
	must.M1(model.Fit([][]float32{{1}}, [][]float32{{1}}, functional.Fit{Epochs: 2, Verbose: functional.Silent}))
	// Two steps of 1/2 and 1/3 along -2·(1-w).
	w := 0.0
	for step := range 2 {
		w += 2 * (1 - w) / float64(step+2)
	}
	got := float64(must.M1(model.GetWeights())[0].Value().([][]float32)[0][0])
	if math.Abs(got-w) > 1e-6 {
		t.Errorf("the weight is %v, want %v", got, w)
	}
}

func ExampleRateOf() {
	rate := optimizers.ExponentialDecay(0.1, 1000, 0.5).Staircase(true)
	for _, step := range []int{0, 999, 1000, 2000} {
		fmt.Println(step, float32(must.M1(functional.RateOf(rate, step))))
	}
	// Output:
	// 0 0.1
	// 999 0.1
	// 1000 0.05
	// 2000 0.025
}

func TestRateOfNothing(t *testing.T) {
	_, err := functional.RateOf(nil, 1)
	require.ErrorContains(t, err, "there is no schedule")
	_, err = functional.RateOf(functional.ScheduleFunc("two", func(step *functional.Tensor) *functional.Tensor {
		return ops.Tile(step, 2)
	}), 1)
	require.ErrorContains(t, err, "schedule two")
}
