package metrics

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// thresholds are what predictions are compared with, in ascending order.
type thresholds struct {
	values []float64
	// even says that all but the ends lie at the same distance, from 0 to 1.
	even bool
	// inside says that the ends are 0 and 1 themselves; else the first lies below 0 and the last above 1.
	inside bool
}

// evenThresholds are n thresholds from 0 to 1, whose ends are moved outwards so that no prediction lies beyond them.
func evenThresholds(n int) thresholds {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i) / float64(n-1)
	}
	return thresholds{values: outwards(values), even: true}
}

// givenThresholds are those given, in ascending order, between the two ends.
func givenThresholds(given []float64) thresholds {
	values := append(append([]float64{0}, given...), 1)
	even := isEven(values)
	return thresholds{values: outwards(values), even: even}
}

// isEven reports whether values lie at the same distance from 0 to 1, within what numpy.allclose allows.
func isEven(values []float64) bool {
	n := len(values)
	for i, v := range values {
		at := float64(float32(i) / float32(n-1))
		if !(math.Abs(v-at) <= epsilon+1e-5*at) {
			return false
		}
	}
	return n > 2
}

func outwards(values []float64) []float64 {
	values[0], values[len(values)-1] = -epsilon, 1+epsilon
	return values
}

// labelled are the targets and predictions of one batch for a metric that counts at thresholds: flat, or of shape (batch, labels)
// where each label has its own counts.
type labelled struct {
	truth   *graph.Node // booleans
	scores  *graph.Node // float32
	weights *graph.Node // float32
}

// label brings a batch to the form in which it is counted (Keras: update_confusion_matrix_variables).
func label(metric string, b Batch, multiLabel bool, labelWeights []float64) labelled {
	p, y := align.SameRank(asFloat(b.YPred), b.YTrue)
	if !y.Shape().EqualDimensions(p.Shape()) {
		panic(fmt.Errorf("metric %s: targets of shape %s don't fit predictions of shape %s: want the same shape", metric, align.Of(b.YTrue), align.Of(b.YPred)))
	}
	weights := graph.OnesLike(p)
	multiply := func(what string, given, w *graph.Node) {
		if w.Rank() > p.Rank() || !align.Broadcasts(w.Shape().Dimensions, p.Shape().Dimensions) {
			panic(fmt.Errorf("metric %s: %s of shape %s don't fit predictions of shape %s", metric, what, align.Of(given), align.Of(p)))
		}
		weights = graph.Mul(align.Broadcast("predictions", weights, what, w))
	}
	if b.SampleWeight != nil {
		w := graph.InsertAxes(asFloat(b.SampleWeight), -1)
		if w.Rank() == p.Rank()+1 {
			w = graph.Squeeze(w, -1)
		}
		multiply("sample weights", b.SampleWeight, w)
	}
	if labelWeights != nil {
		w := constant(p.Graph(), labelWeights)
		multiply("label weights", w, graph.InsertAxes(w, 0))
	}
	l := labelled{asBool(y), p, weights}
	if !multiLabel {
		size := p.Shape().Size()
		l = labelled{graph.Reshape(l.truth, size), graph.Reshape(p, size), graph.Reshape(weights, size)}
	}
	return l
}

