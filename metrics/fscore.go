package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// Average is how scores of several classes become one.
type Average string

// Keras's averages. [PerClass], Python's None, leaves a score a class.
const (
	PerClass Average = ""
	Micro    Average = "micro"    // the score of all predictions counted together
	Macro    Average = "macro"    // the mean of the classes' scores
	Weighted Average = "weighted" // their mean, weighted by the number of targets of each class
)

// EncodeKeras implements config.Codec.
func (a *Average) EncodeKeras() (any, error) {
	if *a == PerClass {
		return nil, nil
	}
	return spelled("average", *a, Micro, Macro, Weighted)
}

// DecodeKeras implements config.Codec.
func (a *Average) DecodeKeras(v any) (err error) {
	if *a = PerClass; v != nil {
		*a, err = decoded("average", v, Micro, Macro, Weighted)
	}
	return err
}

// fScore is what the F-scores share.
type fScore[S Metric] struct {
	base[S]
	args *fScoreConfig
	beta *float64
}

type fScoreConfig struct {
	Average   Average  `keras:"average" default:"null"`
	Threshold *float64 `keras:"threshold"`
}

// Average sets how the classes' scores become one (Keras: average=, default [PerClass]).
func (m *fScore[S]) Average(a Average) S {
	m.args.Average = a
	return m.self
}

// Threshold sets above what a prediction counts as 1 (Keras: threshold=, more than 0 and at most 1; default none: the greatest prediction of each
// sample counts as 1).
func (m *fScore[S]) Threshold(threshold float64) S {
	m.args.Threshold = &threshold
	return m.self
}

// Validate says whether an argument is wrong.
func (m *fScore[S]) Validate() error {
	if _, err := m.args.Average.EncodeKeras(); err != nil {
		return m.errorf("%w", err)
	}
	if *m.beta <= 0 {
		return m.errorf("beta is %v, want more than 0", *m.beta)
	}
	if t := m.args.Threshold; t != nil && (*t <= 0 || *t > 1) {
		return m.errorf("threshold is %v, want more than 0 and at most 1", *t)
	}
	return m.base.Validate()
}

// State implements [Metric]: of each kind of count, one a class, or one in all for the average [Micro].
func (m *fScore[S]) State(yTrue, yPred []int) ([]Variable, error) {
	var dims []int
	if m.args.Average != Micro || yPred != nil {
		if yPred == nil {
			return nil, m.errorf("the number of classes is known from the first batch")
		}
		if len(yTrue) != 2 || len(yPred) != 2 || yPred[1] < 0 {
			return nil, m.errorf("targets of shape %s and predictions of shape %s, want (batch, classes) of both", align.Shape(yTrue), align.Shape(yPred))
		}
	}
	if m.args.Average != Micro {
		dims = []int{yPred[1]}
	}
	d := m.dtype()
	return []Variable{{Name: "true_positives", Shape: dims, DType: d}, {Name: "false_positives", Shape: dims, DType: d},
		{Name: "false_negatives", Shape: dims, DType: d}, {Name: "intermediate_weights", Shape: dims, DType: d}}, nil
}

