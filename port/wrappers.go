package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// KerasClassifier and KerasRegressor make an estimator of scikit-learn's of a function that builds a model. Such a value lives in the translator; what is
// done with it becomes code of a candidate, of helpers.go.

// wrapperPaths are the modules that have had the wrappers.
var wrapperPaths = []string{"keras.wrappers.scikit_learn", "keras.wrappers", "scikeras.wrappers", "tensorflow.keras.wrappers.scikit_learn"}

// wrapper is a KerasClassifier or a KerasRegressor.
type wrapper struct {
	build   *value // the function
	kw      map[string]*value
	regress bool
}

// fitNames are arguments of fit that a wrapper takes, Keras 1's among them.
var fitNames = map[string]string{"epochs": "Epochs", "nb_epoch": "Epochs", "batch_size": "BatchSize", "validation_split": "ValidationSplit"}

// newWrapper is a call of a wrapper's class; nil where it isn't one.
func (t *translator) newWrapper(path string, c *call) *value {
	module, name := split(path)
	if !slices.Contains(wrapperPaths, module) || name != "KerasClassifier" && name != "KerasRegressor" {
		return nil
	}
	f := c.need(0, "build_fn", "model")
	if f.def == nil {
		fail(c.e, "a %s of %s isn't translated", name, f.describe())
	}
	w := &wrapper{build: f, kw: map[string]*value{}, regress: name == "KerasRegressor"}
	for _, k := range c.keys {
		if v := c.arg(-1, k); v != f {
			w.kw[k] = v
		}
	}
	c.done()
	return &value{typ: typ{kind: "wrapper"}, wrapper: w}
}

// candidate is the Go code of a candidate with some parameters beside the wrapper's own.
func (t *translator) candidate(w *wrapper, given map[string]*value, c *call) string {
	all := map[string]*value{}
	for k, v := range w.kw {
		all[k] = v
	}
	for k, v := range given {
		all[strings.TrimPrefix(k, "model__")] = v
	}
	build := callOf(c.e)
	fit := []string{}
	verbose := "functional.Silent"
	for _, k := range sortedKeys(all) {
		v := all[k]
		takes := slices.ContainsFunc(w.build.def.params(), func(p python.Param) bool { return p.Name == k })
		switch field := fitNames[k]; {
		case takes:
			build.kw[k], build.keys = v, append(build.keys, k)
		case field == "Epochs":
			fit = append(fit, fmt.Sprintf("Epochs: %s(%s)", t.helper("epochsOr"), t.as(v, "int", c.e)))
		case field == "BatchSize":
			fit = append(fit, "BatchSize: "+t.as(v, "int", c.e))
		case field == "ValidationSplit":
			fit = append(fit, "ValidationSplit: "+t.as(v, "float64", c.e))
		case k == "verbose":
			switch code := t.verbosity(v, c.e); code {
			case "callbacks.Silent":
			case "callbacks.Bar":
				verbose = ""
			default:
				verbose = code
			}
		case k == "shuffle":
			if code := c.unshuffled(v, "functional.Off"); code != "" {
				fit = append(fit, "Shuffle: "+code)
			}
		case k == "random_state":
			t.approximate("random numbers are others than Python's")
		default:
			fail(c.e, "the wrapper's argument %s isn't translated", k)
		}
	}
	if len(w.kw) == 0 || w.kw["verbose"] == nil {
		verbose = ""
	}
	if verbose != "" {
		fit = append(fit, "Verbose: "+verbose)
	}
	out := t.out
	var lines []*line
	t.out = &lines
	model := t.callDef(w.build.def, build)
	t.out = out
	if model.kind != "model" || len(lines) > 0 {
		fail(c.e, "a wrapper of a function that gives %s isn't translated", model.describe())
	}
	t.helper("score")
	fields := fmt.Sprintf("build: func() *functional.Model { return %s }, fit: functional.Fit{%s}", model.code, strings.Join(fit, ", "))
	if w.regress {
		fields += ", regress: true"
	} else if oneHot(w.build.def) {
		fields += ", oneHot: true"
	}
	if given != nil {
		var params []string
		for _, k := range sortedKeys(given) {
			params = append(params, fmt.Sprintf("%q: %s", k, given[k].code))
		}
		fields += ", params: map[string]any{" + strings.Join(params, ", ") + "}"
	}
	return "candidate{" + fields + "}"
}

