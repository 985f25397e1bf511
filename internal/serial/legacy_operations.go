package serial

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/nest"
)

// TensorFlow's Keras 2 records operations on symbolic tensors as layers that name a function of TensorFlow: TFOpLambda, and SlicingOpLambda
// for parts of tensors; until 2.3 as TensorFlowOpLayer. Those that Keras 3 has an operation for become that one.

// constantValue stands for a layer where a call's first argument is a plain value.
const constantValue = "_CONSTANT_VALUE"

// operationClasses are the layers by which TensorFlow's Keras records plain operations on symbolic tensors.
var operationClasses = []string{"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod", "InstanceMethod", "InstanceProperty"}

func isTensorFlowOperation(entry map[string]any) bool {
	class, _ := entry["class_name"].(string)
	return slices.Contains(operationClasses, class)
}

// noOperation is the error for an operation that nothing here stands for.
func noOperation(entry map[string]any) error {
	cfg, _ := entry["config"].(map[string]any)
	what, ok := cfg["function"].(string)
	if node, _ := graphNode(cfg); !ok && node.op != "" {
		what = node.op
	} else if !ok {
		what, _ = entry["class_name"].(string)
	}
	return fmt.Errorf("layer %v stands for an operation on tensors (%s) that TensorFlow's Keras 2 recorded, which Keras 3 can't read either: "+
		"in Python, put a Keras layer in its place, such as Add, Multiply or Rescaling, and save the model again", nameOf(entry), what)
}

// tfCall is a call of one of TensorFlow's functions on its way to Keras's operations.
type tfCall struct {
	args map[string]any // by TensorFlow's names; tensors are references as Keras 3 has them
	made []tfOperation
	// late says that the arguments are tensors, of known shapes, and arrays that are known. outputs are then what the call returns, nil for the outputs of
	// the last operation.
	late    bool
	outputs []any
}

// tfOperation is one of Keras's operations, called once.
type tfOperation struct {
	class  string
	config map[string]any
	args   []any
	layer  bool // it is a layer
}

// made is what an operation of the call returns, until its layer has a name.
type madeBy int

// op adds an operation, and returns its output.
func (c *tfCall) op(class string, cfg map[string]any, args ...any) any {
	c.made = append(c.made, tfOperation{class: class, config: cfg, args: args})
	return madeBy(len(c.made) - 1)
}

// layer adds a layer in place of an operation, of a call that is converted late. A layer of noise is called as in training.
func (c *tfCall) layer(class string, cfg map[string]any, args ...any) any {
	c.made = append(c.made, tfOperation{class, cfg, args, true})
	return madeBy(len(c.made) - 1)
}

// get is an argument, or def where it is absent or null.
func (c *tfCall) get(name string, def any) any {
	if v := c.args[name]; v != nil {
		return v
	}
	return def
}

// tfFunction says how a function of TensorFlow is computed by Keras's operations.
type tfFunction struct {
	params string // of the function, in order
	make   func(c *tfCall) error
}

// tfFunctions are known by their names below "tf.".
var tfFunctions = map[string]tfFunction{}

// define adds functions of the same arguments.
func define(names, params string, convert func(c *tfCall) error) {
	for _, name := range strings.Fields(names) {
		tfFunctions[name] = tfFunction{params, convert}
	}
}

