package plots

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
)

// MasksOptions are the choices of [DrawSegmentationMasks]; each zero value is Keras's default.
type MasksOptions struct {
	// Classes is how many there are: numbers from 0 on, others aren't painted. 0: the largest number in the masks, which isn't painted either, as in Keras.
	Classes int
	// Colors are those of the classes, nil for Keras's.
	Colors []color.NRGBA
	// Alpha is how much of a class's color covers the image, from 0 to 1. 0: 0.8.
	Alpha float64
	// NoBlend paints the colors alone, also over pixels to ignore (Keras: blend=False).
	NoBlend bool
	// Ignore is a number whose pixels stay as they are. nil: -1.
	Ignore *int
}

// DrawSegmentationMasks returns images, as those of [Images], painted with the colors of the classes of their pixels: uint8 of shape (batch, height, width, 3) (Keras:
// draw_segmentation_masks). The masks are whole numbers of shape (batch, height, width, 1) or (batch, height, width).
func DrawSegmentationMasks(images, masks any, opts ...MasksOptions) (*tensors.Tensor, error) {
	o, err := one(opts)
	var list []*image.NRGBA
	if err == nil {
		list, err = imagesOf("images", images)
	}
	if err == nil {
		list, err = painted(list, masks, o)
	}
	if err != nil {
		return nil, fmt.Errorf("plots.DrawSegmentationMasks: %w", err)
	}
	b := list[0].Bounds()
	flat := make([]uint8, 0, len(list)*b.Dx()*b.Dy()*3)
	for _, img := range list {
		for p := range slices.Chunk(img.Pix, 4) {
			flat = append(flat, p[:3]...)
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, len(list), b.Dy(), b.Dx(), 3), nil
}

// mostPaints bounds the list of colors.
const mostPaints = 1 << 16

func painted(list []*image.NRGBA, masks any, o MasksOptions) ([]*image.NRGBA, error) {
	t, err := ndarray.ToTensor("masks", masks)
	if err != nil {
		return nil, err
	}
	b, dims := list[0].Bounds(), t.Shape().Dimensions
	if want := []int{len(list), b.Dy(), b.Dx()}; !slices.Equal(dims, want) && !slices.Equal(dims, append(want, 1)) {
		return nil, fmt.Errorf("masks have shape %v, want (batch, height, width, 1) as the images have, %v", dims, want)
	}
	if !t.DType().IsInt() {
		return nil, fmt.Errorf("masks are of type %s, want whole numbers", t.DType())
	}
	if t, err = ndarray.Convert(t, dtypes.Int64); err != nil {
		return nil, err
	}
	classes := tensors.MustCopyFlatData[int64](t)
	count, ignore := cmp.Or(int64(o.Classes), max(slices.Max(classes), 0)), int64(-1)
	if o.Ignore != nil {
		ignore = int64(*o.Ignore)
	}
	switch {
	case !(o.Alpha >= 0 && o.Alpha <= 1):
		return nil, fmt.Errorf("the option Alpha is %v, want a number from 0 to 1", o.Alpha)
	case count < 0 || count > mostPaints:
		return nil, fmt.Errorf("%d classes, want %d at most", count, mostPaints)
	case o.Colors != nil && int64(len(o.Colors)) < count:
		return nil, fmt.Errorf("%d colors for %d classes", len(o.Colors), count)
	}
	alpha := cmp.Or(o.Alpha, 0.8)
	if o.NoBlend {
		alpha = 1
	}
	over, under := float32(alpha), float32(1-alpha)
	out := make([]*image.NRGBA, len(list))
	size := b.Dx() * b.Dy()
	for i, img := range list {
		out[i] = &image.NRGBA{Pix: slices.Clone(img.Pix), Stride: img.Stride, Rect: img.Rect}
		for k, class := range classes[i*size : (i+1)*size] {
			if class == ignore && !o.NoBlend {
				continue
			}
			p := out[i].Pix[4*k : 4*k+3]
			paint := [3]uint8(p)
			if class >= 0 && class < count {
				paint = paintOf(class, o.Colors)
			}
			for channel := range p {
				p[channel] = uint8(float32(p[channel])*under + float32(paint[channel])*over)
			}
		}
	}
	return out, nil
}

// paintOf is the color of a class.
func paintOf(class int64, colors []color.NRGBA) [3]uint8 {
	if colors != nil {
		c := colors[class]
		return [3]uint8{c.R, c.G, c.B}
	}
	var out [3]uint8
	for channel, step := range []int64{1<<25 - 1, 1<<15 - 1, 1<<21 - 1} {
		out[channel] = uint8(class * step % 255)
	}
	return out
}

// SegmentationMasksOptions are the choices of [SegmentationMasks]; each zero value is the default.
type SegmentationMasksOptions struct {
	MasksOptions
	// Predicted are more masks, which are drawn beside the others.
	Predicted any
	// Size is the width of an image in inches, 0: 1.5, and DPI the resolution of a PNG in dots per inch, 0: 100.
	Size float64
	DPI  int
}

// SegmentationMasks draws a row for each image to path, a .png or .svg file: the image, the image with its masks, and with those that were predicted (Keras:
// plot_segmentation_mask_gallery). images and masks, which may be nil, are as those of [DrawSegmentationMasks].
func SegmentationMasks(images, masks any, path string, opts ...SegmentationMasksOptions) error {
	o, err := one(opts)
	if err == nil {
		err = drawMasks(images, masks, path, o)
	}
	if err != nil {
		return fmt.Errorf("plots.SegmentationMasks: %w", err)
	}
	return nil
}

func drawMasks(images, masks any, path string, o SegmentationMasksOptions) error {
	list, err := imagesOf("images", images)
	if err != nil {
		return err
	}
	columns := [][]*image.NRGBA{list}
	for _, m := range []any{masks, o.Predicted} {
		if m == nil {
			continue
		}
		column, err := painted(list, m, o.MasksOptions)
		if err != nil {
			return err
		}
		columns = append(columns, column)
	}
	var all []*image.NRGBA
	for i := range list {
		for _, column := range columns {
			all = append(all, column[i])
		}
	}
	return gallery(all, path, ImagesOptions{Columns: len(columns), Size: o.Size, DPI: o.DPI}, nil, nil)
}
