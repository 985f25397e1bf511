package datasets

import (
	"archive/tar"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// CIFAR100Options are the arguments of [CIFAR100]. The zero value is Keras's default.
type CIFAR100Options struct {
	Options
	// Coarse gives the 20 classes that the 100 are grouped into (Keras: label_mode="coarse").
	Coarse bool
}

// Keras 3 downloads the archive under this name and unpacks it into cifar-100-python-target.
const cifar100DownloadName = "cifar-100-python-target_archive"

var cifar100Origin = origin{
	url: "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz", sha256: "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7", maxBytes: 256 << 20,
}

// The training images are in one file, of 154 MB.
const (
	cifar100MaxImages = 50_000
	cifar100MaxBytes  = cifar100MaxImages*(2*cifarImage+300) + 4096
)

// CIFAR100 returns the CIFAR-100 data set: 50,000 training and 10,000 test images of 32×32 pixels in 100 classes, in the shapes and types of [CIFAR10], as from
// keras.datasets.cifar100.load_data.
//
// It reads, in the cache folder of Keras or in Options.Folder, the unpacked folder cifar-100-python, then the archives cifar-100-python-target_archive and
// cifar-100-python.tar.gz; when none is there it downloads the archive to where Keras keeps it (170 MB).
func CIFAR100(opts ...CIFAR100Options) (*Data, error) {
	if len(opts) > 1 {
		return nil, fmt.Errorf("datasets.CIFAR100: %d CIFAR100Options given, and one at most was expected", len(opts))
	}
	var o CIFAR100Options
	if len(opts) == 1 {
		o = opts[0]
	}
	l, err := newLoader("CIFAR100", []Options{o.Options})
	if err != nil {
		return nil, err
	}
	classes := cifar100Labels{key: "fine_labels", count: 100}
	if o.Coarse {
		classes = cifar100Labels{key: "coarse_labels", count: 20}
	}
	root := l.place()
	read := func(path string) (*Data, error) { return classes.archive(path) }
	if !isFile(root) {
		for _, folder := range []string{"cifar-100-python-target/cifar-100-python", "cifar-100-python", "."} {
			folder = filepath.Join(root, filepath.FromSlash(folder))
			if isFile(filepath.Join(folder, "train")) && isFile(filepath.Join(folder, "test")) {
				data, err := classes.folder(folder)
				if err != nil {
					return nil, damaged("CIFAR100", folder, err)
				}
				return data, nil
			}
		}
		for _, name := range []string{"cifar-100-python.tar.gz"} {
			if at := filepath.Join(root, name); isFile(at) {
				return loadFile(l, "CIFAR100", name, cifar100Origin, read)
			}
		}
	}
	return loadFile(l, "CIFAR100", cifar100DownloadName, cifar100Origin, read)
}

// cifar100Labels is one of the two kinds of classes.
type cifar100Labels struct {
	key   string
	count int64
}

func (c cifar100Labels) folder(folder string) (*Data, error) {
	var parts [2][]byte
	for i, name := range []string{"train", "test"} {
		var err error
		if parts[i], err = readFile(filepath.Join(folder, name), cifar100MaxBytes); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return c.data(folder, parts)
}

// archive takes both files out of a tar archive.
func (c cifar100Labels) archive(file string) (*Data, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var parts [2][]byte
	err = eachTarEntry(f, func(header *tar.Header) (int64, func([]byte) error, error) {
		folder, name := path.Split(strings.TrimPrefix(header.Name, "./"))
		i := map[string]int{"train": 0, "test": 1}[name]
		switch {
		case folder != "cifar-100-python/" || name != "train" && name != "test":
			return 0, nil, nil
		case header.Typeflag != tar.TypeReg:
			return 0, nil, fmt.Errorf("the entry %s is not a regular file", header.Name)
		case parts[i] != nil:
			return 0, nil, fmt.Errorf("the entry %s is there twice", header.Name)
		}
		return cifar100MaxBytes, func(content []byte) error {
			parts[i] = content
			return nil
		}, nil
	})
	if err != nil {
		return nil, err
	}
	if parts[0] == nil || parts[1] == nil {
		return nil, errors.New("the archive has no cifar-100-python/train and cifar-100-python/test: it is not CIFAR-100")
	}
	return c.data(file, parts)
}

func (c cifar100Labels) data(source string, parts [2][]byte) (*Data, error) {
	var batches [2]*cifarBatch
	for i, name := range []string{"train", "test"} {
		b, err := pickledBatch(parts[i], c.key, c.count, cifar100MaxImages)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		batches[i], parts[i] = b, nil
	}
	train, test := batches[0], batches[1]
	data, err := cifarData([cifarBatches]*cifarBatch{train, {}, {}, {}, {}, test})
	if err != nil {
		return nil, err
	}
	data.Source = source
	return data, nil
}
