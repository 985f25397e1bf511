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

// truth is a value as a condition.
func (t *translator) truth(v *value, e *python.Expr) string {
	if v.cond != "" {
		return v.cond
	}
	if v.optional != "" {
		held := *v
		held.optional = ""
		if inner := t.truth(&held, e); inner != "true" {
			return "(" + v.optional + " != nil && " + inner + ")"
		}
		return v.optional + " != nil"
	}
	switch v.kind {
	case tKeywords.kind:
		return fmt.Sprint(len(v.items) > 0)
	case "bool":
		return v.code
	case "int", "float":
		return v.tight() + " != 0"
	case "str":
		return v.tight() + ` != ""`
	case "deque":
		return "len(" + dequeItems(v).code + ") > 0"
	case tJSON.kind:
		return t.helper("jsonTrue") + "(" + v.code + ")"
	case "list", "dict", "logs":
		return "len(" + v.code + ") > 0"
	case "empty":
		if v.open != nil {
			return "len(" + v.code + ") > 0"
		}
		if v.items != nil && len(v.items) == 0 {
			return "false"
		}
	case "array":
		return v.tight() + ".Truth()"
	case "none":
		return "false"
	case "model", "layer", "optimizer", "callback", "object", "instance", "history", "tokenizer":
		return "true"
	}
	fail(e, "%s isn't translated as a condition", v.describe())
	return ""
}

func (t *translator) unary(e *python.Expr) *value {
	v := t.expr(e.Args[0])
	if v.kind == "bool" && e.Text != "not" {
		v = t.counted(v)
	}
	switch {
	case e.Text == "not":
		code := t.truth(v, e)
		if strings.ContainsAny(code, " ") {
			code = "(" + code + ")"
		}
		return &value{typ: tBool, code: "!" + code}
	case number(v.typ) && e.Text == "-" && v.kind != "bool":
		switch code := v.tight(); {
		case v.konst && v.kind == "float" && strings.Trim(code, "0.") == "":
			return &value{typ: v.typ, code: "math.Copysign(0, -1)"} // Go's -0.0 is 0
		case strings.HasPrefix(code, "-"):
			return &value{typ: v.typ, code: "-(" + code + ")", konst: v.konst}
		default:
			return &value{typ: v.typ, code: "-" + code, konst: v.konst}
		}
	case v.kind == "int" && e.Text == "~":
		return &value{typ: tInt, code: "^" + v.tight()}
	case number(v.typ) && e.Text == "+":
		return v
	case v.kind == "array" && e.Text == "-":
		return &value{typ: tArray, code: "np.Negative(" + v.code + ")"}
	case v.kind == "array" && e.Text == "~":
		return &value{typ: tArray, code: "np.Invert(" + v.code + ")"}
	case v.kind == "tensor" && e.Text == "-":
		return &value{typ: tTensor, code: "ops.Negative(" + v.code + ")"}
	}
	fail(e, "%s of %s isn't translated", e.Text, v.describe())
	return nil
}

var arrayOps = map[string]string{"+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "//": "FloorDivide", "%": "Mod", "**": "Power", "@": "MatMul",
	"&": "BitwiseAnd", "|": "BitwiseOr", "^": "BitwiseXor", "<<": "LeftShift", ">>": "RightShift"}

