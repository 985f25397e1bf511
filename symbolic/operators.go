package symbolic

import (
	"fmt"
	"strconv"
	"strings"
)

// Python's operators on symbolic tensors, as methods. The other operand y is a *Tensor, a number (an int or a float, which take the
// tensor's type as Python's do), a bool, a slice of numbers or a GoMLX tensor; shapes follow NumPy's rules, types Keras's on JAX. The
// methods whose names begin with R have y on the left, as Python's have. Files hold them as Keras writes them: x.Add(y) is an Add,
// x.Div(y) a TrueDivide, x.Slice(key) a GetItem. An error is in the tensor that comes back.

func operate(class string, cfg map[string]any, args ...any) *Tensor {
	return Operate(class, cfg, args, nil)[0]
}

// Add is x + y (Keras: Add).
func (x *Tensor) Add(y any) *Tensor { return operate("Add", nil, x, y) }

// RAdd is y + x (Keras: Add).
func (x *Tensor) RAdd(y any) *Tensor { return operate("Add", nil, y, x) }

// Sub is x - y (Keras: Subtract).
func (x *Tensor) Sub(y any) *Tensor { return operate("Subtract", nil, x, y) }

// RSub is y - x (Keras: Subtract).
func (x *Tensor) RSub(y any) *Tensor { return operate("Subtract", nil, y, x) }

// Mul is x * y (Keras: Multiply).
func (x *Tensor) Mul(y any) *Tensor { return operate("Multiply", nil, x, y) }

// RMul is y * x (Keras: Multiply).
func (x *Tensor) RMul(y any) *Tensor { return operate("Multiply", nil, y, x) }

// Div is x / y (Keras: TrueDivide).
func (x *Tensor) Div(y any) *Tensor { return operate("TrueDivide", nil, x, y) }

// RDiv is y / x (Keras: TrueDivide).
func (x *Tensor) RDiv(y any) *Tensor { return operate("TrueDivide", nil, y, x) }

// FloorDiv is x // y, rounded down (Keras: FloorDivide).
func (x *Tensor) FloorDiv(y any) *Tensor { return operate("FloorDivide", nil, x, y) }

// RFloorDiv is y // x (Keras: FloorDivide).
func (x *Tensor) RFloorDiv(y any) *Tensor { return operate("FloorDivide", nil, y, x) }

// Mod is x % y, with the sign of y (Keras: Mod).
func (x *Tensor) Mod(y any) *Tensor { return operate("Mod", nil, x, y) }

// RMod is y % x (Keras: Mod).
func (x *Tensor) RMod(y any) *Tensor { return operate("Mod", nil, y, x) }

// Pow is x ** y (Keras: Power).
func (x *Tensor) Pow(y any) *Tensor { return operate("Power", nil, x, y) }

// RPow is y ** x (Keras: Power).
func (x *Tensor) RPow(y any) *Tensor { return operate("Power", nil, y, x) }

// MatMul is x @ y, the matrix product of the last two axes (Keras: Matmul).
func (x *Tensor) MatMul(y any) *Tensor { return operate("Matmul", nil, x, y) }

// RMatMul is y @ x (Keras: Matmul).
func (x *Tensor) RMatMul(y any) *Tensor { return operate("Matmul", nil, y, x) }

// And is x & y, of booleans (Keras: LogicalAnd).
func (x *Tensor) And(y any) *Tensor { return operate("LogicalAnd", nil, x, y) }

// RAnd is y & x (Keras: LogicalAnd).
func (x *Tensor) RAnd(y any) *Tensor { return operate("LogicalAnd", nil, y, x) }

// Or is x | y, of booleans (Keras: LogicalOr).
func (x *Tensor) Or(y any) *Tensor { return operate("LogicalOr", nil, x, y) }

// ROr is y | x (Keras: LogicalOr).
func (x *Tensor) ROr(y any) *Tensor { return operate("LogicalOr", nil, y, x) }

// Xor is x ^ y, of booleans, just one of them (Keras: LogicalXor).
func (x *Tensor) Xor(y any) *Tensor { return operate("LogicalXor", nil, x, y) }

