package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Names that are None at first and hold something later: variables that are nil at first, pointers where the type has no nil.

// optionalKind reports values that such a name may hold.
func optionalKind(v *value) bool {
	return slices.Contains([]string{"int", "float", "str", "bool"}, v.kind) ||
		strings.HasPrefix(v.goT, "*") && v.code != "" && !compileTime(v) && slices.Contains([]string{"array", "model", "history", "frame", "tokenizer"}, v.kind)
}

// optional assigns to a name that is None at first; false where the name isn't one.
func (t *translator) optional(name string, v *value, at *python.Expr) bool {
	if t.sc.step != nil {
		return false
	}
	old := t.sc.names[name]
	if old != nil && old.v != nil && old.v.optional != "" {
		va := (&printer{vars: t.vars}).marked(old.v.optional)[0]
		code := v.code
		switch {
		case v.kind == "none":
			code = "nil"
		case v.optional != "" && v.goT == old.v.goT:
			code = v.optional
		case v.kind != old.v.kind && !(v.kind == "int" && old.v.kind == "float"):
			return false
		case !strings.HasPrefix(old.v.goT, "*"):
			code = t.as(v, old.v.goT, at)
			if v.konst && old.v.kind == "float" {
				code = "float64(" + code + ")"
			}
			code = t.helper("pointer") + "(" + code + ")"
		}
		t.emit(&line{lhs: []*variable{va}, code: code})
		return true
	}
	if strings.HasPrefix(v.optional, "lookup(") {
		va := t.newVar(camel(name), "*"+v.goT)
		t.use(v.goT)
		t.emit(&line{lhs: []*variable{va}, code: v.optional})
		t.sc.names[name] = &binding{v: &value{typ: v.typ, code: "(*" + va.ref() + ")", maybe: true, optional: va.ref()}}
		return true
	}
	if v.kind != "none" {
		return false
	}
	if old != nil && old.v != nil && strings.HasPrefix(old.v.goT, "*") && old.v.goT != "*" && optionalKind(old.v) {
		if vs := (&printer{vars: t.vars}).marked(old.v.code); len(vs) == 1 && vs[0].ref() == old.v.code && t.goesOn(vs[0]) {
			t.emit(&line{lhs: []*variable{vs[0]}, code: "nil"})
			held := *old.v
			held.maybe, held.optional = true, vs[0].ref()
			t.sc.names[name] = &binding{v: &held}
			return true
		}
	}
	place := fmt.Sprint("None of ", t.at(), ":", at.Line, " ", name)
	ty, ok := t.lists[place]
	if !ok {
		t.sc.names[name] = &binding{v: v, none: place}
		return true
	}
	t.use(strings.TrimLeft(ty.goT, "[]*"))
	goType := ty.goT
	if !strings.HasPrefix(goType, "*") {
		goType = "*" + goType
	}
	va := t.newVar(camel(name), goType)
	t.emit(&line{lhs: []*variable{va}, code: "nil"})
	held := &value{typ: ty, code: va.ref(), maybe: true, optional: va.ref()}
	if goType != ty.goT {
		held.code = "(*" + va.ref() + ")"
	}
	t.sc.names[name] = &binding{v: held}
	return true
}