var tensorOps = map[string]string{"+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "//": "FloorDivide", "%": "Mod", "**": "Power", "@": "Matmul"}

func (t *translator) binary(op string, a, b *value, e *python.Expr) *value {
	if (a.kind == tJSON.kind || b.kind == tJSON.kind) && !(op == "%" && a.kind == "str") {
		a, b = t.beside(a, b), t.beside(b, a)
	}
	switch {
	case op == "/" && (a.kind == "path" && (b.kind == "path" || b.kind == "str") || a.kind == "str" && b.kind == "path"):
		return &value{typ: tPath, code: fmt.Sprintf("filepath.Join(%s, %s)", a.code, b.code)}
	case a.kind == "frame" || b.kind == "frame":
		if r := t.frameOp(op, a, b); r != nil {
			return r
		}
	case a.kind == "tensor" || b.kind == "tensor":
		name := tensorOps[op]
		if name == "" {
			fail(e, "%s of tensors isn't translated", op)
		}
		single := func(v *value) bool { return v.scalar || number(v.typ) }
		return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, %s)", name, t.asAny(a, e), t.asAny(b, e)), scalar: single(a) && single(b)}
	case a.kind == "weights" && b.kind == "weights" && op == "+" && len(a.models) > 0 && len(b.models) > 0:
		return &value{typ: typ{kind: "weights"}, models: slices.Concat(a.models, b.models)}
	case a.kind == "str" && op == "%":
		return t.percent(a, b, e)
	case op == "+" && (a.kind == "str" && b.kind == "array" || a.kind == "array" && b.kind == "str"):
		t.approximate("%s is taken to be a text", "an element of an array that is put together with a text")
		if a.kind == "array" {
			a = &value{typ: tStr, code: a.tight() + ".Text()"}
		} else {
			b = &value{typ: tStr, code: b.tight() + ".Text()"}
		}
		return t.binary(op, a, b, e)
	case a.kind == "array" || b.kind == "array":
		for _, v := range []*value{a, b} {
			if v.kind != "array" && !number(v.typ) && v.kind != "list" {
				fail(e, "%s of an array and %s isn't translated", op, v.describe())
			}
		}
		ty := tArray
		ty.series = a.series || b.series
		return &value{typ: ty, code: fmt.Sprintf("np.%s(%s, %s)", arrayOps[op], t.operand(a), t.operand(b))}
	case number(a.typ) && number(b.typ):
		if a.kind == "bool" && b.kind == "bool" && strings.Contains("&|^", op) {
			code := map[string]string{"&": " && ", "|": " || ", "^": " != "}[op]
			return &value{typ: tBool, code: a.tight() + code + b.tight(), loose: true}
		}
		return t.arithmetic(op, t.counted(a), t.counted(b), e)
	case a.kind == "str" && b.kind == "str" && op == "+":
		return &value{typ: tStr, code: a.tight() + " + " + b.tight(), loose: true}
	case a.kind == "str" && b.kind == "int" && op == "*":
		return &value{typ: tStr, code: fmt.Sprintf("strings.Repeat(%s, %s)", a.code, atLeastZero(b))}
	case strings.Contains("|&-", op) && t.setOp(op, a, b) != nil:
		return t.setOp(op, a, b)
	case op == "+" && (a.kind == "empty" && a.open != nil && b.kind == "list" || b.kind == "empty" && b.open != nil && a.kind == "list"):
		a, b = t.alike(a, b, e)
		return t.binary(op, a, b, e)
	case op == "*" && (a.kind == tNested.kind && b.kind == "int" || a.kind == "tuple" && len(a.items) == 1 && a.items[0].kind == "none" && b.kind == "int"):
		return t.repeatedEmpties(a, b, e)
	case op == "+" && a.kind == "empty" && b.kind == "list" && a.open == nil:
		return b
	case op == "+" && b.kind == "empty" && a.kind == "list" && b.open == nil:
		return a
	case op == "/" && a.kind == "str" && b.kind == "str":
		return &value{typ: tPath, code: fmt.Sprintf("filepath.Join(%s, %s)", a.code, b.code)}
	case op == "+" && a.items != nil && b.items != nil:
		v := &value{tuple: a.tuple, items: append(append([]*value{}, a.items...), b.items...)}
		t.listType(v, e)
		return v
	case a.kind == "list" && b.kind == "list" && a.goT == b.goT && op == "+":
		return &value{typ: a.typ, code: fmt.Sprintf("slices.Concat(%s, %s)", a.code, b.code)}
	case a.kind == "list" && b.kind == "int" && op == "*":
		return &value{typ: a.typ, code: fmt.Sprintf("slices.Repeat(%s, %s)", a.code, atLeastZero(b)), tuple: a.tuple}
	case a.kind == "int" && (b.kind == "list" || b.kind == "str") && op == "*":
		return t.binary(op, b, a, e)
	}
	fail(e, "%s of %s and %s isn't translated", op, a.describe(), b.describe())
	return nil
}

// operand is a number or an array for a function of np; a constant with a point stays a float there.
func (t *translator) operand(v *value) string { return v.code }

