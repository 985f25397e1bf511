package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
)

// options are the flags.
type options struct {
	samples int
	epochs  int
	seed    int64
	data    string
	out     string
}

// errUsage stands for a wrong command line that has been explained already.
var errUsage = errors.New("wrong command line")

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.samples, "samples", 0, "train on the first `N` images and test on as many (default all)")
	flags.IntVar(&o.epochs, "epochs", 3, "`number` of epochs")
	flags.Int64Var(&o.seed, "seed", 1, "`number` that makes the run repeatable")
	flags.StringVar(&o.data, "data", "", "`folder` with MNIST's files (default Keras's cache, then a download)")
	flags.StringVar(&o.out, "out", filepath.Join(os.TempDir(), "gokeras-quickstart"), "`folder` for the model and the pictures")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage
	}
	complain := func(format string, value any) (options, error) {
		fmt.Fprintf(stderr, format+"\nRun with -help for usage.\n", value)
		return o, errUsage
	}
	switch {
	case flags.NArg() > 0:
		return complain("unexpected argument %q", flags.Arg(0))
	case o.samples < 0 || o.samples > 0 && o.samples < 10:
		return complain("-samples is %d, want at least 10, a tenth of which validates", o.samples)
	case o.epochs < 1:
		return complain("-epochs is %d, want a positive number", o.epochs)
	}
	return o, os.MkdirAll(o.out, 0o777)
}

// hint warns of a run that would take hours.
func hint(ctx context.Context, o options, stderr io.Writer) {
	if _, err := backend.DefaultContext(ctx); err != nil {
		return // Fit says what is wrong with the engine
	}
	if engine, ok := backend.Current(); !ok || engine.Name != "go" || o.samples > 0 {
		return
	}
	fmt.Fprintln(stderr, "quickstart: the pure-Go engine is slow on all the images: try -samples 2000 -epochs 1, about a minute")
}

// digits is MNIST: images of shape (samples, 28, 28, 1) with pixels from 0 to 1, and the digits on them.
type digits struct{ xTrain, yTrain, xTest, yTest *tensors.Tensor }

func loadDigits(ctx context.Context, o options, stderr io.Writer) (*digits, error) {
	data, err := datasets.MNIST(datasets.Options{Folder: o.data, Progress: stderr, Context: ctx})
	if err != nil {
		return nil, err
	}
	if o.samples > 0 {
		if data, err = data.First(o.samples, o.samples); err != nil {
			return nil, err
		}
	}
	d := &digits{yTrain: data.YTrain, yTest: data.YTest}
	var errTrain, errTest error
	d.xTrain, errTrain = pixels(data.XTrain)
	d.xTest, errTest = pixels(data.XTest)
	return d, errors.Join(errTrain, errTest)
}

// pixels brings images to the range from 0 to 1 and adds the axis of their one channel.
func pixels(images *tensors.Tensor) (*tensors.Tensor, error) {
	x, err := datasets.ToFloat32(images, 255)
	if err != nil {
		return nil, err
	}
	dims := append(x.Shape().Dimensions, 1)
	var out *tensors.Tensor
	err = tensors.ConstFlatData(x, func(flat []float32) {
		out = tensors.FromFlatDataAndDimensions(flat, dims...)
	})
	return out, err
}

// shown is how many test images are printed.
const shown = 5

// showPredictions prints the first test images beside what the model takes them for.
func showPredictions(ctx context.Context, model *functional.Model, d *digits, stdout io.Writer) error {
	x, err := datasets.First(d.xTest, shown)
	if err != nil {
		return err
	}
	probabilities, err := model.Predict(x, functional.Predict{Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	images := x.Value().([][][][]float32)
	labels := d.yTest.Value().([]uint8)
	for row := 2; row < 26; row += 2 { // a character is twice as high as wide
		for _, image := range images {
			for column := range 28 {
				fmt.Fprint(stdout, shade((image[row][column][0]+image[row+1][column][0])/2))
			}
		}
		fmt.Fprintln(stdout)
	}
	rows, err := functional.As[[][]float32](probabilities)
	if err != nil {
		return err
	}
	for i, p := range rows {
		best := 0
		for class := range p {
			if p[class] > p[best] {
				best = class
			}
		}
		text := fmt.Sprintf("%d (%.1f %%), is %d", best, 100*p[best], labels[i])
		fmt.Fprint(stdout, strings.Repeat(" ", max((28-len(text))/2, 0))+text+strings.Repeat(" ", max((29-len(text))/2, 0)))
	}
	fmt.Fprintln(stdout)
	return nil
}

// shade is a character as dark as the pixel, from 0 to 1.
func shade(pixel float32) string {
	const shades = " .:-=+*#%@"
	return string(shades[int(min(max(pixel, 0), 1)*float32(len(shades)-1))])
}
