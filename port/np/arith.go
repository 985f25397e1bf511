package np

import (
	"cmp"
	"math"
	"slices"
)

type operation int

const (
	opAdd operation = iota
	opSubtract
	opMultiply
	opDivide
	opFloorDivide
	opMod
	opPower
	opMaximum
	opMinimum
	opAnd
	opOr
	opXor
	opLeft
	opRight
	opArctan2
	opHypot
	opFmod
)

// Add is a + b, and a and b text joined where they are text (NumPy: np.add).
func Add(a, b any) *Array {
	x, y := operandOf(a), operandOf(b)
	if k := common(x, y); k == kStr {
		return zip(x.a.cast(kStr), y.a.cast(kStr), func(a *Array) []string { return a.strings() }, func(p, q string) string { return p + q })
	}
	return arith(opAdd, "add", x, y)
}

// Subtract is a - b (NumPy: np.subtract).
func Subtract(a, b any) *Array { return arith(opSubtract, "subtract", operandOf(a), operandOf(b)) }

// Multiply is a * b (NumPy: np.multiply).
func Multiply(a, b any) *Array { return arith(opMultiply, "multiply", operandOf(a), operandOf(b)) }

// Divide is a / b, of integers too a float; by zero an infinity or NaN (NumPy: np.divide).
func Divide(a, b any) *Array { return arith(opDivide, "divide", operandOf(a), operandOf(b)) }

// FloorDivide is Python's a // b: rounded down; of integers by zero 0 (NumPy: np.floor_divide).
func FloorDivide(a, b any) *Array {
	return arith(opFloorDivide, "floor_divide", operandOf(a), operandOf(b))
}

// Mod is Python's a % b, which has b's sign; of integers by zero 0 (NumPy: np.mod, np.remainder).
func Mod(a, b any) *Array { return arith(opMod, "remainder", operandOf(a), operandOf(b)) }

// Power is a ** b (NumPy: np.power). Integers can't have negative exponents.
func Power(a, b any) *Array { return arith(opPower, "power", operandOf(a), operandOf(b)) }

// Maximum is the larger of each two; NaN where either is (NumPy: np.maximum).
func Maximum(a, b any) *Array { return arith(opMaximum, "maximum", operandOf(a), operandOf(b)) }

// Minimum is the smaller of each two; NaN where either is (NumPy: np.minimum).
func Minimum(a, b any) *Array { return arith(opMinimum, "minimum", operandOf(a), operandOf(b)) }

// BitwiseAnd is a & b of integers or bools (NumPy: np.bitwise_and).
func BitwiseAnd(a, b any) *Array { return arith(opAnd, "bitwise_and", operandOf(a), operandOf(b)) }

// BitwiseOr is a | b of integers or bools (NumPy: np.bitwise_or).
func BitwiseOr(a, b any) *Array { return arith(opOr, "bitwise_or", operandOf(a), operandOf(b)) }

// BitwiseXor is a ^ b of integers or bools (NumPy: np.bitwise_xor).
func BitwiseXor(a, b any) *Array { return arith(opXor, "bitwise_xor", operandOf(a), operandOf(b)) }

// LeftShift is a << b (NumPy: np.left_shift).
func LeftShift(a, b any) *Array { return arith(opLeft, "left_shift", operandOf(a), operandOf(b)) }

// RightShift is a >> b (NumPy: np.right_shift).
func RightShift(a, b any) *Array { return arith(opRight, "right_shift", operandOf(a), operandOf(b)) }

// Arctan2 is the angle of (b, a) (NumPy: np.arctan2).
func Arctan2(a, b any) *Array { return arith(opArctan2, "arctan2", operandOf(a), operandOf(b)) }

// Hypot is sqrt(a² + b²) (NumPy: np.hypot).
func Hypot(a, b any) *Array { return arith(opHypot, "hypot", operandOf(a), operandOf(b)) }

// Fmod is C's remainder, which has a's sign (NumPy: np.fmod).
func Fmod(a, b any) *Array { return arith(opFmod, "fmod", operandOf(a), operandOf(b)) }

