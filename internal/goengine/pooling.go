package goengine

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// ReduceWindow computes GoMLX's operation of that name, by a kernel for the maxima of float32 images.
func (f *function) ReduceWindow(x compute.Value, kind compute.ReduceOpType, windows, strides, xDilations, windowDilations []int,
	paddings [][2]int) (compute.Value, error) {
	if widened(x) {
		return f.inFloat32([]compute.Value{x}, func(in []compute.Value) (compute.Value, error) {
			return f.ReduceWindow(in[0], kind, windows, strides, xDilations, windowDilations, paddings)
		})
	}
	var k kernel
	if v, err := one(x); err == nil && kind == compute.ReduceOpMax && onesOnly(xDilations) && onesOnly(windowDilations) {
		if p := newPooling(v.shape, windows, strides, paddings); p != nil {
			k = p.maxima
		}
	}
	return f.single(func(e compute.Function, in []compute.Value) (compute.Value, error) {
		return e.ReduceWindow(in[0], kind, windows, strides, xDilations, windowDilations, paddings)
	}, k, false, x)
}

// SelectAndScatterMax computes GoMLX's operation of that name, the gradient of the maxima, by a kernel for float32 images.
func (f *function) SelectAndScatterMax(x, source compute.Value, windows, strides []int, paddings [][2]int) (compute.Value, error) {
	if widened(x, source) {
		return f.inFloat32([]compute.Value{x, source}, func(in []compute.Value) (compute.Value, error) {
			return f.SelectAndScatterMax(in[0], in[1], windows, strides, paddings)
		})
	}
	var k kernel
	if v, err := one(x); err == nil {
		if p := newPooling(v.shape, windows, strides, paddings); p != nil {
			k = p.scatter
		}
	}
	return f.single(func(e compute.Function, in []compute.Value) (compute.Value, error) {
		return e.SelectAndScatterMax(in[0], in[1], windows, strides, paddings)
	}, k, false, x, source)
}

func onesOnly(list []int) bool {
	for _, n := range list {
		if n > 1 {
			return false
		}
	}
	return true
}

// pooling is of windows over two neighbouring axes: x is (outer, height, width, inner).
type pooling struct {
	outer, inner  int
	size, out     [2]int
	window, steps [2]int
	before        [2]int
}

// newPooling returns nil for windows that it doesn't know.
func newPooling(x shapes.Shape, windows, strides []int, paddings [][2]int) *pooling {
	if x.DType != dtypes.Float32 || len(windows) != x.Rank() || x.Rank() < 2 {
		return nil
	}
	if len(strides) == 0 {
		strides = windows
	}
	first := -1
	for axis, n := range windows {
		padded := len(paddings) > axis && paddings[axis] != [2]int{}
		if n == 1 && strides[axis] == 1 && !padded {
			continue
		}
		if first < 0 {
			first = min(axis, x.Rank()-2)
		}
		if axis > first+1 {
			return nil
		}
	}
	if first < 0 {
		return nil
	}
	p := &pooling{outer: 1, inner: 1}
	for axis, n := range x.Dimensions {
		switch {
		case axis < first:
			p.outer *= n
		case axis > first+1:
			p.inner *= n
		default:
			i := axis - first
			p.size[i], p.window[i], p.steps[i] = n, windows[axis], strides[axis]
			after := 0
			if len(paddings) > axis {
				p.before[i], after = paddings[axis][0], paddings[axis][1]
			}
			p.out[i] = (n+p.before[i]+after-windows[axis])/strides[axis] + 1
			// Every window must hold an element.
			if last := (p.out[i]-1)*strides[axis] - p.before[i]; p.before[i] < 0 || after < 0 || p.before[i] >= windows[axis] || last >= n {
				return nil
			}
		}
	}
	return p
}

// span is the part of the i-th axis that the window at a place covers.
func (p *pooling) span(i, at int) (first, last int) {
	first = at*p.steps[i] - p.before[i]
	return max(first, 0), min(first+p.window[i], p.size[i])
}

// each calls do for every window of the outer-th image: the number of the window and its rows and columns.
func (p *pooling) each(do func(window, top, bottom, left, right int)) {
	for row := range p.out[0] {
		top, bottom := p.span(0, row)
		for column := range p.out[1] {
			left, right := p.span(1, column)
			do(row*p.out[1]+column, top, bottom, left, right)
		}
	}
}

// image calls do for every element of a window, a row of inner values of an image at a time.
func (p *pooling) image(x []float32, top, bottom, left, right int, do func(pixel []float32, at int)) {
	for row := top; row < bottom; row++ {
		for column := left; column < right; column++ {
			at := (row*p.size[1] + column) * p.inner
			do(x[at:at+p.inner], at)
		}
	}
}

// largest writes the maxima of a window to best.
func (p *pooling) largest(x []float32, top, bottom, left, right int, best []float32) {
	first := true
	p.image(x, top, bottom, left, right, func(pixel []float32, _ int) {
		if first {
			copy(best, pixel)
		} else {
			maxTo(best, pixel)
		}
		first = false
	})
}

func (p *pooling) maxima(workers int, in [][]float32, out []float32) {
	imageSize, outSize := p.size[0]*p.size[1]*p.inner, p.out[0]*p.out[1]*p.inner
	parallel(workers, p.outer, func(_, i int) {
		x, y := in[0][i*imageSize:(i+1)*imageSize], out[i*outSize:(i+1)*outSize]
		p.each(func(window, top, bottom, left, right int) {
			p.largest(x, top, bottom, left, right, y[window*p.inner:(window+1)*p.inner])
		})
	})
}

// scatter gives each window's value to its first maximum.
func (p *pooling) scatter(workers int, in [][]float32, out []float32) {
	imageSize, outSize := p.size[0]*p.size[1]*p.inner, p.out[0]*p.out[1]*p.inner
	parallel(workers, p.outer, func(_, i int) {
		x, dx := in[0][i*imageSize:(i+1)*imageSize], out[i*imageSize:(i+1)*imageSize]
		dy := in[1][i*outSize : (i+1)*outSize]
		clear(dx)
		best, left := make([]float32, p.inner), make([]float32, p.inner)
		p.each(func(window, top, bottom, from, to int) {
			p.largest(x, top, bottom, from, to, best)
			copy(left, dy[window*p.inner:])
			p.image(x, top, bottom, from, to, func(pixel []float32, at int) {
				giveTo(dx[at:at+p.inner], pixel, best, left)
			})
		})
	})
}

// maxTo writes the larger of x and y to y, and NaN where one is.
var maxTo = func(y, x []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] = max(y[i], v)
	}
}

// giveTo moves what is left to y where x is the best, or NaN.
var giveTo = func(y, x, best, left []float32) {
	y, best, left = y[:len(x)], best[:len(x)], left[:len(x)]
	for i, v := range x {
		// Numbers as bits, so that the compiler needs no branch.
		given, rest := uint32(0), math.Float32bits(left[i])
		if v == best[i] {
			given = rest
		}
		if v != v {
			given = rest
		}
		y[i] += math.Float32frombits(given)
		left[i] = math.Float32frombits(rest &^ given)
	}
}
