package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// PermuteLayer is Keras's Permute: the axes in another order.
type PermuteLayer struct {
	layer[*PermuteLayer]
	sampleWise
	cfg permuteConfig
}

type permuteConfig struct {
	symbolic.LayerConfig
	Dims []int `keras:"dims" default:"[]"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Permute() }) }

// Permute returns a layer that brings the axes into the order of dims, which counts them from 1 and leaves the batch axis where it is
// (Keras: Permute(dims)): Permute(2, 1) makes (batch, steps, channels) of (batch, channels, steps).
func Permute(dims ...int) *PermuteLayer {
	l := &PermuteLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Dims = append([]int{}, dims...)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *permuteConfig) Validate() error {
	for i, d := range slices.Sorted(slices.Values(c.Dims)) {
		if d != i+1 {
			return fmt.Errorf("invalid permutation argument `dims`: its numbers must be consecutive and start from 1, received dims=%s", tuple(c.Dims))
		}
	}
	return nil
}

// order are the axes with that of the batch.
func (l *PermuteLayer) order() []int { return append([]int{0}, l.cfg.Dims...) }

// Infer returns the sizes in their new order.
func (l *PermuteLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := oneOfRank(in, len(l.cfg.Dims)+1)
	if err != nil {
		return nil, err
	}
	out := x.Clone()
	for i, axis := range l.order() {
		out[i] = x[axis]
	}
	return l.output(in, out, nil)
}

// Call computes the layer.
func (l *PermuteLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{graph.TransposeAllAxes(in[0], l.order()...)}
}
