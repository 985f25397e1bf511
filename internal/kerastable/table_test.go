package kerastable

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryEntryReads(t *testing.T) {
	require.Equal(t, "3.15.1", Version())
	for _, kind := range Kinds() {
		list := List(kind)
		require.NotEmpty(t, list, kind)
		for _, e := range list {
			require.Equal(t, kind, e.Kind)
			require.NotEmpty(t, e.Module, e.Name)
			require.Same(t, e, Lookup(kind, e.Path()), e.Path())
			for _, text := range []string{e.Call, e.Build} {
				args, err := ParseSignature(text)
				require.NoError(t, err, e.Name)
				var words []string
				for _, a := range args {
					words = append(words, strings.ReplaceAll(strings.ReplaceAll(a.String(), `"`, `'`), " ", ""))
				}
				require.Equal(t, strings.ReplaceAll(text, "* ", ""), strings.Join(words, " "), e.Name)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	for _, tc := range []struct {
		kind       Kind
		name, want string
	}{
		{Layer, "Conv2D", "Conv2D"},
		{Layer, "Convolution2D", "Conv2D"},
		{Layer, "GroupedQueryAttention", "GroupQueryAttention"},
		{Loss, "mse", "mean_squared_error"},
		{Loss, "keras.losses.MSE", "mean_squared_error"},
		{Loss, "tf.keras.losses.MSE", "mean_squared_error"},
		{Loss, "bce", "binary_crossentropy"},
		{Metric, "mse", "MeanSquaredError"},
		{Metric, "keras.metrics.mse", "mean_squared_error"},
		{Metric, "BCE", "BinaryCrossentropy"},
		{Optimizer, "rmsprop", "RMSprop"},
		{Initializer, "uniform", "RandomUniform"},
		{Activation, "swish", "silu"},
		{Operation, "keras.ops.add", "add"},
		{Operation, "keras.src.ops.numpy.Add", "Add"},
		{Operation, "keras.ops.image.resize", "resize"},
	} {
		e := Lookup(tc.kind, tc.name)
		require.NotNil(t, e, tc.name)
		require.Equal(t, tc.want, e.Name, tc.name)
	}
	require.Nil(t, Lookup(Layer, "conv2d_"))
	require.Nil(t, Lookup(Loss, "Conv2D"))
}

func TestConstructorArguments(t *testing.T) {
	conv := Lookup(Layer, "Conv2D")
	require.Equal(t, Argument{Name: "filters"}, conv.Arguments[0])
	require.Equal(t, Argument{Name: "strides", Optional: true, Default: []any{1, 1}}, *conv.Argument("strides"))
	require.Equal(t, "activation=None", conv.Argument("activation").String())
	require.Equal(t, Kwargs, conv.Arguments[len(conv.Arguments)-1].Kind)
	require.Subset(t, conv.Kwargs, []string{"name", "dtype", "trainable"})
	require.Equal(t, 1.0, Lookup(Layer, "ELU").Argument("alpha").Default)
	require.Equal(t, "pool_size=(2, 2)", Lookup(Layer, "MaxPool2D").Argument("pool_size").String())
	require.Equal(t, []string{"Add"}, Lookup(Operation, "keras.ops.add").Makes)
	require.Nil(t, conv.Argument("name"))
}

func TestCalls(t *testing.T) {
	attention := Lookup(Layer, "MultiHeadAttention")
	require.Equal(t, "query value key=None query_mask=None value_mask=None key_mask=None attention_mask=None return_attention_scores=False training=None use_causal_mask=False", attention.Call)
	require.Equal(t, "query_shape value_shape key_shape=None", attention.Build)
	args := attention.CallArguments()
	require.Equal(t, Argument{Name: "query"}, args[0])
	require.Equal(t, Argument{Name: "use_causal_mask", Optional: true, Default: false}, args[len(args)-1])
	require.Equal(t, []Argument{{Name: "args", Kind: Varargs}, {Name: "training", Kind: Keyword, Optional: true}, {Name: "kwargs", Kind: Kwargs}},
		Lookup(Layer, "TorchModuleWrapper").CallArguments())
}

func TestWhatLayersSayOfThemselves(t *testing.T) {
	require.Equal(t, Always, Lookup(Layer, "Dense").SupportsMasking)
	require.Equal(t, Never, Lookup(Layer, "Conv2D").SupportsMasking)
	require.Equal(t, Condition("mask_zero"), Lookup(Layer, "Embedding").SupportsMasking)
	require.True(t, Lookup(Layer, "Concatenate").ComputesMask)
	require.True(t, Lookup(Layer, "Reshape").BuiltAtInit)
	require.False(t, Lookup(Layer, "Flatten").BuiltAtInit)
	lookup := Lookup(Layer, "StringLookup")
	require.True(t, lookup.KeepsInputs && lookup.TakesValues)
}

func TestParseSignature(t *testing.T) {
	args, err := ParseSignature("x * value_range=(0,255) mode='a' rate=1e-06 *")
	require.NoError(t, err)
	require.Equal(t, []Argument{
		{Name: "x"},
		{Name: "value_range", Kind: Keyword, Optional: true, Default: []any{0, 255}},
		{Name: "mode", Kind: Keyword, Optional: true, Default: "a"},
		{Name: "rate", Kind: Keyword, Optional: true, Default: 1e-6},
	}, args)
	for _, wrong := range []string{"x=", "=3", "x=some"} {
		_, err := ParseSignature(wrong)
		require.Error(t, err, wrong)
	}
}
