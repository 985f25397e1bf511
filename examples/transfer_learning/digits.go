package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
)

// options are the flags.
type options struct {
	digits, pairs int
	epochs        int
	seed          int64
	data, out     string
}

// errUsage stands for a wrong command line that has been explained already.
var errUsage = errors.New("wrong command line")

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("transfer_learning", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.digits, "digits", 10000, "`number` of images that the first network learns digits from")
	flags.IntVar(&o.pairs, "pairs", 100, "`number` of images that odd and even are learned from")
	flags.IntVar(&o.epochs, "epochs", 3, "`number` of epochs of the first network")
	flags.Int64Var(&o.seed, "seed", 1, "`number` that makes the run repeatable")
	flags.StringVar(&o.data, "data", "", "`folder` with MNIST's files (default Keras's cache, then a download)")
	flags.StringVar(&o.out, "out", filepath.Join(os.TempDir(), "gokeras-transfer-learning"), "`folder` for the pictures")
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
	case o.digits < 10:
		return complain("-digits is %d, want at least 10", o.digits)
	case o.pairs < 10:
		return complain("-pairs is %d, want at least 10", o.pairs)
	case o.epochs < 1:
		return complain("-epochs is %d, want a positive number", o.epochs)
	}
	return o, os.MkdirAll(o.out, 0o777)
}

// digitData are images of shape (samples, 28, 28, 1) with pixels from 0 to 1. The first network has xDigits and the digits on them; of xFew and of the test images it is known
// whether they are odd. The few lie behind the others in the training set, as far as there are enough.
type digitData struct{ xDigits, yDigits, xFew, yFew, xTest, yTest, digitsTest *tensors.Tensor }

// testImages is how many images accuracy is measured on.
const testImages = 2000

func loadDigits(ctx context.Context, o options, stderr io.Writer) (*digitData, error) {
	all, err := datasets.MNIST(datasets.Options{Folder: o.data, Progress: stderr, Context: ctx})
	if err != nil {
		return nil, err
	}
	data, err := all.First(o.digits+o.pairs, testImages)
	if err != nil {
		return nil, err
	}
	labels := data.YTrain.Value().([]uint8)
	few := len(labels) - o.pairs
	if few < 10 {
		return nil, fmt.Errorf("the training set has %d images, too few for -pairs %d", len(labels), o.pairs)
	}
	d := &digitData{digitsTest: data.YTest}
	d.yDigits = tensors.FromFlatDataAndDimensions(labels[:few], few)
	d.yFew = oddOf(labels[few:])
	d.yTest = oddOf(data.YTest.Value().([]uint8))
	var errs [3]error
	d.xDigits, errs[0] = pixels(data.XTrain, 0, few)
	d.xFew, errs[1] = pixels(data.XTrain, few, len(labels))
	d.xTest, errs[2] = pixels(data.XTest, 0, data.XTest.Shape().Dimensions[0])
	return d, errors.Join(errs[:]...)
}

// oddOf says 1 of an odd digit and 0 of an even one, in shape (samples, 1).
func oddOf(digits []uint8) *tensors.Tensor {
	odd := make([]float32, len(digits))
	for i, d := range digits {
		odd[i] = float32(d % 2)
	}
	return tensors.FromFlatDataAndDimensions(odd, len(odd), 1)
}

// pixels brings some of the images to the range from 0 to 1 and adds the axis of their one channel.
func pixels(images *tensors.Tensor, from, to int) (*tensors.Tensor, error) {
	dims := images.Shape().Dimensions
	size := dims[1] * dims[2]
	var out []float32
	err := tensors.ConstFlatData(images, func(flat []uint8) {
		for _, pixel := range flat[from*size : to*size] {
			out = append(out, float32(pixel)/255)
		}
	})
	return tensors.FromFlatDataAndDimensions(out, to-from, dims[1], dims[2], 1), err
}

// firstImages returns the first of the images, or as many as there are.
func firstImages(images *tensors.Tensor, n int) (*tensors.Tensor, error) {
	return datasets.First(images, n)
}
