package layers

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomShearLayer is Keras's RandomShear: in training it shears images.
type RandomShearLayer struct {
	augmentation[*RandomShearLayer]
	cfg randomShearConfig
}

type randomShearConfig struct {
	symbolic.LayerConfig
	XFactor unitAround `keras:"x_factor" default:"0.0"`
	YFactor unitAround `keras:"y_factor" default:"0.0"`
	movingConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomShear() }) }

// RandomShear returns a layer that in training shears each image by random factors (Keras: RandomShear()); see XFactor and YFactor, which are 0
// by default. Otherwise it returns its inputs.
func RandomShear() *RandomShearLayer {
	l := &RandomShearLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomShearConfig) Validate() error { return c.movingConfig.check() }

func (l *RandomShearLayer) draw(d draws, dims []int) transformation {
	invert := d.uniform(0, 1, dims[0], 1)
	sign := graph.Where(graph.GreaterThan(invert, graph.Scalar(invert.Graph(), invert.DType(), 0.5)), graph.Neg(graph.OnesLike(invert)), graph.OnesLike(invert))
	y := d.uniform(l.cfg.YFactor.lower, l.cfg.YFactor.upper, dims[0], 1)
	x := d.uniform(l.cfg.XFactor.lower, l.cfg.XFactor.upper, dims[0], 1)
	return transformation{"shear_factor": toCompute(d.c, graph.Concatenate([]*graph.Node{graph.Mul(x, sign), graph.Mul(y, sign)}, 1))}
}

func (l *RandomShearLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.move(x, t, l.cfg.Interpolation)
}

func (l *RandomShearLayer) move(x *graph.Node, t transformation, how Interpolation) *graph.Node {
	shear := graph.ConvertDType(t["shear_factor"], dtypes.Float32)
	along := func(i int) *graph.Node { return graph.SliceAxis(shear, 1, graph.AxisRange(i, i+1)) }
	one := graph.OnesLike(along(0))
	return l.cfg.moved(x, how, affine(one, along(0), nil, along(1), one))
}

func (l *RandomShearLayer) boxes(b boxes, t transformation) boxes {
	w, h := float64(b.width), float64(b.height)
	shear := graph.InsertAxes(graph.ConvertDType(t["shear_factor"], dtypes.Float32), 1)
	// What moves by a side beside it, by the one side where the shear is negative and by the other else.
	moved := func(v, by, ifNegative, other *graph.Node) *graph.Node {
		by = across(by, v)
		negative := graph.LessThan(by, graph.ZerosLike(by))
		return graph.Sub(v, graph.Mul(by, graph.Where(negative, ifNegative, other)))
	}
	s := b.sides.over(w, h)
	x, y := part(shear, 2, 0, 1), part(shear, 2, 1, 1)
	s[0], s[2] = moved(s[0], x, s[1], s[3]), moved(s[2], x, s[3], s[1])
	s[1], s[3] = moved(s[1], y, s[0], s[2]), moved(s[3], y, s[2], s[0])
	b.sides = s
	b = b.within(1, 1)
	b.sides = b.sides.times(w, h)
	return b
}
