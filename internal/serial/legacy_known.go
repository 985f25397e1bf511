package serial

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// known is an array that no layer computes: the shape of a tensor, and what follows from such shapes and from constants. Keras 3's files can't hold
// the operations behind it, only what comes of them.
type known struct {
	shape []int
	flat  []knownNumber
	dtype string // "bool", or of whole numbers, or of floats
}

// knownNumber is a number, or a size of which only the running program knows the number.
type knownNumber struct {
	value float64
	size  *unknownSize
}

// unknownSize says how operations on a call's tensors compute a size, as a tensor without axes.
type unknownSize struct {
	make func(c *tfCall) any
	// vector is a tensor of one axis of that size, nil for what was computed from sizes.
	vector func(c *tfCall) any
	is     *sizeOf // nil where only the program can tell
}

// is says what size the number is, nil for none.
func (n knownNumber) is() *sizeOf {
	if n.size != nil {
		return n.size.is
	}
	if n.value != math.Trunc(n.value) || math.Abs(n.value) > maxKnown {
		return nil
	}
	return &sizeOf{times: int(n.value)}
}

// maxKnown bounds an array, which files hold as text.
const maxKnown = 1 << 20

// settled reports that all numbers are there.
func (k *known) settled() bool {
	return !slices.ContainsFunc(k.flat, func(n knownNumber) bool { return n.size != nil })
}

// newKnown makes an array of which value gives the numbers.
func newKnown(dtype string, shape []int, value func(at int) float64) (*known, error) {
	n, err := knownLength(shape)
	if err != nil {
		return nil, err
	}
	k := &known{shape: shape, dtype: dtype, flat: make([]knownNumber, n)}
	for i := range k.flat {
		k.flat[i].value = value(i)
	}
	return k, nil
}

func knownLength(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > maxKnown || n*d > maxKnown {
			return 0, fmt.Errorf("a constant of shape %v, of more than %d numbers", shape, maxKnown)
		}
		n *= d
	}
	return n, nil
}

// asKnown reads a number, or nested lists of numbers and of arrays; ok is false where there is anything else.
func asKnown(v any) (k *known, ok bool) {
	switch v := v.(type) {
	case *known:
		return v, true
	case bool:
		n := knownNumber{}
		if v {
			n.value = 1
		}
		return &known{flat: []knownNumber{n}, dtype: "bool"}, true
	case int:
		return &known{flat: []knownNumber{{value: float64(v)}}, dtype: "int32"}, true
	case float64:
		return &known{flat: []knownNumber{{value: v}}, dtype: "float32"}, true
	case []any:
		parts := make([]*known, len(v))
		for i, e := range v {
			if parts[i], ok = asKnown(e); !ok {
				return nil, false
			}
		}
		k, err := stacked(parts, 0)
		return k, err == nil
	}
	return nil, false
}

// plain is the array as files hold it: numbers in nested lists. Sizes must have been settled.
func (k *known) plain() any {
	at := 0
	var build func(shape []int) any
	build = func(shape []int) any {
		if len(shape) == 0 {
			v := k.flat[at].value
			at++
			switch {
			case k.dtype == "bool":
				return v != 0
			case isFloatType(k.dtype):
				return v
			}
			return int(v)
		}
		list := make([]any, shape[0])
		for i := range list {
			list[i] = build(shape[1:])
		}
		return list
	}
	return build(k.shape)
}

func isFloatType(dtype string) bool { return strings.Contains(dtype, "float") }

// sizes are the numbers of a shape, -1 for those that aren't known.
func (k *known) sizes() ([]int, error) {
	if len(k.shape) > 1 {
		return nil, fmt.Errorf("a shape of %d axes", len(k.shape))
	}
	list := make([]int, len(k.flat))
	for i, n := range k.flat {
		if list[i] = -1; n.size == nil {
			list[i] = int(n.value)
		}
	}
	return list, nil
}

// argument is the array as an operation takes it: numbers, or a tensor where sizes are among them.
func (k *known) argument(c *tfCall) (any, error) {
	if k.settled() {
		return k.plain(), nil
	}
	if len(k.shape) > 1 {
		return nil, fmt.Errorf("sizes that aren't known are in an array of %d axes", len(k.shape))
	}
	list := make([]any, len(k.flat))
	for i, n := range k.flat {
		if n.size != nil {
			list[i] = n.size.make(c)
		} else {
			list[i] = (&known{flat: []knownNumber{n}, dtype: k.dtype}).plain()
		}
	}
	if len(k.shape) == 0 {
		return list[0], nil
	}
	return c.op("Stack", map[string]any{"axis": 0}, list), nil
}

