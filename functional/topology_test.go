package functional_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/layers"
)

// describe writes the nodes as the summary writes connections: "b[0] <- a[0][0]".
func describe(nodes []functional.NodeInfo) (lines []string) {
	for _, n := range nodes {
		line := functional.Source{Layer: n.Layer, NodeIndex: n.Index}.String()
		for i, t := range n.Inputs {
			separator := ", "
			if i == 0 {
				separator = " <- "
			}
			source, ok := t.Source()
			if !ok {
				source = functional.Source{}
			}
			line += separator + source.String()
		}
		lines = append(lines, line)
	}
	return lines
}

func TestNodes(t *testing.T) {
	shared := layers.Dense(4).Name("shared")
	a := functional.InputWith(functional.InputOptions{Shape: []int{3}, Name: "a"})
	b := functional.InputWith(functional.InputOptions{Shape: []int{3}, Name: "b"})
	x, y := shared.Apply(a), shared.Apply(b)
	unused := shared.Apply(functional.Input(3))
	require.NoError(t, unused.Err())
	z := layers.Dense(2).Name("top").Apply(y)
	model, err := functional.NewModel([]*functional.Tensor{a, b}, []*functional.Tensor{x, z})
	require.NoError(t, err)

	nodes := model.Nodes()
	// Nodes come in the order in which they are computed; a sits as near to the outputs as it can.
	require.ElementsMatch(t, []string{
		"a[0][0]", "b[0][0]", "shared[0][0] <- a[0][0]", "shared[1][0] <- b[0][0]", "top[0][0] <- shared[1][0]",
	}, describe(nodes))
	made := map[*functional.Tensor]bool{}
	for _, n := range nodes {
		for _, input := range n.Inputs {
			require.True(t, made[input], "%s is used before it is made", input)
		}
		for _, output := range n.Outputs {
			made[output] = true
		}
		require.Regexp(t, `^topology_test\.go:\d+$`, n.Caller)
	}
	last := nodes[len(nodes)-1]
	require.Equal(t, "(None, 4)", last.Inputs[0].Shape().String())
	require.Equal(t, "(None, 2)", last.Outputs[0].Shape().String())

	require.Equal(t, []string{"shared[0][0] <- a[0][0]", "shared[1][0] <- b[0][0]"}, describe(functional.LayerNodes(shared))[:2])
	require.Len(t, functional.LayerNodes(shared), 3, "also the application outside the model")
	require.Nil(t, functional.LayerNodes(nil))

	// What is returned is a copy.
	nodes[len(nodes)-1].Inputs[0] = nil
	require.NotNil(t, model.Nodes()[len(nodes)-1].Inputs[0])
}

func TestNodesOfAModelInsideAModel(t *testing.T) {
	inside := functional.InputWith(functional.InputOptions{Shape: []int{3}, Name: "inside"})
	inner, err := functional.NewModel(inside, layers.Dense(4).Name("hidden").Apply(inside))
	require.NoError(t, err)
	inner.Named("inner")
	outside := functional.InputWith(functional.InputOptions{Shape: []int{3}, Name: "outside"})
	outer, err := functional.NewModel(outside, inner.Apply(outside))
	require.NoError(t, err)

	require.Equal(t, []string{"outside[0][0]", "inner[0][0] <- outside[0][0]"}, describe(outer.Nodes()))
	require.Equal(t, []string{"inside[0][0]", "hidden[0][0] <- inside[0][0]"}, describe(inner.Nodes()))
	source, ok := outer.Outputs()[0].Source()
	require.True(t, ok)
	require.Same(t, inner, source.Layer)
}

func TestNodesOfASequential(t *testing.T) {
	model, err := functional.NewSequential(layers.Dense(4).Name("one"), layers.Dense(2).Name("two"))
	require.NoError(t, err)
	require.Nil(t, model.Nodes(), "not built")
	require.NoError(t, model.Build(3))
	require.Equal(t, []string{"one[0][0]", "two[0][0] <- one[0][0]"}, func() []string {
		lines := describe(model.Nodes())
		lines[1] = lines[1][:len("one[0][0]")] // its input layer has an automatic name
		return lines[1:]
	}())
}

func TestSourceOfAFailedTensor(t *testing.T) {
	failed := layers.Dense(-1).Apply(functional.Input(3))
	require.Error(t, failed.Err())
	_, ok := failed.Source()
	require.False(t, ok)
	var none *functional.Tensor
	_, ok = none.Source()
	require.False(t, ok)
	require.Equal(t, "?", functional.Source{}.String())
}
