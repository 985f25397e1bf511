package functional

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/internal/training"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/symbolic"
)

// Trainer trains models by a step of your own (Keras: a Model whose train_step is overridden, GradientTape): a GAN, a distiller, adversarial
// training. Make one with [NewTrainer]. The step is a function that builds a GoMLX graph: it may run models forward, compute losses, take gradients, apply
// several optimizers, report values, and give arrays: gradients of inputs, feature maps, pictures. All of it is compiled into one program for each shape of batches; weights,
// optimizers' variables and reports stay on the device.
type Trainer struct {
	own    *training.Own
	models []*Model
}

// TrainerOptions are the arguments of [NewTrainer].
type TrainerOptions struct {
	// Models are those that the steps use. The first one is what callbacks see: checkpoints save it. None: the steps compute with the batch alone.
	Models []*Model
	// TrainStep builds a training step (Keras: train_step). GoMLX's functions panic with an error, and so may it. nil: there is none, and Fit fails.
	TrainStep func(s *Step)
	// TestStep builds a step of Evaluate and of validation (Keras: test_step), which applies no optimizer; nil: there is none. One of both must be given.
	TestStep func(s *Step)
}

// NewTrainer returns a trainer of those models.
func NewTrainer(o TrainerOptions) (*Trainer, error) {
	fail := func(err error) (*Trainer, error) { return nil, fmt.Errorf("NewTrainer: %w", err) }
	if o.TrainStep == nil && o.TestStep == nil {
		return fail(fmt.Errorf("want a TrainStep or a TestStep"))
	}
	var networks []*symbolic.Network
	for _, m := range o.Models {
		if err := m.Ready(); err != nil {
			return fail(err)
		}
		if !m.Connected() {
			return fail(fmt.Errorf("model %q has no weights yet: call Build", m.Name()))
		}
		networks = append(networks, &m.Network)
	}
	wrap := func(build func(*Step)) func(*training.OwnStep) {
		if build == nil {
			return nil
		}
		return func(s *training.OwnStep) { build(&Step{s}) }
	}
	name := "step"
	if len(o.Models) > 0 {
		name = o.Models[0].Name()
	}
	return &Trainer{training.NewOwn(name, networks, wrap(o.TrainStep), wrap(o.TestStep)), slices.Clone(o.Models)}, nil
}

// Step is what a step of your own works with, while its graph is built: the batch, the models, optimizers and reports.
type Step struct{ own *training.OwnStep }

// Graph is the GoMLX graph that is being built.
func (s *Step) Graph() *graph.Graph { return s.own.Graph() }

// X is the batch's first input, of shape (batch, …).
func (s *Step) X() *graph.Node { return s.own.X()[0] }

// Inputs are the batch's inputs in order.
func (s *Step) Inputs() []*graph.Node { return s.own.X() }

// Targets are the batch's targets in order; none where Fit got a nil y.
func (s *Step) Targets() []*graph.Node { return s.own.Y() }

// SampleWeights are the batch's sample weights; none where Fit got none.
func (s *Step) SampleWeights() []*graph.Node { return s.own.SampleWeight() }

// BatchSize is the number of samples in the batch: rows of its first input.
func (s *Step) BatchSize() int { return s.own.BatchSize() }

// Call runs a model in its training phase and returns its first output (Keras: model(x, training=True)).
func (s *Step) Call(m *Model, inputs ...*graph.Node) *graph.Node {
	return s.CallMulti(m, true, inputs...)[0]
}

// CallMulti runs a model in either phase and returns all its outputs.
func (s *Step) CallMulti(m *Model, training bool, inputs ...*graph.Node) []*graph.Node {
	return s.own.Call(&m.Network, training, inputs)
}

// Compute is what a function of symbolic tensors, written with package ops, gives for nodes of the step, which it takes through of.
//
//	kl := s.Compute(func(of func(*graph.Node) *functional.Tensor) *functional.Tensor { return ops.Mean(ops.Square(of(mean))) })
func (s *Step) Compute(f func(of func(*graph.Node) *Tensor) *Tensor) *graph.Node {
	return symbolic.OnGraph(s.Graph(), f)
}

// Penalties are what the regularizers and layers of a model add to a loss, since they were last asked for (Keras: sum(model.losses)).
func (s *Step) Penalties(m *Model) *graph.Node { return s.own.Penalties(&m.Network) }

