package layers_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/probe"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// applied is a layer that the tests apply.
type applied interface {
	functional.Layer
	Apply(...*functional.Tensor) *functional.Tensor
}

// keeping is a stateful layer's model that trains, and what its states are after each step.
type keeping struct {
	Name      string
	Config    json.RawMessage
	X, Y      golden.Array
	BatchSize int `json:"batch_size"`
	Initial   []struct {
		Path  string
		Value golden.Array
	} `json:"initial_weights"`
	Final []struct {
		Path  string
		Value golden.Array
	} `json:"final_weights"`
	Steps []struct {
		Method string
		Result json.RawMessage
		States []golden.Array
	}
}

// TestStatesAreKept holds Fit, Evaluate, Predict and ResetStates to what Keras keeps of states.
func TestStatesAreKept(t *testing.T) {
	var family struct{ Keeping []keeping }
	golden.Load(t, "recurrent", &family)
	require.Len(t, family.Keeping, 3)
	for _, k := range family.Keeping {
		t.Run(k.Name, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				m, err := functional.FromJSON(k.Config, true)
				require.NoError(t, err)
				for i, w := range m.Weights() {
					require.Equal(t, k.Initial[i].Path, w.Path())
					require.NoError(t, w.Set(k.Initial[i].Value.Tensor(t)))
				}
				x, y := k.X.Tensor(t), k.Y.Tensor(t)
				fits := 0
				for i, step := range k.Steps {
					runStep(t, m, step.Method, step.Result, x, y, k.BatchSize, &fits)
					states := m.States()
					require.Len(t, states, len(step.States))
					for j, w := range states {
						golden.Close(t, w.Path(), must.M1(w.Value()), step.States[j], golden.Float32)
					}
					if i == 0 {
						for j, w := range m.Weights() {
							golden.Close(t, w.Path(), must.M1(w.Value()), k.Final[j].Value, golden.Float32)
						}
					}
				}
				_, err = m.NewPredictor(functional.PredictorOptions{BatchSize: k.BatchSize})
				require.ErrorContains(t, err, "a prediction changes keeps/rnn_state, and a predictor keeps everything as it is: use Predict")
				_, err = m.Predict(x, functional.Predict{BatchSize: 3, Verbose: functional.Silent})
				require.ErrorContains(t, err, "the batch size of the input sequences must be the same as the batch size of the initial state. Expected batch size: 2, received batch size: 3")
			})
		})
	}
}

// runStep runs one method, and compares what it returns.
func runStep(t *testing.T, m *functional.Model, method string, result json.RawMessage, x, y *tensors.Tensor, batch int, fits *int) {
	t.Helper()
	rows := func(a *tensors.Tensor, from, to int) *tensors.Tensor {
		dims := append([]int{to - from}, a.Shape().Dimensions[1:]...)
		size := a.Size() / a.Shape().Dimensions[0]
		return tensors.FromFlatDataAndDimensions(tensors.MustCopyFlatData[float32](a)[from*size:to*size], dims...)
	}
	read := func(into any) { require.NoError(t, json.Unmarshal(result, into), method) }
	switch method {
	case "fit":
		*fits++
		o := functional.Fit{BatchSize: batch, Epochs: 2, Shuffle: functional.Off, Verbose: functional.Silent}
		if *fits == 2 {
			o.Epochs, o.ValidationData, o.ValidationBatchSize = 1, &functional.Data{X: rows(x, 4, 6), Y: rows(y, 4, 6)}, batch
			x, y = rows(x, 0, 4), rows(y, 0, 4)
		}
		h, err := m.Fit(x, y, o)
		require.NoError(t, err)
		var want map[string][]float64
		read(&want)
		require.Len(t, h.History, len(want))
		for name, values := range want {
			for i, v := range values {
				require.InDelta(t, v, h.History[name][i], 1e-5, name)
			}
		}
	case "evaluate":
		s, err := m.Evaluate(x, y, functional.Evaluate{BatchSize: batch, Verbose: functional.Silent})
		require.NoError(t, err)
		var want struct{ Loss float64 }
		read(&want)
		require.InDelta(t, want.Loss, s.Loss(), 1e-5)
	case "predict":
		got, err := m.Predict(x, functional.Predict{BatchSize: batch, Verbose: functional.Silent})
		require.NoError(t, err)
		var want golden.Array
		read(&want)
		golden.Close(t, method, got, want, golden.Float32)
	case "train_on_batch":
		s, err := m.TrainOnBatch(rows(x, 0, batch), rows(y, 0, batch), functional.BatchOptions{})
		require.NoError(t, err)
		var want struct{ Loss float64 }
		read(&want)
		require.InDelta(t, want.Loss, s.Loss(), 1e-5)
	case "reset_states":
		require.NoError(t, m.ResetStates())
	default:
		t.Fatalf("method %q", method)
	}
}

