package ops

import "github.com/gokeras/gokeras/symbolic"

// Cbrt is the cube root (Keras: ops.cbrt).
func Cbrt(x any) *symbolic.Tensor { return unary("Cbrt", x) }

// Sinc is sin(πx)/(πx) (Keras: ops.sinc).
func Sinc(x any) *symbolic.Tensor { return unary("Sinc", x) }

// I0 is the modified Bessel function of the first kind, of order 0 (Keras: ops.i0).
func I0(x any) *symbolic.Tensor { return unary("I0", x) }

// Erfinv is the inverse of erf (Keras: ops.erfinv).
func Erfinv(x any) *symbolic.Tensor { return unary("Erfinv", x) }

// Fabs is |x| as a float (Keras: ops.fabs).
func Fabs(x any) *symbolic.Tensor { return unary("Fabs", x) }

// Deg2rad turns degrees into radians (Keras: ops.deg2rad).
func Deg2rad(x any) *symbolic.Tensor { return unary("Deg2rad", x) }

// Rad2deg turns radians into degrees (Keras: ops.rad2deg).
func Rad2deg(x any) *symbolic.Tensor { return unary("Rad2deg", x) }

// Signbit is whether the sign is negative, -0's too (Keras: ops.signbit).
func Signbit(x any) *symbolic.Tensor { return unary("Signbit", x) }

// Isposinf is whether x is +∞ (Keras: ops.isposinf).
func Isposinf(x any) *symbolic.Tensor { return unary("Isposinf", x) }

// Isneginf is whether x is -∞ (Keras: ops.isneginf).
func Isneginf(x any) *symbolic.Tensor { return unary("Isneginf", x) }

// Isreal is true: no tensor here is complex (Keras: ops.isreal).
func Isreal(x any) *symbolic.Tensor { return unary("Isreal", x) }

// Real is x: no tensor here is complex (Keras: ops.real).
func Real(x any) *symbolic.Tensor { return unary("Real", x) }

// Imag is zeros: no tensor here is complex (Keras: ops.imag).
func Imag(x any) *symbolic.Tensor { return unary("Imag", x) }

// Conj is x: no tensor here is complex (Keras: ops.conj).
func Conj(x any) *symbolic.Tensor { return unary("Conj", x) }

// Conjugate is x: no tensor here is complex (Keras: ops.conjugate).
func Conjugate(x any) *symbolic.Tensor { return unary("Conjugate", x) }

// Angle is 0, or π where x < 0 (Keras: ops.angle).
func Angle(x any) *symbolic.Tensor { return unary("Angle", x) }

// BitwiseInvert inverts every bit (Keras: ops.bitwise_invert).
func BitwiseInvert(x any) *symbolic.Tensor { return unary("BitwiseInvert", x) }

// BitwiseNot inverts every bit (Keras: ops.bitwise_not).
func BitwiseNot(x any) *symbolic.Tensor { return unary("BitwiseNot", x) }

// Fmax is the larger of each pair, the other one where one is NaN (Keras: ops.fmax).
func Fmax(x1, x2 any) *symbolic.Tensor { return one("Fmax", nil, x1, x2) }

// Fmin is the smaller of each pair, the other one where one is NaN (Keras: ops.fmin).
func Fmin(x1, x2 any) *symbolic.Tensor { return one("Fmin", nil, x1, x2) }

// Fmod is what is left of x1/x2, with the sign of x1 (Keras: ops.fmod).
func Fmod(x1, x2 any) *symbolic.Tensor { return one("Fmod", nil, x1, x2) }

// Gcd is the greatest common divisor of whole numbers (Keras: ops.gcd).
func Gcd(x1, x2 any) *symbolic.Tensor { return one("Gcd", nil, x1, x2) }

// Lcm is the least common multiple of whole numbers (Keras: ops.lcm).
func Lcm(x1, x2 any) *symbolic.Tensor { return one("Lcm", nil, x1, x2) }

