package layers_test

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

func stackOf(t *testing.T, items ...any) *functional.Model {
	t.Helper()
	m, err := functional.NewSequential(items...)
	require.NoError(t, err)
	return m
}

// wrappers are layers around layers and models, for inputs of shape (batch, 4, 3).
func wrappers(t *testing.T) map[string]func() applied {
	return map[string]func() applied{
		"layer":      func() applied { return layers.TimeDistributed(layers.Dense(2)) },
		"sequential": func() applied { return layers.TimeDistributed(stackOf(t, layers.Dense(3), layers.Dense(2))) },
		"functional": func() applied {
			x := functional.Input(3)
			m, err := functional.NewModel(x, layers.Add().Apply(layers.Dense(3).Apply(x), x))
			require.NoError(t, err)
			return layers.TimeDistributed(m)
		},
		"deep": func() applied {
			return layers.TimeDistributed(stackOf(t, layers.Dense(3), stackOf(t, layers.Dense(2), layers.Dropout(0.5))))
		},
		"directions": func() applied { return layers.Bidirectional(layers.LSTM(2).Dropout(0.5)) },
		"cells":      func() applied { return layers.RNN(layers.StackedRNNCells(layers.GRUCell(2), layers.LSTMCell(3))) },
		"own":        func() applied { return newOwnWrapper() },
		"base":       func() applied { return newTwice(layers.Dense(3)) },
		"spectral":   func() applied { return layers.SpectralNormalization(layers.Dense(3)) },
	}
}

// ownWrapper makes its inner layer when it is built.
type ownWrapper struct {
	functional.BaseLayer
	cfg   functional.LayerConfig
	dense *layers.DenseLayer
}

func newOwnWrapper() *ownWrapper {
	l := &ownWrapper{}
	l.Init(l, &l.cfg)
	return l
}

func (l *ownWrapper) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "mine", Name: "Own", Registered: "mine>Own"}
}
func (l *ownWrapper) KerasConfig() any { return &l.cfg }
func (l *ownWrapper) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	l.dense = layers.Dense(3)
	b.Track("dense", l.dense, in.First()[0])
	return nil
}
func (l *ownWrapper) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return c.Apply(l.dense, in[0])
}

// twice applies the layer inside it two times.
type twice struct {
	layers.WrapperBase
	cfg layers.WrapperConfig
}

func newTwice(inner symbolic.Layer) *twice {
	l := &twice{}
	l.Init(l, &l.cfg)
	l.cfg.Layer = inner
	return l
}

func (l *twice) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "mine", Name: "Twice", Registered: "mine>Twice"}
}
func (l *twice) KerasConfig() any { return &l.cfg }
func (l *twice) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return c.Apply(l.Inner(), c.Apply(l.Inner(), in...)...)
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return newOwnWrapper() })
	symbolic.RegisterLayer(func() symbolic.Layer { return newTwice(nil) })
}

// TestInsideOfFiles requires that what is inside a layer is in files, and back.
func TestInsideOfFiles(t *testing.T) {
	x := golden.RuleInput(0, 2, 4, 3).Tensor(t)
	t.Cleanup(backend.Use(golden.Engines(t)[0].Backend))
	for name, wrapper := range wrappers(t) {
		t.Run(name, func(t *testing.T) {
			in := functional.Input(4, 3)
			m := modelOf(t, in, wrapper().Apply(in))
			for _, file := range []string{"model.keras", "model.h5"} {
				path := filepath.Join(t.TempDir(), file)
				require.NoError(t, m.Save(path))
				back, err := functional.Load(path, functional.LoadOptions{})
				require.NoError(t, err)
				golden.Same(t, predict(t, back, x), predict(t, m, x), golden.Float32)
				require.Len(t, back.Weights(), len(m.Weights()))
			}
		})
	}
}

// TestSharedInside requires that a layer that is used inside of another and elsewhere has the same weights in both places when it comes back from a file.
func TestSharedInside(t *testing.T) {
	t.Cleanup(backend.Use(golden.Engines(t)[0].Backend))
	dense := layers.Dense(2)
	x, y := functional.Input(4, 3), functional.Input(3)
	m, err := functional.NewModel([]*functional.Tensor{x, y}, []*functional.Tensor{layers.TimeDistributed(dense).Apply(x), dense.Apply(y)})
	require.NoError(t, err)
	require.Len(t, m.Weights(), 2)
	path := filepath.Join(t.TempDir(), "model.keras")
	require.NoError(t, m.Save(path))
	back, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	require.Len(t, back.Weights(), 2)
	in := []any{golden.RuleInput(0, 2, 4, 3).Tensor(t), golden.RuleInput(1, 2, 3).Tensor(t)}
	golden.Same(t, predict(t, back, in), predict(t, m, in), golden.Float32)
}

