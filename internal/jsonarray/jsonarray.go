// Package jsonarray reads arrays from JSON's nested lists, and writes them so.
package jsonarray

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
)

// maxDepth is how many axes an array may have.
const maxDepth = 32

// Decode reads nested lists of equal lengths: of numbers, or of true and false (which are 1 and 0), as a float32 tensor (*tensors.Tensor), or of texts as
// []string, [][]string or [][][]string. A number alone is an array without axes.
func Decode(raw []byte) (any, error) {
	d := &decoder{in: json.NewDecoder(strings.NewReader(string(raw)))}
	d.in.UseNumber()
	if err := d.value(0); err != nil {
		return nil, err
	}
	if _, err := d.in.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("after byte %d: something follows the array", d.in.InputOffset())
	}
	if d.texts == nil {
		return tensors.FromFlatDataAndDimensions(d.numbers, d.dims...), nil
	}
	switch len(d.dims) {
	case 0:
		return d.texts[0], nil
	case 1:
		return d.texts, nil
	case 2:
		return grouped(d.texts, d.dims[1]), nil
	case 3:
		return grouped(grouped(d.texts, d.dims[2]), d.dims[1]), nil
	}
	return nil, fmt.Errorf("texts have %d axes, want at most 3", len(d.dims))
}

func grouped[T any](flat []T, length int) [][]T {
	var out [][]T
	for i := 0; length > 0 && i < len(flat); i += length {
		out = append(out, flat[i:i+length])
	}
	return out
}

type decoder struct {
	in      *json.Decoder
	dims    []int // -1: of a list that isn't at its end
	numbers []float32
	texts   []string
	leaves  bool // one has been read, so the number of axes is known
}

func (d *decoder) fail(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", d.in.InputOffset(), fmt.Sprintf(format, args...))
}

func (d *decoder) value(depth int) error {
	token, err := d.in.Token()
	if errors.Is(err, io.EOF) {
		return errors.New("the text ends within an array")
	}
	if err != nil {
		return err
	}
	if token == json.Delim('[') {
		return d.list(depth)
	}
	if d.leaves && depth != len(d.dims) {
		return d.fail("the lists aren't nested equally deep")
	}
	if !d.leaves && depth < len(d.dims) {
		return d.fail("the lists aren't nested equally deep")
	}
	first := !d.leaves
	d.leaves = true
	switch v := token.(type) {
	case json.Number:
		number, err := strconv.ParseFloat(v.String(), 32)
		if err != nil {
			return d.fail("the number %s is beyond float32", v)
		}
		d.numbers = append(d.numbers, float32(number))
	case bool:
		number := float32(0)
		if v {
			number = 1
		}
		d.numbers = append(d.numbers, number)
	case string:
		if first {
			d.texts = []string{}
		}
		d.texts = append(d.texts, v)
	default:
		return d.fail("%v is neither a number nor a text", token)
	}
	if len(d.numbers) > 0 && len(d.texts) > 0 {
		return d.fail("numbers and texts are mixed")
	}
	return nil
}

func (d *decoder) list(depth int) error {
	switch {
	case depth >= maxDepth:
		return d.fail("lists are nested more than %d deep", maxDepth)
	case depth == len(d.dims) && d.leaves:
		return d.fail("the lists aren't nested equally deep")
	case depth == len(d.dims):
		d.dims = append(d.dims, -1)
	}
	n := 0
	for ; d.in.More(); n++ {
		if err := d.value(depth + 1); err != nil {
			return err
		}
	}
	if _, err := d.in.Token(); err != nil {
		return errors.New("the text ends within an array")
	}
	if d.dims[depth] >= 0 && d.dims[depth] != n {
		return d.fail("a list of length %d, where others have %d", n, d.dims[depth])
	}
	d.dims[depth] = n
	return nil
}

// Append writes a tensor of numbers as nested lists behind dst. What JSON has no number for, NaN and infinities, is null.
func Append(dst []byte, t *tensors.Tensor) ([]byte, error) {
	dims, unknown := t.Shape().Dimensions, false
	err := t.ConstFlatData(func(flat any) {
		var number func(dst []byte, i int) []byte
		switch flat := flat.(type) {
		case []float32:
			number = func(dst []byte, i int) []byte { return appendFloat(dst, float64(flat[i]), 32) }
		case []float64:
			number = func(dst []byte, i int) []byte { return appendFloat(dst, flat[i], 64) }
		case []bool:
			number = func(dst []byte, i int) []byte { return strconv.AppendBool(dst, flat[i]) }
		case []int8:
			number = whole(flat)
		case []int16:
			number = whole(flat)
		case []int32:
			number = whole(flat)
		case []int64:
			number = whole(flat)
		case []uint8:
			number = whole(flat)
		case []uint16:
			number = whole(flat)
		case []uint32:
			number = whole(flat)
		case []uint64:
			number = func(dst []byte, i int) []byte { return strconv.AppendUint(dst, flat[i], 10) }
		default:
			unknown = true
			return
		}
		at := 0
		var lists func(axis int)
		lists = func(axis int) {
			if axis == len(dims) {
				dst = number(dst, at)
				at++
				return
			}
			dst = append(dst, '[')
			for i := range dims[axis] {
				if i > 0 {
					dst = append(dst, ',')
				}
				lists(axis + 1)
			}
			dst = append(dst, ']')
		}
		lists(0)
	})
	if unknown {
		err = fmt.Errorf("an array of type %s can't be written as JSON", strings.ToLower(t.DType().String()))
	}
	return dst, err
}

func whole[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](flat []T) func([]byte, int) []byte {
	return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(flat[i]), 10) }
}

func appendFloat(dst []byte, v float64, bits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(dst, "null"...)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, bits)
}
