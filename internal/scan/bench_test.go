package scan

import (
	"fmt"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/rewrite"
)

// A network is a stack of recurrent layers with a dense layer of one unit on top, trained to a mean squared error.
type network struct {
	batch, time, features int
	layers                []layer
}

type layer struct {
	cell  string
	units int
	both  bool // bidirectional
}

// networks are two of those that people write most.
var networks = map[string]network{
	"gru":    {64, 120, 14, []layer{{"GRU", 32, false}, {"GRU", 16, false}}},
	"bilstm": {32, 200, 128, []layer{{"LSTM", 64, true}, {"LSTM", 64, true}}},
	"lstm":   {32, 400, 8, []layer{{"LSTM", 32, false}}},
}

// shapes are those of the weights.
func (n network) shapes() (list [][]int) {
	features := n.features
	for _, l := range n.layers {
		gates, bias := 4, func(columns int) []int { return []int{columns} }
		if l.cell == "GRU" {
			gates, bias = 3, func(columns int) []int { return []int{2, columns} }
		}
		columns, directions := gates*l.units, 1
		if l.both {
			directions = 2
		}
		for range directions {
			list = append(list, []int{features, columns}, []int{l.units, columns}, bias(columns))
		}
		features = directions * l.units
	}
	return append(list, []int{features, 1})
}

// output computes the network.
func (n network) output(x *graph.Node, weights []*graph.Node) *graph.Node {
	for i, l := range n.layers {
		last := i == len(n.layers)-1
		run := func(o Options) *graph.Node {
			w := Weights{Kernel: weights[0], RecurrentKernel: weights[1], Bias: weights[2], Activation: graph.Tanh, RecurrentActivation: graph.Sigmoid}
			weights = weights[3:]
			var r Result
			if l.cell == "GRU" {
				r = GRU{w, true}.Run(x, nil, o)
			} else {
				r = LSTM{w}.Run(x, nil, o)
			}
			switch {
			case last:
				return r.Last
			case o.GoBackwards:
				return graph.Reverse(r.Outputs, 1)
			}
			return r.Outputs
		}
		y := run(Options{})
		if l.both {
			y = graph.Concatenate([]*graph.Node{y, run(Options{GoBackwards: true})}, -1)
		}
		x = y
	}
	return graph.Dot(x, weights[0]).Product()
}

// step returns the loss and the weights after a step of gradient descent.
func (n network) step(in []*graph.Node) []*graph.Node {
	x, y, weights := in[0], in[1], in[2:]
	loss := graph.ReduceAllMean(graph.Square(graph.Sub(n.output(x, weights), y)))
	results := []*graph.Node{loss}
	for i, d := range graph.Gradient(loss, weights...) {
		results = append(results, graph.Sub(weights[i], graph.MulScalar(d, 0.01)))
	}
	return results
}

func (n network) arguments() (list []any) {
	list = append(list, random(1, dtypes.Float32, n.batch, n.time, n.features), random(2, dtypes.Float32, n.batch, 1))
	for i, dims := range n.shapes() {
		w := random(uint64(3+i), dtypes.Float32, dims...)
		tensors.MustMutableFlatData(w, func(flat []float32) {
			for i := range flat {
				flat[i] *= 0.2
			}
		})
		list = append(list, w)
	}
	return list
}

// BenchmarkTraining takes steps of training, and BenchmarkPredict computes the networks.
func BenchmarkTraining(b *testing.B) { benchmark(b, network.step) }

func BenchmarkPredict(b *testing.B) {
	benchmark(b, func(n network, in []*graph.Node) []*graph.Node { return []*graph.Node{n.output(in[0], in[2:])} })
}

func benchmark(b *testing.B, f func(n network, in []*graph.Node) []*graph.Node) {
	for _, e := range golden.Engines(b) {
		engine := rewrite.Compiler(e.Backend)
		for name, n := range networks {
			b.Run(fmt.Sprintf("%s/%s", e.Name, name), func(b *testing.B) {
				exec, err := graph.NewExec(engine, func(in []*graph.Node) []*graph.Node { return f(n, in) })
				require.NoError(b, err)
				args := n.arguments()
				run := func() {
					out, err := exec.Call(args...)
					require.NoError(b, err)
					tensors.MustCopyFlatData[float32](out[0])
				}
				run()
				b.ResetTimer()
				for b.Loop() {
					run()
				}
			})
		}
	}
}

// compileTime is how long it takes to compile a step of training on sequences of that length.
func compileTime(t testing.TB, engine compute.Backend, n network, steps int) time.Duration {
	t.Helper()
	n.time = steps
	exec, err := graph.NewExec(engine, n.step)
	require.NoError(t, err)
	defer exec.Finalize()
	start := time.Now()
	_, err = exec.Call(n.arguments()...)
	require.NoError(t, err)
	return time.Since(start)
}
