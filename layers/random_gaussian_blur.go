package layers

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// RandomGaussianBlurLayer is Keras's RandomGaussianBlur: in training it blurs some images.
type RandomGaussianBlurLayer struct {
	augmentation[*RandomGaussianBlurLayer]
	cfg randomGaussianBlurConfig
}

type randomGaussianBlurConfig struct {
	symbolic.LayerConfig
	Factor     upTo   `keras:"factor" default:"1.0"`
	KernelSize [2]int `keras:"kernel_size" default:"3"`
	Sigma      upTo   `keras:"sigma" default:"1.0"`
	valueRange
	randomConfig
	imageConfig
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return RandomGaussianBlur() }) }

// RandomGaussianBlur returns a layer that in training blurs some images (Keras: RandomGaussianBlur(factor)): the probability is drawn between
// 0 and factor, 1 by default, or between two bounds; see KernelSize and Sigma. Otherwise it returns its inputs.
func RandomGaussianBlur(factor ...float64) *RandomGaussianBlurLayer {
	l := &RandomGaussianBlurLayer{}
	l.init(l, &l.cfg.LayerConfig)
	if len(factor) > 0 {
		l.Configure("factor", func() error { return l.cfg.Factor.set(factor...) })
	}
	return l
}

// Validate reports arguments that Keras rejects.
func (c *randomGaussianBlurConfig) Validate() error {
	for _, n := range c.KernelSize {
		if n < 1 || n > 255 || n%2 == 0 {
			return fmt.Errorf("kernel_size must be odd numbers, here up to 255, received: kernel_size=%v", c.KernelSize)
		}
	}
	return c.imageConfig.check()
}

func (l *RandomGaussianBlurLayer) draw(d draws, dims []int) transformation {
	chosen := d.chosen(l.cfg.Factor.bounds, dims)
	sigma := toCompute(d.c, d.uniform(l.cfg.Sigma.lower, l.cfg.Sigma.upper, 2))
	return transformation{"should_apply_blur": chosen, "blur_factor": graph.AddScalar(sigma, 1e-6)}
}

func (l *RandomGaussianBlurLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	y := x
	for i, axis := range spatialOf(l.cfg.DataFormat, x) { // the second size and sigma are those of the height
		size := l.cfg.KernelSize[1-i]
		sigma := graph.Reshape(graph.SliceAxis(toCompute(c, t["blur_factor"]), 0, graph.AxisRange(1-i, 2-i)))
		weights := make([]*graph.Node, size)
		var sum *graph.Node
		for k := range weights {
			z := graph.Div(graph.Scalar(x.Graph(), x.DType(), float64(k)-float64(size-1)/2), sigma)
			weights[k] = graph.Exp(graph.MulScalar(graph.Mul(z, z), -0.5))
			if sum == nil {
				sum = weights[k]
			} else {
				sum = graph.Add(sum, weights[k])
			}
		}
		y = window(y, axis, size, func(k int) *graph.Node {
			return graph.BroadcastToDims(graph.Div(weights[k], sum), x.Shape().Dimensions...)
		})
	}
	return l.cfg.ValueRange.clipped(graph.Where(across(t["should_apply_blur"], x), y, x))
}
