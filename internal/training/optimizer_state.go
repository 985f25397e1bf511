package training

import (
	"fmt"
	"slices"

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
		path := v.Path
		if path == "" {
			path = t.optimizer.KerasName() + "/" + v.Name
		}
		w := symbolic.NewVariable(v.Name, path, v.DType, v.Shape, v.Initial)
		switch at := v.CopyOf; {
		case at >= 0:
			if at >= len(t.trainable) || !slices.Equal(v.Shape, t.trainable[at].Shape()) {
				return nil, fmt.Errorf("optimizer %q: variable %s of shape %s can't start as a copy of weight %d: its CopyOf must be -1, or the index of a weight of its shape",
					t.optimizer.KerasName(), v.Name, symbolic.Shape(v.Shape), at)
			}
			value, err := t.trainable[at].Value()
			if err == nil {
				err = w.Set(value)
			}
			if err != nil {
				return nil, err
			}
		case v.Initializer != nil:
			w = symbolic.NewDrawnVariable(v.Name, path, v.DType, v.Shape, v.Initializer)
		}
		list = append(list, w)
	}
	return list, nil
}

// autoScale wraps the optimizer where Keras's compile does.
func (t *trainer) autoScale(policy symbolic.DTypePolicy) error {
	if wanted := t.options.AutoScaleLoss; wanted != Default && wanted != On && wanted != Off {
		return fmt.Errorf("option AutoScaleLoss is %d, want functional.On, Off or Default", wanted)
	}
	if t.options.AutoScaleLoss == Off || policy != "mixed_float16" {
		return nil
	}
	given := t.optimizer
	t.optimizer = optimizers.AutoScaled(given)
	t.autoScaled = t.optimizer != given
	return nil
}

// givenOptimizer is the optimizer that Compile got.
func (t *trainer) givenOptimizer() optimizers.Optimizer {
	if t.autoScaled {
		return t.optimizer.(optimizers.Wrapper).Inner()
	}
	return t.optimizer
}

// OptimizerConfig is the configuration of the optimizer that Compile got, with the learning rate as it is now: callbacks may have changed it.
func (m *Session) OptimizerConfig() (map[string]any, error) {
	t := m.training
	outer, err := config.Encode(t.optimizer)
	if err != nil {
		return nil, err
	}
	cfg := outer["config"].(map[string]any)
	for {
		inner, ok := cfg[innerOptimizer].(map[string]any)
		if !ok {
			break
		}
		if t.autoScaled {
			outer = inner
		}
		cfg = inner["config"].(map[string]any)
	}
	if rate, err := m.LearningRate(); err == nil {
		cfg["learning_rate"] = rate
	}
	return outer, nil
}

// OptimizerState returns the names of the optimizer and of those inside it, the variables of each, the last of which are those of the one
// inside, and the weights that they train; nothing before Compile.
func (m *Session) OptimizerState() (names []string, variables [][]*symbolic.Weight, trained []*symbolic.Weight, err error) {
	t := m.training
	if t == nil {
		return nil, nil, nil, nil
	}
	if err := m.buildOptimizer(); err != nil {
		return nil, nil, nil, err
	}
	own := t.variables
	for o := t.optimizer; ; {
		names, variables = append(names, o.KerasName()), append(variables, slices.Clone(own))
		w, ok := o.(optimizers.Wrapper)
		if !ok {
			return names, variables, slices.Clone(t.trainable), nil
		}
		o, own = w.Inner(), own[w.Own():]
	}
}
