package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// HashingLayer is Keras's Hashing: texts or whole numbers become the numbers of bins, by a hash. Nothing has to be learnt or kept for that, but different inputs may
// share a bin. It runs on the host, before the compiled program.
type HashingLayer struct {
	layer[*HashingLayer]
	symbolic.OnHost
	sampleWise
	cfg hashingConfig
}

type hashingConfig struct {
	symbolic.LayerConfig
	NumBins    int        `keras:"num_bins"`
	Salt       salt       `keras:"salt"`
	MaskValue  any        `keras:"mask_value"`
	OutputMode OutputMode `keras:"output_mode" default:"int"`
	Sparse     bool       `keras:"sparse"`
	DType      outputType `keras:"dtype" default:"null"`
}

// outputType is the dtype of a layer whose default follows from the output mode.
type outputType struct {
	of    *symbolic.LayerConfig
	mode  *OutputMode
	plain bool // files have the name alone
}

// name is the type: int64 of numbers of categories, else float32, unless the layer was told.
func (d *outputType) name() string {
	switch {
	case d.of.DType != "":
		return string(d.of.DType)
	case *d.mode == Int:
		return "int64"
	}
	return "float32"
}

// EncodeKeras writes the type's policy, or its name.
func (d *outputType) EncodeKeras() (any, error) {
	policy := symbolic.DTypePolicy(d.name())
	if d.plain {
		return (&variableDType{of: &symbolic.LayerConfig{DType: policy}}).EncodeKeras()
	}
	return policy.EncodeKeras()
}

// DecodeKeras leaves a type that is given to the layer.
func (d *outputType) DecodeKeras(v any) error {
	if v == nil {
		d.of.DType = ""
	}
	return nil
}

var _ config.Codec = (*outputType)(nil)

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Hashing(1) }) }

// Hashing returns a layer that makes of texts or whole numbers, (batch, …), those of numBins bins (Keras: Hashing(num_bins)). The hash is FarmHash, or SipHash with a
// Salt; numbers are hashed as texts of digits.
func Hashing(numBins int) *HashingLayer {
	l := &HashingLayer{}
	l.cfg.DType = outputType{of: &l.cfg.LayerConfig, mode: &l.cfg.OutputMode}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.LayerConfig.DType = ""
	l.cfg.NumBins = numBins
	return l
}

// FinishDecoding keeps a whole mask value whole: TensorFlow compares no float with whole numbers.
func (l *HashingLayer) FinishDecoding() {
	if n, ok := config.AsInt(l.cfg.MaskValue); ok {
		l.cfg.MaskValue = n
	}
}

// DType sets the layer's dtype policy, such as "float16" (Keras: dtype). The default is "int64" in the output mode int, else "float32".
func (l *HashingLayer) DType(policy symbolic.DTypePolicy) *HashingLayer {
	l.SetDType(policy)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *hashingConfig) Validate() error {
	dtype := c.DType.name()
	switch {
	case c.NumBins <= 0:
		return fmt.Errorf("the `num_bins` for `Hashing` cannot be `None` or non-positive values: received num_bins=%d", c.NumBins)
	case c.OutputMode == Int && dtype != "int32" && dtype != "int64":
		return fmt.Errorf("when `output_mode=\"int\"`, `dtype` should be an integer type, 'int32' or 'int64': received dtype=%s", dtype)
	case c.Sparse && c.OutputMode == Int:
		return fmt.Errorf("`sparse` may only be true if `output_mode` is `\"one_hot\"`, `\"multi_hot\"`, or `\"count\"`: received output_mode=%s", c.OutputMode)
	case c.Sparse:
		return errSparse
	}
	switch c.MaskValue.(type) {
	case nil, string, int, int64, float64:
	default:
		return fmt.Errorf("mask_value: got a %T, want a text or a whole number", c.MaskValue)
	}
	return onlyModes(c.OutputMode, Int, OneHot, MultiHot, Count)
}

// Infer replaces the last axis by the bins, in other modes than int; as in Keras also in one_hot, which adds an axis to what has several columns.
func (l *HashingLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if l.cfg.OutputMode != Int {
		if len(x) > 0 {
			x = x[:len(x)-1]
		}
		x = append(x, l.cfg.NumBins)
	}
	return []symbolic.Spec{{Shape: x, DType: ndarray.DTypeName(symbolic.DTypePolicy(l.cfg.DType.name()).Variable())}}, nil
}

// HostCall returns the function from texts or numbers to bins.
func (l *HashingLayer) HostCall() (symbolic.HostFunc, error) {
	if err := l.Err(); err != nil {
		return nil, err
	}
	if err := l.cfg.Validate(); err != nil {
		return nil, err
	}
	return func(inputs []symbolic.HostValue) ([]symbolic.HostValue, error) {
		bins, dims, err := l.cfg.bins(inputs[0])
		if err != nil {
			return nil, err
		}
		if l.cfg.OutputMode == OneHot && len(dims) > 0 && dims[len(dims)-1] == 1 {
			dims = dims[:len(dims)-1]
		}
		out, err := encodeCategories(bins, dims, l.cfg.OutputMode, l.cfg.NumBins, symbolic.DTypePolicy(l.cfg.DType.name()).Variable())
		return []symbolic.HostValue{out}, err
	}, nil
}

// bins hashes a batch. With a mask value, bin 0 is for that alone.
func (c *hashingConfig) bins(v symbolic.HostValue) (bins []int64, dims []int, err error) {
	masks := c.MaskValue != nil && c.NumBins > 1
	count, first := c.NumBins, int64(0)
	if masks {
		count, first = count-1, 1
	}
	if texts, ok := v.(*symbolic.Texts); ok {
		mask, isText := c.MaskValue.(string)
		if masks && !isText {
			return nil, nil, fmt.Errorf("the mask_value %v is no text, but the inputs are", c.MaskValue)
		}
		bins = make([]int64, len(texts.Flat))
		for i, text := range texts.Flat {
			if !masks || text != mask {
				bins[i] = first + c.Salt.bucket(text, count)
			}
		}
		return bins, texts.Dims, nil
	}
	mask, isNumber := config.AsFloat(c.MaskValue)
	if masks && !isNumber {
		return nil, nil, fmt.Errorf("the mask_value %q is a text, but the inputs are numbers", c.MaskValue)
	}
	numbers, dims, err := wholeNumbers(v)
	if err != nil {
		return nil, nil, err
	}
	masked := make([]bool, len(numbers))
	if masks {
		if masked, err = equalTo(v.(*tensors.Tensor), mask); err != nil {
			return nil, nil, err
		}
	}
	bins = make([]int64, len(numbers))
	for i, n := range numbers {
		if !masked[i] {
			bins[i] = first + c.Salt.bucket(textOf(n), count)
		}
	}
	return bins, dims, nil
}

// Encode returns the bins of texts or numbers, without a model (Keras: layer(inputs)).
func (l *HashingLayer) Encode(inputs any) (*tensors.Tensor, error) { return numbersOnHost(l, inputs) }
