package boundingboxes_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/boundingboxes"
	"github.com/gokeras/gokeras/internal/golden"
)

type fixture struct {
	Height, Width float64
	Formats       map[boundingboxes.Format]golden.Array
	Converted     []struct {
		Source, Target boundingboxes.Format
		Boxes          golden.Array
	}
	Boxes, Others, Labels, Relative, Anchors, Cropped, Padded golden.Array
	Affine                                                    []map[string]float64
	Moved                                                     golden.Array
	MovedAround                                               golden.Array `json:"moved_around"`
	Clipped                                                   map[string]golden.Array
	ClippedRelative                                           map[string]golden.Array `json:"clipped_relative"`
	IoUs                                                      []struct {
		Format        boundingboxes.Format
		First, Second golden.Array
		Masked        bool
		MaskValue     float64 `json:"mask_value"`
		IoU           golden.Array
	}
	CIoUs []struct {
		Format              boundingboxes.Format
		First, Second, CIoU golden.Array
	}
	Deltas []struct {
		AnchorFormat    boundingboxes.Format `json:"anchor_format"`
		BoxFormat       boundingboxes.Format `json:"box_format"`
		EncodingFormat  boundingboxes.Format `json:"encoding_format"`
		Variance        []float64
		Deltas, Decoded golden.Array
	}
	Refused map[string]bool
}

var tolerance = golden.Tolerance{Abs: 2e-5, Rel: 2e-5} // of float32 up to 60

func TestLikeKeras(t *testing.T) {
	var f fixture
	golden.Load(t, "bounding_boxes", &f)
	size := boundingboxes.Size{Height: f.Height, Width: f.Width}
	require.Len(t, f.Converted, 72)
	for _, c := range f.Converted {
		got, err := boundingboxes.ConvertFormat(f.Formats[c.Source].Tensor(t), c.Source, c.Target, size)
		require.NoError(t, err)
		golden.Close(t, fmt.Sprint(c.Source, " to ", c.Target), got, c.Boxes, tolerance)
	}
	boxes := f.Boxes.Tensor(t)
	clipped, labels, err := boundingboxes.ClipToImageSize(boxes, f.Labels.Tensor(t), boundingboxes.XYXY, boundingboxes.Size{Height: 30, Width: 40})
	require.NoError(t, err)
	golden.Close(t, "clipped", clipped, f.Clipped["boxes"], tolerance)
	require.Equal(t, golden.Floats(t, f.Clipped["labels"].Tensor(t)), golden.Floats(t, labels))
	require.Equal(t, f.Labels.Tensor(t).DType(), labels.DType())
	clipped, labels, err = boundingboxes.ClipToImageSize(f.Relative.Tensor(t), f.Labels.Tensor(t), boundingboxes.RelXYXY)
	require.NoError(t, err)
	golden.Close(t, "clipped, relative", clipped, f.ClippedRelative["boxes"], tolerance)
	require.Equal(t, golden.Floats(t, f.ClippedRelative["labels"].Tensor(t)), golden.Floats(t, labels))
	cropped, err := boundingboxes.Crop(boxes, 10, 20, boundingboxes.Size{Height: 15, Width: 25})
	require.NoError(t, err)
	golden.Close(t, "cropped", cropped, f.Cropped, tolerance)
	padded, err := boundingboxes.Pad(boxes, 3, 7)
	require.NoError(t, err)
	golden.Close(t, "padded", padded, f.Padded, tolerance)
	var transforms []boundingboxes.Affine
	for _, a := range f.Affine {
		transforms = append(transforms, boundingboxes.Affine{Angle: a["angle"], TranslateX: a["translate_x"], TranslateY: a["translate_y"], Scale: a["scale"], ShearX: a["shear_x"], ShearY: a["shear_y"]})
	}
	moved, err := boundingboxes.AffineTransform(boxes, transforms, size)
	require.NoError(t, err)
	golden.Close(t, "moved", moved, f.Moved, golden.Tolerance{Abs: 1e-4, Rel: 2e-5})
	left, low := 0.2, 0.9
	for i := range transforms {
		transforms[i].CenterX, transforms[i].CenterY = &left, &low
	}
	moved, err = boundingboxes.AffineTransform(boxes, transforms, size)
	require.NoError(t, err)
	golden.Close(t, "moved around a corner", moved, f.MovedAround, golden.Tolerance{Abs: 1e-4, Rel: 2e-5})
	for i, c := range f.IoUs {
		got, err := boundingboxes.ComputeIoU(c.First.Tensor(t), c.Second.Tensor(t), c.Format, boundingboxes.IoUOptions{Size: size, Masking: c.Masked, MaskValue: c.MaskValue})
		require.NoError(t, err)
		golden.Close(t, fmt.Sprint("overlap ", i), got, c.IoU, tolerance)
	}
	for i, c := range f.CIoUs {
		got, err := boundingboxes.ComputeCIoU(c.First.Tensor(t), c.Second.Tensor(t), c.Format)
		require.NoError(t, err)
		golden.Close(t, fmt.Sprint("complete overlap ", i), got, c.CIoU, tolerance)
	}
	for i, c := range f.Deltas {
		o := boundingboxes.DeltaOptions{Encoding: c.EncodingFormat, Variance: c.Variance, Size: size}
		deltas, err := boundingboxes.EncodeBoxToDeltas(f.Anchors.Tensor(t), boxes, c.AnchorFormat, c.BoxFormat, o)
		require.NoError(t, err)
		golden.Close(t, fmt.Sprint("deltas ", i), deltas, c.Deltas, golden.Tolerance{Abs: 2e-5, Rel: 1e-4})
		decoded, err := boundingboxes.DecodeDeltasToBoxes(f.Anchors.Tensor(t), c.Deltas.Tensor(t), c.AnchorFormat, c.BoxFormat, o)
		require.NoError(t, err)
		golden.Close(t, fmt.Sprint("decoded ", i), decoded, c.Decoded, golden.Tolerance{Abs: 1e-4, Rel: 1e-4})
	}
}

