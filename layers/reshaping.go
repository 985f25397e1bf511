package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// FlattenLayer is Keras's Flatten: all axes but the batch's become one.
type FlattenLayer struct {
	layer[*FlattenLayer]
	sampleWise
	cfg flattenConfig
}

type flattenConfig struct {
	symbolic.LayerConfig
	formatConfig
}

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return Flatten() })
	symbolic.RegisterLayer(func() symbolic.Layer { return Reshape() })
}

// Flatten returns a layer that makes one axis of all axes but the batch's
// (Keras: Flatten()); inputs of shape (batch,) become (batch, 1).
func Flatten() *FlattenLayer {
	l := &FlattenLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *flattenConfig) Validate() error { return c.DataFormat.check() }

// Infer returns (batch, product of the other axes).
func (l *FlattenLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if err := minRank(x, 1); err != nil {
		return nil, err
	}
	return l.output(in, symbolic.Shape{x[0], x[1:].Size()}, nil)
}

// Call computes the layer.
func (l *FlattenLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if l.cfg.DataFormat == ChannelsFirst && x.Rank() > 2 {
		// The elements come in the order that they have with the channels last.
		order := []int{0}
		for axis := 2; axis < x.Rank(); axis++ {
			order = append(order, axis)
		}
		x = graph.TransposeAllAxes(x, append(order, 1)...)
	}
	dims := x.Shape().Dimensions
	return []*graph.Node{graph.Reshape(x, dims[0], symbolic.Shape(dims[1:]).Size())}
}

// ReshapeLayer is Keras's Reshape.
type ReshapeLayer struct {
	layer[*ReshapeLayer]
	sampleWise
	cfg reshapeConfig
}

type reshapeConfig struct {
	symbolic.LayerConfig
	TargetShape []int `keras:"target_shape" default:"[]"`
}

// Reshape returns a layer that gives its inputs another shape (Keras:
// Reshape(target_shape)), which doesn't name the batch axis; one axis may be -1, the
// size that is left.
func Reshape(targetShape ...int) *ReshapeLayer {
	l := &ReshapeLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.TargetShape = append([]int{}, targetShape...)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *reshapeConfig) Validate() error {
	unknown := 0
	for _, d := range c.TargetShape {
		if d == symbolic.None {
			unknown++
		} else if d < 0 {
			return fmt.Errorf("the axes of `target_shape` must be -1 or not negative, received target_shape=%s", tuple(c.TargetShape))
		}
	}
	if unknown > 1 {
		return fmt.Errorf("there must be at most one unknown dimension (-1) in `target_shape`, received target_shape=%s", tuple(c.TargetShape))
	}
	return nil
}

// Infer returns (batch, target shape…).
func (l *ReshapeLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if err := minRank(x, 1); err != nil {
		return nil, err
	}
	target, err := l.resolve(x[1:])
	if err != nil {
		return nil, err
	}
	return l.output(in, append(symbolic.Shape{x[0]}, target...), nil)
}

// resolve returns the target shape for inputs whose axes after the batch's are given.
func (l *ReshapeLayer) resolve(in symbolic.Shape) (symbolic.Shape, error) {
	target := symbolic.Shape(slices.Clone(l.cfg.TargetShape))
	have := in.Size()
	if have == symbolic.None {
		return target, nil // -1 is None
	}
	at := slices.Index(target, symbolic.None)
	if at < 0 {
		if target.Size() != have {
			return nil, fmt.Errorf("the total size of the tensor must be unchanged, received input_shape=%s, target_shape=%s", in, tuple(target))
		}
		return target, nil
	}
	target[at] = 1
	rest := target.Size()
	if rest == 0 || have%rest != 0 {
		return nil, fmt.Errorf("the total size of the tensor must be unchanged, however, the input size cannot be divided by the specified dimensions in target_shape, received input_shape=%s, target_shape=%s",
			in, tuple(l.cfg.TargetShape))
	}
	target[at] = have / rest
	return target, nil
}

// Call computes the layer.
func (l *ReshapeLayer) Call(_ *symbolic.Call, in []*graph.Node) []*graph.Node {
	dims := in[0].Shape().Dimensions
	target, err := l.resolve(dims[1:])
	if err != nil {
		panic(err)
	}
	return []*graph.Node{graph.Reshape(in[0], append([]int{dims[0]}, target...)...)}
}
