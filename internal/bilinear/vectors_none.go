//go:build !(cgo && linux && amd64)

package bilinear

var vectors = false

func resizeVectors(Picture[float32], Picture[uint8], []place, []place) {}
