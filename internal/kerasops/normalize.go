package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

func init() {
	define("numpy", "Average", "x weights", "axis=null", func(c *call) []Spec {
		c.config["keepdims"] = false
		s := reduced(toFloat)(c)[0]
		if w := c.arg("weights"); w != nil {
			s.DType = promote(s.DType, c.specOf(w).DType)
		}
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		dtype := c.out[0].DType
		x := c.nodeOf(c.need("x"), dtype)
		axes := c.axesParam("axis", x.Rank())
		if c.arg("weights") == nil {
			return []*graph.Node{mean(x, axes)}
		}
		w := c.nodeOf(c.need("weights"), dtype)
		if w.Rank() == 1 && x.Rank() > 1 && len(axes) == 1 { // one weight for each element of the axis
			shape := slices.Repeat([]int{1}, x.Rank())
			shape[axes[0]] = w.Shape().Size()
			w = graph.Reshape(w, shape...)
		}
		w = broadcastTo(w, x.Shape().Dimensions)
		return []*graph.Node{graph.Div(graph.ReduceSum(graph.Mul(x, w), axes...), graph.ReduceSum(w, axes...))}
	})
	define("nn", "LayerNorm", "x gamma beta", "axis=-1 epsilon=null rms_scaling=false", floating, func(c *call) []*graph.Node {
		x, axes := c.widened()
		if c.boolParam("rms_scaling") { // the variance of x, but not its mean, and no offset
			return c.scaled(x, variance(x, axes), axes, "gamma", "")
		}
		x = graph.Sub(x, broadcastTo(kept(x, mean(x, axes), axes), x.Shape().Dimensions))
		return c.scaled(x, mean(graph.Square(x), axes), axes, "gamma", "beta")
	})
	define("nn", "RMSNorm", "x scale", "axis=-1 epsilon=null", floating, func(c *call) []*graph.Node {
		x, axes := c.widened()
		return c.scaled(x, mean(graph.Square(x), axes), axes, "scale", "")
	})
	define("numpy", "Diff", "a", "n=1 axis=-1", shaped(func(c *call, shape []int) []int {
		n, axis := c.intParam("n"), axisOf("axis", c.intParam("axis"), len(shape))
		if n < 0 || (shape[axis] != None && n >= shape[axis]) {
			fail("n: got %d for an axis of size %d", n, shape[axis])
		}
		if shape[axis] != None {
			shape[axis] -= n
		}
		return shape
	}), func(c *call) []*graph.Node {
		x := c.node("a")
		axis := axisOf("axis", c.intParam("axis"), x.Rank())
		for range c.intParam("n") {
			size := x.Shape().Dimensions[axis]
			x = graph.Sub(cut(x, axis, 1, size), cut(x, axis, 0, size-1))
		}
		return []*graph.Node{x}
	})
	define("numpy", "NanToNum", "x", "nan=0.0 posinf=null neginf=null", same, func(c *call) []*graph.Node {
		x := c.node("x")
		if !x.DType().IsFloat() {
			return []*graph.Node{x}
		}
		replace := func(where *graph.Node, param string, otherwise float64) {
			if c.config[param] != nil {
				otherwise = c.floatParam(param)
			}
			x = graph.Where(where, broadcastTo(graph.Scalar(c.g, x.DType(), otherwise), x.Shape().Dimensions), x)
		}
		infinite := func(sign int) *graph.Node {
			return graph.Equal(x, broadcastTo(graph.Infinity(c.g, x.DType(), sign), x.Shape().Dimensions))
		}
		largest := math.MaxFloat32
		switch dtypeName(x.DType()) {
		case "float64":
			largest = math.MaxFloat64
		case "float16":
			largest = 65504
		case "bfloat16":
			largest = 3.3895313892515355e38
		}
		replace(graph.IsNaN(x), "nan", 0)
		replace(infinite(1), "posinf", largest)
		replace(infinite(-1), "neginf", -largest)
		return []*graph.Node{x}
	})
}

// widened is the first argument in at least 32 bits, and the axes over which it is normalized.
func (c *call) widened() (x *graph.Node, axes []int) {
	x = c.nodeOf(c.need("x"), averaged(c.out[0].DType))
	return x, c.axesParam("axis", x.Rank())
}

// kept gives a reduction axes of size 1 in the places of those removed.
func kept(x, reduced *graph.Node, axes []int) *graph.Node {
	shape := slices.Clone(x.Shape().Dimensions)
	for _, a := range axes {
		shape[a] = 1
	}
	return graph.Reshape(reduced, shape...)
}

// scaled divides x by the root of its spread and applies the scale and the offset, where the call has them.
func (c *call) scaled(x, spread *graph.Node, axes []int, scale, offset string) []*graph.Node {
	epsilon := 1e-7
	if c.config["epsilon"] != nil {
		epsilon = c.floatParam("epsilon")
	}
	root := graph.Sqrt(graph.AddScalar(spread, epsilon))
	dims := x.Shape().Dimensions
	x = graph.Div(x, broadcastTo(kept(x, root, axes), dims))
	along := func(name string) *graph.Node {
		p := c.nodeOf(c.need(name), dtypeName(x.DType()))
		if p.Rank() == len(axes) { // a value for each element of the axes
			shape := slices.Repeat([]int{1}, len(dims))
			for i, a := range axes {
				shape[a] = p.Shape().Dimensions[i]
			}
			p = graph.Reshape(p, shape...)
		}
		return broadcastTo(p, dims)
	}
	if c.arg(scale) != nil {
		x = graph.Mul(x, along(scale))
	}
	if offset != "" && c.arg(offset) != nil {
		x = graph.Add(x, along(offset))
	}
	return []*graph.Node{convert(x, dtypeOf(c.out[0].DType))}
}
