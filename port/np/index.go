package np

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Slice is an index that takes a range of an axis; S makes one.
type Slice struct{ start, stop, step *int }

type marker int

// Indices that take no value: All is ":", NewAxis is np.newaxis or None, Ellipsis is "...".
var All = Slice{}

// NewAxis puts a new axis of length 1 (NumPy: np.newaxis).
const NewAxis marker = 0

// Ellipsis stands for all axes that other indices leave (Python: ...).
const Ellipsis marker = 1

// S makes a slice of Python's text for one: S("1:-1:2"), S("::-1"), S("%d:%d", i, j).
func S(text string, args ...any) Slice {
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		fail("SyntaxError", "%q isn't a slice", text)
	}
	var out Slice
	for i, to := range []**int{&out.start, &out.stop, &out.step}[:len(parts)] {
		if p := strings.TrimSpace(parts[i]); p != "" {
			n, err := strconv.Atoi(p)
			if err != nil {
				fail("TypeError", "slice indices must be integers or None or have an __index__ method")
			}
			*to = &n
		}
	}
	return out
}

// Bounds resolves the slice for an axis of n: the first element, the number of elements and the step (Python: slice.indices).
func (s Slice) Bounds(n int) (start, count, step int) {
	step = 1
	if s.step != nil {
		step = *s.step
	}
	if step == 0 {
		fail("ValueError", "slice step cannot be zero")
	}
	low, high := 0, n
	if step < 0 {
		low, high = -1, n-1
	}
	place := func(p *int, missing int) int {
		if p == nil {
			return missing
		}
		v := *p
		if v < 0 {
			v += n
		}
		return min(max(v, low), high)
	}
	var stop int
	if step > 0 {
		start, stop = place(s.start, 0), place(s.stop, n)
		count = max(0, (stop-start+step-1)/step)
		if stop <= start {
			count = 0
		}
	} else {
		start, stop = place(s.start, n-1), place(s.stop, -1)
		if stop < start {
			count = (start - stop - step - 1) / -step
		}
	}
	return start, count, step
}

// fancy is an index by an array of integers, on one axis.
type fancy struct {
	index  *Array // int64
	stride int
	size   int
	axis   int
}

// selection is what indices choose: a view, and where there are arrays among them, offsets into it.
type selection struct {
	view    *Array // the axes that slices leave
	fancies []fancy
	place   int // where the axes of the arrays go among the view's
	points  []int
	offsets []int
	masked  bool // by one mask alone
}

// Index takes elements (Python: a[i, j, …]). An index is an int, a slice (S("1:3"), All), NewAxis, Ellipsis, or an array or
// slice of ints or bools. Without arrays among them the result is a view: it shares a's memory, unless it is a single number.
func (a *Array) Index(index ...any) *Array {
	s := a.choose(index)
	if s.fancies == nil {
		if len(s.view.shape) == 0 && len(a.shape) > 0 && !slices.ContainsFunc(index, isEllipsis) {
			return s.view.Copy() // a number, which doesn't change with the array
		}
		return s.view
	}
	sub := s.view
	if sub.Size() == 1 {
		at := make([]int, len(s.offsets))
		for i, o := range s.offsets {
			at[i] = o + sub.offset
		}
		return fromSlab(a.kind, a.data.gather(at), s.shape())
	}
	out := newArray(a.kind, append(slices.Clone(s.points), sub.shape...))
	n, strides := sub.Size(), contiguous(sub.shape)
	for i, o := range s.offsets {
		out.data.copyStrided(i*n, strides, a.data, sub.offset+o, sub.strides, sub.shape)
	}
	return s.arrange(out)
}

// shape is that of the result.
func (s *selection) shape() []int {
	return slices.Insert(slices.Clone(s.view.shape), s.place, s.points...)
}

