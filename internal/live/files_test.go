//go:build live

package live

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/constraints"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/optimizers"
	"github.com/gokeras/gokeras/regularizers"
)

// roundTrip takes a compiled model of Go through files: Go trains and saves, Python loads and predicts; both train on; Python
// saves, Go loads and predicts; both train on. random says that training draws random numbers, which differ.
func roundTrip(t *testing.T, m *functional.Model, random bool) {
	t.Helper()
	goSteps(t, m, 1)
	first, second := filepath.Join(t.TempDir(), "go.keras"), filepath.Join(t.TempDir(), "python.keras")
	require.NoError(t, m.Save(first))
	python := handle(t)
	var loaded state
	ask(t, &loaded, "load", map[string]any{"model": python, "path": first})
	sameConfiguration(t, m, loaded)
	weightsWithin(t, m, loaded, 0)
	x, _ := batchData(t, m, 4, 0)
	samePredictions(t, m, python, x)
	if !random {
		trainBoth(t, m, python, 10)
	}
	ask(t, nil, "save", map[string]any{"model": python, "path": second})
	back, err := functional.Load(second, functional.LoadOptions{})
	require.NoError(t, err)
	sameConfiguration(t, back, loaded)
	samePredictions(t, back, python, x)
	if !random {
		trainBoth(t, back, python, 20)
	}
}

