package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// FlipMode tells which ways images are flipped (Keras: RandomFlip's mode=).
type FlipMode string

// Keras's ways of flipping.
const (
	Horizontal            = "horizontal"              // left and right change places
	Vertical              = "vertical"                // top and bottom change places
	HorizontalAndVertical = "horizontal_and_vertical" // both or neither
)

func (m FlipMode) check() error {
	switch m {
	case Horizontal, Vertical, HorizontalAndVertical:
		return nil
	}
	return config.UnknownName("mode", string(m), []string{string(Horizontal), string(HorizontalAndVertical), string(Vertical)})
}

// RandomFlipLayer is Keras's RandomFlip: in training it mirrors half of the images.
type RandomFlipLayer struct {
	augmentation[*RandomFlipLayer]
	cfg randomFlipConfig
}

type randomFlipConfig struct {
	symbolic.LayerConfig
	Mode FlipMode `keras:"mode" default:"horizontal_and_vertical"`
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomFlip() }) }

// RandomFlip returns a layer that in training mirrors each image of shape (height, width, channels) with probability 1/2: Horizontal,
// Vertical, or HorizontalAndVertical (the default), both ways at once as Keras 3.15 does (Keras: RandomFlip(mode)). Otherwise it returns its
// inputs.
func RandomFlip(mode ...FlipMode) *RandomFlipLayer {
	l := &RandomFlipLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("mode", func() error { return atMostOne("RandomFlip", &l.cfg.Mode, mode) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomFlipConfig) Validate() error {
	if err := c.Mode.check(); err != nil {
		return err
	}
	return c.imageConfig.check()
}

func (l *RandomFlipLayer) draw(d draws, dims []int) transformation {
	u := d.uniform(0, 1, dims[0], 1, 1, 1)
	return transformation{"flips": graph.LessOrEqual(u, graph.Scalar(u.Graph(), u.DType(), 0.5))}
}

func (l *RandomFlipLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	axes := map[FlipMode][]int{Horizontal: {w}, Vertical: {h}, HorizontalAndVertical: {h, w}}[l.cfg.Mode]
	return graph.Where(across(t["flips"], x), graph.Reverse(x, axes...), x)
}

func (l *RandomFlipLayer) makesFloatMasks() {}

func (l *RandomFlipLayer) masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.transform(c, toCompute(c, x), t)
}

func (l *RandomFlipLayer) masksAtRest(c *symbolic.Call, x *graph.Node) *graph.Node {
	return toCompute(c, x)
}

// boxes cuts off at 0 alone, as Keras does, which takes parts of the image for pixels.
func (l *RandomFlipLayer) boxes(b boxes, t transformation) boxes {
	w, h := float64(b.width), float64(b.height)
	s := b.sides.over(w, h)
	flipped := s
	if l.cfg.Mode != Vertical {
		flipped[0], flipped[2] = graph.OneMinus(s[2]), graph.OneMinus(s[0])
	}
	if l.cfg.Mode != Horizontal {
		flipped[1], flipped[3] = graph.OneMinus(s[3]), graph.OneMinus(s[1])
	}
	flips := graph.Reshape(t["flips"], t["flips"].Shape().Dimensions[0], 1, 1)
	for i := range s {
		s[i] = graph.Where(across(flips, s[i]), flipped[i], s[i])
	}
	b.sides = s
	b = b.within(w, h)
	b.sides = b.sides.times(w, h)
	return b
}
