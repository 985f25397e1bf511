package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
)

// imageSize is what decoded images get.
const imageSize = 224

// readImages goes once over the images of a folder as a training does: decoded, resized, half of them mirrored, their brightness changed, in batches; it
// returns the time that an image took.
func readImages(ctx context.Context, folder string, batch int) (each time.Duration, err error) {
	images, err := datasets.ImageDatasetFromDirectory(folder, datasets.ImageFolderOptions{ImageSize: [2]int{imageSize, imageSize}, BatchSize: batch})
	if err != nil {
		return 0, err
	}
	changed := images.Map(augment, datasets.Autotune).Prefetch(datasets.Autotune).WithContext(ctx)
	began, seen := time.Now(), 0
	for e, err := range changed.Elements() {
		if err != nil {
			return 0, err
		}
		seen += e.X.(*tensors.Tensor).Shape().Dimensions[0]
	}
	if seen != images.Len() {
		return 0, fmt.Errorf("%d of %d images came", seen, images.Len())
	}
	return time.Since(began) / time.Duration(seen), nil
}

// augment mirrors half of the images of a batch and makes each a little lighter or darker.
func augment(e datasets.Element) (datasets.Element, error) {
	const channels, row = 3, 3 * imageSize
	return e, tensors.MutableFlatData(e.X.(*tensors.Tensor), func(flat []float32) {
		for image := range slices.Chunk(flat, row*imageSize) {
			if rand.IntN(2) == 0 {
				for y := range imageSize {
					line := (*[row]float32)(image[y*row:])
					for x, z := 0, row-channels; x < z; x, z = x+channels, z-channels {
						line[x], line[x+1], line[x+2], line[z], line[z+1], line[z+2] = line[z], line[z+1], line[z+2], line[x], line[x+1], line[x+2]
					}
				}
			}
			lighter := 50 * (rand.Float32() - 0.5)
			for i, v := range image {
				// Few values lie outside, which one comparison of bits tells: those of negative numbers are larger than all others.
				if v += lighter; math.Float32bits(v) > 0x437f0000 { // 255
					v = min(max(v, 0), 255)
				}
				image[i] = v
			}
		}
	})
}
