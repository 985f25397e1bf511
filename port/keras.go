package port

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerastable"
	"github.com/gokeras/gokeras/port/internal/goapi"
)

// canonical is the one name of something that Keras, TensorFlow and their versions have under many.
func canonical(path string) string {
	if path == "matplotlib.pylab" || path == "pylab" || strings.HasPrefix(path, "matplotlib.pylab.") || strings.HasPrefix(path, "pylab.") {
		return "matplotlib.pyplot" + path[strings.Index(path, "pylab")+len("pylab"):]
	}
	for _, module := range []string{"optimizers", "losses", "metrics", "initializers"} {
		if strings.HasPrefix(path, "tensorflow."+module+".") {
			path = "keras" + strings.TrimPrefix(path, "tensorflow")
		}
	}
	if rest, ok := strings.CutPrefix(path, "os.sys."); ok {
		return "sys." + rest
	}
	if rest, ok := strings.CutPrefix(path, "six.moves."); ok {
		if rest == "cPickle" || strings.HasPrefix(rest, "cPickle.") {
			return "p" + strings.TrimPrefix(rest, "cP")
		}
		if strings.Contains(rest, ".") {
			return rest // such as urllib.request
		}
		return "builtins." + strings.TrimPrefix(rest, "x")
	}
	if rest, ok := strings.CutPrefix(path, "keras_preprocessing"); ok {
		path = "keras.preprocessing" + rest
	}
	for _, prefix := range []string{"tensorflow.compat.v1.keras", "tensorflow.compat.v2.keras", "tensorflow.python.keras", "tensorflow.contrib.keras", "tensorflow.keras", "tf_keras", "keras.api", "keras.src", "keras._tf_keras.keras"} {
		if path == prefix || strings.HasPrefix(path, prefix+".") {
			path = "keras" + path[len(prefix):]
		}
	}
	for _, prefix := range []string{"tensorflow.compat.v1", "tensorflow.compat.v2"} {
		if path == prefix || strings.HasPrefix(path, prefix+".") {
			path = "tensorflow" + path[len(prefix):]
		}
	}
	parts := strings.Split(path, ".")
	if parts[0] != "keras" || len(parts) < 2 {
		return path
	}
	if parts[1] == "optimizer_v2" && len(parts) > 2 {
		parts[1], path = "optimizers", "keras.optimizers"+path[len("keras.optimizer_v2"):]
	}
	if parts[1] == "objectives" {
		parts[1], path = "losses", "keras.losses"+path[len("keras.objectives"):]
	}
	if parts[1] == "models" && parts[len(parts)-1] == "Input" {
		return "keras.layers.Input"
	}
	switch parts[1] {
	case "saving":
		if parts[len(parts)-1] == "load_model" || parts[len(parts)-1] == "save_model" {
			return "keras.models." + parts[len(parts)-1]
		}
	case "engine", "legacy":
		if last := parts[len(parts)-1]; last == "Model" || last == "Sequential" {
			return "keras.models." + last
		}
		return "keras.layers." + parts[len(parts)-1]
	case "Model", "Sequential":
		return "keras.models." + parts[1]
	case "Input":
		return "keras.layers.Input"
	}
	// keras.layers.core.Dense is keras.layers.Dense; the modules inside optimizers and utils go the same way.
	if len(parts) > 3 && slices.Contains([]string{"layers", "models", "optimizers", "losses", "metrics", "callbacks", "utils", "initializers", "regularizers", "constraints"}, parts[1]) && parts[2] != "schedules" {
		return "keras." + parts[1] + "." + parts[len(parts)-1]
	}
	if len(parts) > 4 && parts[1] == "optimizers" {
		return "keras.optimizers.schedules." + parts[len(parts)-1]
	}
	return path
}

// kerasNames are the paths of what `from keras.layers import *` brings.
var kerasNames = sync.OnceValue(func() []string {
	paths := []string{"keras.layers.Input", "keras.models.Model", "keras.models.Sequential", "keras.models.load_model", "keras.utils.to_categorical", "keras.utils.plot_model"}
	for _, kind := range kerastable.Kinds() {
		for _, e := range kerastable.List(kind) {
			paths = append(paths, e.Path())
			for _, a := range e.Aliases {
				paths = append(paths, e.Module+"."+a)
			}
		}
	}
	for _, m := range []string{"add", "concatenate", "multiply", "average", "maximum", "minimum", "subtract", "dot"} {
		paths = append(paths, "keras.layers."+m)
	}
	return paths
})

// oldNames are the arguments of Keras 1 and 2 under their names of today, by class or for all ("").
var oldNames = map[string]map[string]string{
	"": {"nb_filter": "filters", "border_mode": "padding", "init": "kernel_initializer", "subsample": "strides", "W_regularizer": "kernel_regularizer",
		"b_regularizer": "bias_regularizer", "W_constraint": "kernel_constraint", "bias": "use_bias", "filter_length": "kernel_size", "pool_length": "pool_size",
		"stride": "strides", "lr": "learning_rate", "inner_init": "recurrent_initializer", "dropout_W": "dropout", "dropout_U": "recurrent_dropout", "inner_activation": "recurrent_activation",
		"epsilon_": "epsilon", "beta1": "beta_1", "beta2": "beta_2", "atrous_rate": "dilation_rate", "subsample_length": "strides", "sigma": "stddev", "b_constraint": "bias_constraint"},
	"Dense": {"output_dim": "units"}, "LSTM": {"output_dim": "units", "consume_less": ""}, "GRU": {"output_dim": "units", "consume_less": ""}, "SimpleRNN": {"output_dim": "units", "consume_less": ""},
	"Dropout": {"p": "rate"}, "SpatialDropout1D": {"p": "rate"}, "SpatialDropout2D": {"p": "rate"}, "GaussianDropout": {"p": "rate"}, "UpSampling1D": {"length": "size"}, "LeakyReLU": {"alpha": "negative_slope"}, "BatchNormalization": {"mode": ""}, "Embedding": {"W_constraint": "embeddings_constraint", "init": "embeddings_initializer"},
	"ModelCheckpoint": {"period": ""}, "ReduceLROnPlateau": {"epsilon": "min_delta"}, "LSTMCell": {"output_dim": "units"},
}