func (t *translator) arithmetic(op string, a, b *value, e *python.Expr) *value {
	kind := tInt
	if a.kind == "float" || b.kind == "float" || op == "/" {
		kind = tFloat
	}
	konst := a.konst && b.konst
	convert := func(v *value) string {
		code := v.tight()
		switch {
		case kind.kind == "float" && v.kind == "int" && !v.konst:
			return "float64(" + v.code + ")"
		case kind.kind == "float" && v.kind == "int" && konst && isInteger(code):
			return code + ".0"
		}
		return code
	}
	x, y := convert(a), convert(b)
	if v := folded(op, x, y, kind, konst); v != nil {
		return v
	}
	switch op {
	case "+", "-", "*":
		return &value{typ: kind, code: x + " " + op + " " + y, loose: true, konst: konst}
	case "/":
		zero := b.konst && strings.Trim(b.code, "0.") == ""
		if zero && !t.catches {
			fail(e, "division by zero")
		}
		if t.catches && (zero || !b.konst) {
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("divide"), t.as(a, "float64", e), t.as(b, "float64", e))}
		}
		return &value{typ: kind, code: x + " / " + y, loose: true, konst: konst}
	case "//":
		if kind.kind == "int" {
			if b.konst && strings.Trim(b.code, "0") == "" {
				fail(e, "division by zero")
			}
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("floorDiv"), a.code, b.code)}
		}
		return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("floatFloor"), t.as(a, "float64", e), t.as(b, "float64", e))}
	case "%":
		if kind.kind == "int" {
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("mod"), a.code, b.code)}
		}
		return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("floatMod"), t.as(a, "float64", e), t.as(b, "float64", e))}
	case "**":
		if kind.kind == "int" && !(b.konst && strings.HasPrefix(b.code, "-")) {
			if !b.konst {
				t.approximate("an int to the power of an int is an int, and an error where Python has a float, below 0")
			}
			return &value{typ: kind, code: fmt.Sprintf("%s(%s, %s)", t.helper("power"), a.code, b.code)}
		}
		return &value{typ: tFloat, code: fmt.Sprintf("math.Pow(%s, %s)", t.as(a, "float64", e), t.as(b, "float64", e))}
	case "&", "|", "^", "<<", ">>":
		if kind.kind == "int" {
			return &value{typ: kind, code: x + " " + op + " " + y, loose: true, konst: konst}
		}
	}
	fail(e, "%s of numbers isn't translated", op)
	return nil
}

var comparisons = map[string]string{"==": "Equal", "!=": "NotEqual", "<": "Less", "<=": "LessEqual", ">": "Greater", ">=": "GreaterEqual"}

