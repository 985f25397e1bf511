package layers

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/activations"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/config"
)

// TestDefaults compares layers made with their required arguments alone.
func TestDefaults(t *testing.T) {
	f := loadFixtures(t)
	made := map[string]functional.Layer{
		"Dense": Dense(2), "Conv2D": Conv2D(2, 3), "MaxPooling2D": MaxPooling2D(), "AveragePooling2D": AveragePooling2D(),
		"GlobalAveragePooling2D": GlobalAveragePooling2D(), "GlobalMaxPooling2D": GlobalMaxPooling2D(), "Flatten": Flatten(),
		"Reshape": Reshape(2, 3), "Dropout": Dropout(0.5), "BatchNormalization": BatchNormalization(), "Activation": Activation("relu"),
		"ReLU": ReLU(), "Softmax": Softmax(), "Add": Add(), "Concatenate": Concatenate(), "Rescaling": Rescaling(0.5),
	}
	for class, want := range f.Defaults {
		if class == "InputLayer" {
			continue // not of this package
		}
		t.Run(class, func(t *testing.T) {
			l, ok := made[class]
			require.True(t, ok)
			l.Base().SetName("fixed")
			requireConfig(t, want.Config, l)
		})
	}
}

// phrases are the parts of Keras's messages that this project's have too.
var phrases = []string{
	"expected ndim=", "expected min_ndim=", "expects 1 input", "computed output size would be zero or negative",
	"must be evenly divisible by the number of groups", "the total size of the tensor must be unchanged",
	"have incompatible shapes", "matching shapes except for the concatenation axis", "of input shape to have value",
}

func TestShapeErrorsOfKeras(t *testing.T) {
	for _, e := range loadFixtures(t).ShapeErrors {
		if e.Error == nil || (len(e.InputShapes) == 1 && (e.Class == "Add" || e.Class == "Concatenate")) {
			// Keras finds the first kind when the data arrives; of the second it
			// accepts a list of one tensor, which is what Apply is given.
			continue
		}
		t.Run(e.Class, func(t *testing.T) {
			l, err := fromConfig(t, e.Class, e.Config)
			require.NoError(t, err)
			floats := []string{"float32", "float32"}
			if e.BuiltFor != nil {
				require.NoError(t, l.Apply(symbols(e.BuiltFor, floats)...).Err())
			}
			err = l.Apply(symbols(e.InputShapes, floats)...).Err()
			require.Error(t, err, "Keras says: %s", e.Error.Message)
			for _, p := range phrases {
				if strings.Contains(strings.ToLower(e.Error.Message), p) {
					require.Contains(t, err.Error(), p)
				}
			}
			require.Contains(t, err.Error(), "errors_test.go:", "the caller's line")
			require.Contains(t, err.Error(), functional.Shape(e.InputShapes[0]).String())
		})
	}
}

