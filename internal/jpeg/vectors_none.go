//go:build !(cgo && linux && amd64)

package jpeg

var vectors = false

func transformVectors([]int16, []uint8, *[64]int16, []uint8, int, int, bool) {}

func colorsVectors(*decoder, []uint8) bool { return false }
