// Command distillation lets a small network learn MNIST's handwritten digits from a large one, by a step of its own: it learns the labels, and
// how sure the large network is of each class. Beside it, an equal one learns from the labels alone.
//
//	go run ./examples/distillation
//	go run ./examples/distillation -samples 5000 -epochs 2
//
// The first takes some minutes on two cores.
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
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/optimizers"
)

const (
	side        = 28  // of an image
	temperature = 3   // the higher, the softer the large network's answers
	labelsCount = 0.1 // what the labels count in the loss; the rest is the large network's
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "distillation:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("distillation", flag.ContinueOnError)
	samples := flags.Int("samples", 0, "training images to use, 0 for all 60,000")
	epochs := flags.Int("epochs", 3, "passes over the images")
	data := flags.String("data", "", "folder of MNIST's files; the default finds or fetches them")
	if err := flags.Parse(args); err != nil {
		return err
	}
	x, y, xTest, yTest, err := digits(ctx, *data, *samples)
	if err != nil {
		return err
	}
	functional.SetRandomSeed(1)
	fit := functional.Fit{BatchSize: 64, Epochs: *epochs, Output: stdout, Context: ctx}
	teacher, err := network("teacher", 32)
	if err != nil {
		return err
	}
	student, err := network("student", 4)
	if err != nil {
		return err
	}
	alone, err := network("alone", 4)
	if err != nil {
		return err
	}
	weights, err := student.GetWeights() // both begin with the same
	if err != nil {
		return err
	}
	if err := alone.SetWeights(weights); err != nil {
		return err
	}
	for _, m := range []*functional.Model{teacher, alone} {
		fmt.Fprintf(stdout, "%s, from the labels:\n", m.Name())
		if _, err := m.Fit(x, y, fit); err != nil {
			return err
		}
	}
	trainer, err := functional.NewTrainer(functional.TrainerOptions{
		Models:    []*functional.Model{student, teacher},
		TrainStep: trainStep(student, teacher),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s, from the teacher:\n", student.Name())
	if _, err := trainer.Fit(x, y, fit); err != nil {
		return err
	}
	for _, m := range []*functional.Model{teacher, student, alone} {
		scores, err := m.Evaluate(xTest, yTest, functional.Evaluate{Verbose: functional.Silent, Context: ctx})
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%-7s of %d parameters: test accuracy %.2f %%\n", m.Name(), m.CountParams(), 100*scores.Value("accuracy"))
	}
	return nil
}

// digits are MNIST's images as float32 from 0 to 1, of shape (samples, 28, 28, 1), and their labels.
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

// network makes a network from images to how likely each class is, as logits, and compiles it.
func network(name string, filters int) (*functional.Model, error) {
	m, err := functional.NewSequential(
		functional.Input(side, side),
		layers.Reshape(side, side, 1),
		layers.Conv2D(filters, 3).Strides(2).Padding("same"),
		layers.LeakyReLU().NegativeSlope(0.2),
		layers.MaxPooling2D(2).Strides(1).Padding("same"),
		layers.Conv2D(2*filters, 3).Strides(2).Padding("same"),
		layers.Flatten(),
		layers.Dense(10),
	)
	if err != nil {
		return nil, err
	}
	return m.Named(name), m.Compile(functional.Compile{
		Optimizer: "adam",
		Loss:      losses.SparseCategoricalCrossentropy().FromLogits(true),
		Metrics:   []string{"accuracy"},
	})
}

// trainStep builds a step of the student: it is called once, and what it builds is compiled.
func trainStep(student, teacher *functional.Model) func(*functional.Step) {
	adam := optimizers.Adam()
	crossentropy := losses.SparseCategoricalCrossentropy().FromLogits(true)
	soften := func(logits *graph.Node) *graph.Node { return graph.Softmax(graph.DivScalar(logits, temperature), -1) }
	return func(s *functional.Step) {
		answers := s.CallMulti(teacher, false, s.X())[0] // as the teacher predicts; its weights stay
		logits := s.Call(student, s.X())

		studentLoss := s.Loss(crossentropy, s.Targets()[0], logits)
		// Softer answers have smaller gradients, by the square of the temperature.
		distillationLoss := graph.MulScalar(s.Loss("kl_divergence", soften(answers), soften(logits)), temperature*temperature)
		loss := graph.Add(graph.MulScalar(studentLoss, labelsCount), graph.MulScalar(distillationLoss, 1-labelsCount))
		s.Minimize(loss, adam, student)
		s.Report("loss", loss)
		s.Report("distillation_loss", distillationLoss)
	}
}
