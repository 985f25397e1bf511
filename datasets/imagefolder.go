package datasets

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// ImageFolderOptions are the arguments of [ImageDatasetFromDirectory]; the zero value of each is Keras's default.
type ImageFolderOptions struct {
	Labels            []int    // given one by one, for the files in the order of their paths; nil: the folders' names
	NoLabels          bool     // images alone (Keras: labels=None)
	LabelMode         string   // "": "int" (int32); "categorical" (one-hot float32), "binary" (float32)
	ClassNames        []string // the folders, in the order of their classes; nil: all in alphabetical order
	ColorMode         string   // "": "rgb"; "grayscale", "rgba"
	BatchSize         int      // 0: 32
	NoBatches         bool     // each image by itself (Keras: batch_size=None)
	ImageSize         [2]int   // height and width; zeros: 256 and 256
	KeepOrder         bool     // no shuffling (Keras: shuffle=False)
	Seed              *int     // nil: one that is drawn
	ValidationSplit   float64  // the part, between 0 and 1, that Subset "validation" has
	Subset            string   // "training" or "validation", where there is a ValidationSplit
	Interpolation     string   // "": "bilinear"; "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"
	FollowLinks       bool     // look into linked folders, too
	CropToAspectRatio bool     // cut the largest middle part of the right proportions out
	PadToAspectRatio  bool     // fill images up with zeros, above and below or left and right, in place of distorting them
	DataFormat        string   // "": "channels_last"; "channels_first"
	// OnBroken hears of each file that can't be read, whenever its batch comes, and the batch goes without it, so that how many batches there are isn't known before. nil:
	// such a file ends the epoch with an error.
	OnBroken func(path string, err error)
}

// ImageFolder is a data set of the images in a folder: a pipeline of batches. Fit, Evaluate and Predict take it; each run over it is an epoch.
type ImageFolder struct {
	*Pipeline
	Folder

	o        ImageFolderOptions
	size     int // of a batch, 0 for none
	channels int
	first    bool
}

// ImageDatasetFromDirectory returns the PNG, JPEG, GIF and BMP images below a folder whose subfolders are the classes (Keras:
// keras.utils.image_dataset_from_directory), as batches of float32 images (batch, height, width, channels) from 0 to 255; the interpolation
// "nearest" leaves them uint8. Order and split are Keras's for the same seed: the same files are in the training and in the validation part. Where images are shuffled, each
// epoch mixes them anew, by numbers of its own. Pixels are exactly Keras's on tf.data, whose JPEG decoder is another one than that of [LoadImage]; only Lanczos's interpolation
// differs, in the fifth digit. Images are decoded on all cores, a batch ahead.
func ImageDatasetFromDirectory(directory string, o ImageFolderOptions) (*ImageFolder, error) {
	d := &ImageFolder{o: o}
	err := d.fill()
	o = d.o
	if err == nil {
		err = d.index(directory, imageSuffixes, folderOptions{o.Labels, o.NoLabels, o.LabelMode, o.ClassNames, d.size, o.KeepOrder, o.Seed, o.ValidationSplit, o.Subset, o.FollowLinks})
	}
	if err != nil {
		return nil, fmt.Errorf("datasets.ImageDatasetFromDirectory: %w", err)
	}
	read := func(which []int) (Element, error) {
		e, err := d.batch(which)
		if err != nil {
			err = fmt.Errorf("datasets.ImageDatasetFromDirectory: %w", err)
		}
		return e, err
	}
	if d.Pipeline = d.batches(read); o.NoBatches { // decoded together all the same, on all cores
		d.Pipeline = d.chunks(decodedTogether, read).Unbatch()
		if o.OnBroken == nil {
			d.Pipeline = d.Pipeline.AssertCardinality(d.Len())
		}
		d.Pipeline.named(directory)
	}
	if o.OnBroken != nil {
		d.Pipeline.size = Unknown
	}
	return d, nil
}

// ImageDatasetsFromDirectory returns the training and the validation part of a folder (Keras: subset="both"), whose Subset must be left open. The validation
// part has the same order in each epoch.
func ImageDatasetsFromDirectory(directory string, o ImageFolderOptions) (training, validation *ImageFolder, err error) {
	return bothParts(o.Subset, func(subset string, fixed bool) (*ImageFolder, error) {
		o.Subset = subset
		d, err := ImageDatasetFromDirectory(directory, o)
		if err == nil && fixed {
			d.f.keepOrder = true
		}
		return d, err
	})
}

