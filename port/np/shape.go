package np

import (
	"slices"
	"strings"
)

// Reshape returns the elements in another shape; one length may be -1 (NumPy: np.reshape). It is a view where the elements
// lie in order.
func Reshape(a any, shape ...int) *Array {
	x := Of(a)
	shape = slices.Clone(shape)
	if shape == nil {
		shape = []int{}
	}
	unknown, known := -1, 1
	for i, n := range shape {
		switch {
		case n >= 0:
			known *= n
		case n == -1 && unknown < 0:
			unknown = i
		case n == -1:
			fail("ValueError", "can only specify one unknown dimension")
		default:
			fail("ValueError", "negative dimensions are not allowed")
		}
	}
	asked := strings.ReplaceAll(tuple(shape, ","), "-1", "newaxis")
	size := x.Size()
	if unknown >= 0 {
		if known == 0 || size%known != 0 {
			fail("ValueError", "cannot reshape array of size %d into shape %s", size, asked)
		}
		shape[unknown] = size / known
	} else if known != size {
		fail("ValueError", "cannot reshape array of size %d into shape %s", size, asked)
	}
	if x.isContiguous() {
		return x.view(shape, contiguous(shape), x.offset)
	}
	return fromSlab(x.kind, x.flat(), shape)
}

// Reshape is the function [Reshape] (NumPy: a.reshape).
func (a *Array) Reshape(shape ...int) *Array { return Reshape(a, shape...) }

// Ravel returns all elements on one axis, a view where they lie in order (NumPy: np.ravel).
func Ravel(a any) *Array { return Reshape(a, -1) }

// Resize repeats or cuts the elements to fill a shape (NumPy: np.resize).
func Resize(a any, shape ...int) *Array {
	x := Ravel(a)
	out := newArray(x.kind, shape)
	n := x.Size()
	if n == 0 {
		return out
	}
	at := make([]int, out.Size())
	for i := range at {
		at[i] = i % n
	}
	return fromSlab(x.kind, x.flat().gather(at), shape)
}

// Transpose reverses the axes, or orders them as named; a view (NumPy: np.transpose).
func Transpose(a any, axes ...int) *Array {
	x := Of(a)
	rank := len(x.shape)
	if len(axes) == 0 {
		for i := rank - 1; i >= 0; i-- {
			axes = append(axes, i)
		}
	}
	if len(axes) != rank {
		fail("ValueError", "axes don't match array")
	}
	shape, strides, seen := make([]int, rank), make([]int, rank), make([]bool, rank)
	for i, axis := range axes {
		axis = axisOf(axis, rank)
		if seen[axis] {
			fail("ValueError", "repeated axis in transpose")
		}
		seen[axis] = true
		shape[i], strides[i] = x.shape[axis], x.strides[axis]
	}
	return x.view(shape, strides, x.offset)
}

// T reverses the axes; a view (NumPy: a.T).
func (a *Array) T() *Array { return Transpose(a) }

// SwapAxes exchanges two axes; a view (NumPy: np.swapaxes).
func SwapAxes(a any, p, q int) *Array {
	x := Of(a)
	order := make([]int, len(x.shape))
	for i := range order {
		order[i] = i
	}
	p, q = axisOf(p, len(order)), axisOf(q, len(order))
	order[p], order[q] = q, p
	return Transpose(x, order...)
}

// MoveAxis takes an axis to another place; a view (NumPy: np.moveaxis).
func MoveAxis(a any, from, to int) *Array {
	x := Of(a)
	from, to = axisOf(from, len(x.shape)), axisOf(to, len(x.shape))
	var order []int
	for i := range x.shape {
		if i != from {
			order = append(order, i)
		}
	}
	return Transpose(x, slices.Insert(order, to, from)...)
}

// ExpandDims puts in axes of length 1; a view (NumPy: np.expand_dims).
func ExpandDims(a any, axes ...int) *Array {
	x := Of(a)
	rank := len(x.shape) + len(axes)
	one := make([]bool, rank)
	for _, axis := range axes {
		axis = axisOf(axis, rank)
		if one[axis] {
			fail("ValueError", "repeated axis")
		}
		one[axis] = true
	}
	shape, strides, at := make([]int, rank), make([]int, rank), 0
	for i := range shape {
		shape[i] = 1
		if !one[i] {
			shape[i], strides[i] = x.shape[at], x.strides[at]
			at++
		}
	}
	return x.view(shape, strides, x.offset)
}

