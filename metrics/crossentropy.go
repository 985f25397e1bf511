package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/losses"
)

// logits is an argument of the metrics of crossentropies.
type logits[S any] struct {
	metric S
	on     *bool
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (l *logits[S]) FromLogits(on bool) S {
	*l.on = on
	return l.metric
}

// smoothing is an argument of binary and categorical crossentropy.
type smoothing[S any] struct {
	metric S
	share  *float64
}

// LabelSmoothing mixes this share of an even distribution into the targets: 0.5 where each is a yes
// or no, one over the number of classes where they are classes (Keras: label_smoothing=, default 0).
func (l *smoothing[S]) LabelSmoothing(share float64) S {
	*l.share = share
	return l.metric
}

// classAxis is an argument of categorical crossentropies and of correlations.
type classAxis[S any] struct {
	metric S
	axis   *int
}

// Axis is the axis of the classes, or of the vectors that are compared (Keras: axis=, default -1).
func (l *classAxis[S]) Axis(axis int) S {
	*l.axis = axis
	return l.metric
}

// BinaryCrossentropyMetric is the mean of the loss of that name (Keras: keras.metrics.BinaryCrossentropy, "bce").
type BinaryCrossentropyMetric struct {
	meanOf[*BinaryCrossentropyMetric]
	logits[*BinaryCrossentropyMetric]
	smoothing[*BinaryCrossentropyMetric]
	cfg struct {
		commonConfig
		FromLogits     bool    `keras:"from_logits"`
		LabelSmoothing float64 `keras:"label_smoothing"`
	}
}

// BinaryCrossentropy returns the binary crossentropy with Keras's defaults.
func BinaryCrossentropy() *BinaryCrossentropyMetric {
	m := &BinaryCrossentropyMetric{}
	c := &m.cfg
	m.logits.metric, m.logits.on = m, &c.FromLogits
	m.smoothing.metric, m.smoothing.share = m, &c.LabelSmoothing
	m.start(m, "BinaryCrossentropy", "binary_crossentropy", Down, c, &c.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.BinaryCrossentropy().Name(m.KerasName()).FromLogits(c.FromLogits).LabelSmoothing(c.LabelSmoothing).Values(yTrue, yPred)
	})
	return m
}

// CategoricalCrossentropyMetric is the mean of the loss of that name (Keras: keras.metrics.CategoricalCrossentropy).
type CategoricalCrossentropyMetric struct {
	meanOf[*CategoricalCrossentropyMetric]
	logits[*CategoricalCrossentropyMetric]
	smoothing[*CategoricalCrossentropyMetric]
	classAxis[*CategoricalCrossentropyMetric]
	cfg struct {
		commonConfig
		FromLogits     bool    `keras:"from_logits"`
		LabelSmoothing float64 `keras:"label_smoothing"`
		Axis           int     `keras:"axis" default:"-1"`
	}
}

// CategoricalCrossentropy returns the categorical crossentropy with Keras's defaults.
func CategoricalCrossentropy() *CategoricalCrossentropyMetric {
	m := &CategoricalCrossentropyMetric{}
	c := &m.cfg
	m.logits.metric, m.logits.on = m, &c.FromLogits
	m.smoothing.metric, m.smoothing.share = m, &c.LabelSmoothing
	m.classAxis.metric, m.classAxis.axis = m, &c.Axis
	m.start(m, "CategoricalCrossentropy", "categorical_crossentropy", Down, c, &c.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.CategoricalCrossentropy().Name(m.KerasName()).FromLogits(c.FromLogits).
			LabelSmoothing(c.LabelSmoothing).Axis(c.Axis).Values(yTrue, yPred)
	})
	return m
}

// SparseCategoricalCrossentropyMetric is the mean of the loss of that name
// (Keras: keras.metrics.SparseCategoricalCrossentropy).
type SparseCategoricalCrossentropyMetric struct {
	meanOf[*SparseCategoricalCrossentropyMetric]
	logits[*SparseCategoricalCrossentropyMetric]
	classAxis[*SparseCategoricalCrossentropyMetric]
	cfg struct {
		commonConfig
		FromLogits  bool `keras:"from_logits"`
		IgnoreClass *int `keras:"ignore_class"`
		Axis        int  `keras:"axis" default:"-1"`
	}
}

// SparseCategoricalCrossentropy returns the sparse categorical crossentropy with Keras's defaults.
func SparseCategoricalCrossentropy() *SparseCategoricalCrossentropyMetric {
	m := &SparseCategoricalCrossentropyMetric{}
	c := &m.cfg
	m.logits.metric, m.logits.on = m, &c.FromLogits
	m.classAxis.metric, m.classAxis.axis = m, &c.Axis
	m.start(m, "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", Down, c, &c.commonConfig, nil)
	m.values = func(yTrue, yPred *graph.Node) (values, mask *graph.Node) {
		loss := losses.SparseCategoricalCrossentropy().Name(m.KerasName()).FromLogits(c.FromLogits).Axis(c.Axis)
		if c.IgnoreClass != nil {
			loss.IgnoreClass(*c.IgnoreClass)
		}
		return loss.Values(yTrue, yPred), loss.Mask(yTrue, yPred)
	}
	return m
}

// IgnoreClass counts targets of this class as a loss of 0 (Keras:
// ignore_class=, default none). They still count as samples, unless there are
// sample weights: that is how Keras does it.
func (m *SparseCategoricalCrossentropyMetric) IgnoreClass(class int) *SparseCategoricalCrossentropyMetric {
	m.cfg.IgnoreClass = &class
	return m
}

func init() {
	catalogue.Add(func() Metric { return BinaryCrossentropy() }, "bce", "BCE")
	catalogue.Add(func() Metric { return CategoricalCrossentropy() })
	catalogue.Add(func() Metric { return SparseCategoricalCrossentropy() })
}
