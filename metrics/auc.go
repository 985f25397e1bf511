package metrics

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
	"github.com/gokeras/gokeras/internal/config"
)

// Curve is a curve under which [AUCMetric] takes the area.
type Curve string

// Keras's curves.
const (
	ROC    Curve = "ROC"    // recall over the rate of false positives
	PR     Curve = "PR"     // precision over recall
	PRGain Curve = "PRGAIN" // gain of precision over gain of recall
)

// EncodeKeras implements config.Codec.
func (c *Curve) EncodeKeras() (any, error) { return spelled("curve", *c, ROC, PR, PRGain) }

// DecodeKeras implements config.Codec. Small letters do, too.
func (c *Curve) DecodeKeras(v any) (err error) {
	*c, err = decoded("curve", v, ROC, PR, PRGain)
	return err
}

// SummationMethod is how [AUCMetric] takes the area between two points of the curve.
type SummationMethod string

// Keras's methods: the middle of the two heights (of precision and recall, the interpolation of Davis and Goadrich), the lesser, the greater.
const (
	Interpolation SummationMethod = "interpolation"
	Minoring      SummationMethod = "minoring"
	Majoring      SummationMethod = "majoring"
)

// EncodeKeras implements config.Codec.
func (s *SummationMethod) EncodeKeras() (any, error) {
	return spelled("summation_method", *s, Interpolation, Minoring, Majoring)
}

// DecodeKeras implements config.Codec. A capital letter does, too.
func (s *SummationMethod) DecodeKeras(v any) (err error) {
	*s, err = decoded("summation_method", v, Interpolation, Minoring, Majoring)
	return err
}

// AUCMetric is the area under a curve of a classifier at many thresholds (Keras: keras.metrics.AUC).
type AUCMetric struct {
	base[*AUCMetric]
	logits[*AUCMetric]
	cfg struct {
		commonConfig
		NumThresholds   int             `keras:"num_thresholds" default:"200"`
		Curve           Curve           `keras:"curve" default:"ROC"`
		SummationMethod SummationMethod `keras:"summation_method" default:"interpolation"`
		MultiLabel      bool            `keras:"multi_label"`
		NumLabels       *int            `keras:"num_labels"`
		LabelWeights    weightsField    `keras:"label_weights" default:"null"`
		FromLogits      bool            `keras:"from_logits"`
		Thresholds      []float64       `keras:"thresholds,omitempty"`
	}
}

// AUC returns the area under the receiver operating characteristic, with Keras's 200 thresholds. Targets are 0 or 1 (anything but 0 counts
// as 1), predictions probabilities of the same shape.
func AUC() *AUCMetric {
	m := &AUCMetric{}
	m.logits.metric, m.logits.on = m, &m.cfg.FromLogits
	m.start(m, "AUC", "", Up, &m.cfg, &m.cfg.commonConfig)
	m.cfg.LabelWeights.dtype = &m.cfg.DType
	return m
}

// NumThresholds sets at how many thresholds, evenly from 0 to 1, the curve is known (Keras: num_thresholds=, default 200, at least 2).
func (m *AUCMetric) NumThresholds(n int) *AUCMetric {
	m.cfg.NumThresholds, m.cfg.Thresholds = n, nil
	return m
}

// Thresholds sets the thresholds, between which and 0 and 1 the curve is known (Keras: thresholds=, default none: NumThresholds says how many).
func (m *AUCMetric) Thresholds(values ...float64) *AUCMetric {
	m.cfg.Thresholds = append([]float64{}, values...)
	slices.Sort(m.cfg.Thresholds)
	return m
}

// Curve sets the curve (Keras: curve=, default [ROC]).
func (m *AUCMetric) Curve(c Curve) *AUCMetric {
	m.cfg.Curve = nearest(c, ROC, PR, PRGain)
	return m
}

// SummationMethod sets how the area is taken (Keras: summation_method=, default [Interpolation]).
func (m *AUCMetric) SummationMethod(s SummationMethod) *AUCMetric {
	m.cfg.SummationMethod = nearest(s, Interpolation, Minoring, Majoring)
	return m
}

// MultiLabel takes the area of each label of targets (batch, labels), and then their mean (Keras: multi_label=, default false: all are taken together).
func (m *AUCMetric) MultiLabel(on bool) *AUCMetric {
	m.cfg.MultiLabel = on
	return m
}

// NumLabels is the number of labels, for MultiLabel (Keras: num_labels=, default that of the first predictions).
func (m *AUCMetric) NumLabels(n int) *AUCMetric {
	m.cfg.NumLabels = &n
	return m
}

