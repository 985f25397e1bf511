package layers

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// MergeMode says how a [Bidirectional] layer makes one output of two.
type MergeMode string

// Keras's merge modes. MergeNone returns both outputs.
const (
	MergeConcat = "concat"
	MergeSum    = "sum"
	MergeMul    = "mul"
	MergeAve    = "ave"
	MergeNone   = ""
)

func (m MergeMode) check() error {
	switch m {
	case MergeConcat, MergeSum, MergeMul, MergeAve, MergeNone:
		return nil
	}
	return fmt.Errorf("invalid merge mode. Received: %s. Merge mode should be one of \"sum\", \"mul\", \"ave\", \"concat\", or \"\" for none", m)
}

// EncodeKeras writes MergeNone as null.
func (m *MergeMode) EncodeKeras() (any, error) {
	if *m == MergeNone {
		return nil, nil
	}
	return string(*m), nil
}

// DecodeKeras reads a mode or null.
func (m *MergeMode) DecodeKeras(v any) error {
	*m = MergeNone
	if v == nil {
		return nil
	}
	name, ok := v.(string)
	if !ok || name == "" {
		return fmt.Errorf("got %v, want a merge mode or null", v)
	}
	*m = MergeMode(name)
	return m.check()
}

// BidirectionalLayer is Keras's Bidirectional.
type BidirectionalLayer struct {
	layer[*BidirectionalLayer]
	cfg bidirectionalConfig
}

