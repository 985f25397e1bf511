package pd

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// IsNull says of each element of a column whether it is missing (pandas: series.isnull()).
func IsNull(column any) *np.Array {
	c := np.Of(column)
	switch {
	case c.DType()[0] == '<':
		return np.Equal(c, "nan")
	case strings.HasPrefix(string(c.DType()), "float"):
		return np.Isnan(c)
	}
	return np.ZerosOf(np.Bool, c.Shape()...)
}

// FillNA returns a column with a value in place of what is missing (pandas: series.fillna(value)).
func FillNA(column, value any) *np.Array {
	c := np.Of(column)
	missing := IsNull(c)
	if !missing.AnyTrue() {
		return c
	}
	return np.Where(missing, value, c)
}

// DropNA returns what isn't missing in a column (pandas: series.dropna()).
func DropNA(column any) *np.Array {
	c := np.Of(column)
	return c.Index(np.LogicalNot(IsNull(c)))
}

// ValueCounts gives a column's values and how often they are there, the most frequent first, equal ones in their order
// (pandas: series.value_counts()). Missing values don't count.
func ValueCounts(column any) (values, counts *np.Array) { return counted(DropNA(column)) }

func counted(c *np.Array) (values, counts *np.Array) {
	values, first, _, counts := np.UniqueAll(c)
	order := np.Argsort(first)
	values, counts = values.Index(order), counts.Index(order)
	order = np.Argsort(np.Negative(counts))
	return values.Index(order), counts.Index(order)
}

// Unique returns the values of a column in the order in which they come (pandas: series.unique()).
func Unique(column any) *np.Array {
	c := np.Of(column)
	_, first, _, _ := np.UniqueAll(c)
	return c.Index(np.Sort(first))
}

// NUnique is how many values a column has, missing ones left out (pandas: series.nunique()).
func NUnique(column any) int { return np.Unique(DropNA(column)).Size() }

// Map returns what a function makes of each element of a column (pandas: series.map(f), series.apply(f)).
func Map[R any](column any, f func(x *np.Array) R) *np.Array {
	out := []R{}
	for _, x := range np.Of(column).All() {
		out = append(out, f(x))
	}
	return np.Of(out)
}

// Replace returns what a map gives for each value of a column (pandas: series.map(dict)); where a value isn't there, NaN, and all are floats then.
func Replace[K int | string, V int | float64](column any, by map[K]V) *np.Array {
	named := map[string]V{}
	for k, v := range by {
		named[fmt.Sprint(k)] = v
	}
	c := np.Of(column)
	if strings.HasPrefix(string(c.DType()), "float") {
		// 1.0 is the key 1.
		for k, v := range by {
			if n, ok := any(k).(int); ok {
				named[np.Of(float64(n)).Text()] = v
			}
		}
	}
	found, floats, whole := []V{}, []float64{}, true
	for _, x := range c.All() {
		v, ok := named[x.Text()]
		found, whole = append(found, v), whole && ok
		f := float64(v)
		if !ok {
			f = math.NaN()
		}
		floats = append(floats, f)
	}
	if whole {
		return np.Of(found)
	}
	return np.Of(floats)
}

// The statistics of pandas leave missing values out, and have other defaults than NumPy's: the deviation is that of a sample. Each gives a
// number of a column, and an array of the numbers of each column of a frame; columns of texts are left out.

// Mean is the mean (pandas: df.mean()).
func Mean(data any) *np.Array { return statistic(data, mean) }

// Std is the standard deviation of a sample (pandas: df.std()).
func Std(data any) *np.Array {
	return statistic(data, func(v []float64) float64 { return math.Sqrt(variance(v)) })
}

// Var is the variance of a sample (pandas: df.var()).
func Var(data any) *np.Array { return statistic(data, variance) }

// Min is the least value (pandas: df.min()).
func Min(data any) *np.Array { return extreme(data, np.Min) }

// Max is the greatest value (pandas: df.max()).
func Max(data any) *np.Array { return extreme(data, np.Max) }

// Median is the median (pandas: df.median()).
func Median(data any) *np.Array {
	return statistic(data, func(v []float64) float64 { return quantile(v, 0.5) })
}

// Quantile is a quantile between 0 and 1 (pandas: df.quantile(q)).
func Quantile(data any, q float64) *np.Array {
	return statistic(data, func(v []float64) float64 { return quantile(v, q) })
}

// Sum is the sum (pandas: df.sum()).
func Sum(data any) *np.Array {
	if c, ok := whole(data); ok {
		return np.Sum(c)
	}
	return statistic(data, func(v []float64) float64 { return np.Sum(v).Float() })
}

// Count is how many values aren't missing (pandas: df.count()).
func Count(data any) *np.Array {
	return statistic(data, func(v []float64) float64 { return float64(len(v)) }).AsType(np.Int64)
}

