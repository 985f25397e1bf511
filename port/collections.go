package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// dictType is a dict whose keys and values have one type each.
func dictType(key, elem typ) typ {
	return typ{kind: "dict", goT: "map[" + key.goT + "]" + elem.goT, elem: &elem}
}

// keyType is the type of a dict's keys.
func keyType(ty typ) typ {
	for _, k := range []typ{tInt, tFloat, tStr} {
		if strings.HasPrefix(ty.goT, "map["+k.goT+"]") {
			return k
		}
	}
	return tStr
}

// sortedKeysOf are the keys of a dict in a fixed order.
func (t *translator) sortedKeysOf(v *value) *value {
	if v.kind == "logs" {
		return &value{typ: listOf(tStr), code: "slices.Sorted(maps.Keys(" + v.code + "))"}
	}
	t.askOrder()
	return &value{typ: listOf(keyType(v.typ)), code: t.helper("keysOf") + "(" + v.code + ")"}
}

// viewed is a list as Python prints that view of a dict, where its elements are printed.
func (t *translator) viewed(view string, list *value) *value {
	if plainList(list.elem) {
		list.shown = strconv.Quote(view+"(") + " + " + t.helper("repr") + "(" + list.code + `) + ")"`
	}
	return list
}

// askOrder notes that the program asks a dict for the order of its keys: the next translation keeps it.
func (t *translator) askOrder() {
	if t.lists[orderAsked].kind == "" {
		t.wanted[orderAsked], t.found[orderAsked] = true, tBool
	}
}

// orderAsked stands for the order of dicts among what translations find.
const orderAsked = "the order of dicts"

func (t *translator) ordered() bool { return t.lists[orderAsked].kind != "" }

// entry is dict[key] = x.
func (t *translator) entry(dict, key, x string) string {
	if t.ordered() {
		return fmt.Sprintf("%s(%s, %s, %s)", t.helper("put"), dict, key, x)
	}
	return fmt.Sprintf("%s[%s] = %s", dict, key, x)
}

// inOrder is a dict that is written out, as one that keeps its keys' order.
func (t *translator) inOrder(v *value) string {
	if history, ok := strings.CutSuffix(v.code, ".History"); ok && v.kind == "logs" && t.ordered() {
		return fmt.Sprintf("%s(%s, %s.Keys()...)", t.helper("dictOf"), v.code, history)
	}
	if !t.ordered() || v.kind != "dict" || v.order == nil {
		return v.code
	}
	return fmt.Sprintf("%s(%s, %s)", t.helper("dictOf"), v.code, strings.Join(v.order, ", "))
}

// emptyDict is a dict that takes its type from the first entry.
func (t *translator) emptyDict() *value { return &value{typ: typ{kind: "empty dict"}} }

// firstEntry gives an empty dict its type.
func (t *translator) firstEntry(v *value, key, x *value, e *python.Expr) *value {
	if v.open == nil || v.init == nil && v.open.born == "" {
		fail(e, "the type of the empty dict isn't known")
	}
	if key.kind != "str" && key.kind != "int" || x.goT == "" || x.code == "" || x.goT == "multi" || compileTime(x) {
		fail(e, "a dict of %s by %s isn't translated", x.describe(), key.describe())
	}
	ty := dictType(typ{kind: key.kind, goT: key.goT}, x.typ)
	ty.counts, ty.factory = v.counts, v.factory
	if v.init == nil {
		t.learn(v.open.born, ty)
		t.untyped(v)
		fail(e, "the type of the empty dict isn't known")
	}
	v.open.goType = ty.goT
	v.init.code = ty.goT + "{}"
	t.use(x.goT)
	t.learn(v.open.born, ty)
	return t.retype(v, ty)
}

