package np

import (
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes/float16"
)

// MaxBytes is the most memory that one array may take; functions that would need more raise NumPy's MemoryError.
// The default is 32 GiB.
var MaxBytes int64 = 32 << 30

// Array is an n-dimensional array (NumPy: np.ndarray). Its elements lie in memory that views of it share.
type Array struct {
	kind    kind
	data    slab
	shape   []int
	strides []int // in elements
	offset  int
}

// sizeOf multiplies out a shape that a user asked for.
func sizeOf(k kind, shape []int) int {
	total := sizes[k]
	for _, n := range shape {
		if n < 0 {
			fail("ValueError", "negative dimensions are not allowed")
		}
	}
	if len(shape) > 64 {
		fail("ValueError", "maximum supported dimension for an ndarray is currently 64, found %d", len(shape))
	}
	if slices.Contains(shape, 0) {
		return 0
	}
	for _, n := range shape {
		if total > math.MaxInt64/int64(n) {
			fail("ValueError", "Maximum allowed dimension exceeded")
		}
		total *= int64(n)
	}
	if total > MaxBytes {
		fail("MemoryError", "Unable to allocate %s for an array with shape %s and data type %s", byteSize(total), tuple(shape, ", "), names[k])
	}
	return int(total / sizes[k])
}

// byteSize writes a number of bytes as NumPy does: 7.28 TiB.
func byteSize(n int64) string {
	unit := max(0, (bitLen(n)-1)/10)
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	v := float64(n) / math.Pow(1024, float64(unit))
	if math.Round(v*100)/100 == 1024 && unit+1 < len(units) {
		unit++
		v /= 1024
	}
	switch {
	case unit == 0:
		return strconv.FormatInt(n, 10) + " bytes"
	case v < 1000:
		return strings.TrimSuffix(strconv.FormatFloat(v, 'g', 3, 64), ".") + pad3(v) + " " + units[unit]
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + ". " + units[unit]
}

// pad3 gives the zeros that three significant digits need.
func pad3(v float64) string {
	text := strconv.FormatFloat(v, 'g', 3, 64)
	digits := len(strings.ReplaceAll(text, ".", ""))
	if digits >= 3 {
		if strings.Contains(text, ".") {
			return ""
		}
		return "."
	}
	if !strings.Contains(text, ".") {
		return "." + strings.Repeat("0", 3-digits)
	}
	return strings.Repeat("0", 3-digits)
}

func bitLen(n int64) int {
	bits := 0
	for ; n > 0; n >>= 1 {
		bits++
	}
	return bits
}

func contiguous(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}

func newArray(k kind, shape []int) *Array {
	n := sizeOf(k, shape)
	return &Array{kind: k, data: newSlab(k, n), shape: slices.Clone(shape), strides: contiguous(shape)}
}

// wrap makes an array of elements without copying them.
func wrap[T element](data []T, shape ...int) *Array {
	if shape == nil {
		shape = []int{}
	}
	return &Array{kind: kindFor[T](), data: cells[T](data), shape: slices.Clone(shape), strides: contiguous(shape)}
}

func fromSlab(k kind, s slab, shape []int) *Array {
	return &Array{kind: k, data: s, shape: slices.Clone(shape), strides: contiguous(shape)}
}

// flat returns the elements in C order; where they lie so in memory, that memory itself.
func (a *Array) flat() slab {
	n := a.Size()
	if a.isContiguous() {
		if a.offset == 0 && a.data.length() == n {
			return a.data
		}
		return a.data.window(a.offset, n)
	}
	out := a.data.alloc(n)
	out.copyStrided(0, contiguous(a.shape), a.data, a.offset, a.strides, a.shape)
	return out
}

func (a *Array) isContiguous() bool {
	step := 1
	for i := len(a.shape) - 1; i >= 0; i-- {
		if a.shape[i] != 1 && a.strides[i] != step {
			return a.Size() == 0
		}
		step *= a.shape[i]
	}
	return true
}

// elems returns the elements as T in C order. They may be the array's own memory: read only.
func elems[T number](a *Array) []T { return numbersOf[T](a.flat()) }

func (a *Array) strings() []string { return castSlab(a.flat(), a.kind, kStr).(cells[string]) }
func (a *Array) bools() []bool {
	if c, ok := a.flat().(cells[bool]); ok {
		return c
	}
	return truth(a.flat())
}

// cast returns the array in another type, or itself where that is its type.
func (a *Array) cast(k kind) *Array {
	if a.kind == k {
		return a
	}
	return fromSlab(k, castSlab(a.flat(), a.kind, k), a.shape)
}

// view shares a's memory.
func (a *Array) view(shape, strides []int, offset int) *Array {
	return &Array{kind: a.kind, data: a.data, shape: shape, strides: strides, offset: offset}
}

// Shape returns the length of each axis (NumPy: a.shape).
func (a *Array) Shape() []int { return slices.Clone(a.shape) }

// Dim returns the length of one axis, negative ones counted from the end (Python: a.shape[axis]).
func (a *Array) Dim(axis int) int {
	if axis < -len(a.shape) || axis >= len(a.shape) {
		fail("IndexError", "tuple index out of range")
	}
	return a.shape[(axis+len(a.shape))%len(a.shape)]
}

// ShapeString returns the shape as Python prints it: (3, 4).
func (a *Array) ShapeString() string { return tuple(a.shape, ", ") }

// DType returns the type of the elements (NumPy: a.dtype).
func (a *Array) DType() DType {
	if a.kind != kStr {
		return names[a.kind]
	}
	longest := 0
	for _, s := range a.strings() {
		longest = max(longest, len([]rune(s)))
	}
	return DType("<U" + strconv.Itoa(max(longest, 1)))
}

// NDim returns the number of axes (NumPy: a.ndim).
func (a *Array) NDim() int { return len(a.shape) }

// Size returns the number of elements (NumPy: a.size).
func (a *Array) Size() int {
	n := 1
	for _, d := range a.shape {
		n *= d
	}
	return n
}

// Len returns the length of the first axis (Python: len(a)).
func (a *Array) Len() int {
	if len(a.shape) == 0 {
		fail("TypeError", "len() of unsized object")
	}
	return a.shape[0]
}

// NBytes is the memory that the elements take (NumPy: a.nbytes). Text counts as Go holds it.
func (a *Array) NBytes() int { return a.Size() * int(sizes[a.kind]) }

// Copy returns the elements in memory of their own, in C order (NumPy: a.copy()).
func (a *Array) Copy() *Array {
	out := newArray(a.kind, a.shape)
	out.data.copyStrided(0, out.strides, a.data, a.offset, a.strides, a.shape)
	return out
}

// AsType returns a copy in another type (NumPy: a.astype).
func (a *Array) AsType(dtype DType) *Array {
	if k := kindOf(dtype); k != a.kind {
		sizeOf(k, a.shape)
		return a.cast(k)
	}
	return a.Copy()
}

// item returns the one element, as bool, int8 … float64 (float16 as float32) or string.
func (a *Array) item() any {
	if a.Size() != 1 {
		fail("TypeError", "only 0-dimensional arrays can be converted to Python scalars")
	}
	v := a.flat().at(0)
	if h, ok := v.(float16.Float16); ok {
		return h.Float32()
	}
	return v
}

// Float returns the one element of the array (Python: float(a)).
func (a *Array) Float() float64 {
	a.item()
	return elems[float64](a)[0]
}

// Int returns the one element, cut to an integer (Python: int(a)).
func (a *Array) Int() int {
	v := a.item()
	if a.kind.float() {
		f := elems[float64](a)[0]
		switch {
		case math.IsNaN(f):
			fail("ValueError", "cannot convert float NaN to integer")
		case math.IsInf(f, 0):
			fail("OverflowError", "cannot convert float infinity to integer")
		}
		return int(f)
	}
	if s, ok := v.(string); ok {
		return int(parse[int64](s))
	}
	return int(elems[int64](a)[0])
}

// Truth says whether the one element isn't zero (Python: bool(a)).
func (a *Array) Truth() bool {
	switch n := a.Size(); {
	case n > 1:
		fail("ValueError", "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()")
	case n == 0:
		fail("ValueError", "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.")
	}
	return a.bools()[0]
}

// Text returns the one element as Python's str gives it.
func (a *Array) Text() string { return scalarString(a.item()) }

// Item returns an element as Go's bool, int, uint64, float64 or string (NumPy: a.item(*index)).
func (a *Array) Item(index ...int) any {
	if len(index) > 0 {
		idx := make([]any, len(index))
		for i, n := range index {
			idx[i] = n
		}
		return a.Index(idx...).Item()
	}
	if a.Size() != 1 {
		fail("ValueError", "can only convert an array of size 1 to a Python scalar")
	}
	switch v := a.item().(type) {
	case bool, string, uint64:
		return v
	}
	if a.kind.float() {
		return a.Float()
	}
	return a.Int()
}

// Floats returns all elements in C order.
func (a *Array) Floats() []float64 { return slices.Clone(elems[float64](a)) }

// Ints returns all elements in C order, cut to integers.
func (a *Array) Ints() []int {
	out := make([]int, a.Size())
	for i, v := range elems[int64](a) {
		out[i] = int(v)
	}
	return out
}

// Bools says of all elements, in C order, whether they aren't zero.
func (a *Array) Bools() []bool { return slices.Clone(a.bools()) }

// Strings returns all elements in C order as Python's str gives them.
func (a *Array) Strings() []string { return slices.Clone(a.strings()) }

// ToList returns nested slices []any of bool, int, uint64, float64 and string, or one of these (NumPy: a.tolist()).
func (a *Array) ToList() any {
	if len(a.shape) == 0 {
		return a.Item()
	}
	out := make([]any, a.shape[0])
	for i := range out {
		out[i] = a.Index(i).ToList()
	}
	return out
}

// All iterates over the first axis, as Python's for does.
func (a *Array) All() iter.Seq2[int, *Array] {
	return func(yield func(int, *Array) bool) {
		if len(a.shape) == 0 {
			fail("TypeError", "iteration over a 0-d array")
		}
		for i := range a.shape[0] {
			if !yield(i, a.Index(i)) {
				return
			}
		}
	}
}

// tuple writes a shape as Python's tuples.
func tuple(shape []int, sep string) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, sep) + ")"
}