// Mode is the most frequent value of a column, the least of those (pandas: series.mode()[0]).
func Mode(column any) *np.Array {
	values, counts := np.UniqueCounts(DropNA(column))
	if values.Size() == 0 {
		np.Fail("KeyError", "0")
	}
	return values.Index(np.Argmax(counts).Int())
}

// whole is data as one column of integers or bools.
func whole(data any) (*np.Array, bool) {
	if _, ok := data.(*Frame); ok {
		return nil, false
	}
	c := np.Of(data)
	return c, !strings.HasPrefix(string(c.DType()), "float") && c.DType()[0] != '<'
}

func extreme(data any, f func(a any, opts ...any) *np.Array) *np.Array {
	if frame, ok := data.(*Frame); ok {
		var all []*np.Array
		for _, c := range frame.numbers() {
			all = append(all, extreme(c, f))
		}
		if len(all) == 0 {
			return np.Zeros(0)
		}
		return np.Stack(all)
	}
	c := DropNA(data)
	if c.Size() == 0 {
		return np.Of(math.NaN())
	}
	return f(c)
}

// numbers are a frame's columns that aren't texts.
func (f *Frame) numbers() []*np.Array {
	return slices.DeleteFunc(slices.Clone(f.columns), func(c *np.Array) bool { return c.DType()[0] == '<' })
}

// Numbers returns the columns that aren't texts (pandas: df.select_dtypes("number")).
func (f *Frame) Numbers() *Frame {
	var names []string
	for i, c := range f.columns {
		if c.DType()[0] != '<' {
			names = append(names, f.names[i])
		}
	}
	return f.Select(names...)
}

// Types returns the columns of some types: "number", "object" (texts), or as np.DType names them (pandas: df.select_dtypes(types)).
func (f *Frame) Types(types ...string) *Frame {
	var names []string
	for i, c := range f.columns {
		name := dtypeName(c)
		number := name != "object" && name != "bool"
		if slices.Contains(types, name) || number && slices.Contains(types, "number") {
			names = append(names, f.names[i])
		}
	}
	return f.Select(names...)
}

func statistic(data any, f func(v []float64) float64) *np.Array {
	if frame, ok := data.(*Frame); ok {
		out := []float64{}
		for _, c := range frame.numbers() {
			out = append(out, f(present(c)))
		}
		return np.Of(out)
	}
	c := np.Of(data)
	if c.DType()[0] == '<' {
		np.Fail("TypeError", "a column of texts has no such number")
	}
	return np.Of(f(present(c)))
}

// present are the numbers of a column that aren't missing.
func present(c *np.Array) []float64 {
	return slices.DeleteFunc(c.AsType(np.Float64).Ravel().Floats(), func(v float64) bool { return v != v })
}

func mean(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	return np.Sum(v).Float() / float64(len(v))
}

func variance(v []float64) float64 {
	if len(v) < 2 {
		return math.NaN()
	}
	m := mean(v)
	squares := make([]float64, len(v))
	for i, x := range v {
		squares[i] = (x - m) * (x - m)
	}
	return np.Sum(squares).Float() / float64(len(v)-1)
}

func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	return np.Quantile(v, q).Float()
}

// Each returns a frame of what an operation of package np makes of each column of a frame, as pandas's df - x: other is a number, an array
// with a number for each column, or a frame of the same columns.
func Each(op func(a, b any) *np.Array, f *Frame, other any) *Frame {
	out := f.empty()
	for i, name := range f.names {
		x := other
		switch o := other.(type) {
		case *Frame:
			x = o.Col(name)
		case *np.Array:
			if o.NDim() > 0 {
				if o.Len() != len(f.names) {
					np.Fail("ValueError", "Unable to coerce to Series, length must be %d: given %d", len(f.names), o.Len())
				}
				x = o.Index(i)
			}
		}
		out.add(name, op(f.columns[i], x), nil)
	}
	return out
}

// New makes a frame of a table and names (pandas: pd.DataFrame(values, columns=names)); without names they are "0", "1", ….
func New(values any, names ...string) *Frame {
	a := np.Of(values)
	if a.NDim() == 1 {
		a = a.Reshape(-1, 1)
	}
	if a.NDim() != 2 {
		np.Fail("ValueError", "Must pass 2-d input. shape=%s", a.ShapeString())
	}
	if len(names) == 0 {
		for i := range a.Dim(1) {
			names = append(names, np.Of(i).Text())
		}
	}
	if len(names) != a.Dim(1) {
		np.Fail("ValueError", "Shape of passed values is %s, indices imply (%d, %d)", a.ShapeString(), a.Dim(0), len(names))
	}
	out := &Frame{rows: a.Dim(0)}
	for i, name := range names {
		out.add(name, a.Index(np.All, i).Copy(), nil)
	}
	return out
}

// Column is a column for [Of].
type Column struct {
	Name   string
	Values any
}

