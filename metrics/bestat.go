package metrics

import "github.com/gomlx/gomlx/core/graph"

// bestAt is the best of one share of counts at all thresholds at which another share is great enough.
type bestAt[S Metric] struct {
	base[S]
	args                   *bestAtConfig
	argument               string
	least                  **float64
	constrained, dependent shareOf
}

type bestAtConfig struct {
	commonConfig
	NumThresholds int  `keras:"num_thresholds" default:"200"`
	ClassID       *int `keras:"class_id"`
}

// shareOf is the share of one kind of counts in it and another.
type shareOf struct{ of, beside int }

var (
	shareOfPrecision   = shareOf{truePositives, falsePositives}
	shareOfRecall      = shareOf{truePositives, falseNegatives} // sensitivity is another name of it
	shareOfSpecificity = shareOf{trueNegatives, falsePositives}
)

func (s shareOf) in(state []*graph.Node) *graph.Node {
	return divideNoNaN(state[s.of], graph.Add(state[s.of], state[s.beside]))
}

func (m *bestAt[S]) start(self S, class string, cfg any, args *bestAtConfig, argument string, least **float64, share float64, constrained, dependent shareOf) {
	m.args, m.argument, m.least, m.constrained, m.dependent = args, argument, least, constrained, dependent
	m.base.start(self, class, "", Up, cfg, &args.commonConfig)
	*least = &share
}

// incomplete is the metric without the share that a file must give.
func (m *bestAt[S]) incomplete() Metric {
	*m.least = nil
	return m.self
}

// NumThresholds sets at how many thresholds, evenly from 0 to 1, predictions are counted (Keras: num_thresholds=, default 200; one alone is 0.5).
func (m *bestAt[S]) NumThresholds(n int) S {
	m.args.NumThresholds = n
	return m.self
}

// ClassID counts one class of targets and predictions (batch, classes) alone (Keras: class_id=, default none: all of them).
func (m *bestAt[S]) ClassID(id int) S {
	m.args.ClassID = &id
	return m.self
}

func (m *bestAt[S]) counter() counter {
	n := m.args.NumThresholds
	t := thresholds{values: []float64{0.5}}
	if n > 1 {
		t = thresholds{values: make([]float64, n), even: true, inside: true}
		for i := range t.values {
			t.values[i] = float64(i) / float64(n-1)
		}
	}
	return counter{metric: m.KerasName(), thresholds: t, classID: m.args.ClassID}
}

// Validate says whether an argument is wrong.
func (m *bestAt[S]) Validate() error {
	switch {
	case *m.least == nil:
		return m.errorf("%s is missing, want a share from 0 to 1", m.argument)
	case !(**m.least >= 0 && **m.least <= 1):
		return m.errorf("%s is %v, want a share from 0 to 1", m.argument, **m.least)
	case m.args.NumThresholds < 1:
		return m.errorf("num_thresholds is %d, want at least 1", m.args.NumThresholds)
	case m.args.NumThresholds > mostThresholds:
		return m.errorf("num_thresholds is %d, want at most %d", m.args.NumThresholds, mostThresholds)
	}
	return m.base.Validate()
}

// State implements [Metric]: of each kind of counts one a threshold.
func (m *bestAt[S]) State(_, _ []int) ([]Variable, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m.counter().state(truePositives, falsePositives, trueNegatives, falseNegatives), nil
}

// Update implements [Metric].
func (m *bestAt[S]) Update(state []*graph.Node, b Batch) []*graph.Node {
	return m.counter().add(state, b, truePositives, falsePositives, trueNegatives, falseNegatives)
}

// Value implements [Metric]: 0 where no threshold will do.
func (m *bestAt[S]) Value(state []*graph.Node) *graph.Node {
	constrained, dependent := m.constrained.in(state), m.dependent.in(state)
	least := graph.Scalar(constrained.Graph(), constrained.DType(), **m.least)
	return graph.ReduceAllMax(graph.Where(graph.GreaterOrEqual(constrained, least), dependent, graph.ZerosLike(dependent)))
}

