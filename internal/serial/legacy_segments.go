package serial

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// TensorFlow's functions of rows that belong together, of places in sequences, and of bits.
func init() {
	for _, kind := range []string{"sum", "prod", "max", "min", "mean", "sqrt_n"} { // the last one of unsorted segments alone
		defineLate("math.segment_"+kind+" compat.v1.segment_"+kind, "data segment_ids name", func(c *tfCall) error {
			ids, err := c.knownAt("segment_ids")
			if err != nil || len(ids.flat) == 0 || !ids.settled() {
				return fmt.Errorf("as many segments as only the running program knows")
			}
			last := 0.0
			for _, n := range ids.flat {
				last = math.Max(last, n.value)
			}
			return c.segments(kind, int(last)+1, 0)
		})
		defineLate("math.unsorted_segment_"+kind+" compat.v1.unsorted_segment_"+kind, "data segment_ids num_segments name", func(c *tfCall) error {
			n, err := c.ints("num_segments")
			if err != nil || len(n) != 1 {
				return fmt.Errorf("num_segments=%v", c.args["num_segments"])
			}
			return c.segments(kind, n[0], math.MaxFloat32)
		})
	}
	defineLate("searchsorted", "sorted_sequence values side out_type name", func(c *tfCall) error {
		sequence, err := c.expanded("sorted_sequence", -2)
		if err != nil {
			return err
		}
		values, err := c.expanded("values", -1)
		if err != nil {
			return err
		}
		below := map[any]string{"left": "Greater", "right": "GreaterEqual"}[c.get("side", "left")]
		dtype, ok := c.get("out_type", "int32").(string)
		if below == "" || !ok {
			return fmt.Errorf("side=%v, out_type=%v", c.args["side"], c.args["out_type"])
		}
		// A place is how many elements there are before it.
		isBelow := c.op(below, nil, values, sequence)
		c.op("Sum", map[string]any{"axis": -1, "keepdims": false}, c.op("Cast", map[string]any{"dtype": dtype}, isBelow))
		return nil
	})
	defineLate("reverse_sequence compat.v1.reverse_sequence", "input seq_lengths seq_axis batch_axis name seq_dim batch_dim", func(c *tfCall) error {
		x, shape, err := c.shaped("input")
		if err != nil {
			return err
		}
		lengths, err := c.operand("seq_lengths")
		if err != nil {
			return err
		}
		axis, isAxis := config.AsInt(c.get("seq_axis", c.get("seq_dim", 0)))
		batch, isBatch := config.AsInt(c.get("batch_axis", c.get("batch_dim", 0)))
		if !isAxis || !isBatch || batch != 0 || axis < 1 || axis >= len(shape) {
			return fmt.Errorf("seq_axis=%v, batch_axis=%v", axis, batch)
		}
		sizes, err := c.sizesOf("input")
		if err != nil {
			return err
		}
		steps, _, err := c.steps(sizes.flat[axis])
		if err != nil {
			return err
		}
		end := c.op("ExpandDims", map[string]any{"axis": 1}, c.op("Cast", map[string]any{"dtype": "float32"}, lengths))
		back := c.op("Subtract", nil, c.op("Subtract", nil, end, 1.0), steps)
		at := c.op("Where", nil, c.op("Less", nil, steps, end), back, steps)
		return c.gatherBatch(x, shape, c.op("Cast", map[string]any{"dtype": "int32"}, at), []int{shape[0], shape[axis]}, axis, 1)
	})
	for name, class := range map[string]string{"bitwise_and": "BitwiseAnd", "bitwise_or": "BitwiseOr", "bitwise_xor": "BitwiseXor", "left_shift": "BitwiseLeftShift", "right_shift": "BitwiseRightShift"} {
		defineLate("bitwise."+name, "x y name", func(c *tfCall) error {
			var args [2]any
			for i, name := range []string{"x", "y"} {
				args[i] = c.args[name]
				if k, ok := asKnown(args[i]); ok && k.settled() { // Keras has no numbers there
					args[i] = map[string]any{"class_name": "__numpy__", "config": map[string]any{"value": k.plain(), "dtype": c.dtypeOf([]string{"y", "x"}[i])}}
				}
			}
			c.op(class, nil, args[0], args[1])
			return nil
		})
	}
	define("bitwise.invert", "x name", func(c *tfCall) error {
		c.op("BitwiseInvert", nil, c.args["x"])
		return nil
	})
	for _, name := range []string{"dct", "idct"} {
		defineLate("signal."+name, "input type n axis norm name", func(c *tfCall) error {
			kind, ok := config.AsInt(c.get("type", 2))
			if !ok || kind < 1 || kind > 4 {
				return fmt.Errorf("type=%v", c.args["type"])
			}
			if name == "idct" {
				kind = []int{1, 3, 2, 4}[kind-1]
			}
			return c.cosines(kind, c.args["norm"] == "ortho")
		})
	}
}

