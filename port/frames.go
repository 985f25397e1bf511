package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

var (
	tFrame  = object("frame", "*pd.Frame")
	tSeries = typ{kind: "array", goT: "*np.Array", series: true}
)

func series(format string, args ...any) *value {
	return &value{typ: tSeries, code: fmt.Sprintf(format, args...)}
}

func frame(format string, args ...any) *value {
	return &value{typ: tFrame, code: fmt.Sprintf(format, args...)}
}

// pandas is a call of a function of pandas's.
func (t *translator) pandas(name string, c *call) *value {
	t.use("pd.Frame")
	switch name {
	case "read_excel":
		fail(c.e, "Excel files aren't read: save the sheet as a CSV file and read that")
	case "read_csv", "read_table":
		return t.readCSV(c, name == "read_table")
	case "DataFrame":
		return t.newFrame(c)
	case "Series":
		v := c.need(0, "data")
		c.arg(-1, "name")
		c.done()
		if v.kind == "list" || v.kind == "array" {
			return series("np.Of(%s)", v.code)
		}
	case "get_dummies":
		v, first := c.need(0, "data"), c.arg(-1, "drop_first")
		columns := c.arg(-1, "columns")
		dtype := c.arg(-1, "dtype")
		prefix, sep := c.arg(-1, "prefix"), c.arg(-1, "prefix_sep")
		bare := prefix != nil && prefix.code == `""` && sep != nil && sep.code == `""`
		if (prefix != nil || sep != nil) && !bare {
			fail(c.e, "these prefixes aren't translated")
		}
		c.done()
		if v.kind == "array" {
			if columns != nil && columns.kind != "none" {
				fail(c.e, "these arguments of get_dummies aren't translated")
			}
			if first != nil && t.as(first, "bool", c.e) == "true" {
				return t.asType(frame("pd.Dummies(%s).Cols(np.S(\"1:\"))", v.code), dtype, c)
			}
			return t.asType(frame("pd.Dummies(%s)", v.code), dtype, c)
		}
		if v.kind != "frame" {
			break
		}
		args := v.code
		if columns != nil && columns.kind != "none" {
			args += ", " + t.as(columns, "...string", c.e)
		}
		if columns != nil && columns.items == nil && columns.kind == "list" {
			fail(c.e, "get_dummies of a list of columns that has a name isn't translated")
		}
		if first != nil && t.as(first, "bool", c.e) == "true" {
			args += ", pd.DropFirst"
		}
		if bare {
			args += ", pd.Bare"
		}
		if dtype != nil && dtype.kind != "none" {
			args += ", np.DType(" + t.dtype(dtype, c) + ")"
			t.imports["np"] = true
		}
		return frame("pd.GetDummies(%s)", args)
	case "merge":
		left, right, on, how := c.need(0, "left"), c.need(1, "right"), c.arg(-1, "on"), c.arg(2, "how")
		c.done()
		if left.kind == "frame" && right.kind == "frame" && on != nil {
			h := `"inner"`
			if how != nil {
				h = t.as(how, "string", c.e)
			}
			return frame("pd.Merge(%s, %s, %s, %s)", left.code, right.code, t.as(on, "string", c.e), h)
		}
	case "set_option":
		t.approximate("pandas.set_option is left out: tables are printed as by default")
		return done("")
	case "concat":
		v, axis := c.need(0, "objs"), c.arg(1, "axis")
		reset := ""
		if i := c.arg(-1, "ignore_index"); i != nil && t.as(i, "bool", c.e) == "true" {
			reset = ".ResetIndex()"
		}
		if s := c.arg(-1, "sort"); s != nil {
			t.as(s, "bool", c.e)
		}
		c.done()
		n := "0"
		if axis != nil {
			n = t.as(axis, "int", c.e)
		}
		if v.kind == "list" && v.elem.kind == "frame" {
			return frame("pd.Concat(%s, %s)%s", v.code, n, reset)
		}
		if v.kind == "list" && v.elem.kind == "array" && n == "0" {
			return series("np.Concatenate(%s)", v.code)
		}
	case "isnull", "isna", "notnull", "notna":
		v := c.need(0, "obj")
		c.done()
		if v.kind == "array" {
			return t.nulls(series("pd.IsNull(%s)", v.code), name)
		}
	case "unique":
		v := c.need(0, "values")
		c.done()
		if v.kind == "array" {
			return &value{typ: tArray, code: "pd.Unique(" + v.code + ")"}
		}
	}
	fail(c.e, "pandas.%s isn't translated", name)
	return nil
}

// asType is what a frame of bools is as another type.
func (t *translator) asType(v, dtype *value, c *call) *value {
	if dtype == nil {
		return v
	}
	return frame("%s(%s, %s)", t.helper("frameAs"), v.code, t.dtype(dtype, c))
}

func (t *translator) nulls(v *value, name string) *value {
	if strings.HasPrefix(name, "not") {
		return series("np.LogicalNot(%s)", v.code)
	}
	return v
}

