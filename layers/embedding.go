package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/regularizers"
	"github.com/gokeras/gokeras/symbolic"
)

// EmbeddingLayer is Keras's Embedding: a table from which whole numbers choose rows.
type EmbeddingLayer struct {
	layer[*EmbeddingLayer]
	sampleWise
	stepWise
	cfg embeddingConfig
}

type embeddingConfig struct {
	symbolic.LayerConfig
	InputDim              int                      `keras:"input_dim"`
	OutputDim             int                      `keras:"output_dim"`
	EmbeddingsInitializer initializers.Initializer `keras:"embeddings_initializer" default:"uniform"`
	EmbeddingsRegularizer regularizers.Regularizer `keras:"embeddings_regularizer"`
	EmbeddingsConstraint  constraints.Constraint   `keras:"embeddings_constraint"`
	MaskZero              bool                     `keras:"mask_zero"`
	_                     any                      `keras:"activity_regularizer"`
	loraConfig
	quantizable
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Embedding(0, 0) }) }

// Embedding returns a layer that turns indices of shape (batch, …), each in [0, inputDim), into vectors of shape (batch, …, outputDim)
// that are learnt (Keras: Embedding(input_dim, output_dim)). Indices of any type are taken, fractions are cut off. A negative index
// counts from the table's end; one outside of the table gives NaN and learns nothing, as in Keras on JAX.
func Embedding(inputDim, outputDim int) *EmbeddingLayer {
	l := &EmbeddingLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.InputDim, l.cfg.OutputDim = inputDim, outputDim
	return l
}

// Validate reports arguments that Keras rejects.
func (c *embeddingConfig) Validate() error {
	if c.InputDim <= 0 {
		return fmt.Errorf("`input_dim` must be a positive integer, received: input_dim=%d", c.InputDim)
	}
	if c.OutputDim <= 0 {
		return fmt.Errorf("`output_dim` must be a positive integer, received: output_dim=%d", c.OutputDim)
	}
	return firstError(c.check(), c.checkQuantized(c.DType, c.LoraRank))
}

// table is the table as whole numbers, nil where it is none.
func (e *embeddingConfig) table(policy symbolic.DTypePolicy) *quantizedTable {
	mode, block := e.bits(policy)
	if mode == "" {
		return nil
	}
	return &quantizedTable{name: "embeddings", shape: [2]int{e.InputDim, e.OutputDim}, shared: 1, paired: 1, four: mode == "int4", block: block}
}

// Infer adds the axis of the vectors.
func (l *EmbeddingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	return l.floatOutput(append(x, l.cfg.OutputDim), err)
}

// Declare declares the table, of shape (input_dim, output_dim).
func (l *EmbeddingLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	l.cfg.declare(b)
	return l.cfg.startLoRA(&l.BaseLayer)
}

func (e *embeddingConfig) startLoRA(base *symbolic.BaseLayer) error {
	if mode, _ := e.DType.Quantization(); mode != "" {
		return nil
	}
	return e.start(base, "embeddings", nil, e.EmbeddingsConstraint) // Keras forgets an alpha of the constructor
}

func (e *embeddingConfig) declare(b *symbolic.Builder) {
	if table := e.table(e.DType); table != nil {
		table.declare(b, func() {})
		return
	}
	b.Weight(symbolic.WeightSpec{Name: "embeddings", Shape: []int{e.InputDim, e.OutputDim}, Initializer: e.EmbeddingsInitializer,
		Regularizer: e.EmbeddingsRegularizer, Constraint: e.EmbeddingsConstraint})
}

// KeepsInputTypes says that indices are not rounded to the layer's compute type.
func (l *EmbeddingLayer) KeepsInputTypes() {}

// ComputeMask counts every index but 0, if mask_zero is set.
func (l *EmbeddingLayer) ComputeMask(m *symbolic.MaskCall) []symbolic.Mask {
	if !l.cfg.MaskZero {
		return nil
	}
	return []symbolic.Mask{m.Op("NotEqual", nil, m.Input(), 0)}
}

