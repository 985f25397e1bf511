package golden

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// SameJSON fails the test unless got holds want's JSON, key by key in any
// order; it names the first place where they differ. Keys in ignore may differ at any depth.
func SameJSON(t testing.TB, want, got []byte, ignore ...string) {
	t.Helper()
	var w, g any
	require.NoError(t, json.Unmarshal(want, &w))
	require.NoError(t, json.Unmarshal(got, &g))
	skip := map[string]bool{}
	for _, key := range ignore {
		skip[key] = true
	}
	if diff := differ("", w, g, skip); diff != "" {
		t.Fatalf("JSON differs: %s", diff)
	}
}

func differ(path string, want, got any, skip map[string]bool) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		for key, v := range w {
			if skip[key] {
				continue
			}
			other, ok := g[key]
			if !ok {
				return fmt.Sprintf("%s.%s is missing, Keras has %s", path, key, short(v))
			}
			if d := differ(path+"."+key, v, other, skip); d != "" {
				return d
			}
		}
		for key, v := range g {
			if _, ok := w[key]; !ok && !skip[key] {
				return fmt.Sprintf("%s.%s is %s, Keras has no such key", path, key, short(v))
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			break
		}
		for i := range w {
			if d := differ(fmt.Sprintf("%s[%d]", path, i), w[i], g[i], skip); d != "" {
				return d
			}
		}
		return ""
	}
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return fmt.Sprintf("%s is %s, Keras has %s", path, short(got), short(want))
}

func short(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	if len(raw) > 200 {
		raw = append(raw[:200], "…"...)
	}
	return string(raw)
}
