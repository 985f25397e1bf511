package port

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// ownFlags are flags that programs have by themselves.
var ownFlags = []string{"dataset", "data"}

// argument is add_argument of an argparse.ArgumentParser: a flag of the program.
func (t *translator) argument(parser *value, c *call) *value {
	if t.o.Package != "" || t.o.Notebook {
		fail(c.e, "a script's arguments are for programs")
	}
	name := ""
	for i, a := range c.args {
		c.arg(i)
		text, err := strconv.Unquote(a.code)
		if a.kind != "str" || !a.konst || err != nil {
			fail(c.e, "the argument's name isn't a constant")
		}
		if strings.HasPrefix(text, "--") || name == "" {
			name = text
		}
	}
	if !strings.HasPrefix(name, "-") {
		fail(c.e, "arguments by place aren't translated")
	}
	flagName := strings.TrimLeft(name, "-")
	attr := strings.ReplaceAll(flagName, "-", "_")
	if dest := c.arg(-1, "dest"); dest != nil {
		attr, _ = strconv.Unquote(dest.code)
	}
	if slices.Contains(ownFlags, flagName) {
		t.approximate("the script's flag %s is called -script-%s, since the program has one of that name", name, flagName)
		flagName = "script-" + flagName
	}
	if flagName == "" || parser.entries[attr].kind != "" {
		fail(c.e, "the flag %s is taken", name)
	}
	help := `""`
	if h := c.arg(-1, "help"); h != nil && h.konst {
		help = t.as(h, "string", c.e)
	}
	ty, def := c.arg(-1, "type"), c.arg(-1, "default")
	kind := tStr
	switch action := c.arg(-1, "action"); {
	case action != nil && action.code == `"store_true"`:
		kind, def = tBool, &value{typ: tBool, code: "false", konst: true}
	case action != nil:
		fail(c.e, "this action isn't translated")
	case ty == nil && def != nil && def.kind == "int", ty != nil && ty.path == "builtins.int":
		kind = tInt
	case ty == nil && def != nil && def.kind == "float", ty != nil && ty.path == "builtins.float":
		kind = tFloat
	case ty != nil && ty.path == "pathlib.Path":
		kind = tPath
	case ty != nil && ty.path != "builtins.str":
		fail(c.e, "the type of this argument isn't translated")
	}
	required := c.arg(-1, "required")
	c.arg(-1, "metavar")
	c.done()
	if def == nil || def.kind == "none" {
		if required == nil || required.code != "true" {
			t.approximate("an argument that isn't given is empty, not None")
		}
		def = map[string]*value{"int": {typ: tInt, code: "0", konst: true}, "float": {typ: tFloat, code: "0", konst: true}, "str": {typ: tStr, code: `""`, konst: true}, "path": {typ: tPath, code: `""`, konst: true}}[kind.kind]
	}
	if !def.konst {
		fail(c.e, "a default that isn't a constant isn't translated")
	}
	va := t.functionName(attr + "_flag")
	f := map[string]string{"int": "Int", "float": "Float64", "str": "String", "path": "String", "bool": "Bool"}[kind.kind]
	t.declared = append(t.declared, fmt.Sprintf("var %s = flag.%s(%q, %s, %s)", va, f, flagName, t.as(def, kind.goT, c.e), help))
	t.flags["argument "+flagName] = true
	parser.entries[attr] = kind
	parser.names[attr] = va
	return done("")
}

// parsed is what parse_args gives: its attributes are the flags.
func (t *translator) parsed(v *value, name string, e *python.Expr) *value {
	ty, ok := v.entries[name]
	if !ok {
		fail(e, "the script has no argument %s", name)
	}
	return &value{typ: ty, code: "*" + v.names[name], loose: true}
}

// written are the constants of a dict that is written out, nil if some of it isn't constant.
func written(keys []string, values []*value) map[string]*value {
	if len(keys) != len(values) {
		return nil
	}
	constants := map[string]*value{}
	for i, v := range values {
		if v.kind != "none" && !v.konst && (len(v.items) == 0 || slices.ContainsFunc(v.items, func(part *value) bool { return !part.konst })) {
			return nil
		}
		constants[keys[i]] = v
	}
	return constants
}

// keywordsDict is what ** collected as a dict, where its entries have one kind.
func (t *translator) keywordsDict(v *value, e *python.Expr) *value {
	if len(v.items) == 0 {
		return &value{typ: dictType(tStr, tStr), code: "map[string]string{}"}
	}
	all := &value{items: slices.Clone(v.items)}
	t.listType(all, e)
	if all.elem == nil {
		fail(e, "arguments by name of several kinds aren't translated as a dict")
	}
	made := &value{typ: dictType(tStr, *all.elem)}
	var parts []string
	for i, k := range v.keys {
		parts = append(parts, strconv.Quote(k)+": "+t.as(v.items[i], all.elem.goT, e))
		made.order = append(made.order, strconv.Quote(k))
	}
	made.code = made.goT + "{" + strings.Join(parts, ", ") + "}"
	return made
}

// keyword is the argument that ** collected under a name, nil if there is none.
func keyword(v *value, key *value) *value {
	name, err := strconv.Unquote(key.code)
	if i := slices.Index(v.keys, name); err == nil && key.konst && i >= 0 {
		return v.items[i]
	}
	return nil
}

// keywordsMethod is a method of what ** collected.
func (t *translator) keywordsMethod(v *value, name string, c *call) *value {
	if name == "get" || name == "pop" {
		key, or := c.need(0, "key"), c.arg(1, "default")
		c.done()
		if key.kind != "str" || !key.konst {
			fail(c.e, "an argument whose name isn't a constant isn't translated")
		}
		held := keyword(v, key)
		if name == "pop" && held != nil {
			i := slices.Index(v.items, held)
			v.items, v.keys = slices.Delete(slices.Clone(v.items), i, i+1), slices.Delete(slices.Clone(v.keys), i, i+1)
		}
		switch {
		case held != nil:
			return held
		case or != nil:
			return or
		case name == "get":
			return &value{typ: tNone}
		}
		fail(c.e, "the argument %s isn't given", key.code)
	}
	return t.method(t.keywordsDict(v, c.e), name, c)
}

// keywords are the arguments of ** in a call: a dict's that is written out with constants and that no statement changes.
func (t *translator) keywords(c *call, e *python.Expr) {
	v := t.expr(e)
	if v.kind == tKeywords.kind {
		for i, k := range v.keys {
			if c.kw[k] != nil {
				fail(e, "the argument %s is given twice", k)
			}
			c.kw[k], c.keys = v.items[i], append(c.keys, k)
		}
		return
	}
	name := regexp.QuoteMeta(e.Text)
	if v.written == nil || e.Kind == python.Name && (regexp.MustCompile(`\b`+name+`(\s*\[[^]\n]*\]\s*[-+*/]?=[^=]|\s*\|=|\.(update|pop|popitem|clear|setdefault)\b)|\bdel\s+`+name+`\s*\[`).MatchString(t.source) ||
		!t.sc.top && len(regexp.MustCompile(`\b`+name+`\s*=[^=]`).FindAllString(t.source, 2)) > 1) { // a function is translated once
		fail(e, "** of anything but a dict of constants that is written out isn't translated")
	}
	for _, k := range v.keys {
		if c.kw[k] != nil {
			fail(e, "the argument %s is given twice", k)
		}
		c.kw[k] = v.written[k]
		c.keys = append(c.keys, k)
	}
}
