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

// batchesOf returns the batches that x is, with a name for errors; ok is false for arrays.
func batchesOf(x any) (name string, batches iter.Seq2[data.Given, error], ok bool) {
	switch x := x.(type) {
	case train.Dataset:
		return fmt.Sprintf("dataset %q", x.Name()), func(yield func(data.Given, error) bool) {
			for b, err := range x.Iter() {
				d := data.Given{X: b.Inputs}
				if len(b.Labels) > 0 {
					d.Y = b.Labels
				}
				if !yield(d, err) {
					return
				}
			}
		}, true
	case Batches:
		return "the iterator", given(x), x != nil
	case func(yield func(Data, error) bool):
		return "the iterator", given(x), x != nil
	case <-chan Data:
		return "the channel", given(received(x)), x != nil
	case chan Data:
		return "the channel", given(received(x)), x != nil
	}
	return "", nil, false
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

// given are batches as the rooms below know them.
func given(batches Batches) iter.Seq2[data.Given, error] {
	return func(yield func(data.Given, error) bool) {
		for b, err := range batches {
			if !yield(data.Given(b), err) {
				return
			}
		}
	}
}
