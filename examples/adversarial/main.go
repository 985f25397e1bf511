// Command adversarial trains a small network on MNIST's handwritten digits and deceives it: it adds to each image the sign of the gradient of the loss, times a small number
// (the fast gradient sign method of Goodfellow and others), and shows how far the accuracy falls and what such images look like.
//
//	go run ./examples/adversarial
//	go run ./examples/adversarial -samples 5000 -epochs 1 -output /tmp/adversarial.png
//
// The first takes about a minute on two cores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/plots"
)

const (
	side  = 28 // of an image
	drawn = 8  // images in each row of the figure
)

// epsilons are what a pixel, from 0 to 1, is changed by.
var epsilons = []float64{0, 0.05, 0.1, 0.15, 0.2, 0.3}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "adversarial:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("adversarial", flag.ContinueOnError)
	samples := flags.Int("samples", 20_000, "training images to use, 0 for all 60,000")
	epochs := flags.Int("epochs", 2, "passes over the images")
	data := flags.String("data", "", "folder of MNIST's files; the default finds or fetches them")
	output := flags.String("output", "adversarial.png", "the picture of adversarial images")
	if err := flags.Parse(args); err != nil {
		return err
	}
	x, y, xTest, yTest, err := digits(ctx, *data, *samples)
	if err != nil {
		return err
	}
	functional.SetRandomSeed(1)
	model, err := network()
	if err != nil {
		return err
	}
	if _, err := model.Fit(x, y, functional.Fit{BatchSize: 64, Epochs: *epochs, Output: stdout, Context: ctx}); err != nil {
		return err
	}
	attack, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{model}, TestStep: attackStep(model)})
	if err != nil {
		return err
	}
	scores, err := attack.Evaluate(xTest, yTest, functional.Evaluate{BatchSize: 200, Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	for _, epsilon := range epsilons {
		fmt.Fprintf(stdout, "epsilon %.2f: test accuracy %.2f %%\n", epsilon, 100*scores.Value(accuracyName(epsilon)))
	}
	return draw(model, attack, xTest, yTest, *output)
}

// digits are MNIST's images as float32 from 0 to 1, of shape (samples, 28, 28), and their labels.
func digits(ctx context.Context, folder string, samples int) (x, y, xTest, yTest *tensors.Tensor, err error) {
	d, err := datasets.MNIST(datasets.Options{Folder: folder, Context: ctx})
	if err == nil && samples > 0 {
		d, err = d.First(samples, min(samples, 10_000))
	}
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if x, err = datasets.ToFloat32(d.XTrain, 255); err != nil {
		return nil, nil, nil, nil, err
	}
	xTest, err = datasets.ToFloat32(d.XTest, 255)
	return x, d.YTrain, xTest, d.YTest, err
}

// network makes a network from images to how likely each class is, and compiles it.
func network() (*functional.Model, error) {
	m, err := functional.NewSequential(
		functional.Input(side, side),
		layers.Reshape(side, side, 1),
		layers.Conv2D(16, 3).Activation("relu"),
		layers.MaxPooling2D(2),
		layers.Conv2D(32, 3).Activation("relu"),
		layers.MaxPooling2D(2),
		layers.Flatten(),
		layers.Dense(10).Activation("softmax"),
	)
	if err != nil {
		return nil, err
	}
	return m, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}})
}

func accuracyName(epsilon float64) string { return fmt.Sprintf("accuracy_%.2f", epsilon) }

func adversarialName(epsilon float64) string { return fmt.Sprintf("images_%.2f", epsilon) }

// attackStep builds a step that changes a batch of images by each epsilon and measures the network on them. What it builds is compiled.
func attackStep(model *functional.Model) func(*functional.Step) {
	var accuracies []*metrics.SparseCategoricalAccuracyMetric
	for _, epsilon := range epsilons {
		accuracies = append(accuracies, metrics.SparseCategoricalAccuracy().Name(accuracyName(epsilon)))
	}
	return func(s *functional.Step) {
		x, labels := s.X(), s.Targets()[0]
		loss := s.Loss("sparse_categorical_crossentropy", labels, s.CallMulti(model, false, x)[0])
		direction := graph.Sign(graph.Gradient(loss, x)[0])
		for i, epsilon := range epsilons {
			changed := graph.ClipScalar(graph.Add(x, graph.MulScalar(direction, epsilon)), 0, 1)
			s.Metric(accuracies[i], labels, s.CallMulti(model, false, changed)[0])
			s.Output(adversarialName(epsilon), changed) // computed for draw alone
		}
	}
}

// draw writes the first images of the test data, a row for each epsilon, with what the network takes them for.
func draw(model *functional.Model, attack *functional.Trainer, xTest, yTest *tensors.Tensor, path string) error {
	x, y := firstRows[float32](xTest, drawn), firstRows[uint8](yTest, drawn)
	scores, err := attack.TestOnBatch(x, y)
	if err != nil {
		return err
	}
	var images [][][]float32
	var labels []string
	for _, epsilon := range epsilons {
		changed := scores.Outputs[adversarialName(epsilon)]
		likely, err := model.PredictOnBatch(changed)
		if err != nil {
			return err
		}
		for _, p := range likely[0].Value().([][]float32) {
			best := 0
			for class := range p {
				if p[class] > p[best] {
					best = class
				}
			}
			labels = append(labels, fmt.Sprintf("%d (%.0f %%)", best, 100*p[best]))
		}
		images = append(images, changed.Value().([][][]float32)...)
	}
	return plots.Images(images, path, plots.ImagesOptions{Labels: labels, Columns: drawn})
}

// firstRows copies the first rows of a tensor.
func firstRows[T float32 | uint8](t *tensors.Tensor, n int) *tensors.Tensor {
	dims := append([]int{n}, t.Shape().Dimensions[1:]...)
	size := t.Size() / t.Shape().Dimensions[0] * n
	return tensors.FromFlatDataAndDimensions(tensors.MustCopyFlatData[T](t)[:size], dims...)
}
