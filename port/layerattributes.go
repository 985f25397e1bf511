package port

import (
	"fmt"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Attributes of layers whose kind only the running program knows: arguments that layers keep under their names, and weights.

// layerArguments are the arguments, by what they are.
var layerArguments = map[string]typ{
	"units": tInt, "filters": tInt, "input_dim": tInt, "output_dim": tInt, "num_heads": tInt, "key_dim": tInt,
	"rate": tFloat, "momentum": tFloat, "epsilon": tFloat, "padding": tStr, "data_format": tStr, "use_bias": tBool, "return_sequences": tBool, "return_state": tBool, "stateful": tBool,
	"kernel_size": tSizes, "strides": tSizes, "pool_size": tSizes, "dilation_rate": tSizes,
}

// layerWeights are attributes that are weights of their name.
var layerWeights = map[string]bool{"kernel": true, "bias": true, "gamma": true, "beta": true, "moving_mean": true, "moving_variance": true, "embeddings": true}

// layerAttr is such an attribute, nil for others.
func (t *translator) layerAttr(v *value, name string) *value {
	if layerWeights[name] {
		return &value{typ: object("weight", "*functional.Weight"), code: fmt.Sprintf("%s(%s, %q)", t.helper("layerWeight"), v.code, name)}
	}
	if name == "activation" {
		return &value{typ: typ{kind: "activation of a layer"}, self: v}
	}
	ty, ok := layerArguments[name]
	switch {
	case !ok:
		return nil
	case ty.kind == tSizes.kind:
		return &value{typ: ty, code: fmt.Sprintf("%s(%s, %q)", t.helper("layerSizes"), v.code, name)}
	}
	return &value{typ: ty, code: fmt.Sprintf("%s[%s](%s, %q)", t.helper("layerArgument"), ty.goT, v.code, name)}
}

// config is get_config() of a layer or a model.
func (t *translator) config(code string, e *python.Expr) *value {
	t.approximate("the entries of a configuration are in the order of their names")
	return &value{typ: tJSON, code: fmt.Sprintf("%s(must.M1(%s))", t.helper("configValue"), code)}
}

var layerHelpers = map[string]string{
	"layerArgument": `
// layerArgument is an argument that a layer was made with.
func layerArgument[T any](l functional.Layer, name string) T {
	v, ok := must.M1(l.Base().GetConfig())[name].(T)
	if !ok {
		np.Fail("AttributeError", "'%s' object has no attribute '%s'", l.KerasClass().Name, name)
	}
	return v
}
`,
	"layerSizes": `
// layerSizes is an argument of a layer that has several numbers.
func layerSizes(l functional.Layer, name string) []int {
	var sizes []int
	for _, n := range layerArgument[[]any](l, name) {
		sizes = append(sizes, n.(int))
	}
	return sizes
}
`,
	"layerWeight": `
// layerWeight is the weight of a layer of that name.
func layerWeight(l functional.Layer, name string) *functional.Weight {
	for _, w := range l.Base().Weights() {
		if w.Name() == name {
			return w
		}
	}
	np.Fail("AttributeError", "'%s' object has no attribute '%s'", l.KerasClass().Name, name)
	return nil
}
`,
	"configValue": `
// configValue is a configuration as Python's dict.
func configValue(v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, x := range v {
			list = append(list, configValue(x))
		}
		return list
	case map[string]any:
		dict := &jsonDict{keys: slices.Sorted(maps.Keys(v)), values: map[string]any{}}
		for k, x := range v {
			dict.values[k] = configValue(x)
		}
		return dict
	}
	return v
}
`,
}
