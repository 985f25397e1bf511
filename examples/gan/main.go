// Command gan trains a generative adversarial network on the handwritten digits of MNIST by a step of its own: a discriminator
// learns to tell the generator's digits from real ones, and the generator to deceive it, both in one compiled program. After every
// epoch it draws what the generator makes of the same noise.
//
//	go run ./examples/gan
//	go run ./examples/gan -samples 2000 -epochs 2 -output /tmp/digits.png
//
// The first takes some minutes on two cores; digits are readable after a few epochs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/optimizers"
)

const (
	side   = 28 // of an image
	latent = 64 // numbers of noise that a digit is made of
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "gan:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("gan", flag.ContinueOnError)
	samples := flags.Int("samples", 0, "training images to use, 0 for all 60,000")
	epochs := flags.Int("epochs", 15, "passes over the images")
	data := flags.String("data", "", "folder of MNIST's files; the default finds or fetches them")
	output := flags.String("output", "digits.png", "the picture of generated digits")
	if err := flags.Parse(args); err != nil {
		return err
	}
	images, err := loadImages(ctx, *data, *samples)
	if err != nil {
		return err
	}
	functional.SetRandomSeed(1)
	generator, discriminator, err := networks()
	if err != nil {
		return err
	}
	trainer, err := functional.NewTrainer(functional.TrainerOptions{
		Models:    []*functional.Model{generator, discriminator},
		TrainStep: trainStep(generator, discriminator),
	})
	if err != nil {
		return err
	}
	noise := fixedNoise(100)
	draw := &callbacks.LambdaCallback{EpochEnd: func(int, *callbacks.Logs) error { return drawDigits(generator, noise, *output) }}
	history, err := trainer.Fit(images, nil, functional.Fit{BatchSize: 128, Epochs: *epochs,
		Callbacks: []callbacks.Callback{draw}, Output: stdout, Context: ctx})
	if err != nil {
		return err
	}
	last := len(history.Epoch) - 1
	fmt.Fprintf(stdout, "The generator's loss is %.3f, the discriminator's %.3f; the digits are in %s.\n",
		history.History["g_loss"][last], history.History["d_loss"][last], *output)
	return generator.Save(*output + ".keras")
}

// networks makes the generator, from noise to images, and the discriminator, from images to one number that is above 0 for those it takes for generated.
func networks() (generator, discriminator *functional.Model, err error) {
	generator, err = functional.NewSequential(
		functional.Input(latent),
		layers.Dense(256), layers.LeakyReLU().NegativeSlope(0.2), layers.BatchNormalization(),
		layers.Dense(512), layers.LeakyReLU().NegativeSlope(0.2), layers.BatchNormalization(),
		layers.Dense(side*side).Activation("sigmoid"),
		layers.Reshape(side, side, 1),
	)
	if err != nil {
		return nil, nil, err
	}
	discriminator, err = functional.NewSequential(
		functional.Input(side, side, 1),
		layers.Flatten(),
		layers.Dense(512), layers.LeakyReLU().NegativeSlope(0.2), layers.Dropout(0.3),
		layers.Dense(256), layers.LeakyReLU().NegativeSlope(0.2), layers.Dropout(0.3),
		layers.Dense(1),
	)
	return generator.Named("generator"), discriminator.Named("discriminator"), err
}

// trainStep builds one step of both: it is called once, and what it builds is compiled.
func trainStep(generator, discriminator *functional.Model) func(*functional.Step) {
	dOptimizer, gOptimizer := optimizers.Adam(2e-4).Beta1(0.5), optimizers.Adam(2e-4).Beta1(0.5)
	crossentropy := losses.BinaryCrossentropy().FromLogits(true)
	return func(s *functional.Step) {
		real, n := s.X(), s.BatchSize()
		labels := func(value float64) *graph.Node {
			return graph.BroadcastToDims(graph.Scalar(s.Graph(), dtypes.Float32, value), n, 1)
		}

		// The discriminator learns that generated images are 1 and real ones 0, or nearly so.
		fake := graph.StopGradient(s.Call(generator, s.RandomNormal(n, latent)))
		both := graph.Concatenate([]*graph.Node{fake, real}, 0)
		dLoss := s.Loss(crossentropy, graph.Concatenate([]*graph.Node{labels(1), labels(0.1)}, 0), s.Call(discriminator, both))
		s.Minimize(dLoss, dOptimizer, discriminator)

		// The generator learns to make images that the new discriminator takes for real.
		verdict := s.Call(discriminator, s.Call(generator, s.RandomNormal(n, latent)))
		gLoss := s.Loss(crossentropy, labels(0), verdict)
		s.Minimize(gLoss, gOptimizer, generator)

		s.Report("d_loss", dLoss)
		s.Report("g_loss", gLoss)
	}
}
