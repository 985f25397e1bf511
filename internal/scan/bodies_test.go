package scan

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/golden"
)

// TestGradientOfGradient differentiates gradients, which are loops themselves.
func TestGradientOfGradient(t *testing.T) {
	cases := map[string]loopCase{}
	for _, name := range []string{"a recurrent cell", "kept values", "products with biases", "a parameter that broadcasts, reductions"} {
		cases[name] = loopCases[name]
	}
	twice := func(c loopCase, l Loop, in []*graph.Node) []*graph.Node {
		all := c.build(l, in)
		first := all[len(all)-len(in):]
		return graph.Gradient(weighted(first), in...)
	}
	engines := golden.Engines(t)
	want := run(t, engines[0].Backend, cases, enough, true, twice)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		got := run(t, engine, cases, enough, false, twice)
		for name := range want {
			requireSame(t, name, want[name], got[name], 1e-11)
		}
	})
}

// TestBodiesThatCantBeFunctions has them unrolled. The pure-Go engine can sort in a loop.
func TestBodiesThatCantBeFunctions(t *testing.T) {
	square := [][]int{{2, 3}}
	for name, tc := range map[string]struct {
		loopCase
		onGo, elsewhere int // loops that there are then
	}{
		"a node from around it": {loopCase{states: square, inputs: square}, 0, 0},
		"sorting": {loopCase{states: square, inputs: square, body: func(s *Step) (states, outputs []*graph.Node) {
			sorted := graph.StopGradient(graph.Sort(s.States[0], 1, true)) // it has no gradient
			return []*graph.Node{graph.Sub(s.States[0], graph.Mul(s.Inputs[0], sorted))}, nil
		}}, 2, 0},
		"a loop": {loopCase{states: square, inputs: [][]int{{enough, 2, 3}}, body: func(s *Step) (states, outputs []*graph.Node) {
			inner := Loop{Steps: enough, States: s.States, Inputs: s.Inputs}
			states, _ = inner.Run(func(s *Step) (states, outputs []*graph.Node) {
				return []*graph.Node{graph.Sin(graph.Add(s.States[0], s.Inputs[0]))}, nil
			})
			return states, nil
		}}, 2 * enough, 2 * enough},
	} {
		build := func(l Loop, in []*graph.Node) []*graph.Node {
			c := tc.loopCase
			if c.body == nil {
				around := graph.Exp(in[0])
				c.body = func(s *Step) (states, outputs []*graph.Node) {
					return []*graph.Node{graph.Mul(graph.Sin(graph.Add(s.States[0], s.Inputs[0])), around)}, nil
				}
			}
			return c.build(l, in)
		}
		t.Run(name, func(t *testing.T) {
			results := func(engine compute.Backend, unroll bool, loops int) [][]float64 {
				out, err := graph.CallOnceN(engine, func(in []*graph.Node) []*graph.Node {
					list := build(Loop{Steps: enough, Unroll: unroll}, in)
					if made := whiles(in[0].Graph()); made != loops {
						t.Errorf("%d loops, want %d", made, loops)
					}
					return list
				}, tc.arguments(enough, dtypes.Float64)...)
				require.NoError(t, err)
				return floats(t, out)
			}
			for _, e := range golden.Engines(t) {
				side := 0 // of steps side by side
				if name == "a loop" {
					side = 2 * enough
				}
				made := tc.elsewhere
				if e.Name == "go" {
					made = tc.onGo
				}
				requireSame(t, e.Name, results(e.Backend, true, side), results(e.Backend, false, made), 1e-12)
			}
		})
	}
}

// TestConvolutionsInLoops are unrolled on XLA's CPU plugin alone.
func TestConvolutionsInLoops(t *testing.T) {
	c := loopCase{states: [][]int{{1, 4, 4, 2}}, inputs: [][]int{{1, 4, 4, 2}}, params: [][]int{{3, 3, 2, 2}}, body: func(s *Step) (states, outputs []*graph.Node) {
		y := graph.Convolve(s.States[0], s.Params[0]).PadSame().Done()
		return []*graph.Node{graph.Tanh(graph.Add(y, s.Inputs[0]))}, nil
	}}
	var want [][]float64
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		out, err := graph.CallOnceN(engine, func(in []*graph.Node) []*graph.Node {
			results := c.build(Loop{Steps: enough}, in)
			if made := whiles(in[0].Graph()); (made == 0) != (engine != golden.Engines(t)[0].Backend) {
				t.Errorf("%d loops", made)
			}
			return results
		}, c.arguments(enough, dtypes.Float32)...)
		require.NoError(t, err)
		if want == nil {
			want = floats(t, out)
		}
		requireSame(t, "convolutions", want, floats(t, out), 1e-4)
	})
}

// TestInside has a loop in a function refused, if it is long.
func TestInside(t *testing.T) {
	sum := func(s *Step) (states, outputs []*graph.Node) {
		return []*graph.Node{graph.Add(s.States[0], s.Inputs[0])}, nil
	}
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for steps, want := range map[int]error{2: nil, enough: ErrInside} {
			g := graph.NewGraph(engine, "inside")
			x := graph.Parameter(g, "x", shapes.Make(dtypes.Float32, steps))
			_, err := apart(g, func(g *graph.Graph) []*graph.Node {
				l := Loop{Steps: steps, States: []*graph.Node{graph.Const(g, float32(0))}, Inputs: []*graph.Node{graph.Parameter(g, "y", x.Shape())}}
				states, _ := l.Run(sum)
				return states
			})
			require.Equal(t, want, err, "%d steps", steps)
		}
	})
}

