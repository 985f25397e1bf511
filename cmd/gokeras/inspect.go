package main

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/npz"
	"github.com/gokeras/gokeras/saving"
)

// newInspectCommand makes "gokeras inspect".
func newInspectCommand() *cobra.Command {
	var raw, noStats bool
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Print the weights in a file, with their statistics",
		Long: `Print the weights of a model, and its optimizer's variables: shapes, types, sizes,
and statistics of the elements (their smallest, largest and mean value and standard
deviation, NaN and infinite ones left out; how many are zero, NaN or infinite).

With --raw, and for files of weights alone, it prints the arrays as they lie in the
file. That works for files with layers that gokeras doesn't know, too.`,
		Example: `  gokeras inspect model.keras
  gokeras inspect model.weights.h5
  gokeras inspect model.json --weights model_weights.h5
  gokeras inspect model.keras --raw --no-stats
  gokeras inspect model.keras --json | jq '.weights[] | select(.nans > 0) | .name'`,
		Args:              files("a model or weights"),
		ValidArgsFunction: completeFiles(1),
	}
	asJSON, weights := jsonFlag(cmd), weightsFlag(cmd)
	cmd.Flags().BoolVar(&raw, "raw", false, "print the arrays as they lie in the file")
	cmd.Flags().BoolVar(&noStats, "no-stats", false, "leave the statistics out, and the elements unread")
	cmd.MarkFlagsMutuallyExclusive("raw", "weights")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		i := &inspection{File: args[0], stats: !noStats}
		if err := i.read(raw, *weights, cmd.ErrOrStderr()); err != nil {
			return err
		}
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), i)
		}
		return i.print(cmd.OutOrStdout())
	}
	return cmd
}

// inspection is what "gokeras inspect" prints.
type inspection struct {
	File         string   `json:"file"`
	Format       string   `json:"format"`
	KerasVersion string   `json:"keras_version,omitempty"`
	DateSaved    string   `json:"date_saved,omitempty"`
	Model        string   `json:"model,omitempty"`
	Class        string   `json:"class,omitempty"`
	Optimizer    string   `json:"optimizer,omitempty"`
	Assets       []string `json:"assets,omitempty"`
	Raw          bool     `json:"raw"`
	Params       int      `json:"params"` // elements of the weights, the optimizer's variables left out
	Bytes        int64    `json:"bytes"`
	// Weights are the model's, Variables the optimizer's; of a raw file all are weights.
	Weights   []inspected `json:"weights"`
	Variables []inspected `json:"variables,omitempty"`

	stats bool
}

// inspected is an array.
type inspected struct {
	Name  string `json:"name"`            // "dense/kernel", or the path in the file
	Owner string `json:"owner,omitempty"` // of a raw array: the name of the layer, as the file has it
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	Size  int    `json:"size"`
	Bytes int64  `json:"bytes"`
	// Trainable is not known of a raw array.
	Trainable *bool `json:"trainable,omitempty"`
	*Statistics
	// Error is why there are no statistics.
	Error string `json:"error,omitempty"`
}

