package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/goapi"
	"github.com/gokeras/gokeras/port/internal/python"
)

var (
	tFigure = object("figure", "*plt.Fig")
	tAxes   = object("axes", "*plt.Axes")
)

// plotOptions are pyplot's keyword arguments and the types of package plt that hold them, with the Go type inside.
var plotOptions = map[string][2]string{
	"label": {"Label", "string"}, "color": {"Color", "string"}, "c": {"Color", "string"}, "edgecolor": {"EdgeColor", "string"}, "marker": {"Marker", "string"},
	"linestyle": {"LineStyle", "string"}, "ls": {"LineStyle", "string"}, "linewidth": {"LineWidth", "float64"}, "lw": {"LineWidth", "float64"},
	"alpha": {"Alpha", "float64"}, "s": {"Size", "float64"}, "bins": {"Bins", "int"}, "width": {"Width", "float64"}, "cmap": {"Cmap", "string"},
	"vmin": {"VMin", "float64"}, "vmax": {"VMax", "float64"}, "aspect": {"Aspect", "string"}, "fontsize": {"FontSize", "float64"}, "size": {"FontSize", "float64"},
	"rotation": {"Rotation", "float64"}, "loc": {"Loc", "string"}, "annot": {"Annot", "bool"}, "fmt": {"Fmt", "string"}, "density": {"Density", "bool"},
	"dpi": {"DPI", "int"}, "figsize": {"FigSize", ""}, "xticklabels": {"Labels", ""}, "yticklabels": {"Labels", ""}, "labels": {"Labels", ""},
}

// fontSizes are matplotlib's names of sizes, in points where a text's size isn't changed otherwise.
var fontSizes = map[string]string{`"xx-small"`: "5.79", `"x-small"`: "6.94", `"small"`: "8.33", `"medium"`: "10", `"large"`: "12", `"x-large"`: "14.4", `"xx-large"`: "17.28"}

// undrawn are keyword arguments that change details which package plt doesn't draw.
var undrawn = map[string]bool{"interpolation": true, "bbox_inches": true, "facecolor": true, "edgecolor": true, "num": true, "cbar": true, "square": true, "linewidths": true,
	"frameon": true, "shadow": true, "pad": true, "weight": true, "fontweight": true, "markersize": true, "ms": true, "ncol": true, "ha": true, "va": true, "horizontalalignment": true, "verticalalignment": true, "labelpad": true, "histtype": true, "ec": true, "fc": true, "mec": true, "mfc": true, "markeredgecolor": true, "markerfacecolor": true, "markeredgewidth": true, "rwidth": true, "framealpha": true, "fancybox": true, "borderpad": true, "block": true,
	"edgecolors": true, "sharex": true, "sharey": true, "bbox_to_anchor": true, "transparent": true, "visible": true, "bbox": true, "capsize": true, "elinewidth": true, "fontdict": true, "stat": true, "kde": true, "orient": true, "hatch": true, "autopct": true, "which": true, "palette": true, "zorder": true, "clear": true}

