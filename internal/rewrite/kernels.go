package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"

	"github.com/gokeras/gokeras/internal/kernels"
)

// rewriter turns what the kernels compute faster into calls of them. Each of its rules looks at one statement and reports
// whether it changed the program.
type rewriter struct {
	*program
	level kernels.Level
	calls map[*stablehlo.Statement]*kernels.Window
	least int // values of a sum that becomes a call
}

// callKernels rewrites a program, rule by rule: loops and convolutions first, for the others join what stands around them. Should the result use a value
// before it is known, the program is left as it was, and nil returned. With small, little of a small program is left to XLA.
func callKernels(p *program, level kernels.Level, small bool) *rewriter {
	undo := p.save()
	r := &rewriter{program: p, level: level, calls: map[*stablehlo.Statement]*kernels.Window{}}
	r.least = r.leastSum()
	for _, rule := range []func(*stablehlo.Statement) bool{r.marked, r.bothDirections, r.lookup, r.convolution, r.dot, r.bias, r.scale, r.bias, r.added, r.relu, r.dropout, r.beside, r.maxPool, r.mask, r.biasGradient, r.pooledGradient, r.sumOfAll, r.sum, r.sums, r.adam} {
		for _, s := range slices.Clone(p.main.Statements) {
			if _, still := p.index[s]; still && rule(s) {
				p.sweep()
			}
		}
	}
	r.packed()
	r.joinAdams()
	r.rows()
	if small {
		r.inCallersThread()
	}
	p.compact()
	for s, w := range r.calls {
		setWindow(s, w)
	}
	if !p.ordered() {
		undo()
		return nil
	}
	r.inPlace()
	return r
}

// target is the kernel that s calls, "" if it calls none.
func (r *rewriter) target(s *stablehlo.Statement) string {
	if s == nil || r.calls[s] == nil {
		return ""
	}
	return s.Attributes["call_target_name"].(string)
}

// call turns s into a call of a kernel.
func (r *rewriter) call(s *stablehlo.Statement, target string, w kernels.Window, operands ...*stablehlo.Value) {
	w.Level = r.level
	r.calls[s] = &w
	r.change(s, func() {
		s.Inputs = operands
		s.FunctionParameters, s.FunctionParametersNames = nil, nil
	})
	s.OpType = customCall.OpType
	s.Attributes = map[string]any{"call_target_name": target, "api_version": int32(kernels.APIVersion)}
}

// customCall is a call to copy from: its operation's type has no name outside go-xla. Nil if go-xla makes none.
var customCall = func() *stablehlo.Statement {
	f := stablehlo.New("example").Main()
	x, err := f.Input(shapes.Make(dtypes.Float32))
	if err == nil {
		_, err = stablehlo.CustomCallV2("example", "", []*stablehlo.Value{x}, nil, []shapes.Shape{x.Shape()}, nil)
	}
	if err != nil {
		return nil
	}
	return f.Statements[0]
}()

// setWindow writes down what a call's operands and results have turned out to be.
func setWindow(s *stablehlo.Statement, w *kernels.Window) {
	numbers := strings.ReplaceAll(strings.Trim(fmt.Sprint(w.Values()), "[]"), " ", ", ")
	s.Attributes["backend_config"] = raw(fmt.Sprintf("{%s = array<i64: %s>}", kernels.Attribute, numbers))
	s.Attributes["operand_layouts"] = rowMajor(s.Inputs)
	s.Attributes["result_layouts"] = rowMajor(s.Outputs)
}

func rowMajor(values []*stablehlo.Value) raw {
	list := make([]string, len(values))
	for i, v := range values {
		order := make([]string, v.Shape().Rank())
		for axis := range order {
			order[axis] = fmt.Sprint(len(order) - 1 - axis)
		}
		list[i] = fmt.Sprintf("dense<[%s]> : tensor<%dxindex>", strings.Join(order, ", "), len(order))
	}
	return raw("[" + strings.Join(list, ", ") + "]")
}

