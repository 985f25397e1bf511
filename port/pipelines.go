package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// elementFunc is what a function of the notebook returns of a data set's element, one array or two, and the head of the Go function that calls it.
func (t *translator) elementFunc(f *value, v *value, c *call) (*value, string) {
	params := 2
	if v.table {
		params = 1
	}
	if f.def == nil && (f.kind != "layer" || params != 1) {
		fail(c.e, "%s as a function of a data set isn't translated", f.describe())
	}
	given := 1
	if f.def != nil {
		given = len(f.def.params())
	}
	if given < params {
		fail(c.e, "the function takes %d arguments where the data set has %d arrays", given, params)
	}
	var args []*value
	var head []string
	for _, name := range []string{"x", "y"}[:params] {
		va := t.newVar(name, tArray.goT)
		va.given = true
		args = append(args, &value{typ: tArray, code: va.ref()})
		head = append(head, va.ref())
	}
	r := t.callValue(f, callOf(c.e, args...))
	t.use(tArray.goT)
	return r, "func(" + strings.Join(head, ", ") + " *np.Array)"
}

func (d *def) params() []python.Param {
	if d.stmt != nil {
		return d.stmt.Params
	}
	return d.lambda.Params
}

// mappedPipeline is map of a data set.
func (t *translator) mappedPipeline(v *value, c *call) *value {
	f := c.need(0, "map_func")
	c.arg(1, "num_parallel_calls")
	c.arg(-1, "deterministic")
	c.done()
	r, head := t.elementFunc(f, v, c)
	ty := tPipeline
	from := "One"
	if !v.table {
		from = "Two"
	}
	switch {
	case r.kind == "array":
		ty.table = true
		return &value{typ: ty, code: fmt.Sprintf("%s.Map(%s(%s *np.Array { return %s }))", v.pipelineCode(), t.helper("map"+from+"ToOne"), head, r.code)}
	case r.goT == "multi" && len(r.elems) == 2 && r.elems[0].kind == "array" && r.elems[1].kind == "array":
		return &value{typ: ty, code: fmt.Sprintf("%s.Map(%s(%s (*np.Array, *np.Array) { return %s }))", v.pipelineCode(), t.helper("map"+from+"ToTwo"), head, r.code)}
	}
	fail(c.e, "a map to %s isn't translated", r.describe())
	return nil
}

func (t *translator) filteredPipeline(v *value, c *call) *value {
	f := c.need(0, "predicate")
	c.done()
	r, head := t.elementFunc(f, v, c)
	from := "One"
	if !v.table {
		from = "Two"
	}
	return &value{typ: v.typ, code: fmt.Sprintf("%s.Filter(%s(%s bool { return %s }))", v.pipelineCode(), t.helper("keep"+from), head, t.truth(r, c.e))}
}

// pipelineCode is the *datasets.Pipeline of a data set, for its methods.
func (v *value) pipelineCode() string {
	if v.goT == tPipeline.goT {
		return v.tight()
	}
	return v.tight() + ".Pipeline"
}

// batchLoop is a loop over the elements of a data set: for x, y in data, or for batch in data.
func (t *translator) batchLoop(target *python.Expr, over *value) (string, []*line) {
	p := over.pipelineCode()
	if over.kind == "flow" && !over.ends {
		p += ".Repeat()" // as Keras's generators, which don't end
	}
	t.use("iter.Seq")
	one := func(name string) (*variable, *value) {
		va := t.newVar(camel(name), tArray.goT)
		va.given = true
		return va, &value{typ: tArray, code: va.ref(), eager: over.kind == "pipeline" && !over.arrays}
	}
	if over.table {
		if target.Kind != python.Name {
			fail(target, "the elements of this data set are single arrays")
		}
		va, v := one(target.Text)
		t.sc.names[target.Text] = &binding{v: v}
		return fmt.Sprintf("for %s := range %s(%s)", va.ref(), t.helper("inputsOf"), p), []*line{{keep: va}}
	}
	var x, y *variable
	var vx, vy *value
	switch {
	case target.Kind == python.Name:
		x, vx = one(target.Text + "_x")
		y, vy = one(target.Text + "_y")
		t.sc.names[target.Text] = &binding{v: &value{items: []*value{vx, vy}, tuple: true, typ: typ{kind: "tuple"}}}
	case (target.Kind == python.Tuple || target.Kind == python.List) && len(target.Args) == 2 && target.Args[0].Kind == python.Name && target.Args[1].Kind == python.Name:
		x, vx = one(target.Args[0].Text)
		y, vy = one(target.Args[1].Text)
		t.sc.names[target.Args[0].Text] = &binding{v: vx}
		t.sc.names[target.Args[1].Text] = &binding{v: vy}
	default:
		fail(target, "this loop's target isn't translated")
	}
	return fmt.Sprintf("for %s, %s := range %s(%s)", x.ref(), y.ref(), t.helper("batchesOf"), p), []*line{{keep: x}, {keep: y}}
}

