package serial

import (
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// withoutSlashes gives layers with names such as "conv1/bn", which Keras 2 lets them have and Keras 3 refuses to read, names such as
// "conv1_bn" in a model's serialised form, as Keras 3 has renamed those of its own networks. It returns the new names by the old ones.
func withoutSlashes(model map[string]any) map[string]string {
	taken, renamed := map[string]bool{}, map[string]string{}
	var slashed []string
	entries := append([]map[string]any{model}, layerEntries(model)...)
	for _, entry := range entries {
		if name, ok := nameOf(entry).(string); ok && !taken[name] {
			taken[name] = true
			if strings.Contains(name, "/") {
				slashed = append(slashed, name)
			}
		}
	}
	if len(slashed) == 0 {
		return nil
	}
	for _, name := range slashed {
		plain := strings.ReplaceAll(name, "/", "_")
		for n := 1; taken[plain]; n++ {
			plain = strings.ReplaceAll(name, "/", "_") + "_" + strconv.Itoa(n)
		}
		taken[plain], renamed[name] = true, plain
	}
	for _, entry := range entries {
		rename(entry, "name", renamed)
		cfg, _ := entry["config"].(map[string]any)
		rename(cfg, "name", renamed)
		renameRefs([]any{entry["inbound_nodes"], cfg["input_layers"], cfg["output_layers"]}, renamed)
	}
	if compile, ok := model["compile_config"].(map[string]any); ok {
		for _, key := range []string{"loss", "loss_weights", "metrics", "weighted_metrics"} {
			if byOutput, ok := compile[key].(map[string]any); ok {
				compile[key] = renamedKeys(byOutput, renamed)
			}
		}
	}
	return renamed
}

// layerEntries are the entries of layers inside a model's serialised form.
func layerEntries(model map[string]any) (entries []map[string]any) {
	eachEntry(model, func(entry map[string]any) {
		if _, isLayer := entry[layerMark].(symbolic.Layer); isLayer {
			entries = append(entries, entry)
		}
	})
	return entries
}

func rename(m map[string]any, key string, renamed map[string]string) {
	if name, ok := m[key].(string); ok && renamed[name] != "" {
		m[key] = renamed[name]
	}
}

// renameRefs renames the layers in all [layer name, node index, tensor index].
func renameRefs(v any, renamed map[string]string) {
	nest.Walk(v, func(_ nest.Path, v any) bool {
		list, ok := v.([]any)
		if !ok || !isRef(list) {
			return true
		}
		if name := renamed[list[0].(string)]; name != "" {
			list[0] = name
		}
		return false
	})
}

func renamedKeys(m map[string]any, renamed map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for key, v := range m {
		if name := renamed[key]; name != "" {
			key = name
		}
		out[key] = v
	}
	return out
}
