package metrics

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/align"
)

// overUnion is what the intersections over unions share: for each class, how many targets and predictions both are of
// it, over how many are at all, from a matrix that counts predictions by their class and their target's.
type overUnion[S Metric] struct {
	base[S]
	args func() unionArgs
}

// unionArgs are the arguments by which classes are counted.
type unionArgs struct {
	classes        int
	targets        []int // classes of which the mean is taken; nil for all
	ignore         *int
	denseY, denseP bool // one value a class, of which the greatest counts
	axis           int
	threshold      *float64 // from which on a prediction is 1
}

func (m *overUnion[S]) start(self S, class string, cfg any, common *commonConfig, args func() unionArgs) {
	m.args = args
	m.base.start(self, class, "", Up, cfg, common)
	common.DType.Default = func() string { return "int32" }
}

// Validate says whether an argument is wrong.
func (m *overUnion[S]) Validate() error {
	a := m.args()
	if a.classes < 1 {
		return m.errorf("num_classes is %d, want the number of classes", a.classes)
	}
	for _, id := range a.targets {
		if id >= a.classes || id < -a.classes {
			return m.errorf("target class %d, want one of the %d classes from 0 to %d", id, a.classes, a.classes-1)
		}
	}
	if a.targets != nil && len(a.targets) == 0 {
		return m.errorf("target_class_ids is empty, want at least one of the %d classes", a.classes)
	}
	return m.base.Validate()
}

// State implements [Metric]: how many of each class (row) were taken for each class (column).
func (m *overUnion[S]) State(_, _ []int) ([]Variable, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	n := m.args().classes
	return []Variable{{Name: "total_confusion_matrix", Shape: []int{n, n}, DType: m.dtype()}}, nil
}

// Update implements [Metric].
func (m *overUnion[S]) Update(state []*graph.Node, b Batch) []*graph.Node {
	a, y, p := m.args(), b.YTrue, b.YPred
	if a.denseY {
		y = likeliest(m.KerasName(), "targets", asFloat(y), a.axis)
	}
	switch {
	case a.denseP:
		p = likeliest(m.KerasName(), "predictions", asFloat(p), a.axis)
	case a.threshold != nil:
		p = asFloat(p)
		p = graph.GreaterOrEqual(p, graph.Scalar(p.Graph(), p.DType(), *a.threshold))
	}
	size := y.Shape().Size()
	if p.Shape().Size() != size {
		panic(m.errorf("targets of shape %s don't fit predictions of shape %s: want a class a prediction", align.Of(b.YTrue), align.Of(b.YPred)))
	}
	y, p = graph.Reshape(as(y, m.dtype()), size), graph.Reshape(as(p, m.dtype()), size)
	weight := graph.OnesLike(y)
	if w := b.SampleWeight; w != nil {
		if n := w.Shape().Size(); n != size && n != 1 {
			panic(m.errorf("sample weights of shape %s, want one or one a target: %d", align.Of(w), size))
		}
		weight = graph.BroadcastToDims(graph.Reshape(as(w, m.dtype()), w.Shape().Size()), size)
	}

	zero := graph.ZerosLike(y)
	limit := graph.Scalar(y.Graph(), y.DType(), a.classes)
	known := func(x *graph.Node) *graph.Node {
		return graph.LogicalAnd(graph.GreaterOrEqual(x, zero), graph.LessThan(x, limit))
	}
	counts := graph.LogicalAnd(known(y), known(p))
	if a.ignore != nil {
		counts = graph.LogicalAnd(counts, graph.NotEqual(y, graph.Scalar(y.Graph(), y.DType(), *a.ignore)))
	}
	weight = graph.Where(counts, weight, zero)
	class := func(x *graph.Node) *graph.Node { return as(graph.Where(counts, x, zero), dtypes.Int32) }
	cell := graph.InsertAxes(graph.Add(graph.MulScalar(class(y), a.classes), class(p)), -1)
	cells := graph.Scatter(cell, weight, shapes.Make(weight.DType(), a.classes*a.classes), false, false)
	return []*graph.Node{graph.Add(state[0], graph.Reshape(cells, a.classes, a.classes))}
}

