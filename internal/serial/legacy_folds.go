package serial

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// folds compute TensorFlow's functions of arrays that are known when a file is read. They return an array, or a list of them.
var folds = map[string]func(c *tfCall) (any, error){}

func init() {
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	type binary struct {
		names, class, dtype string // "" for the type of the arguments
		f                   func(x, y float64) float64
	}
	for _, b := range []binary{
		{"math.add __operators__.add", "Add", "", func(x, y float64) float64 { return x + y }},
		{"math.subtract", "Subtract", "", func(x, y float64) float64 { return x - y }},
		{"math.multiply", "Multiply", "", func(x, y float64) float64 { return x * y }},
		{"math.divide math.truediv", "TrueDivide", "float32", func(x, y float64) float64 { return x / y }},
		{"math.floordiv compat.v1.floor_div", "FloorDivide", "", func(x, y float64) float64 { return math.Floor(x / y) }},
		{"math.floormod", "Mod", "", floorMod},
		{"math.maximum", "Maximum", "", math.Max},
		{"math.minimum", "Minimum", "", math.Min},
		{"math.pow", "Power", "", math.Pow},
		{"math.greater", "Greater", "bool", func(x, y float64) float64 { return truth(x > y) }},
		{"math.greater_equal", "GreaterEqual", "bool", func(x, y float64) float64 { return truth(x >= y) }},
		{"math.less", "Less", "bool", func(x, y float64) float64 { return truth(x < y) }},
		{"math.less_equal", "LessEqual", "bool", func(x, y float64) float64 { return truth(x <= y) }},
		{"math.equal __operators__.eq", "Equal", "bool", func(x, y float64) float64 { return truth(x == y) }},
		{"math.not_equal __operators__.ne", "NotEqual", "bool", func(x, y float64) float64 { return truth(x != y) }},
		{"math.logical_and", "LogicalAnd", "bool", func(x, y float64) float64 { return truth(x != 0 && y != 0) }},
		{"math.logical_or", "LogicalOr", "bool", func(x, y float64) float64 { return truth(x != 0 || y != 0) }},
	} {
		fold(b.names, func(c *tfCall) (any, error) {
			x, y, err := c.knownPair("x", "y")
			if err != nil {
				return nil, err
			}
			whole := !isFloatType(x.dtype) && !isFloatType(y.dtype)
			out, err := together(x, y, b.class, b.f)
			if err != nil {
				return nil, err
			}
			if b.dtype != "" {
				out.dtype = b.dtype
			}
			for i := range out.flat {
				v := &out.flat[i].value
				if isFloatType(out.dtype) { // as the program would compute it
					*v = float64(float32(*v))
				} else if whole && math.IsNaN(*v) || math.IsInf(*v, 0) {
					return nil, fmt.Errorf("a division of whole numbers by 0")
				}
			}
			return out, nil
		})
	}
	type unary struct {
		names, class, dtype string
		f                   func(x float64) float64
	}
	for _, u := range []unary{
		{"math.negative __operators__.neg", "Negative", "", func(x float64) float64 { return -x }},
		{"math.abs __operators__.abs", "Absolute", "", math.Abs},
		{"math.square", "Square", "", func(x float64) float64 { return x * x }},
		{"math.sqrt", "Sqrt", "", math.Sqrt},
		{"math.rsqrt", "Rsqrt", "", func(x float64) float64 { return 1 / math.Sqrt(x) }},
		{"math.exp", "Exp", "", math.Exp},
		{"math.log", "Log", "", math.Log},
		{"math.sin", "Sin", "", math.Sin},
		{"math.cos", "Cos", "", math.Cos},
		{"math.floor", "Floor", "", math.Floor},
		{"math.ceil", "Ceil", "", math.Ceil},
		{"math.round", "Round", "", math.RoundToEven},
		{"math.reciprocal", "Reciprocal", "", func(x float64) float64 { return 1 / x }},
		{"math.logical_not", "LogicalNot", "bool", func(x float64) float64 { return truth(x == 0) }},
		{"zeros_like compat.v1.zeros_like", "ZerosLike", "", func(float64) float64 { return 0 }},
		{"ones_like compat.v1.ones_like", "OnesLike", "", func(float64) float64 { return 1 }},
	} {
		fold(u.names, func(c *tfCall) (any, error) {
			x, err := c.knownAt("x")
			if err != nil {
				return nil, err
			}
			dtype := x.dtype
			if u.dtype != "" {
				dtype = u.dtype
			}
			if to, ok := c.args["dtype"].(string); ok {
				dtype = to
			}
			return x.each(u.class, dtype, func(v float64) float64 {
				if v = u.f(v); isFloatType(dtype) {
					v = float64(float32(v))
				}
				return v
			}), nil
		})
	}
	fold("identity convert_to_tensor stop_gradient cast", func(c *tfCall) (any, error) {
		x, err := c.knownAt("x value input")
		if err != nil {
			return nil, err
		}
		to, ok := c.args["dtype"].(string)
		if !ok || to == x.dtype {
			return x, nil
		}
		return x.each("Cast", to, func(v float64) float64 {
			switch {
			case to == "bool":
				return truth(v != 0)
			case isFloatType(to):
				return float64(float32(v))
			}
			return math.Trunc(v)
		}), nil
	})
	fold("where compat.v1.where", func(c *tfCall) (any, error) {
		condition, err := c.knownAt("condition")
		if err != nil {
			return nil, err
		}
		x, y, err := c.knownPair("x", "y")
		if err != nil {
			return nil, err
		}
		if !condition.settled() {
			return nil, errUnfolded
		}
		shape := condition.shape
		for _, k := range []*known{x, y} {
			if shape, err = broadcastShape(shape, k.shape); err != nil {
				return nil, err
			}
		}
		var all [3]*known
		for i, k := range []*known{condition, x, y} {
			if all[i], err = k.broadcast(shape); err != nil {
				return nil, err
			}
		}
		for i, n := range all[0].flat {
			if n.value == 0 {
				all[1].flat[i] = all[2].flat[i]
			}
		}
		return all[1], nil
	})
	fold("stack", func(c *tfCall) (any, error) {
		parts, axis, err := c.knownParts()
		if err != nil {
			return nil, err
		}
		return stacked(parts, axis)
	})
	fold("concat", func(c *tfCall) (any, error) {
		parts, axis, err := c.knownParts()
		if err != nil {
			return nil, err
		}
		return concatenated(parts, axis)
	})
	fold("unstack", func(c *tfCall) (any, error) {
		x, err := c.knownAt("value")
		if err != nil {
			return nil, err
		}
		axis, _ := config.AsInt(c.get("axis", 0))
		if axis, err = axisOf(axis, len(x.shape)); err != nil {
			return nil, err
		}
		var list []any
		key := make([]any, axis+1)
		for i := range key {
			key[i] = map[string]any{}
		}
		for i := range x.shape[axis] {
			key[axis] = i
			part, err := x.item(key)
			if err != nil {
				return nil, err
			}
			list = append(list, part)
		}
		return list, nil
	})
	fold("__operators__.getitem", func(c *tfCall) (any, error) {
		x, err := c.knownAt("x")
		if err != nil {
			return nil, err
		}
		key, isList := c.args["slice_spec"].([]any)
		if !isList {
			key = []any{c.args["slice_spec"]}
		}
		return x.item(key)
	})
	fold("expand_dims compat.v1.expand_dims", func(c *tfCall) (any, error) {
		x, err := c.knownAt("input")
		if err != nil {
			return nil, err
		}
		axis, ok := config.AsInt(c.args["axis"])
		if !ok {
			return nil, fmt.Errorf("axis=%v", c.args["axis"])
		}
		return stacked([]*known{x}, axis)
	})
	fold("squeeze compat.v1.squeeze", func(c *tfCall) (any, error) {
		x, err := c.knownAt("input")
		if err != nil {
			return nil, err
		}
		axes, err := axesOf(c.get("axis", c.args["squeeze_dims"]), len(x.shape))
		if err != nil {
			return nil, err
		}
		var shape []int
		for i, d := range x.shape {
			if d != 1 || axes != nil && !slices.Contains(axes, i) {
				shape = append(shape, d)
			}
		}
		return x.reshaped(shape)
	})
	fold("reshape", func(c *tfCall) (any, error) {
		x, shape, err := c.knownPair("tensor", "shape")
		if err != nil {
			return nil, err
		}
		sizes, err := shape.sizes()
		if err != nil || !shape.settled() {
			return nil, errUnfolded
		}
		return x.reshaped(sizes)
	})
	fold("transpose compat.v1.transpose linalg.matrix_transpose", func(c *tfCall) (any, error) {
		x, err := c.knownAt("a")
		if err != nil || len(x.shape) != 2 {
			return nil, errUnfolded
		}
		if perm, err := axesOf(c.args["perm"], 2); err != nil || perm != nil && perm[0] == 0 {
			return nil, errUnfolded
		}
		return x.picked([]int{x.shape[1], x.shape[0]}, func(at []int) int { return at[1]*x.shape[1] + at[0] })
	})
	fold("range", func(c *tfCall) (any, error) {
		start, err := c.knownAt("start")
		if err != nil {
			return nil, err
		}
		limit, delta := start, &known{flat: []knownNumber{{value: 1}}, dtype: start.dtype}
		if c.args["limit"] == nil {
			start = &known{flat: []knownNumber{{}}, dtype: limit.dtype}
		} else if limit, err = c.knownAt("limit"); err != nil {
			return nil, err
		}
		if c.args["delta"] != nil {
			if delta, err = c.knownAt("delta"); err != nil {
				return nil, err
			}
		}
		if len(start.flat) != 1 || len(limit.flat) != 1 || len(delta.flat) != 1 {
			return nil, fmt.Errorf("bounds that aren't numbers")
		}
		dtype := start.dtype
		for _, k := range []*known{limit, delta} {
			if isFloatType(k.dtype) {
				dtype = k.dtype
			}
		}
		if to, ok := c.args["dtype"].(string); ok {
			dtype = to
		}
		from, by := start.flat[0], delta.flat[0]
		if size := limit.flat[0].size; size != nil {
			if size.vector == nil || from.size != nil || from.value != 0 || by.size != nil || by.value != 1 {
				return nil, errUnfolded
			}
			counted := c.op("Subtract", nil, c.op("Cumsum", map[string]any{"axis": 0}, c.op("Cast", map[string]any{"dtype": "int32"}, size.vector(c))), 1)
			return c.op("Cast", map[string]any{"dtype": dtype}, counted), nil
		}
		if from.size != nil || by.size != nil || by.value == 0 {
			return nil, errUnfolded
		}
		n := math.Ceil((limit.flat[0].value - from.value) / by.value)
		if !(n < maxKnown) {
			return nil, fmt.Errorf("a range of %v numbers", n)
		}
		return newKnown(dtype, []int{max(0, int(n))}, func(i int) float64 { return from.value + float64(i)*by.value })
	})
	fold("linspace", func(c *tfCall) (any, error) {
		start, stop, err := c.knownPair("start", "stop")
		if err != nil {
			return nil, err
		}
		n, ok := config.AsInt(c.args["num"])
		if !ok || n < 1 || len(start.flat) != 1 || len(stop.flat) != 1 || !start.settled() || !stop.settled() {
			return nil, errUnfolded
		}
		from, to := start.flat[0].value, stop.flat[0].value
		return newKnown("float32", []int{n}, func(i int) float64 { return from + (to-from)*float64(i)/math.Max(1, float64(n-1)) })
	})
	fold("eye", func(c *tfCall) (any, error) {
		rows, err := c.knownAt("num_rows")
		if err != nil {
			return nil, err
		}
		columns := rows
		if c.args["num_columns"] != nil {
			if columns, err = c.knownAt("num_columns"); err != nil {
				return nil, err
			}
		}
		if !rows.settled() || !columns.settled() || len(rows.flat) != 1 || len(columns.flat) != 1 || c.args["batch_shape"] != nil {
			return nil, errUnfolded
		}
		n := int(columns.flat[0].value)
		dtype, _ := c.get("dtype", "float32").(string)
		return newKnown(dtype, []int{int(rows.flat[0].value), n}, func(i int) float64 { return truth(i/max(n, 1) == i%max(n, 1)) })
	})
	fold("linalg.band_part", func(c *tfCall) (any, error) {
		x, err := c.knownAt("input")
		if err != nil {
			return nil, err
		}
		lower, isLower := config.AsInt(c.args["num_lower"])
		upper, isUpper := config.AsInt(c.args["num_upper"])
		if !isLower || !isUpper || len(x.shape) < 2 || !x.settled() {
			return nil, errUnfolded
		}
		rows, columns := x.shape[len(x.shape)-2], x.shape[len(x.shape)-1]
		return newKnown(x.dtype, x.shape, func(at int) float64 {
			i, j := at/columns%rows, at%columns
			if lower >= 0 && i-j > lower || upper >= 0 && j-i > upper {
				return 0
			}
			return x.flat[at].value
		})
	})
	for name, r := range map[string]struct {
		class string
		f     func(x, y float64) float64
	}{
		"sum": {"Add", func(x, y float64) float64 { return x + y }}, "prod": {"Multiply", func(x, y float64) float64 { return x * y }},
		"max": {"Maximum", math.Max}, "min": {"Minimum", math.Min},
	} {
		fold("math.reduce_"+name+" compat.v1.math.reduce_"+name+" compat.v1.reduce_"+name, func(c *tfCall) (any, error) {
			x, err := c.knownAt("input_tensor")
			if err != nil {
				return nil, err
			}
			axes, err := axesOf(c.args["axis"], len(x.shape))
			if err != nil {
				return nil, err
			}
			return x.reduced(axes, c.get("keepdims", false) == true, r.class, r.f)
		})
	}
}

