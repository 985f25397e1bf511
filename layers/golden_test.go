package layers

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/probe"
	"github.com/gokeras/gokeras/symbolic"
)

// applied is a layer as the tests need it.
type applied interface {
	functional.Layer
	Apply(...*functional.Tensor) *functional.Tensor
}

// newLayer makes a layer of the class without arguments of the user's.
func newLayer(t *testing.T, class string) applied {
	t.Helper()
	l, err := symbolic.NewLayer(class)
	require.NoError(t, err)
	return l.(applied)
}

type goldenCase struct {
	Name        string
	Class       string
	Layer       struct{ Config map[string]any }
	InputShapes []kerasShape `json:"input_shapes"`
	OutputShape kerasShape   `json:"output_shape"`
	OutputDType string       `json:"output_dtype"`
	Weights     []struct {
		Name, Path, DType string
		Trainable         bool
		Value             golden.Array
		Shape             []int
	}
	Training          bool
	Inputs            []golden.Array
	Outputs           []golden.Array
	Cotangents        []golden.Array
	InputGrads        []*golden.Array `json:"input_grads"`
	WeightGrads       []golden.Array  `json:"weight_grads"`
	NonTrainableAfter []golden.Array  `json:"non_trainable_after"`
	Losses            float64
	ConfigOnly        bool `json:"config_only"`
}

// kerasShape is a shape with null for None.
type kerasShape functional.Shape

func (s *kerasShape) UnmarshalJSON(raw []byte) error {
	var list []*int
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	*s = make(kerasShape, len(list))
	for i, d := range list {
		(*s)[i] = functional.None
		if d != nil {
			(*s)[i] = *d
		}
	}
	return nil
}

type fixtures struct {
	Cases       []goldenCase
	Defaults    map[string]struct{ Config map[string]any }
	ShapeErrors []struct {
		Class       string
		Config      map[string]any
		BuiltFor    []kerasShape `json:"built_for"`
		InputShapes []kerasShape `json:"input_shapes"`
		Error       *struct{ Message string }
	} `json:"shape_errors"`
}

func loadFixtures(t *testing.T) *fixtures {
	t.Helper()
	var f fixtures
	golden.Load(t, "layers", &f)
	require.NotEmpty(t, f.Cases)
	return &f
}

// fromConfig makes a layer from Keras's configuration, and checks that the layer writes the same.
func fromConfig(t *testing.T, class string, cfg map[string]any) (applied, error) {
	t.Helper()
	l := newLayer(t, class)
	if err := config.Decode(cfg, l.KerasConfig()); err != nil {
		return nil, err
	}
	require.Equal(t, class, l.KerasClass().Name)
	requireConfig(t, cfg, l)
	return l, nil
}

// requireConfig compares l's configuration with Keras's, as JSON.
func requireConfig(t *testing.T, want map[string]any, l functional.Layer) {
	t.Helper()
	got, err := config.Fields(l.KerasConfig())
	require.NoError(t, err)
	raw, err := json.Marshal(got)
	require.NoError(t, err)
	wanted, err := json.Marshal(want)
	require.NoError(t, err)
	require.JSONEq(t, string(wanted), string(raw))
}

func symbols(shapes []kerasShape, dtypes []string) []*functional.Tensor {
	list := make([]*functional.Tensor, len(shapes))
	for i, s := range shapes {
		list[i] = functional.InputWith(functional.InputOptions{Shape: s[1:], DType: dtypes[i]})
	}
	return list
}

// callShapes are output shapes that Keras's compute_output_shape gets wrong: GLU halves the last axis.
var callShapes = map[string]kerasShape{"activation_glu": {functional.None, 3}}

func TestGolden(t *testing.T) {
	var more fixtures
	golden.Load(t, "layers_more", &more)
	for _, c := range append(loadFixtures(t).Cases, more.Cases...) {
		if c.Class == "InputLayer" {
			continue // not of this package
		}
		t.Run(c.Name, func(t *testing.T) {
			l, err := fromConfig(t, c.Class, c.Layer.Config)
			require.NoError(t, err)
			dtypes := make([]string, len(c.InputShapes))
			for i := range c.Inputs {
				dtypes[i] = c.Inputs[i].DType
			}
			if c.ConfigOnly && c.Class == "Rescaling" {
				dtypes[0] = "uint8"
			}
			out := l.Apply(symbols(c.InputShapes, dtypes)...)
			require.NoError(t, out.Err())
			wantShape := c.OutputShape
			if s, ok := callShapes[c.Name]; ok {
				wantShape = s
			}
			require.Equal(t, functional.Shape(wantShape), out.Shape())
			require.Equal(t, c.OutputDType, out.DType())
			setWeights(t, l, &c)
			if c.ConfigOnly {
				return
			}
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) { runCase(t, engine, l, &c) })
		})
	}
}

func setWeights(t *testing.T, l functional.Layer, c *goldenCase) {
	t.Helper()
	weights := l.Base().Weights()
	require.Len(t, weights, len(c.Weights))
	for i, w := range weights {
		want := c.Weights[i]
		require.Equal(t, want.Path, w.Path())
		require.Equal(t, want.DType, map[string]string{"Float32": "float32", "Float16": "float16", "BFloat16": "bfloat16", "Float64": "float64"}[w.DType().String()])
		require.Equal(t, want.Trainable, w.Trainable())
		if c.ConfigOnly {
			require.Equal(t, want.Shape, w.Shape())
			continue
		}
		require.NoError(t, w.Set(want.Value.Tensor(t)))
	}
}

func runCase(t *testing.T, engine compute.Backend, l functional.Layer, c *goldenCase) {
	t.Helper()
	tensorsOf := func(list []golden.Array) []*tensors.Tensor {
		out := make([]*tensors.Tensor, len(list))
		for i, a := range list {
			out[i] = a.Tensor(t)
		}
		return out
	}
	p, err := probe.Layer(engine, l, c.Training, tensorsOf(c.Inputs), tensorsOf(c.Cotangents))
	require.NoError(t, err)
	all := func(what string, got []*tensors.Tensor, want []golden.Array) {
		t.Helper()
		require.Len(t, got, len(want), what)
		for i := range want {
			golden.Close(t, fmt.Sprintf("%s %d", what, i), got[i], want[i], golden.Float32)
		}
	}
	all("output", p.Outputs, c.Outputs)
	all("weight gradient", p.WeightGrads, c.WeightGrads)
	all("non-trainable weight", p.NonTrainable, c.NonTrainableAfter)
	require.Len(t, p.InputGrads, len(c.InputGrads))
	for i, want := range c.InputGrads {
		if want == nil {
			require.Nil(t, p.InputGrads[i])
			continue
		}
		golden.Close(t, fmt.Sprintf("input gradient %d", i), p.InputGrads[i], *want, golden.Float32)
	}
	require.InDelta(t, c.Losses, p.Loss, 1e-6+1e-5*c.Losses)
}
