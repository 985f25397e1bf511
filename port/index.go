package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

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
	case "params":
		if sub.Kind == python.String {
			return t.paramOf(v, sub.Text, e)
		}
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
	if v.goT == "multi" && i.konst {
		v = &value{typ: v.typ, items: t.parts(v, len(v.elems), e)}
	}
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
