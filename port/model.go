package port

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// data is an array for Fit, Evaluate and Predict.
func (t *translator) data(v *value, e *python.Expr) string {
	switch {
	case v.batches():
		return v.code
	case v.kind == "frame":
		return v.tight() + ".Values().Tensor()"
	case v.kind == "array":
		return v.tight() + ".Tensor()"
	case v.kind == "list" && v.elem.kind == "array":
		if v.items != nil && !strings.HasPrefix(v.code, "\x01") {
			var parts []string
			for _, i := range v.items {
				parts = append(parts, i.code)
			}
			return t.helper("tensorsOf") + "(" + strings.Join(parts, ", ") + ")"
		}
		return t.helper("tensorsOf") + "(" + v.code + "...)"
	case v.goT == "map[string]"+tArray.goT:
		return t.helper("tensorsByName") + "(" + v.code + ")"
	case v.kind == "image":
		return pixels(v).code + ".Tensor()"
	case v.kind == "list" && v.elem.kind == "str":
		return v.code
	case v.kind == "list" && (number(*v.elem) || v.elem.kind == "list"):
		return "np.Of(" + v.code + ").Tensor()"
	}
	fail(e, "%s as data of a model isn't translated", v.describe())
	return ""
}

// field is a field of an options struct.
type field struct {
	python, name string
	convert      func(v *value) string
}

func (t *translator) fields(c *call, fs []field) []string {
	var out []string
	for _, f := range fs {
		v := c.arg(-1, f.python)
		if v == nil || v.kind == "none" {
			continue
		}
		if text := f.convert(v); text != "" {
			out = append(out, f.name+": "+text)
		}
	}
	return out
}