// SensitivityAtSpecificityMetric is the best share of those predicted in the targets of 1, where enough of the targets of 0 are predicted (Keras: keras.metrics.SensitivityAtSpecificity).
type SensitivityAtSpecificityMetric struct {
	bestAt[*SensitivityAtSpecificityMetric]
	cfg struct {
		bestAtConfig
		Specificity *float64 `keras:"specificity"`
	}
}

// SensitivityAtSpecificity returns the best sensitivity at a specificity of at least so much, between 0 and 1, with Keras's 200 thresholds. Targets are 0 or 1,
// predictions probabilities of the same shape.
func SensitivityAtSpecificity(specificity float64) *SensitivityAtSpecificityMetric {
	m := &SensitivityAtSpecificityMetric{}
	m.start(m, "SensitivityAtSpecificity", &m.cfg, &m.cfg.bestAtConfig, "specificity", &m.cfg.Specificity, specificity, shareOfSpecificity, shareOfRecall)
	return m
}

// SpecificityAtSensitivityMetric is the best share of those predicted in the targets of 0, where enough of the targets of 1 are predicted (Keras: keras.metrics.SpecificityAtSensitivity).
type SpecificityAtSensitivityMetric struct {
	bestAt[*SpecificityAtSensitivityMetric]
	cfg struct {
		bestAtConfig
		Sensitivity *float64 `keras:"sensitivity"`
	}
}

// SpecificityAtSensitivity returns the best specificity at a sensitivity of at least so much, between 0 and 1, with Keras's 200 thresholds. Targets are 0 or 1,
// predictions probabilities of the same shape.
func SpecificityAtSensitivity(sensitivity float64) *SpecificityAtSensitivityMetric {
	m := &SpecificityAtSensitivityMetric{}
	m.start(m, "SpecificityAtSensitivity", &m.cfg, &m.cfg.bestAtConfig, "sensitivity", &m.cfg.Sensitivity, sensitivity, shareOfRecall, shareOfSpecificity)
	return m
}

// PrecisionAtRecallMetric is the best precision where recall is great enough (Keras: keras.metrics.PrecisionAtRecall).
type PrecisionAtRecallMetric struct {
	bestAt[*PrecisionAtRecallMetric]
	cfg struct {
		bestAtConfig
		Recall *float64 `keras:"recall"`
	}
}

// PrecisionAtRecall returns the best precision at a recall of at least so much, between 0 and 1, with Keras's 200 thresholds. Targets are 0 or 1,
// predictions probabilities of the same shape.
func PrecisionAtRecall(recall float64) *PrecisionAtRecallMetric {
	m := &PrecisionAtRecallMetric{}
	m.start(m, "PrecisionAtRecall", &m.cfg, &m.cfg.bestAtConfig, "recall", &m.cfg.Recall, recall, shareOfRecall, shareOfPrecision)
	return m
}

// RecallAtPrecisionMetric is the best recall where precision is great enough (Keras: keras.metrics.RecallAtPrecision).
type RecallAtPrecisionMetric struct {
	bestAt[*RecallAtPrecisionMetric]
	cfg struct {
		bestAtConfig
		Precision *float64 `keras:"precision"`
	}
}

// RecallAtPrecision returns the best recall at a precision of at least so much, between 0 and 1, with Keras's 200 thresholds. Targets are 0 or 1,
// predictions probabilities of the same shape.
func RecallAtPrecision(precision float64) *RecallAtPrecisionMetric {
	m := &RecallAtPrecisionMetric{}
	m.start(m, "RecallAtPrecision", &m.cfg, &m.cfg.bestAtConfig, "precision", &m.cfg.Precision, precision, shareOfPrecision, shareOfRecall)
	return m
}

func init() {
	catalogue.AddIncomplete(func() Metric { return SensitivityAtSpecificity(0).incomplete() })
	catalogue.AddIncomplete(func() Metric { return SpecificityAtSensitivity(0).incomplete() })
	catalogue.AddIncomplete(func() Metric { return PrecisionAtRecall(0).incomplete() })
	catalogue.AddIncomplete(func() Metric { return RecallAtPrecision(0).incomplete() })
}
