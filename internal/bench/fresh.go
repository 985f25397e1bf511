package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/gokeras/gokeras/internal/execcache"
)

// Fresh is what processes of their own show of a model.
type Fresh struct {
	// FirstStep is the time of the first step, with the compilation of its program. A model that isn't compiled predicts.
	FirstStep float64 `json:"first_step_s"`
	// Start is the time from the start of the process to the end of that step.
	Start float64 `json:"start_to_first_step_s"`
	// SecondFirstStep and SecondStart are the same of a second process, which finds the program in the cache of compiled programs, where
	// the engine has one.
	SecondFirstStep float64 `json:"second_first_step_s"`
	SecondStart     float64 `json:"second_start_to_first_step_s"`
	// Samples are the rows of data that the first process then trained on, for its memory.
	Samples int `json:"samples"`
	// PeakMemory is the most memory that the process held, in bytes; 0 where the system doesn't tell.
	PeakMemory int64 `json:"peak_memory_bytes"`
}

// memorySteps are the training steps that a fresh process takes before its memory is read.
const memorySteps = 5

// measureFresh has processes of start, which are to run [Serve], measure the model: one with an empty cache of compiled programs and one
// that finds what the first left there.
func measureFresh(ctx context.Context, start func() (*exec.Cmd, error), name string, batch, samples int) (fresh *Fresh, err error) {
	cache, err := os.MkdirTemp("", "gokeras-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(cache)) }()
	fresh = &Fresh{Samples: samples}
	err = inProcess(ctx, start, cache, name, func(p *process) (err error) {
		var step string
		if step, fresh.FirstStep, fresh.Start, err = p.firstStep(batch); err != nil {
			return err
		}
		if _, err := p.request(Request{Do: "data", Model: name, Samples: samples}); err != nil {
			return err
		}
		if _, err := p.request(Request{Do: step, Model: name, Steps: min(memorySteps, max(samples/batch, 1))}); err != nil {
			return err
		}
		memory, err := p.request(Request{Do: "memory"})
		fresh.PeakMemory = memory.Bytes
		return err
	})
	if err != nil {
		return nil, err
	}
	err = inProcess(ctx, start, cache, name, func(p *process) (err error) {
		_, fresh.SecondFirstStep, fresh.SecondStart, err = p.firstStep(batch)
		return err
	})
	return fresh, err
}

// process is a running process that answers requests about one model.
type process struct {
	model   string
	started time.Time
	in      io.Writer
	lines   *bufio.Scanner
}

func (p *process) request(r Request) (Reply, error) { return ask(p.in, p.lines, r) }

// firstStep sets the model up and takes its first step; sinceStart is the time since the process started.
func (p *process) firstStep(batch int) (step string, seconds, sinceStart float64, err error) {
	setup, err := p.request(Request{Do: "setup", Model: p.model, Batch: batch, Samples: batch})
	if err != nil {
		return "", 0, 0, err
	}
	step = setup.Measures[0]
	first, err := p.request(Request{Do: step, Model: p.model, Steps: 1})
	return step, first.Seconds, time.Since(p.started).Seconds(), err
}

// inProcess starts a process with its own folder of compiled programs and ends it after do.
func inProcess(ctx context.Context, start func() (*exec.Cmd, error), cache, name string, do func(*process) error) (err error) {
	cmd, err := start()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("measuring %s in a process of its own: %w", name, err)
		}
	}()
	cmd.Env = append(cmd.Environ(), execcache.Variable+"="+cache)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p := &process{model: name, started: time.Now(), in: in, lines: bufio.NewScanner(out)}
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer func() {
		stop()
		if errWait := errors.Join(in.Close(), cmd.Wait()); err == nil {
			err = errWait
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}()
	return do(p)
}

// ask sends a request and reads its reply.
func ask(in io.Writer, lines *bufio.Scanner, r Request) (Reply, error) {
	var reply Reply
	if err := json.NewEncoder(in).Encode(r); err != nil {
		return reply, err
	}
	if !lines.Scan() {
		return reply, errors.Join(errors.New("the process ended"), lines.Err())
	}
	if err := json.Unmarshal(lines.Bytes(), &reply); err != nil {
		return reply, fmt.Errorf("the process wrote %q: %w", lines.Text(), err)
	}
	if reply.Error != "" {
		return reply, errors.New(reply.Error)
	}
	return reply, nil
}
