package rewrite

import (
	"reflect"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// adam makes a variable's step of Adam one call, which reads and writes everything once; XLA makes three loops of it.
func (r *rewriter) adam(s *stablehlo.Statement) bool {
	// w - m'·rate / (√v' + epsilon)
	if name(s) != "subtract" || s.Outputs[0].Shape().DType != dtypes.Float32 {
		return false
	}
	w := s.Inputs[0]
	step := r.inputs(s.Inputs[1], "divide")
	if step == nil {
		return false
	}
	newMomentum, rate := r.scaled(step[0])
	root, epsilon := r.withScalar(step[1], "add")
	if newMomentum == nil || root == nil {
		return false
	}
	squareRoot := r.inputs(root, "sqrt")
	if squareRoot == nil {
		return false
	}
	newVelocity := squareRoot[0]
	momentum, gradient, share1 := r.approach(newMomentum)
	velocity, square, share2 := r.approach(newVelocity)
	if momentum == nil || velocity == nil {
		return false
	}
	if factors := r.inputs(square, "multiply"); factors == nil || factors[0] != gradient || factors[1] != gradient {
		return false
	}
	// What becomes part of the call is nobody else's, and the new momentum and velocity are known only with it.
	for _, v := range []*stablehlo.Value{s.Inputs[1], step[0], step[1], root} {
		if r.onlyUser(v) == nil {
			return false
		}
	}
	for _, v := range []*stablehlo.Value{newMomentum, newVelocity} {
		for _, user := range r.uses[v] {
			if user != r.def[step[0]] && user != r.def[root] && !r.isBefore(s, user) {
				return false
			}
		}
	}
	operands := []*stablehlo.Value{w, momentum, velocity, gradient, rate, share1, share2, epsilon}
	for _, v := range operands[:4] {
		if v.Shape().DType != dtypes.Float32 || !slices.Equal(v.Shape().Dimensions, w.Shape().Dimensions) {
			return false
		}
	}
	r.drop(r.def[newMomentum])
	r.drop(r.def[newVelocity])
	results := []*stablehlo.Value{s.Outputs[0], newMomentum, newVelocity}
	r.call(s, kernels.Adam, kernels.Window{}, operands...)
	r.change(s, func() { s.Outputs = results })
	return true
}

// Calls of Adam's that become one: a call costs as much as the step of a thousand values. A large variable's stays alone, so that its gradient's memory is soon free for others'.
const (
	mostAdams     = 64 // variables, as handlers.c has it
	largestJoined = 1 << 14
)

// joinAdams makes calls for small variables one.
func (r *rewriter) joinAdams() {
	var groups, full [][]*stablehlo.Statement
	for _, s := range r.statements() {
		if !r.isSmallAdam(s) {
			continue
		}
		at := slices.IndexFunc(groups, func(g []*stablehlo.Statement) bool {
			return slices.EqualFunc(g[0].Inputs[4:], s.Inputs[4:], r.equal)
		})
		if at < 0 {
			groups, at = append(groups, nil), len(groups)
		}
		groups[at] = append(groups[at], s)
		if len(groups[at]) == mostAdams {
			full, groups = append(full, groups[at]), slices.Delete(groups, at, at+1)
		}
	}
	for _, g := range append(full, groups...) {
		r.joinAdam(g)
	}
	r.sweep()
}

// joinAdam has the last of the calls take the steps of all whose results nobody wants before.
func (r *rewriter) joinAdam(group []*stablehlo.Statement) {
	last := group[len(group)-1]
	group = slices.DeleteFunc(group, func(s *stablehlo.Statement) bool {
		return s != last && slices.ContainsFunc(s.Outputs, func(v *stablehlo.Value) bool {
			return slices.ContainsFunc(r.uses[v], func(user *stablehlo.Statement) bool { return !r.isBefore(last, user) })
		})
	})
	if len(group) < 2 {
		return
	}
	var operands, results []*stablehlo.Value
	for _, s := range group {
		operands, results = append(operands, s.Inputs[:4]...), append(results, s.Outputs...)
	}
	operands = append(operands, last.Inputs[4:]...)
	for _, s := range group[:len(group)-1] {
		r.drop(s)
	}
	r.call(last, kernels.Adam, kernels.Window{}, operands...)
	r.change(last, func() { last.Outputs = results })
}

// isSmallAdam reports whether s is a call for one small variable.
func (r *rewriter) isSmallAdam(s *stablehlo.Statement) bool {
	return r.target(s) == kernels.Adam && len(s.Outputs) == 3 && s.Outputs[0].Shape().Size() <= largestJoined
}

// equal reports whether a and b are computed alike.
func (p *program) equal(a, b *stablehlo.Value) bool {
	s, t := p.def[a], p.def[b]
	return a == b || s != nil && t != nil && s.OpType == t.OpType && len(s.Outputs) == 1 && len(t.Outputs) == 1 && len(s.FunctionParameters) == 0 && a.Shape().Equal(b.Shape()) &&
		reflect.DeepEqual(s.Attributes, t.Attributes) && slices.EqualFunc(s.Inputs, t.Inputs, p.equal)
}

// inputs are what v is computed from, if by that operation, else nil.
func (p *program) inputs(v *stablehlo.Value, operation string) []*stablehlo.Value {
	if p.operation(v) != operation {
		return nil
	}
	return p.def[v].Inputs
}

// scalar is the scalar that v repeats, nil if it doesn't.
func (p *program) scalar(v *stablehlo.Value) *stablehlo.Value {
	from := p.inputs(v, "broadcast_in_dim")
	if v.Shape().Rank() == 0 {
		return v
	}
	if from == nil || from[0].Shape().Size() != 1 {
		return nil
	}
	return from[0]
}

// withScalar takes apart v = x operation scalar.
func (p *program) withScalar(v *stablehlo.Value, operation string) (x, scalar *stablehlo.Value) {
	in := p.inputs(v, operation)
	if in == nil {
		return nil, nil
	}
	if s := p.scalar(in[1]); s != nil {
		return in[0], s
	}
	return nil, nil
}

// scaled takes apart v = x · factor.
func (p *program) scaled(v *stablehlo.Value) (x, factor *stablehlo.Value) {
	return p.withScalar(v, "multiply")
}

// approach takes apart v = x + (target - x)·share.
func (p *program) approach(v *stablehlo.Value) (x, target, share *stablehlo.Value) {
	sum := p.inputs(v, "add")
	if sum == nil {
		return nil, nil, nil
	}
	difference, share := p.scaled(sum[1])
	if difference == nil {
		return nil, nil, nil
	}
	in := p.inputs(difference, "subtract")
	if in == nil || in[1] != sum[0] {
		return nil, nil, nil
	}
	return sum[0], in[0], share
}
