package boundingboxes

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// epsilon is Keras's.
const epsilon = 1e-7

// IoUOptions are the arguments of [ComputeIoU] beyond the boxes.
type IoUOptions struct {
	Size      Size    // of the image, for relative formats
	Masking   bool    // overlaps with boxes that lie on the negative side of both axes are MaskValue
	MaskValue float64 // Keras's default is -1
}

// ComputeIoU returns how much each of some boxes overlaps with each of others: the part of their common area in the area of both (Keras: compute_iou). Boxes (m, 4) and (n, 4) give
// (m, n); where one or both are (batch, m, 4), so is the result: (batch, m, n).
func ComputeIoU(boxes1, boxes2 any, format Format, o IoUOptions) (*tensors.Tensor, error) {
	t, err := computeIoU(boxes1, boxes2, format, o)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.ComputeIoU: %w", err)
	}
	return t, nil
}

// group is a batch of lists of boxes.
type group struct {
	lists   [][]box
	batched bool
}

// at is the list of a place in a batch; what isn't batched is the same at each.
func (g group) at(i int) []box {
	if !g.batched {
		i = 0
	}
	return g.lists[i]
}

func groupOf(what string, boxes any, format Format, size Size) (g group, err error) {
	toCorners, err := converter(format, XYXY, []Size{size})
	if err != nil {
		return g, err
	}
	flat, dims, err := numbersOf(what, boxes)
	if err != nil {
		return g, err
	}
	if len(dims) != 2 && len(dims) != 3 {
		return g, fmt.Errorf("%s: want shape (boxes, 4) or (batch, boxes, 4), received %v", what, dims)
	}
	g.batched = len(dims) == 3
	count := 1
	if g.batched {
		count = dims[0]
	}
	each := len(flat) / 4 / count
	g.lists = make([][]box, count)
	for i := range g.lists {
		for v := range slices.Chunk(flat[4*i*each:4*(i+1)*each], 4) {
			g.lists[i] = append(g.lists[i], toCorners(v))
		}
	}
	return g, nil
}

func computeIoU(boxes1, boxes2 any, format Format, o IoUOptions) (*tensors.Tensor, error) {
	first, err := groupOf("boxes1", boxes1, format, o.Size)
	if err != nil {
		return nil, err
	}
	second, err := groupOf("boxes2", boxes2, format, o.Size)
	if err != nil {
		return nil, err
	}
	count := len(first.lists)
	if !first.batched {
		count = len(second.lists)
	}
	if first.batched && second.batched && len(second.lists) != count {
		return nil, fmt.Errorf("batches of %d and %d lists of boxes", count, len(second.lists))
	}
	var flat []float32
	for i := range count {
		for _, a := range first.at(i) {
			for _, b := range second.at(i) {
				v := a.common(b) / (a.area() + b.area() - a.common(b) + epsilon)
				if o.Masking && (slices.Max(a[:]) < 0 || slices.Max(b[:]) < 0) {
					v = o.MaskValue
				}
				flat = append(flat, float32(v))
			}
		}
	}
	dims := []int{len(first.at(0)), len(second.at(0))}
	if first.batched || second.batched {
		dims = append([]int{count}, dims...)
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...), nil
}

// common is the area that boxes share.
func (b box) common(other box) float64 {
	return max(min(b[2], other[2])-max(b[0], other[0]), 0) * max(min(b[3], other[3])-max(b[1], other[1]), 0)
}

// ComputeCIoU returns the complete overlap of each box with the one at its place in others of the same shape, which counts the distance of their middles and their proportions, too
// (Keras: compute_ciou, which takes no relative formats). Boxes (…, 4) give (…).
func ComputeCIoU(boxes1, boxes2 any, format Format) (*tensors.Tensor, error) {
	t, err := computeCIoU(boxes1, boxes2, format)
	if err != nil {
		return nil, fmt.Errorf("boundingboxes.ComputeCIoU: %w", err)
	}
	return t, nil
}

func computeCIoU(boxes1, boxes2 any, format Format) (*tensors.Tensor, error) {
	corners, err := converter(format, XYXY, nil)
	if err != nil {
		return nil, err
	}
	first, dims, err := numbersOf("boxes1", boxes1)
	if err != nil {
		return nil, err
	}
	second, others, err := numbersOf("boxes2", boxes2)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(dims, others) {
		return nil, fmt.Errorf("boxes of shapes %v and %v", dims, others)
	}
	var flat []float32
	for i := 0; i < len(first); i += 4 {
		flat = append(flat, float32(box(corners(first[i:i+4])).complete(corners(second[i:i+4]))))
	}
	return tensors.FromFlatDataAndDimensions(flat, dims[:len(dims)-1]...), nil
}

func (b box) complete(other box) float64 {
	w1, h1 := b[2]-b[0], b[3]-b[1]+epsilon
	w2, h2 := other[2]-other[0], other[3]-other[1]+epsilon
	both := b.common(other)
	iou := both / (w1*h1 + w2*h2 - both + 2*epsilon)
	around := math.Pow(max(b[2], other[2])-min(b[0], other[0]), 2) + math.Pow(max(b[3], other[3])-min(b[1], other[1]), 2) + epsilon
	apart := math.Pow((b[0]+b[2]-other[0]-other[2])/2, 2) + math.Pow((b[1]+b[3]-other[1]-other[3])/2, 2)
	v := 4 / (math.Pi * math.Pi) * math.Pow(math.Atan(w2/h2)-math.Atan(w1/h1), 2)
	return iou - (apart/around + v*v/(v-iou+1+epsilon))
}
