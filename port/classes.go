package port

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/port/internal/python"
)

// class is a class of the notebook.
type class struct {
	name    string
	home    home
	base    string // "", "layer", "model", "callback", "sequence", "loss", "metric" or "schedule"
	parent  *class
	methods map[string]*python.Stmt
	fields  []*python.Stmt // assignments in the class's body
}

// classObject is an instance of a class. It lives in the translator: its attributes are variables of the program, its methods functions, made for it.
type classObject struct {
	class *class
	attrs map[string]*binding
	defs  map[string]*def
	built bool
	model *value // of a subclass of Model: what stands for it once its input is known
	// Of a model with a step of its own: what compile said, and what trains it.
	optimizer, loss, trainer *value
	metrics                  []*value
	waiting                  []func()
	own                      *ownLayer // of a layer with weights of its own
	late                     *left     // of a callback: why its hooks can't be translated before a fit tells which object self.model is
	// Of a loss, a metric or a schedule: the code of its name, and of the one that **kwargs have; of a loss, of its reduction.
	name, given, reduction string
}

var bases = map[string]string{"object": "", "builtins.object": "", "tensorflow.Module": "", "keras.layers.Layer": "layer", "keras.Layer": "layer", "keras.models.Model": "model", "keras.callbacks.Callback": "callback",
	"keras.utils.Sequence": "sequence", "keras.utils.PyDataset": "sequence",
	"keras.losses.Loss": "loss", "keras.Loss": "loss", "keras.metrics.Metric": "metric", "keras.Metric": "metric", "keras.optimizers.schedules.LearningRateSchedule": "schedule"}

// plainDecorators change nothing that matters to a program here.
var plainDecorators = []string{"tensorflow.function", "keras.saving.register_keras_serializable", "keras.utils.register_keras_serializable", "keras.saving.register_serializable", "builtins.staticmethod", "builtins.classmethod", "IPython.core.magic.register_cell_magic"}

func (t *translator) decorated(s *python.Stmt) {
	for _, d := range s.Decorators {
		e := d
		if e.Kind == python.Call {
			e = e.Args[0]
		}
		if e.Kind == python.Name && e.Text == "staticmethod" {
			continue
		}
		v := t.expr(e)
		if !slices.Contains(plainDecorators, v.path) {
			fail(d, "this decorator isn't translated")
		}
		t.approximate("the decorator %s is left out", v.path)
	}
}

func (t *translator) classStmt(s *python.Stmt) {
	t.decorated(s)
	c := &class{name: s.Text, home: t.here(), methods: map[string]*python.Stmt{}}
	var extends []*python.Expr
	if s.Value != nil {
		extends = s.Value.Args[1:]
	}
	for _, e := range extends {
		if e.Kind == python.Name && e.Text == "object" {
			continue
		}
		v := t.expr(e)
		if v.class != nil {
			c.parent, c.base = v.class, v.class.base
			continue
		}
		base, ok := bases[v.path]
		if !ok {
			fail(e, "a class that extends %s isn't translated", v.describe())
		}
		c.base = base
	}
	for _, m := range s.Body {
		switch m.Kind {
		case python.Def:
			for _, d := range m.Decorators {
				if d.Kind != python.Name || d.Text != "property" && d.Text != "staticmethod" {
					if d.Kind != python.Attr {
						fail(d, "this decorator of a method isn't translated")
					}
				}
			}
			c.methods[m.Text] = m
		case python.Assign:
			c.fields = append(c.fields, m)
		case python.ExprStmt, python.Pass, python.AnnAssign:
		default:
			panic(&left{m.Line, "this statement in a class isn't translated"})
		}
	}
	own := map[string][]string{"model": {"fit", "predict_step", "build", "evaluate"}, "layer": {"compute_mask", "add_loss"}}[c.base]
	if c.base == "model" && c.method("train_step") == nil {
		own = append(own, "compute_loss", "compute_metrics")
	}
	for _, name := range own {
		if c.methods[name] != nil {
			panic(&left{c.methods[name].Line, fmt.Sprintf("a class with a method %s of its own isn't translated", name)})
		}
	}
	t.sc.names[s.Text] = &binding{v: &value{class: c}}
}

// method is the method of a class, or of what it extends.
func (c *class) method(name string) *python.Stmt {
	for ; c != nil; c = c.parent {
		if m := c.methods[name]; m != nil {
			return m
		}
	}
	return nil
}

