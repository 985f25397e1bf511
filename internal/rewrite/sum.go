package rewrite

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// From so many values and columns on a sum is worth a call. In deep stacks of BatchNormalization it is sooner: a call is where XLA's fusion ends, which
// otherwise computes each layer anew for those above it, in programs that double with every few of them.
const (
	leastValues     = 1 << 15
	leastColumns    = 8
	leastDeepValues = 1 << 8
	deep            = 4 // variances
)

// leastSum is the number of values from which a sum of this program becomes a call.
func (r *rewriter) leastSum() int {
	variances := 0
	for _, s := range r.main.Statements {
		if r.isSum(s) {
			if x, _ := r.squares(s.Inputs[0]); x != nil {
				variances++
			}
		}
	}
	if variances >= deep {
		return leastDeepValues
	}
	return leastValues
}

// isSumOfColumns reports whether s is a sum over all axes but the last; those of one value may be left.
func (r *rewriter) isSumOfColumns(s *stablehlo.Statement) bool {
	if !r.isSum(s) {
		return false
	}
	shape := s.Inputs[0].Shape()
	last := shape.Rank() - 1
	if shape.DType != dtypes.Float32 || last < 1 || shape.Dimensions[last] < leastColumns {
		return false
	}
	axes := numbers(s, "dimensions", shape.Rank()-s.Outputs[0].Shape().Rank())
	for axis, n := range shape.Dimensions {
		if summed := slices.Contains(axes, axis); summed == (axis == last) && n > 1 {
			return false
		}
	}
	return len(axes) > 0
}

// sum makes a sum of columns a call, with the product or the square of a difference that is added up; XLA's own goes from column to column.
func (r *rewriter) sum(s *stablehlo.Statement) bool {
	if !r.isSumOfColumns(s) || s.Inputs[0].Shape().Size() < r.least {
		return false
	}
	x := s.Inputs[0]
	factors := r.inputs(x, "multiply")
	y, centre := r.squares(x)
	switch {
	case y != nil:
		r.call(s, kernels.Sum, kernels.Window{Options: kernels.Centre}, y, centre)
	case factors == nil, r.operation(factors[0]) == "broadcast_in_dim", r.operation(factors[1]) == "broadcast_in_dim":
		r.call(s, kernels.Sum, kernels.Window{Options: kernels.Plain}, x)
	default:
		r.call(s, kernels.Sum, kernels.Window{Options: kernels.Factor}, factors...)
	}
	return true
}

// squares finds x and the values c, one a column, where v is (x - c)².
func (r *rewriter) squares(v *stablehlo.Value) (x, c *stablehlo.Value) {
	factors := r.inputs(v, "multiply")
	if factors == nil || factors[0] != factors[1] {
		return nil, nil
	}
	difference := r.inputs(factors[0], "subtract")
	if difference == nil || r.operation(difference[1]) != "broadcast_in_dim" {
		return nil, nil
	}
	spread := r.def[difference[1]]
	c = spread.Inputs[0]
	last := v.Shape().Rank() - 1
	along := numbers(spread, "broadcast_dimensions", c.Shape().Rank())
	if len(along) == 0 || along[len(along)-1] != last || c.Shape().Dimensions[len(along)-1] != v.Shape().Dimensions[last] || c.Shape().Size() != v.Shape().Dimensions[last] {
		return nil, nil
	}
	return difference[0], c
}

// sums lets two sums over one array, of itself and of its products with another, be one call, which reads it once.
func (r *rewriter) sums(s *stablehlo.Statement) bool {
	if r.target(s) != kernels.Sum || r.calls[s].Options != kernels.Plain {
		return false
	}
	x := s.Inputs[0]
	for _, user := range r.uses[x] {
		if r.target(user) != kernels.Sum || r.calls[user].Options != kernels.Factor {
			continue
		}
		factor := user.Inputs[0]
		if factor == x {
			factor = user.Inputs[1]
		}
		// The earlier of the two becomes the call that does both.
		first, second := s, user
		if r.index[user] < r.index[s] {
			first, second = user, s
		}
		if !r.before(factor, first) {
			continue
		}
		outputs := []*stablehlo.Value{s.Outputs[0], user.Outputs[0]}
		r.drop(second)
		r.call(first, kernels.Sum, kernels.Window{Options: kernels.Factor | kernels.Plain}, x, factor)
		r.change(first, func() { first.Outputs = outputs })
		return true
	}
	return false
}

// isSum reports whether s is a sum of one array along some of its axes.
func (r *rewriter) isSum(s *stablehlo.Statement) bool {
	return name(s) == "reduce" && len(s.Inputs) == 2 && r.isZero(s.Inputs[1]) && len(s.FunctionParameters) == 1 && isOne(s.FunctionParameters[0], "add")
}