// yields reports that a function is a generator of Python's.
func yields(body []*python.Stmt) bool {
	for _, s := range body {
		if s.Kind == python.Def || s.Kind == python.Class {
			continue
		}
		if s.Value != nil && s.Value.Kind == python.Yield || yields(s.Body) || yields(s.Else) {
			return true
		}
	}
	return false
}

// yieldStmt is a yield of one array, or of two.
func (t *translator) yieldStmt(e *python.Expr) {
	if t.sc.result == nil || e.Text != "yield" || len(e.Args) != 1 || e.Args[0] == nil {
		fail(e, "this yield isn't translated")
	}
	v := t.expr(e.Args[0])
	ty := tPipeline
	ty.kind, ty.ends = "flow", true
	var code string
	switch {
	case len(v.items) >= 2 && len(v.items) <= 3 && v.tuple:
		var parts []string
		for i, name := range []string{"X", "Y", "SampleWeight"}[:len(v.items)] {
			parts = append(parts, name+": "+t.yielded(v.items[i], e))
		}
		code = strings.Join(parts, ", ")
	default:
		code, ty.table = "X: "+t.yielded(v, e), true
	}
	if t.sc.result.kind != "" && (t.sc.result.kind != ty.kind || t.sc.result.table != ty.table) {
		fail(e, "the generator yields values of several kinds")
	}
	*t.sc.result = ty
	l := t.emit(&line{code: "if !yield(datasets.Element{" + code + "}, nil)", block: true})
	l.body = append(l.body, &line{code: "return"})
}

func (t *translator) yielded(v *value, e *python.Expr) string {
	if len(v.items) > 0 && v.kind == "list" && v.elem.kind == "array" {
		var parts []string
		for _, i := range v.items {
			parts = append(parts, t.data(i, e))
		}
		return "[]any{" + strings.Join(parts, ", ") + "}"
	}
	if number(v.typ) {
		return "np.Of(" + v.code + ").Tensor()"
	}
	return t.data(v, e)
}

// generatorBody makes the body of a generator's function of its statements: it returns a data set.
func generatorBody(fn *function) {
	fn.body = []*line{{code: "return datasets.FromSeq(func(yield func(datasets.Element, error) bool)", block: true, closing: ")", body: fn.body}}
}

// windowed is window(…).flat_map(lambda w: w.batch(n)), of which gokeras's Window does both.
func (t *translator) windowed(v *value, name string, c *call) *value {
	switch name {
	case "window":
		if v.kind != "pipeline" {
			break
		}
		c.place(0, "size", "shift", "stride", "drop_remainder")
		o := t.writers(c)
		opts := t.fields(c, []field{{"size", "Size", o.whole}, {"shift", "Shift", o.whole}, {"stride", "Stride", o.whole}, {"drop_remainder", "DropRemainder", o.yes}})
		c.done()
		ty := v.typ
		ty.kind = "windows"
		return &value{typ: ty, code: fmt.Sprintf("%s.Window(datasets.WindowOptions{%s})", v.tight(), strings.Join(opts, ", "))}
	case "flat_map":
		f := c.need(0, "map_func")
		c.done()
		if v.kind != "windows" || f.def == nil || f.def.lambda == nil {
			break
		}
		body := f.def.lambda.Args[0]
		if body.Kind != python.Call || body.Args[0].Kind != python.Attr || body.Args[0].Text != "batch" || len(body.Args) != 2 || body.Args[0].Args[0].Kind != python.Name {
			break
		}
		ty := v.typ
		ty.kind = "pipeline"
		return &value{typ: ty, code: v.code}
	}
	fail(c.e, "the method %s of %s isn't translated", name, v.describe())
	return nil
}

