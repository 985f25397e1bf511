package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSynthetic(t *testing.T) {
	data, err := Synthetic(95, 30, 42)
	require.NoError(t, err)
	require.Equal(t, []int{95, 32, 32, 3}, data.XTrain.Shape().Dimensions)
	require.Equal(t, []int{95, 1}, data.YTrain.Shape().Dimensions)
	require.Equal(t, []int{30, 32, 32, 3}, data.XTest.Shape().Dimensions)
	require.Equal(t, []int{30, 1}, data.YTest.Shape().Dimensions)
	require.Equal(t, "synthetic", data.Source)

	for start := 0; start < 90; start += 10 {
		require.ElementsMatch(t, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, flat(t, data.YTrain)[start:start+10])
	}

	again, err := Synthetic(200, 30, 42)
	require.NoError(t, err)
	require.Equal(t, flat(t, data.XTrain), flat(t, again.XTrain)[:95*cifarImage], "a longer set begins with the shorter one")
	require.Equal(t, flat(t, data.XTest), flat(t, again.XTest))

	other, err := Synthetic(95, 30, 43)
	require.NoError(t, err)
	// Neither two sets of one seed nor those of seeds next to each other share an image.
	seen := map[string]bool{}
	for _, x := range [][]byte{flat(t, data.XTrain), flat(t, data.XTest), flat(t, other.XTrain), flat(t, other.XTest)} {
		for start := 0; start < len(x); start += cifarImage {
			image := string(x[start : start+cifarImage])
			require.False(t, seen[image])
			seen[image] = true
		}
	}

	none, err := Synthetic(1, 0, 1)
	require.NoError(t, err)
	require.Equal(t, []int{0, 32, 32, 3}, none.XTest.Shape().Dimensions)

	_, err = Synthetic(0, 10, 1)
	require.EqualError(t, err, "datasets.Synthetic: train is 0, and 1 to 1000000 was expected")
	_, err = Synthetic(10, -1, 1)
	require.EqualError(t, err, "datasets.Synthetic: test is -1, and 0 to 1000000 was expected")
}

// TestSyntheticStays keeps results that someone noted down comparable from version to version.
func TestSyntheticStays(t *testing.T) {
	data, err := Synthetic(10, 0, 1)
	require.NoError(t, err)
	sum := sha256.Sum256(flat(t, data.YTrain))
	require.Equal(t, "12ab42b0", hex.EncodeToString(sum[:4]))
	// Floating-point results may differ in the last bit between processors, and so a pixel by one.
	mean := 0.0
	for _, v := range flat(t, data.XTrain) {
		mean += float64(v) / (10 * cifarImage)
	}
	require.InDelta(t, 105.882, mean, 0.01)
}

// TestSyntheticCanBeLearned reads the class off the pixels with hand-made features: the direction in which they change
// least, and whether red or blue changes more. They get most images right and not all, as intended.
func TestSyntheticCanBeLearned(t *testing.T) {
	const n = 500
	data, err := Synthetic(n, 0, 7)
	require.NoError(t, err)
	images, labels := flat(t, data.XTrain), flat(t, data.YTrain)
	right := 0
	for i, label := range labels {
		if guessClass(images[i*cifarImage:(i+1)*cifarImage]) == int(label) {
			right++
		}
	}
	accuracy := float64(right) / n
	t.Logf("accuracy %.3f", accuracy)
	require.Greater(t, accuracy, 0.6)
	require.Less(t, accuracy, 0.99)
}

func guessClass(pixels []byte) int {
	// Averages of 3×3 pixels, against the noise.
	at := func(row, column, channel int) (sum float64) {
		for r := row - 1; r <= row+1; r++ {
			for c := column - 1; c <= column+1; c++ {
				sum += float64(pixels[(r*32+c)*3+channel])
			}
		}
		return sum / 9
	}
	var xx, yy, xy float64
	var energy [3]float64
	for row := 3; row < 29; row++ {
		for column := 3; column < 29; column++ {
			for channel := range 3 {
				dx := at(row, column+2, channel) - at(row, column-2, channel)
				dy := at(row+2, column, channel) - at(row-2, column, channel)
				xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
				energy[channel] += dx*dx + dy*dy
			}
		}
	}
	// The main axis of the gradients, in fifths of half a turn.
	angle := math.Atan2(2*xy, xx-yy) / 2
	class := (int(math.Round(angle/(math.Pi/5))) + 5) % 5
	if energy[2] > energy[0] {
		class += 5
	}
	return class
}

func BenchmarkSynthetic(b *testing.B) {
	for b.Loop() {
		if _, err := Synthetic(1000, 0, 1); err != nil {
			b.Fatal(err)
		}
	}
}
