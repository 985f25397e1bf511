package port

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/goapi"
	"github.com/gokeras/gokeras/port/internal/python"
)

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
	case callee.kind == "schedule":
		step := c.need(0, "step")
		c.done()
		return &value{typ: tFloat, code: fmt.Sprintf("must.M1(functional.RateOf(%s, %s))", callee.code, t.as(step, "int", e))}
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
