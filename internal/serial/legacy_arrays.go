package serial

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/gokeras/gokeras/internal/kerasfile"
)

// elementSize is the size of an array's elements.
func elementSize(a kerasfile.Array) int {
	count := 1
	for _, d := range a.Shape() {
		count *= d
	}
	if count == 0 {
		return 1
	}
	return int(a.NumBytes()) / count
}

// reshaped is the array with another shape of the same size.
func reshaped(a kerasfile.Array, shape ...int) (kerasfile.Array, error) {
	data, err := a.Bytes()
	if err != nil {
		return a, err
	}
	return kerasfile.NewArray(a.DType(), shape, data)
}

// permuted is the array with its axes in another order.
func permuted(a kerasfile.Array, axes ...int) (kerasfile.Array, error) {
	from := a.Shape()
	if len(from) != len(axes) {
		return a, fmt.Errorf("an array of shape %v hasn't %d axes", from, len(axes))
	}
	strides := make([]int, len(from)) // of the source
	step := 1
	for i := len(from) - 1; i >= 0; i-- {
		strides[i] = step
		step *= from[i]
	}
	shape, by := make([]int, len(axes)), make([]int, len(axes))
	for i, axis := range axes {
		shape[i], by[i] = from[axis], strides[axis]
	}
	return gathered(a, shape, by, 0)
}

// flipped is a kernel with its window's axes, all but the last two, in reverse.
func flipped(a kerasfile.Array) (kerasfile.Array, error) {
	shape := a.Shape()
	by := make([]int, len(shape))
	step, start := 1, 0
	for i := len(shape) - 1; i >= 0; i-- {
		by[i] = step
		step *= shape[i]
		if i < len(shape)-2 && shape[i] > 0 {
			start += (shape[i] - 1) * by[i]
			by[i] = -by[i]
		}
	}
	return gathered(a, shape, by, start)
}

// gathered is the array of the elements that lie by strides from a start.
func gathered(a kerasfile.Array, shape, by []int, start int) (kerasfile.Array, error) {
	data, err := a.Bytes()
	if err != nil {
		return a, err
	}
	size := elementSize(a)
	out := make([]byte, 0, len(data))
	index := make([]int, len(shape))
	at := start
	for len(out) < len(data) {
		out = append(out, data[at*size:(at+1)*size]...)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			at += by[axis]
			if index[axis] < shape[axis] {
				break
			}
			at -= by[axis] * shape[axis]
			index[axis] = 0
		}
	}
	return kerasfile.NewArray(a.DType(), shape, out)
}

// joined joins arrays along their last axis.
func joined(list []kerasfile.Array) (kerasfile.Array, error) {
	first := list[0]
	shape := slices.Clone(first.Shape())
	if len(shape) == 0 {
		return first, fmt.Errorf("a number stands where a gate's weights should be")
	}
	rows := 1
	for _, d := range shape[:len(shape)-1] {
		rows *= d
	}
	data := make([][]byte, len(list))
	total := 0
	for i, a := range list {
		if a.DType() != first.DType() || !slices.Equal(a.Shape(), first.Shape()) {
			return first, fmt.Errorf("gates have weights of shapes %v and %v", first.Shape(), a.Shape())
		}
		var err error
		if data[i], err = a.Bytes(); err != nil {
			return first, err
		}
		total += len(data[i])
	}
	out := make([]byte, 0, total)
	for r := range rows {
		for _, d := range data {
			n := len(d) / rows
			out = append(out, d[r*n:(r+1)*n]...)
		}
	}
	shape[len(shape)-1] *= len(list)
	return kerasfile.NewArray(first.DType(), shape, out)
}

// mapped is an array of numbers computed from those of another, which are float32 or float64.
func mapped(a kerasfile.Array, shape []int, compute func(from []float32) []float32) (kerasfile.Array, error) {
	data, err := a.Bytes()
	if err != nil {
		return a, err
	}
	var from []float32
	switch a.DType() {
	case "float32":
		from = make([]float32, len(data)/4)
		for i := range from {
			from[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
	case "float64":
		from = make([]float32, len(data)/8)
		for i := range from {
			from[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:])))
		}
	default:
		return a, fmt.Errorf("weights in cuDNN's layout are %s, want float32", a.DType())
	}
	to := compute(from)
	out := make([]byte, 4*len(to))
	for i, v := range to {
		binary.LittleEndian.PutUint32(out[4*i:], math.Float32bits(v))
	}
	return kerasfile.NewArray("float32", shape, out)
}
