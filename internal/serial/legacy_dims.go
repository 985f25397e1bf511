package serial

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// A size that isn't known is still the same as another one: that of the batch, of a sequence's steps. What operations do to sizes tells which.

// sizeOf is a size: a number times sizes that aren't known. nil says nothing.
type sizeOf struct {
	times   int
	unknown []axisAt // in order
}

// axisAt is an axis of a tensor that a size first comes from.
type axisAt struct {
	name                 string // of the layer that makes the tensor, "" for the batch
	node, output, number int
}

func (a axisAt) compare(b axisAt) int {
	return cmp.Or(cmp.Compare(a.name, b.name), a.node-b.node, a.output-b.output, a.number-b.number)
}

// batchSize is that of all inputs of a model.
var batchSize = &sizeOf{1, []axisAt{{}}}

func (s *sizeOf) equal(t *sizeOf) bool {
	return s != nil && t != nil && s.times == t.times && slices.Equal(s.unknown, t.unknown)
}

// product is the size of several axes as one, nil where one says nothing.
func product(sizes []*sizeOf) *sizeOf {
	out := &sizeOf{times: 1}
	for _, s := range sizes {
		if s == nil {
			return nil
		}
		out.times *= s.times
		out.unknown = append(out.unknown, s.unknown...)
	}
	slices.SortFunc(out.unknown, axisAt.compare)
	return out
}

// over is what is left of a size without the factors of another one, nil where it doesn't have them.
func (s *sizeOf) over(t *sizeOf) *sizeOf {
	if s == nil || t == nil || t.times == 0 || s.times%t.times != 0 {
		return nil
	}
	out := &sizeOf{s.times / t.times, slices.Clone(s.unknown)}
	for _, u := range t.unknown {
		at := slices.Index(out.unknown, u)
		if at < 0 {
			return nil
		}
		out.unknown = slices.Delete(out.unknown, at, at+1)
	}
	return out
}

// with is what an operation makes of two sizes.
func (s *sizeOf) with(t *sizeOf, class string) *sizeOf {
	switch class {
	case "Multiply":
		return product([]*sizeOf{s, t})
	case "FloorDivide":
		return s.over(t)
	}
	return nil
}

// sizesOfTensor are the sizes of a tensor's axes.
func sizesOfTensor(t *symbolic.Tensor) []*sizeOf {
	return (&sizing{map[*symbolic.Tensor][]*sizeOf{}}).of(t)
}

// sizing finds sizes, each tensor's once.
type sizing struct {
	done map[*symbolic.Tensor][]*sizeOf
}

// pointwise are operations whose outputs have the sizes of their inputs, which are broadcast to each other.
var pointwise = []string{
	"Add", "Subtract", "Multiply", "TrueDivide", "Divide", "FloorDivide", "Mod", "Maximum", "Minimum", "Power", "Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual", "Where", "Cast",
	"LogicalAnd", "LogicalOr", "LogicalNot", "LogicalXor", "DivideNoNan", "Arctan2", "Copy", "Negative", "Absolute", "Square", "Sqrt", "Rsqrt", "Exp", "Expm1", "Log", "Log1p", "Sin", "Cos", "Tan", "Erf", "Relu", "Relu6", "Elu", "Selu",
	"Gelu", "Silu", "Sigmoid", "Tanh", "Softplus", "Softsign", "LogSigmoid", "LeakyRelu", "Softmax", "LogSoftmax", "Clip", "StopGradient", "ZerosLike", "OnesLike", "Sign", "Floor", "Ceil", "Round", "Reciprocal", "Cumsum", "Flip", "Sort", "Argsort",
}

// sameSizes are layers whose outputs have the sizes of their first input, but the last, which their configuration may give.
var sameSizes = []string{
	"Dense", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "PReLU", "LayerNormalization", "BatchNormalization", "UnitNormalization", "GroupNormalization",
	"Identity", "Masking", "Rescaling", "MultiHeadAttention", "ActivityRegularization", "Embedding",
}

// keepFirst are operations that leave the first axis, and alongAxes those that leave it unless their axis is that one.
var (
	keepFirst = []string{"Conv", "DepthwiseConv", "SeparableConv", "ConvTranspose", "MaxPool", "AveragePool", "ExtractPatches", "Resize", "DepthToSpace", "SpaceToDepth"}
	alongAxes = []string{"Mean", "Sum", "Max", "Min", "Prod", "Var", "Std", "Any", "All", "Logsumexp", "Argmax", "Argmin", "Split", "Unstack", "Squeeze", "Take"}
)

// merging are layers that compute their inputs together, element by element.
var merging = []string{"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"}