// roundTripCases are models of the kinds that files tell apart.
func roundTripCases() map[string]func(t *testing.T) *functional.Model {
	mse := functional.Compile{Optimizer: optimizers.Adam(0.01), Loss: "mse"}
	sgd := functional.Compile{Optimizer: optimizers.SGD(0.1), Loss: "mse"}
	model := func(t *testing.T, inputs, outputs any, c functional.Compile) *functional.Model {
		t.Helper()
		m, err := functional.NewModel(inputs, outputs)
		require.NoError(t, err)
		require.NoError(t, m.Compile(c))
		return m
	}
	sequential := func(t *testing.T, items ...any) *functional.Model {
		t.Helper()
		m, err := functional.NewSequential(items...)
		require.NoError(t, err)
		return m
	}
	return map[string]func(t *testing.T) *functional.Model{
		"convolutions": func(t *testing.T) *functional.Model {
			x := functional.Input(10, 8, 2)
			h := layers.MaxPooling2D(2).Apply(layers.Conv2D(4, 3).Padding("same").Activation("relu").Apply(x))
			h = layers.Conv2D(4, [2]int{2, 3}).Groups(2).UseBias(false).Strides(2, 1).Apply(h)
			a, b := layers.GlobalAveragePooling2D().Apply(h), layers.Flatten().Apply(layers.AveragePooling2D(2).Padding("same").Strides(1).Apply(h))
			return model(t, x, layers.Dense(2).Apply(layers.Concatenate().Apply(a, b)), mse)
		},
		"several inputs and outputs": func(t *testing.T) *functional.Model {
			a, b := functional.Input(3), functional.Input(2)
			h := layers.Dense(4).Activation("relu").Apply(layers.Concatenate().Apply(a, b))
			left, right := layers.Dense(2).Name("left").Apply(h), layers.Dense(1).Activation("sigmoid").Name("right").Apply(h)
			return model(t, []*functional.Tensor{a, b}, []*functional.Tensor{left, right}, functional.Compile{
				Optimizer: "adam", Loss: []any{"mse", "mae"}, LossWeights: []float64{1, 0.25}, Metrics: []any{[]any{"mae"}, []any{"mse"}}})
		},
		"inputs and outputs by name": func(t *testing.T) *functional.Model {
			a := functional.InputWith(functional.InputOptions{Shape: []int{3}, Name: "first"})
			b := functional.InputWith(functional.InputOptions{Shape: []int{2}, Name: "second"})
			h := layers.Dense(4).Activation("relu").Apply(layers.Concatenate().Apply(b, a))
			return model(t, map[string]*functional.Tensor{"first": a, "second": b},
				map[string]*functional.Tensor{"z": layers.Dense(2).Apply(h), "c": layers.Dense(1).Apply(h)},
				functional.Compile{Optimizer: "adam", Loss: map[string]any{"z": "mse", "c": "mae"}})
		},
		"nested and shared": func(t *testing.T) *functional.Model {
			x := functional.Input(4)
			inner, err := functional.NewModel(x, layers.Dense(4).Activation("relu").Apply(layers.Dense(6).Activation("tanh").Apply(x)))
			require.NoError(t, err)
			inner.Named("inner")
			a, b := functional.Input(4), functional.Input(4)
			again := layers.Dense(3).Name("again")
			y := layers.Add().Apply(again.Apply(inner.Apply(a)), again.Apply(inner.Apply(inner.Apply(b))))
			return model(t, []*functional.Tensor{a, b}, layers.Dense(1).Apply(y), mse)
		},
		"normalization": func(t *testing.T) *functional.Model {
			x := functional.Input(4, 3)
			learnt := layers.Normalization().Axis(1, 2)
			require.NoError(t, learnt.Adapt(golden.RuleInput(7, 20, 4, 3).Tensor(t)))
			given := layers.Normalization().Mean([]float32{0.5, -1, 2}).Variance([]float32{1, 4, 0.25})
			h := layers.Dense(3).Activation("tanh").Apply(layers.Flatten().Apply(given.Apply(learnt.Apply(x))))
			return model(t, x, layers.Normalization().Axis().Mean(0.5).Variance(2).Invert(true).Apply(layers.Dense(2).Apply(h)), mse)
		},
		"sequential": func(t *testing.T) *functional.Model {
			m := sequential(t, functional.Input(6), layers.Rescaling(0.5).Offset(0.1), layers.Dense(5).Activation("relu"), layers.Dense(2))
			require.NoError(t, m.Compile(mse))
			return m
		},
		"sequential built by its data": func(t *testing.T) *functional.Model {
			m := sequential(t, layers.Dense(5).Activation("relu"), layers.Dense(2))
			require.NoError(t, m.Build(6))
			require.NoError(t, m.Compile(mse))
			return m
		},
		"sequential inside": func(t *testing.T) *functional.Model {
			inner := sequential(t, functional.Input(6), layers.Dense(5).Activation("relu"), layers.Dense(4))
			x := functional.Input(6)
			return model(t, x, layers.Dense(2).Apply(inner.Apply(x)), mse)
		},
		"batch normalization": func(t *testing.T) *functional.Model {
			x := functional.Input(6, 6, 2)
			h := layers.BatchNormalization().Momentum(0.8).Apply(layers.Conv2D(4, 3).UseBias(false).Apply(x))
			h = layers.Dense(3).Activation("tanh").Apply(layers.Flatten().Apply(layers.ReLU().Apply(h)))
			return model(t, x, layers.Dense(2).Apply(layers.BatchNormalization().Center(false).Scale(false).Apply(h)), mse)
		},
		"frozen": func(t *testing.T) *functional.Model {
			x := functional.Input(5)
			h := layers.Dense(4).Activation("relu").Trainable(false).Apply(x)
			h = layers.BatchNormalization().Trainable(false).Apply(h)
			return model(t, x, layers.Dense(2).Apply(layers.Dense(3).Activation("tanh").Apply(h)), mse)
		},
		"recurrent": func(t *testing.T) *functional.Model {
			x := functional.InputWith(functional.InputOptions{Shape: []int{7}, DType: "int32"})
			h := layers.Embedding(4, 3).MaskZero(true).Apply(x)
			h = layers.Bidirectional(layers.LSTM(2).ReturnSequences(true)).MergeMode(layers.MergeSum).Apply(h)
			h = layers.RNN(layers.StackedRNNCells(layers.GRUCell(2), layers.LSTMCell(3))).ReturnSequences(true).Apply(h)
			return model(t, x, layers.SimpleRNN(2).Apply(layers.TimeDistributed(sequential(t, layers.Dense(3), layers.Dense(2))).Apply(h)), sgd)
		},
		"states given": func(t *testing.T) *functional.Model {
			a, b := functional.Input(4, 3), functional.Input(5, 2)
			states := layers.LSTM(3).ReturnState(true).Name("encoder").ApplyMulti(a)[1:]
			y := layers.LSTM(3).ReturnSequences(true).Name("decoder").ApplyWith(map[string]any{"initial_state": states}, b)
			return model(t, []*functional.Tensor{a, b}, y, sgd)
		},
		"metrics with states": func(t *testing.T) *functional.Model {
			x := functional.Input(5)
			return model(t, x, layers.Dense(3).Activation("softmax").Apply(x), functional.Compile{Optimizer: "adam", Loss: "mse",
				Metrics: []any{metrics.AUC().Curve(metrics.PR).MultiLabel(true), metrics.AUC().Thresholds(0.2, 0.6).FromLogits(true),
					metrics.F1Score(), metrics.OneHotIoU(3, 0, 2), metrics.OneHotMeanIoU(3).IgnoreClass(1)},
				WeightedMetrics: []any{metrics.FBetaScore().Beta(2).Average(metrics.Weighted).Threshold(0.4)}})
		},
		"penalties": func(t *testing.T) *functional.Model {
			x := functional.Input(5)
			h := layers.Dense(6).Activation("relu").KernelRegularizer(regularizers.L1L2(1e-3, 1e-2)).BiasRegularizer("l2").
				ActivityRegularizer(regularizers.L2(1e-3)).Apply(x)
			h = layers.Dense(4).KernelConstraint(constraints.MaxNorm(0.9)).KernelInitializer("he_normal").Apply(h)
			return model(t, x, layers.Dense(2).Apply(h), mse)
		},
	}
}

