package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// CategoryEncodingLayer is Keras's CategoryEncoding: the numbers of categories become one number for each category.
type CategoryEncodingLayer struct {
	layer[*CategoryEncodingLayer]
	sampleWiseUnless
	cfg categoryEncodingConfig
}

type categoryEncodingConfig struct {
	symbolic.LayerConfig
	NumTokens  int        `keras:"num_tokens"`
	OutputMode OutputMode `keras:"output_mode" default:"multi_hot"`
	Sparse     bool       `keras:"sparse,unsaved"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return CategoryEncoding(1) }) }

// CategoryEncoding returns a layer that makes of whole numbers below numTokens, (batch, n), which of them are there (Keras: CategoryEncoding(num_tokens)): by
// default 1 or 0 for each, (batch, num_tokens). A call may have the weights of the numbers as its second argument, count_weights, in the output mode count.
func CategoryEncoding(numTokens int) *CategoryEncodingLayer {
	l := &CategoryEncodingLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.NumTokens = numTokens
	return l
}

// KeepsInputTypes says that categories are not rounded to the layer's compute type.
func (l *CategoryEncodingLayer) KeepsInputTypes() {}

// Validate reports arguments that Keras rejects.
func (c *categoryEncodingConfig) Validate() error {
	switch {
	case c.NumTokens < 1:
		return fmt.Errorf("`num_tokens` must be >= 1: received num_tokens=%d", c.NumTokens)
	case c.Sparse:
		return errSparse
	}
	return onlyModes(c.OutputMode, OneHot, MultiHot, Count)
}

var errSparse = fmt.Errorf("sparse tensors are not supported: want sparse false")

// Infer replaces the last axis by the categories, or adds them behind it (one_hot).
func (l *CategoryEncodingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err == nil {
		err = minRank(x, 1)
	}
	if err != nil {
		return nil, err
	}
	if weights, ok := in.Tensor("count_weights"); ok {
		if l.cfg.OutputMode != Count {
			return nil, fmt.Errorf("`count_weights` is not used when `output_mode` is not `'count'`: received count_weights of shape %s", weights.Shape)
		}
		if len(weights.Shape) > len(x) {
			return nil, fmt.Errorf("count_weights of shape %s don't fit inputs of shape %s", weights.Shape, x)
		}
	}
	l.crossesIf(l.cfg.OutputMode != OneHot && len(x) == 1)
	last := len(x) - 1
	if l.cfg.OutputMode != OneHot || last > 0 && x[last] == 1 {
		x = x[:last]
	}
	return l.floatOutput(append(x, l.cfg.NumTokens), nil)
}

// Call computes the layer.
func (l *CategoryEncodingLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	dtype := l.cfg.DType.Variable()
	weights, ok := c.Tensor("count_weights")
	if ok {
		dtype = c.DType()
		weights = ndarray.Cast(weights, dtype)
	}
	return []*graph.Node{encodeInGraph(in[0], weights, l.cfg.OutputMode, l.cfg.NumTokens, dtype)}
}
