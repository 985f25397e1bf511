package layers

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/symbolic"
)

// Cell is a layer that computes one step of a recurrent network (Keras: what RNN takes). Its call takes the step's inputs, of shape (batch, …), and a list
// of the states before it, each of shape (batch, size); it returns the step's output and then the states after it. [LSTMCell], [GRUCell],
// [SimpleRNNCell] and [StackedRNNCells] are cells; one of your own embeds [CellBase].
type Cell interface {
	symbolic.Layer
	// StateSizes lists the sizes of the states (Keras: state_size). Of masked steps the first state stands for the output of the step before.
	StateSizes() []int
	// OutputSize is the size of the output's last axis (Keras: output_size).
	OutputSize() int
}

func init() {
	config.DecodeBy(func(raw any) (Cell, error) {
		l, err := config.Resolve[symbolic.Layer](raw)
		if err != nil || l == nil {
			return nil, err
		}
		cell, ok := l.(Cell)
		if !ok {
			return nil, fmt.Errorf("the RNN cell should have a `state_size`: layer %q is a %s, which is no cell", l.Base().Name(), l.KerasClass().Name)
		}
		return cell, nil
	})
}

// CellBase is what a cell of your own embeds in the place of functional.BaseLayer. It writes, beyond what every layer has to, StateSizes, and Call as
//
//	func (l *MyCell) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
//		x, h := in[0], c.Tensors("states")[0]
//		…
//		return []*graph.Node{output, next}
//	}
//
// Output and states are in the layer's compute type. RNN computes all steps in one loop, unless Call sets weights, draws random numbers or adds
// losses: then each step is a part of the program by itself. To draw one random choice for all steps, give it to the cell as a state.
type CellBase struct {
	symbolic.BaseLayer
	cell Cell
}

// Init prepares the base of cell, whose configuration embeds cfg, as BaseLayer.Init does.
func (b *CellBase) Init(cell Cell, cfg *symbolic.LayerConfig) {
	b.cell = cell
	b.BaseLayer.Init(cell, cfg)
}

// Signature is what cells take.
func (b *CellBase) Signature() string { return "inputs states training=False" }

// OutputSize is the size of the first state.
func (b *CellBase) OutputSize() int { return b.cell.StateSizes()[0] }

// Infer returns the output, of shape (batch, OutputSize), and the states.
func (b *CellBase) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) { return inferCell(b.cell, in) }

// inferCell returns the output and the states of a call of a cell.
func inferCell(cell Cell, in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if err := minRank(x, 1); err != nil {
		return nil, err
	}
	specs, err := cellSpecs(cell, x)
	if err != nil {
		return nil, err
	}
	states := in.Tensors("states")
	if len(states) != len(specs)-1 {
		return nil, fmt.Errorf("the cell has %d states, got %d", len(specs)-1, len(states))
	}
	for i, s := range states {
		if want := specs[i+1].Shape; !symbolic.Compatible(want, s.Shape) {
			return nil, fmt.Errorf("state %d has shape %s, got %s", i, want, s.Shape)
		}
	}
	return specs, nil
}

// shapedCell is a cell whose output and states are no vectors.
type shapedCell interface {
	Cell
	// stateShape is their shape for a step's inputs of that shape, (batch, …).
	stateShape(step symbolic.Shape) (symbolic.Shape, error)
}

// cellSpecs are the specs of a cell's output and states for a step's inputs of that shape, (batch, …).
func cellSpecs(cell Cell, step symbolic.Shape) ([]symbolic.Spec, error) {
	sizes, err := stateSizes(cell)
	if err != nil {
		return nil, err
	}
	specs := make([]symbolic.Spec, 0, len(sizes)+1)
	for _, size := range append([]int{cell.OutputSize()}, sizes...) {
		shape := symbolic.Shape{step[0], size}
		if shaped, ok := cell.(shapedCell); ok {
			if shape, err = shaped.stateShape(step); err != nil {
				return nil, err
			}
		}
		specs = append(specs, cell.Base().Floats(shape))
	}
	return specs, nil
}

// stepOf is the shape of a step's inputs in a sequence of that shape, (batch, time, …).
func stepOf(x symbolic.Shape) symbolic.Shape { return append(symbolic.Shape{x[0]}, x[2:]...) }

// stateSizes are a cell's, checked.
func stateSizes(cell Cell) ([]int, error) {
	sizes := cell.StateSizes()
	if len(sizes) == 0 {
		return nil, fmt.Errorf("cell %q has no states, want 1 or more", cell.Base().Name())
	}
	for i, size := range sizes {
		if size <= 0 {
			return nil, fmt.Errorf("cell %q: state %d has size %d, want a positive one", cell.Base().Name(), i, size)
		}
	}
	return sizes, nil
}

// sequenceCell is a cell that knows a better way to compute a sequence than step by step.
type sequenceCell interface {
	Cell
	// sequence computes all steps of x (batch, time, …). The initial states and x are in c's type; no states are zeros.
	sequence(c *symbolic.Call, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result
}

// runCell computes a cell, which the layer of c tracks, on the sequence x (batch, time, …). No initial states are zeros.
func runCell(c *symbolic.Call, cell Cell, x *graph.Node, initial []*graph.Node, o scan.Options) scan.Result {
	inner := c.Of(cell)
	x = graph.ConvertDType(x, inner.DType())
	states := make([]*graph.Node, len(initial))
	for i, s := range initial {
		states[i] = graph.ConvertDType(s, inner.DType())
	}
	// A penalty of the cell's own is for the outputs of each step.
	if known, ok := cell.(sequenceCell); ok && !cell.Base().PenalizesOutputs() {
		return known.sequence(inner, x, states, o)
	}
	if len(states) == 0 {
		states = zeroStates(cell, x)
	}
	params, apply := c.Looped(cell)
	return scan.RNN([]*graph.Node{x}, states, params, func(s *scan.Step) (*graph.Node, []*graph.Node) {
		outputs := apply(s.Params, []any{s.Inputs[0], listOf(s.States)}, nil)
		if len(outputs) != len(states)+1 {
			panic(fmt.Errorf("cell %q returned %d tensors, want the output and %d states", cell.Base().Name(), len(outputs), len(states)))
		}
		return outputs[0], outputs[1:]
	}, o)
}

// zeroStates are those with which a cell begins, for x (batch, time, …) in its type.
func zeroStates(cell Cell, x *graph.Node) []*graph.Node {
	specs, err := cellSpecs(cell, stepOf(x.Shape().Dimensions))
	if err != nil {
		panic(err)
	}
	states := make([]*graph.Node, len(specs)-1)
	for i := range states {
		states[i] = graph.Zeros(x.Graph(), shapes.Make(x.DType(), specs[i+1].Shape...))
	}
	return states
}

// listOf is a list as an argument of a call.
func listOf[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}
