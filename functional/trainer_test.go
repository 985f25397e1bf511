package functional_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/ops"
	"github.com/gokeras/gokeras/optimizers"
)

// ganStep trains a discriminator, then a generator, on one batch of samples and noise.
func ganStep(generator, discriminator *functional.Model, gOpt, dOpt optimizers.Optimizer) func(*functional.Step) {
	loss := losses.BinaryCrossentropy().FromLogits(true)
	return func(s *functional.Step) {
		real, noise, n := s.Inputs()[0], s.Inputs()[1], s.BatchSize()
		column := func(value float64) *graph.Node {
			return graph.AddScalar(graph.BroadcastToDims(graph.Scalar(s.Graph(), dtypes.Float32, 0), n, 1), value)
		}
		fake := graph.StopGradient(s.Call(generator, noise))
		out := s.Call(discriminator, graph.Concatenate([]*graph.Node{fake, real}, 0))
		dLoss := s.Loss(loss, graph.Concatenate([]*graph.Node{column(1), column(0)}, 0), out)
		s.Minimize(dLoss, dOpt, discriminator)
		s.Penalties(generator) // those of the call above
		out = s.Call(discriminator, s.Call(generator, noise))
		gLoss := graph.Add(s.Loss(loss, column(0), out), s.Penalties(generator))
		s.Minimize(gLoss, gOpt, generator)
		s.Report("d_loss", dLoss)
		s.Report("g_loss", gLoss)
	}
}

// TestOwnStep trains two models by two optimizers in one program, as Keras did in a step of its user's.
func TestOwnStep(t *testing.T) {
	var want struct {
		Generator, Discriminator json.RawMessage
		Batch, Steps             int
		X, Noise                 golden.Array
		Initial                  [][]golden.Array `json:"initial_weights"`
		Final                    [][]golden.Array `json:"final_weights"`
		Logs                     []map[string]float64
	}
	golden.Load(t, "own_step", &want)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		generator, discriminator := loadModel(t, want.Generator, want.Initial[0]), loadModel(t, want.Discriminator, want.Initial[1])
		step := ganStep(generator, discriminator, optimizers.Adam(0.01).Epsilon(1e-3), optimizers.SGD(0.05).Momentum(0.9))
		trainer, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{generator, discriminator}, TrainStep: step})
		require.NoError(t, err)
		x, noise := want.X.Tensor(t), want.Noise.Tensor(t)
		var d, g float64
		for i := range want.Steps {
			batch := []any{rowsOf(t, x, i*want.Batch, want.Batch), rowsOf(t, noise, i*want.Batch, want.Batch)}
			scores, err := trainer.TrainOnBatch(batch, nil)
			require.NoError(t, err)
			require.Equal(t, []string{"d_loss", "g_loss"}, scores.Names)
			require.InEpsilon(t, want.Logs[i]["d_loss"], scores.Value("d_loss"), 1e-5)
			require.InEpsilon(t, want.Logs[i]["g_loss"], scores.Value("g_loss"), 1e-5)
			d, g = d+want.Logs[i]["d_loss"], g+want.Logs[i]["g_loss"]
		}
		for k, m := range []*functional.Model{generator, discriminator} {
			got, err := m.GetWeights()
			require.NoError(t, err)
			for i, w := range want.Final[k] {
				golden.Close(t, fmt.Sprintf("weight %d of model %d", i, k), got[i], w, golden.Float32)
			}
		}

		// Fit does the same, and reports the means over the epoch.
		generator, discriminator = loadModel(t, want.Generator, want.Initial[0]), loadModel(t, want.Discriminator, want.Initial[1])
		step = ganStep(generator, discriminator, optimizers.Adam(0.01).Epsilon(1e-3), optimizers.SGD(0.05).Momentum(0.9))
		trainer, err = functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{generator, discriminator}, TrainStep: step})
		require.NoError(t, err)
		history, err := trainer.Fit([]any{x, noise}, nil, functional.Fit{BatchSize: want.Batch, Shuffle: functional.Off, Verbose: functional.Silent})
		require.NoError(t, err)
		require.InEpsilon(t, d/float64(want.Steps), history.History["d_loss"][0], 1e-5)
		require.InEpsilon(t, g/float64(want.Steps), history.History["g_loss"][0], 1e-5)
		rate, err := trainer.LearningRate()
		require.NoError(t, err)
		require.InDelta(t, 0.05, rate, 1e-7)
	})
}

