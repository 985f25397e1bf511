package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// GroupNormalizationLayer is Keras's GroupNormalization: it splits the channels of each sample into groups, and gives each group the mean
// 0 and the variance 1 before each channel is scaled by gamma and shifted by beta.
type GroupNormalizationLayer struct {
	elementwise[*GroupNormalizationLayer]
	cfg groupNormConfig
}

type groupNormConfig struct {
	symbolic.LayerConfig
	Groups  int     `keras:"groups" default:"32"`
	Axis    int     `keras:"axis" default:"-1"`
	Epsilon float64 `keras:"epsilon" default:"0.001"`
	scaleAndCenter
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return GroupNormalization() }) }

// GroupNormalization returns a layer that normalizes 32 groups of channels, or as many as Groups says, of inputs of shape (batch, …,
// channels) (Keras: GroupNormalization()). It computes in at least 32 bits.
func GroupNormalization() *GroupNormalizationLayer {
	l := &GroupNormalizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KeepsInputTypes says that inputs are not rounded before they are normalized.
func (l *GroupNormalizationLayer) KeepsInputTypes() {}

// Validate reports arguments that Keras rejects.
func (c *groupNormConfig) Validate() error {
	if c.Groups <= 0 && c.Groups != -1 {
		return fmt.Errorf("received an invalid value for argument `groups`, expected a positive integer, or -1 for a group for each channel, received: groups=%d", c.Groups)
	}
	return nil
}

// Infer returns floats of the input's shape.
func (l *GroupNormalizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAsBuilt(in)
	if err != nil {
		return nil, err
	}
	if err := l.knownAxis(x, l.cfg.Axis); err != nil {
		return nil, err
	}
	at, _ := x.Axis(l.cfg.Axis)
	channels, groups := x[at], l.cfg.Groups
	switch {
	case at == 0:
		return nil, fmt.Errorf("axis %d of an input of shape %s is that of the samples, which is not supported", l.cfg.Axis, x)
	case groups == -1:
	case channels < groups:
		return nil, fmt.Errorf("the number of groups (%d) cannot be more than the number of channels (%d)", groups, channels)
	case channels%groups != 0:
		return nil, fmt.Errorf("the number of channels (%d) must be a multiple of the number of groups (%d)", channels, groups)
	}
	return l.floatOutput(x, nil)
}

// Declare declares gamma and beta, of shape (channels,).
func (l *GroupNormalizationLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	c, x := &l.cfg, firstShape(in)
	at, _ := x.Axis(c.Axis)
	if c.Groups == -1 {
		c.Groups = x[at] // as Keras writes it from here on
	}
	c.declare(b, c.Scale, c.Center, x[at])
	return nil
}

// OutputSteps says that added steps can't be told from others: a group has numbers of all steps.
func (l *GroupNormalizationLayer) OutputSteps(*symbolic.Call) ([]*graph.Node, bool) {
	return nil, false
}

// Call computes the layer.
func (l *GroupNormalizationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	given, dims, wide := x.DType(), x.Shape().Dimensions, dtypes.Float32
	if given == dtypes.Float64 {
		wide = given
	}
	at := graph.MustAdjustAxis(l.cfg.Axis, x)
	groups := l.cfg.Groups
	split := slices.Concat(dims[:at], []int{groups, dims[at] / groups}, dims[at+1:])
	x = graph.Reshape(graph.ConvertDType(x, wide), split...)
	along := slices.Repeat([]int{1}, len(split))
	along[at], along[at+1] = split[at], split[at+1]
	weight := func(name string) *graph.Node {
		return graph.Reshape(graph.ConvertDType(c.RawWeight(name), wide), along...)
	}
	var axes []int
	for axis := 1; axis < len(split); axis++ {
		if axis != at {
			axes = append(axes, axis)
		}
	}
	mean := graph.ReduceAndKeep(x, graph.ReduceMean, axes...)
	variance := graph.ReduceAndKeep(graph.Square(graph.Sub(x, mean)), graph.ReduceMean, axes...)
	factor := graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, l.cfg.Epsilon))) // graph.Rsqrt has no gradient
	if l.cfg.Scale {
		factor = graph.Mul(factor, weight("gamma"))
	}
	shift := graph.Neg(graph.Mul(mean, factor))
	if l.cfg.Center {
		shift = graph.Add(shift, weight("beta"))
	}
	y := graph.ConvertDType(graph.Add(graph.Mul(x, factor), shift), given)
	return []*graph.Node{graph.ConvertDType(graph.Reshape(y, dims...), c.DType())}
}
