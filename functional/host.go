package functional

import (
	"fmt"
	"iter"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// hostData are inputs of which the host computes something before the compiled program, such as numbers of texts.
type hostData struct {
	stage  *symbolic.HostStage
	values []symbolic.HostValue // the model's inputs
}

// batch computes the rows order[start:end], all in order if order is nil.
func (h *hostData) batch(order []int, start, end int) ([]*tensors.Tensor, error) {
	inputs := make([]symbolic.HostValue, len(h.values))
	for i, v := range h.values {
		var err error
		if inputs[i], err = hostRows(v, order, start, end); err != nil {
			return nil, err
		}
	}
	return h.stage.Run(inputs, end-start)
}

// slice returns the rows from start up to end; nil has none.
func (h *hostData) slice(start, end int) (*hostData, error) {
	if h == nil {
		return nil, nil
	}
	cut := &hostData{stage: h.stage, values: make([]symbolic.HostValue, len(h.values))}
	for i, v := range h.values {
		var err error
		if cut.values[i], err = hostRows(v, nil, start, end); err != nil {
			return nil, err
		}
	}
	return cut, nil
}

func hostRows(v symbolic.HostValue, order []int, start, end int) (symbolic.HostValue, error) {
	if texts, ok := v.(*symbolic.Texts); ok {
		return texts.Rows(order, start, end), nil
	}
	return gather(v.(*tensors.Tensor), order, start, end)
}

// mostAtOnce is how many bytes the host's results for all samples may take to be computed once, and not anew in each epoch.
const mostAtOnce = 256 << 20

// hostAtOnce computes the host's part for all samples if the results are small and no sample's depends on those beside it.
func (a *arrays) hostAtOnce() error {
	if a.host == nil || !a.host.stage.SamplesAlone() {
		return nil
	}
	first, err := a.host.batch(nil, 0, 1)
	if err != nil {
		return err
	}
	size := 0
	for _, t := range first {
		size += int(t.Shape().ByteSize())
	}
	if size > mostAtOnce/a.rows {
		return nil
	}
	return a.hostNow()
}

// hostNow computes the host's part for all samples.
func (a *arrays) hostNow() (err error) {
	if a.host != nil {
		a.x, err = a.host.batch(nil, 0, a.rows)
		a.host = nil
	}
	return err
}

// hostInputs reads what the user gave for the model's inputs: texts for those of texts, numbers for the others.
func (m *Model) hostInputs(what string, x any) ([]symbolic.HostValue, error) {
	inputs := m.Inputs()
	values, err := ndarray.ForEach(what, x, m.InputNames(), func(i int, what string, v any) (symbolic.HostValue, error) {
		if inputs[i].DType() == symbolic.Text {
			return symbolic.ReadTexts(what, v)
		}
		return ndarray.ToTensor(what, v)
	})
	if err != nil {
		return nil, err
	}
	if values == nil {
		return nil, fmt.Errorf("%s: got nil, want data for %s", what, ndarray.Quoted(m.InputNames()))
	}
	return values, nil
}

// onlyTensors returns the values as the tensors that they are.
func onlyTensors(values []symbolic.HostValue) []*tensors.Tensor {
	list := make([]*tensors.Tensor, len(values))
	for i, v := range values {
		list[i] = v.(*tensors.Tensor)
	}
	return list
}

// Batches are data that comes in batches: an iterator over them, each of any number of samples. An epoch is one run of it.
type Batches = iter.Seq2[Data, error]

// batchesOf returns the batches that x is, with a name for errors; ok is false for arrays.
func batchesOf(x any) (name string, batches Batches, ok bool) {
	switch x := x.(type) {
	case train.Dataset:
		return fmt.Sprintf("dataset %q", x.Name()), func(yield func(Data, error) bool) {
			for b, err := range x.Iter() {
				d := Data{X: b.Inputs}
				if len(b.Labels) > 0 {
					d.Y = b.Labels
				}
				if !yield(d, err) {
					return
				}
			}
		}, true
	case Batches:
		return "the iterator", x, x != nil
	case func(yield func(Data, error) bool):
		return "the iterator", x, x != nil
	}
	return "", nil, false
}

// textRow is a text, as often as the shape says: an example for a program that is compiled before data is there.
func textRow(shape Shape) *symbolic.Texts {
	return &symbolic.Texts{Flat: slices.Repeat([]string{""}, shape.Size()), Dims: shape}
}
