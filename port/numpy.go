package port

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/internal/goapi"
)

// goNames are the functions of package np that aren't named as NumPy's in Go's case.
var goNames = map[string]string{"array": "Of", "asarray": "Of", "amax": "Max", "amin": "Min", "all": "AllOf", "vstack": "VStack", "hstack": "HStack", "dstack": "DStack",
	"concat": "Concatenate", "arcsin": "Arcsin", "expand_dims": "ExpandDims", "isin": "Isin", "moveaxis": "MoveAxis", "swapaxes": "SwapAxes", "fliplr": "FlipLR",
	"flipud": "FlipUD", "matmul": "MatMul", "tensordot": "TensorDot", "loadtxt": "LoadTxt", "savetxt": "SaveTxt", "nan_to_num": "NanToNum", "zeros_like": "ZerosLike",
	"ones_like": "OnesLike", "full_like": "FullLike", "empty_like": "EmptyLike", "column_stack": "ColumnStack", "allclose": "Allclose", "array_equal": "ArrayEqual"}

// numpyName finds the function of np for a name of NumPy's.
func numpyName(name string) (string, *goapi.Func) {
	p := goapi.Table()["port/np"]
	if p == nil {
		return "", nil
	}
	want := goNames[name]
	if want == "" {
		want = strings.ReplaceAll(name, "_", "")
	}
	if f, ok := p.Funcs[want]; ok {
		return want, &f
	}
	for n, f := range p.Funcs {
		if strings.EqualFold(n, want) {
			return n, &f
		}
	}
	return "", nil
}

var arrayMethods = map[string]string{"astype": "AsType", "argmax": "Argmax", "argmin": "Argmin", "all": "AllOf"}

// options are the axes and np.KeepDims that reductions take.
const options = "...any"

