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

// KerasClass names Keras's RandomZoom.
func (l *RandomZoomLayer) KerasClass() symbolic.Class { return keras("RandomZoom") }

// KerasConfig returns the layer's configuration.
func (l *RandomZoomLayer) KerasConfig() any { return &l.cfg }

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
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	offset := func(zoom *graph.Node, n int) *graph.Node {
		return graph.MulScalar(graph.OneMinus(zoom), float64(n-1)/2)
	}
	wide, high := t["width_zoom"], t["height_zoom"]
	return l.cfg.moved(x, affine(wide, nil, offset(wide, dims[w]), nil, high, offset(high, dims[h])))
}
