package bench

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"time"
)

// Options are the arguments of [Run].
type Options struct {
	Models []string // names of built-in models (see Names) and files
	Batch  int      // samples a step
	Steps  int      // steps timed together; 0: what takes about a second
	Rounds int
	// Samples are the rows of data that a fresh process trains on; 0: as many as are timed.
	Samples int
	// Fresh makes the command that runs [Serve] in a process of its own; nil: no such process is measured.
	Fresh func() (*exec.Cmd, error)
	// Progress hears what is being done; nil: nothing does.
	Progress func(string)
}

// Sample are the values of one measure, one a round.
type Sample struct {
	Median float64   `json:"median"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Rounds []float64 `json:"rounds"`
}

// newSample summarises at least one value.
func newSample(rounds []float64) *Sample {
	sorted := slices.Sorted(slices.Values(rounds))
	half := len(sorted) / 2
	s := &Sample{Median: sorted[half], Min: sorted[0], Max: sorted[len(sorted)-1], Rounds: rounds}
	if len(sorted)%2 == 0 {
		s.Median = (sorted[half-1] + sorted[half]) / 2
	}
	return s
}

// Result is what was measured on one model. Measures that don't apply are nil.
type Result struct {
	Model   string `json:"model"`
	Params  int    `json:"params"`
	Steps   int    `json:"steps"` // timed together
	Samples int    `json:"samples"`
	// The times of a step, in milliseconds.
	Fit      *Sample `json:"fit_ms,omitempty"`
	Bare     *Sample `json:"bare_ms,omitempty"`
	Evaluate *Sample `json:"evaluate_ms,omitempty"`
	Predict  *Sample `json:"predict_ms,omitempty"`
	// Host is what a step of Fit takes beyond the bare executable, in microseconds. Noise can make it negative.
	Host *Sample `json:"host_us,omitempty"`
	// The times of one sample, in milliseconds.
	PredictOne *Sample `json:"predict_one_ms,omitempty"`
	OnBatchOne *Sample `json:"on_batch_one_ms,omitempty"`
	CallOne    *Sample `json:"call_one_ms,omitempty"` // of a Predictor
	// Samples a second, at the median.
	FitRate      float64 `json:"fit_samples_per_s,omitempty"`
	EvaluateRate float64 `json:"evaluate_samples_per_s,omitempty"`
	PredictRate  float64 `json:"predict_samples_per_s,omitempty"`
	Fresh        *Fresh  `json:"fresh,omitempty"`
}

// Report is what [Run] measured.
type Report struct {
	Machine Machine   `json:"machine"`
	Batch   int       `json:"batch"`
	Rounds  int       `json:"rounds"`
	Models  []*Result `json:"models"`
}

// measured is a subject with the times of its rounds in seconds.
type measured struct {
	*subject
	steps, calls int
	times        map[Measure][]float64
}

// Run measures the models in rounds: in each, every measure of every model once.
func Run(ctx context.Context, o Options) (*Report, error) {
	tell := func(format string, args ...any) {
		if o.Progress != nil {
			o.Progress(fmt.Sprintf(format, args...))
		}
	}
	if o.Batch < 1 || o.Rounds < 1 || o.Steps < 0 || o.Samples < 0 {
		return nil, fmt.Errorf("got a batch of %d, %d rounds, %d steps, %d samples: want a batch and rounds of at least 1", o.Batch, o.Rounds, o.Steps, o.Samples)
	}
	machine, err := describe()
	if err != nil {
		return nil, err
	}
	report := &Report{Machine: machine, Batch: o.Batch, Rounds: o.Rounds}
	var list []*measured
	for _, name := range o.Models {
		tell("%s: compiling", name)
		m, err := prepare(ctx, name, o)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	for round := range o.Rounds {
		tell("round %d of %d", round+1, o.Rounds)
		// Each round begins with another model, so that none always follows the same one.
		for i := range list {
			if err := list[(i+round)%len(list)].round(ctx); err != nil {
				return nil, err
			}
		}
	}
	for _, m := range list {
		result := m.result()
		if o.Fresh != nil {
			tell("%s: in a process of its own", m.name)
			samples := o.Samples
			if samples == 0 {
				samples = m.samples
			}
			if result.Fresh, err = measureFresh(ctx, o.Fresh, m.name, o.Batch, samples); err != nil {
				return nil, err
			}
		}
		report.Models = append(report.Models, result)
	}
	return report, nil
}

const (
	aboutLong    = time.Second // how long a timed call should take
	fewestSteps  = 5
	mostSteps    = 1000
	mostData     = 512 << 20 // bytes of made-up data for a model, unless the user wants so many steps
	warmupSteps  = 2
	callsPerStep = 3 // one sample is computed this many times for each step
)

// enough is how many steps of that time, on batches of that many bytes, are timed together.
func enough(each time.Duration, batchBytes int) int {
	return max(min(int(aboutLong/max(each, 1)), mostSteps, mostData/max(batchBytes, 1)), fewestSteps)
}

// prepare makes the model, compiles all its programs and decides how many steps are timed.
func prepare(ctx context.Context, name string, o Options) (*measured, error) {
	s, err := newSubject(name, o.Batch, o.Batch)
	if err != nil {
		return nil, err
	}
	m := &measured{subject: s, steps: o.Steps, times: map[Measure][]float64{}}
	heaviest := Predict
	if s.compiled() {
		heaviest = Bare
	}
	if m.steps == 0 {
		if _, err := s.measure(ctx, heaviest, 1); err != nil {
			return nil, err
		}
		each, err := s.measure(ctx, heaviest, 1)
		if err != nil {
			return nil, err
		}
		m.steps = enough(each, s.rowBytes()*o.Batch)
	}
	m.calls = max(callsPerStep*m.steps, 10)
	if err := s.setData(m.steps * o.Batch); err != nil {
		return nil, err
	}
	for _, what := range s.measures() {
		if _, err := s.measure(ctx, what, min(warmupSteps, m.steps)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// round takes every measure once.
func (m *measured) round(ctx context.Context) error {
	for _, what := range m.measures() {
		n := m.steps
		if slices.Contains(single, what) {
			n = m.calls
		}
		each, err := m.measure(ctx, what, n)
		if err != nil {
			return err
		}
		m.times[what] = append(m.times[what], each.Seconds())
	}
	return nil
}

// result summarises the rounds.
func (m *measured) result() *Result {
	r := &Result{Model: m.name, Params: m.model.CountParams(), Steps: m.steps, Samples: m.samples}
	in := func(times []float64, unit float64) *Sample {
		if len(times) == 0 {
			return nil
		}
		scaled := make([]float64, len(times))
		for i, t := range times {
			scaled[i] = t * unit
		}
		return newSample(scaled)
	}
	const ms, us = 1e3, 1e6
	r.Fit, r.Bare, r.Evaluate = in(m.times[Fit], ms), in(m.times[Bare], ms), in(m.times[Evaluate], ms)
	r.Predict, r.PredictOne = in(m.times[Predict], ms), in(m.times[PredictOne], ms)
	r.OnBatchOne, r.CallOne = in(m.times[OnBatchOne], ms), in(m.times[CallOne], ms)
	var host []float64
	for i, fit := range m.times[Fit] {
		host = append(host, fit-m.times[Bare][i])
	}
	r.Host = in(host, us)
	rate := func(s *Sample) float64 {
		if s == nil || s.Median <= 0 {
			return 0
		}
		return float64(m.batch) * ms / s.Median
	}
	r.FitRate, r.EvaluateRate, r.PredictRate = rate(r.Fit), rate(r.Evaluate), rate(r.Predict)
	return r
}
