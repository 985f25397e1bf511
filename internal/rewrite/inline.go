package rewrite

import (
	"github.com/gomlx/go-xla/stablehlo"
)

// XLA runs a program in the thread of its caller, instead of waking one of its own and the caller again, if it counts fewer than fewOperations outside of
// kernels. So where kernels can do nearly all of a small program's work, they do. Of others, up to mostOperations, whose work takes longer than waking threads
// does, XLA's loops are as good.
const (
	fewOperations  = 1000 // as XLA's CPU client has it
	spare          = 100  // what its compiler may add
	mostOperations = 1 << 22
	leastInGroup   = 16 // values
	mostCalls      = 64 // which take longer than waking a thread
)

// inCallersThread leaves XLA few operations, if that can be.
func (r *rewriter) inCallersThread() {
	all := 0
	for _, s := range r.statements() {
		n, known := r.counted(s)
		if !known {
			return
		}
		all += n
	}
	if all <= fewOperations-spare || all > mostOperations {
		return
	}
	groups, of := r.groups()
	for _, g := range groups {
		if _, ok := r.elementwiseProgram(g); !ok {
			for _, s := range g.members {
				delete(of, s)
			}
		}
	}
	left, calls := 0, len(groups)
	for _, s := range r.statements() {
		switch n, _ := r.counted(s); {
		case of[s] != nil:
		case r.isSumOfColumns(s):
			calls++
		default:
			left += n
		}
	}
	if left > fewOperations-spare || calls > mostCalls {
		return
	}
	r.least = leastInGroup
	for _, s := range r.statements() {
		if r.isSumOfColumns(s) && r.sum(s) {
			r.sweep()
		}
	}
	groups, _ = r.groups()
	for _, g := range groups {
		if p, ok := r.elementwiseProgram(g); ok {
			r.elementwise(p)
			r.sweep()
		}
	}
}

// counted is what XLA counts for a statement, or more; false where that isn't known here.
func (r *rewriter) counted(s *stablehlo.Statement) (n int, known bool) {
	if len(s.Outputs) == 0 {
		return 0, name(s) == "return"
	}
	size := s.Outputs[0].Shape().Size()
	switch name(s) {
	case "constant", "iota", "broadcast_in_dim", "reshape", "transpose", "reverse", "slice", "concatenate", "pad", "gather", "dynamic_slice", "dynamic_update_slice",
		"exponential", "tanh", "sqrt", "rsqrt", "log", "chlo.erf", "sine", "cosine":
		return 0, true
	case "logistic": // 1 / (1 + e^-x)
		return 3 * size, true
	case "power", "remainder", "floor", "ceil", "sign", "round_nearest_even", "is_finite", "log_plus_one", "exponential_minus_one", "convert", "select", "compare", "clamp":
		return size, true
	case "reduce":
		if len(s.FunctionParameters) != 1 {
			return 0, false
		}
		return s.Inputs[0].Shape().Size() * len(s.FunctionParameters[0].Statements), true
	case "custom_call":
		return 0, r.calls[s] != nil
	case "dot_general":
		n = 2 * size
		for _, axis := range axesIn(text(s, "dot_dimension_numbers"))["lhs_contracting_dimensions"] {
			n *= s.Inputs[0].Shape().Dimensions[axis]
		}
		return n, true
	}
	_, known = operations[name(s)]
	return size, known
}