// retype gives all names of an empty list or dict the type that it turned out to have.
func (t *translator) retype(v *value, ty typ) *value {
	known := &value{typ: ty, code: v.code, begin: v.begin}
	seen := map[*classObject]bool{}
	var among func(names map[string]*binding)
	among = func(names map[string]*binding) {
		for name, b := range names {
			if b.v == nil {
				continue
			}
			if b.v.code == v.code {
				names[name] = &binding{v: known}
			}
			if in := b.v.object; in != nil && !seen[in] {
				seen[in] = true
				among(in.attrs)
			}
		}
	}
	for sc := t.sc; sc != nil; sc = sc.parent {
		among(sc.names)
	}
	return known
}

// newEntry is dict[key].append(x) of a dict of lists that has no type yet.
func (t *translator) newEntry(v *value, name string, c *call) *value {
	x := t.packed(c.args[0])
	one := listOf(x.typ)
	if name == "extend" {
		one = x.typ
	}
	if x.goT == "" || x.code == "" || compileTime(x) || one.kind != "list" {
		fail(c.e, "a list of %s isn't translated", x.describe())
	}
	one.row = false
	key := v.bound.args[0]
	dict := t.firstEntry(v.self, key, &value{typ: one, code: "nil"}, c.e)
	entry := &value{typ: one, code: fmt.Sprintf("%s[%s]", dict.code, key.code), self: dict, input: key.code}
	return t.listMethod(entry, name, callOf(c.e, x))
}

func (t *translator) dictMethod(v *value, name string, c *call) *value {
	key := func(i int) string { return t.as(c.need(i, "key"), keyType(v.typ).goT, c.e) }
	switch name {
	case "keys":
		c.done()
		return t.viewed("dict_keys", t.sortedKeysOf(v))
	case "values":
		c.done()
		keys := t.sortedKeysOf(v)
		return t.viewed("dict_values", &value{typ: listOf(*v.elem), code: fmt.Sprintf("%s(%s, %s)", t.helper("valuesOf"), v.code, keys.code)})
	case "items":
		c.done()
		return &value{loop: &loopOver{kind: "items", args: []*value{v}}}
	case "get":
		k, or := key(0), c.arg(1, "default")
		c.done()
		if v.elem.goT == "any" {
			fail(c.e, "the type of this entry isn't known")
		}
		if or == nil || or.kind == "none" {
			if v.elem.kind == "array" || strings.HasPrefix(v.elem.goT, "[]") || strings.HasPrefix(v.elem.goT, "map[") {
				return &value{typ: *v.elem, code: fmt.Sprintf("%s[%s]", v.tight(), k), maybe: true} // nil is None
			}
			entry := fmt.Sprintf("%s(%s, %s)", t.helper("lookup"), v.code, k)
			return &value{typ: *v.elem, code: "have(" + entry + ")", maybe: true, optional: entry}
		}
		return &value{typ: *v.elem, code: fmt.Sprintf("%s(%s, %s, %s)", t.helper("entryOr"), v.code, k, t.as(or, v.elem.goT, c.e))}
	case "pop":
		k := key(0)
		c.done()
		if v.elem.goT == "any" {
			fail(c.e, "the type of this entry isn't known")
		}
		if len(c.args) > 1 {
			fail(c.e, "pop with a default isn't translated")
		}
		return &value{typ: *v.elem, code: fmt.Sprintf("%s(%s, %s)", t.helper("popEntry"), v.code, k)}
	case "most_common":
		n := c.arg(0, "n")
		c.done()
		if v.elem.kind == "int" {
			count := "-1"
			if n != nil && n.kind != "none" {
				count = t.as(n, "int", c.e)
			}
			t.askOrder()
			return &value{typ: listOf(tupleType([]typ{keyType(v.typ), tInt})), code: fmt.Sprintf("%s(%s, %s)", t.helper("mostCommon"), v.code, count)}
		}
	case "setdefault":
		if or := c.arg(1, "default"); or != nil && v.elem.goT != "any" && or.kind != "empty" {
			k := key(0)
			c.done()
			l := t.emit(&line{code: fmt.Sprintf("if !%s(%s, %s)", t.helper("hasKey"), v.code, k), block: true})
			l.body = append(l.body, &line{code: t.entry(v.tight(), k, t.as(or, v.elem.goT, c.e))})
			return &value{typ: *v.elem, code: fmt.Sprintf("%s[%s]", v.tight(), k)}
		}
		if or := c.arg(1, "default"); or != nil && v.elem.kind == "list" && or.kind == "empty" && !or.tuple {
			k := key(0)
			c.done()
			return &value{typ: *v.elem, code: fmt.Sprintf("%s[%s]", v.tight(), k), self: v, input: k}
		}
	case "clear":
		c.done()
		return done("clear(%s)", v.code)
	case "update":
		other := c.need(0, "other")
		c.done()
		if v.counts {
			return t.countMore(v, other, c)
		}
		if other.goT != v.goT {
			fail(c.e, "an update by %s isn't translated", other.describe())
		}
		if t.ordered() {
			return done("%s(%s, %s)", t.helper("updateDict"), v.code, t.inOrder(other))
		}
		return done("maps.Copy(%s, %s)", v.code, other.code)
	case "copy":
		c.done()
		return t.cloned(v)
	}
	fail(c.e, "the method %s of a dict isn't translated", name)
	return nil
}

