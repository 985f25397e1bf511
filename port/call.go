package port

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/goapi"
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

// callOf is a call with arguments by place alone.
func callOf(e *python.Expr, args ...*value) *call {
	return &call{e: e, args: args, kw: map[string]*value{}, used: map[string]bool{}}
}

func (t *translator) arguments(e *python.Expr) *call {
	c := callOf(e)
	for _, a := range e.Args[1:] {
		if a.Kind == python.Star {
			v := t.expr(a.Args[0])
			if v.items != nil {
				c.args = append(c.args, v.items...)
				continue
			}
			if v.kind == "list" && v.shown != "" {
				c.args = append(c.args, &value{typ: v.typ, code: v.code})
				continue
			}
			fail(a, "* of %s isn't translated", v.describe())
		}
		c.args = append(c.args, t.expr(a))
	}
	for _, k := range e.Keywords {
		if k.Name == "" {
			t.keywords(c, k.Value)
			continue
		}
		if k.Name == "custom_objects" && k.Value.Kind == python.Dict { // functions and classes, which have no value in a program
			c.kw[k.Name] = &value{typ: typ{kind: "custom objects"}}
		} else {
			c.kw[k.Name] = t.expr(k.Value)
		}
		c.keys = append(c.keys, k.Name)
	}
	return c
}

// arg is an argument by place or name, nil if it isn't given.
func (c *call) arg(place int, names ...string) *value {
	for _, n := range names {
		if v, ok := c.kw[n]; ok {
			c.used[n] = true
			return v
		}
	}
	if place >= 0 && place < len(c.args) {
		c.used[fmt.Sprint(place)] = true
		return c.args[place]
	}
	return nil
}

// need is an argument that must be there.
func (c *call) need(place int, names ...string) *value {
	v := c.arg(place, names...)
	if v == nil {
		fail(c.e, "the argument %s is missing", names[0])
	}
	return v
}

// param is the value of a parameter of a function of the notebook, given or by default.
func (t *translator) param(c *call, h home, place int, p python.Param) *value {
	if v := c.arg(place, p.Name); v != nil {
		return v
	}
	if p.Default == nil {
		fail(c.e, "the argument %s is missing", p.Name)
	}
	return t.inHome(h, func() *value { return t.expr(p.Default) })
}

// tKeywords are the further arguments by name that a function takes as **kwargs: items by keys.
var tKeywords = typ{kind: "further arguments by name"}

// eachParam hands over what a call has for each parameter, in order: for *args a tuple, for **kwargs what tKeywords says.
func (t *translator) eachParam(c *call, h home, params []python.Param, take func(p python.Param, v *value)) {
	place := 0
	for _, p := range params {
		switch {
		case p.Star == "/":
		case p.Star == "*":
			if p.Name != "" {
				take(p, t.furtherArgs(c, place))
			}
			place = len(c.args)
		case p.Star == "**":
			take(p, furtherKeywords(c))
		default:
			v := t.param(c, h, place, p)
			place++
			take(p, v)
		}
	}
}

// furtherArgs are the arguments from a place on, as a tuple whose parts are passed by themselves.
func (t *translator) furtherArgs(c *call, place int) *value {
	rest := &value{tuple: true, typ: typ{kind: "tuple"}, items: []*value{}}
	for ; place < len(c.args); place++ {
		rest.items = append(rest.items, t.packed(c.arg(place)))
	}
	if len(rest.items) == 0 {
		rest.kind = "empty"
	}
	return rest
}

// furtherKeywords are the arguments by name that no parameter took.
func furtherKeywords(c *call) *value {
	rest := &value{typ: tKeywords}
	for _, k := range c.keys {
		if !c.used[k] {
			rest.items, rest.keys = append(rest.items, c.arg(-1, k)), append(rest.keys, k)
		}
	}
	return rest
}

// unshuffled is what Go's option gets for shuffle=False, nothing for shuffle=True.
func (c *call) unshuffled(v *value, option string) string {
	switch v.code {
	case "true":
		return ""
	case "false":
		return option
	}
	if v.kind == "str" && v.konst && v.code != `"batch"` {
		return "" // any other text is true
	}
	fail(c.e, "shuffle=%s isn't translated", v.code)
	return ""
}

// done fails if an argument was given that nothing asked for.
func (c *call) done() {
	for i := range c.args {
		if !c.used[fmt.Sprint(i)] {
			fail(c.e, "the argument at place %d isn't translated", i+1)
		}
	}
	for _, k := range c.keys {
		if !c.used[k] {
			fail(c.e, "the argument %s isn't translated", k)
		}
	}
}

func done(format string, args ...any) *value {
	return &value{typ: typ{kind: "done"}, code: fmt.Sprintf(format, args...)}
}

