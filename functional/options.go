package functional

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/training"
)

// Verbosity says how much a call shows; the zero value is Keras's "auto". Callbacks have the same.
type Verbosity = callbacks.Verbosity

// The verbosities of Keras's verbose argument.
const (
	Auto   Verbosity = ""               // a progress bar (Keras: verbose="auto")
	Bar    Verbosity = callbacks.Bar    // a progress bar (Keras: verbose=1)
	Lines  Verbosity = callbacks.Lines  // one line an epoch (Keras: verbose=2)
	Silent Verbosity = callbacks.Silent // nothing (Keras: verbose=0)
)

// Keras's numbers for them.
const (
	keras0  = 0
	keras1  = 1
	keras2  = 2
	unknown = -1
)

// kerasVerbose returns the number that Keras uses.
func kerasVerbose(v Verbosity) int {
	switch v {
	case Auto, Bar:
		return keras1
	case Lines:
		return keras2
	case Silent:
		return keras0
	}
	return unknown
}

// Switch is a choice whose zero value means Keras's default.
type Switch = training.Choice

// The values of a Switch.
const (
	Default Switch = training.Default
	On      Switch = training.On
	Off     Switch = training.Off
)

// Fit are the arguments of [Model.Fit]; each zero value is Keras's default.
type Fit struct {
	BatchSize int // 0: 32, or what makes StepsPerEpoch batches of the data. Not for data that comes in batches.
	Epochs    int // 0: 1; the number of the last epoch
	Verbose   Verbosity
	Callbacks []callbacks.Callback

	// ValidationSplit sets the last part of the data (0 < fraction < 1) aside, before any shuffling.
	ValidationSplit float64
	// ValidationData is evaluated after epochs; it overrides ValidationSplit.
	ValidationData *Data
	// Shuffle reorders the samples every epoch unless Off. Not for data that comes in batches.
	Shuffle Switch
	// ShuffleInBatches lets samples change places within their batches alone (Keras: shuffle="batch").
	ShuffleInBatches bool
	// Seed makes the order of samples repeatable; 0 draws from the session (see SetRandomSeed).
	Seed int64
	// ClassWeight scales the loss of each class; classes it leaves out have 1.
	ClassWeight map[int]float64
	// SampleWeight scales the loss of each sample: (samples,), or one array for each target.
	SampleWeight any
	InitialEpoch int // the epoch to start at, counted from 0
	// StepsPerEpoch ends an epoch after so many batches, or where the data ends; the next goes on where it stopped, or from the start. 0: all data.
	StepsPerEpoch       int
	ValidationSteps     int // batches of validation data to use, 0: all
	ValidationBatchSize int // 0: BatchSize; if that is 0, too, 32 or what makes ValidationSteps batches
	ValidationFrequency int // epochs between validations, 0: 1
	// ValidationEpochs are the epochs, counted from 1, after which to validate (Keras: a list as validation_freq); nil: as ValidationFrequency says.
	ValidationEpochs []int
	// DataOnDevice keeps arrays (training and validation data) in the device's memory for the whole call, where the rows of each
	// batch are gathered; the numbers are the same. On: always. Off: batches are gathered in host memory. Default: on a GPU, for up
	// to 2 GiB; elsewhere it gains nothing. It is gokeras's own: Keras has no such argument.
	DataOnDevice Switch
	Output       io.Writer       // of progress and messages; nil: os.Stdout
	Context      context.Context // cancelling it ends Fit after the running step; nil: never
}

// Data are inputs and targets with optional sample weights.
type Data struct{ X, Y, SampleWeight any }

// Evaluate are the arguments of [Model.Evaluate]; each zero value is Keras's default.
type Evaluate struct {
	BatchSize    int // 0: 32
	Verbose      Verbosity
	SampleWeight any
	Steps        int    // batches to use, 0: all
	DataOnDevice Switch // as in [Fit]
	Callbacks    []callbacks.Callback
	Output       io.Writer       // nil: os.Stdout
	Context      context.Context // nil: never cancelled
}

// Predict are the arguments of [Model.Predict]; each zero value is Keras's default.
type Predict struct {
	// BatchSize is the number of samples computed at once. 0: what makes Steps batches of the data, where Steps is given; 32 as in Keras
	// where a progress bar or callbacks see the batches, and where a layer is not known to compute each sample from that sample alone; else more for small
	// models, up to 1024, which changes results by no more than rounding.
	BatchSize int
	Verbose   Verbosity
	Steps     int // batches to use, 0: all
	Callbacks []callbacks.Callback
	Output    io.Writer       // nil: os.Stdout
	Context   context.Context // nil: never cancelled
}

const defaultBatchSize = training.DefaultBatchSize

// batchSize is Keras's for arrays of so many rows: what makes so many steps of them where none is given.
func batchSize(given, rows, steps int) int {
	if given == 0 && steps > 0 {
		return (rows + steps - 1) / steps
	}
	return orDefault(given, defaultBatchSize)
}

// checkOptions finds negative counts and unknown verbosities; counts are pairs of name and value.
func checkOptions(verbose Verbosity, counts ...any) error {
	if kerasVerbose(verbose) == unknown {
		return fmt.Errorf("option Verbose is %q, want functional.Auto, Bar, Lines or Silent", verbose)
	}
	for i := 0; i < len(counts); i += 2 {
		if counts[i+1].(int) < 0 {
			return fmt.Errorf("%s is %d, want a positive number, or 0 for the default", counts[i], counts[i+1])
		}
	}
	return nil
}

func orDefault(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

func outputOr(w io.Writer) io.Writer {
	if w == nil {
		return os.Stdout
	}
	return w
}

func contextOr(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}
