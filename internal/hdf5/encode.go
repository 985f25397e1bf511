package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// encodeType is a datatype message.
func encodeType(d Datatype) ([]byte, error) {
	if d.bigEndian || d.Size <= 0 {
		return nil, fmt.Errorf("values of %s cannot be written", d)
	}
	head := func(class byte, bits uint32, size int) []byte {
		return le.AppendUint32(le.AppendUint32(nil, uint32(class)|0x10|bits<<8), uint32(size))
	}
	tail := func(b []byte, v ...uint16) []byte {
		for _, n := range v {
			b = le.AppendUint16(b, n)
		}
		return b
	}
	number := d.Size == 1 || d.Size == 2 || d.Size == 4 || d.Size == 8
	switch {
	case d.Kind == Int && number:
		return tail(head(0, 8, d.Size), 0, uint16(8*d.Size)), nil
	case d.Kind == Uint && number:
		return tail(head(0, 0, d.Size), 0, uint16(8*d.Size)), nil
	case d.Kind == Float:
		for f, kind := range floatFormats {
			if f.size == d.Size && kind == Float {
				b := tail(head(1, 0x20|uint32(f.sign)<<8, d.Size), 0, uint16(8*d.Size))
				b = append(b, byte(f.expAt), byte(f.expBits), byte(f.fracAt), byte(f.fracBits))
				return le.AppendUint32(b, uint32(f.bias)), nil
			}
		}
	case d.Kind == Bool && d.Size == 1:
		b := append(head(8, 2, 1), tail(head(0, 8, 1), 0, 8)...)
		return append(b, "FALSE\x00\x00\x00TRUE\x00\x00\x00\x00\x00\x01"...), nil
	case d.Kind == Opaque:
		return head(5, 0, d.Size), nil
	case d.Kind == String:
		bits := uint32(1)
		if d.UTF8 {
			bits |= 1 << 4
		}
		return head(3, bits, d.Size), nil
	case d.Kind == VarString:
		bits := uint32(1)
		if d.UTF8 {
			bits |= 1 << 8
		}
		return append(head(9, bits, 16), tail(head(0, 0, 1), 0, 8)...), nil
	}
	return nil, fmt.Errorf("values of %s cannot be written", d)
}

// encodeSpace is a dataspace message.
func encodeSpace(shape []int) []byte {
	if len(shape) == 0 {
		return []byte{1, 0, 0, 0, 0, 0, 0, 0}
	}
	b := []byte{1, byte(len(shape)), 1, 0, 0, 0, 0, 0}
	for range 2 { // the sizes, and the largest sizes
		for _, n := range shape {
			b = le.AppendUint64(b, uint64(n))
		}
	}
	return b
}

// encodeValue turns a Go value into an attribute's; text stores a variable string and returns the reference to it.
func encodeValue(value any, text func(string) ([]byte, error)) (d Datatype, shape []int, data []byte, err error) {
	switch v := value.(type) {
	case string:
		data, err = text(v)
		return UTF8Text, nil, data, err
	case []string:
		for _, s := range v {
			ref, err := text(s)
			if err != nil {
				return d, nil, nil, err
			}
			data = append(data, ref...)
		}
		d, shape = UTF8Text, []int{len(v)}
	case FixedStrings:
		longest := 1
		for _, s := range v {
			longest = max(longest, len(s))
		}
		data = bytes.Repeat([]byte{0}, longest*len(v))
		for i, s := range v {
			copy(data[i*longest:], s)
		}
		d, shape = StringOf(longest), []int{len(v)}
	case bool:
		d, data = Boolean, []byte{0}
		if v {
			data[0] = 1
		}
	case int:
		return encodeValue(int64(v), text)
	case []int:
		wide := make([]int64, len(v))
		for i, n := range v {
			wide[i] = int64(n)
		}
		return encodeValue(wide, text)
	case int32, int64, uint32, uint64, float32, float64:
		d = numberType(value)
	case []int32:
		d, shape = Int32, []int{len(v)}
	case []int64:
		d, shape = Int64, []int{len(v)}
	case []uint32:
		d, shape = Uint32, []int{len(v)}
	case []uint64:
		d, shape = Uint64, []int{len(v)}
	case []float32:
		d, shape = Float32, []int{len(v)}
	case []float64:
		d, shape = Float64, []int{len(v)}
	default:
		return d, nil, nil, fmt.Errorf("a value of type %T cannot be written; texts, booleans and numbers can", value)
	}
	if data == nil {
		if data, err = binary.Append(nil, le, value); err != nil {
			return d, nil, nil, err
		}
	}
	// The message that holds it has a 16-bit length, which its name and types take part of; h5py's limit is the same.
	if len(data) > math.MaxUint16-1023 {
		return d, nil, nil, fmt.Errorf("its value of %d bytes is above the 64512 that HDF5 allows; split it", len(data))
	}
	return d, shape, data, nil
}

func numberType(value any) Datatype {
	switch value.(type) {
	case int32:
		return Int32
	case int64:
		return Int64
	case uint32:
		return Uint32
	case uint64:
		return Uint64
	case float32:
		return Float32
	}
	return Float64
}
