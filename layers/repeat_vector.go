package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RepeatVectorLayer is Keras's RepeatVector: a sequence of the same vector.
type RepeatVectorLayer struct {
	layer[*RepeatVectorLayer]
	sampleWise
	cfg repeatVectorConfig
}

type repeatVectorConfig struct {
	symbolic.LayerConfig
	N int `keras:"n"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RepeatVector(1) }) }

// RepeatVector returns a layer that repeats its input n times (Keras: RepeatVector(n)): (batch, features) becomes (batch, n, features).
func RepeatVector(n int) *RepeatVectorLayer {
	l := &RepeatVectorLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.N = n
	return l
}

// Validate reports arguments that Keras rejects.
func (c *repeatVectorConfig) Validate() error {
	if c.N <= 0 {
		return fmt.Errorf("argument `n` should be a positive integer, received n=%d", c.N)
	}
	return nil
}

// Infer returns (batch, n, features).
func (l *RepeatVectorLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := oneOfRank(in, 2)
	if err != nil {
		return nil, err
	}
	return l.floatOutput(symbolic.Shape{x[0], l.cfg.N, x[1]}, nil)
}

// Call computes the layer.
func (l *RepeatVectorLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{repeatedAlong(graph.InsertAxes(in[0], 1), 1, l.cfg.N)}
}
