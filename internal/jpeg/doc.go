// Package jpeg decodes JPEG pictures into exactly the pixels that libjpeg-turbo gives, with which Pillow and TensorFlow, and so Keras, read them: its
// inverse DCT in whole numbers, its smooth upsampling of colors, its rounding of colors, and what it makes of broken data. It reads sequential and progressive
// pictures of 8 bits with Huffman codes.
//
// The work after the Huffman codes is done eight or more values at a time where the processor can (AVX2, in builds with cgo for Linux on amd64), with
// the same results.
package jpeg

import (
	"fmt"
	"sync"
)

// Space is what the values of a decoded picture are.
type Space int

const (
	Gray Space = iota // a value a pixel
	RGB               // three
	CMYK              // four, as the file has them: programs of Adobe's store 255 for no ink
)

// Channels returns how many values a pixel has.
func (s Space) Channels() int { return [...]int{Gray: 1, RGB: 3, CMYK: 4}[s] }

// Picture is a decoded picture: rows from the top, the values of a pixel beside each other.
type Picture struct {
	Width, Height int
	Space         Space
	Adobe         bool // a program of Adobe's wrote it, or says so
	Pixels        []uint8
}

// Size returns the width and height that a file claims, from its beginning, which must hold all up to the frame's header.
func Size(data []byte) (width, height int, err error) {
	d := decoder{data: data}
	if err := d.header(); err != nil {
		return 0, 0, err
	}
	return d.width, d.height, nil
}

// decoders keeps the memory of pictures for the next ones.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

// maxKept bounds the bytes of a decoder that is kept.
const maxKept = 64 << 20

// Options choose among what libjpeg can make of a file; the zero value is what Pillow asks for.
type Options struct {
	Gray bool // make a picture of one or three colors Gray: the brightness that is stored, or that follows from red, green and blue
	Fast bool // use libjpeg's quick DCT, which is less exact, as TensorFlow does
}

// Decode decodes a picture into what its colors are stored for: Gray, RGB (also for YCbCr) or CMYK (also for YCCK). The pixels are written into pixels where it
// is large enough.
// The caller checks the size before: memory is taken for as many pixels as [Size] says. Data that libjpeg takes with a warning are taken, what is
// missing being what libjpeg puts there; a file that ends too early is an error.
func Decode(data []byte, o Options, pixels []uint8) (*Picture, error) {
	d := decoders.Get().(*decoder)
	d.reset(data)
	p, err := d.decode(o, pixels)
	d.data = nil
	if d.size() <= maxKept {
		decoders.Put(d)
	}
	if err != nil {
		return nil, fmt.Errorf("JPEG: %w", err)
	}
	return p, nil
}
