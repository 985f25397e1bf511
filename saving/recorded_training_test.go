package saving_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/layers"
)

// TestRecordedTraining: what a file records of the argument training of a call holds if the version of Keras that wrote it says so.
func TestRecordedTraining(t *testing.T) {
	var want struct {
		Model             json.RawMessage
		X, Y              golden.Array
		Initial           []golden.Array `json:"initial_weights"`
		Ignored, Honoured []float64
	}
	golden.Load(t, "recorded_training", &want)
	losses := func(m *functional.Model) []float64 {
		values := make([]*tensors.Tensor, len(want.Initial))
		for i, w := range want.Initial {
			values[i] = w.Tensor(t)
		}
		require.NoError(t, m.SetWeights(values))
		require.NoError(t, m.Compile(compiled(m.Compiled())))
		var list []float64
		for range want.Ignored {
			scores, err := m.TrainOnBatch(want.X.Tensor(t), want.Y.Tensor(t), functional.BatchOptions{})
			require.NoError(t, err)
			list = append(list, scores.Loss())
		}
		return list
	}
	for version, expected := range map[string][]float64{"3.15.1": want.Ignored, "3.0.5": want.Ignored, "3.16.0": want.Honoured, "4.0": want.Honoured, "2.15.0": want.Honoured} {
		t.Run(version, func(t *testing.T) {
			fresh, err := functional.FromJSON(want.Model, true)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "model.keras")
			require.NoError(t, fresh.Save(path))
			f, err := kerasfile.Open(path)
			require.NoError(t, err)
			defer f.Close()
			require.NoError(t, kerasfile.Write(path+".keras", &kerasfile.Archive{Metadata: kerasfile.Metadata{KerasVersion: version}, Config: f.Config(), Weights: f.Weights()}))
			m, err := functional.Load(path+".keras", functional.LoadOptions{})
			require.NoError(t, err)
			require.InDeltaSlice(t, expected, losses(m), 1e-6)

			// It stays so when the model is saved again, in either format.
			for _, name := range []string{"again.keras", "again.h5"} {
				again := filepath.Join(t.TempDir(), name)
				require.NoError(t, m.Save(again))
				m, err := functional.Load(again, functional.LoadOptions{})
				require.NoError(t, err)
				require.InDeltaSlice(t, expected, losses(m), 1e-6)
			}
		})
	}
}

// TestFilledInTraining: Keras 3.15 records training=False where nobody gave it; a file that honours the argument doesn't hold it then, nor does
// what is saved of it.
func TestFilledInTraining(t *testing.T) {
	in := functional.Input(50)
	fresh, err := functional.NewModel(in, layers.Dropout(0.5).Apply(in))
	require.NoError(t, err)
	raw, err := fresh.ToJSON()
	require.NoError(t, err)
	const filledIn = `"kwargs":{"training":false}`
	require.Contains(t, string(raw), filledIn, "as Keras 3.15 writes it")
	path := filepath.Join(t.TempDir(), "model.keras")
	given := strings.Replace(string(raw), filledIn, `"kwargs":{}`, 1)
	require.NoError(t, kerasfile.Write(path, &kerasfile.Archive{Metadata: kerasfile.Metadata{KerasVersion: "3.16.0"}, Config: []byte(given)}))
	m, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	raw, err = m.ToJSON()
	require.NoError(t, err)
	require.Contains(t, string(raw), `"kwargs":{}`)
	// It still drops.
	require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
	ones := [][]float32{make([]float32, 50)}
	for i := range ones[0] {
		ones[0][i] = 1
	}
	scores, err := m.TrainOnBatch(ones, ones, functional.BatchOptions{})
	require.NoError(t, err)
	require.Greater(t, scores.Loss(), 0.5)
}

func compiled[T any](v T, ok bool) T {
	if !ok {
		panic("the model isn't compiled")
	}
	return v
}