func (t *translator) modelMethod(m *value, name string, c *call) *value {
	to := func(goType string) func(v *value) string {
		return func(v *value) string { return t.as(v, goType, c.e) }
	}
	verbose := field{"verbose", "Verbose", func(v *value) string {
		if v.kind == "str" {
			return ""
		}
		switch code := t.verbosity(v, c.e); code {
		case "callbacks.Silent":
			return "functional.Silent"
		case "callbacks.Bar":
			return ""
		default:
			return code
		}
	}}
	given := func(v *value) string { return t.data(v, c.e) }
	c = t.withSequences(name, c)
	switch name {
	case "pop":
		c.done()
		return &value{typ: tLayer, code: fmt.Sprintf("must.M1(%s.Pop())", m.tight())}
	case "add":
		l := c.need(0, "layer")
		c.done()
		return t.add(m, l, c)
	case "summary":
		opts := t.fields(c, []field{{"line_length", "LineLength", to("int")}, {"expand_nested", "ExpandNested", to("bool")}, {"show_trainable", "ShowTrainable", to("bool")}})
		c.done()
		if len(opts) > 0 {
			return done("must.M(%s.SummaryWith(os.Stdout, functional.SummaryOptions{%s}))", m.tight(), strings.Join(opts, ", "))
		}
		return done("must.M(%s.Summary(os.Stdout))", m.tight())
	case "compile":
		return t.compile(m, c)
	case "fit", "fit_generator":
		return t.fit(m, c, verbose)
	case "evaluate", "evaluate_generator":
		x := c.need(0, "x", "generator")
		if name == "evaluate_generator" {
			c.place(1, "steps")
			t.inSamples(c, x, "val_samples", "steps")
		}
		y := t.targets(c)
		fs := []field{{"batch_size", "BatchSize", to("int")}, verbose, {"sample_weight", "SampleWeight", given}, {"steps", "Steps", t.steps(c)}}
		if name == "evaluate" {
			c.place(2, "batch_size", "verbose", "sample_weight")
		}
		opts := t.fields(c, fs)
		byName := c.arg(-1, "return_dict")
		gone(c)
		c.done()
		code := fmt.Sprintf("must.M1(%s.Evaluate(%s, %s, functional.Evaluate{%s}))", m.weighted(t, c).tight(), t.fed(x, "steps", c), y, strings.Join(opts, ", "))
		if byName != nil && byName.code == "true" {
			return &value{typ: dictType(tStr, tFloat), code: code + ".Map()"}
		}
		if known, ok := t.metrics[m.code]; ok && !known {
			return &value{typ: tFloat, code: code + ".Loss()"}
		}
		return &value{typ: tScores, code: code}
	case "predict", "predict_generator", "predict_proba", "predict_on_batch", "predict_classes":
		x := c.need(0, "x", "generator")
		if name == "predict_generator" {
			c.place(1, "steps")
			t.inSamples(c, x, "val_samples", "steps")
		} else {
			c.place(1, "batch_size", "verbose", "steps")
		}
		opts := t.fields(c, []field{{"batch_size", "BatchSize", to("int")}, verbose, {"steps", "Steps", t.steps(c)}})
		gone(c)
		c.done()
		p := t.predicted(m.weighted(t, c), fmt.Sprintf("%s, functional.Predict{%s}", t.fed(x, "steps", c), strings.Join(opts, ", ")))
		if name == "predict_classes" {
			t.approximate("predict_classes takes the class with the highest probability; for one output it was whether that is above 0.5")
			p.code = "np.Argmax(" + p.code + ", -1)"
		}
		return p
	case "save", "save_weights", "load_weights":
		file := t.as(c.need(0, "filepath", "path"), "string", c.e)
		if o := c.arg(-1, "overwrite"); o != nil && o.code == "false" {
			fail(c.e, "overwrite=False isn't translated")
		}
		c.arg(-1, "save_format")
		c.done()
		if name != "save" {
			given := file
			file = t.weightsFile(file)
			if name == "save_weights" && file != given { // TensorFlow made the checkpoint's folder
				file = t.helper("withFolder") + "(" + file + ")"
			}
		}
		return done("must.M(%s.%s(%s))", m.tight(), map[string]string{"save": "Save", "save_weights": "SaveWeights", "load_weights": "LoadWeights"}[name], file)
	case "build":
		shape := c.arg(0, "input_shape")
		c.done()
		if shape == nil {
			fail(c.e, "build without a shape isn't translated")
		}
		if len(shape.items) == 0 || shape.items[0].kind != "none" {
			t.approximate("the batch size of build is left out")
		}
		if shape.items == nil {
			return done("must.M(%s.Build(%s[1:]...))", m.tight(), strings.TrimSuffix(t.as(shape, "...int", c.e), "..."))
		}
		if len(shape.items) < 2 || shape.items[0].items != nil {
			fail(c.e, "build by this shape isn't translated")
		}
		rest := &value{typ: shape.typ, tuple: true, items: shape.items[1:]}
		return done("must.M(%s.Build(%s))", m.tight(), t.as(rest, "...int", c.e))
	case "add_loss":
		loss := c.need(0, "loss")
		c.arg(-1, "inputs")
		c.done()
		if loss.kind != "tensor" {
			fail(c.e, "a loss that is %s isn't translated", loss.describe())
		}
		return done("must.M(%s.AddLoss(%s))", m.tight(), loss.code)
	case "to_json":
		c.done()
		return &value{typ: tStr, code: "string(must.M1(" + m.tight() + ".ToJSON()))"}
	case "get_config":
		c.done()
		return t.config(m.tight()+".GetConfig()", c.e)
	case "get_layer":
		if i := c.arg(-1, "index"); i != nil && i.kind == "int" {
			c.done()
			return &value{typ: tLayer, code: fmt.Sprintf("%s.Layers()[%s]", m.tight(), t.listIndex(&value{typ: listOf(tLayer), code: m.tight() + ".Layers()"}, i, c.e))}
		}
		v := c.arg(0, "name")
		if v != nil && v.kind == "str" {
			return &value{typ: tLayer, code: fmt.Sprintf("must.M1(%s.GetLayer(%s))", m.tight(), v.code)}
		}
	case "reset_states", "reset_state":
		c.done()
		return done("must.M(%s.ResetStates())", m.tight())
	case "train_on_batch", "test_on_batch":
		x, y := c.need(0, "x"), c.need(1, "y")
		c.done()
		f := map[string]string{"train_on_batch": "TrainOnBatch", "test_on_batch": "TestOnBatch"}[name]
		code := fmt.Sprintf("must.M1(%s.%s(%s, %s, functional.BatchOptions{}))", m.tight(), f, t.data(x, c.e), t.data(y, c.e))
		if known, ok := t.metrics[m.code]; ok && !known {
			return &value{typ: tFloat, code: code + ".Loss()"}
		}
		return &value{typ: tScores, code: code}
	}
	if r := t.weightsMethod(m, name, c); r != nil {
		return r
	}
	fail(c.e, "the method %s of a model isn't translated", name)
	return nil
}

func quoted(texts []string) string {
	var all []string
	for _, s := range texts {
		all = append(all, strconv.Quote(s))
	}
	return strings.Join(all, ", ")
}

