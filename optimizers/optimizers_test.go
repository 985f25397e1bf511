package optimizers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

type namedArray struct {
	Name  string       `json:"name"`
	Path  string       `json:"path"`
	Value golden.Array `json:"value"`

	Constraint any `json:"constraint"` // of a weight
}

type fixture struct {
	Name      string         `json:"name"`
	Config    map[string]any `json:"config"`
	Exclude   []string       `json:"exclude"`
	Gradients string         `json:"gradients"`
	Weights   []namedArray   `json:"weights"`
	Variables []namedArray   `json:"variables"`
	Loss      float32        `json:"loss"`
	Steps     []struct {
		Scaled    *golden.Array  `json:"scaled"` // the loss, before the step
		Weights   []golden.Array `json:"weights"`
		Variables []golden.Array `json:"variables"`
	} `json:"steps"`
}

func (f fixture) optimizer(t *testing.T) optimizers.Optimizer {
	o, err := optimizers.Get(f.Config)
	require.NoError(t, err)
	if len(f.Exclude) > 0 {
		switch given := o.(type) {
		case *optimizers.AdamWOptimizer:
			given.ExcludeFromWeightDecay(f.Exclude...)
		case *optimizers.MuonOptimizer:
			given.ExcludeFromWeightDecay(f.Exclude...)
		}
	}
	return o
}

func (f fixture) trainable(t *testing.T) []optimizers.Variable {
	out := make([]optimizers.Variable, len(f.Weights))
	for i, w := range f.Weights {
		constraint, err := constraints.Get(w.Constraint)
		require.NoError(t, err)
		out[i] = optimizers.Variable{Name: w.Name, Path: w.Path, Shape: w.Value.Shape, DType: dtypes.MapOfNames[w.Value.DType], Constraint: constraint, CopyOf: -1}
	}
	return out
}

type fixtures struct {
	Gradients map[string][][]golden.Array `json:"gradients"` // by set, step and weight
	Cases     []fixture                   `json:"cases"`
}

// load returns the cases of all families that hold optimizers.
func load(t *testing.T) fixtures {
	all := fixtures{Gradients: map[string][][]golden.Array{}}
	for _, family := range []string{"optimizers", "schedules", "optimizers_half", "optimizers_lossscale", "optimizers_more", "optimizers_multi", "optimizers_course"} {
		var f fixtures
		golden.Load(t, family, &f)
		require.NotEmpty(t, f.Cases)
		for name, set := range f.Gradients {
			if known, ok := all.Gradients[name]; ok {
				require.Equal(t, known, set, name)
			}
			all.Gradients[name] = set
		}
		all.Cases = append(all.Cases, f.Cases...)
	}
	return all
}

func TestVariables(t *testing.T) {
	for _, f := range load(t).Cases {
		t.Run(f.Name, func(t *testing.T) {
			variables := f.optimizer(t).Variables(f.trainable(t))
			require.Len(t, variables, len(f.Variables))
			for i, want := range f.Variables {
				got := variables[i]
				require.Equal(t, want.Name, got.Name)
				if want.Path != "" {
					require.Equal(t, want.Path, got.Path)
				}
				require.Equal(t, fmt.Sprint(want.Value.Shape), fmt.Sprint(got.Shape), got.Name)
				require.Equal(t, want.Value.DType, strings.ToLower(got.DType.String()), got.Name)
				if got.CopyOf >= 0 {
					require.Equal(t, f.Weights[got.CopyOf].Value, want.Value, got.Name)
					continue
				}
				for _, v := range want.Value.Data {
					if golden.Float32 == lastDigits(want.Value) {
						require.Equal(t, float32(v), float32(got.Initial), got.Name)
					} else {
						require.InDelta(t, float64(v), got.Initial, lastDigits(want.Value).Abs, got.Name)
					}
				}
			}
		})
	}
}

func TestApplyAgainstKeras(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		all := load(t)
		for at, f := range all.Cases {
			if !golden.Runs(backend, at) {
				continue
			}
			t.Run(f.Name, func(t *testing.T) {
				f.replay(t, backend, all.Gradients[f.Gradients])
			})
		}
	})
}

// replay takes the fixture's steps and compares each weight and each variable.
func (f fixture) replay(t *testing.T, backend compute.Backend, gradients [][]golden.Array) {
	o, trainable := f.optimizer(t), f.trainable(t)
	n, slots := len(f.Weights), len(f.Variables)
	exec, err := graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
		scaled := optimizers.ScaleLoss(o, trainable, in[:slots], graph.Const(in[0].Graph(), f.Loss))
		state, weights := optimizers.Advance(o, trainable, in[:slots], in[slots:slots+n], in[slots+n:])
		return append(append(state, weights...), scaled)
	})
	require.NoError(t, err)
	defer exec.Finalize()
	var current []*tensors.Tensor
	for _, v := range append(f.Variables, f.Weights...) {
		current = append(current, tensorOf(t, v.Value, v.Value.DType))
	}
	for i, step := range f.Steps {
		var args []any
		for _, x := range current[:slots+n] {
			args = append(args, x)
		}
		for _, g := range gradients[i] {
			args = append(args, tensorOf(t, g, f.Weights[0].Value.DType))
		}
		current, err = exec.Call(args...)
		require.NoError(t, err)
		if step.Scaled != nil {
			golden.Close(t, fmt.Sprintf("step %d: scaled loss", i+1), current[slots+n], *step.Scaled, golden.Float32)
		}
		for j, want := range step.Weights {
			golden.Close(t, fmt.Sprintf("step %d: %s", i+1, f.Weights[j].Path), current[slots+j], want, lastDigits(want))
		}
		for j, want := range step.Variables {
			golden.Close(t, fmt.Sprintf("step %d: %s", i+1, f.Variables[j].Name), current[j], want, lastDigits(want))
		}
	}
}

func TestConfigRoundTrip(t *testing.T) {
	for _, f := range load(t).Cases {
		encoded, err := config.Encode(f.optimizer(t))
		require.NoError(t, err)
		require.Equal(t, golden.JSON(t, f.Config), golden.JSON(t, encoded), f.Name)
	}
}