// Value implements [Metric]: the mean over the target classes, without those that neither targets nor predictions have.
func (m *overUnion[S]) Value(state []*graph.Node) *graph.Node {
	matrix, a := state[0], m.args()
	diagonal := graph.Diagonal(matrix.Graph(), a.classes)
	both := graph.ReduceSum(graph.Where(diagonal, matrix, graph.ZerosLike(matrix)), 0)
	either := graph.Sub(graph.Add(graph.ReduceSum(matrix, 0), graph.ReduceSum(matrix, 1)), both)
	both, either = asFloat(both), asFloat(either)
	chosen := graph.OnesLike(either)
	if a.targets != nil {
		times := make([]float64, a.classes) // a class given twice counts twice
		for _, id := range a.targets {
			times[(id+a.classes)%a.classes]++
		}
		chosen = constant(matrix.Graph(), times)
	}
	zero := graph.ZerosLike(either)
	chosen = graph.Where(graph.GreaterThan(either, graph.Scalar(either.Graph(), either.DType(), 1e-9)), chosen, zero)
	ratio := graph.Div(both, graph.AddScalar(either, epsilon))
	return graph.Div(graph.ReduceAllSum(graph.Mul(ratio, chosen)), graph.AddScalar(graph.ReduceAllSum(chosen), epsilon))
}

// classesConfig are arguments of all metrics of this family but BinaryIoU.
type classesConfig struct {
	NumClasses  int  `keras:"num_classes"`
	IgnoreClass *int `keras:"ignore_class"`
	Axis        int  `keras:"axis" default:"-1"`
}

// classed has the setters of classesConfig and of sparse_y_pred.
type classed[S Metric] struct {
	overUnion[S]
	classes *classesConfig
	sparseP *bool
}

// IgnoreClass leaves targets of this class out (Keras: ignore_class=, default none).
func (m *classed[S]) IgnoreClass(class int) S {
	m.classes.IgnoreClass = &class
	return m.self
}

// SparseYPred says whether predictions are class numbers, or else a value a class, of which the greatest counts (Keras: sparse_y_pred=).
func (m *classed[S]) SparseYPred(on bool) S {
	*m.sparseP = on
	return m.self
}

// Axis is the axis of the classes where targets or predictions have a value a class (Keras: axis=, default -1).
func (m *classed[S]) Axis(axis int) S {
	m.classes.Axis = axis
	return m.self
}

func (m *classed[S]) start(self S, class string, cfg any, common *commonConfig, classes *classesConfig, sparseY, sparseP *bool, targets *[]int) {
	m.classes, m.sparseP = classes, sparseP
	m.overUnion.start(self, class, cfg, common, func() unionArgs {
		a := unionArgs{classes: classes.NumClasses, ignore: classes.IgnoreClass, axis: classes.Axis,
			denseY: sparseY == nil || !*sparseY, denseP: !*sparseP}
		if targets != nil {
			a.targets = *targets
		}
		return a
	})
}

// IoUMetric is the intersection over union of chosen classes (Keras: keras.metrics.IoU).
type IoUMetric struct {
	classed[*IoUMetric]
	cfg struct {
		commonConfig
		classesConfig
		TargetClassIDs []int `keras:"target_class_ids" default:"[]"`
		SparseYTrue    bool  `keras:"sparse_y_true" default:"true"`
		SparseYPred    bool  `keras:"sparse_y_pred" default:"true"`
	}
}

// IoU returns the mean intersection over union of the target classes, of targets and predictions that are class numbers.
func IoU(numClasses int, targetClassIDs ...int) *IoUMetric {
	m := &IoUMetric{}
	c := &m.cfg
	m.start(m, "IoU", c, &c.commonConfig, &c.classesConfig, &c.SparseYTrue, &c.SparseYPred, &c.TargetClassIDs)
	c.NumClasses, c.TargetClassIDs = numClasses, append([]int{}, targetClassIDs...)
	return m
}

// SparseYTrue says whether targets are class numbers, or else a value a class, of which the greatest counts (Keras: sparse_y_true=, default true).
func (m *IoUMetric) SparseYTrue(on bool) *IoUMetric {
	m.cfg.SparseYTrue = on
	return m
}

// MeanIoUMetric is the mean intersection over union of all classes (Keras: keras.metrics.MeanIoU).
type MeanIoUMetric struct {
	classed[*MeanIoUMetric]
	cfg struct {
		commonConfig
		classesConfig
		SparseYTrue bool `keras:"sparse_y_true" default:"true"`
		SparseYPred bool `keras:"sparse_y_pred" default:"true"`
	}
}

