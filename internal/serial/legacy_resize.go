package serial

import (
	"fmt"
	"math"

	"github.com/gokeras/gokeras/internal/kerasops"
)

// resample weighs the rows and the columns of images; weights gives the (n, m) weights of n for each of m.
func (c *tfCall) resample(x any, shape, size []int, weights func(n, m int) ([]float64, error)) error {
	for i, m := range size {
		n := shape[len(shape)-3+i]
		if n < 1 || m < 1 || n*m > maxKnown {
			return fmt.Errorf("images of shape %v in size %v", shape, size)
		}
		w, err := weights(n, m)
		if err != nil {
			return err
		}
		if c.dtypeOf("images") != "float32" && !isFloatType(c.dtypeOf("images")) {
			x = c.op("Cast", map[string]any{"dtype": "float32"}, x)
		}
		if x, err = c.weighedBy(x, i, n, m, w); err != nil {
			return err
		}
	}
	return nil
}

// oldResampling is the weights of TensorFlow 1's functions: at whole pixels, from the first to the last, or from the centres of pixels.
func oldResampling(method string, corners, centers bool, n, m int) []float64 {
	scale := float32(n) / float32(m)
	if corners && m > 1 {
		scale = float32(n-1) / float32(m-1)
	}
	weights := make([]float64, n*m)
	for j := range m {
		at := float32(j) * scale
		if centers {
			at = (float32(j)+0.5)*scale - 0.5
			if method == "nearest" {
				at += 0.5
			}
		}
		if method == "nearest" {
			i := math.Floor(float64(at))
			if corners {
				i = math.Round(float64(at))
			}
			weights[min(max(int(i), 0), n-1)*m+j] = 1
			continue
		}
		low := math.Floor(float64(at))
		share := float64(at) - low
		weights[max(int(low), 0)*m+j] += 1 - share
		weights[min(int(low)+1, n-1)*m+j] += share
	}
	return weights
}

// steps are 0, 1 … up to a number of elements, and that number, as floats.
func (c *tfCall) steps(n knownNumber) (steps, count any, err error) {
	if n.size == nil {
		k, err := newKnown("float32", []int{int(n.value)}, func(i int) float64 { return float64(i) })
		if err != nil {
			return nil, nil, err
		}
		return k.plain(), n.value, nil
	}
	if n.size.vector == nil {
		return nil, nil, fmt.Errorf("a size that is computed in a way that only the running program knows")
	}
	float := map[string]any{"dtype": "float32"}
	return c.op("Subtract", nil, c.op("Cumsum", map[string]any{"axis": 0}, c.op("Cast", float, n.size.vector(c))), 1.0), c.op("Cast", float, n.size.make(c)), nil
}

// resampleOpen is a resize of images, or to a size, of which not all is known.
func (c *tfCall) resampleOpen(x any, to []knownNumber, method string, antialias bool) error {
	sizes, err := c.sizesOf("images")
	if err != nil {
		return err
	}
	if method != "nearest" {
		x = c.op("Cast", map[string]any{"dtype": "float32"}, x)
	}
	for axis := range 2 {
		n, m := sizes.flat[len(sizes.flat)-3+axis], to[axis]
		if n.size == nil && m.size == nil {
			x, err = c.resampleKnown(x, axis, int(n.value), int(m.value), method, antialias)
			if err != nil {
				return err
			}
			continue
		}
		from, count, err := c.steps(n)
		if err != nil {
			return err
		}
		into, wanted, err := c.steps(m)
		if err != nil {
			return err
		}
		scale := c.op("TrueDivide", nil, count, wanted)
		if method == "nearest" {
			at := c.op("Minimum", nil, c.op("Floor", nil, c.op("Multiply", nil, c.plus(into, 0.5), scale)), c.plus(count, -1))
			x = c.op("Take", map[string]any{"axis": axis - 3}, x, c.op("Cast", map[string]any{"dtype": "int32"}, at))
			continue
		}
		w, err := c.openWeights(method, antialias, from, into, scale)
		if err != nil {
			return err
		}
		x = c.weighed(x, axis, w)
	}
	return nil
}