// plotArgs are the arguments of a function of plt.
func (t *translator) plotArgs(f string, c *call) []string {
	var args []string
	params := goapi.Table()["port/plt"].Funcs[f].Params
	if len(c.args) == 0 && slices.Contains([]string{"Scatter", "Plot", "Bar", "Barh", "Hist"}, f) {
		for i, name := range []string{"x", "y"} {
			if v := c.kw[name]; v != nil && len(c.args) == i {
				c.args = append(c.args, v)
				c.used[name] = true
			}
		}
	}
	if name := map[string]string{"Axhline": "y", "Axvline": "x"}[f]; name != "" && len(c.args) == 0 && c.kw[name] != nil {
		c.args = []*value{c.arg(-1, name)}
	}
	if f == "Grid" {
		for i := range c.args {
			on := c.arg(i)
			if on.kind == "str" {
				on = &value{typ: tBool, code: fmt.Sprint(on.code != `"off"`), konst: true}
			}
			args = append(args, t.as(on, "bool", c.e))
		}
		for _, k := range c.keys {
			c.arg(-1, k)
			t.approximate("%s is left out of the picture", k)
		}
		return args
	}
	if len(c.args) == 1 && len(c.kw) == 0 && c.e.Args[0].Kind == python.Attr && strings.HasSuffix(c.e.Args[0].Text, "lim") {
		return []string{t.as(c.arg(0), "...float64", c.e)}
	}
	limits := c.e.Args[0].Kind == python.Attr && strings.HasSuffix(c.e.Args[0].Text, "lim")
	for i := range c.args {
		if limits {
			args = append(args, t.as(c.arg(i), "float64", c.e))
			continue
		}
		v := c.arg(i)
		switch {
		case i < len(params) && params[i].Type == "string" && v.kind != "str":
			args = append(args, "fmt.Sprint("+t.printed(v, c.e)+")")
		case i < len(params) && params[i].Type == "float64":
			args = append(args, t.as(v, "float64", c.e))
		default:
			args = append(args, t.plotValue(v, c.e))
		}
	}
	for _, k := range c.keys {
		if c.used[k] {
			continue
		}
		v := c.arg(-1, k)
		option, ok := plotOptions[k]
		switch {
		case v.kind == "none":
		case k == "format" && f == "Savefig" && v.kind == "str":
			t.approximate("the ending of the name says which format a picture has")
		case k == "c" && v.kind != "str":
			args = append(args, "plt.C{Values: "+t.plotValue(v, c.e)+"}")
		case k == "cmap" && v.path != "":
			_, name := split(v.path)
			args = append(args, fmt.Sprintf("plt.Cmap(%q)", name))
		case k == "figsize" && v.items != nil && len(v.items) == 2:
			args = append(args, fmt.Sprintf("plt.FigSize{%s}", t.as(&value{items: v.items}, "...float64", c.e)))
		case ok && option[0] == "Labels" && v.goT == "[]string":
			args = append(args, "plt.Labels("+v.code+")")
		case k == "fontsize" && fontSizes[v.code] != "":
			args = append(args, "plt.FontSize("+fontSizes[v.code]+")")
		case ok && option[1] != "" && (option[1] != "float64" || number(v.typ)) && (option[1] != "string" || v.kind == "str"):
			args = append(args, "plt."+option[0]+"("+t.as(v, option[1], c.e)+")")
		case undrawn[k]:
			t.approximate("%s is left out of the picture", k)
		default:
			fail(c.e, "the argument %s of a picture isn't translated", k)
		}
	}
	return args
}

func (t *translator) plotValue(v *value, e *python.Expr) string {
	switch {
	case v.loop != nil && v.loop.kind == "range":
		return t.rangeList(v, e).code
	case v.kind == "empty":
		return "[]float64{}"
	case v.kind == "frame":
		return v.tight() + ".Values()"
	case v.kind == "image":
		return pixels(v).code
	case v.kind == tJSON.kind:
		return t.asAny(v, e)
	case v.kind == "tuple" && mixesNumbers(v.items):
		return "[]float64{" + t.as(v, "...float64", e) + "}"
	case v.kind == "list" || v.kind == "array" || v.kind == "str" || number(v.typ):
		return v.code
	}
	fail(e, "%s in a picture isn't translated", v.describe())
	return ""
}

// grid are the three numbers of subplot(121) or subplot(1, 2, 1).
func (t *translator) grid(c *call) string {
	if len(c.args) == 1 && c.args[0].konst && len(c.args[0].code) == 3 {
		code := c.arg(0).code
		return code[:1] + ", " + code[1:2] + ", " + code[2:]
	}
	if len(c.args) == 1 && c.args[0].kind == "int" {
		n := c.arg(0).tight()
		return n + "/100, " + n + "/10%10, " + n + "%10"
	}
	c.place(0, "nrows", "ncols", "index")
	var parts []string
	for _, name := range []string{"nrows", "ncols", "index"} {
		v := c.arg(-1, name)
		if v == nil {
			fail(c.e, "a subplot has three numbers")
		}
		parts = append(parts, t.as(v, "int", c.e))
	}
	return strings.Join(parts, ", ")
}

