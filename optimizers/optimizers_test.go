package optimizers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

type namedArray struct {
	Name  string       `json:"name"`
	Path  string       `json:"path"`
	Value golden.Array `json:"value"`
}

type fixture struct {
	Name      string         `json:"name"`
	Config    map[string]any `json:"config"`
	Exclude   []string       `json:"exclude"`
	Gradients string         `json:"gradients"`
	Weights   []namedArray   `json:"weights"`
	Variables []namedArray   `json:"variables"`
	Steps     []struct {
		Weights   []golden.Array `json:"weights"`
		Variables []golden.Array `json:"variables"`
	} `json:"steps"`
}

func (f fixture) optimizer(t *testing.T) optimizers.Optimizer {
	o, err := optimizers.Get(f.Config)
	require.NoError(t, err)
	if len(f.Exclude) > 0 {
		o = o.(*optimizers.AdamWOptimizer).ExcludeFromWeightDecay(f.Exclude...)
	}
	return o
}

func (f fixture) trainable() []optimizers.Variable {
	out := make([]optimizers.Variable, len(f.Weights))
	for i, w := range f.Weights {
		out[i] = optimizers.Variable{Name: w.Name, Path: w.Path, Shape: w.Value.Shape, DType: dtypes.Float32, CopyOf: -1}
	}
	return out
}

type fixtures struct {
	Gradients map[string][][]golden.Array `json:"gradients"` // by set, step and weight
	Cases     []fixture                   `json:"cases"`
}

// load returns the cases of all families that hold optimizers.
func load(t *testing.T) fixtures {
	var f, scheduled fixtures
	golden.Load(t, "optimizers", &f)
	golden.Load(t, "schedules", &scheduled)
	require.NotEmpty(t, f.Cases)
	require.NotEmpty(t, scheduled.Cases)
	require.Equal(t, f.Gradients["normal"], scheduled.Gradients["normal"])
	f.Cases = append(f.Cases, scheduled.Cases...)
	return f
}

func TestVariables(t *testing.T) {
	for _, f := range load(t).Cases {
		t.Run(f.Name, func(t *testing.T) {
			variables := f.optimizer(t).Variables(f.trainable())
			require.Len(t, variables, len(f.Variables))
			for i, want := range f.Variables {
				got := variables[i]
				require.Equal(t, want.Name, got.Name)
				require.Equal(t, fmt.Sprint(want.Value.Shape), fmt.Sprint(got.Shape), got.Name)
				require.Equal(t, want.Value.DType, strings.ToLower(got.DType.String()), got.Name)
				require.Equal(t, -1, got.CopyOf, got.Name)
				for _, v := range want.Value.Data {
					require.Equal(t, float32(v), float32(got.Initial), got.Name)
				}
			}
		})
	}
}

func TestApplyAgainstKeras(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		all := load(t)
		for _, f := range all.Cases {
			t.Run(f.Name, func(t *testing.T) {
				o, trainable := f.optimizer(t), f.trainable()
				n, slots := len(f.Weights), len(f.Variables)
				exec, err := graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
					state, weights := o.Apply(trainable, in[:slots], in[slots:slots+n], in[slots+n:])
					return append(state, weights...)
				})
				require.NoError(t, err)
				defer exec.Finalize()
				var current []*tensors.Tensor
				for _, v := range append(f.Variables, f.Weights...) {
					current = append(current, v.Value.Tensor(t))
				}
				for i, step := range f.Steps {
					var args []any
					for _, x := range current {
						args = append(args, x)
					}
					for _, g := range all.Gradients[f.Gradients][i] {
						args = append(args, g.Tensor(t))
					}
					current, err = exec.Call(args...)
					require.NoError(t, err)
					for j, want := range append(step.Variables, step.Weights...) {
						name := ""
						if j < slots {
							name = f.Variables[j].Name
						} else {
							name = f.Weights[j-slots].Path
						}
						golden.Close(t, fmt.Sprintf("step %d: %s", i+1, name), current[j], want, golden.Float32)
					}
				}
			})
		}
	})
}

func TestConfigRoundTrip(t *testing.T) {
	for _, f := range load(t).Cases {
		encoded, err := config.Encode(f.optimizer(t))
		require.NoError(t, err)
		require.Equal(t, jsonOf(t, f.Config), jsonOf(t, encoded), f.Name)
	}
}

func jsonOf(t *testing.T, v any) string {
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}
