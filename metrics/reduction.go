package metrics

import "github.com/gomlx/gomlx/core/graph"

// MeanMetric is the mean of values that aren't compared with targets, such as losses (Keras: keras.metrics.Mean). Within a
// graph, the values are the batch's YPred.
type MeanMetric struct{ plain[*MeanMetric] }

// Mean returns the mean of the values given to [MeanMetric.UpdateState].
func Mean() *MeanMetric {
	m := &MeanMetric{}
	m.start(m, "Mean", "mean", "", func(_, values *graph.Node) *graph.Node { return values })
	m.noTargets = true
	return m
}

// UpdateState adds values (Keras: update_state): a number, or Go slices, arrays or a GoMLX tensor of them. sampleWeight is nil or as for
// [Accumulator.UpdateState].
func (m *MeanMetric) UpdateState(values, sampleWeight any) error {
	return m.add(nil, values, sampleWeight)
}

// SumMetric is the sum of values (Keras: keras.metrics.Sum). Within a graph, the values are the batch's YPred.
type SumMetric struct {
	base[*SumMetric]
	cfg commonConfig
}

// Sum returns the sum of the values given to [SumMetric.UpdateState].
func Sum() *SumMetric {
	m := &SumMetric{}
	m.start(m, "Sum", "sum", "", &m.cfg, &m.cfg)
	m.noTargets = true
	return m
}

// UpdateState adds values (Keras: update_state): a number, or Go slices, arrays or a GoMLX tensor of them. sampleWeight is nil or as for
// [Accumulator.UpdateState].
func (m *SumMetric) UpdateState(values, sampleWeight any) error {
	return m.add(nil, values, sampleWeight)
}

// State implements [Metric].
func (m *SumMetric) State(_, _ []int) ([]Variable, error) {
	return []Variable{{Name: "total", DType: m.dtype()}}, nil
}

// Update implements [Metric].
func (m *SumMetric) Update(state []*graph.Node, b Batch) []*graph.Node {
	values, _ := sampleWise(m.KerasName(), graph.ReduceSum, as(b.YPred, m.dtype()), nil, b.SampleWeight)
	return []*graph.Node{graph.Add(state[0], graph.ReduceAllSum(values))}
}

// Value implements [Metric].
func (m *SumMetric) Value(state []*graph.Node) *graph.Node { return state[0] }

func init() {
	catalogue.AddIncomplete(func() Metric { return Mean() })
	catalogue.AddIncomplete(func() Metric { return Sum() })
}