// plotFunc finds a function of plt, which methods of axes are named as.
func plotFunc(name string) string {
	p := goapi.Table()["port/plt"]
	if p == nil {
		return ""
	}
	want := strings.ReplaceAll(strings.TrimPrefix(name, "set_"), "_", "")
	for f := range p.Funcs {
		if strings.EqualFold(f, want) {
			return f
		}
	}
	return ""
}

// plot is a call of matplotlib.pyplot's, or of seaborn's heatmap.
func (t *translator) plot(name string, c *call) *value {
	switch name {
	case "figure":
		return &value{typ: tFigure, code: "plt.NewFigure(" + strings.Join(t.plotArgs("", c), ", ") + ")", field: "drawn"}
	case "gcf":
		return &value{typ: tFigure, code: "plt.Gcf()"}
	case "get_cmap", "colormaps.get_cmap":
		v := c.need(0, "name")
		c.arg(1, "lut")
		c.done()
		if name, err := strconv.Unquote(v.code); err == nil && v.konst {
			return &value{path: "matplotlib.cm." + name}
		}
		return v
	case "twinx":
		c.done()
		return &value{typ: tAxes, code: "plt.Gca().Twinx()"}
	case "annotate":
		return t.annotated("plt.Gca()", c)
	case "gca":
		return &value{typ: tAxes, code: "plt.Gca()"}
	case "sca":
		ax := c.need(0, "ax")
		c.done()
		if ax.kind != tAxes.kind {
			fail(c.e, "sca of %s isn't translated", ax.describe())
		}
		return done("plt.Sca(%s)", ax.code)
	case "xlim", "ylim":
		if len(c.args)+len(c.keys) == 0 {
			return &value{typ: listOf(tFloat), code: t.helper("limits") + "(plt.Gca().Get" + plotFunc(name) + "())"}
		}
	case "Rectangle", "Circle":
		return t.patch(name, c)
	case "errorbar", "boxplot", "pie", "step":
		return done("plt.%s(%s)", plotFunc(name), t.shape(name, c))
	case "subplot":
		if len(c.args) == 1 && c.args[0].kind == tGridCell.kind {
			v := c.arg(0)
			c.done()
			return &value{typ: tAxes, code: fmt.Sprintf("plt.Subplot(%s)", v.input)}
		}
		code := "plt.Subplot(" + t.grid(c) + ")"
		if len(c.args) == 1 && !c.args[0].konst && c.args[0].kind == "int" {
			code = "plt.Subplot(" + c.args[0].code + ")"
		}
		for _, k := range c.keys {
			if !c.used[k] && !undrawn[k] {
				fail(c.e, "the argument %s of a subplot isn't translated", k)
			}
			if !c.used[k] {
				c.arg(-1, k)
				t.approximate("%s is left out of the picture", k)
			}
		}
		return &value{typ: tAxes, code: code}
	case "subplots":
		return t.subplots(c)
	case "show", "clf", "cla", "ion", "ioff", "draw", "pause":
		if f := plotFunc(name); f != "" && (name == "show" || name == "clf") {
			return done("plt.%s()", f)
		}
		t.approximate("there is no window to draw into")
		return done("")
	case "tight_layout":
		return done("plt.TightLayout()")
	case "close":
		return done("plt.Close()")
	case "colorbar":
		return done("plt.Colorbar()")
	case "subplots_adjust", "tick_params", "xkcd", "set_cmap", "viridis", "bone", "hot", "jet", "setp", "margins", "locator_params", "ticklabel_format", "style.use", "rcParams.update", "rc", "rcdefaults", "contour", "contourf", "minorticks_on", "box":
		t.approximate("%s is left out of the picture", name)
		return done("")
	}
	if r := t.colors(strings.TrimPrefix(name, "cm."), c); r != nil && strings.HasPrefix(name, "cm.") {
		return r
	}
	f := plotFunc(name)
	if f == "" || f == "Subplots" || strings.HasPrefix(f, "Get") || strings.Contains(name, ".") {
		fail(c.e, "pyplot's %s isn't translated", name)
	}
	if f == "Axis" && len(c.args) == 1 && len(c.args[0].items) == 4 {
		t.code("plt.Xlim(%s)", t.as(&value{items: c.args[0].items[:2]}, "...float64", c.e))
		return done("plt.Ylim(%s)", t.as(&value{items: c.args[0].items[2:]}, "...float64", c.e))
	}
	r := done("plt.%s(%s)", f, strings.Join(t.plotArgs(f, c), ", "))
	if slices.Contains([]string{"Bar", "Barh", "Plot", "Scatter", "Imshow"}, f) {
		r.kind = "drawing"
	}
	return r
}