func init() {
	one := func(class string) func(c *tfCall) error {
		return func(c *tfCall) error { c.op(class, nil, c.args["x"]); return nil }
	}
	for name, class := range map[string]string{
		"math.negative": "Negative", "math.abs": "Absolute", "math.square": "Square", "math.sqrt": "Sqrt", "math.exp": "Exp", "math.expm1": "Expm1", "math.log": "Log", "math.log1p": "Log1p",
		"math.rsqrt": "Rsqrt", "math.sin": "Sin", "math.cos": "Cos", "math.tan": "Tan", "math.asinh": "Arcsinh", "math.acosh": "Arccosh", "math.atanh": "Arctanh", "math.erfc": "Erfc", "math.round": "Round", "math.asin": "Arcsin", "math.acos": "Arccos", "math.atan": "Arctan", "math.sinh": "Sinh", "math.cosh": "Cosh",
		"math.tanh": "Tanh", "math.sigmoid": "Sigmoid", "math.softplus": "Softplus", "math.softsign": "Softsign", "math.log_sigmoid": "LogSigmoid", "math.erf": "Erf", "math.sign": "Sign",
		"math.rint": "Round", "math.erfinv": "Erfinv", "math.floor": "Floor", "math.ceil": "Ceil", "math.reciprocal": "Reciprocal", "math.is_nan": "Isnan", "math.is_finite": "Isfinite", "math.is_inf": "Isinf",
		"math.logical_not": "LogicalNot", "nn.relu": "Relu", "nn.relu6": "Relu6", "nn.elu": "Elu", "nn.selu": "Selu", "nn.sigmoid": "Sigmoid", "nn.tanh": "Tanh",
		"nn.softplus": "Softplus", "nn.softsign": "Softsign", "identity": "Copy", "stop_gradient": "StopGradient",
		"__operators__.neg": "Negative", "__operators__.abs": "Absolute",
	} {
		tfFunctions[name] = tfFunction{"x name", one(class)}
	}
	two := func(class string) func(c *tfCall) error {
		return func(c *tfCall) error { c.op(class, nil, c.args["x"], c.args["y"]); return nil }
	}
	for name, class := range map[string]string{
		"math.add": "Add", "math.subtract": "Subtract", "math.multiply": "Multiply", "math.divide": "TrueDivide", "math.truediv": "TrueDivide", "math.floordiv": "FloorDivide", "compat.v1.floor_div": "FloorDivide", "math.floormod": "Mod",
		"math.maximum": "Maximum", "math.minimum": "Minimum", "math.pow": "Power", "math.greater": "Greater", "math.greater_equal": "GreaterEqual", "math.less": "Less", "math.less_equal": "LessEqual",
		"math.equal": "Equal", "math.not_equal": "NotEqual", "math.logical_and": "LogicalAnd", "math.logical_or": "LogicalOr", "math.logical_xor": "LogicalXor", "realdiv": "TrueDivide",
		"math.divide_no_nan": "DivideNoNan", "__operators__.add": "Add", "__operators__.eq": "Equal", "__operators__.ne": "NotEqual",
	} {
		tfFunctions[name] = tfFunction{"x y name", two(class)}
	}
	for name, class := range map[string]string{"mean": "Mean", "sum": "Sum", "max": "Max", "min": "Min", "prod": "Prod", "std": "Std", "variance": "Var", "any": "Any", "all": "All", "logsumexp": "Logsumexp"} {
		define("math.reduce_"+name+" compat.v1.math.reduce_"+name+" compat.v1.reduce_"+name, "input_tensor axis keepdims name reduction_indices keep_dims", func(c *tfCall) error {
			c.op(class, map[string]any{"axis": c.get("axis", c.args["reduction_indices"]), "keepdims": c.get("keepdims", c.get("keep_dims", false))}, c.args["input_tensor"])
			return nil
		})
	}
	for name, class := range map[string]string{"softmax": "Softmax", "log_softmax": "LogSoftmax"} {
		define("nn."+name+" compat.v1.nn."+name, "logits axis name dim", func(c *tfCall) error {
			c.op(class, map[string]any{"axis": c.get("axis", c.get("dim", -1))}, c.args["logits"])
			return nil
		})
	}
	for name, class := range map[string]string{"math.argmax": "Argmax", "math.argmin": "Argmin"} {
		define(name, "input axis output_type name", func(c *tfCall) error {
			dtype, ok := c.get("output_type", "int64").(string)
			if !ok {
				return fmt.Errorf("output_type=%v", c.args["output_type"])
			}
			at := c.op(class, map[string]any{"axis": c.get("axis", 0), "keepdims": false}, c.args["input"])
			if dtype != "int32" { // what Keras's operation gives
				c.op("Cast", map[string]any{"dtype": dtype}, at)
			}
			return nil
		})
	}
	define("math.atan2", "y x name", func(c *tfCall) error {
		c.op("Arctan2", nil, c.args["y"], c.args["x"])
		return nil
	})
	define("math.squared_difference", "x y name", func(c *tfCall) error {
		c.op("Square", nil, c.op("Subtract", nil, c.args["x"], c.args["y"]))
		return nil
	})
	define("nn.leaky_relu", "features alpha name", func(c *tfCall) error {
		c.op("LeakyRelu", map[string]any{"negative_slope": c.get("alpha", 0.2)}, c.args["features"])
		return nil
	})
	define("nn.gelu", "features approximate name", func(c *tfCall) error {
		c.op("Gelu", map[string]any{"approximate": c.get("approximate", false)}, c.args["features"])
		return nil
	})
	define("nn.bias_add", "value bias data_format name", func(c *tfCall) error {
		c.op("Add", nil, c.args["value"], c.args["bias"])
		if f := c.args["data_format"]; f != nil && f != "NHWC" && f != "N...C" {
			return fmt.Errorf("data_format=%v", f)
		}
		return nil
	})
	define("math.add_n math.accumulate_n", "inputs shape tensor_dtype name", func(c *tfCall) error {
		list, _ := c.args["inputs"].([]any)
		if len(list) == 0 {
			return fmt.Errorf("no list of tensors")
		}
		sum := list[0]
		if len(list) == 1 {
			c.op("Copy", nil, sum)
		}
		for _, t := range list[1:] {
			sum = c.op("Add", nil, sum, t)
		}
		return nil
	})
	define("concat", "values axis name", func(c *tfCall) error {
		c.op("Concatenate", map[string]any{"axis": c.args["axis"]}, c.args["values"])
		return nil
	})
	define("stack", "values axis name", func(c *tfCall) error {
		c.op("Stack", map[string]any{"axis": c.get("axis", 0)}, c.args["values"])
		return nil
	})
	define("reshape", "tensor shape name", func(c *tfCall) error {
		c.op("Reshape", map[string]any{"newshape": c.args["shape"]}, c.args["tensor"])
		return nil
	})
	define("transpose compat.v1.transpose", "a perm conjugate name", func(c *tfCall) error {
		c.op("Transpose", map[string]any{"axes": c.args["perm"]}, c.args["a"])
		return nil
	})
	define("expand_dims compat.v1.expand_dims", "input axis name dim", func(c *tfCall) error {
		c.op("ExpandDims", map[string]any{"axis": c.get("axis", c.args["dim"])}, c.args["input"])
		return nil
	})
	define("squeeze compat.v1.squeeze", "input axis name squeeze_dims", func(c *tfCall) error {
		axis := c.get("axis", c.args["squeeze_dims"])
		if list, ok := axis.([]any); ok && len(list) == 1 {
			axis = list[0]
		}
		c.op("Squeeze", map[string]any{"axis": axis}, c.args["input"])
		return nil
	})
	define("cast", "x dtype name", func(c *tfCall) error {
		dtype, ok := c.args["dtype"].(string)
		if !ok {
			return fmt.Errorf("dtype=%v", c.args["dtype"])
		}
		c.op("Cast", map[string]any{"dtype": dtype}, c.args["x"])
		return nil
	})
	define("clip_by_value", "t clip_value_min clip_value_max name", func(c *tfCall) error {
		low, high := c.args["clip_value_min"], c.args["clip_value_max"]
		_, lowKnown := config.AsFloat(low)
		if _, highKnown := config.AsFloat(high); lowKnown && highKnown {
			c.op("Clip", map[string]any{"x_min": low, "x_max": high}, c.args["t"])
			return nil
		}
		c.op("Maximum", nil, c.op("Minimum", nil, c.args["t"], high), low)
		return nil
	})
	define("math.l2_normalize nn.l2_normalize", "x axis epsilon name dim", func(c *tfCall) error {
		x, epsilon := c.args["x"], 1e-12
		if given, ok := config.AsFloat(c.args["epsilon"]); ok {
			epsilon = given
		}
		squares := c.op("Sum", map[string]any{"axis": c.get("axis", c.args["dim"]), "keepdims": true}, c.op("Square", nil, x))
		c.op("Multiply", nil, x, c.op("Rsqrt", nil, c.op("Maximum", nil, squares, epsilon)))
		return nil
	})
	define("norm compat.v1.norm linalg.norm", "tensor ord axis keepdims name", func(c *tfCall) error {
		if ord, isNumber := config.AsFloat(c.args["ord"]); c.args["ord"] != nil && c.args["ord"] != "euclidean" && c.args["ord"] != "fro" && ord != 2 {
			axis, isAxis := config.AsInt(c.args["axis"])
			if !isNumber || !isAxis {
				return fmt.Errorf("ord=%v", c.args["ord"])
			}
			c.op("Norm", map[string]any{"ord": c.args["ord"], "axis": []any{axis}, "keepdims": c.get("keepdims", false)}, c.args["tensor"])
			return nil
		}
		c.op("Sqrt", nil, c.op("Sum", map[string]any{"axis": c.args["axis"], "keepdims": c.get("keepdims", false)}, c.op("Square", nil, c.args["tensor"])))
		return nil
	})
	define("linalg.matmul", "a b transpose_a transpose_b adjoint_a adjoint_b a_is_sparse b_is_sparse output_type name", func(c *tfCall) error {
		first, second := "ij", "jk"
		if c.get("transpose_a", false) == true || c.get("adjoint_a", false) == true { // of real numbers they are the same
			first = "ji"
		}
		if c.get("transpose_b", false) == true || c.get("adjoint_b", false) == true {
			second = "kj"
		}
		if first == "ij" && second == "jk" {
			c.op("Matmul", nil, c.args["a"], c.args["b"])
			return nil
		}
		// The axes before the last two are those of batches.
		c.op("Einsum", map[string]any{"subscripts": "..." + first + ",..." + second + "->...ik"}, c.args["a"], c.args["b"])
		return nil
	})
	define("where compat.v1.where", "condition x y name", func(c *tfCall) error {
		if c.args["x"] == nil || c.args["y"] == nil {
			return fmt.Errorf("only a condition")
		}
		c.op("Where", nil, c.args["condition"], c.args["x"], c.args["y"])
		return nil
	})
	define("pad compat.v1.pad", "tensor paddings mode name constant_values", func(c *tfCall) error {
		mode, _ := c.get("mode", "CONSTANT").(string)
		args := []any{c.args["tensor"]}
		v, ok := config.AsFloat(c.get("constant_values", 0))
		if !ok {
			return fmt.Errorf("constant_values=%v", c.args["constant_values"])
		}
		if v != 0 {
			args = append(args, v)
		}
		c.op("Pad", map[string]any{"pad_width": c.args["paddings"], "mode": strings.ToLower(mode)}, args...)
		return nil
	})
	define("tile", "input multiples name", func(c *tfCall) error {
		c.op("Tile", map[string]any{"repeats": c.args["multiples"]}, c.args["input"])
		return nil
	})
	define("repeat", "input repeats axis name", func(c *tfCall) error {
		c.op("Repeat", map[string]any{"repeats": c.args["repeats"], "axis": c.args["axis"]}, c.args["input"])
		return nil
	})
	define("reverse", "tensor axis name", func(c *tfCall) error {
		c.op("Flip", map[string]any{"axis": c.args["axis"]}, c.args["tensor"])
		return nil
	})
	define("unstack", "value num axis name", func(c *tfCall) error {
		c.op("Unstack", map[string]any{"num": c.args["num"], "axis": c.get("axis", 0)}, c.args["value"])
		return nil
	})
	define("one_hot", "indices depth on_value off_value axis dtype name", func(c *tfCall) error {
		hot := c.op("OneHot", map[string]any{"num_classes": c.args["depth"], "axis": c.get("axis", -1), "dtype": c.get("dtype", "float32")}, c.args["indices"])
		if c.get("dtype", "float32") == "bool" {
			if c.get("on_value", true) != true || c.get("off_value", false) != false {
				return fmt.Errorf("on_value=%v, off_value=%v", c.args["on_value"], c.args["off_value"])
			}
			return nil
		}
		on, isOn := config.AsFloat(c.get("on_value", 1.0))
		off, isOff := config.AsFloat(c.get("off_value", 0.0))
		if !isOn || !isOff {
			return fmt.Errorf("on_value=%v, off_value=%v", c.args["on_value"], c.args["off_value"])
		}
		if on != 1 || off != 0 {
			c.op("Add", nil, c.op("Multiply", nil, hot, on-off), off)
		}
		return nil
	})
	define("nn.depth_to_space compat.v1.nn.depth_to_space compat.v1.depth_to_space", "input block_size data_format name", depth("DepthToSpace"))
	define("nn.space_to_depth space_to_depth compat.v1.nn.space_to_depth compat.v1.space_to_depth", "input block_size data_format name", depth("SpaceToDepth"))
	define("__operators__.getitem", "x slice_spec", func(c *tfCall) error {
		list, isList := c.args["slice_spec"].([]any)
		if !isList {
			list = []any{c.args["slice_spec"]}
		}
		key := make([]any, len(list))
		for i, k := range list {
			if key[i] = k; isEllipsis(k) {
				key[i] = ellipsis()
			}
			m, ok := k.(map[string]any)
			if _, isSlice := m["start"]; ok && isSlice {
				key[i] = map[string]any{"class_name": "__slice__", "config": map[string]any{"start": m["start"], "stop": m["stop"], "step": m["step"]}}
			}
		}
		c.op("GetItem", nil, c.args["x"], key)
		return nil
	})
}

