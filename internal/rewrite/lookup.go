package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// leastLooked is how many values of a table are worth a call.
const leastLooked = 1 << 10

// lookup makes it a call where rows of a table are taken by their numbers, with what stands for numbers that it hasn't, and with the sum over the sequence, or where gradients
// are added up at such rows. XLA goes from value to value, on one core.
func (r *rewriter) lookup(s *stablehlo.Statement) bool {
	switch name(s) {
	case "gather":
		return r.lookedUp(s)
	case "scatter":
		return r.lookedUpGradient(s)
	}
	return false
}

// indices are numbers of rows as a call takes them.
type indices struct {
	value   *stablehlo.Value
	options kernels.Options
	inside  *stablehlo.Value // which of them are rows of the table, nil where that isn't asked
}

// rowNumbers reads the last axis, of one number, off what a gather or a scatter takes; nil where it isn't one of a table's rows. The lists are the attribute's axes.
func (r *rewriter) rowNumbers(table, at, rows *stablehlo.Value, attribute string, window, collapsed, mapped string) *indices {
	rank := at.Shape().Rank()
	if table.Shape().Rank() != 2 || table.Shape().DType != dtypes.Float32 || at.Shape().DType != dtypes.Int32 || rank < 1 || at.Shape().Dim(rank-1) != 1 ||
		rows.Shape().Rank() != rank || rows.Shape().Size() < leastLooked || rows.Shape().Dim(rank-1) != table.Shape().Dim(1) {
		return nil
	}
	axes := axesIn(attribute)
	if !slices.Equal(axes[window], []int{rank - 1}) || !slices.Equal(axes[collapsed], []int{0}) || !slices.Equal(axes[mapped], []int{0}) ||
		!strings.Contains(attribute, fmt.Sprintf("index_vector_dim = %d>", rank-1)) {
		return nil
	}
	for list, of := range axes {
		if strings.HasSuffix(list, "batching_dims") && len(of) > 0 {
			return nil
		}
	}
	i := &indices{value: r.reshaped(at)}
	if choice := r.inputs(i.value, "select"); choice != nil && r.isZero(choice[2]) {
		inside := r.inputs(choice[0], "and")
		if inside != nil && r.isBound(inside[0], choice[1], "GE", 0) && r.isBound(inside[1], choice[1], "LT", table.Shape().Dim(0)) {
			i.inside = choice[0]
		}
	}
	return i
}

// reshaped is what v is another shape of.
func (r *rewriter) reshaped(v *stablehlo.Value) *stablehlo.Value {
	if from := r.inputs(v, "reshape"); from != nil {
		return from[0]
	}
	return v
}

// isBound reports whether v compares whole numbers with that one.
func (r *rewriter) isBound(v, numbers *stablehlo.Value, direction string, bound int) bool {
	compared := r.inputs(v, "compare")
	return compared != nil && compared[0] == numbers && strings.Contains(text(r.def[v], "comparison_direction"), direction) && r.isConstant(compared[1], float64(bound))
}

// among takes the numbers that say by themselves whether they are inside a table of so many words.
func (r *rewriter) among(i *indices, words int) {
	chosen := r.inputs(i.value, "select")
	i.value, i.options = chosen[1], kernels.Checked
	if wraps := r.inputs(i.value, "select"); wraps != nil && r.isBound(wraps[0], wraps[2], "LT", 0) {
		if sum := r.inputs(wraps[1], "add"); sum != nil && sum[0] == wraps[2] && r.isConstant(sum[1], float64(words)) {
			i.value, i.options = wraps[2], i.options|kernels.Wrapped
		}
	}
}

// saysInside reports whether v says of each value of rows whether its row is inside.
func (r *rewriter) saysInside(v, inside *stablehlo.Value) bool {
	spread := r.inputs(v, "broadcast_in_dim")
	if spread == nil || inside == nil || r.reshaped(spread[0]) != inside {
		return false
	}
	rank := v.Shape().Rank()
	along := numbers(r.def[v], "broadcast_dimensions", spread[0].Shape().Rank())
	for at, axis := range along {
		if at != axis {
			return false
		}
	}
	return along != nil && inside.Shape().Rank() == rank-1 && slices.Equal(inside.Shape().Dimensions, v.Shape().Dimensions[:rank-1])
}

