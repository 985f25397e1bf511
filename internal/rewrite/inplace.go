package rewrite

import (
	"fmt"
	"strings"

	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// inPlace has steps of Adam write a variable's momentum and velocity where the old ones are, if they are a parameter and a result of the program: memory for new ones would
// be taken and the old given back in each run. XLA copies them first for a run that doesn't donate them. New weights are written elsewhere, but for packed ones, which nobody reads any more:
// XLA doesn't know that gradients have been computed from the old ones by then, and would copy them.
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
		var aliases []string
		alias := func(operand, output int) {
			old := s.Inputs[operand]
			result, isResult := results[s.Outputs[output]]
			if isResult && r.onlyUser(old) == s && parameters[old] {
				setAlias(old, result)
				aliases = append(aliases, fmt.Sprintf("#stablehlo.output_operand_alias<output_tuple_indices = [%d], operand_index = %d, operand_tuple_indices = []>", output, operand))
			}
		}
		switch r.target(s) {
		case kernels.Adam:
			for i := range len(s.Outputs) / 3 {
				alias(4*i+1, 3*i+1)
				alias(4*i+2, 3*i+2)
			}
		case kernels.PackedAdam:
			first := len(s.Inputs) - 6
			alias(first, 1)
			alias(first+1, 2)
			if from := r.unpacked(s.Inputs[0]); from != nil {
				if result, isResult := results[s.Outputs[0]]; isResult {
					setAlias(from, result)
				}
			}
		}
		if len(aliases) > 0 {
			s.Attributes["output_operand_aliases"] = raw("[" + strings.Join(aliases, ", ") + "]")
		}
	}
}

// setAlias has a result written where a parameter is.
func setAlias(parameter *stablehlo.Value, result int) {
	if parameter.Attributes == nil {
		parameter.Attributes = map[string]any{}
	}
	parameter.Attributes["tf.aliasing_output"] = int32(result)
}

// unpacked is the parameter that v was taken from, nil if it wasn't, or isn't used by that alone.
func (r *rewriter) unpacked(v *stablehlo.Value) *stablehlo.Value {
	s := r.def[v]
	if r.target(s) != kernels.Unpack || r.onlyUser(s.Inputs[0]) != s {
		return nil
	}
	return s.Inputs[0]
}
