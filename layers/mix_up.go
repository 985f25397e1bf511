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
// and Alpha, 0.2 by default (Keras: MixUp()). Of a dictionary it mixes the labels, too, (batch, classes), and puts the bounding boxes together. It refuses
// segmentation masks, which Keras 3.15 mixes with single pixels. Otherwise it returns its inputs.
func MixUp() *MixUpLayer {
	l := &MixUpLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

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

func (l *MixUpLayer) labels(c *symbolic.Call, y *graph.Node, t transformation) *graph.Node {
	return mixedLabels(c, y, t)
}

// mixedLabels mixes labels (batch, classes) by the weights that were drawn.
func mixedLabels(c *symbolic.Call, y *graph.Node, t transformation) *graph.Node {
	if !y.DType().IsFloat() {
		y = graph.ConvertDType(y, dtypes.Float32)
	}
	weight := across(graph.ConvertDType(graph.Reshape(t["mix_weight"], -1, 1), y.DType()), y)
	return graph.Add(graph.Mul(weight, y), graph.Mul(graph.OneMinus(weight), reordered(c, y, t)))
}

func (l *MixUpLayer) boxesInTheirFormat() {}

// boxes are those of both images; their labels are one below the other, as Keras has them.
func (l *MixUpLayer) boxes(b boxes, t transformation) boxes {
	for i, v := range b.given {
		b.given[i] = graph.Concatenate([]*graph.Node{v, reordered(b.call, v, t)}, 1)
	}
	b.labels = graph.Concatenate([]*graph.Node{b.labels, reordered(b.call, b.labels, t)}, 0)
	return b
}

func (l *MixUpLayer) refuses(part string, training bool) bool {
	return part == "segmentation_masks" && training
}
