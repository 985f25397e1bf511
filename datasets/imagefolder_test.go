package datasets

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/mt19937"
)

// pngChecksum is that of a chunk of a PNG file.
func pngChecksum(chunk []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))
}

func TestMersenne(t *testing.T) {
	require.Equal(t, loadImageFiles(t).Shuffled, shuffleNumPy(mt19937.New(123), 5000)[:50])
}

func relative(t *testing.T, d *ImageFolder) []string {
	t.Helper()
	var out []string
	for _, p := range d.FilePaths {
		short, err := filepath.Rel(imagesFolder, p)
		require.NoError(t, err)
		out = append(out, filepath.ToSlash(short))
	}
	return out
}

// TestOrder requires the files, their classes, order and split to be Keras's.
func TestOrder(t *testing.T) {
	f := loadImageFiles(t)
	d, err := ImageDatasetFromDirectory(imagesFolder, ImageFolderOptions{KeepOrder: true})
	require.NoError(t, err)
	require.Equal(t, f.Paths, relative(t, d))
	require.Equal(t, f.Classes, d.Classes)
	require.Equal(t, f.ClassNames, d.ClassNames)
	for _, o := range f.Orders {
		d, err := ImageDatasetFromDirectory(imagesFolder, ImageFolderOptions{Seed: &o.Seed})
		require.NoError(t, err)
		require.Equal(t, o.Paths, relative(t, d))
		require.Equal(t, o.Classes, d.Classes)
		for subset, want := range map[string][]string{"training": o.Training, "validation": o.Validation} {
			d, err := ImageDatasetFromDirectory(imagesFolder, ImageFolderOptions{Seed: &o.Seed, ValidationSplit: 0.3, Subset: subset})
			require.NoError(t, err)
			require.Equal(t, want, relative(t, d))
		}
		training, validation, err := ImageDatasetsFromDirectory(imagesFolder, ImageFolderOptions{Seed: &o.Seed, ValidationSplit: 0.3, ImageSize: [2]int{4, 4}})
		require.NoError(t, err)
		require.Equal(t, o.Training, relative(t, training))
		require.Equal(t, o.Validation, relative(t, validation))
		require.Equal(t, batches(t, validation)[0].Inputs[0].Value(), batches(t, validation)[0].Inputs[0].Value())
		require.NotEqual(t, batches(t, training)[0].Inputs[0].Value(), batches(t, training)[0].Inputs[0].Value())
	}
	_, _, err = ImageDatasetsFromDirectory(imagesFolder, ImageFolderOptions{ValidationSplit: 0.3, Subset: "training"})
	require.ErrorContains(t, err, "both are asked for")
	_, _, err = ImageDatasetsFromDirectory(imagesFolder, ImageFolderOptions{})
	require.Error(t, err)
}

// TestFloatResize holds the images of a data set to Keras's: exactly, but for the sines of Lanczos's weights.
func TestFloatResize(t *testing.T) {
	for _, c := range loadImageFiles(t).Read {
		d := &ImageFolder{Folder: Folder{FilePaths: []string{filepath.Join(imagesFolder, c.Path)}}, channels: c.Channels, first: c.Format == "channels_first"}
		d.o = ImageFolderOptions{BatchSize: 1, KeepOrder: true, Interpolation: c.Interpolation, CropToAspectRatio: c.Crop, PadToAspectRatio: c.Pad, ImageSize: [2]int(c.Pixels.Shape[:2])}
		if d.first {
			d.o.ImageSize = [2]int(c.Pixels.Shape[1:])
		}
		b, err := d.batch([]int{0})
		require.NoError(t, err)
		want := c.Pixels
		want.Shape = append([]int{1}, want.Shape...)
		images, what := b.X.(*tensors.Tensor), c.Path+" "+c.Interpolation
		if strings.HasPrefix(c.Interpolation, "lanczos") {
			golden.Close(t, what, images, want, golden.Tolerance{Abs: 1e-4})
			continue
		}
		require.Equal(t, want.Shape, images.Shape().Dimensions, what)
		for i, v := range golden.Floats(t, images) {
			require.Equal(t, float32(want.Data[i]), float32(v), "%s: value %d", what, i)
		}
	}
	d, err := ImageDatasetFromDirectory(imagesFolder, ImageFolderOptions{ImageSize: [2]int{1, 200}, PadToAspectRatio: true, KeepOrder: true, NoLabels: true})
	require.NoError(t, err)
	_, err = d.batch([]int{0})
	require.ErrorContains(t, err, "nothing is left of")
}

