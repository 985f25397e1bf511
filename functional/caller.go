package functional

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/internal/training"
	"github.com/gokeras/gokeras/symbolic"
)

// Caller calls a layer on data, without a model (Keras: layer(data, training=True)), as what prepares data in a pipeline:
//
//	augment, err := functional.NewCaller(layers.Pipeline(layers.RandomFlip(), layers.RandomRotation(0.1)), functional.CallerOptions{Training: true})
//	data = data.MapX(augment.Call, datasets.Autotune)
//
// Its methods may be called from several goroutines at once. A program is compiled for each combination of shapes; the 32 latest are kept, so images of many
// sizes should get one size first.
type Caller struct {
	layer Layer
	core  *training.Caller
}

// CallerOptions are the arguments of [NewCaller].
type CallerOptions struct {
	// Training is the phase: layers that augment change data in training alone (Keras: training=True).
	Training bool
}

// NewCaller returns what calls the layer. Layers of texts and vocabularies are called on the host.
func NewCaller(l Layer, o CallerOptions) (*Caller, error) {
	if err := symbolic.Made(l); err != nil {
		return nil, fmt.Errorf("NewCaller: %w", err)
	}
	return &Caller{l, training.NewCaller(l, o.Training)}, nil
}

// Call calls the layer on data: an array, or lists and maps by names of arrays. An array is a tensor, or a Go slice or array. The result is a tensor, and of several
// outputs a list of them ([]any); a layer that takes a dictionary of images gives one in its form (map[string]any).
func (c *Caller) Call(data any) (any, error) {
	out, err := c.call(data)
	if err != nil {
		return nil, fmt.Errorf("calling layer %q: %w", c.layer.Base().Name(), err)
	}
	return out, nil
}

func (c *Caller) call(x any) (any, error) {
	if host, ok := c.layer.(symbolic.HostLayer); ok {
		return callHost(c.layer, host, x)
	}
	x, err := nest.Map(x, func(leaf any) (any, error) { return ndarray.ToTensor("data", leaf) })
	if err != nil {
		return nil, err
	}
	outputs, err := c.core.Call(context.Background(), x)
	if err != nil {
		return nil, err
	}
	return arranged(x, outputs), nil
}

// arranged gives outputs the form that the data has, if that is a dictionary of as many.
func arranged[T any](x any, outputs []T) any {
	leaves := make([]any, len(outputs))
	for i, t := range outputs {
		leaves[i] = t
	}
	if _, ok := x.(map[string]any); ok {
		if packed, err := nest.Pack(x, leaves); err == nil {
			return packed
		}
	}
	if len(leaves) == 1 {
		return leaves[0]
	}
	return leaves
}

func callHost(l Layer, host symbolic.HostLayer, x any) (any, error) {
	var values []symbolic.HostValue
	var specs []any
	_, err := nest.Map(x, func(leaf any) (any, error) {
		v, err := symbolic.ReadHost("data", leaf)
		if err == nil {
			values = append(values, v)
			s := symbolic.Spec{Shape: symbolic.HostShape(v), DType: symbolic.Text}
			if t, ok := v.(*tensors.Tensor); ok {
				s.DType = ndarray.DTypeName(t.DType())
			}
			specs = append(specs, s)
		}
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	if err := l.Base().BuildOn(specs...); err != nil {
		return nil, err
	}
	compute, err := host.HostCall()
	if err != nil {
		return nil, err
	}
	outputs, err := compute(values)
	if err != nil {
		return nil, err
	}
	return arranged(nil, outputs), nil
}
