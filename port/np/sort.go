package np

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// ordered orders as NumPy sorts: NaN last.
func ordered[T cmp.Ordered](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case a != a && b != b:
		return 0
	case a != a:
		return 1
	}
	return -1
}

// ranks sorts the indices of each row along an axis, equal elements in their order.
func ranks(x *Array, axis int) (rows *Array, back func(*Array) *Array) {
	rows, back = lanes(x, axis)
	n := rows.shape[1]
	switch {
	case x.kind == kStr:
		return along(rows, (*Array).strings, n, rank[string]), back
	case x.kind.float():
		return along(rows, elems[float64], n, rank[float64]), back
	case x.kind == kUint64:
		return along(rows, elems[uint64], n, rank[uint64]), back
	}
	return along(rows, elems[int64], n, rank[int64]), back
}

func rank[T cmp.Ordered](row []T, out []int64) {
	for i := range out {
		out[i] = int64(i)
	}
	slices.SortStableFunc(out, func(i, j int64) int { return ordered(row[i], row[j]) })
}

func lastAxis(axis []int) int {
	if len(axis) > 0 {
		return axis[0]
	}
	return -1
}

// Sort returns the elements sorted along an axis, the last unless given, NaN last (NumPy: np.sort).
func Sort(a any, axis ...int) *Array {
	x := Of(a)
	order, back := ranks(x, lastAxis(axis))
	rows, _ := lanes(x, lastAxis(axis))
	n := rows.shape[1]
	at := make([]int, order.Size())
	for i, v := range elems[int64](order) {
		at[i] = i/max(n, 1)*n + int(v)
	}
	return back(fromSlab(x.kind, rows.flat().gather(at), rows.shape))
}

// Sort sorts in place along an axis, the last unless given (NumPy: a.sort()).
func (a *Array) Sort(axis ...int) { a.SetIndex(Sort(a, axis...), Ellipsis) }

// Argsort is the indices that sort, equal elements in their order (NumPy: np.argsort with kind="stable").
func Argsort(a any, axis ...int) *Array {
	order, back := ranks(Of(a), lastAxis(axis))
	return back(order)
}

// Argpartition is Argsort: a full order is a partition at every element (NumPy: np.argpartition).
func Argpartition(a any, _ int, axis ...int) *Array { return Argsort(a, axis...) }

// Nonzero is the indices of what isn't zero, an array for each axis (NumPy: np.nonzero, and np.where of one argument).
func Nonzero(a any) []*Array {
	x := Of(a)
	if len(x.shape) == 0 {
		fail("ValueError", "Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead. If the context of this error is of the form `arr[nonzero(cond)]`, just use `arr[cond]`.")
	}
	places := make([][]int64, len(x.shape))
	strides := contiguous(x.shape)
	for i, yes := range x.bools() {
		if yes {
			for axis := range places {
				places[axis] = append(places[axis], int64(i/strides[axis]%x.shape[axis]))
			}
		}
	}
	out := make([]*Array, len(places))
	for axis, p := range places {
		out[axis] = wrap(p, len(p))
	}
	return out
}

// Argwhere is the indices of what isn't zero, a row for each (NumPy: np.argwhere).
func Argwhere(a any) *Array {
	x := Of(a)
	if len(x.shape) == 0 {
		return newArray(kInt64, []int{CountNonzero(x).Int(), 0})
	}
	return Stack(Nonzero(x), 1)
}

// FlatNonzero is the indices in the flat array of what isn't zero (NumPy: np.flatnonzero).
func FlatNonzero(a any) *Array { return Nonzero(Ravel(a))[0] }

// Unique is the different elements, sorted (NumPy: np.unique).
func Unique(a any) *Array {
	values, _, _, _ := UniqueAll(a)
	return values
}

// UniqueCounts gives the different elements, sorted, and how often each is there (NumPy: np.unique(a, return_counts=True)).
func UniqueCounts(a any) (values, counts *Array) {
	values, _, _, counts = UniqueAll(a)
	return values, counts
}

