package layers

import (
	"fmt"
	"maps"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/symbolic"
)

// ReversibleEmbeddingLayer is Keras's ReversibleEmbedding: a table of vectors, and the way back from vectors to scores of the rows.
type ReversibleEmbeddingLayer struct {
	layer[*ReversibleEmbeddingLayer]
	sampleWise
	cfg reversibleEmbeddingConfig
}

type reversibleEmbeddingConfig struct {
	embeddingConfig
	TieWeights   bool     `keras:"tie_weights" default:"true"`
	ReverseDType *string  `keras:"reverse_dtype"`
	LogitSoftCap *float64 `keras:"logit_soft_cap"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return ReversibleEmbedding(0, 0) }) }

// ReversibleEmbedding returns a layer that does what [Embedding] does, and with reverse=True turns vectors of shape (batch, …, outputDim)
// into scores of shape (batch, …, inputDim), which are their products with the table's rows (Keras: ReversibleEmbedding(input_dim,
// output_dim)):
//
//	words := layers.ReversibleEmbedding(1000, 64)
//	logits := words.ApplyWith(map[string]any{"reverse": true}, network(words.Apply(x)))
func ReversibleEmbedding(inputDim, outputDim int) *ReversibleEmbeddingLayer {
	l := &ReversibleEmbeddingLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.InputDim, l.cfg.OutputDim = inputDim, outputDim
	return l
}

// KeepsInputTypes says that indices are not rounded to the layer's compute type.
func (l *ReversibleEmbeddingLayer) KeepsInputTypes() {}

// reverseTypes are those in which scores may be computed.
var reverseTypes = map[string]dtypes.DType{"float16": dtypes.Float16, "bfloat16": dtypes.BFloat16, "float32": dtypes.Float32, "float64": dtypes.Float64}

// Validate reports arguments that Keras rejects.
func (c *reversibleEmbeddingConfig) Validate() error {
	if c.ReverseDType != nil {
		if _, ok := reverseTypes[*c.ReverseDType]; !ok {
			return fmt.Errorf("reverse_dtype=%q is not supported: want float16, bfloat16, float32 or float64", *c.ReverseDType)
		}
	}
	return c.embeddingConfig.Validate()
}

// Infer adds the axis of the vectors, or makes scores of it.
func (l *ReversibleEmbeddingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil || !in.Bool("reverse") {
		return l.floatOutput(append(x, l.cfg.OutputDim), err)
	}
	if last := len(x) - 1; last < 1 || x[last] != l.cfg.OutputDim && x[last] != symbolic.None {
		return nil, fmt.Errorf("reverse=True takes inputs of shape (batch, …, %d), received an input of shape %s", l.cfg.OutputDim, x)
	}
	x[len(x)-1] = l.cfg.InputDim
	return l.floatOutput(x, nil)
}

// Declare declares the table, of shape (input_dim, output_dim), and where the weights aren't tied the other one, of shape (output_dim,
// input_dim).
func (l *ReversibleEmbeddingLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	if l.cfg.LoraRank != nil && *l.cfg.LoraRank > 0 && !l.cfg.TieWeights {
		return fmt.Errorf("lora_rank and tie_weights=False can't be given both, in Keras neither: call EnableLoRA once the layer has been applied")
	}
	l.cfg.declareBoth(b)
	return l.cfg.startLoRA(&l.BaseLayer)
}

func (c *reversibleEmbeddingConfig) declareBoth(b *symbolic.Builder) {
	c.declare(b)
	switch table := c.reverseTable(c.DType); {
	case c.TieWeights:
	case table != nil:
		table.declare(b, func() {})
	default:
		b.Weight(symbolic.WeightSpec{Name: "reverse_embeddings", Shape: []int{c.OutputDim, c.InputDim}, Initializer: c.EmbeddingsInitializer})
	}
}

// reverseTable is the table of the way back as whole numbers, nil where it is none.
func (c *reversibleEmbeddingConfig) reverseTable(policy symbolic.DTypePolicy) *quantizedTable {
	table := c.table(policy)
	if table == nil || c.TieWeights {
		return table
	}
	return &quantizedTable{name: "reverse_embeddings", shape: [2]int{c.OutputDim, c.InputDim}, four: table.four, block: table.block, follower: true}
}

// Quantize makes whole numbers of the table, or both, "int8" or "int4" (Keras: quantize(mode)). The layer must have been applied. A model must be compiled
// afterwards.
func (l *ReversibleEmbeddingLayer) Quantize(mode string) error {
	return l.cfg.quantizeLayer(&l.BaseLayer, mode, &l.cfg.loraConfig, func(policy symbolic.DTypePolicy) (map[string]*tensors.Tensor, error) {
		set, err := l.cfg.quantized(&l.BaseLayer, policy)
		if err != nil || l.cfg.TieWeights {
			return set, err
		}
		values, err := floatsOfWeight(&l.BaseLayer, "reverse_embeddings")
		if err != nil {
			return nil, err
		}
		maps.Copy(set, l.cfg.reverseTable(policy).quantize(values, l.cfg.QuantizationConfig.weights))
		return set, nil
	}, l.cfg.declareBoth)
}

// Call computes the layer.
func (l *ReversibleEmbeddingLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if !c.Bool("reverse") {
		if l.cfg.MaskZero {
			c.SetOutputMask(0, c.Op("NotEqual", nil, x, 0))
		}
		return []*graph.Node{l.cfg.lookUp(c, x)}
	}
	if table := l.cfg.reverseTable(l.cfg.DType); table != nil {
		inputs := l.cfg.inputs(l.cfg.DType)
		if l.cfg.QuantizationConfig.mode == "" {
			inputs = newAbsMaxQuantizer() // for 4 bits, too
		}
		return []*graph.Node{l.cfg.capped(table.times(c, graph.ConvertDType(x, c.DType()), inputs))}
	}
	var table *graph.Node
	if l.cfg.TieWeights {
		table = graph.Transpose(l.cfg.embeddings(c), 0, 1)
	} else {
		table = c.RawWeight("reverse_embeddings")
	}
	dtype := table.DType()
	if l.cfg.ReverseDType != nil {
		dtype = reverseTypes[*l.cfg.ReverseDType]
	} else if x.DType().IsFloat() && x.DType() != dtype {
		dtype = dtypes.Float32 // of two floats of different types the wider one, of two halves neither
		if x.DType() == dtypes.Float64 || table.DType() == dtypes.Float64 {
			dtype = dtypes.Float64
		}
	}
	x, table = graph.ConvertDType(x, dtype), graph.ConvertDType(table, dtype)
	dims := x.Shape().Clone().Dimensions
	y := graph.Dot(graph.Reshape(x, -1, l.cfg.OutputDim), table).Product()
	dims[len(dims)-1] = l.cfg.InputDim
	return []*graph.Node{l.cfg.capped(graph.Reshape(y, dims...))}
}

// capped keeps scores below the limit.
func (c *reversibleEmbeddingConfig) capped(y *graph.Node) *graph.Node {
	if limit := c.LogitSoftCap; limit != nil {
		y = graph.MulScalar(graph.Tanh(graph.DivScalar(y, *limit)), *limit)
	}
	return y
}

// EnableLoRA freezes the table and lets the layer learn two small factors instead, of which the product times alpha/rank is added to it; an alpha of 0
// is Keras's default, the rank. The layer must have been applied; files hold the table with the product added. A model must be compiled afterwards
// (Keras: enable_lora).
func (l *ReversibleEmbeddingLayer) EnableLoRA(rank int, alpha float64) error {
	return l.cfg.enableNamed(&l.BaseLayer, "embeddings", rank, alpha, l.cfg.EmbeddingsConstraint)
}

// Merging says what files hold for the layer's weights.
func (l *ReversibleEmbeddingLayer) Merging() (into *symbolic.Weight, factors []*symbolic.Weight) {
	return l.cfg.Merging()
}

// Merge is the table as files hold it.
func (l *ReversibleEmbeddingLayer) Merge(w *tensors.Tensor, factors ...*tensors.Tensor) (*tensors.Tensor, error) {
	return l.cfg.merge(l.cfg.DType.Compute(), w, factors[0], factors[1])
}
