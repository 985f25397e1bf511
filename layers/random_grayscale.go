package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomGrayscaleLayer is Keras's RandomGrayscale: in training it takes the colors from some images.
type RandomGrayscaleLayer struct {
	augmentation[*RandomGrayscaleLayer]
	cfg randomGrayscaleConfig
}

type randomGrayscaleConfig struct {
	symbolic.LayerConfig
	Factor float64 `keras:"factor" default:"0.5"`
	Seed   *int    `keras:"seed,unsaved"`
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomGrayscale() }) }

// RandomGrayscale returns a layer that in training makes each image grey with the probability factor, 0.5 by default (Keras:
// RandomGrayscale(factor)). Images have 3 channels or 1. Otherwise it returns its inputs. As in Keras 3.15, files have no seed.
func RandomGrayscale(factor ...float64) *RandomGrayscaleLayer {
	l := &RandomGrayscaleLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.Configure("factor", func() error { return atMostOne("RandomGrayscale", &l.cfg.Factor, factor) })
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomGrayscaleConfig) Validate() error {
	if !(c.Factor >= 0 && c.Factor <= 1) {
		return fmt.Errorf("`factor` should be between 0 and 1, received: factor=%v", c.Factor)
	}
	return c.imageConfig.check()
}

func (c *randomGrayscaleConfig) seed() *int { return c.Seed }

func (l *RandomGrayscaleLayer) keepsIntegers() {}

// Infer returns the input's shape and type.
func (l *RandomGrayscaleLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	if _, ok := in.Get("data").(map[string]any); ok {
		return nil, fmt.Errorf("it takes images alone, not a dictionary, as in Keras 3.15")
	}
	x, err := imagesOf(in, &l.sampleWiseUnless)
	if err != nil {
		return nil, err
	}
	return []symbolic.Spec{{Shape: x, DType: in.First()[0].DType}}, nil
}

func (l *RandomGrayscaleLayer) draw(d draws, dims []int) transformation {
	u := d.uniform(0, 1, dims[0], 1, 1, 1)
	return transformation{"should_apply": graph.LessThan(u, graph.Scalar(u.Graph(), u.DType(), l.cfg.Factor))}
}

func (l *RandomGrayscaleLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return graph.Where(across(t["should_apply"], x), across(grey(c, x, l.cfg.DataFormat), x), x)
}

// grey is the brightness of images, as one channel.
func grey(c *symbolic.Call, x *graph.Node, format DataFormat) *graph.Node {
	return c.Op("RGBToGrayscale", map[string]any{"data_format": string(format)}, x)
}
