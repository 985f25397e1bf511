package rewrite

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/lowering"
)

// selfCheck rewrites a small program that the kernels serve whole. The rules know programs as this version of go-xla writes them; of
// another they might recognise nothing, which makes programs slow but nothing wrong, so that nobody would notice.
func selfCheck(engine compute.Backend, level kernels.Level) (err error) {
	defer func() { // graphs panic with errors, and so may what reads go-xla's values by reflection
		if r := recover(); r != nil {
			err = unknownGoXLA(fmt.Errorf("%v", r))
		}
	}()
	if programOf(engine.Builder("selfcheck")) == nil {
		return unknownGoXLA(errors.New("its builder doesn't hold a program that can be reached"))
	}
	if customCall == nil {
		return unknownGoXLA(errors.New("it makes no calls"))
	}
	calls := map[string]kernels.Options{}
	g := graph.NewGraph(checked{compiler{Backend: engine, level: level}, calls}, "selfcheck")
	defer g.Finalize()
	if err := g.Compile(checkProgram(g)...); !errors.Is(err, errNotCompiled) {
		return unknownGoXLA(err)
	}
	if !maps.Equal(calls, checkCalls) {
		return unknownGoXLA(fmt.Errorf("of a network they find %v, not %v", spelled(calls), spelled(checkCalls)))
	}
	return nil
}

// spelled lists calls with their options, in order.
func spelled(calls map[string]kernels.Options) []string {
	var list []string
	for _, target := range slices.Sorted(maps.Keys(calls)) {
		list = append(list, fmt.Sprint(strings.TrimPrefix(target, kernels.Prefix), " ", int64(calls[target])))
	}
	return list
}

func unknownGoXLA(err error) error {
	return fmt.Errorf("this version of go-xla is unknown to them: %w", err)
}

// checkCalls are the calls that checkProgram becomes, with their options.
var checkCalls = map[string]kernels.Options{
	kernels.Forward:                 kernels.Bias | kernels.ReLU | kernels.MaxPool | kernels.Positions,
	kernels.KernelGradient:          kernels.Bias | kernels.Positions,
	kernels.InputGradient:           kernels.Positions,
	kernels.AnyPool:                 kernels.Positions,
	kernels.AnyPoolGradient:         kernels.Positions,
	kernels.DepthwiseForward:        0,
	kernels.DepthwiseInputGradient:  0,
	kernels.DepthwiseKernelGradient: 0,
	kernels.Sum:                     kernels.Plain,
	kernels.Dot:                     kernels.Bias | kernels.Dropout,
	kernels.Adam:                    0,
	kernels.SimpleRNN:               kernels.Last,
}

// checkProgram is a layer of convolutions, a max-pool by windows that overlap and a layer of convolutions of each channel by itself, with their gradients, a sum of columns, a dense layer with a Dropout, a step of Adam and a recurrent layer.
func checkProgram(g *graph.Graph) []*graph.Node {
	parameter := func(name string, dimensions ...int) *graph.Node {
		return graph.Parameter(g, name, shapes.Make(dtypes.Float32, dimensions...))
	}
	x, kernel, bias := parameter("x", 2, 4, 4, 16), parameter("kernel", 3, 3, 16, 16), parameter("bias", 16)
	same := lowering.Convolution{Strides: [2]int{1, 1}, Dilations: [2]int{1, 1}, Paddings: [2][2]int{{1, 1}, {1, 1}}, Groups: 1}
	y := graph.Add(same.Apply(x, kernel), graph.ExpandLeftToRank(bias, 4))
	zero := graph.ScalarZero(g, dtypes.Float32)
	y = graph.Where(graph.LessOrEqual(y, zero), zero, y)
	y = lowering.MaxPool(y, poolWindow, poolWindow, make([][2]int, 4))
	results := append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), x, kernel, bias)...)

	overlapping := lowering.MaxPool(x, []int{1, 3, 3, 1}, []int{1, 2, 2, 1}, [][2]int{{}, {0, 1}, {0, 1}, {}})
	results = append(results, graph.Gradient(graph.ReduceAllSum(graph.Square(overlapping)), x)...)

	each := lowering.ConvolutionND{Strides: []int{2, 2}, Dilations: []int{1, 1}, Paddings: make([][2]int, 2), Groups: 1}
	filters := parameter("filters", 3, 3, 16, 1)
	results = append(results, graph.Gradient(graph.ReduceAllSum(graph.Square(each.Depthwise(x, filters))), x, filters)...)
	results = append(results, graph.ReduceSum(parameter("columns", leastValues, leastColumns), 0))

	samples, matrix := parameter("samples", 2, 16), parameter("matrix", 16, 16)
	dense := graph.Add(graph.DotGeneral(samples, []int{1}, nil, matrix, []int{0}, nil), graph.ExpandLeftToRank(bias, 2))
	kept := lowering.Bernoulli(graph.Const(g, []uint64{1}), 0.5, 2, 16)
	results = append(results, graph.Where(kept, graph.DivScalar(dense, 0.5), graph.ZerosLike(dense)))

	w, momentum, velocity, gradient := parameter("w", 9), parameter("m", 9), parameter("v", 9), parameter("g", 9)
	momentum = graph.Add(momentum, graph.MulScalar(graph.Sub(gradient, momentum), 0.1))
	velocity = graph.Add(velocity, graph.MulScalar(graph.Sub(graph.Square(gradient), velocity), 0.001))
	step := graph.Div(graph.MulScalar(momentum, 0.01), graph.AddScalar(graph.Sqrt(velocity), 1e-7))
	results = append(results, graph.Sub(w, step), momentum, velocity)

	mark := lowering.Mark{Layer: lowering.SimpleRNN, Roles: []lowering.Role{lowering.NoRole, lowering.H, lowering.X, lowering.Kernel, lowering.Outputs, lowering.Products}}
	steps := parameter("steps", 3, 2, 16)
	state := []*graph.Node{graph.Const(g, int32(0)), samples, steps, matrix, graph.ZerosLike(steps), graph.ZerosLike(steps), graph.Const(g, mark.Numbers())}
	asIs := func(g *graph.Graph) []*graph.Node {
		list := make([]*graph.Node, len(state))
		for i, s := range state {
			list[i] = graph.Parameter(g, fmt.Sprint("state", i), s.Shape())
		}
		return list
	}
	more := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		return []*graph.Node{graph.LessThan(asIs(g)[0], graph.Const(g, int32(0)))}
	})
	return append(results, graph.While(more, graph.NewClosure(g, asIs), state...)[1])
}

// errNotCompiled ends the self-check before anything is compiled.
var errNotCompiled = errors.New("rewritten, not compiled")

// checked is a compiler that only writes down the calls that it makes.
type checked struct {
	compiler
	calls map[string]kernels.Options
}

func (c checked) Builder(name string) compute.Builder {
	return checkedBuilder{c.Backend.Builder(name), c}
}

type checkedBuilder struct {
	compute.Builder
	checked
}

func (b checkedBuilder) Compile() (compute.Executable, error) {
	p := programOf(b.Builder)
	if r := callKernels(p, b.level, b.small); r != nil {
		for _, s := range p.main.Statements {
			if target := r.target(s); target != "" {
				b.calls[target] = r.calls[s].Options
			}
		}
	}
	return nil, errNotCompiled
}