func (t *translator) call(e *python.Expr) *value {
	callee := t.expr(e.Args[0])
	if callee.path == "builtins.dict" {
		if comp := pairs(e); comp != nil {
			return t.comprehension(comp)
		}
	}
	if callee.path == "builtins.zip" && len(e.Args) == 2 && e.Args[1].Kind == python.Star {
		if v := t.columns(t.listed(t.expr(e.Args[1].Args[0]), e)); v != nil {
			return v
		}
	}
	if callee.path == "builtins.print" && len(e.Args) == 2 && e.Args[1].Kind == python.Star {
		if v := t.printEach(t.listed(t.expr(e.Args[1].Args[0]), e), e); v != nil {
			return v
		}
	}
	if strings.HasPrefix(callee.path, "itertools.") && len(e.Args) == 2 && e.Args[1].Kind == python.Star && len(e.Keywords) == 0 {
		if v := t.spreadCall(callee.path, t.expr(e.Args[1].Args[0]), e); v != nil {
			return v
		}
	}
	return t.callValue(callee, t.arguments(e))
}

func (t *translator) callValue(callee *value, c *call) *value {
	e := c.e
	if v := t.noise(callee.path, c); v != nil {
		return v
	}
	if v := t.newWrapper(callee.path, c); v != nil {
		return v
	}
	if callee.kind == "method" {
		return t.method(callee.self, callee.path, c)
	}
	switch {
	case callee.path == "functools.partial":
		return partial(c)
	case callee.path == "icecream.ic":
		return t.iced(c)
	case callee.bound != nil:
		return t.callValue(callee.self, callee.bound.before(c))
	case callee.kind == "lambda" && callee.self != nil:
		return t.callValue(callee.self, c)
	case callee.kind == "wrapper":
		fail(e, "a call of a KerasClassifier isn't translated")
	case callee.def != nil:
		return t.callDef(callee.def, c)
	case callee.class != nil:
		return t.newInstance(callee.class, c)
	case callee.kind == tTupleClass.kind:
		return t.namedValue(callee, c)
	case callee.object != nil:
		return t.applied(callee, c)
	case callee.kind == "compiled":
		return t.compiledCall(callee.self, callee.input, c)
	case callee.kind == "object" && strings.HasPrefix(callee.goT, "*metrics."):
		return t.method(callee, "update_state", c)
	case callee.kind == "object" && strings.HasPrefix(callee.goT, "*losses.") && t.sc.step != nil:
		y, p := c.need(0, "y_true"), c.need(1, "y_pred")
		c.done()
		return t.stepLoss(callee.code, y, p, !strings.Contains(strings.ToLower(callee.code), `("none")`), e)
	case callee.kind == "object" && strings.HasPrefix(callee.goT, "*losses."):
		return t.lossCall(callee, c)
	case callee.kind == "str" && callee.konst && e.Args[0].Kind == python.Attr && t.expr(e.Args[0].Args[0]).path == "numpy": // np.uint8 is its name elsewhere
		return t.numpyCall(strings.Trim(callee.code, `"`), c)
	case callee.kind == tBackendFunction.kind:
		return t.callBackendFunction(callee, c)
	case callee.kind == "vectorized":
		return t.vectorized(callee.self, c)
	case callee.kind == "layer" || callee.kind == "model":
		return t.apply(whole(callee), c)
	case strings.HasPrefix(callee.path, "builtins."):
		return t.builtin(strings.TrimPrefix(callee.path, "builtins."), c)
	case strings.HasPrefix(callee.path, "keras."):
		return t.kerasCall(callee.path, c)
	case strings.HasPrefix(callee.path, "numpy."):
		return t.numpyCall(strings.TrimPrefix(callee.path, "numpy."), c)
	case strings.HasPrefix(callee.path, "matplotlib.pyplot."):
		return t.plot(strings.TrimPrefix(callee.path, "matplotlib.pyplot."), c)
	case strings.HasPrefix(callee.path, "sklearn."):
		return t.sklearn(callee.path, c)
	case strings.HasPrefix(callee.path, "pandas."):
		return t.pandas(strings.TrimPrefix(callee.path, "pandas."), c)
	case callee.path == "seaborn.heatmap":
		return t.plot("heatmap", c)
	case callee.path == "mlxtend.plotting.plot_confusion_matrix":
		t.approximate("the matrix is drawn as a heat map")
		cm := c.need(0, "conf_mat")
		for _, k := range c.keys {
			c.arg(-1, k)
		}
		return done("plt.Heatmap(%s, plt.Annot(true))", t.plotValue(cm, e))
	case callee.path == "seaborn.pairplot":
		return t.pairPlot(c)
	case slices.Contains([]string{"seaborn.scatterplot", "seaborn.lineplot", "seaborn.barplot", "seaborn.histplot", "seaborn.distplot", "seaborn.countplot"}, callee.path):
		return t.seaborn(strings.TrimPrefix(callee.path, "seaborn."), c)
	case callee.path != "":
		return t.otherCall(callee.path, c)
	}
	fail(e, "a call of %s isn't translated", callee.describe())
	return nil
}

