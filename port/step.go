package port

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Training steps of one's own: a train_step, or a function with a GradientTape. They become functions that build the graph of a step, for
// functional.NewTrainer. Inside of one, a value of kind tensor is a node of that graph: its Go code is one of symbolic tensors, in which `of(node)`
// stands for a node, and a variable that holds it is a *graph.Node.

// step is a function of a step that is being written.
type step struct {
	*stepModels
	s, of *variable
	// root says that what is returned is reported, by name; in functions that the step calls it is a result. outer is the closure around the root.
	root, outer bool
	self        *value // the model whose train_step it is
}

// stepModels are what all functions of one step share.
type stepModels struct {
	models   []string          // Go code, each once
	parts    []string          // the code of optimizers, losses and metrics that are variables, each once
	means    map[string]*value // what a Mean metric was given, by the metric's code
	metrics  []string          // the code of the other metrics that the step updates
	loss     *value            // what compile's loss gave
	reported []string
	stepped  []string        // the models that an optimizer has changed so far, again each time
	group    bool            // the step is a part of a function or loop
	arrays   bool            // what is returned comes back as arrays; else it is reported, as of a train_step
	wanted   []string        // of a group: the names that are read outside of it
	lifted   []string        // the code of arrays that functions of the step read, which it takes behind those that it is given
	watched  map[string]bool // which of them a tape watches though they are no variables
	begin    int             // how many variables there were before the step
	arrayed  int             // how many arrays it is given
	codes    []string        // of a group: their code, by which its functions read them, too
	// variables are the places of the arrays that an optimizer trains, and holder the name of the model that holds them for it.
	variables []int
	holder    string
	touched   int               // how many times arrays were lifted
	origin    map[string]string // of what functions inside of the step are given: its code where the step is made
}

// given notes what a parameter of a function inside of the step stands for.
func (st *stepModels) given(param, code string) {
	if st.origin == nil {
		st.origin = map[string]string{}
	}
	st.origin[param] = st.outside(code)
}

// outside is the code, where the step is made, of what has the code inside of it.
func (st *stepModels) outside(code string) string { return cmp.Or(st.origin[code], code) }

// fork is a step for a function that the step calls.
func (t *translator) fork(st *step, root bool) *step {
	n := &step{stepModels: st.stepModels, root: root, self: st.self, s: t.newVar("s", "*functional.Step"), of: t.newVar("of", "")}
	n.s.given, n.of.given = true, true
	return n
}

const nodeType = "*graph.Node"

// lifted is a node as a symbolic tensor.
func (t *translator) lifted(node string, scalar bool) *value {
	return &value{typ: tTensor, code: t.sc.step.of.ref() + "(" + node + ")", scalar: scalar}
}

// node is the Go code of a value's node.
func (t *translator) node(v *value, e *python.Expr) string {
	st := t.sc.step
	switch {
	case v.kind == "tensor":
	case number(v.typ) && v.kind != "bool":
		return fmt.Sprintf("graph.Scalar(%s.Graph(), dtypes.Float32, %s)", st.s.ref(), t.as(v, "float64", e))
	default:
		fail(e, "%s in a training step isn't translated", v.describe())
	}
	if inner, ok := strings.CutPrefix(v.code, st.of.ref()+"("); ok {
		if at := closing(inner); at == len(inner)-1 {
			return inner[:at]
		}
	}
	return fmt.Sprintf("%s.Compute(func(%s func(*graph.Node) *functional.Tensor) *functional.Tensor { return %s })", st.s.ref(), st.of.ref(), v.code)
}

// closing is the place of the bracket that ends code, -1 if there is none.
func closing(code string) int {
	depth := 0
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return i
			}
		case '"':
			text, err := strconv.QuotedPrefix(code[i:])
			if err != nil {
				return -1
			}
			i += len(text) - 1
		}
	}
	return -1
}

// held is a node that has a name.
func (t *translator) held(name string, v *value, e *python.Expr) *value {
	node := t.node(v, e)
	if vs := (&printer{vars: t.vars}).marked(node); len(vs) == 1 && vs[0].ref() == node {
		return v
	}
	return t.heldAnew(name, v, e)
}

// heldAnew assigns a node to the variable of a Python name.
func (t *translator) heldAnew(name string, v *value, e *python.Expr) *value {
	node := t.node(v, e)
	va := t.newVar(camel(name), nodeType)
	if b := t.sc.names[name]; b != nil && b.v != nil && b.v.kind == "tensor" {
		if vs := (&printer{vars: t.vars}).marked(b.v.code); len(vs) == 2 && vs[1].goType == nodeType && b.v.code == t.sc.step.of.ref()+"("+vs[1].ref()+")" && !vs[1].given {
			va = vs[1]
		}
	}
	t.emit(&line{lhs: []*variable{va}, code: node})
	return t.lifted(va.ref(), v.scalar)
}

// scalarNode is the node of a value that is a number: of several numbers their mean.
func (t *translator) scalarNode(v *value, e *python.Expr) string { return t.reducedNode("Mean", v, e) }

// sumNode is the node of a loss, of which Keras takes the gradient of the sum.
func (t *translator) sumNode(v *value, e *python.Expr) string { return t.reducedNode("Sum", v, e) }