// above is the method of a name that stands over m, a method of the class or of what it extends; nil if there is none of the notebook's.
func (c *class) above(m *python.Stmt, name string) *python.Stmt {
	for ; c != nil; c = c.parent {
		if c.methods[m.Text] == m {
			return c.parent.method(name)
		}
	}
	return nil
}

// owner is the class that defines a method.
func (c *class) owner(m *python.Stmt) *class {
	for p := c; p != nil; p = p.parent {
		if p.methods[m.Text] == m {
			return p
		}
	}
	return c
}

// made is where the type of an attribute is kept that a method makes.
func (c *class) made(attr string) string {
	name := c.name
	if c.home.local != nil {
		name = c.home.local.name + "." + name
	}
	return "attribute of " + name + ": " + attr
}

// newInstance is a call of a class.
func (t *translator) newInstance(c *class, call *call) *value {
	defer t.enter(c.home)()
	in := &classObject{class: c, attrs: map[string]*binding{}, defs: map[string]*def{}}
	v := &value{typ: typ{kind: "instance"}, object: in}
	if c.base == "callback" {
		va := t.newVar(camel(c.name), "*callbacks.LambdaCallback")
		t.use("callbacks.Callback")
		t.emit(&line{lhs: []*variable{va}, code: "&callbacks.LambdaCallback{}"})
		in.model = &value{typ: object("callback", "*callbacks.LambdaCallback"), code: va.ref()}
		in.attrs["model"] = &binding{v: &value{typ: typ{kind: "model", goT: "callbacks.Model"}, code: va.ref() + ".Model()"}}
		in.attrs["params"] = &binding{v: &value{typ: tParams, code: va.ref() + ".Params()"}}
	}
	for p := c; p != nil; p = p.parent {
		for _, f := range p.fields {
			for _, target := range f.Targets {
				if target.Kind != python.Name {
					fail(target, "this assignment in a class isn't translated")
				}
				t.setField(in, target.Text, t.inHome(p.home, func() *value { return t.expr(f.Value) }), target)
			}
		}
	}
	for p := c; p != nil; p = p.parent {
		for _, place := range sortedKeys(t.lists) {
			if name, ok := strings.CutPrefix(place, p.made("")); ok {
				ty := t.lists[place]
				t.use(strings.TrimLeft(ty.goT, "[]*"))
				in.attrs[name] = &binding{v: &value{typ: ty, code: t.newVar(camel(name), ty.goT).ref()}}
			}
		}
	}
	if c.base == "layer" && c.addsWeights() && !t.mixed(c) {
		t.beginOwn(in, call)
	}
	if init := c.method("__init__"); init != nil {
		t.inline(v, init, call)
	} else if c.base == "model" && len(call.args)+len(call.keys) > 0 {
		in.model = t.variable(camel(c.name), t.newModel(call))
	} else {
		call.done()
	}
	t.begun(v)
	if slices.Contains(ownParts, c.base) {
		t.finishedPart(v, call)
	}
	if c.base == "callback" {
		before, sc := len(*t.out), t.sc
		if in.late = t.attempt(func() { t.hooks(v) }); in.late != nil {
			*t.out, t.sc = (*t.out)[:before], sc
		}
	}
	return v
}

