package applications

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// GradCAMOptions are the arguments of [GradCAM].
type GradCAMOptions struct {
	// Layer is the layer whose places are looked at, as a rule the last one whose output has places: "conv5_block3_out" of ResNet50. "" is just that.
	Layer string
	// Class is the class that the places are asked about, counted from 0; nil is the one that the model finds most likely in each image.
	Class *int
	// DataFormat says where the layer's channels are; "" is [layers.ChannelsLast].
	DataFormat string
}

// GradCAM returns a model of m's inputs that shows where m looks: heat maps of shape (batch, height, width), as large as the layer's output, from 0 to 1. A place counts as much as
// the layer's channels there, each weighed by the mean of the gradient of the class's score for it (Selvaraju and others). The new model has m's layers, so it follows when m is trained. [plots.Heatmap] draws
// such a map over its image.
//
// m has one output, of shape (batch, classes), and the layer belongs to m itself: of a model inside m take the layers apart, or make the map of that model.
func GradCAM(m *functional.Model, o GradCAMOptions) (*functional.Model, error) {
	cam, err := gradCAM(m, o)
	if err != nil {
		return nil, fmt.Errorf("applications.GradCAM: %w", err)
	}
	return cam, nil
}

func gradCAM(m *functional.Model, o GradCAMOptions) (*functional.Model, error) {
	if err := m.Ready(); err != nil {
		return nil, err
	}
	outputs := m.Outputs()
	if len(outputs) != 1 || len(outputs[0].Shape()) != 2 {
		return nil, fmt.Errorf("model %q must have one output of shape (batch, classes)", m.Name())
	}
	var inner *functional.Tensor
	var names []string
	for _, node := range m.Nodes() {
		name := node.Layer.Base().Name()
		names = append(names, name)
		places := len(node.Inputs) > 0 && len(node.Outputs[0].Shape()) == 4
		if name == o.Layer || o.Layer == "" && places {
			inner = node.Outputs[0]
		}
	}
	switch {
	case inner == nil && o.Layer == "":
		return nil, fmt.Errorf("model %q has no layer with an output of shape (batch, height, width, channels)", m.Name())
	case inner == nil:
		return nil, config.UnknownName("layer", o.Layer, names)
	}
	l := newGradCAM()
	l.cfg.Class = o.Class
	if o.DataFormat != "" {
		l.cfg.DataFormat = o.DataFormat
	}
	inputs := any(m.Inputs())
	if list := m.Inputs(); len(list) == 1 {
		inputs = list[0]
	}
	return functional.NewModel(inputs, l.Apply(inner, outputs[0]))
}

// gradCAMLayer computes the maps of a layer's output and of what the model makes of it.
type gradCAMLayer struct {
	symbolic.BaseLayer
	cfg gradCAMConfig
}

type gradCAMConfig struct {
	symbolic.LayerConfig
	Class      *int   `keras:"class"`
	DataFormat string `keras:"data_format" default:"channels_last"`
}

func newGradCAM() *gradCAMLayer {
	l := &gradCAMLayer{}
	l.Init(l, &l.cfg.LayerConfig)
	return l
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return newGradCAM() }) }

func (l *gradCAMLayer) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "gokeras", Name: "GradCAM", Registered: "gokeras>GradCAM"}
}

func (l *gradCAMLayer) KerasConfig() any { return &l.cfg }

// TakesList says that the layer takes a list.
func (l *gradCAMLayer) TakesList() {}

// KeepsInputTypes says that the inputs come as they were made: of a copy there is no gradient.
func (l *gradCAMLayer) KeepsInputTypes() {}

// SamplesAlone says that each map is that of its image alone.
func (l *gradCAMLayer) SamplesAlone() bool { return true }

func (c *gradCAMConfig) Validate() error {
	if c.DataFormat != layers.ChannelsLast && c.DataFormat != layers.ChannelsFirst {
		return config.UnknownName("data format", string(c.DataFormat), []string{string(layers.ChannelsFirst), string(layers.ChannelsLast)})
	}
	return nil
}

// places are the axes of height and width, channel that of the channels.
func (c *gradCAMConfig) axes() (places []int, channel int) {
	if c.DataFormat == layers.ChannelsFirst {
		return []int{2, 3}, 1
	}
	return []int{1, 2}, 3
}

func (l *gradCAMLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	list := in.First()
	if len(list) != 2 || len(list[0].Shape) != 4 || len(list[1].Shape) != 2 {
		return nil, fmt.Errorf("it takes the output of a layer, of shape (batch, height, width, channels), and that of the model, of shape (batch, classes)")
	}
	x, classes := list[0].Shape, list[1].Shape[1]
	if c := l.cfg.Class; c != nil && (*c < 0 || classes != symbolic.None && *c >= classes) {
		return nil, fmt.Errorf("there is no class %d: the model has %d, counted from 0", *c, classes)
	}
	places, _ := l.cfg.axes()
	return []symbolic.Spec{l.Floats(symbolic.Shape{x[0], x[places[0]], x[places[1]]})}, nil
}

func (l *gradCAMLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x, scores := in[0], in[1]
	classes := scores.Shape().Dimensions[1]
	var chosen *graph.Node
	if l.cfg.Class != nil {
		chosen = graph.BroadcastPrefix(graph.Scalar(scores.Graph(), dtypes.Int32, *l.cfg.Class), scores.Shape().Dimensions[0])
	} else {
		chosen = graph.ArgMax(scores, 1, dtypes.Int32)
	}
	score := graph.ReduceAllSum(graph.Mul(scores, graph.OneHot(chosen, classes, scores.DType())))
	places, channel := l.cfg.axes()
	weights := graph.ReduceAndKeep(graph.Gradient(score, x)[0], graph.ReduceMean, places...)
	heat := graph.ReduceSum(graph.Mul(x, weights), channel)
	heat = graph.Max(heat, graph.ZerosLike(heat))
	most := graph.ReduceAndKeep(heat, graph.ReduceMax, 1, 2)
	none := graph.Equal(most, graph.ZerosLike(most))
	heat = graph.Div(heat, graph.Where(none, graph.OnesLike(most), most))
	return []*graph.Node{graph.ConvertDType(heat, c.DType())}
}
