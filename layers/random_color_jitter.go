package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomColorJitterLayer is Keras's RandomColorJitter: in training it changes brightness, contrast, saturation and hue of images.
type RandomColorJitterLayer struct {
	augmentation[*RandomColorJitterLayer]
	cfg randomColorJitterConfig
}

type randomColorJitterConfig struct {
	symbolic.LayerConfig
	valueRange
	BrightnessFactor asGiven `keras:"brightness_factor"`
	ContrastFactor   asGiven `keras:"contrast_factor"`
	SaturationFactor asGiven `keras:"saturation_factor"`
	HueFactor        asGiven `keras:"hue_factor"`
	randomConfig
	imageConfig
	inside []augmentStep
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomColorJitter() }) }

// RandomColorJitter returns a layer that in training changes each image, of 3 channels, as [RandomBrightness], [RandomContrast], [RandomSaturation]
// and [RandomHue] do one after the other, each where its factor is set (Keras: RandomColorJitter()). As in Keras, these take the channels for the
// last axis, whatever data_format says. Otherwise it returns its inputs. In half precision its roundings aren't Keras's.
func RandomColorJitter() *RandomColorJitterLayer {
	l := &RandomColorJitterLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects, and makes the layers inside.
func (c *randomColorJitterConfig) Validate() error {
	if c.inside != nil {
		return nil
	}
	r := c.ValueRange
	var steps []augmentStep
	var bad error
	add := func(name string, factor asGiven, limits interface{ DecodeKeras(v any) error }, make func(f []float64) augmenter) {
		if factor.Values != nil {
			given, _ := factor.EncodeKeras()
			if err := limits.DecodeKeras(given); err != nil && bad == nil {
				bad = fmt.Errorf("%s: %w", name, err)
			}
			steps = append(steps, augmentStep{name, make(factor.Values)})
		}
	}
	add("random_brightness", c.BrightnessFactor, &around{}, func(f []float64) augmenter { return RandomBrightness(f).ValueRange(r.low, r.high) })
	add("random_contrast", c.ContrastFactor, &upTo{}, func(f []float64) augmenter { return RandomContrast(f).ValueRange(r.low, r.high) })
	add("random_saturation", c.SaturationFactor, &around{}, func(f []float64) augmenter { return RandomSaturation(f).ValueRange(r.low, r.high) })
	add("random_hue", c.HueFactor, &upTo{}, func(f []float64) augmenter { return RandomHue(f).ValueRange(r.low, r.high) })
	for _, s := range steps {
		s.KerasConfig().(interface{ setSeed(seed *int) }).setSeed(c.Seed)
	}
	if bad == nil {
		bad = firstError(checkSteps(steps), c.imageConfig.check())
	}
	if bad == nil {
		c.inside = steps
	}
	return bad
}

// Declare declares the generator and the layers inside.
func (l *RandomColorJitterLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	return l.declareSteps(b, in, l.cfg.inside)
}

func (l *RandomColorJitterLayer) keepsIntegers() {}

func (l *RandomColorJitterLayer) draw(d draws, dims []int) transformation {
	return drawSteps(d, dims, l.cfg.inside)
}

func (l *RandomColorJitterLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	x = toCompute(c, x)
	for _, s := range l.cfg.inside {
		x = toCompute(c, s.transform(c, x, t.of(s.name)))
	}
	return x
}
