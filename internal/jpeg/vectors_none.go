//go:build !(cgo && linux && amd64)

package jpeg

var vectors = false

func transformVectors([]int16, []uint8, *[64]uint16, []uint8, int, int) bool { return false }

func colorsVectors(*decoder, []uint8) bool { return false }
