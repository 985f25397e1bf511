package applications

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/layers"
)

// Network is one of the networks that have no arguments of their own: ResNet50, VGG16 …
type Network struct{ network[*Network] }

// network is what the builders have in common; N is the builder's own type.
type network[N any] struct {
	self N
	net
}

// net is a network that is being built: what it is, and the arguments.
type net struct {
	design

	includeTop bool
	weights    string
	tensor     *functional.Tensor
	shape      []int // without the batch axis, nil for Keras's None
	pooling    string
	classes    int
	activation string
	name       string
	format     string
	download   Download
}

// design is what distinguishes one network from the others.
type design struct {
	function     string  // Keras's name
	defaultName  string  // of the model; "" where label makes it
	size, least  int     // height and width: the default and the smallest
	mode         string  // of preprocessing; "" where the network has it in itself
	channelsLast bool    // whether the network knows no other data format
	oneInput     bool    // whether the model of an input tensor has one input, and not a list of them
	epsilon      float64 // of the batch normalizations
	momentum     float64
	axis         int // of the batch normalizations, where the channels come last

	// arguments checks those that the network has besides the common ones; shapes replaces what is done about the shape of the images.
	arguments func(n *net) error
	shapes    func(n *net) error
	label     func(n *net) string
	// layers builds the network, its top included, on images.
	layers func(n *net, x *functional.Tensor) *functional.Tensor
	// file is the one that the weights of "imagenet" lie in.
	file func(n *net) weightsFile
}

// imageNet is the argument of Weights that names Keras's published ones, imageNetClasses how many classes these tell apart.
const (
	imageNet        = "imagenet"
	imageNetClasses = 1000
)

func newNetwork(d design) *Network {
	n := &Network{}
	n.start(n, d)
	return n
}

func (n *network[N]) start(self N, d design) {
	if d.epsilon == 0 {
		d.epsilon = 1e-3
	}
	if d.momentum == 0 {
		d.momentum = 0.99
	}
	n.self = self
	n.net = net{design: d, includeTop: true, weights: imageNet, classes: imageNetClasses, activation: "softmax", name: d.defaultName, format: layers.ChannelsLast}
}

// IncludeTop says whether the network ends in its classifier (Keras: include_top=True).
func (n *network[N]) IncludeTop(include bool) N {
	n.includeTop = include
	return n.self
}

// Weights says which weights the network has: "imagenet", Keras's published ones, "" for new ones (Keras: None), or the path of a file that
// the model's LoadWeights can read (Keras: weights="imagenet").
func (n *network[N]) Weights(weights string) N {
	n.weights = weights
	return n.self
}

// InputTensor puts the network on a tensor, which may be an input or be computed from some; the model begins at these (Keras: input_tensor=None).
func (n *network[N]) InputTensor(t *functional.Tensor) N {
	n.tensor = t
	return n.self
}

// InputShape is the shape of an image, (height, width, channels), of which height and width may be [functional.None] where the network
// has no top (Keras: input_shape=None). Without one, that of the published weights is taken with the top, and any size without it.
func (n *network[N]) InputShape(shape ...int) N {
	n.shape = slices.Clone(shape)
	return n.self
}

// Pooling says what a network without its top ends in: "" the features of each place, "avg" or "max" one number a channel over all places, of shape
// (batch, channels) (Keras: pooling=None).
func (n *network[N]) Pooling(pooling string) N {
	n.pooling = pooling
	return n.self
}

// Classes is how many classes the top tells apart (Keras: classes=1000).
func (n *network[N]) Classes(classes int) N {
	n.classes = classes
	return n.self
}

// ClassifierActivation is the activation of the top; "" gives the logits (Keras: classifier_activation="softmax"). Published weights go with
// these two alone.
func (n *network[N]) ClassifierActivation(activation string) N {
	n.activation = activation
	return n.self
}

// Name names the model (Keras: name=).
func (n *network[N]) Name(name string) N {
	n.name = name
	return n.self
}

// DataFormat says where the channels are in all of the network: [layers.ChannelsLast], the default, or [layers.ChannelsFirst] (Keras:
// keras.config.set_image_data_format). The shape of images is then (channels, height, width). DenseNet, NASNet and ConvNeXt know the default alone, as in Keras.
func (n *network[N]) DataFormat(format string) N {
	n.format = format
	return n.self
}

// Model makes the network. The error says which argument Keras refuses, or which file of weights is missing or doesn't fit.
func (n *network[N]) Model() (*functional.Model, error) {
	m, made, err := n.assemble()
	if err == nil {
		err = made.load(m)
	}
	if err != nil {
		return nil, fmt.Errorf("applications.%s: %w", n.function, err)
	}
	return m, nil
}

// assemble makes the network without its weights. Each call makes one of its own.
func (n *network[N]) assemble() (*functional.Model, *net, error) {
	made := n.net
	m, err := made.model()
	return m, &made, err
}

func (n *net) model() (*functional.Model, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	input := n.tensor
	if input == nil {
		input = functional.Input(n.shape...)
	}
	output := n.layers(n, input)
	var inputs any = input
	if n.tensor != nil {
		list := sources(input)
		inputs = list
		if n.oneInput {
			inputs = list[0]
		}
	}
	m, err := functional.NewModel(inputs, output)
	if err != nil {
		return nil, err
	}
	if n.name == "" {
		n.name = n.label(n)
	}
	return m, m.Rename(n.name)
}