func (t *translator) numpyCall(name string, c *call) *value {
	t.imports["np"] = true
	if name == "random.RandomState" {
		seed := c.need(0, "seed")
		c.done()
		return &value{typ: object("random", "*np.RandomState"), code: fmt.Sprintf("np.NewRandomState(%s)", t.asAny(seed, c.e))}
	}
	if name == "random.default_rng" {
		seed := c.arg(0, "seed")
		c.done()
		code := "nil"
		if seed != nil {
			code = t.asAny(seed, c.e)
		}
		return &value{typ: object("random", "*np.Generator"), code: "np.DefaultRNG(" + code + ")"}
	}
	if random, ok := strings.CutPrefix(name, "random."); ok {
		return t.randomCall("np.Random", random, false, c)
	}
	switch name {
	case "array", "asarray":
		v := c.need(0, "object", "a")
		dtype := c.arg(1, "dtype")
		c.done()
		if t.sc.step != nil && (v.kind == "tensor" || v.items != nil && !slices.ContainsFunc(v.items, func(i *value) bool { return i.kind != "tensor" })) {
			return t.stackedNodes(v, dtype, c)
		}
		if v.kind == "array" && dtype == nil {
			return &value{typ: tArray, code: v.code, loose: v.loose}
		}
		if v.kind == "array as a list" {
			v = &value{typ: tArray, code: v.tight() + ".Copy()"}
			if dtype == nil {
				return v
			}
		}
		if v.kind == "image" {
			v = pixels(v)
		}
		if v.loop != nil && v.loop.kind == "range" {
			v = t.rangeList(v, c.e)
		}
		if v.kind == "deque" {
			v = dequeItems(v)
		}
		if v.kind == tJSON.kind {
			v = &value{typ: tArray, code: t.helper("jsonArray") + "(" + v.code + ")"}
		}
		if v.kind == "tokenizer" || v.kind == "model" || v.kind == "dict" {
			fail(c.e, "an array of %s isn't translated", v.describe())
		}
		if v.kind == "tuple" && mixesNumbers(v.items) && !slices.ContainsFunc(v.items, func(i *value) bool { return !number(i.typ) }) {
			v = &value{typ: listOf(tFloat), code: "[]float64{" + t.as(v, "...float64", c.e) + "}"}
		}
		if v.code == "" && v.items == nil || v.kind == "tuple" {
			fail(c.e, "an array of %s isn't translated", v.describe())
		}
		code := v.code
		if v.kind == "empty" && code == "" {
			code = "[]float64{}"
		}
		if dtype != nil {
			return &value{typ: tArray, code: fmt.Sprintf("np.ArrayOf(%s, %s)", t.dtype(dtype, c), code)}
		}
		return &value{typ: tArray, code: "np.Of(" + code + ")"}
	case "zeros", "ones", "empty":
		shape, dtype := c.need(0, "shape"), c.arg(1, "dtype")
		c.done()
		f := strings.ToUpper(name[:1]) + name[1:]
		if dtype != nil {
			if f == "Empty" {
				f = "Zeros"
			}
			return &value{typ: tArray, code: fmt.Sprintf("np.%sOf(%s, %s)", f, t.dtype(dtype, c), t.as(shape, "...int", c.e))}
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s)", f, t.as(shape, "...int", c.e))}
	case "full":
		shape, fill := c.need(0, "shape"), c.need(1, "fill_value")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("np.Full(%s, %s)", t.asAny(fill, c.e), t.as(shape, "...int", c.e))}
	case "reshape":
		a, shape := c.need(0, "a"), c.need(1, "newshape", "shape")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("np.Reshape(%s, %s)", t.asAny(a, c.e), t.as(shape, "...int", c.e))}
	case "linspace":
		n := c.arg(2, "num")
		count := "50"
		if n != nil {
			count = t.as(n, "int", c.e)
		}
		code := fmt.Sprintf("np.Linspace(%s, %s, %s)", t.as(c.need(0, "start"), "float64", c.e), t.as(c.need(1, "stop"), "float64", c.e), count)
		c.done()
		return &value{typ: tArray, code: code}
	case "vectorize":
		f := c.need(0, "pyfunc")
		c.done()
		if f.def == nil {
			fail(c.e, "vectorize of %s isn't translated", f.describe())
		}
		return &value{typ: typ{kind: "vectorized"}, self: f}
	case "average":
		if w := c.arg(-1, "weights"); w != nil && w.kind != "none" {
			a := c.need(0, "a")
			c.done()
			if a.kind != "array" && a.kind != "list" || w.kind != "array" && w.kind != "list" {
				fail(c.e, "an average of %s by %s isn't translated", a.describe(), w.describe())
			}
			return &value{typ: tArray, code: fmt.Sprintf("%s(%s, %s)", t.helper("averageBy"), a.code, w.code)}
		}
	case "asanyarray", "ascontiguousarray":
		return t.numpyCall("asarray", c)
	case "copy":
		a := c.need(0, "a")
		c.done()
		if a.kind == "array" {
			return &value{typ: tArray, code: a.tight() + ".Copy()"}
		}
	case "unique":
		if n := c.kw["return_counts"]; n != nil && n.code == "true" && len(c.kw) == 1 && len(c.args) == 1 {
			return &value{typ: typ{kind: "tuple", goT: "multi", elems: []typ{tArray, tArray}}, code: fmt.Sprintf("np.UniqueCounts(%s)", t.asAny(c.args[0], c.e))}
		}
		if len(c.kw) > 0 {
			fail(c.e, "arguments of np.unique aren't translated")
		}
	case "where":
		if len(c.args)+len(c.keys) == 1 {
			ty := listOf(tArray)
			ty.row = true
			return &value{typ: ty, code: "np.Nonzero(" + t.asAny(c.need(0, "condition"), c.e) + ")"}
		}
	case "expand_dims", "squeeze":
		f := map[string]string{"expand_dims": "ExpandDims", "squeeze": "Squeeze"}[name]
		a, axis := c.need(0, "a"), c.arg(1, "axis")
		c.done()
		if axis == nil {
			return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s)", f, t.asAny(a, c.e))}
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.%s(%s, %s)", f, t.asAny(a, c.e), t.as(axis, "...int", c.e))}
	case "linalg.norm", "linalg.inv", "linalg.det", "linalg.pinv", "linalg.matrix_rank":
		f := map[string]string{"norm": "Norm", "inv": "Inv", "det": "Det", "pinv": "Pinv", "matrix_rank": "MatrixRank"}[name[7:]]
		args := []string{t.asAny(c.need(0, "x", "a"), c.e)}
		if axis := c.arg(-1, "axis"); axis != nil && f == "Norm" {
			args = append(args, t.as(axis, "...int", c.e))
		}
		c.done()
		return &value{typ: map[bool]typ{true: tInt, false: tArray}[f == "MatrixRank"], code: fmt.Sprintf("np.Linalg.%s(%s)", f, strings.Join(args, ", "))}
	case "linalg.solve":
		a, b := c.need(0, "a"), c.need(1, "b")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("np.Linalg.Solve(%s, %s)", t.asAny(a, c.e), t.asAny(b, c.e))}
	case "linalg.svd", "linalg.eig", "linalg.eigh":
		f := map[string]string{"svd": "SVD", "eig": "Eig", "eigh": "Eigh"}[name[7:]]
		a := c.need(0, "a")
		c.done()
		ty := typ{kind: "tuple", goT: "multi", elems: []typ{tArray, tArray}}
		if f == "SVD" {
			ty.elems = append(ty.elems, tArray)
		}
		return &value{typ: ty, code: fmt.Sprintf("np.Linalg.%s(%s)", f, t.asAny(a, c.e))}
	case "loadtxt", "genfromtxt":
		path, delimiter, skip := t.as(c.need(0, "fname"), "string", c.e), `""`, "0"
		if d := c.arg(-1, "delimiter"); d != nil {
			delimiter = t.as(d, "string", c.e)
		}
		if s := c.arg(-1, "skiprows", "skip_header"); s != nil {
			skip = t.as(s, "int", c.e)
		}
		dtype := c.arg(1, "dtype")
		if u := c.arg(-1, "usecols"); u != nil {
			fail(c.e, "usecols isn't translated")
		}
		c.done()
		code := fmt.Sprintf("np.LoadTxt(%s, %s, %s)", path, delimiter, skip)
		if dtype != nil {
			code += ".AsType(" + t.dtype(dtype, c) + ")"
		}
		return &value{typ: tArray, code: code}
	case "load":
		c.arg(-1, "allow_pickle") // arrays of numbers need none
	case "save":
		path, a := t.as(c.need(0, "file"), "string", c.e), c.need(1, "arr")
		c.done()
		return done("np.Save(%s, %s)", path, t.asAny(a, c.e))
	case "clip":
		a, lo, hi := c.need(0, "a", "t", "x"), c.need(1, "a_min", "min", "clip_value_min", "x_min"), c.need(2, "a_max", "max", "clip_value_max", "x_max")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("np.Clip(%s, %s, %s)", t.asAny(a, c.e), t.asAny(lo, c.e), t.asAny(hi, c.e))}
	case "testing.assert_allclose":
		actual, desired, rtol, atol := c.need(0, "actual"), c.need(1, "desired"), c.arg(2, "rtol"), c.arg(3, "atol")
		c.done()
		within := []string{"1e-07", "0"}
		for i, v := range []*value{rtol, atol} {
			if v != nil {
				within[i] = t.as(v, "float64", c.e)
			}
		}
		l := t.emit(&line{code: fmt.Sprintf("if !np.Allclose(%s, %s, np.RTol(%s), np.ATol(%s))", t.asAny(actual, c.e), t.asAny(desired, c.e), within[0], within[1]), block: true})
		l.body = append(l.body, &line{code: fmt.Sprintf("np.Fail(\"AssertionError\", %q)", "assert_allclose of line "+fmt.Sprint(c.e.Line))})
		return done("")
	case "sort", "argsort", "concatenate":
		if axis := c.kw["axis"]; axis != nil && axis.kind == "none" {
			fail(c.e, "np.%s over no axis isn't translated", name)
		}
	case "pad":
		if mode := c.arg(2, "mode"); mode != nil && !number(mode.typ) {
			if mode.code != `"constant"` {
				fail(c.e, "the mode %s of np.pad isn't translated", mode.code)
			}
			rest := callOf(c.e, c.need(0, "array"), c.need(1, "pad_width"))
			if v := c.arg(-1, "constant_values"); v != nil {
				if !number(v.typ) {
					fail(c.e, "constant_values of several kinds aren't translated")
				}
				rest.args = append(rest.args, v)
			}
			c.done()
			return t.numpyCall("pad", rest)
		}
	case "size", "ndim", "shape":
		a := c.need(0, "a")
		axis := c.arg(1, "axis")
		c.done()
		if a.kind != "array" {
			a = &value{typ: tArray, code: "np.Of(" + t.asAny(a, c.e) + ")"}
		}
		if axis != nil && axis.kind != "none" {
			return &value{typ: tInt, code: fmt.Sprintf("%s.Dim(%s)", a.tight(), t.as(axis, "int", c.e))}
		}
		return t.attrOf(a, name, c.e)
	case "in1d":
		return t.numpyCall("isin", c)
	case "set_printoptions":
		return t.printOptions(c)
	case "uint8", "int32", "int64", "float32", "float64", "float16", "bool_":
		v := c.need(0, "x")
		c.done()
		if v.kind == "array" {
			return &value{typ: tArray, code: fmt.Sprintf("%s.AsType(%q)", v.tight(), strings.TrimSuffix(name, "_"))}
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.ArrayOf(%q, %s)", strings.TrimSuffix(name, "_"), t.asAny(v, c.e))}
	case "histogram":
		v, bins := c.need(0, "a"), c.arg(1, "bins")
		c.done()
		args := t.asAny(v, c.e)
		if bins != nil {
			args += ", " + t.asAny(bins, c.e)
		}
		return &value{typ: typ{kind: "tuple", goT: "multi", elems: []typ{tArray, tArray}}, code: "np.Histogram(" + args + ")"}
	}
	goName, f := numpyName(name)
	if f == nil || strings.Contains(name, ".") {
		fail(c.e, "np.%s isn't translated", name)
	}
	if len(f.Result) != 1 {
		fail(c.e, "np.%s isn't translated, since it returns several values", name)
	}
	code := "np." + goName + "(" + strings.Join(t.numpyArgs(f.Params, c), ", ") + ")"
	return t.numpyResult(f.Result[0], code, c)
}

