package losses

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

// overlap is what the losses of overlapping areas share: over which axes areas are taken.
type overlap[S any] struct {
	base[S]
	axes *config.OneOrMore[int]
}

// Axis sets over which axes an area is taken, so that there is a value for each place along the others (Keras: axis=, default none: over
// all axes, the batch's too, which gives one value).
func (l *overlap[S]) Axis(axes ...int) S {
	*l.axes = config.Given(axes)
	return l.self
}

// areas returns targets and predictions, and a function that adds up over the axes.
func (l *overlap[S]) areas(yTrue, yPred *graph.Node) (y, p *graph.Node, sum func(*graph.Node) *graph.Node) {
	y, p = align.SameRank(l.float(yTrue), l.float(yPred))
	requireSameShape(l.KerasName(), y, p)
	if l.axes.Values == nil {
		return y, p, func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(x) }
	}
	var axes []int
	seen := map[int]bool{}
	for _, a := range l.axes.Values {
		a = adjustAxis(l.KerasName(), a, p)
		if seen[a] {
			panic(l.errorf("axis %d is given twice", a))
		}
		seen[a] = true
		axes = append(axes, a)
	}
	return y, p, func(x *graph.Node) *graph.Node {
		if len(axes) == 0 {
			return x
		}
		return graph.ReduceSum(x, axes...)
	}
}

// DiceLoss is 1 - 2·|yTrue∩yPred| / (|yTrue|+|yPred|) (Keras: keras.losses.Dice).
type DiceLoss struct {
	overlap[*DiceLoss]
	cfg struct {
		commonConfig
		Axis config.OneOrMore[int] `keras:"axis" default:"null"`
	}
}

// Dice returns the Dice loss with Keras's defaults.
func Dice() *DiceLoss {
	l := &DiceLoss{}
	l.axes = &l.cfg.Axis
	l.start(l, "Dice", "dice", &l.cfg, &l.cfg.commonConfig)
	return l
}

// Values implements [Loss]: predictions (batch, d0, …) give a scalar, or their shape without the axes.
func (l *DiceLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p, sum := l.areas(yTrue, yPred)
	both := graph.MulScalar(sum(graph.Mul(y, p)), 2)
	return graph.OneMinus(graph.Div(both, graph.AddScalar(graph.Add(sum(y), sum(p)), epsilon)))
}

// TverskyLoss is 1 - TP / (TP + alpha·FP + beta·FN), where TP is |yTrue∩yPred|, FP the part of yTrue outside yPred and FN the part
// of yPred outside yTrue, as Keras names them (Keras: keras.losses.Tversky).
type TverskyLoss struct {
	overlap[*TverskyLoss]
	cfg struct {
		commonConfig
		Alpha float64               `keras:"alpha" default:"0.5"`
		Beta  float64               `keras:"beta" default:"0.5"`
		Axis  config.OneOrMore[int] `keras:"axis" default:"null"`
	}
}

// Tversky returns the Tversky loss with Keras's defaults, which make it the Dice loss.
func Tversky() *TverskyLoss {
	l := &TverskyLoss{}
	l.axes = &l.cfg.Axis
	l.start(l, "Tversky", "tversky", &l.cfg, &l.cfg.commonConfig)
	return l
}

// Alpha sets the weight of targets that aren't predicted (Keras: alpha=, default 0.5).
func (l *TverskyLoss) Alpha(alpha float64) *TverskyLoss {
	l.cfg.Alpha = alpha
	return l
}

// Beta sets the weight of predictions that aren't targets (Keras: beta=, default 0.5).
func (l *TverskyLoss) Beta(beta float64) *TverskyLoss {
	l.cfg.Beta = beta
	return l
}

// Values implements [Loss]: predictions (batch, d0, …) give a scalar, or their shape without the axes.
func (l *TverskyLoss) Values(yTrue, yPred *graph.Node) *graph.Node {
	y, p, sum := l.areas(yTrue, yPred)
	both := sum(graph.Mul(y, p))
	all := graph.Add(both, graph.MulScalar(sum(graph.Mul(graph.OneMinus(p), y)), l.cfg.Alpha))
	all = graph.Add(all, graph.MulScalar(sum(graph.Mul(p, graph.OneMinus(y))), l.cfg.Beta))
	return graph.OneMinus(graph.Div(both, graph.AddScalar(all, epsilon)))
}

func init() {
	catalogue.Add(func() Loss { return Dice() })
	catalogue.Add(func() Loss { return Tversky() })
}
