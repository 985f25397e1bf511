package goengine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// The operations that the engine computes itself.

// Abs computes GoMLX's operation of that name.
func (f *function) Abs(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Abs(v[0]) }, x)
}

// Atan2 computes GoMLX's operation of that name.
func (f *function) Atan2(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Atan2(v[0], v[1]) }, lhs, rhs)
}

// ArgMinMax computes GoMLX's operation of that name.
func (f *function) ArgMinMax(x compute.Value, axis int, outputDType dtypes.DType, isMin bool) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ArgMinMax(v[0], axis, outputDType, isMin)
	}, x)
}

// Bitcast computes GoMLX's operation of that name.
func (f *function) Bitcast(operand compute.Value, targetDType dtypes.DType) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.Bitcast(v[0], targetDType)
	}, operand)
}

// BitCount computes GoMLX's operation of that name.
func (f *function) BitCount(operand compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.BitCount(v[0]) }, operand)
}

// BitwiseAnd computes GoMLX's operation of that name.
func (f *function) BitwiseAnd(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.BitwiseAnd(v[0], v[1]) }, lhs, rhs)
}

// BitwiseNot computes GoMLX's operation of that name.
func (f *function) BitwiseNot(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.BitwiseNot(v[0]) }, x)
}

// BitwiseOr computes GoMLX's operation of that name.
func (f *function) BitwiseOr(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.BitwiseOr(v[0], v[1]) }, lhs, rhs)
}

// BitwiseXor computes GoMLX's operation of that name.
func (f *function) BitwiseXor(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.BitwiseXor(v[0], v[1]) }, lhs, rhs)
}

// Ceil computes GoMLX's operation of that name.
func (f *function) Ceil(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Ceil(v[0]) }, x)
}

// Clamp computes GoMLX's operation of that name.
func (f *function) Clamp(low, x, high compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Clamp(v[0], v[1], v[2]) }, low, x, high)
}

// Clz computes GoMLX's operation of that name.
func (f *function) Clz(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Clz(v[0]) }, x)
}

// Cos computes GoMLX's operation of that name.
func (f *function) Cos(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Cos(v[0]) }, x)
}

// CumSum computes GoMLX's operation of that name.
func (f *function) CumSum(operand compute.Value, axis int, options compute.CumSumOptions) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.CumSum(v[0], axis, options)
	}, operand)
}

// Div computes GoMLX's operation of that name.
func (f *function) Div(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Div(v[0], v[1]) }, lhs, rhs)
}

// DotGeneral computes GoMLX's operation of that name.
func (f *function) DotGeneral(lhs compute.Value, lhsContractingAxes, lhsBatchAxes []int, rhs compute.Value, rhsContractingAxes, rhsBatchAxes []int, config compute.DotGeneralConfig) (compute.Value, error) {
	if isHalf(lhs) && isHalf(rhs) {
		return f.halfProduct(lhs, lhsContractingAxes, lhsBatchAxes, rhs, rhsContractingAxes, rhsBatchAxes, config)
	}
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.DotGeneral(v[0], lhsContractingAxes, lhsBatchAxes, v[1], rhsContractingAxes, rhsBatchAxes, config)
	}, lhs, rhs)
}

// Equal computes GoMLX's operation of that name.
func (f *function) Equal(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Equal(v[0], v[1]) }, lhs, rhs)
}

// Erf computes GoMLX's operation of that name.
func (f *function) Erf(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Erf(v[0]) }, x)
}

// Exp computes GoMLX's operation of that name.
func (f *function) Exp(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Exp(v[0]) }, x)
}

// Expm1 computes GoMLX's operation of that name.
func (f *function) Expm1(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Expm1(v[0]) }, x)
}

// Floor computes GoMLX's operation of that name.
func (f *function) Floor(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Floor(v[0]) }, x)
}

// Gather computes GoMLX's operation of that name.
func (f *function) Gather(operand, startIndices compute.Value, indexVectorAxis int, offsetOutputAxes, collapsedSliceAxes, startIndexMap, sliceSizes []int, indicesAreSorted bool) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.Gather(v[0], v[1], indexVectorAxis, offsetOutputAxes, collapsedSliceAxes, startIndexMap, sliceSizes, indicesAreSorted)
	}, operand, startIndices)
}

// GreaterOrEqual computes GoMLX's operation of that name.
func (f *function) GreaterOrEqual(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.GreaterOrEqual(v[0], v[1])
	}, lhs, rhs)
}

// GreaterThan computes GoMLX's operation of that name.
func (f *function) GreaterThan(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.GreaterThan(v[0], v[1]) }, lhs, rhs)
}

