package golden_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// aloneCase is a layer by itself, adapted where Adapt isn't nil, and called once.
type aloneCase struct {
	Name       string
	Layer      json.RawMessage
	Adapt      *golden.Adaption
	LayerAfter json.RawMessage `json:"layer_after"`
	Inputs     []golden.Array
	Outputs    golden.Array
	Vocabulary *struct {
		All, Tokens []string
		Size        int
	}
	OwnVariables map[string]golden.Array `json:"own_variables"`
	Assets       map[string]string
}

func TestLookupsLikeKeras(t *testing.T) {
	var f struct{ Alone []aloneCase }
	golden.Load(t, "lookups", &f)
	require.NotEmpty(t, f.Alone)
	for _, c := range f.Alone {
		t.Run(c.Name, func(t *testing.T) { runAlone(t, c) })
	}
}

func runAlone(t *testing.T, c aloneCase) {
	l, err := readLayer(t, c.Layer)
	require.NoError(t, err)
	golden.SameJSON(t, c.Layer, writtenLayer(t, l), "build_config")
	if c.Adapt != nil {
		require.NoError(t, l.(symbolic.Adapter).Adapt(adaptionOf(t, c.Adapt)))
	}
	sameOutputs := func(l symbolic.Layer) {
		t.Helper()
		out, err := encode(t, l, c.Inputs)
		require.NoError(t, err)
		if texts, ok := out.(*symbolic.Texts); ok {
			require.Equal(t, c.Outputs.Strings, texts.Flat)
			require.Equal(t, c.Outputs.Shape, texts.Dims)
			return
		}
		require.Equal(t, c.Outputs.DType, ndarray.DTypeName(out.(*tensors.Tensor).DType()))
		golden.Close(t, "output", out.(*tensors.Tensor), c.Outputs, golden.Float32)
	}
	sameOutputs(l)
	if len(c.LayerAfter) == 0 || string(c.LayerAfter) == "null" {
		c.LayerAfter = c.Layer
	}
	golden.SameJSON(t, c.LayerAfter, writtenLayer(t, l), "build_config")
	if c.Vocabulary == nil {
		return
	}
	sameVocabulary := func(l symbolic.Layer) {
		t.Helper()
		all, own, size := vocabularyOf(l)
		require.Equal(t, c.Vocabulary.All, all)
		require.Equal(t, c.Vocabulary.Tokens, own)
		require.Equal(t, c.Vocabulary.Size, size)
	}
	sameVocabulary(l)
	kept, err := l.(symbolic.FileKeeper).Keep()
	require.NoError(t, err)
	golden.SameKept(t, c.Assets, c.OwnVariables, kept.Files, kept.Arrays)
	again, err := readLayer(t, c.LayerAfter)
	require.NoError(t, err)
	commit, err := again.(symbolic.FileKeeper).Restore(kept)
	if strings.HasSuffix(c.Name, "fewer than there are special ones") { // Keras doesn't read it back either
		require.ErrorContains(t, err, "larger than the maximum vocab size")
		return
	}
	require.NoError(t, err)
	commit()
	sameVocabulary(again)
	sameOutputs(again)
	golden.SameJSON(t, c.LayerAfter, writtenLayer(t, again), "build_config")
}

// encode calls a layer of the host without a model.
func encode(t *testing.T, l symbolic.Layer, inputs []golden.Array) (symbolic.HostValue, error) {
	t.Helper()
	values := make([]any, len(inputs))
	for i, x := range inputs {
		values[i] = hostValue(t, x)
	}
	switch l := l.(type) {
	case *layers.HashedCrossingLayer:
		return l.Encode(values...)
	case *layers.StringLookupLayer:
		if inputs[0].DType != symbolic.Text {
			return l.Decode(values[0])
		}
		return l.Encode(values[0])
	case interface {
		Encode(any) (*tensors.Tensor, error)
	}:
		return l.Encode(values[0])
	}
	return nil, fmt.Errorf("%T has no Encode", l)
}

func vocabularyOf(l symbolic.Layer) (all, own []string, size int) {
	switch l := l.(type) {
	case *layers.StringLookupLayer:
		return l.GetVocabulary(), l.Tokens(), l.VocabularySize()
	case *layers.IntegerLookupLayer:
		return asStrings(l.GetVocabulary()), asStrings(l.Tokens()), l.VocabularySize()
	}
	return nil, nil, 0
}

func asStrings(list []int64) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprint(n)
	}
	return out
}

