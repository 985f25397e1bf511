package goengine

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// whole is a program that GoMLX's engine runs alone.
type whole struct {
	compute.Executable
	backend *Backend
}

func (w *whole) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	own := make([]compute.Buffer, len(inputs))
	for i, in := range inputs {
		var err error
		if own[i], err = w.backend.unwrap(in); err != nil {
			return nil, err
		}
	}
	results, err := w.Executable.Execute(own, donate, device)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		results[i] = &buffer{r, w.backend}
	}
	return results, nil
}

// step is one stage, one loop, or one kernel.
type step struct {
	program compute.Executable
	kernel  kernel
	inputs  []*value
	outputs []*value
	// The places of inputs and outputs among the program's buffers.
	from, to []int
	// ends tells which inputs nothing needs afterwards.
	ends []bool
}

// staged is a program in steps.
type staged struct {
	backend *Backend
	steps   []step
	params  []*value
	outputs []*value
	// results are the places of the outputs.
	results []int
	// kept are places that must outlive the steps, as outputs do.
	kept   []bool
	places int
	// stores are the numbers of the buffers for the kernels' outputs, by place. Outputs that aren't needed at the same time share one.
	stores map[int]int
	// sets are these buffers, kept from run to run: one set for each run at a time.
	sets sync.Pool
}

// arrange gives every value a place, and finds out when each is needed for the last time.
func (p *staged) arrange(b *builder, backwards []step) {
	p.steps = slices.Clone(backwards)
	slices.Reverse(p.steps)
	p.params, p.outputs = b.params, b.outputs
	places := map[*value]int{}
	place := func(v *value) int {
		at, ok := places[v]
		if !ok {
			at = len(places)
			places[v] = at
		}
		return at
	}
	for _, v := range b.params {
		place(v)
	}
	for i := range p.steps {
		s := &p.steps[i]
		for _, v := range s.inputs {
			s.from = append(s.from, place(v))
		}
		for _, v := range s.outputs {
			s.to = append(s.to, place(v))
		}
	}
	p.places = len(places)
	p.kept = make([]bool, p.places)
	for _, v := range b.outputs {
		at := place(v)
		p.results = append(p.results, at)
		p.kept[at] = true
	}
	seen := make([]bool, p.places)
	for i := len(p.steps) - 1; i >= 0; i-- {
		s := &p.steps[i]
		for _, at := range s.from {
			s.ends = append(s.ends, !seen[at])
		}
		for _, at := range s.from {
			seen[at] = true
		}
	}
	p.share()
}

// share gives every kernel's output a buffer, unless it is the program's.
func (p *staged) share() {
	p.stores = map[int]int{}
	shapeOf := map[int]string{}
	free := map[string][]int{}
	made := 0
	for _, s := range p.steps {
		if at := s.to[0]; s.kernel != nil && !p.kept[at] {
			shape := s.outputs[0].shape.String()
			shapeOf[at] = shape
			if list := free[shape]; len(list) > 0 {
				p.stores[at], free[shape] = list[len(list)-1], list[:len(list)-1]
			} else {
				p.stores[at] = made
				made++
			}
		}
		for i, at := range s.from {
			if shape, ok := shapeOf[at]; ok && s.ends[i] {
				free[shape] = append(free[shape], p.stores[at])
				delete(shapeOf, at)
			}
		}
	}
}

// run is one execution.
type run struct {
	buffers []compute.Buffer
	// ours tells which buffers the run may give away.
	ours []bool
}