// Identity computes GoMLX's operation of that name.
func (f *function) Identity(x compute.Value) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Identity(v[0]) }, x)
}

// IsFinite computes GoMLX's operation of that name.
func (f *function) IsFinite(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.IsFinite(v[0]) }, x)
}

// IsNaN computes GoMLX's operation of that name.
func (f *function) IsNaN(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.IsNaN(v[0]) }, x)
}

// LessThan computes GoMLX's operation of that name.
func (f *function) LessThan(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.LessThan(v[0], v[1]) }, lhs, rhs)
}

// Log computes GoMLX's operation of that name.
func (f *function) Log(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Log(v[0]) }, x)
}

// Log1p computes GoMLX's operation of that name.
func (f *function) Log1p(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Log1p(v[0]) }, x)
}

// LogicalAnd computes GoMLX's operation of that name.
func (f *function) LogicalAnd(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.LogicalAnd(v[0], v[1]) }, lhs, rhs)
}

// LogicalNot computes GoMLX's operation of that name.
func (f *function) LogicalNot(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.LogicalNot(v[0]) }, x)
}

// LogicalOr computes GoMLX's operation of that name.
func (f *function) LogicalOr(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.LogicalOr(v[0], v[1]) }, lhs, rhs)
}

// LogicalXor computes GoMLX's operation of that name.
func (f *function) LogicalXor(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.LogicalXor(v[0], v[1]) }, lhs, rhs)
}

// Logistic computes GoMLX's operation of that name.
func (f *function) Logistic(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Logistic(v[0]) }, x)
}

// Max computes GoMLX's operation of that name.
func (f *function) Max(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Max(v[0], v[1]) }, lhs, rhs)
}

// Min computes GoMLX's operation of that name.
func (f *function) Min(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Min(v[0], v[1]) }, lhs, rhs)
}

// Mul computes GoMLX's operation of that name.
func (f *function) Mul(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Mul(v[0], v[1]) }, lhs, rhs)
}

// Neg computes GoMLX's operation of that name.
func (f *function) Neg(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Neg(v[0]) }, x)
}

// NotEqual computes GoMLX's operation of that name.
func (f *function) NotEqual(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.NotEqual(v[0], v[1]) }, lhs, rhs)
}

// Pad computes GoMLX's operation of that name.
func (f *function) Pad(x, fillValue compute.Value, axesConfig ...compute.PadAxis) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.Pad(v[0], v[1], axesConfig...)
	}, x, fillValue)
}

// Pow computes GoMLX's operation of that name.
func (f *function) Pow(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Pow(v[0], v[1]) }, lhs, rhs)
}

// ReduceBitwiseAnd computes GoMLX's operation of that name.
func (f *function) ReduceBitwiseAnd(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ReduceBitwiseAnd(v[0], axes...)
	}, x)
}

// ReduceBitwiseOr computes GoMLX's operation of that name.
func (f *function) ReduceBitwiseOr(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ReduceBitwiseOr(v[0], axes...)
	}, x)
}

// ReduceBitwiseXor computes GoMLX's operation of that name.
func (f *function) ReduceBitwiseXor(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ReduceBitwiseXor(v[0], axes...)
	}, x)
}

// ReduceLogicalAnd computes GoMLX's operation of that name.
func (f *function) ReduceLogicalAnd(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ReduceLogicalAnd(v[0], axes...)
	}, x)
}

// ReduceLogicalOr computes GoMLX's operation of that name.
func (f *function) ReduceLogicalOr(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ReduceLogicalOr(v[0], axes...)
	}, x)
}

// ReduceLogicalXor computes GoMLX's operation of that name.
func (f *function) ReduceLogicalXor(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ReduceLogicalXor(v[0], axes...)
	}, x)
}

// ReduceMax computes GoMLX's operation of that name.
func (f *function) ReduceMax(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.ReduceMax(v[0], axes...) }, x)
}

// ReduceMin computes GoMLX's operation of that name.
func (f *function) ReduceMin(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.ReduceMin(v[0], axes...) }, x)
}

// ReduceProduct computes GoMLX's operation of that name.
func (f *function) ReduceProduct(x compute.Value, axes ...int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ReduceProduct(v[0], axes...)
	}, x)
}

// Rem computes GoMLX's operation of that name.
func (f *function) Rem(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Rem(v[0], v[1]) }, lhs, rhs)
}

// Reshape computes GoMLX's operation of that name.
func (f *function) Reshape(x compute.Value, dimensions ...int) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.Reshape(v[0], dimensions...)
	}, x)
}

// Reverse computes GoMLX's operation of that name.
func (f *function) Reverse(x compute.Value, axes ...int) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Reverse(v[0], axes...) }, x)
}