// arrange moves the axes of the arrays from the front to their place.
func (s *selection) arrange(out *Array) *Array {
	n := len(s.points)
	shape := slices.Insert(slices.Clone(out.shape[n:]), s.place, out.shape[:n]...)
	strides := slices.Insert(slices.Clone(out.strides[n:]), s.place, out.strides[:n]...)
	return out.view(shape, strides, out.offset)
}

// SetIndex sets elements (Python: a[i, j, …] = value). The value, a number or an array, is broadcast and cast.
func (a *Array) SetIndex(value any, index ...any) {
	v := operandOf(value)
	from := v.as(a.kind)
	if from.data == nil {
		return
	}
	s := a.choose(index)
	shape := s.view.shape
	if s.fancies != nil {
		shape = s.shape()
	}
	from = dropOnes(from, len(shape))
	if got := broadcast(from.shape, shape); got == nil || !slices.Equal(got, shape) {
		switch {
		case s.masked && len(from.shape) == 1 && len(shape) == 1:
			fail("ValueError", "NumPy boolean array indexing assignment cannot assign %d input values to the %d output values where the mask is true", from.shape[0], shape[0])
		case s.fancies != nil:
			fail("ValueError", "shape mismatch: value array of shape %s could not be broadcast to indexing result of shape %s", tuple(from.shape, ","), tuple(shape, ","))
		}
		fail("ValueError", "could not broadcast input array from shape %s into shape %s", tuple(from.shape, ","), tuple(shape, ","))
	}
	if sameMemory(from.data, a.data) {
		from = from.Copy()
	}
	from = from.to(shape)
	if s.fancies == nil {
		a.data.copyStrided(s.view.offset, s.view.strides, from.data, from.offset, from.strides, shape)
		return
	}
	// The axes of the points first, as their offsets are.
	n, p := len(s.points), s.place
	strides := slices.Concat(from.strides[p:p+n], from.strides[:p], from.strides[p+n:])
	moved := from.view(slices.Concat(s.points, s.view.shape), strides, from.offset)
	if s.view.Size() == 1 {
		at := make([]int, len(s.offsets))
		for i, o := range s.offsets {
			at[i] = o + s.view.offset
		}
		a.data.scatter(at, moved.flat())
		return
	}
	walk(s.points, strides[:n], func(i, off int) {
		a.data.copyStrided(s.view.offset+s.offsets[i], s.view.strides, moved.data, moved.offset+off, strides[n:], s.view.shape)
	})
}

// dropOnes leaves leading axes of length 1 out, which NumPy allows values to have too many of.
func dropOnes(a *Array, rank int) *Array {
	for len(a.shape) > rank && a.shape[0] == 1 {
		a = a.view(a.shape[1:], a.strides[1:], a.offset)
	}
	return a
}

func sameMemory(a, b slab) bool {
	if a.length() == 0 || b.length() == 0 {
		return false
	}
	return address(a) == address(b)
}