// count returns the weights of true positives, false positives, true negatives and false negatives at each
// threshold, of shape (thresholds,) or (thresholds, labels). A prediction is positive above the threshold.
func (t thresholds) count(l labelled) [4]*graph.Node {
	positive, negative := graph.Where(l.truth, l.weights, graph.ZerosLike(l.weights)), graph.Where(l.truth, graph.ZerosLike(l.weights), l.weights)
	if t.even {
		tp, fp := t.above(l.scores, positive, negative)
		rest := func(all, above *graph.Node) *graph.Node {
			return graph.Sub(graph.InsertAxes(graph.ReduceSum(all, 0), 0), above)
		}
		return [4]*graph.Node{tp, fp, rest(negative, fp), rest(positive, tp)}
	}
	dims := make([]int, 1+l.scores.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = len(t.values)
	limits := graph.Reshape(constant(l.scores.Graph(), t.values), dims...)
	above := graph.GreaterThan(graph.InsertAxes(l.scores, 0), limits)
	sum := func(where, weights *graph.Node) *graph.Node {
		weights = graph.BroadcastToDims(graph.InsertAxes(weights, 0), where.Shape().Dimensions...)
		return graph.ReduceSum(graph.Where(where, weights, graph.ZerosLike(weights)), 1)
	}
	below := graph.LogicalNot(above)
	return [4]*graph.Node{sum(above, positive), sum(above, negative), sum(below, negative), sum(below, positive)}
}

// above adds up, for each of evenly distributed thresholds, the weights of two kinds of the scores above it. Each score finds the
// highest threshold below it by multiplication, so that the cost is that of the scores plus that of the thresholds.
func (t thresholds) above(scores, ofOne, ofOther *graph.Node) (one, other *graph.Node) {
	n, labels := len(t.values), 1
	dims := []int{n}
	scores = graph.ClipScalar(scores, 0, 1)
	highest := graph.AddScalar(graph.Ceil(graph.MulScalar(scores, float64(n-1))), -1)
	if t.inside {
		none := graph.IsNegative(highest)
		ofOne, ofOther = graph.Where(none, graph.ZerosLike(ofOne), ofOne), graph.Where(none, graph.ZerosLike(ofOther), ofOther)
	}
	// A score of 0 lies above a first threshold below 0.
	bucket := as(graph.MaxScalar(highest, 0), dtypes.Int32)
	if scores.Rank() > 1 {
		labels = scores.Shape().Dim(1)
		dims = append(dims, labels)
		bucket = graph.Add(graph.MulScalar(bucket, labels), graph.Iota(scores.Graph(), bucket.Shape(), 1))
	}
	size := scores.Shape().Size()
	weights := graph.Concatenate([]*graph.Node{graph.Reshape(ofOne, size, 1), graph.Reshape(ofOther, size, 1)}, 1)
	buckets := graph.Scatter(graph.Reshape(bucket, size, 1), weights, shapes.Make(weights.DType(), n*labels, 2), false, false)
	above := sumFrom(graph.Reshape(buckets, n, labels*2))
	kind := func(i int) *graph.Node {
		return graph.Reshape(graph.Slice(graph.Reshape(above, n*labels, 2), graph.AxisRange(), graph.AxisRange(i, i+1)), dims...)
	}
	return kind(0), kind(1)
}

// sumFrom adds to each element along the first of two axes all that come after it: first those of the same one of
// about √n rows, then the rows that follow. GoMLX's CumSum is a window, for which steps can't be looped on XLA's CPU.
func sumFrom(x *graph.Node) *graph.Node {
	n, width := x.Shape().Dim(0), x.Shape().Dim(1)
	columns := int(math.Ceil(math.Sqrt(float64(n))))
	rows := (n + columns - 1) / columns
	x = graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), compute.PadAxis{End: rows*columns - n}, compute.PadAxis{})
	x = graph.Reshape(x, rows, columns, width)
	later := sumWhere(graph.GreaterThan, graph.ReduceSum(x, 1), 0)
	x = graph.Add(sumWhere(graph.GreaterOrEqual, x, 1), graph.InsertAxes(later, 1))
	return graph.Slice(graph.Reshape(x, rows*columns, width), graph.AxisRange(0, n))
}

// sumWhere gives each place along the axis the sum of the elements there whose number compares with its own.
func sumWhere(compare func(other, own *graph.Node) *graph.Node, x *graph.Node, axis int) *graph.Node {
	x = graph.InsertAxes(x, axis)
	dims := slices.Clone(x.Shape().Dimensions)
	dims[axis] = dims[axis+1]
	other, own := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, dims...), axis+1), graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, dims...), axis)
	x = graph.BroadcastToDims(x, dims...)
	return graph.ReduceSum(graph.Where(compare(other, own), x, graph.ZerosLike(x)), axis+1)
}

func constant(g *graph.Graph, values []float64) *graph.Node {
	list := make([]float32, len(values))
	for i, v := range values {
		list[i] = float32(v)
	}
	return graph.Const(g, list)
}
