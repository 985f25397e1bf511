package sk

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// MakeMoons makes two half circles (sklearn.datasets.make_moons); arguments are [Noise], [RandomState], [Shuffled].
func MakeMoons(n int, args ...any) (x, y *np.Array) {
	outer := n / 2
	a, b := np.Linspace(0, np.Pi, outer), np.Linspace(0, np.Pi, n-outer)
	return twoCurves(np.Cos(a), np.Sin(a), np.Subtract(1, np.Cos(b)), np.Subtract(np.Subtract(1, np.Sin(b)), 0.5), optionsOf(args))
}

// MakeCircles makes a circle in another one (sklearn.datasets.make_circles); arguments are [Noise], [Factor], [RandomState], [Shuffled].
func MakeCircles(n int, args ...any) (x, y *np.Array) {
	o := optionsOf(args)
	if !(o.factor >= 0 && o.factor < 1) {
		np.Fail("InvalidParameterError", "The 'factor' parameter of make_circles must be a float in the range [0.0, 1.0). Got %s instead.", np.Of(o.factor).Text())
	}
	outer := n / 2
	a, b := np.LinspaceOpen(0, 2*np.Pi, outer), np.LinspaceOpen(0, 2*np.Pi, n-outer)
	return twoCurves(np.Cos(a), np.Sin(a), np.Multiply(np.Cos(b), o.factor), np.Multiply(np.Sin(b), o.factor), o)
}

func twoCurves(x0, y0, x1, y1 *np.Array, o options) (x, y *np.Array) {
	x = np.VStack([]*np.Array{np.Append(x0, x1), np.Append(y0, y1)}).T().Copy()
	y = np.HStack([]*np.Array{np.ZerosOf(np.Int64, x0.Size()), np.OnesOf(np.Int64, x1.Size())})
	if o.shuffle {
		x, y = shuffled(x, y, o.rng)
	}
	if o.noisy {
		x = np.Add(x, o.rng.Normal(0, o.noise, x.Shape()...))
	}
	return x, y
}

func shuffled(x, y *np.Array, rng *np.RandomState) (*np.Array, *np.Array) {
	both := Shuffle(x, y, rng)
	return both[0], both[1]
}

// MakeBlobs makes clouds of points (sklearn.datasets.make_blobs): 3 clouds in 2 dimensions unless [Centers] and [Features] say otherwise;
// other arguments are [ClusterStd], [RandomState], [Shuffled].
func MakeBlobs(n int, args ...any) (x, y *np.Array) {
	o := optionsOf(args)
	width, count := 2, 3
	if o.featuresSet {
		width = o.features
	}
	centers := o.centers
	if centers != nil && centers.NDim() == 0 {
		count, centers = centers.Int(), nil
	}
	if centers == nil {
		centers = o.rng.Uniform(-10, 10, count, width)
	}
	count, width = centers.Len(), centers.Dim(1)
	var xs, ys []*np.Array
	for i := range count {
		size := n / count
		if i < n%count {
			size++
		}
		xs = append(xs, o.rng.Normal(centers.Index(i), o.std, size, width))
		ys = append(ys, np.Full(i, size))
	}
	x, y = np.Concatenate(xs), np.Concatenate(ys)
	if o.shuffle {
		x, y = shuffled(x, y, o.rng)
	}
	return x, y
}

// MakeClassification makes classes of clouds at the corners of a cube (sklearn.datasets.make_classification). Arguments are
// [Features], [Informative], [Redundant], [Repeated], [Classes], [ClassClusters], [ClassSep], [FlipY], [RandomState], [Shuffled].
func MakeClassification(n int, args ...any) (x, y *np.Array) {
	o := optionsOf(args)
	used := o.informative + o.redundant + o.repeated
	clusters := o.classes * o.clusters
	switch {
	case used > o.features:
		np.Fail("ValueError", "Number of informative, redundant and repeated features must sum to less than the number of total features")
	case o.informative < 1 || o.classes < 1 || o.clusters < 1 || o.redundant < 0 || o.repeated < 0 || o.informative > 30:
		np.Fail("ValueError", "the numbers of features, classes and clusters can't be made")
	case float64(o.informative) < math.Log2(float64(clusters)):
		np.Fail("ValueError", "n_classes(%d) * n_clusters_per_class(%d) must be smaller or equal 2**n_informative(%d)=%d", o.classes, o.clusters, o.informative, 1<<o.informative)
	}
	sizes := make([]int, clusters)
	left := n
	for k := range sizes {
		sizes[k] = int(float64(float64(n)*(1/float64(o.classes))) / float64(o.clusters))
		left -= sizes[k]
	}
	for i := range left {
		sizes[i%clusters]++
	}
	x, y = np.Zeros(n, o.features), np.ZerosOf(np.Int64, n)
	corners := make([]float64, 0, clusters*o.informative)
	for _, corner := range distinct(1<<o.informative, clusters, o.rng) {
		for bit := o.informative - 1; bit >= 0; bit-- {
			corners = append(corners, float64(corner>>bit&1)*2*o.sep-o.sep)
		}
	}
	centers := np.Of(corners).Reshape(clusters, o.informative)
	info := np.S(":%d", o.informative)
	x.SetIndex(o.rng.Randn(n, o.informative), np.All, info)
	stop := 0
	for k, size := range sizes {
		rows := np.S("%d:%d", stop, stop+size)
		stop += size
		y.SetIndex(k%o.classes, rows)
		mix := np.Subtract(np.Multiply(2, o.rng.Rand(o.informative, o.informative)), 1)
		x.SetIndex(np.Add(np.Dot(x.Index(rows, info), mix), centers.Index(k)), rows, info)
	}
	if o.redundant > 0 {
		mix := np.Subtract(np.Multiply(2, o.rng.Rand(o.informative, o.redundant)), 1)
		x.SetIndex(np.Dot(x.Index(np.All, info), mix), np.All, np.S("%d:%d", o.informative, o.informative+o.redundant))
	}
	if o.repeated > 0 {
		have := o.informative + o.redundant
		which := np.Add(np.Multiply(have-1, o.rng.Rand(o.repeated)), 0.5).AsType(np.Int64)
		x.SetIndex(x.Index(np.All, which), np.All, np.S("%d:%d", have, have+o.repeated))
	}
	if rest := o.features - used; rest > 0 {
		x.SetIndex(o.rng.Randn(n, rest), np.All, np.S("%d:", used))
	}
	if o.flip >= 0 {
		flip := np.Less(o.rng.Rand(n), o.flip)
		if count := np.CountNonzero(flip).Int(); count > 0 {
			y.SetIndex(o.rng.RandInt(0, o.classes, count), flip)
		}
	}
	if o.shuffle {
		x, y = shuffled(x, y, o.rng)
		order := np.Arange(o.features)
		o.rng.Shuffle(order)
		x = x.Index(np.All, order)
	}
	return x, y
}

