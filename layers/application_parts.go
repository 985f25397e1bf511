package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// The layers that only Keras's ready-made networks have, and that their files name. They have no constructors here, as they have no public name in Keras.

// layerScaleLayer multiplies each channel by a weight (ConvNeXt).
type layerScaleLayer struct {
	elementwise[*layerScaleLayer]
	cfg struct {
		symbolic.LayerConfig
		InitValues    float64 `keras:"init_values"`
		ProjectionDim int     `keras:"projection_dim"`
	}
}

// stochasticDepthLayer drops a path of some samples while training (ConvNeXt).
type stochasticDepthLayer struct {
	elementwise[*stochasticDepthLayer]
	cfg stochasticDepthConfig
}

type stochasticDepthConfig struct {
	symbolic.LayerConfig
	DropPathRate float64 `keras:"drop_path_rate"`
}

// customScaleLayer adds a second input, scaled, to the first (Inception-ResNet).
type customScaleLayer struct {
	layer[*customScaleLayer]
	sampleWise
	cfg struct {
		symbolic.LayerConfig
		Scale float64 `keras:"scale"`
	}
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &layerScaleLayer{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &stochasticDepthLayer{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &customScaleLayer{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
}

// ofApplication is the class of a layer that a module of Keras's applications has for itself.
func ofApplication(module, name string) symbolic.Class {
	return symbolic.Class{Module: "keras.src.applications." + module, Name: name, Registered: name}
}

func (l *layerScaleLayer) KerasClass() symbolic.Class { return ofApplication("convnext", "LayerScale") }

func (l *layerScaleLayer) KerasConfig() any { return &l.cfg }

func (l *layerScaleLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if last := len(x) - 1; last < 0 || l.cfg.ProjectionDim <= 0 || x[last] != symbolic.None && x[last] != l.cfg.ProjectionDim {
		return nil, fmt.Errorf("projection_dim=%d must be the size of the input's last axis, received an input of shape %s", l.cfg.ProjectionDim, x)
	}
	return l.floatOutput(x, nil)
}

func (l *layerScaleLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	b.Weight(symbolic.WeightSpec{Name: "variable", Shape: []int{l.cfg.ProjectionDim}, Initializer: initializers.Constant(l.cfg.InitValues)})
	return nil
}

// OutputSteps says that each step is computed alone unless the numbers belong to steps.
func (l *layerScaleLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	return stepsAlone(c, behindSteps(c.First()[0], -1))
}

func (l *layerScaleLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	return []*graph.Node{graph.Mul(x, graph.ExpandLeftToRank(c.Weight("variable"), x.Rank()))}
}

func (l *stochasticDepthLayer) KerasClass() symbolic.Class {
	return ofApplication("convnext", "StochasticDepth")
}

func (l *stochasticDepthLayer) KerasConfig() any { return &l.cfg }

func (l *stochasticDepthLayer) Signature() string { return "x training=None" }

func (c *stochasticDepthConfig) Validate() error {
	if !(c.DropPathRate >= 0 && c.DropPathRate < 1) {
		return fmt.Errorf("drop_path_rate must be at least 0 and less than 1, received %v", c.DropPathRate)
	}
	return nil
}

func (l *stochasticDepthLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err == nil {
		err = minRank(x, 1)
	}
	if err != nil {
		return nil, err
	}
	return l.floatOutput(x, nil)
}

func (l *stochasticDepthLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	b.Seed(nil)
	return nil
}

func (l *stochasticDepthLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	if !c.Training || l.cfg.DropPathRate == 0 {
		return []*graph.Node{x}
	}
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = x.Shape().Dimensions[0]
	keep := 1 - l.cfg.DropPathRate
	kept := graph.BroadcastToDims(lowering.Bernoulli(c.Random(), keep, dims...), x.Shape().Dimensions...)
	return []*graph.Node{graph.Where(kept, graph.DivScalar(x, keep), graph.ZerosLike(x))}
}

func (l *customScaleLayer) KerasClass() symbolic.Class {
	return ofApplication("inception_resnet_v2", "CustomScaleLayer")
}

func (l *customScaleLayer) KerasConfig() any { return &l.cfg }

// TakesList says that the layer takes a list.
func (l *customScaleLayer) TakesList() {}

func (l *customScaleLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	shapes := shapesOf(in)
	if len(shapes) != 2 || !symbolic.Compatible(shapes[0], shapes[1]) {
		return nil, fmt.Errorf("it adds two inputs of one shape, received %s", shapeList(shapes))
	}
	return l.floatOutput(shapes[0], nil)
}

func (l *customScaleLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{graph.Add(floats(c, in[0]), graph.MulScalar(floats(c, in[1]), l.cfg.Scale))}
}
