package metrics

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/losses"
)

// FuncMetric is the mean of the values of a plain function (Keras: a function given to compile, keras.metrics.MeanMetricWrapper).
type FuncMetric struct {
	meanOf[*FuncMetric]
	cfg struct {
		commonConfig
		Function config.Function `keras:"fn"`
	}
	given func(yTrue, yPred *graph.Node) *graph.Node
}

// Func returns the metric that averages what a function computes: a value a sample, or several, whose first axis is the batch.
// Logs and files know it by the name; a name of the form "package>name" is Python's name of a registered function. To load
// such files, call [RegisterFunc] too.
func Func(name string, values func(yTrue, yPred *graph.Node) *graph.Node) *FuncMetric {
	m := &FuncMetric{given: values}
	m.start(m, "MeanMetricWrapper", config.Function(name).Short(), "", &m.cfg, &m.cfg.commonConfig, nil)
	m.cfg.Function = config.Function(name)
	m.values = func(yTrue, yPred *graph.Node) (_, mask *graph.Node) {
		values, err := m.function()
		if err != nil {
			panic(m.errorf("%w", err))
		}
		return values(yTrue, yPred)
	}
	return m
}

// RegisterFunc makes a function known to [Get] and to files under its name.
func RegisterFunc(name string, values func(yTrue, yPred *graph.Node) *graph.Node) {
	catalogue.AddFunction(config.Function(name), func() Metric { return Func(name, values) })
}

// function is the one given to Func, or for a metric of a file the one that was registered.
func (m *FuncMetric) function() (func(yTrue, yPred *graph.Node) (values, mask *graph.Node), error) {
	if m.given != nil {
		return func(yTrue, yPred *graph.Node) (_, _ *graph.Node) { return m.given(yTrue, yPred), nil }, nil
	}
	known, err := catalogue.New(string(m.cfg.Function))
	if err != nil {
		return nil, err
	}
	if f, ok := known.(*FuncMetric); ok && f.given == nil {
		return nil, fmt.Errorf("there is no function: give Func one")
	}
	mean, ok := known.(interface {
		sampleValues() func(yTrue, yPred *graph.Node) (values, mask *graph.Node)
	})
	if !ok {
		return nil, fmt.Errorf("%q doesn't average values: use %s itself", m.cfg.Function, known.KerasClass().Name)
	}
	return mean.sampleValues(), nil
}

// Direction implements [Directed]: the values of Keras's losses are the better the smaller they are; of others it isn't known.
func (m *FuncMetric) Direction() Direction {
	loss, err := losses.Get(string(m.cfg.Function))
	if _, ofUser := loss.(*losses.FuncLoss); err != nil || ofUser || loss.KerasClass().Registered != "" {
		return ""
	}
	return Down
}

// Validate says whether an argument is wrong or the function is missing.
func (m *FuncMetric) Validate() error {
	if _, err := m.function(); err != nil {
		return m.errorf("%w", err)
	}
	return m.meanOf.Validate()
}

// rename leaves a registered name to files: logs have the function's own.
func (m *FuncMetric) rename(name string) { m.meanOf.rename(config.Function(name).Short()) }

func init() {
	catalogue.AddIncomplete(func() Metric { return Func("", nil) })
}