// fill puts Keras's defaults into the options and checks them.
func (d *ImageFolder) fill() (err error) {
	o := &d.o
	o.Interpolation = cmp.Or(strings.ToLower(o.Interpolation), "bilinear")
	if d.size, err = batchSize(o.BatchSize, o.NoBatches); err != nil {
		return err
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
	_, known := floatWeights[o.Interpolation]
	together := max(d.size, 1)
	if o.NoBatches {
		together = decodedTogether
	}
	switch {
	case !known && o.Interpolation != "bilinear":
		return fmt.Errorf("interpolation is %q, want bilinear, nearest, bicubic, area, lanczos3, lanczos5, gaussian or mitchellcubic", o.Interpolation)
	case together > maxBatchBytes/(4*d.channels*o.ImageSize[0]*o.ImageSize[1]):
		return fmt.Errorf("a batch of %d images of %d×%d pixels is too large: want at most %d bytes", together, o.ImageSize[0], o.ImageSize[1], maxBatchBytes)
	case o.CropToAspectRatio && slices.Contains(smoothing, o.Interpolation):
		return fmt.Errorf("with CropToAspectRatio interpolation is %q, want bilinear, nearest, bicubic, area, lanczos3 or lanczos5", o.Interpolation)
	case o.CropToAspectRatio && o.PadToAspectRatio:
		return fmt.Errorf("only one of PadToAspectRatio and CropToAspectRatio can be set")
	}
	return nil
}

// maxBatchBytes bounds the memory of one batch.
const maxBatchBytes = 1 << 32

// decodedTogether is how many images are decoded at a time where each is by itself.
const decodedTogether = 16

// imageSuffixes end the names of the files that are read.
var imageSuffixes = []string{".bmp", ".gif", ".jpeg", ".jpg", ".png"}

// batch decodes images on all cores.
func (d *ImageFolder) batch(which []int) (Element, error) {
	height, width := d.o.ImageSize[0], d.o.ImageSize[1]
	dims := []int{len(which), height, width, d.channels}
	if d.first {
		dims = []int{len(which), d.channels, height, width}
	}
	images := tensors.FromShape(shapes.Make(dtypes.Float32, dims...)) // zeros
	errs := make([]error, len(which))
	err := tensors.MutableFlatData(images, func(flat []float32) {
		size := height * width * d.channels
		var next atomic.Int64
		var workers sync.WaitGroup
		for range min(runtime.GOMAXPROCS(0), len(which)) {
			workers.Go(func() {
				room := imageRooms.Get().(*imageRoom)
				defer imageRooms.Put(room)
				for i := int(next.Add(1)) - 1; i < len(which); i = int(next.Add(1)) - 1 {
					errs[i] = d.read(d.FilePaths[which[i]], flat[i*size:(i+1)*size], room)
				}
			})
		}
		workers.Wait()
	})
	if err != nil {
		return Element{}, err
	}
	var sound []int
	for i, err := range errs {
		switch {
		case err == nil:
			sound = append(sound, which[i])
		case d.o.OnBroken == nil:
			return Element{}, err
		default:
			d.o.OnBroken(d.FilePaths[which[i]], err)
		}
	}
	if len(sound) == 0 {
		return Element{}, nil
	}
	if len(sound) < len(which) {
		return d.batch(sound)
	}
	if d.o.Interpolation == "nearest" { // TensorFlow keeps the type of what it only moves
		bytes := make([]uint8, images.Size())
		tensors.MustConstFlatData(images, func(flat []float32) {
			for i, v := range flat {
				bytes[i] = uint8(v)
			}
		})
		images = tensors.FromFlatDataAndDimensions(bytes, dims...)
	}
	return Element{X: images, Y: d.labels(which)}, nil
}

// imageRooms keeps memory for the next images.
var imageRooms = sync.Pool{New: func() any { return new(imageRoom) }}

// read reads an image into zeros.
func (d *ImageFolder) read(path string, into []float32, room *imageRoom) error {
	m, err := decodeFile(path, decoding{d.channels, MaxImagePixels, true, room})
	if err != nil {
		return err
	}
	if err := floatResize(m, d.o.ImageSize[0], d.o.ImageSize[1], d.o.Interpolation, d.o.CropToAspectRatio, d.o.PadToAspectRatio, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if d.first {
		copy(into, toPlanes(into, d.channels))
	}
	return nil
}
