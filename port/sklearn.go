package port

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/port/internal/goapi"
	"github.com/gokeras/gokeras/port/internal/python"
)

// sklearnOptions are scikit-learn's keyword arguments and the types of package sk that hold them, with the Go type inside.
var sklearnOptions = map[string][2]string{
	"test_size": {"TestSize", "float64"}, "train_size": {"TrainSize", "float64"}, "random_state": {"RandomState", "int"}, "shuffle": {"Shuffled", "bool"},
	"noise": {"Noise", "float64"}, "factor": {"Factor", "float64"}, "n_features": {"Features", "int"}, "n_informative": {"Informative", "int"},
	"n_redundant": {"Redundant", "int"}, "n_repeated": {"Repeated", "int"}, "n_classes": {"Classes", "int"}, "n_clusters_per_class": {"ClassClusters", "int"},
	"class_sep": {"ClassSep", "float64"}, "flip_y": {"FlipY", "float64"}, "cluster_std": {"ClusterStd", "float64"}, "average": {"Average", "string"},
	"digits": {"Digits", "int"}, "target_names": {"TargetNames", "[]string"},
}

// sklearn is a call of something of scikit-learn's.
func (t *translator) sklearn(path string, c *call) *value {
	p := goapi.Table()["port/sk"]
	if p == nil {
		fail(c.e, "%s isn't translated", path)
	}
	_, name := split(path)
	if name == "train_test_split" {
		if v := t.splitFrames(c); v != nil {
			return v
		}
	}
	switch name {
	case "ColumnTransformer", "make_column_transformer":
		return t.columnTransformer(name, c)
	case "Pipeline", "make_pipeline":
		return t.transformers(name, c)
	case "ConfusionMatrixDisplay":
		cm, labels := c.need(0, "confusion_matrix"), c.arg(-1, "display_labels")
		c.done()
		return &value{typ: typ{kind: "matrix to show"}, input: t.sklearnArg(cm, "any", c) + t.matrixLabels(labels)}
	case "precision_recall_fscore_support":
		if average := c.arg(-1, "average"); average != nil && average.kind != "none" {
			y, p := c.need(0, "y_true"), c.need(1, "y_pred")
			if z := c.arg(-1, "zero_division"); z != nil {
				t.approximate("zero_division is left out: what is divided by 0 is 0")
			}
			c.done()
			l := &line{code: fmt.Sprintf("sk.PrecisionRecallFscore(%s, %s, sk.Average(%s))", t.sklearnArg(y, "any", c), t.sklearnArg(p, "any", c), t.as(average, "string", c.e))}
			made := &value{tuple: true, typ: typ{kind: "tuple"}}
			for _, name := range []string{"precision", "recall", "f1"} {
				va := t.newVar(name, "float64")
				l.lhs = append(l.lhs, va)
				made.items = append(made.items, &value{typ: tFloat, code: va.ref()})
			}
			t.emit(l)
			made.items = append(made.items, &value{typ: tNone})
			return made
		}
	case "from_predictions":
		if path == "sklearn.metrics.ConfusionMatrixDisplay.from_predictions" {
			y, p := c.need(0, "y_true"), c.need(1, "y_pred")
			labels := c.arg(-1, "display_labels")
			return t.shownMatrix(fmt.Sprintf("sk.ConfusionMatrix(%s, %s)", t.sklearnArg(y, "any", c), t.sklearnArg(p, "any", c))+t.matrixLabels(labels), c)
		}
	case "compute_class_weight":
		how, classes, y := c.need(0, "class_weight"), c.need(1, "classes"), c.need(2, "y")
		c.done()
		if how.code != `"balanced"` {
			fail(c.e, "compute_class_weight of anything but 'balanced' isn't translated")
		}
		return &value{typ: tArray, code: fmt.Sprintf("sk.ComputeClassWeight(%s, %s)", t.sklearnArg(classes, "any", c), t.sklearnArg(y, "any", c))}
	case "cross_val_score", "GridSearchCV":
		return t.wrapped(name, c)
	case "SimpleImputer":
		strategy, fill := c.arg(-1, "strategy"), c.arg(-1, "fill_value")
		if m := c.arg(-1, "missing_values"); m != nil && m.code != "math.NaN()" {
			fail(c.e, "missing_values of SimpleImputer isn't translated")
		}
		c.done()
		how := `"mean"`
		if strategy != nil {
			how = t.as(strategy, "string", c.e)
		}
		args := how
		if fill != nil {
			args += ", " + t.asAny(fill, c.e)
		}
		return &value{typ: object("estimator", "*sk.SimpleImputer"), code: "sk.NewSimpleImputer(" + args + ")"}
	case "MinMaxScaler":
		c.arg(-1, "copy")
		if r := c.arg(0, "feature_range"); r != nil {
			c.done()
			return &value{typ: object("estimator", "*sk.MinMaxScaler"), code: "sk.NewMinMaxScaler(" + t.as(r, "...float64", c.e) + ")"}
		}
	case "load_iris", "load_digits", "load_wine", "load_breast_cancer", "load_diabetes":
		if xy := c.arg(-1, "return_X_y"); xy != nil && xy.code == "true" {
			whole := t.sklearn(path, &call{e: c.e, args: c.args, used: c.used})
			whole = t.variable(strings.TrimPrefix(name, "load_"), whole)
			return &value{items: []*value{t.bunch(whole, "data", c.e), t.bunch(whole, "target", c.e)}, tuple: true, typ: typ{kind: "tuple"}}
		}
	case "fetch_california_housing":
		xy := c.arg(-1, "return_X_y")
		c.arg(-1, "data_home")
		c.arg(-1, "download_if_missing")
		c.done()
		whole := &value{typ: object("estimator", "*sk.Bunch"), code: t.helper("californiaHousing") + "()"}
		t.approximate("the data set is read from the file cal_housing.data in the folder of -data")
		if xy != nil && xy.code == "true" {
			whole = t.variable("california", whole)
			return &value{items: []*value{t.bunch(whole, "data", c.e), t.bunch(whole, "target", c.e)}, tuple: true, typ: typ{kind: "tuple"}}
		}
		return whole
	case "QuantileTransformer":
		n, seed, dist := c.arg(-1, "n_quantiles"), c.arg(-1, "random_state"), c.arg(-1, "output_distribution")
		c.done()
		if dist != nil && dist.code != `"uniform"` {
			fail(c.e, "the argument output_distribution of QuantileTransformer isn't translated")
		}
		if seed != nil && seed.kind != "none" {
			t.as(seed, "int", c.e) // up to 10,000 rows nothing is drawn
		}
		count := "1000"
		if n != nil {
			count = t.as(n, "int", c.e)
		}
		return &value{typ: object("estimator", "*sk.QuantileTransformer"), code: "sk.NewQuantileTransformer(" + count + ")"}
	case "OneHotEncoder":
		return t.oneHot(c)
	case "scale":
		x := c.need(0, "X")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("sk.NewStandardScaler().FitTransform(%s)", t.sklearnArg(x, "any", c))}
	}
	want := strings.ReplaceAll(name, "_", "")
	goName, fn := "", goapi.Func{}
	for n, f := range p.Funcs {
		if strings.EqualFold(n, want) || n == "New"+want {
			goName, fn = n, f
		}
	}
	if goName == "" {
		fail(c.e, "%s isn't translated", path)
	}
	var args []string
	place := 0
	options := len(fn.Params) > 0 && strings.HasPrefix(fn.Params[len(fn.Params)-1].Type, "...")
	for _, param := range fn.Params {
		if strings.HasPrefix(param.Type, "...") {
			break
		}
		names := []string{lower(param.Name)}
		if param.Name == "n" {
			names = []string{"n_samples", "n_splits", "n_components"}
		}
		v := c.arg(place, names...)
		if v == nil && goName == "NewPCA" {
			v = &value{typ: tInt, code: "0", konst: true} // all components
		}
		if v == nil {
			v = c.need(place, names...)
		}
		place++
		args = append(args, t.sklearnArg(v, param.Type, c))
	}
	for ; place < len(c.args); place++ {
		args = append(args, t.sklearnArg(c.arg(place), "any", c))
	}
	for _, k := range c.keys {
		if c.used[k] {
			continue
		}
		v := c.arg(-1, k)
		if v.kind == "none" {
			continue
		}
		if option := map[string]string{"stratify": "Stratify", "centers": "Centers"}[k]; option != "" && options {
			args = append(args, "sk."+option+"{Values: "+t.sklearnArg(v, "any", c)+"}")
			continue
		}
		if k == "random_state" && !options && goName == "NewPCA" {
			t.approximate("PCA computes all directions exactly, without random numbers")
			continue
		}
		option, ok := sklearnOptions[k]
		if !ok || !options {
			fail(c.e, "the argument %s of %s isn't translated", k, name)
		}
		args = append(args, "sk."+option[0]+"("+t.as(v, option[1], c.e)+")")
	}
	code := "sk." + goName + "(" + strings.Join(args, ", ") + ")"
	if len(fn.Result) > 1 {
		ty := typ{kind: "tuple", goT: "multi"}
		for range fn.Result {
			ty.elems = append(ty.elems, tArray)
		}
		return &value{typ: ty, code: code}
	}
	switch r := fn.Result[0]; r {
	case "float64":
		return &value{typ: tFloat, code: code}
	case "string":
		return &value{typ: tStr, code: code}
	case "*np.Array":
		return &value{typ: tArray, code: code}
	case "[]*np.Array":
		return &value{typ: listOf(tArray), code: code}
	default:
		if !strings.HasPrefix(r, "*") {
			fail(c.e, "%s isn't translated", path)
		}
		return &value{typ: object("estimator", "*sk."+r[1:]), code: code}
	}
}