// Heaviside is 0 where x1 < 0, 1 where x1 > 0, x2 where x1 is 0 (Keras: ops.heaviside).
func Heaviside(x1, x2 any) *symbolic.Tensor { return one("Heaviside", nil, x1, x2) }

// Ldexp is x1·2ˣ² for whole numbers x2 (Keras: ops.ldexp).
func Ldexp(x1, x2 any) *symbolic.Tensor { return one("Ldexp", nil, x1, x2) }

// Logaddexp2 is log2(2ˣ¹ + 2ˣ²) (Keras: ops.logaddexp2).
func Logaddexp2(x1, x2 any) *symbolic.Tensor { return one("Logaddexp2", nil, x1, x2) }

// BitwiseAnd has the bits that both have (Keras: ops.bitwise_and).
func BitwiseAnd(x1, x2 any) *symbolic.Tensor { return one("BitwiseAnd", nil, x1, x2) }

// BitwiseOr has the bits that one has (Keras: ops.bitwise_or).
func BitwiseOr(x1, x2 any) *symbolic.Tensor { return one("BitwiseOr", nil, x1, x2) }

// BitwiseXor has the bits that just one has (Keras: ops.bitwise_xor).
func BitwiseXor(x1, x2 any) *symbolic.Tensor { return one("BitwiseXor", nil, x1, x2) }

// BitwiseLeftShift moves the bits of x1 up by x2 (Keras: ops.bitwise_left_shift).
func BitwiseLeftShift(x1, x2 any) *symbolic.Tensor { return one("BitwiseLeftShift", nil, x1, x2) }

// LeftShift moves the bits of x1 up by x2 (Keras: ops.left_shift).
func LeftShift(x1, x2 any) *symbolic.Tensor { return one("LeftShift", nil, x1, x2) }

// BitwiseRightShift moves the bits of x1 down by x2, keeping the sign (Keras: ops.bitwise_right_shift).
func BitwiseRightShift(x1, x2 any) *symbolic.Tensor { return one("BitwiseRightShift", nil, x1, x2) }

// RightShift moves the bits of x1 down by x2, keeping the sign (Keras: ops.right_shift).
func RightShift(x1, x2 any) *symbolic.Tensor { return one("RightShift", nil, x1, x2) }

// IscloseOptions are the arguments of [Isclose] and [Allclose]; the zero value is Keras's default.
type IscloseOptions struct {
	RTol, ATol any  // nil: 1e-5 and 1e-8
	EqualNaN   bool // NaN is close to NaN
}

// Isclose is whether |x1 - x2| is at most atol + rtol·|x2| (Keras: ops.isclose).
func Isclose(x1, x2 any, o IscloseOptions) *symbolic.Tensor {
	args := []any{x1, x2, 1e-5, 1e-8}
	if o.RTol != nil {
		args[2] = o.RTol
	}
	if o.ATol != nil {
		args[3] = o.ATol
	}
	return one("Isclose", config{"equal_nan": o.EqualNaN}, args...)
}

// Allclose is whether all elements are close, as in [Isclose] (Keras: ops.allclose).
func Allclose(x1, x2 any, o IscloseOptions) *symbolic.Tensor {
	cfg := config{"equal_nan": o.EqualNaN}
	if o.RTol != nil {
		cfg["rtol"] = o.RTol
	}
	if o.ATol != nil {
		cfg["atol"] = o.ATol
	}
	return one("AllClose", cfg, x1, x2)
}

// SaturateCast changes the type; what the type can't hold becomes its nearest number (Keras: ops.saturate_cast).
func SaturateCast(x any, dtype string) *symbolic.Tensor {
	return one("SaturateCast", config{"dtype": dtype}, x)
}

// View reads x's bits as another type; the last axis grows or shrinks where the sizes differ (Keras: ops.view).
func View(x any, dtype string) *symbolic.Tensor { return one("View", config{"dtype": dtype}, x) }

// EmptyLike is zeros of x's shape (Keras: ops.empty_like).
func EmptyLike(x any, o ...Option) *symbolic.Tensor { return one("EmptyLike", options(o), x) }
