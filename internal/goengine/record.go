package goengine

import (
	"fmt"
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
)

// builder records a program. Every operation goes at once to a builder of GoMLX's as well, the shadow, which checks it and knows
// its shape. The shadow is what runs if no kernel is needed.
type builder struct {
	compute.Builder // the shadow
	backend         *Backend
	main            *function
	ops             []*op
	known           map[compute.Value]*value // by the shadow's value
	params          []*value
	outputs         []*value
	// whole is set by what can't be cut into stages: functions that the program calls, and closures that use values from around them.
	whole bool
}

// op is a recorded operation.
type op struct {
	inputs  []*value // nil where an optional input is absent
	outputs []*value
	emit    emitter
	kernel  kernel // nil for what GoMLX computes
	loop    *loop  // nil but for loops, which have programs of their own
	// stage is the first in which the result can be had: what follows a kernel or a loop is in a later one.
	stage int
	// cheap operations are repeated in every stage that needs their result.
	cheap bool
}

// between reports whether the operation runs between the stages.
func (o *op) between() bool { return o.kernel != nil || o.loop != nil }

// emitter adds an operation to a function of GoMLX's, or of this package.
type emitter func(f compute.Function, in []compute.Value) ([]compute.Value, error)

// kernel computes an operation of float32 values into out, on so many cores.
type kernel func(workers int, in [][]float32, out []float32)

// value is a result of an operation, or a parameter, whose op is nil.
type value struct {
	owner  *function
	op     *op
	index  int
	shadow compute.Value
	shape  shapes.Shape
	// scalar is what every element is, where that is known.
	scalar *float32
	// compared is set on the result of x ≤ a known number.
	compared *comparison
}

func (b *builder) Main() compute.Function { return b.main }

func (b *builder) NewFunction(name string) (compute.Function, error) {
	shadow, err := b.Builder.NewFunction(name)
	if err != nil {
		return nil, err
	}
	b.whole = true
	return &function{b: b, shadow: shadow, inside: true}, nil
}

func (b *builder) OpShape(v compute.Value) (shapes.Shape, error) {
	known, err := one(v)
	if err != nil {
		return shapes.Invalid(), err
	}
	return known.shape, nil
}

// one is v as a value of this package.
func one(v compute.Value) (*value, error) {
	known, ok := v.(*value)
	if !ok || known == nil {
		return nil, fmt.Errorf("goengine: a value of type %T isn't one of this engine's", v)
	}
	return known, nil
}

// function is the program, or a function inside it. Operations that it lacks are not implemented.
type function struct {
	notimplemented.Function
	b      *builder
	shadow compute.Function
	inside bool
	parent *function
	record closure // of a function inside
}

func (f *function) Name() string             { return f.shadow.Name() }
func (f *function) Builder() compute.Builder { return f.b }

func (f *function) Parent() compute.Function {
	if f.parent == nil {
		return nil
	}
	return f.parent
}

func (f *function) Closure() (compute.Function, error) {
	shadow, err := f.shadow.Closure()
	if err != nil {
		return nil, err
	}
	return &function{b: f.b, shadow: shadow, inside: true, parent: f}, nil
}

func (f *function) Shape(v compute.Value) (shapes.Shape, error) { return f.b.OpShape(v) }

func (f *function) Parameter(name string, shape shapes.Shape, sharding *compute.ShardingSpec) (compute.Value, error) {
	shadow, err := f.shadow.Parameter(name, shape, sharding)
	if err != nil {
		return nil, err
	}
	v := &value{owner: f, shadow: shadow, shape: shape}
	f.b.known[shadow] = v
	if f.inside {
		f.record.params = append(f.record.params, v)
	} else {
		f.b.params = append(f.b.params, v)
	}
	return v, nil
}