func (t *translator) readCSV(c *call, table bool) *value {
	path := t.as(c.need(0, "filepath_or_buffer"), "string", c.e)
	if strings.HasPrefix(path, `"http`) {
		path = fmt.Sprintf("%s(%s(%s), %s, \"datasets\")", t.helper("getFile"), t.helper("baseName"), path, path)
	}
	var opts []string
	squeeze := false
	if table {
		opts = append(opts, `pd.Sep("\t")`)
	}
	c.place(1, "sep")
	for _, k := range c.keys {
		v := c.arg(-1, k)
		switch k {
		case "filepath_or_buffer":
		case "sep", "delimiter":
			if v.code == `"\\s+"` || v.code == `" +"` {
				opts = append(opts, `pd.Sep("\\s+")`)
				break
			}
			opts = append(opts, "pd.Sep("+t.as(v, "string", c.e)+")")
		case "delim_whitespace":
			opts = append(opts, `pd.Sep("\\s+")`)
		case "header":
			if v.kind == "none" {
				opts = append(opts, "pd.NoHeader")
			} else if v.code != `"infer"` {
				opts = append(opts, "pd.Header("+t.as(v, "int", c.e)+")")
			}
		case "names", "usecols":
			if v.kind == "none" {
				break
			}
			option := map[string]string{"names": "Names", "usecols": "UseCols"}[k]
			if k == "usecols" && v.loop != nil && v.loop.kind == "range" {
				v = t.rangeList(v, c.e)
			}
			if k == "usecols" && v.goT == "[]int" {
				opts = append(opts, "pd.UsePlaces("+v.code+")")
				break
			}
			if v.goT != "[]string" {
				fail(c.e, "%s as %s isn't translated", v.describe(), k)
			}
			opts = append(opts, fmt.Sprintf("pd.%s(%s)", option, v.code))
		case "index_col":
			if v.kind == "int" {
				t.approximate("rows have no labels: the column of index_col is left out")
				opts = append(opts, "pd.IndexCol("+v.code+")")
			} else if v.kind != "none" && v.code != "false" {
				fail(c.e, "index_col by name isn't translated")
			}
		case "na_values":
			if v.kind == "str" {
				opts = append(opts, "pd.NAValues{"+v.code+"}")
			} else {
				opts = append(opts, "pd.NAValues("+t.as(v, "[]string", c.e)+")")
			}
		case "skiprows", "nrows":
			opts = append(opts, fmt.Sprintf("pd.%s(%s)", map[string]string{"skiprows": "SkipRows", "nrows": "NRows"}[k], t.as(v, "int", c.e)))
		case "comment":
			opts = append(opts, "pd.Comment("+t.as(v, "string", c.e)+")")
		case "squeeze":
			squeeze = t.as(v, "bool", c.e) == "true"
		case "dtype", "parse_dates", "infer_datetime_format", "dayfirst":
			if k != "dtype" || v.path != "numpy.float32" && v.kind != "str" {
				t.approximate("read_csv's %s is left out: columns have the types that their values have", k)
				break
			}
			if v.code == `"str"` || v.code == `"object"` {
				fail(c.e, "read_csv as texts isn't translated")
			}
			t.approximate("read_csv's dtype is left out: columns have the types that their values have")
		case "encoding", "engine", "low_memory", "skipinitialspace", "error_bad_lines", "on_bad_lines":
			t.approximate("read_csv's %s is left out", k)
		default:
			fail(c.e, "read_csv's argument %s isn't translated", k)
		}
	}
	c.done()
	if squeeze {
		t.approximate("squeeze takes the only column")
		return series("pd.ReadCSV(%s).ColAt(0)", strings.Join(append([]string{path}, opts...), ", "))
	}
	return frame("pd.ReadCSV(%s)", strings.Join(append([]string{path}, opts...), ", "))
}

