package functional

import (
	"fmt"
	"sync"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/symbolic"
)

// StatefulMetric is a metric of state variables, whose update and result are functions of symbolic tensors (Keras: a subclass of keras.metrics.Metric
// with add_weight, update_state and result). Each variable begins every epoch with its initial value. It may be made of other metrics, its parts.
//
//	errors := functional.NewMetric("mean_error")
//	total, count := errors.Variable(metrics.Variable{Name: "total"}), errors.Variable(metrics.Variable{Name: "count"})
//	errors.OnUpdate = func(yTrue, yPred, sampleWeight *functional.Tensor) {
//		total.AssignAdd(ops.Sum(ops.Absolute(yTrue.Sub(yPred))))
//		count.AssignAdd(ops.Cast(ops.Size(yPred), "float32"))
//	}
//	errors.OnResult = func() *functional.Tensor { return total.Value().Div(count.Value()) }
//
// The methods of the embedded accumulator run it without a model.
type StatefulMetric struct {
	*metrics.Accumulator
	// OnUpdate takes a batch into the variables and parts; sampleWeight is nil where there is none. It is run when a program is built, several times.
	OnUpdate func(yTrue, yPred, sampleWeight *Tensor)
	// OnResult computes the result from the variables and parts.
	OnResult func() *Tensor

	name      string
	mu        sync.Mutex // while a program is being built
	variables []*MetricVariable
	parts     []*MetricPart
}

// MetricVariable is a state variable of a [StatefulMetric].
type MetricVariable struct {
	spec metrics.Variable
	now  *Tensor // while a program is being built
}

// MetricPart is a metric that a [StatefulMetric] is made of.
type MetricPart struct {
	metric  metrics.Metric
	states  int
	given   []*Tensor // targets, predictions and weights of the update that is being built
	updated bool
	result  *Tensor
}

// NewMetric returns a metric that has no variables yet, which logs know by the name.
func NewMetric(name string) *StatefulMetric {
	m := &StatefulMetric{name: name}
	m.Accumulator = metrics.NewAccumulator(m)
	return m
}

// Variable adds a state variable (Keras: add_weight, add_variable).
func (m *StatefulMetric) Variable(v metrics.Variable) *MetricVariable {
	added := &MetricVariable{spec: v}
	m.variables = append(m.variables, added)
	return added
}

// Part adds a metric, whose state becomes a part of this one's.
func (m *StatefulMetric) Part(metric metrics.Metric) *MetricPart {
	added := &MetricPart{metric: metric}
	m.parts = append(m.parts, added)
	return added
}

// Value is what the variable holds, within OnUpdate and OnResult.
func (v *MetricVariable) Value() *Tensor {
	if v.now == nil {
		return symbolic.Failed(fmt.Errorf("the metric's variable %s has a value only while the metric computes", v.spec.Name))
	}
	return v.now
}

// Assign gives the variable another value, a tensor or a number, of its shape (Keras: assign).
func (v *MetricVariable) Assign(x any) {
	t, ok := x.(*Tensor)
	if !ok {
		t = symbolic.Operate("ZerosLike", nil, []any{v.Value()}, nil)[0].Add(x)
	}
	v.now = t
}

// AssignAdd adds to the variable (Keras: assign_add).
func (v *MetricVariable) AssignAdd(x any) { v.now = v.Value().Add(x) }

// AssignSub subtracts from the variable (Keras: assign_sub).
func (v *MetricVariable) AssignSub(x any) { v.now = v.Value().Sub(x) }

// UpdateState takes targets, predictions and sample weights, nil for none, into the part, within OnUpdate and once there; one that takes values alone, such
// as Mean, has them for its predictions.
func (p *MetricPart) UpdateState(yTrue, yPred, sampleWeight *Tensor) {
	if p.updated {
		panic(fmt.Errorf("the metric %s is updated twice in one update of the metric that it is a part of", p.metric.KerasName()))
	}
	p.given, p.updated = []*Tensor{yTrue, yPred, sampleWeight}, true
}

// Result is the result of the part, within OnResult.
func (p *MetricPart) Result() *Tensor {
	if p.result == nil {
		return symbolic.Failed(fmt.Errorf("the metric %s has a result only in OnResult of the metric that it is a part of", p.metric.KerasName()))
	}
	return p.result
}

