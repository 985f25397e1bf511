package datasets

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// photograph is a JPEG file of a photograph's size and detail.
func photograph(b *testing.B) []byte {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	m := image.NewRGBA(image.Rect(0, 0, 480, 360))
	for y := range 360 {
		for x := range 480 {
			v := 128 + 60*math.Sin(float64(x)/37)*math.Cos(float64(y)/29) + 6*rng.NormFloat64()
			m.SetRGBA(x, y, color.RGBA{uint8(v), uint8(v * 0.9), uint8(255 - v), 255})
		}
	}
	var file bytes.Buffer
	require.NoError(b, jpeg.Encode(&file, m, &jpeg.Options{Quality: 88}))
	return file.Bytes()
}

// BenchmarkImage takes the time of an image of a folder, and of its parts.
func BenchmarkImage(b *testing.B) {
	file := photograph(b)
	how := decoding{channels: 3, maxPixels: MaxImagePixels, tensorFlow: true, room: new(imageRoom)}
	m, err := decode(bytes.NewReader(file), how)
	require.NoError(b, err)
	into := make([]float32, 224*224*3)
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			_, _ = decode(bytes.NewReader(file), how)
		}
	})
	b.Run("resize", func(b *testing.B) {
		for b.Loop() {
			_ = floatResize(m, 224, 224, "bilinear", false, false, into)
		}
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			m, err := decode(bytes.NewReader(file), how)
			require.NoError(b, err)
			_ = floatResize(m, 224, 224, "bilinear", false, false, into)
		}
	})
}