// TestOwnStepSpectral trains a model with a penalty of gradients. SpectralNormalization's kernel is the divided one in a call of the model and its penalties alone.
func TestOwnStepSpectral(t *testing.T) {
	var want struct {
		Model        json.RawMessage
		Batch, Steps int
		X            golden.Array
		Initial      []golden.Array `json:"initial_weights"`
		Final        []golden.Array `json:"final_weights"`
		Logs         []map[string]float64
	}
	golden.Load(t, "own_step_spectral", &want)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		critic := loadModel(t, want.Model, want.Initial)
		sgd := optimizers.SGD(0.1)
		trainer, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{critic}, TrainStep: func(s *functional.Step) {
			out := s.Call(critic, s.X())
			penalties := s.Penalties(critic)
			slope := graph.Gradient(graph.ReduceAllSum(s.Call(critic, s.X())), s.X())[0]
			s.Penalties(critic) // those of the second call
			norm := graph.Sqrt(graph.ReduceSum(graph.Square(slope), -1))
			loss := graph.Add(graph.Add(graph.ReduceAllMean(out), graph.ReduceAllMean(graph.Square(graph.AddScalar(norm, -1)))), penalties)
			s.Report("loss", loss)
			s.Report("kernel", graph.ReduceAllSum(graph.Abs(s.Weights(critic)[0])))
			s.Minimize(loss, sgd, critic)
		}})
		require.NoError(t, err)
		x := want.X.Tensor(t)
		for i := range want.Steps {
			scores, err := trainer.TrainOnBatch(rowsOf(t, x, i*want.Batch, want.Batch), nil)
			require.NoError(t, err)
			require.InEpsilon(t, want.Logs[i]["loss"], scores.Value("loss"), 1e-5)
			require.InEpsilon(t, want.Logs[i]["kernel"], scores.Value("kernel"), 1e-5)
		}
		got, err := critic.GetWeights()
		require.NoError(t, err)
		for i, w := range want.Final {
			golden.Close(t, fmt.Sprintf("weight %d", i), got[i], w, golden.Float32)
		}
	})
}

func loadModel(t *testing.T, raw json.RawMessage, weights []golden.Array) *functional.Model {
	t.Helper()
	m, err := functional.FromJSON(raw, false)
	require.NoError(t, err)
	values := make([]*tensors.Tensor, len(weights))
	for i, w := range weights {
		values[i] = w.Tensor(t)
	}
	require.NoError(t, m.SetWeights(values))
	return m
}

func rowsOf(t *testing.T, x *tensors.Tensor, from, count int) *tensors.Tensor {
	t.Helper()
	width := x.Shape().Dimensions[1]
	var rows []float32
	tensors.MustConstFlatData(x, func(flat []float32) {
		rows = append(rows, flat[from*width:(from+count)*width]...)
	})
	return tensors.FromFlatDataAndDimensions(rows, count, width)
}

