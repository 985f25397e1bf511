package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
)

func shapeOf(dtype dtypes.DType, dims []int) shapes.Shape { return shapes.Make(dtype, dims...) }

func init() {
	define("numpy", "Concatenate", "xs", "axis=0", func(c *call) []Spec { return []Spec{joined(c, "xs", c.intParam("axis"))} }, func(c *call) []*graph.Node {
		return []*graph.Node{concatenate(c.nodes1("xs"), axisOf("axis", c.intParam("axis"), len(c.out[0].Shape)))}
	})
	define("numpy", "Hstack", "xs", "", func(c *call) []Spec { return []Spec{joined(c, "xs", 1)} }, func(c *call) []*graph.Node {
		return []*graph.Node{concatenate(c.nodes1("xs"), 1)}
	})
	define("numpy", "Vstack", "xs", "", func(c *call) []Spec { return []Spec{joined(c, "xs", 0)} }, func(c *call) []*graph.Node {
		return []*graph.Node{concatenate(c.nodes1("xs"), 0)}
	})
	define("numpy", "Append", "x1 x2", "axis=null", func(c *call) []Spec {
		c.bound["xs"] = []any{c.need("x1"), c.need("x2")}
		if c.config["axis"] == nil {
			a, b := c.spec("x1"), c.spec("x2")
			n := size(a.Shape) + size(b.Shape)
			if size(a.Shape) == None || size(b.Shape) == None {
				n = None
			}
			return []Spec{{[]int{n}, promote(a.DType, b.DType)}}
		}
		return []Spec{joined(c, "xs", c.intParam("axis"))}
	}, func(c *call) []*graph.Node {
		parts := c.nodes1("xs")
		if c.config["axis"] == nil {
			for i, p := range parts {
				parts[i] = graph.Reshape(p, p.Shape().Size())
			}
			return []*graph.Node{concatenate(parts, 0)}
		}
		return []*graph.Node{concatenate(parts, axisOf("axis", c.intParam("axis"), len(c.out[0].Shape)))}
	})
	define("numpy", "Stack", "x", "axis=0", func(c *call) []Spec {
		list := c.tensorList("x")
		s := c.specOf(list[0])
		types := []string{s.DType}
		for _, v := range list[1:] {
			other := c.specOf(v)
			if s.Shape = merged(s.Shape, other.Shape, -1); s.Shape == nil && len(other.Shape) > 0 {
				fail("tensors of shapes %s and %s can't be stacked", ShapeText(c.specOf(list[0]).Shape), ShapeText(other.Shape))
			}
			types = append(types, other.DType)
		}
		axis := axisOf("axis", c.intParam("axis"), len(s.Shape)+1)
		return []Spec{{slices.Insert(slices.Clone(s.Shape), axis, len(list)), promote(types...)}}
	}, func(c *call) []*graph.Node {
		axis := axisOf("axis", c.intParam("axis"), len(c.out[0].Shape))
		parts := c.nodes1("x")
		for i, p := range parts {
			parts[i] = graph.InsertAxes(p, axis)
		}
		return []*graph.Node{concatenate(parts, axis)}
	})
	for _, class := range []string{"Split", "ArraySplit"} {
		define("numpy", class, "x", "indices_or_sections axis=0", func(c *call) []Spec {
			return splitSpecs(c, axisOf("axis", c.intParam("axis"), len(c.spec("x").Shape)), class == "Split")
		}, func(c *call) []*graph.Node {
			x := c.node("x")
			return splitNodes(c, x, axisOf("axis", c.intParam("axis"), x.Rank()))
		})
	}
	define("core", "Unstack", "x", "num=null axis=0", func(c *call) []Spec {
		s := c.typed("x", resolved)
		axis := axisOf("axis", c.intParam("axis"), len(s.Shape))
		n := s.Shape[axis]
		if c.config["num"] != nil {
			if n = c.intParam("num"); s.Shape[axis] != None && n != s.Shape[axis] {
				fail("num: got %d for an axis of size %d", n, s.Shape[axis])
			}
		}
		if n == None || n < 1 || n > 1<<16 {
			fail("num: axis %d has size %d: say how many tensors are wanted", axis, n)
		}
		return slices.Repeat([]Spec{{slices.Delete(slices.Clone(s.Shape), axis, axis+1), s.DType}}, n)
	}, func(c *call) []*graph.Node {
		x := c.node("x")
		axis := axisOf("axis", c.intParam("axis"), x.Rank())
		out := make([]*graph.Node, len(c.out))
		for i, s := range c.out {
			out[i] = graph.Reshape(cut(x, axis, i, i+1), s.Shape...)
		}
		return out
	})
	define("numpy", "GetItem", "x key", "", func(c *call) []Spec {
		s := c.typed("x", resolved)
		var shape []int
		for _, step := range itemSteps(c, s.Shape) {
			if !step.dropped {
				shape = append(shape, step.count)
			}
		}
		return []Spec{{shape, s.DType}}
	}, getItem)
	define("core", "Slice", "inputs start_indices", "shape", func(c *call) []Spec {
		s := c.typed("inputs", resolved)
		_, sizes := sliceBounds(c, s.Shape)
		return []Spec{{sizes, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("inputs")
		starts, sizes := sliceBounds(c, x.Shape().Dimensions)
		if starts != nil {
			for i, start := range starts {
				x = cut(x, i, start, start+sizes[i])
			}
			return []*graph.Node{x}
		}
		for axis, size := range sizes {
			start := c.start(axis, x.Shape().Dimensions[axis], size)
			at := graph.Add(graph.Iota(c.g, shapeOf(dtypes.Int32, []int{size}), 0), broadcastTo(start, []int{size}))
			x = takeOn(x, at, axis)
		}
		return []*graph.Node{x}
	})
	define("numpy", "Take", "x indices", "axis=null", func(c *call) []Spec {
		s, index := c.typed("x", resolved), c.spec("indices")
		if c.config["axis"] == nil {
			return []Spec{{index.Shape, s.DType}}
		}
		axis := axisOf("axis", c.intParam("axis"), len(s.Shape))
		return []Spec{{slices.Concat(s.Shape[:axis], index.Shape, s.Shape[axis+1:]), s.DType}}
	}, take)
}

// nodes1 are the tensors of a list, in the output's type.
func (c *call) nodes1(name string) []*graph.Node {
	var out []*graph.Node
	for _, v := range c.tensorList(name) {
		out = append(out, c.nodeOf(v, c.out[0].DType))
	}
	return out
}

// merged is what two shapes have in common but for one axis, nil if they differ.
func merged(a, b []int, but int) []int {
	if len(a) != len(b) {
		return nil
	}
	out := slices.Clone(a)
	for i := range out {
		switch {
		case i == but || out[i] == b[i] || b[i] == None:
		case out[i] == None:
			out[i] = b[i]
		default:
			return nil
		}
	}
	return out
}

// joined is the shape of tensors laid end to end.
func joined(c *call, name string, axis int) Spec {
	list := c.tensorList(name)
	specs := make([]Spec, len(list))
	for i, v := range list {
		specs[i] = c.specOf(v)
	}
	return joinedSpecs(specs, axis)
}

func joinedSpecs(specs []Spec, axis int) Spec {
	s := specs[0]
	shape, types := slices.Clone(s.Shape), []string{s.DType}
	axis = axisOf("axis", axis, len(shape))
	for _, other := range specs[1:] {
		next := merged(shape, other.Shape, axis)
		if next == nil {
			fail("tensors of shapes %s and %s can't be concatenated along axis %d: all other axes must be equal", ShapeText(s.Shape), ShapeText(other.Shape), axis)
		}
		if shape = next; shape[axis] != None && other.Shape[axis] != None {
			shape[axis] += other.Shape[axis]
		} else {
			shape[axis] = None
		}
		types = append(types, other.DType)
	}
	return Spec{shape, promote(types...)}
}

// splitNodes cuts x into parts of the outputs' sizes.
func splitNodes(c *call, x *graph.Node, axis int) []*graph.Node {
	var out []*graph.Node
	at := 0
	for _, s := range c.out {
		out = append(out, cut(x, axis, at, at+s.Shape[axis]))
		at += s.Shape[axis]
	}
	return out
}

// splitSpecs are the parts of an axis; a number of sections makes equal ones only, or for !equal the first ones larger.
func splitSpecs(c *call, axis int, equal bool) []Spec {
	s := c.typed("x", resolved)
	n := s.Shape[axis]
	var sizes []int
	if at, isList := c.config["indices_or_sections"].([]any); isList {
		bounds, _ := ints("indices_or_sections", at)
		from := 0
		for _, b := range append(bounds, n) {
			if b == None || b < from {
				fail("indices_or_sections: got %v for an axis of size %d, want rising indices and a known size", bounds, n)
			}
			sizes, from = append(sizes, b-from), b
		}
	} else {
		count := c.intParam("indices_or_sections")
		switch {
		case count < 1 || count > 1<<16:
			fail("indices_or_sections: got %d, want at least 1", count)
		case n == None:
			sizes = slices.Repeat([]int{None}, count)
		case n%count != 0 && equal:
			fail("indices_or_sections: an axis of size %d can't be split into %d equal parts", n, count)
		default:
			for i := range count {
				part := n / count
				if i < n%count {
					part++
				}
				sizes = append(sizes, part)
			}
		}
	}
	out := make([]Spec, len(sizes))
	for i, d := range sizes {
		shape := slices.Clone(s.Shape)
		shape[axis] = d
		out[i] = Spec{shape, s.DType}
	}
	return out
}

// itemStep is what x[key] does to one axis.
type itemStep struct {
	added, dropped bool // a new axis of size 1, an axis of which one element is taken
	start, stride  int
	count          int
}

// itemSteps reads the key of x[key]: a number, a slice, null for a new axis, an ellipsis, or a list of these.
func itemSteps(c *call, shape []int) []itemStep {
	key, isList := c.bound["key"].([]any)
	if !isList {
		key = []any{c.bound["key"]}
	}
	class := func(k any) string {
		m, _ := k.(map[string]any)
		name, _ := m["class_name"].(string)
		return name
	}
	consumed, ellipses := 0, 0
	for _, k := range key {
		switch {
		case class(k) == "__ellipsis__":
			ellipses++
		case k != nil:
			consumed++
		}
	}
	if ellipses > 1 || consumed > len(shape) {
		fail("key: a tensor of shape %s has no such part (%d axes are indexed, %d ellipses)", ShapeText(shape), consumed, ellipses)
	}
	if ellipses == 0 {
		key = append(slices.Clone(key), map[string]any{"class_name": "__ellipsis__"})
	}
	var steps []itemStep
	axis := 0
	for _, k := range key {
		switch {
		case class(k) == "__ellipsis__":
			for range len(shape) - consumed {
				steps = append(steps, itemStep{stride: 1, count: shape[axis]})
				axis++
			}
			continue
		case k == nil:
			steps = append(steps, itemStep{added: true, count: 1})
			continue
		case class(k) == "__slice__":
			cfg, _ := k.(map[string]any)["config"].(map[string]any)
			steps = append(steps, sliceStep(cfg, shape[axis]))
		default:
			i, ok := config.AsInt(k)
			if _, isBool := k.(bool); !ok || isBool {
				fail("key: got %v, want a number, a slice, a new axis or an ellipsis", k)
			}
			if d := shape[axis]; d != None {
				if i < -d || i >= d {
					fail("key: index %d is outside of axis %d of size %d", i, axis, d)
				}
				i = (i + d) % d
			}
			steps = append(steps, itemStep{dropped: true, start: i, stride: 1, count: 1})
		}
		axis++
	}
	return steps
}

// sliceStep reads Python's start:stop:step for an axis.
func sliceStep(cfg map[string]any, n int) itemStep {
	number := func(name string, def int) int {
		if cfg[name] == nil {
			return def
		}
		i, ok := config.AsInt(cfg[name])
		if !ok {
			fail("key: %s of a slice is %v, want a whole number", name, cfg[name])
		}
		return i
	}
	step := itemStep{stride: number("step", 1)}
	if step.stride == 0 {
		fail("key: the step of a slice is 0")
	}
	if n == None {
		step.count = None
		return step
	}
	low, high := 0, n // where start and stop may lie
	first, last := 0, n
	if step.stride < 0 {
		low, high = -1, n-1
		first, last = n-1, -1
	}
	bound := func(name string, def int) int {
		if cfg[name] == nil {
			return def
		}
		i := number(name, 0)
		if i < 0 {
			i += n
		}
		return min(max(i, low), high)
	}
	start, stop := bound("start", first), bound("stop", last)
	step.start = start
	if step.stride > 0 {
		step.count = max(0, (stop-start+step.stride-1)/step.stride)
	} else {
		step.count = max(0, (start-stop-step.stride-1)/-step.stride)
	}
	return step
}

func getItem(c *call) []*graph.Node {
	x := c.node("x")
	axis := 0
	for _, s := range itemSteps(c, x.Shape().Dimensions) {
		if s.added {
			continue
		}
		if s.count == 0 {
			fail("key: nothing is left of axis %d of size %d", axis, x.Shape().Dimensions[axis])
		}
		last := s.start + (s.count-1)*s.stride
		spec := graph.AxisRange(min(s.start, last), max(s.start, last)+1)
		if stride := max(s.stride, -s.stride); stride > 1 && s.count > 1 {
			spec = spec.Stride(stride)
		}
		x = graph.SliceAxis(x, axis, spec)
		if s.stride < 0 {
			x = graph.Reverse(x, axis)
		}
		axis++
	}
	return []*graph.Node{graph.Reshape(x, c.out[0].Shape...)}
}

// sliceBounds are where a slice begins on each axis, nil where tensors say it, and how long it is. As in JAX, a start below 0 counts from the end,
// and one from which on the slice wouldn't fit moves back.
func sliceBounds(c *call, shape []int) (starts, sizes []int) {
	sizes, _ = ints("shape", c.config["shape"])
	given := c.startSpec()
	if len(given.Shape) != 1 || given.Shape[0] != len(shape) || isFloat(given.DType) || len(sizes) != len(shape) {
		fail("got starts of shape %s and type %s, and %d sizes, for a tensor of shape %s, want a whole number for each axis", ShapeText(given.Shape), given.DType, len(sizes), ShapeText(shape))
	}
	sizes = slices.Clone(sizes)
	if hasRef(c.need("start_indices")) {
		for i, d := range sizes {
			if d == None && c.g != nil {
				fail("shape: axis %d has size -1, which a compiled program must know where a tensor says the start", i)
			}
		}
	} else {
		for _, f := range constantOf(c.need("start_indices")).flat {
			starts = append(starts, int(f))
		}
	}
	for i, d := range shape {
		switch {
		case d == None:
		case sizes[i] == None && starts != nil:
			sizes[i] = d - starts[i]
		case sizes[i] > d || sizes[i] < None:
			fail("a slice of %d is larger than axis %d of size %d", sizes[i], i, d)
		}
		if starts != nil && d != None {
			if starts[i] < 0 {
				starts[i] += d
			}
			starts[i] = max(min(starts[i], d-sizes[i]), 0)
		}
	}
	return starts, sizes
}

// startSpec is the shape and type of start_indices: numbers, a tensor, or a list in which tensors stand beside numbers.
func (c *call) startSpec() Spec {
	list, isList := c.need("start_indices").([]any)
	if !isList || !hasRef(list) {
		return c.spec("start_indices")
	}
	types := make([]string, len(list))
	for i, v := range list {
		s := c.specOf(v)
		if types[i] = s.DType; len(s.Shape) > 0 {
			fail("start_indices: got a tensor of shape %s in a list, want single numbers", ShapeText(s.Shape))
		}
	}
	return Spec{[]int{len(list)}, promote(types...)}
}

// start is where a slice begins on an axis, as JAX has it: counted from the end where it is below 0, and so that a slice of so many fits.
func (c *call) start(axis, n, size int) *graph.Node {
	v := c.need("start_indices")
	var start *graph.Node
	if list, isList := v.([]any); isList {
		start = c.nodeOf(list[axis], "int32")
	} else {
		start = graph.Reshape(cut(c.nodeOf(v, "int32"), 0, axis, axis+1))
	}
	bound := func(v int) *graph.Node { return graph.Scalar(c.g, dtypes.Int32, v) }
	start = graph.Where(isLess(start, 0), graph.Add(start, bound(n)), start)
	return graph.Max(graph.Min(start, bound(n-size)), bound(0))
}

func hasRef(v any) bool {
	switch v := v.(type) {
	case Ref:
		return true
	case []any:
		return slices.ContainsFunc(v, hasRef)
	}
	return false
}

// take gathers along an axis; indices below 0 count from the end, and those outside give NaN, or for integers the last element.
func take(c *call) []*graph.Node {
	x := c.node("x")
	axis := 0
	if c.config["axis"] == nil {
		x = graph.Reshape(x, x.Shape().Size())
	} else {
		axis = axisOf("axis", c.intParam("axis"), x.Rank())
	}
	index := c.nodeOf(c.need("indices"), "int32")
	n := x.Shape().Dimensions[axis]
	index = graph.Reshape(index, index.Shape().Size())
	size := graph.Scalar(c.g, dtypes.Int32, float64(n))
	index = graph.Where(isLess(index, 0), graph.Add(index, size), index)
	outside := graph.LogicalOr(isLess(index, 0), graph.GreaterOrEqual(index, broadcastTo(size, index.Shape().Dimensions)))
	safe := graph.Where(outside, broadcastTo(graph.AddScalar(size, -1), index.Shape().Dimensions), index)

	order := append([]int{axis}, slices.DeleteFunc(identity(x.Rank()), func(i int) bool { return i == axis })...)
	front := graph.TransposeAllAxes(x, order...)
	taken := graph.Gather(front, graph.InsertAxes(safe, -1))
	if x.DType().IsFloat() {
		mask := graph.Reshape(outside, append([]int{index.Shape().Dimensions[0]}, slices.Repeat([]int{1}, x.Rank()-1)...)...)
		nan := graph.Scalar(c.g, x.DType(), math.NaN())
		taken = graph.Where(broadcastTo(mask, taken.Shape().Dimensions), broadcastTo(nan, taken.Shape().Dimensions), taken)
	}
	back := make([]int, x.Rank())
	for i, from := range order {
		back[from] = i
	}
	taken = graph.TransposeAllAxes(taken, back...)
	return []*graph.Node{graph.Reshape(taken, c.out[0].Shape...)}
}
