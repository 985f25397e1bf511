package datasets

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Normalize divides an array by its norm of that order along the last axis, or another one, as keras.utils.normalize does of a NumPy array: order 2 is the Euclidean
// norm. What has the norm 0 stays. The result is float32 for float32, else float64. Keras divides along the wrong axis where that is 0, so this is an error here.
func Normalize(x any, axis int, order float64) (*tensors.Tensor, error) {
	t, err := asTensor(x)
	if err != nil {
		return nil, fmt.Errorf("datasets.Normalize: x: %w", err)
	}
	dims := t.Shape().Dimensions
	at := axis
	if at < 0 {
		at += len(dims)
	}
	if at < 0 || at >= len(dims) || axis == 0 && len(dims) > 1 {
		return nil, fmt.Errorf("datasets.Normalize: axis is %d for an array of shape %v, and an axis behind the first was expected (-%d for the first)", axis, dims, len(dims))
	}
	flat, err := floatsIn(t)
	if err != nil {
		return nil, fmt.Errorf("datasets.Normalize: x: %w", err)
	}
	n, inner := dims[at], 1
	for _, d := range dims[at+1:] {
		inner *= d
	}
	for i := range flat {
		if i/inner%max(n, 1) != 0 {
			continue
		}
		norm := normOf(n, order, func(j int) float64 { return math.Abs(flat[i+j*inner]) })
		if norm == 0 {
			norm = 1
		}
		for j := range n {
			flat[i+j*inner] /= norm
		}
	}
	to := dtypes.Float64
	if t.DType() == dtypes.Float32 {
		to = dtypes.Float32
	}
	return numbersAs(flat, to, dims)
}

// normOf is the norm of n magnitudes.
func normOf(n int, order float64, magnitude func(int) float64) float64 {
	switch {
	case math.IsInf(order, 0):
		best := 0.0
		for j := range n {
			if v := magnitude(j); j == 0 || order > 0 && v > best || order < 0 && v < best {
				best = v
			}
		}
		return best
	case order == 0:
		count := 0.0
		for j := range n {
			if magnitude(j) != 0 {
				count++
			}
		}
		return count
	case order == 2:
		sum := 0.0
		for j := range n {
			sum += magnitude(j) * magnitude(j)
		}
		return math.Sqrt(sum)
	}
	sum := 0.0
	for j := range n {
		sum += math.Pow(magnitude(j), order)
	}
	return math.Pow(sum, 1/order)
}

// gather are the rows of a tensor at indices, in the shape dims before what a row has.
func gather(t *tensors.Tensor, rows []int, dims ...int) (*tensors.Tensor, error) {
	of := t.Shape().Dimensions
	out := tensors.FromShape(shapes.Make(t.DType(), slices.Concat(dims, of[1:])...))
	if out.Size() == 0 {
		return out, nil
	}
	err := t.ConstBytes(func(src []byte) {
		size := len(src) / of[0]
		_ = out.MutableBytes(func(dst []byte) {
			for i, row := range rows {
				copy(dst[i*size:(i+1)*size], src[row*size:(row+1)*size])
			}
		})
	})
	return out, err
}

// SplitOptions are the arguments of [SplitDataset].
type SplitOptions struct {
	// LeftSize and RightSize are the parts' sizes: an int, a number of samples, or a float64, a fraction. One may be nil, the rest.
	LeftSize, RightSize any
	// Shuffle puts the samples in another order first, by Python's generator with that Seed; nil means a random one.
	Shuffle bool
	Seed    *int
}

// SplitDataset splits arrays of equally many samples in two, as keras.utils.split_dataset does.
func SplitDataset(arrays []any, o SplitOptions) (left, right []*tensors.Tensor, err error) {
	if left, right, err = splitDataset(arrays, o); err != nil {
		return nil, nil, fmt.Errorf("datasets.SplitDataset: %w", err)
	}
	return left, right, nil
}

func splitDataset(arrays []any, o SplitOptions) (left, right []*tensors.Tensor, err error) {
	all := make([]*tensors.Tensor, len(arrays))
	for i, x := range arrays {
		if all[i], err = asTensor(x); err != nil {
			return nil, nil, fmt.Errorf("array %d: %w", i, err)
		}
		if all[i].Rank() == 0 || all[i].Shape().Dimensions[0] != all[0].Shape().Dimensions[0] {
			return nil, nil, fmt.Errorf("array %d has shape %v, and as many samples as the first has were expected", i, all[i].Shape().Dimensions)
		}
	}
	if len(all) == 0 || all[0].Shape().Dimensions[0] == 0 {
		return nil, nil, errors.New("the data set is empty")
	}
	first, second, err := splitOrder(all[0].Shape().Dimensions[0], o)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range all {
		l, err := gather(t, first, len(first))
		if err != nil {
			return nil, nil, err
		}
		r, err := gather(t, second, len(second))
		if err != nil {
			return nil, nil, err
		}
		left, right = append(left, l), append(right, r)
	}
	return left, right, nil
}

