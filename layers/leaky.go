package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/symbolic"
)

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return LeakyReLU() })
	symbolic.RegisterLayer(func() symbolic.Layer { return ELU() })
}

// LeakyReLULayer is Keras's LeakyReLU.
type LeakyReLULayer struct {
	elementwise[*LeakyReLULayer]
	cfg leakyReLUConfig
}

type leakyReLUConfig struct {
	symbolic.LayerConfig
	NegativeSlope float64 `keras:"negative_slope" default:"0.3"`
}

// LeakyReLU returns a layer that keeps x where x ≥ 0 and scales it by the
// negative slope elsewhere (Keras: LeakyReLU()).
func LeakyReLU() *LeakyReLULayer {
	l := &LeakyReLULayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *leakyReLUConfig) Validate() error {
	if !(c.NegativeSlope >= 0) {
		return fmt.Errorf("the negative_slope value of a LeakyReLU layer cannot be a negative value, received negative_slope=%v", c.NegativeSlope)
	}
	return nil
}

// Infer returns floats of the input's shape.
func (l *LeakyReLULayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(one(in))
}

// Call computes the layer.
func (l *LeakyReLULayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{activations.LeakyReLUWith(kerasops.Inexact(in[0]), l.cfg.NegativeSlope)}
}

// ELULayer is Keras's ELU.
type ELULayer struct {
	elementwise[*ELULayer]
	cfg eluConfig
}

type eluConfig struct {
	symbolic.LayerConfig
	Alpha float64 `keras:"alpha" default:"1.0"`
}

// ELU returns a layer that keeps x where x > 0 and makes it alpha·(exp(x) - 1) elsewhere (Keras: ELU()).
func ELU() *ELULayer {
	l := &ELULayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Infer returns floats of the input's shape.
func (l *ELULayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) { return l.floatOutput(one(in)) }

// Call computes the layer.
func (l *ELULayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{activations.ELUWith(kerasops.Inexact(in[0]), l.cfg.Alpha)}
}
