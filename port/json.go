package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Python's module json. What a file holds is known when the program runs: values of this kind are checked where they are used.

var tJSON = typ{kind: "value of a JSON file", goT: "any"}

// json is a call of the module; nil for one that isn't known.
func (t *translator) json(name string, c *call) *value {
	switch name {
	case "load":
		f := c.need(0, "fp")
		c.done()
		if f.kind != tFile.kind {
			fail(c.e, "json.load of %s isn't translated", f.describe())
		}
		return &value{typ: tJSON, code: fmt.Sprintf("%s(%s.read())", t.helper("parseJSON"), f.tight())}
	case "loads":
		text := c.need(0, "s")
		c.done()
		return &value{typ: tJSON, code: fmt.Sprintf("%s(%s)", t.helper("parseJSON"), t.as(text, "string", c.e))}
	case "dumps":
		return &value{typ: tStr, code: t.jsonText(c, 1)}
	case "dump":
		f := c.need(1, "fp")
		if f.kind != tFile.kind {
			fail(c.e, "json.dump into %s isn't translated", f.describe())
		}
		return done("%s.write(%s)", f.tight(), t.jsonText(c, 2))
	}
	return nil
}

// jsonText is the code of what dump and dumps write.
func (t *translator) jsonText(c *call, place int) string {
	v := c.need(0, "obj")
	indent, ascii, sorted := `""`, "true", "false"
	for _, k := range c.keys {
		x := c.arg(-1, k)
		switch {
		case x.kind == "none", k == "fp", k == "obj", k == "allow_nan" && x.code == "true", k == "check_circular":
		case k == "indent" && x.kind == "int":
			indent = fmt.Sprintf(`"\n" + strings.Repeat(" ", %s)`, x.code)
			if n, err := strconv.Atoi(x.code); err == nil && x.konst && n >= 0 {
				indent = strconv.Quote("\n" + strings.Repeat(" ", n))
			}
		case k == "indent" && x.kind == "str":
			indent = `"\n" + ` + x.tight()
		case k == "ensure_ascii":
			ascii = t.as(x, "bool", c.e)
		case k == "sort_keys":
			sorted = t.as(x, "bool", c.e)
		default:
			fail(c.e, "the argument %s of json.dump isn't translated", k)
		}
	}
	for i := range min(len(c.args), place) {
		c.arg(i)
	}
	c.done()
	return fmt.Sprintf("%s(%s, %s, %s, %s)", t.helper("jsonText"), t.jsonValue(v, c.e), indent, sorted, ascii)
}

// jsonValue is a value as json.dump takes it.
func (t *translator) jsonValue(v *value, e *python.Expr) string {
	switch {
	case v.kind == "none":
		return "nil"
	case v.optional != "":
		return v.optional
	case v.kind == "dict" || v.kind == "logs":
		t.askOrder()
		if v.elem != nil && v.elem.kind == "array as a list" {
			return t.helper("jsonDictOfLists") + "(" + t.inOrder(v) + ")"
		}
		return t.inOrder(v)
	case v.kind == "empty dict":
		return "map[string]any{}"
	case v.kind == "empty":
		return "[]any{}"
	case v.kind == "tuple" && v.items != nil:
		var parts []string
		for _, i := range v.items {
			parts = append(parts, t.jsonValue(i, e))
		}
		return "[]any{" + strings.Join(parts, ", ") + "}"
	case v.code != "" && !v.set && slices.Contains([]string{"int", "float", "str", "bool", "list", "pair", "array", "array as a list", "any", tJSON.kind}, v.kind):
		if v.kind == "array as a list" {
			return t.helper("jsonLists") + "(" + v.code + ")"
		}
		return v.code
	}
	fail(e, "%s as JSON isn't translated", v.describe())
	return ""
}

// jsonList is the helper that makes a list of one type of values of a file.
func (t *translator) jsonList() string {
	t.helper("jsonArray")
	return "jsonList"
}

// fromJSON is a value of a file where a number or a text is wanted.
func (t *translator) fromJSON(v *value, goType string) string {
	return fmt.Sprintf("%s[%s](%s)", t.helper("jsonAs"), goType, v.code)
}

