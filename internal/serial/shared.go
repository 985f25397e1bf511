package serial

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// Keras marks what it wrote before with "shared_object_id". A layer that two models inside one have in common must be one layer
// again when the file is read, since its weights are in the file once.

// The keys, which no JSON from outside can hold, under which entries of a configuration point to their layers.
const (
	layerMark  = "\x00layer"
	sharedMark = "\x00shared"
	sharedID   = "shared_object_id"
)

// markShared gives the later entries of layers that were written more than once an id, and takes the marks away.
func markShared(cfg map[string]any) {
	entries := map[symbolic.Layer][]map[string]any{}
	var order []symbolic.Layer
	eachEntry(cfg, func(entry map[string]any) {
		if l, ok := entry[layerMark].(symbolic.Layer); ok {
			if entries[l] == nil {
				order = append(order, l)
			}
			entries[l] = append(entries[l], entry)
			delete(entry, layerMark)
		}
	})
	id := 0
	for _, l := range order {
		if len(entries[l]) < 2 || symbolic.IsOperation(l) {
			continue
		}
		// As Keras does, but each with an id of its own: Python can't connect a layer that it shares between models, and reads
		// each as a layer by itself.
		for _, entry := range entries[l][1:] {
			id++
			entry[sharedID] = id
		}
	}
}

// sharedLayer is a layer of several entries, nil until the first of them is read.
type sharedLayer struct{ layer symbolic.Layer }

// findShared marks the entries that are of one layer. Keras leaves the id out where it writes a layer first: that is an earlier entry
// of the same name and configuration.
func findShared(cfg map[string]any) {
	anyShared := false
	eachEntry(cfg, func(entry map[string]any) { anyShared = anyShared || entry[sharedID] != nil })
	if !anyShared {
		return
	}
	byID, first := map[string]*sharedLayer{}, map[[sha256.Size]byte]map[string]any{}
	eachEntry(cfg, func(entry map[string]any) {
		sum := objectSum(entry)
		raw := entry[sharedID]
		if raw == nil {
			if first[sum] == nil {
				first[sum] = entry
			}
			return
		}
		id := fmt.Sprint(raw)
		if byID[id] == nil {
			byID[id] = &sharedLayer{}
			if f := first[sum]; f != nil {
				if s, marked := f[sharedMark].(*sharedLayer); marked {
					byID[id] = s
				}
				f[sharedMark] = byID[id]
			}
		}
		entry[sharedMark] = byID[id]
	})
}

// objectSum tells entries apart, but for the ids in them and their places in the graph.
func objectSum(entry map[string]any) [sha256.Size]byte {
	raw, err := json.Marshal([]any{entry["module"], entry["class_name"], withoutIDs(entry["config"])}) // with the name
	if err != nil {                                                                                    // an entry like no other
		raw = fmt.Appendf(nil, "%p", entry)
	}
	return sha256.Sum256(raw)
}

func withoutIDs(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			if _, isMark := e.(*sharedLayer); key != sharedID && !isMark {
				out[key] = withoutIDs(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutIDs(e)
		}
		return out
	}
	return v
}

// eachEntry visits the serialised layers inside a model's serialised form, in order, those inside other layers' configurations too.
func eachEntry(model map[string]any, visit func(entry map[string]any)) {
	nest.Walk(model["config"], func(_ nest.Path, v any) bool {
		entry, ok := v.(map[string]any)
		if !ok || !config.IsEnvelope(entry) {
			return true
		}
		module, _ := entry["module"].(string)
		for _, part := range []string{"initializers", "regularizers", "constraints"} {
			if module == "keras."+part {
				return false
			}
		}
		if entry["class_name"] == "DTypePolicy" || entry["class_name"] == "__keras_tensor__" {
			return false
		}
		visit(entry)
		return true
	})
}
