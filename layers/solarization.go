package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// SolarizationLayer is Keras's Solarization: in training it inverts what is bright.
type SolarizationLayer struct {
	augmentation[*SolarizationLayer]
	cfg solarizationConfig
}

type solarizationConfig struct {
	symbolic.LayerConfig
	AdditionFactor  unitUpTo `keras:"addition_factor" default:"0.0"`
	ThresholdFactor unitUpTo `keras:"threshold_factor" default:"0.0"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Solarization() }) }

// Solarization returns a layer that in training adds a number to each image and inverts the values from a threshold on (Keras: Solarization());
// see AdditionFactor and ThresholdFactor, parts of 255, both 0 by default. Otherwise it returns its inputs.
func Solarization() *SolarizationLayer {
	l := &SolarizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *solarizationConfig) Validate() error {
	c.sorted()
	return c.imageConfig.check()
}

func (l *SolarizationLayer) draw(d draws, dims []int) transformation {
	one := func(b bounds) *graph.Node { return toCompute(d.c, d.one(bounds{b.lower, b.upper * 255}, dims)) }
	return transformation{"additions": one(l.cfg.AdditionFactor.bounds), "thresholds": one(l.cfg.ThresholdFactor.bounds)}
}

func (l *SolarizationLayer) transform(_ *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	bytes := span{0, 255}
	x = l.cfg.ValueRange.to(bytes, x)
	y := bytes.clipped(graph.Add(x, across(t["additions"], x)))
	y = graph.Where(graph.LessThan(y, across(t["thresholds"], y)), y, graph.AddScalar(graph.Neg(y), 255))
	return bytes.to(l.cfg.ValueRange, y)
}
