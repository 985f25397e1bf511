package np

import (
	"slices"

	"github.com/gomlx/compute/dtypes/float16"
)

// DType is the type of elements by NumPy's name: "float32". An array of text has "<U5", 5 being its longest element's
// length in characters.
type DType string

// NumPy's types.
const (
	Bool    DType = "bool"
	Int8    DType = "int8"
	Int16   DType = "int16"
	Int32   DType = "int32"
	Int64   DType = "int64"
	Uint8   DType = "uint8"
	Uint16  DType = "uint16"
	Uint32  DType = "uint32"
	Uint64  DType = "uint64"
	Float16 DType = "float16"
	Float32 DType = "float32"
	Float64 DType = "float64"
	Str     DType = "str"
)

type kind uint8

const (
	kBool kind = iota
	kInt8
	kInt16
	kInt32
	kInt64
	kUint8
	kUint16
	kUint32
	kUint64
	kFloat16
	kFloat32
	kFloat64
	kStr
)

var names = []DType{Bool, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Float16, Float32, Float64, Str}

var sizes = []int64{1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 16}

var aliases = map[DType]kind{
	"int": kInt64, "float": kFloat64, "double": kFloat64, "single": kFloat32, "half": kFloat16, "uint": kUint64, "bool_": kBool, "str_": kStr, "string": kStr,
	"i1": kInt8, "i2": kInt16, "i4": kInt32, "i8": kInt64, "u1": kUint8, "u2": kUint16, "u4": kUint32, "u8": kUint64,
	"f2": kFloat16, "f4": kFloat32, "f8": kFloat64, "f": kFloat32, "d": kFloat64, "i": kInt32, "b": kInt8, "B": kUint8, "?": kBool, "U": kStr,
	"byte": kInt8, "ubyte": kUint8, "short": kInt16, "ushort": kUint16, "intc": kInt32, "uintc": kUint32, "long": kInt64, "longlong": kInt64, "intp": kInt64,
}

func kindOf(d DType) kind {
	if i := slices.Index(names, d); i >= 0 {
		return kind(i)
	}
	if k, ok := aliases[d]; ok {
		return k
	}
	if len(d) > 1 && (d[0] == '<' || d[0] == '|' || d[0] == '=') {
		if d[1] == 'U' {
			return kStr
		}
		if k, ok := aliases[d[1:]]; ok {
			return k
		}
	}
	fail("TypeError", "data type '%s' not understood", string(d))
	return 0
}

func (k kind) signed() bool   { return k >= kInt8 && k <= kInt64 }
func (k kind) unsigned() bool { return k >= kUint8 && k <= kUint64 }
func (k kind) integer() bool  { return k >= kInt8 && k <= kUint64 }
func (k kind) float() bool    { return k >= kFloat16 && k <= kFloat64 }

// promote is numpy.promote_types.
func promote(a, b kind) kind {
	if a == b {
		return a
	}
	if a > b {
		a, b = b, a
	}
	switch {
	case b == kStr || a == kBool:
		return b
	case a.float(): // both
		return b
	case b.float():
		// The integers of one, two and more bytes need the next larger float.
		least := kFloat64
		switch sizes[a] {
		case 1:
			least = kFloat16
		case 2:
			least = kFloat32
		}
		return max(b, least)
	case a.signed() == b.signed():
		return b
	case sizes[a] > sizes[b]: // a is signed
		return a
	case b == kUint64:
		return kFloat64
	}
	return kInt16 + (b - kUint8)
}

// floating is the type in which functions such as sqrt compute.
func (k kind) floating() kind {
	switch {
	case k.float():
		return k
	case k == kStr:
		fail("TypeError", "the input is text, and numbers were expected")
	case sizes[k] == 1:
		return kFloat16
	case sizes[k] == 2:
		return kFloat32
	}
	return kFloat64
}

// dividing is the type in which means of elements are computed: that of floats, float64 of others.
func (k kind) dividing() kind {
	if f := k.floating(); k.float() { // which fails for text
		return f
	}
	return kFloat64
}

// summing is the type of sums and products.
func (k kind) summing() kind {
	switch {
	case k.unsigned():
		return kUint64
	case k == kBool || k.signed():
		return kInt64
	case k == kStr:
		fail("TypeError", "the input is text, and numbers were expected")
	}
	return k
}

// ResultType is the type that arrays, numbers and types combine to (NumPy: np.result_type).
func ResultType(values ...any) DType {
	if len(values) == 0 {
		fail("ValueError", "at least one array or dtype is required")
	}
	var k kind
	for i, v := range values {
		next := kBool
		if d, ok := v.(DType); ok {
			next = kindOf(d)
		} else {
			next = operandOf(v).a.kind
		}
		if k = promote(k, next); i == 0 {
			k = next
		}
	}
	return names[k]
}

type (
	signedInt   interface{ int8 | int16 | int32 | int64 }
	unsignedInt interface {
		uint8 | uint16 | uint32 | uint64
	}
	integer interface{ signedInt | unsignedInt }
	float   interface{ float32 | float64 }
	number  interface{ integer | float }
	element interface {
		number | bool | float16.Float16 | string
	}
)

func kindFor[T any]() kind {
	var zero T
	switch any(zero).(type) {
	case bool:
		return kBool
	case int8:
		return kInt8
	case int16:
		return kInt16
	case int32:
		return kInt32
	case int64:
		return kInt64
	case uint8:
		return kUint8
	case uint16:
		return kUint16
	case uint32:
		return kUint32
	case uint64:
		return kUint64
	case float16.Float16:
		return kFloat16
	case float32:
		return kFloat32
	case float64:
		return kFloat64
	}
	return kStr
}
