package layers

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
)

// Interpolation tells how values between pixels are found (Keras: interpolation=).
type Interpolation string

// Keras's interpolations.
const (
	Nearest  = "nearest"
	Bilinear = "bilinear"
	Bicubic  = "bicubic"
	Lanczos3 = "lanczos3"
	Lanczos5 = "lanczos5"
)

func (i Interpolation) check() error {
	if i != Nearest && kerasops.ResizeKernels[string(i)] == nil {
		return config.UnknownName("interpolation", string(i), []string{string(Bicubic), string(Bilinear), string(Lanczos3), string(Lanczos5), string(Nearest)})
	}
	return nil
}

// resized gives an axis another size: each new element is a weighted mean of the old ones around its place, of which those beyond the
// border don't count.
func resized(x *graph.Node, axis, size int, interpolation Interpolation) *graph.Node {
	n := x.Shape().Dimensions[axis]
	if n == size {
		return x
	}
	kernel := kerasops.ResizeKernels[string(interpolation)]
	weights := make([][]float64, size)
	for to := range weights {
		center := (float64(to)+0.5)*float64(n)/float64(size) - 0.5
		row, sum := make([]float64, n), 0.0
		for from := range row {
			row[from] = kernel(math.Abs(center - float64(from)))
			sum += row[from]
		}
		for from := range row {
			row[from] /= sum
		}
		weights[to] = row
	}
	return weighed(x, axis, graph.Const(x.Graph(), weights))
}

// weighed makes each new element of an axis a sum of the old ones with weights, (new, old).
func weighed(x *graph.Node, axis int, weights *graph.Node) *graph.Node {
	matrix := graph.ConvertDType(weights, x.DType())
	order := swapped(x.Rank(), axis)
	rows := graph.TransposeAllAxes(x, order...)
	dims := append([]int{}, rows.Shape().Dimensions...)
	y := graph.Dot(matrix, graph.Reshape(rows, dims[0], -1)).Product()
	dims[0] = matrix.Shape().Dimensions[0]
	return graph.TransposeAllAxes(graph.Reshape(y, dims...), order...)
}

// rounded brings what was interpolated back to the type of the pixels: to the nearest of its numbers, where it has whole ones alone.
func rounded(x *graph.Node, dtype dtypes.DType) *graph.Node {
	if dtype == dtypes.Bool {
		return truth(x)
	}
	if dtype == x.DType() || dtype.IsFloat() || !x.DType().IsFloat() {
		return graph.ConvertDType(x, dtype)
	}
	lowest, highest := -math.Ldexp(1, dtype.Bits()-1), math.Ldexp(1, dtype.Bits()-1)
	if dtype.IsUnsigned() {
		lowest, highest = 0, math.Ldexp(1, dtype.Bits())
	}
	if dtype.Bits() < 24 {
		highest--
	} else {
		highest = float64(math.Nextafter32(float32(highest), 0)) // highest-1 is no float
	}
	return graph.ConvertDType(graph.ClipScalar(graph.Round(x), lowest, highest), dtype)
}
