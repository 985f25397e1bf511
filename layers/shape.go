package layers

import (
	"fmt"

	"github.com/gokeras/gokeras/functional"
)

// one returns the only input.
func one(in []functional.Shape) (functional.Shape, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("expected 1 input, got %d", len(in))
	}
	return in[0].Clone(), nil
}

// minRank and exactRank check the number of axes, in Keras's words.
func minRank(x functional.Shape, rank int) error {
	if len(x) < rank {
		return fmt.Errorf("input is incompatible with the layer: expected min_ndim=%d, found ndim=%d, full shape received: %s", rank, len(x), x)
	}
	return nil
}

func exactRank(x functional.Shape, rank int) error {
	if len(x) != rank {
		return fmt.Errorf("input is incompatible with the layer: expected ndim=%d, found ndim=%d, full shape received: %s", rank, len(x), x)
	}
	return nil
}
