//go:build live

package live

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
)

// commandFolder holds the gokeras command once something has asked for it.
var commandFolder string

// buildCommand builds the gokeras command, once, and returns the folder it is in.
var buildCommand = sync.OnceValues(func() (dir string, err error) {
	if commandFolder, err = os.MkdirTemp("", "gokeras-command"); err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", commandFolder, "github.com/gokeras/gokeras/cmd/gokeras").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the command: %w\n%s", err, out)
	}
	return commandFolder, nil
})

// gokeras runs the command.
func gokeras(t testing.TB, args ...string) {
	t.Helper()
	dir, err := buildCommand()
	require.NoError(t, err)
	out, err := exec.Command(filepath.Join(dir, "gokeras"), args...).CombinedOutput()
	require.NoError(t, err, "gokeras %v\n%s", args, out)
}

// fitCommand trains five steps, one batch each, with "gokeras fit"; it returns their losses.
func fitCommand(t testing.TB, model, data, out string) []float64 {
	t.Helper()
	history := out + ".json"
	gokeras(t, "fit", model, "--data", data, "--epochs", "5", "--batch-size", "4", "--shuffle=false", "--out", out, "--history", history, "--quiet")
	raw, err := os.ReadFile(history)
	require.NoError(t, err)
	var h struct {
		History map[string][]float64 `json:"history"`
	}
	require.NoError(t, json.Unmarshal(raw, &h))
	require.Len(t, h.History["loss"], 5, "%s", raw)
	return h.History["loss"]
}

// TestContinuedTraining: Python trains five steps and saves, and the command trains five more, and the other way round: the losses and the weights
// are those of Python training ten.
func TestContinuedTraining(t *testing.T) {
	on(t, "xla")
	for _, builder := range []string{"batch_normalization", "penalties", "sgd_momentum", "rmsprop_centered", "adam_amsgrad", "nadam", "adagrad"} {
		t.Run(builder, func(t *testing.T) { continueTraining(t, builder) })
	}
}

func continueTraining(t *testing.T, builder string) {
	t.Helper()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	python := handle(t)
	ask(t, nil, "build", map[string]any{"model": python, "builder": builder})
	ask(t, nil, "save", map[string]any{"model": python, "path": path("initial.keras")})
	m, err := functional.Load(path("initial.keras"), functional.LoadOptions{})
	require.NoError(t, err)

	// Python alone.
	data := map[string][2][]array{}
	for i, name := range []string{"first.npz", "second.npz"} {
		x, y := batchData(t, m, 4, i)
		data[name] = [2][]array{toArrays(t, x), toArrays(t, y)}
		ask(t, nil, "savez", map[string]any{"path": path(name), "arrays": map[string]array{"x": toArray(t, x[0]), "y": toArray(t, y[0])}})
	}
	pythonFit := func(model, name string) []float64 {
		var history map[string][]float64
		ask(t, &history, "fit", map[string]any{"model": model, "x": data[name][0], "y": data[name][1], "epochs": 5, "batch_size": 4})
		return history["loss"]
	}
	first := pythonFit(python, "first.npz")
	ask(t, nil, "save", map[string]any{"model": python, "path": path("half.keras")})
	second := pythonFit(python, "second.npz")
	whole := pythonState(t, python)

	// Python, then Go.
	got := fitCommand(t, path("half.keras"), path("second.npz"), path("whole.keras"))
	require.LessOrEqual(t, relative(t, got, second), 1e-4, "losses %v, Python has %v", got, second)
	trained, err := functional.Load(path("whole.keras"), functional.LoadOptions{})
	require.NoError(t, err)
	weightsWithin(t, trained, whole, 1e-4)

	// Go, then Python.
	got = fitCommand(t, path("initial.keras"), path("first.npz"), path("half-go.keras"))
	require.LessOrEqual(t, relative(t, got, first), 1e-4, "losses %v, Python has %v", got, first)
	var loaded state
	ask(t, &loaded, "load", map[string]any{"model": python, "path": path("half-go.keras")})
	got = pythonFit(python, "second.npz")
	require.LessOrEqual(t, relative(t, got, second), 1e-4, "losses %v, Python alone has %v", got, second)
	weightsWithin(t, trained, pythonState(t, python), 1e-4)
	for i, v := range pythonState(t, python).Optimizer {
		require.Equal(t, whole.Optimizer[i].Path, v.Path)
		require.Equal(t, whole.Optimizer[i].Value.Shape, v.Value.Shape, "%s", v.Path)
	}
}

// TestLegacyFiles takes models through legacy .h5 files of Keras 3, both ways.
func TestLegacyFiles(t *testing.T) {
	on(t, "xla")
	for _, name := range []string{"sequential", "convolution_arguments", "nested_twice", "shared_convolution", "batch_normalization", "several_outputs", "sgd", "adam", "frozen_inside",
		"lstm", "gru", "simple_rnn", "cells", "padded_words", "initial_states", "translator", "bidirectional", "bidirectional_words", "time_distributed", "frames", "stateful"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			python := handle(t)
			var e entry
			ask(t, &e, "make", map[string]any{"model": python, "entry": name})
			file := filepath.Join(dir, "python.h5")
			ask(t, nil, "save", map[string]any{"model": python, "path": file})
			original := pythonState(t, python)
			var want outputs
			ask(t, &want, "outputs", map[string]any{"model": python, "x": e.X})

			m, err := functional.Load(file, functional.LoadOptions{})
			require.NoError(t, err)
			weightsWithin(t, m, original, 0)
			samePrediction(t, m, e.tensors(t), want, e.Tolerance)

			file = filepath.Join(dir, "go.h5")
			require.NoError(t, m.Save(file))
			var loaded state
			ask(t, &loaded, "load", map[string]any{"model": python, "path": file})
			sameWeights(t, original, loaded)
			// Of its optimizer Keras 3 brings back the counter and the rate, whoever wrote the file.
			for i := range loaded.Optimizer[:min(2, len(loaded.Optimizer))] {
				require.Equal(t, original.Optimizer[i], loaded.Optimizer[i])
			}
			samePythonPrediction(t, python, e, want)
		})
	}
}

// TestStateful takes a stateful model from Python to Go, where it trains on. On JAX Keras 3.15.1 begins each step of training with the states that
// were there before the first.
func TestStateful(t *testing.T) {
	on(t, "xla")
	python := handle(t)
	var e entry
	ask(t, &e, "make", map[string]any{"model": python, "entry": "stateful_training"})
	file := filepath.Join(t.TempDir(), "python.keras")
	ask(t, nil, "save", map[string]any{"model": python, "path": file})
	m, err := functional.Load(file, functional.LoadOptions{})
	require.NoError(t, err)
	var got []float64
	want := pythonSteps(t, m, python, 1)
	for s := 1; s <= 5; s++ {
		require.NoError(t, m.ResetStates())
		x, y := batchData(t, m, 4, s)
		scores, err := m.TrainOnBatch(x, y, functional.BatchOptions{})
		require.NoError(t, err)
		got = append(got, scores.Loss())
	}
	require.LessOrEqual(t, relative(t, got, want), 1e-4, "losses %v, Python has %v", got, want)
	weightsWithin(t, m, pythonState(t, python), 1e-4)
}
