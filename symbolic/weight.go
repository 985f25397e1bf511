package symbolic

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/regularizers"
)

// WeightSpec describes a weight that a layer wants when it is built (Keras: the
// arguments of Layer.add_weight).
type WeightSpec struct {
	Name        string // "kernel"
	Shape       []int
	Initializer initializers.Initializer // nil: Keras's default, GlorotUniform for floats
	Regularizer regularizers.Regularizer
	Constraint  constraints.Constraint
	// NonTrainable marks a weight that gradients never change, such as BatchNormalization's moving mean.
	NonTrainable bool
	// DType is the weight's own data type; the zero value is the layer's variable type.
	DType dtypes.DType
	// Change says when a call may change a weight that isn't trainable. The zero value is Always.
	Change Change
	// State marks what a layer remembers from one batch to the next, such as the states of a stateful LSTM: it isn't trainable, is not among the
	// layer's weights, isn't in files, and [BaseLayer.ResetStates] sets it back.
	State bool
}

// Change is the rule of when a call may change a weight.
type Change int

// The rules.
const (
	Always     Change = iota // in training, Evaluate and Predict, as Keras keeps whatever a layer assigns
	InTraining               // elsewhere what the call sets is dropped
	Never                    // setting it is an error
)

// Weight is a variable of a layer or optimizer (Keras: keras.Variable). Its
// value lives where it was last used, on the device during training.
type Weight struct {
	spec  WeightSpec
	owner *BaseLayer // nil for an optimizer's variables
	path  string

	frozen atomic.Bool // not trainable since its layer was built

	order uint64       // in which claims take the weights
	use   sync.RWMutex // held by a claim

	mu     sync.Mutex
	value  *tensors.Tensor // nil until first needed, or while a keeper has it
	fill   func() (*tensors.Tensor, error)
	keeper Keeper
	place  int // at the keeper
}

// Keeper has values of weights between two steps of a program, until somebody else needs one.
type Keeper interface {
	// Give makes the value at a place a tensor of the caller's.
	Give(place int) (*tensors.Tensor, error)
	// Drop forgets the value at a place.
	Drop(place int) error
}

// String describes the weight: "<Variable path=dense/kernel, shape=(2, 2), dtype=float32>".
func (w *Weight) String() string {
	return fmt.Sprintf("<Variable path=%s, shape=%s, dtype=%s>", w.Path(), Shape(w.Shape()), dtypeName(w.DType()))
}

// Name is the weight's short name: "kernel".
func (w *Weight) Name() string { return w.spec.Name }

// Path is Keras's unique name of the weight: "dense_1/kernel".
func (w *Weight) Path() string {
	if w.owner != nil {
		return w.owner.scope + w.owner.Name() + "/" + w.spec.Name
	}
	return w.path
}

// Shape is the weight's shape.
func (w *Weight) Shape() []int { return slices.Clone(w.spec.Shape) }

// DType is the data type in which the weight is stored.
func (w *Weight) DType() dtypes.DType { return w.spec.DType }

// Spec is the weight's declaration.
func (w *Weight) Spec() WeightSpec { return w.spec }

// IsLayers reports whether the weight is a layer's, and no optimizer's or metric's variable.
func (w *Weight) IsLayers() bool { return w.owner != nil }

// Reset gives the weight its initial value again: the next use draws it.
func (w *Weight) Reset() error {
	w.use.Lock()
	defer w.use.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.drop(); err != nil {
		return fmt.Errorf("resetting weight %s: %w", w.Path(), err)
	}
	return nil
}

// drop forgets the value.
func (w *Weight) drop() error {
	value, keeper := w.value, w.keeper
	w.value, w.keeper = nil, nil
	switch {
	case keeper != nil:
		return keeper.Drop(w.place)
	case value != nil && value.Ok():
		return value.FinalizeAll()
	}
	return nil
}

// Size is the number of elements.
func (w *Weight) Size() int {
	size := 1
	for _, d := range w.spec.Shape {
		size *= d
	}
	return size
}

// Trainable reports whether the weight and its layer are trainable.
func (w *Weight) Trainable() bool {
	return !w.spec.NonTrainable && !w.frozen.Load() && (w.owner == nil || w.owner.Trainable())
}

// Freeze makes a weight one that isn't trained any more, in its place among the layer's (Keras: variable.trainable = False). A model compiled before
// must be compiled again.
func (w *Weight) Freeze() {
	w.frozen.Store(true)
	revision.Add(1)
}

// Value returns a copy of the weight's value in host memory.
func (w *Weight) Value() (*tensors.Tensor, error) {
	w.use.RLock()
	defer w.use.RUnlock()
	return w.copied()
}

