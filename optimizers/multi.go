package optimizers

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// PathMap says which optimizer trains which weights, by their paths (Keras: keras.optimizers.OptimizerMap).
type PathMap struct {
	cfg struct {
		Default part  `keras:"default_optimizer"`
		Others  parts `keras:"optimizer_map"`
	}
}

// OptimizerMap returns a map that gives every weight to one optimizer, until Set says otherwise.
func OptimizerMap(defaultOptimizer Optimizer) *PathMap {
	m := &PathMap{}
	m.cfg.Default.optimizer = defaultOptimizer
	return m
}

// Set gives the weights of a path ("encoder/dense/kernel"), or all whose whole path matches a regular expression ("encoder/.*"), to an
// optimizer (Keras: map[path] = optimizer). A path as it is goes before expressions, of which only one may match. Python's expressions
// that look ahead or back are not supported.
func (m *PathMap) Set(path string, optimizer Optimizer) *PathMap {
	m.cfg.Others.list = append(m.cfg.Others.list, pathOptimizer{path, optimizer})
	return m
}

// KerasClass names the class in files.
func (m *PathMap) KerasClass() Class { return class("OptimizerMap") }

// KerasConfig implements [config.Object].
func (m *PathMap) KerasConfig() any { return &m.cfg }

// pathOptimizer is an entry of a [PathMap].
type pathOptimizer struct {
	path      string
	optimizer Optimizer
}

// optimizers lists each optimizer of the map once, the default one last.
func (m *PathMap) optimizers() []Optimizer {
	var list []Optimizer
	for _, e := range append(slices.Clone(m.cfg.Others.list), pathOptimizer{optimizer: m.cfg.Default.optimizer}) {
		if indexOf(list, e.optimizer) < 0 {
			list = append(list, e.optimizer)
		}
	}
	return list
}

func indexOf(list []Optimizer, o Optimizer) int {
	return slices.IndexFunc(list, func(other Optimizer) bool { return reflect.TypeOf(o).Comparable() && o == other })
}

// validate says what is wrong with the map.
func (m *PathMap) validate() error {
	seen := map[string]bool{}
	for _, e := range m.cfg.Others.list {
		if seen[e.path] {
			return fmt.Errorf("%q is in the map twice", e.path)
		}
		seen[e.path] = true
		if err := checkPart(e.optimizer); err != nil {
			return fmt.Errorf("%q: %w", e.path, err)
		}
		if _, err := whole(e.path); err != nil {
			return fmt.Errorf("%q: %w", e.path, err)
		}
	}
	if err := checkPart(m.cfg.Default.optimizer); err != nil {
		return fmt.Errorf("default_optimizer: %w", err)
	}
	return nil
}

func checkPart(o Optimizer) error {
	if v := reflect.ValueOf(o); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return errors.New("there is no optimizer")
	}
	switch o.(type) {
	case *LossScalingOptimizer, *CombinedOptimizer:
		return fmt.Errorf("%s can't be inside a MultiOptimizer", o.KerasClass().Name)
	}
	if err := o.Validate(); err != nil {
		return fmt.Errorf("%s: %w", o.KerasClass().Name, err)
	}
	return nil
}

// whole is the expression for all of a path.
func whole(pattern string) (*regexp.Regexp, error) { return regexp.Compile(`\A(?:` + pattern + `)\z`) }

// of finds the optimizer of a weight.
func (m *PathMap) of(weight Variable) (Optimizer, error) {
	path := weight.Path
	if path == "" {
		path = weight.Name
	}
	found := m.cfg.Default.optimizer
	matched := ""
	for _, e := range m.cfg.Others.list {
		if e.path == path {
			return e.optimizer, nil
		}
	}
	for _, e := range m.cfg.Others.list {
		re, err := whole(e.path)
		switch {
		case err != nil:
			return nil, err
		case !re.MatchString(path):
		case matched != "":
			return nil, fmt.Errorf("weight %q has several optimizers: %q and %q both match it", path, matched, e.path)
		default:
			found, matched = e.optimizer, e.path
		}
	}
	return found, nil
}

