package serial

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// TensorFlow's functions of neural networks, tf.nn.
func init() {
	names := func(list string) string {
		all := strings.Fields(list)
		for _, n := range strings.Fields(list) {
			all = append(all, "compat.v1."+n)
		}
		return strings.Join(all, " ")
	}
	for name, rank := range map[string]int{"conv1d": 1, "conv2d": 2, "conv3d": 3, "convolution": 0, "atrous_conv2d": 2} {
		defineLate(names("nn."+name), "input filter strides padding use_cudnn_on_gpu data_format dilations name filters stride value dilation_rate rate", func(c *tfCall) error {
			return c.convolve("Conv", rank, "filters filter")
		})
	}
	defineLate(names("nn.depthwise_conv2d"), "input filter strides padding rate name data_format dilations", func(c *tfCall) error {
		return c.convolve("DepthwiseConv", 2, "filter")
	})
	defineLate(names("nn.separable_conv2d"), "input depthwise_filter pointwise_filter strides padding rate name data_format dilations", func(c *tfCall) error {
		return c.convolve("SeparableConv", 2, "depthwise_filter", "pointwise_filter")
	})
	for name, class := range map[string]string{"max_pool": "MaxPool", "avg_pool": "AveragePool"} {
		for rank := range 4 {
			suffix := fmt.Sprintf("%dd", rank)
			if rank == 0 {
				suffix = ""
			}
			defineLate(names("nn."+name+suffix), "input ksize strides padding data_format name value", func(c *tfCall) error {
				return c.pool(class, c.args["ksize"], c.args["strides"])
			})
		}
	}
	defineLate(names("nn.pool"), "input window_shape pooling_type padding dilation_rate strides name data_format dilations", func(c *tfCall) error {
		class := map[any]string{"MAX": "MaxPool", "AVG": "AveragePool"}[c.args["pooling_type"]]
		if class == "" {
			return fmt.Errorf("pooling_type=%v", c.args["pooling_type"])
		}
		for _, name := range []string{"dilation_rate", "dilations"} {
			if n, err := c.ints(name); c.args[name] != nil && (err != nil || slices.Max(append(n, 1)) != 1) {
				return fmt.Errorf("%s=%v", name, c.args[name])
			}
		}
		return c.pool(class, c.args["window_shape"], c.get("strides", 1))
	})
	defineLate(names("nn.local_response_normalization nn.lrn"), "input depth_radius bias alpha beta name", func(c *tfCall) error {
		x, err := c.operand("input")
		if err != nil {
			return err
		}
		shape, err := c.shapeOf("input")
		if err != nil || len(shape) == 0 || shape[len(shape)-1] < 1 {
			return fmt.Errorf("an input of shape %v", shape)
		}
		radius, isRadius := config.AsInt(c.get("depth_radius", 5))
		bias, isBias := config.AsFloat(c.get("bias", 1.0))
		alpha, isAlpha := config.AsFloat(c.get("alpha", 1.0))
		beta, isBeta := config.AsFloat(c.get("beta", 0.5))
		if !isRadius || !isBias || !isAlpha || !isBeta {
			return fmt.Errorf("depth_radius=%v, bias=%v, alpha=%v, beta=%v", c.args["depth_radius"], c.args["bias"], c.args["alpha"], c.args["beta"])
		}
		n := shape[len(shape)-1]
		near, err := newKnown("float32", []int{n, n}, func(at int) float64 {
			if d := at/n - at%n; d <= radius && -d <= radius {
				return 1
			}
			return 0
		})
		if err != nil {
			return err
		}
		sums := c.op("Matmul", nil, c.op("Square", nil, x), near.plain())
		c.op("TrueDivide", nil, x, c.op("Power", nil, c.op("Add", nil, c.op("Multiply", nil, sums, alpha), bias), beta))
		return nil
	})
	defineLate(names("nn.moments"), "x axes shift keepdims name keep_dims", func(c *tfCall) error {
		x, err := c.operand("x")
		if err != nil {
			return err
		}
		over := map[string]any{"axis": c.args["axes"], "keepdims": c.get("keepdims", c.get("keep_dims", false))}
		c.outputs = []any{c.op("Mean", over, x), c.op("Var", over, x)}
		return nil
	})
	defineLate("linalg.normalize", "tensor ord axis name", func(c *tfCall) error {
		if ord := c.get("ord", "euclidean"); ord != "euclidean" && ord != 2 {
			return fmt.Errorf("ord=%v", ord)
		}
		x, err := c.operand("tensor")
		if err != nil {
			return err
		}
		length := c.op("Sqrt", nil, c.op("Sum", map[string]any{"axis": c.args["axis"], "keepdims": true}, c.op("Square", nil, x)))
		c.outputs = []any{c.op("TrueDivide", nil, x, length), length}
		return nil
	})
	define(names("nn.crelu"), "features axis name", func(c *tfCall) error {
		x := c.args["features"]
		c.op("Relu", nil, c.op("Concatenate", map[string]any{"axis": c.get("axis", -1)}, []any{x, c.op("Negative", nil, x)}))
		return nil
	})
	define("nn.silu nn.swish", "features beta name x", func(c *tfCall) error {
		x := c.get("features", c.args["x"])
		beta := c.get("beta", 1.0)
		if v, ok := config.AsFloat(beta); ok && v == 1 {
			c.op("Silu", nil, x)
			return nil
		}
		c.op("Multiply", nil, x, c.op("Sigmoid", nil, c.op("Multiply", nil, x, beta)))
		return nil
	})
	define("nn.l2_loss", "t name", func(c *tfCall) error {
		c.op("Multiply", nil, c.op("Sum", map[string]any{"axis": nil, "keepdims": false}, c.op("Square", nil, c.args["t"])), 0.5)
		return nil
	})
	define("math.zero_fraction nn.zero_fraction", "value name", func(c *tfCall) error {
		c.op("Mean", map[string]any{"axis": nil, "keepdims": false}, c.op("Cast", map[string]any{"dtype": "float32"}, c.op("Equal", nil, c.args["value"], 0)))
		return nil
	})
	define(names("nn.embedding_lookup"), "params ids partition_strategy name validate_indices max_norm", func(c *tfCall) error {
		c.op("Take", map[string]any{"axis": 0}, c.args["params"], c.args["ids"])
		if c.args["max_norm"] != nil {
			return fmt.Errorf("max_norm=%v", c.args["max_norm"])
		}
		return nil
	})
	define(names("math.in_top_k nn.in_top_k"), "predictions targets k name", func(c *tfCall) error {
		c.op("InTopK", map[string]any{"k": c.args["k"]}, c.args["targets"], c.args["predictions"])
		return nil
	})
	define(names("nn.sigmoid_cross_entropy_with_logits"), "labels logits name", func(c *tfCall) error {
		z, x := c.args["labels"], c.args["logits"]
		// max(x, 0) - x z + log(1 + exp(-|x|)), of which the gradient at 0 is that of x above 0.
		zero := c.op("ZerosLike", nil, x)
		above := c.op("GreaterEqual", nil, x, zero)
		rest := c.op("Log1p", nil, c.op("Exp", nil, c.op("Where", nil, above, c.op("Negative", nil, x), x)))
		c.op("Add", nil, c.op("Subtract", nil, c.op("Where", nil, above, x, zero), c.op("Multiply", nil, x, z)), rest)
		return nil
	})
	define("nn.weighted_cross_entropy_with_logits", "labels logits pos_weight name", func(c *tfCall) error {
		z, x := c.args["labels"], c.args["logits"]
		weight := c.op("Add", nil, c.op("Multiply", nil, z, c.plus(c.args["pos_weight"], -1)), 1.0)
		rest := c.op("Add", nil, c.op("Log1p", nil, c.op("Exp", nil, c.op("Negative", nil, c.op("Absolute", nil, x)))), c.op("Relu", nil, c.op("Negative", nil, x)))
		c.op("Add", nil, c.op("Multiply", nil, c.op("Subtract", nil, 1.0, z), x), c.op("Multiply", nil, weight, rest))
		return nil
	})
	define("nn.log_poisson_loss", "targets log_input compute_full_loss name", func(c *tfCall) error {
		z, x := c.args["targets"], c.args["log_input"]
		c.op("Subtract", nil, c.op("Exp", nil, x), c.op("Multiply", nil, x, z))
		return c.only("compute_full_loss", false)
	})
	define("nn.softmax_cross_entropy_with_logits compat.v1.nn.softmax_cross_entropy_with_logits_v2", "labels logits axis name", func(c *tfCall) error {
		labels, x := c.args["labels"], c.args["logits"]
		along := map[string]any{"axis": c.get("axis", -1)}
		over := map[string]any{"axis": along["axis"], "keepdims": false}
		loss := c.op("Negative", nil, c.op("Sum", over, c.op("Multiply", nil, labels, c.op("LogSoftmax", along, x))))
		// TensorFlow's gradient is softmax(x) - labels also where the labels don't sum up to 1: a zero with the rest of it is added.
		all := c.op("Logsumexp", over, x)
		zero := c.op("Subtract", nil, all, c.op("StopGradient", nil, all))
		c.op("Add", nil, loss, c.op("Multiply", nil, c.op("Subtract", nil, 1.0, c.op("Sum", over, labels)), zero))
		return nil
	})
	define(names("nn.sparse_softmax_cross_entropy_with_logits"), "labels logits name", func(c *tfCall) error {
		c.op("SparseCategoricalCrossentropy", map[string]any{"from_logits": true, "axis": -1}, c.args["labels"], c.args["logits"])
		return nil
	})
	for name, class := range map[string]string{"binary": "BinaryCrossentropy", "categorical": "CategoricalCrossentropy", "sparse_categorical": "SparseCategoricalCrossentropy"} {
		define("keras.backend."+name+"_crossentropy", "target output from_logits axis ignore_class", func(c *tfCall) error {
			cfg := map[string]any{"from_logits": c.get("from_logits", false)}
			if name != "binary" {
				cfg["axis"] = c.get("axis", -1)
			}
			c.op(class, cfg, c.args["target"], c.args["output"])
			return c.only("ignore_class", nil)
		})
	}
	defineLate("keras.backend.batch_flatten", "x", func(c *tfCall) error {
		x, err := c.operand("x")
		if err != nil {
			return err
		}
		shape, err := c.shapeOf("x")
		if err != nil || len(shape) == 0 || rowSize(shape) < 0 {
			return fmt.Errorf("a tensor of shape %v", shape)
		}
		c.op("Reshape", map[string]any{"newshape": []any{-1, rowSize(shape)}}, x)
		return nil
	})
	defineLate(names("nn.dropout"), "x rate noise_shape seed name", func(c *tfCall) error {
		rate, ok := config.AsFloat(c.args["rate"])
		if !ok || c.args["noise_shape"] != nil {
			return fmt.Errorf("rate=%v, noise_shape=%v", c.args["rate"], c.args["noise_shape"])
		}
		x, err := c.operand("x")
		if err != nil {
			return err
		}
		// The layer's noise, also at inference.
		c.layer("Dropout", map[string]any{"rate": rate}, x)
		return nil
	})
	defineLate("nn.batch_normalization", "x mean variance offset scale variance_epsilon name", func(c *tfCall) error {
		var v [5]any
		for i, name := range []string{"x", "mean", "variance", "offset", "scale"} {
			var err error
			if v[i], err = c.operand(name); err != nil {
				return err
			}
		}
		epsilon, ok := config.AsFloat(c.args["variance_epsilon"])
		if !ok {
			return fmt.Errorf("variance_epsilon=%v", c.args["variance_epsilon"])
		}
		y := c.op("Subtract", nil, v[0], v[1])
		if k, ok := asKnown(c.args["variance"]); ok && k.settled() {
			y = c.op("Multiply", nil, y, k.each("", "float32", func(x float64) float64 { return float64(float32(1 / math.Sqrt(x+epsilon))) }).plain())
		} else {
			y = c.op("Multiply", nil, y, c.op("Rsqrt", nil, c.op("Add", nil, v[2], epsilon)))
		}
		if v[4] != nil {
			y = c.op("Multiply", nil, y, v[4])
		}
		if v[3] != nil {
			c.op("Add", nil, y, v[3])
		}
		return nil
	})
}

