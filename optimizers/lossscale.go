package optimizers

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// LossScalingOptimizer multiplies the loss by a scale that it finds by itself, so that small gradients of float16 don't vanish, and
// lets the optimizer inside step by the gradients divided by it (Keras: keras.optimizers.LossScaleOptimizer). A step whose
// gradients aren't all finite changes neither weights nor the optimizer inside, and halves the scale; it doubles after a number of
// finite steps. All other arguments, such as clipping, are those of the optimizer inside; its LossScaleFactor is not used.
type LossScalingOptimizer struct {
	cfg struct {
		Name               string  `keras:"name" default:"loss_scale_optimizer"`
		Inner              inner   `keras:"inner_optimizer"`
		InitialScale       float64 `keras:"initial_scale" default:"32768"`
		DynamicGrowthSteps int     `keras:"dynamic_growth_steps" default:"2000"`
		meaningless
	}
}

// meaningless are the arguments that older files have, each with the one value that means nothing.
type meaningless struct {
	Dynamic                   onlyTrue     `keras:"dynamic,omitempty"`
	WeightDecay               onlyNone     `keras:"weight_decay,omitempty"`
	Clipnorm                  onlyNone     `keras:"clipnorm,omitempty"`
	GlobalClipnorm            onlyNone     `keras:"global_clipnorm,omitempty"`
	Clipvalue                 onlyNone     `keras:"clipvalue,omitempty"`
	UseEMA                    onlyNone     `keras:"use_ema,omitempty"`
	EMAMomentum               onlyMomentum `keras:"ema_momentum,omitempty"`
	EMAOverwriteFrequency     onlyNone     `keras:"ema_overwrite_frequency,omitempty"`
	LossScaleFactor           onlyNone     `keras:"loss_scale_factor,omitempty"`
	GradientAccumulationSteps onlyNone     `keras:"gradient_accumulation_steps,omitempty"`
}

// The positions of the optimizer's own variables; those of the optimizer inside follow. Its own iteration and learning rate do nothing.
const (
	stepCounter  = 2
	dynamicScale = 3
	ownVariables = 4
)

// LossScaleOptimizer returns an optimizer around another, with Keras's defaults: the scale starts at 2¹⁵ and doubles after 2000 finite steps.
func LossScaleOptimizer(innerOptimizer Optimizer) *LossScalingOptimizer {
	o := &LossScalingOptimizer{}
	config.SetDefaults(&o.cfg)
	o.cfg.Inner.optimizer = innerOptimizer
	return o
}

// AutoScaled returns the optimizer with which a model of the dtype policy "mixed_float16" is trained: the given one in a
// [LossScaleOptimizer], unless it is one (Keras: compile(auto_scale_loss=True)).
func AutoScaled(o Optimizer) Optimizer {
	if _, ok := o.(*LossScalingOptimizer); ok || o == nil {
		return o
	}
	return LossScaleOptimizer(o)
}

// Name sets the optimizer's name (Keras: name=).
func (o *LossScalingOptimizer) Name(name string) *LossScalingOptimizer {
	o.cfg.Name = name
	return o
}

// InitialScale sets the scale to start with, above 0 (Keras: initial_scale=, default 2¹⁵). One too high falls fast.
func (o *LossScalingOptimizer) InitialScale(scale float64) *LossScalingOptimizer {
	o.cfg.InitialScale = scale
	return o
}

// DynamicGrowthSteps sets after how many finite steps in a row the scale doubles (Keras: dynamic_growth_steps=, default 2000).
func (o *LossScalingOptimizer) DynamicGrowthSteps(steps int) *LossScalingOptimizer {
	o.cfg.DynamicGrowthSteps = steps
	return o
}

// KerasClass implements [Optimizer].
func (o *LossScalingOptimizer) KerasClass() Class { return class("LossScaleOptimizer") }

// KerasConfig implements [Optimizer].
func (o *LossScalingOptimizer) KerasConfig() any { return &o.cfg }

// KerasName implements [Optimizer].
func (o *LossScalingOptimizer) KerasName() string { return o.cfg.Name }

// Inner implements [Wrapper].
func (o *LossScalingOptimizer) Inner() Optimizer { return o.cfg.Inner.optimizer }

// Own implements [Wrapper].
func (o *LossScalingOptimizer) Own() int { return ownVariables }

// Validate implements [Optimizer].
func (o *LossScalingOptimizer) Validate() error {
	in := o.Inner()
	if v := reflect.ValueOf(in); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return errors.New("inner_optimizer is missing: want the optimizer to scale the loss for")
	}
	if _, scales := in.(LossScaler); scales {
		if _, ok := in.(inside); !ok {
			return fmt.Errorf("inner_optimizer: %s scales the loss itself", in.KerasClass().Name)
		}
	}
	if err := in.Validate(); err != nil {
		return fmt.Errorf("inner_optimizer: %s: %w", in.KerasClass().Name, err)
	}
	if scale := float32(o.cfg.InitialScale); !(scale > 0) || scale-scale != 0 {
		return fmt.Errorf("initial_scale must be a finite number above 0; received initial_scale=%v", o.cfg.InitialScale)
	}
	return nil
}

// inside is implemented by optimizers that can leave their own loss scale out. Keras loses sight of the variables that weights share,
// which is Nadam's product of momenta, when it wraps their optimizer: files don't have them, and each step finds them as they began.
type inside interface {
	insideVariables(trainable []Variable) []Variable
	applyInside(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node)
	// applyUnscaled is Apply by gradients of the loss itself, with all variables.
	applyUnscaled(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node)
}

