package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/port/internal/python"
)

// Objects of classes that extend Keras's Loss, Metric and LearningRateSchedule. Their methods are functions of symbolic tensors; a metric's variables
// are those of a functional.StatefulMetric.

var (
	tStateful       = typ{kind: "own metric", goT: "*functional.StatefulMetric"}
	tMetricVariable = typ{kind: "metric variable", goT: "*functional.MetricVariable"}
	tMetricPart     = typ{kind: "metric part", goT: "*functional.MetricPart"}
)

// ownParts are the kinds of such classes.
var ownParts = []string{"loss", "metric", "schedule"}

// beganPart is super().__init__(…) of such a class: the name, and a loss's reduction.
func (t *translator) beganPart(in *classObject, e *python.Expr) {
	in.name = fmt.Sprintf("%q", config.SnakeCase(in.class.name))
	if in.given != "" {
		in.name = in.given
	}
	for _, k := range e.Keywords {
		switch k.Name {
		case "":
		case "name":
			if v := t.expr(k.Value); v.kind == "str" {
				in.name = v.code
			}
		case "reduction":
			v := t.expr(k.Value)
			if v.path != "" {
				_, word := split(v.path)
				v = &value{typ: tStr, code: fmt.Sprintf("%q", strings.ToLower(word)), konst: true}
			}
			if v.code != `"auto"` {
				in.reduction = t.as(v, "string", e)
			}
		case "dtype":
			if v := t.expr(k.Value); v.kind != "none" && v.code != `"float32"` {
				fail(e, "a dtype of an own %s isn't translated", in.class.base)
			}
		default:
			fail(e, "%s of an own %s isn't translated", k.Name, in.class.base)
		}
	}
	for i, a := range e.Args[1:] {
		if v := t.expr(a); v.kind == "str" && i == 0 && in.class.base == "metric" {
			in.name = v.code
		} else {
			fail(e, "what super().__init__ is given by place isn't translated")
		}
	}
	if in.class.base == "metric" {
		in.model = t.variable(camel(in.class.name), &value{typ: tStateful, code: "functional.NewMetric(" + in.name + ")"})
	}
}

// finishedPart completes a new object of such a class.
func (t *translator) finishedPart(v *value, c *call) {
	in := v.object
	if in.name == "" {
		t.beganPart(in, &python.Expr{Kind: python.Call, Args: []*python.Expr{nil}})
	}
	if in.class.base != "metric" {
		return
	}
	update, result := in.class.method("update_state"), in.class.method("result")
	if update == nil || result == nil {
		fail(c.e, "a metric without update_state or result isn't translated")
	}
	for _, name := range []string{"reset_state", "reset_states"} {
		if m := in.class.method(name); m != nil {
			t.resets(in, m, c)
		}
	}
	inside := func(name string, args ...*value) *value {
		defer func(before *classObject) { t.inMetric = before }(t.inMetric)
		t.inMetric = in
		return t.callMethod(v, name, callOf(c.e, args...))
	}
	if len(update.Params) < 3 || slices.ContainsFunc(update.Params, func(p python.Param) bool { return p.Star == "*" && p.Name != "" }) {
		fail(c.e, "an update_state that doesn't take targets and predictions isn't translated")
	}
	y, p := t.newVar("yTrue", tTensor.goT), t.newVar("yPred", tTensor.goT)
	y.given, p.given = true, true
	args := []*value{{typ: tTensor, code: y.ref()}, {typ: tTensor, code: p.ref()}}
	if len(update.Params) > 3 && update.Params[3].Star == "" && update.Params[3].Default == nil {
		args = append(args, &value{typ: tNone})
	}
	r := inside("update_state", args...)
	if r.kind != "done" {
		fail(c.e, "an update_state that returns something isn't translated")
	}
	t.use(tStateful.goT)
	t.code("%s.OnUpdate = func(%s, %s, _ *functional.Tensor) { %s }", in.model.code, y.ref(), p.ref(), r.code)
	value := inside("result")
	if value.kind != "tensor" {
		fail(c.e, "a result that is %s isn't translated", value.describe())
	}
	t.code("%s.OnResult = func() *functional.Tensor { return %s }", in.model.code, value.code)
}