func TestErrors(t *testing.T) {
	image, vector := []int{8, 8, 3}, []int{4}
	for _, c := range []struct {
		name   string
		layer  applied
		inputs [][]int // without the batch
		want   string
	}{
		{"units", Dense(0), [][]int{vector}, "received an invalid value for `units`, expected a positive integer, received units=0"},
		{"unknown last axis", Dense(2), [][]int{{functional.None}}, "axis -1 of the input must be known, because the layer's weights depend on it, but received input with shape (None, None)"},
		{"activation", Dense(2).Activation("rellu"), [][]int{vector}, `activation: unknown activation "rellu"; did you mean "relu"?`},
		{"initializer", Dense(2).KernelInitializer("glorot"), [][]int{vector}, `kernel_initializer: unknown initializer "glorot"`},
		{"bias initializer", Conv2D(2, 3).BiasInitializer("zerros"), [][]int{image}, `bias_initializer: unknown initializer "zerros"; did you mean "zeros"?`},
		{"regularizer", Dense(2).KernelRegularizer("l3"), [][]int{vector}, `kernel_regularizer: unknown regularizer "l3"`},
		{"bias regularizer", Dense(2).BiasRegularizer("l3"), [][]int{vector}, `bias_regularizer: unknown regularizer "l3"`},
		{"activity regularizer", Dense(2).ActivityRegularizer("l3"), [][]int{vector}, `activity_regularizer: unknown regularizer "l3"`},
		{"constraint", Dense(2).BiasConstraint("nonneg"), [][]int{vector}, `bias_constraint: unknown constraint "nonneg"; did you mean "non_neg"?`},
		{"kernel constraint", Dense(2).KernelConstraint(3), [][]int{vector}, `kernel_constraint: constraint: got a int`},
		{"dtype", Dense(2).DType("float31"), [][]int{vector}, `dtype: unknown dtype "float31"; did you mean "float32"?`},
		{"empty name", Dense(2).Name(""), [][]int{vector}, "name: got an empty name"},
		{"slash", Dense(2).Name("a/b"), [][]int{vector}, `name: got "a/b", want a name without "/"`},
		{"two inputs", Dense(2), [][]int{vector, vector}, "the layer expects 1 input, but it received 2"},

		{"filters", Conv2D(0, 3), [][]int{image}, "invalid value for argument `filters`: expected a strictly positive value, received filters=0"},
		{"kernel size", Conv2D(2, [2]int{3, 0}), [][]int{image}, "the `kernel_size` argument must be 2 positive integers, got (3, 0)"},
		{"strides", Conv2D(2, 3).Strides(0), [][]int{image}, "the `strides` argument must be 2 positive integers, got (0, 0)"},
		{"strides count", Conv2D(2, 3).Strides(1, 2, 3), [][]int{image}, "strides: got 3 values: want 1 (for height and width) or 2 (height, width)"},
		{"no strides", Conv2D(2, 3).Strides(), [][]int{image}, "strides: got 0 values"},
		{"dilation count", Conv2D(2, 3).DilationRate(1, 2, 3), [][]int{image}, "dilation_rate: got 3 values"},
		{"dilation", Conv2D(2, 3).DilationRate(1, -2), [][]int{image}, "the `dilation_rate` argument must be 2 positive integers"},
		{"strides and dilation", Conv2D(2, 3).Strides(2).DilationRate(2), [][]int{image}, "`strides > 1` not supported in conjunction with `dilation_rate > 1`, received strides=(2, 2) and dilation_rate=(2, 2)"},
		{"padding", Conv2D(2, 3).Padding("sane"), [][]int{image}, `padding: unknown padding "sane"; did you mean "same"? (known: same, valid)`},
		{"data format", Conv2D(2, 3).DataFormat("channel_last"), [][]int{image}, `data_format: unknown data_format "channel_last"; did you mean "channels_last"? (known: channels_first, channels_last)`},
		{"groups", Conv2D(2, 3).Groups(0), [][]int{image}, "the number of groups must be a positive integer, received groups=0"},
		{"groups of filters", Conv2D(3, 3).Groups(2), [][]int{image}, "the number of filters must be evenly divisible by the number of groups, received groups=2, filters=3"},
		{"groups of channels", Conv2D(4, 3).Groups(2), [][]int{image}, "received groups=2, but the input has 3 channels (full input shape is (None, 8, 8, 3))"},
		{"no window", Conv2D(2, [2]int{9, 3}), [][]int{image}, "computed output size would be zero or negative: received input shape (None, 8, 8, 3), window (9, 3), strides (1, 1), padding \"valid\""},
		{"conv rank", Conv2D(2, 3), [][]int{vector}, "expected min_ndim=4, found ndim=2. Full shape received: (None, 4)"},

		{"two pool sizes", MaxPooling2D(2, 2), [][]int{image}, "MaxPooling2D got 2 values, of which Keras would read the second as strides: write .PoolSize(height, width) for a window that is not square, .Strides(…) for strides"},
		{"pool size", AveragePooling2D(0), [][]int{image}, "the `pool_size` argument must be 2 positive integers, got (0, 0)"},
		{"pool size count", MaxPooling2D().PoolSize(1, 2, 3), [][]int{image}, "pool_size: got 3 values"},
		{"pool strides", MaxPooling2D().Strides(-1), [][]int{image}, "the `strides` argument must be 2 positive integers, got (-1, -1)"},
		{"pool strides count", MaxPooling2D().Strides(), [][]int{image}, "strides: got 0 values"},
		{"pool padding", AveragePooling2D().Padding("full"), [][]int{image}, `padding: unknown padding "full"`},
		{"pool rank", MaxPooling2D(), [][]int{{4, 4}}, "expected ndim=4, found ndim=3. Full shape received: (None, 4, 4)"},
		{"global format", GlobalMaxPooling2D().DataFormat("NHWC"), [][]int{image}, `data_format: unknown data_format "nhwc"`},

		{"flatten format", Flatten().DataFormat("NHWC"), [][]int{image}, `data_format: unknown data_format "nhwc"`},
		{"reshape size", Reshape(5), [][]int{vector}, "the total size of the tensor must be unchanged, received input_shape=(4,), target_shape=(5,)"},
		{"reshape division", Reshape(-1, 3), [][]int{vector}, "the input size cannot be divided by the specified dimensions in target_shape, received input_shape=(4,), target_shape=(-1, 3)"},
		{"reshape unknowns", Reshape(-1, -1), [][]int{vector}, "there must be at most one unknown dimension (-1) in `target_shape`, received target_shape=(-1, -1)"},
		{"reshape negative", Reshape(-2), [][]int{vector}, "the axes of `target_shape` must be -1 or not negative, received target_shape=(-2,)"},

		{"rate", Dropout(1.5), [][]int{vector}, "invalid value received for argument `rate`: expected a float value between 0 and 1, received rate=1.5"},
		{"negative rate", Dropout(-0.1), [][]int{vector}, "received rate=-0.1"},
		{"noise shape", Dropout(0.5).NoiseShape(0, 1), [][]int{vector}, "received negative or zero value at index 0: 0"},
		{"noise rank", Dropout(0.5).NoiseShape(2, 3, 4), [][]int{vector}, "noise_shape (2, 3, 4) does not broadcast to an input of shape (None, 4)"},

		{"axis", BatchNormalization().Axis(3), [][]int{vector}, "axis 3 is out of bounds for an input of shape (None, 4)"},
		{"unknown axis", BatchNormalization(), [][]int{{functional.None}}, "axis -1 of the input must be known"},
		{"synchronized", BatchNormalization().Synchronized(true), [][]int{vector}, "argument synchronized=true is not supported"},
		{"gamma initializer", BatchNormalization().GammaInitializer("onse"), [][]int{vector}, `gamma_initializer: unknown initializer "onse"; did you mean "ones"?`},
		{"beta regularizer", BatchNormalization().BetaRegularizer("l3"), [][]int{vector}, `beta_regularizer: unknown regularizer "l3"`},
		{"gamma constraint", BatchNormalization().GammaConstraint("max"), [][]int{vector}, `gamma_constraint: unknown constraint "max"`},
		{"renorm bounds", BatchNormalization().Renorm(true).RenormClipping(RenormClipping{RMin: ptr(2), RMax: ptr(1)}), [][]int{vector}, "rmax should be greater than rmin in the `renorm_clipping` argument, received rmax=1, rmin=2"},
		{"renorm distance", BatchNormalization().Renorm(true).RenormClipping(RenormClipping{DMax: ptr(-1)}), [][]int{vector}, "dmax should be non-negative in the `renorm_clipping` argument, received dmax=-1"},

		{"activation layer", Activation("rellu"), [][]int{vector}, `activation: unknown activation "rellu"; did you mean "relu"?`},
		{"glu", Activation(activations.GLU), [][]int{{3}}, `axis size must be divisible by 2 for the activation "glu", received input with shape (None, 3)`},
		{"max value", ReLU().MaxValue(-1), [][]int{vector}, "max_value of a ReLU layer cannot be a negative value, received max_value=-1"},
		{"negative slope", ReLU().NegativeSlope(-0.1), [][]int{vector}, "negative_slope of a ReLU layer cannot be a negative value, received negative_slope=-0.1"},
		{"threshold", ReLU().Threshold(-1), [][]int{vector}, "threshold of a ReLU layer cannot be a negative value, received threshold=-1"},
		{"leaky slope", LeakyReLU().NegativeSlope(-1), [][]int{vector}, "the negative_slope value of a LeakyReLU layer cannot be a negative value, received negative_slope=-1"},
		{"softmax axis", Softmax().Axis(3), [][]int{vector}, "axis 3 is out of bounds for, or given twice of, an input of shape (None, 4)"},
		{"softmax axes", Softmax().Axis(1, -1), [][]int{vector}, "axis -1 is out of bounds for, or given twice of, an input of shape (None, 4)"},
		{"softmax no axis", Softmax().Axis(), [][]int{vector}, "axis: got no axis, want at least 1"},

		{"add nothing", Add(), nil, "a merge layer should be called on at least 1 input"},
		{"add shapes", Add(), [][]int{{3, 4}, {2, 4}}, "inputs have incompatible shapes, received shapes (3, 4) and (2, 4)"},
		{"subtract", Subtract(), [][]int{vector, vector, vector}, "a `Subtract` layer should be called on exactly 2 inputs, received 3"},
		{"concatenate nothing", Concatenate(), nil, "a `Concatenate` layer should be called on at least 1 input"},
		{"concatenate shapes", Concatenate(), [][]int{{2, 3}, {3, 3}}, "a `Concatenate` layer requires inputs with matching shapes except for the concatenation axis (-1), received input shapes [(None, 2, 3), (None, 3, 3)]"},
		{"concatenate axis", Concatenate().Axis(4), [][]int{vector, vector}, "except for the concatenation axis (4)"},

		{"scale", Rescaling([]float64{1, 2}), [][]int{vector}, "scale has 2 values, want 1 or as many as the last axis of the input, received input with shape (None, 4)"},
		{"offset", Rescaling(2).Offset(), [][]int{vector}, "offset: got no number, want at least 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inputs := make([]*functional.Tensor, len(c.inputs))
			for i, s := range c.inputs {
				inputs[i] = functional.Input(s...)
			}
			require.ErrorContains(t, c.layer.Apply(inputs...).Err(), c.want)
		})
	}
}

