package losses

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
)

// epsilon is keras.config.epsilon(): probabilities are clipped to [ε, 1-ε] before the logarithm.
const epsilon = 1e-7

type binaryConfig struct {
	Name           string         `keras:"name" default:"binary_crossentropy"`
	Reduction      reductionField `keras:"reduction" default:"sum_over_batch_size"`
	FromLogits     bool           `keras:"from_logits"`
	LabelSmoothing float64        `keras:"label_smoothing"`
	Axis           int            `keras:"axis" default:"-1"`
}

// BinaryCrossentropyLoss is the crossentropy of independent yes-or-no targets
// (Keras: keras.losses.BinaryCrossentropy, "bce").
type BinaryCrossentropyLoss struct {
	base[*BinaryCrossentropyLoss]
	cfg binaryConfig
}

// BinaryCrossentropy returns the binary crossentropy with Keras's defaults.
func BinaryCrossentropy() *BinaryCrossentropyLoss {
	l := &BinaryCrossentropyLoss{}
	config.SetDefaults(&l.cfg)
	l.base = base[*BinaryCrossentropyLoss]{l, &l.cfg.Name, &l.cfg.Reduction}
	return l
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (l *BinaryCrossentropyLoss) FromLogits(on bool) *BinaryCrossentropyLoss {
	l.cfg.FromLogits = on
	return l
}

// LabelSmoothing moves targets towards 0.5 by this share (Keras: label_smoothing=, default 0).
func (l *BinaryCrossentropyLoss) LabelSmoothing(share float64) *BinaryCrossentropyLoss {
	l.cfg.LabelSmoothing = share
	return l
}

// Axis is the axis to average over (Keras: axis=, default -1).
func (l *BinaryCrossentropyLoss) Axis(axis int) *BinaryCrossentropyLoss {
	l.cfg.Axis = axis
	return l
}

// KerasClass implements [Loss].
func (l *BinaryCrossentropyLoss) KerasClass() config.Class { return class("BinaryCrossentropy") }

// KerasConfig implements [Loss].
func (l *BinaryCrossentropyLoss) KerasConfig() any { return &l.cfg }

// Values implements [Loss]: predictions (batch, d0, … dN) give that shape without the axis.
func (l *BinaryCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p := align.SameRank(asFloat(yTrue), asFloat(yPred))
	requireSameShape(l.cfg.Name, y, p)
	axis := adjustAxis(l.cfg.Name, l.cfg.Axis, p)
	if s := l.cfg.LabelSmoothing; s != 0 {
		y = graph.AddScalar(graph.MulScalar(y, 1-s), 0.5*s)
	}
	var bce *graph.Node
	if l.cfg.FromLogits {
		// -log σ(x) is softplus(-x), and -log(1-σ(x)) is softplus(x).
		bce = graph.Add(graph.Mul(y, softplus(graph.Neg(p))), graph.Mul(graph.OneMinus(y), softplus(p)))
	} else {
		p = clip(p)
		bce = graph.Neg(graph.Add(graph.Mul(y, graph.Log(p)), graph.Mul(graph.OneMinus(y), graph.Log(graph.OneMinus(p)))))
	}
	return graph.ReduceMean(bce, axis)
}

type categoricalConfig struct {
	Name           string         `keras:"name" default:"categorical_crossentropy"`
	Reduction      reductionField `keras:"reduction" default:"sum_over_batch_size"`
	FromLogits     bool           `keras:"from_logits"`
	LabelSmoothing float64        `keras:"label_smoothing"`
	Axis           int            `keras:"axis" default:"-1"`
}

// CategoricalCrossentropyLoss is the crossentropy of one-hot (or any) class
// probabilities (Keras: keras.losses.CategoricalCrossentropy).
type CategoricalCrossentropyLoss struct {
	base[*CategoricalCrossentropyLoss]
	cfg categoricalConfig
}

// CategoricalCrossentropy returns the categorical crossentropy with Keras's defaults.
func CategoricalCrossentropy() *CategoricalCrossentropyLoss {
	l := &CategoricalCrossentropyLoss{}
	config.SetDefaults(&l.cfg)
	l.base = base[*CategoricalCrossentropyLoss]{l, &l.cfg.Name, &l.cfg.Reduction}
	return l
}

// FromLogits says that predictions are logits, not probabilities (Keras: from_logits=, default false).
func (l *CategoricalCrossentropyLoss) FromLogits(on bool) *CategoricalCrossentropyLoss {
	l.cfg.FromLogits = on
	return l
}

// LabelSmoothing spreads this share of the targets over all classes (Keras: label_smoothing=, default 0).
func (l *CategoricalCrossentropyLoss) LabelSmoothing(share float64) *CategoricalCrossentropyLoss {
	l.cfg.LabelSmoothing = share
	return l
}

// Axis is the axis of the classes (Keras: axis=, default -1).
func (l *CategoricalCrossentropyLoss) Axis(axis int) *CategoricalCrossentropyLoss {
	l.cfg.Axis = axis
	return l
}

// KerasClass implements [Loss].
func (l *CategoricalCrossentropyLoss) KerasClass() config.Class {
	return class("CategoricalCrossentropy")
}

// KerasConfig implements [Loss].
func (l *CategoricalCrossentropyLoss) KerasConfig() any { return &l.cfg }

// Values implements [Loss]: predictions (batch, d0, … classes) give (batch, d0, …).
func (l *CategoricalCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p := align.SameRank(asFloat(yTrue), asFloat(yPred))
	requireSameShape(l.cfg.Name, y, p)
	axis := adjustAxis(l.cfg.Name, l.cfg.Axis, p)
	if s := l.cfg.LabelSmoothing; s != 0 {
		y = graph.AddScalar(graph.MulScalar(y, 1-s), s/float64(y.Shape().Dim(-1)))
	}
	return crossentropy(y, p, axis, l.cfg.FromLogits)
}

type sparseConfig struct {
	Name        string         `keras:"name" default:"sparse_categorical_crossentropy"`
	Reduction   reductionField `keras:"reduction" default:"sum_over_batch_size"`
	FromLogits  bool           `keras:"from_logits"`
	IgnoreClass *int           `keras:"ignore_class"`
}

// SparseCategoricalCrossentropyLoss is the crossentropy of targets that are
// class numbers (Keras: keras.losses.SparseCategoricalCrossentropy).
type SparseCategoricalCrossentropyLoss struct {
	base[*SparseCategoricalCrossentropyLoss]
	cfg sparseConfig
	// axis stands outside the configuration because Keras doesn't save it.
	axis int
}

// SparseCategoricalCrossentropy returns the sparse categorical crossentropy with Keras's defaults.
func SparseCategoricalCrossentropy() *SparseCategoricalCrossentropyLoss {
	l := &SparseCategoricalCrossentropyLoss{axis: -1}
	config.SetDefaults(&l.cfg)
	l.base = base[*SparseCategoricalCrossentropyLoss]{l, &l.cfg.Name, &l.cfg.Reduction}
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
	l.axis = axis
	return l
}

// KerasClass implements [Loss].
func (l *SparseCategoricalCrossentropyLoss) KerasClass() config.Class {
	return class("SparseCategoricalCrossentropy")
}

// KerasConfig implements [Loss].
func (l *SparseCategoricalCrossentropyLoss) KerasConfig() any { return &l.cfg }

// Values implements [Loss]: predictions (batch, d0, … classes) with targets (batch, d0, …) or
// (batch, d0, … 1) give (batch, d0, …). A class number outside the classes
// gives a loss of 0, as in Keras on JAX.
func (l *SparseCategoricalCrossentropyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	p := asFloat(yPred)
	axis := adjustAxis(l.cfg.Name, l.axis, p)
	y := l.classes(yTrue, p, axis)
	valid := l.valid(y)
	if valid != nil {
		y = graph.Where(valid, y, graph.ZerosLike(y))
		p = graph.Where(broadcastAt(valid, axis, p), p, graph.ZerosLike(p))
	}
	hot := graph.OneHot(graph.ConvertDType(y, dtypes.Int32), p.Shape().Dim(axis), dtypes.Float32)
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
	p := asFloat(yPred)
	return l.valid(l.classes(yTrue, p, adjustAxis(l.cfg.Name, l.axis, p)))
}

func (l *SparseCategoricalCrossentropyLoss) valid(y *graph.Node) *graph.Node {
	if l.cfg.IgnoreClass == nil {
		return nil
	}
	return graph.NotEqual(y, graph.Scalar(y.Graph(), y.DType(), *l.cfg.IgnoreClass))
}

// classes returns the targets in the shape of the values.
func (l *SparseCategoricalCrossentropyLoss) classes(yTrue, p *graph.Node, axis int) *graph.Node {
	y := asFloat(yTrue)
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
	panic(shapeError(l.cfg.Name, yTrue, p, "want a class number a prediction, shape "+align.Shape(want)))
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

// clip keeps x within [ε, 1-ε]. At the bounds themselves, which a saturated
// softmax does reach, its gradient is one half, as JAX's is; NaN stays.
func clip(x *graph.Node) *graph.Node {
	low, high := bounds(x)
	atBound := graph.LogicalOr(graph.Equal(x, low), graph.Equal(x, high))
	half := graph.MulScalar(graph.Add(x, graph.StopGradient(x)), 0.5)
	x = graph.Where(atBound, half, x)
	x = graph.Where(graph.LessThan(x, low), low, x)
	return graph.Where(graph.GreaterThan(x, high), high, x)
}

// bounds are those within which clip keeps x.
func bounds(x *graph.Node) (low, high *graph.Node) {
	return graph.Scalar(x.Graph(), x.DType(), epsilon), graph.Scalar(x.Graph(), x.DType(), 1-epsilon)
}

// softplus is log(1+exp(x)); its gradient is the sigmoid at 0 and at the infinities too.
func softplus(x *graph.Node) *graph.Node {
	return graph.Add(graph.MaxScalar(x, 0), graph.Log1p(graph.Exp(graph.Neg(graph.Abs(x)))))
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
