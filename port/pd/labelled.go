package pd

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// Labelled are values with labels, as value_counts and groupby give them (pandas: Series with an index).
type Labelled struct {
	Index, Values   *np.Array
	IndexName, Name string
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

// Groups are the rows of a frame that have the same value in a column, in the order of these values (pandas: df.groupby(name)).
type Groups struct {
	frame *Frame
	key   string
	index *np.Array
	rows  []*np.Array // positions
}

// GroupBy divides the rows by the values of a column, missing ones left out (pandas: df.groupby(name)).
func (f *Frame) GroupBy(name string) *Groups {
	c := f.Col(name)
	there := np.LogicalNot(IsNull(c))
	g := &Groups{frame: f, key: name, index: np.Unique(c.Index(there))}
	for _, v := range g.index.All() {
		g.rows = append(g.rows, np.Nonzero(np.LogicalAnd(np.Equal(c, v), there))[0])
	}
	return g
}

// Size is the number of rows of each group (pandas: groups.size()).
func (g *Groups) Size() *Labelled {
	sizes := make([]int, len(g.rows))
	for i, r := range g.rows {
		sizes[i] = r.Len()
	}
	return &Labelled{Index: g.index, Values: np.Of(sizes), IndexName: g.key}
}

// Col is what a function such as [Mean] gives of a column in each group (pandas: groups[name].mean()).
func (g *Groups) Col(name string, of func(data any) *np.Array) *Labelled {
	c := g.frame.Col(name)
	var parts []*np.Array
	for _, r := range g.rows {
		parts = append(parts, of(c.Index(r)).Reshape(1))
	}
	l := &Labelled{Index: g.index, Values: np.Zeros(0), IndexName: g.key, Name: name}
	if len(parts) > 0 {
		l.Values = np.Concatenate(parts)
	}
	return l
}

// At is the value with a label (pandas: series[label]).
func (l *Labelled) At(label any) *np.Array {
	at := np.Nonzero(np.Equal(l.Index, label))[0]
	if at.Len() == 0 {
		np.Fail("KeyError", "%s", np.Of(label).Text())
	}
	return l.Values.Index(at.Index(0).Int())
}

// Head are the first n (pandas: series.head(n)).
func (l *Labelled) Head(n int) *Labelled {
	out := *l
	out.Index, out.Values = l.Index.Index(np.S(":%d", n)), l.Values.Index(np.S(":%d", n))
	return &out
}

// SortIndex are the values in the order of their labels (pandas: series.sort_index()).
func (l *Labelled) SortIndex() *Labelled {
	order := np.Argsort(l.Index)
	out := *l
	out.Index, out.Values = l.Index.Index(order), l.Values.Index(order)
	return &out
}

// Len is the number of values.
func (l *Labelled) Len() int { return l.Index.Len() }

// String is the series as pandas prints it.
func (l *Labelled) String() string {
	labels, values := l.Index.Strings(), cells(l.Values)
	n := len(labels)
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
	if n > maxPrinted {
		labels, values = append(labels[:5:5], labels[n-5:]...), append(values[:5:5], values[n-5:]...)
		footer = fmt.Sprintf("Length: %d, %s", n, footer)
	}
	if l.Name != "" {
		footer = "Name: " + l.Name + ", " + footer
	}
	wide, high := width(labels), width(values)
	var b strings.Builder
	if l.IndexName != "" {
		b.WriteString(l.IndexName + "\n")
	}
	for i := range labels {
		if n > maxPrinted && i == 5 {
			dots := ".."
			if high+1 > 3 {
				dots = "..."
			}
			left := (high + 1 - len(dots)) / 2
			fmt.Fprintf(&b, "%-*s   %-*s\n", wide, "", high+1, strings.Repeat(" ", left)+dots)
		}
		fmt.Fprintf(&b, "%-*s    %*s\n", wide, labels[i], high, values[i])
	}
	return b.String() + footer
}