// MeanIoU returns the mean intersection over union of so many classes, of targets and predictions that are class numbers.
func MeanIoU(numClasses int) *MeanIoUMetric {
	m := &MeanIoUMetric{}
	c := &m.cfg
	m.start(m, "MeanIoU", c, &c.commonConfig, &c.classesConfig, &c.SparseYTrue, &c.SparseYPred, nil)
	c.NumClasses = numClasses
	return m
}

// SparseYTrue says whether targets are class numbers, or else a value a class, of which the greatest counts (Keras: sparse_y_true=, default true).
func (m *MeanIoUMetric) SparseYTrue(on bool) *MeanIoUMetric {
	m.cfg.SparseYTrue = on
	return m
}

// OneHotIoUMetric is [IoUMetric] for one-hot targets and predictions of a value a class (Keras: keras.metrics.OneHotIoU).
type OneHotIoUMetric struct {
	classed[*OneHotIoUMetric]
	cfg struct {
		commonConfig
		classesConfig
		TargetClassIDs []int `keras:"target_class_ids" default:"[]"`
		SparseYPred    bool  `keras:"sparse_y_pred"`
	}
}

// OneHotIoU returns the mean intersection over union of the target classes, of one-hot targets and predictions of a value a class.
func OneHotIoU(numClasses int, targetClassIDs ...int) *OneHotIoUMetric {
	m := &OneHotIoUMetric{}
	c := &m.cfg
	m.start(m, "OneHotIoU", c, &c.commonConfig, &c.classesConfig, nil, &c.SparseYPred, &c.TargetClassIDs)
	c.NumClasses, c.TargetClassIDs = numClasses, append([]int{}, targetClassIDs...)
	return m
}

// OneHotMeanIoUMetric is [MeanIoUMetric] for one-hot targets and predictions of a value a class (Keras: keras.metrics.OneHotMeanIoU).
type OneHotMeanIoUMetric struct {
	classed[*OneHotMeanIoUMetric]
	cfg struct {
		commonConfig
		classesConfig
		SparseYPred bool `keras:"sparse_y_pred"`
	}
}

// OneHotMeanIoU returns the mean intersection over union of so many classes, of one-hot targets and predictions of a value a class.
func OneHotMeanIoU(numClasses int) *OneHotMeanIoUMetric {
	m := &OneHotMeanIoUMetric{}
	c := &m.cfg
	m.start(m, "OneHotMeanIoU", c, &c.commonConfig, &c.classesConfig, nil, &c.SparseYPred, nil)
	c.NumClasses = numClasses
	return m
}

// BinaryIoUMetric is the intersection over union of 0-or-1 targets and probabilities (Keras: keras.metrics.BinaryIoU).
type BinaryIoUMetric struct {
	overUnion[*BinaryIoUMetric]
	cfg struct {
		commonConfig
		TargetClassIDs []int   `keras:"target_class_ids" default:"[0,1]"`
		Threshold      float64 `keras:"threshold" default:"0.5"`
	}
}

// BinaryIoU returns the mean intersection over union of the classes 0 and 1, with Keras's threshold of 0.5.
func BinaryIoU() *BinaryIoUMetric {
	m := &BinaryIoUMetric{}
	m.start(m, "BinaryIoU", &m.cfg, &m.cfg.commonConfig, func() unionArgs {
		return unionArgs{classes: 2, targets: m.cfg.TargetClassIDs, threshold: &m.cfg.Threshold}
	})
	return m
}

// TargetClassIDs sets the classes of which the mean is taken (Keras: target_class_ids=, default 0 and 1).
func (m *BinaryIoUMetric) TargetClassIDs(ids ...int) *BinaryIoUMetric {
	m.cfg.TargetClassIDs = slices.Clone(ids)
	return m
}

// Threshold sets from which value on a prediction counts as 1 (Keras: threshold=, default 0.5).
func (m *BinaryIoUMetric) Threshold(threshold float64) *BinaryIoUMetric {
	m.cfg.Threshold = threshold
	return m
}

func init() {
	catalogue.Add(func() Metric { return BinaryIoU() })
	catalogue.AddIncomplete(func() Metric { return IoU(0) })
	catalogue.AddIncomplete(func() Metric { return MeanIoU(0) })
	catalogue.AddIncomplete(func() Metric { return OneHotIoU(0) })
	catalogue.AddIncomplete(func() Metric { return OneHotMeanIoU(0) })
}
