package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// expr translates an expression.
func (t *translator) expr(e *python.Expr) *value {
	if t.depth++; t.depth > 120 {
		fail(e, "nested too deeply")
	}
	defer func() { t.depth-- }()
	switch e.Kind {
	case python.Name:
		return t.nameExpr(e)
	case python.Number:
		return t.numberExpr(e)
	case python.String:
		return &value{typ: tStr, code: strconv.Quote(e.Text), konst: true}
	case python.FString:
		return t.fstring(e)
	case python.Constant:
		switch e.Text {
		case "True", "False":
			return &value{typ: tBool, code: strings.ToLower(e.Text), konst: true}
		case "None":
			return &value{typ: tNone}
		}
	case python.Tuple, python.List:
		return t.sequence(e)
	case python.Dict:
		return t.dictExpr(e)
	case python.Attr:
		return t.attrExpr(e)
	case python.Index:
		return t.indexExpr(e)
	case python.Call:
		return t.call(e)
	case python.Binary:
		a, b := t.expr(e.Args[0]), t.expr(e.Args[1])
		return t.binary(e.Text, a, b, e).eagerly(a.eager || b.eager)
	case python.Unary:
		return t.unary(e)
	case python.Bool:
		return t.boolean(e)
	case python.Compare:
		return t.compare(e)
	case python.IfElse:
		return t.ifElse(e)
	case python.Comp:
		return t.comprehension(e)
	case python.Set:
		v := t.sequence(&python.Expr{Kind: python.List, Line: e.Line, Args: e.Args})
		return t.set(v, e)
	case python.Lambda:
		return &value{def: &def{lambda: e, name: "function", done: map[string]*instance{}, env: t.env(), home: t.here()}}
	}
	fail(e, "this kind of expression (%s) isn't translated", e.Kind)
	return nil
}

func (t *translator) nameExpr(e *python.Expr) *value {
	if v, _ := t.resolve(t.sc, e.Text, e); v != nil {
		t.untyped(v)
		return t.intoStep(v)
	}
	if t.local != nil && e.Text == "__name__" {
		return &value{typ: tStr, code: strconv.Quote(t.local.name), konst: true}
	}
	if e.Text == "__file__" && t.local == nil && strings.HasSuffix(t.o.Name, ".py") {
		t.approximate("__file__ is the script's name in the folder in which the program runs")
		return &value{typ: tStr, code: strconv.Quote(t.o.Name), konst: true}
	}
	if e.Text == "__doc__" && t.doc != nil && t.local == nil {
		return t.doc
	}
	if e.Text == "__name__" {
		return &value{typ: tStr, code: `"__main__"`, konst: true}
	}
	if builtins[e.Text] || strings.HasSuffix(e.Text, "Warning") || strings.HasSuffix(e.Text, "Error") || e.Text == "Exception" {
		return &value{path: "builtins." + e.Text}
	}
	fail(e, "%s isn't defined before", e.Text)
	return nil
}

func (t *translator) numberExpr(e *python.Expr) *value {
	text := e.Text
	if strings.HasSuffix(strings.ToLower(text), "j") {
		fail(e, "complex numbers aren't translated")
	}
	if n, err := strconv.ParseInt(strings.ToLower(text), 0, 64); err == nil && !(len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') {
		return &value{typ: tInt, code: text, konst: true, field: fmt.Sprint(n)}
	}
	_, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.HasPrefix(strings.ToLower(text), "0x") {
		fail(e, "the number %s isn't translated", text)
	}
	if !strings.ContainsAny(text, ".eE") {
		fail(e, "the number %s is too large", text)
	}
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	if strings.HasSuffix(text, ".") {
		text += "0"
	}
	text = strings.Replace(strings.Replace(text, ".e", ".0e", 1), ".E", ".0E", 1)
	return &value{typ: tFloat, code: text, konst: true}
}

// spread is a sequence of whole numbers, as of a shape, with a list among them whose length isn't known here: (None, *x.shape[1:]).
func (t *translator) spread(e *python.Expr, list *value, star *python.Expr) *value {
	at := slices.Index(e.Args, star)
	part := func(items []*python.Expr) string {
		if len(items) == 0 {
			return ""
		}
		around := &value{items: []*value{}}
		for _, i := range items {
			if i.Kind == python.Star {
				fail(i, "two lists in one aren't translated")
			}
			around.items = append(around.items, t.expr(i))
		}
		return "[]int{" + t.as(around, "...int", e) + "}"
	}
	parts := slices.DeleteFunc([]string{part(e.Args[:at]), list.code, part(e.Args[at+1:])}, func(p string) bool { return p == "" })
	if len(parts) == 1 {
		return list
	}
	t.imports["slices"] = true
	return &value{typ: listOf(tInt), code: "slices.Concat(" + strings.Join(parts, ", ") + ")"}
}