// Loss is a loss, by name or as a value of package losses, of predictions, reduced to a scalar.
func (s *Step) Loss(loss any, yTrue, yPred *graph.Node) *graph.Node {
	l, err := losses.Resolve(loss, yTrue.Shape().Dimensions, yPred.Shape().Dimensions)
	if err == nil && l == nil {
		err = fmt.Errorf("got no loss")
	}
	if err != nil {
		panic(err)
	}
	return s.own.Loss(l, yTrue, yPred, nil)
}

// Weights are the values that a model's trainable weights have now, for gradients: graph.Gradient(loss, s.Weights(m)...).
func (s *Step) Weights(m *Model) []*graph.Node { return s.own.Weights(&m.Network) }

// Minimize makes a scalar loss smaller by one step of an optimizer on the trainable weights of the models (Keras: tape.gradient and
// optimizer.apply_gradients). Models that run afterwards in the step have the new weights. An optimizer is made outside of the step, and is
// for the same weights whenever it is used.
func (s *Step) Minimize(loss *graph.Node, optimizer optimizers.Optimizer, models ...*Model) {
	s.own.Minimize(loss, optimizer, networksOf(models))
}

// ApplyGradients is Minimize with gradients of your own, one for each trainable weight of the models in order (Keras: apply_gradients). What the optimizer itself
// clips it clips here too; [optimizers.ClipByNorm] and [optimizers.ClipByGlobalNorm] clip by hand.
func (s *Step) ApplyGradients(grads []*graph.Node, optimizer optimizers.Optimizer, models ...*Model) {
	s.own.Apply(optimizer, networksOf(models), grads)
}

func networksOf(models []*Model) []*symbolic.Network {
	list := make([]*symbolic.Network, len(models))
	for i, m := range models {
		list[i] = &m.Network
	}
	return list
}

// Report shows a scalar in logs and histories under a name: its mean over the epoch so far (Keras: a Mean metric).
func (s *Step) Report(name string, value *graph.Node) { s.own.Report(name, value) }

// Metric updates a metric of package metrics, made outside of the step, and shows it under its name.
func (s *Step) Metric(metric metrics.Metric, yTrue, yPred *graph.Node) {
	s.own.Metric(metric, yTrue, yPred, nil)
}

// Output gives an array under a name to who takes the step by [Trainer.TrainOnBatch] or [Trainer.TestOnBatch], in [Scores.Outputs], as what a Python function with a
// GradientTape returns. Fit and Evaluate don't compute it.
//
//	s.Output("saliency", graph.Gradient(loss, s.X())[0])
func (s *Step) Output(name string, value *graph.Node) { s.own.Output(name, value) }

// Random returns a GoMLX random state that differs for every draw and every step, for graph.RandomNormal and its like.
func (s *Step) Random() *graph.Node { return s.own.Random() }

// RandomNormal draws numbers of mean 0 and standard deviation 1 in float32 (Keras: keras.random.normal).
func (s *Step) RandomNormal(dims ...int) *graph.Node { return s.own.RandomNormal(dims) }

// RandomUniform draws numbers from 0 to 1 in float32 (Keras: keras.random.uniform).
func (s *Step) RandomUniform(dims ...int) *graph.Node { return s.own.RandomUniform(dims) }

// Fit runs the training step over the data as [Model.Fit] does. x is an array, or a list of arrays ([]any, []*tensors.Tensor), and so is y, which may be nil; the
// first axis of all counts the samples. Or x is data that comes in batches, as for [Model.Fit], and y is nil. Of the options, ClassWeight has no meaning here.
func (t *Trainer) Fit(x, y any, o Fit) (*History, error) {
	history, err := t.fit(x, y, o)
	if err != nil {
		err = fmt.Errorf("training model %q by a step of its own: %w", t.Name(), err)
	}
	return history, err
}

