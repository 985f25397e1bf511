package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// typ is what is known of a Python value: a kind, and the Go type that holds it.
type typ struct {
	kind  string
	goT   string
	elem  *typ
	elems []typ // of a tuple of several kinds
	// series reports that an array is a column of pandas's, whose methods leave missing values out; table, that it has several columns.
	series, table bool
	// pure says that an array is a single number or text of Python's own, as tolist gives them.
	pure bool
	// row says that a list is a tuple of Python's, whose parts have one type.
	row bool
	// sizes says that such a tuple is the shape of a symbolic tensor, in which -1 is None.
	sizes bool
	// set says that a list is a set of Python's.
	set bool
	// counts says that a dict is a Counter of Python's, whose update adds; factory is of a defaultdict: what Python prints of that which makes its entries.
	counts  bool
	factory string
	// ends says that a generator is one of Python's, which doesn't begin again.
	ends bool
	// states is how many tensors a recurrent layer returns besides its output, and a model besides its first one; -1 where that isn't known.
	states int
	// several says of a model, whose states are then -1, that its outputs are a list.
	several bool
	// named are the keys of a model's outputs, in order, where they are a dict; and the names of a named tuple's parts, whose class is label.
	named []string
	label string
}

var (
	tInt       = typ{kind: "int", goT: "int"}
	tFloat     = typ{kind: "float", goT: "float64"}
	tBool      = typ{kind: "bool", goT: "bool"}
	tStr       = typ{kind: "str", goT: "string"}
	tNone      = typ{kind: "none", goT: "any"}
	tArray     = typ{kind: "array", goT: "*np.Array"}
	tTensor    = typ{kind: "tensor", goT: "*functional.Tensor"}
	tModel     = typ{kind: "model", goT: "*functional.Model"}
	tHistory   = typ{kind: "history", goT: "*functional.History"}
	tLogs      = typ{kind: "logs", goT: "map[string][]float64"}
	tScores    = typ{kind: "scores", goT: "*functional.Scores"}
	tParams    = typ{kind: "params", goT: "callbacks.Params"}
	tLayer     = typ{kind: "layer", goT: "functional.Layer"}
	tOptimizer = typ{kind: "optimizer", goT: "optimizers.Optimizer"}
	tShape     = typ{kind: "list", goT: "[]int", elem: &tInt, row: true}
	tSizes     = typ{kind: "list", goT: "[]int", elem: &tInt, row: true, sizes: true}
)

func listOf(e typ) typ { return typ{kind: "list", goT: "[]" + e.goT, elem: &e} }

func object(kind, goType string) typ { return typ{kind: kind, goT: goType} }

// value is a Python expression in Go.
type value struct {
	typ
	code     string
	loose    bool // an operator stands outermost
	konst    bool // a constant of Go's, which takes the type that it needs
	items    []*value
	tuple    bool
	path     string // of something imported: "keras.layers.Dense"
	def      *def
	class    *class       // of a class's name
	local    *local       // a module of the notebook's own
	object   *classObject // of an object of a class of the notebook
	self     *value       // what a method belongs to
	input    string       // the Go code of the input that a layer's input_shape names
	shown    string       // how print shows it, where that isn't the value
	field    string       // a format that shows it
	every    string       // of a model's input or output: all of them, where it has several
	loop     *loopOver
	init     *line             // of an empty dict: the line that makes it
	pair     bool              // of a shape: it has two dimensions
	begin    *value            // what an entry of a dict begins with, of a defaultdict
	names    map[string]string // of a script's arguments: the variables of its flags
	entries  map[string]typ    // of a dict of several kinds: what is known of its values, by key
	written  map[string]*value // of a dict that is written out with constants alone: they, by key
	wrapper  *wrapper          // of a KerasClassifier, and of a search over its parameters
	order    []string          // of a dict that is written out: the code of its keys
	keys     []string          // of a dict that is written out
	parts    []*value          // of a tuple that is one value and written out
	models   []*value          // of weights: the models whose they are
	variable bool              // of an array, or what stands for it in a step: tapes watch it
	at       int               // of a tensor in a step that stands for an array that the step is given: its place among them, from 1
	arrays   bool              // of a data set: its elements are NumPy's arrays
	eager    bool              // of an array: it is a tensor of TensorFlow's, whose elements no assignment changes
	maybe    bool              // of an array: it may be nil, where Python has None
	mark     int               // of gradients: how many steps of models were taken before
	scalar   bool              // of a tensor in a step: a single number
	open     *variable         // of a list that is empty yet: it takes its type from the first append
	optional string            // of what was None at first: the variable that is nil then
	natural  bool              // of a whole number: it is never below 0
	cond     string            // of "and" and "or": it as a condition
	bound    *call             // of functools.partial: the arguments that self is called with before others
}

