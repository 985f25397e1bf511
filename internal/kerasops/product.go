package kerasops

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// multiplied is the type of a product of matrices: bytes alone grow, as their sums would leave them.
func multiplied(types ...string) string {
	if !slices.ContainsFunc(types, func(dtype string) bool { return dtype != "int8" }) {
		return "int32"
	}
	return promote(types...)
}

func init() {
	define("numpy", "Matmul", "x1 x2", "", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		return []Spec{{matmulShape(a.Shape, b.Shape), multiplied(a.DType, b.DType)}}
	}, func(c *call) []*graph.Node {
		x, y := c.nodeOf(c.need("x1"), c.out[0].DType), c.nodeOf(c.need("x2"), c.out[0].DType)
		return []*graph.Node{matmul(x, y, c.out[0].Shape)}
	})
	define("numpy", "Dot", "x1 x2", "", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		s := Spec{DType: promote(a.DType, b.DType)}
		if len(a.Shape) == 0 || len(b.Shape) == 0 {
			s.Shape = broadcast(a.Shape, b.Shape)
			return []Spec{s}
		}
		s.Shape = contracted(a.Shape, b.Shape, []int{len(a.Shape) - 1}, []int{max(len(b.Shape)-2, 0)})
		return []Spec{s}
	}, func(c *call) []*graph.Node {
		x, y := c.nodeOf(c.need("x1"), c.out[0].DType), c.nodeOf(c.need("x2"), c.out[0].DType)
		if x.Rank() == 0 || y.Rank() == 0 {
			return []*graph.Node{graph.Mul(x, y)}
		}
		return []*graph.Node{graph.DotGeneral(x, []int{x.Rank() - 1}, nil, y, []int{max(y.Rank()-2, 0)}, nil)}
	})
	define("numpy", "Tensordot", "x1 x2", "axes=2", func(c *call) []Spec {
		a, b := c.spec("x1"), c.spec("x2")
		left, right := tensordotAxes(c, len(a.Shape), len(b.Shape))
		return []Spec{{contracted(a.Shape, b.Shape, left, right), promote(a.DType, b.DType)}}
	}, func(c *call) []*graph.Node {
		x, y := c.nodeOf(c.need("x1"), c.out[0].DType), c.nodeOf(c.need("x2"), c.out[0].DType)
		left, right := tensordotAxes(c, x.Rank(), y.Rank())
		return []*graph.Node{contract(x, left, nil, y, right, nil)}
	})
	define("numpy", "Einsum", "*operands", "subscripts", func(c *call) []Spec {
		terms, out := c.einsumTerms()
		sizes := map[rune]int{}
		var types []string
		for i, t := range terms {
			s := c.specOf(c.rest[i])
			types = append(types, s.DType)
			for j, label := range t {
				d, seen := sizes[label]
				stretched := label > ellipsis && (d == 1 || s.Shape[j] == 1)
				if seen && !stretched && d != None && s.Shape[j] != None && d != s.Shape[j] {
					fail("subscripts: %q is %d and %d", string(label), d, s.Shape[j])
				}
				if !seen || d == None && s.Shape[j] != 1 || stretched && d == 1 {
					sizes[label] = s.Shape[j]
				}
			}
		}
		shape := make([]int, len(out))
		for i, label := range out {
			shape[i] = sizes[label]
		}
		return []Spec{{shape, multiplied(types...)}}
	}, einsum)
}

func matmulShape(a, b []int) []int {
	if len(a) == 0 || len(b) == 0 {
		fail("got shapes %s and %s, want at least one axis each", ShapeText(a), ShapeText(b))
	}
	left, right := slices.Clone(a), slices.Clone(b)
	if len(a) == 1 {
		left = []int{1, a[0]}
	}
	if len(b) == 1 {
		right = []int{b[0], 1}
	}
	if i, j := left[len(left)-1], right[len(right)-2]; i != None && j != None && i != j {
		fail("the inner axes of %s and %s must be equal", ShapeText(a), ShapeText(b))
	}
	out := broadcast(left[:len(left)-2], right[:len(right)-2])
	if len(a) > 1 {
		out = append(out, left[len(left)-2])
	}
	if len(b) > 1 {
		out = append(out, right[len(right)-1])
	}
	return out
}

