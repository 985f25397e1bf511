package kerasfile

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/hdf5"
)

// Array is the value of one variable: a shape, a type, and numbers that are fetched only when asked for. The zero Array
// holds nothing, and every use of it is an error.
type Array struct {
	dtype  string
	shape  []int
	size   int64
	check  func() error // whether memory may be taken for the values
	read   func(dst []byte) error
	stream func(w io.Writer) error
}

// kind is a numeric type under its three names.
type kind struct {
	name   string
	file   hdf5.Datatype
	tensor dtypes.DType
}

var kinds = []kind{
	{"bool", hdf5.Boolean, dtypes.Bool},
	{"int8", hdf5.Int8, dtypes.Int8},
	{"int16", hdf5.Int16, dtypes.Int16},
	{"int32", hdf5.Int32, dtypes.Int32},
	{"int64", hdf5.Int64, dtypes.Int64},
	{"uint8", hdf5.Uint8, dtypes.Uint8},
	{"uint16", hdf5.Uint16, dtypes.Uint16},
	{"uint32", hdf5.Uint32, dtypes.Uint32},
	{"uint64", hdf5.Uint64, dtypes.Uint64},
	{"float16", hdf5.Float16, dtypes.Float16},
	{"float32", hdf5.Float32, dtypes.Float32},
	{"float64", hdf5.Float64, dtypes.Float64},
	// h5py knows no bfloat16 and stores two bytes without a meaning; Keras notes the type in an attribute.
	{"bfloat16", hdf5.OpaqueOf(2), dtypes.BFloat16},
}

const bfloat16 = "bfloat16"

func findKind(match func(kind) bool) (kind, bool) {
	if i := slices.IndexFunc(kinds, match); i >= 0 {
		return kinds[i], true
	}
	return kind{}, false
}

func kindNamed(name string) (kind, error) {
	k, ok := findKind(func(k kind) bool { return k.name == name })
	if !ok {
		names := make([]string, len(kinds))
		for i, k := range kinds {
			names[i] = k.name
		}
		return k, fmt.Errorf("an array of %q cannot be stored; the types are %v", name, names)
	}
	return k, nil
}

// numBytes multiplies out a shape.
func numBytes(shape []int, size int) (int64, error) {
	total, zero := int64(size), slices.Contains(shape, 0)
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("shape %v has a negative size", shape)
		}
		if zero {
			continue
		}
		if total > math.MaxInt64/int64(n) {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		total *= int64(n)
	}
	if zero {
		return 0, nil
	}
	return total, nil
}

// NewArray returns an array of little-endian values in row-major order. The name of the type is numpy's: "float32",
// "int64", "bool", "bfloat16" and so on. data is kept, not copied. An empty shape is a single value.
func NewArray(dtype string, shape []int, data []byte) (Array, error) {
	k, err := kindNamed(dtype)
	if err != nil {
		return Array{}, err
	}
	size, err := numBytes(shape, k.file.Size)
	if err != nil {
		return Array{}, err
	}
	if size != int64(len(data)) {
		return Array{}, fmt.Errorf("an array of %s and shape %v takes %d bytes, not %d", dtype, shape, size, len(data))
	}
	return Array{
		dtype: dtype, shape: append([]int{}, shape...), size: size,
		read: func(dst []byte) error { copy(dst, data); return nil },
		stream: func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		},
	}, nil
}

// FromTensor returns the values of t as an array. They are fetched from the device when they are needed, and a copy that
// this leaves on the host is freed again; until then t must be neither changed nor finalized.
func FromTensor(t *tensors.Tensor) (Array, error) {
	return FromHeld(func(use func(t *tensors.Tensor) error) error { return use(t) })
}

// FromHeld is [FromTensor] of the tensor that look gives to use, each time the values are needed: one that moves between
// host and device at other times.
func FromHeld(look func(use func(t *tensors.Tensor) error) error) (a Array, err error) {
	err = look(func(t *tensors.Tensor) error {
		if t == nil {
			return errors.New("an array of a nil tensor")
		}
		if err := t.CheckValid(); err != nil {
			return fmt.Errorf("an array of an invalid tensor: %w", err)
		}
		shape := t.Shape()
		k, ok := findKind(func(k kind) bool { return k.tensor == shape.DType })
		if !ok {
			return fmt.Errorf("a tensor of %s cannot be stored in a Keras file", shape)
		}
		size, err := numBytes(shape.Dimensions, k.file.Size)
		a = Array{dtype: k.name, shape: append([]int{}, shape.Dimensions...), size: size}
		return err
	})
	if err != nil {
		return Array{}, err
	}
	bytes := func(use func(data []byte) error) error {
		return look(func(t *tensors.Tensor) error { return lookAt(t, use) })
	}
	a.read = func(dst []byte) error {
		return bytes(func(data []byte) error { copy(dst, data); return nil })
	}
	a.stream = func(w io.Writer) error {
		return bytes(func(data []byte) error {
			_, err := w.Write(data)
			return err
		})
	}
	return a, nil
}

