package serial

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/internal/notice"
	"github.com/gokeras/gokeras/symbolic"
)

// decodedLayer is an entry of a configuration's list of layers.
type decodedLayer struct {
	layer   symbolic.Layer
	late    *lateFunction  // in place of a layer
	entry   map[string]any // that describes it
	calls   []any          // inbound nodes still to make
	made    [][]any        // the outputs of those that were made: tensors, of late functions arrays too
	pending *pendingCall
	waiters map[int][]*decodedLayer // those whose next call takes an output of the call of that number
}

// missingNode is a call that is not made yet.
type missingNode struct {
	layer *decodedLayer
	index int
}

// connectDecoded applies the layers as the inbound nodes say, each as soon as its inputs are there.
func connectDecoded(order []*decodedLayer, byName map[string]*decodedLayer) error {
	total := 0
	queue := append([]*decodedLayer(nil), order...)
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		for len(d.calls) > 0 {
			args, kwargs, missing, err := decodeCall(d, byName)
			if err == nil && missing == nil && d.late == nil {
				err = addApplications(&total, d.layer)
			}
			if err != nil {
				return fmt.Errorf("layer %q: %w", d.name(), err)
			}
			if missing != nil {
				if missing.layer.waiters == nil {
					missing.layer.waiters = map[int][]*decodedLayer{}
				}
				missing.layer.waiters[missing.index] = append(missing.layer.waiters[missing.index], d)
				break
			}
			outputs, err := d.apply(args, kwargs)
			if err != nil {
				return err
			}
			queue = append(queue, d.waiters[len(d.made)]...)
			d.made = append(d.made, outputs)
			d.calls, d.pending = d.calls[1:], nil
		}
	}
	for _, d := range order {
		if len(d.calls) > 0 {
			return fmt.Errorf("layer %q waits for an input that no layer makes: the graph has a cycle or a missing node", d.name())
		}
	}
	return nil
}

// maskedValues are the layers of which Keras 3 computes other values under masks.
var maskedValues = []string{"Multiply", "Maximum", "Minimum"}

func holdsMask(v any) bool {
	found := false
	nest.Each(v, func(leaf any) {
		t, isTensor := leaf.(*symbolic.Tensor)
		found = found || isTensor && t.Mask() != nil
	})
	return found
}

func (d *decodedLayer) name() string {
	if d.late != nil {
		return d.late.name
	}
	return d.layer.Base().Name()
}

// apply makes a call.
func (d *decodedLayer) apply(args []any, kwargs map[string]any) ([]any, error) {
	if d.late != nil {
		return d.late.apply(kwargs)
	}
	if d.entry[maskedMark] == true && len(args) > 0 && kwargs["mask"] == nil {
		if t, isTensor := args[0].(*symbolic.Tensor); isTensor && t.Mask() != nil {
			kwargs["mask"] = t.Mask()
		}
	}
	if masker, ok := d.layer.(symbolic.OldMasker); ok && d.entry[oldMasksMark] == true {
		masker.MaskAsKeras2()
		if class := d.layer.KerasClass().Name; slices.Contains(maskedValues, class) && len(args) > 0 && holdsMask(args[0]) {
			notice.Once(fmt.Sprintf("layer %q (%s) has masked inputs, which Keras 3 leaves out of what it computes, and Keras 2 doesn't: the model computes as in Keras 2 here, and as in Keras 3 once it is saved", d.name(), class))
		}
	}
	outputs := d.layer.Base().ApplyCall(args, kwargs)
	if err := outputs[0].Err(); err != nil {
		stand := unknownShown(d.entry, err)
		if stand == nil || len(d.made) > 0 {
			return nil, err
		}
		d.layer = stand
		outputs = stand.Base().ApplyCall(args, kwargs)
	}
	list := make([]any, len(outputs))
	for i, t := range outputs {
		list[i] = t
	}
	return list, nil
}
