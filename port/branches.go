package port

import (
	"fmt"

	"github.com/gokeras/gokeras/port/internal/python"
)

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
