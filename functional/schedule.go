package functional

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/goengine"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// schedule is a learning rate that a function computes.
type schedule struct {
	name string
	at   func(step *Tensor) *Tensor
}

// ScheduleFunc is the learning rate schedule that a function computes from the step, an int32 tensor of no axes that counts from 0
// (Keras: a subclass of LearningRateSchedule). Files name it, and can't be loaded with it.
//
//	rate := functional.ScheduleFunc("inverse_root", func(step *functional.Tensor) *functional.Tensor {
//		return ops.Rsqrt(ops.Cast(step, "float32").Add(1)).Mul(0.1)
//	})
//	optimizer := optimizers.Adam().LearningRateSchedule(rate)
func ScheduleFunc(name string, at func(step *Tensor) *Tensor) optimizers.Schedule {
	return &schedule{name, at}
}

func (s *schedule) KerasClass() Class {
	return Class{Module: "Custom", Name: s.name, Registered: "Custom>" + s.name}
}

func (s *schedule) KerasConfig() any { return &struct{}{} }

func (s *schedule) At(step *graph.Node) *graph.Node {
	rate := symbolic.OnNodes(func(in []*Tensor) *Tensor { return s.at(in[0]) }, step)
	if rate.Shape().Size() != 1 {
		panic(fmt.Errorf("learning rate schedule %s: the rate has the shape %v, and one number was expected", s.name, rate.Shape().Dimensions))
	}
	return graph.ConvertDType(graph.Reshape(rate), dtypes.Float32)
}

// scheduleEngine computes single numbers, for which no other need compile.
var scheduleEngine = sync.OnceValues(func() (compute.Backend, error) { return goengine.New("") })

// RateOf is the learning rate that a schedule has at a step, counted from 0 (Keras: a schedule that is called, `schedule(step)`).
func RateOf(s optimizers.Schedule, step int) (float64, error) {
	if s == nil {
		return 0, errors.New("the rate of a schedule: there is no schedule")
	}
	engine, err := scheduleEngine()
	if err != nil {
		return 0, err
	}
	var rate []*tensors.Tensor
	exec, err := graph.NewExec(engine, s.At)
	if err == nil {
		defer exec.Finalize()
		rate, err = exec.Call(int32(step))
	}
	if err != nil {
		return 0, fmt.Errorf("the rate of schedule %s at step %d: %w", s.KerasClass().Name, step, err)
	}
	return float64(tensors.ToScalar[float32](rate[0])), nil
}
