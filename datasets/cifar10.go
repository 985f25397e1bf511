package datasets

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Keras 3 downloads the archive under this name and unpacks it into cifar-10-batches-py-target.
const cifarDownloadName = "cifar-10-batches-py-target_archive"

// cifarOrigin is Keras's; the archive has 170 MB.
var cifarOrigin = origin{
	url:      "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
	sha256:   "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
	maxBytes: 256 << 20,
}

var (
	// Where the batch files lie, below the folder that is looked in, in the order of preference: as Keras 3 and Keras 2
	// unpack them, as the binary archive unpacks, and the folder itself.
	cifarFolders = []string{"cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py", "cifar-10-batches-bin", "."}

	// As Keras 3 and Keras 2 name the archive, and as its author does.
	cifarArchives = []string{cifarDownloadName, "cifar-10-batches-py.tar.gz", "cifar-10-python.tar.gz", "cifar-10-binary.tar.gz"}
)

// CIFAR10 returns the CIFAR-10 data set: 50,000 training and 10,000 test images of 32×32 pixels in 10 classes
// (airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck).
//
// XTrain is (50000, 32, 32, 3) and XTest (10000, 32, 32, 3), YTrain (50000, 1) and YTest (10000, 1), all uint8, as from
// keras.datasets.cifar10.load_data.
//
// It reads, in the cache folder of Keras or in Options.Folder, the unpacked folders cifar-10-batches-py (Python) and
// cifar-10-batches-bin (binary), then the archives cifar-10-batches-py.tar.gz, cifar-10-python.tar.gz and
// cifar-10-binary.tar.gz; when none is there it downloads the Python archive to where Keras keeps it (170 MB). With
// nothing to be had the error wraps ErrNotFound and says what to put where.
func CIFAR10(opts ...Options) (*Data, error) {
	l, err := newLoader("CIFAR10", opts)
	if err != nil {
		return nil, err
	}
	return l.loadCIFAR10()
}

func (l *loader) loadCIFAR10() (*Data, error) {
	data, reasons, err := l.cifarFound()
	if data != nil || err != nil {
		return data, err
	}
	advice := fmt.Sprintf("Put cifar-10-batches-py.tar.gz (also called cifar-10-python.tar.gz) or cifar-10-binary.tar.gz into %s", l.place())
	switch {
	case l.folder != "":
		return nil, notFound("CIFAR10", reasons, advice+".")
	case l.offline:
		reasons = append(reasons, "download: forbidden by GOKERAS_OFFLINE or Options.Offline")
	default:
		archive, err := l.fetch(l.cifar, cifarDownloadName)
		if err == nil {
			return cifarFile(archive)
		}
		if l.ctx.Err() != nil {
			return nil, fmt.Errorf("datasets.CIFAR10: %w", err)
		}
		reasons = append(reasons, err.Error())
	}
	return nil, notFound("CIFAR10", reasons, advice+", or set KERAS_HOME to the folder that has it as datasets/….")
}

// cifarFound reads what is already on this machine. It returns no data and no error, but the reason, when there is nothing.
func (l *loader) cifarFound() (*Data, []string, error) {
	root := l.place()
	if isFile(root) {
		data, err := cifarFile(root)
		return data, nil, err
	}
	var reasons []string
	for _, sub := range cifarFolders {
		folder := filepath.Join(root, filepath.FromSlash(sub))
		kind, missing := cifarFolderKind(folder)
		if kind == nil {
			// An unpacking that was cut short leaves a folder like this, and the archive beside it.
			if missing != "" {
				reasons = append(reasons, fmt.Sprintf("%s: no file %s", folder, missing))
			}
			continue
		}
		data, err := cifarFolder(folder, kind)
		return data, nil, err
	}
	for _, name := range cifarArchives {
		if path := filepath.Join(root, name); isFile(path) {
			data, err := cifarFile(path)
			return data, nil, err
		}
	}
	if len(reasons) == 0 {
		what := "none of " + strings.Join(cifarArchives, ", ") + ", cifar-10-batches-py/, cifar-10-batches-bin/"
		if !isDir(root) {
			what = "no such folder"
		}
		reasons = append(reasons, root+": "+what)
	}
	return nil, reasons, nil
}

// cifarFolderKind says in which form a folder holds the batches; nil when it does not, with the name of the first
// missing file when it holds some of them.
func cifarFolderKind(folder string) (*cifarKind, string) {
	firstMissing := ""
	for _, kind := range []*cifarKind{cifarPython, cifarBinary} {
		missing, present := "", 0
		for _, name := range kind.names {
			if isFile(filepath.Join(folder, name)) {
				present++
			} else if missing == "" {
				missing = name
			}
		}
		switch {
		case present == len(kind.names):
			return kind, ""
		case present > 0 && firstMissing == "":
			firstMissing = missing
		}
	}
	return nil, firstMissing
}

func cifarFolder(folder string, kind *cifarKind) (*Data, error) {
	var batches [cifarBatches]*cifarBatch
	for i, name := range kind.names {
		path := filepath.Join(folder, name)
		content, err := readFile(path, kind.maxBytes)
		if err == nil {
			batches[i], err = kind.decode(content)
		}
		if err != nil {
			return nil, damaged("CIFAR10", path, err)
		}
	}
	return cifarFrom(folder, batches, nil)
}

func cifarFile(path string) (*Data, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datasets.CIFAR10: %w", err)
	}
	defer func() { _ = f.Close() }()
	batches, err := readCIFARArchive(f)
	return cifarFrom(path, batches, err)
}

// cifarFrom makes the data set of the batches that were read from source, unless that failed.
func cifarFrom(source string, batches [cifarBatches]*cifarBatch, err error) (*Data, error) {
	var data *Data
	if err == nil {
		data, err = cifarData(batches)
	}
	if err != nil {
		return nil, damaged("CIFAR10", source, err)
	}
	data.Source = source
	return data, nil
}

// readFile reads a whole file, of maxBytes at most.
func readFile(path string, maxBytes int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	if info.Size() > maxBytes {
		return nil, fmt.Errorf("it has %d bytes, and %d are the most expected", info.Size(), maxBytes)
	}
	content := make([]byte, info.Size())
	if _, err := io.ReadFull(f, content); err != nil {
		return nil, err
	}
	return content, nil
}