// padded is TensorFlow's name of a padding as Keras has it.
func padded(v any) (string, error) {
	switch v {
	case "SAME", "same":
		return "same", nil
	case "VALID", "valid":
		return "valid", nil
	}
	return "", fmt.Errorf("padding=%v", v)
}

// along reads one number, one for each of rank axes, or one for each of all axes, the batch and the channels included.
func along(v any, rank int, first bool) (any, error) {
	if v == nil {
		return 1, nil
	}
	k, ok := asKnown(v)
	if !ok || !k.settled() {
		return nil, fmt.Errorf("got %v", v)
	}
	list, err := k.sizes()
	switch {
	case err != nil:
		return nil, err
	case len(list) == 1:
		return list[0], nil
	case len(list) == rank:
		return toList(list), nil
	case len(list) != rank+2:
		return nil, fmt.Errorf("got %v for %d axes", v, rank)
	case first:
		return toList(list[2:]), nil
	}
	return toList(list[1 : rank+1]), nil
}

// format is the data format of an argument in Keras's words.
func (c *tfCall) format() (string, error) {
	switch f, _ := c.get("data_format", "").(string); f {
	case "", "NHWC", "NWC", "NDHWC", "channels_last":
		return "channels_last", nil
	case "NCHW", "NCW", "NCDHW", "channels_first":
		return "channels_first", nil
	}
	return "", fmt.Errorf("data_format=%v", c.args["data_format"])
}