// TestProgramsStaySmall compares programs for 40 and for 400 steps.
func TestProgramsStaySmall(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for name, n := range networks {
			var sizes []graph.NodeId
			for _, n.time = range []int{40, 400} {
				g := graph.NewGraph(engine, name)
				var in []*graph.Node
				for _, x := range n.arguments() {
					in = append(in, graph.Parameter(g, g.UniqueName("x"), x.(*tensors.Tensor).Shape()))
				}
				n.step(in)
				sizes = append(sizes, g.LastNode().Id())
			}
			require.Equal(t, sizes[0], sizes[1], "%s: nodes of a step of training", name)
		}
	})
}

// TestLongLSTM has the gradients through 400 steps those of the steps side by side.
func TestLongLSTM(t *testing.T) {
	const steps, batch, features, units = 400, 2, 2, 3
	layer := func(engine compute.Backend, unroll bool) [][]float64 {
		var args []any
		for i, dims := range [][]int{{batch, steps, features}, {features, 4 * units}, {units, 4 * units}, {4 * units}, {batch, units}, {batch, units}} {
			args = append(args, random(uint64(i), dtypes.Float64, dims...))
		}
		out, err := graph.CallOnceN(engine, func(in []*graph.Node) []*graph.Node {
			l := LSTM{Weights{Kernel: in[1], RecurrentKernel: in[2], Bias: in[3], Activation: graph.Tanh, RecurrentActivation: graph.Sigmoid}}
			r := l.Run(in[0], in[4:], Options{Unroll: unroll})
			results := append([]*graph.Node{r.Outputs, r.Last}, r.States...)
			return append(results, graph.Gradient(weighted(results), in...)...)
		}, args...)
		require.NoError(t, err)
		return floats(t, out)
	}
	want := layer(golden.Engines(t)[0].Backend, true)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		requireSame(t, "LSTM", want, layer(engine, false), 1e-10)
	})
}

// TestMistakes says what is wrong.
func TestMistakes(t *testing.T) {
	engine := golden.Engines(t)[0].Backend
	g := graph.NewGraph(engine, "mistakes")
	node := func(dims ...int) *graph.Node {
		return graph.Parameter(g, g.UniqueName("x"), shapes.Make(dtypes.Float32, dims...))
	}
	list := func(x ...*graph.Node) []*graph.Node { return x }
	pass := func(s *Step) (states, outputs []*graph.Node) { return s.States, nil }
	w := Weights{Kernel: node(3, 8), RecurrentKernel: node(2, 8)}
	square := Weights{Kernel: node(3, 6), RecurrentKernel: node(2, 6), Bias: node(6)}
	for want, f := range map[string]func(){
		"has 0 steps, want 1 or more":             func() { Loop{States: list(node(2))}.Run(pass) },
		"needs a state, an input or a parameter":  func() { Loop{Steps: 20}.Run(pass) },
		"input 0 of a loop of 20 steps has shape": func() { Loop{Steps: 20, Inputs: list(node(3))}.Run(pass) },
		"a step gives 0 states, want 1": func() {
			Loop{Steps: 20, States: list(node(2))}.Run(func(*Step) (a, b []*graph.Node) { return nil, nil })
		},
		"a step gives state 0 of shape (Float32), want": func() {
			Loop{Steps: 20, States: list(node(2))}.Run(func(s *Step) (a, b []*graph.Node) { return list(graph.ReduceAllSum(s.States[0])), nil })
		},
		"a recurrent network needs an input":                        func() { RNN(nil, nil, nil, nil, Options{}) },
		"input 1 of a recurrent network has shape":                  func() { RNN(list(node(2, 5), node(2, 4)), nil, nil, nil, Options{}) },
		"LSTM got an input of shape (Float32)[2, 3], want 3 axes":   func() { LSTM{w}.Run(node(2, 3), nil, Options{}) },
		"want (…, features), (features, 4·units), (units, 4·units)": func() { LSTM{w}.Run(node(2, 5, 4), nil, Options{}) },
		"LSTM got 1 initial states, want 2":                         func() { LSTM{w}.Run(node(2, 5, 3), list(node(2, 2)), Options{}) },
		"LSTM got 1 states, want 2":                                 func() { LSTM{w}.Step(node(2, 3), list(node(2, 2))) },
		"the mask of a recurrent network of 5 steps is":             func() { LSTM{w}.Run(node(2, 5, 3), nil, Options{Mask: node(2, 5)}) },
		"GRU with reset after the product got a bias of shape":      func() { GRU{square, true}.Run(node(2, 5, 3), nil, Options{}) },
		"LSTM got 2 dropout masks, want none, 1 or 4": func() {
			masked := w
			masked.InputMasks = list(node(2, 3), node(2, 3))
			LSTM{masked}.Run(node(2, 5, 3), nil, Options{})
		},
		"only loops of package scan do": func() {
			body := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
				return list(graph.Sin(graph.Parameter(g, "a", shapes.Make(dtypes.Float32))))
			})
			more := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
				return list(graph.LessThan(graph.Parameter(g, "a", shapes.Make(dtypes.Float32)), graph.Const(g, float32(1))))
			})
			x := node()
			graph.Gradient(graph.While(more, body, x)[0], x)
		},
	} {
		require.ErrorContains(t, catch.Panic(func() error {
			f()
			return nil
		}), want)
	}
}
