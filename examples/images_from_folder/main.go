// Command images_from_folder trains a small network on a folder of images whose subfolders are the classes, as Keras's
// image_dataset_from_directory reads it: the folder, a pipeline that keeps the decoded images and mixes them, training with
// images that are changed at random, a picture of the history and one of predictions, and the model in a file.
//
//	go run ./examples/images_from_folder
//	go run ./examples/images_from_folder -data flowers -size 64 -epochs 20
//
// Without -data it draws circles, squares and triangles into a folder of its own, and takes some seconds.
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

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/plots"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "images_from_folder:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("images_from_folder", flag.ContinueOnError)
	folder := flags.String("data", "", "folder whose subfolders have the images of the classes; without it, shapes are drawn")
	images := flags.Int("images", 80, "images to draw of each shape")
	size := flags.Int("size", 32, "height and width that images get")
	epochs := flags.Int("epochs", 12, "passes over the images")
	out := flags.String("output", ".", "folder for the model and the pictures")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *folder == "" {
		dir, err := os.MkdirTemp("", "shapes")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := drawShapes(dir, *images); err != nil {
			return err
		}
		*folder = dir
	}

	seed := 1
	training, validation, err := datasets.ImageDatasetsFromDirectory(*folder, datasets.ImageFolderOptions{
		ImageSize: [2]int{*size, *size}, BatchSize: 16, ValidationSplit: 0.25, Seed: &seed})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d images to train with and %d to validate, of the classes %q\n", training.Len(), validation.Len(), training.ClassNames)

	// Images are decoded once, and mixed anew each epoch.
	mixed := training.Unbatch().Cache().Shuffle(training.Len(), datasets.ShuffleOptions{Seed: &seed}).Batch(16).Prefetch(datasets.Autotune)
	checked := validation.Cache()

	functional.SetRandomSeed(1)
	model, err := functional.NewSequential(
		functional.Input(*size, *size, 3),
		layers.Rescaling(1.0/255),
		layers.RandomFlip(), // while training alone
		layers.Conv2D(16, 5).Activation("relu").Padding("same"),
		layers.MaxPooling2D(2),
		layers.Conv2D(32, 3).Activation("relu").Padding("same"),
		layers.MaxPooling2D(2),
		layers.Conv2D(32, 3).Activation("relu").Padding("same"),
		layers.GlobalMaxPooling2D(),
		layers.Dense(len(training.ClassNames)).Activation("softmax"),
	)
	if err != nil {
		return err
	}
	err = model.Compile(functional.Compile{Optimizer: optimizers.Adam(0.004), Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}})
	if err != nil {
		return err
	}
	history, err := model.Fit(mixed, nil, functional.Fit{Epochs: *epochs, ValidationData: &functional.Data{X: checked}, Context: ctx, Output: stdout})
	if err != nil {
		return err
	}
	scores, err := model.Evaluate(checked, nil, functional.Evaluate{Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Accuracy on images that training never saw: %.1f %%\n", 100*scores.Map()["accuracy"])

	path := func(name string) string { return filepath.Join(*out, name) }
	if err := plots.History(history, path("shapes_history.png")); err != nil {
		return err
	}
	if err := showPredictions(ctx, model, checked, training.ClassNames, path("shapes.png")); err != nil {
		return err
	}
	if err := model.Save(path("shapes.keras")); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Model: %s\nHistory: %s\nPredictions: %s\n", path("shapes.keras"), path("shapes_history.png"), path("shapes.png"))
	return nil
}

// showPredictions draws the first batch of images with what the model takes them for.
func showPredictions(ctx context.Context, model *functional.Model, data *datasets.Pipeline, classes []string, path string) error {
	first := data.Take(1)
	predictions, err := model.Predict(first, functional.Predict{Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	best, err := functional.Argmax(predictions)
	if err != nil {
		return err
	}
	labels := make([]string, len(best))
	for i, class := range best {
		labels[i] = classes[class]
	}
	for batch, err := range first.Elements() {
		if err != nil {
			return err
		}
		pixels, err := datasets.ToFloat32(batch.X.(*tensors.Tensor), 255)
		if err != nil {
			return err
		}
		return plots.Images(pixels, path, plots.ImagesOptions{Labels: labels})
	}
	return nil
}
