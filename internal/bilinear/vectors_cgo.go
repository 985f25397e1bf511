//go:build cgo && linux && amd64

package bilinear

/*
#cgo CFLAGS: -O3 -Wall
#include "vectors.h"
*/
import "C"

import "unsafe"

// vectors tells whether the processor can do what vectors_avx2.c asks of it.
var vectors = C.gk_bilinear_vectors() != 0

func resizeVectors(to Picture[float32], from Picture[uint8], rows, columns []place) {
	C.gk_bilinear_rgb((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(from.Pixels))), C.long(from.Width*3), (*C.float)(unsafe.Pointer(unsafe.SliceData(to.Pixels))), C.long(to.Stride),
		(*C.struct_place)(unsafe.Pointer(unsafe.SliceData(rows))), C.long(len(rows)), (*C.struct_place)(unsafe.Pointer(unsafe.SliceData(columns))), C.long(len(columns)))
}
