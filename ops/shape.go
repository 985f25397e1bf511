package ops

import (
	"fmt"

	"github.com/gokeras/gokeras/symbolic"
)

// Where takes x1 where the condition is true and x2 elsewhere (Keras: ops.where).
func Where(condition, x1, x2 any) *symbolic.Tensor { return one("Where", nil, condition, x1, x2) }

// Clip cuts x to what lies between two numbers (Keras: ops.clip).
func Clip(x, xMin, xMax any) *symbolic.Tensor {
	return one("Clip", config{"x_min": xMin, "x_max": xMax}, x)
}

// Round rounds to a number of decimals, halves to even (Keras: ops.round).
func Round(x any, decimals int) *symbolic.Tensor {
	return one("Round", config{"decimals": decimals}, x)
}

// Cast changes the type: "int32", "float16" (Keras: ops.cast).
func Cast(x any, dtype string) *symbolic.Tensor { return one("Cast", config{"dtype": dtype}, x) }

// ZerosLike is zeros of x's shape, OnesLike ones (Keras: ops.zeros_like). [DType] gives them another type.
func ZerosLike(x any, o ...Option) *symbolic.Tensor { return one("ZerosLike", options(o), x) }

// OnesLike is ones of x's shape (Keras: ops.ones_like).
func OnesLike(x any, o ...Option) *symbolic.Tensor { return one("OnesLike", options(o), x) }

// FullLike is fillValue in x's shape (Keras: ops.full_like).
func FullLike(x, fillValue any, o ...Option) *symbolic.Tensor {
	return one("FullLike", options(o), x, fillValue)
}

// Reshape gives x's elements another shape, the batch axis included; one axis may be -1 for what is left (Keras: ops.reshape).
func Reshape(x any, shape ...int) *symbolic.Tensor {
	return one("Reshape", config{"newshape": list(shape)}, x)
}

// Transpose reorders the axes, without any reverses them (Keras: ops.transpose).
func Transpose(x any, axes ...int) *symbolic.Tensor {
	var order any
	if len(axes) > 0 {
		order = list(axes)
	}
	return one("Transpose", config{"axes": order}, x)
}

// Swapaxes exchanges two axes (Keras: ops.swapaxes).
func Swapaxes(x any, axis1, axis2 int) *symbolic.Tensor {
	return one("Swapaxes", config{"axis1": axis1, "axis2": axis2}, x)
}

// Moveaxis moves an axis to another place (Keras: ops.moveaxis).
func Moveaxis(x any, source, destination int) *symbolic.Tensor {
	return one("Moveaxis", config{"source": source, "destination": destination}, x)
}

// ExpandDims puts in axes of size 1 (Keras: ops.expand_dims).
func ExpandDims(x any, axis ...int) *symbolic.Tensor {
	return one("ExpandDims", config{"axis": axisOr(nil, axis)}, x)
}

// Squeeze removes axes of size 1, without any all of them (Keras: ops.squeeze).
func Squeeze(x any, axis ...int) *symbolic.Tensor {
	return one("Squeeze", config{"axis": axisOr(nil, axis)}, x)
}

// Concatenate lays tensors end to end along an axis (Keras: ops.concatenate).
func Concatenate(xs []*symbolic.Tensor, axis int) *symbolic.Tensor {
	return one("Concatenate", config{"axis": axis}, xs)
}

// Append lays two tensors end to end along an axis (Keras: ops.append).
func Append(x1, x2 any, axis int) *symbolic.Tensor {
	return one("Append", config{"axis": axis}, x1, x2)
}

// Stack joins tensors along a new axis (Keras: ops.stack).
func Stack(xs []*symbolic.Tensor, axis int) *symbolic.Tensor {
	return one("Stack", config{"axis": axis}, xs)
}

// Hstack lays tensors end to end along axis 1, Vstack along axis 0 (Keras: ops.hstack).
func Hstack(xs []*symbolic.Tensor) *symbolic.Tensor { return one("Hstack", nil, xs) }

// Vstack lays tensors end to end along axis 0 (Keras: ops.vstack).
func Vstack(xs []*symbolic.Tensor) *symbolic.Tensor { return one("Vstack", nil, xs) }

// Split cuts an axis into equal sections (Keras: ops.split). Of a call that fails it returns one tensor, with the error.
func Split(x any, sections, axis int) []*symbolic.Tensor {
	return many("Split", config{"indices_or_sections": sections, "axis": axis}, x)
}

// SplitAt cuts an axis before each index (Keras: ops.split with a list).
func SplitAt(x any, indices []int, axis int) []*symbolic.Tensor {
	return many("Split", config{"indices_or_sections": list(indices), "axis": axis}, x)
}

// Unstack cuts an axis of size num into tensors without it (Keras: ops.unstack); num 0 is the axis's size.
func Unstack(x any, num, axis int) []*symbolic.Tensor {
	cfg := config{"num": num, "axis": axis}
	if num == 0 {
		cfg["num"] = nil
	}
	return many("Unstack", cfg, x)
}

