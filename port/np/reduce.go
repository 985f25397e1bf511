package np

import (
	"math"
	"slices"
	"sort"
)

type flag int

// KeepDims leaves the reduced axes in the result with length 1 (NumPy: keepdims=True).
const KeepDims flag = 0

// EqualNaN makes NaN close to NaN (NumPy: equal_nan=True).
const EqualNaN flag = 1

// DDof is the ddof of Std and Var: the divisor is the count less it.
type DDof int

// RTol is the relative tolerance of Isclose, 1e-5 unless given.
type RTol float64

// ATol is the absolute tolerance of Isclose, 1e-8 unless given.
type ATol float64

type options struct {
	axes       []int
	keep       bool
	equalNaN   bool
	ddof       int
	rtol, atol float64
	dtype      DType
}

func optionsOf(opts []any) options {
	o := options{rtol: 1e-5, atol: 1e-8}
	for _, opt := range opts {
		switch v := opt.(type) {
		case nil: // axis=None
		case int:
			o.axes = append(o.axes, v)
		case []int:
			o.axes = append(o.axes, v...)
		case DDof:
			o.ddof = int(v)
		case RTol:
			o.rtol = float64(v)
		case ATol:
			o.atol = float64(v)
		case DType:
			o.dtype = v
		case flag:
			switch v {
			case KeepDims:
				o.keep = true
			case EqualNaN:
				o.equalNaN = true
			}
		default:
			fail("TypeError", "unexpected argument of type %T: want an axis (int), np.KeepDims, np.DDof or a np.DType", opt)
		}
	}
	return o
}