// mixing is a cell of a user's: its output isn't its state, and it has a layer inside.
type mixing struct {
	layers.CellBase
	cfg struct {
		functional.LayerConfig
		Units int     `keras:"units"`
		Noise float64 `keras:"noise"`
	}
	dense *layers.DenseLayer
	times int // how often Call ran
}

func newMixing(units int) *mixing {
	l := &mixing{}
	l.Init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

func (l *mixing) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "mine", Name: "Mixing", Registered: "mine>Mixing"}
}
func (l *mixing) KerasConfig() any  { return &l.cfg }
func (l *mixing) StateSizes() []int { return []int{l.cfg.Units, 1} }
func (l *mixing) OutputSize() int   { return 2 }
func (l *mixing) SamplesAlone() bool {
	return true
}

func (l *mixing) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0].Shape
	b.Weight(symbolic.WeightSpec{Name: "kernel", Shape: []int{x[len(x)-1], l.cfg.Units}})
	l.dense = layers.Dense(l.cfg.Units).Activation("tanh")
	b.Track("dense", l.dense, in.Tensors("states")[0])
	if l.cfg.Noise > 0 {
		b.Seed(nil)
	}
	return nil
}

func (l *mixing) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	l.times++
	x, states := in[0], c.Tensors("states")
	h := graph.Add(graph.Dot(x, c.Weight("kernel")).Product(), c.Apply(l.dense, states[0])[0])
	count := graph.AddScalar(states[1], 1)
	if l.cfg.Noise > 0 && c.Training {
		_, noise := graph.RandomUniform(c.Random(), h.Shape())
		h = graph.Add(h, graph.MulScalar(noise, l.cfg.Noise))
	}
	return []*graph.Node{graph.Concatenate([]*graph.Node{graph.ReduceAndKeep(h, graph.ReduceSum, -1), count}, -1), h, count}
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return newMixing(1) }) }

func modelOf(t *testing.T, x *functional.Tensor, y ...*functional.Tensor) *functional.Model {
	t.Helper()
	m, err := functional.NewModel(x, y)
	require.NoError(t, err)
	return m
}

