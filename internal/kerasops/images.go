package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

func init() {
	for class, toDepth := range map[string]bool{"DepthToSpace": false, "SpaceToDepth": true} {
		define("nn", class, "x", "block_size data_format=\"channels_last\"", func(c *call) []Spec {
			s := c.typed("x", resolved)
			b := c.intParam("block_size")
			if len(s.Shape) != 4 || b < 1 || b > 1<<12 {
				fail("got a tensor of shape %s and a block size of %d, want (batch, height, width, channels) and at least 1", ShapeText(s.Shape), b)
			}
			shape := slices.Clone(s.Shape)
			channels, first := c.imageAxes(4)
			change := func(axis, times, parts int) {
				if d := shape[axis]; d != None {
					if d*times%parts != 0 {
						fail("axis %d of size %d is no multiple of %d", axis, d, parts)
					}
					shape[axis] = d * times / parts
				}
			}
			if toDepth {
				change(channels, b*b, 1)
				change(first, 1, b)
				change(first+1, 1, b)
			} else {
				change(channels, 1, b*b)
				change(first, b, 1)
				change(first+1, b, 1)
			}
			return []Spec{{shape, s.DType}}
		}, func(c *call) []*graph.Node {
			x, b := c.node("x"), c.intParam("block_size")
			d, out := x.Shape().Dimensions, c.out[0].Shape
			switch {
			case toDepth && c.channelsFirst():
				x = graph.TransposeAllAxes(graph.Reshape(x, d[0], d[1], out[2], b, out[3], b), 0, 1, 3, 5, 2, 4)
			case toDepth:
				x = graph.TransposeAllAxes(graph.Reshape(x, d[0], out[1], b, out[2], b, d[3]), 0, 1, 3, 2, 4, 5)
			case c.channelsFirst():
				x = graph.TransposeAllAxes(graph.Reshape(x, d[0], out[1], b, b, d[2], d[3]), 0, 1, 4, 2, 5, 3)
			default:
				x = graph.TransposeAllAxes(graph.Reshape(x, d[0], d[1], d[2], b, b, out[3]), 0, 1, 3, 2, 4, 5)
			}
			return []*graph.Node{graph.Reshape(x, out...)}
		})
	}
	define("image", "RGBToGrayscale", "images", "data_format=null", func(c *call) []Spec {
		s := c.typed("images", resolved)
		p := c.picture(s.Shape)
		if d := s.Shape[p.channels]; d != 1 && d != 3 && d != None {
			fail("got %d channels, want 3 or 1", d)
		}
		shape := slices.Clone(s.Shape)
		shape[p.channels] = 1
		return []Spec{{shape, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("images")
		p := c.picture(x.Shape().Dimensions)
		if x.Shape().Dimensions[p.channels] == 1 {
			return []*graph.Node{x}
		}
		rgb := p.planes(c.nodeOf(c.need("images"), toFloat(c.out[0].DType)))
		y := graph.Add(graph.Add(graph.MulScalar(rgb[0], 0.2989), graph.MulScalar(rgb[1], 0.587)), graph.MulScalar(rgb[2], 0.114))
		return []*graph.Node{convert(y, dtypeOf(c.out[0].DType))}
	})
	for class, f := range map[string]func(planes []*graph.Node) []*graph.Node{"RGBToHSV": toHSV, "HSVToRGB": toRGB} {
		define("image", class, "images", "data_format=null", func(c *call) []Spec {
			s := c.typed("images", resolved)
			p := c.picture(s.Shape)
			if d := s.Shape[p.channels]; (d != 3 && d != None) || !isFloat(s.DType) {
				fail("got %d channels of type %s, want 3 of floats", d, s.DType)
			}
			return []Spec{s}
		}, func(c *call) []*graph.Node {
			x := c.node("images")
			p := c.picture(x.Shape().Dimensions)
			return []*graph.Node{graph.Concatenate(f(p.planes(x)), p.channels)}
		})
	}
	define("image", "Resize", "images", "size interpolation=\"bilinear\" antialias=false crop_to_aspect_ratio=false pad_to_aspect_ratio=false fill_mode=\"constant\" fill_value=0.0 data_format=null", resizeSpec, resize)
	for class, crops := range map[string]bool{"PadImages": false, "CropImages": true} {
		word := "padding"
		if crops {
			word = "cropping"
		}
		define("image", class, "images", "top_"+word+"=null left_"+word+"=null bottom_"+word+"=null right_"+word+"=null target_height=null target_width=null data_format=null", func(c *call) []Spec {
			s := c.typed("images", resolved)
			p := c.picture(s.Shape)
			shape := slices.Clone(s.Shape)
			_, _, shape[p.height] = c.margins("top_"+word, "bottom_"+word, "target_height", shape[p.height], crops)
			_, _, shape[p.width] = c.margins("left_"+word, "right_"+word, "target_width", shape[p.width], crops)
			return []Spec{{shape, s.DType}}
		}, func(c *call) []*graph.Node {
			x := c.node("images")
			dims := x.Shape().Dimensions
			p := c.picture(dims)
			top, bottom, height := c.margins("top_"+word, "bottom_"+word, "target_height", dims[p.height], crops)
			left, right, width := c.margins("left_"+word, "right_"+word, "target_width", dims[p.width], crops)
			if crops {
				if height == 0 || width == 0 {
					fail("nothing is left of images of %d×%d", dims[p.height], dims[p.width])
				}
				return []*graph.Node{cut(cut(x, p.height, top, top+height), p.width, left, left+width)}
			}
			pads := make([]compute.PadAxis, x.Rank())
			pads[p.height], pads[p.width] = compute.PadAxis{Start: top, End: bottom}, compute.PadAxis{Start: left, End: right}
			return []*graph.Node{graph.Pad(x, graph.ScalarZero(c.g, x.DType()), pads...)}
		})
	}
	define("image", "GaussianBlur", "images", "kernel_size=[3,3] sigma=[1.0,1.0] data_format=null", func(c *call) []Spec {
		s := c.typed("images", resolved)
		c.picture(s.Shape)
		c.blur()
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		x := c.node("images")
		p := c.picture(x.Shape().Dimensions)
		rows, columns := c.blur()
		return []*graph.Node{weigh(weigh(x, p.height, rows), p.width, columns)}
	})
	define("image", "SobelEdges", "images", "data_format=null", func(c *call) []Spec {
		s := c.typed("images", resolved)
		if len(s.Shape) != 4 {
			fail("got images of shape %s, want (batch, height, width, channels)", ShapeText(s.Shape))
		}
		c.channelsFirst()
		return []Spec{{append(slices.Clone(s.Shape), 2), s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("images")
		p := c.picture(x.Shape().Dimensions)
		slope, smooth := []float64{-1, 0, 1}, []float64{1, 2, 1}
		down := weigh(weigh(x, p.height, slope), p.width, smooth)
		across := weigh(weigh(x, p.height, smooth), p.width, slope)
		return []*graph.Node{graph.Concatenate([]*graph.Node{graph.InsertAxes(down, -1), graph.InsertAxes(across, -1)}, -1)}
	})
	define("nn", "Unfold", "x", "kernel_size dilation=1 padding=0 stride=1", func(c *call) []Spec {
		s := c.typed("x", resolved)
		w := c.unfolding(s.Shape)
		out := w.output(s.Shape, 1)
		n, k := size(out[2:]), w.sizes[0]*w.sizes[1]
		if s.Shape[1] == None || n == None {
			fail("got a tensor of shape %s, want known channels, height and width", ShapeText(s.Shape))
		}
		return []Spec{{[]int{s.Shape[0], s.Shape[1] * k, n}, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("x")
		return []*graph.Node{graph.Reshape(c.unfolding(x.Shape().Dimensions).extract(x), c.out[0].Shape...)}
	})
}

// picture has the axes of one image or of a batch of them.
type picture struct{ height, width, channels int }

func (c *call) picture(shape []int) picture {
	n := len(shape)
	if n != 3 && n != 4 {
		fail("got images of shape %s, want (height, width, channels), with or without a batch", ShapeText(shape))
	}
	if c.channelsFirst() {
		return picture{n - 2, n - 1, n - 3}
	}
	return picture{n - 3, n - 2, n - 1}
}

// planes are the channels one by one.
func (p picture) planes(x *graph.Node) []*graph.Node {
	out := make([]*graph.Node, x.Shape().Dimensions[p.channels])
	for i := range out {
		out[i] = cut(x, p.channels, i, i+1)
	}
	return out
}

func toHSV(rgb []*graph.Node) []*graph.Node {
	g := rgb[0].Graph()
	zero := graph.ZerosLike(rgb[0])
	epsilon := map[dtypes.DType]float64{dtypes.Float16: 1.0 / (1 << 10), dtypes.BFloat16: 1.0 / (1 << 7), dtypes.Float64: 0x1p-52}[zero.DType()]
	if epsilon == 0 {
		epsilon = 0x1p-23
	}
	for i, x := range rgb {
		rgb[i] = graph.Where(isLess(graph.Abs(x), epsilon), zero, x)
	}
	red, green, blue := rgb[0], rgb[1], rgb[2]
	value := larger(larger(red, green), blue)
	span := graph.Sub(value, smaller(smaller(red, green), blue))
	one := broadcastTo(graph.ScalarOne(g, zero.DType()), zero.Shape().Dimensions)
	positive := graph.GreaterThan(value, zero)
	saturation := graph.Where(positive, graph.Div(span, graph.Where(positive, value, one)), zero)
	wide := graph.GreaterThan(span, zero)
	norm := graph.Div(one, graph.MulScalar(graph.Where(wide, span, one), 6))
	part := func(a, b *graph.Node, add float64) *graph.Node {
		return graph.AddScalar(graph.Mul(norm, graph.Sub(a, b)), add)
	}
	hue := graph.Where(graph.Equal(value, green), part(blue, red, 2.0/6), part(red, green, 4.0/6))
	hue = graph.Where(graph.Equal(value, red), part(green, blue, 0), hue)
	turn := graph.ConvertDType(isLess(hue, 0), zero.DType())
	return []*graph.Node{graph.Add(graph.Where(wide, hue, zero), turn), saturation, value}
}

func toRGB(hsv []*graph.Node) []*graph.Node {
	hue, saturation, value := hsv[0], hsv[1], hsv[2]
	one := graph.OnesLike(hue)
	angle := graph.MulScalar(mod(hue, one), 6)
	channel := func(centre, sign, add float64) *graph.Node {
		distance := absolute(graph.AddScalar(angle, -centre))
		x := graph.AddScalar(graph.MulScalar(distance, sign), add)
		x = smaller(larger(x, graph.ZerosLike(x)), one)
		return graph.Mul(value, graph.Add(graph.OneMinus(saturation), graph.Mul(saturation, x)))
	}
	return []*graph.Node{channel(3, 1, -1), channel(2, -1, 2), channel(4, -1, 2)}
}

// margins are the two margins of an axis of n elements and its size afterwards, each from the others.
func (c *call) margins(before, after, target string, n int, crops bool) (start, end, size int) {
	given := 0
	for _, name := range []string{before, after, target} {
		if c.config[name] != nil {
			given++
			bounded(name, c.intParam(name), 1<<20)
		}
	}
	if given != 2 {
		fail("%s, %s and %s: want just two of them", before, after, target)
	}
	if n == None {
		if c.config[target] == nil {
			if crops {
				fail("%s: an axis of unknown size needs it", target)
			}
			return 0, 0, None
		}
		return 0, 0, c.intParam(target)
	}
	sign := 1
	if crops {
		sign = -1
	}
	if c.config[before] != nil {
		start = c.intParam(before)
	}
	if c.config[after] != nil {
		end = c.intParam(after)
	}
	if c.config[target] == nil {
		size = n + sign*(start+end)
	} else {
		size = c.intParam(target)
	}
	if c.config[before] == nil {
		start = sign*(size-n) - end
	}
	if c.config[after] == nil {
		end = sign*(size-n) - start
	}
	if start < 0 || end < 0 || size < 0 {
		fail("%s, %s and %s: got %d, %d and %d for an axis of size %d, want none below 0", before, after, target, start, end, size, n)
	}
	return start, end, size
}

// blur are the weights of a Gaussian along the height and along the width. As Keras does, it takes the second of size and
// sigma for the height.
func (c *call) blur() (rows, columns []float64) {
	if _, isList := c.config["kernel_size"].([]any); !isList {
		fail("kernel_size: got %v, want two sizes", c.config["kernel_size"])
	}
	sizes := c.perAxis("kernel_size", 2, nil)
	sigmas, _ := c.config["sigma"].([]any)
	if len(sigmas) != 2 {
		fail("sigma: got %v, want two numbers", c.config["sigma"])
	}
	weights := func(i int) []float64 {
		sigma, ok := config.AsFloat(sigmas[i])
		if !ok || math.IsNaN(sigma) || sigma <= 0 {
			fail("sigma: got %v, want numbers above 0", c.config["sigma"])
		}
		return gaussian(bounded("kernel_size", sizes[i], 1<<10), sigma)
	}
	return weights(1), weights(0)
}

// gaussian are n weights around their middle, which sum up to 1.
func gaussian(n int, sigma float64) []float64 {
	out, sum := make([]float64, n), 0.0
	for k := range out {
		x := (float64(k) - float64(n-1)/2) / sigma
		out[k] = math.Exp(-0.5 * x * x)
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
	return out
}

// weigh adds up what lies around each element along an axis, with zeros beyond the edges.
func weigh(x *graph.Node, axis int, weights []float64) *graph.Node {
	n, before := x.Shape().Dimensions[axis], (len(weights)-1)/2
	pads := make([]compute.PadAxis, x.Rank())
	pads[axis] = compute.PadAxis{Start: before, End: len(weights) - 1 - before}
	wide := graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), pads...)
	var sum *graph.Node
	for k, w := range weights {
		part := graph.Mul(cut(wide, axis, k, k+n), graph.Scalar(x.Graph(), x.DType(), w))
		if sum == nil {
			sum = part
		} else {
			sum = graph.Add(sum, part)
		}
	}
	return sum
}

// unfolding is the window of Unfold over images (batch, channels, height, width).
func (c *call) unfolding(shape []int) *window {
	if len(shape) != 4 {
		fail("got a tensor of shape %s, want (batch, channels, height, width)", ShapeText(shape))
	}
	w := &window{channels: 1, first: 2, sizes: c.perAxis("kernel_size", 2, nil), strides: c.perAxis("stride", 2, nil), dilations: c.perAxis("dilation", 2, nil)}
	pads, _ := ints("padding", c.config["padding"])
	if len(pads) == 1 {
		pads = append(pads, pads[0])
	}
	if len(pads) != 2 || min(pads[0], pads[1]) < 0 || max(pads[0], pads[1]) > 1<<20 {
		fail("padding: got %v, want a number or one for each axis", c.config["padding"])
	}
	w.pads = [][2]int{{pads[0], pads[0]}, {pads[1], pads[1]}}
	for i := range 2 {
		if d := shape[2+i]; d != None && d+2*pads[i] < w.span(i) {
			fail("a window of %d is larger than axis %d of size %d", w.span(i), 2+i, d)
		}
	}
	bounded("a window", w.sizes[0]*w.sizes[1], 1<<12)
	return w
}

// extract puts the elements of each window beside each other in the channels, those of one channel after those of another.
func (w *window) extract(x *graph.Node) *graph.Node {
	pads := make([]compute.PadAxis, x.Rank())
	dims := x.Shape().Dimensions
	out := w.output(dims, 1)
	for i, p := range w.pads {
		pads[w.first+i] = compute.PadAxis{Start: p[0], End: p[1]}
	}
	x = graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), pads...)
	steps := func(x *graph.Node, i, k int) *graph.Node {
		axis, at, n := w.first+i, k*w.dilations[i], out[w.first+i]
		part := graph.AxisRange(at, at+(n-1)*w.strides[i]+1)
		if n > 1 {
			part = part.Stride(w.strides[i])
		}
		return graph.SliceAxis(x, axis, part)
	}
	at := w.channels + 1
	var parts []*graph.Node
	for i := range w.sizes[0] {
		rows := steps(x, 0, i)
		for j := range w.sizes[1] {
			parts = append(parts, graph.InsertAxes(steps(rows, 1, j), at))
		}
	}
	shape := slices.Clone(out)
	shape[w.channels] = dims[w.channels] * len(parts)
	return graph.Reshape(concatenate(parts, at), shape...)
}
