package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/windows"
)

// Fourier transforms along the last axis. A transform of n = a·b points is transforms of a and of b points, and those of few points are
// products with a matrix of waves: so every engine has them, and their gradients.

const (
	fewPoints       = 64      // as many are one product
	mostPrime       = 1021    // which is one product, too
	longestSignal   = 1 << 24 // bounds what files may ask for
	realInOneStep   = 256     // transforms of real numbers of as many points compute the half that is needed, in one product
	mostPartsAFrame = 1 << 10
)

// wave is complex numbers, im nil where they are real.
type wave struct{ re, im *graph.Node }

func init() {
	plane := func(axes int) func(c *call) []Spec {
		return func(c *call) []Spec {
			s := c.wave("x", axes)
			for _, n := range s.Shape[len(s.Shape)-axes:] {
				if n == None {
					fail("the last axes must be known, received input with shape %s", ShapeText(s.Shape))
				}
				points(n)
			}
			return []Spec{s, s}
		}
	}
	transform := func(axes int, inverse bool) func(c *call) []*graph.Node {
		return func(c *call) []*graph.Node {
			x := c.waveNodes("x")
			for range axes {
				if x = fourier(x, inverse); axes == 2 {
					x.re, x.im = swapLast(x.re), swapLast(x.im)
				}
			}
			return []*graph.Node{x.re, x.im}
		}
	}
	define("math", "FFT", "x", "", plane(1), transform(1, false))
	define("math", "FFT2", "x", "", plane(2), transform(2, false))
	define("math", "IFFT2", "x", "", plane(2), transform(2, true))
	define("math", "RFFT", "x", "fft_length=null", func(c *call) []Spec {
		s := c.signal("x")
		n, shape := c.fftLength(s.Shape[len(s.Shape)-1]), slices.Clone(s.Shape)
		if shape[len(shape)-1] = None; n != None {
			shape[len(shape)-1] = n/2 + 1
		}
		return []Spec{{shape, s.DType}, {shape, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.floats("x")
		y := realFourier(toLength(x, c.fftLength(lastOf(x))))
		return []*graph.Node{y.re, y.im}
	})
	define("math", "IRFFT", "x", "fft_length=null", func(c *call) []Spec {
		s := c.wave("x", 1)
		shape := slices.Clone(s.Shape)
		m := shape[len(shape)-1]
		if m != None {
			m = 2 * (m - 1)
		}
		shape[len(shape)-1] = c.fftLength(m)
		return []Spec{{shape, s.DType}}
	}, func(c *call) []*graph.Node {
		return []*graph.Node{inverseRealFourier(c.waveNodes("x"), c.out[0].Shape[len(c.out[0].Shape)-1])}
	})
	define("math", "ExtractSequences", "x", "sequence_length sequence_stride", func(c *call) []Spec {
		s := c.typed("x", resolved)
		if len(s.Shape) < 1 {
			fail("input should have rank >= 1, received: input.shape=%s", ShapeText(s.Shape))
		}
		length, stride := c.positive("sequence_length"), c.positive("sequence_stride")
		return []Spec{{append(slices.Clone(s.Shape[:len(s.Shape)-1]), frames(s.Shape[len(s.Shape)-1], length, stride), length), s.DType}}
	}, func(c *call) []*graph.Node {
		return []*graph.Node{framed(c.node("x"), c.positive("sequence_length"), c.positive("sequence_stride"))}
	})
	define("math", "STFT", "x", "sequence_length sequence_stride fft_length window=\"hann\" center=true", func(c *call) []Spec {
		s := c.signal("x")
		f := c.stft()
		n := s.Shape[len(s.Shape)-1]
		if n != None && f.center {
			n += f.fft / 2 * 2
		}
		shape := append(slices.Clone(s.Shape[:len(s.Shape)-1]), frames(n, f.fft, f.stride), f.fft/2+1)
		return []Spec{{shape, s.DType}, {shape, s.DType}}
	}, func(c *call) []*graph.Node {
		x, f := c.floats("x"), c.stft()
		if f.center {
			x = mirrored(x, f.fft/2)
		}
		x = framed(x, f.fft, f.stride)
		if f.window != nil {
			x = graph.Mul(x, broadcastTo(numbers(c.g, f.window), x.Shape().Dimensions))
		}
		y := realFourier(x)
		return []*graph.Node{y.re, y.im}
	})
	define("math", "ISTFT", "x", "sequence_length sequence_stride fft_length length=null window=\"hann\" center=true", func(c *call) []Spec {
		s, f := c.wave("x", 2), c.stft()
		shape := slices.Clone(s.Shape[:len(s.Shape)-1])
		n := shape[len(shape)-1]
		if n != None {
			n = f.length(n)
		}
		if c.config["length"] != nil {
			start, length := f.start(), c.positive("length")
			if n != None && length > n-start {
				fail("length: got %d, of a signal of %d", length, n-start)
			}
			n = length
		} else if n != None {
			n -= 2 * f.start()
		}
		shape[len(shape)-1] = n
		return []Spec{{shape, s.DType}}
	}, func(c *call) []*graph.Node {
		x, f := c.waveNodes("x"), c.stft()
		count := x.re.Shape().Dimensions[x.re.Rank()-2]
		y := inverseRealFourier(x, f.fft)
		window := f.window
		if window == nil {
			window = slices.Repeat([]float64{1}, f.fft)
		}
		norm := make([]float64, f.length(count))
		for i := range count {
			for j, w := range window {
				norm[i*f.stride+j] += w * w
			}
		}
		for i, v := range norm {
			if norm[i] = 1; v > 1e-10 {
				norm[i] = 1 / v
			}
			if f.window == nil { // Keras's measure of frames without a window
				norm[i] *= float64(f.fft) / float64(f.stride)
			}
		}
		y = overlapped(graph.Mul(y, broadcastTo(numbers(c.g, window), y.Shape().Dimensions)), f.stride)
		y = graph.Mul(y, broadcastTo(numbers(c.g, norm), y.Shape().Dimensions))
		start, n := f.start(), c.out[0].Shape[len(c.out[0].Shape)-1]
		return []*graph.Node{cut(y, y.Rank()-1, start, start+n)}
	})
}

// signal is an argument of floats with an axis or more.
func (c *call) signal(name string) Spec {
	s := c.typed(name, c.promised)
	if len(s.Shape) < 1 {
		fail("input should have rank >= 1, received: input.shape=%s", ShapeText(s.Shape))
	}
	if toFloat(s.DType) != "float32" {
		fail("got %s, want float32", s.DType)
	}
	return s
}

// wave is an argument of two tensors, real and imaginary parts, with as many axes or more.
func (c *call) wave(name string, axes int) Spec {
	list := c.tensorList(name)
	if len(list) != 2 {
		fail("input `x` should be a tuple of two tensors - real and imaginary, received %d", len(list))
	}
	re, im := c.specOf(list[0]), c.specOf(list[1])
	if !slices.Equal(re.Shape, im.Shape) {
		fail("both the real and imaginary parts should have the same shape, received: %s and %s", ShapeText(re.Shape), ShapeText(im.Shape))
	}
	if len(re.Shape) < axes {
		fail("input should have rank >= %d, received: input.shape=%s", axes, ShapeText(re.Shape))
	}
	if promote(re.DType) != "float32" || promote(im.DType) != "float32" {
		fail("got %s and %s, want float32", re.DType, im.DType)
	}
	re.DType = c.promised(re.DType)
	return re
}

func (c *call) waveNodes(name string) wave {
	list := c.tensorList(name)
	return wave{c.nodeOf(list[0], "float32"), c.nodeOf(list[1], "float32")}
}

func (c *call) positive(name string) int {
	n := bounded(name, c.intParam(name), longestSignal)
	if n < 1 {
		fail("%s: got %d, want a positive number", name, n)
	}
	return n
}

// fftLength is the number of points of a transform, n unless the operation says it.
func (c *call) fftLength(n int) int {
	if c.config["fft_length"] != nil {
		n = c.positive("fft_length")
	}
	if n != None {
		points(n)
	}
	return n
}

// points fails for a number of points of which no transform is built.
func points(n int) {
	if n < 1 {
		fail("a Fourier transform of %d points", n)
	}
	for rest, p := n, 2; rest > 1; p++ {
		if p*p > rest {
			p = rest
		}
		for ; rest%p == 0; rest /= p {
			if p > mostPrime {
				fail("a Fourier transform of %d points, of which %d is a prime factor: those up to %d are supported", n, p, mostPrime)
			}
		}
	}
}

// frameConfig are the arguments that transforms of short stretches of a signal share; the window is as long as the transform, nil for none.
type frameConfig struct {
	fft, stride int
	center      bool
	window      []float64
}

func (c *call) stft() frameConfig {
	f := frameConfig{fft: c.positive("fft_length"), stride: c.positive("sequence_stride"), center: c.boolParam("center")}
	points(f.fft)
	n := c.positive("sequence_length")
	if f.fft < n {
		fail("`fft_length` must equal or larger than `sequence_length`, received: sequence_length=%d, fft_length=%d", n, f.fft)
	}
	var window []float64
	switch v := c.config["window"].(type) {
	case nil:
		return f
	case string:
		if v != "hann" && v != "hamming" {
			fail("window: %w", config.UnknownName("window", v, []string{"hamming", "hann"}))
		}
		window, _ = windows.Named(v, n, true)
	default:
		k := constantOf(v)
		if len(k.Shape) != 1 || k.Shape[0] != n {
			fail("the shape of `window` must be equal to [sequence_length], received: window shape=%s", ShapeText(k.Shape))
		}
		window = k.flat
	}
	f.window = make([]float64, f.fft)
	copy(f.window[(f.fft-n)/2:], window)
	return f
}

// length is that of the signal that frames make.
func (f frameConfig) length(frames int) int { return (frames-1)*f.stride + f.fft }

// start is where the signal begins among them.
func (f frameConfig) start() int {
	if f.center {
		return f.fft / 2
	}
	return 0
}

// frames is how many stretches a signal of n has.
func frames(n, length, stride int) int {
	if n == None {
		return None
	}
	if n < length {
		fail("a signal of %d is shorter than the %d of a sequence", n, length)
	}
	if (length-1)/stride >= mostPartsAFrame {
		fail("sequences of %d with a stride of %d: up to %d of them over a place are supported", length, stride, mostPartsAFrame)
	}
	return 1 + (n-length)/stride
}

func lastOf(x *graph.Node) int { return x.Shape().Dimensions[x.Rank()-1] }

// toLength cuts or pads the last axis with zeros.
func toLength(x *graph.Node, n int) *graph.Node {
	switch have := lastOf(x); {
	case have > n:
		return cut(x, x.Rank()-1, 0, n)
	case have < n:
		pads := make([]compute.PadAxis, x.Rank())
		pads[x.Rank()-1].End = n - have
		return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), pads...)
	}
	return x
}

