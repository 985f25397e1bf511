package goengine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

type poolingCase struct {
	x, windows, strides []int
	paddings            [][2]int
}

func (p poolingCase) call(x *graph.Node) *graph.Node {
	return graph.BackendReduceWindow(x, compute.ReduceOpMax, p.windows, p.strides, nil, nil, p.paddings)
}

// gradient is y and the gradient of a sum of its elements.
func (p poolingCase) gradient(x *graph.Node) []*graph.Node {
	y := p.call(x)
	loss := graph.ReduceAllSum(graph.Mul(y, graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))))
	return append([]*graph.Node{y}, graph.Gradient(loss, x)...)
}

// TestMaxPooling compares maxima and their gradients, with and without ties, with GoMLX's.
func TestMaxPooling(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	none := make([][2]int, 4)
	for _, c := range []poolingCase{
		{[]int{3, 6, 4, 5}, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, none},
		{[]int{2, 7, 5, 32}, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, none},
		{[]int{2, 3, 8, 6}, []int{1, 1, 4, 3}, []int{1, 1, 4, 3}, none},
		{[]int{2, 6, 6, 19}, []int{1, 3, 3, 1}, []int{1, 2, 2, 1}, none},
		{[]int{2, 5, 5, 2}, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, [][2]int{{}, {0, 1}, {0, 1}, {}}},
		{[]int{2, 5, 5, 9}, []int{1, 3, 3, 1}, []int{1, 1, 1, 1}, [][2]int{{}, {1, 1}, {1, 1}, {}}},
		{[]int{2, 5, 6, 3}, []int{1, 5, 1, 1}, []int{1, 1, 1, 1}, none},
		{[]int{2, 5, 6, 3}, []int{1, 1, 1, 3}, []int{1, 1, 1, 3}, none},
		{[]int{2, 5, 6, 3}, []int{1, 2, 1, 3}, []int{1, 2, 1, 3}, none}, // no kernel
	} {
		for _, ties := range []bool{false, true} {
			t.Run(fmt.Sprint(c, ties), func(t *testing.T) {
				x := random(rng, c.x...)
				if ties {
					tensors.MustMutableFlatData(x, func(flat []float32) {
						for i, v := range flat {
							if v < 0.3 {
								flat[i] = 0
							}
						}
					})
				}
				same(t, c.gradient, x)
				if c.windows[1] == 1 || c.windows[3] == 1 {
					onKernel(t, c.gradient, x)
				}
			})
		}
	}
}

func BenchmarkMaxPooling(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	c := poolingCase{nil, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, make([][2]int, 4)}
	benchmark(b, func(x, _ *graph.Node) []*graph.Node {
		return graph.Gradient(graph.ReduceAllSum(graph.Square(c.call(x))), x)
	}, random(rng, 64, 16, 16, 64), random(rng, 1))
}