// cloned is a copy of a dict.
func (t *translator) cloned(v *value) *value {
	if t.ordered() {
		return &value{typ: v.typ, code: t.helper("cloneDict") + "(" + t.inOrder(v) + ")"}
	}
	return &value{typ: v.typ, code: "maps.Clone(" + v.code + ")", entries: v.entries}
}

// dictCall is dict(…): of names, of pairs or of a dict.
func (t *translator) dictCall(c *call) *value {
	if len(c.args) == 0 {
		if len(c.keys) == 0 {
			return t.emptyDict()
		}
		e := &python.Expr{Kind: python.Dict, Line: c.e.Line}
		for _, k := range c.e.Keywords {
			e.Args = append(e.Args, &python.Expr{Kind: python.String, Text: k.Name, Line: c.e.Line}, k.Value)
		}
		return t.dictExpr(e)
	}
	if len(c.args) > 1 || len(c.keys) > 0 {
		fail(c.e, "this call of dict isn't translated")
	}
	v := c.args[0]
	switch {
	case v.kind == "dict":
		made := t.cloned(v)
		made.counts, made.factory = false, ""
		return made
	case v.loop != nil && v.loop.kind == "zip" && len(v.loop.args) == 2 && v.loop.args[1].loop != nil && v.loop.args[1].loop.kind == "range":
		zip := &value{loop: &loopOver{kind: "zip", args: []*value{v.loop.args[0], t.rangeList(v.loop.args[1], c.e)}}}
		return t.dictCall(&call{e: c.e, args: []*value{zip}})
	case v.loop != nil && (v.loop.kind == "zip" && len(v.loop.args) == 2 || v.loop.kind == "enumerate"), v.kind == "list" && v.elem.kind == "pair" && len(v.elem.elems) == 2:
		name := func(n string) *python.Expr { return &python.Expr{Kind: python.Name, Text: n, Line: c.e.Line} }
		target := &python.Expr{Kind: python.Tuple, Line: c.e.Line, Args: []*python.Expr{name("key"), name("entry")}}
		return t.comprehend("dict", target.Args, []python.Loop{{Target: target}}, v, c.e)
	}
	fail(c.e, "dict of %s isn't translated", v.describe())
	return nil
}

// pairs are the key and the value of dict([(k, v) for …]), nil for other arguments.
func pairs(e *python.Expr) *python.Expr {
	if len(e.Args) != 2 || len(e.Keywords) > 0 || e.Args[1].Kind != python.Comp {
		return nil
	}
	comp := e.Args[1]
	if comp.Text != "list" && comp.Text != "generator" || comp.Args[0].Kind != python.Tuple || len(comp.Args[0].Args) != 2 {
		return nil
	}
	made := *comp
	made.Text, made.Args = "dict", comp.Args[0].Args
	return &made
}

