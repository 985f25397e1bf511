package port

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// otherBackend finds programs whose tensors aren't TensorFlow's.
var otherBackend = regexp.MustCompile(`KERAS_BACKEND.{1,8}(jax|torch)`)

// printedAlone is how Python prints a value, or makes it a text, by itself: tensors are told from arrays, as they aren't within texts.
func (t *translator) printedAlone(v *value, e *python.Expr) string {
	if v.kind == "array" && v.eager && !v.variable && v.shown == "" && v.optional == "" && !otherBackend.MatchString(t.source) {
		return t.helper("tensorText") + "(" + v.code + ")"
	}
	return t.printed(v, e)
}

// printed is the Go expression that fmt.Println shows as Python's print shows the value.
func (t *translator) printed(v *value, e *python.Expr) string {
	if v.optional != "" {
		held := *v
		held.optional, held.maybe = "", false
		return fmt.Sprintf("func() string {\nif %s == nil {\nreturn \"None\"\n}\nreturn fmt.Sprint(%s)\n}()", v.optional, t.printed(&held, e))
	}
	switch {
	case v.kind == "parameters":
		return t.helper("paramsText") + "(" + v.code + ")"
	case v.shown != "":
		return v.shown
	case v.kind == "none":
		return `"None"`
	case v.kind == "time":
		return t.helper("timeText") + "(" + v.code + `, " ")`
	case v.kind == "layers":
		return t.helper("layersText") + "(" + v.code + ")"
	case v.kind == "layer" && v.goT == tLayer.goT:
		return t.helper("layerText") + "(" + v.code + ")"
	case v.kind == "weight" && v.goT != "":
		return t.helper("weightText") + "(" + v.code + ")"
	case v.kind == "weights" && v.code != "":
		return t.helper("weightsText") + "(" + v.code + ")"
	case v.kind == "path":
		return v.code
	case v.kind == "array as a list":
		return t.helper("listText") + "(" + v.code + ")"
	case v.kind == "str" || v.kind == "int" || v.kind == "array":
		if v.series || v.table {
			t.approximate("a column of pandas's is printed as an array")
		}
		return v.code
	case v.kind == "float":
		return "np.FloatString(" + v.code + ")"
	case v.kind == "bool":
		return t.helper("boolText") + "(" + v.code + ")"
	case v.kind == "scores":
		return t.helper("repr") + "(" + v.tight() + ".Values)"
	case v.kind == "list" && v.set && plainList(v.elem):
		return t.helper("setText") + "(" + v.code + ")"
	case v.kind == "pair" && v.label != "":
		return t.namedText(v, e)
	case v.kind == "list" && v.elem != nil && v.elem.label != "":
		fail(e, "a list of named tuples isn't translated where it is printed")
	case v.kind == "pair":
		return t.helper("repr") + "(" + v.code + ")"
	case v.kind == "list" && v.sizes:
		return t.helper("tupleText") + "(" + v.code + ")"
	case v.kind == "list" && v.elem != nil && v.elem.sizes && !v.tuple && !v.row && v.code != "":
		return t.helper("sizesText") + "(" + v.code + ")"
	case v.kind == "list" && v.elem != nil && v.code != "" && v.shown == "" && (v.tuple || v.row) && plainList(v.elem) && !rows(v.typ):
		return t.helper("tupleRepr") + "(" + v.code + ")"
	case v.kind == "list" && v.elem != nil && v.code != "" && v.elem.row && !v.tuple && plainList(v.elem.elem):
		return t.helper("tuplesText") + "(" + v.code + ")"
	case rows(v.typ) && v.items == nil:
		fail(e, "lists of tuples of lists aren't translated where they are printed")
	case v.kind == "list" && !v.tuple && v.code != "" && !rows(v.typ) && plainList(v.elem):
		return t.helper("repr") + "(" + v.code + ")"
	case v.kind == "empty" && v.open == nil && v.code == "":
		return map[bool]string{true: `"()"`, false: `"[]"`}[v.tuple]
	case v.kind == "empty dict":
		switch {
		case v.counts:
			return `"Counter()"`
		case v.factory == "OrderedDict":
			return `"OrderedDict()"`
		case v.factory != "":
			return strconv.Quote("defaultdict(" + v.factory + ", {})")
		}
		return `"{}"`
	case v.kind == "list" && v.elem.kind == "list" && v.elem.elem.kind == "prediction", v.kind == "list" && v.elem.kind == "prediction", v.kind == "prediction":
		t.approximate("NumPy's numbers inside lists are printed as numbers")
		return t.helper("repr") + "(" + v.code + ")"
	case v.kind == "frame" || v.kind == "labelled":
		return v.code
	case v.kind == "model" || v.kind == "layer" && v.goT != "functional.Layer":
		t.approximate("a model and a layer are printed as gokeras does")
		return v.code
	case v.kind == "deque":
		return t.dequeText(v, e)
	case v.kind == tJSON.kind:
		t.helper("jsonRepr")
		return "jsonPrinted(" + v.code + ")"
	case v.kind == "list" && v.elem != nil && v.elem.kind == tJSON.kind && !v.tuple && !v.row:
		return t.helper("jsonRepr") + "(" + v.code + ")"
	case v.kind == "any" && !v.row:
		return t.helper("anyText") + "(" + v.code + ")"
	case v.kind == "instance" && v.object != nil && v.object.class.base == "":
		for _, name := range []string{"__str__", "__repr__"} {
			if v.object.class.method(name) != nil {
				return t.as(t.callMethod(v, name, callOf(e)), "string", e)
			}
		}
	case v.kind == "dict":
		return t.dictText(v, e)
	case v.kind == "logs":
		t.approximate("a Go map has no order: the keys are printed in their alphabetical order")
		return t.helper("repr") + "(" + v.code + ")"
	case v.kind == "list" && v.elem.kind == "array" && v.row && v.items == nil:
		return t.helper("arrayTuple") + "(" + v.code + ")"
	case v.kind == "list" && v.elem.kind == "array" && v.items == nil && v.elem.pure:
		return t.helper("listText") + "(np.Of(" + v.code + "))"
	case v.kind == "list" && v.elem.kind == "array" && v.items == nil:
		return t.helper("arraysText") + "(" + v.code + ")"
	case len(v.items) > 0:
		var parts []string
		for _, i := range v.items {
			parts = append(parts, t.repr(i, e))
		}
		open, end := "[", "]"
		if v.tuple {
			open, end = "(", ")"
			if len(parts) == 1 {
				end = ",)"
			}
		}
		return fmt.Sprintf("%q + %s + %q", open, strings.Join(parts, ` + ", " + `), end)
	}
	fail(e, "%s isn't translated where it is printed", v.describe())
	return ""
}

