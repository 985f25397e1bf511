package metrics

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// Accumulator runs a metric by itself, without a model, on the engine that [backend.Default] gives (Keras: update_state,
// result and reset_state). The metrics of this package have its methods; make one for a metric of your own.
// It may be used by several goroutines at once.
type Accumulator struct {
	metric    Metric
	noTargets bool // the metric takes values alone

	mu            sync.Mutex
	variables     []Variable        // nil before the first batch
	values        []*tensors.Tensor // of the variables; nil while they are at their beginning
	engine        compute.Backend   // for which the programs are, and on which the values are
	update, value *graph.Exec
	cause         error // why the program that was built last couldn't be
}

// NewAccumulator returns an accumulator for the metric, with a state of its own.
func NewAccumulator(m Metric) *Accumulator { return &Accumulator{metric: m} }

// UpdateState adds a batch to the state (Keras: update_state). Targets and predictions are GoMLX tensors, or Go slices or arrays
// of numbers of any depth; their first axis is the batch. sampleWeight is nil, or weighs each sample or
// each value. Numbers of type float64 count as float32, as on JAX. A program is compiled for each new shape of the batch.
// After an error the state is as it was.
func (a *Accumulator) UpdateState(yTrue, yPred, sampleWeight any) error {
	y, err := ndarray.ToTensor("targets", yTrue)
	if err != nil {
		return a.failed("update", err)
	}
	return a.add(y, yPred, sampleWeight)
}

// add is UpdateState; targets are nil where the metric takes values alone.
func (a *Accumulator) add(y *tensors.Tensor, yPred, sampleWeight any) error {
	p, err := ndarray.ToTensor("predictions", yPred)
	if err != nil {
		return a.failed("update", err)
	}
	data := []*tensors.Tensor{p}
	if y != nil {
		data = []*tensors.Tensor{y, p}
	}
	if sampleWeight != nil {
		w, err := ndarray.ToTensor("sample weights", sampleWeight)
		if err != nil {
			return a.failed("update", err)
		}
		data = append(data, w)
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	state, err := a.begin(y, p)
	if err != nil {
		return a.failed("update", err)
	}
	next, err := a.run(&a.update, a.updated, append(slices.Clone(state), data...))
	if err != nil {
		return a.failed("update", err)
	}
	a.release()
	a.values = next
	return nil
}

// Result returns the metric's result for the batches since the last reset, in the host's memory (Keras: result). Before any batch
// it is that of the state's beginning, and an error for a metric whose state takes its shape from the first batch.
func (a *Accumulator) Result() (*tensors.Tensor, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	state, err := a.begin(nil, nil)
	if err != nil {
		return nil, a.failed("result", err)
	}
	out, err := a.run(&a.value, func(state []*graph.Node) []*graph.Node {
		return []*graph.Node{a.metric.Value(state)}
	}, state)
	if err == nil {
		err = out[0].ToLocal()
	}
	if err != nil {
		return nil, a.failed("result", err)
	}
	return out[0], nil
}

// ResetState puts the state back to its beginning (Keras: reset_state).
func (a *Accumulator) ResetState() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.release()
}

// updated builds the state after a batch.
func (a *Accumulator) updated(in []*graph.Node) []*graph.Node {
	n := len(a.variables)
	state, data := in[:n], slices.Clone(in[n:])
	for i, x := range data {
		if x.DType() == dtypes.Float64 {
			data[i] = asFloat(x)
		}
	}
	var b Batch
	if !a.noTargets {
		b.YTrue, data = data[0], data[1:]
	}
	b.YPred = data[0]
	if len(data) > 1 {
		b.SampleWeight = data[1]
	}
	next := slices.Clone(a.metric.Update(state, b))
	if len(next) != n {
		panic(fmt.Errorf("the update gives %d values for %d state variables", len(next), n))
	}
	for i, v := range a.variables {
		if !slices.Equal(next[i].Shape().Dimensions, v.Shape) {
			panic(fmt.Errorf("the update gives state variable %q of shape %s a value of shape %s", v.Name, align.Shape(v.Shape), align.Of(next[i])))
		}
		next[i] = as(next[i], v.Type())
	}
	return next
}

// begin returns the values of the state. The shapes of a batch, where there is one, settle those of the state.
func (a *Accumulator) begin(yTrue, yPred *tensors.Tensor) ([]*tensors.Tensor, error) {
	variables := a.variables
	if variables == nil {
		if m, ok := a.metric.(interface{ Validate() error }); ok {
			if err := m.Validate(); err != nil {
				return nil, err
			}
		}
		var err error
		if variables, err = a.metric.State(dims(yTrue), dims(yPred)); err != nil {
			return nil, err
		}
		if len(variables) == 0 {
			return nil, fmt.Errorf("there are no state variables")
		}
		if yPred != nil {
			a.variables = variables
		}
	}
	if a.values != nil {
		return a.values, nil
	}
	values := make([]*tensors.Tensor, len(variables))
	for i, v := range variables {
		var err error
		if values[i], err = ndarray.Filled(v.Type(), v.Shape, v.Initial); err != nil {
			return nil, fmt.Errorf("state variable %q: %w", v.Name, err)
		}
	}
	return values, nil
}

// dims is the shape of a tensor, nil for none.
func dims(t *tensors.Tensor) []int {
	if t == nil {
		return nil
	}
	return append([]int{}, t.Shape().Dimensions...)
}

// run computes what build builds, with a program that is kept in exec for the engine.
func (a *Accumulator) run(exec **graph.Exec, build func([]*graph.Node) []*graph.Node, in []*tensors.Tensor) ([]*tensors.Tensor, error) {
	engine, err := backend.Default()
	if err != nil {
		return nil, err
	}
	if a.engine != engine {
		for i, v := range a.values { // what another engine holds comes home
			if a.values[i], err = v.LocalClone(); err != nil {
				return nil, err
			}
			in[i] = a.values[i]
		}
		a.engine, a.update, a.value = engine, nil, nil
	}
	if *exec == nil {
		*exec, err = graph.NewExec(engine, func(in []*graph.Node) (out []*graph.Node) {
			a.cause = catch.Panic(func() error {
				out = build(in)
				return nil
			})
			if a.cause != nil {
				panic(a.cause)
			}
			return out
		})
		if err != nil {
			return nil, err
		}
		(*exec).SetMaxCache(-1)
	}
	a.cause = nil
	args := make([]any, len(in))
	for i, t := range in {
		args[i] = t
	}
	out, err := (*exec).Call(args...)
	if a.cause != nil {
		err = a.cause
	}
	return out, err
}

// release gives the values' memory back.
func (a *Accumulator) release() {
	for _, v := range a.values {
		_ = v.FinalizeAll()
	}
	a.values = nil
}

// failed says which metric an error is of, unless it says so itself.
func (a *Accumulator) failed(what string, err error) error {
	if of := "metric " + a.metric.KerasName() + ": "; !strings.HasPrefix(err.Error(), of) {
		return fmt.Errorf("%s%s: %w", of, what, err)
	}
	return err
}