// beside is a value of a file as the other operand wants it.
func (t *translator) beside(v, other *value) *value {
	switch {
	case v.kind != tJSON.kind:
		return v
	case other.kind == "str":
		return &value{typ: tStr, code: t.fromJSON(v, "string")}
	}
	return &value{typ: tArray, code: t.helper("jsonArray") + "(" + v.code + ")"}
}

// jsonCompare is a comparison with a value of a file; "" where it isn't translated.
func (t *translator) jsonCompare(op string, a, b *value, e *python.Expr) string {
	not := map[bool]string{true: "!"}[op == "!=" || op == "not in" || op == "is not"]
	plain := func(v *value) bool {
		return v.kind == tJSON.kind || (number(v.typ) || v.kind == "str") && v.optional == ""
	}
	switch {
	case (a.kind == "none" || b.kind == "none") && op != "in" && op != "not in":
		v := a
		if a.kind == "none" {
			v = b
		}
		return v.tight() + map[string]string{"": " == nil", "!": " != nil"}[not]
	case (op == "==" || op == "!=") && plain(a) && plain(b):
		return fmt.Sprintf("%s%s(%s, %s)", not, t.helper("jsonEqual"), a.code, b.code)
	case (op == "in" || op == "not in") && b.kind == tJSON.kind && plain(a):
		return fmt.Sprintf("%s%s(%s, %s)", not, t.helper("jsonHas"), b.code, a.code)
	case (op == "in" || op == "not in") && b.kind == "list" && (b.elem.kind == "str" || b.elem.kind == "int"):
		return fmt.Sprintf("%sslices.ContainsFunc(%s, func(x %s) bool { return %s(x, %s) })", not, b.code, b.elem.goT, t.helper("jsonEqual"), a.code)
	case strings.ContainsAny(op, "<>") && (a.kind == "str" || b.kind == "str"):
		return t.as(a, "string", e) + " " + op + " " + t.as(b, "string", e)
	case strings.ContainsAny(op, "<>"):
		return t.as(a, "float64", e) + " " + op + " " + t.as(b, "float64", e)
	}
	return ""
}

// jsonIndex is v[key] of a value of a file.
func (t *translator) jsonIndex(v *value, sub, e *python.Expr) *value {
	if sub.Kind == python.Slice {
		return &value{typ: listOf(tJSON), code: fmt.Sprintf("%s(%s(%s), %s)", t.helper("every"), t.helper("jsonItems"), v.code, t.slice(sub))}
	}
	key := t.expr(sub)
	if key.kind != "str" && key.kind != "int" && key.kind != tJSON.kind {
		fail(e, "%s as a key of a value of a JSON file isn't translated", key.describe())
	}
	return &value{typ: tJSON, code: fmt.Sprintf("%s(%s, %s)", t.helper("jsonAt"), v.code, key.code)}
}

// jsonMethod is a method of a value of a file: of a dict, or of a text.
func (t *translator) jsonMethod(v *value, name string, c *call) *value {
	switch name {
	case "keys":
		c.done()
		return &value{typ: listOf(tStr), code: t.helper("jsonKeys") + "(" + v.code + ")"}
	case "values":
		c.done()
		return &value{typ: listOf(tJSON), code: t.helper("jsonValues") + "(" + v.code + ")"}
	case "items":
		c.done()
		return &value{typ: listOf(tupleType([]typ{tStr, tJSON})), code: t.helper("jsonPairs") + "(" + v.code + ")"}
	case "get":
		key, or := c.need(0, "key"), c.arg(1, "default")
		c.done()
		code := "nil"
		if or != nil {
			code = t.jsonValue(or, c.e)
		}
		return &value{typ: tJSON, code: fmt.Sprintf("%s(%s, %s, %s)", t.helper("jsonGet"), v.code, t.as(key, "string", c.e), code)}
	}
	if slices.Contains(textMethods, name) || name == "replace" || name == "find" || name == "count" || name == "encode" {
		return t.stringMethod(&value{typ: tStr, code: t.fromJSON(v, "string")}, name, c)
	}
	fail(c.e, "the method %s of a value of a JSON file isn't translated", name)
	return nil
}

