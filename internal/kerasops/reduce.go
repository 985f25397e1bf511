package kerasops

import (
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/internal/scan"
)

// reduced is the shape without the axes that "axis" names, or with 1 in their places.
func reduced(of func(dtype string) string) func(c *call) []Spec {
	return func(c *call) []Spec {
		x := c.typed("x", resolved)
		axes := c.axesParam("axis", len(x.Shape))
		var shape []int
		for i, d := range x.Shape {
			switch {
			case !slices.Contains(axes, i):
				shape = append(shape, d)
			case c.boolParam("keepdims"):
				shape = append(shape, 1)
			}
		}
		return []Spec{{shape, of(x.DType)}}
	}
}

// saidFloat32 is for operations of which Keras's symbolic tensors say float32, whatever they compute.
func saidFloat32(infer func(c *call) []Spec) func(c *call) []Spec {
	return func(c *call) []Spec {
		s := infer(c)
		if c.g == nil {
			s[0].DType = "float32"
		}
		return s
	}
}

// reducing computes a reduction in a type and gives it the output's shape and type.
func reducing(in func(dtype string) string, f func(x *graph.Node, axes []int) *graph.Node) func(c *call) []*graph.Node {
	return func(c *call) []*graph.Node {
		x := c.nodeOf(c.need("x"), in(resolved(c.spec("x").DType)))
		y := x
		if axes := c.axesParam("axis", x.Rank()); len(axes) > 0 {
			y = f(x, axes)
		}
		return []*graph.Node{convert(graph.Reshape(y, c.out[0].Shape...), dtypeOf(c.out[0].DType))}
	}
}

// summed is the type of a sum or product: small integers grow to 32 bits.
func summed(dtype string) string { return promote(grownToSum(dtype)) }

// grownToSum is summed, of which Keras promises 64 bits where the argument has them.
func grownToSum(dtype string) string {
	switch dtype {
	case "bool", "int8", "int16":
		return "int32"
	case "uint8", "uint16":
		return "uint32"
	}
	return dtype
}

func asIs(dtype string) string { return dtype }

// averaged is the type in which means are computed: halves in float32, and averagedTo the one of the result.
func averaged(dtype string) string { return promote(dtype, "float32") }

func averagedTo(dtype string) string {
	if isFloat(dtype) {
		return dtype
	}
	return averaged(dtype)
}