// TestRefused: what Keras refuses is refused, and what has no sense.
func TestRefused(t *testing.T) {
	var f fixture
	golden.Load(t, "bounding_boxes", &f)
	boxes, anchors := f.Boxes.Tensor(t), f.Anchors.Tensor(t)
	errs := map[string]error{}
	_, errs["relative"] = boundingboxes.ConvertFormat(boxes, "xyxy", "rel_xyxy")
	_, errs["format"] = boundingboxes.ConvertFormat(boxes, "xyxy", "x")
	_, errs["axis"] = boundingboxes.ConvertFormat(tensors.FromValue([][]float32{{1, 2, 3, 4, 5}}), "xyxy", "xywh")
	_, _, errs["clip"] = boundingboxes.ClipToImageSize(boxes, f.Labels.Tensor(t), "xyxy")
	_, errs["iou"] = boundingboxes.ComputeIoU(boxes, boxes, "rel_xyxy", boundingboxes.IoUOptions{})
	_, errs["ranks"] = boundingboxes.ComputeIoU([]float32{1, 2, 3, 4}, boxes, "xyxy", boundingboxes.IoUOptions{})
	_, errs["ciou"] = boundingboxes.ComputeCIoU(f.Relative.Tensor(t), f.Relative.Tensor(t), "rel_xyxy")
	_, errs["encoding"] = boundingboxes.EncodeBoxToDeltas(anchors, boxes, "xyxy", "xyxy", boundingboxes.DeltaOptions{Encoding: "xyxy"})
	_, errs["variance"] = boundingboxes.EncodeBoxToDeltas(anchors, boxes, "xyxy", "xyxy", boundingboxes.DeltaOptions{Variance: []float64{1}})
	require.Len(t, errs, len(f.Refused))
	for name, refused := range f.Refused {
		require.True(t, refused, name)
		require.Error(t, errs[name], name)
	}

	_, err := boundingboxes.AffineTransform(boxes, nil, boundingboxes.Size{Height: 5, Width: 5})
	require.ErrorContains(t, err, "0 transforms for boxes of 2 images")
	_, err = boundingboxes.AffineTransform(anchors, nil, boundingboxes.Size{Height: 5, Width: 5})
	require.ErrorContains(t, err, "want shape (batch, boxes, 4)")
	_, err = boundingboxes.AffineTransform(boxes, make([]boundingboxes.Affine, 2), boundingboxes.Size{})
	require.ErrorContains(t, err, "size isn't given")
	_, err = boundingboxes.ConvertFormat("boxes", "xyxy", "xywh")
	require.Error(t, err)
	_, err = boundingboxes.ConvertFormat([][]float32{}, "xyxy", "xywh")
	require.Error(t, err)
	_, err = boundingboxes.ConvertFormat(boxes, "xyxy", "xywh", boundingboxes.Size{}, boundingboxes.Size{})
	require.ErrorContains(t, err, "one at most")
	_, err = boundingboxes.ConvertFormat(boxes, "xyxy", "rel_xywh", boundingboxes.Size{Height: math.NaN(), Width: 3})
	require.ErrorContains(t, err, "isn't given")
	_, _, err = boundingboxes.ClipToImageSize(boxes, []int{1}, "rel_xyxy")
	require.ErrorContains(t, err, "labels have shape")
	_, err = boundingboxes.DecodeDeltasToBoxes(boxes, anchors, "xyxy", "xyxy", boundingboxes.DeltaOptions{})
	require.ErrorContains(t, err, "want anchors (n, 4)")
	_, err = boundingboxes.ComputeCIoU(boxes, anchors, "xyxy")
	require.ErrorContains(t, err, "boxes of shapes")
	_, err = boundingboxes.ComputeIoU(boxes, append(boxes.Value().([][][]float32), nil), "xyxy", boundingboxes.IoUOptions{})
	require.Error(t, err)
	got, err := boundingboxes.ConvertFormat([]float32{1, 2, 3, 4}, "XYXY", "Center_xyWH")
	require.NoError(t, err)
	require.Equal(t, []float32{2, 3, 2, 2}, got.Value())
}