func (t *translator) numpyResult(goType, code string, c *call) *value {
	switch goType {
	case "*Array":
		return &value{typ: tArray, code: code}
	case "[]*Array":
		ty := listOf(tArray)
		ty.row = strings.HasPrefix(code, "np.Nonzero(") || strings.HasPrefix(code, "np.Meshgrid(")
		return &value{typ: ty, code: code}
	case "bool":
		return &value{typ: tBool, code: code}
	case "float64":
		return &value{typ: tFloat, code: code}
	case "int":
		return &value{typ: tInt, code: code}
	}
	fail(c.e, "a result of type %s isn't translated", goType)
	return nil
}

func (t *translator) dtype(v *value, c *call) string {
	if v.kind == "str" && v.konst {
		return v.code
	}
	if v.kind == "str" {
		return "np.DType(" + v.code + ")"
	}
	if name, ok := strings.CutPrefix(v.path, "numpy."); ok && slices.Contains([]string{"bool", "int", "float", "bool8", "uint16", "uint32", "uint64", "int16"}, name) {
		return map[string]string{"bool": `"bool"`, "bool8": `"bool"`, "int": `"int64"`, "float": `"float64"`}[name] + map[bool]string{true: `"` + name + `"`}[name[len(name)-2:] == "16" || name[0] == 'u']
	}
	if name, ok := strings.CutPrefix(v.path, "tensorflow."); ok && name == "bool" {
		return `"bool"`
	}
	if name, ok := strings.CutPrefix(v.path, "builtins."); ok {
		switch name {
		case "int":
			return `"int64"`
		case "float":
			return `"float64"`
		case "bool":
			return `"bool"`
		}
	}
	fail(c.e, "%s as a type isn't translated", v.describe())
	return ""
}

