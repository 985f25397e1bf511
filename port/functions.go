package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// callDef calls a function of the notebook. It is translated for the kinds of the arguments, when it is called with them first.
func (t *translator) callDef(d *def, c *call) *value {
	defer t.enter(d.home)()
	if t.sc.step == nil && d.stmt != nil && usesTape(d.stmt.Body) && (d.group || appliesGradients(d.stmt.Body)) && !slices.ContainsFunc(c.args, func(v *value) bool { return v.kind == "tensor" || v.object != nil }) {
		return t.stepFunction(d, c)
	}
	if r := t.closure(d, c); r != nil {
		return r
	}
	var params []python.Param
	var body []*python.Stmt
	if d.stmt != nil {
		params, body = d.stmt.Params, d.stmt.Body
	} else {
		params = d.lambda.Params
		body = []*python.Stmt{{Kind: python.Return, Line: d.lambda.Line, End: d.lambda.Line, Value: d.lambda.Args[0]}}
	}
	var values []*value
	var key strings.Builder
	t.eachParam(c, d.home, params, func(p python.Param, v *value) {
		if v.open != nil && v.open.born != "" && t.sc.step == nil && fills(body, p.Name) {
			v = &value{typ: v.typ, open: &variable{born: v.open.born}, begin: v.begin} // its type is learned
		} else if v.kind == "multi" || v.kind == "empty dict" {
			fail(c.e, "%s as an argument isn't translated", v.describe())
		}
		if v.spread() {
			for _, i := range v.items {
				if !compileTime(i) && (i.goT == "" || i.code == "" || i.goT == "multi") {
					fail(c.e, "%s as an argument isn't translated", v.describe())
				}
				fmt.Fprintf(&key, "%s %s %s;", i.kind, i.goT, i.path)
			}
		}
		values = append(values, v)
		fmt.Fprintf(&key, "%s %s %s|", v.kind, v.goT, v.path)
		fmt.Fprint(&key, v.variable, v.at, v.series, v.table, v.states, v.named, v.eager, v.maybe, v.row, v.counts, v.factory, v.set, v.pointed(), v.elem != nil && v.elem.row)
		for _, k := range sortedKeys(v.entries) {
			fmt.Fprint(&key, k, v.entries[k].goT)
		}
		if v.tuple && v.items != nil {
			fmt.Fprint(&key, len(v.items))
		}
		if v.kind == tKeywords.kind {
			fmt.Fprint(&key, v.keys)
		}
		if v.def != nil {
			fmt.Fprintf(&key, "%p", v.def)
		}
		if v.object != nil {
			fmt.Fprintf(&key, "%p", v.object)
		}
		if v.class != nil {
			fmt.Fprintf(&key, "%p", v.class)
		}
	})
	c.done()
	if t.sc.step != nil {
		fmt.Fprint(&key, "in a step", t.sc.step.outer)
	}
	inst, own := d.done[key.String()], ""
	if st := t.sc.step; st != nil && inst == nil { // a function that reads arrays belongs to its step
		own = fmt.Sprintf("%s of %p", key.String(), st.stepModels)
		if inst = d.done[own]; inst != nil {
			st.touched++
		}
	}
	if inst == nil && d.busy {
		if d.now == nil || d.nowKey != key.String() || d.now.result.kind == "" || t.sc.step != nil {
			fail(c.e, "a function that calls itself before its result is known isn't translated")
		}
		inst = d.now
		inst.recursed = len(inst.captured) + 1
	}
	if inst == nil {
		d.nowKey = key.String()
		before := 0
		if t.sc.step != nil {
			before = t.sc.step.touched
		}
		inst = t.instance(d, params, body, values)
		if t.sc.step != nil && t.sc.step.touched > before {
			d.done[own] = inst
		} else {
			d.done[key.String()] = inst
		}
	}
	if inst.err != nil {
		fail(c.e, "%s: line %d of it: %s", d.name, inst.err.line, inst.err.reason)
	}
	var args []string
	at := -1
	given := func(v *value) {
		if inst.shared[at] {
			args = append(args, t.shared(v))
			return
		}
		if t.sc.step != nil && v.kind == "tensor" {
			args = append(args, t.node(v, c.e))
		} else if v.pointed() {
			args = append(args, v.optional)
		} else if !unpassed(v) {
			args = append(args, v.code)
		}
	}
	if t.sc.step != nil {
		args = append(args, t.sc.step.s.ref())
	}
	for i, v := range values {
		at = i
		if v.spread() {
			for _, i := range v.items {
				given(i)
			}
			continue
		}
		given(v)
	}
	args = append(args, t.capturedArgs(inst, c.e)...)
	code := inst.name + "(" + strings.Join(args, ", ") + ")"
	if inst.module != nil {
		t.code("%s", code)
		return inst.module
	}
	if inst.result.kind == "" || inst.result.kind == "none" {
		return done("%s", code)
	}
	if inst.result.goT == nodeType {
		return t.lifted(code, false)
	}
	return &value{typ: *inst.result, code: code}
}

