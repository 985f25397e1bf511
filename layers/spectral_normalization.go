package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// SpectralNormalizationLayer is Keras's SpectralNormalization.
type SpectralNormalizationLayer struct {
	layer[*SpectralNormalizationLayer]
	cfg    spectralNormalizationConfig
	kernel string // the name of the weight that is normalized
}

type spectralNormalizationConfig struct {
	WrapperConfig
	PowerIterations int `keras:"power_iterations" default:"1"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return SpectralNormalization(nil) }) }

// SpectralNormalization returns a layer that applies another one, and in training divides its kernel, or its table of embeddings, by
// the kernel's largest singular value first (Keras: SpectralNormalization(layer)). That value is approached by power iterations
// from step to step. As with Keras on JAX, a training step computes with the divided kernel, but the optimizer changes the kernel as it was, which is also what
// Evaluate and Predict use; a frozen kernel stays divided. The output has the inputs' type.
func SpectralNormalization(layer symbolic.Layer) *SpectralNormalizationLayer {
	l := &SpectralNormalizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	l.cfg.Layer = layer
	return l
}

// maxPowerIterations bounds the program, in which each iteration stands by itself.
const maxPowerIterations = 1000

// Validate reports arguments that Keras rejects.
func (c *spectralNormalizationConfig) Validate() error {
	switch {
	case c.PowerIterations <= 0:
		return fmt.Errorf("`power_iterations` should be greater than zero, received: `power_iterations=%d`", c.PowerIterations)
	case c.PowerIterations > maxPowerIterations:
		return fmt.Errorf("more than %d power iterations aren't supported, received: `power_iterations=%d`", maxPowerIterations, c.PowerIterations)
	}
	return c.WrapperConfig.Validate()
}

// Infer returns the output of the layer inside, which must be one.
func (l *SpectralNormalizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	if err != nil {
		return nil, err
	}
	if err := minRank(x.Shape, 1); err != nil {
		return nil, err
	}
	if l.Built() { // Keras wants the last axis to stay, even where the layer inside doesn't care
		if built := l.BuiltShapes()[0]; !symbolic.Compatible(built[len(built)-1:], x.Shape[len(x.Shape)-1:]) {
			return nil, fmt.Errorf("input is incompatible with the layer: expected axis -1 of input shape to have value %d, but received input with shape %s", built[len(built)-1], x.Shape)
		}
	}
	out, err := l.InferInner(l.cfg.Layer, x)
	if err != nil {
		return nil, err
	}
	if len(out) != 1 {
		return nil, fmt.Errorf("layer %q has %d outputs, want one", l.cfg.Layer.Base().Name(), len(out))
	}
	return []symbolic.Spec{l.Floats(out[0].Shape)}, nil
}

// Declare declares the inner layer and vector_u, of shape (1, last axis of the kernel), from which the power iterations go on.
func (l *SpectralNormalizationLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	inner := l.cfg.Layer
	if b.Track("layer", inner, in.First()[0]) == nil {
		return nil // the builder has the error
	}
	for _, name := range []string{"kernel", "embeddings"} {
		if w := b.Share(inner, name); w != nil {
			l.kernel = name
			shape := w.Shape()
			b.Weight(symbolic.WeightSpec{Name: "vector_u", Shape: []int{1, shape[len(shape)-1]}, NonTrainable: true, DType: w.DType(),
				Initializer: initializers.TruncatedNormal().Stddev(0.02)})
			return nil
		}
	}
	return fmt.Errorf("%s object has no attribute 'kernel' nor 'embeddings'", inner.KerasClass().Name)
}

// SamplesAlone reports whether the inner layer computes each sample alone.
func (l *SpectralNormalizationLayer) SamplesAlone() bool { return symbolic.SamplesAlone(l.cfg.Layer) }

// Call computes the layer.
func (l *SpectralNormalizationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := in[0]
	if c.Training {
		l.normalize(c)
	}
	return []*graph.Node{ndarray.Cast(c.Apply(l.cfg.Layer, x)[0], x.DType())}
}

// normalize divides the kernel by its largest singular value, unless all of it is 0.
func (l *SpectralNormalizationLayer) normalize(c *symbolic.Call) {
	kernel, u := c.WeightOf(l.cfg.Layer, l.kernel), c.Weight("vector_u")
	dims := kernel.Shape().Dimensions
	w := graph.Reshape(kernel, -1, dims[len(dims)-1])
	unit := func(x *graph.Node) *graph.Node {
		return graph.Mul(x, graph.MinScalar(graph.Rsqrt(graph.ReduceAllSum(graph.Square(x))), 1e7))
	}
	times := func(x *graph.Node, axis int) *graph.Node { // x·w, or x·wᵀ for axis 1
		return graph.DotGeneral(x, []int{1}, nil, w, []int{axis}, nil)
	}
	next, v := u, u
	for range l.cfg.PowerIterations {
		v = unit(times(next, 1))
		next = unit(times(v, 0))
	}
	next, v = graph.StopGradient(next), graph.StopGradient(v)
	sigma := graph.ReduceAllSum(graph.Mul(times(v, 0), next))
	empty := graph.LogicalAll(graph.Equal(kernel, graph.ZerosLike(kernel)))
	// The kernel itself is what the gradient meets where all is 0, and no division by 0.
	sigma = graph.Where(empty, graph.OnesLike(sigma), sigma)
	c.SetWeight("vector_u", graph.Where(empty, u, next))
	c.SetWeightOf(l.cfg.Layer, l.kernel, graph.Div(kernel, graph.BroadcastToDims(sigma, dims...)))
}