// Variables implements [Optimizer].
func (o *LossScalingOptimizer) Variables(trainable []Variable) []Variable {
	out := []Variable{
		{Name: "iteration", DType: dtypes.Int32, CopyOf: -1},
		{Name: "learning_rate", DType: dtypes.Float32, CopyOf: -1},
		stepCounter:  {Name: "step_counter", DType: dtypes.Int32, CopyOf: -1},
		dynamicScale: {Name: "dynamic_scale", DType: dtypes.Float32, Initial: o.cfg.InitialScale, CopyOf: -1},
	}
	for i := range out {
		out[i].Path = o.cfg.Name + "/" + out[i].Name
	}
	if in, ok := o.Inner().(inside); ok {
		return append(out, in.insideVariables(trainable)...)
	}
	return append(out, o.Inner().Variables(trainable)...)
}

// ScaleLoss implements [LossScaler].
func (o *LossScalingOptimizer) ScaleLoss(_ []Variable, state []*graph.Node, loss *graph.Node) *graph.Node {
	loss = wide(loss)
	return graph.Mul(loss, as(state[dynamicScale], loss))
}

// Averages implements [Averager]: those of the optimizer inside.
func (o *LossScalingOptimizer) Averages(trainable []Variable) []int {
	averager, ok := o.Inner().(Averager)
	if !ok {
		return nil
	}
	list := slices.Clone(averager.Averages(trainable))
	if several, ok := averager.(*CombinedOptimizer); ok {
		list = several.averages(trainable, true)
	}
	for i := range list {
		if list[i] >= 0 {
			list[i] += ownVariables
		}
	}
	return list
}

// Apply implements [Optimizer].
func (o *LossScalingOptimizer) Apply(trainable []Variable, state, weights, grads []*graph.Node) (newState, newWeights []*graph.Node) {
	if err := o.Validate(); err != nil {
		panic(fmt.Errorf("optimizer %s: %w", o.KerasName(), err))
	}
	if want := len(o.Variables(trainable)); len(state) != want {
		panic(fmt.Errorf("optimizer %s: got %d variables, want %d", o.KerasName(), len(state), want))
	}
	counter, scale := state[stepCounter], state[dynamicScale]
	scaledBack := make([]*graph.Node, len(grads))
	for i, g := range grads {
		g = wide(g)
		scaledBack[i] = graph.Div(g, as(scale, g))
	}
	apply := o.Inner().Apply
	if in, ok := o.Inner().(inside); ok {
		apply = in.applyInside
	}
	innerState, newWeights := apply(trainable, state[ownVariables:], weights, scaledBack)

	grows := graph.Equal(counter, Number(counter, float64(o.cfg.DynamicGrowthSteps-1)))
	newState = slices.Concat(state[:ownVariables], innerState)
	newState[stepCounter] = graph.Where(grows, Number(counter, 0), graph.AddScalar(counter, 1))
	newState[dynamicScale] = graph.Where(grows, times(scale, 2), scale)
	skipped := slices.Clone(state)
	skipped[stepCounter] = graph.ZerosLike(counter)
	skipped[dynamicScale] = times(scale, 0.5)
	finite := o.finite(grads)
	keep(finite, newState, skipped)
	newWeights = slices.Clone(newWeights)
	keep(finite, newWeights, weights)
	return newState, newWeights
}

// finite is whether a step by the gradients is taken.
func (o *LossScalingOptimizer) finite(grads []*graph.Node) *graph.Node {
	var all *graph.Node
	for _, g := range grads {
		one := graph.LogicalAll(graph.IsFinite(g))
		if all == nil {
			all = one
		} else {
			all = graph.LogicalAnd(all, one)
		}
	}
	return all
}

// inner is the optimizer inside, in files an object whose own loss scale is off.
type inner struct{ optimizer Optimizer }

// EncodeKeras implements config.Codec.
func (i *inner) EncodeKeras() (any, error) {
	if i.optimizer == nil {
		return nil, errors.New("it is missing")
	}
	encoded, err := config.Encode(i.optimizer)
	if err != nil {
		return nil, err
	}
	if cfg, ok := encoded["config"].(map[string]any); ok && cfg["loss_scale_factor"] != nil {
		cfg["loss_scale_factor"] = nil
	}
	return encoded, nil
}

// DecodeKeras implements config.Codec.
func (i *inner) DecodeKeras(v any) (err error) {
	i.optimizer, err = Get(v)
	return err
}

type (
	onlyTrue     struct{}
	onlyNone     struct{}
	onlyMomentum struct{}
)

var errInside = errors.New("a LossScaleOptimizer does not support it: set it on the inner optimizer")

// EncodeKeras implements config.Codec.
func (*onlyTrue) EncodeKeras() (any, error) { return true, nil }

// DecodeKeras implements config.Codec.
func (*onlyTrue) DecodeKeras(v any) error {
	if v != true {
		return errors.New("a LossScaleOptimizer no longer supports a fixed scale: set loss_scale_factor on the inner optimizer")
	}
	return nil
}

// EncodeKeras implements config.Codec.
func (*onlyNone) EncodeKeras() (any, error) { return nil, nil }

// DecodeKeras implements config.Codec.
func (*onlyNone) DecodeKeras(v any) error {
	if v != nil && v != false {
		return errInside
	}
	return nil
}

// EncodeKeras implements config.Codec.
func (*onlyMomentum) EncodeKeras() (any, error) { return 0.99, nil }

// DecodeKeras implements config.Codec.
func (*onlyMomentum) DecodeKeras(v any) error {
	if v != 0.99 {
		return errInside
	}
	return nil
}

func init() {
	catalogue.AddUnlisted(func() Optimizer { return LossScaleOptimizer(nil) }, "lossscaleoptimizer")
}
