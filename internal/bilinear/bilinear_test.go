package bilinear

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVectors holds vectors to the plain form, in all sizes and at the ends of memory.
func TestVectors(t *testing.T) {
	if !vectors {
		t.Skip("this build or processor has no vectors")
	}
	defer func() { vectors = true }()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		height, width := 1+rng.IntN(40), 1+rng.IntN(40)
		newHeight, newWidth := 1+rng.IntN(50), 1+rng.IntN(50)
		before, behind := rng.IntN(5), rng.IntN(5)
		from := Picture[uint8]{make([]uint8, (height-1)*(width+behind)*3+width*3), (width + behind) * 3, height, width, 3}
		for i := range from.Pixels {
			from.Pixels[i] = uint8(rng.Uint32())
		}
		var results [2][]float32
		for i := range results {
			vectors = i == 1
			results[i] = make([]float32, (newHeight-1)*(newWidth+before)*3+newWidth*3)
			for k := range results[i] {
				results[i][k] = -1
			}
			Resize(Picture[float32]{results[i], (newWidth + before) * 3, newHeight, newWidth, 3}, from)
		}
		require.Equal(t, results[0], results[1])
	}
}