func (t *translator) compare(e *python.Expr) *value {
	var parts []string
	a := t.expr(e.Args[0])
	for i, op := range e.Ops {
		b := t.expr(e.Args[i+1])
		name := comparisons[op]
		done := len(parts)
		if a.kind == tJSON.kind || b.kind == tJSON.kind {
			if code := t.jsonCompare(op, a, b, e); code != "" {
				parts = append(parts, code)
				a = b
				continue
			}
		}
		switch {
		case name != "" && (a.kind == "array" || b.kind == "array"):
			if len(e.Ops) > 1 {
				fail(e, "a chain of comparisons of arrays isn't translated")
			}
			ty := tArray
			ty.series = a.series || b.series
			return &value{typ: ty, code: fmt.Sprintf("np.%s(%s, %s)", name, t.asAny(a, e), t.asAny(b, e))}
		case name != "" && len(e.Ops) == 1 && (a.kind == "tensor" || b.kind == "tensor"):
			return &value{typ: tTensor, code: fmt.Sprintf("ops.%s(%s, %s)", name, t.asAny(a, e), t.asAny(b, e)), scalar: (a.scalar || number(a.typ)) && (b.scalar || number(b.typ))}
		case name != "" && number(a.typ) && number(b.typ):
			if a.kind == "bool" && (b.kind != "bool" || strings.ContainsAny(op, "<>")) || b.kind == "bool" && a.kind != "bool" {
				a, b = t.counted(a), t.counted(b)
			}
			x, y := a.tight(), b.tight()
			if n, errN := strconv.Atoi(x); errN == nil && a.konst && b.konst {
				if m, err := strconv.Atoi(y); err == nil {
					holds := map[string]bool{"==": n == m, "!=": n != m, "<": n < m, "<=": n <= m, ">": n > m, ">=": n >= m}[op]
					parts = append(parts, fmt.Sprint(holds))
					break
				}
			}
			if a.kind != b.kind {
				x, y = t.as(a, "float64", e), t.as(b, "float64", e)
			}
			parts = append(parts, x+" "+op+" "+y)
		case name != "" && a.kind == "str" && b.kind == "str":
			if a.konst && b.konst && (op == "==" || op == "!=") {
				parts = append(parts, fmt.Sprint((a.code == b.code) == (op == "==")))
				break
			}
			parts = append(parts, a.tight()+" "+op+" "+b.tight())
		case (op == "in" || op == "not in") && (b.kind == "list" && b.elem.goT == a.goT || b.kind == "empty"):
			code := t.contains(b, a, e)
			if op == "not in" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "in" || op == "not in") && (b.kind == "empty dict" && b.open != nil && b.code != "" && (a.kind == "str" || a.kind == "int") || b.kind == "dict" && keyType(b.typ).goT == a.goT || b.kind == "logs" && a.kind == "str"):
			code := fmt.Sprintf("%s(%s, %s)", t.helper("hasKey"), b.code, a.code)
			if op == "not in" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "in" || op == "not in") && b.kind == "str" && a.kind == "str":
			code := fmt.Sprintf("strings.Contains(%s, %s)", b.code, a.code)
			if op == "not in" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "==" || op == "!=") && a.kind == "pair" && a.goT == b.goT && !strings.Contains(a.goT, "[]") && !strings.Contains(a.goT, "*"):
			parts = append(parts, a.tight()+" "+op+" "+b.tight())
		case strings.ContainsAny(op, "<>") && a.kind == "list" && b.kind == "list" && a.goT == b.goT && (number(*a.elem) || a.elem.kind == "str"):
			parts = append(parts, fmt.Sprintf("slices.Compare(%s, %s) %s 0", a.code, b.code, op))
		case (op == "==" || op == "!=") && a.kind == "dict" && a.goT == b.goT && (number(*a.elem) || a.elem.kind == "str"):
			parts = append(parts, map[string]string{"!=": "!"}[op]+fmt.Sprintf("maps.Equal(%s, %s)", a.code, b.code))
		case (op == "==" || op == "!=") && a.kind == "list" && b.kind == "list" && a.goT == b.goT && (a.elem.kind == "list" || a.elem.kind == "array" || a.elem.kind == "dict"):
			fail(e, "%s of lists of %s isn't translated", op, a.elem.kind)
		case (op == "==" || op == "!=") && a.kind == "list" && b.kind == "list" && a.goT == b.goT:
			code := fmt.Sprintf("slices.Equal(%s, %s)", a.code, b.code)
			if op == "!=" {
				code = "!" + code
			}
			parts = append(parts, code)
		case (op == "is" || op == "==" || op == "is not" || op == "!=") && a.kind == "str" && a.konst && strings.HasPrefix(a.code, `"<class '`) && strings.HasPrefix(b.path, "builtins."):
			is := a.code == `"<class '`+strings.TrimPrefix(b.path, "builtins.")+`'>"`
			parts = append(parts, fmt.Sprint(is == (op == "is" || op == "==")))
		case (op == "in" || op == "not in") && b.kind == tKeywords.kind && a.konst:
			parts = append(parts, fmt.Sprint((keyword(b, a) != nil) == (op == "in")))
		case (op == "in" || op == "not in") && b.path == "sys.modules":
			t.approximate("no module of Python's is loaded")
			parts = append(parts, fmt.Sprint(op == "not in"))
		case (op == ">=" || op == ">") && (strings.HasSuffix(a.path, ".__version__") || a.path == "sys.version_info"):
			t.approximate("a version is taken to be new enough")
			parts = append(parts, "true")
		case (op == "is" || op == "is not") && (a.kind == "layer" || a.kind == "model") && (b.kind == "layer" || b.kind == "model") && a.code != "" && b.code != "":
			parts = append(parts, fmt.Sprintf("any(%s) %s any(%s)", a.code, map[string]string{"is": "==", "is not": "!="}[op], b.code))
		case (op == "is" || op == "is not") && a.path != "" && b.path != "":
			parts = append(parts, fmt.Sprint((a.path == b.path) == (op == "is")))
		case (op == "is" || op == "is not" || (op == "==" || op == "!=") && (a.kind == "none" || b.kind == "none")) && (a.maybe && b.kind == "none" || b.maybe && a.kind == "none"):
			x := a
			if b.maybe {
				x = b
			}
			code := x.tight()
			if x.optional != "" {
				code = x.optional
			}
			parts = append(parts, code+map[string]string{"is": " == nil", "is not": " != nil", "==": " == nil", "!=": " != nil"}[op])
		case (op == "is" || op == "==" || op == "is not" || op == "!=") && (a.kind == "none" || b.kind == "none"):
			yes := a.kind == "none" && b.kind == "none"
			parts = append(parts, fmt.Sprint(yes == (op == "is" || op == "==")))
		default:
			fail(e, "%s of %s and %s isn't translated", op, a.describe(), b.describe())
		}
		if len(parts) > done && a.kind != "none" && b.kind != "none" {
			parts[done] = unlessNone(op, parts[done], a, b)
		}
		a = b
	}
	return &value{typ: tBool, code: strings.Join(parts, " && "), loose: true}
}