// CombinedOptimizer lets several optimizers train a model, each some of its weights (Keras: keras.optimizers.MultiOptimizer). Clipping, weight
// decay and moving averages are those of each, for its weights; the loss is scaled for all.
//
//	optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.SGD(0.1)).Set("encoder/.*", optimizers.Adam(1e-3)))
//
// It has no learning rate; those of the optimizers inside are among its variables.
type CombinedOptimizer struct {
	cfg struct {
		Map             mapField `keras:"optimizer_map"`
		LossScaleFactor *float64 `keras:"loss_scale_factor"`
		Name            string   `keras:"name" default:"multi_optimizer"`
	}
}

// MultiOptimizer returns an optimizer that gives each weight to the map's optimizer for it.
func MultiOptimizer(optimizerMap *PathMap) *CombinedOptimizer {
	o := &CombinedOptimizer{}
	config.SetDefaults(&o.cfg)
	o.cfg.Map.paths = optimizerMap
	return o
}

// Name sets the optimizer's name (Keras: name=).
func (o *CombinedOptimizer) Name(name string) *CombinedOptimizer {
	o.cfg.Name = name
	return o
}

// LossScaleFactor multiplies the loss before, and divides the gradients after, differentiation, in place of the factors of the
// optimizers inside (Keras: loss_scale_factor=, default none).
func (o *CombinedOptimizer) LossScaleFactor(factor float64) *CombinedOptimizer {
	o.cfg.LossScaleFactor = &factor
	return o
}

// KerasClass implements [Optimizer].
func (o *CombinedOptimizer) KerasClass() Class { return class("MultiOptimizer") }

// KerasConfig implements [Optimizer].
func (o *CombinedOptimizer) KerasConfig() any {
	if o.cfg.Map.paths != nil { // files have the factor in each
		o.cfg.Map.paths.cfg.Default.factor = o.cfg.LossScaleFactor
		o.cfg.Map.paths.cfg.Others.factor = o.cfg.LossScaleFactor
	}
	return &o.cfg
}

// KerasName implements [Optimizer].
func (o *CombinedOptimizer) KerasName() string { return o.cfg.Name }

// Validate implements [Optimizer].
func (o *CombinedOptimizer) Validate() error {
	if o.cfg.Map.paths == nil {
		return errors.New("optimizer_map is missing: want an OptimizerMap")
	}
	if factor := o.cfg.LossScaleFactor; factor != nil && *factor == 0 {
		return errors.New("loss_scale_factor must not be 0")
	}
	if err := o.cfg.Map.paths.validate(); err != nil {
		return fmt.Errorf("optimizer_map: %w", err)
	}
	return nil
}

// Part is one of the optimizers that share a model's weights.
type Part struct {
	Optimizer Optimizer
	From, To  int   // where its variables are among all
	Weights   []int // the trainable weights that it has
}

// Parts are the optimizers inside, with what each has of the weights and variables (Keras: optimizers). In a [LossScaleOptimizer]
// (scaled) they have fewer variables. It panics with an error where a weight's optimizer isn't clear.
func (o *CombinedOptimizer) Parts(trainable []Variable, scaled bool) []Part {
	if err := o.Validate(); err != nil {
		panic(fmt.Errorf("optimizer %s: %w", o.cfg.Name, err))
	}
	all := o.cfg.Map.paths.optimizers()
	parts := make([]Part, len(all))
	for i, w := range trainable {
		optimizer, err := o.cfg.Map.paths.of(w)
		if err != nil {
			panic(fmt.Errorf("optimizer %s: %w", o.cfg.Name, err))
		}
		p := &parts[indexOf(all, optimizer)]
		p.Weights = append(p.Weights, i)
	}
	at := combinedOwn
	for i := range parts {
		p := &parts[i]
		p.Optimizer, p.From = all[i], at
		at += len(p.variables(trainable, scaled))
		p.To = at
	}
	return parts
}

// variables are those of the part. An optimizer without weights hasn't those that weights would share.
func (p *Part) variables(trainable []Variable, scaled bool) []Variable {
	list := pick(trainable, p.Weights)
	if in, ok := p.Optimizer.(inside); ok && (scaled || len(list) == 0) {
		return in.insideVariables(list)
	}
	return p.Optimizer.Variables(list)
}

