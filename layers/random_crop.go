package layers

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomCropLayer is Keras's RandomCrop: in training it cuts a part out of images.
type RandomCropLayer struct {
	layer[*RandomCropLayer]
	sampleWiseUnless
	cfg randomCropConfig
}

type randomCropConfig struct {
	symbolic.LayerConfig
	Height int `keras:"height"`
	Width  int `keras:"width"`
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomCrop(1, 1) }) }

// RandomCrop returns a layer that in training cuts a part of this size out of images of shape (batch, height, width, channels), or of one
// image (height, width, channels), at a random place that is the same for the whole batch (Keras: RandomCrop(height, width)). What isn't
// larger both ways is resized. Outside of training it returns its inputs, as Keras 3.15 does: models whose later layers want a size put a
// Resizing or a CenterCrop behind.
func RandomCrop(height, width int) *RandomCropLayer {
	l := &RandomCropLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Height, l.cfg.Width = height, width
	return l
}

// KerasClass names Keras's RandomCrop.
func (l *RandomCropLayer) KerasClass() symbolic.Class { return keras("RandomCrop") }

// KerasConfig returns the layer's configuration.
func (l *RandomCropLayer) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects. Files always have a seed.
func (c *randomCropConfig) Validate() error {
	if c.Seed == nil {
		seed := int(symbolic.NextSeed() % 1e9)
		c.Seed = &seed
	}
	if err := imageSize(c.Height, c.Width); err != nil {
		return err
	}
	return c.imageConfig.check()
}

// Declare declares the generator.
func (l *RandomCropLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	b.Seed(l.cfg.Seed)
	return nil
}

// Infer returns the new size.
func (l *RandomCropLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := imagesOf(in, &l.sampleWiseUnless)
	return l.floatOutput(l.cfg.DataFormat.withSize(x, l.cfg.Height, l.cfg.Width), err)
}

// Call computes the layer.
func (l *RandomCropLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	if !c.Training {
		return in
	}
	x := toCompute(c, in[0])
	many := batch(x)
	return []*graph.Node{unbatched(l.transform(c, many, l.draw(draws{c}, many.Shape().Dimensions)), x.Rank())}
}

// cutsOut reports whether images are larger both ways, so that there is a place to choose.
func (l *RandomCropLayer) cutsOut(height, width int) bool {
	return height > l.cfg.Height && width > l.cfg.Width
}

func (l *RandomCropLayer) draw(d draws, dims []int) transformation {
	h, w := l.cfg.DataFormat.spatialAxes(len(dims))
	if !l.cutsOut(dims[h], dims[w]) {
		return nil
	}
	start := func(n, size int) *graph.Node {
		at := graph.ConvertDType(graph.Floor(d.uniform(0, float64(n-size+1))), dtypes.Int32)
		return graph.ClipScalar(at, 0, float64(n-size))
	}
	return transformation{"h_start": start(dims[h], l.cfg.Height), "w_start": start(dims[w], l.cfg.Width)}
}

func (l *RandomCropLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	h, w := l.cfg.DataFormat.spatialAxes(x.Rank())
	dims := x.Shape().Dimensions
	height, width := dims[h], dims[w]
	if l.cutsOut(height, width) {
		return partAt(partAt(x, h, t["h_start"], l.cfg.Height), w, t["w_start"], l.cfg.Width)
	}
	// The largest part of the right proportions would be in the middle; Keras takes the full size from where it begins.
	tall := max(min(height, int(float64(width*l.cfg.Height)/float64(l.cfg.Width))), 1)
	broad := max(min(width, int(float64(height*l.cfg.Width)/float64(l.cfg.Height))), 1)
	top, left := (height-tall)/2, (width-broad)/2
	x = part(x, h, top, min(l.cfg.Height, height-top))
	x = part(x, w, left, min(l.cfg.Width, width-left))
	return toCompute(c, resizedImages(c, x, l.cfg.DataFormat, l.cfg.Height, l.cfg.Width, map[string]any{}))
}

// partAt is a part of an axis that begins at a computed place.
func partAt(x *graph.Node, axis int, from *graph.Node, size int) *graph.Node {
	order := swapped(x.Rank(), axis)
	index := graph.Add(graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, size, 1), 0), graph.BroadcastToDims(graph.ConvertDType(from, dtypes.Int32), size, 1))
	return graph.TransposeAllAxes(graph.Gather(graph.TransposeAllAxes(x, order...), index), order...)
}