// unlessNone is a comparison of a and b, which may be None: that is equal to no value and in no list of values.
func unlessNone(op, code string, a, b *value) string {
	for _, v := range []*value{a, b} {
		switch {
		case v.optional == "" || v == b && strings.HasSuffix(op, "in"):
		case op == "==" || op == "in":
			code = "(" + v.optional + " != nil && " + code + ")"
		case op == "!=" || op == "not in":
			code = "(" + v.optional + " == nil || " + code + ")"
		}
	}
	return code
}

func (t *translator) ifElse(e *python.Expr) *value {
	cond := t.truth(t.expr(e.Args[0]), e)
	if cond == "true" || cond == "false" {
		return t.expr(map[string]*python.Expr{"true": e.Args[1], "false": e.Args[2]}[cond])
	}
	a, b := t.expr(e.Args[1]), t.expr(e.Args[2])
	ty := a.typ
	if a.kind == "int" && b.kind == "float" {
		ty = tFloat
	}
	if ty.goT == "" || compileTime(a) || compileTime(b) {
		fail(e, "a choice between %s and %s isn't translated", a.describe(), b.describe())
	}
	return &value{typ: ty, code: fmt.Sprintf("func() %s {\nif %s {\nreturn %s\n}\nreturn %s\n}()", ty.goT, cond, t.as(a, ty.goT, e), t.as(b, ty.goT, e))}
}

func (t *translator) listIndex(base, i *value, e *python.Expr) string {
	code := t.as(i, "int", e)
	if strings.HasPrefix(code, "-") && i.konst {
		return fmt.Sprintf("len(%s)%s", base.code, code)
	}
	if !i.konst && !i.natural {
		return fmt.Sprintf("%s(%s, len(%s))", t.helper("placeIn"), code, base.code) // it may be below 0, which counts from the end
	}
	return code
}

