package ndarray

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

func TestForeignArrays(t *testing.T) {
	x, err := ToTensor("x", mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6}))
	require.NoError(t, err)
	require.Equal(t, [][]float64{{1, 2, 3}, {4, 5, 6}}, x.Value())
	x, err = ToTensor("x", mat.NewVecDense(2, []float64{1, 2}))
	require.NoError(t, err)
	require.Equal(t, [][]float64{{1}, {2}}, x.Value())

	gray := image.NewGray(image.Rect(3, 4, 5, 5))
	gray.SetGray(4, 4, color.Gray{Y: 7})
	x, err = ToTensor("x", gray)
	require.NoError(t, err)
	require.Equal(t, [][][][]uint8{{{{0}, {7}}}}, x.Value())
	colour := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	colour.SetNRGBA(0, 0, color.NRGBA{10, 20, 30, 128})
	x, err = ToTensor("x", []image.Image{gray, colour})
	require.NoError(t, err)
	require.Equal(t, [][][][]uint8{{{{0, 0, 0}, {7, 7, 7}}}, {{{10, 20, 30}, {0, 0, 0}}}}, x.Value())

	for _, bad := range []struct {
		value any
		says  string
	}{
		{[]image.Image{}, "there are no pictures"},
		{[]image.Image{gray, image.NewGray(image.Rect(0, 0, 3, 1))}, "picture 1 is of 3 × 1 pixels, picture 0 of 2 × 1: a batch wants one size"},
		{[]image.Image{nil}, "picture 0 is nil"},
		{(*mat.Dense)(nil), "x: "},
		{(*image.Gray)(nil), "x: "},
		{map[string]int{}, "want a tensor, an array of package np, a gonum matrix, pictures, or Go slices or arrays of numbers"},
	} {
		_, err := ToTensor("x", bad.value)
		require.ErrorContains(t, err, bad.says)
	}
}
