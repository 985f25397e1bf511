package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/download"
)

// Data is a data set, split as Keras splits it.
type Data struct {
	// XTrain and XTest are the images, uint8 from 0 to 255: shape (samples, 32, 32, 3) for CIFAR-10 and CIFAR-100, channels
	// last in the order red, green, blue, and (samples, 28, 28) for MNIST and Fashion-MNIST. Of houses they are the features.
	XTrain, XTest *tensors.Tensor
	// YTrain and YTest are the classes, uint8 from 0: shape (samples, 1) for CIFAR-10 and CIFAR-100 and (samples,) for MNIST
	// and Fashion-MNIST. Of houses they are the prices, (samples,).
	YTrain, YTest *tensors.Tensor
	// Source says where the data came from: a file or folder, a Go module, or "synthetic".
	Source string
}

// First returns the first train samples of the training set and the first test samples of the test set, or as many as
// there are: a small run on real data.
func (d *Data) First(train, test int) (*Data, error) {
	if d == nil {
		return nil, errors.New("datasets: First on no data")
	}
	out := &Data{Source: d.Source}
	for _, part := range []struct {
		name string
		from *tensors.Tensor
		n    int
		to   **tensors.Tensor
	}{
		{"XTrain", d.XTrain, train, &out.XTrain}, {"YTrain", d.YTrain, train, &out.YTrain},
		{"XTest", d.XTest, test, &out.XTest}, {"YTest", d.YTest, test, &out.YTest},
	} {
		t, err := First(part.from, part.n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
		*part.to = t
	}
	return out, nil
}

// Options says where a data set is looked for. The zero value is the default: Keras's cache folder, then the network.
type Options struct {
	// Folder is the only place to look in, instead of the cache folder; nothing is then downloaded. It is a folder
	// that holds the files under one of their usual names, the folder of an unpacked archive, or one archive.
	Folder string
	// Offline forbids the network, as GOKERAS_OFFLINE=1 does.
	Offline bool
	// Progress receives what a download has to show. nil means os.Stderr; io.Discard is silence.
	Progress io.Writer
	// Context ends a download early. nil means context.Background().
	Context context.Context
}

// ErrNotFound is wrapped by the error of a data set that is neither here nor to be had; its text says which file to put
// in which folder. A file that is here and damaged is another error.
var ErrNotFound = errors.New("data set not found")

// origin is where a data set is downloaded from.
type origin struct {
	url, sha256 string
	maxBytes    int64
}

// loader is what the public functions run on; tests replace the world around it.
type loader struct {
	ctx      context.Context
	folder   string // Options.Folder, or ""
	cache    string // Keras's folder
	offline  bool
	progress io.Writer

	client    *http.Client
	cifar     origin
	mnist     origin
	goCommand string
}

func newLoader(name string, opts []Options) (*loader, error) {
	if len(opts) > 1 {
		return nil, fmt.Errorf("datasets.%s: %d Options given, and one at most was expected", name, len(opts))
	}
	var o Options
	if len(opts) == 1 {
		o = opts[0]
	}
	l := &loader{
		ctx: o.Context, folder: o.Folder, offline: o.Offline || download.Offline(), progress: o.Progress,
		cifar: cifarOrigin, mnist: mnistOrigin, goCommand: "go",
	}
	if l.ctx == nil {
		l.ctx = context.Background()
	}
	if l.progress == nil {
		l.progress = os.Stderr
	}
	if l.folder == "" {
		cache, err := cacheFolder()
		if err != nil {
			return nil, fmt.Errorf("datasets.%s: %w", name, err)
		}
		l.cache = cache
	}
	return l, nil
}

// place is the folder, or the file, that the user is told about.
func (l *loader) place() string {
	if l.folder != "" {
		return l.folder
	}
	return l.cache
}

// cacheFolder is where Keras keeps data sets.
func cacheFolder() (string, error) { return download.KerasFolder("datasets") }

// notFound is the error for a data set that cannot be had. reasons are the ways that were tried, advice what to do.
func notFound(name string, reasons []string, advice string) error {
	return fmt.Errorf("datasets.%s: %w\n  %s\n%s", name, ErrNotFound, strings.Join(reasons, "\n  "), advice)
}

// damaged is the error for a file that is here and cannot be read.
func damaged(name, file string, err error) error {
	return fmt.Errorf("datasets.%s: %s: %w; replace the file, or remove it to have it fetched again", name, file, err)
}

// fetch downloads a data set to the file name in the cache folder, and returns its path.
func (l *loader) fetch(from origin, name string) (string, error) {
	path := filepath.Join(l.cache, name)
	return path, download.Fetch(l.ctx, download.File{URL: from.url, Path: path, SHA256: from.sha256, MaxBytes: from.maxBytes},
		download.Options{Progress: l.progress, Client: l.client})
}

// isFile reports whether path is a regular file, following links: a user may link a big file to where it is looked for.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// uint8Tensor makes a tensor out of parts that lie one after the other. The parts are let go one by one, to keep the
// peak at little more than the data itself.
func uint8Tensor(parts [][]byte, dims ...int) (*tensors.Tensor, error) {
	size := 1
	for _, d := range dims {
		size *= d
	}
	total := 0
	for _, p := range parts {
		total += len(p)
	}
	if total != size {
		return nil, fmt.Errorf("%d bytes of data for shape %v", total, dims)
	}
	if len(parts) == 1 {
		return tensors.FromFlatDataAndDimensions(parts[0], dims...), nil
	}
	t := tensors.FromScalarAndDimensions(uint8(0), dims...)
	err := tensors.MutableFlatData(t, func(flat []uint8) {
		for i, p := range parts {
			flat = flat[copy(flat, p):]
			parts[i] = nil
		}
	})
	return t, err
}

// checkLabels makes sure that every label is one of the ten classes.
func checkLabels(labels []byte) error {
	for i, y := range labels {
		if y > 9 {
			return fmt.Errorf("sample %d has class %d, and the classes are 0 to 9", i, y)
		}
	}
	return nil
}
