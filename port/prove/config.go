package prove

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// steady makes the layers of a configuration draw no random numbers in training. The Python side does the same.
func steady(v any) {
	switch v := v.(type) {
	case []any:
		for _, i := range v {
			steady(i)
		}
	case map[string]any:
		delete(v, "compile_config")
		class, _ := v["class_name"].(string)
		if cfg, ok := v["config"].(map[string]any); ok && class != "" {
			if strings.Contains(class, "Dropout") {
				cfg["rate"] = 0.0
			}
			if class == "GaussianNoise" {
				cfg["stddev"] = 0.0
			}
			for _, key := range []string{"dropout", "recurrent_dropout"} {
				if _, ok := cfg[key].(float64); ok {
					cfg[key] = 0.0
				}
			}
		}
		for _, i := range v {
			steady(i)
		}
	}
}

// config compares the model's configuration, and how it is compiled, key by key.
func (c comparison) config(want map[string]any) {
	if want == nil {
		c.row("configuration", "none that Python can write", "", Skipped)
		return
	}
	raw, err := c.model.ToJSON()
	var got map[string]any
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil {
		c.failed("configuration", err)
		return
	}
	unbuilt(want, got)
	forgotten(want, got)
	keys := 0
	var diffs []string
	diff(&diffs, &keys, "", plain(want), plain(got))
	if len(diffs) > 0 {
		c.row("configuration", fmt.Sprint(keys, " keys"), fmt.Sprintf("%d differ: %s", len(diffs), strings.Join(diffs[:min(3, len(diffs))], "; ")), Differs)
		return
	}
	c.row("configuration", fmt.Sprint(keys, " keys"), "key by key", Same)
}

// unbuilt takes the input away from a Sequential's configuration where Python's has none yet: what old notebooks say of a first layer's input,
// such as an Embedding's input_length, builds the program's model, and Keras 3 doesn't heed it.
func unbuilt(want, got map[string]any) {
	theirs, _ := want["config"].(map[string]any)
	mine, _ := got["config"].(map[string]any)
	all, _ := theirs["layers"].([]any)
	layers, _ := mine["layers"].([]any)
	if len(all) == 0 || len(layers) != len(all)+1 {
		return
	}
	first, _ := all[0].(map[string]any)
	input, _ := layers[0].(map[string]any)
	if want["class_name"] != "Sequential" || first["class_name"] == "InputLayer" || input["class_name"] != "InputLayer" {
		return
	}
	mine["layers"] = layers[1:]
	if theirs["build_input_shape"] == nil {
		delete(mine, "build_input_shape")
		delete(theirs, "build_input_shape")
	}
}

// forgotten takes the optimizer away where Python's has none: Keras 3 forgets it when it saves a model to a legacy .h5 file.
func forgotten(want, got map[string]any) {
	theirs, _ := want["compile_config"].(map[string]any)
	mine, _ := got["compile_config"].(map[string]any)
	if _, has := theirs["optimizer"]; theirs != nil && !has {
		delete(mine, "optimizer")
	}
}

// automatic are names that Keras gives by itself, of all its versions.
var automatic = regexp.MustCompile(`^(input|input_layer|functional|model|sequential)(_\d+)?$`)

// plain is a configuration without what follows from the rest and what says nothing: modules, the shapes for which layers were built,
// and the numbers in automatic names, which become the layers' places.
func plain(cfg map[string]any) any {
	places := map[string]string{}
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, i := range v {
				collect(i)
			}
		case map[string]any:
			inner, _ := v["config"].(map[string]any)
			class, _ := v["class_name"].(string)
			if name, ok := inner["name"].(string); ok && places[name] == "" {
				base := strings.TrimRight(name, "0123456789")
				if automatic.MatchString(name) || strings.ReplaceAll(strings.TrimSuffix(base, "_"), "_", "") == strings.ToLower(strings.TrimRight(class, "0123456789")) ||
					strings.ReplaceAll(name, "_", "") == strings.ToLower(class) || strings.HasPrefix(strings.ReplaceAll(name, "_", ""), strings.ToLower(class)) {
					places[name] = fmt.Sprintf("#%d", len(places))
				} else {
					places[name] = name
				}
			}
			// In their order: a map has none, and inbound nodes must not count first.
			for _, k := range slices.Sorted(maps.Keys(v)) {
				collect(v[k])
			}
		}
	}
	collect(cfg)
	var clean func(key string, v any) any
	clean = func(key string, v any) any {
		switch v := v.(type) {
		case []any:
			out := make([]any, len(v))
			for i := range v {
				out[i] = clean(key, v[i])
			}
			return out
		case map[string]any:
			out := map[string]any{}
			for k, i := range v {
				switch k {
				case "build_config", "module", "registered_name", "shared_object_id", "auto_scale_loss", "jit_compile", "run_eagerly", "steps_per_execution":
					continue
				}
				out[k] = clean(k, i)
			}
			if v["class_name"] == "Lambda" {
				if inner, ok := out["config"].(map[string]any); ok {
					delete(inner, "function")
				}
			}
			return out
		case string:
			if p := places[v]; p != "" && key != "activation" && key != "class_name" {
				return p
			}
		}
		return v
	}
	return clean("", cfg)
}

// diff lists the keys that differ, and counts all.
func diff(list *[]string, keys *int, path string, a, b any) {
	if ma, ok := a.(map[string]any); ok {
		if mb, ok := b.(map[string]any); ok {
			all := maps.Clone(ma)
			maps.Copy(all, mb)
			for _, k := range slices.Sorted(maps.Keys(all)) {
				diff(list, keys, strings.TrimPrefix(path+"."+k, "."), ma[k], mb[k])
			}
			return
		}
	}
	if la, ok := a.([]any); ok {
		if lb, ok := b.([]any); ok && len(la) == len(lb) {
			for i := range la {
				diff(list, keys, fmt.Sprintf("%s[%d]", path, i), la[i], lb[i])
			}
			return
		}
	}
	*keys++
	fa, oka := a.(float64)
	fb, okb := b.(float64)
	if oka && okb && math.Abs(fa-fb) <= 1e-6*max(math.Abs(fa), math.Abs(fb)) || reflect.DeepEqual(a, b) {
		return
	}
	*list = append(*list, fmt.Sprintf("%s: %.80s, %.80s", path, fmt.Sprint(a), fmt.Sprint(b)))
}
