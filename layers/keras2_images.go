package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/symbolic"
)

// Layers of Keras 2 that change images, where Keras 3 has no such layer, or computes other numbers than TensorFlow. They are here for old files, and for what
// is saved of their models.

// keras2Class names a class of Keras 2 that Keras 3 has no more, or has otherwise.
func keras2Class(name string) symbolic.Class {
	return symbolic.Class{Module: "gokeras", Name: name, Registered: "gokeras>" + name}
}

// keras2Images is what they share: images, or one image, with the channels at the end.
type keras2Images struct {
	layer[symbolic.Layer]
	sampleWiseUnless
}

// changed calls change with a batch of images of floats.
func (l *keras2Images) changed(c *symbolic.Call, x *graph.Node, change func(x *graph.Node) *graph.Node) []*graph.Node {
	y := change(toCompute(c, batch(x)))
	return []*graph.Node{toCompute(c, unbatched(y, x.Rank()))}
}

// interpolated is images in another size, as tf.image.resize gives them.
func interpolated(x *graph.Node, format DataFormat, method string, height, width int) *graph.Node {
	h, w := format.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	if dims[h] == height && dims[w] == width {
		return x
	}
	if err := imageSize(height, width); err != nil {
		panic(err)
	}
	dtype := x.DType()
	x = graph.ConvertDType(x, dtypes.Float32)
	for _, along := range []struct{ axis, size int }{{h, height}, {w, width}} {
		axis, size, n := along.axis, along.size, dims[along.axis]
		flat, err := kerasops.TensorFlowResize(method, false, n, size)
		if err != nil {
			panic(err)
		}
		rows := make([][]float32, size)
		for i := range rows {
			rows[i] = make([]float32, n)
			for j := range rows[i] {
				rows[i][j] = float32(flat[j*size+i])
			}
		}
		x = weighed(x, axis, graph.Const(x.Graph(), rows))
	}
	return graph.ConvertDType(x, dtype)
}

func checkMethod(method string) error {
	if !slices.Contains(kerasops.TensorFlowMethods, method) {
		return config.UnknownName("interpolation", method, kerasops.TensorFlowMethods)
	}
	return nil
}

// keras2Resizing is Keras 2's Resizing by one of TensorFlow's own methods.
type keras2Resizing struct {
	keras2Images
	cfg keras2ResizingConfig
}

type keras2ResizingConfig struct {
	symbolic.LayerConfig
	Height            int    `keras:"height"`
	Width             int    `keras:"width"`
	Interpolation     string `keras:"interpolation" default:"bicubic"`
	CropToAspectRatio bool   `keras:"crop_to_aspect_ratio"`
}

// keras2UpSampling2D is Keras 2's UpSampling2D by one of TensorFlow's own methods.
type keras2UpSampling2D struct {
	layer[symbolic.Layer]
	sampleWise
	cfg keras2UpSampling2DConfig
}

type keras2UpSampling2DConfig struct {
	symbolic.LayerConfig
	Size [2]int `keras:"size" default:"2"`
	formatConfig
	Interpolation string `keras:"interpolation" default:"bicubic"`
}

// keras2RandomCrop is Keras 2's RandomCrop, which resizes images outside of training.
type keras2RandomCrop struct {
	keras2Images
	cfg keras2RandomCropConfig
}

type keras2RandomCropConfig struct {
	symbolic.LayerConfig
	Height int `keras:"height"`
	Width  int `keras:"width"`
	randomConfig
}

// keras2RandomSize is Keras 2's RandomHeight or RandomWidth, which change nothing outside of training. In training their images have a height, or a width,
// that is another at each step.
type keras2RandomSize struct {
	keras2Images
	cfg  keras2RandomSizeConfig
	axis int // counted from the end
}