func arith(op operation, name string, x, y operand) *Array {
	k := common(x, y)
	bits := op >= opAnd && op <= opRight
	switch {
	case k == kStr || bits && k.float():
		fail("TypeError", "ufunc '%s' not supported for the input types, and the inputs could not be safely coerced to any supported types according to the casting rule ''safe''", name)
	case k == kBool && op == opSubtract:
		fail("TypeError", "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the logical_xor function instead.")
	case op == opDivide && !k.float():
		k = kFloat64
	case op == opArctan2 || op == opHypot:
		k = k.floating()
	case k == kBool && (op == opFloorDivide || op == opMod || op == opPower || op == opLeft || op == opRight || op == opFmod):
		k = kInt8
	}
	a, b := x.as(k), y.as(k)
	switch k {
	case kBool:
		return zip(a, b, (*Array).bools, boolFn(op))
	case kInt8:
		return ints[int8](op, a, b)
	case kInt16:
		return ints[int16](op, a, b)
	case kInt32:
		return ints[int32](op, a, b)
	case kInt64:
		return ints[int64](op, a, b)
	case kUint8:
		return ints[uint8](op, a, b)
	case kUint16:
		return ints[uint16](op, a, b)
	case kUint32:
		return ints[uint32](op, a, b)
	case kUint64:
		return ints[uint64](op, a, b)
	case kFloat32:
		return zip(a, b, elems[float32], floatFn[float32](op))
	case kFloat64:
		return zip(a, b, elems[float64], floatFn[float64](op))
	}
	return zip(a.cast(kFloat32), b.cast(kFloat32), elems[float32], floatFn[float32](op)).cast(kFloat16)
}

// zip computes f of each two elements of arrays of one type, broadcast.
func zip[T, R element](a, b *Array, of func(*Array) []T, f func(T, T) R) *Array {
	shape := broadcastOf(a, b)
	n := sizeOf(kindFor[R](), shape)
	out := make([]R, n)
	switch {
	case n == 0:
	case a.Size() == 1:
		x, ys := of(a)[0], of(b)
		for i, y := range ys {
			out[i] = f(x, y)
		}
	case b.Size() == 1:
		y := of(b)[0]
		for i, x := range of(a) {
			out[i] = f(x, y)
		}
	default:
		xs, ys := of(a), of(b)
		if len(xs) == n && len(ys) == n {
			for i, x := range xs {
				out[i] = f(x, ys[i])
			}
			break
		}
		// Row by row, so that nothing is spread out in memory.
		inner := shape[len(shape)-1]
		ca, cb := fromShape(a.shape).to(shape), fromShape(b.shape).to(shape)
		last := len(shape) - 1
		sa, sb := ca.strides[last], cb.strides[last]
		var offsets []int
		walk(shape[:last], cb.strides[:last], func(_, off int) { offsets = append(offsets, off) })
		walk(shape[:last], ca.strides[:last], func(row, i int) {
			j := offsets[row]
			for at := row * inner; at < (row+1)*inner; at++ {
				out[at] = f(xs[i], ys[j])
				i += sa
				j += sb
			}
		})
	}
	return wrap(out, shape...)
}

// fromShape is a shape's place in contiguous memory.
func fromShape(shape []int) *Array { return &Array{shape: shape, strides: contiguous(shape)} }

func boolFn(op operation) func(a, b bool) bool {
	switch op {
	case opAdd, opOr, opMaximum:
		return func(a, b bool) bool { return a || b }
	case opXor:
		return func(a, b bool) bool { return a != b }
	}
	return func(a, b bool) bool { return a && b }
}

func ints[T integer](op operation, a, b *Array) *Array {
	if op == opPower {
		for _, v := range elems[T](b) {
			if v < 0 {
				fail("ValueError", "Integers to negative integer powers are not allowed.")
			}
		}
	}
	return zip(a, b, elems[T], intFn[T](op))
}

func intFn[T integer](op operation) func(a, b T) T {
	switch op {
	case opAdd:
		return func(a, b T) T { return a + b }
	case opSubtract:
		return func(a, b T) T { return a - b }
	case opMultiply:
		return func(a, b T) T { return a * b }
	case opFloorDivide:
		return func(a, b T) T {
			if b == 0 {
				return 0
			}
			q := a / b
			if q*b != a && (a < 0) != (b < 0) {
				q--
			}
			return q
		}
	case opMod:
		return func(a, b T) T {
			if b == 0 {
				return 0
			}
			r := a % b
			if r != 0 && (r < 0) != (b < 0) {
				r += b
			}
			return r
		}
	case opFmod:
		return func(a, b T) T {
			if b == 0 {
				return 0
			}
			return a % b
		}
	case opPower:
		return func(a, b T) T {
			var out T = 1
			for ; b > 0; b >>= 1 {
				if b&1 == 1 {
					out *= a
				}
				a *= a
			}
			return out
		}
	case opMaximum:
		return func(a, b T) T { return max(a, b) }
	case opMinimum:
		return func(a, b T) T { return min(a, b) }
	case opAnd:
		return func(a, b T) T { return a & b }
	case opOr:
		return func(a, b T) T { return a | b }
	case opXor:
		return func(a, b T) T { return a ^ b }
	case opLeft:
		return func(a, b T) T { return a << uint64(b) }
	}
	return func(a, b T) T { return a >> uint64(b) }
}

