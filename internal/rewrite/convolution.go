package rewrite

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/gokeras/gokeras/internal/kernels"
)

// convolution makes a convolution a call: the forward one, or the gradient for its input or its kernel.
func (r *rewriter) convolution(s *stablehlo.Statement) bool {
	if name(s) != "convolution" {
		return false
	}
	c, ok := readConvolution(s)
	if !ok {
		return false
	}
	if c.groups != "1" || c.batchGroups != "1" {
		return r.depthwise(s, c)
	}
	if r.pointwise(s, c) {
		return true
	}
	k, y := s.Inputs[1], s.Outputs[0].Shape().Dimensions
	switch c.labels {
	case "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]":
		if c.inputDilation != one {
			return false
		}
		r.call(s, kernels.Forward, kernels.Window{Strides: c.strides, Dilations: c.kernelDilation, Before: c.before, Out: [2]int(y[1:3])}, s.Inputs...)
	case "[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]":
		return r.inputGradient(s, c, kernels.InputGradient)
	case "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]":
		// The gradient for the kernel is a convolution of the input, channels and batch exchanged, by the gradient for the output with gaps between its pixels;
		// what was a stride is a dilation now, and the other way round.
		if c.inputDilation != one {
			return false
		}
		r.call(s, kernels.KernelGradient, kernels.Window{Strides: c.kernelDilation, Dilations: c.strides, Before: c.before, Out: [2]int(k.Shape().Dimensions[1:3])}, s.Inputs...)
	default:
		return false
	}
	return true
}

// one is what isn't stretched.
var one = [2]int{1, 1}

// reach is how far a kernel's last row and column lie from its first ones.
func reach(kernel *stablehlo.Value, dilations [2]int) [2]int {
	size := kernel.Shape().Dimensions
	return [2]int{(size[0] - 1) * dilations[0], (size[1] - 1) * dilations[1]}
}

func within(before, reach [2]int) bool { return before[0] <= reach[0] && before[1] <= reach[1] }

// inputGradient makes the gradient for a convolution's input a call: it is a convolution, of the gradient for the output with gaps between its pixels, by the
// kernel turned around. No axis may have both a stride and a dilation, nor has it in Keras.
func (r *rewriter) inputGradient(s *stablehlo.Statement, c convolution, target string) bool {
	turned := r.def[s.Inputs[1]]
	if turned == nil || name(turned) != "reverse" || !slices.Equal(numbers(turned, "dimensions", 2), []int{0, 1}) || c.strides != one {
		return false
	}
	around := reach(turned.Outputs[0], c.kernelDilation)
	if !within(c.before, around) || min(c.inputDilation[0], c.kernelDilation[0]) > 1 || min(c.inputDilation[1], c.kernelDilation[1]) > 1 {
		return false
	}
	before := [2]int{around[0] - c.before[0], around[1] - c.before[1]}
	r.call(s, target, kernels.Window{Strides: c.inputDilation, Dilations: c.kernelDilation, Before: before, Out: [2]int(s.Inputs[0].Shape().Dimensions[1:3])}, s.Inputs[0], turned.Inputs[0])
	return true
}

// depthwise makes a convolution of each channel by itself a call: the forward one, or the gradient for its input or its kernel.
func (r *rewriter) depthwise(s *stablehlo.Statement, c convolution) bool {
	x, k, y := s.Inputs[0].Shape().Dimensions, s.Inputs[1], s.Outputs[0].Shape().Dimensions
	each := func(groups string, of, channels int) bool { return of == channels && groups == strconv.Itoa(channels) }
	switch c.labels {
	case "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]":
		if !each(c.groups, x[3], y[3]) || c.batchGroups != "1" {
			return false
		}
		if r.operation(k) != "reverse" {
			if c.inputDilation != one || !within(c.before, reach(k, c.kernelDilation)) {
				return false
			}
			r.call(s, kernels.DepthwiseForward, kernels.Window{Strides: c.strides, Dilations: c.kernelDilation, Before: c.before, Out: [2]int(y[1:3])}, s.Inputs...)
			return true
		}
		return r.inputGradient(s, c, kernels.DepthwiseInputGradient)
	case "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]":
		// The gradient for the kernel is what it is above.
		if !each(c.batchGroups, x[3], y[3]) || c.groups != "1" || c.inputDilation != one || !within(c.before, reach(s.Outputs[0], c.strides)) {
			return false
		}
		r.call(s, kernels.DepthwiseKernelGradient, kernels.Window{Strides: c.kernelDilation, Dilations: c.strides, Before: c.before, Out: [2]int(k.Shape().Dimensions[1:3])}, s.Inputs...)
	default:
		return false
	}
	return true
}

// convolution is what a stablehlo.convolution says.
type convolution struct {
	groups, batchGroups                    string
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
	if strings.Contains(text(s, "window_reversal"), "true") {
		return c, false
	}
	c.groups, c.batchGroups = text(s, "feature_group_count"), text(s, "batch_group_count")
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
	if paddings == nil || min(paddings[0], paddings[2]) < 0 {
		return c, false
	}
	c.before = [2]int{paddings[0], paddings[2]}
	labels, _ := strings.CutPrefix(text(s, "dimension_numbers"), "#stablehlo.conv<")
	c.labels = strings.TrimSuffix(labels, ">")
	return c, true
}
