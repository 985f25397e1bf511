package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/training"
)

// Measure names what is timed.
type Measure string

// The measures. Those of steps are the time of one batch, in a call of many.
const (
	Fit        Measure = "fit"          // Model.Fit
	Bare       Measure = "bare"         // the executable of Fit's step alone, on one batch that stays on the device
	Evaluate   Measure = "evaluate"     // Model.Evaluate
	Predict    Measure = "predict"      // Model.Predict
	PredictOne Measure = "predict_one"  // Model.Predict of one sample, the median of many calls, n of them at least
	OnBatchOne Measure = "on_batch_one" // Model.PredictOnBatch of one sample
	CallOne    Measure = "call_one"     // the shortest way to the outputs of one sample: Predictor.Predict
)

// compiledOnly are the measures that need a compiled model.
var compiledOnly = []Measure{Fit, Bare, Evaluate}

// single are the measures of one sample.
var single = []Measure{PredictOne, OnBatchOne, CallOne}

// singleLeast is how long calls with one sample are made at least. In the first milliseconds after a pause Go's runtime looks every few tens of microseconds
// at what its threads do, and on a virtual machine each of its timers may take as long as a small model's call.
const singleLeast = 30 * time.Millisecond

// subject is a model with the data to measure it on.
type subject struct {
	name    string
	model   *functional.Model
	batch   int
	samples int
	x, y    []*tensors.Tensor
	one     []*tensors.Tensor // one sample
	bare    *training.BareSteps
	server  *functional.Predictor
}

// newSubject makes or loads the model and gives it samples rows of data.
func newSubject(name string, batch, samples int) (*subject, error) {
	m, err := load(name)
	if err != nil {
		return nil, err
	}
	s := &subject{name: name, model: m, batch: batch}
	if s.one, err = inputs(m, s.random(), 1); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, s.setData(samples)
}

func (s *subject) random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// setData makes other data.
func (s *subject) setData(samples int) error {
	rng := s.random()
	s.x, s.y = nil, nil // so that old and new data aren't held at once
	x, err := inputs(s.model, rng, samples)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.x, s.y, s.samples = x, targets(s.model, rng, samples), samples
	return nil
}

// compiled reports whether the model can be trained.
func (s *subject) compiled() bool {
	_, ok := s.model.Compiled()
	return ok
}

// measures are those that make sense for the model.
func (s *subject) measures() []Measure {
	if s.compiled() {
		return []Measure{Fit, Bare, Evaluate, Predict, PredictOne, OnBatchOne, CallOne}
	}
	return []Measure{Predict, PredictOne, OnBatchOne, CallOne}
}

// rowBytes is the size of one sample with its targets.
func (s *subject) rowBytes() int {
	total := 0
	for _, t := range slices.Concat(s.x, s.y) {
		total += int(t.Shape().ByteSize()) / s.samples
	}
	return total
}

// measure takes n steps (for one sample n calls, or more that take [singleLeast]) and returns the time of one.
func (s *subject) measure(ctx context.Context, what Measure, n int) (time.Duration, error) {
	each, err := s.run(ctx, what, n)
	if err != nil {
		return 0, fmt.Errorf("%s: %s: %w", s.name, what, err)
	}
	return each, nil
}

func (s *subject) run(ctx context.Context, what Measure, n int) (time.Duration, error) {
	if n < 1 {
		return 0, fmt.Errorf("got %d steps, want at least one", n)
	}
	if !s.compiled() && slices.Contains(compiledOnly, what) {
		return 0, fmt.Errorf("the model was saved without compile arguments")
	}
	if what == Bare && s.bare == nil {
		if err := s.prepareBare(ctx); err != nil {
			return 0, err
		}
	}
	if what == CallOne && s.server == nil {
		if err := s.prepareServer(ctx); err != nil {
			return 0, err
		}
	}
	if slices.Contains(single, what) {
		var times []time.Duration
		for begun := time.Now(); len(times) < n || time.Since(begun) < singleLeast; {
			start := time.Now()
			if err := s.call(ctx, what); err != nil {
				return 0, err
			}
			times = append(times, time.Since(start))
		}
		slices.Sort(times)
		return times[len(times)/2], nil
	}
	// An epoch of just these steps ends with the data, as a user's does.
	limit := n
	if n*s.batch == s.samples {
		limit = 0
	}
	start := time.Now()
	var err error
	switch what {
	case Fit:
		_, err = s.model.Fit(s.x, s.y, functional.Fit{BatchSize: s.batch, StepsPerEpoch: limit, Verbose: functional.Silent, Context: ctx})
	case Bare:
		err = s.bare.Run(n)
	case Evaluate:
		_, err = s.model.Evaluate(s.x, s.y, functional.Evaluate{BatchSize: s.batch, Steps: limit, Verbose: functional.Silent, Context: ctx})
	case Predict:
		_, err = s.model.PredictAll(s.x, functional.Predict{BatchSize: s.batch, Steps: limit, Verbose: functional.Silent, Context: ctx})
	default:
		return 0, fmt.Errorf("there is no such measure")
	}
	return time.Since(start) / time.Duration(n), err
}

// call computes the outputs of one sample.
func (s *subject) call(ctx context.Context, what Measure) error {
	if what == PredictOne {
		_, err := s.model.PredictAll(s.one, functional.Predict{Verbose: functional.Silent, Context: ctx})
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if what == OnBatchOne {
		_, err := s.model.PredictOnBatch(s.one)
		return err
	}
	_, err := s.server.Predict(s.one)
	return err
}

func (s *subject) prepareBare(ctx context.Context) error {
	rng := s.random()
	x, err := inputs(s.model, rng, s.batch)
	if err != nil {
		return err
	}
	s.bare, err = training.NewBareSteps(ctx, training.SessionOf(s.model), x, targets(s.model, rng, s.batch))
	return err
}

// prepareServer makes a predictor for one sample. It keeps the weights that the model has now.
func (s *subject) prepareServer(ctx context.Context) error {
	o := functional.PredictorOptions{Context: ctx}
	for _, t := range s.one {
		o.InputShapes = append(o.InputShapes, t.Shape().Dimensions[1:])
	}
	var err error
	s.server, err = s.model.NewPredictor(o)
	return err
}