func floatFn[T float](op operation) func(a, b T) T {
	switch op {
	case opAdd:
		return func(a, b T) T { return a + b }
	case opSubtract:
		return func(a, b T) T { return a - b }
	case opMultiply:
		return func(a, b T) T { return a * b }
	case opDivide:
		return func(a, b T) T { return a / b }
	case opFloorDivide:
		return func(a, b T) T {
			if b == 0 {
				return a / b
			}
			q, _ := divmod(float64(a), float64(b))
			return T(q)
		}
	case opMod:
		return func(a, b T) T {
			_, r := divmod(float64(a), float64(b))
			return T(r)
		}
	case opFmod:
		return func(a, b T) T { return T(math.Mod(float64(a), float64(b))) }
	case opPower:
		return func(a, b T) T { return T(math.Pow(float64(a), float64(b))) }
	case opMaximum:
		return func(a, b T) T {
			if a >= b || a != a {
				return a
			}
			return b
		}
	case opMinimum:
		return func(a, b T) T {
			if a <= b || a != a {
				return a
			}
			return b
		}
	case opHypot:
		return func(a, b T) T { return T(math.Hypot(float64(a), float64(b))) }
	}
	return func(a, b T) T { return T(math.Atan2(float64(a), float64(b))) }
}

// divmod is Python's of floats.
func divmod(a, b float64) (q, r float64) {
	r = math.Mod(a, b)
	if b == 0 {
		return a / b, r
	}
	q = (a - r) / b
	if r != 0 {
		if (b < 0) != (r < 0) {
			r += b
			q--
		}
	} else {
		r = math.Copysign(0, b)
	}
	if q == 0 {
		return math.Copysign(0, a/b), r
	}
	down := math.Floor(q)
	if q-down > 0.5 {
		down++
	}
	return down, r
}

// IAdd is a += b: in place, and seen by all views (NumPy: np.add(a, b, out=a)). The result's type must be of a's kind.
func (a *Array) IAdd(b any) { a.into("add", Add(a, b)) }

// ISubtract is a -= b.
func (a *Array) ISubtract(b any) { a.into("subtract", Subtract(a, b)) }

// IMultiply is a *= b.
func (a *Array) IMultiply(b any) { a.into("multiply", Multiply(a, b)) }

// IDivide is a /= b.
func (a *Array) IDivide(b any) { a.into("divide", Divide(a, b)) }

func (a *Array) into(name string, v *Array) {
	if v.kind.float() && !a.kind.float() || v.kind.signed() && (a.kind.unsigned() || a.kind == kBool) || v.kind.unsigned() && a.kind == kBool {
		fail("UFuncTypeError", "Cannot cast ufunc '%s' output from dtype('%s') to dtype('%s') with casting rule 'same_kind'", name, v.DType(), a.DType())
	}
	if !slices.Equal(v.shape, a.shape) {
		fail("ValueError", "non-broadcastable output operand with shape %s doesn't match the broadcast shape %s", tuple(a.shape, ","), tuple(v.shape, ","))
	}
	a.SetIndex(v, Ellipsis)
}

type comparison int

const (
	isEqual comparison = iota
	isNotEqual
	isLess
	isLessEqual
	isGreater
	isGreaterEqual
)

// Equal is a == b, element by element (NumPy: np.equal).
func Equal(a, b any) *Array { return compare(isEqual, a, b) }

// NotEqual is a != b.
func NotEqual(a, b any) *Array { return compare(isNotEqual, a, b) }

// Less is a < b.
func Less(a, b any) *Array { return compare(isLess, a, b) }

// LessEqual is a <= b.
func LessEqual(a, b any) *Array { return compare(isLessEqual, a, b) }

// Greater is a > b.
func Greater(a, b any) *Array { return compare(isGreater, a, b) }

// GreaterEqual is a >= b.
func GreaterEqual(a, b any) *Array { return compare(isGreaterEqual, a, b) }

func compare(c comparison, x, y any) *Array {
	a, b := operandOf(x), operandOf(y)
	text := a.a.kind == kStr
	if text != (b.a.kind == kStr) {
		if c > isNotEqual {
			fail("TypeError", "text and numbers can't be compared")
		}
		return Full(c == isNotEqual, broadcastOf(a.a, b.a)...)
	}
	if text {
		return zip(a.a, b.a, (*Array).strings, compareFn[string](c))
	}
	// Integers are compared by value, even where their types have no common integer type.
	if (a.a.kind == kUint64) != (b.a.kind == kUint64) && a.a.kind <= kUint64 && b.a.kind <= kUint64 {
		return compareUint64(c, a.a, b.a)
	}
	if a.weak && a.a.kind == kInt64 || b.weak && b.a.kind == kInt64 {
		a.weak, b.weak = a.weak && a.a.kind == kFloat64, b.weak && b.a.kind == kFloat64
		if a.a.kind.float() != b.a.kind.float() {
			a.weak, b.weak = a.a.kind == kInt64, b.a.kind == kInt64
		}
	}
	k := common(a, b)
	p, q := a.as(k), b.as(k)
	switch k {
	case kBool, kInt8, kInt16, kInt32, kInt64, kUint8, kUint16, kUint32:
		if k == kUint8 || k == kBool {
			return zip(p, q, elems[uint8], compareFn[uint8](c))
		}
		return zip(p, q, elems[int64], compareFn[int64](c))
	case kUint64:
		return zip(p, q, elems[uint64], compareFn[uint64](c))
	case kFloat64:
		return zip(p, q, elems[float64], compareFn[float64](c))
	}
	return zip(p, q, elems[float32], compareFn[float32](c))
}