// spread reports a tuple of several kinds, whose parts are passed by themselves.
func (v *value) spread() bool { return len(v.items) > 0 && v.goT == "" && v.kind != "empty" }

// loopOver is something that only a for loop or a comprehension can go over.
type loopOver struct {
	kind string // range, enumerate, zip, items
	args []*value
}

func (v *value) tight() string {
	if v.loose {
		return "(" + v.code + ")"
	}
	return v.code
}

// left is a place that can't be translated, with the reason.
type left struct {
	line   int
	reason string
}

func (e *left) Error() string { return e.reason }

func fail(e *python.Expr, format string, args ...any) {
	line := 0
	if e != nil {
		line = e.Line
	}
	panic(&left{line, fmt.Sprintf(format, args...)})
}

func number(t typ) bool { return t.kind == "int" || t.kind == "float" || t.kind == "bool" }

// as converts a value for a place of the given Go type.
func (t *translator) as(v *value, goType string, at *python.Expr) string {
	if v.kind == "none" && goType != "any" {
		fail(at, "None can't stand where a %s is wanted", goType)
	}
	if v.kind == tJSON.kind && slices.Contains([]string{"int", "float64", "string", "bool"}, goType) {
		return t.fromJSON(v, goType)
	}
	if pkg, name, ok := strings.Cut(strings.TrimPrefix(goType, "..."), "."); ok && t.words[pkg+"."+name] {
		if strings.HasPrefix(goType, "...") && v.items != nil {
			var parts []string
			for _, i := range v.items {
				parts = append(parts, t.word(i, goType[3:], at))
			}
			return strings.Join(parts, ", ")
		}
		goType = strings.TrimPrefix(goType, "...")
		return t.word(v, goType, at)
	}
	if v.object != nil && v.object.model != nil && v.object.class.base == "callback" {
		v = t.callbackOf(v)
	}
	switch goType {
	case "Strength", "layers.Strength": // float64 | [2]float64
		switch {
		case len(v.items) == 2:
			return "[2]float64{" + t.as(&value{items: v.items}, "...float64", at) + "}"
		case v.kind == "int" && isInteger(v.code):
			return v.code + ".0"
		}
		return t.as(v, "float64", at)
	case "int":
		switch {
		case v.kind == "int":
			return v.code
		case v.kind == "float" && v.konst && strings.HasSuffix(v.code, ".0"):
			return strings.TrimSuffix(v.code, ".0")
		case v.kind == "array":
			return v.tight() + ".Int()"
		}
	case "float64":
		switch {
		case v.kind == "float", v.kind == "int" && v.konst:
			return v.code
		case v.kind == "int":
			return "float64(" + v.code + ")"
		case v.kind == "array":
			return v.tight() + ".Float()"
		}
	case "bool":
		switch {
		case v.kind == "bool":
			return v.code
		case v.kind == "int" && (v.code == "0" || v.code == "1"):
			return fmt.Sprint(v.code == "1")
		case v.kind == "str" && v.konst: // any text but the empty one is true, "False" as well
			return fmt.Sprint(v.code != `""`)
		}
	case "string":
		if v.kind == "str" || v.kind == "path" {
			return v.code
		}
		if module, name := split("." + v.path); slices.Contains([]string{".tensorflow.nn", ".keras.activations", ".keras.layers", ".keras.initializers", ".keras.losses"}, module) {
			return strconv.Quote(name)
		}
	case "...int", "...float64":
		elem := strings.TrimPrefix(goType, "...")
		if v.items != nil {
			var parts []string
			for _, i := range v.items {
				if i.kind == "none" && elem == "int" {
					t.imports["functional"] = true
					parts = append(parts, "functional.None")
					continue
				}
				parts = append(parts, t.as(i, elem, at))
			}
			return strings.Join(parts, ", ")
		}
		if v.goT == "[]"+elem {
			return v.tight() + "..."
		}
		return t.as(v, elem, at)
	case "[]int", "[]float64", "[]string":
		if v.goT == goType {
			return v.code
		}
		if v.items != nil {
			return goType + "{" + t.as(v, "..."+goType[2:], at) + "}"
		}
	case "...string":
		if v.kind == "str" {
			return v.code
		}
		if v.items != nil {
			var parts []string
			for _, i := range v.items {
				parts = append(parts, t.as(i, "string", at))
			}
			return strings.Join(parts, ", ")
		}
	case "any":
		return t.asAny(v, at)
	case "optimizers.Optimizer":
		if v.kind == "optimizer" {
			return v.code
		}
	case "symbolic.Layer", "Layer", "functional.Layer":
		if v.kind == "layer" || v.kind == "model" {
			return v.code
		}
	case "optimizers.Schedule", "Schedule":
		if v.kind == "schedule" {
			return v.code
		}
	}
	if strings.Contains(goType, "|") {
		return t.union(v, goType, at)
	}
	if n, elem, ok := arrayType(goType); ok && v.items != nil && len(v.items) == n {
		return goType + "{" + t.as(&value{items: v.items}, "..."+elem, at) + "}"
	}
	if v.goT == goType && goType != "" {
		return v.code
	}
	if code := t.likeTuple(v, goType, at); code != "" {
		return code
	}
	fail(at, "%s can't stand where a %s is wanted", v.describe(), goType)
	return ""
}

