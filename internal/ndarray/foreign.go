package ndarray

import (
	"fmt"
	"image"
	"image/color"

	"github.com/gomlx/gomlx/core/tensors"
)

// matrix is what gonum's matrices are.
type matrix interface {
	Dims() (rows, cols int)
	At(row, col int) float64
}

// foreign turns what isn't a slice of numbers into a tensor: what has a Tensor, such as package np's arrays, a matrix of gonum's, and pictures, which
// give whole numbers (batch, height, width, 1 or 3) from 0 to 255; ok is false for anything else.
func foreign(v any) (t *tensors.Tensor, ok bool, err error) {
	switch v := v.(type) {
	case interface{ Tensor() *tensors.Tensor }:
		return v.Tensor(), true, nil
	case matrix:
		rows, cols := v.Dims()
		flat := make([]float64, 0, rows*cols)
		for i := range rows {
			for j := range cols {
				flat = append(flat, v.At(i, j))
			}
		}
		return tensors.FromFlatDataAndDimensions(flat, rows, cols), true, nil
	case image.Image:
		t, err = pictures([]image.Image{v})
		return t, true, err
	case []image.Image:
		t, err = pictures(v)
		return t, true, err
	}
	return nil, false, nil
}

// pictures are one batch: of one channel if all are gray, else of red, green and blue; transparency is dropped, as Keras's load_img does.
func pictures(list []image.Image) (*tensors.Tensor, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("there are no pictures")
	}
	channels := 1
	for i, m := range list {
		if m == nil {
			return nil, fmt.Errorf("picture %d is nil", i)
		}
		if size, first := m.Bounds().Size(), list[0].Bounds().Size(); size != first {
			return nil, fmt.Errorf("picture %d is of %d × %d pixels, picture 0 of %d × %d: a batch wants one size", i, size.X, size.Y, first.X, first.Y)
		}
		if model := m.ColorModel(); model != color.GrayModel && model != color.Gray16Model {
			channels = 3
		}
	}
	size := list[0].Bounds().Size()
	flat := make([]uint8, 0, len(list)*size.X*size.Y*channels)
	for _, m := range list {
		for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
			for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
				if channels == 1 {
					flat = append(flat, color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y)
					continue
				}
				c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
				flat = append(flat, c.R, c.G, c.B)
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, len(list), size.Y, size.X, channels), nil
}
