package symbolic

import (
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// Text is the Keras type of texts: tensors of it are computed on the host alone.
const Text = "string"

// HostValue is data on the host: a *tensors.Tensor of numbers, or *Texts.
type HostValue any

// HostFunc computes the outputs of a host layer for one batch. It may be called from several goroutines at once, and changes nothing that it is given.
type HostFunc func(inputs []HostValue) ([]HostValue, error)

// Texts are texts in an array.
type Texts struct {
	Flat []string // in row-major order
	Dims []int    // the first axis counts the samples
}

// OnHost is embedded by host layers.
type OnHost struct{}

// Call is an error: the program gets what the layer computed before it ran.
func (OnHost) Call(c *Call, _ []*graph.Node) []*graph.Node {
	panic(fmt.Errorf("layer %q computes on the host, before the compiled program, and can't be called inside one", c.layer.Name()))
}

// ReadHost reads what a user gives as data: a tensor, *Texts, or Go slices or arrays of numbers or of strings.
func ReadHost(what string, v any) (HostValue, error) {
	if t, ok := v.(*Texts); ok && t != nil {
		if size := Shape(t.Dims).Size(); size != len(t.Flat) {
			return nil, fmt.Errorf("%s: %d texts don't fill an array of shape %s", what, len(t.Flat), Shape(t.Dims))
		}
		return t, nil
	}
	flat, dims, ok, err := ndarray.Texts(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if ok {
		return &Texts{Flat: flat, Dims: dims}, nil
	}
	return ndarray.ToTensor(what, v)
}

// ReadTexts is ReadHost for texts alone.
func ReadTexts(what string, v any) (*Texts, error) {
	read, err := ReadHost(what, v)
	if t, ok := read.(*Texts); ok {
		return t, nil
	}
	if err == nil || !isTexts(v) {
		err = fmt.Errorf("%s: got a %T, want texts: Go slices or arrays of strings", what, v)
	}
	return nil, err
}

func isTexts(v any) bool {
	_, _, ok, _ := ndarray.Texts(v)
	return ok
}

// HostBatches reads what a user gives to a layer's Adapt: an array, as for ReadHost, which is the only batch; a list of batches ([]any, []*tensors.Tensor);
// a datasets.Pipeline or another GoMLX data set; or an iterator over batches (iter.Seq or iter.Seq2 with an error). array tells the first from the others.
func HostBatches(data any) (batches iter.Seq2[HostValue, error], array bool) {
	each := func(list iter.Seq2[any, error]) iter.Seq2[HostValue, error] {
		return func(yield func(HostValue, error) bool) {
			i := 0
			for v, err := range list {
				var read HostValue
				if err == nil {
					read, err = ReadHost(fmt.Sprintf("batch %d", i), v)
				}
				if i++; !yield(read, err) || err != nil {
					return
				}
			}
		}
	}
	switch data := data.(type) {
	case *tensors.Tensor, *Texts:
	case interface {
		Batches() iter.Seq2[struct{ X, Y, SampleWeight any }, error]
	}: // a datasets.Pipeline, which may have texts
		return each(func(yield func(any, error) bool) {
			for b, err := range data.Batches() {
				if !yield(b.X, err) {
					return
				}
			}
		}), false
	case train.Dataset:
		return each(func(yield func(any, error) bool) {
			for b, err := range data.Iter() {
				var x any
				switch {
				case err != nil:
				case len(b.Inputs) != 1:
					err = fmt.Errorf("a batch has %d inputs, want 1", len(b.Inputs))
				default:
					x = b.Inputs[0]
				}
				if err != nil {
					err = fmt.Errorf("dataset %q: %w", data.Name(), err)
				}
				if !yield(x, err) {
					return
				}
			}
		}), false
	case []any:
		return each(inList(data)), false
	case []*tensors.Tensor:
		return each(inList(data)), false
	default:
		v := reflect.ValueOf(data)
		if v.Kind() != reflect.Func || v.IsNil() {
			break
		}
		switch t := v.Type(); {
		case t.CanSeq() && t.In(0).NumIn() == 1:
			return each(func(yield func(any, error) bool) {
				for x := range v.Seq() {
					if !yield(x.Interface(), nil) {
						return
					}
				}
			}), false
		case t.CanSeq2() && t.In(0).In(1) == reflect.TypeFor[error]():
			return each(func(yield func(any, error) bool) {
				for x, e := range v.Seq2() {
					err, _ := e.Interface().(error)
					if !yield(x.Interface(), err) {
						return
					}
				}
			}), false
		}
	}
	return func(yield func(HostValue, error) bool) { yield(ReadHost("data", data)) }, true
}

func inList[T any](list []T) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// HostShape is the shape of data on the host.
func HostShape(v HostValue) Shape {
	switch v := v.(type) {
	case *Texts:
		return v.Dims
	case *tensors.Tensor:
		return v.Shape().Dimensions
	}
	return nil
}

// ReshapeHost returns the data in another shape of as many elements, v itself if it has that shape.
func ReshapeHost(v HostValue, shape Shape) (HostValue, error) {
	if HostShape(v).Equal(shape) {
		return v, nil
	}
	t, ok := v.(*tensors.Tensor)
	if !ok {
		return &Texts{Flat: v.(*Texts).Flat, Dims: shape}, nil
	}
	reshaped := tensors.FromShape(shapes.Make(t.DType(), shape...))
	err := t.ConstBytes(func(src []byte) {
		_ = reshaped.MutableBytes(func(dst []byte) { copy(dst, src) })
	})
	return reshaped, err
}

// Rows returns the rows order[start:end], all in order if order is nil.
func (t *Texts) Rows(order []int, start, end int) *Texts {
	dims := slices.Clone(t.Dims)
	size := len(t.Flat) / max(dims[0], 1)
	dims[0] = end - start
	if order == nil {
		return &Texts{Flat: t.Flat[start*size : end*size], Dims: dims}
	}
	flat := make([]string, 0, (end-start)*size)
	for _, row := range order[start:end] {
		flat = append(flat, t.Flat[row*size:(row+1)*size]...)
	}
	return &Texts{Flat: flat, Dims: dims}
}
