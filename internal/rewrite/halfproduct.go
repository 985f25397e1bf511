package rewrite

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// function is one of a program for XLA's CPU plugin, in which products of halves are plain ones. GoMLX asks for sums in float32,
// which the plugin makes by itself; go-xla would also make one operand wait for the other, by adding zero times it: an infinite
// number in either would make every product NaN, those of other samples too.
type function struct{ compute.Function }

func isHalf(f compute.Function, v compute.Value) bool {
	shape, err := f.Shape(v)
	return err == nil && shape.DType.IsHalfPrecision()
}

// DotGeneral leaves the accumulator's type out.
func (f function) DotGeneral(lhs compute.Value, lhsContractingAxes, lhsBatchAxes []int, rhs compute.Value, rhsContractingAxes, rhsBatchAxes []int, config compute.DotGeneralConfig) (compute.Value, error) {
	if config.AccumulatorDType == dtypes.Float32 && isHalf(f.Function, lhs) {
		config.AccumulatorDType = dtypes.InvalidDType
	}
	return f.Function.DotGeneral(lhs, lhsContractingAxes, lhsBatchAxes, rhs, rhsContractingAxes, rhsBatchAxes, config)
}

// Functions inside are such functions, too, and go-xla wants its own back.

func (f function) Closure() (compute.Function, error) { return wrapped(f.Function.Closure()) }

func (f function) Parent() compute.Function {
	if parent := f.Function.Parent(); parent != nil {
		return function{parent}
	}
	return nil
}

func (f function) Call(target compute.Function, inputs ...compute.Value) ([]compute.Value, error) {
	return f.Function.Call(unwrapped(target), inputs...)
}

func (f function) Sort(comparator compute.Function, axis int, isStable bool, inputs ...compute.Value) ([]compute.Value, error) {
	return f.Function.Sort(unwrapped(comparator), axis, isStable, inputs...)
}

func (f function) While(condition, body compute.Function, state ...compute.Value) ([]compute.Value, error) {
	return f.Function.While(unwrapped(condition), unwrapped(body), state...)
}

func (f function) If(condition compute.Value, yes, no compute.Function) ([]compute.Value, error) {
	return f.Function.If(condition, unwrapped(yes), unwrapped(no))
}

func wrapped(f compute.Function, err error) (compute.Function, error) {
	if err != nil {
		return nil, err
	}
	return function{f}, nil
}

func unwrapped(f compute.Function) compute.Function {
	if own, ok := f.(function); ok {
		return own.Function
	}
	return f
}

func (b builder) Main() compute.Function {
	if !b.onCPU {
		return b.Builder.Main()
	}
	return function{b.Builder.Main()}
}

func (b builder) NewFunction(name string) (compute.Function, error) {
	if !b.onCPU {
		return b.Builder.NewFunction(name)
	}
	return wrapped(b.Builder.NewFunction(name))
}