func predict(t *testing.T, m *functional.Model, x any) []*tensors.Tensor {
	t.Helper()
	y, err := m.PredictAll(x, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	return y
}

// TestOwnCell compares a user's cell in a loop with the same cell step by step, alone and in a stack, with a mask, backwards, there and back through a file.
func TestOwnCell(t *testing.T) {
	const steps = 6
	x := golden.RuleInput(0, 3, steps, 2).Tensor(t)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for name, make := range map[string]func() *layers.RNNLayer{
			"alone": func() *layers.RNNLayer { return layers.RNN(newMixing(2)) },
			"stacked": func() *layers.RNNLayer {
				return layers.RNN(layers.StackedRNNCells(layers.LSTMCell(3), newMixing(4), layers.GRUCell(2), newMixing(2)))
			},
		} {
			t.Run(name, func(t *testing.T) {
				looped := make().ReturnSequences(true).ReturnState(true).GoBackwards(name == "stacked")
				unrolled := make().ReturnSequences(true).ReturnState(true).GoBackwards(name == "stacked").Unroll(true)
				in := functional.Input(steps, 2)
				h := layers.Masking().Apply(in)
				a, b := modelOf(t, in, looped.ApplyMulti(h)...), modelOf(t, in, unrolled.ApplyMulti(h)...)
				values, err := a.GetWeights()
				require.NoError(t, err)
				require.NoError(t, b.SetWeights(values))
				golden.Same(t, predict(t, a, x), predict(t, b, x), golden.Float32)
				path := t.TempDir() + "/own.keras"
				require.NoError(t, a.Save(path))
				back, err := functional.Load(path, functional.LoadOptions{})
				require.NoError(t, err)
				golden.Same(t, predict(t, back, x), predict(t, a, x), golden.Float32)
				for _, m := range []*functional.Model{a, b} {
					y := predict(t, m, x)
					require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
					zeros := []any{}
					for _, out := range y {
						zeros = append(zeros, tensors.FromShape(out.Shape()))
					}
					_, err := m.Fit(x, zeros, functional.Fit{Epochs: 2, Verbose: functional.Silent})
					require.NoError(t, err)
				}
				trained, err := a.GetWeights()
				require.NoError(t, err)
				again, err := b.GetWeights()
				require.NoError(t, err)
				golden.Same(t, again, trained, golden.Tolerance{Abs: 1e-5, Rel: 1e-4})
			})
		}
	})
}

// TestOwnCellInALoop requires that a loop holds a cell however many steps there are, and that what a loop can't hold is computed all the same.
func TestOwnCellInALoop(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		if !engine.Capabilities().Functions {
			t.Skip("the engine has no loops")
		}
		calls := func(steps int, noise float64, training bool) int {
			cell := newMixing(2)
			cell.cfg.Noise = noise
			in := functional.Input(steps, 2)
			m := modelOf(t, in, layers.RNN(cell).Apply(in))
			x := golden.RuleInput(0, 2, steps, 2).Tensor(t)
			if !training {
				predict(t, m, x)
				return cell.times
			}
			require.NoError(t, m.Compile(functional.Compile{Loss: "mse"}))
			_, err := m.TrainOnBatch(x, [][]float32{{1, 2}, {3, 4}}, functional.BatchOptions{})
			require.NoError(t, err)
			return cell.times
		}
		require.Equal(t, calls(20, 0, false), calls(50, 0, false))
		require.Equal(t, calls(20, 0, true), calls(50, 0, true))
		require.Less(t, calls(50, 0, true), 10)
		require.Greater(t, calls(50, 1, true), 50, "random numbers are drawn for each step")
	})
}

