package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Ordered is an object of JSON whose keys have an order that means something.
type Ordered []Entry

// Entry is a key of an [Ordered] object with its value.
type Entry struct {
	Key   string
	Value any
}

// SortedByKey is a map as an ordered object.
func SortedByKey(m map[string]any) Ordered {
	var out Ordered
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, Entry{key, m[key]})
	}
	return out
}

// MarshalJSON implements json.Marshaler.
func (o Ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{e.Key, e.Value} {
			if j > 0 {
				b.WriteByte(':')
			}
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			b.Write(raw)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
