package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Layers of the notebook's classes that make weights by self.add_weight. Such an object is one layer of the model, made by functional.LayerFunc when its
// first input is known: the weights are declared in the order in which __init__ and build make them, and call becomes a function that takes them.

// ownLayer is what is known of such an object.
type ownLayer struct {
	name     string    // the code of the layer's name, if it was given one
	weights  []*value  // in order; each one's code is the variable of its spec
	names    []string  // of the weights
	straight *[]*line  // where the statements of __init__ or build go that no condition or loop holds
	fn       *function // in which the object was made
	out      *[]*line  // where
	begin    *line     // a line there, for what must be done with it
	body     *scope    // in which call is called; its names are the object's attributes
	layer    *value    // the layer, once it is made
}

// addsWeights reports a class whose methods call add_weight.
func (c *class) addsWeights() bool {
	for ; c != nil; c = c.parent {
		for _, m := range c.methods {
			if addsWeight(m.Body) {
				return true
			}
		}
	}
	return false
}

func addsWeight(body []*python.Stmt) bool {
	return slices.ContainsFunc(body, func(s *python.Stmt) bool {
		found := false
		python.Walk(s.Value, func(e *python.Expr) bool {
			found = found || e.Kind == python.Call && e.Args[0].Kind == python.Attr && e.Args[0].Text == "add_weight"
			return !found
		})
		return found || addsWeight(s.Body) || addsWeight(s.Else)
	})
}

// mixed reports a class whose objects apply layers with weights beside their own: the translation before this one has found so. Its layers stand in the
// model by themselves then, and each of its weights is a layer that gives the weight, whatever it is applied to.
func (t *translator) mixed(c *class) bool { return t.floats[c.made("add_weight")] != "" }

// heldWeight is the layer that gives a weight.
func (t *translator) heldWeight(in *classObject, spec string) *value {
	if t.ownMade == nil {
		t.ownMade = map[string]int{}
	}
	t.ownMade["weight of "+in.class.name]++
	name := fmt.Sprintf("notebook>%sWeight%d", in.class.name, t.ownMade["weight of "+in.class.name])
	l, xs := t.newVar("l", "*functional.LayerBody"), t.newVar("x", "[]*functional.Tensor")
	l.given, xs.given = true, true
	layer := t.newVar(camel(in.class.name)+"Weight", "*functional.FuncLayer")
	t.use(layer.goType)
	t.approximate("the weights of class %s are layers by themselves", in.class.name)
	t.emit(&line{lhs: []*variable{layer}, code: fmt.Sprintf("functional.LayerFunc(%q, func(%s *functional.LayerBody, _ []*functional.Tensor) *functional.Tensor { return %s.AddWeight(%s) })()", name, l.ref(), l.ref(), spec)})
	return &value{typ: typ{kind: "held weight", goT: "*functional.FuncLayer"}, code: layer.ref()}
}

// weightOf is what such a layer gives in a method that has a tensor.
func (t *translator) weightOf(w *value, e *python.Expr) *value {
	for sc := t.sc; sc != nil && !sc.top; sc = sc.parent {
		for _, name := range sortedKeys(sc.names) {
			b := sc.names[name]
			if b.v == nil || b.v.kind != "tensor" {
				continue
			}
			return &value{typ: tTensor, code: fmt.Sprintf("%s.Apply(%s)", w.code, b.v.code)}
		}
	}
	fail(e, "a weight where no tensor is at hand isn't translated")
	return nil
}

// beginOwn is a new object of such a class.
func (t *translator) beginOwn(in *classObject, c *call) {
	own := &ownLayer{fn: t.sc.fn, out: t.out, begin: t.emit(&line{})}
	own.body = &scope{names: map[string]*binding{}, fn: t.sc.fn, parent: t.module, inst: &instance{result: &typ{}}}
	in.own = own
	init := in.class.method("__init__")
	if name := c.kw["name"]; name != nil && name.kind == "str" && (init == nil || !slices.ContainsFunc(init.Params, func(p python.Param) bool { return p.Name == "name" })) {
		own.name, c.used["name"] = name.code, true
	}
}

