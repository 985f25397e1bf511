package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/symbolic"
)

// NormalizationLayer is Keras's Normalization: it takes off a mean and divides by the root of a variance, both given or learnt by Adapt, and both 0 and 1
// before that.
type NormalizationLayer struct {
	layer[*NormalizationLayer]
	sampleWise
	symbolic.PassesMask
	cfg normalizationConfig
}

type normalizationConfig struct {
	symbolic.LayerConfig
	Axis     axisList `keras:"axis" default:"-1"`
	Mean     constant `keras:"mean"`
	Variance constant `keras:"variance"`
	Invert   bool     `keras:"invert"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return Normalization() }) }

// Normalization returns a layer that gives each position of the last axis the mean 0 and the variance 1 (Keras: Normalization()).
// [NormalizationLayer.Adapt] learns what they are in data.
func Normalization() *NormalizationLayer {
	l := &NormalizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// axisList are axes, in any order.
type axisList []int

func (a *axisList) set(axes ...int) error {
	*a = append(axisList{}, axes...)
	return nil
}

// DecodeKeras reads a list, a number, or null for no axis.
func (a *axisList) DecodeKeras(v any) error {
	list, ok := v.([]any)
	if !ok && v != nil {
		list = []any{v}
	}
	*a = axisList{}
	for _, e := range list {
		axis, ok := config.AsInt(e)
		if !ok {
			return fmt.Errorf("got %v, want an axis, or a list of axes, or null", v)
		}
		*a = append(*a, axis)
	}
	return nil
}

// EncodeKeras writes a list, as Keras does of a single axis and of None.
func (a *axisList) EncodeKeras() (any, error) {
	list := make([]any, len(*a))
	for i, axis := range *a {
		list[i] = axis
	}
	return list, nil
}

// constant is an array that is given as an argument.
type constant struct {
	value  any // as JSON has it; nil is None
	tensor *tensors.Tensor
}

// set takes a number, a tensor, or Go slices or arrays of numbers; nil takes it back.
func (c *constant) set(value any) error {
	*c = constant{}
	if value == nil {
		return nil
	}
	t, err := ndarray.ToTensor("value", value)
	if err != nil {
		return err
	}
	double, err := ndarray.Convert(t, dtypes.Float64)
	if err != nil {
		return err
	}
	whole := !t.DType().IsFloat()
	c.tensor = double
	return tensors.ConstFlatData(double, func(flat []float64) { c.value = nested(flat, t.Shape().Dimensions, whole) })
}

// nested is an array as JSON has it.
func nested(flat []float64, dims []int, whole bool) any {
	switch {
	case len(dims) == 0 && whole:
		return int(flat[0])
	case len(dims) == 0:
		return flat[0]
	}
	list := make([]any, dims[0])
	size := len(flat) / max(dims[0], 1)
	for i := range list {
		list[i] = nested(flat[i*size:(i+1)*size], dims[1:], whole)
	}
	return list
}

// DecodeKeras reads a number, or lists of numbers of any depth, or null.
func (c *constant) DecodeKeras(v any) error {
	*c = constant{}
	if v == nil {
		return nil
	}
	var dims []int
	for at := v; ; {
		list, ok := at.([]any)
		if !ok {
			break
		}
		if dims = append(dims, len(list)); len(list) == 0 {
			break
		}
		at = list[0]
	}
	var flat []float64
	var read func(v any, axis int) error
	read = func(v any, axis int) error {
		list, isList := v.([]any)
		if axis == len(dims) {
			f, ok := config.AsFloat(v)
			if flat = append(flat, f); !ok {
				return fmt.Errorf("got %v, want numbers", v)
			}
			return nil
		}
		if !isList || len(list) != dims[axis] {
			return fmt.Errorf("the lists are no array: along axis %d they aren't all of %d elements", axis, dims[axis])
		}
		for _, e := range list {
			if err := read(e, axis+1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := read(v, 0); err != nil {
		return err
	}
	c.value, c.tensor = v, tensors.FromFlatDataAndDimensions(flat, dims...)
	return nil
}

// EncodeKeras writes it as it was given.
func (c *constant) EncodeKeras() (any, error) { return c.value, nil }

func (c *constant) dims() symbolic.Shape { return c.tensor.Shape().Dimensions }

// Validate reports arguments that Keras rejects.
func (c *normalizationConfig) Validate() error {
	switch {
	case (c.Mean.tensor == nil) != (c.Variance.tensor == nil):
		return fmt.Errorf("when setting values directly, both `mean` and `variance` must be set: received mean=%v and variance=%v", c.Mean.value, c.Variance.value)
	case c.Mean.tensor == nil:
		return nil
	case !c.Mean.dims().Equal(c.Variance.dims()):
		return fmt.Errorf("when setting values directly, `mean` and `variance` must have the same shape: received mean shape %s and variance shape %s", c.Mean.dims(), c.Variance.dims())
	case len(c.Mean.dims()) > len(c.Axis):
		return fmt.Errorf("the rank of `mean` must be less than or equal to the number of axes (%d): received mean shape %s for axis %v", len(c.Axis), c.Mean.dims(), []int(c.Axis))
	}
	return nil
}

// kept returns the axes that have a mean of their own, in order, and the shape that they have, 1 along the others.
func (c *normalizationConfig) kept(x symbolic.Shape) (axes []int, along symbolic.Shape, err error) {
	along = symbolic.Shape(slices.Repeat([]int{1}, len(x)))
	for _, a := range c.Axis {
		axis, ok := x.Axis(a)
		switch {
		case !ok:
			return nil, nil, fmt.Errorf("all `axis` values must be in the range [-ndim, ndim): received inputs with ndim=%d, while axis=%v", len(x), []int(c.Axis))
		case x[axis] == symbolic.None:
			return nil, nil, fmt.Errorf("all `axis` values to be kept must have a known shape: received axis=%v, inputs.shape=%s, with unknown axis at index %d", []int(c.Axis), x, axis)
		case slices.Contains(axes, axis):
			return nil, nil, fmt.Errorf("`axis` has the axis %d twice: received axis=%v", axis, []int(c.Axis))
		}
		axes, along[axis] = append(axes, axis), x[axis]
	}
	slices.Sort(axes)
	return axes, along, nil
}

// spread returns the shape in which a given mean is broadcast: its axes are the last of those that are kept.
func (c *normalizationConfig) spread(axes []int, along symbolic.Shape) (symbolic.Shape, error) {
	shape := symbolic.Shape(slices.Repeat([]int{1}, len(along)))
	dims := c.Mean.dims()
	for i := range dims {
		axis := axes[len(axes)-len(dims)+i]
		if shape[axis] = dims[i]; dims[i] != 1 && dims[i] != along[axis] {
			return nil, fmt.Errorf("`mean` and `variance` of shape %s can't be broadcast to the axes %v of an input whose kept axes have shape %s", dims, []int(c.Axis), along)
		}
	}
	return shape, nil
}

// Infer returns the input's shape.
func (l *NormalizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := l.oneAsBuilt(in)
	if err != nil {
		return nil, err
	}
	if l.Built() {
		for _, axis := range l.cfg.Axis {
			if err := l.knownAxis(x, axis); err != nil {
				return nil, err
			}
		}
		return l.floatOutput(x, nil)
	}
	axes, along, err := l.cfg.kept(x)
	if err == nil && l.cfg.Mean.tensor != nil {
		_, err = l.cfg.spread(axes, along)
	}
	return l.floatOutput(x, err)
}

// Declare declares mean and variance, of the shape of the kept axes, and a count that Keras once used, unless they are given.
func (l *NormalizationLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	if l.cfg.Mean.tensor != nil {
		return nil
	}
	x := firstShape(in)
	axes, _, err := l.cfg.kept(x)
	if err != nil {
		return err
	}
	shape := []int{}
	for _, axis := range axes {
		shape = append(shape, x[axis])
	}
	for _, w := range []symbolic.WeightSpec{
		{Name: "mean", Shape: shape, Initializer: initializers.Zeros()},
		{Name: "variance", Shape: shape, Initializer: initializers.Ones()},
		{Name: "count", Shape: []int{}, DType: dtypes.Int32, Initializer: initializers.Zeros()},
	} {
		w.NonTrainable, w.Change = true, symbolic.Never
		b.Weight(w)
	}
	return nil
}

// Call computes the layer.
func (l *NormalizationLayer) Call(c *symbolic.Call, in []*graph.Node) []*graph.Node {
	x := ndarray.Cast(in[0], c.DType())
	axes, along, err := l.cfg.kept(l.BuiltShapes()[0])
	if err != nil {
		panic(err)
	}
	value := func(name string, given constant) *graph.Node {
		if given.tensor == nil {
			return graph.Reshape(c.Weight(name), along...)
		}
		shape, err := l.cfg.spread(axes, along)
		if err != nil {
			panic(err)
		}
		return graph.Reshape(inGraph(c, given.tensor), shape...)
	}
	mean, variance := value("mean", l.cfg.Mean), value("variance", l.cfg.Variance)
	deviation := graph.Max(graph.Sqrt(variance), inGraph(c, tensors.FromValue(kerasEpsilon)))
	if l.cfg.Invert {
		return []*graph.Node{graph.Add(mean, graph.Mul(x, deviation))}
	}
	return []*graph.Node{graph.Div(graph.Sub(x, mean), deviation)}
}

// inGraph is a constant in the layer's compute type.
func inGraph(c *symbolic.Call, t *tensors.Tensor) *graph.Node {
	t, err := ndarray.Convert(t, c.DType())
	if err != nil {
		panic(err)
	}
	return graph.ConstTensor(c.Graph(), t)
}

// kerasEpsilon is keras.backend.epsilon().
const kerasEpsilon = float64(1e-7)

// Adapt learns mean and variance from data, and forgets those before (Keras: adapt): an array (a tensor, or Go slices or arrays), or batches: a list ([]any,
// []*tensors.Tensor), a GoMLX data set, or an iterator (iter.Seq or, with an error, iter.Seq2). A layer that wasn't applied yet is built for the data's shape.
func (l *NormalizationLayer) Adapt(data any) error {
	return adapting(&l.BaseLayer, func() error { return l.adapt(data) })
}

func (l *NormalizationLayer) adapt(data any) error {
	if err := l.Err(); err != nil {
		return err
	}
	if l.cfg.Mean.tensor != nil {
		return fmt.Errorf("its mean and variance were given as arguments")
	}
	var total *adaptedMoments
	batches, _ := symbolic.HostBatches(data)
	for batch, err := range batches {
		if err != nil {
			return err
		}
		t, ok := batch.(*tensors.Tensor)
		if !ok {
			return fmt.Errorf("got texts, want numbers")
		}
		shape := symbolic.Shape(t.Shape().Dimensions)
		if !l.Built() {
			if err := l.BuildOn(symbolic.Spec{Shape: shape, DType: ndarray.DTypeName(t.DType())}); err != nil {
				return err
			}
		}
		built := l.BuiltShapes()[0]
		axes, along, err := l.cfg.kept(built)
		if err != nil {
			return err
		}
		fits := len(shape) == len(built)
		for _, axis := range axes {
			fits = fits && shape[axis] == built[axis]
		}
		if !fits {
			return fmt.Errorf("the layer was built with input_shape=%s, but adapt() is being called with data with an incompatible shape, data.shape=%s", built, shape)
		}
		if len(shape) == 0 || t.Size() == 0 {
			return fmt.Errorf("the data has no samples: its shape is %s", shape)
		}
		if total == nil {
			total = newMoments(along)
		}
		if err := total.add(t); err != nil {
			return err
		}
	}
	if total == nil {
		return fmt.Errorf("adapt() received no batches, want at least one")
	}
	return total.assign(l.OwnWeights())
}

// adaptedMoments are means and variances of what was seen so far, one for each position of the kept axes.
type adaptedMoments struct {
	along          symbolic.Shape // 1 along the axes that are reduced
	count          float64        // of the values behind each mean
	mean, variance []float64
}

func newMoments(along symbolic.Shape) *adaptedMoments {
	size := along.Size()
	return &adaptedMoments{along: along, mean: make([]float64, size), variance: make([]float64, size)}
}

// add takes a batch in.
func (m *adaptedMoments) add(t *tensors.Tensor) error {
	switch t.DType() {
	case dtypes.Float32:
		return tensors.ConstFlatData(t, func(flat []float32) { addMoments(m, flat, t.Shape().Dimensions) })
	case dtypes.Float64:
	default:
		var err error
		if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
			return err
		}
	}
	return tensors.ConstFlatData(t, func(flat []float64) { addMoments(m, flat, t.Shape().Dimensions) })
}

// addMoments finds the batch's own mean and variance in two passes, so that large values with small differences keep their digits.
func addMoments[T float32 | float64](m *adaptedMoments, flat []T, dims []int) {
	first, within := m.places(dims)
	mean, variance := make([]float64, len(m.mean)), make([]float64, len(m.mean))
	each := func(to []float64, value func(v float64, place int) float64) {
		for i := range dims[0] {
			for j, v := range flat[i*len(within) : (i+1)*len(within)] {
				place := i*first + within[j]
				to[place] += value(float64(v), place)
			}
		}
	}
	count := float64(len(flat)) / float64(len(mean))
	each(mean, func(v float64, _ int) float64 { return v })
	for k := range mean {
		mean[k] /= count
	}
	each(variance, func(v float64, place int) float64 { return (v - mean[place]) * (v - mean[place]) })
	m.count += count
	weight := count / m.count
	for k := range mean {
		between := mean[k] - m.mean[k]
		m.variance[k] = (1-weight)*m.variance[k] + weight*variance[k]/count + weight*(1-weight)*between*between
		m.mean[k] += weight * between
	}
}

// places says where the means of an array's elements are: first is the distance from one row's to the next one's, within has those of the first row.
func (m *adaptedMoments) places(dims []int) (first int, within []int) {
	within = []int{0}
	step := 1
	for axis := len(dims) - 1; axis >= 0; axis-- {
		stride := step
		if m.along[axis] == 1 {
			stride = 0
		}
		step *= m.along[axis]
		if axis == 0 {
			return stride, within
		}
		inner := within
		within = make([]int, 0, dims[axis]*len(inner))
		for i := range dims[axis] {
			for _, place := range inner {
				within = append(within, i*stride+place)
			}
		}
	}
	return 0, within
}

// assign sets the weights mean and variance.
func (m *adaptedMoments) assign(weights []*symbolic.Weight) error {
	for _, w := range weights {
		values, ok := map[string][]float64{"mean": m.mean, "variance": m.variance}[w.Name()]
		if !ok {
			continue
		}
		if err := w.Set(tensors.FromFlatDataAndDimensions(values, w.Shape()...)); err != nil {
			return err
		}
	}
	return nil
}