// set is a set as a sorted list in which nothing is twice.
func (t *translator) set(v *value, e *python.Expr) *value {
	switch {
	case v.kind == "array":
		t.approximate("a set is held as its elements in their order")
		ty := tArray
		ty.set = true
		return &value{typ: ty, code: "np.Unique(" + v.code + ")"}
	case v.kind == "str":
		v = &value{typ: listOf(tStr), code: "strings.Split(" + v.code + `, "")`}
	case v.kind == "list" && (v.elem.kind == "str" || number(*v.elem) && v.elem.kind != "bool"):
	case v.kind == "dict":
		return t.sortedKeysOf(v)
	default:
		fail(e, "a set of %s isn't translated", v.describe())
	}
	t.approximate("a set is held as its elements in their order")
	ty := listOf(*v.elem)
	ty.set = true
	return &value{typ: ty, code: t.helper("unique") + "(" + v.code + ")"}
}

// setOp is an operation of two sets, by its operator or its method; nil for other values.
func (t *translator) setOp(op string, a, b *value) *value {
	if a.kind != "list" || b.kind != "list" || a.goT != b.goT || !number(*a.elem) && a.elem.kind != "str" || a.elem.kind == "bool" {
		return nil
	}
	ty := listOf(*a.elem)
	ty.set = true
	switch op {
	case "|", "union":
		return &value{typ: ty, code: fmt.Sprintf("%s(slices.Concat(%s, %s))", t.helper("unique"), a.code, b.code)}
	case "&", "intersection":
		return &value{typ: ty, code: fmt.Sprintf("%s(%s, %s, true)", t.helper("amongOf"), a.code, b.code)}
	case "-", "difference":
		return &value{typ: ty, code: fmt.Sprintf("%s(%s, %s, false)", t.helper("amongOf"), a.code, b.code)}
	case "issubset":
		return &value{typ: tBool, code: fmt.Sprintf("len(%s(%s, %s, false)) == 0", t.helper("amongOf"), a.code, b.code), loose: true}
	}
	return nil
}

// compareSets is a comparison of two sets, which are sorted lists or arrays: whether they are equal, or one holds the other.
func (t *translator) compareSets(op string, a, b *value, e *python.Expr) string {
	equal := func() string {
		if a.kind == "list" && a.goT == b.goT {
			return fmt.Sprintf("slices.Equal(%s, %s)", a.code, b.code)
		}
		return fmt.Sprintf("np.ArrayEqual(%s, %s)", t.asAny(a, e), t.asAny(b, e))
	}
	switch {
	case a.set != b.set:
		fail(e, "%s of a set and what is none isn't translated", op)
	case op == "==":
		return equal()
	case op == "!=":
		return "!" + equal()
	case a.goT != b.goT || a.kind != "list":
		fail(e, "%s of sets of arrays isn't translated", op)
	}
	less, more := a.code, b.code
	if op[0] == '>' {
		less, more = more, less
	}
	code := fmt.Sprintf("len(%s(%s, %s, false)) == 0", t.helper("amongOf"), less, more)
	if len(op) == 1 {
		code = fmt.Sprintf("(%s && len(%s) < len(%s))", code, less, more)
	}
	return code
}

func (t *translator) comprehension(e *python.Expr) *value {
	if v := t.eachGradient(e); v != nil {
		return v
	}
	return t.comprehend(e.Text, e.Args, e.Loops, nil, e)
}

