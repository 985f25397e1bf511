package layers

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// RandomPerspectiveLayer is Keras's RandomPerspective: in training it shows some images from another side.
type RandomPerspectiveLayer struct {
	augmentation[*RandomPerspectiveLayer]
	cfg randomPerspectiveConfig
}

type randomPerspectiveConfig struct {
	symbolic.LayerConfig
	Factor        upTo          `keras:"factor" default:"1.0"`
	Scale         float64       `keras:"scale" default:"1.0"`
	Interpolation Interpolation `keras:"interpolation" default:"bilinear"`
	FillValue     float64       `keras:"fill_value"`
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomPerspective() }) }

// RandomPerspective returns a layer that in training distorts some images as if they were seen from another side (Keras:
// RandomPerspective(factor)): the probability is drawn between 0 and factor, 1 by default, or between two bounds; see Scale for how far the
// corners move. Otherwise it returns its inputs.
func RandomPerspective(factor ...float64) *RandomPerspectiveLayer {
	l := &RandomPerspectiveLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if len(factor) > 0 {
		l.Configure("factor", func() error { return l.cfg.Factor.set(factor...) })
	}
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomPerspectiveConfig) Validate() error {
	if !(c.Scale >= 0 && c.Scale <= 1) {
		return fmt.Errorf("the `scale` argument should be a number in the range [0, 1], received: scale=%v", c.Scale)
	}
	if err := nearOrLinear(c.Interpolation); err != nil {
		return err
	}
	return c.imageConfig.check()
}

func (l *RandomPerspectiveLayer) draw(d draws, dims []int) transformation {
	g := d.c.Graph()
	h, w := l.cfg.DataFormat.spatialAxes(len(dims))
	right, bottom := float64(dims[w]-1), float64(dims[h]-1)
	chosen := d.chosen(l.cfg.Factor.bounds, dims)
	corners := graph.Const(g, [][][]float32{{{0, 0}, {float32(right), 0}, {0, float32(bottom)}, {float32(right), float32(bottom)}}})
	start := graph.BroadcastToDims(corners, dims[0], 4, 2)
	moves := d.uniform(-0.5*l.cfg.Scale, 0.5*l.cfg.Scale, dims[0], 4, 2)
	end := graph.Add(start, graph.Mul(start, moves))
	return transformation{"apply_perspective": chosen, "start_points": toCompute(d.c, start), "end_points": toCompute(d.c, end)}
}

func (l *RandomPerspectiveLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.move(x, t, l.cfg.Interpolation)
}

func (l *RandomPerspectiveLayer) move(x *graph.Node, t transformation, how Interpolation) *graph.Node {
	start, end := graph.ConvertDType(t["start_points"], dtypes.Float32), graph.ConvertDType(t["end_points"], dtypes.Float32)
	y := l.cfg.DataFormat.channelsLast(x, func(x *graph.Node) *graph.Node {
		return lowering.Perspective(x, start, end, lowering.Sampling{Linear: how == Bilinear, Mode: "constant", Fill: l.cfg.FillValue})
	})
	return graph.Where(across(t["apply_perspective"], x), y, x)
}

// boxesStayXYXY says that boxes don't get their format back, as in Keras.
func (l *RandomPerspectiveLayer) boxesStayXYXY() {}

// boxes are what holds the corners where they went.
func (l *RandomPerspectiveLayer) boxes(b boxes, t transformation) boxes {
	start, end := graph.ConvertDType(t["start_points"], dtypes.Float32), graph.ConvertDType(t["end_points"], dtypes.Float32)
	moved := b.around(func(x, y *graph.Node) (*graph.Node, *graph.Node) { return lowering.Project(x, y, start, end) })
	for i, v := range b.sides {
		b.sides[i] = graph.Where(across(t["apply_perspective"], v), moved.sides[i], v)
	}
	return b.within(float64(b.width), float64(b.height))
}
