package rewrite

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// Up to mostSamples rows, of layers of few samples, reading the weights takes longest, and the kernel less time than XLA whatever their number. Where kernels do
// nearly all of a program's work, it also runs in its caller's thread, for XLA takes it for a short one. Of others, that are no vectors, leastProducts make up for
// the call.
const (
	mostSamples   = 8
	leastProducts = 1 << 15
)

// dot makes a product of matrices a call, whatever axes the matrices are made of, and takes what only turns an operand or the result into it.
func (r *rewriter) dot(s *stablehlo.Statement) bool {
	if name(s) != "dot_general" || s.Attributes["algorithm"] != nil {
		return false
	}
	for _, v := range []*stablehlo.Value{s.Inputs[0], s.Inputs[1], s.Outputs[0]} {
		if v.Shape().DType != dtypes.Float32 || v.Shape().Size() == 0 {
			return false
		}
	}
	axes := axesIn(text(s, "dot_dimension_numbers"))
	if len(axes["lhs_batching_dimensions"]) > 0 || len(axes["lhs_contracting_dimensions"]) == 0 {
		return false
	}
	a, known := r.matrix(s.Inputs[0], axes["lhs_contracting_dimensions"], false)
	b, alsoKnown := r.matrix(s.Inputs[1], axes["rhs_contracting_dimensions"], true)
	if !known || !alsoKnown {
		return false
	}
	if few := a.free <= mostSamples && !a.turned && !b.turned; !few && (min(a.free, b.free) == 1 || a.free*b.free*a.contracted < leastProducts) {
		return false
	}
	outputs := s.Outputs
	for {
		user := r.onlyUser(outputs[0])
		if user == nil || name(user) != "transpose" {
			break
		}
		from, ok := rotation(user)
		switch {
		case !ok:
		case from == 0: // as it is
			outputs = user.Outputs
			r.drop(user)
			continue
		case from == a.axes: // (a · b)ᵀ = bᵀ · aᵀ
			a, b = b.transposed(), a.transposed()
			outputs = user.Outputs
			r.drop(user)
			continue
		}
		break
	}
	r.product(s, a, b)
	r.change(s, func() { s.Outputs = outputs })
	return true
}

// product makes s the call that multiplies two matrices.
func (r *rewriter) product(s *stablehlo.Statement, a, b matrix) {
	w := kernels.Window{Out: [2]int{a.free, b.free}, Strides: [2]int{a.contracted}}
	if a.turned {
		w.Options |= kernels.TurnedA
	}
	if b.turned {
		w.Options |= kernels.TurnedB
	}
	r.call(s, kernels.Dot, w, a.value, b.value)
}

// pointwise makes a convolution by one pixel, or the gradient for its input or its kernel, a product.
func (r *rewriter) pointwise(s *stablehlo.Statement, c convolution) bool {
	if c.strides != one || c.inputDilation != one || c.kernelDilation != one || c.before != [2]int{} {
		return false
	}
	x, k, y := s.Inputs[0].Shape().Dimensions, s.Inputs[1].Shape().Dimensions, s.Outputs[0].Shape().Dimensions
	a := matrix{value: s.Inputs[0], free: x[0] * x[1] * x[2], contracted: x[3]}
	b := matrix{value: s.Inputs[1], contracted: x[3], free: y[3]}
	kernel, other := k[:2], y[1:3]
	switch c.labels {
	case "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]":
	case "[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]":
		b.turned = true
		if r.operation(b.value) == "reverse" { // of the one pixel
			b.value = r.def[b.value].Inputs[0]
		}
	case "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]":
		kernel, other = y[:2], k[1:3]
		a.free, a.contracted, a.turned = a.contracted, a.free, true
		b.contracted = a.contracted
	default:
		return false
	}
	if !slices.Equal(kernel, one[:]) || !slices.Equal(x[1:3], other) {
		return false
	}
	if min(a.free, b.free) == 1 || a.free*b.free*a.contracted < leastProducts {
		return false
	}
	r.product(s, a, b)
	return true
}

// matrix is a value as an operand of a product.
type matrix struct {
	value            *stablehlo.Value
	free, contracted int
	axes             int  // that aren't contracted
	turned           bool // it lies in memory with the two exchanged
}

// transposed is the matrix as the other operand of the transposed product.
func (m matrix) transposed() matrix {
	m.turned = !m.turned
	return m
}

// matrix reads an operand of a product, the right one or the left one. The second result is false where its contracted axes don't lie together at one end.
func (r *rewriter) matrix(v *stablehlo.Value, contracting []int, right bool) (matrix, bool) {
	dims := v.Shape().Dimensions
	split := len(dims) - len(contracting) // where the second part begins
	first := contracting[0] == 0 && split > 0
	if first {
		split = len(contracting)
	}
	for i, axis := range contracting {
		if want := i + split; first && axis != i || !first && axis != want {
			return matrix{}, false
		}
	}
	m := matrix{value: v, free: 1, contracted: 1, axes: len(dims) - len(contracting), turned: first != right}
	for i, d := range dims {
		if slices.Contains(contracting, i) {
			m.contracted *= d
		} else {
			m.free *= d
		}
	}
	for r.operation(m.value) == "transpose" {
		turns := r.def[m.value]
		from, ok := rotation(turns)
		if ok && from != 0 && split != len(dims)-from {
			ok = false
		}
		if !ok {
			break
		}
		m.value = turns.Inputs[0]
		if from != 0 {
			m.turned = !m.turned
			split = from
		}
	}
	return m, true
}

// rotation tells at which axis of its operand the result of a transposition begins, where the axes behind it come first and those before it follow.
func rotation(s *stablehlo.Statement) (from int, ok bool) {
	order := numbers(s, "permutation", s.Inputs[0].Shape().Rank())
	if len(order) == 0 {
		return 0, false
	}
	for i, axis := range order {
		if axis != (order[0]+i)%len(order) {
			return 0, false
		}
	}
	return order[0], true
}