func (t *translator) sklearnArg(v *value, goType string, c *call) string {
	if goType == "any" && v.kind != "array" && v.kind != "list" && v.kind != "frame" && !number(v.typ) {
		fail(c.e, "%s as data isn't translated", v.describe())
	}
	return t.as(v, goType, c.e)
}

// estimator is a method of a scaler or an encoder.
func (t *translator) estimator(v *value, name string, c *call) *value {
	if strings.HasSuffix(v.goT, "Bunch") && name == "keys" {
		t.approximate("the keys are those that are there")
		return &value{typ: listOf(tStr), code: `[]string{"data", "target", "target_names", "feature_names"}`}
	}
	if name == "get_feature_names_out" && v.goT == "*sk.OneHotEncoder" {
		names := c.need(0, "input_features")
		c.done()
		return &value{typ: listOf(tStr), code: fmt.Sprintf("%s.FeatureNames(%s)", v.tight(), t.as(names, "...string", c.e))}
	}
	if name == "split" && strings.HasSuffix(v.goT, "KFold") {
		x, y := c.need(0, "X"), c.arg(1, "y")
		c.done()
		args := t.sklearnArg(x, "any", c)
		if v.goT == "*sk.StratifiedKFold" {
			if y == nil {
				fail(c.e, "a StratifiedKFold divides by targets: y is missing")
			}
			args += ", " + t.sklearnArg(y, "any", c)
		}
		return &value{typ: listOf(object("fold", "sk.Fold")), code: fmt.Sprintf("%s.Split(%s)", v.tight(), args)}
	}
	method := map[string]string{"fit": "Fit", "transform": "Transform", "fit_transform": "FitTransform", "inverse_transform": "InverseTransform"}[name]
	if method == "" || len(c.args) != 1 || len(c.kw) > 0 || strings.HasSuffix(v.goT, "KFold") || strings.HasSuffix(v.goT, "Bunch") {
		fail(c.e, "the method %s isn't translated", name)
	}
	data := t.sklearnArg(c.args[0], "any", c)
	if name == "fit" { // it gives the estimator itself
		if !strings.HasPrefix(v.code, "\x01") {
			held := t.newVar("fitted", v.goT)
			t.use(v.goT)
			t.emit(&line{lhs: []*variable{held}, code: v.code})
			v = &value{typ: v.typ, code: held.ref()}
		}
		t.code("%s.%s(%s)", v.tight(), method, data)
		return v
	}
	return &value{typ: tArray, code: fmt.Sprintf("%s.%s(%s)", v.tight(), method, data)}
}

