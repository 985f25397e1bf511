package functional

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/internal/serial"
)

// Save writes the whole model (architecture, weights, compile arguments and
// optimizer state) as a Keras 3 archive, or in Keras's legacy HDF5 format where
// the path ends in ".h5" or ".hdf5"; Python's keras.saving.load_model reads either
// (Keras: model.save). The file appears whole or not at all.
func (m *Model) Save(path string) error {
	err := m.Ready()
	if err == nil {
		err = serial.Save(m, path)
	}
	if err != nil {
		return fmt.Errorf("saving model %q to %s: %w", m.Name(), path, err)
	}
	return nil
}

// SaveTo writes the whole model to w as a Keras 3 archive. It is made in a temporary file first, since a part of it is known only in the end.
func (m *Model) SaveTo(w io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "gokeras-*")
	if err != nil {
		return fmt.Errorf("saving model %q: %w", m.Name(), err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "model.keras")
	if err := m.Save(path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err == nil {
		_, err = io.Copy(w, f)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("saving model %q: %w", m.Name(), err)
	}
	return nil
}

// SaveWeights writes the weights and the optimizer's state to a path ending in
// ".weights.h5" (Keras: save_weights), or the weights alone in the legacy format where it ends
// in another ".h5" or in ".hdf5". The file appears whole or not at all.
func (m *Model) SaveWeights(path string) error {
	err := m.Ready()
	if err == nil {
		err = serial.SaveWeights(m, path)
	}
	if err != nil {
		return fmt.Errorf("saving the weights of model %q to %s: %w", m.Name(), path, err)
	}
	return nil
}

// LoadWeights reads the weights from a file of a model with the same layers
// (Keras: load_weights): a .weights.h5 file, the .weights.json index of weights
// split over several, a .keras archive, or a legacy .h5 file. Nothing changes unless everything fits;
// [Model.LoadWeightsWith] can do with less.
func (m *Model) LoadWeights(path string) error {
	_, err := m.LoadWeightsWith(path, LoadWeightsOptions{})
	return err
}

// LoadOptions are the arguments of [Load].
type LoadOptions struct {
	// NoCompile leaves out the file's compile arguments and optimizer state (Keras: compile=False).
	NoCompile bool
}

// Load is saving.LoadModel with options: it reads a .keras archive that Save or Python's model.save wrote, or a legacy .h5 file of Keras 3 or 2
// (Keras: keras.saving.load_model); the content tells which it is. The layers in it must be known: import
// package layers (or saving, which does), and register your own.
func Load(path string, o LoadOptions) (*Model, error) {
	l, err := serial.Load(path, compileFunc(!o.NoCompile))
	if err != nil {
		return nil, fmt.Errorf("loading model %s: %w", path, serial.Brief(err))
	}
	return loaded(l)
}

// loaded is a file's model, ready to go on.
func loaded(l Layer) (*Model, error) {
	m := l.(*Model)
	if err := m.session().CopyWeights(); err != nil {
		return nil, fmt.Errorf("loading model %q: %w", m.Name(), err)
	}
	return m, nil
}

// ShowModel is [Load], uncompiled, of a model to look at: layers that aren't known here stand in it with their classes and weights, and shapes
// where the file tells them. Such a model has a summary and can be drawn, but neither run nor saved; [Model.UnknownLayers] says why.
func ShowModel(path string) (*Model, error) {
	l, err := serial.Show(path)
	if err != nil {
		return nil, fmt.Errorf("loading model %s: %w", path, serial.Brief(err))
	}
	return l.(*Model), nil
}

// UnknownLayers lists the layers of a model that [ShowModel] read which aren't known here, with the reasons.
func (m *Model) UnknownLayers() []SkippedLayer {
	var list []SkippedLayer
	for _, u := range serial.Unknowns(&m.Network) {
		list = append(list, SkippedLayer{Layer: u.Name(), Reason: u.Why().Error()})
	}
	return list
}

// LoadFrom is [Load] of a file that lies in the size bytes of in; name stands for it in errors.
func LoadFrom(in io.ReaderAt, size int64, name string, o LoadOptions) (*Model, error) {
	l, err := serial.LoadFrom(in, size, name, compileFunc(!o.NoCompile))
	if err != nil {
		return nil, fmt.Errorf("loading model %s: %w", name, serial.Brief(err))
	}
	return loaded(l)
}

// FromJSON makes the model that Keras's to_json or get_config, of Keras 1 and 2 too, or config.json of a .keras
// file, describes (Keras: model_from_json, from_config), with new weights. Its compile arguments are applied if compile is true.
func FromJSON(raw []byte, compile bool) (*Model, error) {
	l, err := serial.Decode(raw, compileFunc(compile))
	if err != nil {
		return nil, err
	}
	return l.(*Model), nil
}

// GetConfig returns the model's configuration as Keras's get_config does, ready for encoding/json.
func (m *Model) GetConfig() (map[string]any, error) { return serial.Config(&m.Network) }

// ToJSON returns the model's architecture and compile arguments as Keras's Model.to_json does.
func (m *Model) ToJSON() ([]byte, error) { return serial.JSON(m) }

// LoadWeightsOptions are the arguments of [Model.LoadWeightsWith]; the zero value is Keras's default.
type LoadWeightsOptions struct {
	// ByName gives weights to the layers of the same name, whatever else the file
	// and the model have, instead of to layers in order (Keras: by_name). It is for legacy HDF5 files only, as in Keras.
	ByName bool
	// SkipMismatch leaves a layer as it is when the number or the shapes of its weights don't fit
	// those in the file, instead of failing (Keras: skip_mismatch).
	SkipMismatch bool
}

// LoadReport says what [Model.LoadWeightsWith] did.
type LoadReport struct {
	// Loaded names the layers that have weights of the file now, in the model's order.
	Loaded []string
	// Skipped lists the layers that kept weights of their own.
	Skipped []SkippedLayer
}

// SkippedLayer is a layer that kept its weights, or some of them.
type SkippedLayer struct {
	// Layer is its name.
	Layer string
	// Reason says why, with the shapes in question.
	Reason string
}

// LoadWeightsWith is [Model.LoadWeights] with options. It reads .weights.h5
// files, the .weights.json index of weights split over several, .keras
// archives, and legacy .h5 files of weights or whole models. Nothing changes if
// it returns an error.
func (m *Model) LoadWeightsWith(path string, o LoadWeightsOptions) (*LoadReport, error) {
	err := m.Ready()
	var done *serial.Report
	if err == nil {
		done, err = serial.LoadWeights(m, path, serial.WeightsOptions(o))
	}
	if err != nil {
		return nil, fmt.Errorf("loading the weights of model %q: %w", m.Name(), serial.Brief(err))
	}
	report := &LoadReport{Loaded: done.Loaded}
	for _, s := range done.Skipped {
		report.Skipped = append(report.Skipped, SkippedLayer(s))
	}
	return report, nil
}