// ignored are arguments that say nothing about a layer once it is in a model.
var inputArguments = []string{"input_shape", "input_dim", "input_length", "batch_input_shape", "batch_shape", "weights"}

// place is a kind of Keras's objects: where its names stand, the table's kind, the Go package, the kind of value.
type place struct {
	kind    kerastable.Kind
	pkg     string
	value   string
	lowered bool // names such as l2 and he_normal are known too
}

var places = map[string]place{
	"keras.layers":               {kerastable.Layer, "layers", "layer", false},
	"keras.optimizers":           {kerastable.Optimizer, "optimizers", "optimizer", false},
	"keras.optimizers.schedules": {kerastable.Schedule, "optimizers", "schedule", false},
	"keras.losses":               {kerastable.Loss, "losses", "object", false},
	"keras.metrics":              {kerastable.Metric, "metrics", "object", false},
	"keras.callbacks":            {kerastable.Callback, "callbacks", "callback", false},
	"keras.initializers":         {kerastable.Initializer, "initializers", "object", true},
	"keras.regularizers":         {kerastable.Regularizer, "regularizers", "object", true},
	"keras.constraints":          {kerastable.Constraint, "constraints", "object", true},
}

func split(path string) (module, name string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}

func (t *translator) kerasCall(path string, c *call) *value {
	module, name := split(path)
	switch path {
	case "keras.layers.Input", "keras.layers.InputLayer":
		return t.input(c, name == "InputLayer")
	case "keras.models.Model", "keras.models.Functional":
		return t.newModel(c)
	case "keras.models.Sequential":
		return t.sequential(c)
	case "keras.activations.get":
		if v := c.need(0, "identifier"); v.kind == "none" || v.konst && v.kind == "str" {
			c.done()
			if v.kind == "none" {
				return &value{path: "keras.activations.linear"}
			}
			return &value{path: "keras.activations." + strings.Trim(v.code, `"`)}
		} else if v.path != "" || v.def != nil {
			c.done()
			return v
		}
	case "keras.initializers.get", "keras.regularizers.get", "keras.constraints.get":
		pkg, _ := split(strings.TrimPrefix(path, "keras."))
		switch v := c.need(0, "identifier"); {
		case v.kind == "str":
			c.done()
			goT := map[string]string{"initializers": "initializers.Initializer", "regularizers": "regularizers.Regularizer", "constraints": "constraints.Constraint"}[pkg]
			t.use(goT)
			return &value{typ: object("object", goT), code: fmt.Sprintf("must.M1(%s.Get(%s))", pkg, v.code)}
		case v.kind == "none", strings.HasPrefix(strings.TrimPrefix(v.goT, "*"), pkg+"."):
			c.done()
			return v
		}
	case "keras.models.load_model":
		file := c.need(0, "filepath", "path")
		if own := c.arg(1, "custom_objects"); own != nil && own.kind != "none" {
			t.approximate("a file knows the notebook's own functions and layers by their names, if the program has made them before")
		}
		c.arg(-1, "safe_mode")
		if compile := c.arg(-1, "compile"); compile != nil && compile.code == "false" {
			c.done()
			return &value{typ: tModel, code: fmt.Sprintf("must.M1(saving.LoadUncompiled(%s))", t.as(file, "string", c.e))}
		}
		c.done()
		return &value{typ: tModel, code: fmt.Sprintf("must.M1(saving.LoadModel(%s))", t.as(file, "string", c.e))}
	case "keras.models.clone_model":
		m := c.need(0, "model")
		c.done()
		if m.object != nil && m.object.model != nil {
			m = m.object.model
		}
		if m.kind != "model" {
			fail(c.e, "a clone of %s isn't translated", m.describe())
		}
		return &value{typ: tModel, code: fmt.Sprintf("must.M1(%s.Clone())", m.tight())}
	case "keras.mixed_precision.set_global_policy", "keras.mixed_precision.set_dtype_policy", "keras.config.set_dtype_policy", "keras.mixed_precision.experimental.set_policy":
		policy := c.need(0, "policy")
		c.done()
		t.use("functional.DTypePolicy")
		return done("must.M(functional.SetDTypePolicy(%s))", t.word(policy, "functional.DTypePolicy", c.e))
	case "keras.models.save_model":
		m := c.need(0, "model")
		file := t.as(c.need(1, "filepath"), "string", c.e)
		c.done()
		return done("must.M(%s.Save(%s))", m.tight(), file)
	case "keras.utils.to_categorical", "keras.utils.np_utils.to_categorical":
		y, n := c.need(0, "y", "x"), c.arg(1, "num_classes", "nb_classes")
		if d := c.arg(-1, "dtype"); d != nil && d.code != `"float32"` {
			fail(c.e, "to_categorical's dtype isn't translated")
		}
		c.done()
		classes := "0"
		if n != nil && n.kind != "none" {
			classes = t.as(n, "int", c.e)
		}
		if y.kind == "list" {
			y = &value{typ: tArray, code: "np.Of(" + y.code + ")"}
		}
		if y.kind != "array" {
			fail(c.e, "to_categorical of %s isn't translated", y.describe())
		}
		return &value{typ: tArray, code: fmt.Sprintf("%s(%s, %s)", t.helper("toCategorical"), y.code, classes)}
	case "keras.utils.plot_model", "keras.utils.plot", "keras.utils.visualize_util.plot", "keras.utils.vis_utils.plot_model":
		return done("must.M(plots.Model(%s))", t.plotModel(c, "model.png"))
	case "keras.utils.model_to_dot":
		for _, k := range []string{"rankdir", "dpi", "subgraph", "expand_nested"} {
			if c.arg(-1, k) != nil {
				t.approximate("%s is left out of the model's picture", k)
			}
		}
		return &value{typ: object("dot", ""), code: t.plotModel(c, "model.svg")}
	case "keras.backend.function":
		return t.backendFunction(c)
	case "keras.backend.learning_phase":
		return &value{typ: typ{kind: "learning phase"}}
	case "keras.backend.set_value":
		x, value := c.need(0, "x"), c.need(1, "value")
		c.done()
		if x.self != nil && x.self.kind == "optimizer of model" {
			return t.setRate(x, value, c)
		}
		if x.kind == "array" {
			return t.arrayMethod(x, "assign", callOf(c.e, value))
		}
		fail(c.e, "set_value of %s isn't translated", x.describe())
	case "keras.backend.get_value":
		if x := c.need(0, "x"); number(x.typ) {
			c.done()
			return x
		}
	case "keras.layers.merge":
		return t.merged(c)
	case "keras.callbacks.LambdaCallback":
		return t.lambdaCallback(c)
	case "keras.utils.set_random_seed":
		seed := c.need(0, "seed")
		c.done()
		return done("functional.SetRandomSeed(int64(%s))", t.as(seed, "int", c.e))
	case "keras.models.model_from_json":
		text := t.as(c.need(0, "json_string"), "string", c.e)
		c.done()
		return &value{typ: tModel, code: fmt.Sprintf("must.M1(functional.FromJSON([]byte(%s), false))", text)}
	case "keras.backend.int_shape":
		v := c.need(0, "x")
		c.done()
		if v.kind == "tensor" {
			return t.attrOf(v, "shape", c.e)
		}
	case "keras.backend.set_image_data_format", "keras.config.set_image_data_format", "keras.backend.set_image_dim_ordering":
		v := c.need(0, "data_format")
		c.done()
		if !v.konst || !t.sc.top {
			fail(c.e, "where channels stand has to be known")
		}
		if t.channelsFirst = v.code == `"channels_first"` || v.code == `"th"`; t.channelsFirst {
			t.approximate("each layer that is made says that channels come first")
		} else {
			t.approximate("images have their channels last")
		}
		return done("")
	case "keras.backend.clear_session", "keras.utils.clear_session":
		return done("functional.ClearSession()")
	case "keras.backend.image_data_format", "keras.config.image_data_format", "keras.backend.image_dim_ordering":
		last := map[bool]string{true: `"tf"`, false: `"channels_last"`}
		if t.channelsFirst {
			last = map[bool]string{true: `"th"`, false: `"channels_first"`}
		}
		return &value{typ: tStr, code: last[name == "image_dim_ordering"], konst: true}
	case "keras.callbacks.LearningRateScheduler":
		return t.scheduler(c)
	}
	if module == "keras.losses" && t.sc.step != nil && (len(c.args) > 1 && c.args[1].kind == "tensor" || c.kw["y_pred"] != nil) {
		return t.lossFunction(name, c)
	}
	if module == "keras.losses" || module == "keras.metrics" {
		if v := t.errorOfArrays(name, c); v != nil {
			return v
		}
		if v := t.lossOfTensors(name, c); v != nil {
			return v
		}
	}
	if path == "keras.layers.Lambda" || path == "keras.layers.core.Lambda" {
		return t.lambda(c)
	}
	if v := t.operation(path, c); v != nil {
		return v
	}
	if strings.HasPrefix(path, "keras.random.") {
		return t.otherCall(path, c)
	}
	if strings.HasPrefix(path, "keras.applications.") {
		return t.application(path, c)
	}
	for _, known := range []func(string, *call) *value{t.textCall, t.imageCall, t.generatorCall, t.system} {
		if v := known(path, c); v != nil {
			return v
		}
	}
	if set, ok := strings.CutSuffix(strings.TrimPrefix(path, "keras.datasets."), ".load_data"); ok && module != path && strings.HasPrefix(path, "keras.datasets.") {
		return t.loadData(set, c)
	}
	if p, ok := places[module]; ok {
		if fn := mergeFunctions[name]; p.pkg == "layers" && fn != "" {
			layer := t.object(p, fn, &call{e: c.e, kw: c.kw, keys: c.keys, used: c.used})
			return t.apply(layer, callOf(c.e, c.args...))
		}
		return t.object(p, name, c)
	}
	if f, ok := strings.CutPrefix(path, "keras.activations."); ok && len(c.args) == 1 && len(c.keys) == 0 && c.args[0].kind == "array" {
		c.arg(0)
		x := c.args[0].code
		code := map[string]string{"linear": "np.Of(" + x + ").Copy()", "relu": "np.Maximum(" + x + ", 0)", "tanh": "np.Tanh(" + x + ")", "softmax": t.softmaxOf(f, x), "exponential": "np.Exp(" + x + ")",
			"sigmoid": "np.Divide(1, np.Add(1, np.Exp(np.Negative(" + x + "))))"}[f]
		if code != "" {
			return &value{typ: tArray, eager: f != "linear" || c.args[0].eager, code: code} // linear gives what it takes
		}
	}
	if f, ok := strings.CutPrefix(path, "keras.activations."); ok && len(c.args) == 1 && c.args[0].kind == "tensor" {
		return &value{typ: tTensor, code: fmt.Sprintf("layers.Activation(%q).Apply(%s)", f, c.args[0].code)}
	}
	fail(c.e, "%s isn't translated", path)
	return nil
}