// withLast gives the last axis other sizes.
func withLast(x *graph.Node, dims ...int) *graph.Node {
	return graph.Reshape(x, append(slices.Clone(x.Shape().Dimensions[:x.Rank()-1]), dims...)...)
}

// framed is the stretches of the last axis, each from stride elements after the one before: parts of stride elements beside each other.
func framed(x *graph.Node, length, stride int) *graph.Node {
	count := frames(lastOf(x), length, stride)
	parts := (length + stride - 1) / stride
	x = withLast(toLength(x, (count-1+parts)*stride), count-1+parts, stride)
	axis := x.Rank() - 2
	beside := make([]*graph.Node, parts)
	for i := range beside {
		beside[i] = cut(x, axis, i, i+count)
	}
	x = concatenate(beside, axis+1)
	return cut(x, axis+1, 0, length)
}

// overlapped adds up stretches where they were; it is the way back of framed.
func overlapped(x *graph.Node, stride int) *graph.Node {
	count, length := x.Shape().Dimensions[x.Rank()-2], lastOf(x)
	parts := (length + stride - 1) / stride
	x = toLength(x, parts*stride)
	var sum *graph.Node
	for i := range parts {
		part := cut(x, x.Rank()-1, i*stride, (i+1)*stride)
		pads := make([]compute.PadAxis, x.Rank())
		pads[x.Rank()-2] = compute.PadAxis{Start: i, End: parts - 1 - i}
		part = graph.Pad(part, graph.ScalarZero(x.Graph(), x.DType()), pads...)
		if sum == nil {
			sum = part
		} else {
			sum = graph.Add(sum, part)
		}
	}
	dims := slices.Clone(x.Shape().Dimensions[:x.Rank()-2])
	sum = graph.Reshape(sum, append(dims, (count-1+parts)*stride)...)
	return cut(sum, sum.Rank()-1, 0, (count-1)*stride+length)
}