// predicted are a model's predictions: an array, or several of a model with several outputs.
func (t *translator) predicted(m *value, arguments string) *value {
	if m.named != nil {
		return &value{typ: dictType(tStr, tArray), code: fmt.Sprintf("%s(must.M1(%s.PredictAll(%s)), %s)", t.helper("arraysByName"), m.tight(), arguments, quoted(m.named))}
	}
	if m.states < 0 && !m.several {
		fail(nil, "predictions of a model whose outputs have names that aren't known aren't translated")
	}
	if m.states > 0 || m.several {
		return &value{typ: listOf(tArray), code: fmt.Sprintf("%s(must.M1(%s.PredictAll(%s)))", t.helper("arraysOf"), m.tight(), arguments)}
	}
	return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(%s.Predict(%s)))", m.tight(), arguments)}
}

// weightsFile is the code of a path of a file of weights: TensorFlow's checkpoints, which Keras 2 wrote under any other name, are none that Keras 3 knows.
func (t *translator) weightsFile(path string) string {
	text, err := strconv.Unquote(path)
	if err != nil {
		return t.helper("weightsFile") + "(" + path + ")"
	}
	for _, suffix := range []string{".h5", ".hdf5", ".keras"} {
		if strings.HasSuffix(text, suffix) {
			return path
		}
	}
	t.approximate("weights are kept in a file that ends in .weights.h5, in place of TensorFlow's checkpoint")
	return strconv.Quote(text + ".weights.h5")
}

// weighted is the model that a proof gives Python's weights before it predicts.
func (v *value) weighted(t *translator, c *call) *value {
	if !t.o.proof || c.name() == "predict_on_batch" || v.kind != "model" {
		return v
	}
	return &value{typ: v.typ, code: fmt.Sprintf("prove.Weighted(%q, %s)", c.receiver(), v.code)}
}

// place gives names to arguments by place, from one on.
func (c *call) place(from int, names ...string) {
	for i, n := range names {
		if from+i < len(c.args) && c.kw[n] == nil {
			c.used[fmt.Sprint(from+i)] = true
			c.kw[n] = c.args[from+i]
			c.keys = append(c.keys, n)
		}
	}
}

func (t *translator) add(m, l *value, c *call) *value {
	parts := t.stacked(l, true, c)
	// A later layer may name its input too; only the first one's counts, and a model knows which that is.
	if len(parts) == 2 && !t.flags["begun "+m.code] {
		t.code("must.M(%s.Add(%s))", m.tight(), inputLayer(parts[0]))
	}
	t.flags["begun "+m.code] = true
	if l.kind == "tensor" || l.kind == "input layer" {
		return done("must.M(%s.Add(%s))", m.tight(), inputLayer(l.code))
	}
	return done("must.M(%s.Add(%s))", m.tight(), parts[len(parts)-1])
}

// inputLayer is the layer of an Input, as Add takes layers alone.
func inputLayer(code string) string { return code + ".Layer()" }

func (t *translator) compile(m *value, c *call) *value {
	c.place(0, "optimizer", "loss", "metrics")
	metric := false
	object := func(v *value) string {
		switch {
		case v.object != nil && slices.Contains([]string{"loss", "metric"}, v.object.class.base):
			return t.ownPart(v, c.e).code
		case v.def != nil:
			return t.function(v, metric, c)
		case v.path != "":
			_, name := split(v.path)
			return fmt.Sprintf("%q", name)
		case v.kind == "str":
			return v.code
		case v.kind == "optimizer" || v.kind == "object":
			return v.code
		}
		fail(c.e, "%s isn't translated in compile", v.describe())
		return ""
	}
	var list func(v *value) string
	list = func(v *value) string {
		if v.items == nil {
			return object(v)
		}
		var parts []string
		for _, i := range v.items {
			parts = append(parts, list(i))
		}
		return "[]any{" + strings.Join(parts, ", ") + "}"
	}
	mapped := func(v *value) string {
		switch v.kind {
		case "dict":
			return v.code
		case tDictOfParts.kind:
			var parts []string
			for i, key := range v.keys {
				parts = append(parts, fmt.Sprintf("%q: %s", key, list(v.parts[i])))
			}
			return "map[string]any{" + strings.Join(parts, ", ") + "}"
		}
		return list(v)
	}
	metrics := c.kw["metrics"]
	known := metrics != nil && metrics.kind != "none" && metrics.kind != "empty"
	t.metrics[m.code] = known
	opts := t.fields(c, []field{{"optimizer", "Optimizer", object}, {"loss", "Loss", mapped}, {"metrics", "Metrics", func(v *value) string {
		metric = true
		defer func() { metric = false }()
		if v.kind == "empty" {
			return ""
		}
		if v.items == nil && v.kind != "dict" && v.kind != tDictOfParts.kind {
			return "[]any{" + object(v) + "}"
		}
		return mapped(v)
	}}, {"loss_weights", "LossWeights", func(v *value) string {
		if v.kind == "dict" {
			return v.code
		}
		return t.as(v, "[]float64", c.e)
	}}, {"weighted_metrics", "WeightedMetrics", mapped}, {"steps_per_execution", "StepsPerExecution", func(v *value) string { return t.as(v, "int", c.e) }}})
	c.arg(-1, "jit_compile")
	if v := c.arg(-1, "run_eagerly"); v != nil && v.code != "false" && v.kind != "none" {
		t.approximate("steps are always compiled, with the same numbers")
	}
	c.done()
	return done("must.M(%s.Compile(functional.Compile{%s}))", m.tight(), strings.Join(opts, ", "))
}

