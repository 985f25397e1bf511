package pickle

import (
	"fmt"
	"math"
)

// Bytes is a Python bytes object, or the str of a Python 2 pickle. It is a view of the input.
type Bytes []byte

// List is a Python list.
type List struct {
	// Items are the elements: nil, bool, int64, float64, string, Bytes, *List, Tuple, *Dict or *Array.
	Items []any
}

// Tuple is a Python tuple. Its elements are of the types that List names.
type Tuple []any

// Dict is a Python dictionary whose keys are strings, text or bytes alike.
type Dict struct {
	// Items has the values, of the types that List names.
	Items map[string]any
}

// Array is a NumPy array of unsigned bytes, or of Python objects, in C order.
type Array struct {
	// Shape has the length of each axis.
	Shape []int
	// Data has the elements, as many as the product of Shape. It is a view of the input.
	Data []byte
	// Objects are the elements of an array of objects, of the types that List names; nil for one of bytes.
	Objects []any
}

// typeName says what a value is, in Python's words and with an article.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64:
		return "an int"
	case float64:
		return "a float"
	case string:
		return "a str"
	case Bytes:
		return "a bytes object"
	case *List:
		return "a list"
	case Tuple:
		return "a tuple"
	case *Dict:
		return "a dict"
	case *Array:
		return "a numpy.ndarray"
	case *dtype:
		return "a numpy.dtype"
	case global:
		return "the name " + string(v)
	case mark:
		return "a mark"
	}
	return fmt.Sprintf("a %T", v)
}

// TypeName says what a value returned by Load is, in Python's words: "a dict", "a numpy.ndarray", "None".
func TypeName(v any) string { return typeName(v) }

// global is one of the names that a pickle may mention.
type global string

const (
	globalArray       global = "numpy.ndarray"
	globalDType       global = "numpy.dtype"
	globalReconstruct global = "numpy.core.multiarray._reconstruct"
	globalEncode      global = "_codecs.encode"
)

// globals are the names allowed, as a pickle spells them. NumPy 2 moved its core to numpy._core; Python 3 writes bytes
// in protocol 2 as a call of _codecs.encode.
var globals = map[[2]string]global{
	{"numpy", "ndarray"}:                       globalArray,
	{"numpy", "dtype"}:                         globalDType,
	{"numpy.core.multiarray", "_reconstruct"}:  globalReconstruct,
	{"numpy._core.multiarray", "_reconstruct"}: globalReconstruct,
	{"_codecs", "encode"}:                      globalEncode,
}

type mark struct{}

// dtype is a NumPy element type on its way into an array.
type dtype struct{ name string }

// call does what Python's function would do, for the few functions there are.
func (m *machine) call(f global, args Tuple) (any, error) {
	switch f {
	case globalReconstruct:
		if len(args) != 3 || args[0] != any(globalArray) {
			return nil, fmt.Errorf("%s is called with other arguments than NumPy's", f)
		}
		return &Array{}, nil
	case globalDType:
		if len(args) == 0 {
			return nil, fmt.Errorf("%s is called without arguments", f)
		}
		name, ok := text(args[0])
		if !ok {
			return nil, fmt.Errorf("%s is called with %s, and a type name was expected", f, typeName(args[0]))
		}
		return &dtype{name: name}, nil
	case globalEncode:
		if len(args) == 2 {
			s, isText := args[0].(string)
			if codec, ok := text(args[1]); ok && isText && codec == "latin1" {
				// One string may be named many times, and each call copies it.
				if m.encoded += len(s); m.encoded > len(m.data) {
					return nil, fmt.Errorf("%s is called for more text than the file holds", f)
				}
				return latin1(s)
			}
		}
		return nil, fmt.Errorf("%s is called with other arguments than (text, 'latin1')", f)
	}
	return nil, fmt.Errorf("%s cannot be called", f)
}

// build gives an object its state, as __setstate__ does.
func (m *machine) build(object, state any) error {
	fields, ok := state.(Tuple)
	if !ok {
		return fmt.Errorf("the state of %s is %s, and a tuple was expected", typeName(object), typeName(state))
	}
	switch object := object.(type) {
	case *dtype:
		// (version, byte order, subtype, names, fields, element size, alignment, flags): a plain type has none of
		// the three in the middle, and the order of one byte is no question.
		if len(fields) < 8 || fields[2] != nil || fields[3] != nil || fields[4] != nil {
			return fmt.Errorf("the numpy.dtype %q is a structured one, and uint8 was expected", object.name)
		}
		return nil
	case *Array:
		return object.build(fields, m.objects)
	}
	return fmt.Errorf("%s takes no state", typeName(object))
}

