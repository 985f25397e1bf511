package layers_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerastable"
	"github.com/gokeras/gokeras/symbolic"
)

// hostileValues are what a file may have in the place of any argument.
func hostileValues() map[string]any {
	deep := any(1)
	for range 500 {
		deep = []any{deep}
	}
	long := make([]any, 1e4)
	for i := range long {
		long[i] = 1 << 40
	}
	return map[string]any{
		"huge": 1 << 62, "large": 1 << 31, "negative": -1, "least": math.MinInt64, "zero": 0, "half": 0.5, "NaN": math.NaN(), "infinity": math.Inf(1), "1e300": 1e300,
		"text": strings.Repeat("x", 1e5), "word": "same", "true": true, "list": []any{}, "three": []any{1 << 40, -1, 0}, "long": long, "deep": deep,
		"object": map[string]any{"class_name": "Dense", "config": map[string]any{"units": 1 << 62}}, "nothing": nil,
	}
}

// TestHostileArguments gives every argument of every layer values that no layer makes: each is refused, or makes a layer that says what it would
// compute, in little time.
func TestHostileArguments(t *testing.T) {
	values := hostileValues()
	tried, built := 0, map[string]bool{}
	for _, entry := range kerastable.List(kerastable.Layer) {
		class := entry.Name
		if entry.Function || !symbolic.KnowsLayer(class) {
			continue
		}
		tried++
		l, err := symbolic.NewLayer(class)
		require.NoError(t, err)
		fields, err := config.Fields(l.KerasConfig())
		if err != nil {
			fields = map[string]any{"trainable": true, "dtype": "float32"}
		}
		for _, a := range entry.Arguments {
			if _, ok := fields[a.Name]; !ok && a.Kind != kerastable.Varargs && a.Kind != kerastable.Kwargs {
				fields[a.Name] = nil
			}
		}
		for key, v := range fields {
			fields[key] = plausible(class, key, v)
		}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			for name, value := range values {
				begin := time.Now()
				require.NotPanics(t, func() { built[class] = tryConfig(class, fields, key, value) || built[class] }, "%s: %s is %s", class, key, name)
				require.Less(t, time.Since(begin), 10*time.Second, "%s: %s is %s", class, key, name)
			}
		}
	}
	require.Greater(t, tried, 80)
	count := 0
	for _, was := range built {
		if was {
			count++
		}
	}
	require.Greater(t, count, 60, "layers that were built with some of the values: %v", built)
}

// plausible is what lets a layer get as far as its other arguments: a size for one that has no default, a layer for wrappers.
func plausible(class, key string, v any) any {
	object := func(class string) any {
		return map[string]any{"module": "keras.layers", "class_name": class, "config": map[string]any{"units": 2, "name": "inside"}}
	}
	switch key {
	case "cell":
		return object("GRUCell")
	case "cells":
		return []any{object("GRUCell")}
	case "layer":
		if class == "Bidirectional" {
			return object("GRU")
		}
		return object("Dense")
	}
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = plausible(class, "", e)
		}
		return out
	}
	if fmt.Sprint(v) == "0" {
		return 2
	}
	return v
}

// tryConfig makes a layer, and asks what it would make of inputs of several ranks.
func tryConfig(class string, fields map[string]any, key string, value any) (built bool) {
	for _, shape := range []symbolic.Shape{{symbolic.None, 4}, {symbolic.None, 4, 3}, {symbolic.None, 4, 4, 3}, {2, 4, 4, 4, 3}} {
		l, err := symbolic.NewLayer(class)
		if err != nil {
			panic(err)
		}
		cfg := maps.Clone(fields)
		cfg["name"] = fmt.Sprintf("hostile_%d", len(shape))
		cfg[key] = value
		if symbolic.ReadConfig(l, cfg) != nil {
			return built
		}
		built = l.Base().BuildOn(symbolic.Spec{Shape: shape, DType: "float32"}) == nil || built
	}
	return built
}
