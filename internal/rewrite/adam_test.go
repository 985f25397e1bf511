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

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/optimizers"
)

// adamStep takes a step of the optimizer, with gradients w + 1. Its inputs are the weights and the optimizer's state, its results
// the new state but for the counter and the rate, and the new weights.
func adamStep(t testing.TB, o optimizers.Optimizer, sizes ...[]int) (form func(in []*graph.Node) []*graph.Node, inputs []*tensors.Tensor) {
	trainable := make([]optimizers.Variable, len(sizes))
	for i, size := range sizes {
		trainable[i] = optimizers.Variable{Name: fmt.Sprint("w", i), Shape: size, DType: dtypes.Float32}
		inputs = append(inputs, golden.RuleInput(i, size...).Tensor(t))
	}
	for _, v := range o.Variables(trainable) {
		x := tensors.FromShape(shapes.Make(v.DType, v.Shape...))
		if v.DType == dtypes.Float32 && len(v.Shape) > 0 {
			require.NoError(t, tensors.MutableFlatData(x, func(flat []float32) {
				for k := range flat {
					flat[k] = float32(k%13) / 100
				}
			}))
		} else if v.DType == dtypes.Float32 {
			require.NoError(t, tensors.MutableFlatData(x, func(flat []float32) { flat[0] = float32(v.Initial) }))
		}
		inputs = append(inputs, x)
	}
	return func(in []*graph.Node) []*graph.Node {
		weights, state := in[:len(sizes)], in[len(sizes):]
		grads := make([]*graph.Node, len(weights))
		for i, w := range weights {
			grads[i] = graph.AddScalar(w, 1)
		}
		state, weights = o.Apply(trainable, state, weights, grads)
		return append(state[2:], weights...)
	}, inputs
}

// TestAdam compares the kernel with XLA's loops: small variables' steps are one call, up to 64 of them.
func TestAdam(t *testing.T) {
	engine := xlaWithKernels(t)
	sizes := [][]int{{1}, {15}, {2, 8}, {17}, {3, 3, 5, 7}, {40000}, {100, 160}, {16000}, {90}}
	const large = 1
	for _, tc := range []struct {
		o     optimizers.Optimizer
		calls int
	}{
		{optimizers.Adam(0.01), 1 + large},
		{optimizers.AdamW(0.01), 1 + large},
		{optimizers.LossScaleOptimizer(optimizers.Adam(0.01)), 1 + large},
		{optimizers.Adam(0.01).AMSGrad(true), 0},
		{optimizers.Nadam(0.01), 0},
	} {
		form, inputs := adamStep(t, tc.o, sizes...)
		for level := kernels.AVX2; level <= kernels.Best(); level++ {
			t.Run(fmt.Sprint(tc.o.KerasClass().Name, tc.calls, ", level ", level), func(t *testing.T) {
				compareAdam(t, engine, form, inputs, tc.calls, level)
			})
		}
	}
}

// compareAdam compares a program that makes so many calls with XLA's own.
func compareAdam(t *testing.T, engine compute.Backend, form func(in []*graph.Node) []*graph.Node, inputs []*tensors.Tensor, calls int, level kernels.Level) {
	t.Helper()
	counting := &counter{compiler: compiler{Backend: engine, level: level}}
	got := run(t, compiled(t, counting, form, inputs), engine, inputs)
	require.Equal(t, calls, counting.calls)
	golden.Same(t, got, run(t, compiled(t, engine, form, inputs), engine, inputs), golden.Tolerance{Abs: 1e-7})
}

// TestManyAdams has more small variables than one call takes.
func TestManyAdams(t *testing.T) {
	engine := xlaWithKernels(t)
	sizes := make([][]int, 2*mostAdams+1)
	for i := range sizes {
		sizes[i] = []int{1 + i*37%900}
	}
	form, inputs := adamStep(t, optimizers.Adam(0.01), sizes...)
	compareAdam(t, engine, form, inputs, 3, kernels.Best())
}

// TestAdamWantedBefore has a step whose result the step of another variable needs: they stay two calls.
func TestAdamWantedBefore(t *testing.T) {
	engine := xlaWithKernels(t)
	o := optimizers.Adam(0.01)
	form, inputs := adamStep(t, o, []int{9})
	twice := func(in []*graph.Node) []*graph.Node {
		first := form(in)
		next := append([]*graph.Node{first[len(first)-1]}, in[1:]...)
		return append(first, form(next)...)
	}
	compareAdam(t, engine, twice, inputs, 2, kernels.Best())
}

// BenchmarkAdam times a step on a variable, by XLA's loops and by the kernel.
func BenchmarkAdam(b *testing.B) {
	engine := xlaWithKernels(b)
	for _, size := range []int{1000, 100_000, 2_500_000} {
		form, inputs := adamStep(b, optimizers.Adam(), []int{size})
		for _, e := range []struct {
			name   string
			engine compute.Backend
		}{{"plain", engine}, {"kernels", Compiler(engine)}} {
			b.Run(fmt.Sprint(size, "/", e.name), func(b *testing.B) {
				g := compiled(b, e.engine, form, inputs)
				for b.Loop() {
					for _, y := range run(b, g, engine, inputs) {
						require.NoError(b, y.FinalizeAll())
					}
				}
			})
		}
	}
}