// lossCall is a call of a loss on arrays.
func (t *translator) lossCall(loss *value, c *call) *value {
	var args []string
	for i, name := range []string{"y_true", "y_pred"} {
		v := c.need(i, name)
		switch {
		case v.kind == "array":
			args = append(args, v.code)
		case v.kind == "list" && v.code != "":
			args = append(args, "np.Of("+v.code+")")
		default:
			fail(c.e, "a loss of %s isn't translated", v.describe())
		}
	}
	c.done()
	if strings.Contains(strings.ToLower(loss.code), `reduction("none")`) {
		fail(c.e, "a loss without a reduction isn't translated on arrays")
	}
	t.use("losses.Loss")
	return &value{typ: tArray, code: fmt.Sprintf("%s(%s, %s)", t.helper("lossOf"), loss.code, strings.Join(args, ", ")), eager: true}
}

// whole is a model with all of its methods: what a callback sees of its model has few.
func whole(m *value) *value {
	if m.goT != "callbacks.Model" {
		return m
	}
	return &value{typ: tModel, code: m.tight() + ".(*functional.Model)"}
}

// partial is functools.partial(f, …) of a function whose arguments are written out: variables may have other values when it is called.
func partial(c *call) *value {
	f := c.need(0, "func")
	if f.path == "" && f.def == nil && f.class == nil && f.bound == nil {
		fail(c.e, "functools.partial of %s isn't translated", f.describe())
	}
	given := append(slices.Clone(c.args[1:]), slices.Collect(maps.Values(c.kw))...)
	for len(given) > 0 {
		v := given[0]
		given = append(given[1:], v.items...)
		made := v.kind == "object" && !strings.Contains(v.code, "\x01") // of constants, anew at each call
		if v.items == nil && !v.konst && !made && !compileTime(v) && v.kind != "none" {
			fail(c.e, "functools.partial with %s that is no constant isn't translated", v.describe())
		}
	}
	return &value{typ: typ{kind: "partial"}, self: f, bound: &call{e: c.e, args: c.args[1:], kw: c.kw, keys: c.keys}}
}

