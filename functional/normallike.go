package functional

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// NormalLike is normal noise of mean 0 and standard deviation 1 in the shape (batch, …) of x, drawn anew by every call of the model, in inference too
// (Keras: keras.random.normal(ops.shape(x)) in a layer's call, as variational autoencoders sample). x gets no gradient from it.
func NormalLike(x *Tensor) *Tensor {
	l := &normalLike{}
	l.Init(l, &l.cfg)
	return l.Apply(x)
}

// normalLike is the layer of NormalLike. Keras has no class for it; files know it by a name of this module's.
type normalLike struct {
	symbolic.BaseLayer
	cfg symbolic.LayerConfig
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &normalLike{}
		l.Init(l, &l.cfg)
		return l
	})
}

// KerasClass is the name that files have.
func (l *normalLike) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "gokeras", Name: "NormalLike", Registered: "gokeras>NormalLike"}
}

// KerasConfig returns the layer's configuration.
func (l *normalLike) KerasConfig() any { return &l.cfg }

// Infer returns floats of the input's shape.
func (l *normalLike) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	if err != nil {
		return nil, err
	}
	return []symbolic.Spec{l.Floats(x.Shape)}, nil
}

// Declare declares the generator.
func (l *normalLike) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	b.Seed(nil)
	return nil
}

// Call draws.
func (l *normalLike) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	_, noise := graph.RandomNormal(c.Random(), shapes.Make(dtypes.Float32, in[0].Shape().Dimensions...))
	return []*graph.Node{ndarray.Cast(noise, c.DType())}
}
