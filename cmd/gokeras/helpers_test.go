package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// onGo runs the test on the pure-Go engine, which starts at once, with layer names that begin anew.
func onGo(t *testing.T) {
	t.Helper()
	golden.OnGo(t)
	functional.ClearSession()
	functional.SetRandomSeed(1)
}

// gokeras runs the command, which must end with the exit code.
func gokeras(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	got, stdout, stderr := execute(t.Context(), newRoot(), args...)
	require.Equal(t, code, got, "%v: %s", args, stderr)
	return stdout, stderr
}

// gokerasJSON runs the command and decodes what it prints.
func gokerasJSON[T any](t *testing.T, code int, args ...string) T {
	t.Helper()
	stdout, _ := gokeras(t, code, append(args, "--json")...)
	var out T
	require.NoError(t, json.Unmarshal([]byte(stdout), &out), stdout)
	return out
}

func arange(scale float64, dims ...int) *tensors.Tensor {
	flat := make([]float32, sizeOf(dims))
	for i := range flat {
		flat[i] = float32(math.Sin(float64(i) * scale))
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

func saved(t *testing.T, m *functional.Model, err error, path string) *functional.Model {
	t.Helper()
	require.NoError(t, err)
	require.NoError(t, m.Save(path))
	return m
}

// classifier saves a compiled model with one input and one output.
func classifier(t *testing.T, path string) *functional.Model {
	t.Helper()
	m, err := functional.NewSequential(functional.Input(4), layers.Dense(6).Activation("relu"), layers.BatchNormalization(), layers.Dense(3).Activation("softmax"))
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}}))
	return saved(t, m, nil, path)
}

const samples = 20

// labelled writes data for classifier.
func labelled(t *testing.T, path string) (x, y *tensors.Tensor) {
	t.Helper()
	labels := make([]int32, samples)
	for i := range labels {
		labels[i] = int32(i % 3)
	}
	x, y = arange(0.7, samples, 4), tensors.FromFlatDataAndDimensions(labels, samples)
	require.NoError(t, datasets.SaveNPZ(path, map[string]*tensors.Tensor{"x": x, "y": y}))
	return x, y
}

// several saves a compiled model with two inputs and two outputs.
func several(t *testing.T, path string) *functional.Model {
	t.Helper()
	a := functional.InputWith(functional.InputOptions{Shape: functional.Shape{4}, Name: "a"})
	b := functional.InputWith(functional.InputOptions{Shape: functional.Shape{2}, Name: "b"})
	h := layers.Concatenate().Apply(layers.Dense(3).Apply(a), b)
	m, err := functional.NewModel([]*functional.Tensor{a, b}, []*functional.Tensor{
		layers.Dense(2).Name("left").Apply(h), layers.Dense(1).Name("right").Apply(h)})
	require.NoError(t, err)
	require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse", Metrics: map[string]any{"right": []any{"mae"}}}))
	return saved(t, m, nil, path)
}

// files of one test, in a folder of its own.
type folder string

func newFolder(t *testing.T) folder { return folder(t.TempDir()) }

func (f folder) at(name string) string { return filepath.Join(string(f), name) }

func requireNoFile(t *testing.T, path string) {
	t.Helper()
	_, err := os.Stat(path)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func load(t *testing.T, path string) map[string]*tensors.Tensor {
	t.Helper()
	arrays, err := datasets.LoadNPZ(path)
	require.NoError(t, err)
	return arrays
}