// Execute runs the program.
func (p *staged) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	if len(inputs) != len(p.params) {
		return nil, fmt.Errorf("goengine: got %d inputs, want %d", len(inputs), len(p.params))
	}
	r := &run{make([]compute.Buffer, p.places), make([]bool, p.places)}
	for i, in := range inputs {
		own, err := p.backend.unwrap(in)
		if err != nil {
			return nil, err
		}
		shape, err := own.Shape()
		if err != nil {
			return nil, err
		}
		if !shape.Equal(p.params[i].shape) {
			return nil, fmt.Errorf("goengine: input %d is of shape %s, want %s", i, shape, p.params[i].shape)
		}
		r.buffers[i] = own
		r.ours[i] = i < len(donate) && donate[i]
	}
	set, _ := p.sets.Get().(map[int]compute.Buffer)
	if set == nil {
		set = map[int]compute.Buffer{}
	}
	defer p.sets.Put(set)
	for i := range p.steps {
		s := &p.steps[i]
		var err error
		if s.program != nil {
			err = p.runStage(r, s, device)
		} else {
			err = p.runKernel(r, s, set, device)
		}
		if err != nil {
			return nil, err
		}
	}
	results := make([]compute.Buffer, len(p.results))
	given := map[int]bool{}
	for i, at := range p.results {
		out := r.buffers[at]
		// A parameter's buffer stays the caller's handle.
		if !r.ours[at] || given[at] || at < len(p.params) {
			var err error
			if out, err = p.backend.copied(out, device); err != nil {
				return nil, err
			}
		}
		given[at] = true
		results[i] = &buffer{out, p.backend}
	}
	return results, nil
}

func (p *staged) runStage(r *run, s *step, device compute.DeviceNum) error {
	in := make([]compute.Buffer, len(s.from))
	donate := make([]bool, len(s.from))
	for i, at := range s.from {
		in[i] = r.buffers[at]
		donate[i] = s.ends[i] && r.ours[at] && !p.kept[at]
		if donate[i] {
			r.buffers[at] = nil
		}
	}
	out, err := s.program.Execute(in, donate, device)
	if err != nil {
		return err
	}
	for i, at := range s.to {
		r.buffers[at], r.ours[at] = out[i], true
	}
	return nil
}

func (p *staged) runKernel(r *run, s *step, set map[int]compute.Buffer, device compute.DeviceNum) error {
	in := make([][]float32, len(s.from))
	for i, at := range s.from {
		flat, err := floats(r.buffers[at])
		if err != nil {
			return err
		}
		in[i] = flat
	}
	at := s.to[0]
	store, shared := p.stores[at]
	out := set[store]
	if out == nil || !shared {
		var err error
		if out, _, err = p.backend.Backend.NewSharedBuffer(device, s.outputs[0].shape); err != nil {
			return err
		}
		if shared {
			set[store] = out
		}
	}
	flat, err := floats(out)
	if err != nil {
		return err
	}
	s.kernel(p.backend.workers, in, flat)
	r.buffers[at], r.ours[at] = out, p.kept[at]
	for i, at := range s.from {
		if s.ends[i] && r.ours[at] && !p.kept[at] && r.buffers[at] != nil {
			if err := r.buffers[at].Finalize(); err != nil {
				return err
			}
			r.buffers[at] = nil
		}
	}
	return nil
}

// floats are a buffer's values.
func floats(b compute.Buffer) ([]float32, error) {
	flat, err := b.Data()
	if err != nil {
		return nil, err
	}
	values, ok := flat.([]float32)
	if !ok {
		return nil, fmt.Errorf("goengine: a kernel got values of type %T", flat)
	}
	return values, nil
}

// copied is a copy of a buffer of GoMLX's.
func (b *Backend) copied(from compute.Buffer, device compute.DeviceNum) (compute.Buffer, error) {
	shape, err := from.Shape()
	if err != nil {
		return nil, err
	}
	flat, err := from.Data()
	if err != nil {
		return nil, err
	}
	return b.Backend.BufferFromFlatData(device, flat, shape)
}

// Inputs are the names and shapes of the parameters.
func (p *staged) Inputs() (names []string, list []shapes.Shape) {
	for i, v := range p.params {
		names = append(names, fmt.Sprintf("p%d", i))
		list = append(list, v.shape)
	}
	return names, list
}

// Outputs are the shapes of the results.
func (p *staged) Outputs() (list []shapes.Shape) {
	for _, v := range p.outputs {
		list = append(list, v.shape)
	}
	return list
}

// Finalize frees the stages.
func (p *staged) Finalize() {
	for _, s := range p.steps {
		if s.program != nil {
			s.program.Finalize()
		}
	}
	p.steps = nil
}
