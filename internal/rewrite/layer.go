package rewrite

import (
	"slices"

	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types/shapes"

	"github.com/gokeras/gokeras/internal/kernels"
)

// isLayer reports whether s is a call that can do what follows a layer: multiply by factors, add a bias and apply a ReLU.
func (r *rewriter) isLayer(s *stablehlo.Statement) bool {
	if r.target(s) == kernels.InputGradient { // of a transposed convolution; between smaller kernels are places that none meets
		size, w := s.Inputs[1].Shape().Dimensions, r.calls[s]
		return size[0] >= w.Strides[0] && size[1] >= w.Strides[1]
	}
	return slices.Contains([]string{kernels.Forward, kernels.DepthwiseForward, kernels.Dot}, r.target(s))
}

// filters is the number of a layer's filters, or of its product's columns.
func (r *rewriter) filters(s *stablehlo.Statement) int {
	if r.target(s) == kernels.Dot {
		return r.calls[s].Out[1]
	}
	return s.Outputs[0].Shape().Dim(-1)
}

// seen is a layer's result as others use it: behind reshapes, as sequences have them, that leave the filters the last axis.
func (r *rewriter) seen(s *stablehlo.Statement) *stablehlo.Value {
	y, filters := s.Outputs[0], r.filters(s)
	for {
		user := r.onlyUser(y)
		if user == nil || name(user) != "reshape" || y.Shape().Dim(-1) != filters || user.Outputs[0].Shape().Rank() == 0 || user.Outputs[0].Shape().Dim(-1) != filters {
			return y
		}
		y = user.Outputs[0]
	}
}

// withVector finds the operation of that name which alone uses a layer's result, with one number for each filter, and the vector of these.
func (r *rewriter) withVector(s *stablehlo.Statement, operation string) (user *stablehlo.Statement, vector *stablehlo.Value) {
	y := r.seen(s)
	user = r.onlyOfMain(y)
	if user == nil || name(user) != operation {
		return nil, nil
	}
	v := user.Inputs[1]
	if v == y {
		v = user.Inputs[0]
	}
	dims, filters := y.Shape().Dimensions, r.filters(s)
	if y.Shape().Size() > filters { // of one row, any operand is such a vector
		if r.operation(v) != "broadcast_in_dim" {
			return nil, nil
		}
		along := numbers(r.def[v], "broadcast_dimensions", r.def[v].Inputs[0].Shape().Rank())
		v = r.def[v].Inputs[0]
		if !slices.IsSorted(along) || v.Shape().Size() != filters {
			return nil, nil
		}
		// The filters are the last axes, each of which the vector has.
		for axis, behind := len(dims)-1, 1; behind < filters; axis-- {
			i := slices.Index(along, axis)
			if dims[axis] > 1 && (i < 0 || v.Shape().Dimensions[i] != dims[axis]) {
				return nil, nil
			}
			behind *= dims[axis]
		}
	}
	// Reshapes are passed over, and broadcasts that repeat nothing: the values stay the same, in the same order.
	for r.operation(v) == "reshape" || r.operation(v) == "broadcast_in_dim" {
		from := r.def[v].Inputs[0]
		if from.Shape().Size() != filters || r.operation(v) == "broadcast_in_dim" && !slices.IsSorted(numbers(r.def[v], "broadcast_dimensions", from.Shape().Rank())) {
			break
		}
		v = from
	}
	return user, v
}

// bias lets a layer add the vector that the program adds to it, its bias or what shifts it, or both.
func (r *rewriter) bias(s *stablehlo.Statement) bool {
	return r.take(s, "add", kernels.Bias, stablehlo.Add)
}

// scale lets a layer multiply by the vector that the program multiplies it by, as BatchNormalization does where it doesn't train.
func (r *rewriter) scale(s *stablehlo.Statement) bool {
	return r.calls[s] != nil && r.calls[s].Options&kernels.Factor == 0 && r.take(s, "multiply", kernels.Factor, stablehlo.Multiply)
}

