package serial

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
)

// Functions of TensorFlow that pick elements and put them elsewhere.
func init() {
	defineLate("gather compat.v1.gather gather_v2", "params indices validate_indices name axis batch_dims", func(c *tfCall) error {
		batch, ok := config.AsInt(c.get("batch_dims", 0))
		if !ok {
			return fmt.Errorf("batch_dims=%v", c.args["batch_dims"])
		}
		at, err := c.shapeOf("indices")
		if err != nil {
			return err
		}
		if batch < 0 {
			batch += len(at)
		}
		axis, ok := config.AsInt(c.get("axis", batch))
		if !ok {
			return fmt.Errorf("axis=%v", c.args["axis"])
		}
		params, err := c.operand("params")
		if err != nil {
			return err
		}
		indices, err := c.operand("indices")
		if err != nil {
			return err
		}
		if batch == 0 {
			c.op("Take", map[string]any{"axis": axis}, params, indices)
			return nil
		}
		from, err := c.shapeOf("params")
		if err != nil {
			return err
		}
		if axis, err = axisOf(axis, len(from)); err != nil {
			return err
		}
		return c.gatherBatch(params, from, indices, at, axis, batch)
	})
	defineLate("gather_nd compat.v1.gather_nd", "params indices name batch_dims bad_indices_policy", func(c *tfCall) error {
		batch, ok := config.AsInt(c.get("batch_dims", 0))
		from, err := c.shapeOf("params")
		if err != nil {
			return err
		}
		at, err := c.shapeOf("indices")
		if err != nil {
			return err
		}
		if !ok || batch < 0 || batch > 1 || len(at) <= batch || at[len(at)-1] < 1 || at[len(at)-1] > len(from)-batch {
			return fmt.Errorf("params of shape %v, indices of shape %v, batch_dims=%v", from, at, c.args["batch_dims"])
		}
		n := at[len(at)-1]
		params, err := c.operand("params")
		if err != nil {
			return err
		}
		indices, err := c.operand("indices")
		if err != nil {
			return err
		}
		// The indices into axes that are made one.
		var place any
		var sum *known
		fixed, _ := asKnown(c.args["indices"])
		if fixed != nil && !fixed.settled() {
			fixed = nil
		}
		step := 1
		for i := n - 1; i >= 0; i-- {
			if step < 0 {
				return fmt.Errorf("params of shape %v", from)
			}
			if fixed != nil {
				part, err := fixed.item([]any{ellipsis(), i})
				if err != nil {
					return err
				}
				part = part.each("", "int32", func(v float64) float64 { return v * float64(step) })
				if sum == nil {
					sum = part
				} else if sum, err = together(sum, part, "", func(x, y float64) float64 { return x + y }); err != nil {
					return err
				}
				place = sum.plain()
			} else {
				part := c.op("GetItem", nil, indices, []any{ellipsis(), i})
				if step != 1 {
					part = c.op("Multiply", nil, part, step)
				}
				if place == nil {
					place = part
				} else {
					place = c.op("Add", nil, place, part)
				}
			}
			if d := from[batch+i]; d < 0 {
				step = -1
			} else {
				step *= d
			}
		}
		if n > 1 {
			shape := slices.Concat(from[:batch], []int{step}, from[batch+n:])
			if !oneOpen(shape) {
				return fmt.Errorf("params of shape %v", from)
			}
			params, from = c.op("Reshape", map[string]any{"newshape": toList(shape)}, params), shape
		}
		if batch == 0 {
			c.op("Take", map[string]any{"axis": 0}, params, place)
			return nil
		}
		return c.gatherBatch(params, from, place, at[:len(at)-1], 1, 1)
	})
	defineLate("scatter_nd", "indices updates shape name bad_indices_policy", func(c *tfCall) error {
		shape, err := c.ints("shape")
		if err != nil {
			return err
		}
		indices, err := c.operand("indices")
		if err != nil {
			return err
		}
		updates, err := c.operand("updates")
		if err == nil {
			c.op("Scatter", map[string]any{"shape": toList(shape)}, indices, updates)
		}
		return err
	})
	for name, reduction := range map[string]any{"update": nil, "add": "add", "max": "max", "min": "min", "sub": "sub"} {
		defineLate("tensor_scatter_nd_"+name, "tensor indices updates name bad_indices_policy", func(c *tfCall) error {
			var operands [3]any
			for i, arg := range []string{"tensor", "indices", "updates"} {
				var err error
				if operands[i], err = c.operand(arg); err != nil {
					return err
				}
			}
			if reduction == "sub" {
				c.op("ScatterUpdate", map[string]any{"reduction": "add"}, operands[0], operands[1], c.op("Negative", nil, operands[2]))
				return nil
			}
			c.op("ScatterUpdate", map[string]any{"reduction": reduction}, operands[0], operands[1], operands[2])
			return nil
		})
	}
	defineLate("boolean_mask compat.v1.boolean_mask", "tensor mask name axis", func(c *tfCall) error {
		mask, err := c.knownAt("mask")
		if err != nil || len(mask.shape) != 1 || !mask.settled() {
			return fmt.Errorf("a mask that isn't a list of booleans")
		}
		x, err := c.operand("tensor")
		if err != nil {
			return err
		}
		kept := []any{}
		for i, n := range mask.flat {
			if n.value != 0 {
				kept = append(kept, i)
			}
		}
		c.op("Take", map[string]any{"axis": c.get("axis", 0)}, x, kept)
		return nil
	})
	defineLate("sequence_mask", "lengths maxlen dtype name", func(c *tfCall) error {
		n, err := c.knownAt("maxlen")
		if err != nil || len(n.flat) != 1 {
			return fmt.Errorf("maxlen=%v", c.args["maxlen"])
		}
		lengths, err := c.operand("lengths")
		if err != nil {
			return err
		}
		steps, _, err := c.steps(n.flat[0])
		if err != nil {
			return err
		}
		mask := c.op("Greater", nil, c.op("ExpandDims", map[string]any{"axis": -1}, lengths), steps)
		if dtype, ok := c.args["dtype"].(string); ok && dtype != "bool" {
			c.op("Cast", map[string]any{"dtype": dtype}, mask)
		}
		return nil
	})
	defineLate("linalg.diag compat.v1.matrix_diag", "diagonal name k num_rows num_cols padding_value align", func(c *tfCall) error {
		shape, err := c.shapeOf("diagonal")
		if err != nil {
			return err
		}
		if len(shape) == 0 || shape[len(shape)-1] < 0 {
			return fmt.Errorf("a diagonal of shape %v", shape)
		}
		n := shape[len(shape)-1]
		x, err := c.operand("diagonal")
		if err != nil {
			return err
		}
		eye, err := newKnown("float32", []int{n, n}, func(i int) float64 {
			if i/n == i%n {
				return 1
			}
			return 0
		})
		if err != nil {
			return err
		}
		if err := c.only("k", 0, "num_rows", -1, "num_cols", -1, "padding_value", 0); err != nil {
			return err
		}
		// Chosen, not multiplied, so that infinities don't spread.
		eye.dtype = "bool"
		row := c.op("ExpandDims", map[string]any{"axis": -1}, x)
		c.op("Where", nil, eye.plain(), row, c.op("ZerosLike", nil, row))
		return nil
	})
	defineLate("linalg.diag_part", "input name k padding_value align", func(c *tfCall) error {
		x, err := c.operand("input")
		if err == nil {
			c.op("Diagonal", map[string]any{"offset": 0, "axis1": -2, "axis2": -1}, x)
			err = c.only("k", 0)
		}
		return err
	})
	defineLate("linalg.set_diag", "input diagonal name k align", func(c *tfCall) error {
		x, shape, err := c.shaped("input")
		if err != nil {
			return err
		}
		d, err := c.operand("diagonal")
		if err != nil {
			return err
		}
		n := len(shape)
		if n < 2 || shape[n-1] < 0 || shape[n-1] != shape[n-2] {
			return fmt.Errorf("matrices of shape %v", shape)
		}
		eye, err := newKnown("bool", []int{shape[n-1], shape[n-1]}, func(i int) float64 {
			if i/shape[n-1] == i%shape[n-1] {
				return 1
			}
			return 0
		})
		if err != nil {
			return err
		}
		c.op("Where", nil, eye.plain(), c.op("ExpandDims", map[string]any{"axis": -1}, d), x)
		return c.only("k", 0)
	})
}

