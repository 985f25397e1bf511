package training

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// trainer is what Compile adds to a model.
type trainer struct {
	options   Options
	optimizer optimizers.Optimizer
	// autoScaled tells that the optimizer is around the one given to Compile.
	autoScaled bool

	losses    []losses.Loss // per output, nil for none
	givenLoss []any         // as the user gave them
	weights   []float64     // per output; nil for all 1
	metrics   [][]metricSpec
	weighted  [][]metricSpec

	mu        sync.Mutex            // guards what is made when the first data is there
	trainable []*symbolic.Weight    // those the optimizer was built for
	specs     []optimizers.Variable // the same, as the optimizer knows them
	variables []*symbolic.Weight    // the optimizer's
	started   bool                  // Keras would have made the variables
	revision  uint64                // when the optimizer was last known to fit the weights
	resolved  *metricSet
}

// metricSpec is a metric as the user gave it; "accuracy" is resolved when the shapes of the data are known.
type metricSpec struct{ given any }

// Compile returns a session with that optimizer, those losses and metrics (Keras:
// Model.compile). Optimizer variables start anew.
func (m *Session) Compile(c Options) (*Session, error) {
	if err := m.Ready(); err != nil {
		return nil, err
	}
	t := &trainer{options: c}
	var late error
	symbolic.EachLayer(m, func(l symbolic.Layer) {
		if err := l.Base().Err(); err != nil && late == nil {
			late = fmt.Errorf("layer %q: %w", l.Base().Name(), err)
		}
	})
	if late != nil {
		return nil, late
	}
	fail := func(argument string, err error) (*Session, error) {
		return nil, fmt.Errorf("%s: %w", argument, err)
	}
	given := c.Optimizer
	if given == nil {
		given = "rmsprop"
	}
	var err error
	if t.optimizer, err = optimizers.Get(given); err != nil {
		return fail("Optimizer", err)
	}
	if err := config.Validate(t.optimizer); err != nil {
		return fail("Optimizer", err)
	}
	if err := t.autoScale(m.DType()); err != nil {
		return fail("AutoScaleLoss", err)
	}
	names := m.OutputNames()
	perOutput, err := spread(names, c.Loss, "loss")
	if err != nil {
		return fail("Loss", err)
	}
	t.givenLoss = perOutput
	for i, v := range perOutput {
		l, err := losses.Resolve(v, []int{symbolic.None, 1}, []int{symbolic.None, 1})
		if err != nil {
			return fail("Loss", err)
		}
		if err := config.Validate(l); err != nil {
			return fail(fmt.Sprintf("Loss of output %q", names[i]), err)
		}
		t.losses = append(t.losses, l)
	}
	if t.weights, err = lossWeights(names, c.LossWeights); err != nil {
		return fail("LossWeights", err)
	}
	if t.metrics, err = spreadMetrics(names, c.Metrics); err != nil {
		return fail("Metrics", err)
	}
	if t.weighted, err = spreadMetrics(names, c.WeightedMetrics); err != nil {
		return fail("WeightedMetrics", err)
	}
	if c.StepsPerExecution < 0 {
		return fail("StepsPerExecution", fmt.Errorf("got %d, want a positive number", c.StepsPerExecution))
	}
	return newSession(m.Network, t, m.stop), nil
}

// Optimizer returns the optimizer given to Compile, nil before (Keras: model.optimizer).
func (m *Session) Optimizer() optimizers.Optimizer {
	if t := m.training; t != nil {
		return t.optimizer
	}
	return nil
}

// spread gives each output its own from what the user wrote: one value (for
// every output), a list, or a map from output names.
func spread(names []string, v any, what string) ([]any, error) {
	out := make([]any, len(names))
	switch v := v.(type) {
	case nil:
	case []any:
		if len(v) != len(names) {
			return nil, fmt.Errorf("got %d values for %d output(s) (%s): want one each", len(v), len(names), ndarray.Quoted(names))
		}
		copy(out, v)
	case []string:
		return spread(names, anyList(v), what)
	case map[string]any:
		if config.IsEnvelope(v) { // a serialised object
			return spread(names, slices.Repeat([]any{v}, len(names)), what)
		}
		for key, value := range v {
			at := ndarray.Places(names, key)
			if at == nil {
				return nil, fmt.Errorf("there is no output %q: want a %s for one of %s", key, what, ndarray.Quoted(names))
			}
			for _, i := range at {
				out[i] = value
			}
		}
	default:
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String {
			m := map[string]any{}
			for it := rv.MapRange(); it.Next(); {
				m[it.Key().String()] = it.Value().Interface()
			}
			return spread(names, m, what)
		}
		for i := range out {
			out[i] = v
		}
	}
	return out, nil
}

// spreadMetrics is spread for lists of metrics: with one output the list is
// that output's; with several, each element is an output's metric or list of them.
func spreadMetrics(names []string, v any) ([][]metricSpec, error) {
	out := make([][]metricSpec, len(names))
	list, isList := asList(v)
	if isList {
		nested := slices.ContainsFunc(list, func(v any) bool { _, is := asList(v); return is })
		if len(names) == 1 && !nested {
			out[0] = metricSpecs(list)
			return out, checkMetrics(out)
		}
		v = list
	}
	perOutput, err := spread(names, v, "metric")
	if err != nil {
		return nil, err
	}
	for i, value := range perOutput {
		if list, isList := asList(value); isList {
			out[i] = metricSpecs(list)
		} else if value != nil {
			out[i] = metricSpecs([]any{value})
		}
	}
	return out, checkMetrics(out)
}

// checkMetrics finds misspelt names at once rather than when data arrives.
func checkMetrics(specs [][]metricSpec) error {
	for _, list := range specs {
		for _, s := range list {
			if _, err := metrics.Resolve(s.given, []int{symbolic.None, 1}, []int{symbolic.None, 1}); err != nil {
				return err
			}
		}
	}
	return nil
}

func metricSpecs(list []any) []metricSpec {
	specs := make([]metricSpec, 0, len(list))
	for _, v := range list {
		if v != nil {
			specs = append(specs, metricSpec{v})
		}
	}
	return specs
}

func asList(v any) ([]any, bool) {
	if list, ok := v.([]any); ok {
		return list, true
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice {
		return nil, false
	}
	list := make([]any, rv.Len())
	for i := range list {
		list[i] = rv.Index(i).Interface()
	}
	return list, true
}

func anyList[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

func lossWeights(names []string, v any) ([]float64, error) {
	weights := make([]float64, len(names))
	for i := range weights {
		weights[i] = 1
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []float64:
		if len(v) != len(names) {
			return nil, fmt.Errorf("got %d weights for %d outputs (%s): want one each", len(v), len(names), ndarray.Quoted(names))
		}
		copy(weights, v)
	case map[string]float64:
		for key, w := range v {
			at := ndarray.Places(names, key)
			if at == nil {
				return nil, fmt.Errorf("there is no output %q: want one of %s", key, ndarray.Quoted(names))
			}
			for _, i := range at {
				weights[i] = w
			}
		}
	case float64:
		for i := range weights {
			weights[i] = v
		}
	default:
		return nil, fmt.Errorf("got a %T, want a []float64 or a map[string]float64", v)
	}
	return weights, nil
}