// mirrored adds to both ends of the last axis what is before them, in a mirror.
func mirrored(x *graph.Node, by int) *graph.Node {
	axis, n := x.Rank()-1, lastOf(x)
	if by > 0 && n == 1 {
		return broadcastTo(x, append(slices.Clone(x.Shape().Dimensions[:axis]), 1+2*by))
	}
	for by > 0 {
		n = lastOf(x)
		k := min(by, n-1)
		x = graph.Concatenate([]*graph.Node{graph.Reverse(cut(x, axis, 1, 1+k), axis), x, graph.Reverse(cut(x, axis, n-1-k, n-1), axis)}, axis)
		by -= k
	}
	return x
}

func numbers(g *graph.Graph, values []float64, dims ...int) *graph.Node {
	flat := make([]float32, len(values))
	for i, v := range values {
		flat[i] = float32(v)
	}
	if len(dims) == 0 {
		dims = []int{len(flat)}
	}
	return graph.ConstTensor(g, tensors.FromFlatDataAndDimensions(flat, dims...))
}

// turns are the cosines and sines of whole steps around a circle of n.
func turns(n int) (cos, sin []float64) {
	cos, sin = make([]float64, n), make([]float64, n)
	for k := range n {
		// From the nearest quarter, so that the quarters themselves are exact.
		quarter := (4*k + n/2) / n
		s, c := math.Sincos(2 * math.Pi * float64(4*k-quarter*n) / float64(4*n))
		switch quarter % 4 {
		case 0:
			cos[k], sin[k] = c, s
		case 1:
			cos[k], sin[k] = -s, c
		case 2:
			cos[k], sin[k] = -c, -s
		case 3:
			cos[k], sin[k] = s, -c
		}
	}
	return cos, sin
}