// Squeeze takes out axes of length 1, all of them unless named; a view (NumPy: np.squeeze).
func Squeeze(a any, axes ...int) *Array {
	x := Of(a)
	out := make([]bool, len(x.shape))
	for _, axis := range axes {
		axis = axisOf(axis, len(x.shape))
		if x.shape[axis] != 1 {
			fail("ValueError", "cannot select an axis to squeeze out which has size not equal to one")
		}
		out[axis] = true
	}
	shape, strides := []int{}, []int{}
	for i, n := range x.shape {
		if out[i] || len(axes) == 0 && n == 1 {
			continue
		}
		shape, strides = append(shape, n), append(strides, x.strides[i])
	}
	return x.view(shape, strides, x.offset)
}

// Atleast1D and Atleast2D put axes in front where there are fewer (NumPy: np.atleast_1d).
func Atleast1D(a any) *Array {
	x := Of(a)
	if len(x.shape) == 0 {
		return Reshape(x, 1)
	}
	return x
}

// Atleast2D makes a row of an array of one axis (NumPy: np.atleast_2d).
func Atleast2D(a any) *Array {
	x := Atleast1D(a)
	if len(x.shape) == 1 {
		return ExpandDims(x, 0)
	}
	return x
}

// listOf takes what Python would write as a list or tuple of arrays, or the rows of an array.
func listOf(arrays any) []*Array {
	switch v := arrays.(type) {
	case []*Array:
		return v
	case []any:
		out := make([]*Array, len(v))
		for i := range v {
			out[i] = Of(v[i])
		}
		return out
	}
	var out []*Array
	for _, row := range Of(arrays).All() {
		out = append(out, row)
	}
	return out
}

func axisAmong(axis []int) int {
	if len(axis) > 0 {
		return axis[0]
	}
	return 0
}

// Concatenate joins arrays along an axis, 0 unless given (NumPy: np.concatenate). The arrays are a []*Array, a []any, or the rows of an array.
func Concatenate(arrays any, axis ...int) *Array { return concat(listOf(arrays), axisAmong(axis)) }

func concat(list []*Array, axis int) *Array {
	if len(list) == 0 {
		fail("ValueError", "need at least one array to concatenate")
	}
	first := list[0]
	if len(first.shape) == 0 {
		fail("ValueError", "zero-dimensional arrays cannot be concatenated")
	}
	axis = axisOf(axis, len(first.shape))
	shape, k := slices.Clone(first.shape), first.kind
	for i, x := range list[1:] {
		if len(x.shape) != len(shape) {
			fail("ValueError", "all the input arrays must have same number of dimensions, but the array at index 0 has %d dimension(s) and the array at index %d has %d dimension(s)", len(shape), i+1, len(x.shape))
		}
		for at, n := range x.shape {
			if at != axis && n != shape[at] {
				fail("ValueError", "all the input array dimensions except for the concatenation axis must match exactly, but along dimension %d, the array at index 0 has size %d and the array at index %d has size %d", at, shape[at], i+1, n)
			}
		}
		shape[axis] += x.shape[axis]
		k = promote(k, x.kind)
	}
	out := newArray(k, shape)
	at := 0
	for _, x := range list {
		x = x.cast(k)
		out.data.copyStrided(at*out.strides[axis], out.strides, x.data, x.offset, x.strides, x.shape)
		at += x.shape[axis]
	}
	return out
}

// Stack joins arrays of one shape along a new axis, 0 unless given (NumPy: np.stack).
func Stack(arrays any, axis ...int) *Array {
	list := slices.Clone(listOf(arrays))
	if len(list) == 0 {
		fail("ValueError", "need at least one array to stack")
	}
	for i, x := range list {
		if !slices.Equal(x.shape, list[0].shape) {
			fail("ValueError", "all input arrays must have the same shape")
		}
		list[i] = x
	}
	at := axisOf(axisAmong(axis), len(list[0].shape)+1)
	for i, x := range list {
		list[i] = ExpandDims(x, at)
	}
	return concat(list, at)
}

// VStack joins along the first axis, arrays of one axis being rows (NumPy: np.vstack).
func VStack(arrays any) *Array {
	list := slices.Clone(listOf(arrays))
	for i, x := range list {
		list[i] = Atleast2D(x)
	}
	return concat(list, 0)
}