// KerasClass implements metrics.Metric.
func (m *StatefulMetric) KerasClass() Class {
	return Class{Module: "Custom", Name: m.name, Registered: "Custom>" + m.name}
}

// KerasConfig implements metrics.Metric.
func (m *StatefulMetric) KerasConfig() any {
	return &struct {
		Name string `keras:"name"`
	}{m.name}
}

// KerasName implements metrics.Metric.
func (m *StatefulMetric) KerasName() string { return m.name }

// State implements metrics.Metric.
func (m *StatefulMetric) State(yTrue, yPred []int) ([]metrics.Variable, error) {
	if m.OnUpdate == nil || m.OnResult == nil {
		return nil, fmt.Errorf("metric %s: OnUpdate or OnResult isn't set", m.name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []metrics.Variable
	for _, v := range m.variables {
		all = append(all, v.spec)
	}
	for _, p := range m.parts {
		of, err := p.metric.State(yTrue, yPred)
		if err != nil {
			return nil, fmt.Errorf("metric %s: %w", m.name, err)
		}
		p.states = len(of)
		all = append(all, of...)
	}
	return all, nil
}

// Update implements metrics.Metric.
func (m *StatefulMetric) Update(state []*graph.Node, b metrics.Batch) []*graph.Node {
	m.mu.Lock()
	defer m.mu.Unlock()
	own := len(m.variables)
	nodes := append(append([]*graph.Node{}, state[:own]...), b.YTrue, b.YPred)
	if b.SampleWeight != nil {
		nodes = append(nodes, b.SampleWeight)
	}
	// The function is traced for each tensor that is wanted of it; XLA computes what they share once.
	run := func(pick func(in []*Tensor) *Tensor) *graph.Node {
		defer m.end()
		return symbolic.OnNodes(func(in []*Tensor) *Tensor {
			m.begin(in)
			var weight *Tensor
			if b.SampleWeight != nil {
				weight = in[own+2]
			}
			m.OnUpdate(in[own], in[own+1], weight)
			return pick(in)
		}, nodes...)
	}
	next := make([]*graph.Node, 0, len(state))
	for i, v := range m.variables {
		node := run(func([]*Tensor) *Tensor { return v.now })
		if !node.Shape().EqualDimensions(state[i].Shape()) {
			panic(fmt.Errorf("metric %s: the variable %s of shape %v can't take a value of shape %v", m.name, v.spec.Name, state[i].Shape().Dimensions, node.Shape().Dimensions))
		}
		next = append(next, graph.ConvertDType(node, state[i].DType()))
	}
	for _, p := range m.parts {
		of := state[len(next) : len(next)+p.states]
		given := make([]*graph.Node, 3)
		updated := false
		for i := range given {
			there := false
			node := run(func(in []*Tensor) *Tensor {
				updated = p.updated
				if there = p.updated && p.given[i] != nil; there {
					return p.given[i]
				}
				return in[own] // nobody asks for it
			})
			if there {
				given[i] = node
			}
		}
		if !updated {
			next = append(next, of...)
			continue
		}
		next = append(next, p.metric.Update(of, metrics.Batch{YTrue: given[0], YPred: given[1], SampleWeight: given[2]})...)
	}
	return next
}

// Value implements metrics.Metric.
func (m *StatefulMetric) Value(state []*graph.Node) *graph.Node {
	m.mu.Lock()
	defer m.mu.Unlock()
	own := len(m.variables)
	nodes := append([]*graph.Node{}, state[:own]...)
	at := own
	for _, p := range m.parts {
		nodes = append(nodes, p.metric.Value(state[at:at+p.states]))
		at += p.states
	}
	defer m.end()
	return symbolic.OnNodes(func(in []*Tensor) *Tensor {
		m.begin(in)
		for i, p := range m.parts {
			p.result = in[own+i]
		}
		return m.OnResult()
	}, nodes...)
}

// begin gives the variables what they hold.
func (m *StatefulMetric) begin(in []*Tensor) {
	for i, v := range m.variables {
		v.now = in[i]
	}
	for _, p := range m.parts {
		p.given, p.updated = nil, false
	}
}

func (m *StatefulMetric) end() {
	for _, v := range m.variables {
		v.now = nil
	}
	for _, p := range m.parts {
		p.given, p.updated, p.result = nil, false, nil
	}
}
