package kerasops

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
)

func init() {
	define("image", "ElasticTransform", "images", "alpha=20.0 sigma=5.0 interpolation=\"bilinear\" fill_mode=\"reflect\" fill_value=0.0 seed=null data_format=null", func(c *call) []Spec {
		s := c.typed("images", resolved)
		p := c.picture(s.Shape)
		if s.DType != "float32" && s.DType != "float64" { // Keras computes with halves throughout, even where it moves pixels to
			fail("got images of type %s, want float32 or float64", s.DType)
		}
		for _, d := range []int{s.Shape[p.height], s.Shape[p.width]} {
			if d != None && d < 2 {
				fail("got images of shape %s, want at least two pixels along each side", ShapeText(s.Shape))
			}
		}
		c.sampling(c.config["fill_mode"], lowering.Modes...)
		c.elastic()
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		how := c.sampling(c.config["fill_mode"], lowering.Modes...)
		alpha, sigma, key := c.elastic()
		weights := gaussian(int(6*sigma)|1, sigma)
		return c.moved(func(x *graph.Node) *graph.Node {
			dims := x.Shape().Dimensions[:3]
			noise := graph.MulScalar(normals(c.g, key, dims...), sigma)
			shift := graph.MulScalar(weigh(weigh(noise, 1, weights), 2, weights), alpha)
			at := func(axis int) *graph.Node { // Keras draws both directions from one seed, which makes them the same
				return graph.Add(graph.Iota(c.g, shift.Shape(), axis), shift)
			}
			return lowering.Sample(x, []*graph.Node{at(1), at(2)}, how)
		})
	})
}

// elastic are the arguments of ElasticTransform.
func (c *call) elastic() (alpha, sigma float64, key [2]uint32) {
	alpha, sigma = c.floatParam("alpha"), c.floatParam("sigma")
	if !(sigma > 0) || 6*sigma >= 1<<10 {
		fail("sigma: got %v, want a number above 0 and below %d", sigma, (1<<10)/6)
	}
	if math.IsNaN(alpha) || math.IsInf(alpha, 0) {
		fail("alpha: got %v, want a number", alpha)
	}
	seed, ok := config.AsInt(c.config["seed"])
	if !ok || seed < 0 || seed > math.MaxUint32 {
		fail("seed: got %v, want a whole number from 0 to %d", c.config["seed"], uint32(math.MaxUint32))
	}
	return alpha, sigma, [2]uint32{uint32(seed), 0}
}

// normals are JAX's normal random numbers for a key, float32.
func normals(g *graph.Graph, key [2]uint32, dims ...int) *graph.Node {
	const mantissa = 23
	word := graph.BitwiseShiftRightLogical(lowering.Threefry(g, key, dims...), graph.Scalar(g, dtypes.Uint32, 32-mantissa))
	unit := graph.MulScalar(graph.ConvertDType(graph.ConvertDType(word, dtypes.Int32), dtypes.Float32), math.Ldexp(1, -mantissa))
	least := broadcastTo(graph.Scalar(g, dtypes.Float32, math.Ldexp(1, -mantissa-1)-1), dims)
	return graph.MulScalar(erfinv(graph.Max(graph.Add(graph.MulScalar(unit, 2), least), least)), math.Sqrt2)
}
