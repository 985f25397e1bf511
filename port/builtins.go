package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// builtins are Python's functions that are known.
var builtins = map[string]bool{"print": true, "len": true, "range": true, "int": true, "float": true, "str": true, "bool": true, "list": true, "tuple": true,
	"enumerate": true, "zip": true, "min": true, "max": true, "sum": true, "abs": true, "round": true, "sorted": true, "type": true, "display": true, "reversed": true,
	"dict": true, "set": true, "map": true, "filter": true, "any": true, "all": true, "open": true, "exit": true, "quit": true, "repr": true, "ord": true, "chr": true, "pow": true, "id": true, "frozenset": true, "isinstance": true, "hasattr": true, "input": true, "xrange": true, "vars": true, "format": true, "next": true, "iter": true, "divmod": true, "hex": true, "oct": true, "bin": true}

// call is a call whose arguments are translated.
type call struct {
	e    *python.Expr
	args []*value
	kw   map[string]*value
	keys []string // of kw, in their order
	used map[string]bool
}

func (t *translator) builtin(name string, c *call) *value {
	switch name {
	case "print":
		return t.print(c)
	case "dict":
		return t.dictCall(c)
	case "map", "filter":
		return t.mapped(name, c)
	case "sorted":
		return t.sorted(c)
	case "open":
		return t.open(c)
	case "exit", "quit":
		return t.exit(c)
	case "xrange":
		return t.builtin("range", c)
	case "range", "enumerate", "zip":
		if len(c.args) == 0 {
			fail(c.e, "%s without arguments", name)
		}
		for i, a := range c.args {
			switch a.kind {
			case "deque":
				c.args[i] = dequeItems(a)
			case "scores":
				c.args[i] = scoreValues(a)
			}
		}
		v := &value{loop: &loopOver{kind: name, args: c.args}}
		if name == "enumerate" {
			if start := c.arg(-1, "start"); start != nil {
				v.loop.args = append(v.loop.args, start)
			}
		}
		if name == "range" {
			for _, a := range c.args {
				t.as(a, "int", c.e)
			}
			if len(c.args) > 3 {
				fail(c.e, "range takes at most three numbers")
			}
		}
		return v
	case "display":
		if len(c.args) == 1 && c.args[0].kind == "done" && c.args[0].code == "" {
			return c.args[0]
		}
		t.printLine(c.args, c.e)
		return done("")
	}
	if len(c.args) == 0 {
		if name == "set" {
			return &value{typ: typ{kind: "empty"}, items: []*value{}}
		}
		if name == "list" {
			return &value{typ: typ{kind: "empty"}, items: []*value{}}
		}
		if name == "str" {
			return &value{typ: tStr, code: `""`, konst: true}
		}
		fail(c.e, "%s() isn't translated", name)
	}
	v := c.args[0]
	if v.kind == "deque" && slices.Contains([]string{"sum", "min", "max", "any", "all", "reversed", "set"}, name) {
		v = dequeItems(v)
		c.args[0] = v
	}
	t.known(name, c)
	switch name {
	case "vars":
		if v.kind == "arguments" && len(c.args) == 1 {
			return v
		}
	case "format":
		text := c.arg(1, "format_spec")
		if text == nil {
			text = &value{typ: tStr, code: `""`, konst: true}
		}
		spec, err := strconv.Unquote(text.code)
		if err != nil || !text.konst || len(c.args) > 2 {
			fail(c.e, "a format that isn't a constant isn't translated")
		}
		verb, arg := t.formatted(v, spec, c.e)
		return sprintf(verb, []string{arg})
	case "type":
		if v.kind == "layer" && len(c.args) == 1 {
			return &value{typ: typ{kind: "class of a layer"}, self: v}
		}
		names := map[string]string{"layers": "list", "weights": "list", "logs": "dict", "history": "keras.src.callbacks.history.History", "array": "numpy.ndarray", "int": "int", "float": "float", "str": "str", "bool": "bool", "list": "list", "dict": "dict", "frame": "pandas.core.frame.DataFrame"}
		if n := names[v.kind]; n != "" && len(c.args) == 1 {
			if v.tuple {
				n = "tuple"
			}
			t.approximate("a type is the text that Python prints of it")
			return &value{typ: tStr, code: strconv.Quote("<class '" + n + "'>"), konst: true}
		}
	case "hasattr":
		if len(c.args) == 2 && v.kind == "array" && (c.args[1].code == `"toarray"` || c.args[1].code == `"todense"`) {
			return &value{typ: tBool, code: "false", konst: true}
		}
	case "isinstance":
		if len(c.args) == 2 {
			return t.isInstance(v, c.args[1], c.e)
		}
	case "set", "frozenset":
		return t.set(v, c.e)
	case "any", "all":
		return t.anyOrAll(name, v, c.e)
	case "repr":
		if v.kind == "str" || v.kind == "list" {
			return &value{typ: tStr, code: t.helper("repr") + "(" + v.code + ")"}
		}
		return &value{typ: tStr, code: t.repr(v, c.e)}
	case "ord":
		if v.kind == "str" {
			return &value{typ: tInt, code: "int([]rune(" + v.code + ")[0])"}
		}
	case "chr":
		return &value{typ: tStr, code: "string(rune(" + t.as(v, "int", c.e) + "))"}
	case "divmod":
		if len(c.args) == 2 && number(v.typ) && number(c.args[1].typ) {
			return &value{tuple: true, typ: typ{kind: "tuple"}, items: []*value{t.binary("//", v, c.args[1], c.e), t.binary("%", v, c.args[1], c.e)}}
		}
	case "hex", "oct", "bin":
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s, %q)", t.helper("inBase"), t.as(v, "int", c.e), map[string]string{"hex": "0x", "oct": "0o", "bin": "0b"}[name])}
	case "pow":
		if len(c.args) == 2 {
			return t.binary("**", c.args[0], c.args[1], c.e)
		}
	case "reversed":
		if v.loop != nil && v.self == nil {
			v = t.listed(v, c.e)
		}
		switch {
		case v.kind == "list":
			return &value{typ: v.typ, code: t.helper("reversed") + "(" + v.code + ")"}
		case v.kind == "array":
			return &value{typ: tArray, code: "np.Flip(" + v.code + ", 0)"}
		}
	case "next":
		if v.kind == tRows.kind && len(c.args) == 1 {
			return &value{typ: listOf(tStr), code: v.tight() + ".next()"}
		}
		if v.batches() && len(c.args) == 1 {
			return t.nextBatch(v)
		}
	case "iter":
		if v.batches() {
			return v
		}
	case "bool":
		return &value{typ: tBool, code: t.truth(v, c.e), loose: true}
	case "len":
		if v.object != nil {
			if n := t.sized(v, c.e); n != nil {
				return n
			}
			if v.object.class.method("__len__") != nil {
				return t.callMethod(v, "__len__", callOf(c.e))
			}
		}
		switch v.kind {
		case "flow", "pipeline":
			return &value{typ: tInt, code: v.tight() + ".Cardinality()"}
		case "array", "frame", "array as a list":
			return &value{typ: tInt, code: v.tight() + ".Len()"}
		case "labelled":
			return &value{typ: tInt, code: v.tight() + ".Len()"}
		case "list", "dict", "layers", "weights":
			return &value{typ: tInt, code: "len(" + v.code + ")"}
		case "scores":
			return &value{typ: tInt, code: "len(" + scoreValues(v).code + ")"}
		case "deque":
			return &value{typ: tInt, code: "len(" + dequeItems(v).code + ")"}
		case tJSON.kind:
			return &value{typ: tInt, code: t.helper("jsonLen") + "(" + v.code + ")"}
		case "str":
			return &value{typ: tInt, code: "utf8.RuneCountInString(" + v.code + ")"}
		}
		if v.open != nil { // without code the function that has it as a parameter is only looked at for its type
			return &value{typ: tInt, code: "len(" + v.code + ")"}
		}
		if v.items != nil {
			return &value{typ: tInt, code: fmt.Sprint(len(v.items)), konst: true}
		}
	case "int":
		switch v.kind {
		case tJSON.kind:
			return &value{typ: tInt, code: t.helper("jsonInt") + "(" + v.code + ")"}
		case "int":
			return v
		case "float":
			if v.konst {
				f, err := strconv.ParseFloat(v.code, 64)
				if err != nil || f != float64(int64(f)) && !strings.Contains(v.code, ".") || f > 1e15 || f < -1e15 {
					break
				}
				return &value{typ: tInt, code: fmt.Sprint(int64(f)), konst: true}
			}
			return &value{typ: tInt, code: "int(" + v.code + ")"}
		case "str":
			return &value{typ: tInt, code: t.helper("parseInt") + "(" + v.code + ")"}
		case "bool":
			return &value{typ: tInt, code: t.helper("boolInt") + "(" + v.code + ")"}
		case "array":
			return &value{typ: tInt, code: v.tight() + ".Int()"}
		}
	case "float":
		if v.kind == tJSON.kind {
			return &value{typ: tFloat, code: t.helper("jsonFloat") + "(" + v.code + ")"}
		}
		if v.kind == "int" || v.kind == "float" || v.kind == "array" {
			return &value{typ: tFloat, code: t.as(v, "float64", c.e)}
		}
		if v.kind == "str" {
			return &value{typ: tFloat, code: t.helper("parseFloat") + "(" + v.code + ")"}
		}
	case "str":
		switch v.kind {
		case "str":
			return v
		case "path":
			return &value{typ: tStr, code: v.code, loose: v.loose}
		case "int", "array":
			return &value{typ: tStr, code: "fmt.Sprint(" + t.printedAlone(v, c.e) + ")"}
		}
		if slices.Contains([]string{"frame", "labelled", "model", "layer"}, v.kind) {
			return &value{typ: tStr, code: "fmt.Sprint(" + t.printed(v, c.e) + ")"}
		}
		return &value{typ: tStr, code: t.printed(v, c.e)}
	case "list", "tuple":
		if v.kind == "list" {
			made := *v
			made.tuple = name == "tuple"
			made.row, made.set = made.tuple, false
			if strings.HasPrefix(v.code, "\x01") && name == "list" && v.shown == "" {
				made = value{typ: v.typ, code: "slices.Clone(" + v.code + ")"}
				made.row, made.set = false, false
			}
			if v.shown != "" {
				made.shown = "" // a shape is a tuple, which this shows otherwise
				if name == "tuple" {
					made.shown, made.pair = v.shown, v.pair
				}
			}
			return &made
		}
		if v.loop != nil && v.loop.kind == "range" && name == "list" {
			return t.rangeList(v, c.e)
		}
		switch {
		case v.kind == "deque":
			return &value{typ: listOf(*v.elem), code: "slices.Clone(" + dequeItems(v).code + ")"}
		case v.kind == tJSON.kind && name == "list":
			return &value{typ: listOf(tJSON), code: t.helper("jsonItems") + "(" + v.code + ")"}
		case v.loop != nil && v.self == nil:
			return t.listed(v, c.e)
		case v.kind == "frame":
			return &value{typ: listOf(tStr), code: v.tight() + ".Columns()"}
		case v.kind == "dict" || v.kind == "str":
			ty, code := t.iterable(v, c.e)
			made := &value{typ: listOf(ty), code: code, tuple: name == "tuple"}
			made.row = made.tuple
			return made
		case v.kind == "array" && name == "list":
			return &value{typ: listOf(tArray), code: t.helper("listOf") + "(" + v.code + ")"}
		case v.kind == "layers":
			return v
		case v.kind == "file" && name == "list":
			return &value{typ: listOf(tStr), code: v.code + ".lines()"}
		case v.kind == "array as a list" && name == "list":
			return v
		case v.items != nil:
			made := *v
			made.tuple = name == "tuple"
			return &made
		}
	case "min", "max":
		if len(c.args) == 2 && (c.args[0].kind == "array" || c.args[1].kind == "array") { // single numbers
			if c.args[0].kind == "int" || c.args[1].kind == "int" {
				t.approximate("%s of an element of an array and a whole number is never the whole number", name)
			}
			f := map[string]string{"min": "Minimum", "max": "Maximum"}[name]
			return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s, %s)", f, t.asAny(c.args[0], c.e), t.asAny(c.args[1], c.e))}
		}
		if len(c.args) > 1 {
			ty := c.args[0].typ
			for _, a := range c.args {
				if a.kind == "float" || a.kind != ty.kind && ty.kind == "float" {
					if a.kind != ty.kind {
						t.approximate("%s of a whole number and a float is a float", name)
					}
					ty = tFloat
				} else if a.kind != "int" && a.kind != "str" || a.kind != ty.kind {
					fail(c.e, "%s of %s isn't translated", name, a.describe())
				}
			}
			var parts []string
			for _, a := range c.args {
				parts = append(parts, t.as(a, ty.goT, c.e))
			}
			return &value{typ: ty, code: name + "(" + strings.Join(parts, ", ") + ")"}
		}
		if v.loop != nil && v.loop.kind == "range" {
			v = t.rangeList(v, c.e)
		}
		v = t.listed(v, c.e)
		if key := c.arg(-1, "key"); key != nil && key.kind != "none" {
			return t.extreme(name, v, key, c)
		}
		if v.kind == "dict" {
			v = t.sortedKeysOf(v)
		}
		if or := c.arg(-1, "default"); or != nil && v.kind == "list" && number(*v.elem) {
			return &value{typ: *v.elem, code: fmt.Sprintf("%s(%s, %s, slices.%s)", t.helper("orIfEmpty"), v.code, t.as(or, v.elem.goT, c.e), strings.ToUpper(name[:1])+name[1:])}
		}
		if v.kind == "list" && (number(*v.elem) && v.elem.kind != "bool" || v.elem.kind == "str") {
			return &value{typ: *v.elem, code: fmt.Sprintf("slices.%s(%s)", strings.ToUpper(name[:1])+name[1:], v.code)}
		}
		if v.kind == "array" {
			return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s)", strings.ToUpper(name[:1])+name[1:], v.code)}
		}
	case "abs":
		if v.kind == "float" {
			return &value{typ: tFloat, code: "math.Abs(" + v.code + ")"}
		}
		if v.kind == "array" {
			return &value{typ: tArray, code: "np.Abs(" + v.code + ")"}
		}
		if v.kind == "int" {
			return &value{typ: tInt, code: t.helper("absInt") + "(" + v.code + ")"}
		}
	case "round":
		digits := c.arg(1, "ndigits")
		switch {
		case v.kind == "int" && (digits == nil || digits.konst && !strings.HasPrefix(digits.code, "-")):
			return v
		case v.kind == "float" && digits != nil && digits.kind != "none":
			return &value{typ: tFloat, code: fmt.Sprintf("%s(%s, %s)", t.helper("roundTo"), v.code, t.as(digits, "int", c.e))}
		case v.kind == "float":
			return &value{typ: tInt, code: "int(math.RoundToEven(" + v.code + "))"}
		case v.kind == "array" && digits != nil && digits.kind != "none":
			return &value{typ: tArray, code: fmt.Sprintf("np.Round(%s, %s)", v.code, t.as(digits, "int", c.e))}
		case v.kind == "array": // of a single number: a whole one
			return &value{typ: tInt, code: "int(math.RoundToEven(" + v.tight() + ".Float()))"}
		}
	case "sum":
		if v.loop != nil && v.loop.kind == "range" {
			v = t.rangeList(v, c.e)
		}
		if start := c.arg(1, "start"); start != nil && v.kind == "list" {
			without := callOf(c.e, c.args[0])
			return t.binary("+", start, t.builtin("sum", without), c.e)
		}
		if v.kind == "list" && v.elem.kind == "array" {
			return &value{typ: tArray, code: t.helper("sumOf") + "(" + v.code + ")"}
		}
		if v.kind == "losses" {
			return t.penalties(v, c.e)
		}
		if v.kind == "array" {
			return &value{typ: tArray, code: "np.Sum(" + v.code + ", 0)"}
		}
		if v.kind == "list" && number(*v.elem) {
			ty, code := *v.elem, v.code
			if ty.kind == "bool" {
				return &value{typ: tInt, code: t.helper("countOf") + "(" + code + ", true)"}
			}
			f := map[string]string{"int": "sumInts", "float": "sumFloats"}[ty.kind]
			return &value{typ: ty, code: t.helper(f) + "(" + code + ")"}
		}
	}
	fail(c.e, "%s of %s isn't translated", name, v.describe())
	return nil
}

// rangeList is a range as a list.
func (t *translator) rangeList(v *value, e *python.Expr) *value {
	var parts []string
	for _, a := range v.loop.args {
		parts = append(parts, t.as(a, "int", e))
	}
	return &value{typ: listOf(tInt), code: "np.Arange(" + strings.Join(parts, ", ") + ").Ints()"}
}