// UniqueInverse gives the different elements and, in a's shape, which of them each is (NumPy: return_inverse=True).
func UniqueInverse(a any) (values, inverse *Array) {
	values, _, inverse, _ = UniqueAll(a)
	return values, inverse
}

// UniqueAll gives the different elements, where each is first, which of them each element is, and their counts (NumPy: np.unique_all).
func UniqueAll(a any) (values, index, inverse, counts *Array) {
	x := Of(a)
	flat := Ravel(x)
	n := flat.Size()
	order, _ := ranks(flat, 0)
	sorted := Take(flat, order.Reshape(-1))
	fresh := make([]bool, n)
	if n > 0 {
		fresh[0] = true
		same := compare(isEqual, sorted.Index(S("1:")), sorted.Index(S(":-1"))).bools()
		var nan []bool
		if x.kind.float() {
			nan = Isnan(sorted).bools()
		}
		for i := range same {
			fresh[i+1] = !same[i] && (nan == nil || !nan[i] || !nan[i+1])
		}
	}
	var first, count []int64
	inv := make([]int64, n)
	places := elems[int64](order)
	for i, p := range places {
		if fresh[i] {
			first = append(first, p)
			count = append(count, 0)
		}
		inv[p] = int64(len(count) - 1)
		count[len(count)-1]++
	}
	return sorted.Index(wrap(fresh, n)), wrap(first, len(first)), wrap(inv, x.shape...), wrap(count, len(count))
}