func matmul(x, y *graph.Node, shape []int) *graph.Node {
	if x.Rank() == 1 {
		x = graph.InsertAxes(x, 0)
	}
	if y.Rank() == 1 {
		y = graph.InsertAxes(y, 1)
	}
	if y.Rank() == 2 { // one matrix for all rows
		return graph.Reshape(graph.DotGeneral(x, []int{x.Rank() - 1}, nil, y, []int{0}, nil), shape...)
	}
	dx, dy := x.Shape().Dimensions, y.Shape().Dimensions
	batch := broadcast(dx[:len(dx)-2], dy[:len(dy)-2])
	x = broadcastTo(x, append(slices.Clone(batch), dx[len(dx)-2:]...))
	y = broadcastTo(y, append(slices.Clone(batch), dy[len(dy)-2:]...))
	axes := identity(len(batch))
	return graph.Reshape(graph.DotGeneral(x, []int{len(batch) + 1}, axes, y, []int{len(batch)}, axes), shape...)
}

// contract is graph.DotGeneral for axes in any order: its gradient is right only where they come in ascending order.
func contract(x *graph.Node, sumX, batchX []int, y *graph.Node, sumY, batchY []int) *graph.Node {
	free := func(n *graph.Node, taken ...int) []int {
		return slices.DeleteFunc(identity(n.Rank()), func(i int) bool { return slices.Contains(taken, i) })
	}
	freeX, freeY := free(x, slices.Concat(sumX, batchX)...), free(y, slices.Concat(sumY, batchY)...)
	x = reorder(x, slices.Concat(batchX, freeX, sumX))
	y = reorder(y, slices.Concat(batchY, sumY, freeY))
	batch, sum := len(batchX), len(sumX)
	from := func(start, n int) []int {
		list := identity(n)
		for i := range list {
			list[i] += start
		}
		return list
	}
	return graph.DotGeneral(x, from(batch+len(freeX), sum), from(0, batch), y, from(batch, sum), from(0, batch))
}

func reorder(x *graph.Node, order []int) *graph.Node {
	if slices.IsSorted(order) {
		return x
	}
	return graph.TransposeAllAxes(x, order...)
}

// contracted is the shape of a product summed over pairs of axes.
func contracted(a, b, left, right []int) []int {
	var out []int
	for i, d := range left {
		if e := b[right[i]]; a[d] != None && e != None && a[d] != e {
			fail("axis %d of %s and axis %d of %s must be equal", d, ShapeText(a), right[i], ShapeText(b))
		}
	}
	for i, d := range a {
		if !slices.Contains(left, i) {
			out = append(out, d)
		}
	}
	for i, d := range b {
		if !slices.Contains(right, i) {
			out = append(out, d)
		}
	}
	return out
}

func tensordotAxes(c *call, a, b int) (left, right []int) {
	list, isList := c.config["axes"].([]any)
	if !isList {
		n := c.intParam("axes")
		if n < 0 || n > min(a, b) {
			fail("axes: got %d for tensors with %d and %d axes", n, a, b)
		}
		for i := range n {
			left, right = append(left, a-n+i), append(right, i)
		}
		return left, right
	}
	if len(list) != 2 {
		fail("axes: got %v, want a number or two lists", list)
	}
	left, _ = ints("axes", list[0])
	right, _ = ints("axes", list[1])
	if len(left) != len(right) {
		fail("axes: got %v, want two lists of one length", list)
	}
	for i := range left {
		left[i], right[i] = axisOf("axes", left[i], a), axisOf("axes", right[i], b)
	}
	return left, right
}

// ellipsis is below the labels of the axes of an ellipsis, which no letter has.
const ellipsis = 0x1000

// einsumTerms reads the subscripts: the labels of each operand's axes and of the output's. The axes of an ellipsis are
// labelled from the right.
func (c *call) einsumTerms() (terms [][]rune, out []rune) {
	text, _ := c.config["subscripts"].(string)
	text = strings.ReplaceAll(text, " ", "")
	left, right, explicit := strings.Cut(text, "->")
	parts := strings.Split(left, ",")
	if len(parts) != len(c.rest) || len(parts) == 0 {
		fail("subscripts: %q names %d operands, got %d", text, len(parts), len(c.rest))
	}
	most := 0
	expand := func(part string, axes int) []rune {
		before, after, has := strings.Cut(part, "...")
		if !has {
			return []rune(part)
		}
		labels := []rune(before)
		for i := axes; i > 0; i-- {
			labels = append(labels, rune(ellipsis+i))
		}
		return append(labels, []rune(after)...)
	}
	for i, part := range parts {
		rank := len(c.specOf(c.rest[i]).Shape)
		axes := rank - len([]rune(strings.Replace(part, "...", "", 1)))
		most = max(most, axes)
		term := expand(part, max(axes, 0))
		if len(term) != rank {
			fail("subscripts: %q names %d axes, the operand has %d", part, len(term), rank)
		}
		terms = append(terms, term)
	}
	count := map[rune]int{}
	for _, t := range terms {
		for _, label := range t {
			count[label]++
		}
	}
	if explicit {
		out = expand(right, max(most, 0))
	} else {
		for label, n := range count {
			if n == 1 || label > ellipsis {
				out = append(out, label)
			}
		}
		slices.SortFunc(out, func(a, b rune) int {
			if a > ellipsis || b > ellipsis {
				return int(b - a)
			}
			return int(a - b)
		})
	}
	for i, label := range out {
		if count[label] == 0 || slices.Contains(out[:i], label) {
			fail("subscripts: the output's %q is not an axis of an operand, or is there twice", string(label))
		}
	}
	return terms, out
}