// annotated is annotate: a text where it stands, without its arrow.
func (t *translator) annotated(on string, c *call) *value {
	text, at, from, arrow := c.need(0, "text", "s"), c.need(1, "xy"), c.arg(2, "xytext"), c.arg(-1, "arrowprops")
	for _, k := range []string{"textcoords", "xycoords"} {
		if v := c.arg(-1, k); v != nil && v.code != `"data"` {
			fail(c.e, "%s=%s isn't translated", k, v.code)
		}
	}
	if from == nil {
		from = at
	}
	args := []string{t.as(from, "...float64", c.e), "fmt.Sprint(" + t.printed(text, c.e) + ")"}
	for i := range c.args {
		c.used[strconv.Itoa(i)] = true
	}
	args = append(args, t.plotArgs("", &call{e: c.e, kw: c.kw, keys: c.keys, used: c.used})...)
	if arrow != nil && arrow.kind != "none" {
		t.approximate("the arrow of an annotation isn't drawn")
	}
	return done("%s.Text(%s)", on, strings.Join(args, ", "))
}

// drawing is a method of what pyplot has drawn, such as a bar: it changes details of the picture.
func (t *translator) drawing(name string) *value {
	t.approximate("%s is left out of the picture", name)
	return done("")
}

// seaborn is a picture of seaborn's that is one of pyplot's: columns of a table by their names, or arrays.
func (t *translator) seaborn(name string, c *call) *value {
	data := c.arg(-1, "data")
	column := func(v *value) *value {
		if v != nil && v.kind == "str" && data != nil && data.kind == "frame" {
			ty := tArray
			ty.series = true
			return &value{typ: ty, code: fmt.Sprintf("%s.Col(%s)", data.tight(), v.code)}
		}
		return v
	}
	x, y := column(c.arg(0, "x", "a")), column(c.arg(1, "y"))
	if c.kw["hue"] != nil {
		fail(c.e, "hue isn't translated")
	}
	if x == nil && data != nil && data.kind != "frame" {
		x = data
	}
	if x == nil {
		fail(c.e, "seaborn's %s without x isn't translated", name)
	}
	for _, k := range c.keys {
		if !c.used[k] && (k == "ax" || plotOptions[k][0] == "" && !undrawn[k]) {
			if k == "ax" {
				fail(c.e, "ax isn't translated")
			}
			c.arg(-1, k)
			t.approximate("%s is left out of the picture", k)
		}
	}
	t.approximate("seaborn's %s is drawn as pyplot draws, without means over equal values and their errors", name)
	f := map[string]string{"scatterplot": "Scatter", "lineplot": "Plot", "barplot": "Bar", "histplot": "Hist", "distplot": "Hist", "countplot": "counted"}[name]
	args := []*value{x}
	if f == "Scatter" || f == "Plot" || f == "Bar" {
		if y == nil {
			fail(c.e, "seaborn's %s without y isn't translated", name)
		}
		args = append(args, y)
	}
	rest := &call{e: c.e, args: args, kw: c.kw, keys: c.keys, used: c.used}
	if f == "counted" {
		for _, k := range c.keys {
			c.arg(-1, k)
		}
		if x.kind != "array" {
			fail(c.e, "a countplot of %s isn't translated", x.describe())
		}
		return done("%s(%s)", t.helper("countPlot"), x.code)
	}
	return done("plt.%s(%s)", f, strings.Join(t.plotArgs(f, rest), ", "))
}

