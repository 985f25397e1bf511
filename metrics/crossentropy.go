package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/losses"
)

type binaryCrossentropyConfig struct {
	Name string `keras:"name" default:"binary_crossentropy"`
	dtypeConfig
	FromLogits     bool    `keras:"from_logits"`
	LabelSmoothing float64 `keras:"label_smoothing"`
}

// BinaryCrossentropyMetric is the mean of the loss of that name (Keras: keras.metrics.BinaryCrossentropy, "bce").
type BinaryCrossentropyMetric struct {
	meanOf[*BinaryCrossentropyMetric]
	cfg binaryCrossentropyConfig
}

// BinaryCrossentropy returns the binary crossentropy with Keras's defaults.
func BinaryCrossentropy() *BinaryCrossentropyMetric {
	m := &BinaryCrossentropyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.BinaryCrossentropy().Name(m.cfg.Name).FromLogits(m.cfg.FromLogits).LabelSmoothing(m.cfg.LabelSmoothing).Values(yTrue, yPred)
	})
	return m
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (m *BinaryCrossentropyMetric) FromLogits(on bool) *BinaryCrossentropyMetric {
	m.cfg.FromLogits = on
	return m
}

// LabelSmoothing moves targets towards 0.5 by this share (Keras: label_smoothing=, default 0).
func (m *BinaryCrossentropyMetric) LabelSmoothing(share float64) *BinaryCrossentropyMetric {
	m.cfg.LabelSmoothing = share
	return m
}

// KerasClass implements [Metric].
func (m *BinaryCrossentropyMetric) KerasClass() config.Class { return class("BinaryCrossentropy") }

// KerasConfig implements [Metric].
func (m *BinaryCrossentropyMetric) KerasConfig() any { return &m.cfg }

type categoricalCrossentropyConfig struct {
	Name string `keras:"name" default:"categorical_crossentropy"`
	dtypeConfig
	FromLogits     bool    `keras:"from_logits"`
	LabelSmoothing float64 `keras:"label_smoothing"`
	Axis           int     `keras:"axis" default:"-1"`
}

// CategoricalCrossentropyMetric is the mean of the loss of that name (Keras: keras.metrics.CategoricalCrossentropy).
type CategoricalCrossentropyMetric struct {
	meanOf[*CategoricalCrossentropyMetric]
	cfg categoricalCrossentropyConfig
}

// CategoricalCrossentropy returns the categorical crossentropy with Keras's defaults.
func CategoricalCrossentropy() *CategoricalCrossentropyMetric {
	m := &CategoricalCrossentropyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Down, func(yTrue, yPred *graph.Node) *graph.Node {
		return losses.CategoricalCrossentropy().Name(m.cfg.Name).FromLogits(m.cfg.FromLogits).
			LabelSmoothing(m.cfg.LabelSmoothing).Axis(m.cfg.Axis).Values(yTrue, yPred)
	})
	return m
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (m *CategoricalCrossentropyMetric) FromLogits(on bool) *CategoricalCrossentropyMetric {
	m.cfg.FromLogits = on
	return m
}

// LabelSmoothing spreads this share of the targets over all classes (Keras: label_smoothing=, default 0).
func (m *CategoricalCrossentropyMetric) LabelSmoothing(share float64) *CategoricalCrossentropyMetric {
	m.cfg.LabelSmoothing = share
	return m
}

// Axis is the axis of the classes (Keras: axis=, default -1).
func (m *CategoricalCrossentropyMetric) Axis(axis int) *CategoricalCrossentropyMetric {
	m.cfg.Axis = axis
	return m
}

// KerasClass implements [Metric].
func (m *CategoricalCrossentropyMetric) KerasClass() config.Class {
	return class("CategoricalCrossentropy")
}

// KerasConfig implements [Metric].
func (m *CategoricalCrossentropyMetric) KerasConfig() any { return &m.cfg }

type sparseCategoricalCrossentropyConfig struct {
	Name string `keras:"name" default:"sparse_categorical_crossentropy"`
	dtypeConfig
	FromLogits  bool `keras:"from_logits"`
	IgnoreClass *int `keras:"ignore_class"`
	Axis        int  `keras:"axis" default:"-1"`
}

// SparseCategoricalCrossentropyMetric is the mean of the loss of that name
// (Keras: keras.metrics.SparseCategoricalCrossentropy).
type SparseCategoricalCrossentropyMetric struct {
	meanOf[*SparseCategoricalCrossentropyMetric]
	cfg sparseCategoricalCrossentropyConfig
}

// SparseCategoricalCrossentropy returns the sparse categorical crossentropy with Keras's defaults.
func SparseCategoricalCrossentropy() *SparseCategoricalCrossentropyMetric {
	m := &SparseCategoricalCrossentropyMetric{}
	m.start(m, &m.cfg, &m.cfg.Name, Down, nil)
	m.values = func(yTrue, yPred *graph.Node) (values, mask *graph.Node) {
		loss := losses.SparseCategoricalCrossentropy().Name(m.cfg.Name).FromLogits(m.cfg.FromLogits).Axis(m.cfg.Axis)
		if m.cfg.IgnoreClass != nil {
			loss.IgnoreClass(*m.cfg.IgnoreClass)
		}
		return loss.Values(yTrue, yPred), loss.Mask(yTrue, yPred)
	}
	return m
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (m *SparseCategoricalCrossentropyMetric) FromLogits(on bool) *SparseCategoricalCrossentropyMetric {
	m.cfg.FromLogits = on
	return m
}

// IgnoreClass counts targets of this class as a loss of 0 (Keras:
// ignore_class=, default none). They still count as samples, unless there are
// sample weights: that is how Keras does it.
func (m *SparseCategoricalCrossentropyMetric) IgnoreClass(class int) *SparseCategoricalCrossentropyMetric {
	m.cfg.IgnoreClass = &class
	return m
}

// Axis is the axis of the classes (Keras: axis=, default -1).
func (m *SparseCategoricalCrossentropyMetric) Axis(axis int) *SparseCategoricalCrossentropyMetric {
	m.cfg.Axis = axis
	return m
}

// KerasClass implements [Metric].
func (m *SparseCategoricalCrossentropyMetric) KerasClass() config.Class {
	return class("SparseCategoricalCrossentropy")
}

// KerasConfig implements [Metric].
func (m *SparseCategoricalCrossentropyMetric) KerasConfig() any { return &m.cfg }

func init() {
	catalogue.Add(func() Metric { return BinaryCrossentropy() }, "bce", "BCE")
	catalogue.Add(func() Metric { return CategoricalCrossentropy() })
	catalogue.Add(func() Metric { return SparseCategoricalCrossentropy() })
}
