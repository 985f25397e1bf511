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

// decodeFile reads an image as one of so many channels, with TensorFlow's values where they aren't Pillow's. Errors name the file.
func decodeFile(path string, channels int) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := decodeAsTensorFlow(f, channels)
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
	if ycc, ok := img.(*image.YCbCr); ok && channels == 3 {
		if planes := fancyYCbCr(ycc); planes != nil {
			for y := box.Min.Y; y < box.Max.Y; y++ {
				luma, blue, red := planes(y)
				fillRGB(out.Pixels[(y*width+box.Min.X)*3:][:3*len(luma)], luma, blue, red)
			}
			return out
		}
	}
	row, gray := rowsOfColors(img)
	colors := make([]color.NRGBA, box.Dx())
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row(box.Min.X, y, colors)
		p := out.Pixels[(y*width+box.Min.X)*channels:][:len(colors)*channels]
		switch {
		case channels == 3:
			for i, c := range colors {
				q := p[3*i : 3*i+3 : 3*i+3]
				q[0], q[1], q[2] = c.R, c.G, c.B
			}
		case channels == 4:
			for i, c := range colors {
				q := p[4*i : 4*i+4 : 4*i+4]
				q[0], q[1], q[2], q[3] = c.R, c.G, c.B, c.A
			}
		case gray:
			for i, c := range colors {
				p[i] = c.R
			}
		default: // ITU-R 601-2, in the whole numbers of Pillow
			for i, c := range colors {
				p[i] = uint8((19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 16)
			}
		}
	}
	return out
}

// rowsOfColors returns what fills a list with the colors of a row, from a place on; gray says that they are shades.
func rowsOfColors(img image.Image) (row func(x, y int, into []color.NRGBA), gray bool) {
	var at func(x, y int) color.NRGBA
	switch img := img.(type) {
	case *image.YCbCr:
		if planes := fancyYCbCr(img); planes != nil {
			return func(_, y int, into []color.NRGBA) {
				luma, blue, red := planes(y)
				for i := range into {
					r, g, b := color.YCbCrToRGB(luma[i], blue[i], red[i])
					into[i] = color.NRGBA{r, g, b, 255}
				}
			}, false
		}
		at = func(x, y int) color.NRGBA { return straight(img.YCbCrAt(x, y)) }
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
	return func(x, y int, into []color.NRGBA) {
		for i := range into {
			into[i] = at(x+i, y)
		}
	}, gray
}

// straight is a color not multiplied with its alpha, as files have it.
func straight(c color.Color) color.NRGBA {
	if n, ok := c.(color.NRGBA); ok {
		return n
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}

// fillRGB fills a row of pixels as color.YCbCrToRGB does, which the compiler doesn't inline.
func fillRGB(into, luma, blue, red []uint8) {
	blue, red = blue[:len(luma)], red[:len(luma)]
	for i, v := range luma {
		y, cb, cr := int32(v)*0x10101, int32(blue[i])-128, int32(red[i])-128
		p := into[3*i : 3*i+3 : 3*i+3]
		p[0], p[1], p[2] = byteOf(y+91881*cr), byteOf(y-22554*cb-46802*cr), byteOf(y+116130*cb)
	}
}

// byteOf is a number of 16 bits behind the point as a byte.
func byteOf(v int32) uint8 {
	if uint32(v)&0xff000000 == 0 {
		return uint8(v >> 16)
	}
	return uint8(^(v >> 31))
}

// fancyYCbCr returns what reads a row of a JPEG image, its brightness and both colors of each pixel, valid until the next row. Colors are stored for two or four
// pixels at a time; as libjpeg does, each pixel takes three quarters of its own and one of its neighbours'. It is nil for other ratios.
func fancyYCbCr(img *image.YCbCr) func(y int) (luma, blue, red []uint8) {
	box := img.Rect
	wide, high := 1, 1
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio444:
	case image.YCbCrSubsampleRatio422:
		wide = 2
	case image.YCbCrSubsampleRatio440:
		high = 2
	case image.YCbCrSubsampleRatio420:
		wide, high = 2, 2
	default:
		return nil
	}
	columns, rows := (box.Dx()+wide-1)/wide, (box.Dy()+high-1)/high
	sums := make([]int32, columns)
	// What rounding adds, for pixels left and right of their color's middle, and how many bits the quarters are.
	left, right, bits := int32(1), int32(2), uint(2)
	if high == 2 {
		left, right, bits = 8, 7, 4
	}
	chroma := func(plane []uint8, y int, into []uint8) {
		line := func(at int) []uint8 {
			at = min(max(at, 0), rows-1) * img.CStride
			return plane[at : at+columns]
		}
		own := line(y / high)
		if high == 1 {
			for i, v := range own {
				sums[i] = int32(v)
			}
		} else {
			near := line(y/2 + 2*(y%2) - 1)
			for i, v := range own {
				sums[i] = 3*int32(v) + int32(near[i])
			}
		}
		switch {
		case wide == 2:
			before := sums[0]
			into[0] = uint8((4*before + left) >> bits)
			for i, v := range sums[1:] {
				pair := into[2*i+1 : 2*i+3 : 2*i+3]
				pair[0], pair[1] = uint8((3*before+v+right)>>bits), uint8((3*v+before+left)>>bits)
				before = v
			}
			if last := 2*columns - 1; last < len(into) {
				into[last] = uint8((4*before + right) >> bits)
			}
		case high == 2:
			for i, v := range sums {
				into[i] = uint8((v + 1 + int32(y%2)) >> 2)
			}
		default:
			copy(into, own)
		}
	}
	blue, red := make([]uint8, box.Dx()), make([]uint8, box.Dx())
	return func(y int) ([]uint8, []uint8, []uint8) {
		y -= box.Min.Y
		chroma(img.Cb, y, blue)
		chroma(img.Cr, y, red)
		return img.Y[y*img.YStride:][:box.Dx()], blue, red
	}
}
