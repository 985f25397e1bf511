package functional_test

import (
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/ops"
)

// TestLengthsOfWindows: where the shared program would take a sequence that is shorter than a window, the error is that of the sequence's own program.
func TestLengthsOfWindows(t *testing.T) {
	golden.OnGo(t)
	x := functional.Input(functional.None, 2)
	m, err := functional.NewModel(x, layers.LSTM(2).Apply(layers.Conv1D(3, 4).Apply(x)))
	require.NoError(t, err)
	for _, steps := range []int{10, 11, 12, 13, 14, 5} {
		_, err := m.PredictOnBatch(tensors.FromShape(golden.RuleInput(0, 2, steps, 2).Tensor(t).Shape()))
		require.NoError(t, err, "%d steps", steps)
	}
	_, shared := functional.ProgramCounts(m)
	require.Equal(t, 2, shared)
	_, err = m.PredictOnBatch(golden.RuleInput(0, 2, 3, 2).Tensor(t))
	require.ErrorContains(t, err, "effective kernel dimension 4")
}

// TestLengthsOfLayers: layers of the user's own, whatever they do along the steps, see the sequences as they are.
func TestLengthsOfLayers(t *testing.T) {
	golden.OnGo(t)
	x := functional.Input(functional.None, 2)
	sum := functional.LayerFunc("SumOfSteps", func(_ *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
		return ops.Sum(x[0], ops.Axis(1))
	})
	m, err := functional.NewModel(x, sum().Apply(layers.GRU(2).ReturnSequences(true).Apply(x)))
	require.NoError(t, err)
	for steps := 3; steps < 9; steps++ {
		_, err := m.PredictOnBatch(golden.RuleInput(0, 2, steps, 2).Tensor(t))
		require.NoError(t, err)
	}
	programs, shared := functional.ProgramCounts(m)
	require.Equal(t, [2]int{6, 0}, [2]int{programs, shared})
}

// TestPredictorOfLengths: a predictor takes sequences of any length, from several goroutines, and predicts as PredictOnBatch does.
func TestPredictorOfLengths(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		x := functional.Input(functional.None, 2)
		h := layers.Bidirectional(layers.LSTM(2).ReturnSequences(true)).Apply(layers.Conv1D(3, 2).Apply(x))
		m, err := functional.NewModel(x, h)
		require.NoError(t, err)
		p, err := m.NewPredictor(functional.PredictorOptions{BatchSize: 3})
		require.NoError(t, err)
		var all sync.WaitGroup
		every := 1
		if backend.KindOf(engine) != backend.Go {
			every = 6 // each program takes its time to compile
		}
		for steps := 2; steps < 20; steps += every {
			all.Go(func() {
				x := golden.RuleInput(steps, 1+steps%3, steps, 2).Tensor(t)
				want, err := m.PredictOnBatch(x)
				require.NoError(t, err)
				got, err := p.Predict(x)
				require.NoError(t, err)
				require.Equal(t, want[0].Shape().Dimensions, got[0].Shape().Dimensions)
				require.InDeltaSlice(t, golden.Floats(t, want[0]), golden.Floats(t, got[0]), 1e-6)
			})
		}
		all.Wait()
		_, err = p.Predict(golden.RuleInput(0, 1, 1, 2).Tensor(t))
		require.Error(t, err)
	})
}
