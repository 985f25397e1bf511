package serial

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/ndarray"
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
	parts, trained, err := c.OptimizerState()
	if err != nil || len(parts) == 0 {
		return err
	}
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
	if p.layout.era == keras1 || p.layout.backend == "theano" { // what they keep lies as their weights do, and isn't converted
		p.notices = append(p.notices, restarted)
		return nil
	}
	if rate || p.layout.era == keras3 {
		variables := slices.Clone(parts[0].Variables)
		if !rate { // a schedule sets it
			variables = slices.DeleteFunc(variables, func(w *symbolic.Weight) bool { return isRate(w.Name()) })
		}
		if !p.takeState(arrays, variables) {
			p.notices = append(p.notices, restarted)
		}
		return nil
	}
	// Around another optimizer, one that scales losses keeps no more than that one, or its scale besides.
	inner := asRead(c, parts[len(parts)-1].Variables, trained)
	names, arrays = withoutScale(names, arrays)
	if !p.takeKeras2State(c, arrays, names, inner, len(trained)) {
		p.notices = append(p.notices, restarted)
	}
	return nil
}

// withoutScale leaves out the scale of losses, and for how long it has been that.
func withoutScale(names []string, arrays []kerasfile.Array) ([]string, []kerasfile.Array) {
	var keptNames []string
	var kept []kerasfile.Array
	for i, name := range names {
		last, _, _ := strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
		if !slices.Contains([]string{"loss_scale", "current_loss_scale", "good_steps"}, last) {
			keptNames, kept = append(keptNames, name), append(kept, arrays[i])
		}
	}
	return keptNames, kept
}

// restarted is said where a file has a state that nothing can go on with.
const restarted = "the state of the file's optimizer isn't of the kind that the optimizer has here, which starts anew"

// takeState plans to give the variables the arrays, if they fit one by one.
func (p *restorePlan) takeState(arrays []kerasfile.Array, variables []*symbolic.Weight) bool {
	if len(arrays) != len(variables) {
		return false
	}
	for i, w := range variables {
		if !symbolic.Shape(arrays[i].Shape()).Equal(w.Spec().Shape) {
			return false
		}
	}
	for i, w := range variables {
		p.pairs = append(p.pairs, restorePair{w, arrays[i]})
	}
	return true
}

// matchKeras2Optimizer finds the variables in the state that an archive of Keras 2 has. One that was saved before its first step has no slots, and
// neither have Keras 2's first optimizers there: they start anew, there as here.
func (p *restorePlan) matchKeras2Optimizer(c Compiled, name string, arrays []kerasfile.Array, variables, trained []*symbolic.Weight) error {
	if len(arrays) <= 1 {
		return nil
	}
	if !p.takeKeras2State(c, arrays, nil, variables, len(trained)) {
		return fmt.Errorf("optimizer %q: %w: %d arrays don't fit its variables", name, errOtherState, len(arrays))
	}
	return nil
}

// takeKeras2State plans to give the variables the arrays of Keras 2's optimizers: without the learning rate, and, of its first optimizers, whose
// files have names, slot by slot.
func (p *restorePlan) takeKeras2State(c Compiled, arrays []kerasfile.Array, names []string, variables []*symbolic.Weight, trained int) bool {
	variables = slices.DeleteFunc(slices.Clone(variables), func(w *symbolic.Weight) bool { return isRate(w.Name()) })
	var product *symbolic.Weight // of Nadam's momenta
	if at := slices.IndexFunc(variables, func(w *symbolic.Weight) bool { return w.Name() == "variable" && len(w.Spec().Shape) == 0 }); at >= 0 {
		product = variables[at]
		variables = slices.Delete(variables, at, at+1)
	}
	if len(names) > 0 && !strings.HasPrefix(names[0], "iteration:") {
		if at := slices.IndexFunc(names, isMomentumCache); at >= 0 && product != nil {
			p.pairs = append(p.pairs, restorePair{product, arrays[at]})
			product = nil
			names, arrays = slices.Delete(slices.Clone(names), at, at+1), slices.Delete(slices.Clone(arrays), at, at+1)
			p.notices = append(p.notices, "Nadam's momentum grows more slowly in Keras 2's first Nadam than since: training goes on from the file's state, but not with the very same steps")
		}
		if !interleaved(names) {
			variables = slotBySlot(variables, trained)
		}
		if extra := len(arrays) - len(variables); extra == trained && onlyPlaceholders(arrays[len(variables):]) {
			arrays = arrays[:len(variables)] // what Keras 2.1 to 2.3 keep for amsgrad, used or not
		}
		if len(arrays) == len(variables)-1 && len(variables) > 0 && len(variables[0].Spec().Shape) == 0 && len(arrays) > 0 && len(arrays[0].Shape()) > 0 {
			variables = variables[1:] // no step counter: Keras 1's RMSprop and others
		}
	}
	if len(variables) == 1 && len(arrays) == 1+trained { // the momenta that Keras 2's SGD keeps without using them
		arrays = arrays[:1]
	}
	if !p.takeState(arrays, variables) {
		return false
	}
	if product != nil { // Keras 2 doesn't keep it
		a, err := momenta(c, arrays[0])
		if err != nil {
			return false
		}
		p.pairs = append(p.pairs, restorePair{product, a})
	}
	return true
}

