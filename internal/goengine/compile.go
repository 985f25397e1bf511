package goengine

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
)

// stage is a part of the program that GoMLX's engine runs at once.
type stage struct {
	builder compute.Builder
	main    compute.Function
	made    map[*value]compute.Value // what stands for a value in this stage
	inputs  []*value
	outputs []*value
	wanted  map[*value]bool // the outputs
}

// compiler cuts a program into stages, beginning at its end: only what is needed gets into one.
type compiler struct {
	b      *builder
	stages []*stage
	needed map[*value]bool // of what kernels and loops compute
}

// Compile finishes the program.
func (b *builder) Compile() (compute.Executable, error) {
	c := &compiler{b: b, needed: map[*value]bool{}}
	between := false
	last := 0
	for _, o := range b.ops {
		between = between || o.between()
		last = max(last, o.stage)
	}
	if b.whole || !between {
		inner, err := b.Builder.Compile()
		if err != nil {
			return nil, err
		}
		return &whole{inner, b.backend}, nil
	}
	for range last + 1 {
		c.stages = append(c.stages, &stage{made: map[*value]compute.Value{}, wanted: map[*value]bool{}})
	}
	for _, v := range b.outputs {
		c.want(v)
	}
	plan := &staged{backend: b.backend}
	var steps []step // from the last to the first
	for s := last; s >= 0; s-- {
		for i := len(b.ops) - 1; i >= 0; i-- {
			o := b.ops[i]
			if o.stage != s || !slices.ContainsFunc(o.outputs, func(v *value) bool { return c.needed[v] }) {
				continue
			}
			st := &step{kernel: o.kernel, inputs: o.inputs, outputs: o.outputs}
			if o.loop != nil {
				var err error
				if st, err = o.loop.compile(o, c.needed); err != nil {
					return nil, err
				}
			}
			for _, in := range st.inputs {
				c.want(in)
			}
			steps = append(steps, *st)
		}
		st, err := c.finish(s)
		if err != nil {
			return nil, err
		}
		if st != nil {
			steps = append(steps, *st)
		}
	}
	plan.arrange(b, steps)
	return plan, nil
}

// want has v computed by the stage, the kernel or the loop that it comes from.
func (c *compiler) want(v *value) {
	switch {
	case v.op == nil:
	case v.op.between():
		c.needed[v] = true
	default:
		s := c.stages[v.op.stage]
		if !s.wanted[v] {
			s.wanted[v] = true
			s.outputs = append(s.outputs, v)
		}
	}
}

// finish compiles a stage, nil if nothing of it is wanted.
func (c *compiler) finish(number int) (*step, error) {
	s := c.stages[number]
	if len(s.outputs) == 0 {
		return nil, nil
	}
	s.builder = c.b.backend.Backend.Builder(fmt.Sprintf("%s, stage %d", c.b.Name(), number))
	s.main = s.builder.Main()
	results := make([]compute.Value, len(s.outputs))
	for i, v := range s.outputs {
		var err error
		if results[i], err = c.make(number, v); err != nil {
			return nil, err
		}
	}
	if err := s.main.Return(results, nil); err != nil {
		return nil, err
	}
	program, err := s.builder.Compile()
	if err != nil {
		return nil, err
	}
	return &step{program: program, inputs: s.inputs, outputs: s.outputs}, nil
}

// make returns what stands for v in a stage.
func (c *compiler) make(number int, v *value) (compute.Value, error) {
	s := c.stages[number]
	if made := s.made[v]; made != nil {
		return made, nil
	}
	if o := v.op; o == nil || o.between() || o.stage < number && !o.cheap {
		made, err := s.main.Parameter(fmt.Sprintf("p%d", len(s.inputs)), v.shape, nil)
		if err != nil {
			return nil, err
		}
		c.want(v)
		s.inputs = append(s.inputs, v)
		s.made[v] = made
		return made, nil
	}
	in := make([]compute.Value, len(v.op.inputs))
	for i, input := range v.op.inputs {
		if input == nil {
			continue
		}
		var err error
		if in[i], err = c.make(number, input); err != nil {
			return nil, err
		}
	}
	results, err := v.op.emit(s.main, in)
	if err != nil {
		return nil, err
	}
	for i, out := range v.op.outputs {
		if s.made[out] == nil {
			s.made[out] = results[i]
		}
	}
	return s.made[v], nil
}