// oneHot is a OneHotEncoder, whose results are arrays here, sparse or not.
func (t *translator) oneHot(c *call) *value {
	var args []string
	columns := ""
	for _, k := range c.keys {
		v := c.arg(-1, k)
		switch {
		case k == "categorical_features" && v.goT == "[]int":
			// What scikit-learn had before ColumnTransformer: the columns that are named, then the rest.
			columns = v.code
		case k == "sparse" || k == "sparse_output" || v.kind == "none":
		case k == "handle_unknown" && (v.code == `"ignore"` || v.code == `"error"`):
			if v.code == `"ignore"` {
				args = append(args, v.code)
			}
		case k == "drop" && v.code == `"first"`:
			args = append(args, v.code)
		case k == "categories" && v.code == `"auto"`:
		default:
			fail(c.e, "the argument %s of OneHotEncoder isn't translated", k)
		}
	}
	c.done()
	code := "sk.NewOneHotEncoder(" + strings.Join(args, ", ") + ")"
	if columns != "" {
		return &value{typ: object("estimator", "*sk.ColumnTransformer"), code: fmt.Sprintf("sk.NewColumnTransformer(sk.PassThrough, sk.On{Transformer: %s, Columns: %s})", code, columns)}
	}
	return &value{typ: object("estimator", "*sk.OneHotEncoder"), code: code}
}

