package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// share is the share of true positives in them and another kind of counts.
type share[S Metric] struct {
	base[S]
	thresholdsArgument[S]
	other int
	cfg   struct {
		commonConfig
		Thresholds config.OneOrMore[float64] `keras:"thresholds" default:"null"`
		TopK       *int                      `keras:"top_k"`
		ClassID    *int                      `keras:"class_id"`
	}
}

func (m *share[S]) start(self S, class string, other int) {
	m.other = other
	m.thresholdsArgument = thresholdsArgument[S]{self, &m.cfg.Thresholds}
	m.base.start(self, class, "", Up, &m.cfg, &m.cfg.commonConfig)
}

// TopK counts the k likeliest classes of each sample alone; without Thresholds each of them is positive (Keras: top_k=, default none).
func (m *share[S]) TopK(k int) S {
	m.cfg.TopK = &k
	return m.base.self
}

// ClassID counts one class of targets and predictions (batch, classes) alone (Keras: class_id=, default none: all of them).
func (m *share[S]) ClassID(id int) S {
	m.cfg.ClassID = &id
	return m.base.self
}

func (m *share[S]) counter() counter {
	byDefault := 0.5
	if m.cfg.TopK != nil {
		byDefault = farBelow
	}
	return counter{m.KerasName(), m.thresholds(byDefault), m.cfg.TopK, m.cfg.ClassID}
}

// Validate says whether an argument is wrong.
func (m *share[S]) Validate() error {
	if err := m.check(m); err != nil {
		return err
	}
	if k := m.cfg.TopK; k != nil && (*k < 0 || *k > mostClasses) {
		return m.errorf("top_k is %d, want a number of classes", *k)
	}
	return m.base.Validate()
}

// State implements [Metric]: of each kind of counts one a threshold.
func (m *share[S]) State(_, _ []int) ([]Variable, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m.counter().state(truePositives, m.other), nil
}

// Update implements [Metric].
func (m *share[S]) Update(state []*graph.Node, b Batch) []*graph.Node {
	return m.counter().add(state, b, truePositives, m.other)
}

// Value implements [Metric]: the share, of shape (thresholds,) where there are several.
func (m *share[S]) Value(state []*graph.Node) *graph.Node {
	return one(divideNoNaN(state[0], graph.Add(state[0], state[1])))
}

// PrecisionMetric is the share of true ones in what was predicted to be 1 (Keras: keras.metrics.Precision).
type PrecisionMetric struct{ share[*PrecisionMetric] }

// Precision returns the precision with Keras's threshold of 0.5. Targets are 0 or 1, predictions probabilities of the same shape.
func Precision() *PrecisionMetric {
	m := &PrecisionMetric{}
	m.start(m, "Precision", falsePositives)
	return m
}

// RecallMetric is the share of those predicted to be 1 in the targets of 1 (Keras: keras.metrics.Recall).
type RecallMetric struct{ share[*RecallMetric] }

// Recall returns the recall with Keras's threshold of 0.5. Targets are 0 or 1, predictions probabilities of the same shape.
func Recall() *RecallMetric {
	m := &RecallMetric{}
	m.start(m, "Recall", falseNegatives)
	return m
}

func init() {
	catalogue.Add(func() Metric { return Precision() })
	catalogue.Add(func() Metric { return Recall() })
}
