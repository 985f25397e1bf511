package nest

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type thing struct{ name string }

var a, b = &thing{"a"}, &thing{"b"}

func TestFlattenVisitsLeavesInTheOrderOfKeys(t *testing.T) {
	for _, c := range []struct {
		v    any
		want []any
	}{
		{nil, []any{nil}},
		{3, []any{3}},
		{[]any{}, nil},
		{[]any(nil), nil},
		{[]any{1, []any{2, map[string]any{"b": 4, "a": 3}}, nil}, []any{1, 2, 3, 4, nil}},
		{[]*thing{a, b}, []any{a, b}},
		{map[string]*thing{"y": a, "x": b}, []any{b, a}},
		{map[string][]float32{"y": {1}, "x": {2, 3}}, []any{[]float32{2, 3}, []float32{1}}},
		{[][]*thing{{a}, {b, a}}, []any{a, b, a}},
		{[]map[string]any{{"k": 1}}, []any{1}},
		// Arrays of numbers and texts are values.
		{[]int{1, 2}, []any{[]int{1, 2}}},
		{[]any{[][]float64{{1}}, []string{"s"}, []byte("x"), [2]int{1, 2}}, []any{[][]float64{{1}}, []string{"s"}, []byte("x"), [2]int{1, 2}}},
		{map[int]any{1: 2}, []any{map[int]any{1: 2}}},
	} {
		require.Equal(t, c.want, Flatten(c.v), "%v", c.v)
	}
}

func TestMapBuildsAnewAndKeepsTheOriginal(t *testing.T) {
	v := map[string]any{"list": []any{1, 2}, "things": []*thing{a}, "none": nil, "empty": []any(nil)}
	got, err := Map(v, func(v any) (any, error) {
		if n, ok := v.(int); ok {
			return n * 10, nil
		}
		return v, nil
	})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"list": []any{10, 20}, "things": []any{a}, "none": nil, "empty": []any{}}, got)
	require.Equal(t, []any{1, 2}, v["list"])

	wrong := errors.New("wrong")
	_, err = Map(v, func(any) (any, error) { return nil, wrong })
	require.Equal(t, wrong, err)
}

func TestReplaceOffersPartsBeforeWhatTheyHold(t *testing.T) {
	v := []any{map[string]any{"class_name": "x", "config": 1}, map[string]any{"k": []any{5}}}
	var seen []string
	got, err := Replace(v, func(at Path, v any) (any, bool, error) {
		seen = append(seen, at.String())
		m, ok := v.(map[string]any)
		return "taken", ok && m["class_name"] == "x", nil
	})
	require.NoError(t, err)
	require.Equal(t, []any{"taken", map[string]any{"k": []any{5}}}, got)
	require.Equal(t, []string{"", "[0]", "[1]", `[1]["k"]`, `[1]["k"][0]`}, seen)
	got.([]any)[1].(map[string]any)["k"].([]any)[0] = 6
	require.Equal(t, []any{5}, v[1].(map[string]any)["k"])

	wrong := errors.New("wrong")
	_, err = Replace(v, func(at Path, _ any) (any, bool, error) {
		if len(at) == 2 {
			return nil, false, wrong
		}
		return nil, false, nil
	})
	require.Equal(t, wrong, err)
}

func TestWalkStaysOutsideWhereToldTo(t *testing.T) {
	var seen []string
	Walk(map[string]any{"b": []any{1}, "a": map[string]any{"c": 2}}, func(at Path, v any) bool {
		seen = append(seen, at.String())
		return !strings.HasSuffix(at.String(), `["a"]`)
	})
	require.Equal(t, []string{"", `["a"]`, `["b"]`, `["b"][0]`}, seen)
}

func TestPackUndoesFlatten(t *testing.T) {
	v := map[string]any{"b": []any{1, []*thing{a}}, "a": 2}
	got, err := Pack(v, Flatten(v))
	require.NoError(t, err)
	require.Equal(t, map[string]any{"b": []any{1, []any{a}}, "a": 2}, got)

	_, err = Pack(v, []any{1})
	require.EqualError(t, err, "got 1 values for a structure of 3")
}

func TestZipSaysWhereStructuresDiffer(t *testing.T) {
	var pairs []any
	err := Zip(map[string]any{"b": 1, "a": []any{2, 3}}, map[string]any{"a": []any{"x", []any{"y"}}, "b": nil}, func(at Path, a, b any) error {
		pairs = append(pairs, []any{at.String(), a, b})
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []any{[]any{`["a"][0]`, 2, "x"}, []any{`["a"][1]`, 3, []any{"y"}}, []any{`["b"]`, 1, nil}}, pairs)

	for _, c := range []struct {
		a, b any
		want string
	}{
		{[]any{1}, 2, "got a int, want a list of 1"},
		{[]any{}, map[string]any{}, "got a map with the keys [], want a list of 0"},
		{[]any{[]any{1, 2}}, []*thing{a}, "[0]: got a *nest.thing, want a list of 2"},
		{map[string]any{"k": []any{1}}, map[string]any{"k": []any{1, 2}}, `["k"]: got a list of 2, want a list of 1`},
		{map[string]any{"k": 1}, map[string]any{"l": 1}, `got a map with the keys ["l"], want a map with the keys ["k"]`},
		{map[string]any{}, []any{}, "got a list of 0, want a map with the keys []"},
	} {
		require.EqualError(t, Zip(c.a, c.b, func(Path, any, any) error { return nil }), c.want)
	}
	wrong := errors.New("wrong")
	require.Equal(t, wrong, Zip([]any{1}, []any{1}, func(Path, any, any) error { return wrong }))
}
