package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
)

func init() {
	define("image", "AffineTransform", "images transform", "interpolation=\"bilinear\" fill_mode=\"constant\" fill_value=0 data_format=null", func(c *call) []Spec {
		s := c.typed("images", resolved)
		c.picture(s.Shape)
		c.sampling(c.config["fill_mode"], "constant", "nearest", "reflect", "wrap")
		c.perImage("transform", s.Shape, 8)
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		how := c.sampling(c.config["fill_mode"], "constant", "nearest", "reflect", "wrap")
		transform := c.nodeOf(c.need("transform"), "float32")
		if transform.Rank() == 1 {
			transform = graph.InsertAxes(transform, 0)
		}
		return c.moved(func(x *graph.Node) *graph.Node { return lowering.Affine(x, transform, true, how) })
	})
	define("image", "PerspectiveTransform", "images start_points end_points", "interpolation=\"bilinear\" fill_value=0 data_format=null", func(c *call) []Spec {
		s := c.typed("images", resolved)
		c.picture(s.Shape)
		c.sampling("constant", "constant")
		c.perImage("start_points", s.Shape, 4, 2)
		c.perImage("end_points", s.Shape, 4, 2)
		if a, b := c.spec("start_points").Shape, c.spec("end_points").Shape; !slices.Equal(a, b) {
			fail("start_points and end_points must have the same shape, got %s and %s", ShapeText(a), ShapeText(b))
		}
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		how := c.sampling("constant", "constant")
		points := func(name string) *graph.Node {
			p := c.nodeOf(c.need(name), "float32")
			if p.Rank() == 2 {
				p = graph.InsertAxes(p, 0)
			}
			return p
		}
		start, end := points("start_points"), points("end_points")
		return c.moved(func(x *graph.Node) *graph.Node { return lowering.Perspective(x, start, end, how) })
	})
	define("image", "MapCoordinates", "inputs coordinates", "order fill_mode=\"constant\" fill_value=0", func(c *call) []Spec {
		s, at := c.typed("inputs", resolved), c.spec("coordinates")
		if len(at.Shape) < 2 || at.Shape[0] != len(s.Shape) {
			fail("coordinates: got shape %s for inputs of shape %s, want as many rows as these have axes, and at least rank 2", ShapeText(at.Shape), ShapeText(s.Shape))
		}
		if order := c.intParam("order"); order != 0 && order != 1 {
			fail("order: got %d, want 0 or 1", order)
		}
		c.fillMode(c.config["fill_mode"], lowering.Modes)
		return []Spec{{slices.Clone(at.Shape[1:]), s.DType}}
	}, func(c *call) []*graph.Node {
		x, at := c.node("inputs"), c.nodeOf(c.need("coordinates"), "float32")
		how := lowering.Sampling{Linear: c.intParam("order") == 1, Mode: c.fillMode(c.config["fill_mode"], lowering.Modes), Fill: c.floatParam("fill_value")}
		axes := make([]*graph.Node, x.Rank())
		for i := range axes {
			axes[i] = cut(at, 0, i, i+1)
		}
		y := lowering.Sample(graph.InsertAxes(x, 0), axes, how)
		return []*graph.Node{graph.Squeeze(y, 0)}
	})
	define("image", "ScaleAndTranslate", "images output_shape scale translation", "spatial_dims method antialias=true", func(c *call) []Spec {
		s := c.typed("images", resolved)
		out, _ := ints("output_shape", c.need("output_shape"))
		axes := c.axesParam("spatial_dims", len(s.Shape))
		if len(out) != len(s.Shape) {
			fail("output_shape: got %v for images of shape %s, want as many axes", out, ShapeText(s.Shape))
		}
		for i, n := range out {
			moves := slices.Contains(axes, i)
			if bounded("output_shape", n, 1<<14) < 1 || !moves && s.Shape[i] != None && s.Shape[i] != n {
				fail("output_shape: got %v for images of shape %s, want other sizes along spatial_dims alone, each at least 1", out, ShapeText(s.Shape))
			}
		}
		for _, name := range []string{"scale", "translation"} {
			if shape := c.spec(name).Shape; len(shape) != 1 || shape[0] != len(axes) && shape[0] != None {
				fail("%s: got shape %s, want a number for each of %d spatial_dims", name, ShapeText(shape), len(axes))
			}
		}
		c.method()
		return []Spec{{out, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("images")
		scale, shift := c.nodeOf(c.need("scale"), "float32"), c.nodeOf(c.need("translation"), "float32")
		kernel, antialias := c.method(), c.boolParam("antialias")
		dtype := x.DType()
		if !dtype.IsFloat() {
			x = convert(x, dtypeOf("float32"))
		}
		for i, axis := range c.axesParam("spatial_dims", x.Rank()) {
			weights := c.resampling(graph.Reshape(cut(scale, 0, i, i+1)), graph.Reshape(cut(shift, 0, i, i+1)), x.Shape().Dimensions[axis], c.out[0].Shape[axis], kernel, antialias)
			order := append(slices.DeleteFunc(identity(x.Rank()), func(a int) bool { return a == axis }), axis)
			y := graph.DotGeneral(reorder(x, order), []int{x.Rank() - 1}, nil, convert(weights, x.DType()), []int{0}, nil)
			x = reorder(y, slices.Insert(identity(x.Rank()-1), axis, x.Rank()-1))
		}
		return []*graph.Node{convert(x, dtype)}
	})
	define("image", "SSIM", "image1 image2", "max_val=1.0 filter_size=11 filter_sigma=1.5 k1=0.01 k2=0.03 data_format=null", func(c *call) []Spec {
		a, b := c.typed("image1", resolved), c.typed("image2", resolved)
		p := c.picture(a.Shape)
		c.picture(b.Shape)
		if len(a.Shape) != len(b.Shape) {
			fail("image1 and image2 have the shapes %s and %s", ShapeText(a.Shape), ShapeText(b.Shape))
		}
		n := c.intParam("filter_size")
		for _, d := range []int{a.Shape[p.height], a.Shape[p.width]} {
			if n < 1 || n > 1<<10 || d != None && d < n {
				fail("filter_size: got %d for images of shape %s, want from 1 to their height and width", n, ShapeText(a.Shape))
			}
		}
		if !(c.floatParam("filter_sigma") > 0) {
			fail("filter_sigma: got %v, want a number above 0", c.config["filter_sigma"])
		}
		if len(a.Shape) == 3 {
			return []Spec{{[]int{}, a.DType}}
		}
		return []Spec{{[]int{a.Shape[0]}, a.DType}}
	}, similarity)
}

// sampling are the arguments of operations that move pixels.
func (c *call) sampling(mode any, modes ...string) lowering.Sampling {
	how, _ := c.config["interpolation"].(string)
	if how != "nearest" && how != "bilinear" {
		fail("interpolation: %w", config.UnknownName("interpolation", how, []string{"bilinear", "nearest"}))
	}
	return lowering.Sampling{Linear: how == "bilinear", Mode: c.fillMode(mode, modes), Fill: c.floatParam("fill_value")}
}

func (c *call) fillMode(mode any, modes []string) string {
	name, _ := mode.(string)
	if !slices.Contains(modes, name) {
		fail("fill_mode: %w", config.UnknownName("fill_mode", name, modes))
	}
	return name
}

// perImage checks an argument of so many numbers, or of so many for each image.
func (c *call) perImage(name string, images []int, sizes ...int) {
	shape := c.spec(name).Shape
	n := len(shape) - len(sizes)
	if n < 0 || n > 1 || !slices.Equal(shape[n:], sizes) ||
		n == 1 && shape[0] != 1 && shape[0] != None && (len(images) == 3 || images[0] != None && images[0] != shape[0]) {
		fail("%s: got shape %s, want %s, or that for each of the images of shape %s", name, ShapeText(shape), ShapeText(sizes), ShapeText(images))
	}
}

// moved calls f on the images as a batch (batch, height, width, channels).
func (c *call) moved(f func(x *graph.Node) *graph.Node) []*graph.Node {
	x := c.node("images")
	single := x.Rank() == 3
	if single {
		x = graph.InsertAxes(x, 0)
	}
	if c.channelsFirst() {
		x = reorder(f(reorder(x, []int{0, 2, 3, 1})), []int{0, 3, 1, 2})
	} else {
		x = f(x)
	}
	if single {
		x = graph.Squeeze(x, 0)
	}
	return []*graph.Node{x}
}

// method is the kernel of ScaleAndTranslate, on distances of at least 0.
func (c *call) method() func(d *graph.Node) *graph.Node {
	name, _ := c.config["method"].(string)
	switch name {
	case "linear", "bilinear", "trilinear", "triangle":
		return func(d *graph.Node) *graph.Node { return larger(graph.OneMinus(d), graph.ZerosLike(d)) }
	case "cubic", "bicubic", "tricubic":
		return func(d *graph.Node) *graph.Node {
			polynomial := func(a, b, e, f float64) *graph.Node {
				y := graph.AddScalar(graph.MulScalar(d, a), b)
				y = graph.AddScalar(graph.Mul(y, d), e)
				return graph.AddScalar(graph.Mul(y, d), f)
			}
			near := graph.Where(isLess(d, 1), polynomial(1.5, -2.5, 0, 1), polynomial(-0.5, 2.5, -4, 2))
			return graph.Where(isLess(d, 2), near, graph.ZerosLike(d))
		}
	case "lanczos3", "lanczos5":
		radius := map[string]float64{"lanczos3": 3, "lanczos5": 5}[name]
		return func(d *graph.Node) *graph.Node {
			far := graph.Not(isLess(d, math.Nextafter(1e-3, 1)))
			safe := graph.Where(far, d, graph.OnesLike(d))
			top := graph.MulScalar(graph.Mul(graph.Sin(graph.MulScalar(safe, math.Pi)), graph.Sin(graph.MulScalar(safe, math.Pi/radius))), radius)
			y := graph.Where(far, graph.Div(top, graph.MulScalar(graph.Mul(safe, safe), math.Pi*math.Pi)), graph.OnesLike(d))
			return graph.Where(graph.GreaterThan(d, graph.Scalar(d.Graph(), d.DType(), radius)), graph.ZerosLike(d), y)
		}
	}
	fail("method: %w", config.UnknownName("method", name, []string{"bicubic", "bilinear", "cubic", "lanczos3", "lanczos5", "linear", "triangle", "tricubic", "trilinear"}))
	return nil
}

// resampling is [interpolation] for a computed scale and shift.
func (c *call) resampling(scale, shift *graph.Node, n, m int, kernel func(d *graph.Node) *graph.Node, antialias bool) *graph.Node {
	wide := func(x *graph.Node) *graph.Node { return broadcastTo(x, []int{n, m}) }
	inverse := graph.Div(graph.OnesLike(scale), scale)
	reach := graph.OnesLike(scale)
	if antialias {
		reach = larger(inverse, reach)
	}
	centre := graph.AddScalar(graph.Sub(graph.Mul(graph.AddScalar(c.count(n, m, 1), 0.5), wide(inverse)), wide(graph.Mul(shift, inverse))), -0.5)
	weights := kernel(graph.Div(absolute(graph.Sub(centre, c.count(n, m, 0))), wide(reach)))
	sum := wide(graph.InsertAxes(graph.ReduceSum(weights, 0), 0))
	some := graph.Not(isLess(absolute(sum), 1000*0x1p-23))
	inside := graph.LogicalAnd(graph.Not(isLess(centre, -0.5)), graph.LessOrEqual(centre, graph.Scalar(c.g, centre.DType(), float64(n)-0.5)))
	return graph.Where(graph.LogicalAnd(some, inside), graph.Div(weights, graph.Where(some, sum, graph.OnesLike(sum))), graph.ZerosLike(sum))
}

// count is the index along an axis of (n, m), as floats.
func (c *call) count(n, m, axis int) *graph.Node {
	flat := make([]float32, []int{n, m}[axis])
	for i := range flat {
		flat[i] = float32(i)
	}
	shape := []int{1, 1}
	shape[axis] = len(flat)
	return broadcastTo(graph.Reshape(graph.Const(c.g, flat), shape...), []int{n, m})
}

// similarity compares means, variances and covariances of two images under a moving Gaussian.
func similarity(c *call) []*graph.Node {
	float := toFloat(c.out[0].DType)
	a, b := c.nodeOf(c.need("image1"), float), c.nodeOf(c.need("image2"), float)
	p := c.picture(a.Shape().Dimensions)
	size, sigma := c.intParam("filter_size"), c.floatParam("filter_sigma")
	weights, total := make([]float64, size), 0.0
	for i := range weights {
		d := float64(i) - float64(size-1)/2
		weights[i] = math.Exp(-d * d / (2 * sigma * sigma))
		total += weights[i]
	}
	under := func(x *graph.Node) *graph.Node {
		for _, axis := range []int{p.height, p.width} {
			n := x.Shape().Dimensions[axis] - size + 1
			var sum *graph.Node
			for i, w := range weights {
				part := graph.MulScalar(cut(x, axis, i, i+n), w/total)
				if sum == nil {
					sum = part
				} else {
					sum = graph.Add(sum, part)
				}
			}
			x = sum
		}
		return x
	}
	meanA, meanB := under(a), under(b)
	aa, bb, ab := graph.Mul(meanA, meanA), graph.Mul(meanB, meanB), graph.Mul(meanA, meanB)
	varA, varB, cov := graph.Sub(under(graph.Mul(a, a)), aa), graph.Sub(under(graph.Mul(b, b)), bb), graph.Sub(under(graph.Mul(a, b)), ab)
	square := func(x float64) float64 { return x * x }
	c1, c2 := square(c.floatParam("k1")*c.floatParam("max_val")), square(c.floatParam("k2")*c.floatParam("max_val"))
	top := graph.Mul(graph.AddScalar(graph.MulScalar(ab, 2), c1), graph.AddScalar(graph.MulScalar(cov, 2), c2))
	bottom := graph.Mul(graph.AddScalar(graph.Add(aa, bb), c1), graph.AddScalar(graph.Add(varA, varB), c2))
	mean := graph.ReduceMean(graph.Div(top, bottom), p.height, p.width, p.channels)
	return []*graph.Node{convert(mean, dtypeOf(c.out[0].DType))}
}