func (i *inspection) read(raw bool, weights string, notes io.Writer) (err error) {
	if kind, err := sniff(i.File); weights != "" || err == nil && kind == architectureFile {
		m, err := loadWith(i.File, weights)
		if err != nil {
			return err
		}
		i.Format = "an architecture, with the weights of " + weights
		return i.readModel(m)
	}
	f, err := openTree(i.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	i.Format, _, _ = strings.Cut(f.Format().String(), ",")
	i.KerasVersion, i.DateSaved, i.Assets = f.Metadata().KerasVersion, f.Metadata().DateSaved, f.AssetNames()
	isModel := f.Format() == kerasfile.ArchiveFormat || f.Format() == kerasfile.LegacyModelFormat
	if isModel && !raw {
		m, err := saving.LoadModel(i.File)
		if err != nil {
			// A loss that isn't known here is no reason to hide the weights.
			if bare, errBare := showModel(i.File, notes); errBare == nil {
				m, err = bare, nil
			}
		}
		if err == nil {
			return i.readModel(m)
		}
		fmt.Fprintf(notes, "gokeras: the arrays are shown as they lie in the file, because it is not a model that gokeras can load: %v\n", err)
	}
	i.Raw = true
	return i.readTree(f.Weights(), "", "")
}

// openTree opens a file of any of Keras's formats for its arrays.
func openTree(path string) (*kerasfile.Reader, error) {
	format, err := kerasfile.Detect(path)
	if err != nil {
		return nil, err
	}
	switch format {
	case kerasfile.ArchiveFormat:
		return kerasfile.Open(path)
	case kerasfile.WeightsFormat, kerasfile.LegacyModelFormat, kerasfile.LegacyWeightsFormat:
		return kerasfile.OpenHDF5(path)
	case kerasfile.ShardedFormat:
		return kerasfile.OpenSharded(path)
	}
	return nil, fmt.Errorf("%s is %s: want a .keras archive, a .h5 model or .weights.h5 weights", path, format)
}

func (i *inspection) readModel(m *functional.Model) error {
	i.Model, i.Class = m.Name(), m.KerasClass().Name
	for _, w := range m.Weights() {
		item, err := i.weight(w)
		if err != nil {
			return err
		}
		trainable := w.Trainable()
		item.Trainable = &trainable
		i.Params += item.Size
		i.Bytes += item.Bytes
		i.Weights = append(i.Weights, item)
	}
	if m.Optimizer() == nil {
		return nil
	}
	i.Optimizer = m.Optimizer().KerasName()
	variables, err := m.OptimizerVariables()
	if err != nil {
		return fmt.Errorf("%s: %w", i.File, err)
	}
	for _, w := range variables {
		item, err := i.weight(w)
		if err != nil {
			return err
		}
		i.Variables = append(i.Variables, item)
	}
	return nil
}

func (i *inspection) weight(w *functional.Weight) (inspected, error) {
	item := inspected{Name: w.Path(), DType: dtypeName(w.DType()), Shape: append([]int{}, w.Shape()...), Size: w.Size(), Bytes: int64(w.Size() * w.DType().Size())}
	if !i.stats {
		return item, nil
	}
	t, err := w.Value()
	if err != nil {
		return item, fmt.Errorf("%s: %w", i.File, err)
	}
	s, err := statisticsOf(t)
	if err != nil {
		return item, fmt.Errorf("%s: weight %s: %w", i.File, w.Path(), err)
	}
	item.Statistics = &s
	return item, t.FinalizeAll()
}

// readTree adds the arrays of a group and of those in it. An array that can't be read is told so, and not the end.
func (i *inspection) readTree(g *kerasfile.Group, at, owner string) error {
	if name, ok := g.Attr("name").(string); ok {
		owner = name
	}
	for _, name := range g.Names() {
		where := path.Join(at, name)
		if sub := g.Group(name); sub != nil {
			if err := i.readTree(sub, where, owner); err != nil {
				return err
			}
			continue
		}
		a, ok := g.Array(name)
		if !ok {
			continue
		}
		item := inspected{Name: where, Owner: owner, DType: a.DType(), Shape: a.Shape(), Size: 1, Bytes: a.NumBytes()}
		for _, n := range item.Shape {
			item.Size *= n
		}
		if i.stats {
			item.Statistics, item.Error = arrayStatistics(a)
		}
		i.Params += item.Size
		i.Bytes += item.Bytes
		i.Weights = append(i.Weights, item)
	}
	return nil
}

func arrayStatistics(a kerasfile.Array) (*Statistics, string) {
	t, err := a.Tensor()
	if err != nil {
		return nil, err.Error()
	}
	s, err := statisticsOf(t)
	if err != nil {
		return nil, err.Error()
	}
	if err := t.FinalizeAll(); err != nil {
		return nil, err.Error()
	}
	return &s, ""
}

func (i *inspection) print(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "File:      %s (%s)\n", i.File, i.Format)
	if i.KerasVersion != "" {
		fmt.Fprintf(&out, "Saved:     %s by Keras %s\n", dash(clean(i.DateSaved)), clean(i.KerasVersion))
	}
	if i.Model != "" {
		fmt.Fprintf(&out, "Model:     %s (%s)\n", clean(i.Model), i.Class)
	}
	if i.Optimizer != "" {
		fmt.Fprintf(&out, "Optimizer: %s, %s\n", clean(i.Optimizer), count(len(i.Variables), "variable"))
	}
	if len(i.Assets) > 0 {
		fmt.Fprintf(&out, "Assets:    %s\n", clean(strings.Join(i.Assets, ", ")))
	}
	what := "parameters"
	if i.Raw {
		what = "elements"
	}
	fmt.Fprintf(&out, "Weights:   %s, %d %s, %s\n\n", count(len(i.Weights), "array"), i.Params, what, readableBytes(i.Bytes))
	if err := i.table(&out, "WEIGHT", i.Weights); err != nil {
		return err
	}
	if len(i.Variables) > 0 {
		out.WriteByte('\n')
		if err := i.table(&out, "OPTIMIZER VARIABLE", i.Variables); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (i *inspection) table(w io.Writer, title string, items []inspected) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := []string{title}
	if i.Raw {
		head = append(head, "OF")
	}
	head = append(head, "TYPE", "SHAPE", "SIZE")
	if i.stats {
		head = append(head, "MIN", "MAX", "MEAN", "STD", "ZEROS", "NAN", "INF")
	}
	fmt.Fprintln(table, strings.Join(head, "\t"))
	for _, item := range items {
		row := []string{item.Name}
		if i.Raw {
			row = append(row, dash(item.Owner))
		}
		if item.Trainable != nil && !*item.Trainable {
			row[0] += " (not trained)"
		}
		row = append(row, item.DType, npz.ShapeString(item.Shape), readableBytes(item.Bytes))
		switch s := item.Statistics; {
		case s != nil:
			row = append(row, short(float64(s.Min)), short(float64(s.Max)), short(float64(s.Mean)), short(float64(s.Std)),
				fmt.Sprint(s.Zeros), fmt.Sprint(s.NaNs), fmt.Sprint(s.Infs))
		case item.Error != "":
			row = append(row, item.Error)
		}
		for n, cell := range row {
			row[n] = clean(cell)
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}
