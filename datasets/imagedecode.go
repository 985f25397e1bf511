package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/bmp"

	"github.com/gokeras/gokeras/internal/jpeg"
)

// MaxImagePixels is the largest number of pixels of an image that is read: a file of a few bytes may claim any size. It is the number from
// which Pillow, which Keras reads images with, warns.
const MaxImagePixels = 89_478_485

// decoding says how an image is read.
type decoding struct {
	channels, maxPixels int
	// what TensorFlow makes of files in place of Pillow: of JPEG by a DCT that is quicker and less exact, with colors of its own for CMYK; shades that are rounded otherwise; see
	// also asTensorFlow and asPillow
	tensorFlow bool
	room       *imageRoom // used where it isn't nil; the image is valid until it is used again
}

// imageRoom is memory for a file and its pixels.
type imageRoom struct{ file, pixels []uint8 }

// decodeFile reads an image. Errors name the file.
func decodeFile(path string, how decoding) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := decode(f, how)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// codecs read the formats that Keras reads beside JPEG, told by how the files begin.
var codecs = []struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"GIF8", gif.DecodeConfig, gif.Decode},
	{"BM", bmp.DecodeConfig, bmp.Decode},
}

func decode(f io.ReadSeeker, how decoding) (m *Image, err error) {
	defer func() { // a decoder's panic is a broken file
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("the image is broken: %v", r)
		}
	}()
	head := make([]byte, 8)
	n, _ := io.ReadFull(f, head)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if head = head[:n]; bytes.HasPrefix(head, []byte("\xff\xd8")) {
		return decodeJPEG(f, how)
	}
	for _, c := range codecs {
		if !bytes.HasPrefix(head, []byte(c.magic)) {
			continue
		}
		size, err := c.config(bufio.NewReader(f))
		if err != nil {
			return nil, err
		}
		if err := how.fits(size.Width, size.Height); err != nil {
			return nil, err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		img, err := c.decode(bufio.NewReader(f))
		if err != nil {
			return nil, err
		}
		m := fromGo(img, size.Width, size.Height, how)
		if how.tensorFlow {
			return m, asTensorFlow(f, m)
		}
		return m, asPillow(f, m)
	}
	return nil, fmt.Errorf("it is no PNG, JPEG, GIF or BMP image")
}

// fits reports an image that is too large.
func (how decoding) fits(width, height int) error {
	if width < 1 || height < 1 || width > how.maxPixels/height {
		return fmt.Errorf("the image has %d×%d pixels, want at most %d", width, height, how.maxPixels)
	}
	return nil
}

// decodeJPEG reads a JPEG file. Memory is taken for what a picture of its size may need.
func decodeJPEG(f io.Reader, how decoding) (*Image, error) {
	room := how.room
	if room == nil {
		room = new(imageRoom)
	}
	limit := 1 << 20
	file, err := readOn(f, room.file[:0], limit)
	room.file = file
	if err != nil {
		return nil, err
	}
	width, height, err := jpeg.Size(file)
	for errors.Is(err, jpeg.ErrCut) && len(file) == limit && limit < 1<<26 { // other things come before the picture
		limit *= 4
		if file, err = readOn(f, file, limit); err != nil {
			return nil, err
		}
		width, height, err = jpeg.Size(file)
	}
	if err != nil {
		return nil, err
	}
	if err := how.fits(width, height); err != nil {
		return nil, err
	}
	if len(file) == limit {
		if file, err = readOn(f, file, limit+16*width*height); err != nil {
			return nil, err
		}
	}
	p, err := jpeg.Decode(file, jpeg.Options{Gray: how.tensorFlow && how.channels == 1, Fast: how.tensorFlow}, room.pixels)
	if err != nil {
		return nil, err
	}
	room.pixels = p.Pixels
	if p.Space == jpeg.CMYK {
		p = p.RGB(how.tensorFlow)
	}
	return how.channelsOf(&Image{height, width, p.Space.Channels(), p.Pixels}), nil
}

// readOn reads until there are so many bytes, or all.
func readOn(f io.Reader, into []byte, size int) ([]byte, error) {
	for len(into) < size {
		if len(into) == cap(into) {
			into = append(into, 0)[:len(into)]
		}
		n, err := f.Read(into[len(into):min(cap(into), size)])
		into = into[:len(into)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return into, err
		}
	}
	return into, nil
}

// channelsOf is an image of 1 or 3 channels with those that are asked for.
func (how decoding) channelsOf(m *Image) *Image {
	channels := how.channels
	if m.Channels == channels {
		return m
	}
	out := &Image{m.Height, m.Width, channels, make([]uint8, m.Height*m.Width*channels)}
	for i := range m.Height * m.Width {
		from, p := m.Pixels[i*m.Channels:][:m.Channels], out.Pixels[i*channels:][:channels]
		red, green, blue := from[0], from[0], from[0]
		if m.Channels == 3 {
			green, blue = from[1], from[2]
		}
		if channels == 1 {
			p[0] = how.brightness(red, green, blue)
			continue
		}
		p[0], p[1], p[2] = red, green, blue
		if channels == 4 {
			p[3] = 255
		}
	}
	return out
}

// brightness is that of ITU-R BT.601, in Pillow's whole numbers or in those of libpng that TensorFlow uses, which round down.
func (how decoding) brightness(red, green, blue uint8) uint8 {
	if how.tensorFlow {
		if red == green && green == blue { // the weights would round a grey down
			return red
		}
		return uint8((9797*uint32(red) + 19234*uint32(green) + 3737*uint32(blue)) >> 15)
	}
	return uint8((19595*uint32(red) + 38470*uint32(green) + 7471*uint32(blue) + 1<<15) >> 16)
}

// fromGo takes the bytes out of a decoded image, which may be a part of the whole.
func fromGo(img image.Image, width, height int, how decoding) *Image {
	channels := how.channels
	out := &Image{Height: height, Width: width, Channels: channels, Pixels: make([]uint8, height*width*channels)}
	box := img.Bounds().Intersect(image.Rect(0, 0, width, height))
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
		default:
			for i, c := range colors {
				p[i] = how.brightness(c.R, c.G, c.B)
			}
		}
	}
	return out
}

// rowsOfColors returns what fills a list with the colors of a row, from a place on; gray says that they are shades.
func rowsOfColors(img image.Image) (row func(x, y int, into []color.NRGBA), gray bool) {
	var at func(x, y int) color.NRGBA
	switch img := img.(type) {
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
