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
	labels  []string // of rows, for printing; nil: their numbers
	order   []int    // of rows, as pandas counts them when the table is made; nil: 0, 1, …
}

// nulls are the texts that pandas reads as missing.
var nulls = []string{"", " ", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}

// Options of [ReadCSV], named as pandas's arguments.
type (
	Sep       string   // sep: one character, "," by default, or `\s+`
	Names     []string // names of the columns; the file has none then, unless Header says so
	Header    int      // header: the line with the names, NoHeader where there is none
	UseCols   []string // usecols by name
	UsePlaces []int    // usecols by place
	IndexCol  int      // index_col: a column that is left out, since rows have no labels here
	NAValues  []string // na_values: further texts that mean that a value is missing
	SkipRows  int      // skiprows: lines at the beginning that aren't read
	NRows     int      // nrows: at most so many rows
	Comment   string   // comment: the character from which on the rest of a line isn't read
)

// NoHeader is the Header of a file without names (pandas: header=None); columns are named "0", "1", ….
const NoHeader Header = -1

type reading struct {
	sep, comment string
	names, use   []string
	nulls        []string
	places       []int
	header       int
	headerGiven  bool
	index        int
	skip, rows   int
}

func readingOf(opts []any) reading {
	r := reading{sep: ",", index: -1, rows: -1, nulls: nulls}
	for _, o := range opts {
		switch v := o.(type) {
		case Sep:
			r.sep = string(v)
		case Names:
			r.names = v
		case Header:
			r.header, r.headerGiven = int(v), true
		case UseCols:
			r.use = v
		case UsePlaces:
			r.places = v
		case IndexCol:
			r.index = int(v)
		case NAValues:
			r.nulls = append(slices.Clone(nulls), v...)
		case SkipRows:
			r.skip = int(v)
		case NRows:
			r.rows = int(v)
		case Comment:
			r.comment = string(v)
		default:
			np.Fail("TypeError", "read_csv has no argument of type %T", o)
		}
	}
	if r.names != nil && !r.headerGiven {
		r.header = -1
	}
	return r
}

// ReadCSV reads a file whose first line names the columns (pandas: pd.read_csv). Columns become int64, float64 (also where an
// integer is missing), bool or text. Options are [Sep], [Names], [Header], [UseCols], [UsePlaces], [IndexCol], [NAValues], [SkipRows], [NRows] and [Comment].
func ReadCSV(path string, opts ...any) *Frame {
	o := readingOf(opts)
	f, err := os.Open(path)
	if err != nil {
		np.Fail("FileNotFoundError", "[Errno 2] No such file or directory: '%s'", path)
	}
	defer func() { _ = f.Close() }()
	source, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil || len(source) > maxFile {
		np.Fail("ParserError", "the file can't be read, or is larger than %d bytes", maxFile)
	}
	r := csv.NewReader(strings.NewReader(o.prepare(string(source))))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	if o.sep != `\s+` {
		if len([]rune(o.sep)) != 1 {
			np.Fail("ValueError", "the separator %q isn't one character", o.sep)
		}
		r.Comma = []rune(o.sep)[0]
	} else {
		r.Comma = ' '
	}
	names := o.names
	var cells [][]string
	rows := 0
	for line := 0; o.rows < 0 || rows < o.rows; line++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			np.Fail("ParserError", "%v", err)
		}
		if line < o.header {
			continue
		}
		if line == o.header {
			if o.names == nil {
				names = record
			}
			continue
		}
		if names == nil {
			for i := range record {
				names = append(names, strconv.Itoa(i))
			}
		}
		if cells == nil {
			cells = make([][]string, len(names))
		}
		if len(record) > len(names) {
			np.Fail("ParserError", "Error tokenizing data. C error: Expected %d fields in line %d, saw %d\n", len(names), line+1+o.skip, len(record))
		}
		for c := range cells {
			text := ""
			if c < len(record) {
				text = record[c]
			}
			cells[c] = append(cells[c], text)
		}
		rows++
	}
	if names == nil {
		np.Fail("EmptyDataError", "No columns to parse from file")
	}
	if cells == nil {
		cells = make([][]string, len(names))
	}
	for _, u := range o.use {
		if !slices.Contains(names, u) {
			np.Fail("ValueError", "Usecols do not match columns, columns expected but not found: ['%s']", u)
		}
	}
	out := &Frame{rows: rows}
	for c, name := range names {
		if c == o.index || o.places != nil && !slices.Contains(o.places, c) || o.use != nil && !slices.Contains(o.use, name) {
			continue
		}
		if name == "" {
			name = "Unnamed: " + strconv.Itoa(c)
		}
		column, missing := typed(cells[c], o.nulls)
		out.add(unused(name, out.names), column, missing)
	}
	return out
}

