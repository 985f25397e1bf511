package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/goapi"
)

// opNames are TensorFlow's names of what Keras calls otherwise.
var opNames = map[string]string{"reduce_mean": "mean", "reduce_sum": "sum", "reduce_max": "max", "reduce_min": "min", "reduce_prod": "prod", "reduce_any": "any", "reduce_all": "all", "reduce_std": "std",
	"reduce_variance": "var", "concat": "concatenate", "pow": "power", "negative": "negative", "sub": "subtract", "mul": "multiply", "div": "divide", "clip_by_value": "clip", "batch_dot": "",
	"squared_difference": "", "permute_dimensions": "transpose", "reduce_logsumexp": "logsumexp", "range": "arange", "multiply_no_nan": "", "random_normal": "", "random_uniform": "",
	"stop_gradient": "", "gradients": "", "function": "", "shape": "", "where": "where", "argmax": "", "argmin": "", "pad": "", "floordiv": "floor_divide", "acos": "arccos", "asin": "arcsin", "atan": "arctan"}

// opModules are where operations stand.
var opModules = []string{"keras.ops.", "keras.backend.", "tensorflow.math.", "tensorflow.nn.", "tensorflow.linalg.", "tensorflow.keras.backend.", "keras.activations.", "tensorflow."}

// operation is a call of an operation of Keras's or TensorFlow's, on symbolic tensors by package ops, on arrays by package np; nil where it isn't one.
func (t *translator) operation(path string, c *call) *value {
	name := ""
	for _, m := range opModules {
		if rest, ok := strings.CutPrefix(path, m); ok && !strings.Contains(rest, ".") {
			name = rest
			break
		}
	}
	for _, images := range []string{"keras.ops.image.", "tensorflow.image."} {
		if rest, ok := strings.CutPrefix(path, images); ok && slices.Contains([]string{"extract_patches", "resize", "rgb_to_grayscale", "flip_left_right", "flip_up_down"}, rest) {
			name = rest
		}
	}
	if name == "" {
		return nil
	}
	for i, v := range c.args {
		if v.kind == "frame" {
			c.args[i] = &value{typ: tArray, code: v.tight() + ".Values()"}
		}
	}
	symbolic, arrays := false, false
	var look func(v *value)
	look = func(v *value) {
		symbolic = symbolic || v.kind == "tensor"
		arrays = arrays || v.kind == "array"
		for _, i := range v.items {
			look(i)
		}
	}
	for _, v := range c.args {
		look(v)
	}
	for _, v := range c.kw {
		look(v)
	}
	if t.sc.step != nil {
		if v := t.clipped(name, c); v != nil {
			return v
		}
	}
	if len(c.args) == 1 && c.args[0].kind == "losses" && slices.Contains([]string{"add_n", "reduce_sum", "sum"}, name) {
		return t.penalties(c.args[0], c.e)
	}
	if symbolic {
		if path == "keras.activations.linear" {
			return c.need(0, "x")
		}
		if name == "shape" {
			return t.shapeOf(c.need(0, "input", "x"), c.e)
		}
		return t.symbolicOp(path, name, c)
	}
	if t.sc.step != nil && (name == "ones" || name == "zeros") {
		shape := c.need(0, "shape")
		c.arg(1, "dtype")
		c.done()
		return t.filledNodes(name, shape, c.e)
	}
	if strings.HasPrefix(path, "keras.activations.") {
		return nil
	}
	variable := strings.EqualFold(name, "variable") || slices.Contains([]string{"get_value", "eval", "to_numpy", "convert_to_numpy"}, name)
	if v := t.arrayOp(path, name, c, arrays); v != nil {
		return v.eagerly(!variable)
	}
	return t.eagerOperation(path, name, c).eagerly(true)
}

