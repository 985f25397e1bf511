package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/symbolic"
)

// ConvLSTM1DLayer is Keras's ConvLSTM1D.
type ConvLSTM1DLayer struct {
	convLSTM[*ConvLSTM1DLayer, [1]int]
}

// ConvLSTM2DLayer is Keras's ConvLSTM2D.
type ConvLSTM2DLayer struct {
	convLSTM[*ConvLSTM2DLayer, [2]int]
}

// ConvLSTM3DLayer is Keras's ConvLSTM3D.
type ConvLSTM3DLayer struct {
	convLSTM[*ConvLSTM3DLayer, [3]int]
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return ConvLSTM1D(0, 0) })
	symbolic.RegisterLayer(func() symbolic.Layer { return ConvLSTM2D(0, 0) })
	symbolic.RegisterLayer(func() symbolic.Layer { return ConvLSTM3D(0, 0) })
}

// ConvLSTM1D returns an [LSTM] whose products are convolutions, along rows (Keras: ConvLSTM1D(filters, kernel_size)): inputs of shape (batch, steps, columns,
// channels) become the last output, (batch, new columns, filters), or with ReturnSequences the outputs of all steps, (batch, steps, new columns,
// filters). The states have the output's shape; what [LSTM] says of them holds here, too.
func ConvLSTM1D(filters, kernelSize int) *ConvLSTM1DLayer {
	l := &ConvLSTM1DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// ConvLSTM2D returns an [LSTM] whose products are convolutions, over images (Keras: ConvLSTM2D(filters, kernel_size)); kernelSize is a number or
// [2]int{height, width}. Inputs of shape (batch, steps, height, width, channels) become the last output, (batch, new height, new width,
// filters), or with ReturnSequences the outputs of all steps, (batch, steps, new height, new width, filters). The states have the output's
// shape; what [LSTM] says of them holds here, too.
func ConvLSTM2D[K int | [2]int](filters int, kernelSize K) *ConvLSTM2DLayer {
	l := &ConvLSTM2DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// ConvLSTM3D returns an [LSTM] whose products are convolutions, over volumes (Keras: ConvLSTM3D(filters, kernel_size)); kernelSize is a number or
// [3]int{depth, height, width}. Inputs of shape (batch, steps, depth, height, width, channels) become the last output, (batch, new depth, new
// height, new width, filters), or with ReturnSequences the outputs of all steps, with their axis after that of the batch. The states have the
// output's shape; what [LSTM] says of them holds here, too.
func ConvLSTM3D[K int | [3]int](filters int, kernelSize K) *ConvLSTM3DLayer {
	l := &ConvLSTM3DLayer{}
	l.start(l, filters, kernelSize)
	return l
}

// convLSTM is what the three have in common; L is the layer's own type.
type convLSTM[L recurrentLayer, A extents] struct {
	ofUnits[L]
	cfg convLSTMConfig[A]
}

type convLSTMConfig[A extents] struct {
	symbolic.LayerConfig
	convLSTMArguments[A]
	recurrence
	_ any `keras:"activity_regularizer"`
}

// convLSTMArguments are those of the layers that their cell takes.
type convLSTMArguments[A extents] struct {
	Filters int `keras:"filters"`
	windowArguments[A]
	recurrentConfig
	RecurrentActivation activations.Name `keras:"recurrent_activation" default:"sigmoid"`
	UnitForgetBias      bool             `keras:"unit_forget_bias" default:"true"`
	seedConfig
}

func (l *convLSTM[L, A]) start(self L, filters int, kernelSize any) {
	l.init(self, &l.cfg.LayerConfig)
	l.cfg.Filters, l.cfg.KernelSize = filters, sized[A](kernelSize)
}

// KerasConfig returns the layer's configuration.
func (l *convLSTM[L, A]) KerasConfig() any { l.cfg.clamp(); return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *convLSTMArguments[A]) Validate() error {
	return firstError(positiveFilters(c.Filters), c.windowArguments.check(), c.checkEither())
}

func (l *convLSTM[L, A]) recurrence() *recurrence { return &l.cfg.recurrence }

func (l *convLSTM[L, A]) makeCell() Cell {
	cell := &convLSTMCell[A]{}
	cell.Init(cell, &cell.cfg.LayerConfig)
	cell.cfg.convLSTMArguments = l.cfg.convLSTMArguments
	l.inside(cell, &cell.cfg.LayerConfig, "conv_lstm_cell")
	cell.cfg.Trainable = true // Keras's layer doesn't tell its cell; only SetTrainable does
	return cell
}

// Infer is that of [RNN], for inputs with a known size.
func (l *convLSTM[L, A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := oneOfRank(in, len(l.cfg.KernelSize)+3)
	if err != nil {
		return nil, err
	}
	if slices.Contains(x[2:], symbolic.None) {
		return nil, fmt.Errorf("ConvLSTM layers only support static input shapes for the channels and the axes that the kernel moves along, got %s", x)
	}
	if l.Built() {
		if built := l.BuiltShapes()[0]; !slices.Equal(built[2:], x[2:]) {
			return nil, fmt.Errorf("the layer was built for inputs of shape %s, got %s", built, x)
		}
	}
	return l.recurrent.Infer(in)
}

// convLSTMCell is one step of a ConvLSTM.
type convLSTMCell[A extents] struct {
	symbolic.BaseLayer
	sampleWise
	cfg struct {
		symbolic.LayerConfig
		convLSTMArguments[A]
	}
}

// KerasClass names Keras's ConvLSTMCell, which no file names.
func (l *convLSTMCell[A]) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "keras.src.layers.rnn.conv_lstm", Name: "ConvLSTMCell"}
}

// KerasConfig returns the cell's configuration.
func (l *convLSTMCell[A]) KerasConfig() any { return &l.cfg }

// Signature is what cells take.
func (l *convLSTMCell[A]) Signature() string { return "inputs states training=False" }

// StateSizes is filters, twice: the last axis of channels_last, or the second.
func (l *convLSTMCell[A]) StateSizes() []int { return []int{l.cfg.Filters, l.cfg.Filters} }

// OutputSize is filters.
func (l *convLSTMCell[A]) OutputSize() int { return l.cfg.Filters }

func (l *convLSTMCell[A]) stateShape(step symbolic.Shape) (symbolic.Shape, error) {
	return l.cfg.outputShape(step, l.cfg.Filters)
}

// Infer returns the output and the states, (batch, …, filters).
func (l *convLSTMCell[A]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return inferCell(l, in)
}

// Declare declares kernel (…, channels, 4·filters), recurrent_kernel (…, filters, 4·filters) and bias (4·filters,), for the input gate, the forget gate, the
// candidate and the output gate.
func (l *convLSTMCell[A]) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	axis, _ := l.cfg.axes()
	bias := l.cfg.BiasInitializer
	if l.cfg.UnitForgetBias {
		bias = forgetBias{bias}
	}
	size, filters := list(l.cfg.KernelSize), l.cfg.Filters
	l.cfg.declare(b, slices.Concat(size, []int{firstShape(in)[axis], 4 * filters}), slices.Concat(size, []int{filters, 4 * filters}),
		[]int{4 * filters}, bias, l.cfg.Seed)
	return nil
}

