package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/internal/bench"
)

// benchProcess makes a command that runs this program in a process of its own with the arguments.
var benchProcess = func(args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.Command(self, args...), nil
}

// newBenchCommand makes "gokeras bench".
func newBenchCommand() *cobra.Command {
	var models []string
	var steps, rounds, samples int
	var fresh, serve, profile bool
	cmd := &cobra.Command{
		Use:   "bench [MODEL.keras ...]",
		Short: "Measure how fast models train and predict",
		Long: `Measure how fast models train and predict on this machine, on made-up data.

Without arguments these are the three models of the functional API notebook
(model1, model2, model3), trained with Adam. The built-in model "dense" has two
small layers, so that the work of the host shows; "chain6", "chain20" and "chain60" are so many
equal convolutions. A file's model is trained as it
was compiled; one without compile arguments only predicts. Files stay as they are.

For each model, in rounds over all of them (medians, least and most):

  Fit, Evaluate, Predict   milliseconds for each batch, samples a second
  the executable alone     the program of Fit's step in a bare loop on one batch
                           that stays on the device; what Fit takes beyond it is
                           the time of the host
  one sample               latency of Predict, PredictOnBatch and a Predictor
  a fresh process          time from its start to the end of the first step, that
                           step with its compilation, and its peak memory (Linux);
                           the cache of compiled programs is empty at first, the
                           second start finds the program there

With --profile it tells instead where the time of a training step goes: which kernels are called how
often, how long they take, and what share that is of what this machine can do, in products and in
memory; and how many cores are busy.

benchmarks/compare.py puts times beside Python Keras.`,
		Example: `  gokeras bench
  gokeras bench --models model1,dense --rounds 3
  gokeras bench trained.keras --batch-size 32 --json
  GOKERAS_BACKEND=go gokeras bench --models dense
  gokeras bench --models model1 --samples 50000
  gokeras bench --profile trained.keras`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&models, "models", "m", nil, "built-in models: "+strings.Join(bench.Names(), ", ")+" (default the notebook's, unless files are given)")
	must(cmd.RegisterFlagCompletionFunc("models", completeNames(bench.Names)))
	batch := batchSizeFlag(cmd, 64)
	flags.IntVar(&steps, "steps", 0, "steps timed together (default as many as take about a second)")
	flags.IntVar(&rounds, "rounds", 5, "rounds over the models")
	flags.IntVar(&samples, "samples", 0, "samples that the fresh process trains on, for its memory (default as many as are timed)")
	flags.BoolVar(&fresh, "fresh", true, "start each model in a process of its own, too")
	flags.BoolVar(&profile, "profile", false, "tell where the time of a step goes")
	flags.BoolVar(&serve, "serve", false, "answer requests, JSON on a line of standard input each")
	must(flags.MarkHidden("serve"))
	asJSON, quiet := jsonFlag(cmd), quietFlag(cmd)
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, name := range models {
			if !slices.Contains(bench.Names(), name) {
				return fmt.Errorf("--models: there is no built-in model %q, only %s; files are arguments", name, strings.Join(bench.Names(), ", "))
			}
		}
		for name, n := range map[string]int{"steps": steps, "samples": samples} {
			if n < 0 {
				return fmt.Errorf("--%s is %d, want 1 or more, or 0 for the default", name, n)
			}
		}
		return positive(cmd, "batch-size", "rounds")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if serve {
			return bench.Serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		}
		o := bench.Options{Models: slices.Concat(models, args), Batch: *batch, Steps: steps, Rounds: rounds, Samples: samples}
		if len(o.Models) == 0 {
			o.Models = bench.Notebook
		}
		if !*quiet {
			o.Progress = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
		}
		if profile {
			found, err := bench.Profiles(cmd.Context(), o)
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(cmd.OutOrStdout(), found)
			}
			return found.WriteTable(cmd.OutOrStdout())
		}
		if fresh {
			o.Fresh = func() (*exec.Cmd, error) {
				process, err := benchProcess("bench", "--serve")
				if err == nil {
					process.Stderr = cmd.ErrOrStderr()
				}
				return process, err
			}
		}
		report, err := bench.Run(cmd.Context(), o)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), report)
		}
		return report.WriteTable(cmd.OutOrStdout())
	}
	return cmd
}