// RXor is y ^ x (Keras: LogicalXor).
func (x *Tensor) RXor(y any) *Tensor { return operate("LogicalXor", nil, y, x) }

// Less is x < y (Keras: Less).
func (x *Tensor) Less(y any) *Tensor { return operate("Less", nil, x, y) }

// LessEqual is x <= y (Keras: LessEqual).
func (x *Tensor) LessEqual(y any) *Tensor { return operate("LessEqual", nil, x, y) }

// Greater is x > y (Keras: Greater).
func (x *Tensor) Greater(y any) *Tensor { return operate("Greater", nil, x, y) }

// GreaterEqual is x >= y (Keras: GreaterEqual).
func (x *Tensor) GreaterEqual(y any) *Tensor { return operate("GreaterEqual", nil, x, y) }

// NotEqual is x != y (Keras: NotEqual).
func (x *Tensor) NotEqual(y any) *Tensor { return operate("NotEqual", nil, x, y) }

// Equal is whether the elements are equal, ops.equal: Python's x == y asks for the same tensor (Keras: Equal).
func (x *Tensor) Equal(y any) *Tensor { return operate("Equal", nil, x, y) }

// Neg is -x (Keras: Negative).
func (x *Tensor) Neg() *Tensor { return operate("Negative", nil, x) }

// Abs is abs(x) (Keras: Absolute).
func (x *Tensor) Abs() *Tensor { return operate("Absolute", nil, x) }

// Not is ~x, of booleans (Keras: LogicalNot).
func (x *Tensor) Not() *Tensor { return operate("LogicalNot", nil, x) }

// Round is round(x, decimals), halves to even (Keras: Round).
func (x *Tensor) Round(decimals int) *Tensor {
	return operate("Round", map[string]any{"decimals": decimals}, x)
}

// Reshape gives x's elements another shape, the batch axis included; one axis may be -1 for what is left (Keras: reshape).
func (x *Tensor) Reshape(shape ...int) *Tensor {
	return operate("Reshape", map[string]any{"newshape": intList(shape)}, x)
}

// Squeeze removes axes of size 1, without any all of them (Keras: squeeze).
func (x *Tensor) Squeeze(axis ...int) *Tensor {
	var axes any
	switch len(axis) {
	case 0:
	case 1:
		axes = axis[0]
	default:
		axes = intList(axis)
	}
	return operate("Squeeze", map[string]any{"axis": axes}, x)
}

// Slice is Python's x[key], the key written as Python writes it: x.Slice(":, 1:"), x.Slice("..., None, ::-1"), x.Slice("0"). It
// holds numbers, slices, None for a new axis, and "..." for the axes between (Keras: GetItem).
func (x *Tensor) Slice(key string) *Tensor {
	var items []any
	for _, text := range strings.Split(key, ",") {
		item, err := keyItem(strings.TrimSpace(text))
		if err != nil {
			return FailedOperation("GetItem", fmt.Errorf("key %q: %w", key, err))[0]
		}
		items = append(items, item)
	}
	if len(items) == 1 {
		return operate("GetItem", nil, x, items[0])
	}
	return operate("GetItem", nil, x, items)
}

func intList(numbers []int) []any {
	out := make([]any, len(numbers))
	for i, n := range numbers {
		out[i] = n
	}
	return out
}

func keyItem(text string) (any, error) {
	switch text {
	case "...", "Ellipsis":
		return map[string]any{"class_name": "__ellipsis__", "config": map[string]any{}}, nil
	case "None", "newaxis":
		return nil, nil
	}
	parts := strings.Split(text, ":")
	if len(parts) > 3 {
		return nil, fmt.Errorf("%q has too many colons", text)
	}
	numbers := make([]any, 3)
	for i, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" && len(parts) > 1 {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("%q is none of a number, a slice, None and an ellipsis", text)
		}
		numbers[i] = n
	}
	if len(parts) == 1 {
		return numbers[0], nil
	}
	return map[string]any{"class_name": "__slice__", "config": map[string]any{"start": numbers[0], "stop": numbers[1], "step": numbers[2]}}, nil
}
