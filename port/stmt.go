package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// stmt translates a statement, or leaves it as a comment.
func (t *translator) stmt(s *python.Stmt) {
	mark := len(*t.out)
	pending := slices.Clone(t.pending)
	if l := t.attempt(func() { t.translate(s) }); l != nil {
		*t.out = (*t.out)[:mark]
		t.pending = pending
		t.leave(s, l)
	}
}

func (t *translator) translate(s *python.Stmt) {
	if t.depth++; t.depth > 60 {
		panic(&left{s.Line, "nested too deeply"})
	}
	defer func() { t.depth-- }()
	switch s.Kind {
	case python.Bad:
		panic(&left{s.Line, "not Python: " + s.Text})
	case python.Pass:
	case python.Import:
		for _, a := range s.Names {
			if t.importLocal(a, s) {
				continue
			}
			path, name := canonical(a.Name), a.As
			if name == "" {
				name, _, _ = strings.Cut(a.Name, ".")
				path = canonical(name)
			}
			t.sc.names[name] = &binding{v: &value{path: path}}
		}
	case python.From:
		if t.fromLocal(s) {
			return
		}
		for _, a := range s.Names {
			name := a.As
			if name == "" {
				name = a.Name
			}
			if a.Name == "*" {
				t.star(canonical(s.Module))
				continue
			}
			t.sc.names[name] = &binding{v: &value{path: canonical(s.Module + "." + a.Name)}}
		}
	case python.ExprStmt:
		t.expression(s)
	case python.Assign:
		t.assign(s)
	case python.AnnAssign:
		if s.Value != nil {
			t.bind(s.Targets[0], t.expr(s.Value))
		}
	case python.AugAssign:
		t.augmented(s)
	case python.If:
		t.ifStmt(s)
	case python.For:
		t.loop(s, t.forStmt)
	case python.While:
		t.loop(s, t.whileStmt)
	case python.Break, python.Continue:
		if t.leaveTry(string(s.Kind)) {
			return
		}
		if s.Kind == python.Break && t.unbroken != nil {
			t.emit(&line{lhs: []*variable{t.unbroken}, code: "false"})
		}
		t.code("%s", s.Kind)
	case python.Def:
		t.decorated(s)
		t.sc.names[s.Text] = &binding{v: &value{def: &def{stmt: s, name: s.Text, done: map[string]*instance{}, env: t.env(), home: t.here()}}}
	case stepGroup:
		t.trainedBatch(s)
	case python.With:
		t.withStmt(s)
	case python.Try:
		t.tryStmt(s)
	case python.Raise:
		t.raise(s)
	case python.Class:
		t.classStmt(s)
	case python.Return:
		t.returnStmt(s)
	case python.Global:
		for _, n := range s.Names {
			if s.Text == "nonlocal" {
				t.nonlocal(n.Name, s)
				continue
			}
			if b := t.module.names[n.Name]; b != nil {
				t.sc.names[n.Name] = b
				t.sc.globals = append(t.sc.globals, n.Name)
			}
		}
	case python.Del:
		for _, target := range s.Targets {
			t.del(target)
		}
	case python.Assert:
		cond := t.truth(t.expr(s.Value), s.Value)
		if cond == "true" {
			return
		}
		l := t.emit(&line{code: "if !(" + cond + ")", block: true})
		l.body = append(l.body, &line{code: fmt.Sprintf("np.Fail(\"AssertionError\", %q)", "assert of line "+fmt.Sprint(s.Line))})
	default:
		panic(&left{s.Line, fmt.Sprintf("%s statements aren't translated", s.Kind)})
	}
}

// star binds what `from module import *` brings of Keras's.
func (t *translator) star(module string) {
	for _, path := range kerasNames() {
		if strings.HasPrefix(path, module+".") {
			t.sc.names[path[len(module)+1:]] = &binding{v: &value{path: path}}
		}
	}
}

// block translates statements into another block.
func (t *translator) block(to *[]*line, body []*python.Stmt) {
	out := t.out
	t.out = to
	defer func() { t.out = out }()
	for _, s := range t.grouped(body) {
		t.stmt(s)
	}
}

// expression is a statement that is an expression: a call, or a text that stands alone.
func (t *translator) expression(s *python.Stmt) {
	e := s.Value
	if ipython(e) {
		t.approximate("a command of IPython's is left out")
		return
	}
	if e.Kind == python.String {
		for _, l := range strings.Split(strings.TrimSpace(e.Text), "\n") {
			if len(t.pending) < 50 {
				t.pending = append(t.pending, clean([]string{strings.TrimSpace(l)})...)
			}
		}
		return
	}
	if e.Kind == python.Yield {
		t.yieldStmt(e)
		return
	}
	v := t.expr(e)
	switch {
	case v.kind == "tensor" && t.sc.step != nil:
		t.emit(&line{lhs: []*variable{nil}, code: t.node(v, e)})
	case v.goT == "multi":
		t.code("%s", v.code)
	case v.code == "" || v.kind == "done" || v.kind == "drawing" || v.kind == "figure" || v.kind == "axes":
		if v.code != "" && e.Kind == python.Call {
			t.code("%s", v.code)
		}
	case e.Kind == python.Name || e.Kind == python.Constant || e.Kind == python.Number:
	case e.Kind == python.Call && strings.HasPrefix(v.code, "\x01") && strings.Index(v.code, "\x02") == len(v.code)-1: // what the call gives was there before
	default:
		t.emit(&line{lhs: []*variable{nil}, code: v.code})
	}
}

// shown is the last expression of a cell, whose value a notebook shows.
func (t *translator) shown(s *python.Stmt) {
	mark := len(*t.out)
	pending := slices.Clone(t.pending)
	l := t.attempt(func() {
		if s.Value.Kind == python.String || ipython(s.Value) {
			t.expression(s)
			return
		}
		mark := len(*t.out)
		v := t.expr(s.Value)
		if v.goT == "multi" && !slices.ContainsFunc(v.elems, func(e typ) bool { return !slices.Contains(packable, e.kind) }) {
			v = &value{items: t.parts(v, len(v.elems), s.Value), tuple: true, typ: typ{kind: "tuple"}}
		}
		if v.kind == "figure" || v.kind == "axes" || v.kind == "estimator" || v.goT == "multi" {
			*t.out = (*t.out)[:mark]
			t.expression(s)
			return
		}
		switch {
		case v.kind == "image":
			t.approximate("an image that a cell shows is drawn as a picture of pyplot's")
			t.code("plt.Imshow(%s)", pixels(v).code)
			t.code("plt.Show()")
		case v.kind == "done" || v.kind == "drawing" || v.code == "" && v.items == nil:
			if v.code != "" {
				t.code("%s", v.code)
			}
		case slices.Contains([]string{"model", "layer", "history", "tensor", "object", "callback", "figure", "axes"}, v.kind):
			if s.Value.Kind == python.Call {
				t.expression(s)
			}
		default:
			t.printLine([]*value{v}, s.Value)
		}
	})
	if l != nil {
		*t.out = (*t.out)[:mark]
		t.pending = pending
		t.leave(s, l)
	}
}

