package training

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/data"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// Predictor is a compiled program with weights of its own on the device, or several for sequences of open lengths.
type Predictor struct {
	m       *Session
	engine  compute.Backend
	vars    []*symbolic.Weight
	values  []*tensors.Tensor   // of the weights, on the device
	weights []compute.Buffer    // the same; no call changes them
	given   []symbolic.Shape    // of what Predict takes, for as many samples as there may be; None for an open length
	stage   *symbolic.HostStage // nil: the program takes just that
	only    *predictorProgram   // nil where lengths are open
	lengths *predictorLengths   // nil where they aren't
	rows    int
}

// predictorProgram is a program of a predictor.
type predictorProgram struct {
	*program
	inputs []shapes.Shape
}

// NewPredictor compiles the model for batches of so many samples (0: 1) of those shapes (nil: as the inputs say).
func (m *Session) NewPredictor(ctx context.Context, batchSize int, inputShapes []symbolic.Shape) (*Predictor, error) {
	if !m.Connected() {
		return nil, fmt.Errorf("the model has no input shape yet: call Build, or fit it on data")
	}
	if batchSize < 0 {
		return nil, fmt.Errorf("BatchSize is %d, want a positive number, or 0 for 1", batchSize)
	}
	if inputShapes != nil && len(inputShapes) != len(m.Inputs()) {
		return nil, fmt.Errorf("got %d input shapes for %d inputs (%s)", len(inputShapes), len(m.Inputs()), ndarray.Quoted(m.InputNames()))
	}
	engine, err := backend.DefaultContext(ctx)
	if err != nil {
		return nil, err
	}
	p := &Predictor{m: m, rows: cmp.Or(batchSize, 1)}
	var examples []symbolic.HostValue
	for i, t := range m.Inputs() {
		shape := t.Shape().Clone()
		if inputShapes != nil {
			shape = append(symbolic.Shape{symbolic.None}, inputShapes[i]...)
			if !symbolic.Compatible(t.Shape(), shape) {
				return nil, fmt.Errorf("input %q has shape %s, got %s", m.InputNames()[i], t.Shape(), shape)
			}
		}
		if shape[0] != symbolic.None && shape[0] != p.rows {
			return nil, fmt.Errorf("input %q takes batches of %d, got BatchSize %d", m.InputNames()[i], shape[0], p.rows)
		}
		shape[0] = p.rows
		p.given = append(p.given, shape)
		if at := slices.Index(shape, symbolic.None); at == 1 && !slices.Contains(shape[2:], symbolic.None) && t.DType() != symbolic.Text {
			p.lengths = newPredictorLengths()
			continue
		} else if at >= 0 {
			return nil, fmt.Errorf("input %q has shape %s: give its InputShapes", m.InputNames()[i], t.Shape())
		}
		if t.DType() == symbolic.Text {
			examples = append(examples, textRow(shape))
		} else {
			examples = append(examples, tensors.FromShape(shapes.Make(ndarray.DType(t.DType()), shape...)))
		}
	}
	if p.stage, err = m.StartHost(); err != nil {
		return nil, err
	}
	if p.stage != nil && !p.stage.SamplesAlone() {
		return nil, fmt.Errorf("a layer on the host makes arrays whose shape follows from all samples of a batch: give TextVectorization an OutputSequenceLength, " +
			"or let a host layer of your own say by SamplesAlone that it doesn't")
	}
	p.engine, p.vars = engine, m.variablesOf(Predict)
	if p.lengths != nil {
		if p.stage != nil {
			return nil, fmt.Errorf("the model has layers on the host and inputs whose length is open: give InputShapes")
		}
		return p, p.keepWeights()
	}
	example := &data.Batch{Rows: p.rows}
	if example.X, err = p.programInputs(examples, p.rows); err != nil {
		return nil, err
	}
	if p.only, err = p.build(example, nil); err != nil {
		return nil, err
	}
	if err := p.keepWeights(); err != nil {
		return nil, err
	}
	// The first run of a program takes longer than those after it.
	if _, err := p.run(p.only, example.X, nil); err != nil {
		return nil, err
	}
	return p, nil
}

