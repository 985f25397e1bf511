package rewrite

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"
)

// mostColumns of what is cut into columns to be added up.
const mostColumns = 256

// sumOfAll makes a sum of all values, which XLA adds one after the other, first one of rows, where steps compute the values, else one of columns, also of
// products. Other rules have calls for these.
func (r *rewriter) sumOfAll(s *stablehlo.Statement) bool {
	x := s.Inputs
	if !r.isSum(s) || s.Outputs[0].Shape().Rank() > 0 || x[0].Shape().DType != dtypes.Float32 || x[0].Shape().Size() < leastValues {
		return false
	}
	shape := x[0].Shape()
	last, size := shape.Rank()-1, shape.Size()
	computed := func(v *stablehlo.Value) bool { return r.def[v] != nil && isElementwise(r.def[v]) }
	parts := []*stablehlo.Value{x[0]}
	if factors := r.inputs(x[0], "multiply"); factors != nil && !slices.ContainsFunc(factors, computed) {
		parts = slices.Clone(factors)
	}
	sum := func(v *stablehlo.Value, axes ...int) (*stablehlo.Value, error) {
		return stablehlo.Reduce(v, x[1], s.FunctionParameters[0], axes...)
	}
	var build func() (*stablehlo.Value, error)
	if columns := columnsOf(shape); computed(parts[0]) {
		if shape.Dim(last) < leastOfRow || shape.Dim(last) == size {
			return false
		}
		build = func() (*stablehlo.Value, error) {
			v, err := sum(x[0], last)
			if err != nil {
				return nil, err
			}
			others := make([]int, last)
			for axis := range others {
				others[axis] = axis
			}
			return sum(v, others...)
		}
	} else if columns < leastColumns {
		return false
	} else {
		build = func() (v *stablehlo.Value, err error) {
			for i := range parts {
				if parts[i], err = stablehlo.Reshape(parts[i], shapes.Make(dtypes.Float32, size/columns, columns)); err != nil {
					return nil, err
				}
			}
			if v = parts[0]; len(parts) > 1 {
				if v, err = stablehlo.Multiply(parts[0], parts[1]); err != nil {
					return nil, err
				}
			}
			if v, err = sum(v, 0); err != nil {
				return nil, err
			}
			return sum(v, 0)
		}
	}
	total, err := r.insert(s, build)
	if err != nil {
		return false
	}
	r.replace(s.Outputs[0], total)
	return true
}

// columnsOf are as many as a sum of columns may have of values in that shape: its last axis, if that will do.
func columnsOf(shape shapes.Shape) int {
	if n := shape.Dim(-1); n >= leastColumns && n <= mostColumns {
		return n
	}
	for n := mostColumns; ; n-- {
		if shape.Size()%n == 0 {
			return n
		}
	}
}
