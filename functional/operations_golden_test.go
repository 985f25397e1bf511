package functional_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/internal/probe"
	_ "github.com/gokeras/gokeras/layers"
)

type operationCase struct {
	Name         string
	JSON         json.RawMessage
	Operations   []string
	Layers       []string
	OutputShapes [][]*int `json:"output_shapes"`
	OutputDTypes []string `json:"output_dtypes"`
	Weights      []golden.Array
	Inputs       []golden.Array
	Outputs      []golden.Array
	Cotangents   []*golden.Array
	InputGrads   []*golden.Array `json:"input_grads"`
}

// rounding is how far outputs and gradients may be from Keras's, which were computed operation after operation. XLA keeps float32 between operations on halves that it fuses,
// as it does for Keras's compiled models on JAX: up to two roundings of the coarsest type are missing or made elsewhere.
func (c operationCase) rounding(engine compute.Backend) golden.Tolerance {
	tolerance := golden.Float32
	if backend.KindOf(engine) == backend.Go {
		return tolerance
	}
	coarse := func(dtype string) {
		switch dtype {
		case "float16":
			tolerance.Rel = max(tolerance.Rel, 0x1p-9)
		case "bfloat16":
			tolerance.Rel = max(tolerance.Rel, 0x1p-6)
		}
	}
	for _, x := range c.Inputs {
		coarse(x.DType)
	}
	for _, dtype := range c.OutputDTypes {
		coarse(dtype)
	}
	return tolerance
}

// TestOperationsFromKeras reads models whose symbolic tensors went through
// Keras operations, writes them again, and compares predictions and gradients.
func TestOperationsFromKeras(t *testing.T) {
	var cases []operationCase
	for _, family := range []string{"operations", "operations_sorting", "operations_arrays", "operations_nn", "operations_images", "operations_operators", "operations_moving", "operations_linalg", "operations_signal", "operations_singular", "operations_patches", "operations_modes", "operations_types", "operations_replayed", "layer_types"} {
		var more []operationCase
		golden.Load(t, family, &more)
		cases = append(cases, more...)
	}
	require.Greater(t, len(cases), 100)
	for at, tc := range cases {
		t.Run(tc.Name, func(t *testing.T) {
			m, err := functional.FromJSON(tc.JSON, false)
			require.NoError(t, err)
			again, err := m.ToJSON()
			require.NoError(t, err)
			golden.SameJSON(t, tc.JSON, again, "shared_object_id")

			var layers []string
			for _, l := range m.Layers() {
				layers = append(layers, l.Base().Name())
			}
			require.Equal(t, tc.Layers, layers)
			var operations []string
			for _, l := range m.Operations() {
				operations = append(operations, l.Base().Name())
			}
			require.Equal(t, tc.Operations, operations)
			for i, out := range m.Outputs() {
				want := functional.Shape{}
				for _, d := range tc.OutputShapes[i] {
					if d == nil {
						want = append(want, functional.None)
					} else {
						want = append(want, *d)
					}
				}
				require.Equal(t, want, out.Shape())
				require.Equal(t, tc.OutputDTypes[i], out.DType())
			}
			golden.SetWeights(t, m.Weights(), tc.Weights)
			golden.OnSomeEngines(t, at, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				var cotangents []*tensors.Tensor
				wanted := false
				for _, c := range tc.Cotangents {
					if c == nil {
						cotangents = append(cotangents, nil)
						continue
					}
					wanted = true
					cotangents = append(cotangents, c.Tensor(t))
				}
				if !wanted {
					cotangents = nil
				}
				p, err := probe.Layer(engine, m, false, golden.Tensors(t, tc.Inputs), cotangents)
				require.NoError(t, err)
				require.Len(t, p.Outputs, len(tc.Outputs))
				for i, out := range p.Outputs {
					want := []string{tc.Outputs[i].DType}
					if promised := tc.OutputDTypes[i]; strings.HasSuffix(promised, "64") || strings.HasSuffix(want[0], "64") { // JAX cuts these, Python's own numbers have them
						want = append(want, promised)
					}
					require.Contains(t, want, ndarray.DTypeName(out.DType()), "type of output %d", i)
					golden.Close(t, "output", out, tc.Outputs[i], tc.rounding(engine))
				}
				for i, grad := range tc.InputGrads {
					if grad != nil {
						golden.Close(t, "input gradient", p.InputGrads[i], *grad, tc.rounding(engine))
					}
				}
			})
		})
	}
}