func (r *rewriter) lookedUp(s *stablehlo.Statement) bool {
	table := s.Inputs[0]
	i := r.rowNumbers(table, s.Inputs[1], s.Outputs[0], text(s, "dimension_numbers"), "offset_dims", "collapsed_slice_dims", "start_index_map")
	if i == nil || !slices.Equal(numbers(s, "slice_sizes", 2), []int{1, table.Shape().Dim(1)}) {
		return false
	}
	user := r.onlyOfMain(s.Outputs[0])
	if user != nil && name(user) == "select" && user.Inputs[1] == s.Outputs[0] && r.saysInside(user.Inputs[0], i.inside) && r.isNaN(user.Inputs[2]) {
		r.among(i, table.Shape().Dim(0))
		r.replace(user.Outputs[0], s.Outputs[0])
		r.drop(user)
		user = r.onlyOfMain(s.Outputs[0])
	}
	w := kernels.Window{Out: [2]int{1}, Options: i.options}
	if shape := s.Outputs[0].Shape(); i.options&kernels.Checked != 0 && user != nil && r.isSum(user) && shape.Rank() > 2 && slices.Equal(numbers(user, "dimensions", 1), []int{shape.Rank() - 2}) {
		w.Out[0] = shape.Dim(shape.Rank() - 2)
		r.drop(s)
		s = user
	}
	r.call(s, kernels.Lookup, w, table, i.value)
	return true
}

// isNaN reports whether v is NaN everywhere.
func (r *rewriter) isNaN(v *stablehlo.Value) bool {
	for r.operation(v) == "broadcast_in_dim" {
		v = r.def[v].Inputs[0]
	}
	return r.operation(v) == "constant" && v.Shape().DType == dtypes.Float32 && strings.HasPrefix(text(r.def[v], "value"), "dense<0x7fc00000>")
}

func (r *rewriter) lookedUpGradient(s *stablehlo.Statement) bool {
	if len(s.Inputs) != 3 || !r.isZero(s.Inputs[0]) || len(s.FunctionParameters) != 1 || !isOne(s.FunctionParameters[0], "add") {
		return false
	}
	updates := s.Inputs[2]
	i := r.rowNumbers(s.Inputs[0], s.Inputs[1], updates, text(s, "scatter_dimension_numbers"), "update_window_dims", "inserted_window_dims", "scatter_dims_to_operand_dims")
	if i == nil {
		return false
	}
	if choice := r.inputs(updates, "select"); choice != nil && r.saysInside(choice[0], i.inside) && r.isZero(choice[2]) {
		r.among(i, s.Inputs[0].Shape().Dim(0))
		updates = choice[1]
	}
	w := kernels.Window{Out: [2]int{1}, Options: i.options | kernels.Checked} // what is outside goes nowhere, as it does in XLA's
	if from, group := r.repeated(updates); from != nil {
		updates, w.Out[0] = from, group
	}
	r.call(s, kernels.LookupGradient, w, updates, i.value)
	return true
}

// repeated finds what the rows of v repeat, (…, columns), each so many times, nil if they don't.
func (r *rewriter) repeated(v *stablehlo.Value) (from *stablehlo.Value, times int) {
	source := r.inputs(v, "broadcast_in_dim")
	if source == nil {
		return nil, 0
	}
	from, times = source[0], 1
	shape := v.Shape()
	along := numbers(r.def[v], "broadcast_dimensions", from.Shape().Rank())
	varies := make([]bool, shape.Rank())
	for at, axis := range along {
		varies[axis] = from.Shape().Dim(at) == shape.Dim(axis)
	}
	last := shape.Rank() - 1
	for axis := last - 1; axis >= 0 && !varies[axis]; axis-- {
		times *= shape.Dim(axis)
	}
	if times == 1 || !varies[last] || !slices.IsSorted(along) || from.Shape().Size()*times != shape.Size() {
		return nil, 0
	}
	return from, times
}
