package constraints

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

type goldenFile struct {
	Values []struct {
		Call string       `json:"call"`
		W    golden.Array `json:"w"`
		Y    golden.Array `json:"y"`
	} `json:"values"`
	Serialized  map[string]map[string]any `json:"serialized"`
	Names       map[string]map[string]any `json:"names"`
	OneAxisList map[string]any            `json:"one_axis_list"`
}

// made mirrors the table of the same name in the generator.
var made = map[string]Constraint{
	"MaxNorm(2)":                            MaxNorm(2),
	"MaxNorm(0.5).Axis(1)":                  MaxNorm(0.5).Axis(1),
	"MaxNorm(1).Axis(0,1,2)":                MaxNorm(1).Axis(0, 1, 2),
	"MaxNorm(1).Axis()":                     MaxNorm(1).Axis(),
	"MinMaxNorm(0,1)":                       MinMaxNorm(0, 1),
	"MinMaxNorm(1,1.2).Rate(0.25).Axis(-1)": MinMaxNorm(1, 1.2).Rate(0.25).Axis(-1),
	"MinMaxNorm(1.5,2).Axis(0,1)":           MinMaxNorm(1.5, 2).Axis(0, 1),
	"NonNeg()":                              NonNeg(),
	"UnitNorm()":                            UnitNorm(),
	"UnitNorm().Axis(0,1,2)":                UnitNorm().Axis(0, 1, 2),
}

func load(t *testing.T) goldenFile { return golden.Read[goldenFile](t, "constraints") }

func TestProjections(t *testing.T) {
	file := load(t)
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		var inputs []any
		for _, c := range file.Values {
			inputs = append(inputs, c.W.Tensor(t))
		}
		out, err := graph.CallOnceN(backend, func(in []*graph.Node) []*graph.Node {
			var out []*graph.Node
			for i, c := range file.Values {
				out = append(out, made[c.Call].Project(in[i]))
			}
			return out
		}, inputs...)
		require.NoError(t, err)
		for i, c := range file.Values {
			golden.Close(t, fmt.Sprintf("%s of shape %v", c.Call, c.W.Shape), out[i], c.Y, golden.Float32)
		}
	})
}

func TestConfigurationIsKerass(t *testing.T) {
	file := load(t)
	golden.SameObjects(t, file.Serialized, made, Get)
	golden.SameDecoded(t, file.Names, Get, func(name string) any { return name })
	back, err := Get(file.OneAxisList)
	require.NoError(t, err)
	require.Equal(t, file.OneAxisList, golden.Encoded(t, back))

	_, err = Get("nonneg")
	require.ErrorContains(t, err, `unknown constraint "nonneg"; did you mean "non_neg"?`)
	for _, axis := range []any{"0", []any{"0"}, 0.5} {
		_, err = Get(map[string]any{"class_name": "UnitNorm", "config": map[string]any{"axis": axis}})
		require.ErrorContains(t, err, "want null, a whole number or a list of them")
	}
}

func TestValidate(t *testing.T) {
	for _, c := range made {
		if v, ok := c.(interface{ Validate() error }); ok {
			require.NoError(t, v.Validate())
		}
	}
	for want, c := range map[string]interface{ Validate() error }{
		"MaxNorm: norms from 0 to -1":         MaxNorm(-1),
		"MaxNorm: norms from 0 to NaN":        MaxNorm(math.NaN()),
		"MinMaxNorm: norms from 2 to 1":       MinMaxNorm(2, 1),
		"MinMaxNorm: norms from -1 to 1":      MinMaxNorm(-1, 1),
		"MinMaxNorm: rate NaN, want a finite": MinMaxNorm(0, 1).Rate(math.NaN()),
	} {
		require.ErrorContains(t, c.Validate(), want)
	}
}

func TestAnAxisThatTheWeightLacks(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		_, err := graph.CallOnce(backend, UnitNorm().Axis(2).Project, [][]float32{{1, 2}})
		require.Error(t, err)
	})
}

func Example() {
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := graph.CallOnce(engine, NonNeg().Project, []float32{-1, 0, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Value())
	// Output: [0 0 2]
}
