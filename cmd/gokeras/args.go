package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// files is the Args of a command that takes one file for each of what.
func files(what ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(what) {
			return nil
		}
		noun := "files"
		if len(what) == 1 {
			noun = "file"
		}
		return fmt.Errorf("%q takes %d %s (%s), and %d were given", cmd.CommandPath(), len(what), noun, strings.Join(what, ", "), len(args))
	}
}

// completeFiles completes the first n arguments with files.
func completeFiles(n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) < n {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeNames completes a flag with names, after the last comma.
func completeNames(names func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		var out []cobra.Completion
		for _, name := range names() {
			out = append(out, before+name)
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// must is for registrations that fail only if a flag's name is misspelt here.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// jsonFlag adds --json.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print JSON for programs")
}

// quietFlag adds --quiet.
func quietFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().BoolP("quiet", "q", false, "show no progress")
}

// batchSizeFlag adds --batch-size.
func batchSizeFlag(cmd *cobra.Command, normally int) *int {
	return cmd.Flags().IntP("batch-size", "b", normally, "samples computed at once")
}

// dataFlag adds a flag that names a file with arrays.
func dataFlag(cmd *cobra.Command, name, usage string) *string {
	value := cmd.Flags().String(name, "", usage)
	must(cmd.MarkFlagFilename(name, "npz", "csv", "json"))
	return value
}

// positive checks flags of whole numbers.
func positive(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		n, err := cmd.Flags().GetInt(name)
		if err != nil {
			return err
		}
		if n < 1 {
			return fmt.Errorf("--%s is %d, want 1 or more", name, n)
		}
	}
	return nil
}

// checkTarget finds out, before long work, that a file can't be written to path. flag is what asked for it.
func checkTarget(flag, path string) error {
	fail := func(err error) error { return fmt.Errorf("%s %s: %w", flag, path, err) }
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fail(errors.New("it is a folder, want the name of a file"))
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fail(fmt.Errorf("the folder %s does not exist: make it first", folder))
	case err != nil:
		return fail(err)
	case !info.IsDir():
		return fail(fmt.Errorf("%s is not a folder", folder))
	}
	probe, err := os.CreateTemp(folder, ".gokeras-*")
	if err != nil {
		return fail(fmt.Errorf("nothing can be written there: %w", err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// readBounded reads a whole file of so many bytes at most; more are an error that ends in advice.
func readBounded(path string, most int, advice string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(raw) > most {
		err = fmt.Errorf("%s: it has more than %d bytes%s", path, most, advice)
	}
	if err != nil {
		return nil, err
	}
	return raw, nil
}
