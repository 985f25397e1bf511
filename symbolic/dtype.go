package symbolic

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// DTypePolicy is Keras's dtype policy of a layer: "float32", "float64",
// "float16", "bfloat16", an integer type or "bool" (weights and computation in
// that type), or "mixed_float16" and "mixed_bfloat16" (weights in float32,
// computation in the half). Layers that are a [Quantizer] may have a quantized one: "int8_from_float32", or "int4/128_from_float32" with the
// number of weights that share a scale.
type DTypePolicy string

var policyNames = []string{"float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16",
	"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}

// Validate reports a policy that Keras doesn't have.
func (p DTypePolicy) Validate() error {
	if mode, _, quantized := p.quantized(); quantized {
		return p.checkQuantized(mode)
	}
	for _, known := range policyNames {
		if p == "" || string(p) == known {
			return nil
		}
	}
	return config.UnknownName("dtype", string(p), policyNames)
}

// Compute is the type in which the layer computes.
func (p DTypePolicy) Compute() dtypes.DType {
	return dtypeByName(strings.TrimPrefix(p.source(), "mixed_"))
}

// Variable is the type in which the layer stores its weights.
func (p DTypePolicy) Variable() dtypes.DType {
	source := p.source()
	if strings.HasPrefix(source, "mixed_") {
		return dtypes.Float32
	}
	return dtypeByName(source)
}

// quantized splits a quantized policy: "int4/128" and "float32".
func (p DTypePolicy) quantized() (mode, source string, ok bool) {
	return strings.Cut(string(p), "_from_")
}

// source is the policy that a quantized one was made of, or the policy itself.
func (p DTypePolicy) source() string {
	if _, source, ok := p.quantized(); ok {
		return source
	}
	return string(p)
}

// Quantization tells how a policy quantizes: "int8", "int4" or "" for not, and for "int4" how many weights share a scale, 0 for all of a column.
func (p DTypePolicy) Quantization() (mode string, block int) {
	mode, _, ok := p.quantized()
	if !ok {
		return "", 0
	}
	mode, size, _ := strings.Cut(mode, "/")
	block, _ = strconv.Atoi(size)
	return mode, max(block, 0)
}

// Quantized is the policy that quantizing makes of this one (Keras: layer.quantize(mode)).
func (p DTypePolicy) Quantized(mode string) DTypePolicy {
	return DTypePolicy(mode + "_from_" + cmp.Or(string(p), "float32"))
}

// checkQuantized reports modes and sources that there aren't.
func (p DTypePolicy) checkQuantized(mode string) error {
	source := DTypePolicy(p.source())
	if _, _, again := source.quantized(); again || source.Validate() != nil || !source.Compute().IsFloat() {
		return fmt.Errorf("got the dtype policy %s, want one such as \"int8_from_float32\"", clipped(string(p)))
	}
	name, size, sized := strings.Cut(mode, "/")
	n, err := strconv.Atoi(size)
	switch {
	case name != "int4" && mode != "int8":
		return fmt.Errorf("the layer's weights are quantized (%s), which is not supported: int8 and int4 are; save the model in Python before quantize()", clipped(mode))
	case sized && (err != nil || n < -1 || n == 0):
		return fmt.Errorf("got the dtype policy %s: what stands behind int4/ must be -1 or the positive number of weights that share a scale", clipped(string(p)))
	case mode == "int8" && source.Compute() == dtypes.Float16:
		return fmt.Errorf("weights of int8 don't work well with computation in float16, received %q", p)
	}
	return nil
}

// EncodeKeras writes the policy as Keras serialises it.
func (p *DTypePolicy) EncodeKeras() (any, error) {
	name := string(*p)
	if name == "" {
		name = "float32"
	}
	if mode, source, ok := p.quantized(); ok {
		class := config.Class{Module: "keras.dtype_policies", Name: "QuantizedDTypePolicy"}
		if strings.Contains(mode, "/") {
			class.Name = "Int4DTypePolicy"
		}
		return config.Envelope(class, map[string]any{"mode": mode, "source_name": source}), nil
	}
	return config.Envelope(config.Class{Module: "keras", Name: "DTypePolicy"}, map[string]any{"name": name}), nil
}

// DecodeKeras reads a policy's name or its serialised form.
func (p *DTypePolicy) DecodeKeras(v any) error {
	switch v := v.(type) {
	case nil:
		*p = "float32"
		return nil
	case string:
		*p = DTypePolicy(v)
		return p.Validate()
	case map[string]any:
		cfg, _ := v["config"].(map[string]any)
		if name, ok := cfg["name"].(string); ok {
			*p = DTypePolicy(name)
			return p.Validate()
		}
		if mode, ok := cfg["mode"].(string); ok {
			source, _ := cfg["source_name"].(string)
			*p = DTypePolicy(source).Quantized(mode)
			return p.Validate()
		}
		if class, ok := v["class_name"].(string); ok {
			return fmt.Errorf("got a dtype policy of class %q, which is not supported: re-save the model with a DTypePolicy such as \"float32\"", class)
		}
	}
	return fmt.Errorf("got a dtype of type %T, want a name such as \"float32\"", v)
}

// dtypeByName returns GoMLX's type of a Keras dtype name; "" is float32.
func dtypeByName(name string) dtypes.DType { return ndarray.DType(name) }

// dtypeName is the Keras name of a GoMLX type.
func dtypeName(d dtypes.DType) string { return ndarray.DTypeName(d) }

// SetDTypePolicy sets the policy of the layers made from now on, as "mixed_float16" (Keras: keras.config.set_dtype_policy). The
// default is "float32".
func SetDTypePolicy(policy DTypePolicy) error {
	if err := policy.Validate(); err != nil {
		return err
	}
	session.Lock()
	defer session.Unlock()
	session.policy = policy
	return nil
}

func defaultPolicy() DTypePolicy {
	session.Lock()
	defer session.Unlock()
	return cmp.Or(session.policy, "float32")
}

// clipped is a text of a file as an error shows it.
func clipped(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
