package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// one returns the only input.
func one(in *symbolic.Inputs) (symbolic.Shape, error) {
	x, err := in.One()
	return x.Shape.Clone(), err
}

// firstShape is the shape of the first input, for those that know that there is one.
func firstShape(in *symbolic.Inputs) symbolic.Shape { return in.First()[0].Shape.Clone() }

// floatOutput is the one output of a layer, in its compute type, which Keras promises also where whole numbers stay what they are; the error is passed on.
func (l *layer[L]) floatOutput(shape symbolic.Shape, err error) ([]symbolic.Spec, error) {
	if err != nil {
		return nil, err
	}
	return []symbolic.Spec{l.Floats(shape)}, nil
}

// output is the one output of a layer of which Keras promises that integers stay what they are; the error is passed on.
func (l *layer[L]) output(in *symbolic.Inputs, shape symbolic.Shape, err error) ([]symbolic.Spec, error) {
	if err != nil {
		return nil, err
	}
	return []symbolic.Spec{l.SpecLike(in.First()[0], shape)}, nil
}

// oneOfRank returns the only input, which must have so many axes.
func oneOfRank(in *symbolic.Inputs, rank int) (symbolic.Shape, error) {
	x, err := one(in)
	if err == nil {
		err = exactRank(x, rank)
	}
	return x, err
}

// minRank and exactRank check the number of axes, in Keras's words.
func minRank(x symbolic.Shape, rank int) error {
	if len(x) < rank {
		return fmt.Errorf("input is incompatible with the layer: expected min_ndim=%d, found ndim=%d. Full shape received: %s", rank, len(x), x)
	}
	return nil
}

func exactRank(x symbolic.Shape, rank int) error {
	if len(x) != rank {
		return fmt.Errorf("input is incompatible with the layer: expected ndim=%d, found ndim=%d. Full shape received: %s", rank, len(x), x)
	}
	return nil
}

// oneAsBuilt is the shape of the one input, which has as many axes as the one for which the layer was built.
func (l *layer[L]) oneAsBuilt(in *symbolic.Inputs) (symbolic.Shape, error) {
	x, err := one(in)
	if err == nil && l.Built() {
		err = exactRank(x, len(l.BuiltShapes()[0]))
	}
	return x, err
}

// knownAxis checks that the size of an axis that weights depend on is known,
// and that it is the one for which the layer was built.
func (l *layer[L]) knownAxis(x symbolic.Shape, axis int) error {
	at, ok := x.Axis(axis)
	if !ok {
		return fmt.Errorf("axis %d is out of bounds for an input of shape %s", axis, x)
	}
	if l.Built() {
		built := l.BuiltShapes()[0]
		if want, ok := built.Axis(axis); ok && built[want] != x[at] {
			return fmt.Errorf("input is incompatible with the layer: expected axis %d of input shape to have value %d, but received input with shape %s",
				axis, built[want], x)
		}
	}
	if x[at] == symbolic.None {
		return fmt.Errorf("axis %d of the input must be known, because the layer's weights depend on it, but received input with shape %s", axis, x)
	}
	return nil
}

// tuple writes numbers as Python does a tuple: "(3,)", "(1, -1)".
func tuple(values []int) string {
	text := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(values), "[]")), ", ")
	if len(values) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

// apart checks axes of x, of which none may be given twice.
func apart(x symbolic.Shape, axes []int) error {
	seen := map[int]bool{}
	for _, axis := range axes {
		at, ok := x.Axis(axis)
		if !ok || seen[at] {
			return fmt.Errorf("axis %d is out of bounds for, or given twice of, an input of shape %s", axis, x)
		}
		seen[at] = true
	}
	return nil
}

// ofTruth computes f of truth values as of the numbers 0 and 1, of which engines know more, and gives truth values back. Of other values it is f.
func ofTruth(f func(in ...*graph.Node) *graph.Node, in ...*graph.Node) *graph.Node {
	if slices.ContainsFunc(in, func(x *graph.Node) bool { return x.DType() != dtypes.Bool }) {
		return f(in...)
	}
	numbers := make([]*graph.Node, len(in))
	for i, x := range in {
		numbers[i] = truthAsNumbers(x)
	}
	return truth(f(numbers...))
}

// truthAsNumbers makes whole numbers of truth values.
func truthAsNumbers(x *graph.Node) *graph.Node {
	if x.DType() != dtypes.Bool {
		return x
	}
	return graph.ConvertDType(x, dtypes.Int32)
}

func truth(x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Bool {
		return x
	}
	return graph.NotEqual(x, graph.ZerosLike(x))
}

// floats converts what isn't a float to the layer's compute type, as Keras's
// arithmetic with float weights does.
func floats(c *symbolic.Call, x *graph.Node) *graph.Node {
	if x.DType().IsFloat() {
		return x
	}
	return graph.ConvertDType(x, c.DType())
}