func arrayType(goType string) (n int, elem string, ok bool) {
	if _, err := fmt.Sscanf(goType, "[%d]", &n); err != nil {
		return 0, "", false
	}
	_, elem, _ = strings.Cut(goType, "]")
	return n, elem, true
}

// union converts for a parameter that takes one of several types, such as int | [2]int.
func (t *translator) union(v *value, goType string, at *python.Expr) string {
	choices := strings.Split(strings.ReplaceAll(goType, " ", ""), "|")
	if len(v.items) > 0 {
		same := !slices.ContainsFunc(v.items, func(i *value) bool { return i.code != v.items[0].code || !i.konst })
		if same && slices.Contains(choices, "int") && v.items[0].kind == "int" {
			return v.items[0].code
		}
		for _, c := range choices {
			n, elem, ok := arrayType(c)
			if ok && n == len(v.items) || strings.HasPrefix(c, "[]") {
				if !ok {
					elem = c[2:]
				}
				return c + "{" + t.as(&value{items: v.items}, "..."+elem, at) + "}"
			}
		}
	}
	for _, c := range choices {
		if c == v.goT {
			return v.code
		}
	}
	if v.kind == "int" && slices.Contains(choices, "float64") {
		return t.as(v, "float64", at)
	}
	if arrays := slices.DeleteFunc(choices, func(c string) bool { _, elem, ok := arrayType(c); return !ok || "[]"+elem != v.goT }); len(arrays) == 1 && v.code != "" {
		return arrays[0] + "(" + v.code + ")" // such as a function's parameter: Python has an error, too, where the length is another
	}
	fail(at, "%s can't stand where %s is wanted", v.describe(), goType)
	return ""
}

// word converts for a named string type. The functions of keras.activations are named by their last word.
func (t *translator) word(v *value, goType string, at *python.Expr) string {
	switch {
	case v.kind == "str" && v.konst:
		return v.code
	case v.kind == "str":
		t.use(goType)
		return goType + "(" + v.code + ")"
	case v.path != "":
		name := v.path[strings.LastIndexByte(v.path, '.')+1:]
		return fmt.Sprintf("%q", name)
	case v.kind == "bool" || v.kind == "int":
		if strings.HasSuffix(goType, ".Verbosity") {
			return t.verbosity(v, at)
		}
	}
	fail(at, "%s can't stand where a %s is wanted", v.describe(), goType)
	return ""
}

func (t *translator) verbosity(v *value, at *python.Expr) string {
	t.imports["callbacks"] = true
	switch v.code {
	case "0", "false":
		return "callbacks.Silent"
	case "1", "true":
		return "callbacks.Bar"
	case "2":
		return "callbacks.Lines"
	}
	if v.kind == "int" {
		return t.helper("verbosity") + "(" + v.code + ")"
	}
	fail(at, "verbose=%s isn't known", v.code)
	return ""
}

// asAny is a value in a place that takes several types.
func (t *translator) asAny(v *value, at *python.Expr) string {
	switch {
	case v.kind == "none":
		return "nil"
	case v.kind == "empty dict" && v.open == nil:
		return "map[string]any{}"
	case v.kind == tJSON.kind:
		return t.helper("jsonArray") + "(" + v.code + ")"
	case v.items != nil && v.goT == "":
		var parts []string
		for _, i := range v.items {
			parts = append(parts, t.asAny(i, at))
		}
		return "[]any{" + strings.Join(parts, ", ") + "}"
	case v.code != "":
		return v.code
	}
	fail(at, "%s can't be a value here", v.describe())
	return ""
}

func (v *value) describe() string {
	switch {
	case v.path != "":
		return v.path
	case v.local != nil:
		return "the module " + v.local.name
	case v.kind == "":
		return "this value"
	case v.kind == "list" && v.elem != nil:
		return "a list of " + v.elem.kind
	}
	return "a value of kind " + v.kind
}

// eagerly is v, which may be nil, as a tensor of TensorFlow's or not if it is an array.
func (v *value) eagerly(is bool) *value {
	if v == nil || v.kind != "array" || v.eager == is {
		return v
	}
	other := *v // v may be what a variable holds
	other.eager = is
	return &other
}
