package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/functional"
)

// newEvaluateCommand makes "gokeras evaluate".
func newEvaluateCommand() *cobra.Command {
	var overrides compileFlags
	var table tableOptions
	cmd := &cobra.Command{
		Use:   "evaluate MODEL --data DATA",
		Short: "Compute a model's loss and metrics on arrays",
		Long: `Compute a model's loss and metrics (Keras: model.evaluate). They are those that the
model was compiled with, unless --loss and --metrics name others.

` + dataHelp,
		Example: `  gokeras evaluate model.keras --data test.npz
  gokeras evaluate model.keras --data test.npz --json | jq .accuracy
  gokeras evaluate uncompiled.keras --data test.npz --loss mse --metrics mae,cosine_similarity
  gokeras evaluate model.keras --data table.csv --target price`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
		PreRunE:           func(cmd *cobra.Command, _ []string) error { return positive(cmd, "batch-size") },
	}
	path := dataFlag(cmd, "data", "the file with inputs and targets: .npz, .csv or .json")
	targetFlag(cmd, &table)
	must(cmd.MarkFlagRequired("data"))
	overrides.lossFlags(cmd)
	batchSize, asJSON, quiet := batchSizeFlag(cmd, 32), jsonFlag(cmd), quietFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := loadCompiled(args[0], &overrides, false)
		if err != nil {
			return err
		}
		data, err := loadData(m, *path, table)
		if err != nil {
			return err
		}
		scores, err := m.Evaluate(data.X, data.Y, functional.Evaluate{
			BatchSize: *batchSize, SampleWeight: data.SampleWeight, Verbose: verbosity(*quiet), Output: cmd.ErrOrStderr(), Context: cmd.Context(),
		})
		if err != nil {
			return fmt.Errorf("%s on %s: %w", args[0], *path, err)
		}
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), orderedNumbers{scores.Names, scores.Values})
		}
		var out strings.Builder
		for i, name := range scores.Names {
			fmt.Fprintf(&out, "%s: %.6g\n", name, scores.Values[i])
		}
		_, err = fmt.Fprint(cmd.OutOrStdout(), out.String())
		return err
	}
	return cmd
}
