package port

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// What Python's language does with values where Go's does otherwise: truth, copies, order.

// boolean is a and b, or a or b: as a condition, and as the value that Python gives, which is one of them.
func (t *translator) boolean(e *python.Expr) *value {
	// What is known leaves the condition, or decides it.
	idle, decides := map[string]string{"and": "true", "or": "false"}[e.Text], map[string]string{"and": "false", "or": "true"}[e.Text]
	var values []*value
	var parts []string
	decided, bools := false, true
	for _, a := range e.Args {
		v := t.expr(a)
		part := t.truth(v, a)
		if part == idle {
			bools = bools && (v.kind == "bool" || v.cond != "")
			if len(values) == 0 && a == e.Args[len(e.Args)-1] {
				values = append(values, v)
			}
			if a == e.Args[len(e.Args)-1] && len(values) > 0 && values[len(values)-1] != v {
				values = append(values, v)
			}
			continue
		}
		bools = bools && (v.kind == "bool" || v.cond != "")
		values = append(values, v)
		parts = append(parts, part)
		if part == decides {
			decided = true
			break
		}
	}
	cond := idle
	switch {
	case decided:
		cond = decides
	case len(parts) > 0:
		if e.Text == "and" {
			for i, p := range parts {
				if strings.Contains(p, "||") {
					parts[i] = "(" + p + ")"
				}
			}
		}
		cond = strings.Join(parts, map[string]string{"and": " && ", "or": " || "}[e.Text])
	}
	if bools {
		return &value{typ: tBool, code: cond, loose: true, konst: cond == "true" || cond == "false"}
	}
	v := t.choice(e.Text, values, e)
	made := *v
	made.cond = cond
	if strings.ContainsAny(cond, " ") && len(parts) > 1 {
		made.cond = "(" + cond + ")"
	}
	return &made
}

// choice is the value of and or or: the first that decides, else the last.
func (t *translator) choice(op string, values []*value, e *python.Expr) *value {
	last := values[len(values)-1]
	if len(values) == 1 {
		return last
	}
	unknown := &value{typ: typ{kind: "choice of two kinds"}}
	var b strings.Builder
	fmt.Fprintf(&b, "func() %s {\n", last.goT)
	for i, v := range values {
		if v.goT != last.goT || v.kind != last.kind || v.goT == "" || v.goT == "multi" || v.code == "" || compileTime(v) {
			return unknown
		}
		if i == len(values)-1 {
			break
		}
		va := t.newVar("either", v.goT)
		va.given = true
		held := *v
		held.code, held.loose = va.ref(), false
		cond := t.truth(&held, e)
		if op == "and" {
			cond = "!(" + cond + ")"
		}
		fmt.Fprintf(&b, "if %s := %s; %s {\nreturn %s\n}\n", va.ref(), v.code, cond, va.ref())
	}
	fmt.Fprintf(&b, "return %s\n}()", last.code)
	return &value{typ: last.typ, code: b.String()}
}

// counted is a bool as the number that it is in arithmetic.
func (t *translator) counted(v *value) *value {
	if v.kind != "bool" {
		return v
	}
	if v.konst && (v.code == "true" || v.code == "false") {
		return &value{typ: tInt, code: map[string]string{"true": "1", "false": "0"}[v.code], konst: true}
	}
	return &value{typ: tInt, code: t.helper("boolInt") + "(" + v.code + ")"}
}

// atLeastZero is how often something is repeated: not at all below 0.
func atLeastZero(n *value) string {
	if n.konst && !strings.HasPrefix(n.code, "-") {
		return n.code
	}
	return "max(" + n.code + ", 0)"
}

// partOf is a slice of a list or a text: a copy, whose bounds may lie outside.
func (t *translator) partOf(v *value, sub, e *python.Expr) *value {
	if v.kind == "str" {
		if sub.Args[0] == nil && sub.Args[1] == nil {
			return v
		}
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s, %s)", t.helper("textPart"), v.code, t.slice(sub))}
	}
	if sub.Args[0] == nil && sub.Args[1] == nil && v.shown == "" {
		return &value{typ: v.typ, code: "slices.Clone(" + v.code + ")"}
	}
	part := &value{typ: v.typ, code: fmt.Sprintf("%s(%s, %s)", t.helper("every"), v.code, t.slice(sub)), tuple: v.tuple}
	if v.shown != "" {
		part.shown, part.pair = t.helper("tupleText")+"("+part.code+")", true
	}
	return part
}