// LabelWeights weighs the labels: with MultiLabel their areas, without it their predictions (Keras: label_weights=, default none).
func (m *AUCMetric) LabelWeights(weights ...float64) *AUCMetric {
	m.cfg.LabelWeights.values, m.cfg.LabelWeights.asTensor = append([]float64{}, weights...), false
	return m
}

// KerasConfig implements [Metric].
func (m *AUCMetric) KerasConfig() any {
	if m.cfg.Thresholds != nil {
		m.cfg.NumThresholds = len(m.cfg.Thresholds) + 2
	}
	return &m.cfg
}

// Validate says whether an argument is wrong.
func (m *AUCMetric) Validate() error {
	_, curve := m.cfg.Curve.EncodeKeras()
	_, method := m.cfg.SummationMethod.EncodeKeras()
	switch {
	case curve != nil:
		return m.errorf("%w", curve)
	case method != nil:
		return m.errorf("%w", method)
	case m.cfg.Thresholds == nil && m.cfg.NumThresholds < 2:
		return m.errorf("num_thresholds is %d, want at least 2", m.cfg.NumThresholds)
	case m.cfg.NumLabels != nil && !m.cfg.MultiLabel:
		return m.errorf("num_labels is %d without multi_label, where it means nothing", *m.cfg.NumLabels)
	}
	return m.base.Validate()
}

func (m *AUCMetric) thresholds() thresholds {
	if given := m.cfg.Thresholds; given != nil {
		return givenThresholds(slices.Sorted(slices.Values(given)))
	}
	return evenThresholds(m.cfg.NumThresholds)
}

// State implements [Metric]: of each kind of count, one a threshold, and with MultiLabel one a threshold and label.
func (m *AUCMetric) State(_, yPred []int) ([]Variable, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	dims := []int{len(m.thresholds().values)}
	switch {
	case !m.cfg.MultiLabel:
	case m.cfg.NumLabels != nil:
		dims = append(dims, *m.cfg.NumLabels)
	case yPred == nil:
		return nil, m.errorf("the number of labels is known from the first batch: set NumLabels to have it before")
	case len(yPred) != 2 || yPred[1] < 0:
		return nil, m.errorf("predictions of shape %s: with multi_label want (batch, labels)", align.Shape(yPred))
	default:
		dims = append(dims, yPred[1])
	}
	if n := len(m.cfg.LabelWeights.values); len(dims) == 2 && n > 0 && n != dims[1] {
		return nil, m.errorf("got %d label weights for %d labels", n, dims[1])
	}
	return []Variable{{Name: "true_positives", Shape: dims}, {Name: "false_positives", Shape: dims},
		{Name: "true_negatives", Shape: dims}, {Name: "false_negatives", Shape: dims}}, nil
}

// Update implements [Metric].
func (m *AUCMetric) Update(state []*graph.Node, b Batch) []*graph.Node {
	if m.cfg.FromLogits {
		b.YPred = graph.Sigmoid(asFloat(b.YPred))
	}
	labelWeights := m.cfg.LabelWeights.values
	if m.cfg.MultiLabel {
		labelWeights = nil // which weigh the areas
		if labels := state[0].Shape().Dim(1); b.YPred.Rank() != 2 || b.YPred.Shape().Dim(1) != labels {
			panic(m.errorf("predictions of shape %s, want (batch, %d): a prediction a label", align.Of(b.YPred), labels))
		}
	}
	next := make([]*graph.Node, len(state))
	for i, counted := range m.thresholds().count(label(m.KerasName(), b, m.cfg.MultiLabel, labelWeights)) {
		next[i] = graph.Add(state[i], counted)
	}
	return next
}

// Value implements [Metric].
func (m *AUCMetric) Value(state []*graph.Node) *graph.Node {
	areas := m.areas(state[0], state[1], state[2], state[3])
	if !m.cfg.MultiLabel {
		return graph.ReduceAllSum(areas)
	}
	areas = graph.ReduceSum(areas, 0)
	if m.cfg.LabelWeights.values == nil {
		return graph.ReduceAllMean(areas)
	}
	weights := constant(areas.Graph(), m.cfg.LabelWeights.values)
	return divideNoNaN(graph.ReduceAllSum(graph.Mul(areas, weights)), graph.ReduceAllSum(weights))
}

