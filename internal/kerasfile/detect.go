package kerasfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

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
	// DamagedFormat begins as an HDF5 file, and is cut off or otherwise broken.
	DamagedFormat
	// EmptyFormat is a file of no bytes.
	EmptyFormat
	// HTMLFormat is a page of the web, such as a server's error in place of a download.
	HTMLFormat
	// LFSFormat is Git LFS's pointer to a file that wasn't fetched.
	LFSFormat
	// ZipFormat is a zip archive of other things.
	ZipFormat
	// GzipFormat is a file packed by gzip.
	GzipFormat
	// TFLiteFormat is a model of TensorFlow Lite.
	TFLiteFormat
	// ONNXFormat is a model of ONNX.
	ONNXFormat
	// ProtobufFormat is a graph of TensorFlow (.pb).
	ProtobufFormat
	// CheckpointFormat is a part of a checkpoint of TensorFlow, which are files side by side.
	CheckpointFormat
	// PickleFormat is a pickle of Python's.
	PickleFormat
	// NumPyFormat is an array or archive of NumPy's.
	NumPyFormat
	// SafetensorsFormat is a file of Hugging Face's.
	SafetensorsFormat
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
	case DamagedFormat:
		return "an HDF5 file that is cut off or damaged"
	case EmptyFormat:
		return "empty"
	case HTMLFormat:
		return "a page of the web (HTML)"
	case LFSFormat:
		return "Git LFS's pointer to a file"
	case ZipFormat:
		return "a zip archive without a Keras model in it"
	case GzipFormat:
		return "packed by gzip"
	case TFLiteFormat:
		return "a TensorFlow Lite model"
	case ONNXFormat:
		return "an ONNX model"
	case ProtobufFormat:
		return "a graph of TensorFlow (.pb)"
	case CheckpointFormat:
		return "part of a TensorFlow checkpoint"
	case PickleFormat:
		return "a Python pickle"
	case NumPyFormat:
		return "a file of NumPy's"
	case SafetensorsFormat:
		return "a safetensors file"
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
	case DamagedFormat, EmptyFormat:
		return "copy or download it again"
	case HTMLFormat:
		return "the download gave an error or a login in place of the file: look into it with a browser, and download it again"
	case LFSFormat:
		return "fetch the file itself with git lfs pull"
	case ZipFormat, GzipFormat:
		return "unpack it first, if the model is inside"
	case TFLiteFormat, ONNXFormat, ProtobufFormat:
		return "it holds a graph and no Keras model: save the model that it was made from with model.save(\"model.keras\")"
	case CheckpointFormat:
		return "it holds weights that only TensorFlow reads: in Python, make the model, call model.load_weights with the checkpoint's name, and save it with model.save(\"model.keras\")"
	case PickleFormat:
		return "it holds Python objects, which are never run here: unpickle it in Python and save the model with model.save(\"model.keras\")"
	case NumPyFormat, SafetensorsFormat:
		return "it holds arrays and no model: copy them into a model with set_weights in Python, and save that with model.save(\"model.keras\")"
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
		case has("checkpoint"), has("checkpoint.index"):
			return CheckpointFormat, nil
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
	if size == 0 {
		return EmptyFormat
	}
	head := make([]byte, min(size, 512))
	n, _ := r.ReadAt(head, 0)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return detectZip(r, size)
	case len(head) > 0 && head[0] == '{':
		start := make([]byte, min(size, 1<<20))
		if n, _ := r.ReadAt(start, 0); bytes.Contains(start[:n], []byte(`"weight_map"`)) {
			return ShardedFormat
		}
		return Unknown
	}
	f, err := hdf5.Open(r, size)
	if errors.Is(err, hdf5.ErrNotHDF5) {
		return detectOther(r, head, size)
	}
	if err != nil {
		return DamagedFormat // opening it says how
	}
	return detectHDF5(f)
}

func detectZip(r io.ReaderAt, size int64) Format {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		// A cut-off archive is one still; opening it says what is wrong.
		return ArchiveFormat
	}
	arrays := len(archive.File) > 0
	for _, entry := range archive.File {
		switch {
		case entry.Name == configName || entry.Name == weightsName:
			return ArchiveFormat
		case filepath.Base(entry.Name) == "data.pkl":
			return TorchFormat
		}
		arrays = arrays && strings.HasSuffix(entry.Name, ".npy")
	}
	if arrays {
		return NumPyFormat
	}
	return ZipFormat
}

// detectOther tells by their first bytes what people take for a model's file.
func detectOther(r io.ReaderAt, head []byte, size int64) Format {
	begins := func(texts ...string) bool {
		for _, t := range texts {
			if bytes.HasPrefix(head, []byte(t)) {
				return true
			}
		}
		return false
	}
	text := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"))
	switch {
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")), bytes.HasPrefix(text, []byte("<?xml")), bytes.HasPrefix(text, []byte("<head")):
		return HTMLFormat
	case begins("version https://git-lfs"):
		return LFSFormat
	case begins("\x1f\x8b"):
		return GzipFormat
	case len(head) >= 8 && string(head[4:8]) == "TFL3":
		return TFLiteFormat
	case begins("\x93NUMPY"):
		return NumPyFormat
	case begins("\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"):
		return PickleFormat
	case begins("model_checkpoint_path"), bytes.Contains(head, []byte("_CHECKPOINTABLE_OBJECT_GRAPH")):
		return CheckpointFormat
	case len(head) > 9 && head[8] == '{' && int64(binary.LittleEndian.Uint64(head)) > 0 && int64(binary.LittleEndian.Uint64(head)) < size:
		return SafetensorsFormat
	case len(head) > 2 && head[0] == 0x08 && head[1] < 0x20 && (head[2] == 0x12 || head[2] == 0x3a || head[2] == 0x42): // ir_version, then the producer or the graph
		return ONNXFormat
	case len(head) > 4 && head[0] == 0x0a && bytes.Contains(head, []byte("\x12\x0bPlaceholder")), bytes.Contains(head, []byte("\x12\x05Const\x2a")):
		return ProtobufFormat
	}
	if tail := make([]byte, 8); size > 48 { // a table of LevelDB's, which checkpoints' indices are
		if _, err := r.ReadAt(tail, size-8); err == nil && binary.LittleEndian.Uint64(tail) == 0xdb4775248b80fb57 {
			return CheckpointFormat
		}
	}
	return Unknown
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
