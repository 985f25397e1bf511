package layers

import (
	"math"

	"github.com/gomlx/compute/dtypes"
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

// Validate reports arguments that Keras rejects.
func (c *randomRotationConfig) Validate() error { return c.movingConfig.check() }

func (l *RandomRotationLayer) draw(d draws, dims []int) transformation {
	return transformation{"angle": d.uniform(360*l.cfg.Factor.lower, 360*l.cfg.Factor.upper, dims[0])}
}

func (l *RandomRotationLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.move(x, t, l.cfg.Interpolation)
}

func (l *RandomRotationLayer) move(x *graph.Node, t transformation, how Interpolation) *graph.Node {
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	return l.cfg.moved(x, how, turned(graph.InsertAxes(t["angle"], -1), nil, nil, dims[h], dims[w]))
}

// boxesTakenForXYXY says that the numbers are taken for left, top, right and bottom whatever their format, as Keras does.
func (l *RandomRotationLayer) boxesTakenForXYXY() {}

// boxes are what holds the corners after the turn.
func (l *RandomRotationLayer) boxes(b boxes, t transformation) boxes {
	n := t["angle"].Shape().Dimensions[0]
	radians := graph.MulScalar(graph.Neg(graph.Reshape(graph.ConvertDType(t["angle"], dtypes.Float32), n, 1, 1)), math.Pi/180)
	cos, sin := graph.Cos(radians), graph.Sin(radians)
	x, y := float64(b.width-1)/2, float64(b.height-1)/2
	right := graph.AddScalar(graph.Sub(graph.MulScalar(sin, y), graph.MulScalar(cos, x)), x)
	down := graph.AddScalar(graph.Neg(graph.Add(graph.MulScalar(sin, x), graph.MulScalar(cos, y))), y)
	b = b.around(func(x, y *graph.Node) (*graph.Node, *graph.Node) {
		to := func(v *graph.Node) *graph.Node { return across(v, x) }
		return graph.Add(graph.Sub(graph.Mul(to(cos), x), graph.Mul(to(sin), y)), to(right)), graph.Add(graph.Add(graph.Mul(to(sin), x), graph.Mul(to(cos), y)), to(down))
	})
	return b.within(float64(b.width), float64(b.height))
}