func (t *translator) assign(s *python.Stmt) {
	v := t.expr(s.Value)
	t.aliased(s, v)
	for i, target := range s.Targets {
		if i > 0 && v.code != "" && s.Targets[i-1].Kind == python.Name {
			v = t.expr(s.Targets[i-1])
		}
		t.bind(target, v)
	}
}

// bind assigns a value to a target.
func (t *translator) bind(target *python.Expr, v *value) {
	if v.kind == "dataset" {
		t.bindDataset(target, v)
		return
	}
	if v.kind == "batch" && target.Kind == python.Name {
		v = &value{items: t.parts(v, len(v.elems), target), tuple: true, typ: typ{kind: "tuple"}}
	}
	switch target.Kind {
	case python.Name:
		t.bindName(target.Text, v, target)
	case python.Tuple, python.List:
		t.unpack(target, v)
	case python.Index:
		t.setIndex(target, v)
	case python.Attr:
		t.setAttr(target, v)
	default:
		fail(target, "this target isn't translated")
	}
}

// goesOn reports that an assignment is to a variable that is there. A section that gives a name a new value at its top has a variable of
// its own, unless a function reads the one that is there.
func (t *translator) goesOn(v *variable) bool {
	return !t.sc.top || v.pinned || v.section == t.module.fn || t.out != &t.module.fn.body
}

// compileTime reports values that live in the translator and need no variable.
func compileTime(v *value) bool {
	return v.path != "" || v.kind == tNested.kind || slices.Contains([]string{tOpenDeque.kind, tTupleClass.kind, tGrid.kind, tGridCell.kind, tPatch.kind}, v.kind) || v.def != nil || v.bound != nil || v.loop != nil || v.kind == "none" || v.kind == "dtype" || v.class != nil || v.local != nil || v.object != nil || v.code == "" && slices.Contains(compileKinds, v.kind)
}

func (t *translator) bindName(name string, v *value, at *python.Expr) {
	if kind := t.floats[name]; kind != "" {
		v = t.wider(name, kind, v, at)
	}
	if t.floats[name+listsOf] != "" && v.kind == "list" && number(*v.elem) && v.code != "" {
		t.approximate("%s is a list of arrays from its beginning", name)
		v = &value{typ: listOf(tArray), code: t.helper("listOf") + "(np.Of(" + v.code + "))"}
	}
	if v.kind == "done" && strings.Trim(name, "_") == "" {
		if v.code != "" {
			t.code("%s", v.code)
		}
		return
	}
	if v.kind == "done" {
		if v.code != "" {
			t.code("%s", v.code)
		}
		t.sc.names[name] = &binding{unknown: fmt.Sprintf("is what a call of line %d gives, which isn't translated", at.Line)}
		return
	}
	if v.kind == "drawing" {
		if v.code != "" {
			t.code("%s", v.code)
		}
		t.sc.names[name] = &binding{v: &value{typ: v.typ}}
		return
	}
	if t.optional(name, v, at) {
		return
	}
	if compileTime(v) || v.kind == "search" || v.kind == "weights" && t.sc.step != nil {
		t.sc.names[name] = &binding{v: v}
		return
	}
	if v.kind == "empty" && !v.tuple {
		born := fmt.Sprint(t.at(), ":", at.Line, " ", name)
		if ty, ok := t.lists[born]; ok && (t.sc.step == nil || ty.kind != "array") {
			if ty.kind == "int" && t.floats[name] == "float" {
				ty = tFloat
			}
			t.use(strings.TrimLeft(ty.goT, "[]"))
			held := t.variable(name, &value{typ: listOf(ty), code: "nil"})
			held.keys = ty.named
			t.sc.names[name] = &binding{v: held}
			return
		}
		va := t.newVar(camel(name), "")
		va.born = born
		t.emit(&line{lhs: []*variable{va}, code: "nil"})
		t.sc.names[name] = &binding{v: &value{typ: typ{kind: "empty"}, code: va.ref(), open: va, shown: `"[]"`}}
		return
	}
	if v.kind == "empty dict" {
		va := t.newVar(camel(name), "")
		va.dict, va.born = true, fmt.Sprint(t.at(), ":", at.Line, " dict ", name)
		if ty, ok := t.lists[va.born]; ok {
			t.use(ty.elem.goT)
			held := t.variable(name, &value{typ: ty, code: ty.goT + "{}"})
			held.begin = v.begin
			t.sc.names[name] = &binding{v: held}
			return
		}
		made := t.emit(&line{lhs: []*variable{va}, code: "nil"})
		t.sc.names[name] = &binding{v: &value{typ: typ{kind: "empty dict", counts: v.counts, factory: v.factory}, code: va.ref(), open: va, init: made, begin: v.begin}}
		return
	}
	if v.items != nil && v.goT == "" {
		t.sc.names[name] = &binding{v: t.heldParts(name, v)}
		return
	}
	if v.goT == "multi" {
		t.bindName(name, &value{items: t.parts(v, len(v.elems), at), tuple: true, typ: typ{kind: "tuple"}}, at)
		return
	}
	if v.code == "" || v.goT == "" {
		fail(at, "%s can't be held in a variable", v.describe())
	}
	if b := t.sc.names[name]; b != nil && b.v != nil && b.v.code == v.code && b.v.goT == v.goT {
		b.v = v // what it is already
		return
	}
	if b := t.sc.names[name]; b != nil && b.v != nil && b.v.open != nil { // it was made for what it gets here
		switch {
		case b.v.kind == "empty dict" && v.kind == "dict":
			t.learn(b.v.open.born, v.typ)
		case b.v.kind == "empty" && v.kind == "list":
			t.learn(b.v.open.born, *v.elem)
		}
		t.untyped(b.v)
	}
	t.sc.names[name] = &binding{v: t.variable(name, v)}
}

// heldParts is a tuple of several kinds with a variable for each part, and for each part of parts.
func (t *translator) heldParts(name string, v *value) *value {
	held := &value{tuple: v.tuple, typ: v.typ, items: make([]*value, len(v.items))}
	// The variables that the name has are used again.
	old := make([]*value, len(v.items))
	if b := t.sc.names[name]; b != nil && b.v != nil && b.v.goT == "" && len(b.v.items) == len(v.items) {
		copy(old, b.v.items)
	}
	parts := slices.Clone(v.items)
	for i, part := range parts {
		if len(parts) > 1 && part.code != "" && part.goT != "" && part.goT != "multi" && !compileTime(part) && !part.konst && slices.ContainsFunc(old, func(o *value) bool { return o != nil && o.code != "" && strings.Contains(part.code, o.code) }) {
			parts[i] = t.variable("held", part) // all are there before the first is set
		}
	}
	for i, part := range parts {
		inner := fmt.Sprintf("%s_%d", name, i)
		if old[i] != nil {
			before := t.sc.names[inner]
			t.sc.names[inner] = &binding{v: old[i]}
			defer func() {
				if t.sc.names[inner] = before; before == nil {
					delete(t.sc.names, inner)
				}
			}()
		}
		switch {
		case compileTime(part):
			held.items[i] = part
		case len(part.items) > 0 && part.goT == "":
			held.items[i] = t.heldParts(inner, part)
		default:
			held.items[i] = t.variable(inner, part)
		}
	}
	return held
}

