package losses

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// CircleLoss draws embeddings of one class together and those of different classes apart. Targets are class numbers (batch,) or
// (batch, 1), predictions embeddings (batch, features) of length 1 (Keras: keras.losses.Circle).
type CircleLoss struct {
	base[*CircleLoss]
	cfg struct {
		commonConfig
		Gamma          float64 `keras:"gamma" default:"80.0"`
		Margin         float64 `keras:"margin" default:"0.4"`
		RemoveDiagonal bool    `keras:"remove_diagonal" default:"true"`
	}
}

// Circle returns the circle loss with Keras's defaults.
func Circle() *CircleLoss {
	l := &CircleLoss{}
	l.start(l, "Circle", "circle", &l.cfg, &l.cfg.commonConfig)
	return l
}

// Gamma sets the scale of similarities (Keras: gamma=, default 80).
func (l *CircleLoss) Gamma(gamma float64) *CircleLoss {
	l.cfg.Gamma = gamma
	return l
}

// Margin sets how far from the best similarity an embedding may be (Keras: margin=, default 0.4).
func (l *CircleLoss) Margin(margin float64) *CircleLoss {
	l.cfg.Margin = margin
	return l
}

// RemoveDiagonal says that an embedding isn't compared with itself (Keras: remove_diagonal=, default true).
func (l *CircleLoss) RemoveDiagonal(on bool) *CircleLoss {
	l.cfg.RemoveDiagonal = on
	return l
}

// Values implements [Loss]: predictions (batch, features) give (batch,).
func (l *CircleLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	p := l.float(yPred)
	if p.Rank() != 2 || yTrue.Rank() < 1 || yTrue.Rank() > 2 || yTrue.Shape().Size() != p.Shape().Dim(0) || yTrue.Rank() == 2 && yTrue.Shape().Dim(1) != 1 {
		panic(shapeError(l.KerasName(), yTrue, yPred, "want a class number, (batch,) or (batch, 1), for each embedding of predictions (batch, features)"))
	}
	batch := p.Shape().Dim(0)
	label := ndarray.Saturate(l.float(yTrue), dtypes.Int32)
	same := graph.Equal(graph.Reshape(label, batch, 1), graph.Reshape(label, 1, batch))
	different := graph.LogicalNot(same)
	if l.cfg.RemoveDiagonal {
		square := shapes.Make(dtypes.Int32, batch, batch)
		same = graph.LogicalAnd(same, graph.NotEqual(graph.Iota(p.Graph(), square, 0), graph.Iota(p.Graph(), square, 1)))
	}
	distance := atLeast(graph.OneMinus(graph.Dot(p, p).General([]int{1}, nil, []int{1}, nil)), 0)
	margin := l.cfg.Margin
	// toNext is the logarithm of the sum of what each other embedding of a kind adds.
	toNext := func(kind, weight *graph.Node, best, gamma float64) *graph.Node {
		weight = atLeast(graph.Mul(weight, graph.ConvertDType(kind, p.DType())), 0)
		far := graph.MulScalar(graph.Mul(weight, graph.AddScalar(graph.Neg(distance), best)), gamma)
		return logSumExp(graph.Where(kind, far, graph.BroadcastToShape(graph.Scalar(p.Graph(), p.DType(), math.Inf(-1)), far.Shape())))
	}
	near := toNext(same, graph.AddScalar(distance, margin), margin, -l.cfg.Gamma)
	far := toNext(different, graph.AddScalar(graph.Neg(distance), 1+margin), 1-margin, l.cfg.Gamma)
	return softplus(graph.Add(near, far))
}

// Mask implements [Masked]: false where the loss is 0, as for an embedding that is alone in its class.
func (l *CircleLoss) Mask(yTrue, yPred *graph.Node) *graph.Node {
	values := l.Values(yTrue, yPred)
	return graph.GreaterThan(values, graph.ZerosLike(values))
}

// CategoricalGeneralizedCrossEntropyLoss is (1-p^q)/q, where p is the probability of the target, a class number: between the mean absolute
// error (q near 1) and the crossentropy (q near 0), for targets that are sometimes wrong (Keras: keras.losses.CategoricalGeneralizedCrossEntropy).
type CategoricalGeneralizedCrossEntropyLoss struct {
	base[*CategoricalGeneralizedCrossEntropyLoss]
	cfg struct {
		commonConfig
		Q float64 `keras:"q" default:"0.5"`
	}
}

// CategoricalGeneralizedCrossEntropy returns the generalized crossentropy with Keras's q of 0.5.
func CategoricalGeneralizedCrossEntropy() *CategoricalGeneralizedCrossEntropyLoss {
	l := &CategoricalGeneralizedCrossEntropyLoss{}
	l.start(l, "CategoricalGeneralizedCrossEntropy", "categorical_generalized_cross_entropy", &l.cfg, &l.cfg.commonConfig)
	return l
}

// Q sets how little wrong targets count (Keras: q=, between 0 and 1, default 0.5).
func (l *CategoricalGeneralizedCrossEntropyLoss) Q(q float64) *CategoricalGeneralizedCrossEntropyLoss {
	l.cfg.Q = q
	return l
}

// Validate says whether an argument is wrong.
func (l *CategoricalGeneralizedCrossEntropyLoss) Validate() error {
	if !(0 < l.cfg.Q && l.cfg.Q < 1) {
		return l.errorf("q is %v, want more than 0 and less than 1", l.cfg.Q)
	}
	return l.base.Validate()
}

// Values implements [Loss]: predictions (batch, d0, … classes) with targets (batch, d0, …) give (batch, d0, …). A class number outside
// the classes counts as one of probability 0.
func (l *CategoricalGeneralizedCrossEntropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	if err := l.Validate(); err != nil {
		panic(err)
	}
	y, p := align.SameRank(l.float(yTrue), l.float(yPred))
	if p.IsScalar() {
		panic(shapeError(l.KerasName(), yTrue, yPred, "want an axis of classes in the predictions"))
	}
	hot := graph.OneHot(ndarray.Saturate(y, dtypes.Int32), p.Shape().Dim(-1), p.DType())
	if !align.Broadcasts(hot.Shape().Dimensions, p.Shape().Dimensions) {
		panic(shapeError(l.KerasName(), yTrue, yPred, "want a class number a prediction"))
	}
	own := graph.ReduceSum(graph.Mul(align.Broadcast("targets", hot, "predictions", p)), -1)
	return graph.DivScalar(graph.OneMinus(power(own, l.cfg.Q)), l.cfg.Q)
}

func init() {
	catalogue.Add(func() Loss { return Circle() })
	// Keras's get() doesn't know its name; files may hold it.
	catalogue.AddUnlisted(func() Loss { return CategoricalGeneralizedCrossEntropy() })
}
