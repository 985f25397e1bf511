package setters

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/kerastable"
)

func TestForms(t *testing.T) {
	text, err := Generate("testdata/layers")
	require.NoError(t, err)
	for _, want := range []string{
		"package layers",
		`"example.com/symbolic"`,
		"// Activation sets the activation (Keras: activation=). Default \"tanh\".\n" +
			"func (l *LSTMLayer) Activation(activation string) *LSTMLayer {\n" +
			"\tl.Configure(\"activation\", setActivation(&l.cfg.Activation, activation))\n\treturn l\n}\n",
		"(l *LSTMLayer) UseBias(useBias bool) *LSTMLayer {\n\tl.Configure(\"use_bias\", set(&l.cfg.UseBias, useBias))",
		"(l *LSTMLayer) RecurrentInitializer(initializer any) *LSTMLayer {\n\tl.Configure(\"recurrent_initializer\", resolve(&l.cfg.RecurrentInitializer, initializers.Get, initializer))",
		"(l *LSTMLayer) RecurrentRegularizer(regularizer any)",
		"(l *LSTMLayer) RecurrentConstraint(constraint any)",
		"(l *LSTMLayer) Dropout(dropout float64)",
		"(l *LSTMLayer) Seed(seed int) *LSTMLayer {\n\tl.Configure(\"seed\", setPointer(&l.cfg.Seed, seed))",
		"(l *LSTMLayer) ZeroOutputForMask(zeroOutputForMask bool)",
		"(l *LSTMLayer) DType(policy string)",
		"// Strides sets the steps of the kernel: one value for all axes or one for each (Keras: strides=). Default 1.\n",
		"(l *Conv1DLayer) Strides(strides ...int) *Conv1DLayer {\n\tl.Configure(\"strides\", setAxes(l.cfg.Strides[:], strides))",
		"(l *Conv3DLayer) Strides(strides ...int)",
		"(l *Conv1DLayer) Padding(padding string) *Conv1DLayer {\n\tl.Configure(\"padding\", setWord(&l.cfg.Padding, padding))",
		"(l *AddLayer) ActivityRegularizer(regularizer any) *AddLayer {\n\tl.Configure(\"activity_regularizer\", resolve(&l.cfg.ActivityRegularizer, regularizers.Get, regularizer))",
		"(l *RandomZoomLayer) WidthFactor(low float64, more ...float64) *RandomZoomLayer {\n\tl.Configure(\"width_factor\", func() error { return l.config.WidthFactor.set(low, more...) })",
		"(l *RandomZoomLayer) FillMode(fillMode string)",
		"(l *AugMixLayer) ValueRange(valueRange ...float64) *AugMixLayer {\n\tl.Configure(\"value_range\", setAll(l.cfg.ValueRange[:], valueRange))",
		"Default 0, 255.",
		"(l *HashingLayer) Salt(salt any)",
		"(l *MultiHeadAttentionLayer) ValueDim(valueDim int)",
		"(l *MultiHeadAttentionLayer) Signature() string {\n\treturn \"query value key=None query_mask=None",
		"(l *MultiHeadAttentionLayer) BuildArguments() string { return \"query value key\" }",
		"(l *AlphaDropoutLayer) NeedsNoBuild() {}",
		"// KerasClass names Keras's RandomZoom.\nfunc (l *RandomZoomLayer) KerasClass() symbolic.Class { return keras(\"RandomZoom\") }\n",
		"// KerasConfig returns the layer's configuration.\nfunc (l *RandomZoomLayer) KerasConfig() any { return &l.config }\n",
		"(l *AddLayer) KerasClass()",
		"(l *AlphaDropoutLayer) NoiseShape(noiseShape ...int) *AlphaDropoutLayer {\n\tl.Configure(\"noise_shape\", setSlice(&l.cfg.NoiseShape, noiseShape))",
		"(l *PReLULayer) SharedAxes(sharedAxes ...int)",
		"penalises the recurrent kernel: a name",
		`"zeros".`,
	} {
		require.True(t, strings.Contains(string(text), want), "%s\n isn't in\n%s", want, text)
	}
	for _, never := range []string{"Units(", "KernelSize(", "Conv1DLayer) Signature", "Conv1DLayer) BuildArguments", "Conv1DLayer) NeedsNoBuild", "UseCudnn(", "AddLayer) KerasConfig", "(l *Conv3DLayer) Padding(", "hiddenLayer"} {
		require.NotContains(t, string(text), never)
	}
}

func TestMistakes(t *testing.T) {
	for name, tc := range map[string]struct{ field, want string }{
		"default":          {"Epsilon float64 `keras:\"epsilon\" default:\"0.1\"`", "the default of epsilon is 0.1, want Keras's 0.001"},
		"no default":       {"Center bool `keras:\"center\"`", "the default of center is false, want Keras's True"},
		"none":             {"Mean int `keras:\"beta_regularizer\" default:\"3\"`", "is called Mean, want BetaRegularizer"},
		"none isn't three": {"BetaRegularizer int `keras:\"beta_regularizer\" default:\"3\"`", "the default of beta_regularizer is 3, want Keras's None"},
		"name":             {"Eps float64 `keras:\"epsilon\" default:\"0.001\"`", "the field of epsilon is called Eps, want Epsilon"},
		"type":             {"Epsilon chan int `keras:\"epsilon\" default:\"0.001\"`", "field Epsilon has the type chan int, for which there is no form of setter"},
		"word":             {"Epsilon word `keras:\"epsilon\" default:\"0.001\"`", "the type word has no method check"},
		"elsewhere":        {"other.Config", "the configuration embeds other.Config, which isn't of this package"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			text := "package layers\ntype LayerNormalizationLayer struct { cfg config }\ntype word string\ntype config struct {\n\tsymbolic.LayerConfig\n\t" + tc.field + "\n}\n"
			require.NoError(t, os.WriteFile(filepath.Join(dir, "layers.go"), []byte(text), 0o644))
			_, err := Generate(dir)
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, "LayerNormalizationLayer: ")
		})
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "layers.go"), []byte("package layers\ntype SwirlLayer struct { cfg symbolic.LayerConfig }\n"), 0o644))
	_, err := Generate(dir)
	require.ErrorContains(t, err, "SwirlLayer: Keras "+kerastable.Version()+" has no layer Swirl")
}

// TestEveryArgumentHasASentence holds docs.go to the arguments of Keras's layers, and only those.
func TestEveryArgumentHasASentence(t *testing.T) {
	used := map[string]bool{}
	for _, c := range common {
		used[c.argument] = true
	}
	for _, e := range kerastable.List(kerastable.Layer) {
		switch e.Name {
		case "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer", "Lambda", "InputLayer", "Layer":
			continue // They hold Python programs, or aren't made like other layers.
		}
		if e.Function || e.Call == "" {
			continue
		}
		for _, a := range e.Arguments {
			if a.Kind == kerastable.Varargs || a.Kind == kerastable.Kwargs {
				continue
			}
			switch a.Name {
			case "gptq_unpacked_column_size":
				continue // Weights of GPTQ, which aren't read.
			}
			lines, err := comment(e.Name, kerastable.GoName(a.Name), a.Name, "")
			require.NoError(t, err, e.Name)
			require.True(t, strings.HasPrefix(lines[0], kerastable.GoName(a.Name)+" "), lines[0])
		}
		for _, name := range append(names(e.Arguments), e.Kwargs...) {
			used[name], used[e.Name+"."+name] = true, true
		}
	}
	for key := range docs {
		require.True(t, used[key], "docs.go has %q, which is no argument", key)
	}
}

func names(list []kerastable.Argument) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Name
	}
	return out
}