// lookAt gives the bytes of t to use.
func lookAt(t *tensors.Tensor, use func(data []byte) error) (err error) {
	// The tensor library reports some failures, such as a finalized engine, by panicking.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("fetch the values of a tensor: %v", r)
		}
	}()
	if err := t.CheckValid(); err != nil {
		return err
	}
	if t.Shape().IsZeroSize() {
		return nil
	}
	remote := !t.IsLocal()
	var used error
	if err := t.ConstBytes(func(data []byte) { used = use(data) }); err != nil {
		return err
	}
	if remote && t.IsOnAnyDevice() {
		t.FinalizeLocal()
	}
	return used
}

// fromDataset returns a dataset of a file as an array.
func fromDataset(d *hdf5.Dataset) (Array, error) {
	a := Array{dtype: d.Type().String(), shape: d.Shape(), size: d.NumBytes(), check: d.CheckSize, read: d.Read}
	a.stream = func(w io.Writer) error {
		_, err := d.WriteTo(w)
		return err
	}
	if d.Null() {
		return Array{}, fmt.Errorf("%s: it is empty, without even a shape", d.Path())
	}
	// Legacy files, which Keras itself can't read then, lack the note of the type; nothing else in Keras's files is stored so.
	if d.Type().Kind == hdf5.Opaque && d.Type().Size == 2 {
		a.dtype = bfloat16
	}
	return a, nil
}

// DType is the type of the values under numpy's name: "float32", "int64", "bool", "bfloat16" and so on. An array that was read
// from a file may have a type that cannot be used, such as "V3".
func (a Array) DType() string { return a.dtype }

// TensorDType is the type of the tensors that hold the values; ok is false for one that tensors don't have.
func (a Array) TensorDType() (dtype dtypes.DType, ok bool) {
	k, err := kindNamed(a.dtype)
	return k.tensor, err == nil && k.tensor != dtypes.InvalidDType
}

// Shape returns the size of each dimension; it is empty for a single value.
func (a Array) Shape() []int { return append([]int{}, a.shape...) }

// NumBytes is how much memory the values take.
func (a Array) NumBytes() int64 { return a.size }

func (a Array) valid() error {
	if a.read == nil {
		return errors.New("an array that holds nothing")
	}
	return nil
}

// Read fills dst, of exactly NumBytes bytes, with the values: little-endian, in row-major order.
func (a Array) Read(dst []byte) error {
	if err := a.valid(); err != nil {
		return err
	}
	if int64(len(dst)) != a.size {
		return fmt.Errorf("a buffer of %d bytes for an array of %d", len(dst), a.size)
	}
	return a.read(dst)
}

// Bytes returns the values as Read does. An array read from a file whose shape is out of all proportion to what the file
// holds is refused.
func (a Array) Bytes() ([]byte, error) {
	if err := a.checkSize(); err != nil {
		return nil, err
	}
	dst := make([]byte, a.size)
	if err := a.Read(dst); err != nil {
		return nil, err
	}
	return dst, nil
}

func (a Array) checkSize() error {
	if err := a.valid(); err != nil {
		return err
	}
	if a.check != nil {
		return a.check()
	}
	return nil
}

// Tensor returns the values as a tensor in host memory, read straight into it.
func (a Array) Tensor() (t *tensors.Tensor, err error) {
	k, err := kindNamed(a.dtype)
	if err != nil {
		return nil, err
	}
	if err := a.checkSize(); err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("make a tensor of %s and shape %v: %v", a.dtype, a.shape, r)
		}
	}()
	t = tensors.FromShape(shapes.Make(k.tensor, a.shape...))
	if a.size == 0 {
		return t, nil
	}
	var failed error
	if err := t.MutableBytes(func(data []byte) { failed = a.Read(data) }); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	return t, nil
}
