package pd

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// Frame is a table of named columns of equal length (pandas: DataFrame). Its methods return new frames.
type Frame struct {
	names   []string
	columns []*np.Array
	missing [][]bool // of texts: which are missing
	rows    int
}

// nulls are the texts that pandas reads as missing.
var nulls = []string{"", " ", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}

// ReadCSV reads a file whose first line names the columns (pandas: pd.read_csv). Columns become int64, float64 (also where an
// integer is missing), bool or text. sep is "," unless given.
func ReadCSV(path string, sep ...rune) *Frame {
	f, err := os.Open(path)
	if err != nil {
		np.Fail("FileNotFoundError", "[Errno 2] No such file or directory: '%s'", path)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	if len(sep) > 0 {
		r.Comma = sep[0]
	}
	var names []string
	var cells [][]string
	for line := 1; ; line++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			np.Fail("ParserError", "%v", err)
		}
		if names == nil {
			record[0] = strings.TrimPrefix(record[0], "\ufeff")
			names = record
			cells = make([][]string, len(names))
			continue
		}
		if len(record) > len(names) {
			np.Fail("ParserError", "Error tokenizing data. C error: Expected %d fields in line %d, saw %d\n", len(names), line, len(record))
		}
		for c := range cells {
			text := ""
			if c < len(record) {
				text = record[c]
			}
			cells[c] = append(cells[c], text)
		}
	}
	if names == nil {
		np.Fail("EmptyDataError", "No columns to parse from file")
	}
	out := &Frame{}
	for c, name := range names {
		if name == "" {
			name = "Unnamed: " + strconv.Itoa(c)
		}
		column, missing := typed(cells[c])
		out.add(unused(name, out.names), column, missing)
	}
	return out
}

// unused numbers a name that is there already, as pandas does: a, a.1, a.2.
func unused(name string, names []string) string {
	out := name
	for i := 1; slices.Contains(names, out); i++ {
		out = name + "." + strconv.Itoa(i)
	}
	return out
}

// typed finds the type that all cells have.
func typed(cells []string) (*np.Array, []bool) {
	missing := make([]bool, len(cells))
	ints, floats, bools, any := true, true, true, false
	for i, text := range cells {
		if slices.Contains(nulls, text) {
			missing[i], any = true, true
			continue
		}
		plain := strings.TrimSpace(text)
		if _, err := strconv.ParseInt(plain, 10, 64); err != nil {
			ints = false
		}
		if _, err := strconv.ParseFloat(plain, 64); err != nil || strings.ContainsAny(plain, "_xXpP") {
			floats = false
		}
		switch text {
		case "True", "TRUE", "true", "False", "FALSE", "false":
		default:
			bools = false
		}
	}
	switch {
	case len(cells) > 0 && ints && !any:
		out := make([]int64, len(cells))
		for i, text := range cells {
			out[i], _ = strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		}
		return np.Of(out), nil
	case len(cells) > 0 && floats:
		out := make([]float64, len(cells))
		for i, text := range cells {
			out[i] = math.NaN()
			if !missing[i] {
				out[i], _ = strconv.ParseFloat(strings.TrimSpace(text), 64)
			}
		}
		return np.Of(out), nil
	case len(cells) > 0 && bools && !any:
		out := make([]bool, len(cells))
		for i, text := range cells {
			out[i] = text[0] == 'T' || text[0] == 't'
		}
		return np.Of(out), nil
	}
	out := slices.Clone(cells)
	for i, m := range missing {
		if m {
			out[i] = "nan"
		}
	}
	return np.Of(append([]string{}, out...)), missing
}

func (f *Frame) add(name string, column *np.Array, missing []bool) {
	f.names, f.columns, f.missing = append(f.names, name), append(f.columns, column), append(f.missing, missing)
	f.rows = column.Len()
}

func (f *Frame) place(name string) int {
	i := slices.Index(f.names, name)
	if i < 0 {
		np.Fail("KeyError", "'%s'", name)
	}
	return i
}

// Columns returns the names (pandas: df.columns).
func (f *Frame) Columns() []string { return slices.Clone(f.names) }

// Shape returns the numbers of rows and columns.
func (f *Frame) Shape() []int { return []int{f.rows, len(f.names)} }

// Len is the number of rows.
func (f *Frame) Len() int { return f.rows }

// Col returns a column; it shares the frame's memory (pandas: df["name"]).
func (f *Frame) Col(name string) *np.Array { return f.columns[f.place(name)] }

