package metrics

import (
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// epsilon is keras.config.epsilon(), which keeps divisors from being 0.
const epsilon = 1e-7

func asFloat(x *graph.Node) *graph.Node { return as(x, dtypes.Float32) }

// as converts x, as JAX does where it doesn't fit.
func as(x *graph.Node, dtype dtypes.DType) *graph.Node { return ndarray.Saturate(x, dtype) }

// asBool is where x isn't 0.
func asBool(x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Bool {
		return x
	}
	return graph.NotEqual(x, graph.ZerosLike(x))
}

func broadcast(metric, whatA string, a *graph.Node, whatB string, b *graph.Node) (*graph.Node, *graph.Node) {
	if !align.Broadcasts(a.Shape().Dimensions, b.Shape().Dimensions) {
		panic(fmt.Errorf("metric %s: %s of shape %s don't fit %s of shape %s", metric, whatA, align.Of(a), whatB, align.Of(b)))
	}
	return align.Broadcast(whatA, a, whatB, b)
}

// divideNoNaN returns a/b, and 0 where b is 0.
func divideNoNaN(a, b *graph.Node) *graph.Node {
	isZero := graph.IsZero(b)
	return graph.Where(isZero, graph.ZerosLike(a), graph.Div(a, graph.Where(isZero, graph.OnesLike(b), b)))
}

// likeliest returns the number of the greatest element along the axis, the first of equals.
func likeliest(metric, what string, x *graph.Node, axis int) *graph.Node {
	if x.IsScalar() {
		panic(fmt.Errorf("metric %s: %s of shape (): want an axis of classes", metric, what))
	}
	if axis < -x.Rank() || axis >= x.Rank() {
		panic(fmt.Errorf("metric %s: axis %d, want one of the %d axes of %s of shape %s", metric, axis, x.Rank(), what, align.Of(x)))
	}
	// Keras takes NaN for the greatest; left to themselves, the engines differ.
	infinity := graph.BroadcastToShape(graph.Scalar(x.Graph(), x.DType(), math.Inf(1)), x.Shape())
	return graph.ArgMax(graph.Where(graph.IsNaN(x), infinity, x), axis)
}

// spelled returns a choice as it stands among the known ones, or an error that lists them.
func spelled[T ~string](argument string, given T, known ...T) (any, error) {
	v, err := decoded(argument, string(given), known...)
	return string(v), err
}

// decoded finds a choice of a configuration, whose letters may be small or large, among the known ones.
func decoded[T ~string](argument string, v any, known ...T) (T, error) {
	given, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s: got a %T, want a string", argument, v)
	}
	names := make([]string, len(known))
	for i, k := range known {
		if strings.EqualFold(given, string(k)) {
			return k, nil
		}
		names[i] = string(k)
	}
	return "", config.UnknownName(argument, given, names)
}

// nearest is the known choice that given spells, or given itself, of which Validate complains.
func nearest[T ~string](given T, known ...T) T {
	if k, err := decoded("", string(given), known...); err == nil {
		return k
	}
	return given
}

// infinity is a scalar of the type of x, with the sign.
func infinity(x *graph.Node, sign int) *graph.Node {
	return graph.Scalar(x.Graph(), x.DType(), math.Inf(sign))
}

// withType is the shape of x with another type of elements.
func withType(x *graph.Node, dtype dtypes.DType) shapes.Shape {
	return shapes.Make(dtype, x.Shape().Dimensions...)
}

// namedError makes an error that says which metric it is of.
func namedError(metric, format string, args ...any) error {
	return fmt.Errorf("metric %s: %w", metric, fmt.Errorf(format, args...))
}
