package np

import (
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes/float16"

	"github.com/gokeras/gokeras/internal/half"
)

// slab is the memory of an array, which its views share.
type slab interface {
	length() int
	alloc(n int) slab
	// copyStrided copies a block of the shape between strided places of two slabs of one type.
	copyStrided(off int, strides []int, src slab, srcOff int, srcStrides []int, shape []int)
	// window is some of the same memory.
	window(off, n int) slab
	gather(offsets []int) slab
	scatter(offsets []int, src slab)
	at(i int) any
}

type cells[T element] []T

func (c cells[T]) length() int      { return len(c) }
func (c cells[T]) alloc(n int) slab { return make(cells[T], n) }
func (c cells[T]) at(i int) any     { return c[i] }

func (c cells[T]) window(off, n int) slab { return c[off : off+n] }

func (c cells[T]) gather(offsets []int) slab {
	out := make(cells[T], len(offsets))
	for i, o := range offsets {
		out[i] = c[o]
	}
	return out
}

func (c cells[T]) scatter(offsets []int, src slab) {
	from := src.(cells[T])
	for i, o := range offsets {
		c[o] = from[i]
	}
}

func (c cells[T]) copyStrided(off int, strides []int, src slab, srcOff int, srcStrides []int, shape []int) {
	from := src.(cells[T])
	rank := len(shape)
	if rank == 0 {
		c[off] = from[srcOff]
		return
	}
	for _, n := range shape {
		if n == 0 {
			return
		}
	}
	inner, is, os := shape[rank-1], srcStrides[rank-1], strides[rank-1]
	at := make([]int, rank-1)
	for {
		switch {
		case is == 1 && os == 1:
			copy(c[off:off+inner], from[srcOff:srcOff+inner])
		default:
			for i, o, s := 0, off, srcOff; i < inner; i, o, s = i+1, o+os, s+is {
				c[o] = from[s]
			}
		}
		axis := rank - 2
		for ; axis >= 0; axis-- {
			at[axis]++
			off += strides[axis]
			srcOff += srcStrides[axis]
			if at[axis] < shape[axis] {
				break
			}
			off -= strides[axis] * shape[axis]
			srcOff -= srcStrides[axis] * shape[axis]
			at[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// empty has a slab of each kind.
var empty = map[kind]slab{
	kBool: cells[bool](nil), kStr: cells[string](nil),
	kInt8: cells[int8](nil), kInt16: cells[int16](nil), kInt32: cells[int32](nil), kInt64: cells[int64](nil),
	kUint8: cells[uint8](nil), kUint16: cells[uint16](nil), kUint32: cells[uint32](nil), kUint64: cells[uint64](nil),
	kFloat16: cells[float16.Float16](nil), kFloat32: cells[float32](nil), kFloat64: cells[float64](nil),
}

func newSlab(k kind, n int) slab { return empty[k].alloc(n) }

// numbersOf converts a slab's elements; the result may be the slab itself.
func numbersOf[T number](s slab) []T {
	switch c := s.(type) {
	case cells[T]:
		return c
	case cells[bool]:
		out := make([]T, len(c))
		for i, b := range c {
			if b {
				out[i] = 1
			}
		}
		return out
	case cells[int8]:
		return convert[T](c)
	case cells[int16]:
		return convert[T](c)
	case cells[int32]:
		return convert[T](c)
	case cells[int64]:
		return convert[T](c)
	case cells[uint8]:
		return convert[T](c)
	case cells[uint16]:
		return convert[T](c)
	case cells[uint32]:
		return convert[T](c)
	case cells[uint64]:
		return convert[T](c)
	case cells[float32]:
		return convert[T](c)
	case cells[float64]:
		return convert[T](c)
	case cells[float16.Float16]:
		out := make([]T, len(c))
		for i, h := range c {
			out[i] = T(h.Float32())
		}
		return out
	case cells[string]:
		out := make([]T, len(c))
		for i, text := range c {
			out[i] = parse[T](text)
		}
		return out
	}
	return nil
}

func convert[T, S number](in []S) []T {
	out := make([]T, len(in))
	for i, v := range in {
		out[i] = T(v)
	}
	return out
}

// parse reads a number as Python's int and float do.
func parse[T number](text string) T {
	plain := strings.TrimSpace(text)
	var one T = 1
	if one/2 == 0 {
		v, err := strconv.ParseInt(strings.TrimPrefix(plain, "+"), 10, 64)
		if err != nil {
			fail("ValueError", "invalid literal for int() with base 10: np.str_(%s)", quote(text))
		}
		return T(v)
	}
	v, err := strconv.ParseFloat(plain, 64)
	if err != nil && !math.IsInf(v, 0) || strings.ContainsAny(plain, "xXpP") {
		fail("ValueError", "could not convert string to float: np.str_(%s)", quote(text))
	}
	return T(v)
}

// castSlab returns the elements in another type; where that is theirs, the slab itself.
func castSlab(s slab, from, to kind) slab {
	if from == to {
		return s
	}
	switch to {
	case kBool:
		return truth(s)
	case kInt8:
		return cells[int8](numbersOf[int8](s))
	case kInt16:
		return cells[int16](numbersOf[int16](s))
	case kInt32:
		return cells[int32](numbersOf[int32](s))
	case kInt64:
		return cells[int64](numbersOf[int64](s))
	case kUint8:
		return cells[uint8](numbersOf[uint8](s))
	case kUint16:
		return cells[uint16](numbersOf[uint16](s))
	case kUint32:
		return cells[uint32](numbersOf[uint32](s))
	case kUint64:
		return cells[uint64](numbersOf[uint64](s))
	case kFloat32:
		return cells[float32](numbersOf[float32](s))
	case kFloat64:
		return cells[float64](numbersOf[float64](s))
	case kFloat16:
		wide := numbersOf[float32](s)
		out := make(cells[float16.Float16], len(wide))
		for i, v := range wide {
			out[i] = half.FromFloat32(v)
		}
		return out
	}
	out := make(cells[string], s.length())
	for i := range out {
		out[i] = scalarString(s.at(i))
	}
	return out
}

func truth(s slab) cells[bool] {
	out := make(cells[bool], s.length())
	switch c := s.(type) {
	case cells[bool]:
		copy(out, c)
	case cells[string]:
		for i, v := range c {
			out[i] = v != ""
		}
	case cells[float16.Float16]:
		for i, v := range c {
			out[i] = v.Float32() != 0
		}
	case cells[float32]:
		notZero(out, c)
	case cells[float64]:
		notZero(out, c)
	case cells[uint64]:
		notZero(out, c)
	default:
		notZero(out, numbersOf[int64](s))
	}
	return out
}

func notZero[T number](out []bool, in []T) {
	for i, v := range in {
		out[i] = v != 0
	}
}

// address tells memory apart. Views hold the slab they were made from, so that its start identifies it.
func address(s slab) uintptr { return reflect.ValueOf(s).Pointer() }