// TestLookupsUsedWrongly has what Keras refuses once it has made a layer.
func TestLookupsUsedWrongly(t *testing.T) {
	var f struct {
		Cases []struct {
			Layer         json.RawMessage
			Adapt, Inputs *golden.Array
		} `json:"use_errors"`
	}
	golden.Load(t, "lookups", &f)
	require.NotEmpty(t, f.Cases)
	for i, c := range f.Cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			l, err := readLayer(t, c.Layer)
			require.NoError(t, err)
			if c.Adapt != nil {
				err = l.(symbolic.Adapter).Adapt(hostValue(t, *c.Adapt))
			}
			if err == nil && c.Inputs != nil {
				_, err = encode(t, l, []golden.Array{*c.Inputs})
			}
			require.Error(t, err)
		})
	}
}

func TestDiscretizationAdapts(t *testing.T) {
	var f struct {
		Cases []struct {
			Name         string
			Layer, After json.RawMessage
			Adapt        *golden.Adaption
		} `json:"adaptions"`
	}
	golden.Load(t, "categories", &f)
	require.NotEmpty(t, f.Cases)
	for _, c := range f.Cases {
		t.Run(c.Name, func(t *testing.T) {
			l, err := readLayer(t, c.Layer)
			require.NoError(t, err)
			require.NoError(t, l.(symbolic.Adapter).Adapt(adaptionOf(t, c.Adapt)))
			golden.SameJSON(t, c.After, writtenLayer(t, l))
			again, err := readLayer(t, c.After)
			require.NoError(t, err)
			golden.SameJSON(t, c.After, writtenLayer(t, again))
		})
	}
}

// TestHostileLookups: what a file may say gives an error, quickly, and opens nothing.
func TestHostileLookups(t *testing.T) {
	x := functional.InputWith(functional.InputOptions{Shape: []int{2}, DType: "int64"})
	text := functional.InputWith(functional.InputOptions{Shape: []int{2}, DType: symbolic.Text})
	for name, c := range map[string]struct {
		class, config, want string
	}{
		"path of words":   {"StringLookup", `{"vocabulary": "/etc/passwd"}`, "not opened"},
		"path of numbers": {"IntegerLookup", `{"vocabulary": "/etc/passwd"}`, "not opened"},
		"oov":             {"StringLookup", `{"num_oov_indices": 1000000000000}`, "num_oov_indices"},
		"padded":          {"StringLookup", `{"output_mode": "count", "pad_to_max_tokens": true, "max_tokens": 1000000000000}`, "max_tokens"},
		"salt":            {"StringLookup", `{"salt": [1, 2, 3]}`, "salt"},
		"bins":            {"Hashing", `{"num_bins": -3}`, "num_bins"},
		"mask":            {"Hashing", `{"num_bins": 3, "mask_value": [1]}`, "mask_value"},
		"mode":            {"HashedCrossing", `{"num_bins": 3, "output_mode": "int8"}`, "output_mode"},
		"tokens":          {"CategoryEncoding", `{"num_tokens": -1}`, "num_tokens"},
		"limits":          {"Discretization", `{"bin_boundaries": ["a"]}`, "bin_boundaries"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := readLayer(t, json.RawMessage(`{"module": "keras.layers", "class_name": "`+c.class+`", "config": `+c.config+`, "registered_name": null}`))
			if err == nil {
				switch c.class {
				case "HashedCrossing":
					err = l.Base().ApplyCall([]any{[]*functional.Tensor{x, x}}, nil)[0].Err()
				case "StringLookup":
					err = l.Base().ApplyCall([]any{text}, nil)[0].Err()
				default:
					err = l.Base().ApplyCall([]any{x}, nil)[0].Err()
				}
			}
			require.ErrorContains(t, err, c.want)
		})
	}
	wide := layers.Hashing(1 << 40).OutputMode("one_hot")
	_, err := wide.Encode([]int{1, 2})
	require.ErrorContains(t, err, "more than the")
}

// TestHashingKeepsAWholeMask: Keras can't call a layer whose file says 3.0, which is the same number to other comparisons of configurations.
func TestHashingKeepsAWholeMask(t *testing.T) {
	l, err := readLayer(t, json.RawMessage(`{"module": "keras.layers", "class_name": "Hashing", "config": {"num_bins": 4, "mask_value": 3}, "registered_name": null}`))
	require.NoError(t, err)
	require.Regexp(t, `"mask_value": ?3[,}]`, string(writtenLayer(t, l)))
}
