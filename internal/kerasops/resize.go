package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
)

// ResizeKernels are, by interpolation, the weights of an element at a distance in elements, which isn't negative.
var ResizeKernels = map[string]func(distance float64) float64{
	"bilinear": func(d float64) float64 { return math.Max(0, 1-d) },
	"bicubic": func(d float64) float64 {
		switch {
		case d >= 2:
			return 0
		case d >= 1:
			return ((-0.5*d+2.5)*d-4)*d + 2
		}
		return ((1.5*d-2.5)*d)*d + 1
	},
	"lanczos3": Lanczos(3),
	"lanczos5": Lanczos(5),
}

// Lanczos is the kernel of that radius, of a distance that isn't negative.
func Lanczos(radius float64) func(d float64) float64 {
	return func(d float64) float64 {
		switch {
		case d > radius:
			return 0
		case d <= 1e-3:
			return 1
		}
		return radius * math.Sin(math.Pi*d) * math.Sin(math.Pi*d/radius) / (math.Pi * math.Pi * d * d)
	}
}

func resizeSpec(c *call) []Spec {
	s := c.typed("images", resolved)
	p := c.picture(s.Shape)
	if list, isList := c.config["size"].([]any); !isList || len(list) != 2 {
		fail("size: got %v, want a height and a width", c.config["size"])
	}
	sizes := c.perAxis("size", 2, nil)
	if how, _ := c.config["interpolation"].(string); how != "nearest" && ResizeKernels[how] == nil {
		fail("interpolation: %w", config.UnknownName("interpolation", how, []string{"bicubic", "bilinear", "lanczos3", "lanczos5", "nearest"}))
	}
	if mode := c.config["fill_mode"]; mode != "constant" {
		fail("fill_mode: got %v, want \"constant\"", mode)
	}
	c.boolParam("antialias")
	if c.boolParam("crop_to_aspect_ratio") && c.boolParam("pad_to_aspect_ratio") {
		fail("crop_to_aspect_ratio and pad_to_aspect_ratio: want one of them at most")
	}
	c.floatParam("fill_value")
	shape := slices.Clone(s.Shape)
	shape[p.height], shape[p.width] = bounded("size", sizes[0], 1<<14), bounded("size", sizes[1], 1<<14)
	return []Spec{{shape, s.DType}}
}

func resize(c *call) []*graph.Node {
	x := c.node("images")
	dims := x.Shape().Dimensions
	p := c.picture(dims)
	height, width := dims[p.height], dims[p.width]
	to := c.perAxis("size", 2, nil)
	// The part of the images, or the images with edges, that has the ratio of the result.
	tall, broad := width*to[0]/to[1], height*to[1]/to[0]
	switch {
	case c.boolParam("crop_to_aspect_ratio"):
		tall, broad = max(min(height, tall), 1), max(min(width, broad), 1)
		top, left := (height-tall)/2, (width-broad)/2
		x = cut(cut(x, p.height, top, top+tall), p.width, left, left+broad)
	case c.boolParam("pad_to_aspect_ratio"):
		pads := make([]compute.PadAxis, x.Rank())
		top, left := (max(height, tall)-height)/2, (max(width, broad)-width)/2
		if top > 0 {
			left = 0
		}
		pads[p.height], pads[p.width] = compute.PadAxis{Start: top, End: top}, compute.PadAxis{Start: left, End: left}
		if top+left > 0 && !x.DType().IsFloat() { // so that a fraction of a fill value counts
			x = convert(x, dtypeOf("float32"))
		}
		x = graph.Pad(x, graph.Scalar(c.g, x.DType(), c.floatParam("fill_value")), pads...)
	}
	how := c.config["interpolation"].(string)
	if how != "nearest" && !x.DType().IsFloat() { // JAX leaves them floats
		x = convert(x, dtypeOf("float32"))
	}
	axes := []int{p.height, p.width}
	if high, wide := x.Shape().Dimensions[p.height], x.Shape().Dimensions[p.width]; to[0]*(high*wide+wide*to[1]) > to[1]*(high*wide+high*to[0]) {
		// The cheaper order, as JAX takes it: it decides how values in the middle of two whole numbers are rounded.
		axes, to = []int{p.width, p.height}, []int{to[1], to[0]}
	}
	for i, axis := range axes {
		n := x.Shape().Dimensions[axis]
		if n == to[i] {
			continue
		}
		if how == "nearest" {
			index := make([]int32, to[i])
			for j := range index {
				index[j] = int32(min(math.Floor((float64(float32(j))+0.5)*float64(n)/float64(to[i])), float64(n-1)))
			}
			x = takeOn(x, graph.Const(c.g, index), axis)
			continue
		}
		weights := graph.ConstTensor(c.g, tensors.FromFlatDataAndDimensions(interpolation(ResizeKernels[how], n, to[i], c.boolParam("antialias")), n, to[i]))
		order := append(slices.DeleteFunc(identity(x.Rank()), func(a int) bool { return a == axis }), axis)
		y := graph.DotGeneral(reorder(x, order), []int{x.Rank() - 1}, nil, convert(weights, x.DType()), []int{0}, nil)
		x = reorder(y, slices.Insert(identity(x.Rank()-1), axis, x.Rank()-1))
	}
	return []*graph.Node{x}
}

// interpolation is the weights of n elements for each of m, (n, m); with antialias each looks at as many as it stands for. Each step is rounded to float32 where
// JAX's compiled program rounds: weights that differ by a bit round pixels that lie in the middle of two whole numbers the other way.
func interpolation(kernel func(distance float64) float64, n, m int, antialias bool) []float32 {
	scale := 1 / (float64(m) / float64(n))
	reach := float32(1)
	if antialias {
		reach = max(float32(scale), 1)
	}
	flat := make([]float32, n*m)
	weights := make([]float32, n)
	for j := range m {
		centre := float32((float32(j)+0.5)*float32(scale)) - 0.5
		var sum float32
		for i := range n {
			distance := centre - float32(i)
			weights[i] = float32(kernel(math.Abs(float64(distance)) * float64(1/reach)))
			sum += weights[i]
		}
		if math.Abs(float64(sum)) <= 1000*0x1p-23 || centre < -0.5 || centre > float32(n)-0.5 {
			continue
		}
		for i, w := range weights {
			flat[i*m+j] = w * (1 / sum)
		}
	}
	return flat
}
