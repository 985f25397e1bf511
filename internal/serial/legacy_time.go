package serial

import (
	"fmt"
	"maps"
	"slices"
)

// Keras 2 had recurrent layers whose first axis is time, and the second the batch (time_major=True). Here they are the layers of Keras 3 between two
// transpositions.

// batchMajor puts transpositions around the layers of a graph that begin with time, and returns the entries and what refers to the model's outputs.
func batchMajor(entries []any, outputs any) ([]any, any, error) {
	var out []any
	sequences := map[string]bool{} // the layers whose outputs are turned back
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		class, _ := entry["class_name"].(string)
		cfg, turned := withoutTimeMajor(class, asObject(entry["config"]))
		if !turned {
			out = append(out, e)
			continue
		}
		name, _ := nameOf(entry).(string)
		calls, _ := entry["inbound_nodes"].([]any)
		before, after := make([]any, len(calls)), make([]any, len(calls))
		inner := make([]any, len(calls))
		for i, call := range calls {
			list, first, err := firstOfCall(call)
			if err != nil {
				return nil, nil, fmt.Errorf("layer %q: call %d: %w", name, i, err)
			}
			before[i] = transposed(first[0], first[1], first[2])
			ref := append([]any{name + ".in", float64(i), 0.0}, first[3:]...)
			if inner[i] = append([]any{ref}, list[1:]...); len(list) == 0 {
				inner[i] = ref
			}
			after[i] = transposed(name, float64(i), 0.0)
		}
		layer := maps.Clone(entry)
		layer["config"], layer["inbound_nodes"] = cfg, inner
		out = append(out, transposition(name+".in", before), layer)
		if sequences[name] = returnsSequences(class, cfg); sequences[name] {
			out = append(out, transposition(name+".out", after))
		}
	}
	if len(sequences) == 0 {
		return entries, outputs, nil
	}
	for i, e := range out {
		entry, _ := e.(map[string]any)
		name, _ := nameOf(entry).(string)
		entry = maps.Clone(entry)
		entry["inbound_nodes"] = turnedBack(entry["inbound_nodes"], sequences, name)
		out[i] = entry
	}
	return out, turnedBack(outputs, sequences, ""), nil
}

// withoutTimeMajor is the configuration of a recurrent layer without that argument, and whether the argument was set.
func withoutTimeMajor(class string, cfg map[string]any) (map[string]any, bool) {
	if !slices.Contains(recurrent, class) {
		return cfg, false
	}
	cfg = maps.Clone(cfg)
	turned := cfg["time_major"] == true
	delete(cfg, "time_major")
	for _, key := range []string{"layer", "backward_layer"} { // of a Bidirectional
		if inner := asObject(cfg[key]); inner != nil {
			class, _ := inner["class_name"].(string)
			own, set := withoutTimeMajor(class, asObject(inner["config"]))
			turned = turned || set
			inner = maps.Clone(inner)
			inner["config"], cfg[key] = own, inner
		}
	}
	return cfg, turned
}

// returnsSequences reports whether a recurrent layer's first output has a time axis.
func returnsSequences(class string, cfg map[string]any) bool {
	if class == "Bidirectional" {
		cfg = asObject(asObject(cfg["layer"])["config"])
	}
	return cfg["return_sequences"] == true
}

// firstOfCall is the reference to the tensor that a call is about, and all of the call's references, none where it has that one alone and not in a list.
func firstOfCall(call any) (list, first []any, err error) {
	list, _ = call.([]any)
	if _, _, _, alone := legacyRef(list); alone {
		list, first = nil, list
	} else if len(list) > 0 {
		first, _ = list[0].([]any)
	}
	if _, _, _, ok := legacyRef(first); !ok {
		return nil, nil, fmt.Errorf("its input is %v, want [layer name, node index, tensor index]", call)
	}
	if len(first) == 4 && asObject(first[3])["mask"] != nil {
		return nil, nil, fmt.Errorf("a mask whose first axis is time isn't supported")
	}
	return list, first, nil
}

// transposed is a call of tf.transpose with a tensor.
func transposed(name, node, tensor any) any {
	return []any{name, node, tensor, map[string]any{"perm": []any{1.0, 0.0, 2.0}}}
}

func transposition(name string, calls []any) map[string]any {
	return map[string]any{"class_name": "TFOpLambda", "name": name, "config": map[string]any{"name": name, "function": "transpose"}, "inbound_nodes": calls}
}

// turnedBack makes references to the first outputs of those layers refer to what turns them back, but for the entry that does so.
func turnedBack(v any, sequences map[string]bool, entry string) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = turnedBack(e, sequences, entry)
		}
		if name, _, tensor, ok := legacyRef(v); ok && tensor == 0 && sequences[name] && entry != name+".out" {
			out[0] = name + ".out"
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = turnedBack(e, sequences, entry)
		}
		return out
	}
	return v
}
