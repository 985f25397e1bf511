package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// maxSynthetic bounds the samples of one set: 3 GB of images.
const maxSynthetic = 1_000_000

// Synthetic makes a data set of CIFAR-10's shapes and types without any file: train and test images of 32×32 pixels
// in 10 classes, the classes equally frequent, XTrain (train, 32, 32, 3), YTrain (train, 1), XTest (test, 32, 32, 3) and
// YTest (test, 1), all uint8.
//
// A class is a direction of stripes and a family of colours; width, position, contrast, colour, lighting and noise vary
// from image to image, so that a network has to learn, and can: a small convolutional one is well past 60 % after two
// epochs on a few thousand images. The same seed gives the same images, and a longer set begins with the shorter one.
//
// train is from 1 to 1,000,000, test from 0.
func Synthetic(train, test int, seed uint64) (*Data, error) {
	if train < 1 || train > maxSynthetic {
		return nil, fmt.Errorf("datasets.Synthetic: train is %d, and 1 to %d was expected", train, maxSynthetic)
	}
	if test < 0 || test > maxSynthetic {
		return nil, fmt.Errorf("datasets.Synthetic: test is %d, and 0 to %d was expected", test, maxSynthetic)
	}
	data := &Data{Source: "synthetic"}
	var err error
	if data.XTrain, data.YTrain, err = syntheticSet(train, seed, 1); err != nil {
		return nil, fmt.Errorf("datasets.Synthetic: %w", err)
	}
	if data.XTest, data.YTest, err = syntheticSet(test, seed, 2); err != nil {
		return nil, fmt.Errorf("datasets.Synthetic: %w", err)
	}
	return data, nil
}

func syntheticSet(n int, seed, set uint64) (x, y *tensors.Tensor, err error) {
	images, labels := make([]byte, n*cifarImage), make([]byte, n)
	// Ten samples in a row have the ten classes, so that small sets and validation splits have them all.
	for start := 0; start < n; start += 10 {
		rng := rand.New(rand.NewPCG(scramble(scramble(seed)+set), scramble(uint64(start))))
		for i, class := range rng.Perm(10) {
			if at := start + i; at < n {
				labels[at] = byte(class)
				syntheticImage(images[at*cifarImage:(at+1)*cifarImage], class, rng)
			}
		}
	}
	if x, err = uint8Tensor([][]byte{images}, n, 32, 32, 3); err != nil {
		return nil, nil, err
	}
	if y, err = uint8Tensor([][]byte{labels}, n, 1); err != nil {
		return nil, nil, err
	}
	return x, y, nil
}

// scramble spreads neighbouring seeds over all bits (the finalizer of splitmix64): a generator started from neighbours
// would begin alike.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// syntheticImage draws stripes, at an angle given by class%5 and coloured by class/5, under uneven light and noise.
func syntheticImage(pixels []byte, class int, rng *rand.Rand) {
	angle := math.Pi*float64(class%5)/5 + 0.13*rng.NormFloat64()
	frequency := 2 * math.Pi * (2 + 3*rng.Float64()) / 32
	phase := 2 * math.Pi * rng.Float64()
	contrast := 28 + 36*rng.Float64()

	// The stripes' colour leans to red or to blue, by an amount that the spread of the colours nearly hides.
	lean := 0.55
	if class >= 5 {
		lean = -lean
	}
	gains := [3]float64{1 + lean + 0.25*rng.NormFloat64(), 1 + 0.25*rng.NormFloat64(), 1 - lean + 0.25*rng.NormFloat64()}
	base := [3]float64{110 + 22*rng.NormFloat64(), 110 + 22*rng.NormFloat64(), 110 + 22*rng.NormFloat64()}
	lightX, lightY := 1.2*rng.NormFloat64(), 1.2*rng.NormFloat64()

	// sin(a+b) out of one table for the columns and one for the rows.
	var sinX, cosX, sinY, cosY [32]float64
	for i := range 32 {
		sinX[i], cosX[i] = math.Sincos(frequency*math.Cos(angle)*float64(i) + phase)
		sinY[i], cosY[i] = math.Sincos(frequency * math.Sin(angle) * float64(i))
	}
	for row := range 32 {
		for column := range 32 {
			wave := contrast * (sinX[column]*cosY[row] + cosX[column]*sinY[row])
			light := lightX*float64(column-16) + lightY*float64(row-16)
			bits := rng.Uint64()
			for channel := range 3 {
				// The sum of two uniform bytes, of mean 0 and standard deviation 104, for each channel.
				noise := float64(bits&0xff) + float64(bits>>8&0xff) - 255
				bits >>= 16
				v := base[channel] + gains[channel]*wave + light + 0.36*noise
				pixels[(row*32+column)*3+channel] = byte(max(0, min(255, v)))
			}
		}
	}
}