// resets looks at what reset_state does: everything has to begin again with its initial value, which is what happens in Go.
func (t *translator) resets(in *classObject, m *python.Stmt, c *call) {
	for _, s := range m.Body {
		refuse := func() { fail(c.e, "what line %d of %s does isn't translated", s.Line, m.Text) }
		e := s.Value
		if s.Kind == python.Pass || isSuper(s) || s.Kind == python.ExprStmt && e.Kind == python.String {
			continue
		}
		if s.Kind == python.For && len(s.Body) == 1 && s.Body[0].Kind == python.ExprStmt {
			e = s.Body[0].Value
			if s.Value.Kind != python.Attr || s.Value.Text != "variables" && s.Value.Text != "weights" {
				refuse()
			}
		} else if s.Kind != python.ExprStmt {
			refuse()
		}
		if e.Kind != python.Call || e.Args[0].Kind != python.Attr {
			refuse()
		}
		switch method := e.Args[0]; {
		case method.Text == "reset_state" || method.Text == "reset_states":
		case method.Text == "assign" && len(e.Args) == 2 && isZero(e.Args[1]):
		case strings.HasSuffix(method.Text, "batch_set_value"): // K.batch_set_value([(v, 0) for v in self.variables])
			if pairs := e.Args[len(e.Args)-1]; pairs.Kind != python.Comp || pairs.Args[0].Kind != python.Tuple || !isZero(pairs.Args[0].Args[1]) {
				refuse()
			}
		default:
			refuse()
		}
	}
}

// isZero reports an expression that is 0, or zeros.
func isZero(e *python.Expr) bool {
	switch e.Kind {
	case python.Number:
		return strings.Trim(e.Text, "0.") == ""
	case python.Call:
		f := e.Args[0]
		return (f.Kind == python.Attr || f.Kind == python.Name) && (f.Text == "zeros" || f.Text == "zeros_like") || f.Kind == python.Attr && (f.Text == "constant" || f.Text == "cast") && len(e.Args) > 1 && isZero(e.Args[1])
	}
	return false
}

// metricWeight is self.add_weight of a metric.
func (t *translator) metricWeight(in *classObject, c *call) *value {
	if t.sc.result != nil || in.model == nil {
		fail(c.e, "add_weight of a metric outside of __init__, or before super().__init__, isn't translated")
	}
	var name, shape, initializer *value
	if len(c.args) > 0 && c.args[0].kind == "str" { // as in Keras 2
		name, shape, initializer = c.arg(0), c.arg(1, "shape"), c.arg(-1, "initializer")
	} else {
		shape, initializer, name = c.arg(0, "shape"), c.arg(1, "initializer"), c.arg(-1, "name")
	}
	if d := c.arg(-1, "dtype"); d != nil && d.kind != "none" && t.dtype(d, c) != `"float32"` {
		fail(c.e, "a variable of a metric of another dtype than float32 isn't translated")
	}
	c.done()
	// Keras fills variables with 0 before each epoch, whatever they began with.
	if initializer != nil && initializer.kind != "none" && initializer.code != `"zeros"` && initializer.code != `"zero"` && !strings.Contains(initializer.code, "initializers.Zeros()") {
		fail(c.e, "a variable of a metric that doesn't begin with zeros isn't translated")
	}
	text := `"variable"`
	if name != nil && name.kind == "str" {
		text = name.code
	}
	fields := []string{"Name: " + text}
	if shape != nil && shape.kind != "none" && !(shape.tuple && len(shape.items) == 0 && shape.goT == "") && !(shape.kind == "empty" && shape.code == "") {
		if shape.kind == "int" {
			shape = &value{items: []*value{shape}}
		}
		fields = append(fields, "Shape: "+t.as(shape, "[]int", c.e))
	}
	t.use("metrics.Metric")
	return &value{typ: tMetricVariable, code: fmt.Sprintf("%s.Variable(metrics.Variable{%s})", in.model.code, strings.Join(fields, ", "))}
}

