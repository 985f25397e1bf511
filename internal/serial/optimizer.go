package serial

import (
	"fmt"
	"strconv"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// The groups of the optimizer, and of the one inside it.
const (
	optimizerGroup = "optimizer"
	innerGroup     = "optimizer/inner_optimizer"
)

// optimizer adds the optimizer's variables, and once more those of the optimizers inside it.
func (s *saved) optimizer(names []string, variables [][]*symbolic.Weight) {
	path := optimizerGroup
	for i, name := range names {
		s.vars(path, name, variables[i])
		path = join(path, "inner_optimizer")
	}
}

// matchOptimizer finds the optimizer's variables in a file. Where the loss was scaled and is no more, or the other way round, those
// of the optimizer inside are what goes on. An optimizer that Keras saved before its first step has no slots, and here starts anew.
func (p *restorePlan) matchOptimizer(c Compiled, root *kerasfile.Group, names []string, variables [][]*symbolic.Weight, trained []*symbolic.Weight) error {
	if len(variables) == 0 {
		return nil
	}
	if arrays := keras2State(root); arrays != nil && p.layout.era != keras3 {
		return p.matchKeras2Optimizer(c, names[0], arrays, variables[0], trained)
	}
	path, own, inside := optimizerGroup, variables[0], root.Group(innerGroup) != nil
	slots := join(optimizerGroup, "vars/2")
	if inside {
		slots = join(innerGroup, "vars/2")
	}
	_, started := root.Array(slots)
	switch n := countArrays(root, join(optimizerGroup, "vars")); {
	case n == len(own):
		started = true
	case len(variables) > 1 && !inside:
		own = variables[1]
	case len(variables) == 1 && inside:
		path = innerGroup
	}
	if !started && len(own) > 2 {
		return nil
	}
	return p.matchVars(root, path, fmt.Sprintf("optimizer %q", names[0]), "", own)
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

// keras2State lists the arrays of an optimizer of Keras 2, which has no variable for the learning rate; it is nil for a later one.
func keras2State(root *kerasfile.Group) []kerasfile.Array {
	vars := join(optimizerGroup, "vars")
	second, ok := root.Array(join(vars, "1"))
	if ok && len(second.Shape()) == 0 || root.Group(innerGroup) != nil {
		return nil
	}
	var arrays []kerasfile.Array
	for i := range countArrays(root, vars) {
		a, _ := root.Array(join(vars, strconv.Itoa(i)))
		arrays = append(arrays, a)
	}
	return arrays
}
