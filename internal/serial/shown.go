package serial

import (
	"fmt"
	"maps"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// shownMark is the key, which no JSON from outside can hold, under which entries of a model that is only shown have the specs of their outputs, as
// far as the file tells them: the layers that take them say for which shape they were built.
const shownMark = "\x00shown"

// markShown marks the layers of a model and of models inside it.
func markShown(cfg map[string]any) {
	nest.Walk(cfg, func(_ nest.Path, v any) bool {
		m, _ := v.(map[string]any)
		inner, _ := m["config"].(map[string]any)
		layers, ok := inner["layers"].([]any)
		class, _ := m["class_name"].(string)
		if !ok || !isModelClass(class) {
			return true
		}
		specs := map[string][]symbolic.Spec{}
		var before string // the last layer's name
		for _, e := range layers {
			entry, _ := e.(map[string]any)
			name := entryName(entry)
			build, _ := entry["build_config"].(map[string]any)
			shape, err := symbolic.ShapeFromJSON(build["input_shape"])
			known := err == nil && len(shape) > 0
			if class == "Sequential" {
				if known && before != "" {
					specs[before] = shownAt(specs[before], 0, shape)
				}
				before = name
				continue
			}
			calls, _ := entry["inbound_nodes"].([]any)
			for i, c := range calls {
				call, err := parseCall(c)
				if err != nil {
					continue
				}
				for _, r := range call.refs {
					ref, _ := r.([]any)
					if !isRef(ref) {
						continue
					}
					from, _ := ref[0].(string)
					index, ok := config.AsInt(ref[2])
					if !ok || index < 0 || index >= maxShownOutputs {
						continue
					}
					if known && i == 0 && len(call.refs) == 1 {
						specs[from] = shownAt(specs[from], index, shape)
					} else {
						specs[from] = shownAt(specs[from], index, nil)
					}
				}
			}
		}
		for _, e := range layers {
			if entry, ok := e.(map[string]any); ok {
				entry[shownMark] = specs[entryName(entry)]
			}
		}
		return true
	})
}

const maxShownOutputs = 1000

// shownAt puts a shape, nil for one that isn't known, at a place of specs, unless one is there.
func shownAt(specs []symbolic.Spec, index int, shape symbolic.Shape) []symbolic.Spec {
	for len(specs) <= index {
		specs = append(specs, symbolic.Spec{Shape: symbolic.UnknownShape(), DType: "float32"})
	}
	if shape != nil && specs[index].Shape.IsUnknown() {
		specs[index].Shape = shape
	}
	return specs
}

func entryName(entry map[string]any) string {
	cfg, _ := entry["config"].(map[string]any)
	name, ok := cfg["name"].(string)
	if !ok {
		name, _ = entry["name"].(string)
	}
	return name
}

// showOutputs tells a layer of a model that is only shown what its outputs are.
func showOutputs(entry map[string]any, l symbolic.Layer) {
	if specs, ok := entry[shownMark].([]symbolic.Spec); ok {
		l.Base().ShowOutputs(specs)
	}
}

// unknownShown makes what stands for a layer that can't be made in a model that is only shown; it is nil in any other.
func unknownShown(entry map[string]any, why error) symbolic.Layer {
	if _, shown := entry[shownMark]; !shown || entryName(entry) == "" {
		return nil
	}
	u := symbolic.NewUnknown(entry, why)
	showOutputs(entry, u)
	return u
}

// shownEntry is a layer's entry without its place in the graph.
func shownEntry(u *symbolic.Unknown) map[string]any {
	out := maps.Clone(u.Entry())
	for _, key := range []string{shownMark, sharedMark, "inbound_nodes", "name"} {
		delete(out, key)
	}
	return out
}

// Unknowns lists the layers of a model, and of models inside it, that can't be made here.
func Unknowns(n *symbolic.Network) []*symbolic.Unknown {
	var list []*symbolic.Unknown
	symbolic.EachLayer(n, func(l symbolic.Layer) {
		if u, ok := l.(*symbolic.Unknown); ok {
			list = append(list, u)
		}
	})
	return list
}

// checkKnown refuses a model that can only be shown.
func checkKnown(l symbolic.Layer) error {
	n, ok := symbolic.NetworkOf(l)
	if !ok {
		return nil
	}
	if list := Unknowns(n); len(list) > 0 {
		return fmt.Errorf("the model can only be shown: layer %q: %w", list[0].Name(), list[0].Why())
	}
	return nil
}

// showTree gives a layer that isn't built the arrays below its group.
func (p *restorePlan) showTree(l symbolic.Layer, group *kerasfile.Group) error {
	if group == nil {
		return nil
	}
	var paths []string
	var arrays []kerasfile.Array
	err := group.Walk(func(path string, a kerasfile.Array) error {
		paths, arrays = append(paths, path), append(arrays, a)
		return nil
	})
	if err != nil {
		return err
	}
	return p.showWeights(l, paths, arrays)
}

// showWeights gives a layer that isn't built weights for those arrays.
func (p *restorePlan) showWeights(l symbolic.Layer, paths []string, arrays []kerasfile.Array) error {
	var specs []symbolic.WeightSpec
	var kept []kerasfile.Array
	for i, a := range arrays {
		dtype, ok := a.TensorDType()
		if !ok {
			continue
		}
		specs = append(specs, symbolic.WeightSpec{Name: paths[i], Shape: a.Shape(), DType: dtype})
		kept = append(kept, a)
	}
	pairs := make([]restorePair, len(kept))
	for i, w := range l.Base().ShowWeights(specs) {
		pairs[i] = restorePair{w, kept[i]}
	}
	p.add(l.Base().Name(), pairs)
	return nil
}
