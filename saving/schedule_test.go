package saving_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/saving"
)

// scheduledCase is what generate_schedule.py notes of its file.
type scheduledCase struct {
	Inputs    golden.Array
	Targets   golden.Array
	Optimizer json.RawMessage
	Variables []string
	Steps     []struct {
		Loss    float64
		Weights []golden.Array
	}
}

// TestScheduledOptimizer trains a model of Python's further, whose learning rate follows a schedule: its steps go on
// where Python's ended, and so they do once more from the files that the loaded model writes.
func TestScheduledOptimizer(t *testing.T) {
	fixture := filepath.Join("testdata", "schedule", "exponential.keras")
	raw, err := os.ReadFile(filepath.Join("testdata", "schedule", "exponential.json"))
	require.NoError(t, err)
	var c scheduledCase
	require.NoError(t, json.Unmarshal(raw, &c))
	require.Len(t, c.Steps, 3)

	open := func(t *testing.T, path string) *functional.Model {
		m, err := saving.LoadModel(path)
		require.NoError(t, err)
		encoded, err := config.Encode(m.Optimizer())
		require.NoError(t, err)
		got, err := config.Marshal(encoded)
		require.NoError(t, err)
		golden.SameJSON(t, c.Optimizer, got)
		variables, err := m.OptimizerVariables()
		require.NoError(t, err)
		var names []string
		for _, v := range variables {
			names = append(names, v.Name())
		}
		require.Equal(t, c.Variables, names)
		_, err = m.LearningRate()
		require.ErrorContains(t, err, "a schedule sets it")
		require.ErrorContains(t, m.SetLearningRate(0.1), "a schedule sets it")
		return m
	}
	train := func(t *testing.T, m *functional.Model) {
		for i, want := range c.Steps {
			logs, err := m.TrainOnBatch(c.Inputs.Tensor(t), c.Targets.Tensor(t), functional.BatchOptions{})
			require.NoError(t, err)
			require.InEpsilon(t, want.Loss, logs.Loss(), 1e-5, "step %d", i+1)
			weights, err := m.GetWeights()
			require.NoError(t, err)
			require.Len(t, weights, len(want.Weights))
			for j, w := range want.Weights {
				golden.Close(t, m.Weights()[j].Path(), weights[j], w, golden.Tolerance{Abs: 1e-6, Rel: 1e-5})
			}
		}
	}
	golden.OnEach(t, func(t *testing.T) {
		loaded := open(t, fixture)
		for _, name := range []string{"again.keras", "again.h5"} {
			path := filepath.Join(t.TempDir(), name)
			require.NoError(t, loaded.Save(path))
			train(t, open(t, path))
		}
		train(t, loaded)
	})
}
