package ops

import "github.com/gokeras/gokeras/symbolic"

// Negative is -x (Keras: ops.negative).
func Negative(x any) *symbolic.Tensor { return unary("Negative", x) }

// Abs is |x| (Keras: ops.abs).
func Abs(x any) *symbolic.Tensor { return Absolute(x) }

// Absolute is |x| (Keras: ops.absolute).
func Absolute(x any) *symbolic.Tensor { return unary("Absolute", x) }

// Square is x² (Keras: ops.square).
func Square(x any) *symbolic.Tensor { return unary("Square", x) }

// Sqrt is the square root (Keras: ops.sqrt).
func Sqrt(x any) *symbolic.Tensor { return unary("Sqrt", x) }

// Rsqrt is 1/√x (Keras: ops.rsqrt).
func Rsqrt(x any) *symbolic.Tensor { return unary("Rsqrt", x) }

// Reciprocal is 1/x (Keras: ops.reciprocal).
func Reciprocal(x any) *symbolic.Tensor { return unary("Reciprocal", x) }

// Exp is eˣ (Keras: ops.exp).
func Exp(x any) *symbolic.Tensor { return unary("Exp", x) }

// Exp2 is 2ˣ (Keras: ops.exp2).
func Exp2(x any) *symbolic.Tensor { return unary("Exp2", x) }

// Expm1 is eˣ - 1, exact near 0 (Keras: ops.expm1).
func Expm1(x any) *symbolic.Tensor { return unary("Expm1", x) }

// Log is the natural logarithm (Keras: ops.log).
func Log(x any) *symbolic.Tensor { return unary("Log", x) }

// Log1p is log(1 + x), exact near 0 (Keras: ops.log1p).
func Log1p(x any) *symbolic.Tensor { return unary("Log1p", x) }

// Log2 is the logarithm to base 2 (Keras: ops.log2).
func Log2(x any) *symbolic.Tensor { return unary("Log2", x) }

// Log10 is the logarithm to base 10 (Keras: ops.log10).
func Log10(x any) *symbolic.Tensor { return unary("Log10", x) }

// Sign is -1, 0 or 1 (Keras: ops.sign).
func Sign(x any) *symbolic.Tensor { return unary("Sign", x) }

// Sin is the sine (Keras: ops.sin).
func Sin(x any) *symbolic.Tensor { return unary("Sin", x) }

// Cos is the cosine (Keras: ops.cos).
func Cos(x any) *symbolic.Tensor { return unary("Cos", x) }

// Tan is the tangent (Keras: ops.tan).
func Tan(x any) *symbolic.Tensor { return unary("Tan", x) }

// Sinh is the hyperbolic sine (Keras: ops.sinh).
func Sinh(x any) *symbolic.Tensor { return unary("Sinh", x) }

// Cosh is the hyperbolic cosine (Keras: ops.cosh).
func Cosh(x any) *symbolic.Tensor { return unary("Cosh", x) }

// Tanh is the hyperbolic tangent (Keras: ops.tanh).
func Tanh(x any) *symbolic.Tensor { return unary("Tanh", x) }

// Arcsin is the inverse sine (Keras: ops.arcsin).
func Arcsin(x any) *symbolic.Tensor { return unary("Arcsin", x) }

// Arccos is the inverse cosine (Keras: ops.arccos).
func Arccos(x any) *symbolic.Tensor { return unary("Arccos", x) }

// Arctan is the inverse tangent (Keras: ops.arctan).
func Arctan(x any) *symbolic.Tensor { return unary("Arctan", x) }

// Arcsinh is the inverse hyperbolic sine (Keras: ops.arcsinh).
func Arcsinh(x any) *symbolic.Tensor { return unary("Arcsinh", x) }

// Arccosh is the inverse hyperbolic cosine (Keras: ops.arccosh).
func Arccosh(x any) *symbolic.Tensor { return unary("Arccosh", x) }

// Arctanh is the inverse hyperbolic tangent (Keras: ops.arctanh).
func Arctanh(x any) *symbolic.Tensor { return unary("Arctanh", x) }

// Floor is the next whole number below (Keras: ops.floor).
func Floor(x any) *symbolic.Tensor { return unary("Floor", x) }

// Ceil is the next whole number above (Keras: ops.ceil).
func Ceil(x any) *symbolic.Tensor { return unary("Ceil", x) }

// Trunc is the whole part (Keras: ops.trunc).
func Trunc(x any) *symbolic.Tensor { return unary("Trunc", x) }

// Erf is the error function (Keras: ops.erf).
func Erf(x any) *symbolic.Tensor { return unary("Erf", x) }

// Erfc is 1 - erf(x) (Keras: ops.erfc).
func Erfc(x any) *symbolic.Tensor { return unary("Erfc", x) }

// Isfinite is whether x is neither infinite nor NaN (Keras: ops.isfinite).
func Isfinite(x any) *symbolic.Tensor { return unary("Isfinite", x) }

// Isnan is whether x is NaN (Keras: ops.isnan).
func Isnan(x any) *symbolic.Tensor { return unary("Isnan", x) }

// Isinf is whether x is infinite (Keras: ops.isinf).
func Isinf(x any) *symbolic.Tensor { return unary("Isinf", x) }

// LogicalNot is true where x is false (Keras: ops.logical_not).
func LogicalNot(x any) *symbolic.Tensor { return unary("LogicalNot", x) }

// Copy is x itself (Keras: ops.copy).
func Copy(x any) *symbolic.Tensor { return unary("Copy", x) }

// StopGradient is x, through which no gradient passes (Keras: ops.stop_gradient).
func StopGradient(x any) *symbolic.Tensor { return unary("StopGradient", x) }

// Ravel is x as one axis (Keras: ops.ravel).
func Ravel(x any) *symbolic.Tensor { return unary("Ravel", x) }
