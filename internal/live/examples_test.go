//go:build live

package live

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/saving"
)

// TestExamples runs examples that save models: Python loads what they saved, and predicts the same.
func TestExamples(t *testing.T) {
	on(t, "xla")
	texts := []string{"The film was great!", "The film was not great.", "A boring start, but the end is wonderful.", ""}
	numbers := func(scale float32, dims ...int) *tensors.Tensor {
		rng := rand.New(rand.NewPCG(1, 2))
		n := 1
		for _, d := range dims {
			n *= d
		}
		flat := make([]float32, n)
		for i := range flat {
			flat[i] = scale * rng.Float32()
		}
		return tensors.FromFlatDataAndDimensions(flat, dims...)
	}
	for name, c := range map[string]struct {
		args []string
		file string
		in   *server
		x    any
	}{
		"images_from_folder":  {[]string{"-images", "16", "-epochs", "2"}, "shapes.keras", python, numbers(255, 3, 32, 32, 3)},
		"time_series":         {[]string{"-hours", "600", "-epochs", "1"}, "temperatures.keras", python, numbers(20, 3, 24, 1)},
		"text_classification": {[]string{"-sentences", "200", "-epochs", "2"}, "reviews.keras", tensorflow, texts},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command("go", append([]string{"run", "./examples/" + name, "-output", dir}, c.args...)...)
			cmd.Dir = filepath.Join("..", "..")
			cmd.Env = append(os.Environ(), "GOKERAS_BACKEND=go")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			m, err := saving.LoadModel(filepath.Join(dir, c.file))
			require.NoError(t, err)
			x := c.x
			var given array
			if list, ok := x.([]string); ok {
				column := make([][]string, len(list))
				for i, text := range list {
					column[i] = []string{text}
				}
				x, given = column, asTexts(list, len(list), 1)
			} else {
				given = toArray(t, x.(*tensors.Tensor))
			}
			y, err := m.PredictAll(x, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			c.in.ask(t, nil, "load", map[string]any{"model": t.Name(), "path": filepath.Join(dir, c.file)})
			t.Cleanup(func() { c.in.ask(t, nil, "forget", map[string]any{"model": t.Name()}) })
			var want []array
			c.in.ask(t, &want, "predict", map[string]any{"model": t.Name(), "x": []array{given}})
			worst, where := furthest(t, y, want, []string{"predictions"})
			require.LessOrEqual(t, worst, 1e-4, where)
		})
	}
}
