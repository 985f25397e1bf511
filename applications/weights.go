package applications

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/download"
)

// Download says how published files are had. The zero value is the default: Keras's folder, then the network.
type Download struct {
	// Offline forbids the network, as GOKERAS_OFFLINE=1 does.
	Offline bool
	// Progress receives what a download has to show. nil means os.Stderr; io.Discard is silence.
	Progress io.Writer
	// Context ends a download early. nil means context.Background().
	Context context.Context

	client *http.Client // nil but in tests
}

// ErrNotFound is wrapped by the error of a published file that is neither in Keras's folder nor to be had; its text says where to put it.
var ErrNotFound = errors.New("file not found")

// Download says how the published weights are had.
func (n *network[N]) Download(o Download) N {
	n.download = o
	return n.self
}

// weightsFile is a file that Keras publishes: its name in Keras's folder, where it comes from, and its checksum, "" where Keras has none.
type weightsFile struct{ name, url, hash string }

// Where Keras's files come from.
const (
	storage      = "https://storage.googleapis.com/"
	keras2Folder = storage + "tensorflow/keras-applications/"
)

// published is the file of most networks, one with and one without the top.
func (n *net) published(folder, stem string) weightsFile {
	if !n.includeTop {
		stem += "_notop"
	}
	return hashed(folder, stem+".h5")
}

// hashed is a file that Keras has a checksum of.
func hashed(folder, name string) weightsFile {
	return weightsFile{name: name, url: folder + name, hash: publishedHashes[name]}
}

// load gives the network its weights; without any it draws new ones when they are needed.
func (n *net) load(m *functional.Model) error {
	path := n.weights
	switch path {
	case "":
		return nil
	case imageNet:
		var err error
		if path, err = n.file(n).fetch(n.download); err != nil {
			return err
		}
	}
	return m.LoadWeights(path)
}

// largestFile bounds a download: ConvNeXtXLarge has 1.4 GB.
const largestFile = 2 << 30

// fetch returns the path of the file, which is fetched where it isn't in Keras's folder or is another one.
func (f weightsFile) fetch(o Download) (string, error) {
	folder, err := download.KerasFolder("models")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, f.name)
	wrong := ""
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		if f.hash == "" {
			return path, nil
		}
		got, err := download.Checksum(path, f.hash)
		if err != nil {
			return "", err
		}
		if got == f.hash {
			return path, nil
		}
		wrong = fmt.Sprintf("\n  the file that lies there has the checksum %s and not Keras's", got)
	}
	err = errors.New("forbidden by GOKERAS_OFFLINE or Download.Offline")
	if !o.Offline && !download.Offline() {
		options := download.Options{Progress: o.Progress, Client: o.client}
		if options.Progress == nil {
			options.Progress = os.Stderr
		}
		file := download.File{URL: f.url, Path: path, Unverified: f.hash == "", MaxBytes: largestFile}
		if len(f.hash) == 64 {
			file.SHA256 = f.hash
		} else {
			file.MD5 = f.hash
		}
		if err = download.Fetch(o.Context, file, options); err == nil {
			return path, nil
		}
		if o.Context != nil && o.Context.Err() != nil {
			return "", err
		}
	}
	checksum := ""
	if f.hash != "" {
		checksum = " (checksum " + f.hash + ")"
	}
	return "", fmt.Errorf("%w: %s%s\n  download: %w%s\nPut %s, from %s, into %s", ErrNotFound, f.name, checksum, err, wrong, f.name, f.url, folder)
}