// comprehend is a comprehension as a function that makes the list or the dict. over stands for what the first loop goes over, if it isn't nil.
func (t *translator) comprehend(kind string, elements []*python.Expr, loops []python.Loop, over *value, e *python.Expr) *value {
	if kind != "list" && kind != "generator" && kind != "set" && kind != "dict" || len(elements) == 0 || elements[0].Kind == python.Star {
		fail(e, "this comprehension isn't translated")
	}
	before := t.snapshot()
	defer func() { t.sc.names = before }()
	out := t.out
	defer func() { t.out = out }()
	type part struct {
		head       string
		pre, lines []*line
		conds      []string
		target     *python.Expr
	}
	var parts []*part
	for i, loop := range loops {
		p := &part{target: loop.Target}
		t.out = &p.lines
		if i > 0 || over == nil {
			if i == 0 {
				t.out = out
			}
			over = t.expr(loop.Iter)
			t.out = &p.lines
			if len(p.lines) > 0 {
				fail(e, "this comprehension isn't translated")
			}
		}
		if i == 0 {
			t.out = out // what it needs before stands before the whole
		}
		p.head, p.pre = t.loopHead(loop.Target, over, e)
		t.out = &p.lines
		for _, c := range loop.Ifs {
			p.conds = append(p.conds, t.truth(t.expr(c), c))
		}
		if len(p.lines) > 0 {
			fail(e, "this comprehension isn't translated")
		}
		parts = append(parts, p)
		over = nil
	}
	var body []*line
	t.out = &body
	el := t.inList(t.expr(elements[0]))
	if kind == "list" {
		if nested := t.emptyElement(&el, e); nested != nil {
			return nested
		}
	}
	usable := func(el *value) {
		if el.items != nil && el.goT == "" || el.goT == "" || el.code == "" || el.goT == "multi" || compileTime(el) {
			fail(e, "a %s of %s isn't translated", kind, el.describe())
		}
	}
	usable(el)
	var ty typ
	var put string
	if kind == "dict" {
		x := t.inList(t.expr(elements[1]))
		if nested := t.emptyElement(&x, e); nested != nil {
			return nested
		}
		usable(x)
		if el.kind == "array" {
			t.approximate("a dict's keys that are elements of an array are whole numbers")
			el = &value{typ: tInt, code: el.tight() + ".Int()"}
		}
		if el.kind != "str" && el.kind != "int" {
			fail(e, "a dict by %s isn't translated", el.describe())
		}
		ty = dictType(typ{kind: el.kind, goT: el.goT}, x.typ)
		put = t.entry("made", el.code, x.code)
	} else {
		one := el.typ
		one.row = one.kind == "list" && (el.tuple || el.row)
		ty = listOf(one)
		put = fmt.Sprintf("list = append(list, %s)", el.code)
	}
	// What the element needs before it stands inside the function.
	inner := ""
	for _, l := range body {
		if l.block || l.keep != nil || len(l.comments) > 0 || len(l.lhs) > 1 {
			fail(e, "this comprehension isn't translated")
		}
		if len(l.lhs) == 1 && l.lhs[0] != nil {
			l.lhs[0].given = true
			inner += fmt.Sprintf("%s := %s\n", l.lhs[0].ref(), l.code)
			continue
		}
		inner += l.code + "\n"
	}
	t.use(strings.TrimLeft(ty.goT, "[]"))
	var b strings.Builder
	if kind == "dict" {
		fmt.Fprintf(&b, "func() %s {\nmade := %s{}\n", ty.goT, ty.goT)
	} else {
		fmt.Fprintf(&b, "func() (list %s) {\n", ty.goT)
	}
	uses := put + inner
	for _, p := range parts {
		uses += strings.Join(p.conds, " ")
	}
	for i, p := range parts {
		rest := uses
		for _, q := range parts[i+1:] {
			rest += q.head
			for _, l := range q.pre {
				rest += l.code
			}
		}
		for _, l := range p.pre {
			rest += l.code
		}
		fmt.Fprintf(&b, "%s {\n", p.head)
		kept := false
		for _, l := range p.pre {
			if l.keep != nil {
				kept = true
				if !strings.Contains(rest, l.keep.ref()) {
					fmt.Fprintf(&b, "_ = %s\n", l.keep.ref())
				}
				continue
			}
			// A part that nothing uses is left out.
			if v := l.lhs[0]; strings.Contains(rest, v.ref()) {
				v.given = true
				fmt.Fprintf(&b, "%s := %s\n", v.ref(), l.code)
			}
		}
		_ = kept
		if len(p.conds) > 0 {
			fmt.Fprintf(&b, "if %s {\n", strings.Join(p.conds, " && "))
		}
	}
	b.WriteString(inner + put + "\n")
	for _, p := range slices.Backward(parts) {
		if len(p.conds) > 0 {
			b.WriteString("}\n")
		}
		b.WriteString("}\n")
	}
	if kind == "dict" {
		b.WriteString("return made\n}()")
	} else {
		b.WriteString("return list\n}()")
	}
	made := &value{typ: ty, code: b.String()}
	if kind == "set" {
		return t.set(made, e)
	}
	return made
}