// copied is Value under a claim.
func (w *Weight) copied() (*tensors.Tensor, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.materialize(); err != nil {
		return nil, err
	}
	var clone *tensors.Tensor
	err := catch.Panic(func() error {
		var err error
		clone, err = w.value.LocalClone()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading weight %s: %w", w.Path(), err)
	}
	return clone, nil
}

// Set replaces the weight's value by a copy of t, converting its data type to
// the weight's. The shapes must agree.
func (w *Weight) Set(t *tensors.Tensor) error { return SetAll([]*Weight{w}, []*tensors.Tensor{t}) }

// Replace makes t, which the weight owns from now on, its value. It wants a [Claim].
func (w *Weight) Replace(t *tensors.Tensor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.value != t {
		_ = w.drop()
	}
	w.value = t
}

// Keep leaves the value to a keeper, which has got it by Buffer. It wants a [Claim].
func (w *Weight) Keep(k Keeper, place int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.drop()
	w.keeper, w.place = k, place
}

// Keeper is who has the value, nil for the weight itself, and where.
func (w *Weight) Keeper() (k Keeper, place int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.keeper, w.place
}

// Look gives the weight's own tensor, filled by its initializer if it is new, to use; no step moves it meanwhile. It wants a [Claim].
func (w *Weight) Look(use func(t *tensors.Tensor) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.materialize(); err != nil {
		return err
	}
	return use(w.value)
}

// Buffer returns the value on the engine's device, for a step that takes it over
// if donate is set. A value that another engine holds moves over. It wants a [Claim].
func (w *Weight) Buffer(engine compute.Backend, donate bool) (compute.Buffer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.materialize(); err != nil {
		return nil, err
	}
	if w.value.IsOnAnyDevice() {
		holder, err := w.value.Backend()
		if err != nil {
			return nil, err
		}
		if holder != engine {
			moved, err := w.value.LocalClone()
			if err != nil {
				return nil, err
			}
			_ = w.value.FinalizeAll()
			w.value = moved
		}
	}
	if donate {
		return w.value.DonateBuffer(engine, 0)
	}
	return w.value.Buffer(engine, 0)
}

func (w *Weight) materialize() error {
	if w.keeper != nil {
		value, err := w.keeper.Give(w.place)
		if err != nil {
			return fmt.Errorf("reading weight %s: %w", w.Path(), err)
		}
		w.value, w.keeper = value, nil
	}
	if w.value != nil {
		if !w.value.Ok() {
			return fmt.Errorf("weight %s was lost when a training step failed: set the weights again or reload the model", w.Path())
		}
		return nil
	}
	value, err := w.fill()
	if err != nil {
		return fmt.Errorf("initializing weight %s of shape %s: %w", w.Path(), Shape(w.spec.Shape), err)
	}
	w.value = value
	return nil
}

// newWeight makes a layer's weight.
func newWeight(owner *BaseLayer, spec WeightSpec) *Weight {
	if spec.DType == dtypes.InvalidDType {
		spec.DType = owner.cfg.DType.Variable()
	}
	if spec.Initializer == nil {
		spec.Initializer, _ = initializers.Get("glorot_uniform")
	}
	return &Weight{order: order.Add(1), spec: spec, owner: owner, fill: drawn(spec.Initializer, spec.Shape, spec.DType)}
}

// drawn makes an initializer's values when they are first needed, from a seed taken now so that the order of use doesn't matter.
func drawn(initializer initializers.Initializer, shape []int, dtype dtypes.DType) func() (*tensors.Tensor, error) {
	seed := nextSeed()
	return func() (*tensors.Tensor, error) {
		values, err := initializer.Values(shape, rand.New(rand.NewPCG(seed, 0)))
		if err != nil {
			return nil, err
		}
		return ndarray.Convert(tensors.FromFlatDataAndDimensions(values, shape...), dtype)
	}
}

// NewVariable makes a variable that belongs to no layer (an optimizer's or a metric's) and starts at one value.
func NewVariable(name, path string, dtype dtypes.DType, dims []int, initial float64) *Weight {
	w := &Weight{order: order.Add(1), spec: WeightSpec{Name: name, Shape: dims, DType: dtype}, path: path}
	w.fill = func() (*tensors.Tensor, error) { return ndarray.Filled(dtype, dims, initial) }
	return w
}

// NewDrawnVariable is NewVariable for one whose values an initializer draws.
func NewDrawnVariable(name, path string, dtype dtypes.DType, dims []int, initializer initializers.Initializer) *Weight {
	return &Weight{order: order.Add(1), spec: WeightSpec{Name: name, Shape: dims, DType: dtype}, path: path, fill: drawn(initializer, dims, dtype)}
}

// CountParams is the number of elements of all weights together.
func CountParams(weights []*Weight) int {
	n := 0
	for _, w := range weights {
		n += w.Size()
	}
	return n
}

// OptimizerPart is an optimizer, or one inside another, as files hold it.
type OptimizerPart struct {
	Group     string // below the group of the optimizer: "" for the whole, "inner_optimizer", "optimizers/adam"
	Name      string // the optimizer's
	Variables []*Weight
}
