package sk

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// pairs gives labels as numbers of the classes that either has, sorted.
func pairs(yTrue, yPred any) (classes *np.Array, t, p []int) {
	a, b := column(yTrue), column(yPred)
	sameLengths([]*np.Array{a, b})
	if (a.DType()[0] == '<') != (b.DType()[0] == '<') {
		np.Fail("ValueError", "Labels in y_true and y_pred should be of the same type. Got y_true=%s and y_pred=%s. Make sure that the predictions provided by the classifier coincides with the true labels.", np.Unique(a), np.Unique(b))
	}
	for _, y := range []*np.Array{a, b} {
		if d := y.DType(); strings.HasPrefix(string(d), "float") && np.NotEqual(y, np.Floor(y)).AnyTrue() {
			np.Fail("ValueError", "Classification metrics can't handle a mix of binary and continuous targets")
		}
	}
	classes, inverse := np.UniqueInverse(np.Concatenate([]*np.Array{a, b}))
	all := inverse.Ints()
	return classes, all[:a.Size()], all[a.Size():]
}

// AccuracyScore is the share of labels that are right (sklearn.metrics.accuracy_score).
func AccuracyScore(yTrue, yPred any) float64 {
	a, b := np.Of(yTrue), np.Of(yPred)
	if a.NDim() == 2 && a.Dim(1) > 1 {
		sameLengths([]*np.Array{a, b})
		return np.Mean(np.AllOf(np.Equal(a, b), 1)).Float()
	}
	_, t, p := pairs(a, b)
	right := 0
	for i := range t {
		if t[i] == p[i] {
			right++
		}
	}
	return float64(right) / float64(len(t))
}

// ConfusionMatrix counts samples of each class, in rows, by what they were taken for (sklearn.metrics.confusion_matrix).
func ConfusionMatrix(yTrue, yPred any) *np.Array {
	classes, t, p := pairs(yTrue, yPred)
	n := classes.Size()
	counts := make([]int, n*n)
	for i := range t {
		counts[t[i]*n+p[i]]++
	}
	return np.Of(counts).Reshape(n, n)
}

// scores are those of each class.
type scores struct {
	classes              *np.Array
	right, taken, really []float64 // counts: right ones, those taken for the class, those of it
}