// allowed are the most arguments by place that Python's functions are translated with, and those by name.
var allowed = map[string]struct {
	place int
	names []string
}{"len": {1, nil}, "int": {1, nil}, "float": {1, nil}, "bool": {1, nil}, "str": {1, nil}, "list": {1, nil}, "tuple": {1, nil}, "set": {1, nil}, "frozenset": {1, nil}, "abs": {1, nil}, "any": {1, nil}, "all": {1, nil},
	"round": {2, []string{"ndigits"}}, "sum": {2, []string{"start"}}, "min": {99, []string{"key", "default"}}, "max": {99, []string{"key", "default"}}, "reversed": {1, nil}, "ord": {1, nil}, "chr": {1, nil}, "repr": {1, nil},
	"next": {1, nil}, "iter": {1, nil}, "divmod": {2, nil}, "hex": {1, nil}, "oct": {1, nil}, "bin": {1, nil}}

// known fails where one of Python's functions is called with an argument that isn't translated.
func (t *translator) known(name string, c *call) {
	a, ok := allowed[name]
	if !ok {
		return
	}
	if len(c.args) > a.place {
		fail(c.e, "%s with %d arguments isn't translated", name, len(c.args))
	}
	for _, k := range c.keys {
		if !slices.Contains(a.names, k) {
			fail(c.e, "the argument %s of %s isn't translated", k, name)
		}
	}
}

// extreme is min(list, key=…) and max(list, key=…): the first of the smallest or largest.
func (t *translator) extreme(name string, v, key *value, c *call) *value {
	sorted := &call{e: c.e, args: []*value{v}, kw: map[string]*value{"key": key}, keys: []string{"key"}, used: map[string]bool{}}
	if name == "max" {
		sorted.kw["reverse"] = &value{typ: tBool, code: "true", konst: true}
		sorted.keys = append(sorted.keys, "reverse")
	}
	list := t.sorted(sorted)
	return &value{typ: *list.elem, code: list.tight() + "[0]"}
}

// folded is an operation of two constants where Go, which computes constants exactly, has another number than Python; nil elsewhere.
func folded(op, x, y string, kind typ, konst bool) *value {
	if !konst || !strings.Contains("+-*/", op) {
		return nil
	}
	eval := func(code string) constant.Value {
		tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, code)
		if err != nil {
			return nil
		}
		return tv.Value
	}
	a, b, both := eval(x), eval(y), eval(x+" "+op+" "+y)
	if a == nil || b == nil || both == nil {
		return nil
	}
	if kind.kind == "int" {
		if _, exact := constant.Int64Val(constant.ToInt(both)); !exact {
			panic(&left{0, fmt.Sprintf("%s %s %s is too large a whole number for Go", x, op, y)})
		}
		return nil
	}
	m, _ := constant.Float64Val(a)
	n, _ := constant.Float64Val(b)
	want := map[string]float64{"+": m + n, "-": m - n, "*": m * n, "/": m / n}[op]
	if got, _ := constant.Float64Val(both); got == want || math.IsNaN(want) || math.IsInf(want, 0) {
		return nil
	}
	code := strconv.FormatFloat(want, 'g', -1, 64)
	if !strings.ContainsAny(code, ".e") {
		code += ".0"
	}
	return &value{typ: tFloat, code: code, konst: true}
}

// growers are the methods that change how long a list is.
var growers = strings.Fields("append extend insert pop remove clear")

// grown calls f with the names of lists that a statement makes longer or shorter, and with those that it gives another value, in their order.
func grown(stmts []*python.Stmt, f func(s *python.Stmt, name string, anew bool)) {
	last := func(e *python.Expr) string {
		if e.Kind == python.Name || e.Kind == python.Attr {
			return e.Text
		}
		return ""
	}
	for _, s := range stmts {
		look := func(e *python.Expr) {
			python.Walk(e, func(e *python.Expr) bool {
				if e.Kind == python.Call && e.Args[0].Kind == python.Attr && slices.Contains(growers, e.Args[0].Text) {
					f(s, last(e.Args[0].Args[0]), false)
				}
				return true
			})
		}
		look(s.Value)
		for _, target := range s.Targets {
			switch {
			case s.Kind == python.AugAssign:
				f(s, last(target), false)
			case s.Kind == python.Del && target.Kind == python.Index:
				f(s, last(target.Args[0]), false)
			case s.Kind == python.Assign:
				f(s, last(target), true)
			}
		}
		grown(s.Body, f)
		grown(s.Else, f)
	}
}

// grows reports that statements make a list longer or shorter.
func grows(body []*python.Stmt, name string) bool {
	found := false
	grown(body, func(_ *python.Stmt, n string, anew bool) { found = found || n == name && !anew })
	return found
}

