package kerasops

import (
	"fmt"
	"math"
)

// How TensorFlow changes the size of images: each row of the result is a sum of rows with weights, and each column. Its kernels are more than Keras 3's, and
// its bicubic one comes from a table.

// TensorFlowMethods are the methods of TensorFlow that Keras 3 hasn't, or computes otherwise.
var TensorFlowMethods = []string{"area", "bicubic", "gaussian", "mitchellcubic"}

// ResizePiece is a polynomial, by falling powers, below some distance from the middle.
type ResizePiece struct {
	Below   float64
	Factors []float64
}

// ResizePieces are TensorFlow's kernels that are polynomials.
var ResizePieces = map[string][]ResizePiece{
	"bilinear":      {{1, []float64{-1, 1}}},
	"bicubic":       {{1, []float64{1.5, -2.5, 0, 1}}, {2, []float64{-0.5, 2.5, -4, 2}}},
	"mitchellcubic": {{1, []float64{7.0 / 6.0, -2, 0, 16.0 / 18.0}}, {2, []float64{-7.0 / 18.0, 2, -10.0 / 3.0, 16.0 / 9.0}}},
}

// LanczosRadius are those of TensorFlow's kernels of that kind.
var LanczosRadius = map[string]int{"lanczos3": 3, "lanczos5": 5}

// GaussianRadius is where TensorFlow's kernel of that name ends; its deviation is 1/2.
const GaussianRadius = 1.5

// TensorFlowResize is the weights of tf.image.resize: of n elements for each of m, as an (n, m) array.
func TensorFlowResize(method string, antialias bool, n, m int) ([]float64, error) {
	scale := float64(n) / float64(m)
	weights := make([]float64, n*m)
	if method == "area" {
		for j := range m {
			from, to := float64(j)*scale, float64(j+1)*scale
			for i := range n {
				if share := math.Min(to, float64(i+1)) - math.Max(from, float64(i)); share > 0 {
					weights[i*m+j] = share / scale
				}
			}
		}
		return weights, nil
	}
	kernel := tensorFlowKernel(method)
	if kernel == nil {
		return nil, fmt.Errorf("method=%s", method)
	}
	wide := 1.0
	if antialias {
		wide = math.Max(scale, 1)
	}
	for j := range m {
		at := (float64(j) + 0.5) * scale
		sum := 0.0
		for i := range n {
			d := math.Abs((float64(i) + 0.5 - at) / wide)
			if method == "bicubic" && !antialias { // TensorFlow looks the kernel up in a table
				d = math.Round(d*1024) / 1024
			}
			weights[i*m+j] = kernel(d)
			sum += weights[i*m+j]
		}
		for i := range n {
			weights[i*m+j] /= sum
		}
	}
	return weights, nil
}

// tensorFlowKernel is a kernel by its name, nil for none.
func tensorFlowKernel(method string) func(d float64) float64 {
	switch pieces := ResizePieces[method]; {
	case pieces != nil:
		return func(d float64) float64 {
			for _, p := range pieces {
				if d < p.Below {
					sum := 0.0
					for _, f := range p.Factors {
						sum = sum*d + f
					}
					return sum
				}
			}
			return 0
		}
	case LanczosRadius[method] > 0:
		return Lanczos(float64(LanczosRadius[method]))
	case method == "gaussian":
		return func(d float64) float64 {
			if d >= GaussianRadius {
				return 0
			}
			return math.Exp(-2 * d * d)
		}
	}
	return nil
}
