package ops

import "github.com/gokeras/gokeras/symbolic"

// Add is x1 + x2 (Keras: ops.add).
func Add(x1, x2 any) *symbolic.Tensor { return one("Add", nil, x1, x2) }

// Subtract is x1 - x2 (Keras: ops.subtract).
func Subtract(x1, x2 any) *symbolic.Tensor { return one("Subtract", nil, x1, x2) }

// Multiply is x1·x2 (Keras: ops.multiply).
func Multiply(x1, x2 any) *symbolic.Tensor { return one("Multiply", nil, x1, x2) }

// Divide is x1/x2 (Keras: ops.divide).
func Divide(x1, x2 any) *symbolic.Tensor { return one("Divide", nil, x1, x2) }

// TrueDivide is x1/x2, as Python's operator records it (Keras: ops.true_divide).
func TrueDivide(x1, x2 any) *symbolic.Tensor { return one("TrueDivide", nil, x1, x2) }

// DivideNoNan is x1/x2, 0 where x2 is 0 (Keras: ops.divide_no_nan).
func DivideNoNan(x1, x2 any) *symbolic.Tensor { return one("DivideNoNan", nil, x1, x2) }

// FloorDivide is x1/x2 rounded down (Keras: ops.floor_divide).
func FloorDivide(x1, x2 any) *symbolic.Tensor { return one("FloorDivide", nil, x1, x2) }

// Mod is what is left of x1/x2, with the sign of x2 (Keras: ops.mod).
func Mod(x1, x2 any) *symbolic.Tensor { return one("Mod", nil, x1, x2) }

// Power is x1 to the power of x2 (Keras: ops.power).
func Power(x1, x2 any) *symbolic.Tensor { return one("Power", nil, x1, x2) }

// Maximum is the larger of each pair (Keras: ops.maximum).
func Maximum(x1, x2 any) *symbolic.Tensor { return one("Maximum", nil, x1, x2) }

// Minimum is the smaller of each pair (Keras: ops.minimum).
func Minimum(x1, x2 any) *symbolic.Tensor { return one("Minimum", nil, x1, x2) }

// Arctan2 is the angle of the point (x2, x1) (Keras: ops.arctan2).
func Arctan2(x1, x2 any) *symbolic.Tensor { return one("Arctan2", nil, x1, x2) }

// Logaddexp is log(eˣ¹ + eˣ²) (Keras: ops.logaddexp).
func Logaddexp(x1, x2 any) *symbolic.Tensor { return one("Logaddexp", nil, x1, x2) }

// Hypot is √(x1² + x2²) (Keras: ops.hypot).
func Hypot(x1, x2 any) *symbolic.Tensor { return one("Hypot", nil, x1, x2) }

// Equal is x1 == x2 (Keras: ops.equal).
func Equal(x1, x2 any) *symbolic.Tensor { return one("Equal", nil, x1, x2) }

// NotEqual is x1 != x2 (Keras: ops.not_equal).
func NotEqual(x1, x2 any) *symbolic.Tensor { return one("NotEqual", nil, x1, x2) }

// Greater is x1 > x2 (Keras: ops.greater).
func Greater(x1, x2 any) *symbolic.Tensor { return one("Greater", nil, x1, x2) }

// GreaterEqual is x1 >= x2 (Keras: ops.greater_equal).
func GreaterEqual(x1, x2 any) *symbolic.Tensor { return one("GreaterEqual", nil, x1, x2) }

// Less is x1 < x2 (Keras: ops.less).
func Less(x1, x2 any) *symbolic.Tensor { return one("Less", nil, x1, x2) }

// LessEqual is x1 <= x2 (Keras: ops.less_equal).
func LessEqual(x1, x2 any) *symbolic.Tensor { return one("LessEqual", nil, x1, x2) }

// LogicalAnd is true where both are (Keras: ops.logical_and).
func LogicalAnd(x1, x2 any) *symbolic.Tensor { return one("LogicalAnd", nil, x1, x2) }

// LogicalOr is true where one is (Keras: ops.logical_or).
func LogicalOr(x1, x2 any) *symbolic.Tensor { return one("LogicalOr", nil, x1, x2) }

// LogicalXor is true where just one is (Keras: ops.logical_xor).
func LogicalXor(x1, x2 any) *symbolic.Tensor { return one("LogicalXor", nil, x1, x2) }

// Matmul is the matrix product of the last two axes (x1 @ x2) (Keras: ops.matmul).
func Matmul(x1, x2 any) *symbolic.Tensor { return one("Matmul", nil, x1, x2) }

// Dot is the sum over the last axis of x1 and the last but one of x2 (Keras: ops.dot).
func Dot(x1, x2 any) *symbolic.Tensor { return one("Dot", nil, x1, x2) }
