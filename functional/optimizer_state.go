package functional

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/optimizers"
)

// innerOptimizer is what files call the optimizer inside another.
const innerOptimizer = "inner_optimizer"

// optimizerVariables makes the optimizer's variables for the trainer's weights.
func (t *trainer) optimizerVariables() ([]*Weight, error) {
	var list []*Weight
	for _, v := range t.optimizer.Variables(t.specs) {
		path := v.Path
		if path == "" {
			path = t.optimizer.KerasName() + "/" + v.Name
		}
		w := newVariable(v.Name, path, v.DType, v.Shape, v.Initial)
		switch at := v.CopyOf; {
		case at >= 0:
			if at >= len(t.trainable) || !slices.Equal(v.Shape, t.trainable[at].spec.Shape) {
				return nil, fmt.Errorf("optimizer %q: variable %s of shape %s can't start as a copy of weight %d: its CopyOf must be -1, or the index of a weight of its shape",
					t.optimizer.KerasName(), v.Name, Shape(v.Shape), at)
			}
			value, err := t.trainable[at].Value()
			if err == nil {
				err = w.Set(value)
			}
			if err != nil {
				return nil, err
			}
		case v.Initializer != nil:
			w.fill = drawn(v.Initializer, v.Shape, v.DType)
		}
		list = append(list, w)
	}
	return list, nil
}

// drawn makes an initializer's values when they are first needed, from a seed taken now so that the order of use doesn't matter.
func drawn(initializer initializers.Initializer, shape []int, dtype dtypes.DType) func() (*tensors.Tensor, error) {
	seed := nextSeed()
	return func() (*tensors.Tensor, error) {
		values, err := initializer.Values(shape, rand.New(rand.NewPCG(seed, 0)))
		if err != nil {
			return nil, err
		}
		return convertTensor(tensors.FromFlatDataAndDimensions(values, shape...), dtype)
	}
}

// autoScale wraps the optimizer where Keras's compile does.
func (t *trainer) autoScale(policy DTypePolicy) error {
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

// optimizerConfig is the configuration of the optimizer that Compile got, with the learning rate as it is now: callbacks may have changed it.
func (m *Model) optimizerConfig() (map[string]any, error) {
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

// saveOptimizer writes the optimizer's variables, and once more those of the optimizers inside it.
func (t *trainer) saveOptimizer(root *kerasfile.Group) error {
	path, o, variables := "optimizer", t.optimizer, t.variables
	for {
		if err := saveVars(root, path, o.KerasName(), variables); err != nil {
			return err
		}
		w, ok := o.(optimizers.Wrapper)
		if !ok {
			return nil
		}
		path, o, variables = join(path, innerOptimizer), w.Inner(), variables[w.Own():]
	}
}

// matchOptimizer finds the optimizer's variables in a file. Where the loss was scaled and is no more, or the other way round, those
// of the optimizer inside are what goes on. An optimizer that Keras saved before its first step has no slots, and here starts anew.
func (p *restorePlan) matchOptimizer(root *kerasfile.Group, t *trainer) error {
	path, variables := "optimizer", t.variables
	inside := join(path, innerOptimizer)
	_, started := root.Array("optimizer/vars/2")
	if root.Group(inside) != nil {
		_, started = root.Array(join(inside, "vars/2"))
	}
	w, wraps := t.optimizer.(optimizers.Wrapper)
	switch n := countArrays(root, "optimizer/vars"); {
	case n == len(variables):
		started = true
	case wraps && root.Group(inside) == nil:
		variables = variables[w.Own():]
	case !wraps && root.Group(inside) != nil:
		path = inside
	}
	if !started && len(variables) > 2 {
		return nil
	}
	return p.matchVars(root, path, fmt.Sprintf("optimizer %q", t.optimizer.KerasName()), "", variables)
}

func countArrays(root *kerasfile.Group, path string) int {
	n := 0
	for {
		if _, ok := root.Array(join(path, strconv.Itoa(n))); !ok {
			return n
		}
		n++
	}
}