// spatial is the argument that layers slide over, and its number of axes between the batch and the channels.
func (c *tfCall) spatial() (x any, rank int, format string, err error) {
	name := "input"
	if c.args[name] == nil {
		name = "value"
	}
	if x, err = c.operand(name); err != nil {
		return nil, 0, "", err
	}
	shape, err := c.shapeOf(name)
	if err == nil && len(shape) < 3 {
		err = fmt.Errorf("an input of shape %v", shape)
	}
	if err == nil {
		format, err = c.format()
	}
	return x, len(shape) - 2, format, err
}

// pool is a pooling over windows of that size.
func (c *tfCall) pool(class string, size, strides any) error {
	x, rank, format, err := c.spatial()
	if err != nil {
		return err
	}
	padding, err := padded(c.args["padding"])
	if err != nil {
		return err
	}
	first := format == "channels_first"
	if size, err = along(size, rank, first); err != nil {
		return fmt.Errorf("ksize: %w", err)
	}
	if strides, err = along(strides, rank, first); err != nil {
		return fmt.Errorf("strides: %w", err)
	}
	c.op(class, map[string]any{"pool_size": size, "strides": strides, "padding": padding, "data_format": format}, x)
	return nil
}

// convolve is a convolution with the kernels of those arguments.
func (c *tfCall) convolve(class string, want int, kernels ...string) error {
	x, rank, format, err := c.spatial()
	if err != nil {
		return err
	}
	if want != 0 && rank != want {
		return fmt.Errorf("an input of %d axes", rank+2)
	}
	first := format == "channels_first"
	args := []any{x}
	for _, names := range kernels {
		for _, name := range strings.Fields(names) {
			if c.args[name] != nil {
				k, err := c.operand(name)
				if err != nil {
					return err
				}
				args = append(args, k)
				break
			}
		}
	}
	if len(args) != 1+len(kernels) {
		return fmt.Errorf("no kernel")
	}
	strides, err := along(c.get("strides", c.args["stride"]), rank, first)
	if err != nil {
		return fmt.Errorf("strides: %w", err)
	}
	dilation, err := along(c.get("dilations", c.get("dilation_rate", c.args["rate"])), rank, first)
	if err != nil {
		return fmt.Errorf("dilations: %w", err)
	}
	var padding string
	if pads, ok := asKnown(c.args["padding"]); ok && len(pads.shape) == 2 { // for each axis, before and after
		args[0] = c.op("Pad", map[string]any{"pad_width": pads.plain(), "mode": "constant"}, x)
		padding = "valid"
	} else if padding, err = padded(c.args["padding"]); err != nil {
		return err
	}
	c.op(class, map[string]any{"strides": firstOf(strides), "padding": padding, "data_format": format, "dilation_rate": firstOf(dilation)}, args...)
	return nil
}