// TestImageFolderTensorFlow holds data sets to TensorFlow, which reads BMP files, few bits and colors as grey in a way of its own.
func TestImageFolderTensorFlow(t *testing.T) {
	for _, c := range loadImageFiles(t).TensorFlow {
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, c.Name), c.File, 0o600))
		d, err := ImageDatasetFromDirectory(folder, ImageFolderOptions{
			NoLabels: true, NoBatches: true, KeepOrder: true, ColorMode: c.ColorMode, Interpolation: c.Interpolation, ImageSize: c.Size, CropToAspectRatio: c.Crop, PadToAspectRatio: c.Pad,
		})
		require.NoError(t, err)
		require.Equal(t, 1, d.Cardinality())
		for e, err := range d.Elements() {
			require.NoError(t, err)
			x := e.X.(*tensors.Tensor)
			require.Equal(t, c.Pixels.DType, strings.ToLower(x.DType().String()))
			golden.Close(t, c.Name+" as "+c.ColorMode+", "+c.Interpolation, x, c.Pixels, golden.Tolerance{Abs: 1e-3, Rel: 1e-5})
		}
	}
}

func TestImagesAlone(t *testing.T) {
	seed := 3
	o := ImageFolderOptions{Seed: &seed, NoBatches: true, ImageSize: [2]int{6, 5}}
	d, err := ImageDatasetFromDirectory(imagesFolder, o)
	require.NoError(t, err)
	first := batches(t, d)
	require.Len(t, first, d.Len())
	require.Equal(t, []int{6, 5, 3}, first[0].Inputs[0].Shape().Dimensions)
	require.Empty(t, first[0].Labels[0].Shape().Dimensions)
	second := batches(t, d)
	require.NotEqual(t, first[0].Inputs[0].Value(), second[0].Inputs[0].Value(), "epochs have the same order")
	again, err := ImageDatasetFromDirectory(imagesFolder, o)
	require.NoError(t, err)
	require.Equal(t, first[4].Inputs[0].Value(), batches(t, again)[4].Inputs[0].Value())
}

func batches(t *testing.T, d *ImageFolder) (out []train.Batch) {
	t.Helper()
	for b, err := range d.Iter() {
		require.NoError(t, err)
		out = append(out, b)
	}
	return out
}

func TestBatches(t *testing.T) {
	seed := 3
	o := ImageFolderOptions{Seed: &seed, BatchSize: 4, ImageSize: [2]int{6, 5}}
	d, err := ImageDatasetFromDirectory(imagesFolder, o)
	require.NoError(t, err)
	require.Equal(t, 10, d.Len())
	first, second := batches(t, d), batches(t, d)
	require.Len(t, first, 3)
	require.Equal(t, []int{2, 6, 5, 3}, first[2].Inputs[0].Shape().Dimensions)
	require.NotEqual(t, first[0].Inputs[0].Value(), second[0].Inputs[0].Value(), "epochs have the same order")
	again, err := ImageDatasetFromDirectory(imagesFolder, o)
	require.NoError(t, err)
	for i, b := range batches(t, again) {
		require.Equal(t, first[i].Inputs[0].Value(), b.Inputs[0].Value())
		require.Equal(t, first[i].Labels[0].Value(), b.Labels[0].Value())
	}
	for range d.Iter() {
		break // leaves nothing behind
	}

	o = ImageFolderOptions{KeepOrder: true, ImageSize: [2]int{2, 2}, LabelMode: "categorical", ColorMode: "grayscale", ClassNames: []string{"b cats", "a dogs"}, DataFormat: "channels_first"}
	d, err = ImageDatasetFromDirectory(imagesFolder, o)
	require.NoError(t, err)
	b := batches(t, d)[0]
	require.Equal(t, []int{10, 1, 2, 2}, b.Inputs[0].Shape().Dimensions)
	require.Equal(t, []float32{1, 0}, b.Labels[0].Value().([][]float32)[0])

	d, err = ImageDatasetFromDirectory(filepath.Join(imagesFolder, "a dogs"), ImageFolderOptions{KeepOrder: true, ImageSize: [2]int{2, 2}, LabelMode: "binary", Labels: []int{1, 0, 1, 0}})
	require.NoError(t, err)
	require.Equal(t, [][]float32{{1}, {0}, {1}, {0}}, batches(t, d)[0].Labels[0].Value())
	require.Equal(t, []string{"0", "1"}, d.ClassNames)

	d, err = ImageDatasetFromDirectory(imagesFolder, ImageFolderOptions{NoLabels: true, ImageSize: [2]int{2, 2}})
	require.NoError(t, err)
	require.Empty(t, batches(t, d)[0].Labels)
}