// reducedNode is the node of a number that an operation makes of several, if they are several.
func (t *translator) reducedNode(operation string, v *value, e *python.Expr) string {
	if v.kind == "tensor" && !v.scalar {
		v = &value{typ: tTensor, code: "ops." + operation + "(" + v.code + ")", scalar: true}
	}
	return t.node(v, e)
}

// part notes a variable that the step is made of.
func (st *step) part(code string) string {
	if at := st.outside(code); strings.HasPrefix(at, "\x01") && !slices.Contains(st.parts, at) {
		st.parts = append(st.parts, at)
	}
	return code
}

func (st *step) uses(model string) string {
	if at := st.outside(model); !slices.Contains(st.models, at) {
		st.models = append(st.models, at)
	}
	return model
}

// stepApply is a model's call in a step.
func (t *translator) stepApply(m *value, c *call) *value {
	st := t.sc.step
	if m.kind != "model" {
		fail(c.e, "a layer's call in a training step isn't translated")
	}
	x := c.need(0, "inputs", "x")
	training := c.arg(1, "training")
	c.done()
	mode := "false"
	if training != nil && training.kind != "none" {
		mode = t.as(training, "bool", c.e)
	}
	items := []*value{x}
	if x.items != nil {
		items = x.items
	}
	var nodes []string
	for _, i := range items {
		nodes = append(nodes, t.node(i, c.e))
	}
	if m.states < 0 {
		fail(c.e, "a model whose outputs have names isn't translated in a step")
	}
	given := st.uses(m.code) + ", " + strings.Join(nodes, ", ")
	if m.states == 0 && mode == "true" {
		return t.lifted(fmt.Sprintf("%s.Call(%s)", st.s.ref(), given), false)
	}
	code := fmt.Sprintf("%s.CallMulti(%s, %s, %s)", st.s.ref(), m.code, mode, strings.Join(nodes, ", "))
	if m.states == 0 {
		return t.lifted(code+"[0]", false)
	}
	all := t.newVar("outputs", "[]*graph.Node")
	t.emit(&line{lhs: []*variable{all}, code: code})
	v := &value{tuple: true, typ: typ{kind: "tuple"}}
	for i := range m.states + 1 {
		v.items = append(v.items, t.lifted(fmt.Sprintf("%s[%d]", all.ref(), i), false))
	}
	return v
}

// stepLoss is a loss of targets and predictions in a step; loss is the code of an object of package losses, or a name.
func (t *translator) stepLoss(loss string, y, p *value, scalar bool, e *python.Expr) *value {
	if y == nil || p == nil {
		fail(e, "a loss takes targets and predictions")
	}
	return t.lifted(fmt.Sprintf("%s.Loss(%s, %s, %s)", t.sc.step.s.ref(), t.sc.step.part(loss), t.node(y, e), t.node(p, e)), scalar)
}