// newFrame is pd.DataFrame of an array, of a dict of columns, or of a history.
func (t *translator) newFrame(c *call) *value {
	v, columns := c.need(0, "data"), c.arg(2, "columns")
	if i := c.arg(1, "index"); i != nil && i.kind != "none" {
		fail(c.e, "rows with labels aren't translated")
	}
	c.done()
	names := ""
	if columns != nil && columns.kind != "none" {
		if columns.goT == "[]string" && (columns.items == nil || strings.HasPrefix(columns.code, "\x01")) {
			names = ", " + columns.tight() + "..."
		} else {
			names = ", " + t.as(columns, "...string", c.e)
		}
	}
	if v.kind == "list" && v.elem.kind == "dict" && names == "" {
		if keys := rowKeys(v); keys != nil {
			var quoted []string
			for _, k := range keys {
				quoted = append(quoted, strconv.Quote(k))
			}
			return frame("pd.FromRows(%s, %s)", v.code, strings.Join(quoted, ", "))
		}
	}
	if made := t.frameOfRows(v, columns, c); made != nil {
		return made
	}
	switch {
	case v.kind == "logs":
		return frame("%s(%s)", t.helper("historyFrame"), v.code)
	case v.kind == "array", v.kind == "list" && (v.elem.kind == "list" || number(*v.elem) || v.elem.kind == "str"):
		return frame("pd.New(%s%s)", v.code, names)
	case v.kind == "frame" && names == "":
		return frame("%s.Copy()", v.tight())
	case v.kind == "dict":
		e := dataOf(c.e)
		if e == nil || e.Kind != python.Dict {
			if v.elem.kind == "list" || v.elem.kind == "array" {
				keys := t.sortedKeysOf(v)
				if keys.elem.kind == "str" {
					return frame("%s(%s)", t.helper("framesOf"), v.code)
				}
			}
			fail(c.e, "a frame of a dict of several kinds isn't translated")
		}
		var parts []string
		for i := 0; i+1 < len(e.Args); i += 2 {
			key, x := t.expr(e.Args[i]), t.expr(e.Args[i+1])
			if x.kind != "array" && x.kind != "list" {
				fail(c.e, "a column of %s isn't translated", x.describe())
			}
			parts = append(parts, fmt.Sprintf("pd.Column{Name: %s, Values: %s}", t.as(key, "string", c.e), x.code))
		}
		return frame("pd.Of(%s)", strings.Join(parts, ", "))
	}
	fail(c.e, "a frame of %s isn't translated", v.describe())
	return nil
}

// rowKeys are the keys of the dicts in a list, nil where they aren't known.
func rowKeys(v *value) []string {
	if len(v.items) > 0 {
		return v.items[0].keys
	}
	return v.keys
}

// dataOf is the expression of an argument by place or by the name "data", nil if there is none.
func dataOf(e *python.Expr) *python.Expr {
	if len(e.Args) > 1 {
		return e.Args[1]
	}
	for _, k := range e.Keywords {
		if k.Name == "data" {
			return k.Value
		}
	}
	return nil
}

// seriesOnly are methods of arrays that NumPy's don't have: they are columns.
var seriesOnly = []string{"apply", "map", "to_numpy", "value_counts", "isnull", "isna", "notnull", "fillna", "dropna", "unique", "isin", "nunique", "to_list", "quantile", "median", "rolling", "shift", "diff", "pct_change"}

// frameAttr is an attribute of a frame: one of pandas's, or a column; nil for a method.
func (t *translator) frameAttr(v *value, name string) *value {
	switch name {
	case "shape":
		return &value{typ: tShape, code: v.tight() + ".Shape()", shown: fmt.Sprintf("fmt.Sprintf(\"(%%d, %%d)\", %[1]s.Shape()[0], %[1]s.Shape()[1])", v.tight()), pair: true}
	case "columns":
		return &value{typ: listOf(tStr), code: v.tight() + ".Columns()", field: "columns"}
	case "values":
		return &value{typ: tArray, code: v.tight() + ".Values()"}
	case "iloc", "loc", "iat", "at":
		return &value{typ: typ{kind: "locator"}, self: v, input: name}
	case "size":
		return &value{typ: tInt, code: v.tight() + ".Values().Size()"}
	case "index":
		return &value{loop: &loopOver{kind: "range", args: []*value{{typ: tInt, code: v.tight() + ".Len()"}}}, self: v}
	}
	if slices.Contains(frameMethods, name) {
		return nil
	}
	return series("%s.Col(%q)", v.tight(), name)
}

var frameMethods = strings.Fields("head tail describe info drop dropna fillna isnull isna notnull copy sample corr groupby to_csv plot hist nunique apply pop sort_values reset_index astype to_numpy " +
	"keys iterrows replace rename select_dtypes drop_duplicates mean std var sum min max median count transpose duplicated value_counts pivot pivot_table merge join query set_index boxplot " +
	"dtypes T any all items quantile mode abs round clip iteritems insert assign append as_matrix cov melt stack unstack to_dict sort_index agg aggregate filter where mask isin memory_usage eq ne shift rolling interpolate")

// columnIndex is frame[…].
func (t *translator) columnIndex(v *value, sub, e *python.Expr) *value {
	if sub.Kind == python.Slice {
		return frame("%s.Rows(%s)", v.tight(), t.slice(sub))
	}
	i := t.expr(sub)
	switch {
	case i.kind == "str":
		return series("%s.Col(%s)", v.tight(), i.code)
	case i.kind == "int":
		t.approximate("columns without names are named by their numbers")
		if i.konst {
			return series("%s.Col(%q)", v.tight(), i.code)
		}
		return series("%s.Col(strconv.Itoa(%s))", v.tight(), i.code)
	case i.goT == "[]string":
		if i.items != nil && !strings.HasPrefix(i.code, "\x01") {
			return frame("%s.Select(%s)", v.tight(), t.as(i, "...string", e))
		}
		return frame("%s.Select(%s...)", v.tight(), i.tight())
	case i.kind == "array":
		return frame("%s.Rows(%s)", v.tight(), i.code)
	}
	fail(e, "%s of a frame isn't translated", i.describe())
	return nil
}

