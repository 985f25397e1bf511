package datasets

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// ImageFolderOptions are the arguments of [ImageDatasetFromDirectory]; the zero value of each is Keras's default.
type ImageFolderOptions struct {
	Labels            []int    // given one by one, for the files in the order of their paths; nil: the folders' names
	NoLabels          bool     // images alone (Keras: labels=None)
	LabelMode         string   // "": "int" (int32); "categorical" (one-hot float32), "binary" (float32)
	ClassNames        []string // the folders, in the order of their classes; nil: all in alphabetical order
	ColorMode         string   // "": "rgb"; "grayscale", "rgba"
	BatchSize         int      // 0: 32
	ImageSize         [2]int   // height and width; zeros: 256 and 256
	KeepOrder         bool     // no shuffling (Keras: shuffle=False)
	Seed              *int     // nil: one that is drawn
	ValidationSplit   float64  // the part, between 0 and 1, that Subset "validation" has
	Subset            string   // "training" or "validation", where there is a ValidationSplit
	Interpolation     string   // "": "bilinear"; "nearest", "bicubic", "lanczos3", "lanczos5"
	FollowLinks       bool     // look into linked folders, too
	CropToAspectRatio bool     // cut the largest middle part of the right proportions out
	PadToAspectRatio  bool     // fill images up to the right proportions
	DataFormat        string   // "": "channels_last"; "channels_first"
}

// ImageFolder is a data set of the images in a folder. Fit, Evaluate and Predict take it; each run over it is an epoch.
type ImageFolder struct {
	// ClassNames are the names of the classes, in their order; nil without labels.
	ClassNames []string
	// FilePaths are the files, and Classes their classes, in the order of the data set before an epoch's own shuffling.
	FilePaths []string
	Classes   []int

	directory string
	o         ImageFolderOptions
	channels  int
	first     bool
	seed      uint32
	epoch     uint64
}

// ImageDatasetFromDirectory returns the PNG, JPEG, GIF and BMP images below a folder whose subfolders are the classes (Keras:
// keras.utils.image_dataset_from_directory), as batches of float32 images (batch, height, width, channels) from 0 to 255. Order and split
// are Keras's for the same seed: the same files are in the training and in the validation part. Where images are shuffled, each epoch
// mixes them anew, by numbers of its own. Images are decoded on all cores, a batch ahead.
func ImageDatasetFromDirectory(directory string, o ImageFolderOptions) (*ImageFolder, error) {
	d := &ImageFolder{directory: directory, o: o}
	if err := d.index(); err != nil {
		return nil, fmt.Errorf("datasets.ImageDatasetFromDirectory: %w", err)
	}
	return d, nil
}

// fill puts Keras's defaults into the options and checks them.
func (d *ImageFolder) fill() (err error) {
	o := &d.o
	for _, def := range []struct {
		to    *string
		value string
	}{{&o.LabelMode, "int"}, {&o.Interpolation, "bilinear"}} {
		if *def.to == "" {
			*def.to = def.value
		}
	}
	o.Interpolation = strings.ToLower(o.Interpolation)
	if o.BatchSize == 0 {
		o.BatchSize = 32
	}
	if o.ImageSize == [2]int{} {
		o.ImageSize = [2]int{256, 256}
	}
	if d.channels, err = channelsOf(o.ColorMode); err != nil {
		return err
	}
	if d.first, err = isChannelsFirst([]string{o.DataFormat}); err != nil {
		return err
	}
	if err := imageSize(o.ImageSize[0], o.ImageSize[1]); err != nil {
		return err
	}
	_, known := floatKernels[o.Interpolation]
	split := o.ValidationSplit
	switch {
	case !slices.Contains([]string{"int", "categorical", "binary"}, o.LabelMode):
		return fmt.Errorf("LabelMode is %q, want \"int\", \"categorical\" or \"binary\"", o.LabelMode)
	case !known && o.Interpolation != "nearest":
		return fmt.Errorf("interpolation is %q, want bilinear, nearest, bicubic, lanczos3 or lanczos5", o.Interpolation)
	case o.BatchSize < 1 || o.BatchSize > maxBatchBytes/(4*d.channels*o.ImageSize[0]*o.ImageSize[1]):
		return fmt.Errorf("a batch of %d images of %d×%d pixels is too large or too small: want at least one image, and at most %d bytes", o.BatchSize, o.ImageSize[0], o.ImageSize[1], maxBatchBytes)
	case o.CropToAspectRatio && o.PadToAspectRatio:
		return fmt.Errorf("only one of PadToAspectRatio and CropToAspectRatio can be set")
	case o.NoLabels && (o.Labels != nil || o.ClassNames != nil):
		return fmt.Errorf("without labels, neither Labels nor ClassNames can be given")
	case o.Labels != nil && o.ClassNames != nil:
		return fmt.Errorf("ClassNames can only be given where the labels are the folders' names")
	case split != 0 && !(split > 0 && split < 1):
		return fmt.Errorf("ValidationSplit must be between 0 and 1, received: %v", split)
	case (split != 0) != (o.Subset != ""):
		return fmt.Errorf("if Subset is set, ValidationSplit must be set, and inversely")
	case o.Subset != "" && o.Subset != "training" && o.Subset != "validation":
		return fmt.Errorf("subset is %q, want \"training\" or \"validation\"", o.Subset)
	case split != 0 && !o.KeepOrder && o.Seed == nil:
		return fmt.Errorf("with ValidationSplit and shuffling, give a Seed, so that the training and the validation part don't overlap")
	case o.Seed != nil && (*o.Seed < 0 || *o.Seed > 1<<32-1):
		return fmt.Errorf("the seed is %d, want a number from 0 to %d", *o.Seed, uint32(1<<32-1))
	}
	d.seed = rand.Uint32N(1e6)
	if o.Seed != nil {
		d.seed = uint32(*o.Seed)
	}
	return nil
}

