package goengine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

func relu(x *graph.Node) *graph.Node {
	zero := graph.Scalar(x.Graph(), x.DType(), 0)
	return graph.Where(graph.LessOrEqual(x, zero), zero, x)
}

// biased is a relu after a bias, as layers have it.
func biased(x, bias *graph.Node) *graph.Node {
	return relu(graph.Add(x, graph.Reshape(bias, 1, 1, 1, bias.Shape().Dimensions[0])))
}

// TestBiasAndReLU compares both, and the gradients, with GoMLX's, at zeros, NaN and infinities, too.
func TestBiasAndReLU(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, dims := range [][]int{{16, 16, 16, 32}, {9, 31, 33, 19}, {5, 120, 120, 1}, {2, 2, 2, 3}, {1, 1, 1, 100000}} {
		t.Run(fmt.Sprint(dims), func(t *testing.T) {
			f := func(x, bias *graph.Node) []*graph.Node {
				y := biased(x, bias)
				loss := graph.ReduceAllSum(graph.Mul(y, graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))))
				return append([]*graph.Node{y}, graph.Gradient(loss, x, bias)...)
			}
			same(t, f, random(rng, dims...), random(rng, dims[3]))
			special := random(rng, dims...)
			tensors.MustMutableFlatData(special, func(flat []float32) {
				for i := range flat {
					switch i % 11 {
					case 0:
						flat[i] = 0
					case 1:
						flat[i] = float32(math.Copysign(0, -1))
					case 2:
						flat[i] = float32(math.NaN())
					case 3:
						flat[i] = -float32(math.NaN())
					case 4:
						flat[i] = float32(math.Inf(-1))
					}
				}
			})
			same(t, func(x *graph.Node) []*graph.Node {
				y := relu(x)
				return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, graph.ConstAs(y, 3))), x)...)
			}, special)
			if dims[0] != 2 {
				onKernel(t, f, random(rng, dims...), random(rng, dims[3]))
			}
		})
	}
}

// TestSums has sums over leading axes, and others.
func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	x := random(rng, 33, 20, 7, 19)
	for _, axes := range [][]int{{0, 1, 2}, {2, 0, 1}, {0, 1}, {1, 2, 3}, {0, 1, 2, 3}, {3}} {
		same(t, func(x *graph.Node) []*graph.Node {
			return []*graph.Node{graph.ReduceSum(x, axes...)}
		}, x)
	}
}

// TestMaxima has NaN win.
func TestMaxima(t *testing.T) {
	nan := float32(math.NaN())
	for _, form := range []func(y, x []float32){maxTo} {
		for n := range 20 {
			x, y := make([]float32, n), make([]float32, n)
			for i := range n {
				x[i], y[i] = float32(i%3), float32(i%4)
				switch i % 5 {
				case 3:
					x[i] = nan
				case 4:
					y[i] = nan
				}
			}
			want := make([]float32, n)
			for i := range n {
				want[i] = max(x[i], y[i])
			}
			form(y, x)
			for i := range n {
				if want[i] != y[i] && (want[i] == want[i] || y[i] == y[i]) {
					t.Errorf("value %d of %d: got %v, want %v", i, n, y[i], want[i])
				}
			}
		}
	}
}

func BenchmarkBiasAndReLU(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	benchmark(b, func(x, bias *graph.Node) []*graph.Node {
		return graph.Gradient(graph.ReduceAllSum(graph.Square(biased(x, bias))), x, bias)
	}, random(rng, 64, 32, 32, 32), random(rng, 32))
}
