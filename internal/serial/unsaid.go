package serial

import "slices"

// withClass makes of what Keras's get_config returns what its to_json writes, which names the class of the model.
func withClass(m map[string]any) map[string]any {
	if _, isList := m["layers"].([]any); !isList || m["class_name"] != nil {
		return m
	}
	class := "Sequential"
	if m["output_layers"] != nil {
		class = "Functional"
	}
	return map[string]any{"class_name": class, "config": m}
}

// unsaidVersion tells which generation of Keras wrote a model that names no version, as get_config and the first to_json don't: Keras 3 has another
// name for the shape of an input, and a Sequential is no list any more.
func unsaidVersion(m map[string]any) (version string, old bool) {
	if class, _ := m["class_name"].(string); !isModelClass(class) {
		return "", false
	}
	_, isList := m["config"].([]any)
	switch {
	case !anyObject(m["config"], namesModule) && anyObject(m["config"], ofKeras1):
		return "1.0", true
	case isList || anyObject(m["config"], func(o map[string]any) bool { return o["batch_input_shape"] != nil }):
		return "2.0", true
	}
	return "", false
}

// namesModule reports whether an object with a class names its module, as nothing did before Keras 2.12.
func namesModule(o map[string]any) bool { return o["module"] != nil && o["class_name"] != nil }

// ofKeras1 reports whether a layer, or a layer's arguments, are of Keras 1 and no later one.
func ofKeras1(o map[string]any) bool {
	class, _ := o["class_name"].(string)
	if keras1Classes[class] != "" || class == "Merge" {
		return true
	}
	return slices.ContainsFunc([]string{"W_regularizer", "border_mode", "dim_ordering", "inner_init", "p", "sigma"}, func(key string) bool {
		_, has := o[key]
		return has
	})
}

// anyObject reports whether some object in v, at any depth, is as asked for.
func anyObject(v any, is func(map[string]any) bool) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return anyObject(e, is) })
	case map[string]any:
		if is(v) {
			return true
		}
		for _, e := range v {
			if anyObject(e, is) {
				return true
			}
		}
	}
	return false
}
