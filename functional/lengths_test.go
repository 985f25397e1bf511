package functional_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

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
