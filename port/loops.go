package port

import (
	"slices"

	"github.com/gokeras/gokeras/port/internal/python"
)

// loop translates a loop and its else, which is done where no break leaves the loop.
func (t *translator) loop(s *python.Stmt, translate func(*python.Stmt)) {
	outer := t.unbroken
	defer func() { t.unbroken = outer }()
	t.unbroken = nil
	if len(s.Else) > 0 && breaks(s.Body) {
		t.unbroken = t.newVar("unbroken", "bool")
		t.emit(&line{lhs: []*variable{t.unbroken}, code: "true"})
	}
	flag := t.unbroken
	func() {
		if way := t.escape; way != nil {
			way.loops++
			defer func() { way.loops-- }()
		}
		translate(s)
	}()
	t.unbroken = outer
	switch {
	case len(s.Else) == 0:
	case flag == nil:
		for _, inner := range s.Else {
			t.translate(inner)
		}
	default:
		before := t.snapshot()
		l := t.emit(&line{code: "if " + flag.ref(), block: true})
		t.block(&l.body, s.Else)
		t.merge(before, s.Line)
	}
}

// breaks reports a break of the loop whose body it is.
func breaks(body []*python.Stmt) bool {
	for _, s := range body {
		switch s.Kind {
		case python.Break:
			return true
		case python.For, python.While:
			if breaks(s.Else) {
				return true
			}
		case python.Def, python.Class:
		default:
			if breaks(s.Body) || breaks(s.Else) {
				return true
			}
		}
	}
	return false
}

// whileStmt is a while loop. What its condition needs before it is done before each turn.
func (t *translator) whileStmt(s *python.Stmt) {
	t.loseWritten(s.Body)
	before := t.snapshot()
	var first []*line
	out := t.out
	t.out = &first
	cond := t.truth(t.expr(s.Value), s.Value)
	t.out = out
	l := &line{code: "for " + cond, block: true}
	if cond == "true" || len(first) > 0 {
		l.code, l.body = "for", first
	}
	if cond != "true" && len(first) > 0 {
		l.body = append(l.body, &line{code: "if !(" + cond + ")", block: true, body: []*line{{code: "break"}}})
	}
	t.emit(l)
	t.block(&l.body, s.Body)
	t.merge(before, s.Line)
	t.steady(s, before)
}

// loseWritten forgets what values were written out for names to which the body of a loop gives others.
func (t *translator) loseWritten(body []*python.Stmt) {
	for _, name := range assigned(body) {
		if b := t.sc.names[name]; b != nil && b.v != nil {
			if v := unwritten(b.v); v != b.v {
				t.sc.names[name] = &binding{v: v}
			}
		}
	}
}

// steady fails where a turn of a loop reads a name for which the turn before it needs another variable, since the kinds differ.
func (t *translator) steady(s *python.Stmt, before map[string]*binding) {
	for _, name := range assigned(s.Body) {
		old, now := before[name], t.sc.names[name]
		if old == nil || old.v == nil || now == nil || old == now || !now.mixed {
			continue
		}
		body := s.Body
		if s.Kind == python.While {
			body = append([]*python.Stmt{{Kind: python.ExprStmt, Value: s.Value}}, body...)
		}
		if readFirst(body, name) {
			fail(s.Value, "%s, which holds another kind in later turns of the loop, isn't translated", name)
		}
	}
}

// readFirst reports that statements may read a name before they give it a value.
func readFirst(body []*python.Stmt, name string) bool {
	for _, s := range body {
		if !stmtMentions(s, name) {
			continue
		}
		switch s.Kind {
		case python.Assign, python.AnnAssign:
			if s.Value != nil && mentions(s.Value, name) {
				return true
			}
			for _, target := range s.Targets {
				if target.Kind != python.Name && target.Kind != python.Tuple {
					if mentions(target, name) {
						return true
					}
				}
			}
			if slices.Contains(assigned([]*python.Stmt{s}), name) {
				return false
			}
		case python.For:
			if !mentions(s.Value, name) && slices.Contains(assigned([]*python.Stmt{{Targets: s.Targets}}), name) {
				return false
			}
		case python.With:
			if !slices.ContainsFunc(s.Targets, func(e *python.Expr) bool { return e != nil && mentions(e, name) }) {
				return readFirst(s.Body, name)
			}
		}
		return true
	}
	return false
}

// stmtMentions reports that a name stands in a statement.
func stmtMentions(s *python.Stmt, name string) bool {
	found := s.Value != nil && mentions(s.Value, name)
	for _, e := range s.Targets {
		found = found || e != nil && mentions(e, name)
	}
	for _, n := range s.Names {
		found = found || n.Name == name
	}
	for _, inner := range slices.Concat(s.Body, s.Else) {
		found = found || stmtMentions(inner, name)
	}
	return found
}

// changesOn reports that the body of a loop makes a list longer or shorter, and goes on.
func changesOn(body []*python.Stmt, name string) bool {
	for i, s := range body {
		leaves := i+1 < len(body) && (body[i+1].Kind == python.Break || body[i+1].Kind == python.Return)
		plain := *s
		plain.Body, plain.Else = nil, nil
		if !leaves && grows([]*python.Stmt{&plain}, name) || changesOn(s.Body, name) || changesOn(s.Else, name) {
			return true
		}
	}
	return false
}
