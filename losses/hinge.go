package losses

import "github.com/gomlx/gomlx/core/graph"

// HingeLoss is the mean over the last axis of max(1 - yTrue·yPred, 0), for targets that are -1 or 1. Those of a batch in which all are 0
// or 1 count as -1 and 1 (Keras: keras.losses.Hinge).
type HingeLoss struct{ rowwise[*HingeLoss] }

// Hinge returns the hinge loss with Keras's defaults.
func Hinge() *HingeLoss {
	l := &HingeLoss{}
	l.of(l, "Hinge", "hinge", func(y, p *graph.Node) *graph.Node { return meanLast(hinge(y, p)) })
	return l
}

// SquaredHingeLoss is the mean over the last axis of max(1 - yTrue·yPred, 0)², with targets as for [HingeLoss] (Keras:
// keras.losses.SquaredHinge).
type SquaredHingeLoss struct{ rowwise[*SquaredHingeLoss] }

// SquaredHinge returns the squared hinge loss with Keras's defaults.
func SquaredHinge() *SquaredHingeLoss {
	l := &SquaredHingeLoss{}
	l.of(l, "SquaredHinge", "squared_hinge", func(y, p *graph.Node) *graph.Node { return meanLast(graph.Square(hinge(y, p))) })
	return l
}

func hinge(y, p *graph.Node) *graph.Node {
	one := graph.ScalarOne(y.Graph(), y.DType())
	isBit := graph.LogicalOr(graph.IsZero(y), graph.Equal(y, one))
	allBits := graph.LogicalAll(isBit)
	signs := graph.AddScalar(graph.MulScalar(y, 2), -1)
	y = graph.Where(graph.BroadcastToShape(allBits, isBit.Shape()), signs, y)
	return atLeast(graph.OneMinus(graph.Mul(y, p)), 0)
}

// CategoricalHingeLoss is max(neg - pos + 1, 0) for one-hot targets: pos is the prediction of the class, neg the greatest of the others
// (Keras: keras.losses.CategoricalHinge).
type CategoricalHingeLoss struct{ rowwise[*CategoricalHingeLoss] }

// CategoricalHinge returns the categorical hinge loss with Keras's defaults.
func CategoricalHinge() *CategoricalHingeLoss {
	l := &CategoricalHingeLoss{}
	l.of(l, "CategoricalHinge", "categorical_hinge", func(y, p *graph.Node) *graph.Node {
		pos := graph.ReduceSum(graph.Mul(y, p), -1)
		neg := greatest(graph.Mul(graph.OneMinus(y), p))
		return atLeast(graph.AddScalar(graph.Sub(neg, pos), 1), 0)
	})
	return l
}

func init() {
	catalogue.Add(func() Loss { return Hinge() })
	catalogue.Add(func() Loss { return SquaredHinge() })
	catalogue.Add(func() Loss { return CategoricalHinge() })
}
