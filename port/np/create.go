package np

import (
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// Constants of NumPy. They are Go's float64.
const (
	Pi = math.Pi
	E  = math.E
)

// Inf and NaN are NumPy's np.inf and np.nan.
var (
	Inf = math.Inf(1)
	NaN = math.NaN()
)

// Zeros returns an array of zeros of type float64 (NumPy: np.zeros); AsType gives other types.
func Zeros(shape ...int) *Array { return newArray(kFloat64, shape) }

// ZerosOf returns an array of zeros of the type (NumPy: np.zeros(shape, dtype)).
func ZerosOf(dtype DType, shape ...int) *Array { return newArray(kindOf(dtype), shape) }

// Empty is Zeros: what NumPy's np.empty returns isn't determined.
func Empty(shape ...int) *Array { return newArray(kFloat64, shape) }

// Ones returns an array of ones of type float64 (NumPy: np.ones).
func Ones(shape ...int) *Array { return Full(1.0, shape...) }

// OnesOf returns an array of ones of the type (NumPy: np.ones(shape, dtype)).
func OnesOf(dtype DType, shape ...int) *Array { return fill(newArray(kindOf(dtype), shape), 1) }

// Full returns an array of one value and of its type (NumPy: np.full).
func Full(value any, shape ...int) *Array { return fill(newArray(Of(value).kind, shape), value) }

func fill(a *Array, value any) *Array {
	a.SetIndex(value, Ellipsis)
	return a
}

// Fill sets all elements (NumPy: a.fill).
func (a *Array) Fill(value any) { fill(a, value) }

// ZerosLike returns zeros in the shape and type of a (NumPy: np.zeros_like).
func ZerosLike(a any) *Array { x := Of(a); return newArray(x.kind, x.shape) }

// EmptyLike is ZerosLike.
func EmptyLike(a any) *Array { return ZerosLike(a) }

// OnesLike returns ones in the shape and type of a (NumPy: np.ones_like).
func OnesLike(a any) *Array { return fill(ZerosLike(a), 1) }

// FullLike returns the value in the shape and type of a (NumPy: np.full_like).
func FullLike(a, value any) *Array { return fill(ZerosLike(a), value) }

// Arange is np.arange(stop), (start, stop) or (start, stop, step). Integers make int64, anything else float64; a DType behind them is the type instead.
func Arange(bounds ...any) *Array {
	if n := len(bounds) - 1; n > 0 {
		if dtype, ok := bounds[n].(DType); ok {
			return arangeOf(dtype, bounds[:n]...)
		}
	}
	if len(bounds) == 0 || len(bounds) > 3 {
		fail("TypeError", "arange() requires stop to be specified.")
	}
	ints := true
	v := []float64{0, 0, 1}
	n := []int64{0, 0, 1}
	for i, b := range bounds {
		o := Of(b)
		if len(bounds) == 1 {
			i = 1
		}
		ints = ints && !o.kind.float()
		v[i] = o.Float()
		if ints {
			n[i] = elems[int64](o)[0]
		}
	}
	if v[2] == 0 {
		fail("ZeroDivisionError", "division by zero")
	}
	count := math.Ceil((v[1] - v[0]) / v[2])
	switch {
	case math.IsNaN(count):
		fail("ValueError", "arange: cannot compute length")
	case count <= 0:
		count = 0
	case count > 1<<40:
		fail("ValueError", "Maximum allowed size exceeded")
	}
	k := kFloat64
	if ints {
		k = kInt64
	}
	size := sizeOf(k, []int{int(count)})
	if ints {
		out := make([]int64, size)
		for i := range out {
			out[i] = n[0] + int64(i)*n[2]
		}
		return wrap(out, size)
	}
	// NumPy computes the second element and goes on by its difference to the first one.
	out := make([]float64, size)
	delta := float64(v[0]+v[2]) - v[0]
	for i := range out {
		out[i] = v[0] + float64(float64(i)*delta)
	}
	if size > 1 {
		out[1] = v[0] + v[2]
	}
	return wrap(out, size)
}

// arangeOf is Arange in a type. As in NumPy the first two elements are rounded to it, and their difference makes the others.
func arangeOf(dtype DType, bounds ...any) *Array {
	wide := Arange(bounds...)
	k := kindOf(dtype)
	if wide.Size() < 3 || k == wide.kind {
		return wide.cast(k)
	}
	first := wide.Index(S(":2")).cast(k)
	switch {
	case k == kFloat32 || k == kFloat16:
		e := elems[float32](first)
		out := make([]float32, wide.Size())
		for i := range out {
			out[i] = e[0] + float32(float32(i)*(e[1]-e[0]))
		}
		out[1] = e[1]
		return wrap(out, len(out)).cast(k)
	case k.integer():
		e := elems[int64](first)
		out := make([]int64, wide.Size())
		for i := range out {
			out[i] = e[0] + int64(i)*(e[1]-e[0])
		}
		return wrap(out, len(out)).cast(k)
	}
	return wide.cast(k)
}

// Linspace returns n evenly spaced numbers from start to stop, both included (NumPy: np.linspace).
func Linspace(start, stop float64, n int) *Array { return linspace(start, stop, n, true) }

// LinspaceOpen leaves stop out (NumPy: np.linspace(…, endpoint=False)).
func LinspaceOpen(start, stop float64, n int) *Array { return linspace(start, stop, n, false) }

func linspace(start, stop float64, n int, endpoint bool) *Array {
	if n < 0 {
		fail("ValueError", "Number of samples, %d, must be non-negative.", n)
	}
	out := make([]float64, sizeOf(kFloat64, []int{n}))
	div := float64(n)
	if endpoint {
		div--
	}
	delta := stop - start
	for i := range out {
		switch step := delta / div; {
		case div <= 0:
			out[i] = float64(float64(i)*delta) + start
		case step == 0:
			out[i] = float64(float64(i)/div*delta) + start
		default:
			out[i] = float64(float64(i)*step) + start
		}
	}
	if endpoint && n > 1 {
		out[n-1] = stop
	}
	return wrap(out, n)
}

// Logspace returns 10 to the power of n evenly spaced numbers (NumPy: np.logspace).
func Logspace(start, stop float64, n int) *Array { return Power(10.0, Linspace(start, stop, n)) }

// Eye returns the identity matrix (NumPy: np.eye).
func Eye(n int) *Array {
	out := newArray(kFloat64, []int{n, n})
	data := out.data.(cells[float64])
	for i := range n {
		data[i*n+i] = 1
	}
	return out
}

// Identity is Eye.
func Identity(n int) *Array { return Eye(n) }

// Of makes an array (NumPy: np.array): of a number, a bool, a string, nested slices of these or of arrays, or a GoMLX
// tensor. Go's int makes int64. An array is returned as it is; Copy copies.
func Of(values any) *Array {
	switch v := values.(type) {
	case nil:
		fail("TypeError", "unsupported type for an array: nil")
	case *Array:
		if v == nil {
			fail("TypeError", "unsupported type for an array: nil")
		}
		return v
	case interface{ Array() *Array }:
		return v.Array()
	case *tensors.Tensor:
		return FromTensor(v)
	case int:
		return wrap([]int64{int64(v)})
	case uint:
		return wrap([]uint64{uint64(v)})
	case float64:
		return wrap([]float64{v})
	case bool:
		return wrap([]bool{v})
	case string:
		return wrap([]string{v})
	case float32:
		return wrap([]float32{v})
	case int8:
		return wrap([]int8{v})
	case int16:
		return wrap([]int16{v})
	case int32:
		return wrap([]int32{v})
	case int64:
		return wrap([]int64{v})
	case uint8:
		return wrap([]uint8{v})
	case uint16:
		return wrap([]uint16{v})
	case uint32:
		return wrap([]uint32{v})
	case uint64:
		return wrap([]uint64{v})
	case float16.Float16:
		return wrap([]float16.Float16{v})
	case []int:
		out := make([]int64, len(v))
		for i, n := range v {
			out[i] = int64(n)
		}
		return wrap(out, len(v))
	case []float64:
		return wrap(slices.Clone(v), len(v))
	case []float32:
		return wrap(slices.Clone(v), len(v))
	case []bool:
		return wrap(slices.Clone(v), len(v))
	case []string:
		return wrap(slices.Clone(v), len(v))
	case []int8:
		return wrap(slices.Clone(v), len(v))
	case []int16:
		return wrap(slices.Clone(v), len(v))
	case []int32:
		return wrap(slices.Clone(v), len(v))
	case []int64:
		return wrap(slices.Clone(v), len(v))
	case []uint8:
		return wrap(slices.Clone(v), len(v))
	case []uint16:
		return wrap(slices.Clone(v), len(v))
	case []uint32:
		return wrap(slices.Clone(v), len(v))
	case []uint64:
		return wrap(slices.Clone(v), len(v))
	}
	r := reflect.ValueOf(values)
	switch r.Kind() {
	case reflect.Slice, reflect.Array:
		parts := make([]*Array, r.Len())
		for i := range parts {
			parts[i] = Of(r.Index(i).Interface())
		}
		return join(parts)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return wrap([]int64{r.Int()})
	case reflect.Float32, reflect.Float64:
		return wrap([]float64{r.Float()})
	case reflect.String:
		return wrap([]string{r.String()})
	}
	fail("TypeError", "unsupported type for an array: %T", values)
	return nil
}

// join makes an array of arrays that must have the same shape.
func join(parts []*Array) *Array {
	if len(parts) == 0 {
		return newArray(kFloat64, []int{0})
	}
	k := parts[0].kind
	common := slices.Clone(parts[0].shape)
	for _, p := range parts[1:] {
		k = promote(k, p.kind)
		same := 0
		for same < min(len(common), len(p.shape)) && common[same] == p.shape[same] {
			same++
		}
		if same < len(common) || same < len(p.shape) {
			shape := append([]int{len(parts)}, common[:same]...)
			fail("ValueError", "setting an array element with a sequence. The requested array has an inhomogeneous shape after %d dimensions. The detected shape was %s + inhomogeneous part.",
				len(shape), tuple(shape, ", "))
		}
	}
	out := newArray(k, append([]int{len(parts)}, common...))
	for i, p := range parts {
		row := out.choose([]any{i}).view
		row.data.copyStrided(row.offset, row.strides, p.cast(k).data, p.cast(k).offset, p.cast(k).strides, row.shape)
	}
	return out
}

// ArrayOf makes an array of values in the type (NumPy: np.array(values, dtype)).
func ArrayOf(dtype DType, values any) *Array {
	a := Of(values)
	if k := kindOf(dtype); k != a.kind {
		return a.cast(k)
	}
	return a.Copy()
}

// FromTensor copies a GoMLX tensor's values. NumPy has no bfloat16: it becomes float32.
func FromTensor(t *tensors.Tensor) *Array {
	if t == nil {
		fail("TypeError", "unsupported type for an array: nil")
	}
	var out *Array
	err := t.ConstFlatData(func(flat any) {
		shape := t.Shape().Dimensions
		switch v := flat.(type) {
		case []float16.Float16:
			out = wrap(slices.Clone(v), shape...)
		case []bfloat16.BFloat16:
			wide := make([]float32, len(v))
			for i, h := range v {
				wide[i] = h.Float32()
			}
			out = wrap(wide, shape...)
		default:
			out = Of(flat).Reshape(shape...)
		}
	})
	if err != nil {
		fail("TypeError", "the tensor can't be read: %v", err)
	}
	return out
}

// Tensor copies the elements to a GoMLX tensor.
func (a *Array) Tensor() *tensors.Tensor {
	switch c := a.flat().(type) {
	case cells[bool]:
		return tensors.FromFlatDataAndDimensions([]bool(c), a.shape...)
	case cells[int8]:
		return tensors.FromFlatDataAndDimensions([]int8(c), a.shape...)
	case cells[int16]:
		return tensors.FromFlatDataAndDimensions([]int16(c), a.shape...)
	case cells[int32]:
		return tensors.FromFlatDataAndDimensions([]int32(c), a.shape...)
	case cells[int64]:
		return tensors.FromFlatDataAndDimensions([]int64(c), a.shape...)
	case cells[uint8]:
		return tensors.FromFlatDataAndDimensions([]uint8(c), a.shape...)
	case cells[uint16]:
		return tensors.FromFlatDataAndDimensions([]uint16(c), a.shape...)
	case cells[uint32]:
		return tensors.FromFlatDataAndDimensions([]uint32(c), a.shape...)
	case cells[uint64]:
		return tensors.FromFlatDataAndDimensions([]uint64(c), a.shape...)
	case cells[float16.Float16]:
		return tensors.FromFlatDataAndDimensions([]float16.Float16(c), a.shape...)
	case cells[float32]:
		return tensors.FromFlatDataAndDimensions([]float32(c), a.shape...)
	case cells[float64]:
		return tensors.FromFlatDataAndDimensions([]float64(c), a.shape...)
	}
	fail("TypeError", "an array of text can't become a tensor")
	return nil
}

// operand is an argument of an operation: an array, or a weak number of Go's that takes the type of the other one.
type operand struct {
	a    *Array
	weak bool
}

func operandOf(v any) operand {
	switch v.(type) {
	case int, float64:
		return operand{Of(v), true}
	}
	return operand{Of(v), false}
}

// common finds the type that operands combine to.
func common(ops ...operand) kind {
	k, strong := kBool, false
	for _, o := range ops {
		if !o.weak {
			if k = promote(k, o.a.kind); !strong {
				k = o.a.kind
			}
			strong = true
		}
	}
	for _, o := range ops {
		switch {
		case !o.weak, k == kStr:
		case !strong:
			k = promote(k, o.a.kind)
		case o.a.kind == kFloat64 && !k.float():
			k = kFloat64
		case k == kBool:
			k = kInt64
		}
	}
	return k
}

// as casts an operand; a weak integer must fit.
func (o operand) as(k kind) *Array {
	if o.weak && o.a.kind == kInt64 && k.integer() && k != kInt64 {
		v := o.a.data.(cells[int64])[0]
		bits := uint(sizes[k] * 8)
		if k.unsigned() && (v < 0 || bits < 64 && v>>bits != 0) || k.signed() && (v>>(bits-1) != 0 && v>>(bits-1) != -1) {
			fail("OverflowError", "Python integer %d out of bounds for %s", v, names[k])
		}
	}
	return o.a.cast(k)
}

// broadcast finds the shape that shapes combine to; nil if there is none.
func broadcast(shapes ...[]int) []int {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make([]int, rank)
	for i := range out {
		out[i] = 1
	}
	for _, s := range shapes {
		for i, n := range s {
			at := rank - len(s) + i
			switch {
			case n == 1 || n == out[at]:
			case out[at] == 1:
				out[at] = n
			default:
				return nil
			}
		}
	}
	return out
}

func broadcastOf(arrays ...*Array) []int {
	shapes := make([][]int, len(arrays))
	texts := make([]string, len(arrays))
	for i, a := range arrays {
		shapes[i], texts[i] = a.shape, tuple(a.shape, ",")
	}
	shape := broadcast(shapes...)
	if shape == nil {
		fail("ValueError", "operands could not be broadcast together with shapes %s ", strings.Join(texts, " "))
	}
	return shape
}

// to returns a view in a shape that a's broadcasts to.
func (a *Array) to(shape []int) *Array {
	strides := make([]int, len(shape))
	for i, n := range a.shape {
		if n != 1 {
			strides[len(shape)-len(a.shape)+i] = a.strides[i]
		}
	}
	return a.view(slices.Clone(shape), strides, a.offset)
}

// BroadcastTo returns a view of the array in a larger shape (NumPy: np.broadcast_to).
func BroadcastTo(a any, shape ...int) *Array {
	x := Of(a)
	if got := broadcast(x.shape, shape); got == nil || !slices.Equal(got, shape) {
		fail("ValueError", "operands could not be broadcast together with remapped shapes [original->remapped]: %s  and requested shape %s", tuple(x.shape, ","), tuple(shape, ","))
	}
	return x.to(shape)
}
