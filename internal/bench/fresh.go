package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// Fresh is what a process of its own shows of a model.
type Fresh struct {
	// FirstStep is the time of the first step, with the compilation of its program. A model that isn't compiled predicts.
	FirstStep float64 `json:"first_step_s"`
	// Start is the time from the start of the process to the end of that step.
	Start float64 `json:"start_to_first_step_s"`
	// Samples are the rows of data that the process then trained on, for its memory.
	Samples int `json:"samples"`
	// PeakMemory is the most memory that the process held, in bytes; 0 where the system doesn't tell.
	PeakMemory int64 `json:"peak_memory_bytes"`
}

// memorySteps are the training steps that a fresh process takes before its memory is read.
const memorySteps = 5

// measureFresh has the process of cmd, which is to run [Serve], measure the model.
func measureFresh(ctx context.Context, cmd *exec.Cmd, name string, batch, samples int) (fresh *Fresh, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("measuring %s in a process of its own: %w", name, err)
		}
	}()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
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
	lines := bufio.NewScanner(out)
	request := func(r Request) (Reply, error) { return ask(in, lines, r) }

	setup, err := request(Request{Do: "setup", Model: name, Batch: batch, Samples: batch})
	if err != nil {
		return nil, err
	}
	step := setup.Measures[0]
	first, err := request(Request{Do: step, Model: name, Steps: 1})
	if err != nil {
		return nil, err
	}
	fresh = &Fresh{FirstStep: first.Seconds, Start: time.Since(start).Seconds(), Samples: samples}
	if _, err := request(Request{Do: "data", Model: name, Samples: samples}); err != nil {
		return nil, err
	}
	if _, err := request(Request{Do: step, Model: name, Steps: min(memorySteps, max(samples/batch, 1))}); err != nil {
		return nil, err
	}
	memory, err := request(Request{Do: "memory"})
	fresh.PeakMemory = memory.Bytes
	return fresh, err
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
