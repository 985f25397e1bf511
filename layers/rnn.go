package layers

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/scan"
	"github.com/gokeras/gokeras/symbolic"
)

// recurrence are the arguments that Keras's recurrent layers have in common.
type recurrence struct {
	ReturnSequences   bool `keras:"return_sequences"`
	ReturnState       bool `keras:"return_state"`
	GoBackwards       bool `keras:"go_backwards"`
	Stateful          bool `keras:"stateful"`
	Unroll            bool `keras:"unroll"`
	ZeroOutputForMask bool `keras:"zero_output_for_mask"`
}

// recurrentLayer is a layer that runs a cell along a sequence.
type recurrentLayer interface {
	symbolic.Layer
	recurrence() *recurrence
	// makeCell returns the cell for the arguments as they are.
	makeCell() Cell
}

// recurrent is what such layers have in common; L is the layer's own type.
type recurrent[L recurrentLayer] struct {
	layer[L]
	cell Cell // for which the layer was built
}

// currentCell is the cell that the layer has, or will have.
func (l *recurrent[L]) currentCell() Cell {
	if l.cell != nil {
		return l.cell
	}
	return l.self.makeCell()
}

// Infer returns the outputs, of shape (batch, steps, size) with ReturnSequences and else (batch, size), and with ReturnState the states behind
// them, (batch, size) each.
func (l *recurrent[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if err := minRank(x, 2); err != nil {
		return nil, err
	}
	cell := l.currentCell()
	specs, err := cellSpecs(cell, stepOf(x))
	if err != nil {
		return nil, err
	}
	if err := l.fit(in, x, specs[1:]); err != nil {
		return nil, err
	}
	r := l.self.recurrence()
	if !r.ReturnState {
		specs = specs[:1]
	}
	for i, spec := range specs {
		specs[i] = l.Floats(spec.Shape)
	}
	if r.ReturnSequences {
		specs[0] = l.Floats(slices.Insert(slices.Clone(specs[0].Shape), 1, x[1]))
	}
	return specs, nil
}

// fit checks the other arguments against the inputs.
func (l *recurrent[L]) fit(in *symbolic.Inputs, x symbolic.Shape, states []symbolic.Spec) error {
	initial := initialStates(l.self, in.Tensors("initial_state"), len(states))
	if in.Get("initial_state") != nil && len(initial) != len(states) {
		return fmt.Errorf("the layer has %d states, got an `initial_state` of %d", len(states), len(initial))
	}
	for i, s := range initial {
		if want := states[i].Shape; !symbolic.Compatible(want, s.Shape) {
			return fmt.Errorf("state %d has shape %s, got an `initial_state` of shape %s", i, want, s.Shape)
		}
	}
	if l.self.recurrence().Stateful && l.Built() {
		if built := l.BuiltShapes()[0][0]; x[0] != symbolic.None && x[0] != built {
			return fmt.Errorf("if an RNN is stateful, the batch size of the input sequences must be the same as the batch size of the initial state. Expected batch size: %d, received batch size: %d",
				built, x[0])
		}
	}
	return fitMask(in, x)
}

// initialStates are those of a call's that the layer takes.
func initialStates[T any](l symbolic.Layer, given []T, count int) []T {
	if _, more := l.(interface{ takesMoreStates() }); more && len(given) > count {
		return given[:count]
	}
	return given
}

// Declare declares the cell, and the states of a stateful layer.
func (l *recurrent[L]) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0]
	cell := l.self.makeCell()
	step := symbolic.Spec{Shape: stepOf(x.Shape), DType: x.DType}
	specs, err := cellSpecs(cell, step.Shape)
	if err != nil {
		return err
	}
	b.Track("cell", cell, step, listOf(specs[1:]))
	if l.self.recurrence().Stateful {
		if x.Shape[0] == symbolic.None {
			return fmt.Errorf("when using `stateful=True` in a RNN, the batch size must be static. Found dynamic batch size: sequence.shape=%s", x.Shape)
		}
		zeros, _ := initializers.Get("zeros")
		for i, spec := range specs[1:] {
			b.Weight(symbolic.WeightSpec{Name: stateName(i), Shape: spec.Shape, Initializer: zeros, State: true})
		}
	}
	l.cell = cell
	return nil
}

// stateName is the name of a state of a stateful layer.
func stateName(i int) string {
	if i == 0 {
		return "rnn_state"
	}
	return "rnn_state_" + strconv.Itoa(i)
}

// SamplesAlone reports whether the cell computes each sample alone. A stateful layer goes by the samples' places.
func (l *recurrent[L]) SamplesAlone() bool {
	return !l.self.recurrence().Stateful && symbolic.SamplesAlone(l.currentCell())
}