func scoresOf(yTrue, yPred any) scores {
	classes, t, p := pairs(yTrue, yPred)
	n := classes.Size()
	s := scores{classes, make([]float64, n), make([]float64, n), make([]float64, n)}
	for i := range t {
		s.really[t[i]]++
		s.taken[p[i]]++
		if t[i] == p[i] {
			s.right[t[i]]++
		}
	}
	return s
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// prf is precision, recall and F1 of a class's counts.
func prf(right, taken, really float64) [3]float64 {
	return [3]float64{ratio(right, taken), ratio(right, really), ratio(2*right, really+taken)}
}

func sum(v []float64) float64 {
	total := 0.0
	for _, x := range v {
		total += x
	}
	return total
}

func (s scores) average(kind string) [3]float64 {
	switch kind {
	case "micro":
		return prf(sum(s.right), sum(s.taken), sum(s.really))
	case "macro", "weighted":
		var out [3]float64
		var each [3][]float64
		weights := s.really
		for c := range s.right {
			for i, v := range prf(s.right[c], s.taken[c], s.really[c]) {
				if kind == "weighted" {
					v *= weights[c]
				}
				each[i] = append(each[i], v)
			}
		}
		for i := range out {
			total := np.Sum(each[i]).Float()
			if kind == "weighted" {
				out[i] = ratio(total, sum(weights))
			} else {
				out[i] = total / float64(len(s.right))
			}
		}
		return out
	case "binary":
		if len(s.right) > 2 {
			np.Fail("ValueError", "Target is multiclass but average='binary'. Please choose another average setting, one of [None, 'micro', 'macro', 'weighted'].")
		}
		for c, name := range s.classes.Strings() {
			if name == "1" || name == "1.0" || name == "True" {
				return prf(s.right[c], s.taken[c], s.really[c])
			}
		}
		if len(s.right) == 2 {
			np.Fail("ValueError", "pos_label=1 is not a valid label. It should be one of [%s]", strings.Join(reprs(s.classes), ", "))
		}
		return [3]float64{}
	}
	np.Fail("InvalidParameterError", "The 'average' parameter must be a str among {'micro', 'macro', 'weighted', 'binary'} or None. Got '%s' instead.", kind)
	return [3]float64{}
}

func reprs(a *np.Array) []string {
	out := a.Strings()
	if a.DType()[0] == '<' {
		for i, s := range out {
			out[i] = "'" + s + "'"
		}
	}
	return out
}

// PrecisionScore is the share of samples taken for a class that are of it (sklearn.metrics.precision_score): of class 1, or an
// [Average] over classes. What isn't defined is 0.
func PrecisionScore(yTrue, yPred any, args ...any) float64 {
	return scoresOf(yTrue, yPred).average(optionsOf(args).average)[0]
}

// RecallScore is the share of a class's samples that were taken for it (sklearn.metrics.recall_score); arguments as of [PrecisionScore].
func RecallScore(yTrue, yPred any, args ...any) float64 {
	return scoresOf(yTrue, yPred).average(optionsOf(args).average)[1]
}

// F1Score is the harmonic mean of precision and recall (sklearn.metrics.f1_score); arguments as of [PrecisionScore].
func F1Score(yTrue, yPred any, args ...any) float64 {
	return scoresOf(yTrue, yPred).average(optionsOf(args).average)[2]
}

// PrecisionRecallFscoreSupport gives the scores of each class and its number of samples (sklearn.metrics.precision_recall_fscore_support).
func PrecisionRecallFscoreSupport(yTrue, yPred any) (precision, recall, f1, support *np.Array) {
	s := scoresOf(yTrue, yPred)
	var out [3][]float64
	for c := range s.right {
		for i, v := range prf(s.right[c], s.taken[c], s.really[c]) {
			out[i] = append(out[i], v)
		}
	}
	return np.Of(out[0]), np.Of(out[1]), np.Of(out[2]), np.Of(s.really).AsType(np.Int64)
}

// PrecisionRecallFscore gives the mean scores of the classes, by an [Average] (sklearn.metrics.precision_recall_fscore_support with average=).
func PrecisionRecallFscore(yTrue, yPred any, args ...any) (precision, recall, f1 float64) {
	s := scoresOf(yTrue, yPred).average(optionsOf(args).average)
	return s[0], s[1], s[2]
}

// ClassificationReport is the text of all classes' scores (sklearn.metrics.classification_report); arguments are [TargetNames] and [Digits].
func ClassificationReport(yTrue, yPred any, args ...any) string {
	o := optionsOf(args)
	s := scoresOf(yTrue, yPred)
	labels := o.names
	if labels == nil {
		labels = s.classes.Strings()
	}
	if len(labels) != len(s.right) {
		np.Fail("ValueError", "Number of classes, %d, does not match size of target_names, %d. Try specifying the labels parameter", len(s.right), len(labels))
	}
	width := max(len("weighted avg"), o.digits)
	for _, l := range labels {
		width = max(width, len([]rune(l)))
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%*s  %9s %9s %9s %9s\n\n", width, "", "precision", "recall", "f1-score", "support")
	row := func(name string, v [3]float64, support float64) {
		fmt.Fprintf(&out, "%*s  %9.*f %9.*f %9.*f %9.0f\n", width, name, o.digits, v[0], o.digits, v[1], o.digits, v[2], support)
	}
	for c, l := range labels {
		row(l, prf(s.right[c], s.taken[c], s.really[c]), s.really[c])
	}
	total := sum(s.really)
	fmt.Fprintf(&out, "\n%*s  %9s %9s %9.*f %9.0f\n", width, "accuracy", "", "", o.digits, s.average("micro")[2], total)
	row("macro avg", s.average("macro"), total)
	row("weighted avg", s.average("weighted"), total)
	return out.String()
}

func errorsOf(yTrue, yPred any) (t, d *np.Array) {
	a, b := np.Of(yTrue).AsType(np.Float64), np.Of(yPred).AsType(np.Float64)
	if a.NDim() == 1 {
		a = a.Reshape(-1, 1)
	}
	if b.NDim() == 1 {
		b = b.Reshape(-1, 1)
	}
	if a.NDim() != 2 || b.NDim() != 2 {
		np.Fail("ValueError", "Found array with dim %d. None expected <= 2.", max(a.NDim(), b.NDim()))
	}
	sameLengths([]*np.Array{a, b})
	if a.Dim(1) != b.Dim(1) {
		np.Fail("ValueError", "y_true and y_pred have different number of output (%d!=%d)", a.Dim(1), b.Dim(1))
	}
	for _, y := range []*np.Array{a, b} {
		if np.Isnan(y).AnyTrue() {
			np.Fail("ValueError", "Input contains NaN.")
		}
	}
	return a, np.Subtract(a, b)
}

// MeanSquaredError is sklearn.metrics.mean_squared_error.
func MeanSquaredError(yTrue, yPred any) float64 {
	_, d := errorsOf(yTrue, yPred)
	return np.Mean(np.Mean(np.Multiply(d, d), 0)).Float()
}

// RootMeanSquaredError is sklearn.metrics.root_mean_squared_error.
func RootMeanSquaredError(yTrue, yPred any) float64 {
	_, d := errorsOf(yTrue, yPred)
	return np.Mean(np.Sqrt(np.Mean(np.Multiply(d, d), 0))).Float()
}

// MeanAbsoluteError is sklearn.metrics.mean_absolute_error.
func MeanAbsoluteError(yTrue, yPred any) float64 {
	_, d := errorsOf(yTrue, yPred)
	return np.Mean(np.Mean(np.Abs(d), 0)).Float()
}

// R2Score is sklearn.metrics.r2_score: 1 is perfect; of constant targets 1 if all is right and else 0.
func R2Score(yTrue, yPred any) float64 {
	t, d := errorsOf(yTrue, yPred)
	if t.Len() < 2 {
		return math.NaN()
	}
	left := np.Sum(np.Multiply(d, d), 0).Floats()
	m := np.Subtract(t, np.Mean(t, 0))
	all := np.Sum(np.Multiply(m, m), 0).Floats()
	out := make([]float64, len(left))
	for i := range left {
		switch {
		case all[i] != 0:
			out[i] = 1 - left[i]/all[i]
		case left[i] == 0:
			out[i] = 1
		}
	}
	return np.Mean(out).Float()
}

// RocCurve gives false and true positive rates at falling thresholds of the scores of two classes (sklearn.metrics.roc_curve).
func RocCurve(yTrue, yScore any) (fpr, tpr, thresholds *np.Array) {
	labels, score := column(yTrue), column(yScore).AsType(np.Float64).Floats()
	sameLengths([]*np.Array{labels, np.Of(score)})
	classes := np.Unique(labels).Strings()
	if len(classes) > 2 {
		np.Fail("ValueError", "multiclass format is not supported")
	}
	var positive []bool
	for _, l := range labels.Strings() {
		positive = append(positive, l == "1" || l == "1.0" || l == "True")
	}
	if labels.DType()[0] == '<' {
		np.Fail("ValueError", "y_true takes value in {%s} and pos_label is not specified: either make y_true take value in {0, 1} or {-1, 1} or pass pos_label explicitly.", strings.Join(reprs(np.Unique(labels)), ", "))
	}
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case score[i] > score[j]:
			return -1
		case score[i] < score[j]:
			return 1
		}
		return 0
	})
	var fps, tps, at []float64
	f, t := 0.0, 0.0
	for k, i := range order {
		if positive[i] {
			t++
		} else {
			f++
		}
		if k+1 == len(order) || score[order[k+1]] != score[i] {
			fps, tps, at = append(fps, f), append(tps, t), append(at, score[i])
		}
	}
	// Points between two others on a straight line go.
	x, y, z := []float64{0}, []float64{0}, []float64{math.Inf(1)}
	n := len(fps)
	for i := range fps {
		if n > 2 && i > 0 && i < n-1 && fps[i+1]-2*fps[i]+fps[i-1] == 0 && tps[i+1]-2*tps[i]+tps[i-1] == 0 {
			continue
		}
		x, y, z = append(x, fps[i]), append(y, tps[i]), append(z, at[i])
	}
	return np.Divide(x, f), np.Divide(y, t), np.Of(z)
}

// Auc is the area under a curve by trapezoids (sklearn.metrics.auc).
func Auc(x, y any) float64 {
	xs, ys := np.Of(x), np.Of(y)
	if xs.Size() < 2 {
		np.Fail("ValueError", "At least 2 points are needed to compute area under curve, but x.shape = %s", xs.ShapeString())
	}
	d := np.Diff(xs)
	direction := 1.0
	if np.Less(d, 0).AnyTrue() {
		if np.Greater(d, 0).AnyTrue() {
			np.Fail("ValueError", "x is neither increasing nor decreasing : %s.", xs)
		}
		direction = -1
	}
	mean := np.Divide(np.Add(ys.Index(np.S("1:")), ys.Index(np.S(":-1"))), 2.0)
	return direction * np.Sum(np.Multiply(d, mean)).Float()
}

// RocAucScore is the area under the ROC curve of two classes (sklearn.metrics.roc_auc_score).
func RocAucScore(yTrue, yScore any) float64 {
	if np.Unique(column(yTrue)).Size() < 2 {
		return math.NaN()
	}
	f, t, _ := RocCurve(yTrue, yScore)
	return Auc(f, t)
}
