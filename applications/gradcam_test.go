package applications_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/applications"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

func TestGradCAM(t *testing.T) {
	var cases []struct {
		JSON       json.RawMessage
		DataFormat string `json:"data_format"`
		Maps       []struct {
			Layer string
			Class *int
			Heat  golden.Array
		}
	}
	golden.Load(t, "gradcam", &cases)
	require.NotEmpty(t, cases)
	nonzero := 0
	for _, c := range cases {
		m, err := functional.FromJSON(c.JSON, false)
		require.NoError(t, err)
		for k, w := range m.Weights() {
			require.NoError(t, w.Set(golden.RuleWeight(k, w.Name(), w.Shape()...).Tensor(t)))
		}
		x := golden.RuleInput(0, append([]int{3}, m.Inputs()[0].Shape()[1:]...)...).Tensor(t)
		for _, want := range c.Maps {
			cam, err := applications.GradCAM(m, applications.GradCAMOptions{Layer: want.Layer, Class: want.Class, DataFormat: c.DataFormat})
			require.NoError(t, err)
			for _, v := range want.Heat.Data {
				if v > 0 && v < 1 {
					nonzero++
				}
			}
			golden.OnEach(t, func(t *testing.T) {
				got, err := cam.Predict(x, functional.Predict{BatchSize: 2, Verbose: functional.Silent})
				require.NoError(t, err)
				golden.Close(t, "heat map", got, want.Heat, golden.Tolerance{Abs: 1e-5, Rel: 1e-4})
			})
		}
	}
	require.Greater(t, nonzero, 50, "the maps show something")
}

func TestGradCAMOfFilesAndHalves(t *testing.T) {
	golden.OnGo(t)
	x := functional.Input(4, 4, 1)
	y := layers.GlobalAveragePooling2D().Apply(layers.Conv2D(2, 2).DType("mixed_float16").Name("conv").Apply(x))
	m, err := functional.NewModel(x, layers.Dense(2).Apply(y))
	require.NoError(t, err)
	cam, err := applications.GradCAM(m, applications.GradCAMOptions{})
	require.NoError(t, err)
	require.Equal(t, functional.Shape{functional.None, 3, 3}, cam.Outputs()[0].Shape())
	images := golden.RuleInput(0, 2, 4, 4, 1).Tensor(t)
	want, err := cam.Predict(images, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "cam.keras")
	require.NoError(t, cam.Save(path))
	again, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	got, err := again.Predict(images, functional.Predict{Verbose: functional.Silent})
	require.NoError(t, err)
	golden.Close(t, "heat map", got, golden.Array{Shape: want.Shape().Dimensions, Data: values(t, want)}, golden.Tolerance{})
}

func TestGradCAMMistakes(t *testing.T) {
	x := functional.Input(4, 4, 1)
	y := layers.Conv2D(2, 2).Name("conv").Apply(x)
	flat := layers.GlobalAveragePooling2D().Name("flat").Apply(y)
	m, err := functional.NewModel(x, flat)
	require.NoError(t, err)
	three := 3
	for want, c := range map[string]applications.GradCAMOptions{
		`unknown layer "con"`:          {Layer: "con"},
		"it takes the output":          {Layer: "flat"},
		"there is no class 3":          {Class: &three},
		`unknown data format "middle"`: {DataFormat: "middle"},
	} {
		_, err := applications.GradCAM(m, c)
		require.ErrorContains(t, err, want)
	}
	noPlaces, err := functional.NewModel(flat, layers.Dense(2).Apply(flat))
	require.NoError(t, err)
	_, err = applications.GradCAM(noPlaces, applications.GradCAMOptions{})
	require.ErrorContains(t, err, "has no layer with an output of shape")
	images, err := functional.NewModel(x, y)
	require.NoError(t, err)
	_, err = applications.GradCAM(images, applications.GradCAMOptions{})
	require.ErrorContains(t, err, "one output of shape (batch, classes)")
	_, err = applications.GradCAM(nil, applications.GradCAMOptions{})
	require.ErrorContains(t, err, "the model is nil")
}
