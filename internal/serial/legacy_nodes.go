package serial

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// TensorFlow 2.0 to 2.3 recorded an operation as a TensorFlowOpLayer, which holds a node of TensorFlow's graph and those of its inputs that are constants.

// nodeFunctions name, by the operation of a node, the function that computes the same, then its arguments: those that the inputs are in order ("*values" for
// all that are left), and "attribute=argument" for attributes.
var nodeFunctions = map[string]string{
	"ConcatV2": "concat *values axis", "Pack": "stack *values axis=axis", "AddN": "math.add_n *inputs",
	"Reshape": "reshape tensor shape", "Transpose": "transpose a perm", "ExpandDims": "expand_dims input axis", "Squeeze": "squeeze input squeeze_dims=axis",
	"Cast": "cast x DstT=dtype", "ClipByValue": "clip_by_value t clip_value_min clip_value_max", "BiasAdd": "nn.bias_add value bias data_format=data_format",
	"LeakyRelu": "nn.leaky_relu features alpha=alpha", "Softmax": "nn.softmax logits", "LogSoftmax": "nn.log_softmax logits",
	"MatMul": "linalg.matmul a b transpose_a=transpose_a transpose_b=transpose_b", "BatchMatMul": "linalg.matmul a b adj_x=transpose_a adj_y=transpose_b",
	"BatchMatMulV2": "linalg.matmul a b adj_x=transpose_a adj_y=transpose_b", "SelectV2": "where condition x y",
	"Pad": "pad tensor paddings", "PadV2": "pad tensor paddings constant_values", "MirrorPad": "pad tensor paddings mode=mode", "Tile": "tile input multiples",
	"ReverseV2": "reverse tensor axis", "Split": "split axis value num_split=num_or_size_splits", "SplitV": "split value num_or_size_splits axis",
	"Unpack": "unstack value num=num axis=axis", "OneHot": "one_hot indices depth on_value off_value axis=axis T=dtype", "ArgMax": "math.argmax input axis output_type=output_type",
	"ArgMin": "math.argmin input axis output_type=output_type", "GatherV2": "gather params indices axis batch_dims=batch_dims", "Slice": "slice input_ begin size",
	"Cumsum": "math.cumsum x axis exclusive=exclusive reverse=reverse", "DepthToSpace": "nn.depth_to_space input block_size=block_size data_format=data_format",
	"SpaceToDepth": "nn.space_to_depth input block_size=block_size data_format=data_format", "TopKV2": "math.top_k input k sorted=sorted",
	"MaxPool": "nn.max_pool input ksize=ksize strides=strides padding=padding data_format=data_format",
	"AvgPool": "nn.avg_pool input ksize=ksize strides=strides padding=padding data_format=data_format", "BroadcastTo": "broadcast_to input shape",
	"Shape": "shape input", "Size": "size input", "Rank": "rank input", "Fill": "fill dims value", "Range": "range start limit delta", "GatherNd": "gather_nd params indices",
	"ScatterNd": "scatter_nd indices updates shape", "TensorScatterUpdate": "tensor_scatter_nd_update tensor indices updates", "TensorScatterAdd": "tensor_scatter_nd_add tensor indices updates",
	"TensorScatterSub": "tensor_scatter_nd_sub tensor indices updates", "MatrixBandPart": "linalg.band_part input num_lower num_upper", "Polygamma": "math.polygamma a x", "Zeta": "math.zeta x q", "Cumprod": "math.cumprod x axis exclusive=exclusive reverse=reverse",
	"Conv2D": "nn.conv2d input filter strides=strides padding=padding data_format=data_format dilations=dilations", "Einsum": "einsum *inputs equation=equation", "Select": "where condition x y", "Atan2": "math.atan2 y x",
	"DepthwiseConv2dNative": "nn.depthwise_conv2d input filter strides=strides padding=padding data_format=data_format dilations=dilations", "RGBToHSV": "image.rgb_to_hsv images",
	"LRN": "nn.local_response_normalization input depth_radius=depth_radius bias=bias alpha=alpha beta=beta", "HSVToRGB": "image.hsv_to_rgb images", "AdjustContrastv2": "image.adjust_contrast images contrast_factor",
	"InTopKV2": "math.in_top_k predictions targets k", "ExtractImagePatches": "image.extract_patches images ksizes=sizes strides=strides rates=rates padding=padding",
	"ResizeBilinear": "image.resize images size", "ResizeNearestNeighbor": "image.resize images size", "StridedSlice": "__operators__.getitem x begin end strides",
}