// maxBatchBytes bounds the memory of one batch.
const maxBatchBytes = 1 << 32

func (d *ImageFolder) index() error {
	if err := d.fill(); err != nil {
		return err
	}
	o := &d.o
	folders := []string{""}
	if o.Labels == nil && !o.NoLabels {
		all, err := subfolders(d.directory)
		if err != nil {
			return err
		}
		folders = all
		for _, name := range o.ClassNames {
			if !slices.Contains(all, name) {
				return fmt.Errorf("the class names don't match the subfolders: there is no %q among %q", name, all)
			}
		}
		if o.ClassNames != nil {
			folders = slices.Clone(o.ClassNames)
		}
		d.ClassNames = folders
	}
	for class, folder := range folders {
		files, err := imagesBelow(filepath.Join(d.directory, folder), o.FollowLinks)
		if err != nil {
			return err
		}
		d.FilePaths = append(d.FilePaths, files...)
		d.Classes = append(d.Classes, slices.Repeat([]int{class}, len(files))...)
	}
	if o.Labels != nil {
		if len(o.Labels) != len(d.FilePaths) {
			return fmt.Errorf("expected as many labels as files, got %d labels for the %d files in %s", len(o.Labels), len(d.FilePaths), d.directory)
		}
		d.Classes = slices.Clone(o.Labels)
		different := slices.Compact(slices.Sorted(slices.Values(o.Labels)))
		for _, label := range different {
			d.ClassNames = append(d.ClassNames, fmt.Sprint(label))
		}
		if o.LabelMode != "int" && (different[0] < 0 || different[len(different)-1] >= len(different)) {
			return fmt.Errorf("labels are %v, want numbers from 0 to %d", different, len(different)-1)
		}
	}
	if o.LabelMode == "binary" && !o.NoLabels && len(d.ClassNames) != 2 {
		return fmt.Errorf("with the label mode \"binary\" there must be exactly 2 classes, got %q", d.ClassNames)
	}
	if !o.KeepOrder {
		order := shuffleNumPy(mt19937.New(d.seed), len(d.FilePaths))
		d.FilePaths, d.Classes = pick(d.FilePaths, order), pick(d.Classes, order)
	}
	if o.ValidationSplit != 0 {
		held := int(o.ValidationSplit * float64(len(d.FilePaths)))
		from, to := 0, len(d.FilePaths)-held
		if held == 0 { // Python's samples[:-0] is empty, and samples[-0:] has all
			to = 0
		}
		if o.Subset == "validation" {
			from, to = to, len(d.FilePaths)
		}
		d.FilePaths, d.Classes = d.FilePaths[from:to], d.Classes[from:to]
	}
	if len(d.FilePaths) == 0 {
		return fmt.Errorf("no images found in folder %s: their names end in %s", d.directory, strings.Join(imageSuffixes, ", "))
	}
	if o.NoLabels {
		d.Classes = nil
	}
	return nil
}

// imageSuffixes end the names of the files that are read.
var imageSuffixes = []string{".bmp", ".gif", ".jpeg", ".jpg", ".png"}

// subfolders are the folders in a folder whose names don't begin with a point, in order.
func subfolders(directory string) ([]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(directory, e.Name()))
		if err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// imagesBelow are the image files below a folder: those of one folder beside each other, in order.
