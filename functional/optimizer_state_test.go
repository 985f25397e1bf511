package functional_test

import (
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// slow keeps the weights it started from and steps towards them, with slots of its own kind.
type slow struct {
	optimizers.Base[*slow]
	cfg struct {
		optimizers.Arguments `default:"name=slow,learning_rate=0.5"`
	}
	copyOf func(w optimizers.Variable) int
}

func newSlow(copyOf func(optimizers.Variable) int) *slow {
	o := &slow{copyOf: copyOf}
	o.Start(o, functional.Class{Module: "tests", Name: "Slow", Registered: "tests>Slow"}, &o.cfg, &o.cfg.Arguments)
	return o
}

func (o *slow) Slots(w optimizers.Variable) [][]optimizers.Variable {
	start, noise := w.Slot("start"), w.Slot("noise")
	start.CopyOf = o.copyOf(w)
	noise.Shape, noise.Initializer = []int{2}, initializers.Constant(3)
	return [][]optimizers.Variable{{start, noise}}
}

func (o *slow) Update(s *optimizers.Step, _ optimizers.Variable, w, g *graph.Node, slots []*graph.Node) (*graph.Node, []*graph.Node) {
	return graph.Sub(slots[0], graph.Mul(s.Rate(w), g)), slots
}

func TestOptimizerVariablesStart(t *testing.T) {
	compiled := func(copyOf func(optimizers.Variable) int) *functional.Model {
		x := functional.Input(3)
		m, err := functional.NewModel(x, layers.Dense(2).Apply(x))
		require.NoError(t, err)
		require.NoError(t, m.Compile(functional.Compile{Optimizer: newSlow(copyOf), Loss: "mse"}))
		return m
	}
	m := compiled(func(w optimizers.Variable) int { return w.Index })
	kernel, err := m.Weights()[0].Value()
	require.NoError(t, err)
	before := golden.Floats(t, kernel)
	for range 2 {
		_, err = m.TrainOnBatch([][]float32{{1, 2, 3}}, [][]float32{{1, 2}}, functional.BatchOptions{})
		require.NoError(t, err)
	}
	variables, err := m.OptimizerVariables()
	require.NoError(t, err)
	for name, want := range map[string][]float64{"_start": before, "_noise": {3, 3}} {
		found := false
		for _, v := range variables {
			if strings.HasSuffix(v.Path(), "_kernel"+name) {
				value, err := v.Value()
				require.NoError(t, err)
				require.Equal(t, want, golden.Floats(t, value))
				found = true
			}
		}
		require.True(t, found, name)
	}
	_, err = compiled(func(optimizers.Variable) int { return 0 }).TrainOnBatch([][]float32{{1, 2, 3}}, [][]float32{{1, 2}}, functional.BatchOptions{})
	require.ErrorContains(t, err, "_bias_start of shape (2,) can't start as a copy of weight 0: its CopyOf must be -1, or the index of a weight of its shape")
}

// TestCopiesOfLoadedWeights: the variables that start as copies of weights are copies of a file's weights, too, in a model that was
// saved before its first step.
func TestCopiesOfLoadedWeights(t *testing.T) {
	golden.OnGo(t)
	x := functional.Input(3)
	m, err := functional.NewModel(x, layers.Dense(2).Apply(x))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.ScheduleFreeAdamW(0.1), Loss: "mse"}))
	path := t.TempDir() + "/m.keras"
	require.NoError(t, m.Save(path))
	loaded, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	var losses [2]float64
	for i, m := range []*functional.Model{m, loaded} {
		for range 3 {
			scores, err := m.TrainOnBatch([][]float32{{1, 2, 3}}, [][]float32{{1, 2}}, functional.BatchOptions{})
			require.NoError(t, err)
			losses[i] = scores.Loss()
		}
	}
	require.Equal(t, losses[0], losses[1])
}
