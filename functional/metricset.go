package functional

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
)

// metricSet is what a compiled model reports: the running mean of the loss, of
// each output's loss where several outputs have one, and the metrics.
type metricSet struct {
	losses  []losses.Loss // per output, nil for none
	targets []int         // the output of each target
	total   []*Weight     // accumulator of the loss: total and count
	outputs []outputLoss  // the outputs' losses, empty for one loss
	entries []metricEntry
	names   []string // of the results, in the order in which logs show them
}

// outputLoss is the running mean of one output's loss.
type outputLoss struct {
	loss int // among the outputs that have one
	vars []*Weight
}

type metricEntry struct {
	metric   metrics.Metric
	target   int
	weighted bool
	vars     []*Weight
}

// targetOutputs lists the outputs that have a loss or a metric and so want a target.
func (t *trainer) targetOutputs(m *Model) []int {
	var list []int
	for i := range m.outputs {
		if t.losses[i] != nil || len(t.metrics[i]) > 0 || len(t.weighted[i]) > 0 {
			list = append(list, i)
		}
	}
	return list
}

func (t *trainer) targetNames(m *Model) []string {
	all := m.OutputNames()
	names := make([]string, 0, len(all))
	for _, i := range t.targetOutputs(m) {
		names = append(names, all[i])
	}
	return names
}

// resolve decides, from the shapes of the first targets seen, what "accuracy" and "crossentropy" mean.
func (t *trainer) resolve(m *Model, y []Shape) error {
	if t.resolved != nil {
		return nil
	}
	set := &metricSet{losses: make([]losses.Loss, len(m.outputs)), targets: t.targetOutputs(m), names: []string{"loss"}}
	set.total = meanState("loss")
	names := m.OutputNames()
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
		if set.losses[i], err = losses.Resolve(t.givenLoss[i], y[k], m.outputs[i].shape); err != nil {
			return fmt.Errorf("output %q: %w", names[i], err)
		}
		name := names[i] + "_loss"
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
				metric, err := metrics.Resolve(spec.given, y[k], m.outputs[i].shape)
				if err != nil {
					return fmt.Errorf("output %q: %w", names[i], err)
				}
				if err := validate(metric); err != nil {
					return fmt.Errorf("output %q: metric %q: %w", names[i], metric.KerasName(), err)
				}
				e := metricEntry{metric: metric, target: k, weighted: specs.weighted}
				for _, v := range metric.State() {
					e.vars = append(e.vars, newVariable(v.Name, metric.KerasName()+"/"+v.Name, dtypes.Float32, v.Shape, 0))
				}
				set.entries = append(set.entries, e)
				set.names = append(set.names, logName(taken, metric.KerasName(), names[i], len(m.outputs) > 1, specs.weighted))
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

func meanState(name string) []*Weight {
	return []*Weight{
		newVariable("total", name+"/total", dtypes.Float32, nil, 0),
		newVariable("count", name+"/count", dtypes.Float32, nil, 0),
	}
}

// MetricDirection tells callbacks whether more or less of a metric is better
// (Keras: Metric._direction), for mode "auto".
func (m *Model) MetricDirection(name string) (callbacks.Mode, bool) {
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
func (s *metricSet) variables() []*Weight {
	list := append([]*Weight{}, s.total...)
	for _, o := range s.outputs {
		list = append(list, o.vars...)
	}
	for _, e := range s.entries {
		list = append(list, e.vars...)
	}
	return list
}

// reset starts the accumulators over (Keras: reset_metrics).
func (s *metricSet) reset() error {
	for _, v := range s.variables() {
		zero, err := filled(v.spec.DType, v.spec.Shape, 0)
		if err != nil {
			return err
		}
		v.replace(zero)
	}
	return nil
}

// loss builds the total loss of one batch and the outputs' own losses.
func (s *metricSet) loss(t *trainer, b *graphBatch, outputs []*graph.Node, penalties *graph.Node) (total *graph.Node, each []*graph.Node) {
	for k, i := range s.targets {
		if s.losses[i] == nil {
			continue
		}
		value := toDType(losses.Compute(s.losses[i], b.y[k], toFloat32(outputs[i]), b.weight(k), nil), dtypes.Float32)
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
		total = graph.Add(total, penalties)
	}
	if total == nil {
		panic(fmt.Errorf("there is nothing to minimise: no output has a loss and no layer adds one"))
	}
	return total, each
}

// update builds the accumulators after the batch and the results that logs show.
func (s *metricSet) update(p *forward, b *graphBatch, outputs []*graph.Node, total *graph.Node, each []*graph.Node) *graph.Node {
	var results []*graph.Node
	mean := func(vars []*Weight, value *graph.Node) {
		rows := float64(b.rows())
		sum := graph.Add(p.nodes[vars[0]], graph.MulScalar(graph.StopGradient(value), rows))
		count := graph.AddScalar(p.nodes[vars[1]], rows)
		p.updates[vars[0]], p.updates[vars[1]] = sum, count
		results = append(results, graph.Div(sum, count))
	}
	mean(s.total, total)
	for _, o := range s.outputs {
		mean(o.vars, each[o.loss])
	}
	for _, e := range s.entries {
		state := make([]*graph.Node, len(e.vars))
		for i, v := range e.vars {
			state[i] = p.nodes[v]
		}
		var weight *graph.Node
		if e.weighted {
			weight = b.weight(e.target)
		}
		state = e.metric.Update(state, b.y[e.target], toFloat32(outputs[s.targets[e.target]]), weight)
		for i, v := range e.vars {
			p.updates[v] = state[i]
		}
		results = append(results, e.metric.Result(state))
	}
	for i, r := range results {
		results[i] = graph.Reshape(toDType(r, dtypes.Float32), 1)
	}
	return graph.Concatenate(results, 0)
}

// toFloat32 lifts predictions in a half type, as Keras computes losses and metrics in float32.
func toFloat32(x *graph.Node) *graph.Node {
	if x.DType().IsHalfPrecision() {
		return graph.ConvertDType(x, dtypes.Float32)
	}
	return x
}
