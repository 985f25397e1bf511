package layers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// MixUpLayer is Keras's MixUp: in training it mixes each image with another one.
type MixUpLayer struct {
	augmentation[*MixUpLayer]
	cfg mixUpConfig
}

type mixUpConfig struct {
	symbolic.LayerConfig
	Alpha float64 `keras:"alpha" default:"0.2"`
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return MixUp() }) }

// MixUp returns a layer that in training mixes each image of a batch with another one of it, by a weight drawn from the beta distribution of Alpha
// and Alpha, 0.2 by default (Keras: MixUp()). It takes images alone: what mixes their labels, too, is Keras's call of a dictionary, which
// isn't here. Otherwise it returns its inputs.
func MixUp() *MixUpLayer {
	l := &MixUpLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KerasClass names Keras's MixUp.
func (l *MixUpLayer) KerasClass() symbolic.Class { return keras("MixUp") }

// KerasConfig returns the layer's configuration.
func (l *MixUpLayer) KerasConfig() any { return &l.cfg }

// Validate reports arguments that Keras rejects, and those that draw no numbers.
func (c *mixUpConfig) Validate() error {
	if !(c.Alpha > 0 && c.Alpha <= maxStrength) {
		return fmt.Errorf("alpha: got %v, want a positive number", c.Alpha)
	}
	return c.imageConfig.check()
}

func (l *MixUpLayer) keepsIntegers() {}

func (l *MixUpLayer) draw(d draws, dims []int) transformation {
	alpha := graph.MulScalar(graph.Ones(d.c.Graph(), shapes.Make(dtypes.Float32, dims[0])), l.cfg.Alpha)
	return transformation{"mix_weight": d.beta(alpha, alpha), "permutation_order": d.order(dims[0])}
}

func (l *MixUpLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	x = toCompute(c, x)
	weight := across(toCompute(c, t["mix_weight"]), x)
	return graph.Add(graph.Mul(weight, x), graph.Mul(graph.OneMinus(weight), reordered(c, x, t)))
}

// reordered is the images in the order that was drawn.
func reordered(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return c.Op("Take", map[string]any{"axis": 0}, x, t["permutation_order"])
}