// Round computes GoMLX's operation of that name.
func (f *function) Round(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Round(v[0]) }, x)
}

// Rsqrt computes GoMLX's operation of that name.
func (f *function) Rsqrt(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Rsqrt(v[0]) }, x)
}

// ScatterMax computes GoMLX's operation of that name.
func (f *function) ScatterMax(operand, scatterIndices, updates compute.Value, indexVectorAxis int, updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes []int, indicesAreSorted, uniqueIndices bool) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ScatterMax(v[0], v[1], v[2], indexVectorAxis, updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes, indicesAreSorted, uniqueIndices)
	}, operand, scatterIndices, updates)
}

// ScatterMin computes GoMLX's operation of that name.
func (f *function) ScatterMin(operand, scatterIndices, updates compute.Value, indexVectorAxis int, updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes []int, indicesAreSorted, uniqueIndices bool) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ScatterMin(v[0], v[1], v[2], indexVectorAxis, updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes, indicesAreSorted, uniqueIndices)
	}, operand, scatterIndices, updates)
}

// ScatterSum computes GoMLX's operation of that name.
func (f *function) ScatterSum(operand, scatterIndices, updates compute.Value, indexVectorAxis int, updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes []int, indicesAreSorted, uniqueIndices bool) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ScatterSum(v[0], v[1], v[2], indexVectorAxis, updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes, indicesAreSorted, uniqueIndices)
	}, operand, scatterIndices, updates)
}

// SelectAndScatterMin computes GoMLX's operation of that name.
func (f *function) SelectAndScatterMin(operand, source compute.Value, windowDimensions, windowStrides []int, paddings [][2]int) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.SelectAndScatterMin(v[0], v[1], windowDimensions, windowStrides, paddings)
	}, operand, source)
}

// ShiftLeft computes GoMLX's operation of that name.
func (f *function) ShiftLeft(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.ShiftLeft(v[0], v[1]) }, lhs, rhs)
}

// ShiftRightArithmetic computes GoMLX's operation of that name.
func (f *function) ShiftRightArithmetic(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ShiftRightArithmetic(v[0], v[1])
	}, lhs, rhs)
}

// ShiftRightLogical computes GoMLX's operation of that name.
func (f *function) ShiftRightLogical(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.ShiftRightLogical(v[0], v[1])
	}, lhs, rhs)
}

// Sign computes GoMLX's operation of that name.
func (f *function) Sign(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Sign(v[0]) }, x)
}

// Sin computes GoMLX's operation of that name.
func (f *function) Sin(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Sin(v[0]) }, x)
}

// Slice computes GoMLX's operation of that name.
func (f *function) Slice(x compute.Value, starts, limits, strides []int) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.Slice(v[0], starts, limits, strides)
	}, x)
}

// Sqrt computes GoMLX's operation of that name.
func (f *function) Sqrt(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Sqrt(v[0]) }, x)
}

// Sub computes GoMLX's operation of that name.
func (f *function) Sub(lhs, rhs compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Sub(v[0], v[1]) }, lhs, rhs)
}

// Tanh computes GoMLX's operation of that name.
func (f *function) Tanh(x compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Tanh(v[0]) }, x)
}

// Transpose computes GoMLX's operation of that name.
func (f *function) Transpose(x compute.Value, permutation ...int) (compute.Value, error) {
	return f.moved(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.Transpose(v[0], permutation...)
	}, x)
}

// FusedSoftmax computes GoMLX's operation of that name, which knows no bfloat16.
func (f *function) FusedSoftmax(x compute.Value, axis int) (compute.Value, error) {
	if isOf(x, dtypes.BFloat16) {
		wide, err := f.ConvertDType(x, dtypes.Float32)
		if err == nil {
			wide, err = f.FusedSoftmax(wide, axis)
		}
		if err != nil {
			return nil, err
		}
		return f.ConvertDType(wide, dtypes.BFloat16)
	}
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.FusedSoftmax(v[0], axis) }, x)
}

// FusedGelu computes GoMLX's operation of that name.
func (f *function) FusedGelu(x compute.Value, exact bool) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.FusedGelu(v[0], exact) }, x)
}

// FusedLayerNorm computes GoMLX's operation of that name.
func (f *function) FusedLayerNorm(x compute.Value, axes []int, epsilon float64, gamma, beta compute.Value) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.FusedLayerNorm(v[0], axes, epsilon, v[1], v[2])
	}, x, gamma, beta)
}

// FusedDense computes GoMLX's operation of that name.
func (f *function) FusedDense(x, weight, bias compute.Value, options compute.DenseConfig) (compute.Value, error) {
	return f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return e.FusedDense(v[0], v[1], v[2], options)
	}, x, weight, bias)
}