// HStack joins along the second axis, or the only one (NumPy: np.hstack).
func HStack(arrays any) *Array {
	list := slices.Clone(listOf(arrays))
	for i, x := range list {
		list[i] = Atleast1D(x)
	}
	if len(list) > 0 && len(list[0].shape) == 1 {
		return concat(list, 0)
	}
	return concat(list, 1)
}

// DStack joins along the third axis (NumPy: np.dstack).
func DStack(arrays any) *Array {
	list := slices.Clone(listOf(arrays))
	for i, x := range list {
		x = Atleast2D(x)
		if len(x.shape) == 2 {
			x = ExpandDims(x, 2)
		}
		list[i] = x
	}
	return concat(list, 2)
}

// ColumnStack joins arrays of one axis as columns (NumPy: np.column_stack, and np.c_ of columns).
func ColumnStack(arrays any) *Array {
	list := slices.Clone(listOf(arrays))
	for i, x := range list {
		if len(x.shape) < 2 {
			list[i] = Reshape(x, -1, 1)
		}
	}
	return concat(list, 1)
}

// Append joins values to the end: of the flat arrays, or along an axis (NumPy: np.append).
func Append(a, values any, axis ...int) *Array {
	x, y := Of(a), Of(values)
	if len(axis) == 0 {
		return concat([]*Array{Ravel(x), Ravel(y)}, 0)
	}
	return concat([]*Array{x, y}, axis[0])
}

// Insert puts values before an index, in the flat array or along an axis (NumPy: np.insert of one index).
func Insert(a any, index int, values any, axis ...int) *Array {
	x, at := flatOrAxis(a, axis)
	at = axisOf(at, len(x.shape))
	n := x.shape[at]
	if index < -n || index > n {
		fail("IndexError", "index %d is out of bounds for axis %d with size %d", index, at, n)
	}
	if index < 0 {
		index += n
	}
	v := Of(values).cast(x.kind)
	shape := slices.Clone(x.shape)
	shape[at] = 1
	if len(v.shape) == len(x.shape) {
		shape[at] = v.shape[at]
	} else if len(v.shape) > 0 && len(x.shape) > 1 {
		v = ExpandDims(v, at)
	}
	idx := make([]any, at+1)
	for i := range idx {
		idx[i] = All
	}
	idx[at] = S(":%d", index)
	before := x.Index(idx...)
	idx[at] = S("%d:", index)
	return concat([]*Array{before, BroadcastTo(v, shape...), x.Index(idx...)}, at)
}

// Delete leaves indices out, in the flat array or along an axis (NumPy: np.delete).
func Delete(a, indices any, axis ...int) *Array {
	x, at := flatOrAxis(a, axis)
	at = axisOf(at, len(x.shape))
	n := x.shape[at]
	keep := make([]bool, n)
	for i := range keep {
		keep[i] = true
	}
	if s, ok := indices.(Slice); ok {
		start, count, step := s.Bounds(n)
		for i := range count {
			keep[start+i*step] = false
		}
	} else if i := Of(indices); i.kind == kBool {
		if i.Size() != n {
			fail("ValueError", "boolean array argument `obj` to delete must be one dimensional and match the axis length of %d", n)
		}
		for j, gone := range i.bools() {
			keep[j] = !gone
		}
	} else {
		for _, j := range i.Ints() {
			keep[within(j, n, at)] = false
		}
	}
	idx := make([]any, at+1)
	for i := range idx {
		idx[i] = All
	}
	idx[at] = wrap(keep, n)
	return x.Index(idx...)
}

// Split cuts an axis, 0 unless given, into parts of equal length: a number of them, or at indices (NumPy: np.split).
func Split(a, parts any, axis ...int) []*Array {
	x := Of(a)
	at := axisOf(axisAmong(axis), len(x.shape))
	if n, ok := parts.(int); ok {
		if n <= 0 || x.shape[at]%n != 0 {
			fail("ValueError", "array split does not result in an equal division")
		}
	}
	return ArraySplit(x, parts, at)
}

