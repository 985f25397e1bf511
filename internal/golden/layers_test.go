package golden_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// TestProbes holds every family of probes to Keras: what the model's file says of it, and what its calls compute.
func TestProbes(t *testing.T) {
	for _, family := range golden.ProbeFamilies(t) {
		t.Run(family, func(t *testing.T) {
			probes := golden.LoadProbes(t, family)
			for i, p := range probes.Cases {
				t.Run(p.Name, func(t *testing.T) {
					runProbe(t, i, p)
				})
			}
			for i, e := range probes.Errors {
				t.Run(fmt.Sprintf("error %d", i), func(t *testing.T) { runProbeError(t, e) })
			}
		})
	}
}

func runProbe(t *testing.T, index int, p golden.Probe) {
	functional.ClearSession() // the names of what files of a Sequential leave out count from here
	m, err := functional.FromJSON(p.Config, true)
	require.NoError(t, err)
	want := p.Rewritten
	if len(want) == 0 || string(want) == "null" {
		want = p.Config
	}
	adaptProbe(t, p, m)
	written, err := m.ToJSON()
	require.NoError(t, err)
	golden.SameJSON(t, want, written, "shared_object_id")
	functional.ClearSession()
	again, err := functional.FromJSON(written, true)
	require.NoError(t, err)
	for _, m := range []*functional.Model{m, again} {
		checkGraph(t, p, m)
	}
	golden.OnSomeEngines(t, index, func(t *testing.T, engine compute.Backend) {
		setProbeWeights(t, p, m)
		for i := range p.Calls {
			runProbeCall(t, engine, m, fmt.Sprintf("call %d", i), &p.Calls[i], tolerance(p))
		}
	})
}

// rounding is what Keras's own rounding makes of probes whose large terms cancel each other: it computes x·f − mean·f.
var rounding = map[string]float64{
	"layer normalization equal values": 1e-5,
	"layer normalization large values": 3e-4,
}

// tolerance is what two computations of the probe may differ by.
func tolerance(p golden.Probe) golden.Tolerance {
	if tol, ok := rounding[p.Name]; ok {
		return golden.Tolerance{Abs: tol, Rel: tol}
	}
	for dtype, tol := range map[string]float64{"bfloat16": 2e-2, "float16": 4e-3} {
		if bytes.Contains(p.Config, []byte(`"`+dtype)) || bytes.Contains(p.Config, []byte("mixed_"+dtype)) {
			return golden.Tolerance{Abs: tol, Rel: tol}
		}
	}
	return golden.Float32
}

// checkGraph compares the model's layers, operations, symbolic tensors and weights with Keras's.
func checkGraph(t *testing.T, p golden.Probe, m *functional.Model) {
	t.Helper()
	var names []string
	for _, l := range m.Layers() {
		names = append(names, l.Base().Name())
	}
	require.Equal(t, p.Layers, names)
	operations := m.Operations()
	if m.IsSequential() { // whose masks may be computed between its layers
		graph, err := functional.NewModel(m.Inputs(), m.Outputs())
		require.NoError(t, err)
		operations = graph.Operations()
	}
	require.Len(t, operations, len(p.Operations))
	for i, want := range p.Operations {
		l := operations[i]
		require.Equal(t, want.Name, l.Base().Name())
		var outputs [][]golden.ProbeTensor
		for _, at := range symbolic.LayerNodes(l) {
			if !m.Contains(l, at.Index) {
				continue
			}
			list := []golden.ProbeTensor{}
			for _, y := range at.Outputs {
				list = append(list, golden.ProbeTensor{Shape: golden.ProbeShape(y.Shape()), DType: y.DType(), Masked: y.Mask() != nil})
			}
			outputs = append(outputs, list)
		}
		require.Equal(t, want.Outputs, outputs, "outputs of %s", want.Name)
	}
	weights := m.Weights()
	require.Len(t, weights, len(p.Weights))
	for i, want := range p.Weights {
		// A Sequential that was read doesn't give its weights its name, one that was made does.
		require.True(t, want.Path == weights[i].Path() || strings.HasSuffix(want.Path, "/"+weights[i].Path()), "weight %d is %s, Keras has %s", i, weights[i].Path(), want.Path)
		require.Equal(t, want.DType, ndarray.DTypeName(weights[i].DType()), want.Path)
		require.Equal(t, want.Trainable, weights[i].Trainable(), want.Path)
	}
}

func setProbeWeights(t *testing.T, p golden.Probe, m *functional.Model) {
	t.Helper()
	for i, w := range m.Weights() {
		require.NoError(t, w.Set(p.Weights[i].Value.Tensor(t)))
	}
	require.NoError(t, m.ResetStates())
}

// probeRun is what one call computed, in the lists that [golden.ProbeCall] has.
type probeRun struct {
	outputs, masks, inputGrads, weightGrads []*tensors.Tensor
	loss                                    float64
}