func TestImageFolderErrors(t *testing.T) {
	one := 1
	for name, o := range map[string]ImageFolderOptions{
		"labels":      {Labels: []int{1}},
		"label mode":  {LabelMode: "x"},
		"color":       {ColorMode: "x"},
		"names":       {ClassNames: []string{"x"}},
		"both":        {Labels: []int{1}, ClassNames: []string{"x"}},
		"split":       {ValidationSplit: 1.5, Subset: "training", Seed: &one},
		"no subset":   {ValidationSplit: 0.5, Seed: &one},
		"subset":      {ValidationSplit: 0.5, Subset: "x", Seed: &one},
		"no seed":     {ValidationSplit: 0.5, Subset: "training"},
		"batch":       {BatchSize: -1},
		"large batch": {BatchSize: 1 << 40},
		"alone":       {BatchSize: 2, NoBatches: true},
		"size":        {ImageSize: [2]int{0, 5}},
		"method":      {Interpolation: "hamming"},
		"crop":        {Interpolation: "gaussian", CropToAspectRatio: true},
		"ratio":       {CropToAspectRatio: true, PadToAspectRatio: true},
		"no training": {ValidationSplit: 0.01, Subset: "training", Seed: &one},
	} {
		_, err := ImageDatasetFromDirectory(imagesFolder, o)
		require.Error(t, err, name)
	}
	_, err := ImageDatasetFromDirectory("none", ImageFolderOptions{})
	require.Error(t, err)
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "a"), 0o700))
	_, err = ImageDatasetFromDirectory(folder, ImageFolderOptions{})
	require.ErrorContains(t, err, "no files")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a", "broken.png"), []byte("no image"), 0o600))
	d, err := ImageDatasetFromDirectory(folder, ImageFolderOptions{})
	require.NoError(t, err)
	failed := false
	for _, err := range d.Iter() {
		require.ErrorContains(t, err, "broken.png")
		failed = true
	}
	require.True(t, failed)
}

// TestImageFolderPassesOver leaves broken files out, and batches of which nothing is left.
func TestImageFolderPassesOver(t *testing.T) {
	folder := t.TempDir()
	sound, err := os.ReadFile(filepath.Join(imagesFolder, "a dogs/2.png"))
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"a/1.png": sound, "a/2.png": sound[:len(sound)/2], "a/3.jpg": []byte("no image"), "a/4.gif": nil, "b/1.png": sound, "b/2.png": sound,
	} {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	for _, alone := range []bool{false, true} {
		var heard []string
		o := ImageFolderOptions{ImageSize: [2]int{3, 2}, BatchSize: 2, KeepOrder: true, OnBroken: func(path string, err error) {
			require.ErrorContains(t, err, path)
			heard = append(heard, filepath.Base(path))
		}}
		want := [][]int32{{0}, {1, 1}}
		if alone {
			o.BatchSize, o.NoBatches, want = 0, true, [][]int32{{0}, {1}, {1}}
		}
		d, err := ImageDatasetFromDirectory(folder, o)
		require.NoError(t, err)
		require.Equal(t, Unknown, d.Cardinality())
		var labels [][]int32
		for e, err := range d.Iter() {
			require.NoError(t, err)
			flat := tensors.MustCopyFlatData[int32](e.Labels[0])
			labels = append(labels, flat)
			require.Equal(t, len(flat)*3*2*3, e.Inputs[0].Size())
		}
		require.Equal(t, want, labels)
		require.Equal(t, []string{"2.png", "3.jpg", "4.gif"}, heard)
	}
}