func (t *translator) indexExpr(e *python.Expr) *value {
	v := t.expr(e.Args[0])
	sub := e.Args[1]
	if v.kind == "deque" && sub.Kind != python.Slice {
		v = dequeItems(v)
	}
	if v.kind == tJSON.kind {
		return t.jsonIndex(v, sub, e)
	}
	if v.object != nil && v.object.class.method("__getitem__") != nil && sub.Kind != python.Slice {
		return t.callMethod(v, "__getitem__", callOf(e, t.expr(sub)))
	}
	if v.kind == tGrid.kind {
		return t.gridCell(v, sub, e)
	}
	if v.path == "matplotlib.colormaps" || v.path == "matplotlib.pyplot.colormaps" {
		return t.plot("get_cmap", callOf(e, t.expr(sub)))
	}
	if v.path == "numpy.c_" || v.path == "numpy.r_" {
		return t.joined(v.path, sub)
	}
	if v.loop != nil && v.loop.kind == "range" && v.self == nil {
		v = t.rangeList(v, e)
	}
	if v.kind == "batch" {
		v = &value{items: t.parts(v, len(v.elems), e), tuple: true, typ: typ{kind: "tuple"}}
	}
	switch v.kind {
	case "arguments":
		if key := t.expr(sub); key.kind == "str" && key.konst {
			name, _ := strconv.Unquote(key.code)
			return t.parsed(v, name, e)
		}
	case "row":
		if key := t.expr(sub); key.kind == "str" {
			return &value{typ: tArray, code: fmt.Sprintf("%s.Col(%s).Index(%s)", v.self.tight(), key.code, v.input)}
		}
	case "results of a search":
		if r := searchResult(v, t.expr(sub).code); r != nil {
			return r
		}
	case "prediction":
		if i := t.expr(sub); i.konst && isInteger(i.code) && len(i.code) == 1 {
			return t.element(v, int(i.code[0]-'0'), e)
		}
	case "shape of a tensor":
		// The batch's size is known while a model runs; the other sizes are those that its tensors have.
		i := t.expr(sub)
		if at, err := strconv.Atoi(i.code); err == nil && i.kind == "int" && at != 0 && v.self.kind == "tensor" {
			code := fmt.Sprintf("%s.Shape()[%d]", v.self.tight(), at)
			if at < 0 {
				code = fmt.Sprintf("%s.Shape()[len(%[1]s.Shape())%d]", v.self.tight(), at)
			}
			return &value{typ: tInt, code: code, self: v.self}
		}
		return &value{typ: typ{kind: "size of a tensor"}, self: v.self}
	case "drawing":
		return &value{typ: v.typ}
	case tKeywords.kind:
		key := t.expr(sub)
		if held := keyword(v, key); held != nil {
			return held
		}
		fail(e, "the argument %s isn't given", key.code)
	case tNested.kind:
		return &value{typ: typ{kind: "empty"}, open: &variable{born: v.input}}
	case "empty dict":
		if v.begin != nil && v.begin.kind == "empty" {
			return &value{typ: typ{kind: "new entry"}, self: v, bound: &call{args: []*value{t.expr(sub)}}}
		}
		if v.begin != nil {
			known := t.firstEntry(v, t.expr(sub), v.begin, e)
			return &value{typ: *known.elem, code: fmt.Sprintf("%s[%s]", known.code, t.expr(sub).code)}
		}
	case "estimator":
		if key := t.expr(sub); strings.HasSuffix(v.goT, ".Bunch") && key.kind == "str" && key.konst {
			name, _ := strconv.Unquote(key.code)
			return t.bunch(v, name, e)
		}
	case "panes", "row of panes", "column of panes":
		return t.pane(v, sub)
	case "labelled":
		key := t.expr(sub)
		return &value{typ: tArray, code: fmt.Sprintf("%s.At(%s)", v.tight(), t.asAny(key, e))}
	case "groups":
		if key := t.expr(sub); v.input == "" && (key.kind == "str" || v.table && key.items != nil) {
			return &value{typ: v.typ, code: v.code, input: t.as(key, "...string", e)}
		}
	case "frame":
		return t.columnIndex(v, sub, e)
	case "locator":
		if v.self.kind == "labelled" {
			key := t.expr(sub)
			if v.input == "loc" || v.input == "at" {
				return &value{typ: tArray, code: fmt.Sprintf("%s.At(%s)", v.self.tight(), t.asAny(key, e))}
			}
			return &value{typ: tArray, code: fmt.Sprintf("%s.Values.Index(%s)", v.self.tight(), t.as(key, "int", e))}
		}
		return t.located(v, sub, e)
	case "tensor":
		return t.tensorIndex(v, sub, e)
	case "array as a list":
		if sub.Kind != python.Slice {
			return &value{typ: tArray, code: fmt.Sprintf("%s.Index(%s)", v.tight(), t.as(t.expr(sub), "int", e))}
		}
		return &value{typ: v.typ, code: fmt.Sprintf("%s.Index(%s)", v.tight(), t.slice(sub))}
	case "array":
		ty := tArray
		ty.series = v.series
		return &value{typ: ty, code: fmt.Sprintf("%s.Index(%s)", v.tight(), strings.Join(t.indices(sub), ", ")), eager: v.eager}
	case "logs":
		key := t.expr(sub)
		if key.kind != "str" {
			fail(e, "a history is asked by name")
		}
		if key.code == `"acc"` || key.code == `"val_acc"` {
			return &value{typ: listOf(tFloat), code: fmt.Sprintf("%s(%s, %s)", t.helper("accuracies"), v.code, key.code)}
		}
		return &value{typ: listOf(tFloat), code: v.code + "[" + t.logKey(key) + "]"}
	case "dict":
		key := t.expr(sub)
		keyType, _, _ := strings.Cut(strings.TrimPrefix(v.goT, "map["), "]")
		if ty, ok := v.entries[key.code]; ok && v.elem.goT == "any" {
			t.use(ty.goT)
			entry := &value{typ: ty, code: fmt.Sprintf("%s[%s].(%s)", v.tight(), key.code, ty.goT)}
			if ty.kind == "list" {
				entry.self, entry.input = v, key.code
			}
			return entry
		}
		if v.elem.goT == "any" {
			fail(e, "the type of this entry isn't known")
		}
		code := t.as(key, keyType, e)
		entry := &value{typ: *v.elem, code: fmt.Sprintf("%s[%s]", v.tight(), code)}
		if t.catches && !v.counts && (v.factory == "" || v.factory == "OrderedDict") {
			entry.code = fmt.Sprintf("%s(%s, %s)", t.helper("entryAt"), v.code, code)
		}
		if v.elem.kind == "list" {
			entry.self, entry.input = v, code
		}
		return entry
	case "scores":
		i := t.expr(sub)
		return &value{typ: tFloat, code: fmt.Sprintf("%s.Values[%s]", v.tight(), t.listIndex(&value{code: v.tight() + ".Values"}, i, e))}
	case "layers":
		if sub.Kind == python.Slice {
			break
		}
		i := t.expr(sub)
		code := t.as(i, "int", e)
		if strings.HasPrefix(code, "-") {
			code = "len(" + v.code + ")" + code
		}
		return &value{typ: tLayer, code: fmt.Sprintf("%s[%s]", v.tight(), code)}
	}
	if sub.Kind == python.Slice {
		if sub.Args[2] != nil {
			return t.stepped(v, sub, e)
		}
		if v.kind != "list" && v.kind != "str" && v.kind != "layers" {
			t.untyped(v)
			fail(e, "a slice of %s isn't translated", v.describe())
		}
		if v.kind != "layers" {
			return t.partOf(v, sub, e)
		}
		bound := func(a *python.Expr) string {
			if a == nil {
				return ""
			}
			b := t.expr(a)
			if b.kind == "none" {
				return ""
			}
			code := t.as(b, "int", a)
			if strings.HasPrefix(code, "-") && b.konst {
				return fmt.Sprintf("max(len(%s)%s, 0)", v.code, code)
			}
			return fmt.Sprintf("min(%s, len(%s))", code, v.code)
		}
		return &value{typ: v.typ, code: fmt.Sprintf("%s[%s:%s]", v.tight(), bound(sub.Args[0]), bound(sub.Args[1]))}
	}
	if v.kind == "array" || v.kind == "empty" {
		t.untyped(v)
		fail(e, "an element of %s isn't translated", v.describe())
	}
	i := t.expr(sub)
	if v.items != nil && i.konst {
		n, err := strconv.Atoi(i.code)
		if err == nil && n < 0 {
			n += len(v.items)
		}
		if err == nil && n >= 0 && n < len(v.items) && (v.goT == "" || !strings.HasPrefix(v.code, "\x01")) {
			return v.items[n]
		}
	}
	switch v.kind {
	case "weights":
		t.use("*functional.Weight")
		return &value{typ: object("weight", "*functional.Weight"), code: fmt.Sprintf("%s[%s]", v.tight(), t.listIndex(v, i, e))}
	case "list":
		if v.shown != "" && i.konst && !v.pair && strings.HasSuffix(v.code, ".Shape()") {
			// One dimension of a shape.
			base := strings.TrimSuffix(v.code, ".Shape()")
			return &value{typ: tInt, code: fmt.Sprintf("%s.Dim(%s)", base, i.code)}
		}
		return &value{typ: *v.elem, code: fmt.Sprintf("%s[%s]", v.tight(), t.listIndex(v, i, e))}
	case "pair":
		n, err := strconv.Atoi(i.code)
		if err == nil && n < 0 {
			n += len(v.elems)
		}
		if err == nil && n >= 0 && n < len(v.elems) {
			return part(v, n)
		}
	case "str":
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s, %s)", t.helper("charAt"), v.code, t.as(i, "int", e))}
	}
	fail(e, "an element of %s isn't translated", v.describe())
	return nil
}