// bunch is an attribute of what load_iris and its like return.
func (t *translator) bunch(v *value, name string, e *python.Expr) *value {
	switch name {
	case "data":
		return &value{typ: tArray, code: v.tight() + ".Data"}
	case "target":
		return &value{typ: tArray, code: v.tight() + ".Target"}
	case "feature_names":
		return &value{typ: listOf(tStr), code: v.tight() + ".FeatureNames"}
	case "target_names":
		return &value{typ: listOf(tStr), code: v.tight() + ".TargetNames"}
	case "images":
		return &value{typ: tArray, code: v.tight() + ".Images"}
	case "DESCR":
		t.approximate("the description of the data set isn't there")
		return &value{typ: tStr, code: `""`, konst: true}
	}
	fail(e, "the attribute %s isn't translated", name)
	return nil
}

// columnTransformer is a ColumnTransformer of scalers and encoders.
func (t *translator) columnTransformer(name string, c *call) *value {
	parts := c.args
	if name == "ColumnTransformer" {
		parts = c.need(0, "transformers").items
	} else {
		for i := range parts {
			c.arg(i)
		}
	}
	rest := "sk.Drop"
	for _, k := range c.keys {
		v := c.arg(-1, k)
		switch k {
		case "remainder":
			if v.code == `"passthrough"` {
				rest = "sk.PassThrough"
			} else if v.code != `"drop"` {
				fail(c.e, "this remainder isn't translated")
			}
		case "transformers", "sparse_threshold", "verbose", "n_jobs", "verbose_feature_names_out":
		default:
			fail(c.e, "the argument %s of %s isn't translated", k, name)
		}
	}
	c.done()
	if len(parts) == 0 {
		fail(c.e, "a ColumnTransformer whose parts aren't known isn't translated")
	}
	args := []string{rest}
	for _, p := range parts {
		if name == "ColumnTransformer" && len(p.items) == 3 {
			p = &value{items: p.items[1:]}
		}
		if len(p.items) != 2 {
			fail(c.e, "this part of a ColumnTransformer isn't translated")
		}
		est, columns := p.items[0], p.items[1]
		if est.kind == "str" && est.code == `"passthrough"` {
			est = &value{typ: object("estimator", ""), code: "sk.PassThrough"}
		}
		if est.kind != "estimator" || columns.kind != "list" || columns.goT != "[]int" && columns.goT != "[]string" {
			fail(c.e, "this part of a ColumnTransformer isn't translated")
		}
		args = append(args, fmt.Sprintf("sk.On{Transformer: %s, Columns: %s}", est.code, columns.code))
	}
	return &value{typ: object("estimator", "*sk.ColumnTransformer"), code: "sk.NewColumnTransformer(" + strings.Join(args, ", ") + ")"}
}

// transformers is a Pipeline of scalers and encoders.
func (t *translator) transformers(name string, c *call) *value {
	parts := c.args
	if name == "Pipeline" {
		parts = c.need(0, "steps").items
	} else {
		for i := range parts {
			c.arg(i)
		}
	}
	c.done()
	var args []string
	for _, p := range parts {
		if name == "Pipeline" {
			if len(p.items) != 2 {
				fail(c.e, "this step of a Pipeline isn't translated")
			}
			p = p.items[1]
		}
		if p.kind != "estimator" {
			fail(c.e, "a Pipeline with %s isn't translated", p.describe())
		}
		args = append(args, p.code)
	}
	return &value{typ: object("estimator", "*sk.Pipeline"), code: "sk.NewPipeline(" + strings.Join(args, ", ") + ")"}
}

// matrixLabels are the names of classes beside a confusion matrix.
func (t *translator) matrixLabels(labels *value) string {
	switch {
	case labels == nil || labels.kind == "none":
	case labels.goT == "[]string":
		return ", plt.Labels(" + labels.code + ")"
	case labels.kind == "array":
		return ", plt.Labels(" + labels.tight() + ".AsType(\"str\").Strings())"
	case labels.kind == "dict" && keyType(labels.typ).kind == "str":
		return ", plt.Labels(" + t.sortedKeysOf(labels).code + ")"
	default:
		t.approximate("the classes are shown by their numbers")
	}
	return ""
}

// shownMatrix is a confusion matrix as ConfusionMatrixDisplay draws it, as a heat map.
func (t *translator) shownMatrix(args string, c *call) *value {
	t.approximate("the matrix is drawn as a heat map")
	cmap := ""
	for _, k := range c.keys {
		v := c.arg(-1, k)
		if k == "cmap" && v.kind == "str" {
			cmap = ", plt.Cmap(" + v.code + ")"
		}
		if _, name := split(v.path); k == "cmap" && v.path != "" {
			cmap = fmt.Sprintf(", plt.Cmap(%q)", name)
		}
	}
	return done(`plt.Heatmap(%s, plt.Annot(true), plt.Fmt("d")%s)`, args, cmap)
}