func depth(class string) func(c *tfCall) error {
	return func(c *tfCall) error {
		c.op(class, map[string]any{"block_size": c.args["block_size"], "data_format": "channels_last"}, c.args["input"])
		return c.only("data_format", "NHWC")
	}
}

// only refuses arguments that have another value than the one each goes by, null aside.
func (c *tfCall) only(pairs ...any) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		name := pairs[i].(string)
		if v := c.args[name]; v != nil && v != pairs[i+1] {
			return fmt.Errorf("%s=%v", name, v)
		}
	}
	return nil
}

// plainConfig refuses a configuration with tensors, which only arguments of a call may be.
func plainConfig(cfg map[string]any) error {
	var err error
	nest.Walk(cfg, func(_ nest.Path, v any) bool {
		_, isMade := v.(madeBy)
		if isMade || holdsTensor(v) || asObject(v)["class_name"] == "__keras_tensor__" {
			err = fmt.Errorf("a tensor where Keras has plain values alone")
		}
		return err == nil
	})
	return err
}

// operation converts an entry for a function of TensorFlow into Keras's operations.
func (g *legacyGraph) operation(entry map[string]any) ([]any, error) {
	cfg, _ := entry["config"].(map[string]any)
	name, _ := nameOf(entry).(string)
	function, _ := cfg["function"].(string)
	class := entry["class_name"]
	calls, isList := entry["inbound_nodes"].([]any)
	if class == "TensorFlowOpLayer" {
		function = functionOf(entry)
	}
	definition, known := tfFunctions[function]
	if class != "TFOpLambda" && class != "SlicingOpLambda" && class != "TensorFlowOpLayer" || !known || !isList || len(calls) == 0 {
		return nil, noOperation(entry)
	}
	var layers []any
	for i, node := range calls {
		c, err := g.bind(entry, node, definition.params)
		if err == nil {
			if err = definition.make(c); err != nil {
				return nil, fmt.Errorf("with %w: %w", err, noOperation(entry))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("layer %q: call %d: %w", name, i, err)
		}
		if i > 0 && len(layers) != len(c.made) {
			return nil, fmt.Errorf("layer %q: its calls differ: %w", name, noOperation(entry))
		}
		for at, op := range c.made {
			if err := plainConfig(op.config); err != nil {
				return nil, fmt.Errorf("layer %q: with %w: %w", name, err, noOperation(entry))
			}
			if i == 0 {
				config := map[string]any{"name": tfName(name, at, len(c.made))}
				maps.Copy(config, op.config)
				if _, err := kerasops.New(op.class, config); err != nil {
					return nil, fmt.Errorf("layer %q: %w: %w", name, err, noOperation(entry))
				}
				layers = append(layers, map[string]any{"module": kerasops.Module(op.class), "class_name": op.class, "name": config["name"], "config": config, "inbound_nodes": []any{}})
			}
			layer := layers[at].(map[string]any)
			own := maps.Clone(layer["config"].(map[string]any))
			delete(own, "name")
			if op.config == nil {
				op.config = map[string]any{}
			}
			if layer["class_name"] != op.class || !reflect.DeepEqual(own, op.config) {
				return nil, fmt.Errorf("layer %q: its calls differ: %w", name, noOperation(entry))
			}
			args, _ := nest.Map(withArrays(op), func(leaf any) (any, error) {
				if from, ok := leaf.(madeBy); ok {
					return kerasTensor(tfName(name, int(from), len(c.made)), i, 0), nil
				}
				return leaf, nil
			})
			layer["inbound_nodes"] = append(layer["inbound_nodes"].([]any), map[string]any{"args": args, "kwargs": map[string]any{}})
		}
	}
	return layers, nil
}

// bind reads the arguments of a call.
func (g *legacyGraph) bind(entry map[string]any, call any, params string) (*tfCall, error) {
	if entry["class_name"] != "TensorFlowOpLayer" {
		return g.tfArguments(call, strings.Fields(params))
	}
	cfg, _ := entry["config"].(map[string]any)
	node, _ := graphNode(cfg)
	list, _ := call.([]any)
	tensors, err := g.tfTensors(list, nil)
	if err != nil {
		return nil, err
	}
	return node.call(tensors)
}

// withArrays are the arguments of an operation, with constants as arrays, as Keras writes them: it reads lists as lists.
func withArrays(op tfOperation) []any {
	args := slices.Clone(op.args)
	for i, arg := range args {
		list, isList := arg.([]any)
		switch {
		case !isList || op.class == "GetItem" && i == 1:
		case op.class == "Concatenate" || op.class == "Stack":
			list = slices.Clone(list)
			for j, part := range list {
				list[j] = constantArray(part)
			}
			args[i] = list
		default:
			args[i] = constantArray(arg)
		}
	}
	return args
}

// constantArray is a list of numbers as an array; any other value stays as it is.
func constantArray(v any) any {
	if list, ok := v.([]any); !ok || len(list) == 0 {
		return v
	}
	if k, ok := asKnown(v); ok && k.settled() {
		return map[string]any{"class_name": "__numpy__", "config": map[string]any{"value": k.plain(), "dtype": k.dtype}}
	}
	return v
}

// tfName is the name of one of an entry's operations: the last one, whose output others use, has that of the entry.
func tfName(name string, at, count int) string {
	if at == count-1 {
		return name
	}
	return fmt.Sprintf("%s.%d", name, at)
}

// tfArguments binds the arguments of a call: the first one is the tensor or list of tensors of the node, or a constant, and the others come with it by name.
func (g *legacyGraph) tfArguments(node any, params []string) (*tfCall, error) {
	list, ok := node.([]any)
	if !ok || len(list) == 0 {
		return nil, fmt.Errorf("its input is %v, want [layer name, node index, tensor index, arguments]", node)
	}
	var first any
	kwargs := map[string]any{}
	if name, _ := list[0].(string); name == constantValue && len(list) == 4 {
		value, err := g.tfValue(list[2])
		if err != nil {
			return nil, err
		}
		first = value
		maps.Copy(kwargs, asObject(list[3]))
	} else {
		tensors, err := g.tfTensors(list, kwargs)
		if err != nil {
			return nil, err
		}
		first = tensors
		if len(tensors) == 1 && (len(list) > 1 || !isListParam(params[0])) {
			first = tensors[0]
		}
	}
	c := &tfCall{args: map[string]any{params[0]: first}}
	for key, v := range kwargs {
		if !slices.Contains(params[1:], key) {
			return nil, fmt.Errorf("argument %q isn't known here", key)
		}
		value, err := g.tfValue(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		c.args[key] = value
	}
	return c, nil
}

// tfTensors are the tensors of a call, one or a list of them, whose further arguments go to kwargs.
func (g *legacyGraph) tfTensors(list []any, kwargs map[string]any) ([]any, error) {
	if _, _, _, single := legacyRef(list); single {
		list = []any{list}
	}
	tensors := make([]any, len(list))
	for i, r := range list {
		ref, isList := r.([]any)
		if isList && len(ref) == 4 && ref[0] == constantValue {
			value, err := g.tfValue(ref[2])
			if err != nil {
				return nil, err
			}
			tensors[i] = value
			if kwargs != nil {
				maps.Copy(kwargs, asObject(ref[3]))
			}
			continue
		}
		name, node, tensor, ok := legacyRef(ref)
		if !ok && isList && !slices.ContainsFunc(ref, func(e any) bool { _, isText := e.(string); return isText }) { // a list of these
			inner, err := g.tfTensors(ref, kwargs)
			if err != nil {
				return nil, err
			}
			tensors[i] = inner
			continue
		}
		if !ok {
			return nil, fmt.Errorf("its input is %v, want [layer name, node index, tensor index]", r)
		}
		if !g.layers[name] {
			return nil, fmt.Errorf("a tensor of layer %q is used, but there is no such layer", name)
		}
		tensors[i] = g.tensor(name, node, tensor)
		if len(ref) == 4 && kwargs != nil {
			maps.Copy(kwargs, asObject(ref[3]))
		}
	}
	return tensors, nil
}

func isListParam(name string) bool {
	return slices.Contains([]string{"values", "inputs", "shape", "dims", "operands"}, name)
}

func asObject(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// tfValue converts an argument, in which references stand for tensors.
func (g *legacyGraph) tfValue(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		if name, node, tensor, ok := legacyRef(v); ok && g.layers[name] {
			return g.tensor(name, node, tensor), nil
		}
		list := make([]any, len(v))
		for i, e := range v {
			var err error
			if list[i], err = g.tfValue(e); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any: // the bounds of a slice
		out := make(map[string]any, len(v))
		for key, e := range v {
			var err error
			if out[key], err = g.tfValue(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

func kerasTensor(name string, node, tensor int) map[string]any {
	return map[string]any{"class_name": "__keras_tensor__", "config": map[string]any{"keras_history": []any{name, float64(node), float64(tensor)}}}
}