// joined is np.c_[a, b] and np.r_[a, b].
func (t *translator) joined(path string, sub *python.Expr) *value {
	parts := []*python.Expr{sub}
	if sub.Kind == python.Tuple {
		parts = sub.Args
	}
	var codes []string
	for _, p := range parts {
		v := t.expr(p)
		if v.kind != "array" {
			fail(p, "%s of %s isn't translated", path, v.describe())
		}
		codes = append(codes, v.code)
	}
	f := map[string]string{"numpy.c_": "ColumnStack", "numpy.r_": "Concatenate"}[path]
	return &value{typ: tArray, code: fmt.Sprintf("np.%s([]*np.Array{%s})", f, strings.Join(codes, ", "))}
}

// logKey is a name in a history: "acc" of old notebooks is what the metric was called.
func (t *translator) logKey(key *value) string { return key.code }

// indices are the arguments of Index for what stands in brackets after an array.
func (t *translator) indices(sub *python.Expr) []string {
	parts := []*python.Expr{sub}
	if sub.Kind == python.Tuple {
		parts = sub.Args
	}
	var codes []string
	for _, p := range parts {
		switch {
		case p.Kind == python.Slice:
			codes = append(codes, t.slice(p))
		case p.Kind == python.Constant && p.Text == "...":
			codes = append(codes, "np.Ellipsis")
		case p.Kind == python.Constant && p.Text == "None":
			codes = append(codes, "np.NewAxis")
		default:
			v := t.expr(p)
			if v.loop != nil && v.loop.kind == "range" {
				v = t.rangeList(v, p)
			}
			switch {
			case v.kind == "list" && v.row && v.elem.kind == "array" && len(parts) == 1: // an index of each axis
				codes = append(codes, t.helper("each")+"("+v.code+")...")
			case v.path == "numpy.newaxis" || v.path == "tensorflow.newaxis":
				codes = append(codes, "np.NewAxis")
			case v.kind == "int" || v.kind == "array" || v.kind == "list" && (v.elem.kind == "int" || v.elem.kind == "bool"):
				codes = append(codes, v.code)
			default:
				fail(p, "%s can't be an index", v.describe())
			}
		}
	}
	return codes
}