func TestFilesFromGo(t *testing.T) {
	on(t, "xla")
	cases := roundTripCases()
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			functional.ClearSession()
			functional.SetRandomSeed(3)
			roundTrip(t, cases[name](t), false)
		})
	}
}

// TestSlashedNamesFromGo takes a model of Keras 2 whose layers have names with "/" to Keras 3, which refuses such names.
func TestSlashedNamesFromGo(t *testing.T) {
	on(t, "xla")
	path := golden.Unpacked(t, filepath.Join("..", "..", "saving", "testdata", "keras2", "names_slashes.h5.gz"))
	m, err := functional.Load(path, functional.LoadOptions{})
	require.NoError(t, err)
	for _, form := range []string{"go.keras", "go.h5"} {
		python := handle(t)
		written := filepath.Join(t.TempDir(), form)
		require.NoError(t, m.Save(written))
		var loaded state
		ask(t, &loaded, "load", map[string]any{"model": python, "path": written})
		x, _ := batchData(t, m, 4, 0)
		samePredictions(t, m, python, x)
		back, err := functional.Load(written, functional.LoadOptions{})
		require.NoError(t, err)
		weightsWithin(t, back, loaded, 0)
		if form == "go.keras" { // Keras can't train what it reads of a legacy file
			sameConfiguration(t, back, loaded)
			trainBoth(t, back, python, 10)
		}
	}
}

// TestEveryOptimizer takes every optimizer, at its defaults, through the files.
func TestEveryOptimizer(t *testing.T) {
	on(t, "xla")
	for _, name := range optimizers.Names() {
		t.Run(name, func(t *testing.T) {
			functional.ClearSession()
			functional.SetRandomSeed(4)
			x := functional.Input(4)
			h := layers.Add().Apply(x, layers.Dense(4).Activation("tanh").Apply(x))
			m, err := functional.NewModel(x, layers.Dense(2).Apply(h))
			require.NoError(t, err)
			require.NoError(t, m.Compile(functional.Compile{Optimizer: name, Loss: "mse"}))
			roundTrip(t, m, false)
		})
	}
}