// build compiles the model for such a batch, which may have added steps.
func (p *Predictor) build(example *data.Batch, added *addedSteps) (*predictorProgram, error) {
	made := &predictorProgram{}
	for _, t := range example.X {
		made.inputs = append(made.inputs, t.Shape())
	}
	err := catch.Panic(func() error {
		var err error
		made.program, err = p.m.buildProgram(p.engine, Predict, example, 1, added)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(made.written) > 0 {
		return nil, fmt.Errorf("a prediction changes %s, and a predictor keeps everything as it is: use Predict or PredictOnBatch", made.vars[made.places[made.written[0]].at[0]].Path())
	}
	return made, nil
}

// keepWeights puts the weights, as they are now, on the device.
func (p *Predictor) keepWeights() error {
	values, err := symbolic.Values(p.vars)
	if err != nil {
		return err
	}
	for _, value := range values {
		var buffer compute.Buffer
		if err := catch.Panic(func() error {
			buffer, err = value.Buffer(p.engine, 0)
			return err
		}); err != nil {
			return err
		}
		p.values, p.weights = append(p.values, value), append(p.weights, buffer)
	}
	return nil
}

// Predict returns the outputs, in the order of OutputNames, for x: as for
// functional.Model.Predict, of at most BatchSize samples.
func (p *Predictor) Predict(x any) ([]*tensors.Tensor, error) {
	fail := func(err error) ([]*tensors.Tensor, error) { return nil, err }
	bad := func(err error) ([]*tensors.Tensor, error) { return nil, data.Bad(err) }
	values, err := p.m.hostInputs("x", x)
	if err != nil {
		return bad(err)
	}
	rows := -1
	for i, v := range values {
		if values[i], err = p.m.FitInput("predict", i, v); err != nil {
			return bad(err)
		}
		shape := symbolic.HostShape(values[i])
		n := shape[0]
		if rows < 0 {
			rows = n
		}
		if n != rows || n == 0 || n > p.rows {
			return bad(fmt.Errorf("input %q has %d samples, want the same number for every input, from 1 to %d (the predictor's BatchSize)", p.m.InputNames()[i], n, p.rows))
		}
		if want := p.given[i][1:]; !symbolic.Compatible(want, shape[1:]) {
			return bad(fmt.Errorf("input %q has samples of shape %s, the predictor was made for %s", p.m.InputNames()[i], shape[1:], want))
		}
	}
	inputs, err := p.programInputs(values, rows)
	if err != nil {
		return fail(err)
	}
	with, lengths := p.only, []int(nil)
	if p.lengths != nil {
		if with, lengths, err = p.lengths.take(p, inputs); err != nil {
			return fail(err)
		}
	}
	for i, t := range inputs {
		if inputs[i], err = with.fill(i, t); err != nil {
			return fail(err)
		}
	}
	outputs, err := p.run(with, inputs, lengths)
	if err != nil {
		return fail(err)
	}
	for i, t := range outputs {
		if outputs[i], err = data.ToHost(p.engine, t); err != nil {
			return fail(err)
		}
		if rows < p.rows {
			if shape := symbolic.Shape(outputs[i].Shape().Dimensions); len(shape) == 0 || shape[0] != p.rows {
				return fail(fmt.Errorf("output %q of shape %s has no batch axis, so that it takes %d samples, got %d", p.m.OutputNames()[i], shape, p.rows, rows))
			}
			if outputs[i], err = data.Gather(outputs[i], nil, 0, rows); err != nil {
				return fail(err)
			}
		}
	}
	if with.added != nil {
		return with.added.cut(outputs, lengths)
	}
	return outputs, nil
}

// programInputs returns what the program takes of so many samples.
func (p *Predictor) programInputs(values []symbolic.HostValue, rows int) ([]*tensors.Tensor, error) {
	if p.stage == nil {
		return onlyTensors(values), nil
	}
	return p.stage.Run(values, rows)
}

// fill returns t in the program's shape and type, zeros below the last sample. It is t itself where that fits.
func (p *predictorProgram) fill(i int, t *tensors.Tensor) (*tensors.Tensor, error) {
	want := p.inputs[i]
	if got := t.Shape().Dimensions; !slices.Equal(got[1:], want.Dimensions[1:]) {
		return nil, fmt.Errorf("the host made samples of shape %s, the predictor was made for %s", symbolic.Shape(got[1:]), symbolic.Shape(want.Dimensions[1:]))
	}
	t, err := ndarray.Convert(t, want.DType)
	if err != nil || t.Shape().Dimensions[0] == want.Dimensions[0] {
		return t, err
	}
	full := tensors.FromShape(want)
	err = t.ConstBytes(func(src []byte) {
		_ = full.MutableBytes(func(dst []byte) { copy(dst, src) })
	})
	return full, err
}

// copied is a copy of a tensor on the device.
func copied(engine compute.Backend, t *tensors.Tensor, shape shapes.Shape) (buffer compute.Buffer, err error) {
	var failed error
	if err = t.ConstFlatData(func(flat any) { buffer, failed = engine.BufferFromFlatData(0, flat, shape) }); err == nil {
		err = failed
	}
	return buffer, err
}

// run executes a program on copies of the inputs, which may be the user's own tensors. The lengths are for one with added steps.
func (p *Predictor) run(with *predictorProgram, inputs []*tensors.Tensor, lengths []int) ([]*tensors.Tensor, error) {
	return with.once(func(use, _ func(at int, buffer compute.Buffer) error) error {
		for i, buffer := range p.weights {
			if err := use(i, buffer); err != nil {
				return err
			}
		}
		for i, t := range inputs {
			buffer, err := copied(p.engine, t, with.inputs[i])
			if err == nil {
				err = use(len(p.weights)+i, buffer)
			}
			if err != nil {
				return err
			}
		}
		if with.added == nil {
			return nil
		}
		buffer, err := lengthsOf(lengths).DonateBuffer(p.engine, 0)
		if err != nil {
			return err
		}
		return use(len(p.weights)+len(inputs), buffer)
	})
}
