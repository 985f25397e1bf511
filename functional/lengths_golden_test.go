package functional_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

type lengthsCase struct {
	Name    string
	Model   json.RawMessage
	Compile struct {
		Loss            any
		Metrics         []any
		WeightedMetrics []any `json:"weighted_metrics"`
	}
	Initial []namedArray `json:"initial_weights"`
	Batches []struct {
		X, Y         []golden.Array
		SampleWeight *golden.Array `json:"sample_weight"`
	}
	History     map[string][]float64
	Final       []namedArray `json:"final_weights"`
	Evaluate    map[string]float64
	Predictions [][]golden.Array
}

// TestLengths: batches of many lengths train, evaluate and predict as in Keras, though after the first few of them steps are added to
// sequences so that lengths share programs. Models with layers that can't leave these out are compiled for each length.
func TestLengths(t *testing.T) {
	var cases []lengthsCase
	golden.Load(t, "lengths", &cases)
	whole := map[string]bool{"from_the_end": true}
	quick := map[string]bool{"tagger_steps": true, "attention": true} // to compile
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for _, c := range cases {
			if backend.KindOf(engine) != backend.Go && !quick[c.Name] {
				continue
			}
			t.Run(c.Name, func(t *testing.T) {
				m, err := functional.FromJSON(c.Model, false)
				require.NoError(t, err)
				require.Len(t, m.Weights(), len(c.Initial))
				for i, w := range m.Weights() {
					require.NoError(t, w.Set(c.Initial[i].Value.Tensor(t)))
				}
				require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.SGD(0.2), Loss: c.Compile.Loss, Metrics: c.Compile.Metrics, WeightedMetrics: c.Compile.WeightedMetrics}))
				batches := functional.Batches(func(yield func(functional.Data, error) bool) {
					for _, b := range c.Batches {
						d := functional.Data{X: golden.Tensors(t, b.X), Y: golden.Tensors(t, b.Y)}
						if b.SampleWeight != nil {
							d.SampleWeight = b.SampleWeight.Tensor(t)
						}
						if !yield(d, nil) {
							return
						}
					}
				})
				history, err := m.Fit(batches, nil, functional.Fit{Epochs: 2, Verbose: functional.Silent})
				require.NoError(t, err)
				for name, want := range c.History {
					got := history.History[name]
					require.Len(t, got, len(want), name)
					for i := range want {
						near(t, fmt.Sprintf("%s of epoch %d", name, i), want[i], got[i])
					}
				}
				for i, w := range m.Weights() {
					value, err := w.Value()
					require.NoError(t, err)
					golden.Close(t, w.Path(), value, c.Final[i].Value, golden.Tolerance{Rel: 1e-5, Abs: 2e-6})
				}
				scores, err := m.Evaluate(batches, nil, functional.Evaluate{Verbose: functional.Silent})
				require.NoError(t, err)
				for name, want := range c.Evaluate {
					got, ok := scores.Get(name)
					require.True(t, ok, name)
					near(t, name, want, got)
				}
				for k, b := range c.Batches {
					outputs, err := m.PredictOnBatch(golden.Tensors(t, b.X))
					require.NoError(t, err)
					for i, want := range c.Predictions[k] {
						golden.Close(t, fmt.Sprintf("output %d of batch %d", i, k), outputs[i], want, golden.Tolerance{Rel: 1e-5, Abs: 2e-6})
					}
				}
				programs, shared := functional.ProgramCounts(m)
				require.Equal(t, whole[c.Name], shared == 0, "of %d programs %d are shared", programs, shared)
				if !whole[c.Name] && c.Name != "translation" { // its pairs of lengths are many
					require.Equal(t, 3*(4+2), programs, "4 lengths have programs of their own, the others share those of 8 and 16 steps, in training, evaluation and prediction")
				}
			})
		}
	})
}

func near(t *testing.T, what string, want, got float64) {
	t.Helper()
	require.LessOrEqual(t, math.Abs(want-got), 1e-5*math.Max(1, math.Abs(want)), "%s: want %v, got %v", what, want, got)
}
