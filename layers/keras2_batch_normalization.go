package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// keras2BatchNormalization is Keras 2's BatchNormalization over several axes, which Keras 3 has no more. It is here for old files, and for what is saved of
// their models.
type keras2BatchNormalization struct {
	layer[symbolic.Layer]
	sampleWise
	symbolic.PassesMask
	cfg keras2BatchNormConfig
}

type keras2BatchNormConfig struct {
	symbolic.LayerConfig
	Axis []int `keras:"axis"`
	batchStatistics
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &keras2BatchNormalization{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
}

// KerasClass names Keras 2's class.
func (l *keras2BatchNormalization) KerasClass() symbolic.Class {
	return keras2Class("BatchNormalization")
}

// KerasConfig returns the layer's configuration.
func (l *keras2BatchNormalization) KerasConfig() any { return &l.cfg }

// Validate reports arguments that aren't known here.
func (c *keras2BatchNormConfig) Validate() error {
	if c.Renorm || c.Synchronized {
		return fmt.Errorf("arguments renorm and synchronized aren't supported over several axes, received axis=%v", c.Axis)
	}
	return nil
}

// Infer returns the input's shape.
func (l *keras2BatchNormalization) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAsBuilt(in)
	for _, axis := range l.cfg.Axis {
		if err == nil {
			err = l.knownAxis(x, axis)
		}
	}
	return l.floatOutput(x, err)
}

// Declare declares the weights, which have all axes of the input, those that are averaged over of size 1.
func (l *keras2BatchNormalization) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := firstShape(in)
	shape := make([]int, len(x))
	for i := range shape {
		shape[i] = 1
	}
	for _, a := range l.cfg.Axis {
		if axis, ok := x.Axis(a); ok {
			shape[axis] = x[axis]
		}
	}
	l.cfg.declareAll(b, shape...)
	return nil
}

// Call computes the layer.
func (l *keras2BatchNormalization) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	var axes []int
	for i := range in[0].Rank() {
		for _, axis := range l.cfg.Axis {
			if graph.MustAdjustAxis(axis, in[0]) == i {
				axes = append(axes, i)
				break
			}
		}
	}
	return []*graph.Node{l.cfg.normalize(c, in[0], axes)}
}
