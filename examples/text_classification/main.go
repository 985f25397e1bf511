// Command text_classification learns to tell good reviews of films from bad ones: TextVectorization makes numbers of the words inside the model, an
// Embedding and a bidirectional LSTM follow, and the model that is saved takes texts as they are.
//
//	go run ./examples/text_classification
//	go run ./examples/text_classification -imdb -epochs 3
//
// The sentences are made up, and take seconds. With -imdb they are the 25,000 reviews of Keras's IMDB data set, from its files in Keras's cache folder or
// a download, and take minutes.
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

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/plots"
	"github.com/gokeras/gokeras/saving"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "text_classification:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("text_classification", flag.ContinueOnError)
	sentences := flags.Int("sentences", 2000, "sentences to make up")
	imdb := flags.Bool("imdb", false, "take the reviews of the IMDB data set")
	folder := flags.String("data", "", "folder with imdb.npz and imdb_word_index.json (default Keras's cache, then a download)")
	epochs := flags.Int("epochs", 8, "passes over the texts")
	out := flags.String("output", ".", "folder for the model and the picture")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *sentences < 50 {
		return fmt.Errorf("-sentences: got %d, want 50 or more", *sentences)
	}
	training, test := made(*sentences)
	words, length := 100, 12
	if *imdb {
		words, length = 10_000, 200
		var err error
		if training, test, err = imdbReviews(datasets.Options{Folder: *folder, Progress: stdout, Context: ctx}); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "%d reviews to train with, %d to test: %q\n", len(training.texts), len(test.texts), training.texts[0][:min(60, len(training.texts[0]))])

	functional.SetRandomSeed(1)
	vectorize := layers.TextVectorization().MaxTokens(words).OutputSequenceLength(length)
	if err := vectorize.Adapt(training.texts); err != nil {
		return err
	}
	model, err := functional.NewSequential(
		functional.InputWith(functional.InputOptions{Shape: []int{1}, DType: "string"}),
		vectorize,
		layers.Embedding(words, 16).MaskZero(true), // words behind the end of a text don't count
		layers.Bidirectional(layers.LSTM(16)),
		layers.Dropout(0.3),
		layers.Dense(1).Activation("sigmoid"),
	)
	if err != nil {
		return err
	}
	if err := model.Compile(functional.Compile{Optimizer: optimizers.Adam(0.005), Loss: "binary_crossentropy", Metrics: []string{"accuracy"}}); err != nil {
		return err
	}
	history, err := model.Fit(training.texts, training.good, functional.Fit{Epochs: *epochs, ValidationSplit: 0.2, Context: ctx, Output: stdout})
	if err != nil {
		return err
	}
	scores, err := model.Evaluate(test.texts, test.good, functional.Evaluate{Verbose: functional.Silent, Context: ctx})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Accuracy on reviews that training never saw: %.1f %%\n", 100*scores.Map()["accuracy"])

	path := func(name string) string { return filepath.Join(*out, name) }
	if err := plots.History(history, path("reviews.png")); err != nil {
		return err
	}
	if err := model.Save(path("reviews.keras")); err != nil {
		return err
	}
	loaded, err := saving.LoadModel(path("reviews.keras"))
	if err != nil {
		return err
	}
	for _, text := range []string{"The film was great!", "The film was not great.", "A boring start, but the end is wonderful."} {
		good, err := loaded.Predict([][]string{{text}}, functional.Predict{Verbose: functional.Silent, Context: ctx})
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%3.0f %% good: %s\n", 100*good.Value().([][]float32)[0][0], text)
	}
	fmt.Fprintf(stdout, "Model: %s\nHistory: %s\n", path("reviews.keras"), path("reviews.png"))
	return nil
}
