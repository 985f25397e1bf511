package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/atomicfile"
	"github.com/gokeras/gokeras/internal/npz"
)

// newPredictCommand makes "gokeras predict".
func newPredictCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "predict MODEL --inputs IN [--output OUT]",
		Short: "Compute a model's outputs for arrays",
		Long: `Compute a model's outputs for any number of samples (Keras: model.predict).

The inputs in an .npz or .json file are the arrays named after the model's inputs,
or input_0, input_1 … in the order of the inputs; x, x_0 … and arr_0 … do as well,
and a single input may be without its number. A .csv file is a table, a row a
sample: inputs are the columns of their names, or one input takes all columns. An
.npy file is the only input. A .png, .jpg, .gif or .bmp file is one sample, resized
to what the model takes; its values are from 0 to 255, unless --scale multiplies them.

The outputs go to standard output as a table, or to a file of the format that its
suffix names: .npz with the arrays output_0, output_1 … in the order of the model's
outputs, .json with an array under the name of each output, or .csv.`,
		Example: `  gokeras predict model.keras --inputs in.npz
  gokeras predict model.keras --inputs in.npz --output out.npz --batch-size 256 --quiet
  gokeras predict model.keras --inputs rows.csv --output predictions.csv
  gokeras predict pictures.keras --inputs photo.png --scale 0.003921569
  gokeras predict model.json --weights model_weights.h5 --inputs in.npz
  gokeras predict model.keras --inputs in.npz --format json | jq '.[][0]'`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
	}
	in := dataFlag(cmd, "inputs", "the file with the inputs: .npz, .npy, .csv, .json or a picture")
	must(cmd.MarkFlagFilename("inputs", "npz", "npy", "csv", "json", "png", "jpg", "jpeg", "gif", "bmp"))
	scale := cmd.Flags().Float64("scale", 1, "what the values of a picture are multiplied by")
	out := cmd.Flags().StringP("output", "o", "-", "the file to write the outputs to: .npz, .csv or .json; - is standard output")
	must(cmd.MarkFlagFilename("output", "npz", "csv", "json"))
	cmd.Flags().StringVar(&format, "format", "", "how to write: "+strings.Join(outputFormats, ", ")+" (default what the file's suffix says)")
	must(cmd.RegisterFlagCompletionFunc("format", completeNames(func() []string { return outputFormats })))
	must(cmd.MarkFlagRequired("inputs"))
	weights := weightsFlag(cmd)
	batchSize, asJSON, quiet := batchSizeFlag(cmd, 32), jsonFlag(cmd), quietFlag(cmd)
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) (err error) {
		if format, err = chooseFormat(format, *out, *asJSON); err != nil {
			return err
		}
		return positive(cmd, "batch-size")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *out != "-" {
			if err := checkTarget("--output", *out); err != nil {
				return err
			}
		}
		m, err := loadWith(args[0], *weights)
		if err != nil {
			return err
		}
		x, err := predictInputs(m, *in, *scale)
		if err != nil {
			return err
		}
		o := functional.Predict{BatchSize: *batchSize, Verbose: verbosity(*quiet), Output: cmd.ErrOrStderr(), Context: cmd.Context()}
		results, err := m.PredictAll(x, o)
		if err != nil {
			return fmt.Errorf("%s on %s: %w", args[0], *in, err)
		}
		if *out == "-" {
			return writeOutputs(cmd.OutOrStdout(), format, m.OutputNames(), results)
		}
		report := predictReport{Outputs: *out}
		arrays := map[string]*tensors.Tensor{}
		for i, t := range results {
			name := "output_" + strconv.Itoa(i)
			arrays[name] = t
			report.Arrays = append(report.Arrays, predictedArray{name, m.OutputNames()[i], t.Shape().Dimensions, dtypeName(t.DType())})
		}
		if format == "npz" {
			err = npz.WriteFile(*out, arrays)
		} else {
			err = atomicfile.Write(*out, 0o644, func(w *os.File) error { return writeOutputs(w, format, m.OutputNames(), results) })
		}
		switch {
		case err != nil:
			return err
		case *asJSON:
			return printJSON(cmd.OutOrStdout(), report)
		case !*quiet:
			fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s: %s\n", *out, report)
		}
		return nil
	}
	return cmd
}

var outputFormats = []string{"table", "csv", "json", "npz"}

// chooseFormat says how outputs are written to the file out.
func chooseFormat(given, out string, asJSON bool) (string, error) {
	suffix := strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), ".")
	switch {
	case given == "" && out == "-" && asJSON:
		return "json", nil
	case given == "" && out == "-":
		return "table", nil
	case given == "":
		given = suffix
	}
	switch given {
	case "npz":
		if out == "-" {
			return "", errors.New("--format npz: an archive can't go to standard output: name a file with --output")
		}
	case "table", "csv", "json":
	default:
		return "", fmt.Errorf("--output %s, --format %q: want a file that ends in .npz, .csv or .json, or one of the formats %s", out, given, strings.Join(outputFormats, ", "))
	}
	return given, nil
}

// predictReport is what "gokeras predict --json" prints of outputs that went to a file.
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

func predictInputs(m *functional.Model, path string, scale float64) (x []any, err error) {
	a, err := openArrays(path, m, tableOptions{targets: []string{}, scale: scale})
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

// writeOutputs writes predictions for people (table) or programs (csv, json).
func writeOutputs(w io.Writer, format string, names []string, results []*tensors.Tensor) error {
	var out bytes.Buffer
	var err error
	switch format {
	case "json":
		err = outputsJSON(&out, names, results)
	case "csv":
		err = outputsCSV(&out, names, results)
	default:
		err = outputsTable(&out, names, results)
	}
	if err == nil {
		_, err = w.Write(out.Bytes())
	}
	return err
}
