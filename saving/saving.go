package saving

import (
	"github.com/gokeras/gokeras/functional"
	_ "github.com/gokeras/gokeras/layers" // the layers that files name
)

// LoadModel reads a .keras archive written by Model.Save or by Python's
// model.save, with its compile arguments and optimizer state (Keras:
// keras.saving.load_model). Nothing in the file is executed. The error names the file and
// what is wrong in it.
func LoadModel(path string) (*functional.Model, error) {
	return functional.Load(path, functional.LoadOptions{})
}

// LoadUncompiled is [LoadModel] without the compile arguments and the
// optimizer state, for a model that only predicts (Keras: load_model(path, compile=False)).
func LoadUncompiled(path string) (*functional.Model, error) {
	return functional.Load(path, functional.LoadOptions{NoCompile: true})
}

// SaveModel writes the model to path (Keras: keras.saving.save_model).
func SaveModel(m *functional.Model, path string) error { return m.Save(path) }
