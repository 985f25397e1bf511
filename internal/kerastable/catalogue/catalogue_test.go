package catalogue

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/kerastable"
)

func open(t *testing.T) (*Inventory, *Missing) {
	t.Helper()
	v, err := Open(".")
	require.NoError(t, err)
	m, err := ReadMissing(v.root)
	require.NoError(t, err)
	return v, m
}

func TestEveryNameIsThereOrListed(t *testing.T) {
	v, m := open(t)
	unlisted, stale := v.Differences(m)
	require.Empty(t, unlisted, "neither there nor listed in %s with a reason:\n%s", Path, Text(unlisted))
	require.Empty(t, stale, "listed in %s, though there, listed twice or no name of Keras's: run go generate ./internal/kerastable/...\n%s", Path, Text(stale))
}

func TestFilesAreCurrent(t *testing.T) {
	files, err := Files(".")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for path, want := range files {
		have, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, want, string(have), "%s: run go generate ./internal/kerastable/...", path)
	}
}

func TestHas(t *testing.T) {
	v, _ := open(t)
	for _, tc := range []struct {
		kind  kerastable.Kind
		name  string
		has   bool
		maker string
	}{
		{kerastable.Layer, "Conv2D", true, "layers.Conv2D(filters, kernelSize)"},
		{kerastable.Layer, "MaxPool2D", true, "layers.MaxPooling2D(poolSize...)"},
		{kerastable.Layer, "InputLayer", true, "functional.Input(shape...)"},
		{kerastable.Layer, "Lambda", false, ""},
		{kerastable.Layer, "add", false, "layers.Add()"}, // the function
		{kerastable.Loss, "MeanSquaredError", true, "losses.MeanSquaredError()"},
		{kerastable.Loss, "mean_squared_error", true, ""},
		{kerastable.Loss, "Loss", true, "losses.Loss"},
		{kerastable.Optimizer, "adam", true, "optimizers.Adam(learningRate...)"},
		{kerastable.Callback, "EarlyStopping", true, "callbacks.EarlyStopping()"},
		{kerastable.Callback, "OrbaxCheckpoint", false, ""},
		{kerastable.Activation, "swish", true, ""},
		{kerastable.Operation, "keras.ops.add", true, "ops.Add(x1, x2)"},
		{kerastable.Operation, "keras.src.ops.numpy.Add", true, ""},
		{kerastable.Operation, "keras.ops.dtype", false, ""},
		{kerastable.Operation, "keras.ops.jvp", false, ""},
	} {
		e := kerastable.Lookup(tc.kind, tc.name)
		require.NotNil(t, e, tc.name)
		require.Equal(t, tc.has, v.Has(e), tc.name)
		if tc.maker != "" {
			require.Equal(t, tc.maker, v.Constructor(e), tc.name)
		}
	}
}

func TestDifferences(t *testing.T) {
	v, m := open(t)
	m.Groups = append(m.Groups, Group{"Listed, but there.", []Item{
		{"layer", "Dense"}, {"layer", "Lambda"}, {"argument", "layer.Dense.use_bias"}, {"named", "layer.add=layers.Nothing"}, {"loss", "No"},
	}})
	m.Prune(func(item Item) bool { return item == Item{"layer", "FlaxLayer"} })
	unlisted, stale := v.Differences(m)
	require.Equal(t, []Item{{"layer", "FlaxLayer"}}, unlisted)
	require.Equal(t, m.Groups[len(m.Groups)-1].Items, stale)
	require.Equal(t, "  layer FlaxLayer", Text(unlisted))
}

func TestMissingIsReadAndWritten(t *testing.T) {
	text := "# A comment.\n\nOne reason.\n  layer A B\n  argument layer.C.d\n\nAnother.\n  loss E\n"
	m, err := parseMissing(text)
	require.NoError(t, err)
	require.Equal(t, text, m.String())
	require.True(t, m.Has("argument", "layer.C.d"))
	require.False(t, m.Has("layer", "C"))
	m.Prune(func(item Item) bool { return item.Topic == "loss" || item.Name == "A" })
	require.Equal(t, "# A comment.\n\nOne reason.\n  layer B\n  argument layer.C.d\n", m.String())
	for _, wrong := range []string{"  layer A\n", "Reason.\n  layer\n", "Reason.\n  lair A\n"} {
		_, err := parseMissing(wrong)
		require.ErrorContains(t, err, Path+":")
	}
}

func TestMistakes(t *testing.T) {
	_, err := Open(t.TempDir())
	require.ErrorContains(t, err, "isn't in this module: no folder above it has "+Path)
	_, err = ReadMissing(t.TempDir())
	require.Error(t, err)
	v, _ := open(t)
	_, err = v.WriteReadMe("<!-- names: lair --><!-- end -->")
	require.ErrorContains(t, err, `"lair" is no kind of names`)
}