// areas returns the area between each threshold and the next.
func (m *AUCMetric) areas(tp, fp, tn, fn *graph.Node) *graph.Node {
	if m.cfg.Curve == PR && m.cfg.SummationMethod == Interpolation {
		return interpolated(tp, fp, fn)
	}
	x, y := m.points(tp, fp, tn, fn)
	left, right := ends(y)
	var heights *graph.Node
	switch m.cfg.SummationMethod {
	case Interpolation:
		heights = graph.DivScalar(graph.Add(left, right), 2)
	case Minoring:
		heights = graph.Min(left, right)
	default:
		heights = graph.Max(left, right)
	}
	from, to := ends(x)
	return graph.Mul(graph.Sub(from, to), heights)
}

// points returns the curve's points at the thresholds.
func (m *AUCMetric) points(tp, fp, tn, fn *graph.Node) (x, y *graph.Node) {
	recall := func() *graph.Node { return divideNoNaN(tp, graph.Add(tp, fn)) }
	switch m.cfg.Curve {
	case ROC:
		return divideNoNaN(fp, graph.Add(fp, tn)), recall()
	case PR:
		return recall(), divideNoNaN(tp, graph.Add(tp, fp))
	}
	scale := divideNoNaN(graph.Add(tp, fn), graph.Add(tn, fp))
	gain := func(wrong *graph.Node) *graph.Node {
		return graph.OneMinus(graph.Mul(scale, divideNoNaN(wrong, tp)))
	}
	// Without true positives both gains are without bounds: Keras takes 0 for that of recall and 1 for that of precision.
	none := graph.IsZero(tp)
	x = graph.MaxScalar(graph.Where(none, graph.ZerosLike(tp), gain(fn)), 0)
	return x, graph.Where(none, graph.OnesLike(tp), gain(fp))
}

// interpolated is the area under precision over recall between thresholds, if true and false positives are taken to
// change linearly there, which precision doesn't (Davis & Goadrich 2006).
func interpolated(tp, fp, fn *graph.Node) *graph.Node {
	_, tpTo := ends(tp)
	tpFrom, _ := ends(tp)
	from, to := ends(graph.Add(tp, fp))
	_, fnTo := ends(fn)
	gained := graph.Sub(tpFrom, tpTo)
	slope := divideNoNaN(gained, graph.MaxScalar(graph.Sub(from, to), 0))
	intercept := graph.Sub(tpTo, graph.Mul(slope, to))
	zero := graph.ZerosLike(to)
	both := graph.LogicalAnd(graph.GreaterThan(from, zero), graph.GreaterThan(to, zero))
	ratio := graph.Where(both, divideNoNaN(from, graph.MaxScalar(to, 0)), graph.OnesLike(to))
	area := graph.Mul(slope, graph.Add(gained, graph.Mul(intercept, graph.Log(ratio))))
	return divideNoNaN(area, graph.MaxScalar(graph.Add(tpTo, fnTo), 0))
}

// ends are the values at all thresholds but the last, and at all but the first.
func ends(x *graph.Node) (from, to *graph.Node) {
	n := x.Shape().Dim(0)
	return graph.Slice(x, graph.AxisRange(0, n-1)), graph.Slice(x, graph.AxisRange(1, n))
}

// weightsField is an array of weights as configurations hold it: null, a list, or a tensor's values and type. The last is what Keras 3.15
// writes and can't read again; it is kept where a file has it, and not written otherwise.
type weightsField struct {
	values   []float64
	dtype    *config.Text
	asTensor bool
}

// EncodeKeras implements config.Codec.
func (w *weightsField) EncodeKeras() (any, error) {
	if w.values == nil {
		return nil, nil
	}
	list := make([]any, len(w.values))
	for i, v := range w.values {
		list[i] = v
	}
	if !w.asTensor {
		return list, nil
	}
	return map[string]any{"class_name": "__tensor__", "config": map[string]any{"value": list, "dtype": w.dtype.String()}}, nil
}

// DecodeKeras implements config.Codec.
func (w *weightsField) DecodeKeras(v any) error {
	m, asTensor := v.(map[string]any)
	if w.asTensor = asTensor; asTensor {
		cfg, _ := m["config"].(map[string]any)
		v = cfg["value"]
	}
	w.values = nil
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("got a %T, want a list of numbers", v)
	}
	w.values = make([]float64, len(list))
	for i, e := range list {
		if w.values[i], ok = config.AsFloat(e); !ok {
			return fmt.Errorf("[%d]: got %v, want a number", i, e)
		}
	}
	return nil
}

func init() {
	catalogue.Add(func() Metric { return AUC() })
}
