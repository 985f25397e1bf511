package functional_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestCompiledAgain: a model that is compiled again keeps the losses and the metrics that it isn't given, as in Keras.
func TestCompiledAgain(t *testing.T) {
	golden.OnGo(t)
	type arguments struct {
		Loss            *string
		Metrics         []any
		WeightedMetrics []any `json:"weighted_metrics"`
	}
	var cases []struct {
		First, Second arguments
		Scores        map[string]float64
	}
	golden.Load(t, "compiled_again", &cases)
	for i, c := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			x := functional.Input(4)
			m, err := functional.NewModel(x, layers.Dense(2).Apply(x))
			require.NoError(t, err)
			for k, w := range m.Weights() {
				require.NoError(t, w.Set(golden.RuleWeight(k, w.Name(), w.Shape()...).Tensor(t)))
			}
			for _, a := range []arguments{c.First, c.Second} {
				o := functional.Compile{Optimizer: "sgd"}
				if a.Loss != nil {
					o.Loss = *a.Loss
				}
				if a.Metrics != nil {
					o.Metrics = a.Metrics
				}
				if a.WeightedMetrics != nil {
					o.WeightedMetrics = a.WeightedMetrics
				}
				require.NoError(t, m.Compile(o))
			}
			scores, err := m.Evaluate(golden.RuleInput(0, 8, 4).Tensor(t), golden.RuleInput(1, 8, 2).Tensor(t), functional.Evaluate{BatchSize: 4, Verbose: functional.Silent})
			require.NoError(t, err)
			require.Len(t, scores.Names, len(c.Scores))
			for name, want := range c.Scores {
				got, ok := scores.Get(name)
				require.True(t, ok, name)
				require.InEpsilon(t, want, got, 1e-5, name)
			}
		})
	}
}