func ellipsis() map[string]any {
	return map[string]any{"class_name": "__ellipsis__", "config": map[string]any{}}
}

// oneOpen reports that at most one size isn't known.
func oneOpen(shape []int) bool {
	open := 0
	for _, d := range shape {
		if d < 0 {
			open++
		}
	}
	return open < 2
}

// gatherBatch picks along an axis of params, whose first axes are those of indices.
func (c *tfCall) gatherBatch(params any, from []int, indices any, at []int, axis, batch int) error {
	if len(at) < batch || len(from) <= axis || axis < batch {
		return fmt.Errorf("params of shape %v, indices of shape %v, axis=%d, batch_dims=%d", from, at, axis, batch)
	}
	picked := slices.Clone(at[batch:])
	switch {
	case len(picked) == 0:
		indices = c.op("ExpandDims", map[string]any{"axis": -1}, indices)
	case len(picked) > 1:
		n := 1
		for _, d := range picked {
			if n *= d; d < 0 {
				return fmt.Errorf("indices of shape %v", at)
			}
		}
		shape := append(slices.Clone(at[:batch]), n)
		if !oneOpen(shape) {
			return fmt.Errorf("indices of shape %v", at)
		}
		indices = c.op("Reshape", map[string]any{"newshape": toList(shape)}, indices)
	}
	for i := batch; i < axis; i++ {
		indices = c.op("ExpandDims", map[string]any{"axis": i}, indices)
	}
	for i := axis + 1; i < len(from); i++ {
		indices = c.op("ExpandDims", map[string]any{"axis": -1}, indices)
	}
	out := c.op("TakeAlongAxis", map[string]any{"axis": axis}, params, indices)
	switch {
	case len(picked) == 0:
		c.op("Squeeze", map[string]any{"axis": axis}, out)
	case len(picked) > 1:
		shape := slices.Concat(from[:axis], picked, from[axis+1:])
		if !oneOpen(shape) {
			return fmt.Errorf("params of shape %v", from)
		}
		c.op("Reshape", map[string]any{"newshape": toList(shape)}, out)
	}
	return nil
}
