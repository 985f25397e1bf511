package functional

import (
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/kerasfile"
)

// matchLegacyOptimizer finds the optimizer's variables in a legacy file. As in Keras, an optimizer whose variables
// don't fit those in the file starts anew.
func (p *restorePlan) matchLegacyOptimizer(m *Model, group *kerasfile.Group) error {
	if group == nil || m.training == nil || m.inputs == nil {
		return nil
	}
	names, err := group.Texts(legacyWeightNames)
	if err != nil {
		return err
	}
	if err := m.buildOptimizer(); err != nil {
		return err
	}
	variables := slices.Clone(m.training.variables)
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
		variables = slices.DeleteFunc(variables, func(w *Weight) bool { return isRate(w.Name()) })
	}
	if len(names) > 0 && legacyCounter(names[0]) {
		variables = slotBySlot(variables, len(m.training.trainable))
	}
	if len(arrays) != len(variables) {
		return nil
	}
	pairs := make([]restorePair, len(arrays))
	for i, w := range variables {
		if !Shape(arrays[i].Shape()).Equal(w.spec.Shape) {
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
func slotBySlot(variables []*Weight, trainable int) []*Weight {
	var others []*Weight
	byKind := map[string][]*Weight{}
	var kinds []string
	for _, w := range variables {
		at := strings.LastIndexByte(w.Name(), '_')
		if len(w.spec.Shape) == 0 && (w.Name() == "iteration" || isRate(w.Name())) || at < 0 {
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
