// Package saving opens the files of Keras models (Keras: keras.saving).
//
//	model, err := saving.LoadModel("model.keras")
//
// Importing it makes every layer of package layers known to files. Models are
// written by their own methods: Model.Save and Model.SaveWeights.
package saving