// mapped is map(f, list) and filter(f, list).
func (t *translator) mapped(name string, c *call) *value {
	if len(c.args) != 2 || len(c.keys) > 0 {
		fail(c.e, "this call of %s isn't translated", name)
	}
	ty, code := t.iterable(c.args[1], c.e)
	if ty.kind == "key" {
		ty = tStr
	}
	va := t.newVar("item", ty.goT)
	va.given = true
	t.use(ty.goT)
	one := &value{typ: ty, code: va.ref()}
	out := t.out
	var lines []*line
	t.out = &lines
	r := one
	if name == "map" || c.args[0].kind != "none" { // filter(None, …) keeps what is true
		r = t.callValue(c.args[0], callOf(c.e, one))
	}
	t.out = out
	if len(lines) > 0 || r.goT == "" || r.code == "" || compileTime(r) {
		fail(c.e, "%s of this function isn't translated", name)
	}
	head := fmt.Sprintf("for _, %s := range %s {\n", va.ref(), code)
	if name == "filter" {
		return &value{typ: listOf(ty), code: fmt.Sprintf("func() (list []%s) {\n%sif %s {\nlist = append(list, %s)\n}\n}\nreturn list\n}()", ty.goT, head, t.truth(r, c.e), va.ref())}
	}
	return &value{typ: listOf(r.typ), code: fmt.Sprintf("func() (list []%s) {\n%slist = append(list, %s)\n}\nreturn list\n}()", r.goT, head, r.code)}
}

// sorted is sorted(list, key=…, reverse=…).
func (t *translator) sorted(c *call) *value {
	v, key, reverse := t.listed(c.need(0, "iterable"), c.e), c.arg(-1, "key"), c.arg(-1, "reverse")
	c.done()
	switch {
	case v.kind == "dict", v.kind == "logs":
		v = t.sortedKeysOf(v)
	case v.kind == "array":
		v = &value{typ: tArray, code: "np.Sort(" + v.code + ")"}
		if key != nil || reverse != nil {
			fail(c.e, "sorted of an array with arguments isn't translated")
		}
		return v
	case v.kind == "str":
		v = &value{typ: listOf(tStr), code: "strings.Split(" + v.code + `, "")`}
	}
	if v.kind != "list" || v.elem == nil {
		fail(c.e, "sorted of %s isn't translated", v.describe())
	}
	plain := *v
	plain.row, plain.set, plain.tuple, plain.shown = false, false, false, ""
	v = &plain
	down := reverse != nil && reverse.code == "true"
	if reverse != nil && reverse.code != "true" && reverse.code != "false" {
		fail(c.e, "reverse=%s isn't translated", reverse.code)
	}
	tuples := v.elem.kind == "pair" || v.elem.kind == "list" && plainList(v.elem)
	if (key == nil || key.kind == "none") && tuples {
		return &value{typ: v.typ, code: fmt.Sprintf("%s(%s, %v)", t.helper("sortedTuples"), v.code, down)}
	}
	if key == nil || key.kind == "none" {
		if !number(*v.elem) && v.elem.kind != "str" && v.elem.kind != "path" || v.elem.kind == "bool" {
			fail(c.e, "sorted of %s isn't translated", v.describe())
		}
		if down {
			return &value{typ: v.typ, code: t.helper("sortedDown") + "(" + v.code + ")"}
		}
		return &value{typ: v.typ, code: "slices.Sorted(slices.Values(" + v.code + "))"}
	}
	va := t.newVar("item", v.elem.goT)
	va.given = true
	t.use(v.elem.goT)
	r := t.packed(t.keyOf(key, &value{typ: *v.elem, code: va.ref()}, c))
	if r.kind == "pair" || r.kind == "list" && plainList(r.elem) {
		return &value{typ: v.typ, code: fmt.Sprintf("%s(%s, func(%s %s) any { return %s }, %v)", t.helper("sortedByTuple"), v.code, va.ref(), v.elem.goT, r.code, down)}
	}
	if r.kind == "array" {
		t.approximate("%s is taken to be a number", "what a list is sorted by")
		r = &value{typ: tFloat, code: r.tight() + ".Float()"}
	}
	if !number(r.typ) && r.kind != "str" || r.kind == "bool" {
		fail(c.e, "sorted by %s isn't translated", r.describe())
	}
	return &value{typ: v.typ, code: fmt.Sprintf("%s(%s, func(%s %s) %s { return %s }, %v)", t.helper("sortedBy"), v.code, va.ref(), v.elem.goT, r.goT, r.code, down)}
}