// located is frame.iloc[…] and frame.loc[…].
func (t *translator) located(l *value, sub, e *python.Expr) *value {
	v, byPlace := l.self, l.input == "iloc" || l.input == "iat"
	rows, cols := sub, (*python.Expr)(nil)
	if sub.Kind == python.Tuple {
		if len(sub.Args) != 2 {
			fail(e, "a frame has two axes")
		}
		rows, cols = sub.Args[0], sub.Args[1]
	}
	row := ""
	if rows.Kind == python.Slice {
		if s := t.slice(rows); s != "np.All" {
			if !byPlace {
				fail(e, "a slice of labels isn't translated, which ends otherwise than one of places")
			}
			row = s
		}
	} else {
		r := t.expr(rows)
		switch {
		case r.kind == "array", r.goT == "[]int":
			row = r.code
		case r.kind == "int" && cols == nil && byPlace:
			return series("%s.Values().Index(%s)", v.tight(), r.code)
		case r.kind == "int":
			row = r.code
			if !byPlace {
				t.approximate("rows are found by place, not by label")
			}
		default:
			fail(e, "%s as rows of a frame isn't translated", r.describe())
		}
	}
	in := v.tight()
	one := isInteger(row)
	if row != "" && !one {
		in += ".Rows(" + row + ")"
	}
	if cols == nil {
		if one {
			return series("%s.Values().Index(%s)", in, row)
		}
		return frame("%s", in)
	}
	var made *value
	if cols.Kind == python.Slice {
		s := ""
		if byPlace {
			s = t.slice(cols)
		} else if cols.Args[0] == nil && cols.Args[1] == nil {
			s = "np.All"
		} else if cols.Args[2] == nil {
			ends := []string{`""`, `""`}
			for i := range ends {
				if cols.Args[i] != nil {
					ends[i] = t.as(t.expr(cols.Args[i]), "string", e)
				}
			}
			in += ".Between(" + strings.Join(ends, ", ") + ")"
			s = "np.All"
		} else {
			fail(e, "a slice of names isn't translated")
		}
		made = frame("%s.Cols(%s)", in, s)
		if s == "np.All" {
			made = frame("%s", in)
		}
	} else {
		c := t.expr(cols)
		switch {
		case byPlace && c.kind == "int":
			made = series("%s.ColAt(%s)", in, c.code)
		case byPlace && c.goT == "[]int":
			made = frame("%s.Cols(%s)", in, c.code)
		case !byPlace && c.kind == "str":
			made = series("%s.Col(%s)", in, c.code)
		case !byPlace && c.goT == "[]string":
			made = frame("%s.Select(%s...)", in, c.tight())
		default:
			fail(e, "%s as columns of a frame isn't translated", c.describe())
		}
	}
	if one {
		if made.kind == "frame" {
			return series("%s.Values().Index(%s)", made.code, row)
		}
		return series("%s.Index(%s)", made.code, row)
	}
	return made
}

// statistics are the methods of frames and columns that package pd has as functions.
var statistics = map[string]string{"mean": "Mean", "std": "Std", "var": "Var", "min": "Min", "max": "Max", "median": "Median", "sum": "Sum", "count": "Count"}