func init() {
	for op, name := range map[string]string{
		"Add": "add", "AddV2": "add", "Sub": "subtract", "Mul": "multiply", "RealDiv": "truediv", "FloorDiv": "floordiv", "FloorMod": "floormod", "Maximum": "maximum", "Minimum": "minimum",
		"Pow": "pow", "Greater": "greater", "GreaterEqual": "greater_equal", "Less": "less", "LessEqual": "less_equal", "Equal": "equal", "NotEqual": "not_equal",
		"Xlogy": "xlogy", "Xdivy": "xdivy", "MulNoNan": "multiply_no_nan", "LogicalAnd": "logical_and", "LogicalOr": "logical_or", "DivNoNan": "divide_no_nan", "SquaredDifference": "squared_difference",
	} {
		nodeFunctions[op] = "math." + name + " x y"
	}
	for op, name := range map[string]string{"Mean": "mean", "Sum": "sum", "Max": "max", "Min": "min", "Prod": "prod", "Any": "any", "All": "all"} {
		nodeFunctions[op] = "math.reduce_" + name + " input_tensor axis keep_dims=keepdims"
	}
	for op, name := range map[string]string{
		"Neg": "negative", "Abs": "abs", "Square": "square", "Sqrt": "sqrt", "Rsqrt": "rsqrt", "Exp": "exp", "Expm1": "expm1", "Log": "log", "Log1p": "log1p", "Sin": "sin", "Cos": "cos", "Tan": "tan",
		"Asin": "asin", "Acos": "acos", "Atan": "atan", "Sinh": "sinh", "Cosh": "cosh", "Tanh": "tanh", "Sigmoid": "sigmoid", "Softplus": "softplus", "Erf": "erf", "Erfc": "erfc", "Sign": "sign",
		"Floor": "floor", "Ceil": "ceil", "Round": "round", "Reciprocal": "reciprocal", "Inv": "reciprocal", "Rint": "rint", "Erfinv": "erfinv", "Lgamma": "lgamma", "Digamma": "digamma", "Ndtri": "ndtri", "BesselI0": "bessel_i0", "BesselI0e": "bessel_i0e", "BesselI1": "bessel_i1", "BesselI1e": "bessel_i1e", "IsNan": "is_nan", "IsFinite": "is_finite", "IsInf": "is_inf", "LogicalNot": "logical_not",
	} {
		nodeFunctions[op] = "math." + name + " x"
	}
	for op, name := range map[string]string{
		"Relu": "nn.relu", "Relu6": "nn.relu6", "Elu": "nn.elu", "Selu": "nn.selu", "Softsign": "nn.softsign", "Identity": "identity", "StopGradient": "stop_gradient", "ZerosLike": "zeros_like",
		"OnesLike": "ones_like",
	} {
		nodeFunctions[op] = name + " x"
	}
}

// tfNode is the node of TensorFlow's graph in the configuration of a TensorFlowOpLayer.
type tfNode struct {
	op        string
	function  string
	params    []string
	attr      map[string]any
	constants map[string]any // by the place among the inputs
}

// graphNode reads the node; ok is false for an operation that isn't known here.
func graphNode(cfg map[string]any) (n tfNode, ok bool) {
	definition := asObject(cfg["node_def"])
	n.op, _ = definition["op"].(string)
	n.attr, n.constants = asObject(definition["attr"]), asObject(cfg["constants"])
	words := strings.Fields(nodeFunctions[n.op])
	if len(words) == 0 {
		return n, false
	}
	n.function, n.params = words[0], words[1:]
	return n, true
}

