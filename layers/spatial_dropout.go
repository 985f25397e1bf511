package layers

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// SpatialDropout1DLayer is Keras's SpatialDropout1D: in training it drops whole channels of sequences.
type SpatialDropout1DLayer struct {
	spatialDropout[*SpatialDropout1DLayer]
	cfg spatialDropout1DConfig
}

// SpatialDropout2DLayer is Keras's SpatialDropout2D: in training it drops whole channels of images.
type SpatialDropout2DLayer struct {
	spatialDropout[*SpatialDropout2DLayer]
	cfg spatialDropoutConfig
}

// SpatialDropout3DLayer is Keras's SpatialDropout3D: in training it drops whole channels of volumes.
type SpatialDropout3DLayer struct {
	spatialDropout[*SpatialDropout3DLayer]
	cfg spatialDropoutConfig
}

type spatialDropout1DConfig struct {
	symbolic.LayerConfig
	Rate  float64       `keras:"rate"`
	Seed  *int          `keras:"seed"`
	DType variableDType `keras:"dtype" default:"null"`
	_     any           `keras:"trainable,unsaved"`
	_     any           `keras:"activity_regularizer,unsaved"`
}

type spatialDropoutConfig struct {
	spatialDropout1DConfig
	formatConfig
}

// variableDType is the dtype as files have it of these layers: the type of weights alone.
type variableDType struct{ of *symbolic.LayerConfig }

// EncodeKeras writes the type's name.
func (d *variableDType) EncodeKeras() (any, error) {
	if name, mixed := map[symbolic.DTypePolicy]string{"": "float32", "mixed_float16": "float32", "mixed_bfloat16": "float32"}[d.of.DType]; mixed {
		return name, nil
	}
	return string(d.of.DType), nil
}

// DecodeKeras leaves the policy to the layer.
func (d *variableDType) DecodeKeras(any) error { return nil }

var _ config.Codec = (*variableDType)(nil)

func init() {
	symbolic.RegisterLayer(func() symbolic.Layer { return SpatialDropout1D(0) })
	symbolic.RegisterLayer(func() symbolic.Layer { return SpatialDropout2D(0) })
	symbolic.RegisterLayer(func() symbolic.Layer { return SpatialDropout3D(0) })
}

// SpatialDropout1D returns a layer that in training zeroes the fraction rate of the channels of sequences, 0 ≤ rate ≤ 1, and divides
// the others by 1-rate (Keras: SpatialDropout1D(rate)). Inputs have the shape (batch, steps, channels). As in Keras, files hold
// neither whether the layer is frozen nor a mixed dtype policy.
func SpatialDropout1D(rate float64) *SpatialDropout1DLayer {
	l := &SpatialDropout1DLayer{}
	l.start(l, 1, &l.cfg, nil, rate)
	return l
}

// DType sets the layer's dtype policy, such as "float16" or "mixed_bfloat16" (Keras: dtype=). Default "float32".
func (l *SpatialDropout1DLayer) DType(policy symbolic.DTypePolicy) *SpatialDropout1DLayer {
	l.SetDType(policy)
	return l
}

// SpatialDropout2D returns a layer that in training zeroes the fraction rate of the channels of images, 0 ≤ rate ≤ 1, and divides
// the others by 1-rate (Keras: SpatialDropout2D(rate)). Inputs have the shape (batch, height, width, channels). As in Keras, files hold
// neither whether the layer is frozen nor a mixed dtype policy.
func SpatialDropout2D(rate float64) *SpatialDropout2DLayer {
	l := &SpatialDropout2DLayer{}
	l.start(l, 2, &l.cfg.spatialDropout1DConfig, &l.cfg.DataFormat, rate)
	return l
}

// DType sets the layer's dtype policy, such as "float16" or "mixed_bfloat16" (Keras: dtype=). Default "float32".
func (l *SpatialDropout2DLayer) DType(policy symbolic.DTypePolicy) *SpatialDropout2DLayer {
	l.SetDType(policy)
	return l
}

// SpatialDropout3D returns a layer that in training zeroes the fraction rate of the channels of volumes, 0 ≤ rate ≤ 1, and divides
// the others by 1-rate (Keras: SpatialDropout3D(rate)). Inputs have the shape (batch, depth, height, width, channels). As in Keras, files hold
// neither whether the layer is frozen nor a mixed dtype policy.
func SpatialDropout3D(rate float64) *SpatialDropout3DLayer {
	l := &SpatialDropout3DLayer{}
	l.start(l, 3, &l.cfg.spatialDropout1DConfig, &l.cfg.DataFormat, rate)
	return l
}

// DType sets the layer's dtype policy, such as "float16" or "mixed_bfloat16" (Keras: dtype=). Default "float32".
func (l *SpatialDropout3DLayer) DType(policy symbolic.DTypePolicy) *SpatialDropout3DLayer {
	l.SetDType(policy)
	return l
}

// spatialDropout is what these layers share.
type spatialDropout[L symbolic.Layer] struct {
	elementwise[L]
	axes   int
	args   *spatialDropout1DConfig
	format *DataFormat // nil: the channels are last
}

func (l *spatialDropout[L]) start(self L, axes int, args *spatialDropout1DConfig, format *DataFormat, rate float64) {
	l.axes, l.args, l.format = axes, args, format
	args.DType.of = &args.LayerConfig
	l.init(self, &args.LayerConfig)
	args.Rate = rate
}

// Declare declares the generator.
func (l *spatialDropout[L]) Declare(b *symbolic.Builder, _ *symbolic.Inputs) error {
	return declareNoise(b, l.args.Rate, l.args.Seed)
}

// Infer returns floats of the input's shape.
func (l *spatialDropout[L]) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	return l.floatOutput(oneOfRank(in, l.axes+2))
}

// Validate reports arguments that Keras rejects.
func (c *spatialDropout1DConfig) Validate() error { return unit("rate", c.Rate) }

// Validate reports arguments that Keras rejects.
func (c *spatialDropoutConfig) Validate() error {
	if err := c.spatialDropout1DConfig.Validate(); err != nil {
		return err
	}
	return c.DataFormat.check()
}

// Call computes the layer.
func (l *spatialDropout[L]) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	rate, format := l.args.Rate, DataFormat(ChannelsLast)
	if l.format != nil {
		format = *l.format
	}
	if !c.Training || rate == 0 {
		return in
	}
	x := floats(c, in[0])
	channels, _ := format.axesOf(x.Rank() - 2)
	dims := x.Shape().Clone().Dimensions
	for axis := range dims {
		if axis != 0 && axis != channels {
			dims[axis] = 1
		}
	}
	return []*graph.Node{dropped(c, x, rate, dims)}
}
