package functional_test

import (
	"testing"

	"github.com/janpfeifer/must"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/optimizers"
)

// meanError is a metric with a total, a count, and Precision as a part.
func meanError() *functional.StatefulMetric {
	m := functional.NewMetric("mean_error")
	total, count := m.Variable(metrics.Variable{Name: "total"}), m.Variable(metrics.Variable{Name: "count"})
	precision := m.Part(metrics.Precision())
	m.OnUpdate = func(yTrue, yPred, sampleWeight *functional.Tensor) {
		off := ops.Absolute(yTrue.Sub(yPred))
		if sampleWeight != nil {
			off = off.Mul(sampleWeight)
		}
		total.AssignAdd(ops.Sum(off))
		count.AssignAdd(ops.Cast(ops.Size(yPred), "float32"))
		precision.UpdateState(yTrue, yPred, nil)
	}
	m.OnResult = func() *functional.Tensor { return total.Value().Div(count.Value()).Add(precision.Result()) }
	return m
}

func TestStatefulMetric(t *testing.T) {
	m := meanError()
	result := func() float64 { return float64(must.M1(m.Result()).Value().(float32)) }
	for range 2 {
		must.M(m.UpdateState([][]float32{{1}, {0}}, [][]float32{{0.75}, {0.5}}, nil))
		if got := result(); got != 0.375+1 {
			t.Errorf("the result is %v, want 1.375", got)
		}
		must.M(m.UpdateState([][]float32{{0}, {0}}, [][]float32{{0.75}, {0.5}}, [][]float32{{2}, {1}}))
		if got := result(); got != (0.75+1.5+0.5)/4+0.5 {
			t.Errorf("the result is %v, want 1.1875", got)
		}
		m.ResetState()
	}

	x, y := [][]float32{{1}, {2}, {3}, {4}}, [][]float32{{1}, {0}, {1}, {0}}
	model := must.M1(functional.NewSequential(functional.Input(1), layers.Dense(1).KernelInitializer("zeros")))
	must.M(model.Compile(functional.Compile{Optimizer: optimizers.SGD(0), Loss: "mse", Metrics: []any{m}}))
	h := must.M1(model.Fit(x, y, functional.Fit{Epochs: 2, BatchSize: 2, Verbose: functional.Silent}))
	if got := h.History["mean_error"]; len(got) != 2 || got[0] != 0.5 || got[1] != 0.5 {
		t.Errorf("the history is %v", got)
	}
}

// TestStatefulMetricErrors says what is wrong instead of panicking.
func TestStatefulMetricErrors(t *testing.T) {
	data := [][]float32{{1}}
	for what, spoil := range map[string]func(m *functional.StatefulMetric, v *functional.MetricVariable){
		"no functions": func(m *functional.StatefulMetric, _ *functional.MetricVariable) { m.OnUpdate = nil },
		"another shape": func(m *functional.StatefulMetric, v *functional.MetricVariable) {
			m.OnUpdate = func(yTrue, _, _ *functional.Tensor) { v.Assign(yTrue) }
		},
		"a part that is updated twice": func(m *functional.StatefulMetric, _ *functional.MetricVariable) {
			p := m.Part(metrics.MeanSquaredError())
			m.OnUpdate = func(yTrue, yPred, _ *functional.Tensor) {
				p.UpdateState(yTrue, yPred, nil)
				p.UpdateState(yTrue, yPred, nil)
			}
		},
	} {
		m := functional.NewMetric("bad")
		v := m.Variable(metrics.Variable{Name: "v"})
		m.OnUpdate = func(_, _, _ *functional.Tensor) {}
		m.OnResult = func() *functional.Tensor { return v.Value() }
		spoil(m, v)
		if err := m.UpdateState(data, data, nil); err == nil {
			t.Errorf("%s is taken", what)
		}
		if v.Value().Err() == nil {
			t.Errorf("%s: a variable has a value outside of the metric", what)
		}
	}
}