// aliased fails where a list gets a second name and grows under one of them: Go's slices would part.
func (t *translator) aliased(s *python.Stmt, v *value) {
	names := []string{}
	list := v.kind == "list" && !v.tuple && v.shown == "" || v.kind == "empty" && !v.tuple
	if s.Value.Kind == python.Name || s.Value.Kind == python.Attr {
		names = append(names, s.Value.Text)
	}
	for _, target := range s.Targets {
		if target.Kind == python.Name || target.Kind == python.Attr {
			names = append(names, target.Text)
		}
	}
	if !list || len(names) < 2 {
		return
	}
	for _, name := range names {
		behind, conflict, over := false, false, false
		for _, e := range t.growth {
			if e.stmt.Line == s.Line && e.cell == t.at() {
				behind = true
				continue
			}
			if !behind || e.name != name || over {
				continue
			}
			if e.anew {
				over = true
			} else {
				conflict = true
			}
		}
		if conflict {
			fail(s.Value, "a list with two names that grows isn't translated")
		}
	}
}

// growth is a place at which a list grows, or at which a name gets another value.
type growth struct {
	cell int
	stmt *python.Stmt
	name string
	anew bool
}

// shared is a list for a function that lets it grow.
func (t *translator) shared(v *value) string {
	if inner, ok := strings.CutPrefix(v.code, "(*"); ok && strings.HasSuffix(inner, "\x02)") {
		return strings.TrimSuffix(inner, ")")
	}
	if vs := (&printer{vars: t.vars}).marked(v.code); len(vs) == 1 && vs[0].ref() == v.code {
		return "&" + v.code
	}
	return t.helper("pointer") + "(" + v.code + ")"
}

// listPlace is the Go code of a list that stands in another list or in a dict, as a place that can be assigned to; "" for other lists.
func (t *translator) listPlace(v *value) string {
	if listPlaces.MatchString(v.code) {
		return v.code
	}
	return ""
}

var listPlaces = regexp.MustCompile("^(?:\x01[0-9]+\x02|\\(\\*\x01[0-9]+\x02\\))(?:\\[(?:[^\\[\\](){}]|\x01[0-9]+\x02)+\\])+$")

// ipython reports a call of IPython's own commands, as notebooks have that became scripts.
func ipython(e *python.Expr) bool {
	if e.Kind != python.Call || e.Args[0].Kind != python.Attr {
		return false
	}
	on := e.Args[0].Args[0]
	return on.Kind == python.Call && on.Args[0].Kind == python.Name && on.Args[0].Text == "get_ipython"
}

// iced is ic(…) of icecream, which writes what it is given to standard error.
func (t *translator) iced(c *call) *value {
	parts := []string{}
	for i, v := range c.args {
		label := ""
		if e := c.e.Args[i+1]; e.Kind == python.Name {
			label = e.Text + ": "
		}
		text := t.repr(v, c.e)
		if i == 0 {
			label = "ic| " + label
		} else {
			label = ", " + label
		}
		parts = append(parts, strconv.Quote(label), text)
	}
	t.approximate("icecream's form of long values is left out")
	return done("fmt.Fprintln(os.Stderr, %s)", strings.Join(parts, " + "))
}

// behindLoop is where the type of a loop's variable is kept that is read behind the loop.
func (t *translator) behindLoop(s *python.Stmt, name string) string {
	return fmt.Sprint("behind the loop of ", t.at(), ":", s.Line, " ", name)
}

// unrolled translates a loop over things that only the translator knows, such as functions and layers of several kinds, once for each.
func (t *translator) unrolled(s *python.Stmt, over *value) bool {
	if over.kind != "tuple" || len(over.items) == 0 || len(over.items) > 12 || leavesLoop(s.Body) {
		return false
	}
	known := func(v *value) bool { return compileTime(v) || v.kind == "tuple" || v.goT != "" && v.code != "" }
	for _, i := range over.items {
		if !known(i) {
			return false
		}
	}
	for _, i := range over.items {
		t.bind(s.Targets[0], i)
		for _, inner := range t.grouped(s.Body) {
			t.translate(inner)
		}
	}
	return true
}

// leavesLoop reports a break or continue of the loop whose body it is.
func leavesLoop(body []*python.Stmt) bool {
	for _, s := range body {
		if s.Kind == python.Break || s.Kind == python.Continue {
			return true
		}
		if s.Kind != python.For && s.Kind != python.While && s.Kind != python.Def && (leavesLoop(s.Body) || leavesLoop(s.Else)) {
			return true
		}
	}
	return false
}

// holdsKnown reports that among the parts of a tuple are things that only the translator knows.
func holdsKnown(v *value) bool {
	for _, i := range v.items {
		if compileTime(i) && i.kind != "none" || i.goT == "" && holdsKnown(i) {
			return true
		}
	}
	return false
}

// inPlace reports a target of an augmented assignment that holds an array as a whole: an attribute, or a place in a list or a dict.
func (t *translator) inPlace(target *python.Expr) bool {
	if t.sc.step != nil {
		return false
	}
	if target.Kind == python.Index {
		kind := t.expr(target.Args[0]).kind
		return kind == "list" || kind == "dict"
	}
	return target.Kind == python.Attr
}