// dictText is a dict as Python prints it.
func (t *translator) dictText(v *value, e *python.Expr) string {
	t.askOrder()
	code := t.inOrder(v)
	switch elem := v.elem; {
	case v.counts:
		return t.helper("counterText") + "(" + code + ")"
	case v.factory == "OrderedDict" || v.factory == "?":
		fail(e, "this dict isn't translated where it is printed")
	case elem.kind == "list" && elem.row && !elem.sizes && plainList(elem.elem) && !rows(*elem):
		code = t.helper("orderedTuples") + "(" + code + ")"
	case rows(*elem) || elem.set || elem.kind == "list" && elem.row || elem.kind == "any" && elem.row:
		fail(e, "a dict of tuples isn't translated where it is printed")
	case elem.kind == "array as a list":
		code = t.helper("orderedLists") + "(" + code + ")"
	default:
		code = t.helper("orderedText") + "(" + code + ")"
	}
	if v.factory != "" {
		return fmt.Sprintf("%q + %s + \")\"", "defaultdict("+v.factory+", ", code)
	}
	return code
}

func plainList(e *typ) bool {
	return e.kind == "int" || e.kind == "float" || e.kind == "str" || e.kind == "bool" || e.kind == "pair" || e.kind == "list" && plainList(e.elem)
}

// repr is the Go expression of a value inside a printed list.
func (t *translator) repr(v *value, e *python.Expr) string {
	if v.optional != "" {
		held := *v
		held.optional, held.maybe = "", false
		return fmt.Sprintf("func() string {\nif %s == nil {\nreturn \"None\"\n}\nreturn %s\n}()", v.optional, t.repr(&held, e))
	}
	switch v.kind {
	case tJSON.kind:
		return t.helper("jsonRepr") + "(" + v.code + ")"
	case "str":
		return t.helper("repr") + "(" + v.code + ")"
	case "array":
		t.approximate("NumPy's numbers inside lists and tuples are printed as numbers")
		return t.helper("reprArray") + "(" + v.code + ")"
	case "int", "frame", "model", "layer":
		return "fmt.Sprint(" + t.printed(v, e) + ")"
	}
	return t.printed(v, e)
}

