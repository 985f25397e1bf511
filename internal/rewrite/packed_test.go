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

// packedStep is a program that takes a step on packed variables, with gradients w + 1 of those that change rewrites before. It returns the program and its inputs: the
// counter and the rate, then weights, momenta and velocities.
func packedStep(t *testing.T, engine compute.Backend, o optimizers.Optimizer, change func(newWeights []*graph.Node)) (g *graph.Graph, inputs []*tensors.Tensor, err error) {
	t.Helper()
	sizes := [][]int{{1}, {15}, {2, 8}, {17}, {3, 3, 5, 7}, {40, 100}, {90}, {4096}, {5, 1}}
	total := 0
	var trainable []optimizers.Variable
	for i, size := range sizes {
		trainable = append(trainable, optimizers.Variable{Name: fmt.Sprint("w", i), Shape: size, DType: dtypes.Float32})
		total += shapes.Make(dtypes.Float32, size...).Size()
	}
	inputs = []*tensors.Tensor{tensors.FromScalar(int32(3)), tensors.FromScalar(float32(0.01)), golden.RuleInput(0, total).Tensor(t)}
	for k := range 2 {
		flat := make([]float32, total)
		for i := range flat {
			flat[i] = float32((i+k)%13) / 100
		}
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(flat, total))
	}
	g = graph.NewGraph(engine, "packed")
	err = catch.Panic(func() error {
		state := []*graph.Node{graph.Parameter(g, "counter", inputs[0].Shape()), graph.Parameter(g, "rate", inputs[1].Shape())}
		var parts [3][]*graph.Node
		for k := range parts {
			whole := graph.Parameter(g, fmt.Sprint(Packed, k), inputs[2+k].Shape())
			at := 0
			for _, size := range sizes {
				n := shapes.Make(dtypes.Float32, size...).Size()
				parts[k] = append(parts[k], graph.Reshape(graph.Slice(whole, graph.AxisRange(at, at+n)), size...))
				at += n
			}
		}
		var grads []*graph.Node
		for i, w := range parts[0] {
			grads = append(grads, graph.AddScalar(w, 1))
			state = append(state, parts[1][i], parts[2][i])
		}
		state, weights := o.Apply(trainable, state, parts[0], grads)
		if change != nil {
			change(weights)
		}
		results := [3][]*graph.Node{0: weights}
		for i := range sizes {
			results[1], results[2] = append(results[1], state[2+2*i]), append(results[2], state[3+2*i])
		}
		var all []*graph.Node
		for _, list := range results {
			for i, x := range list {
				list[i] = graph.Reshape(x, x.Shape().Size())
			}
			all = append(all, graph.Concatenate(list, 0))
		}
		return g.Compile(all...)
	})
	return g, inputs, err
}

// TestPackedAdam compares steps of packed variables with XLA's own, from values that a run may use up and from those that stay.
func TestPackedAdam(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, tc := range []struct {
		o       optimizers.Optimizer
		inPlace int
	}{
		{optimizers.Adam(0.01), 3},
		{optimizers.AdamW(0.01), 2}, // its steps begin at weights that have decayed
	} {
		o := tc.o
		plain, inputs, err := packedStep(t, engine, o, nil)
		require.NoError(t, err)
		want := run(t, plain, engine, inputs)
		for level := kernels.AVX2; level <= kernels.Best(); level++ {
			t.Run(fmt.Sprint(o.KerasClass().Name, ", level ", level), func(t *testing.T) {
				counting := &counter{compiler: compiler{Backend: engine, level: level}}
				g, inputs, err := packedStep(t, counting, o, nil)
				require.NoError(t, err)
				require.Equal(t, map[string]int{kernels.PackedAdam: 1, kernels.Unpack: 1}, counting.of)
				require.Equal(t, tc.inPlace, counting.inPlace)
				require.Zero(t, counting.operations["slice"]+counting.operations["concatenate"])
				for range 2 {
					golden.Same(t, run(t, g, engine, inputs), want, golden.Tolerance{Abs: 1e-7})
				}
				buffers := make([]compute.Buffer, len(inputs))
				for i, x := range inputs {
					buffers[i], err = x.DonateBuffer(engine, 0)
					require.NoError(t, err)
				}
				donated := []bool{true, true, true, true, true}
				golden.Same(t, g.RunWithBuffers(buffers, donated, 0), want, golden.Tolerance{Abs: 1e-7})
			})
		}
	}
}

// TestPackedApart has steps that aren't Adam's, or whose results are more than the new weights: they had better not be packed.
func TestPackedApart(t *testing.T) {
	engine := xlaWithKernels(t)
	for name, tc := range map[string]struct {
		o      optimizers.Optimizer
		change func(newWeights []*graph.Node)
	}{
		"another rule":        {optimizers.Adamax(0.01), nil},
		"weights that double": {optimizers.Adam(0.01), func(w []*graph.Node) { w[3] = graph.MulScalar(w[3], 2) }},
		"in another order":    {optimizers.Adam(0.01), func(w []*graph.Node) { w[1], w[3] = w[3], w[1] }},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := packedStep(t, compiler{Backend: engine, level: kernels.Best()}, tc.o, tc.change)
			require.ErrorIs(t, err, ErrApart)
		})
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
