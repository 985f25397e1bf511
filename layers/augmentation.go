package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// pictures is what layers share that take images of shape (batch, height, width, channels), one image (height, width, channels), or a
// dictionary of such and what belongs to them.
type pictures[L symbolic.Layer] struct {
	layer[L]
	sampleWiseUnless // of one image the first axis isn't the samples'
}

// images are such layers that pass masks on.
type images[L symbolic.Layer] struct {
	pictures[L]
	symbolic.PassesMask
}

// imageConfig are the arguments that all of them have.
type imageConfig struct {
	formatConfig
	BoundingBoxFormat *string `keras:"bounding_box_format,omitempty"`
}

// check reports arguments that Keras rejects.
func (c *imageConfig) check() error { return c.DataFormat.check() }

func (c *imageConfig) setBoxFormat(format *string) { c.BoundingBoxFormat = format }

func (c *imageConfig) spatialAxes(rank int) (height, width int) {
	return c.DataFormat.spatialAxes(rank)
}

// boxFormat is the form of bounding boxes, "" for none.
func (c *imageConfig) boxFormat() boxFormat {
	if c.BoundingBoxFormat == nil {
		return ""
	}
	return boxFormat(*c.BoundingBoxFormat)
}

// imagesOf returns the shape of the one input, images or one image, whose first axis isn't the samples'.
func imagesOf(in *symbolic.Inputs, alone *sampleWiseUnless) (symbolic.Shape, error) {
	x, err := one(in)
	if err == nil && len(x) != 3 && len(x) != 4 {
		err = fmt.Errorf("expected image tensor to have rank 3 (single image) or 4 (batch of images), received: data.shape=%s", x)
	}
	alone.crossesIf(len(x) == 3)
	return x, err
}

// sized is the shape of the outputs of most: that of the images.
func (l *pictures[L]) sized(x symbolic.Shape) symbolic.Shape { return x }

// draw draws nothing.
func (l *pictures[L]) draw(draws, []int) transformation { return nil }

// Infer returns floats of the outputs' shapes.
func (l *pictures[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	a := any(l.self).(augmenter)
	if data, ok := in.Get("data").(map[string]any); ok {
		out, err := dataSpecs(a, data, &l.sampleWiseUnless)
		specs := flatSpecs(out)
		for i, s := range specs { // Keras takes all for floats, which labels of boxes aren't
			specs[i] = l.Floats(s.Shape)
		}
		return specs, err
	}
	x, err := imagesOf(in, &l.sampleWiseUnless)
	return l.floatOutput(a.sized(x), err)
}

// Call computes the layer: most return their inputs outside of training.
func (l *pictures[L]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	a := any(l.self).(augmenter)
	if data, ok := c.Get("data").(map[string]any); ok {
		return changedData(c, a, data, a.draw)
	}
	x := in[0]
	if _, keeps := a.(interface{ keepsIntegers() }); !keeps {
		x = toCompute(c, x)
	}
	if !c.Training && !always(a) {
		return []*graph.Node{x}
	}
	many := batch(x)
	return []*graph.Node{unbatched(a.transform(c, many, a.draw(draws{c}, many.Shape().Dimensions)), x.Rank())}
}

// always tells layers that change images outside of training, too.
func always(a augmenter) bool {
	_, ok := a.(interface{ always() })
	return ok
}

// batch is an image as a batch of one; batches stay.
func batch(x *graph.Node) *graph.Node {
	if x.Rank() == 3 {
		return graph.InsertAxes(x, 0)
	}
	return x
}

// unbatched is the way back to as many axes as the input had.
func unbatched(y *graph.Node, rank int) *graph.Node {
	if y.Rank() > rank {
		return graph.Squeeze(y, 0)
	}
	return y
}

// spatialAxes are those of the height and the width, counted from the start.
func (f DataFormat) spatialAxes(rank int) (height, width int) {
	if f == ChannelsFirst {
		return rank - 2, rank - 1
	}
	return rank - 3, rank - 2
}

// channelsLast puts the channels of a batch of images at the end, calls f, and puts them back.
func (f DataFormat) channelsLast(x *graph.Node, do func(x *graph.Node) *graph.Node) *graph.Node {
	if f == ChannelsFirst {
		return graph.TransposeAllAxes(do(graph.TransposeAllAxes(x, 0, 2, 3, 1)), 0, 3, 1, 2)
	}
	return do(x)
}

// toCompute converts to the layer's compute type.
func toCompute(c *symbolic.Call, x *graph.Node) *graph.Node {
	if x.DType() == c.DType() {
		return x
	}
	return graph.ConvertDType(x, c.DType())
}

// augmentation is what layers share that change images at random while a model trains.
type augmentation[L symbolic.Layer] struct {
	images[L]
}

// augmenter is a layer of images: what it draws for a batch of them, and what it makes of them then, are apart.
type augmenter interface {
	symbolic.Layer
	// sized is the shape of what it makes of images of a shape.
	sized(x symbolic.Shape) symbolic.Shape
	// draw draws for a batch of images of those sizes.
	draw(d draws, dims []int) transformation
	// transform changes a batch of images.
	transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node
}

// transformation is what was drawn, by Keras's names.
type transformation map[string]*graph.Node

// randomConfig is the argument of layers with a random generator.
type randomConfig struct {
	Seed *int `keras:"seed"`
}

func (c *randomConfig) seed() *int { return c.Seed }

func (c *randomConfig) setSeed(seed *int) { c.Seed = seed }

// Declare declares the generator.
func (l *augmentation[L]) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	var seed *int
	if cfg, ok := l.self.KerasConfig().(interface{ seed() *int }); ok {
		seed = cfg.seed()
	}
	b.Seed(seed)
	return nil
}

// draws are the random numbers of one call.
type draws struct{ c *symbolic.Call }

// uniform draws float32 numbers from low to high.
func (d draws) uniform(low, high float64, dims ...int) *graph.Node {
	_, x := graph.RandomUniform(d.c.Random(), shapes.Make(dtypes.Float32, dims...))
	return graph.AddScalar(graph.MulScalar(x, high-low), low)
}

// one draws a number from low to high for each image.
func (d draws) one(b bounds, images []int) *graph.Node {
	return d.uniform(b.lower, b.upper, images[0], 1, 1, 1)
}

// across spreads a value for each image over images.
func across(v, x *graph.Node) *graph.Node {
	if v.Rank() < x.Rank() {
		v = graph.Reshape(v, append(slices.Clone(v.Shape().Dimensions), slices.Repeat([]int{1}, x.Rank()-v.Rank())...)...)
	}
	return graph.BroadcastToDims(v, x.Shape().Dimensions...)
}

// chosen draws whether each image is changed, with a probability that is drawn between bounds.
func (d draws) chosen(probability bounds, images []int) *graph.Node {
	p := d.uniform(probability.lower, probability.upper, images[0])
	return graph.LessThan(d.uniform(0, 1, images[0]), p)
}
