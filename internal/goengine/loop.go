package goengine

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// loop is a While, whose functions become programs of their own.
type loop struct {
	backend         *Backend
	condition, body *function
}

// While computes GoMLX's operation of that name.
func (f *function) While(condition, body compute.Function, state ...compute.Value) ([]compute.Value, error) {
	c, err := closureOf(condition)
	if err != nil {
		return nil, err
	}
	b, err := closureOf(body)
	if err != nil {
		return nil, err
	}
	emit := taking(func(e compute.Function, c []compute.Function, in []compute.Value) ([]compute.Value, error) {
		return e.While(c[0], c[1], in...)
	}, c, b)
	return f.addOp(&op{emit: emit, loop: &loop{f.b.backend, c, b}}, state...)
}

// compile makes the step that computes what is needed of the loop's results.
func (l *loop) compile(o *op, needed map[*value]bool) (*step, error) {
	params, outputs := l.body.record.params, l.body.record.outputs
	// A part of the state is needed for itself, for the condition, or for what comes next of another part.
	used := make([]bool, len(params))
	use := func(f *function, list []*value) (more bool) {
		behind := f.record.behind(list)
		for i, p := range f.record.params {
			if !used[i] && (slices.Contains(list, p) || slices.ContainsFunc(f.record.ops, func(o *op) bool { return behind[o] && slices.Contains(o.inputs, p) })) {
				used[i], more = true, true
			}
		}
		return more
	}
	use(l.condition, l.condition.record.outputs)
	for i, v := range o.outputs {
		used[i] = used[i] || needed[v]
	}
	for more := true; more; {
		var list []*value
		for i, v := range outputs {
			if used[i] {
				list = append(list, v)
			}
		}
		more = use(l.body, list)
	}

	p := &looping{backend: l.backend}
	s := &step{program: p}
	var next []*value
	for i, v := range outputs {
		if !used[i] {
			continue
		}
		if v != params[i] {
			p.changes = append(p.changes, len(p.from))
			next = append(next, v)
		}
		if needed[o.outputs[i]] {
			p.results = append(p.results, len(p.from))
			s.outputs = append(s.outputs, o.outputs[i])
		}
		from := slices.Index(s.inputs, o.inputs[i])
		if from < 0 {
			from = len(s.inputs)
			s.inputs = append(s.inputs, o.inputs[i])
		}
		p.from = append(p.from, from)
	}
	var err error
	if p.condition, err = l.condition.program(used, l.condition.record.outputs); err != nil {
		return nil, err
	}
	p.body, err = l.body.program(used, next)
	return s, err
}

// program compiles the function with those of its parameters that are used.
func (f *function) program(used []bool, outputs []*value) (compute.Executable, error) {
	b := f.b.backend.Builder(f.b.Name() + ", a loop's function")
	given := map[*value]compute.Value{}
	for i, v := range f.record.params {
		if !used[i] {
			continue
		}
		var err error
		if given[v], err = b.Main().Parameter(fmt.Sprintf("p%d", i), v.shape, nil); err != nil {
			return nil, err
		}
	}
	results, err := f.record.replay(b.Main(), given, outputs)
	if err != nil {
		return nil, err
	}
	if err := b.Main().Return(results, nil); err != nil {
		return nil, err
	}
	return b.Compile()
}

// looping is a compiled loop. Its programs take its whole state.
type looping struct {
	backend         *Backend
	condition, body compute.Executable
	from            []int // for each part of the state, the input that it begins with
	changes         []int // parts of the state that the body changes, which are its results
	results         []int // parts of the state that are the loop's
}

// Execute runs the loop on buffers of GoMLX's.
func (p *looping) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	state := make([]compute.Buffer, len(p.from))
	ours, give := make([]bool, len(state)), make([]bool, len(state))
	uses := make([]int, len(inputs))
	for _, from := range p.from {
		uses[from]++
	}
	for i, from := range p.from {
		state[i] = &buffer{inputs[from], p.backend}
		ours[i] = donate[from] && uses[from] == 1
	}
	for {
		more, err := p.more(state, device)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		for _, i := range p.changes {
			give[i] = ours[i]
		}
		next, err := p.body.Execute(state, give, device)
		if err != nil {
			return nil, err
		}
		for k, i := range p.changes {
			state[i], ours[i] = next[k], true
		}
	}
	results := make([]compute.Buffer, len(p.results))
	for k, i := range p.results {
		var err error
		if results[k], err = p.backend.unwrap(state[i]); err != nil {
			return nil, err
		}
		if !ours[i] {
			if results[k], err = p.backend.copied(results[k], device); err != nil {
				return nil, err
			}
		}
		ours[i] = false
	}
	for i, b := range state {
		if ours[i] {
			if err := b.Finalize(); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// more reports whether the loop goes on.
func (p *looping) more(state []compute.Buffer, device compute.DeviceNum) (bool, error) {
	out, err := p.condition.Execute(state, nil, device)
	if err != nil {
		return false, err
	}
	answer := []bool{false}
	if err := out[0].ToFlatData(answer); err != nil {
		return false, err
	}
	return answer[0], out[0].Finalize()
}

// Inputs aren't asked for.
func (p *looping) Inputs() (names []string, list []shapes.Shape) { return p.body.Inputs() }

// Outputs aren't asked for.
func (p *looping) Outputs() (list []shapes.Shape) { return p.body.Outputs() }

// Finalize frees the programs.
func (p *looping) Finalize() {
	p.condition.Finalize()
	p.body.Finalize()
}
