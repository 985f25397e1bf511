package functional

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/training"
	"github.com/gokeras/gokeras/optimizers"
)

// Compile are the arguments of [Model.Compile]; each zero value is Keras's default.
type Compile struct {
	// Optimizer is a name ("adam") or a value (optimizers.Adam(1e-4)); nil is "rmsprop".
	Optimizer any
	// Loss is a name ("mse"), a value (losses.MeanSquaredError()), or for several
	// outputs a list of these (nil for an output without a loss) or a map from
	// output names. Nil: the model has only penalties to minimise, or, where it was compiled before, the losses of then with their weights, as in Keras.
	Loss any
	// LossWeights scales the losses of several outputs: a []float64 or a map[string]float64.
	LossWeights any
	// Metrics is a list of names and values ([]any{"accuracy"}, []string), or for several
	// outputs a list of lists or a map from output names to such lists. Where the model was compiled before, both kinds of metrics stay while Metrics and
	// WeightedMetrics are nil, as in Keras; an empty list is none.
	Metrics any
	// WeightedMetrics are metrics that heed sample and class weights.
	WeightedMetrics any
	// StepsPerExecution is how many batches Fit, Evaluate and Predict compute between two calls of callbacks, whose batch hooks
	// get the numbers of the first and of the last of them (Keras: steps_per_execution). The numbers are those of single
	// steps. XLA trains and tests on up to 32 equal batches in one program, a loop on the device, which spares small models most of the
	// host's work; on the CPU it takes steps with convolutions or pooling one by one, as the pure-Go engine takes all. 0: 1.
	StepsPerExecution int
	// AutoScaleLoss puts an optimizers.LossScaleOptimizer around the optimizer of a model whose dtype policy is "mixed_float16", unless
	// it is one, or Off (Keras: auto_scale_loss, default true). Files name the optimizer inside, and scale again when loaded.
	AutoScaleLoss Switch
}

// Compile chooses the optimizer, the losses and the metrics (Keras:
// Model.compile). Optimizer variables start anew.
func (m *Model) Compile(c Compile) error {
	if err := m.Ready(); err != nil {
		return err
	}
	if s := m.session(); s.Compiled() {
		before := s.Options() // without what a file held that isn't known
		if c.Loss == nil {
			c.Loss, c.LossWeights = before.Loss, before.LossWeights
		}
		if c.Metrics == nil && c.WeightedMetrics == nil {
			c.Metrics, c.WeightedMetrics = before.Metrics, before.WeightedMetrics
		}
	}
	return m.compile(c, nil)
}

func (m *Model) compile(c Compile, inFile map[string]any) error {
	usable, lacks := withoutUnknown(c)
	s, err := m.session().Compile(training.Options(usable))
	if err != nil && inFile != nil {
		s, err = m.compileWithout(usable, lacks, err)
	}
	for name, unknown := range lacks {
		if err == nil && inFile == nil {
			err = fmt.Errorf("%s: %w", name, unknown)
		}
	}
	if err != nil {
		return fmt.Errorf("compiling model %q: %w", m.Name(), err)
	}
	if inFile != nil { // Keras makes the variables at once
		s.StartOptimizer()
	}
	m.now.Store(&compiled{s, c, inFile, lacks})
	return nil
}

// compileWithout leaves out arguments of a file that don't fit the model's outputs, as few as possible, such as one list of metrics for two outputs or losses for three:
// Keras, too, holds them to the outputs only when they are needed. unfit is the error with all of them.
func (m *Model) compileWithout(c Compile, lacks map[string]error, unfit error) (*training.Session, error) {
	c.Loss, c.LossWeights = m.forFirstOutputs(c.Loss), m.forFirstOutputs(c.LossWeights)
	if s, err := m.session().Compile(training.Options(c)); err == nil {
		return s, nil
	}
	for _, leave := range [][]string{
		{"Metrics"}, {"WeightedMetrics"}, {"LossWeights"}, {"Metrics", "WeightedMetrics"}, {"Loss", "LossWeights"},
		{"Loss", "LossWeights", "Metrics"}, {"Loss", "LossWeights", "WeightedMetrics"}, {"Loss", "LossWeights", "Metrics", "WeightedMetrics"},
	} {
		rest := c
		for name, of := range map[string]*any{"Loss": &rest.Loss, "LossWeights": &rest.LossWeights, "Metrics": &rest.Metrics, "WeightedMetrics": &rest.WeightedMetrics} {
			if slices.Contains(leave, name) {
				*of = nil
			}
		}
		if s, err := m.session().Compile(training.Options(rest)); err == nil {
			for _, name := range leave {
				lacks[name] = unfit
			}
			return s, nil
		}
	}
	return nil, unfit
}