// listsOf is behind a name among those that widen whose lists hold arrays.
const listsOf = " as a list"

// wider is a value of a name that holds whole numbers first and floats or arrays later, which Go's variables can't.
func (t *translator) wider(name, kind string, v *value, at *python.Expr) *value {
	switch {
	case kind == "array" && number(v.typ):
		t.approximate("%s is an array from its beginning", name)
		return &value{typ: tArray, code: "np.Of(" + v.code + ")"}
	case kind == "array":
	case v.kind == "int":
		t.approximate("%s is a float from its beginning, and printed as one", name)
		return &value{typ: tFloat, code: t.as(v, "float64", at), konst: v.konst, loose: v.loose}
	case v.kind == "list" && v.elem.kind == "int" && len(v.items) > 0:
		t.approximate("%s is a list of floats from its beginning, and printed as one", name)
		return &value{typ: listOf(tFloat), code: "[]float64{" + t.as(&value{items: v.items}, "...float64", at) + "}"}
	}
	return v
}

// variable assigns a value to the Go variable of a Python name, a new one if the type is another one.
func (t *translator) variable(name string, v *value) *value {
	if t.sc.step != nil && v.kind == "tensor" {
		return t.heldAnew(name, v, nil)
	}
	t.use(v.goT)
	var va *variable
	if b := t.sc.names[name]; b != nil && b.v != nil && b.v.goT == v.goT && strings.HasPrefix(b.v.code, "\x01") {
		if vs := (&printer{vars: t.vars}).marked(b.v.code); len(vs) == 1 && vs[0].ref() == b.v.code && t.goesOn(vs[0]) {
			va = vs[0]
		}
	}
	if va == nil {
		va = t.newVar(camel(name), v.goT)
	}
	t.emit(&line{lhs: []*variable{va}, code: t.inOrder(v)})
	delete(t.flags, "begun "+va.ref()) // another model
	made := &value{typ: v.typ, code: va.ref(), input: v.input, entries: v.entries, keys: v.keys, written: v.written, maybe: v.maybe, eager: v.eager, variable: v.variable}
	if v.tuple {
		made.items, made.tuple = v.items, true
		for _, i := range v.items {
			if !i.konst {
				made.items = nil
			}
		}
	}
	return made
}

func (t *translator) unpack(target *python.Expr, v *value) {
	n := len(target.Args)
	if star := slices.IndexFunc(target.Args, func(a *python.Expr) bool { return a.Kind == python.Star }); star >= 0 {
		t.unpackRest(target, v, star)
		return
	}
	parts := t.parts(v, n, target)
	simple := true
	for _, a := range target.Args {
		simple = simple && a.Kind == python.Name
	}
	if simple && v.items != nil && v.goT != "multi" && !slices.ContainsFunc(parts, func(p *value) bool { return strings.HasPrefix(p.kind, "empty") }) && !slices.ContainsFunc(parts, compileTime) && slices.ContainsFunc(parts, func(p *value) bool { return !p.konst }) && n > 1 {
		// a, b = b, a: all at once.
		made := &line{}
		var names []*value
		var code []string
		for i, p := range parts {
			if p.items != nil && p.goT == "" || p.code == "" || p.goT == "" {
				fail(target, "%s can't be held in a variable", p.describe())
			}
			out := t.out
			var trash []*line
			t.out = &trash
			pending := t.pending
			t.pending = nil
			names = append(names, t.variable(target.Args[i].Text, p))
			t.pending = pending
			t.out = out
			made.lhs = append(made.lhs, trash[0].lhs[0])
			code = append(code, trash[0].code)
		}
		made.code = strings.Join(code, ", ")
		t.emit(made)
		for i, a := range target.Args {
			t.sc.names[a.Text] = &binding{v: names[i]}
		}
		return
	}
	if !simple && v.items != nil && v.goT != "multi" && t.sc.step == nil {
		// All values are there before the first is assigned.
		for i, p := range parts {
			if !p.konst && !compileTime(p) && p.code != "" && p.goT != "" && p.goT != "multi" && p.open == nil && n > 1 {
				held := t.newVar("held", p.goT)
				t.use(p.goT)
				t.emit(&line{lhs: []*variable{held}, code: p.code})
				kept := *p
				kept.code, kept.loose = held.ref(), false
				parts[i] = &kept
			}
		}
	}
	for i, a := range target.Args {
		if a.Kind == python.Name && strings.Trim(a.Text, "_") == "" {
			continue
		}
		if v.goT == "multi" && a.Kind == python.Name {
			t.sc.names[a.Text] = &binding{v: parts[i]}
			continue
		}
		t.bind(a, parts[i])
	}
}

// unpackRest is a, *rest = v.
func (t *translator) unpackRest(target *python.Expr, v *value, star int) {
	behind := len(target.Args) - 1 - star
	if v.loop != nil {
		v = t.listed(v, target)
	}
	if v.items != nil && v.kind != "list" {
		n := len(v.items) - behind
		if n < star {
			fail(target, "%d values for %d names", len(v.items), len(target.Args))
		}
		rest := &value{items: slices.Clone(v.items[star:n])}
		t.listType(rest, target)
		for i, a := range target.Args {
			switch {
			case i < star:
				t.bind(a, v.items[i])
			case i == star:
				t.bind(a.Args[0], rest)
			default:
				t.bind(a, v.items[n+i-star-1])
			}
		}
		return
	}
	if v.kind != "list" {
		fail(target, "* of %s isn't translated", v.describe())
	}
	whole := t.variable("parts", &value{typ: v.typ, code: v.code})
	for i, a := range target.Args {
		switch {
		case i < star:
			t.bind(a, &value{typ: *v.elem, code: fmt.Sprintf("%s[%d]", whole.code, i)})
		case i == star:
			t.bind(a.Args[0], &value{typ: listOf(*v.elem), code: fmt.Sprintf("slices.Clone(%[1]s[%[2]d:len(%[1]s)-%[3]d])", whole.code, star, behind)})
		default:
			t.bind(a, &value{typ: *v.elem, code: fmt.Sprintf("%[1]s[len(%[1]s)-%[2]d]", whole.code, len(target.Args)-i)})
		}
	}
}

