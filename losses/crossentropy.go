package losses

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/lowering"
)

// epsilon is keras.config.epsilon(): probabilities are clipped to [ε, 1-ε] before the logarithm.
const epsilon = 1e-7

// smoothed holds the arguments that binary and categorical crossentropies share.
type smoothed[S any] struct {
	base[S]
	args *smoothedConfig
}

type smoothedConfig struct {
	commonConfig
	FromLogits     bool    `keras:"from_logits"`
	LabelSmoothing float64 `keras:"label_smoothing"`
	Axis           int     `keras:"axis" default:"-1"`
}

// start connects the loss with its configuration, which is args or embeds it.
func (l *smoothed[S]) start(self S, class, name string, cfg any, args *smoothedConfig) {
	l.args = args
	l.base.start(self, class, name, cfg, &args.commonConfig)
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (l *smoothed[S]) FromLogits(on bool) S {
	l.args.FromLogits = on
	return l.self
}

// LabelSmoothing mixes this share of an even distribution into the targets: 0.5 where each is a yes
// or no, one over the number of classes where they are classes (Keras: label_smoothing=, default 0).
func (l *smoothed[S]) LabelSmoothing(share float64) S {
	l.args.LabelSmoothing = share
	return l.self
}

// Axis is the axis of the classes, or for binary crossentropy the one to average over (Keras: axis=, default -1).
func (l *smoothed[S]) Axis(axis int) S {
	l.args.Axis = axis
	return l.self
}

// prepare returns targets and predictions in the loss's type and one shape, and the axis counted from the front.
func (l *smoothed[S]) prepare(yTrue, yPred *graph.Node) (y, p *graph.Node, axis int) {
	y, p = align.SameRank(l.float(yTrue), l.float(yPred))
	requireSameShape(l.KerasName(), y, p)
	return y, p, adjustAxis(l.KerasName(), l.args.Axis, p)
}

// smooth mixes a share of even into the targets.
func (l *smoothed[S]) smooth(y *graph.Node, even float64) *graph.Node {
	s := l.args.LabelSmoothing
	if s == 0 {
		return y
	}
	return graph.AddScalar(graph.MulScalar(y, 1-s), s*even)
}

// smoothClasses mixes a share of an even distribution over classes into the targets. Keras counts those on the last axis, whatever Axis is.
func (l *smoothed[S]) smoothClasses(y *graph.Node) *graph.Node {
	return l.smooth(y, 1/float64(y.Shape().Dim(-1)))
}

// BinaryCrossentropyLoss is the crossentropy of independent yes-or-no targets
// (Keras: keras.losses.BinaryCrossentropy, "bce").
type BinaryCrossentropyLoss struct {
	smoothed[*BinaryCrossentropyLoss]
	cfg smoothedConfig
}

// BinaryCrossentropy returns the binary crossentropy with Keras's defaults.
func BinaryCrossentropy() *BinaryCrossentropyLoss {
	l := &BinaryCrossentropyLoss{}
	l.start(l, "BinaryCrossentropy", "binary_crossentropy", &l.cfg, &l.cfg)
	return l
}

// Values implements [Loss]: predictions (batch, d0, … dN) give that shape without the axis.
func (l *BinaryCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p, axis := l.prepare(yTrue, yPred)
	y = l.smooth(y, 0.5)
	var bce *graph.Node
	if l.cfg.FromLogits {
		// -log σ(x) is softplus(-x), and -log(1-σ(x)) is softplus(x).
		bce = graph.Add(graph.Mul(y, softplus(graph.Neg(p))), graph.Mul(graph.OneMinus(y), softplus(p)))
	} else {
		bce = ofChances(y, p)
	}
	return graph.ReduceMean(bce, axis)
}

// ofChances is the crossentropy of each yes or no, of the chance that it is a yes.
func ofChances(y, p *graph.Node) *graph.Node {
	p = clip(p)
	return graph.Neg(graph.Add(graph.Mul(y, graph.Log(p)), graph.Mul(graph.OneMinus(y), graph.Log(graph.OneMinus(p)))))
}

// CategoricalCrossentropyLoss is the crossentropy of one-hot (or any) class
// probabilities (Keras: keras.losses.CategoricalCrossentropy).
type CategoricalCrossentropyLoss struct {
	smoothed[*CategoricalCrossentropyLoss]
	cfg smoothedConfig
}

// CategoricalCrossentropy returns the categorical crossentropy with Keras's defaults.
func CategoricalCrossentropy() *CategoricalCrossentropyLoss {
	l := &CategoricalCrossentropyLoss{}
	l.start(l, "CategoricalCrossentropy", "categorical_crossentropy", &l.cfg, &l.cfg)
	return l
}

// Values implements [Loss]: predictions (batch, d0, … classes) give (batch, d0, …).
func (l *CategoricalCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p, axis := l.prepare(yTrue, yPred)
	return crossentropy(l.smoothClasses(y), p, axis, l.cfg.FromLogits)
}

// SparseCategoricalCrossentropyLoss is the crossentropy of targets that are
// class numbers (Keras: keras.losses.SparseCategoricalCrossentropy).
type SparseCategoricalCrossentropyLoss struct {
	base[*SparseCategoricalCrossentropyLoss]
	cfg struct {
		commonConfig
		FromLogits  bool `keras:"from_logits"`
		IgnoreClass *int `keras:"ignore_class"`
		Axis        int  `keras:"axis,unsaved" default:"-1"`
	}
}

// SparseCategoricalCrossentropy returns the sparse categorical crossentropy with Keras's defaults.
func SparseCategoricalCrossentropy() *SparseCategoricalCrossentropyLoss {
	l := &SparseCategoricalCrossentropyLoss{}
	l.start(l, "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", &l.cfg, &l.cfg.commonConfig)
	return l
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (l *SparseCategoricalCrossentropyLoss) FromLogits(on bool) *SparseCategoricalCrossentropyLoss {
	l.cfg.FromLogits = on
	return l
}

// IgnoreClass leaves targets of this class out of the loss (Keras: ignore_class=, default none).
func (l *SparseCategoricalCrossentropyLoss) IgnoreClass(class int) *SparseCategoricalCrossentropyLoss {
	l.cfg.IgnoreClass = &class
	return l
}

// Axis is the axis of the classes (Keras: axis=, default -1). Keras's files don't keep it.
func (l *SparseCategoricalCrossentropyLoss) Axis(axis int) *SparseCategoricalCrossentropyLoss {
	l.cfg.Axis = axis
	return l
}

// Values implements [Loss]: predictions (batch, d0, … classes) with targets (batch, d0, …) or
// (batch, d0, … 1) give (batch, d0, …). A class number outside the classes
// gives a loss of 0, as in Keras on JAX.
func (l *SparseCategoricalCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	p := l.float(yPred)
	axis := adjustAxis(l.KerasName(), l.cfg.Axis, p)
	y := l.classes(yTrue, p, axis)
	valid := l.valid(y)
	if valid != nil {
		y = graph.Where(valid, y, graph.ZerosLike(y))
		p = graph.Where(broadcastAt(valid, axis, p), p, graph.ZerosLike(p))
	}
	hot := graph.OneHot(graph.ConvertDType(y, dtypes.Int32), p.Shape().Dim(axis), p.DType())
	if last := p.Rank() - 1; axis != last {
		order := make([]int, 0, p.Rank())
		for i := range last {
			order = append(order, i)
		}
		order = append(order[:axis], append([]int{last}, order[axis:]...)...)
		hot = graph.TransposeAllAxes(hot, order...)
	}
	values := crossentropy(hot, p, axis, l.cfg.FromLogits)
	if valid != nil {
		values = graph.Where(valid, values, graph.ZerosLike(values))
	}
	return values
}

// Mask implements [Masked]: false at targets of the ignored class.
func (l *SparseCategoricalCrossentropyLoss) Mask(yTrue, yPred *graph.Node) *graph.Node {
	p := l.float(yPred)
	return l.valid(l.classes(yTrue, p, adjustAxis(l.KerasName(), l.cfg.Axis, p)))
}

func (l *SparseCategoricalCrossentropyLoss) valid(y *graph.Node) *graph.Node {
	if l.cfg.IgnoreClass == nil {
		return nil
	}
	return graph.NotEqual(y, graph.Scalar(y.Graph(), y.DType(), *l.cfg.IgnoreClass))
}

// classes returns the targets in the shape of the values.
func (l *SparseCategoricalCrossentropyLoss) classes(yTrue, p *graph.Node, axis int) *graph.Node {
	y := l.float(yTrue)
	if y.Rank() == p.Rank() && y.Shape().Dim(axis) == 1 {
		y = graph.Squeeze(y, axis)
	}
	want := append([]int{}, p.Shape().Dimensions...)
	want = append(want[:axis], want[axis+1:]...)
	if y.Rank() == len(want) {
		same := true
		for i, d := range want {
			same = same && y.Shape().Dim(i) == d
		}
		if same {
			return y
		}
	}
	panic(shapeError(l.KerasName(), yTrue, p, "want a class number a prediction, shape "+align.Shape(want)))
}

// broadcastAt repeats x along a new axis to the shape of like.
func broadcastAt(x *graph.Node, axis int, like *graph.Node) *graph.Node {
	dims := append([]int{}, like.Shape().Dimensions...)
	dims[axis] = 1
	return graph.BroadcastToDims(graph.Reshape(x, dims...), like.Shape().Dimensions...)
}

// crossentropy is -Σ y·log(p) over the axis, of probabilities or of the softmax of logits.
func crossentropy(y, p *graph.Node, axis int, fromLogits bool) *graph.Node {
	if fromLogits {
		return graph.Neg(graph.ReduceSum(graph.Mul(y, graph.LogSoftmax(p, axis)), axis))
	}
	if logits := lowering.SoftmaxLogits(p, axis); logits != nil {
		return ofSoftmax(y, p, logits, axis)
	}
	return ofProbabilities(y, p, axis)
}

func ofProbabilities(y, p *graph.Node, axis int) *graph.Node {
	log := graph.Log(clip(graph.Div(p, graph.ReduceAndKeep(p, graph.ReduceSum, axis))))
	return graph.Neg(graph.ReduceSum(graph.Mul(y, log), axis))
}

func requireSameShape(loss string, yTrue, yPred *graph.Node) {
	if yTrue.Rank() == 0 || !yTrue.Shape().EqualDimensions(yPred.Shape()) {
		panic(shapeError(loss, yTrue, yPred, "want the same shape, of at least one axis"))
	}
}

func adjustAxis(loss string, axis int, x *graph.Node) int {
	adjusted := axis
	if axis < 0 {
		adjusted += x.Rank()
	}
	if adjusted < 0 || adjusted >= x.Rank() {
		panic(fmt.Errorf("loss %s: axis %d, want one of the %d axes of predictions of shape %s", loss, axis, x.Rank(), align.Of(x)))
	}
	return adjusted
}

func init() {
	catalogue.Add(func() Loss { return BinaryCrossentropy() }, "bce", "BCE")
	catalogue.Add(func() Loss { return CategoricalCrossentropy() })
	catalogue.Add(func() Loss { return SparseCategoricalCrossentropy() })
}