func (t *Trainer) fit(x, y any, o Fit) (*History, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.ClassWeight != nil {
		return nil, fmt.Errorf("ClassWeight is given, which a step of your own has no use for")
	}
	source, err := plainData("training data", x, y, o.SampleWeight, func(rows int) int { return batchSize(o.BatchSize, rows, o.StepsPerEpoch) })
	if err != nil {
		return nil, err
	}
	arrays, whole := source.(*data.Arrays)
	if !whole && (o.BatchSize != 0 || o.ValidationSplit != 0) {
		return nil, fmt.Errorf("x is a dataset, which brings its own batches: BatchSize and ValidationSplit must not be given")
	}
	var validation data.Source
	switch v := o.ValidationData; {
	case v != nil:
		if validation, err = plainData("validation data", v.X, v.Y, v.SampleWeight, o.validationBatchSize); err != nil {
			return nil, err
		}
	case o.ValidationSplit != 0:
		var held *data.Arrays
		if arrays, held, err = arrays.Split(o.ValidationSplit); err != nil {
			return nil, err
		}
		arrays.BatchSize = batchSize(o.BatchSize, arrays.Rows, o.StepsPerEpoch)
		held.BatchSize = o.validationBatchSize(held.Rows)
		source, validation = arrays, held
	}
	if whole {
		if err := o.shuffle(arrays); err != nil {
			return nil, err
		}
	}
	l := t.own.NewLoop(contextOr(o.Context), source, o.StepsPerEpoch)
	var validate func(list *callbacks.List) (*callbacks.Logs, error)
	if validation != nil {
		validate = func(list *callbacks.List) (*callbacks.Logs, error) {
			return t.own.NewLoop(contextOr(o.Context), validation, o.ValidationSteps).TestEpoch(list)
		}
	}
	return runEpochs(t, l, validate, o, t.own.Finish)
}

// Evaluate runs the test step over the data and returns what it reports (Keras: evaluate).
func (t *Trainer) Evaluate(x, y any, o Evaluate) (*Scores, error) {
	fail := func(err error) (*Scores, error) {
		return nil, fmt.Errorf("evaluating model %q by a step of its own: %w", t.Name(), err)
	}
	if err := checkOptions(o.Verbose, "BatchSize", o.BatchSize, "Steps", o.Steps); err != nil {
		return fail(err)
	}
	source, err := plainData("test data", x, y, o.SampleWeight, func(rows int) int { return batchSize(o.BatchSize, rows, o.Steps) })
	if err != nil {
		return fail(err)
	}
	l := t.own.NewLoop(contextOr(o.Context), source, o.Steps)
	list := callbacks.NewList(withProgress(o.Callbacks, o.Verbose)...)
	list.SetParams(callbacks.Params{Steps: l.Steps, Output: outputOr(o.Output), Verbose: kerasVerbose(o.Verbose)})
	list.SetModel(t)
	logs, err := l.TestEpoch(list)
	if err != nil {
		return fail(err)
	}
	return scoresOf(logs)
}

// TrainOnBatch runs one training step and returns what it reports of this batch, and the arrays that it gives (Keras: train_on_batch). x and y are as for Fit, but
// arrays may have any shapes, and be single numbers: the step knows what they are.
func (t *Trainer) TrainOnBatch(x, y any) (*Scores, error) { return t.onBatch(training.Train, x, y) }

// TestOnBatch is TrainOnBatch with the test step (Keras: test_on_batch).
func (t *Trainer) TestOnBatch(x, y any) (*Scores, error) { return t.onBatch(training.Test, x, y) }

func (t *Trainer) onBatch(kind training.Step, x, y any) (*Scores, error) {
	fail := func(err error) (*Scores, error) {
		return nil, fmt.Errorf("model %q: %s on batch by a step of its own: %w", t.Name(), kind, err)
	}
	a, err := plainParts("batch", x, y, nil)
	if err != nil {
		return fail(err)
	}
	b := &data.Batch{Rows: 1}
	if first := a.X[0]; first.Rank() > 0 {
		b.Rows = first.Shape().Dimensions[0]
	}
	for _, part := range []struct {
		from []*tensors.Tensor
		to   *[]*tensors.Tensor
	}{{a.X, &b.X}, {a.Y, &b.Y}} {
		for _, given := range part.from {
			own, err := given.LocalClone() // a step consumes its batch
			if err != nil {
				return fail(err)
			}
			*part.to = append(*part.to, own)
		}
	}
	logs, outputs, err := t.own.OnBatch(context.Background(), kind, b)
	if err != nil {
		return fail(err)
	}
	scores, err := scoresOf(logs)
	if err != nil {
		return fail(err)
	}
	if len(outputs) > 0 {
		scores.Outputs = outputs
	}
	return scores, nil
}

// plainData is data that isn't for the inputs of a model: arrays, or what comes in batches.
func plainData(what string, x, y, sampleWeight any, batchSize func(rows int) int) (data.Source, error) {
	batched := func(stream data.Stream) data.Source {
		return training.Batched(stream, func(got data.Given) (*data.Arrays, error) {
			return plainArrays(stream.Name, got.X, got.Y, got.SampleWeight)
		})
	}
	arrays := func() (*data.Arrays, error) { return plainArrays(what, x, y, sampleWeight) }
	return batchedOr(what, x, y, sampleWeight, batched, arrays, batchSize)
}