// parts are the n values of a tuple, a list or what Go returns several of.
func (t *translator) parts(v *value, n int, at *python.Expr) []*value {
	switch {
	case v.goT == "multi":
		if len(v.elems) != n {
			fail(at, "%d values for %d names", len(v.elems), n)
		}
		l := &line{code: v.code}
		var parts []*value
		for i, e := range v.elems {
			want := fmt.Sprintf("part_%d", i+1)
			if strings.Contains(e.kind, "pane") {
				want = "panes"
			}
			if at.Kind == python.Tuple && at.Args[i].Kind == python.Name {
				want = at.Args[i].Text
			}
			if strings.Trim(want, "_") == "" {
				l.lhs = append(l.lhs, nil)
				parts = append(parts, &value{typ: e})
				continue
			}
			va := t.newVar(camel(want), e.goT)
			t.use(e.goT)
			if at.Kind == python.Tuple && at.Args[i].Kind == python.Name {
				if b := t.sc.names[at.Args[i].Text]; b != nil && b.v != nil && b.v.goT == e.goT {
					if vs := (&printer{vars: t.vars}).marked(b.v.code); len(vs) == 1 && vs[0].ref() == b.v.code && t.goesOn(vs[0]) {
						va = vs[0]
					}
				}
			}
			l.lhs = append(l.lhs, va)
			if e.goT == nodeType {
				parts = append(parts, t.lifted(va.ref(), false))
				continue
			}
			parts = append(parts, &value{typ: e, code: va.ref()})
		}
		t.emit(l)
		return parts
	case v.kind == "pair" && len(v.elems) == n && strings.HasPrefix(v.code, "\x01"):
		var parts []*value
		for i := range n {
			parts = append(parts, part(v, i))
		}
		return parts
	case v.items != nil:
		if len(v.items) != n {
			fail(at, "%d values for %d names", len(v.items), n)
		}
		return v.items
	}
	if v.code == "" {
		fail(at, "%s can't be unpacked", v.describe())
	}
	whole := v
	if !strings.HasPrefix(v.code, "\x01") || strings.Count(v.code, "\x01") != 1 || !strings.HasSuffix(v.code, "\x02") {
		want := "parts"
		switch v.kind {
		case "scores":
			want = "scores"
		case "list":
			if v.shown != "" {
				want = "shape"
			}
		}
		va := t.newVar(want, v.goT)
		t.use(v.goT)
		t.emit(&line{lhs: []*variable{va}, code: v.code})
		whole = &value{typ: v.typ, code: va.ref()}
	}
	var parts []*value
	for i := range n {
		parts = append(parts, t.element(whole, i, at))
	}
	return parts
}

// element is the part of a value at a known place.
func (t *translator) element(v *value, i int, at *python.Expr) *value {
	switch v.kind {
	case "row of panes", "column of panes":
		return panesOf(v, i)
	case "weights":
		t.use("*functional.Weight")
		return &value{typ: object("weight", "*functional.Weight"), code: fmt.Sprintf("%s[%d]", v.tight(), i)}
	case "panes":
		return &value{typ: listOf(tAxes), code: fmt.Sprintf("%s[%d]", v.tight(), i)}
	case "pair":
		if i < len(v.elems) {
			return part(v, i)
		}
	case "list":
		return &value{typ: *v.elem, code: fmt.Sprintf("%s[%d]", v.tight(), i)}
	case "array":
		return &value{typ: tArray, code: fmt.Sprintf("%s.Index(%d)", v.tight(), i)}
	case "scores":
		return &value{typ: tFloat, code: fmt.Sprintf("%s.Values[%d]", v.tight(), i)}
	case "fold":
		if i < 2 {
			return &value{typ: tArray, code: v.tight() + []string{".Train", ".Test"}[i]}
		}
	case "walked folder":
		if i < 3 {
			return &value{typ: []typ{tStr, listOf(tStr), listOf(tStr)}[i], code: v.tight() + "." + []string{"path", "folders", "files"}[i]}
		}
	case "prediction":
		if i < 3 {
			return &value{typ: []typ{tStr, tStr, tFloat}[i], code: v.tight() + "." + []string{"Class", "Description", "Score"}[i]}
		}
	}
	fail(at, "%s can't be unpacked", v.describe())
	return nil
}

func (t *translator) setIndex(target *python.Expr, v *value) {
	base := t.expr(target.Args[0])
	if base.path == "matplotlib.rcParams" || base.path == "matplotlib.pyplot.rcParams" {
		t.approximate("rcParams are left out of the picture")
		return
	}
	switch base.kind {
	case "array":
		index := t.indices(target.Args[1])
		t.code("%s.SetIndex(%s, %s)", base.tight(), t.asAny(v, target), strings.Join(index, ", "))
	case "frame":
		t.setColumn(base, target, v)
	case tNested.kind:
		t.settleNested(base, v, target)
	case "environment":
		key := t.expr(target.Args[1])
		t.code("must.M(os.Setenv(%s, %s))", t.as(key, "string", target), t.as(v, "string", target))
	case "list":
		i := t.expr(target.Args[1])
		t.code("%s[%s] = %s", base.tight(), t.listIndex(base, i, target), t.as(v, base.elem.goT, target))
	case "empty dict":
		key := t.expr(target.Args[1])
		v = t.packed(v)
		base = t.firstEntry(base, key, v, target)
		t.code("%s", t.entry(base.code, key.code, v.code))
	case "dict":
		key := t.expr(target.Args[1])
		v = t.packed(v)
		if base.entries != nil {
			if ty, ok := base.entries[key.code]; ok && !same(ty, v.typ) || !key.konst {
				fail(target, "an entry of another kind isn't translated")
			}
			if v.goT != "" {
				base.entries[key.code] = v.typ
			}
		}
		t.code("%s", t.entry(base.tight(), t.as(key, keyType(base.typ).goT, target), t.as(v, base.elem.goT, target)))
	default:
		fail(target, "an element of %s can't be set", base.describe())
	}
}

// del is del name, del list[i] and del dict[key].
func (t *translator) del(target *python.Expr) {
	switch target.Kind {
	case python.Name:
		delete(t.sc.names, target.Text)
	case python.Tuple, python.List:
		for _, a := range target.Args {
			t.del(a)
		}
	case python.Attr: // what held it holds nothing
		t.expr(target)
	case python.Index:
		base := t.expr(target.Args[0])
		if base.kind == "dict" {
			t.code("delete(%s, %s)", base.code, t.as(t.expr(target.Args[1]), keyType(base.typ).goT, target))
			return
		}
		if base.kind == "list" && target.Args[1].Kind != python.Slice {
			t.code("%s", t.method(base, "pop", callOf(target, t.expr(target.Args[1]))).code)
			return
		}
		if base.kind == "frame" {
			if key := t.expr(target.Args[1]); key.kind == "str" {
				r := t.method(base, "pop", callOf(target, key))
				t.emit(&line{lhs: []*variable{nil}, code: r.code})
				return
			}
		}
		fail(target, "del of a part of %s isn't translated", base.describe())
	default:
		fail(target, "this del isn't translated")
	}
}

func (t *translator) setAttr(target *python.Expr, v *value) {
	base := t.expr(target.Args[0])
	switch {
	case base.local != nil:
		fail(target, "%s of a module can't be set", target.Text)
	case base.object != nil:
		t.setField(base.object, target.Text, v, target)
	case base.kind == "frame" && target.Text == "columns":
		if v.goT != "[]string" {
			fail(target, "names of %s aren't translated", v.describe())
		}
		t.code("%s.Rename(%s...)", base.tight(), v.tight())
	case target.Text == "trainable" && (base.kind == "model" || base.kind == "layer" && base.goT != "functional.Layer"):
		t.code("%s.Trainable(%s)", base.tight(), t.as(v, "bool", target))
	case target.Text == "trainable" && base.kind == "layer":
		t.code("%s.Base().SetTrainable(%s)", base.tight(), t.as(v, "bool", target))
	case target.Text == "stop_training" && base.kind == "model":
		t.code("%s.SetStopTraining(%s)", base.tight(), t.as(v, "bool", target))
	case base.kind == "optimizer of model" && (target.Text == "lr" || target.Text == "learning_rate"):
		t.code("must.M(%s.SetLearningRate(%s))", base.self.tight(), t.as(v, "float64", target))
	default:
		fail(target, "the attribute %s can't be set", target.Text)
	}
}

