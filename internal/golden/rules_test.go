package golden

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The fixtures hold what rules.py computed; the rules in Go must give the same bits.
func TestRulesAreThoseOfTheFixtures(t *testing.T) {
	var models []struct {
		Name   string
		Inputs []Array
	}
	Load(t, "models", &models)
	inputs := 0
	for _, m := range models {
		for j, want := range m.Inputs {
			require.Equal(t, float32s(want), float32s(RuleInput(j, want.Shape...)), "%s: input %d", m.Name, j)
			inputs++
		}
	}
	require.Greater(t, inputs, 20)

	var training struct {
		Small []struct {
			Name           string
			InitialWeights []struct {
				Path  string
				Value Array
			} `json:"initial_weights"`
		}
	}
	Load(t, "training", &training)
	require.NotEmpty(t, training.Small)
	for _, c := range training.Small {
		for k, w := range c.InitialWeights {
			name := w.Path[strings.LastIndex(w.Path, "/")+1:]
			require.Equal(t, float32s(w.Value), float32s(RuleWeight(k, name, w.Value.Shape...)), "%s: %s", c.Name, w.Path)
		}
	}
}

func TestRuleImagesShowTheirLabels(t *testing.T) {
	labels := RuleLabels(160, 10)
	require.Equal(t, []int32{0, 4, 2, 6, 3, 6, 7, 0, 4, 0, 2, 8}, labels[:12])
	images := RuleImages(labels[:2], 32, 32, 3)
	require.Equal(t, []int{2, 32, 32, 3}, images.Shape)
	pixels := make([]int, 0, 8)
	for _, i := range []int{0, 1, 2, 48, 1536, 3071, 3072, 6143} {
		pixels = append(pixels, int(float64(images.Data[i])*255+0.5))
	}
	require.Equal(t, []int{76, 138, 179, 104, 109, 169, 50, 57}, pixels)
}

func float32s(a Array) []float32 {
	out := make([]float32, len(a.Data))
	for i, v := range a.Data {
		out[i] = float32(v)
	}
	return out
}
