package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/janpfeifer/must"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/plots"
)

// Exit codes.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 128 + int(syscall.SIGINT)
)

// notebook is what its cells share.
type notebook struct {
	options
	ctx    context.Context // ends with Ctrl-C
	stdout io.Writer
	stderr io.Writer

	xTrain, yTrain, xTest, yTest *tensors.Tensor
	checkpoint                   *callbacks.ModelCheckpointCallback
	results                      []result
}

// result is a row of the closing table.
type result struct {
	model        int
	architecture string
	train, test  float64 // accuracies
}

func main() { os.Exit(start(os.Args[1:], os.Stdout, os.Stderr)) }

// start runs the notebook and returns the process's exit code.
func start(args []string, stdout, stderr io.Writer) (code int) {
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once

	// A failed cell ends the notebook: must panics with its error, which is reported here.
	must.M = func(err error) {
		if err != nil {
			panic(failure{err})
		}
	}
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case failure:
			if ctx.Err() != nil {
				fmt.Fprintln(stderr, "functional_api: interrupted")
				code = exitInterrupted
				return
			}
			fmt.Fprintln(stderr, "functional_api:", failed.err)
			code = exitError
		default:
			panic(failed)
		}
	}()
	nb := &notebook{options: o, ctx: ctx, stdout: stdout, stderr: stderr}
	nb.run()
	return exitOK
}

// failure is what must panics with.
type failure struct{ err error }

// syntheticSamples trains the three models for two epochs within some minutes on two cores.
const syntheticSamples = 4000

// loadData loads the images as numbers from 0 to 1 and the classes as rows with a one at the class.
func (nb *notebook) loadData() {
	must.M(os.MkdirAll(nb.out, 0o777))
	if nb.seed != 0 {
		functional.SetRandomSeed(nb.seed)
	}
	var data *datasets.Data
	if nb.dataset == "synthetic" {
		if nb.samples == 0 {
			nb.samples = syntheticSamples
		}
		data = must.M1(datasets.Synthetic(nb.samples, max(nb.samples/5, 1), uint64(nb.seed)))
	} else {
		var err error
		data, err = datasets.CIFAR10(datasets.Options{Folder: nb.data, Progress: nb.stderr, Context: nb.ctx})
		if errors.Is(err, datasets.ErrNotFound) {
			err = fmt.Errorf("%w\nOr try the notebook without CIFAR-10: -dataset synthetic makes images of the same shape", err)
		}
		must.M(err)
		if nb.samples > 0 {
			data = must.M1(data.First(nb.samples, max(nb.samples/5, 1)))
		}
	}
	nb.xTrain, nb.xTest = must.M1(datasets.ToFloat32(data.XTrain, 255)), must.M1(datasets.ToFloat32(data.XTest, 255))
	nb.yTrain, nb.yTest = must.M1(datasets.ToCategorical(data.YTrain, 10)), must.M1(datasets.ToCategorical(data.YTest, 10))
	fmt.Fprintf(nb.stdout, "%d training and %d test images from %s\n\n",
		nb.xTrain.Shape().Dimensions[0], nb.xTest.Shape().Dimensions[0], data.Source)
}

// figure draws what there is of the history, after Ctrl-C too.
func (nb *notebook) figure(history *functional.History, name string) {
	if history == nil || len(history.History) == 0 {
		return
	}
	path := filepath.Join(nb.out, name)
	must.M(plots.History(history, path, plots.HistoryOptions{Notebook: true}))
	fmt.Fprintf(nb.stdout, "Figure of %d epochs: %s\n", len(history.Epoch), path)
}

// result keeps a row for the closing table.
func (nb *notebook) result(model int, history *functional.History, scores *functional.Scores, architecture string) {
	train, _ := history.Last("accuracy")
	test, _ := scores.Get("accuracy")
	nb.results = append(nb.results, result{model, strings.Join(strings.Fields(architecture), " "), train, test})
	fmt.Fprintln(nb.stdout)
}

// summaryOfResults prints the notebook's closing table. (1.4 Summary of results)
func (nb *notebook) summaryOfResults() {
	fmt.Fprintf(nb.stdout, `
The same hyperparameters were used for each training instance:
- epochs: %d
- batch size: %d
- learning rate: 0.001

`, nb.epochs, nb.batchSize)
	const width = 76
	row := func(cells ...any) {
		fmt.Fprintf(nb.stdout, "%-5s  %-*s  %-8s  %10s  %9s\n", slices.Insert(cells, 1, any(width))...)
	}
	line := func(n int) string { return strings.Repeat("-", n) }
	row("Model", "Architecture", "Callback", "Acc. train", "Acc. test")
	row(line(5), line(width), line(8), line(10), line(9))
	for _, r := range nb.results {
		lines := wrap(r.architecture, width)
		row(fmt.Sprint(r.model), lines[0], "yes", percent(r.train), percent(r.test))
		for _, rest := range lines[1:] {
			fmt.Fprintf(nb.stdout, "%-5s  %s\n", "", rest)
		}
	}
}

func percent(fraction float64) string { return fmt.Sprintf("%.2f%%", 100*fraction) }

// wrap breaks an architecture behind its arrows and semicolons into lines of at most width bytes, where that is possible.
func wrap(architecture string, width int) []string {
	parts := strings.SplitAfter(strings.ReplaceAll(architecture, "; ", ";-> "), "-> ")
	lines := []string{""}
	for _, part := range parts {
		part = strings.Replace(part, ";-> ", "; ", 1)
		if last := lines[len(lines)-1]; last != "" && len(last)+len(strings.TrimSpace(part)) > width {
			lines[len(lines)-1] = strings.TrimSpace(last)
			lines = append(lines, "")
		}
		lines[len(lines)-1] += part
	}
	return lines
}