func (a *Array) build(fields Tuple, objects bool) error {
	if a.Shape != nil {
		return fmt.Errorf("a numpy.ndarray gets its content twice")
	}
	if len(fields) != 5 {
		return fmt.Errorf("the state of a numpy.ndarray has %d fields, and 5 were expected", len(fields))
	}
	dims, ok := fields[1].(Tuple)
	if !ok {
		return fmt.Errorf("the shape of a numpy.ndarray is %s, and a tuple was expected", typeName(fields[1]))
	}
	kind, ok := fields[2].(*dtype)
	if !ok {
		return fmt.Errorf("the type of a numpy.ndarray is %s, and a numpy.dtype was expected", typeName(fields[2]))
	}
	if objects && (kind.name == "O" || kind.name == "|O" || kind.name == "O8" || kind.name == "O4") {
		return a.buildObjects(fields, dims)
	}
	if kind.name != "u1" && kind.name != "|u1" && kind.name != "uint8" {
		return fmt.Errorf("a numpy.ndarray has elements of type %q, and \"u1\" (uint8) was expected", kind.name)
	}
	if fortran, ok := integer(fields[3]); !ok || fortran != 0 {
		return fmt.Errorf("a numpy.ndarray lies in Fortran order, and C order was expected")
	}
	data, ok := fields[4].(Bytes)
	if !ok {
		return fmt.Errorf("the content of a numpy.ndarray is %s, and bytes were expected", typeName(fields[4]))
	}
	if len(dims) > maxAxes {
		return fmt.Errorf("a numpy.ndarray has %d axes, and %d are the most expected", len(dims), maxAxes)
	}
	shape := make([]int, len(dims))
	size := int64(1)
	for i, d := range dims {
		n, ok := integer(d)
		if !ok {
			return fmt.Errorf("the length of axis %d of a numpy.ndarray is %s, and an int was expected", i, typeName(d))
		}
		if n < 0 || n > math.MaxInt32 {
			return fmt.Errorf("axis %d of a numpy.ndarray has length %d", i, n)
		}
		shape[i] = int(n)
		// size is len(data) at most before, and n less than 2^31: the product cannot overflow.
		if size *= n; size > int64(len(data)) {
			return fmt.Errorf("a numpy.ndarray of shape %v has only %d elements", shape[:i+1], len(data))
		}
	}
	if size != int64(len(data)) {
		return fmt.Errorf("a numpy.ndarray of shape %v has %d elements", shape, len(data))
	}
	a.Shape, a.Data = shape, data
	return nil
}

// buildObjects takes the elements of an array of one axis.
func (a *Array) buildObjects(fields, dims Tuple) error {
	list, ok := fields[4].(*List)
	if !ok {
		return fmt.Errorf("the content of a numpy.ndarray of objects is %s, and a list was expected", typeName(fields[4]))
	}
	if len(dims) != 1 {
		return fmt.Errorf("a numpy.ndarray of objects has %d axes, and 1 was expected", len(dims))
	}
	if n, ok := integer(dims[0]); !ok || n != int64(len(list.Items)) {
		return fmt.Errorf("a numpy.ndarray of objects of shape (%v,) has %d elements", dims[0], len(list.Items))
	}
	a.Shape, a.Objects = []int{len(list.Items)}, append([]any{}, list.Items...)
	return nil
}

const (
	maxAxes = 8
	maxName = 256
)

// text returns the content of a short str or bytes object, as names and keys are: a long one, copied again and again,
// would let a small file take much memory.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, len(v) <= maxName
	case Bytes:
		if len(v) <= maxName {
			return string(v), true
		}
	}
	return "", false
}

// integer returns the value of an int or a bool: Python 2 writes flags as numbers.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func latin1(s string) (Bytes, error) {
	b := make(Bytes, 0, len(s))
	for i, r := range s {
		if r > 0xff {
			return nil, fmt.Errorf("_codecs.encode: the character %U at byte %d is not in latin1", r, i)
		}
		b = append(b, byte(r))
	}
	return b, nil
}
