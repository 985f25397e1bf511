package np

import (
	"math"
)

// each computes f of each element in the float type that the array has or becomes.
func each(a any, f func(float64) float64) *Array {
	x := Of(a)
	k := x.kind.floating()
	out := make([]float64, x.Size())
	for i, v := range elems[float64](x) {
		out[i] = f(v)
	}
	return wrap(out, x.shape...).cast(k)
}

// Exp is e to the power of x (NumPy: np.exp). This and the functions below compute integers as floats.
func Exp(x any) *Array { return each(x, math.Exp) }

// Expm1 is exp(x) - 1.
func Expm1(x any) *Array { return each(x, math.Expm1) }

// Exp2 is 2 to the power of x.
func Exp2(x any) *Array { return each(x, math.Exp2) }

// Log is the natural logarithm; -inf of 0, NaN of what is negative.
func Log(x any) *Array { return each(x, logarithm) }

// Log2 is the logarithm of base 2.
func Log2(x any) *Array { return each(x, math.Log2) }

// Log10 is the logarithm of base 10.
func Log10(x any) *Array { return each(x, math.Log10) }

// Log1p is log(1 + x).
func Log1p(x any) *Array { return each(x, math.Log1p) }

// Sqrt is the square root; NaN of what is negative.
func Sqrt(x any) *Array { return each(x, math.Sqrt) }

// Cbrt is the cube root.
func Cbrt(x any) *Array { return each(x, math.Cbrt) }

// Sin is the sine of radians.
func Sin(x any) *Array { return each(x, math.Sin) }

// Cos is the cosine of radians.
func Cos(x any) *Array { return each(x, math.Cos) }

// Tan is the tangent of radians.
func Tan(x any) *Array { return each(x, math.Tan) }

// Arcsin is the inverse of Sin.
func Arcsin(x any) *Array { return each(x, math.Asin) }

// Arccos is the inverse of Cos.
func Arccos(x any) *Array { return each(x, math.Acos) }

// Arctan is the inverse of Tan.
func Arctan(x any) *Array { return each(x, math.Atan) }

// Sinh is the hyperbolic sine.
func Sinh(x any) *Array { return each(x, math.Sinh) }

// Cosh is the hyperbolic cosine.
func Cosh(x any) *Array { return each(x, math.Cosh) }

// Tanh is the hyperbolic tangent.
func Tanh(x any) *Array { return each(x, math.Tanh) }

// Deg2Rad and Radians turn degrees to radians.
func Deg2Rad(x any) *Array { return each(x, func(v float64) float64 { return v * (math.Pi / 180) }) }

// Rad2Deg turns radians to degrees.
func Rad2Deg(x any) *Array { return each(x, func(v float64) float64 { return v * (180 / math.Pi) }) }

// rounded is each of what leaves integers as they are.
func rounded(a any, f func(float64) float64) *Array {
	if x := Of(a); !x.kind.float() {
		return x.Copy()
	}
	return each(a, f)
}

// Ceil rounds up; integers stay what they are, as in Floor, Trunc, Rint and Round (NumPy: np.ceil).
func Ceil(x any) *Array { return rounded(x, math.Ceil) }

// Floor rounds down.
func Floor(x any) *Array { return rounded(x, math.Floor) }

// Trunc rounds towards zero.
func Trunc(x any) *Array { return rounded(x, math.Trunc) }

// Rint rounds to the nearest integer, halves to even.
func Rint(x any) *Array { return rounded(x, math.RoundToEven) }

// Round rounds to decimals, 0 unless given, halves to even (NumPy: np.round).
func Round(a any, decimals ...int) *Array {
	x, d := Of(a), 0
	if len(decimals) > 0 {
		d = decimals[0]
	}
	if x.kind == kBool {
		return x.cast(kFloat16)
	}
	power := math.Pow(10, math.Abs(float64(d)))
	switch {
	case !x.kind.float() && d >= 0:
		return x.Copy()
	case d == 0:
		return Rint(x)
	case d > 0:
		return Divide(Rint(Multiply(x, power)), power)
	case !x.kind.float():
		return Multiply(Rint(Divide(x, power)), power).cast(x.kind)
	}
	return Multiply(Rint(Divide(x, power)), power)
}

