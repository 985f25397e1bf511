package scan

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// random makes a tensor of numbers from -1 to 1.
func random(seed uint64, dtype dtypes.DType, dims ...int) *tensors.Tensor {
	rng := rand.New(rand.NewPCG(seed, 7))
	flat := make([]float64, shapes.Make(dtype, dims...).Size())
	for i := range flat {
		flat[i] = 2*rng.Float64() - 1
	}
	if dtype == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(flat, dims...)
	}
	single := make([]float32, len(flat))
	for i, v := range flat {
		single[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(single, dims...)
}

// A loopCase is a body with what it is run on: tensors for its states, inputs and parameters.
type loopCase struct {
	states, inputs, params [][]int // shapes; inputs without the steps
	body                   Body
}

var loopCases = map[string]loopCase{
	"a sum": {states: [][]int{{2}}, inputs: [][]int{{2}}, body: func(s *Step) (states, outputs []*graph.Node) {
		return []*graph.Node{graph.Add(s.States[0], s.Inputs[0])}, nil
	}},
	"scalars": {states: [][]int{{}}, inputs: [][]int{{}}, params: [][]int{{}}, body: func(s *Step) (states, outputs []*graph.Node) {
		h := graph.Tanh(graph.Add(graph.Mul(s.States[0], s.Params[0]), s.Inputs[0]))
		return []*graph.Node{h}, []*graph.Node{graph.Mul(h, h), h}
	}},
	"a recurrent cell": {states: [][]int{{3, 4}}, inputs: [][]int{{3, 2}}, params: [][]int{{2, 4}, {4, 4}, {4}}, body: func(s *Step) (states, outputs []*graph.Node) {
		h := graph.Tanh(graph.Add(graph.Add(s.Dot(s.Inputs[0], s.Params[0]), s.Dot(s.States[0], s.Params[1])), graph.InsertAxes(s.Params[2], 0)))
		return []*graph.Node{h}, []*graph.Node{h}
	}},
	"a parameter in a product and elsewhere": {states: [][]int{{3, 3}}, inputs: [][]int{{3, 3}}, params: [][]int{{3, 3}}, body: func(s *Step) (states, outputs []*graph.Node) {
		h := graph.Tanh(graph.Add(s.Dot(s.States[0], s.Params[0]), graph.Mul(s.Inputs[0], s.Params[0])))
		return []*graph.Node{h}, nil
	}},
	"products with biases": {states: [][]int{{2, 3}}, inputs: [][]int{{2, 3}}, params: [][]int{{3, 3}, {3}, {3}, {3, 3}}, body: func(s *Step) (states, outputs []*graph.Node) {
		a := graph.Tanh(s.Affine(s.States[0], s.Params[0], s.Params[1]))
		b := graph.Sin(s.Affine(a, s.Params[0], s.Params[2]))
		c := graph.Mul(graph.Add(b, s.Affine(s.Inputs[0], s.Params[3], s.Params[2])), s.Inputs[0])
		return []*graph.Node{graph.Sub(c, a)}, nil
	}},
	"products with biases, some used elsewhere": {states: [][]int{{2, 3}}, inputs: [][]int{{2, 3}}, params: [][]int{{3, 3}, {3}, {3}}, body: func(s *Step) (states, outputs []*graph.Node) {
		a := graph.Tanh(s.Affine(s.States[0], s.Params[0], s.Params[1]))
		b := graph.Sin(s.Affine(a, s.Params[0], s.Params[2]))
		return []*graph.Node{graph.Sub(b, s.Inputs[0])}, []*graph.Node{graph.MulScalar(s.Params[2], 3)}
	}},
	"kept values": {states: [][]int{{2, 3}, {2, 3}}, inputs: [][]int{{2, 3}}, params: [][]int{{3, 3}, {3, 3}}, body: func(s *Step) (states, outputs []*graph.Node) {
		a := s.Keep(graph.Sin(graph.Add(s.Dot(graph.MulScalar(s.States[0], 2), s.Params[0]), s.Inputs[0])))
		b := s.Keep(graph.Mul(a, s.Dot(a, s.Params[1])))
		c := graph.Add(graph.MulScalar(b, 0.3), s.States[1])
		return []*graph.Node{c, graph.Sub(a, b)}, []*graph.Node{b, graph.Mul(c, a)}
	}},
	"a parameter that broadcasts, reductions": {states: [][]int{{2, 3}}, inputs: [][]int{{2, 3}}, params: [][]int{{1, 3}}, body: func(s *Step) (states, outputs []*graph.Node) {
		p := graph.Softmax(graph.Add(s.States[0], s.Params[0]), -1)
		h := graph.Mul(p, graph.OneMinus(s.Inputs[0]))
		return []*graph.Node{h}, []*graph.Node{graph.ReduceSum(h, 1), graph.ReduceMax(s.Inputs[0], 0)}
	}},
	"states that pass": {states: [][]int{{2}, {2}}, inputs: [][]int{{2}}, body: func(s *Step) (states, outputs []*graph.Node) {
		return []*graph.Node{s.States[1], s.States[0]}, []*graph.Node{s.Inputs[0], graph.Mul(s.States[0], s.Inputs[0])}
	}},
	"no state": {inputs: [][]int{{2, 2}}, params: [][]int{{2, 2}}, body: func(s *Step) (states, outputs []*graph.Node) {
		return nil, []*graph.Node{graph.Tanh(s.Dot(s.Inputs[0], s.Params[0]))}
	}},
	"nothing differentiable for an output": {states: [][]int{{2}}, inputs: [][]int{{2}}, body: func(s *Step) (states, outputs []*graph.Node) {
		return []*graph.Node{graph.Add(s.States[0], s.Inputs[0])}, []*graph.Node{graph.ConvertDType(graph.MulScalar(s.States[0], 10), dtypes.Int32)}
	}},
}

// build adds the case's loop to a graph, and returns its results and the gradients of a weighted sum of them.
func (c loopCase) build(l Loop, in []*graph.Node) []*graph.Node {
	n, m := len(c.states), len(c.states)+len(c.inputs)
	l.States, l.Inputs, l.Params = in[:n], in[n:m], in[m:]
	states, outputs := l.Run(c.body)
	results := slices.Concat(states, outputs)
	return append(results, graph.Gradient(weighted(results), in...)...)
}

// weighted is a sum in which every value has another weight.
func weighted(list []*graph.Node) *graph.Node {
	var sum *graph.Node
	for i, x := range list {
		if !x.DType().IsFloat() {
			continue
		}
		places := graph.Reshape(graph.Iota(x.Graph(), shapes.Make(x.DType(), x.Shape().Size()), 0), x.Shape().Dimensions...)
		sum = plus(sum, graph.ReduceAllSum(graph.Mul(x, graph.Cos(graph.AddScalar(graph.MulScalar(places, 0.7), float64(i))))))
	}
	return sum
}

func (c loopCase) arguments(steps int, dtype dtypes.DType) (list []any) {
	for i, part := range [][][]int{c.states, c.inputs, c.params} {
		for k, dims := range part {
			if i == 1 {
				dims = append([]int{steps}, dims...)
			}
			list = append(list, random(uint64(10*i+k), dtype, dims...))
		}
	}
	return list
}

// whiles are the loops of a graph.
func whiles(g *graph.Graph) int {
	known, _ := g.State(whilesKey{}).(map[*graph.Node]*while)
	return len(known)
}

func floats(t testing.TB, list []*tensors.Tensor) [][]float64 {
	t.Helper()
	values := make([][]float64, len(list))
	for i, x := range list {
		values[i] = golden.Floats(t, x)
	}
	return values
}

// requireSame compares values with the largest of their array as the measure.
func requireSame(t testing.TB, what string, want, got [][]float64, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Len(t, got[i], len(want[i]), "%s: result %d", what, i)
		size := 0.0
		for _, v := range want[i] {
			size = max(size, math.Abs(v))
		}
		for k, v := range want[i] {
			require.InDelta(t, v, got[i][k], tolerance*max(size, 1e-3), "%s: result %d, value %d", what, i, k)
		}
	}
}

