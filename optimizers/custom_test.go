package optimizers_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

// factored is an optimizer as a user writes one: matrices have slots for their rows and their columns, embeddings count their steps,
// and vectors have no slots.
type factored struct {
	optimizers.Base[*factored]
	cfg struct {
		optimizers.Arguments `default:"name=factored,learning_rate=0.5"`
		Decay                float64 `keras:"decay" default:"0.25"`
	}
}

func newFactored(learningRate ...float64) *factored {
	o := &factored{}
	o.Start(o, optimizers.Class{Module: "tests", Name: "Factored", Registered: "tests>Factored"}, &o.cfg, &o.cfg.Arguments, learningRate...)
	return o
}

func (o *factored) Slots(w optimizers.Variable) [][]optimizers.Variable {
	switch {
	case strings.HasPrefix(w.Path, "embedding/"):
		steps, start, noise := w.Slot("steps"), w.Slot("start"), w.Slot("noise")
		steps.Shape, steps.DType, steps.Initial = nil, dtypes.Int32, 7
		start.CopyOf = w.Index
		noise.Shape, noise.Initializer = []int{3}, initializers.Ones()
		return [][]optimizers.Variable{{steps}, {start, noise}}
	case len(w.Shape) < 2:
		return nil
	}
	rows, columns := w.Slot("rows"), w.Slot("columns")
	rows.Shape, columns.Shape = w.Shape[:1], w.Shape[1:]
	return [][]optimizers.Variable{{rows, columns}}
}

func (o *factored) Update(s *optimizers.Step, v optimizers.Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	step := graph.Mul(s.Rate(w), g)
	switch {
	case strings.HasPrefix(v.Path, "embedding/"):
		return graph.Sub(w, step), []*graph.Node{graph.AddScalar(slots[0], 1), slots[1], slots[2]}
	case len(slots) == 0:
		return graph.Sub(w, step), nil
	}
	square := graph.Square(g)
	keep := func(old, now *graph.Node) *graph.Node {
		return graph.Add(graph.MulScalar(old, o.cfg.Decay), graph.MulScalar(now, 1-o.cfg.Decay))
	}
	rows, columns := keep(slots[0], graph.ReduceMean(square, 1)), keep(slots[1], graph.ReduceMean(square, 0))
	size := graph.Sqrt(graph.Mul(graph.ExpandDims(rows, 1), graph.ExpandDims(columns, 0)))
	return graph.Sub(w, graph.Div(step, graph.Add(size, optimizers.Number(size, 1e-7)))), []*graph.Node{rows, columns}
}

var ownWeights = []optimizers.Variable{
	{Name: "kernel", Path: "dense/kernel", Shape: []int{2, 3}, DType: dtypes.Float32},
	{Name: "bias", Path: "dense/bias", Shape: []int{3}, DType: dtypes.Float32},
	{Name: "embeddings", Path: "embedding/embeddings", Shape: []int{1}, DType: dtypes.Float32},
}

func TestOwnSlots(t *testing.T) {
	var names []string
	for _, v := range newFactored().UseEMA(true).Variables(ownWeights) {
		names = append(names, v.Path)
	}
	require.Equal(t, []string{
		"factored/iteration", "factored/learning_rate", "factored/dense_kernel_average", "factored/dense_bias_average", "factored/embedding_embeddings_average",
		"factored/dense_kernel_rows", "factored/dense_kernel_columns", "factored/embedding_embeddings_steps", // the first group, weight by weight
		"factored/embedding_embeddings_start", "factored/embedding_embeddings_noise",
	}, names)
	list := newFactored().Variables(ownWeights)
	require.Equal(t, []int{2}, list[2].Shape)
	require.Equal(t, dtypes.Int32, list[4].DType)
	require.Equal(t, 7.0, list[4].Initial)
	require.Equal(t, 2, list[5].CopyOf)
	require.NotNil(t, list[6].Initializer)
}

