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
// computation in the half).
type DTypePolicy string

var policyNames = []string{"float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16",
	"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}

// Validate reports a policy that Keras doesn't have.
func (p DTypePolicy) Validate() error {
	for _, known := range policyNames {
		if p == "" || string(p) == known {
			return nil
		}
	}
	return config.UnknownName("dtype", string(p), policyNames)
}

// Compute is the type in which the layer computes.
func (p DTypePolicy) Compute() dtypes.DType {
	return dtypeByName(strings.TrimPrefix(string(p), "mixed_"))
}

// Variable is the type in which the layer stores its weights.
func (p DTypePolicy) Variable() dtypes.DType {
	if strings.HasPrefix(string(p), "mixed_") {
		return dtypes.Float32
	}
	return dtypeByName(string(p))
}

// EncodeKeras writes the policy as Keras serialises it.
func (p *DTypePolicy) EncodeKeras() (any, error) {
	name := string(*p)
	if name == "" {
		name = "float32"
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
			return fmt.Errorf("the layer's weights are quantized (%s), which is not supported: save the model in Python before quantize()", clipped(mode))
		}
		if class, ok := v["class_name"].(string); ok {
			return fmt.Errorf("got a dtype policy of class %q, which is not supported (quantized layers aren't): re-save the model with a DTypePolicy such as \"float32\"", class)
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
