package port

import (
	"fmt"
	"slices"
	"strings"
)

// Operations of Keras's and TensorFlow's on arrays that package np hasn't: those of package ops, computed at once.

// kerasHelpers are what Keras's objects do where Go's do otherwise.
var kerasHelpers = map[string]string{
	"found": `
// found is what a callback has found, zero before it has found anything.
func found[T any](v T, _ bool) T { return v }
`,
	"stepsOfSamples": `
// stepsOfSamples is in how many batches so many images come, in as many passes as it takes.
func stepsOfSamples(f *datasets.ImageFlow, samples int) int {
	return samples/f.Len()*f.Cardinality() + (samples%f.Len()+f.BatchSize()-1)/f.BatchSize()
}
`,
	"computed": `
// computed is what an operation of package ops gives for arrays.
func computed(operation func(x []*functional.Tensor) *functional.Tensor, arrays ...*np.Array) *np.Array {
	trainer := must.M1(functional.NewTrainer(functional.TrainerOptions{TestStep: func(s *functional.Step) {
		s.Output("result", s.Compute(func(of func(*graph.Node) *functional.Tensor) *functional.Tensor {
			var x []*functional.Tensor
			for _, node := range s.Inputs() {
				x = append(x, of(node))
			}
			return operation(x)
		}))
	}}))
	inputs := make([]any, len(arrays))
	for i, a := range arrays {
		inputs[i] = a.Tensor()
	}
	return np.FromTensor(must.M1(trainer.TestOnBatch(inputs, nil)).Outputs["result"])
}
`,
	"categorical": `
// categorical draws so many classes for each row of logits (tf.random.categorical).
func categorical(logits *np.Array, n int) *np.Array {
	var rows []*np.Array
	for i := range logits.Len() {
		p := softmax(logits.Index(i).AsType("float64"))
		rows = append(rows, np.Random.Choice(p.Len(), n, np.P(p.Floats())))
	}
	return np.Stack(rows, 0)
}
`,
	"variablesModel": `
// variablesModel is a model, m or a new one, whose weights are what variables hold, for optimizers.
func variablesModel(m *functional.Model, name string, variables ...*np.Array) *functional.Model {
	if m == nil {
		x := functional.Input(1)
		hold := functional.LayerFunc(name, func(l *functional.LayerBody, x []*functional.Tensor) *functional.Tensor {
			for i, v := range variables {
				l.AddWeight(symbolic.WeightSpec{Name: fmt.Sprint("variable_", i), Shape: v.Shape()})
			}
			return x[0]
		})
		m = must.M1(functional.NewModel(x, hold().Apply(x)))
	}
	must.M(m.SetWeights(tensorsOf(variables...)))
	return m
}
`,
	"takeVariables": `
// takeVariables gives variables what an optimizer made of them.
func takeVariables(m *functional.Model, variables ...*np.Array) {
	for i, w := range m.Weights() {
		variables[i].SetIndex(np.FromTensor(must.M1(w.Value())), np.Ellipsis)
	}
}
`,
	"weightText": `
// weightText is a weight as Keras 3 prints it.
func weightText(w *functional.Weight) string {
	return fmt.Sprintf("<Variable path=%s, shape=%s, dtype=%s, value=%s>", w.Path(), tupleText(w.Shape()), strings.ToLower(w.DType().String()), np.FromTensor(must.M1(w.Value())))
}
`,
	"weightsText": `
// weightsText are weights as Keras 3 prints a list of them.
func weightsText(weights []*functional.Weight) string {
	var parts []string
	for _, w := range weights {
		parts = append(parts, weightText(w))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
`,
	"sameRank": `
// sameRank gives targets and predictions one rank, as Keras's losses do.
func sameRank(y, p *functional.Tensor) (*functional.Tensor, *functional.Tensor) {
	switch a, b := y.Shape(), p.Shape(); {
	case len(a) == len(b)+1 && a[len(a)-1] == 1 && len(b) == 1:
		p = ops.ExpandDims(p, -1)
	case len(a) == len(b)+1 && a[len(a)-1] == 1:
		y = ops.Squeeze(y, -1)
	case len(b) == len(a)+1 && b[len(b)-1] == 1 && len(a) == 1:
		y = ops.ExpandDims(y, -1)
	case len(b) == len(a)+1 && b[len(b)-1] == 1:
		p = ops.Squeeze(p, -1)
	}
	return y, p
}
`,
	"lossOfTensors": `
// lossOfTensors is the mean along the last axis of what a function gives for targets and predictions.
func lossOfTensors(y, p *functional.Tensor, of func(y, p *functional.Tensor) *functional.Tensor) *functional.Tensor {
	y, p = sameRank(ops.Cast(y, p.DType()), p)
	return ops.Mean(of(y, p), ops.Axis(-1))
}
`,
}

