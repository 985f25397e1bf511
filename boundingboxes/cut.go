package boundingboxes

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// ClipToImageSize cuts boxes off at the edges of the image (Keras: clip_to_image_size). They are of format XYXY, which needs the size, or RelXYXY. The labels of boxes of which nothing
// is left become -1; nil for none.
func ClipToImageSize(boxes, labels any, format Format, size ...Size) (clipped, left *tensors.Tensor, err error) {
	if clipped, left, err = clip(boxes, labels, format, size); err != nil {
		return nil, nil, fmt.Errorf("boundingboxes.ClipToImageSize: %w", err)
	}
	return clipped, left, nil
}

func clip(boxes, labels any, format Format, size []Size) (clipped, left *tensors.Tensor, err error) {
	s, err := sizeOf(size)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case format == RelXYXY:
		s = Size{1, 1}
	case format != XYXY:
		return nil, nil, fmt.Errorf("the format is %q, want %q or %q", format, XYXY, RelXYXY)
	case !s.known():
		return nil, nil, fmt.Errorf("the image's size isn't given")
	}
	flat, dims, err := numbersOf("boxes", boxes)
	if err != nil {
		return nil, nil, err
	}
	var areas []float64
	clipped = mapped(flat, dims, func(v []float64) [4]float64 {
		b := box(v).within(s)
		areas = append(areas, b.area())
		return b
	})
	if labels == nil {
		return clipped, nil, nil
	}
	given, err := ndarray.ToTensor("labels", labels)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Equal(given.Shape().Dimensions, dims[:len(dims)-1]) {
		return nil, nil, fmt.Errorf("labels have shape %v for boxes of shape %v", given.Shape().Dimensions, dims)
	}
	numbers, err := ndarray.Convert(given, dtypes.Float64)
	if err != nil {
		return nil, nil, err
	}
	values := tensors.MustCopyFlatData[float64](numbers)
	for i, area := range areas {
		if !(area > 0) {
			values[i] = -1
		}
	}
	left, err = ndarray.Convert(tensors.FromFlatDataAndDimensions(values, dims[:len(dims)-1]...), given.DType())
	return clipped, left, err
}

func (b box) within(s Size) box {
	x, y := func(v float64) float64 { return min(max(v, 0), s.Width) }, func(v float64) float64 { return min(max(v, 0), s.Height) }
	return box{x(b[0]), y(b[1]), x(b[2]), y(b[3])}
}

func (b box) moved(down, right float64) box {
	return box{b[0] + right, b[1] + down, b[2] + right, b[3] + down}
}

func (b box) area() float64 { return (b[2] - b[0]) * (b[3] - b[1]) }

// Crop moves and cuts boxes of format XYXY as an image is that is cropped to that size, from top and left on (Keras: crop).
func Crop(boxes any, top, left float64, size Size) (*tensors.Tensor, error) {
	flat, dims, err := numbersOf("boxes", boxes)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.Crop: %w", err)
	}
	return mapped(flat, dims, func(v []float64) [4]float64 { return box(v).moved(-top, -left).within(size) }), nil
}

// Pad moves boxes of format XYXY as an image does that gets rows above and columns to its left (Keras: pad).
func Pad(boxes any, top, left float64) (*tensors.Tensor, error) {
	flat, dims, err := numbersOf("boxes", boxes)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.Pad: %w", err)
	}
	return mapped(flat, dims, func(v []float64) [4]float64 { return box(v).moved(top, left) }), nil
}