// axisOf resolves an axis.
func axisOf(axis, rank int) int {
	if axis < -rank || axis >= rank {
		fail("AxisError", "axis %d is out of bounds for array of dimension %d", axis, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis
}

// reduced marks the axes to reduce, all where none is named.
func (o options) reduced(rank int) []bool {
	out := make([]bool, rank)
	for _, axis := range o.axes {
		at := axisOf(axis, rank)
		if out[at] {
			fail("ValueError", "duplicate value in 'axis'")
		}
		out[at] = true
	}
	if o.axes == nil {
		for i := range out {
			out[i] = true
		}
	}
	return out
}

// reduction is an array with the axes to reduce, as loops over memory.
type reduction struct {
	a    *Array
	mark []bool
	kept []int // the result's shape without them
	full []int // and with them as ones
}

func (a *Array) reduction(o options) reduction {
	r := reduction{a: a, mark: o.reduced(len(a.shape)), kept: []int{}}
	for i, n := range a.shape {
		if r.mark[i] {
			n = 1
		} else {
			r.kept = append(r.kept, n)
		}
		r.full = append(r.full, n)
	}
	return r
}

// count is how many elements make one of the result.
func (r reduction) count() int {
	n := 1
	for i, d := range r.a.shape {
		if r.mark[i] {
			n *= d
		}
	}
	return n
}

func (r reduction) shaped(o options, out *Array) *Array {
	if o.keep {
		return out.view(slices.Clone(r.full), contiguous(r.full), 0)
	}
	return out
}

type loop struct{ n, in, out int }

// loops orders the axes as NumPy's iterator does, the largest steps in memory outermost, and joins those that it joins.
func (r reduction) loops() (list []loop) {
	outStrides := contiguous(r.kept)
	at := 0
	for i, n := range r.a.shape {
		l := loop{n: n, in: r.a.strides[i]}
		if !r.mark[i] {
			l.out = outStrides[at]
			at++
		}
		if n != 1 {
			list = append(list, l)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return abs(list[i].in) > abs(list[j].in) })
	for i := len(list) - 2; i >= 0; i-- {
		outer, inner := list[i], list[i+1]
		if outer.in == inner.in*inner.n && outer.out == inner.out*inner.n {
			list[i] = loop{outer.n * inner.n, inner.in, inner.out}
			list = slices.Delete(list, i+1, i+2)
		}
	}
	return list
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// run reduces data into out: rows that become one element by row, elements of rows that stay by f.
func run[T element](r reduction, data []T, out []T, row func(acc T, data []T, from, n, step int) T, f func(a, b T) T) {
	if r.a.Size() == 0 {
		return
	}
	list := r.loops()
	inner := loop{1, 0, 0}
	if len(list) > 0 {
		inner = list[len(list)-1]
		list = list[:len(list)-1]
	}
	shape, ins, outs := make([]int, len(list)), make([]int, len(list)), make([]int, len(list))
	for i, l := range list {
		shape[i], ins[i], outs[i] = l.n, l.in, l.out
	}
	places := make([]int, 0, 16)
	walk(shape, outs, func(_, o int) { places = append(places, o) })
	walk(shape, ins, func(i, off int) {
		from, to := off+r.a.offset, places[i]
		if inner.out == 0 {
			out[to] = row(out[to], data, from, inner.n, inner.in)
			return
		}
		for range inner.n {
			out[to] = f(out[to], data[from])
			from += inner.in
			to += inner.out
		}
	})
}

// pairwise sums as NumPy does: in eight lanes, and in halves beyond 128.
func pairwise[T number](data []T, from, n, step int) T {
	switch {
	case n < 8:
		var sum T
		for i := range n {
			sum += data[from+i*step]
		}
		return sum
	case n <= 128:
		var r [8]T
		for j := range r {
			r[j] = data[from+j*step]
		}
		i := 8
		for ; i < n-n%8; i += 8 {
			for j := range r {
				r[j] += data[from+(i+j)*step]
			}
		}
		sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
		for ; i < n; i++ {
			sum += data[from+i*step]
		}
		return sum
	}
	half := n / 2
	half -= half % 8
	return pairwise(data, from, half, step) + pairwise(data, from+half*step, n-half, step)
}

func sumOf[T number](r reduction) *Array {
	out := make([]T, sizeOf(kindFor[T](), r.kept))
	run(r, r.a.data.(cells[T]), out,
		func(acc T, data []T, from, n, step int) T { return acc + pairwise(data, from, n, step) },
		func(a, b T) T { return a + b })
	return wrap(out, r.kept...)
}

func prodOf[T number](r reduction) *Array {
	out := make([]T, sizeOf(kindFor[T](), r.kept))
	for i := range out {
		out[i] = 1
	}
	run(r, r.a.data.(cells[T]), out,
		func(acc T, data []T, from, n, step int) T {
			for i := range n {
				acc *= data[from+i*step]
			}
			return acc
		},
		func(a, b T) T { return a * b })
	return wrap(out, r.kept...)
}

// Sum adds up the elements, all of them or along axes (NumPy: np.sum). Options are axes (int), [KeepDims], a [DType].
// Small integers are summed as int64 or uint64.
func Sum(a any, opts ...any) *Array {
	x, o := Of(a), optionsOf(opts)
	k := x.kind.summing()
	if o.dtype != "" {
		k = kindOf(o.dtype)
	}
	half := k == kFloat16
	if half {
		k = kFloat32
	}
	r := x.cast(k).reduction(o)
	var out *Array
	switch k {
	case kInt64:
		out = sumOf[int64](r)
	case kUint64:
		out = sumOf[uint64](r)
	case kFloat32:
		out = sumOf[float32](r)
	case kFloat64:
		out = sumOf[float64](r)
	default:
		out = sumOf[int64](x.cast(kInt64).reduction(o)).cast(k)
	}
	if half {
		out = out.cast(kFloat16)
	}
	return r.shaped(o, out)
}

// Prod multiplies the elements (NumPy: np.prod); options as of [Sum].
func Prod(a any, opts ...any) *Array {
	x, o := Of(a), optionsOf(opts)
	k := x.kind.summing()
	if o.dtype != "" {
		k = kindOf(o.dtype)
	}
	r := x.cast(k).reduction(o)
	switch k {
	case kUint64:
		return r.shaped(o, prodOf[uint64](r))
	case kFloat64:
		return r.shaped(o, prodOf[float64](r))
	case kFloat32:
		return r.shaped(o, prodOf[float32](r))
	case kFloat16:
		r = x.cast(kFloat32).reduction(o)
		return r.shaped(o, prodOf[float32](r)).cast(k)
	}
	r = x.cast(kInt64).reduction(o)
	return r.shaped(o, prodOf[int64](r)).cast(k)
}

// Mean is the average (NumPy: np.mean); options as of [Sum]. That of nothing is NaN.
func Mean(a any, opts ...any) *Array {
	x, o := Of(a), optionsOf(opts)
	k := x.kind.dividing()
	if o.dtype != "" {
		k = kindOf(o.dtype)
	}
	work := k
	if k == kFloat16 {
		work = kFloat32
	}
	r := x.reduction(o)
	o.dtype = names[work]
	opts = []any{o.axes, o.dtype}
	if o.keep {
		opts = append(opts, KeepDims)
	}
	return Divide(Sum(x, opts...), r.count()).cast(k)
}

// Var is the variance, divided by the count less [DDof] (NumPy: np.var); other options as of [Sum].
func Var(a any, opts ...any) *Array {
	x, o := Of(a), optionsOf(opts)
	k := x.kind.dividing()
	work := k
	if k == kFloat16 {
		work = kFloat32
	}
	w := x.cast(work)
	axes := []any{o.axes}
	d := Subtract(w, Mean(w, append(axes, KeepDims)...))
	if o.keep {
		axes = append(axes, KeepDims)
	}
	return Divide(Sum(Multiply(d, d), axes...), max(x.reduction(o).count()-o.ddof, 0)).cast(k)
}

// Std is the standard deviation, the square root of [Var] (NumPy: np.std).
func Std(a any, opts ...any) *Array { return Sqrt(Var(a, opts...)) }

// best finds for each element of the result the place in memory of the first best one.
func best[T any](r reduction, data []T, better func(a, b T) bool) []int {
	n := 1
	for _, d := range r.kept {
		n *= d
	}
	place := make([]int, n)
	for i := range place {
		place[i] = -1
	}
	outStrides := make([]int, len(r.a.shape))
	at := 0
	kept := contiguous(r.kept)
	for i := range r.a.shape {
		if !r.mark[i] {
			outStrides[i] = kept[at]
			at++
		}
	}
	to := make([]int, 0, r.a.Size())
	walk(r.a.shape, outStrides, func(_, o int) { to = append(to, o) })
	walk(r.a.shape, r.a.strides, func(i, off int) {
		off += r.a.offset
		if p := place[to[i]]; p < 0 || better(data[off], data[p]) {
			place[to[i]] = off
		}
	})
	return place
}

func larger[T number](a, b T) bool  { return b == b && (a > b || a != a) }
func smaller[T number](a, b T) bool { return b == b && (a < b || a != a) }

// bestOf dispatches by type.
func bestOf(r reduction, most bool) []int {
	switch c := r.a.data.(type) {
	case cells[float64]:
		return best(r, c, pick(most, larger[float64], smaller[float64]))
	case cells[float32]:
		return best(r, c, pick(most, larger[float32], smaller[float32]))
	case cells[int64]:
		return best(r, c, pick(most, larger[int64], smaller[int64]))
	case cells[uint8]:
		return best(r, c, pick(most, larger[uint8], smaller[uint8]))
	case cells[uint64]:
		return best(r, c, pick(most, larger[uint64], smaller[uint64]))
	case cells[string]:
		return best(r, c, pick(most, func(a, b string) bool { return a > b }, func(a, b string) bool { return a < b }))
	}
	wide := kInt64
	if r.a.kind.float() {
		wide = kFloat64
	}
	c := castSlab(r.a.data, r.a.kind, wide)
	if f, ok := c.(cells[float64]); ok {
		return best(r, f, pick(most, larger[float64], smaller[float64]))
	}
	return best(r, c.(cells[int64]), pick(most, larger[int64], smaller[int64]))
}

func pick[F any](first bool, a, b F) F {
	if first {
		return a
	}
	return b
}

func extremeOf(a any, most bool, name string, opts []any) *Array {
	x, o := Of(a), optionsOf(opts)
	r := x.reduction(o)
	if r.count() == 0 {
		fail("ValueError", "zero-size array to reduction operation %s which has no identity", name)
	}
	return r.shaped(o, fromSlab(x.kind, x.data.gather(bestOf(r, most)), r.kept))
}

// Max is the largest element, NaN if one is (NumPy: np.max); options are axes (int) and [KeepDims].
func Max(a any, opts ...any) *Array { return extremeOf(a, true, "maximum", opts) }

// Min is the smallest element, NaN if one is (NumPy: np.min); options are axes (int) and [KeepDims].
func Min(a any, opts ...any) *Array { return extremeOf(a, false, "minimum", opts) }

// Ptp is Max less Min (NumPy: np.ptp).
func Ptp(a any, opts ...any) *Array { return Subtract(Max(a, opts...), Min(a, opts...)) }

func argBest(a any, most bool, name string, opts []any) *Array {
	x, o := Of(a), optionsOf(opts)
	if len(o.axes) > 1 {
		fail("TypeError", "'tuple' object cannot be interpreted as an integer")
	}
	r := x.reduction(o)
	if r.count() == 0 {
		fail("ValueError", "attempt to get %s of an empty sequence", name)
	}
	index := x
	if o.axes == nil {
		index = wrap(sequence(x.Size()), x.shape...)
	} else {
		axis := axisOf(o.axes[0], len(x.shape))
		shape := make([]int, len(x.shape))
		for i := range shape {
			shape[i] = 1
		}
		shape[axis] = x.shape[axis]
		index = wrap(sequence(x.shape[axis]), shape...).to(x.shape).Copy()
	}
	c := x
	if !x.isContiguous() || x.offset != 0 || x.data.length() != x.Size() {
		c = x.Copy()
		r = c.reduction(o)
	}
	return r.shaped(o, fromSlab(kInt64, index.data.gather(bestOf(r, most)), r.kept))
}

func sequence(n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(i)
	}
	return out
}

// Argmax is the index of the first largest element, in the flat array or along an axis (NumPy: np.argmax).
func Argmax(a any, opts ...any) *Array { return argBest(a, true, "argmax", opts) }

// Argmin is the index of the first smallest element (NumPy: np.argmin).
func Argmin(a any, opts ...any) *Array { return argBest(a, false, "argmin", opts) }

// Any says whether any element isn't zero (NumPy: np.any); options are axes (int) and [KeepDims].
func Any(a any, opts ...any) *Array { return Greater(Sum(truthOf(a), opts...), 0) }

// AllOf says whether all elements aren't zero (NumPy: np.all; All is the index ":" here).
func AllOf(a any, opts ...any) *Array { return Equal(Sum(LogicalNot(truthOf(a)), opts...), 0) }

func truthOf(a any) *Array { x := Of(a); return wrap(x.Bools(), x.shape...) }

// AnyTrue says whether any element isn't zero (NumPy: a.any()).
func (a *Array) AnyTrue() bool { return slices.Contains(a.bools(), true) }

// AllTrue says whether no element is zero (NumPy: a.all()).
func (a *Array) AllTrue() bool { return !slices.Contains(a.bools(), false) }

// CountNonzero counts the elements that aren't zero (NumPy: np.count_nonzero).
func CountNonzero(a any, opts ...any) *Array { return Sum(truthOf(a), opts...) }

// Average is the mean, or with weights the weighted mean of all elements (NumPy: np.average).
func Average(a any, weights ...any) *Array {
	if len(weights) == 0 || weights[0] == nil {
		return Mean(a)
	}
	w := Of(weights[0])
	if !slices.Equal(w.shape, Of(a).shape) {
		fail("TypeError", "Axis must be specified when shapes of a and weights differ.")
	}
	total := Sum(w).Float()
	if total == 0 {
		fail("ZeroDivisionError", "Weights sum to zero, can't be normalized")
	}
	return Divide(Sum(Multiply(a, w.cast(promote(w.kind, kFloat64)))), total)
}

// lanes moves the axis to the end and returns the rows along it, as an array of two axes, and the way back.
func lanes(x *Array, axis int) (rows *Array, back func(*Array) *Array) {
	axis = axisOf(axis, len(x.shape))
	moved := MoveAxis(x, axis, -1)
	n := x.shape[axis]
	count := 1
	for _, d := range moved.shape[:len(moved.shape)-1] {
		count *= d
	}
	shape := moved.shape
	return Reshape(moved.Copy(), count, n), func(out *Array) *Array {
		to := append(slices.Clone(shape[:len(shape)-1]), out.shape[1])
		return MoveAxis(Reshape(out, to...), -1, axis)
	}
}

// along computes rows of one type.
func along[T, R element](rows *Array, of func(*Array) []T, width int, f func(row []T, out []R)) *Array {
	n := rows.shape[1]
	data := of(rows)
	out := make([]R, rows.shape[0]*width)
	for i := range rows.shape[0] {
		f(data[i*n:(i+1)*n], out[i*width:(i+1)*width])
	}
	return wrap(out, rows.shape[0], width)
}

func flatOrAxis(a any, axis []int) (*Array, int) {
	x := Of(a)
	if len(axis) == 0 {
		return Ravel(x), 0
	}
	return x, axis[0]
}

func cumulative(a any, axis []int, name operation) *Array {
	x, at := flatOrAxis(a, axis)
	k := x.kind.summing()
	rows, back := lanes(x.cast(k), at)
	n := rows.shape[1]
	switch k {
	case kInt64:
		return back(along(rows, elems[int64], n, scan(intFn[int64](name))))
	case kUint64:
		return back(along(rows, elems[uint64], n, scan(intFn[uint64](name))))
	case kFloat64:
		return back(along(rows, elems[float64], n, scan(floatFn[float64](name))))
	}
	return back(along(rows, elems[float32], n, scan(floatFn[float32](name)))).cast(k)
}

func scan[T number](f func(a, b T) T) func(row, out []T) {
	return func(row, out []T) {
		for i, v := range row {
			if i > 0 {
				v = f(out[i-1], v)
			}
			out[i] = v
		}
	}
}

// Cumsum adds up along an axis, or of the flat array (NumPy: np.cumsum).
func Cumsum(a any, axis ...int) *Array { return cumulative(a, axis, opAdd) }

// Cumprod multiplies along an axis, or of the flat array (NumPy: np.cumprod).
func Cumprod(a any, axis ...int) *Array { return cumulative(a, axis, opMultiply) }

// Diff is each element less the one before it, along the last axis unless given (NumPy: np.diff).
func Diff(a any, axis ...int) *Array {
	x, at := Of(a), -1
	if len(axis) > 0 {
		at = axis[0]
	}
	if len(x.shape) == 0 {
		fail("ValueError", "diff requires input that is at least one dimensional")
	}
	at = axisOf(at, len(x.shape))
	idx, before := make([]any, at+1), make([]any, at+1)
	for i := range idx {
		idx[i], before[i] = All, All
	}
	idx[at], before[at] = S("1:"), S(":-1")
	p, q := x.Index(idx...), x.Index(before...)
	if x.kind == kBool {
		return NotEqual(p, q)
	}
	return Subtract(p, q)
}

// Quantile is the q-th quantile, between two elements by straight lines; q may be a number or an array (NumPy:
// np.quantile). Options are axes (int) and [KeepDims].
func Quantile(a, q any, opts ...any) *Array {
	qs := Of(q).cast(kFloat64)
	for _, v := range elems[float64](qs) {
		if !(v >= 0 && v <= 1) {
			fail("ValueError", "Quantiles must be in the range [0, 1]")
		}
	}
	return quantile(a, qs, opts)
}

// Percentile is Quantile of q in 0 to 100 (NumPy: np.percentile).
func Percentile(a, q any, opts ...any) *Array {
	qs := Of(q).cast(kFloat64)
	for _, v := range elems[float64](qs) {
		if !(v >= 0 && v <= 100) {
			fail("ValueError", "Percentiles must be in the range [0, 100]")
		}
	}
	return quantile(a, Divide(qs, 100.0), opts)
}

func quantile(a any, qs *Array, opts []any) *Array {
	x, o := Of(a), optionsOf(opts)
	k := x.kind.dividing()
	r := x.reduction(o)
	rows := r.rows(x.cast(kFloat64))
	values := elems[float64](qs)
	out := make([]float64, len(values)*rows.shape[0])
	n := rows.shape[1]
	if n == 0 {
		fail("IndexError", "index -1 is out of bounds for axis 0 with size 0")
	}
	data := elems[float64](rows)
	for i := range rows.shape[0] {
		row := slices.Clone(data[i*n : (i+1)*n])
		slices.SortFunc(row, ordered)
		for j, v := range values {
			at := v * float64(n-1)
			low := int(math.Floor(at))
			high := min(low+1, n-1)
			t := at - float64(low)
			lo, hi := row[low], row[high]
			result := lo + float64((hi-lo)*t)
			if t >= 0.5 {
				result = hi - float64((hi-lo)*(1-t))
			}
			if row[n-1] != row[n-1] {
				result = row[n-1]
			}
			out[j*rows.shape[0]+i] = result
		}
	}
	shape := r.kept
	if o.keep {
		shape = r.full
	}
	return wrap(out, slices.Concat(qs.shape, shape)...).cast(k)
}

// rows brings the axes to reduce to the end, as one.
func (r reduction) rows(x *Array) *Array {
	var order []int
	for i, m := range r.mark {
		if !m {
			order = append(order, i)
		}
	}
	for i, m := range r.mark {
		if m {
			order = append(order, i)
		}
	}
	n := 1
	for _, d := range r.kept {
		n *= d
	}
	return Reshape(Transpose(x, order...).Copy(), n, r.count())
}

// Median is the middle element, or the mean of the two (NumPy: np.median); options are axes (int) and [KeepDims].
func Median(a any, opts ...any) *Array {
	x, o := Of(a), optionsOf(opts)
	k := x.kind.dividing()
	r := x.reduction(o)
	rows := r.rows(x.cast(kFloat64))
	n := rows.shape[1]
	out := along(rows, elems[float64], 1, func(row, out []float64) {
		if n == 0 {
			out[0] = math.NaN()
			return
		}
		row = slices.Clone(row)
		slices.SortFunc(row, ordered)
		out[0] = row[n/2]
		if n%2 == 0 {
			out[0] = (row[n/2-1] + row[n/2]) / 2
		}
		if row[n-1] != row[n-1] {
			out[0] = row[n-1]
		}
	})
	return r.shaped(o, Reshape(out, r.kept...)).cast(k)
}

// skipNaN replaces NaN by a value.
func skipNaN(a any, by float64) *Array {
	x := Of(a)
	if !x.kind.float() {
		return x
	}
	return each(x, func(v float64) float64 {
		if v != v {
			return by
		}
		return v
	})
}

// NanSum is Sum without NaN (NumPy: np.nansum).
func NanSum(a any, opts ...any) *Array { return Sum(skipNaN(a, 0), opts...) }

// NanMean is Mean without NaN (NumPy: np.nanmean).
func NanMean(a any, opts ...any) *Array {
	return Divide(Sum(skipNaN(a, 0), opts...), Sum(LogicalNot(Isnan(a)), opts...)).cast(Mean(a, opts...).kind)
}

// NanMax is Max without NaN (NumPy: np.nanmax).
func NanMax(a any, opts ...any) *Array { return Max(skipNaN(a, math.Inf(-1)), opts...) }

// NanMin is Min without NaN (NumPy: np.nanmin).
func NanMin(a any, opts ...any) *Array { return Min(skipNaN(a, math.Inf(1)), opts...) }