func runProbeCall(t *testing.T, engine compute.Backend, m *functional.Model, what string, c *golden.ProbeCall, tol golden.Tolerance) {
	t.Helper()
	if c.Reset {
		require.NoError(t, m.ResetStates())
	}
	r := &probeRun{}
	g := graph.NewGraph(engine, "probe")
	defer g.Finalize()
	require.NoError(t, catch.Panic(func() error { runOn(t, g, m, c, r); return nil }), what)

	// where names the i-th value of a list.
	where := func(kind string, i int) string { return fmt.Sprintf("%s: %s %d", what, kind, i) }
	all := func(kind string, got []*tensors.Tensor, want []*golden.Array) {
		t.Helper()
		require.Len(t, got, len(want), "%s: %s", what, kind)
		for i := range want {
			require.Equal(t, want[i] == nil, got[i] == nil, where(kind, i))
			if want[i] != nil {
				golden.Close(t, where(kind, i), got[i], *want[i], tol)
			}
		}
	}
	for i := range c.Outputs {
		golden.Close(t, where("output", i), r.outputs[i], c.Outputs[i], tol)
		require.Equal(t, c.Outputs[i].DType, ndarray.DTypeName(r.outputs[i].DType()), where("type of output", i))
	}
	all("mask", r.masks, c.Masks)
	all("input gradient", r.inputGrads, c.InputGrads)
	all("weight gradient", r.weightGrads, c.WeightGrads)
	require.InDelta(t, float64(c.Losses), r.loss, tol.Abs+tol.Rel*float64(c.Losses), "%s: losses", what)
	fixed := m.NonTrainableWeights()
	require.Len(t, fixed, len(c.NonTrainableAfter))
	for i, w := range fixed {
		golden.Close(t, what+": "+w.Path(), valueOf(t, w), c.NonTrainableAfter[i], tol)
	}
	for _, want := range c.StatesAfter {
		var states []*symbolic.Weight
		symbolic.EachLayer(m, func(l symbolic.Layer) {
			if l.Base().Name() == want.Layer {
				states = append(states, l.Base().States()...)
			}
		})
		require.Len(t, states, len(want.States), "%s: states of %s", what, want.Layer)
		for i, w := range states {
			golden.Close(t, where("state", i)+" of "+want.Layer, valueOf(t, w), want.States[i], tol)
		}
	}
}

func valueOf(t *testing.T, w *symbolic.Weight) *tensors.Tensor {
	t.Helper()
	value, err := w.Value()
	require.NoError(t, err)
	return value
}

// runOn calls the model in a graph of its own, and gives its variables the values that the call left them with.
func runOn(t *testing.T, g *graph.Graph, m *functional.Model, c *golden.ProbeCall, r *probeRun) {
	t.Helper()
	values := map[*symbolic.Weight]*graph.Node{}
	pass := symbolic.NewPass(g, c.Training, values)
	var args []any
	parameter := func(name string, value *tensors.Tensor) *graph.Node {
		args = append(args, value)
		return graph.Parameter(g, name, value.Shape())
	}
	variables := slices.Concat(m.Weights(), m.States(), m.SeedStates())
	for i, w := range variables {
		values[w] = parameter(fmt.Sprintf("w%d", i), valueOf(t, w))
	}
	var of []*graph.Node // what gradients are asked for
	trainable := m.TrainableWeights()
	for _, w := range trainable {
		of = append(of, values[w])
	}
	var nodes []*graph.Node
	given, from := programInputs(t, m, c)
	for i, x := range given {
		node := parameter(fmt.Sprintf("x%d", i), x)
		if from[i] >= 0 && c.InputGrads[from[i]] != nil {
			of = append(of, node)
		}
		nodes = append(nodes, node)
	}
	xs, err := m.ProgramInputs(pass, valuesOf(nodes))
	require.NoError(t, err)
	inputs, err := nest.Pack(m.InputForm(), xs)
	require.NoError(t, err)
	outputs := pass.Apply(m, []any{inputs}, nil)
	require.Len(t, outputs, len(c.Outputs))

	results := []*graph.Node{pass.Penalties(m.Weights())}
	if results[0] == nil {
		results[0] = graph.Scalar(g, dtypes.Float32, 0)
	}
	differentiable := false
	total := graph.Scalar(g, dtypes.Float32, 0)
	for i, y := range outputs {
		results = append(results, graph.Identity(y.Node))
		if y.Mask != nil {
			results = append(results, graph.Identity(y.Mask))
		}
		if cotangent := c.Cotangents[i]; cotangent != nil {
			differentiable = true
			k := graph.ConstTensor(g, cotangent.Tensor(t))
			total = graph.Add(total, graph.ReduceAllSum(graph.Mul(graph.ConvertDType(y.Node, dtypes.Float32), k)))
		}
	}
	if differentiable && len(of) > 0 {
		results = append(results, graph.Gradient(total, of...)...)
	}
	updates := pass.Updates()
	for _, w := range variables {
		if next, ok := updates[w]; ok {
			results = append(results, next)
		}
	}
	require.NoError(t, g.Compile(results...))
	ran := g.Run(args...)
	next := func() *tensors.Tensor {
		first := ran[0]
		ran = ran[1:]
		return first
	}
	r.loss = float64(tensors.ToScalar[float32](next()))
	for _, y := range outputs {
		r.outputs = append(r.outputs, next())
		if y.Mask != nil {
			r.masks = append(r.masks, next())
		} else {
			r.masks = append(r.masks, nil)
		}
	}
	take := func(there bool) *tensors.Tensor {
		if there {
			return next()
		}
		return nil
	}
	for range trainable {
		r.weightGrads = append(r.weightGrads, take(differentiable))
	}
	for i := range xs {
		r.inputGrads = append(r.inputGrads, take(differentiable && c.InputGrads[i] != nil))
	}
	for _, w := range variables {
		if _, ok := updates[w]; ok {
			require.NoError(t, w.Set(next()))
		}
	}
}

