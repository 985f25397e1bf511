package serial

import (
	"fmt"
	"math"
	"slices"

	"github.com/gokeras/gokeras/internal/config"
)

// TensorFlow's functions of tf.math and tf.linalg that take more than one of Keras's operations, or shapes.
func init() {
	for name, class := range map[string]string{"math.cumsum": "Cumsum", "math.cumprod": "Cumprod"} {
		defineLate(name+" compat.v1."+name, "x axis exclusive reverse name", func(c *tfCall) error {
			x, err := c.operand("x")
			if err != nil {
				return err
			}
			shape, err := c.shapeOf("x")
			if err != nil {
				return err
			}
			axis, err := c.axis(len(shape))
			if err != nil {
				return err
			}
			along := map[string]any{"axis": axis}
			backwards := c.get("reverse", false) == true
			if backwards {
				x = c.op("Flip", along, x)
			}
			if c.get("exclusive", false) == true {
				key, pads := make([]any, len(shape)), make([]any, len(shape))
				for i := range key {
					key[i], pads[i] = pythonSlice(nil, nil, nil), []any{0, 0}
				}
				key[axis], pads[axis] = pythonSlice(nil, -1, nil), []any{1, 0}
				args := []any{c.op(class, along, c.op("GetItem", nil, x, key))}
				if class == "Cumprod" {
					args = append(args, 1)
				}
				x = c.op("Pad", map[string]any{"pad_width": pads, "mode": "constant"}, args...)
			} else {
				x = c.op(class, along, x)
			}
			if backwards {
				c.op("Flip", along, x)
			}
			return nil
		})
	}
	// Files of TFOpLambda have the equation alone, without the tensors.
	define("einsum", "inputs equation name", func(c *tfCall) error {
		tensors, isList := c.args["inputs"].([]any)
		equation, isText := c.args["equation"].(string)
		if !isList || !isText {
			return fmt.Errorf("an equation without its tensors")
		}
		c.op("Einsum", map[string]any{"subscripts": equation}, tensors...)
		return nil
	})
	define("math.count_nonzero compat.v1.math.count_nonzero", "input axis keepdims dtype name input_tensor", func(c *tfCall) error {
		dtype, ok := c.get("dtype", "int64").(string)
		if !ok {
			return fmt.Errorf("dtype=%v", c.args["dtype"])
		}
		c.op("Sum", map[string]any{"axis": c.args["axis"], "keepdims": c.get("keepdims", false)},
			c.op("Cast", map[string]any{"dtype": dtype}, c.op("NotEqual", nil, c.get("input", c.args["input_tensor"]), 0)))
		return nil
	})
	for name, class := range map[string]string{"inv": "Inv", "det": "Det", "cholesky": "Cholesky"} {
		define("linalg."+name, "input adjoint name", func(c *tfCall) error {
			c.op(class, nil, c.args["input"])
			return c.only("adjoint", false)
		})
	}
	define("linalg.pinv", "a rcond validate_args name", func(c *tfCall) error {
		c.op("Pinv", map[string]any{"rcond": c.args["rcond"]}, c.args["a"])
		return nil
	})
	define("linalg.eigvalsh", "tensor name", func(c *tfCall) error {
		c.op("Copy", nil, c.op("Eigh", nil, c.args["tensor"]))
		return nil
	})
	// The vectors have signs that each library chooses for itself.
	define("linalg.svd compat.v1.svd", "tensor full_matrices compute_uv name", func(c *tfCall) error {
		if c.get("compute_uv", true) != false {
			return fmt.Errorf("compute_uv=True")
		}
		c.op("SVD", map[string]any{"full_matrices": false, "compute_uv": false}, c.args["tensor"])
		return nil
	})
	define("linalg.solve", "matrix rhs adjoint name", func(c *tfCall) error {
		c.op("Solve", nil, c.args["matrix"], c.args["rhs"])
		return c.only("adjoint", false)
	})
	define("linalg.cross", "a b name", func(c *tfCall) error {
		c.op("Cross", nil, c.args["a"], c.args["b"])
		return nil
	})
	define("linalg.matrix_transpose linalg.adjoint", "a name conjugate matrix", func(c *tfCall) error {
		c.op("Swapaxes", map[string]any{"axis1": -2, "axis2": -1}, c.get("a", c.args["matrix"]))
		return nil
	})
	// noNumber gives 0 where a factor is 0, whatever the other one is.
	noNumber := func(c *tfCall, factor, product any) {
		c.op("Where", nil, c.op("Equal", nil, factor, 0), c.op("ZerosLike", nil, product), product)
	}
	define("math.multiply_no_nan", "x y name", func(c *tfCall) error {
		noNumber(c, c.args["y"], c.op("Multiply", nil, c.args["x"], c.args["y"]))
		return nil
	})
	define("math.xlogy", "x y name", func(c *tfCall) error {
		noNumber(c, c.args["x"], c.op("Multiply", nil, c.args["x"], c.op("Log", nil, c.args["y"])))
		return nil
	})
	define("math.xlog1py", "x y name", func(c *tfCall) error {
		noNumber(c, c.args["x"], c.op("Multiply", nil, c.args["x"], c.op("Log1p", nil, c.args["y"])))
		return nil
	})
	define("math.xdivy", "x y name", func(c *tfCall) error {
		noNumber(c, c.args["x"], c.op("TrueDivide", nil, c.args["x"], c.args["y"]))
		return nil
	})
	define("math.polyval", "coeffs x name", func(c *tfCall) error {
		factors, ok := c.args["coeffs"].([]any)
		if !ok || len(factors) == 0 || len(factors) > 100 {
			return fmt.Errorf("coeffs=%v", c.args["coeffs"])
		}
		sum := c.op("Multiply", nil, c.op("ZerosLike", nil, c.args["x"]), factors[0])
		for i, f := range factors {
			if i > 0 {
				sum = c.op("Multiply", nil, sum, c.args["x"])
			}
			sum = c.op("Add", nil, sum, f)
		}
		return nil
	})
	define("dtypes.saturate_cast saturate_cast", "value dtype name", func(c *tfCall) error {
		c.op("SaturateCast", map[string]any{"dtype": c.args["dtype"]}, c.args["value"])
		return nil
	})
	defineLate("split compat.v1.split", "value num_or_size_splits axis num name", func(c *tfCall) error {
		x, shape, err := c.shaped("value")
		if err != nil {
			return err
		}
		axis, err := c.axis(len(shape))
		if err != nil {
			return err
		}
		sizes, err := c.ints("num_or_size_splits")
		if err != nil {
			return err
		}
		k, _ := c.knownAt("num_or_size_splits")
		if len(sizes) == 0 {
			return fmt.Errorf("num_or_size_splits=%v", c.args["num_or_size_splits"])
		}
		var parts any = sizes[0]
		if len(k.shape) == 1 { // Keras has the places where it cuts
			if open := slices.Index(sizes, -1); open >= 0 {
				rest := shape[axis]
				for i, n := range sizes {
					if i != open {
						rest -= n
					}
				}
				if shape[axis] < 0 || rest < 0 {
					return fmt.Errorf("num_or_size_splits=%v of an axis of %d", sizes, shape[axis])
				}
				sizes[open] = rest
			}
			at, cuts := 0, []any{}
			for _, n := range sizes[:len(sizes)-1] {
				at += n
				cuts = append(cuts, at)
			}
			parts = cuts
		}
		c.op("Split", map[string]any{"indices_or_sections": parts, "axis": axis}, x)
		return nil
	})
	defineLate("strided_slice compat.v1.strided_slice", "input_ begin end strides begin_mask end_mask ellipsis_mask new_axis_mask shrink_axis_mask var name", func(c *tfCall) error {
		x, err := c.operand("input_")
		if err != nil {
			return err
		}
		begin, err := c.ints("begin")
		if err != nil {
			return err
		}
		end, err := c.ints("end")
		if err != nil {
			return err
		}
		steps := make([]int, len(begin))
		for i := range steps {
			steps[i] = 1
		}
		if c.args["strides"] != nil {
			if steps, err = c.ints("strides"); err != nil {
				return err
			}
		}
		if len(end) != len(begin) || len(steps) != len(begin) || len(begin) > 32 {
			return fmt.Errorf("begin=%v, end=%v, strides=%v", begin, end, steps)
		}
		has := func(mask string, i int) bool {
			bits, _ := config.AsInt(c.get(mask, 0))
			return bits>>i&1 == 1
		}
		key := make([]any, len(begin))
		for i := range key {
			var start, stop any = begin[i], end[i]
			if has("begin_mask", i) {
				start = nil
			}
			if has("end_mask", i) {
				stop = nil
			}
			switch {
			case has("ellipsis_mask", i):
				key[i] = ellipsis()
			case has("new_axis_mask", i):
				key[i] = nil
			case has("shrink_axis_mask", i):
				key[i] = begin[i]
			default:
				key[i] = pythonSlice(start, stop, steps[i])
			}
		}
		c.op("GetItem", nil, x, key)
		return nil
	})
	defineLate("signal.frame", "signal frame_length frame_step pad_end pad_value axis name", func(c *tfCall) error {
		x, err := c.operand("signal")
		if err != nil {
			return err
		}
		if c.get("pad_end", false) == true {
			shape, err := c.shapeOf("signal")
			length, isLength := config.AsInt(c.args["frame_length"])
			step, isStep := config.AsInt(c.args["frame_step"])
			if err != nil || len(shape) == 0 || shape[len(shape)-1] < 1 || !isLength || !isStep || step < 1 {
				return fmt.Errorf("pad_end of a signal of shape %v", shape)
			}
			n := shape[len(shape)-1]
			pads := make([]any, len(shape))
			for i := range pads {
				pads[i] = []any{0, 0}
			}
			pads[len(pads)-1] = []any{0, max(0, (n+step-1)/step*step-step+length-n)}
			x = c.op("Pad", map[string]any{"pad_width": pads, "mode": "constant"}, x, c.get("pad_value", 0))
		}
		c.op("ExtractSequences", map[string]any{"sequence_length": c.args["frame_length"], "sequence_stride": c.args["frame_step"]}, x)
		return c.only("axis", -1)
	})
	define("math.reciprocal_no_nan", "x name", func(c *tfCall) error {
		c.op("DivideNoNan", nil, 1.0, c.args["x"])
		return nil
	})
	// Complex numbers aren't read, so that all are real.
	define("math.real math.conj", "input name x", func(c *tfCall) error {
		c.op("Copy", nil, c.get("input", c.args["x"]))
		return nil
	})
	for name, class := range map[string]string{"truncatediv": "FloorDivide", "truncatemod": "Mod"} { // towards zero
		define(name, "x y name", func(c *tfCall) error {
			of := func(class, name string, f func(x float64) float64) any {
				if k, ok := asKnown(c.args[name]); ok {
					return k.each("", k.dtype, f).plain()
				}
				return c.op(class, nil, c.args[name])
			}
			sign := func(x float64) float64 {
				if x == 0 {
					return 0
				}
				return math.Copysign(1, x)
			}
			side := of("Sign", "x", sign)
			if class == "FloorDivide" {
				side = c.op("Multiply", nil, side, of("Sign", "y", sign))
			}
			c.op("Multiply", nil, side, c.op(class, nil, of("Absolute", "x", math.Abs), of("Absolute", "y", math.Abs)))
			return nil
		})
	}
	define("linalg.triangular_solve compat.v1.matrix_triangular_solve", "matrix rhs lower adjoint name", func(c *tfCall) error {
		c.op("SolveTriangular", map[string]any{"lower": c.get("lower", true)}, c.args["matrix"], c.args["rhs"])
		return c.only("adjoint", false)
	})
}
