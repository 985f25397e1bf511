package golden

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProbesFitTogether reads each family of probes that there is: arrays as large as their shapes, lists as long as those they belong to.
func TestProbesFitTogether(t *testing.T) {
	for _, family := range ProbeFamilies(t) {
		t.Run(family, func(t *testing.T) {
			probes := LoadProbes(t, family)
			names := map[string]bool{}
			for _, p := range probes.Cases {
				require.False(t, names[p.Name], "two probes are called %q", p.Name)
				names[p.Name] = true
				checkProbe(t, p)
			}
			for _, e := range probes.Errors {
				require.True(t, (e.Class == "") != (e.Layer == nil), "an error is of a constructor or of a layer")
			}
		})
	}
}

func checkProbe(t *testing.T, p Probe) {
	var config struct {
		Class string `json:"class_name"`
	}
	require.NoError(t, json.Unmarshal(p.Config, &config), p.Name)
	require.Contains(t, []string{"Functional", "Sequential"}, config.Class, p.Name)
	require.NotEmpty(t, p.Operations, p.Name)
	require.NotEmpty(t, p.Calls, p.Name)
	trainable := 0
	for _, w := range p.Weights {
		checkArray(t, p.Name, &w.Value)
		if w.Trainable {
			trainable++
		}
	}
	for _, c := range p.Calls {
		require.Len(t, c.Masks, len(c.Outputs), p.Name)
		require.Len(t, c.Cotangents, len(c.Outputs), p.Name)
		require.Len(t, c.InputGrads, len(c.Inputs), p.Name)
		require.Len(t, c.WeightGrads, trainable, p.Name)
		require.Len(t, c.NonTrainableAfter, len(p.Weights)-trainable, p.Name)
		for _, list := range [][]Array{c.Inputs, c.Outputs, c.NonTrainableAfter} {
			for i := range list {
				checkArray(t, p.Name, &list[i])
			}
		}
		for _, list := range [][]*Array{c.Masks, c.Cotangents, c.InputGrads, c.WeightGrads} {
			for _, a := range list {
				checkArray(t, p.Name, a)
			}
		}
		for _, s := range c.StatesAfter {
			for i := range s.States {
				checkArray(t, p.Name, &s.States[i])
			}
		}
	}
}

func checkArray(t *testing.T, what string, a *Array) {
	if a == nil {
		return
	}
	size := 1
	for _, d := range a.Shape {
		size *= d
	}
	if a.DType == "string" {
		require.Len(t, a.Strings, size, what)
		return
	}
	require.Len(t, a.Data, size, what)
}

func TestVectorizersFitTogether(t *testing.T) {
	for _, v := range LoadVectorizers(t) {
		checkArray(t, v.Name, &v.Inputs)
		checkArray(t, v.Name, &v.Outputs)
		checkArray(t, v.Name, v.IDFWeights)
		require.Equal(t, v.Inputs.Shape[0], v.Outputs.Shape[0], v.Name)
		require.Len(t, v.Vocabulary, v.VocabularySize, v.Name)
		require.Subset(t, v.Vocabulary, v.Tokens, v.Name)
	}
}

func TestStringsInArrays(t *testing.T) {
	var a Array
	require.NoError(t, json.Unmarshal([]byte(`{"shape":[2],"dtype":"string","data":["one","2"]}`), &a))
	require.Equal(t, []string{"one", "2"}, a.Strings)
	require.Empty(t, a.Data)
}