// ComputeMask passes the mask on to the outputs of all steps.
func (l *recurrent[L]) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask {
	if !l.self.recurrence().ReturnSequences {
		return nil
	}
	return []symbolic.Mask{m.Previous()}
}

// OutputSteps says that states stay what they are at added steps.
func (l *recurrent[L]) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	r := l.self.recurrence()
	if r.GoBackwards && r.ReturnSequences { // the outputs begin with the added steps
		return nil, false
	}
	return r.outputSteps(c.Steps(), l.currentCell())
}

// outputSteps is OutputSteps of a layer that runs the cell in the order of the steps, or back.
func (r *recurrence) outputSteps(steps *graph.Node, cell Cell) ([]*graph.Node, bool) {
	switch {
	case steps == nil || !keepsOutput(cell) || cell.Base().PenalizesOutputs():
		return nil, false
	case r.ReturnSequences:
		return []*graph.Node{steps}, true
	}
	return nil, !r.ZeroOutputForMask
}

// keepsOutput reports whether the cell's output is one of its states, so that both stay what they are where a step is left out.
func keepsOutput(cell Cell) bool {
	switch cell := cell.(type) {
	case *LSTMCellLayer, *GRUCellLayer, *SimpleRNNCellLayer, *convLSTMCell[[1]int], *convLSTMCell[[2]int], *convLSTMCell[[3]int]:
		return true
	case *StackedRNNCellsLayer:
		return !slices.ContainsFunc(cell.cfg.Cells, func(inner Cell) bool { return !keepsOutput(inner) })
	}
	return false
}

// Call computes the layer.
func (l *recurrent[L]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	r := l.self.recurrence()
	x := floats(c, in[0])
	specs, err := cellSpecs(l.cell, stepOf(x.Shape().Dimensions))
	if err == nil {
		err = l.fit(c.Specs(), x.Shape().Dimensions, specs[1:])
	}
	if err != nil {
		panic(err)
	}
	initial := initialStates(l.self, c.Tensors("initial_state"), len(specs)-1)
	if r.Stateful && len(initial) == 0 {
		for i := range specs[1:] {
			initial = append(initial, c.Weight(stateName(i)))
		}
	}
	result := runCell(c, l.cell, x, initial, scan.Options{
		Mask: stepMask(c.StepMask()), GoBackwards: r.GoBackwards, ZeroOutputForMask: r.ZeroOutputForMask, Unroll: r.Unroll})
	outputs := []*graph.Node{result.Last}
	if r.ReturnSequences {
		outputs[0] = result.Outputs
	}
	outputs = append(outputs, result.States...)
	for i, y := range outputs {
		outputs[i] = graph.ConvertDType(y, c.DType())
	}
	if r.Stateful {
		for i, s := range outputs[1:] {
			c.SetWeight(stateName(i), s)
		}
	}
	if !r.ReturnState {
		return outputs[:1]
	}
	return outputs
}

// stepMask brings a mask to what says of each step whether it counts: it does if anything of it does. Nil stays nil.
func stepMask(mask *graph.Node) *graph.Node {
	if mask == nil {
		return nil
	}
	if mask.DType() != dtypes.Bool {
		mask = graph.NotEqual(mask, graph.ScalarZero(mask.Graph(), mask.DType()))
	}
	if mask.Rank() > 2 {
		axes := make([]int, mask.Rank()-2)
		for i := range axes {
			axes[i] = i + 2
		}
		mask = graph.ReduceLogicalOr(mask, axes...)
	}
	return mask
}

// RNNLayer is Keras's RNN.
type RNNLayer struct {
	recurrent[*RNNLayer]
	cfg rnnConfig
}

type rnnConfig struct {
	symbolic.LayerConfig
	recurrence
	Cell Cell `keras:"cell"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RNN(nil) }) }

// RNN returns a layer that runs a cell along a sequence (Keras: RNN(cell)): inputs of shape (batch, steps, …) become the cell's last output, or with
// ReturnSequences the outputs of all steps. Several cells become one by [StackedRNNCells]. What [LSTM] says of states holds here, too.
func RNN(cell Cell) *RNNLayer {
	l := &RNNLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Cell = cell
	return l
}

// Validate reports arguments that Keras rejects.
func (c *rnnConfig) Validate() error {
	if c.Cell == nil {
		return fmt.Errorf("argument `cell` should be a cell, got none")
	}
	if err := symbolic.Made(c.Cell); err != nil {
		return fmt.Errorf("argument `cell`: %w", err)
	}
	if err := config.Validate(c.Cell.KerasConfig()); err != nil {
		return fmt.Errorf("cell %q: %w", c.Cell.Base().Name(), err)
	}
	return nil
}

func (l *RNNLayer) recurrence() *recurrence { return &l.cfg.recurrence }

func (l *RNNLayer) makeCell() Cell { return l.cfg.Cell }
