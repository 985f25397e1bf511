package pd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// Labelled are values with labels, as value_counts and groupby give them (pandas: Series with an index).
type Labelled struct {
	Index, Values   *np.Array
	IndexName, Name string
	// levels are the labels where a value has several, and their names; Index has them together, as texts.
	levels []Column
}

// Counts are a column's values and how often they are there, the most frequent first (pandas: series.value_counts()); name is the column's.
// They are shares if normalize.
func Counts(column any, name string, normalize bool) *Labelled {
	values, counts := ValueCounts(column)
	l := &Labelled{Index: values, Values: counts, IndexName: name, Name: "count"}
	if normalize {
		l.Name, l.Values = "proportion", np.Divide(counts, np.Sum(counts))
	}
	return l
}

// Groups are the rows of a frame that have the same values in columns, in the order of these values (pandas: df.groupby(names)).
type Groups struct {
	frame *Frame
	keys  []Column    // a value of each key for each group
	rows  []*np.Array // positions
}

// GroupBy divides the rows by the values of columns, rows in which one is missing left out (pandas: df.groupby(names)).
func (f *Frame) GroupBy(names ...string) *Groups {
	if len(names) == 0 {
		np.Fail("ValueError", "No group keys passed!")
	}
	parts := []*np.Array{np.Arange(f.rows)}
	for _, n := range names {
		var finer []*np.Array
		for _, rows := range parts {
			c := f.Col(n).Index(rows)
			there := np.LogicalNot(IsNull(c))
			for _, v := range np.Unique(c.Index(there)).All() {
				finer = append(finer, rows.Index(np.LogicalAnd(np.Equal(c, v), there)))
			}
		}
		parts = finer
	}
	first := make([]int, len(parts))
	for i, rows := range parts {
		first[i] = rows.Index(0).Int()
	}
	g := &Groups{frame: f, rows: parts}
	for _, n := range names {
		g.keys = append(g.keys, Column{n, f.Col(n).Index(first)})
	}
	return g
}

// labelled are values of the groups.
func (g *Groups) labelled(name string, values *np.Array) *Labelled {
	if len(g.keys) == 1 {
		return &Labelled{Index: np.Of(g.keys[0].Values), Values: values, IndexName: g.keys[0].Name, Name: name}
	}
	together := make([]string, len(g.rows))
	for i := range together {
		var parts []string
		for _, k := range g.keys {
			parts = append(parts, np.Of(k.Values).Index(i).Text())
		}
		together[i] = "(" + strings.Join(parts, ", ") + ")"
	}
	return &Labelled{Index: np.Of(together), Values: values, Name: name, levels: g.keys}
}

// Frame is a table of the groups' keys and of what a function such as [Mean] gives of columns, or of all others, in each
// (pandas: df.groupby(names, as_index=False)[columns].mean()).
func (g *Groups) Frame(of func(data any) *np.Array, columns ...string) *Frame {
	all := slices.Clone(g.keys)
	for _, name := range g.frame.names {
		if !slices.ContainsFunc(g.keys, func(k Column) bool { return k.Name == name }) && len(columns) == 0 {
			all = append(all, Column{name, g.Col(name, of).Values})
		}
	}
	for _, c := range columns {
		all = append(all, Column{c, g.Col(c, of).Values})
	}
	return Of(all...)
}

// ResetIndex is the table of the labels and the values (pandas: series.reset_index()).
func (l *Labelled) ResetIndex() *Frame {
	name := l.Name
	if name == "" {
		name = "0"
	}
	labels := l.levels
	if labels == nil {
		labels = []Column{{l.IndexName, l.Index}}
	}
	return Of(append(slices.Clone(labels), Column{name, l.Values})...)
}

// Size is the number of rows of each group (pandas: groups.size()).
func (g *Groups) Size() *Labelled {
	sizes := make([]int, len(g.rows))
	for i, r := range g.rows {
		sizes[i] = r.Len()
	}
	return g.labelled("", np.Of(sizes))
}

// Col is what a function such as [Mean] gives of a column in each group (pandas: groups[name].mean()).
func (g *Groups) Col(name string, of func(data any) *np.Array) *Labelled {
	c := g.frame.Col(name)
	var parts []*np.Array
	for _, r := range g.rows {
		parts = append(parts, of(c.Index(r)).Reshape(1))
	}
	if len(parts) == 0 {
		return g.labelled(name, np.Zeros(0))
	}
	return g.labelled(name, np.Concatenate(parts))
}

