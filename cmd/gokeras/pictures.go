package main

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
)

// pictureSuffixes are those of the files that datasets.LoadImage reads.
var pictureSuffixes = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp"}

// readPicture reads one picture as a sample of the model's input, in the size, channels and order of axes that it wants; its values are from 0 to 255
// times scale.
func readPicture(path string, m *functional.Model, scale float64) (inMemory, error) {
	inputs := m.Inputs()
	if len(inputs) != 1 {
		return nil, fmt.Errorf("%s: a picture is for a model of one input (batch, height, width, channels), this one takes %s", path, count(len(inputs), "input"))
	}
	o, format, err := datasets.LoadImageOptionsFor(inputs[0].Shape())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	img, err := datasets.LoadImage(path, o)
	if err != nil {
		return nil, err
	}
	x, err := datasets.ImageToArray(img, format)
	if err != nil {
		return nil, err
	}
	flat := tensors.MustCopyFlatData[float32](x)
	for i := range flat {
		flat[i] = float32(float64(flat[i]) * scale)
	}
	return inMemory{"x": tensors.FromFlatDataAndDimensions(flat, append([]int{1}, x.Shape().Dimensions...)...)}, nil
}