// pointed reports a value that a pointer holds, since it may be None.
func (v *value) pointed() bool { return v.optional != "" && !strings.HasPrefix(v.goT, "*") }

// unpassed reports arguments that functions of the program don't take, since they are known where the function is translated.
func unpassed(v *value) bool {
	return compileTime(v) || strings.HasPrefix(v.kind, "empty") && v.code == "" || v.kind == tKeywords.kind && len(v.items) == 0
}

// instance translates a function for arguments of some kinds.
func (t *translator) instance(d *def, params []python.Param, body []*python.Stmt, values []*value) *instance {
	if t.depth > 40 {
		panic(&left{0, "functions are nested too deeply"})
	}
	d.busy = true
	fn := &function{name: t.functionName(d.name)}
	if t.o.Package != "" && d.stmt != nil {
		fn.name = free(strings.ToUpper(fn.name[:1])+fn.name[1:], t.taken)
		t.taken[fn.name] = true
		fn.comments = []string{fn.name + " is the notebook's " + d.name + "."}
	}
	inst := &instance{name: fn.name, result: &typ{}, shared: map[int]bool{}}
	sc := &scope{names: map[string]*binding{}, fn: fn, result: inst.result, parent: t.module, inst: inst}
	if d.env != nil && t.sc.step == nil {
		sc.parent = d.env
	}
	inst.body, inst.python = body, d.name
	d.now = inst
	defer func() { d.now = nil }()
	given := func(name string, v *value) *value {
		goType := v.goT
		if sc.step != nil && v.kind == "tensor" {
			goType = nodeType
		}
		va := t.newVar(camel(name), goType)
		va.given = true
		fn.params = append(fn.params, va)
		t.use(goType)
		if sc.step == nil && v.pointed() {
			fn.params[len(fn.params)-1].goType = "*" + goType
			return &value{typ: v.typ, code: "(*" + va.ref() + ")", maybe: true, optional: va.ref()}
		}
		if goType == nodeType {
			return &value{typ: v.typ, code: sc.step.of.ref() + "(" + va.ref() + ")", at: v.at, variable: v.variable}
		}
		if sc.step != nil {
			sc.step.given(va.ref(), v.code)
		}
		made := &value{typ: v.typ, code: va.ref(), eager: v.eager, maybe: v.maybe, variable: v.variable}
		if v.optional != "" && strings.HasPrefix(v.goT, "*") {
			made.optional = va.ref()
		}
		made.maybe = v.maybe && (v.optional == "" || made.optional != "")
		return made
	}
	if t.sc.step != nil {
		sc.step = t.fork(t.sc.step, t.sc.step.outer)
		fn.params = append(fn.params, sc.step.s)
		t.use("functional.Step")
	}
	i := 0
	for _, p := range params {
		if p.Star == "/" || p.Star == "*" && p.Name == "" {
			continue
		}
		v := values[i]
		i++
		if unpassed(v) {
			sc.names[p.Name] = &binding{v: v}
			continue
		}
		if v.spread() {
			held := &value{tuple: v.tuple, typ: v.typ, keys: v.keys}
			for n, item := range v.items {
				if compileTime(item) {
					held.items = append(held.items, item)
					continue
				}
				name := fmt.Sprintf("%s_%d", p.Name, n)
				if p.Star == "**" {
					name = v.keys[n]
				}
				held.items = append(held.items, given(name, item))
			}
			if p.Star == "*" {
				t.listType(held, nil)
			}
			sc.names[p.Name] = &binding{v: held}
			continue
		}
		if v.kind == "list" && grows(body, p.Name) {
			if p.Default != nil && p.Default.Kind == python.List {
				inst.err = &left{0, "a list that grows as the default of a parameter isn't translated"}
				d.busy = false
				return inst
			}
			held := given(p.Name, v)
			fn.params[len(fn.params)-1].goType = "*" + v.goT
			held.code = "(*" + held.code + ")"
			inst.shared[i-1] = true
			sc.names[p.Name] = &binding{v: held}
			continue
		}
		sc.names[p.Name] = &binding{v: given(p.Name, v)}
	}
	if len(body) > 0 && body[0].Kind == python.ExprStmt && body[0].Value.Kind == python.String {
		for _, l := range strings.Split(strings.TrimSpace(body[0].Value.Text), "\n") {
			fn.comments = append(fn.comments, clean([]string{strings.TrimSpace(l)})...)
		}
		body = body[1:]
	}
	oldScope, oldOut, oldPending, oldEscape := t.sc, t.out, t.pending, t.escape
	t.sc, t.out, t.pending, t.escape = sc, &fn.body, nil, nil
	state := t.item.State
	notes := len(t.item.Notes)
	inst.err = t.attempt(func() {
		for _, s := range t.grouped(body) {
			t.translate(s)
		}
		if sc.step != nil && sc.step.root && sc.step.group {
			t.giveNamed(assigned(body))
		}
		for _, name := range sc.globals {
			if old, now := t.module.names[name], sc.names[name]; now.v == nil || old == nil || old.v == nil || t.either(name, old, now, 0).v == nil {
				panic(&left{0, name + ", a name of the program to which a function gives another kind, isn't translated"})
			}
		}
	})
	t.sc, t.out, t.pending, t.escape = oldScope, oldOut, oldPending, oldEscape
	inst.module = sc.module
	if inst.err == nil && slices.ContainsFunc(values, func(v *value) bool { return v.open != nil && v.code == "" }) {
		inst.err = &left{0, "the type of what is empty yet isn't known"}
	}
	if inst.err == nil && yields(body) {
		if inst.result.kind != tFlow.kind {
			inst.err = &left{0, "the generator yields nothing"}
		}
		generatorBody(fn)
	}
	if inst.err == nil && inst.recursed > 0 && inst.recursed != len(inst.captured)+1 {
		inst.err = &left{0, "a function that calls itself and reads variables of the function around it isn't translated"}
	}
	d.busy = false
	if inst.err != nil {
		t.item.State, t.item.Notes = state, t.item.Notes[:min(notes, len(t.item.Notes))]
		return inst
	}
	switch {
	case inst.result.goT == "multi":
		for _, e := range inst.result.elems {
			fn.results = append(fn.results, e.goT)
			t.use(e.goT)
		}
	case inst.result.kind != "" && inst.result.kind != "none":
		fn.results = []string{inst.result.goT}
		t.use(inst.result.goT)
	}
	if fn.results != nil && !endsInReturn(fn.body) {
		if fallsOff(body) {
			t.approximate("where %s ends without a return, which gives None in Python, the program stops", inst.python)
		}
		fn.body = append(fn.body, &line{code: "panic(\"no value was returned\")"})
	}
	t.defs = append(t.defs, fn)
	return inst
}

// fallsOff reports that a function's body may end without a return.
func fallsOff(body []*python.Stmt) bool {
	if len(body) == 0 {
		return true
	}
	switch last := body[len(body)-1]; last.Kind {
	case python.Return, python.Raise:
		return false
	case python.If:
		return fallsOff(last.Body) || fallsOff(last.Else)
	case python.While:
		return last.Value.Text != "True" && last.Value.Text != "1" || breaks(last.Body)
	case python.With:
		return fallsOff(last.Body)
	case python.Try:
		for _, part := range last.Else {
			if part.Kind != "finally" && fallsOff(part.Body) {
				return true
			}
		}
		return fallsOff(last.Body)
	}
	return true
}

func endsInReturn(body []*line) bool {
	if len(body) == 0 {
		return false
	}
	last := body[len(body)-1]
	if strings.HasPrefix(last.code, "return") || strings.HasPrefix(last.code, "panic(") {
		return true
	}
	if !last.block || !strings.HasPrefix(last.code, "if ") {
		return false
	}
	for b := last; b != nil; b = b.orElse {
		if !endsInReturn(b.body) {
			return false
		}
		if b.orElse == nil {
			return b.code == ""
		}
	}
	return false
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
