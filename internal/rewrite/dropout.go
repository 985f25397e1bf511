package rewrite

import (
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"

	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// dropout lets a product do what a Dropout does with it, select(kept, y·factor, 0). Behind a ReLU, the result tells its gradient what was kept, too.
func (r *rewriter) dropout(s *stablehlo.Statement) bool {
	if r.target(s) != kernels.Dot || r.calls[s].Options&(kernels.Added|kernels.Mask|kernels.Dropout) != 0 {
		return false
	}
	y := r.seen(s)
	var scaled *stablehlo.Statement
	var asks []*stablehlo.Statement // whether y is ≤ 0
	for _, user := range r.uses[y] {
		switch {
		case r.calls[s].Options&kernels.ReLU != 0 && r.isNotPositive(user, y):
			asks = append(asks, user)
		case scaled == nil && name(user) == "multiply" && user.Inputs[0] == y:
			scaled = user
		default:
			return false
		}
	}
	if scaled == nil {
		return false
	}
	factor, ok := r.number(scaled.Inputs[1])
	chosen := r.onlyUser(scaled.Outputs[0])
	if !ok || factor < 1 || chosen == nil || name(chosen) != "select" || chosen.Inputs[1] != scaled.Outputs[0] || !r.isZero(chosen.Inputs[2]) {
		return false
	}
	if _, ok := r.index[chosen]; !ok { // it is in a function inside
		return false
	}
	kept := chosen.Inputs[0]
	chance, ok := r.chance(kept)
	if !ok || chance.size != y.Shape().Size() || chance.bound >= math.MaxUint32 {
		return false
	}
	// The gradient of both, select(y ≤ 0, 0, select(kept, dy, 0)·factor), is select(result ≤ 0, 0, dy·factor).
	var gradients []*stablehlo.Statement
	for _, ask := range asks {
		for _, user := range r.uses[ask.Outputs[0]] {
			if !r.isBefore(chosen, user) || name(user) != "select" || user.Inputs[0] != ask.Outputs[0] || !r.isZero(user.Inputs[1]) {
				return false
			}
			times := r.def[user.Inputs[2]]
			if times == nil || name(times) != "multiply" || r.onlyUser(times.Outputs[0]) != user {
				return false
			}
			by, ok := r.number(times.Inputs[1])
			passed := r.def[times.Inputs[0]]
			if !ok || by != factor || passed == nil || name(passed) != "select" || passed.Inputs[0] != kept || !r.isZero(passed.Inputs[2]) || r.onlyUser(passed.Outputs[0]) != times {
				return false
			}
			gradients = append(gradients, passed)
		}
	}
	by, err := r.insert(chosen, func() (*stablehlo.Value, error) { return r.main.ConstantFromScalar(float32(factor)) })
	if err != nil {
		return false
	}
	for _, passed := range gradients {
		r.replace(passed.Outputs[0], passed.Inputs[1])
	}
	w := r.calls[s]
	w.Options |= kernels.Dropout
	w.Before[0] = int(chance.bound)
	// The keys are made behind the product: it waits for them, and so does what comes between.
	r.change(s, func() { s.Inputs = append(slices.Clone(s.Inputs), chance.keys[0], chance.keys[1], by) })
	for at := s; ; at = r.uses[at.Outputs[0]][0] {
		r.move(at, chosen)
		if at.Outputs[0] == y {
			break
		}
	}
	for _, ask := range asks {
		r.move(ask, chosen)
	}
	r.replace(chosen.Outputs[0], y)
	return true
}

// chance is what lowering.Bernoulli makes booleans of.
type chance struct {
	keys  [2]*stablehlo.Value
	bound float64
	size  int
}

// chance reads booleans that lowering.Bernoulli has made.
func (r *rewriter) chance(v *stablehlo.Value) (c chance, ok bool) {
	for r.operation(v) == "reshape" {
		v = r.def[v].Inputs[0]
	}
	below := r.def[v]
	if r.operation(v) != "compare" || !strings.Contains(text(below, "comparison_direction"), "LT") || below.Inputs[0].Shape().DType != dtypes.Uint32 {
		return c, false
	}
	if c.bound, ok = r.number(below.Inputs[1]); !ok {
		return c, false
	}
	x := below.Inputs[0]
	for round := len(lowering.BernoulliFactors) - 1; ; round-- {
		times := r.def[x]
		if r.operation(x) != "multiply" || !r.isConstant(times.Inputs[1], float64(lowering.BernoulliFactors[round])) {
			return c, false
		}
		x = times.Inputs[0]
		if round == 0 {
			break
		}
		// x ^ x >> shift, where x = … + key
		mixed := r.def[x]
		if r.operation(x) != "xor" {
			return c, false
		}
		x = mixed.Inputs[0]
		shifted, sum := r.def[mixed.Inputs[1]], r.def[x]
		if r.operation(mixed.Inputs[1]) != "shift_right_logical" || shifted.Inputs[0] != x || !r.isConstant(shifted.Inputs[1], float64(lowering.BernoulliShifts[round-1])) || r.operation(x) != "add" {
			return c, false
		}
		x = sum.Inputs[0]
		key := sum.Inputs[1]
		if r.operation(key) == "broadcast_in_dim" {
			key = r.def[key].Inputs[0]
		}
		if key.Shape().Rank() != 0 {
			return c, false
		}
		c.keys[round-1] = key
	}
	c.size = x.Shape().Size()
	return c, r.operation(x) == "iota" && x.Shape().Rank() == 1
}

// timed finds v·factor, if that is all that a product's result v is used for.
func (r *rewriter) timed(v *stablehlo.Value) (user *stablehlo.Statement, factor float64) {
	user = r.onlyUser(v)
	if user == nil || name(user) != "multiply" || user.Inputs[0] != v {
		return nil, 0
	}
	factor, ok := r.number(user.Inputs[1])
	if !ok {
		return nil, 0
	}
	return user, factor
}

// everywhere makes a vector of so many equal numbers, known before s.
func (r *rewriter) everywhere(s *stablehlo.Statement, number float64, count int) (*stablehlo.Value, error) {
	return r.insert(s, func() (*stablehlo.Value, error) {
		one, err := r.main.ConstantFromScalar(float32(number))
		if err != nil {
			return nil, err
		}
		return stablehlo.BroadcastInDim(one, shapes.Make(dtypes.Float32, count), nil)
	})
}