func (t *translator) fit(m *value, c *call, verbose field) *value {
	to := func(goType string) func(v *value) string {
		return func(v *value) string { return t.as(v, goType, c.e) }
	}
	x := c.need(0, "x", "generator")
	if x.batches() && c.name() == "fit_generator" {
		c.place(1, "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps")
	}
	t.inSamples(c, x, "samples_per_epoch", "steps_per_epoch")
	t.inSamples(c, c.kw["validation_data"], "nb_val_samples", "validation_steps")
	y := t.targets(c)
	if n := c.kw["nb_epoch"]; n != nil {
		c.used["nb_epoch"] = true
		c.kw["epochs"] = n
		c.keys = append(c.keys, "epochs")
	}
	if c.name() != "fit_generator" {
		c.place(2, "batch_size", "epochs", "verbose", "callbacks", "validation_split", "validation_data", "shuffle")
	}
	epochs := c.arg(-1, "epochs")
	n := "1"
	if epochs != nil {
		n = t.as(epochs, "int", c.e)
	}
	// A script that has this flag itself says how many.
	opts := []string{"Epochs: " + n}
	if !t.flags["argument epochs"] {
		opts[0] = "Epochs: " + t.helper("epochsOr") + "(" + n + ")"
	}
	frequency := field{"validation_freq", "ValidationFrequency", to("int")}
	if v := c.kw["validation_freq"]; v != nil && (v.kind == "list" || v.items != nil || v.loop != nil) {
		if v.loop != nil && v.loop.kind == "range" {
			c.kw["validation_freq"] = t.rangeList(v, c.e)
		}
		frequency = field{"validation_freq", "ValidationEpochs", to("[]int")}
	}
	opts = append(opts, t.fields(c, []field{
		{"batch_size", "BatchSize", to("int")}, {"initial_epoch", "InitialEpoch", to("int")}, {"steps_per_epoch", "StepsPerEpoch", t.steps(c)},
		{"validation_steps", "ValidationSteps", t.steps(c)}, {"validation_batch_size", "ValidationBatchSize", to("int")}, frequency,
		{"validation_split", "ValidationSplit", to("float64")},
		{"validation_data", "ValidationData", func(v *value) string {
			if v.batches() {
				return "&functional.Data{X: " + endless(v, c.kw["validation_steps"] != nil && c.kw["validation_steps"].kind != "none") + "}"
			}
			if len(v.items) < 2 {
				fail(c.e, "%s as validation_data isn't translated", v.describe())
			}
			if v.items[1].kind == "none" {
				return fmt.Sprintf("&functional.Data{X: %s}", t.data(v.items[0], c.e))
			}
			return fmt.Sprintf("&functional.Data{X: %s, Y: %s}", t.data(v.items[0], c.e), t.data(v.items[1], c.e))
		}},
		verbose,
		{"shuffle", "Shuffle", func(v *value) string { return c.unshuffled(v, "functional.Off") }},
		{"sample_weight", "SampleWeight", func(v *value) string { return t.data(v, c.e) }},
		{"class_weight", "ClassWeight", func(v *value) string {
			if v.goT == "map[int]float64" {
				return v.code
			}
			if v.goT == "map[int]int" && strings.HasPrefix(v.code, v.goT) {
				return "map[int]float64" + strings.TrimPrefix(v.code, v.goT)
			}
			if v.kind == "dict" && v.code != "" && (keyType(v.typ).kind == "int" || strings.HasPrefix(v.goT, "map[float64]")) {
				return t.helper("classWeights") + "(" + v.code + ")"
			}
			fail(c.e, "%s as class_weight isn't translated", v.describe())
			return ""
		}},
		{"callbacks", "Callbacks", func(v *value) string {
			items := v.items
			switch {
			case v.kind == "callback" || v.object != nil:
				items = []*value{v}
			case v.goT == "[]callbacks.Callback":
				return v.code
			case v.kind == "empty":
				return ""
			case items == nil && v.kind == "list" && v.elem.kind == "callback":
				return t.helper("callbackList") + "(" + v.code + ")"
			case items == nil:
				fail(c.e, "%s as callbacks isn't translated", v.describe())
			}
			var parts []string
			for _, i := range items {
				if i.object != nil && i.object.class.base == "callback" {
					i = t.callbackOf(i)
				}
				if i.kind != "callback" {
					fail(c.e, "%s isn't a callback", i.describe())
				}
				parts = append(parts, i.code)
			}
			return "[]callbacks.Callback{" + strings.Join(parts, ", ") + "}"
		}},
	})...)
	gone(c)
	c.done()
	given := fmt.Sprintf("%s, %s, functional.Fit{%s}", t.fed(x, "steps_per_epoch", c), y, strings.Join(opts, ", "))
	if t.o.proof && m.kind == "model" {
		return &value{typ: tHistory, code: fmt.Sprintf("must.M1(prove.Fit(%q, %s, %s))", c.receiver(), m.code, given)}
	}
	return &value{typ: tHistory, code: fmt.Sprintf("must.M1(%s.Fit(%s))", m.tight(), given)}
}