// setRate sets the learning rate of a model's optimizer.
func (t *translator) setRate(rate, to *value, c *call) *value {
	return done("must.M(%s.SetLearningRate(%s))", rate.self.self.tight(), t.as(to, "float64", c.e))
}

var mergeFunctions = map[string]string{"add": "Add", "concatenate": "Concatenate", "multiply": "Multiply", "average": "Average", "maximum": "Maximum", "minimum": "Minimum",
	"subtract": "Subtract", "dot": "Dot"}

// lookup finds a class in Keras's table.
func (p place) lookup(name string) *kerastable.Entry {
	if e := kerastable.Lookup(p.kind, name); e != nil && !e.Function {
		return e
	}
	for _, e := range kerastable.List(p.kind) {
		if e.Function {
			continue
		}
		if slices.Contains(e.Aliases, name) || slices.Contains(e.TFAliases, name) || p.lowered && (slices.Contains(e.Strings, name) || strings.EqualFold(e.Name, strings.ReplaceAll(name, "_", ""))) {
			return e
		}
	}
	return nil
}

// lookupFold is the name of a class, whatever the case of its letters; "" if there is none.
func (p place) lookupFold(name string) string {
	for _, e := range kerastable.List(p.kind) {
		if !e.Function && strings.EqualFold(e.Name, name) {
			return e.Name
		}
	}
	return ""
}

