package kerasfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/internal/hdf5"
)

// Format is what a path turns out to hold, whatever its name says.
type Format int

const (
	// Unknown is none of the others.
	Unknown Format = iota
	// ArchiveFormat is a .keras archive: read it with Open.
	ArchiveFormat
	// WeightsFormat is a .weights.h5 file of Keras 3: read it with OpenWeights.
	WeightsFormat
	// LegacyModelFormat is a whole model in the HDF5 format of Keras 1 and 2, which Keras 3 still writes.
	LegacyModelFormat
	// LegacyWeightsFormat is weights in that format.
	LegacyWeightsFormat
	// SavedModelFormat is a TensorFlow SavedModel folder.
	SavedModelFormat
	// FolderFormat is the content of a .keras archive, unpacked into a folder.
	FolderFormat
	// OrbaxFormat is a checkpoint folder of Orbax, which Keras 3 writes on request.
	OrbaxFormat
	// TorchFormat is a PyTorch checkpoint, which is a zip file too.
	TorchFormat
	// ShardedFormat is the index (.weights.json) of weights that Keras split over several files.
	ShardedFormat
)

// String says what the format is, as part of a sentence.
func (f Format) String() string {
	switch f {
	case ArchiveFormat:
		return "a .keras archive"
	case WeightsFormat:
		return "a .weights.h5 file"
	case LegacyModelFormat:
		return "a whole model in Keras's legacy HDF5 format"
	case LegacyWeightsFormat:
		return "a file of weights in Keras's legacy HDF5 format"
	case SavedModelFormat:
		return "a TensorFlow SavedModel folder"
	case FolderFormat:
		return "a Keras model saved unzipped, as a folder"
	case OrbaxFormat:
		return "an Orbax checkpoint folder"
	case TorchFormat:
		return "a PyTorch checkpoint"
	case ShardedFormat:
		return "the index of weights split over several files"
	}
	return "in no format that Keras writes"
}

// advice says what to do with the format where another is wanted; it is empty when there is nothing to say.
func (f Format) advice(want Format) string {
	switch f {
	case WeightsFormat, LegacyWeightsFormat, ShardedFormat:
		if want != ArchiveFormat {
			return ""
		}
		return "it holds the weights of a model and not the model itself: make the model in Go and give it this file with LoadWeights, or save the model whole in Python with model.save(\"model.keras\")"
	case SavedModelFormat:
		return "it holds a TensorFlow graph, which only TensorFlow runs: load it in Python with tf_keras (tf_keras.models.load_model) and save it with model.save(\"model.h5\"), which opens here; " +
			"one that model.export made has no Keras model in it any more, so save the original instead"
	case FolderFormat:
		return "load it in Python with keras.saving.load_model and save it with model.save(\"model.keras\"), or zip what is in the folder (config.json at the top) into model.keras"
	case OrbaxFormat:
		return "load it in Python with keras.saving.load_model, or load_weights, and save it with model.save(\"model.keras\")"
	case TorchFormat:
		return "it is not a model of Keras's: make the model in Keras, copy the weights into it with set_weights, and save it with model.save(\"model.keras\")"
	}
	return ""
}

// FormatError says that a file is intact, as far as can be seen, but of another format than asked for.
type FormatError struct {
	// Path is the file.
	Path string
	// Want is what was asked for.
	Want Format
	// Got is what it is.
	Got Format
}

// Error says what the file is, what it should be, and how it becomes that.
func (e *FormatError) Error() string {
	text := fmt.Sprintf("%s is %s, not %s", e.Path, e.Got, e.Want)
	if advice := e.Got.advice(e.Want); advice != "" {
		text += ": " + advice
	}
	return text
}

// Detect looks at the content of path. The error is that of a path that cannot be read at all; broken content is Unknown.
func Detect(path string) (Format, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Unknown, err
	}
	if info.IsDir() {
		has := func(name string) bool {
			_, err := os.Stat(filepath.Join(path, name))
			return err == nil
		}
		switch {
		case has("saved_model.pb"), has("saved_model.pbtxt"):
			return SavedModelFormat, nil
		case has(configName) && has(weightsName), has(configName) && has(metadataName):
			return FolderFormat, nil
		case has("orbax.checkpoint"), has("pytree.orbax-checkpoint"), has("checkpoint_metadata"), has("_CHECKPOINT_METADATA"):
			return OrbaxFormat, nil
		}
		return Unknown, nil
	}
	if !info.Mode().IsRegular() {
		return Unknown, fmt.Errorf("%s is not a regular file (%s)", path, info.Mode().Type())
	}
	f, err := os.Open(path)
	if err != nil {
		return Unknown, err
	}
	defer func() { _ = f.Close() }()
	return detect(f, info.Size()), nil
}

// detect looks at the content of a file.
func detect(r io.ReaderAt, size int64) Format {
	head := make([]byte, 4)
	if n, _ := r.ReadAt(head, 0); n < len(head) {
		return Unknown
	}
	if bytes.Equal(head, []byte("PK\x03\x04")) {
		archive, err := zip.NewReader(r, size)
		if err != nil {
			// A cut-off archive is one still; opening it says what is wrong.
			return ArchiveFormat
		}
		for _, entry := range archive.File {
			switch {
			case entry.Name == configName || entry.Name == weightsName:
				return ArchiveFormat
			case filepath.Base(entry.Name) == "data.pkl":
				return TorchFormat
			}
		}
		return Unknown
	}
	if head[0] == '{' {
		start := make([]byte, min(size, 1<<20))
		if n, _ := r.ReadAt(start, 0); bytes.Contains(start[:n], []byte(`"weight_map"`)) {
			return ShardedFormat
		}
		return Unknown
	}
	f, err := hdf5.Open(r, size)
	if err != nil {
		if !errors.Is(err, hdf5.ErrNotHDF5) {
			return WeightsFormat // broken, and opening it says how
		}
		return Unknown
	}
	return detectHDF5(f)
}

func detectHDF5(f *hdf5.File) Format {
	has := func(name string) bool {
		_, err := f.Root().Attribute(name)
		return err == nil
	}
	switch {
	case has("model_config"):
		return LegacyModelFormat
	case has("layer_names"), has("layer_names0"):
		return LegacyWeightsFormat
	}
	return WeightsFormat
}