// waves are the cosines and sines at j·k of n, as (rows, columns), times scale of the row.
func waves(g *graph.Graph, n, rows, columns int, scale func(row int) float64) (cos, sin *graph.Node) {
	c, s := turns(n)
	flatC, flatS := make([]float64, rows*columns), make([]float64, rows*columns)
	for j := range rows {
		by := 1.0
		if scale != nil {
			by = scale(j)
		}
		for k := range columns {
			at := j * k % n
			flatC[j*columns+k], flatS[j*columns+k] = by*c[at], by*s[at]
		}
	}
	return numbers(g, flatC, rows, columns), numbers(g, flatS, rows, columns)
}

func timesMatrix(x, m *graph.Node) *graph.Node {
	return graph.DotGeneral(x, []int{x.Rank() - 1}, nil, m, []int{0}, nil)
}

// by multiplies complex numbers by cos ± i·sin, of which f makes products.
func (w wave) by(cos, sin *graph.Node, inverse bool, f func(x, y *graph.Node) *graph.Node) wave {
	if !inverse {
		sin = graph.Neg(sin)
	}
	re, im := f(w.re, cos), f(w.re, sin)
	if w.im != nil {
		re, im = graph.Sub(re, f(w.im, sin)), graph.Add(im, f(w.im, cos))
	}
	return wave{re, im}
}