// compareUint64 compares uint64 with other integers by sign first.
func compareUint64(c comparison, a, b *Array) *Array {
	sign := func(x *Array) *Array {
		if x.kind.signed() {
			return zip(x, wrap([]int64{0}), elems[int64], func(v, _ int64) int8 {
				if v < 0 {
					return -1
				}
				return 0
			})
		}
		return newArray(kInt8, x.shape)
	}
	s, t := sign(a), sign(b)
	same := compare(isEqual, s, t)
	return Where(same, zip(a.cast(kUint64), b.cast(kUint64), elems[uint64], compareFn[uint64](c)), compare(c, s, t))
}

func compareFn[T cmp.Ordered](c comparison) func(a, b T) bool {
	switch c {
	case isEqual:
		return func(a, b T) bool { return a == b }
	case isNotEqual:
		return func(a, b T) bool { return a != b }
	case isLess:
		return func(a, b T) bool { return a < b }
	case isLessEqual:
		return func(a, b T) bool { return a <= b }
	case isGreater:
		return func(a, b T) bool { return a > b }
	}
	return func(a, b T) bool { return a >= b }
}

// LogicalAnd says where both aren't zero (NumPy: np.logical_and).
func LogicalAnd(a, b any) *Array {
	return zip(Of(a), Of(b), (*Array).bools, func(p, q bool) bool { return p && q })
}

// LogicalOr says where either isn't zero (NumPy: np.logical_or).
func LogicalOr(a, b any) *Array {
	return zip(Of(a), Of(b), (*Array).bools, func(p, q bool) bool { return p || q })
}

// LogicalXor says where one alone isn't zero (NumPy: np.logical_xor).
func LogicalXor(a, b any) *Array {
	return zip(Of(a), Of(b), (*Array).bools, func(p, q bool) bool { return p != q })
}

// LogicalNot says where it is zero (NumPy: np.logical_not).
func LogicalNot(a any) *Array {
	x := Of(a)
	out := make([]bool, x.Size())
	for i, b := range x.bools() {
		out[i] = !b
	}
	return wrap(out, x.shape...)
}

// Isclose says where |a - b| <= 1e-8 + 1e-5·|b| (NumPy: np.isclose); options are [RTol], [ATol] and [EqualNaN].
func Isclose(a, b any, opts ...any) *Array {
	o := optionsOf(opts)
	x, y := Of(a).cast(kFloat64), Of(b).cast(kFloat64)
	return zip(x, y, elems[float64], func(p, q float64) bool {
		switch {
		case math.IsNaN(p) || math.IsNaN(q):
			return o.equalNaN && math.IsNaN(p) && math.IsNaN(q)
		case math.IsInf(p, 0) || math.IsInf(q, 0):
			return p == q
		}
		return math.Abs(p-q) <= o.atol+o.rtol*math.Abs(q)
	})
}

// Allclose says whether all are close (NumPy: np.allclose).
func Allclose(a, b any, opts ...any) bool { return Isclose(a, b, opts...).AllTrue() }

// ArrayEqual says whether shapes and elements are the same (NumPy: np.array_equal).
func ArrayEqual(a, b any) bool {
	x, y := Of(a), Of(b)
	return slices.Equal(x.shape, y.shape) && Equal(x, y).AllTrue()
}

// Where takes x where the condition holds and y elsewhere (NumPy: np.where of three arguments; of one it is [Nonzero]).
func Where(cond, x, y any) *Array {
	a, b := operandOf(x), operandOf(y)
	k := common(a, b)
	p, q, c := a.as(k), b.as(k), Of(cond)
	shape := broadcastOf(c, p, q)
	out := newArray(k, shape)
	out.data.copyStrided(0, out.strides, q.data, q.offset, q.to(shape).strides, shape)
	var at []int
	for i, yes := range c.to(shape).bools() {
		if yes {
			at = append(at, i)
		}
	}
	from := p.to(shape).flat()
	out.data.scatter(at, from.gather(at))
	return out
}