// run computes what f builds of a case and its loop, in both directions, for all cases in one program.
func run(t testing.TB, engine compute.Backend, cases map[string]loopCase, steps int, unroll bool, f func(c loopCase, l Loop, in []*graph.Node) []*graph.Node) map[string][][]float64 {
	t.Helper()
	var args []any
	names := slices.Sorted(maps.Keys(cases))
	for _, name := range names {
		args = append(args, cases[name].arguments(steps, dtypes.Float64)...)
	}
	var ends []int
	out, err := graph.CallOnceN(engine, func(in []*graph.Node) (results []*graph.Node) {
		ends = nil
		for _, name := range names {
			c := cases[name]
			n := len(c.states) + len(c.inputs) + len(c.params)
			for _, reverse := range []bool{false, true} {
				results = append(results, f(c, Loop{Steps: steps, Reverse: reverse, Unroll: unroll}, in[:n])...)
				ends = append(ends, len(results))
			}
			in = in[n:]
		}
		return results
	}, args...)
	require.NoError(t, err)
	all := floats(t, out)
	values := map[string][][]float64{}
	from := 0
	for i, end := range ends {
		values[names[i/2]+[]string{"", ", reversed"}[i%2]] = all[from:end]
		from = end
	}
	return values
}

// enough steps for a loop on every engine
const enough = 17

// TestLoopIsItsSteps compares loops with their steps side by side: results and gradients.
func TestLoopIsItsSteps(t *testing.T) {
	engines := golden.Engines(t)
	want := run(t, engines[0].Backend, loopCases, enough, true, loopCase.build)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		got := run(t, engine, loopCases, enough, false, func(c loopCase, l Loop, in []*graph.Node) []*graph.Node {
			before := whiles(in[0].Graph())
			results := c.build(l, in)
			if made := whiles(in[0].Graph()) - before; made != 2 {
				t.Errorf("%d loops, want one there and one back", made)
			}
			return results
		})
		for name := range want {
			requireSame(t, name, want[name], got[name], 1e-12)
		}
	})
}