func (t *translator) symbolicOp(path, name string, c *call) *value {
	if today, ok := opNames[name]; ok && today == "" && !(strings.HasPrefix(path, "keras.ops.") && (name == "argmax" || name == "argmin" || name == "stop_gradient")) && !(strings.HasPrefix(path, "tensorflow.") && (name == "argmax" || name == "argmin")) {
		fail(c.e, "%s of symbolic tensors isn't translated", path)
	} else if ok && today != "" {
		name = today
	}
	if v := t.imageOperation(path, name, c); v != nil {
		return v
	}
	switch name {
	case "reshape":
		if shape := c.arg(1, "shape", "newshape", "target_shape"); shape != nil && len(shape.items) > 1 && shape.items[0].kind == "size of a tensor" {
			x := c.need(0, "x", "tensor")
			c.done()
			return &value{typ: tTensor, code: fmt.Sprintf("layers.Reshape(%s).Apply(%s)", t.as(&value{items: shape.items[1:]}, "...int", c.e), x.code)}
		}
	case "extract_patches":
		return t.patches(path, c)
	case "l2_normalize":
		x, axis := c.need(0, "x", "input"), c.arg(1, "axis", "dim")
		c.done()
		along := ""
		if axis != nil && axis.kind != "none" {
			along = ", ops.Axis(" + t.as(axis, "...int", c.e) + "), ops.KeepDims()"
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Multiply(%s, ops.Rsqrt(ops.Maximum(ops.Sum(ops.Square(%[1]s)%s), 1e-12)))", x.code, along)}
	case "cumsum":
		x, axis := c.need(0, "x"), c.arg(1, "axis")
		c.done()
		at := "0" // TensorFlow's and keras.backend's; Keras's operation takes all numbers in a row
		if axis != nil && axis.kind != "none" {
			at = t.as(axis, "int", c.e)
		} else if strings.HasPrefix(path, "keras.ops.") {
			fail(c.e, "cumsum without an axis isn't translated")
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Cumsum(%s, %s)", x.code, at)}
	case "tile":
		x, n := c.need(0, "input", "x"), c.need(1, "multiples", "repeats", "n")
		c.done()
		if n.items == nil && n.goT != "[]int" {
			fail(c.e, "tile by %s isn't translated", n.describe())
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Tile(%s, %s)", x.code, t.as(n, "...int", c.e))}
	case "gather":
		x, indices, axis := c.need(0, "params", "reference"), c.need(1, "indices"), c.arg(-1, "axis")
		c.done()
		at := "0"
		if axis != nil && axis.kind != "none" {
			at = t.as(axis, "int", c.e)
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Take(%s, %s, %s)", x.code, t.asAny(indices, c.e), at)}
	case "reverse":
		x, axis := c.need(0, "tensor", "x"), c.need(1, "axis", "axes")
		c.done()
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Flip(%s, %s)", x.code, t.as(axis, "...int", c.e))}
	case "split":
		x, n, axis := c.need(0, "value", "x"), c.need(1, "num_or_size_splits", "indices_or_sections"), c.arg(2, "axis")
		c.done()
		at := "0"
		if axis != nil {
			at = t.as(axis, "int", c.e)
		}
		if n.kind != "int" {
			fail(c.e, "a split at %s isn't translated", n.describe())
		}
		return &value{typ: listOf(tTensor), code: fmt.Sprintf("ops.Split(%s, %s, %s)", x.code, n.code, at)}
	case "einsum":
		parts := []string{t.as(c.need(0, "subscripts", "equation"), "string", c.e)}
		for i := 1; i < len(c.args); i++ {
			v := c.arg(i)
			if v.kind != "tensor" {
				fail(c.e, "%s as an operand isn't translated", v.describe())
			}
			parts = append(parts, v.code)
		}
		c.done()
		return &value{typ: tTensor, code: "ops.Einsum(" + strings.Join(parts, ", ") + ")"}
	case "leaky_relu":
		x, slope := c.need(0, "x", "features"), c.arg(1, "negative_slope", "alpha")
		c.done()
		by := "0.2"
		if slope != nil {
			by = t.as(slope, "float64", c.e)
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.LeakyRelu(%s, %s)", x.code, by)}
	case "matmul":
		a, b := c.need(0, "x1", "a", "x"), c.need(1, "x2", "b", "y")
		var codes []string
		for i, v := range []*value{a, b} {
			code := t.asAny(v, c.e)
			if flag := c.arg(-1, []string{"transpose_a", "transpose_b"}[i]); flag != nil {
				switch t.as(flag, "bool", c.e) {
				case "true":
					code = "ops.Swapaxes(" + code + ", -1, -2)"
				case "false":
				default:
					fail(c.e, "a transposition that isn't a constant isn't translated")
				}
			}
			codes = append(codes, code)
		}
		c.done()
		return &value{typ: tTensor, code: "ops.Matmul(" + strings.Join(codes, ", ") + ")"}
	case "cast":
		x, dtype := c.need(0, "x"), c.need(1, "dtype")
		c.done()
		as := ""
		if dtype.kind == "str" {
			as = dtype.code
		} else {
			as = t.dtype(dtype, c)
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Cast(%s, %s)", x.code, as)}
	case "convert_to_tensor", "identity", "array":
		return c.need(0, "x", "value")
	case "flatten":
		if strings.HasPrefix(path, "keras.backend.") {
			x := c.need(0, "x")
			c.done()
			return &value{typ: tTensor, code: fmt.Sprintf("ops.Reshape(%s, -1)", x.code)}
		}
	case "concatenate", "stack":
		xs, axis := c.need(0, "xs", "values", "tensors", "x"), c.arg(1, "axis")
		c.done()
		at := map[string]string{"concatenate": "-1", "stack": "0"}[name]
		if axis == nil && name == "concatenate" && strings.HasPrefix(path, "keras.ops") {
			at = "0"
		}
		if axis != nil {
			at = t.as(axis, "int", c.e)
		}
		f := map[string]string{"concatenate": "Concatenate", "stack": "Stack"}[name]
		list := t.tensors(xs, c)
		return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, %s)", f, list, at)}
	case "argmax", "argmin":
		if strings.HasPrefix(path, "tensorflow.") {
			x, axis, at := c.need(0, "input"), c.arg(1, "axis"), "0"
			c.arg(-1, "output_type")
			c.done()
			if axis != nil && axis.kind != "none" {
				at = t.as(axis, "int", c.e)
			}
			return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, ops.Axis(%s))", strings.ToUpper(name[:1])+name[1:], x.code, at)}
		}
	case "epsilon":
		return nil
	case "sigmoid_cross_entropy_with_logits":
		y, p := c.need(-1, "labels"), c.need(-1, "logits")
		c.arg(-1, "name")
		c.done()
		return &value{typ: tTensor, code: fmt.Sprintf("ops.BinaryCrossentropy(%s, %s, true)", y.code, p.code)}
	case "softmax_cross_entropy_with_logits", "sparse_softmax_cross_entropy_with_logits":
		y, p := c.need(-1, "labels"), c.need(-1, "logits")
		c.arg(-1, "name")
		c.done()
		f := map[bool]string{true: "Sparse", false: ""}[strings.HasPrefix(name, "sparse")] + "CategoricalCrossentropy"
		return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, %s, true, -1)", f, y.code, p.code)}
	}
	if slices.Contains([]string{"relu", "sigmoid", "tanh", "softmax", "softplus", "softsign", "elu", "selu", "gelu", "swish", "silu", "relu6"}, name) && len(c.args) == 1 && len(c.keys) == 0 {
		if name == "elu" || name == "gelu" {
			return &value{typ: tTensor, code: fmt.Sprintf("layers.Activation(%q).Apply(%s)", name, c.arg(0).code)}
		}
	}
	p := goapi.Table()["ops"]
	goName, fn := "", goapi.Func{}
	for n, f := range p.Funcs {
		if strings.EqualFold(n, strings.ReplaceAll(name, "_", "")) {
			goName, fn = n, f
		}
	}
	if goName == "" || len(fn.Result) != 1 || fn.Result[0] != "*symbolic.Tensor" {
		fail(c.e, "%s of symbolic tensors isn't translated", path)
	}
	aliases := map[string][]string{"x": {"input", "input_tensor", "tensor", "a", "features", "logits", "value", "indices"}, "x1": {"x", "a"}, "x2": {"y", "b"}, "xMin": {"x_min", "min_value", "clip_value_min"}, "xMax": {"x_max", "max_value", "clip_value_max"},
		"condition": {"cond"}, "numClasses": {"depth"}}
	var args []string
	place := 0
	for _, param := range fn.Params {
		names := append([]string{lower(param.Name), param.Name}, aliases[param.Name]...)
		switch param.Type {
		case "...Option":
			axis := c.arg(place, "axis", "reduction_indices")
			if axis != nil && axis.kind != "none" {
				args = append(args, "ops.Axis("+t.as(axis, "...int", c.e)+")")
			}
			if keep := c.arg(place+1, "keepdims", "keep_dims"); keep != nil && t.as(keep, "bool", c.e) == "true" {
				args = append(args, "ops.KeepDims()")
			}
		case "...int":
			v := c.arg(place, append(names, "axis", "shape", "newshape", "pattern", "perm", "axes")...)
			if v != nil && v.kind != "none" {
				args = append(args, t.as(v, "...int", c.e))
			}
		case "any":
			v := c.need(place, names...)
			if v.kind != "tensor" && !number(v.typ) && v.kind != "array" {
				fail(c.e, "%s as an operand isn't translated", v.describe())
			}
			args = append(args, v.code)
		default:
			v := c.arg(place, names...)
			if v == nil {
				fail(c.e, "%s without %s isn't translated", path, lower(param.Name))
			}
			args = append(args, t.as(v, param.Type, c.e))
		}
		place++
	}
	c.done()
	// A reduction of all axes is a number, and so is what a number becomes.
	reduces := len(fn.Params) == 2 && fn.Params[1].Type == "...Option"
	scalar := len(args) == 1 && reduces || len(fn.Params) == 1 && len(c.args) == 1 && c.args[0].scalar
	return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s)", goName, strings.Join(args, ", ")), scalar: scalar}
}

// patches is extract_patches of a symbolic tensor, TensorFlow's or Keras's.
func (t *translator) patches(path string, c *call) *value {
	images, padding := c.need(0, "images"), "valid"
	numbers := func(v *value) string {
		if strings.HasPrefix(path, "tensorflow.") {
			if len(v.items) != 4 {
				fail(c.e, "sizes of %s aren't translated", v.describe())
			}
			v = &value{items: v.items[1:3]}
		} else if v.kind == "int" {
			v = &value{items: []*value{v, v}}
		}
		return "[]int{" + t.as(v, "...int", c.e) + "}"
	}
	size := numbers(c.need(1, "sizes", "size"))
	var options []string
	if s := c.arg(2, "strides"); s != nil && s.kind != "none" {
		options = append(options, "Strides: "+numbers(s))
	}
	if r := c.arg(3, "rates", "dilation_rate"); r != nil && r.code != "1" && (r.items == nil || slices.ContainsFunc(r.items, func(i *value) bool { return i.code != "1" })) {
		fail(c.e, "patches with gaps aren't translated")
	}
	if p := c.arg(4, "padding"); p != nil {
		padding = strings.ToLower(strings.Trim(p.code, `"`))
	}
	if padding != "valid" {
		options = append(options, fmt.Sprintf("Padding: %q", padding))
	}
	c.arg(-1, "name")
	c.done()
	return &value{typ: tTensor, code: fmt.Sprintf("ops.ExtractPatches(%s, %s, ops.PatchOptions{%s})", images.code, size, strings.Join(options, ", "))}
}

// wholeOf is the argument of a norm that is taken over all axes.
func (t *translator) wholeOf(c *call) *value {
	x := c.need(0, "x")
	if axis := c.arg(1, "axis"); axis != nil && axis.kind != "none" {
		fail(c.e, "a norm along an axis isn't translated")
	}
	c.done()
	return x
}

// arrayOp is an operation on arrays, which are TensorFlow's eager tensors here.
func (t *translator) arrayOp(path, name string, c *call, arrays bool) *value {
	known := []string{"mean", "sum", "max", "min", "square", "sqrt", "exp", "log", "abs", "add", "subtract", "multiply", "divide", "matmul", "maximum", "minimum", "sin", "cos", "round", "sign", "floor", "ceil",
		"squeeze", "equal", "greater", "less", "not_equal", "power", "tanh", "clip"}
	if strings.HasPrefix(path, "keras.activations.") {
		return nil
	}
	single := func(v *value) *value {
		ty := v.typ
		for ty.kind == "list" && ty.elem != nil {
			ty = *ty.elem
		}
		switch {
		case v.kind == "array":
			return &value{typ: tArray, code: v.code, loose: v.loose}
		case ty.kind == "float" && v.code != "":
			return &value{typ: tArray, code: fmt.Sprintf(`np.ArrayOf("float32", %s)`, v.code)}
		case ty.kind == "int" && v.code != "":
			return &value{typ: tArray, code: fmt.Sprintf(`np.ArrayOf("int32", %s)`, v.code)}
		case (ty.kind == "bool" || ty.kind == "str" || ty.kind == "array") && v.code != "":
			return &value{typ: tArray, code: "np.Of(" + v.code + ")"}
		}
		fail(c.e, "%s as a tensor isn't translated", v.describe())
		return nil
	}
	switch name {
	case "constant", "convert_to_tensor", "array", "Variable", "variable":
		v, dtype := c.need(0, "value", "x", "initial_value"), c.arg(-1, "dtype")
		if name != "Variable" && dtype == nil {
			dtype = c.arg(1, "dtype")
		}
		if c.arg(2, "shape") != nil {
			return nil
		}
		c.arg(-1, "name")
		c.arg(-1, "trainable")
		if name == "Variable" || name == "variable" {
			t.approximate("a variable is an array")
			v = single(v)
			v = &value{typ: tArray, code: v.tight() + ".Copy()"}
		}
		c.done()
		if v.kind == "array" && !v.eager && name != "Variable" && name != "variable" && (dtype == nil || dtype.kind == "none") {
			return &value{typ: tArray, code: v.tight() + ".Copy()"} // what is assigned to the array isn't seen in the tensor
		}
		v = single(v)
		if dtype != nil && dtype.kind != "none" {
			v = &value{typ: tArray, code: fmt.Sprintf("%s.AsType(%s)", v.tight(), t.dtype(dtype, c))}
		}
		v.variable = name == "Variable"
		return v
	case "l2_normalize":
		x := t.wholeOf(c)
		return &value{typ: tArray, code: fmt.Sprintf("np.Divide(%s, np.Sqrt(np.Maximum(np.Sum(np.Square(%[1]s)), 1e-12)))", x.code)}
	case "zeros", "ones":
		shape, dtype := c.need(0, "shape"), c.arg(1, "dtype")
		c.done()
		d := `"float32"`
		if dtype != nil {
			d = t.dtype(dtype, c)
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.%sOf(%s, %s)", strings.ToUpper(name[:1])+name[1:], d, t.as(shape, "...int", c.e))}
	case "linspace":
		start, stop, n := c.need(0, "start"), c.need(1, "stop"), c.need(2, "num")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf(`np.Linspace(%s, %s, %s).AsType("float32")`, t.as(start, "float64", c.e), t.as(stop, "float64", c.e), t.as(n, "int", c.e))}
	case "eye":
		n := c.need(0, "num_rows", "N", "n", "size")
		c.arg(-1, "dtype")
		if len(c.keys) > 0 && c.kw["dtype"] != nil || t.sc.step != nil {
			return nil
		}
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf(`np.Eye(%s).AsType("float32")`, t.as(n, "int", c.e))}
	case "get_value", "eval", "to_numpy", "convert_to_numpy":
		if arrays {
			return c.need(0, "x")
		}
		return nil
	case "range", "arange":
		return t.tensorRange(c)
	case "one_hot":
		if !strings.HasPrefix(path, "tensorflow.") && !strings.HasPrefix(path, "keras.") {
			return nil
		}
		x, depth := c.need(0, "indices", "x"), c.need(1, "depth", "num_classes")
		dtype := c.arg(-1, "dtype")
		c.done()
		d := `"float32"`
		if dtype != nil {
			d = t.dtype(dtype, c)
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.Equal(np.ExpandDims(%s, -1), np.Arange(%s)).AsType(%s)", t.asAny(x, c.e), t.as(depth, "int", c.e), d)}
	case "epsilon":
		return &value{typ: tFloat, code: "1e-07", konst: true}
	case "floatx":
		return &value{typ: tStr, code: `"float32"`, konst: true}
	}
	if f := map[string]string{"exp": "Exp", "sqrt": "Sqrt", "log": "Log", "cos": "Cos", "sin": "Sin", "tanh": "Tanh"}[name]; f != "" && len(c.args) == 1 && len(c.keys) == 0 && number(c.args[0].typ) && t.sc.step == nil {
		t.approximate("a tensor of one number is a number")
		return &value{typ: tFloat, code: fmt.Sprintf("math.%s(%s)", f, t.as(c.need(0, "x"), "float64", c.e))}
	}
	if len(c.args) > 0 && number(c.args[0].typ) && t.sc.step == nil {
		if v := t.numberOp(name, c); v != nil {
			return v
		}
	}
	if name == "confusion_matrix" && t.sc.step == nil {
		labels, predicted := c.need(0, "labels"), c.need(1, "predictions")
		c.arg(2, "num_classes")
		c.done()
		t.approximate("a confusion matrix has the classes that occur")
		return &value{typ: tArray, code: fmt.Sprintf("sk.ConfusionMatrix(%s, %s)", t.asAny(labels, c.e), t.asAny(predicted, c.e))}
	}
	if !arrays {
		return nil
	}
	switch {
	case (name == "concat" || name == "concatenate") && (len(c.args) == 2 || c.kw["axis"] != nil), name == "stack":
		parts, axis := c.need(0, "values", "xs", "tensors", "x"), c.arg(1, "axis")
		c.arg(-1, "name")
		c.done()
		at := "0"
		if axis != nil {
			at = t.as(axis, "int", c.e)
		}
		if parts.kind != "list" || parts.elem.kind != "array" {
			return nil
		}
		f := map[bool]string{true: "Stack", false: "Concatenate"}[name == "stack"]
		return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s, %s)", f, parts.code, at)}
	case name == "where" && len(c.args) == 3 && len(c.keys) == 0:
		args := []string{}
		for i := range 3 {
			args = append(args, t.asAny(single(c.arg(i)), c.e))
		}
		return &value{typ: tArray, code: "np.Where(" + strings.Join(args, ", ") + ")"}
	}
	x := c.need(0, "x", "input", "input_tensor", "tensor", "logits", "features", "indices", "images", "image", "params", "value", "equation", "subscripts")
	switch name {
	case "identity":
		c.arg(-1, "name")
		c.done()
		if x.kind != "array" {
			return nil
		}
		return &value{typ: tArray, code: x.tight() + ".Copy()"}
	case "cast":
		dtype := c.need(1, "dtype")
		c.done()
		if x.kind != "array" {
			return nil
		}
		return &value{typ: tArray, code: fmt.Sprintf("%s.AsType(%s)", x.tight(), t.dtype(dtype, c))}
	case "expand_dims":
		axis := c.need(1, "axis")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("np.ExpandDims(%s, %s)", x.code, t.as(axis, "...int", c.e))}
	case "reshape":
		shape := c.need(1, "shape", "newshape")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("np.Reshape(%s, %s)", x.code, t.as(shape, "...int", c.e))}
	case "softmax":
		if axis := c.arg(1, "axis"); axis != nil && axis.code != "-1" {
			return nil
		}
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s(%s)", t.helper("softmax"), x.code)}
	case "argmax", "argmin":
		axis := c.arg(1, "axis")
		c.arg(-1, "output_type")
		c.done()
		if axis == nil && strings.HasPrefix(path, "tensorflow.") {
			axis = &value{typ: tInt, code: "0", konst: true}
		}
		if axis == nil {
			return nil
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s, %s)", strings.ToUpper(name[:1])+name[1:], x.code, t.as(axis, "int", c.e))}
	}
	if today := opNames[name]; today != "" {
		name = today
	}
	if c.kw["transpose_a"] != nil || c.kw["transpose_b"] != nil || !slices.Contains(known, name) {
		return nil
	}
	t.imports["np"] = true
	fresh := &call{e: c.e, args: c.args, kw: c.kw, keys: c.keys, used: map[string]bool{}}
	return t.numpyCall(name, fresh)
}

