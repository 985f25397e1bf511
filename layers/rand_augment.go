package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandAugmentLayer is Keras's RandAugment: in training it changes images by operations chosen at random.
type RandAugmentLayer struct {
	augmentation[*RandAugmentLayer]
	cfg randAugmentConfig
}

type randAugmentConfig struct {
	symbolic.LayerConfig
	valueRange
	NumOps        int           `keras:"num_ops" default:"2"`
	Factor        upTo          `keras:"factor" default:"0.5"`
	Interpolation Interpolation `keras:"interpolation" default:"bilinear"`
	randomConfig
	imageConfig
	inside []augmentStep
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandAugment() }) }

// RandAugment returns a layer that in training changes a batch of images, of 3 channels, by NumOps operations, 2 by default, chosen each time among
// 11: shear, translation, rotation, brightness, color degeneration, contrast, sharpness, posterization, solarization, auto contrast and
// equalization (Keras: RandAugment()). Factor, from 0 to 0.5 by default, is their strength. Otherwise it returns its inputs. A program holds
// all operations NumOps times, as Keras's does.
func RandAugment() *RandAugmentLayer {
	l := &RandAugmentLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects, and makes the layers inside.
func (c *randAugmentConfig) Validate() error {
	if c.NumOps < 0 || c.NumOps > 32 {
		return fmt.Errorf("num_ops: got %d, want from 0 to 32", c.NumOps)
	}
	if c.inside != nil {
		return nil
	}
	if err := firstError(nearOrLinear(c.Interpolation), c.imageConfig.check()); err != nil {
		return err
	}
	c.inside = stepsNamed(c.LayerConfig.DType, c.ValueRange, c.Factor.bounds, c.Interpolation, c.Seed, c.imageConfig, "random_shear", "random_translation", "random_rotation", "random_brightness",
		"random_color_degeneration", "random_contrast", "random_sharpness", "random_posterization", "solarization", "auto_contrast", "equalization")
	return checkSteps(c.inside)
}

// Declare declares the generator and the layers inside.
func (l *RandAugmentLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	return l.declareSteps(b, in, l.cfg.inside)
}

func (l *RandAugmentLayer) draw(d draws, dims []int) transformation {
	t := drawSteps(d, dims, l.cfg.inside)
	if l.cfg.NumOps > 0 {
		t["layer_idxes"] = d.below(len(l.cfg.inside), l.cfg.NumOps)
	}
	return t
}

func (l *RandAugmentLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.chosen(x, t, func(s augmentStep, x *graph.Node, t transformation) *graph.Node {
		return toCompute(c, s.transform(c, x, t))
	})
}

func (l *RandAugmentLayer) masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.chosen(x, t, func(s augmentStep, x *graph.Node, t transformation) *graph.Node {
		return changedMasks(c, s.augmenter, x, t)
	})
}

// chosen does the operations that were drawn, one after the other.
func (l *RandAugmentLayer) chosen(x *graph.Node, t transformation, do func(s augmentStep, x *graph.Node, t transformation) *graph.Node) *graph.Node {
	for i := range l.cfg.NumOps {
		y := x
		for k, s := range l.cfg.inside {
			y = graph.Where(l.isChosen(t, i, k, x), do(s, x, t.of(s.name)), y)
		}
		x = y
	}
	return x
}

// isChosen tells, all over x, whether operation k is the ith one.
func (l *RandAugmentLayer) isChosen(t transformation, i, k int, x *graph.Node) *graph.Node {
	which := part(t["layer_idxes"], 0, i, 1)
	return over(graph.Equal(which, graph.MulScalar(graph.OnesLike(which), k)), x)
}

func (l *RandAugmentLayer) boxesInTheirFormat() {}

// boxes goes through the operations in their own order, and does each that was drawn once, as Keras does.
func (l *RandAugmentLayer) boxes(b boxes, t transformation) boxes {
	for k, s := range l.cfg.inside {
		after := changedBoxes(s.augmenter, b, t.of(s.name))
		for i := range l.cfg.NumOps {
			for side, v := range b.given {
				b.given[side] = graph.Where(l.isChosen(t, i, k, v), after.given[side], v)
			}
			b.labels = graph.Where(l.isChosen(t, i, k, b.labels), after.labels, b.labels)
		}
	}
	return b
}
