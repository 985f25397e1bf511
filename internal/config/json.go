package config

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Marshal is json.Marshal with floats written as Python writes them: a whole
// float64 keeps its ".0", without which Keras takes it for an int and refuses it.
func Marshal(v any) ([]byte, error) { return json.Marshal(python(v)) }

// python replaces the floats inside v.
func python(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = python(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = python(e)
		}
		return out
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return v // for json.Marshal to refuse
		}
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return json.Number(text)
	}
	return v
}
