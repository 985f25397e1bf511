package goengine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// repeat is a loop of so many steps; body gets the state without the step's number.
func repeat(steps int, body func(t *graph.Node, state []*graph.Node) []*graph.Node, initial ...*graph.Node) []*graph.Node {
	g := initial[0].Graph()
	initial = append([]*graph.Node{graph.Const(g, int32(0))}, initial...)
	state := func(g *graph.Graph) []*graph.Node {
		list := make([]*graph.Node, len(initial))
		for i, x := range initial {
			list[i] = graph.Parameter(g, fmt.Sprint("s", i), x.Shape())
		}
		return list
	}
	more := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		return []*graph.Node{graph.LessThan(state(g)[0], graph.Const(g, int32(steps)))}
	})
	step := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		now := state(g)
		return append([]*graph.Node{graph.Add(now[0], graph.Const(g, int32(1)))}, body(now[0], now[1:])...)
	})
	return graph.While(more, step, initial...)[1:]
}

// TestLoops has loops among stages and kernels, and these in loops.
func TestLoops(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	x, w := random(rng, 2, 5, 5, 4), random(rng, 3, 3, 4, 4)
	for name, program := range map[string]func(x, w *graph.Node) []*graph.Node{
		"a kernel before, in and after": func(x, w *graph.Node) []*graph.Node {
			y := small.call(x, w)
			s := repeat(3, func(_ *graph.Node, s []*graph.Node) []*graph.Node {
				return []*graph.Node{graph.Tanh(small.call(s[0], s[1])), s[1]}
			}, y, w)
			return []*graph.Node{small.call(s[0], w), y, s[1]}
		},
		"parts that change places": func(x, w *graph.Node) []*graph.Node {
			s := repeat(5, func(_ *graph.Node, s []*graph.Node) []*graph.Node {
				return []*graph.Node{s[1], graph.Add(s[0], s[1]), s[2]}
			}, x, graph.Exp(x), w)
			return s
		},
		"parts that begin alike": func(x, w *graph.Node) []*graph.Node {
			y := graph.Exp(x)
			return append(repeat(3, func(_ *graph.Node, s []*graph.Node) []*graph.Node {
				return []*graph.Node{graph.MulScalar(s[0], 2), graph.AddScalar(s[1], 1), s[2]}
			}, y, y, y), y)
		},
		"no step": func(x, w *graph.Node) []*graph.Node {
			return append(repeat(0, func(_ *graph.Node, s []*graph.Node) []*graph.Node { return []*graph.Node{graph.Exp(s[0]), s[1]} }, x, graph.Exp(w)), w)
		},
		"a result that nothing needs, and one that another needs": func(x, w *graph.Node) []*graph.Node {
			s := repeat(4, func(t *graph.Node, s []*graph.Node) []*graph.Node {
				return []*graph.Node{graph.Add(s[0], s[1]), graph.MulScalar(s[1], 0.5), graph.Exp(s[2])}
			}, x, graph.Sin(x), x)
			return []*graph.Node{graph.Exp(s[0])}
		},
		"loop after loop": func(x, w *graph.Node) []*graph.Node {
			double := func(_ *graph.Node, s []*graph.Node) []*graph.Node {
				return []*graph.Node{graph.Sin(graph.Add(s[0], s[0]))}
			}
			first := repeat(3, double, x)
			second := repeat(2, double, graph.Exp(first[0]))
			return []*graph.Node{graph.Add(first[0], second[0]), second[0]}
		},
		"broadcasts, reductions and a relu in a loop": func(x, w *graph.Node) []*graph.Node {
			return repeat(3, func(_ *graph.Node, s []*graph.Node) []*graph.Node {
				y := graph.Sub(s[0], graph.ReduceAndKeep(s[0], graph.ReduceMean, 3))
				zero := graph.Const(y.Graph(), float32(0))
				return []*graph.Node{graph.Where(graph.LessOrEqual(y, zero), zero, graph.AddScalar(y, 0.25))}
			}, x)
		},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, program, x, w)
			onKernel(t, program, x, w)
		})
	}
}

// TestLoopThatUsesWhatIsAround is left to GoMLX's engine.
func TestLoopThatUsesWhatIsAround(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	same(t, func(x, w *graph.Node) []*graph.Node {
		around := graph.Exp(graph.ReduceAllSum(w))
		s := repeat(3, func(_ *graph.Node, s []*graph.Node) []*graph.Node {
			return []*graph.Node{graph.Tanh(graph.Mul(s[0], around))}
		}, x)
		return []*graph.Node{graph.Add(s[0], small.call(x, w))}
	}, random(rng, 2, 5, 5, 4), random(rng, 3, 3, 4, 4))
}

// TestLargeReluInLoop has a kernel recorded in a loop's function when the loop's program is made.
func TestLargeReluInLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	same(t, func(x *graph.Node) []*graph.Node {
		return repeat(2, func(_ *graph.Node, s []*graph.Node) []*graph.Node {
			zero := graph.Const(s[0].Graph(), float32(0))
			y := graph.AddScalar(s[0], -0.25)
			return []*graph.Node{graph.Where(graph.LessOrEqual(y, zero), zero, y)}
		}, x)
	}, random(rng, 2, worthwhile))
}

// TestLoopRunsTwice has what a program was given stay as it was, and many runs at a time.
func TestLoopRunsTwice(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	_, own := engines(t)
	program := func(x *graph.Node) []*graph.Node {
		return repeat(20, func(t *graph.Node, s []*graph.Node) []*graph.Node {
			row := graph.Gather(s[1], graph.Reshape(t, 1, 1))
			return []*graph.Node{graph.Sin(graph.Add(s[0], graph.Reshape(row, 3))), s[1]}
		}, graph.Reshape(graph.Slice(x, graph.AxisRange(0, 1)), 3), x)[:1]
	}
	exec, err := graph.NewExec(own, program)
	require.NoError(t, err)
	x := random(rng, 20, 3)
	want := values(t, own, program, x)[0]
	var group sync.WaitGroup
	for range 4 {
		mine := tensors.FromFlatDataAndDimensions(tensors.MustCopyFlatData[float32](x), 20, 3)
		group.Go(func() {
			for range 10 {
				out, err := exec.Call(mine)
				if err != nil {
					t.Error(err)
					return
				}
				if !slices.Equal(want, tensors.MustCopyFlatData[float32](out[0])) {
					t.Error("another result")
					return
				}
			}
		})
	}
	group.Wait()
}