func (t *translator) frameMethod(v *value, name string, c *call) *value {
	num := func(i int, name, def string) string {
		if a := c.arg(i, name); a != nil {
			return t.as(a, "int", c.e)
		}
		return def
	}
	// inPlace is the frame that a method makes, or its assignment to the frame itself.
	inPlace := func(code string) *value {
		if in := c.arg(-1, "inplace"); in != nil && t.as(in, "bool", c.e) == "true" {
			c.done()
			t.code("*%s = *%s", v.code, code)
			return done("")
		}
		c.done()
		return frame("%s", code)
	}
	strs := func(a *value) string {
		if a.kind == "str" {
			return a.code
		}
		if a.goT == "[]string" && (a.items == nil || strings.HasPrefix(a.code, "\x01")) {
			return a.tight() + "..."
		}
		return t.as(a, "...string", c.e)
	}
	if f := statistics[name]; f != "" {
		if axis := c.arg(0, "axis"); axis != nil && axis.code != "0" {
			fail(c.e, "%s over rows isn't translated", name)
		}
		c.arg(-1, "numeric_only")
		c.done()
		return series("pd.%s(%s)", f, v.code)
	}
	if name == "merge" {
		call := &call{e: c.e, args: append([]*value{v}, c.args...), kw: c.kw, keys: c.keys, used: map[string]bool{}}
		return t.pandas("merge", call)
	}
	switch name {
	case "round":
		n := num(0, "decimals", "0")
		c.done()
		return frame("%s.Round(%s)", v.tight(), n)
	case "head", "tail":
		n := num(0, "n", "5")
		c.done()
		return frame("%s.%s(%s)", v.tight(), strings.ToUpper(name[:1])+name[1:], n)
	case "sort_values":
		by, ascending := c.need(0, "by"), c.arg(-1, "ascending")
		up := "true"
		if ascending != nil {
			up = t.as(ascending, "bool", c.e)
		}
		code := fmt.Sprintf("%s.SortValues(%s, %s)", v.tight(), up, strs(by))
		if reset := c.arg(-1, "ignore_index"); reset != nil && t.as(reset, "bool", c.e) == "true" {
			code += ".ResetIndex()"
		}
		return inPlace(code)
	case "describe", "corr", "copy":
		c.arg(-1, "numeric_only")
		c.arg(-1, "deep")
		c.done()
		return frame("%s.%s()", v.tight(), strings.ToUpper(name[:1])+name[1:])
	case "info":
		t.approximate("the memory usage isn't printed")
		return done("%s.Info()", v.tight())
	case "drop":
		columns := c.arg(-1, "columns")
		if columns != nil {
			c.arg(-1, "axis")
		}
		if columns == nil {
			columns = c.need(0, "labels", "index")
			axis := c.arg(1, "axis")
			if columns.loop != nil && columns.self != nil && (axis == nil || axis.code == "0") {
				return inPlace(v.tight() + ".Without(" + columns.self.code + ")")
			}
			if axis == nil || axis.code != "1" && axis.code != `"columns"` {
				fail(c.e, "drop of rows isn't translated")
			}
		}
		return inPlace(v.tight() + ".Drop(" + strs(columns) + ")")
	case "dropna":
		if len(c.args) > 0 {
			fail(c.e, "the arguments of dropna aren't translated")
		}
		axis, subset := c.arg(-1, "axis"), c.arg(-1, "subset")
		switch {
		case axis != nil && axis.code == "1" && subset == nil:
			return inPlace(v.tight() + ".DropNAColumns()")
		case axis != nil && axis.code != "0":
			fail(c.e, "dropna of columns isn't translated")
		case subset != nil:
			return inPlace(v.tight() + ".DropNA(" + strs(subset) + ")")
		}
		return inPlace(v.tight() + ".DropNA()")
	case "drop_duplicates":
		if keep := c.arg(-1, "keep"); keep != nil && keep.code != `"first"` {
			fail(c.e, "keep=%s isn't translated", keep.code)
		}
		if subset := c.arg(0, "subset"); subset != nil && subset.kind != "none" {
			return inPlace(v.tight() + ".DropDuplicates(" + strs(subset) + ")")
		}
		return inPlace(v.tight() + ".DropDuplicates()")
	case "duplicated":
		c.done()
		return series("%s.Duplicated()", v.tight())
	case "groupby":
		by, index := c.need(0, "by"), c.arg(-1, "as_index")
		if s := c.arg(-1, "sort"); s != nil && s.code != "true" {
			fail(c.e, "groups that aren't sorted aren't translated")
		}
		c.done()
		groups := &value{typ: typ{kind: "groups", goT: "*pd.Groups"}, code: fmt.Sprintf("%s.GroupBy(%s)", v.tight(), t.as(by, "...string", c.e))}
		groups.table = index != nil && t.as(index, "bool", c.e) == "false"
		return groups
	case "fillna":
		x := c.need(0, "value")
		if x.kind == "array" {
			return inPlace(fmt.Sprintf("%s.FillNAs(%s)", v.tight(), x.code))
		}
		return inPlace(fmt.Sprintf("%s.FillNA(%s)", v.tight(), t.as(x, "float64", c.e)))
	case "reset_index":
		if d := c.arg(-1, "drop"); d == nil || d.code != "true" {
			fail(c.e, "reset_index without drop=True isn't translated")
		}
		return inPlace(v.tight() + ".ResetIndex()")
	case "rename":
		columns := c.need(-1, "columns")
		if columns.goT != "map[string]string" {
			fail(c.e, "rename by %s isn't translated", columns.describe())
		}
		return inPlace(fmt.Sprintf("%s.Renamed(%s)", v.tight(), columns.code))
	case "isnull", "isna":
		c.done()
		return &value{typ: typ{kind: "array", goT: "*np.Array", table: true}, code: v.tight() + ".IsNull()"}
	case "sample":
		frac, seed := c.arg(-1, "frac"), c.arg(-1, "random_state")
		method := "Sample"
		if r := c.arg(-1, "replace"); r != nil && t.as(r, "bool", c.e) == "true" {
			method = "SampleAgain"
		}
		n := num(0, "n", "1")
		if frac != nil {
			n = fmt.Sprintf("int(math.RoundToEven(float64(%s.Len()) * %s))", v.tight(), t.as(frac, "float64", c.e))
			if frac.code == "1" || frac.code == "1.0" {
				n = v.tight() + ".Len()"
			}
		}
		c.done()
		s := "np.Random.RandInt(0, 1<<31-1).Int()"
		if seed != nil && seed.kind == "int" {
			s = seed.code
		}
		return frame("%s.%s(%s, %s)", v.tight(), method, n, s)
	case "to_csv":
		path := t.as(c.need(0, "path_or_buf"), "string", c.e)
		index := "true"
		if i := c.arg(-1, "index"); i != nil {
			index = t.as(i, "bool", c.e)
		}
		c.done()
		return done("%s.ToCSV(%s, %s)", v.tight(), path, index)
	case "iterrows":
		c.done()
		return &value{loop: &loopOver{kind: "rows", args: []*value{v}}}
	case "to_numpy", "as_matrix":
		c.done()
		return &value{typ: tArray, code: v.tight() + ".Values()"}
	case "astype":
		d := c.need(0, "dtype")
		c.done()
		return t.asType(v, d, c)
	case "pop":
		column := c.need(0, "item")
		c.done()
		return series("%s.Pop(%s)", v.tight(), t.as(column, "string", c.e))
	case "keys":
		return &value{typ: listOf(tStr), code: v.tight() + ".Columns()"}
	case "select_dtypes":
		include := c.arg(0, "include")
		c.done()
		types := []*value{include}
		if include != nil && include.items != nil {
			types = include.items
		}
		var names []string
		for _, ty := range types {
			switch {
			case ty != nil && ty.kind == "str":
				names = append(names, ty.code)
			case ty != nil && ty.path == "numpy.number":
				names = append(names, `"number"`)
			case ty != nil && ty.path == "builtins.object":
				names = append(names, `"object"`)
			default:
				fail(c.e, "these types of select_dtypes aren't translated")
			}
		}
		return frame("%s.Types(%s)", v.tight(), strings.Join(names, ", "))
	case "plot":
		for _, k := range []string{"figsize", "grid", "title"} {
			if c.arg(-1, k) != nil {
				t.approximate("the %s of a frame's plot is left out", k)
			}
		}
		c.done()
		return done("%s(%s)", t.helper("plotFrame"), v.code)
	}
	fail(c.e, "the method %s of a frame isn't translated", name)
	return nil
}