// printLine emits fmt.Println.
func (t *translator) printLine(args []*value, e *python.Expr) {
	var parts []string
	for _, a := range args {
		parts = append(parts, t.printed(a, e))
	}
	t.code("fmt.Println(%s)", strings.Join(parts, ", "))
}

func (t *translator) print(c *call) *value {
	sep, end, to := `" "`, `"\n"`, ""
	for name, v := range c.kw {
		switch name {
		case "sep":
			sep = t.as(v, "string", c.e)
		case "end":
			end = t.as(v, "string", c.e)
		case "flush":
		case "file":
			switch v.path {
			case "sys.stdout":
			case "sys.stderr":
				to = "os.Stderr"
			default:
				if v.kind != tFile.kind {
					fail(c.e, "print's argument %s isn't translated", name)
				}
				to = v.tight()
			}
		default:
			fail(c.e, "print's argument %s isn't translated", name)
		}
	}
	for i, a := range c.args {
		if a.goT == "multi" && !slices.ContainsFunc(a.elems, func(e typ) bool { return !slices.Contains(packable, e.kind) }) {
			c.args[i] = &value{items: t.parts(a, len(a.elems), c.e), tuple: true, typ: typ{kind: "tuple"}}
		}
	}
	// print(model.summary()) prints the table, then None.
	if len(c.args) == 1 && c.args[0].kind == "done" {
		if c.args[0].code != "" {
			t.code("%s", c.args[0].code)
		}
		return &value{typ: typ{kind: "done"}, code: `fmt.Println("None")`}
	}
	if sep == `" "` && end == `"\n"` && to == "" {
		if len(c.args) == 1 && c.args[0].field != "" && strings.HasPrefix(c.args[0].code, "fmt.Sprintf(") {
			code := strings.TrimPrefix(c.args[0].code, "fmt.Sprintf(")
			format, rest, err := cutQuoted(code)
			if err == nil {
				text, _ := strconv.Unquote(format)
				return &value{typ: typ{kind: "done"}, code: "fmt.Printf(" + strconv.Quote(text+"\n") + rest}
			}
		}
		var parts []string
		for _, a := range c.args {
			parts = append(parts, t.printedAlone(a, c.e))
		}
		// Println puts the newline itself: vet refuses one at the end of a constant.
		if n := len(parts); n > 0 && strings.HasSuffix(parts[n-1], `\n"`) && strings.HasPrefix(parts[n-1], `"`) {
			parts[n-1] = strings.TrimSuffix(parts[n-1], `"`) + `\n"`
			return &value{typ: typ{kind: "done"}, code: "fmt.Print(" + strings.Join(parts, `, " ", `) + ")"}
		}
		return &value{typ: typ{kind: "done"}, code: "fmt.Println(" + strings.Join(parts, ", ") + ")"}
	}
	var parts []string
	for i, a := range c.args {
		if i > 0 {
			parts = append(parts, sep)
		}
		p := t.printedAlone(a, c.e)
		if a.kind == "int" || a.kind == "array" {
			p = "fmt.Sprint(" + p + ")"
		}
		parts = append(parts, p)
	}
	parts = append(parts, end)
	text := strings.Join(parts, " + ")
	switch to {
	case "":
		return done("fmt.Print(%s)", text)
	case "os.Stderr":
		return done("fmt.Fprint(os.Stderr, %s)", text)
	}
	return done("%s.write(%s)", to, text)
}

// cutQuoted divides code at the end of the string that it begins with.
func cutQuoted(code string) (quoted, rest string, err error) {
	quoted, err = strconv.QuotedPrefix(code)
	if err != nil {
		return "", "", err
	}
	return quoted, code[len(quoted):], nil
}

var spec = regexp.MustCompile(`^(?:(.)?([<>^]))?([+ ])?(0)?([0-9]*)(,)?(?:\.([0-9]+))?([a-zA-Z%])?$`)

