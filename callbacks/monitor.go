package callbacks

import (
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Mode says which way a monitored value gets better.
type Mode string

// The modes. Auto, the default, takes the direction from the metric's name.
const (
	Auto Mode = "auto"
	Min  Mode = "min"
	Max  Mode = "max"
)

// MetricDirections is what a [Model] may implement, besides, to tell which way a metric of its own gets better; mode
// auto asks it first. name is a name of the logs without "val_"; ok is false for a metric that the model can't place.
type MetricDirections interface {
	MetricDirection(name string) (mode Mode, ok bool)
}

// monitor is what the callbacks that watch one value have in common.
type monitor struct {
	Base
	name     string
	mode     Mode
	minDelta float64
	verbose  Verbosity
	err      error // of the setters

	up     bool // large is better
	warned bool
}

// monitored gives the callback C the setters of monitor.
type monitored[C any] struct {
	monitor
	self C
}

func (m *monitored[C]) init(self C, name string) {
	m.monitor, m.self = monitor{name: name, mode: Auto}, self
}

// Monitor sets the name in the logs to look at. The default is "val_loss".
func (m *monitored[C]) Monitor(name string) C {
	m.name = name
	if name == "" {
		m.reject("monitor is empty; want a name of the logs, such as %q", "val_loss")
	}
	return m.self
}

// Mode says whether the monitored value should be small ([Min]) or large ([Max]); the default, [Auto], tells by its name.
func (m *monitored[C]) Mode(mode Mode) C {
	m.mode = mode
	if mode != Auto && mode != Min && mode != Max {
		m.reject("mode %q is unknown; want %q, %q or %q", mode, Auto, Min, Max)
	}
	return m.self
}

// Verbose prints, with [Bar] or [Lines], what the callback decides. The default is [Silent].
func (m *monitored[C]) Verbose(verbose Verbosity) C {
	m.verbose = verbose
	if !verbose.known() {
		m.reject("verbose %q is unknown; want %q, %q or %q", verbose, Silent, Bar, Lines)
	}
	return m.self
}

// patient gives the callback C, besides, the setters of how long a value may fail to get better.
type patient[C any] struct {
	monitored[C]
	patience int
}

// MinDelta is how much a value must be better by to count; the sign does not matter. The constructor says the default.
func (p *patient[C]) MinDelta(delta float64) C {
	p.minDelta = math.Abs(delta)
	if math.IsNaN(delta) || math.IsInf(delta, 0) {
		p.reject("min_delta %v is not a finite number", delta)
	}
	return p.self
}

// Patience is the number of epochs without improvement that are too many. The constructor says the default.
func (p *patient[C]) Patience(epochs int) C {
	p.patience = p.setCount("patience", epochs)
	return p.self
}

func (m *monitor) setCount(argument string, n int) int {
	if n < 0 {
		m.reject("%s %d is negative; want 0 or more", argument, n)
	}
	return n
}

// reject remembers a wrong argument for the first hook.
func (m *monitor) reject(format string, args ...any) {
	m.err = errors.Join(m.err, fmt.Errorf(format, args...))
}

// begin starts a Fit: it returns what the setters rejected.
func (m *monitor) begin() error {
	m.warned = false
	return m.err
}

// place finds out which way is better, anew for each Fit: the model may be another one.
func (m *monitor) place() error {
	switch m.mode {
	case Min:
		m.up = false
	case Max:
		m.up = true
	default:
		mode, ok := direction(strings.TrimPrefix(m.name, "val_"), m.Model())
		if !ok {
			return fmt.Errorf("whether %q should be small or large is not known; set Mode(%q) or Mode(%q)", m.name, Min, Max)
		}
		m.up = mode == Max
	}
	return nil
}

// watch returns the monitored value. Without one, ok is false and it warns, in the words of missing.
func (m *monitor) watch(logs *Logs, missing string) (value float64, ok bool, err error) {
	if array, is := logs.Array(m.name); is {
		return 0, false, fmt.Errorf("%s has %d values, of which none is better or worse: monitor a metric of one number, such as one with an average", m.name, len(array.Data))
	}
	if value, ok = logs.Get(m.name); ok {
		return value, true, nil
	}
	if err := logs.Err(); err != nil {
		return 0, false, err
	}
	return 0, false, m.warn(missing, m.name, available(logs))
}

// worst is the value that any finite one improves on.
func (m *monitor) worst() float64 {
	if m.up {
		return math.Inf(-1)
	}
	return math.Inf(1)
}

// improves reports whether value beats reference by more than min_delta. Logs are float32 numbers and are compared as
// such, as Keras's backends do; NaN never improves.
func (m *monitor) improves(value, reference float64) bool {
	if m.up {
		return float32(value-m.minDelta) > float32(reference)
	}
	return float32(value+m.minDelta) < float32(reference)
}

// printf writes a message line where the progress goes.
func printf(params Params, format string, args ...any) error {
	out := params.Output
	if out == nil {
		out = os.Stdout
	}
	if _, err := fmt.Fprintf(out, format+"\n", args...); err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	return nil
}

// say prints a message if the callback is verbose.
func (m *monitor) say(format string, args ...any) error {
	if !m.verbose.messages() {
		return nil
	}
	return printf(m.Params(), format, args...)
}

// warn prints a message once in a Fit.
func (m *monitor) warn(format string, args ...any) error {
	if m.warned {
		return nil
	}
	m.warned = true
	return printf(m.Params(), "\nWARNING: "+format, args...)
}

var (
	// Built-in metrics of Keras by the end of their names, so that an output's name before them does not matter.
	upNames = []string{"precision", "recall", "auc", "f1_score", "fbeta_score", "io_u", "binary_io_u", "mean_io_u",
		"one_hot_io_u", "one_hot_mean_io_u", "iou", "r2_score", "cosine_similarity", "pearson_correlation",
		"concordance_correlation", "sensitivity_at_specificity", "specificity_at_sensitivity", "precision_at_recall",
		"recall_at_precision"}
	downNames = []string{"loss", "error", "mse", "mae", "mape", "msle", "rmse", "logcosh", "hinge", "crossentropy",
		"poisson", "kl_divergence"}
	numbered = regexp.MustCompile(`_[0-9]+$`) // auc_1: the second of its name
)

// direction places a metric: first the model's word, then the name.
func direction(name string, model Model) (Mode, bool) {
	if d, ok := model.(MetricDirections); ok {
		if mode, ok := d.MetricDirection(name); ok && (mode == Min || mode == Max) {
			return mode, true
		}
	}
	base := numbered.ReplaceAllString(name, "")
	is := func(known string) bool { return base == known || strings.HasSuffix(base, "_"+known) }
	switch {
	case is("loss"):
		return Min, true
	case strings.Contains(base, "acc"), strings.HasPrefix(base, "fmeasure"), strings.HasPrefix(base, "auc"),
		slices.ContainsFunc(upNames, is):
		return Max, true
	case slices.ContainsFunc(downNames, is):
		return Min, true
	}
	return "", false
}

// available lists the names of logs for a warning.
func available(logs *Logs) string { return strings.Join(logs.Names(), ",") }