// lossFunction is keras.losses.mean_squared_error(y, p) and its like in a step: a loss for each sample.
func (t *translator) lossFunction(name string, c *call) *value {
	y, p := c.need(0, "y_true"), c.need(1, "y_pred")
	p0 := places["keras.losses"]
	short := map[string]string{"mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "mape": "MeanAbsolutePercentageError", "msle": "MeanSquaredLogarithmicError", "kld": "KLDivergence"}
	class := short[strings.ToLower(name)]
	if class == "" {
		class = strings.ReplaceAll(name, "_", "")
	}
	entry := p0.lookupFold(class)
	if entry == "" {
		fail(c.e, "the loss %s isn't known", name)
	}
	rest := callOf(c.e)
	for _, k := range c.keys {
		if k != "y_true" && k != "y_pred" {
			rest.kw[k], rest.keys = c.kw[k], append(rest.keys, k)
		}
	}
	loss := t.object(p0, entry, rest)
	return t.stepLoss(loss.code+`.Reduction("none")`, y, p, false, c.e)
}

// inStep is what a function inside of a step returns for v: nodes.
func (t *translator) inStep(v *value, e *python.Expr) *value {
	switch v.kind {
	case "tensor":
		return &value{typ: typ{kind: "tensor", goT: nodeType}, code: t.node(v, e)}
	case "gradients":
		return v.gradientsOf(t.gradientNodes(v, e))
	case "list":
		if v.elem.kind != "tensor" {
			break
		}
		if len(v.items) == 0 {
			fail(e, "a list of tensors whose length isn't known can't be returned in a step")
		}
		return &value{tuple: true, typ: typ{kind: "tuple"}, items: v.items}
	}
	return v
}

// tensorsInStep are the parts of a list of tensors in a step, nil for other values.
func (t *translator) tensorsInStep(v *value, e *python.Expr) []*value {
	items := v.items
	if v.goT == "multi" {
		if slices.ContainsFunc(v.elems, func(e typ) bool { return e.kind != "tensor" }) {
			return nil
		}
		items = t.parts(v, len(v.elems), e)
	}
	if slices.ContainsFunc(items, func(i *value) bool { return i.kind != "tensor" }) {
		return nil
	}
	return items
}

// grownInStep is list += tensors in a step: how many they are is known here. It is false for other statements.
func (t *translator) grownInStep(s *python.Stmt, now, v *value) bool {
	target := s.Targets[0]
	if t.sc.step == nil || s.Op != "+" || target.Kind != python.Name || now.kind != "empty" && (now.kind != "tuple" || t.tensorsInStep(now, target) == nil) {
		return false
	}
	more := t.tensorsInStep(v, target)
	if more == nil {
		return false
	}
	if t.out != &t.sc.fn.body {
		fail(target, "a list of tensors that grows in a condition or a loop isn't translated in a step")
	}
	t.sc.names[target.Text] = &binding{v: &value{tuple: true, typ: typ{kind: "tuple"}, items: append(slices.Clone(now.items), more...)}}
	return true
}

// stackedNodes is np.array, in a step, of a tensor or a list of tensors.
func (t *translator) stackedNodes(v, dtype *value, c *call) *value {
	if dtype != nil {
		fail(c.e, "an array of another type in a training step isn't translated")
	}
	if v.kind == "tensor" {
		return v
	}
	return &value{typ: tTensor, code: fmt.Sprintf("ops.Stack(%s, 0)", t.tensors(v, c))}
}

// stepMetric is a method of a metric in a step.
func (t *translator) stepMetric(m *value, name string, c *call) *value {
	st := t.sc.step
	switch name {
	case "update_state":
		if c.kw["sample_weight"] != nil && c.kw["sample_weight"].kind != "none" {
			fail(c.e, "sample_weight of a metric in a step isn't translated")
		}
		c.arg(-1, "sample_weight")
		if m.goT == "*metrics.MeanMetric" {
			x := c.need(0, "values")
			c.done()
			st.means[m.code] = t.held("mean", &value{typ: tTensor, code: t.sc.step.of.ref() + "(" + t.scalarNode(x, c.e) + ")", scalar: true}, c.e)
			if st.self == nil {
				return done("%s.Report(%s.KerasName(), %s)", st.s.ref(), m.code, t.node(st.means[m.code], c.e))
			}
			return done("")
		}
		y, p := t.node(c.need(0, "y_true"), c.e), t.node(c.need(1, "y_pred"), c.e)
		c.done()
		st.metrics = append(st.metrics, st.part(m.code))
		return done("%s.Metric(%s, %s, %s)", st.s.ref(), m.code, y, p)
	case "result":
		c.done()
		return &value{typ: typ{kind: "result of a metric"}, self: m}
	}
	fail(c.e, "the method %s of a metric in a step isn't translated", name)
	return nil
}

// compiledNames are the attributes that Keras gives to a model by compile, and weights.
var compiledNames = []string{"trainable_variables", "trainable_weights", "optimizer", "loss", "losses", "compiled_loss", "compute_loss", "compiled_metrics", "metrics"}

// compileKinds are kinds of values that live in the translator alone.
var compileKinds = []string{"learning phase", "strategy", "arguments", "tape", "gradients", "weights", "weight in a step", "losses", "compiled", "loss tracker", "result of a metric", "shape of a tensor", "size of a tensor", "seed", "lambda", "wrapper", "search", "results of a search", "logger", "row", "class of a layer", "activation of a layer", "texts of a column", "windows of a column", "matrix to show", "vectorized"}

// penalties are the sum of what regularizers and layers add to the loss.
func (t *translator) penalties(v *value, e *python.Expr) *value {
	if len(v.models) != 1 {
		fail(e, "the losses of several models aren't translated")
	}
	return t.lifted(fmt.Sprintf("%s.Penalties(%s)", t.sc.step.s.ref(), t.sc.step.uses(v.models[0].code)), true)
}

// compiled is an attribute of a model in its own train_step that compile has set.
func (t *translator) compiled(v *value, name string, e *python.Expr) *value {
	in := v.object
	switch name {
	case "trainable_variables", "trainable_weights":
		return &value{typ: typ{kind: "weights"}, models: in.models()}
	case "optimizer":
		if in.optimizer != nil {
			return in.optimizer
		}
	case "loss":
		if in.loss != nil {
			return in.loss
		}
	case "losses":
		return &value{typ: typ{kind: "losses"}, models: in.models()}
	case "compiled_loss", "compute_loss", "compiled_metrics", "metrics":
		return &value{typ: typ{kind: "compiled"}, self: v, input: name}
	}
	fail(e, "%s isn't known: compile didn't say it", name)
	return nil
}

// models are the models that an object of a class is made of.
func (in *classObject) models() []*value {
	if in.model != nil {
		return []*value{in.model}
	}
	var list []*value
	for _, name := range sortedKeys(in.attrs) {
		b := in.attrs[name]
		switch {
		case b.v == nil:
		case b.v.kind == "model":
			list = append(list, b.v)
		case b.v.object != nil && b.v.object.class.base == "model":
			list = append(list, b.v.object.models()...)
		}
	}
	return list
}

// compiledCall is self.compiled_loss(…), self.compute_loss(…) and self.compiled_metrics.update_state(…).
func (t *translator) compiledCall(self *value, name string, c *call) *value {
	in, st := self.object, t.sc.step
	if w := c.arg(-1, "sample_weight"); w != nil && w.kind != "none" {
		fail(c.e, "sample_weight in a step isn't translated")
	}
	switch name {
	case "compiled_loss", "compute_loss":
		if in.loss == nil {
			fail(c.e, "compile was given no loss")
		}
		var y, p *value
		if name == "compute_loss" {
			c.arg(0, "x")
			y, p = c.need(1, "y"), c.need(2, "y_pred")
			c.arg(-1, "training")
		} else {
			y, p = c.need(0, "y_true"), c.need(1, "y_pred")
		}
		penalties := name == "compute_loss" || c.arg(-1, "regularization_losses") != nil
		c.done()
		v := t.stepLoss(in.loss.code, y, p, true, c.e)
		if models := in.models(); penalties && len(models) == 1 {
			v = t.lifted(fmt.Sprintf("graph.Add(%s, %s.Penalties(%s))", t.node(v, c.e), st.s.ref(), st.uses(models[0].code)), true)
		}
		st.loss = t.held("loss", v, c.e)
		return st.loss
	case "update_state":
		y, p := c.need(0, "y_true"), c.need(1, "y_pred")
		c.done()
		for _, m := range in.metrics {
			st.metrics = append(st.metrics, st.part(m.code))
			t.code("%s.Metric(%s, %s, %s)", st.s.ref(), m.code, t.node(y, c.e), t.node(p, c.e))
		}
		return done("")
	}
	fail(c.e, "%s in a step isn't translated", name)
	return nil
}

// report shows a value of a step under a name.
func (t *translator) reportAs(name string, v *value, e *python.Expr) {
	st := t.sc.step
	if slices.Contains(st.reported, name) {
		return
	}
	if v.kind == "result of a metric" {
		mean := st.means[v.self.code]
		switch {
		case mean != nil:
			v = mean
		case slices.Contains(st.metrics, v.self.code):
			t.approximate("a metric is reported by its own name")
			return
		default:
			fail(e, "the metric isn't updated in this step")
		}
	} else {
		t.approximate("what a step returns is reported as its mean over the epoch; Keras shows the last batch's")
	}
	st.reported = append(st.reported, name)
	t.code("%s.Report(%q, %s)", st.s.ref(), name, t.scalarNode(v, e))
}

// give lets a step give an array, or a number, under a name.
func (t *translator) give(name string, v *value, e *python.Expr) {
	st := t.sc.step
	if v.kind == "result of a metric" {
		if mean := st.means[v.self.code]; mean != nil {
			v = mean
		} else {
			fail(e, "the result of a metric in a step isn't translated")
		}
	}
	if slices.Contains(st.reported, name) {
		fail(e, "%s is returned twice", name)
	}
	st.reported = append(st.reported, name)
	t.code("%s.Output(%q, %s)", st.s.ref(), name, t.node(v, e))
}

// giveAll gives what a function returns.
func (t *translator) giveAll(e *python.Expr) {
	v := t.expr(e)
	items, names := []*value{v}, []*python.Expr{e}
	if v.items != nil {
		items = v.items
		if names = nil; e.Kind == python.Tuple || e.Kind == python.List {
			names = e.Args
		}
	}
	for i, item := range items {
		name := "result" + strconv.Itoa(i)
		if len(names) == len(items) && names[i].Kind == python.Name && !slices.Contains(t.sc.step.reported, names[i].Text) {
			name = names[i].Text
		}
		if item.kind != "none" {
			t.give(name, item, e)
		}
	}
}

// stepReturn is the return of a step.
func (t *translator) stepReturn(e *python.Expr) {
	if e == nil {
		return
	}
	st := t.sc.step
	if st.arrays && e.Kind != python.Dict {
		t.giveAll(e)
		return
	}
	switch {
	case e.Kind == python.Dict:
		for i := 0; i+1 < len(e.Args); i += 2 {
			if e.Args[i] == nil {
				fail(e, "** in what a step returns isn't translated")
			}
			key := t.expr(e.Args[i])
			name, err := strconv.Unquote(key.code)
			if err != nil || key.kind != "str" {
				fail(e, "a report whose name isn't known isn't translated")
			}
			t.reportAs(name, t.expr(e.Args[i+1]), e)
		}
	case e.Kind == python.Comp && e.Text == "dict" && len(e.Loops) == 1 && e.Loops[0].Iter.Kind == python.Attr && e.Loops[0].Iter.Text == "metrics":
		if st.loss != nil {
			t.reportAs("loss", st.loss, e)
		}
		for _, name := range sortedKeys(st.self.object.attrs) {
			if b := st.self.object.attrs[name]; b.v != nil && st.means[b.v.code] != nil {
				t.reportAs(metricName(b.v), &value{typ: typ{kind: "result of a metric"}, self: b.v}, e)
			}
		}
	default:
		v := t.expr(e)
		items := []*value{v}
		if v.items != nil {
			items = v.items
		}
		for i, item := range items {
			if item.kind != "none" {
				t.reportAs("result"+strconv.Itoa(i), item, e)
			}
		}
	}
}

// metricName is the name that a metric was made with.
func metricName(m *value) string {
	if m.input != "" {
		return m.input
	}
	return "mean"
}

// compileOwn notes what compile says to a model with a step of its own.
func (t *translator) compileOwn(v *value, c *call) {
	in := v.object
	in.trainer = nil
	c.place(0, "optimizer", "loss", "metrics")
	c.arg(-1, "run_eagerly")
	c.arg(-1, "jit_compile")
	made := func(pkg, name string, x *value) *value {
		if x.kind == "str" && x.konst {
			text, _ := strconv.Unquote(x.code)
			given := callOf(c.e)
			if pkg == "metrics" {
				given.kw["name"], given.keys = x, []string{"name"}
			}
			x = t.object(places["keras."+pkg], text, given)
		}
		if x.kind != "optimizer" && x.kind != "object" {
			fail(c.e, "%s in compile isn't translated", x.describe())
		}
		if strings.HasPrefix(x.code, "\x01") {
			return x
		}
		return t.variable(name, x)
	}
	if x := c.arg(-1, "optimizer"); x != nil && x.kind != "none" {
		in.optimizer = made("optimizers", "optimizer", x)
	}
	loss := ""
	if x := c.arg(-1, "loss"); x != nil && x.kind != "none" {
		switch {
		case x.kind == "str" && x.konst:
			in.loss, loss = x, x.code
		case x.path != "":
			_, name := split(x.path)
			in.loss = &value{typ: tStr, code: strconv.Quote(name), konst: true}
			loss = name
		default:
			in.loss = made("losses", "loss", x)
			loss = x.code
		}
	}
	if ms := c.arg(-1, "metrics"); ms != nil && ms.kind != "none" && ms.kind != "empty" {
		items := ms.items
		if items == nil {
			items = []*value{ms}
		}
		for i, m := range items {
			if m.kind == "str" && m.konst && (m.code == `"accuracy"` || m.code == `"acc"`) {
				text := strings.ToLower(strings.ReplaceAll(loss, "_", ""))
				class := map[bool]string{true: "BinaryAccuracy"}[strings.Contains(text, "binary")]
				switch {
				case strings.Contains(text, "sparse"):
					class = "SparseCategoricalAccuracy"
				case strings.Contains(text, "categorical"):
					class = "CategoricalAccuracy"
				case class == "":
					fail(c.e, "which accuracy is meant isn't known")
				}
				m = &value{typ: object("object", "*metrics."+class+"Metric"), code: fmt.Sprintf("metrics.%s().Name(%s)", class, m.code)}
			}
			in.metrics = append(in.metrics, made("metrics", fmt.Sprintf("metric%d", i), m))
		}
	}
	c.done()
}

// trainerOf is the trainer of a model with a step of its own, whose data has targets or not.
func (t *translator) trainerOf(v *value, targets bool, c *call) *value {
	in := v.object
	if in.trainer != nil {
		return in.trainer
	}
	fn := &function{name: t.functionName(in.class.name + "_trainer"), results: []string{"*functional.Trainer"}}
	shared := &stepModels{means: map[string]*value{}}
	var steps []string
	for _, name := range []string{"train_step", "test_step"} {
		m := in.class.method(name)
		if m == nil {
			if name == "train_step" {
				fail(c.e, "a test_step without a train_step isn't translated")
			}
			continue
		}
		shared.means, shared.metrics, shared.loss, shared.reported = map[string]*value{}, nil, nil, nil
		code := t.stepBody(v, shared, func(st *step) *value {
			data := t.lifted(st.s.ref()+".X()", false)
			if targets {
				data = &value{items: []*value{data, t.lifted(st.s.ref()+".Targets()[0]", false)}, tuple: true, typ: typ{kind: "tuple"}}
			}
			d := &def{stmt: m, name: m.Text, done: map[string]*instance{}, home: in.class.owner(m).home}
			return t.callDef(d, callOf(c.e, v, data))
		})
		steps = append(steps, map[string]string{"train_step": "TrainStep", "test_step": "TestStep"}[name]+": "+code)
	}
	var made string
	fn.body, made = t.trainerLines(fn.name, shared, steps)
	fn.body = append(fn.body, &line{code: "return " + made})
	fn.comments = []string{fn.name + " trains by the step of class " + in.class.name + "."}
	t.defs = append(t.defs, fn)
	in.trainer = &value{typ: object("trainer", "*functional.Trainer"), code: fn.name + "()"}
	return in.trainer
}

// trainerLines make a trainer, anew when something that it is made of is another one, and the name of the variable that holds it.
func (t *translator) trainerLines(name string, shared *stepModels, steps []string) ([]*line, string) {
	held := name + "Made"
	of := name + "Of"
	t.taken[held], t.taken[of] = true, true
	if len(shared.models)+len(shared.parts) == 0 {
		t.declared = append(t.declared, fmt.Sprintf("// The trainer of %s.\nvar %s *functional.Trainer", name, held))
		t.imports["functional"] = true
		code := fmt.Sprintf("%s = must.M1(functional.NewTrainer(functional.TrainerOptions{%s}))", held, strings.Join(steps, ",\n"))
		return []*line{{code: "if " + held + " == nil", block: true, body: []*line{{code: code}}}}, held
	}
	t.declared = append(t.declared, fmt.Sprintf("// The trainer of %s, and what it is made of.\nvar (\n%s *functional.Trainer\n%s []any\n)", name, held, of))
	t.imports["functional"], t.imports["slices"] = true, true
	now := t.newVar("now", "[]any")
	code := fmt.Sprintf("must.M1(functional.NewTrainer(functional.TrainerOptions{\nModels: []*functional.Model{%s},\n%s,\n}))", strings.Join(shared.models, ", "), strings.Join(steps, ",\n"))
	return []*line{{lhs: []*variable{now}, code: "[]any{" + strings.Join(append(slices.Clone(shared.models), shared.parts...), ", ") + "}"},
		{code: fmt.Sprintf("if !slices.Equal(%s, %s)", of, now.ref()), block: true, body: []*line{{code: fmt.Sprintf("%s, %s = %s, %s", of, held, now.ref(), code)}}}}, held
}

// stepBody is the Go function of a step whose body calls what f translates.
func (t *translator) stepBody(self *value, shared *stepModels, f func(st *step) *value) string {
	st := t.fork(&step{stepModels: shared, self: self}, false)
	st.outer = true
	old, out, pending := t.sc, t.out, t.pending
	var lines []*line
	t.sc, t.out, t.pending = &scope{names: map[string]*binding{}, fn: old.fn, parent: old, step: st}, &lines, nil
	defer func() { t.sc, t.out, t.pending = old, out, pending }()
	r := f(st)
	if len(lines) > 0 {
		panic(&left{0, "the step begins with something that isn't translated"})
	}
	t.use("functional.Step")
	return fmt.Sprintf("func(%s *functional.Step) { %s }", st.s.ref(), r.code)
}

// ownFit is fit of a model with a train_step of its own.
func (t *translator) ownFit(v *value, name string, c *call) *value {
	in := v.object
	x := c.need(0, "x", "generator")
	if in.model == nil && in.class.method("call") != nil && x.kind == "array" {
		t.ready(v, x, c)
	}
	targets := x.batches() && !x.table
	if y := c.arg(1, "y"); y != nil && y.kind != "none" {
		targets = true
	}
	if name == "evaluate" && in.class.method("test_step") == nil {
		fail(c.e, "evaluate without a test_step isn't translated")
	}
	trainer := t.trainerOf(v, targets, c)
	if !targets && !x.batches() {
		if len(c.args) > 1 {
			fail(c.e, "arguments of %s by place aren't translated", name)
		}
		c.kw["y"] = &value{typ: tNone}
		c.keys = append(c.keys, "y")
	}
	return t.modelMethod(&value{typ: trainer.typ, code: trainer.code}, name, c)
}

// readyFor makes the subclassed models that a step is the first to call, if it calls them on its arguments.
func (t *translator) readyFor(d *def, c *call) {
	arguments := map[string]*value{}
	for i, p := range d.stmt.Params {
		if i < len(c.args) {
			arguments[p.Name] = c.args[i]
		} else if v := c.kw[p.Name]; v != nil {
			arguments[p.Name] = v
		}
	}
	called := func(name string) *value {
		if v := arguments[name]; v != nil {
			return v
		}
		if b := t.lookup(name); b != nil {
			return b.v
		}
		return nil
	}
	var visit func(body []*python.Stmt)
	visit = func(body []*python.Stmt) {
		for _, s := range body {
			python.Walk(s.Value, func(e *python.Expr) bool {
				if e.Kind != python.Call || len(e.Args) < 2 || e.Args[0].Kind != python.Name || e.Args[1].Kind != python.Name {
					return true
				}
				m, x := called(e.Args[0].Text), arguments[e.Args[1].Text]
				if m != nil && x != nil && x.kind == "array" && m.object != nil && m.object.class.base == "model" && m.object.model == nil && m.object.class.method("call") != nil {
					t.ready(m, x, callOf(e, x))
				}
				return true
			})
			visit(s.Body)
			visit(s.Else)
		}
	}
	visit(d.stmt.Body)
}

// stepFunction is a call, on arrays, of a function with a GradientTape: it trains on one batch, or computes gradients. Inside of a function of the notebook it takes the models,
// optimizers and numbers that it needs as arguments.
func (t *translator) stepFunction(d *def, c *call) *value {
	t.readyFor(d, c)
	fn := &function{name: t.functionName(d.name)}
	shared := &stepModels{means: map[string]*value{}, group: d.group, arrays: true, wanted: d.wanted, watched: map[string]bool{}, begin: len(t.vars)}
	passed := map[int]bool{}
	var arrays []string
	place := 0
	args := callOf(c.e)
	var given []string
	var key strings.Builder
	var values []*value
	for _, p := range d.stmt.Params {
		if p.Star != "" {
			fail(c.e, "functions with *args aren't translated")
		}
		v := t.param(c, d.home, place, p)
		place++
		values = append(values, v)
		fmt.Fprintf(&key, "%s %s %v|", v.kind, v.goT, v.variable)
		if v.kind == "array" {
			shared.arrayed++
			if d.group {
				shared.codes = append(shared.codes, v.code)
			}
		}
	}
	c.done()
	for i, v := range values {
		switch {
		case v.kind == "array":
			given = append(given, v.code)
		case compileTime(v) || v.konst:
			fmt.Fprintf(&key, "%d %s %p %p %s|", i, v.path, v.def, v.object, v.code)
		case (number(v.typ) || v.kind == "str") || !t.sc.top && (v.kind == "model" || v.kind == "optimizer" || v.kind == "object"):
			passed[i] = true
			given = append(given, v.code)
		case (v.kind == "model" || v.kind == "optimizer" || v.kind == "object") && strings.HasPrefix(v.code, "\x01"):
			fmt.Fprintf(&key, "%d %s|", i, v.code)
			for _, m := range (&printer{vars: t.vars}).marked(v.code) {
				m.pinned = true
			}
		default:
			fail(c.e, "%s as an argument of a training step isn't translated", v.describe())
		}
	}
	inst := d.done["step "+key.String()]
	if inst == nil {
		inst = &instance{name: fn.name}
		d.done["step "+key.String()] = inst
		old := t.sc
		t.sc = &scope{names: map[string]*binding{}, fn: fn, parent: t.module}
		for i, v := range values {
			if v.kind != "array" && !passed[i] {
				continue
			}
			va := t.newVar(camel(d.stmt.Params[i].Name), v.goT)
			va.given = true
			fn.params = append(fn.params, va)
			t.use(v.goT)
			if passed[i] {
				if v.kind != "model" {
					shared.parts = append(shared.parts, va.ref())
				}
				values[i] = &value{typ: v.typ, code: va.ref(), input: v.input}
				continue
			}
			arrays = append(arrays, va.ref())
		}
		var code string
		inst.err = t.attempt(func() {
			code = t.stepBody(nil, shared, func(st *step) *value {
				n := 0
				for _, v := range values {
					if v.kind == "array" {
						variable := v.variable
						v = t.lifted(fmt.Sprintf("%s.Inputs()[%d]", st.s.ref(), n), false)
						n++
						v.variable, v.at = variable, n
					}
					args.args = append(args.args, v)
				}
				return t.callDef(d, args)
			})
		})
		t.sc = old
		arrays = append(arrays, shared.lifted...)
		if inst.err == nil && len(arrays) == 0 {
			inst.err = &left{0, "a training step without arrays isn't translated"}
		}
		if inst.err == nil {
			var trainer string
			kind, comment := "Train", "trains on one batch."
			if len(shared.stepped) == 0 {
				kind, comment = "Test", "computes with gradients."
			}
			fn.body, trainer = t.trainerLines(fn.name, shared, []string{kind + "Step: " + code})
			fn.comments = []string{fn.name + " " + comment}
			fn.results = []string{"*functional.Scores"}
			scores := t.newVar("scores", "*functional.Scores")
			var trained []string
			for _, place := range shared.variables {
				trained = append(trained, arrays[place-1])
			}
			if trained != nil {
				fn.body = slices.Insert(fn.body, 0, &line{code: fmt.Sprintf("%s = %s(%[1]s, %[3]q, %[4]s)", shared.holder, t.helper("variablesModel"), "notebook>"+shared.holder, strings.Join(trained, ", "))})
			}
			fn.body = append(fn.body, &line{lhs: []*variable{scores}, code: fmt.Sprintf("must.M1(%s.%sOnBatch([]any{%s}, nil))", trainer, kind, strings.Join(arrays, ".Tensor(), ")+".Tensor()")})
			if trained != nil {
				fn.body = append(fn.body, &line{code: fmt.Sprintf("%s(%s, %s)", t.helper("takeVariables"), shared.holder, strings.Join(trained, ", "))})
			}
			for _, m := range sortedKeys(shared.means) {
				fn.body = append(fn.body, &line{code: fmt.Sprintf("%s(%s, %s.Value(%s.KerasName()), 1)", t.helper("noteMetric"), m, scores.ref(), m)})
			}
			for _, m := range shared.metrics {
				fn.body = append(fn.body, &line{code: fmt.Sprintf("%s(%s, %s.Value(%s.KerasName()), %s)", t.helper("noteMetric"), m, scores.ref(), m, arrays[0]+".Len()")})
			}
			fn.body = append(fn.body, &line{code: "return " + scores.ref()})
			t.defs = append(t.defs, fn)
			inst.reports = shared.reported
		}
	}
	if inst.err != nil {
		fail(c.e, "%s: line %d of it: %s", d.name, inst.err.line, inst.err.reason)
	}
	call := fmt.Sprintf("%s(%s)", inst.name, strings.Join(given, ", "))
	if len(inst.reports) == 0 {
		return done("%s", call)
	}
	result := func(scores, name string) *value {
		t.imports["np"] = true
		return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(%s.Outputs[%q])", scores, name), eager: true}
	}
	if len(inst.reports) == 1 && !d.group {
		return result(call, inst.reports[0])
	}
	scores := t.newVar("scores", "*functional.Scores")
	t.emit(&line{lhs: []*variable{scores}, code: call})
	v := &value{tuple: true, typ: typ{kind: "tuple"}, keys: inst.reports}
	for _, name := range inst.reports {
		v.items = append(v.items, result(scores.ref(), name))
	}
	return v
}

// metricMethod is a method of a metric outside of steps.
func (t *translator) metricMethod(m *value, name string, c *call) *value {
	switch name {
	case "update_state":
		if m.goT == "*metrics.MeanMetric" {
			x := c.need(0, "values")
			c.done()
			return done("must.M(%s.UpdateState(%s, nil))", m.tight(), t.metricData(x, c.e))
		}
		y, p := c.need(0, "y_true"), c.need(1, "y_pred")
		c.done()
		return done("must.M(%s.UpdateState(%s, %s, nil))", m.tight(), t.metricData(y, c.e), t.metricData(p, c.e))
	case "result":
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s(%s)", t.helper("metricResult"), m.code)}
	case "reset_state", "reset_states":
		c.done()
		return done("%s(%s)", t.helper("resetMetric"), m.code)
	}
	fail(c.e, "the method %s of a metric isn't translated", name)
	return nil
}

func (t *translator) metricData(v *value, e *python.Expr) string {
	if number(v.typ) && v.kind != "bool" {
		return t.as(v, "float64", e)
	}
	return t.data(v, e)
}

// noise is a draw of random numbers in a step, or in the shape of a symbolic tensor; nil for other draws.
func (t *translator) noise(path string, c *call) *value {
	if !slices.Contains([]string{"tensorflow.random.normal", "tensorflow.random.uniform", "keras.random.normal", "keras.random.uniform", "keras.backend.random_normal", "keras.backend.random_uniform"}, path) {
		return nil
	}
	shape := c.need(0, "shape")
	like := shape.self
	for _, i := range shape.items {
		if i.kind == "size of a tensor" {
			like = i.self
		}
	}
	normal := strings.HasSuffix(path, "normal")
	if t.sc.step == nil && (like == nil || shape.kind != "shape of a tensor" && shape.items == nil) {
		return nil
	}
	names := map[bool][]string{true: {"mean", "stddev"}, false: {"minval", "maxval"}}[normal]
	first, second := c.arg(1, names[0]), c.arg(2, names[1])
	if seed := c.arg(-1, "seed"); seed != nil && seed.kind != "none" {
		t.approximate("random numbers are others than Python's")
	}
	if d := c.arg(-1, "dtype"); d != nil && t.dtype(d, c) != `"float32"` {
		fail(c.e, "random numbers of this type aren't translated")
	}
	c.done()
	var v *value
	switch {
	case t.sc.step != nil:
		f := map[bool]string{true: "RandomNormal", false: "RandomUniform"}[normal]
		v = t.lifted(fmt.Sprintf("%s.%s(%s)", t.sc.step.s.ref(), f, t.as(shape, "...int", c.e)), false)
	case normal:
		t.approximate("the noise has the shape of the tensor whose size is asked for")
		v = &value{typ: tTensor, code: "functional.NormalLike(" + like.code + ")"}
	default:
		fail(c.e, "uniform noise in a model isn't translated")
	}
	scaled := func(f string, a *value, by *value, identity string) *value {
		if by == nil || by.konst && strings.Trim(by.code, "0.") == identity {
			return a
		}
		return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, %s)", f, a.code, t.as(by, "float64", c.e))}
	}
	if normal {
		return scaled("Add", scaled("Multiply", v, second, "1"), first, "")
	}
	if first == nil && second == nil {
		return v
	}
	zero, one := &value{typ: tFloat, code: "0.0", konst: true}, &value{typ: tFloat, code: "1.0", konst: true}
	if first == nil {
		first = zero
	}
	if second == nil {
		second = one
	}
	return &value{typ: tTensor, code: fmt.Sprintf("ops.Add(ops.Multiply(%s, %s), %s)", v.code, t.as(t.binary("-", second, first, c.e), "float64", c.e), t.as(first, "float64", c.e))}
}

