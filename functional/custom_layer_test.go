package functional_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/symbolic"
)

// SwirlLayer turns each pair of features by an angle that it learns.
type SwirlLayer struct {
	functional.BaseLayer
	cfg struct {
		functional.LayerConfig // name, trainable, dtype

		Turns             float64                  `keras:"turns" default:"1.0"`
		KernelInitializer initializers.Initializer `keras:"kernel_initializer" default:"zeros"`
	}
}

// Swirl returns the layer with Python's default arguments.
func Swirl() *SwirlLayer {
	l := &SwirlLayer{}
	l.Init(l, &l.cfg.LayerConfig)
	return l
}

// KerasClass is the package and name under which Python registered the class.
func (l *SwirlLayer) KerasClass() functional.Class {
	return functional.Class{Name: "Swirl", Registered: "my_package>Swirl"}
}

// KerasConfig holds what Python's get_config returns.
func (l *SwirlLayer) KerasConfig() any { return &l.cfg }

// Declare is Python's build.
func (l *SwirlLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0].Shape
	if len(x) < 2 || x[len(x)-1]%2 != 0 {
		return fmt.Errorf("want one input whose last axis is even")
	}
	b.Weight(symbolic.WeightSpec{Name: "angle", Shape: []int{x[len(x)-1] / 2}, Initializer: l.cfg.KernelInitializer})
	return nil
}

// Call is Python's call.
func (l *SwirlLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	halves := graph.Split(x, -1, 2)
	angle := graph.MulScalar(c.Weight("angle"), l.cfg.Turns)
	cos := graph.ExpandLeftToRank(graph.Cos(angle), x.Rank())
	sin := graph.ExpandLeftToRank(graph.Sin(angle), x.Rank())
	left := graph.Sub(graph.Mul(halves[0], cos), graph.Mul(halves[1], sin))
	right := graph.Add(graph.Mul(halves[0], sin), graph.Mul(halves[1], cos))
	return []*graph.Node{graph.Concatenate([]*graph.Node{left, right}, -1)}
}

// ResidualLayer adds what the layers inside it make of the input to it.
type ResidualLayer struct {
	functional.BaseLayer
	cfg struct {
		functional.LayerConfig

		Units int     `keras:"units"`
		Rate  float64 `keras:"rate"`
	}
	wide, back *layers.DenseLayer
	drop       *layers.DropoutLayer
	norm       *layers.BatchNormalizationLayer
}

// Residual returns the layer.
func Residual(units int) *ResidualLayer {
	l := &ResidualLayer{}
	l.Init(l, &l.cfg.LayerConfig)
	l.cfg.Units = units
	return l
}

// KerasClass is the package and name under which Python registered the class.
func (l *ResidualLayer) KerasClass() functional.Class {
	return functional.Class{Name: "Residual", Registered: "my_package>Residual"}
}

// KerasConfig holds what Python's get_config returns.
func (l *ResidualLayer) KerasConfig() any { return &l.cfg }

// Signature is that of Python's call.
func (l *ResidualLayer) Signature() string { return "x training=False" }

// Declare tracks the inner layers in the order in which Python assigns them; the layer has no weights of its own.
func (l *ResidualLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	x := in.First()[0]
	l.wide = layers.Dense(l.cfg.Units).Activation("relu")
	l.drop = layers.Dropout(l.cfg.Rate)
	l.norm = layers.BatchNormalization()
	l.back = layers.Dense(x.Shape[len(x.Shape)-1])
	wide := b.Track("wide", l.wide, x)
	if wide == nil {
		return nil // the builder has the error
	}
	b.Track("drop", l.drop, wide[0])
	b.Track("norm", l.norm, x)
	b.Track("back", l.back, wide[0])
	return nil
}

// Call applies the inner layers; they know whether the model is training.
func (l *ResidualLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	h := c.Apply(l.wide, in...)
	h = c.Apply(l.drop, h...)
	h = c.Apply(l.back, h...)
	h = c.Apply(l.norm, h...)
	return []*graph.Node{graph.Add(in[0], h[0])}
}

func init() {
	functional.RegisterLayer(func() functional.Layer { return Swirl() })
	functional.RegisterLayer(func() functional.Layer { return Residual(0) })
}

// TestCustomLayers loads a model whose classes Python defines, from outside of the packages that make layers, and saves it again.
func TestCustomLayers(t *testing.T) {
	raw, err := os.ReadFile("testdata/custom.json")
	require.NoError(t, err)
	var want struct {
		X, Predictions [][]float32
		Weights        []string
	}
	require.NoError(t, json.Unmarshal(raw, &want))
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		m, err := functional.Load("testdata/custom.keras", functional.LoadOptions{})
		require.NoError(t, err)
		require.Len(t, m.Weights(), len(want.Weights))
		requirePredictions(t, m, want.X, want.Predictions)

		file := filepath.Join(t.TempDir(), "again.keras")
		require.NoError(t, m.Save(file))
		golden.SameJSON(t, configOf(t, "testdata/custom.keras"), configOf(t, file), "shared_object_id", "jit_compile")
		again, err := functional.Load(file, functional.LoadOptions{})
		require.NoError(t, err)
		requirePredictions(t, again, want.X, want.Predictions)

		before, err := m.GetWeights()
		require.NoError(t, err)
		_, err = m.Fit(want.X, [][]float32{{1, 2}, {3, 4}, {5, 6}}, functional.Fit{Epochs: 1, Verbose: functional.Silent})
		require.NoError(t, err)
		after, err := m.GetWeights()
		require.NoError(t, err)
		for i, w := range m.Weights() {
			// A bias in front of a normalization has no gradient.
			if w.Path() != "residual/"+m.Weights()[8].Path()[len("residual/"):] {
				require.NotEqual(t, before[i].Value(), after[i].Value(), w.Path())
			}
		}
	})
}

func requirePredictions(t *testing.T, m *functional.Model, x, want [][]float32) {
	t.Helper()
	out, err := m.PredictOnBatch([]*tensors.Tensor{tensors.FromValue(x)})
	require.NoError(t, err)
	for i, row := range out[0].Value().([][]float32) {
		for j, v := range row {
			require.InEpsilon(t, want[i][j], v, 1e-5)
		}
	}
}

func configOf(t *testing.T, path string) []byte {
	t.Helper()
	f, err := kerasfile.Open(path)
	require.NoError(t, err)
	defer f.Close()
	return f.Config()
}