func pick[T any](list []T, at []int) []T {
	out := make([]T, len(at))
	for i, j := range at {
		out[i] = list[j]
	}
	return out
}

// combinedOwn is the number of the optimizer's own variables: a count of the steps, and a learning rate that does nothing.
const combinedOwn = 2

// Variables implements [Optimizer]: its own, then those of each part.
func (o *CombinedOptimizer) Variables(trainable []Variable) []Variable {
	return o.variables(trainable, false)
}

func (o *CombinedOptimizer) variables(trainable []Variable, scaled bool) []Variable {
	out := []Variable{{Name: "iteration", DType: dtypes.Int32, CopyOf: -1}, {Name: "learning_rate", DType: dtypes.Float32, CopyOf: -1}}
	for i := range out {
		out[i].Path = o.cfg.Name + "/" + out[i].Name
	}
	for _, p := range o.Parts(trainable, scaled) {
		for _, v := range p.variables(trainable, scaled) {
			if v.CopyOf >= 0 && v.CopyOf < len(p.Weights) {
				v.CopyOf = p.Weights[v.CopyOf]
			}
			if v.Path == "" {
				v.Path = p.Optimizer.KerasName() + "/" + v.Name
			}
			out = append(out, v)
		}
	}
	return out
}

// ScaleLoss implements [LossScaler].
func (o *CombinedOptimizer) ScaleLoss(_ []Variable, _ []*graph.Node, loss *graph.Node) *graph.Node {
	if o.cfg.LossScaleFactor == nil {
		return loss
	}
	return times(loss, *o.cfg.LossScaleFactor)
}

// Averages implements [Averager].
func (o *CombinedOptimizer) Averages(trainable []Variable) []int {
	return o.averages(trainable, false)
}

func (o *CombinedOptimizer) averages(trainable []Variable, scaled bool) []int {
	list := slices.Repeat([]int{-1}, len(trainable))
	for _, p := range o.Parts(trainable, scaled) {
		averager, ok := p.Optimizer.(Averager)
		if !ok {
			continue
		}
		for i, at := range averager.Averages(pick(trainable, p.Weights)) {
			if at >= 0 {
				list[p.Weights[i]] = p.From + at
			}
		}
	}
	return list
}

// Apply implements [Optimizer].
func (o *CombinedOptimizer) Apply(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	if factor := o.cfg.LossScaleFactor; factor != nil {
		grads = slices.Clone(grads)
		for i, g := range grads {
			grads[i] = over(g, *factor)
		}
	}
	return o.applyUnscaled(trainable, state, weights, grads)
}

func (o *CombinedOptimizer) insideVariables(trainable []Variable) []Variable {
	return o.variables(trainable, true)
}

func (o *CombinedOptimizer) applyInside(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	return o.applyParts(trainable, state, weights, grads, true)
}

func (o *CombinedOptimizer) applyUnscaled(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	return o.applyParts(trainable, state, weights, grads, false)
}

func (o *CombinedOptimizer) applyParts(trainable []Variable, state, weights, grads []*graph.Node, scaled bool) (newState, newWeights []*graph.Node) {
	parts := o.Parts(trainable, scaled)
	if want := parts[len(parts)-1].To; len(state) != want || len(weights) != len(trainable) || len(grads) != len(trainable) {
		panic(fmt.Errorf("optimizer %s: got %d variables, %d weights and %d gradients, want %d, %d and %d",
			o.cfg.Name, len(state), len(weights), len(grads), want, len(trainable), len(trainable)))
	}
	newState, newWeights = slices.Clone(state), slices.Clone(weights)
	newState[0] = graph.AddScalar(state[0], 1)
	for _, p := range parts {
		if len(p.Weights) == 0 {
			continue
		}
		apply := p.Optimizer.Apply
		if in, ok := p.Optimizer.(inside); ok {
			apply = in.applyUnscaled
			if scaled {
				apply = in.applyInside
			}
		}
		partState, partWeights := apply(pick(trainable, p.Weights), state[p.From:p.To], pick(weights, p.Weights), pick(grads, p.Weights))
		checkCount(p.Optimizer.KerasName(), "variables", len(partState), p.To-p.From)
		checkCount(p.Optimizer.KerasName(), "weights", len(partWeights), len(p.Weights))
		copy(newState[p.From:], partState)
		for i, at := range p.Weights {
			newWeights[at] = partWeights[i]
		}
	}
	return newState, newWeights
}

