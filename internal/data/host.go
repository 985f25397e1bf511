package data

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/symbolic"
)

// Host are inputs of which the host computes something before the compiled program, such as numbers of texts.
type Host struct {
	Stage  *symbolic.HostStage
	Values []symbolic.HostValue // the model's inputs
}

// batch computes the rows order[start:end], all in order if order is nil.
func (h *Host) batch(order []int, start, end int) ([]*tensors.Tensor, error) {
	inputs := make([]symbolic.HostValue, len(h.Values))
	for i, v := range h.Values {
		var err error
		if inputs[i], err = hostRows(v, order, start, end); err != nil {
			return nil, err
		}
	}
	return h.Stage.Run(inputs, end-start)
}

// slice returns the rows from start up to end; nil has none.
func (h *Host) slice(start, end int) (*Host, error) {
	if h == nil {
		return nil, nil
	}
	cut := &Host{Stage: h.Stage, Values: make([]symbolic.HostValue, len(h.Values))}
	for i, v := range h.Values {
		var err error
		if cut.Values[i], err = hostRows(v, nil, start, end); err != nil {
			return nil, err
		}
	}
	return cut, nil
}

func hostRows(v symbolic.HostValue, order []int, start, end int) (symbolic.HostValue, error) {
	if texts, ok := v.(*symbolic.Texts); ok {
		return texts.Rows(order, start, end), nil
	}
	return Gather(v.(*tensors.Tensor), order, start, end)
}

// mostAtOnce is how many bytes the host's results for all samples may take to be computed once, and not anew in each epoch.
const mostAtOnce = 256 << 20

// HostAtOnce computes the host's part for all samples if the results are small and no sample's depends on those beside it.
func (a *Arrays) HostAtOnce() error {
	if a.Host == nil || !a.Host.Stage.SamplesAlone() {
		return nil
	}
	first, err := a.Host.batch(nil, 0, 1)
	if err != nil {
		return err
	}
	size := 0
	for _, t := range first {
		size += int(t.Shape().ByteSize())
	}
	if size > mostAtOnce/a.Rows {
		return nil
	}
	return a.HostNow()
}

// HostNow computes the host's part for all samples.
func (a *Arrays) HostNow() (err error) {
	if a.Host != nil {
		a.X, err = a.Host.batch(nil, 0, a.Rows)
		a.Host = nil
	}
	return err
}
