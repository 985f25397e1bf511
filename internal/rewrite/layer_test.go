package rewrite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// TestFolded compares layers, of random shapes, with what follows them where nothing is trained: a bias ("bias"), a factor and a shift for each filter, as
// BatchNormalization has them ("normal"), other values ("added") and a ReLU ("relu", "relu6"). None of it is left beside the call.
func TestFolded(t *testing.T) {
	engine := xlaWithKernels(t)
	random := rand.New(rand.NewPCG(1, 2))
	from := func(least, most int) int { return least + random.IntN(most-least+1) }
	for _, layer := range []struct {
		kind   string
		target string
		x      func() []int
		kernel func(channels, filters int) []int
		apply  func(x, kernel *graph.Node) *graph.Node
	}{
		{"convolution", kernels.Forward, func() []int { return []int{from(2, 4), from(8, 14), from(8, 14), from(1, 40)} },
			func(channels, filters int) []int { return []int{from(2, 3), from(2, 3), channels, filters} },
			func(x, kernel *graph.Node) *graph.Node { return convolved(2).Apply(x, kernel) }},
		{"dilated convolution", kernels.Forward, func() []int { return []int{from(2, 4), from(8, 14), from(8, 14), from(1, 40)} },
			func(channels, filters int) []int { return []int{from(2, 3), from(2, 3), channels, filters} },
			func(x, kernel *graph.Node) *graph.Node {
				c := convolved(2)
				c.Dilations = []int{2, 3}
				return c.Apply(x, kernel)
			}},
		{"sequence", kernels.Forward, func() []int { return []int{from(3, 5), from(40, 80), from(1, 20)} },
			func(channels, filters int) []int { return []int{from(2, 3), channels, filters} },
			func(x, kernel *graph.Node) *graph.Node { return convolved(1).Apply(x, kernel) }},
		{"pixels", kernels.Dot, func() []int { return []int{from(3, 5), from(8, 12), from(8, 12), from(20, 40)} },
			func(channels, filters int) []int { return []int{1, 1, channels, filters} },
			func(x, kernel *graph.Node) *graph.Node { return convolved(2).Apply(x, kernel) }},
		{"dense", kernels.Dot, func() []int { return []int{from(200, 300), from(20, 40)} },
			func(channels, filters int) []int { return []int{channels, filters} },
			func(x, kernel *graph.Node) *graph.Node {
				return graph.DotGeneral(x, []int{1}, nil, kernel, []int{0}, nil)
			}},
		{"depthwise", kernels.DepthwiseForward, func() []int { return []int{from(2, 4), from(8, 12), from(8, 12), from(8, 40)} },
			func(channels, filters int) []int { return []int{from(2, 3), from(2, 3), channels, 1} },
			func(x, kernel *graph.Node) *graph.Node { return convolved(2).Depthwise(x, kernel) }},
	} {
		for _, steps := range [][]string{
			{"bias"}, {"normal"}, {"bias", "relu"}, {"normal", "relu6"}, {"bias", "normal"}, {"bias", "normal", "relu"}, {"bias", "relu6"},
			{"added"}, {"added", "relu"}, {"bias", "added", "relu6"}, {"bias", "normal", "added", "relu"}, {"normal", "added"},
		} {
			if layer.target == kernels.DepthwiseForward && slices.Contains(steps, "added") {
				continue
			}
			x := layer.x()
			channels := x[len(x)-1]
			size := layer.kernel(channels, from(8, 70))
			filters := size[len(size)-1]
			if layer.target == kernels.DepthwiseForward {
				filters = channels
			}
			inputs := []*tensors.Tensor{golden.RuleInput(0, x...).Tensor(t), golden.RuleInput(1, size...).Tensor(t)}
			for i := range 5 {
				inputs = append(inputs, golden.RuleInput(2+i, filters).Tensor(t))
			}
			form := func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{followed(layer.apply(graph.MulScalar(in[0], 5), in[1]), in[2:], steps)}
			}
			title := fmt.Sprint(layer.kind, " ", x, " ", size, " ", steps)
			compareCalls(t, engine, form, inputs, 1, title)
			counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
			compiled(t, counting, form, inputs)
			require.Equal(t, map[string]int{layer.target: 1}, counting.of, title)
			require.Zero(t, counting.operations["select"]+counting.operations["compare"], title)
		}
	}
}