// fed is what a model is given, for a number of steps if the argument of that name says so.
func (t *translator) fed(x *value, steps string, c *call) string {
	if x.batches() {
		return endless(x, c.kw[steps] != nil && c.kw[steps].kind != "none")
	}
	return t.data(x, c.e)
}

// gone takes the arguments that say how Python's processes share the work.
func gone(c *call) {
	for _, name := range []string{"workers", "use_multiprocessing", "max_queue_size", "max_q_size", "pickle_safe"} {
		c.arg(-1, name)
	}
}

// name is that of the method that is called.
func (c *call) name() string {
	if c.e == nil || len(c.e.Args) == 0 {
		return ""
	}
	return c.e.Args[0].Text
}

// targets are the targets of fit and evaluate; data sets have their own.
func (t *translator) targets(c *call) string {
	x := c.arg(0, "x", "generator")
	if x != nil && x.batches() {
		if y := c.arg(-1, "y"); y != nil && y.kind != "none" {
			fail(c.e, "a data set has its own targets")
		}
		return "nil"
	}
	y := c.arg(1, "y")
	if y == nil || y.kind == "none" {
		return "nil" // the model's losses know what they are of
	}
	return t.data(y, c.e)
}

// otherCall is a call of something outside of Keras and NumPy.
func (t *translator) otherCall(path string, c *call) *value {
	if v := t.operation(path, c); v != nil {
		return v
	}
	if v := t.system(path, c); v != nil {
		return v
	}
	if name, ok := strings.CutPrefix(path, "random."); ok {
		if v := t.random("random.Default", name, c); v != nil {
			return v
		}
	}
	if name, ok := strings.CutPrefix(path, "matplotlib.cm."); ok {
		if v := t.colors(name, c); v != nil {
			return v
		}
	}
	if name, ok := strings.CutPrefix(path, "itertools."); ok {
		if v := t.itertools(name, c); v != nil {
			return v
		}
	}
	if name, ok := strings.CutPrefix(path, "json."); ok {
		if v := t.json(name, c); v != nil {
			return v
		}
	}
	switch path {
	case "scipy.stats.norm.ppf", "scipy.stats.norm.pdf":
		x := c.need(0, "q", "x")
		c.done()
		f := map[string]string{"ppf": "NormPPF", "pdf": "NormPDF"}[path[len(path)-3:]]
		return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s)", f, t.asAny(x, c.e))}
	case "matplotlib.cm.get_cmap", "matplotlib.colormaps.get_cmap":
		return t.plot("get_cmap", c)
	case "matplotlib.gridspec.GridSpec":
		rows, cols := c.need(0, "nrows"), c.need(1, "ncols")
		for _, k := range c.keys {
			c.arg(-1, k)
			t.approximate("%s is left out of the picture", k)
		}
		c.done()
		return &value{typ: tGrid, items: []*value{rows, cols}}
	case "matplotlib.patches.Rectangle", "matplotlib.patches.Circle", "matplotlib.patches.Polygon", "matplotlib.patches.Ellipse":
		return t.patch(strings.TrimPrefix(path, "matplotlib.patches."), c)
	case "PIL.Image.fromarray":
		v := c.need(0, "obj")
		c.done()
		if v.kind != "array" {
			fail(c.e, "an image of %s isn't translated", v.describe())
		}
		t.use("datasets.Image")
		return &value{typ: tImage, code: t.helper("imageOf") + "(" + v.code + ")"}
	case "collections.deque":
		return t.newDeque(c)
	case "collections.namedtuple":
		return t.namedTuple(c)
	case "tensorflow.data.experimental.cardinality":
		if v := c.need(0, "dataset"); v.kind == "pipeline" {
			c.done()
			return &value{typ: tInt, code: v.tight() + ".Cardinality()"}
		}
	case "tensorflow.GradientTape":
		c.arg(0, "persistent")
		c.arg(-1, "watch_accessed_variables")
		c.done()
		return &value{typ: typ{kind: "tape"}}
	case "keras.random.SeedGenerator":
		return &value{typ: typ{kind: "seed"}}
	case "tensorflow.data.Dataset.from_tensor_slices":
		return t.slicesCall(c)
	case "tensorflow.data.Dataset.range":
		n := t.as(c.need(0, "stop"), "int", c.e)
		c.done()
		ty := tPipeline
		ty.table = true
		t.use(ty.goT)
		return &value{typ: ty, code: "datasets.Range(" + n + ")"}
	case "tensorflow.data.Dataset.zip":
		parts := c.args
		if len(parts) == 1 && parts[0].items != nil {
			parts = parts[0].items
		}
		c.arg(0)
		if len(parts) == 2 && parts[0].batches() && parts[1].batches() && parts[0].table && parts[1].table {
			ty := tPipeline
			t.use(ty.goT)
			return &value{typ: ty, code: fmt.Sprintf("datasets.Zip(%s, %s)", parts[0].pipelineCode(), parts[1].pipelineCode())}
		}
		fail(c.e, "zip of these data sets isn't translated")
	case "codecs.open", "io.open":
		c.arg(2, "encoding")
		return t.open(c)
	case "argparse.ArgumentParser":
		for _, k := range []string{"description", "prog", "formatter_class", "epilog", "usage", "add_help", "allow_abbrev"} {
			c.arg(-1, k)
		}
		c.arg(0)
		c.done()
		return &value{typ: typ{kind: "arguments"}, entries: map[string]typ{}, names: map[string]string{}}
	case "zipfile.ZipFile", "tarfile.open":
		file, mode := t.as(c.need(0, "file", "name"), "string", c.e), c.arg(1, "mode")
		c.done()
		if mode != nil && !strings.HasPrefix(mode.code, `"r`) {
			fail(c.e, "archives that are written aren't translated")
		}
		return &value{typ: object("archive", "string"), code: file}
	case "collections.Counter", "collections.defaultdict", "collections.OrderedDict":
		if v := t.collected(path, c); v != nil {
			return v
		}
	case "tensorflow.random.set_seed", "tensorflow.set_random_seed", "tensorflow.random.set_random_seed":
		return done("functional.SetRandomSeed(int64(%s))", t.as(c.need(0, "seed"), "int", c.e))
	case "os.path.exists", "os.path.isfile", "os.path.isdir":
		return &value{typ: tBool, code: fmt.Sprintf("%s(%s)", t.helper("exists"), t.as(c.need(0, "path"), "string", c.e))}
	case "os.makedirs", "os.mkdir":
		return done("must.M(os.MkdirAll(%s, 0o755))", t.as(c.need(0, "name", "path"), "string", c.e))
	case "matplotlib.use", "tensorflow.compat.v1.disable_eager_execution", "seaborn.set", "seaborn.set_style", "seaborn.set_theme":
		t.approximate("%s is left out", path)
		return done("")
	case "IPython.display.clear_output":
		t.approximate("%s is left out", path)
		return done("")
	case "google.colab.files.upload":
		t.approximate("there is no Colab to upload to: the files are expected beside the program")
		return done("")
	case "google.colab.files.download":
		t.approximate("there is no Colab to download from: the file is where the program wrote it")
		return done("")
	case "platform.platform", "platform.system":
		t.approximate("the platform is named as Go names it")
		return &value{typ: tStr, code: map[string]string{"platform.system": "runtime.GOOS", "platform.platform": `runtime.GOOS + "-" + runtime.GOARCH`}[path], loose: true}
	case "pprint.pprint":
		t.approximate("pprint prints as print does, on one line")
		return t.print(c)
	case "IPython.display.SVG":
		if v := c.arg(0, "data"); v != nil && v.kind == "dot" {
			c.done()
			return done("must.M(plots.Model(%s))", v.code)
		}
	case "logging.getLogger":
		return &value{typ: typ{kind: "logger"}}
	case "logging.basicConfig", "tensorflow.get_logger.setLevel", "logging.disable":
		t.approximate("%s is left out: what is logged goes to the standard error as it is", path)
		return done("")
	case "logging.info", "logging.warning", "logging.error", "logging.debug":
		return t.logged(path[len("logging."):], c)
	case "time.strftime":
		format := c.need(0, "format")
		c.arg(1, "t")
		c.done()
		return &value{typ: tStr, code: fmt.Sprintf("%s(time.Now(), %s)", t.helper("strftime"), t.as(format, "string", c.e))}
	case "time.sleep":
		return done("")
	case "IPython.display.display":
		if v := c.need(0, "objs"); len(c.args) == 1 && v.kind == "done" && v.code == "" {
			return v
		}
	case "IPython.display.Image", "IPython.display.HTML", "IPython.display.Markdown":
		if len(c.args) == 1 && c.args[0].kind == "dot" {
			return done("must.M(plots.Model(%s))", c.args[0].code)
		}
		t.approximate("%s has no notebook to be shown in", path)
		return done("")
	case "tqdm.tqdm", "tqdm.notebook.tqdm", "tqdm.auto.tqdm", "tqdm.tqdm_notebook":
		for _, k := range c.keys {
			c.arg(-1, k)
		}
		v := c.need(0, "iterable")
		c.done()
		t.approximate("tqdm's bar isn't there")
		return v
	case "tqdm.trange":
		return t.builtin("range", &call{e: c.e, args: c.args, used: map[string]bool{}})
	case "PIL.Image.open":
		file := t.as(c.need(0, "fp"), "string", c.e)
		c.done()
		t.use("datasets.Image")
		// It has the channels that the file has, where this one has three: what it is converted to is known.
		return &value{typ: typ{kind: "opened image"}, code: fmt.Sprintf("must.M1(datasets.LoadImage(%s, datasets.LoadImageOptions{}))", file)}
	case "re.sub":
		pattern, repl, text := c.need(0, "pattern"), c.need(1, "repl"), c.need(2, "string")
		c.done()
		t.pattern(pattern, c)
		if repl.kind != "str" || !repl.konst || strings.ContainsAny(repl.code, `$\\`) {
			fail(c.e, "this replacement of re.sub isn't translated")
		}
		if text.kind == "array" {
			text = &value{typ: tStr, code: text.tight() + ".Text()"}
		}
		return &value{typ: tStr, code: fmt.Sprintf("regexp.MustCompile(%s).ReplaceAllString(%s, %s)", pattern.code, t.as(text, "string", c.e), repl.code)}
	case "re.split":
		pattern, text := c.need(0, "pattern"), c.need(1, "string")
		c.done()
		if re := t.pattern(pattern, c); re.NumSubexp() > 0 || re.MatchString("") {
			fail(c.e, "this pattern of re.split isn't translated")
		}
		return &value{typ: listOf(tStr), code: fmt.Sprintf("regexp.MustCompile(%s).Split(%s, -1)", pattern.code, t.as(text, "string", c.e))}
	case "re.findall":
		pattern, text := c.need(0, "pattern"), c.need(1, "string")
		c.done()
		if t.pattern(pattern, c).NumSubexp() > 0 {
			fail(c.e, "groups in re.findall aren't translated")
		}
		if text.kind == "array" {
			text = &value{typ: tStr, code: text.tight() + ".Text()"}
		}
		return &value{typ: listOf(tStr), code: fmt.Sprintf("regexp.MustCompile(%s).FindAllString(%s, -1)", pattern.code, t.as(text, "string", c.e))}
	case "time.time", "time.perf_counter":
		return &value{typ: tFloat, code: "float64(time.Now().UnixNano()) / 1e9", loose: true}
	case "warnings.warn":
		text := c.need(0, "message")
		c.arg(1, "category")
		c.arg(-1, "stacklevel")
		c.done()
		t.approximate("a warning goes to the standard error as it is")
		return done("fmt.Fprintln(os.Stderr, %s)", t.printed(text, c.e))
	case "warnings.filterwarnings", "warnings.simplefilter", "tensorflow.get_logger", "tensorflow.autograph.set_verbosity":
		t.approximate("there are no warnings of Python's to filter")
		return done("")
	case "os.path.join":
		var parts []string
		for _, a := range c.args {
			parts = append(parts, t.as(a, "string", c.e))
		}
		return &value{typ: tStr, code: t.helper("joinPath") + "(" + strings.Join(parts, ", ") + ")"}
	case "copy.copy", "copy.deepcopy":
		v := c.need(0, "x")
		c.done()
		switch v.kind {
		case "array", "frame":
			return &value{typ: v.typ, code: v.tight() + ".Copy()"}
		case "list":
			if v.elem.kind != "array" && v.elem.kind != "list" || path == "copy.copy" {
				return &value{typ: v.typ, code: "slices.Clone(" + v.code + ")"}
			}
		case "dict":
			return &value{typ: v.typ, code: "maps.Clone(" + v.code + ")"}
		case "int", "float", "str", "bool":
			return v
		}
		fail(c.e, "a copy of %s isn't translated", v.describe())
	case "datetime.datetime.now":
		return &value{typ: object("time", "time.Time"), code: "time.Now()"}
	case "tensorflow.random.normal", "tensorflow.random.uniform", "keras.random.normal", "keras.random.uniform":
		t.approximate("NumPy's generator gives other numbers than TensorFlow's")
		shape := t.as(c.need(0, "shape"), "...int", c.e)
		a, b := []string{"mean", "stddev"}, []string{"0.0", "1.0"}
		f := "Normal"
		if strings.HasSuffix(path, "uniform") {
			a, f = []string{"minval", "maxval"}, "Uniform"
		}
		for i, n := range a {
			if v := c.arg(i+1, n); v != nil {
				b[i] = t.as(v, "float64", c.e)
			}
		}
		c.arg(-1, "seed")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf(`np.Random.%s(%s, %s, %s).AsType("float32")`, f, b[0], b[1], shape)}
	case "tensorflow.random.categorical", "tensorflow.multinomial", "keras.random.categorical":
		return t.drawnClasses(c)
	case "math.pow":
		return &value{typ: tFloat, code: fmt.Sprintf("math.Pow(%s, %s)", t.as(c.need(0, "x"), "float64", c.e), t.as(c.need(1, "y"), "float64", c.e))}
	case "math.tanh", "math.tan", "math.log10", "math.log2", "math.fabs":
		name := map[string]string{"tanh": "Tanh", "tan": "Tan", "log10": "Log10", "log2": "Log2", "fabs": "Abs"}[path[5:]]
		return &value{typ: tFloat, code: fmt.Sprintf("math.%s(%s)", name, t.as(c.need(0, "x"), "float64", c.e))}
	case "math.sqrt", "math.exp", "math.log", "math.sin", "math.cos", "math.ceil", "math.floor":
		name := path[5:]
		v := t.as(c.need(0, "x"), "float64", c.e)
		if name == "ceil" || name == "floor" {
			return &value{typ: tInt, code: fmt.Sprintf("int(math.%s(%s))", strings.ToUpper(name[:1])+name[1:], v)}
		}
		return &value{typ: tFloat, code: fmt.Sprintf("math.%s(%s)", strings.ToUpper(name[:1])+name[1:], v)}
	}
	fail(c.e, "%s isn't translated", path)
	return nil
}

