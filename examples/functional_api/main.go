package main

import (
	"fmt"

	"github.com/janpfeifer/must"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/saving"
)

// run is the notebook.
func (nb *notebook) run() {
	nb.loadData()

	// Define the checkpoint file: one callback, which all three models share.
	nb.checkpoint = callbacks.ModelCheckpoint(nb.checkpointPath).
		Monitor("val_accuracy").
		Verbose(callbacks.Bar).
		SaveBestOnly(true).
		Mode("max")

	if nb.models[1] {
		nb.sequentialStrategy()
	}
	if nb.models[2] {
		nb.multiplePathsStrategy()
	}
	if nb.models[3] {
		nb.multipleFeaturesStrategy()
	}
	nb.bestModel()
	nb.summaryOfResults()
}

// 1.1 Sequential strategy using the functional API
func (nb *notebook) sequentialStrategy() {
	// Define the input tensor, of the shape of CIFAR-10 images
	inputs := functional.Input(32, 32, 3)
	// Define the layers
	x := layers.Conv2D(32, 3).Activation("relu").Padding("same").Apply(inputs)
	x = layers.Conv2D(32, 3).Activation("relu").Padding("same").Apply(x)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.Conv2D(64, 3).Activation("relu").Padding("same").Apply(x)
	x = layers.Conv2D(64, 3).Activation("relu").Padding("same").Apply(x)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.Conv2D(128, 3).Activation("relu").Padding("same").Apply(x)
	x = layers.Conv2D(128, 3).Activation("relu").Padding("same").Apply(x)
	x = layers.MaxPooling2D(2).Apply(x)
	x = layers.Flatten().Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	x = layers.Dense(300).Activation("relu").Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	outputs := layers.Dense(10).Activation("softmax").Apply(x)
	// Create the model
	model1 := must.M1(functional.NewModel(inputs, outputs))
	// Model summary
	must.M(model1.Summary(nb.stdout))

	must.M(model1.Compile(functional.Compile{
		Optimizer: optimizers.Adam(), Loss: "categorical_crossentropy", Metrics: []any{"accuracy"}}))
	// Train the model
	logModel1, err := model1.Fit(nb.xTrain, nb.yTrain, functional.Fit{
		Epochs: nb.epochs, ValidationSplit: 0.2, BatchSize: nb.batchSize, Callbacks: []callbacks.Callback{nb.checkpoint},
		Context: nb.ctx, Output: nb.stdout})
	nb.figure(logModel1, "model1.png")
	must.M(err)

	scores := must.M1(model1.Evaluate(nb.xTest, nb.yTest, functional.Evaluate{Verbose: functional.Silent, Context: nb.ctx}))
	fmt.Fprintln(nb.stdout, "model test loss:", scores.Map()["loss"])
	fmt.Fprintln(nb.stdout, "model test accuracy:", scores.Map()["accuracy"])

	nb.result(1, logModel1, scores, `Conv2D(D=32, w=h=3, S=1, P=same) -> Conv2D(D=32, w=h=3, S=1, P=same) -> MaxPooling2D ->
		Conv2D(D=64, w=h=3, S=1, P=same) -> Conv2D(D=64, w=h=3, S=1, P=same) -> MaxPooling2D ->
		Conv2D(D=128, w=h=3, S=1, P=same) -> Conv2D(D=128, w=h=3, S=1, P=same) -> MaxPooling2D ->
		Flatten -> Dropout(0.3) -> Dense(300) -> Dropout(0.3) -> Dense(10)`)
}

