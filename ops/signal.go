package ops

import "github.com/gokeras/gokeras/symbolic"

// The transforms take and return complex numbers as two tensors, their real and their imaginary parts, of type float32. A number of points may
// have prime factors of up to 1021.

// Fft is the Fourier transform along the last axis (Keras: ops.fft).
func Fft(re, im any) (real, imag *symbolic.Tensor) { return two("FFT", nil, []any{re, im}) }

// Fft2 is the Fourier transform along the last two axes (Keras: ops.fft2).
func Fft2(re, im any) (real, imag *symbolic.Tensor) { return two("FFT2", nil, []any{re, im}) }

// Ifft2 is the inverse of [Fft2] (Keras: ops.ifft2).
func Ifft2(re, im any) (real, imag *symbolic.Tensor) { return two("IFFT2", nil, []any{re, im}) }

// Rfft is the first fftLength/2+1 values of the Fourier transform of real numbers along the last axis, which is cut or padded with zeros
// to fftLength, 0 for as long as it is (Keras: ops.rfft).
func Rfft(x any, fftLength int) (real, imag *symbolic.Tensor) {
	return two("RFFT", config{"fft_length": orNone(fftLength)}, x)
}

// Irfft is the inverse of [Rfft]: fftLength real numbers, 0 for twice as many as there are values less 2 (Keras: ops.irfft).
func Irfft(re, im any, fftLength int) *symbolic.Tensor {
	return one("IRFFT", config{"fft_length": orNone(fftLength)}, []any{re, im})
}

// ExtractSequences is the stretches of the last axis, of sequenceLength and each sequenceStride after the one before: of (…, n) it is
// (…, 1 + (n-sequenceLength)/sequenceStride, sequenceLength) (Keras: ops.extract_sequences).
func ExtractSequences(x any, sequenceLength, sequenceStride int) *symbolic.Tensor {
	return one("ExtractSequences", config{"sequence_length": sequenceLength, "sequence_stride": sequenceStride}, x)
}

// FrameOptions are the arguments of [Stft] and [Istft]; the zero value is Keras's default.
type FrameOptions struct {
	Window    string    // "": "hann"; "hamming"
	Weights   []float64 // a window of your own, sequenceLength numbers
	NoWindow  bool      // all of a sequence counts the same (Keras: window=None)
	NotCenter bool      // the first sequence begins with the signal and isn't in its middle (Keras: center=False)
	Length    int       // of the signal, which Istft cuts to it; 0: as long as it is
}

func (o FrameOptions) config(sequenceLength, sequenceStride, fftLength int) config {
	cfg := config{"sequence_length": sequenceLength, "sequence_stride": sequenceStride, "fft_length": fftLength, "center": !o.NotCenter}
	switch {
	case o.NoWindow:
		cfg["window"] = nil
	case o.Weights != nil:
		weights := make([]any, len(o.Weights))
		for i, w := range o.Weights {
			weights[i] = w
		}
		cfg["window"] = weights
	case o.Window != "":
		cfg["window"] = o.Window
	}
	return cfg
}

// Stft is the Fourier transforms of fftLength points of stretches of the last axis, which a window fades in and out: of (…, n) it is
// (…, stretches, fftLength/2 + 1) (Keras: ops.stft). The signal goes on in a mirror at both ends, so that the first stretch is around its
// first element.
func Stft(x any, sequenceLength, sequenceStride, fftLength int, o FrameOptions) (real, imag *symbolic.Tensor) {
	return two("STFT", o.config(sequenceLength, sequenceStride, fftLength), x)
}

// Istft is the signal of which [Stft] with the same arguments made re and im (Keras: ops.istft).
func Istft(re, im any, sequenceLength, sequenceStride, fftLength int, o FrameOptions) *symbolic.Tensor {
	cfg := o.config(sequenceLength, sequenceStride, fftLength)
	cfg["length"] = orNone(o.Length)
	return one("ISTFT", cfg, []any{re, im})
}

// orNone is Python's None for 0.
func orNone(n int) any {
	if n == 0 {
		return nil
	}
	return n
}
