package regularizers

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
		Call string        `json:"call"`
		X    golden.Array  `json:"x"`
		Y    golden.Array  `json:"y"`
		DX   *golden.Array `json:"dx"`
	} `json:"values"`
	Serialized map[string]map[string]any `json:"serialized"`
	Names      map[string]map[string]any `json:"names"`
}

// made mirrors the table of the same name in the generator.
var made = map[string]Regularizer{
	"L1(0.01)":                L1(0.01),
	"L1(0.3)":                 L1(0.3),
	"L2(0.01)":                L2(0.01),
	"L2(0.1)":                 L2(0.1),
	"L1L2(0,0)":               L1L2(0, 0),
	"L1L2(0.02,0.03)":         L1L2(0.02, 0.03),
	"L1L2(0,0.5)":             L1L2(0, 0.5),
	"OrthogonalRegularizer()": OrthogonalRegularizer(),
	`OrthogonalRegularizer().Factor(0.5).Mode("columns")`: OrthogonalRegularizer().Factor(0.5).Mode("columns"),
}

func load(t *testing.T) goldenFile { return golden.Read[goldenFile](t, "regularizers") }

func TestPenaltiesAndGradients(t *testing.T) {
	file := load(t)
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		var inputs []any
		for _, c := range file.Values {
			inputs = append(inputs, c.X.Tensor(t))
		}
		out, err := graph.CallOnceN(backend, func(in []*graph.Node) []*graph.Node {
			var out []*graph.Node
			for i, c := range file.Values {
				y := made[c.Call].Penalty(in[i])
				// A penalty of 0 doesn't depend on x; adding 0·x gives it a gradient to compare.
				y = graph.Add(y, graph.MulScalar(graph.ReduceAllSum(in[i]), 0))
				out = append(out, y, graph.Gradient(y, in[i])[0])
			}
			return out
		}, inputs...)
		require.NoError(t, err)
		for i, c := range file.Values {
			what := fmt.Sprintf("%s of shape %v", c.Call, c.X.Shape)
			golden.Close(t, what, out[2*i], c.Y, golden.Float32)
			if c.DX != nil {
				golden.Close(t, "gradient of "+what, out[2*i+1], *c.DX, golden.Float32)
				continue
			}
			for _, v := range golden.Floats(t, out[2*i+1]) {
				require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "gradient of %s where a row is 0", what)
			}
		}
	})
}

func TestConfigurationIsKerass(t *testing.T) {
	file := load(t)
	golden.SameObjects(t, file.Serialized, made, Get)
	golden.SameDecoded(t, file.Names, Get, func(name string) any { return name })
	_, err := Get("l3")
	require.ErrorContains(t, err, `unknown regularizer "l3"; did you mean "l1"?`)
	_, err = Get(map[string]any{"class_name": "L1", "config": map[string]any{"l1": "much"}})
	require.ErrorContains(t, err, "want a number")
}

func TestValidate(t *testing.T) {
	for _, r := range made {
		require.NoError(t, r.(interface{ Validate() error }).Validate())
	}
	for want, r := range map[string]interface{ Validate() error }{
		"L1: l1 -1, want a number ≥ 0":                                                           L1(-1),
		"L2: l2 NaN, want a number ≥ 0":                                                          L2(math.NaN()),
		"L1L2: l1 +Inf, want a number ≥ 0":                                                       L1L2(math.Inf(1), 0),
		"L1L2: l2 -2, want a number ≥ 0":                                                         L1L2(0, -2),
		"OrthogonalRegularizer: factor -1, want a number ≥ 0":                                    OrthogonalRegularizer().Factor(-1),
		`OrthogonalRegularizer: unknown mode "row"; did you mean "rows"? (known: rows, columns)`: OrthogonalRegularizer().Mode("row"),
	} {
		require.EqualError(t, r.Validate(), want)
	}
}

func TestOrthogonalRegularizerWantsAMatrix(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		_, err := graph.CallOnce(backend, OrthogonalRegularizer().Penalty, []float32{1, 2})
		require.ErrorContains(t, err, "got the shape [2], want a matrix")
		_, err = graph.CallOnce(backend, OrthogonalRegularizer().Penalty, [][]float32{{1, 2}})
		require.ErrorContains(t, err, "got 1 rows, want at least two")
	})
}

func Example() {
	engine, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	penalty, err := graph.CallOnce(engine, L2(0.5).Penalty, [][]float32{{1, 2}, {3, 4}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(penalty.Value())
	// Output: 15
}