// inline translates the body of a method in place.
func (t *translator) inline(self *value, m *python.Stmt, c *call) {
	if t.depth > 40 {
		panic(&left{m.Line, "classes are nested too deeply"})
	}
	t.depth++
	h := self.object.class.owner(m).home
	defer t.enter(h)()
	sc := &scope{names: map[string]*binding{}, fn: t.sc.fn, parent: t.module, step: t.sc.step}
	place, rest := 0, false
	for i, p := range m.Params {
		if i == 0 {
			sc.names[p.Name] = &binding{v: self}
			continue
		}
		switch {
		case p.Star == "/" || p.Star == "*" && p.Name == "":
			continue
		case p.Star == "*":
			held := t.furtherArgs(c, place)
			place = len(c.args)
			t.listType(held, c.e)
			sc.names[p.Name] = &binding{v: held}
			continue
		case p.Star == "**" && self.object.class.base == "":
			sc.names[p.Name] = &binding{v: furtherKeywords(c)}
			continue
		case p.Star == "**":
			rest = true
			sc.names[p.Name] = &binding{unknown: "holds further arguments, which aren't translated"}
			continue
		}
		v := t.param(c, h, place, p)
		place++
		if !v.konst && !compileTime(v) && v.code != "" && v.goT != "" && v.goT != "multi" && !strings.HasPrefix(v.code, "\x01") {
			v = t.variable(p.Name, v)
		}
		sc.names[p.Name] = &binding{v: v}
	}
	if rest {
		for _, k := range c.keys {
			if !c.used[k] && self.object.class.base == "sequence" && slices.Contains([]string{"workers", "use_multiprocessing", "max_queue_size"}, k) {
				c.used[k] = true
			}
			if !c.used[k] && k == "name" && slices.Contains(ownParts, self.object.class.base) {
				continue // super().__init__ has it
			}
			if !c.used[k] && (k == "name" || k == "dtype" || k == "trainable") {
				c.used[k] = true
				t.approximate("%s of an object of a class is left out", k)
			}
		}
	}
	if name := c.kw["name"]; rest && name != nil && !c.used["name"] && slices.Contains(ownParts, self.object.class.base) {
		if name.kind == "str" {
			self.object.given = name.code
		}
		c.used["name"] = true
	}
	c.done()
	old := t.sc
	t.sc = sc
	if self.object != nil && self.object.own != nil {
		self.object.own.straight = t.out
	}
	defer func() { t.sc = old; t.depth-- }()
	for _, s := range m.Body {
		if isSuper(s) && s.Value.Args[0].Text == "compile" {
			t.compileOwn(self, t.arguments(s.Value))
			continue
		}
		if isSuper(s) {
			if above := self.object.class.above(m, s.Value.Args[0].Text); above != nil {
				t.inline(self, above, t.arguments(s.Value))
				continue
			}
		}
		if isSuper(s) && s.Value.Args[0].Text == "__init__" && slices.Contains(ownParts, self.object.class.base) && self.object.name == "" {
			t.beganPart(self.object, s.Value)
		}
		if isSuper(s) || s.Kind == python.ExprStmt && s.Value.Kind == python.String {
			continue
		}
		t.translate(s)
	}
}

// isSuper is super().__init__(…) and its like.
func isSuper(s *python.Stmt) bool {
	if s.Kind != python.ExprStmt || s.Value.Kind != python.Call || s.Value.Args[0].Kind != python.Attr {
		return false
	}
	on := s.Value.Args[0].Args[0]
	return on.Kind == python.Call && on.Args[0].Kind == python.Name && on.Args[0].Text == "super"
}

// setField is self.name = value.
func (t *translator) setField(in *classObject, name string, v *value, at *python.Expr) {
	if old := in.attrs[name]; old != nil && old.v != nil && old.v.goT == v.goT && strings.HasPrefix(old.v.code, "\x01") && v.code != "" && !compileTime(v) && v.items == nil {
		vs := (&printer{vars: t.vars}).marked(old.v.code)
		if len(vs) == 1 && vs[0].ref() == old.v.code {
			t.emit(&line{lhs: []*variable{vs[0]}, code: v.code})
			return
		}
	}
	if old := in.attrs[name]; old != nil && old.v != nil && v.kind == "empty" && v.open == nil && (old.v.kind == "list" || old.v.open != nil) {
		if vs := (&printer{vars: t.vars}).marked(old.v.code); len(vs) == 1 && vs[0].ref() == old.v.code {
			t.emit(&line{lhs: []*variable{vs[0]}, code: "nil"})
			return
		}
	}
	if v.kind == "weight" {
		in.attrs[name] = &binding{v: v}
		return
	}
	// A flag that only one place sets decides conditions while they are translated: whether a weight is there at all.
	if v.konst && v.kind == "bool" && in.class.base == "layer" && len(regexp.MustCompile(`\.`+regexp.QuoteMeta(name)+`\s*[-+*/|&]?=[^=]`).FindAllString(t.source, 2)) == 1 {
		in.attrs[name] = &binding{v: v}
		return
	}
	if in.class.base == "metric" && v.kind == "object" && strings.HasPrefix(v.goT, "*metrics.") {
		if in.model == nil {
			fail(at, "a metric's part before super().__init__ isn't translated")
		}
		v = &value{typ: tMetricPart, code: fmt.Sprintf("%s.Part(%s)", in.model.code, v.code)}
	}
	if t.sc.result != nil {
		if v.goT != "" && v.goT != "multi" && v.code != "" && !compileTime(v) && v.kind != "empty" && v.kind != "empty dict" {
			place := in.class.made(name)
			t.wanted[place], t.found[place] = true, v.typ
		}
		fail(at, "an attribute that a method makes isn't translated")
	}
	// A name of its own, by the ways in which all names are bound.
	sc := &scope{names: map[string]*binding{}, fn: t.sc.fn, parent: t.sc}
	old := t.sc
	t.sc = sc
	l := t.attempt(func() { t.bindName(name, v, at) })
	t.sc = old
	if l != nil {
		panic(l)
	}
	in.attrs[name] = sc.names[name]
}

