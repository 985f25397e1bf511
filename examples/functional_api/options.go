package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// options are the flags.
type options struct {
	dataset        string // cifar10 or synthetic
	data           string // folder or archive with CIFAR-10; "" is Keras's cache, then the network
	samples        int    // training samples, 0 for the default of the dataset
	models         map[int]bool
	epochs         int
	batchSize      int
	seed           int64
	checkpointPath string
	out            string // folder of the figures
}

// errUsage stands for a wrong command line that flag has already explained.
var errUsage = errors.New("wrong command line")

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	var models string
	flags := flag.NewFlagSet("functional_api", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.dataset, "dataset", "cifar10", "`name` of the data: cifar10, or synthetic, which needs no file")
	flags.StringVar(&o.data, "data", "", "`folder` or archive with CIFAR-10 (default Keras's cache, then a download)")
	flags.IntVar(&o.samples, "samples", 0, "train on the first `N` samples and test on N/5 (default all of CIFAR-10, 4000 synthetic ones)")
	flags.StringVar(&models, "models", "1,2,3", "`list` of models to train")
	flags.IntVar(&o.epochs, "epochs", 10, "`number` of epochs for each model")
	flags.IntVar(&o.batchSize, "batch", 64, "`samples` in a batch")
	flags.Int64Var(&o.seed, "seed", 0, "`number` that makes a run repeatable; 0 starts differently each time")
	flags.StringVar(&o.checkpointPath, "checkpoint", filepath.Join(os.TempDir(), "checkpoint"), "`file` for the best model")
	flags.StringVar(&o.out, "out", filepath.Join(os.TempDir(), "functional_api"), "`folder` for the figures")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage
	}
	complain := func(format string, values ...any) (options, error) {
		fmt.Fprintf(stderr, format+"\nRun with -help for usage.\n", values...)
		return o, errUsage
	}
	o.models = map[int]bool{}
	for _, field := range strings.Split(models, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < 1 || n > 3 {
			return complain("-models is %q, want numbers from 1 to 3 with commas between them", models)
		}
		o.models[n] = true
	}
	switch {
	case flags.NArg() > 0:
		return complain("unexpected argument %q", flags.Arg(0))
	case o.dataset != "cifar10" && o.dataset != "synthetic":
		return complain("-dataset is %q, want cifar10 or synthetic", o.dataset)
	case o.dataset == "synthetic" && o.data != "":
		return complain("-data says where CIFAR-10 is, and -dataset synthetic needs no files: give one of them")
	case o.samples < 0 || o.samples == 1:
		return complain("-samples is %d, want at least 2, of which one validates", o.samples)
	case o.epochs < 1 || o.batchSize < 1:
		return complain("-epochs is %d and -batch %d, want positive numbers", o.epochs, o.batchSize)
	}
	return o, nil
}
