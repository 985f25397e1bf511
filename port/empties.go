package port

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Lists and dicts that are empty where they are made: their type is that of what comes into them. A translation notes it by the place at which
// they are made, and the next one knows it from the beginning.

// tNested is a list or a dict of lists that are empty yet; its input is the place.
var tNested = typ{kind: "lists without a type"}

// learn notes the type of what is made at a place, unless it is of several kinds, as in a function that is translated for several.
func (t *translator) learn(born string, ty typ) {
	if born == "" {
		return
	}
	if old, ok := t.found[born]; ok && old.goT != ty.goT || t.clashes[born] {
		t.clashes[born] = true
		ty = typ{}
	}
	if old, ok := t.lists[born]; ok && old.goT != ty.goT {
		ty = typ{}
	}
	t.found[born] = ty
}

// untyped notes that the type of an empty list or dict is asked for before it is known.
func (t *translator) untyped(v *value) {
	if v.open != nil && v.open.born != "" && t.sc.step == nil {
		t.wanted[v.open.born] = true
	}
}

// settle gives an empty list the type of its elements.
func (t *translator) settle(v *value, ty typ, e *python.Expr) *value {
	if v.open == nil {
		fail(e, "the type of the empty list isn't known")
	}
	if ty.kind == "layer" {
		ty = tLayer
	}
	if ty.kind == "int" && t.floats[t.nameOf(v)] == "float" {
		ty = tFloat
	}
	t.learn(v.open.born, ty)
	if v.code == "" {
		t.untyped(v)
		fail(e, "a list among lists that are empty yet isn't translated")
	}
	v.open.goType = listOf(ty).goT
	t.use(strings.TrimLeft(ty.goT, "[]"))
	return t.retype(v, listOf(ty))
}

// typeOf gives an empty list the type of the items that a call adds first.
func (t *translator) typeOf(v *value, c *call) typ {
	c.args[0] = t.packed(c.args[0])
	x := c.args[0]
	if x.goT == "" || x.code == "" || x.goT == "multi" || compileTime(x) {
		fail(c.e, "a list of %s isn't translated", x.describe())
	}
	ty := x.typ
	ty.named = x.keys
	known := t.settle(v, ty, c.e)
	known.keys = x.keys
	return *known.elem
}

// emptyMethod is a method of a list that is empty yet.
func (t *translator) emptyMethod(v *value, name string, c *call) *value {
	switch {
	case v.open == nil:
	case name == "append" && len(c.args) == 1:
		ty := t.typeOf(v, c)
		t.emit(&line{lhs: []*variable{v.open}, code: fmt.Sprintf("append(%s, %s)", v.code, t.as(c.args[0], ty.goT, c.e))})
		return done("")
	case name == "add" && len(c.args) == 1:
		t.approximate("a set is held as its elements in the order in which they come")
		t.typeOf(v, c)
		return done("%s(&%s, %s)", t.helper("addToSet"), v.code, t.as(c.args[0], strings.TrimPrefix(v.open.goType, "[]"), c.e))
	case name == "extend" && len(c.args) == 1 && t.listed(c.args[0], c.e).kind == "list":
		c.args[0] = t.listed(c.args[0], c.e)
		return t.listMethod(t.settle(v, *c.args[0].elem, c.e), name, c)
	case name == "insert" && len(c.args) == 2:
		x := t.packed(c.args[1])
		if x.goT != "" && x.code != "" && x.goT != "multi" && !compileTime(x) {
			return t.listMethod(t.settle(v, x.typ, c.e), name, c)
		}
	}
	fail(c.e, "the type of the empty list isn't known")
	return nil
}

// alike gives an empty list that another one is added to the other's type.
func (t *translator) alike(a, b *value, e *python.Expr) (*value, *value) {
	switch {
	case a.kind == "empty" && a.open != nil && b.kind == "list":
		return t.settle(a, *b.elem, e), b
	case b.kind == "empty" && b.open != nil && a.kind == "list":
		return a, t.settle(b, *a.elem, e)
	}
	return a, b
}

