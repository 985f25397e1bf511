package serial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// TensorFlow's functions that make images larger: transposed convolutions, and blocks of images that become samples; and parts of images in one size.
func init() {
	names := func(list string) string {
		return list + " compat.v1." + strings.ReplaceAll(list, " ", " compat.v1.")
	}
	for name, rank := range map[string]int{"conv1d_transpose": 1, "conv2d_transpose": 2, "conv3d_transpose": 3, "conv_transpose": 0, "atrous_conv2d_transpose": 2} {
		defineLate(names("nn."+name), "input filters output_shape strides padding data_format dilations name filter value rate", func(c *tfCall) error { return c.convolveBack(rank) })
	}
	for _, name := range []string{"space_to_batch_nd", "space_to_batch", "batch_to_space_nd", "batch_to_space"} {
		back := strings.HasPrefix(name, "batch")
		defineLate(names(name)+" nn."+name, "input block_shape paddings crops name block_size", func(c *tfCall) error {
			sizes, err := c.ints(map[bool]string{false: "block_shape", true: "block_size"}[c.args["block_shape"] == nil])
			if err != nil {
				return err
			}
			around, err := c.knownAt("paddings crops")
			if err != nil || len(around.shape) != 2 || around.shape[1] != 2 || !around.settled() {
				return fmt.Errorf("paddings=%v, crops=%v", c.args["paddings"], c.args["crops"])
			}
			if len(sizes) == 1 && around.shape[0] > 1 {
				sizes = slices.Repeat(sizes, around.shape[0])
			}
			shape, err := c.shapeOf("input")
			if err != nil {
				return err
			}
			blocks := 1
			for _, n := range sizes {
				if n < 1 || blocks > maxParts/n {
					return fmt.Errorf("block_shape=%v", sizes)
				}
				blocks *= n
			}
			if len(sizes) != around.shape[0] || len(shape) < len(sizes)+1 {
				return fmt.Errorf("block_shape=%v, paddings of %d axes and an input of shape %v", sizes, around.shape[0], shape)
			}
			if back {
				return c.batchToSpace(shape, sizes, around)
			}
			return c.spaceToBatch(shape, sizes, around, blocks)
		})
	}
	defineLate("image.crop_and_resize compat.v1.image.crop_and_resize", "image boxes box_indices crop_size method extrapolation_value name box_ind", func(c *tfCall) error {
		x, shape, err := c.sizedImage("image")
		if err != nil {
			return err
		}
		size, err := c.ints("crop_size")
		if err != nil || len(size) != 2 || min(size[0], size[1]) < 1 || len(shape) != 4 {
			return fmt.Errorf("crop_size=%v of images of shape %v", c.args["crop_size"], shape)
		}
		boxes, err := c.operand("boxes")
		if err != nil {
			return err
		}
		at := "box_indices"
		if c.args[at] == nil {
			at = "box_ind"
		}
		from, err := c.operand(at)
		if err != nil {
			return err
		}
		method := c.get("method", "bilinear")
		beyond, ok := config.AsFloat(c.get("extrapolation_value", 0.0))
		if !ok || method != "bilinear" && method != "nearest" {
			return fmt.Errorf("method=%v, extrapolation_value=%v", method, c.args["extrapolation_value"])
		}
		x = c.op("Take", map[string]any{"axis": 0}, c.op("Cast", map[string]any{"dtype": "float32"}, x), from)
		var inside any
		for axis, subscripts := range []string{"bhwc,bhm->bmwc", "bhwc,bwm->bhmc"} {
			n, m := shape[1+axis], size[axis]
			item := func(i int) any {
				return c.op("ExpandDims", map[string]any{"axis": 1}, c.op("GetItem", nil, boxes, []any{ellipsis(), i}))
			}
			low, high := item(axis), item(axis+2)
			place := c.op("Multiply", nil, c.op("Add", nil, low, high), float64(n-1)/2)
			if m > 1 {
				steps, err := newKnown("float32", []int{m}, func(i int) float64 { return float64(i) })
				if err != nil {
					return err
				}
				step := c.op("TrueDivide", nil, c.op("Multiply", nil, c.op("Subtract", nil, high, low), float64(n-1)), float64(m-1))
				place = c.op("Add", nil, c.op("Multiply", nil, low, float64(n-1)), c.op("Multiply", nil, step, steps.plain()))
			}
			here := c.op("LogicalAnd", nil, c.op("GreaterEqual", nil, place, 0.0), c.op("LessEqual", nil, place, float64(n-1)))
			rows, err := newKnown("float32", []int{n, 1}, func(i int) float64 { return float64(i) })
			if err != nil {
				return err
			}
			if method == "nearest" { // halves away from zero
				place = c.op("Floor", nil, c.op("Add", nil, place, 0.5))
			}
			// Of two neighbours each counts by how near it is.
			far := c.op("Absolute", nil, c.op("Subtract", nil, c.op("ExpandDims", map[string]any{"axis": 1}, place), rows.plain()))
			x = c.op("Einsum", map[string]any{"subscripts": subscripts}, x, c.op("Relu", nil, c.op("Subtract", nil, 1.0, far)))
			here = c.op("ExpandDims", map[string]any{"axis": 2 - axis}, here)
			if inside == nil {
				inside = here
			} else {
				inside = c.op("LogicalAnd", nil, inside, here)
			}
		}
		c.op("Where", nil, c.op("ExpandDims", map[string]any{"axis": -1}, inside), x, beyond)
		return nil
	})
}

