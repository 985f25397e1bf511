package sk_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
	"github.com/gokeras/gokeras/port/porttest"
	"github.com/gokeras/gokeras/port/sk"
)

var x, y, p, words, f, score, iris, holes, table *np.Array

// reset makes the arrays that expressions use, as generate.py does.
func reset() {
	x = np.Arange(40).Reshape(20, 2)
	y = np.Of([]int{0, 1, 2, 1, 0, 0, 1, 2, 1, 1, 0, 2, 1, 0, 1, 1, 0, 2, 1, 0})
	p = np.Of([]int{0, 1, 1, 1, 0, 2, 1, 2, 0, 1, 0, 2, 1, 1, 1, 1, 0, 0, 1, 2})
	words = np.Tile([]string{"dog", "cat", "cat", "bird"}, 5)
	f = np.Of([][]float64{{1.5, -2, 3.25}, {4, 0.5, -6}, {0.25, 7, 1}, {-3, 2, 2.5}})
	nan := math.NaN()
	holes = np.Of([][]float64{{1, nan, 3}, {nan, 2, 3}, {4, 2, nan}, {5.5, 7, 1}})
	score = np.Add(np.Power(np.Linspace(0, 1, 20).Index(np.S("::-1")), 2), np.Multiply(np.Mod(y, 2), 0.3))
	iris = sk.LoadIris().Data
	table = np.Add(np.Power(np.Arange(36).AsType("float64").Reshape(4, 9), 1.5), 1)
}

func two(a, b *np.Array) []*np.Array { return []*np.Array{a, b} }

func recalls() *np.Array {
	_, recall, _, _ := sk.PrecisionRecallFscoreSupport(y, p)
	return recall
}

func roc() []*np.Array {
	a, b, c := sk.RocCurve(np.Mod(y, 2), score)
	return []*np.Array{a, b, c}
}

func flat(folds []sk.Fold) []*np.Array {
	var out []*np.Array
	for _, f := range folds {
		out = append(out, f.Train, f.Test)
	}
	return out
}

func TestExpressions(t *testing.T) {
	porttest.Run(t, expressions, reset)
}

// TestUnfitted holds that what isn't fitted, or doesn't fit, raises.
func TestUnfitted(t *testing.T) {
	reset()
	for _, f := range []func(){
		func() { sk.NewStandardScaler().Transform(f) }, func() { sk.NewMinMaxScaler().Transform(f) }, func() { sk.NewPCA(2).Transform(f) },
		func() { sk.NewLabelEncoder().Transform(words) }, func() { sk.NewOneHotEncoder().Transform(x) }, func() { sk.NewLabelBinarizer().Transform(words) },
		func() { sk.NewStandardScaler().Fit(f).Transform(x) }, func() { sk.NewStandardScaler().Fit(words) }, func() { sk.NewPCA(9).Fit(f) },
		func() { sk.NewLabelEncoder().Fit(words).Transform([]string{"cow"}) }, func() { sk.NewLabelEncoder().Fit(words).InverseTransform([]int{7}) },
		func() { sk.NewOneHotEncoder().Fit(x).Transform(f.Index(np.All, np.S(":2"))) }, func() { sk.NewMinMaxScaler(1, 0).Fit(f) },
		func() { sk.AccuracyScore(y, words) }, func() { sk.AccuracyScore(y, []int{1}) }, func() { sk.MakeCircles(4, sk.Factor(2)) },
		func() { sk.MakeClassification(4, sk.Features(1)) }, func() { sk.MakeClassification(4, sk.Features(99), sk.Informative(70)) },
		func() { sk.TrainTestSplit() }, func() { sk.TrainTestSplit(x, sk.TestSize(-1)) }, func() { sk.RocCurve(y, score) }, func() { sk.MakeMoons(-3) },
	} {
		require.Error(t, np.Try(f))
	}
}

func Example() {
	x, y := sk.MakeMoons(8, sk.RandomState(0))
	parts := sk.TrainTestSplit(x, y, sk.TestSize(0.25), sk.RandomState(42))
	fmt.Println(parts[0].ShapeString(), parts[1].ShapeString(), parts[3])
	fmt.Println(sk.ConfusionMatrix([]int{0, 1, 1}, []int{0, 1, 0}))
	// Output:
	// (6, 2) (2, 2) [0 0]
	// [[1 0]
	//  [1 1]]
}
