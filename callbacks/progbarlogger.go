package callbacks

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// ProgbarLogger shows the progress of Fit, Evaluate and Predict as Keras 2 does (Keras: ProgbarLogger), on
// [Params].Output:
//
//	Epoch 1/10
//	625/625 [==============================] - 7s 11ms/step - loss: 1.4745 - accuracy: 0.4656 - val_loss: 1.1500
//
// With Params.Verbose 1 the bar is redrawn in place, at most twenty times a second, on a terminal; anywhere else only the
// finished bar is written, one line an epoch. Verbose 2 writes a line without a bar, 0 nothing. Fit, Evaluate and
// Predict add one by themselves.
type ProgbarLoggerCallback struct {
	Base
	clock       func() float64
	interactive *bool
	target      int // steps; 0 if unknown
	dynamic     bool
	inFit       bool
	seen        int // steps done
	bar         *progbar
}

var _ Callback = (*ProgbarLoggerCallback)(nil)

// ProgbarLogger returns a progress bar for a List.
func ProgbarLogger() *ProgbarLoggerCallback { return &ProgbarLoggerCallback{} }

// Interactive says whether the output can redraw a line, as a notebook can, where the default is to look whether it is a
// terminal.
func (p *ProgbarLoggerCallback) Interactive(interactive bool) *ProgbarLoggerCallback {
	p.interactive = &interactive
	return p
}

// AddProgbar adds a [ProgbarLogger] at the end if the list has none (Keras: add_progbar), so that the messages
// of the other callbacks come before the finished bar.
func (l *List) AddProgbar() {
	for _, c := range l.callbacks {
		if _, ok := c.(*ProgbarLoggerCallback); ok {
			return
		}
	}
	l.callbacks = append(l.callbacks, ProgbarLogger())
	l.refresh()
}

// SetParams implements [Callback].
func (p *ProgbarLoggerCallback) SetParams(params Params) {
	if params.Output == nil {
		params.Output = os.Stdout
	}
	p.Base.SetParams(params)
	p.target = max(params.Steps, 0)
	if p.interactive != nil {
		p.dynamic = *p.interactive
	} else {
		p.dynamic = isTerminal(params.Output)
	}
}

// ObservesBatches implements [BatchObserver].
func (p *ProgbarLoggerCallback) ObservesBatches() bool {
	verbose := p.Params().Verbose
	return verbose == 1 || verbose != 0 && p.target == 0
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || f == nil {
		return false
	}
	// The cells of a notebook of GoNB, which sets the variable, move back in a line as a terminal does.
	inNotebook := os.Getenv("GONB_PIPE") != "" && (f == os.Stdout || f == os.Stderr)
	return inNotebook || term.IsTerminal(int(f.Fd()))
}

var processStart = time.Now()

func (p *ProgbarLoggerCallback) now() float64 {
	if p.clock != nil {
		return p.clock()
	}
	return time.Since(processStart).Seconds()
}

func (p *ProgbarLoggerCallback) write(text string) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(p.Params().Output, text)
	if err != nil {
		return fmt.Errorf("writing progress: %w", err)
	}
	return nil
}

func (p *ProgbarLoggerCallback) begin() {
	p.seen = 0
	p.bar = nil
	if p.Params().Verbose != 0 {
		p.bar = newProgbar(p.target, p.Params().Verbose, p.dynamic, p.now())
	}
}

func (p *ProgbarLoggerCallback) batchEnd(batch int, logs *Logs) error {
	p.seen = batch + 1
	if p.bar == nil || p.bar.verbose != 1 {
		return nil
	}
	// Off a terminal the clock matters only after the first step.
	if !p.dynamic && p.bar.hasFirst {
		return nil
	}
	now := p.now()
	var text string
	if p.bar.due(now) {
		text = p.bar.draw(p.seen, logs, false, now)
		p.bar.stepped(p.seen, now)
	} else if !p.dynamic {
		p.bar.stepped(p.seen, now)
	}
	return p.write(text)
}

func (p *ProgbarLoggerCallback) end(logs *Logs) error {
	if p.bar == nil {
		return nil
	}
	bar := p.bar
	p.bar = nil
	if p.target == 0 {
		p.target = p.seen
		bar.target = p.seen
	}
	current := p.target
	if p.seen > 0 && p.seen < p.target { // stopped within the epoch
		current = p.seen
	}
	return p.write(bar.draw(current, logs, true, p.now()))
}

// OnTrainBegin implements [Callback].
func (p *ProgbarLoggerCallback) OnTrainBegin() error {
	p.inFit = true // validation within Fit stays silent
	return nil
}

// OnTrainEnd implements [Callback].
func (p *ProgbarLoggerCallback) OnTrainEnd(*Logs) error {
	p.inFit = false
	if p.bar != nil && p.bar.shown > 0 { // the epoch was cut short: leave its line
		p.bar = nil
		return p.write("\n")
	}
	return nil
}

// OnEpochBegin implements [Callback].
func (p *ProgbarLoggerCallback) OnEpochBegin(epoch int) error {
	p.begin()
	if params := p.Params(); params.Verbose != 0 && params.Epochs > 1 {
		return p.write(fmt.Sprintf("Epoch %d/%d\n", epoch+1, params.Epochs))
	}
	return nil
}

// OnEpochEnd implements [Callback].
func (p *ProgbarLoggerCallback) OnEpochEnd(_ int, logs *Logs) error { return p.end(logs) }

// OnTrainBatchEnd implements [Callback].
func (p *ProgbarLoggerCallback) OnTrainBatchEnd(batch int, logs *Logs) error {
	return p.batchEnd(batch, logs)
}

// OnTestBegin implements [Callback].
func (p *ProgbarLoggerCallback) OnTestBegin() error {
	if !p.inFit {
		p.begin()
	}
	return nil
}

// OnTestBatchEnd implements [Callback].
func (p *ProgbarLoggerCallback) OnTestBatchEnd(batch int, logs *Logs) error {
	if p.inFit {
		return nil
	}
	return p.batchEnd(batch, logs)
}

// OnTestEnd implements [Callback].
func (p *ProgbarLoggerCallback) OnTestEnd(logs *Logs) error {
	if p.inFit {
		return nil
	}
	return p.end(logs)
}

// OnPredictBegin implements [Callback].
func (p *ProgbarLoggerCallback) OnPredictBegin() error {
	p.begin()
	return nil
}

// OnPredictBatchEnd implements [Callback].
func (p *ProgbarLoggerCallback) OnPredictBatchEnd(batch int) error { return p.batchEnd(batch, nil) }

// OnPredictEnd implements [Callback].
func (p *ProgbarLoggerCallback) OnPredictEnd() error { return p.end(nil) }