func init() {
	const axis = "axis=null keepdims=false"
	define("numpy", "Mean", "x", axis, reduced(averagedTo), reducing(averaged, mean))
	define("numpy", "Sum", "x", axis, reduced(summed), reducing(summed, func(x *graph.Node, axes []int) *graph.Node { return graph.ReduceSum(x, axes...) }))
	define("numpy", "Prod", "x", axis+" dtype=null", func(c *call) []Spec {
		s := reduced(grownToSum)(c)
		if name, ok := c.config["dtype"].(string); ok {
			s[0].DType = name
		}
		return s
	}, func(c *call) []*graph.Node {
		return reducing(func(string) string { return c.out[0].DType }, product)(c)
	})
	define("numpy", "Var", "x", axis, reduced(toFloat), reducing(averaged, variance))
	define("numpy", "Std", "x", axis, reduced(toFloat), reducing(averaged, func(x *graph.Node, axes []int) *graph.Node { return graph.Sqrt(variance(x, axes)) }))
	for class, f := range map[string]func(x *graph.Node, axes ...int) *graph.Node{"Amax": scan.Largest, "Amin": lowering.Smallest} {
		define("numpy", class, "x", axis, reduced(asIs), reducing(asIs, extreme(f)))
	}
	for class, f := range map[string]func(x *graph.Node, axes ...int) *graph.Node{"Max": scan.Largest, "Min": lowering.Smallest} {
		choice := larger
		if class == "Min" {
			choice = smaller
		}
		define("numpy", class, "x", axis+" initial=null", reduced(asIs), func(c *call) []*graph.Node {
			y := reducing(asIs, extreme(f))(c)[0]
			if initial := c.config["initial"]; initial != nil {
				y = choice(spread(y, c.nodeOf(initial, c.out[0].DType)))
			}
			return []*graph.Node{y}
		})
	}
	for class, most := range map[string]bool{"Any": false, "All": true} {
		define("numpy", class, "x", axis, reduced(func(string) string { return "bool" }), reducing(func(string) string { return "bool" }, func(x *graph.Node, axes []int) *graph.Node {
			// Sums, which every engine knows.
			n := graph.ConvertDType(x, dtypes.Int32)
			if most {
				n = graph.OneMinus(n)
			}
			none := graph.Equal(graph.ReduceSum(n, axes...), graph.Scalar(x.Graph(), dtypes.Int32, 0))
			if most {
				return none
			}
			return graph.LogicalNot(none)
		}))
	}
	define("numpy", "CountNonzero", "x", "axis=null", func(c *call) []Spec {
		c.config["keepdims"] = false
		return reduced(func(string) string { return "int32" })(c)
	}, func(c *call) []*graph.Node {
		return reducing(func(string) string { return "bool" }, func(x *graph.Node, axes []int) *graph.Node {
			return graph.ReduceSum(graph.ConvertDType(x, dtypes.Int32), axes...)
		})(c)
	})
	for class, f := range map[string]func(x *graph.Node, axis int, to ...dtypes.DType) *graph.Node{"Argmax": graph.ArgMax, "Argmin": graph.ArgMin} {
		define("numpy", class, "x", axis, reduced(func(string) string { return "int32" }), reducing(asIs, func(x *graph.Node, axes []int) *graph.Node {
			x = graph.StopGradient(x)
			if x.DType() == dtypes.Bool {
				x = graph.ConvertDType(x, dtypes.Int32)
			}
			if len(axes) == x.Rank() {
				return f(graph.Reshape(x, x.Shape().Size()), 0, dtypes.Int32)
			}
			return f(x, axes[0], dtypes.Int32)
		}))
	}
	define("math", "Logsumexp", "x", axis, saidFloat32(reduced(toFloat)), reducing(toFloat, func(x *graph.Node, axes []int) *graph.Node {
		top := graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, axes...))
		top = graph.Where(graph.IsFinite(top), top, graph.ZerosLike(top))
		sum := graph.Log(graph.ReduceSum(graph.Exp(graph.Sub(x, top)), axes...))
		return graph.Add(sum, graph.Reshape(top, sum.Shape().Dimensions...))
	}))
	define("linalg", "Norm", "x", "ord=null "+axis, reduced(toFloat), func(c *call) []*graph.Node {
		return reducing(toFloat, func(x *graph.Node, axes []int) *graph.Node { return norm(x, c.config["ord"], axes) })(c)
	})
	define("nn", "Normalize", "x", "axis=-1 order=2 epsilon=null", saidFloat32(floating), normalize)
	define("nn", "Moments", "x", "axes keepdims=false synchronized=false", func(c *call) []Spec {
		c.config["axis"] = c.config["axes"]
		s := reduced(averagedTo)(c)[0]
		return []Spec{s, s}
	}, func(c *call) []*graph.Node {
		x := c.nodeOf(c.need("x"), averaged(c.spec("x").DType))
		axes := c.axesParam("axes", x.Rank())
		out := []*graph.Node{mean(x, axes), variance(x, axes)}
		for i := range out {
			out[i] = convert(graph.Reshape(out[i], c.out[i].Shape...), dtypeOf(c.out[i].DType))
		}
		return out
	})
	define("numpy", "Cumsum", "x", "axis=null dtype=null", func(c *call) []Spec {
		s := c.typed("x", resolved)
		if c.config["axis"] == nil {
			s.Shape = []int{size(s.Shape)}
		} else {
			axisOf("axis", c.intParam("axis"), len(s.Shape))
		}
		if s.DType == "bool" {
			s.DType = "int32"
		}
		if name, ok := c.config["dtype"].(string); ok {
			s.DType = name
		}
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		x := graph.Reshape(c.nodeOf(c.need("x"), c.out[0].DType), c.out[0].Shape...)
		at := 0
		if c.config["axis"] != nil {
			at = axisOf("axis", c.intParam("axis"), x.Rank())
		}
		// Doubling steps: what lies 1, 2, 4, … before is added.
		for step := 1; step < x.Shape().Dimensions[at]; step *= 2 {
			head := cut(x, at, 0, step)
			tail := graph.Add(cut(x, at, step, x.Shape().Dimensions[at]), cut(x, at, 0, x.Shape().Dimensions[at]-step))
			x = graph.Concatenate([]*graph.Node{head, tail}, at)
		}
		return []*graph.Node{x}
	})
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d == None {
			return None
		}
		n *= d
	}
	return n
}

func mean(x *graph.Node, axes []int) *graph.Node {
	n := 1
	for _, a := range axes {
		n *= x.Shape().Dimensions[a]
	}
	return graph.DivScalar(graph.ReduceSum(x, axes...), float64(n))
}

func variance(x *graph.Node, axes []int) *graph.Node {
	kept := slices.Clone(x.Shape().Dimensions)
	for _, a := range axes {
		kept[a] = 1
	}
	return mean(graph.Square(graph.Sub(x, graph.Reshape(mean(x, axes), kept...))), axes)
}

// extreme is f, which finds the largest or the smallest, of bools too.
func extreme(f func(x *graph.Node, axes ...int) *graph.Node) func(x *graph.Node, axes []int) *graph.Node {
	return func(x *graph.Node, axes []int) *graph.Node {
		if x.DType() == dtypes.Bool {
			return graph.NotEqual(f(graph.ConvertDType(x, dtypes.Int32), axes...), graph.Scalar(x.Graph(), dtypes.Int32, 0))
		}
		return f(x, axes...)
	}
}

