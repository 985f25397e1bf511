package layers

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/windows"
	"github.com/gokeras/gokeras/symbolic"
)

// STFTSpectrogramLayer is Keras's STFTSpectrogram: the frequencies in short stretches of a signal, by convolutions whose kernels may be trained.
type STFTSpectrogramLayer struct {
	layer[*STFTSpectrogramLayer]
	sampleWise
	cfg stftSpectrogramConfig
}

type stftSpectrogramConfig struct {
	symbolic.LayerConfig
	Mode        spectrum     `keras:"mode" default:"log"`
	FrameLength int          `keras:"frame_length" default:"256"`
	FrameStep   *int         `keras:"frame_step"`
	FftLength   *int         `keras:"fft_length"`
	Window      signalWindow `keras:"window" default:"hann"`
	Periodic    bool         `keras:"periodic"`
	Scaling     *string      `keras:"scaling" default:"density"`
	Padding     Padding      `keras:"padding" default:"valid"`
	ExpandDims  bool         `keras:"expand_dims"`
	formatConfig
	_ any `keras:"activity_regularizer,unsaved"`
}

// spectrum is what a spectrogram shows.
type spectrum string

var spectra = []string{"angle", "imag", "log", "magnitude", "psd", "real", "stft"}

func (s spectrum) check() error {
	for _, name := range spectra {
		if string(s) == name {
			return nil
		}
	}
	return config.UnknownName("mode", string(s), spectra)
}

// signalWindow is an argument that is the name of a window, numbers, or nil.
type signalWindow struct{ windows.Window }

func (w *signalWindow) set(window any) error { return w.Set(window) }

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return STFTSpectrogram() }) }

// STFTSpectrogram returns a layer that makes of signals (batch, time, channels) the strengths of frequencies in stretches of FrameLength samples,
// 256 by default, each FrameStep after the one before (Keras: STFTSpectrogram()): (batch, stretches, channels · bins), or with ExpandDims
// (batch, stretches, bins, channels), of which channels_first puts the channels second. Mode says what of them: "log", the default,
// "magnitude", "psd", "real", "imag", "angle" or "stft", which is real and imaginary parts. Its kernels are weights, and train unless the layer is
// frozen.
func STFTSpectrogram() *STFTSpectrogramLayer {
	l := &STFTSpectrogramLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// largestKernel bounds the kernels of a spectrogram.
const largestKernel = 1 << 28

// Validate reports arguments that Keras rejects.
func (c *stftSpectrogramConfig) Validate() error {
	switch {
	case c.FrameLength < 1 || c.FrameLength > largestExtent:
		return fmt.Errorf("`frame_length` should be a positive integer of at most %d: received frame_length=%d", largestExtent, c.FrameLength)
	case c.FrameStep != nil && (*c.FrameStep > c.FrameLength || *c.FrameStep < 1):
		return fmt.Errorf("`frame_step` should be a positive integer not greater than `frame_length`: received frame_step=%d, frame_length=%d", *c.FrameStep, c.FrameLength)
	case c.step() < 1:
		return fmt.Errorf("`frame_step` must be given for frame_length=%d", c.FrameLength)
	case c.FftLength != nil && *c.FftLength < c.FrameLength:
		return fmt.Errorf("`fft_length` should be not less than `frame_length`: received fft_length=%d, frame_length=%d", *c.FftLength, c.FrameLength)
	case c.points()/2+1 > largestKernel/c.FrameLength:
		return fmt.Errorf("kernels of %d·%d values are too large", c.FrameLength, c.points()/2+1)
	case c.Scaling != nil && *c.Scaling != "density" && *c.Scaling != "spectrum":
		return config.UnknownName("scaling", *c.Scaling, []string{"density", "spectrum"})
	case c.Mode == "psd" && c.points() < 2:
		return fmt.Errorf("mode \"psd\" needs a transform of 2 points or more, received fft_length=%d", c.points())
	}
	if _, err := c.Window.Values(c.FrameLength, c.Periodic); err != nil {
		return err
	}
	return firstError(c.Mode.check(), c.Padding.check(), c.DataFormat.check())
}

func (c *stftSpectrogramConfig) step() int {
	if c.FrameStep != nil {
		return *c.FrameStep
	}
	return c.FrameLength / 2
}

// points are those of the transform: the next power of two where they aren't given.
func (c *stftSpectrogramConfig) points() int {
	if c.FftLength != nil {
		return *c.FftLength
	}
	return 1 << bits.Len(uint(c.FrameLength-1))
}

// Infer replaces the time by stretches and the channels by bins.
func (l *STFTSpectrogramLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, channels, err := l.windowInput(in, 1, l.cfg.DataFormat)
	if err != nil {
		return nil, err
	}
	if spec := l.Floats(x); spec.DType == "bfloat16" || !strings.HasPrefix(in.First()[0].DType, "float") {
		return nil, fmt.Errorf("invalid input type: expected float16, float32 or float64, received: input type=%s", in.First()[0].DType)
	}
	time := x[1]
	if l.cfg.DataFormat == ChannelsFirst {
		time = x[2]
	}
	steps, ok := l.cfg.Padding.outputSize(time, l.cfg.FrameLength, l.cfg.step())
	if !ok || steps == 0 {
		return nil, fmt.Errorf("computed output size would be zero or negative: received input shape %s, frames of %d", x, l.cfg.FrameLength)
	}
	bins := l.cfg.points()/2 + 1
	if l.cfg.Mode == "stft" {
		bins *= 2
	}
	if channels > largestKernel/bins {
		return nil, fmt.Errorf("%d channels of %d bins are too many", channels, bins)
	}
	first := l.cfg.DataFormat == ChannelsFirst
	switch {
	case l.cfg.ExpandDims && first:
		return l.floatOutput(symbolic.Shape{x[0], channels, steps, bins}, nil)
	case l.cfg.ExpandDims:
		return l.floatOutput(symbolic.Shape{x[0], steps, bins, channels}, nil)
	case first:
		return l.floatOutput(symbolic.Shape{x[0], channels * bins, steps}, nil)
	}
	return l.floatOutput(symbolic.Shape{x[0], steps, channels * bins}, nil)
}

// Declare declares the kernels, of shape (frame length, 1, bins).
func (l *STFTSpectrogramLayer) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	kernel := func(name, side string) {
		i := initializers.STFT().Side(side).Window(l.cfg.Window.Argument()).Periodic(l.cfg.Periodic).Scaling("")
		if l.cfg.Scaling != nil {
			i.Scaling(*l.cfg.Scaling)
		}
		b.Weight(symbolic.WeightSpec{Name: name, Shape: []int{l.cfg.FrameLength, 1, l.cfg.points()/2 + 1}, Initializer: i})
	}
	if l.cfg.Mode != "imag" {
		kernel("real_kernel", "real")
	}
	if l.cfg.Mode != "real" {
		kernel("imag_kernel", "imag")
	}
	return nil
}