// momenta is the product of Nadam's momenta over the steps that were made.
func momenta(c Compiled, steps kerasfile.Array) (kerasfile.Array, error) {
	used, err := c.OptimizerConfig()
	if err != nil {
		return steps, err
	}
	cfg, _ := used["config"].(map[string]any)
	beta, _ := config.AsFloat(cfg["beta_1"])
	t, err := steps.Tensor()
	if err == nil {
		t, err = ndarray.Convert(t, dtypes.Int64)
	}
	if err != nil {
		return steps, err
	}
	count, product := tensors.ToScalar[int64](t), 1.0
	for n := int64(1); n <= count && product > 1e-46; n++ {
		product *= beta * (1 - 0.5*math.Pow(0.96, float64(n)))
	}
	return kerasfile.NewArray("float32", []int{}, binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(product))))
}

func isMomentumCache(name string) bool {
	name, _, _ = strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
	return name == "momentum_cache" || name == "m_schedule"
}

// onlyPlaceholders reports whether the arrays are those of a slot that isn't used.
func onlyPlaceholders(arrays []kerasfile.Array) bool {
	for _, a := range arrays {
		if !slices.Equal(a.Shape(), []int{1}) {
			return false
		}
	}
	return true
}

// interleaved tells from the names of slots, "Ftrl/dense/kernel/linear:0", whether those of one weight stand together.
func interleaved(names []string) bool {
	owner := func(i int) string { return names[i][:max(0, strings.LastIndexByte(names[i], '/'))] }
	return len(names) > 3 && strings.Count(names[1], "/") > 1 && owner(1) == owner(2) && strings.Contains(names[1][strings.LastIndexByte(names[1], '/'):], "accum")
}

// isRate tells the variable of the learning rate: "learning_rate", "adam/learning_rate", "current_learning_rate:0".
func isRate(name string) bool {
	name, _, _ = strings.Cut(name, ":")
	return strings.HasSuffix(name, "learning_rate")
}

// asRead puts the optimizer's variables of one weight in the place of those of another where the file has the weights in another order.
func asRead(c Compiled, variables, trained []*symbolic.Weight) []*symbolic.Weight {
	l, ok := c.(symbolic.Layer)
	if !ok {
		return variables
	}
	order := legacyLayout{era: keras2}.ordered(l)
	order = slices.DeleteFunc(order, func(w *symbolic.Weight) bool { return !slices.Contains(trained, w) })
	if slices.Equal(order, trained) || len(order) != len(trained) {
		return variables
	}
	// A slot is named after its weight: dense_kernel_momentum.
	type slot struct{ owner, kind string }
	slots, slotAt := map[slot]*symbolic.Weight{}, make([]slot, len(variables))
	prefix := func(w *symbolic.Weight) string { return strings.ReplaceAll(w.Path(), "/", "_") + "_" }
	for i, v := range variables {
		for _, w := range trained {
			if owner := prefix(w); strings.HasPrefix(v.Name(), owner) && len(owner) > len(slotAt[i].owner) {
				slotAt[i] = slot{owner, v.Name()[len(owner):]}
			}
		}
		if slotAt[i].owner != "" {
			slots[slotAt[i]] = v
		}
	}
	out := slices.Clone(variables)
	for i, s := range slotAt {
		at := slices.IndexFunc(trained, func(w *symbolic.Weight) bool { return prefix(w) == s.owner })
		if at < 0 {
			continue
		}
		if v := slots[slot{prefix(order[at]), s.kind}]; v != nil {
			out[i] = v
		}
	}
	return out
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
