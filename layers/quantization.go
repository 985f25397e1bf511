package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// QuantizationConfig says how whole numbers are made of a layer's weights and of what is multiplied with them (Keras:
// keras.quantizers.QuantizationConfig). The zero value is None: weights are quantized if the layer's dtype policy says so, in Keras's default way.
type QuantizationConfig struct {
	mode        string
	weights     *absMaxQuantizer // nil for Keras's default
	activations *absMaxQuantizer // nil for none
	block       *int
}

// Int8QuantizationConfig makes int8 of weights, by a scale for each output, and of inputs, by a scale for each sample, as Keras does by default
// (Keras: Int8QuantizationConfig()).
func Int8QuantizationConfig() QuantizationConfig {
	return QuantizationConfig{mode: "int8", activations: newAbsMaxQuantizer()}
}

// Int4QuantizationConfig makes whole numbers of 4 bits of weights; blockSize of them along the inputs share a scale, all where it is -1 (Keras:
// Int4QuantizationConfig(block_size=128)).
func Int4QuantizationConfig(blockSize int) QuantizationConfig {
	return QuantizationConfig{mode: "int4", block: &blockSize}
}

// quantizationClasses are the modes by Keras's classes.
var quantizationClasses = map[string]string{"Int8QuantizationConfig": "int8", "Int4QuantizationConfig": "int4"}

// EncodeKeras writes the configuration as Keras serialises it.
func (q *QuantizationConfig) EncodeKeras() (any, error) {
	if q.mode == "" {
		return nil, nil
	}
	cfg := map[string]any{}
	for key, quantizer := range map[string]*absMaxQuantizer{"weight_quantizer": q.weights, "activation_quantizer": q.activations} {
		cfg[key] = nil
		if quantizer != nil {
			var err error
			if cfg[key], err = config.Encode(quantizer); err != nil {
				return nil, err
			}
		}
	}
	class := config.Class{Module: "keras.quantizers", Name: "Int8QuantizationConfig"}
	if q.mode == "int4" {
		class.Name = "Int4QuantizationConfig"
		cfg["block_size"] = nil
		if q.block != nil {
			cfg["block_size"] = *q.block
		}
	}
	return config.Envelope(class, cfg), nil
}

