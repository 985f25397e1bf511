package datasets

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/npz"
)

// HousingOptions are the arguments of [BostonHousing] and [CaliforniaHousing]. The zero value is Keras's default.
type HousingOptions struct {
	Options
	// TestSplit is the part of the samples that are for testing; nil is 0.2.
	TestSplit *float64
	// Seed shuffles the samples, by NumPy's generator; nil is 113.
	Seed *int
	// Small takes the first 600 samples of California alone (Keras: version="small").
	Small bool
}

var (
	bostonOrigin = origin{
		url: storage + "boston_housing.npz", sha256: "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5", maxBytes: 16 << 20,
	}
	californiaOrigin = origin{
		url: storage + "california_housing.npz", sha256: "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f", maxBytes: 64 << 20,
	}
)

// BostonHousing returns the Boston housing data set, 506 samples of 13 features, (samples, 13), and prices in thousands of dollars, (samples,), as from
// keras.datasets.boston_housing.load_data. One of the features counts people by their race: take [CaliforniaHousing] for new work. It reads Keras's boston_housing.npz in the
// cache folder or in Options.Folder, and else downloads it there.
func BostonHousing(opts ...HousingOptions) (*Data, error) {
	return housing("BostonHousing", "boston_housing.npz", bostonOrigin, opts)
}

// CaliforniaHousing returns the California housing data set, 20,640 samples of 8 features, (samples, 8), and prices in dollars, (samples,), as from
// keras.datasets.california_housing.load_data. It reads Keras's california_housing.npz in the cache folder or in Options.Folder, and else downloads it there.
func CaliforniaHousing(opts ...HousingOptions) (*Data, error) {
	return housing("CaliforniaHousing", "california_housing.npz", californiaOrigin, opts)
}

func housing(name, file string, from origin, opts []HousingOptions) (*Data, error) {
	if len(opts) > 1 {
		return nil, fmt.Errorf("datasets.%s: %d HousingOptions given, and one at most was expected", name, len(opts))
	}
	var o HousingOptions
	if len(opts) == 1 {
		o = opts[0]
	}
	l, err := newLoader(name, []Options{o.Options})
	if err != nil {
		return nil, err
	}
	if _, err := trainingPart(0, orDefault(o.TestSplit, 0.2)); err != nil {
		return nil, fmt.Errorf("datasets.%s: %w", name, err)
	}
	return loadFile(l, name, file, from, func(path string) (*Data, error) { return housingFrom(path, &o) })
}

func housingFrom(path string, o *HousingOptions) (*Data, error) {
	archive, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = archive.Close() }()
	x, err := archive.Tensor("x")
	if err != nil {
		return nil, err
	}
	y, err := archive.Tensor("y")
	if err != nil {
		return nil, err
	}
	if x.Rank() < 1 || y.Rank() < 1 || x.Shape().Dimensions[0] != y.Shape().Dimensions[0] {
		return nil, fmt.Errorf("x has shape %v and y %v, and as many rows were expected", x.Shape().Dimensions, y.Shape().Dimensions)
	}
	n := x.Shape().Dimensions[0]
	if o.Small {
		n = min(n, 600)
	}
	seed, err := seedNumPy(orDefault(o.Seed, 113))
	if err != nil {
		return nil, err
	}
	order := shuffleNumPy(seed, n)
	train, err := trainingPart(n, orDefault(o.TestSplit, 0.2))
	if err != nil {
		return nil, err
	}
	data := &Data{Source: path}
	for _, part := range []struct {
		to   **tensors.Tensor
		from *tensors.Tensor
		rows []int
	}{{&data.XTrain, x, order[:train]}, {&data.YTrain, y, order[:train]}, {&data.XTest, x, order[train:]}, {&data.YTest, y, order[train:]}} {
		if *part.to, err = gather(part.from, part.rows, len(part.rows)); err != nil {
			return nil, err
		}
	}
	return data, nil
}
