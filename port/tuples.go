package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Tuples of several kinds that stand in lists and dicts: structs of Go's, whose fields are A, B, C …

// tupleType is a tuple as an element of a list.
func tupleType(elems []typ) typ {
	var fields []string
	for i, e := range elems {
		fields = append(fields, fmt.Sprintf("%c %s", 'A'+i, e.goT))
	}
	return typ{kind: "pair", goT: "struct{ " + strings.Join(fields, "; ") + " }", elems: elems}
}

// packable are the kinds of values that tuples hold.
var packable = []string{"int", "float", "str", "bool", "array", "list", "pair", "frame", "dict"}

// packed is a tuple that is written out as one value, and any other value as it is.
func (t *translator) packed(v *value) *value {
	if v.goT == "multi" && !slices.ContainsFunc(v.elems, func(e typ) bool { return !slices.Contains(packable, e.kind) }) {
		var names []string
		for i := range v.elems {
			names = append(names, fmt.Sprintf("p%d", i+1))
		}
		ty, list := tupleType(v.elems), strings.Join(names, ", ")
		return &value{typ: ty, code: fmt.Sprintf("func() %[1]s {\n%[2]s := %[3]s\nreturn %[1]s{%[2]s}\n}()", ty.goT, list, v.code)}
	}
	if len(v.items) < 2 || len(v.items) > 20 || v.goT != "" || !v.tuple {
		return v
	}
	var elems []typ
	var codes []string
	for _, i := range v.items {
		i = t.packed(i)
		if i.goT == "" || i.goT == "multi" || i.code == "" || compileTime(i) || !slices.Contains(packable, i.kind) {
			return v
		}
		ty := i.typ
		elems = append(elems, ty)
		codes = append(codes, i.code)
	}
	ty := tupleType(elems)
	return &value{typ: ty, code: ty.goT + "{" + strings.Join(codes, ", ") + "}", parts: v.items}
}

// likeTuple is a tuple that is written out where another one is wanted: whole numbers as floats. "" where it isn't one.
func (t *translator) likeTuple(v *value, goType string, e *python.Expr) string {
	fields, ok := strings.CutPrefix(goType, "struct{ ")
	if !ok || v.kind != "pair" || len(v.parts) == 0 || strings.Contains(fields, "{") {
		return ""
	}
	wanted := strings.Split(strings.TrimSuffix(fields, " }"), "; ")
	if len(wanted) != len(v.parts) {
		return ""
	}
	var codes []string
	for i, w := range wanted {
		_, goT, _ := strings.Cut(w, " ")
		if goT != v.elems[i].goT && (goT != "float64" || v.elems[i].kind != "int") {
			return ""
		}
		codes = append(codes, t.as(t.packed(v.parts[i]), goT, e))
	}
	t.approximate("whole numbers in a list of tuples of floats are floats, and printed as such")
	return goType + "{" + strings.Join(codes, ", ") + "}"
}

// part is the place i of a tuple that is one value.
func part(v *value, i int) *value {
	return &value{typ: v.elems[i], code: fmt.Sprintf("%s.%c", v.tight(), 'A'+i)}
}

// listed is zip, enumerate or the items of a dict as a list of tuples; any other value as it is.
func (t *translator) listed(v *value, e *python.Expr) *value {
	if v.kind == "deque" {
		return dequeItems(v)
	}
	if v.loop == nil || v.self != nil {
		return v
	}
	n := 2
	switch v.loop.kind {
	case "range":
		return t.rangeList(v, e)
	case "zip":
		n = len(v.loop.args)
	case "enumerate", "items":
	default:
		return v
	}
	target := &python.Expr{Kind: python.Tuple, Line: e.Line}
	for i := range n {
		target.Args = append(target.Args, &python.Expr{Kind: python.Name, Text: "part_" + strconv.Itoa(i+1), Line: e.Line})
	}
	return t.comprehend("list", []*python.Expr{target}, []python.Loop{{Target: target}}, v, e)
}

// rows reports a list whose elements are tuples of one kind.
func rows(ty typ) bool { return ty.kind == "list" && ty.elem != nil && (ty.elem.row || rows(*ty.elem)) }

// columns is zip(*v) of a list of lists or tuples, nil for other values.
func (t *translator) columns(v *value) *value {
	if v.kind != "list" || v.items != nil && v.goT == "" || v.elem == nil {
		return nil
	}
	switch v.elem.kind {
	case "list":
		one := listOf(*v.elem.elem)
		one.row = true
		return &value{typ: listOf(one), code: t.helper("transposed") + "(" + v.code + ")"}
	case "pair":
		all := &value{tuple: true, typ: typ{kind: "tuple"}}
		for i, e := range v.elem.elems {
			ty := listOf(e)
			ty.row = true
			code := fmt.Sprintf("%s(%s, func(p %s) %s { return p.%c })", t.helper("columnOf"), v.code, v.elem.goT, e.goT, 'A'+i)
			all.items = append(all.items, &value{typ: ty, code: code, tuple: true})
		}
		return all
	}
	return nil
}

// tTupleClass is what collections.namedtuple gives: its keys are the names of the parts, its input the name of the class.
var tTupleClass = typ{kind: "class of a named tuple"}

// namedTuple is collections.namedtuple(name, fields).
func (t *translator) namedTuple(c *call) *value {
	name, fields := c.need(0, "typename"), c.need(1, "field_names")
	c.done()
	v := &value{typ: tTupleClass}
	v.input, _ = strconv.Unquote(name.code)
	parts := fields.items
	if fields.kind == "str" && fields.konst {
		text, _ := strconv.Unquote(fields.code)
		v.keys = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	}
	for _, p := range parts {
		field, err := strconv.Unquote(p.code)
		if err != nil || !p.konst {
			fail(c.e, "a named tuple whose parts have no constant names isn't translated")
		}
		v.keys = append(v.keys, field)
	}
	if len(v.keys) == 0 || !name.konst {
		fail(c.e, "this named tuple isn't translated")
	}
	return v
}

// namedValue is a call of a named tuple's class.
func (t *translator) namedValue(class *value, c *call) *value {
	var elems []typ
	var codes []string
	for i, k := range class.keys {
		part := t.packed(c.need(i, k))
		if part.goT == "" || part.goT == "multi" || part.code == "" || compileTime(part) {
			fail(c.e, "%s in a named tuple isn't translated", part.describe())
		}
		t.use(strings.TrimLeft(part.goT, "[]*"))
		elems, codes = append(elems, part.typ), append(codes, t.as(part, part.goT, c.e))
	}
	c.done()
	ty := tupleType(elems)
	ty.named, ty.label = class.keys, class.input
	return &value{typ: ty, code: ty.goT + "{" + strings.Join(codes, ", ") + "}"}
}

// namedText is a named tuple as Python prints it.
func (t *translator) namedText(v *value, e *python.Expr) string {
	if !strings.HasPrefix(v.code, "\x01") {
		fail(e, "a named tuple that has no name isn't translated where it is printed")
	}
	text := strconv.Quote(v.label + "(" + v.named[0] + "=")
	for i, name := range v.named {
		if i > 0 {
			text += " + " + strconv.Quote(", "+name+"=")
		}
		text += " + " + t.repr(part(v, i), e)
	}
	return text + ` + ")"`
}
