package functional

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// Predictor serves predictions of one batch size from weights as they were
// when it was made: everything is compiled and on the device before the first
// call. Its methods may be called from several goroutines at once.
type Predictor struct {
	m       *Model
	program *program
	values  []*tensors.Tensor // of the weights, on the device
	weights []compute.Buffer  // the same; no call changes them
	inputs  []shapes.Shape
	rows    int
}

// PredictorOptions are the arguments of [Model.NewPredictor].
type PredictorOptions struct {
	// BatchSize is the number of samples that a call takes at most; fewer are filled up. 0: 1.
	BatchSize int
	// InputShapes are the inputs' shapes without the batch axis, needed where a model leaves axes open (None).
	InputShapes []Shape
	// Context bounds the time that finding an engine may take; nil: no bound.
	Context context.Context
}

// NewPredictor compiles the model for serving. Training the model afterwards
// doesn't change the predictor.
func (m *Model) NewPredictor(o PredictorOptions) (*Predictor, error) {
	p, err := m.newPredictor(o)
	if err != nil {
		return nil, fmt.Errorf("making a predictor of model %q: %w", m.Name(), err)
	}
	return p, nil
}

func (m *Model) newPredictor(o PredictorOptions) (*Predictor, error) {
	if err := m.Ready(); err != nil {
		return nil, err
	}
	if !m.Connected() {
		return nil, fmt.Errorf("the model has no input shape yet: call Build, or fit it on data")
	}
	if o.BatchSize < 0 {
		return nil, fmt.Errorf("BatchSize is %d, want a positive number, or 0 for 1", o.BatchSize)
	}
	if o.InputShapes != nil && len(o.InputShapes) != len(m.Inputs()) {
		return nil, fmt.Errorf("got %d input shapes for %d inputs (%s)", len(o.InputShapes), len(m.Inputs()), ndarray.Quoted(m.InputNames()))
	}
	engine, err := backend.DefaultContext(contextOr(o.Context))
	if err != nil {
		return nil, err
	}
	p := &Predictor{m: m, rows: orDefault(o.BatchSize, 1)}
	example := &batch{rows: p.rows}
	for i, t := range m.Inputs() {
		shape := t.Shape().Clone()
		if o.InputShapes != nil {
			shape = append(Shape{None}, o.InputShapes[i]...)
			if !symbolic.Compatible(t.Shape(), shape) {
				return nil, fmt.Errorf("input %q has shape %s, got %s", m.InputNames()[i], t.Shape(), shape)
			}
		}
		if shape[0] != None && shape[0] != p.rows {
			return nil, fmt.Errorf("input %q takes batches of %d, got BatchSize %d", m.InputNames()[i], shape[0], p.rows)
		}
		shape[0] = p.rows
		if slices.Contains(shape, None) {
			return nil, fmt.Errorf("input %q has shape %s: give its InputShapes", m.InputNames()[i], t.Shape())
		}
		p.inputs = append(p.inputs, shapes.Make(ndarray.DType(t.DType()), shape...))
		example.x = append(example.x, tensors.FromShape(p.inputs[i]))
	}
	err = catch.Panic(func() error {
		var err error
		p.program, err = m.buildProgram(engine, predictStep, example, 1)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(p.program.written) > 0 {
		return nil, fmt.Errorf("a prediction changes %s, and a predictor keeps everything as it is: use Predict or PredictOnBatch", p.program.written[0].Path())
	}
	for _, w := range p.program.vars {
		value, err := w.Value()
		if err != nil {
			return nil, err
		}
		var buffer compute.Buffer
		if err := catch.Panic(func() error {
			buffer, err = value.Buffer(engine, 0)
			return err
		}); err != nil {
			return nil, err
		}
		p.values, p.weights = append(p.values, value), append(p.weights, buffer)
	}
	// The first run of a program takes longer than those after it.
	if _, err := p.run(example.x); err != nil {
		return nil, err
	}
	return p, nil
}

// Predict returns the outputs, in the order of OutputNames, for x: as for
// [Model.Predict], of at most BatchSize samples.
func (p *Predictor) Predict(x any) ([]*tensors.Tensor, error) {
	fail := func(err error) ([]*tensors.Tensor, error) {
		return nil, fmt.Errorf("predicting with model %q: %w", p.m.Name(), err)
	}
	list, err := ndarray.ToTensors("x", x, p.m.InputNames())
	if err != nil {
		return fail(err)
	}
	if list == nil {
		return fail(fmt.Errorf("x is nil, want data for %s", ndarray.Quoted(p.m.InputNames())))
	}
	rows := -1
	inputs := make([]*tensors.Tensor, len(list))
	for i, t := range list {
		if t, err = p.m.fitInput("predict", i, t); err != nil {
			return fail(err)
		}
		n := t.Shape().Dimensions[0]
		if rows < 0 {
			rows = n
		}
		if n != rows || n == 0 || n > p.rows {
			return fail(fmt.Errorf("input %q has %d samples, want the same number for every input, from 1 to %d", p.m.InputNames()[i], n, p.rows))
		}
		if inputs[i], err = p.fill(i, t); err != nil {
			return fail(err)
		}
	}
	outputs, err := p.run(inputs)
	if err != nil {
		return fail(err)
	}
	for i, t := range outputs {
		if outputs[i], err = toHost(p.program.engine, t); err != nil {
			return fail(err)
		}
		if rows < p.rows {
			if shape := Shape(outputs[i].Shape().Dimensions); len(shape) == 0 || shape[0] != p.rows {
				return fail(fmt.Errorf("output %q of shape %s has no batch axis, so that it takes %d samples, got %d", p.m.OutputNames()[i], shape, p.rows, rows))
			}
			if outputs[i], err = gather(outputs[i], nil, 0, rows); err != nil {
				return fail(err)
			}
		}
	}
	return outputs, nil
}

// fill returns t in the program's shape and type, zeros below the last sample. It is t itself where that fits.
func (p *Predictor) fill(i int, t *tensors.Tensor) (*tensors.Tensor, error) {
	if got, want := Shape(t.Shape().Dimensions[1:]), Shape(p.inputs[i].Dimensions[1:]); !got.Equal(want) {
		return nil, fmt.Errorf("input %q has samples of shape %s, the predictor was made for %s", p.m.InputNames()[i], got, want)
	}
	t, err := ndarray.Convert(t, p.inputs[i].DType)
	if err != nil || t.Shape().Dimensions[0] == p.rows {
		return t, err
	}
	full := tensors.FromShape(p.inputs[i])
	err = t.ConstBytes(func(src []byte) {
		_ = full.MutableBytes(func(dst []byte) { copy(dst, src) })
	})
	return full, err
}

// run executes the program on copies of the inputs, which may be the user's own tensors.
func (p *Predictor) run(inputs []*tensors.Tensor) (outputs []*tensors.Tensor, err error) {
	engine := p.program.engine
	err = catch.Panic(func() error {
		scratch, ok := p.program.inputs.Get().(*[]compute.Buffer)
		if !ok {
			scratch = new([]compute.Buffer)
		}
		buffers := append((*scratch)[:0], p.weights...)
		for i, t := range inputs {
			var buffer compute.Buffer
			var failed error
			err := t.ConstFlatData(func(flat any) { buffer, failed = engine.BufferFromFlatData(0, flat, p.inputs[i]) })
			if err == nil {
				err = failed
			}
			if err != nil {
				return err
			}
			buffers = append(buffers, buffer)
		}
		outputs = p.program.graph.RunWithBuffers(buffers, p.program.donated, 0)
		clear(buffers)
		*scratch = buffers
		p.program.inputs.Put(scratch)
		return nil
	})
	return outputs, err
}
