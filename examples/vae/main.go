// Command vae trains a variational autoencoder on the handwritten digits of MNIST by a step of its own: an encoder learns to say of each digit
// where it lies in a plane, and how surely, and a decoder to draw the digit that lies there. In the end it draws what the decoder makes of
// a grid of places: digits that turn into one another.
//
//	go run ./examples/vae
//	go run ./examples/vae -samples 5000 -epochs 10 -output /tmp/plane.png
//
// The first takes two minutes on two cores.
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
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/plots"
)

const (
	side   = 28 // of an image
	latent = 2  // numbers that say where a digit lies
	grid   = 15 // places drawn along each of them
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "vae:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("vae", flag.ContinueOnError)
	samples := flags.Int("samples", 0, "training images to use, 0 for all 60,000")
	epochs := flags.Int("epochs", 10, "passes over the images")
	data := flags.String("data", "", "folder of MNIST's files; the default finds or fetches them")
	output := flags.String("output", "plane.png", "the picture of the plane of digits")
	if err := flags.Parse(args); err != nil {
		return err
	}
	d, err := datasets.MNIST(datasets.Options{Folder: *data, Context: ctx})
	if err != nil {
		return err
	}
	if *samples > 0 {
		if d, err = d.First(*samples, 1); err != nil {
			return err
		}
	}
	pixels, err := datasets.ToFloat32(d.XTrain, 255)
	if err != nil {
		return err
	}
	functional.SetRandomSeed(1)
	encoder, decoder, err := networks()
	if err != nil {
		return err
	}
	trainer, err := functional.NewTrainer(functional.TrainerOptions{
		Models:    []*functional.Model{encoder, decoder},
		TrainStep: trainStep(encoder, decoder),
	})
	if err != nil {
		return err
	}
	history, err := trainer.Fit(pixels, nil, functional.Fit{BatchSize: 128, Epochs: *epochs, Output: stdout, Context: ctx})
	if err != nil {
		return err
	}
	loss, _ := history.Last("loss")
	fmt.Fprintf(stdout, "The loss is %.1f; the plane of digits is in %s.\n", loss, *output)
	if err := drawPlane(decoder, *output); err != nil {
		return err
	}
	return decoder.Save(*output + ".keras")
}

// networks makes the encoder, from images to where they lie (the mean and the logarithm of the variance), and the decoder, from there to images.
func networks() (encoder, decoder *functional.Model, err error) {
	image := functional.Input(side, side, 1)
	h := layers.Dense(512).Activation("relu").Apply(layers.Flatten().Apply(image))
	h = layers.Dense(256).Activation("relu").Apply(h)
	mean := layers.Dense(latent).Name("z_mean").Apply(h)
	logVariance := layers.Dense(latent).Name("z_log_var").Apply(h)
	encoder, err = functional.NewModel(image, []*functional.Tensor{mean, logVariance})
	if err != nil {
		return nil, nil, err
	}
	decoder, err = functional.NewSequential(
		functional.Input(latent),
		layers.Dense(256).Activation("relu"),
		layers.Dense(512).Activation("relu"),
		layers.Dense(side*side).Activation("sigmoid"),
		layers.Reshape(side, side, 1),
	)
	return encoder.Named("encoder"), decoder.Named("decoder"), err
}

// trainStep builds one step of both: it is called once, and what it builds is compiled.
func trainStep(encoder, decoder *functional.Model) func(*functional.Step) {
	adam := optimizers.Adam()
	return func(s *functional.Step) {
		n := s.BatchSize()
		images := graph.Reshape(s.X(), n, side, side, 1)
		lies := s.CallMulti(encoder, true, images)
		mean, logVariance := lies[0], lies[1]

		// A place drawn at random around the mean, in a way that has gradients.
		place := graph.Add(mean, graph.Mul(graph.Exp(graph.MulScalar(logVariance, 0.5)), s.RandomNormal(n, latent)))
		drawn := s.Call(decoder, place)

		// How unlike the image is, summed over its pixels, and how far the places are from a normal distribution.
		reconstruction := graph.MulScalar(s.Loss("binary_crossentropy", images, drawn), side*side)
		apart := graph.Sub(graph.AddScalar(logVariance, 1), graph.Add(graph.Square(mean), graph.Exp(logVariance)))
		divergence := graph.MulScalar(graph.ReduceAllSum(apart), -0.5/float64(n))

		loss := graph.Add(reconstruction, divergence)
		s.Minimize(loss, adam, encoder, decoder)
		s.Report("loss", loss)
		s.Report("reconstruction_loss", reconstruction)
		s.Report("kl_loss", divergence)
	}
}

// drawPlane draws what the decoder makes of a grid of places around the middle of the plane.
func drawPlane(decoder *functional.Model, path string) error {
	places := make([]float32, 0, grid*grid*latent)
	at := func(i int) float32 { return 2 * (float32(i)/(grid-1)*2 - 1) }
	for row := range grid {
		for column := range grid {
			places = append(places, at(column), at(grid-1-row))
		}
	}
	drawn, err := decoder.Predict(tensors.FromFlatDataAndDimensions(places, grid*grid, latent), functional.Predict{Verbose: functional.Silent})
	if err != nil {
		return err
	}
	return plots.Images(drawn, path, plots.ImagesOptions{Columns: grid, Size: 0.4})
}
