package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// loraConfig are the arguments of layers that may learn by two factors of low rank (LoRA), whose product is added to a weight that stays as it is.
type loraConfig struct {
	LoraRank  *int     `keras:"lora_rank,omitempty"`
	LoraAlpha *float64 `keras:"lora_alpha,omitempty"`

	learner *learner // once the factors are there
}

// learner are a weight and its factors, of shapes (…, rank) and (rank, columns).
type learner struct{ into, a, b *symbolic.Weight }

// most bounds the rank, and with it what a file can make a program allocate.
const most = 1 << 20

// check reports ranks that can't be. Without a rank alpha means nothing, and files don't hold it.
func (c *loraConfig) check() error {
	if c.LoraRank != nil && (*c.LoraRank < 0 || *c.LoraRank > most) {
		return fmt.Errorf("lora_rank: got %d, want from 1 to %d", *c.LoraRank, most)
	}
	if c.LoraRank == nil || *c.LoraRank == 0 {
		c.LoraRank, c.LoraAlpha = nil, nil
	}
	return nil
}

// start makes the factors of a layer that was given a rank, once it has its weights.
func (c *loraConfig) start(base *symbolic.BaseLayer, into string, alpha *float64, constraint constraints.Constraint) error {
	if err := c.check(); err != nil || c.LoraRank == nil {
		return err
	}
	return c.enable(base, into, *c.LoraRank, alpha, constraint)
}

func (c *loraConfig) enable(base *symbolic.BaseLayer, into string, rank int, alpha *float64, constraint constraints.Constraint) error {
	w := base.OwnWeight(into)
	switch {
	case constraint != nil:
		return fmt.Errorf("LoRA is incompatible with constraints: remove the `%s_constraint` argument", into)
	case w == nil:
		return fmt.Errorf("LoRA can't be enabled on a layer that isn't built yet: apply it first")
	case c.learner != nil:
		return fmt.Errorf("LoRA is already enabled, which can only be done once per layer")
	case rank < 1 || rank > most:
		return fmt.Errorf("the rank of LoRA: got %d, want from 1 to %d", rank, most)
	}
	shape := w.Shape()
	last := len(shape) - 1
	he, err := initializers.Get("he_uniform")
	if err != nil {
		return err
	}
	spec := func(suffix string, shape []int, initializer initializers.Initializer) symbolic.WeightSpec {
		var regularizer regularizers.Regularizer = w.Spec().Regularizer
		return symbolic.WeightSpec{Name: "lora_" + into + suffix, Shape: shape, Initializer: initializer, Regularizer: regularizer, DType: dtypes.Float32}
	}
	a := spec("_a", append(slices.Clone(shape[:last]), rank), he)
	b := spec("_b", []int{rank, shape[last]}, initializers.Zeros())
	if err := base.Extend(a, b); err != nil {
		return err
	}
	w.Freeze()
	c.learner = &learner{w, base.OwnWeight(a.Name), base.OwnWeight(b.Name)}
	if alpha == nil {
		whole := float64(rank)
		alpha = &whole
	}
	c.LoraRank, c.LoraAlpha = &rank, alpha
	return nil
}

// enableNamed is enable for EnableLoRA of a layer.
func (c *loraConfig) enableNamed(base *symbolic.BaseLayer, into string, rank int, alpha float64, constraint constraints.Constraint) error {
	if err := c.enable(base, into, rank, optional(alpha), constraint); err != nil {
		return fmt.Errorf("layer %q: %w", base.Name(), err)
	}
	return nil
}

// share is what the factors' product is multiplied by.
func (c *loraConfig) share() float64 { return *c.LoraAlpha / float64(*c.LoraRank) }

// weight is the layer's weight with the factors' product added.
func (c *loraConfig) weight(call *symbolic.Call, name string) *graph.Node {
	return c.sum(name, call.Weight)
}

// sum is weight of what get says of each, the sum in the wider of their types.
func (c *loraConfig) sum(name string, get func(name string) *graph.Node) *graph.Node {
	w := get(name)
	if c.learner == nil {
		return w
	}
	a, b := get(c.learner.a.Name()), get(c.learner.b.Name())
	product := graph.MulScalar(graph.DotGeneral(a, []int{a.Rank() - 1}, nil, b, []int{0}, nil), c.share())
	if w.DType().Size() < product.DType().Size() {
		w = graph.ConvertDType(w, product.DType())
	}
	return graph.Add(w, graph.ConvertDType(product, w.DType()))
}

// Merging says which weight files hold with the product of which others added.
func (c *loraConfig) Merging() (into *symbolic.Weight, factors []*symbolic.Weight) {
	if c.learner == nil {
		return nil, nil
	}
	return c.learner.into, []*symbolic.Weight{c.learner.a, c.learner.b}
}

// merge adds the factors' product to a weight, in the layer's compute type.
func (c *loraConfig) merge(to dtypes.DType, w, a, b *tensors.Tensor) (*tensors.Tensor, error) {
	var flat [3][]float32
	for i, t := range []*tensors.Tensor{w, a, b} {
		t, err := ndarray.Convert(t, dtypes.Float32)
		if err == nil {
			err = tensors.ConstFlatData(t, func(values []float32) { flat[i] = slices.Clone(values) })
		}
		if err != nil {
			return nil, err
		}
	}
	share, rank := c.share(), *c.LoraRank
	columns := len(flat[2]) / rank
	for i := range flat[0] {
		sum := 0.0
		for k := range rank {
			sum += float64(flat[1][i/columns*rank+k]) * float64(flat[2][k*columns+i%columns])
		}
		flat[0][i] = float32(float64(flat[0][i]) + share*sum)
	}
	return ndarray.Convert(tensors.FromFlatDataAndDimensions(flat[0], w.Shape().Dimensions...), to)
}

// optional is nil for Keras's default, which 0 stands for.
func optional(alpha float64) *float64 {
	if alpha == 0 {
		return nil
	}
	return &alpha
}
