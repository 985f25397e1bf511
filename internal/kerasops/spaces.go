package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Tensors of a known shape that are made of tensors' numbers.
func init() {
	define("numpy", "Full", "fill_value", "shape dtype=null", func(c *call) []Spec {
		s := c.spec("fill_value")
		dims := c.knownSizes("shape", c.config["shape"])
		if merged := broadcast(s.Shape, dims); !slices.Equal(merged, dims) {
			fail("fill_value: got shape %s, which can't fill %s", ShapeText(s.Shape), ShapeText(dims))
		}
		dtype := "float32"
		if c.config["dtype"] != nil {
			dtype = c.namedType()
		}
		return []Spec{{dims, dtype}}
	}, func(c *call) []*graph.Node {
		return []*graph.Node{broadcastTo(c.nodeOf(c.need("fill_value"), c.out[0].DType), c.out[0].Shape)}
	})
	define("numpy", "Linspace", "start stop", "num=50 endpoint=true retstep=false dtype=null axis=0", spacedSpec, func(c *call) []*graph.Node {
		return []*graph.Node{c.rounded(c.spaced())}
	})
	define("numpy", "Logspace", "start stop", "num=50 endpoint=true base=10 dtype=null axis=0", spacedSpec, func(c *call) []*graph.Node {
		if c.floatParam("base") <= 0 {
			fail("base: got %v, want a number above 0", c.config["base"])
		}
		return []*graph.Node{c.rounded(graph.Exp(graph.MulScalar(c.spaced(), math.Log(c.floatParam("base")))))}
	})
	define("numpy", "Geomspace", "start stop", "num=50 endpoint=true dtype=null axis=0", spacedSpec, func(c *call) []*graph.Node {
		start, stop := c.ends()
		sign := graph.Sign(start)
		y := graph.Exp(c.between(graph.Log(graph.Div(start, sign)), graph.Log(graph.Div(stop, sign))))
		y = times(y, graph.InsertAxes(sign, axisOf("axis", c.intParam("axis"), y.Rank())))
		return []*graph.Node{convert(y, dtypeOf(c.out[0].DType))}
	})
}

// namedType is the type that "dtype" names.
func (c *call) namedType() string {
	name, _ := c.config["dtype"].(string)
	if dtypeOf(name) == dtypes.InvalidDType {
		fail("dtype: got %v, want a name such as \"float32\"", c.config["dtype"])
	}
	return name
}

// spacedSpec adds an axis of num elements to what start and stop make together.
func spacedSpec(c *call) []Spec {
	a, b := c.spec("start"), c.spec("stop")
	shape := slices.Clone(broadcast(a.Shape, b.Shape))
	axis, n := axisOf("axis", c.intParam("axis"), len(shape)+1), c.intParam("num")
	if n < 1 || n > 1<<20 {
		fail("num: got %d, want from 1 to %d", n, 1<<20)
	}
	c.boolParam("endpoint")
	if c.config["retstep"] == true {
		fail("retstep: the distance can't be an output of a model in Keras either")
	}
	dtype := toFloat(a.DType)
	switch {
	case c.config["dtype"] != nil && c.g != nil:
		dtype = c.namedType() // which may be one of whole numbers, though Keras promises floats
	case c.config["dtype"] != nil:
		dtype = toFloat(c.namedType())
	case c.g != nil:
		dtype = promote(a.DType, b.DType, "float")
	}
	return []Spec{{slices.Insert(shape, axis, n), dtype}}
}

// spaced are numbers from start to stop, equally far from each other.
func (c *call) spaced() *graph.Node { return c.between(c.ends()) }

// ends are start and stop.
func (c *call) ends() (start, stop *graph.Node) {
	dtype := wide(c.out[0].DType)
	return spread(c.nodeOf(c.need("start"), dtype), c.nodeOf(c.need("stop"), dtype))
}

func (c *call) between(start, stop *graph.Node) *graph.Node {
	axis, n := axisOf("axis", c.intParam("axis"), start.Rank()+1), c.intParam("num")
	last := n
	if c.boolParam("endpoint") {
		last = n - 1
	}
	shares := make([]float32, n)
	for i := range shares {
		if last > 0 {
			shares[i] = float32(i) / float32(last)
		}
	}
	shape := slices.Repeat([]int{1}, start.Rank()+1)
	shape[axis] = n
	share := graph.Reshape(graph.Const(c.g, shares), shape...)
	return graph.Add(times(graph.InsertAxes(start, axis), graph.OneMinus(share)), times(graph.InsertAxes(stop, axis), share))
}

// rounded gives x the output's type, of whole numbers the next one below.
func (c *call) rounded(x *graph.Node) *graph.Node {
	if !isFloat(c.out[0].DType) {
		x = graph.Floor(x)
	}
	return convert(x, dtypeOf(c.out[0].DType))
}
