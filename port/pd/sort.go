package pd

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// SortValues returns the rows in the order of columns, the first one counting first, the greatest first unless ascending; rows without a value are
// last (pandas: df.sort_values(names, ascending=ascending)). Equal values of one column stay in their order, up to 16 rows: pandas sorts more of them
// in a way that keeps no order, which is an error here.
func (f *Frame) SortValues(ascending bool, names ...string) *Frame {
	if len(names) == 0 {
		np.Fail("ValueError", "sorting needs the name of a column")
	}
	type key struct {
		compare func(i, j int) int
		missing []bool
	}
	var keys []key
	for _, name := range names {
		column := f.columns[f.place(name)]
		k := key{missing: IsNull(column).Bools()}
		if m := f.missing[f.place(name)]; m != nil {
			k.missing = m
		}
		switch kind := string(column.DType()); {
		case strings.HasPrefix(kind, "<U"):
			values := column.Strings()
			k.compare = func(i, j int) int { return strings.Compare(values[i], values[j]) }
		case strings.HasPrefix(kind, "float"):
			values := column.Floats()
			k.compare = func(i, j int) int { return cmp.Compare(values[i], values[j]) }
		default:
			values := column.AsType("int64").Ints()
			k.compare = func(i, j int) int { return cmp.Compare(values[i], values[j]) }
		}
		keys = append(keys, k)
	}
	tied := false
	order := make([]int, f.rows)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		for _, k := range keys {
			switch {
			case k.missing[i] && k.missing[j]:
				continue
			case k.missing[i]:
				return 1
			case k.missing[j]:
				return -1
			}
			c := k.compare(i, j)
			if !ascending {
				c = -c
			}
			if c != 0 {
				return c
			}
			tied = tied || len(keys) == 1 && i != j
		}
		return 0
	})
	if tied && f.rows > 16 {
		np.Fail("NotImplementedError", "sorting more than 16 rows by one column with equal values isn't supported: pandas's order of them follows from its own way of sorting")
	}
	return f.Rows(np.Of(order))
}
