package functional

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/internal/serial"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// compileFunc compiles a model that a file describes, nil for not at all.
func compileFunc(wanted bool) serial.CompileFunc {
	if !wanted {
		return nil
	}
	return func(l Layer, arguments map[string]any) error {
		options, err := compileFromConfig(arguments)
		if err != nil {
			return err
		}
		return l.(*Model).compile(options, arguments)
	}
}

// OptimizerState returns the optimizer, then those inside it, whose variables are among its own, and the weights that they train, for
// those who write files.
func (m *Model) OptimizerState() (parts []symbolic.OptimizerPart, trained []*Weight, err error) {
	now := m.now.Load()
	if _, unknown := now.given.Optimizer.(*unknownPart); unknown {
		return nil, nil, nil
	}
	return now.session.OptimizerState()
}

// OptimizerConfig returns the configuration of the optimizer in use, with the learning rate as it is now.
func (m *Model) OptimizerConfig() (map[string]any, error) {
	if err := m.readyWith(); err != nil {
		return nil, err
	}
	now := m.now.Load()
	if unknown, ok := now.given.Optimizer.(*unknownPart); ok {
		used, _ := unknown.inFile.(map[string]any)
		return used, nil
	}
	_, used, err := now.session.OptimizerConfig()
	return used, err
}

// OptimizerStarted reports whether Keras's optimizer would have all its variables: since the first step, since OptimizerVariables, or
// because a file compiled the model.
func (m *Model) OptimizerStarted() bool { return m.session().OptimizerStarted() }

// CompileConfig returns the compile arguments as files have them: {} before Compile (Keras: get_compile_config).
func (m *Model) CompileConfig() (map[string]any, error) {
	now := m.now.Load()
	if !now.session.Compiled() {
		return map[string]any{}, nil
	}
	o := now.given
	cfg := map[string]any{
		"run_eagerly": false, "jit_compile": "auto",
		"steps_per_execution": orDefault(o.StepsPerExecution, 1),
	}
	for _, key := range []string{"run_eagerly", "jit_compile"} { // they mean nothing here, and something in Python
		if v, ok := now.inFile[key]; ok {
			cfg[key] = v
		}
	}
	var err error
	if unknown, ok := o.Optimizer.(*unknownPart); ok {
		cfg["optimizer"] = unknown.inFile
	} else if cfg["optimizer"], _, err = now.session.OptimizerConfig(); err != nil {
		return nil, fmt.Errorf("optimizer: %w", err)
	}
	for key, v := range map[string]any{"loss": o.Loss, "loss_weights": o.LossWeights, "metrics": o.Metrics, "weighted_metrics": o.WeightedMetrics} {
		if cfg[key], err = serializeArgument(v); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		cfg[key] = spelled(cfg[key], now.inFile[key])
	}
	return cfg, nil
}

// spelled returns v as the file spelled it, where that means the same: a function beside its name, 1 beside 1.0.
func spelled(v, inFile any) any {
	switch f := inFile.(type) {
	case map[string]any:
		if name, ok := v.(string); ok && f["class_name"] == "function" && f["config"] == name {
			return f
		}
		if m, ok := v.(map[string]any); ok && !config.IsEnvelope(f) {
			for key := range m {
				m[key] = spelled(m[key], f[key])
			}
		}
	case []any:
		if list, ok := v.([]any); ok && len(list) == len(f) {
			for i := range list {
				list[i] = spelled(list[i], f[i])
			}
		}
	default:
		own, isFloat := v.(float64)
		if given, ok := config.AsFloat(inFile); ok && isFloat && given == own {
			return inFile
		}
	}
	return v
}

