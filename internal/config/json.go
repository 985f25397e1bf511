package config

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/nest"
)

// Marshal is json.Marshal with floats written as Python writes them: a whole
// float64 keeps its ".0", without which Keras takes it for an int and refuses it,
// and those that JSON lacks are NaN, Infinity and -Infinity.
func Marshal(v any) ([]byte, error) {
	v, _ = nest.Map(v, func(v any) (any, error) { return python(v), nil })
	raw, err := json.Marshal(v)
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

// python is a float as Python writes it, and an ordered object of such; all else is left as it is.
func python(v any) any {
	if o, ok := v.(Ordered); ok {
		out := make(Ordered, len(o))
		for i, e := range o {
			value, _ := nest.Map(e.Value, func(v any) (any, error) { return python(v), nil })
			out[i] = Entry{e.Key, value}
		}
		return out
	}
	f, ok := v.(float64)
	switch {
	case !ok:
		return v
	case math.IsNaN(f):
		return mark + "NaN"
	case math.IsInf(f, 1):
		return mark + "Infinity"
	case math.IsInf(f, -1):
		return mark + "-Infinity"
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return json.Number(text)
}
