package metrics

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

// The kinds of counts, in the order in which [thresholds.count] gives them.
const (
	truePositives = iota
	falsePositives
	trueNegatives
	falseNegatives
)

var kindNames = [4]string{"true_positives", "false_positives", "true_negatives", "false_negatives"}

// counter counts predictions at thresholds, perhaps of one class or of the likeliest classes alone. It counts in float32 whatever the metric's
// type, as Keras does.
type counter struct {
	metric        string
	thresholds    thresholds
	topK, classID *int
}

// state has a count a threshold of each kind.
func (c counter) state(kinds ...int) []Variable {
	variables := make([]Variable, len(kinds))
	for i, k := range kinds {
		variables[i] = Variable{Name: kindNames[k], Shape: []int{len(c.thresholds.values)}}
	}
	return variables
}

// add returns the state after a batch.
func (c counter) add(state []*graph.Node, b Batch, kinds ...int) []*graph.Node {
	b.YPred, b.YTrue = align.SameRank(asFloat(b.YPred), asFloat(b.YTrue))
	if c.topK != nil {
		b.YPred = onlyTop(c.metric, b.YPred, *c.topK)
	}
	if c.classID != nil {
		b.YTrue, b.YPred = ofClass(c.metric, b.YTrue, *c.classID), ofClass(c.metric, b.YPred, *c.classID)
	}
	counted := c.thresholds.count(label(c.metric, b, false, nil))
	next := make([]*graph.Node, len(state))
	for i, k := range kinds {
		next[i] = graph.Add(state[i], counted[k])
	}
	return next
}

// farBelow is what counts for predictions that aren't among the likeliest: Keras's number, no infinity.
const farBelow = -1e10

// onlyTop leaves the k greatest predictions along the last axis, of equals the first, and puts the others far below.
func onlyTop(metric string, p *graph.Node, k int) *graph.Node {
	if p.IsScalar() || k > p.Shape().Dim(-1) {
		panic(namedError(metric, "top_k is %d: want at most the number of classes, which predictions of shape %s have on the last axis", k, align.Of(p)))
	}
	if k == p.Shape().Dim(-1) {
		return p
	}
	rest := graph.Where(graph.IsNaN(p), graph.BroadcastToShape(infinity(p, 1), p.Shape()), p)
	place := graph.Iota(p.Graph(), withType(p, dtypes.Int32), -1)
	taken := graph.ZerosLike(rest)
	for range k {
		// A taken class is no candidate any more, even where the others are -∞.
		open := graph.Where(graph.GreaterThan(taken, graph.ZerosLike(taken)), graph.BroadcastToShape(infinity(rest, -1), rest.Shape()), rest)
		best := graph.ReduceAndKeep(open, graph.ReduceMax, -1)
		is := graph.LogicalAnd(graph.Equal(open, best), graph.IsZero(taken))
		first := graph.ReduceAndKeep(graph.Where(is, place, graph.AddScalar(graph.ZerosLike(place), 1<<30)), graph.ReduceMin, -1)
		taken = graph.Where(graph.Equal(place, first), graph.OnesLike(taken), taken)
	}
	return graph.Add(graph.Mul(p, taken), graph.MulScalar(graph.OneMinus(taken), farBelow))
}

// ofClass is one class of the last axis, which stays.
func ofClass(metric string, x *graph.Node, class int) *graph.Node {
	if x.Rank() < 2 {
		panic(namedError(metric, "class_id is %d for data of shape %s: want an axis of classes after the batch", class, align.Of(x)))
	}
	n := x.Shape().Dim(-1)
	if class < -n || class >= n {
		panic(namedError(metric, "class_id is %d, want one of the %d classes of data of shape %s", class, n, align.Of(x)))
	}
	return graph.Slice(x, graph.AxisRange().Spacer(), graph.AxisElem((class+n)%n))
}

// thresholdsArgument is an argument of the metrics that count at thresholds.
type thresholdsArgument[S any] struct {
	metric S
	given  *config.OneOrMore[float64]
}

// Thresholds sets above what a prediction is positive, between 0 and 1: one for one result, several for a result each (Keras:
// thresholds=, default 0.5).
func (a *thresholdsArgument[S]) Thresholds(values ...float64) S {
	*a.given = config.Given(values)
	return a.metric
}