// addWeight is self.add_weight: a variable that describes the weight.
func (t *translator) addWeight(in *classObject, c *call) *value {
	own := in.own
	if t.mixed(in.class) {
		if t.sc.step != nil || t.sc.result != nil {
			fail(c.e, "add_weight in another method than __init__ and build isn't translated")
		}
		own = &ownLayer{} // names count for nothing: each weight is a layer
	} else if own.straight != t.out || own.layer != nil || t.sc.step != nil {
		fail(c.e, "add_weight in a condition, a loop or another method than __init__ and build isn't translated")
	}
	at := 0
	var name *value
	if len(c.args) > 0 && c.args[0].kind == "str" { // as in Keras 2
		name, at = c.arg(0), 1
	} else {
		name = c.arg(-1, "name")
	}
	shape, initializer := c.arg(at, "shape"), c.arg(at+1, "initializer")
	if at == 1 && len(c.args) > 2 {
		fail(c.e, "add_weight with so many arguments without names isn't translated")
	}
	dtype, trainable := c.arg(at+2, "dtype"), c.arg(at+3, "trainable")
	regularizer, constraint := c.arg(-1, "regularizer"), c.arg(-1, "constraint")
	c.done()
	text := "variable"
	if n := len(own.names); n > 0 {
		text = fmt.Sprintf("variable_%d", n)
	}
	if name != nil && name.kind != "none" {
		if name.kind != "str" || !name.konst {
			fail(c.e, "a weight's name that isn't a constant isn't translated")
		}
		text = strings.Trim(name.code, `"`)
	}
	if slices.Contains(own.names, text) {
		fail(c.e, "two weights of one name, %s, aren't translated", text)
	}
	own.names = append(own.names, text)
	fields := []string{fmt.Sprintf("Name: %q", text)}
	if shape != nil && shape.kind != "none" && !(shape.kind == "empty" && shape.code == "") && !(shape.tuple && len(shape.items) == 0 && shape.goT == "") {
		if shape.kind == "int" {
			shape = &value{items: []*value{shape}}
		}
		fields = append(fields, "Shape: "+t.as(shape, "[]int", c.e))
	}
	for _, f := range []struct {
		field, pkg string
		v          *value
	}{{"Initializer", "initializers", initializer}, {"Regularizer", "regularizers", regularizer}, {"Constraint", "constraints", constraint}} {
		switch {
		case f.v == nil || f.v.kind == "none":
		case strings.HasPrefix(strings.TrimPrefix(f.v.goT, "*"), f.pkg+"."):
			fields = append(fields, f.field+": "+f.v.code)
		case f.v.kind == "str":
			t.imports[f.pkg] = true
			fields = append(fields, fmt.Sprintf("%s: must.M1(%s.Get(%s))", f.field, f.pkg, f.v.code))
		default:
			fail(c.e, "%s as a weight's %s isn't translated", f.v.describe(), lower(f.field))
		}
	}
	if dtype != nil && dtype.kind != "none" && t.dtype(dtype, c) != `"float32"` {
		fail(c.e, "a weight of another dtype than float32 isn't translated")
	}
	if trainable != nil {
		switch code := t.as(trainable, "bool", c.e); code {
		case "true":
		case "false":
			fields = append(fields, "NonTrainable: true")
		default:
			fields = append(fields, "NonTrainable: !("+code+")")
		}
	}
	if t.mixed(in.class) {
		t.use("symbolic.WeightSpec")
		return t.heldWeight(in, "symbolic.WeightSpec{"+strings.Join(fields, ", ")+"}")
	}
	spec := t.newVar(camel(text), "symbolic.WeightSpec")
	t.use(spec.goType)
	t.emit(&line{lhs: []*variable{spec}, code: "symbolic.WeightSpec{" + strings.Join(fields, ", ") + "}"})
	w := &value{typ: typ{kind: "weight"}, code: spec.ref()}
	own.weights = append(own.weights, w)
	return w
}

// weightless are the layers that a body may apply.
var weightless = []string{"Activation", "Softmax", "ReLU", "LeakyReLU", "ELU", "Flatten", "Reshape", "Permute", "RepeatVector", "Dot", "Add", "Subtract", "Multiply", "Concatenate", "Average", "Maximum", "Minimum",
	"GlobalAveragePooling1D", "GlobalMaxPooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling2D"}

