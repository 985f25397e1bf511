package datasets

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/internal/download"
)

// FashionMNIST returns the Fashion-MNIST data set: 60,000 training and 10,000 test images of clothes in 10 classes (T-shirt/top, trouser, pullover, dress, coat, sandal, shirt,
// sneaker, bag, ankle boot), in MNIST's shapes, as from keras.datasets.fashion_mnist.load_data.
//
// It reads the four IDX files (train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz) in the folder fashion-mnist of
// Keras's cache folder, or in Options.Folder, and else downloads them there (30 MB), by a connection that is checked; Keras has no checksums of them.
func FashionMNIST(opts ...Options) (*Data, error) {
	l, err := newLoader("FashionMNIST", opts)
	if err != nil {
		return nil, err
	}
	root := l.folder
	if root == "" {
		root = filepath.Join(l.cache, "fashion-mnist")
	}
	var contents [4][]byte
	var reasons []string
	for i, f := range mnistFiles {
		path := ""
		for _, name := range f.names() {
			if at := filepath.Join(root, name); path == "" && isFile(at) {
				path = at
			}
		}
		if path == "" {
			name := f.names()[0]
			if path, err = l.fetchFashion(root, name); err != nil {
				if l.ctx.Err() != nil {
					return nil, fmt.Errorf("datasets.FashionMNIST: %w", err)
				}
				reasons = append(reasons, fmt.Sprintf("%s: not there; %v", filepath.Join(root, name), err))
				continue
			}
		}
		if contents[i], err = readFile(path, mnistMaxFile); err != nil {
			return nil, damaged("FashionMNIST", path, err)
		}
	}
	if reasons != nil {
		names := make([]string, len(mnistFiles))
		for i, f := range mnistFiles {
			names[i] = f.names()[0]
		}
		return nil, notFound("FashionMNIST", reasons, fmt.Sprintf("Put %s (from %s) into %s.", strings.Join(names, ", "), storage, root))
	}
	data, at, err := mnistIDX(contents)
	if err != nil {
		file := root
		if at >= 0 {
			file = filepath.Join(root, mnistFiles[at].names()[0])
		}
		return nil, damaged("FashionMNIST", file, err)
	}
	data.Source = root
	return data, nil
}

func (l *loader) fetchFashion(root, name string) (string, error) {
	switch {
	case l.folder != "":
		return "", errors.New("nothing is downloaded into Options.Folder")
	case l.offline:
		return "", errors.New("download: forbidden by GOKERAS_OFFLINE or Options.Offline")
	}
	path := filepath.Join(root, name)
	return path, download.Fetch(l.ctx, download.File{URL: storage + name, Path: path, Unverified: true, MaxBytes: mnistMaxFile},
		download.Options{Progress: l.progress, Client: l.client})
}
