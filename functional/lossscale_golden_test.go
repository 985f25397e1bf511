package functional_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/optimizers"
)

type lossScaleFixture struct {
	Runs     []lossScaleRun
	Wrapping []struct {
		Policy    functional.DTypePolicy
		Optimizer string
		Arguments map[string]bool
		Result    map[string]any
		Compile   map[string]any `json:"compile_config"`
		Model     json.RawMessage
	}
	Fit struct {
		lossScaleRun
		Fit     map[string]any
		History map[string]golden.Array
	}
}

type lossScaleRun struct {
	Name         string
	Policy       functional.DTypePolicy
	JSON         json.RawMessage
	Compile      map[string]any `json:"compile_config"`
	Optimizer    map[string]any
	X, Y         golden.Array
	BatchSize    int          `json:"batch_size"`
	Initial      []namedArray `json:"initial_weights"`
	Final        []namedArray `json:"final_weights"`
	Variables    []namedArray `json:"optimizer_variables"`
	Losses       golden.Array
	Scales       golden.Array
	StepCounters golden.Array `json:"step_counters"`
	Iterations   golden.Array
	File         []struct {
		Path  string
		Shape []int
		DType string
	}
	Sensitivity *struct{ Losses, Weights float64 }
}

func loadLossScale(t *testing.T) (f lossScaleFixture) {
	golden.Load(t, "lossscale", &f)
	require.NotEmpty(t, f.Runs)
	require.NotEmpty(t, f.Wrapping)
	return f
}

// underPolicy makes a model while the policy is everybody's.
func underPolicy(t *testing.T, policy functional.DTypePolicy, model json.RawMessage) *functional.Model {
	require.NoError(t, functional.SetDTypePolicy(policy))
	defer func() { require.NoError(t, functional.SetDTypePolicy("float32")) }()
	m, err := functional.FromJSON(model, false)
	require.NoError(t, err)
	return m
}

// model is the run's before its first step.
func (r lossScaleRun) model(t *testing.T, c functional.Compile) *functional.Model {
	m := underPolicy(t, r.Policy, r.JSON)
	begin(t, m, r.Initial)
	require.NoError(t, m.Compile(c))
	return m
}

// variables compares the optimizer's variables. Their paths may begin with another number after its name: Keras counts.
func (r lossScaleRun) variables(t *testing.T, m *functional.Model, tolerance golden.Tolerance) {
	sameOptimizer(t, m, r.Variables, tolerance)
}

func (r lossScaleRun) weights(t *testing.T, m *functional.Model, tolerance golden.Tolerance) {
	for i, w := range m.Weights() {
		value, err := w.Value()
		require.NoError(t, err)
		golden.Close(t, w.Path(), value, r.Final[i].Value, tolerance)
	}
}

func scalarOf(t *testing.T, m *functional.Model, path string) float64 {
	list, err := m.OptimizerVariables()
	require.NoError(t, err)
	for _, v := range list {
		if strings.HasSuffix(v.Path(), path) {
			value, err := v.Value()
			require.NoError(t, err)
			return golden.Floats(t, value)[0]
		}
	}
	t.Fatalf("no variable %s", path)
	return 0
}

// TestLossScaleAgainstKeras takes steps of which some overflow, then compares what is left and what is saved.
func TestLossScaleAgainstKeras(t *testing.T) {
	for at, run := range loadLossScale(t).Runs {
		t.Run(run.Name, func(t *testing.T) {
			golden.OnSomeEngines(t, at, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				m := run.model(t, compileArguments(t, run.Compile))
				encoded, err := config.Encode(m.Optimizer())
				require.NoError(t, err)
				require.Equal(t, golden.JSON(t, run.Optimizer), golden.JSON(t, encoded))

				losses, weights := golden.Tolerance{Abs: 2e-6, Rel: 2e-5}, golden.Tolerance{Abs: 2e-6, Rel: 2e-5}
				if run.Sensitivity != nil {
					losses.Abs, weights.Abs = 2*run.Sensitivity.Losses, 2*run.Sensitivity.Weights
				}
				x, y := run.X.Tensor(t), run.Y.Tensor(t)
				columns := 1
				if len(run.Losses.Shape) > 1 {
					columns = run.Losses.Shape[1]
				}
				steps := 1.0 // that make one of the optimizer's iterations
				if inner := run.Optimizer["config"].(map[string]any)["inner_optimizer"].(map[string]any)["config"].(map[string]any); inner["gradient_accumulation_steps"] != nil {
					steps = inner["gradient_accumulation_steps"].(float64)
				}
				for i := range run.Scales.Data {
					scores, err := m.TrainOnBatch(rows(t, x, i*run.BatchSize, run.BatchSize), rows(t, y, i*run.BatchSize, run.BatchSize), functional.BatchOptions{})
					require.NoError(t, err)
					want := golden.Array{Shape: []int{columns}, Data: run.Losses.Data[i*columns : (i+1)*columns]}
					golden.Close(t, fmt.Sprintf("step %d: losses", i), tensors.FromValue(scores.Values), want, losses)
					require.Equal(t, float64(run.Scales.Data[i]), scalarOf(t, m, "/dynamic_scale"), "step %d", i)
					require.Equal(t, float64(run.StepCounters.Data[i]), scalarOf(t, m, "/step_counter"), "step %d", i)
					require.Equal(t, float64(run.Iterations.Data[i]), math.Floor(scalarOf(t, m, run.Variables[4].Path)/steps), "step %d", i)
				}
				run.weights(t, m, weights)
				run.variables(t, m, weights)
				run.file(t, m)
			})
		})
	}
}