// take makes the vector of an operation behind a layer the operand of that option; the operation is done with the bias that the layer has already.
func (r *rewriter) take(s *stablehlo.Statement, operation string, option kernels.Options, apply func(a, b *stablehlo.Value) (*stablehlo.Value, error)) bool {
	if !r.isLayer(s) {
		return false
	}
	user, v := r.withVector(s, operation)
	if user == nil {
		return false
	}
	const biasAt = 2
	y, w, inputs := r.seen(s), r.calls[s], slices.Clone(s.Inputs)
	if w.Options&kernels.Bias != 0 {
		bias, err := r.insert(user, func() (*stablehlo.Value, error) { return flat(apply, inputs[biasAt], v) })
		if err != nil {
			return false
		}
		inputs[biasAt] = bias
	}
	switch {
	case option == kernels.Factor:
		inputs = append(inputs, v)
	case w.Options&kernels.Bias == 0:
		inputs = slices.Insert(inputs, biasAt, v)
	}
	w.Options |= option
	r.wait(s, user, inputs)
	r.replace(user.Outputs[0], y)
	return true
}

// added lets a layer add what else the program adds to it, such as a residual. What is only spread over the result stays XLA's, which needn't write it down.
func (r *rewriter) added(s *stablehlo.Statement) bool {
	if r.target(s) != kernels.Forward && r.target(s) != kernels.Dot {
		return false
	}
	y, w := r.seen(s), r.calls[s]
	add := r.onlyUser(y)
	if add == nil || name(add) != "add" || w.Options&kernels.Added != 0 {
		return false
	}
	if _, ok := r.index[add]; !ok { // it is in a function inside
		return false
	}
	other := add.Inputs[1]
	if other == y {
		other = add.Inputs[0]
	}
	if operation := r.operation(other); operation == "broadcast_in_dim" || operation == "constant" {
		return false
	}
	w.Options |= kernels.Added
	r.wait(s, add, append(slices.Clone(s.Inputs), other))
	r.replace(add.Outputs[0], y)
	return true
}

// vector is v with one axis.
func vector(v *stablehlo.Value) (*stablehlo.Value, error) {
	if v.Shape().Rank() == 1 {
		return v, nil
	}
	return stablehlo.Reshape(v, shapes.Make(v.Shape().DType, v.Shape().Size()))
}

// flat is the operation on two values of one size, as vectors.
func flat(operation func(a, b *stablehlo.Value) (*stablehlo.Value, error), a, b *stablehlo.Value) (*stablehlo.Value, error) {
	a, err := vector(a)
	if err != nil {
		return nil, err
	}
	if b, err = vector(b); err != nil {
		return nil, err
	}
	return operation(a, b)
}

// wait gives a layer those operands, for which it, and the reshapes behind it, have to wait until just before the user of its result.
func (r *rewriter) wait(s, user *stablehlo.Statement, inputs []*stablehlo.Value) {
	late := slices.ContainsFunc(inputs, func(v *stablehlo.Value) bool { return !r.before(v, s) })
	r.change(s, func() { s.Inputs = inputs })
	for ; late && s != user; s = r.onlyUser(s.Outputs[0]) {
		r.move(s, user)
	}
}

// relu lets a layer apply select(y ≤ 0, 0, y), perhaps with select(y ≥ 6, 6, …) around it, where all else that is asked of y is whether it is ≤ 0: the result
// answers that as well.
func (r *rewriter) relu(s *stablehlo.Statement) bool {
	if !r.isLayer(s) || r.calls[s].Options&kernels.ReLU != 0 {
		return false
	}
	y := r.seen(s)
	var rectified *stablehlo.Value
	var asks *stablehlo.Statement // whether it is ≥ 6
	for _, user := range r.uses[y] {
		switch {
		case r.compares(user, y, "LE", 0):
		case asks == nil && r.compares(user, y, "GE", 6):
			asks = user
		case rectified == nil && name(user) == "select" && user.Inputs[2] == y && user.Inputs[0] != y && r.isZero(user.Inputs[1]) && r.isNotPositive(r.def[user.Inputs[0]], y):
			rectified = user.Outputs[0]
		default:
			return false
		}
	}
	if rectified == nil {
		return false
	}
	if asks != nil {
		cut := r.onlyUser(rectified)
		if cut == nil || name(cut) != "select" || cut.Inputs[0] != asks.Outputs[0] || cut.Inputs[2] != rectified || !r.isConstant(cut.Inputs[1], 6) || r.onlyUser(asks.Outputs[0]) != cut {
			return false
		}
		rectified = cut.Outputs[0]
		r.calls[s].Options |= kernels.Six
	}
	r.calls[s].Options |= kernels.ReLU
	r.replace(rectified, y)
	return true
}