// TestOwnStepMistakes: what is wrong with a step is an error that says where.
func TestOwnStepMistakes(t *testing.T) {
	onGo(t)
	in := functional.Input(2)
	m := model(in, layers.Dense(1).Apply(in))
	other := model(in, layers.Dense(1).Apply(in))
	x := [][]float32{{1, 2}, {3, 4}}
	for name, c := range map[string]struct {
		step func(*functional.Step)
		want string
	}{
		"a model from elsewhere": {func(s *functional.Step) { s.Call(other, s.X()) }, `is not among the models of the step`},
		"a report twice": {func(s *functional.Step) {
			v := graph.ReduceAllMean(s.X())
			s.Report("v", v)
			s.Report("v", v)
		}, `"v" is reported twice`},
		"a vector reported":     {func(s *functional.Step) { s.Report("v", s.X()) }, `"v" is reported with shape (2, 2), want a scalar`},
		"a loss that isn't one": {func(s *functional.Step) { s.Loss("mze", s.X(), s.X()) }, `unknown loss "mze"`},
		"a panic":               {func(s *functional.Step) { panic("boom") }, `boom`},
	} {
		t.Run(name, func(t *testing.T) {
			trainer, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{m}, TrainStep: c.step})
			require.NoError(t, err)
			_, err = trainer.TrainOnBatch(x, nil)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := functional.NewTrainer(functional.TrainerOptions{})
	require.ErrorContains(t, err, "want a TrainStep")
	trainer, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{m}, TrainStep: func(*functional.Step) {}})
	require.NoError(t, err)
	_, err = trainer.Evaluate(x, nil, functional.Evaluate{Verbose: functional.Silent})
	require.ErrorContains(t, err, "there is no test step")
}

// TestOwnStepOfBatches gives a trainer a data set, and computes with symbolic tensors inside of the step.
func TestOwnStepOfBatches(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		x := [][]float32{{1, 2}, {3, 4}, {5, 6}, {7, 8}}
		model, err := functional.NewSequential(functional.Input(2), layers.Dense(1).KernelInitializer("ones"))
		require.NoError(t, err)
		sgd := optimizers.SGD(0.01)
		trainer, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{model}, TrainStep: func(s *functional.Step) {
			p := s.Call(model, s.X())
			loss := s.Compute(func(of func(*graph.Node) *functional.Tensor) *functional.Tensor {
				return ops.Mean(ops.Square(ops.Subtract(of(p), ops.Sum(of(s.X()), ops.Axis(-1), ops.KeepDims()))))
			})
			s.Report("ones", s.Compute(func(of func(*graph.Node) *functional.Tensor) *functional.Tensor {
				return ops.Mean(of(graph.Ones(s.Graph(), loss.Shape())))
			}))
			s.Minimize(loss, sgd, model)
			s.Report("loss", loss)
		}})
		require.NoError(t, err)
		batches := datasets.FromSlices(x).Batch(2)
		history, err := trainer.Fit(batches, nil, functional.Fit{Epochs: 2, Verbose: functional.Silent})
		require.NoError(t, err)
		require.Equal(t, []float64{0, 0}, history.History["loss"])
		require.Equal(t, []float64{1, 1}, history.History["ones"])
		for what, o := range map[string]functional.Fit{"batch size": {BatchSize: 2}, "split": {ValidationSplit: 0.5}} {
			_, err := trainer.Fit(batches, nil, o)
			require.ErrorContains(t, err, "brings its own batches", what)
		}
		_, err = trainer.Fit(batches, x, functional.Fit{})
		require.ErrorContains(t, err, "brings its own targets")
	})
}

// TestNormalLike draws in inference too, and the same numbers for the same seed.
func TestNormalLike(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		draw := func() []float32 {
			functional.SetRandomSeed(3)
			in := functional.Input(500)
			m, err := functional.NewModel(in, functional.NormalLike(in))
			require.NoError(t, err)
			out, err := m.Predict(make([][500]float32, 8), functional.Predict{Verbose: functional.Silent})
			require.NoError(t, err)
			rows, err := functional.As[[][]float32](out)
			require.NoError(t, err)
			return slices.Concat(rows...)
		}
		noise := draw()
		require.Equal(t, noise, draw())
		var sum, squares float64
		for _, v := range noise {
			sum, squares = sum+float64(v), squares+float64(v)*float64(v)
		}
		require.InDelta(t, 0, sum/float64(len(noise)), 0.06)
		require.InDelta(t, 1, squares/float64(len(noise)), 0.09)
	})
}
