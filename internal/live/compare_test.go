//go:build live

package live

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
)

// relative returns the largest difference of the losses, each relative to Python's.
func relative(t testing.TB, got, want []float64) float64 {
	t.Helper()
	require.Len(t, got, len(want))
	worst := 0.0
	for i := range want {
		require.False(t, math.IsNaN(got[i]) || math.IsNaN(want[i]), "losses %v, Python has %v", got, want)
		worst = max(worst, math.Abs(got[i]-want[i])/max(math.Abs(want[i]), 1e-7))
	}
	return worst
}

// furthest returns the largest difference between values, and where it is.
func furthest(t testing.TB, got []*tensors.Tensor, want []array, names []string) (worst float64, where string) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, w := range want {
		require.Equal(t, fmt.Sprint(w.Shape), fmt.Sprint(got[i].Shape().Dimensions), "shape of %s", names[i])
		values := golden.Floats(t, got[i])
		for j, v := range w.floats(t) {
			if d := math.Abs(values[j] - v); d > worst || math.IsNaN(d) {
				worst, where = d, fmt.Sprintf("%s[%d]: %v, Python has %v", names[i], j, values[j], v)
				if math.IsNaN(d) {
					return math.Inf(1), where
				}
			}
		}
	}
	return worst, where
}

func pythonState(t testing.TB, model string) state {
	t.Helper()
	var s state
	ask(t, &s, "state", map[string]any{"model": model})
	return s
}

// weightsWithin requires every weight to be within tolerance of Python's and returns the largest difference.
func weightsWithin(t testing.TB, m *functional.Model, python state, tolerance float64) float64 {
	t.Helper()
	got, err := m.GetWeights()
	require.NoError(t, err)
	paths := pathsOf(m.Weights())
	var want []array
	var wantPaths []string
	for _, w := range python.Weights {
		want, wantPaths = append(want, w.Value), append(wantPaths, w.Path)
	}
	require.Equal(t, endings(wantPaths), endings(paths), "the weights and their order")
	worst, where := furthest(t, got, want, paths)
	require.LessOrEqual(t, worst, tolerance, "the weight furthest from Python's is %s", where)
	return worst
}

// sameConfiguration compares the model's configuration with Python's, key by key, in a test of its own. The two keys that
// depend on the process and on Keras's backend are left out.
func sameConfiguration(t *testing.T, m *functional.Model, python state) {
	t.Helper()
	t.Run("configuration", func(t *testing.T) {
		own, err := m.ToJSON()
		require.NoError(t, err)
		golden.SameJSON(t, []byte(python.JSON), own, "shared_object_id", "jit_compile")
	})
}

// samePredictions requires the outputs for x to be Python's within 1e-5 of the largest.
func samePredictions(t testing.TB, m *functional.Model, python string, x []*tensors.Tensor) {
	t.Helper()
	got, err := m.PredictOnBatch(x)
	require.NoError(t, err)
	var want []array
	ask(t, &want, "predict", map[string]any{"model": python, "x": toArrays(t, x), "x_names": inputKeys(t, m)})
	names := m.OutputNames()
	for i, w := range want {
		scale := 1.0
		for _, v := range w.floats(t) {
			scale = max(scale, math.Abs(v))
		}
		worst, where := furthest(t, got[i:i+1], want[i:i+1], names[i:])
		require.LessOrEqual(t, worst, 1e-5*scale, "predictions: %s", where)
	}
	require.Len(t, got, len(want))
}

// inputKeys are the names by which Python wants the inputs of a model that was made with a dictionary, else nil.
func inputKeys(t testing.TB, m *functional.Model) []string {
	return keys(t, m, "input_layers", m.InputNames())
}

func outputKeys(t testing.TB, m *functional.Model) []string {
	return keys(t, m, "output_layers", m.OutputNames())
}

func keys(t testing.TB, m *functional.Model, part string, names []string) []string {
	t.Helper()
	cfg, err := m.GetConfig()
	require.NoError(t, err)
	if _, byName := cfg[part].(map[string]any); byName {
		return names
	}
	return nil
}

// batchData are inputs and targets for the model, by golden's rule; stream keeps batches apart.
func batchData(t testing.TB, m *functional.Model, rows, stream int) (x, y []*tensors.Tensor) {
	t.Helper()
	make := func(first int, list []*functional.Tensor) []*tensors.Tensor {
		var out []*tensors.Tensor
		for i, s := range list {
			dims := append([]int{rows}, s.Shape()[1:]...)
			a := golden.RuleInput(first+100*stream+i, dims...)
			if dtype := s.DType(); strings.Contains(dtype, "int") { // classes, 0 to 3
				a.DType = dtype
				for j, v := range a.Data {
					a.Data[j] = golden.Value(math.Floor(2 * (float64(v) + 1)))
				}
			}
			out = append(out, a.Tensor(t))
		}
		return out
	}
	return make(0, m.Inputs()), make(50, m.Outputs())
}

// goSteps trains one step on each of five batches from the stream on; it returns the loss of each alone.
func goSteps(t testing.TB, m *functional.Model, from int) []float64 {
	t.Helper()
	var losses []float64
	for s := from; s < from+5; s++ {
		x, y := batchData(t, m, 4, s)
		scores, err := m.TrainOnBatch(x, y, functional.BatchOptions{})
		require.NoError(t, err)
		losses = append(losses, scores.Loss())
	}
	return losses
}

// pythonSteps has Python train the same steps.
func pythonSteps(t testing.TB, m *functional.Model, model string, from int) []float64 {
	t.Helper()
	var xs, ys [][]array
	for s := from; s < from+5; s++ {
		x, y := batchData(t, m, 4, s)
		xs, ys = append(xs, toArrays(t, x)), append(ys, toArrays(t, y))
	}
	var logs []map[string]float64
	ask(t, &logs, "steps", map[string]any{"model": model, "x": xs, "y": ys, "x_names": inputKeys(t, m), "y_names": outputKeys(t, m)})
	var losses []float64
	for _, l := range logs {
		losses = append(losses, l["loss"])
	}
	return losses
}

// trainBoth continues training on both sides, and compares.
func trainBoth(t testing.TB, m *functional.Model, model string, from int) {
	t.Helper()
	want := pythonSteps(t, m, model, from)
	got := goSteps(t, m, from)
	worst := relative(t, got, want)
	require.LessOrEqual(t, worst, 1e-4, "losses %v, Python has %v", got, want)
	s := pythonState(t, model)
	weightsWithin(t, m, s, 1e-4)
	require.Equal(t, endings(s.Trainable), endings(pathsOf(m.TrainableWeights())), "the trainable weights")
}

// endings are the last two parts of each path, layer and weight. What stands before depends, as in Keras, on whether a Sequential was built
// by the user or by a file.
func endings(paths []string) []string {
	list := []string{}
	for _, p := range paths {
		parts := strings.Split(p, "/")
		list = append(list, strings.Join(parts[max(0, len(parts)-2):], "/"))
	}
	return list
}

func pathsOf(weights []*functional.Weight) []string {
	list := []string{}
	for _, w := range weights {
		list = append(list, w.Path())
	}
	return list
}

func handle(t testing.TB) string {
	name := strings.ReplaceAll(t.Name(), "/", "-")
	t.Cleanup(func() { ask(t, nil, "forget", map[string]any{"model": name}) })
	return name
}