// spaceToBatch takes every so-many-th element of each axis as samples of their own, those of one place in the blocks after those of another.
func (c *tfCall) spaceToBatch(shape, sizes []int, around *known, blocks int) error {
	x, err := c.operand("input")
	if err != nil {
		return err
	}
	pads := make([]any, len(shape))
	for i := range pads {
		pads[i] = []any{0, 0}
		if i > 0 && i <= len(sizes) {
			before, after := int(around.flat[2*i-2].value), int(around.flat[2*i-1].value)
			if shape[i] >= 0 && (shape[i]+before+after)%sizes[i-1] != 0 || min(before, after) < 0 {
				return fmt.Errorf("paddings=%v of an input of shape %v for blocks of %v", around.plain(), shape, sizes)
			}
			pads[i] = []any{before, after}
		}
	}
	x = c.op("Pad", map[string]any{"pad_width": pads, "mode": "constant"}, x)
	parts := make([]any, blocks)
	for at := range parts {
		key, rest := make([]any, len(sizes)+1), at
		for i := len(sizes) - 1; i >= 0; i-- {
			key[i+1] = pythonSlice(rest%sizes[i], nil, sizes[i])
			rest /= sizes[i]
		}
		key[0] = pythonSlice(nil, nil, nil)
		parts[at] = c.op("GetItem", nil, x, key)
	}
	c.op("Concatenate", map[string]any{"axis": 0}, parts)
	return nil
}

// batchToSpace is the way back, for axes of known sizes.
func (c *tfCall) batchToSpace(shape, sizes []int, around *known) error {
	x, err := c.operand("input")
	if err != nil {
		return err
	}
	if slices.Contains(shape[1:], symbolic.None) {
		return fmt.Errorf("an input of shape %v", shape)
	}
	n := len(sizes)
	apart := append(toList(sizes), -1)
	apart = append(apart, toList(shape[1:])...)
	order, joined, key := []any{n}, []any{-1}, []any{pythonSlice(nil, nil, nil)}
	for i, block := range sizes {
		order = append(order, n+1+i, i)
		whole := block * shape[1+i]
		before, after := int(around.flat[2*i].value), int(around.flat[2*i+1].value)
		if min(before, after) < 0 || before+after >= whole {
			return fmt.Errorf("crops=%v of an axis of %d", around.plain(), whole)
		}
		joined, key = append(joined, whole), append(key, pythonSlice(before, whole-after, nil))
	}
	for i := n + 1; i < len(shape); i++ {
		order, joined = append(order, n+i), append(joined, shape[i])
	}
	x = c.op("Transpose", map[string]any{"axes": order}, c.op("Reshape", map[string]any{"newshape": apart}, x))
	c.op("GetItem", nil, c.op("Reshape", map[string]any{"newshape": joined}, x), key)
	return nil
}

