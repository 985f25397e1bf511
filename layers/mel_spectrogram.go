package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// MelSpectrogramLayer is Keras's MelSpectrogram: how loud each pitch is at each time of a sound.
type MelSpectrogramLayer struct {
	layer[*MelSpectrogramLayer]
	sampleWiseUnless
	cfg melSpectrogramConfig
}

type melSpectrogramConfig struct {
	symbolic.LayerConfig
	FftLength      int          `keras:"fft_length" default:"2048"`
	SequenceStride int          `keras:"sequence_stride" default:"512"`
	SequenceLength *int         `keras:"sequence_length"`
	Window         signalWindow `keras:"window" default:"hann"`
	SamplingRate   int          `keras:"sampling_rate" default:"16000"`
	NumMelBins     int          `keras:"num_mel_bins" default:"128"`
	MinFreq        float64      `keras:"min_freq" default:"20.0"`
	MaxFreq        *float64     `keras:"max_freq"`
	PowerToDb      bool         `keras:"power_to_db" default:"true"`
	TopDb          float64      `keras:"top_db" default:"80.0"`
	MagExp         float64      `keras:"mag_exp" default:"2.0"`
	MinPower       float64      `keras:"min_power" default:"1e-10"`
	RefPower       float64      `keras:"ref_power" default:"1.0"`
	_              any          `keras:"activity_regularizer,unsaved"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return MelSpectrogram() }) }

// MelSpectrogram returns a layer that makes of sounds (batch, samples), or of one sound (samples,), the strengths of NumMelBins pitches at times
// that are SequenceStride samples apart (Keras: MelSpectrogram()): (batch, pitches, times), in decibels unless PowerToDb is false. Of a batch,
// decibels begin TopDb below its loudest, so samples aren't alone. Where Keras's shape of the output isn't what it computes, here it is.
func MelSpectrogram() *MelSpectrogramLayer {
	l := &MelSpectrogramLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KeepsInputTypes says that sounds are transformed as float32, whatever the layer's compute type is.
func (l *MelSpectrogramLayer) KeepsInputTypes() {}

// Validate reports arguments that Keras rejects, and fills in those that follow from others.
func (c *melSpectrogramConfig) Validate() error {
	const most = 1 << 20
	for name, n := range map[string]int{"fft_length": c.FftLength, "sequence_stride": c.SequenceStride, "sampling_rate": c.SamplingRate, "num_mel_bins": c.NumMelBins} {
		if n < 1 || n > most {
			return fmt.Errorf("%s: got %d, want from 1 to %d", name, n, most)
		}
	}
	if c.SequenceLength == nil || *c.SequenceLength == 0 {
		n := c.FftLength
		c.SequenceLength = &n
	}
	if c.MaxFreq == nil || *c.MaxFreq == 0 {
		f := float64(c.SamplingRate / 2)
		c.MaxFreq = &f
	}
	switch n := *c.SequenceLength; {
	case n < 1:
		return fmt.Errorf("sequence_length: got %d, want a positive number", n)
	case n > c.FftLength:
		return fmt.Errorf("`fft_length` must be greater than or equal to `sequence_length`: received `sequence_length`=%d, `fft_length`=%d", n, c.FftLength)
	case c.NumMelBins > 1<<26/(c.FftLength/2+1):
		return fmt.Errorf("%d pitches of %d frequencies are too many", c.NumMelBins, c.FftLength/2+1)
	case c.MinFreq <= -melBreak || *c.MaxFreq <= -melBreak:
		return fmt.Errorf("min_freq=%v and max_freq=%v: want frequencies", c.MinFreq, *c.MaxFreq)
	}
	if name := c.Window.Named(); name != "" && name != "hann" && name != "hamming" {
		return config.UnknownName("window", name, []string{"hamming", "hann"})
	}
	_, err := c.Window.Values(*c.SequenceLength, true)
	return err
}

// Infer replaces the samples by pitches and times.
func (l *MelSpectrogramLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if len(x) != 1 && len(x) != 2 {
		return nil, fmt.Errorf("expected a sound (samples,) or a batch of sounds (batch, samples), received: shape=%s", x)
	}
	l.crossesIf(len(x) == 1 || l.cfg.PowerToDb)
	times := x[len(x)-1]
	if times != symbolic.None {
		times += l.cfg.FftLength / 2 * 2
		if times < l.cfg.FftLength {
			return nil, fmt.Errorf("a sound of %d samples is shorter than fft_length=%d", x[len(x)-1], l.cfg.FftLength)
		}
		times = 1 + (times-l.cfg.FftLength)/l.cfg.SequenceStride
	}
	return l.floatOutput(append(x[:len(x)-1].Clone(), l.cfg.NumMelBins, times), nil)
}

// Call computes the layer.
func (l *MelSpectrogramLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := graph.ConvertDType(in[0], dtypes.Float32)
	spectrum := c.Ops("STFT", map[string]any{
		"sequence_length": *l.cfg.SequenceLength, "sequence_stride": l.cfg.SequenceStride, "fft_length": l.cfg.FftLength, "window": l.cfg.Window.Argument(),
	}, x)
	y := graph.Sqrt(graph.Add(graph.Square(spectrum[0]), graph.Square(spectrum[1])))
	y = c.Op("Power", nil, y, l.cfg.MagExp)
	pitches := graph.ConstTensor(c.Graph(), tensors.FromFlatDataAndDimensions(l.cfg.pitches(), l.cfg.FftLength/2+1, l.cfg.NumMelBins))
	y = graph.DotGeneral(y, []int{y.Rank() - 1}, nil, pitches, []int{0}, nil)
	if l.cfg.PowerToDb {
		y = graph.MulScalar(c.Op("Log10", nil, c.Op("Maximum", nil, y, l.cfg.MinPower)), 10)
		y = graph.AddScalar(y, -10*math.Log10(max(math.Abs(l.cfg.RefPower), l.cfg.MinPower)))
		y = c.Op("Maximum", nil, y, graph.AddScalar(c.Op("Max", nil, y), -l.cfg.TopDb))
	}
	y = c.Op("Swapaxes", map[string]any{"axis1": -1, "axis2": -2}, y)
	return []*graph.Node{toCompute(c, y)}
}

const (
	melBreak = 700
	melScale = 1127
)

// mel is the pitch of a frequency.
func mel(hertz float32) float32 {
	return melScale * float32(math.Log(float64(1+hertz/melBreak)))
}

// evenly are n numbers from low to high.
func evenly(low, high float32, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		step := float32(i) / float32(n-1)
		out[i] = low*(1-step) + high*step
	}
	out[n-1] = high
	return out
}

// pitches is how much each frequency counts for each pitch, (frequencies, pitches): a triangle up to the pitches beside it. All is computed
// in float32, as Keras does.
func (c *melSpectrogramConfig) pitches() []float32 {
	bins, n := c.FftLength/2+1, c.NumMelBins
	edges := evenly(mel(float32(c.MinFreq)), mel(float32(*c.MaxFreq)), n+2)
	out := make([]float32, bins*n)
	if bins < 2 {
		return out
	}
	for i, hertz := range evenly(0, float32(c.SamplingRate)/2, bins)[1:] {
		at := mel(hertz)
		for k := range n {
			low, middle, high := edges[k], edges[k+1], edges[k+2]
			out[(i+1)*n+k] = max(0, min((at-low)/(middle-low), (high-at)/(high-middle)))
		}
	}
	return out
}
