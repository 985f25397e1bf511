package datasets

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"golang.org/x/image/bmp"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

// Image is a picture of bytes: Pixels are its rows from the top, each pixel's channels beside each other. It has 1 channel (grey), 3
// (red, green, blue) or 4 (and alpha, which the others aren't multiplied with).
type Image struct {
	Height, Width, Channels int
	Pixels                  []uint8
}

// check reports an image whose sizes don't fit its pixels.
func (m *Image) check() error {
	if m == nil {
		return fmt.Errorf("the image is nil")
	}
	if m.Height < 1 || m.Width < 1 || m.Channels != 1 && m.Channels != 3 && m.Channels != 4 || len(m.Pixels) != m.Height*m.Width*m.Channels {
		return fmt.Errorf("the image has %d pixel values for %d×%d pixels of %d channels", len(m.Pixels), m.Height, m.Width, m.Channels)
	}
	return nil
}

// LoadImageOptions are the arguments of [LoadImage]; the zero value of each is Keras's default.
type LoadImageOptions struct {
	ColorMode       string // "": "rgb"; "grayscale", "rgba"
	TargetSize      [2]int // height and width; zeros: those of the file
	Interpolation   string // "": "nearest"; "bilinear", "bicubic", "hamming", "box", "lanczos"
	KeepAspectRatio bool   // cut the largest middle part of the right proportions out first
	MaxPixels       int    // 0: [MaxImagePixels]; what has more is refused before it is decoded
	TensorFlow      bool   // the pixels of tf.io.decode_image, which in JPEG files, and in grayscale, are a little different from those of Pillow
}

// LoadImage reads a PNG, JPEG, GIF (its first picture) or BMP file (Keras: keras.utils.load_img), with exactly the pixels that Keras has. A PNG file with 16 bits of
// grey can't be loaded as "grayscale", and its shades above 255 are white in colors, as in Keras.
func LoadImage(path string, o LoadImageOptions) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datasets.LoadImage: %w", err)
	}
	defer f.Close()
	m, err := readImage(f, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.LoadImage: %s: %w", path, err)
	}
	return m, nil
}

// ReadImage is [LoadImage] of what isn't in a file, such as an upload.
func ReadImage(r io.ReadSeeker, o LoadImageOptions) (*Image, error) {
	m, err := readImage(r, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.ReadImage: %w", err)
	}
	return m, nil
}

func readImage(r io.ReadSeeker, o LoadImageOptions) (*Image, error) {
	channels, err := channelsOf(o.ColorMode)
	if err != nil {
		return nil, err
	}
	m, err := decode(r, decoding{channels: channels, maxPixels: cmp.Or(o.MaxPixels, MaxImagePixels), tensorFlow: o.TensorFlow})
	if err != nil {
		return nil, err
	}
	height, width := o.TargetSize[0], o.TargetSize[1]
	if height == 0 && width == 0 || height == m.Height && width == m.Width {
		return m, nil
	}
	return pillowResize(m, height, width, cmp.Or(o.Interpolation, "nearest"), o.KeepAspectRatio)
}

// LoadImageOptionsFor returns how pictures are loaded for a model's input of that shape, (batch, height, width, channels) or channels first, and
// the data format for [ImageToArray]: in its size, where that isn't left open, and with as many channels.
func LoadImageOptionsFor(shape []int) (o LoadImageOptions, dataFormat string, err error) {
	if len(shape) != 4 {
		return o, "", fmt.Errorf("a picture is for an input (batch, height, width, channels), and this one has shape %v", shape)
	}
	modes := map[int]string{1: "grayscale", 3: "rgb", 4: "rgba"}
	size, channels, dataFormat := shape[1:3], shape[3], "channels_last"
	if modes[channels] == "" && modes[shape[1]] != "" {
		size, channels, dataFormat = shape[2:], shape[1], "channels_first"
	}
	if modes[channels] == "" {
		return o, "", fmt.Errorf("a picture has 1, 3 or 4 channels, and the input has shape %v", shape)
	}
	o = LoadImageOptions{ColorMode: modes[channels], Interpolation: "bilinear"}
	if size[0] > 0 && size[1] > 0 {
		o.TargetSize = [2]int(size)
	}
	return o, dataFormat, nil
}

func channelsOf(colorMode string) (int, error) {
	switch colorMode {
	case "", "rgb":
		return 3, nil
	case "grayscale":
		return 1, nil
	case "rgba":
		return 4, nil
	}
	return 0, fmt.Errorf("the color mode is %q, want \"rgb\", \"rgba\" or \"grayscale\"", colorMode)
}

// ImageToArray returns an image as float32 of shape (height, width, channels), or (channels, height, width) for the data format
// "channels_first" (Keras: keras.utils.img_to_array).
func ImageToArray(m *Image, dataFormat ...string) (*tensors.Tensor, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("datasets.ImageToArray: %w", err)
	}
	first, err := isChannelsFirst(dataFormat)
	if err != nil {
		return nil, fmt.Errorf("datasets.ImageToArray: %w", err)
	}
	flat := make([]float32, len(m.Pixels))
	for i, p := range m.Pixels {
		flat[i] = float32(p)
	}
	if first {
		return tensors.FromFlatDataAndDimensions(toPlanes(flat, m.Channels), m.Channels, m.Height, m.Width), nil
	}
	return tensors.FromFlatDataAndDimensions(flat, m.Height, m.Width, m.Channels), nil
}

func isChannelsFirst(dataFormat []string) (bool, error) {
	switch {
	case len(dataFormat) > 1:
		return false, fmt.Errorf("%d data formats given, want one at most", len(dataFormat))
	case len(dataFormat) == 0 || dataFormat[0] == "" || dataFormat[0] == "channels_last":
		return false, nil
	case dataFormat[0] == "channels_first":
		return true, nil
	}
	return false, fmt.Errorf("the data format is %q, want \"channels_last\" or \"channels_first\"", dataFormat[0])
}

