package layers

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// DiscretizationLayer is Keras's Discretization: numbers become those of the ranges, called bins, that they lie in. The limits between bins are given, or learnt
// by Adapt, so that about as many values lie in each.
type DiscretizationLayer struct {
	layer[*DiscretizationLayer]
	sampleWiseUnless
	cfg  discretizationConfig
	used atomic.Bool // a program holds the limits
}

type discretizationConfig struct {
	symbolic.LayerConfig
	BinBoundaries []float64     `keras:"bin_boundaries"`
	NumBins       *int          `keras:"num_bins"`
	Epsilon       float64       `keras:"epsilon" default:"0.01"`
	OutputMode    OutputMode    `keras:"output_mode" default:"int"`
	Sparse        bool          `keras:"sparse"`
	DType         variableDType `keras:"dtype" default:"null"`
	_             any           `keras:"trainable,unsaved"`
	_             any           `keras:"activity_regularizer,unsaved"`

	learnt bool // the limits weren't given as an argument
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Discretization() }) }

// Discretization returns a layer that makes of numbers, (batch, …), those of their bins (Keras: Discretization()). It needs BinBoundaries, or NumBins and then
// [DiscretizationLayer.Adapt].
func Discretization() *DiscretizationLayer {
	l := &DiscretizationLayer{}
	l.cfg.DType.of = &l.cfg.LayerConfig
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// FinishDecoding takes limits beside a number of bins for learnt ones.
func (l *DiscretizationLayer) FinishDecoding() {
	l.cfg.learnt = l.cfg.BinBoundaries != nil && l.cfg.NumBins != nil
}

// KeepsInputTypes says that inputs are compared as float32, whatever the layer's compute type is.
func (l *DiscretizationLayer) KeepsInputTypes() {}

// DType sets the layer's dtype policy, such as "float16" (Keras: dtype). The default is "float32".
func (l *DiscretizationLayer) DType(policy symbolic.DTypePolicy) *DiscretizationLayer {
	l.SetDType(policy)
	return l
}

// Validate reports arguments that Keras rejects.
func (c *discretizationConfig) Validate() error {
	switch {
	case c.Sparse && c.OutputMode == Int:
		return fmt.Errorf("`sparse=True` may only be used if `output_mode` is `'one_hot'`, `'multi_hot'`, or `'count'`: received output_mode=%s", c.OutputMode)
	case c.Sparse:
		return errSparse
	case c.NumBins != nil && *c.NumBins < 0:
		return fmt.Errorf("`num_bins` must be greater than or equal to 0: received num_bins=%d", *c.NumBins)
	case c.NumBins != nil && c.BinBoundaries != nil && !c.learnt:
		return fmt.Errorf("both `num_bins` and `bin_boundaries` should not be set: received num_bins=%d and bin_boundaries=%v", *c.NumBins, c.BinBoundaries)
	case c.NumBins == nil && c.BinBoundaries == nil:
		return fmt.Errorf("you need to set either `num_bins` or `bin_boundaries`")
	}
	return onlyModes(c.OutputMode, Int, OneHot, MultiHot, Count)
}

func (c *discretizationConfig) depth() int {
	if c.BinBoundaries == nil {
		return *c.NumBins
	}
	return len(c.BinBoundaries) + 1
}

// Infer keeps the shape, or puts the bins into it.
func (l *DiscretizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if l.cfg.OutputMode == Int {
		return []symbolic.Spec{{Shape: x, DType: "int32"}}, nil
	}
	l.crossesIf(l.cfg.OutputMode != OneHot && len(x) < 2)
	dims, _ := encodedDims(x, l.cfg.OutputMode, l.cfg.depth())
	return l.floatOutput(dims, nil)
}

// Call computes the layer.
func (l *DiscretizationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	l.used.Store(true)
	limits := l.cfg.BinBoundaries
	if limits == nil {
		panic(fmt.Errorf("you need to either set BinBoundaries or call Adapt before you can start using the layer"))
	}
	x := in[0]
	if x.DType().IsFloat() {
		x = ndarray.Cast(x, dtypes.Float32)
	}
	dtype := dtypes.Int32
	if l.cfg.OutputMode != Int {
		dtype = c.DType()
	}
	bins := graph.Zeros(c.Graph(), x.Shape())
	if len(limits) > 0 {
		bins = c.Op("Digitize", nil, graph.StopGradient(x), graph.ConstTensor(c.Graph(), tensors.FromFlatDataAndDimensions(toFloat32(limits), len(limits))))
	}
	return []*graph.Node{encodeInGraph(bins, nil, l.cfg.OutputMode, len(limits)+1, dtype)}
}

func toFloat32(list []float64) []float32 {
	out := make([]float32, len(list))
	for i, v := range list {
		out[i] = float32(v)
	}
	return out
}

// Adapt learns the limits between NumBins bins from data, and forgets those before (Keras: adapt): an array of numbers, or batches: a list ([]any,
// []*tensors.Tensor), a GoMLX data set, or an iterator (iter.Seq or, with an error, iter.Seq2). A model must not have run with the layer yet.
func (l *DiscretizationLayer) Adapt(data any) error {
	return adapting(&l.BaseLayer, func() error { return l.adapt(data) })
}

func (l *DiscretizationLayer) adapt(data any) error {
	if err := l.Err(); err != nil {
		return err
	}
	if err := l.cfg.Validate(); err != nil {
		return err
	}
	switch {
	case l.cfg.NumBins == nil:
		return fmt.Errorf("cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` instead")
	case *l.cfg.NumBins == 0 || l.cfg.Epsilon == 0 || math.IsNaN(l.cfg.Epsilon) || math.IsInf(l.cfg.Epsilon, 0):
		return fmt.Errorf("num_bins and epsilon must not be 0: received num_bins=%d and epsilon=%v", *l.cfg.NumBins, l.cfg.Epsilon)
	case l.used.Load():
		return fmt.Errorf("a model has run with the limits that the layer has: adapt it before, or make a new layer")
	}
	all := quantileSummary{}
	batches, _ := symbolic.HostBatches(data)
	for batch, err := range batches {
		if err != nil {
			return err
		}
		t, ok := batch.(*tensors.Tensor)
		if !ok {
			return fmt.Errorf("got texts, want numbers")
		}
		values, err := flatFloats(t)
		if err != nil {
			return err
		}
		all = summarize(values, l.cfg.Epsilon).merge(all).compress(l.cfg.Epsilon)
	}
	limits := []float64{}
	if last := all.compress(1 / float64(*l.cfg.NumBins)); len(last) > 0 {
		for _, p := range last[:len(last)-1] {
			limits = append(limits, float64(p.value))
		}
	}
	if old := l.cfg.depth(); l.Built() && l.cfg.OutputMode != Int && old != len(limits)+1 {
		return fmt.Errorf("the data makes %d bins, but the layer was applied with %d: adapt it before", len(limits)+1, old)
	}
	l.cfg.BinBoundaries, l.cfg.learnt = limits, true
	return nil
}

// quantileSummary stands for many values: some of them, in order, each with how many it stands for.
type quantileSummary []weightedValue

type weightedValue struct{ value, weight float32 }

// summarize takes about 1/epsilon of the values.
func summarize(values []float32, epsilon float64) quantileSummary {
	slices.SortFunc(values, func(a, b float32) int {
		switch less, more := lessFloat(a, b), lessFloat(b, a); {
		case less:
			return -1
		case more:
			return 1
		}
		return 0
	})
	step := max(float64(len(values))/(1/epsilon), 1)
	var s quantileSummary
	for i := step - 1; int(i) < len(values); i = float64(int(i) + int(step)) {
		s = append(s, weightedValue{values[int(i)], float32(step)})
	}
	return s
}

// lessFloat orders numbers, and those that are none behind them.
func lessFloat(a, b float32) bool { return a < b || b != b && a == a }

func (s quantileSummary) merge(other quantileSummary) quantileSummary {
	all := slices.Concat(s, other)
	sort.SliceStable(all, func(i, j int) bool { return lessFloat(all[i].value, all[j].value) })
	return all
}

// compress leaves about 1/epsilon values, found between those that are there by how many lie below.
func (s quantileSummary) compress(epsilon float64) quantileSummary {
	if !(float64(len(s))*epsilon >= 1) {
		return s
	}
	values, sums, shares := make([]float64, len(s)), make([]float64, len(s)), make([]float64, len(s))
	total := float32(0)
	for i, p := range s {
		total += p.weight
		values[i], sums[i] = float64(p.value), float64(total)
	}
	for i := range s {
		shares[i] = float64(float32(sums[i]) / total)
	}
	out := make(quantileSummary, int(math.Ceil(1/epsilon)))
	before := 0.0
	for i := range out {
		at := epsilon + float64(i)*epsilon
		sum := interpolate(at, shares, sums)
		out[i] = weightedValue{float32(interpolate(at, shares, values)), float32(sum - before)}
		before = sum
	}
	return out
}

// interpolate is a line through the points (xs, ys) at x, level before the first and behind the last (NumPy: interp).
func interpolate(x float64, xs, ys []float64) float64 {
	n := len(xs)
	after := sort.Search(n, func(i int) bool { return xs[i] > x }) // the first point behind x
	switch {
	case after == 0:
		return ys[0]
	case after == n:
		return ys[n-1]
	}
	i := after - 1
	if xs[i] == x {
		return ys[i]
	}
	return (ys[after]-ys[i])/(xs[after]-xs[i])*(x-xs[i]) + ys[i]
}
