//go:build cgo && linux && amd64

package jpeg

/*
#cgo CFLAGS: -O3 -Wall
#include "vectors.h"
*/
import "C"

import "unsafe"

// vectors tells whether the processor can do what vectors_avx2.c asks of it.
var vectors = C.gk_jpeg_vectors() != 0

func byteAt(s []uint8) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(s))) }

// transformVectors makes the samples of rows of blocks.
func transformVectors(coefs []int16, last []uint8, factors *[64]int16, into []uint8, wide, rows int, fast bool) {
	quick := C.int(0)
	if fast {
		quick = 1
	}
	C.gk_jpeg_transform((*C.int16_t)(unsafe.Pointer(unsafe.SliceData(coefs))), byteAt(last), (*C.int16_t)(unsafe.Pointer(factors)), byteAt(into), C.long(wide), C.long(rows), quick)
}

// colorsVectors makes the pixels of a picture whose brightness is there for each pixel; it reports whether it did.
func colorsVectors(d *decoder, pixels []uint8) bool {
	luma, blue, red := &d.components[0], &d.components[1], &d.components[2]
	s, _, _, err := d.sampling(blue)
	other, _, _, otherErr := d.sampling(red)
	if err != nil || otherErr != nil || s != other || s == repeated || luma.h != d.maxH || luma.v != d.maxV {
		return false
	}
	C.gk_jpeg_rgb(byteAt(luma.plane), C.long(8*luma.paddedWide), byteAt(blue.plane), byteAt(red.plane), C.long(8*blue.paddedWide), C.long(blue.width), C.long(blue.height), C.int(s),
		C.long(d.width), C.long(d.height), byteAt(blue.into), byteAt(red.into), byteAt(pixels))
	return true
}