// field is an attribute of an object: what was assigned to it, a property or a method.
func (t *translator) objectAttr(v *value, name string, e *python.Expr) *value {
	in := v.object
	if b := in.attrs[name]; b != nil {
		if b.unknown != "" {
			fail(e, "%s %s", name, b.unknown)
		}
		if in.own != nil {
			return t.ownAttr(in, name, b.v, e)
		}
		if in.class.base == "metric" {
			return t.metricAttr(in, b.v, e)
		}
		if b.v.kind == "held weight" {
			return t.weightOf(b.v, e)
		}
		return t.intoStep(b.v)
	}
	if in.own != nil && in.own.layer != nil && in.class.method(name) == nil {
		return t.attrOf(in.own.layer, name, e)
	}
	if in.class.base == "model" && t.sc.step != nil && slices.Contains(compiledNames, name) {
		return t.compiled(v, name, e)
	}
	if in.class.base == "model" && in.class.method("train_step") != nil && slices.Contains([]string{"compile", "fit", "evaluate"}, name) {
		return &value{typ: typ{kind: "method"}, self: v, path: name}
	}
	if m := in.class.method(name); m != nil {
		for _, d := range m.Decorators {
			if d.Kind == python.Name && d.Text == "property" {
				return t.callMethod(v, name, callOf(e))
			}
		}
		return &value{typ: typ{kind: "method"}, self: v, path: name}
	}
	if in.class.base == "" {
		fail(e, "the attribute %s isn't known", name)
	}
	if in.model != nil && in.class.base == "model" {
		return t.attrOf(in.model, name, e)
	}
	return &value{typ: typ{kind: "method"}, self: v, path: name}
}

func (t *translator) callMethod(v *value, name string, c *call) *value {
	in := v.object
	m := in.class.method(name)
	if m == nil {
		fail(c.e, "the method %s isn't known", name)
	}
	d := in.defs[name]
	if d == nil {
		d = &def{stmt: m, name: m.Text, done: map[string]*instance{}, home: in.class.owner(m).home}
		if in.own != nil {
			d.env = in.own.body
		}
		in.defs[name] = d
	}
	if len(m.Decorators) > 0 && m.Decorators[0].Kind == python.Name && m.Decorators[0].Text == "staticmethod" {
		return t.callDef(d, c)
	}
	return t.callDef(d, &call{e: c.e, args: append([]*value{v}, c.args...), kw: c.kw, keys: c.keys, used: map[string]bool{}})
}

// inlineBuild is build for inputs like x.
func (t *translator) inlineBuild(self *value, build *python.Stmt, x *value, c *call) {
	shape := &value{typ: typ{kind: "shape of an input"}}
	if x.kind == "tensor" {
		shape = &value{typ: listOf(tInt), code: "[]int(" + x.tight() + ".Shape())"}
	} else if x.kind == "array" && self.object.own != nil {
		shape = &value{typ: listOf(tInt), code: x.tight() + ".Shape()"}
	}
	t.inline(self, build, callOf(c.e, shape))
}

// makesMasks finds layers that give masks.
var makesMasks = regexp.MustCompile(`\bmask_zero\s*=\s*True|\bMasking\(`)

