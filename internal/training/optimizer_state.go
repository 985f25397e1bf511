package training

import (
	"fmt"
	"path"
	"slices"
	"strconv"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// innerOptimizer is what files call the optimizer inside another.
const innerOptimizer = "inner_optimizer"

// optimizerVariables makes the optimizer's variables for the trainer's weights.
func (t *trainer) optimizerVariables() ([]*symbolic.Weight, error) {
	var list []*symbolic.Weight
	for _, v := range t.optimizer.Variables(t.specs) {
		full := v.Path
		if full == "" {
			full = t.optimizer.KerasName() + "/" + v.Name
		}
		w := symbolic.NewVariable(v.Name, full, v.DType, v.Shape, v.Initial)
		switch {
		case v.CopyOf >= 0:
			if err := t.copyWeight(w, v.CopyOf); err != nil {
				return nil, err
			}
		case v.Initializer != nil:
			w = symbolic.NewDrawnVariable(v.Name, full, v.DType, v.Shape, v.Initializer)
		}
		list = append(list, w)
	}
	return list, nil
}

// copyWeight gives an optimizer's variable the value of the weight at that index.
func (t *trainer) copyWeight(w *symbolic.Weight, at int) error {
	if at >= len(t.trainable) || !slices.Equal(w.Shape(), t.trainable[at].Shape()) {
		return fmt.Errorf("optimizer %q: variable %s of shape %s can't start as a copy of weight %d: its CopyOf must be -1, or the index of a weight of its shape",
			t.optimizer.KerasName(), w.Name(), symbolic.Shape(w.Shape()), at)
	}
	value, err := t.trainable[at].Value()
	if err != nil {
		return err
	}
	return w.Set(value)
}

// CopyWeights gives the optimizer's variables that start as copies of weights the weights of now, where no step was made: they may have been
// made before a file gave the model its weights. Keras leaves them as they were then: copies of random numbers, which no training can use.
func (m *Session) CopyWeights() error {
	t := m.training
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.variables) == 0 {
		return nil
	}
	o, variables := unwrapped(t.optimizer, t.variables)
	if steps, err := iterations(o, variables); err != nil || steps > 0 {
		return nil // it counts none, or goes on from them
	}
	for i, v := range t.optimizer.Variables(t.specs) {
		if v.CopyOf >= 0 {
			if err := t.copyWeight(t.variables[i], v.CopyOf); err != nil {
				return err
			}
		}
	}
	return nil
}

// autoScale wraps the optimizer where Keras's compile does.
func (t *trainer) autoScale(policy symbolic.DTypePolicy) error {
	if wanted := t.options.AutoScaleLoss; wanted != Default && wanted != On && wanted != Off {
		return fmt.Errorf("option AutoScaleLoss is %d, want functional.On, Off or Default", wanted)
	}
	if t.options.AutoScaleLoss == Off || policy != "mixed_float16" {
		return nil
	}
	_, scales := t.optimizer.(*optimizers.LossScalingOptimizer)
	t.optimizer, t.autoScaled = optimizers.AutoScaled(t.optimizer), !scales
	return nil
}

// givenOptimizer is the optimizer that Compile got.
func (t *trainer) givenOptimizer() optimizers.Optimizer {
	if t.autoScaled {
		return t.optimizer.(optimizers.Wrapper).Inner()
	}
	return t.optimizer
}

// OptimizerConfig returns the configurations of the optimizer that Compile got, and of the one in use, with the learning rate as it is
// now: callbacks may have changed it.
func (m *Session) OptimizerConfig() (given, used map[string]any, err error) {
	t := m.training
	if used, err = config.Encode(t.optimizer); err != nil {
		return nil, nil, err
	}
	given = used
	cfg := used["config"].(map[string]any)
	for {
		inner, ok := cfg[innerOptimizer].(map[string]any)
		if !ok {
			break
		}
		if t.autoScaled {
			given = inner
		}
		cfg = inner["config"].(map[string]any)
	}
	if m.buildOptimizer() != nil {
		return given, used, nil // there are no variables yet that differ from the configuration
	}
	o, variables := unwrapped(t.optimizer, t.variables)
	if several, ok := o.(*optimizers.CombinedOptimizer); ok {
		parts := several.Parts(t.specs, t.optimizer != optimizers.Optimizer(several))
		several.EachConfig(cfg, func(i int, cfg map[string]any) {
			if at := rateAt(variables[parts[i].From:parts[i].To]); at != nil {
				cfg["learning_rate"], err = readRate(at)
			}
		})
	} else if rate, err := m.LearningRate(); err == nil {
		cfg["learning_rate"] = rate
	}
	return given, used, err
}

// rateAt is the learning rate among an optimizer's variables; nil where a schedule sets it.
func rateAt(variables []*symbolic.Weight) *symbolic.Weight {
	if i := slices.IndexFunc(variables, func(v *symbolic.Weight) bool { return v.Name() == "learning_rate" }); i >= 0 {
		return variables[i]
	}
	return nil
}

// OptimizerState returns the optimizer, then those inside it, whose variables are among its own, and the weights that they train;
// nothing before Compile.
func (m *Session) OptimizerState() (parts []symbolic.OptimizerPart, trained []*symbolic.Weight, err error) {
	t := m.training
	if t == nil {
		return nil, nil, nil
	}
	if err := m.buildOptimizer(); err != nil {
		return nil, nil, err
	}
	o, own, group := t.optimizer, t.variables, ""
	for {
		parts = append(parts, symbolic.OptimizerPart{Group: group, Name: o.KerasName(), Variables: slices.Clone(own)})
		w, ok := o.(optimizers.Wrapper)
		if !ok {
			break
		}
		o, own, group = w.Inner(), own[w.Own():], path.Join(group, innerOptimizer)
	}
	if several, ok := o.(*optimizers.CombinedOptimizer); ok {
		seen := map[string]int{}
		for _, p := range several.Parts(t.specs, t.optimizer != optimizers.Optimizer(several)) {
			name := config.SnakeCase(p.Optimizer.KerasClass().Own())
			count := seen[name]
			seen[name]++
			if count > 0 {
				name += "_" + strconv.Itoa(count)
			}
			parts = append(parts, symbolic.OptimizerPart{Group: path.Join(group, "optimizers", name), Name: p.Optimizer.KerasName(), Variables: own[p.From:p.To]})
		}
	}
	return parts, slices.Clone(t.trainable), nil
}