// numpyArgs matches arguments with parameters of package np, which takes axes and np.KeepDims as options.
func (t *translator) numpyArgs(params []goapi.Param, c *call) []string {
	var args []string
	place := 0
	for _, p := range params {
		variadic := strings.HasPrefix(p.Type, "...")
		if variadic {
			break
		}
		v := c.arg(place, lower(p.Name), p.Name)
		place++
		if v == nil {
			fail(c.e, "the argument %s is missing", p.Name)
		}
		switch p.Type {
		case "any":
			args = append(args, t.asAny(v, c.e))
		case "DType":
			args = append(args, t.dtype(v, c))
		default:
			args = append(args, t.as(v, p.Type, c.e))
		}
	}
	rest := ""
	if n := len(params); n > 0 && strings.HasPrefix(params[n-1].Type, "...") {
		rest = params[n-1].Type
	}
	if rest == "" {
		c.done()
		return args
	}
	for ; place < len(c.args); place++ {
		v := c.arg(place, "")
		switch {
		case rest == options && v.kind == "int":
			args = append(args, v.code)
		case rest == options && (v.kind == "float" || v.kind == "array" || v.kind == "list"):
			args = append(args, v.code)
		default:
			args = append(args, t.as(v, rest, c.e))
		}
	}
	if rest != options {
		last := lower(params[len(params)-1].Name)
		if v := c.arg(-1, last, strings.ReplaceAll(last, "_", "")); v != nil && v.kind != "none" {
			args = append(args, t.as(v, rest, c.e))
		}
	}
	if axis := c.arg(-1, "axis"); axis != nil && axis.kind != "none" {
		args = append(args, t.as(axis, "...int", c.e))
	}
	if keep := c.arg(-1, "keepdims"); keep != nil && keep.code == "true" && rest == options {
		args = append(args, "np.KeepDims")
	}
	if dtype := c.arg(-1, "dtype"); dtype != nil {
		if rest != options {
			fail(c.e, "dtype isn't translated here")
		}
		text := t.dtype(dtype, c)
		if dtype.konst || dtype.path != "" {
			text = "np.DType(" + text + ")"
		}
		args = append(args, text)
	}
	c.done()
	return args
}

