package functional

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/training"
)

// History is what Fit returns: the logs of every epoch (Keras: History).
type History = callbacks.History

// Fit trains the model (Keras: Model.fit). x and y are GoMLX tensors, Go slices
// or arrays of numbers (of strings for an input of texts), arrays of package np, gonum matrices, pictures ([]image.Image), lists ([]any, []*tensors.Tensor) or maps of these for several inputs and targets; or x
// is a GoMLX train.Dataset, or [Batches], and y nil. The last, smaller batch is computed as it is.
// Arrays mustn't change while a batch of them may be running: batches in order are read where they lie.
//
// When the context ends, Fit returns after the running step with the history so
// far and an error that wraps the context's; the model stays usable.
func (m *Model) Fit(x, y any, o Fit) (*History, error) {
	history, err := m.fit(x, y, o)
	if err != nil {
		err = fmt.Errorf("fitting model %q: %w", m.Name(), err)
	}
	return history, err
}

func (m *Model) fit(x, y any, o Fit) (*History, error) {
	if err := m.readyToTrain(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	ctx := contextOr(o.Context)
	session := m.session()
	source, validation, err := fitData(session, x, y, o)
	if err != nil {
		return nil, err
	}
	for _, s := range []data.Source{source, validation} {
		release, err := session.KeepOnDevice(ctx, s, o.DataOnDevice)
		if err != nil {
			return nil, err
		}
		defer release()
	}
	var validate func(list *callbacks.List) (*callbacks.Logs, error)
	if validation != nil {
		validate = func(list *callbacks.List) (*callbacks.Logs, error) {
			return session.NewLoop(ctx, validation, o.ValidationSteps).TestEpoch(list)
		}
	}
	return runEpochs(m, session.NewLoop(ctx, source, o.StepsPerEpoch), validate, o, session.FinishTraining)
}

// validates tells whether to validate after an epoch, counted from 0.
func (o *Fit) validates(epoch int) bool {
	if o.ValidationEpochs != nil {
		return slices.Contains(o.ValidationEpochs, epoch+1)
	}
	return (epoch+1)%orDefault(o.ValidationFrequency, 1) == 0
}

func (o *Fit) check() error {
	return checkOptions(o.Verbose, "BatchSize", o.BatchSize, "Epochs", o.Epochs, "InitialEpoch", o.InitialEpoch, "StepsPerEpoch", o.StepsPerEpoch,
		"ValidationSteps", o.ValidationSteps, "ValidationBatchSize", o.ValidationBatchSize, "ValidationFrequency", o.ValidationFrequency)
}

// runEpochs trains for the epochs of Fit, with callbacks; a nil validate is no validation.
func runEpochs(m callbacks.Model, l *training.Loop, validate func(*callbacks.List) (*callbacks.Logs, error), o Fit, finish func() error) (*History, error) {
	l.Heed = true
	defer l.Stop()
	epochs := orDefault(o.Epochs, 1)
	list := callbacks.NewList(withProgress(o.Callbacks, o.Verbose)...)
	history := list.AddHistory()
	list.SetParams(callbacks.Params{Epochs: epochs, InitialEpoch: o.InitialEpoch, Steps: l.Steps, Verbose: kerasVerbose(o.Verbose), Output: outputOr(o.Output)})
	list.SetModel(m)
	m.SetStopTraining(false)
	r := &run{model: m, loop: l, list: list, epoch: o.InitialEpoch}
	list.SetRun(r)
	if err := list.OnTrainBegin(); err != nil {
		return history, err
	}
	err := r.epochs(epochs, o.validates, validate)
	if err == nil {
		err = finish() // before callbacks put weights back that they kept, as in Keras
	}
	if errEnd := list.OnTrainEnd(r.logs); err == nil {
		err = errEnd
	}
	if err == nil {
		err = list.Finish()
	}
	return history, err
}

// fitData makes the sources of training and validation batches.
func fitData(m *training.Session, x, y any, o Fit) (source, validation data.Source, err error) {
	if stream, ok := batchesOf(x); ok {
		if y != nil || o.ValidationSplit != 0 && o.ValidationData == nil || o.SampleWeight != nil || o.BatchSize != 0 {
			return nil, nil, fmt.Errorf("x is a dataset, which brings its own batches: y, BatchSize, ValidationSplit and SampleWeight must not be given")
		}
		source = m.Dataset(stream, true, o.ClassWeight)
	} else {
		a, err := m.Arrays("training data", x, y, o.SampleWeight, defaultBatchSize, true)
		if err == nil {
			err = a.HostAtOnce()
		}
		if err != nil {
			return nil, nil, err
		}
		if o.ValidationSplit != 0 && o.ValidationData == nil {
			var held *data.Arrays
			if a, held, err = a.Split(o.ValidationSplit); err != nil {
				return nil, nil, err
			}
			held.BatchSize = o.validationBatchSize(held.Rows)
			validation = held
		}
		a.BatchSize = batchSize(o.BatchSize, a.Rows, o.StepsPerEpoch)
		if err := m.WeighClasses("training data", a, o.ClassWeight); err != nil {
			return nil, nil, err
		}
		if err := o.shuffle(a); err != nil {
			return nil, nil, err
		}
		source = a
	}
	if v := o.ValidationData; v != nil {
		if validation, err = testData(m, "validation data", v.X, v.Y, v.SampleWeight, o.validationBatchSize); err != nil {
			return nil, nil, err
		}
	}
	return source, validation, nil
}

// validationBatchSize is that for so many rows of validation data.
func (o *Fit) validationBatchSize(rows int) int {
	return batchSize(cmp.Or(o.ValidationBatchSize, o.BatchSize), rows, o.ValidationSteps)
}

// testData is data for a test: arrays for the model's inputs and outputs, or what comes in batches.
func testData(m *training.Session, what string, x, y, sampleWeight any, batchSize func(rows int) int) (data.Source, error) {
	batched := func(stream data.Stream) data.Source { return m.Dataset(stream, true, nil) }
	return batchedOr(what, x, y, sampleWeight, batched, func() (*data.Arrays, error) {
		a, err := m.Arrays(what, x, y, sampleWeight, defaultBatchSize, true)
		if err == nil {
			err = a.HostAtOnce()
		}
		return a, err
	}, batchSize)
}

// batchedOr is x in the batches that it brings, which have targets and weights of their own, or arrays in batches of a size.
func batchedOr(what string, x, y, sampleWeight any, batched func(data.Stream) data.Source, arrays func() (*data.Arrays, error), batchSize func(rows int) int) (data.Source, error) {
	if stream, ok := batchesOf(x); ok {
		if y != nil || sampleWeight != nil {
			return nil, fmt.Errorf("%s: x is a dataset, which brings its own targets: y and SampleWeight must not be given", what)
		}
		return batched(stream), nil
	}
	a, err := arrays()
	if err != nil {
		return nil, err
	}
	a.BatchSize = batchSize(a.Rows)
	return a, nil
}

// withProgress adds the progress bar behind the user's callbacks, where Keras
// has it: messages of callbacks come before the bar's last line.
func withProgress(user []callbacks.Callback, v Verbosity) []callbacks.Callback {
	list := slices.Clone(user)
	own := slices.ContainsFunc(user, func(c callbacks.Callback) bool { _, is := c.(*callbacks.ProgbarLoggerCallback); return is })
	if kerasVerbose(v) != keras0 && !own {
		list = append(list, callbacks.ProgbarLogger())
	}
	return list
}
