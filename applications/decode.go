package applications

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// Prediction is a class of ImageNet and how likely it is.
type Prediction struct {
	// Class is WordNet's name: "n02504458".
	Class string
	// Description says what it is: "African_elephant".
	Description string
	// Score is the network's output for it.
	Score float64
}

// classIndex is Keras's file of the classes' names.
var classIndex = weightsFile{
	name: "imagenet_class_index.json",
	url:  storage + "download.tensorflow.org/data/imagenet_class_index.json",
	hash: "c2c37ea517e94d9795004a39431a14cb",
}

// DecodePredictions names, for each image, the classes with the highest scores, the highest first (Keras: decode_predictions(preds, top=5)). predictions has shape (batch, 1000); top
// 0 means 5. The names come from Keras's imagenet_class_index.json, which is fetched into Keras's folder where it isn't there.
func DecodePredictions(predictions any, top int, o ...Download) ([][]Prediction, error) {
	list, err := decode(predictions, top, o)
	if err != nil {
		return nil, fmt.Errorf("applications.DecodePredictions: %w", err)
	}
	return list, nil
}

func decode(predictions any, top int, o []Download) ([][]Prediction, error) {
	if len(o) > 1 {
		return nil, fmt.Errorf("%d Download options given, and one at most was expected", len(o))
	}
	t, err := ndarray.ToTensor("predictions", predictions)
	if err != nil {
		return nil, err
	}
	if dims := t.Shape().Dimensions; len(dims) != 2 || dims[1] != imageNetClasses {
		return nil, fmt.Errorf("want predictions of shape (samples, %d), received shape %s", imageNetClasses, functional.Shape(dims))
	}
	if top < 0 {
		return nil, fmt.Errorf("top=%d: want how many classes to name, or 0 for 5", top)
	}
	top = min(cmp.Or(top, 5), imageNetClasses)
	if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
		return nil, err
	}
	var files Download
	if len(o) == 1 {
		files = o[0]
	}
	names, err := classNames(files)
	if err != nil {
		return nil, err
	}
	var list [][]Prediction
	err = tensors.ConstFlatData(t, func(flat []float64) {
		for scores := range slices.Chunk(flat, imageNetClasses) {
			list = append(list, best(scores, names, top))
		}
	})
	return list, err
}

// best are the highest scores; NaN counts as higher than all, as NumPy sorts.
func best(scores []float64, names [][2]string, top int) []Prediction {
	all := make([]Prediction, len(scores))
	for i, s := range scores {
		all[i] = Prediction{names[i][0], names[i][1], s}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int {
		switch nan, other := math.IsNaN(a.Score), math.IsNaN(b.Score); {
		case nan && other:
			return 0
		case nan:
			return -1
		case other:
			return 1
		}
		return cmp.Compare(b.Score, a.Score)
	})
	return slices.Clone(all[:top])
}

// classNames reads the names and descriptions, by number.
func classNames(o Download) ([][2]string, error) {
	path, err := classIndex.fetch(o)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return readClassNames(path, raw)
}

func readClassNames(path string, raw []byte) ([][2]string, error) {
	index := map[string][2]string{}
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	names := make([][2]string, imageNetClasses)
	for i := range names {
		name, ok := index[strconv.Itoa(i)]
		if !ok {
			return nil, fmt.Errorf("%s has no class %d", path, i)
		}
		names[i] = name
	}
	return names, nil
}