// DecodeKeras reads a configuration of a file.
func (q *QuantizationConfig) DecodeKeras(v any) error {
	*q = QuantizationConfig{}
	if v == nil {
		return nil
	}
	m, _ := v.(map[string]any)
	class, _ := m["class_name"].(string)
	cfg, _ := m["config"].(map[string]any)
	if q.mode = quantizationClasses[class]; q.mode == "" || cfg == nil {
		return fmt.Errorf("got a configuration of class %q, want Int8QuantizationConfig or Int4QuantizationConfig: others are not supported", class)
	}
	for key, into := range map[string]**absMaxQuantizer{"weight_quantizer": &q.weights, "activation_quantizer": &q.activations} {
		quantizer, isMap := cfg[key].(map[string]any)
		if cfg[key] == nil {
			continue
		}
		if class, _ := quantizer["class_name"].(string); !isMap || class != "AbsMaxQuantizer" {
			return fmt.Errorf("%s: got %T of class %q, want an AbsMaxQuantizer", key, cfg[key], class)
		}
		*into = newAbsMaxQuantizer()
		if err := config.DecodeObject(quantizer, *into); err != nil {
			return err
		}
		if err := (*into).cfg.Validate(); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	if size, ok := cfg["block_size"].(float64); ok {
		n := int(size)
		q.block = &n
	}
	return q.check()
}

// check reports what Keras's constructors reject.
func (q *QuantizationConfig) check() error {
	if q.block == nil {
		return nil
	}
	switch n := *q.block; {
	case n < -1 || n == 0:
		return fmt.Errorf("block_size must be None, -1, or a positive integer, received: block_size=%d", n)
	case n > 0 && (q.weights != nil || q.activations != nil):
		return fmt.Errorf("weights that share a scale in blocks (block_size=%d) don't support custom quantizers: set block_size to -1, or remove the quantizers", n)
	}
	return nil
}

// absMaxQuantizer makes whole numbers of floats: times a scale, by which the largest of them becomes the end of the range (Keras: AbsMaxQuantizer).
type absMaxQuantizer struct {
	cfg absMaxConfig
}

type absMaxConfig struct {
	ValueRange  [2]int  `keras:"value_range" default:"[-127, 127]"`
	Epsilon     float64 `keras:"epsilon" default:"1e-7"`
	OutputDType string  `keras:"output_dtype" default:"int8"`
	Axis        any     `keras:"axis,omitempty"`
}

func newAbsMaxQuantizer() *absMaxQuantizer {
	q := &absMaxQuantizer{}
	config.SetDefaults(&q.cfg)
	return q
}

// KerasClass names Keras's AbsMaxQuantizer.
func (q *absMaxQuantizer) KerasClass() config.Class {
	return config.Class{Module: "keras.quantizers", Name: "AbsMaxQuantizer"}
}

// KerasConfig returns the quantizer's arguments.
func (q *absMaxQuantizer) KerasConfig() any { return &q.cfg }

// Validate reports what isn't supported.
func (c *absMaxConfig) Validate() error {
	if lo, hi := c.ValueRange[0], c.ValueRange[1]; lo < -128 || hi > 127 || lo >= hi || hi <= 0 || c.OutputDType != "int8" {
		return fmt.Errorf("want value_range within [-128, 127] and output_dtype=\"int8\", received value_range=%v, output_dtype=%q", c.ValueRange, c.OutputDType)
	}
	return nil
}

// round makes whole numbers, as floats, of x, with one scale along the axes, and returns the scale too, of which those axes are 1. To gradients it looks as if
// nothing were rounded.
func (q *absMaxQuantizer) round(x *graph.Node, axes ...int) (whole, scale *graph.Node) {
	lo, hi := float64(q.cfg.ValueRange[0]), float64(q.cfg.ValueRange[1])
	largest := graph.Abs(graph.StopGradient(x))
	if len(axes) > 0 {
		largest = graph.ReduceAndKeep(largest, graph.ReduceMax, axes...)
	}
	largest = graph.AddScalar(largest, q.cfg.Epsilon)
	scale = graph.Div(graph.MulScalar(graph.OnesLike(largest), hi), largest)
	scaled := graph.Mul(x, scale)
	rounded := graph.ClipScalar(graph.Round(graph.StopGradient(scaled)), lo, hi)
	return graph.Add(scaled, graph.StopGradient(graph.Sub(rounded, scaled))), scale
}

// quantizable is embedded by the configurations of layers that may have quantized weights.
type quantizable struct {
	QuantizationConfig QuantizationConfig `keras:"quantization_config"`
}

// bits tells how the layer's weights are kept: "int8", "int4" with the number of weights that share a scale, 0 for all, or "".
func (q *quantizable) bits(policy symbolic.DTypePolicy) (mode string, block int) {
	mode, block = policy.Quantization()
	if mode == "int4" && q.QuantizationConfig.mode == "int4" {
		block = 0
		if size := q.QuantizationConfig.block; size != nil {
			block = max(*size, 0)
		}
	}
	return mode, block
}

// inputs is what the layer's inputs are rounded by, nil for nothing. Without a configuration it is Keras's default of int8.
func (q *quantizable) inputs(policy symbolic.DTypePolicy) *absMaxQuantizer {
	if mode, _ := policy.Quantization(); q.QuantizationConfig.mode == "" && mode == "int8" {
		return newAbsMaxQuantizer()
	}
	return q.QuantizationConfig.activations
}

// checkQuantized reports arguments that don't go with the policy.
func (q *quantizable) checkQuantized(policy symbolic.DTypePolicy, lora *int) error {
	mode, _ := policy.Quantization()
	switch of := q.QuantizationConfig.mode; {
	case mode == "":
		return nil
	case lora != nil && *lora > 0:
		return fmt.Errorf("LoRA (lora_rank) of a layer whose weights are quantized is not supported")
	case of != "" && of != mode:
		return fmt.Errorf("quantization_config is for %s, the dtype policy is %q", of, policy)
	}
	return q.QuantizationConfig.check()
}

// quantizedTable is a matrix that is kept as whole numbers of 8 bits, or of 4 bits in pairs, times scales: weights called its name, name_scale and,
// where scales are shared in blocks, name_zero and g_idx, the block of each place.
type quantizedTable struct {
	name     string
	shape    [2]int
	shared   int  // the axis along which numbers share a scale
	paired   int  // the axis along which numbers of 4 bits are paired
	four     bool // 4 bits
	block    int  // how many share a scale, 0 for all
	follower bool // it uses another table's g_idx, and its zeros are floats
}

// blocks is how many scales there are along the shared axis.
func (t *quantizedTable) blocks() int {
	if t.block == 0 {
		return 1
	}
	return (t.shape[t.shared]-1)/t.block + 1
}

// stored is the shape of the weight itself.
func (t *quantizedTable) stored() []int {
	shape := slices.Clone(t.shape[:])
	if t.four {
		shape[t.paired] = (shape[t.paired] + 1) / 2
	}
	return shape
}

// scales is the shape of the scales.
func (t *quantizedTable) scales() []int {
	if t.block == 0 {
		return []int{t.shape[1-t.shared]}
	}
	shape := slices.Clone(t.shape[:])
	shape[t.shared] = t.blocks()
	return shape
}

// declare declares the matrix, then what between holds, then the scales: the order of Keras's files.
func (t *quantizedTable) declare(b *symbolic.Builder, between func()) {
	b.Weight(wholeWeight(t.name, t.stored()))
	between()
	b.Weight(scaleWeight(t.name, t.scales()))
	if t.block == 0 {
		return
	}
	zero := wholeWeight(t.name+"_zero", t.scales())
	if t.follower {
		zero.DType = dtypes.InvalidDType // that of the layer's weights
	}
	b.Weight(zero)
	if !t.follower {
		b.Weight(blockIndex(t.shape[t.shared], t.block))
	}
}

// whole is the matrix before it is scaled, in the layer's compute type.
func (t *quantizedTable) whole(c *symbolic.Call) *graph.Node {
	w := c.Weight(t.name)
	if !t.four {
		return w
	}
	high := graph.Floor(graph.DivScalar(w, 16))
	low := graph.Sub(w, graph.MulScalar(high, 16)) // from 0 to 15
	low = graph.Where(graph.GreaterThan(low, graph.MulScalar(graph.OnesLike(low), 7)), graph.AddScalar(low, -16), low)
	dims := w.Shape().Clone().Dimensions
	dims[t.paired] *= 2
	whole := graph.Reshape(graph.Stack([]*graph.Node{low, high}, t.paired+1), dims...)
	return graph.SliceAxis(whole, t.paired, graph.AxisRange(0, t.shape[t.paired]))
}

// scale is the scale of each row or column of a matrix without blocks.
func (t *quantizedTable) scale(c *symbolic.Call) *graph.Node { return c.Weight(t.name + "_scale") }

// real is the matrix of floats that the whole numbers stand for.
func (t *quantizedTable) real(c *symbolic.Call) *graph.Node {
	whole := t.whole(c)
	if t.block == 0 {
		return graph.Div(whole, graph.InsertAxes(t.scale(c), t.shared))
	}
	index := graph.ConvertDType(c.RawWeight("g_idx"), indexType)
	index = graph.InsertAxes(graph.ClipScalar(index, 0, float64(t.blocks()-1)), -1)
	spread := func(weight string) *graph.Node {
		w := c.Weight(weight)
		if t.shared == 1 {
			return graph.Transpose(graph.Gather(graph.Transpose(w, 0, 1), index), 0, 1)
		}
		return graph.Gather(w, index)
	}
	return graph.Mul(graph.Sub(whole, spread(t.name+"_zero")), spread(t.name+"_scale"))
}

// times multiplies x, of shape (…, n), with the matrix along its shared axis.
func (t *quantizedTable) times(c *symbolic.Call, x *graph.Node, inputs *absMaxQuantizer) *graph.Node {
	var scale *graph.Node
	if inputs != nil {
		x, scale = inputs.round(x, -1)
	}
	dot := func(w *graph.Node) *graph.Node {
		return graph.DotGeneral(x, []int{x.Rank() - 1}, nil, w, []int{t.shared}, nil)
	}
	var y, divisor *graph.Node
	if t.block > 0 {
		y, divisor = dot(t.real(c)), scale
	} else {
		y, divisor = dot(t.whole(c)), t.scale(c)
		divisor = graph.ExpandLeftToRank(divisor, y.Rank())
		if scale != nil {
			divisor = graph.Mul(divisor, scale)
		}
	}
	if divisor == nil {
		return y
	}
	return graph.Div(y, divisor)
}
