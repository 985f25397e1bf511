package layers

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// indexType is that of places in arrays.
const indexType = dtypes.Int32

// wholeWeight is a weight of whole numbers.
func wholeWeight(name string, shape []int) symbolic.WeightSpec {
	return symbolic.WeightSpec{Name: name, Shape: shape, Initializer: initializers.Zeros(), NonTrainable: true, DType: dtypes.Int8, Change: symbolic.Never}
}

// scaleWeight are the scales of the weight of that name.
func scaleWeight(name string, shape []int) symbolic.WeightSpec {
	return symbolic.WeightSpec{Name: name + "_scale", Shape: shape, Initializer: initializers.Ones(), NonTrainable: true, Change: symbolic.Never}
}

// blockIndex is the weight that says in which block each of n places is.
func blockIndex(n, block int) symbolic.WeightSpec {
	return symbolic.WeightSpec{Name: "g_idx", Shape: []int{n}, Initializer: blocksOf(block), NonTrainable: true, DType: dtypes.Float32, Change: symbolic.Never}
}

// roundAll makes whole numbers of values; those of one group, of which there are so many, share a scale. The arithmetic is NumPy's, by which Keras quantizes weights.
func (q *absMaxQuantizer) roundAll(values []float32, groups int, group func(i int) int) (whole []int8, scales []float32) {
	scales = make([]float32, groups)
	for i, v := range values {
		g := group(i)
		scales[g] = max(scales[g], float32(math.Abs(float64(v))))
	}
	lo, hi := float64(q.cfg.ValueRange[0]), float64(q.cfg.ValueRange[1])
	for g, largest := range scales {
		scales[g] = float32(hi) / (largest + float32(q.cfg.Epsilon))
	}
	whole = make([]int8, len(values))
	for i, v := range values {
		whole[i] = int8(min(max(math.RoundToEven(float64(v*scales[group(i)])), lo), hi))
	}
	return whole, scales
}

// defaultOf is what makes whole numbers of weights where a configuration doesn't say it.
func (t *quantizedTable) defaultOf() *absMaxQuantizer {
	q := newAbsMaxQuantizer()
	if t.four {
		q.cfg.ValueRange = [2]int{-8, 7}
	}
	return q
}

// quantize makes the weights of floats: by name, of the shapes that declare gives them.
func (t *quantizedTable) quantize(values []float32, by *absMaxQuantizer) map[string]*tensors.Tensor {
	columns := t.shape[1]
	at := func(i int) (place, other int) { // along the shared axis, and the other one
		if t.shared == 0 {
			return i / columns, i % columns
		}
		return i % columns, i / columns
	}
	out := map[string]*tensors.Tensor{}
	var whole []int8
	if t.block == 0 {
		if by == nil {
			by = t.defaultOf()
		}
		var scales []float32
		whole, scales = by.roundAll(values, t.shape[1-t.shared], func(i int) int { _, other := at(i); return other })
		out[t.name+"_scale"] = tensors.FromFlatDataAndDimensions(scales, t.scales()...)
	} else {
		whole = t.quantizeBlocks(values, at, out)
	}
	if t.four {
		whole = t.pair(whole)
	}
	out[t.name] = tensors.FromFlatDataAndDimensions(whole, t.stored()...)
	return out
}

// quantizeBlocks gives each block a scale and what 0 is in it.
func (t *quantizedTable) quantizeBlocks(values []float32, at func(i int) (place, other int), out map[string]*tensors.Tensor) []int8 {
	blocks, others := t.blocks(), t.shape[1-t.shared]
	group := func(i int) int {
		place, other := at(i)
		if t.shared == 0 {
			return place/t.block*others + other
		}
		return other*blocks + place/t.block
	}
	size := blocks * others
	lowest, highest := make([]float32, size), make([]float32, size)
	padded := t.shape[t.shared]%t.block != 0 // then the last block has zeros besides
	for g := range size {
		last := g/others == blocks-1
		if t.shared == 1 {
			last = g%blocks == blocks-1
		}
		if !padded || !last {
			lowest[g], highest[g] = float32(math.Inf(1)), float32(math.Inf(-1))
		}
	}
	for i, v := range values {
		g := group(i)
		lowest[g], highest[g] = min(lowest[g], v), max(highest[g], v)
	}
	const lo, hi, epsilon = -8, 7, float32(1e-7)
	scales, zeros := make([]float32, size), make([]int8, size)
	for g := range size {
		scales[g] = (highest[g] - lowest[g] + epsilon) / (hi - lo)
		zeros[g] = int8(min(max(math.RoundToEven(float64(-lowest[g]/scales[g]))+lo, lo), hi))
	}
	whole := make([]int8, len(values))
	for i, v := range values {
		g := group(i)
		whole[i] = int8(min(max(math.RoundToEven(float64(v/scales[g]))+float64(zeros[g]), lo), hi))
	}
	out[t.name+"_scale"] = tensors.FromFlatDataAndDimensions(scales, t.scales()...)
	out[t.name+"_zero"] = tensors.FromFlatDataAndDimensions(zeros, t.scales()...)
	return whole
}

