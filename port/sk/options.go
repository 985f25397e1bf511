package sk

import (
	"github.com/gokeras/gokeras/port/np"
)

// Keyword arguments of scikit-learn's functions.
type (
	TestSize      float64  // test_size: a share below 1, or a number of samples
	TrainSize     float64  // train_size, likewise
	RandomState   int      // random_state: a seed; a *np.RandomState may be given, too
	Shuffled      bool     // shuffle
	Noise         float64  // noise of made-up data
	Factor        float64  // factor of MakeCircles
	Features      int      // n_features
	Informative   int      // n_informative
	Redundant     int      // n_redundant
	Repeated      int      // n_repeated
	Classes       int      // n_classes
	ClassClusters int      // n_clusters_per_class
	ClassSep      float64  // class_sep
	FlipY         float64  // flip_y
	ClusterStd    float64  // cluster_std
	Average       string   // average of scores: "binary", "macro", "micro", "weighted"
	Digits        int      // digits of a report
	TargetNames   []string // target_names of a report
)

// Stratify is the stratify of TrainTestSplit: the classes whose shares the parts keep.
type Stratify struct{ Values any }

// Centers is the centers of MakeBlobs: a number, or points.
type Centers struct{ Values any }

type options struct {
	test, train           float64
	rng                   *np.RandomState
	shuffle               bool
	stratify, centers     *np.Array
	noise, factor         float64
	features, informative int
	redundant, repeated   int
	classes, clusters     int
	sep, flip, std        float64
	average               string
	digits                int
	names                 []string
	rest                  []any
	noisy                 bool
	featuresSet           bool
}

func optionsOf(args []any) options {
	// Without a seed scikit-learn draws from np.random's own generator.
	o := options{rng: np.Random.RandomState, shuffle: true, factor: 0.8, features: 20, informative: 2, redundant: 2, classes: 2, clusters: 2, sep: 1, flip: 0.01, std: 1,
		average: "binary", digits: 2}
	for _, a := range args {
		switch v := a.(type) {
		case nil:
		case TestSize:
			o.test = float64(v)
		case TrainSize:
			o.train = float64(v)
		case RandomState:
			o.rng = np.NewRandomState(int(v))
		case *np.RandomState:
			o.rng = v
		case Shuffled:
			o.shuffle = bool(v)
		case Noise:
			o.noise, o.noisy = float64(v), true
		case Factor:
			o.factor = float64(v)
		case Features:
			o.features, o.featuresSet = int(v), true
		case Informative:
			o.informative = int(v)
		case Redundant:
			o.redundant = int(v)
		case Repeated:
			o.repeated = int(v)
		case Classes:
			o.classes = int(v)
		case ClassClusters:
			o.clusters = int(v)
		case ClassSep:
			o.sep = float64(v)
		case FlipY:
			o.flip = float64(v)
		case ClusterStd:
			o.std = float64(v)
		case Average:
			o.average = string(v)
		case Digits:
			o.digits = min(max(int(v), 0), 100)
		case TargetNames:
			o.names = v
		case Stratify:
			if v.Values != nil {
				o.stratify = np.Of(v.Values)
			}
		case Centers:
			o.centers = np.Of(v.Values)
		default:
			o.rest = append(o.rest, a)
		}
	}
	return o
}

func ints(values []int) *np.Array { return np.Of(append([]int{}, values...)) }

// sameLengths checks that arrays have as many samples.
func sameLengths(arrays []*np.Array) int {
	if len(arrays) == 0 {
		np.Fail("ValueError", "At least one array required as input")
	}
	lengths := make([]int, len(arrays))
	for i, a := range arrays {
		lengths[i] = a.Len()
	}
	for _, n := range lengths {
		if n != lengths[0] {
			text := "["
			for i, n := range lengths {
				if i > 0 {
					text += ", "
				}
				text += np.Of(n).Text()
			}
			np.Fail("ValueError", "Found input variables with inconsistent numbers of samples: %s]", text)
		}
	}
	return lengths[0]
}

func arraysOf(values []any) []*np.Array {
	out := make([]*np.Array, len(values))
	for i, v := range values {
		out[i] = np.Of(v)
	}
	return out
}