// ownAttr is an attribute of such an object: in call a parameter of the function that call becomes.
func (t *translator) ownAttr(in *classObject, name string, v *value, e *python.Expr) *value {
	inside := false
	for sc := t.sc; sc != nil; sc = sc.parent {
		inside = inside || sc == in.own.body
	}
	if !inside {
		if v.kind == "weight" {
			fail(e, "the weight %s outside of the layer's call isn't translated", name)
		}
		return v
	}
	if v.kind == "layer" && !slices.Contains(weightless, strings.TrimSuffix(strings.TrimPrefix(v.goT, "*layers."), "Layer")) || v.kind == "model" || v.object != nil && v.object != in {
		t.grown[in.class.made("add_weight")] = "beside layers"
		fail(e, "a layer that makes weights by add_weight and applies others, such as %s, isn't translated", name)
	}
	key := name + " " // not a name of Python's
	if v.kind == "weight" {
		if in.own.body.names[key] == nil {
			fail(e, "the weight %s isn't known here", name)
		}
	} else {
		if compileTime(v) || v.konst || v.code == "" || v.goT == "" || v.goT == "multi" || v.spread() {
			return v
		}
		if in.own.body.names[key] == nil {
			in.own.body.names[key] = &binding{v: v}
		}
	}
	held, _ := t.resolve(t.sc, key, e)
	return held
}

// makeOwn makes the layer of an object for inputs like x.
func (t *translator) makeOwn(v, x *value, c *call, layer *variable) {
	in := v.object
	own := in.own
	if b := in.class.method("build"); b != nil {
		t.inlineBuild(v, b, x, c)
	}
	own.straight = nil
	m := in.class.method("call")
	if m == nil {
		fail(c.e, "a layer without call isn't translated")
	}
	l, xs := t.newVar("l", "*functional.LayerBody"), t.newVar("x", "[]*functional.Tensor")
	l.given, xs.given = true, true
	locals := map[string]*variable{}
	for _, name := range sortedKeys(in.attrs) {
		if w := in.attrs[name].v; w != nil && w.kind == "weight" {
			va := t.newVar(camel(name), tTensor.goT)
			va.given = true
			own.body.names[name+" "] = &binding{v: &value{typ: tTensor, code: va.ref()}}
			if locals[w.code] == nil {
				locals[w.code] = va
			} else {
				fail(c.e, "a weight of two names isn't translated")
			}
		}
	}
	given := &value{typ: tTensor, code: xs.ref() + "[0]"}
	if x.goT == "[]"+tTensor.goT {
		given = &value{typ: x.typ, code: xs.ref()}
	} else if len(x.items) > 0 {
		given = &value{tuple: x.tuple, typ: x.typ}
		for i := range x.items {
			given.items = append(given.items, &value{typ: tTensor, code: fmt.Sprintf("%s[%d]", xs.ref(), i)})
		}
	}
	kept := callOf(c.e, given)
	for i, p := range m.Params {
		switch {
		case p.Name == "training":
			kept.kw["training"], kept.keys = &value{typ: tBool, code: l.ref() + ".Training()"}, append(kept.keys, "training")
		case i > 1 && p.Star == "" && p.Name == "mask", i > 1 && p.Default == nil && p.Star == "":
			fail(c.e, "a layer that makes weights by add_weight and whose call takes %s isn't translated", p.Name)
		}
	}
	sc, step := t.sc, t.out
	var body []*line
	t.sc, t.out = own.body, &body
	var r *value
	failed := t.attempt(func() { r = t.callMethod(v, "call", kept) })
	t.sc, t.out = sc, step
	if failed != nil {
		panic(failed)
	}
	if r.kind != "tensor" || len(body) > 0 {
		fail(c.e, "a layer with weights of its own whose call gives %s isn't translated", r.describe())
	}
	if own.fn != t.sc.fn {
		// The attributes are variables of the whole program then, and those of another object by the time at which the layer computes.
		for _, key := range sortedKeys(own.body.names) {
			if a := own.body.names[key].v; a.kind != "tensor" && strings.Contains(r.code, a.code) {
				kept := t.newVar(camel(key), a.goT)
				t.emit(&line{lhs: []*variable{kept}, code: a.code})
				r.code = strings.ReplaceAll(r.code, a.code, kept.ref())
			}
		}
	}
	var b strings.Builder
	for _, w := range own.weights {
		if va := locals[w.code]; va != nil && strings.Contains(r.code, va.ref()) {
			fmt.Fprintf(&b, "%s := ", va.ref())
		}
		fmt.Fprintf(&b, "%s.AddWeight(%s); ", l.ref(), w.code)
	}
	module := "notebook"
	if t.ownMade == nil {
		t.ownMade = map[string]int{}
	}
	if t.ownMade[in.class.name]++; t.ownMade[in.class.name] > 1 {
		module = fmt.Sprintf("notebook%d", t.ownMade[in.class.name]) // files know each object's function by a name of its own
	}
	code := fmt.Sprintf("functional.LayerFunc(\"%s>%s\", func(%s *functional.LayerBody, %s []*functional.Tensor) *functional.Tensor { %sreturn %s })()", module, in.class.name, l.ref(), xs.ref(), b.String(), r.code)
	if own.name != "" {
		code += ".Name(" + own.name + ")"
	}
	t.use(layer.goType)
	t.emit(&line{lhs: []*variable{layer}, code: code})
	own.layer = &value{typ: typ{kind: "layer", goT: layer.goType}, code: layer.ref()}
}