// UniqueRows is the different rows, sorted (NumPy: np.unique(a, axis=0)).
func UniqueRows(a any) *Array {
	x := Of(a)
	n := x.Len()
	rows := Reshape(x, n, -1).cast(promote(x.kind, kBool))
	width := rows.shape[1]
	var less func(i, j int) int
	if x.kind == kStr {
		data := rows.strings()
		less = func(i, j int) int {
			return slices.Compare(data[i*width:(i+1)*width], data[j*width:(j+1)*width])
		}
	} else {
		data := elems[float64](rows)
		less = func(i, j int) int {
			return slices.CompareFunc(data[i*width:(i+1)*width], data[j*width:(j+1)*width], ordered[float64])
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, less)
	order = slices.CompactFunc(order, func(i, j int) bool { return less(i, j) == 0 })
	return x.Index(order)
}

// Isin says of each element whether it is among the values (NumPy: np.isin).
func Isin(a, values any) *Array {
	x, v := Of(a), Of(values)
	if (x.kind == kStr) != (v.kind == kStr) {
		return Full(false, x.shape...)
	}
	all := concat([]*Array{Ravel(v), Ravel(x)}, 0)
	_, inverse := UniqueInverse(all)
	ids := elems[int64](inverse)
	there := make(map[int64]bool)
	for _, id := range ids[:v.Size()] {
		there[id] = true
	}
	out := make([]bool, x.Size())
	nan := all.kind.float()
	data := []float64(nil)
	if nan {
		data = elems[float64](x)
	}
	for i, id := range ids[v.Size():] {
		out[i] = there[id] && (!nan || data[i] == data[i])
	}
	return wrap(out, x.shape...)
}

// Searchsorted is where values go into a sorted array: before equal elements, or behind them with right (NumPy: np.searchsorted).
func Searchsorted(sorted, values any, right ...bool) *Array {
	s, v := Of(sorted).cast(kFloat64), Of(values).cast(kFloat64)
	data := elems[float64](s)
	out := make([]int64, v.Size())
	behind := len(right) > 0 && right[0]
	for i, x := range elems[float64](v) {
		out[i] = int64(sort.Search(len(data), func(j int) bool {
			if behind {
				return ordered(data[j], x) > 0
			}
			return ordered(data[j], x) >= 0
		}))
	}
	return wrap(out, v.shape...)
}

// Digitize is the bin of each value between rising edges (NumPy: np.digitize).
func Digitize(values, edges any) *Array { return Searchsorted(edges, values, true) }

// Bincount counts the integers 0, 1, … (NumPy: np.bincount), at least as many as minLength.
func Bincount(a any, minLength ...int) *Array {
	x := Of(a)
	if len(x.shape) != 1 {
		fail("ValueError", "object too deep for desired array")
	}
	if x.kind.float() || x.kind == kStr {
		fail("TypeError", "Cannot cast array data from dtype('%s') to dtype('int64') according to the rule 'safe'", x.DType())
	}
	n := axisAmong(minLength)
	for _, v := range elems[int64](x) {
		if v < 0 {
			fail("ValueError", "'list' argument must have no negative elements")
		}
		n = max(n, int(v)+1)
	}
	out := make([]int64, sizeOf(kInt64, []int{n}))
	for _, v := range elems[int64](x) {
		out[v]++
	}
	return wrap(out, n)
}

// Histogram counts elements in bins: a number of equal ones between the smallest and the largest element, 10 unless
// given, or their edges (NumPy: np.histogram).
func Histogram(a any, bins ...any) (counts, edges *Array) {
	x := Ravel(a).cast(kFloat64)
	var spec any = 10
	if len(bins) > 0 {
		spec = bins[0]
	}
	data := elems[float64](x)
	n, equal := spec.(int)
	if !equal {
		edges = Of(spec)
		for _, d := range Diff(edges.cast(kFloat64)).Floats() {
			if d < 0 {
				fail("ValueError", "`bins` must increase monotonically, when an array")
			}
		}
	} else {
		if n < 1 {
			fail("ValueError", "`bins` must be positive, when an integer")
		}
		lo, hi := 0.0, 1.0
		if len(data) > 0 {
			lo, hi = Min(x).Float(), Max(x).Float()
			if math.IsNaN(lo-hi) || math.IsInf(lo-hi, 0) {
				fail("ValueError", "autodetected range of [%s, %s] is not finite", scalarString(lo), scalarString(hi))
			}
		}
		if len(bins) > 1 {
			r := Of(bins[1]).Floats()
			if lo, hi = r[0], r[1]; lo > hi {
				fail("ValueError", "max must be larger than min in range parameter.")
			}
		}
		if lo == hi {
			lo, hi = lo-0.5, hi+0.5
		}
		edges = Linspace(lo, hi, n+1)
	}
	e := edges.Floats()
	out := make([]int64, max(len(e)-1, 0))
	for _, v := range data {
		// The bin whose left edge is the last one that isn't beyond v; the last bin has its right edge, too.
		i := sort.Search(len(e), func(j int) bool { return e[j] > v })
		switch {
		case i == len(e) && len(e) > 0 && v == e[len(e)-1]:
			out[len(out)-1]++
		case i > 0 && i < len(e):
			out[i-1]++
		}
	}
	return wrap(out, len(out)), edges
}

// Interp is straight lines between points of rising xp (NumPy: np.interp).
func Interp(x, xp, fp any) *Array {
	at, xs, ys := Of(x).cast(kFloat64), Of(xp).Floats(), Of(fp).Floats()
	if len(xs) == 0 {
		fail("ValueError", "array of sample points is empty")
	}
	if len(xs) != len(ys) {
		fail("ValueError", "fp and xp are not of the same length.")
	}
	return each(at, func(v float64) float64 {
		j := sort.Search(len(xs), func(k int) bool { return xs[k] > v }) - 1
		switch {
		case v != v:
			return v
		case j < 0:
			return ys[0]
		case j >= len(xs)-1 || xs[j] == v:
			return ys[min(j, len(ys)-1)]
		}
		slope := (ys[j+1] - ys[j]) / (xs[j+1] - xs[j])
		return float64(slope*(v-xs[j])) + ys[j]
	})
}