// Of makes a frame of columns (pandas: pd.DataFrame({name: values})).
func Of(columns ...Column) *Frame {
	out := &Frame{}
	for _, c := range columns {
		a := np.Of(c.Values)
		if a.NDim() != 1 {
			np.Fail("ValueError", "Per-column arrays must each be 1-dimensional")
		}
		if len(out.names) > 0 && a.Len() != out.rows {
			np.Fail("ValueError", "All arrays must be of the same length")
		}
		out.add(c.Name, a, nil)
	}
	return out
}

// Concat puts frames beside each other for axis 1, below each other for axis 0 (pandas: pd.concat(frames, axis=axis)).
func Concat(frames []*Frame, axis int) *Frame {
	if len(frames) == 0 {
		np.Fail("ValueError", "No objects to concatenate")
	}
	if axis == 1 {
		out := frames[0].empty()
		for _, f := range frames {
			if f.rows != out.rows || !slices.Equal(f.rowNumbers(), out.rowNumbers()) {
				np.Fail("ValueError", "frames of %d and %d rows can't stand beside each other", out.rows, f.rows)
			}
			for i, name := range f.names {
				out.add(name, f.columns[i], f.missing[i])
			}
		}
		return out
	}
	out := &Frame{}
	for _, name := range frames[0].names {
		var parts []*np.Array
		for _, f := range frames {
			parts = append(parts, f.Col(name))
			if len(f.names) != len(frames[0].names) {
				np.Fail("ValueError", "frames of different columns can't stand below each other here")
			}
		}
		out.add(name, np.Concatenate(parts), nil)
	}
	for _, f := range frames {
		out.order = append(out.order, f.rowNumbers()...)
	}
	return out
}

// Corr is the table of the correlations of the columns of numbers (pandas: df.corr()), rows with missing values left out.
func (f *Frame) Corr() *Frame {
	n := f.Numbers()
	names := n.names
	n = n.DropNA()
	if n.rows < 2 {
		return New(np.Full(math.NaN(), len(names), len(names)), names...)
	}
	out := New(np.Corrcoef(n.Values().AsType(np.Float64).T()).Reshape(len(names), len(names)), names...)
	out.labels = slices.Clone(names)
	return out
}

// Describe is the table of the columns' statistics (pandas: df.describe()).
func (f *Frame) Describe() *Frame {
	out := &Frame{labels: []string{"count", "mean", "std", "min", "25%", "50%", "75%", "max"}}
	for i, c := range f.columns {
		if c.DType()[0] == '<' || c.DType() == np.Bool {
			continue
		}
		v := present(c)
		low, high := math.NaN(), math.NaN()
		if len(v) > 0 {
			low, high = slices.Min(v), slices.Max(v)
		}
		out.add(f.names[i], np.Of([]float64{float64(len(v)), mean(v), math.Sqrt(variance(v)), low, quantile(v, 0.25), quantile(v, 0.5), quantile(v, 0.75), high}), nil)
	}
	if len(out.names) == 0 {
		np.Fail("ValueError", "Cannot describe a DataFrame without columns of numbers here")
	}
	return out
}

// Merge puts the columns of two frames beside each other where a column of both is equal (pandas: pd.merge(left, right, on=on, how=how)); how is "inner" or "left".
func Merge(left, right *Frame, on, how string) *Frame {
	if how != "inner" && how != "left" {
		np.Fail("ValueError", "a merge that is %q isn't supported", how)
	}
	places := map[string][]int{}
	for i, k := range Text(right.Col(on)).Strings() {
		places[k] = append(places[k], i)
	}
	l, r := []int{}, []int{}
	for i, k := range Text(left.Col(on)).Strings() {
		at := places[k]
		if at == nil && how == "left" {
			at = []int{-1}
		}
		for _, j := range at {
			l, r = append(l, i), append(r, j)
		}
	}
	out := left.Rows(l)
	out.order = nil
	out.labels = nil
	none := np.Less(np.Of(r), 0)
	for i, name := range right.names {
		if name == on {
			continue
		}
		c := right.columns[i].Index(np.Maximum(np.Of(r), 0))
		if none.AnyTrue() {
			if c.DType()[0] == '<' {
				c = np.Where(none, "nan", c)
			} else {
				c = np.Where(none, math.NaN(), c)
			}
		}
		if k := slices.Index(out.names, name); k >= 0 {
			out.names[k] += "_x"
			name += "_y"
		}
		out.add(name, c, nil)
	}
	return out
}

// FromRows makes a frame of rows, each of which has a value for every name (pandas: pd.DataFrame([{name: value}, …])).
func FromRows[V any](rows []map[string]V, names ...string) *Frame {
	out := &Frame{rows: len(rows)}
	for _, name := range names {
		column := make([]*np.Array, len(rows))
		for i, r := range rows {
			v, ok := r[name]
			if !ok {
				np.Fail("KeyError", "row %d has no '%s', which isn't supported", i, name)
			}
			column[i] = np.Of(v)
		}
		if len(column) == 0 {
			out.add(name, np.Zeros(0), nil)
			continue
		}
		out.add(name, np.Stack(column, 0), nil)
	}
	return out
}