// oneHot reports that a function compiles its model for targets in columns, which a wrapper makes of classes.
func oneHot(d *def) bool {
	found := false
	var visit func(body []*python.Stmt)
	look := func(e *python.Expr) bool {
		found = found || e.Kind == python.String && e.Text == "categorical_crossentropy"
		return true
	}
	visit = func(body []*python.Stmt) {
		for _, s := range body {
			python.Walk(s.Value, look)
			visit(s.Body)
			visit(s.Else)
		}
	}
	if d.stmt != nil {
		visit(d.stmt.Body)
	}
	return found
}

// wrapped is cross_val_score and GridSearchCV of a wrapper.
func (t *translator) wrapped(name string, c *call) *value {
	est := c.need(0, "estimator")
	if est.kind != "wrapper" {
		fail(c.e, "%s of %s isn't translated", name, est.describe())
	}
	scoring, cv := c.arg(-1, "scoring"), c.arg(-1, "cv")
	if scoring != nil && scoring.kind != "none" && scoring.code != map[bool]string{true: `"neg_mean_squared_error"`, false: `"accuracy"`}[est.wrapper.regress] {
		fail(c.e, "scoring=%s isn't translated", scoring.code)
	}
	folds := "5"
	if cv != nil && cv.kind == "int" {
		folds = cv.code
	} else if cv != nil && (cv.goT == "*sk.KFold" || cv.goT == "*sk.StratifiedKFold") {
		folds = cv.code
	} else if cv != nil && cv.kind != "none" {
		fail(c.e, "cv as %s isn't translated", cv.describe())
	}
	for _, k := range []string{"n_jobs", "verbose", "refit", "return_train_score", "error_score"} {
		c.arg(-1, k)
	}
	if name == "GridSearchCV" {
		grid := c.need(1, "param_grid")
		c.done()
		if grid.kind != "dict" || keyType(grid.typ).kind != "str" || grid.keys == nil {
			fail(c.e, "a grid of %s isn't translated", grid.describe())
		}
		return &value{typ: typ{kind: "search"}, wrapper: est.wrapper, self: grid, input: folds}
	}
	x, y := c.need(1, "X"), c.need(2, "y")
	c.done()
	return &value{typ: tArray, code: fmt.Sprintf("%s.crossValScore(%s, %s, %s)", t.candidate(est.wrapper, nil, c), t.rows(x, c.e), t.rows(y, c.e), folds)}
}

// rows are data as an array.
func (t *translator) rows(v *value, e *python.Expr) string {
	switch v.kind {
	case "array":
		return v.code
	case "frame":
		return v.tight() + ".Values()"
	}
	fail(e, "%s as data isn't translated", v.describe())
	return ""
}

// wrapperMethod is a method of a wrapper or of a search.
func (t *translator) wrapperMethod(v *value, name string, c *call) *value {
	if name == "fit" {
		x, y := t.rows(c.need(0, "X", "x"), c.e), t.rows(c.need(1, "y"), c.e)
		if v.kind == "search" {
			c.done()
			return t.searched(v, x, y, c)
		}
		w := *v.wrapper
		w.kw = map[string]*value{}
		for k, old := range v.wrapper.kw {
			w.kw[k] = old
		}
		for _, k := range c.keys {
			if k != "X" && k != "x" && k != "y" {
				w.kw[k] = c.arg(-1, k)
			}
		}
		c.done()
		one := t.variable("estimator", &value{typ: object("candidate", "candidate"), code: t.candidate(&w, nil, c)})
		m := t.variable("model", &value{typ: tModel, code: fmt.Sprintf("%s.fitted(%s, %s)", one.code, x, y)})
		v.items = []*value{one, m}
		return done("")
	}
	if len(v.items) != 2 {
		fail(c.e, "%s before fit isn't translated", name)
	}
	one, m := v.items[0], v.items[1]
	switch name {
	case "predict":
		x := t.rows(c.need(0, "X", "x"), c.e)
		c.arg(-1, "verbose")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s.predict(%s, %s)", one.code, m.code, x)}
	case "score":
		x, y := t.rows(c.need(0, "X", "x"), c.e), t.rows(c.need(1, "y"), c.e)
		c.arg(-1, "verbose")
		c.done()
		return &value{typ: tFloat, code: fmt.Sprintf("%s.score(%s, %s, %s)", one.code, m.code, x, y)}
	}
	fail(c.e, "the method %s of a wrapper isn't translated", name)
	return nil
}