// einsumOperand is the k-th operand with a label for each of its axes: of axes with one label it has the diagonal, and no axes of size 1 that an
// ellipsis stretches.
func (c *call) einsumOperand(k int, terms [][]rune) (*graph.Node, []rune) {
	x, labels := c.nodeOf(c.rest[k], c.out[0].DType), slices.Clone(terms[k])
	for i := 0; i < len(labels); i++ {
		stretched := labels[i] > ellipsis && x.Shape().Dimensions[i] == 1
		if first := slices.Index(labels, labels[i]); first < i {
			shape := shapeOf(dtypes.Int32, x.Shape().Dimensions)
			x = graph.ReduceSum(graph.Where(graph.Equal(graph.Iota(c.g, shape, first), graph.Iota(c.g, shape, i)), x, graph.ZerosLike(x)), i)
		} else if stretched && c.isLonger(labels[i], terms) {
			x = graph.Reshape(x, slices.Delete(slices.Clone(x.Shape().Dimensions), i, i+1)...)
		} else {
			continue
		}
		labels = slices.Delete(labels, i, i+1)
		i--
	}
	return x, labels
}

// isLonger reports whether an operand has an axis of that label whose size isn't 1.
func (c *call) isLonger(label rune, terms [][]rune) bool {
	for k, t := range terms {
		if at := slices.Index(t, label); at >= 0 && c.specOf(c.rest[k]).Shape[at] != 1 {
			return true
		}
	}
	return false
}

// einsum multiplies the operands from left to right, each time summing over the axes that nothing later names.
func einsum(c *call) []*graph.Node {
	terms, out := c.einsumTerms()
	needed := func(label rune, from int) bool {
		if slices.Contains(out, label) {
			return true
		}
		return slices.ContainsFunc(terms[from:], func(t []rune) bool { return slices.Contains(t, label) })
	}
	// alone sums over the axes of x that are in nothing else.
	alone := func(x *graph.Node, labels, other []rune, from int) (*graph.Node, []rune) {
		var drop []int
		var kept []rune
		for i, label := range labels {
			if !needed(label, from) && !slices.Contains(other, label) {
				drop = append(drop, i)
			} else {
				kept = append(kept, label)
			}
		}
		if len(drop) > 0 {
			x = graph.ReduceSum(x, drop...)
		}
		return x, kept
	}
	operand := func(k int) (*graph.Node, []rune) { return c.einsumOperand(k, terms) }
	x, labels := operand(0)
	if len(terms) == 1 {
		x, labels = alone(x, labels, nil, 1)
	}
	for k := 1; k < len(terms); k++ {
		y, other := operand(k)
		x, labels = alone(x, labels, other, k+1)
		y, other = alone(y, other, labels, k+1)
		var sumX, sumY, batchX, batchY []int
		var batch, free []rune
		for i, label := range labels {
			j := slices.Index(other, label)
			switch {
			case j < 0:
				free = append(free, label)
			case needed(label, k+1):
				batchX, batchY, batch = append(batchX, i), append(batchY, j), append(batch, label)
			default:
				sumX, sumY = append(sumX, i), append(sumY, j)
			}
		}
		for _, label := range other {
			if !slices.Contains(labels, label) {
				free = append(free, label)
			}
		}
		x = contract(x, sumX, batchX, y, sumY, batchY)
		labels = append(batch, free...)
	}
	order := make([]int, len(out))
	for i, label := range out {
		order[i] = slices.Index(labels, label)
	}
	return []*graph.Node{graph.TransposeAllAxes(x, order...)}
}
