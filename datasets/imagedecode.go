package datasets

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/bmp"
)

// MaxImagePixels is the largest number of pixels of an image that is read: a file of a few bytes may claim any size. It is the number from
// which Pillow, which Keras reads images with, warns.
const MaxImagePixels = 89_478_485

// decodeFile reads an image as one of so many channels. Errors name the file.
func decodeFile(path string, channels int) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := decode(f, channels, MaxImagePixels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// codecs read the formats that Keras reads, told by how the files begin.
var codecs = []struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
	{"GIF8", gif.DecodeConfig, gif.Decode},
	{"BM", bmp.DecodeConfig, bmp.Decode},
}

func decode(f io.ReadSeeker, channels, maxPixels int) (m *Image, err error) {
	defer func() { // a decoder's panic is a broken file
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("the image is broken: %v", r)
		}
	}()
	head := make([]byte, 8)
	n, _ := io.ReadFull(f, head)
	for _, c := range codecs {
		if n < len(c.magic) || string(head[:len(c.magic)]) != c.magic {
			continue
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		size, err := c.config(bufio.NewReader(f))
		if err != nil {
			return nil, err
		}
		if size.Width < 1 || size.Height < 1 || size.Width > maxPixels/size.Height {
			return nil, fmt.Errorf("the image has %d×%d pixels, want at most %d", size.Width, size.Height, maxPixels)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		img, err := c.decode(bufio.NewReader(f))
		if err != nil {
			return nil, err
		}
		return fromGo(img, size.Width, size.Height, channels), nil
	}
	return nil, fmt.Errorf("it is no PNG, JPEG, GIF or BMP image")
}

// fromGo takes the bytes out of a decoded image, which may be a part of the whole.
func fromGo(img image.Image, width, height, channels int) *Image {
	out := &Image{Height: height, Width: width, Channels: channels, Pixels: make([]uint8, height*width*channels)}
	box := img.Bounds().Intersect(image.Rect(0, 0, width, height))
	var at func(x, y int) color.NRGBA
	gray := false
	switch img := img.(type) {
	case *image.YCbCr:
		at = fancyYCbCr(img)
	case *image.Gray:
		gray = true
		at = func(x, y int) color.NRGBA { v := img.GrayAt(x, y).Y; return color.NRGBA{v, v, v, 255} }
	case *image.Gray16:
		gray = true
		at = func(x, y int) color.NRGBA { v := uint8(img.Gray16At(x, y).Y >> 8); return color.NRGBA{v, v, v, 255} }
	case *image.NRGBA:
		at = img.NRGBAAt
	case *image.NRGBA64:
		at = func(x, y int) color.NRGBA {
			c := img.NRGBA64At(x, y)
			return color.NRGBA{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8), uint8(c.A >> 8)}
		}
	case *image.Paletted:
		palette := make([]color.NRGBA, 256)
		for i, c := range img.Palette {
			palette[i] = straight(c)
		}
		at = func(x, y int) color.NRGBA { return palette[img.ColorIndexAt(x, y)] }
	default:
		at = func(x, y int) color.NRGBA { return straight(img.At(x, y)) }
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := at(x, y)
			p := out.Pixels[(y*width+x)*channels:]
			switch {
			case channels == 1 && gray:
				p[0] = c.R
			case channels == 1: // ITU-R 601-2, in the whole numbers of Pillow
				p[0] = uint8((19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 16)
			default:
				p[0], p[1], p[2] = c.R, c.G, c.B
				if channels == 4 {
					p[3] = c.A
				}
			}
		}
	}
	return out
}

// straight is a color not multiplied with its alpha, as files have it.
func straight(c color.Color) color.NRGBA {
	if n, ok := c.(color.NRGBA); ok {
		return n
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}

// fancyYCbCr returns the colors of a JPEG image. Colors are stored for two or four pixels at a time; as libjpeg does, each pixel takes
// three quarters of its own and one of its neighbours'.
func fancyYCbCr(img *image.YCbCr) func(x, y int) color.NRGBA {
	box := img.Rect
	wide, high := 1, 1
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		wide = 2
	case image.YCbCrSubsampleRatio440:
		high = 2
	case image.YCbCrSubsampleRatio420:
		wide, high = 2, 2
	}
	columns, rows := (box.Dx()+wide-1)/wide, (box.Dy()+high-1)/high
	sample := func(plane []uint8, x, y int) int {
		return int(plane[min(max(y, 0), rows-1)*img.CStride+min(max(x, 0), columns-1)])
	}
	chroma := func(plane []uint8, x, y int) uint8 {
		side := func(v int) int { return 2*(v%2) - 1 } // of the nearer neighbour
		switch {
		case wide == 2 && high == 2:
			column := func(cx int) int { return 3*sample(plane, cx, y/2) + sample(plane, cx, y/2+side(y)) }
			own := column(x / 2)
			return uint8((3*own + column(min(max(x/2+side(x), 0), columns-1)) + 8 - x%2) >> 4)
		case wide == 2:
			cx := x / 2
			if other := cx + side(x); other >= 0 && other < columns {
				return uint8((3*sample(plane, cx, y) + sample(plane, other, y) + 1 + x%2) >> 2)
			}
			return uint8(sample(plane, cx, y))
		case high == 2:
			return uint8((3*sample(plane, x, y/2) + sample(plane, x, y/2+side(y)) + 1 + y%2) >> 2)
		}
		return uint8(sample(plane, x, y))
	}
	if wide*high == 1 && img.SubsampleRatio != image.YCbCrSubsampleRatio444 { // rarer ratios
		return func(x, y int) color.NRGBA { return straight(img.YCbCrAt(x, y)) }
	}
	return func(x, y int) color.NRGBA {
		luma := img.Y[(y-box.Min.Y)*img.YStride+x-box.Min.X]
		r, g, b := color.YCbCrToRGB(luma, chroma(img.Cb, x-box.Min.X, y-box.Min.Y), chroma(img.Cr, x-box.Min.X, y-box.Min.Y))
		return color.NRGBA{r, g, b, 255}
	}
}