// TestOwnRule has the base do for a rule what it does for Keras's: clip, decay and so on.
func TestOwnRule(t *testing.T) {
	kernel, bias, embedding := [][]float32{{1, 2, 3}, {4, 5, 6}}, []float32{1, 1, 1}, []float32{2}
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		o := newFactored().WeightDecay(0.1).Clipvalue(2)
		out, err := graph.CallOnceN(backend, func(in []*graph.Node) []*graph.Node {
			state, weights := optimizers.Advance(o, ownWeights, in[:7], in[7:10], in[7:10])
			return append(state, weights...)
		}, int32(0), float32(0.5), []float32{0, 0}, []float32{0, 0, 0}, int32(7), embedding, []float32{1, 1, 1}, kernel, bias, embedding)
		require.NoError(t, err)
		values := func(i int) []float64 { return golden.Floats(t, out[i]) }
		require.Equal(t, []float64{1}, values(0))
		// The gradients, clipped, are 1 2 2 / 2 2 2.
		rows, columns := []float64{0.75 * 3, 0.75 * 4}, []float64{0.75 * 2.5, 0.75 * 4, 0.75 * 4}
		require.InDeltaSlice(t, rows, values(2), 1e-6)
		require.InDeltaSlice(t, columns, values(3), 1e-6)
		require.Equal(t, []float64{8}, values(4))
		for i, row := range kernel {
			for j, w := range row {
				want := 0.95*float64(w) - 0.5*math.Min(float64(w), 2)/math.Sqrt(rows[i]*columns[j])
				require.InDelta(t, want, values(7)[3*i+j], 1e-5)
			}
		}
		require.InDeltaSlice(t, []float64{0.45, 0.45, 0.45}, values(8), 1e-6)
		require.InDeltaSlice(t, []float64{0.9}, values(9), 1e-6)
	})
}

// lax gives back less than it should.
type lax struct{ *optimizers.SGDOptimizer }

func (lax) Apply(_ []optimizers.Variable, state, weights, _ []*graph.Node) (newState, newWeights []*graph.Node) {
	return state, []*graph.Node{graph.ReduceAllSum(weights[0])}
}

type laxRule struct {
	optimizers.Base[*laxRule]
	cfg struct {
		optimizers.Arguments `default:"name=lax"`
	}
}

func (*laxRule) Slots(w optimizers.Variable) [][]optimizers.Variable {
	return [][]optimizers.Variable{{w.Slot("slot")}}
}

func (*laxRule) Update(_ *optimizers.Step, _ optimizers.Variable, w, _ *graph.Node, _ []*graph.Node) (*graph.Node, []*graph.Node) {
	return w, nil
}

// TestWrongResults has what a custom optimizer does wrong told by name.
func TestWrongResults(t *testing.T) {
	backend := golden.Engines(t)[0].Backend
	weights := []optimizers.Variable{{Name: "kernel", Shape: []int{2}, DType: dtypes.Float32}}
	rule := &laxRule{}
	require.EqualError(t, rule.Validate(), "it was not made by its constructor")
	require.Empty(t, rule.KerasName())
	rule.Start(rule, optimizers.Class{Name: "Lax"}, &rule.cfg, &rule.cfg.Arguments)
	for want, o := range map[string]optimizers.Optimizer{
		"optimizer sgd: number 0 of the weights is (Float32) after the step, want (Float32)[2]": lax{optimizers.SGD()},
		"optimizer lax: got 0 slots of kernel after the step, want 1":                           rule,
	} {
		_, err := graph.CallOnceN(backend, func(iteration, rate, w *graph.Node) []*graph.Node {
			state := []*graph.Node{iteration, rate, w}[:len(o.Variables(weights))]
			_, newWeights := optimizers.Advance(o, weights, state, []*graph.Node{w}, []*graph.Node{w})
			return newWeights
		}, int32(0), float32(0.1), []float32{1, 2})
		require.ErrorContains(t, err, want)
	}
}
