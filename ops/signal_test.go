package ops

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
)

// TestSignals goes through the transforms of a signal and back.
func TestSignals(t *testing.T) {
	const n = 90
	signal := make([]float32, n)
	for i := range signal {
		signal[i] = float32(math.Sin(float64(i)) + 0.5)
	}
	weights := []float64{0.5, 1, 1, 0.5}
	x := functional.Input(n)
	back := func(o FrameOptions) *functional.Tensor {
		re, im := Stft(x, 4, 2, 6, o)
		return Istft(re, im, 4, 2, 6, o)
	}
	re, im := Rfft(x, 0)
	grid := Reshape(x, -1, 9, 10)
	planeRe, planeIm := Fft2(grid, ZerosLike(grid))
	plane, _ := Ifft2(planeRe, planeIm)
	m, err := functional.NewModel(x, []*functional.Tensor{
		Irfft(re, im, n), Reshape(plane, -1, n), back(FrameOptions{}), back(FrameOptions{Window: "hamming", NotCenter: true}), back(FrameOptions{Weights: weights, Length: 80}),
		back(FrameOptions{NoWindow: true}),
	})
	require.NoError(t, err)
	out, err := m.PredictOnBatch([]*tensors.Tensor{tensors.FromValue([][]float32{signal})})
	require.NoError(t, err)
	for i, from := range [][2]int{{0, n}, {0, n}, {0, n}, {2, 88}, {0, 80}} {
		got := out[i].Value().([][]float32)[0]
		for k := from[0]; k < from[1]; k++ {
			require.InDelta(t, signal[k], got[k], 1e-5, "output %d, element %d", i, k)
		}
	}
}

func TestSignalErrors(t *testing.T) {
	x := functional.InputWith(functional.InputOptions{Shape: []int{12}, Name: "signal"})
	whole := functional.InputWith(functional.InputOptions{Shape: []int{2 * 1031}, Name: "prime"})
	first := func(a, _ *functional.Tensor) *functional.Tensor { return a }
	for name, tc := range map[string]struct {
		got  *functional.Tensor
		want string
	}{
		"shapes":    {first(Fft(x, whole)), "both the real and imaginary parts should have the same shape"},
		"rank":      {first(Fft2(functional.InputWith(functional.InputOptions{Name: "a"}), functional.InputWith(functional.InputOptions{Name: "b"}))), "input should have rank >= 2"},
		"batch":     {first(Fft2(x, x)), "the last axes must be known"},
		"prime":     {first(Rfft(whole, 0)), "1031 is a prime factor: those up to 1021 are supported"},
		"half":      {first(Rfft(Cast(x, "float16"), 0)), "got float16, want float32"},
		"length":    {first(Rfft(x, -2)), "fft_length: got -2, want a positive number"},
		"window":    {first(Stft(x, 4, 2, 4, FrameOptions{Window: "han"})), `unknown window "han"; did you mean "hann"?`},
		"weights":   {first(Stft(x, 4, 2, 4, FrameOptions{Weights: []float64{1, 2}})), "the shape of `window` must be equal to [sequence_length]"},
		"stride":    {first(Stft(x, 4, 0, 4, FrameOptions{})), "sequence_stride: got 0, want a positive number"},
		"fft":       {first(Stft(x, 8, 2, 4, FrameOptions{})), "`fft_length` must equal or larger than `sequence_length`"},
		"short":     {ExtractSequences(x, 13, 1), "a signal of 12 is shorter than the 13 of a sequence"},
		"too long":  {Istft(Reshape(x, 4, 3), Reshape(x, 4, 3), 4, 2, 4, FrameOptions{Length: 9}), "length: got 9, of a signal of 8"},
		"too small": {Irfft(Reshape(x, 12, 1), Reshape(x, 12, 1), 0), "a Fourier transform of 0 points"},
	} {
		t.Run(name, func(t *testing.T) { require.ErrorContains(t, tc.got.Err(), tc.want) })
	}
}
