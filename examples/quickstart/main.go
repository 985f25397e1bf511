// Command quickstart trains a small convolutional network with two paths on the handwritten digits of MNIST, and
// shows what a program made with gokeras looks like: a model made with the functional
// API, its summary, training with a checkpoint of the best epoch, evaluation, a picture of the
// history, and predictions of the model loaded from the file.
//
//	go run ./examples/quickstart
//	GOKERAS_BACKEND=go go run ./examples/quickstart -samples 2000 -epochs 1
//
// The first takes some minutes on two cores and reaches about 99 % on the test images; the second runs on the pure-Go engine,
// which needs nothing installed and is slow.
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
	"syscall"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/plots"
	"github.com/gokeras/gokeras/saving"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "quickstart: interrupted")
		os.Exit(128 + int(syscall.SIGINT))
	default:
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	hint(ctx, o, stderr)
	functional.SetRandomSeed(o.seed)
	data, err := loadDigits(ctx, o, stderr)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d training and %d test images\n\n", data.xTrain.Shape().Dimensions[0], data.xTest.Shape().Dimensions[0])

	// The model: two ways of looking at a digit, coarse and fine, joined before the decision.
	image := functional.Input(28, 28, 1)

	coarse := layers.Conv2D(8, 5).Activation("relu").Padding("same").Apply(image)
	coarse = layers.MaxPooling2D(2).Apply(coarse)

	fine := layers.Conv2D(8, 3).Activation("relu").Padding("same").Apply(image)
	fine = layers.MaxPooling2D(2).Apply(fine)

	x := layers.Concatenate().Apply(coarse, fine)
	x = layers.Conv2D(32, 3).Activation("relu").Apply(x)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.Flatten().Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	x = layers.Dense(64).Activation("relu").Apply(x)
	digit := layers.Dense(10).Activation("softmax").Apply(x)

	model, err := functional.NewModel(image, digit)
	if err != nil {
		return err
	}
	if err := model.Summary(stdout); err != nil {
		return err
	}

	// Training: Adam, and the weights of the best epoch kept in a file.
	err = model.Compile(functional.Compile{
		Optimizer: optimizers.Adam(), Loss: "sparse_categorical_crossentropy", Metrics: []any{"accuracy"}})
	if err != nil {
		return err
	}
	bestPath := filepath.Join(o.out, "digits.keras")
	checkpoint := callbacks.ModelCheckpoint(bestPath).Monitor("val_accuracy").Mode("max").SaveBestOnly(true).Verbose(callbacks.Bar)
	history, err := model.Fit(data.xTrain, data.yTrain, functional.Fit{
		Epochs: o.epochs, BatchSize: 64, ValidationSplit: 0.1, Callbacks: []callbacks.Callback{checkpoint},
		Context: ctx, Output: stdout})
	if err != nil {
		return err
	}

	// The test images, which training never saw.
	scores, err := model.Evaluate(data.xTest, data.yTest, functional.Evaluate{Context: ctx, Output: stdout})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Test loss: %.4f\nTest accuracy: %.2f %%\n\n", scores.Loss(), 100*scores.Map()["accuracy"])

	historyPath, graphPath := filepath.Join(o.out, "history.png"), filepath.Join(o.out, "model.png")
	if err := plots.History(history, historyPath); err != nil {
		return err
	}
	if err := plots.Model(model, graphPath, plots.ModelOptions{ShowShapes: true, ShowLayerNames: true}); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Best model:    %s\nHistory:       %s\nModel's graph: %s\n\n", bestPath, historyPath, graphPath)

	// The file is all that another program needs, in Go or in Python.
	best, err := saving.LoadModel(bestPath)
	if err != nil {
		return err
	}
	return showPredictions(ctx, best, data, stdout)
}
