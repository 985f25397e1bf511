package golden_test

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/symbolic"
)

// adaptProbe lets a layer learn what Keras's learned: its weights come out the same.
func adaptProbe(t *testing.T, p golden.Probe, m *functional.Model) {
	t.Helper()
	if p.Adapt == nil {
		return
	}
	l, err := m.GetLayer(p.Adapt.Layer)
	require.NoError(t, err)
	require.NoError(t, l.(symbolic.Adapter).Adapt(adaptionOf(t, p.Adapt)))
	own := l.Base().OwnWeights()
	for i, w := range m.Weights() {
		if slices.Contains(own, w) {
			golden.Close(t, "adapted "+w.Path(), valueOf(t, w), p.Weights[i].Value, tolerance(p))
		}
	}
}

// adaptionOf is what a fixture's layer was adapted to: an array, or an iterator over batches.
func adaptionOf(t *testing.T, a *golden.Adaption) any {
	t.Helper()
	if a.OneArray {
		return hostValue(t, a.Batches[0])
	}
	var batches []any
	for _, b := range a.Batches {
		batches = append(batches, hostValue(t, b))
	}
	return slices.Values(batches)
}

// hostValue is a fixture's array of numbers or of texts.
func hostValue(t *testing.T, a golden.Array) symbolic.HostValue {
	t.Helper()
	if a.DType == symbolic.Text {
		return &symbolic.Texts{Flat: a.Strings, Dims: a.Shape}
	}
	return a.Tensor(t)
}

// programInputs are what a model's compiled program takes of a call's inputs, and which of those each is, -1 for what the host made.
func programInputs(t *testing.T, m *functional.Model, c *golden.ProbeCall) (list []*tensors.Tensor, from []int) {
	t.Helper()
	values := make([]symbolic.HostValue, len(c.Inputs))
	for i, x := range c.Inputs {
		values[i] = hostValue(t, x)
		if x, ok := values[i].(*tensors.Tensor); ok {
			list, from = append(list, x), append(from, i)
		}
	}
	stage, err := m.StartHost()
	require.NoError(t, err)
	if stage == nil {
		return list, from
	}
	list, err = stage.Run(values, c.Inputs[0].Shape[0])
	require.NoError(t, err)
	for len(from) < len(list) {
		from = append(from, -1)
	}
	return list, from
}
