package rewrite

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// leastFilters is the width from which a kernel's vectors are used well enough.
const leastFilters = 16

// convolution makes a convolution a call: the forward one, or the gradient for its input or its kernel.
func (r *rewriter) convolution(s *stablehlo.Statement) bool {
	if name(s) != "convolution" {
		return false
	}
	c, ok := readConvolution(s)
	if !ok {
		return false
	}
	x, k, y := s.Inputs[0].Shape().Dimensions, s.Inputs[1], s.Outputs[0].Shape().Dimensions
	one := [2]int{1, 1}
	switch c.labels {
	case "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]":
		if c.inputDilation != one || c.kernelDilation != one || y[3] < leastFilters {
			return false
		}
		r.call(s, kernels.Forward, kernels.Window{Strides: c.strides, Before: c.before, Out: [2]int(y[1:3])}, s.Inputs...)
	case "[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]":
		// The gradient for the input is a convolution, of the gradient for the output, by the kernel turned around.
		if r.operation(k) != "reverse" || !slices.Equal(numbers(r.def[k], "dimensions", 2), []int{0, 1}) ||
			c.inputDilation != one || c.kernelDilation != one || c.strides != one || y[3] < leastFilters {
			return false
		}
		size := k.Shape().Dimensions
		before := [2]int{size[0] - 1 - c.before[0], size[1] - 1 - c.before[1]}
		if min(before[0], before[1]) < 0 {
			return false
		}
		r.call(s, kernels.InputGradient, kernels.Window{Strides: c.strides, Before: before, Out: [2]int(x[1:3])}, s.Inputs[0], r.def[k].Inputs[0])
	case "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]":
		// The gradient for the kernel is a convolution of the input, channels and batch exchanged, by the gradient for the output.
		if c.inputDilation != one || c.strides != one || y[3] < leastFilters {
			return false
		}
		r.call(s, kernels.KernelGradient, kernels.Window{Strides: c.kernelDilation, Before: c.before, Out: [2]int(k.Shape().Dimensions[1:3])}, s.Inputs...)
	default:
		return false
	}
	return true
}

// convolution is what a stablehlo.convolution says.
type convolution struct {
	labels                                 string
	strides, inputDilation, kernelDilation [2]int
	before                                 [2]int // zeros before the first row and column
}

// readConvolution reads a convolution of float32 images. The second result is false for others.
func readConvolution(s *stablehlo.Statement) (c convolution, ok bool) {
	for _, v := range slices.Concat(s.Inputs, s.Outputs) {
		if v.Shape().DType != dtypes.Float32 || v.Shape().Rank() != 4 || v.Shape().Size() == 0 {
			return c, false
		}
	}
	if text(s, "feature_group_count") != "1" || text(s, "batch_group_count") != "1" || strings.Contains(text(s, "window_reversal"), "true") {
		return c, false
	}
	for _, part := range []struct {
		to        *[2]int
		attribute string
	}{{&c.strides, "window_strides"}, {&c.inputDilation, "lhs_dilation"}, {&c.kernelDilation, "rhs_dilation"}} {
		list := numbers(s, part.attribute, 2)
		if list == nil {
			return c, false
		}
		*part.to = [2]int(list)
	}
	paddings := numbers(s, "padding", 4)
	if paddings == nil || slices.Min(paddings) < 0 {
		return c, false
	}
	c.before = [2]int{paddings[0], paddings[2]}
	labels, _ := strings.CutPrefix(text(s, "dimension_numbers"), "#stablehlo.conv<")
	c.labels = strings.TrimSuffix(labels, ">")
	return c, true
}