func (t *translator) augmented(s *python.Stmt) {
	target := s.Targets[0]
	now := t.expr(target)
	v := t.expr(s.Value)
	if t.grownInStep(s, now, v) {
		return
	}
	if s.Op == "+" {
		now, v = t.alike(now, v, target)
	}
	if now.kind == "list" && s.Op == "+" && v.kind == "empty" && v.open == nil {
		return
	}
	if now.kind == "list" && s.Op == "+" && v.goT == now.goT && strings.HasPrefix(now.code, "(*") {
		t.code("%[1]s = append(%[1]s, %s...)", now.code, v.tight())
		return
	}
	if now.kind == "list" && s.Op == "+" && v.kind == "list" && v.goT == now.goT && target.Kind == python.Name && !now.tuple && now.shown == "" {
		t.bind(target, &value{typ: now.typ, code: fmt.Sprintf("append(%s, %s...)", now.code, v.tight())})
		return
	}
	if now.kind == "array" && target.Kind == python.Name && !now.eager {
		f := arrayOps[s.Op]
		if f == "" {
			fail(target, "%s= of arrays isn't translated", s.Op)
		}
		if v.kind != "array" && !number(v.typ) && v.kind != "list" {
			fail(target, "%s= of an array and %s isn't translated", s.Op, v.describe())
		}
		vs := (&printer{vars: t.vars}).marked(now.code)
		if len(vs) != 1 || vs[0].ref() != now.code {
			fail(target, "%s= of an array that has no variable isn't translated", s.Op)
		}
		t.emit(&line{lhs: []*variable{vs[0]}, code: fmt.Sprintf("np.InPlace(np.%s, %s, %s)", f, now.code, t.asAny(v, s.Value))})
		return
	}
	result := t.binary(s.Op, now, v, target)
	if f := arrayOps[s.Op]; now.kind == "array" && !now.eager && f != "" && t.inPlace(target) {
		result = &value{typ: now.typ, code: fmt.Sprintf("np.InPlace(np.%s, %s, %s)", f, now.code, t.asAny(v, s.Value))}
	}
	if target.Kind == python.Name && result.goT == now.goT && (s.Op == "+" || s.Op == "-" || s.Op == "*") && number(now.typ) && number(v.typ) {
		vs := (&printer{vars: t.vars}).marked(now.code)
		if len(vs) == 1 && vs[0].ref() == now.code {
			t.emit(&line{lhs: []*variable{vs[0]}, code: result.code})
			return
		}
	}
	t.bind(target, result.eagerly(now.eager))
}

func (t *translator) ifStmt(s *python.Stmt) {
	if c := s.Value; c.Kind == python.Compare && len(c.Args) == 2 && c.Args[0].Kind == python.Name && c.Args[0].Text == "__name__" {
		body := s.Body
		if t.local != nil {
			body = s.Else
		}
		for _, inner := range body {
			t.stmt(inner)
		}
		return
	}
	before := t.snapshot()
	cond := t.truth(t.expr(s.Value), s.Value)
	if cond == "true" || cond == "false" {
		for _, inner := range map[string][]*python.Stmt{"true": s.Body, "false": s.Else}[cond] {
			t.stmt(inner)
		}
		return
	}
	l := t.emit(&line{code: "if " + cond, block: true})
	t.block(&l.body, s.Body)
	t.merge(before, s.Line)
	// What a branch makes unknown is known where the next one begins, and unknown behind them all.
	lost := map[string]*binding{}
	first := map[string]*binding{} // what names are that a branch bound first
	part := func() {
		t.newNames(before, first, lost, s.Line)
		for name, b := range t.sc.names {
			if old := before[name]; b.unknown != "" && old != nil && old.unknown == "" {
				lost[name] = b
				t.sc.names[name] = old
			}
		}
	}
	part()
	defer func() {
		for name, b := range lost {
			t.sc.names[name] = b
		}
	}()
	end := l
	for rest := s.Else; len(rest) > 0; {
		if len(rest) == 1 && rest[0].Kind == python.If && rest[0].Line != s.Line {
			var cond string
			var lines []*line
			out := t.out
			t.out = &lines
			cond = t.truth(t.expr(rest[0].Value), rest[0].Value)
			t.out = out
			if len(lines) == 0 {
				end.orElse = &line{code: "if " + cond, block: true}
				end = end.orElse
				t.block(&end.body, rest[0].Body)
				t.merge(before, s.Line)
				part()
				rest = rest[0].Else
				continue
			}
		}
		end.orElse = &line{block: true}
		t.block(&end.orElse.body, rest)
		t.merge(before, s.Line)
		part()
		break
	}
}

func (t *translator) snapshot() map[string]*binding {
	kept := map[string]*binding{}
	for k, v := range t.sc.names {
		kept[k] = v
	}
	return kept
}

// merge makes names unknown that a branch bound to something of another type.
func (t *translator) merge(before map[string]*binding, at int) {
	for name, b := range t.sc.names {
		old := before[name]
		if old == nil || old == b || old.v == nil || b.v == nil {
			continue
		}
		t.sc.names[name] = t.either(name, old, b, at)
	}
}

// newNames compares what branches bind that wasn't there before them: first has what one bound first, lost gets what holds several kinds.
func (t *translator) newNames(before, first, lost map[string]*binding, at int) {
	for name, b := range t.sc.names {
		switch old := first[name]; {
		case before[name] != nil || b.v == nil || old == b:
		case old == nil:
			first[name] = b
		default:
			if now := t.either(name, old, b, at); now.v == nil {
				lost[name] = now
			} else {
				t.sc.names[name] = now
			}
		}
	}
}

// either is what a name holds that is bound in two ways.
func (t *translator) either(name string, old, b *binding, at int) *binding {
	switch {
	case number(old.v.typ) && b.v.kind == "array":
		t.grown[name] = "array"
	case old.v.kind == "list" && b.v.kind == "list" && number(*old.v.elem) && b.v.elem.kind == "array":
		t.grown[name+listsOf] = "array"
	case old.v.kind == "int" && b.v.kind == "float":
		t.grown[name] = "float"
	case old.none != "" && optionalKind(b.v):
		if seen := t.found[old.none]; seen.kind != "int" || b.v.kind != "float" && seen.goT != "" {
			t.wanted[old.none] = true
			if seen.goT == "" {
				t.found[old.none] = b.v.typ
			}
		} else {
			t.found[old.none] = b.v.typ
		}
	}
	if !sameHolder(old.v, b.v) || old.v.goT != b.v.goT && old.v.open == nil {
		return &binding{unknown: fmt.Sprintf("%s may be of two kinds after line %d", name, at), mixed: true}
	}
	v := unwritten(b.v)
	if old.v.maybe && !v.maybe {
		held := *v
		held.maybe, held.optional = true, old.v.optional
		v = &held
	}
	return &binding{v: v}
}