// fourier is the transform along the last axis.
func fourier(x wave, inverse bool) wave {
	n := lastOf(x.re)
	points(n)
	y := transformed(x, inverse)
	if inverse {
		y.re, y.im = graph.MulScalar(y.re, 1/float64(n)), graph.MulScalar(y.im, 1/float64(n))
	}
	return y
}

func transformed(x wave, inverse bool) wave {
	g, n := x.re.Graph(), lastOf(x.re)
	a := factor(n)
	if a == n {
		cos, sin := waves(g, n, n, n, nil)
		return x.by(cos, sin, inverse, timesMatrix)
	}
	b := n / a
	// Point p·b+q, p of a and q of b; frequency s+a·t.
	y := each(x, func(v *graph.Node) *graph.Node { return swapLast(withLast(v, a, b)) })
	y = transformed(y, inverse) // (…, q, s)
	cos, sin := waves(g, n, b, a, nil)
	y = y.by(cos, sin, inverse, func(v, m *graph.Node) *graph.Node { return graph.Mul(v, broadcastTo(m, v.Shape().Dimensions)) })
	y = each(y, swapLast)
	y = transformed(y, inverse) // (…, s, t)
	return each(y, func(v *graph.Node) *graph.Node {
		v = swapLast(v)
		return graph.Reshape(v, append(slices.Clone(v.Shape().Dimensions[:v.Rank()-2]), n)...)
	})
}

// factor is the largest factor of n that is a transform of few points; n itself where it is one or a prime.
func factor(n int) int {
	if n <= fewPoints {
		return n
	}
	for a := fewPoints; a > 1; a-- {
		if n%a == 0 {
			return a
		}
	}
	for a := fewPoints + 1; a*a <= n; a++ {
		if n%a == 0 {
			return a
		}
	}
	return n
}

func each(x wave, f func(v *graph.Node) *graph.Node) wave {
	x.re = f(x.re)
	if x.im != nil {
		x.im = f(x.im)
	}
	return x
}

func swapLast(x *graph.Node) *graph.Node {
	order := identity(x.Rank())
	n := len(order)
	order[n-2], order[n-1] = order[n-1], order[n-2]
	return graph.TransposeAllAxes(x, order...)
}

// realFourier is the first half of the transform of real numbers, which has all of it.
func realFourier(x *graph.Node) wave {
	n := lastOf(x)
	points(n)
	if n <= realInOneStep {
		cos, sin := waves(x.Graph(), n, n, n/2+1, nil)
		return wave{x, nil}.by(cos, sin, false, timesMatrix)
	}
	return each(fourier(wave{x, nil}, false), func(v *graph.Node) *graph.Node { return cut(v, v.Rank()-1, 0, n/2+1) })
}

// inverseRealFourier is the n real numbers whose transform begins with x.
func inverseRealFourier(x wave, n int) *graph.Node {
	points(n)
	half := n/2 + 1
	x = each(x, func(v *graph.Node) *graph.Node { return toLength(v, half) })
	both := func(k int) bool { return k > 0 && 2*k != n } // such a frequency has a twin that isn't written
	if n <= realInOneStep {
		cos, sin := waves(x.re.Graph(), n, half, n, func(k int) float64 {
			if both(k) {
				return 2 / float64(n)
			}
			return 1 / float64(n)
		})
		return graph.Sub(timesMatrix(x.re, cos), timesMatrix(x.im, sin))
	}
	keep := make([]float64, half)
	for k := range keep {
		if both(k) {
			keep[k] = 1
		}
	}
	im := graph.Mul(x.im, broadcastTo(numbers(x.re.Graph(), keep), x.im.Shape().Dimensions))
	twins := func(v *graph.Node) *graph.Node {
		axis := v.Rank() - 1
		return graph.Reverse(cut(v, axis, 1, n-half+1), axis)
	}
	axis := x.re.Rank() - 1
	return fourier(wave{graph.Concatenate([]*graph.Node{x.re, twins(x.re)}, axis), graph.Concatenate([]*graph.Node{im, graph.Neg(twins(im))}, axis)}, true).re
}
