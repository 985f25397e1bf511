package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// TimeDistributedLayer is Keras's TimeDistributed.
type TimeDistributedLayer struct {
	layer[*TimeDistributedLayer]
	symbolic.PassesMask
	cfg   timeDistributedConfig
	steps sampleWiseUnless // of what the layer does itself
}

type timeDistributedConfig struct {
	symbolic.LayerConfig
	Layer symbolic.Layer `keras:"layer"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return TimeDistributed(nil) }) }

// TimeDistributed returns a layer that applies another, or a model, to each step by itself (Keras: TimeDistributed(layer)): inputs of shape (batch, steps, …)
// become (batch, steps, …) of what layer makes of (batch, …). The layer may be used elsewhere, too, and has the same weights there. As in Keras
// its activity regularizer doesn't count.
func TimeDistributed(layer symbolic.Layer) *TimeDistributedLayer {
	l := &TimeDistributedLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Layer = layer
	return l
}

// Validate reports arguments that Keras rejects.
func (c *timeDistributedConfig) Validate() error {
	if err := symbolic.Made(c.Layer); err != nil {
		return fmt.Errorf("please initialize `TimeDistributed` layer with a layer: %w", err)
	}
	return config.Validate(c.Layer.KerasConfig())
}

// step is the spec of one step's inputs.
func (l *TimeDistributedLayer) step(in *symbolic.Inputs) (step symbolic.Spec, steps int, err error) {
	x, err := in.One()
	if err != nil {
		return x, 0, err
	}
	if len(x.Shape) < 3 {
		return x, 0, fmt.Errorf("`TimeDistributed` Layer should be passed an `input_shape ` with at least 3 dimensions, received: %s", x.Shape)
	}
	return l.SpecLike(x, append(symbolic.Shape{x.Shape[0]}, x.Shape[2:]...)), x.Shape[1], fitMask(in, x.Shape)
}

// fitMask checks the first two axes of a mask, the batch and the steps, against those of the inputs.
func fitMask(in *symbolic.Inputs, x symbolic.Shape) error {
	mask, ok := in.Tensor("mask")
	if ok && (len(mask.Shape) < 2 || !symbolic.Compatible(x[:2], mask.Shape[:2])) {
		return fmt.Errorf("the `mask` has shape %s, which is incompatible with the input shape %s: its first two axes, batch and steps, must be %s", mask.Shape, x, x[:2])
	}
	return nil
}

// Infer puts the steps' axis before the axes of what the inner layer returns.
func (l *TimeDistributedLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	step, steps, err := l.step(in)
	if err != nil {
		return nil, err
	}
	_, masked := in.Tensor("mask")
	l.steps.crossesIf(masked && l.innerTakesMask())
	out, err := l.InferInner(l.cfg.Layer, step)
	if err != nil {
		return nil, err
	}
	if len(out) != 1 || len(out[0].Shape) == 0 {
		return nil, fmt.Errorf("layer %q has %d outputs, want one with a batch axis", l.cfg.Layer.Base().Name(), len(out))
	}
	shape := out[0].Shape
	return []symbolic.Spec{l.Floats(append(symbolic.Shape{shape[0], steps}, shape[1:]...))}, nil
}

// Declare declares the inner layer.
func (l *TimeDistributedLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	step, _, err := l.step(in)
	if err == nil {
		b.Track("layer", l.cfg.Layer, step)
	}
	return err
}

// SamplesAlone reports whether the inner layer computes each sample alone.
func (l *TimeDistributedLayer) SamplesAlone() bool {
	return symbolic.SamplesAlone(l.cfg.Layer) && l.steps.SamplesAlone()
}

// innerTakesMask reports whether the inner layer gets a step's mask. What it makes of one without a batch axis of its own, as Softmax, goes by
// the samples' places.
func (l *TimeDistributedLayer) innerTakesMask() bool {
	s, err := symbolic.ParseSignature(l.cfg.Layer.Signature())
	return err == nil && s.Has("mask")
}

// OutputSteps says that each step is computed alone, if training changes no state of the inner layer, step by step.
func (l *TimeDistributedLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	stateless, penalized := true, false
	symbolic.EachLayer(l.cfg.Layer, func(inner symbolic.Layer) {
		own := inner.Base().OwnWeights()
		kept := slices.ContainsFunc(own, func(w *symbolic.Weight) bool { return w.Spec().NonTrainable || w.Spec().State })
		stateless = stateless && !kept
		penalized = penalized || inner.Base().PenalizesOutputs()
	})
	return stepsAlone(c, c.Mask() == nil && symbolic.SamplesAlone(l.cfg.Layer) && !penalized && (stateless || !c.Training))
}

// Call computes the layer: all steps at once where the inner layer computes each sample alone, else one after the other.
func (l *TimeDistributedLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x, mask := in[0], c.Mask()
	if err := fitMask(c.Specs(), x.Shape().Dimensions); err != nil {
		panic(err)
	}
	if mask != nil && !l.innerTakesMask() {
		mask = nil
	}
	apply := func(x, mask *graph.Node) *graph.Node {
		kwargs := map[string]any{}
		if mask != nil {
			kwargs["mask"] = mask
		}
		return c.CallOnly(l.cfg.Layer, []any{x}, kwargs)[0]
	}
	batch, steps := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	if mask == nil && symbolic.SamplesAlone(l.cfg.Layer) {
		var y *graph.Node
		joined := graph.Reshape(x, append([]int{batch * steps}, x.Shape().Dimensions[2:]...)...)
		if c.Attempt(func() { y = apply(joined, nil) }) {
			return []*graph.Node{graph.Reshape(y, append([]int{batch, steps}, y.Shape().Dimensions[1:]...)...)}
		}
	}
	at := func(x *graph.Node, i int) *graph.Node {
		if x == nil {
			return nil
		}
		return graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(i)), 1)
	}
	outputs := make([]*graph.Node, steps)
	for i := range outputs {
		outputs[i] = apply(at(x, i), at(mask, i))
	}
	return []*graph.Node{graph.Stack(outputs, 1)}
}
