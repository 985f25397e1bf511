// Command transfer_learning teaches a network that knows MNIST's digits another task, odd or even, from a hundred images: its layers are
// frozen below a new head, then the last of them are fine-tuned. It compares that with a network that starts from nothing on the same
// images. Before, it draws what the first network takes for what, and where it looks.
//
//	go run ./examples/transfer_learning
//	GOKERAS_BACKEND=go go run ./examples/transfer_learning -digits 2000
//
// Everything is trained here, in a minute or so on two cores. docs/transfer-learning.md does the same with a published network of Keras's.
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

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/applications"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/plots"
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
		fmt.Fprintln(os.Stderr, "transfer_learning: interrupted")
		os.Exit(128 + int(syscall.SIGINT))
	default:
		fmt.Fprintln(os.Stderr, "transfer_learning:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	functional.SetRandomSeed(o.seed)
	data, err := loadDigits(ctx, o, stderr)
	if err != nil {
		return err
	}

	// A network that tells ten digits apart. Its base is what a published network without its top would be.
	base, err := newBase("base")
	if err != nil {
		return err
	}
	image := functional.Input(28, 28, 1)
	digits, err := functional.NewModel(image, layers.Dense(10).Activation("softmax").Apply(base.Apply(image)))
	if err != nil {
		return err
	}
	if err := digits.Compile(functional.Compile{Loss: "sparse_categorical_crossentropy", Optimizer: "adam", Metrics: []any{"accuracy"}}); err != nil {
		return err
	}
	if _, err := digits.Fit(data.xDigits, data.yDigits, functional.Fit{Epochs: o.epochs, BatchSize: 64, Context: ctx, Output: stdout}); err != nil {
		return err
	}

	if err := draw(ctx, digits, base, data, o.out, stdout); err != nil {
		return err
	}

	// Its base frozen, below a new head. Called with training=False, which is honoured, its normalization stays as it is also when it is thawed.
	base.Trainable(false)
	head := functional.Input(28, 28, 1)
	x := base.ApplyWith(map[string]any{"training": false}, head)[0]
	x = layers.Dropout(0.2).Apply(x)
	odd, err := functional.NewModel(head, layers.Dense(1).Activation("sigmoid").Apply(x))
	if err != nil {
		return err
	}
	odd.HonourTraining(true)
	fit := func(m *functional.Model, rate float64, epochs int) (accuracy float64, err error) {
		if err := m.Compile(functional.Compile{Loss: "binary_crossentropy", Optimizer: optimizers.Adam(rate), Metrics: []any{"accuracy"}}); err != nil {
			return 0, err
		}
		if _, err := m.Fit(data.xFew, data.yFew, functional.Fit{Epochs: epochs, BatchSize: 32, Verbose: functional.Silent, Context: ctx}); err != nil {
			return 0, err
		}
		scores, err := m.Evaluate(data.xTest, data.yTest, functional.Evaluate{Verbose: functional.Silent, Context: ctx})
		if err != nil {
			return 0, err
		}
		return 100 * scores.Map()["accuracy"], nil
	}
	frozen, err := fit(odd, 1e-2, 20)
	if err != nil {
		return err
	}

	// The last layers thawed, and a small learning rate. Compile says so to the optimizer.
	base.Trainable(true)
	all := base.Layers()
	for _, l := range all[:len(all)-4] {
		l.Base().SetTrainable(false)
	}
	tuned, err := fit(odd, 1e-3, 20)
	if err != nil {
		return err
	}

	// The same network on the same images, without what the other has learned.
	fresh, err := newBase("fresh")
	if err != nil {
		return err
	}
	again := functional.Input(28, 28, 1)
	scratch, err := functional.NewModel(again, layers.Dense(1).Activation("sigmoid").Apply(fresh.Apply(again)))
	if err != nil {
		return err
	}
	alone, err := fit(scratch, 1e-3, 40)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Odd or even, from %d images, accuracy on the test images:\n", o.pairs)
	fmt.Fprintf(stdout, "  frozen base, new head: %.1f %%\n  fine-tuned:            %.1f %%\n  from nothing:          %.1f %%\n", frozen, tuned, alone)
	return nil
}

// newBase is a small convolutional network that makes 64 features of a digit.
func newBase(name string) (*functional.Model, error) {
	image := functional.Input(28, 28, 1)
	x := layers.Conv2D(16, 3).Activation("relu").Apply(image)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.BatchNormalization().Apply(x)
	x = layers.Conv2D(32, 3).Activation("relu").Padding("same").Apply(x)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.Conv2D(64, 3).Activation("relu").Padding("same").Name(name + "_last").Apply(x)
	m, err := functional.NewModel(image, layers.GlobalAveragePooling2D().Apply(x))
	if err != nil {
		return nil, err
	}
	return m.Named(name), nil
}

// draw writes pictures: some test images with what the digits' network takes them for, which digits it takes for which, and where it looks.
func draw(ctx context.Context, digits, base *functional.Model, data *digitData, out string, stdout io.Writer) error {
	scores, err := digits.Predict(data.xTest, functional.Predict{Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	matrix, grid, looks := filepath.Join(out, "confusion.png"), filepath.Join(out, "digits.png"), filepath.Join(out, "gradcam.png")
	if err := plots.ConfusionMatrix(data.digitsTest, scores, matrix); err != nil {
		return err
	}
	images, err := firstImages(data.xTest, shown)
	if err != nil {
		return err
	}
	if err := plots.Images(images, grid, plots.ImagesOptions{Labels: taken(scores)}); err != nil {
		return err
	}

	// Grad-CAM looks at a layer of the model itself, so the base's graph and the head's layer make one model.
	inside := base.Inputs()[0]
	flat, err := functional.NewModel(inside, digits.Layers()[2].Base().Apply(base.Outputs()[0]))
	if err != nil {
		return err
	}
	cam, err := applications.GradCAM(flat, applications.GradCAMOptions{Layer: "base_last"})
	if err != nil {
		return err
	}
	maps, err := cam.Predict(images, functional.Predict{Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	if err := plots.Heatmap(images.Value().([][][][]float32)[0], maps.Value().([][][]float32)[0], looks); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nWhat is taken for what:  %s\nSome digits:             %s\nWhere the network looks: %s\n\n", matrix, grid, looks)
	return nil
}

// shown is how many test images are drawn.
const shown = 10

// taken says what each of the first images is taken for.
func taken(scores *tensors.Tensor) []string {
	var labels []string
	for _, row := range scores.Value().([][]float32)[:shown] {
		best := 0
		for class := range row {
			if row[class] > row[best] {
				best = class
			}
		}
		labels = append(labels, fmt.Sprintf("%d (%.0f %%)", best, 100*row[best]))
	}
	return labels
}
