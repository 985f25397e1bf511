package port

import (
	"fmt"
	"slices"
	"strings"

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

func (t *translator) forStmt(s *python.Stmt) {
	over := t.expr(asList(s.Value))
	if over.kind == "empty" && over.open == nil && over.code == "" {
		return // nothing is in it
	}
	if holdsKnown(over) && t.unrolled(s, over) {
		return
	}
	if columns := columnsOf(s.Targets[0], s.Value); columns != nil && over.goT == "" {
		over = t.expr(columns)
	}
	if over.kind == "compiled" && over.input == "metrics" && t.sc.step != nil && s.Targets[0].Kind == python.Name {
		for _, m := range append([]*value{{typ: typ{kind: "loss tracker"}}}, over.self.object.metrics...) {
			t.sc.names[s.Targets[0].Text] = &binding{v: m}
			for _, inner := range s.Body {
				t.translate(inner)
			}
		}
		return
	}
	if t.unrolled(s, over) {
		return
	}
	if s.Value.Kind == python.Name && over.kind == "list" && changesOn(s.Body, s.Value.Text) {
		fail(s.Value, "a list that changes while a loop goes over it isn't translated")
	}
	t.loseWritten(s.Body)
	before := t.snapshot()
	for _, name := range assigned([]*python.Stmt{{Targets: s.Targets}}) {
		if ty, ok := t.lists[t.behindLoop(s, name)]; ok && (before[name] == nil || before[name].v == nil || before[name].v.goT != ty.goT) {
			// What it was last is read behind the loop.
			t.use(strings.TrimLeft(ty.goT, "[]*"))
			b := &binding{v: &value{typ: ty, code: t.newVar(camel(name), ty.goT).ref()}}
			t.sc.names[name], before[name] = b, b
		}
	}
	l := &line{block: true}
	head, pre := t.loopHead(s.Targets[0], over, s.Value)
	l.code = head
	t.emit(l)
	l.body = append(l.body, pre...)
	// A name that is there before the loop is the same one in it, and has its last value after it.
	goesOn := map[string]bool{}
	for _, name := range assigned([]*python.Stmt{{Targets: s.Targets}}) {
		old, now := before[name], t.sc.names[name]
		if old == nil || old.v == nil || now == nil || now.v == nil || old.v.goT != now.v.goT || old.v.kind != now.v.kind {
			continue
		}
		if vs := (&printer{vars: t.vars}).marked(old.v.code); len(vs) == 1 && vs[0].ref() == old.v.code && now.v.code != old.v.code {
			l.body = append(l.body, &line{lhs: []*variable{vs[0]}, code: now.v.code})
			t.sc.names[name] = &binding{v: &value{typ: now.v.typ, code: old.v.code, eager: now.v.eager}}
			goesOn[name] = true
		}
	}
	t.block(&l.body, s.Body)
	for _, name := range assigned([]*python.Stmt{{Targets: s.Targets}}) {
		if goesOn[name] {
			continue
		}
		b := &binding{unknown: name + " belongs to the loop of line " + fmt.Sprint(s.Line)}
		if now := t.sc.names[name]; now != nil && now.v != nil && now.v.goT != "" && now.v.code != "" && !compileTime(now.v) && t.sc.step == nil {
			b.last, b.ty = t.behindLoop(s, name), now.v.typ
		}
		t.sc.names[name] = b
	}
	t.merge(before, s.Line)
	t.steady(s, before)
}

// asList is a tuple that is written out as the list of its parts, over which a loop goes alike.
func asList(e *python.Expr) *python.Expr {
	if e.Kind != python.Tuple || len(e.Args) == 0 {
		return e
	}
	list := *e
	list.Kind = python.List
	return &list
}

// columnsOf is zip(…) of the columns of rows that are written out, nil where they have not one part for each name: rows of several kinds have
// no type in Go.
func columnsOf(target, rows *python.Expr) *python.Expr {
	if target.Kind != python.Tuple || rows.Kind != python.Tuple && rows.Kind != python.List || len(rows.Args) == 0 {
		return nil
	}
	zip := &python.Expr{Kind: python.Call, Line: rows.Line, Args: []*python.Expr{{Kind: python.Name, Line: rows.Line, Text: "zip"}}}
	for i := range target.Args {
		column := &python.Expr{Kind: python.List, Line: rows.Line}
		for _, row := range rows.Args {
			if row.Kind != python.Tuple && row.Kind != python.List || len(row.Args) != len(target.Args) {
				return nil
			}
			column.Args = append(column.Args, row.Args[i])
		}
		zip.Args = append(zip.Args, column)
	}
	return zip
}

// loopVar binds a loop's name to a new variable; "_" where it has none.
func (t *translator) loopVar(target *python.Expr, ty typ) string {
	if target.Kind != python.Name {
		fail(target, "this loop's target isn't translated")
	}
	va := t.newVar(camel(target.Text), ty.goT)
	va.given = true
	t.sc.names[target.Text] = &binding{v: &value{typ: ty, code: va.ref()}}
	return va.ref()
}

// loopHead is the `for …` over a value, and what the body has to begin with.
func (t *translator) loopHead(target *python.Expr, over *value, at *python.Expr) (string, []*line) {
	if over.isSequence() {
		over = t.batchesOfObject(over, false, at)
	}
	if over.batches() {
		return t.batchLoop(target, over)
	}
	if over.loop == nil {
		ty, code := t.iterable(over, at)
		if target.Kind == python.Tuple && (ty.kind == "array" || ty.kind == "list" || ty.kind == "prediction" || ty.kind == "pair" || ty.kind == "fold" || ty.kind == "walked folder") {
			va := t.newVar("item", ty.goT)
			va.given = true
			var pre []*line
			item := &value{typ: ty, code: va.ref()}
			for i, a := range target.Args {
				el := t.element(item, i, at)
				if a.Kind != python.Name {
					fail(a, "this loop's target isn't translated")
				}
				v := t.newVar(camel(a.Text), el.goT)
				t.sc.names[a.Text] = &binding{v: &value{typ: el.typ, code: v.ref()}}
				pre = append(pre, &line{lhs: []*variable{v}, code: el.code})
			}
			return fmt.Sprintf("for _, %s := range %s", va.ref(), code), pre
		}
		if ty.kind == "key" {
			return fmt.Sprintf("for _, %s := range %s", t.loopVar(target, tStr), code), t.keep(target)
		}
		// A loop whose variable nothing reads is one over the length.
		return fmt.Sprintf("for _, %s := range %s", t.loopVar(target, ty), code), t.keep(target)
	}
	args := over.loop.args
	switch over.loop.kind {
	case "range":
		name := t.loopVar(target, tInt)
		first := args[0]
		if len(args) == 1 || first.konst && !strings.HasPrefix(first.code, "-") && (len(args) == 2 || args[2].konst && !strings.HasPrefix(args[2].code, "-")) || len(args) == 3 && args[2].konst && strings.HasPrefix(args[2].code, "-") && args[1].konst {
			t.sc.names[target.Text].v.natural = true
		}
		switch {
		case len(args) == 1:
			return fmt.Sprintf("for %s := range %s", name, t.as(args[0], "int", at)), t.keep(target)
		case len(args) == 2:
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s < %[3]s; %[1]s++", name, t.as(args[0], "int", at), t.as(args[1], "int", at)), nil
		case args[2].konst && strings.HasPrefix(args[2].code, "-"):
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s > %[3]s; %[1]s -= %[4]s", name, t.as(args[0], "int", at), t.as(args[1], "int", at), args[2].code[1:]), nil
		case args[2].konst:
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s < %[3]s; %[1]s += %[4]s", name, t.as(args[0], "int", at), t.as(args[1], "int", at), args[2].code), nil
		}
		if args[2].kind == "int" && !strings.Contains(args[2].code, "(") {
			t.approximate("the step of a range is taken to be positive")
			return fmt.Sprintf("for %[1]s := %[2]s; %[1]s < %[3]s; %[1]s += %[4]s", name, t.as(args[0], "int", at), t.as(args[1], "int", at), args[2].code), nil
		}
		fail(at, "a range whose step isn't a number isn't translated")
	case "enumerate":
		if target.Kind != python.Tuple || len(target.Args) != 2 {
			fail(target, "enumerate needs two names")
		}
		if args[0].batches() && len(args) == 1 {
			head, pre := t.batchLoop(target.Args[1], args[0])
			i := t.newVar("count", tInt.goT)
			t.emit(&line{lhs: []*variable{i}, code: "-1"})
			index := t.newVar("index", tInt.goT)
			if target.Args[0].Kind != python.Name {
				fail(target, "this loop's target isn't translated")
			}
			index.want = camel(target.Args[0].Text)
			t.sc.names[target.Args[0].Text] = &binding{v: &value{typ: tInt, code: index.ref()}}
			return head, append(pre, &line{code: i.ref() + "++"}, &line{lhs: []*variable{index}, code: i.ref()})
		}
		if args[0].loop != nil && args[0].loop.kind == "zip" && len(args) == 1 {
			i := t.loopVar(target.Args[0], tInt)
			return t.zipHead(i, target.Args[1], args[0].loop.args, at)
		}
		ty, code := t.iterable(args[0], at)
		i := t.loopVar(target.Args[0], tInt)
		t.sc.names[target.Args[0].Text].v.natural = len(args) == 1
		var first []*line
		if len(args) > 1 {
			va := (&printer{vars: t.vars}).marked(i)[0]
			first = []*line{{lhs: []*variable{va}, code: i + " + " + t.as(args[1], "int", at)}}
		}
		if target.Args[1].Kind == python.Tuple {
			va := t.newVar("item", ty.goT)
			va.given = true
			head, pre := fmt.Sprintf("for %s, %s := range %s", i, va.ref(), code), t.keep(target.Args[0])
			for n, a := range target.Args[1].Args {
				el := t.element(&value{typ: ty, code: va.ref()}, n, at)
				if a.Kind != python.Name {
					fail(a, "this loop's target isn't translated")
				}
				v := t.newVar(camel(a.Text), el.goT)
				t.sc.names[a.Text] = &binding{v: &value{typ: el.typ, code: v.ref()}}
				pre = append(pre, &line{lhs: []*variable{v}, code: el.code})
			}
			return head, append(first, append(pre, &line{keep: va})...)
		}
		x := t.loopVar(target.Args[1], ty)
		return fmt.Sprintf("for %s, %s := range %s", i, x, code), append(first, append(t.keep(target.Args[0]), t.keep(target.Args[1])...)...)
	case "rows":
		if target.Kind != python.Tuple || len(target.Args) != 2 || target.Args[1].Kind != python.Name {
			fail(target, "iterrows needs two names")
		}
		i := t.loopVar(target.Args[0], tInt)
		t.approximate("the label of a row is its place")
		t.sc.names[target.Args[1].Text] = &binding{v: &value{typ: typ{kind: "row"}, self: args[0], input: i}}
		return fmt.Sprintf("for %s := range %s.Len()", i, args[0].tight()), t.keep(target.Args[0])
	case "zip":
		va := t.newVar("i", "int")
		va.given = true
		return t.zipHead(va.ref(), target, args, at)
	case "items":
		if target.Kind != python.Tuple || len(target.Args) != 2 {
			fail(target, "items() needs two names")
		}
		k := t.loopVar(target.Args[0], keyType(args[0].typ))
		if args[0].elem == nil || target.Args[1].Kind != python.Name {
			fail(target, "this loop's target isn't translated")
		}
		x := t.newVar(camel(target.Args[1].Text), args[0].elem.goT)
		t.sc.names[target.Args[1].Text] = &binding{v: &value{typ: *args[0].elem, code: x.ref()}}
		keys := &value{code: fmt.Sprintf("[]%s{%s}", keyType(args[0].typ).goT, strings.Join(args[0].order, ", "))}
		if args[0].order == nil { // it isn't written out in the loop's head
			keys = t.sortedKeysOf(args[0])
		}
		return fmt.Sprintf("for _, %s := range %s", k, keys.code), []*line{{lhs: []*variable{x}, code: fmt.Sprintf("%s[%s]", args[0].tight(), k)}}
	}
	fail(at, "this loop isn't translated")
	return "", nil
}

// keep is a use of a loop's name, so that Go takes it where nothing else reads it.
func (t *translator) keep(target *python.Expr) []*line {
	v := (&printer{vars: t.vars}).marked(t.sc.names[target.Text].v.code)[0]
	return []*line{{keep: v}}
}

func (t *translator) zipHead(i string, target *python.Expr, args []*value, at *python.Expr) (string, []*line) {
	if target.Kind == python.Name {
		each := &python.Expr{Kind: python.Tuple, Line: target.Line}
		for n := range args {
			each.Args = append(each.Args, &python.Expr{Kind: python.Name, Line: target.Line, Text: fmt.Sprintf("%s_%d", target.Text, n+1)})
		}
		head, pre := t.zipHead(i, each, args, at)
		all := &value{tuple: true, typ: typ{kind: "tuple"}}
		for _, a := range each.Args {
			all.items = append(all.items, t.sc.names[a.Text].v)
		}
		t.listType(all, target)
		if all.goT != "" {
			all.items = nil // the loop's variables hold others in each turn
		}
		t.sc.names[target.Text] = &binding{v: all}
		return head, pre
	}
	if target.Kind != python.Tuple || len(target.Args) != len(args) {
		fail(target, "zip needs a name for each of its arguments")
	}
	var lens []string
	var pre []*line
	for n, a := range args {
		var el *value
		switch a.kind {
		case "list":
			lens = append(lens, "len("+a.code+")")
			el = &value{typ: *a.elem, code: a.tight() + "[" + i + "]"}
		case "array":
			lens = append(lens, a.tight()+".Len()")
			el = &value{typ: tArray, code: a.tight() + ".Index(" + i + ")"}
		default:
			if a.loop != nil && a.loop.kind == "range" {
				list := t.rangeList(a, at)
				va := t.newVar("numbers", list.goT)
				t.emit(&line{lhs: []*variable{va}, code: list.code})
				lens = append(lens, "len("+va.ref()+")")
				el = &value{typ: tInt, code: va.ref() + "[" + i + "]"}
				break
			}
			if a.kind == "str" || a.kind == "dict" {
				ty, code := t.iterable(a, at)
				va := t.newVar("letters", "[]"+ty.goT)
				t.emit(&line{lhs: []*variable{va}, code: code})
				lens = append(lens, "len("+va.ref()+")")
				el = &value{typ: ty, code: va.ref() + "[" + i + "]"}
				break
			}
			fail(at, "zip over %s isn't translated", a.describe())
		}
		if target.Args[n].Kind != python.Name {
			fail(target, "this loop's target isn't translated")
		}
		va := t.newVar(camel(target.Args[n].Text), el.goT)
		t.sc.names[target.Args[n].Text] = &binding{v: &value{typ: el.typ, code: va.ref()}}
		pre = append(pre, &line{lhs: []*variable{va}, code: el.code})
	}
	return fmt.Sprintf("for %s := range min(%s)", i, strings.Join(lens, ", ")), pre
}

// scoreValues is what evaluate gives as the list that it is in Keras.
func scoreValues(v *value) *value { return &value{typ: listOf(tFloat), code: v.tight() + ".Values"} }

// iterable is what a loop over a value sees, and the Go code to range over.
func (t *translator) iterable(v *value, at *python.Expr) (typ, string) {
	switch {
	case v.kind == "list":
		return *v.elem, v.code
	case v.kind == "deque":
		return *v.elem, dequeItems(v).code
	case v.kind == tJSON.kind:
		return tJSON, t.helper("jsonItems") + "(" + v.code + ")"
	case v.kind == "array", v.kind == "array as a list":
		return tArray, v.tight() + ".All()"
	case v.kind == "scores":
		return tFloat, scoreValues(v).code
	case v.kind == "layers":
		return tLayer, v.code
	case v.kind == "weights" && v.code != "":
		return object("weight", "*functional.Weight"), v.code
	case v.kind == "row of panes":
		return tAxes, v.code + "[0]"
	case v.kind == "column of panes":
		return tAxes, v.code + ".Flat()"
	case v.kind == "dict" || v.kind == "logs":
		keys := t.sortedKeysOf(v)
		return *keys.elem, keys.code
	case v.kind == "frame":
		return tStr, v.tight() + ".Columns()"
	case v.kind == "str":
		return tStr, "strings.Split(" + v.code + `, "")`
	case v.kind == "file":
		return tStr, v.code + ".each()"
	case v.kind == tRows.kind:
		code := v.tight()
		if v.loose {
			code = "(" + v.code + ")"
		}
		return listOf(tStr), code + ".each()"
	}
	t.untyped(v)
	fail(at, "a loop over %s isn't translated", v.describe())
	return typ{}, ""
}