// keyOf is what a list is sorted by, of one element.
func (t *translator) keyOf(key, one *value, c *call) *value {
	with := callOf(c.e, one)
	switch {
	case key.kind == "method" && key.path == "get" && key.self.kind == "dict" && key.self.elem.goT != "any":
		return &value{typ: *key.self.elem, code: fmt.Sprintf("%s[%s]", key.self.tight(), one.code)}
	case strings.HasPrefix(key.path, "builtins.str.") && one.kind == "str":
		return t.stringMethod(one, strings.TrimPrefix(key.path, "builtins.str."), callOf(c.e))
	}
	return t.callValue(key, with)
}

// inList is a value as an element of a list: a tuple of several kinds is one value there, where it can be.
func (t *translator) inList(v *value) *value {
	if v.kind == "tuple" && v.tuple || v.goT == "multi" {
		return t.packed(v)
	}
	return v
}

// anyOrAll is any(list) and all(list).
func (t *translator) anyOrAll(name string, v *value, e *python.Expr) *value {
	if v.kind == "array" {
		return &value{typ: tBool, code: fmt.Sprintf("np.%s(%s).Truth()", map[string]string{"any": "Any", "all": "AllOf"}[name], v.code)}
	}
	if v.kind == "empty" && v.open == nil {
		return &value{typ: tBool, code: fmt.Sprint(name == "all"), konst: true}
	}
	if v.kind == "list" && (v.elem.kind == "int" || v.elem.kind == "float" || v.elem.kind == "str") {
		one := &value{typ: *v.elem, code: "x"}
		if name == "any" {
			return &value{typ: tBool, code: fmt.Sprintf("slices.ContainsFunc(%s, func(x %s) bool { return %s })", v.code, v.elem.goT, t.truth(one, e))}
		}
		return &value{typ: tBool, code: fmt.Sprintf("!slices.ContainsFunc(%s, func(x %s) bool { return !(%s) })", v.code, v.elem.goT, t.truth(one, e))}
	}
	if v.kind != "list" || v.elem.kind != "bool" {
		fail(e, "%s of %s isn't translated", name, v.describe())
	}
	if name == "any" {
		return &value{typ: tBool, code: "slices.Contains(" + v.code + ", true)"}
	}
	return &value{typ: tBool, code: "!slices.Contains(" + v.code + ", false)"}
}

