// Command wgan_gp trains a Wasserstein GAN with a gradient penalty (Gulrajani and others) on the handwritten digits of MNIST: a critic learns to score real
// images above generated ones, several times for each step of the generator, and its slope between both is held near 1 by a loss that is made of gradients itself. After every epoch it
// draws what the generator makes of the same noise.
//
//	go run ./examples/wgan_gp
//	go run ./examples/wgan_gp -samples 2000 -epochs 2 -output /tmp/digits.png
//
// The first takes some minutes on two cores; digits are readable after a few epochs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/plots"
)

const (
	side          = 28 // of an image
	latent        = 64 // numbers of noise that a digit is made of
	criticSteps   = 3  // for each step of the generator
	penaltyWeight = 10
	columns       = 10 // of digits in the picture, and rows
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "wgan_gp:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("wgan_gp", flag.ContinueOnError)
	samples := flags.Int("samples", 0, "training images to use, 0 for all 60,000")
	epochs := flags.Int("epochs", 10, "passes over the images")
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
	generator, critic, err := networks()
	if err != nil {
		return err
	}
	trainer, err := functional.NewTrainer(functional.TrainerOptions{
		Models:    []*functional.Model{generator, critic},
		TrainStep: trainStep(generator, critic),
	})
	if err != nil {
		return err
	}
	noise := fixedNoise(columns * columns)
	draw := &callbacks.LambdaCallback{EpochEnd: func(int, *callbacks.Logs) error {
		made, err := generator.Predict(noise, functional.Predict{Verbose: functional.Silent})
		if err != nil {
			return err
		}
		return plots.Images(made, *output, plots.ImagesOptions{Columns: columns, Size: 0.5})
	}}
	history, err := trainer.Fit(images, nil, functional.Fit{BatchSize: 128, Epochs: *epochs,
		Callbacks: []callbacks.Callback{draw}, Output: stdout, Context: ctx})
	if err != nil {
		return err
	}
	last := len(history.Epoch) - 1
	fmt.Fprintf(stdout, "The critic finds a distance of %.3f, with a penalty of %.3f for its slope; the digits are in %s.\n",
		history.History["distance"][last], history.History["penalty"][last], *output)
	return generator.Save(*output + ".keras")
}

// loadImages returns MNIST's training images as float32 from 0 to 1, of shape (samples, 28, 28).
func loadImages(ctx context.Context, folder string, samples int) (*tensors.Tensor, error) {
	d, err := datasets.MNIST(datasets.Options{Folder: folder, Context: ctx})
	if err == nil && samples > 0 {
		d, err = d.First(samples, 1)
	}
	if err != nil {
		return nil, err
	}
	return datasets.ToFloat32(d.XTrain, 255)
}

// fixedNoise is the noise of so many digits, the same whenever they are drawn.
func fixedNoise(digits int) *tensors.Tensor {
	rng := rand.New(rand.NewPCG(1, 2))
	flat := make([]float32, digits*latent)
	for i := range flat {
		flat[i] = float32(rng.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(flat, digits, latent)
}

// networks makes the generator, from noise to images, and the critic, from images to a score.
func networks() (generator, critic *functional.Model, err error) {
	generator, err = functional.NewSequential(
		functional.Input(latent),
		layers.Dense(256), layers.BatchNormalization(), layers.LeakyReLU().NegativeSlope(0.2),
		layers.Dense(512), layers.BatchNormalization(), layers.LeakyReLU().NegativeSlope(0.2),
		layers.Dense(side*side).Activation("sigmoid"),
		layers.Reshape(side, side),
	)
	if err != nil {
		return nil, nil, err
	}
	// No layer of the critic mixes samples, as BatchNormalization does: the penalty is about the slope at each sample.
	critic, err = functional.NewSequential(
		functional.Input(side, side),
		layers.Flatten(),
		layers.Dense(512), layers.LeakyReLU().NegativeSlope(0.2),
		layers.Dense(256), layers.LeakyReLU().NegativeSlope(0.2),
		layers.Dense(1),
	)
	return generator.Named("generator"), critic.Named("critic"), err
}

// trainStep builds one step of both: it is called once, and what it builds is compiled.
func trainStep(generator, critic *functional.Model) func(*functional.Step) {
	cOptimizer, gOptimizer := optimizers.Adam(2e-4).Beta1(0.5).Beta2(0.9), optimizers.Adam(2e-4).Beta1(0.5).Beta2(0.9)
	return func(s *functional.Step) {
		real, n := s.X(), s.BatchSize()
		generated := func() *graph.Node { return s.Call(generator, s.RandomNormal(n, latent)) }
		score := func(images *graph.Node) *graph.Node { return graph.ReduceAllMean(s.Call(critic, images)) }

		var distance, penalty *graph.Node
		for range criticSteps {
			fake := graph.StopGradient(generated())
			distance = graph.Sub(score(real), score(fake))
			penalty = slopePenalty(s, critic, real, fake)
			s.Minimize(graph.Sub(graph.MulScalar(penalty, penaltyWeight), distance), cOptimizer, critic)
		}
		gLoss := graph.Neg(score(generated()))
		s.Minimize(gLoss, gOptimizer, generator)

		s.Report("distance", distance)
		s.Report("penalty", penalty)
		s.Report("g_loss", gLoss)
	}
}

// slopePenalty is how far the norm of the critic's gradient for images between real and generated ones is from 1, squared.
func slopePenalty(s *functional.Step, critic *functional.Model, real, fake *graph.Node) *graph.Node {
	share := s.RandomUniform(s.BatchSize(), 1, 1)
	between := graph.Add(real, graph.Mul(share, graph.Sub(fake, real)))
	slope := graph.Gradient(graph.ReduceAllSum(s.Call(critic, between)), between)[0]
	// Where the slope is 0 the square root has no gradient.
	norm := graph.Sqrt(graph.AddScalar(graph.ReduceSum(graph.Square(slope), 1, 2), 1e-12))
	return graph.ReduceAllMean(graph.Square(graph.AddScalar(norm, -1)))
}
