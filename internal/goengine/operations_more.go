package goengine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// The operations that the engine computes itself and that differ from most in what they take, give or cost.

// BroadcastInDim computes GoMLX's operation of that name. GoMLX joins it with what follows, so it stays in the same stage.
func (f *function) BroadcastInDim(x compute.Value, shape shapes.Shape, axes []int) (compute.Value, error) {
	result, err := f.single(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.BroadcastInDim(v[0], shape, axes)
	}, nil, true, x)
	if err != nil {
		return nil, err
	}
	if v := x.(*value); v.scalar != nil {
		result.(*value).scalar = v.scalar
	}
	return result, nil
}

// Iota computes GoMLX's operation of that name.
func (f *function) Iota(shape shapes.Shape, axis int) (compute.Value, error) {
	return f.single(func(e compute.Function, _ []compute.Value) (compute.Value, error) { return e.Iota(shape, axis) }, nil, true)
}

// Concatenate computes GoMLX's operation of that name.
func (f *function) Concatenate(axis int, operands ...compute.Value) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Concatenate(axis, v...) }, operands...)
}

// DynamicSlice computes GoMLX's operation of that name.
func (f *function) DynamicSlice(x compute.Value, starts []compute.Value, sizes []int) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.DynamicSlice(v[0], v[1:], sizes)
	}, append([]compute.Value{x}, starts...)...)
}

// DynamicUpdateSlice computes GoMLX's operation of that name.
func (f *function) DynamicUpdateSlice(x, update compute.Value, starts []compute.Value) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.DynamicUpdateSlice(v[0], v[1], v[2:])
	}, append([]compute.Value{x, update}, starts...)...)
}

// SchedulingBarrier computes GoMLX's operation of that name.
func (f *function) SchedulingBarrier(x compute.Value, dependencies ...compute.Value) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.SchedulingBarrier(v[0], v[1:]...)
	}, append([]compute.Value{x}, dependencies...)...)
}

// OptimizationBarrier computes GoMLX's operation of that name.
func (f *function) OptimizationBarrier(operands ...compute.Value) ([]compute.Value, error) {
	return f.add(func(e compute.Function, v []compute.Value) ([]compute.Value, error) {
		return e.OptimizationBarrier(v...)
	}, nil, false, operands...)
}

// RNGBitGenerator computes GoMLX's operation of that name.
func (f *function) RNGBitGenerator(state compute.Value, shape shapes.Shape) (newState, values compute.Value, err error) {
	results, err := f.add(func(e compute.Function, v []compute.Value) ([]compute.Value, error) {
		newState, values, err := e.RNGBitGenerator(v[0], shape)
		return []compute.Value{newState, values}, err
	}, nil, false, state)
	if err != nil {
		return nil, nil, err
	}
	return results[0], results[1], nil
}
