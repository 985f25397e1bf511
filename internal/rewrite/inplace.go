package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// inPlace has steps of Adam write a variable's momentum and velocity where the old ones are, if they are a parameter and a result of the program: memory for new ones would
// be taken and the old given back in each run. XLA copies them first for a run that doesn't donate them. New weights are written elsewhere, but for packed ones, which were
// taken apart by then: of others XLA doesn't know that gradients have been computed from the old ones, and would copy them.
func (r *rewriter) inPlace() {
	results := map[*stablehlo.Value]int{}
	for i, v := range r.main.Statements[len(r.main.Statements)-1].Inputs {
		results[v] = i
	}
	parameters := map[*stablehlo.Value]bool{}
	for _, v := range r.main.Inputs {
		parameters[v] = true
	}
	for s := range r.calls {
		if _, still := r.index[s]; !still {
			continue
		}
		if r.target(s) != kernels.Adam {
			continue
		}
		var aliases []string
		alias := func(operand, output int) {
			old := s.Inputs[operand]
			result, isResult := results[s.Outputs[output]]
			if isResult && parameters[old] {
				setAlias(old, result)
				aliases = append(aliases, fmt.Sprintf("#stablehlo.output_operand_alias<output_tuple_indices = [%d], operand_index = %d, operand_tuple_indices = []>", output, operand))
			}
		}
		for i := range len(s.Outputs) / 3 {
			if w := s.Inputs[4*i]; isPacked(w) && r.isFor(w, s) {
				alias(4*i, 3*i)
			}
			for _, k := range []int{1, 2} {
				if r.onlyUser(s.Inputs[4*i+k]) == s {
					alias(4*i+k, 3*i+k)
				}
			}
		}
		if len(aliases) > 0 {
			s.Attributes["output_operand_aliases"] = raw("[" + strings.Join(aliases, ", ") + "]")
		}
	}
}

// isFor reports whether nothing but s uses a packed parameter, when it was taken apart.
func (r *rewriter) isFor(whole *stablehlo.Value, s *stablehlo.Statement) bool {
	return !slices.ContainsFunc(r.uses[whole], func(user *stablehlo.Statement) bool { return user != s && r.target(user) != kernels.Unpack })
}

// setAlias has a result written where a parameter is.
func setAlias(parameter *stablehlo.Value, result int) {
	if parameter.Attributes == nil {
		parameter.Attributes = map[string]any{}
	}
	parameter.Attributes["tf.aliasing_output"] = int32(result)
}
