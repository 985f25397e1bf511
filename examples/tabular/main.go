// Command tabular learns from a table whose columns are numbers and texts: a FeatureSpace learns what they hold, a model is trained on the
// encoded rows, and a second one, which is saved, takes rows as they are.
//
//	go run ./examples/tabular
//	go run ./examples/tabular -rows 200 -epochs 3 -output /tmp/rides.keras
//
// The table is made up: rides of a taxi, and whether there was a tip. It takes seconds.
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

	"github.com/gokeras/gokeras/featurespace"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/saving"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "tabular:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("tabular", flag.ContinueOnError)
	rows := flags.Int("rows", 2000, "rows of the table")
	epochs := flags.Int("epochs", 20, "passes over the rows")
	output := flags.String("output", "rides.keras", "the saved model")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rows < 10 {
		return fmt.Errorf("-rows: got %d, want 10 or more", *rows)
	}
	functional.SetRandomSeed(1)
	table, tips := rides(*rows)

	space, err := featurespace.New(map[string]any{
		"distance": "float_normalized",
		"hour":     featurespace.FloatDiscretized(6),
		"district": "string_categorical",
		"driver":   featurespace.IntegerHashed(8),
	}, featurespace.Options{Crosses: [][]string{{"district", "driver"}}, CrossingDim: 16})
	if err != nil {
		return err
	}
	if err := space.Adapt(table); err != nil {
		return err
	}
	inputs, err := space.GetInputs()
	if err != nil {
		return err
	}
	encoded, err := space.GetEncodedFeatures()
	if err != nil {
		return err
	}

	// One model learns from encoded rows, which are encoded once.
	features, err := space.Call(table)
	if err != nil {
		return err
	}
	x := functional.Input(encoded[0].Shape()[1])
	y := layers.Dense(16).Activation("relu").Apply(x)
	y = layers.Dropout(0.2).Apply(y)
	model, err := functional.NewModel(x, layers.Dense(1).Activation("sigmoid").Apply(y))
	if err != nil {
		return err
	}
	if err := model.Compile(functional.Compile{Optimizer: "adam", Loss: "binary_crossentropy", Metrics: []any{"accuracy"}}); err != nil {
		return err
	}
	history, err := model.Fit(features[0], tips, functional.Fit{Context: ctx, Epochs: *epochs, ValidationSplit: 0.2, Verbose: functional.Silent})
	if err != nil {
		return err
	}
	accuracies := history.History["val_accuracy"]
	fmt.Fprintf(stdout, "accuracy on rows that it didn't learn from: %.2f\n", accuracies[len(accuracies)-1])

	// The other takes rows as they are: the features, and then the first model.
	var columns []*functional.Tensor
	for _, name := range space.Columns() {
		columns = append(columns, inputs[name])
	}
	whole, err := functional.NewModel(columns, model.Apply(encoded[0]))
	if err != nil {
		return err
	}
	if err := whole.Save(*output); err != nil {
		return err
	}
	loaded, err := saving.LoadModel(*output)
	if err != nil {
		return err
	}
	ride, err := space.Rows(map[string]any{"distance": []float64{12.5}, "hour": []float64{22}, "district": []string{"harbour"}, "driver": []int{7}})
	if err != nil {
		return err
	}
	tip, err := loaded.Predict(ride, functional.Predict{Context: ctx, Verbose: functional.Silent})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "a tip for a late ride to the harbour: %.0f%%\n", 100*tip.Value().([][]float32)[0][0])
	return nil
}

// rides makes a table up, and whether each ride had a tip: long ones in the evening do, and those to the harbour.
func rides(n int) (table map[string]any, tips []float32) {
	r := rand.New(rand.NewPCG(1, 2))
	distance, hour, district, driver := make([]float64, n), make([]float64, n), make([]string, n), make([]int, n)
	tips = make([]float32, n)
	places := []string{"airport", "centre", "harbour", "suburb"}
	for i := range n {
		distance[i], hour[i], district[i], driver[i] = 30*r.Float64(), 24*r.Float64(), places[r.IntN(len(places))], r.IntN(20)
		chance := 0.1
		if distance[i] > 8 && hour[i] > 18 {
			chance += 0.5
		}
		if district[i] == "harbour" {
			chance += 0.35
		}
		if r.Float64() < chance {
			tips[i] = 1
		}
	}
	return map[string]any{"distance": distance, "hour": hour, "district": district, "driver": driver}, tips
}
