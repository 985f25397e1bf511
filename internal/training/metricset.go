package training

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/symbolic"
)

// metricSet is what a compiled model reports: the running mean of the loss, of
// each output's loss where several outputs have one, and the metrics.
type metricSet struct {
	losses  []losses.Loss      // per output, nil for none
	targets []int              // the output of each target
	total   []*symbolic.Weight // accumulator of the loss: total and count
	outputs []outputLoss       // the outputs' losses, empty for one loss
	entries []metricEntry
	names   []string                // of the results, in the order in which logs show them
	shapes  atomic.Pointer[[][]int] // of the results, known when the first step is built
}

// outputLoss is the running mean of one output's loss.
type outputLoss struct {
	loss int // among the outputs that have one
	vars []*symbolic.Weight
}

type metricEntry struct {
	metric   metrics.Metric
	target   int
	weighted bool
	vars     []*symbolic.Weight
}

// targetOutputs lists the outputs that have a loss or a metric and so want a target.
func (t *trainer) targetOutputs(m *Session) []int {
	var list []int
	for i := range m.Outputs() {
		if t.losses[i] != nil || len(t.metrics[i]) > 0 || len(t.weighted[i]) > 0 {
			list = append(list, i)
		}
	}
	return list
}

func (t *trainer) targetNames(m *Session) []string {
	all := m.OutputNames()
	names := make([]string, 0, len(all))
	for _, i := range t.targetOutputs(m) {
		names = append(names, all[i])
	}
	return names
}

// resolve decides, from the shapes of the first targets seen, what "accuracy" and "crossentropy" mean.
func (t *trainer) resolve(m *Session, y []symbolic.Shape) error {
	if t.resolved != nil {
		return nil
	}
	set := &metricSet{losses: make([]losses.Loss, len(m.Outputs())), targets: t.targetOutputs(m), names: []string{"loss"}}
	set.total = meanState("loss")
	names, lossNames := m.OutputNames(), m.lossNames()
	withLoss := 0
	for _, l := range t.losses {
		if l != nil {
			withLoss++
		}
	}
	count := 0
	for k, i := range set.targets {
		if t.losses[i] == nil {
			continue
		}
		var err error
		if set.losses[i], err = losses.Resolve(t.givenLoss[i], y[k], m.Outputs()[i].Shape()); err != nil {
			return fmt.Errorf("output %q: %w", names[i], err)
		}
		name := lossNames[i] + "_loss"
		switch at := slices.Index(set.names, name); {
		case withLoss == 1:
		case at > 0: // of outputs of one name, the last is reported
			set.outputs[at-1].loss = count
		default:
			set.outputs = append(set.outputs, outputLoss{count, meanState(name)})
			set.names = append(set.names, name)
		}
		count++
	}
	taken := map[string]int{}
	for _, specs := range []struct {
		perOutput [][]metricSpec
		weighted  bool
	}{{t.metrics, false}, {t.weighted, true}} {
		for k, i := range set.targets {
			for _, spec := range specs.perOutput[i] {
				metric, err := metrics.Resolve(spec.given, y[k], m.Outputs()[i].Shape())
				if err != nil {
					return fmt.Errorf("output %q: %w", names[i], err)
				}
				if err := config.Validate(metric); err != nil {
					return fmt.Errorf("output %q: metric %q: %w", names[i], metric.KerasName(), err)
				}
				e := metricEntry{metric: metric, target: k, weighted: specs.weighted}
				state, err := metric.State(y[k], m.Outputs()[i].Shape())
				if err != nil {
					return fmt.Errorf("output %q: %w", names[i], err)
				}
				for _, v := range state {
					e.vars = append(e.vars, symbolic.NewVariable(v.Name, metric.KerasName()+"/"+v.Name, v.Type(), v.Shape, v.Initial))
				}
				set.entries = append(set.entries, e)
				set.names = append(set.names, logName(taken, metric.KerasName(), names[i], len(m.Outputs()) > 1, specs.weighted))
			}
		}
	}
	t.resolved = set
	return nil
}

// logName is the key of a metric in logs by Keras's rules: prefixed with the
// output's name if there are several, and kept apart from an equal one by a
// number, for weighted metrics by "weighted_" first.
func logName(taken map[string]int, metric, output string, several, weighted bool) string {
	prefix := ""
	if several {
		prefix = output + "_"
	}
	name := prefix + metric
	if taken[name] > 0 && weighted {
		name = prefix + "weighted_" + metric
	}
	taken[name]++
	if n := taken[name]; n > 1 {
		return fmt.Sprintf("%s_%d", name, n-1)
	}
	return name
}

func meanState(name string) []*symbolic.Weight {
	return []*symbolic.Weight{
		symbolic.NewVariable("total", name+"/total", dtypes.Float32, nil, 0),
		symbolic.NewVariable("count", name+"/count", dtypes.Float32, nil, 0),
	}
}

// MetricDirection tells callbacks whether more or less of a metric is better
// (Keras: Metric._direction), for mode "auto".
func (m *Session) MetricDirection(name string) (callbacks.Mode, bool) {
	if m.training == nil {
		return "", false
	}
	for _, perOutput := range [][][]metricSpec{m.training.metrics, m.training.weighted} {
		for i, output := range m.OutputNames() {
			for _, spec := range perOutput[i] {
				metric, ok := spec.given.(metrics.Metric)
				if !ok || (name != metric.KerasName() && name != output+"_"+metric.KerasName()) {
					continue
				}
				if d, ok := metric.(metrics.Directed); ok {
					if d.Direction() == metrics.Up {
						return callbacks.Max, true
					}
					return callbacks.Min, true
				}
			}
		}
	}
	return "", false
}