// Flip reverses axes, without any all of them (Keras: ops.flip).
func Flip(x any, axis ...int) *symbolic.Tensor {
	return one("Flip", config{"axis": axisOr(nil, axis)}, x)
}

// Roll shifts the elements along an axis; those that leave at the end come in at the start (Keras: ops.roll).
func Roll(x any, shift, axis int) *symbolic.Tensor {
	return one("Roll", config{"shift": shift, "axis": axis}, x)
}

// RollAxes is [Roll] along several axes.
func RollAxes(x any, shifts, axes []int) *symbolic.Tensor {
	return one("Roll", config{"shift": list(shifts), "axis": list(axes)}, x)
}

// Repeat repeats each element along an axis (Keras: ops.repeat).
func Repeat(x any, repeats, axis int) *symbolic.Tensor {
	return one("Repeat", config{"repeats": repeats, "axis": axis}, x)
}

// Tile repeats the whole along each axis (Keras: ops.tile).
func Tile(x any, repeats ...int) *symbolic.Tensor {
	return one("Tile", config{"repeats": list(repeats)}, x)
}

// PadOptions are the arguments of Keras's pad; the zero value is Keras's default.
type PadOptions struct {
	Mode  string // "": "constant"; "edge", "empty", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric", "wrap"
	Value any    // what "constant" pads with, nil: 0
}

// Pad puts elements before and after each axis, the batch axis included (Keras: ops.pad).
func Pad(x any, width [][2]int, o PadOptions) *symbolic.Tensor {
	widths := make([]any, len(width))
	for i, w := range width {
		widths[i] = list(w[:])
	}
	cfg := config{"pad_width": widths}
	if o.Mode != "" {
		cfg["mode"] = o.Mode
	}
	value, err := symbolic.OperationArgument(o.Value)
	if err != nil {
		return symbolic.FailedOperation("Pad", fmt.Errorf("option Value is a %T, want a number", o.Value))[0]
	}
	return apply("Pad", cfg, []any{x}, config{"constant_values": value})[0]
}

// BroadcastTo repeats axes of size 1 up to a shape (Keras: ops.broadcast_to).
func BroadcastTo(x any, shape ...int) *symbolic.Tensor {
	return one("BroadcastTo", config{"shape": list(shape)}, x)
}

// Triu keeps the elements of matrices on and above diagonal k (Keras: ops.triu).
func Triu(x any, k int) *symbolic.Tensor { return one("Triu", config{"k": k}, x) }

// Tril keeps the elements of matrices on and below diagonal k (Keras: ops.tril).
func Tril(x any, k int) *symbolic.Tensor { return one("Tril", config{"k": k}, x) }

// OneHot makes of each whole number a new last axis with 1 in its place (Keras: ops.one_hot); [Axis] and [DType] change that.
func OneHot(x any, numClasses int, o ...Option) *symbolic.Tensor {
	cfg := config{"axis": -1, "dtype": "float32"}
	for _, set := range o {
		set(cfg)
	}
	cfg["num_classes"] = numClasses
	return one("OneHot", cfg, x)
}

// Take picks the elements of an axis at indices, which may be a tensor (Keras: ops.take).
func Take(x, indices any, axis int) *symbolic.Tensor {
	return one("Take", config{"axis": axis}, x, indices)
}

// Slice is the part of x of a shape from the start indices on (Keras: ops.slice).
func Slice(x any, startIndices, shape []int) *symbolic.Tensor {
	return one("Slice", config{"shape": list(shape)}, x, list(startIndices))
}

// GetItem is Python's x[key] (Keras: ops.get_item); [symbolic.Tensor.Slice] says what a key is.
func GetItem(x *symbolic.Tensor, key string) *symbolic.Tensor { return x.Slice(key) }

// Tensordot sums over the last axes of x1 and the first of x2 (Keras: ops.tensordot with a number).
func Tensordot(x1, x2 any, axes int) *symbolic.Tensor {
	return one("Tensordot", config{"axes": axes}, x1, x2)
}

// TensordotAxes sums over pairs of axes (Keras: ops.tensordot with two lists).
func TensordotAxes(x1, x2 any, axes1, axes2 []int) *symbolic.Tensor {
	return one("Tensordot", config{"axes": []any{list(axes1), list(axes2)}}, x1, x2)
}

// Einsum is Einstein's summation: "bij,bjk->bik" (Keras: ops.einsum). An operand names an axis at most once.
func Einsum(subscripts string, operands ...any) *symbolic.Tensor {
	return one("Einsum", config{"subscripts": subscripts}, operands...)
}

// NanToNum replaces NaN by 0 and infinities by the largest numbers (Keras: ops.nan_to_num).
func NanToNum(x any) *symbolic.Tensor { return unary("NanToNum", x) }

// Diff is the n-th difference of neighbours along an axis (Keras: ops.diff).
func Diff(x any, n, axis int) *symbolic.Tensor { return one("Diff", config{"n": n, "axis": axis}, x) }
