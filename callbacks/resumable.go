package callbacks

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Resumable is what a callback with a state implements, besides [Callback], so that a Fit that [BackupAndRestore] takes up again goes on as if it had
// never stopped. MarshalState is called after a batch or an epoch, when all callbacks have seen its end; UnmarshalState after
// OnTrainBegin, and after OnEpochBegin where the Fit goes on within an epoch. The callbacks of this package implement it.
type Resumable interface {
	MarshalState() ([]byte, error)
	UnmarshalState(state []byte) error
}

// State is what a [Resumable] callback of a list knew.
type State struct {
	Callback string // the callback's type
	Data     []byte
}

// States returns the states of those callbacks of the list that have one, in order.
func (l *List) States() ([]State, error) {
	var list []State
	for _, c := range l.callbacks {
		r, ok := c.(Resumable)
		if !ok {
			continue
		}
		data, err := r.MarshalState()
		if err != nil {
			return nil, &HookError{Callback: typeName(c), Hook: "MarshalState", Err: err}
		}
		list = append(list, State{typeName(c), data})
	}
	return list, nil
}

// SetStates gives the callbacks what [List.States] returned of a list of the same callbacks.
func (l *List) SetStates(states []State) error {
	var resumable []Callback
	var have, want []string
	for _, c := range l.callbacks {
		if _, ok := c.(Resumable); ok {
			resumable, have = append(resumable, c), append(have, typeName(c))
		}
	}
	for _, s := range states {
		want = append(want, s.Callback)
	}
	if !slices.Equal(have, want) {
		return fmt.Errorf("callbacks: the states are those of %q, the callbacks are %q: a Fit goes on with the same callbacks in the same order", want, have)
	}
	for i, c := range resumable {
		if err := guarded(c, func(Callback) error { return c.(Resumable).UnmarshalState(states[i].Data) }); err != nil {
			return &HookError{Callback: typeName(c), Hook: "UnmarshalState", Err: err}
		}
	}
	return nil
}

func marshalState(state any) ([]byte, error) {
	var out bytes.Buffer
	err := gob.NewEncoder(&out).Encode(state)
	return out.Bytes(), err
}

func unmarshalState(data []byte, state any) error {
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(state); err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	return nil
}

// heldTensor is a tensor within a state.
type heldTensor struct {
	DType string
	Dims  []int
	Data  []byte
}

func holdTensors(list []*tensors.Tensor) ([]heldTensor, error) {
	held := make([]heldTensor, len(list))
	for i, t := range list {
		held[i] = heldTensor{DType: t.DType().String(), Dims: t.Shape().Dimensions}
		if err := t.ConstBytes(func(data []byte) { held[i].Data = bytes.Clone(data) }); err != nil {
			return nil, err
		}
	}
	return held, nil
}

func releaseTensors(held []heldTensor) ([]*tensors.Tensor, error) {
	list := make([]*tensors.Tensor, len(held))
	for i, h := range held {
		n := len(h.Data)
		for _, d := range h.Dims {
			if d < 0 || d > 0 && n > 0 && d > n {
				return nil, fmt.Errorf("reading the state: a tensor of %d bytes has shape %v", n, h.Dims)
			}
		}
		dtype, ok := dtypes.MapOfNames[h.DType]
		if !ok || !dtype.IsSupported() || elements(h.Dims, n)*dtype.Size() != n {
			return nil, fmt.Errorf("reading the state: a tensor of type %s and shape %v has %d bytes", h.DType, h.Dims, n)
		}
		list[i] = tensors.FromShape(shapes.Make(dtype, h.Dims...))
		if err := list[i].MutableBytes(func(data []byte) { copy(data, h.Data) }); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// elements is the product of the dimensions, or more than limit.
func elements(dims []int, limit int) int {
	n := 1
	for _, d := range dims {
		if n *= d; n > limit {
			return limit + 1
		}
	}
	return n
}
