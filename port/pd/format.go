package pd

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// maxPrinted is the number of rows above which only the first and the last five are printed.
const maxPrinted = 60

// String is the table as pandas prints it; lines aren't folded.
func (f *Frame) String() string {
	if len(f.names) == 0 || f.rows == 0 {
		return fmt.Sprintf("Empty DataFrame\nColumns: [%s]\nIndex: []", strings.Join(f.names, ", "))
	}
	if f.rows <= maxPrinted {
		return f.table(f.labelsOr(0), -1)
	}
	labels := f.labelsOr(0)
	ends := &Frame{labels: append(labels[:5:5], labels[f.rows-5:]...)}
	for i, name := range f.names {
		c := f.columns[i]
		ends.add(name, np.Concatenate([]*np.Array{c.Index(np.S(":5")), c.Index(np.S("-5:"))}), nil)
	}
	return ends.table(ends.labels, 5) + fmt.Sprintf("\n\n[%d rows x %d columns]", f.rows, len(f.names))
}

func (f *Frame) labelsOr(from int) []string {
	if f.labels != nil {
		return f.labels
	}
	out := make([]string, f.rows)
	for i, n := range f.rowNumbers() {
		out[i] = strconv.Itoa(from + n)
	}
	return out
}

// table writes columns beside each other; dots stand before row gap.
func (f *Frame) table(labels []string, gap int) string {
	columns := [][]string{append([]string{""}, labels...)}
	for i, name := range f.names {
		column := []string{name}
		if f.columns[i].DType()[0] != '<' {
			column[0] = " " + name
		}
		texts := cells(f.columns[i])
		signs := slices.ContainsFunc(texts, func(text string) bool { return text != "NaN" })
		for _, text := range texts {
			if !signs {
				column = append(column, text)
				continue
			}
			if text == "" || text[0] != '-' || f.columns[i].DType()[0] == '<' {
				text = " " + text // the place of a sign
			}
			column = append(column, text)
		}
		columns = append(columns, column)
	}
	widths := make([]int, len(columns))
	for c, column := range columns {
		for _, text := range column {
			widths[c] = max(widths[c], len([]rune(text)))
		}
	}
	var lines []string
	line := func(text func(c int) string) {
		var parts []string
		for c := range columns {
			t := text(c)
			space := strings.Repeat(" ", max(widths[c]-len([]rune(t)), 0))
			if c == 0 {
				parts = append(parts, t+space)
			} else {
				parts = append(parts, space+t)
			}
		}
		lines = append(lines, strings.Join(parts, " "))
	}
	if gap >= 0 {
		for c := range widths {
			if c > 0 || widths[c] < 2 {
				widths[c] = max(widths[c], 2)
			}
		}
	}
	for r := range columns[0] {
		if r == gap+1 && gap >= 0 {
			line(func(c int) string {
				if widths[c] >= 3+min(c, 1) {
					return "..."
				}
				return ".."
			})
		}
		line(func(c int) string { return columns[c][r] })
	}
	return strings.Join(lines, "\n")
}

// cells are a column's elements as pandas writes them: floats with as many places as the longest needs, at most six.
func cells(c *np.Array) []string {
	switch {
	case strings.HasPrefix(string(c.DType()), "float"):
		return floats(c.AsType(np.Float64).Floats())
	case c.DType()[0] == '<':
		out := c.Strings()
		for i, text := range out {
			if text == "nan" {
				out[i] = "NaN"
			}
		}
		return out
	}
	out := make([]string, 0, c.Len())
	for _, x := range c.All() {
		out = append(out, x.Text())
	}
	return out
}

