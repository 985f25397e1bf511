package port

import (
	"fmt"
	"strconv"
	"strings"
)

// textMethods are methods that arrays don't have and texts have: of the elements of a column of texts.
var textMethods = strings.Fields("split lower upper strip startswith endswith splitlines lstrip rstrip title")

func (t *translator) stringMethod(v *value, name string, c *call) *value {
	if name != "format" && name != "split" && name != "encode" && name != "decode" && len(c.keys) > 0 {
		fail(c.e, "the argument %s isn't translated", c.keys[0])
	}
	texts := func() []string {
		var parts []string
		for _, a := range c.args {
			parts = append(parts, t.as(a, "string", c.e))
		}
		return parts
	}
	switch name {
	case "format":
		if text, rest, err := cutQuoted(v.code); err == nil && rest == "" {
			if unquoted, err := strconv.Unquote(text); err == nil {
				return t.format(unquoted, c)
			}
		}
		if len(c.keys) == 0 {
			var args []string
			for _, a := range c.args {
				args = append(args, t.printed(a, c.e))
			}
			return &value{typ: tStr, code: fmt.Sprintf("%s(%s)", t.helper("formatText"), strings.Join(append([]string{v.code}, args...), ", "))}
		}
		fail(c.e, "a format that isn't a constant isn't translated")
	case "lower":
		return &value{typ: tStr, code: "strings.ToLower(" + v.code + ")"}
	case "upper":
		return &value{typ: tStr, code: "strings.ToUpper(" + v.code + ")"}
	case "title", "capitalize":
		return &value{typ: tStr, code: t.helper(name) + "(" + v.code + ")"}
	case "isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace":
		return &value{typ: tBool, code: t.helper(name) + "(" + v.code + ")"}
	case "find", "index", "count":
		if len(c.args) == 1 {
			if name == "count" {
				return &value{typ: tInt, code: fmt.Sprintf("strings.Count(%s, %s)", v.code, texts()[0])}
			}
			return &value{typ: tInt, code: fmt.Sprintf("%s(%s, %s)", t.helper(map[string]string{"find": "findText", "index": "indexText"}[name]), v.code, texts()[0])}
		}
	case "lstrip", "rstrip":
		side := map[string]string{"lstrip": "TrimLeft", "rstrip": "TrimRight"}[name]
		if len(c.args) == 0 {
			return &value{typ: tStr, code: fmt.Sprintf(`strings.%s(%s, " \t\n\r\v\f")`, side, v.code)}
		}
		return &value{typ: tStr, code: fmt.Sprintf("strings.%s(%s, %s)", side, v.code, texts()[0])}
	case "removeprefix", "removesuffix":
		if len(c.args) == 1 {
			f := map[string]string{"removeprefix": "TrimPrefix", "removesuffix": "TrimSuffix"}[name]
			return &value{typ: tStr, code: fmt.Sprintf("strings.%s(%s, %s)", f, v.code, texts()[0])}
		}
	case "swapcase":
		return &value{typ: tStr, code: t.helper("swapcase") + "(" + v.code + ")"}
	case "splitlines":
		return &value{typ: listOf(tStr), code: t.helper("splitLines") + "(" + v.code + ")"}
	case "zfill":
		if len(c.args) == 1 {
			return &value{typ: tStr, code: fmt.Sprintf("%s(%s, %s)", t.helper("zfill"), v.code, t.as(c.args[0], "int", c.e))}
		}
	case "encode", "decode":
		encoding, errors := c.arg(0, "encoding"), c.arg(1, "errors")
		t.approximate("texts and bytes are one in Go")
		if encoding != nil && encoding.code == `"ascii"` && errors != nil && errors.code == `"ignore"` {
			return &value{typ: tStr, code: t.helper("asciiOnly") + "(" + v.code + ")"}
		}
		return v
	case "strip":
		if len(c.args) == 1 {
			return &value{typ: tStr, code: fmt.Sprintf("strings.Trim(%s, %s)", v.code, texts()[0])}
		}
		if len(c.args) == 0 {
			return &value{typ: tStr, code: "strings.TrimSpace(" + v.code + ")"}
		}
	case "split":
		if len(c.args)+len(c.keys) == 0 {
			return &value{typ: listOf(tStr), code: "strings.Fields(" + v.code + ")"}
		}
		sep, most := c.arg(0, "sep"), c.arg(1, "maxsplit")
		c.done()
		switch {
		case most != nil && sep != nil && sep.kind == "str":
			if n := t.as(most, "int", c.e); most.konst && !strings.HasPrefix(n, "-") {
				return &value{typ: listOf(tStr), code: fmt.Sprintf("strings.SplitN(%s, %s, 1 + %s)", v.code, sep.code, n)}
			}
			fail(c.e, "a maxsplit that isn't a constant isn't translated")
		case most == nil && sep != nil && sep.kind == "str":
			return &value{typ: listOf(tStr), code: "strings.Split(" + v.code + ", " + sep.code + ")"}
		case most == nil && sep != nil && sep.kind == "none":
			return &value{typ: listOf(tStr), code: "strings.Fields(" + v.code + ")"}
		case most != nil && (sep == nil || sep.kind == "none"):
			return &value{typ: listOf(tStr), code: fmt.Sprintf("%s(%s, %s)", t.helper("splitWords"), v.code, t.as(most, "int", c.e))}
		}
	case "rsplit":
		if len(c.args) == 2 && len(c.keys) == 0 {
			return &value{typ: listOf(tStr), code: fmt.Sprintf("%s(%s, %s, %s)", t.helper("rsplit"), v.code, t.as(c.args[0], "string", c.e), t.as(c.args[1], "int", c.e))}
		}
	case "partition", "rpartition":
		if len(c.args) == 1 {
			ty := typ{kind: "tuple", goT: "multi", elems: []typ{tStr, tStr, tStr}}
			return &value{typ: ty, code: fmt.Sprintf("%s(%s, %s)", t.helper(name), v.code, texts()[0])}
		}
	case "center", "ljust", "rjust":
		fill := `" "`
		if f := c.arg(1); f != nil {
			fill = t.as(f, "string", c.e)
		}
		return &value{typ: tStr, code: fmt.Sprintf("%s(%s, %s, %s, %q)", t.helper("padText"), v.code, t.as(c.need(0, "width"), "int", c.e), fill, map[string]string{"center": "^", "ljust": "<", "rjust": ">"}[name])}
	case "replace":
		if len(c.args) == 3 {
			return &value{typ: tStr, code: fmt.Sprintf("strings.Replace(%s, %s, %s, %s)", v.code, t.as(c.args[0], "string", c.e), t.as(c.args[1], "string", c.e), t.as(c.args[2], "int", c.e))}
		}
		if len(c.args) == 2 {
			return &value{typ: tStr, code: "strings.ReplaceAll(" + v.code + ", " + strings.Join(texts(), ", ") + ")"}
		}
	case "startswith", "endswith":
		if len(c.args) == 1 {
			if c.args[0].tuple && c.args[0].items != nil {
				var any []string
				for _, i := range c.args[0].items {
					any = append(any, fmt.Sprintf("strings.%s(%s, %s)", map[string]string{"startswith": "HasPrefix", "endswith": "HasSuffix"}[name], v.code, t.as(i, "string", c.e)))
				}
				return &value{typ: tBool, code: "(" + strings.Join(any, " || ") + ")"}
			}
			return &value{typ: tBool, code: fmt.Sprintf("strings.%s(%s, %s)", map[string]string{"startswith": "HasPrefix", "endswith": "HasSuffix"}[name], v.code, texts()[0])}
		}
	case "join":
		if len(c.args) == 1 && c.args[0].kind == "empty" && c.args[0].open == nil {
			return &value{typ: tStr, code: `""`, konst: true}
		}
		if len(c.args) == 1 && c.args[0].kind == "list" && c.args[0].elem.kind == tJSON.kind {
			return &value{typ: tStr, code: fmt.Sprintf("strings.Join(%s[string](%s), %s)", t.jsonList(), c.args[0].code, v.code)}
		}
		if len(c.args) == 1 && c.args[0].kind == tJSON.kind {
			return &value{typ: tStr, code: fmt.Sprintf("strings.Join(%s[string](%s(%s)), %s)", t.jsonList(), t.helper("jsonItems"), c.args[0].code, v.code)}
		}
		if len(c.args) == 1 && c.args[0].kind == "str" {
			return &value{typ: tStr, code: fmt.Sprintf(`strings.Join(strings.Split(%s, ""), %s)`, c.args[0].code, v.code)}
		}
		if len(c.args) == 1 && c.args[0].goT == "[]string" {
			return &value{typ: tStr, code: fmt.Sprintf("strings.Join(%s, %s)", c.args[0].code, v.code)}
		}
	}
	fail(c.e, "the method %s of a string isn't translated", name)
	return nil
}
