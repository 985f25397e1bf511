package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// PReLULayer is Keras's PReLU: a rectifier that learns its slope below 0.
type PReLULayer struct {
	elementwise[*PReLULayer]
	cfg preluConfig
}

type preluConfig struct {
	symbolic.LayerConfig
	AlphaInitializer initializers.Initializer `keras:"alpha_initializer" default:"zeros"`
	AlphaRegularizer regularizers.Regularizer `keras:"alpha_regularizer"`
	AlphaConstraint  constraints.Constraint   `keras:"alpha_constraint"`
	SharedAxes       sharedAxes               `keras:"shared_axes" default:"null"`
}

// sharedAxes is an argument that is None, one axis or a list of them; files have a list.
type sharedAxes struct{ list []int }

// EncodeKeras writes null or a list.
func (a *sharedAxes) EncodeKeras() (any, error) {
	if a.list == nil {
		return nil, nil
	}
	list := []any{}
	for _, axis := range a.list {
		list = append(list, axis)
	}
	return list, nil
}

// DecodeKeras reads null, a number or a list.
func (a *sharedAxes) DecodeKeras(v any) error {
	if list, ok := v.([]any); v == nil || ok && len(list) == 0 {
		a.list = nil
		if ok {
			a.list = []int{}
		}
		return nil
	}
	var given axes
	if err := given.DecodeKeras(v); err != nil {
		return err
	}
	a.list = given.list
	return nil
}

func (a *sharedAxes) set(sharedAxes ...int) error {
	a.list = append([]int{}, sharedAxes...)
	return nil
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return PReLU() }) }

// PReLU returns a layer that keeps x where x > 0 and multiplies it by a weight elsewhere (Keras: PReLU()). There is a weight, 0 at first,
// for each position of a sample, or one for all positions along the axes that SharedAxes names: SharedAxes(1, 2) is one for each
// channel of images of shape (batch, height, width, channels).
func PReLU() *PReLULayer {
	l := &PReLULayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Infer returns floats of the input's shape.
func (l *PReLULayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAsBuilt(in)
	if err != nil {
		return nil, err
	}
	alpha, err := l.alphaShape(x)
	if err != nil {
		return nil, err
	}
	for i, d := range alpha {
		// Without shared axes Keras doesn't look at the sizes before it multiplies.
		if d != 1 {
			if err := l.knownAxis(x, i+1); err != nil {
				return nil, err
			}
		}
	}
	return l.floatOutput(x, nil)
}

// alphaShape is the shape of the slopes for inputs of shape x.
func (l *PReLULayer) alphaShape(x symbolic.Shape) ([]int, error) {
	if err := minRank(x, 1); err != nil {
		return nil, err
	}
	alpha := append([]int{}, x[1:]...)
	for _, axis := range l.cfg.SharedAxes.list {
		at := axis - 1
		if at < 0 {
			at += len(alpha) // as Python counts
		}
		if at < 0 || at >= len(alpha) {
			return nil, fmt.Errorf("shared_axes has axis %d, which an input of shape %s doesn't have", axis, x)
		}
		alpha[at] = 1
	}
	return alpha, nil
}

// Declare declares the slopes.
func (l *PReLULayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	shape, err := l.alphaShape(firstShape(in))
	if err != nil {
		return err
	}
	b.Weight(symbolic.WeightSpec{Name: "alpha", Shape: shape, Initializer: l.cfg.AlphaInitializer,
		Regularizer: l.cfg.AlphaRegularizer, Constraint: l.cfg.AlphaConstraint})
	return nil
}

// OutputSteps says that added steps can't be told from others: slopes may belong to steps.
func (l *PReLULayer) OutputSteps(*symbolic.Call) ([]*graph.Node, bool) { return nil, false }

// Call computes the layer.
func (l *PReLULayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := ndarray.Cast(kerasops.Unwrapped("PReLU", in[0]), c.DType())
	relu := func(x *graph.Node) *graph.Node { return activations.ReLUWith(x, 0, nil, 0) }
	alpha := graph.ExpandLeftToRank(c.Weight("alpha"), x.Rank())
	return []*graph.Node{graph.Sub(relu(x), graph.Mul(alpha, relu(graph.Neg(x))))}
}