func (t *translator) listMethod(v *value, name string, c *call) *value {
	vs := (&printer{vars: t.vars}).marked(v.code)
	held := len(vs) == 1 && (vs[0].ref() == v.code || v.code == "(*"+vs[0].ref()+")")
	if place := t.listPlace(v); (place != "" || v.self != nil && v.self.kind == "dict") && !held {
		held = true
		vs = nil
	}
	set := func(code string) *value {
		if v.self != nil && v.self.kind == "dict" && v.input != "" {
			if v.self.elem.goT == "any" {
				code = "any(" + code + ")"
			}
			return done("%s", t.entry(v.self.tight(), v.input, code))
		}
		if held && (vs == nil || vs[0].ref() != v.code) {
			return done("%s = %s", v.code, code)
		}
		if !held {
			fail(c.e, "the method %s of a list that has no name isn't translated", name)
		}
		t.emit(&line{lhs: []*variable{vs[0]}, code: code})
		return done("")
	}
	comparable := number(*v.elem) || v.elem.kind == "str"
	if len(c.args) == 1 && len(c.keys) == 0 {
		if r := t.setOp(name, v, c.args[0]); r != nil {
			return r
		}
	}
	switch name {
	case "append":
		x := t.packed(c.need(0, "object"))
		c.done()
		if (x.tuple || x.row) != v.elem.row && x.kind == "list" {
			fail(c.e, "a list of lists and tuples isn't translated")
		}
		if v.elem.kind == "int" && x.kind == "float" && held {
			t.growing(v)
		}
		return set(fmt.Sprintf("append(%s, %s)", v.code, t.as(x, v.elem.goT, c.e)))
	case "add":
		x := c.need(0, "elem")
		c.done()
		if held && comparable && v.set {
			return done("%s = %s(append(%s, %s))", v.code, t.helper("unique"), v.code, t.as(x, v.elem.goT, c.e))
		}
		if held && comparable {
			return done("%s(&%s, %s)", t.helper("addToSet"), v.code, t.as(x, v.elem.goT, c.e))
		}
	case "extend":
		x := c.need(0, "iterable")
		c.done()
		if x.goT != v.goT {
			fail(c.e, "extend by %s isn't translated", x.describe())
		}
		return set(fmt.Sprintf("append(%s, %s...)", v.code, x.tight()))
	case "insert":
		i, x := c.need(0, "index"), c.need(1, "object")
		c.done()
		return set(fmt.Sprintf("slices.Insert(%s, %s, %s)", v.code, t.as(i, "int", c.e), t.as(x, v.elem.goT, c.e)))
	case "pop":
		if !held || len(c.args) > 1 {
			break
		}
		i := fmt.Sprintf("len(%s)-1", v.code)
		if len(c.args) == 1 {
			i = t.listIndex(v, c.arg(0), c.e)
		}
		c.done()
		return &value{typ: *v.elem, code: fmt.Sprintf("%s(&%s, %s)", t.helper("popItem"), v.code, i)}
	case "remove":
		x := c.need(0, "value")
		c.done()
		if held && comparable {
			return done("%s(&%s, %s(%s, %s))", t.helper("popItem"), v.code, t.helper("indexOf"), v.code, t.as(x, v.elem.goT, c.e))
		}
	case "clear":
		c.done()
		return set("nil")
	case "copy":
		c.done()
		return &value{typ: v.typ, code: "slices.Clone(" + v.code + ")"}
	case "reverse":
		c.done()
		return done("slices.Reverse(%s)", v.code)
	case "sort":
		return done("copy(%s, %s)", v.code, t.sorted(&call{e: c.e, args: []*value{v}, kw: c.kw, keys: c.keys, used: c.used}).code) // in place: it may have other names
	case "index":
		x := c.need(0, "value")
		c.done()
		if comparable {
			return &value{typ: tInt, code: fmt.Sprintf("%s(%s, %s)", t.helper("indexOf"), v.code, t.as(x, v.elem.goT, c.e))}
		}
	case "count":
		x := c.need(0, "value")
		c.done()
		if comparable {
			return &value{typ: tInt, code: fmt.Sprintf("%s(%s, %s)", t.helper("countOf"), v.code, t.as(x, v.elem.goT, c.e))}
		}
	case "tolist", "as_list":
		c.done()
		return v
	}
	fail(c.e, "the method %s of a list isn't translated", name)
	return nil
}

// countMore is update of a Counter by a list: each of its elements counts once.
func (t *translator) countMore(v, list *value, c *call) *value {
	if list.kind != "list" || list.elem.goT != keyType(v.typ).goT {
		fail(c.e, "an update of a Counter by %s isn't translated", list.describe())
	}
	key := t.newVar("key", list.elem.goT)
	key.given = true
	l := t.emit(&line{code: fmt.Sprintf("for _, %s := range %s", key.ref(), list.code), block: true})
	l.body = append(l.body, &line{code: t.entry(v.tight(), key.ref(), fmt.Sprintf("%s[%s]+1", v.tight(), key.ref()))})
	return done("")
}
