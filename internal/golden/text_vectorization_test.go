package golden_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// layerHolder is a configuration with a layer in it.
type layerHolder struct {
	Layer symbolic.Layer `keras:"layer"`
}

// readLayer makes the layer that Keras serialized.
func readLayer(t *testing.T, raw json.RawMessage) (symbolic.Layer, error) {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(raw, &v))
	h := layerHolder{}
	err := config.Decode(map[string]any{"layer": v}, &h)
	return h.Layer, err
}

// writtenLayer is the layer as files have it.
func writtenLayer(t *testing.T, l symbolic.Layer) json.RawMessage {
	t.Helper()
	fields, err := config.Fields(&layerHolder{l})
	require.NoError(t, err)
	written := fields["layer"].(map[string]any)
	for key := range written {
		if key[0] == 0 { // a mark of package serial
			delete(written, key)
		}
	}
	raw, err := config.Marshal(written)
	require.NoError(t, err)
	return raw
}

func TestTextVectorizationLikeKeras(t *testing.T) {
	for _, v := range golden.LoadVectorizers(t) {
		t.Run(v.Name, func(t *testing.T) {
			read, err := readLayer(t, v.Layer)
			require.NoError(t, err)
			l := read.(*layers.TextVectorizationLayer)
			golden.SameJSON(t, v.Layer, writtenLayer(t, l))
			if v.Adapt != nil {
				require.NoError(t, l.Adapt(adaptionOf(t, v.Adapt)))
			}
			require.Equal(t, v.Vocabulary, l.GetVocabulary())
			require.Equal(t, v.Tokens, l.Words())
			require.Equal(t, v.VocabularySize, l.VocabularySize())

			y := l.Apply(functional.InputWith(functional.InputOptions{Shape: v.Inputs.Shape[1:], DType: symbolic.Text}))
			require.NoError(t, y.Err())
			require.Equal(t, symbolic.Shape(v.OutputSpec.Shape), y.Shape())
			require.Equal(t, v.OutputSpec.DType, y.DType())
			sameNumbers := func(l *layers.TextVectorizationLayer) {
				t.Helper()
				got, err := l.Vectorize(hostValue(t, v.Inputs))
				require.NoError(t, err)
				require.Equal(t, v.Outputs.DType, ndarray.DTypeName(got.DType()))
				golden.Close(t, "output", got, v.Outputs, golden.Float32)
			}
			sameNumbers(l)
			golden.SameJSON(t, v.LayerAfter, writtenLayer(t, l))

			kept, err := l.Keep()
			if err != nil {
				require.ErrorContains(t, err, "holds the end of a line")
				require.False(t, v.ReadsBack, "Keras reads it back")
				return
			}
			golden.SameKept(t, v.Assets, v.OwnVariables, kept.Files, kept.Arrays)
			again, err := readLayer(t, v.LayerAfter)
			require.NoError(t, err)
			back := again.(*layers.TextVectorizationLayer)
			commit, err := back.Restore(kept)
			require.NoError(t, err)
			commit()
			require.Equal(t, v.Vocabulary, back.GetVocabulary())
			sameNumbers(back)
			golden.SameJSON(t, v.LayerAfter, writtenLayer(t, back), "build_config")
		})
	}
}

// TestTextVectorizationUsedWrongly has what Keras refuses once it has made a layer.
func TestTextVectorizationUsedWrongly(t *testing.T) {
	var f struct {
		Cases []struct {
			Layer   json.RawMessage
			Adapt   []string
			Inputs  any
			Outputs *golden.Array
			Error   *golden.KerasError
		} `json:"use_errors"`
	}
	golden.Load(t, "textvectorization", &f)
	require.NotEmpty(t, f.Cases)
	for i, c := range f.Cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			read, err := readLayer(t, c.Layer)
			require.NoError(t, err)
			l := read.(*layers.TextVectorizationLayer)
			if c.Adapt != nil {
				err = l.Adapt(c.Adapt)
			}
			if err == nil && c.Inputs != nil {
				flat, dims := flatten(c.Inputs)
				got, e := l.Vectorize(&symbolic.Texts{Flat: flat, Dims: dims})
				if err = e; err == nil {
					require.NotNil(t, c.Outputs)
					golden.Close(t, "output", got, *c.Outputs, golden.Float32)
				}
			}
			if c.Error == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err, "Keras says: %s", c.Error.Message)
		})
	}
}

// flatten takes lists of texts apart.
func flatten(v any) (flat []string, dims []int) {
	list, isList := v.([]any)
	if !isList {
		return []string{v.(string)}, nil
	}
	for _, e := range list {
		part, inner := flatten(e)
		flat, dims = append(flat, part...), inner
	}
	return flat, append([]int{len(list)}, dims...)
}