// sameHolder reports that two values are held by the same variables, or are the same thing that only the translator knows.
func sameHolder(a, b *value) bool {
	switch {
	case a == b:
		return true
	case a.code != "" || b.code != "":
		return a.code == b.code
	case a.path != b.path || a.def != b.def || a.class != b.class || a.object != b.object || a.loop != b.loop || a.bound != b.bound || a.kind != b.kind || a.input != b.input || len(a.items) != len(b.items):
		return false
	}
	for i := range a.items {
		if !sameHolder(a.items[i], b.items[i]) {
			return false
		}
	}
	return true
}

// unwritten is what a variable holds, without what is known of the value that it was given once.
func unwritten(v *value) *value {
	if v.goT == "" || v.items == nil && v.written == nil {
		return v
	}
	made := *v
	made.items, made.written = nil, nil
	return &made
}

func (t *translator) forStmt(s *python.Stmt) {
	over := t.expr(asList(s.Value))
	if over.kind == "empty" && over.open == nil && over.code == "" {
		return // nothing is in it
	}
	if holdsKnown(over) && t.unrolled(s, over) {
		return
	}
	if columns := columnsOf(s.Targets[0], s.Value); columns != nil && over.goT == "" {
		over = t.expr(columns)
	}
	if over.kind == "compiled" && over.input == "metrics" && t.sc.step != nil && s.Targets[0].Kind == python.Name {
		for _, m := range append([]*value{{typ: typ{kind: "loss tracker"}}}, over.self.object.metrics...) {
			t.sc.names[s.Targets[0].Text] = &binding{v: m}
			for _, inner := range s.Body {
				t.translate(inner)
			}
		}
		return
	}
	if t.unrolled(s, over) {
		return
	}
	if s.Value.Kind == python.Name && over.kind == "list" && changesOn(s.Body, s.Value.Text) {
		fail(s.Value, "a list that changes while a loop goes over it isn't translated")
	}
	t.loseWritten(s.Body)
	before := t.snapshot()
	for _, name := range assigned([]*python.Stmt{{Targets: s.Targets}}) {
		if ty, ok := t.lists[t.behindLoop(s, name)]; ok && (before[name] == nil || before[name].v == nil || before[name].v.goT != ty.goT) {
			// What it was last is read behind the loop.
			t.use(strings.TrimLeft(ty.goT, "[]*"))
			b := &binding{v: &value{typ: ty, code: t.newVar(camel(name), ty.goT).ref()}}
			t.sc.names[name], before[name] = b, b
		}
	}
	l := &line{block: true}
	head, pre := t.loopHead(s.Targets[0], over, s.Value)
	l.code = head
	t.emit(l)
	l.body = append(l.body, pre...)
	// A name that is there before the loop is the same one in it, and has its last value after it.
	goesOn := map[string]bool{}
	for _, name := range assigned([]*python.Stmt{{Targets: s.Targets}}) {
		old, now := before[name], t.sc.names[name]
		if old == nil || old.v == nil || now == nil || now.v == nil || old.v.goT != now.v.goT || old.v.kind != now.v.kind {
			continue
		}
		if vs := (&printer{vars: t.vars}).marked(old.v.code); len(vs) == 1 && vs[0].ref() == old.v.code && now.v.code != old.v.code {
			l.body = append(l.body, &line{lhs: []*variable{vs[0]}, code: now.v.code})
			t.sc.names[name] = &binding{v: &value{typ: now.v.typ, code: old.v.code, eager: now.v.eager}}
			goesOn[name] = true
		}
	}
	t.block(&l.body, s.Body)
	for _, name := range assigned([]*python.Stmt{{Targets: s.Targets}}) {
		if goesOn[name] {
			continue
		}
		b := &binding{unknown: name + " belongs to the loop of line " + fmt.Sprint(s.Line)}
		if now := t.sc.names[name]; now != nil && now.v != nil && now.v.goT != "" && now.v.code != "" && !compileTime(now.v) && t.sc.step == nil {
			b.last, b.ty = t.behindLoop(s, name), now.v.typ
		}
		t.sc.names[name] = b
	}
	t.merge(before, s.Line)
	t.steady(s, before)
}

// asList is a tuple that is written out as the list of its parts, over which a loop goes alike.
func asList(e *python.Expr) *python.Expr {
	if e.Kind != python.Tuple || len(e.Args) == 0 {
		return e
	}
	list := *e
	list.Kind = python.List
	return &list
}

// columnsOf is zip(…) of the columns of rows that are written out, nil where they have not one part for each name: rows of several kinds have
// no type in Go.
func columnsOf(target, rows *python.Expr) *python.Expr {
	if target.Kind != python.Tuple || rows.Kind != python.Tuple && rows.Kind != python.List || len(rows.Args) == 0 {
		return nil
	}
	zip := &python.Expr{Kind: python.Call, Line: rows.Line, Args: []*python.Expr{{Kind: python.Name, Line: rows.Line, Text: "zip"}}}
	for i := range target.Args {
		column := &python.Expr{Kind: python.List, Line: rows.Line}
		for _, row := range rows.Args {
			if row.Kind != python.Tuple && row.Kind != python.List || len(row.Args) != len(target.Args) {
				return nil
			}
			column.Args = append(column.Args, row.Args[i])
		}
		zip.Args = append(zip.Args, column)
	}
	return zip
}

// loopVar binds a loop's name to a new variable; "_" where it has none.
func (t *translator) loopVar(target *python.Expr, ty typ) string {
	if target.Kind != python.Name {
		fail(target, "this loop's target isn't translated")
	}
	va := t.newVar(camel(target.Text), ty.goT)
	va.given = true
	t.sc.names[target.Text] = &binding{v: &value{typ: ty, code: va.ref()}}
	return va.ref()
}

