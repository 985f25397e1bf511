// Package layers has configurations in the forms that setters are written for. It is read, not compiled.
package layers

import (
	"example.com/activations"
	"example.com/constraints"
	"example.com/initializers"
	"example.com/regularizers"
	"example.com/symbolic"
)

type LSTMLayer struct {
	layer
	cfg lstmConfig
}

type lstmConfig struct {
	symbolic.LayerConfig
	Units               int              `keras:"units"`
	Activation          activations.Name `keras:"activation" default:"tanh"`
	RecurrentActivation activations.Name `keras:"recurrent_activation" default:"sigmoid"`
	biasConfig
	RecurrentInitializer initializers.Initializer `keras:"recurrent_initializer" default:"orthogonal"`
	RecurrentRegularizer regularizers.Regularizer `keras:"recurrent_regularizer"`
	RecurrentConstraint  constraints.Constraint   `keras:"recurrent_constraint"`
	Dropout              float64                  `keras:"dropout"`
	Seed                 *int                     `keras:"seed"`
	ReturnSequences      bool                     `keras:"return_sequences"`
	ZeroOutputForMask    bool                     `keras:"zero_output_for_mask"`
	_                    any                      `keras:"use_cudnn"`
}

type biasConfig struct {
	UseBias bool `keras:"use_bias" default:"true"`
}

func LSTM(units int) *LSTMLayer { return nil }

type Conv1DLayer struct{ conv[[1]int] }

type Conv3DLayer struct{ conv[[3]int] }

type conv[A any] struct {
	layer
	cfg convConfig[A]
}

type convConfig[A any] struct {
	symbolic.LayerConfig
	windowConfig[A]
	KernelSize A `keras:"kernel_size"`
}

type windowConfig[S any] struct {
	Strides S       `keras:"strides" default:"1"`
	Padding Padding `keras:"padding" default:"valid"`
}

type Padding string

func (p Padding) check() error { return nil }

func Conv1D[K int | [1]int](filters int, kernelSize K) *Conv1DLayer { return nil }

func Conv3D[K int | [3]int](filters int, kernelSize K) *Conv3DLayer { return nil }

// Padding is written by hand.
func (l *Conv3DLayer) Padding(padding Padding) *Conv3DLayer { return l }

type AddLayer struct{ merge }

type merge struct {
	layer
	cfg symbolic.LayerConfig
}

// KerasConfig is promoted to AddLayer.
func (m *merge) KerasConfig() any { return &m.cfg }

type RandomZoomLayer struct {
	layer
	config randomZoomConfig
}

type randomZoomConfig struct {
	symbolic.LayerConfig
	WidthFactor interval `keras:"width_factor" default:"null"`
	FillMode    string   `keras:"fill_mode" default:"reflect"`
	FillValue   float64  `keras:"fill_value"`
}

type interval struct{}

func (i *interval) set(low float64, more ...float64) error { return nil }

func RandomZoom(heightFactor any) *RandomZoomLayer { return nil }

type AugMixLayer struct {
	layer
	cfg augMixConfig
}

type augMixConfig struct {
	symbolic.LayerConfig
	ValueRange [2]float64 `keras:"value_range" default:"[0,255]"`
}

type HashingLayer struct {
	layer
	cfg hashingConfig
}

type hashingConfig struct {
	symbolic.LayerConfig
	Salt any `keras:"salt"`
}

type MultiHeadAttentionLayer struct {
	layer
	cfg multiHeadAttentionConfig
}

type multiHeadAttentionConfig struct {
	symbolic.LayerConfig
	ValueDim *int `keras:"value_dim"`
}

type AlphaDropoutLayer struct {
	layer
	cfg alphaDropoutConfig
}

type alphaDropoutConfig struct {
	symbolic.LayerConfig
	NoiseShape symbolic.Shape `keras:"noise_shape"`
}

type PReLULayer struct {
	layer
	cfg preluConfig
}

type preluConfig struct {
	symbolic.LayerConfig
	AlphaInitializer initializers.Initializer `keras:"alpha_initializer" default:"zeros"`
	SharedAxes       []int                    `keras:"shared_axes"`
}

// A layer that isn't exported has no setters.
type hiddenLayer struct{ cfg lstmConfig }