// isNotPositive reports whether s is v ≤ 0.
func (p *program) isNotPositive(s *stablehlo.Statement, v *stablehlo.Value) bool {
	return p.compares(s, v, "LE", 0)
}

// compares reports whether s compares v with that number.
func (p *program) compares(s *stablehlo.Statement, v *stablehlo.Value, direction string, with float64) bool {
	return s != nil && name(s) == "compare" && s.Inputs[0] == v && v.Shape().DType == dtypes.Float32 && p.isConstant(s.Inputs[1], with) &&
		strings.Contains(text(s, "comparison_direction"), direction) && !strings.Contains(text(s, "compare_type"), "TOTALORDER")
}

// masked finds the value select(m ≤ 0, 0, v), if that is all that v is used for.
func (r *rewriter) masked(v *stablehlo.Value) (m *stablehlo.Value, s *stablehlo.Statement) {
	s = r.onlyUser(v)
	if s == nil || name(s) != "select" || s.Inputs[2] != v || !r.isZero(s.Inputs[1]) {
		return nil, nil
	}
	condition := r.def[s.Inputs[0]]
	if condition == nil || !r.isNotPositive(condition, condition.Inputs[0]) {
		return nil, nil
	}
	return condition.Inputs[0], s
}

// mask lets an input's gradient pass through the ReLU that made the input.
func (r *rewriter) mask(s *stablehlo.Statement) bool {
	if r.target(s) != kernels.InputGradient && (r.target(s) != kernels.Dot || r.calls[s].Options&kernels.ReLU != 0) {
		return false
	}
	v := s.Outputs[0]
	times, factor := r.timed(v) // as of a Dropout behind the ReLU
	if times != nil && r.target(s) == kernels.Dot && r.calls[s].Options == r.calls[s].Options&(kernels.TurnedA|kernels.TurnedB) {
		v = times.Outputs[0]
	}
	m, selected := r.masked(v)
	if m == nil || !r.before(m, s) || !slices.Equal(m.Shape().Dimensions, s.Outputs[0].Shape().Dimensions) {
		return false
	}
	inputs := slices.Clone(s.Inputs)
	if v != s.Outputs[0] {
		factors, err := r.everywhere(s, factor, r.filters(s))
		if err != nil {
			return false
		}
		inputs = append(inputs, factors)
		r.calls[s].Options |= kernels.Factor
	}
	r.change(s, func() { s.Inputs = append(inputs, m) })
	r.calls[s].Options |= kernels.Mask
	r.replace(selected.Outputs[0], s.Outputs[0])
	return true
}

// biasGradient lets a kernel's gradient sum up the bias's.
func (r *rewriter) biasGradient(s *stablehlo.Statement) bool {
	if !r.isSum(s) || !slices.Equal(numbers(s, "dimensions", 3), []int{0, 1, 2}) {
		return false
	}
	dy := s.Inputs[0]
	for _, user := range r.uses[dy] {
		if r.target(user) != kernels.KernelGradient || user.Inputs[1] != dy || len(user.Outputs) > 1 || !r.before(user.Inputs[0], s) {
			continue
		}
		// The earlier of the two becomes the call that does both.
		w := *r.calls[user]
		w.Options |= kernels.Bias
		outputs := []*stablehlo.Value{user.Outputs[0], s.Outputs[0]}
		first, second := user, s
		if r.index[s] < r.index[user] {
			first, second = s, user
		}
		operands := user.Inputs
		r.drop(second)
		r.call(first, kernels.KernelGradient, w, operands...)
		r.change(first, func() { first.Outputs = outputs })
		return true
	}
	return false
}

// isOne reports whether the function is one operation on its two parameters.
func isOne(f *stablehlo.Function, operation string) bool {
	return len(f.Statements) == 2 && name(f.Statements[0]) == operation && len(f.Inputs) == 2 && slices.Equal(f.Statements[0].Inputs, f.Inputs)
}
