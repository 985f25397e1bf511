package layers

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/symbolic"
)

// AugMixLayer is Keras's AugMix: in training it mixes images with what chains of operations make of them.
type AugMixLayer struct {
	augmentation[*AugMixLayer]
	cfg augMixConfig
}

type augMixConfig struct {
	symbolic.LayerConfig
	valueRange
	NumChains     int           `keras:"num_chains" default:"3"`
	ChainDepth    int           `keras:"chain_depth" default:"3"`
	Factor        upTo          `keras:"factor" default:"0.3"`
	Alpha         float64       `keras:"alpha" default:"1.0"`
	AllOps        bool          `keras:"all_ops" default:"true"`
	Interpolation Interpolation `keras:"interpolation" default:"bilinear"`
	randomConfig
	imageConfig
	inside []augmentStep
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return AugMix() }) }

// AugMix returns a layer that in training mixes a batch of images, of 3 channels, with what NumChains chains of up to ChainDepth operations, 3 and
// 3 by default, make of them, by random weights (Keras: AugMix()). Factor, from 0 to 0.3 by default, is the strength of the operations, which
// are those of [RandAugment]; without AllOps, brightness, color degeneration, contrast and sharpness are left out. Otherwise it returns
// its inputs. Which operations the chains have is drawn when a program is built, as where Keras compiles one; their strengths and weights are
// drawn for each batch.
func AugMix() *AugMixLayer {
	l := &AugMixLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// Validate reports arguments that Keras rejects, and makes the layers inside.
func (c *augMixConfig) Validate() error {
	switch {
	case c.NumChains < 1 || c.NumChains > 32:
		return fmt.Errorf("num_chains: got %d, want from 1 to 32", c.NumChains)
	case c.ChainDepth < 0 || c.ChainDepth > 32:
		return fmt.Errorf("chain_depth: got %d, want from 0 to 32", c.ChainDepth)
	case !(c.Alpha > 0 && c.Alpha <= maxStrength):
		return fmt.Errorf("alpha: got %v, want a positive number", c.Alpha)
	case c.inside != nil:
		return nil
	}
	if err := firstError(nearOrLinear(c.Interpolation), c.imageConfig.check()); err != nil {
		return err
	}
	names := []string{"random_shear", "random_translation", "random_rotation", "random_posterization", "solarization", "auto_contrast", "equalization"}
	if c.AllOps {
		names = append(names, "random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")
	}
	c.inside = stepsNamed(c.LayerConfig.DType, c.ValueRange, c.Factor.bounds, c.Interpolation, c.Seed, c.imageConfig, names...)
	return checkSteps(c.inside)
}

// Declare declares the generator and the layers inside.
func (l *AugMixLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	return l.declareSteps(b, in, l.cfg.inside)
}

func (l *AugMixLayer) draw(d draws, dims []int) transformation {
	alpha := graph.MulScalar(graph.Ones(d.c.Graph(), shapes.Make(dtypes.Float32, l.cfg.NumChains)), l.cfg.Alpha)
	one := part(alpha, 0, 0, 1)
	t := transformation{"chain_mixing_weights": graph.Softmax(d.logGamma(alpha)), "weight_sample": d.beta(one, one)}
	choose := rand.IntN
	if l.cfg.Seed != nil {
		choose = rand.New(rand.NewPCG(uint64(*l.cfg.Seed), 0)).IntN
	}
	for chain := range l.cfg.NumChains {
		for depth := range l.cfg.ChainDepth {
			k := choose(len(l.cfg.inside) + 1)
			if k == len(l.cfg.inside) {
				continue
			}
			s := l.cfg.inside[k]
			place := fmt.Sprintf("%d.%d.%s", chain, depth, s.name)
			t[place] = nil // it has a step there, though none of its numbers
			for name, v := range s.draw(d, dims) {
				t[place+"."+name] = v
			}
		}
	}
	return t
}

func (l *AugMixLayer) transform(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	y := l.mixed(c, x, t, func(s augmentStep, y *graph.Node, t transformation) *graph.Node {
		return toCompute(c, s.transform(c, y, t))
	})
	return l.cfg.ValueRange.clipped(y)
}

func (l *AugMixLayer) makesFloatMasks() {}

func (l *AugMixLayer) masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node {
	return l.mixed(c, x, t, func(s augmentStep, y *graph.Node, t transformation) *graph.Node {
		return changedMasks(c, s.augmenter, y, t)
	})
}

// mixed mixes x with what the chains make of it.
func (l *AugMixLayer) mixed(c *symbolic.Call, x *graph.Node, t transformation, do func(s augmentStep, y *graph.Node, t transformation) *graph.Node) *graph.Node {
	given := x
	x = toCompute(c, x)
	mixed := graph.ZerosLike(x)
	for chain := range l.cfg.NumChains {
		y := given
		for depth := range l.cfg.ChainDepth {
			for _, s := range l.cfg.inside {
				place := fmt.Sprintf("%d.%d.%s", chain, depth, s.name)
				if _, ok := t[place]; ok {
					y = do(s, y, t.of(place))
				}
			}
		}
		mixed = graph.Add(mixed, graph.Mul(toCompute(c, y), over(part(toCompute(c, t["chain_mixing_weights"]), 0, chain, 1), x)))
	}
	weight := over(toCompute(c, t["weight_sample"]), x)
	return graph.Add(graph.Mul(weight, x), graph.Mul(graph.OneMinus(weight), mixed))
}

// over spreads one number over images.
func over(v, x *graph.Node) *graph.Node {
	return graph.BroadcastToDims(graph.Reshape(v), x.Shape().Dimensions...)
}
