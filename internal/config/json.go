package config

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Marshal is json.Marshal with floats written as Python writes them: a whole
// float64 keeps its ".0", without which Keras takes it for an int and refuses it,
// and those that JSON lacks are NaN, Infinity and -Infinity.
func Marshal(v any) ([]byte, error) {
	raw, err := json.Marshal(python(v))
	if err != nil || !bytes.Contains(raw, []byte(`"`+escapedMark)) {
		return raw, err
	}
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		raw = bytes.ReplaceAll(raw, []byte(`"`+escapedMark+word+`"`), []byte(word))
	}
	return raw, nil
}

// A mark tells a text that stands for a number. No name holds it.
const (
	mark        = "\x00\x01"
	escapedMark = `\u0000\u0001`
)

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
		switch {
		case math.IsNaN(v):
			return mark + "NaN"
		case math.IsInf(v, 1):
			return mark + "Infinity"
		case math.IsInf(v, -1):
			return mark + "-Infinity"
		}
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return json.Number(text)
	}
	return v
}