// TestDroppedOut requires that what is dropped of the inputs and states is the same in all steps, and differs between calls and samples.
func TestDroppedOut(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		const units, steps, rows = 16, 3, 8
		run := func(l applied, training bool) [][]float32 {
			in := functional.Input(steps, units)
			require.NoError(t, l.Apply(in).Err())
			eye := make([]float32, units*units)
			for i := range units {
				eye[i*units+i] = 1
			}
			for _, w := range l.Base().Weights() {
				require.NoError(t, w.Set(tensors.FromFlatDataAndDimensions(eye, units, units)))
			}
			ones := make([]float32, rows*steps*units)
			for i := range ones {
				ones[i] = 1
			}
			p, err := probe.Layer(engine, l, training, []*tensors.Tensor{tensors.FromFlatDataAndDimensions(ones, rows, steps, units)}, nil)
			require.NoError(t, err)
			flat := tensors.MustCopyFlatData[float32](p.Outputs[0])
			var samples [][]float32
			for i := range rows {
				samples = append(samples, flat[i*steps*units:(i+1)*steps*units])
			}
			return samples
		}
		plain := func() *layers.SimpleRNNLayer {
			return layers.SimpleRNN(units).Activation("linear").UseBias(false).ReturnSequences(true)
		}
		// Without dropout step s gives s+1.
		for _, sample := range run(plain().Dropout(0.5), false) {
			for i, v := range sample {
				require.Equal(t, float32(i/units+1), v)
			}
		}
		// An input that is dropped is so in all steps; others count twice.
		samples := run(plain().Dropout(0.5), true)
		for _, sample := range samples {
			for i, v := range sample[:units] {
				require.Contains(t, []float32{0, 2}, v)
				require.Equal(t, 3*v, sample[2*units+i])
			}
		}
		require.NotEqual(t, samples[0], samples[1])
		// A state that is dropped is so in all steps.
		dropped := 0
		for _, sample := range run(plain().RecurrentDropout(0.5), true) {
			for i := range units {
				got := [3]float32{sample[i], sample[units+i], sample[2*units+i]}
				require.Contains(t, [][3]float32{{1, 1, 1}, {1, 3, 7}}, got)
				if got[2] == 1 {
					dropped++
				}
			}
		}
		require.InDelta(t, rows*units/2, dropped, 30)
		// As in Keras, a rate of 1 drops all of a SimpleRNN and nothing of the others.
		require.Equal(t, make([]float32, steps*units), run(plain().Dropout(1), true)[0])
		require.Equal(t, make([]float32, steps*units), run(plain().Dropout(7), true)[0])
	})
}

// TestDropoutOfGates counts how many choices are drawn: as many as Keras draws.
func TestDropoutOfGates(t *testing.T) {
	engine := golden.Engines(t)[0].Backend
	for _, c := range []struct {
		layer applied
		draws uint32
	}{
		{layers.LSTM(2).Dropout(0.5), 1},
		{layers.LSTM(2).Dropout(0.5).Implementation(1), 4},
		{layers.LSTM(2).RecurrentDropout(0.5), 4},
		{layers.LSTM(2).Dropout(0.5).RecurrentDropout(0.5), 8},
		{layers.LSTM(2).Dropout(1).RecurrentDropout(1), 0},
		{layers.GRU(2).Dropout(0.5), 1},
		{layers.GRU(2).Dropout(0.5).RecurrentDropout(0.5), 6},
		{layers.SimpleRNN(2).Dropout(0.5).RecurrentDropout(0.5), 2},
	} {
		require.NoError(t, c.layer.Apply(functional.Input(3, 2)).Err())
		seeds := c.layer.Base().SeedStates()
		require.Len(t, seeds, 1)
		g := graph.NewGraph(engine, "draws")
		state := graph.ConstTensor(g, must.M1(seeds[0].Value()))
		values := map[*symbolic.Weight]*graph.Node{seeds[0]: state}
		for _, w := range c.layer.Base().Weights() {
			values[w] = graph.ConstTensor(g, must.M1(w.Value()))
		}
		pass := symbolic.NewPass(g, true, values)
		pass.Apply(c.layer, []any{&symbolic.Value{Node: graph.ConstTensor(g, golden.RuleInput(0, 2, 3, 2).Tensor(t))}}, nil)
		g.Compile(graph.Identity(pass.Value(seeds[0])))
		require.Equal(t, c.draws, tensors.MustCopyFlatData[uint32](g.Run()[0])[1], "%s", c.layer.Base().Name())
		g.Finalize()
	}
}

// TestForgetBias looks at how an LSTM's bias starts.
func TestForgetBias(t *testing.T) {
	l := layers.LSTM(2).BiasInitializer("zeros")
	require.NoError(t, l.Apply(functional.Input(3, 2)).Err())
	require.Equal(t, []float32{0, 0, 1, 1, 0, 0, 0, 0}, tensors.MustCopyFlatData[float32](must.M1(l.Weights()[2].Value())))
	l = layers.LSTM(2).BiasInitializer("zeros").UnitForgetBias(false)
	require.NoError(t, l.Apply(functional.Input(3, 2)).Err())
	require.Equal(t, make([]float32, 8), tensors.MustCopyFlatData[float32](must.M1(l.Weights()[2].Value())))
}

