package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
)

// source is a file with arrays by name.
type source interface {
	Has(name string) bool
	Names() []string
	// Value is the array of that name as functional takes data.
	Value(name string) (any, error)
	Close() error
}

// arrays are those of a file, found by what a model needs.
type arrays struct {
	source
	path string
}

func openArrays(path string, m *functional.Model, o tableOptions) (*arrays, error) {
	s, err := openSource(path, m, o)
	if err != nil {
		return nil, err
	}
	return &arrays{s, path}, nil
}

// numbered returns base_0, base_1 … as far as the file has them, or base alone.
func (a *arrays) numbered(base string) []string {
	if a.Has(base) {
		return []string{base}
	}
	var out []string
	for i := 0; a.Has(base + "_" + strconv.Itoa(i)); i++ {
		out = append(out, base+"_"+strconv.Itoa(i))
	}
	return out
}

func (a *arrays) load(names []string) ([]any, error) {
	out := make([]any, len(names))
	for i, name := range names {
		var err error
		if out[i], err = a.Value(name); err != nil {
			return nil, fmt.Errorf("%s: %w", a.path, err)
		}
	}
	return out, nil
}

// inputs reads the model's inputs: the arrays of their names, or those numbered after one of bases, whichever comes first.
func (a *arrays) inputs(m *functional.Model, namesFirst bool, bases ...string) ([]any, error) {
	wanted := m.InputNames()
	named := func() []string {
		for _, name := range wanted {
			if !a.Has(name) {
				return nil
			}
		}
		return wanted
	}
	var found []string
	if namesFirst {
		found = named()
	}
	for _, base := range bases {
		if found == nil {
			found = a.numbered(base)
		}
	}
	if found == nil {
		found = named()
	}
	if len(found) == len(wanted) {
		return a.load(found)
	}
	conventions := []string{bases[0]}
	if len(wanted) > 1 {
		conventions = nil
		for i := range wanted {
			conventions = append(conventions, bases[0]+"_"+strconv.Itoa(i))
		}
	}
	return nil, fmt.Errorf("%s: the model takes %s (%s): want the arrays %s, or %s; the file has %s",
		a.path, count(len(wanted), "input"), quoted(wanted), quoted(conventions), quoted(wanted), quoted(a.Names()))
}

// targets reads y, or y_0, y_1 …, or the arrays named after the outputs, those that are there.
func (a *arrays) targets(m *functional.Model) (any, error) {
	if found := a.numbered("y"); found != nil {
		return a.load(found)
	}
	byName := map[string]any{}
	for _, name := range m.OutputNames() {
		if !a.Has(name) {
			continue
		}
		list, err := a.load([]string{name})
		if err != nil {
			return nil, err
		}
		byName[name] = list[0]
	}
	if len(byName) > 0 {
		return byName, nil
	}
	want := `"y"`
	if n := len(m.OutputNames()); n > 1 {
		want = `"y_0" to "y_` + strconv.Itoa(n-1) + `"`
	}
	return nil, fmt.Errorf("%s: there are no targets: want %s, or arrays named after the outputs (%s); the file has %s",
		a.path, want, quoted(m.OutputNames()), quoted(a.Names()))
}

// sampleWeights reads sample_weight, or sample_weight_0 …; nil if there are none.
func (a *arrays) sampleWeights() (any, error) {
	found := a.numbered("sample_weight")
	if found == nil {
		return nil, nil
	}
	return a.load(found)
}

// loadData reads the inputs, targets and sample weights for the model from the file at path.
func loadData(m *functional.Model, path string, o tableOptions) (data *functional.Data, err error) {
	a, err := openArrays(path, m, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	data = &functional.Data{}
	if data.X, err = a.inputs(m, false, "x"); err != nil {
		return nil, err
	}
	if data.Y, err = a.targets(m); err != nil {
		return nil, err
	}
	if data.SampleWeight, err = a.sampleWeights(); err != nil {
		return nil, err
	}
	return data, nil
}

// dataHelp is what --help says about the arrays of --data.
const dataHelp = `The arrays in an .npz file, or the values of an object in a .json file, are:

  x               the input, or x_0, x_1 … in the order of several inputs,
                  or arrays named after the inputs
  y               the target, or y_0, y_1 … in the order of several outputs,
                  or arrays named after the outputs
  sample_weight   how much each sample counts (optional), or sample_weight_0 …

A .csv file is a table, a row a sample, perhaps with names in its first row. The
column "label", "target" or "y", else the last one, is the target, unless --target
names others; inputs are the columns of their names, or one input takes all others.`

// targetFlag adds --target.
func targetFlag(cmd *cobra.Command, o *tableOptions) {
	cmd.Flags().StringSliceVar(&o.targets, "target", nil, "the columns of a .csv table to predict")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strconv.Quote(name)
	}
	return strings.Join(out, ", ")
}
