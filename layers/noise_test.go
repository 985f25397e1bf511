package layers

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/symbolic"
)

func spread(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values))
	}
	return mean, math.Sqrt(deviation)
}

// TestNoiseDistribution requires the means and deviations that Keras's noise has in training.
func TestNoiseDistribution(t *testing.T) {
	const rows, columns = 200, 100
	alpha := 1.6732632423543772 * 1.0507009873554805
	a := 1 / math.Sqrt(0.7*(1+0.3*alpha*alpha))
	floor, kept := a*(0.3*alpha-alpha), a*(2+0.3*alpha) // of inputs of 2
	for _, c := range []struct {
		name            string
		layer           applied
		mean, deviation float64
		gradient        func(y, gradient float64) bool
	}{
		{"noise", GaussianNoise(0.5).Seed(7), 2, 0.5, func(_, g float64) bool { return g == 1 }},
		{"dropout", GaussianDropout(0.2).Seed(7), 2, 2 * 0.5, func(y, g float64) bool { return math.Abs(y-2*g) < 1e-5 }},
		{"alpha dropout", AlphaDropout(0.3).Seed(7), 0.3*floor + 0.7*kept, (kept - floor) * math.Sqrt(0.21), func(y, g float64) bool {
			return math.Abs(y-floor) < 1e-5 && g == 0 || math.Abs(y-kept) < 1e-5 && math.Abs(g-a) < 1e-5
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.layer.Apply(functional.Input(columns)).Err())
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				x := tensors.FromScalarAndDimensions(float32(2), rows, columns)
				y, gradients := run(t, engine, c.layer, true, x)
				mean, deviation := spread(y)
				require.InDelta(t, c.mean, mean, 5*c.deviation/math.Sqrt(rows*columns))
				require.InDelta(t, c.deviation, deviation, 0.03*c.deviation)
				for i := range y {
					require.True(t, c.gradient(y[i], gradients[i]), "output %v, gradient %v", y[i], gradients[i])
				}
				again, _ := run(t, engine, c.layer, true, x)
				require.Equal(t, y, again, "the state of the generator didn't move, so the draw is the same")
				same, _ := run(t, engine, c.layer, false, x)
				require.Equal(t, golden.Floats(t, x), same)
			})
		})
	}
}

// TestSpatialDropout requires that whole channels are dropped or kept.
func TestSpatialDropout(t *testing.T) {
	const samples, channels = 40, 25
	for _, c := range []struct {
		name  string
		layer applied
		shape []int
		last  bool
	}{
		{"1", SpatialDropout1D(0.4).Seed(3), []int{6, channels}, true},
		{"2", SpatialDropout2D(0.4).Seed(3), []int{3, 2, channels}, true},
		{"2, channels first", SpatialDropout2D(0.4).Seed(3).DataFormat(ChannelsFirst), []int{channels, 3, 2}, false},
		{"3", SpatialDropout3D(0.4).Seed(3), []int{1, 3, 2, channels}, true},
		{"3, channels first", SpatialDropout3D(0.4).Seed(3).DataFormat(ChannelsFirst), []int{channels, 1, 3, 2}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.layer.Apply(functional.Input(c.shape...)).Err())
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				y, gradients := run(t, engine, c.layer, true, tensors.FromScalarAndDimensions(float32(3), append([]int{samples}, c.shape...)...))
				require.InDeltaSlice(t, y, scaledBy(gradients, 3), 1e-5)
				kept := 0
				for sample := range samples {
					for channel := range channels {
						first := -1.0
						for i := range 6 {
							at := i*channels + channel
							if !c.last {
								at = channel*6 + i
							}
							v := y[sample*6*channels+at]
							if first < 0 {
								first = v
							}
							require.Equal(t, first, v)
						}
						if first != 0 {
							require.InDelta(t, 5, first, 1e-5)
							kept++
						}
					}
				}
				require.InDelta(t, 0.6, float64(kept)/(samples*channels), 5*math.Sqrt(0.24/(samples*channels)))
			})
		})
	}
}

func scaledBy(values []float64, factor float64) []float64 {
	scaled := make([]float64, len(values))
	for i, v := range values {
		scaled[i] = v * factor
	}
	return scaled
}

// TestNothingLeft requires an error where a rate of 1 leaves nothing that could be scaled up: Keras divides by zero.
func TestNothingLeft(t *testing.T) {
	golden.OnGo(t)
	for _, l := range []applied{GaussianDropout(1), AlphaDropout(1)} {
		require.NoError(t, l.Apply(functional.Input(2)).Err())
		err := catch.Panic(func() error {
			g := graph.NewGraph(golden.Engines(t)[0].Backend, "rate")
			defer g.Finalize()
			pass := symbolic.NewPass(g, true, map[*symbolic.Weight]*graph.Node{})
			pass.Apply(l, []any{graph.Const(g, [][]float32{{1, 2}})}, nil)
			return nil
		})
		require.ErrorContains(t, err, "rate")
	}
}
