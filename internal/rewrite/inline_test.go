package rewrite

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
)

// special are numbers that operations treat differently.
var special = []float32{0, float32(math.Copysign(0, -1)), 1, -1, 2, -2, 0.3, -0.7, 5, -5, 20, -20, 86.9, -86.9, 88.6, 1e-20, 1e20, -1e20, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}

// pairs are all pairs of those numbers, more than once.
func pairs() (x, y *tensors.Tensor) {
	n := len(special)
	xs, ys := make([]float32, 4*n*n), make([]float32, 4*n*n)
	for i := range xs {
		xs[i], ys[i] = special[i%n], special[i/n%n]
	}
	return tensors.FromFlatDataAndDimensions(xs, 4, n, n), tensors.FromFlatDataAndDimensions(ys, 4, n, n)
}

// TestElementwise compares each operation that steps have with XLA's, on special numbers too, and one of each as it may be repeated.
func TestElementwise(t *testing.T) {
	engine := xlaWithKernels(t)
	truth := func(x *graph.Node) *graph.Node { return graph.GreaterThan(x, graph.ScalarZero(x.Graph(), x.DType())) }
	whole := func(x *graph.Node, is int32) *graph.Node {
		return graph.Where(truth(x), graph.Const(x.Graph(), is), graph.Const(x.Graph(), int32(-2)))
	}
	type node = *graph.Node
	for name, form := range map[string]func(x, y node) node{
		"add":              graph.Add,
		"subtract":         graph.Sub,
		"multiply":         graph.Mul,
		"divide":           graph.Div,
		"maximum":          graph.Max,
		"minimum":          graph.Min,
		"negate":           func(x, y node) node { return graph.Neg(x) },
		"abs":              func(x, y node) node { return graph.Abs(x) },
		"sqrt":             func(x, y node) node { return graph.Neg(graph.Sqrt(x)) },
		"rsqrt":            func(x, y node) node { return graph.Neg(graph.Rsqrt(x)) },
		"exponential":      func(x, y node) node { return graph.Neg(graph.Exp(x)) },
		"logistic":         func(x, y node) node { return graph.Sigmoid(x) },
		"tanh":             func(x, y node) node { return graph.Neg(graph.Tanh(x)) },
		"erf":              func(x, y node) node { return graph.Neg(graph.Erf(x)) },
		"equal":            graph.Equal,
		"not equal":        graph.NotEqual,
		"less":             graph.LessThan,
		"less or equal":    graph.LessOrEqual,
		"greater":          graph.GreaterThan,
		"greater or equal": graph.GreaterOrEqual,
		"and":              func(x, y node) node { return graph.LogicalAnd(truth(x), truth(y)) },
		"or":               func(x, y node) node { return graph.LogicalOr(truth(x), truth(y)) },
		"xor":              func(x, y node) node { return graph.LogicalXor(truth(x), truth(y)) },
		"not":              func(x, y node) node { return graph.LogicalNot(truth(x)) },
		"select":           func(x, y node) node { return graph.Where(truth(x), x, y) },
		"select truths":    func(x, y node) node { return graph.Where(truth(x), truth(y), truth(x)) },
		"clamp":            func(x, y node) node { return graph.ClipScalar(x, -0.5, 3) },
		"float of truth":   func(x, y node) node { return graph.ConvertDType(truth(x), dtypes.Float32) },
		"whole numbers": func(x, y node) node {
			a, b := whole(x, 5), graph.MulScalar(whole(y, -6), -3)
			sum := graph.Sub(graph.Mul(graph.Add(a, b), graph.Max(a, b)), graph.Neg(graph.Min(a, b)))
			for _, is := range []node{graph.Equal(a, b), graph.NotEqual(a, b), graph.LessThan(a, b), graph.LessOrEqual(a, b), graph.GreaterThan(a, b), graph.GreaterOrEqual(sum, b)} {
				sum = graph.Where(is, graph.AddScalar(graph.MulScalar(sum, 3), 1), sum)
			}
			return graph.ConvertDType(sum, dtypes.Float32)
		},
		"along the first axes": func(x, y node) node {
			return graph.Mul(x, graph.BroadcastToDims(graph.Slice(y, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(3)), x.Shape().Dimensions...))
		},
		"along the middle axis": func(x, y node) node {
			return graph.Add(x, graph.BroadcastToDims(graph.Slice(y, graph.AxisElem(0), graph.AxisRange(), graph.AxisElem(3)), x.Shape().Dimensions...))
		},
		"along the last axis": func(x, y node) node {
			return graph.Add(x, graph.BroadcastToDims(graph.Slice(y, graph.AxisElem(0), graph.AxisElem(1), graph.AxisRange()), x.Shape().Dimensions...))
		},
		"along the outer axes": func(x, y node) node {
			return graph.Add(x, graph.BroadcastToDims(graph.Slice(y, graph.AxisRange(), graph.AxisElem(1), graph.AxisRange()), x.Shape().Dimensions...))
		},
		"a scalar": func(x, y node) node {
			return graph.Mul(x, graph.Reshape(graph.Slice(y, graph.AxisElem(1), graph.AxisElem(1), graph.AxisElem(1))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			x, y := pairs()
			inputs := []*tensors.Tensor{x, y}
			of := func(in []*graph.Node) []*graph.Node {
				v := form(in[0], in[1])
				return []*graph.Node{v, graph.ConvertDType(v, dtypes.Float32)}
			}
			plain := run(t, compiled(t, engine, of, inputs), engine, inputs)
			for level := kernels.AVX2; level <= kernels.Best(); level++ {
				counting := &counter{compiler: compiler{Backend: engine, level: level, small: true}}
				got := run(t, compiled(t, counting, of, inputs), engine, inputs)
				require.NotZero(t, counting.of[kernels.Elementwise])
				require.Zero(t, counting.operations["add"]+counting.operations["multiply"]+counting.operations["select"]+counting.operations["compare"])
				require.Equal(t, plain[0].Shape(), got[0].Shape())
				golden.Same(t, got[1:], plain[1:], golden.Tolerance{Abs: 1e-30, Rel: 1e-6})
			}
		})
	}
}

// TestInCallersThread leaves XLA few operations of small programs, and large ones and others as they are.
func TestInCallersThread(t *testing.T) {
	engine := xlaWithKernels(t)
	type node = *graph.Node
	wave := func(y node) node {
		return graph.Sin(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
	}
	for _, tc := range []struct {
		name string
		x    []int
		form func(x node) []node
		want map[string]int
	}{
		{"a chain", []int{30, 40}, func(x node) []node {
			return []node{graph.Tanh(graph.AddScalar(graph.Mul(x, x), 2))}
		}, map[string]int{kernels.Elementwise: 1}},
		{"few values", []int{4, 40}, func(x node) []node {
			return []node{graph.Tanh(graph.AddScalar(graph.Mul(x, x), 2))}
		}, nil},
		{"too many values", []int{6000, 400}, func(x node) []node {
			return []node{graph.Tanh(graph.AddScalar(graph.Mul(x, x), 2))}
		}, nil},
		{"another operation beside it", []int{30, 40}, func(x node) []node {
			return []node{graph.Tanh(x), graph.CumSum(x, 1)}
		}, nil},
		{"several results", []int{30, 40}, func(x node) []node {
			y := graph.Mul(x, x)
			z := graph.AddScalar(y, 1)
			return []node{y, z, graph.Div(x, z)}
		}, map[string]int{kernels.Elementwise: 1}},
		{"the same twice", []int{30, 40}, func(x node) []node {
			y := graph.AddScalar(graph.Mul(x, x), 1)
			return []node{y, y}
		}, map[string]int{kernels.Elementwise: 1}},
		{"a mean between", []int{1, 30, 40}, func(x node) []node {
			y := graph.Add(x, graph.Mul(x, x))
			return []node{graph.Sub(y, graph.ReduceAndKeep(y, graph.ReduceMean, 1))}
		}, map[string]int{kernels.Elementwise: 3, kernels.Sum: 1}},
		{"variances", []int{30, 40}, func(x node) []node {
			mean := graph.ReduceAndKeep(x, graph.ReduceMean, 0)
			return []node{graph.ReduceMean(graph.Square(graph.Sub(x, mean)), 0)}
		}, map[string]int{kernels.Sum: 2, kernels.Elementwise: 2}},
		{"a way out and back", []int{30, 40}, func(x node) []node {
			y := graph.AddScalar(graph.Mul(x, x), 1)
			turned := graph.Transpose(graph.Transpose(graph.Reverse(y, 1), 0, 1), 0, 1)
			return []node{graph.Add(y, turned)}
		}, map[string]int{kernels.Elementwise: 2}},
		{"a value that a loop uses", []int{40, 40}, func(x node) []node {
			g, by := x.Graph(), graph.MulScalar(x, 0.5)
			state := func(g *graph.Graph) (i, v node) {
				return graph.Parameter(g, "i", shapes.Make(dtypes.Float32)), graph.Parameter(g, "v", x.Shape())
			}
			more := graph.NewClosure(g, func(g *graph.Graph) []node {
				i, _ := state(g)
				return []node{graph.LessThan(i, graph.Const(g, float32(3)))}
			})
			turn := graph.NewClosure(g, func(g *graph.Graph) []node {
				i, v := state(g)
				return []node{graph.AddScalar(i, 1), graph.Dot(v, by).Product()}
			})
			return []node{graph.AddScalar(by, 3), graph.While(more, turn, graph.ScalarZero(g, dtypes.Float32), x)[1]}
		}, nil},
		{"another type", []int{30, 40}, func(x node) []node {
			return []node{graph.ConvertDType(graph.AddScalar(graph.ConvertDType(x, dtypes.Float64), 1), dtypes.Float32), graph.Add(x, x)}
		}, nil},
		{"bytes compared", []int{30, 40}, func(x node) []node {
			bytes := graph.ConvertDType(graph.MulScalar(graph.Abs(x), 100), dtypes.Uint8)
			return []node{graph.ConvertDType(graph.GreaterThan(bytes, graph.Const(x.Graph(), uint8(20))), dtypes.Float32)}
		}, nil},
		{"an order of all floats", []int{30, 40}, func(x node) []node {
			return []node{graph.Where(graph.LessOrEqualTotalOrder(x, graph.ScalarZero(x.Graph(), x.DType())), x, graph.MulScalar(x, 2))}
		}, nil},
		{"more values at once than there are registers", []int{30, 40}, func(x node) []node {
			var list []node
			for i := range kernels.Registers - 2 {
				list = append(list, graph.MulScalar(x, float64(i)+2))
			}
			sum := list[0]
			for i := range list {
				sum = graph.Add(sum, graph.Mul(list[i], list[len(list)-1-i]))
			}
			return []node{sum}
		}, nil},
		{"more calls than XLA's thread takes", []int{30, 40}, func(x node) []node {
			for range 2 * mostCalls {
				x = graph.Reverse(graph.AddScalar(x, 1), 1)
			}
			return []node{x}
		}, nil},
		{"more operands than a call takes", []int{30, 40}, func(x node) []node {
			sum := x
			for i := range 29 {
				sum = graph.Add(sum, graph.Concatenate([]node{graph.Slice(x, graph.AxisRange(i+1)), graph.Slice(x, graph.AxisRange(0, i+1))}, 0))
			}
			return []node{sum}
		}, nil},
		{"a dense layer with GELU", []int{1, 64}, func(x node) []node {
			w := graph.MulScalar(wave(graph.Zeros(x.Graph(), shapes.Make(dtypes.Float32, 64, 300))), 0.1)
			y := graph.DotGeneral(x, []int{1}, nil, w, []int{0}, nil)
			return []node{graph.Mul(graph.MulScalar(y, 0.5), graph.AddScalar(graph.Erf(graph.MulScalar(y, math.Sqrt2/2)), 1))}
		}, map[string]int{kernels.Dot: 1, kernels.Elementwise: 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inputs := []*tensors.Tensor{golden.RuleInput(0, tc.x...).Tensor(t)}
			form := func(in []*graph.Node) []*graph.Node { return tc.form(in[0]) }
			plain := run(t, compiled(t, engine, form, inputs), engine, inputs)
			counting := &counter{compiler: compiler{Backend: engine, level: kernels.Best(), small: true}}
			got := run(t, compiled(t, counting, form, inputs), engine, inputs)
			if tc.want != nil {
				require.Equal(t, tc.want, counting.of)
			} else {
				require.Zero(t, counting.of[kernels.Elementwise])
			}
			golden.Same(t, got, plain, golden.Tolerance{Abs: 1e-5, Rel: 1e-5})
		})
	}
}
