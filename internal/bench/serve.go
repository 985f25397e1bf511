package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gokeras/gokeras/saving"
)

// Request is one line to a process that measures (see [Serve]).
type Request struct {
	// Do is "hello" (who measures), "setup" (make Model with Samples rows of data, in batches of Batch), "data" (give Model
	// other data), a [Measure] (take Steps steps or calls), "images" (read those in Folder once, in batches of Batch), "build" (make Model, one of Keras's
	// applications, with weights drawn), "load" (read the file Model), or "memory" (the process's peak).
	Do      string `json:"do"`
	Model   string `json:"model,omitempty"`
	Batch   int    `json:"batch,omitempty"`
	Samples int    `json:"samples,omitempty"`
	Steps   int    `json:"steps,omitempty"`
	Folder  string `json:"folder,omitempty"`
}

// Reply is the line that answers a [Request].
type Reply struct {
	Error    string   `json:"error,omitempty"`
	Seconds  float64  `json:"seconds,omitempty"`  // of one step, call, image or model
	Bytes    int64    `json:"bytes,omitempty"`    // peak memory
	Measures []string `json:"measures,omitempty"` // what can be measured on the model that was set up
	Machine  *Machine `json:"machine,omitempty"`
}

// Serve answers requests, JSON objects on a line each, until in or the context ends. A request that fails is answered with
// its error.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	subjects := map[string]*subject{}
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var request Request
		reply, err := Reply{}, json.Unmarshal(lines.Bytes(), &request)
		if err == nil {
			reply, err = answer(ctx, subjects, request)
		}
		if err != nil {
			reply = Reply{Error: err.Error()}
		}
		if err := encoder.Encode(reply); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return lines.Err()
}

// largestRequest bounds the rows of data and the steps that one request can ask for.
const largestRequest = 1 << 24

func answer(ctx context.Context, subjects map[string]*subject, r Request) (Reply, error) {
	for _, n := range []int{r.Batch, r.Samples, r.Steps} {
		if n < 0 || n > largestRequest {
			return Reply{}, fmt.Errorf("%d is not from 0 to %d", n, largestRequest)
		}
	}
	switch r.Do {
	case "hello":
		machine, err := describe()
		return Reply{Machine: &machine}, err
	case "memory":
		return Reply{Bytes: peakMemory()}, nil
	case "images":
		each, err := readImages(ctx, r.Folder, r.Batch)
		return Reply{Seconds: each.Seconds()}, err
	case "build":
		each, err := buildApplication(r.Model)
		return Reply{Seconds: each.Seconds()}, err
	case "load":
		start := time.Now()
		_, err := saving.LoadUncompiled(r.Model)
		return Reply{Seconds: time.Since(start).Seconds()}, err
	case "setup":
		if r.Batch < 1 || r.Samples < 1 {
			return Reply{}, errors.New("setup wants a batch and samples")
		}
		s, err := newSubject(r.Model, r.Batch, r.Samples)
		if err != nil {
			return Reply{}, err
		}
		subjects[r.Model] = s
		var reply Reply
		for _, what := range s.measures() {
			reply.Measures = append(reply.Measures, string(what))
		}
		return reply, nil
	}
	s, ok := subjects[r.Model]
	if !ok {
		return Reply{}, fmt.Errorf("%q wants a model that was set up, %q was not", r.Do, r.Model)
	}
	if r.Do == "data" {
		if r.Samples < 1 {
			return Reply{}, errors.New("data wants samples")
		}
		return Reply{}, s.setData(r.Samples)
	}
	each, err := s.measure(ctx, Measure(r.Do), r.Steps)
	return Reply{Seconds: each.Seconds()}, err
}