// convolveBack is a transposed convolution, as a convolution of the input with zeros between its elements by the kernel turned round.
func (c *tfCall) convolveBack(want int) error {
	x, rank, format, err := c.spatial()
	if err != nil {
		return err
	}
	if want != 0 && rank != want || rank > 3 {
		return fmt.Errorf("an input of %d axes", rank+2)
	}
	name := "input"
	if c.args[name] == nil {
		name = "value"
	}
	shape, err := c.shapeOf(name)
	if err != nil {
		return err
	}
	first := format == "channels_first"
	numbers := func(what string, v any) ([]int, error) {
		got, err := along(v, rank, first)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		if list := axesIn(listOf(got)); len(list) == rank {
			return list, nil
		} else if len(list) == 1 {
			return slices.Repeat(list, rank), nil
		}
		return nil, fmt.Errorf("%s=%v", what, got)
	}
	strides, err := numbers("strides", c.args["strides"])
	if err != nil {
		return err
	}
	dilation, err := numbers("dilations", c.get("dilations", c.args["rate"]))
	if err != nil {
		return err
	}
	padding, err := padded(c.get("padding", "SAME"))
	if err != nil {
		return err
	}
	to, err := c.knownAt("output_shape")
	if err != nil || len(to.shape) != 1 || len(to.flat) != rank+2 && len(to.flat) != rank {
		return fmt.Errorf("output_shape=%v", c.args["output_shape"])
	}
	kernel, sizes, err := c.turned(rank)
	if err != nil {
		return err
	}
	begin := 1
	if first {
		begin = 2
	}
	pads, key := make([]any, rank+2), make([]any, rank+2)
	for i := range pads {
		pads[i], key[i] = []any{0, 0}, pythonSlice(nil, nil, nil)
	}
	for i := range rank {
		n, span, s := shape[begin+i], (sizes[i]-1)*dilation[i]+1, strides[i]
		out := to.flat[len(to.flat)-rank+i]
		if len(to.flat) == rank+2 {
			out = to.flat[begin+i]
		}
		if n < 1 || out.size != nil || s < 1 {
			return fmt.Errorf("an input of shape %v, of which not all sizes are known, or an output_shape that isn't", shape)
		}
		m, before := int(out.value), 0
		fits := m/s == n-1 && m%s > 0 || m == n*s
		if padding == "valid" {
			fits = m >= span && (m-span)/s == n-1
		} else {
			before = max((n-1)*s+span-m, 0) / 2
		}
		if !fits {
			return fmt.Errorf("an output_shape with %d elements along an axis of %d", m, n)
		}
		after := m + before - (n*s - s + 1) // beyond the last element that isn't between two
		pads[begin+i] = []any{span - 1 - before, max(after, 0)}
		if after < 0 {
			key[begin+i] = pythonSlice(nil, m, nil)
		}
		if s == 1 {
			continue
		}
		apart := make([]any, rank+3)
		for j := range apart {
			apart[j] = []any{0, 0}
		}
		apart[begin+i+1] = []any{0, s - 1}
		whole := slices.Clone(shape)
		whole[begin+i] = n * s
		shape = whole
		if !oneOpen(whole) {
			return fmt.Errorf("an input of shape %v", whole)
		}
		x = c.op("Pad", map[string]any{"pad_width": apart, "mode": "constant"}, c.op("ExpandDims", map[string]any{"axis": begin + i + 1}, x))
		x = c.op("Reshape", map[string]any{"newshape": toList(whole)}, x)
		cut := slices.Clone(key)
		for j := range cut {
			cut[j] = pythonSlice(nil, nil, nil)
		}
		cut[begin+i] = pythonSlice(nil, n*s-s+1, nil)
		shape[begin+i] = n*s - s + 1
		x = c.op("GetItem", nil, x, cut)
	}
	x = c.op("Pad", map[string]any{"pad_width": pads, "mode": "constant"}, x)
	x = c.op("Conv", map[string]any{"strides": 1, "padding": "valid", "data_format": format, "dilation_rate": firstOf(toList(dilation))}, x, kernel)
	c.op("GetItem", nil, x, key)
	return nil
}

// turned is the kernel of a transposed convolution turned round, with its channels and filters exchanged, and its sizes.
func (c *tfCall) turned(rank int) (kernel any, sizes []int, err error) {
	name := "filters"
	if c.args[name] == nil {
		name = "filter"
	}
	shape, err := c.shapeOf(name)
	if err != nil {
		return nil, nil, err
	}
	if len(shape) != rank+2 || slices.Contains(shape, symbolic.None) {
		return nil, nil, fmt.Errorf("a kernel of shape %v", shape)
	}
	sizes = shape[:rank]
	if k, ok := asKnown(c.args[name]); ok && k.settled() {
		steps := strides(shape)
		k, err = k.picked(append(slices.Clone(sizes), shape[rank+1], shape[rank]), func(at []int) int {
			index := at[rank]*steps[rank+1] + at[rank+1]*steps[rank]
			for i, d := range sizes {
				index += (d - 1 - at[i]) * steps[i]
			}
			return index
		})
		if err != nil {
			return nil, nil, err
		}
		return k.plain(), sizes, nil
	}
	var order, turn []any
	for i := range rank {
		order, turn = append(order, i), append(turn, i)
	}
	kernel = c.op("Flip", map[string]any{"axis": turn}, c.args[name])
	return c.op("Transpose", map[string]any{"axes": append(order, rank+1, rank)}, kernel), sizes, nil
}
