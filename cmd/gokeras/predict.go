package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/npz"
	"github.com/gokeras/gokeras/saving"
)

// newPredictCommand makes "gokeras predict".
func newPredictCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "predict MODEL --inputs IN.npz --outputs OUT.npz",
		Short: "Compute a model's outputs for arrays",
		Long: `Compute a model's outputs for any number of samples (Keras: model.predict).

The inputs in the .npz file are the arrays named after the model's inputs, or
input_0, input_1 … in the order of the inputs; x, x_0 … and arr_0 … do as well,
and a single input may be without its number. The outputs are written as
output_0, output_1 … in the order of the model's outputs.`,
		Example: `  gokeras predict model.keras --inputs in.npz --outputs out.npz
  gokeras predict model.keras --inputs in.npz --outputs out.npz --batch-size 256 --quiet
  python -c 'import numpy as np; np.savez("in.npz", input_0=np.zeros((4, 28, 28, 1), "float32"))'
  python -c 'import numpy as np; print(np.load("out.npz")["output_0"])'`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
		PreRunE:           func(cmd *cobra.Command, _ []string) error { return positive(cmd, "batch-size") },
	}
	in := npzFlag(cmd, "inputs", "the .npz file with the inputs")
	out := npzFlag(cmd, "outputs", "the .npz file to write the outputs to")
	must(cmd.MarkFlagRequired("inputs"))
	must(cmd.MarkFlagRequired("outputs"))
	batchSize, asJSON, quiet := batchSizeFlag(cmd, 32), jsonFlag(cmd), quietFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkTarget("--outputs", *out); err != nil {
			return err
		}
		m, err := saving.LoadUncompiled(args[0])
		if err != nil {
			return err
		}
		x, err := predictInputs(m, *in)
		if err != nil {
			return err
		}
		o := functional.Predict{BatchSize: *batchSize, Verbose: verbosity(*quiet), Output: cmd.ErrOrStderr(), Context: cmd.Context()}
		results, err := m.PredictAll(x, o)
		if err != nil {
			return fmt.Errorf("%s on %s: %w", args[0], *in, err)
		}
		report := predictReport{Outputs: *out}
		arrays := map[string]*tensors.Tensor{}
		for i, t := range results {
			name := "output_" + strconv.Itoa(i)
			arrays[name] = t
			report.Arrays = append(report.Arrays, predictedArray{name, m.OutputNames()[i], t.Shape().Dimensions, dtypeName(t.DType())})
		}
		if err := npz.WriteFile(*out, arrays); err != nil {
			return err
		}
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), report)
		}
		if !*quiet {
			fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s: %s\n", *out, report)
		}
		return nil
	}
	return cmd
}

// predictReport is what "gokeras predict --json" prints.
type predictReport struct {
	Outputs string           `json:"outputs"`
	Arrays  []predictedArray `json:"arrays"`
}

type predictedArray struct {
	Name   string `json:"name"`
	Output string `json:"output"`
	Shape  []int  `json:"shape"`
	DType  string `json:"dtype"`
}

func (r predictReport) String() string {
	parts := make([]string, len(r.Arrays))
	for i, a := range r.Arrays {
		parts[i] = fmt.Sprintf("%s %s %s", a.Name, npz.ShapeString(a.Shape), a.DType)
	}
	return strings.Join(parts, ", ")
}

func predictInputs(m *functional.Model, path string) (x []*tensors.Tensor, err error) {
	a, err := openArrays(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.inputs(m, true, "input", "x", "arr")
}

func verbosity(quiet bool) functional.Verbosity {
	if quiet {
		return functional.Silent
	}
	return functional.Auto
}
