package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/nest"
)

// configDiff is a place where two configurations differ.
type configDiff struct {
	// Path is the place: "dense_1.config.units", layers inside models after their models' names and "/".
	Path string `json:"path"`
	// Only is "a" or "b" if the other has nothing there.
	Only string `json:"only,omitempty"`
	A    any    `json:"a,omitempty"`
	B    any    `json:"b,omitempty"`
}

func (d configDiff) String() string {
	switch d.Only {
	case "a":
		return fmt.Sprintf("- %s%s", d.Path, valueText(d.A))
	case "b":
		return fmt.Sprintf("+ %s%s", d.Path, valueText(d.B))
	}
	return fmt.Sprintf("! %s: %s -> %s", d.Path, compact(d.A), compact(d.B))
}

func valueText(v any) string {
	if text := compact(v); text != "" {
		return ": " + text
	}
	return ""
}

// compact writes a value on one line; of a long one, its beginning.
func compact(v any) string {
	const most = 120
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if runes := []rune(string(text)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(text)
}

// diffConfigs compares two models' configurations.
func diffConfigs(a, b map[string]any) []configDiff {
	return diffModels(nil, "", a, b)
}

// diffModels compares two serialised models; prefix leads to them.
func diffModels(list []configDiff, prefix string, a, b map[string]any) []configDiff {
	if a["class_name"] != b["class_name"] {
		list = append(list, configDiff{Path: prefix + "class_name", A: a["class_name"], B: b["class_name"]})
	}
	ca, _ := a["config"].(map[string]any)
	cb, _ := b["config"].(map[string]any)
	list = diffValues(list, strings.TrimSuffix(prefix, "/"), without(ca, "layers"), without(cb, "layers"))
	la, orderA := layersOf(ca)
	lb, orderB := layersOf(cb)
	var common [2][]string
	for _, name := range orderA {
		if lb[name] == nil {
			list = append(list, configDiff{Path: prefix + name, Only: "a", A: la[name]["class_name"]})
			continue
		}
		common[0] = append(common[0], name)
	}
	for _, name := range orderB {
		if la[name] == nil {
			list = append(list, configDiff{Path: prefix + name, Only: "b", B: lb[name]["class_name"]})
			continue
		}
		common[1] = append(common[1], name)
	}
	if !slices.Equal(common[0], common[1]) {
		list = append(list, configDiff{Path: prefix + "(order of layers)", A: common[0], B: common[1]})
	}
	for _, name := range common[0] {
		list = diffLayers(list, prefix+name, la[name], lb[name])
	}
	return list
}

func diffLayers(list []configDiff, at string, a, b map[string]any) []configDiff {
	_, modelA := layersIn(a)
	_, modelB := layersIn(b)
	// The shapes that layers were built for follow from the rest.
	list = diffValues(list, at, strip(a, modelA && modelB), strip(b, modelA && modelB))
	if modelA && modelB {
		list = diffModels(list, at+"/", a, b)
	}
	return list
}

// strip leaves out of a layer what follows from the rest, and says briefly what it is applied to; of a model, its
// configuration too.
func strip(layer map[string]any, isModel bool) map[string]any {
	out := without(layer, "build_config", "name", "module", "compile_config")
	if isModel {
		out = without(out, "config", "class_name")
	}
	if nodes, ok := layer["inbound_nodes"]; ok {
		out["inbound_nodes"] = connections(nodes)
	}
	return out
}

func layersIn(layer map[string]any) ([]any, bool) {
	cfg, _ := layer["config"].(map[string]any)
	list, ok := cfg["layers"].([]any)
	return list, ok
}

// layersOf returns the layers of a model's configuration by name, and their names in order.
func layersOf(cfg map[string]any) (map[string]map[string]any, []string) {
	byName := map[string]map[string]any{}
	var order []string
	list, _ := cfg["layers"].([]any)
	for i, entry := range list {
		layer, _ := entry.(map[string]any)
		inner, _ := layer["config"].(map[string]any)
		name, ok := layer["name"].(string)
		if !ok {
			name, ok = inner["name"].(string)
		}
		if !ok {
			name = "layer " + strconv.Itoa(i)
		}
		if layer == nil {
			layer = map[string]any{}
		}
		byName[name] = layer
		order = append(order, name)
	}
	return byName, order
}

func without(m map[string]any, keys ...string) map[string]any {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]any{}
	}
	for _, key := range keys {
		delete(out, key)
	}
	return out
}

// connections replaces the symbolic tensors in nodes by "dense[0][0]".
func connections(v any) any {
	v, _ = nest.Replace(v, func(_ nest.Path, v any) (any, bool, error) {
		m, _ := v.(map[string]any)
		cfg, _ := m["config"].(map[string]any)
		if from, ok := cfg["keras_history"].([]any); ok && m["class_name"] == "__keras_tensor__" && len(from) == 3 {
			return fmt.Sprintf("%v[%v][%v]", from...), true, nil
		}
		return nil, false, nil
	})
	return v
}

// diffValues compares two JSON values; objects key by key, lists whole.
func diffValues(list []configDiff, at string, a, b any) []configDiff {
	ma, okA := a.(map[string]any)
	mb, okB := b.(map[string]any)
	if !okA || !okB {
		if !reflect.DeepEqual(a, b) {
			list = append(list, configDiff{Path: at, A: a, B: b})
		}
		return list
	}
	keys := maps.Clone(ma)
	maps.Copy(keys, mb)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		va, hasA := ma[key]
		vb, hasB := mb[key]
		where := key
		if at != "" {
			where = at + "." + key
		}
		switch {
		case !hasB:
			list = append(list, configDiff{Path: where, Only: "a", A: va})
		case !hasA:
			list = append(list, configDiff{Path: where, Only: "b", B: vb})
		default:
			list = diffValues(list, where, va, vb)
		}
	}
	return list
}
