package datasets

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Side is an end of a sequence: [Pre] or [Post].
type Side string

// The ends of a sequence.
const (
	Pre  Side = "pre"
	Post Side = "post"
)

// PadOptions are the arguments of [PadSequences]. The zero value is Keras's default.
type PadOptions struct {
	// MaxLen is the length of the result's rows. 0 means that of the longest sequence.
	MaxLen int
	// DType is the type of the result, int32 by default.
	DType dtypes.DType
	// Padding is the side on which short sequences are filled, Truncating the one on which long ones are cut: Pre by default.
	Padding, Truncating Side
	// Value fills short sequences.
	Value float64
}

// PadSequences makes an array of sequences of different lengths, (samples, length), as keras.utils.pad_sequences does. sequences is a slice of slices of numbers, or of
// slices of arrays of one shape, (samples, length, …) then. Short sequences get Value before them, long ones lose their beginning.
func PadSequences(sequences any, o PadOptions) (*tensors.Tensor, error) {
	t, err := padSequences(sequences, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.PadSequences: %w", err)
	}
	return t, nil
}

func padSequences(sequences any, o PadOptions) (*tensors.Tensor, error) {
	v := reflect.ValueOf(sequences)
	if !v.IsValid() || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("got a %T, and a slice of sequences was expected", sequences)
	}
	if v.Len() == 0 {
		return nil, errors.New("there are no sequences")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	rows, lengths := make([][]float64, v.Len()), make([]int, v.Len())
	var sample []int
	known := false
	for i := range rows {
		item := v.Index(i)
		for item.Kind() == reflect.Interface {
			item = item.Elem()
		}
		if item.IsValid() && item.Kind() == reflect.Slice && item.Len() == 0 {
			continue
		}
		if !item.IsValid() || !item.CanInterface() {
			return nil, fmt.Errorf("sequence %d is no sequence", i)
		}
		t, err := asTensor(item.Interface())
		if err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
		if t.Rank() == 0 {
			return nil, fmt.Errorf("sequence %d is a number, and a sequence was expected", i)
		}
		dims := t.Shape().Dimensions
		if lengths[i] = dims[0]; dims[0] == 0 {
			continue
		}
		if !known {
			sample, known = slices.Clone(dims[1:]), true
		}
		if !slices.Equal(sample, dims[1:]) {
			return nil, fmt.Errorf("the samples of sequence %d have shape %v, and %v was expected", i, dims[1:], sample)
		}
		if rows[i], err = floatsIn(t); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
	}
	size := 1
	for _, d := range sample {
		size *= d
	}
	length := o.MaxLen
	if length == 0 {
		length = slices.Max(lengths)
	}
	if float64(len(rows))*float64(length)*float64(size) > maxCategorical {
		return nil, fmt.Errorf("%d sequences of length %d are more than fit in memory", len(rows), length)
	}
	flat := make([]float64, len(rows)*length*size)
	for i, row := range rows {
		to := flat[i*length*size : (i+1)*length*size]
		for j := range to {
			to[j] = o.Value
		}
		place(to, row, min(lengths[i], length)*size, o)
	}
	return numbersAs(flat, o.DType, append([]int{len(rows), length}, sample...))
}

// PadTexts is [PadSequences] of words: rows of one length, filled with value.
func PadTexts(sequences [][]string, value string, o PadOptions) ([][]string, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("datasets.PadTexts: %w", err)
	}
	length := o.MaxLen
	for _, s := range sequences {
		if o.MaxLen == 0 {
			length = max(length, len(s))
		}
	}
	out := make([][]string, len(sequences))
	for i, s := range sequences {
		out[i] = slices.Repeat([]string{value}, length)
		place(out[i], s, min(len(s), length), o)
	}
	return out, nil
}

func (o *PadOptions) check() error {
	if o.MaxLen < 0 {
		return fmt.Errorf("MaxLen is %d, and 0 or more was expected", o.MaxLen)
	}
	for name, side := range map[string]*Side{"Padding": &o.Padding, "Truncating": &o.Truncating} {
		switch *side {
		case "":
			*side = Pre
		case Pre, Post:
		default:
			return fmt.Errorf("%s is %q, and %q or %q was expected", name, *side, Pre, Post)
		}
	}
	if o.DType == dtypes.InvalidDType {
		o.DType = dtypes.Int32
	}
	return nil
}

// place puts n elements of a sequence into a row.
func place[T any](to, from []T, n int, o PadOptions) {
	if o.Truncating == Pre {
		from = from[len(from)-n:]
	}
	if o.Padding == Pre {
		to = to[len(to)-n:]
	}
	copy(to, from[:n])
}

// floatsIn are a tensor's numbers.
func floatsIn(t *tensors.Tensor) ([]float64, error) {
	if t.Size() == 0 {
		return nil, nil
	}
	var list []float64
	var inner error
	err := t.ConstFlatData(func(flat any) {
		v := reflect.ValueOf(flat)
		list = make([]float64, v.Len())
		for i := range list {
			switch e := v.Index(i); {
			case e.CanInt():
				list[i] = float64(e.Int())
			case e.Kind() == reflect.Uint8 || e.Kind() == reflect.Uint16 && e.Type().PkgPath() == "" || e.Kind() == reflect.Uint32 || e.Kind() == reflect.Uint64:
				list[i] = float64(e.Uint())
			case e.CanFloat():
				list[i] = e.Float()
			default:
				inner = fmt.Errorf("elements of type %s, and numbers were expected", t.DType())
				return
			}
		}
	})
	return list, errors.Join(err, inner)
}

// numbersAs makes a tensor of a type; whole numbers lose what is behind the point, and must be in the type's range.
func numbersAs(flat []float64, dtype dtypes.DType, dims []int) (*tensors.Tensor, error) {
	switch dtype {
	case dtypes.Float64:
		return tensors.FromFlatDataAndDimensions(flat, dims...), nil
	case dtypes.Float32:
		return cast[float32](flat, math.Inf(-1), math.Inf(1), dims)
	case dtypes.Int8:
		return cast[int8](flat, math.MinInt8, math.MaxInt8, dims)
	case dtypes.Int16:
		return cast[int16](flat, math.MinInt16, math.MaxInt16, dims)
	case dtypes.Int32:
		return cast[int32](flat, math.MinInt32, math.MaxInt32, dims)
	case dtypes.Int64:
		return cast[int64](flat, -1<<53, 1<<53, dims)
	case dtypes.Uint8:
		return cast[uint8](flat, 0, math.MaxUint8, dims)
	case dtypes.Uint16:
		return cast[uint16](flat, 0, math.MaxUint16, dims)
	case dtypes.Uint32:
		return cast[uint32](flat, 0, math.MaxUint32, dims)
	}
	return nil, fmt.Errorf("the type %s can't be made: want a float32 or float64, or whole numbers", dtype)
}

func cast[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | float32](flat []float64, low, high float64, dims []int) (*tensors.Tensor, error) {
	whole := T(1)/2 == 0
	t := tensors.FromShape(shapes.Make(dtypes.FromGenericsType[T](), dims...))
	var inner error
	err := tensors.MutableFlatData(t, func(to []T) {
		for i, v := range flat {
			if whole && !(math.Trunc(v) >= low && math.Trunc(v) <= high) {
				inner = fmt.Errorf("the number %v doesn't fit into %s", v, t.DType())
				return
			}
			to[i] = T(v)
		}
	})
	return t, errors.Join(err, inner)
}
