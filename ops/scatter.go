package ops

import "github.com/gokeras/gokeras/symbolic"

// TakeAlongAxis picks, in each row along an axis, the elements at the row's indices (Keras: ops.take_along_axis).
func TakeAlongAxis(x, indices any, axis int) *symbolic.Tensor {
	return one("TakeAlongAxis", config{"axis": axisOrNone(axis)}, x, indices)
}

// UnravelIndex turns indices into the elements of a shape into one index for each axis (Keras: ops.unravel_index).
func UnravelIndex(indices any, shape ...int) []*symbolic.Tensor {
	return many("UnravelIndex", config{"shape": list(shape)}, indices)
}

// SliceUpdate is inputs with updates in the place that begins at startIndices (Keras: ops.slice_update).
func SliceUpdate(inputs, startIndices, updates any) *symbolic.Tensor {
	return one("SliceUpdate", nil, inputs, startIndices, updates)
}

// Scatter adds values to zeros of a shape; indices are (…, k) for its first k axes (Keras: ops.scatter).
func Scatter(indices, values any, shape ...int) *symbolic.Tensor {
	return one("Scatter", config{"shape": list(shape)}, indices, values)
}

// ScatterUpdate puts updates into inputs at indices (updates, k) for its first k axes, or combines them by a reduction: "add", "max",
// "min", "mul", "" for none (Keras: ops.scatter_update).
func ScatterUpdate(inputs, indices, updates any, reduction string) *symbolic.Tensor {
	cfg := config{"reduction": nil}
	if reduction != "" {
		cfg["reduction"] = reduction
	}
	return one("ScatterUpdate", cfg, inputs, indices, updates)
}

// SegmentSum adds up the rows of data of each segment, 0 … numSegments-1; segmentIDs names each row's (Keras: ops.segment_sum).
func SegmentSum(data, segmentIDs any, numSegments int) *symbolic.Tensor {
	return segments("SegmentSum", data, segmentIDs, numSegments)
}

// SegmentMax is the largest elements of each segment, as in [SegmentSum] (Keras: ops.segment_max).
func SegmentMax(data, segmentIDs any, numSegments int) *symbolic.Tensor {
	return segments("SegmentMax", data, segmentIDs, numSegments)
}

// SegmentMin is the smallest elements of each segment, as in [SegmentSum] (Keras: ops.segment_min).
func SegmentMin(data, segmentIDs any, numSegments int) *symbolic.Tensor {
	return segments("SegmentMin", data, segmentIDs, numSegments)
}

// SegmentProd multiplies the rows of each segment, as in [SegmentSum] (Keras: ops.segment_prod).
func SegmentProd(data, segmentIDs any, numSegments int) *symbolic.Tensor {
	return segments("SegmentProd", data, segmentIDs, numSegments)
}

func segments(class string, data, ids any, n int) *symbolic.Tensor {
	return one(class, config{"num_segments": n}, data, ids)
}