// layerOn is a layer's call on an array: of layers that compute without a model.
func (t *translator) layerOn(layer *value, x string) *value {
	return &value{typ: tArray, code: fmt.Sprintf("%s(%s, %s)", t.helper("layerOn"), layer.code, x)}
}

// collected are values of collections.Counter and defaultdict: dicts whose entries begin with something.
func (t *translator) collected(path string, c *call) *value {
	switch path {
	case "collections.Counter":
		if len(c.args) == 0 {
			v := t.emptyDict()
			v.begin, v.counts = &value{typ: tInt, code: "0", konst: true}, true
			return v
		}
		v := c.need(0, "iterable")
		c.done()
		if v.kind == "str" {
			v = &value{typ: listOf(tStr), code: "strings.Split(" + v.code + `, "")`}
		}
		if v.kind == "array" {
			t.approximate("a Counter's keys are numbers of type int")
			v = &value{typ: listOf(tInt), code: v.tight() + ".Ints()"}
		}
		if v.kind != "list" || v.elem.kind != "str" && v.elem.kind != "int" {
			fail(c.e, "a Counter of %s isn't translated", v.describe())
		}
		ty := dictType(*v.elem, tInt)
		ty.counts = true
		return &value{typ: ty, code: t.helper("counter") + "(" + v.code + ")"}
	case "collections.defaultdict":
		f := c.need(0, "default_factory")
		c.done()
		begin := map[string]*value{"builtins.int": {typ: tInt, code: "0", konst: true}, "builtins.float": {typ: tFloat, code: "0.0", konst: true}}[f.path]
		if f.path == "builtins.list" {
			begin = &value{typ: typ{kind: "empty"}, items: []*value{}}
		}
		if l := f.def; l != nil && l.lambda != nil && len(l.lambda.Params) == 0 {
			if zero := t.expr(l.lambda.Args[0]); zero.konst && slices.Contains([]string{"0", "0.0", `""`}, zero.code) {
				begin = zero
			} else if zero.kind == "empty" && !zero.tuple {
				begin = zero
			}
		}
		if begin == nil {
			fail(c.e, "a defaultdict of %s isn't translated", f.describe())
		}
		v := t.emptyDict()
		v.begin, v.factory = begin, "?"
		if name, ok := strings.CutPrefix(f.path, "builtins."); ok {
			v.factory = "<class '" + name + "'>"
		}
		return v
	case "collections.OrderedDict":
		if len(c.args) == 0 {
			v := t.emptyDict()
			v.factory = "OrderedDict"
			return v
		}
	}
	return nil
}

// contains is x in an empty list, which takes its type from x.
func (t *translator) contains(list, x *value, e *python.Expr) string {
	if list.kind == "empty" {
		if list.open == nil || list.code == "" || x.goT == "" || x.code == "" || compileTime(x) {
			fail(e, "in of %s isn't translated", list.describe())
		}
		ty := listOf(x.typ)
		list.open.goType = ty.goT
		t.use(x.goT)
		list = t.retype(list, ty)
	}
	if x.kind == "array" {
		return fmt.Sprintf("%s(%s, %s)", t.helper("containsArray"), list.code, x.code)
	}
	if !slices.Contains([]string{"int", "float", "str", "bool"}, x.kind) {
		fail(e, "in of a list of %s isn't translated", x.kind)
	}
	return fmt.Sprintf("slices.Contains(%s, %s)", list.code, x.code)
}