// variables lists all accumulators.
func (s *metricSet) variables() []*symbolic.Weight {
	list := append([]*symbolic.Weight{}, s.total...)
	for _, o := range s.outputs {
		list = append(list, o.vars...)
	}
	for _, e := range s.entries {
		list = append(list, e.vars...)
	}
	return list
}

// loss builds the total loss of one batch and the outputs' own losses.
func (s *metricSet) loss(t *trainer, b *graphBatch, outputs []*symbolic.Value, penalties *graph.Node) (total *graph.Node, each []*graph.Node) {
	for k, i := range s.targets {
		if s.losses[i] == nil {
			continue
		}
		var value *graph.Node
		catch.Named("loss "+s.losses[i].KerasName(), func() {
			value = ndarray.Cast(losses.Compute(s.losses[i], b.y[k], toFloat32(outputs[i].Node), b.weight(k), outputs[i].Mask), dtypes.Float32)
		})
		each = append(each, value)
		if t.weights != nil {
			value = graph.MulScalar(value, t.weights[i])
		}
		if total == nil {
			total = value
		} else {
			total = graph.Add(total, value)
		}
	}
	if penalties != nil {
		if total == nil {
			return penalties, each
		}
		if !total.IsScalar() {
			panic(fmt.Errorf("a loss without a reduction, of shape %s, and the penalties of layers can't be summed up: give the loss a reduction", symbolic.Shape(total.Shape().Dimensions)))
		}
		total = graph.Add(total, penalties)
	}
	if total == nil {
		panic(fmt.Errorf("there is nothing to minimise: no output has a loss and no layer adds one"))
	}
	return total, each
}

// update builds the accumulators after the batch and the results that logs show, as one vector.
func (s *metricSet) update(p *symbolic.Pass, b *graphBatch, outputs []*symbolic.Value, total *graph.Node, each []*graph.Node) *graph.Node {
	now := map[*symbolic.Weight]*graph.Node{}
	for _, v := range s.variables() {
		now[v] = p.Initial(v)
	}
	mean := func(vars []*symbolic.Weight, value *graph.Node) {
		rows := float64(b.rows())
		if !value.IsScalar() { // a loss without a reduction
			value = graph.ReduceAllMean(value)
		}
		now[vars[0]] = graph.Add(now[vars[0]], graph.MulScalar(graph.StopGradient(value), rows))
		now[vars[1]] = graph.AddScalar(now[vars[1]], rows)
	}
	mean(s.total, total)
	for _, o := range s.outputs {
		mean(o.vars, each[o.loss])
	}
	for _, e := range s.entries {
		i := s.targets[e.target]
		batch := metrics.Batch{YTrue: b.y[e.target], YPred: toFloat32(outputs[i].Node), Mask: outputs[i].Mask}
		if e.weighted {
			batch.SampleWeight = b.weight(e.target)
		}
		if steps := outputs[i].Steps; steps != nil {
			batch.SampleWeight = weightOfSteps(batch.YPred, steps, batch.SampleWeight)
		}
		catch.Named("metric "+e.metric.KerasName(), func() {
			for k, next := range e.metric.Update(nodesOf(now, e.vars), batch) {
				now[e.vars[k]] = next
			}
		})
	}
	for _, v := range s.variables() {
		p.Update(v, now[v])
	}
	return s.results(now)
}

// results builds the vector of what logs show from the accumulators, and notes the shapes of its parts.
func (s *metricSet) results(values map[*symbolic.Weight]*graph.Node) *graph.Node {
	var parts [][]int
	var flat []*graph.Node
	add := func(x *graph.Node) {
		parts = append(parts, x.Shape().Dimensions)
		flat = append(flat, graph.Reshape(ndarray.Cast(x, dtypes.Float32), x.Shape().Size()))
	}
	mean := func(vars []*symbolic.Weight) { add(graph.Div(values[vars[0]], values[vars[1]])) }
	mean(s.total)
	for _, o := range s.outputs {
		mean(o.vars)
	}
	for _, e := range s.entries {
		catch.Named("metric "+e.metric.KerasName(), func() { add(e.metric.Value(nodesOf(values, e.vars))) })
	}
	s.shapes.Store(&parts)
	return graph.Concatenate(flat, 0)
}

// size is the length of the vector of results.
func (s *metricSet) size(engine compute.Backend) int {
	g := graph.NewGraph(engine, "results")
	defer g.Finalize()
	values := map[*symbolic.Weight]*graph.Node{}
	for i, v := range s.variables() {
		values[v] = graph.Parameter(g, fmt.Sprintf("var%d", i), shapes.Make(v.Spec().DType, v.Spec().Shape...))
	}
	return s.results(values).Shape().Size()
}

func nodesOf(values map[*symbolic.Weight]*graph.Node, vars []*symbolic.Weight) []*graph.Node {
	nodes := make([]*graph.Node, len(vars))
	for i, v := range vars {
		nodes[i] = values[v]
	}
	return nodes
}

// toFloat32 lifts predictions in a half type, as Keras computes losses and metrics in float32.
func toFloat32(x *graph.Node) *graph.Node {
	if x.DType().IsHalfPrecision() {
		return graph.ConvertDType(x, dtypes.Float32)
	}
	return x
}
