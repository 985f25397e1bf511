package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

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
			return &value{typ: tShape, code: fmt.Sprintf("%s(%s)", t.helper("raggedShape"), v.code), shown: fmt.Sprintf("fmt.Sprintf(\"(%%d,)\", len(%s))", v.code), pair: true}
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
			return &value{typ: tShape, code: v.tight() + ".Shape()", pair: true}
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
			return &value{typ: tShape, code: v.tight() + ".Shape()", shown: v.tight() + ".ShapeString()"}
		case "T":
			return &value{typ: tArray, code: v.tight() + ".T()"}
		case "ndim":
			return &value{typ: tInt, code: v.tight() + ".NDim()"}
		case "size":
			return &value{typ: tInt, code: v.tight() + ".Size()"}
		case "dtype":
			dtype := &value{typ: tStr, code: "string(" + v.tight() + ".DType())"}
			if v.eager {
				dtype.shown = `"<dtype: '" + ` + dtype.code + ` + "'>"`
			}
			return dtype
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
			return &value{typ: tSizes, code: "[]int(" + v.tight() + ".Shape())", shown: v.tight() + ".Shape().String()", pair: true}
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
		case "params":
			return &value{typ: tParams, code: v.tight() + ".Params"}
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
			return &value{typ: tSizes, code: "[]int(" + v.tight() + "." + f + "().Shape())", shown: v.tight() + "." + f + "().Shape().String()", pair: true}
		case "metrics_names":
			if v := t.lastScores(); v != nil {
				t.approximate("metrics_names are those of the last evaluation, by Keras 2's names")
				return &value{typ: listOf(tStr), code: v.tight() + ".Names"}
			}
		case "inputs", "outputs":
			return &value{typ: listOf(tTensor), code: v.tight() + "." + strings.ToUpper(e.Text[:1]) + e.Text[1:] + "()"}
		case "input", "output":
			call := map[string]string{"input": "Inputs", "output": "Outputs"}[e.Text]
			return &value{typ: tTensor, code: v.tight() + "." + call + "()[0]", every: v.tight() + "." + call + "()", self: v}
		}
	case "callback":
		if r := t.callbackAttr(v, e.Text); r != nil {
			return r
		}
	case "optimizer", "loss":
		if e.Text == "__class__" {
			return &value{typ: typ{kind: "class of a layer"}, self: v}
		}
	case "optimizer of model":
		if e.Text == "__class__" {
			return t.attrOf(&value{typ: tOptimizer, code: v.self.tight() + ".Optimizer()"}, e.Text, e)
		}
		if e.Text == "lr" || e.Text == "learning_rate" {
			return &value{typ: tFloat, code: "must.M1(" + v.self.tight() + ".LearningRate())", self: v}
		}
	case "activation of a layer":
		if e.Text == "__name__" {
			return &value{typ: tStr, code: fmt.Sprintf("%s[string](%s, \"activation\")", t.helper("layerArgument"), v.self.code)}
		}
	case "layer":
		if r := t.layerAttr(v, e.Text); r != nil {
			return r
		}
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
			return &value{typ: tSizes, code: "[]int(" + on + ")", shown: on + ".String()", pair: true}
		case "output", "input":
			return &value{typ: tTensor, code: v.tight() + ".Base()." + strings.ToUpper(e.Text[:1]) + e.Text[1:] + "()"}
		}
	}
	return method
}
