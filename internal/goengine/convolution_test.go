package goengine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

type convolutionCase struct {
	x, w                 []int
	axes                 compute.ConvolveAxesConfig
	strides, xGaps, gaps []int
	paddings             [][2]int
	groups               int
}

func channelsLast() compute.ConvolveAxesConfig {
	return compute.ConvolveAxesConfig{InputBatch: 0, InputChannels: 3, InputSpatial: []int{1, 2}, KernelInputChannels: 2, KernelOutputChannels: 3,
		KernelSpatial: []int{0, 1}, OutputBatch: 0, OutputChannels: 3, OutputSpatial: []int{1, 2}}
}

func (c convolutionCase) call(x, w *graph.Node) *graph.Node {
	return graph.ConvGeneral(x, w, c.axes, c.strides, c.paddings, c.xGaps, c.gaps, max(c.groups, 1), 1)
}

// TestConvolution compares convolutions, in any order of axes, with GoMLX's.
func TestConvolution(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	shuffled := func() [4]int {
		p := [4]int{0, 1, 2, 3}
		rng.Shuffle(4, func(i, j int) { p[i], p[j] = p[j], p[i] })
		return p
	}
	below := func(n int) int { return rng.IntN(n) }
	for i := range 150 {
		images, channels, filters := 1+below(5), 1+below(9), 1+below(40)
		in, kernel := [2]int{1 + below(12), 1 + below(12)}, [2]int{1 + below(4), 1 + below(4)}
		var c convolutionCase
		c.strides, c.xGaps, c.gaps, c.paddings = []int{1 + below(3), 1 + below(3)}, []int{1 + below(2), 1 + below(2)}, []int{1 + below(2), 1 + below(2)}, make([][2]int, 2)
		for axis := range 2 {
			c.paddings[axis] = [2]int{below(4), below(4)}
			// The kernel has to fit.
			for (in[axis]-1)*c.xGaps[axis]+1+c.paddings[axis][0]+c.paddings[axis][1] < (kernel[axis]-1)*c.gaps[axis]+1 {
				in[axis]++
			}
		}
		x, w, out := shuffled(), shuffled(), shuffled()
		c.axes = compute.ConvolveAxesConfig{InputBatch: x[0], InputChannels: x[3], InputSpatial: []int{x[1], x[2]},
			KernelInputChannels: w[2], KernelOutputChannels: w[3], KernelSpatial: []int{w[0], w[1]},
			OutputBatch: out[0], OutputChannels: out[3], OutputSpatial: []int{out[1], out[2]}}
		if i%3 == 0 {
			c.axes = channelsLast()
			x, w = [4]int{0, 1, 2, 3}, [4]int{0, 1, 2, 3}
		}
		c.x, c.w = make([]int, 4), make([]int, 4)
		c.x[x[0]], c.x[x[1]], c.x[x[2]], c.x[x[3]] = images, in[0], in[1], channels
		c.w[w[0]], c.w[w[1]], c.w[w[2]], c.w[w[3]] = kernel[0], kernel[1], channels, filters
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			f := func(x, w *graph.Node) []*graph.Node { return []*graph.Node{c.call(x, w)} }
			same(t, f, random(rng, c.x...), random(rng, c.w...))
		})
	}
}

// TestConvolutionGradients compares those of layers as networks have them, large enough for several blocks and tiles, and small ones.
func TestConvolutionGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	same3 := [][2]int{{1, 1}, {1, 1}}
	for _, c := range []convolutionCase{
		{x: []int{7, 9, 8, 3}, w: []int{3, 3, 3, 32}, paddings: same3},
		{x: []int{2, 6, 6, 70}, w: []int{3, 3, 70, 48}, paddings: same3},
		{x: []int{3, 8, 5, 16}, w: []int{3, 3, 16, 17}, strides: []int{2, 1}},
		{x: []int{1, 9, 9, 4}, w: []int{3, 3, 4, 5}, gaps: []int{2, 2}},
		{x: []int{4, 5, 5, 6}, w: []int{1, 1, 6, 33}},
		{x: []int{4, 5, 5, 6}, w: []int{5, 5, 6, 3}},
		{x: []int{2, 4, 4, 4}, w: []int{3, 3, 2, 8}, groups: 2},
	} {
		c.axes = channelsLast()
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			f := func(x, w *graph.Node) []*graph.Node {
				y := c.call(x, w)
				loss := graph.ReduceAllSum(graph.Mul(y, graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))))
				return append([]*graph.Node{y}, graph.Gradient(loss, x, w)...)
			}
			x, w := random(rng, c.x...), random(rng, c.w...)
			same(t, f, x, w)
			onKernel(t, f, x, w)
		})
	}
}