// errUnfolded says that operations must compute it after all.
var errUnfolded = fmt.Errorf("it depends on sizes that aren't known")

func fold(names string, f func(c *tfCall) (any, error)) {
	for _, name := range strings.Fields(names) {
		folds[name] = f
	}
}

// knownAt is the first of the arguments that is there.
func (c *tfCall) knownAt(names string) (*known, error) {
	for _, name := range strings.Fields(names) {
		if v := c.args[name]; v != nil {
			if k, ok := asKnown(v); ok {
				return k, nil
			}
			return nil, fmt.Errorf("%s=%v", name, v)
		}
	}
	return nil, fmt.Errorf("%s is missing", names)
}

func (c *tfCall) knownPair(first, second string) (x, y *known, err error) {
	if x, err = c.knownAt(first); err == nil {
		y, err = c.knownAt(second)
	}
	return x, y, err
}

// knownParts are the arrays of a list of values, and the axis.
func (c *tfCall) knownParts() (parts []*known, axis int, err error) {
	list, ok := c.args["values"].([]any)
	if !ok {
		whole, err := c.knownAt("values")
		if err != nil || len(whole.shape) == 0 {
			return nil, 0, fmt.Errorf("values=%v", c.args["values"])
		}
		for i := range whole.shape[0] {
			part, err := whole.item([]any{i})
			if err != nil {
				return nil, 0, err
			}
			list = append(list, part)
		}
	}
	for _, v := range list {
		k, ok := asKnown(v)
		if !ok {
			return nil, 0, fmt.Errorf("values=%v", v)
		}
		parts = append(parts, k)
	}
	if axis, ok = config.AsInt(c.get("axis", 0)); !ok {
		return nil, 0, fmt.Errorf("axis=%v", c.args["axis"])
	}
	return parts, axis, nil
}

// axis is the argument of that name, 0 by default, counted from the front of rank axes.
func (c *tfCall) axis(rank int) (int, error) {
	axis, ok := config.AsInt(c.get("axis", 0))
	if !ok {
		return 0, fmt.Errorf("axis=%v", c.args["axis"])
	}
	return axisOf(axis, rank)
}

// axesOf reads one axis or a list of them, nil for none, counted from the front.
func axesOf(v any, rank int) ([]int, error) {
	if k, ok := v.(*known); ok && k.settled() {
		v = k.plain()
	}
	list, isList := v.([]any)
	switch {
	case v == nil || isList && len(list) == 0:
		return nil, nil
	case !isList:
		list = []any{v}
	}
	axes := make([]int, len(list))
	for i, e := range list {
		axis, ok := config.AsInt(e)
		if !ok {
			return nil, fmt.Errorf("axis=%v", v)
		}
		var err error
		if axes[i], err = axisOf(axis, rank); err != nil {
			return nil, err
		}
	}
	return axes, nil
}
