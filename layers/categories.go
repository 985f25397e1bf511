package layers

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dchest/siphash"
	farm "github.com/dgryski/go-farm"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// encodedDims is the shape of categories of shape dims in an output mode: a new axis of one number for each category in place of an axis of size 1 (one_hot), or
// of the first axis behind the samples', along which multi_hot and count look. reduced is that axis, -1 for none.
func encodedDims(dims []int, mode OutputMode, depth int) (out []int, reduced int) {
	switch {
	case mode == Int:
		return dims, -1
	case len(dims) == 0:
		dims = []int{1}
	}
	if mode == OneHot {
		return append(withoutLastOne(dims), depth), -1
	}
	if len(dims) > 1 {
		reduced = 1
	}
	return append(slices.Delete(slices.Clone(dims), reduced, reduced+1), depth), reduced
}

func withoutLastOne(dims []int) []int {
	if last := len(dims) - 1; last > 0 && dims[last] == 1 {
		return slices.Clone(dims[:last])
	}
	return slices.Clone(dims)
}

// encodeCategories is the output, on the host, of categories; those that are negative or not below depth count nowhere.
func encodeCategories(categories []int64, dims []int, mode OutputMode, depth int, dtype dtypes.DType) (*tensors.Tensor, error) {
	if mode == Int {
		return ndarray.Convert(tensors.FromFlatDataAndDimensions(categories, dims...), dtype)
	}
	to, reduced := encodedDims(dims, mode, depth)
	if size := float64(depth) * float64(symbolic.Shape(to[:len(to)-1]).Size()); size > maxEncoded {
		return nil, fmt.Errorf("output_mode %s makes %.0f numbers of %d categories in %d bins, more than the %d allowed", mode, size, len(categories), depth, maxEncoded)
	}
	// The places from the reduced axis on: inner of them make one step along it.
	along, inner := 1, len(categories)
	if reduced >= 0 {
		if inner = 1; len(dims) > 0 {
			along, inner = dims[reduced], symbolic.Shape(dims[reduced+1:]).Size()
		}
	}
	out := tensors.FromShape(shapes.Make(dtypes.Float32, to...))
	err := tensors.MutableFlatData(out, func(flat []float32) {
		for i, category := range categories {
			if category < 0 || category >= int64(depth) {
				continue
			}
			row := i/(along*inner)*inner + i%inner
			if at := &flat[row*depth+int(category)]; mode == Count {
				*at++
			} else {
				*at = 1
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return ndarray.Convert(out, dtype)
}

// maxEncoded is the most numbers that the host makes of one batch of categories.
const maxEncoded = 1 << 30

// encodeInGraph is encodeCategories in a program. weights, nil for none, is what each category counts.
func encodeInGraph(categories, weights *graph.Node, mode OutputMode, depth int, dtype dtypes.DType) *graph.Node {
	x := graph.StopGradient(categories)
	if mode == Int {
		return ndarray.Cast(x, dtype)
	}
	dims := x.Shape().Dimensions
	if mode == OneHot {
		dims = withoutLastOne(dims)
		x = graph.Reshape(x, dims...)
	}
	if mode == MultiHot || !x.DType().IsFloat() {
		x = ndarray.Cast(x, dtypes.Int32)
	}
	_, reduced := encodedDims(dims, mode, depth)
	wide := append(slices.Clone(dims), depth)
	hot := graph.Equal(graph.BroadcastToDims(graph.InsertAxes(x, -1), wide...), graph.Iota(x.Graph(), shapes.Make(x.DType(), wide...), len(dims)))
	out := ndarray.Cast(hot, dtype)
	switch {
	case weights != nil:
		return graph.ReduceSum(graph.Mul(out, graph.BroadcastToDims(graph.InsertAxes(weights, -1), wide...)), reduced)
	case mode == MultiHot:
		return graph.ReduceMax(out, reduced)
	case mode == Count:
		return graph.ReduceSum(ndarray.Cast(out, sumType(dtype)), reduced)
	}
	return out
}

// sumType is the type of a sum of numbers of a type: small whole numbers add up to larger ones, as in NumPy.
func sumType(dtype dtypes.DType) dtypes.DType {
	switch dtype {
	case dtypes.Bool, dtypes.Int8, dtypes.Int16:
		return dtypes.Int32
	case dtypes.Uint8, dtypes.Uint16:
		return dtypes.Uint32
	}
	return dtype
}

// onlyModes refuses the output modes that a layer doesn't have.
func onlyModes(mode OutputMode, known ...OutputMode) error {
	if slices.Contains(known, mode) {
		return nil
	}
	names := make([]string, len(known))
	for i, m := range known {
		names[i] = string(m)
	}
	return config.UnknownName("output_mode", string(mode), names)
}

// salt is the argument salt: two numbers, which choose one of the hashes that SipHash makes, nil for FarmHash.
type salt []int

// set takes one number for both or two.
func (s *salt) set(salt ...int) error {
	switch len(salt) {
	case 1:
		*s = []int{salt[0], salt[0]}
		return nil
	case 2:
		*s = slices.Clone(salt)
		return nil
	}
	return fmt.Errorf("the `salt` argument can only be 2 integers, or a single integer: received salt=%v", salt)
}

// DecodeKeras reads null, a number, or a list of two.
func (s *salt) DecodeKeras(v any) error {
	if *s = nil; v == nil {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	numbers := make([]int, len(list))
	for i, e := range list {
		var ok bool
		if numbers[i], ok = config.AsInt(e); !ok || isList && len(list) != 2 {
			return fmt.Errorf("the `salt` argument can only be 2 integers, or a single integer: received salt=%v", v)
		}
	}
	return s.set(numbers...)
}

// EncodeKeras writes two numbers, or null.
func (s *salt) EncodeKeras() (any, error) {
	if *s == nil {
		return nil, nil
	}
	return []any{(*s)[0], (*s)[1]}, nil
}

// bucket is the bin of a text among so many, as TensorFlow hashes it.
func (s salt) bucket(text string, bins int) int64 {
	if s == nil {
		return int64(farm.Fingerprint64([]byte(text)) % uint64(bins))
	}
	return int64(siphash.Hash(uint64(s[0]), uint64(s[1]), []byte(text)) % uint64(bins))
}

// textOf is a number as TensorFlow writes it before it is hashed.
func textOf(n int64) string { return strconv.FormatInt(n, 10) }

// wholeNumbers are data on the host as int64, floats without what is behind the point.
func wholeNumbers(v symbolic.HostValue) (flat []int64, dims []int, err error) {
	t, ok := v.(*tensors.Tensor)
	if !ok {
		return nil, nil, fmt.Errorf("got texts, want whole numbers")
	}
	dims = t.Shape().Dimensions
	if t, err = ndarray.Convert(t, dtypes.Int64); err != nil {
		return nil, nil, err
	}
	err = tensors.ConstFlatData(t, func(all []int64) { flat = slices.Clone(all) })
	return flat, dims, err
}

// encodeOnHost computes a layer that runs on the host by itself.
func encodeOnHost(l interface {
	symbolic.Layer
	symbolic.HostLayer
}, inputs ...any) (symbolic.HostValue, error) {
	var out []symbolic.HostValue
	err := catch.Panic(func() error {
		call, err := l.HostCall()
		if err != nil {
			return err
		}
		values := make([]symbolic.HostValue, len(inputs))
		for i, v := range inputs {
			if values[i], err = symbolic.ReadHost(fmt.Sprintf("input %d", i), v); err != nil {
				return err
			}
		}
		out, err = call(values)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("layer %q: %w", l.Base().Name(), err)
	}
	return out[0], nil
}

// numbersOnHost is encodeOnHost where the output is of numbers.
func numbersOnHost(l interface {
	symbolic.Layer
	symbolic.HostLayer
}, inputs ...any) (*tensors.Tensor, error) {
	out, err := encodeOnHost(l, inputs...)
	if err != nil {
		return nil, err
	}
	t, ok := out.(*tensors.Tensor)
	if !ok {
		return nil, fmt.Errorf("layer %q makes texts: call Decode", l.Base().Name())
	}
	return t, nil
}

// equalTo tells which numbers of a tensor are one.
func equalTo(t *tensors.Tensor, value float64) ([]bool, error) {
	t, err := ndarray.Convert(t, dtypes.Float64)
	if err != nil {
		return nil, err
	}
	var equal []bool
	err = tensors.ConstFlatData(t, func(flat []float64) {
		equal = make([]bool, len(flat))
		for i, v := range flat {
			equal[i] = v == value
		}
	})
	return equal, err
}
