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
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // the command failed or was interrupted
	exitUsage = 2 // the command line is wrong
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

Exit codes: 0 success, 1 the command failed or was interrupted, 2 the command
line is wrong.`,
		Example: `  gokeras backend
  gokeras backend install
  GOKERAS_BACKEND=go gokeras backend --json`,
		Args:    noSubcommand,
		Version: readVersion().Version,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	root.AddCommand(
		newBackendCommand(),
		newVersionCommand(),
	)
	return root
}

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
	switch {
	case started && ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		fmt.Fprintln(stderr, "gokeras: interrupted")
		return exitError
	case started:
		fmt.Fprintln(stderr, "gokeras:", err)
		return exitError
	}
	fmt.Fprintf(stderr, "gokeras: %v\nRun '%s --help' for usage.\n", err, cmd.CommandPath())
	return exitUsage
}

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
