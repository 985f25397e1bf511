package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/scan"
)

func init() {
	define("nn", "BatchNorm", "x mean variance offset scale", "axis epsilon=0.001", func(c *call) []Spec {
		s := floating(c)
		axis := axisOf("axis", c.intParam("axis"), len(s[0].Shape))
		for _, name := range []string{"mean", "variance", "offset", "scale"} {
			if v := c.arg(name); v != nil || name == "mean" || name == "variance" {
				if shape := c.spec(name).Shape; merged(shape, []int{s[0].Shape[axis]}, -1) == nil {
					fail("%s: got shape %s, want one element for each of axis %d", name, ShapeText(shape), axis)
				}
			}
		}
		return s
	}, func(c *call) []*graph.Node {
		x := c.floats("x")
		shape := slices.Repeat([]int{1}, x.Rank())
		axis := axisOf("axis", c.intParam("axis"), x.Rank())
		shape[axis] = x.Shape().Dimensions[axis]
		along := func(name string) *graph.Node { return graph.Reshape(c.floats(name), shape...) }
		factor := graph.Sqrt(graph.AddScalar(along("variance"), c.floatParam("epsilon")))
		factor = graph.Div(graph.OnesLike(factor), factor)
		if c.arg("scale") != nil {
			factor = graph.Mul(factor, along("scale"))
		}
		offset := graph.Neg(graph.Mul(along("mean"), factor))
		if c.arg("offset") != nil {
			offset = graph.Add(offset, along("offset"))
		}
		dims := x.Shape().Dimensions
		return []*graph.Node{graph.Add(graph.Mul(x, broadcastTo(factor, dims)), broadcastTo(offset, dims))}
	})
	define("nn", "DotProductAttention", "query key value bias mask scale", "is_causal=false flash_attention=null attn_logits_soft_cap=null", func(c *call) []Spec {
		q, k, v := c.spec("query"), c.spec("key"), c.spec("value")
		if len(q.Shape) != 4 || len(k.Shape) != 4 || len(v.Shape) != 4 {
			fail("got shapes %s, %s and %s, want (batch, time, heads, features) each", ShapeText(q.Shape), ShapeText(k.Shape), ShapeText(v.Shape))
		}
		if c.config["attn_logits_soft_cap"] != nil {
			fail("attn_logits_soft_cap: want null: Keras has it on TPUs alone")
		}
		if heads := k.Shape[2]; heads < 1 || q.Shape[2]%heads != 0 || v.Shape[2] != heads || q.Shape[3] != k.Shape[3] {
			fail("got shapes %s, %s and %s, want one number of features, as many heads in key and value, and a multiple of them in query", ShapeText(q.Shape), ShapeText(k.Shape), ShapeText(v.Shape))
		}
		c.boolParam("is_causal")
		return []Spec{{q.Shape, promote(q.DType, k.DType, v.DType, "float")}}
	}, attention)

	shapesEqual := func(c *call) (target, output Spec) {
		target, output = c.spec("target"), c.typed("output", c.promised)
		if merged(target.Shape, output.Shape, -1) == nil && len(output.Shape) > 0 {
			fail("target and output: got shapes %s and %s, want one shape", ShapeText(target.Shape), ShapeText(output.Shape))
		}
		return target, output
	}
	without := func(shape []int, axis int) []int { return slices.Delete(slices.Clone(shape), axis, axis+1) }
	define("nn", "BinaryCrossentropy", "target output", "from_logits=false", func(c *call) []Spec {
		_, output := shapesEqual(c)
		return []Spec{output}
	}, func(c *call) []*graph.Node {
		t, y := c.floats("target"), c.floats("output")
		var yes, no *graph.Node
		if c.boolParam("from_logits") {
			yes, no = logSigmoid(y), logSigmoid(graph.Neg(y))
		} else {
			y = probability(y)
			yes, no = graph.Log(y), graph.Log(graph.OneMinus(y))
		}
		return []*graph.Node{graph.Neg(graph.Add(graph.Mul(t, yes), graph.Mul(graph.OneMinus(t), no)))}
	})
	define("nn", "CategoricalCrossentropy", "target output", "from_logits=false axis=-1", func(c *call) []Spec {
		_, output := shapesEqual(c)
		axis := axisOf("axis", c.intParam("axis"), len(output.Shape))
		if c.g == nil { // Keras promises the shape without the last axis, whichever it sums over
			axis = len(output.Shape) - 1
		}
		return []Spec{{without(output.Shape, axis), output.DType}}
	}, func(c *call) []*graph.Node {
		y, axis := c.logProbabilities()
		return []*graph.Node{graph.Neg(graph.ReduceSum(graph.Mul(c.floats("target"), y), axis))}
	})
	define("nn", "SparseCategoricalCrossentropy", "target output", "from_logits=false axis=-1", func(c *call) []Spec {
		target, output := c.spec("target").Shape, c.typed("output", c.promised)
		axis := axisOf("axis", c.intParam("axis"), len(output.Shape))
		if len(target) == len(output.Shape) && target[len(target)-1] == 1 {
			target = target[:len(target)-1]
		}
		shape := without(output.Shape, axis)
		if merged(target, shape, -1) == nil && len(shape) > 0 {
			fail("target: got shape %s, want %s", ShapeText(target), ShapeText(shape))
		}
		return []Spec{{shape, output.DType}}
	}, func(c *call) []*graph.Node {
		y, axis := c.logProbabilities()
		target := graph.InsertAxes(graph.Reshape(c.nodeOf(c.need("target"), "int32"), c.out[0].Shape...), axis)
		class := graph.Iota(c.g, shapeOf(dtypes.Int32, y.Shape().Dimensions), axis)
		hot := graph.ConvertDType(graph.Equal(spread(target, class)), y.DType())
		return []*graph.Node{graph.Neg(graph.ReduceSum(graph.Mul(hot, y), axis))}
	})
	define("nn", "MultiHot", "inputs", "num_classes=null axis=-1 dtype=null sparse=false", func(c *call) []Spec {
		x := c.spec("inputs")
		c.boolParam("sparse") // Keras promises a sparse tensor, and computes a dense one
		classes := bounded("num_classes", c.intParam("num_classes"), 1<<24)
		shape := slices.Insert(slices.Clone(x.Shape), axisOf("axis", c.intParam("axis"), len(x.Shape)+1), classes)
		if classes < 1 || len(x.Shape) == 0 {
			fail("num_classes: got %d for a tensor of shape %s, want at least 1, and one axis", classes, ShapeText(x.Shape))
		}
		if len(shape) == 2 {
			shape = shape[1:]
		} else {
			shape = slices.Delete(shape, 1, 2)
		}
		return []Spec{{shape, resolved(x.DType)}}
	}, func(c *call) []*graph.Node {
		dtype := "float32"
		if name, ok := c.config["dtype"].(string); ok {
			dtype = name
		}
		x := c.nodeOf(c.need("inputs"), "int32")
		axis := axisOf("axis", c.intParam("axis"), x.Rank()+1)
		x = graph.InsertAxes(x, axis)
		shape := slices.Clone(x.Shape().Dimensions)
		shape[axis] = c.intParam("num_classes")
		hot := graph.ConvertDType(graph.Equal(broadcastTo(x, shape), graph.Iota(c.g, shapeOf(dtypes.Int32, shape), axis)), dtypes.Int32)
		reduce := min(1, len(shape)-2)
		return []*graph.Node{convert(graph.ReduceMax(hot, reduce), dtypeOf(dtype))}
	})
	define("nn", "PSNR", "x1 x2", "max_val", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		if merged(a.Shape, b.Shape, -1) == nil && len(a.Shape) > 0 {
			fail("got shapes %s and %s, want one shape", ShapeText(a.Shape), ShapeText(b.Shape))
		}
		c.floatParam("max_val")
		return []Spec{{nil, promote(a.DType, b.DType, "float")}}
	}, func(c *call) []*graph.Node {
		x, y := c.pair()
		d := graph.Square(graph.Sub(x, y))
		loss := graph.MulScalar(graph.Log(mean(d, identity(d.Rank()))), -10/math.Ln10)
		return []*graph.Node{graph.AddScalar(loss, 20*math.Log10(c.floatParam("max_val")))}
	})
}