// Update implements [Metric].
func (m *fScore[S]) Update(state []*graph.Node, b Batch) []*graph.Node {
	y, p := as(b.YTrue, m.dtype()), as(b.YPred, m.dtype())
	if y.Rank() != 2 || !y.Shape().EqualDimensions(p.Shape()) {
		panic(m.errorf("targets of shape %s don't fit predictions of shape %s: want (batch, classes) of both", align.Of(y), align.Of(p)))
	}
	var positive *graph.Node
	if t := m.args.Threshold; t != nil {
		positive = graph.GreaterThan(p, graph.Scalar(p.Graph(), p.DType(), *t))
	} else {
		greatest := graph.ReduceAndKeep(p, graph.ReduceMax, -1)
		// Where all are 0, none is the greatest.
		positive = graph.LogicalAnd(graph.GreaterOrEqual(p, greatest), graph.GreaterThan(graph.Abs(p), graph.Scalar(p.Graph(), p.DType(), 1e-9)))
	}
	p = as(positive, m.dtype())
	var weight *graph.Node
	if w := b.SampleWeight; w != nil {
		if w.Rank() != 1 || w.Shape().Dim(0) != y.Shape().Dim(0) {
			panic(m.errorf("sample weights of shape %s, want one a sample: (%d,)", align.Of(w), y.Shape().Dim(0)))
		}
		weight = graph.InsertAxes(as(w, m.dtype()), 1)
	}
	next := make([]*graph.Node, len(state))
	for i, counted := range []*graph.Node{graph.Mul(p, y), graph.Mul(p, graph.OneMinus(y)), graph.Mul(graph.OneMinus(p), y), y} {
		if weight != nil {
			counted = graph.Mul(counted, weight)
		}
		if m.args.Average == Micro {
			counted = graph.ReduceAllSum(counted)
		} else {
			counted = graph.ReduceSum(counted, 0)
		}
		next[i] = graph.Add(state[i], counted)
	}
	return next
}

// Value implements [Metric]: the score of each class, of shape (classes,), or a scalar where they are averaged.
func (m *fScore[S]) Value(state []*graph.Node) *graph.Node {
	tp, fp, fn, support := state[0], state[1], state[2], state[3]
	share := func(part, all *graph.Node) *graph.Node { return graph.Div(part, graph.AddScalar(all, epsilon)) }
	precision, recall := share(tp, graph.Add(tp, fp)), share(tp, graph.Add(tp, fn))
	b2 := *m.beta * *m.beta
	score := graph.MulScalar(share(graph.Mul(precision, recall), graph.Add(graph.MulScalar(precision, b2), recall)), 1+b2)
	switch m.args.Average {
	case PerClass:
		return score
	case Weighted:
		return graph.ReduceAllSum(graph.Mul(score, share(support, graph.ReduceAllSum(support))))
	}
	return graph.ReduceAllMean(score)
}

// F1ScoreMetric is the harmonic mean of precision and recall (Keras: keras.metrics.F1Score).
type F1ScoreMetric struct {
	fScore[*F1ScoreMetric]
	cfg struct {
		commonConfig
		fScoreConfig
	}
}

// F1Score returns the F1 score of each class of targets and predictions (batch, classes); [F1ScoreMetric.Average] makes it one number.
func F1Score() *F1ScoreMetric {
	m, one := &F1ScoreMetric{}, 1.
	m.args, m.beta = &m.cfg.fScoreConfig, &one
	m.start(m, "F1Score", "f1_score", Up, &m.cfg, &m.cfg.commonConfig)
	return m
}

// FBetaScoreMetric is the weighted harmonic mean of precision and recall (Keras: keras.metrics.FBetaScore).
type FBetaScoreMetric struct {
	fScore[*FBetaScoreMetric]
	cfg struct {
		commonConfig
		fScoreConfig
		Beta float64 `keras:"beta" default:"1"`
	}
}

// FBetaScore returns the F-beta score of each class of targets and predictions (batch, classes), with Keras's beta of 1.
func FBetaScore() *FBetaScoreMetric {
	m := &FBetaScoreMetric{}
	m.args, m.beta = &m.cfg.fScoreConfig, &m.cfg.Beta
	m.start(m, "FBetaScore", "fbeta_score", Up, &m.cfg, &m.cfg.commonConfig)
	return m
}

// Beta sets the weight of recall beside precision (Keras: beta=, default 1).
func (m *FBetaScoreMetric) Beta(beta float64) *FBetaScoreMetric {
	m.cfg.Beta = beta
	return m
}

func init() {
	catalogue.Add(func() Metric { return F1Score() })
	catalogue.Add(func() Metric { return FBetaScore() })
}
