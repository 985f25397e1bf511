package goengine

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// worthwhile is the size of a result from which a kernel for one simple operation pays: it costs a stage.
const worthwhile = 1 << 16

// chunk is how many values of a long array are computed at a time.
const chunk = 1 << 14

// comparison is x ≤ limit.
type comparison struct {
	x     *value
	limit float32
}

// LessOrEqual computes GoMLX's operation of that name.
func (f *function) LessOrEqual(lhs, rhs compute.Value) (compute.Value, error) {
	result, err := f.one(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.LessOrEqual(v[0], v[1]) }, lhs, rhs)
	if err != nil {
		return nil, err
	}
	x, limit := lhs.(*value), rhs.(*value)
	if x.shape.DType == dtypes.Float32 && limit.scalar != nil && x.shape.EqualDimensions(result.(*value).shape) {
		result.(*value).compared = &comparison{x, *limit.scalar}
	}
	return result, nil
}

// Where computes GoMLX's operation of that name. A kernel takes a relu and its gradient, without an array of conditions.
func (f *function) Where(condition, yes, no compute.Value) (compute.Value, error) {
	emit := func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Where(v[0], v[1], v[2]) }
	c, err := one(condition)
	if err != nil {
		return nil, err
	}
	y, err := one(yes)
	if err != nil {
		return nil, err
	}
	n, err := one(no)
	if err != nil {
		return nil, err
	}
	for _, v := range []*value{y, n} { // no elements, which GoMLX's engine doesn't take
		if v.shape.Size() == 0 {
			return v, nil
		}
	}
	// Inside a loop the operation is recorded as it is: it is made again when the loop's program is.
	if f.inside || c.compared == nil || y.scalar == nil || y.shape.DType != dtypes.Float32 || n.shape.Size() < worthwhile || !n.shape.Equal(c.compared.x.shape) {
		return f.single(emit, nil, false, condition, yes, no)
	}
	limit, replacement := c.compared.limit, *y.scalar
	k := func(workers int, in [][]float32, out []float32) {
		inChunks(workers, len(out), func(from, to int) {
			replaceUpTo(in[0][from:to], limit, replacement, in[1][from:to], out[from:to])
		})
	}
	// GoMLX is told of the same operation; the kernel needs less.
	return f.single(func(e compute.Function, v []compute.Value) (compute.Value, error) {
		return emit(e, []compute.Value{c.shadow, y.shadow, n.shadow})
	}, k, false, c.compared.x, no)
}

// replaceUpTo writes y, and the replacement where x ≤ limit.
var replaceUpTo = func(x []float32, limit, replacement float32, y, out []float32) {
	bits := math.Float32bits(replacement)
	y, out = y[:len(x)], out[:len(x)]
	for i, v := range x {
		r := math.Float32bits(y[i])
		if v <= limit {
			r = bits
		}
		out[i] = math.Float32frombits(r)
	}
}

// Add computes GoMLX's operation of that name, by a kernel where one number is added for each channel.
func (f *function) Add(lhs, rhs compute.Value) (compute.Value, error) {
	if widened(lhs, rhs) {
		return f.inFloat32([]compute.Value{lhs, rhs}, func(in []compute.Value) (compute.Value, error) {
			return f.Add(in[0], in[1])
		})
	}
	var k kernel
	if x, err := one(lhs); err == nil {
		if bias, err := one(rhs); err == nil && x.shape.DType == dtypes.Float32 && x.shape.Size() >= worthwhile && lastAxisOnly(bias.shape, x.shape) {
			channels := bias.shape.Size()
			k = func(workers int, in [][]float32, out []float32) {
				step := max(chunk/channels, 1) * channels
				parallel(workers, (len(out)+step-1)/step, func(_, i int) {
					end := min((i+1)*step, len(out))
					for at := i * step; at < end; at += channels {
						addUp(in[0][at:at+channels], in[1], out[at:at+channels])
					}
				})
			}
		}
	}
	return f.single(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.Add(v[0], v[1]) }, k, false, lhs, rhs)
}

// addUp writes x + y.
var addUp = func(x, y, out []float32) {
	y, out = y[:len(x)], out[:len(x)]
	for i, v := range x {
		out[i] = v + y[i]
	}
}

// lastAxisOnly reports whether s is of the rank of x and of size 1 but for its last axis, which is that of x.
func lastAxisOnly(s, x shapes.Shape) bool {
	last := x.Rank() - 1
	return last > 0 && s.Rank() == last+1 && s.Size() == x.Dimensions[last] && s.Dimensions[last] == s.Size() && s.Size() > 1
}

// ReduceSum computes GoMLX's operation of that name, by a kernel where all axes but the last are summed.
func (f *function) ReduceSum(x compute.Value, axes ...int) (compute.Value, error) {
	if widened(x) {
		return f.inFloat32([]compute.Value{x}, func(in []compute.Value) (compute.Value, error) {
			return f.ReduceSum(in[0], axes...)
		})
	}
	var k kernel
	if v, err := one(x); err == nil && v.shape.DType == dtypes.Float32 && v.shape.Size() >= worthwhile && leading(axes, v.shape.Rank()) {
		channels := v.shape.Dimensions[v.shape.Rank()-1]
		rows := v.shape.Size() / channels
		// The parts are fixed, and so are the digits.
		part := max(chunk/channels, (rows+63)/64)
		parts := (rows + part - 1) / part
		k = func(workers int, in [][]float32, out []float32) {
			sums := make([]float32, parts*channels)
			parallel(workers, parts, func(_, i int) {
				sum := sums[i*channels : (i+1)*channels]
				for row := i * part; row < min((i+1)*part, rows); row++ {
					addTo(sum, in[0][row*channels:(row+1)*channels])
				}
			})
			clear(out)
			for i := range parts {
				addTo(out, sums[i*channels:(i+1)*channels])
			}
		}
	}
	return f.single(func(e compute.Function, v []compute.Value) (compute.Value, error) { return e.ReduceSum(v[0], axes...) }, k, false, x)
}

// leading reports whether axes are all of a rank but the last.
func leading(axes []int, rank int) bool {
	seen := 0
	for _, axis := range axes {
		if axis < 0 || axis >= rank-1 {
			return false
		}
		seen |= 1 << axis
	}
	return rank > 1 && seen == 1<<(rank-1)-1
}

// inChunks runs work on parts of n values.
func inChunks(workers, n int, work func(from, to int)) {
	parallel(workers, (n+chunk-1)/chunk, func(_, i int) { work(i*chunk, min((i+1)*chunk, n)) })
}