// pair puts two numbers of 4 bits into one of 8, the first one in the low bits.
func (t *quantizedTable) pair(whole []int8) []int8 {
	stored := t.stored()
	out := make([]int8, stored[0]*stored[1])
	for i, v := range whole {
		at := [2]int{i / t.shape[1], i % t.shape[1]}
		odd := at[t.paired]%2 == 1
		at[t.paired] /= 2
		if into := &out[at[0]*stored[1]+at[1]]; odd {
			*into |= v << 4
		} else {
			*into |= v & 15
		}
	}
	return out
}

// quantizeLayer makes whole numbers of a layer's weights. Once the layer has its configuration, values are to be computed of the weights that it has, and
// its weights declared anew.
func (q *quantizable) quantizeLayer(base *symbolic.BaseLayer, mode string, lora *loraConfig, values func(policy symbolic.DTypePolicy) (map[string]*tensors.Tensor, error),
	declare func(b *symbolic.Builder)) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("layer %q: %w", base.Name(), fmt.Errorf(format, args...))
	}
	if already, _ := base.DType().Quantization(); already != "" {
		return fail("it is already quantized with dtype_policy=%q", base.DType())
	}
	if !base.Built() {
		return fail("a layer that isn't yet built can't be quantized: apply it first")
	}
	if lora != nil && lora.learner != nil {
		return fail("LoRA of a layer whose weights are quantized is not supported")
	}
	var cfg QuantizationConfig
	policy := base.DType()
	switch mode {
	case "int8":
		cfg, policy = Int8QuantizationConfig(), policy.Quantized(mode)
	case "int4":
		const blockSize = 128
		cfg, policy = Int4QuantizationConfig(blockSize), policy.Quantized(fmt.Sprintf("int4/%d", blockSize))
	default:
		return fail("got the quantization mode %q, want \"int8\" or \"int4\"", mode)
	}
	if err := policy.Validate(); err != nil {
		return fail("%w", err)
	}
	before := q.QuantizationConfig
	q.QuantizationConfig = cfg
	set, err := values(policy)
	if err == nil {
		err = base.Redeclare(policy, declare)
	}
	if err != nil {
		q.QuantizationConfig = before
		return fail("%w", err)
	}
	for name, t := range set {
		if err := base.OwnWeight(name).Set(t); err != nil {
			return fail("%w", err)
		}
	}
	return nil
}

// floatsOfWeight copies a weight's values.
func floatsOfWeight(base *symbolic.BaseLayer, name string) ([]float32, error) {
	t, err := base.OwnWeight(name).Value()
	if err == nil {
		t, err = ndarray.Convert(t, dtypes.Float32)
	}
	if err != nil {
		return nil, err
	}
	return tensors.CopyFlatData[float32](t)
}

// blocksOf is the initializer of an index of blocks of that size.
type blocksOf int

// KerasClass names it; no file has it.
func (blocksOf) KerasClass() config.Class { return config.Class{Name: "BlockIndex"} }

// KerasConfig has no arguments.
func (blocksOf) KerasConfig() any { return &struct{}{} }

// Values are the blocks in turn.
func (n blocksOf) Values(shape []int, _ *rand.Rand) ([]float32, error) {
	out := make([]float32, shape[0])
	for i := range out {
		out[i] = float32(i / int(n))
	}
	return out, nil
}
