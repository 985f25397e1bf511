package layers

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// Padding tells what a window does at the border of an image (Keras: padding=).
type Padding string

// Keras's paddings.
const (
	Valid = "valid" // windows lie inside the image
	Same  = "same"  // the image is padded so that stride 1 keeps its size
	// Causal is for Conv1D alone: what is added comes before the first step, so that none sees a later one.
	Causal = "causal"
)

// DataFormat tells where the channels of an image are (Keras: data_format=).
type DataFormat string

// Keras's data formats.
const (
	ChannelsLast  = "channels_last"  // (batch, height, width, channels)
	ChannelsFirst = "channels_first" // (batch, channels, height, width)
)

func (p Padding) check() error {
	if p != Valid && p != Same {
		return config.UnknownName("padding", string(p), []string{string(Same), string(Valid)})
	}
	return nil
}

func (f DataFormat) check() error {
	if f != ChannelsLast && f != ChannelsFirst {
		return config.UnknownName("data_format", string(f), []string{string(ChannelsFirst), string(ChannelsLast)})
	}
	return nil
}

// axesOf returns the channels' axis and the first of so many spatial axes, which follow each other.
func (f DataFormat) axesOf(spatial int) (channels, first int) {
	if f == ChannelsFirst {
		return 1, 2
	}
	return spatial + 1, 1
}

// allOf is an argument with the same number for each axis.
func allOf[A extents](value int) (values A) {
	for i := range len(values) {
		values[i] = value
	}
	return values
}

// formatConfig is the argument of layers that take images.
type formatConfig struct {
	DataFormat DataFormat `keras:"data_format" default:"channels_last"`
}

// windowConfig are the arguments of layers that move a window over images.
type windowConfig struct {
	Padding Padding `keras:"padding" default:"valid"`
	formatConfig
}

func (c *windowConfig) check() error {
	if err := c.Padding.check(); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// outputSize is the number of windows of so many elements along an axis of size n; ok
// is false if there is none.
func (p Padding) outputSize(n, window, stride int) (size int, ok bool) {
	switch {
	case n == symbolic.None:
		return symbolic.None, true
	case p == Same, p == Causal:
		return (n + stride - 1) / stride, true
	}
	return (n-window)/stride + 1, n >= window
}

// amount is how many elements are added before and after an axis of size n. The
// odd one goes to the end.
func (p Padding) amount(n, window, stride int) [2]int {
	switch p {
	case Valid:
		return [2]int{}
	case Causal:
		return [2]int{window - 1, 0}
	}
	out, _ := p.outputSize(n, window, stride)
	total := max((out-1)*stride+window-n, 0)
	return [2]int{total / 2, total - total/2}
}

// outputShape replaces the sizes of the spatial axes of x.
func (c *windowConfig) outputShape(x symbolic.Shape, window, strides []int) (symbolic.Shape, error) {
	out := x.Clone()
	_, first := c.DataFormat.axesOf(len(window))
	for i := range window {
		size, ok := c.Padding.outputSize(x[first+i], window[i], strides[i])
		if !ok {
			return nil, fmt.Errorf("computed output size would be zero or negative: received input shape %s, window %s, strides %s, padding %q",
				x, tuple(window), tuple(strides), c.Padding)
		}
		out[first+i] = size
	}
	return out, nil
}

// amounts are the paddings of the spatial axes.
func (c *windowConfig) amounts(dims, window, strides []int) [][2]int {
	_, first := c.DataFormat.axesOf(len(window))
	amounts := make([][2]int, len(window))
	for i := range window {
		amounts[i] = c.Padding.amount(dims[first+i], window[i], strides[i])
	}
	return amounts
}
