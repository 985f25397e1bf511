package metrics

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

// UpdateMean returns the sum of weighted values and of weights after adding
// one batch (Keras: keras.metrics.Mean.update_state). values is a scalar or
// has the batch as its first axis; sampleWeight may be nil, a scalar, or of the
// shape of values up to some axis, over whose rest values are averaged. It
// panics with an error where shapes don't fit.
//
// The running mean of a loss over batches of any size is UpdateMean(total,
// count, loss, batch size): a scalar weighted by a scalar.
func UpdateMean(total, count, values, sampleWeight *graph.Node) (newTotal, newCount *graph.Node) {
	return updateMean("mean", total, count, values, nil, sampleWeight)
}

// MeanResult returns total/count, and 0 before any value (Keras: keras.metrics.Mean.result).
func MeanResult(total, count *graph.Node) *graph.Node {
	isZero := graph.IsZero(count)
	return graph.Where(isZero, graph.ZerosLike(total), graph.Div(total, graph.Where(isZero, graph.OnesLike(count), count)))
}

// updateMean is UpdateMean for the metric called name. The mask, which may be
// nil, counts only where there are weights, as in Keras.
func updateMean(name string, total, count, values, mask, weight *graph.Node) (newTotal, newCount *graph.Node) {
	values = asFloat(values)
	if weight == nil {
		values = meanFrom(values, 1)
		n := 1
		if values.Rank() > 0 {
			n = values.Shape().Dim(0)
		}
		return graph.Add(total, graph.ReduceAllSum(values)), graph.AddScalar(count, n)
	}
	weight = asFloat(weight)
	if mask != nil {
		m, w := align.SameRank(asFloat(mask), weight)
		weight = graph.Mul(broadcast(name, "mask", m, "sample weights", w))
	}
	values, weight = align.SameRank(values, weight)
	rank := weight.Rank()
	values = meanFrom(values, rank)
	if !align.Broadcasts(values.Shape().Dimensions, weight.Shape().Dimensions) || rank > values.Rank() {
		panic(fmt.Errorf("metric %s: sample weights of shape %s don't fit values of shape %s", name, align.Of(weight), align.Of(values)))
	}
	if rank > 0 && !weight.Shape().EqualDimensions(values.Shape()) {
		_, weight = align.Broadcast("values", values, "sample weights", weight)
		weight = graph.BroadcastToDims(weight, values.Shape().Dimensions...)
	}
	values = meanFrom(graph.Mul(values, weight), 1)
	if rank > 1 {
		weight = meanFrom(weight, 1)
	}
	return graph.Add(total, graph.ReduceAllSum(values)), graph.Add(count, graph.ReduceAllSum(weight))
}

// meanFrom averages over the axes from the given one on.
func meanFrom(x *graph.Node, axis int) *graph.Node {
	var axes []int
	for i := axis; i < x.Rank(); i++ {
		axes = append(axes, i)
	}
	if len(axes) == 0 {
		return x
	}
	return graph.ReduceMean(x, axes...)
}

func asFloat(x *graph.Node) *graph.Node { return as(x, dtypes.Float32) }

func as(x *graph.Node, dtype dtypes.DType) *graph.Node {
	if x.DType() == dtype {
		return x
	}
	return graph.ConvertDType(x, dtype)
}

func broadcast(metric, whatA string, a *graph.Node, whatB string, b *graph.Node) (*graph.Node, *graph.Node) {
	if !align.Broadcasts(a.Shape().Dimensions, b.Shape().Dimensions) {
		panic(fmt.Errorf("metric %s: %s of shape %s don't fit %s of shape %s", metric, whatA, align.Of(a), whatB, align.Of(b)))
	}
	return align.Broadcast(whatA, a, whatB, b)
}

// dtypeConfig is the argument that every metric has. Keras's JAX accumulates in
// float32 unless told otherwise; this package always does, and keeps the argument for files.
type dtypeConfig struct {
	DType string `keras:"dtype" default:"float32"`
}

// meanOf is the metric that averages values over samples (Keras:
// MeanMetricWrapper), once for all metrics of this package: its setter returns
// S, the concrete metric, so that a chain goes on.
type meanOf[S any] struct {
	self      S
	name      *string
	direction Direction
	values    func(yTrue, yPred *graph.Node) (values, mask *graph.Node)
}

// start connects the metric with its configuration.
func (m *meanOf[S]) start(self S, cfg any, name *string, direction Direction, values func(yTrue, yPred *graph.Node) *graph.Node) {
	config.SetDefaults(cfg)
	*m = meanOf[S]{self, name, direction, func(yTrue, yPred *graph.Node) (*graph.Node, *graph.Node) { return values(yTrue, yPred), nil }}
}

// Name sets the metric's name, its key in logs (Keras: name=).
func (m *meanOf[S]) Name(name string) S {
	*m.name = name
	return m.self
}

// KerasName implements [Metric].
func (m *meanOf[S]) KerasName() string { return *m.name }

func (m *meanOf[S]) rename(name string) { *m.name = name }

// Direction implements [Directed].
func (m *meanOf[S]) Direction() Direction { return m.direction }

// State implements [Metric].
func (m *meanOf[S]) State() []Variable { return []Variable{{Name: "total"}, {Name: "count"}} }

// Update implements [Metric].
func (m *meanOf[S]) Update(state []*graph.Node, yTrue, yPred, sampleWeight *graph.Node) []*graph.Node {
	if len(state) != 2 {
		panic(fmt.Errorf("metric %s: got %d state variables, want total and count", *m.name, len(state)))
	}
	values, mask := m.values(yTrue, yPred)
	total, count := updateMean(*m.name, state[0], state[1], values, mask, sampleWeight)
	return []*graph.Node{total, count}
}

// Result implements [Metric].
func (m *meanOf[S]) Result(state []*graph.Node) *graph.Node { return MeanResult(state[0], state[1]) }

func class(name string) config.Class { return config.Class{Module: "keras.metrics", Name: name} }
