package training

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
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
	packed    *view                 // the same where small ones stand together; without groups if they don't, nil if that isn't known yet
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
	perOutput, err := spread(names, m.grouped(c.Loss), "loss")
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
	if err := weightsMeetLosses(names, c.Loss, c.LossWeights); err != nil {
		return fail("LossWeights", err)
	}
	if t.weights, err = lossWeights(names, m.grouped(c.LossWeights)); err != nil {
		return fail("LossWeights", err)
	}
	if t.metrics, err = spreadMetrics(names, m.grouped(c.Metrics)); err != nil {
		return fail("Metrics", err)
	}
	if t.weighted, err = spreadMetrics(names, m.grouped(c.WeightedMetrics)); err != nil {
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
		if m, ok := nest.ByKey(v); ok {
			return spread(names, m, what)
		}
		for i := range out {
			out[i] = v
		}
	}
	return out, nil
}

// grouped lists what v has for each output of a model whose outputs are lists in lists or the like, where v is grouped as they are; anything else
// comes back as it is.
func (m *Session) grouped(v any) any {
	form := m.OutputForm()
	if !slices.ContainsFunc(parts(form), nest.IsNode) {
		return v
	}
	if list, ok := arrange(form, v); ok {
		return list
	}
	return v
}

// arrange lists what v has for each leaf of form, nil where it has nothing; ok is false where v isn't grouped as form is.
func arrange(form, v any) (list []any, ok bool) {
	if v == nil {
		return make([]any, len(nest.Flatten(form))), true
	}
	var of []any
	switch form := form.(type) {
	case []any:
		if of, ok = asList(v); !ok || len(of) != len(form) {
			return nil, false
		}
	case map[string]any:
		given, ok := nest.ByKey(v)
		for key := range given {
			if _, known := form[key]; !known {
				return nil, false
			}
		}
		if !ok {
			return nil, false
		}
		for _, key := range slices.Sorted(maps.Keys(form)) {
			of = append(of, given[key])
		}
	default:
		return []any{v}, true
	}
	for i, part := range parts(form) {
		within, ok := arrange(part, of[i])
		if !ok {
			return nil, false
		}
		list = append(list, within...)
	}
	return list, true
}

// parts are what a form holds, in the order of its leaves.
func parts(form any) []any {
	switch form := form.(type) {
	case []any:
		return form
	case map[string]any:
		var list []any
		for _, key := range slices.Sorted(maps.Keys(form)) {
			list = append(list, form[key])
		}
		return list
	}
	return nil
}

// lossNames are the outputs' names in the names of their losses: where outputs are grouped in groups, with the way to each, as Keras has it.
func (m *Session) lossNames() []string {
	names := m.OutputNames()
	i := 0
	nest.Walk(m.OutputForm(), func(at nest.Path, v any) bool {
		if nest.IsNode(v) {
			return true
		}
		if len(at) > 1 {
			way := make([]string, len(at))
			for k, part := range at {
				way[k] = fmt.Sprint(part)
			}
			if _, inList := at[len(at)-1].(int); inList {
				way[len(way)-1] = names[i]
			}
			names[i] = strings.Join(way, "/")
		} else if len(at) == 1 {
			if key, ok := at[0].(string); ok {
				names[i] = key
			}
		}
		i++
		return false
	})
	return names
}

// spreadMetrics is spread for lists of metrics: with one output all metrics are that output's, in whatever lists and under whatever names, as
// in Keras; with several, each element is an output's metric or list of them.
func spreadMetrics(names []string, v any) ([][]metricSpec, error) {
	out := make([][]metricSpec, len(names))
	if len(names) == 1 {
		out[0] = metricSpecs(v)
		return out, checkMetrics(out)
	}
	if list, isList := asList(v); isList {
		if len(list) == 0 { // as none
			return out, nil
		}
		v = list
	}
	perOutput, err := spread(names, v, "metric")
	if err != nil {
		return nil, err
	}
	for i, value := range perOutput {
		out[i] = metricSpecs(value)
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

// metricSpecs lists the metrics in v, which may be one, or lists and maps of them.
func metricSpecs(v any) []metricSpec {
	if v == nil {
		return nil
	}
	held, isNode := asList(v)
	if byKey, ok := nest.ByKey(v); ok && !config.IsEnvelope(byKey) {
		held, isNode = parts(byKey), true
	}
	if !isNode {
		return []metricSpec{{v}}
	}
	var specs []metricSpec
	for _, part := range held {
		specs = append(specs, metricSpecs(part)...)
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

// weightsMeetLosses refuses weights by name for a list of losses where Keras would give them to others than those of the names.
func weightsMeetLosses(names []string, loss, weights any) error {
	_, listed := asList(loss)
	if _, named := nest.ByKey(weights); listed && named && len(names) > 1 && !slices.IsSorted(names) {
		return fmt.Errorf("got weights by name for a list of losses, which Keras takes in the order of the alphabet, not in that of the outputs %s: give both by name or both as lists", ndarray.Quoted(names))
	}
	return nil
}

// lossWeights are the weights of the outputs' losses, 1 where v has none; nil stands for all 1.
func lossWeights(names []string, v any) ([]float64, error) {
	if v == nil {
		return nil, nil
	}
	if list, isList := asList(v); isList {
		v = list
	}
	perOutput, err := spread(names, v, "weight")
	if err != nil {
		return nil, err
	}
	weights := make([]float64, len(names))
	for i, w := range perOutput {
		switch rv := reflect.ValueOf(w); {
		case w == nil:
			weights[i] = 1
		case rv.CanFloat():
			weights[i] = rv.Float()
		case rv.CanInt():
			weights[i] = float64(rv.Int())
		default:
			return nil, fmt.Errorf("got a %T for output %q, want a number: give a []float64 or a map[string]float64", w, names[i])
		}
	}
	return weights, nil
}