func ptr(v float64) *float64 { return &v }

func TestMergeBatchSizes(t *testing.T) {
	a := functional.InputWith(functional.InputOptions{Shape: []int{3}, BatchSize: 2})
	b := functional.InputWith(functional.InputOptions{Shape: []int{3}, BatchSize: 4})
	require.ErrorContains(t, Add().Apply(a, b).Err(), "cannot merge tensors with different batch sizes, received tensors with shapes [(2, 3), (4, 3)]")
	require.Equal(t, functional.Shape{2, 3}, Add().Apply(a, functional.Input(3)).Shape())
}

func TestSetAfterApply(t *testing.T) {
	l := Conv2D(2, 3)
	x := functional.Input(8, 8, 3)
	require.NoError(t, l.Apply(x).Err())
	require.ErrorContains(t, l.Strides(2).Apply(x).Err(), "strides was set after the layer was applied")

	frozen := Dense(2)
	require.NoError(t, frozen.Apply(functional.Input(3)).Err())
	require.NoError(t, frozen.Trainable(false).Apply(functional.Input(3)).Err())
}

func TestConfigurationErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		layer functional.Layer
		key   string
		value any
		want  string
	}{
		{"kernel size", Conv2D(2, 3), "kernel_size", []any{1., 2., 3.}, "kernel_size: got [1,2,3], want a list of 2"},
		{"units", Dense(2), "units", "many", `units: got "many", want a whole number`},
		{"unknown key", Dense(2), "unit", 3., `unknown argument "unit"`},
		{"pool strides", MaxPooling2D(), "strides", []any{1., 2., 3.}, "strides: got a list of 3, want a whole number or a list of 2"},
		{"pool strides type", MaxPooling2D(), "strides", []any{1.5}, "strides: got 1.5, want a whole number or a list of 2"},
		{"axis", Softmax(), "axis", []any{}, "axis: got an empty list, want at least 1 axis"},
		{"axis type", Softmax(), "axis", "last", "axis: got last, want a whole number or a list of them"},
		{"axis integer", BatchNormalization(), "axis", "last", `axis: got "last", want a whole number`},
		{"target", Reshape(2), "target_shape", []any{2.5}, "target_shape: [0]: got 2.5, want a whole number"},
		{"scale", Rescaling(1), "scale", "big", "scale: got big, want a number or a list of numbers"},
		{"scales", Rescaling(1), "scale", []any{}, "scale: got an empty list, want at least 1 number"},
		{"renorm", BatchNormalization(), "renorm_clipping", map[string]any{"max": 1.}, `renorm_clipping: received invalid key "max", want rmin, rmax or dmax`},
		{"renorm type", BatchNormalization(), "renorm_clipping", 3., "renorm_clipping: got 3, want an object"},
		{"renorm value", BatchNormalization(), "renorm_clipping", map[string]any{"rmax": "a"}, "renorm_clipping: rmax: got a, want a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorContains(t, config.Decode(map[string]any{c.key: c.value}, c.layer.KerasConfig()), c.want)
		})
	}
	t.Run("found by Apply", func(t *testing.T) { // what only a file can hold
		l := Conv2D(2, 3)
		require.NoError(t, config.Decode(map[string]any{"filters": 2., "kernel_size": 3., "padding": "sane"}, l.KerasConfig()))
		require.ErrorContains(t, l.Apply(functional.Input(8, 8, 3)).Err(), `unknown padding "sane"`)
		m := MaxPooling2D()
		require.NoError(t, config.Decode(map[string]any{"pool_size": 3., "strides": nil}, m.KerasConfig()))
		require.Equal(t, functional.Shape{functional.None, 2, 2, 3}, m.Apply(functional.Input(8, 8, 3)).Shape())
	})
}

// TestNilLayers applies layers that are nil pointers.
func TestNilLayers(t *testing.T) {
	var dense *DenseLayer
	var lstm *LSTMLayer
	x := functional.Input(3)
	for _, y := range []*functional.Tensor{dense.Apply(x), lstm.Apply(x)} {
		_, err := functional.NewModel(x, y)
		require.ErrorContains(t, err, "errors_test.go:")
		require.ErrorContains(t, err, "a nil layer was applied")
	}
}
