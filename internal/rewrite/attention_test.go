package rewrite

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/scan"
)

// An attentionCase is attention of some heads, with a mask of that shape, nil for none.
type attentionCase struct {
	batch, steps, sources, heads, size, valueSize int
	mask                                          []int
	dropped                                       bool
}

// inputs are q, k, v and what the mask is made of.
func (c attentionCase) inputs(t testing.TB) []*tensors.Tensor {
	list := []*tensors.Tensor{
		golden.RuleInput(0, c.batch, c.steps, c.heads, c.size).Tensor(t), golden.RuleInput(1, c.batch, c.sources, c.heads, c.size).Tensor(t),
		golden.RuleInput(2, c.batch, c.sources, c.heads, c.valueSize).Tensor(t),
	}
	if c.mask != nil {
		list = append(list, golden.RuleInput(3, c.mask...).Tensor(t))
	}
	return list
}

// build returns the attention and the gradients of a sum of it.
func (c attentionCase) build(in []*graph.Node) []*graph.Node {
	a := scan.Attention{Scale: 0.7}
	if c.mask != nil {
		a.Mask = graph.GreaterThan(in[3], graph.Scalar(in[3].Graph(), in[3].DType(), 0.5)) // some steps attend to nothing
	}
	if c.dropped {
		factor := graph.IotaFull(in[0].Graph(), shapes.Make(in[0].DType(), c.batch, c.heads, c.steps, c.sources))
		a.Factor = graph.AddScalar(graph.Sin(factor), 0.5)
	}
	y := a.Run(in[0], in[1], in[2])
	weights := graph.Cos(graph.ConvertDType(graph.IotaFull(y.Graph(), y.Shape()), y.DType()))
	return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, weights)), in[:3]...)...)
}

// TestAttention compares attention with what XLA makes of it.
func TestAttention(t *testing.T) {
	engine := xlaWithKernels(t)
	for _, c := range []attentionCase{
		{1, 1, 1, 1, 1, 1, nil, false},
		{2, 7, 7, 2, 8, 8, nil, false},
		{3, 5, 21, 3, 5, 11, nil, false},
		{1, 60, 50, 2, 16, 33, nil, false},
		{1, 3, 900, 1, 4, 4, nil, false},
		{2, 9, 9, 2, 8, 8, []int{1, 1, 9, 9}, false},
		{2, 5, 13, 3, 4, 6, []int{2, 1, 1, 13}, false},
		{2, 17, 16, 2, 3, 5, []int{2, 2, 17, 16}, false},
		{3, 6, 4, 1, 2, 2, []int{3, 1, 6, 1}, false},
		{2, 5, 13, 3, 4, 6, []int{2, 1, 1, 13}, true},
		{1, 50, 9, 2, 8, 3, nil, true},
	} {
		compareCalls(t, engine, c.build, c.inputs(t), 2, fmt.Sprintf("%+v", c))
	}
	self := attentionCase{2, 6, 6, 2, 4, 4, nil, false}
	alone := func(in []*graph.Node) []*graph.Node { return self.build([]*graph.Node{in[0], in[0], in[0]})[:2] }
	compareCalls(t, engine, alone, self.inputs(t)[:1], 2, "of one array")
}

// TestAttentionTwice takes gradients of gradients.
func TestAttentionTwice(t *testing.T) {
	engine := xlaWithKernels(t)
	c := attentionCase{2, 5, 6, 2, 4, 3, []int{2, 1, 5, 6}, false}
	twice := func(in []*graph.Node) []*graph.Node {
		first := c.build(in)[1:]
		sum := graph.ScalarZero(in[0].Graph(), in[0].DType())
		for _, d := range first {
			sum = graph.Add(sum, graph.ReduceAllSum(graph.Mul(graph.Square(d), graph.Sin(graph.ConvertDType(graph.IotaFull(d.Graph(), d.Shape()), d.DType())))))
		}
		return graph.Gradient(sum, in[:3]...)
	}
	compareCalls(t, engine, twice, c.inputs(t), 1, "twice")
	compareCalls(t, engine, func(in []*graph.Node) []*graph.Node {
		return twice([]*graph.Node{in[0], graph.Slice(in[0], graph.AxisRange(), graph.AxisRange(0, 5)), graph.Slice(in[0], graph.AxisRange(), graph.AxisRange(1)), in[1]})[:1]
	}, []*tensors.Tensor{golden.RuleInput(0, 2, 6, 2, 4).Tensor(t), golden.RuleInput(3, 2, 1, 6, 5).Tensor(t)}, 1, "twice, of one array")
}

// TestAttentionOfNaN keeps what isn't a number in its own step, and has sources that are infinitely far count for nothing.
func TestAttentionOfNaN(t *testing.T) {
	engine := xlaWithKernels(t)
	c := attentionCase{2, 4, 5, 1, 3, 2, nil, false}
	inputs := c.inputs(t)
	require.NoError(t, tensors.MutableFlatData(inputs[0], func(flat []float32) {
		flat[0] = float32(math.NaN()) // sample 0, step 0
		flat[4*3] = 1e30              // sample 1, step 0
	}))
	got := golden.Floats(t, run(t, compiled(t, Compiler(engine), func(in []*graph.Node) []*graph.Node { return c.build(in)[:1] }, inputs), engine, inputs)[0])
	for i, v := range got {
		require.Equal(t, i < 2, math.IsNaN(v), "value %d: %v", i, v)
	}
	var nearest int // of sample 1, to step 0
	k, v := golden.Floats(t, inputs[1])[5*3:], golden.Floats(t, inputs[2])[5*2:]
	for s := range 5 {
		if k[s*3] > k[nearest*3] {
			nearest = s
		}
	}
	require.Equal(t, v[nearest*2:nearest*2+2], got[4*2:4*2+2])
}