func (t *translator) subplots(c *call) *value {
	rows, cols := c.arg(0, "nrows"), c.arg(1, "ncols")
	one := &value{typ: tInt, code: "1", konst: true}
	if rows == nil {
		rows = one
	}
	if cols == nil {
		cols = one
	}
	rest := &call{e: c.e, kw: c.kw, keys: c.keys, used: c.used}
	args := append([]string{t.as(rows, "int", c.e), t.as(cols, "int", c.e)}, t.plotArgs("Subplots", rest)...)
	panes := typ{kind: "panes", goT: "plt.Panes"}
	switch {
	case rows.code == "1" && cols.code == "1":
		panes.kind = "pane"
	case rows.code == "1":
		panes.kind = "row of panes"
	case cols.code == "1":
		panes.kind = "column of panes"
	}
	return &value{typ: typ{kind: "tuple", goT: "multi", elems: []typ{tFigure, panes}}, code: "plt.Subplots(" + strings.Join(args, ", ") + ")"}
}

// pane is an element of what subplots returned.
func (t *translator) pane(v *value, sub *python.Expr) *value {
	at := func(e *python.Expr) string { return t.as(t.expr(e), "int", e) }
	switch v.kind {
	case "row of panes":
		return &value{typ: tAxes, code: v.code + "[0][" + at(sub) + "]"}
	case "column of panes":
		return &value{typ: tAxes, code: v.code + "[" + at(sub) + "][0]"}
	}
	if sub.Kind == python.Tuple && len(sub.Args) == 2 {
		return &value{typ: tAxes, code: v.code + "[" + at(sub.Args[0]) + "][" + at(sub.Args[1]) + "]"}
	}
	return &value{typ: listOf(tAxes), code: v.code + "[" + at(sub) + "]"}
}

// panesOf are the axes of a row or a column, by place.
func panesOf(v *value, i int) *value {
	n := strconv.Itoa(i)
	if v.kind == "row of panes" {
		return &value{typ: tAxes, code: v.code + "[0][" + n + "]"}
	}
	return &value{typ: tAxes, code: v.code + "[" + n + "][0]"}
}

// drawn is a method of a figure or of axes.
func (t *translator) drawn(v *value, name string, c *call) *value {
	if v.kind == "figure" {
		switch name {
		case "colorbar":
			t.approximate("the bar of colours stands beside the latest picture")
			return done("plt.Colorbar()")
		case "add_subplot":
			if len(c.args) == 1 && c.args[0].kind == tGridCell.kind {
				return &value{typ: tAxes, code: fmt.Sprintf("%s.AddSubplot(%s)", v.tight(), c.args[0].input)}
			}
			if len(c.args) == 0 {
				return &value{typ: tAxes, code: v.tight() + ".AddSubplot(1, 1, 1)"}
			}
			return &value{typ: tAxes, code: v.tight() + ".AddSubplot(" + t.grid(c) + ")"}
		case "suptitle":
			return done("%s.Suptitle(%s)", v.tight(), strings.Join(t.plotArgs("Suptitle", c), ", "))
		case "tight_layout":
			return done("%s.TightLayout()", v.tight())
		case "savefig":
			return done("%s.Savefig(%s)", v.tight(), strings.Join(t.plotArgs("Savefig", c), ", "))
		case "show":
			return done("plt.Show()")
		case "set_size_inches", "set_figwidth", "set_figheight", "subplots_adjust", "autofmt_xdate", "set_tight_layout", "set_facecolor", "patch":
			t.approximate("%s is left out of the picture", name)
			return done("")
		}
		fail(c.e, "the method %s of a figure isn't translated", name)
	}
	switch name {
	case "set_xticklabels", "set_yticklabels", "tick_params", "set_aspect", "set_facecolor", "margins", "ticklabel_format", "label_outer", "set_axisbelow", "locator_params", "minorticks_on":
		t.approximate("%s is left out of the picture", name)
		return done("")
	case "twinx":
		c.done()
		return &value{typ: tAxes, code: v.tight() + ".Twinx()"}
	case "annotate":
		return t.annotated(v.tight(), c)
	case "get_xaxis", "get_yaxis":
		return &value{typ: typ{kind: "axis"}, self: v, path: ""}
	case "set":
		for _, k := range c.keys {
			if !slices.Contains([]string{"title", "xlabel", "ylabel", "xlim", "ylim", "xscale", "yscale", "xticks", "yticks"}, k) {
				fail(c.e, "the argument %s of set isn't translated", k)
			}
			x := c.arg(-1, k)
			if x.items != nil && (k == "xticks" || k == "yticks") && len(x.items) == 0 {
				x = &value{typ: listOf(tFloat), code: "[]float64{}"}
			}
			r := t.drawn(v, k, callOf(&python.Expr{Kind: python.Call, Line: c.e.Line, Args: []*python.Expr{{Kind: python.Attr, Text: k}}}, x))
			if r.code != "" {
				t.code("%s", r.code)
			}
		}
		return done("")
	case "set_axis_off":
		return done("%s.Axis(\"off\")", v.tight())
	case "errorbar", "boxplot", "pie", "step":
		return done("%s.%s(%s)", v.tight(), plotFunc(name), t.shape(name, c))
	case "add_patch", "add_artist":
		p := c.need(0, "p", "a")
		c.done()
		if p.kind == tPatch.kind && p.input != "" {
			return done("%s.Rectangle(%s)", v.tight(), p.input)
		}
		t.approximate("a shape that %s adds is left out of the picture", name)
		return done("")
	}
	f := plotFunc(name)
	if f == "" || strings.HasPrefix(f, "Subplot") || strings.HasPrefix(f, "Get") || f == "Show" || f == "Colorbar" || f == "Heatmap" || f == "Savefig" {
		fail(c.e, "the method %s of axes isn't translated", name)
	}
	if f == "Axis" && (len(c.args) != 1 || c.args[0].kind != "str") {
		fail(c.e, "these limits of axes aren't translated")
	}
	return done("%s.%s(%s)", v.tight(), f, strings.Join(t.plotArgs(f, c), ", "))
}