// Negative is -x (NumPy: np.negative).
func Negative(a any) *Array {
	x := Of(a)
	switch {
	case x.kind == kBool:
		fail("TypeError", "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not function instead.")
	case x.kind.float():
		return each(x, func(v float64) float64 { return -v })
	}
	return Subtract(newArray(x.kind, nil), x)
}

// Abs is the absolute value; that of the smallest integer of a type is itself (NumPy: np.abs).
func Abs(a any) *Array {
	x := Of(a)
	switch {
	case x.kind.float():
		return each(x, math.Abs)
	case x.kind.signed():
		return Where(Less(x, 0), Negative(x), x)
	case x.kind == kStr:
		x.kind.floating()
	}
	return x.Copy()
}

// Absolute is Abs, as is Fabs for floats.
func Absolute(a any) *Array { return Abs(a) }

// Sign is -1, 0 or 1; NaN of NaN (NumPy: np.sign).
func Sign(a any) *Array {
	x := Of(a)
	if x.kind.float() {
		return each(x, func(v float64) float64 {
			switch {
			case v > 0:
				return 1
			case v < 0:
				return -1
			}
			return v + 0
		})
	}
	return Subtract(Greater(x, 0).cast(x.kind), Less(x, 0).cast(x.kind))
}

// Square is x·x (NumPy: np.square).
func Square(x any) *Array { return Multiply(x, x) }

// Reciprocal is 1/x in x's type (NumPy: np.reciprocal).
func Reciprocal(a any) *Array {
	if x := Of(a); !x.kind.float() {
		return zip(OnesLike(x), x, elems[int64], func(p, q int64) int64 {
			if q == 0 {
				return math.MinInt64
			}
			return p / q
		}).cast(x.kind)
	}
	return Divide(1.0, a)
}

// Invert is ~x: of bools not, of integers the complement (NumPy: np.invert).
func Invert(a any) *Array {
	x := Of(a)
	switch {
	case x.kind == kBool:
		return LogicalNot(x)
	case !x.kind.integer():
		fail("TypeError", "ufunc 'invert' not supported for the input types, and the inputs could not be safely coerced to any supported types according to the casting rule ''safe''")
	}
	if x.kind == kUint64 {
		return zip(x, wrap([]uint64{0}), elems[uint64], func(v, _ uint64) uint64 { return ^v })
	}
	return zip(x, wrap([]int64{0}), elems[int64], func(v, _ int64) int64 { return ^v }).cast(x.kind)
}

func test(a any, f func(float64) bool) *Array {
	x := Of(a)
	x.kind.floating()
	out := make([]bool, x.Size())
	for i, v := range elems[float64](x) {
		out[i] = f(v)
	}
	return wrap(out, x.shape...)
}

// Isnan says where it is NaN (NumPy: np.isnan).
func Isnan(a any) *Array { return test(a, func(v float64) bool { return v != v }) }

// Isinf says where it is an infinity.
func Isinf(a any) *Array { return test(a, func(v float64) bool { return math.IsInf(v, 0) }) }

// Isfinite says where it is neither NaN nor an infinity.
func Isfinite(a any) *Array { return test(a, func(v float64) bool { return v-v == 0 }) }

// NanToNum puts 0 for NaN, and the type's largest and smallest numbers for infinities (NumPy: np.nan_to_num).
func NanToNum(a any) *Array {
	x := Of(a)
	if !x.kind.float() {
		return x.Copy()
	}
	largest := math.MaxFloat64
	switch x.kind {
	case kFloat32:
		largest = math.MaxFloat32
	case kFloat16:
		largest = 65504
	}
	return each(x, func(v float64) float64 {
		switch {
		case v != v:
			return 0
		case math.IsInf(v, 0):
			return math.Copysign(largest, v)
		}
		return v
	})
}

// Clip limits elements to lo and hi; nil is no limit (NumPy: np.clip).
func Clip(a, lo, hi any) *Array {
	out := Of(a)
	var ops []operand
	for _, limit := range []any{out, lo, hi} {
		if limit != nil {
			ops = append(ops, operandOf(limit))
		}
	}
	ops[0].weak = false
	if k := common(ops...); k != out.kind {
		out = out.cast(k)
	}
	if lo != nil {
		out = Maximum(out, lo)
	}
	if hi != nil {
		out = Minimum(out, hi)
	}
	if lo == nil && hi == nil {
		return out.Copy()
	}
	return out
}
