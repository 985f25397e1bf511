// Package nest walks over values that hold values: Keras's arguments, configurations and
// structures of tensors.
//
// A node is a value that holds others: a slice of interfaces, pointers or nodes ([]any,
// []*Tensor, [][]any), or a map with string keys (map[string]any, map[string][]float32). All
// else is a leaf, nil and arrays of numbers or texts ([]int, [][]float32, []string) included.
// A map is visited in the order of its keys, as Keras orders structures. What is built anew is
// made of []any and map[string]any; what is given is never changed.
package nest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// Path says where in a nested value something stands: keys (string) and indices (int), from the outside in.
// It is valid during the call that it is given to.
type Path []any

// String writes the path as Go would index it: ["a"][0].
func (p Path) String() string {
	var text []byte
	for _, at := range p {
		text = append(text, '[')
		if key, ok := at.(string); ok {
			text = strconv.AppendQuote(text, key)
		} else {
			text = fmt.Append(text, at)
		}
		text = append(text, ']')
	}
	return string(text)
}

// Replace returns v with what take puts in place of its parts. Each part is offered before what it holds, v itself first; what
// is taken isn't looked into. A leaf that isn't taken stays as it is. The first error ends the walk and is returned as it is.
func Replace(v any, take func(at Path, v any) (with any, taken bool, err error)) (any, error) {
	return replace(nil, v, take)
}

func replace(at Path, v any, take func(Path, any) (any, bool, error)) (any, error) {
	with, taken, err := take(at, v)
	if taken || err != nil {
		return with, err
	}
	switch n := open(v); {
	case n.list != nil:
		list := make([]any, len(n.list))
		for i, e := range n.list {
			if list[i], err = replace(append(at, i), e, take); err != nil {
				return nil, err
			}
		}
		return list, nil
	case n.byKey != nil:
		byKey := make(map[string]any, len(n.byKey))
		for _, key := range slices.Sorted(maps.Keys(n.byKey)) {
			if byKey[key], err = replace(append(at, key), n.byKey[key], take); err != nil {
				return nil, err
			}
		}
		return byKey, nil
	}
	return v, nil
}

// Map returns v with each of its leaves replaced by what leaf returns for it. The first error ends the walk and is returned as it is.
func Map(v any, leaf func(v any) (any, error)) (any, error) {
	return Replace(v, func(_ Path, v any) (any, bool, error) {
		if IsNode(v) {
			return nil, false, nil
		}
		with, err := leaf(v)
		return with, true, err
	})
}

// Walk visits v and all that it holds, each part before what it holds. Where visit returns false, it doesn't look into the part.
func Walk(v any, visit func(at Path, v any) (into bool)) {
	walk(nil, v, visit)
}

func walk(at Path, v any, visit func(Path, any) bool) {
	if !visit(at, v) {
		return
	}
	n := open(v)
	for i, e := range n.list {
		walk(append(at, i), e, visit)
	}
	for _, key := range slices.Sorted(maps.Keys(n.byKey)) {
		walk(append(at, key), n.byKey[key], visit)
	}
}

// Each visits the leaves of v, in order.
func Each(v any, leaf func(v any)) {
	Walk(v, func(_ Path, v any) bool {
		if IsNode(v) {
			return true
		}
		leaf(v)
		return false
	})
}

// Flatten lists the leaves of v, in order: v alone if it is one.
func Flatten(v any) []any {
	var list []any
	Each(v, func(v any) { list = append(list, v) })
	return list
}

// Pack is Flatten undone: it returns like with its leaves replaced by those given, in order. There must be as many.
func Pack(like any, leaves []any) (any, error) {
	if want := len(Flatten(like)); want != len(leaves) {
		return nil, fmt.Errorf("got %d values for a structure of %d", len(leaves), want)
	}
	return Map(like, func(any) (any, error) {
		v := leaves[0]
		leaves = leaves[1:]
		return v, nil
	})
}

// Zip visits the leaves of a, each with what b has in its place, which may be a node. An error says where b isn't built as a is:
// another kind of node, another length, other keys. The first error of leaf ends the walk and is returned as it is.
func Zip(a, b any, leaf func(at Path, a, b any) error) error {
	return zip(nil, a, b, leaf)
}

func zip(at Path, a, b any, leaf func(Path, any, any) error) error {
	na, nb := open(a), open(b)
	switch {
	case na.list == nil && na.byKey == nil:
		return leaf(at, a, b)
	case na.list != nil && len(na.list) != len(nb.list), na.list != nil && nb.list == nil:
		return fmt.Errorf("%sgot %s, want a list of %d", where(at), said(b, nb), len(na.list))
	case na.list != nil:
		for i, e := range na.list {
			if err := zip(append(at, i), e, nb.list[i], leaf); err != nil {
				return err
			}
		}
		return nil
	}
	keys := slices.Sorted(maps.Keys(na.byKey))
	if nb.byKey == nil || !slices.Equal(keys, slices.Sorted(maps.Keys(nb.byKey))) {
		return fmt.Errorf("%sgot %s, want a map with the keys %q", where(at), said(b, nb), keys)
	}
	for _, key := range keys {
		if err := zip(append(at, key), na.byKey[key], nb.byKey[key], leaf); err != nil {
			return err
		}
	}
	return nil
}

func where(at Path) string {
	if len(at) == 0 {
		return ""
	}
	return at.String() + ": "
}

func said(v any, n node) string {
	switch {
	case n.list != nil:
		return fmt.Sprintf("a list of %d", len(n.list))
	case n.byKey != nil:
		return fmt.Sprintf("a map with the keys %q", slices.Sorted(maps.Keys(n.byKey)))
	}
	return fmt.Sprintf("a %T", v)
}

// IsNode reports whether v holds other values. Nothing is in an empty node, but it isn't a leaf.
func IsNode(v any) bool {
	switch v.(type) {
	case nil, bool, int, float64, string:
		return false
	case []any, map[string]any:
		return true
	}
	return holds(reflect.TypeOf(v))
}

// ByKey returns what a map with string keys holds; ok is false for all else.
func ByKey(v any) (byKey map[string]any, ok bool) {
	n := open(v)
	return n.byKey, n.byKey != nil
}

// holds reports whether values of the type are nodes.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice:
		e := t.Elem()
		return e.Kind() == reflect.Interface || e.Kind() == reflect.Pointer || holds(e)
	case reflect.Map:
		return t.Key().Kind() == reflect.String
	}
	return false
}

// node is what a node holds: one of the two isn't nil. Both are in a leaf.
type node struct {
	list  []any
	byKey map[string]any
}

func open(v any) node {
	switch v := v.(type) {
	case nil:
	case []any:
		if v == nil {
			v = []any{}
		}
		return node{list: v}
	case map[string]any:
		if v == nil {
			v = map[string]any{}
		}
		return node{byKey: v}
	default:
		rv := reflect.ValueOf(v)
		if !holds(rv.Type()) {
			break
		}
		if rv.Kind() == reflect.Map {
			byKey := make(map[string]any, rv.Len())
			for it := rv.MapRange(); it.Next(); {
				byKey[it.Key().String()] = it.Value().Interface()
			}
			return node{byKey: byKey}
		}
		list := make([]any, rv.Len())
		for i := range list {
			list[i] = rv.Index(i).Interface()
		}
		return node{list: list}
	}
	return node{}
}