// metricAttr is an attribute of an own metric where it computes: a variable is what it holds.
func (t *translator) metricAttr(in *classObject, v *value, e *python.Expr) *value {
	if v.kind == tMetricVariable.kind {
		if t.inMetric != in {
			fail(e, "a metric's variable outside of it isn't translated")
		}
		t.use("ops.Add")
		return &value{typ: tTensor, code: v.code + ".Value()", self: v}
	}
	return v
}

// metricVariableMethod is assign, assign_add or assign_sub of a metric's variable; nil for others.
func (t *translator) metricVariableMethod(v *value, name string, c *call) *value {
	f := map[string]string{"assign": "Assign", "assign_add": "AssignAdd", "assign_sub": "AssignSub"}[name]
	if f == "" {
		return nil
	}
	x := c.need(0, "value", "delta")
	c.done()
	code := x.code
	switch {
	case x.kind == "tensor":
	case number(x.typ) && x.kind != "bool":
		code = t.as(x, "float64", c.e)
	default:
		fail(c.e, "%s as a value of a metric's variable isn't translated", x.describe())
	}
	return done("%s.%s(%s)", v.code, f, code)
}

// metricPart is a method of a metric that an own one is made of.
func (t *translator) metricPart(v *value, name string, c *call) *value {
	if t.inMetric == nil {
		fail(c.e, "a metric that is a part of another one, outside of it, isn't translated")
	}
	switch name {
	case "update_state":
		y, p, w := c.arg(0, "y_true", "values"), c.arg(1, "y_pred"), c.arg(2, "sample_weight")
		c.done()
		if p == nil {
			y, p = &value{typ: tNone}, y
		}
		if w != nil && w.kind != "none" {
			fail(c.e, "sample_weight of a part of a metric isn't translated")
		}
		for _, x := range []*value{y, p} {
			if x == nil || x.kind != "tensor" && !(x == y && x.kind == "none") {
				fail(c.e, "what update_state of a part of a metric is given isn't translated")
			}
		}
		return done("%s.UpdateState(%s, %s, nil)", v.tight(), t.asAny(y, c.e), p.code)
	case "result":
		c.done()
		return &value{typ: tTensor, code: v.tight() + ".Result()"}
	}
	fail(c.e, "the method %s of a part of a metric isn't translated", name)
	return nil
}

// ownPart is what compile or an optimizer is given for an object of such a class.
func (t *translator) ownPart(v *value, e *python.Expr) *value {
	in := v.object
	call := func(name string, args ...*value) *value {
		return t.callMethod(v, name, callOf(e, args...))
	}
	given := func(name string) (*variable, *value) {
		va := t.newVar(name, tTensor.goT)
		va.given = true
		return va, &value{typ: tTensor, code: va.ref()}
	}
	switch in.class.base {
	case "metric":
		return in.model
	case "loss":
		y, yv := given("yTrue")
		p, pv := given("yPred")
		r := call("call", yv, pv)
		if r.kind != "tensor" {
			fail(e, "a loss whose call gives %s isn't translated", r.describe())
		}
		code := fmt.Sprintf("functional.LossFunc(%s, func(%s, %s *functional.Tensor) *functional.Tensor { return %s }).Unaligned()", in.name, y.ref(), p.ref(), r.code)
		if in.reduction != "" {
			code += ".Reduction(losses.Reduction(" + in.reduction + "))"
			t.use("losses.Loss")
		}
		t.imports["functional"] = true
		return &value{typ: object("object", "*losses.FuncLoss"), code: code}
	}
	s, sv := given("step")
	r := call("__call__", sv)
	code := r.code
	switch {
	case r.kind == "tensor":
	case number(r.typ) && r.kind != "bool":
		code = fmt.Sprintf("ops.Add(ops.Multiply(ops.Cast(%s, \"float32\"), 0), %s)", s.ref(), t.as(r, "float64", e))
	default:
		fail(e, "a schedule that gives %s isn't translated", r.describe())
	}
	t.imports["functional"] = true
	return &value{typ: object("schedule", "optimizers.Schedule"), code: fmt.Sprintf("functional.ScheduleFunc(%s, func(%s *functional.Tensor) *functional.Tensor { return %s })", in.name, s.ref(), code)}
}