func (a *thresholdsArgument[S]) check(b interface{ errorf(string, ...any) error }) error {
	if a.given.Values != nil && len(a.given.Values) == 0 {
		return b.errorf("thresholds is empty, want at least one")
	}
	if n := len(a.given.Values); n > mostThresholds {
		return b.errorf("%d thresholds, want at most %d", n, mostThresholds)
	}
	for _, v := range a.given.Values {
		if v < 0 || v > 1 {
			return b.errorf("threshold %v, want one from 0 to 1", v)
		}
	}
	return nil
}

// thresholds are those given, in their order, or the one by default.
func (a *thresholdsArgument[S]) thresholds(byDefault float64) thresholds {
	values := a.given.Values
	if values == nil {
		values = []float64{byDefault}
	}
	return thresholds{values: slices.Clone(values), even: isEven(values), inside: true}
}

// one is the result of a single threshold as a scalar, of several as it is.
func one(result *graph.Node) *graph.Node {
	if result.Shape().Size() == 1 {
		return graph.Reshape(result)
	}
	return result
}

// conditionCount counts predictions of one kind.
type conditionCount[S Metric] struct {
	base[S]
	thresholdsArgument[S]
	kind int
	cfg  struct {
		commonConfig
		Thresholds config.OneOrMore[float64] `keras:"thresholds" default:"null"`
	}
}

func (m *conditionCount[S]) start(self S, class string, kind int) {
	m.kind = kind
	m.thresholdsArgument = thresholdsArgument[S]{self, &m.cfg.Thresholds}
	m.base.start(self, class, "", "", &m.cfg, &m.cfg.commonConfig)
}

func (m *conditionCount[S]) counter() counter {
	return counter{metric: m.KerasName(), thresholds: m.thresholds(0.5)}
}

// Validate says whether an argument is wrong.
func (m *conditionCount[S]) Validate() error {
	if err := m.check(m); err != nil {
		return err
	}
	return m.base.Validate()
}

// State implements [Metric]: a count a threshold.
func (m *conditionCount[S]) State(_, _ []int) ([]Variable, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	variables := m.counter().state(m.kind)
	variables[0].Name = "accumulator"
	return variables, nil
}

// Update implements [Metric].
func (m *conditionCount[S]) Update(state []*graph.Node, b Batch) []*graph.Node {
	return m.counter().add(state, b, m.kind)
}

// Value implements [Metric]: the count, of shape (thresholds,) where there are several.
func (m *conditionCount[S]) Value(state []*graph.Node) *graph.Node { return one(state[0]) }

// TruePositivesMetric is the weight of targets of 1 that were predicted (Keras: keras.metrics.TruePositives).
type TruePositivesMetric struct {
	conditionCount[*TruePositivesMetric]
}

// TruePositives returns the count of true positives with Keras's threshold of 0.5.
func TruePositives() *TruePositivesMetric {
	m := &TruePositivesMetric{}
	m.start(m, "TruePositives", truePositives)
	return m
}

// FalsePositivesMetric is the weight of targets of 0 that were predicted to be 1 (Keras: keras.metrics.FalsePositives).
type FalsePositivesMetric struct {
	conditionCount[*FalsePositivesMetric]
}

// FalsePositives returns the count of false positives with Keras's threshold of 0.5.
func FalsePositives() *FalsePositivesMetric {
	m := &FalsePositivesMetric{}
	m.start(m, "FalsePositives", falsePositives)
	return m
}

// TrueNegativesMetric is the weight of targets of 0 that were predicted (Keras: keras.metrics.TrueNegatives).
type TrueNegativesMetric struct {
	conditionCount[*TrueNegativesMetric]
}

// TrueNegatives returns the count of true negatives with Keras's threshold of 0.5.
func TrueNegatives() *TrueNegativesMetric {
	m := &TrueNegativesMetric{}
	m.start(m, "TrueNegatives", trueNegatives)
	return m
}

// FalseNegativesMetric is the weight of targets of 1 that were predicted to be 0 (Keras: keras.metrics.FalseNegatives).
type FalseNegativesMetric struct {
	conditionCount[*FalseNegativesMetric]
}

// FalseNegatives returns the count of false negatives with Keras's threshold of 0.5.
func FalseNegatives() *FalseNegativesMetric {
	m := &FalseNegativesMetric{}
	m.start(m, "FalseNegatives", falseNegatives)
	return m
}

func init() {
	catalogue.Add(func() Metric { return TruePositives() })
	catalogue.Add(func() Metric { return FalsePositives() })
	catalogue.Add(func() Metric { return TrueNegatives() })
	catalogue.Add(func() Metric { return FalseNegatives() })
}
