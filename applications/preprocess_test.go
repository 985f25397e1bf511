package applications_test

import (
	"encoding/json"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/applications"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/layers"
)

type preparedCase struct {
	Mode       string
	DataFormat string `json:"data_format"`
	X, Output  golden.Array
	DType      string
	JSON       json.RawMessage
}

func TestPreprocessInput(t *testing.T) {
	f, _ := load(t)
	for _, c := range f.Prepared {
		t.Run(c.Mode+" "+string(c.DataFormat)+" "+c.X.DType, func(t *testing.T) {
			x := c.X.Tensor(t)
			if c.X.DType == "float64" {
				var err error
				x, err = ndarray.Convert(x, dtypes.Float64)
				require.NoError(t, err)
			}
			got, err := applications.PreprocessInput(x, applications.Preprocessing{Mode: c.Mode, DataFormat: c.DataFormat})
			require.NoError(t, err)
			require.Equal(t, c.DType, ndarray.DTypeName(got.DType()))
			golden.Close(t, "images", got, c.Output, golden.Float32)
			golden.Close(t, "what was given", x, c.X, golden.Float32)
		})
	}
}

func TestPreprocessInModels(t *testing.T) {
	f, _ := load(t)
	for _, c := range f.Models {
		t.Run(c.Mode+" "+string(c.DataFormat), func(t *testing.T) {
			functional.ClearSession()
			x := functional.InputWith(functional.InputOptions{Shape: c.X.Shape[1:], Name: "x"})
			m, err := functional.NewModel(x, applications.PreprocessTensor(x, applications.Preprocessing{Mode: c.Mode, DataFormat: c.DataFormat}))
			require.NoError(t, err)
			raw, err := m.Named("m").ToJSON()
			require.NoError(t, err)
			golden.SameJSON(t, c.JSON, raw, "shared_object_id")
			golden.OnEach(t, func(t *testing.T) {
				got, err := m.Predict(c.X.Tensor(t), functional.Predict{Verbose: functional.Silent})
				require.NoError(t, err)
				golden.Close(t, "images", got, c.Output, golden.Tolerance{Abs: 1e-5, Rel: 1e-5})
			})
		})
	}
}

// TestModes compares the preparation of each network with that of its module.
func TestModes(t *testing.T) {
	f, _ := load(t)
	modules := map[string]network{
		"convnext": applications.ConvNeXtBase(), "densenet": applications.DenseNet169(), "efficientnet": applications.EfficientNetB7(),
		"efficientnet_v2": applications.EfficientNetV2S(), "inception_resnet_v2": applications.InceptionResNetV2(), "inception_v3": applications.InceptionV3(),
		"mobilenet": applications.MobileNet(), "mobilenet_v2": applications.MobileNetV2(), "mobilenet_v3": applications.MobileNetV3Small(),
		"nasnet": applications.NASNetLarge(), "resnet50": applications.ResNet152(), "resnet_v2": applications.ResNet50V2(), "vgg16": applications.VGG16(),
		"vgg19": applications.VGG19(), "xception": applications.Xception(),
	}
	require.Len(t, f.Modes, len(modules))
	for name, n := range modules {
		got, err := n.PreprocessInput([][][]float32{{{10, 100, 250}}})
		require.NoError(t, err)
		require.InDeltaSlice(t, f.Modes[name], golden.Floats(t, got), 1e-5, name)
	}
}

func TestPreprocessMistakes(t *testing.T) {
	for want, c := range map[string]struct {
		x any
		o applications.Preprocessing
	}{
		`unknown mode "pytorch"`:        {[]float32{1}, applications.Preprocessing{Mode: "pytorch"}},
		`unknown data format "first"`:   {[]float32{1}, applications.Preprocessing{DataFormat: "first"}},
		"want images of shape":          {[]float32{1, 2, 3}, applications.Preprocessing{}},
		"is for images with 3 channels": {[][][]float32{{{1, 2}}}, applications.Preprocessing{}},
		"x":                             {"text", applications.Preprocessing{}},
		"received shape (1, 1, 3), the channels at a": {[][][]float32{{{1, 2, 3}}}, applications.Preprocessing{DataFormat: layers.ChannelsFirst, Mode: "torch"}},
	} {
		_, err := applications.PreprocessInput(c.x, c.o)
		require.ErrorContains(t, err, want)
	}
	x := functional.Input(2, 2, 4)
	require.ErrorContains(t, applications.PreprocessTensor(x, applications.Preprocessing{}).Err(), "is for images with 3 channels")
	require.Error(t, applications.PreprocessTensor(nil, applications.Preprocessing{}).Err())
	require.Same(t, x, applications.EfficientNetB0().PreprocessTensor(x))
	_, err := applications.EfficientNetB0().PreprocessInput("text")
	require.Error(t, err)
	nothing, err := applications.PreprocessInput(tensors.FromFlatDataAndDimensions([]float32{}, 0, 2, 2, 3), applications.Preprocessing{})
	require.NoError(t, err)
	require.Equal(t, []int{0, 2, 2, 3}, nothing.Shape().Dimensions)
}