// pairPlot is seaborn's pairplot of a table: each column of numbers over each other one.
func (t *translator) pairPlot(c *call) *value {
	f, hue, vars := c.need(0, "data"), c.arg(1, "hue"), c.arg(-1, "vars")
	for _, k := range c.keys {
		if !c.used[k] {
			c.arg(-1, k)
			t.approximate("%s is left out of the picture", k)
		}
	}
	c.done()
	if f.kind != "frame" {
		fail(c.e, "a pairplot of %s isn't translated", f.describe())
	}
	by, names := `""`, ""
	if hue != nil && hue.kind != "none" {
		by = t.as(hue, "string", c.e)
	}
	if vars != nil && vars.kind != "none" {
		names = ", " + t.as(vars, "[]string", c.e) + "..."
	}
	t.approximate("seaborn's pairplot is drawn as pyplot draws, with histograms")
	return &value{typ: typ{kind: "drawing"}, code: fmt.Sprintf("%s(%s, %s%s)", t.helper("pairPlot"), f.code, by, names)}
}

// What pictures are divided into by matplotlib.gridspec, and shapes that aren't drawn.
var (
	tGrid     = typ{kind: "grid of panes"}
	tGridCell = typ{kind: "pane of a grid"}
	tPatch    = typ{kind: "patch"}
)

// gridCell is an element of a GridSpec.
func (t *translator) gridCell(v *value, sub, e *python.Expr) *value {
	rows, cols := t.as(v.items[0], "int", e), t.as(v.items[1], "int", e)
	at := func(x *value) string { return "(" + t.as(x, "int", e) + ")" }
	var place string
	switch {
	case sub.Kind == python.Slice:
		fail(e, "a part of a GridSpec isn't translated")
	case sub.Kind == python.Tuple && len(sub.Args) == 2:
		if sub.Args[0].Kind == python.Slice || sub.Args[1].Kind == python.Slice {
			fail(e, "a part of a GridSpec isn't translated")
		}
		place = fmt.Sprintf("%s*%s+%s", at(t.expr(sub.Args[0])), cols, at(t.expr(sub.Args[1])))
	default:
		place = t.as(t.expr(sub), "int", e)
	}
	return &value{typ: tGridCell, input: fmt.Sprintf("%s, %s, %s+1", rows, cols, place)}
}

// colors is a call of a map of matplotlib's; nil for names that are none whose colours are known.
func (t *translator) colors(name string, c *call) *value {
	if !slices.Contains([]string{"jet", "gray", "hot"}, strings.TrimSuffix(name, "_r")) || len(c.args) != 1 || len(c.keys) > 0 {
		return nil
	}
	t.imports["plt"] = true
	return &value{typ: tArray, code: fmt.Sprintf("plt.Colors(%q, %s)", name, t.asAny(c.args[0], c.e))}
}