// expanded is an argument with one more axis.
func (c *tfCall) expanded(name string, axis int) (any, error) {
	if k, ok := asKnown(c.args[name]); ok && k.settled() {
		k, err := stacked([]*known{k}, axis)
		if err != nil {
			return nil, err
		}
		return k.plain(), nil
	}
	x, err := c.operand(name)
	return c.op("ExpandDims", map[string]any{"axis": axis}, x), err
}

// segments reduces the rows of each segment; largest is what the largest of no rows is, with a minus, and the smallest.
func (c *tfCall) segments(kind string, n int, largest float64) error {
	x, shape, err := c.shaped("data")
	if err != nil {
		return err
	}
	at, ids, err := c.shaped("segment_ids")
	if err != nil {
		return err
	}
	if len(ids) > len(shape) || len(ids) == 0 {
		return fmt.Errorf("data of shape %v, segment_ids of shape %v", shape, ids)
	}
	rest := append([]int{symbolic.None}, shape[len(ids):]...)
	if len(ids) > 1 {
		if !oneOpen(rest) {
			return fmt.Errorf("data of shape %v", shape)
		}
		x = c.op("Reshape", map[string]any{"newshape": toList(rest)}, x)
		at = c.op("Reshape", map[string]any{"newshape": []any{-1}}, at)
	}
	over := map[string]any{"num_segments": n, "sorted": false}
	class := "SegmentSum"
	if slices.Contains([]string{"prod", "max", "min"}, kind) {
		class = "Segment" + strings.ToUpper(kind[:1]) + kind[1:]
	}
	reduced := c.op(class, over, x, at)
	if kind == "sum" || kind == "prod" {
		return nil
	}
	// A tensor for each row, so that there is one where the ids are constants.
	key := []any{pythonSlice(nil, nil, nil)}
	for range rest[1:] {
		key = append(key, 0)
	}
	ones := c.op("OnesLike", nil, c.op("Cast", map[string]any{"dtype": "float32"}, c.op("GetItem", nil, x, key)))
	counts := c.op("SegmentSum", over, ones, at)
	for range rest[1:] {
		counts = c.op("ExpandDims", map[string]any{"axis": -1}, counts)
	}
	switch dtype := c.dtypeOf("data"); {
	case kind == "mean" || kind == "sqrt_n":
		counts = c.op("Maximum", nil, counts, 1.0)
		if kind == "sqrt_n" {
			counts = c.op("Sqrt", nil, counts)
		}
		c.op("TrueDivide", nil, reduced, counts)
	case dtype == "float32":
		if kind == "max" {
			largest = -largest
		}
		c.op("Where", nil, c.op("Greater", nil, counts, 0.0), reduced, largest)
	case largest == 0 || isFloatType(dtype):
		return fmt.Errorf("data of type %s", dtype)
	default: // the smallest and largest whole numbers are what Keras has there
		c.outputs = []any{reduced}
	}
	return nil
}

// cosines is a discrete cosine transform along the last axis, as a product with its matrix.
func (c *tfCall) cosines(kind int, orthogonal bool) error {
	shape, err := c.shapeOf("input")
	if err != nil {
		return err
	}
	if err := c.only("axis", -1, "n", nil); err != nil {
		return err
	}
	if len(shape) == 0 || shape[len(shape)-1] < 1 || kind == 1 && (orthogonal || shape[len(shape)-1] < 2) {
		return fmt.Errorf("an input of shape %v", shape)
	}
	x, err := c.operand("input")
	if err != nil {
		return err
	}
	n := shape[len(shape)-1]
	matrix, err := newKnown("float32", []int{n, n}, func(index int) float64 {
		from, to := float64(index/n), float64(index%n)
		v := 2.0
		switch kind {
		case 1:
			if from == 0 || int(from) == n-1 {
				v = 1
			}
			return v * math.Cos(math.Pi*from*to/float64(n-1))
		case 2:
			if v *= math.Cos(math.Pi * (2*from + 1) * to / float64(2*n)); orthogonal {
				v *= math.Sqrt(0.5 / float64(n))
				if to == 0 {
					v *= math.Sqrt(0.5)
				}
			}
		case 3:
			if from == 0 {
				v = 1
			}
			if v *= math.Cos(math.Pi * (2*to + 1) * from / float64(2*n)); orthogonal {
				v *= math.Sqrt(0.5 / float64(n))
				if from == 0 {
					v *= math.Sqrt2
				}
			}
		case 4:
			if v *= math.Cos(math.Pi * (2*to + 1) * (2*from + 1) / float64(4*n)); orthogonal {
				v *= math.Sqrt(0.5 / float64(n))
			}
		}
		return v
	})
	if err == nil {
		c.op("Matmul", nil, x, matrix.plain())
	}
	return err
}