// applied is an object that is called: a layer's or a model's call, else __call__.
func (t *translator) applied(v *value, c *call) *value {
	in := v.object
	switch in.class.base {
	case "", "schedule":
		return t.callMethod(v, "__call__", c)
	case "metric":
		t.code("%s", t.objectMethod(v, "update_state", c).code)
		return t.metricMethod(in.model, "result", callOf(c.e))
	case "loss":
		if t.sc.step == nil {
			return t.lossCall(t.ownPart(v, c.e), c)
		}
		r := t.callMethod(v, "call", c)
		switch in.reduction {
		case "", `"sum_over_batch_size"`, `"mean"`:
			return t.lifted(t.reducedNode("Mean", r, c.e), true)
		case `"sum"`:
			return t.lifted(t.reducedNode("Sum", r, c.e), true)
		}
		return r
	}
	if len(c.args) == 0 {
		fail(c.e, "the layer isn't given an input")
	}
	if t.sc.step != nil && in.model != nil {
		return t.apply(in.model, c)
	}
	if in.class.base == "model" && in.class.method("call") != nil && t.sc.step == nil && (c.args[0].kind == "array" || c.args[0].goT == "map[string]"+tArray.goT) {
		t.ready(v, c.args[0], c)
		return t.apply(in.model, c)
	}
	if in.own != nil {
		return t.applyOwn(v, c)
	}
	if !in.built {
		in.built = true
		if b := in.class.method("build"); b != nil {
			t.inlineBuild(v, b, c.args[0], c)
		}
	}
	kept := callOf(c.e, c.args...)
	m := in.class.method("call")
	if m == nil {
		fail(c.e, "a layer without call isn't translated")
	}
	for _, k := range c.keys {
		if slices.ContainsFunc(m.Params, func(p python.Param) bool { return p.Name == k }) {
			kept.kw[k], kept.keys = c.kw[k], append(kept.keys, k)
		}
	}
	for i, p := range m.Params {
		if p.Name == "training" && p.Default == nil && i > len(c.args) && kept.kw["training"] == nil {
			kept.kw["training"], kept.keys = &value{typ: tNone}, append(kept.keys, "training") // Keras gives it
		}
		if p.Name == "mask" && i > len(c.args) && kept.kw["mask"] == nil && makesMasks.MatchString(t.source) {
			fail(c.e, "a call that takes the mask of what comes before isn't translated")
		}
	}
	t.approximate("the layers of class %s stand in the model by themselves", in.class.name)
	defer func(before bool) { t.inCall = before }(t.inCall)
	t.inCall = in.class.base == "layer" && c.args[0].kind == "tensor"
	return t.callMethod(v, "call", kept)
}

// ready makes the model of an object of a subclass of Model, whose input is like x.
func (t *translator) ready(v, x *value, c *call) {
	in := v.object
	if in.model != nil {
		return
	}
	t.approximate("the subclassed model %s is a functional one, made when its first input is known", in.class.name)
	m := &value{typ: tModel}
	made := func() {
		input := t.inputLike(x, c)
		given := "functional.NewModel(" + input.code
		if input.items != nil {
			given = "functional.NewModel(" + t.tensors(input, c)
		}
		out := t.applied(v, callOf(c.e, input))
		m.code = fmt.Sprintf("must.M1(%s, %s)).Named(%q)", given, t.tensors(out, c), config.SnakeCase(in.class.name))
		m.states = max(len(out.items)-1, 0)
	}
	if t.out == &t.sc.fn.body {
		made()
		in.model = t.variable(camel(in.class.name), m)
	} else { // in a loop the first turn makes it
		va := t.newVar(camel(in.class.name), m.goT)
		t.use(m.goT)
		once := &line{code: "if " + va.ref() + " == nil", block: true}
		out := t.out
		t.out = &once.body
		made()
		t.emit(&line{lhs: []*variable{va}, code: m.code})
		t.out = out
		t.emit(once)
		in.model = &value{typ: m.typ, code: va.ref()}
	}
	in.model.states = m.states
	for _, f := range in.waiting {
		f()
	}
	in.waiting = nil
}