func (s *sizing) of(t *symbolic.Tensor) []*sizeOf {
	if sizes, ok := s.done[t]; ok {
		return sizes
	}
	shape := t.Shape()
	sizes := make([]*sizeOf, len(shape))
	s.done[t] = sizes
	for i, d := range shape {
		if d != symbolic.None {
			sizes[i] = &sizeOf{times: d}
		}
	}
	source, ok := t.Source()
	if !ok || !slices.Contains(shape, symbolic.None) {
		return sizes
	}
	defer func() { // what nothing is known of is the same as itself
		for i := range sizes {
			if sizes[i] == nil {
				sizes[i] = &sizeOf{1, []axisAt{{source.Layer.Base().Name(), source.NodeIndex + 1, source.TensorIndex, i}}}
			}
		}
	}()
	nodes := symbolic.LayerNodes(source.Layer)
	if source.NodeIndex >= len(nodes) {
		return sizes
	}
	inputs := nodes[source.NodeIndex].Inputs
	var from [][]*sizeOf
	for _, in := range inputs {
		from = append(from, s.of(in))
	}
	put := func(axis int, size *sizeOf) {
		if axis >= 0 && axis < len(sizes) && sizes[axis] == nil {
			sizes[axis] = size
		}
	}
	cfg, isOperation := symbolic.Operation(source.Layer)
	class := source.Layer.KerasClass().Name
	inner, isModel := symbolic.NetworkOf(source.Layer)
	switch {
	case len(inputs) == 0:
		put(0, batchSize)
	case len(from[0]) == 0:
	case isModel:
		if outputs := inner.Outputs(); source.TensorIndex < len(outputs) && batchSize.equal(s.of(outputs[source.TensorIndex])[0]) {
			put(0, from[0][0])
		}
	case !isOperation && slices.Contains(merging, class):
		for i := range sizes {
			put(i, broadcastSize(from, len(shape)-i))
		}
	case !isOperation:
		put(0, from[0][0]) // layers keep the batch
		for i := range min(len(from[0]), len(shape)-1) {
			if slices.Contains(sameSizes, class) || class == "TimeDistributed" && i == 1 {
				put(i, from[0][i])
			}
		}
		if class == "Reshape" {
			fill(sizes, from[0])
		}
	case slices.Contains(pointwise, class):
		for i := range sizes {
			put(i, broadcastSize(from, len(shape)-i))
		}
	case class == "Transpose":
		order := axesIn(cfg["axes"])
		for i := range sizes {
			at := len(shape) - 1 - i
			if len(order) == len(shape) {
				at = order[i]
			}
			if at < 0 {
				at += len(from[0])
			}
			if at >= 0 && at < len(from[0]) {
				put(i, from[0][at])
			}
		}
	case class == "Reshape":
		fill(sizes, from[0])
	case class == "Matmul" && len(from) == 2 && len(shape) >= 2 && len(from[0]) >= 2 && len(from[1]) >= 2:
		n := len(shape)
		put(n-2, from[0][len(from[0])-2])
		put(n-1, from[1][len(from[1])-1])
		for i := range n - 2 {
			put(i, broadcastSize([][]*sizeOf{from[0][:len(from[0])-2], from[1][:len(from[1])-2]}, n-2-i))
		}
	case class == "GetItem":
		if args := nodes[source.NodeIndex].Args; len(args) == 2 && wholeFirst(args[1]) {
			put(0, from[0][0])
		}
	case slices.Contains(keepFirst, class):
		put(0, from[0][0])
	case slices.Contains(alongAxes, class):
		kept := cfg["axis"] != nil
		for _, axis := range axesIn(listOf(cfg["axis"])) {
			kept = kept && axis != 0 && axis != -len(from[0])
		}
		if kept {
			put(0, from[0][0])
		}
	case class == "Einsum":
		text, _ := cfg["subscripts"].(string)
		for i, size := range einsumSizes(text, from) {
			put(i, size)
		}
	case class == "Concatenate":
		axis, isAxis := config.AsInt(cfg["axis"])
		if axis < 0 {
			axis += len(shape)
		}
		for i := range sizes {
			if isAxis && i != axis {
				put(i, from[0][i])
			}
		}
	case class == "ExpandDims" && len(shape) == len(from[0])+1:
		axis, ok := config.AsInt(cfg["axis"])
		if axis < 0 {
			axis += len(shape)
		}
		for i, size := range from[0] {
			at := i
			if i >= axis {
				at++
			}
			if ok {
				put(at, size)
			}
		}
	}
	return sizes
}

// einsumSizes are the sizes of what an equation gives, which says of every axis of the tensors what it is, those that "..." stands for aside.
func einsumSizes(equation string, from [][]*sizeOf) []*sizeOf {
	left, right, ok := strings.Cut(equation, "->")
	terms := strings.Split(left, ",")
	if !ok || len(terms) != len(from) {
		return nil
	}
	byLetter := map[byte]*sizeOf{}
	var lead [][]*sizeOf
	longest := 0
	for i, term := range terms {
		letters, dotted := strings.CutPrefix(term, "...")
		extra := len(from[i]) - len(letters)
		if extra < 0 || extra > 0 && !dotted || strings.Contains(letters, ".") {
			return nil
		}
		lead = append(lead, from[i][:extra])
		longest = max(longest, extra)
		for j := range len(letters) {
			if byLetter[letters[j]] == nil {
				byLetter[letters[j]] = from[i][extra+j]
			}
		}
	}
	letters, dotted := strings.CutPrefix(right, "...")
	var out []*sizeOf
	for i := range longest {
		if dotted {
			out = append(out, broadcastSize(lead, longest-i))
		}
	}
	for j := range len(letters) {
		out = append(out, byLetter[letters[j]])
	}
	return out
}