func stacked(parts []*known, axis int) (*known, error) {
	if len(parts) == 0 {
		return &known{shape: []int{0}, dtype: "float32"}, nil
	}
	lifted := make([]*known, len(parts))
	for i, p := range parts {
		at, err := axisOf(axis, len(p.shape)+1)
		if err != nil {
			return nil, err
		}
		lifted[i] = &known{slices.Insert(slices.Clone(p.shape), at, 1), p.flat, p.dtype}
	}
	return concatenated(lifted, axis)
}

// concatenated puts arrays one after the other along an axis.
func concatenated(parts []*known, axis int) (*known, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("no arrays to join")
	}
	first := parts[0]
	axis, err := axisOf(axis, len(first.shape))
	if err != nil {
		return nil, err
	}
	out := &known{shape: slices.Clone(first.shape), dtype: first.dtype}
	out.shape[axis] = 0
	for _, p := range parts {
		same := len(p.shape) == len(first.shape)
		for i := range p.shape {
			same = same && (i == axis || p.shape[i] == first.shape[i])
		}
		if !same {
			return nil, fmt.Errorf("arrays of shapes %v and %v can't be joined along axis %d", first.shape, p.shape, axis)
		}
		out.shape[axis] += p.shape[axis]
		if isFloatType(p.dtype) || out.dtype == "bool" {
			out.dtype = p.dtype
		}
	}
	n, err := knownLength(out.shape)
	if err != nil {
		return nil, err
	}
	out.flat = make([]knownNumber, 0, n)
	outer := 1
	for _, d := range first.shape[:axis] {
		outer *= d
	}
	for i := range outer {
		for _, p := range parts {
			block := len(p.flat) / max(outer, 1)
			out.flat = append(out.flat, p.flat[i*block:(i+1)*block]...)
		}
	}
	return out, nil
}

// picked is an array of another shape, of which from says which of the numbers is where.
func (k *known) picked(shape []int, from func(at []int) int) (*known, error) {
	n, err := knownLength(shape)
	if err != nil {
		return nil, err
	}
	out := &known{shape: shape, dtype: k.dtype, flat: make([]knownNumber, n)}
	at := make([]int, len(shape))
	for i := range out.flat {
		out.flat[i] = k.flat[from(at)]
		for axis := len(at) - 1; axis >= 0; axis-- {
			if at[axis]++; at[axis] < shape[axis] {
				break
			}
			at[axis] = 0
		}
	}
	return out, nil
}

// strides are the distances of neighbours along each axis.
func strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}

// broadcast gives the array a shape that its own extends to.
func (k *known) broadcast(shape []int) (*known, error) {
	lead := len(shape) - len(k.shape)
	for i, d := range k.shape {
		if lead < 0 || d != 1 && d != shape[lead+i] {
			return nil, fmt.Errorf("an array of shape %v for one of %v", k.shape, shape)
		}
	}
	steps := strides(k.shape)
	return k.picked(shape, func(at []int) int {
		index := 0
		for i, d := range k.shape {
			if d != 1 {
				index += at[lead+i] * steps[i]
			}
		}
		return index
	})
}

// broadcastShape is the shape that two extend to.
func broadcastShape(a, b []int) ([]int, error) {
	shape := make([]int, max(len(a), len(b)))
	for i := range shape {
		one := func(dims []int) int {
			if j := i - len(shape) + len(dims); j >= 0 {
				return dims[j]
			}
			return 1
		}
		if shape[i] = one(a); shape[i] == 1 {
			shape[i] = one(b)
		} else if n := one(b); n != 1 && n != shape[i] {
			return nil, fmt.Errorf("arrays of shapes %v and %v", a, b)
		}
	}
	return shape, nil
}

// together computes a binary function of arrays; class is the operation that computes it of sizes.
func together(a, b *known, class string, f func(x, y float64) float64) (*known, error) {
	shape, err := broadcastShape(a.shape, b.shape)
	if err != nil {
		return nil, err
	}
	x, err := a.broadcast(shape)
	if err != nil {
		return nil, err
	}
	y, err := b.broadcast(shape)
	if err != nil {
		return nil, err
	}
	if !isFloatType(x.dtype) && (isFloatType(y.dtype) || x.dtype == "bool") {
		x.dtype = y.dtype
	}
	for i, n := range x.flat {
		m := y.flat[i]
		if n.size == nil && m.size == nil {
			x.flat[i].value = f(n.value, m.value)
			continue
		}
		if class == "Subtract" && n.is().equal(m.is()) { // of one size
			x.flat[i] = knownNumber{}
			continue
		}
		one := func(n knownNumber, dtype string) func(c *tfCall) any {
			if n.size != nil {
				return n.size.make
			}
			return func(*tfCall) any { return (&known{flat: []knownNumber{n}, dtype: dtype}).plain() }
		}
		left, right := one(n, a.dtype), one(m, b.dtype)
		x.flat[i] = knownNumber{size: &unknownSize{make: func(c *tfCall) any { return c.op(class, nil, left(c), right(c)) }, vector: vectorOf(n, m, class), is: n.is().with(m.is(), class)}}
	}
	return x, nil
}

