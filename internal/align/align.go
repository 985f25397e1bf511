// Package align makes the shapes of targets, predictions and sample weights
// fit each other the way Keras's losses and metrics do.
package align

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// Shape writes dimensions in Keras's notation: "(None, 10)", "(32,)", "()".
// A negative dimension is None.
func Shape(dims []int) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		if parts[i] = strconv.Itoa(d); d < 0 {
			parts[i] = "None"
		}
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// Of writes the shape of a node in Keras's notation.
func Of(x *graph.Node) string { return Shape(x.Shape().Dimensions) }

// SameRank adds or removes a last axis of size 1 where that gives a and b one
// rank (Keras: squeeze_or_expand_to_same_rank). Others come back as they are.
func SameRank(a, b *graph.Node) (*graph.Node, *graph.Node) {
	switch {
	case a.Rank() == b.Rank()+1:
		b, a = sameRank(b, a)
	case b.Rank() == a.Rank()+1:
		a, b = sameRank(a, b)
	}
	return a, b
}

// sameRank is SameRank for a high that has one axis more than low.
func sameRank(low, high *graph.Node) (*graph.Node, *graph.Node) {
	if high.Shape().Dim(-1) != 1 {
		return low, high
	}
	if low.Rank() == 1 {
		return graph.InsertAxes(low, -1), high
	}
	return low, graph.Squeeze(high, -1)
}

// Broadcast gives a and b one rank by NumPy's rule, so that an element-wise
// operation of GoMLX broadcasts them. It panics with an error that names what
// each is and its shape if they don't broadcast.
func Broadcast(whatA string, a *graph.Node, whatB string, b *graph.Node) (*graph.Node, *graph.Node) {
	if !Broadcasts(a.Shape().Dimensions, b.Shape().Dimensions) {
		panic(fmt.Errorf("%s of shape %s and %s of shape %s don't broadcast to one shape", whatA, Of(a), whatB, Of(b)))
	}
	rank := max(a.Rank(), b.Rank())
	return expandLeft(a, rank), expandLeft(b, rank)
}

// Broadcasts tells whether shapes a and b broadcast by NumPy's rule.
func Broadcasts(a, b []int) bool {
	for i := 1; i <= min(len(a), len(b)); i++ {
		x, y := a[len(a)-i], b[len(b)-i]
		if x != y && x != 1 && y != 1 {
			return false
		}
	}
	return true
}

func expandLeft(x *graph.Node, rank int) *graph.Node {
	if x.Rank() == rank || x.IsScalar() {
		return x // GoMLX broadcasts scalars by itself
	}
	return graph.ExpandLeftToRank(x, rank)
}
