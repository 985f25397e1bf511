// Command train makes the model of examples/serve: a small convolutional network, trained on MNIST for some minutes, that knows digits in light ink on
// dark paper and in dark ink on light paper.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/saving"
)

func main() {
	output := flag.String("o", "digits.keras", "`file` for the model")
	epochs := flag.Int("epochs", 10, "`number` of epochs")
	data := flag.String("data", "", "`folder` with MNIST's files (default Keras's cache, then a download)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := train(ctx, *output, *data, *epochs); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

const batchSize = 128

func train(ctx context.Context, output, folder string, epochs int) error {
	data, err := datasets.MNIST(datasets.Options{Folder: folder, Context: ctx})
	if err != nil {
		return err
	}
	functional.SetRandomSeed(1)
	model, err := functional.NewSequential(
		functional.Input(28, 28, 1),
		layers.Rescaling(1.0/255),
		layers.RandomRotation(0.04).FillMode("constant"),
		layers.RandomTranslation(0.1, 0.1).FillMode("constant"),
		layers.RandomZoom(0.25).FillMode("constant"),
		layers.RandomInvert(0.5).ValueRange(0, 1),
		layers.Conv2D(16, 3).Activation("relu"),
		layers.MaxPooling2D(2),
		layers.Conv2D(32, 3).Activation("relu"),
		layers.MaxPooling2D(2),
		layers.Conv2D(64, 3).Activation("relu"),
		layers.GlobalMaxPooling2D(),
		layers.Dropout(0.2),
		layers.Dense(10).Activation("softmax"),
	)
	if err != nil {
		return err
	}
	model.Named("digits")
	rate := optimizers.CosineDecay(0.003, epochs*(data.XTrain.Shape().Dimensions[0]+batchSize-1)/batchSize)
	if err := model.Compile(functional.Compile{Optimizer: optimizers.Adam().LearningRateSchedule(rate), Loss: "sparse_categorical_crossentropy", Metrics: []string{"accuracy"}}); err != nil {
		return err
	}
	if _, err := model.Fit(pixels(data.XTrain), data.YTrain, functional.Fit{Epochs: epochs, BatchSize: batchSize, Context: ctx}); err != nil {
		return err
	}
	test := pixels(data.XTest)
	inverted := tensors.MustCopyFlatData[uint8](test)
	for i, p := range inverted {
		inverted[i] = 255 - p
	}
	for _, t := range []struct {
		name string
		x    *tensors.Tensor
	}{{"light ink", test}, {"dark ink", tensors.FromFlatDataAndDimensions(inverted, test.Shape().Dimensions...)}} {
		scores, err := model.Evaluate(t.x, data.YTest, functional.Evaluate{Verbose: functional.Silent, Context: ctx})
		if err != nil {
			return err
		}
		fmt.Printf("%s: %.2f %% of the test images are right\n", t.name, 100*scores.Map()["accuracy"])
	}
	if err := model.Save(output); err != nil {
		return err
	}
	// Without the optimizer's state, which only training needs.
	served, err := saving.LoadUncompiled(output)
	if err != nil {
		return err
	}
	return served.Save(output)
}

// pixels adds the axis of the images' one channel.
func pixels(images *tensors.Tensor) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(tensors.MustCopyFlatData[uint8](images), append(images.Shape().Dimensions, 1)...)
}