// Set returns the frame with a column set or put at the end (pandas: df["name"] = values). A single value is repeated.
func (f *Frame) Set(name string, values any) *Frame {
	a := np.Of(values)
	if a.NDim() == 0 {
		a = np.Repeat(a, f.rows)
	}
	if a.NDim() != 1 || len(f.names) > 0 && a.Len() != f.rows {
		np.Fail("ValueError", "Length of values (%d) does not match length of index (%d)", a.Len(), f.rows)
	}
	out := f.Select(f.names...)
	if i := slices.Index(out.names, name); i >= 0 {
		out.columns[i], out.missing[i] = a, nil
		return out
	}
	out.add(name, a, nil)
	return out
}

// Select returns columns by name (pandas: df[["a", "b"]]).
func (f *Frame) Select(names ...string) *Frame {
	out := &Frame{rows: f.rows}
	for _, name := range names {
		i := f.place(name)
		out.add(name, f.columns[i], f.missing[i])
	}
	return out
}

// Drop returns the frame without columns (pandas: df.drop(columns=…), or axis=1).
func (f *Frame) Drop(names ...string) *Frame {
	for _, name := range names {
		if !slices.Contains(f.names, name) {
			np.Fail("KeyError", "\"['%s'] not found in axis\"", name)
		}
	}
	return f.Select(slices.DeleteFunc(slices.Clone(f.names), func(n string) bool { return slices.Contains(names, n) })...)
}

// Rows returns rows by a slice, a mask or positions (pandas: df.iloc[…], df[mask]).
func (f *Frame) Rows(index any) *Frame {
	out := &Frame{}
	for i, name := range f.names {
		var missing []bool
		if f.missing[i] != nil {
			missing = np.Of(f.missing[i]).Index(index).Bools()
		}
		out.add(name, f.columns[i].Index(index), missing)
	}
	return out
}

// Head returns the first n rows.
func (f *Frame) Head(n int) *Frame { return f.Rows(np.S(":%d", n)) }

// Array makes one array of all columns; np.Of takes a frame by it. Texts among numbers make all text.
func (f *Frame) Array() *np.Array {
	if len(f.columns) == 0 {
		return np.Zeros(f.rows, 0)
	}
	return np.Stack(f.columns, 1)
}

// Values is Array (pandas: df.values).
func (f *Frame) Values() *np.Array { return f.Array() }

// IsNull says of each cell whether it is missing (pandas: df.isnull()).
func (f *Frame) IsNull() *np.Array {
	out := make([]*np.Array, len(f.columns))
	for i, c := range f.columns {
		switch {
		case f.missing[i] != nil:
			out[i] = np.Of(f.missing[i])
		case c.DType()[0] == '<':
			out[i] = np.ZerosOf(np.Bool, f.rows)
		default:
			out[i] = np.Isnan(c)
		}
	}
	if len(out) == 0 {
		return np.ZerosOf(np.Bool, f.rows, 0)
	}
	return np.Stack(out, 1)
}

// DropNA returns the rows in which nothing is missing (pandas: df.dropna()).
func (f *Frame) DropNA() *Frame { return f.Rows(np.LogicalNot(np.Any(f.IsNull(), 1))) }

// FillNA returns the frame with numbers in place of what is missing in columns of numbers (pandas: df.fillna(value)).
func (f *Frame) FillNA(value float64) *Frame {
	out := f.Select(f.names...)
	for i, c := range out.columns {
		if out.missing[i] == nil && strings.HasPrefix(string(c.DType()), "float") {
			out.columns[i] = np.Where(np.Isnan(c), value, c)
		} else if slices.Contains(out.missing[i], true) {
			np.Fail("TypeError", "a number can't fill the missing texts of column '%s'", out.names[i])
		}
	}
	return out
}

// GetDummies replaces each column of texts by columns of bools, one for each of its texts (pandas: pd.get_dummies).
func GetDummies(f *Frame) *Frame {
	out := &Frame{rows: f.rows}
	for i, name := range f.names {
		if f.columns[i].DType()[0] != '<' {
			out.add(name, f.columns[i], nil)
		}
	}
	for i, name := range f.names {
		c := f.columns[i]
		if c.DType()[0] != '<' {
			continue
		}
		there := np.Full(true, f.rows)
		if f.missing[i] != nil {
			there = np.LogicalNot(f.missing[i])
		}
		for _, text := range np.Unique(c.Index(there)).Strings() {
			out.add(name+"_"+text, np.LogicalAnd(np.Equal(c, text), there), nil)
		}
	}
	return out
}

// ValueCounts gives a column's values and how often they are there, the most frequent first, equal ones in their order
// (pandas: series.value_counts()). Missing values don't count.
func (f *Frame) ValueCounts(name string) (values, counts *np.Array) {
	i := f.place(name)
	c := f.columns[i].Index(np.LogicalNot(f.IsNull().Index(np.All, i)))
	values, first, _, counts := np.UniqueAll(c)
	order := np.Argsort(first)
	values, counts = values.Index(order), counts.Index(order)
	order = np.Argsort(np.Negative(counts))
	return values.Index(order), counts.Index(order)
}