// jsonHelpers read and write JSON as Python does.
var jsonHelpers = map[string]string{
	"jsonText": `
// jsonText is json.dumps: indent is a line's end with what each level adds to it, "" for one line.
func jsonText(v any, indent string, sorted, ascii bool) string {
	var b strings.Builder
	var write func(v any, end string)
	list := func(n int, open, close, end string, item func(i int, end string)) {
		b.WriteString(open)
		inner := end
		if indent != "" {
			if inner == "" {
				inner = "\n"
			}
			inner += indent[1:]
		}
		for i := range n {
			switch {
			case i > 0 && indent == "":
				b.WriteString(", ")
			case i > 0:
				b.WriteString("," + inner)
			default:
				b.WriteString(inner)
			}
			item(i, inner)
		}
		if n > 0 && indent != "" {
			b.WriteString(inner[:len(inner)-len(indent)+1])
		}
		b.WriteString(close)
	}
	entries := func(keys []string, end string, at func(k string) any) {
		if sorted {
			slices.Sort(keys)
		}
		list(len(keys), "{", "}", end, func(i int, end string) {
			b.WriteString(jsonQuoted(keys[i], ascii) + ": ")
			write(at(keys[i]), end)
		})
	}
	write = func(v any, end string) {
		switch v := v.(type) {
		case nil:
			b.WriteString("null")
			return
		case *jsonDict:
			entries(slices.Clone(v.keys), end, func(k string) any { return v.values[k] })
			return
		case *np.Array:
			if v.NDim() > 0 || v.DType() != "float64" {
				np.Fail("TypeError", "Object of type %s is not JSON serializable", map[bool]string{true: "ndarray", false: string(v.DType())}[v.NDim() > 0])
			}
			write(v.Float(), end)
			return
		}
		switch r := reflect.ValueOf(v); r.Kind() {
		case reflect.String:
			b.WriteString(jsonQuoted(r.String(), ascii))
		case reflect.Bool:
			fmt.Fprint(&b, r.Bool())
		case reflect.Int:
			fmt.Fprint(&b, r.Int())
		case reflect.Float64:
			text := np.FloatString(r.Float())
			if name := map[string]string{"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[text]; name != "" {
				text = name
			}
			b.WriteString(text)
		case reflect.Pointer:
			if r.IsNil() {
				b.WriteString("null")
				return
			}
			write(r.Elem().Interface(), end)
		case reflect.Slice:
			list(r.Len(), "[", "]", end, func(i int, end string) { write(r.Index(i).Interface(), end) })
		case reflect.Struct:
			list(r.NumField(), "[", "]", end, func(i int, end string) { write(r.Field(i).Interface(), end) })
		case reflect.Map:
			var keys []string
			at := map[string]reflect.Value{}
			for _, k := range orderedKeys(r) {
				key := fmt.Sprint(k)
				if k.Kind() == reflect.Float64 {
					key = np.FloatString(k.Float())
				}
				keys, at[key] = append(keys, key), r.MapIndex(k)
			}
			entries(keys, end, func(k string) any { return at[k].Interface() })
		default:
			np.Fail("TypeError", "Object of type %T is not JSON serializable", v)
		}
	}
	write(v, "")
	return b.String()
}

// jsonQuoted is a text in JSON as Python writes it.
func jsonQuoted(text string, ascii bool) string {
	made := []byte{'"'}
	for _, r := range text {
		short := strings.IndexRune("\"\\\n\r\t\f\b", r)
		switch {
		case short >= 0:
			made = append(made, '\\', "\"\\nrtfb"[short])
		case r < ' ' || ascii && r > '~' && r < 0x10000:
			made = fmt.Appendf(made, "\\u%04x", r)
		case ascii && r >= 0x10000:
			high, low := utf16.EncodeRune(r)
			made = fmt.Appendf(made, "\\u%04x\\u%04x", high, low)
		default:
			made = utf8.AppendRune(made, r)
		}
	}
	return string(append(made, '"'))
}
`,
	"parseJSON": `
// jsonDict is an object of a JSON file, whose keys have an order.
type jsonDict struct {
	keys   []string
	values map[string]any
}

// parseJSON is json.loads: of None, bools, ints, floats, texts, lists and dicts.
func parseJSON(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := nextJSON(d)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("extra data")
		}
	}
	if err != nil {
		np.Fail("JSONDecodeError", "%v", err)
	}
	return v
}

func nextJSON(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n, nil
		}
		if !strings.ContainsAny(v.String(), ".eE") {
			return nil, fmt.Errorf("the number %s is too large for an int of Go's", v)
		}
		return v.Float64()
	case json.Delim:
		if v == '[' {
			list := []any{}
			for d.More() {
				x, err := nextJSON(d)
				if err != nil {
					return nil, err
				}
				list = append(list, x)
			}
			_, err := d.Token()
			return list, err
		}
		dict := &jsonDict{values: map[string]any{}}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			x, err := nextJSON(d)
			if err != nil {
				return nil, err
			}
			k := key.(string)
			if _, twice := dict.values[k]; !twice {
				dict.keys = append(dict.keys, k)
			}
			dict.values[k] = x
		}
		_, err := d.Token()
		return dict, err
	}
	return token, nil
}

// jsonClass is what Python calls the class of a value of a JSON file.
func jsonClass(v any) string {
	switch v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []any:
		return "list"
	}
	return "dict"
}
`,
	"jsonAs": `
// jsonAs is a value of a JSON file where one type is wanted.
func jsonAs[T any](v any) T {
	if n, ok := v.(int); ok {
		if f, ok := any(float64(n)).(T); ok {
			return f
		}
	}
	x, ok := v.(T)
	if !ok {
		np.Fail("TypeError", "the JSON file has a value of type %s where a %T is wanted", jsonClass(v), x)
	}
	return x
}
`,
	"jsonAt": `
// jsonAt is v[key] of a value of a JSON file.
func jsonAt(v, key any) any {
	switch v := v.(type) {
	case *jsonDict:
		if k, ok := key.(string); ok {
			if x, ok := v.values[k]; ok {
				return x
			}
		}
		np.Fail("KeyError", "%s", jsonRepr(key))
	case []any:
		if i, ok := key.(int); ok {
			if i < 0 {
				i += len(v)
			}
			if i < 0 || i >= len(v) {
				np.Fail("IndexError", "list index out of range")
			}
			return v[i]
		}
	case string:
		if i, ok := key.(int); ok {
			runes := []rune(v)
			if i < 0 {
				i += len(runes)
			}
			if i < 0 || i >= len(runes) {
				np.Fail("IndexError", "string index out of range")
			}
			return string(runes[i])
		}
	}
	np.Fail("TypeError", "the JSON file has a value of type %s where one with the key %v is wanted", jsonClass(v), key)
	return nil
}
`,
	"jsonItems": `
// jsonItems are what a loop over a value of a JSON file sees.
func jsonItems(v any) (items []any) {
	switch v := v.(type) {
	case []any:
		return v
	case *jsonDict:
		for _, k := range v.keys {
			items = append(items, k)
		}
		return items
	case string:
		for _, r := range v {
			items = append(items, string(r))
		}
		return items
	}
	np.Fail("TypeError", "'%s' object is not iterable", jsonClass(v))
	return nil
}
`,
	"jsonLen": `
func jsonLen(v any) int { return len(jsonItems(v)) }
`,
	"jsonKeys": `
func jsonKeys(v any) []string { return slices.Clone(jsonAs[*jsonDict](v).keys) }
`,
	"jsonValues": `
func jsonValues(v any) (values []any) {
	dict := jsonAs[*jsonDict](v)
	for _, k := range dict.keys {
		values = append(values, dict.values[k])
	}
	return values
}
`,
	"jsonPairs": `
// jsonPairs are the items of a dict of a JSON file.
func jsonPairs(v any) (pairs []struct {
	A string
	B any
}) {
	dict := jsonAs[*jsonDict](v)
	for _, k := range dict.keys {
		pairs = append(pairs, struct {
			A string
			B any
		}{k, dict.values[k]})
	}
	return pairs
}
`,
	"jsonGet": `
func jsonGet(v any, key string, or any) any {
	if x, ok := jsonAs[*jsonDict](v).values[key]; ok {
		return x
	}
	return or
}
`,
	"jsonTrue": `
// jsonTrue is a value of a JSON file as a condition.
func jsonTrue(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int:
		return v != 0
	case float64:
		return v != 0
	}
	return jsonLen(v) > 0
}
`,
	"jsonEqual": `
// jsonEqual is a == b, of which one at least comes from a JSON file.
func jsonEqual(a, b any) bool {
	number := func(v any) (float64, bool) {
		switch v := v.(type) {
		case int:
			return float64(v), true
		case float64:
			return v, true
		case bool:
			if v {
				return 1, true
			}
			return 0, true
		}
		return 0, false
	}
	x, first := number(a)
	y, second := number(b)
	if first && second {
		return x == y
	}
	return jsonRepr(a) == jsonRepr(b)
}
`,
	"jsonHas": `
// jsonHas is x in v.
func jsonHas(v, x any) bool {
	if text, ok := v.(string); ok {
		return strings.Contains(text, jsonAs[string](x))
	}
	return slices.ContainsFunc(jsonItems(v), func(item any) bool { return jsonEqual(item, x) })
}
`,
	"jsonRepr": `
// jsonRepr is a value of a JSON file as Python writes it inside of lists.
func jsonRepr(v any) string {
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, jsonRepr(x))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *jsonDict:
		var parts []string
		for _, k := range v.keys {
			parts = append(parts, repr(k)+": "+jsonRepr(v.values[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return repr(v)
}

// jsonPrinted is a value of a JSON file as print writes it.
func jsonPrinted(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	return jsonRepr(v)
}
`,
	"jsonArray": `
// jsonArray is a value of a JSON file as an array.
func jsonArray(v any) *np.Array {
	list, ok := v.([]any)
	if !ok {
		switch v.(type) {
		case bool, int, float64, string:
			return np.Of(v)
		}
		np.Fail("TypeError", "the JSON file has a value of type %s where an array is wanted", jsonClass(v))
	}
	classes := map[string]bool{}
	for _, x := range list {
		classes[jsonClass(x)] = true
	}
	switch {
	case len(list) == 0:
		return np.Of([]float64{})
	case classes["list"] && len(classes) == 1:
		var rows []*np.Array
		for _, x := range list {
			rows = append(rows, jsonArray(x))
		}
		return np.Stack(rows)
	case classes["int"] && len(classes) == 1:
		return np.Of(jsonList[int](list))
	case classes["str"] && len(classes) == 1:
		return np.Of(jsonList[string](list))
	case classes["bool"] && len(classes) == 1:
		return np.Of(jsonList[bool](list))
	}
	return np.Of(jsonList[float64](list))
}

func jsonList[T any](list []any) []T {
	made := make([]T, len(list))
	for i, x := range list {
		made[i] = jsonAs[T](x)
	}
	return made
}
`,
	"jsonInt": `
// jsonInt is int(v).
func jsonInt(v any) int {
	switch v := v.(type) {
	case float64:
		return int(v)
	case bool:
		return boolInt(v)
	case string:
		return parseInt(v)
	}
	return jsonAs[int](v)
}
`,
	"jsonFloat": `
// jsonFloat is float(v).
func jsonFloat(v any) float64 {
	if text, ok := v.(string); ok {
		return parseFloat(text)
	}
	return jsonAs[float64](v)
}
`,
	"jsonDictOfLists": `
// jsonDictOfLists is a dict of arrays as one of lists.
func jsonDictOfLists(dict map[string]*np.Array) map[string]any {
	lists := map[string]any{}
	for _, k := range keysOf(dict) {
		put(lists, k, jsonLists(dict[k]))
	}
	return lists
}
`,
	"jsonLists": `
// jsonLists is array.tolist() for json.dump.
func jsonLists(a *np.Array) any {
	if a.NDim() == 0 {
		switch d := string(a.DType()); {
		case d == "bool":
			return a.Truth()
		case strings.Contains(d, "int"):
			return a.Int()
		case strings.HasPrefix(d, "float"):
			return a.Float()
		}
		return a.Text()
	}
	list := []any{}
	for _, x := range a.All() {
		list = append(list, jsonLists(x))
	}
	return list
}
`,
}
