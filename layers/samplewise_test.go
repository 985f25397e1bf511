package layers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// TestSamplesAlone lists applications of layers with whether each sample is computed alone, of which Predict chooses its batches. As in
// Keras, what looks at the whole batch is computed 32 samples at a time.
func TestSamplesAlone(t *testing.T) {
	golden.OnGo(t)
	numbers, vectors, steps := functional.Shape{}, functional.Shape{3}, functional.Shape{2, 3}
	self := func(l applied) func(x *functional.Tensor) *functional.Tensor {
		return func(x *functional.Tensor) *functional.Tensor { return l.Apply(x, x) }
	}
	one := func(l applied) func(x *functional.Tensor) *functional.Tensor {
		return func(x *functional.Tensor) *functional.Tensor { return l.Apply(x) }
	}
	sound := func() *layers.MelSpectrogramLayer {
		return layers.MelSpectrogram().FftLength(4).SequenceStride(2).NumMelBins(2).SamplingRate(100).MinFreq(1)
	}
	for name, c := range map[string]struct {
		shape functional.Shape
		apply func(x *functional.Tensor) *functional.Tensor
		alone bool
	}{
		"softmax":                    {vectors, one(layers.Softmax()), true},
		"softmax over the samples":   {vectors, one(layers.Softmax().Axis(0)), false},
		"softmax from the end":       {vectors, one(layers.Softmax().Axis(-2)), false},
		"softmax of all":             {vectors, one(layers.Softmax().Axis(0, 1)), false},
		"softmax of numbers":         {numbers, one(layers.Softmax()), false},
		"activation":                 {vectors, one(layers.Activation("softmax")), true},
		"activation of numbers":      {numbers, one(layers.Activation("softmax")), false},
		"relu of numbers":            {numbers, one(layers.ReLU()), true},
		"concatenate":                {vectors, self(layers.Concatenate()), true},
		"concatenate samples":        {vectors, self(layers.Concatenate().Axis(0)), false},
		"concatenate numbers":        {numbers, self(layers.Concatenate()), false},
		"attention":                  {steps, self(layers.Attention()), true},
		"attention of samples":       {vectors, self(layers.Attention()), false},
		"einsum":                     {vectors, one(layers.EinsumDense("ab,bc->ac", 2)), true},
		"einsum with a softmax":      {vectors, one(layers.EinsumDense("ab,b->a").Activation("softmax")), false},
		"softmax inside":             {steps, one(layers.TimeDistributed(layers.Softmax())), true},
		"softmax of samples, inside": {steps, one(layers.TimeDistributed(layers.Softmax().Axis(0))), false},
		"rms normalization":          {steps, one(layers.RMSNormalization()), true},
		"resizing":                   {steps, one(layers.UpSampling1D()), true},
		"padding":                    {steps, one(layers.ZeroPadding1D()), true},
		"adaptive pooling":           {steps, one(layers.AdaptiveMaxPooling1D(3)), true},
		"slopes":                     {steps, one(layers.PReLU().SharedAxes(1)), true},
		"pitches":                    {vectors, one(sound().PowerToDb(false)), true},
		"pitches in decibels":        {vectors, one(sound()), false}, // of the loudest of all samples
		"spectrogram":                {steps, one(layers.STFTSpectrogram().FrameLength(2)), true},
		"pipeline":                   {vectors, one(layers.Pipeline(layers.Softmax(), layers.ReLU())), true},
		"pipeline over the samples":  {vectors, one(layers.Pipeline(layers.ReLU(), layers.Softmax().Axis(0))), false},
		"multi-head attention":       {steps, self(layers.MultiHeadAttention(2, 2)), true},
	} {
		t.Run(name, func(t *testing.T) {
			x := functional.Input(c.shape...)
			m, err := functional.NewModel(x, c.apply(x))
			require.NoError(t, err)
			require.Equal(t, c.alone, m.SamplesAlone())
			const samples = 70
			value := golden.RuleInput(0, append([]int{samples}, c.shape...)...).Tensor(t)
			of32, err := m.PredictAll(value, functional.Predict{Verbose: functional.Silent, BatchSize: 32})
			require.NoError(t, err)
			golden.Same(t, predict(t, m, value), of32, golden.Tolerance{Rel: 1e-6, Abs: 1e-7})
		})
	}
}
