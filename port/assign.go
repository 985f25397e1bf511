package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

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