// before are the arguments of a partial function with those of its call, which win.
func (c *call) before(later *call) *call {
	all := callOf(later.e, append(slices.Clone(c.args), later.args...)...)
	for _, from := range []*call{c, later} {
		for _, k := range from.keys {
			if all.kw[k] == nil {
				all.keys = append(all.keys, k)
			}
			all.kw[k] = from.kw[k]
		}
	}
	return all
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
			if a.kind == "deque" {
				c.args[i] = dequeItems(a)
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
			return &value{typ: tStr, code: "fmt.Sprint(" + v.code + ")"}
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

// attrExpr is a.b: a name in a module, an attribute, or a method that waits for its call.
func (t *translator) attrExpr(e *python.Expr) *value {
	v := t.expr(e.Args[0])
	if v.object != nil {
		held := t.objectAttr(v, e.Text, e)
		t.untyped(held)
		return held
	}
	return t.attrOf(v, e.Text, e)
}

func (t *translator) attrOf(v *value, name string, e *python.Expr) *value {
	if e.Text != name {
		e = &python.Expr{Kind: python.Attr, Line: e.Line, Text: name, Args: e.Args}
	}
	if v.local != nil {
		found := t.nameOfModule(v.local, name, e)
		if found == nil {
			fail(e, "%s.%s isn't defined", v.local.name, name)
		}
		return found
	}
	if v.path != "" && v.kind != "method" {
		path := canonical(v.path + "." + e.Text)
		switch path {
		case "numpy.pi", "math.pi":
			return &value{typ: tFloat, code: "math.Pi"}
		case "numpy.e", "math.e":
			return &value{typ: tFloat, code: "math.E"}
		case "numpy.inf", "math.inf":
			return &value{typ: tFloat, code: "math.Inf(1)"}
		case "numpy.nan", "math.nan":
			return &value{typ: tFloat, code: "math.NaN()"}
		case "sys.argv":
			return &value{typ: listOf(tStr), code: t.helper("argv") + "()"}
		case "os.curdir":
			return &value{typ: tStr, code: `"."`, konst: true}
		case "os.pardir":
			return &value{typ: tStr, code: `".."`, konst: true}
		case "os.linesep":
			return &value{typ: tStr, code: `"\n"`, konst: true}
		case "os.sep":
			return &value{typ: tStr, code: "string(filepath.Separator)"}
		case "os.environ":
			return &value{typ: typ{kind: "environment"}}
		case "string.printable":
			return &value{typ: tStr, code: strconv.Quote("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\x0b\x0c"), konst: true}
		case "string.ascii_lowercase":
			return &value{typ: tStr, code: `"abcdefghijklmnopqrstuvwxyz"`, konst: true}
		case "string.ascii_uppercase":
			return &value{typ: tStr, code: `"ABCDEFGHIJKLMNOPQRSTUVWXYZ"`, konst: true}
		case "string.ascii_letters":
			return &value{typ: tStr, code: `"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"`, konst: true}
		case "string.digits":
			return &value{typ: tStr, code: `"0123456789"`, konst: true}
		case "string.punctuation":
			return &value{typ: tStr, code: strconv.Quote("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), konst: true}
		case "keras.__version__", "tensorflow.__version__", "tensorflow.version.VERSION":
			t.approximate("the version is that of the Keras whose numbers gokeras has")
			return &value{typ: tStr, code: `"3.15.1"`, konst: true}
		}
		for _, prefix := range []string{"numpy.", "tensorflow.", "torch."} {
			if name, ok := strings.CutPrefix(path, prefix); ok && slices.Contains([]string{"float32", "float64", "float16", "int32", "int64", "uint8", "int8", "bool_", "string", "bool"}, name) && path != "numpy.bool" && path != "torch.string" {
				return &value{typ: tStr, code: fmt.Sprintf("%q", strings.TrimSuffix(name, "_")), konst: true}
			}
		}
		return &value{path: path}
	}
	method := &value{typ: typ{kind: "method"}, self: v, path: e.Text}
	switch v.kind {
	case "strategy":
		if e.Text == "num_replicas_in_sync" {
			return &value{typ: tInt, code: "1", konst: true}
		}
	case "search":
		if r := searchAttr(v, e.Text); r != nil {
			return r
		}
	case "row":
		return &value{typ: tArray, code: fmt.Sprintf("%s.Col(%q).Index(%s)", v.self.tight(), e.Text, v.input)}
	case "class of a layer":
		if e.Text == "__name__" {
			return &value{typ: tStr, code: v.self.tight() + ".KerasClass().Name"}
		}
	case "loss tracker":
		if e.Text == "name" {
			return &value{typ: tStr, code: `"loss"`, konst: true}
		}
	case "object":
		if e.Text == "name" && v.input != "" {
			return &value{typ: tStr, code: strconv.Quote(v.input), konst: true}
		}
	case "pair":
		if i := slices.Index(v.named, e.Text); i >= 0 {
			return part(v, i)
		}
	case "list":
		if e.Text == "shape" && v.elem.kind == "list" {
			return &value{typ: listOf(tInt), code: fmt.Sprintf("%s(%s)", t.helper("raggedShape"), v.code), shown: fmt.Sprintf("fmt.Sprintf(\"(%%d,)\", len(%s))", v.code), pair: true}
		}
	case "path":
		if r := pathAttr(v, e.Text); r != nil {
			return r
		}
	case "frame":
		if r := t.frameAttr(v, e.Text); r != nil {
			return r
		}
	case "labelled":
		if r := labelledAttr(v, e.Text); r != nil {
			return r
		}
	case "groups":
		if v.input == "" && statistics[e.Text] == "" && e.Text != "size" {
			return &value{typ: v.typ, code: v.code, input: strconv.Quote(e.Text)}
		}
	case "image", "opened image":
		if e.Text == "size" {
			t.use("datasets.Image")
			return &value{tuple: true, typ: typ{kind: "tuple"}, items: []*value{{typ: tInt, code: v.tight() + ".Width"}, {typ: tInt, code: v.tight() + ".Height"}}}
		}
	case "weight":
		switch e.Text {
		case "name":
			return &value{typ: tStr, code: v.tight() + ".Name()"}
		case "shape":
			return &value{typ: listOf(tInt), code: v.tight() + ".Shape()", shown: t.helper("tupleText") + "(" + v.tight() + ".Shape())", pair: true}
		}
	case "locator":
		fail(e, "the attribute %s isn't translated", e.Text)
	case "array":
		if v.series && e.Text == "str" {
			return &value{typ: typ{kind: "texts of a column"}, self: v}
		}
		if (v.series || v.table) && (e.Text == "values" || e.Text == "array") {
			return &value{typ: tArray, code: v.code, loose: v.loose}
		}
		switch e.Text {
		case "shape":
			return &value{typ: listOf(tInt), code: v.tight() + ".Shape()", shown: v.tight() + ".ShapeString()"}
		case "T":
			return &value{typ: tArray, code: v.tight() + ".T()"}
		case "ndim":
			return &value{typ: tInt, code: v.tight() + ".NDim()"}
		case "size":
			return &value{typ: tInt, code: v.tight() + ".Size()"}
		case "dtype":
			return &value{typ: tStr, code: "string(" + v.tight() + ".DType())"}
		}
	case "arguments":
		if _, ok := v.entries[e.Text]; ok {
			return t.parsed(v, e.Text, e)
		}
	case "tensor":
		switch e.Text {
		case "shape":
			if t.sc.step != nil {
				return t.shapeOf(v, e)
			}
			return &value{typ: listOf(tInt), code: "[]int(" + v.tight() + ".Shape())", shown: v.tight() + ".Shape().String()", pair: true}
		case "dtype":
			return &value{typ: tStr, code: v.tight() + ".DType()"}
		}
	case "estimator":
		if e.Text == "classes_" && (v.goT == "*sk.LabelEncoder" || v.goT == "*sk.LabelBinarizer") {
			return &value{typ: tArray, code: v.tight() + ".Classes"}
		}
		if strings.HasSuffix(v.goT, ".Bunch") && e.Text != "keys" {
			return t.bunch(v, e.Text, e)
		}
	case "axes":
		if e.Text == "spines" {
			return &value{typ: typ{kind: "drawing"}}
		}
	case "panes", "row of panes", "column of panes":
		if e.Text == "flat" {
			return &value{typ: listOf(tAxes), code: v.code + ".Flat()"}
		}
	case "images":
		if e.Text == "class_names" {
			return &value{typ: listOf(tStr), code: v.tight() + ".ClassNames"}
		}
	case "flow":
		if r := t.flowAttr(v, e.Text); r != nil {
			return r
		}
	case "tokenizer":
		if r := t.tokenizerAttr(v, e.Text); r != nil {
			return r
		}
	case "history":
		switch e.Text {
		case "history":
			return &value{typ: tLogs, code: v.tight() + ".History"}
		case "epoch":
			return &value{typ: listOf(tInt), code: v.tight() + ".Epoch"}
		}
	case "model":
		if e.Text != "optimizer" && e.Text != "stop_training" && e.Text != "name" {
			v = whole(v)
		}
		switch e.Text {
		case "layers":
			return &value{typ: typ{kind: "layers", goT: "[]functional.Layer"}, code: v.tight() + ".Layers()"}
		case "name":
			return &value{typ: tStr, code: v.tight() + ".Name()"}
		case "weights", "trainable_weights", "non_trainable_weights", "trainable_variables", "variables":
			f := map[string]string{"weights": "Weights", "variables": "Weights", "trainable_weights": "TrainableWeights", "trainable_variables": "TrainableWeights", "non_trainable_weights": "NonTrainableWeights"}[e.Text]
			return &value{typ: typ{kind: "weights", goT: "[]*functional.Weight"}, code: v.tight() + "." + f + "()", models: []*value{v}}
		case "losses":
			if t.sc.step != nil {
				return &value{typ: typ{kind: "losses"}, models: []*value{v}}
			}
		case "optimizer":
			return &value{typ: typ{kind: "optimizer of model"}, self: v}
		case "output_shape", "input_shape":
			f := map[string]string{"output_shape": "Output", "input_shape": "Input"}[e.Text]
			return &value{typ: listOf(tInt), code: "[]int(" + v.tight() + "." + f + "().Shape())", shown: v.tight() + "." + f + "().Shape().String()", pair: true}
		case "metrics_names":
			if v := t.lastScores(); v != nil {
				t.approximate("metrics_names are those of the last evaluation, by Keras 2's names")
				return &value{typ: listOf(tStr), code: v.tight() + ".Names"}
			}
		case "inputs", "outputs":
			return &value{typ: listOf(tTensor), code: v.tight() + "." + strings.ToUpper(e.Text[:1]) + e.Text[1:] + "()"}
		case "input", "output":
			call := map[string]string{"input": "Inputs", "output": "Outputs"}[e.Text]
			return &value{typ: tTensor, code: v.tight() + "." + call + "()[0]"}
		}
	case "optimizer of model":
		if e.Text == "lr" || e.Text == "learning_rate" {
			return &value{typ: tFloat, code: "must.M1(" + v.self.tight() + ".LearningRate())", self: v}
		}
	case "layer":
		switch e.Text {
		case "__class__":
			return &value{typ: typ{kind: "class of a layer"}, self: v}
		case "weights", "trainable_weights", "non_trainable_weights", "variables", "trainable_variables":
			code := v.tight() + ".Base().Weights()"
			if strings.Contains(e.Text, "trainable") {
				code = fmt.Sprintf("%s(%s, %v)", t.helper("weightsThat"), code, !strings.HasPrefix(e.Text, "non"))
			}
			return &value{typ: typ{kind: "weights", goT: "[]*functional.Weight"}, code: code}
		case "name":
			return &value{typ: tStr, code: v.tight() + ".Base().Name()"}
		case "trainable":
			return &value{typ: tBool, code: v.tight() + ".Base().Trainable()"}
		case "output_shape", "input_shape":
			on := v.tight() + ".Base()." + map[string]string{"output_shape": "Output", "input_shape": "Input"}[e.Text] + "().Shape()"
			return &value{typ: listOf(tInt), code: "[]int(" + on + ")", shown: on + ".String()", pair: true}
		case "output", "input":
			return &value{typ: tTensor, code: v.tight() + ".Base()." + strings.ToUpper(e.Text[:1]) + e.Text[1:] + "()"}
		}
	}
	return method
}

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
	case "logs", "dict":
		switch name {
		case "keys":
			if v.kind == "logs" && !strings.HasSuffix(v.code, ".History") {
				keys := t.sortedKeysOf(v)
				keys.shown = `"dict_keys(" + ` + t.helper("repr") + "(" + keys.code + `) + ")"`
				return keys
			}
			if v.kind == "logs" {
				return &value{typ: listOf(tStr), code: strings.TrimSuffix(v.code, ".History") + ".Keys()",
					shown: `"dict_keys(" + ` + t.helper("repr") + "(" + strings.TrimSuffix(v.code, ".History") + `.Keys()) + ")"`}
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

// callDef calls a function of the notebook. It is translated for the kinds of the arguments, when it is called with them first.
func (t *translator) callDef(d *def, c *call) *value {
	defer t.enter(d.home)()
	if t.sc.step == nil && d.stmt != nil && usesTape(d.stmt.Body) && (d.group || appliesGradients(d.stmt.Body)) && !slices.ContainsFunc(c.args, func(v *value) bool { return v.kind == "tensor" || v.object != nil }) {
		return t.stepFunction(d, c)
	}
	if r := t.closure(d, c); r != nil {
		return r
	}
	var params []python.Param
	var body []*python.Stmt
	if d.stmt != nil {
		params, body = d.stmt.Params, d.stmt.Body
	} else {
		params = d.lambda.Params
		body = []*python.Stmt{{Kind: python.Return, Line: d.lambda.Line, End: d.lambda.Line, Value: d.lambda.Args[0]}}
	}
	var values []*value
	var key strings.Builder
	t.eachParam(c, d.home, params, func(p python.Param, v *value) {
		if v.open != nil && v.open.born != "" && t.sc.step == nil && fills(body, p.Name) {
			v = &value{typ: v.typ, open: &variable{born: v.open.born}, begin: v.begin} // its type is learned
		} else if v.kind == "multi" || v.kind == "empty dict" {
			fail(c.e, "%s as an argument isn't translated", v.describe())
		}
		if v.spread() {
			for _, i := range v.items {
				if !compileTime(i) && (i.goT == "" || i.code == "" || i.goT == "multi") {
					fail(c.e, "%s as an argument isn't translated", v.describe())
				}
				fmt.Fprintf(&key, "%s %s %s;", i.kind, i.goT, i.path)
			}
		}
		values = append(values, v)
		fmt.Fprintf(&key, "%s %s %s|", v.kind, v.goT, v.path)
		fmt.Fprint(&key, v.variable, v.at, v.series, v.table, v.states, v.named, v.eager, v.maybe, v.row, v.counts, v.factory, v.set, v.pointed(), v.elem != nil && v.elem.row)
		for _, k := range sortedKeys(v.entries) {
			fmt.Fprint(&key, k, v.entries[k].goT)
		}
		if v.tuple && v.items != nil {
			fmt.Fprint(&key, len(v.items))
		}
		if v.kind == tKeywords.kind {
			fmt.Fprint(&key, v.keys)
		}
		if v.def != nil {
			fmt.Fprintf(&key, "%p", v.def)
		}
		if v.object != nil {
			fmt.Fprintf(&key, "%p", v.object)
		}
		if v.class != nil {
			fmt.Fprintf(&key, "%p", v.class)
		}
	})
	c.done()
	if t.sc.step != nil {
		fmt.Fprint(&key, "in a step", t.sc.step.outer)
	}
	inst, own := d.done[key.String()], ""
	if st := t.sc.step; st != nil && inst == nil { // a function that reads arrays belongs to its step
		own = fmt.Sprintf("%s of %p", key.String(), st.stepModels)
		if inst = d.done[own]; inst != nil {
			st.touched++
		}
	}
	if inst == nil && d.busy {
		if d.now == nil || d.nowKey != key.String() || d.now.result.kind == "" || t.sc.step != nil {
			fail(c.e, "a function that calls itself before its result is known isn't translated")
		}
		inst = d.now
		inst.recursed = len(inst.captured) + 1
	}
	if inst == nil {
		d.nowKey = key.String()
		before := 0
		if t.sc.step != nil {
			before = t.sc.step.touched
		}
		inst = t.instance(d, params, body, values)
		if t.sc.step != nil && t.sc.step.touched > before {
			d.done[own] = inst
		} else {
			d.done[key.String()] = inst
		}
	}
	if inst.err != nil {
		fail(c.e, "%s: line %d of it: %s", d.name, inst.err.line, inst.err.reason)
	}
	var args []string
	at := -1
	given := func(v *value) {
		if inst.shared[at] {
			args = append(args, t.shared(v))
			return
		}
		if t.sc.step != nil && v.kind == "tensor" {
			args = append(args, t.node(v, c.e))
		} else if v.pointed() {
			args = append(args, v.optional)
		} else if !unpassed(v) {
			args = append(args, v.code)
		}
	}
	if t.sc.step != nil {
		args = append(args, t.sc.step.s.ref())
	}
	for i, v := range values {
		at = i
		if v.spread() {
			for _, i := range v.items {
				given(i)
			}
			continue
		}
		given(v)
	}
	args = append(args, t.capturedArgs(inst, c.e)...)
	code := inst.name + "(" + strings.Join(args, ", ") + ")"
	if inst.module != nil {
		t.code("%s", code)
		return inst.module
	}
	if inst.result.kind == "" || inst.result.kind == "none" {
		return done("%s", code)
	}
	if inst.result.goT == nodeType {
		return t.lifted(code, false)
	}
	return &value{typ: *inst.result, code: code}
}

// pointed reports a value that a pointer holds, since it may be None.
func (v *value) pointed() bool { return v.optional != "" && !strings.HasPrefix(v.goT, "*") }

// unpassed reports arguments that functions of the program don't take, since they are known where the function is translated.
func unpassed(v *value) bool {
	return compileTime(v) || strings.HasPrefix(v.kind, "empty") && v.code == "" || v.kind == tKeywords.kind && len(v.items) == 0
}

// instance translates a function for arguments of some kinds.
func (t *translator) instance(d *def, params []python.Param, body []*python.Stmt, values []*value) *instance {
	if t.depth > 40 {
		panic(&left{0, "functions are nested too deeply"})
	}
	d.busy = true
	fn := &function{name: t.functionName(d.name)}
	if t.o.Package != "" && d.stmt != nil {
		fn.name = free(strings.ToUpper(fn.name[:1])+fn.name[1:], t.taken)
		t.taken[fn.name] = true
		fn.comments = []string{fn.name + " is the notebook's " + d.name + "."}
	}
	inst := &instance{name: fn.name, result: &typ{}, shared: map[int]bool{}}
	sc := &scope{names: map[string]*binding{}, fn: fn, result: inst.result, parent: t.module, inst: inst}
	if d.env != nil && t.sc.step == nil {
		sc.parent = d.env
	}
	inst.body, inst.python = body, d.name
	d.now = inst
	defer func() { d.now = nil }()
	given := func(name string, v *value) *value {
		goType := v.goT
		if sc.step != nil && v.kind == "tensor" {
			goType = nodeType
		}
		va := t.newVar(camel(name), goType)
		va.given = true
		fn.params = append(fn.params, va)
		t.use(goType)
		if sc.step == nil && v.pointed() {
			fn.params[len(fn.params)-1].goType = "*" + goType
			return &value{typ: v.typ, code: "(*" + va.ref() + ")", maybe: true, optional: va.ref()}
		}
		if goType == nodeType {
			return &value{typ: v.typ, code: sc.step.of.ref() + "(" + va.ref() + ")", at: v.at, variable: v.variable}
		}
		if sc.step != nil {
			sc.step.given(va.ref(), v.code)
		}
		made := &value{typ: v.typ, code: va.ref(), eager: v.eager, maybe: v.maybe, variable: v.variable}
		if v.optional != "" && strings.HasPrefix(v.goT, "*") {
			made.optional = va.ref()
		}
		made.maybe = v.maybe && (v.optional == "" || made.optional != "")
		return made
	}
	if t.sc.step != nil {
		sc.step = t.fork(t.sc.step, t.sc.step.outer)
		fn.params = append(fn.params, sc.step.s)
		t.use("functional.Step")
	}
	i := 0
	for _, p := range params {
		if p.Star == "/" || p.Star == "*" && p.Name == "" {
			continue
		}
		v := values[i]
		i++
		if unpassed(v) {
			sc.names[p.Name] = &binding{v: v}
			continue
		}
		if v.spread() {
			held := &value{tuple: v.tuple, typ: v.typ, keys: v.keys}
			for n, item := range v.items {
				if compileTime(item) {
					held.items = append(held.items, item)
					continue
				}
				name := fmt.Sprintf("%s_%d", p.Name, n)
				if p.Star == "**" {
					name = v.keys[n]
				}
				held.items = append(held.items, given(name, item))
			}
			if p.Star == "*" {
				t.listType(held, nil)
			}
			sc.names[p.Name] = &binding{v: held}
			continue
		}
		if v.kind == "list" && grows(body, p.Name) {
			if p.Default != nil && p.Default.Kind == python.List {
				inst.err = &left{0, "a list that grows as the default of a parameter isn't translated"}
				d.busy = false
				return inst
			}
			held := given(p.Name, v)
			fn.params[len(fn.params)-1].goType = "*" + v.goT
			held.code = "(*" + held.code + ")"
			inst.shared[i-1] = true
			sc.names[p.Name] = &binding{v: held}
			continue
		}
		sc.names[p.Name] = &binding{v: given(p.Name, v)}
	}
	if len(body) > 0 && body[0].Kind == python.ExprStmt && body[0].Value.Kind == python.String {
		for _, l := range strings.Split(strings.TrimSpace(body[0].Value.Text), "\n") {
			fn.comments = append(fn.comments, clean([]string{strings.TrimSpace(l)})...)
		}
		body = body[1:]
	}
	oldScope, oldOut, oldPending, oldEscape := t.sc, t.out, t.pending, t.escape
	t.sc, t.out, t.pending, t.escape = sc, &fn.body, nil, nil
	state := t.item.State
	notes := len(t.item.Notes)
	inst.err = t.attempt(func() {
		for _, s := range t.grouped(body) {
			t.translate(s)
		}
		if sc.step != nil && sc.step.root && sc.step.group {
			t.giveNamed(assigned(body))
		}
		for _, name := range sc.globals {
			if old, now := t.module.names[name], sc.names[name]; now.v == nil || old == nil || old.v == nil || t.either(name, old, now, 0).v == nil {
				panic(&left{0, name + ", a name of the program to which a function gives another kind, isn't translated"})
			}
		}
	})
	t.sc, t.out, t.pending, t.escape = oldScope, oldOut, oldPending, oldEscape
	inst.module = sc.module
	if inst.err == nil && slices.ContainsFunc(values, func(v *value) bool { return v.open != nil && v.code == "" }) {
		inst.err = &left{0, "the type of what is empty yet isn't known"}
	}
	if inst.err == nil && yields(body) {
		if inst.result.kind != tFlow.kind {
			inst.err = &left{0, "the generator yields nothing"}
		}
		generatorBody(fn)
	}
	if inst.err == nil && inst.recursed > 0 && inst.recursed != len(inst.captured)+1 {
		inst.err = &left{0, "a function that calls itself and reads variables of the function around it isn't translated"}
	}
	d.busy = false
	if inst.err != nil {
		t.item.State, t.item.Notes = state, t.item.Notes[:min(notes, len(t.item.Notes))]
		return inst
	}
	switch {
	case inst.result.goT == "multi":
		for _, e := range inst.result.elems {
			fn.results = append(fn.results, e.goT)
			t.use(e.goT)
		}
	case inst.result.kind != "" && inst.result.kind != "none":
		fn.results = []string{inst.result.goT}
		t.use(inst.result.goT)
	}
	if fn.results != nil && !endsInReturn(fn.body) {
		if fallsOff(body) {
			t.approximate("where %s ends without a return, which gives None in Python, the program stops", inst.python)
		}
		fn.body = append(fn.body, &line{code: "panic(\"no value was returned\")"})
	}
	t.defs = append(t.defs, fn)
	return inst
}

// fallsOff reports that a function's body may end without a return.
func fallsOff(body []*python.Stmt) bool {
	if len(body) == 0 {
		return true
	}
	switch last := body[len(body)-1]; last.Kind {
	case python.Return, python.Raise:
		return false
	case python.If:
		return fallsOff(last.Body) || fallsOff(last.Else)
	case python.While:
		return last.Value.Text != "True" && last.Value.Text != "1" || breaks(last.Body)
	case python.With:
		return fallsOff(last.Body)
	case python.Try:
		for _, part := range last.Else {
			if part.Kind != "finally" && fallsOff(part.Body) {
				return true
			}
		}
		return fallsOff(last.Body)
	}
	return true
}

func endsInReturn(body []*line) bool {
	if len(body) == 0 {
		return false
	}
	last := body[len(body)-1]
	if strings.HasPrefix(last.code, "return") || strings.HasPrefix(last.code, "panic(") {
		return true
	}
	if !last.block || !strings.HasPrefix(last.code, "if ") {
		return false
	}
	for b := last; b != nil; b = b.orElse {
		if !endsInReturn(b.body) {
			return false
		}
		if b.orElse == nil {
			return b.code == ""
		}
	}
	return false
}

// setter finds the method that sets an argument.
func setter(methods map[string]goapi.Func, name string) (string, *goapi.Func) {
	want := strings.ReplaceAll(name, "_", "")
	for m, f := range methods {
		if strings.EqualFold(m, want) {
			return m, &f
		}
	}
	return "", nil
}
