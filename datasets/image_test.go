package datasets

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

const imagesFolder = "testdata/images"

// imageFiles is what Keras and Pillow read of the images in testdata.
type imageFiles struct {
	ClassNames []string `json:"class_names"`
	Paths      []string
	Classes    []int
	Shuffled   []int
	Loaded     []struct {
		Path      string
		ColorMode string `json:"color_mode"`
		Pixels    golden.Array
	}
	Resized []struct {
		Path          string
		ColorMode     string `json:"color_mode"`
		Size          [2]int
		Interpolation string
		Keep          bool `json:"keep_aspect_ratio"`
		Pixels        golden.Array
	}
	Read []struct {
		Path, Interpolation, Format string
		Channels                    int
		Crop, Pad                   bool
		Pixels                      golden.Array
	}
	TensorFlow []struct {
		Name, Interpolation string
		File                []byte
		ColorMode           string `json:"color_mode"`
		Crop, Pad           bool
		Size                [2]int
		Pixels              golden.Array
	}
	Deep struct {
		File            []byte
		Grey, RGB, RGBA golden.Array
	}
	Orders []struct {
		Seed                 int
		Paths                []string
		Classes              []int
		Training, Validation []string
	}
	Arrays []struct {
		X, Pixels golden.Array
		Scale     bool
	}
}

func loadImageFiles(t testing.TB) (f imageFiles) {
	t.Helper()
	golden.Load(t, "imagefiles", &f)
	return f
}

// samePixels compares bytes.
func samePixels(t *testing.T, what string, want golden.Array, got *Image) {
	t.Helper()
	require.NoError(t, got.check(), what)
	require.Equal(t, want.Shape[:2], []int{got.Height, got.Width}, what)
	require.Len(t, got.Pixels, len(want.Data), what)
	for i, v := range want.Data {
		require.Equal(t, float64(v), float64(got.Pixels[i]), "%s: value %d", what, i)
	}
}

// TestLoadImage holds files to Pillow.
func TestLoadImage(t *testing.T) {
	for _, c := range loadImageFiles(t).Loaded {
		m, err := LoadImage(filepath.Join(imagesFolder, c.Path), LoadImageOptions{ColorMode: c.ColorMode})
		require.NoError(t, err)
		samePixels(t, c.Path+" as "+c.ColorMode, c.Pixels, m)
	}
}

// TestLoadImageResized holds Pillow's ways of resizing to it.
func TestLoadImageResized(t *testing.T) {
	for _, c := range loadImageFiles(t).Resized {
		m, err := LoadImage(filepath.Join(imagesFolder, c.Path), LoadImageOptions{ColorMode: c.ColorMode, TargetSize: c.Size, Interpolation: c.Interpolation, KeepAspectRatio: c.Keep})
		require.NoError(t, err)
		samePixels(t, c.Path+" "+c.Interpolation, c.Pixels, m)
	}
}

func TestArrayToImage(t *testing.T) {
	for _, c := range loadImageFiles(t).Arrays {
		m, err := ArrayToImage(c.X.Tensor(t), ArrayToImageOptions{NoScale: !c.Scale})
		require.NoError(t, err)
		samePixels(t, "array", c.Pixels, m)
	}
	_, err := ArrayToImage(tensors.FromValue([][]float32{{1}}), ArrayToImageOptions{})
	require.ErrorContains(t, err, "rank 3")
	_, err = ArrayToImage(tensors.FromValue([][][]float32{{{1, 2}}}), ArrayToImageOptions{})
	require.ErrorContains(t, err, "channel")
	_, err = ArrayToImage(nil, ArrayToImageOptions{})
	require.Error(t, err)
}