func (t *translator) sequence(e *python.Expr) *value {
	v := &value{tuple: e.Kind == python.Tuple, items: []*value{}}
	for _, a := range e.Args {
		if a.Kind == python.Star {
			inner := t.expr(a.Args[0])
			if inner.goT == "[]int" {
				return t.spread(e, inner, a)
			}
			if inner.items == nil {
				fail(a, "* of %s isn't translated", inner.describe())
			}
			v.items = append(v.items, inner.items...)
			continue
		}
		item := t.expr(a)
		if item.loop != nil && item.loop.kind == "range" {
			item = t.rangeList(item, e)
		}
		if item.kind == "batch" {
			fail(a, "a batch in a list isn't translated")
		}
		v.items = append(v.items, item)
	}
	if e.Kind == python.List {
		if nested := t.nestedEmpties(v.items, e); nested != nil {
			return nested
		}
	}
	t.listType(v, e)
	return v
}

// listType gives a sequence a Go slice if its items have one type. An empty list takes its type from the first append.
func (t *translator) listType(v *value, e *python.Expr) {
	if len(v.items) == 0 {
		v.kind = "empty"
		if !v.tuple {
			v.goT = ""
		}
		return
	}
	for n, i := range v.items {
		v.items[n] = t.inList(i)
	}
	if full := slices.IndexFunc(v.items, func(i *value) bool { return i.kind == "list" && !i.tuple && !i.row && i.shown == "" }); full >= 0 {
		for n, i := range v.items {
			if i.kind == "empty" && i.open == nil && i.code == "" && !i.tuple {
				v.items[n] = &value{typ: v.items[full].typ, code: v.items[full].goT + "{}"}
			}
		}
	}
	if mixesNumbers(v.items) {
		if v.tuple {
			v.kind = "tuple"
			return
		}
		t.approximate("whole numbers in a list of floats are floats, and printed as such")
	}
	ty := v.items[0].typ
	for _, i := range v.items[1:] {
		switch {
		case i.kind == "float" && ty.kind == "int":
			ty = tFloat
		case i.kind == "int" && ty.kind == "float":
		case i.kind == "list" && ty.kind == "list" && i.goT != ty.goT && number(*i.elem) && number(*ty.elem) && i.elem.kind != "bool" && ty.elem.kind != "bool" && i.items != nil && v.items[0].items != nil:
			ty = listOf(tFloat)
		case ty.kind == "layer" && i.kind == "layer" && ty.goT != i.goT:
			ty = tLayer
		case ty.kind == "optimizer" && i.kind == "optimizer" && ty.goT != i.goT:
			ty = tOptimizer
		case i.goT != ty.goT || i.kind != ty.kind:
			v.kind = "tuple"
			return
		}
	}
	if ty.goT == "" || ty.kind == "none" || ty.goT == "multi" {
		v.kind = "tuple"
		return
	}
	var parts []string
	for _, i := range v.items {
		if i.code == "" {
			v.kind = "tuple"
			return
		}
		code := t.as(i, ty.goT, e)
		if i.kind == "dict" {
			code = t.inOrder(i)
		}
		parts = append(parts, code)
	}
	if ty.kind == "list" {
		ty.row = !slices.ContainsFunc(v.items, func(i *value) bool { return !i.tuple && !i.row })
		if !ty.row && slices.ContainsFunc(v.items, func(i *value) bool { return i.tuple || i.row }) {
			v.kind = "tuple"
			return
		}
	}
	v.typ = listOf(ty)
	v.row = v.tuple
	if ty.kind == "layer" {
		v.input = v.items[0].input // which a Sequential of the list begins with
	}
	short := strings.Join(parts, ", ")
	if ty.kind == "list" {
		for i, p := range parts {
			parts[i] = strings.TrimPrefix(p, ty.goT)
		}
		short = strings.Join(parts, ", ")
	}
	v.code = v.goT + "{" + short + "}"
}

// mixesNumbers reports whole numbers among floats.
func mixesNumbers(items []*value) bool {
	ints := slices.ContainsFunc(items, func(i *value) bool { return i.kind == "int" })
	return ints && slices.ContainsFunc(items, func(i *value) bool { return i.kind == "float" })
}

