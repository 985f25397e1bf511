package goengine

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

var small = convolutionCase{axes: channelsLast(), paddings: [][2]int{{1, 1}, {1, 1}}}

// TestStages has programs whose values go all the ways between stages, kernels, parameters and results.
func TestStages(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, w := random(rng, 2, 5, 5, 4), random(rng, 3, 3, 4, 4)
	programs := map[string]func(x, w *graph.Node) []*graph.Node{
		"a kernel's result is the program's, twice": func(x, w *graph.Node) []*graph.Node {
			y := small.call(x, w)
			return []*graph.Node{y, y, graph.Add(y, y)}
		},
		"kernel after kernel": func(x, w *graph.Node) []*graph.Node {
			return []*graph.Node{small.call(small.call(x, w), w)}
		},
		"parameters are results": func(x, w *graph.Node) []*graph.Node {
			return []*graph.Node{x, small.call(x, w), x, w}
		},
		"a value of an early stage is needed late, and a result": func(x, w *graph.Node) []*graph.Node {
			early := graph.Exp(x)
			y := small.call(graph.Tanh(small.call(early, w)), w)
			return []*graph.Node{early, graph.Mul(y, early), graph.ReduceAllSum(y)}
		},
		"constants and what is spread are made where they are needed": func(x, w *graph.Node) []*graph.Node {
			c := graph.MulScalar(graph.ConvertDType(graph.IotaFull(x.Graph(), shapes.Make(dtypes.Int32, x.Shape().Dimensions...)), x.DType()), 0.01)
			one := graph.BroadcastToDims(graph.ReduceAllMax(x), x.Shape().Dimensions...)
			y := graph.Mul(small.call(graph.Add(c, one), w), graph.AddScalar(graph.Sub(c, one), 2))
			return []*graph.Node{small.call(y, w), graph.Add(y, c)}
		},
		"kernels share buffers that are free": func(x, w *graph.Node) []*graph.Node {
			a := small.call(x, w)
			b := small.call(graph.Tanh(a), w)
			c := small.call(b, w)
			d := small.call(graph.Tanh(c), w)
			e := small.call(d, w)
			return []*graph.Node{graph.Add(a, e), graph.Mul(b, graph.Tanh(d)), graph.ReduceAllSum(e)}
		},
		"a function inside": func(x, w *graph.Node) []*graph.Node {
			y := graph.Reshape(small.call(x, w), -1)
			return []*graph.Node{graph.Sort(y, 0, true)}
		},
		"no kernel": func(x, w *graph.Node) []*graph.Node {
			return []*graph.Node{graph.Exp(x), w}
		},
		"a kernel that nothing needs": func(x, w *graph.Node) []*graph.Node {
			small.call(x, w)
			return []*graph.Node{graph.Exp(x)}
		},
	}
	for name, program := range programs {
		t.Run(name, func(t *testing.T) { same(t, program, x, w) })
	}
}

// TestConcurrentRuns has a program run by many at a time.
func TestConcurrentRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	_, own := engines(t)
	exec, err := graph.NewExec(own, func(x, w *graph.Node) []*graph.Node {
		y := graph.Tanh(small.call(x, w))
		return []*graph.Node{small.call(y, w), y}
	})
	require.NoError(t, err)
	w := random(rng, 3, 3, 4, 4)
	var group sync.WaitGroup
	for range 4 {
		x := random(rng, 2, 6, 6, 4)
		want := values(t, own, func(x, w *graph.Node) []*graph.Node {
			return []*graph.Node{small.call(graph.Tanh(small.call(x, w)), w)}
		}, x, w)[0]
		group.Go(func() {
			for range 20 {
				out, err := exec.Call(x, w)
				if err != nil {
					t.Error(err)
					return
				}
				if got := tensors.MustCopyFlatData[float32](out[0]); !slices.Equal(got, want) {
					t.Error("a run got another's values")
					return
				}
			}
		})
	}
	group.Wait()
}

// TestDonation gives the inputs away, as training steps do.
func TestDonation(t *testing.T) {
	_, own := engines(t)
	b := own.Builder("donation")
	f := b.Main()
	shape := shapes.Make(dtypes.Float32, 1, 3, 3, 2)
	x, err := f.Parameter("x", shape, nil)
	require.NoError(t, err)
	unused, err := f.Parameter("unused", shape, nil)
	require.NoError(t, err)
	_ = unused
	w, err := f.Parameter("w", shapes.Make(dtypes.Float32, 1, 1, 2, 2), nil)
	require.NoError(t, err)
	y, err := f.ConvGeneral(x, w, channelsLast(), nil, nil, nil, nil, 1, 1)
	require.NoError(t, err)
	sum, err := f.Add(y, x)
	require.NoError(t, err)
	require.NoError(t, f.Return([]compute.Value{sum, x}, nil))
	program, err := b.Compile()
	require.NoError(t, err)
	defer program.Finalize()
	names, in := program.Inputs()
	require.Len(t, names, 3)
	require.True(t, in[0].Equal(shape))
	require.Len(t, program.Outputs(), 2)

	ones := make([]float32, shape.Size())
	for i := range ones {
		ones[i] = 1
	}
	for range 3 {
		var inputs []compute.Buffer
		for _, s := range in {
			buf, err := own.BufferFromFlatData(0, ones[:s.Size()], s)
			require.NoError(t, err)
			require.Equal(t, own, buf.Backend())
			inputs = append(inputs, buf)
		}
		out, err := program.Execute(inputs, []bool{true, true, false}, 0)
		require.NoError(t, err)
		got := make([]float32, shape.Size())
		require.NoError(t, out[0].ToFlatData(got))
		require.Equal(t, float32(3), got[0])
		require.NoError(t, out[1].ToFlatData(got))
		require.Equal(t, ones, got)
	}
	_, err = program.Execute(nil, nil, 0)
	require.ErrorContains(t, err, "got 0 inputs, want 3")
}

// TestMistakes has what belongs to another engine refused.
func TestMistakes(t *testing.T) {
	gomlx, own := engines(t)
	_, err := New("no such option")
	require.Error(t, err)
	f := own.Builder("mistakes").Main()
	_, err = f.Add(1, 2)
	require.ErrorContains(t, err, "isn't one of this engine's")
	_, err = f.Call(gomlx.Builder("other").Main())
	require.ErrorContains(t, err, "isn't one of this engine's")
	x, err := f.Parameter("x", shapes.Make(dtypes.Float32, 2), nil)
	require.NoError(t, err)
	require.NoError(t, f.Return([]compute.Value{x}, nil))
	program, err := f.Builder().Compile()
	require.NoError(t, err)
	foreign, err := gomlx.BufferFromFlatData(0, []float32{1, 2}, shapes.Make(dtypes.Float32, 2))
	require.NoError(t, err)
	_, err = program.Execute([]compute.Buffer{foreign}, nil, 0)
	require.ErrorContains(t, err, "isn't one of this engine's")
}
