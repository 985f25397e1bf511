package rewrite

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// TestRewriting keeps the meaning of programs that look almost like those that kernels serve.
func TestRewriting(t *testing.T) {
	engine := xlaWithKernels(t)
	one := [2]int{1, 1}
	same := lowering.Convolution{Strides: one, Dilations: one, Paddings: [2][2]int{{1, 1}, {1, 1}}, Groups: 1}
	weighted := func(y *graph.Node) *graph.Node {
		return graph.ReduceAllSum(graph.Mul(y, graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))))
	}
	zero := func(y *graph.Node) *graph.Node { return graph.ScalarZero(y.Graph(), y.DType()) }
	pool := func(op compute.ReduceOpType, x *graph.Node, gaps, dilations []int) *graph.Node {
		return graph.BackendReduceWindow(x, op, poolWindow, poolWindow, gaps, dilations, make([][2]int, 4))
	}
	maxPool := func(x *graph.Node) *graph.Node { return pool(compute.ReduceOpMax, x, nil, nil) }
	// adam is a step for in = w, m, v, g; update is what w loses.
	adam := func(in []*graph.Node) (update, root, m, v *graph.Node) {
		m = graph.Add(in[1], graph.MulScalar(graph.Sub(in[3], in[1]), 0.1))
		v = graph.Add(in[2], graph.MulScalar(graph.Sub(graph.Mul(in[3], in[3]), in[2]), 0.001))
		root = graph.Sqrt(v)
		return graph.Div(graph.MulScalar(m, 0.01), graph.AddScalar(root, 1e-7)), root, m, v
	}
	images, kernel := []int{2, 8, 8, 16}, []int{3, 3, 16, 16}
	variable := []int{40, 3}
	for _, tc := range []struct {
		name  string
		sizes [][]int
		calls int
		form  func(in []*graph.Node) []*graph.Node
	}{
		{"a mask of another type", [][]int{images, kernel}, 1, func(in []*graph.Node) []*graph.Node {
			tokens := graph.AddScalar(graph.ConvertDType(graph.IotaFull(in[0].Graph(), in[0].Shape()), dtypes.Int32), -300)
			x := graph.Where(graph.LessOrEqual(tokens, zero(tokens)), zero(in[0]), in[0])
			return graph.Gradient(weighted(same.Apply(x, in[1])), in[0])
		}},
		{"something added along the columns", [][]int{{2, 6, 16, 16}, kernel, {16}}, 1, func(in []*graph.Node) []*graph.Node {
			b := graph.BroadcastToDims(graph.Reshape(in[2], 16, 1), 16, 16)
			return []*graph.Node{graph.Add(same.Apply(in[0], in[1]), graph.BroadcastPrefix(b, 2, 6))}
		}},
		{"two biases", [][]int{images, kernel, {16}, {1, 1, 1, 16}}, 3, func(in []*graph.Node) []*graph.Node {
			y := graph.Add(graph.Add(same.Apply(in[0], in[1]), graph.ExpandLeftToRank(in[2], 4)), in[3])
			return append([]*graph.Node{y}, graph.Gradient(weighted(y), in...)...)
		}},
		{"the convolution is a result, too", [][]int{images, kernel}, 3, func(in []*graph.Node) []*graph.Node {
			y := same.Apply(in[0], in[1])
			return append([]*graph.Node{y, relu(y)}, graph.Gradient(weighted(relu(y)), in...)...)
		}},
		{"one kernel twice", [][]int{images, kernel, {16}}, 6, func(in []*graph.Node) []*graph.Node {
			y := relu(graph.Add(same.Apply(in[0], in[1]), graph.ExpandLeftToRank(in[2], 4)))
			y = maxPool(relu(graph.Add(same.Apply(y, in[1]), graph.ExpandLeftToRank(in[2], 4))))
			return append([]*graph.Node{y}, graph.Gradient(weighted(y), in...)...)
		}},
		{"windows with gaps", [][]int{{2, 9, 9, 16}}, 0, func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{pool(compute.ReduceOpMax, in[0], nil, poolWindow)}
		}},
		{"an image with gaps", [][]int{{2, 2, 2, 16}}, 0, func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{pool(compute.ReduceOpMax, in[0], poolWindow, nil)}
		}},
		{"minima and maxima", [][]int{images}, 2, func(in []*graph.Node) []*graph.Node {
			least, most := pool(compute.ReduceOpMin, in[0], nil, nil), maxPool(in[0])
			return append([]*graph.Node{least, most}, graph.Gradient(graph.Add(weighted(most), graph.MulScalar(weighted(least), 3)), in[0])...)
		}},
		{"a pool after another's gradient", [][]int{images}, 4, func(in []*graph.Node) []*graph.Node {
			first := maxPool(in[0])
			gradient := graph.Gradient(weighted(first), in[0])[0]
			second := maxPool(in[0])
			return []*graph.Node{first, gradient, second, graph.Gradient(graph.MulScalar(weighted(second), 3), in[0])[0]}
		}},
		{"one output pooled twice", [][]int{images, kernel}, 7, func(in []*graph.Node) []*graph.Node {
			y := relu(same.Apply(in[0], in[1]))
			first, second := maxPool(y), maxPool(y)
			return append([]*graph.Node{first, second}, graph.Gradient(graph.Add(weighted(first), graph.MulScalar(weighted(second), 3)), in...)...)
		}},
		{"an order of all floats", [][]int{images, kernel}, 3, func(in []*graph.Node) []*graph.Node {
			y := same.Apply(in[0], in[1])
			y = graph.Where(graph.LessOrEqualTotalOrder(y, zero(y)), zero(y), y)
			return append([]*graph.Node{y}, graph.Gradient(weighted(y), in...)...)
		}},
		{"one function in two loops, one of which is dead", [][]int{{3, 3}, {2, 3}}, 1, func(in []*graph.Node) []*graph.Node {
			g, dtype := in[0].Graph(), in[0].DType()
			by := graph.MulScalar(in[0], 2) // which only the function uses
			counter := func(g *graph.Graph) (i, v *graph.Node) {
				return graph.Parameter(g, "i", shapes.Make(dtype)), graph.Parameter(g, "v", in[1].Shape())
			}
			goesOn := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
				i, _ := counter(g)
				return []*graph.Node{graph.LessThan(i, graph.Const(g, float32(3)))}
			})
			turn := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
				i, v := counter(g)
				return []*graph.Node{graph.Add(i, graph.Const(g, float32(1))), graph.Dot(v, by).Product()}
			})
			none := graph.ScalarZero(g, dtype)
			_ = graph.While(goesOn, turn, none, in[1])
			looped := graph.While(goesOn, turn, none, graph.AddScalar(in[1], 1))
			return []*graph.Node{looped[1], graph.DotGeneral(in[1], []int{1}, nil, in[0], []int{0}, nil)}
		}},
		{"Adam", [][]int{variable, variable, variable, variable}, 1, func(in []*graph.Node) []*graph.Node {
			update, _, m, v := adam(in)
			return []*graph.Node{graph.Sub(in[0], update), graph.Add(m, in[0]), v}
		}},
		{"the update of Adam is used", [][]int{variable, variable, variable, variable}, 0, func(in []*graph.Node) []*graph.Node {
			update, _, m, v := adam(in)
			return []*graph.Node{graph.Sub(in[0], update), m, v, graph.ReduceAllSum(graph.Square(update))}
		}},
		{"the root of Adam is used", [][]int{variable, variable, variable, variable}, 0, func(in []*graph.Node) []*graph.Node {
			update, root, m, v := adam(in)
			return []*graph.Node{graph.Sub(in[0], update), m, v, graph.Mul(root, root)}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var inputs []*tensors.Tensor
			for i, size := range tc.sizes {
				x := golden.RuleInput(i, size...).Tensor(t)
				require.NoError(t, tensors.MutableFlatData(x, func(flat []float32) {
					for k := range flat {
						if i == 2 { // a velocity isn't negative
							flat[k] = float32(math.Abs(float64(flat[k])))
						}
					}
				}))
				inputs = append(inputs, x)
			}
			want := run(t, compiled(t, engine, tc.form, inputs), engine, inputs)
			counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best()}}
			got := run(t, compiled(t, counting, tc.form, inputs), engine, inputs)
			require.Equal(t, tc.calls, counting.calls)
			golden.Same(t, got, want, golden.Tolerance{Abs: 2e-5, Rel: 1e-5})
		})
	}
}