// formatted is a verb and an argument of fmt's for a value and a format of Python's.
func (t *translator) formatted(v *value, format string, e *python.Expr) (verb, arg string) {
	if format == "" && v.optional != "" {
		return "%v", t.printed(v, e)
	}
	if format == "" {
		switch v.kind {
		case "int":
			if v.shown == "" {
				return "%d", v.code
			}
		case "str":
			return "%s", v.code
		case "array":
			if !v.eager {
				return "%v", t.helper("fieldOf") + "(" + v.code + ")"
			}
		}
		return "%v", t.printed(v, e)
	}
	m := spec.FindStringSubmatch(format)
	if m == nil || m[1] != "" && m[1] != " " || m[6] != "" || m[2] == "^" || m[2] == "=" {
		return "%s", t.field(v, strconv.Quote(format), e)
	}
	align, sign, zero, width, precision, kind := m[2], m[3], m[4], m[5], m[7], m[8]
	if v.kind == tJSON.kind {
		ty := tStr
		if kind == "d" {
			ty = tInt
		} else if kind != "" && strings.Contains("feEgG%", kind) {
			ty = tFloat
		}
		v = &value{typ: ty, code: t.fromJSON(v, ty.goT)}
	}
	flags := sign + zero
	if v.kind == "array" {
		v = &value{typ: tFloat, code: v.tight() + ".Float()"}
		if kind == "d" {
			v = &value{typ: tInt, code: strings.TrimSuffix(v.code, ".Float()") + ".Int()"}
		}
	}
	if align == "<" || v.kind == "str" && align == "" {
		flags += "-"
	}
	switch {
	case v.kind == "str" && (kind == "" || kind == "s"):
		if precision != "" {
			precision = "." + precision
		}
		return "%" + flags + width + precision + "s", v.code
	case number(v.typ) && v.kind != "bool" && strings.Contains("feEgG", kind) && kind != "":
		if precision == "" {
			precision = "6"
		}
		if kind == "g" || kind == "G" {
			// Python and Go choose the form of the exponent alike.
			return "%" + flags + width + "." + precision + kind, t.as(v, "float64", e)
		}
		return "%" + flags + width + "." + precision + kind, t.as(v, "float64", e)
	case number(v.typ) && v.kind != "bool" && kind == "%":
		if precision == "" {
			precision = "6"
		}
		code := "100*" + t.as(v, "float64", e)
		if v.loose {
			code = "100*(" + t.as(v, "float64", e) + ")"
		}
		return "%" + flags + width + "." + precision + "f%%", code
	case v.kind == "int" && (kind == "" || strings.Contains("dxXob", kind)):
		if kind == "" {
			kind = "d"
		}
		return "%" + flags + width + kind, v.code
	case v.kind == "float" && kind == "" && precision == "":
		return "%" + flags + width + "s", "np.FloatString(" + v.code + ")"
	}
	fail(e, "the format %q of %s isn't translated", format, v.describe())
	return "", ""
}

// field is format(v, spec) of a format that fmt doesn't have, or that isn't known before the program runs; spec is Go code.
func (t *translator) field(v *value, spec string, e *python.Expr) string {
	if !number(v.typ) && v.kind != "str" && v.kind != "array" {
		fail(e, "a format of %s isn't translated", v.describe())
	}
	code := v.code
	if v.konst && v.kind == "float" {
		code = "float64(" + code + ")"
	}
	return fmt.Sprintf("%s(%s, %s)", t.helper("formatField"), code, spec)
}

func sprintf(format string, args []string) *value {
	if len(args) == 0 {
		return &value{typ: tStr, code: strconv.Quote(strings.ReplaceAll(format, "%%", "%")), konst: true}
	}
	return &value{typ: tStr, code: fmt.Sprintf("fmt.Sprintf(%s, %s)", strconv.Quote(format), strings.Join(args, ", ")), field: format}
}

func (t *translator) fstring(e *python.Expr) *value {
	var format strings.Builder
	var args []string
	for _, p := range e.Args {
		if p.Kind == python.String {
			format.WriteString(strings.ReplaceAll(p.Text, "%", "%%"))
			continue
		}
		format.WriteString(strings.ReplaceAll(p.Spec, "%", "%%"))
		v := t.expr(p.Args[0])
		text, open := "", false
		if s := p.Args[1]; s != nil {
			for _, part := range s.Args {
				open = open || part.Kind != python.String
				text += part.Text
			}
		}
		if p.Text == "r" || p.Spec != "" && p.Text == "" && p.Args[1] == nil {
			v = &value{typ: tStr, code: t.repr(v, e)}
		} else if p.Text == "s" && v.kind != "str" {
			v = &value{typ: tStr, code: t.printed(v, e)}
			if strings.HasPrefix(v.code, "\x01") {
				v.code = "fmt.Sprint(" + v.code + ")"
			}
		}
		if open {
			format.WriteString("%s")
			args = append(args, t.field(v, t.fstring(p.Args[1]).code, e))
			continue
		}
		verb, arg := t.formatted(v, text, e)
		format.WriteString(verb)
		args = append(args, arg)
	}
	return sprintf(format.String(), args)
}

