package functional

import (
	"context"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/training"
)

// LoopsSteps reports, of the programs of several steps that the model made, whether they loop over them: not if they are run apart.
func LoopsSteps(m *Model) (looped, apart bool) { return m.session().LoopsSteps() }

// ProgramCounts are the numbers of programs that the model has, and of those among them that several lengths of sequences share.
func ProgramCounts(m *Model) (all, shared int) { return m.session().ProgramCounts() }

// TrainStepNodes lists the nodes that a training step on the batch computes: those that its results need. The engines skip all others.
func TrainStepNodes(m *Model, x, y any) ([]*graph.Node, error) {
	s, err := training.NewBareSteps(context.Background(), m.session(), x, y)
	if err != nil {
		return nil, err
	}
	var list []*graph.Node
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		list = append(list, n)
		for _, input := range n.Inputs() {
			visit(input)
		}
	}
	for _, n := range s.Outputs() {
		visit(n)
	}
	return list, nil
}
