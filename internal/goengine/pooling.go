package goengine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// ReduceWindow computes GoMLX's operation of that name, by a kernel for the maxima of float32 images.
func (f *function) ReduceWindow(x compute.Value, kind compute.ReduceOpType, windows, strides, xDilations, windowDilations []int,
	paddings [][2]int) (compute.Value, error) {
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

func (p *pooling) maxima(workers int, in [][]float32, out []float32) {
	imageSize, outSize := p.size[0]*p.size[1]*p.inner, p.out[0]*p.out[1]*p.inner
	parallel(workers, p.outer, func(_, i int) {
		x, y := in[0][i*imageSize:(i+1)*imageSize], out[i*outSize:(i+1)*outSize]
		p.each(func(window, top, bottom, left, right int) {
			best := y[window*p.inner : (window+1)*p.inner]
			for row := top; row < bottom; row++ {
				for column := left; column < right; column++ {
					pixel := x[(row*p.size[1]+column)*p.inner:][:len(best)]
					if row == top && column == left {
						copy(best, pixel)
						continue
					}
					for c, v := range pixel {
						best[c] = max(best[c], v)
					}
				}
			}
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
		best := make([]float32, p.inner)
		from := make([]int, p.inner)
		p.each(func(window, top, bottom, left, right int) {
			for row := top; row < bottom; row++ {
				for column := left; column < right; column++ {
					at := (row*p.size[1] + column) * p.inner
					pixel := x[at:][:len(best)]
					for c, v := range pixel {
						if row == top && column == left || v > best[c] || v != v {
							best[c], from[c] = v, at+c
						}
					}
				}
			}
			for c, v := range dy[window*p.inner : (window+1)*p.inner] {
				dx[from[c]] += v
			}
		})
	})
}
