package layers_test

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

func ExampleLSTM() {
	words := functional.InputWith(functional.InputOptions{Shape: []int{functional.None}, DType: "int32"})
	x := layers.Embedding(5000, 64).MaskZero(true).Apply(words) // 0 is padding
	outputs := layers.LSTM(32).ReturnSequences(true).ReturnState(true).Dropout(0.2).ApplyMulti(x)
	for _, y := range outputs {
		fmt.Println(y.Shape())
	}
	fmt.Println(layers.LSTM(16).ApplyWith(map[string]any{"initial_state": outputs[1:]}, x)[0].Err() != nil)
	// Output:
	// (None, None, 32)
	// (None, 32)
	// (None, 32)
	// true
}

func ExampleBidirectional() {
	x := functional.Input(20, 8)
	fmt.Println(layers.Bidirectional(layers.LSTM(32)).Apply(x).Shape())
	fmt.Println(layers.Bidirectional(layers.GRU(32).ReturnSequences(true)).MergeMode("sum").Apply(x).Shape())
	// Output:
	// (None, 64)
	// (None, 20, 32)
}

func ExampleTimeDistributed() {
	frames := functional.Input(12, 64, 64, 3)
	cnn, err := functional.NewSequential(layers.Conv2D(8, 3).Activation("relu"), layers.GlobalAveragePooling2D())
	if err != nil {
		fmt.Println(err)
		return
	}
	x := layers.TimeDistributed(cnn).Apply(frames)
	fmt.Println(x.Shape(), layers.GRU(16).Apply(x).Shape())
	// Output: (None, 12, 8) (None, 16)
}

// MinimalCell is a cell whose output is its state: inputs · kernel + state · recurrent_kernel.
type MinimalCell struct {
	layers.CellBase
	cfg struct {
		symbolic.LayerConfig
		Units int `keras:"units"`
	}
}

func NewMinimalCell(units int) *MinimalCell {
	l := &MinimalCell{}
	l.Init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

func (l *MinimalCell) KerasClass() symbolic.Class {
	return symbolic.Class{Module: "my_package", Name: "MinimalCell", Registered: "my_package>MinimalCell"}
}
func (l *MinimalCell) KerasConfig() any  { return &l.cfg }
func (l *MinimalCell) StateSizes() []int { return []int{l.cfg.Units} }

func (l *MinimalCell) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0].Shape
	b.Weight(symbolic.WeightSpec{Name: "kernel", Shape: []int{x[len(x)-1], l.cfg.Units}})
	b.Weight(symbolic.WeightSpec{Name: "recurrent_kernel", Shape: []int{l.cfg.Units, l.cfg.Units}})
	return nil
}

func (l *MinimalCell) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	h := c.Tensors("states")[0]
	y := graph.Add(graph.Dot(in[0], c.Weight("kernel")).Product(), graph.Dot(h, c.Weight("recurrent_kernel")).Product())
	return []*graph.Node{y, y} // the output, then the states
}

func ExampleCell() {
	functional.ClearSession()
	x := functional.Input(10, 5)
	rnn := layers.RNN(layers.StackedRNNCells(NewMinimalCell(32), layers.LSTMCell(16))).ReturnSequences(true)
	fmt.Println(rnn.Apply(x).Shape())
	for _, w := range rnn.Weights()[:2] {
		fmt.Println(w.Path(), w.Shape())
	}
	// Output:
	// (None, 10, 16)
	// rnn/stacked_rnn_cells/minimal_cell/kernel [5 32]
	// rnn/stacked_rnn_cells/minimal_cell/recurrent_kernel [32 32]
}