// inputLike is an Input, or several, for arrays, or for the shape of a batch.
func (t *translator) inputLike(x *value, c *call) *value {
	input := func(name, code string) *value {
		va := t.newVar(camel(name), tTensor.goT)
		t.use(tTensor.goT)
		t.emit(&line{lhs: []*variable{va}, code: code})
		return &value{typ: tTensor, code: va.ref()}
	}
	arrays := func(items []*value) bool {
		return len(items) > 0 && !slices.ContainsFunc(items, func(i *value) bool { return i.kind != "array" })
	}
	switch {
	case x.kind == "array":
		return input("inputs", fmt.Sprintf("functional.Input(%s.Shape()[1:]...)", x.tight()))
	case len(x.items) > 1 && !slices.ContainsFunc(x.items[1:], func(i *value) bool { return i.kind != "int" && i.kind != "none" }) && (x.items[0].kind == "none" || x.items[0].kind == "int"):
		return input("inputs", "functional.Input("+t.as(&value{items: x.items[1:]}, "...int", c.e)+")")
	case arrays(x.items):
		made := &value{typ: listOf(tTensor)}
		for _, i := range x.items {
			made.items = append(made.items, input("inputs", fmt.Sprintf("functional.Input(%s.Shape()[1:]...)", i.tight())))
		}
		made.code = t.tensors(made, c)
		return made
	case x.goT == "map[string]"+tArray.goT && len(x.keys) > 0:
		held := t.variable("data", x)
		var parts []string
		for _, k := range x.keys {
			parts = append(parts, fmt.Sprintf("%q: %s", k, input(k, fmt.Sprintf("functional.InputWith(functional.InputOptions{Shape: %s[%q].Shape()[1:], Name: %[2]q})", held.code, k)).code))
		}
		all := t.variable("inputs", &value{typ: dictType(tStr, tTensor), code: "map[string]*functional.Tensor{" + strings.Join(parts, ", ") + "}"})
		all.keys = x.keys
		return all
	}
	fail(c.e, "a subclassed model on %s isn't translated", x.describe())
	return nil
}

// objectMethod is a method of an object: its own, or that of the model that it is.
func (t *translator) objectMethod(v *value, name string, c *call) *value {
	in := v.object
	if in.class.base == "model" && name == "fit" {
		defer func(before *value) { t.fitted = before }(t.fitted)
		t.fitted = v
	}
	if own := in.class.method("train_step") != nil; in.class.base == "model" {
		switch compile := in.class.method("compile"); {
		case name == "compile" && compile != nil:
			t.inline(v, compile, c)
			return done("")
		case name == "compile" && own:
			t.compileOwn(v, c)
			return done("")
		case own && (name == "fit" || name == "evaluate"):
			return t.ownFit(v, name, c)
		case !own && in.class.method("test_step") != nil:
			fail(c.e, "a test_step without a train_step isn't translated")
		}
	}
	if in.class.base == "metric" && (name == "add_weight" || name == "add_variable") {
		return t.metricWeight(in, c)
	}
	if in.class.base == "metric" && slices.Contains([]string{"update_state", "result", "reset_state", "reset_states"}, name) && t.inMetric != in {
		if t.sc.step != nil {
			fail(c.e, "an own metric in a training step isn't translated")
		}
		return t.metricMethod(in.model, name, c)
	}
	if in.class.method(name) != nil {
		return t.callMethod(v, name, c)
	}
	if name == "add_weight" && (in.own != nil || in.class.base == "layer" && t.mixed(in.class)) {
		return t.addWeight(in, c)
	}
	if in.own != nil && in.own.layer != nil {
		return t.method(in.own.layer, name, c)
	}
	if in.class.base != "model" {
		fail(c.e, "the method %s of an object of class %s isn't translated", name, in.class.name)
	}
	if in.model == nil {
		switch name {
		case "compile":
			in.waiting = append(in.waiting, func() {
				if r := t.method(in.model, "compile", c); r.code != "" {
					t.code("%s", r.code)
				}
			})
			return done("")
		case "fit", "predict", "evaluate", "train_on_batch":
			t.ready(v, c.need(0, "x"), c)
		case "build":
			t.ready(v, c.need(0, "input_shape"), c)
			return done("")
		default:
			fail(c.e, "%s of a subclassed model whose input isn't known isn't translated", name)
		}
	}
	return t.method(in.model, name, c)
}

// begun makes the attributes that methods begin with an empty list or dict, or a constant: a callback's hooks are functions, which share them.
func (t *translator) begun(v *value) {
	in := v.object
	for p := in.class; p != nil; p = p.parent {
		for _, name := range sortedKeys(p.methods) {
			m := p.methods[name]
			if name == "__init__" || len(m.Params) == 0 {
				continue
			}
			for _, s := range m.Body {
				if s.Kind != python.Assign || len(s.Targets) != 1 || s.Targets[0].Kind != python.Attr || s.Targets[0].Args[0].Kind != python.Name || s.Targets[0].Args[0].Text != m.Params[0].Name {
					continue
				}
				e := s.Value
				plain := e.Kind == python.Number || e.Kind == python.String || e.Kind == python.Constant && e.Text != "None" || (e.Kind == python.List || e.Kind == python.Dict) && len(e.Args) == 0
				if field := s.Targets[0].Text; plain && in.attrs[field] == nil {
					t.setField(in, field, t.expr(e), s.Targets[0])
				}
			}
		}
	}
}
