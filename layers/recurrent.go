package layers

import (
	"fmt"

	"github.com/gokeras/gokeras/symbolic"
)

// ofUnits is what [LSTM], [GRU] and [SimpleRNN] have in common beyond RNN; L is the layer's own type.
type ofUnits[L recurrentLayer] struct{ recurrent[L] }

// Infer is that of [RNN], for inputs of three axes.
func (l *ofUnits[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	if _, err := oneOfRank(in, 3); err != nil {
		return nil, err
	}
	return l.recurrent.Infer(in)
}

// inside gives the cell that a layer made for itself its name and what the layer was given for it.
func (l *ofUnits[L]) inside(cell Cell, cfg *symbolic.LayerConfig, name string) Cell {
	own := l.self.Base()
	cell.Base().GiveNameBack()
	cfg.Name, cfg.Trainable, cfg.DType = name, own.Trainable(), own.DType()
	return cell
}

// cuDNN is Keras's argument use_cudnn, which chooses a library of NVIDIA's. There is none here, so that only true makes a difference.
type cuDNN struct {
	UseCudnn any `keras:"use_cudnn,unsaved" default:"auto"`
}

func (c *cuDNN) check() error {
	switch c.UseCudnn {
	case "auto", false:
		return nil
	case true:
		return fmt.Errorf("use_cudnn=True was specified, but cuDNN is not supported here. Pass \"auto\"")
	}
	return fmt.Errorf("invalid value received for argument `use_cudnn`. Expected one of \"auto\", true, false. Received: %v", c.UseCudnn)
}

// LSTMLayer is Keras's LSTM.
type LSTMLayer struct {
	ofUnits[*LSTMLayer]
	cfg lstmConfig
}

type lstmConfig struct {
	symbolic.LayerConfig
	recurrence
	lstmArguments
	cuDNN
	_ any `keras:"activity_regularizer"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return LSTM(0) }) }

// LSTM returns a long short-term memory (Keras: LSTM(units)): inputs of shape (batch, steps, features) become the last output, (batch, units), or with
// ReturnSequences the outputs of all steps, (batch, steps, units). With ReturnState the states follow, the output h and the carry c, (batch, units)
// each: ApplyMulti returns all.
//
// The layer begins with states of zeros, with those that it is given,
//
//	ApplyWith(map[string]any{"initial_state": []*symbolic.Tensor{h, c}}, x)
//
// or, if it is Stateful, with those in which the batch before ended, whether that was trained on, evaluated or predicted; ResetStates makes them zeros.
// Steps that the inputs' mask leaves out, or that given as "mask", change no state.
func LSTM(units int) *LSTMLayer {
	l := &LSTMLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// KerasConfig returns the layer's configuration.
func (l *LSTMLayer) KerasConfig() any { l.cfg.clamp(); return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *lstmConfig) Validate() error { return firstError(c.lstmArguments.Validate(), c.check()) }

func (l *LSTMLayer) recurrence() *recurrence { return &l.cfg.recurrence }

func (l *LSTMLayer) makeCell() Cell {
	cell := LSTMCell(0)
	cell.cfg.lstmArguments = l.cfg.lstmArguments
	return l.inside(cell, &cell.cfg.LayerConfig, "lstm_cell")
}

// GRULayer is Keras's GRU.
type GRULayer struct {
	ofUnits[*GRULayer]
	cfg gruConfig
}

type gruConfig struct {
	symbolic.LayerConfig
	recurrence
	gruArguments
	cuDNN
	_ any `keras:"activity_regularizer"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return GRU(0) }) }

// GRU returns a layer of gated recurrent units (Keras: GRU(units)). What [LSTM] says holds for it, but that it has one state, the output.
func GRU(units int) *GRULayer {
	l := &GRULayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// KerasConfig returns the layer's configuration.
func (l *GRULayer) KerasConfig() any { l.cfg.clamp(); return &l.cfg }

// Validate reports arguments that Keras rejects.
func (c *gruConfig) Validate() error { return firstError(c.gruArguments.Validate(), c.check()) }

// takesMoreStates says that Keras's GRU looks at the first initial state alone.
func (l *GRULayer) takesMoreStates() {}

func (l *GRULayer) recurrence() *recurrence { return &l.cfg.recurrence }

func (l *GRULayer) makeCell() Cell {
	cell := GRUCell(0)
	cell.cfg.gruArguments = l.cfg.gruArguments
	return l.inside(cell, &cell.cfg.LayerConfig, "gru_cell")
}

// SimpleRNNLayer is Keras's SimpleRNN.
type SimpleRNNLayer struct {
	ofUnits[*SimpleRNNLayer]
	cfg simpleRNNConfig
}

type simpleRNNConfig struct {
	symbolic.LayerConfig
	recurrence
	cellConfig
	Seed *int `keras:"seed,unsaved"`
	_    any  `keras:"activity_regularizer"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return SimpleRNN(0) }) }

// SimpleRNN returns a layer whose output goes back into it (Keras: SimpleRNN(units)): activation(inputs · kernel + output before · recurrent_kernel + bias). What
// [LSTM] says holds for it, but that it has one state, the output.
func SimpleRNN(units int) *SimpleRNNLayer {
	l := &SimpleRNNLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// KerasConfig returns the layer's configuration.
func (l *SimpleRNNLayer) KerasConfig() any { l.cfg.clamp(); return &l.cfg }

func (l *SimpleRNNLayer) recurrence() *recurrence { return &l.cfg.recurrence }

func (l *SimpleRNNLayer) makeCell() Cell {
	cell := SimpleRNNCell(0)
	cell.cfg.cellConfig, cell.cfg.Seed = l.cfg.cellConfig, l.cfg.Seed
	return l.inside(cell, &cell.cfg.LayerConfig, "simple_rnn_cell")
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
