package functional_test

import (
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestPredictor asks from several goroutines, for full and smaller batches,
// and trains the model in between.
func TestPredictor(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		m := classifier(t)
		x, y := classes(t, 12)
		want, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
		require.NoError(t, err)
		flat := golden.Floats(t, want)
		p, err := m.NewPredictor(functional.PredictorOptions{BatchSize: 4})
		require.NoError(t, err)
		_, err = m.Fit(x, y, quiet)
		require.NoError(t, err)
		var wg sync.WaitGroup
		for from := range 12 {
			part := slice(t, x, from, min(from+from%4+1, 12))
			wg.Go(func() {
				for range 5 {
					out, err := p.Predict(part)
					if err != nil {
						t.Error(err)
						return
					}
					got := golden.Floats(t, out[0])
					for i, v := range got {
						if d := v - flat[from*3+i]; d > 1e-6 || d < -1e-6 {
							t.Errorf("sample %d: got %v, want %v", from, got, flat[from*3:from*3+len(got)])
							return
						}
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestPredictorErrors(t *testing.T) {
	onGo(t)
	image := functional.Input(functional.None, functional.None, 2)
	_, err := model(image, layers.Dense(1).Apply(image)).NewPredictor(functional.PredictorOptions{})
	require.ErrorContains(t, err, "(None, None, None, 2): give its InputShapes")
	open := functional.Input(functional.None, 2)
	m := model(open, layers.Dense(1).Apply(open))
	_, err = m.NewPredictor(functional.PredictorOptions{InputShapes: []functional.Shape{{5, 3}}})
	require.ErrorContains(t, err, "has shape (None, None, 2), got (None, 5, 3)")
	_, err = m.NewPredictor(functional.PredictorOptions{BatchSize: -1})
	require.ErrorContains(t, err, "BatchSize is -1")
	p, err := m.NewPredictor(functional.PredictorOptions{InputShapes: []functional.Shape{{5, 2}}})
	require.NoError(t, err)
	for _, bad := range []any{nil, [][][]float32{{{1, 2}}}, make([]float32, 3), "text"} {
		_, err = p.Predict(bad)
		require.Error(t, err)
	}
	_, err = p.Predict(make2(2, 5, 2))
	require.ErrorContains(t, err, "2 samples")
	out, err := p.Predict(make2(1, 5, 2))
	require.NoError(t, err)
	require.Equal(t, []int{1, 5, 1}, out[0].Shape().Dimensions)
}

func make2(a, b, c int) [][][]float64 {
	out := make([][][]float64, a)
	for i := range out {
		out[i] = make([][]float64, b)
		for j := range out[i] {
			out[i][j] = make([]float64, c)
		}
	}
	return out
}

// BenchmarkPredictor is the latency of one sample.
func BenchmarkPredictor(b *testing.B) {
	engines := golden.Engines(b)
	defer backend.Use(engines[len(engines)-1].Backend)()
	for name, m := range notebookModels() {
		x := golden.RuleInput(0, 1, 32, 32, 3).Tensor(b)
		b.Run(name+"/predictor", func(b *testing.B) {
			p, err := m.NewPredictor(functional.PredictorOptions{})
			require.NoError(b, err)
			for b.Loop() {
				_, err := p.Predict(x)
				require.NoError(b, err)
			}
		})
		b.Run(name+"/Predict", func(b *testing.B) {
			for b.Loop() {
				_, err := m.Predict(x, functional.Predict{Verbose: functional.Silent})
				require.NoError(b, err)
			}
		})
	}
}
