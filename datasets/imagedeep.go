package datasets

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
)

// asPillow gives a PNG image of 16 bits of grey the colors that Pillow makes of it: 255 for all that doesn't fit into a byte. As grey, Keras keeps its 16 bits.
func asPillow(r io.ReadSeeker, m *Image) error {
	head := make([]byte, 33)
	if err := readAt(r, head, 0); err != nil || string(head[:4]) != "\x89PNG" || head[24] != 16 || head[25] != 0 {
		return nil // another kind of image
	}
	if m.Channels == 1 {
		return errors.New(`the image has 16 bits of grey, which Keras keeps, and which an Image of bytes can't hold: load it as "rgb", or decode it with Go's package image/png`)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	img, err := png.Decode(r)
	if err != nil {
		return fmt.Errorf("decoding the image's 16 bits: %w", err)
	}
	deep, ok := img.(*image.Gray16)
	if !ok {
		return nil // one shade is transparent
	}
	for y := range m.Height {
		for x := range m.Width {
			p := m.Pixels[(y*m.Width+x)*m.Channels:]
			v := uint8(min(deep.Gray16At(x, y).Y, 255))
			p[0], p[1], p[2] = v, v, v
		}
	}
	return nil
}