func convolved(axes int) lowering.ConvolutionND {
	return lowering.ConvolutionND{Strides: []int{1, 1}[:axes], Dilations: []int{1, 1}[:axes], Paddings: make([][2]int, axes), Groups: 1}
}

// followed is what stands behind a layer: v holds its bias, and beta, gamma, the mean and the variance.
func followed(y *graph.Node, v []*graph.Node, steps []string) *graph.Node {
	along := func(x *graph.Node) *graph.Node { return graph.ExpandLeftToRank(x, y.Rank()) }
	for _, step := range steps {
		switch step {
		case "bias":
			y = graph.Add(y, along(v[0]))
		case "normal":
			factor := graph.Mul(graph.Reciprocal(graph.Sqrt(graph.AddScalar(graph.Square(v[4]), 0.1))), v[2])
			y = graph.Add(graph.Mul(y, along(factor)), along(graph.Add(graph.Neg(graph.Mul(v[3], factor)), v[1])))
		case "added":
			y = graph.Add(y, graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType())))
		case "relu", "relu6": // as package activations has them
			zero, six := graph.ScalarZero(y.Graph(), y.DType()), graph.Scalar(y.Graph(), y.DType(), 6)
			rectified := graph.Where(graph.LessOrEqual(y, zero), zero, y)
			if step == "relu6" {
				rectified = graph.Where(graph.GreaterOrEqual(y, six), six, rectified)
			}
			y = rectified
		}
	}
	return y
}

// TestNotFolded leaves alone what only looks like what follows a layer.
func TestNotFolded(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := []*tensors.Tensor{golden.RuleInput(0, 2, 17, 17, 16).Tensor(t), golden.RuleInput(1, 2, 2, 16, 16).Tensor(t), golden.RuleInput(2, 16).Tensor(t)}
	for _, tc := range []struct {
		name string
		form func(y, v *graph.Node) []*graph.Node
	}{
		{"along the rows", func(y, v *graph.Node) []*graph.Node {
			return []*graph.Node{graph.Mul(y, graph.Reshape(v, 1, 16, 1, 1))}
		}},
		{"along the columns", func(y, v *graph.Node) []*graph.Node {
			return []*graph.Node{graph.Mul(y, graph.Reshape(v, 1, 1, 16, 1))}
		}},
		{"used before, too", func(y, v *graph.Node) []*graph.Node {
			return []*graph.Node{graph.Mul(y, graph.Reshape(v, 1, 1, 1, 16)), y}
		}},
		{"squared", func(y, v *graph.Node) []*graph.Node { return []*graph.Node{graph.Mul(y, y)} }},
		{"doubled", func(y, v *graph.Node) []*graph.Node { return []*graph.Node{graph.Add(y, y)} }},
		{"cut off below 6 alone", func(y, v *graph.Node) []*graph.Node {
			six := graph.Scalar(y.Graph(), y.DType(), 6)
			return []*graph.Node{graph.Where(graph.GreaterOrEqual(y, six), six, y)}
		}},
		{"cut off at 5", func(y, v *graph.Node) []*graph.Node {
			zero, five := graph.ScalarZero(y.Graph(), y.DType()), graph.Scalar(y.Graph(), y.DType(), 5)
			return []*graph.Node{graph.Where(graph.GreaterOrEqual(y, five), five, graph.Where(graph.LessOrEqual(y, zero), zero, y))}
		}},
	} {
		form := func(in []*graph.Node) []*graph.Node {
			return tc.form(convolved(2).Apply(graph.MulScalar(in[0], 5), in[1]), in[2])
		}
		compareCalls(t, engine, form, inputs, 1, tc.name)
		calls := map[string]kernels.Options{}
		g := graph.NewGraph(checked{compiler{Backend: engine, level: kernels.Best()}, calls}, tc.name)
		var nodes []*graph.Node
		for i, x := range inputs {
			nodes = append(nodes, graph.Parameter(g, fmt.Sprint("x", i), x.Shape()))
		}
		require.ErrorIs(t, g.Compile(form(nodes)...), errNotCompiled)
		require.Equal(t, map[string]kernels.Options{kernels.Forward: 0}, calls, tc.name)
	}
}