// TestRecurrentMistakes reads the errors of wrong arguments and calls.
func TestRecurrentMistakes(t *testing.T) {
	x := functional.Input(4, 3)
	state := functional.Input(2)
	dense := layers.Dense(2)
	for want, y := range map[string]*functional.Tensor{
		"received an invalid value for argument `units`, expected a positive integer, got 0": layers.LSTM(0).Apply(x),
		"expected ndim=3, found ndim=2":      layers.GRU(2).Apply(state),
		"axis -1 of the input must be known": layers.GRU(2).Apply(functional.Input(4, functional.None)),
		"the batch size must be static. Found dynamic batch size: sequence.shape=(None, 4, 3)": layers.LSTM(2).Stateful(true).Apply(x),
		"invalid value received for argument `use_cudnn`":                                      layers.LSTM(2).UseCudnn("yes").Apply(x),
		"use_cudnn=True was specified, but cuDNN is not supported here":                        layers.GRU(2).UseCudnn(true).Apply(x),
		"the layer has 2 states, got an `initial_state` of 1":                                  layers.LSTM(2).ApplyWith(map[string]any{"initial_state": state}, x)[0],
		"state 0 has shape (None, 3), got an `initial_state` of shape (None, 2)":               layers.GRU(3).ApplyWith(map[string]any{"initial_state": state}, x)[0],
		"argument `cell` should be a cell, got none":                                           layers.RNN(nil).Apply(x),
		"the layer is nil":                                                         layers.RNN((*layers.LSTMCellLayer)(nil)).Apply(x),
		"got no cells, want 1 or more":                                             layers.RNN(layers.StackedRNNCells()).Apply(x),
		"argument `layer`: the layer is nil":                                       layers.Bidirectional(nil).Apply(x),
		"is a Dense, want a recurrent layer":                                       layers.Bidirectional(dense).Apply(x),
		"should have different `go_backwards` value":                               layers.Bidirectional(layers.LSTM(2).GoBackwards(true)).Apply(x),
		"please initialize `TimeDistributed` layer with a layer: the layer is nil": layers.TimeDistributed((*layers.DenseLayer)(nil)).Apply(x),
		"with at least 3 dimensions, received: (None, 2)":                          layers.TimeDistributed(dense).Apply(state),
		"the *layers.LSTMLayer is no layer that its constructor made":              layers.Bidirectional(&layers.LSTMLayer{}).Apply(x),
	} {
		require.ErrorContains(t, y.Err(), want)
	}
	require.ErrorContains(t, layers.Bidirectional(layers.LSTM(2)).MergeMode("max").Apply(x).Err(), `invalid merge mode. Received: max`)
	other := layers.Bidirectional(layers.LSTM(2)).BackwardLayer(layers.LSTM(2).GoBackwards(true).ReturnState(true))
	require.ErrorContains(t, other.ApplyMulti(x)[0].Err(), `the same value for attribute "return_state", got false for forward layer and true for backward layer`)
}

// TestVariableLength runs one model on sequences of several lengths.
func TestVariableLength(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(functional.None, 2)
		m := modelOf(t, in, layers.TimeDistributed(layers.Dense(1)).Apply(layers.Bidirectional(layers.GRU(3).ReturnSequences(true)).Apply(in)))
		for _, steps := range []int{1, 7, 3} {
			y := predict(t, m, golden.RuleInput(0, 2, steps, 2).Tensor(t))
			require.Equal(t, []int{2, steps, 1}, y[0].Shape().Dimensions)
			require.False(t, math.IsNaN(golden.Floats(t, y[0])[0]))
		}
	})
}
