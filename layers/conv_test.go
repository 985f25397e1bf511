package layers

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kerastable"
	"github.com/gokeras/gokeras/internal/probe"
	"github.com/gokeras/gokeras/symbolic"
)

var convolutions = []string{"Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose",
	"DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}

// TestConvolutionAliases finds each layer by the names that Keras's files may have for it.
func TestConvolutionAliases(t *testing.T) {
	for _, class := range convolutions {
		for _, alias := range kerastable.Lookup(kerastable.Layer, class).Aliases {
			l, err := symbolic.NewLayer(alias)
			require.NoError(t, err)
			require.Equal(t, class, l.KerasClass().Name)
		}
	}
}

// TestConvolutionsOfHostileFiles applies layers whose arguments make no sense, or nothing that fits into a memory.
func TestConvolutionsOfHostileFiles(t *testing.T) {
	const huge = math.MaxInt64
	inputs := map[string][]int{"1D": {4, 2}, "2D": {4, 4, 2}, "3D": {4, 4, 4, 2}}
	for _, class := range convolutions {
		for argument, values := range map[string][]any{
			"filters":          {-1, 0, huge, huge / 4, math.NaN(), "many", nil, []any{2.}},
			"kernel_size":      {-1, 0, huge, huge/2 + 2, math.NaN(), math.Inf(1), "3", nil, []any{}, []any{2., 2., 2., 2., 2.}},
			"strides":          {-1, 0, huge, 1.5, "1", nil, []any{}},
			"dilation_rate":    {-1, 0, huge, huge / 2, true, "1", nil, []any{[]any{}}},
			"depth_multiplier": {-1, 0, huge, huge/2 + 1, "1", nil},
			"groups":           {-1, 0, huge, 3, "1"},
			"output_padding":   {-1, huge, "1", 1.5, []any{}, []any{0., 0., 0., 0.}, map[string]any{}},
			"padding":          {"", "full", 3, nil},
			"data_format":      {"", "channels", 1},
		} {
			l := newLayer(t, class)
			arguments := map[string]any{"kernel_size": 2}
			known, err := config.Fields(l.KerasConfig())
			require.NoError(t, err)
			if _, ok := known["filters"]; ok {
				arguments["filters"] = 2
			}
			if _, ok := known[argument]; !ok {
				continue
			}
			shape := inputs[rankOf(class)]
			if strings.HasPrefix(class, "ConvLSTM") {
				shape = append([]int{3}, shape...)
			}
			for _, v := range values {
				l := newLayer(t, class)
				arguments[argument] = v
				err := config.Decode(arguments, l.KerasConfig())
				if err == nil {
					err = l.Apply(functional.Input(shape...)).Err()
				}
				require.Error(t, err, "%s %s=%v", class, argument, v)
			}
		}
	}
}

// rankOf is the part of a class's name that says along how many axes it goes.
func rankOf(class string) string {
	for i := range len(class) - 1 {
		if class[i] >= '1' && class[i] <= '3' && class[i+1] == 'D' {
			return class[i : i+2]
		}
	}
	return ""
}

// TestConvLSTMDropout takes cells whose gates are the masks, so that the states tell which there were.
func TestConvLSTMDropout(t *testing.T) {
	ones, zeros := initializers.Ones(), initializers.Zeros()
	cell := func() *ConvLSTM1DLayer {
		return ConvLSTM1D(1, 1).Activation("linear").RecurrentActivation("linear").UseBias(false).ReturnSequences(true).Seed(3)
	}
	// steps computes two steps from inputs of ones.
	steps := func(t *testing.T, engine compute.Backend, l *ConvLSTM1DLayer, training bool) (first, second []float64) {
		const columns = 4096
		require.NoError(t, l.Apply(functional.Input(2, columns, 1)).Err())
		x := tensors.FromScalarAndDimensions(float32(1), 1, 2, columns, 1)
		p, err := probe.Layer(engine, l, training, []*tensors.Tensor{x}, []*tensors.Tensor{x})
		require.NoError(t, err)
		all := values(t, p.Outputs[0])
		return all[:columns], all[columns:]
	}
	// rates counts how often each value occurs.
	rates := func(list []float64) map[float64]float64 {
		out := map[float64]float64{}
		for _, v := range list {
			out[v] += 1 / float64(len(list))
		}
		return out
	}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		// h = input·candidate·output is 8 if three masks let the input through.
		first, second := steps(t, engine, cell().KernelInitializer(ones).RecurrentInitializer(zeros).Dropout(0.5), true)
		got := rates(first)
		require.Len(t, got, 2)
		require.InDelta(t, 1./8, got[8], 0.03)
		for i, h := range first { // the masks stay: now the forget gate's shows
			if h == 0 {
				require.Zero(t, second[i])
			} else {
				require.Contains(t, []float64{8, 24}, second[i])
			}
		}
		require.InDelta(t, 1./16, rates(second)[24], 0.03)

		// The first step begins with zeros. In the second h is 1, and each gate 1 and, if its mask lets h through, 2 more.
		first, second = steps(t, engine, cell().KernelInitializer(ones).RecurrentInitializer(ones).RecurrentDropout(0.5), true)
		require.Equal(t, map[float64]float64{1: 1}, rates(first))
		got = rates(second)
		sum := 0.0
		for _, forget := range []float64{1, 3} {
			for _, input := range []float64{1, 3} {
				for _, candidate := range []float64{1, 3} {
					for _, output := range []float64{1, 3} {
						sum += output * (forget + input*candidate) / 16
						require.Contains(t, got, output*(forget+input*candidate))
					}
				}
			}
		}
		mean := 0.0
		for v, rate := range got {
			mean += v * rate
		}
		require.InDelta(t, sum, mean, 0.7)

		first, _ = steps(t, engine, cell().KernelInitializer(ones).RecurrentInitializer(ones).Dropout(0.5).RecurrentDropout(0.5), false)
		require.Equal(t, map[float64]float64{1: 1}, rates(first))
	})
}

