package port

import (
	"github.com/gokeras/gokeras/port/internal/python"
)

// Functions inside of functions. Those that are only called become functions of the program, whose further parameters are the variables that they
// read of the functions around them. A function that returns one of its own is translated in place where it is called, each time with
// variables of its own.

// capture is a variable of a function around another one.
type capture struct {
	name   string
	from   *scope
	ty     typ
	shared bool // a list that grows
}

// env is what a function that is defined here sees around it, nil at the top.
func (t *translator) env() *scope {
	if t.sc.top {
		return nil
	}
	return t.sc
}

// resolve finds what a name stands for in a scope, nil if it isn't known. The scope is that in which its variable lives, nil for the top.
func (t *translator) resolve(sc *scope, name string, e *python.Expr) (*value, *scope) {
	if sc == nil {
		return nil, nil
	}
	if b, ok := sc.names[name]; ok {
		if b.last != "" {
			t.wanted[b.last], t.found[b.last] = true, b.ty
		}
		if b.unknown != "" {
			fail(e, "%s %s", name, b.unknown)
		}
		if sc != t.sc {
			for _, v := range (&printer{vars: t.vars}).marked(b.v.code) {
				v.pinned = true
			}
		}
		if sc.inst == nil || compileTime(b.v) {
			return b.v, nil
		}
		for _, c := range sc.inst.captured {
			if c.name == name {
				return b.v, c.from
			}
		}
		return b.v, sc
	}
	v, from := t.resolve(sc.parent, name, e)
	if v == nil || from == nil || sc.inst == nil {
		return v, from
	}
	if t.sc.step != nil || v.code == "" || v.goT == "" || v.goT == "multi" || v.open != nil || v.spread() {
		t.untyped(v)
		fail(e, "%s of the function around, %s, isn't translated", name, v.describe())
	}
	va := t.newVar(camel(name), v.goT)
	va.given = true
	c := capture{name: name, from: from, ty: v.typ}
	held := &value{typ: v.typ, code: va.ref(), eager: v.eager, maybe: v.maybe, variable: v.variable, entries: v.entries, keys: v.keys}
	if v.kind == "list" && grows(sc.inst.body, name) {
		c.shared = true
		va.goType, held.code = "*"+v.goT, "(*"+va.ref()+")"
	}
	t.use(v.goT)
	sc.fn.params = append(sc.fn.params, va)
	sc.inst.captured = append(sc.inst.captured, c)
	sc.names[name] = &binding{v: held}
	return held, from
}

// capturedArgs are the arguments of a call for what the function reads of those around it.
func (t *translator) capturedArgs(inst *instance, e *python.Expr) []string {
	var args []string
	for _, c := range inst.captured {
		v, from := t.resolve(t.sc, c.name, e)
		if v == nil || from != c.from || !same(v.typ, c.ty) {
			fail(e, "a call of a function that reads %s of the function around it isn't translated here", c.name)
		}
		if c.shared {
			args = append(args, t.shared(v))
			continue
		}
		args = append(args, v.code)
	}
	return args
}

// closure is a call of a function whose last statement returns a function of its own; nil for other functions.
func (t *translator) closure(d *def, c *call) *value {
	if d.stmt == nil || len(d.stmt.Body) == 0 {
		return nil
	}
	last := d.stmt.Body[len(d.stmt.Body)-1]
	if last.Kind != python.Return || last.Value == nil {
		return nil
	}
	inner := last.Value.Kind == python.Lambda
	for _, s := range d.stmt.Body {
		inner = inner || s.Kind == python.Def && last.Value.Kind == python.Name && last.Value.Text == s.Text
	}
	if !inner {
		return nil
	}
	if d.busy {
		fail(c.e, "a function that calls itself before its result is known isn't translated")
	}
	d.busy = true
	defer func() { d.busy = false }()
	parent := t.module
	if d.env != nil {
		parent = d.env
	}
	sc := &scope{names: map[string]*binding{}, fn: t.sc.fn, parent: parent, step: t.sc.step}
	t.eachParam(c, d.home, d.stmt.Params, func(p python.Param, v *value) {
		old := t.sc
		t.sc = sc
		l := t.attempt(func() {
			if p.Star != "" {
				sc.names[p.Name] = &binding{v: v}
				return
			}
			t.bindName(p.Name, v, c.e)
		})
		t.sc = old
		if l != nil {
			panic(l)
		}
	})
	c.done()
	old := t.sc
	t.sc = sc
	defer func() { t.sc = old }()
	for _, s := range d.stmt.Body[:len(d.stmt.Body)-1] {
		if s.Kind == python.ExprStmt && s.Value.Kind == python.String {
			continue
		}
		t.translate(s)
	}
	return t.expr(last.Value)
}

// nonlocal lets a function that another one returned set that one's variables.
func (t *translator) nonlocal(name string, s *python.Stmt) {
	for sc := t.sc.parent; sc != nil && !sc.top; sc = sc.parent {
		if b := sc.names[name]; b != nil && b.v != nil && sc.inst == nil {
			t.sc.names[name] = b
			return
		}
		if sc.inst != nil {
			break
		}
	}
	panic(&left{s.Line, "nonlocal isn't translated here"})
}
