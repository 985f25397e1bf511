package port

import (
	"fmt"
	"slices"
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