// searched is fit of a GridSearchCV: loops over the parameters in the order of their names make the candidates.
func (t *translator) searched(v *value, x, y string, c *call) *value {
	grid := v.self
	keys := slices.Sorted(slices.Values(grid.keys))
	list := t.newVar("candidates", "[]candidate")
	t.emit(&line{lhs: []*variable{list}, code: "nil"})
	given := map[string]*value{}
	at := t.out
	defer func() { t.out = at }()
	for _, k := range keys {
		ty := *grid.elem
		code := fmt.Sprintf("%s[%q]", grid.tight(), k)
		if ty.goT == "any" {
			known, ok := grid.entries[fmt.Sprintf("%q", k)]
			if !ok {
				fail(c.e, "the parameter %s of the grid isn't translated", k)
			}
			ty, code = known, fmt.Sprintf("%s.(%s)", code, known.goT)
		}
		if ty.kind != "list" || ty.elem == nil {
			fail(c.e, "the parameter %s of the grid isn't translated", k)
		}
		va := t.newVar(camel(strings.TrimPrefix(k, "model__")), ty.elem.goT)
		va.given = true
		t.use(ty.elem.goT)
		l := t.emit(&line{code: fmt.Sprintf("for _, %s := range %s", va.ref(), code), block: true})
		t.out = &l.body
		given[k] = &value{typ: *ty.elem, code: va.ref()}
	}
	t.emit(&line{lhs: []*variable{list}, code: fmt.Sprintf("append(%s, %s)", list.ref(), t.candidate(v.wrapper, given, c))})
	t.out = at
	t.helper("gridSearch")
	r := t.variable("search", &value{typ: object("search", "*search"), code: fmt.Sprintf("gridSearch(%s, %s, %s, %s)", list.ref(), x, y, v.input)})
	t.helper("paramsText")
	r.items = []*value{{typ: object("candidate", "candidate"), code: r.code + ".candidate"}, {typ: tModel, code: r.code + ".model"}}
	r.wrapper = v.wrapper
	*v = *r
	return r
}

// searchAttr is an attribute of a search after its fit.
func searchAttr(v *value, name string) *value {
	if v.code == "" {
		return nil
	}
	switch name {
	case "best_score_":
		return &value{typ: tFloat, code: fmt.Sprintf("%[1]s.means[%[1]s.best]", v.code)}
	case "best_params_":
		return &value{typ: dictType(tStr, typ{kind: "any", goT: "any"}), code: fmt.Sprintf("%[1]s.params[%[1]s.best]", v.code), shown: fmt.Sprintf("paramsText(%[1]s.params[%[1]s.best])", v.code)}
	case "best_estimator_":
		return v
	case "cv_results_":
		return &value{typ: typ{kind: "results of a search"}, self: v}
	}
	return nil
}

// searchResult is cv_results_[name].
func searchResult(v *value, name string) *value {
	switch name {
	case `"mean_test_score"`:
		return &value{typ: tArray, code: "np.Of(" + v.self.code + ".means)"}
	case `"std_test_score"`:
		return &value{typ: tArray, code: "np.Of(" + v.self.code + ".stds)"}
	case `"params"`:
		return &value{typ: listOf(typ{kind: "parameters", goT: "map[string]any"}), code: v.self.code + ".params"}
	}
	return nil
}