func logSigmoid(x *graph.Node) *graph.Node {
	f, err := activations.Get("log_sigmoid")
	if err != nil {
		panic(err)
	}
	return f(x)
}

// probability keeps away from 0 and 1 by Keras's epsilon.
func probability(x *graph.Node) *graph.Node {
	bound := func(v float64) *graph.Node {
		return broadcastTo(graph.Scalar(x.Graph(), x.DType(), v), x.Shape().Dimensions)
	}
	return smaller(larger(x, bound(1e-7)), bound(1-1e-7))
}

// logProbabilities are the logarithms of the output's probabilities, and the axis of the classes.
func (c *call) logProbabilities() (y *graph.Node, axis int) {
	y = c.floats("output")
	axis = axisOf("axis", c.intParam("axis"), y.Rank())
	if c.boolParam("from_logits") {
		return activations.LogSoftmaxAxis(y, axis), axis
	}
	sum := graph.ReduceAndKeep(y, graph.ReduceSum, axis)
	return graph.Log(probability(graph.Div(y, broadcastTo(sum, y.Shape().Dimensions)))), axis
}

// attention weighs the values by the softmax of query·key, for groups of query heads that share a head of key and value.
func attention(c *call) []*graph.Node {
	q, k, v := c.floats("query"), c.floats("key"), c.floats("value")
	dq, dk := q.Shape().Dimensions, k.Shape().Dimensions
	heads, group := dk[2], dq[2]/dk[2]
	dims := []int{dq[0], dq[2], dq[1], dk[1]} // of the scores
	var seen *graph.Node
	if c.arg("mask") != nil {
		seen = broadcastTo(c.nodeOf(c.need("mask"), "bool"), dims)
	}
	if c.boolParam("is_causal") {
		shape := shapeOf(dtypes.Int32, []int{1, 1, dq[1], dk[1]})
		earlier := graph.GreaterOrEqual(graph.Iota(c.g, shape, 2), graph.Iota(c.g, shape, 3))
		if seen == nil {
			seen = earlier
		} else {
			seen = graph.LogicalAnd(seen, broadcastTo(earlier, dims))
		}
	}
	own := 1 / math.Sqrt(float64(dq[3]))
	if a := (scan.Attention{Scale: own, Mask: seen}); group == 1 && c.arg("scale") == nil && c.arg("bias") == nil && a.Takes(q, k, v) {
		return []*graph.Node{a.Run(q, k, v)}
	}
	// (batch, heads, group, time, features) and (batch, heads, keys, features)
	q = graph.TransposeAllAxes(graph.Reshape(q, dq[0], dq[1], heads, group, dq[3]), 0, 2, 3, 1, 4)
	k, v = graph.TransposeAllAxes(k, 0, 2, 1, 3), graph.TransposeAllAxes(v, 0, 2, 1, 3)
	logits := graph.Reshape(graph.DotGeneral(q, []int{4}, []int{0, 1}, k, []int{3}, []int{0, 1}), dims...)
	if c.arg("scale") != nil {
		logits = graph.Mul(spread(logits, c.floats("scale")))
	} else {
		logits = graph.MulScalar(logits, own)
	}
	if c.arg("bias") != nil {
		logits = graph.Add(spread(logits, c.floats("bias")))
	}
	if seen != nil {
		_, highest := limits(logits.DType(), logits.DType())
		logits = graph.Where(broadcastTo(seen, dims), logits, broadcastTo(graph.Scalar(c.g, logits.DType(), -0.7*highest), dims))
	}
	wide := graph.ConvertDType(logits, dtypeOf(averaged(dtypeName(logits.DType()))))
	weights := convert(activations.SoftmaxAxis(wide, -1), q.DType())
	weights = graph.Reshape(weights, dq[0], heads, group, dq[1], dk[1])
	y := graph.DotGeneral(weights, []int{4}, []int{0, 1}, v, []int{2}, []int{0, 1})
	y = graph.TransposeAllAxes(y, 0, 3, 1, 2, 4)
	return []*graph.Node{graph.Reshape(y, dq[0], dq[1], dq[2], v.Shape().Dimensions[3])}
}