// At is the value with a label (pandas: series[label]).
func (l *Labelled) At(label any) *np.Array {
	l.single("a label")
	at := np.Nonzero(np.Equal(l.Index, label))[0]
	if at.Len() == 0 {
		np.Fail("KeyError", "%s", np.Of(label).Text())
	}
	return l.Values.Index(at.Index(0).Int())
}

// Head are the first n (pandas: series.head(n)).
func (l *Labelled) Head(n int) *Labelled {
	return l.rows(np.S(":%d", n))
}

func (l *Labelled) rows(index any) *Labelled {
	out := *l
	out.Index, out.Values, out.levels = l.Index.Index(index), l.Values.Index(index), nil
	for _, c := range l.levels {
		out.levels = append(out.levels, Column{c.Name, np.Of(c.Values).Index(index)})
	}
	return &out
}

// SortValues are the values in their order, the greatest first unless ascending (pandas: series.sort_values(ascending=ascending)).
func (l *Labelled) SortValues(ascending bool) *Labelled {
	if n := l.Len(); n > 16 && np.Unique(l.Values).Size() < n {
		np.Fail("NotImplementedError", "sorting equal values isn't supported: pandas's order of them follows from its own way of sorting")
	}
	if ascending {
		return l.rows(np.Argsort(l.Values))
	}
	return l.rows(np.Argsort(np.Negative(l.Values)))
}

// SortIndex are the values in the order of their labels (pandas: series.sort_index()).
func (l *Labelled) SortIndex() *Labelled {
	l.single("sort_index")
	return l.rows(np.Argsort(l.Index))
}

// single fails where values have several labels.
func (l *Labelled) single(what string) {
	if l.levels != nil {
		np.Fail("NotImplementedError", "%s of values with several labels isn't supported", what)
	}
}

// inColumns are the names and the labels of values with several: a label that is the one above, after equal ones, isn't repeated.
func (l *Labelled) inColumns() (header string, labels []string) {
	columns := make([][]string, len(l.levels))
	for i, c := range l.levels {
		columns[i] = append([]string{c.Name}, cells(np.Of(c.Values))...)
	}
	lines := make([]string, l.Len()+1)
	for r := range lines {
		again := r > 1
		for c, column := range columns {
			width := 0
			for _, text := range column {
				width = max(width, len([]rune(text)))
			}
			text := column[r]
			again = again && c < len(columns)-1 && text == column[r-1]
			if again {
				text = ""
			}
			if c > 0 {
				lines[r] += "  "
			}
			lines[r] += fmt.Sprintf("%-*s", width, text)
		}
	}
	return lines[0], lines[1:]
}

// Len is the number of values.
func (l *Labelled) Len() int { return l.Index.Len() }

// String is the series as pandas prints it.
func (l *Labelled) String() string {
	labels, values := l.Index.Strings(), cells(l.Values)
	n := len(labels)
	for i, text := range values {
		if text[0] != '-' {
			values[i] = " " + text // the place of a sign
		}
	}
	footer := "dtype: " + dtypeName(l.Values)
	if n == 0 {
		return fmt.Sprintf("Series([], Name: %s, %s)", l.Name, footer)
	}
	width := func(texts []string) int {
		w := 0
		for _, t := range texts {
			w = max(w, len([]rune(t)))
		}
		return w
	}
	name := l.IndexName
	if l.levels != nil {
		if n > maxPrinted {
			np.Fail("NotImplementedError", "printing more than %d values with several labels isn't supported", maxPrinted)
		}
		name, labels = l.inColumns()
	}
	if n > maxPrinted {
		labels, values = append(labels[:5:5], labels[n-5:]...), append(values[:5:5], values[n-5:]...)
		footer = fmt.Sprintf("Length: %d, %s", n, footer)
	}
	if l.Name != "" {
		footer = "Name: " + l.Name + ", " + footer
	}
	wide, high := width(labels), width(values)
	var b strings.Builder
	if name != "" {
		b.WriteString(name + "\n")
	}
	for i := range labels {
		if n > maxPrinted && i == 5 {
			dots := ".."
			if high > 3 {
				dots = "..."
			}
			left := (high - len(dots)) / 2
			fmt.Fprintf(&b, "%-*s   %-*s\n", wide, "", high, strings.Repeat(" ", left)+dots)
		}
		fmt.Fprintf(&b, "%-*s   %*s\n", wide, labels[i], high, values[i])
	}
	return b.String() + footer
}