// tensorLosses are Keras's losses and metrics that are functions of two tensors and means along the last axis: what they are the means of.
var tensorLosses = map[string]string{
	"mean_squared_error": "ops.Square(ops.Subtract(p, y))", "mean_absolute_error": "ops.Abs(ops.Subtract(p, y))",
	"binary_crossentropy":            "ops.BinaryCrossentropy(y, p, false)",
	"mean_squared_logarithmic_error": "ops.Square(ops.Subtract(ops.Log(ops.Add(ops.Maximum(p, 1e-7), 1)), ops.Log(ops.Add(ops.Maximum(y, 1e-7), 1))))",
	"mean_absolute_percentage_error": "ops.Multiply(ops.Abs(ops.Divide(ops.Subtract(y, p), ops.Maximum(ops.Abs(y), 1e-7))), 100)",
}

var lossNames = map[string]string{"mse": "mean_squared_error", "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error"}

// lossOfTensors is such a function of symbolic tensors outside of a step; nil for others.
func (t *translator) lossOfTensors(name string, c *call) *value {
	y, p := c.arg(0, "y_true"), c.arg(1, "y_pred")
	if t.sc.step != nil || y == nil || p == nil || p.kind != "tensor" || y.kind != "tensor" {
		return nil
	}
	name = strings.ToLower(name)
	if long := lossNames[name]; long != "" {
		name = long
	}
	switch name {
	case "categorical_crossentropy", "sparse_categorical_crossentropy":
		c.done()
		f := map[byte]string{'c': "Categorical", 's': "SparseCategorical"}[name[0]]
		return &value{typ: tTensor, code: fmt.Sprintf("ops.%sCrossentropy(%s, %s, false, -1)", f, y.code, p.code)}
	}
	of := tensorLosses[name]
	if of == "" {
		return nil
	}
	c.done()
	return &value{typ: tTensor, code: fmt.Sprintf("%s(%s, %s, func(y, p *functional.Tensor) *functional.Tensor { return %s })", t.helper("lossOfTensors"), y.code, p.code, of)}
}

// drawnClasses is tf.random.categorical of arrays.
func (t *translator) drawnClasses(c *call) *value {
	logits, n := c.need(0, "logits"), c.need(1, "num_samples")
	for _, k := range []string{"seed", "dtype"} {
		c.arg(-1, k)
	}
	c.done()
	if logits.kind != "array" || t.sc.step != nil {
		fail(c.e, "draws by %s aren't translated", logits.describe())
	}
	t.approximate("NumPy's generator gives other numbers than TensorFlow's")
	return &value{typ: tArray, eager: true, code: fmt.Sprintf("%s(%s, %s)", t.helper("categorical"), logits.code, t.as(n, "int", c.e))}
}

// sameAsKeras are operations of TensorFlow's that mean what Keras's of that name do, whatever the type of the numbers.
var sameAsKeras = []string{"matmul", "relu", "relu6", "sigmoid", "softplus", "softsign", "elu", "selu", "leaky_relu", "silu", "swish", "tile", "transpose", "einsum", "tensordot", "identity", "log_softmax", "erf", "rsqrt",
	"asin", "acos", "atan", "sinh", "cosh", "log1p", "expm1", "logical_and", "logical_or", "logical_not", "greater_equal", "less_equal", "cumsum", "gather", "resize", "reverse", "rgb_to_grayscale", "flip_left_right", "flip_up_down"}