var fieldOf = regexp.MustCompile(`\{\{|\}\}|\{([a-zA-Z0-9_]*)(?::([^{}]*))?\}`)

// format is str.format.
func (t *translator) format(text string, c *call) *value {
	var args []string
	next := 0
	plain := strings.ReplaceAll(text, "%", "%%")
	bad := ""
	format := fieldOf.ReplaceAllStringFunc(plain, func(m string) string {
		switch m {
		case "{{":
			return "{"
		case "}}":
			return "}"
		}
		parts := fieldOf.FindStringSubmatch(m)
		var v *value
		if n, err := strconv.Atoi(parts[1]); err == nil && n < len(c.args) {
			v = c.args[n]
		} else if parts[1] == "" && next < len(c.args) {
			v = c.args[next]
			next++
		} else if kw, ok := c.kw[parts[1]]; ok {
			v = kw
		}
		if v == nil {
			bad = m
			return ""
		}
		verb, arg := t.formatted(v, strings.ReplaceAll(parts[2], "%%", "%"), c.e)
		args = append(args, arg)
		return verb
	})
	if bad != "" || strings.ContainsAny(fieldOf.ReplaceAllString(plain, ""), "{}") {
		fail(c.e, "the field %s of the format isn't translated", bad)
	}
	return sprintf(format, args)
}

var percentOf = regexp.MustCompile(`%%|%[-+ 0#]*[0-9]*(?:\.[0-9]+)?[diouxXeEfFgGcrs]`)

// percent is the % operator of strings.
func (t *translator) percent(a, b *value, e *python.Expr) *value {
	text, err := strconv.Unquote(a.code)
	if err != nil || !a.konst {
		fail(e, "a format that isn't a constant isn't translated")
	}
	values := []*value{b}
	if b.items != nil && b.tuple {
		values = b.items
	}
	var args []string
	n := 0
	format := percentOf.ReplaceAllStringFunc(text, func(m string) string {
		if m == "%%" {
			return m
		}
		if n >= len(values) {
			fail(e, "the format has more places than values")
		}
		v := values[n]
		n++
		switch kind := m[len(m)-1]; kind {
		case 'r':
			if v.kind == "str" {
				v = &value{typ: tStr, code: t.helper("repr") + "(" + v.code + ")"}
			}
			args = append(args, t.printed(v, e))
			return m[:len(m)-1] + "v"
		case 's':
			args = append(args, t.printed(v, e))
			return m[:len(m)-1] + "v"
		case 'd', 'i', 'u':
			if v.kind == "float" {
				args = append(args, "int("+v.code+")")
			} else {
				args = append(args, t.as(v, "int", e))
			}
			return m[:len(m)-1] + "d"
		case 'e', 'E', 'f', 'F', 'g', 'G':
			args = append(args, t.as(v, "float64", e))
			return m
		case 'x', 'X', 'o':
			args = append(args, t.as(v, "int", e))
			return m
		}
		fail(e, "the format %s isn't translated", m)
		return ""
	})
	if n != len(values) {
		fail(e, "the format has fewer places than values")
	}
	return sprintf(format, args)
}

// printEach is print(*list) of a list whose length isn't known; nil for others.
func (t *translator) printEach(list *value, e *python.Expr) *value {
	if list.kind == "dict" {
		list = t.sortedKeysOf(list)
	}
	if list.kind != "list" || list.items != nil || list.elem == nil || list.shown != "" || !slices.Contains([]string{"str", "int", "float", "bool"}, list.elem.kind) {
		return nil
	}
	c := callOf(e)
	sep := `" "`
	for _, k := range e.Keywords {
		if k.Name == "sep" {
			sep = t.as(t.expr(k.Value), "string", e)
			continue
		}
		c.kw[k.Name], c.keys = t.expr(k.Value), append(c.keys, k.Name)
	}
	texts := list.code
	if list.elem.kind != "str" {
		texts = t.helper("textsOf") + "(" + list.code + ")"
	}
	c.args = []*value{{typ: tStr, code: fmt.Sprintf("strings.Join(%s, %s)", texts, sep)}}
	return t.print(c)
}