// Call computes the step.
func (l *convLSTMCell[A]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := floats(c, in[0])
	r := l.run(c, graph.InsertAxes(x, 1), c.Tensors("states"), scan.Options{Unroll: true})
	return stepped(r.Last, r.States)
}

func (l *convLSTMCell[A]) sequence(c *symbolic.Call, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result {
	return l.run(c, x, initial, o)
}

// run computes all steps of x (batch, time, …). The inputs' convolutions are one, before the loop.
func (l *convLSTMCell[A]) run(c *symbolic.Call, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result {
	if len(initial) == 0 {
		initial = zeroStates(l, x)
	}
	axis, _ := l.cfg.axes()
	params := append([]*graph.Node{c.Weight("recurrent_kernel")}, l.masks(c, l.cfg.RecurrentDropout, initial[0].Shape().Dimensions)...)
	state := l.stateConvolution(initial[0].Shape().Dimensions)
	return scan.RNN([]*graph.Node{l.project(c, x)}, initial, params, func(s *scan.Step) (*graph.Node, []*graph.Node) {
		h, carry := s.States[0], s.States[1]
		z := graph.Add(s.Inputs[0], gateConvolutions(state, h, s.Params[0], s.Params[1:], axis))
		gate := func(i int) *graph.Node {
			return graph.SliceAxis(z, axis, graph.AxisRange(i*l.cfg.Filters, (i+1)*l.cfg.Filters))
		}
		opened := func(i int) *graph.Node { return activated(l.cfg.RecurrentActivation, gate(i)) }
		carry = graph.Add(graph.Mul(opened(1), carry), graph.Mul(opened(0), activated(l.cfg.Activation, gate(2))))
		h = graph.Mul(opened(3), activated(l.cfg.Activation, carry))
		return h, []*graph.Node{h, carry}
	}, o)
}

// project convolves all steps of x (batch, time, …) by the kernel and adds the bias.
func (l *convLSTMCell[A]) project(c *symbolic.Call, x *graph.Node) *graph.Node {
	axis, _ := l.cfg.axes()
	dims := x.Shape().Dimensions
	batch, time := dims[0], dims[1]
	images := graph.Reshape(x, append([]int{batch * time}, dims[2:]...)...)
	masks := l.masks(c, l.cfg.Dropout, stepOf(dims))
	for i, mask := range masks { // one for all steps
		all := graph.BroadcastToDims(graph.InsertAxes(mask, 1), dims...)
		masks[i] = graph.Reshape(all, images.Shape().Dimensions...)
	}
	y := gateConvolutions(l.cfg.convolution(images.Shape().Dimensions), images, c.Weight("kernel"), masks, axis)
	if l.cfg.UseBias {
		y = addBias(y, c.Weight("bias"), axis)
	}
	return graph.Reshape(y, append([]int{batch, time}, y.Shape().Dimensions[1:]...)...)
}

// stateConvolution is that of the output of the step before, which keeps its size.
func (l *convLSTMCell[A]) stateConvolution(dims []int) lowering.ConvolutionND {
	window := windowArguments[A]{KernelSize: l.cfg.KernelSize, Strides: sized[A](1), DilationRate: sized[A](1), Padding: Same, formatConfig: l.cfg.formatConfig}
	return window.convolution(dims)
}

// masks are what training multiplies with for each gate: none where nothing is dropped. As in Keras a rate of 1 drops nothing.
func (l *convLSTMCell[A]) masks(c *symbolic.Call, rate float64, dims []int) []*graph.Node {
	if !c.Training || rate >= 1 {
		return nil
	}
	return dropoutMasks(c, rate, 4, dims...)
}

// gateConvolutions convolves x for all gates, of which each has its own mask if there are any. The results are beside each other along the channels' axis.
func gateConvolutions(c lowering.ConvolutionND, x, kernel *graph.Node, masks []*graph.Node, axis int) *graph.Node {
	if len(masks) == 0 {
		return c.Apply(x, kernel)
	}
	last := kernel.Rank() - 1
	n := kernel.Shape().Dimensions[last] / len(masks)
	parts := make([]*graph.Node, len(masks))
	for i, mask := range masks {
		parts[i] = c.Apply(graph.Mul(x, mask), graph.SliceAxis(kernel, last, graph.AxisRange(i*n, (i+1)*n)))
	}
	return graph.Concatenate(parts, axis)
}

// activated applies the activation of that name.
func activated(name activations.Name, x *graph.Node) *graph.Node {
	if f := activation(name); f != nil {
		return f(x)
	}
	return x
}
