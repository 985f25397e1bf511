package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// ClassAggregation is how [R2ScoreMetric] makes one number of those of several outputs.
type ClassAggregation string

// Keras's aggregations. [NoAggregation], Python's None, leaves a score an output.
const (
	NoAggregation           ClassAggregation = ""
	UniformAverage          ClassAggregation = "uniform_average"
	VarianceWeightedAverage ClassAggregation = "variance_weighted_average"
)

// EncodeKeras implements config.Codec.
func (a *ClassAggregation) EncodeKeras() (any, error) {
	if *a == NoAggregation {
		return nil, nil
	}
	return spelled("class_aggregation", *a, UniformAverage, VarianceWeightedAverage)
}

// DecodeKeras implements config.Codec.
func (a *ClassAggregation) DecodeKeras(v any) (err error) {
	if *a = NoAggregation; v != nil {
		*a, err = decoded("class_aggregation", v, UniformAverage, VarianceWeightedAverage)
	}
	return err
}

// R2ScoreMetric is the coefficient of determination: the share of the targets' variance that predictions explain, for targets and
// predictions (batch, outputs) (Keras: keras.metrics.R2Score).
type R2ScoreMetric struct {
	base[*R2ScoreMetric]
	cfg struct {
		commonConfig
		ClassAggregation ClassAggregation `keras:"class_aggregation" default:"uniform_average"`
		NumRegressors    int              `keras:"num_regressors"`
	}
}

// R2Score returns the mean of the outputs' scores.
func R2Score() *R2ScoreMetric {
	m := &R2ScoreMetric{}
	m.start(m, "R2Score", "r2_score", Up, &m.cfg, &m.cfg.commonConfig)
	return m
}

// ClassAggregation sets how the outputs' scores become one (Keras: class_aggregation=, default [UniformAverage]).
func (m *R2ScoreMetric) ClassAggregation(a ClassAggregation) *R2ScoreMetric {
	m.cfg.ClassAggregation = a
	return m
}

// NumRegressors sets the number of independent regressors, for which the score is adjusted where there are numbers enough (Keras: num_regressors=,
// default 0: no adjustment).
func (m *R2ScoreMetric) NumRegressors(n int) *R2ScoreMetric {
	m.cfg.NumRegressors = n
	return m
}

// Validate says whether an argument is wrong.
func (m *R2ScoreMetric) Validate() error {
	if _, err := m.cfg.ClassAggregation.EncodeKeras(); err != nil {
		return m.errorf("%w", err)
	}
	if m.cfg.NumRegressors < 0 {
		return m.errorf("num_regressors is %d, want 0 or more", m.cfg.NumRegressors)
	}
	if d := m.dtype(); d.IsInt() {
		return m.errorf("dtype %s, want a type of floats", d)
	}
	return m.base.Validate()
}

// State implements [Metric]: sums for each output.
func (m *R2ScoreMetric) State(yTrue, yPred []int) ([]Variable, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if yPred == nil {
		return nil, m.errorf("the number of outputs is known from the first batch")
	}
	y, p := yTrue, yPred
	if len(y) == 1 && len(p) == 2 && p[1] == 1 {
		y = append([]int{y[0]}, 1)
	}
	if len(p) == 1 && len(y) == 2 && y[1] == 1 {
		p = append([]int{p[0]}, 1)
	}
	if len(y) != 2 || len(p) != 2 || p[1] < 0 || y[1] != p[1] {
		return nil, m.errorf("targets of shape %s and predictions of shape %s, want (batch, outputs) of both", align.Shape(yTrue), align.Shape(yPred))
	}
	variables := []Variable{{Name: "num_samples"}}
	for _, name := range []string{"squared_sum", "sum", "residual", "count"} {
		variables = append(variables, Variable{Name: name, Shape: []int{p[1]}})
	}
	return variables, nil
}

// Update implements [Metric].
func (m *R2ScoreMetric) Update(state []*graph.Node, b Batch) []*graph.Node {
	y, p := align.SameRank(as(b.YTrue, m.dtype()), as(b.YPred, m.dtype()))
	if y.Rank() != 2 || !y.Shape().EqualDimensions(p.Shape()) {
		panic(m.errorf("targets of shape %s don't fit predictions of shape %s: want (batch, outputs) of both", align.Of(b.YTrue), align.Of(b.YPred)))
	}
	weight := graph.OnesLike(y)
	if b.SampleWeight != nil {
		w := as(b.SampleWeight, m.dtype())
		if w.Rank() == 1 {
			w = graph.InsertAxes(w, 1)
		}
		if w.Rank() > 2 || !align.Broadcasts(w.Shape().Dimensions, y.Shape().Dimensions) {
			panic(m.errorf("sample weights of shape %s don't fit targets of shape %s", align.Of(b.SampleWeight), align.Of(y)))
		}
		weight = graph.Mul(align.Broadcast("targets", weight, "sample weights", w))
	}
	if !weight.Shape().EqualDimensions(y.Shape()) {
		panic(m.errorf("sample weights of shape %s don't fit targets of shape %s", align.Of(b.SampleWeight), align.Of(y)))
	}
	weighted := graph.Mul(y, weight)
	sums := []*graph.Node{graph.Mul(y, weighted), weighted, graph.Mul(graph.Square(graph.Sub(y, p)), weight), weight}
	next := []*graph.Node{graph.AddScalar(state[0], float64(y.Shape().Size()))}
	for i, x := range sums {
		next = append(next, graph.Add(state[i+1], asFloat(graph.ReduceSum(x, 0))))
	}
	return next
}

// Value implements [Metric]: the score, of shape (outputs,) without aggregation.
func (m *R2ScoreMetric) Value(state []*graph.Node) *graph.Node {
	numbers, squares, sum, residual, count := state[0], state[1], state[2], state[3], state[4]
	total := graph.Sub(squares, graph.Mul(sum, graph.Div(sum, count)))
	score := graph.OneMinus(graph.Div(residual, total))
	isInfinite := graph.LogicalNot(graph.LogicalOr(graph.IsFinite(score), graph.IsNaN(score)))
	score = graph.Where(isInfinite, graph.ZerosLike(score), score)
	switch m.cfg.ClassAggregation {
	case UniformAverage:
		score = graph.ReduceAllMean(score)
	case VarianceWeightedAverage:
		score = graph.Div(graph.ReduceAllSum(graph.Mul(total, score)), graph.ReduceAllSum(total))
	}
	if m.cfg.NumRegressors == 0 {
		return score
	}
	// Keras adjusts by the number of numbers, those of all outputs.
	left := graph.AddScalar(numbers, -1)
	unexplained := graph.Mul(graph.OneMinus(score), left)
	spare := graph.AddScalar(left, -float64(m.cfg.NumRegressors))
	enough := graph.GreaterThan(spare, graph.ZerosLike(spare))
	adjusted := graph.OneMinus(graph.Div(unexplained, graph.Where(enough, spare, graph.OnesLike(spare))))
	if score.Rank() > 0 {
		enough = graph.BroadcastToDims(enough, score.Shape().Dimensions...)
	}
	return graph.Where(enough, adjusted, score)
}

func init() { catalogue.Add(func() Metric { return R2Score() }) }