type keras2RandomSizeConfig struct {
	symbolic.LayerConfig
	Factor        any    `keras:"factor"`
	Interpolation string `keras:"interpolation" default:"bilinear"`
	randomConfig
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &keras2Resizing{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &keras2UpSampling2D{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
	symbolic.RegisterLayer(func() symbolic.Layer {
		l := &keras2RandomCrop{}
		l.init(l, &l.cfg.LayerConfig)
		return l
	})
	for _, axis := range []int{-3, -2} {
		symbolic.RegisterLayer(func() symbolic.Layer {
			l := &keras2RandomSize{axis: axis}
			l.init(l, &l.cfg.LayerConfig)
			return l
		})
	}
}

// resizerClass names Keras 2's class. Where Keras 3 has the method, in other numbers but on TensorFlow, it reads files by its own class: it doesn't know the registered one.
func resizerClass(name, interpolation string) symbolic.Class {
	class := keras2Class(name)
	if interpolation == "bicubic" {
		class.Module = keras(name).Module
	}
	return class
}

// KerasClass names Keras 2's class.
func (l *keras2Resizing) KerasClass() symbolic.Class {
	return resizerClass("Resizing", l.cfg.Interpolation)
}

// KerasClass names Keras 2's class.
func (l *keras2UpSampling2D) KerasClass() symbolic.Class {
	return resizerClass("UpSampling2D", l.cfg.Interpolation)
}

// KerasClass names Keras 2's class.
func (l *keras2RandomCrop) KerasClass() symbolic.Class { return keras2Class("RandomCrop") }

// KerasClass names Keras 2's class.
func (l *keras2RandomSize) KerasClass() symbolic.Class {
	if l.axis == -3 {
		return keras2Class("RandomHeight")
	}
	return keras2Class("RandomWidth")
}

// KerasConfig returns the layer's configuration.
func (l *keras2Resizing) KerasConfig() any { return &l.cfg }

// KerasConfig returns the layer's configuration.
func (l *keras2UpSampling2D) KerasConfig() any { return &l.cfg }

// KerasConfig returns the layer's configuration.
func (l *keras2RandomCrop) KerasConfig() any { return &l.cfg }

// KerasConfig returns the layer's configuration.
func (l *keras2RandomSize) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras 2 rejects.
func (c *keras2ResizingConfig) Validate() error {
	return firstError(imageSize(c.Height, c.Width), checkMethod(c.Interpolation))
}

// Validate reports arguments that Keras 2 rejects.
func (c *keras2UpSampling2DConfig) Validate() error {
	return firstError(positive("size", c.Size[:]), checkMethod(c.Interpolation), c.DataFormat.check())
}

// Validate reports arguments that Keras 2 rejects.
func (c *keras2RandomCropConfig) Validate() error { return imageSize(c.Height, c.Width) }

// Infer replaces the height and the width.
func (l *keras2Resizing) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := imagesOf(in, &l.sampleWiseUnless)
	return l.floatOutput(DataFormat(ChannelsLast).withSize(x, l.cfg.Height, l.cfg.Width), err)
}

// Infer multiplies the height and the width.
func (l *keras2UpSampling2D) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(upSampledShape(in, l.cfg.Size[:], l.cfg.DataFormat))
}

// Infer replaces the height and the width.
func (l *keras2RandomCrop) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := imagesOf(in, &l.sampleWiseUnless)
	return l.floatOutput(DataFormat(ChannelsLast).withSize(x, l.cfg.Height, l.cfg.Width), err)
}

// Declare declares the generator.
func (l *keras2RandomCrop) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	b.Seed(l.cfg.Seed)
	return nil
}

// Infer leaves the size open.
func (l *keras2RandomSize) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := imagesOf(in, &l.sampleWiseUnless)
	if err == nil {
		x[len(x)+l.axis] = symbolic.None
	}
	return l.floatOutput(x, err)
}

// Call computes the layer.
func (l *keras2Resizing) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.changed(c, in[0], func(x *graph.Node) *graph.Node {
		if l.cfg.CropToAspectRatio {
			top, left, tall, broad := proportioned(x.Shape().Dimensions[1], x.Shape().Dimensions[2], l.cfg.Height, l.cfg.Width)
			x = part(part(x, 1, top, tall), 2, left, broad)
		}
		return interpolated(x, ChannelsLast, l.cfg.Interpolation, l.cfg.Height, l.cfg.Width)
	})
}

// Call computes the layer.
func (l *keras2UpSampling2D) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := toCompute(c, in[0])
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	return []*graph.Node{interpolated(x, l.cfg.DataFormat, l.cfg.Interpolation, l.cfg.Size[0]*dims[h], l.cfg.Size[1]*dims[w])}
}

// Call computes the layer: in training one place for the whole batch, where the images are large enough.
func (l *keras2RandomCrop) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return l.changed(c, in[0], func(x *graph.Node) *graph.Node {
		down, right := x.Shape().Dimensions[1]-l.cfg.Height, x.Shape().Dimensions[2]-l.cfg.Width
		if !c.Training || down < 0 || right < 0 {
			return resizedImages(c, x, ChannelsLast, l.cfg.Height, l.cfg.Width, map[string]any{"crop_to_aspect_ratio": true})
		}
		start := func(spare int) *graph.Node {
			at := graph.ConvertDType(graph.Floor(draws{c}.uniform(0, float64(spare+1))), dtypes.Int32)
			return graph.ClipScalar(at, 0, float64(spare))
		}
		return partAt(partAt(x, 1, start(down), l.cfg.Height), 2, start(right), l.cfg.Width)
	})
}

// Call returns the input.
func (l *keras2RandomSize) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	if c.Training {
		panic(fmt.Errorf("layer %q (%s) gives the images of each training step another size at random, which a compiled program can't have: "+
			"the model predicts, but to train it, build it without the layer, or with RandomZoom in its place", l.Name(), l.KerasClass().Name))
	}
	return []*graph.Node{toCompute(c, in[0])}
}
