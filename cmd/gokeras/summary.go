package main

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
)

// newSummaryCommand makes "gokeras summary".
func newSummaryCommand() *cobra.Command {
	var nested, trainable bool
	cmd := &cobra.Command{
		Use:   "summary MODEL",
		Short: "Print the table of a model's layers",
		Long: `Print the table of a model's layers: their classes, output shapes, numbers of
parameters and connections (Keras: model.summary).`,
		Example: `  gokeras summary model.keras
  gokeras summary model.keras --expand-nested --trainable
  gokeras summary model.keras --json | jq .params.total`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.Flags().BoolVar(&nested, "expand-nested", false, "show the layers of models inside the model")
	cmd.Flags().BoolVar(&trainable, "trainable", false, "add a column that says whether a layer is trained")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := showModel(args[0], cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), summarize(m))
		}
		if err := m.SummaryWith(cmd.OutOrStdout(), functional.SummaryOptions{ExpandNested: nested, ShowTrainable: trainable}); err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		return nil
	}
	return cmd
}

// modelSummary is what "gokeras summary --json" prints of a model, and of each model inside it.
type modelSummary struct {
	Name    string          `json:"name"`
	Class   string          `json:"class"`
	Inputs  []tensorSummary `json:"inputs"`
	Outputs []tensorSummary `json:"outputs"`
	Layers  []layerSummary  `json:"layers"`
	Params  paramSummary    `json:"params"`
}

type tensorSummary struct {
	Name  string `json:"name"`
	Shape []*int `json:"shape"` // null is Python's None
	DType string `json:"dtype"`
}

type layerSummary struct {
	Name      string `json:"name"`
	Class     string `json:"class"`
	Trainable bool   `json:"trainable"`
	Params    int    `json:"params"`
	// Calls are the layer's applications, one unless it is shared.
	Calls []callSummary `json:"calls"`
	Model *modelSummary `json:"model,omitempty"` // of a layer that is a model
}

type callSummary struct {
	Inputs  []string `json:"inputs"` // "dense[0][0]"
	Outputs [][]*int `json:"outputs"`
}

type paramSummary struct {
	Total        int `json:"total"`
	Trainable    int `json:"trainable"`
	NonTrainable int `json:"non_trainable"`
	Bytes        int `json:"bytes"`
}

func summarize(m *functional.Model) modelSummary {
	s := modelSummary{Name: m.Name(), Class: m.KerasClass().Name}
	s.Inputs = tensorSummaries(m.InputNames(), m.Inputs())
	s.Outputs = tensorSummaries(m.OutputNames(), m.Outputs())
	calls := map[functional.Layer][]callSummary{}
	for _, node := range m.Nodes() {
		call := callSummary{Inputs: []string{}, Outputs: [][]*int{}}
		for _, t := range node.Inputs {
			if from, ok := t.Source(); ok {
				call.Inputs = append(call.Inputs, from.String())
			}
		}
		for _, t := range node.Outputs {
			call.Outputs = append(call.Outputs, shapeJSON(t.Shape()))
		}
		calls[node.Layer] = append(calls[node.Layer], call)
	}
	for _, l := range m.Layers() {
		base := l.Base()
		layer := layerSummary{Name: base.Name(), Class: l.KerasClass().Name, Trainable: base.Trainable(), Params: base.CountParams(), Calls: calls[l]}
		if layer.Calls == nil {
			layer.Calls = []callSummary{}
		}
		if inner, ok := l.(*functional.Model); ok {
			of := summarize(inner)
			layer.Model = &of
		}
		s.Layers = append(s.Layers, layer)
	}
	for _, w := range m.Weights() {
		s.Params.Total += w.Size()
		s.Params.Bytes += w.Size() * w.DType().Size()
	}
	for _, w := range m.TrainableWeights() {
		s.Params.Trainable += w.Size()
	}
	s.Params.NonTrainable = s.Params.Total - s.Params.Trainable
	return s
}

func tensorSummaries(names []string, list []*functional.Tensor) []tensorSummary {
	out := make([]tensorSummary, len(list))
	for i, t := range list {
		out[i] = tensorSummary{Name: names[i], Shape: shapeJSON(t.Shape()), DType: t.DType()}
	}
	return out
}

// shapeJSON is a shape with nil for the axes of unknown length.
func shapeJSON(shape functional.Shape) []*int {
	out := make([]*int, len(shape))
	for i, n := range shape {
		if n != functional.None {
			out[i] = &n
		}
	}
	return out
}

// dtypeName is the type under NumPy's name.
func dtypeName(dtype dtypes.DType) string {
	return strings.ToLower(dtype.String())
}
