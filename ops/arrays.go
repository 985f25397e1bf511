package ops

import "github.com/gokeras/gokeras/symbolic"

// CountNonzero is the number of elements that aren't 0 (Keras: ops.count_nonzero).
func CountNonzero(x any, o ...Option) *symbolic.Tensor { return reduce("CountNonzero", x, o) }

// Ptp is the largest element less the smallest (Keras: ops.ptp).
func Ptp(x any, o ...Option) *symbolic.Tensor { return reduce("Ptp", x, o) }

// Nansum is the sum of what isn't NaN (Keras: ops.nansum).
func Nansum(x any, o ...Option) *symbolic.Tensor { return reduce("Nansum", x, o) }

// Nanprod is the product of what isn't NaN (Keras: ops.nanprod).
func Nanprod(x any, o ...Option) *symbolic.Tensor { return reduce("Nanprod", x, o) }

// Nanmean is the mean of what isn't NaN (Keras: ops.nanmean).
func Nanmean(x any, o ...Option) *symbolic.Tensor { return reduce("Nanmean", x, o) }

// Nanvar is the variance of what isn't NaN (Keras: ops.nanvar).
func Nanvar(x any, o ...Option) *symbolic.Tensor { return reduce("Nanvar", x, o) }

// Nanstd is the standard deviation of what isn't NaN (Keras: ops.nanstd).
func Nanstd(x any, o ...Option) *symbolic.Tensor { return reduce("Nanstd", x, o) }

// Nanmax is the largest element that isn't NaN (Keras: ops.nanmax).
func Nanmax(x any, o ...Option) *symbolic.Tensor { return reduce("Nanmax", x, o) }

// Nanmin is the smallest element that isn't NaN (Keras: ops.nanmin).
func Nanmin(x any, o ...Option) *symbolic.Tensor { return reduce("Nanmin", x, o) }

// Nanargmax is the index of the largest element that isn't NaN, -1 where all are (Keras: ops.nanargmax).
func Nanargmax(x any, o ...Option) *symbolic.Tensor { return reduce("Nanargmax", x, o) }

// Nanargmin is the index of the smallest element that isn't NaN, -1 where all are (Keras: ops.nanargmin).
func Nanargmin(x any, o ...Option) *symbolic.Tensor { return reduce("Nanargmin", x, o) }

// Cumprod is the product of an axis's elements so far (Keras: ops.cumprod).
func Cumprod(x any, axis int) *symbolic.Tensor {
	return one("Cumprod", config{"axis": axisOrNone(axis)}, x)
}

// Nancumsum is the sum of an axis's elements so far, NaN left out (Keras: ops.nancumsum).
func Nancumsum(x any, axis int) *symbolic.Tensor {
	return one("Nancumsum", config{"axis": axisOrNone(axis)}, x)
}

// Nancumprod is the product of an axis's elements so far, NaN left out (Keras: ops.nancumprod).
func Nancumprod(x any, axis int) *symbolic.Tensor {
	return one("Nancumprod", config{"axis": axisOrNone(axis)}, x)
}

// Trapezoid is the integral along an axis by the trapezoid rule, for points dx apart (Keras: ops.trapezoid, dx 1, axis -1).
func Trapezoid(y any, dx float64, axis int) *symbolic.Tensor {
	return one("Trapezoid", config{"dx": dx, "axis": axis}, y)
}

// Corrcoef is the correlation of the rows of a matrix (Keras: ops.corrcoef).
func Corrcoef(x any) *symbolic.Tensor { return unary("Corrcoef", x) }

// Correlate slides one sequence over another: mode "valid", Keras's default, where they overlap wholly, "same", or "full" (Keras: ops.correlate).
func Correlate(x1, x2 any, mode string) *symbolic.Tensor {
	return one("Correlate", config{"mode": mode}, x1, x2)
}

// Outer is the products of each element of x1 with each of x2 (Keras: ops.outer).
func Outer(x1, x2 any) *symbolic.Tensor { return one("Outer", nil, x1, x2) }

// Inner is the sum over the last axes of both (Keras: ops.inner).
func Inner(x1, x2 any) *symbolic.Tensor { return one("Inner", nil, x1, x2) }

// Vdot is the sum of the products of all elements (Keras: ops.vdot).
func Vdot(x1, x2 any) *symbolic.Tensor { return one("Vdot", nil, x1, x2) }

// Kron is the Kronecker product (Keras: ops.kron).
func Kron(x1, x2 any) *symbolic.Tensor { return one("Kron", nil, x1, x2) }

// Cross is the cross product of vectors of 2 or 3 elements along the last axes (Keras: ops.cross).
func Cross(x1, x2 any) *symbolic.Tensor { return one("Cross", nil, x1, x2) }