// TestConvolutionRepeats holds results to the same digits every time.
func TestConvolutionRepeats(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	_, own := engines(t)
	c := convolutionCase{axes: channelsLast(), paddings: [][2]int{{1, 1}, {1, 1}}}
	x, w := random(rng, 16, 12, 12, 8), random(rng, 3, 3, 8, 16)
	f := func(x, w *graph.Node) []*graph.Node {
		return graph.Gradient(graph.ReduceAllSum(graph.Square(c.call(x, w))), x, w)
	}
	want := values(t, own, f, x, w)
	for range 5 {
		require.Equal(t, want, values(t, own, f, x, w))
	}
}

// benchmark times f, of two tensors, on both engines.
func benchmark[F graph.ExecGraphFn](b *testing.B, f F, x, w *tensors.Tensor) {
	gomlx, own := engines(b)
	for i, engine := range []compute.Backend{gomlx, own} {
		b.Run([]string{"gomlx", "kernels"}[i], func(b *testing.B) {
			exec, err := graph.NewExec(engine, f)
			require.NoError(b, err)
			inputs := copies(x, w)
			run := func() {
				out, err := exec.Call(inputs...)
				require.NoError(b, err)
				for _, o := range out {
					require.NoError(b, o.FinalizeAll())
				}
			}
			run()
			for b.Loop() {
				run()
			}
		})
	}
}

func BenchmarkConvolution(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	c := convolutionCase{axes: channelsLast(), paddings: [][2]int{{1, 1}, {1, 1}}}
	for _, s := range [][3]int{{32, 3, 32}, {32, 32, 32}, {16, 32, 64}, {16, 64, 64}, {8, 64, 128}, {8, 128, 128}} {
		b.Run(fmt.Sprintf("%dx%d,%d-%d", s[0], s[0], s[1], s[2]), func(b *testing.B) {
			benchmark(b, func(x, w *graph.Node) []*graph.Node {
				return graph.Gradient(graph.ReduceAllSum(graph.Square(c.call(x, w))), x, w)
			}, random(rng, 4, s[0], s[0], s[1]), random(rng, 3, 3, s[1], s[2]))
		})
	}
}

// otherTiles are those that this machine doesn't prefer.
var otherTiles = []tile{{2, 4, tile2x4}}

// TestTiles compares the products of every tile with plain loops.
func TestTiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	all := slices.Concat(tiles, otherTiles)
	defer func(before []tile) { tiles = before }(tiles)
	for _, one := range all {
		tiles = []tile{one}
		for _, k := range []int{1, 3, 4, 7, 300, 600} {
			n := 2*one.cols - 1
			p := &product{n: n, cn: 1}
			rows := one.rows + 1 // the last tile is not full
			bk := make([]int, k)
			for i := range k {
				p.ak = append(p.ak, uintptr(4*rng.IntN(1000)))
				bk[i] = i * n
			}
			for i := range rows {
				p.am = append(p.am, uintptr(4*rng.IntN(1000)))
				p.cm = append(p.cm, i*n)
			}
			a := tensors.MustCopyFlatData[float32](random(rng, 2000))
			b := tensors.MustCopyFlatData[float32](random(rng, k*n))
			c, packed := make([]float32, rows*n), make([]float32, packedSize(k, n))
			pack(b, bk, 1, n, packed)
			p.multiply(a, packed, c, 0, rows, false)
			for i := range rows {
				for j := range n {
					want := 0.0
					for q := range k {
						want += float64(a[(p.am[i]+p.ak[q])/4]) * float64(b[q*n+j])
					}
					require.InDelta(t, want, c[i*n+j], 1e-4, "%dx%d, k %d", one.rows, one.cols, k)
				}
			}
		}
	}
}