// vectorOf is a tensor of one axis of the size that an operation makes of two numbers, nil for one that isn't made that way.
func vectorOf(n, m knownNumber, class string) func(c *tfCall) any {
	if n.size == nil {
		if class != "Add" && class != "Multiply" {
			return nil
		}
		n, m = m, n
	}
	if n.size.vector == nil || m.size != nil && m.size.vector == nil {
		return nil
	}
	by := int(m.value)
	if m.size == nil && (float64(by) != m.value || by < -maxKnown || by > maxKnown) {
		return nil
	}
	more := func(c *tfCall, by int) any {
		if by <= 0 {
			return c.op("GetItem", nil, n.size.vector(c), []any{pythonSlice(-by, nil, nil)})
		}
		ones, _ := newKnown("int32", []int{by}, func(int) float64 { return 1 })
		return c.op("Concatenate", map[string]any{"axis": 0}, []any{n.size.vector(c), ones.plain()})
	}
	switch {
	case class == "Add" && m.size != nil:
		return func(c *tfCall) any {
			return c.op("Concatenate", map[string]any{"axis": 0}, []any{n.size.vector(c), m.size.vector(c)})
		}
	case class == "Multiply" && m.size != nil:
		return func(c *tfCall) any {
			both := c.op("Multiply", nil, c.op("ExpandDims", map[string]any{"axis": 1}, n.size.vector(c)), m.size.vector(c))
			return c.op("Reshape", map[string]any{"newshape": []any{-1}}, both)
		}
	case m.size != nil:
		return nil
	case class == "Add":
		return func(c *tfCall) any { return more(c, by) }
	case class == "Subtract":
		return func(c *tfCall) any { return more(c, -by) }
	case class == "Multiply" && by > 0:
		return func(c *tfCall) any { return c.op("Repeat", map[string]any{"repeats": by, "axis": 0}, n.size.vector(c)) }
	case class == "FloorDivide" && by > 0:
		return func(c *tfCall) any { return c.op("GetItem", nil, n.size.vector(c), []any{pythonSlice(by-1, nil, by)}) }
	}
	return nil
}

// each computes a function of each number.
func (k *known) each(class, dtype string, f func(x float64) float64) *known {
	out := &known{k.shape, slices.Clone(k.flat), dtype}
	for i, n := range out.flat {
		if n.size == nil || class == "ZerosLike" || class == "OnesLike" {
			out.flat[i] = knownNumber{value: f(n.value)}
			continue
		}
		var cfg map[string]any
		if class == "Cast" {
			cfg = map[string]any{"dtype": dtype}
		}
		out.flat[i].size = &unknownSize{make: func(c *tfCall) any { return c.op(class, cfg, n.size.make(c)) }, vector: n.size.vector, is: n.size.is}
		if class != "Cast" {
			out.flat[i].size.vector, out.flat[i].size.is = nil, nil
		}
	}
	return out
}

// reduced folds an axis, all for -1 of a list of none, by a binary function.
func (k *known) reduced(axes []int, keep bool, class string, f func(x, y float64) float64) (*known, error) {
	if axes == nil {
		for i := range k.shape {
			axes = append(axes, i)
		}
	}
	out := k
	for _, axis := range axes {
		axis, err := axisOf(axis, len(k.shape))
		if err != nil {
			return nil, err
		}
		var sum *known
		for i := range k.shape[axis] {
			steps := strides(out.shape)
			shape := slices.Clone(out.shape)
			shape[axis] = 1
			part, err := out.picked(shape, func(at []int) int {
				index := i * steps[axis]
				for j := range at {
					index += at[j] * steps[j]
				}
				return index
			})
			if err != nil {
				return nil, err
			}
			if sum == nil {
				sum = part
			} else if sum, err = together(sum, part, class, f); err != nil {
				return nil, err
			}
		}
		if sum == nil {
			return nil, fmt.Errorf("a reduction of no numbers")
		}
		out = sum
	}
	if !keep {
		var shape []int
		for i, d := range out.shape {
			if !slices.ContainsFunc(axes, func(a int) bool { return a == i || a+len(k.shape) == i }) {
				shape = append(shape, d)
			}
		}
		out = &known{shape, out.flat, out.dtype}
	}
	return out, nil
}

