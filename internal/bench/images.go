package bench

import (
	"context"
	"fmt"
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
		mirrored := make([]float32, row)
		for image := range slices.Chunk(flat, row*imageSize) {
			mirror, lighter := rand.IntN(2) == 0, 50*(rand.Float32()-0.5)
			for line := range slices.Chunk(image, row) {
				if mirror {
					for x := 0; x < row; x += channels {
						to, from := mirrored[row-channels-x:][:channels], line[x:][:channels]
						to[0], to[1], to[2] = from[0], from[1], from[2]
					}
					copy(line, mirrored)
				}
				for i, v := range line {
					line[i] = clamped(v + lighter)
				}
			}
		}
	})
}

// clamped is a value from 0 to 255; min and max of floats are slow, as they look for NaN.
func clamped(v float32) float32 {
	if v < 0 {
		return 0
	}
	if v > 255 {
		return 255
	}
	return v
}
