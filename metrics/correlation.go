package metrics

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// correlation is what the two correlations share.
type correlation[S Metric] struct {
	meanOf[S]
	classAxis[S]
	cfg struct {
		commonConfig
		Axis int `keras:"axis" default:"-1"`
	}
}

// of connects the metric; between gives the correlation from what targets and predictions are off their means, and the means themselves,
// whose axis is kept with size 1.
func (m *correlation[S]) of(self S, class, name string, between func(y, p, yOff, pOff, yMean, pMean *graph.Node, mean func(*graph.Node) *graph.Node) *graph.Node) {
	m.classAxis.metric, m.classAxis.axis = self, &m.cfg.Axis
	m.start(self, class, name, Up, &m.cfg, &m.cfg.commonConfig, func(yTrue, yPred *graph.Node) *graph.Node {
		y, p := align.SameRank(asFloat(yTrue), asFloat(yPred))
		y, p = broadcast(m.KerasName(), "targets", y, "predictions", p)
		axis := m.cfg.Axis
		if axis < -p.Rank() || axis >= p.Rank() {
			panic(m.errorf("axis %d, want one of the %d axes of predictions of shape %s", axis, p.Rank(), align.Of(p)))
		}
		mean := func(x *graph.Node) *graph.Node { return graph.ReduceAndKeep(x, graph.ReduceMean, axis) }
		yMean, pMean := mean(y), mean(p)
		return graph.Squeeze(between(y, p, graph.Sub(y, yMean), graph.Sub(p, pMean), yMean, pMean, mean), axis)
	})
}

// variance is the mean of what squares are off the square of the mean, taken of numbers whose mean is about 0.
func variance(off *graph.Node, mean func(*graph.Node) *graph.Node) *graph.Node {
	return mean(graph.Square(graph.Sub(off, mean(off))))
}

// PearsonCorrelationMetric is the mean of Pearson's correlation of each sample's targets and predictions: 1 where they lie on a rising line,
// -1 on a falling one, not a number where either don't vary (Keras: keras.metrics.PearsonCorrelation).
type PearsonCorrelationMetric struct {
	correlation[*PearsonCorrelationMetric]
}

// PearsonCorrelation returns Pearson's correlation along the last axis.
func PearsonCorrelation() *PearsonCorrelationMetric {
	m := &PearsonCorrelationMetric{}
	m.of(m, "PearsonCorrelation", "pearson_correlation", func(_, _, yOff, pOff, _, _ *graph.Node, mean func(*graph.Node) *graph.Node) *graph.Node {
		y := graph.Div(yOff, graph.Sqrt(variance(yOff, mean)))
		p := graph.Div(pOff, graph.Sqrt(variance(pOff, mean)))
		return mean(graph.Mul(y, p))
	})
	return m
}

// ConcordanceCorrelationMetric is the mean of the concordance correlation of each sample's targets and predictions: 1 where they are equal
// (Keras: keras.metrics.ConcordanceCorrelation).
type ConcordanceCorrelationMetric struct {
	correlation[*ConcordanceCorrelationMetric]
}

// ConcordanceCorrelation returns the concordance correlation along the last axis.
func ConcordanceCorrelation() *ConcordanceCorrelationMetric {
	m := &ConcordanceCorrelationMetric{}
	m.of(m, "ConcordanceCorrelation", "concordance_correlation", func(y, p, yOff, pOff, yMean, pMean *graph.Node, mean func(*graph.Node) *graph.Node) *graph.Node {
		// Keras takes the targets off the predictions' mean, which gives the same as their own.
		covariance := graph.Mul(graph.Sub(y, pMean), pOff)
		norm := graph.Add(graph.Add(variance(yOff, mean), variance(pOff, mean)), graph.Square(graph.Sub(yMean, pMean)))
		return mean(graph.Div(graph.MulScalar(covariance, 2), graph.AddScalar(norm, epsilon)))
	})
	return m
}

func init() {
	catalogue.Add(func() Metric { return PearsonCorrelation() })
	catalogue.Add(func() Metric { return ConcordanceCorrelation() })
}
