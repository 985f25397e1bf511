package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomRotationLayer is Keras's RandomRotation: in training it turns images.
type RandomRotationLayer struct {
	augmentation[*RandomRotationLayer]
	cfg randomRotationConfig
}

type randomRotationConfig struct {
	symbolic.LayerConfig
	Factor around `keras:"factor"`
	movingConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomRotation(0) }) }

// RandomRotation returns a layer that in training turns each image by a random angle (Keras: RandomRotation(factor)): factor is a fraction
// of a full turn, for up to as much either way, or a slice with a lower and an upper bound, between -1 and 1. Otherwise it returns its inputs.
func RandomRotation[S Strength](factor S) *RandomRotationLayer {
	l := &RandomRotationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return l.cfg.Factor.set(strength(factor)...) })
	return l
}

// KerasClass names Keras's RandomRotation.
func (l *RandomRotationLayer) KerasClass() symbolic.Class { return keras("RandomRotation") }

// KerasConfig returns the layer's configuration.
func (l *RandomRotationLayer) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *randomRotationConfig) Validate() error { return c.movingConfig.check() }

func (l *RandomRotationLayer) draw(d draws, dims []int) transformation {
	return transformation{"angle": d.uniform(360*l.cfg.Factor.lower, 360*l.cfg.Factor.upper, dims[0])}
}

func (l *RandomRotationLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	return l.cfg.moved(x, turned(graph.InsertAxes(t["angle"], -1), nil, nil, dims[h], dims[w]))
}
