package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes.
const (
	exitOK          = 0
	exitError       = 1   // the command failed
	exitDifferent   = 1   // diff found differences
	exitUsage       = 2   // the command line is wrong
	exitDiffError   = 2   // diff failed
	exitInterrupted = 130 // Ctrl-C, as shells have it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	root := newRoot()
	root.SetArgs(os.Args[1:])
	os.Exit(run(ctx, root))
}

// newRoot builds the whole command. A new subcommand is one file with its constructor, named here.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "gokeras",
		Short: "Work with Keras models, and with the engines that run them",
		Long: `gokeras works with Keras models, and with the engines that run them.

A model is a .keras archive or a legacy .h5 file, written by Python's model.save
or by gokeras. Its layers are those of Keras that gokeras has. Arrays come and go
as NumPy's .npz files. Every file is written whole or not at all.

Results go to standard output, with --json for programs; progress and messages
go to standard error.

Exit codes: 0 success, 1 the command failed, 2 the command line is wrong, 130
interrupted. Those of diff are, as usual, 1 for "they differ" and 2 for "it failed".`,
		Example: `  gokeras summary model.keras
  gokeras fit model.keras --data train.npz --epochs 5 --output trained.keras
  gokeras evaluate trained.keras --data test.npz
  gokeras predict trained.keras --inputs in.npz --output out.npz
  GOKERAS_BACKEND=go gokeras backend --json`,
		Args:    noSubcommand,
		Version: readVersion().Version,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	root.AddCommand(
		newSummaryCommand(),
		newFitCommand(),
		newEvaluateCommand(),
		newPredictCommand(),
		newInspectCommand(),
		newDiffCommand(),
		newConvertCommand(),
		newPlotCommand(),
		newServeCommand(),
		newPortCommand(),
		newBenchCommand(),
		newBackendCommand(),
		newVersionCommand(),
	)
	root.SetGlobalNormalizationFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if now, older := olderFlags[name]; older {
			name = now
		}
		return pflag.NormalizedName(name)
	})
	return root
}

// olderFlags are names that flags had before, still accepted.
var olderFlags = map[string]string{"batch": "batch-size", "out": "output", "outputs": "output"}

// run executes root and returns the process's exit code. Errors are one line on standard error; a
// wrong command line adds how to get help, never the whole usage.
func run(ctx context.Context, root *cobra.Command) int {
	root.SilenceErrors, root.SilenceUsage = true, true
	started := false
	markStart(root, &started)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	stderr := root.ErrOrStderr()
	var stopped *interruptedError
	switch {
	case errors.Is(err, errDifferent): // what differs has been printed
		return exitDifferent
	case errors.As(err, &stopped):
		fmt.Fprintln(stderr, "gokeras:", err)
		return exitInterrupted
	case started && interrupted(ctx, err):
		fmt.Fprintln(stderr, "gokeras: interrupted")
		return exitInterrupted
	case started:
		fmt.Fprintln(stderr, "gokeras:", err)
		if cmd.Name() == "diff" {
			return exitDiffError
		}
		return exitError
	}
	fmt.Fprintf(stderr, "gokeras: %v\nRun '%s --help' for usage.\n", err, cmd.CommandPath())
	return exitUsage
}

// interrupted reports whether err is the end of ctx.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// interruptedError is an interruption that has more to say than that it was one.
type interruptedError struct{ message string }

func (e *interruptedError) Error() string { return e.message }

// noSubcommand is the Args of a command with subcommands: anything left is a misspelt one.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("%q has no command %q (did you mean %q?)", cmd.CommandPath(), args[0], near[0])
	}
	return fmt.Errorf("%q has no command %q", cmd.CommandPath(), args[0])
}

// oneOf is the Args of a command that takes at most one argument, one of its ValidArgs.
func oneOf(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0 || len(args) == 1 && slices.Contains(cmd.ValidArgs, args[0]):
		return nil
	case len(args) > 1:
		return fmt.Errorf("%q takes one argument at most, not %d", cmd.CommandPath(), len(args))
	}
	return fmt.Errorf("%q can't take %q, only %s", cmd.CommandPath(), args[0], strings.Join(cmd.ValidArgs, " or "))
}

// markStart makes every command below cmd set started when its own work begins: what fails before is a mistake on the
// command line.
func markStart(cmd *cobra.Command, started *bool) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*started = true
			return work(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		markStart(sub, started)
	}
}
