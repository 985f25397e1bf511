package datasets

import (
	"encoding/binary"
	"fmt"
	"io"
)

// asTensorFlow gives an image the values that tf.image.decode_image has where Pillow has others, which data sets of folders show: the bytes of BMP files as they
// are, without their palette, and what is taken for opaque in PNG files of less than 8 bits.
func asTensorFlow(f io.ReadSeeker, m *Image) error {
	head := make([]byte, 33)
	if readAt(f, head, 0) != nil {
		return nil // another kind of image
	}
	switch {
	case m.Channels == 1:
	case string(head[:2]) == "BM":
		return rawBMP(f, head, m)
	case string(head[:4]) == "\x89PNG" && m.Channels == 4:
		return opaquePNG(f, head, m)
	}
	return nil
}

// rawBMP fills an image with the bytes of a BMP file, which decode has found sound.
func rawBMP(f io.ReadSeeker, head []byte, m *Image) error {
	at, bits := int64(binary.LittleEndian.Uint32(head[10:])), binary.LittleEndian.Uint16(head[28:])
	wide := int(bits) / 8
	if bits%8 != 0 || wide != 1 && wide != 3 && wide != 4 {
		return fmt.Errorf("the BMP image has %d bits for a pixel, want 8, 24 or 32", bits)
	}
	down := int32(binary.LittleEndian.Uint32(head[22:])) < 0
	row := make([]byte, (m.Width*wide+3)/4*4)
	for y := range m.Height {
		line := m.Height - 1 - y
		if down {
			line = y
		}
		if err := readAt(f, row, at+int64(line)*int64(len(row))); err != nil {
			return fmt.Errorf("reading row %d of the BMP image: %w", y, err)
		}
		for x := range m.Width {
			p, q := row[x*wide:][:wide], m.Pixels[(y*m.Width+x)*m.Channels:][:m.Channels]
			switch wide {
			case 1:
				q[0], q[1], q[2] = p[0], p[0], p[0]
			default:
				q[0], q[1], q[2] = p[2], p[1], p[0]
			}
			if m.Channels == 4 {
				if q[3] = 255; wide == 4 {
					q[3] = p[3]
				}
			}
		}
	}
	return nil
}

// opaquePNG is the largest number of so many bits, where a PNG file doesn't say itself how opaque its pixels are.
func opaquePNG(f io.ReadSeeker, head []byte, m *Image) error {
	depth, kind := head[24], head[25]
	if depth >= 8 || kind&4 != 0 { // it has a channel for it
		return nil
	}
	chunk := make([]byte, 8)
	for at := int64(8); ; {
		if err := readAt(f, chunk, at); err != nil {
			return fmt.Errorf("reading the chunks of the PNG image: %w", err)
		}
		if name := string(chunk[4:]); name == "tRNS" {
			return nil
		} else if name == "IDAT" {
			break
		}
		at += 12 + int64(binary.BigEndian.Uint32(chunk))
	}
	for i := 3; i < len(m.Pixels); i += 4 {
		m.Pixels[i] = 1<<depth - 1
	}
	return nil
}

// readAt fills what is given with the bytes from a place on.
func readAt(f io.ReadSeeker, into []byte, at int64) error {
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return err
	}
	_, err := io.ReadFull(f, into)
	return err
}