// maxFile bounds the files that ReadCSV takes, in bytes.
const maxFile = 1 << 30

// prepare drops lines that aren't to be read, and comments; runs of white space become one separator where that is asked for.
func (o reading) prepare(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	if o.skip == 0 && o.comment == "" && o.sep != `\s+` {
		return text
	}
	var b strings.Builder
	for i, l := range strings.SplitAfter(text, "\n") {
		if i < o.skip {
			continue
		}
		if o.comment != "" {
			if before, _, found := strings.Cut(l, o.comment); found {
				if strings.TrimSpace(before) == "" {
					continue
				}
				l = before + "\n"
			}
		}
		if o.sep == `\s+` {
			l = strings.Join(strings.Fields(l), " ") + "\n"
		}
		b.WriteString(l)
	}
	return b.String()
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
func typed(cells, nulls []string) (*np.Array, []bool) {
	missing := make([]bool, len(cells))
	ints, floats, bools, any := true, true, true, false
	whole, large, positive := true, false, true // of numbers that may be larger than an int64
	for i, text := range cells {
		if slices.Contains(nulls, text) {
			missing[i], any = true, true
			continue
		}
		plain := strings.TrimSpace(text)
		if _, err := strconv.ParseInt(plain, 10, 64); err != nil {
			ints = false
			tooLarge := errors.Is(err, strconv.ErrRange)
			whole, large = whole && tooLarge, large || tooLarge
		}
		if _, err := strconv.ParseUint(plain, 10, 64); err != nil {
			positive = false
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
	case whole && large && positive && !any:
		out := make([]uint64, len(cells))
		for i, text := range cells {
			out[i], _ = strconv.ParseUint(strings.TrimSpace(text), 10, 64)
		}
		return np.Of(out), nil
	case whole && large: // texts, as they are in the file
		return np.Of(slices.Clone(cells)), make([]bool, len(cells))
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
		} else if bools { // Python's, beside what is missing
			out[i] = strings.ToUpper(out[i][:1]) + strings.ToLower(out[i][1:])
		}
	}
	return np.Of(append([]string{}, out...)), missing
}

func (f *Frame) add(name string, column *np.Array, missing []bool) {
	if column.DType()[0] != '<' {
		missing = nil
	} else if missing == nil {
		missing = np.Equal(column, "nan").Bools()
	}
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
	if a.NDim() == 2 && a.Dim(1) == 1 { // as a model predicts
		a = a.Ravel()
	}
	if a.NDim() == 2 {
		np.Fail("ValueError", "Cannot set a DataFrame with multiple columns to the single column %s", name)
	}
	if a.NDim() != 1 || len(f.names) > 0 && a.Len() != f.rows {
		np.Fail("ValueError", "Length of values (%d) does not match length of index (%d)", a.Len(), f.rows)
	}
	out := f.Select(f.names...)
	if i := slices.Index(out.names, name); i >= 0 {
		one := &Frame{}
		one.add(name, a, nil)
		out.columns[i], out.missing[i] = a, one.missing[0]
		return out
	}
	out.add(name, a, nil)
	return out
}

// Put sets a column in the frame itself (pandas: df["name"] = values).
func (f *Frame) Put(name string, values any) { *f = *f.Set(name, values) }

// Pop takes a column out of the frame itself and returns it.
func (f *Frame) Pop(name string) *np.Array {
	column := f.Col(name)
	*f = *f.Drop(name)
	return column
}

// Rename gives the frame itself new names (pandas: df.columns = names).
func (f *Frame) Rename(names ...string) {
	if len(names) != len(f.names) {
		np.Fail("ValueError", "Length mismatch: Expected axis has %d elements, new values have %d elements", len(f.names), len(names))
	}
	f.names = slices.Clone(names)
}

// Renamed returns the frame with some columns under other names (pandas: df.rename(columns=names)).
func (f *Frame) Renamed(names map[string]string) *Frame {
	out := f.Select(f.names...)
	for i, n := range out.names {
		if to, ok := names[n]; ok {
			out.names[i] = to
		}
	}
	return out
}

// Select returns columns by name (pandas: df[["a", "b"]]).
func (f *Frame) Select(names ...string) *Frame {
	out := f.empty()
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
	out.order = np.Of(f.rowNumbers()).Index(index).Ints()
	if f.labels != nil {
		out.labels = np.Of(f.labels).Index(index).Strings()
	}
	for i, name := range f.names {
		var missing []bool
		if f.missing[i] != nil {
			missing = np.Of(f.missing[i]).Index(index).Bools()
		}
		out.add(name, f.columns[i].Index(index), missing)
	}
	return out
}

// empty is a frame of the same rows without columns.
func (f *Frame) empty() *Frame { return &Frame{rows: f.rows, labels: f.labels, order: f.order} }

func (f *Frame) rowNumbers() []int {
	if f.order != nil {
		return f.order
	}
	return np.Arange(f.rows).Ints()
}

// ResetIndex returns the frame with its rows counted anew (pandas: df.reset_index(drop=True)).
func (f *Frame) ResetIndex() *Frame {
	out := f.Select(f.names...)
	out.labels, out.order = nil, nil
	return out
}

// Without returns the frame without the rows that another one, made of it, has (pandas: df.drop(other.index)).
func (f *Frame) Without(other *Frame) *Frame {
	there := map[int]bool{}
	for _, n := range f.rowNumbers() {
		there[n] = true
	}
	gone := map[int]bool{}
	for _, n := range other.rowNumbers() {
		if !there[n] {
			np.Fail("KeyError", "'[%d] not found in axis'", n)
		}
		gone[n] = true
	}
	var keep []int
	for i, n := range f.rowNumbers() {
		if !gone[n] {
			keep = append(keep, i)
		}
	}
	return f.Rows(append([]int{}, keep...))
}

// Head returns the first n rows.
func (f *Frame) Head(n int) *Frame { return f.Rows(np.S(":%d", n)) }

// Tail returns the last n rows.
func (f *Frame) Tail(n int) *Frame {
	if n <= 0 {
		return f.Rows(np.S("%d:", -n))
	}
	return f.Rows(np.S("%d:", max(f.rows-n, 0)))
}

// Copy returns a frame that shares nothing with f.
func (f *Frame) Copy() *Frame {
	out := f.Select(f.names...)
	for i := range out.columns {
		out.columns[i] = out.columns[i].Copy()
	}
	return out
}

// Cols returns columns by a slice or positions (pandas: df.iloc[:, …]).
func (f *Frame) Cols(index any) *Frame {
	var names []string
	for _, i := range np.Arange(len(f.names)).Index(index).Ints() {
		names = append(names, f.names[i])
	}
	return f.Select(names...)
}

// Between returns the columns from one name to another, both included (pandas: df.loc[:, "a":"b"]); "" is the first or the last.
func (f *Frame) Between(first, last string) *Frame {
	from, to := 0, len(f.names)
	if first != "" {
		from = f.place(first)
	}
	if last != "" {
		to = f.place(last) + 1
	}
	return f.Select(f.names[from:max(from, to)]...)
}

// ColAt returns a column by its place, from the end if it is negative (pandas: df.iloc[:, i]).
func (f *Frame) ColAt(i int) *np.Array {
	if i < 0 {
		i += len(f.columns)
	}
	if i < 0 || i >= len(f.columns) {
		np.Fail("IndexError", "single positional indexer is out-of-bounds")
	}
	return f.columns[i]
}

// Sample returns n rows in an order that NumPy's generator gives for a seed (pandas: df.sample(n, random_state=seed)).
func (f *Frame) Sample(n, seed int) *Frame {
	if n < 0 || n > f.rows {
		np.Fail("ValueError", "Cannot take a larger sample than population when 'replace=False'")
	}
	return f.Rows(np.NewRandomState(seed).Permutation(f.rows).Index(np.S(":%d", n)))
}

// SampleAgain is Sample where a row may come several times (pandas: df.sample(n, replace=True, random_state=seed)).
func (f *Frame) SampleAgain(n, seed int) *Frame {
	if f.rows == 0 && n > 0 {
		np.Fail("ValueError", "a must be greater than 0 unless no samples are taken")
	}
	return f.Rows(np.NewRandomState(seed).RandInt(0, f.rows, n))
}

// Array makes one array of all columns; np.Of takes a frame by it. Texts among numbers make all text.
func (f *Frame) Array() *np.Array {
	if len(f.columns) == 0 {
		return np.Zeros(f.rows, 0)
	}
	if f.rows == 0 {
		return np.Zeros(0, len(f.columns))
	}
	return np.Stack(f.columns, 1)
}

// Values is Array (pandas: df.values).
func (f *Frame) Values() *np.Array { return f.Array() }

// IsNull says of each cell whether it is missing (pandas: df.isnull()).
func (f *Frame) IsNull() *np.Array {
	out := make([]*np.Array, len(f.columns))
	for i, c := range f.columns {
		out[i] = np.Of(f.missing[i])
		if f.missing[i] == nil {
			out[i] = IsNull(c)
		}
	}
	if len(out) == 0 {
		return np.ZerosOf(np.Bool, f.rows, 0)
	}
	if f.rows == 0 {
		return np.ZerosOf(np.Bool, 0, len(out))
	}
	return np.Stack(out, 1)
}

// DropNA returns the rows in which nothing is missing (pandas: df.dropna()).
//
// Names are the columns that are looked at, all if there are none (subset).
func (f *Frame) DropNA(names ...string) *Frame {
	looked := f
	if len(names) > 0 {
		looked = f.Select(names...)
	}
	return f.Rows(np.LogicalNot(np.Any(looked.IsNull(), 1)))
}

// DropNAColumns returns the frame without the columns in which something is missing (pandas: df.dropna(axis=1)).
func (f *Frame) DropNAColumns() *Frame {
	var keep []string
	for i, some := range np.Any(f.IsNull(), 0).Bools() {
		if !some {
			keep = append(keep, f.names[i])
		}
	}
	return f.Select(keep...)
}

// DropDuplicates returns the frame without rows that are there before, in the columns that are named or in all (pandas: df.drop_duplicates(subset)).
func (f *Frame) DropDuplicates(names ...string) *Frame {
	return f.Rows(np.LogicalNot(f.Duplicated(names...)))
}

// Duplicated says of each row whether it is there before (pandas: df.duplicated(subset)).
func (f *Frame) Duplicated(names ...string) *np.Array {
	looked := f
	if len(names) > 0 {
		looked = f.Select(names...)
	}
	texts := make([][]string, len(looked.columns))
	for i, c := range looked.columns {
		texts[i] = Text(c).Strings()
	}
	seen, twice := map[string]bool{}, make([]bool, f.rows)
	for r := range twice {
		var key strings.Builder
		for _, t := range texts {
			key.WriteString(strconv.Quote(t[r]))
		}
		twice[r] = seen[key.String()]
		seen[key.String()] = true
	}
	return np.Of(twice)
}

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

// FillNAs is FillNA by a value for each column of numbers, as df.fillna(df.mean()) gives it.
func (f *Frame) FillNAs(values *np.Array) *Frame {
	out := f.Select(f.names...)
	n := 0
	for i, c := range out.columns {
		if c.DType()[0] == '<' {
			continue
		}
		if n >= values.Size() {
			np.Fail("ValueError", "got %d values for the columns of numbers", values.Size())
		}
		out.columns[i] = FillNA(c, values.Index(n))
		n++
	}
	return out
}

// DropFirst is the drop_first of [GetDummies]: no column for the first text of each.
const DropFirst = dropFirst(true)

type dropFirst bool

// Bare is prefix="" and prefix_sep="" of [GetDummies]: columns are named by the values alone.
const Bare = bare(true)

type bare bool

// GetDummies replaces columns by columns of bools, one for each of their values (pandas: pd.get_dummies): those of texts, or those that are
// named. opts are names, [DropFirst], [Bare] and the type of the new columns, np.DType, which is "bool" otherwise.
func GetDummies(f *Frame, opts ...any) *Frame {
	var named []string
	first, alone := false, false
	dtype := np.DType("bool")
	for _, o := range opts {
		switch v := o.(type) {
		case string:
			f.place(v)
			named = append(named, v)
		case dropFirst:
			first = bool(v)
		case bare:
			alone = bool(v)
		case np.DType:
			dtype = v
		default:
			np.Fail("TypeError", "get_dummies has no argument of type %T", o)
		}
	}
	chosen := func(i int) bool {
		if named != nil {
			return slices.Contains(named, f.names[i])
		}
		return f.columns[i].DType()[0] == '<'
	}
	out := f.empty()
	for i, name := range f.names {
		if !chosen(i) {
			out.add(name, f.columns[i], f.missing[i])
		}
	}
	for i, name := range f.names {
		if !chosen(i) {
			continue
		}
		values, columns := dummies(f.columns[i])
		for j, v := range values {
			if j == 0 && first {
				continue
			}
			if !alone {
				v = name + "_" + v
			}
			out.add(v, columns[j].AsType(dtype), nil)
		}
	}
	return out
}

// Round rounds the columns of floats to so many decimals (pandas: df.round).
func (f *Frame) Round(decimals int) *Frame {
	out := f.empty()
	for i, name := range f.names {
		c := f.columns[i]
		if t := c.DType(); t == np.Float64 || t == np.Float32 {
			c = np.Round(c, decimals)
		}
		out.add(name, c, f.missing[i])
	}
	return out
}

// Dummies is GetDummies of one column: columns that are named by its values (pandas: pd.get_dummies(series)).
func Dummies(column any) *Frame {
	a := np.Of(column)
	out := &Frame{rows: a.Len()}
	values, columns := dummies(a)
	for j, v := range values {
		out.add(v, columns[j], nil)
	}
	return out
}

// dummies are a column's values and where they are.
func dummies(c *np.Array) (values []string, columns []*np.Array) {
	there := np.LogicalNot(IsNull(c))
	for _, v := range np.Unique(c.Index(there)).All() {
		values = append(values, v.Text())
		columns = append(columns, np.LogicalAnd(np.Equal(c, v), there))
	}
	return values, columns
}

// ValueCounts gives a column's values and how often they are there, the most frequent first, equal ones in their order
// (pandas: series.value_counts()). Missing values don't count.
func (f *Frame) ValueCounts(name string) (values, counts *np.Array) {
	i := f.place(name)
	c := f.columns[i].Index(np.LogicalNot(f.IsNull().Index(np.All, i)))
	return counted(c)
}