// runProbeError tries what Keras refuses, or doesn't.
func runProbeError(t *testing.T, e golden.ProbeError) {
	var err error
	if e.Class != "" {
		err = construct(t, e)
	} else {
		err = callOnce(t, e)
	}
	arguments, _ := json.Marshal(e.Arguments)
	if reason, ok := otherwise[e.Class+string(arguments)]; ok {
		require.Equal(t, e.Error == nil, err != nil, "%s: got %v", reason, err)
		return
	}
	if e.Error == nil {
		require.NoError(t, err)
		return
	}
	require.Error(t, err, "Keras says: %s", e.Error.Message)
}

// otherwise has arguments that Keras refuses and Go's layers take, or the other way about.
var otherwise = map[string]string{
	`TextVectorization{"ngrams":[1,2]}`: "neither Go nor a file tells a list from the tuple that Keras takes",
	`Normalization{"axis":"1"}`:         "Keras takes the text for a tuple of texts, and fails when the layer is used",
}

// construct makes a layer as its constructor's arguments say.
func construct(t *testing.T, e golden.ProbeError) error {
	t.Helper()
	l, err := symbolic.NewLayer(e.Class)
	require.NoError(t, err)
	arguments := map[string]any{}
	for name, raw := range e.Arguments {
		arguments[name] = decodedValue(t, raw)
	}
	if err := config.Decode(arguments, l.KerasConfig()); err != nil {
		return err
	}
	return config.Validate(l.KerasConfig())
}

// decodedValue reads a value with its numbers as they are written, for Python tells 2 from 2.0.
func decodedValue(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	return v
}

// callOnce calls a layer on symbolic tensors and, where that passes, computes it.
func callOnce(t *testing.T, e golden.ProbeError) error {
	t.Helper()
	var holder struct {
		Layer symbolic.Layer `keras:"layer"`
	}
	var raw any
	require.NoError(t, json.Unmarshal(e.Layer, &raw))
	if err := config.Decode(map[string]any{"layer": raw}, &holder); err != nil {
		return err
	}
	var inputs []*functional.Tensor
	symbols := func(raw json.RawMessage) any {
		v, err := nest.Replace(decodedValue(t, raw), func(_ nest.Path, v any) (any, bool, error) {
			m, ok := v.(map[string]any)
			if !ok || m["shape"] == nil {
				return nil, false, nil
			}
			shape, err := symbolic.ShapeFromJSON(m["shape"])
			if err != nil {
				return nil, true, err
			}
			o := functional.InputOptions{Shape: shape[1:], DType: m["dtype"].(string)}
			if shape[0] != symbolic.None {
				o.BatchSize = shape[0]
			}
			inputs = append(inputs, functional.InputWith(o))
			return inputs[len(inputs)-1], true, nil
		})
		require.NoError(t, err)
		return v
	}
	var args []any
	for _, raw := range e.Inputs {
		args = append(args, symbols(raw))
	}
	kwargs := map[string]any{}
	for name, raw := range e.Arguments {
		kwargs[name] = symbols(raw)
	}
	m, err := functional.NewModel(inputs, holder.Layer.Base().ApplyCall(args, kwargs))
	if err != nil {
		return err
	}
	c := &golden.ProbeCall{Outputs: make([]golden.Array, len(m.Outputs())), Cotangents: make([]*golden.Array, len(m.Outputs()))}
	for _, x := range inputs {
		ones := golden.Array{DType: x.DType(), Shape: x.Shape()}
		for i, d := range ones.Shape {
			if d == symbolic.None {
				ones.Shape[i] = 2
			}
		}
		ones.Data = slices.Repeat([]golden.Value{1}, symbolic.Shape(ones.Shape).Size())
		c.Inputs, c.InputGrads = append(c.Inputs, ones), append(c.InputGrads, nil)
	}
	return catch.Panic(func() error {
		g := graph.NewGraph(golden.Engines(t)[0].Backend, "error")
		defer g.Finalize()
		runOn(t, g, m, c, &probeRun{})
		return nil
	})
}

var _ = layers.Dense // the catalogue

// valuesOf are nodes without masks.
func valuesOf(nodes []*graph.Node) []*symbolic.Value {
	values := make([]*symbolic.Value, len(nodes))
	for i, node := range nodes {
		values[i] = &symbolic.Value{Node: node}
	}
	return values
}
