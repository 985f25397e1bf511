package ops

import "github.com/gokeras/gokeras/symbolic"

// FlatAxis is the axis of [Sort], [Argsort], [Argpartition], [TakeAlongAxis], [Cumprod], [Nancumsum] and [Nancumprod] that stands for
// all of a tensor's elements in one row, as Python's None does.
const FlatAxis = -1 << 31

// axisOrNone is Python's None for [FlatAxis].
func axisOrNone(axis int) any {
	if axis == FlatAxis {
		return nil
	}
	return axis
}

// Sort puts the elements along an axis in rising order, NaN last (Keras: ops.sort, axis -1).
func Sort(x any, axis int) *symbolic.Tensor { return one("Sort", config{"axis": axisOrNone(axis)}, x) }

// Argsort is the indices of the elements along an axis in rising order, equal ones as they stand (Keras: ops.argsort, axis -1).
func Argsort(x any, axis int) *symbolic.Tensor {
	return one("Argsort", config{"axis": axisOrNone(axis)}, x)
}

// Argpartition is the indices of the elements along an axis, those of the kth+1 smallest first (Keras: ops.argpartition, axis -1).
func Argpartition(x any, kth, axis int) *symbolic.Tensor {
	return one("Argpartition", config{"kth": kth, "axis": axisOrNone(axis)}, x)
}

// TopK is the k largest elements along the last axis, and their indices (Keras: ops.top_k).
func TopK(x any, k int) (values, indices *symbolic.Tensor) {
	return two("TopK", config{"k": k, "sorted": true}, x)
}

// InTopK is whether each target, an index into the last axis of predictions, is among its k largest (Keras: ops.in_top_k).
func InTopK(targets, predictions any, k int) *symbolic.Tensor {
	return one("InTopK", config{"k": k}, targets, predictions)
}

// Method is what [Percentile] and its like give between two elements: "linear", Keras's default, "lower", "higher", "midpoint" or "nearest".
func Method(method string) Option { return func(c config) { c["method"] = method } }

// Median is the middle element, or the mean of the two in the middle (Keras: ops.median).
func Median(x any, o ...Option) *symbolic.Tensor { return one("Median", listAxis(o), x) }

// Quantile is the element below which the part q, from 0 to 1, of the elements lies; several q make a first axis (Keras: ops.quantile).
// Inside a model Keras is always "linear", whatever the [Method].
func Quantile(x, q any, o ...Option) *symbolic.Tensor { return one("Quantile", listAxis(o), x, q) }

// Percentile is [Quantile] for q from 0 to 100 (Keras: ops.percentile).
func Percentile(x, q any, o ...Option) *symbolic.Tensor { return one("Percentile", options(o), x, q) }

// Nanmedian is [Median] of what isn't NaN (Keras: ops.nanmedian).
func Nanmedian(x any, o ...Option) *symbolic.Tensor { return reduce("Nanmedian", x, o) }

// Nanquantile is [Quantile] of what isn't NaN (Keras: ops.nanquantile).
func Nanquantile(x, q any, o ...Option) *symbolic.Tensor { return one("Nanquantile", options(o), x, q) }

// Nanpercentile is [Percentile] of what isn't NaN (Keras: ops.nanpercentile).
func Nanpercentile(x, q any, o ...Option) *symbolic.Tensor {
	return one("Nanpercentile", options(o), x, q)
}

// Searchsorted is where each value belongs in a rising sequence of one axis, after equal elements if right (Keras: ops.searchsorted,
// whose side is "left" or "right").
func Searchsorted(sortedSequence, values any, right bool) *symbolic.Tensor {
	side := "left"
	if right {
		side = "right"
	}
	return one("SearchSorted", config{"side": side}, sortedSequence, values)
}

// Digitize is the number of the bin of each element, between edges that rise or fall (Keras: ops.digitize).
func Digitize(x, bins any) *symbolic.Tensor { return one("Digitize", nil, x, bins) }

// Isin is whether each element of x1 is among those of x2 (Keras: ops.isin).
func Isin(x1, x2 any) *symbolic.Tensor { return one("IsIn", nil, x1, x2) }

// listAxis writes an axis as a list, as Keras's class does.
func listAxis(o []Option) config {
	cfg := options(o)
	if axis, ok := cfg["axis"].(int); ok {
		cfg["axis"] = []any{axis}
	}
	return cfg
}

// two applies an operation of two outputs.
func two(class string, cfg config, args ...any) (a, b *symbolic.Tensor) {
	out := many(class, cfg, args...)
	return out[0], out[len(out)-1]
}
