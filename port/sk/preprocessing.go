package sk

import (
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// features checks that data are samples of features, and gives them as float64 and the type that results have.
func features(x any, want int) (*np.Array, np.DType) {
	a := np.Of(x)
	if a.NDim() != 2 {
		what := "2D array, got 1D array"
		if a.NDim() == 0 {
			what = "2D array, got scalar array"
		} else if a.NDim() > 2 {
			np.Fail("ValueError", "Found array with dim %d, while dim <= 2 is required.", a.NDim())
		}
		np.Fail("ValueError", "Expected %s instead:\narray=%s.\nReshape your data either using array.reshape(-1, 1) if your data has a single feature or array.reshape(1, -1) if it contains a single sample.", what, a)
	}
	if a.Len() == 0 {
		np.Fail("ValueError", "Found array with 0 sample(s) (shape=%s) while a minimum of 1 is required.", a.ShapeString())
	}
	dtype := np.Float64
	if t := a.DType(); t == np.Float32 || t == np.Float16 {
		dtype = t
	}
	if want >= 0 && a.Dim(1) != want {
		np.Fail("ValueError", "X has %d features, but the transformer is expecting %d features as input.", a.Dim(1), want)
	}
	return a.AsType(np.Float64), dtype
}

func notFitted(name string, fitted bool) {
	if !fitted {
		np.Fail("NotFittedError", "This %s instance is not fitted yet. Call 'fit' with appropriate arguments before using this estimator.", name)
	}
}

// StandardScaler takes each feature's mean away and divides by its standard deviation (sklearn.preprocessing.StandardScaler).
type StandardScaler struct {
	Mean, Var, Scale *np.Array // of each feature: mean_, var_, scale_
}

// NewStandardScaler makes one.
func NewStandardScaler() *StandardScaler { return &StandardScaler{} }

// Fit learns mean and deviation.
func (s *StandardScaler) Fit(x any) *StandardScaler {
	a, _ := features(x, -1)
	n := float64(a.Len())
	s.Mean = np.Divide(np.NanSum(a, 0), n)
	d := np.Subtract(a, s.Mean)
	off := np.Sum(d, 0)
	s.Var = np.Divide(np.Subtract(np.Sum(np.Multiply(d, d), 0), np.Divide(np.Multiply(off, off), n)), n)
	const eps = 0x1p-52
	scale := np.Sqrt(s.Var).Floats()
	for i, v := range s.Var.Floats() {
		bound := n*eps*v + math.Pow(n*s.Mean.Index(i).Float()*eps, 2)
		if v <= bound {
			scale[i] = 1
		}
	}
	s.Scale = np.Of(scale)
	return s
}

// Transform scales.
func (s *StandardScaler) Transform(x any) *np.Array {
	notFitted("StandardScaler", s.Mean != nil)
	a, t := features(x, s.Mean.Size())
	a = a.AsType(t)
	return np.Divide(np.Subtract(a, s.Mean.AsType(t)), s.Scale.AsType(t))
}

// FitTransform is Fit and Transform.
func (s *StandardScaler) FitTransform(x any) *np.Array { return s.Fit(x).Transform(x) }

// scaled is features for a way back, where scikit-learn lets what was learned of one feature stand for any number of them.
func scaled(x any, learned int) (*np.Array, np.DType) {
	if learned == 1 {
		learned = -1
	}
	return features(x, learned)
}

// InverseTransform goes back.
func (s *StandardScaler) InverseTransform(x any) *np.Array {
	notFitted("StandardScaler", s.Mean != nil)
	a, t := scaled(x, s.Mean.Size())
	return np.Add(np.Multiply(a.AsType(t), s.Scale.AsType(t)), s.Mean.AsType(t))
}

// MinMaxScaler brings each feature into a range, 0 … 1 unless given (sklearn.preprocessing.MinMaxScaler).
type MinMaxScaler struct {
	lo, hi           float64
	DataMin, DataMax *np.Array
	scale, min       *np.Array
}

// NewMinMaxScaler makes one; feature_range is two numbers or nothing.
func NewMinMaxScaler(featureRange ...float64) *MinMaxScaler {
	s := &MinMaxScaler{lo: 0, hi: 1}
	if len(featureRange) == 2 {
		s.lo, s.hi = featureRange[0], featureRange[1]
	}
	return s
}

// Fit learns each feature's smallest and largest value.
func (s *MinMaxScaler) Fit(x any) *MinMaxScaler {
	if s.lo >= s.hi {
		np.Fail("ValueError", "Minimum of desired feature range must be smaller than maximum. Got %s.", "("+np.Of(s.lo).Text()+", "+np.Of(s.hi).Text()+")")
	}
	a, _ := features(x, -1)
	s.DataMin, s.DataMax = np.NanMin(a, 0), np.NanMax(a, 0)
	span := np.Subtract(s.DataMax, s.DataMin)
	span = np.Where(np.Less(span, 10*0x1p-52), 1.0, span)
	s.scale = np.Divide(s.hi-s.lo, span)
	s.min = np.Subtract(s.lo, np.Multiply(s.DataMin, s.scale))
	return s
}

// Transform scales.
func (s *MinMaxScaler) Transform(x any) *np.Array {
	notFitted("MinMaxScaler", s.scale != nil)
	a, t := features(x, s.scale.Size())
	return np.Add(np.Multiply(a.AsType(t), s.scale.AsType(t)), s.min.AsType(t))
}

// FitTransform is Fit and Transform.
func (s *MinMaxScaler) FitTransform(x any) *np.Array { return s.Fit(x).Transform(x) }

// InverseTransform goes back.
func (s *MinMaxScaler) InverseTransform(x any) *np.Array {
	notFitted("MinMaxScaler", s.scale != nil)
	a, t := scaled(x, s.scale.Size())
	return np.Divide(np.Subtract(a.AsType(t), s.min.AsType(t)), s.scale.AsType(t))
}

// Normalize divides each sample by its length (sklearn.preprocessing.normalize).
func Normalize(x any) *np.Array {
	a, t := features(x, -1)
	length := np.Sqrt(np.Sum(np.Multiply(a, a), 1, np.KeepDims))
	return np.Divide(a, np.Where(np.Equal(length, 0), 1.0, length)).AsType(t)
}

// LabelEncoder numbers classes in their order (sklearn.preprocessing.LabelEncoder).
type LabelEncoder struct{ Classes *np.Array }

// NewLabelEncoder makes one.
func NewLabelEncoder() *LabelEncoder { return &LabelEncoder{} }

func column(y any) *np.Array {
	a := np.Of(y)
	if a.NDim() == 2 && a.Dim(1) == 1 || a.NDim() == 1 {
		return a.Ravel()
	}
	np.Fail("ValueError", "y should be a 1d array, got an array of shape %s instead.", a.ShapeString())
	return nil
}

// Fit learns the classes.
func (e *LabelEncoder) Fit(y any) *LabelEncoder {
	e.Classes = np.Unique(column(y))
	return e
}

// places finds each label among classes, sorted; unknown lists those that aren't there, in order.
func places(labels, classes *np.Array) (at []int, unknown []string) {
	index := map[string]int{}
	for i, c := range classes.Strings() {
		index[c] = i
	}
	text := classes.DType()[0] == '<'
	for _, l := range np.Unique(labels).Strings() {
		if _, ok := index[l]; !ok {
			if text {
				l = "np.str_('" + l + "')"
			} else {
				l = "np." + string(labels.DType()) + "(" + l + ")"
			}
			unknown = append(unknown, l)
		}
	}
	if unknown == nil {
		for _, l := range labels.Strings() {
			at = append(at, index[l])
		}
	}
	return at, unknown
}

// Transform numbers labels.
func (e *LabelEncoder) Transform(y any) *np.Array {
	notFitted("LabelEncoder", e.Classes != nil)
	labels := column(y)
	at, unknown := places(labels, e.Classes)
	if unknown != nil {
		np.Fail("ValueError", "y contains previously unseen labels: [%s]", strings.Join(unknown, ", "))
	}
	return ints(at)
}

// FitTransform is Fit and Transform.
func (e *LabelEncoder) FitTransform(y any) *np.Array { return e.Fit(y).Transform(y) }

// InverseTransform gives the labels of numbers.
func (e *LabelEncoder) InverseTransform(y any) *np.Array {
	notFitted("LabelEncoder", e.Classes != nil)
	labels := column(y)
	for _, v := range labels.Ints() {
		if v < 0 || v >= e.Classes.Size() {
			var unknown []string
			for _, u := range np.Unique(labels).Ints() {
				if u < 0 || u >= e.Classes.Size() {
					unknown = append(unknown, np.Of(u).Text())
				}
			}
			np.Fail("ValueError", "y contains previously unseen labels: [%s]", strings.Join(unknown, " "))
		}
	}
	return np.Take(e.Classes, labels)
}

// LabelBinarizer makes a column of zeros and ones for each class, one column where there are two (sklearn.preprocessing.LabelBinarizer).
type LabelBinarizer struct{ Classes *np.Array }

// NewLabelBinarizer makes one.
func NewLabelBinarizer() *LabelBinarizer { return &LabelBinarizer{} }

// Fit learns the classes.
func (e *LabelBinarizer) Fit(y any) *LabelBinarizer {
	e.Classes = np.Unique(column(y))
	return e
}

// Transform makes the columns; labels that Fit didn't see make zeros.
func (e *LabelBinarizer) Transform(y any) *np.Array {
	notFitted("LabelBinarizer", e.Classes != nil)
	labels := column(y).Strings()
	classes := e.Classes.Strings()
	if len(classes) == 2 {
		classes = classes[1:]
	}
	if len(classes) == 1 && e.Classes.Size() == 1 {
		return np.ZerosOf(np.Int64, len(labels), 1)
	}
	out := make([]int, 0, len(labels)*len(classes))
	for _, l := range labels {
		for _, c := range classes {
			v := 0
			if l == c {
				v = 1
			}
			out = append(out, v)
		}
	}
	return np.Of(out).Reshape(len(labels), len(classes))
}

// FitTransform is Fit and Transform.
func (e *LabelBinarizer) FitTransform(y any) *np.Array { return e.Fit(y).Transform(y) }

// InverseTransform gives the labels of the largest columns; of one column those above one half.
func (e *LabelBinarizer) InverseTransform(y any) *np.Array {
	notFitted("LabelBinarizer", e.Classes != nil)
	a := np.Of(y)
	if e.Classes.Size() <= 2 {
		if e.Classes.Size() == 1 {
			return np.Repeat(e.Classes, a.Len())
		}
		return np.Take(e.Classes, np.Greater(a.Ravel(), 0.5).AsType(np.Int64))
	}
	return np.Take(e.Classes, np.Argmax(a, 1))
}

// OneHotEncoder makes a column of zeros and ones for each value of each feature (sklearn.preprocessing.OneHotEncoder). Its results
// are arrays, as those of toarray().
type OneHotEncoder struct {
	Categories []*np.Array // the values of each feature, sorted
	ignore     bool
	dropFirst  bool
}

// NewOneHotEncoder makes one; "ignore" is handle_unknown's, which gives unknown values zeros, "first" is drop's.
func NewOneHotEncoder(args ...string) *OneHotEncoder {
	return &OneHotEncoder{ignore: slices.Contains(args, "ignore"), dropFirst: slices.Contains(args, "first")}
}

func table(x any) *np.Array {
	a := np.Of(x)
	if a.NDim() != 2 {
		np.Fail("ValueError", "Expected 2D array, got 1D array instead:\narray=%s.\nReshape your data either using array.reshape(-1, 1) if your data has a single feature or array.reshape(1, -1) if it contains a single sample.", a)
	}
	return a
}

// FeatureNames are the names of the columns, made of the features' names and values (get_feature_names_out).
func (e *OneHotEncoder) FeatureNames(features ...string) []string {
	notFitted("OneHotEncoder", e.Categories != nil)
	if len(features) != len(e.Categories) {
		np.Fail("ValueError", "input_features should have length equal to number of features (%d), got %d", len(e.Categories), len(features))
	}
	var names []string
	for i, values := range e.Categories {
		for j, v := range values.Strings() {
			if j > 0 || !e.dropFirst {
				names = append(names, features[i]+"_"+v)
			}
		}
	}
	return names
}

// Fit learns the values.
func (e *OneHotEncoder) Fit(x any) *OneHotEncoder {
	a := table(x)
	e.Categories = nil
	for c := range a.Dim(1) {
		e.Categories = append(e.Categories, np.Unique(a.Index(np.All, c)))
	}
	return e
}

// Transform makes the columns.
func (e *OneHotEncoder) Transform(x any) *np.Array {
	notFitted("OneHotEncoder", e.Categories != nil)
	a := table(x)
	if a.Dim(1) != len(e.Categories) {
		np.Fail("ValueError", "X has %d features, but OneHotEncoder is expecting %d features as input.", a.Dim(1), len(e.Categories))
	}
	var parts []*np.Array
	for c, values := range e.Categories {
		labels := a.Index(np.All, c)
		if _, unknown := places(labels, values); unknown != nil && !e.ignore {
			np.Fail("ValueError", "Found unknown categories [%s] in column %d during transform", strings.Join(unknown, ", "), c)
		}
		have, want := labels.Strings(), values.Strings()
		if e.dropFirst {
			want = want[1:]
		}
		out := make([]float64, 0, len(have)*len(want))
		for _, l := range have {
			for _, w := range want {
				v := 0.0
				if l == w {
					v = 1
				}
				out = append(out, v)
			}
		}
		parts = append(parts, np.Of(out).Reshape(len(have), len(want)))
	}
	return np.Concatenate(parts, 1)
}

// FitTransform is Fit and Transform.
func (e *OneHotEncoder) FitTransform(x any) *np.Array { return e.Fit(x).Transform(x) }

// InverseTransform gives the values of columns of one feature.
func (e *OneHotEncoder) InverseTransform(x any) *np.Array {
	notFitted("OneHotEncoder", e.Categories != nil)
	if e.dropFirst {
		np.Fail("NotImplementedError", "inverse_transform with drop isn't supported")
	}
	a := table(x)
	at := 0
	var columns []*np.Array
	for _, values := range e.Categories {
		part := a.Index(np.All, np.S("%d:%d", at, at+values.Size()))
		columns = append(columns, np.Take(values, np.Argmax(part, 1)).Reshape(-1, 1))
		at += values.Size()
	}
	return np.Concatenate(columns, 1)
}

// ComputeClassWeight gives each class the weight n / (classes · its count) (sklearn.utils.class_weight.compute_class_weight of
// "balanced"). y must have them all.
func ComputeClassWeight(classes, y any) *np.Array {
	c, labels := np.Of(classes), np.Of(y).Ravel()
	at, unknown := places(labels, c)
	if unknown != nil {
		np.Fail("ValueError", "classes should include all valid labels that can be in y")
	}
	counts := np.Bincount(ints(at), c.Size())
	return np.Divide(float64(labels.Size()), np.Multiply(float64(c.Size()), counts))
}

// PCA projects onto the directions of the largest variance (sklearn.decomposition.PCA).
type PCA struct {
	n                      float64
	Mean, Components       *np.Array
	ExplainedVariance      *np.Array
	ExplainedVarianceRatio *np.Array
	SingularValues         *np.Array
	components             int
}

// NewPCA makes one of n components: a number, or a share of the variance below 1; 0 keeps all.
func NewPCA(n float64) *PCA { return &PCA{n: n} }

// Fit learns the directions.
func (p *PCA) Fit(x any) *PCA {
	a, t := features(x, -1)
	n, width := a.Len(), a.Dim(1)
	most := min(n, width)
	if p.n < 0 || p.n > float64(most) {
		np.Fail("ValueError", "n_components=%s must be between 0 and min(n_samples, n_features)=%d with svd_solver='full'", sizeText(p.n), most)
	}
	p.Mean = np.Mean(a, 0)
	_, s, v := np.Linalg.SVD(np.Subtract(a, p.Mean))
	// The largest entry of a direction is positive.
	for i := range v.Len() {
		row := v.Index(i)
		if row.Index(np.Argmax(np.Abs(row)).Int()).Float() < 0 {
			v.SetIndex(np.Negative(row), i)
		}
	}
	variance := np.Divide(np.Multiply(s, s), float64(n-1))
	ratio := np.Divide(variance, np.Sum(variance))
	keep := int(p.n)
	switch {
	case p.n == 0:
		keep = most
	case p.n < 1:
		keep = np.Searchsorted(np.Cumsum(ratio), p.n, true).Int() + 1
	}
	cut := np.S(":%d", keep)
	p.components = keep
	p.Components, p.SingularValues = v.Index(cut).AsType(t), s.Index(cut).AsType(t)
	p.ExplainedVariance, p.ExplainedVarianceRatio = variance.Index(cut).AsType(t), ratio.Index(cut).AsType(t)
	return p
}

// Transform projects.
func (p *PCA) Transform(x any) *np.Array {
	notFitted("PCA", p.Components != nil)
	a, t := features(x, p.Mean.Size())
	return np.MatMul(np.Subtract(a, p.Mean), p.Components.AsType(np.Float64).T()).AsType(t)
}

// FitTransform is Fit and Transform.
func (p *PCA) FitTransform(x any) *np.Array { return p.Fit(x).Transform(x) }

// InverseTransform goes back to features.
func (p *PCA) InverseTransform(x any) *np.Array {
	notFitted("PCA", p.Components != nil)
	a, t := features(x, p.components)
	return np.Add(np.MatMul(a, p.Components.AsType(np.Float64)), p.Mean).AsType(t)
}

// MaxAbsScaler divides each feature by its largest absolute value (sklearn.preprocessing.MaxAbsScaler).
type MaxAbsScaler struct {
	MaxAbs *np.Array // of each feature: max_abs_
	scale  *np.Array
}

// NewMaxAbsScaler makes one.
func NewMaxAbsScaler() *MaxAbsScaler { return &MaxAbsScaler{} }

// Fit learns each feature's largest absolute value.
func (s *MaxAbsScaler) Fit(x any) *MaxAbsScaler {
	a, _ := features(x, -1)
	s.MaxAbs = np.NanMax(np.Abs(a), 0)
	s.scale = np.Where(np.Less(s.MaxAbs, 10*0x1p-52), 1.0, s.MaxAbs)
	return s
}

// Transform scales.
func (s *MaxAbsScaler) Transform(x any) *np.Array {
	notFitted("MaxAbsScaler", s.scale != nil)
	a, t := features(x, s.scale.Size())
	return np.Divide(a.AsType(t), s.scale.AsType(t))
}

// FitTransform is Fit and Transform.
func (s *MaxAbsScaler) FitTransform(x any) *np.Array { return s.Fit(x).Transform(x) }

// InverseTransform goes back.
func (s *MaxAbsScaler) InverseTransform(x any) *np.Array {
	notFitted("MaxAbsScaler", s.scale != nil)
	a, t := scaled(x, s.scale.Size())
	return np.Multiply(a.AsType(t), s.scale.AsType(t))
}

// RobustScaler takes each feature's median away and divides by the distance of its quartiles (sklearn.preprocessing.RobustScaler).
type RobustScaler struct {
	Center, Scale *np.Array // of each feature: center_, scale_
}

// NewRobustScaler makes one.
func NewRobustScaler() *RobustScaler { return &RobustScaler{} }

// Fit learns each feature's quartiles.
func (s *RobustScaler) Fit(x any) *RobustScaler {
	a, _ := features(x, -1)
	s.Center = np.Median(a, 0)
	s.Scale = np.Subtract(np.Percentile(a, 75.0, 0), np.Percentile(a, 25.0, 0))
	s.Scale = np.Where(np.Less(s.Scale, 10*0x1p-52), 1.0, s.Scale)
	return s
}

// Transform scales.
func (s *RobustScaler) Transform(x any) *np.Array {
	notFitted("RobustScaler", s.Scale != nil)
	a, t := features(x, s.Scale.Size())
	return np.Divide(np.Subtract(a.AsType(t), s.Center.AsType(t)), s.Scale.AsType(t))
}

// FitTransform is Fit and Transform.
func (s *RobustScaler) FitTransform(x any) *np.Array { return s.Fit(x).Transform(x) }

// InverseTransform goes back.
func (s *RobustScaler) InverseTransform(x any) *np.Array {
	notFitted("RobustScaler", s.Scale != nil)
	a, t := scaled(x, s.Scale.Size())
	return np.Add(np.Multiply(a.AsType(t), s.Scale.AsType(t)), s.Center.AsType(t))
}
