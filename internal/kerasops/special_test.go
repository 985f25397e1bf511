package kerasops

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// specialPoints are numbers as texts, some of which JSON has no other way to say.
type specialPoints struct{ X, Y, Slope []string }

func singles(t *testing.T, texts []string) []float32 {
	out := make([]float32, len(texts))
	for i, text := range texts {
		v, err := strconv.ParseFloat(text, 32)
		require.NoError(t, err)
		out[i] = float32(v)
	}
	return out
}

// TestSpecial compares the functions that Keras hasn't, and their slopes, with their values to many digits, over all numbers, and at the edges with TensorFlow.
func TestSpecial(t *testing.T) {
	raw, err := os.ReadFile("testdata/special.json")
	require.NoError(t, err)
	var cases []struct {
		Class  string
		Config map[string]any
		specialPoints
		Edges specialPoints
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for _, c := range cases {
			o, err := New(c.Class, c.Config)
			require.NoError(t, err)
			exec, err := graph.NewExec(engine, func(x *graph.Node) (y, slope *graph.Node) {
				y = o.Build(x.Graph(), &Arguments{Args: []any{Ref(0)}}, []*graph.Node{x})[0]
				return y, graph.Gradient(graph.ReduceAllSum(y), x)[0]
			})
			require.NoError(t, err)
			for at, points := range []specialPoints{c.specialPoints, c.Edges} {
				near := []float64{4e-7, 1e-5}[at] // TensorFlow has sums of 32 bits
				x := singles(t, points.X)
				out, err := exec.Call(x)
				require.NoError(t, err)
				values := singles(t, points.Y)
				for part, texts := range [][]string{points.Y, points.Slope} {
					got := out[part].Value().([]float32)
					for i, want := range singles(t, texts) {
						what := fmt.Sprintf("%s %v, part %d, of %v: got %v, want %v", c.Class, c.Config, part, x[i], got[i], want)
						if a, b := float64(got[i]), float64(want); math.IsNaN(b) || math.IsInf(b, 0) {
							assert.True(t, math.IsNaN(a) == math.IsNaN(b) && (math.IsNaN(a) || a == b), what)
						} else { // the smallest numbers are 0 to some engines, and slopes are differences of numbers of 64 bits
							assert.LessOrEqual(t, math.Abs(a-b), math.Abs(b)*near+float64(part)*math.Abs(float64(values[i]))*1e-15+1.2e-38, what)
						}
					}
				}
			}
		}
	})
}
