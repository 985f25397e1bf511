package boundingboxes

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// Affine is how an image is moved; each zero value leaves it as it is.
type Affine struct {
	Angle                  float64  // degrees
	TranslateX, TranslateY float64  // parts of the width and the height, less one pixel
	Scale                  float64  // 0: 1
	ShearX, ShearY         float64  // degrees
	CenterX, CenterY       *float64 // what stays in its place, as parts of the width and the height; nil: 0.5
}

// AffineTransform returns the boxes of format XYXY that lie around boxes (batch, boxes, 4) after the images of that size were moved, each by its own transform (Keras: affine_transform).
func AffineTransform(boxes any, transforms []Affine, size Size) (*tensors.Tensor, error) {
	t, err := affineTransform(boxes, transforms, size)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.AffineTransform: %w", err)
	}
	return t, nil
}

func affineTransform(boxes any, transforms []Affine, size Size) (*tensors.Tensor, error) {
	flat, dims, err := numbersOf("boxes", boxes)
	if err != nil {
		return nil, err
	}
	switch {
	case len(dims) != 3:
		return nil, fmt.Errorf("boxes: want shape (batch, boxes, 4), received %v", dims)
	case len(transforms) != dims[0]:
		return nil, fmt.Errorf("%d transforms for boxes of %d images", len(transforms), dims[0])
	case !size.known():
		return nil, fmt.Errorf("the image's size isn't given")
	}
	at := 0
	return mapped(flat, dims, func(v []float64) [4]float64 {
		move := transforms[at/dims[1]].inverse(size)
		at++
		var x, y [4]float64
		for i, corner := range [4][2]float64{{v[0], v[1]}, {v[2], v[1]}, {v[2], v[3]}, {v[0], v[3]}} {
			x[i] = move[0]*corner[0] + move[1]*corner[1] + move[2]
			y[i] = move[3]*corner[0] + move[4]*corner[1] + move[5]
		}
		return box{slices.Min(x[:]), slices.Min(y[:]), slices.Max(x[:]), slices.Max(y[:])}
	}), nil
}

// inverse is the matrix, two rows of three, from places in the old image to those in the new one.
func (a Affine) inverse(size Size) [6]float64 {
	part := func(p *float64, of float64) float64 {
		if p == nil {
			return of / 2
		}
		return *p * of
	}
	radians := func(degrees float64) float64 { return -degrees / 180 * math.Pi }
	wide, high := size.Width-1, size.Height-1
	scale := a.Scale
	if scale == 0 {
		scale = 1
	}
	rotation, shearX, shearY := radians(a.Angle), radians(a.ShearX), radians(a.ShearY)
	m0 := math.Cos(rotation-shearY) / math.Cos(shearY)
	m1 := m0*math.Tan(shearX) + math.Sin(rotation)
	m2 := -math.Sin(rotation-shearY) / math.Cos(shearY)
	m3 := math.Cos(rotation) - m2*math.Tan(shearX)
	m0, m1, m2, m3 = m3*scale, -m1*scale, -m2*scale, m0*scale
	centerX, centerY := part(a.CenterX, wide), part(a.CenterY, high)
	x, y := centerX-a.TranslateX*wide, centerY-a.TranslateY*high
	return [6]float64{m0, m1, centerX - m0*x - m1*y, m2, m3, centerY - m2*x - m3*y}
}
