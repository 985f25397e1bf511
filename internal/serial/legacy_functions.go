package serial

import (
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
)

// Functions of TensorFlow that are met less often than those beside tfFunctions.
func init() {
	for name, class := range map[string]string{"zeros_like": "ZerosLike", "ones_like": "OnesLike"} {
		define(name, "x dtype name optimize layout", func(c *tfCall) error {
			y := c.op(class, nil, c.args["x"])
			if dtype := c.args["dtype"]; dtype != nil {
				c.op("Cast", map[string]any{"dtype": dtype}, y)
			}
			return nil
		})
	}
	define("sort", "values axis direction name", func(c *tfCall) error {
		axis := c.get("axis", -1)
		y := c.op("Sort", map[string]any{"axis": axis}, c.args["values"])
		if c.args["direction"] == "DESCENDING" {
			c.op("Flip", map[string]any{"axis": axis}, y)
		}
		return nil
	})
	define("argsort", "values axis direction stable name", func(c *tfCall) error {
		// Equal elements keep their order, as in TensorFlow, downwards too.
		x := c.args["values"]
		if c.args["direction"] == "DESCENDING" {
			x = c.op("Negative", nil, x)
		}
		c.op("Argsort", map[string]any{"axis": c.get("axis", -1)}, x)
		return nil
	})
	define("math.top_k", "input k sorted index_type name", func(c *tfCall) error {
		c.op("TopK", map[string]any{"k": c.get("k", 1), "sorted": c.get("sorted", true)}, c.args["input"])
		return nil
	})
	define("broadcast_to", "input shape name", func(c *tfCall) error {
		c.op("BroadcastTo", map[string]any{"shape": c.args["shape"]}, c.args["input"])
		return nil
	})
	define("gather compat.v1.gather", "params indices validate_indices name axis batch_dims", func(c *tfCall) error {
		c.op("Take", map[string]any{"axis": c.get("axis", 0)}, c.args["params"], c.args["indices"])
		if n, ok := config.AsInt(c.get("batch_dims", 0)); !ok || n != 0 {
			return fmt.Errorf("batch_dims=%v", c.args["batch_dims"])
		}
		return nil
	})
	define("clip_by_norm", "t clip_norm axes name", func(c *tfCall) error {
		length := c.op("Sqrt", nil, c.op("Sum", map[string]any{"axis": c.args["axes"], "keepdims": true}, c.op("Square", nil, c.args["t"])))
		c.op("TrueDivide", nil, c.op("Multiply", nil, c.args["t"], c.args["clip_norm"]), c.op("Maximum", nil, length, c.args["clip_norm"]))
		return nil
	})
	define("ensure_shape", "x shape name", func(c *tfCall) error {
		c.op("Copy", nil, c.args["x"])
		return nil
	})
	define("math.reduce_euclidean_norm", "input_tensor axis keepdims name", func(c *tfCall) error {
		c.op("Sqrt", nil, c.op("Sum", map[string]any{"axis": c.args["axis"], "keepdims": c.get("keepdims", false)}, c.op("Square", nil, c.args["input_tensor"])))
		return nil
	})
	for name, axis := range map[string]int{"image.flip_left_right": -2, "image.flip_up_down": -3} {
		define(name, "image", func(c *tfCall) error {
			c.op("Flip", map[string]any{"axis": axis}, c.args["image"])
			return nil
		})
	}
	define("image.grayscale_to_rgb", "images name", func(c *tfCall) error {
		c.op("Repeat", map[string]any{"repeats": 3, "axis": -1}, c.args["images"])
		return nil
	})
	define("linalg.trace", "x name", func(c *tfCall) error {
		c.op("Trace", map[string]any{"offset": 0, "axis1": -2, "axis2": -1}, c.args["x"])
		return nil
	})
	define("linalg.band_part", "input num_lower num_upper name", func(c *tfCall) error {
		lower, isLower := config.AsInt(c.args["num_lower"])
		upper, isUpper := config.AsInt(c.args["num_upper"])
		if !isLower || !isUpper {
			return fmt.Errorf("num_lower=%v, num_upper=%v", c.args["num_lower"], c.args["num_upper"])
		}
		x := c.args["input"]
		if upper >= 0 {
			x = c.op("Tril", map[string]any{"k": upper}, x)
		}
		if lower >= 0 {
			x = c.op("Triu", map[string]any{"k": -lower}, x)
		}
		if upper < 0 && lower < 0 {
			c.op("Copy", nil, x)
		}
		return nil
	})
	define("roll", "input shift axis name", func(c *tfCall) error {
		c.op("Roll", map[string]any{"shift": c.args["shift"], "axis": c.args["axis"]}, c.args["input"])
		return nil
	})
	define("math.scalar_mul compat.v1.math.scalar_mul", "scalar x name", func(c *tfCall) error {
		c.op("Multiply", nil, c.args["x"], c.args["scalar"])
		return nil
	})
	define("slice", "input_ begin size name", func(c *tfCall) error {
		begin, _ := c.args["begin"].([]any)
		size, _ := c.args["size"].([]any)
		key := make([]any, len(begin))
		for i := range begin {
			from, ok := config.AsInt(begin[i])
			if !ok || len(size) != len(begin) {
				return fmt.Errorf("begin=%v, size=%v", c.args["begin"], c.args["size"])
			}
			n, ok := config.AsInt(size[i])
			if !ok {
				return fmt.Errorf("size=%v", size)
			}
			var stop any
			if n >= 0 {
				stop = from + n
			}
			key[i] = map[string]any{"class_name": "__slice__", "config": map[string]any{"start": from, "stop": stop, "step": nil}}
		}
		c.op("GetItem", nil, c.args["input_"], key)
		return nil
	})
	define("tensordot", "a b axes name", func(c *tfCall) error {
		c.op("Tensordot", map[string]any{"axes": c.args["axes"]}, c.args["a"], c.args["b"])
		return nil
	})
}

// alongImage are the two numbers for height and width of one, two, or four for all axes.
func alongImage(v any) any {
	if list, ok := v.([]any); ok && len(list) == 4 {
		return list[1:3]
	}
	return v
}