// forFirstOutputs lists nil for the outputs behind those that a list is for: Keras trains a model of three outputs compiled with two losses by the first two. Who compiles
// here is told of it instead, as it seldom is meant.
func (m *Model) forFirstOutputs(list any) any {
	given, ok := list.([]any)
	if n := len(m.Outputs()); ok && len(given) < n {
		return append(slices.Clone(given), make([]any, n-len(given))...)
	}
	return list
}

// Compiled returns the arguments that the model was compiled with, by [Model.Compile] or by the file it came from, with
// the optimizer as a value; ok is false before. Given to Compile again, changed or not, they start a new optimizer state,
// which [Model.OptimizerVariables] can carry over (Keras: get_compile_config).
func (m *Model) Compiled() (c Compile, ok bool) {
	now := m.now.Load()
	c = Compile(now.session.Options())
	if given := now.given; len(now.lacks) > 0 {
		c.Loss, c.LossWeights, c.Metrics, c.WeightedMetrics = given.Loss, given.LossWeights, given.Metrics, given.WeightedMetrics
		if now.lacks["Optimizer"] != nil {
			c.Optimizer = given.Optimizer
		}
	}
	return c, now.session.Compiled()
}

// Optimizer returns the optimizer given to Compile, in a LossScaleOptimizer where AutoScaleLoss did that; nil before (Keras: model.optimizer).
func (m *Model) Optimizer() optimizers.Optimizer { return m.session().Optimizer() }

// OptimizerVariables returns the optimizer's variables in Keras's order: the count of its steps, the learning rate unless
// a schedule sets it, and its slots for the trainable weights (Keras: model.optimizer.variables). Set changes what the next
// step starts from.
func (m *Model) OptimizerVariables() ([]*Weight, error) {
	if err := m.readyWith("Optimizer"); err != nil {
		return nil, err
	}
	variables, _, err := m.session().OptimizerVariables()
	return variables, err
}

// LearningRate returns the optimizer's learning rate as it is now (Keras: model.optimizer.learning_rate).
func (m *Model) LearningRate() (float64, error) { return m.session().LearningRate() }

// SetLearningRate changes the optimizer's learning rate for the steps to come.
func (m *Model) SetLearningRate(rate float64) error { return m.session().SetLearningRate(rate) }

// MetricDirection tells callbacks whether more or less of a metric is better
// (Keras: Metric._direction), for mode "auto".
func (m *Model) MetricDirection(name string) (callbacks.Mode, bool) {
	return m.session().MetricDirection(name)
}

// StopTraining reports whether training was asked to stop (Keras: model.stop_training).
func (m *Model) StopTraining() bool { return m.session().StopTraining() }

// SetStopTraining asks Fit to stop after the running batch.
func (m *Model) SetStopTraining(stop bool) { m.session().SetStopTraining(stop) }

func (m *Model) readyToTrain() error {
	return m.readyWith("Optimizer", "Loss", "LossWeights", "Metrics", "WeightedMetrics")
}

// readyWith reports why the model can't be trained, or that one of those arguments of Compile came from a file with something unknown in it.
func (m *Model) readyWith(arguments ...string) error {
	if err := m.Ready(); err != nil {
		return err
	}
	now := m.now.Load()
	for _, name := range arguments {
		err := now.lacks[name]
		if err != nil && !errors.Is(err, config.ErrUnknown) {
			return fmt.Errorf("%s, as the file has it: %w: call Compile with another", name, err)
		}
		if err != nil {
			return fmt.Errorf("%s, as the file has it: %w: register it before the model is loaded, or call Compile with another", name, err)
		}
	}
	return now.session.ReadyToTrain()
}
