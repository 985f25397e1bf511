package npz

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
)

// kind is a type of elements under NumPy's name, its code in headers, and the tensors'.
type kind struct {
	name   string
	code   string
	size   int
	word   int // the bytes that endianness swaps
	tensor dtypes.DType
}

var kinds = []kind{
	{"bool", "b1", 1, 1, dtypes.Bool},
	{"int8", "i1", 1, 1, dtypes.Int8},
	{"int16", "i2", 2, 2, dtypes.Int16},
	{"int32", "i4", 4, 4, dtypes.Int32},
	{"int64", "i8", 8, 8, dtypes.Int64},
	{"uint8", "u1", 1, 1, dtypes.Uint8},
	{"uint16", "u2", 2, 2, dtypes.Uint16},
	{"uint32", "u4", 4, 4, dtypes.Uint32},
	{"uint64", "u8", 8, 8, dtypes.Uint64},
	{"float16", "f2", 2, 2, dtypes.Float16},
	{"float32", "f4", 4, 4, dtypes.Float32},
	{"float64", "f8", 8, 8, dtypes.Float64},
	{"complex64", "c8", 8, 4, dtypes.Complex64},
	{"complex128", "c16", 16, 8, dtypes.Complex128},
}

// kindOf reads the description of a type in a header, such as "<f4".
func kindOf(descr string) (k kind, bigEndian bool, err error) {
	code := descr
	if code != "" && (code[0] == '<' || code[0] == '>' || code[0] == '|' || code[0] == '=') {
		bigEndian = code[0] == '>'
		code = code[1:]
	}
	if i := slices.IndexFunc(kinds, func(k kind) bool { return k.code == code }); i >= 0 {
		return kinds[i], bigEndian, nil
	}
	what := "which no tensor has"
	if code != "" {
		switch code[0] {
		case 'O':
			what = "which are Python objects"
		case 'U', 'S', 'a':
			what = "which are text"
		case 'M', 'm':
			what = "which are times"
		case 'V':
			what = "which NumPy has no numbers for, as it does for bfloat16"
		case 'f', 'c', 'i', 'u', 'b':
			what = "which is not a size that tensors have"
		}
	}
	return kind{}, false, fmt.Errorf("elements of type %q, %s: convert the array with astype to float32, int32 or another type of numbers and save it again", descr, what)
}

func kindOfTensor(dtype dtypes.DType) (kind, bool) {
	if i := slices.IndexFunc(kinds, func(k kind) bool { return k.tensor == dtype }); i >= 0 {
		return kinds[i], true
	}
	return kind{}, false
}

// descr is the type's description in a header.
func (k kind) descr() string {
	if k.size == 1 {
		return "|" + k.code
	}
	return "<" + k.code
}