// TestUnwritable requires that Save says what it can't write, however deep inside.
func TestUnwritable(t *testing.T) {
	in := functional.Input(4, 3)
	m := modelOf(t, in, layers.TimeDistributed(stackOf(t, newUnwritable())).Apply(in))
	for _, file := range []string{"model.keras", "model.h5"} {
		err := m.Save(filepath.Join(t.TempDir(), file))
		require.ErrorContains(t, err, `layer "unwritable": f: a func() can't be written to a Keras configuration`)
	}
}

type unwritable struct {
	functional.BaseLayer
	cfg struct {
		functional.LayerConfig
		F func() `keras:"f"`
	}
}

func newUnwritable() *unwritable {
	l := &unwritable{}
	l.Init(l, &l.cfg.LayerConfig)
	l.cfg.F = func() {}
	return l
}

func (l *unwritable) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "mine", Name: "Unwritable", Registered: "mine>Unwritable"}
}
func (l *unwritable) KerasConfig() any                                      { return &l.cfg }
func (l *unwritable) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node { return in }

// TestFrozenBeforeItIsApplied requires that freezing a layer freezes what is inside, before and after its first application, and that
// thawing undoes it.
func TestFrozenBeforeItIsApplied(t *testing.T) {
	for name, wrapper := range wrappers(t) {
		t.Run(name, func(t *testing.T) {
			for _, before := range []bool{true, false} {
				l := wrapper()
				if before {
					l.Base().SetTrainable(false)
				}
				in := functional.Input(4, 3)
				m := modelOf(t, in, l.Apply(in))
				l.Base().SetTrainable(false)
				require.Empty(t, m.TrainableWeights())
				require.Len(t, m.NonTrainableWeights(), len(m.Weights()))
				l.Base().SetTrainable(true)
				never := 0 // such as SpectralNormalization's vector
				for _, w := range m.Weights() {
					if w.Spec().NonTrainable {
						never++
					}
				}
				require.Len(t, m.TrainableWeights(), len(m.Weights())-never)
			}
			l := wrapper()
			l.Base().SetTrainable(false)
			in := functional.Input(4, 3)
			require.Empty(t, modelOf(t, in, l.Apply(in)).TrainableWeights())
		})
	}
	in := functional.Input(4, 3)
	free := layers.TimeDistributed(layers.Dense(2).Trainable(false))
	require.Empty(t, modelOf(t, in, free.Apply(in)).TrainableWeights())
}

// TestLoadingTakesNoNames requires that the names that come next are those that came next before a file was read.
func TestLoadingTakesNoNames(t *testing.T) {
	for name, wrapper := range wrappers(t) {
		if name == "own" {
			continue // which makes its inner layer anew, as in Keras
		}
		t.Run(name, func(t *testing.T) {
			in := functional.Input(4, 3)
			path := filepath.Join(t.TempDir(), "model.keras")
			require.NoError(t, modelOf(t, in, layers.Dense(1).Apply(wrapper().Apply(in))).Save(path))
			functional.ClearSession()
			_, err := functional.Load(path, functional.LoadOptions{})
			require.NoError(t, err)
			for _, l := range []functional.Layer{layers.Dense(1), layers.TimeDistributed(layers.Dense(1)), layers.Dropout(0), layers.LSTM(1), layers.LSTMCell(1), layers.GRUCell(1),
				layers.StackedRNNCells(), layers.RNN(layers.GRUCell(1)), layers.Bidirectional(layers.LSTM(1)), newOwnWrapper(), stackOf(t)} {
				switch l.Base().Name() {
				case "dense", "time_distributed", "dropout", "lstm", "lstm_cell", "gru_cell", "stacked_rnn_cells", "rnn", "bidirectional", "own", "sequential":
				default:
					t.Errorf("the first %s is called %q", l.KerasClass().Name, l.Base().Name())
				}
			}
		})
	}
}

// TestStepsTogether requires that an inner layer that computes samples alone is a part of the program once, and one that doesn't once for each step.
func TestStepsTogether(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for _, c := range []struct {
			inner functional.Layer
			times int
		}{{newCounting(true, false), 1}, {newCounting(false, false), 5}, {newCounting(true, true), 6}} {
			in := functional.Input(5, 2)
			m := modelOf(t, in, layers.TimeDistributed(c.inner).Apply(in))
			predict(t, m, golden.RuleInput(0, 3, 5, 2).Tensor(t))
			require.Equal(t, c.times, c.inner.(*counting).times)
		}
	})
}

// counting counts its calls.
type counting struct {
	functional.BaseLayer
	cfg             functional.LayerConfig
	alone, penalize bool
	times           int
}

func newCounting(alone, penalize bool) *counting {
	l := &counting{alone: alone, penalize: penalize}
	l.Init(l, &l.cfg)
	return l
}

func (l *counting) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "mine", Name: "Counting"}
}
func (l *counting) KerasConfig() any   { return &l.cfg }
func (l *counting) SamplesAlone() bool { return l.alone }
func (l *counting) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	l.times++
	if l.penalize {
		c.AddLoss(graph.ReduceAllMean(in[0]))
	}
	return in
}