// resampleKnown is a resize along one axis, from n elements to m.
func (c *tfCall) resampleKnown(x any, axis, n, m int, method string, antialias bool) (any, error) {
	if method == "nearest" {
		scale := float32(n) / float32(m)
		k, err := newKnown("int32", []int{m}, func(j int) float64 {
			return math.Min(math.Floor(float64((float32(j)+0.5)*scale)), float64(n-1))
		})
		if err != nil {
			return nil, err
		}
		return c.op("Take", map[string]any{"axis": axis - 3}, x, k.plain()), nil
	}
	w, err := kerasops.TensorFlowResize(method, antialias, n, m)
	if err != nil {
		return nil, err
	}
	return c.weighedBy(x, axis, n, m, w)
}

// plus adds a number to a number, a list of numbers, or a tensor.
func (c *tfCall) plus(v any, number float64) any {
	if k, ok := asKnown(v); ok {
		return k.each("", "float32", func(x float64) float64 { return x + number }).plain()
	}
	return c.op("Add", nil, v, number)
}

// weighed sums the rows, or the columns, of images with the weights.
func (c *tfCall) weighed(x any, axis int, weights any) any {
	return c.op("Einsum", map[string]any{"subscripts": [2]string{"...hwc,hm->...mwc", "...hwc,wm->...hmc"}[axis]}, x, weights)
}

// weighedBy is weighed with known weights, (n, m) of n elements for each of m.
func (c *tfCall) weighedBy(x any, axis, n, m int, weights []float64) (any, error) {
	k, err := newKnown("float32", []int{n, m}, func(at int) float64 { return float64(float32(weights[at])) })
	if err != nil {
		return nil, err
	}
	return c.weighed(x, axis, k.plain()), nil
}

// openWeights is resampling where operations must compute it, of the places in the image and in the result.
func (c *tfCall) openWeights(method string, antialias bool, from, into, scale any) (any, error) {
	column := func(v any) any {
		if k, ok := asKnown(v); ok {
			k, _ = k.reshaped([]int{-1, 1})
			return k.plain()
		}
		return c.op("ExpandDims", map[string]any{"axis": 1}, v)
	}
	if method == "area" {
		end := c.op("Minimum", nil, c.op("Multiply", nil, c.plus(into, 1), scale), column(c.plus(from, 1)))
		share := c.op("Subtract", nil, end, c.op("Maximum", nil, c.op("Multiply", nil, into, scale), column(from)))
		return c.op("TrueDivide", nil, c.op("Maximum", nil, share, 0.0), scale), nil
	}
	d := c.op("Absolute", nil, c.op("Subtract", nil, column(c.plus(from, 0.5)), c.op("Multiply", nil, c.plus(into, 0.5), scale)))
	if antialias {
		d = c.op("TrueDivide", nil, d, c.op("Maximum", nil, scale, 1.0))
	} else if method == "bicubic" {
		d = c.op("TrueDivide", nil, c.op("Round", nil, c.op("Multiply", nil, d, 1024.0)), 1024.0)
	}
	within := func(radius float64, y, beyond any) any {
		return c.op("Where", nil, c.op("Less", nil, d, radius), y, beyond)
	}
	var w any
	switch pieces := kerasops.ResizePieces[method]; {
	case pieces != nil:
		w = 0.0
		for i := len(pieces) - 1; i >= 0; i-- {
			var sum any
			for _, f := range pieces[i].Factors {
				if sum == nil {
					sum = f
					continue
				}
				sum = c.op("Add", nil, c.op("Multiply", nil, sum, d), f)
			}
			w = within(pieces[i].Below, sum, w)
		}
	case method == "gaussian":
		w = within(kerasops.GaussianRadius, c.op("Exp", nil, c.op("Multiply", nil, c.op("Square", nil, d), -2.0)), 0.0)
	case kerasops.LanczosRadius[method] > 0:
		radius := float64(kerasops.LanczosRadius[method])
		turn := c.op("Multiply", nil, c.op("Maximum", nil, d, 1e-6), math.Pi)
		part := c.op("TrueDivide", nil, turn, radius)
		w = within(radius, c.op("TrueDivide", nil, c.op("Multiply", nil, c.op("Sin", nil, turn), c.op("Sin", nil, part)), c.op("Multiply", nil, turn, part)), 0.0)
	default:
		return nil, fmt.Errorf("method=%s", method)
	}
	return c.op("TrueDivide", nil, w, c.op("Sum", map[string]any{"axis": 0, "keepdims": true}, w)), nil
}