// EachConfig visits the configurations of the optimizers inside in the encoded configuration of this one, with the number of each among the
// parts.
func (o *CombinedOptimizer) EachConfig(cfg map[string]any, visit func(part int, cfg map[string]any)) {
	paths := o.cfg.Map.paths
	all := paths.optimizers()
	within := cfg["optimizer_map"].(map[string]any)["config"].(map[string]any)
	configOf := func(encoded any) map[string]any { return encoded.(map[string]any)["config"].(map[string]any) }
	for i, e := range within["optimizer_map"].(config.Ordered) {
		visit(indexOf(all, paths.cfg.Others.list[i].optimizer), configOf(e.Value))
	}
	visit(indexOf(all, paths.cfg.Default.optimizer), configOf(within["default_optimizer"]))
}

// mapField is a [PathMap] as files have it.
type mapField struct{ paths *PathMap }

// EncodeKeras implements config.Codec.
func (f *mapField) EncodeKeras() (any, error) {
	if f.paths == nil {
		return nil, errors.New("it is missing")
	}
	return config.Encode(f.paths)
}

// DecodeKeras implements config.Codec.
func (f *mapField) DecodeKeras(v any) error {
	m, ok := v.(map[string]any)
	if !ok || m["class_name"] != "OptimizerMap" {
		return errors.New("want an OptimizerMap: a function of Python's, which chooses optimizers, is never run here")
	}
	f.paths = OptimizerMap(nil)
	return config.DecodeObject(m, f.paths)
}

// part is an optimizer inside, in files an object with the loss scale of all.
type part struct {
	optimizer Optimizer
	factor    *float64
}

// EncodeKeras implements config.Codec.
func (p *part) EncodeKeras() (any, error) {
	if p.optimizer == nil {
		return nil, errors.New("it is missing")
	}
	encoded, err := config.Encode(p.optimizer)
	if err != nil {
		return nil, err
	}
	if cfg := encoded["config"].(map[string]any); cfg != nil {
		if _, ok := cfg["loss_scale_factor"]; ok {
			cfg["loss_scale_factor"] = nil
			if p.factor != nil {
				cfg["loss_scale_factor"] = *p.factor
			}
		}
	}
	return encoded, nil
}

// DecodeKeras implements config.Codec.
func (p *part) DecodeKeras(v any) (err error) {
	p.optimizer, err = Get(v)
	return err
}

// parts are the entries of a map, in the order in which they were set, which is that of the variables.
type parts struct {
	list   []pathOptimizer
	factor *float64
}

// EncodeKeras implements config.Codec.
func (p *parts) EncodeKeras() (any, error) {
	out := config.Ordered{}
	for _, e := range p.list {
		one := part{e.optimizer, p.factor}
		encoded, err := one.EncodeKeras()
		if err != nil {
			return nil, fmt.Errorf("%q: %w", e.path, err)
		}
		out = append(out, config.Entry{Key: e.path, Value: encoded})
	}
	return out, nil
}

// DecodeKeras implements config.Codec.
func (p *parts) DecodeKeras(v any) error {
	p.list = nil
	var entries config.Ordered
	switch v := v.(type) {
	case nil:
	case config.Ordered:
		entries = v
	case map[string]any: // whose order is lost
		entries = config.SortedByKey(v)
	default:
		return fmt.Errorf("got a %T, want an object with an optimizer for each path", v)
	}
	for _, e := range entries {
		o, err := Get(e.Value)
		if err == nil && o == nil {
			err = errors.New("there is no optimizer")
		}
		if err != nil {
			return fmt.Errorf("%q: %w", e.Key, err)
		}
		p.list = append(p.list, pathOptimizer{e.Key, o})
	}
	return nil
}

func init() {
	catalogue.AddUnlisted(func() Optimizer { return MultiOptimizer(nil) }, "multioptimizer")
}
