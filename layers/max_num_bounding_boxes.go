package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// MaxNumBoundingBoxesLayer is Keras's MaxNumBoundingBoxes: images with equally many bounding boxes.
type MaxNumBoundingBoxesLayer struct {
	images[*MaxNumBoundingBoxesLayer]
	cfg maxNumBoundingBoxesConfig
}

type maxNumBoundingBoxesConfig struct {
	symbolic.LayerConfig
	MaxNumber int `keras:"max_number"`
	FillValue int `keras:"fill_value,unsaved" default:"-1"`
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return MaxNumBoundingBoxes(1) }) }

// MaxNumBoundingBoxes returns a layer that keeps the first maxNumber bounding boxes of each image of a dictionary, or fills up to as many with
// FillValue, -1 by default; the images stay (Keras: MaxNumBoundingBoxes(max_number)).
func MaxNumBoundingBoxes(maxNumber int) *MaxNumBoundingBoxesLayer {
	l := &MaxNumBoundingBoxesLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.MaxNumber = maxNumber
	return l
}

// Validate reports arguments that Keras rejects.
func (c *maxNumBoundingBoxesConfig) Validate() error {
	if c.MaxNumber < 0 || c.MaxNumber > maxBoxes {
		return fmt.Errorf("max_number: got %d, want from 0 to %d", c.MaxNumber, maxBoxes)
	}
	return c.imageConfig.check()
}

// maxBoxes bounds the boxes of an image.
const maxBoxes = 1 << 16

func (l *MaxNumBoundingBoxesLayer) always() {}

func (l *MaxNumBoundingBoxesLayer) keepsIntegers() {}

func (l *MaxNumBoundingBoxesLayer) transform(_ *symbolic.Call, x *graph.Node, _ transformation) *graph.Node {
	return x
}

func (l *MaxNumBoundingBoxesLayer) numberOfBoxes(int) int { return l.cfg.MaxNumber }

func (l *MaxNumBoundingBoxesLayer) boxesInTheirFormat() {}

// boxes takes the first ones, as they are, and fills up.
func (l *MaxNumBoundingBoxesLayer) boxes(b boxes, _ transformation) boxes {
	fit := func(x *graph.Node) *graph.Node {
		dims := slices.Clone(x.Shape().Dimensions)
		if dims[1] >= l.cfg.MaxNumber {
			return part(x, 1, 0, l.cfg.MaxNumber)
		}
		dims[1] = l.cfg.MaxNumber - dims[1]
		fill := graph.BroadcastToDims(graph.Scalar(x.Graph(), x.DType(), float64(l.cfg.FillValue)), dims...)
		return graph.Concatenate([]*graph.Node{x, fill}, 1)
	}
	for i, v := range b.given {
		b.given[i] = fit(v)
	}
	b.labels = fit(b.labels)
	return b
}