// fill finds the one size that isn't known of what a reshaped tensor has.
func fill(sizes, from []*sizeOf) {
	open, rest := -1, []*sizeOf{}
	for i, size := range sizes {
		if size != nil {
			rest = append(rest, size)
		} else if open >= 0 {
			return
		} else {
			open = i
		}
	}
	if open >= 0 {
		sizes[open] = product(from).over(product(rest))
	}
}

// broadcastSize is the size, back places from the end, that several tensors have together; nil where it isn't sure.
func broadcastSize(from [][]*sizeOf, back int) *sizeOf {
	var found *sizeOf
	for _, sizes := range from {
		at := len(sizes) - back
		if at < 0 {
			continue
		}
		size := sizes[at]
		switch {
		case size == nil:
			return nil
		case len(size.unknown) == 0 && size.times == 1:
		case found == nil:
			found = size
		case !found.equal(size):
			return nil
		}
	}
	return found
}

// reshapeBy reshapes x where more than one size isn't known, of which the first ones must be those of x.
func (c *tfCall) reshapeBy(x any, to *known) error {
	fail := fmt.Errorf("a shape of which several sizes aren't known, in an order that x of shape %v doesn't have", shapeText(x))
	t, isTensor := x.(*symbolic.Tensor)
	if !isTensor {
		return fail
	}
	from := sizesOfTensor(t)
	target, open, list := make([]*sizeOf, len(to.flat)), -1, make([]any, len(to.flat))
	var rest []*sizeOf
	for i, n := range to.flat {
		if list[i] = int(n.value); n.size != nil {
			list[i] = -1
		}
		if n.size == nil && n.value == -1 {
			if open >= 0 {
				return fail
			}
			open = i
			continue
		}
		target[i] = n.is()
		rest = append(rest, target[i])
	}
	if open >= 0 {
		target[open] = product(from).over(product(rest))
	}
	same := 0
	for same < min(len(from), len(target)) && from[same].equal(target[same]) {
		same++
	}
	if same == len(from) && same == len(target) {
		c.op("Copy", nil, x)
		return nil
	}
	unknown := 0
	for _, v := range list[min(1, same):] {
		if v == -1 {
			unknown++
		}
	}
	if same > 0 && unknown <= 1 {
		c.layer("Reshape", map[string]any{"target_shape": list[1:]}, x) // which leaves the first axis as it is
		return nil
	}
	// The sizes that aren't known stay, and those after them are joined and cut.
	for same > 0 && same == len(target) {
		same--
	}
	n, m := 1, 1
	for _, d := range t.Shape()[same:] {
		n *= d
	}
	for _, v := range list[same:] {
		size, _ := v.(int)
		m *= size
	}
	if n != m || n < 1 || n > maxParts || slices.Contains(t.Shape()[same:], symbolic.None) {
		return fail
	}
	item := func(x any, key ...any) any { return c.op("GetItem", nil, x, append([]any{ellipsis()}, key...)) }
	all := pythonSlice(nil, nil, nil)
	for at := len(t.Shape()) - 2; at >= same; at-- {
		parts := make([]any, t.Shape()[at])
		for i := range parts {
			parts[i] = item(x, i, all)
		}
		x = c.op("Concatenate", map[string]any{"axis": -1}, parts)
	}
	width := n
	for _, v := range list[same : len(list)-1] {
		parts := make([]any, v.(int))
		width /= len(parts)
		for i := range parts {
			parts[i] = item(x, pythonSlice(i*width, (i+1)*width, nil))
		}
		x = c.op("Stack", map[string]any{"axis": -2}, parts)
	}
	return nil
}

// maxParts bounds the numbers of an axis that is joined or cut by slices.
const maxParts = 256

func shapeText(x any) any {
	if t, ok := x.(*symbolic.Tensor); ok {
		return symbolic.Shape(t.Shape())
	}
	return "known numbers"
}

// wholeFirst reports that a key leaves the first axis as it is.
func wholeFirst(key any) bool {
	list, _ := key.([]any)
	if len(list) == 0 {
		return false
	}
	part := asObject(list[0])
	bounds, isSlice := part["config"].(map[string]any)
	return part["class_name"] == "__slice__" && isSlice && bounds["start"] == nil && bounds["stop"] == nil && bounds["step"] == nil
}

// listOf is v where it is a list, else a list of it.
func listOf(v any) any {
	switch v.(type) {
	case []any, []int:
		return v
	}
	return []any{v}
}

// axesIn are the whole numbers in a configuration's list, nil for anything else.
func axesIn(v any) []int {
	if axes, ok := v.([]int); ok {
		return axes
	}
	list, _ := v.([]any)
	axes := make([]int, 0, len(list))
	for _, e := range list {
		axis, ok := config.AsInt(e)
		if !ok {
			return nil
		}
		axes = append(axes, axis)
	}
	return axes
}
