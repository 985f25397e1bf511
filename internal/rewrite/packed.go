package rewrite

import (
	"errors"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// Packed begins the names of parameters in which the values of several variables stand one after the other. Of a step of Adam three belong together: those of the weights,
// of their momenta and their velocities, in one order. Each is given back likewise.
const Packed = "gokeras_packed"

// ErrApart says that a program with such parameters would be slower than one without.
var ErrApart = errors.New("variables that don't stand together were packed")

// slice is one of a packed parameter's variables.
type slice struct {
	whole *stablehlo.Value
	start int
	s     *stablehlo.Statement
}

// sliceOf finds the packed parameter that v is a part of.
func (r *rewriter) sliceOf(v *stablehlo.Value) (slice, bool) {
	if in := r.inputs(v, "reshape"); in != nil {
		v = in[0]
	}
	in := r.inputs(v, "slice")
	if in == nil || !isPacked(in[0]) {
		return slice{}, false
	}
	start := numbers(r.def[v], "start_indices", 1)
	if start == nil {
		return slice{}, false
	}
	return slice{in[0], start[0], r.def[v]}, true
}

func isPacked(v *stablehlo.Value) bool { return strings.HasPrefix(v.String(), "%"+Packed) }

// packed makes the steps of packed variables one call, and has another one take the weights apart.
func (r *rewriter) packed() {
	if !slices.ContainsFunc(r.main.Inputs, isPacked) {
		return
	}
	steps := map[*stablehlo.Statement]*[3]*stablehlo.Value{} // by the first step: the new weights, momenta and velocities, each as one
	for _, v := range r.main.Statements[len(r.main.Statements)-1].Inputs {
		parts := r.inputs(v, "concatenate")
		if parts == nil {
			continue
		}
		if first, at := r.stepOf(parts[0]); first != nil {
			if steps[first] == nil {
				steps[first] = new([3]*stablehlo.Value)
			}
			steps[first][at] = v
		}
	}
	for _, results := range steps {
		if !r.packedStep(*results) {
			return
		}
	}
	if len(steps) == 0 {
		return
	}
	r.sweep()
	for _, v := range r.main.Inputs {
		if isPacked(v) {
			r.unpack(v)
		}
	}
	r.sweep()
}

// stepOf is the call of Adam whose result v is, that nobody else uses, and which of them it is.
func (r *rewriter) stepOf(v *stablehlo.Value) (*stablehlo.Statement, int) {
	for r.operation(v) == "reshape" && r.onlyUser(v) != nil {
		v = r.def[v].Inputs[0]
	}
	s := r.def[v]
	if r.target(s) != kernels.Adam || len(s.Outputs) != 3 || r.onlyUser(v) == nil {
		return nil, 0
	}
	return s, slices.Index(s.Outputs, v)
}

// packedStep makes one call of the steps whose results these are, and reports whether it could.
func (r *rewriter) packedStep(results [3]*stablehlo.Value) bool {
	var group []*stablehlo.Statement
	var wholes [3]*stablehlo.Value
	for k, whole := range results {
		if whole == nil {
			return false
		}
		start := 0
		for i, v := range r.def[whole].Inputs {
			s, at := r.stepOf(v)
			if s == nil || at != k || k > 0 && (i >= len(group) || group[i] != s) {
				return false
			}
			if k == 0 {
				group = append(group, s)
			} else {
				from, ok := r.sliceOf(s.Inputs[k])
				if !ok || from.start != start || wholes[k] != nil && wholes[k] != from.whole {
					return false
				}
				wholes[k] = from.whole
			}
			start += v.Shape().Size()
		}
		if k > 0 && (start != wholes[k].Shape().Size() || len(r.def[whole].Inputs) != len(group)) {
			return false
		}
	}
	last := group[0]
	var operands []*stablehlo.Value
	for _, s := range group {
		if !slices.EqualFunc(group[0].Inputs[4:], s.Inputs[4:], r.equal) {
			return false
		}
		if r.isBefore(last, s) {
			last = s
		}
		operands = append(operands, s.Inputs[0], s.Inputs[3])
	}
	operands = append(append(operands, wholes[1], wholes[2]), last.Inputs[4:]...)
	for _, v := range results {
		for _, part := range r.def[v].Inputs {
			if s := r.def[part]; name(s) == "reshape" {
				r.drop(s)
			}
		}
		r.drop(r.def[v])
	}
	for _, s := range group {
		if s != last {
			r.drop(s)
		}
	}
	r.call(last, kernels.PackedAdam, kernels.Window{}, operands...)
	r.change(last, func() { last.Outputs = results[:] })
	return true
}

// unpack has one call take a packed parameter apart.
func (r *rewriter) unpack(whole *stablehlo.Value) {
	users := slices.Clone(r.uses[whole])
	if len(users) == 0 || !slices.ContainsFunc(users, func(s *stablehlo.Statement) bool { return name(s) == "slice" }) {
		return
	}
	slices.SortFunc(users, func(a, b *stablehlo.Statement) int { return r.index[a] - r.index[b] })
	first := users[0]
	starts := map[*stablehlo.Statement]int{}
	var parts []*stablehlo.Value
	var drop []*stablehlo.Statement
	for _, s := range users {
		from, ok := r.sliceOf(s.Outputs[0])
		if !ok || from.s != s {
			return
		}
		starts[s] = from.start
	}
	slices.SortFunc(users, func(a, b *stablehlo.Statement) int { return starts[a] - starts[b] })
	end := 0
	for _, s := range users {
		if starts[s] != end {
			return
		}
		v := s.Outputs[0]
		end += v.Shape().Size()
		if user := r.onlyUser(v); user != nil && name(user) == "reshape" {
			v = user.Outputs[0]
			drop = append(drop, user)
		}
		if s != first {
			drop = append(drop, s)
		}
		parts = append(parts, v)
	}
	if end != whole.Shape().Size() {
		return
	}
	for _, s := range drop {
		r.drop(s)
	}
	r.call(first, kernels.Unpack, kernels.Window{}, whole)
	r.change(first, func() { first.Outputs = parts })
}

// apart reports whether a packed parameter is used by something else than those calls.
func (p *program) apart() bool {
	for _, v := range p.main.Inputs {
		if !isPacked(v) {
			continue
		}
		for _, s := range p.uses[v] {
			if target, _ := s.Attributes["call_target_name"].(string); target != kernels.PackedAdam && target != kernels.Unpack {
				return true
			}
		}
	}
	return false
}