// keras1 are classes that Keras 1 had under other names.
var keras1 = map[string]string{"activity_l1": "L1", "activity_l2": "L2", "CuDNNRNN": "RNN", "Convolution2D": "Conv2D", "Convolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D", "AtrousConvolution1D": "Conv1D", "TimeDistributedDense": "Dense", "MaxPool2D": "MaxPooling2D", "Deconvolution2D": "Conv2DTranspose", "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}

// object makes a layer, an optimizer, a loss and so on: the constructor with what it takes, then a setter for each further argument.
func (t *translator) object(p place, name string, c *call) *value {
	old := name
	if today := keras1[name]; today != "" {
		name = today
	}
	entry := p.lookup(name)
	if entry == nil {
		fail(c.e, "%s isn't known", p.pkg+"."+name)
	}
	name = entry.Name
	api := goapi.Table()[p.pkg]
	goName := name
	fn, ok := api.Funcs[goName]
	if !ok {
		for n, f := range api.Funcs {
			if strings.EqualFold(n, goName) {
				goName, fn, ok = n, f, true
			}
		}
	}
	if !ok {
		fail(c.e, "gokeras has no %s", p.pkg+"."+name)
	}
	if p.pkg == "layers" {
		c = inKeras1(name, c)
	}
	// What was given, by Keras's names.
	given := map[string]*value{}
	var order []string
	set := func(arg string, v *value) {
		if v.kind == "none" {
			return
		}
		given[arg] = v
		order = append(order, arg)
	}
	args := entry.Arguments
	for i, v := range c.args {
		if old != name && strings.HasSuffix(strings.TrimPrefix(old, "Atrous"), "Convolution2D") && len(c.args) >= 3 && c.args[1].kind == "int" && strings.HasPrefix(name, "Conv2D") {
			// Keras 1: filters, rows, columns.
			if i == 1 {
				set("kernel_size", &value{items: []*value{c.args[1], c.args[2]}, tuple: true})
			}
			if i == 1 || i == 2 {
				continue
			}
		}
		if i >= len(args) || args[i].Kind != kerastable.Plain && args[i].Kind != kerastable.Positional {
			fail(c.e, "%s takes no argument at place %d", name, i+1)
		}
		set(args[i].Name, v)
	}
	for _, k := range c.keys {
		today := k
		if n, ok := oldNames[name][k]; ok {
			today = n
		} else if n, ok := oldNames[""][k]; ok && entry.Argument(k) == nil {
			today = n
		}
		if p.pkg == "layers" && slices.Contains([]string{"input_shape", "input_dim"}, k) && c.kw[k].kind == "none" {
			continue
		}
		if today == "" {
			t.approximate("%s has no argument %s any more", name, k)
			continue
		}
		set(today, c.kw[k])
	}
	if t.channelsFirst && p.pkg == "layers" && entry.Argument("data_format") != nil && given["data_format"] == nil {
		set("data_format", &value{typ: tStr, code: `"channels_first"`, konst: true})
	}
	if rate := given["learning_rate"]; p.pkg == "optimizers" && rate != nil && rate.object != nil && rate.object.class.base == "schedule" {
		given["learning_rate"] = t.ownPart(rate, c.e)
	}
	if only := given["save_weights_only"]; only != nil && only.code == "true" && given["filepath"] != nil {
		given["filepath"] = &value{typ: tStr, code: t.weightsFile(t.as(given["filepath"], "string", c.e))}
	}
	v := &value{}
	code := p.pkg + "." + goName + "("
	var ctor []string
	consumed := map[string]bool{}
	for _, param := range fn.Params {
		arg := ""
		for _, a := range args {
			if strings.EqualFold(kerastable.GoName(a.Name), param.Name) || p.pkg == "callbacks" && strings.EqualFold(param.Name, "path") && (a.Name == "filepath" || a.Name == "filename") {
				arg = a.Name
			}
		}
		if arg == "" {
			fail(c.e, "%s's %s isn't translated", name, param.Name)
		}
		x, ok := given[arg]
		consumed[arg] = true
		if !ok {
			if strings.HasPrefix(param.Type, "...") {
				continue
			}
			a := entry.Argument(arg)
			if !a.Optional || a.Default == nil {
				fail(c.e, "%s needs %s", name, arg)
			}
			ctor = append(ctor, a.DefaultText())
			continue
		}
		if p.pkg == "optimizers" && arg == "learning_rate" && x.kind == "schedule" {
			consumed[arg] = false
			continue
		}
		if strings.HasPrefix(param.Type, "...") && x.kind != "list" && x.items == nil || !strings.HasPrefix(param.Type, "...") {
			ctor = append(ctor, t.qualify(x, param.Type, p.pkg, c))
			continue
		}
		// The constructors of windows and borders take one number for all sides; setters take others.
		if p.pkg == "layers" && x.kind == "list" && x.items == nil && slices.Contains([]string{"poolSize", "size"}, param.Name) {
			consumed[arg] = false
			continue
		}
		if p.pkg == "layers" && len(x.items) > 1 && slices.Contains([]string{"poolSize", "size", "padding", "cropping"}, param.Name) {
			if all := flat(x.items); same2(all) {
				ctor = append(ctor, all[0].code)
			} else {
				consumed[arg] = false
			}
			continue
		}
		ctor = append(ctor, t.as(x, param.Type, c.e))
	}
	code += strings.Join(ctor, ", ") + ")"
	result := ""
	if len(fn.Result) > 0 {
		result = strings.TrimPrefix(fn.Result[0], "*")
	}
	methods := api.Methods[result]
	for _, arg := range order {
		if consumed[arg] {
			continue
		}
		x := given[arg]
		switch {
		case p.pkg == "layers" && slices.Contains(inputArguments, arg):
			t.layerInput(v, arg, x, c)
			continue
		case p.pkg == "optimizers" && arg == "learning_rate" && x.kind == "schedule":
			code += ".LearningRateSchedule(" + x.code + ")"
			continue
		case p.pkg == "optimizers" && arg == "decay" && entry.Argument("decay") == nil:
			if x.konst && strings.Trim(x.code, "0.") == "" {
				continue
			}
			rate := "0.001"
			if a := entry.Argument("learning_rate"); a != nil {
				rate = a.DefaultText()
			}
			if r := given["learning_rate"]; r != nil {
				rate = t.as(r, "float64", c.e)
			}
			code += fmt.Sprintf(".LearningRateSchedule(optimizers.InverseTimeDecay(%s, 1, %s))", rate, t.as(x, "float64", c.e))
			continue
		case arg == "save_freq" && x.code == `"epoch"`:
			continue // as it is
		case arg == "verbose" && p.pkg == "callbacks":
			if m, _ := setter(methods, arg); m != "" && x.code != "0" {
				code += "." + m + "(" + t.verbosity(x, c.e) + ")"
			}
			continue
		}
		if entry.Argument(arg) == nil && !slices.Contains(entry.Kwargs, arg) {
			fail(c.e, "%s has no argument %s", name, arg)
		}
		m, f := setter(methods, arg)
		if f == nil {
			if a := entry.Argument(arg); a != nil && a.Optional && x.konst && a.DefaultText() == strings.Trim(x.code, `"`) {
				continue
			}
			fail(c.e, "gokeras's %s has no %s", name, arg)
		}
		if len(f.Params) == 0 {
			fail(c.e, "gokeras's %s.%s takes no argument", name, m)
		}
		if f.Params[0].Type == "...int" && slices.ContainsFunc(x.items, func(i *value) bool { return i.items != nil }) {
			x = &value{items: flat(x.items)}
		}
		text := t.qualify(x, f.Params[0].Type, p.pkg, c)
		if len(x.items) == 2 && f.Params[0].Type == "...int" && same2(x.items) && (arg == "strides" || arg == "pool_size" || arg == "dilation_rate") {
			text = x.items[0].code
		}
		code += "." + m + "(" + text + ")"
	}
	v.kind, v.code = p.value, code
	if p.pkg == "metrics" {
		v.input = config.SnakeCase(name)
		if n := given["name"]; n != nil && n.konst {
			v.input, _ = strconv.Unquote(n.code)
		}
	}
	if inner := given["layer"]; inner != nil && inner.states != 0 {
		v.states = -1 // more than one tensor, in an order that isn't known here
	}
	if s := given["return_state"]; s != nil && p.pkg == "layers" {
		v.states = map[string]int{"LSTM": 2, "GRU": 1, "SimpleRNN": 1}[name]
		if s.code == "false" {
			v.states = 0
		} else if s.code != "true" || v.states == 0 {
			fail(c.e, "return_state of %s isn't translated", name)
		}
	}
	v.goT = "*" + p.pkg + "." + result
	if strings.Contains(result, ".") || result == "" || !strings.HasPrefix(fn.Result[0], "*") {
		v.goT = p.pkg + "." + result
	}
	return v
}

// flat are the numbers of pairs inside a tuple.
func flat(items []*value) []*value {
	var all []*value
	for _, i := range items {
		if i.items != nil {
			all = append(all, flat(i.items)...)
			continue
		}
		all = append(all, i)
	}
	return all
}

func same2(items []*value) bool {
	for _, i := range items {
		if !i.konst || i.code != items[0].code {
			return false
		}
	}
	return true
}

// qualify converts for a parameter of a package: its types' names are qualified, objects may stand for names.
func (t *translator) qualify(x *value, goType, pkg string, c *call) string {
	if rest, ok := strings.CutPrefix(goType, "..."); ok && t.words[pkg+"."+rest] {
		goType = "..." + pkg + "." + rest
	}
	if t.words[pkg+"."+goType] {
		goType = pkg + "." + goType
	}
	if strings.HasSuffix(goType, ".Verbosity") {
		return t.verbosity(x, c.e)
	}
	if goType == "any" && x.path != "" {
		// A class or a function without a call: its name does.
		_, name := split(x.path)
		if places[strings.TrimSuffix(x.path, "."+name)].pkg != "" || strings.HasPrefix(x.path, "keras.activations.") {
			return fmt.Sprintf("%q", name)
		}
	}
	if goType == "symbolic.Layer" && x.kind != "layer" && x.kind != "model" {
		fail(c.e, "%s can't stand where a layer is wanted", x.describe())
	}
	return t.as(x, goType, c.e)
}

// layerInput notes what a layer says of its input. Sequential makes an Input of it.
func (t *translator) layerInput(v *value, arg string, x *value, c *call) {
	switch arg {
	case "input_shape":
		v.input = "functional.Input(" + t.as(x, "...int", c.e) + ")"
		if x.items == nil && x.kind == "int" {
			v.input = "functional.Input(" + x.code + ")"
		}
	case "input_dim":
		v.input = "functional.Input(" + t.as(x, "int", c.e) + ")"
	case "input_length":
		if v.input == "" {
			v.input = "functional.Input(" + t.as(x, "int", c.e) + ")"
		}
	case "batch_input_shape", "batch_shape":
		if len(x.items) == 0 {
			fail(c.e, "%s isn't translated", arg)
		}
		rest := t.as(&value{items: x.items[1:]}, "...int", c.e)
		v.input = "functional.Input(" + rest + ")"
		if x.items[0].kind != "none" {
			v.input = fmt.Sprintf("functional.InputWith(functional.InputOptions{Shape: []int{%s}, BatchSize: %s})", rest, t.as(x.items[0], "int", c.e))
		}
	default:
		fail(c.e, "the argument %s isn't translated", arg)
	}
}

func (t *translator) input(c *call, layer bool) *value {
	shape := c.arg(0, "shape", "input_shape")
	batch := c.arg(-1, "batch_size")
	if !layer && batch == nil {
		batch = c.arg(1, "batch_size")
	}
	if full := c.arg(-1, "batch_shape", "batch_input_shape"); full != nil && len(full.items) > 0 {
		shape = &value{items: full.items[1:], tuple: true}
		if full.items[0].kind != "none" {
			batch = full.items[0]
		}
	}
	if shape == nil {
		fail(c.e, "an Input without a shape isn't translated")
	}
	name, dtype := c.arg(-1, "name"), c.arg(-1, "dtype")
	c.done()
	v := &value{typ: tTensor}
	if layer {
		v.kind, v.goT = "input layer", "*functional.Tensor"
	}
	dims := t.as(shape, "...int", c.e)
	if name == nil && dtype == nil && batch == nil {
		v.code = "functional.Input(" + dims + ")"
		v.input = v.code
		return v
	}
	list := "[]int{" + dims + "}"
	if d, ok := strings.CutSuffix(dims, "..."); ok {
		list = d
	}
	fields := []string{"Shape: " + list}
	if batch != nil && batch.kind != "none" {
		fields = append(fields, "BatchSize: "+t.as(batch, "int", c.e))
	}
	if dtype != nil && dtype.kind != "none" {
		fields = append(fields, "DType: "+t.as(dtype, "string", c.e))
	}
	if name != nil && name.kind != "none" {
		fields = append(fields, "Name: "+t.as(name, "string", c.e))
	}
	v.code = "functional.InputWith(functional.InputOptions{" + strings.Join(fields, ", ") + "})"
	v.input = v.code
	return v
}

// tensors are the tensors of an argument: one, or a list of them.
func (t *translator) tensors(v *value, c *call) string {
	switch {
	case v.kind == "tensor":
		return v.code
	case v.items != nil:
		if len(v.items) == 1 && v.items[0].kind == "list" && v.items[0].elem.kind == "tensor" {
			return v.items[0].code
		}
		var parts []string
		for _, i := range v.items {
			if i.kind != "tensor" {
				fail(c.e, "%s isn't a symbolic tensor", i.describe())
			}
			parts = append(parts, i.code)
		}
		return "[]*functional.Tensor{" + strings.Join(parts, ", ") + "}"
	case v.kind == "list" && v.elem.kind == "tensor":
		return v.code
	}
	fail(c.e, "%s isn't a symbolic tensor", v.describe())
	return ""
}

func (t *translator) newModel(c *call) *value {
	in, out := c.need(0, "inputs", "input"), c.need(1, "outputs", "output")
	name := c.arg(2, "name")
	c.done()
	end := func(v *value) string {
		switch {
		case v.goT == "map[string]"+tTensor.goT:
			return v.code
		case v.every != "":
			return v.every
		case len(v.items) == 1 && v.items[0].every != "":
			return v.items[0].every
		}
		return t.tensors(v, c)
	}
	code := fmt.Sprintf("must.M1(functional.NewModel(%s, %s))", end(in), end(out))
	if name != nil && name.kind != "none" {
		code += ".Named(" + t.as(name, "string", c.e) + ")"
	}
	ty := tModel
	ty.states = max(len(out.items)-1, 0)
	switch {
	case out.every != "":
		ty.states, ty.named, ty.several = out.self.states, out.self.named, out.self.several
	case out.kind == "list" && out.items == nil:
		t.approximate("the model is taken to have more than one output")
		ty.states, ty.several = -1, true
	}
	if out.kind == "dict" {
		ty.states = -1
		if out.keys != nil {
			ty.named = slices.Sorted(slices.Values(out.keys))
		}
	}
	return &value{typ: ty, code: code}
}

func (t *translator) sequential(c *call) *value {
	layers, name := c.arg(0, "layers"), c.arg(1, "name")
	c.done()
	var items []string
	if layers != nil && layers.kind != "none" && layers.kind != "empty" {
		switch {
		case layers.items != nil:
			for i, l := range layers.items {
				items = append(items, t.stacked(l, i == 0, c)...)
			}
		case layers.kind == "list" && layers.elem.kind == "layer":
			if layers.input != "" {
				items = append(items, layers.input)
			}
			items = append(items, layers.code) // its elements stand for it
		default:
			fail(c.e, "Sequential of %s isn't translated", layers.describe())
		}
	}
	code := "must.M1(functional.NewSequential(" + strings.Join(items, ", ") + "))"
	if len(items) > 1 {
		code = "must.M1(functional.NewSequential(\n" + strings.Join(items, ",\n") + ",\n))"
	}
	if name != nil && name.kind != "none" {
		code += ".Named(" + t.as(name, "string", c.e) + ")"
	}
	return &value{typ: tModel, code: code, konst: false}
}

// stacked is a layer of a Sequential with the input that it names.
func (t *translator) stacked(l *value, first bool, c *call) []string {
	if l.object != nil && l.object.own != nil {
		l = t.stackedOwn(l, c)
	}
	switch l.kind {
	case "layer", "model":
		if first && l.input != "" {
			return []string{l.input, l.code}
		}
		return []string{l.code}
	case "tensor", "input layer":
		return []string{l.code}
	case "lambda":
		x := t.newVar("x", "[]*functional.Tensor")
		x.given = true
		f := l
		if l.def == nil {
			f = l.self
		}
		r := t.callValue(f, callOf(c.e, &value{typ: tTensor, code: x.ref() + "[0]"}))
		if r.kind != "tensor" {
			fail(c.e, "a Lambda that gives %s isn't translated", r.describe())
		}
		t.lambdas++
		var parts []string
		if first && l.input != "" {
			parts = append(parts, l.input)
		}
		return append(parts, fmt.Sprintf("functional.LayerFunc(\"notebook>Lambda%d\", func(_ *functional.LayerBody, %s []*functional.Tensor) *functional.Tensor { return %s })()", t.lambdas, x.ref(), r.code))
	}
	fail(c.e, "%s isn't a layer", l.describe())
	return nil
}

// apply calls a layer or a model on tensors.
func (t *translator) apply(layer *value, c *call) *value {
	if t.sc.step != nil {
		return t.stepApply(layer, c)
	}
	var inputs []string
	first := c.arg(0, "inputs", "x")
	if first == nil {
		fail(c.e, "the layer isn't given an input")
	}
	if first.kind == "array" && layer.kind == "layer" && t.inCall {
		// The layer belongs to the one whose call this is, and learns with it.
		near := t.tensorNear()
		if near == "" {
			fail(c.e, "a layer on an array in a layer's call isn't translated")
		}
		first = &value{typ: tTensor, code: fmt.Sprintf("%s(%s, %s)", t.helper("besideTensor"), first.code, near)}
		if len(c.args) > 0 {
			c.args[0] = first
		}
	}
	if first.kind == "array" {
		if slices.Contains([]string{"*layers.RescalingLayer", "*layers.ResizingLayer", "*layers.CenterCropLayer", "*layers.NormalizationLayer"}, layer.goT) && len(c.args)+len(c.keys) == 1 {
			return t.layerOn(layer, first.code)
		}
		if layer.kind == "layer" && layer.states == 0 {
			return t.layerCalled(layer, first, c)
		}
		if layer.kind != "model" {
			fail(c.e, "a layer's call on an array isn't translated")
		}
		if training := c.arg(1, "training"); training != nil && training.code != "false" {
			fail(c.e, "a call in training mode isn't translated")
		}
		c.done()
		return t.predicted(layer, t.data(first, c.e)+", functional.Predict{Verbose: functional.Silent}")
	}
	if layer.kind == "layer" && layer.states == 0 && (first.kind == "list" && first.elem.kind == "str" || len(first.items) > 0 && !slices.ContainsFunc(first.items, func(i *value) bool { return i.kind != "array" })) {
		return t.layerCalled(layer, first, c)
	}
	list := t.tensors(first, c)
	if inner, ok := strings.CutPrefix(list, "[]*functional.Tensor{"); ok {
		inputs = append(inputs, strings.TrimSuffix(inner, "}"))
	} else if first.kind == "list" {
		inputs = append(inputs, list+"...")
	} else {
		inputs = append(inputs, list)
	}
	for i := 1; i < len(c.args); i++ {
		a := c.arg(i)
		if a.kind != "tensor" {
			fail(c.e, "%s as a layer's argument isn't translated", a.describe())
		}
		inputs = append(inputs, a.code)
	}
	var with []string
	for _, k := range c.keys {
		v := c.arg(-1, k)
		switch {
		case k == "inputs" || k == "x":
		case v.kind == "tensor" || v.kind == "bool" || v.kind == "int":
			with = append(with, fmt.Sprintf("%q: %s", k, v.code))
		case k == "initial_state" && v.kind == "list" && v.elem.kind == "tensor":
			with = append(with, fmt.Sprintf("%q: %s", k, v.code))
		case k == "initial_state" && v.items != nil:
			with = append(with, fmt.Sprintf("%q: %s", k, t.tensors(v, c)))
		case v.kind == "none":
		default:
			fail(c.e, "the layer's argument %s isn't translated", k)
		}
	}
	c.done()
	if layer.states < 0 {
		fail(c.e, "layers around one that returns its states aren't translated")
	}
	base := layer.tight()
	if layer.goT == "functional.Layer" {
		base += ".Base()"
	}
	if len(with) > 0 && layer.states > 0 {
		return &value{typ: listOf(tTensor), code: fmt.Sprintf("%s.Base().ApplyWith(map[string]any{%s}, %s)", strings.TrimSuffix(base, ".Base()"), strings.Join(with, ", "), strings.Join(inputs, ", "))}
	}
	if len(with) > 0 {
		return &value{typ: tTensor, code: fmt.Sprintf("%s.ApplyWith(map[string]any{%s}, %s)%s", base, strings.Join(with, ", "), strings.Join(inputs, ", "), "[0]")}
	}
	if layer.states > 0 {
		return &value{typ: listOf(tTensor), code: fmt.Sprintf("%s.ApplyMulti(%s)", base, strings.Join(inputs, ", "))}
	}
	return &value{typ: tTensor, code: fmt.Sprintf("%s.Apply(%s)", base, strings.Join(inputs, ", "))}
}

// tensorNear is the code of a symbolic tensor that a layer's call has at hand.
func (t *translator) tensorNear() string {
	for sc := t.sc; sc != nil && !sc.top; sc = sc.parent {
		for _, name := range slices.Sorted(maps.Keys(sc.names)) {
			if v := sc.names[name].v; v != nil && v.kind == "tensor" && v.code != "" && !v.loose {
				return v.code
			}
		}
	}
	return ""
}

// softmaxOf is the softmax of an array where f is that function.
func (t *translator) softmaxOf(f, x string) string {
	if f != "softmax" {
		return ""
	}
	return t.helper("softmax") + "(" + x + ")"
}

// layerCalled is a layer's call on arrays or texts.
func (t *translator) layerCalled(layer, x *value, c *call) *value {
	training := "false"
	if v := c.arg(1, "training"); v != nil {
		training = t.as(v, "bool", c.e)
	}
	c.done()
	code := x.code
	switch {
	case len(x.items) > 0 && x.items[0].kind == "array":
		var parts []string
		for _, i := range x.items {
			parts = append(parts, t.data(i, c.e))
		}
		code = "[]any{" + strings.Join(parts, ", ") + "}"
	case x.kind == "array":
		code = t.data(x, c.e)
	}
	return &value{typ: tArray, eager: true, code: fmt.Sprintf("%s(%s, %s, %s)", t.helper("callLayer"), layer.code, code, training)}
}

// lambda is a Lambda layer: in a functional model its function's operations stand for it.
func (t *translator) lambda(c *call) *value {
	f := c.need(0, "function")
	for _, k := range []string{"output_shape", "name", "mask"} {
		c.arg(-1, k)
	}
	made := &value{typ: typ{kind: "lambda"}}
	if shape := c.arg(-1, "input_shape"); shape != nil && shape.kind != "none" {
		t.layerInput(made, "input_shape", shape, c)
	}
	c.arg(1, "output_shape")
	c.done()
	if f.def == nil && f.path == "" {
		fail(c.e, "a Lambda of %s isn't translated", f.describe())
	}
	t.approximate("the operations of a Lambda's function stand in its place")
	if f.def == nil {
		made.self = f
		return made
	}
	made.def = f.def
	return made
}

func (t *translator) loadData(set string, c *call) *value {
	c.arg(0, "path")
	if set == "imdb" || set == "reuters" {
		return t.texts(set, c)
	}
	if label := c.arg(-1, "label_mode"); label != nil && label.code != `"fine"` {
		fail(c.e, "label_mode isn't translated")
	}
	c.done()
	code := fmt.Sprintf("%s(%q)", t.helper("loadData"), set)
	return &value{typ: typ{kind: "dataset", goT: "data", elems: []typ{tArray, tArray, tArray, tArray}}, code: code}
}

func (t *translator) scheduler(c *call) *value {
	v := c.need(0, "schedule")
	verbose := c.arg(1, "verbose")
	c.done()
	if v.def == nil {
		fail(c.e, "a schedule that isn't a function of the notebook isn't translated")
	}
	n := 0
	if v.def.stmt != nil {
		n = len(v.def.stmt.Params)
	} else {
		n = len(v.def.lambda.Params)
	}
	epoch, rate := t.newVar("epoch", "int"), t.newVar("rate", "float64")
	epoch.given, rate.given = true, true
	args := []*value{{typ: tInt, code: epoch.ref()}, {typ: tFloat, code: rate.ref()}}
	if n < 1 || n > 2 {
		fail(c.e, "a schedule takes the epoch and the rate")
	}
	result := t.callDef(v.def, callOf(c.e, args[:n]...))
	code := fmt.Sprintf("callbacks.LearningRateScheduler(func(%s int, %s float64) float64 { return %s })", epoch.ref(), rate.ref(), t.as(result, "float64", c.e))
	if verbose != nil && verbose.code != "0" {
		code += ".Verbose(" + t.verbosity(verbose, c.e) + ")"
	}
	return &value{typ: object("callback", "*callbacks.LearningRateSchedulerCallback"), code: code}
}

// plotModel are the arguments of plots.Model for a call of plot_model.
func (t *translator) plotModel(c *call, to string) string {
	m := c.need(0, "model")
	file := strconv.Quote(to)
	if f := c.arg(1, "to_file"); f != nil {
		file = t.as(f, "string", c.e)
	}
	fields := goapi.Table()["plots"].Fields["ModelOptions"]
	var opts []string
	for _, k := range c.keys {
		if k == "to_file" || k == "model" {
			continue
		}
		for f, ty := range fields {
			if strings.EqualFold(f, strings.ReplaceAll(k, "_", "")) {
				opts = append(opts, f+": "+t.as(c.arg(-1, k), ty, c.e))
			}
		}
	}
	for i, name := range []string{"ShowShapes", "ShowDType", "ShowLayerNames"} {
		if i+2 < len(c.args) {
			opts = append(opts, name+": "+t.as(c.arg(i+2), "bool", c.e))
		}
	}
	c.done()
	code := m.code + ", " + file
	if len(opts) > 0 {
		code += ", plots.ModelOptions{" + strings.Join(opts, ", ") + "}"
	}
	return code
}