// walk calls f for each point of a shape in C order, with the offset that the strides give.
func walk(shape, strides []int, f func(i, off int)) {
	if slices.Contains(shape, 0) {
		return
	}
	at := make([]int, len(shape))
	off := 0
	for i := 0; ; i++ {
		f(i, off)
		axis := len(shape) - 1
		for ; axis >= 0; axis-- {
			at[axis]++
			off += strides[axis]
			if at[axis] < shape[axis] {
				break
			}
			off -= strides[axis] * shape[axis]
			at[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// choose resolves indices.
func (a *Array) choose(index []any) *selection {
	var items []any
	used, ellipses, arrays, masks := 0, 0, 0, 0
	for _, i := range index {
		switch v := i.(type) {
		case marker:
			if v == Ellipsis {
				if ellipses++; ellipses > 1 {
					fail("IndexError", "an index can only have a single ellipsis ('...')")
				}
			}
			items = append(items, v)
			continue
		case nil:
			items = append(items, NewAxis)
			continue
		case Slice:
			items = append(items, v)
		case int:
			items = append(items, v)
		case string, float64, float32, bool:
			fail("IndexError", "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices")
		default:
			x := Of(v)
			switch {
			case x.kind == kBool:
				if len(x.shape) == 0 {
					fail("IndexError", "a single bool as an index isn't supported")
				}
				masks++
				for axis, n := range x.shape {
					at := used + axis
					if ellipses > 0 {
						at = max(0, len(a.shape)-len(x.shape)) + axis
					}
					if at < len(a.shape) && a.shape[at] != n {
						fail("IndexError", "boolean index did not match indexed array along axis %d; size of axis is %d but size of corresponding boolean axis is %d", at, a.shape[at], n)
					}
				}
				for _, axis := range Nonzero(x) {
					items = append(items, axis)
				}
				used += len(x.shape)
				arrays++
				continue
			case x.kind.integer() && len(x.shape) == 0:
				items = append(items, x.Int())
			case x.kind.integer() || x.Size() == 0 && x.kind == kFloat64:
				items = append(items, x.cast(kInt64))
				arrays++
			default:
				fail("IndexError", "arrays used as indices must be of integer (or boolean) type")
			}
		}
		used++
	}
	if used > len(a.shape) {
		fail("IndexError", "too many indices for array: array is %d-dimensional, but %d were indexed", len(a.shape), used)
	}
	if ellipses == 0 {
		items = append(items, Ellipsis)
	}
	s := &selection{masked: masks == 1 && len(index) == 1}
	view := a.view([]int{}, []int{}, a.offset)
	axis, last, split := 0, -2, false
	for place, item := range items {
		switch v := item.(type) {
		case marker:
			if v == NewAxis {
				view.shape, view.strides = append(view.shape, 1), append(view.strides, 0)
				continue
			}
			for n := len(a.shape) - used; n > 0; n-- {
				view.shape, view.strides = append(view.shape, a.shape[axis]), append(view.strides, a.strides[axis])
				axis++
			}
			continue
		case Slice:
			start, count, step := v.Bounds(a.shape[axis])
			if count > 0 {
				view.offset += start * a.strides[axis]
			}
			view.shape, view.strides = append(view.shape, count), append(view.strides, step*a.strides[axis])
		case int:
			if arrays == 0 {
				view.offset += within(v, a.shape[axis], axis) * a.strides[axis]
				break
			}
			item = wrap([]int64{int64(v)})
		}
		if x, ok := item.(*Array); ok {
			if s.fancies == nil {
				s.place = len(view.shape)
			} else if last != place-1 {
				split = true
			}
			last = place
			s.fancies = append(s.fancies, fancy{x, a.strides[axis], a.shape[axis], axis})
		}
		axis++
	}
	s.view = view
	if s.fancies != nil {
		if split {
			s.place = 0
		}
		s.resolve()
	}
	return s
}

func within(i, n, axis int) int {
	if i < -n || i >= n {
		fail("IndexError", "index %d is out of bounds for axis %d with size %d", i, axis, n)
	}
	if i < 0 {
		i += n
	}
	return i
}

// resolve computes the offset of each point that arrays choose.
func (s *selection) resolve() {
	shapes := make([][]int, len(s.fancies))
	texts := make([]string, len(s.fancies))
	for i, f := range s.fancies {
		shapes[i], texts[i] = f.index.shape, tuple(f.index.shape, ",")
	}
	if s.points = broadcast(shapes...); s.points == nil {
		fail("IndexError", "shape mismatch: indexing arrays could not be broadcast together with shapes %s ", strings.Join(texts, " "))
	}
	n := 1
	for _, d := range s.points {
		n *= d
	}
	s.offsets = make([]int, n)
	for _, f := range s.fancies {
		for i, v := range elems[int64](f.index.to(s.points)) {
			s.offsets[i] += within(int(v), f.size, f.axis) * f.stride
		}
	}
}
