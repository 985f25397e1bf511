package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/symbolic"
)

// BatchNormalizationLayer is Keras's BatchNormalization: in training it gives each
// position of an axis the mean beta and the standard deviation gamma over the
// batch; otherwise it uses the moving averages of what it saw in training. A
// frozen layer (Trainable(false)) never trains.
type BatchNormalizationLayer struct {
	layer[*BatchNormalizationLayer]
	sampleWise
	symbolic.PassesMask
	cfg batchNormConfig
}

type batchNormConfig struct {
	symbolic.LayerConfig
	Axis int `keras:"axis" default:"-1"`
	batchStatistics
}

// batchStatistics are the arguments that don't say which axes are kept.
type batchStatistics struct {
	Momentum float64 `keras:"momentum" default:"0.99"`
	Epsilon  float64 `keras:"epsilon" default:"0.001"`
	scaleAndCenter
	MovingMeanInitializer     initializers.Initializer `keras:"moving_mean_initializer" default:"zeros"`
	MovingVarianceInitializer initializers.Initializer `keras:"moving_variance_initializer" default:"ones"`
	Synchronized              bool                     `keras:"synchronized"`
	Renorm                    bool                     `keras:"renorm"`
	RenormClipping            *RenormClipping          `keras:"renorm_clipping"`
	RenormMomentum            float64                  `keras:"renorm_momentum" default:"0.99"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return BatchNormalization() }) }

// BatchNormalization returns a layer that normalizes its inputs along the last
// axis (Keras: BatchNormalization()).
func BatchNormalization() *BatchNormalizationLayer {
	l := &BatchNormalizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KerasConfig returns the layer's configuration.
func (l *BatchNormalizationLayer) KerasConfig() any {
	if l.cfg.Renorm && l.cfg.RenormClipping == nil {
		l.cfg.RenormClipping = &RenormClipping{} // as Keras writes it
	}
	return &l.cfg
}

// Validate reports arguments that Keras rejects.
func (c *batchNormConfig) Validate() error {
	if c.Synchronized {
		return fmt.Errorf("argument synchronized=true is not supported: it is for training on several devices at once")
	}
	if c.Renorm && c.RenormClipping != nil {
		return c.RenormClipping.check()
	}
	return nil
}

// Infer returns the input's shape.
func (l *BatchNormalizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAsBuilt(in)
	if err != nil {
		return nil, err
	}
	return l.floatOutput(x, l.knownAxis(x, l.cfg.Axis))
}

// Declare declares gamma, beta, moving_mean and moving_variance, of shape
// (n,) each, and what batch renormalization adds.
func (l *BatchNormalizationLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	c := &l.cfg
	x := firstShape(in)
	axis, _ := x.Axis(c.Axis)
	c.declareAll(b, x[axis])
	return nil
}

// declareAll declares the weights, of that shape each.
func (c *batchStatistics) declareAll(b *symbolic.Builder, shape ...int) {
	c.declare(b, c.Scale, c.Center, shape...)
	fixed := func(name string, initializer initializers.Initializer) {
		b.Weight(symbolic.WeightSpec{Name: name, Shape: shape, Initializer: initializer, NonTrainable: true})
	}
	fixed("moving_mean", c.MovingMeanInitializer)
	fixed("moving_variance", c.MovingVarianceInitializer)
	if c.Renorm {
		fixed("moving_stddev", sqrtOf{c.MovingVarianceInitializer})
		fixed("renorm_mean", c.MovingMeanInitializer)
		fixed("renorm_stddev", sqrtOf{c.MovingVarianceInitializer})
	}
}

// OutputSteps says that added steps are left out of means and variances, unless these belong to steps.
func (l *BatchNormalizationLayer) OutputSteps(c *symbolic.Call) ([]*graph.Node, bool) {
	x, training := c.First()[0], c.Training && c.Trainable()
	return stepsAlone(c, behindSteps(x, l.cfg.Axis) && (!training || x.Rank() == 3))
}

// Call computes the layer.
func (l *BatchNormalizationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	return []*graph.Node{l.cfg.normalize(c, in[0], []int{graph.MustAdjustAxis(l.cfg.Axis, in[0])})}
}

// normalize normalizes x over all axes but those, which the weights have, perhaps beside others of size 1.
func (s *batchStatistics) normalize(c *symbolic.Call, x *graph.Node, axes []int) *graph.Node {
	// Halves would overflow in the sums.
	dtype := dtypes.Float32
	if x.DType() == dtypes.Float64 {
		dtype = dtypes.Float64
	}
	x = graph.ConvertDType(x, dtype)
	along := make([]int, x.Rank())
	var others []int
	for i := range along {
		if along[i] = 1; slices.Contains(axes, i) {
			along[i] = x.Shape().Dimensions[i]
		} else {
			others = append(others, i)
		}
	}
	kept := make([]int, len(axes)) // the shape of the moments
	for i, axis := range axes {
		kept[i] = along[axis]
	}
	shaped := func(x *graph.Node, dims []int) *graph.Node {
		if slices.Equal(x.Shape().Dimensions, dims) {
			return x
		}
		return graph.Reshape(x, dims...)
	}
	weight := func(name string) *graph.Node {
		return shaped(graph.ConvertDType(c.RawWeight(name), dtype), kept)
	}
	set := func(name string, value *graph.Node) {
		c.SetWeight(name, shaped(value, c.RawWeight(name).Shape().Dimensions))
	}

	var gamma, beta *graph.Node
	if s.Scale {
		gamma = weight("gamma")
	}
	if s.Center {
		beta = weight("beta")
	}
	mean, variance := weight("moving_mean"), weight("moving_variance")
	mask := c.Mask()
	if c.Training && c.Trainable() {
		mask = c.StepMask()
	}
	if mask != nil && mask.Rank() != x.Rank()-1 {
		panic(fmt.Errorf("the mask should be one dimension less than the inputs, received inputs of shape %s and a mask of shape %s",
			symbolic.Shape(x.Shape().Dimensions), symbolic.Shape(mask.Shape().Dimensions)))
	}
	if c.Training && c.Trainable() {
		batchMean, batchVariance := moments(x, mask, along, others)
		if s.Renorm {
			gamma, beta = s.renormalize(c, batchMean, batchVariance, gamma, beta)
		} else {
			set("moving_mean", moving(mean, batchMean, s.Momentum))
			set("moving_variance", moving(variance, batchVariance, s.Momentum))
		}
		mean, variance = batchMean, batchVariance
	}

	// graph.Rsqrt has no gradient.
	factor := graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, s.Epsilon)))
	if gamma != nil {
		factor = graph.Mul(factor, gamma)
	}
	shift := graph.Neg(graph.Mul(mean, factor))
	if beta != nil {
		shift = graph.Add(shift, beta)
	}
	y := graph.Add(graph.Mul(x, graph.Reshape(factor, along...)), graph.Reshape(shift, along...))
	return graph.ConvertDType(y, c.DType())
}

// moments returns the mean and the variance over some axes of x; along is the shape that they have with those axes. Of masked steps nothing counts.
func moments(x, mask *graph.Node, along, axes []int) (mean, variance *graph.Node) {
	average := func(x *graph.Node) *graph.Node { return graph.ReduceMean(x, axes...) }
	counted := func(x *graph.Node) *graph.Node { return x }
	if mask != nil {
		counts := graph.StopGradient(graph.BroadcastToDims(graph.InsertAxes(mask, -1), x.Shape().Dimensions...))
		const epsilon = 1e-7 // keras.config.epsilon()
		number := graph.AddScalar(graph.ReduceSum(graph.ConvertDType(counts, x.DType()), axes...), epsilon)
		average = func(x *graph.Node) *graph.Node { return graph.Div(graph.ReduceSum(x, axes...), number) }
		counted = func(x *graph.Node) *graph.Node { return graph.Where(counts, x, graph.ZerosLike(x)) }
	}
	mean = average(counted(x))
	centred := graph.Sub(x, graph.Reshape(mean, along...))
	variance = average(graph.Square(counted(centred)))
	if mask != nil {
		return mean, variance
	}
	// A change of the mean doesn't change the variance: the gradient needn't go that way, over the whole array, to find nothing.
	scale := 2 * float64(mean.Shape().Size()) / float64(x.Shape().Size())
	return mean, lowering.WithGradient(variance, func(d *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Mul(centred, graph.Reshape(graph.MulScalar(d, scale), along...))}
	}, x)
}

// moving moves an average towards a new value.
func moving(average, value *graph.Node, momentum float64) *graph.Node {
	return graph.StopGradient(graph.Add(graph.MulScalar(average, momentum), graph.MulScalar(value, 1-momentum)))
}
