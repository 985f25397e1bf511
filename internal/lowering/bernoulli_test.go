package lowering

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

// plainBernoulli is Bernoulli by the engine's own generator.
func plainBernoulli(state *graph.Node, p float64, dims ...int) *graph.Node {
	_, u := graph.RandomUniform(state, shapes.Make(dtypes.Float32, dims...))
	return graph.LessThan(u, graph.Scalar(u.Graph(), u.DType(), p))
}

// drawBernoulli returns one draw's deviations from the mean, in standard deviations.
func drawBernoulli(t *testing.T, engine compute.Backend, state []uint64, p float64, dims ...int) []float64 {
	t.Helper()
	out, err := graph.CallOnce(engine, func(state *graph.Node) *graph.Node { return Bernoulli(state, p, dims...) }, state)
	require.NoError(t, err)
	require.Equal(t, dims, out.Shape().Dimensions)
	values := golden.Floats(t, out)
	for i, v := range values {
		values[i] = (v - p) / math.Sqrt(p*(1-p))
	}
	return values
}

// fewDeviations bounds a sum of n independent values of mean 0 and variance 1.
func fewDeviations(t *testing.T, sum float64, n int, what string, args ...any) {
	t.Helper()
	require.InDelta(t, 0, sum/math.Sqrt(float64(n)), 5, fmt.Sprintf(what, args...))
}

func product(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// TestBernoulliDistribution: the booleans have the mean wanted, in every part of the draw, and know nothing of each other.
func TestBernoulliDistribution(t *testing.T) {
	const rows, columns = 512, 512
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for _, p := range []float64{0.02, 0.5, 0.7, 0.98} {
			for seed := range uint64(4) {
				x := drawBernoulli(t, engine, []uint64{seed, 1, seed}, p, rows, columns)
				ones := make([]float64, len(x))
				spread := 0.0
				for i := range ones {
					ones[i] = 1
				}
				fewDeviations(t, product(x, ones), len(x), "mean, p=%v, seed %d", p, seed)
				const parts = 64
				part := len(x) / parts
				for k := range parts {
					m := product(x[k*part:(k+1)*part], ones)
					fewDeviations(t, m, part, "mean of part %d, p=%v, seed %d", k, p, seed)
					spread += m * m / float64(part)
				}
				// The parts' means scatter as those of independent values do: χ² of 64 degrees of freedom.
				require.InDelta(t, parts, spread, 5*math.Sqrt(2*parts), "scatter of the parts, p=%v, seed %d", p, seed)
				for _, lag := range []int{1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 64, 100, 256, columns, columns + 1, 2 * columns, 1 << 14, 1 << 16} {
					fewDeviations(t, product(x[lag:], x[:len(x)-lag]), len(x)-lag, "lag %d, p=%v, seed %d", lag, p, seed)
				}
			}
		}
	})
}

// TestBernoulliDraws: draws of neighbouring seeds and counts are independent.
func TestBernoulliDraws(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		const p, size = 0.7, 1 << 16
		var draws [][]float64
		for a := range uint64(3) {
			for b := range uint64(3) {
				draws = append(draws, drawBernoulli(t, engine, []uint64{a, b, 5}, p, size), drawBernoulli(t, engine, []uint64{a, 1 << 63, b}, p, size))
			}
		}
		for i, x := range draws {
			for k, y := range draws[:i] {
				fewDeviations(t, product(x, y), size, "draws %d and %d", i, k)
			}
		}
	})
}

// TestBernoulliIsFixed: a saved model drops the same elements wherever it is trained on.
func TestBernoulliIsFixed(t *testing.T) {
	var first []float64
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		x := drawBernoulli(t, engine, []uint64{1, math.MaxUint64, 3}, 0.5, 3, 40)
		if first == nil {
			first = x
		}
		require.Equal(t, first, x)
	})
	bits := ""
	for _, v := range first[:32] {
		bits += map[bool]string{true: "1", false: "0"}[v > 0]
	}
	require.Equal(t, "10001100001000000101100011001010", bits)
}

// TestBernoulliExtremes: probabilities so close to 0 or 1 that nothing differs, and shapes of one and of no element.
func TestBernoulliExtremes(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		out, err := graph.CallOnceN(engine, func(state *graph.Node) []*graph.Node {
			return []*graph.Node{Bernoulli(state, 1-1e-12, 1000), Bernoulli(state, 1e-12, 1000), Bernoulli(state, 0.5), Bernoulli(state, 0.5, 2, 0)}
		}, []uint64{1, 2, 3})
		require.NoError(t, err)
		for _, v := range golden.Floats(t, out[0]) {
			require.Equal(t, 1.0, v)
		}
		for _, v := range golden.Floats(t, out[1]) {
			require.Zero(t, v)
		}
		require.True(t, out[2].IsScalar())
		require.Zero(t, out[3].Size())
	})
}

// BenchmarkBernoulli times a dropout and its gradient.
func BenchmarkBernoulli(b *testing.B) {
	for _, engine := range golden.Engines(b) {
		for _, s := range [][]int{{64, 32, 32, 32}, {64, 2048}} {
			for name, draw := range map[string]func(state *graph.Node, p float64, dims ...int) *graph.Node{"plain": plainBernoulli, "lowered": Bernoulli} {
				b.Run(fmt.Sprint(engine.Name, s, "/", name), func(b *testing.B) {
					benchmark(b, engine.Backend, func(x, seed *graph.Node) *graph.Node {
						state := graph.ConvertDType(graph.MulScalar(seed, 1e6), dtypes.Uint64)
						return graph.Where(draw(state, 0.7, s...), graph.MulScalar(x, 1/0.7), graph.ZerosLike(x))
					}, golden.RuleInput(0, s...).Tensor(b), golden.RuleInput(1, 3).Tensor(b))
				})
			}
		}
	}
}