// item takes a part of the array by a key of Python's: whole numbers, slices, None and an ellipsis.
func (k *known) item(key []any) (*known, error) {
	taken := 0
	for _, e := range key {
		if e != nil && !isEllipsis(e) {
			taken++
		}
	}
	if taken > len(k.shape) {
		return nil, fmt.Errorf("%d indices of an array of shape %v", taken, k.shape)
	}
	if !slices.ContainsFunc(key, isEllipsis) {
		key = append(slices.Clone(key), map[string]any{"class_name": "__ellipsis__"})
	}
	steps := strides(k.shape)
	var shape, by []int
	offset, axis := 0, 0
	for _, e := range key {
		switch part := e.(type) {
		case nil:
			shape, by = append(shape, 1), append(by, 0)
			continue
		case map[string]any:
			if isEllipsis(e) {
				for range len(k.shape) - taken {
					shape, by = append(shape, k.shape[axis]), append(by, steps[axis])
					axis++
				}
				continue
			}
			start, n, step, err := sliceOf(part, k.shape[axis])
			if err != nil {
				return nil, err
			}
			offset += start * steps[axis]
			shape, by = append(shape, n), append(by, step*steps[axis])
		default:
			i, ok := config.AsInt(e)
			if ok && i < 0 {
				i += k.shape[axis]
			}
			if !ok || i < 0 || i >= k.shape[axis] {
				return nil, fmt.Errorf("index %v of an axis of %d", e, k.shape[axis])
			}
			offset += i * steps[axis]
		}
		axis++
	}
	return k.picked(shape, func(at []int) int {
		index := offset
		for i, a := range at {
			index += a * by[i]
		}
		return index
	})
}

func isEllipsis(v any) bool {
	m, _ := v.(map[string]any)
	return m["class_name"] == "__ellipsis__"
}

// sliceOf resolves Python's start:stop:step on an axis of n.
func sliceOf(part map[string]any, n int) (start, length, step int, err error) {
	if inner, ok := part["config"].(map[string]any); ok {
		part = inner
	}
	number := func(name string, def int) int {
		v := part[name]
		if v == nil {
			return def
		}
		i, ok := config.AsInt(v)
		if !ok {
			err = fmt.Errorf("%s=%v", name, v)
		}
		return i
	}
	if step = number("step", 1); step == 0 {
		return 0, 0, 0, fmt.Errorf("a step of 0")
	}
	low, high := 0, n
	from, to := 0, n
	if step < 0 {
		low, high, from, to = -1, n-1, n-1, -1
	}
	bound := func(name string, def int) int {
		if part[name] == nil {
			return def
		}
		i := number(name, def)
		if i < 0 {
			i += n
		}
		return min(max(i, low), high)
	}
	start, stop := bound("start", from), bound("stop", to)
	length = max(0, (stop-start+step-sign(step))/step)
	return start, length, step, err
}

func sign(i int) int {
	if i < 0 {
		return -1
	}
	return 1
}

// reshaped gives the numbers another shape, in which one size may be -1.
func (k *known) reshaped(shape []int) (*known, error) {
	shape = slices.Clone(shape)
	n, open := 1, -1
	for i, d := range shape {
		if d == -1 {
			open = i
		} else {
			n *= d
		}
	}
	if open >= 0 && n > 0 {
		shape[open] = len(k.flat) / n
		n *= shape[open]
	}
	if n != len(k.flat) {
		return nil, fmt.Errorf("an array of shape %v as one of %v", k.shape, shape)
	}
	return &known{shape, k.flat, k.dtype}, nil
}

// floorMod is Python's %, whose sign is that of y.
func floorMod(x, y float64) float64 { return x - y*math.Floor(x/y) }

// axisOf counts an axis from the front.
func axisOf(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("axis %d of %d", axis, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}

// tiled repeats the array along each axis.
func (k *known) tiled(repeats []int) (*known, error) {
	shape, steps := slices.Clone(k.shape), strides(k.shape)
	for i, n := range repeats {
		if n < 0 || n > maxKnown {
			return nil, fmt.Errorf("%d repetitions", n)
		}
		shape[i] *= n
	}
	return k.picked(shape, func(at []int) int {
		index := 0
		for i, a := range at {
			index += a % k.shape[i] * steps[i]
		}
		return index
	})
}