// TestUndo leaves a program as it was.
func TestUndo(t *testing.T) {
	engine := xlaWithKernels(t)
	b := engine.Builder("test")
	x, err := b.Main().Parameter("x", golden.RuleInput(0, 2).Tensor(t).Shape(), nil)
	require.NoError(t, err)
	y, err := b.Main().Neg(x)
	require.NoError(t, err)
	z, err := b.Main().Abs(y)
	require.NoError(t, err)
	require.NoError(t, b.Main().Return([]compute.Value{z}, nil))
	p := programOf(b)
	require.True(t, p.ordered())
	undo := p.save()
	s := p.main.Statements
	s[0].Inputs[0] = s[1].Outputs[0]
	s[0].Attributes = map[string]any{"call_target_name": "gokeras.test"}
	require.False(t, p.ordered())
	p.main.Statements = s[1:] // and what is used has no statement
	require.False(t, p.ordered())
	undo()
	require.True(t, p.ordered())
	require.Empty(t, p.main.Statements[0].Attributes)
}

// TestKernelsVariable names the right values of GOKERAS_KERNELS.
func TestKernelsVariable(t *testing.T) {
	engine := xlaWithKernels(t)
	inputs := parameters(t, []int{1, 4, 4, 16}, [2]int{3, 3}, 16)
	form := stack(lowering.Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Groups: 1}, "conv")
	for value, level := range map[string]kernels.Level{"off": kernels.None, "avx2": kernels.AVX2, "": kernels.Best()} {
		t.Setenv("GOKERAS_KERNELS", value)
		require.Equal(t, level, Compiler(engine).(compiler).level)
	}
	t.Setenv("GOKERAS_KERNELS", "avx")
	g := graph.NewGraph(Compiler(engine), "test")
	nodes := make([]*graph.Node, len(inputs))
	for i, x := range inputs {
		nodes[i] = graph.Parameter(g, string(rune('a'+i)), x.Shape())
	}
	require.ErrorContains(t, g.Compile(form(nodes)...), `GOKERAS_KERNELS is "avx", want "off", "avx2" or "avx512"`)
}