func (t *translator) dictExpr(e *python.Expr) *value {
	v := &value{typ: typ{kind: "dict"}}
	var keys, values []*value
	for i := 0; i+1 < len(e.Args); i += 2 {
		if e.Args[i] == nil {
			fail(e, "** in a dict isn't translated")
		}
		keys = append(keys, t.expr(e.Args[i]))
		values = append(values, t.expr(e.Args[i+1]))
	}
	if len(keys) == 0 {
		return t.emptyDict()
	}
	if parts := dictOfParts(keys, values); parts != nil {
		return parts
	}
	if nested := t.nestedEmpties(values, e); nested != nil {
		return nested
	}
	all := &value{items: values, tuple: mixesNumbers(values)} // whose entries keep their kinds
	t.listType(all, e)
	elem := typ{kind: "any", goT: "any", row: slices.ContainsFunc(values, func(v *value) bool { return !plainValue(v) })}
	if all.elem != nil {
		elem = *all.elem
	}
	keyType := "string"
	if keys[0].kind == "int" {
		keyType = "int"
	}
	var parts []string
	for i, k := range keys {
		x := t.asAny(values[i], e)
		if elem.goT == "any" && values[i].kind == "array as a list" {
			x = t.helper("jsonLists") + "(" + values[i].code + ")"
		}
		if elem.goT != "any" {
			x = t.as(values[i], elem.goT, e)
		}
		if values[i].kind == "dict" || values[i].kind == "logs" {
			x = t.inOrder(values[i])
		}
		parts = append(parts, t.as(k, keyType, e)+": "+x)
	}
	if elem.goT == "any" && keyType == "string" {
		v.entries = map[string]typ{}
		for i, k := range keys {
			if k.konst && values[i].goT != "" && values[i].goT != "any" && values[i].goT != "multi" {
				v.entries[k.code] = values[i].typ
			}
		}
	}
	v.goT, v.elem = "map["+keyType+"]"+elem.goT, &elem
	for _, k := range keys {
		text, err := strconv.Unquote(k.code)
		if err != nil || !k.konst {
			v.keys = nil
			break
		}
		v.keys = append(v.keys, text)
	}
	v.written = written(v.keys, values)
	for _, k := range keys {
		v.order = append(v.order, t.as(k, keyType, e))
	}
	v.code = v.goT + "{" + strings.Join(parts, ", ") + "}"
	v.items = nil
	return v
}

// tDictOfParts is a dict written out with functions or classes among its values, such as the losses of outputs by name.
var tDictOfParts = typ{kind: "dict of functions"}

// dictOfParts is such a dict, nil if the values are none. Its keys are names.
func dictOfParts(keys, values []*value) *value {
	if !slices.ContainsFunc(values, isPart) {
		return nil
	}
	v := &value{typ: tDictOfParts, parts: values}
	for _, k := range keys {
		text, err := strconv.Unquote(k.code)
		if err != nil || !k.konst {
			return nil
		}
		v.keys = append(v.keys, text)
	}
	return v
}

// isPart reports whether a value, or one in a list, is a function or class, which is no value of a Go program.
func isPart(v *value) bool {
	return v.def != nil || v.path != "" && v.code == "" && v.kind == "" || v.object != nil && v.object.class != nil && slices.Contains(ownParts, v.object.class.base) || slices.ContainsFunc(v.items, isPart)
}

// plainValue reports what Go's value alone says how to print: a tuple isn't.
func plainValue(v *value) bool {
	switch v.kind {
	case "int", "float", "bool", "str", "none", "array":
		return v.shown == "" && v.optional == ""
	case "list":
		return !v.tuple && !v.row && !v.set && v.shown == "" && !rows(v.typ) && plainList(v.elem)
	case "dict":
		return !v.counts && v.factory == "" && !v.elem.row && !v.elem.set && (v.elem.kind == "any" || plainList(v.elem))
	}
	return false
}

// isInstance is isinstance(v, class), which is known without running.
func (t *translator) isInstance(v, class *value, e *python.Expr) *value {
	classes := []*value{class}
	if class.items != nil {
		classes = class.items
	}
	if v.kind == "layer" {
		var names []string
		for _, c := range classes {
			module, name := split(c.path)
			if module != "keras.layers" {
				fail(e, "isinstance of %s isn't translated", c.describe())
			}
			names = append(names, name)
		}
		return &value{typ: tBool, code: fmt.Sprintf("slices.Contains([]string{%s}, %s.KerasClass().Name)", quoted(names), v.tight())}
	}
	is := false
	for _, c := range classes {
		switch c.path {
		case "builtins.tuple":
			is = is || v.tuple
		case "builtins.list":
			is = is || (v.kind == "list" || v.kind == "empty" || v.items != nil) && !v.tuple && v.shown == ""
		case "builtins.dict":
			is = is || v.kind == "dict" || v.kind == "empty dict"
		case "builtins.str", "builtins.int", "builtins.float", "builtins.bool":
			is = is || v.kind == strings.TrimPrefix(c.path, "builtins.") || c.path == "builtins.int" && v.kind == "bool"
		case "numpy.ndarray":
			is = is || v.kind == "array" && !v.series && !v.table
		case "pandas.DataFrame":
			is = is || v.kind == "frame"
		case "pandas.Series":
			is = is || v.series
		default:
			fail(e, "isinstance of %s isn't translated", c.describe())
		}
	}
	return &value{typ: tBool, code: fmt.Sprint(is), konst: true}
}
