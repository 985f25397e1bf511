package functional_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestUnbuiltSummaries shows Sequential models before their input is known.
func TestUnbuiltSummaries(t *testing.T) {
	onGo(t)
	var want map[string]struct {
		Rows  [][]string `json:"rows"`
		Below []string   `json:"below"`
	}
	golden.Load(t, "unbuilt", &want)
	functional.ClearSession()
	made := map[string]*functional.Model{
		"text": must.M1(functional.NewSequential(layers.Embedding(10, 4), layers.LSTM(3), layers.Dropout(0.2), layers.Dense(2))),
		"others": must.M1(functional.NewSequential(layers.Conv2D(2, 3), layers.MaxPooling2D(), layers.GlobalAveragePooling2D(), layers.Flatten(), layers.Activation("relu"),
			layers.ReLU(), layers.BatchNormalization(), layers.Reshape(2), layers.SpatialDropout1D(0.1))),
	}
	x := functional.Input(3)
	known := model(x, layers.Dense(2).Apply(x)).Named("known")
	made["nested"] = must.M1(functional.NewSequential(known, layers.Dense(3)))
	columns := regexp.MustCompile(`\s{2,}`)
	for name, w := range want {
		var text strings.Builder
		require.NoError(t, made[name].SummaryWith(&text, functional.SummaryOptions{LineLength: 200}))
		var rows [][]string
		var below []string
		for _, line := range strings.Split(text.String(), "\n")[4:] {
			switch parts := columns.Split(strings.TrimSpace(line), -1); {
			case strings.Contains(line, "params: "):
				below = append(below, strings.Replace(line, " Byte)", " B)", 1)) // Keras 2's spelling
			case len(parts) == 3:
				rows = append(rows, parts)
			}
		}
		require.Equal(t, w.Rows, rows, name)
		require.Equal(t, w.Below, below, name)
	}
}