// function is a function of the notebook as a loss or a metric, in compile.
func (t *translator) function(v *value, metric bool, c *call) string {
	n := 0
	if v.def.stmt != nil {
		n = len(v.def.stmt.Params)
	} else {
		n = len(v.def.lambda.Params)
	}
	if n < 2 {
		fail(c.e, "a loss takes targets and predictions")
	}
	yTrue, yPred := t.newVar("yTrue", tTensor.goT), t.newVar("yPred", tTensor.goT)
	yTrue.given, yPred.given = true, true
	args := []*value{{typ: tTensor, code: yTrue.ref()}, {typ: tTensor, code: yPred.ref()}}
	result := t.callDef(v.def, callOf(c.e, args...))
	if result.kind != "tensor" {
		fail(c.e, "a loss that gives %s isn't translated", result.describe())
	}
	kind := map[bool]string{true: "MetricFunc", false: "LossFunc"}[metric]
	return fmt.Sprintf("functional.%s(%q, func(%s, %s *functional.Tensor) *functional.Tensor { return %s })", kind, v.def.name, yTrue.ref(), yPred.ref(), result.code)
}

// tensorRange is tf.range: of ints of 32 bits, or of floats.
func (t *translator) tensorRange(c *call) *value {
	names := [][]string{{"start"}, {"limit", "stop"}, {"delta", "step"}}
	var args []string
	kind := "int32"
	for i, n := range names {
		v := c.arg(i, n...)
		if v == nil {
			continue
		}
		if !number(v.typ) || v.kind == "bool" {
			fail(c.e, "a range of %s isn't translated", v.describe())
		}
		if v.kind == "float" {
			kind = "float32"
		}
		args = append(args, v.code)
	}
	dtype := c.arg(-1, "dtype")
	c.done()
	as := strconv.Quote(kind)
	if dtype != nil {
		as = t.dtype(dtype, c)
	}
	return &value{typ: tArray, code: fmt.Sprintf("np.Arange(%s).AsType(%s)", strings.Join(args, ", "), as)}
}

