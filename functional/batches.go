package functional

import (
	"fmt"
	"iter"

	"github.com/gomlx/gomlx/ml/train"

	"github.com/gokeras/gokeras/internal/data"
)

// Batches are data that comes in batches: an iterator over them, each of any number of samples. An epoch is one run of it. Fit, Evaluate and Predict
// take them also from a channel of [Data], which serves one epoch, until it is closed, or several with StepsPerEpoch.
type Batches = iter.Seq2[Data, error]

// pipeline is data that comes in batches of any kind, and knows how many: a [datasets.Pipeline].
type pipeline interface {
	Name() string
	Batches() iter.Seq2[struct{ X, Y, SampleWeight any }, error]
	Cardinality() int
	SkipPasses(n int) bool
}

// batchesOf returns the batches that x is; ok is false for arrays.
func batchesOf(x any) (stream data.Stream, ok bool) {
	switch x := x.(type) {
	case pipeline:
		size := x.Cardinality()
		return data.Stream{
			Name: fmt.Sprintf("pipeline %q", x.Name()), Batches: given(x.Batches()),
			Steps: max(size, 0), Endless: size == endless, SkipPasses: x.SkipPasses,
		}, true
	case train.Dataset:
		stream := data.Stream{Name: fmt.Sprintf("dataset %q", x.Name()), WeightsInY: true, Batches: func(yield func(data.Given, error) bool) {
			for b, err := range x.Iter() {
				d := data.Given{X: b.Inputs}
				if len(b.Labels) > 0 {
					d.Y = b.Labels
				}
				if !yield(d, err) {
					return
				}
			}
		}}
		if s, ok := x.(interface{ SkipPasses(n int) bool }); ok {
			stream.SkipPasses = s.SkipPasses
		}
		return stream, true
	case Batches:
		return data.Stream{Name: "the iterator", Batches: given(x)}, x != nil
	case func(yield func(Data, error) bool):
		return data.Stream{Name: "the iterator", Batches: given(x)}, x != nil
	case <-chan Data:
		return data.Stream{Name: "the channel", Batches: given(received(x))}, x != nil
	case chan Data:
		return data.Stream{Name: "the channel", Batches: given(received(x))}, x != nil
	}
	return data.Stream{}, false
}

// received are the batches that a channel brings until it is closed.
func received(from <-chan Data) Batches {
	return func(yield func(Data, error) bool) {
		for d := range from {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// endless is how many elements a pipeline says it has where there is no end.
const endless = -1

// given are batches as the rooms below know them.
func given[D ~struct{ X, Y, SampleWeight any }](batches iter.Seq2[D, error]) iter.Seq2[data.Given, error] {
	return func(yield func(data.Given, error) bool) {
		for b, err := range batches {
			if !yield(data.Given(b), err) {
				return
			}
		}
	}
}