// CrossAxes is [Cross] of vectors along other axes, axisC in the result (Keras: ops.cross with axisa, axisb and axisc).
func CrossAxes(x1, x2 any, axisA, axisB, axisC int) *symbolic.Tensor {
	return one("Cross", config{"axisa": axisA, "axisb": axisB, "axisc": axisC}, x1, x2)
}

// Diag is the diagonal k of a matrix, or for a vector the matrix that has it there (Keras: ops.diag, k 0).
func Diag(x any, k int) *symbolic.Tensor { return one("Diag", config{"k": k}, x) }

// Diagflat is the matrix with all elements of x on its diagonal k (Keras: ops.diagflat, k 0).
func Diagflat(x any, k int) *symbolic.Tensor { return one("Diagflat", config{"k": k}, x) }

// Diagonal is the diagonals of matrices over two axes (Keras: ops.diagonal, offset 0, axes 0 and 1).
func Diagonal(x any, offset, axis1, axis2 int) *symbolic.Tensor {
	return one("Diagonal", config{"offset": offset, "axis1": axis1, "axis2": axis2}, x)
}

// Trace is the sums of the diagonals of matrices over two axes (Keras: ops.trace, offset 0, axes 0 and 1).
func Trace(x any, offset, axis1, axis2 int) *symbolic.Tensor {
	return one("Trace", config{"offset": offset, "axis1": axis1, "axis2": axis2}, x)
}

// Vander is the powers of a vector's elements as the rows of a matrix of n columns, 0 for as many as elements; falling, or rising with
// increasing (Keras: ops.vander).
func Vander(x any, n int, increasing bool) *symbolic.Tensor {
	cfg := config{"increasing": increasing}
	if n != 0 {
		cfg["N"] = n
	}
	return one("Vander", cfg, x)
}

// Rot90 turns the plane of two axes k times by a quarter, from the first towards the second (Keras: ops.rot90, k 1, axes 0 and 1).
func Rot90(array any, k int, axes [2]int) *symbolic.Tensor {
	return one("Rot90", config{"k": k, "axes": list(axes[:])}, array)
}

// Fliplr reverses axis 1 (Keras: ops.fliplr).
func Fliplr(x any) *symbolic.Tensor { return unary("Fliplr", x) }

// Flipud reverses axis 0 (Keras: ops.flipud).
func Flipud(x any) *symbolic.Tensor { return unary("Flipud", x) }

// Dstack lays tensors end to end along axis 2 (Keras: ops.dstack).
func Dstack(xs []*symbolic.Tensor) *symbolic.Tensor { return one("Dstack", nil, xs) }

// Hsplit cuts axis 1, of vectors axis 0, into equal sections (Keras: ops.hsplit).
func Hsplit(x any, sections int) []*symbolic.Tensor {
	return many("Hsplit", config{"indices_or_sections": sections}, x)
}

// Vsplit cuts axis 0 into equal sections (Keras: ops.vsplit).
func Vsplit(x any, sections int) []*symbolic.Tensor {
	return many("Vsplit", config{"indices_or_sections": sections}, x)
}

// Dsplit cuts axis 2 into equal sections (Keras: ops.dsplit).
func Dsplit(x any, sections int) []*symbolic.Tensor {
	return many("Dsplit", config{"indices_or_sections": sections}, x)
}

// ArraySplit is [Split] whose first sections are larger by one where they can't be equal (Keras: ops.array_split).
func ArraySplit(x any, sections, axis int) []*symbolic.Tensor {
	return many("ArraySplit", config{"indices_or_sections": sections, "axis": axis}, x)
}

// Meshgrid is the coordinates of a grid over vectors: indexing "xy", Keras's default, or "ij" (Keras: ops.meshgrid).
func Meshgrid(indexing string, x ...any) []*symbolic.Tensor {
	return many("Meshgrid", config{"indexing": indexing}, x...)
}

// Select takes each element from the choice of the first condition that is true, else byDefault (Keras: ops.select, default 0).
func Select(conditions, choices []*symbolic.Tensor, byDefault any) *symbolic.Tensor {
	return one("Select", nil, conditions, choices, byDefault)
}

// Size is the number of x's elements (Keras: ops.size).
func Size(x any) *symbolic.Tensor { return unary("Size", x) }

// Ndim is the number of x's axes (Keras: ops.ndim).
func Ndim(x any) *symbolic.Tensor { return unary("Ndim", x) }

// Shape is x's shape, with symbolic.None for what isn't known (Keras: ops.shape).
func Shape(x *symbolic.Tensor) symbolic.Shape { return x.Shape() }