func (f *function) Return(outputs []compute.Value, shardings []*compute.ShardingSpec) error {
	values := make([]*value, len(outputs))
	shadows := make([]compute.Value, len(outputs))
	for i, out := range outputs {
		v, err := one(out)
		if err != nil {
			return err
		}
		f.record.bound = f.record.bound || v.owner != f
		values[i], shadows[i] = v, v.shadow
	}
	if err := f.shadow.Return(shadows, shardings); err != nil {
		return err
	}
	if f.inside {
		f.record.outputs = values
	} else {
		f.b.outputs = values
	}
	return nil
}

// add records an operation and returns its results.
func (f *function) add(emit emitter, k kernel, cheap bool, inputs ...compute.Value) ([]compute.Value, error) {
	return f.addOp(&op{emit: emit, kernel: k, cheap: cheap}, inputs...)
}

func (f *function) addOp(o *op, inputs ...compute.Value) ([]compute.Value, error) {
	o.inputs = make([]*value, len(inputs))
	shadows := make([]compute.Value, len(inputs))
	for i, in := range inputs {
		if in == nil {
			continue
		}
		v, err := one(in)
		if err != nil {
			return nil, err
		}
		f.record.bound = f.record.bound || v.owner != f
		o.inputs[i], shadows[i] = v, v.shadow
		if v.op != nil {
			o.stage = max(o.stage, v.op.stage)
			if v.op.between() && !o.between() {
				o.stage = max(o.stage, v.op.stage+1)
			}
		}
	}
	results, err := o.emit(f.shadow, shadows)
	if err != nil {
		return nil, err
	}
	values := make([]compute.Value, len(results))
	for i, shadow := range results {
		v := f.b.known[shadow]
		if v == nil {
			shape, err := f.b.Builder.OpShape(shadow)
			if err != nil {
				return nil, err
			}
			v = &value{owner: f, op: o, index: i, shadow: shadow, shape: shape}
			f.b.known[shadow] = v
		}
		values[i] = v
		o.outputs = append(o.outputs, v)
	}
	if f.inside {
		f.record.ops = append(f.record.ops, o)
	} else {
		f.b.ops = append(f.b.ops, o)
	}
	return values, nil
}

// one records an operation of one result that GoMLX computes.
func (f *function) one(emit func(compute.Function, []compute.Value) (compute.Value, error), inputs ...compute.Value) (compute.Value, error) {
	return f.inFloat32(inputs, func(in []compute.Value) (compute.Value, error) { return f.single(emit, nil, false, in...) })
}

// moved records an operation that GoMLX computes and that only moves what it gets.
func (f *function) moved(emit func(compute.Function, []compute.Value) (compute.Value, error), inputs ...compute.Value) (compute.Value, error) {
	return f.single(emit, nil, false, inputs...)
}

func (f *function) single(emit func(compute.Function, []compute.Value) (compute.Value, error), k kernel, cheap bool, inputs ...compute.Value) (compute.Value, error) {
	values, err := f.add(func(e compute.Function, in []compute.Value) ([]compute.Value, error) {
		v, err := emit(e, in)
		return []compute.Value{v}, err
	}, k, cheap, inputs...)
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

func (f *function) Constant(flat any, dims ...int) (compute.Value, error) {
	// The caller may change the slice before the program is compiled.
	kept := flat
	if v := reflect.ValueOf(flat); v.Kind() == reflect.Slice {
		kept = reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v).Interface()
	}
	result, err := f.single(func(e compute.Function, _ []compute.Value) (compute.Value, error) { return e.Constant(kept, dims...) }, nil, true)
	if err != nil {
		return nil, err
	}
	if values, ok := kept.([]float32); ok && len(values) == 1 {
		result.(*value).scalar = &values[0]
	}
	return result, nil
}

func (f *function) Call(target compute.Function, inputs ...compute.Value) ([]compute.Value, error) {
	own, err := functionOf(target)
	if err != nil {
		return nil, err
	}
	return f.add(func(e compute.Function, in []compute.Value) ([]compute.Value, error) {
		return e.Call(own.shadow, in...)
	}, nil, false, inputs...)
}
