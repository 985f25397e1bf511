package serial

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/notice"
	"github.com/gokeras/gokeras/symbolic"
)

const weightsSuffix = ".weights.h5"

// otherFormats have suffixes under which nobody expects a Keras archive.
var otherFormats = map[string]string{
	".onnx": "ONNX", ".tflite": "TensorFlow Lite", ".pb": "TensorFlow's graphs", ".pt": "PyTorch", ".pth": "PyTorch", ".safetensors": "safetensors",
	".gguf": "GGUF", ".mlmodel": "Core ML", ".npz": "NumPy arrays", ".npy": "NumPy arrays", ".pkl": "Python pickles", ".json": "JSON: use ToJSON",
	".yaml": "YAML", ".yml": "YAML", ".txt": "text", ".csv": "tables",
}

// Save writes a whole model: a Keras 3 archive, or a legacy HDF5 file where the path ends in ".h5" or ".hdf5".
func Save(l symbolic.Layer, path string) error {
	if err := checkKnown(l); err != nil {
		return err
	}
	switch {
	case strings.HasSuffix(path, weightsSuffix):
		return fmt.Errorf("the suffix %s is for weights alone: use SaveWeights, or a path ending in .keras", weightsSuffix)
	case isLegacyPath(path):
		return saveLegacy(l, path)
	}
	if format, ok := otherFormats[strings.ToLower(filepath.Ext(path))]; ok {
		return fmt.Errorf("the suffix %s is for %s: models are written as .keras archives (any other suffix, or none) and legacy .h5 or .hdf5 files", filepath.Ext(path), format)
	}
	config, err := JSON(l)
	if err != nil {
		return err
	}
	s, err := stateOf(l)
	if err != nil {
		return err
	}
	err = s.write(func() error {
		return kerasfile.Write(path, &kerasfile.Archive{Metadata: kerasfile.Metadata{KerasVersion: versionOf(l)}, Config: config, Weights: s.weights, Assets: s.assets})
	})
	if err == nil {
		sayOfKeras2(config)
	}
	return err
}

// sayOfKeras2 tells what Python must be told before it can read a model with Keras 2's hard_sigmoid, which Keras 3 computes otherwise.
func sayOfKeras2(config []byte) {
	if name, err := json.Marshal(activations.Keras2HardSigmoid); err == nil && bytes.Contains(config, name) {
		notice.Once("the saved model has Keras 2's hard_sigmoid, which Keras 3 computes otherwise: in Python, a function decorated with " +
			`keras.saving.register_keras_serializable("Keras2", "hard_sigmoid") reads it (docs/keras-files.md)`)
	}
}

// SaveWeights writes a model's weights and its optimizer's state, or in a legacy file the weights alone.
func SaveWeights(l symbolic.Layer, path string) error {
	if !strings.HasSuffix(path, weightsSuffix) {
		if !isLegacyPath(path) {
			return fmt.Errorf("the path must end in %s", weightsSuffix)
		}
		n, _ := symbolic.NetworkOf(l)
		return saveLegacyWeights(n, path)
	}
	s, err := stateOf(l)
	if err != nil {
		return err
	}
	return s.write(func() error { return kerasfile.WriteWeights(path, s.weights) })
}