// tensorIndex is an index of a symbolic tensor: numbers and slices that are known.
func (t *translator) tensorIndex(v *value, sub, e *python.Expr) *value {
	parts := []*python.Expr{sub}
	if sub.Kind == python.Tuple {
		parts = sub.Args
	}
	if picked := t.indexed(v, parts); picked != nil {
		return picked
	}
	var codes, computed []string
	one := func(a *python.Expr) string {
		if a == nil {
			return ""
		}
		i := t.expr(a)
		if i.kind != "int" {
			fail(e, "an index of a symbolic tensor that isn't a number isn't translated")
		}
		if isInteger(i.code) {
			return i.code
		}
		computed = append(computed, i.code)
		return "%d"
	}
	for _, p := range parts {
		switch {
		case p.Kind == python.Slice:
			code := one(p.Args[0]) + ":" + one(p.Args[1])
			if p.Args[2] != nil {
				code += ":" + one(p.Args[2])
			}
			codes = append(codes, code)
		case p.Kind == python.Constant && p.Text == "...", p.Kind == python.Constant && p.Text == "None":
			codes = append(codes, p.Text)
		default:
			codes = append(codes, one(p))
		}
	}
	key := strconv.Quote(strings.Join(codes, ", "))
	if computed != nil {
		key = fmt.Sprintf("fmt.Sprintf(%s, %s)", key, strings.Join(computed, ", "))
	}
	return &value{typ: tTensor, code: fmt.Sprintf("%s.Slice(%s)", v.tight(), key)}
}

// indexed is x[:, i] of a symbolic tensor whose index is computed; nil for other indices.
func (t *translator) indexed(v *value, parts []*python.Expr) *value {
	last := len(parts) - 1
	for _, p := range parts[:last] {
		if p.Kind != python.Slice || slices.ContainsFunc(p.Args, func(a *python.Expr) bool { return a != nil }) {
			return nil
		}
	}
	if parts[last].Kind == python.Slice || parts[last].Kind == python.Constant {
		return nil
	}
	i := t.expr(parts[last])
	if i.kind != "tensor" && (i.kind != "int" || isInteger(i.code)) {
		return nil
	}
	return &value{typ: tTensor, code: fmt.Sprintf("ops.Take(%s, %s, %d)", v.code, i.code, last)}
}

// stepped is a slice of a list or a text with a step.
func (t *translator) stepped(v *value, sub, e *python.Expr) *value {
	ty := v.typ
	code := v.code
	if v.kind == "str" {
		ty, code = listOf(tStr), "strings.Split("+v.code+`, "")`
	}
	if ty.kind != "list" {
		fail(e, "a slice of %s isn't translated", v.describe())
	}
	slice := t.slice(sub)
	if sub.Args[0] == nil && sub.Args[1] == nil && slice == `np.S("::-1")` {
		code = t.helper("reversed") + "(" + code + ")"
	} else {
		code = fmt.Sprintf("%s(%s, %s)", t.helper("every"), code, slice)
	}
	if v.kind == "str" {
		return &value{typ: tStr, code: "strings.Join(" + code + `, "")`}
	}
	return &value{typ: ty, code: code}
}

func (t *translator) slice(p *python.Expr) string {
	var parts, args []string
	for i, a := range p.Args {
		var v *value
		if a != nil {
			v = t.expr(a)
		}
		if v == nil || v.kind == "none" {
			if i < 2 {
				parts = append(parts, "")
			}
			continue
		}
		code := t.as(v, "int", a)
		if !isInteger(code) {
			args = append(args, code)
			code = "%d"
		}
		parts = append(parts, code)
	}
	s := strings.Join(parts, ":")
	if s == ":" {
		return "np.All"
	}
	return fmt.Sprintf("np.S(%s)", strings.Join(append([]string{strconv.Quote(s)}, args...), ", "))
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