// toPlanes puts the values of each channel beside each other.
func toPlanes(flat []float32, channels int) []float32 {
	out, n := make([]float32, len(flat)), len(flat)/channels
	for i, v := range flat {
		out[i%channels*n+i/channels] = v
	}
	return out
}

// ArrayToImageOptions are the arguments of [ArrayToImage] and [SaveImage]; the zero value of each is Keras's default.
type ArrayToImageOptions struct {
	DataFormat string // "": "channels_last"; "channels_first"
	NoScale    bool   // leave the values as they are, in place of stretching them from the least to the largest over 0 to 255
	FileFormat string // of SaveImage: "": what the file's name says; "png", "jpeg", "gif", "bmp"
}

// ArrayToImage returns numbers of shape (height, width, channels) as an image (Keras: keras.utils.array_to_img).
func ArrayToImage(x *tensors.Tensor, o ArrayToImageOptions) (*Image, error) {
	m, err := arrayToImage(x, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.ArrayToImage: %w", err)
	}
	return m, nil
}

func arrayToImage(x *tensors.Tensor, o ArrayToImageOptions) (*Image, error) {
	first, err := isChannelsFirst([]string{o.DataFormat})
	if err != nil {
		return nil, err
	}
	t, err := ToFloat32(x, 1)
	if err != nil {
		return nil, err
	}
	dims := t.Shape().Dimensions
	if len(dims) != 3 || slices.Min(dims) < 1 {
		return nil, fmt.Errorf("expected an image array of rank 3 (single image), got shape %v", dims)
	}
	m := &Image{Height: dims[0], Width: dims[1], Channels: dims[2]}
	if first {
		m = &Image{Height: dims[1], Width: dims[2], Channels: dims[0]}
	}
	if m.Channels != 1 && m.Channels != 3 && m.Channels != 4 {
		return nil, fmt.Errorf("unsupported channel number: %d", m.Channels)
	}
	var values []float32
	if err := tensors.ConstFlatData(t, func(flat []float32) { values = slices.Clone(flat) }); err != nil {
		return nil, err
	}
	if first {
		planes, n := values, m.Height*m.Width
		values = make([]float32, len(planes))
		for i := range values {
			values[i] = planes[i%m.Channels*n+i/m.Channels]
		}
	}
	if !o.NoScale {
		least := slices.Min(values)
		for i := range values {
			values[i] -= least
		}
		most := slices.Max(values)
		for i := range values {
			if most != 0 {
				values[i] /= most
			}
			values[i] *= 255
		}
	}
	m.Pixels = make([]uint8, len(values))
	for i, v := range values {
		if !(v > -1 && v < 256) {
			return nil, fmt.Errorf("a value is %v, want numbers from 0 to 255 where they aren't scaled", v)
		}
		m.Pixels[i] = uint8(max(v, 0))
	}
	return m, nil
}

// SaveImage writes an [*Image], or a tensor of shape (height, width, channels), into a file whose name ends in .png, .jpg, .jpeg, .gif or
// .bmp (Keras: keras.utils.save_img). JPEG has no alpha, which is left out. The file appears whole or not at all.
func SaveImage(path string, x any, o ArrayToImageOptions) error {
	var m *Image
	var err error
	switch x := x.(type) {
	case *Image:
		m, err = x, x.check()
	case *tensors.Tensor:
		m, err = arrayToImage(x, o)
	default:
		err = fmt.Errorf("got a %T, want an *Image or a tensor", x)
	}
	if err != nil {
		return fmt.Errorf("datasets.SaveImage: %w", err)
	}
	format := strings.ToLower(o.FileFormat)
	if format == "" {
		format = strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	}
	write := func(f *os.File) error { return png.Encode(f, m.goImage()) }
	switch format {
	case "png":
	case "jpg", "jpeg":
		write = func(f *os.File) error { return jpeg.Encode(f, m.opaque().goImage(), &jpeg.Options{Quality: 75}) }
	case "gif":
		write = func(f *os.File) error { return gif.Encode(f, m.goImage(), nil) }
	case "bmp":
		write = func(f *os.File) error { return bmp.Encode(f, m.goImage()) }
	default:
		return fmt.Errorf("datasets.SaveImage: unknown file format %q, want png, jpeg, gif or bmp", format)
	}
	if err := atomicfile.Write(path, 0o644, write); err != nil {
		return fmt.Errorf("datasets.SaveImage: %w", err)
	}
	return nil
}

// opaque is the image without alpha.
func (m *Image) opaque() *Image {
	if m.Channels != 4 {
		return m
	}
	out := &Image{Height: m.Height, Width: m.Width, Channels: 3}
	for i := 0; i < len(m.Pixels); i += 4 {
		out.Pixels = append(out.Pixels, m.Pixels[i:i+3]...)
	}
	return out
}

// goImage is the image as Go's encoders take it.
func (m *Image) goImage() image.Image {
	box := image.Rect(0, 0, m.Width, m.Height)
	if m.Channels == 1 {
		return &image.Gray{Pix: m.Pixels, Stride: m.Width, Rect: box}
	}
	out := image.NewNRGBA(box)
	for i := range m.Height * m.Width {
		p := m.Pixels[i*m.Channels:]
		alpha := uint8(math.MaxUint8)
		if m.Channels == 4 {
			alpha = p[3]
		}
		out.SetNRGBA(i%m.Width, i/m.Width, color.NRGBA{R: p[0], G: p[1], B: p[2], A: alpha})
	}
	return out
}
