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

// listsOf is behind a name among those that widen whose lists hold arrays.
const listsOf = " as a list"