// loopHead is the `for …` over a value, and what the body has to begin with.
func (t *translator) loopHead(target *python.Expr, over *value, at *python.Expr) (string, []*line) {
	if over.isSequence() {
		over = t.batchesOfObject(over, false, at)
	}
	if over.batches() {
		return t.batchLoop(target, over)
	}
	if over.loop == nil {
		ty, code := t.iterable(over, at)
		if target.Kind == python.Tuple && (ty.kind == "array" || ty.kind == "list" || ty.kind == "prediction" || ty.kind == "pair" || ty.kind == "fold" || ty.kind == "walked folder") {
			va := t.newVar("item", ty.goT)
			va.given = true
			var pre []*line
			item := &value{typ: ty, code: va.ref()}
			for i, a := range target.Args {
				el := t.element(item, i, at)
				if a.Kind != python.Name {
					fail(a, "this loop's target isn't translated")
				}
				v := t.newVar(camel(a.Text), el.goT)
				t.sc.names[a.Text] = &binding{v: &value{typ: el.typ, code: v.ref()}}
				pre = append(pre, &line{lhs: []*variable{v}, code: el.code})
			}
			return fmt.Sprintf("for _, %s := range %s", va.ref(), code), pre
		}
		if ty.kind == "key" {
			return fmt.Sprintf("for _, %s := range %s", t.loopVar(target, tStr), code), t.keep(target)
		}
		// A loop whose variable nothing reads is one over the length.
		return fmt.Sprintf("for _, %s := range %s", t.loopVar(target, ty), code), t.keep(target)
	}
	args := over.loop.args
	switch over.loop.kind {
	case "range":
		name := t.loopVar(target, tInt)
		first := args[0]
		if len(args) == 1 || first.konst && !strings.HasPrefix(first.code, "-") && (len(args) == 2 || args[2].konst && !strings.HasPrefix(args[2].code, "-")) || len(args) == 3 && args[2].konst && strings.HasPrefix(args[2].code, "-") && args[1].konst {
			t.sc.names[target.Text].v.natural = true
		}
		switch {
		case len(args) == 1:
			return fmt.Sprintf("for %s := range %s", name, t.as(args[0], "int", at)), t.keep(target)
		case len(args) == 2:
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s < %[3]s; %[1]s++", name, t.as(args[0], "int", at), t.as(args[1], "int", at)), nil
		case args[2].konst && strings.HasPrefix(args[2].code, "-"):
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s > %[3]s; %[1]s -= %[4]s", name, t.as(args[0], "int", at), t.as(args[1], "int", at), args[2].code[1:]), nil
		case args[2].konst:
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s < %[3]s; %[1]s += %[4]s", name, t.as(args[0], "int", at), t.as(args[1], "int", at), args[2].code), nil
		}
		if args[2].kind == "int" && !strings.Contains(args[2].code, "(") {
			t.approximate("the step of a range is taken to be positive")
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s < %[3]s; %[1]s += %[4]s", name, t.as(args[0], "int", at), t.as(args[1], "int", at), args[2].code), nil
		}
		fail(at, "a range whose step isn't a number isn't translated")
	case "enumerate":
		if target.Kind != python.Tuple || len(target.Args) != 2 {
			fail(target, "enumerate needs two names")
		}
		if args[0].batches() && len(args) == 1 {
			head, pre := t.batchLoop(target.Args[1], args[0])
			i := t.newVar("count", tInt.goT)
			t.emit(&line{lhs: []*variable{i}, code: "-1"})
			index := t.newVar("index", tInt.goT)
			if target.Args[0].Kind != python.Name {
				fail(target, "this loop's target isn't translated")
			}
			index.want = camel(target.Args[0].Text)
			t.sc.names[target.Args[0].Text] = &binding{v: &value{typ: tInt, code: index.ref()}}
			return head, append(pre, &line{code: i.ref() + "++"}, &line{lhs: []*variable{index}, code: i.ref()})
		}
		if args[0].loop != nil && args[0].loop.kind == "zip" && len(args) == 1 {
			i := t.loopVar(target.Args[0], tInt)
			return t.zipHead(i, target.Args[1], args[0].loop.args, at)
		}
		ty, code := t.iterable(args[0], at)
		i := t.loopVar(target.Args[0], tInt)
		t.sc.names[target.Args[0].Text].v.natural = len(args) == 1
		var first []*line
		if len(args) > 1 {
			va := (&printer{vars: t.vars}).marked(i)[0]
			first = []*line{{lhs: []*variable{va}, code: i + " + " + t.as(args[1], "int", at)}}
		}
		if target.Args[1].Kind == python.Tuple {
			va := t.newVar("item", ty.goT)
			va.given = true
			head, pre := fmt.Sprintf("for %s, %s := range %s", i, va.ref(), code), t.keep(target.Args[0])
			for n, a := range target.Args[1].Args {
				el := t.element(&value{typ: ty, code: va.ref()}, n, at)
				if a.Kind != python.Name {
					fail(a, "this loop's target isn't translated")
				}
				v := t.newVar(camel(a.Text), el.goT)
				t.sc.names[a.Text] = &binding{v: &value{typ: el.typ, code: v.ref()}}
				pre = append(pre, &line{lhs: []*variable{v}, code: el.code})
			}
			return head, append(first, append(pre, &line{keep: va})...)
		}
		x := t.loopVar(target.Args[1], ty)
		return fmt.Sprintf("for %s, %s := range %s", i, x, code), append(first, append(t.keep(target.Args[0]), t.keep(target.Args[1])...)...)
	case "rows":
		if target.Kind != python.Tuple || len(target.Args) != 2 || target.Args[1].Kind != python.Name {
			fail(target, "iterrows needs two names")
		}
		i := t.loopVar(target.Args[0], tInt)
		t.approximate("the label of a row is its place")
		t.sc.names[target.Args[1].Text] = &binding{v: &value{typ: typ{kind: "row"}, self: args[0], input: i}}
		return fmt.Sprintf("for %s := range %s.Len()", i, args[0].tight()), t.keep(target.Args[0])
	case "zip":
		va := t.newVar("i", "int")
		va.given = true
		return t.zipHead(va.ref(), target, args, at)
	case "items":
		if target.Kind != python.Tuple || len(target.Args) != 2 {
			fail(target, "items() needs two names")
		}
		k := t.loopVar(target.Args[0], keyType(args[0].typ))
		if args[0].elem == nil || target.Args[1].Kind != python.Name {
			fail(target, "this loop's target isn't translated")
		}
		x := t.newVar(camel(target.Args[1].Text), args[0].elem.goT)
		t.sc.names[target.Args[1].Text] = &binding{v: &value{typ: *args[0].elem, code: x.ref()}}
		keys := &value{code: fmt.Sprintf("[]%s{%s}", keyType(args[0].typ).goT, strings.Join(args[0].order, ", "))}
		if args[0].order == nil { // it isn't written out in the loop's head
			keys = t.sortedKeysOf(args[0])
		}
		return fmt.Sprintf("for _, %s := range %s", k, keys.code), []*line{{lhs: []*variable{x}, code: fmt.Sprintf("%s[%s]", args[0].tight(), k)}}
	}
	fail(at, "this loop isn't translated")
	return "", nil
}

// keep is a use of a loop's name, so that Go takes it where nothing else reads it.
func (t *translator) keep(target *python.Expr) []*line {
	v := (&printer{vars: t.vars}).marked(t.sc.names[target.Text].v.code)[0]
	return []*line{{keep: v}}
}