// shape are the arguments of a drawing whose data come first, and of whose keyword arguments some have other names in package plt.
func (t *translator) shape(name string, c *call) string {
	var args []string
	switch name {
	case "errorbar":
		x, y, yerr := c.need(0, "x"), c.need(1, "y"), c.need(2, "yerr")
		args = []string{t.plotValue(x, c.e), t.plotValue(y, c.e), t.plotValue(yerr, c.e)}
	case "step":
		args = []string{t.plotValue(c.need(0, "x"), c.e), t.plotValue(c.need(1, "y"), c.e)}
		if where := c.arg(-1, "where"); where != nil && where.code != `"pre"` {
			fail(c.e, "where=%s isn't translated", where.code)
		}
	default:
		args = []string{t.plotValue(c.need(0, "x"), c.e)}
	}
	rest := callOf(c.e)
	for i := range c.args {
		if !c.used[strconv.Itoa(i)] {
			rest.args = append(rest.args, c.arg(i))
		}
	}
	for _, k := range c.keys {
		if c.used[k] {
			continue
		}
		v := c.arg(-1, k)
		switch {
		case k == "autopct" && v.kind == "str" && v.konst:
			k = "fmt"
		case k == "startangle":
			args = append(args, "plt.StartAngle("+t.as(v, "float64", c.e)+")")
			continue
		case k == "tick_labels":
			k = "labels"
		case slices.Contains([]string{"explode", "textprops", "wedgeprops", "pctdistance", "labeldistance", "colors", "showfliers", "showmeans", "notch", "patch_artist", "widths", "ecolor", "capthick", "radius", "meanline", "boxprops", "medianprops", "whis"}, k):
			t.approximate("%s is left out of the picture", k)
			continue
		case k == "vert" && v.code == "true":
			continue
		}
		rest.kw[k], rest.keys = v, append(rest.keys, k)
	}
	return strings.Join(append(args, t.plotArgs(plotFunc(name), rest)...), ", ")
}

// patch is a shape of matplotlib.patches; a rectangle is drawn where it is added.
func (t *translator) patch(name string, c *call) *value {
	if name != "Rectangle" {
		return &value{typ: tPatch}
	}
	xy, width, height := c.need(0, "xy"), c.need(1, "width"), c.need(2, "height")
	if len(xy.items) != 2 {
		fail(c.e, "a rectangle at %s isn't translated", xy.describe())
	}
	args := []string{t.as(xy.items[0], "float64", c.e), t.as(xy.items[1], "float64", c.e), t.as(width, "float64", c.e), t.as(height, "float64", c.e)}
	empty := false
	color, edge := "", ""
	for _, k := range c.keys {
		if c.used[k] {
			continue
		}
		v := c.arg(-1, k)
		switch k {
		case "fill":
			empty = empty || t.as(v, "bool", c.e) == "false"
		case "facecolor", "fc":
			if v.kind == "none" || v.code == `"none"` || v.code == `"None"` {
				empty = v.kind != "none"
				continue
			}
			color = t.as(v, "string", c.e)
		case "edgecolor", "ec":
			edge = t.as(v, "string", c.e)
		case "color":
			color = t.as(v, "string", c.e)
			edge = color
		case "linewidth", "lw":
			args = append(args, "plt.LineWidth("+t.as(v, "float64", c.e)+")")
		case "linestyle", "ls":
			args = append(args, "plt.LineStyle("+t.as(v, "string", c.e)+")")
		case "alpha":
			args = append(args, "plt.Alpha("+t.as(v, "float64", c.e)+")")
		default:
			t.approximate("%s is left out of the picture", k)
		}
	}
	c.done()
	if empty && edge == "" {
		edge = `"k"`
	}
	if edge != "" {
		args = append(args, "plt.EdgeColor("+edge+")")
	}
	if !empty && (color != "" || edge != "") {
		if color == "" {
			color = `"C0"`
		}
		args = append(args, "plt.Color("+color+")")
	}
	return &value{typ: tPatch, input: strings.Join(args, ", ")}
}
