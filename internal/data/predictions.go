package data

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/symbolic"
)

// Predictions gathers the outputs of batches: in place where the number of rows is known
// beforehand, else as parts that are joined in the end.
type Predictions struct {
	Rows  int // 0: unknown
	whole []*tensors.Tensor
	parts [][]*tensors.Tensor
}

// Add takes the results of a batch of so many rows, the first of which is row at.
func (p *Predictions) Add(engine compute.Backend, results []*tensors.Tensor, at, rows int) error {
	if p.whole == nil && p.parts == nil {
		p.parts = make([][]*tensors.Tensor, len(results))
		if p.Rows > 0 && aligned(results, rows) {
			p.whole = make([]*tensors.Tensor, len(results))
			for k, t := range results {
				dims := append([]int{p.Rows}, t.Shape().Dimensions[1:]...)
				p.whole[k] = tensors.FromShape(shapes.Make(t.DType(), dims...))
			}
		}
	}
	if p.whole != nil && !(aligned(results, rows) && p.fits(results)) { // the rows aren't the samples, after all, or not all of one shape
		for k, t := range p.whole {
			first, err := Gather(t, nil, 0, at)
			if err != nil {
				return err
			}
			p.parts[k] = append(p.parts[k], first)
		}
		p.whole = nil
	}
	for k, t := range results {
		if p.whole == nil {
			host, err := ToHost(engine, t) // which has more memory than the device
			if err != nil {
				return err
			}
			p.parts[k] = append(p.parts[k], host)
			continue
		}
		if err := catch.Panic(func() error { return copyRows(engine, p.whole[k], t, at) }); err != nil {
			return err
		}
		if err := t.FinalizeAll(); err != nil {
			return err
		}
	}
	return nil
}

// aligned reports whether every output has a row for each sample, and all batches' outputs so have one shape.
func aligned(results []*tensors.Tensor, rows int) bool {
	for _, t := range results {
		if t.Rank() == 0 || t.Shape().Dimensions[0] != rows || t.Size() == 0 {
			return false
		}
	}
	return true
}

// fits reports whether the outputs' samples have the shape of those before.
func (p *Predictions) fits(results []*tensors.Tensor) bool {
	for k, t := range results {
		if !slices.Equal(t.Shape().Dimensions[1:], p.whole[k].Shape().Dimensions[1:]) {
			return false
		}
	}
	return true
}

// copyRows reads t from the device into the rows of whole from row at.
func copyRows(engine compute.Backend, whole, t *tensors.Tensor, at int) error {
	size := t.Size() / t.Shape().Dimensions[0]
	var copied error
	err := whole.MutableFlatData(func(flat any) {
		part := reflect.ValueOf(flat).Slice(at*size, at*size+t.Size())
		if engine.HasSharedBuffers() { // see ToHost
			copied = t.ConstFlatData(func(from any) { reflect.Copy(part, reflect.ValueOf(from)) })
			return
		}
		var buffer compute.Buffer
		if buffer, copied = t.Buffer(engine, 0); copied == nil {
			copied = buffer.ToFlatData(part.Interface())
		}
	})
	return errors.Join(err, copied)
}

// Outputs returns the whole outputs.
func (p *Predictions) Outputs() ([]*tensors.Tensor, error) {
	if p.whole != nil {
		return p.whole, nil
	}
	outputs := make([]*tensors.Tensor, len(p.parts))
	for k, list := range p.parts {
		var err error
		if outputs[k], err = joinRows(list); err != nil {
			return nil, fmt.Errorf("output %d: %w", k, err)
		}
	}
	return outputs, nil
}

// joinRows stacks the parts along their first axis in host memory.
func joinRows(parts []*tensors.Tensor) (*tensors.Tensor, error) {
	dims := slices.Clone(parts[0].Shape().Dimensions)
	if len(dims) == 0 {
		return nil, fmt.Errorf("a batch gave a scalar, want an output whose first axis is the batch")
	}
	dims[0] = 0
	for i, t := range parts {
		d := t.Shape().Dimensions
		if len(d) != len(dims) || !slices.Equal(d[1:], dims[1:]) {
			return nil, fmt.Errorf("batch %d gave an output of shape %s where the first gave %s", i, symbolic.Shape(d), symbolic.Shape(parts[0].Shape().Dimensions))
		}
		dims[0] += d[0]
	}
	out := tensors.FromShape(shapes.Make(parts[0].DType(), dims...))
	at := 0
	for _, t := range parts {
		err := catch.Panic(func() error {
			return t.ConstBytes(func(src []byte) {
				_ = out.MutableBytes(func(dst []byte) { at += copy(dst[at:], src) })
			})
		})
		if err != nil {
			return nil, err
		}
		if err := t.FinalizeAll(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ToHost returns t in the host's memory, and gives the engine's back.
func ToHost(engine compute.Backend, t *tensors.Tensor) (host *tensors.Tensor, err error) {
	err = catch.Panic(func() error {
		if !engine.HasSharedBuffers() {
			host = t
			return t.ToLocal()
		}
		// The host reads it where it is: XLA would wake a thread for the copy.
		host = tensors.FromShape(t.Shape())
		return errors.Join(t.ConstBytes(func(src []byte) { _ = host.MutableBytes(func(dst []byte) { copy(dst, src) }) }), t.FinalizeAll())
	})
	return host, err
}
