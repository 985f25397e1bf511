// Package bilinear gives pictures another size by bilinear interpolation, with exactly the numbers of TensorFlow's ResizeBilinear for half-pixel centers, which
// tf.image.resize uses. Where the processor can (AVX2, in builds with cgo for Linux on amd64), pictures of three channels are done in vectors, with the same numbers.
package bilinear

import "math"

// Picture is a part of a picture: Pixels begin with it, and each of its rows Stride values after the one above.
type Picture[T uint8 | float32] struct {
	Pixels                  []T
	Stride                  int
	Height, Width, Channels int
}

// place is where a new pixel lies between old ones.
type place struct {
	lower, upper int32 // their positions
	share        float32
}

// places are those along an axis, in float32 as TensorFlow computes them. Positions count in steps.
func places(from, to, step int) []place {
	out, scale := make([]place, to), float32(from)/float32(to)
	for i := range out {
		scaled := (float32(i) + 0.5) * scale
		at := scaled - 0.5
		below := float32(math.Floor(float64(at)))
		upper := min(int(math.Ceil(float64(at))), from-1)
		lower := min(max(int(below), 0), upper)
		out[i] = place{int32(lower * step), int32(upper * step), at - below}
	}
	return out
}

// Resize fills to with from in another size. Both have the same number of channels.
func Resize(to Picture[float32], from Picture[uint8]) {
	rows, columns := places(from.Height, to.Height, from.Stride), places(from.Width, to.Width, from.Channels)
	if vectors && from.Channels == 3 {
		resizeVectors(to, from, rows, columns)
		return
	}
	n := from.Channels
	for y, row := range rows {
		above, below, down := from.Pixels[row.lower:], from.Pixels[row.upper:], row.share
		line := to.Pixels[y*to.Stride:][:to.Width*n]
		for x, column := range columns {
			left, right, share := int(column.lower), int(column.upper), column.share
			pixel := line[x*n:][:n]
			aboveLeft, aboveRight, belowLeft, belowRight := above[left:][:n], above[right:][:n], below[left:][:n], below[right:][:n]
			for c := range pixel {
				pixel[c] = between(between(float32(aboveLeft[c]), float32(aboveRight[c]), share), between(float32(belowLeft[c]), float32(belowRight[c]), share), down)
			}
		}
	}
}

// between rounds after each operation, which the conversions say.
func between(a, b, share float32) float32 { return a + float32(float32(b-a)*share) }
