// Command time_series trains a recurrent network to tell the next hour's temperature from the 24 hours before: windows cut out of
// one long series by Keras's timeseries_dataset_from_array, a GRU that learns from them, a comparison with the guess that nothing
// changes, a picture of the history, and the model in a file.
//
//	go run ./examples/time_series
//
// The temperatures are made up, so that it needs no data; it takes some seconds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/plots"
)

const window = 24 // hours that are looked at

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "time_series:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("time_series", flag.ContinueOnError)
	hours := flags.Int("hours", 3000, "length of the series")
	epochs := flags.Int("epochs", 8, "passes over the windows")
	out := flags.String("output", ".", "folder for the model and the picture")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *hours < 10*window {
		return fmt.Errorf("a series of %d hours is too short: want at least %d", *hours, 10*window)
	}
	series := temperatures(*hours)
	cut := *hours * 4 / 5 // what comes later is for testing: a model must not see the future
	training, err := windows(series[:cut], true)
	if err != nil {
		return err
	}
	test, err := windows(series[cut:], false)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d windows of %d hours to train with, %d to test\n", training.Len(), window, test.Len())

	functional.SetRandomSeed(1)
	scale := layers.Normalization()
	if err := scale.Adapt(training); err != nil {
		return err
	}
	hoursBefore := functional.Input(window, 1)
	x := scale.Apply(hoursBefore)
	x = layers.GRU(16).Apply(x)
	change := layers.Dense(1).Apply(x)
	last := layers.Cropping1D().Cropping(window-1, 0).Apply(hoursBefore)
	next := layers.Add().Apply(layers.Flatten().Apply(last), change) // the network learns what changes
	model, err := functional.NewModel(hoursBefore, next)
	if err != nil {
		return err
	}
	if err := model.Summary(stdout); err != nil {
		return err
	}
	err = model.Compile(functional.Compile{Optimizer: optimizers.Adam(0.01), Loss: "mse", Metrics: []string{"mae"}})
	if err != nil {
		return err
	}
	history, err := model.Fit(training, nil, functional.Fit{Epochs: *epochs, ValidationData: &functional.Data{X: test}, Context: ctx, Output: stdout})
	if err != nil {
		return err
	}
	scores, err := model.Evaluate(test, nil, functional.Evaluate{Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Mean error: %.2f degrees; of the guess that nothing changes: %.2f\n", scores.Map()["mae"], unchanged(series[cut:]))

	path := func(name string) string { return filepath.Join(*out, name) }
	if err := plots.History(history, path("temperatures.png")); err != nil {
		return err
	}
	if err := model.Save(path("temperatures.keras")); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Model: %s\nHistory: %s\n", path("temperatures.keras"), path("temperatures.png"))
	return nil
}

// windows are those of a series, each with the hour behind it as its target.
func windows(series [][]float32, shuffle bool) (*datasets.Timeseries, error) {
	seed := 1
	return datasets.TimeseriesDatasetFromArray(series[:len(series)-window], series[window:], window,
		datasets.TimeseriesOptions{BatchSize: 32, Shuffle: shuffle, Seed: &seed})
}

// temperatures go up and down with the days and the weather, and jump a little.
func temperatures(hours int) [][]float32 {
	rng := rand.New(rand.NewPCG(1, 2))
	series := make([][]float32, hours)
	weather := 0.0
	for i := range series {
		weather = 0.98*weather + 0.3*rng.NormFloat64()
		day := 6 * math.Sin(2*math.Pi*float64(i)/24)
		series[i] = []float32{float32(12 + day + weather + 0.2*rng.NormFloat64())}
	}
	return series
}

// unchanged is the mean error of taking each hour for the next one.
func unchanged(series [][]float32) float64 {
	sum := 0.0
	for i := window; i < len(series); i++ {
		sum += math.Abs(float64(series[i][0] - series[i-1][0]))
	}
	return sum / float64(len(series)-window)
}
