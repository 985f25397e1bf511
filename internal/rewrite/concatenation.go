package rewrite

import (
	"slices"

	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// beside lets a convolution read the two operands of a concatenation of channels that it alone uses: it copies its input anyway, with zeros around it.
func (r *rewriter) beside(s *stablehlo.Statement) bool {
	if r.target(s) != kernels.Forward || r.operation(s.Inputs[0]) != "concatenate" || r.onlyUser(s.Inputs[0]) != s {
		return false
	}
	joined := r.def[s.Inputs[0]]
	const channels = 3
	if len(joined.Inputs) != 2 || joined.Attributes["dimension"] != int64(channels) || min(joined.Inputs[0].Shape().Size(), joined.Inputs[1].Shape().Size()) == 0 {
		return false
	}
	inputs := append(slices.Clone(s.Inputs), joined.Inputs[1])
	inputs[0] = joined.Inputs[0]
	r.change(s, func() { s.Inputs = inputs })
	r.calls[s].Options |= kernels.Beside
	return true
}
