package goengine

import (
	"fmt"

	"github.com/gomlx/compute"
)

// closure is what was recorded of a function inside the program, so that it can be made again where it is needed.
type closure struct {
	params, outputs []*value
	ops             []*op
	// bound is set where it uses values from around it, and can be nowhere else.
	bound bool
}

// functionOf is a function as one of this package.
func functionOf(f compute.Function) (*function, error) {
	own, ok := f.(*function)
	if !ok {
		return nil, fmt.Errorf("goengine: a function of type %T isn't one of this engine's", f)
	}
	return own, nil
}

// closureOf is a function that an operation takes.
func closureOf(f compute.Function) (*function, error) {
	own, err := functionOf(f)
	if err == nil && own.record.bound {
		own.b.whole = true
	}
	return own, err
}

// replay makes what was recorded again in e, which has the parameters that are given, and returns those of the outputs that are wanted.
func (c *closure) replay(e compute.Function, given map[*value]compute.Value, wanted []*value) ([]compute.Value, error) {
	needed := c.behind(wanted)
	for _, o := range c.ops {
		if !needed[o] {
			continue
		}
		in := make([]compute.Value, len(o.inputs))
		for i, v := range o.inputs {
			if v != nil {
				in[i] = given[v]
			}
		}
		results, err := o.emit(e, in)
		if err != nil {
			return nil, err
		}
		for i, v := range o.outputs {
			given[v] = results[i]
		}
	}
	results := make([]compute.Value, len(wanted))
	for i, v := range wanted {
		results[i] = given[v]
	}
	return results, nil
}

// behind are the operations that the values come from.
func (c *closure) behind(values []*value) map[*op]bool {
	needed := map[*op]bool{}
	need := func(list []*value) {
		for _, v := range list {
			if v != nil && v.op != nil {
				needed[v.op] = true
			}
		}
	}
	need(values)
	for i := len(c.ops) - 1; i >= 0; i-- {
		if needed[c.ops[i]] {
			need(c.ops[i].inputs)
		}
	}
	return needed
}

// in is the function as a closure of e.
func (f *function) in(e compute.Function) (compute.Function, error) {
	if f.parent != nil && e == f.parent.shadow {
		return f.shadow, nil // where it was recorded
	}
	made, err := e.Closure()
	if err != nil {
		return nil, err
	}
	given := map[*value]compute.Value{}
	for i, p := range f.record.params {
		if given[p], err = made.Parameter(fmt.Sprintf("p%d", i), p.shape, nil); err != nil {
			return nil, err
		}
	}
	results, err := f.record.replay(made, given, f.record.outputs)
	if err != nil {
		return nil, err
	}
	return made, made.Return(results, nil)
}

// taking returns an emitter of an operation that takes closures.
func taking(emit func(e compute.Function, closures []compute.Function, in []compute.Value) ([]compute.Value, error), closures ...*function) emitter {
	return func(e compute.Function, in []compute.Value) ([]compute.Value, error) {
		made := make([]compute.Function, len(closures))
		for i, c := range closures {
			var err error
			if made[i], err = c.in(e); err != nil {
				return nil, err
			}
		}
		return emit(e, made, in)
	}
}

// Sort computes GoMLX's operation of that name.
func (f *function) Sort(comparator compute.Function, axis int, isStable bool, inputs ...compute.Value) ([]compute.Value, error) {
	c, err := closureOf(comparator)
	if err != nil {
		return nil, err
	}
	return f.add(taking(func(e compute.Function, c []compute.Function, in []compute.Value) ([]compute.Value, error) {
		return e.Sort(c[0], axis, isStable, in...)
	}, c), nil, false, inputs...)
}

// If computes GoMLX's operation of that name.
func (f *function) If(condition compute.Value, yes, no compute.Function) ([]compute.Value, error) {
	y, err := closureOf(yes)
	if err != nil {
		return nil, err
	}
	n, err := closureOf(no)
	if err != nil {
		return nil, err
	}
	return f.add(taking(func(e compute.Function, c []compute.Function, in []compute.Value) ([]compute.Value, error) {
		return e.If(in[0], c[0], c[1])
	}, y, n), nil, false, condition)
}
