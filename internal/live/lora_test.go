//go:build live

package live

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// TestLoRA takes models with each layer that may learn by factors through the files: what either side reads of the other's file computes the same and
// learns the same. Archives hold the weights with the factors' product added, legacy files both.
func TestLoRA(t *testing.T) {
	on(t, "xla")
	words := functional.InputOptions{Shape: []int{4}, DType: "int32"}
	cases := map[string]func() (x, y *functional.Tensor, enable func() error){
		"dense": func() (x, y *functional.Tensor, enable func() error) {
			x, l := functional.Input(3), layers.Dense(4)
			return x, l.Apply(x), func() error { return l.EnableLoRA(2, 3) }
		},
		"einsum dense": func() (x, y *functional.Tensor, enable func() error) {
			x, l := functional.Input(2, 3), layers.EinsumDense("abc,cd->abd", 2, 4).BiasAxes("d")
			return x, l.Apply(x), func() error { return l.EnableLoRA(2, 3) }
		},
		"embedding": func() (x, y *functional.Tensor, enable func() error) {
			x, l := functional.InputWith(words), layers.Embedding(5, 3)
			return x, l.Apply(x), func() error { return l.EnableLoRA(2, 0) }
		},
		"reversible embedding": func() (x, y *functional.Tensor, enable func() error) {
			x, l := functional.InputWith(words), layers.ReversibleEmbedding(5, 3)
			return x, l.ApplyWith(map[string]any{"reverse": true}, layers.Activation("tanh").Apply(l.Apply(x)))[0], func() error { return l.EnableLoRA(1, 0) }
		},
		"conv1d": func() (x, y *functional.Tensor, enable func() error) {
			x, l := functional.Input(6, 4), layers.Conv1D(4, 3).Padding("causal").Groups(2)
			return x, l.Apply(x), func() error { return l.EnableLoRA(2, 3) }
		},
		"conv2d": func() (x, y *functional.Tensor, enable func() error) {
			x, l := functional.Input(6, 5, 2), layers.Conv2D(4, 3).UseBias(false)
			return x, l.Apply(x), func() error { return l.EnableLoRA(2, 3) }
		},
		"conv3d": func() (x, y *functional.Tensor, enable func() error) {
			x, l := functional.Input(4, 3, 4, 1), layers.Conv3D(2, 2).Strides(2)
			return x, l.Apply(x), func() error { return l.EnableLoRA(1, 3) }
		},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			functional.ClearSession()
			functional.SetRandomSeed(5)
			x, y, enable := cases[name]()
			m, err := functional.NewModel(x, layers.Dense(2).Apply(layers.Flatten().Apply(y)))
			require.NoError(t, err)
			require.NoError(t, enable())
			require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.SGD(0.1), Loss: "mse"}))
			goSteps(t, m, 1)
			for _, form := range []string{".keras", ".h5"} {
				first, second := filepath.Join(t.TempDir(), "go"+form), filepath.Join(t.TempDir(), "python"+form)
				require.NoError(t, m.Save(first))
				there := func(m *functional.Model, path string) *functional.Model {
					python := handle(t)
					var loaded state
					ask(t, &loaded, "load", map[string]any{"model": python, "path": path})
					batch, _ := batchData(t, m, 4, 0)
					own, err := functional.Load(path, functional.LoadOptions{})
					require.NoError(t, err)
					weightsWithin(t, own, loaded, 0)
					samePredictions(t, own, python, batch)
					if form == ".keras" { // Keras can't train what it reads of a legacy file, and forgets alpha, which counts there
						samePredictions(t, m, python, batch)
						sameConfiguration(t, own, loaded)
						trainBoth(t, own, python, 10)
					}
					if path == first {
						ask(t, nil, "save", map[string]any{"model": python, "path": second})
					}
					return own
				}
				there(there(m, first), second)
			}
		})
	}
}
