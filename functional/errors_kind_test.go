package functional_test

import (
	"context"
	"errors"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestErrorKinds: whose mistake it was can be told without reading texts.
func TestErrorKinds(t *testing.T) {
	golden.OnGo(t)
	in := functional.Input(2)
	m := must.M1(functional.NewModel(in, layers.Dense(3).Apply(in)))
	require.NoError(t, m.Compile(functional.Compile{Loss: "sparse_categorical_crossentropy"}))
	p := must.M1(m.NewPredictor(functional.PredictorOptions{BatchSize: 2}))
	quiet := functional.Silent
	rows := [][]float32{{1, 2}, {3, 4}, {5, 6}}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		do   func() error
		kind error
	}{
		"shape":       {func() error { _, err := m.Predict([][]float32{{1}}, functional.Predict{Verbose: quiet}); return err }, functional.ErrData},
		"type":        {func() error { _, err := m.Predict("text", functional.Predict{Verbose: quiet}); return err }, functional.ErrData},
		"count":       {func() error { _, err := m.Evaluate(rows, []int{0}, functional.Evaluate{Verbose: quiet}); return err }, functional.ErrData},
		"label":       {func() error { _, err := m.Fit(rows, []int{0, 1, 7}, functional.Fit{Verbose: quiet}); return err }, functional.ErrData},
		"one batch":   {func() error { _, err := m.PredictOnBatch([][]float32{{1}}); return err }, functional.ErrData},
		"predictor":   {func() error { _, err := p.Predict(rows); return err }, functional.ErrData},
		"its shape":   {func() error { _, err := p.Predict([][]float32{{1}}); return err }, functional.ErrData},
		"layer":       {func() error { _, err := m.GetLayer("x"); return err }, functional.ErrUnknown},
		"loss":        {func() error { return m.Compile(functional.Compile{Loss: "x"}) }, functional.ErrUnknown},
		"cancelled":   {func() error { _, err := m.Predict(rows, functional.Predict{Verbose: quiet, Context: done}); return err }, context.Canceled},
		"none of all": {func() error { _, err := m.Predict(rows, functional.Predict{Verbose: quiet, BatchSize: -1}); return err }, nil},
	} {
		err := c.do()
		require.Error(t, err, name)
		for _, kind := range []error{functional.ErrData, functional.ErrUnknown, context.Canceled} {
			require.Equal(t, kind == c.kind, errors.Is(err, kind), "%s: %v", name, err)
		}
	}
	_, err := p.Predict(rows)
	require.ErrorContains(t, err, "has 3 samples, want the same number for every input, from 1 to 2 (the predictor's BatchSize)")
}
