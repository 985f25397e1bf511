package layers

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomCropLayer is Keras's RandomCrop: in training it cuts a part out of images.
type RandomCropLayer struct {
	pictures[*RandomCropLayer]
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

func (l *RandomCropLayer) sized(x symbolic.Shape) symbolic.Shape {
	return l.cfg.DataFormat.withSize(x, l.cfg.Height, l.cfg.Width)
}

func (l *RandomCropLayer) keepsIntegers() {}

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
	x = toCompute(c, x)
	if t != nil {
		return partAt(partAt(x, h, t["h_start"], l.cfg.Height), w, t["w_start"], l.cfg.Width)
	}
	// The largest part of the right proportions would be in the middle; Keras takes the full size from where it begins.
	top, left, _, _ := proportioned(height, width, l.cfg.Height, l.cfg.Width)
	x = part(x, h, top, min(l.cfg.Height, height-top))
	x = part(x, w, left, min(l.cfg.Width, width-left))
	return toCompute(c, resizedImages(c, x, l.cfg.DataFormat, l.cfg.Height, l.cfg.Width, map[string]any{}))
}

func (l *RandomCropLayer) makesFloatMasks() {}

func (l *RandomCropLayer) masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.transform(c, x, t)
}

// masksAtRest cuts masks outside of training, too, as Keras does.
func (l *RandomCropLayer) masksAtRest(c *symbolic.Call, x *graph.Node) *graph.Node {
	return l.transform(c, x, nil)
}

// boxSize is the size that relative boxes are parts of: that of the part, for Keras.
func (l *RandomCropLayer) boxSize() (height, width int) { return l.cfg.Height, l.cfg.Width }

// boxes moves left and right by what the part begins below the top, as Keras does, and top and bottom by the other.
func (l *RandomCropLayer) boxes(b boxes, t transformation) boxes {
	g := b.labels.Graph()
	var starts [2]*graph.Node
	if t != nil {
		starts = [2]*graph.Node{graph.ConvertDType(t["h_start"], dtypes.Float32), graph.ConvertDType(t["w_start"], dtypes.Float32)}
	} else {
		top, left, _, _ := proportioned(b.imageHeight, b.imageWidth, l.cfg.Height, l.cfg.Width)
		starts = [2]*graph.Node{graph.Scalar(g, dtypes.Float32, top), graph.Scalar(g, dtypes.Float32, left)}
	}
	for i, v := range b.sides {
		b.sides[i] = graph.MaxScalar(graph.Sub(v, graph.BroadcastToDims(starts[i%2], v.Shape().Dimensions...)), 0)
	}
	return b
}

// CheckSymbolic refuses dictionaries, as Keras does.
func (l *RandomCropLayer) CheckSymbolic(args []any) error { return onlyImages(args) }

// partAt is a part of an axis that begins at a computed place.
func partAt(x *graph.Node, axis int, from *graph.Node, size int) *graph.Node {
	order := swapped(x.Rank(), axis)
	index := graph.Add(graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, size, 1), 0), graph.BroadcastToDims(graph.ConvertDType(from, dtypes.Int32), size, 1))
	return graph.TransposeAllAxes(graph.Gather(graph.TransposeAllAxes(x, order...), index), order...)
}
