package serial

import (
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// matchLegacyOptimizer finds the optimizer's variables in a legacy file. As in Keras, an optimizer whose variables
// don't fit those in the file starts anew.
func (p *restorePlan) matchLegacyOptimizer(l symbolic.Layer, group *kerasfile.Group) error {
	n, _ := symbolic.NetworkOf(l)
	c, ok := l.(Compiled)
	if group == nil || !ok || !n.Connected() {
		return nil
	}
	names, err := group.Texts(legacyWeightNames)
	if err != nil {
		return err
	}
	_, states, trained, err := c.OptimizerState()
	if err != nil || len(states) == 0 {
		return err
	}
	variables := slices.Clone(states[0])
	arrays := make([]kerasfile.Array, 0, len(names))
	rate := false
	for _, name := range names {
		a, ok := group.Array(name)
		if !ok {
			return nil
		}
		arrays = append(arrays, a)
		rate = rate || isRate(name)
	}
	if !rate { // TensorFlow's Keras keeps the learning rate in the configuration alone
		variables = slices.DeleteFunc(variables, func(w *symbolic.Weight) bool { return isRate(w.Name()) })
	}
	if len(names) > 0 && legacyCounter(names[0]) {
		variables = slotBySlot(variables, len(trained))
	}
	if len(arrays) != len(variables) {
		return nil
	}
	pairs := make([]restorePair, len(arrays))
	for i, w := range variables {
		if !symbolic.Shape(arrays[i].Shape()).Equal(w.Spec().Shape) {
			return nil
		}
		pairs[i] = restorePair{w, arrays[i]}
	}
	p.pairs = append(p.pairs, pairs...)
	return nil
}

// isRate tells the variable of the learning rate: "learning_rate", "adam/learning_rate", "current_learning_rate:0".
func isRate(name string) bool {
	name, _, _ = strings.Cut(name, ":")
	return strings.HasSuffix(name, "learning_rate")
}

// legacyCounter tells the step counter of Keras 2's first optimizers, "Adam/iter:0"; later ones call it "iteration:0".
func legacyCounter(name string) bool {
	name, _, _ = strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
	return name == "iter" || name == "iterations"
}

// slotBySlot sorts the variables as Keras 2's first optimizers kept them: the first slot of every weight, then the second.
func slotBySlot(variables []*symbolic.Weight, trainable int) []*symbolic.Weight {
	var others []*symbolic.Weight
	byKind := map[string][]*symbolic.Weight{}
	var kinds []string
	for _, w := range variables {
		at := strings.LastIndexByte(w.Name(), '_')
		if len(w.Spec().Shape) == 0 && (w.Name() == "iteration" || isRate(w.Name())) || at < 0 {
			others = append(others, w)
			continue
		}
		kind := w.Name()[at:]
		if byKind[kind] == nil {
			kinds = append(kinds, kind)
		}
		byKind[kind] = append(byKind[kind], w)
	}
	for _, kind := range kinds {
		if len(byKind[kind]) != trainable {
			return variables
		}
		others = append(others, byKind[kind]...)
	}
	return others
}