// pattern is a regular expression that Go reads as Python does.
func (t *translator) pattern(v *value, c *call) *regexp.Regexp {
	text, err := strconv.Unquote(v.code)
	if v.kind != "str" || !v.konst || err != nil {
		fail(c.e, "a pattern that isn't a constant isn't translated")
	}
	re, err := regexp.Compile(text)
	if err != nil {
		fail(c.e, "the pattern %q isn't one of Go's", text)
	}
	if strings.Contains(text, `\w`) || strings.Contains(text, `\W`) || strings.Contains(text, `\b`) || strings.Contains(text, `\d`) || strings.Contains(text, `\s`) {
		t.approximate("classes of a pattern such as \\w are those of ASCII")
	}
	t.imports["regexp"] = true
	return re
}

// logged is logger.info(text) and its like.
func (t *translator) logged(name string, c *call) *value {
	switch name {
	case "setLevel", "addHandler":
		return done("")
	case "info", "warning", "error", "critical", "exception":
		text := c.need(0, "msg")
		c.done()
		t.approximate("what is logged goes to the standard error as it is")
		return done("fmt.Fprintln(os.Stderr, %s)", t.printed(text, c.e))
	case "debug":
		return done("")
	}
	fail(c.e, "the method %s of a logger isn't translated", name)
	return nil
}