// file saves the model: the file is as Keras's, and loads with the optimizer's state. A model that loads with another dtype policy has the
// optimizer without the scale, which goes on all the same.
func (r lossScaleRun) file(t *testing.T, m *functional.Model) {
	path := filepath.Join(t.TempDir(), "model.keras")
	require.NoError(t, m.Save(path))
	f, err := kerasfile.Open(path)
	require.NoError(t, err)
	defer f.Close()
	got := map[string]string{}
	require.NoError(t, f.Weights().Group("optimizer").Walk(func(path string, a kerasfile.Array) error {
		got[path] = fmt.Sprint(a.Shape(), a.DType())
		return nil
	}))
	want := map[string]string{}
	for _, a := range r.File {
		want[a.Path] = fmt.Sprint(a.Shape, a.DType)
	}
	require.Equal(t, want, got)
	var saved struct {
		Compile map[string]any `json:"compile_config"`
	}
	require.NoError(t, json.Unmarshal(f.Config(), &saved))
	require.Equal(t, golden.JSON(t, r.Compile["optimizer"]), golden.JSON(t, saved.Compile["optimizer"]))

	legacy := filepath.Join(t.TempDir(), "model.h5") // names the optimizer in use
	require.NoError(t, m.Save(legacy))
	require.Len(t, sameState(t, m, legacy), len(r.Variables))
	after := sameState(t, m, path)
	require.GreaterOrEqual(t, len(after), 5)
	if len(r.Variables) > len(after) { // back again
		loaded, err := functional.Load(path, functional.LoadOptions{})
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "unscaled.keras")
		require.NoError(t, loaded.Save(path))
		require.NoError(t, m.Compile(functional.Compile{Optimizer: m.Optimizer()}))
		_, err = m.OptimizerVariables()
		require.NoError(t, err)
		require.NoError(t, m.LoadWeights(path))
		require.Equal(t, float64(r.Variables[4].Value.Data[0]), scalarOf(t, m, r.Variables[4].Path))
	}
}

// sameState loads the model and returns its optimizer's variables, which are the last of m's.
func sameState(t *testing.T, m *functional.Model, path string) []*functional.Weight {
	loaded, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	before, err := m.OptimizerVariables()
	require.NoError(t, err)
	after, err := loaded.OptimizerVariables()
	require.NoError(t, err)
	before = before[len(before)-len(after):]
	for i, v := range after {
		require.Equal(t, before[i].Path(), v.Path())
		x, err := before[i].Value()
		require.NoError(t, err)
		y, err := v.Value()
		require.NoError(t, err)
		require.Equal(t, golden.Floats(t, x), golden.Floats(t, y), v.Path())
	}
	return after
}

func TestLossScaleFitAgainstKeras(t *testing.T) {
	run := loadLossScale(t).Fit
	run.Policy = "mixed_float16"
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		m := run.model(t, functional.Compile{Optimizer: run.Optimizer, Loss: "categorical_crossentropy", Metrics: []any{"accuracy"}})
		history, err := m.Fit(run.X.Tensor(t), run.Y.Tensor(t), fitArguments(t, run.Fit))
		require.NoError(t, err)
		tolerance := golden.Tolerance{Abs: 1e-3} // as far as Keras gets from itself when the weights' last digit changes
		for name, want := range run.History {
			golden.Close(t, name, tensors.FromValue(history.History[name]), want, tolerance)
		}
		run.weights(t, m, tolerance)
		run.variables(t, m, tolerance)
	})
}

// TestAutoScaleLoss has Compile wrap the optimizers that Keras wraps.
func TestAutoScaleLoss(t *testing.T) {
	for _, tc := range loadLossScale(t).Wrapping {
		t.Run(fmt.Sprint(tc.Policy, tc.Optimizer, tc.Arguments), func(t *testing.T) {
			m := underPolicy(t, tc.Policy, tc.Model)
			c := compileArguments(t, tc.Compile)
			if on, given := tc.Arguments["auto_scale_loss"]; given {
				require.False(t, on)
				c.AutoScaleLoss = functional.Off
			}
			require.NoError(t, m.Compile(c))
			encoded, err := config.Encode(m.Optimizer())
			require.NoError(t, err)
			require.Equal(t, golden.JSON(t, tc.Result), golden.JSON(t, encoded))
			compiled, ok := m.Compiled()
			require.True(t, ok)
			encoded, err = config.Encode(compiled.Optimizer.(optimizers.Optimizer))
			require.NoError(t, err)
			require.Equal(t, golden.JSON(t, tc.Compile["optimizer"]), golden.JSON(t, encoded))
			rate, err := m.LearningRate()
			require.NoError(t, err)
			require.NotZero(t, rate)
			require.NoError(t, m.SetLearningRate(0.5))
			rate, err = m.LearningRate()
			require.NoError(t, err)
			require.Equal(t, 0.5, rate)
		})
	}
	m, err := functional.FromJSON(loadLossScale(t).Wrapping[0].Model, false)
	require.NoError(t, err)
	require.ErrorContains(t, m.Compile(functional.Compile{AutoScaleLoss: 7}), "option AutoScaleLoss is 7, want functional.On, Off or Default")
}