func imagesBelow(folder string, followLinks bool) ([]string, error) {
	files := map[string][]string{}
	visited := map[string]bool{}
	var walk func(folder string) error
	walk = func(folder string) error {
		real, err := filepath.EvalSymlinks(folder)
		if err != nil {
			return err
		}
		if visited[real] { // a link to a folder above
			return nil
		}
		visited[real] = true
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			info, err := os.Stat(path)
			switch {
			case err != nil:
				if hasImageSuffix(path) {
					return err
				}
			case info.IsDir():
				if e.Type()&os.ModeSymlink == 0 || followLinks {
					if err := walk(path); err != nil {
						return err
					}
				}
			case hasImageSuffix(path):
				files[folder] = append(files[folder], path)
			}
		}
		return nil
	}
	if err := walk(folder); err != nil {
		return nil, err
	}
	var out []string
	folders := make([]string, 0, len(files))
	for f := range files {
		folders = append(folders, f)
	}
	slices.Sort(folders)
	for _, f := range folders {
		slices.Sort(files[f])
		out = append(out, files[f]...)
	}
	return out, nil
}

func hasImageSuffix(path string) bool {
	return slices.ContainsFunc(imageSuffixes, func(s string) bool { return strings.HasSuffix(strings.ToLower(path), s) })
}

// Name names the data set in messages (GoMLX: train.Dataset).
func (d *ImageFolder) Name() string { return d.directory }

// Len is the number of images.
func (d *ImageFolder) Len() int { return len(d.FilePaths) }

// Iter runs over one epoch (GoMLX: train.Dataset). An image that can't be read ends it with an error that names the file.
func (d *ImageFolder) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		order := d.order()
		done := make(chan struct{})
		defer close(done)
		type result struct {
			batch train.Batch
			err   error
		}
		ahead := make(chan result, 1)
		go func() {
			defer close(ahead)
			for from := 0; from < len(order); from += d.o.BatchSize {
				b, err := d.batch(order[from:min(from+d.o.BatchSize, len(order))])
				select {
				case ahead <- result{b, err}:
				case <-done:
					return
				}
				if err != nil {
					return
				}
			}
		}()
		for r := range ahead {
			if !yield(r.batch, r.err) || r.err != nil {
				return
			}
		}
	}
}

// order is that of the next epoch. As Keras does, it takes each next image at random from the next eight batches.
func (d *ImageFolder) order() []int {
	n := len(d.FilePaths)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if d.o.KeepOrder {
		return order
	}
	d.epoch++
	rng := rand.New(rand.NewPCG(uint64(d.seed), d.epoch))
	window := 8 * d.o.BatchSize
	waiting := slices.Clone(order[:min(window, n)])
	for i := range order {
		at := rng.IntN(len(waiting))
		order[i] = waiting[at]
		if next := i + window; next < n {
			waiting[at] = next
		} else {
			waiting[at] = waiting[len(waiting)-1]
			waiting = waiting[:len(waiting)-1]
		}
	}
	return order
}

// batch decodes images on all cores.
func (d *ImageFolder) batch(which []int) (train.Batch, error) {
	height, width := d.o.ImageSize[0], d.o.ImageSize[1]
	size := height * width * d.channels
	flat := make([]float32, len(which)*size)
	errs := make([]error, len(which))
	next := make(chan int)
	finished := make(chan struct{})
	workers := min(runtime.GOMAXPROCS(0), len(which))
	for range workers {
		go func() {
			defer func() { finished <- struct{}{} }()
			for i := range next {
				m, err := decodeFile(d.FilePaths[which[i]], d.channels)
				if err != nil {
					errs[i] = err
					continue
				}
				into := flat[i*size : (i+1)*size]
				floatResize(m, height, width, d.o.Interpolation, d.o.CropToAspectRatio, d.o.PadToAspectRatio, into)
				if d.first {
					copy(into, toPlanes(into, d.channels))
				}
			}
		}()
	}
	for i := range which {
		next <- i
	}
	close(next)
	for range workers {
		<-finished
	}
	for _, err := range errs {
		if err != nil {
			return train.Batch{}, fmt.Errorf("datasets.ImageDatasetFromDirectory: %w", err)
		}
	}
	dims := []int{len(which), height, width, d.channels}
	if d.first {
		dims = []int{len(which), d.channels, height, width}
	}
	b := train.Batch{Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(flat, dims...)}}
	if d.Classes != nil {
		b.Labels = []*tensors.Tensor{d.labels(which)}
	}
	return b, nil
}

// labels are the classes of images in the form that was asked for.
func (d *ImageFolder) labels(which []int) *tensors.Tensor {
	classes := len(d.ClassNames)
	switch d.o.LabelMode {
	case "categorical":
		hot := make([]float32, len(which)*classes)
		for i, at := range which {
			hot[i*classes+d.Classes[at]] = 1
		}
		return tensors.FromFlatDataAndDimensions(hot, len(which), classes)
	case "binary":
		flat := make([]float32, len(which))
		for i, at := range which {
			flat[i] = float32(d.Classes[at])
		}
		return tensors.FromFlatDataAndDimensions(flat, len(which), 1)
	}
	flat := make([]int32, len(which))
	for i, at := range which {
		flat[i] = int32(d.Classes[at])
	}
	return tensors.FromFlatDataAndDimensions(flat, len(which))
}