func floats(values []float64) []string {
	large, small := false, false
	for _, v := range values {
		a := math.Abs(v)
		large = large || a > 1e6 && !math.IsInf(v, 0)
		small = small || a > 0 && a < 1e-6
	}
	write := func(verb byte) []string {
		out := make([]string, len(values))
		for i, v := range values {
			switch {
			case v != v:
				out[i] = "NaN"
			case math.IsInf(v, 0):
				out[i] = map[bool]string{true: "inf", false: "-inf"}[v > 0]
			default:
				out[i] = strconv.FormatFloat(v, verb, 6, 64)
			}
		}
		return out
	}
	out := write('f')
	for trims(out) {
		for i, text := range out {
			if strings.Contains(text, ".") {
				out[i] = text[:len(text)-1]
			}
		}
	}
	longest := 0
	for i, text := range out {
		if strings.HasSuffix(text, ".") {
			out[i] = text + "0"
		}
		longest = max(longest, len(strings.TrimPrefix(out[i], "-"))+1)
	}
	if small || large && longest > 12 {
		return write('e')
	}
	return out
}

// trims reports that all numbers end in a zero after the point.
func trims(texts []string) bool {
	any := false
	for _, t := range texts {
		if !strings.Contains(t, ".") {
			continue
		}
		any = true
		if !strings.HasSuffix(t, "0") {
			return false
		}
	}
	return any
}

// Info prints the columns with their types (pandas: df.info()).
func (f *Frame) Info() {
	fmt.Print(f.info())
}

func (f *Frame) info() string {
	var b strings.Builder
	b.WriteString("<class 'pandas.core.frame.DataFrame'>\n")
	kind, first, last := "RangeIndex", "0", strconv.Itoa(f.rows-1)
	if labels := f.labelsOr(0); f.rows > 0 && (f.labels != nil || !slices.Equal(f.rowNumbers(), np.Arange(f.rows).Ints())) {
		kind, first, last = "Index", labels[0], labels[f.rows-1]
	}
	fmt.Fprintf(&b, "%s: %d entries, %s to %s\nData columns (total %d columns):\n", kind, f.rows, first, last, len(f.names))
	null := f.IsNull()
	rows := [][4]string{{"#", "Column", "Non-Null Count", "Dtype"}, {"---", "------", "--------------", "-----"}}
	types := map[string]int{}
	for i, name := range f.names {
		n := f.rows - np.Sum(null.Index(np.All, i)).Int()
		rows = append(rows, [4]string{strconv.Itoa(i), name, fmt.Sprintf("%d non-null", n), dtypeName(f.columns[i])})
		types[dtypeName(f.columns[i])]++
	}
	var widths [4]int
	for _, r := range rows {
		for c, text := range r {
			widths[c] = max(widths[c], len([]rune(text)))
		}
	}
	for _, r := range rows {
		fmt.Fprintf(&b, " %-*s  %-*s  %-*s  %-*s\n", widths[0], r[0], widths[1], r[1], widths[2], r[2], widths[3], r[3])
	}
	var parts []string
	for _, name := range []string{"bool", "float32", "float64", "int32", "int64", "object", "uint8"} {
		if n := types[name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s(%d)", name, n))
		}
	}
	fmt.Fprintf(&b, "dtypes: %s\n", strings.Join(parts, ", "))
	return b.String()
}

func dtypeName(c *np.Array) string {
	if c.DType()[0] == '<' {
		return "object"
	}
	return string(c.DType())
}

// ToCSV writes the frame to a file (pandas: df.to_csv(path, index=index)).
func (f *Frame) ToCSV(path string, index bool) {
	file, err := os.Create(path)
	if err != nil {
		np.Fail("OSError", "Cannot save file: %v", err)
	}
	w := csv.NewWriter(file)
	row := func(label string, cells []string) {
		if index {
			cells = append([]string{label}, cells...)
		}
		_ = w.Write(cells) // Flush tells
	}
	row("", f.names)
	labels := f.labelsOr(0)
	for r := range f.rows {
		cells := make([]string, len(f.columns))
		for i, c := range f.columns {
			cells[i] = c.Index(r).Text()
			if cells[i] == "nan" {
				cells[i] = ""
			}
		}
		row(labels[r], cells)
	}
	w.Flush()
	err = w.Error()
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		np.Fail("OSError", "%v", err)
	}
}
