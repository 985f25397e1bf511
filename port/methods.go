package port

import (
	"fmt"
	"slices"
	"strings"
)

// method is a call of a method.
func (t *translator) method(v *value, name string, c *call) *value {
	if v.kind == "tensor" && v.self != nil && v.self.kind == tMetricVariable.kind {
		if r := t.metricVariableMethod(v.self, name, c); r != nil {
			return r
		}
	}
	switch v.kind {
	case tKeywords.kind:
		return t.keywordsMethod(v, name, c)
	case "logger":
		return t.logged(name, c)
	case "wrapper", "search":
		return t.wrapperMethod(v, name, c)
	case "optimizer":
		return t.optimizerStep(v, name, c)
	case "compiled":
		return t.compiledCall(v.self, name, c)
	case "tape":
		if t.sc.step == nil {
			fail(c.e, "a tape outside of a training step isn't translated")
		}
		if name == "gradient" {
			return t.gradient(c)
		}
		if name == "watch" {
			t.watch(c.need(0, "tensor"))
			c.done()
			return done("")
		}
	case "loss tracker":
		if name == "update_state" {
			t.sc.step.loss = t.held("loss", c.need(0, "values"), c.e)
			return done("")
		}
	case "object":
		if strings.HasPrefix(v.goT, "*metrics.") {
			if t.sc.step != nil {
				return t.stepMetric(v, name, c)
			}
			return t.metricMethod(v, name, c)
		}
	case "path":
		return t.pathMethod(v, name, c)
	case "instance":
		return t.objectMethod(v, name, c)
	case tMetricPart.kind:
		return t.metricPart(v, name, c)
	case "frame":
		return t.frameMethod(v, name, c)
	case "labelled":
		return t.labelledMethod(v, name, c)
	case "groups":
		return t.groupsMethod(v, name, c)
	case "windows of a column":
		return t.windowsMethod(v, name, c)
	case "texts of a column":
		return t.textMethod(v.self, name, c)
	case "array":
		if v.series || v.table || slices.Contains(seriesOnly, name) {
			if r := t.seriesMethod(v, name, c); r != nil {
				return r
			}
		}
		if slices.Contains(textMethods, name) {
			t.approximate("%s is taken to be a text", "an element of an array with the method "+name)
			return t.stringMethod(&value{typ: tStr, code: v.tight() + ".Text()"}, name, c)
		}
		r := t.arrayMethod(v, name, c)
		r.series = v.series && r.kind == "array" && name == "astype"
		return r
	case "model":
		if !slices.Contains([]string{"save", "save_weights", "get_weights", "set_weights"}, name) {
			v = whole(v)
		}
		return t.modelMethod(v, name, c)
	case "estimator":
		return t.estimator(v, name, c)
	case "figure", "axes":
		return t.drawn(v, name, c)
	case "pane":
		return t.drawn(&value{typ: tAxes, code: v.code + "[0][0]"}, name, c)
	case "matrix to show":
		if name == "plot" {
			return t.shownMatrix(v.input, c)
		}
	case tGrid.kind:
		if name == "update" {
			t.approximate("the distances of a GridSpec are left out of the picture")
			return done("")
		}
	case "panes", "row of panes", "column of panes":
		if name == "flatten" || name == "ravel" {
			return &value{typ: listOf(tAxes), code: v.code + ".Flat()"}
		}
	case "axis":
		if name == "set_visible" {
			t.approximate("an axis that is hidden is drawn")
			return done("")
		}
	case "str":
		return t.stringMethod(v, name, c)
	case "layer":
		if name == "get_vocabulary" && len(c.args)+len(c.keys) == 0 && v.goT != tLayer.goT {
			return &value{typ: listOf(tStr), code: v.tight() + ".GetVocabulary()"}
		}
		if name == "adapt" && len(c.args) == 1 && v.goT != tLayer.goT {
			return done("must.M(%s.Adapt(%s))", v.tight(), t.data(c.args[0], c.e))
		}
		if name == "adapt" && len(c.args) == 1 {
			return done("must.M(%s.(interface{ Adapt(any) error }).Adapt(%s))", v.tight(), t.data(c.args[0], c.e))
		}
		if r := t.weightsMethod(v, name, c); r != nil {
			return r
		}
		if name == "get_config" && len(c.args)+len(c.keys) == 0 {
			return t.config(v.tight()+".Base().GetConfig()", c.e)
		}
	case "logs", "dict":
		switch name {
		case "keys":
			if v.kind == "logs" && !strings.HasSuffix(v.code, ".History") {
				return t.viewed("dict_keys", t.sortedKeysOf(v))
			}
			if v.kind == "logs" {
				return t.viewed("dict_keys", &value{typ: listOf(tStr), code: strings.TrimSuffix(v.code, ".History") + ".Keys()"})
			}
		case "items":
			if v.kind == "logs" {
				v = &value{typ: dictType(tStr, listOf(tFloat)), code: v.code}
			}
			return &value{loop: &loopOver{kind: "items", args: []*value{v}}}
		}
		if v.kind == "dict" {
			return t.dictMethod(v, name, c)
		}
		return t.dictMethod(&value{typ: dictType(tStr, listOf(tFloat)), code: v.code}, name, c)
	case "time":
		if name == "isoformat" && len(c.args)+len(c.keys) == 0 {
			return &value{typ: tStr, code: fmt.Sprintf(`%s(%s, "T")`, t.helper("timeText"), v.code)}
		}
		if name == "strftime" && len(c.args) == 1 {
			return &value{typ: tStr, code: fmt.Sprintf("%s(%s, %s)", t.helper("strftime"), v.code, t.as(c.args[0], "string", c.e))}
		}
	case "int", "float", "bool":
		if name == "assign" && v.self != nil && v.self.kind == "optimizer of model" {
			rate := c.need(0, "value")
			c.done()
			return t.setRate(v, rate, c)
		}
		if name == "numpy" || name == "item" { // of what is a tensor or NumPy's in Python
			c.done()
			return v
		}
		if name == "is_integer" && v.kind == "float" {
			c.done()
			return &value{typ: tBool, code: fmt.Sprintf("%[1]s == math.Trunc(%[1]s)", v.tight()), loose: true}
		}
	case "list":
		if begun := "layers " + v.code; v.elem.kind == "layer" && name == "append" && len(c.args) == 1 {
			if !t.flags[begun] {
				v.input = c.args[0].input // which a Sequential of the list begins with
			}
			t.flags[begun] = true
		}
		return t.listMethod(v, name, c)
	case "deque", tOpenDeque.kind:
		return t.dequeMethod(v, name, c)
	case tJSON.kind:
		return t.jsonMethod(v, name, c)
	case "file":
		return t.fileMethod(v, name, c)
	case "tokenizer":
		return t.tokenizerMethod(v, name, c)
	case "images":
		return t.imagesMethod(v, name, c)
	case "generator":
		return t.generatorMethod(v, name, c)
	case "flow":
		return t.flowMethod(v, name, c)
	case tRandom.kind:
		if r := t.random(v.tight(), name, c); r != nil {
			return r
		}
	case "pipeline":
		return t.pipelineMethod(v, name, c)
	case "arguments":
		switch name {
		case "add_argument":
			return t.argument(v, c)
		case "parse_args":
			c.arg(0, "args")
			c.done()
			return v
		}
	case "archive":
		switch name {
		case "extractall":
			folder := `"."`
			if p := c.arg(0, "path"); p != nil {
				folder = t.as(p, "string", c.e)
			}
			c.done()
			return done("%s(%s, %s)", t.helper("extractAll"), v.code, folder)
		case "close":
			return done("")
		}
	case "windows":
		return t.windowed(v, name, c)
	case "random":
		return t.randomCall(v.tight(), name, v.goT == "*np.Generator", c)
	case "dot":
		if strings.HasPrefix(name, "create") {
			return v
		}
	case "drawing":
		return t.drawing(name)
	case "environment":
		if name == "setdefault" || name == "get" {
			key, or := c.need(0, "key"), c.arg(1, "default")
			c.done()
			if or == nil {
				or = &value{typ: tStr, code: `""`, konst: true}
			}
			code := fmt.Sprintf("%s(%s, %s)", t.helper("environmentOr"), t.as(key, "string", c.e), t.as(or, "string", c.e))
			if name == "setdefault" {
				return done("must.M(os.Setenv(%s, %s))", t.as(key, "string", c.e), code)
			}
			return &value{typ: tStr, code: code}
		}
	case "weight":
		if name == "numpy" || name == "value" {
			c.done()
			return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(%s.Value()))", v.tight())}
		}
	case "opened image":
		if name == "resize" || name == "convert" {
			return t.reopened(v, name, c)
		}
		fail(c.e, "an image whose channels aren't known isn't translated: convert it")
	case "image":
		switch name {
		case "save":
			file := t.as(c.need(0, "fp"), "string", c.e)
			c.done()
			return done("must.M(datasets.SaveImage(%s, must.M1(datasets.ImageToArray(%s)), datasets.ArrayToImageOptions{}))", file, v.code)
		case "resize", "convert":
			return t.reopened(v, name, c)
		}
		fail(c.e, "the method %s of an image isn't translated", name)
	case "new entry":
		if len(c.args) == 1 && len(c.keys) == 0 && (name == "append" || name == "extend") {
			return t.newEntry(v, name, c)
		}
	case "empty dict":
		if or := c.arg(1, "default"); name == "setdefault" && or != nil && or.kind == "empty" && !or.tuple && len(c.args) == 2 {
			return &value{typ: typ{kind: "new entry"}, self: v, bound: &call{args: c.args[:1]}}
		}
		if or := c.arg(1, "default"); name == "get" && or != nil && len(c.args) > 0 {
			key := c.args[0]
			known := t.firstEntry(v, key, or, c.e)
			return t.dictMethod(known, name, &call{e: c.e, args: c.args, kw: c.kw, keys: c.keys, used: map[string]bool{}})
		}
		if name == "update" && len(c.args) == 1 && len(c.keys) == 0 {
			return t.firstUpdate(v, c)
		}
		fail(c.e, "the method %s of an empty dict isn't translated", name)
	case "empty":
		return t.emptyMethod(v, name, c)
	}
	fail(c.e, "the method %s of %s isn't translated", name, v.describe())
	return nil
}

// nameOf is the Python name of a variable's value, "" if it has none.
func (t *translator) nameOf(v *value) string {
	for sc := t.sc; sc != nil; sc = sc.parent {
		for _, name := range sortedKeys(sc.names) {
			if b := sc.names[name]; b.v != nil && b.v.code == v.code && v.code != "" {
				return name
			}
		}
	}
	return ""
}

// lastScores is what the latest evaluate with a name of its own gave, nil if there is none.
func (t *translator) lastScores() *value {
	var last *value
	for sc := t.sc; sc != nil; sc = sc.parent {
		for _, b := range sc.names {
			if b.v != nil && b.v.kind == "scores" && (last == nil || t.made(b.v) > t.made(last)) {
				last = b.v
			}
		}
		if last != nil {
			break
		}
	}
	return last
}

// made is the place of a value's variable among all.
func (t *translator) made(v *value) int {
	vs := (&printer{vars: t.vars}).marked(v.code)
	if len(vs) != 1 {
		return -1
	}
	return slices.Index(t.vars, vs[0])
}

// growing notes that the next translation has to begin a list with floats.
func (t *translator) growing(v *value) {
	if name := t.nameOf(v); name != "" {
		t.grown[name] = "float"
	}
}
