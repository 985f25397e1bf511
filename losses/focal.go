package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

// focusing is the argument that the focal crossentropies add: the easier a sample, the less it counts.
type focusing[S any] struct {
	loss  S
	gamma *float64
}

// Gamma sets the exponent of what is missing to a probability of 1, by which a sample counts (Keras: gamma=, default 2).
func (f *focusing[S]) Gamma(gamma float64) S {
	*f.gamma = gamma
	return f.loss
}

// BinaryFocalCrossentropyLoss is the binary crossentropy in which samples count by (1-p)^gamma, where p is the probability that was
// predicted for the target (Keras: keras.losses.BinaryFocalCrossentropy).
type BinaryFocalCrossentropyLoss struct {
	smoothed[*BinaryFocalCrossentropyLoss]
	focusing[*BinaryFocalCrossentropyLoss]
	cfg struct {
		smoothedConfig
		ApplyClassBalancing bool    `keras:"apply_class_balancing"`
		Alpha               float64 `keras:"alpha" default:"0.25"`
		Gamma               float64 `keras:"gamma" default:"2.0"`
	}
}

// BinaryFocalCrossentropy returns the binary focal crossentropy with Keras's defaults.
func BinaryFocalCrossentropy() *BinaryFocalCrossentropyLoss {
	l := &BinaryFocalCrossentropyLoss{}
	l.focusing = focusing[*BinaryFocalCrossentropyLoss]{l, &l.cfg.Gamma}
	l.start(l, "BinaryFocalCrossentropy", "binary_focal_crossentropy", &l.cfg, &l.cfg.smoothedConfig)
	return l
}

// ApplyClassBalancing weighs targets of 1 by Alpha and targets of 0 by 1-Alpha (Keras: apply_class_balancing=, default false).
func (l *BinaryFocalCrossentropyLoss) ApplyClassBalancing(on bool) *BinaryFocalCrossentropyLoss {
	l.cfg.ApplyClassBalancing = on
	return l
}

// Alpha sets the weight of targets of 1 with class balancing (Keras: alpha=, default 0.25).
func (l *BinaryFocalCrossentropyLoss) Alpha(alpha float64) *BinaryFocalCrossentropyLoss {
	l.cfg.Alpha = alpha
	return l
}

// Values implements [Loss]: predictions (batch, d0, … dN) give that shape without the axis.
func (l *BinaryFocalCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p, axis := l.prepare(yTrue, yPred)
	y = l.smooth(y, 0.5)
	if l.cfg.FromLogits {
		p = graph.Sigmoid(p)
	}
	// mix is a where the target is 1 and b where it is 0.
	mix := func(a, b *graph.Node) *graph.Node { return graph.Add(graph.Mul(y, a), graph.Mul(graph.OneMinus(y), b)) }
	values := graph.Mul(power(graph.OneMinus(mix(p, graph.OneMinus(p))), l.cfg.Gamma), ofChances(y, p))
	if l.cfg.ApplyClassBalancing {
		alpha := graph.Scalar(p.Graph(), p.DType(), l.cfg.Alpha)
		values = graph.Mul(values, mix(alpha, graph.OneMinus(alpha)))
	}
	return graph.ReduceMean(values, axis)
}

// CategoricalFocalCrossentropyLoss is the categorical crossentropy in which each class counts by alpha·(1-p)^gamma, where p is its
// probability (Keras: keras.losses.CategoricalFocalCrossentropy).
type CategoricalFocalCrossentropyLoss struct {
	smoothed[*CategoricalFocalCrossentropyLoss]
	focusing[*CategoricalFocalCrossentropyLoss]
	cfg struct {
		smoothedConfig
		Alpha config.OneOrMore[float64] `keras:"alpha" default:"0.25"`
		Gamma float64                   `keras:"gamma" default:"2.0"`
	}
}

// CategoricalFocalCrossentropy returns the categorical focal crossentropy with Keras's defaults.
func CategoricalFocalCrossentropy() *CategoricalFocalCrossentropyLoss {
	l := &CategoricalFocalCrossentropyLoss{}
	l.focusing = focusing[*CategoricalFocalCrossentropyLoss]{l, &l.cfg.Gamma}
	l.start(l, "CategoricalFocalCrossentropy", "categorical_focal_crossentropy", &l.cfg, &l.cfg.smoothedConfig)
	return l
}

// Alpha sets the weight of all classes, or one for each (Keras: alpha=, default 0.25).
func (l *CategoricalFocalCrossentropyLoss) Alpha(alpha ...float64) *CategoricalFocalCrossentropyLoss {
	l.cfg.Alpha = config.Given(alpha)
	return l
}

// Validate says whether an argument is wrong.
func (l *CategoricalFocalCrossentropyLoss) Validate() error {
	if len(l.cfg.Alpha.Values) == 0 {
		return l.errorf("alpha is empty, want a number, or one for each class")
	}
	return l.base.Validate()
}

// Values implements [Loss]: predictions (batch, d0, … classes) give (batch, d0, …).
func (l *CategoricalFocalCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p, axis := l.prepare(yTrue, yPred)
	y = l.smoothClasses(y)
	if l.cfg.FromLogits {
		p = graph.Softmax(p, axis)
	}
	p = clip(graph.Div(p, graph.ReduceAndKeep(p, graph.ReduceSum, axis)))
	entropy := graph.Neg(graph.Mul(y, graph.Log(p)))
	weight := graph.Mul(power(graph.OneMinus(p), l.cfg.Gamma), l.alpha(p))
	return graph.ReduceSum(graph.Mul(weight, entropy), axis)
}

// alpha are the weights, in a shape that broadcasts to the predictions: along the last axis, as in Keras whatever Axis is.
func (l *CategoricalFocalCrossentropyLoss) alpha(p *graph.Node) *graph.Node {
	a := l.cfg.Alpha.Values
	if l.cfg.Alpha.One {
		return graph.Scalar(p.Graph(), p.DType(), a[0])
	}
	if len(a) != 1 && len(a) != p.Shape().Dim(-1) {
		panic(l.errorf("got %d weights in alpha for %d classes", len(a), p.Shape().Dim(-1)))
	}
	return graph.ExpandLeftToRank(graph.ConvertDType(graph.Const(p.Graph(), a), p.DType()), p.Rank())
}

func init() {
	catalogue.Add(func() Loss { return BinaryFocalCrossentropy() })
	catalogue.Add(func() Loss { return CategoricalFocalCrossentropy() })
}
