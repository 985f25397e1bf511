package rewrite

import (
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/optimizers"
)

// packedStep is a program that takes a step on packed variables of many sizes, with gradients sin(w) + 1. What is unused has the gradient 0. It returns the
// program and its inputs: the counter and the rate, then weights and what the optimizer has beside them.
func packedStep(t *testing.T, engine compute.Backend, o optimizers.Optimizer, variables int, unused map[int]bool) (g *graph.Graph, inputs []*tensors.Tensor, err error) {
	t.Helper()
	total := 0
	var sizes [][]int
	for i := range variables {
		size := [][]int{{1}, {15}, {2, 8}, {17}, {3, 3, 5, 7}, {40, 100}, {90}, {4096}, {5, 1}}[i%9]
		sizes = append(sizes, size)
		total += shapes.Make(dtypes.Float32, size...).Size()
	}
	whole := []optimizers.Variable{{Name: "packed", Shape: []int{total}, DType: dtypes.Float32}}
	inputs = []*tensors.Tensor{golden.RuleInput(0, total).Tensor(t)}
	for k, v := range o.Variables(whole) {
		switch {
		case len(v.Shape) > 0:
			flat := make([]float32, total)
			for i := range flat {
				flat[i] = float32((i+k)%13) / 100
			}
			inputs = append(inputs, tensors.FromFlatDataAndDimensions(flat, total))
		case v.DType == dtypes.Int32:
			inputs = append(inputs, tensors.FromScalar(int32(3)))
		default:
			inputs = append(inputs, tensors.FromScalar(float32(v.Initial)))
		}
	}
	g = graph.NewGraph(engine, "packed")
	err = catch.Panic(func() error {
		var in []*graph.Node
		for i, x := range inputs {
			name := fmt.Sprint("scalar", i)
			if x.Rank() > 0 {
				name = fmt.Sprint(Packed, i)
			}
			in = append(in, graph.Parameter(g, name, x.Shape()))
		}
		var grads []*graph.Node
		at := 0
		for i, size := range sizes {
			n := shapes.Make(dtypes.Float32, size...).Size()
			grad := graph.Zeros(g, shapes.Make(dtypes.Float32, size...))
			if !unused[i] {
				w := graph.Reshape(graph.Slice(in[0], graph.AxisRange(at, at+n)), size...)
				grad = graph.AddScalar(graph.Sin(w), 1)
			}
			grads = append(grads, graph.Reshape(grad, n))
			at += n
		}
		state, weights := o.Apply(whole, in[1:], in[:1], []*graph.Node{graph.Concatenate(grads, 0)})
		return g.Compile(append(weights, state[2:]...)...)
	})
	return g, inputs, err
}

// TestPacked compares steps of packed variables with XLA's own, from values that a run may use up and from those that stay.
func TestPacked(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, tc := range []struct {
		o         optimizers.Optimizer
		variables int
		unused    map[int]bool
		calls     map[string]int
		inPlace   int
	}{
		{o: optimizers.Adam(0.01), variables: 9, calls: map[string]int{kernels.Adam: 1, kernels.Pack: 1, kernels.Unpack: 1}, inPlace: 3},
		{o: optimizers.Adam(0.01), variables: 64, calls: map[string]int{kernels.Adam: 1, kernels.Pack: 1, kernels.Unpack: 1}, inPlace: 3},
		{o: optimizers.Adam(0.01), variables: 200, unused: map[int]bool{0: true, 9: true, 10: true, 199: true}, calls: map[string]int{kernels.Adam: 1, kernels.Pack: 5, kernels.Unpack: 4}, inPlace: 3},
		{o: optimizers.AdamW(0.01), variables: 65, calls: map[string]int{kernels.Adam: 1, kernels.Pack: 3, kernels.Unpack: 2}, inPlace: 2}, // its steps begin at weights that have decayed
		{o: optimizers.Adamax(0.01), variables: 9, calls: map[string]int{kernels.Pack: 1, kernels.Unpack: 1}},
		{o: optimizers.SGD(0.01).Momentum(0.9), variables: 70, calls: map[string]int{kernels.Pack: 3, kernels.Unpack: 2}},
	} {
		plain, inputs, err := packedStep(t, engine, tc.o, tc.variables, tc.unused)
		require.NoError(t, err)
		want := run(t, plain, engine, inputs)
		for level := kernels.AVX2; level <= kernels.Best(); level++ {
			t.Run(fmt.Sprintf("%s, %d, level %s", tc.o.KerasClass().Name, tc.variables, level), func(t *testing.T) {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				g, inputs, err := packedStep(t, counting, tc.o, tc.variables, tc.unused)
				require.NoError(t, err)
				require.Equal(t, tc.calls, counting.of)
				require.Equal(t, tc.inPlace, counting.inPlace)
				require.Zero(t, counting.operations["slice"]+counting.operations["concatenate"])
				for range 2 {
					golden.Same(t, run(t, g, engine, inputs), want, golden.Tolerance{Abs: 1e-7})
				}
				buffers, donated := make([]compute.Buffer, len(inputs)), make([]bool, len(inputs))
				for i, x := range inputs {
					buffers[i], err = x.DonateBuffer(engine, 0)
					require.NoError(t, err)
					donated[i] = true
				}
				golden.Same(t, g.RunWithBuffers(buffers, donated, 0), want, golden.Tolerance{Abs: 1e-7})
			})
		}
	}
}

// TestInPlace has steps of Adam write momenta where the old ones are.
func TestInPlace(t *testing.T) {
	engine := xlaWithKernels(t)
	form, inputs := adamStep(t, optimizers.Adam(0.01), []int{9}, []int{40000})
	want := run(t, compiled(t, engine, form, inputs), engine, inputs)
	counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
	g := compiled(t, counting, form, inputs)
	require.Equal(t, 4, counting.inPlace)
	buffers := make([]compute.Buffer, len(inputs))
	donated := make([]bool, len(inputs))
	for i, x := range inputs {
		var err error
		buffers[i], err = x.DonateBuffer(engine, 0)
		require.NoError(t, err)
		donated[i] = true
	}
	golden.Same(t, g.RunWithBuffers(buffers, donated, 0), want, golden.Tolerance{Abs: 1e-7})
}