// eagerOperation is an operation of package ops on arrays; nil where it isn't one.
func (t *translator) eagerOperation(path, name string, c *call) *value {
	if t.sc.step != nil || !strings.HasPrefix(path, "keras.ops.") && !slices.Contains(sameAsKeras, name) {
		return nil
	}
	if path == "tensorflow.image.resize" && len(c.args) < 3 && len(c.keys) == 0 {
		return nil // by the layer that resizes
	}
	x := t.newVar("x", "[]*functional.Tensor")
	x.given = true
	var arrays []string
	var lift func(v *value) *value
	lift = func(v *value) *value {
		switch {
		case v.kind == "array":
			arrays = append(arrays, v.code)
			return &value{typ: tTensor, code: fmt.Sprintf("%s[%d]", x.ref(), len(arrays)-1)}
		case len(v.items) > 0 && slices.ContainsFunc(v.items, func(i *value) bool { return i.kind == "array" }):
			made := &value{typ: typ{kind: "tuple"}, tuple: v.tuple}
			for _, i := range v.items {
				made.items = append(made.items, lift(i))
			}
			return made
		}
		return v
	}
	fresh := callOf(c.e)
	for _, a := range c.args {
		fresh.args = append(fresh.args, lift(a))
	}
	for _, k := range c.keys {
		fresh.kw[k], fresh.keys = lift(c.kw[k]), append(fresh.keys, k)
	}
	if len(arrays) == 0 {
		return nil
	}
	r := t.symbolicOp(path, name, fresh)
	if r.kind != "tensor" {
		fail(c.e, "%s of arrays isn't translated", path)
	}
	t.use(tTensor.goT)
	return &value{typ: tArray, code: fmt.Sprintf("%s(func(%s []*functional.Tensor) *functional.Tensor { return %s }, %s)", t.helper("computed"), x.ref(), r.code, strings.Join(arrays, ", "))}
}

// imageOperation is an operation on symbolic images; nil where it isn't one.
func (t *translator) imageOperation(path, name string, c *call) *value {
	if !strings.HasPrefix(path, "keras.ops.image.") && !strings.HasPrefix(path, "tensorflow.image.") {
		return nil
	}
	x := c.need(0, "images", "image")
	switch name {
	case "resize":
		size, method, antialias := c.need(1, "size"), c.arg(2, "interpolation", "method"), c.arg(-1, "antialias")
		if len(size.items) != 2 {
			fail(c.e, "a size of %s isn't translated", size.describe())
		}
		c.done()
		var options []string
		if method != nil && method.code != `"bilinear"` {
			kind := ""
			if method.kind == "str" && method.konst {
				kind = strings.Trim(method.code, `"`)
			} else if _, last := split(method.path); strings.HasPrefix(method.path, "tensorflow.image.ResizeMethod.") {
				kind = map[string]string{"BILINEAR": "bilinear", "NEAREST_NEIGHBOR": "nearest", "BICUBIC": "bicubic", "LANCZOS3": "lanczos3", "LANCZOS5": "lanczos5"}[last]
			}
			if !slices.Contains([]string{"bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"}, kind) {
				fail(c.e, "%s as a way of resizing isn't translated", method.describe())
			}
			options = append(options, fmt.Sprintf("Interpolation: %q", kind))
		}
		if antialias != nil && t.as(antialias, "bool", c.e) != "false" {
			options = append(options, "Antialias: "+t.as(antialias, "bool", c.e))
		}
		code := x.code
		if strings.HasPrefix(path, "tensorflow.") && (len(options) == 0 || !strings.Contains(options[0], "nearest")) {
			code = "ops.Cast(" + code + `, "float32")` // whatever the images' type
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Resize(%s, %s, ops.ResizeOptions{%s})", code, t.as(size, "...int", c.e), strings.Join(options, ", "))}
	case "rgb_to_grayscale":
		c.done()
		return &value{typ: tTensor, code: fmt.Sprintf(`ops.RGBToGrayscale(%s, "")`, x.code)}
	case "flip_left_right", "flip_up_down":
		c.done()
		return &value{typ: tTensor, code: fmt.Sprintf("ops.Flip(%s, %s)", x.code, map[string]string{"flip_left_right": "-2", "flip_up_down": "-3"}[name])}
	}
	return nil
}