// ArraySplit is Split where the first parts may be longer by one (NumPy: np.array_split).
func ArraySplit(a, parts any, axis ...int) []*Array {
	x := Of(a)
	at := axisOf(axisAmong(axis), len(x.shape))
	n := x.shape[at]
	var ends []int
	if count, ok := parts.(int); ok {
		if count <= 0 {
			fail("ValueError", "number sections must be larger than 0.")
		}
		end := 0
		for i := range count {
			end += n / count
			if i < n%count {
				end++
			}
			ends = append(ends, end)
		}
	} else {
		ends = append(Of(parts).Ints(), n)
	}
	idx := make([]any, at+1)
	for i := range idx {
		idx[i] = All
	}
	var out []*Array
	start := 0
	for _, end := range ends {
		idx[at] = S("%d:%d", start, end)
		out = append(out, x.Index(idx...))
		start = end
	}
	return out
}

// Repeat repeats each element, of the flat array or along an axis; repeats is a number, or one for each (NumPy: np.repeat).
func Repeat(a, repeats any, axis ...int) *Array {
	x, at := flatOrAxis(a, axis)
	at = axisOf(at, len(x.shape))
	counts := Of(repeats).Ints()
	n := x.shape[at]
	if len(counts) != 1 && len(counts) != n {
		fail("ValueError", "operands could not be broadcast together with shape (%d,) (%d,)", n, len(counts))
	}
	var take []int64
	total := 0
	for i := range n {
		c := counts[min(i, len(counts)-1)]
		if c < 0 {
			fail("ValueError", "repeats may not contain negative values.")
		}
		total += c
		sizeOf(kInt64, []int{total})
		for range c {
			take = append(take, int64(i))
		}
	}
	return Take(x, wrap(take, len(take)), at)
}

// Tile repeats the whole array along axes (NumPy: np.tile).
func Tile(a any, reps ...int) *Array {
	x := Of(a)
	for len(x.shape) < len(reps) {
		x = ExpandDims(x, 0)
	}
	for len(reps) < len(x.shape) {
		reps = slices.Insert(slices.Clone(reps), 0, 1)
	}
	wide, shape, order := make([]int, 0, 2*len(reps)), []int{}, x
	for i, n := range x.shape {
		if reps[i] < 0 {
			fail("ValueError", "negative dimensions are not allowed")
		}
		wide = append(wide, reps[i], n)
		shape = append(shape, reps[i]*n)
		order = ExpandDims(order, 2*i)
	}
	sizeOf(x.kind, shape)
	return Reshape(BroadcastTo(order, wide...).Copy(), shape...)
}

// Roll shifts elements around, of the flat array or along an axis (NumPy: np.roll).
func Roll(a any, shift int, axis ...int) *Array {
	x, at := flatOrAxis(a, axis)
	at = axisOf(at, len(x.shape))
	n := x.shape[at]
	take := make([]int64, n)
	for i := range take {
		take[i] = int64(((i-shift)%n + n) % n)
	}
	return Reshape(Take(x, wrap(take, n), at), Of(a).shape...)
}

// Flip reverses axes, all unless named; a view (NumPy: np.flip).
func Flip(a any, axes ...int) *Array {
	x := Of(a)
	idx := make([]any, len(x.shape))
	for i := range idx {
		idx[i] = All
		if len(axes) == 0 {
			idx[i] = S("::-1")
		}
	}
	for _, axis := range axes {
		idx[axisOf(axis, len(x.shape))] = S("::-1")
	}
	return x.Index(idx...)
}

// FlipLR reverses the second axis (NumPy: np.fliplr).
func FlipLR(a any) *Array { return Flip(a, 1) }

// FlipUD reverses the first axis (NumPy: np.flipud).
func FlipUD(a any) *Array { return Flip(a, 0) }

// Rot90 turns the first two axes by k quarters (NumPy: np.rot90).
func Rot90(a any, k ...int) *Array {
	n := 1
	if len(k) > 0 {
		n = k[0]
	}
	switch x := Of(a); ((n % 4) + 4) % 4 {
	case 1:
		return SwapAxes(Flip(x, 1), 0, 1)
	case 2:
		return Flip(x, 0, 1)
	case 3:
		return Flip(SwapAxes(x, 0, 1), 1)
	default:
		return x
	}
}