func (t *translator) zipHead(i string, target *python.Expr, args []*value, at *python.Expr) (string, []*line) {
	if target.Kind == python.Name {
		each := &python.Expr{Kind: python.Tuple, Line: target.Line}
		for n := range args {
			each.Args = append(each.Args, &python.Expr{Kind: python.Name, Line: target.Line, Text: fmt.Sprintf("%s_%d", target.Text, n+1)})
		}
		head, pre := t.zipHead(i, each, args, at)
		all := &value{tuple: true, typ: typ{kind: "tuple"}}
		for _, a := range each.Args {
			all.items = append(all.items, t.sc.names[a.Text].v)
		}
		t.listType(all, target)
		if all.goT != "" {
			all.items = nil // the loop's variables hold others in each turn
		}
		t.sc.names[target.Text] = &binding{v: all}
		return head, pre
	}
	if target.Kind != python.Tuple || len(target.Args) != len(args) {
		fail(target, "zip needs a name for each of its arguments")
	}
	var lens []string
	var pre []*line
	for n, a := range args {
		var el *value
		switch a.kind {
		case "list":
			lens = append(lens, "len("+a.code+")")
			el = &value{typ: *a.elem, code: a.tight() + "[" + i + "]"}
		case "array":
			lens = append(lens, a.tight()+".Len()")
			el = &value{typ: tArray, code: a.tight() + ".Index(" + i + ")"}
		default:
			if a.loop != nil && a.loop.kind == "range" {
				list := t.rangeList(a, at)
				va := t.newVar("numbers", list.goT)
				t.emit(&line{lhs: []*variable{va}, code: list.code})
				lens = append(lens, "len("+va.ref()+")")
				el = &value{typ: tInt, code: va.ref() + "[" + i + "]"}
				break
			}
			if a.kind == "str" || a.kind == "dict" {
				ty, code := t.iterable(a, at)
				va := t.newVar("letters", "[]"+ty.goT)
				t.emit(&line{lhs: []*variable{va}, code: code})
				lens = append(lens, "len("+va.ref()+")")
				el = &value{typ: ty, code: va.ref() + "[" + i + "]"}
				break
			}
			fail(at, "zip over %s isn't translated", a.describe())
		}
		if target.Args[n].Kind != python.Name {
			fail(target, "this loop's target isn't translated")
		}
		va := t.newVar(camel(target.Args[n].Text), el.goT)
		t.sc.names[target.Args[n].Text] = &binding{v: &value{typ: el.typ, code: va.ref()}}
		pre = append(pre, &line{lhs: []*variable{va}, code: el.code})
	}
	return fmt.Sprintf("for %s := range min(%s)", i, strings.Join(lens, ", ")), pre
}

// iterable is what a loop over a value sees, and the Go code to range over.
func (t *translator) iterable(v *value, at *python.Expr) (typ, string) {
	switch {
	case v.kind == "list":
		return *v.elem, v.code
	case v.kind == "deque":
		return *v.elem, dequeItems(v).code
	case v.kind == tJSON.kind:
		return tJSON, t.helper("jsonItems") + "(" + v.code + ")"
	case v.kind == "array", v.kind == "array as a list":
		return tArray, v.tight() + ".All()"
	case v.kind == "scores":
		return tFloat, v.tight() + ".Values"
	case v.kind == "layers":
		return tLayer, v.code
	case v.kind == "weights" && v.code != "":
		return object("weight", "*functional.Weight"), v.code
	case v.kind == "row of panes":
		return tAxes, v.code + "[0]"
	case v.kind == "column of panes":
		return tAxes, v.code + ".Flat()"
	case v.kind == "dict" || v.kind == "logs":
		keys := t.sortedKeysOf(v)
		return *keys.elem, keys.code
	case v.kind == "frame":
		return tStr, v.tight() + ".Columns()"
	case v.kind == "str":
		return tStr, "strings.Split(" + v.code + `, "")`
	case v.kind == "file":
		return tStr, v.code + ".each()"
	case v.kind == tRows.kind:
		code := v.tight()
		if v.loose {
			code = "(" + v.code + ")"
		}
		return listOf(tStr), code + ".each()"
	}
	t.untyped(v)
	fail(at, "a loop over %s isn't translated", v.describe())
	return typ{}, ""
}

func (t *translator) returnStmt(s *python.Stmt) {
	if t.sc.result == nil {
		panic(&left{s.Line, "return outside of a function"})
	}
	st := t.sc.step
	if st != nil && st.root {
		t.stepReturn(s.Value)
		*t.sc.result = typ{kind: "none"}
		if t.out != &t.sc.fn.body {
			t.code("return")
		}
		return
	}
	v := &value{typ: tNone}
	if e := s.Value; e != nil && e.Kind == python.IfElse && t.sc.result.kind == "" && t.sc.inst != nil && mentions(e, t.sc.inst.python) {
		// The branch that doesn't call the function again comes first: it says what the function returns.
		then, or := e.Args[1], e.Args[2]
		back := func(e *python.Expr) []*python.Stmt {
			return []*python.Stmt{{Kind: python.Return, Line: s.Line, End: s.End, Value: e}}
		}
		cond := e.Args[0]
		if mentions(then, t.sc.inst.python) {
			cond, then, or = &python.Expr{Kind: python.Unary, Text: "not", Line: e.Line, Args: []*python.Expr{cond}}, or, then
		}
		l := t.emit(&line{code: "if " + t.truth(t.expr(cond), cond), block: true})
		out := t.out
		t.out = &l.body
		t.returnStmt(back(then)[0])
		t.out = out
		t.returnStmt(back(or)[0])
		return
	}
	if s.Value != nil {
		v = t.expr(s.Value)
	}
	if st != nil {
		v = t.inStep(v, s.Value)
	}
	if v.path == "matplotlib.pyplot" && t.sc.result.kind == "" {
		if t.escape != nil {
			fail(s.Value, "a module that a try returns isn't translated")
		}
		t.sc.module = v
		t.code("return")
		return
	}
	if t.sc.module != nil && v != t.sc.module {
		fail(s.Value, "the function returns values of several kinds")
	}
	if v.object != nil && s.Value.Kind == python.Name && s.Value.Text == "self" && t.sc.result.kind == "" && t.escape == nil && t.sc.inst != nil {
		t.sc.module = v // who calls the method has the object
		t.code("return")
		return
	}
	if v.items != nil && v.tuple {
		parts := *v
		parts.items = slices.Clone(v.items)
		for i, part := range parts.items {
			parts.items[i] = t.emptyResult(part, i+1)
		}
		v = &parts
	} else {
		v = t.emptyResult(v, 0)
	}
	ty := v.typ
	var codes []string
	switch {
	case v.kind == "none" || v.kind == "done" || v.kind == "drawing":
		ty = typ{kind: "none"}
		if v.kind != "none" && v.code != "" {
			t.code("%s", v.code)
		}
	case v.items != nil && v.tuple:
		ty = typ{kind: "tuple", goT: "multi"}
		for _, i := range v.items {
			if st != nil {
				i = t.inStep(i, s.Value)
			}
			if i.goT == "" || i.code == "" || i.goT == "multi" {
				fail(s.Value, "%s can't be returned", i.describe())
			}
			ty.elems = append(ty.elems, i.typ)
			codes = append(codes, i.code)
		}
	default:
		if v.goT == "" || v.code == "" {
			t.untyped(v)
			fail(s.Value, "%s can't be returned", v.describe())
		}
		codes = []string{v.code}
	}
	if t.sc.result.kind == "" {
		*t.sc.result = ty
	}
	if !same(*t.sc.result, ty) {
		fail(s.Value, "the function returns values of several kinds")
	}
	types := ty.elems
	if ty.goT != "multi" {
		types = []typ{ty}[:len(codes)]
	}
	if t.returnFromTry(types, codes) {
		return
	}
	t.code("return %s", strings.Join(codes, ", "))
}

// mentions reports that a name stands in an expression.
func mentions(e *python.Expr, name string) bool {
	found := false
	python.Walk(e, func(e *python.Expr) bool {
		found = found || e.Kind == python.Name && e.Text == name
		return true
	})
	return found
}

func same(a, b typ) bool {
	if a.goT != b.goT || len(a.elems) != len(b.elems) {
		return false
	}
	for i := range a.elems {
		if !same(a.elems[i], b.elems[i]) {
			return false
		}
	}
	return true
}
