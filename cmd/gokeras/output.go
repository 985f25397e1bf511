package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// number is a float64 that JSON can hold: NaN and infinities, which it has no words for, are null.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// orderedNumbers are a JSON object whose keys keep their order.
type orderedNumbers struct {
	names  []string
	values []float64
}

// MarshalJSON implements json.Marshaler.
func (o orderedNumbers) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := number(o.values[i]).MarshalJSON()
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// printJSON writes v as indented JSON.
func printJSON(w io.Writer, v any) error { return encode(w, v, "  ") }

// printLine writes v as a line of JSON.
func printLine(w io.Writer, v any) error { return encode(w, v, "") }

func encode(w io.Writer, v any, indent string) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", indent)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// short writes a number for a table.
func short(v float64) string {
	return strconv.FormatFloat(v, 'g', 5, 64)
}

// readableBytes is a size for a table.
func readableBytes(n int64) string {
	const unit = 1024
	if n < unit {
		return strconv.FormatInt(n, 10) + " B"
	}
	size, i := float64(n)/unit, 0
	for size >= unit && i < 3 {
		size /= unit
		i++
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + " " + []string{"KB", "MB", "GB", "TB"}[i]
}

// clean makes a name that comes from a file fit for a terminal and for a table: what can't be printed is escaped.
func clean(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	return strings.Trim(strconv.Quote(s), `"`)
}
