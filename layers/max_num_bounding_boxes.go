package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// MaxNumBoundingBoxesLayer is Keras's MaxNumBoundingBoxes: of images alone, which have no bounding boxes here, it returns them.
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

// MaxNumBoundingBoxes returns a layer that returns its images (Keras: MaxNumBoundingBoxes(max_number)). Bounding boxes beside them, of which Keras
// keeps maxNumber or fills up to as many, are Keras's call of a dictionary, which isn't here.
func MaxNumBoundingBoxes(maxNumber int) *MaxNumBoundingBoxesLayer {
	l := &MaxNumBoundingBoxesLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.MaxNumber = maxNumber
	return l
}

// KerasClass names Keras's MaxNumBoundingBoxes.
func (l *MaxNumBoundingBoxesLayer) KerasClass() symbolic.Class { return keras("MaxNumBoundingBoxes") }

// KerasConfig returns the layer's configuration.
func (l *MaxNumBoundingBoxesLayer) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *maxNumBoundingBoxesConfig) Validate() error { return c.imageConfig.check() }

// Call returns the images.
func (l *MaxNumBoundingBoxesLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return in
}