// 1.2 Multiple paths strategy
func (nb *notebook) multiplePathsStrategy() {
	// Input layer
	inputs := functional.Input(32, 32, 3)

	// Path 1: Larger filters
	path1 := layers.Conv2D(32, 5).Activation("relu").Padding("same").Apply(inputs)
	path1 = layers.MaxPooling2D(2).Apply(path1)
	path1 = layers.Conv2D(64, 3).Activation("relu").Padding("same").Apply(path1)
	path1 = layers.MaxPooling2D(2).Apply(path1)

	// Path 2: Smaller filters
	path2 := layers.Conv2D(32, 3).Activation("relu").Padding("same").Apply(inputs)
	path2 = layers.Conv2D(32, 3).Activation("relu").Padding("same").Apply(path2)
	path2 = layers.MaxPooling2D(2).Apply(path2)
	path2 = layers.Conv2D(64, 3).Activation("relu").Padding("same").Apply(path2)
	path2 = layers.Conv2D(64, 3).Activation("relu").Padding("same").Apply(path2)
	path2 = layers.MaxPooling2D(2).Apply(path2)

	// Concatenate both paths
	combined := layers.Concatenate().Apply(path1, path2)

	// Follow-up layers
	x := layers.Flatten().Apply(combined)
	x = layers.Dropout(0.3).Apply(x)
	x = layers.Dense(300).Activation("relu").Apply(x)
	x = layers.Dropout(0.3).Apply(x)
	outputs := layers.Dense(10).Activation("softmax").Apply(x)

	// Create the model
	model2 := must.M1(functional.NewModel(inputs, outputs))

	must.M(model2.Compile(functional.Compile{
		Optimizer: "adam", Loss: "categorical_crossentropy", Metrics: []any{"accuracy"}}))
	must.M(model2.Summary(nb.stdout))

	logModel2, err := model2.Fit(nb.xTrain, nb.yTrain, functional.Fit{
		Epochs: nb.epochs, ValidationSplit: 0.2, BatchSize: nb.batchSize, Callbacks: []callbacks.Callback{nb.checkpoint},
		Context: nb.ctx, Output: nb.stdout})
	nb.figure(logModel2, "model2.png")
	must.M(err)

	scores := must.M1(model2.Evaluate(nb.xTest, nb.yTest, functional.Evaluate{Context: nb.ctx, Output: nb.stdout}))
	fmt.Fprintf(nb.stdout, "Test accuracy: %v, Test loss: %v\n", scores.Map()["accuracy"], scores.Map()["loss"])

	nb.result(2, logModel2, scores, `Path1: Conv2D(D=32, w=h=5, S=1, P=same) -> MaxPooling2D -> Conv2D(D=64, w=h=3, S=1, P=same) -> MaxPooling2D;
		Path2: Conv2D(D=32, w=h=3, S=1, P=same) x2 -> MaxPooling2D -> Conv2D(D=64, w=h=3, S=1, P=same) x2 -> MaxPooling2D ->
		Concatenate -> Flatten -> Dropout(0.3) -> Dense(300) -> Dropout(0.3) -> Dense(10)`)
}

// 1.3 Multiple features strategy
func (nb *notebook) multipleFeaturesStrategy() {
	// Input layer
	visible := functional.Input(32, 32, 3)

	// First feature extractor
	conv1 := layers.Conv2D(32, 3).Activation("relu").Apply(visible)
	drop1 := layers.Dropout(0.2).Apply(conv1)
	pool1 := layers.MaxPooling2D(2).Apply(drop1)
	flat1 := layers.Flatten().Apply(pool1)

	// Second feature extractor
	conv2 := layers.Conv2D(32, 3).Activation("relu").Apply(pool1)
	drop2 := layers.Dropout(0.2).Apply(conv2)
	pool2 := layers.MaxPooling2D(2).Apply(drop2)
	flat2 := layers.Flatten().Apply(pool2)

	// Third feature extractor
	conv3 := layers.Conv2D(32, 3).Activation("relu").Apply(pool2)
	drop3 := layers.Dropout(0.2).Apply(conv3)
	pool3 := layers.MaxPooling2D(2).Apply(drop3)
	flat3 := layers.Flatten().Apply(pool3)

	// Merge feature extractors
	merge := layers.Concatenate().Apply(flat1, flat2, flat3)

	// Interpretation layer
	hidden1 := layers.Dense(100).Activation("relu").Apply(merge)

	// Prediction output
	output := layers.Dense(10).Activation("softmax").Apply(hidden1)

	// Create the model
	model3 := must.M1(functional.NewModel(visible, output))

	// Compile the model
	must.M(model3.Compile(functional.Compile{
		Optimizer: "adam", Loss: "categorical_crossentropy", Metrics: []any{"accuracy"}}))

	// Summarize layers
	must.M(model3.Summary(nb.stdout))

	logModel3, err := model3.Fit(nb.xTrain, nb.yTrain, functional.Fit{
		Epochs: nb.epochs, ValidationSplit: 0.2, BatchSize: nb.batchSize, Callbacks: []callbacks.Callback{nb.checkpoint},
		Context: nb.ctx, Output: nb.stdout})
	nb.figure(logModel3, "model3.png")
	must.M(err)

	scores := must.M1(model3.Evaluate(nb.xTest, nb.yTest, functional.Evaluate{Context: nb.ctx, Output: nb.stdout}))
	fmt.Fprintf(nb.stdout, "Test accuracy: %v, Test loss: %v\n", scores.Map()["accuracy"], scores.Map()["loss"])

	nb.result(3, logModel3, scores, `3 paths each with: Conv2D(D=32, w=h=3, S=1, P=same) -> Dropout(0.2) -> MaxPooling2D, then merged ->
		Flatten -> Dense(100) -> Dense(10)`)
}

// The checkpoint holds the best of the models; load it as any Keras program could.
func (nb *notebook) bestModel() {
	best, saved := nb.checkpoint.Best()
	if !saved {
		return
	}
	model := must.M1(saving.LoadModel(nb.checkpointPath))
	scores := must.M1(model.Evaluate(nb.xTest, nb.yTest, functional.Evaluate{Verbose: functional.Silent, Context: nb.ctx}))
	fmt.Fprintf(nb.stdout, "Best model: %s from %s, val_accuracy %.5f\n", model.Name(), nb.checkpointPath, best)
	fmt.Fprintf(nb.stdout, "Test accuracy: %v, Test loss: %v\n", scores.Map()["accuracy"], scores.Map()["loss"])
}
