package lowering

import "github.com/gomlx/gomlx/core/graph"

// logitsKey is where a graph keeps what is known of its probabilities.
type logitsKey struct{}

type softmax struct {
	logits *graph.Node
	axis   int
}

// RememberSoftmax notes that p is the softmax of logits over the axis, counted
// from 0, so that a loss of p can be computed from them.
func RememberSoftmax(p, logits *graph.Node, axis int) {
	g := p.Graph()
	known, ok := g.State(logitsKey{}).(map[*graph.Node]softmax)
	if !ok {
		known = map[*graph.Node]softmax{}
		g.AttachState(logitsKey{}, known)
	}
	known[p] = softmax{logits, axis}
}

// SoftmaxLogits returns the logits of which p is the softmax over the axis, counted from 0; nil if p isn't known to be one.
func SoftmaxLogits(p *graph.Node, axis int) *graph.Node {
	known, _ := p.Graph().State(logitsKey{}).(map[*graph.Node]softmax)
	if of, ok := known[p]; ok && of.axis == axis {
		return of.logits
	}
	return nil
}
