package boundingboxes

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// DeltaOptions are the arguments of [EncodeBoxToDeltas] and [DecodeDeltasToBoxes] beyond the boxes; the zero value of each is Keras's default.
type DeltaOptions struct {
	Encoding Format    // of the distances, "": CenterYXHW; CenterXYWH
	Variance []float64 // four numbers that the distances are divided by; nil: none
	Size     Size      // of the image, for relative formats
}

// filled has the defaults.
func (o DeltaOptions) filled() (DeltaOptions, error) {
	if o.Encoding == "" {
		o.Encoding = CenterYXHW
	}
	if o.Encoding != CenterYXHW && o.Encoding != CenterXYWH {
		return o, fmt.Errorf("the encoding is %q, want %q or %q", o.Encoding, CenterYXHW, CenterXYWH)
	}
	if o.Variance == nil {
		o.Variance = []float64{1, 1, 1, 1}
	}
	if len(o.Variance) != 4 {
		return o, fmt.Errorf("the variance has %d numbers, want 4", len(o.Variance))
	}
	return o, nil
}

// EncodeBoxToDeltas returns boxes (n, 4) or (batch, n, 4) as distances of their middles from those of anchors (n, 4), in sizes of these, and the logarithms of how much larger they are
// (Keras: encode_box_to_deltas).
func EncodeBoxToDeltas(anchors, boxes any, anchorFormat, boxFormat Format, o DeltaOptions) (*tensors.Tensor, error) {
	t, err := encode(anchors, boxes, anchorFormat, boxFormat, o)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.EncodeBoxToDeltas: %w", err)
	}
	return t, nil
}

func encode(anchors, boxes any, anchorFormat, boxFormat Format, o DeltaOptions) (*tensors.Tensor, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	encoded, err := converter(boxFormat, o.Encoding, []Size{o.Size})
	if err != nil {
		return nil, err
	}
	return beside(anchors, boxes, anchorFormat, o, func(anchor [4]float64, v []float64) (out [4]float64) {
		b := encoded(v)
		for i := range 2 {
			size := max(anchor[2+i], epsilon)
			out[i] = (b[i] - anchor[i]) / size / o.Variance[i]
			out[2+i] = math.Log(max(b[2+i], epsilon)/size) / o.Variance[2+i]
		}
		return out
	})
}

// DecodeDeltasToBoxes is the way back from [EncodeBoxToDeltas] (Keras: decode_deltas_to_boxes).
func DecodeDeltasToBoxes(anchors, deltas any, anchorFormat, boxFormat Format, o DeltaOptions) (*tensors.Tensor, error) {
	t, err := decode(anchors, deltas, anchorFormat, boxFormat, o)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.DecodeDeltasToBoxes: %w", err)
	}
	return t, nil
}

func decode(anchors, deltas any, anchorFormat, boxFormat Format, o DeltaOptions) (*tensors.Tensor, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	decoded, err := converter(o.Encoding, boxFormat, []Size{o.Size})
	if err != nil {
		return nil, err
	}
	return beside(anchors, deltas, anchorFormat, o, func(anchor [4]float64, v []float64) [4]float64 {
		var b [4]float64
		for i := range 2 {
			b[i] = v[i]*o.Variance[i]*anchor[2+i] + anchor[i]
			b[2+i] = math.Exp(v[2+i]*o.Variance[2+i]) * anchor[2+i]
		}
		return decoded(b[:])
	})
}

// beside maps boxes by a function of each and of its anchor, which has the encoding's format.
func beside(anchors, boxes any, anchorFormat Format, o DeltaOptions, f func(anchor [4]float64, v []float64) [4]float64) (*tensors.Tensor, error) {
	encoded, err := converter(anchorFormat, o.Encoding, []Size{o.Size})
	if err != nil {
		return nil, err
	}
	flat, of, err := numbersOf("anchors", anchors)
	if err != nil {
		return nil, err
	}
	list, dims, err := numbersOf("boxes", boxes)
	if err != nil {
		return nil, err
	}
	if len(of) != 2 || len(dims) < 2 || !slices.Equal(of, dims[len(dims)-2:]) {
		return nil, fmt.Errorf("want anchors (n, 4) and as many boxes, (n, 4) or (batch, n, 4), received shapes %v and %v", of, dims)
	}
	i := 0
	return mapped(list, dims, func(v []float64) [4]float64 {
		at := i % len(flat)
		i += 4
		return f(encoded(flat[at:at+4]), v)
	}), nil
}
