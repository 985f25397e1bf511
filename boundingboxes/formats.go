package boundingboxes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// Format is what the four numbers of a box are, in any case of letters.
type Format string

// Keras's formats. Those called Rel are parts of the image's height and width, the others pixels.
const (
	XYXY          Format = "xyxy"        // left, top, right, bottom
	YXYX          Format = "yxyx"        // top, left, bottom, right
	XYWH          Format = "xywh"        // left, top, width, height
	CenterXYWH    Format = "center_xywh" // the middle's x and y, width, height
	CenterYXHW    Format = "center_yxhw" // the middle's y and x, height, width
	RelXYXY       Format = "rel_xyxy"
	RelYXYX       Format = "rel_yxyx"
	RelXYWH       Format = "rel_xywh"
	RelCenterXYWH Format = "rel_center_xywh"
)

var formats = []Format{XYXY, YXYX, XYWH, CenterXYWH, CenterYXHW, RelXYXY, RelYXYX, RelXYWH, RelCenterXYWH}

// Size is that of an image in pixels, for formats that are relative to it; zeros: unknown.
type Size struct{ Height, Width float64 }

func (s Size) known() bool { return s.Height > 0 && s.Width > 0 }

// box is left, top, right and bottom.
type box [4]float64

// Plain finds the format, whatever the case of its letters, and what it is without "rel_".
func (f Format) Plain() (plain Format, relative bool, err error) {
	f = Format(strings.ToLower(string(f)))
	if !slices.Contains(formats, f) {
		names := make([]string, len(formats))
		for i := range formats {
			names[i] = string(formats[i])
		}
		return "", false, config.UnknownName("bounding box format", string(f), names)
	}
	plain = Format(strings.TrimPrefix(string(f), "rel_"))
	return plain, plain != f, nil
}

// corners reads a box of a plain format.
func (f Format) corners(v []float64) box {
	switch f {
	case YXYX:
		return box{v[1], v[0], v[3], v[2]}
	case XYWH:
		return box{v[0], v[1], v[0] + v[2], v[1] + v[3]}
	case CenterXYWH:
		return box{v[0] - v[2]/2, v[1] - v[3]/2, v[0] + v[2]/2, v[1] + v[3]/2}
	case CenterYXHW:
		return box{v[1] - v[3]/2, v[0] - v[2]/2, v[1] + v[3]/2, v[0] + v[2]/2}
	}
	return box(v)
}

// numbers writes a box in a plain format.
func (f Format) numbers(b box) [4]float64 {
	w, h := b[2]-b[0], b[3]-b[1]
	switch f {
	case YXYX:
		return [4]float64{b[1], b[0], b[3], b[2]}
	case XYWH:
		return [4]float64{b[0], b[1], w, h}
	case CenterXYWH:
		return [4]float64{b[0] + w/2, b[1] + h/2, w, h}
	case CenterYXHW:
		return [4]float64{b[1] + h/2, b[0] + w/2, h, w}
	}
	return b
}

// times scales a box.
func (b box) times(s Size) box {
	return box{b[0] * s.Width, b[1] * s.Height, b[2] * s.Width, b[3] * s.Height}
}

// ConvertFormat converts boxes from one format to another (Keras: convert_format); relative formats need the image's size.
func ConvertFormat(boxes any, source, target Format, size ...Size) (*tensors.Tensor, error) {
	t, err := convertFormat(boxes, source, target, size)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.ConvertFormat: %w", err)
	}
	return t, nil
}

func convertFormat(boxes any, source, target Format, size []Size) (*tensors.Tensor, error) {
	convert, err := converter(source, target, size)
	if err != nil {
		return nil, err
	}
	list, dims, err := numbersOf("boxes", boxes)
	if err != nil {
		return nil, err
	}
	return mapped(list, dims, convert), nil
}

// converter converts one box.
func converter(source, target Format, size []Size) (func(v []float64) [4]float64, error) {
	from, relative, err := source.Plain()
	if err != nil {
		return nil, err
	}
	to, relatively, err := target.Plain()
	if err != nil {
		return nil, err
	}
	s, err := sizeOf(size)
	if err != nil {
		return nil, err
	}
	if (relative || relatively) && !s.known() {
		return nil, fmt.Errorf("from %q to %q: the image's size, for a relative format, isn't given", source, target)
	}
	return func(v []float64) [4]float64 {
		b := from.corners(v)
		switch {
		case relative && !relatively:
			b = b.times(s)
		case relatively && !relative:
			b = b.times(Size{1 / s.Height, 1 / s.Width})
		}
		return to.numbers(b)
	}, nil
}

func sizeOf(size []Size) (Size, error) {
	switch {
	case len(size) > 1:
		return Size{}, fmt.Errorf("%d sizes given, want one at most", len(size))
	case len(size) == 1:
		return size[0], nil
	}
	return Size{}, nil
}

// numbersOf reads boxes.
func numbersOf(what string, boxes any) (flat []float64, dims []int, err error) {
	t, err := ndarray.ToTensor(what, boxes)
	if err != nil {
		return nil, nil, err
	}
	dims = t.Shape().Dimensions
	if len(dims) == 0 || dims[len(dims)-1] != 4 || t.Shape().Size() == 0 {
		return nil, nil, fmt.Errorf("%s: want at least one box, and a last axis of 4, received shape %v", what, dims)
	}
	if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
		return nil, nil, err
	}
	return tensors.MustCopyFlatData[float64](t), dims, nil
}

// mapped are the boxes after a function of each.
func mapped(flat []float64, dims []int, f func(v []float64) [4]float64) *tensors.Tensor {
	out := make([]float32, 0, len(flat))
	for v := range slices.Chunk(flat, 4) {
		for _, n := range f(v) {
			out = append(out, float32(n))
		}
	}
	return tensors.FromFlatDataAndDimensions(out, dims...)
}