// seriesMethod is a method of a column; nil for those that it shares with arrays.
func (t *translator) seriesMethod(v *value, name string, c *call) *value {
	if f := statistics[name]; f != "" && !v.table {
		if axis := c.arg(0, "axis"); axis != nil && axis.code != "0" {
			fail(c.e, "%s over rows isn't translated", name)
		}
		c.done()
		return series("pd.%s(%s)", f, v.code)
	}
	switch name {
	case "isin":
		x := c.need(0, "values")
		c.done()
		if x.kind == "list" || x.kind == "array" || x.kind == "array as a list" {
			return series("np.Isin(%s, %s)", v.code, x.code)
		}
	case "astype":
		if d := c.need(0, "dtype"); d.path == "builtins.str" || d.code == `"str"` {
			c.arg(-1, "copy")
			c.done()
			return series("pd.Text(%s)", v.code)
		}
	case "sum", "mean":
		if v.table {
			c.done()
			return series("np.%s(%s, 0)", strings.ToUpper(name[:1])+name[1:], v.code)
		}
	case "any", "all":
		if v.table {
			c.done()
			return series("np.%s(%s, 0)", map[string]string{"any": "Any", "all": "AllOf"}[name], v.code)
		}
	case "isnull", "isna", "notnull", "notna":
		c.done()
		return t.nulls(series("pd.IsNull(%s)", v.code), name)
	case "fillna":
		x, in := c.need(0, "value"), c.arg(-1, "inplace")
		c.done()
		if x.kind == "str" || number(x.typ) || x.kind == "array" {
			if in != nil && in.code == "true" {
				fail(c.e, "inplace of a column isn't translated")
			}
			return series("pd.FillNA(%s, %s)", v.code, x.code)
		}
	case "dropna":
		c.done()
		return series("pd.DropNA(%s)", v.code)
	case "rolling":
		size := t.as(c.need(0, "window"), "int", c.e)
		least := size
		if p := c.arg(1, "min_periods"); p != nil && p.kind != "none" {
			least = t.as(p, "int", c.e)
		}
		c.done()
		return &value{typ: typ{kind: "windows of a column"}, self: v, code: size + ", " + least}
	case "shift", "diff":
		by := "1"
		if a := c.arg(0, "periods"); a != nil {
			by = t.as(a, "int", c.e)
		}
		c.done()
		return series("pd.%s(%s, %s)", strings.ToUpper(name[:1])+name[1:], v.code, by)
	case "pct_change":
		c.done()
		return series("pd.PctChange(%s)", v.code)
	case "value_counts":
		normalize := c.arg(0, "normalize")
		c.done()
		return t.counts(v, normalize, c)
	case "unique":
		c.done()
		return &value{typ: tArray, code: "pd.Unique(" + v.code + ")"}
	case "nunique":
		c.done()
		return &value{typ: tInt, code: "pd.NUnique(" + v.code + ")"}
	case "head":
		n := "5"
		if a := c.arg(0, "n"); a != nil {
			n = t.as(a, "int", c.e)
		}
		c.done()
		return series("%s.Index(np.S(\":%%d\", %s))", v.tight(), n)
	case "quantile":
		q := t.as(c.need(0, "q"), "float64", c.e)
		c.done()
		return series("pd.Quantile(%s, %s)", v.code, q)
	case "to_numpy", "as_matrix":
		c.done()
		return &value{typ: tArray, code: v.code}
	case "tolist", "to_list":
		c.done()
		t.approximate("the elements of a list of an array's are arrays")
		one := tArray
		one.pure = true
		return &value{typ: listOf(one), code: t.helper("listOf") + "(" + v.code + ")"}
	case "map", "apply", "replace":
		f := c.need(0, "func", "arg")
		c.done()
		if slices.Contains([]string{"map[string]int", "map[string]float64", "map[int]int", "map[int]float64"}, f.goT) {
			if name != "map" {
				break
			}
			return series("pd.Replace(%s, %s)", v.code, f.code)
		}
		if f.def == nil {
			break
		}
		x := t.newVar("x", "*np.Array")
		x.given = true
		r := t.callValue(f, callOf(c.e, &value{typ: tArray, code: x.ref()}))
		if !number(r.typ) && r.kind != "str" && r.kind != "array" {
			break
		}
		return series("pd.Map(%s, func(%s *np.Array) %s { return %s })", v.code, x.ref(), r.goT, r.code)
	}
	return nil
}