// product halves the axes again and again: GoMLX's ReduceMultiply has no gradient.
func product(x *graph.Node, axes []int) *graph.Node {
	var order, kept []int
	n := 1
	for i, d := range x.Shape().Dimensions {
		if slices.Contains(axes, i) {
			n *= d
		} else {
			order, kept = append(order, i), append(kept, d)
		}
	}
	x = graph.TransposeAllAxes(x, append(order, axes...)...)
	x = graph.Reshape(x, append(slices.Clone(kept), n)...)
	last := len(kept)
	for n > 1 {
		half := n / 2
		y := graph.Mul(cut(x, last, 0, half), cut(x, last, half, 2*half))
		if n%2 == 1 {
			y = graph.Concatenate([]*graph.Node{y, cut(x, last, n-1, n)}, last)
		}
		x, n = y, n-half
	}
	return x
}

// cut is the part of an axis from start up to end.
func cut(x *graph.Node, axis, start, end int) *graph.Node {
	return graph.SliceAxis(x, axis, graph.AxisRange(start, end))
}

// norm is the norm of vectors along one axis, of matrices along two, of everything for all.
func norm(x *graph.Node, ord any, axes []int) *graph.Node {
	sum := func(x *graph.Node) *graph.Node { return graph.ReduceSum(x, axes...) }
	if text, ok := ord.(string); ok {
		switch strings.ToLower(text) {
		case "nuc":
			if len(axes) != 2 {
				fail("ord: \"nuc\" is for matrices, which have two axes, received %d", len(axes))
			}
			return graph.ReduceSum(singularValues(x, axes), -1)
		case "fro", "euclidean":
			ord = nil
		case "inf":
			ord = math.Inf(1)
		case "-inf":
			ord = math.Inf(-1)
		default:
			fail("ord: got %q, want a number, \"fro\", \"nuc\", or null", text)
		}
	}
	if ord == nil {
		return graph.Sqrt(sum(graph.Square(x)))
	}
	p, isInt := ord.(int)
	power := float64(p)
	if !isInt {
		var ok bool
		if power, ok = ord.(float64); !ok {
			fail("ord: got %v, want a number, \"fro\", \"nuc\", or null", ord)
		}
	}
	switch len(axes) {
	case 1:
	case 2:
		return matrixNorm(x, power, axes)
	default:
		fail("ord: %v is for vectors and matrices, of one or two axes, received %d", ord, len(axes))
	}
	switch {
	case math.IsInf(power, 1):
		return extreme(lowering.Largest)(absolute(x), axes)
	case math.IsInf(power, -1):
		return extreme(lowering.Smallest)(absolute(x), axes)
	case power == 0:
		return sum(graph.StopGradient(graph.ConvertDType(graph.NotEqual(x, graph.ZerosLike(x)), x.DType())))
	case power == 1:
		return sum(absolute(x))
	case power == 2:
		return graph.Sqrt(sum(graph.Square(x)))
	}
	return graph.PowScalar(sum(graph.PowScalar(absolute(x), power)), 1/power)
}

// matrixNorm is the largest or smallest sum along one of the axes, or singular value.
func matrixNorm(x *graph.Node, power float64, axes []int) *graph.Node {
	along, other := axes[0], axes[1]
	f := extreme(lowering.Largest)
	if power < 0 {
		f = extreme(lowering.Smallest)
	}
	switch {
	case math.Abs(power) == 2:
		s := singularValues(x, axes)
		return f(s, []int{s.Rank() - 1})
	case math.IsInf(power, 0):
		along, other = other, along
	case math.Abs(power) != 1:
		fail("ord: got %v for matrices, want 1, -1, 2, -2, infinity, \"fro\", \"nuc\", or null", power)
	}
	if along < other {
		other--
	}
	return f(graph.ReduceSum(absolute(x), along), []int{other})
}

// singularValues are those of the matrices that two axes of x make, along a last axis.
func singularValues(x *graph.Node, axes []int) *graph.Node {
	order := slices.DeleteFunc(identity(x.Rank()), func(i int) bool { return slices.Contains(axes, i) })
	x = reorder(x, append(order, axes...))
	dims := x.Shape().Dimensions
	batch, matrix := dims[:len(dims)-2], dims[len(dims)-2:]
	if k := min(matrix[0], matrix[1]); k == 0 || max(matrix[0], matrix[1]) > largestMatrix {
		fail("got matrices of shape %s, want from 1 to %d rows and columns", ShapeText(matrix), largestMatrix)
	}
	_, s, _ := svd(graph.Reshape(x, -1, matrix[0], matrix[1]), false)
	return graph.Reshape(s, append(slices.Clone(batch), min(matrix[0], matrix[1]))...)
}

// normalize divides by the norm, which is taken to be at least epsilon.
func normalize(c *call) []*graph.Node {
	x := c.nodeOf(c.need("x"), c.out[0].DType)
	axes := c.axesParam("axis", x.Rank())
	kept := slices.Clone(x.Shape().Dimensions)
	for _, a := range axes {
		kept[a] = 1
	}
	epsilon := 1e-7
	if c.config["epsilon"] != nil {
		epsilon = c.floatParam("epsilon")
	}
	length := graph.Reshape(norm(x, c.config["order"], axes), kept...)
	return []*graph.Node{graph.Div(x, broadcastTo(larger(spread(length, graph.Scalar(c.g, x.DType(), epsilon))), x.Shape().Dimensions))}
}
