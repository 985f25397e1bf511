package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/atomicfile"
	"github.com/gokeras/gokeras/optimizers"
)

// fitFlags are the flags of "gokeras fit".
type fitFlags struct {
	compile compileFlags
	table   tableOptions

	data, validationData    *string
	validationSplit         float64
	epochs, initialEpoch    int
	batchSize               *int
	shuffle                 bool
	seed                    int64
	seedGiven               bool
	checkpoint, monitor     string
	earlyStopping           int
	earlyGiven, restoreBest bool
	out, history, resume    string
	backup                  *callbacks.BackupAndRestoreCallback // nil without resume
	quiet, asJSON           *bool
}

// newFitCommand makes "gokeras fit".
func newFitCommand() *cobra.Command {
	o := &fitFlags{}
	cmd := &cobra.Command{
		Use:   "fit MODEL --data DATA --output TRAINED.keras",
		Short: "Train a model on arrays",
		Long: `Train a model (Keras: model.fit). It goes on where the file stopped: with the
optimizer's state, and with the loss and metrics that the model was compiled with.
--loss, --metrics and --learning-rate change those and keep the optimizer's state;
--optimizer starts another one.

` + dataHelp + `

Ctrl-C ends the training after the running step; what was trained so far is
written to --output and --history all the same, and the exit code is 130. A second
Ctrl-C ends at once, and leaves the files as they were.

With --resume the training is backed up in a folder after each epoch, and on
Ctrl-C. The same command, after Ctrl-C, a crash or a full disk, goes on from
there and ends as if nothing had happened. The folder is deleted in the end.

With --json standard output gets a line of JSON after each epoch, with its number
(from 1) and its loss and metrics, and in the end a line that says what was written:
  {"epoch":1,"epochs":2,"logs":{"loss":0.31,"val_loss":0.29}}
  {"out":"trained.keras","steps":64,"epochs":2,"interrupted":false,"history":{…}}`,
		Example: `  gokeras fit model.keras --data train.npz --epochs 5 --output trained.keras
  gokeras fit model.keras --data train.npz --validation-split 0.2 --epochs 50 \
      --early-stopping 3 --checkpoint best.keras --output last.keras --history history.json
  gokeras fit model.keras --data train.npz --validation-data test.npz --batch-size 64 \
      --optimizer sgd --learning-rate 0.01 --seed 1 --output trained.keras
  gokeras fit model.keras --data train.npz --epochs 500 --resume backup --output trained.keras
  gokeras fit two.keras --data two.npz --loss left=mse,right=mae --output trained.keras
  gokeras fit model.keras --data table.csv --target price --output trained.keras`,
		Args:              files("a model"),
		ValidArgsFunction: completeFiles(1),
		PreRunE:           func(cmd *cobra.Command, _ []string) error { return o.check(cmd) },
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	o.data = dataFlag(cmd, "data", "the file with inputs and targets: .npz, .csv or .json")
	o.validationData = dataFlag(cmd, "validation-data", "such a file to evaluate after each epoch")
	targetFlag(cmd, &o.table)
	o.batchSize, o.asJSON, o.quiet = batchSizeFlag(cmd, 32), jsonFlag(cmd), quietFlag(cmd)
	flags := cmd.Flags()
	flags.Float64Var(&o.validationSplit, "validation-split", 0, "part of the data, from its end, to evaluate on instead of training")
	flags.IntVarP(&o.epochs, "epochs", "e", 1, "the number of the last epoch")
	flags.IntVar(&o.initialEpoch, "initial-epoch", 0, "the epoch to start after, to go on with an earlier run")
	flags.BoolVar(&o.shuffle, "shuffle", true, "reorder the samples for each epoch")
	flags.Int64Var(&o.seed, "seed", 0, "make the run repeatable")
	flags.StringVar(&o.checkpoint, "checkpoint", "", "keep the best model so far here; with {epoch} in the name, that of each epoch")
	flags.StringVar(&o.monitor, "monitor", "", "what --checkpoint and --early-stopping look at (default val_loss, or loss without validation)")
	flags.IntVar(&o.earlyStopping, "early-stopping", 0, "stop after so many epochs without improvement")
	flags.BoolVar(&o.restoreBest, "restore-best", false, "with --early-stopping, end with the weights of the best epoch")
	flags.StringVarP(&o.out, "output", "o", "", "the file for the trained model; .weights.h5 for its weights alone")
	flags.StringVar(&o.history, "history", "", "a JSON file for the loss and metrics of each epoch")
	flags.StringVar(&o.resume, "resume", "", "a folder for backups: go on from the one that is there")
	flags.StringVar(&o.compile.optimizer, "optimizer", "", "another optimizer, which starts anew")
	flags.Float64Var(&o.compile.learningRate, "learning-rate", 0, "another learning rate")
	o.compile.lossFlags(cmd)
	must(cmd.RegisterFlagCompletionFunc("optimizer", completeNames(optimizers.Names)))
	must(cmd.MarkFlagFilename("history", "json"))
	must(cmd.MarkFlagDirname("resume"))
	must(cmd.MarkFlagRequired("data"))
	must(cmd.MarkFlagRequired("output"))
	cmd.MarkFlagsMutuallyExclusive("validation-data", "validation-split")
	return cmd
}

// check finds what is wrong with the flags alone.
func (o *fitFlags) check(cmd *cobra.Command) error {
	flags := cmd.Flags()
	o.seedGiven, o.earlyGiven = flags.Changed("seed"), flags.Changed("early-stopping")
	o.compile.rateGiven = flags.Changed("learning-rate")
	if err := positive(cmd, "batch-size", "epochs"); err != nil {
		return err
	}
	switch {
	case filepath.Ext(o.out) == ".json":
		return fmt.Errorf("--output %s: a .json file has no weights: want a file that ends in .keras, .h5 or .weights.h5", o.out)
	case o.initialEpoch < 0 || o.initialEpoch >= o.epochs:
		return fmt.Errorf("--initial-epoch is %d, want 0 to %d: the last epoch is --epochs %d", o.initialEpoch, o.epochs-1, o.epochs)
	case flags.Changed("validation-split") && !(o.validationSplit > 0 && o.validationSplit < 1):
		return fmt.Errorf("--validation-split is %v, want a number between 0 and 1", o.validationSplit)
	case o.earlyStopping < 0:
		return fmt.Errorf("--early-stopping is %d, want 0 or more", o.earlyStopping)
	case o.compile.rateGiven && !(o.compile.learningRate > 0):
		return fmt.Errorf("--learning-rate is %v, want a positive number", o.compile.learningRate)
	case o.restoreBest && !o.earlyGiven:
		return errors.New("--restore-best has no meaning without --early-stopping")
	case o.monitor != "" && !o.earlyGiven && o.checkpoint == "":
		return errors.New("--monitor has no meaning without --checkpoint or --early-stopping")
	}
	return nil
}

// fitReport is the last line that "gokeras fit --json" prints.
type fitReport struct {
	Out         string              `json:"out"`
	Steps       int                 `json:"steps"`
	Epochs      int                 `json:"epochs"` // complete ones
	Interrupted bool                `json:"interrupted"`
	History     *functional.History `json:"history"`
}

func (o *fitFlags) run(cmd *cobra.Command, path string) error {
	for _, target := range [][2]string{{"--output", o.out}, {"--history", o.history}} {
		if target[1] == "" {
			continue
		}
		if err := checkTarget(target[0], target[1]); err != nil {
			return err
		}
	}
	if o.seedGiven {
		functional.SetRandomSeed(o.seed)
	}
	m, err := loadCompiled(path, &o.compile, true)
	if err != nil {
		return err
	}
	data, err := loadData(m, *o.data, o.table)
	if err != nil {
		return err
	}
	steps := &stepCounter{}
	fit := functional.Fit{
		BatchSize: *o.batchSize, Epochs: o.epochs, InitialEpoch: o.initialEpoch, Verbose: verbosity(*o.quiet), Callbacks: append(o.callbacks(), steps),
		ValidationSplit: o.validationSplit, SampleWeight: data.SampleWeight, Seed: o.seed, Output: cmd.ErrOrStderr(), Context: cmd.Context(),
	}
	if !o.shuffle {
		fit.Shuffle = functional.Off
	}
	if *o.validationData != "" {
		if fit.ValidationData, err = loadData(m, *o.validationData, o.table); err != nil {
			return err
		}
	}
	if *o.asJSON {
		fit.Callbacks = append(fit.Callbacks, &epochLines{out: cmd.OutOrStdout(), epochs: o.epochs})
	}
	history, err := m.Fit(data.X, data.Y, fit)
	if err != nil {
		err = fmt.Errorf("%s on %s: %w", path, *o.data, err)
	}
	if steps.n == 0 {
		return err
	}
	return o.finish(cmd, m, history, steps.n, err)
}

// callbacks are those that the flags ask for.
func (o *fitFlags) callbacks() []callbacks.Callback {
	monitor := o.monitor
	if monitor == "" {
		monitor = "loss"
		if *o.validationData != "" || o.validationSplit != 0 {
			monitor = "val_loss"
		}
	}
	verbose := callbacks.Bar
	if *o.quiet {
		verbose = callbacks.Silent
	}
	var list []callbacks.Callback
	if o.checkpoint != "" {
		list = append(list, callbacks.ModelCheckpoint(o.checkpoint).Monitor(monitor).Verbose(verbose).
			SaveBestOnly(!strings.Contains(o.checkpoint, "{")).SaveWeightsOnly(strings.HasSuffix(o.checkpoint, weightsSuffix)))
	}
	if o.earlyGiven {
		list = append(list, callbacks.EarlyStopping().Monitor(monitor).Verbose(verbose).
			Patience(o.earlyStopping).RestoreBestWeights(o.restoreBest))
	}
	if o.resume != "" {
		o.backup = callbacks.BackupAndRestore(o.resume).DeleteCheckpoint(false)
		list = append(list, o.backup)
	}
	return list
}

// finish writes what was trained, also when the training ended in trained, an error or an interruption: its work isn't lost.
func (o *fitFlags) finish(cmd *cobra.Command, m *functional.Model, history *functional.History, steps int, trained error) error {
	report := fitReport{Out: o.out, Steps: steps, Epochs: len(history.Epoch), Interrupted: interrupted(cmd.Context(), trained), History: history}
	if o.history != "" {
		if err := writeHistory(o.history, history); err != nil {
			trained = errors.Join(trained, err)
		}
	}
	if err := saveAs(m, o.out); err != nil {
		// Hours of training are not given up for the name of a file.
		report.Out = o.out + ".keras"
		if second := m.Save(report.Out); second != nil {
			return errors.Join(trained, err, second)
		}
		trained = errors.Join(trained, fmt.Errorf("%w; the trained model is in %s", err, report.Out))
	}
	if *o.asJSON {
		if err := printLine(cmd.OutOrStdout(), report); err != nil {
			return err
		}
	}
	if trained == nil && o.backup != nil {
		if err := o.backup.Delete(); err != nil {
			return err
		}
	}
	switch {
	case report.Interrupted:
		return &interruptedError{fmt.Sprintf("interrupted after %s (%s complete): what was trained so far is in %s",
			count(steps, "step"), count(report.Epochs, "epoch"), report.Out)}
	case trained != nil:
		return trained
	case !*o.quiet:
		fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s after %s (%s)\n", report.Out, count(report.Epochs, "epoch"), count(steps, "step"))
	}
	return nil
}

func writeHistory(path string, history *functional.History) error {
	compact, err := json.Marshal(history)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	return atomicfile.Write(path, 0o644, func(w *os.File) error {
		_, err := w.Write(out.Bytes())
		return err
	})
}

// epochLines prints a line of JSON after each epoch.
type epochLines struct {
	callbacks.Base
	out    io.Writer
	epochs int
}

// ObservesBatches implements [callbacks.BatchObserver].
func (c *epochLines) ObservesBatches() bool { return false }

// OnEpochEnd implements [callbacks.Callback].
func (c *epochLines) OnEpochEnd(epoch int, logs *callbacks.Logs) error {
	var numbers orderedNumbers
	for name, value := range logs.All() {
		numbers.names, numbers.values = append(numbers.names, name), append(numbers.values, value)
	}
	return printLine(c.out, struct {
		Epoch  int            `json:"epoch"`
		Epochs int            `json:"epochs"`
		Logs   orderedNumbers `json:"logs"`
	}{epoch + 1, c.epochs, numbers})
}

// stepCounter counts the steps that changed the model.
type stepCounter struct {
	callbacks.Base
	n int
}

// OnTrainBatchEnd implements [callbacks.Callback].
func (c *stepCounter) OnTrainBatchEnd(int, *callbacks.Logs) error {
	c.n++
	return nil
}

// MarshalState implements [callbacks.Resumable].
func (c *stepCounter) MarshalState() ([]byte, error) {
	return strconv.AppendInt(nil, int64(c.n), 10), nil
}

// UnmarshalState implements [callbacks.Resumable].
func (c *stepCounter) UnmarshalState(state []byte) (err error) {
	c.n, err = strconv.Atoi(string(state))
	return err
}
