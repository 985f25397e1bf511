package serial

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// The groups of the optimizer, and of those inside it.
const (
	optimizerGroup = "optimizer"
	innerGroup     = "optimizer/inner_optimizer"
	severalGroup   = "optimizer/optimizers"
)

// errOtherState is about the state of another kind of optimizer than the one that a file's compile arguments name, if they name any. Keras leaves it out.
var errOtherState = errors.New("the state in the file is another optimizer's")

// optimizer adds the optimizer's variables, and once more those of the optimizers inside it.
func (s *saved) optimizer(parts []symbolic.OptimizerPart) {
	for _, p := range parts {
		s.vars(strings.TrimSuffix(join(optimizerGroup, p.Group), "/"), p.Name, p.Variables)
	}
}

// matchOptimizer finds the optimizer's variables in a file. Where the loss was scaled and is no more, or the other way round, those
// of the optimizer inside are what goes on. An optimizer that Keras saved before its first step has no slots, and here starts anew.
func (p *restorePlan) matchOptimizer(c Compiled, root *kerasfile.Group, parts []symbolic.OptimizerPart, trained []*symbolic.Weight) error {
	if len(parts) == 0 {
		return nil
	}
	if arrays := keras2State(root); arrays != nil && p.layout.era != keras3 {
		inner := parts[len(parts)-1]
		return p.matchKeras2Optimizer(c, inner.Name, arrays, asRead(c, inner.Variables, trained), trained)
	}
	path, own, inside := optimizerGroup, parts[0].Variables, root.Group(innerGroup) != nil
	wraps := len(parts) > 1 && join(optimizerGroup, parts[1].Group) == innerGroup
	slots := join(optimizerGroup, "vars/2")
	if inside {
		slots = join(innerGroup, "vars/2")
	}
	_, started := root.Array(slots)
	if root.Group(severalGroup) != nil || root.Group(join(innerGroup, "optimizers")) != nil { // whose first variables are not all of one optimizer
		started = false
	}
	switch n := countArrays(root, join(optimizerGroup, "vars")); {
	case n == len(own):
		started = true
	case wraps && !inside:
		own = parts[1].Variables
		started = started || n == len(own)
	case !wraps && inside:
		path = innerGroup
	}
	if !started && len(own) > 2 {
		return nil
	}
	if n := countArrays(root, join(path, "vars")); n != len(own) {
		return fmt.Errorf("optimizer %q: %w: it has %d variables, the file has %d", parts[0].Name, errOtherState, len(own), n)
	}
	return p.matchVars(root, path, fmt.Sprintf("optimizer %q", parts[0].Name), "", own)
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

// keras2State lists the arrays of an optimizer of Keras 2, or of the one inside that scales losses, which has no variable for the learning rate; it is nil
// for a later one.
func keras2State(root *kerasfile.Group) []kerasfile.Array {
	vars := join(optimizerGroup, "vars")
	if root.Group(innerGroup) != nil {
		vars = join(innerGroup, "vars")
	}
	if second, ok := root.Array(join(vars, "1")); ok && len(second.Shape()) == 0 {
		return nil
	}
	var arrays []kerasfile.Array
	for i := range countArrays(root, vars) {
		a, _ := root.Array(join(vars, strconv.Itoa(i)))
		arrays = append(arrays, a)
	}
	return arrays
}
