package training

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// hostInputs reads what the user gave for the model's inputs: texts for those of texts, numbers for the others.
func (m *Session) hostInputs(what string, x any) ([]symbolic.HostValue, error) {
	inputs := m.Inputs()
	values, err := ndarray.ForEach(what, m.wantedOf(x), m.InputNames(), func(i int, what string, v any) (symbolic.HostValue, error) {
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

// wantedOf leaves out what a map has beside the inputs of a model that was not made with a map of inputs, as Keras does.
func (m *Session) wantedOf(x any) any {
	given := reflect.ValueOf(x)
	if _, form := m.InputForm().(map[string]any); form || x == nil || given.Kind() != reflect.Map || given.Type().Key().Kind() != reflect.String {
		return x
	}
	wanted := map[string]any{}
	for _, name := range m.InputNames() {
		value := given.MapIndex(reflect.ValueOf(name).Convert(given.Type().Key()))
		if !value.IsValid() {
			return x
		}
		wanted[name] = value.Interface()
	}
	return wanted
}

// onlyTensors returns the values as the tensors that they are.
func onlyTensors(values []symbolic.HostValue) []*tensors.Tensor {
	list := make([]*tensors.Tensor, len(values))
	for i, v := range values {
		list[i] = v.(*tensors.Tensor)
	}
	return list
}

// textRow is a text, as often as the shape says: an example for a program that is compiled before data is there.
func textRow(shape symbolic.Shape) *symbolic.Texts {
	return &symbolic.Texts{Flat: slices.Repeat([]string{""}, shape.Size()), Dims: shape}
}