type bidirectionalConfig struct {
	symbolic.LayerConfig
	MergeMode     MergeMode      `keras:"merge_mode" default:"concat"`
	Layer         symbolic.Layer `keras:"layer"`
	BackwardLayer symbolic.Layer `keras:"backward_layer"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Bidirectional(nil) }) }

// Bidirectional returns two recurrent layers of which one reads the sequence from its end (Keras: Bidirectional(layer)): layer is [LSTM], [GRU],
// [SimpleRNN] or [RNN], and what the two are made like; it isn't used itself. Their outputs are joined along the last axis, or as MergeMode says. With
// ReturnSequences the outputs of masked steps are zeros. With ReturnState the states of the forward layer follow, then those of the backward layer;
// initial_state is a list in that order.
func Bidirectional(layer symbolic.Layer) *BidirectionalLayer {
	l := &BidirectionalLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if layer != nil {
		l.Fail(l.surround(layer))
	}
	return l
}

// BackwardLayer sets the layer that reads the sequence from its end, whose GoBackwards must differ from that of the other (Keras: backward_layer=). The
// default is one like the other.
func (l *BidirectionalLayer) BackwardLayer(backwardLayer symbolic.Layer) *BidirectionalLayer {
	l.Configure("backward_layer", func() error {
		if _, err := recurrentOf(backwardLayer); err != nil {
			return err
		}
		l.cfg.BackwardLayer = backwardLayer
		l.forceZeros()
		return nil
	})
	return l
}

const forwardPrefix, backwardPrefix = "forward_", "backward_"

// surround makes the two layers like one.
func (l *BidirectionalLayer) surround(like symbolic.Layer) error {
	if _, err := recurrentOf(like); err != nil {
		return err
	}
	forward, err := likeness(like, forwardPrefix, nil)
	if err != nil {
		return err
	}
	l.cfg.Layer = forward
	if l.cfg.BackwardLayer == nil {
		l.cfg.BackwardLayer, err = likeness(like, backwardPrefix, func(cfg map[string]any) { cfg["go_backwards"] = true })
	}
	l.forceZeros()
	return err
}

// likeness copies a layer under its name behind the prefix.
func likeness(like symbolic.Layer, prefix string, change func(map[string]any)) (symbolic.Layer, error) {
	return symbolic.Copy(like, prefix+strings.TrimPrefix(like.Base().Name(), prefix), change)
}

// forceZeros makes the outputs of masked steps zeros where they are returned.
func (l *BidirectionalLayer) forceZeros() {
	for _, inner := range []symbolic.Layer{l.cfg.Layer, l.cfg.BackwardLayer} {
		if r, err := recurrentOf(inner); err == nil {
			r.ZeroOutputForMask = r.ReturnSequences
		}
	}
}

// recurrentOf returns the arguments of a recurrent layer.
func recurrentOf(l symbolic.Layer) (*recurrence, error) {
	if err := symbolic.Made(l); err != nil {
		return nil, err
	}
	r, ok := l.(recurrentLayer)
	if !ok {
		return nil, fmt.Errorf("layer %q is a %s, want a recurrent layer: LSTM, GRU, SimpleRNN or RNN", l.Base().Name(), l.KerasClass().Name)
	}
	return r.recurrence(), nil
}

// FinishDecoding makes what the configuration leaves out.
func (l *BidirectionalLayer) FinishDecoding() {
	if l.cfg.Layer == nil {
		return
	}
	if l.cfg.BackwardLayer == nil || !strings.HasPrefix(l.cfg.Layer.Base().Name(), forwardPrefix) { // a file of Keras 2
		l.Fail(l.surround(l.cfg.Layer))
		return
	}
	l.forceZeros()
}

// Validate reports arguments that Keras rejects.
func (c *bidirectionalConfig) Validate() error {
	forward, err := recurrentOf(c.Layer)
	if err != nil {
		return fmt.Errorf("argument `layer`: %w", err)
	}
	backward, err := recurrentOf(c.BackwardLayer)
	if err != nil {
		return fmt.Errorf("argument `backward_layer`: %w", err)
	}
	if forward.GoBackwards == backward.GoBackwards {
		return fmt.Errorf("forward layer and backward layer should have different `go_backwards` value. Received: forward_layer.go_backwards=%t, backward_layer.go_backwards=%t",
			forward.GoBackwards, backward.GoBackwards)
	}
	for _, same := range []struct {
		name              string
		forward, backward bool
	}{
		{"stateful", forward.Stateful, backward.Stateful},
		{"return_sequences", forward.ReturnSequences, backward.ReturnSequences},
		{"return_state", forward.ReturnState, backward.ReturnState},
	} {
		if same.forward != same.backward {
			return fmt.Errorf("forward layer and backward layer are expected to have the same value for attribute %q, got %t for forward layer and %t for backward layer",
				same.name, same.forward, same.backward)
		}
	}
	return firstError(config.Validate(c.Layer.KerasConfig()), config.Validate(c.BackwardLayer.KerasConfig()), c.MergeMode.check())
}

// Infer returns the outputs and states, by the forward layer's as Keras does.
func (l *BidirectionalLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	if err != nil {
		return nil, err
	}
	forward, backward := halves(in.Tensors("initial_state"))
	specs, err := l.InferInner(l.cfg.Layer, x, forward)
	if err == nil {
		_, err = l.InferInner(l.cfg.BackwardLayer, x, backward)
	}
	if err != nil {
		return nil, err
	}
	for i := range specs {
		specs[i] = l.Floats(specs[i].Shape)
	}
	out, states := specs[0], specs[1:]
	switch l.cfg.MergeMode {
	case MergeNone:
		specs = []symbolic.Spec{out, out}
	case MergeConcat:
		shape := out.Shape.Clone()
		shape[len(shape)-1] *= 2
		specs = []symbolic.Spec{l.Floats(shape)}
	default:
		specs = []symbolic.Spec{out}
	}
	return append(append(specs, states...), states...), nil
}

// halves are the initial states of the two layers as arguments of their calls, nil for none.
func halves[T any](initial []T) (forward, backward any) {
	if len(initial) == 0 {
		return nil, nil
	}
	half := len(initial) / 2
	return listOf(initial[:half]), listOf(initial[half:])
}

// Declare declares both layers.
func (l *BidirectionalLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0]
	b.Track("forward_layer", l.cfg.Layer, x)
	b.Track("backward_layer", l.cfg.BackwardLayer, x)
	return nil
}

// SamplesAlone reports whether both layers compute each sample alone.
func (l *BidirectionalLayer) SamplesAlone() bool {
	return symbolic.SamplesAlone(l.cfg.Layer) && symbolic.SamplesAlone(l.cfg.BackwardLayer)
}

// ComputeMask passes the mask on to the outputs of all steps.
func (l *BidirectionalLayer) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask {
	r, err := recurrentOf(l.cfg.Layer)
	if err != nil || !r.ReturnSequences {
		return nil
	}
	masks := []symbolic.Mask{m.Previous()}
	if l.cfg.MergeMode == MergeNone {
		masks = append(masks, m.Previous())
	}
	return masks
}

// OutputSteps says that states stay what they are at added steps.
func (l *BidirectionalLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	var steps []*graph.Node
	for _, inner := range []symbolic.Layer{l.cfg.Layer, l.cfg.BackwardLayer} {
		recurrent, isRecurrent := inner.(recurrentLayer)
		if !isRecurrent || inner.Base().PenalizesOutputs() {
			return nil, false
		}
		known, isKnown := inner.(interface{ currentCell() Cell })
		if !isKnown {
			return nil, false
		}
		of, ok := recurrent.recurrence().outputSteps(c.Steps(), known.currentCell())
		if !ok {
			return nil, false
		}
		steps = append(steps, of...)
	}
	if l.cfg.MergeMode != MergeNone && len(steps) > 1 {
		steps = steps[:1]
	}
	return steps, true
}

// Call computes the layer.
func (l *BidirectionalLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	forwardStates, backwardStates := halves(c.Tensors("initial_state"))
	var mask any
	if m := c.StepMask(); m != nil {
		mask = m
	}
	run := func(inner symbolic.Layer, initial any) (y *graph.Node, states []*graph.Node) {
		outputs := c.ApplyCall(inner, []any{in[0]}, map[string]any{"initial_state": initial, "mask": mask})
		for i, out := range outputs {
			outputs[i] = graph.ConvertDType(out, c.DType())
		}
		return outputs[0], outputs[1:]
	}
	y, forward := run(l.cfg.Layer, forwardStates)
	z, backward := run(l.cfg.BackwardLayer, backwardStates)
	if r, _ := recurrentOf(l.cfg.Layer); r.ReturnSequences {
		z = graph.Reverse(z, 1)
	}
	var outputs []*graph.Node
	switch l.cfg.MergeMode {
	case MergeConcat:
		outputs = []*graph.Node{graph.Concatenate([]*graph.Node{y, z}, -1)}
	case MergeSum:
		outputs = []*graph.Node{graph.Add(y, z)}
	case MergeAve:
		outputs = []*graph.Node{graph.DivScalar(graph.Add(y, z), 2)}
	case MergeMul:
		outputs = []*graph.Node{graph.Mul(y, z)}
	default:
		outputs = []*graph.Node{y, z}
	}
	return append(append(outputs, forward...), backward...)
}