// TestConvolutionsTrain trains through Fit, where XLA's program is rewritten to call kernels, and compares the engines.
func TestConvolutionsTrain(t *testing.T) {
	functional.SetRandomSeed(5)
	x := functional.Input(8, 8, 16)
	y := Conv2DTranspose(16, 3).Strides(2).Padding(Same).Activation("relu").Apply(x)
	y = SeparableConv2D(16, 3).Padding(Same).Activation("relu").Apply(y)
	y = DepthwiseConv2D(3).Strides(2).Apply(y)
	y = Reshape(49, 16).Apply(y)
	y = Conv1D(16, 3).Padding(Causal).Activation("relu").Apply(y)
	y = Dense(1).Apply(GlobalAveragePooling1D().Apply(y))
	m, err := functional.NewModel(x, y)
	require.NoError(t, err)
	var initial []*tensors.Tensor
	for _, w := range m.Weights() {
		value, err := w.Value()
		require.NoError(t, err)
		value, err = value.LocalClone()
		require.NoError(t, err)
		initial = append(initial, value)
	}
	images, targets := golden.RuleInput(0, 16, 8, 8, 16).Tensor(t), golden.RuleInput(1, 16, 1).Tensor(t)
	var want []float64
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		for i, w := range m.Weights() {
			require.NoError(t, w.Set(initial[i]))
		}
		require.NoError(t, m.Compile(functional.Compile{Optimizer: "sgd", Loss: "mse"}))
		history, err := m.Fit(images, targets, functional.Fit{Epochs: 3, BatchSize: 8, Shuffle: functional.Off, Verbose: functional.Silent})
		require.NoError(t, err)
		losses := history.History["loss"]
		if want == nil {
			want = losses
		}
		require.InDeltaSlice(t, want, losses, 1e-5)
		require.Less(t, losses[2], losses[0])
	})
}