// nestedEmpties is a list or a dict that is written out of empty lists, while their type isn't known; where it is, they get it. Nil for others.
func (t *translator) nestedEmpties(items []*value, e *python.Expr) *value {
	if len(items) == 0 {
		return nil
	}
	for _, i := range items {
		if i.kind != "empty" || i.open != nil || i.tuple || i.code != "" {
			return nil
		}
	}
	place := fmt.Sprint(t.at(), ":", e.Line, " lists in a ", e.Kind, e.Text)
	ty, ok := t.lists[place]
	if !ok {
		t.wanted[place] = true
		return &value{typ: tNested, input: place}
	}
	t.use(strings.TrimLeft(ty.goT, "[]"))
	for i := range items {
		items[i] = &value{typ: listOf(ty), code: listOf(ty).goT + "{}"}
	}
	return nil
}

// emptyElement is nestedEmpties of what a comprehension makes of each element.
func (t *translator) emptyElement(v **value, e *python.Expr) *value {
	items := []*value{*v}
	nested := t.nestedEmpties(items, e)
	*v = items[0]
	return nested
}

// repeatedEmpties is [[]] * n while the type of the list isn't known, and [None] * n, whose elements are set later.
func (t *translator) repeatedEmpties(a, n *value, e *python.Expr) *value {
	if a.kind == tNested.kind {
		return a
	}
	place := fmt.Sprint(t.at(), ":", e.Line, " None")
	ty, ok := t.lists[place]
	if !ok {
		t.wanted[place] = true
		return &value{typ: tNested, input: place, shown: "None"}
	}
	t.approximate("an element of a list of None that nothing sets is Go's zero value")
	t.use(strings.TrimLeft(ty.goT, "[]"))
	return &value{typ: listOf(ty), code: fmt.Sprintf("make(%s, %s)", listOf(ty).goT, atLeastZero(n))}
}

// settleNested is lists[i] = v while the type of what is in lists isn't known.
func (t *translator) settleNested(base, v *value, e *python.Expr) {
	switch {
	case base.shown == "None" && v.goT != "" && v.code != "" && v.goT != "multi" && !compileTime(v):
		t.learn(base.input, v.typ)
	case base.shown == "" && v.kind == "list":
		t.learn(base.input, *v.elem)
	}
	fail(e, "a list among lists that are empty yet isn't translated")
}

// firstUpdate is update of a dict that is empty yet.
func (t *translator) firstUpdate(v *value, c *call) *value {
	x := c.args[0]
	if v.counts {
		if x.kind == "str" {
			x = &value{typ: listOf(tStr), code: "strings.Split(" + x.code + `, "")`}
		}
		if x.kind == "list" {
			return t.countMore(t.firstEntry(v, &value{typ: *x.elem, code: "key"}, &value{typ: tInt, code: "0"}, c.e), x, c)
		}
	}
	if x.kind != "dict" || x.elem == nil || x.elem.goT == "any" {
		fail(c.e, "an update of an empty dict by %s isn't translated", x.describe())
	}
	known := t.firstEntry(v, &value{typ: keyType(x.typ), code: "key"}, &value{typ: *x.elem, code: "entry"}, c.e)
	return t.dictMethod(known, "update", callOf(c.e, x))
}

// emptyResult is what a function returns, where it is an empty list: one of the type that other calls return at that place of a tuple, 0 for none.
func (t *translator) emptyResult(v *value, place int) *value {
	if t.sc.inst == nil || t.sc.step != nil {
		return v
	}
	at := fmt.Sprint("result ", place, " of ", t.sc.inst.python)
	switch {
	case v.kind == "list" && v.elem != nil && !v.tuple:
		t.learn(at, *v.elem)
	case v.kind == "empty" && v.code == "" && !v.tuple:
		ty, ok := t.lists[at]
		if !ok {
			t.wanted[at] = true
			return v
		}
		t.use(strings.TrimLeft(ty.goT, "[]*"))
		return &value{typ: listOf(ty), code: listOf(ty).goT + "{}"}
	}
	return v
}

// fills reports that statements put something into a list or a dict.
func fills(body []*python.Stmt, name string) bool {
	if grows(body, name) {
		return true
	}
	of := func(e *python.Expr) bool { return e.Kind == python.Name && e.Text == name }
	for _, s := range body {
		found := false
		for _, target := range s.Targets {
			found = found || target != nil && target.Kind == python.Index && of(target.Args[0])
		}
		python.Walk(s.Value, func(e *python.Expr) bool {
			found = found || e.Kind == python.Attr && (e.Text == "update" || e.Text == "setdefault") && of(e.Args[0])
			return true
		})
		if found || fills(s.Body, name) || fills(s.Else, name) {
			return true
		}
	}
	return false
}
