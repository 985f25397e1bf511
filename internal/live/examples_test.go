//go:build live

package live

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	column := func(list ...string) [][]string {
		rows := make([][]string, len(list))
		for i, text := range list {
			rows[i] = []string{text}
		}
		return rows
	}
	for name, c := range map[string]struct {
		args []string
		file string
		in   *server
		x    []any
	}{
		"images_from_folder":  {[]string{"-images", "16", "-epochs", "2"}, "shapes.keras", python, []any{numbers(255, 3, 32, 32, 3)}},
		"time_series":         {[]string{"-hours", "600", "-epochs", "1"}, "temperatures.keras", python, []any{numbers(20, 3, 24, 1)}},
		"text_classification": {[]string{"-sentences", "200", "-epochs", "2"}, "reviews.keras", tensorflow, []any{column(texts...)}},
		"tabular": {[]string{"-rows", "200", "-epochs", "2"}, "rides.keras", tensorflow, []any{
			numbers(30, 4, 1), column("airport", "harbour", "nowhere", "suburb"), tensors.FromValue([][]int32{{0}, {7}, {19}, {400}}), numbers(24, 4, 1),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			output := dir
			if name == "tabular" { // whose output is the model alone
				output = filepath.Join(dir, c.file)
			}
			cmd := exec.Command("go", append([]string{"run", "./examples/" + name, "-output", output}, c.args...)...)
			cmd.Dir = filepath.Join("..", "..")
			cmd.Env = append(os.Environ(), "GOKERAS_BACKEND=go")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			m, err := saving.LoadModel(filepath.Join(dir, c.file))
			require.NoError(t, err)
			var given []array
			for _, x := range c.x {
				if rows, ok := x.([][]string); ok {
					given = append(given, asTexts(slices.Concat(rows...), len(rows), 1))
				} else {
					given = append(given, toArray(t, x.(*tensors.Tensor)))
				}
			}
			y, err := m.PredictAll(c.x, functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			c.in.ask(t, nil, "load", map[string]any{"model": t.Name(), "path": filepath.Join(dir, c.file)})
			t.Cleanup(func() { c.in.ask(t, nil, "forget", map[string]any{"model": t.Name()}) })
			var want []array
			c.in.ask(t, &want, "predict", map[string]any{"model": t.Name(), "x": given})
			worst, where := furthest(t, y, want, []string{"predictions"})
			require.LessOrEqual(t, worst, 1e-4, where)
		})
	}
}