// Take chooses by indices, from the flat array or along an axis (NumPy: np.take).
func Take(a, indices any, axis ...int) *Array {
	x, at := flatOrAxis(a, axis)
	idx := make([]any, axisOf(at, len(x.shape))+1)
	for i := range idx {
		idx[i] = All
	}
	i := Of(indices)
	if i.Size() == 0 {
		i = i.cast(kInt64)
	}
	idx[len(idx)-1] = i
	return x.Index(idx...)
}

// Pad puts a constant value, 0 unless given, around: width is a number, or {before, after} for each axis (NumPy: np.pad).
func Pad(a any, width any, value ...any) *Array {
	x := Of(a)
	w := BroadcastTo(width, len(x.shape), 2).Ints()
	shape := slices.Clone(x.shape)
	idx := make([]any, len(shape))
	for i := range shape {
		if w[2*i] < 0 || w[2*i+1] < 0 {
			fail("ValueError", "index can't contain negative values")
		}
		idx[i] = S("%d:%d", w[2*i], w[2*i]+shape[i])
		shape[i] += w[2*i] + w[2*i+1]
	}
	out := newArray(x.kind, shape)
	if len(value) > 0 {
		fill(out, value[0])
	}
	out.SetIndex(x, append(idx, Ellipsis)...)
	return out
}

// Meshgrid makes coordinates of axes: the first one changes along the columns (NumPy: np.meshgrid).
func Meshgrid(axes ...any) []*Array {
	n := len(axes)
	shape := make([]int, n)
	list := make([]*Array, n)
	for i, a := range axes {
		list[i] = Ravel(a)
		at := i
		if n > 1 && i < 2 {
			at = 1 - i
		}
		shape[at] = list[i].Size()
	}
	for i, x := range list {
		at := i
		if n > 1 && i < 2 {
			at = 1 - i
		}
		one := make([]int, n)
		for j := range one {
			one[j] = 1
		}
		one[at] = x.Size()
		list[i] = BroadcastTo(Reshape(x, one...), shape...).Copy()
	}
	return list
}

// Diag makes a matrix of a diagonal, or takes that of a matrix (NumPy: np.diag).
func Diag(a any) *Array {
	x := Of(a)
	switch len(x.shape) {
	case 1:
		n := x.shape[0]
		out := newArray(x.kind, []int{n, n})
		out.data.copyStrided(0, []int{n + 1}, x.data, x.offset, x.strides, x.shape)
		return out
	case 2:
		return x.Diagonal().Copy()
	}
	fail("ValueError", "Input must be 1- or 2-d.")
	return nil
}

// Diagonal is the diagonal of the first two axes; a view (NumPy: a.diagonal()).
func (a *Array) Diagonal() *Array {
	if len(a.shape) < 2 {
		fail("ValueError", "diag requires an array of at least two dimensions")
	}
	shape := append(slices.Clone(a.shape[2:]), min(a.shape[0], a.shape[1]))
	strides := append(slices.Clone(a.strides[2:]), a.strides[0]+a.strides[1])
	return a.view(shape, strides, a.offset)
}

// Trace adds up the diagonal (NumPy: np.trace).
func Trace(a any) *Array { return Sum(Of(a).Diagonal(), -1) }

// Triu keeps the upper triangle, Tril the lower one (NumPy: np.triu, np.tril); k moves the diagonal.
func Triu(a any, k ...int) *Array {
	return triangle(a, func(i, j int) bool { return j-i >= axisAmong(k) })
}

// Tril keeps the lower triangle (NumPy: np.tril).
func Tril(a any, k ...int) *Array {
	return triangle(a, func(i, j int) bool { return j-i <= axisAmong(k) })
}

func triangle(a any, keep func(i, j int) bool) *Array {
	x := Of(a)
	if len(x.shape) < 2 {
		fail("ValueError", "an array of at least two dimensions was expected")
	}
	n, m := x.shape[len(x.shape)-2], x.shape[len(x.shape)-1]
	mask := make([]bool, n*m)
	for i := range mask {
		mask[i] = keep(i/m, i%m)
	}
	return Where(wrap(mask, n, m), x, newArray(x.kind, nil))
}

// Tri is ones on and below the diagonal (NumPy: np.tri).
func Tri(n int) *Array { return Tril(Ones(n, n)) }

// Outer is the product of each element of a with each of b (NumPy: np.outer).
func Outer(a, b any) *Array { return Multiply(Reshape(a, -1, 1), Reshape(b, 1, -1)) }