func lower(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (t *translator) arrayMethod(v *value, name string, c *call) *value {
	switch name {
	case "astype":
		dtype := c.need(0, "dtype")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s.AsType(%s)", v.tight(), t.dtype(dtype, c))}
	case "reshape", "transpose":
		f := strings.ToUpper(name[:1]) + name[1:]
		if len(c.args) == 1 {
			a := c.arg(0)
			c.done()
			return &value{typ: tArray, code: fmt.Sprintf("%s.%s(%s)", v.tight(), f, t.as(a, "...int", c.e))}
		}
		var parts []string
		for i := range c.args {
			parts = append(parts, t.as(c.arg(i), "int", c.e))
		}
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s.%s(%s)", v.tight(), f, strings.Join(parts, ", "))}
	case "tolist":
		c.done()
		if t.sc.step == nil {
			return &value{typ: object("array as a list", "*np.Array"), code: v.code}
		}
		fail(c.e, "tolist isn't translated: the type of the list isn't known")
	case "item":
		c.done()
		return &value{typ: tFloat, code: v.tight() + ".Float()"}
	case "numpy":
		return v.eagerly(false)
	case "toarray", "todense", "value", "read_value":
		return v
	case "assign":
		x := c.need(0, "value")
		c.done()
		return done("%s.SetIndex(%s, np.Ellipsis)", v.tight(), t.asAny(x, c.e))
	case "assign_add", "assign_sub":
		x := c.need(0, "value")
		c.done()
		return done("%s.%s(%s)", v.tight(), map[string]string{"assign_add": "IAdd", "assign_sub": "ISubtract"}[name], t.asAny(x, c.e))
	}
	p := goapi.Table()["port/np"]
	if p == nil {
		fail(c.e, "the method %s of an array isn't translated", name)
	}
	goName := arrayMethods[name]
	if goName == "" {
		goName = name
	}
	m, f := setter(p.Methods["Array"], goName)
	if f == nil || name == "tensor" || name == "index" {
		fail(c.e, "the method %s of an array isn't translated", name)
	}
	return &value{typ: tArray, code: fmt.Sprintf("%s.%s(%s)", v.tight(), m, strings.Join(t.numpyArgs(f.Params, c), ", "))}
}

// printOptions is np.set_printoptions.
func (t *translator) printOptions(c *call) *value {
	fields := map[string][2]string{"precision": {"Precision", "int"}, "threshold": {"Threshold", "int"}, "edgeitems": {"EdgeItems", "int"}, "linewidth": {"LineWidth", "int"}, "suppress": {"Suppress", "bool"}}
	have := goapi.Table()["port/np"].Fields["PrintOptions"]
	var sets []string
	for _, k := range c.keys {
		v := c.arg(-1, k)
		f, ok := fields[k]
		if !ok || have[f[0]] != f[1] {
			fail(c.e, "set_printoptions' %s isn't translated", k)
		}
		if v.code == "math.Inf(1)" || v.path == "sys.maxsize" {
			sets = append(sets, "o."+f[0]+" = 1 << 30")
			continue
		}
		sets = append(sets, "o."+f[0]+" = "+t.as(v, f[1], c.e))
	}
	c.done()
	return done("func() { o := np.GetPrintOptions(); %s; np.SetPrintOptions(o) }()", strings.Join(sets, "; "))
}

// bothGenerators are the methods that a RandomState and what default_rng gives have alike.
var bothGenerators = []string{"random", "standard_normal", "normal", "uniform", "shuffle", "permutation", "choice", "poisson"}

// randomCall is a function of np.random, or a method of a RandomState or of a Generator.
func (t *translator) randomCall(on, name string, generator bool, c *call) *value {
	array := func(f string, args ...string) *value {
		if size := c.arg(-1, "size"); size != nil && size.kind != "none" {
			args = append(args, t.as(size, "...int", c.e))
		}
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s.%s(%s)", on, f, strings.Join(args, ", "))}
	}
	or := func(v *value, def string) string {
		if v == nil {
			return def
		}
		return t.asAny(v, c.e)
	}
	if generator != (name == "integers") && !slices.Contains(bothGenerators, name) {
		fail(c.e, "np.random.%s isn't translated", name)
	}
	switch name {
	case "seed":
		v := c.need(0, "seed")
		c.done()
		return done("%s.Seed(%s)", on, t.asAny(v, c.e))
	case "rand", "randn":
		var args []string
		for i := range c.args {
			args = append(args, t.as(c.arg(i), "...int", c.e))
		}
		return array(strings.ToUpper(name[:1])+name[1:], args...)
	case "random", "random_sample", "standard_normal":
		var args []string
		if len(c.args) == 1 {
			args = append(args, t.as(c.arg(0), "...int", c.e))
		}
		return array(map[string]string{"random": "Random", "random_sample": "RandomSample", "standard_normal": "StandardNormal"}[name], args...)
	case "randint", "integers":
		low, high := c.need(0, "low"), c.arg(1, "high")
		lo, hi := "0", t.as(low, "int", c.e)
		if high != nil && high.kind != "none" {
			lo, hi = hi, t.as(high, "int", c.e)
		}
		args := []string{lo, hi}
		if len(c.args) == 3 {
			args = append(args, t.as(c.arg(2), "...int", c.e))
		}
		return array(map[string]string{"randint": "RandInt", "integers": "Integers"}[name], args...)
	case "poisson", "exponential":
		mean := or(c.arg(0, map[string]string{"poisson": "lam", "exponential": "scale"}[name]), "1.0")
		args := []string{mean}
		if len(c.args) == 2 {
			args = append(args, t.as(c.arg(1), "...int", c.e))
		}
		return array(strings.ToUpper(name[:1])+name[1:], args...)
	case "binomial", "multinomial":
		n, p := c.need(0, "n"), c.need(1, map[string]string{"binomial": "p", "multinomial": "pvals"}[name])
		args := []string{t.as(n, "int", c.e)}
		if name == "binomial" {
			args = append(args, t.as(p, "float64", c.e))
		} else {
			args = append(args, t.asAny(p, c.e))
		}
		if size := c.arg(2, "size"); size != nil && size.kind != "none" {
			args = append(args, t.as(size, "...int", c.e))
		}
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s.%s(%s)", on, strings.ToUpper(name[:1])+name[1:], strings.Join(args, ", "))}
	case "normal", "uniform":
		first := []string{"loc", "0.0", "scale", "1.0"}
		if name == "uniform" {
			first = []string{"low", "0.0", "high", "1.0"}
		}
		args := []string{or(c.arg(0, first[0]), first[1]), or(c.arg(1, first[2]), first[3])}
		if len(c.args) == 3 {
			args = append(args, t.as(c.arg(2), "...int", c.e))
		}
		return array(strings.ToUpper(name[:1])+name[1:], args...)
	case "multivariate_normal":
		args := []string{t.asAny(c.need(0, "mean"), c.e), t.asAny(c.need(1, "cov"), c.e)}
		if len(c.args) == 3 {
			args = append(args, t.as(c.arg(2), "...int", c.e))
		}
		return array("MultivariateNormal", args...)
	case "shuffle":
		v := c.need(0, "x")
		c.done()
		return done("%s.Shuffle(%s)", on, t.asAny(v, c.e))
	case "permutation":
		v := c.need(0, "x")
		c.done()
		return &value{typ: tArray, code: fmt.Sprintf("%s.Permutation(%s)", on, t.asAny(v, c.e))}
	case "choice":
		c.place(0, "a", "size", "replace", "p")
		a := c.need(-1, "a")
		if a.loop != nil && a.loop.kind == "range" {
			a = t.rangeList(a, c.e)
		}
		one := c.kw["size"] == nil || c.kw["size"].kind == "none"
		args := []string{t.asAny(a, c.e)}
		if !one {
			args = append(args, strings.TrimSuffix(t.as(c.arg(-1, "size"), "...int", c.e), "..."))
		}
		if r := c.arg(-1, "replace"); r != nil {
			args = append(args, "np.Replace("+t.as(r, "bool", c.e)+")")
		}
		if p := c.arg(-1, "p"); p != nil && p.kind != "none" {
			if p.kind != "array" && p.goT != "[]float64" {
				fail(c.e, "chances of %s aren't translated", p.describe())
			}
			code := p.code
			if p.kind == "array" {
				code = p.tight() + ".Floats()"
			}
			args = append(args, "np.P("+code+")")
		}
		c.done()
		code := fmt.Sprintf("%s.Choice(%s)", on, strings.Join(args, ", "))
		switch {
		case one && a.kind == "list" && a.elem.kind == "str":
			return &value{typ: tStr, code: code + ".Text()"}
		case one && (a.kind == "int" || a.kind == "list" && a.elem.kind == "int"):
			return &value{typ: tInt, code: code + ".Int()"}
		}
		return &value{typ: tArray, code: code}
	}
	fail(c.e, "np.random.%s isn't translated", name)
	return nil
}

// vectorized is a call of what np.vectorize gives: a function for each element of arrays of one shape.
func (t *translator) vectorized(f *value, c *call) *value {
	if len(c.args) == 0 || len(c.keys) > 0 {
		fail(c.e, "this call of a vectorized function isn't translated")
	}
	i := t.newVar("i", "int")
	i.given = true
	var arrays []string
	var given []*value
	for _, a := range c.args {
		if a.kind != "array" && a.kind != "list" {
			fail(c.e, "a vectorized function of %s isn't translated", a.describe())
		}
		va := t.newVar("elements", tArray.goT)
		t.emit(&line{lhs: []*variable{va}, code: "np.Of(" + a.code + ")"})
		arrays = append(arrays, va.ref())
		given = append(given, &value{typ: tArray, code: fmt.Sprintf("%s.Ravel().Index(%s)", va.ref(), i.ref())})
	}
	r := t.callValue(f, callOf(c.e, given...))
	if !number(r.typ) && r.kind != "str" && r.kind != "array" {
		fail(c.e, "a vectorized function that gives %s isn't translated", r.describe())
	}
	return &value{typ: tArray, code: fmt.Sprintf("%s(func(%s int) %s { return %s }, %s)", t.helper("eachElement"), i.ref(), r.goT, r.code, strings.Join(arrays, ", "))}
}