// serializeArgument turns names, numbers and objects, in lists and maps, into JSON values.
func serializeArgument(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if unknown, ok := v.(*unknownPart); ok {
		return unknown.inFile, nil
	}
	if o, ok := v.(config.Object); ok {
		return config.Encode(o)
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.String:
		return rv.String(), nil
	case reflect.Float32, reflect.Float64:
		return rv.Float(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return rv.Int(), nil
	case reflect.Slice:
		list := make([]any, rv.Len())
		for i := range list {
			var err error
			if list[i], err = serializeArgument(rv.Index(i).Interface()); err != nil {
				return nil, err
			}
		}
		return list, nil
	case reflect.Map:
		out := map[string]any{}
		for it := rv.MapRange(); it.Next(); {
			enc, err := serializeArgument(it.Value().Interface())
			if err != nil {
				return nil, err
			}
			out[it.Key().String()] = enc
		}
		return out, nil
	}
	return nil, fmt.Errorf("a %T can't be saved", v)
}

// compileFromConfig reads compile arguments from a file.
func compileFromConfig(cfg map[string]any) (Compile, error) {
	o := Compile{Optimizer: cfg["optimizer"]}
	if _, err := optimizers.Get(o.Optimizer); errors.Is(err, config.ErrUnknown) {
		o.Optimizer = &unknownPart{o.Optimizer, err}
	}
	var err error
	loss := func(v any) (any, error) { return losses.Resolve(v, []int{None, 1}, []int{None, 1}) }
	if o.Loss, err = reviveArgument(cfg["loss"], loss); err != nil {
		return o, fmt.Errorf("loss: %w", err)
	}
	revive := func(v any) (any, error) {
		metric, err := metrics.Resolve(v, []int{None, 1}, []int{None, 1})
		if err == nil {
			err = config.Validate(metric)
		}
		return metric, err
	}
	if o.Metrics, err = reviveArgument(cfg["metrics"], revive); err != nil {
		return o, fmt.Errorf("metrics: %w", err)
	}
	if o.WeightedMetrics, err = reviveArgument(cfg["weighted_metrics"], revive); err != nil {
		return o, fmt.Errorf("weighted_metrics: %w", err)
	}
	if o.LossWeights, err = reviveWeights(cfg["loss_weights"]); err != nil {
		return o, fmt.Errorf("loss_weights: %w", err)
	}
	if n, ok := config.AsInt(cfg["steps_per_execution"]); ok {
		o.StepsPerExecution = n
	}
	return o, nil
}

// reviveArgument makes values of the serialised objects in lists and maps; names stay names.
func reviveArgument(v any, revive func(any) (any, error)) (any, error) {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			var err error
			if list[i], err = reviveArgument(e, revive); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		if config.IsEnvelope(v) {
			if v["class_name"] == "function" { // a built-in function is known by its name
				return known(v["config"], v, revive), nil
			}
			made, err := revive(v)
			if errors.Is(err, config.ErrUnknown) {
				return &unknownPart{v, err}, nil
			}
			return made, err
		}
		out := map[string]any{}
		for key, e := range v {
			var err error
			if out[key], err = reviveArgument(e, revive); err != nil {
				return nil, err
			}
		}
		return out, nil
	case string:
		return known(v, v, revive), nil
	}
	return v, nil
}

// known returns a name that means something here, else what the file has for it as an unknownPart.
func known(name, inFile any, revive func(any) (any, error)) any {
	if _, err := revive(name); errors.Is(err, config.ErrUnknown) {
		return &unknownPart{inFile, err}
	}
	return name
}

// unknownPart stands for a part of a file's compile arguments that this program doesn't know, such as a loss of the user's own: the model
// can be used without, and has it as it was when it is saved.
type unknownPart struct {
	inFile any
	err    error
}

// withoutUnknown leaves such parts out, and says for each argument that has one what is unknown.
func withoutUnknown(c Compile) (Compile, map[string]error) {
	lacks := map[string]error{}
	for name, part := range map[string]*any{"Optimizer": &c.Optimizer, "Loss": &c.Loss, "Metrics": &c.Metrics, "WeightedMetrics": &c.WeightedMetrics} {
		left, err := nest.Replace(*part, func(_ nest.Path, v any) (any, bool, error) {
			unknown, ok := v.(*unknownPart)
			if ok && lacks[name] == nil {
				lacks[name] = unknown.err
			}
			return nil, ok, nil
		})
		if err == nil && lacks[name] != nil {
			*part = left
		}
	}
	return c, lacks
}

func reviveWeights(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		list := make([]float64, len(v))
		for i, e := range v {
			var ok bool
			if list[i], ok = config.AsFloat(e); !ok {
				return nil, fmt.Errorf("weight %d is %v, want a number", i, e)
			}
		}
		return list, nil
	case map[string]any:
		out := map[string]float64{}
		for key, e := range v {
			var ok bool
			if out[key], ok = config.AsFloat(e); !ok {
				return nil, fmt.Errorf("weight of %q is %v, want a number", key, e)
			}
		}
		return out, nil
	}
	return v, nil
}