// layerCase says how to call a layer; what is nil has a default.
type layerCase struct {
	arguments map[string]any // Keras's required ones
	inputs    [][]int        // shapes without the batch axis; nil: one of (6, 4, 3)
	states    bool           // all inputs but the first are one list
}

var layerCases = map[string]layerCase{
	"bidirectional":     {arguments: map[string]any{"layer": inside("GRU", units)}, inputs: [][]int{{5, 3}}},
	"gru":               sequence,
	"gru_cell":          {arguments: units, inputs: [][]int{{3}, {2}}, states: true},
	"lstm":              sequence,
	"lstm_cell":         {arguments: units, inputs: [][]int{{3}, {2}, {2}}, states: true},
	"rnn":               {arguments: map[string]any{"cell": inside("LSTMCell", units)}, inputs: [][]int{{5, 3}}},
	"simple_rnn":        sequence,
	"simple_rnn_cell":   {arguments: units, inputs: [][]int{{3}, {2}}, states: true},
	"stacked_rnn_cells": {arguments: map[string]any{"cells": []any{inside("GRUCell", units), inside("GRUCell", units)}}, inputs: [][]int{{3}, {2}, {2}}, states: true},
	"time_distributed":  {arguments: map[string]any{"layer": inside("Dense", units)}},

	"additive_attention":    pair,
	"attention":             pair,
	"multi_head_attention":  {arguments: map[string]any{"num_heads": 2, "key_dim": 2}, inputs: [][]int{{5, 3}, {5, 3}}},
	"group_query_attention": {arguments: map[string]any{"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2}, inputs: [][]int{{5, 3}, {5, 3}}},

	"adaptive_average_pooling1d": {arguments: outputSize, inputs: steps},
	"adaptive_average_pooling2d": {arguments: outputSize},
	"adaptive_average_pooling3d": {arguments: outputSize, inputs: volume},
	"adaptive_max_pooling1d":     {arguments: outputSize, inputs: steps},
	"adaptive_max_pooling2d":     {arguments: outputSize},
	"adaptive_max_pooling3d":     {arguments: outputSize, inputs: volume},
	"average_pooling1d":          {inputs: steps},
	"average_pooling3d":          {inputs: volume},
	"conv1d":                     {arguments: kernel, inputs: steps},
	"conv1d_transpose":           {arguments: kernel, inputs: steps},
	"conv2d":                     {arguments: kernel},
	"conv2d_transpose":           {arguments: kernel},
	"conv3d":                     {arguments: kernel, inputs: volume},
	"conv3d_transpose":           {arguments: kernel, inputs: volume},
	"conv_lstm1d":                {arguments: kernel, inputs: [][]int{{3, 6, 2}}},
	"conv_lstm2d":                {arguments: kernel, inputs: volume},
	"conv_lstm3d":                {arguments: kernel, inputs: [][]int{{2, 3, 3, 3, 2}}},
	"cropping1d":                 {inputs: steps},
	"cropping3d":                 {inputs: volume},
	"depthwise_conv1d":           {arguments: map[string]any{"kernel_size": 2}, inputs: steps},
	"depthwise_conv2d":           {arguments: map[string]any{"kernel_size": 2}},
	"global_average_pooling1d":   {inputs: steps},
	"global_average_pooling3d":   {inputs: volume},
	"global_max_pooling1d":       {inputs: steps},
	"global_max_pooling3d":       {inputs: volume},
	"max_pooling1d":              {inputs: steps},
	"max_pooling3d":              {inputs: volume},
	"separable_conv1d":           {arguments: kernel, inputs: steps},
	"separable_conv2d":           {arguments: kernel},
	"spatial_dropout1d":          {arguments: rate, inputs: steps},
	"spatial_dropout2d":          {arguments: rate},
	"spatial_dropout3d":          {arguments: rate, inputs: volume},
	"up_sampling1d":              {inputs: steps},
	"up_sampling3d":              {inputs: volume},
	"zero_padding1d":             {inputs: steps},
	"zero_padding3d":             {inputs: volume},

	"alpha_dropout":       {arguments: rate},
	"einsum_dense":        {arguments: map[string]any{"equation": "abcd,de->abce", "output_shape": []any{6, 4, 2}}},
	"gaussian_dropout":    {arguments: rate},
	"gaussian_noise":      {arguments: map[string]any{"stddev": 0.1}},
	"group_normalization": {arguments: map[string]any{"groups": 3}},
	"permute":             {arguments: map[string]any{"dims": []any{2, 1, 3}}},
	"repeat_vector":       {arguments: map[string]any{"n": 3}, inputs: [][]int{{4}}},

	"center_crop":            {arguments: size},
	"random_crop":            {arguments: map[string]any{"height": 6, "width": 4}}, // outside of training it leaves images as large as they are
	"resizing":               {arguments: size},
	"spectral_normalization": {arguments: map[string]any{"layer": inside("Dense", units)}},

	"activation":  {arguments: map[string]any{"activation": "tanh"}},
	"add":         merging,
	"average":     merging,
	"concatenate": merging,
	"dense":       {arguments: map[string]any{"units": 3}},
	"dot":         {arguments: map[string]any{"axes": 1}, inputs: [][]int{{4}, {4}}},
	"dropout":     {arguments: rate},
	"maximum":     merging,
	"minimum":     merging,
	"multiply":    merging,
	"rescaling":   {arguments: map[string]any{"scale": 0.5}},
	"reshape":     {arguments: map[string]any{"target_shape": []any{12, 6}}},
	"subtract":    merging,
}

var (
	units    = map[string]any{"units": 2}
	sequence = layerCase{arguments: units, inputs: [][]int{{5, 3}}}
	pair     = layerCase{inputs: [][]int{{5, 3}, {5, 3}}}

	steps, volume = [][]int{{6, 3}}, [][]int{{4, 5, 4, 2}}
	kernel        = map[string]any{"filters": 2, "kernel_size": 2}
	outputSize    = map[string]any{"output_size": 2}
	rate          = map[string]any{"rate": 0.3}
	size          = map[string]any{"height": 3, "width": 2}
)

// inside is a layer as an argument of another.
func inside(class string, arguments map[string]any) map[string]any {
	return map[string]any{"module": "keras.layers", "class_name": class, "config": arguments, "registered_name": nil}
}

var merging = layerCase{inputs: [][]int{{6, 4, 3}, {6, 4, 3}}}

// sampled are the layers that change images at random, of which there are many alike, that stand for all.
var sampled = map[string]bool{"random_crop": true, "random_rotation": true, "random_contrast": true, "random_gaussian_blur": true}

// TestEveryLayer takes every layer, with as few arguments as Keras allows, through the files. A new layer that needs arguments, or inputs other
// than one of rank 4, is listed in layerCases.
func TestEveryLayer(t *testing.T) {
	on(t, "xla")
	for _, name := range functional.LayerNames() {
		switch name {
		case "input_layer": // a part of every model
			continue
		case "text_vectorization", "string_lookup", "integer_lookup", "hashing", "hashed_crossing": // before the compiled program: TestTextsFromGo
			continue
		case "embedding", "reversible_embedding", "category_encoding": // take whole numbers, and give them no gradient: TestCatalogue
			continue
		case "discretization", "random_posterization": // through which no gradient goes: TestCatalogue
			continue
		case "auto_contrast": // the last bit of the largest number decides whether it has a gradient: TestCatalogue
			continue
		case "aug_mix", "cut_mix", "mix_up", "rand_augment", "max_num_bounding_boxes", "pipeline": // outside of training they do nothing: TestCatalogue
			continue
		case "contrast_limited_adaptive_histogram_equalization", "equalization", "mel_spectrogram", "stft_spectrogram": // of whole numbers, or sounds: TestCatalogue
			continue
		case "layer_scale", "stochastic_depth", "custom_scale_layer": // without a name of their own in Keras: TestCatalogue
			continue
		}
		if strings.HasPrefix(name, "gokeras>") { // Keras has no class for it
			continue
		}
		if strings.HasPrefix(name, "random_") && !sampled[name] { // outside of training they do nothing: TestCatalogue
			continue
		}
		t.Run(name, func(t *testing.T) {
			functional.ClearSession()
			functional.SetRandomSeed(5)
			tc := layerCases[name]
			arguments := map[string]any{"name": "layer"}
			maps.Copy(arguments, tc.arguments)
			l := newLayer(t, name, arguments)
			shapes := tc.inputs
			if shapes == nil {
				shapes = [][]int{{6, 4, 3}}
			}
			var inputs, hidden []*functional.Tensor
			for _, s := range shapes {
				in := functional.Input(s...)
				inputs = append(inputs, in)
				hidden = append(hidden, layers.Dense(s[len(s)-1]).Apply(in)) // so that a gradient goes through the layer
			}
			args := []any{}
			for _, h := range hidden {
				args = append(args, h)
			}
			var y *functional.Tensor
			if tc.states {
				y = l.Base().ApplyCall([]any{args[0], args[1:]}, nil)[0]
			} else {
				y = l.Base().Apply(hidden...)
			}
			m, err := functional.NewModel(inputs, layers.Dense(2).Apply(layers.Flatten().Apply(y)))
			require.NoError(t, err)
			require.NoError(t, m.Compile(functional.Compile{Optimizer: optimizers.Adagrad(0.1), Loss: "mse"})) // it amplifies no rounding
			roundTrip(t, m, len(l.Base().SeedStates()) > 0)
		})
	}
}

// newLayer makes a layer as files do: from its configuration, here that of a stack of one.
func newLayer(t *testing.T, class string, arguments map[string]any) functional.Layer {
	t.Helper()
	stack := map[string]any{"class_name": "Sequential", "config": map[string]any{
		"name": "stack", "layers": []any{map[string]any{"class_name": class, "config": arguments}}}}
	raw, err := json.Marshal(stack)
	require.NoError(t, err)
	m, err := functional.FromJSON(raw, false)
	require.NoError(t, err)
	return m.Layers()[0]
}

// TestFilesFromPython: Python builds, trains and saves; Go loads, predicts and trains on; Go saves; Python loads, and trains on.
func TestFilesFromPython(t *testing.T) {
	on(t, "xla")
	var builders []string
	ask(t, &builders, "builders", nil)
	require.NotEmpty(t, builders)
	for _, builder := range builders {
		t.Run(builder, func(t *testing.T) {
			python := handle(t)
			ask(t, nil, "build", map[string]any{"model": python, "builder": builder})
			first, second := filepath.Join(t.TempDir(), "first.keras"), filepath.Join(t.TempDir(), "trained.keras")
			ask(t, nil, "save", map[string]any{"model": python, "path": first})
			fresh, err := functional.Load(first, functional.LoadOptions{})
			require.NoError(t, err)
			// Both take the first steps from the file of a model that was never trained.
			trainBoth(t, fresh, python, 1)

			ask(t, nil, "save", map[string]any{"model": python, "path": second})
			m, err := functional.Load(second, functional.LoadOptions{})
			require.NoError(t, err)
			sameConfiguration(t, m, pythonState(t, python))
			weightsWithin(t, m, pythonState(t, python), 0)
			x, _ := batchData(t, m, 4, 0)
			samePredictions(t, m, python, x)
			trainBoth(t, m, python, 10)

			require.NoError(t, m.Save(second))
			var loaded state
			ask(t, &loaded, "load", map[string]any{"model": python, "path": second})
			sameConfiguration(t, m, loaded)
			weightsWithin(t, m, loaded, 0)
			samePredictions(t, m, python, x)
			trainBoth(t, m, python, 20)
		})
	}
}