// call binds a call's tensors and the constants to the arguments of the function.
func (n tfNode) call(tensors []any) (*tfCall, error) {
	inputs := slices.Clone(tensors)
	for at := 0; at < len(tensors)+len(n.constants); at++ {
		if v, ok := n.constants[strconv.Itoa(at)]; ok {
			if at > len(inputs) {
				break
			}
			inputs = slices.Insert(inputs, at, v)
		}
	}
	if len(inputs) != len(tensors)+len(n.constants) {
		return nil, fmt.Errorf("%d tensors and the constants %v aren't the inputs of %s", len(tensors), slices.Sorted(maps.Keys(n.constants)), n.op)
	}
	c := &tfCall{args: map[string]any{}}
	named := slices.DeleteFunc(slices.Clone(n.params), func(p string) bool { return strings.Contains(p, "=") })
	rest := len(inputs) - len(named) + 1 // how many a list has
	for _, p := range named {
		list, isList := strings.CutPrefix(p, "*")
		switch {
		case isList && rest >= 1 && rest <= len(inputs):
			c.args[list], inputs = inputs[:rest], inputs[rest:]
		case isList || len(inputs) == 0:
			return nil, fmt.Errorf("%s has too few inputs", n.op)
		default:
			c.args[p], inputs = inputs[0], inputs[1:]
		}
	}
	if len(inputs) > 0 {
		return nil, fmt.Errorf("%s has too many inputs", n.op)
	}
	for _, p := range n.params {
		from, to, isAttribute := strings.Cut(p, "=")
		if !isAttribute {
			continue
		}
		v, err := attribute(n.attr[from])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		c.args[to] = v
	}
	switch n.op {
	case "Squeeze":
		if list, ok := c.args["axis"].([]any); ok && len(list) == 0 { // all axes of one element
			c.args["axis"] = nil
		}
	case "ResizeBilinear", "ResizeNearestNeighbor":
		for name, want := range map[string]bool{"align_corners": false, "half_pixel_centers": true} {
			if v, err := attribute(n.attr[name]); err != nil || v != nil && v != want || v == nil && want {
				return nil, fmt.Errorf("%s isn't %v, as Keras has it", name, want)
			}
		}
		c.args["method"] = "bilinear"
		if n.op == "ResizeNearestNeighbor" {
			c.args["method"] = "nearest"
		}
	case "StridedSlice":
		return c, n.slice(c)
	}
	return c, nil
}

// slice turns the bounds of a StridedSlice and its masks, which have a bit for each part of the key, into the key.
func (n tfNode) slice(c *tfCall) error {
	masks := map[string]int{}
	for _, name := range []string{"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"} {
		v, err := attribute(n.attr[name])
		if bits, ok := v.(int); ok && err == nil {
			masks[name] = bits
		} else if v != nil || err != nil {
			return fmt.Errorf("%s=%v", name, n.attr[name])
		}
	}
	begin, hasBegin := c.args["begin"].([]any)
	end, hasEnd := c.args["end"].([]any)
	strides, hasStrides := c.args["strides"].([]any)
	if !hasBegin || !hasEnd || !hasStrides || len(begin) != len(end) || len(begin) != len(strides) || len(begin) > 32 {
		return fmt.Errorf("begin=%v, end=%v, strides=%v", c.args["begin"], c.args["end"], c.args["strides"])
	}
	key := make([]any, len(begin))
	for i := range key {
		var bounds [3]int
		for j, v := range []any{begin[i], end[i], strides[i]} {
			var ok bool
			if bounds[j], ok = config.AsInt(v); !ok {
				return fmt.Errorf("begin=%v, end=%v, strides=%v", begin, end, strides)
			}
		}
		has := func(mask string) bool { return masks[mask]>>i&1 == 1 }
		switch {
		case has("ellipsis_mask"):
			key[i] = map[string]any{"class_name": "__ellipsis__", "config": map[string]any{}}
		case has("new_axis_mask"):
			key[i] = nil
		case has("shrink_axis_mask"):
			key[i] = bounds[0]
		default:
			part := map[string]any{"start": bounds[0], "stop": bounds[1], "step": bounds[2]}
			if has("begin_mask") {
				part["start"] = nil
			}
			if has("end_mask") {
				part["stop"] = nil
			}
			key[i] = part
		}
	}
	c.args["slice_spec"] = key
	return nil
}

// dataTypes are TensorFlow's names of types where Keras has others.
var dataTypes = map[string]string{"DT_FLOAT": "float32", "DT_DOUBLE": "float64", "DT_HALF": "float16"}

// attribute is the value of a node's attribute, nil for one that isn't there. JSON has whole numbers of 64 bits as text, and texts in base64.
func attribute(v any) (any, error) {
	for kind, value := range asObject(v) {
		switch kind {
		case "b", "f":
			return value, nil
		case "i":
			return wholeNumber(value)
		case "s":
			text, _ := value.(string)
			raw, err := base64.StdEncoding.DecodeString(text)
			return string(raw), err
		case "type":
			name, _ := value.(string)
			if keras := dataTypes[name]; keras != "" {
				return keras, nil
			}
			return strings.ToLower(strings.TrimPrefix(name, "DT_")), nil
		case "list":
			items, _ := asObject(value)["i"].([]any)
			list := make([]any, len(items))
			for i, item := range items {
				var err error
				if list[i], err = wholeNumber(item); err != nil {
					return nil, err
				}
			}
			return list, nil
		}
	}
	return nil, nil
}

func wholeNumber(v any) (any, error) {
	text, isText := v.(string)
	if n, err := strconv.Atoi(text); isText && err == nil {
		return n, nil
	}
	return nil, fmt.Errorf("got %v, want a whole number as text", v)
}