// shapeOf is tf.shape of a tensor.
func (t *translator) shapeOf(v *value, e *python.Expr) *value {
	if t.sc.step != nil {
		return &value{typ: listOf(tInt), code: t.node(v, e) + ".Shape().Dimensions"}
	}
	return &value{typ: typ{kind: "shape of a tensor"}, self: v}
}

// filledNodes is tf.ones and tf.zeros in a step.
func (t *translator) filledNodes(name string, shape *value, e *python.Expr) *value {
	f := map[string]string{"zeros": "Zeros", "ones": "Ones"}[name]
	return t.lifted(fmt.Sprintf("graph.%s(%s.Graph(), shapes.Make(dtypes.Float32, %s))", f, t.sc.step.s.ref(), t.as(shape, "...int", e)), false)
}

func (t *translator) lookup(name string) *binding {
	for sc := t.sc; sc != nil; sc = sc.parent {
		if b := sc.names[name]; b != nil {
			return b
		}
	}
	return nil
}

// intoStep is an array of outside of a step as one of its inputs, and everything else as it is.
func (t *translator) intoStep(v *value) *value {
	st := t.sc.step
	if st == nil || !st.arrays || v.kind != "array" || !t.isVariable(v) {
		return v
	}
	va := (&printer{vars: t.vars}).marked(v.code)[0]
	if va.id >= st.begin {
		return v
	}
	va.pinned = true
	if at := slices.Index(st.codes, v.code); at >= 0 {
		st.touched++
		in := t.lifted(fmt.Sprintf("%s.Inputs()[%d]", st.s.ref(), at), false)
		in.at, in.variable = at+1, v.variable || st.watched[v.code]
		return in
	}
	at := slices.Index(st.lifted, v.code)
	if at < 0 {
		at = len(st.lifted)
		st.lifted = append(st.lifted, v.code)
	}
	st.touched++
	in := t.lifted(fmt.Sprintf("%s.Inputs()[%d]", st.s.ref(), st.arrayed+at), false)
	in.at, in.variable = st.arrayed+at+1, v.variable || st.watched[v.code]
	return in
}

// watch is tape.watch of arrays.
func (t *translator) watch(v *value) {
	v.variable = true
	for _, i := range v.items {
		t.watch(i)
	}
	st := t.sc.step
	switch {
	case v.at > st.arrayed:
		st.watched[st.lifted[v.at-st.arrayed-1]] = true
	case v.at > 0 && v.at <= len(st.codes):
		st.watched[st.codes[v.at-1]] = true
	}
}