// applyOwn calls the object. Where that stands in another function than the object, the layer is made at the first call of that.
func (t *translator) applyOwn(v *value, c *call) *value {
	in := v.object
	own := in.own
	if t.sc.step != nil || len(c.args) != 1 {
		fail(c.e, "a layer that makes weights by add_weight isn't translated here")
	}
	x := c.args[0]
	if x.kind != "tensor" && x.kind != "array" && !(x.kind == "list" && x.elem.kind == "tensor") && (len(x.items) == 0 || slices.ContainsFunc(x.items, func(i *value) bool { return i.kind != "tensor" })) {
		fail(c.e, "a layer of class %s on %s isn't translated", in.class.name, x.describe())
	}
	if own.layer == nil {
		if x.code != "" && x.kind != "list" && !t.isVariable(x) {
			x = t.variable("inputs", x)
			c.args[0] = x
		}
		layer := t.newVar(camel(in.class.name), "*functional.FuncLayer")
		if own.fn == t.sc.fn {
			if own.out != t.out {
				fail(c.e, "an object of class %s whose first call stands in a condition or a loop isn't translated", in.class.name)
			}
			t.makeOwn(v, x, c, layer)
		} else {
			if t.out != &t.sc.fn.body {
				fail(c.e, "an object of class %s whose first call stands in a condition or a loop isn't translated", in.class.name)
			}
			out := t.out
			var body []*line
			t.out = &body
			failed := t.attempt(func() { t.makeOwn(v, x, c, layer) })
			t.out = out
			if failed != nil {
				panic(failed)
			}
			own.begin.lhs, own.begin.code = []*variable{layer}, "nil"
			t.emit(&line{code: "if " + layer.ref() + " == nil", block: true, body: body})
		}
	}
	if t.sc.fn != own.fn && len(c.keys) > 0 {
		c.keys = slices.DeleteFunc(c.keys, func(k string) bool { return k == "training" })
	}
	return t.apply(own.layer, c)
}

// stackedOwn is the layer of an object in a Sequential, which says nothing of its input: build can't be translated there.
func (t *translator) stackedOwn(v *value, c *call) *value {
	own := v.object.own
	if own.layer == nil {
		if own.fn != t.sc.fn || own.out != t.out || t.sc.step != nil || v.object.class.method("build") != nil {
			fail(c.e, "an object of class %s, which makes weights by add_weight, in a Sequential isn't translated", v.object.class.name)
		}
		t.makeOwn(v, &value{typ: tTensor}, c, t.newVar(camel(v.object.class.name), "*functional.FuncLayer"))
	}
	return own.layer
}

// isVariable reports that a value is what a variable holds.
func (t *translator) isVariable(v *value) bool {
	vs := (&printer{vars: t.vars}).marked(v.code)
	return len(vs) == 1 && vs[0].ref() == v.code
}
