package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomZoomLayer is Keras's RandomZoom: in training it zooms in or out of images.
type RandomZoomLayer struct {
	augmentation[*RandomZoomLayer]
	cfg randomZoomConfig
}

type randomZoomConfig struct {
	symbolic.LayerConfig
	HeightFactor asGiven `keras:"height_factor" default:"0"`
	WidthFactor  asGiven `keras:"width_factor"`
	movingConfig
	height, width bounds
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomZoom(0) }) }

// RandomZoom returns a layer that in training makes each image smaller or larger around its middle (Keras: RandomZoom(height_factor)):
// heightFactor is a fraction of the height, for up to as much out (above 0) or in (below 0), or a slice with a lower and an upper bound, above
// -1 and up to 1; see WidthFactor for a width that changes by itself. Otherwise it returns its inputs.
func RandomZoom[S Strength](heightFactor S) *RandomZoomLayer {
	l := &RandomZoomLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("height_factor", func() error { return l.cfg.HeightFactor.set(strength(heightFactor)...) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomZoomConfig) Validate() (err error) {
	outside := func(v float64) bool { return v > 1 || v <= -1 }
	if c.height, err = c.HeightFactor.bounds("height_factor", "(-1.0, 1.0]", outside); err != nil {
		return err
	}
	if c.WidthFactor.Values != nil {
		if c.width, err = c.WidthFactor.bounds("width_factor", "(-1.0, 1.0]", outside); err != nil {
			return err
		}
	}
	return c.movingConfig.check()
}

func (l *RandomZoomLayer) draw(d draws, dims []int) transformation {
	zoom := func(b bounds) *graph.Node { return d.uniform(1+b.lower, 1+b.upper, dims[0], 1) }
	t := transformation{"height_zoom": zoom(l.cfg.height)}
	t["width_zoom"] = t["height_zoom"]
	if l.cfg.WidthFactor.Values != nil {
		t["width_zoom"] = zoom(l.cfg.width)
	}
	return t
}

func (l *RandomZoomLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.move(x, t, l.cfg.Interpolation)
}

func (l *RandomZoomLayer) move(x *graph.Node, t transformation, how Interpolation) *graph.Node {
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	wide, high := t["width_zoom"], t["height_zoom"]
	return l.cfg.moved(x, how, affine(wide, nil, zoomedFrom(wide, dims[w]), nil, high, zoomedFrom(high, dims[h])))
}

// zoomedFrom is where an axis of n pixels begins after a zoom around its middle.
func zoomedFrom(zoom *graph.Node, n int) *graph.Node {
	return graph.MulScalar(graph.OneMinus(zoom), float64(n-1)/2)
}

func (l *RandomZoomLayer) boxes(b boxes, t transformation) boxes {
	along := func(zoom *graph.Node, n, side int) {
		zoom = graph.InsertAxes(zoom, -1)
		from := across(zoomedFrom(zoom, n), b.sides[side])
		size := across(graph.MulScalar(zoom, float64(n)), from)
		to := graph.Add(size, from)
		size = graph.Sub(to, from)
		for i := side; i < 4; i += 2 {
			v := graph.Sub(graph.Min(graph.Max(b.sides[i], from), to), from)
			b.sides[i] = graph.Div(v, size)
		}
	}
	along(t["width_zoom"], b.width, 0)
	along(t["height_zoom"], b.height, 1)
	b = b.within(1, 1)
	b.sides = b.sides.times(float64(b.width), float64(b.height))
	return b
}