// plainArrays reads data that isn't for the inputs of a model, as one sample a batch.
func plainArrays(what string, x, y, sampleWeight any) (*data.Arrays, error) {
	a, err := plainParts(what, x, y, sampleWeight)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name  string
		given []*tensors.Tensor
	}{{"x", a.X}, {"y", a.Y}, {"sample weight", a.W}} {
		for i, t := range part.given {
			if t.Rank() == 0 || t.Shape().Dimensions[0] == 0 {
				return nil, fmt.Errorf("%s %s[%d]: got shape %s, want an array with one row a sample", what, part.name, i, Shape(t.Shape().Dimensions))
			}
			if rows := t.Shape().Dimensions[0]; a.Rows >= 0 && rows != a.Rows {
				return nil, fmt.Errorf("%s: data cardinality is ambiguous: %s[%d] has %d samples, x[0] has %d", what, part.name, i, rows, a.Rows)
			}
			a.Rows = t.Shape().Dimensions[0]
		}
	}
	return a, nil
}

// plainParts reads arrays, or lists of them, of which there must be one for x.
func plainParts(what string, x, y, sampleWeight any) (*data.Arrays, error) {
	a := &data.Arrays{BatchSize: 1, Rows: -1}
	for _, part := range []struct {
		name string
		v    any
		to   *[]*tensors.Tensor
	}{{"x", x, &a.X}, {"y", y, &a.Y}, {"sample weight", sampleWeight, &a.W}} {
		if part.v == nil {
			continue
		}
		list := []any{part.v}
		switch v := part.v.(type) {
		case []any:
			list = v
		case []*tensors.Tensor:
			list = nest.Flatten(v)
		}
		for i, v := range list {
			t, err := ndarray.ToTensor(fmt.Sprintf("%s %s[%d]", what, part.name, i), v)
			if err != nil {
				return nil, err
			}
			*part.to = append(*part.to, t)
		}
	}
	if len(a.X) == 0 {
		return nil, fmt.Errorf("%s x: got nothing, want at least one array", what)
	}
	return a, nil
}

// shuffle gives the arrays their order.
func (o *Fit) shuffle(a *data.Arrays) error {
	switch o.Shuffle {
	case Default, On:
		seed := uint64(o.Seed)
		if seed == 0 {
			seed = symbolic.NextSeed()
		}
		a.Shuffle, a.InBatches = rand.NewPCG(seed, 0x73687566666c65), o.ShuffleInBatches
	case Off:
	default:
		return fmt.Errorf("option Shuffle is %d, want functional.On, Off or Default", o.Shuffle)
	}
	return nil
}

// Name is the name of the first model, "step" where there is none.
func (t *Trainer) Name() string { return t.own.Name() }

// saved calls a method of the first model.
func (t *Trainer) saved(f func(m *Model) error) error {
	if len(t.models) == 0 {
		return fmt.Errorf("the trainer has no model")
	}
	return f(t.models[0])
}

// Save saves the first model, for callbacks; the others are saved by their own Save.
func (t *Trainer) Save(path string) error {
	return t.saved(func(m *Model) error { return m.Save(path) })
}

// SaveWeights saves the first model's weights, for callbacks.
func (t *Trainer) SaveWeights(path string) error {
	return t.saved(func(m *Model) error { return m.SaveWeights(path) })
}

// GetWeights returns copies of the first model's weights.
func (t *Trainer) GetWeights() (values []*tensors.Tensor, err error) {
	err = t.saved(func(m *Model) error {
		values, err = m.GetWeights()
		return err
	})
	return values, err
}

// SetWeights sets the first model's weights.
func (t *Trainer) SetWeights(values []*tensors.Tensor) error {
	return t.saved(func(m *Model) error { return m.SetWeights(values) })
}

// LearningRate returns the learning rate of the optimizer that the step applies first.
func (t *Trainer) LearningRate() (float64, error) { return t.own.LearningRate() }

// SetLearningRate changes it for the steps to come.
func (t *Trainer) SetLearningRate(rate float64) error { return t.own.SetLearningRate(rate) }

// StopTraining reports whether training was asked to stop.
func (t *Trainer) StopTraining() bool { return t.own.StopTraining() }

// SetStopTraining asks Fit to stop after the running batch.
func (t *Trainer) SetStopTraining(stop bool) { t.own.SetStopTraining(stop) }
