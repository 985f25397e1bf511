package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomTranslationLayer is Keras's RandomTranslation: in training it shifts images.
type RandomTranslationLayer struct {
	augmentation[*RandomTranslationLayer]
	cfg randomTranslationConfig
}

type randomTranslationConfig struct {
	symbolic.LayerConfig
	HeightFactor asGiven `keras:"height_factor" default:"0"`
	WidthFactor  asGiven `keras:"width_factor" default:"0"`
	movingConfig
	height, width bounds
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomTranslation(0, 0) }) }

// RandomTranslation returns a layer that in training shifts each image (Keras: RandomTranslation(height_factor, width_factor)): the factors
// are fractions of the height, downwards, and of the width, to the right, for up to as much either way, or slices with a lower and an
// upper bound, from -1 to 1. Otherwise it returns its inputs.
func RandomTranslation[H, W Strength](heightFactor H, widthFactor W) *RandomTranslationLayer {
	l := &RandomTranslationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("height_factor", func() error { return l.cfg.HeightFactor.set(strength(heightFactor)...) })
	l.Configure("width_factor", func() error { return l.cfg.WidthFactor.set(strength(widthFactor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomTranslationConfig) Validate() (err error) {
	outside := func(v float64) bool { return v > 1 || v < -1 }
	if c.height, err = c.HeightFactor.bounds("height_factor", "[-1.0, 1.0]", outside); err != nil {
		return err
	}
	if c.width, err = c.WidthFactor.bounds("width_factor", "[-1.0, 1.0]", outside); err != nil {
		return err
	}
	return c.movingConfig.check()
}

func (l *RandomTranslationLayer) draw(d draws, dims []int) transformation {
	h, w := l.cfg.DataFormat.spatialAxes(len(dims))
	shift := func(b bounds, n int) *graph.Node {
		return graph.MulScalar(d.uniform(b.lower, b.upper, dims[0], 1), float64(n))
	}
	down := shift(l.cfg.height, dims[h])
	return transformation{"translations": graph.Concatenate([]*graph.Node{shift(l.cfg.width, dims[w]), down}, 1)}
}

func (l *RandomTranslationLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.move(x, t, l.cfg.Interpolation)
}

func (l *RandomTranslationLayer) move(x *graph.Node, t transformation, how Interpolation) *graph.Node {
	shift := graph.Neg(t["translations"])
	along := func(i int) *graph.Node { return graph.SliceAxis(shift, 1, graph.AxisRange(i, i+1)) }
	one := graph.OnesLike(along(0))
	return l.cfg.moved(x, how, affine(one, nil, along(0), nil, one, along(1)))
}

func (l *RandomTranslationLayer) boxes(b boxes, t transformation) boxes {
	shift := graph.InsertAxes(t["translations"], 1)
	for i, v := range b.sides {
		b.sides[i] = graph.Add(v, across(part(shift, 2, i%2, 1), v))
	}
	return b.within(float64(b.width), float64(b.height))
}
