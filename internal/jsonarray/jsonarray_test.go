package jsonarray_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/jsonarray"
)

func TestDecode(t *testing.T) {
	for text, want := range map[string]any{
		"[[1, 2.5], [-3e-2, 4]]":         [][]float32{{1, 2.5}, {-0.03, 4}},
		"[true, false, 2]":               []float32{1, 0, 2},
		"7":                              float32(7),
		"[[[1]], [[2]]]":                 [][][]float32{{{1}}, {{2}}},
		`["a", "b"]`:                     []string{"a", "b"},
		`[["a", "b"], ["c", "d"]]`:       [][]string{{"a", "b"}, {"c", "d"}},
		`[[["a"], ["b"]], [["c"],[""]]]`: [][][]string{{{"a"}, {"b"}}, {{"c"}, {""}}},
	} {
		got, err := jsonarray.Decode([]byte(text))
		require.NoError(t, err, text)
		if tensor, ok := got.(*tensors.Tensor); ok {
			got = tensor.Value()
		}
		require.Equal(t, want, got, text)
	}
	empty, err := jsonarray.Decode([]byte("[]"))
	require.NoError(t, err)
	require.Equal(t, []int{0}, empty.(*tensors.Tensor).Shape().Dimensions)

	for text, want := range map[string]string{
		"[1, [2]]":               "the lists aren't nested equally deep",
		"[[1], 2]":               "the lists aren't nested equally deep",
		"[[], 2]":                "the lists aren't nested equally deep",
		"[[1, 2], [3]]":          "at byte 12: a list of length 1, where others have 2",
		`[1, "a"]`:               "numbers and texts are mixed",
		`["a", 1]`:               "numbers and texts are mixed",
		"[1, null]":              "<nil> is neither a number nor a text",
		`[{"a": 1}]`:             "{ is neither a number nor a text",
		"[1, 2":                  "ends within an array",
		"[1] [2]":                "something follows the array",
		"[1e99]":                 "the number 1e99 is beyond float32",
		"":                       "ends within an array",
		"[1,,2]":                 "invalid character",
		strings.Repeat("[", 100): "nested more than 32 deep",
	} {
		_, err := jsonarray.Decode([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestAppend(t *testing.T) {
	for want, v := range map[string]any{
		"[[1,2.5],[null,-4]]": [][]float32{{1, 2.5}, {float32(math.NaN()), -4}},
		"[3,4]":               []int64{3, 4},
		"[true]":              []bool{true},
		"7":                   uint8(7),
		"[0.1,null]":          []float64{0.1, math.Inf(1)},
	} {
		x, err := tensors.FromAnyValue(v)
		require.NoError(t, err)
		got, err := jsonarray.Append(nil, x)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"[[1, 2], [3, 4]]", `["a"]`, "[[", "[[],[]]", "[true]", "1e999"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := jsonarray.Decode(raw)
		if tensor, ok := v.(*tensors.Tensor); ok && err == nil {
			text, err := jsonarray.Append(nil, tensor)
			require.NoError(t, err)
			again, err := jsonarray.Decode(text)
			require.NoError(t, err, "%s", text)
			require.True(t, tensor.Equal(again.(*tensors.Tensor)))
		}
	})
}