// Call computes the layer.
func (l *STFTSpectrogramLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := kerasops.OnlyFloats("STFTSpectrogram", in[0])
	if l.cfg.DataFormat != ChannelsFirst {
		x = graph.TransposeAllAxes(x, 0, 2, 1)
	}
	dims := x.Shape().Dimensions
	x = graph.Reshape(x, dims[0]*dims[1], dims[2], 1)
	part := func(kernel string) *graph.Node { // (batch, channels, stretches, bins)
		cfg := map[string]any{"strides": l.cfg.step(), "padding": string(l.cfg.Padding), "data_format": ChannelsLast}
		y := c.Op("Conv", cfg, x, c.Weight(kernel))
		return graph.Reshape(y, dims[0], dims[1], y.Shape().Dimensions[1], y.Shape().Dimensions[2])
	}
	const tiny = 1e-7
	atLeast := func(x *graph.Node) *graph.Node { return c.Op("Maximum", nil, x, tiny) }
	var y *graph.Node
	switch l.cfg.Mode {
	case "real":
		y = part("real_kernel")
	case "imag":
		y = part("imag_kernel")
	case "angle":
		y = c.Op("Arctan2", nil, part("imag_kernel"), part("real_kernel"))
	case "stft":
		y = graph.Concatenate([]*graph.Node{part("real_kernel"), part("imag_kernel")}, 3)
	default:
		power := graph.Add(graph.Square(part("real_kernel")), graph.Square(part("imag_kernel")))
		switch l.cfg.Mode {
		case "psd": // the frequencies between the first and the last one are those of two bins
			bins := power.Shape().Dimensions[3]
			twice := make([]float64, bins)
			for i := range twice {
				if twice[i] = 2; i == 0 || i == bins-1 {
					twice[i] = 1
				}
			}
			by := graph.ConvertDType(graph.Const(c.Graph(), twice), power.DType())
			y = graph.Mul(power, graph.BroadcastToDims(graph.Reshape(by, 1, 1, 1, bins), power.Shape().Dimensions...))
		case "magnitude":
			y = graph.Sqrt(atLeast(power))
		default:
			y = graph.Log(atLeast(graph.Sqrt(atLeast(power))))
		}
	}
	dims = y.Shape().Dimensions
	first := l.cfg.DataFormat == ChannelsFirst
	switch {
	case l.cfg.ExpandDims && first:
	case l.cfg.ExpandDims:
		y = graph.TransposeAllAxes(y, 0, 2, 3, 1)
	case first:
		y = graph.Reshape(graph.TransposeAllAxes(y, 0, 1, 3, 2), dims[0], dims[1]*dims[3], dims[2])
	default:
		y = graph.Reshape(graph.TransposeAllAxes(y, 0, 2, 1, 3), dims[0], dims[2], dims[1]*dims[3])
	}
	return []*graph.Node{y}
}