// windowsMethod is a method of series.rolling(…).
func (t *translator) windowsMethod(v *value, name string, c *call) *value {
	f := statistics[name]
	if f == "" {
		fail(c.e, "the method %s of rolling isn't translated", name)
	}
	c.done()
	return series("pd.Rolling(%s, %s, pd.%s)", v.self.code, v.code, f)
}

// frameOp is an operator between a frame and something else, nil where it isn't one.
func (t *translator) frameOp(op string, a, b *value) *value {
	if a.kind != "frame" || b.kind != "frame" && b.kind != "array" && !number(b.typ) || arrayOps[op] == "" || op == "@" {
		return nil
	}
	return frame("pd.Each(np.%s, %s, %s)", arrayOps[op], a.code, b.code)
}

// setColumn is frame[…] = value.
func (t *translator) setColumn(base *value, target *python.Expr, v *value) {
	key := t.expr(target.Args[1])
	x := v.code
	if key.kind != "str" || v.kind != "array" && v.kind != "list" && !number(v.typ) && v.kind != "str" {
		fail(target, "a column of %s isn't translated", v.describe())
	}
	t.code("%s.Put(%s, %s)", base.tight(), key.code, x)
}

// splitFrames is train_test_split where frames are among what is split: rows are chosen by place, so that names stay.
func (t *translator) splitFrames(c *call) *value {
	if !slices.ContainsFunc(c.args, func(v *value) bool { return v.kind == "frame" }) {
		return nil
	}
	frames := slices.Clone(c.args)
	args := slices.Clone(c.args)
	for i, v := range frames {
		if v.kind == "frame" {
			args[i] = &value{typ: tArray, code: "np.Arange(" + v.tight() + ".Len())"}
		}
	}
	inner := t.sklearn("sklearn.model_selection.train_test_split", &call{e: c.e, args: args, kw: c.kw, keys: c.keys, used: c.used})
	parts := t.newVar("parts", "[]*np.Array")
	t.emit(&line{lhs: []*variable{parts}, code: inner.code})
	made := &value{tuple: true, typ: typ{kind: "tuple"}}
	for i, v := range frames {
		for j := range 2 {
			part := parts.ref() + "[" + strconv.Itoa(2*i+j) + "]"
			switch {
			case v.kind == "frame":
				made.items = append(made.items, frame("%s.Rows(%s)", v.tight(), part))
			default:
				made.items = append(made.items, &value{typ: typ{kind: "array", goT: "*np.Array", series: v.series}, code: part})
			}
		}
	}
	return made
}

var tLabelled = object("labelled", "*pd.Labelled")

// counts are value_counts of a column.
func (t *translator) counts(v, normalize *value, c *call) *value {
	share := "false"
	if normalize != nil {
		share = t.as(normalize, "bool", c.e)
	}
	name := `""`
	if _, after, ok := strings.Cut(v.code, ".Col("); ok {
		if text, rest, err := cutQuoted(after); err == nil && rest == ")" {
			name = text
		}
	}
	t.use(tLabelled.goT)
	return &value{typ: tLabelled, code: fmt.Sprintf("pd.Counts(%s, %s, %s)", v.code, name, share)}
}

