package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gokeras/gokeras/port"
)

func newPortCommand() *cobra.Command {
	var out, replace, module, library, interpreter string
	var asJSON, check, notebook bool
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "port NOTEBOOK.ipynb|SCRIPT.py",
		Short: "Make a Go program of a Keras notebook or script",
		Long: `port reads a notebook or a Python script and writes a Go program: main.go with a
function for each section, helpers.go, go.mod, and port-report.md, which says of
each statement whether it was translated, approximated (and what differs) or
left (and why). What is left stands in the program as a comment; the rest
builds. Nothing of the notebook is executed.

With --prove the tables of model.summary that the notebook has among its saved
outputs are compared with those of the program's models, which are built and run.
With --prove --python PYTHON the notebook itself runs as well, in a process of
that Python, which has Keras 3: ITS CODE IS EXECUTED, in a copy of its folder.
Data sets are made up, and each fit is one epoch of at most ten batches. Compared
are the variables at the end of each cell, and of each model its configuration,
its predictions with the same weights, one gradient step, five training steps.

Exit codes: 0 everything is translated (and proven), 1 something is left, or an
error, or the proof doesn't hold.`,
		Example: `  gokeras port mnist.ipynb -o mnist --replace ../gokeras`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			read := port.ReadNotebook
			if strings.EqualFold(filepath.Ext(args[0]), ".py") {
				read = port.ReadScript
			}
			nb, err := read(raw)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			base := filepath.Base(args[0])
			if out == "" {
				out = strings.TrimSuffix(args[0], filepath.Ext(args[0])) + "_go"
			}
			program, err := port.Translate(nb, port.Options{Name: base, Folder: filepath.Dir(args[0]), Module: module, Replace: replace, Package: library, Notebook: notebook})
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := program.Write(out); err != nil {
				return err
			}
			if check && (library != "" || notebook) {
				return errors.New("--prove runs a program, and neither --package nor --notebook makes one")
			}
			if interpreter != "" && !check {
				return errors.New("--python is for --prove")
			}
			if check {
				prove := func() (*port.Proof, error) { return port.Prove(cmd.Context(), nb, out) }
				if interpreter != "" {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s executes the code of %s\n", interpreter, args[0])
					prove = func() (*port.Proof, error) {
						return port.ProvePython(cmd.Context(), nb, port.Options{Name: base, Folder: filepath.Dir(args[0]), Replace: replace}, port.Python{Command: interpreter, Folder: filepath.Dir(args[0]), Limit: limit})
					}
				}
				proof, err := prove()
				if err != nil {
					return err
				}
				fmt.Fprint(cmd.OutOrStdout(), proof.String())
				if !proof.Holds() {
					return errDifferent
				}
			}
			r := program.Report
			if asJSON {
				text, err := r.JSON()
				if err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), string(json.RawMessage(text)))
			} else {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d statements: %d translated, %d approximated, %d left\n", out, len(r.Items),
					r.Count(port.Translated), r.Count(port.Approximated), r.Count(port.Left))
			}
			if !r.Whole() {
				return errors.New("not everything is translated: see " + filepath.Join(out, "port-report.md"))
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "the folder to write (default: the file's name with _go)")
	cmd.Flags().StringVar(&replace, "replace", "", "the checkout of gokeras for the program's go.mod, instead of a released version")
	cmd.Flags().StringVar(&module, "module", "", `the program's module path (default "ported")`)
	cmd.Flags().StringVar(&library, "package", "", "make a library of this name, whose Run does what the notebook does, instead of a program")
	cmd.Flags().BoolVar(&notebook, "notebook", false, "make a Go notebook for the kernel GoNB, notebook.ipynb, instead of a program")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&check, "prove", false, "build and run the program on synthetic data, and compare with the notebook's saved outputs")
	cmd.Flags().StringVar(&interpreter, "python", "", "with --prove: a Python with Keras 3, which executes the notebook to compare with")
	cmd.Flags().DurationVar(&limit, "limit", 0, "with --python: the most time for Python, and for the program (default 20m)")
	return cmd
}