// TestSaveImage writes an image in every format and reads it back.
func TestSaveImage(t *testing.T) {
	for _, name := range []string{"x.png", "x.bmp", "x.gif", "x.jpg"} {
		for _, channels := range []int{1, 3, 4} {
			pixels := make([]uint8, 4*5*channels)
			for i := range pixels {
				pixels[i] = uint8(60 + 10*(i/channels%2))
			}
			path := filepath.Join(t.TempDir(), name)
			require.NoError(t, SaveImage(path, &Image{4, 5, channels, pixels}, ArrayToImageOptions{}))
			mode := map[int]string{1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
			m, err := LoadImage(path, LoadImageOptions{ColorMode: mode})
			require.NoError(t, err)
			if name == "x.png" {
				require.Equal(t, pixels, m.Pixels)
			}
			require.Equal(t, []int{4, 5}, []int{m.Height, m.Width})
		}
	}
	require.ErrorContains(t, SaveImage("x.tiff", &Image{1, 1, 1, []uint8{1}}, ArrayToImageOptions{}), "tiff")
	require.Error(t, SaveImage("x.png", &Image{1, 2, 1, []uint8{1}}, ArrayToImageOptions{}))
	require.Error(t, SaveImage("x.png", 3, ArrayToImageOptions{}))
}

func TestImageToArray(t *testing.T) {
	m := &Image{1, 2, 3, []uint8{1, 2, 3, 4, 5, 6}}
	a, err := ImageToArray(m)
	require.NoError(t, err)
	require.Equal(t, [][][]float32{{{1, 2, 3}, {4, 5, 6}}}, a.Value())
	a, err = ImageToArray(m, "channels_first")
	require.NoError(t, err)
	require.Equal(t, [][][]float32{{{1, 4}}, {{2, 5}}, {{3, 6}}}, a.Value())
	_, err = ImageToArray(m, "x")
	require.Error(t, err)
}

// TestLargeJPEG reads a file in which a megabyte and more comes before the picture, and behind it.
func TestLargeJPEG(t *testing.T) {
	path := filepath.Join(imagesFolder, "b cats/420.jpg")
	small, err := LoadImage(path, LoadImageOptions{})
	require.NoError(t, err)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	other := append([]byte{0xff, 0xe1, 0xff, 0xff}, make([]byte, 0xffff-2)...)
	large := slices.Concat(file[:2], bytes.Repeat(other, 70), file[2:], make([]byte, 1<<23))
	for _, tensorFlow := range []bool{false, true} {
		m, err := ReadImage(bytes.NewReader(large), LoadImageOptions{TensorFlow: tensorFlow})
		require.NoError(t, err)
		require.Equal(t, !tensorFlow, slices.Equal(small.Pixels, m.Pixels), "TensorFlow decodes otherwise")
	}
	_, err = ReadImage(bytes.NewReader(large), LoadImageOptions{MaxPixels: 100})
	require.ErrorContains(t, err, "17×13 pixels")
	_, err = ReadImage(bytes.NewReader(large[:1<<20]), LoadImageOptions{})
	require.ErrorContains(t, err, "cut off")
}

// TestBrokenImages requires errors that name the file, and no memory for what a few bytes claim.
func TestBrokenImages(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(imagesFolder, "a dogs/2.png"))
	require.NoError(t, err)
	huge := append([]byte{}, whole...)
	copy(huge[16:], []byte{0x00, 0x0f, 0xff, 0xff, 0x00, 0x0f, 0xff, 0xff})
	crc := pngChecksum(huge[12:29])
	copy(huge[29:], crc)
	for name, content := range map[string][]byte{"cut.png": whole[:60], "text.png": []byte("no image"), "empty.png": nil, "huge.png": huge, "bm.png": []byte("BM1234567890")} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		_, err := LoadImage(path, LoadImageOptions{})
		require.ErrorContains(t, err, name)
		if name == "huge.png" {
			require.ErrorContains(t, err, "pixels")
		}
	}
	_, err = LoadImage("none.png", LoadImageOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = LoadImage(filepath.Join(imagesFolder, "a dogs/2.png"), LoadImageOptions{TargetSize: [2]int{1 << 40, 1 << 40}})
	require.Error(t, err)
	_, err = LoadImage(filepath.Join(imagesFolder, "a dogs/2.png"), LoadImageOptions{TargetSize: [2]int{3, -1}})
	require.Error(t, err)
}

// TestLoadImageDeep holds 16 bits of grey to Pillow, but where Keras keeps them.
func TestLoadImageDeep(t *testing.T) {
	deep := loadImageFiles(t).Deep
	for mode, want := range map[string]golden.Array{"rgb": deep.RGB, "rgba": deep.RGBA} {
		m, err := ReadImage(bytes.NewReader(deep.File), LoadImageOptions{ColorMode: mode})
		require.NoError(t, err)
		samePixels(t, mode, want, m)
	}
	require.Equal(t, "uint16", deep.Grey.DType)
	_, err := ReadImage(bytes.NewReader(deep.File), LoadImageOptions{ColorMode: "grayscale"})
	require.ErrorContains(t, err, "16 bits of grey")
}

// FuzzImage requires of any bytes an image of the size that they claim, or an error.
func FuzzImage(f *testing.F) {
	for _, c := range loadImageFiles(f).TensorFlow {
		f.Add(c.File, uint8(3))
	}
	for _, name := range []string{"b cats/420.jpg", "b cats/grey.jpeg", "a dogs/palette.gif"} {
		raw, err := os.ReadFile(filepath.Join(imagesFolder, name))
		require.NoError(f, err)
		f.Add(raw, uint8(1))
	}
	f.Fuzz(func(t *testing.T, raw []byte, which uint8) {
		mode := []string{"rgb", "grayscale", "rgba"}[which%3]
		m, err := ReadImage(bytes.NewReader(raw), LoadImageOptions{ColorMode: mode, MaxPixels: 1 << 16})
		if err != nil {
			return
		}
		require.NoError(t, m.check())
		same, err := ReadImage(bytes.NewReader(raw), LoadImageOptions{ColorMode: mode, MaxPixels: 1 << 16, TensorFlow: true})
		if err != nil { // it reads fewer kinds of BMP files
			require.ErrorContains(t, err, "BMP")
			return
		}
		require.NoError(t, same.check())
		require.NoError(t, floatResize(same, 3, 2, "bicubic", false, false, make([]float32, 6*m.Channels)))
	})
}