// arrayErrors are Keras's losses and metrics that are functions of two arrays, by the function of np that an error goes through.
var arrayErrors = map[string]string{"mean_squared_error": "Square", "mse": "Square", "MSE": "Square", "mean_absolute_error": "Abs", "mae": "Abs", "MAE": "Abs"}

// errorOfArrays is such a function of two arrays or lists, nil for others.
func (t *translator) errorOfArrays(name string, c *call) *value {
	f := arrayErrors[name]
	y, p := c.arg(0, "y_true"), c.arg(1, "y_pred")
	if f == "" || y == nil || p == nil || y.kind != "array" && y.kind != "list" || p.kind != "array" && p.kind != "list" {
		return nil
	}
	c.done()
	return &value{typ: tArray, eager: true, code: fmt.Sprintf("%s(%s, %s, func(e any) *np.Array { return np.%s(e) })", t.helper("errorOf"), y.code, p.code, f)}
}

// numberOp is cast or rsqrt of a number, which stays one; nil for other operations.
func (t *translator) numberOp(name string, c *call) *value {
	x := c.need(0, "x")
	switch {
	case name == "rsqrt" && len(c.args) == 1 && len(c.keys) == 0:
		t.approximate("a tensor of one number is a number")
		return &value{typ: tFloat, code: "1 / math.Sqrt(" + t.as(x, "float64", c.e) + ")", loose: true}
	case name == "cast" && len(c.args)+len(c.keys) == 2:
		switch dtype := t.dtype(c.need(1, "dtype"), c); {
		case dtype == `"float32"` || dtype == `"float64"`:
			t.approximate("a tensor of one number is a number")
			if x.konst && x.kind == "int" {
				return &value{typ: tFloat, code: x.code + ".0", konst: true}
			}
			return &value{typ: tFloat, code: t.as(x, "float64", c.e), konst: x.konst}
		case (dtype == `"int32"` || dtype == `"int64"`) && x.kind == "int":
			return x
		}
	}
	return nil
}
