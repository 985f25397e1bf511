package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/saving"
)

// errDifferent is diff's answer when two models differ.
var errDifferent = errors.New("the models differ")

// newDiffCommand makes "gokeras diff".
func newDiffCommand() *cobra.Command {
	o := &differ{}
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Print what differs between two models",
		Long: `Print what differs between two models: in their architecture, layer by layer, and
in their weights. Layers and weights are matched by name. The exit code is 0 when
nothing differs, and then nothing is printed, and 1 when something does.

Two elements a and b of a weight are the same if |a - b| is at most --tolerance
times the largest of |a|, |b| and 1; NaN equals NaN.

When one of the files holds weights alone, the weights are compared alone. With
--raw, and where they lie alike in both files, they are matched by their places in
the files; that works for files with layers that gokeras doesn't know, too.`,
		Example: `  gokeras diff before.keras after.keras
  gokeras diff python.keras go.keras --tolerance 1e-5
  gokeras diff a.keras b.keras --training --json
  gokeras diff model.keras model.weights.h5`,
		Args:              files("A", "B"),
		ValidArgsFunction: completeFiles(2),
		PreRunE: func(*cobra.Command, []string) error {
			if !(o.tolerance >= 0) {
				return fmt.Errorf("--tolerance is %v, want 0 or a positive number", o.tolerance)
			}
			return nil
		},
	}
	asJSON := jsonFlag(cmd)
	flags := cmd.Flags()
	flags.Float64Var(&o.tolerance, "tolerance", 0, "how far elements may be apart")
	flags.BoolVar(&o.training, "training", false, "compare the compile arguments and the optimizer's state, too")
	flags.BoolVar(&o.raw, "raw", false, "compare the arrays as they lie in the files, and no architecture")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report, err := o.compare(args[0], args[1], cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if *asJSON {
			err = printJSON(cmd.OutOrStdout(), report)
		} else {
			err = report.print(cmd.OutOrStdout())
		}
		if err == nil && !report.Same {
			err = errDifferent
		}
		return err
	}
	return cmd
}

// differ compares two files.
type differ struct {
	tolerance     float64
	training, raw bool
}

// diffReport is what "gokeras diff --json" prints.
type diffReport struct {
	A            string       `json:"a"`
	B            string       `json:"b"`
	Same         bool         `json:"same"`
	Architecture []configDiff `json:"architecture"`
	Training     []configDiff `json:"training,omitempty"`
	Weights      []weightDiff `json:"weights"`
	// Compared counts the weights that both have.
	Compared int `json:"compared"`
}

func (o *differ) compare(a, b string, notes io.Writer) (*diffReport, error) {
	r := &diffReport{A: a, B: b, Architecture: []configDiff{}, Weights: []weightDiff{}}
	var kinds [2]fileKind
	var trees [2]bool
	for i, path := range []string{a, b} {
		var err error
		if kinds[i], trees[i], err = sniffTree(path); err != nil {
			return nil, err
		}
	}
	models := kinds == [2]fileKind{modelFile, modelFile}
	if o.training && (o.raw || !models) {
		return nil, errors.New("--training compares models, and not their weights alone")
	}
	var err error
	switch {
	case o.raw, !models && trees[0] && trees[1]:
		err = o.compareTrees(r)
	case models:
		err = o.compareModels(r, notes)
	case kinds[0] != kinds[1]:
		err = o.compareOnto(r, kinds)
	default:
		err = fmt.Errorf("%s and %s hold weights in different formats: convert one of them with gokeras convert", a, b)
	}
	r.Same = len(r.Architecture)+len(r.Training)+len(r.Weights) == 0
	return r, err
}

func (o *differ) compareModels(r *diffReport, notes io.Writer) error {
	load := func(path string) (*functional.Model, error) { return showModel(path, notes) }
	if o.training {
		load = saving.LoadModel
	}
	var models [2]*functional.Model
	var configs [2]map[string]any
	for i, path := range []string{r.A, r.B} {
		var err error
		if models[i], err = load(path); err != nil {
			return fmt.Errorf("%w; --raw compares the arrays in the files alone", err)
		}
		if configs[i], err = configOf(models[i]); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	compileA, compileB := configs[0]["compile_config"], configs[1]["compile_config"]
	r.Architecture = append(r.Architecture, diffConfigs(configs[0], configs[1])...)
	if o.training {
		r.Training = diffValues(nil, "", compileA, compileB)
	}
	return o.compareWeightsOf(r, models)
}

// compareOnto compares a model's weights with those of a file of weights alone, read into the same model.
func (o *differ) compareOnto(r *diffReport, kinds [2]fileKind) error {
	paths := [2]string{r.A, r.B}
	model, weights := paths[0], paths[1]
	if kinds[1] == modelFile {
		model, weights = weights, model
	}
	var models [2]*functional.Model
	for i := range models {
		var err error
		if models[i], err = saving.LoadUncompiled(model); err != nil {
			return err
		}
		if paths[i] == weights {
			if err := models[i].LoadWeights(weights); err != nil {
				return err
			}
		}
	}
	return o.compareWeightsOf(r, models)
}

func (o *differ) compareWeightsOf(r *diffReport, models [2]*functional.Model) error {
	var sets [2]weightSet
	for i, m := range models {
		list := m.Weights()
		if o.training && m.Optimizer() != nil {
			variables, err := m.OptimizerVariables()
			if err != nil {
				return err
			}
			list = append(list, variables...)
		}
		for _, w := range list {
			sets[i].add(w.Path(), dtypeName(w.DType()), w.Shape(), w.Value)
		}
	}
	return o.compareWeights(r, sets[0], sets[1])
}

func (o *differ) compareTrees(r *diffReport) (err error) {
	sets := [2]weightSet{}
	for i, path := range []string{r.A, r.B} {
		f, errOpen := openTree(path)
		if errOpen != nil {
			return errOpen
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if err := sets[i].addTree(f.Weights()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return o.compareWeights(r, sets[0], sets[1])
}

// sniffTree is sniff for files with arrays; tree reports whether they lie as Keras 3 lays them.
func sniffTree(path string) (kind fileKind, tree bool, err error) {
	if kind, err = sniff(path); err != nil {
		return kind, false, err
	}
	if kind == architectureFile {
		return kind, false, fmt.Errorf("%s is an architecture without weights: want a .keras archive, a .h5 model or .weights.h5 weights", path)
	}
	format, err := kerasfile.Detect(path)
	switch format {
	case kerasfile.ArchiveFormat, kerasfile.WeightsFormat, kerasfile.ShardedFormat:
		tree = true
	}
	return kind, tree, err
}

// configOf is the configuration as JSON has it.
func configOf(m *functional.Model) (map[string]any, error) {
	text, err := m.ToJSON()
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(text, &out)
}

func (r *diffReport) print(w io.Writer) error {
	if r.Same {
		return nil
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", r.A, r.B)
	for _, part := range []struct {
		title string
		list  []configDiff
	}{{"architecture", r.Architecture}, {"compile arguments", r.Training}} {
		if len(part.list) == 0 {
			continue
		}
		fmt.Fprintf(&out, "%s:\n", part.title)
		for _, d := range part.list {
			fmt.Fprintf(&out, "  %s\n", clean(d.String()))
		}
	}
	if len(r.Weights) > 0 {
		fmt.Fprintf(&out, "weights (%d of those that both have are the same):\n", r.Compared-differing(r.Weights))
		for _, d := range r.Weights {
			fmt.Fprintf(&out, "  %s\n", clean(d.String()))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