// splitOrder is which of so many samples each part has.
func splitOrder(total int, o SplitOptions) (left, right []int, err error) {
	nLeft, nRight, err := splitSizes(o.LeftSize, o.RightSize, total)
	if err != nil {
		return nil, nil, err
	}
	order := make([]int, total)
	for i := range order {
		order[i] = i
	}
	if o.Shuffle {
		seed := rand.IntN(1_000_001)
		if o.Seed != nil {
			seed = *o.Seed
		}
		order = shufflePython(seedPython(seed), total)
	}
	return order[:nLeft], order[total-nRight:], nil
}

// Split reads one pass of the pipeline into memory and splits its elements in two, as [SplitDataset] does with arrays: samples, so a pipeline of batches goes
// through Unbatch before, and through Batch again behind (Keras: split_dataset of a tf.data.Dataset).
func (p *Pipeline) Split(o SplitOptions) (left, right *Pipeline, err error) {
	var all []Element
	for e, err := range p.Elements() {
		if err != nil {
			return nil, nil, fmt.Errorf("datasets.Pipeline.Split: %w", err)
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		return nil, nil, errors.New("datasets.Pipeline.Split: the data set is empty")
	}
	first, second, err := splitOrder(len(all), o)
	if err != nil {
		return nil, nil, fmt.Errorf("datasets.Pipeline.Split: %w", err)
	}
	return p.ofElements(pick(all, first)), p.ofElements(pick(all, second)), nil
}

// ofElements is a pipeline of elements that are there.
func (p *Pipeline) ofElements(all []Element) *Pipeline {
	out := source(p.name+".Split", len(all), func(pass pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			for _, e := range all {
				e, err := copied(e)
				if pass.ctx.Err() != nil || !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
	out.ctx = p.ctx
	return out
}

// splitSizes are the sizes of both parts in samples.
func splitSizes(left, right any, total int) (int, int, error) {
	if left == nil && right == nil {
		return 0, 0, errors.New("neither LeftSize nor RightSize is given")
	}
	samples := func(name string, size any) (int, float64, error) {
		switch v := size.(type) {
		case nil:
			return -1, 0, nil
		case int:
			if v > 0 && v < total {
				return v, 0, nil
			}
		case float64:
			if v > 0 && v < 1 {
				return int(math.RoundToEven(v * float64(total))), v, nil
			}
		}
		return 0, 0, fmt.Errorf("%s is %v, and an int from 1 to %d or a float64 between 0 and 1 was expected", name, size, total-1)
	}
	l, fl, err := samples("LeftSize", left)
	if err != nil {
		return 0, 0, err
	}
	r, fr, err := samples("RightSize", right)
	if err != nil {
		return 0, 0, err
	}
	if fl+fr > 1 {
		return 0, 0, fmt.Errorf("LeftSize and RightSize add up to %v, and 1 at most was expected", fl+fr)
	}
	switch {
	case l < 0:
		l = total - r
	case r < 0:
		r = total - l
	}
	if l+r > total || l <= 0 || r <= 0 {
		return 0, 0, fmt.Errorf("parts of %d and %d samples can't be made of %d", l, r, total)
	}
	return l, r, nil
}

// TimeseriesOptions are the arguments of [TimeseriesDatasetFromArray] beyond the data and the length. The zero value is Keras's default.
type TimeseriesOptions struct {
	// SequenceStride is the distance between the beginnings of sequences, SamplingRate that between the steps of one: 1 by default.
	SequenceStride, SamplingRate int
	// BatchSize is the number of sequences in a batch, 128 by default.
	BatchSize int
	// NoBatches gives each sequence by itself (Keras: batch_size=None).
	NoBatches bool
	// Shuffle gives the sequences in another order, by the Seed, and mixes them anew each epoch; a nil Seed means a random one. The order isn't TensorFlow's.
	Shuffle bool
	Seed    *int
	// StartIndex and EndIndex bound the part of the data that is used; EndIndex 0 means all.
	StartIndex, EndIndex int
}

// Timeseries are sequences cut out of an array: a pipeline of batches, X (batch, sequenceLength, …) and their targets Y (batch, …), nil for none.
type Timeseries struct {
	*Pipeline

	data, targets *tensors.Tensor
	first, length int // of the data's steps; of a sequence
	rate, batch   int
	starts        []int
}

// TimeseriesDatasetFromArray cuts sequences of sequenceLength steps out of data, (steps, …), as keras.utils.timeseries_dataset_from_array does; the target of one is that of
// its first step, targets nil for none.
func TimeseriesDatasetFromArray(data, targets any, sequenceLength int, o TimeseriesOptions) (*Timeseries, error) {
	s, err := timeseries(data, targets, sequenceLength, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.TimeseriesDatasetFromArray: %w", err)
	}
	return s, nil
}

func timeseries(data, targets any, length int, o TimeseriesOptions) (*Timeseries, error) {
	s := &Timeseries{first: o.StartIndex, length: length, rate: max(o.SamplingRate, 0), batch: o.BatchSize}
	var err error
	if s.data, err = asTensor(data); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if s.data.Rank() == 0 {
		return nil, errors.New("data is a number, and an array was expected")
	}
	steps := s.data.Shape().Dimensions[0]
	stride := o.SequenceStride
	for _, p := range []struct {
		name  string
		value *int
		byOne int
	}{{"SequenceStride", &stride, 1}, {"SamplingRate", &s.rate, 1}, {"BatchSize", &s.batch, 128}} {
		if *p.value == 0 {
			*p.value = p.byOne
		}
		if *p.value < 0 || p.name != "BatchSize" && *p.value >= steps {
			return nil, fmt.Errorf("%s is %d for data of length %d, and a positive number below that was expected", p.name, *p.value, steps)
		}
	}
	end := o.EndIndex
	switch {
	case o.SamplingRate < 0:
		return nil, fmt.Errorf("SamplingRate is %d, and a positive number was expected", o.SamplingRate)
	case s.batch > maxBatchBytes/8:
		return nil, fmt.Errorf("BatchSize is %d, which is too large", s.batch)
	case length < 1 || length > steps:
		return nil, fmt.Errorf("sequenceLength is %d for data of length %d", length, steps)
	case o.StartIndex < 0 || o.StartIndex >= steps:
		return nil, fmt.Errorf("StartIndex is %d for data of length %d", o.StartIndex, steps)
	case end < 0 || end >= steps:
		return nil, fmt.Errorf("EndIndex is %d for data of length %d", end, steps)
	case end > 0 && o.StartIndex > 0 && end <= o.StartIndex:
		return nil, fmt.Errorf("EndIndex is %d, and more than StartIndex, %d, was expected", end, o.StartIndex)
	case end == 0:
		end = steps
	}
	count := end - o.StartIndex - (length-1)*s.rate
	if targets != nil {
		if s.targets, err = asTensor(targets); err != nil {
			return nil, fmt.Errorf("targets: %w", err)
		}
		if s.targets.Rank() == 0 {
			return nil, errors.New("targets is a number, and an array was expected")
		}
		count = min(count, s.targets.Shape().Dimensions[0])
	}
	for at := 0; at < count; at += stride {
		if s.targets != nil && s.first+at >= s.targets.Shape().Dimensions[0] {
			return nil, fmt.Errorf("targets have %d rows, and one for each sequence, from StartIndex on, was expected", s.targets.Shape().Dimensions[0])
		}
		s.starts = append(s.starts, at)
	}
	seed, window := 0, 1
	if o.Shuffle {
		seed, window = rand.IntN(1_000_000), 8*s.batch
		if o.NoBatches {
			window = 1024
		}
		if o.Seed != nil {
			seed = *o.Seed
		}
		t, err := seedNumPy(seed)
		if err != nil {
			return nil, err
		}
		s.starts = pick(s.starts, shuffleNumPy(t, len(s.starts)))
	}
	size := s.batch
	if o.NoBatches {
		size = 1
	}
	s.Pipeline = source("Timeseries", (len(s.starts)+size-1)/size, func(p pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			for which := range slices.Chunk(mixed(len(s.starts), window, uint64(seed), p.key), size) {
				e, err := s.sequences(pick(s.starts, which))
				if err == nil && o.NoBatches {
					e, err = rowOf(e, 0)
				}
				if !yield(e, err) || err != nil || p.ctx.Err() != nil {
					return
				}
			}
		}
	})
	return s, nil
}

// pick are the elements at places.
func pick[T any](list []T, places []int) []T {
	out := make([]T, len(places))
	for i, at := range places {
		out[i] = list[at]
	}
	return out
}

// Len is the number of sequences.
func (s *Timeseries) Len() int { return len(s.starts) }

// sequences are those that begin at places.
func (s *Timeseries) sequences(starts []int) (e Element, err error) {
	var steps, first []int
	for _, at := range starts {
		for i := range s.length {
			steps = append(steps, s.first+at+i*s.rate)
		}
		first = append(first, s.first+at)
	}
	x, err := gather(s.data, steps, len(starts), s.length)
	if err != nil || s.targets == nil {
		return Element{X: x}, err
	}
	y, err := gather(s.targets, first, len(starts))
	return Element{X: x, Y: y}, err
}
