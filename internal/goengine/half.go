package goengine

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// GoMLX's engine rounds to float16 after every operation and takes all that is then below 6.1e-5, the smallest number with a leading
// 1, for zero: an optimizer's epsilon, and most gradients. So it gets such operations in float32, and its results are rounded here.

// smallestNormal is the smallest float16 with a leading 1, 2⁻¹⁴. Those below are multiples of 2⁻²⁴, which the number's bits count.
const (
	smallestNormal = 1.0 / (1 << 14)
	subnormals     = 1 << 24
)

func isHalf(v compute.Value) bool    { return isOf(v, dtypes.Float16) }
func isFloat32(v compute.Value) bool { return isOf(v, dtypes.Float32) }

func isOf(v compute.Value, dtype dtypes.DType) bool {
	known, err := one(v)
	return err == nil && known.shape.DType == dtype
}

// widened reports whether an operation on the inputs is computed in float32. Inputs of both types are for GoMLX to refuse.
func widened(inputs ...compute.Value) bool {
	return slices.ContainsFunc(inputs, isHalf) && !slices.ContainsFunc(inputs, isFloat32)
}

// inFloat32 gives float16 inputs to an operation as float32, and rounds its result.
func (f *function) inFloat32(inputs []compute.Value, operation func(in []compute.Value) (compute.Value, error)) (compute.Value, error) {
	if !widened(inputs...) {
		return operation(inputs)
	}
	wide := slices.Clone(inputs)
	for i, in := range inputs {
		if isHalf(in) {
			var err error
			if wide[i], err = f.ConvertDType(in, dtypes.Float32); err != nil {
				return nil, err
			}
		}
	}
	result, err := operation(wide)
	if err != nil || result.(*value).shape.DType != dtypes.Float32 {
		return result, err
	}
	return f.ConvertDType(result, dtypes.Float16)
}

// halfProduct multiplies float16 arrays as float32 ones and gives the result in the type asked for.
func (f *function) halfProduct(lhs compute.Value, lhsContractingAxes, lhsBatchAxes []int, rhs compute.Value, rhsContractingAxes, rhsBatchAxes []int, config compute.DotGeneralConfig) (compute.Value, error) {
	result := config.OutputDType
	if result == dtypes.InvalidDType {
		result = dtypes.Float16
	}
	l, err := f.ConvertDType(lhs, dtypes.Float32)
	if err != nil {
		return nil, err
	}
	r, err := f.ConvertDType(rhs, dtypes.Float32)
	if err != nil {
		return nil, err
	}
	product, err := f.DotGeneral(l, lhsContractingAxes, lhsBatchAxes, r, rhsContractingAxes, rhsBatchAxes, compute.DotGeneralConfig{})
	if err != nil || result == dtypes.Float32 {
		return product, err
	}
	return f.ConvertDType(product, result)
}

// ConvertDType computes GoMLX's operation of that name, and rounds to float16 rightly.
func (f *function) ConvertDType(x compute.Value, dtype dtypes.DType) (compute.Value, error) {
	if known, err := one(x); err == nil && dtype == dtypes.Float16 && known.shape.DType != dtypes.Float16 && known.shape.Size() > 0 {
		return f.moved(roundToHalf, x)
	}
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.ConvertDType(v[0], dtype) }, x)
}

// roundToHalf adds the bits of small numbers, which count multiples of 2⁻²⁴, to the sign that is all that GoMLX leaves of them.
func roundToHalf(f compute.Function, in []compute.Value) (compute.Value, error) {
	e := emission{f: f}
	x := e.convert(in[0], dtypes.Float32)
	size := e.one(f.Abs, x)
	small := e.two(f.LessThan, size, e.constant(smallestNormal))
	count := e.one(f.Round, e.two(f.Mul, size, e.constant(subnormals)))
	count = e.two(func(count, none compute.Value) (compute.Value, error) { return f.Where(small, count, none) }, count, e.constant(0))
	sign := e.bits(e.convert(x, dtypes.Float16), dtypes.Uint16)
	return e.bits(e.two(f.BitwiseOr, sign, e.convert(count, dtypes.Uint16)), dtypes.Float16), e.err
}

// emission adds operations to a function of GoMLX's until one fails.
type emission struct {
	f   compute.Function
	err error
}

func (e *emission) one(operation func(compute.Value) (compute.Value, error), x compute.Value) (result compute.Value) {
	if e.err == nil {
		result, e.err = operation(x)
	}
	return result
}

func (e *emission) two(operation func(a, b compute.Value) (compute.Value, error), a, b compute.Value) compute.Value {
	return e.one(func(a compute.Value) (compute.Value, error) { return operation(a, b) }, a)
}

func (e *emission) convert(x compute.Value, dtype dtypes.DType) compute.Value {
	return e.one(func(x compute.Value) (compute.Value, error) { return e.f.ConvertDType(x, dtype) }, x)
}

func (e *emission) bits(x compute.Value, dtype dtypes.DType) compute.Value {
	return e.one(func(x compute.Value) (compute.Value, error) { return e.f.Bitcast(x, dtype) }, x)
}

func (e *emission) constant(v float32) compute.Value {
	return e.one(func(compute.Value) (compute.Value, error) { return e.f.Constant([]float32{v}) }, nil)
}
