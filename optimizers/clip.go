package optimizers

import "github.com/gomlx/gomlx/core/graph"

// ClipByNorm scales a gradient down whose norm is greater than the given one (TensorFlow: tf.clip_by_norm; what Clipnorm does with the gradient of each
// weight). It is for steps of one's own that apply gradients.
func ClipByNorm(grad *graph.Node, norm float64) *graph.Node {
	return graph.Div(times(grad, norm), graph.Max(graph.Sqrt(sumOfSquares(grad)), Number(grad, norm)))
}

// ClipByGlobalNorm scales gradients down together if the norm of all of them is greater than the given one, and returns that norm of theirs too (TensorFlow:
// tf.clip_by_global_norm; what GlobalClipnorm does). A norm that is infinite or NaN makes every gradient NaN, so that it shows. Of no gradients the norm is nil.
func ClipByGlobalNorm(grads []*graph.Node, norm float64) (clipped []*graph.Node, globalNorm *graph.Node) {
	globalNorm = GlobalNorm(grads)
	if globalNorm == nil {
		return nil, nil
	}
	scale := times(graph.Min(graph.Reciprocal(globalNorm), Number(globalNorm, 1/norm)), norm)
	scale = graph.Add(scale, graph.Sub(globalNorm, globalNorm))
	for _, g := range grads {
		clipped = append(clipped, graph.Mul(g, as(scale, g)))
	}
	return clipped, globalNorm
}

// GlobalNorm is the norm of all gradients together, a scalar (TensorFlow: tf.linalg.global_norm); nil of none.
func GlobalNorm(grads []*graph.Node) *graph.Node {
	var sum *graph.Node
	for _, g := range grads {
		square := wide(sumOfSquares(g))
		if sum == nil {
			sum = square
		} else {
			sum = graph.Add(sum, as(square, sum))
		}
	}
	if sum == nil {
		return nil
	}
	return graph.Sqrt(as(sum, grads[0]))
}