// Call computes the layer.
func (l *EmbeddingLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.cfg.lookUp(c, in[0])}
}

// embeddings is the table, of the type of its weight or with LoRA in the layer's compute type.
func (e *embeddingConfig) embeddings(c *symbolic.Call) *graph.Node {
	table := e.sum("embeddings", c.RawWeight)
	if e.learner != nil {
		table = graph.ConvertDType(table, c.DType())
	}
	return table
}

// lookUp takes the rows of the table that are asked for.
func (e *embeddingConfig) lookUp(c *symbolic.Call, x *graph.Node) *graph.Node {
	var table *graph.Node
	if whole := e.table(e.DType); whole != nil {
		table = whole.real(c)
	} else {
		table = e.embeddings(c)
	}
	index := graph.StopGradient(x)
	if index.DType() != dtypes.Int64 {
		index = graph.ConvertDType(index, dtypes.Int32)
	}
	number := func(n int) *graph.Node {
		return graph.BroadcastToDims(graph.Scalar(c.Graph(), index.DType(), n), index.Shape().Dimensions...)
	}
	index = graph.Where(graph.LessThan(index, number(0)), graph.Add(index, number(e.InputDim)), index)
	inside := graph.LogicalAnd(graph.GreaterOrEqual(index, number(0)), graph.LessThan(index, number(e.InputDim)))
	if table.DType() != dtypes.Float64 { // gradients add up in float32, as the pure-Go engine can't add halves
		table = graph.ConvertDType(table, dtypes.Float32)
	}
	rows := graph.Gather(table, graph.InsertAxes(graph.Where(inside, index, number(0)), -1))
	inside = graph.BroadcastToDims(graph.InsertAxes(inside, -1), rows.Shape().Dimensions...)
	rows = graph.Where(inside, rows, graph.BroadcastToDims(graph.Scalar(c.Graph(), rows.DType(), math.NaN()), rows.Shape().Dimensions...))
	return graph.ConvertDType(rows, c.DType())
}

// Quantize makes whole numbers of the table, "int8" or "int4" (Keras: quantize(mode)). The layer must have been applied. A model must be compiled
// afterwards.
func (l *EmbeddingLayer) Quantize(mode string) error {
	return l.cfg.quantizeLayer(&l.BaseLayer, mode, &l.cfg.loraConfig, func(policy symbolic.DTypePolicy) (map[string]*tensors.Tensor, error) {
		return l.cfg.quantized(&l.BaseLayer, policy)
	}, l.cfg.declare)
}

// quantized are the weights that the table becomes.
func (e *embeddingConfig) quantized(base *symbolic.BaseLayer, policy symbolic.DTypePolicy) (map[string]*tensors.Tensor, error) {
	values, err := floatsOfWeight(base, "embeddings")
	if err != nil {
		return nil, err
	}
	return e.table(policy).quantize(values, e.QuantizationConfig.weights), nil
}

// EnableLoRA freezes the table and lets the layer learn two small factors instead, of which the product times alpha/rank is added to it; an alpha of 0
// is Keras's default, the rank. The layer must have been applied; files hold the table with the product added. A model must be compiled afterwards
// (Keras: enable_lora).
func (l *EmbeddingLayer) EnableLoRA(rank int, alpha float64) error {
	return l.cfg.enableNamed(&l.BaseLayer, "embeddings", rank, alpha, l.cfg.EmbeddingsConstraint)
}

// Merging says what files hold for the layer's weights.
func (l *EmbeddingLayer) Merging() (into *symbolic.Weight, factors []*symbolic.Weight) {
	return l.cfg.Merging()
}

// Merge is the table as files hold it.
func (l *EmbeddingLayer) Merge(w *tensors.Tensor, factors ...*tensors.Tensor) (*tensors.Tensor, error) {
	return l.cfg.merge(l.cfg.DType.Compute(), w, factors[0], factors[1])
}