// check looks at the arguments in Keras's order and settles the shape of the images.
func (n *net) check() error {
	if n.name == "" {
		n.name = n.defaultName
	}
	switch n.format {
	case layers.ChannelsLast:
	case layers.ChannelsFirst:
		if n.channelsLast {
			return fmt.Errorf("it does not support the data format %q, use %q", n.format, layers.ChannelsLast)
		}
	default:
		return config.UnknownName("data format", string(n.format), []string{string(layers.ChannelsFirst), string(layers.ChannelsLast)})
	}
	if n.weights != "" && n.weights != imageNet {
		if _, err := os.Stat(n.weights); err != nil {
			return fmt.Errorf("weights should be \"\" (new ones), %q (trained on ImageNet) or the path of a file of weights, received %q: %w", imageNet, n.weights, errors.Unwrap(err))
		}
	}
	if n.weights == imageNet && n.includeTop && n.classes != imageNetClasses {
		return fmt.Errorf("with the weights %q and its top the network has %d classes, received %d", imageNet, imageNetClasses, n.classes)
	}
	if n.activation == "" {
		n.activation = "linear"
	}
	if n.weights != "" && n.includeTop && n.activation != "softmax" && n.activation != "linear" {
		return fmt.Errorf("with weights and its top the network's activation is softmax or, for its logits, \"\", received %q", n.activation)
	}
	if n.pooling != "" && n.pooling != "avg" && n.pooling != "max" {
		return config.UnknownName("pooling", n.pooling, []string{"avg", "max"})
	}
	if n.tensor != nil {
		if err := n.tensor.Err(); err != nil {
			return fmt.Errorf("input tensor: %w", err)
		}
		if shape := n.tensor.Shape(); len(shape) != 4 {
			return fmt.Errorf("the input tensor has shape %s, want images with a batch axis and 3 more", shape)
		}
	}
	if n.shape != nil && len(n.shape) != 3 {
		return fmt.Errorf("the input shape must have three numbers, received %v", n.shape)
	}
	if n.arguments != nil {
		if err := n.arguments(n); err != nil {
			return err
		}
	}
	if n.shapes != nil {
		return n.shapes(n)
	}
	return n.settleShape(n.size)
}

// settleShape finds the shape of the images where none is given, and checks one that is (Keras: obtain_input_shape).
func (n *net) settleShape(size int) error {
	channels := 3
	usual := n.inFormat(size, size, channels)
	given := functional.Shape(n.shape)
	switch {
	case n.weights == imageNet && n.includeTop:
		if given != nil && !slices.Equal(n.shape, usual) {
			return fmt.Errorf("with the weights %q and its top the input shape should be %s, received %s", imageNet, functional.Shape(usual), given)
		}
		n.shape = usual
	case given == nil && n.includeTop:
		n.shape = usual
	case given == nil:
		n.shape = n.inFormat(functional.None, functional.None, channels)
	default:
		rows, columns, channels := n.extents()
		if n.weights == imageNet && channels != 3 {
			return fmt.Errorf("with the weights %q the input must have 3 channels, received the input shape %s", imageNet, given)
		}
		if rows != functional.None && rows < n.least || columns != functional.None && columns < n.least {
			return fmt.Errorf("the input size must be at least %dx%d, received the input shape %s", n.least, n.least, given)
		}
	}
	if n.includeTop && slices.Contains(n.shape, functional.None) {
		return fmt.Errorf("with its top the network needs a static input shape, received %s", functional.Shape(n.shape))
	}
	return nil
}

// inFormat puts the axes of an image in the order of the data format.
func (n *net) inFormat(rows, columns, channels int) []int {
	if n.format == layers.ChannelsFirst {
		return []int{channels, rows, columns}
	}
	return []int{rows, columns, channels}
}

// extents takes the axes of the input shape apart.
func (n *net) extents() (rows, columns, channels int) {
	if n.format == layers.ChannelsFirst {
		return n.shape[1], n.shape[2], n.shape[0]
	}
	return n.shape[0], n.shape[1], n.shape[2]
}

// sources are the inputs that a tensor is computed from, in Keras's order (Keras: get_source_inputs).
func sources(t *functional.Tensor) []*functional.Tensor {
	var list []*functional.Tensor
	seen := map[*functional.Tensor]bool{}
	var walk func(t *functional.Tensor)
	walk = func(t *functional.Tensor) {
		if seen[t] {
			return
		}
		seen[t] = true
		at, ok := t.Source()
		if !ok {
			return
		}
		node := functional.LayerNodes(at.Layer)[at.NodeIndex]
		if len(node.Inputs) == 0 {
			list = append(list, t)
		}
		for _, in := range node.Inputs {
			walk(in)
		}
	}
	walk(t)
	return list
}

// widest bounds multipliers of a network's width: what is wider fits no machine.
const widest = 1000

func checkMultiplier(name string, v float64) error {
	if !(v > 0 && v <= widest) || math.IsInf(v, 0) {
		return fmt.Errorf("%s must be above 0 and at most %v, received %v", name, widest, v)
	}
	return nil
}
