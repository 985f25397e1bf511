package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/plots"
)

// newPlotCommand makes "gokeras plot".
func newPlotCommand() *cobra.Command {
	var out string
	var o plots.ModelOptions
	cmd := &cobra.Command{
		Use:   "plot MODEL -o PICTURE",
		Short: "Draw the graph of a model's layers",
		Long: `Draw the graph of a model's layers, a box a layer (Keras: keras.utils.plot_model).
The suffix of the picture chooses its format: .svg, .png, or .dot for Graphviz.
Nothing has to be installed.`,
		Example: `  gokeras plot model.keras -o model.svg
  gokeras plot model.keras -o model.png --expand-nested --activations --dpi 150
  gokeras plot model.keras -o model.dot --rankdir LR`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmd.ValidateRequiredFlags(); err != nil {
				return err
			}
			switch strings.ToLower(filepath.Ext(out)) {
			case ".svg", ".png", ".dot":
				return nil
			}
			return fmt.Errorf("--output %s: want a file that ends in .svg, .png or .dot", out)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkTarget("--output", out); err != nil {
				return err
			}
			m, err := showModel(args[0], cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := plots.Model(m, out, o); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&out, "output", "o", "", "the picture to write: .svg, .png or .dot")
	must(cmd.MarkFlagRequired("output"))
	must(cmd.MarkFlagFilename("output", "svg", "png", "dot"))
	flags.BoolVar(&o.ShowShapes, "shapes", true, "show input and output shapes")
	flags.BoolVar(&o.ShowLayerNames, "layer-names", true, "show names beside the classes")
	flags.BoolVar(&o.ShowDType, "dtype", false, "show the types of the outputs")
	flags.BoolVar(&o.ShowLayerActivations, "activations", false, "show activations")
	flags.BoolVar(&o.ShowTrainable, "trainable", false, "show whether the weights are trained")
	flags.BoolVar(&o.ExpandNested, "expand-nested", false, "draw the layers of models inside the model")
	flags.StringVar(&o.RankDir, "rankdir", "TB", "direction of the graph: TB (top to bottom), LR, BT or RL")
	flags.IntVar(&o.DPI, "dpi", 200, "resolution of a .png in dots per inch")
	must(cmd.RegisterFlagCompletionFunc("rankdir", completeNames(func() []string { return []string{"TB", "LR", "BT", "RL"} })))
	return cmd
}
