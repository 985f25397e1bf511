package layers

import (
	"fmt"
	"math"

	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// extents has a number for each axis that a kernel moves along.
type extents interface{ [1]int | [2]int | [3]int }

// list is the numbers as a slice.
func list[A extents](a A) []int {
	out := make([]int, len(a))
	for i := range out {
		out[i] = a[i]
	}
	return out
}

// sized is the size of a kernel, given as one number for all axes or as one for each.
func sized[A extents](size any) A {
	var out A
	switch v := size.(type) {
	case A:
		return v
	case int:
		for i := range len(out) {
			out[i] = v
		}
	}
	return out
}

// windowArguments are those of layers that move a kernel along one, two or three axes.
type windowArguments[A extents] struct {
	KernelSize A       `keras:"kernel_size"`
	Strides    A       `keras:"strides" default:"1"`
	Padding    Padding `keras:"padding" default:"valid"`
	formatConfig
	DilationRate A `keras:"dilation_rate" default:"1"`
}

// largestExtent bounds the arguments, so that products of two of them are still numbers.
const largestExtent = math.MaxInt32

// positive checks the values of an argument that has one for each axis.
func positive(argument string, values []int) error {
	for _, v := range values {
		switch {
		case v <= 0:
			return fmt.Errorf("the `%s` argument must be %d positive integers, got %s", argument, len(values), tuple(values))
		case v > largestExtent:
			return fmt.Errorf("the `%s` argument is %s, want numbers of at most %d", argument, tuple(values), largestExtent)
		}
	}
	return nil
}

// check reports arguments that Keras rejects.
func (c *windowArguments[A]) check() error {
	return firstError(c.checkExtents(), c.Padding.check(), c.DataFormat.check())
}

// checkExtents checks those that have a number for each axis.
func (c *windowArguments[A]) checkExtents() error {
	return firstError(positive("kernel_size", list(c.KernelSize)), positive("strides", list(c.Strides)), positive("dilation_rate", list(c.DilationRate)))
}

// checkEither refuses strides together with dilation.
func (c *windowArguments[A]) checkEither() error {
	strided, dilated := false, false
	for i := range len(c.Strides) {
		strided, dilated = strided || c.Strides[i] > 1, dilated || c.DilationRate[i] > 1
	}
	if strided && dilated {
		return fmt.Errorf("`strides > 1` not supported in conjunction with `dilation_rate > 1`, received strides=%s and dilation_rate=%s",
			tuple(list(c.Strides)), tuple(list(c.DilationRate)))
	}
	return nil
}

// span is the kernel's size along an axis, with its gaps.
func (c *windowArguments[A]) span(i int) int { return (c.KernelSize[i]-1)*c.DilationRate[i] + 1 }

// axes returns the channels' axis and the first of those that the kernel moves along.
func (c *windowArguments[A]) axes() (channels, first int) {
	if c.DataFormat == ChannelsFirst {
		return 1, 2
	}
	return len(c.KernelSize) + 1, 1
}

// windowInput checks an input's number of axes, and returns its shape and the number of its channels.
func (l *layer[L]) windowInput(in *symbolic.Inputs, rank int, format DataFormat) (x symbolic.Shape, channels int, err error) {
	if x, err = one(in); err != nil {
		return nil, 0, err
	}
	if err := firstError(minRank(x, rank+2), exactRank(x, rank+2)); err != nil {
		return nil, 0, err
	}
	axis := -1
	if format == ChannelsFirst {
		axis = 1
	}
	if err := l.knownAxis(x, axis); err != nil {
		return nil, 0, err
	}
	at, _ := x.Axis(axis)
	return x, x[at], nil
}

// outputShape replaces the axes that the kernel moves along and the channels.
func (c *windowArguments[A]) outputShape(x symbolic.Shape, filters int) (symbolic.Shape, error) {
	out := x.Clone()
	channels, first := c.axes()
	for i := range len(c.KernelSize) {
		size, ok := c.Padding.outputSize(x[first+i], c.span(i), c.Strides[i])
		if !ok || size == 0 {
			window := list(c.KernelSize)
			for i := range window {
				window[i] = c.span(i)
			}
			return nil, fmt.Errorf("computed output size would be zero or negative: received input shape %s, window %s, strides %s, padding %q",
				x, tuple(window), tuple(list(c.Strides)), c.Padding)
		}
		out[first+i] = size
	}
	out[channels] = filters
	return out, nil
}

// convolution is that of an input of these dimensions.
func (c *windowArguments[A]) convolution(dims []int) lowering.ConvolutionND {
	_, first := c.axes()
	n := lowering.ConvolutionND{ChannelsFirst: c.DataFormat == ChannelsFirst, Strides: list(c.Strides), Dilations: list(c.DilationRate), Groups: 1}
	for i := range len(c.KernelSize) {
		n.Paddings = append(n.Paddings, c.Padding.amount(dims[first+i], c.span(i), c.Strides[i]))
	}
	return n
}