// distinct draws different numbers below a bound, as scikit-learn's sample_without_replacement does.
func distinct(below, n int, rng *np.RandomState) []int {
	switch share := float64(n) / float64(below); {
	case share < 0.01:
		seen := map[int]bool{}
		var out []int
		for len(out) < n {
			if j := rng.RandInt(0, below).Int(); !seen[j] {
				seen[j] = true
				out = append(out, j)
			}
		}
		return out
	case share < 0.99:
		return rng.Permutation(below).Ints()[:n]
	}
	out := np.Arange(n).Ints()
	for i := n; i < below; i++ {
		if j := rng.RandInt(0, i+1).Int(); j < n {
			out[j] = i
		}
	}
	return out
}

//go:embed data
var files embed.FS

// Bunch is a data set (sklearn.utils.Bunch).
type Bunch struct {
	Data         *np.Array // (samples, features), float64
	Target       *np.Array // (samples,), int64
	FeatureNames []string
	TargetNames  []string
	Images       *np.Array // (samples, 8, 8) of LoadDigits, else nil
}

// rows reads a file of the package; header says whether its first line names the classes.
func rows(name string, header bool) (classes []string, data *np.Array) {
	raw, err := files.ReadFile("data/" + name + ".csv.gz")
	if err != nil {
		np.Fail("FileNotFoundError", "%v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		np.Fail("ValueError", "%v", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		np.Fail("ValueError", "%v", err)
	}
	var values []float64
	n := 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if header {
			classes, header = fields[2:], false
			continue
		}
		for _, f := range fields {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				np.Fail("ValueError", "%v", err)
			}
			values = append(values, v)
		}
		n++
	}
	return classes, np.Of(values).Reshape(n, -1)
}

func load(name string, header bool, features, classes []string) *Bunch {
	names, all := rows(name, header)
	if classes == nil {
		classes = names
	}
	return &Bunch{
		Data: all.Index(np.All, np.S(":-1")).Copy(), Target: all.Index(np.All, -1).AsType(np.Int64),
		FeatureNames: features, TargetNames: classes,
	}
}

// LoadIris is sklearn.datasets.load_iris: 150 flowers of 3 kinds, 4 features.
func LoadIris() *Bunch {
	return load("iris", true, []string{"sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"}, nil)
}

// LoadWine is sklearn.datasets.load_wine: 178 wines of 3 kinds, 13 features.
func LoadWine() *Bunch {
	return load("wine", true, []string{"alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids", "nonflavanoid_phenols",
		"proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline"}, nil)
}

// LoadBreastCancer is sklearn.datasets.load_breast_cancer: 569 tumours, malignant (0) or benign (1), 30 features.
func LoadBreastCancer() *Bunch {
	var names []string
	for _, kind := range []string{"mean %", "% error", "worst %"} {
		for _, f := range []string{"radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry", "fractal dimension"} {
			names = append(names, strings.Replace(kind, "%", f, 1))
		}
	}
	return load("breast_cancer", true, names, nil)
}

// LoadDigits is sklearn.datasets.load_digits: 1797 digits of 8×8 pixels, 0 … 16.
func LoadDigits() *Bunch {
	var names, classes []string
	for i := range 64 {
		names = append(names, "pixel_"+strconv.Itoa(i/8)+"_"+strconv.Itoa(i%8))
	}
	for i := range 10 {
		classes = append(classes, strconv.Itoa(i))
	}
	b := load("digits", false, names, classes)
	b.Images = b.Data.Reshape(-1, 8, 8)
	return b
}

// LoadDiabetes is sklearn.datasets.load_diabetes: 442 patients, 10 features, each without its mean and of length 1, and the disease's progress.
func LoadDiabetes() *Bunch {
	_, all := rows("diabetes", false)
	x := all.Index(np.All, np.S(":-1"))
	x = np.Divide(NewStandardScaler().FitTransform(x), math.Sqrt(float64(x.Len())))
	return &Bunch{Data: x, Target: all.Index(np.All, -1).Copy(), FeatureNames: []string{"age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"}}
}