// labelledAttr is an attribute of values with labels, nil for a method.
func labelledAttr(v *value, name string) *value {
	switch name {
	case "index":
		return &value{typ: tArray, code: v.tight() + ".Index"}
	case "values":
		return &value{typ: tArray, code: v.tight() + ".Values"}
	case "loc", "iloc", "at", "iat":
		return &value{typ: typ{kind: "locator"}, self: v, input: name}
	}
	return nil
}

// labelledMethod is a method of values with labels.
func (t *translator) labelledMethod(v *value, name string, c *call) *value {
	switch name {
	case "head", "nlargest":
		n := "5"
		if a := c.arg(0, "n"); a != nil {
			n = t.as(a, "int", c.e)
		}
		c.done()
		return &value{typ: tLabelled, code: fmt.Sprintf("%s.Head(%s)", v.tight(), n)}
	case "sort_values":
		ascending := "true"
		if a := c.arg(-1, "ascending"); a != nil {
			ascending = t.as(a, "bool", c.e)
		}
		c.done()
		return &value{typ: tLabelled, code: fmt.Sprintf("%s.SortValues(%s)", v.tight(), ascending)}
	case "reset_index":
		c.done()
		return frame("%s.ResetIndex()", v.tight())
	case "sort_index":
		c.done()
		return &value{typ: tLabelled, code: v.tight() + ".SortIndex()"}
	case "plot":
		kind := c.arg(-1, "kind")
		if kind == nil || kind.code != `"bar"` && kind.code != `"barh"` {
			break
		}
		for _, k := range c.keys {
			if c.arg(-1, k) != kind {
				t.approximate("%s is left out of the picture", k)
			}
		}
		c.done()
		return done("plt.Bar(%s.Index.Strings(), %s.Values)", v.tight(), v.tight())
	case "sum", "mean", "max", "min":
		c.done()
		return series("pd.%s(%s.Values)", statistics[name], v.tight())
	}
	fail(c.e, "the method %s of values with labels isn't translated", name)
	return nil
}

// groupsMethod is a statistic of groups of a table's rows, and of some of its columns where v.input names them.
func (t *translator) groupsMethod(v *value, name string, c *call) *value {
	c.done()
	t.use(tLabelled.goT)
	if f := statistics[name]; f != "" && v.table {
		args := []string{"pd." + f}
		if v.input != "" {
			args = append(args, v.input)
		}
		return frame("%s.Frame(%s)", v.tight(), strings.Join(args, ", "))
	}
	if v.table || strings.Contains(v.input, ",") {
		fail(c.e, "%s of these groups isn't translated", name)
	}
	if name == "size" {
		return &value{typ: tLabelled, code: v.tight() + ".Size()"}
	}
	if f := statistics[name]; f != "" && v.input != "" {
		return &value{typ: tLabelled, code: fmt.Sprintf("%s.Col(%s, pd.%s)", v.tight(), v.input, f)}
	}
	fail(c.e, "the method %s of groups isn't translated", name)
	return nil
}

// textMethod is series.str.method(…).
func (t *translator) textMethod(v *value, name string, c *call) *value {
	plain := map[string]string{"lower": "Lower", "upper": "Upper", "strip": "Strip", "len": "TextLen"}[name]
	switch {
	case plain != "":
		c.done()
		return series("pd.%s(%s)", plain, v.code)
	case name == "contains" || name == "replace":
		var args []string
		for i := range map[string]int{"contains": 1, "replace": 2}[name] {
			a := c.need(i, []string{"pat", "repl"}[i])
			if a.kind != "str" || !a.konst || i == 0 && strings.ContainsAny(a.code, `\\.[](){}^$*+?|`) && (c.kw["regex"] == nil || c.kw["regex"].code != "false") {
				fail(c.e, "a pattern for str.%s isn't translated", name)
			}
			args = append(args, a.code)
		}
		c.arg(-1, "regex")
		if na := c.arg(-1, "na"); na != nil && na.code != "false" {
			fail(c.e, "na of str.contains isn't translated")
		}
		c.done()
		return series("pd.%s(%s, %s)", map[string]string{"contains": "Contains", "replace": "ReplaceText"}[name], v.code, strings.Join(args, ", "))
	}
	fail(c.e, "the method %s of str isn't translated", name)
	return nil
}

// frameOfRows is a frame of rows that are written out and hold values of several kinds; nil for other data.
func (t *translator) frameOfRows(v, columns *value, c *call) *value {
	if v.kind != "tuple" || len(v.items) == 0 || columns == nil || len(columns.items) == 0 {
		return nil
	}
	var parts []string
	for i, name := range columns.items {
		column := &value{}
		for _, row := range v.items {
			if len(row.items) != len(columns.items) {
				return nil
			}
			column.items = append(column.items, row.items[i])
		}
		t.listType(column, c.e)
		if column.kind != "list" {
			return nil
		}
		parts = append(parts, fmt.Sprintf("pd.Column{Name: %s, Values: %s}", t.as(name, "string", c.e), column.code))
	}
	return frame("pd.Of(%s)", strings.Join(parts, ", "))
}
