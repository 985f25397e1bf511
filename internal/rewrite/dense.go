package rewrite

import (
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// mostSamples is up to how many samples the kernel takes less time than XLA: reading the weights takes longest then. Where kernels do
// nearly all of a program's work, it also runs in its caller's thread, for XLA takes it for a short one.
const mostSamples = 8

// dense makes the product of a few samples and a matrix a call.
func (r *rewriter) dense(s *stablehlo.Statement) bool {
	if name(s) != "dot_general" || s.Attributes["algorithm"] != nil || strings.Join(strings.Fields(text(s, "dot_dimension_numbers")), " ") !=
		"#stablehlo.dot< lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0] >" {
		return false
	}
	for _, v := range []*stablehlo.Value{s.Inputs[0], s.Inputs[1], s.Outputs[0]} {
		if v.Shape().DType != dtypes.Float32 || v.Shape().Rank() != 2 || v.Shape().Size() == 0 {
			return false
		}
	}
	if s.Inputs[0].Shape().Dimensions[0] > mostSamples {
		return false
	}
	r.call(s, kernels.Dense, kernels.Window{}, s.Inputs...)
	return true
}
