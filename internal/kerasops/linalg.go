package kerasops

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Linear algebra on matrices along the last two axes. GoMLX has no operations for it, so that a program holds every column's step; the
// gradients are those of the steps.

// largestMatrix bounds such programs.
const largestMatrix = 64

func init() {
	square := func(c *call) []Spec { return []Spec{c.matrix(c.def.args[0], true)} }
	define("linalg", "Cholesky", "x", "upper=false", square, func(c *call) []*graph.Node {
		return c.onMatrices("x", func(x *graph.Node) *graph.Node {
			l := cholesky(x)
			if c.boolParam("upper") {
				l = graph.Transpose(l, 1, 2)
			}
			return l
		})
	})
	define("linalg", "CholeskyInverse", "x", "upper=false", square, func(c *call) []*graph.Node {
		if len(c.spec("x").Shape) != 2 {
			fail("got a tensor of shape %s: Keras computes the inverse of one matrix at a time", ShapeText(c.spec("x").Shape))
		}
		return c.onMatrices("x", func(x *graph.Node) *graph.Node {
			n := x.Shape().Dimensions[1]
			upper := c.boolParam("upper")
			inverse := solveTriangular(x, unitMatrices(x, n, n), !upper)
			if upper {
				return products(inverse, graph.Transpose(inverse, 1, 2))
			}
			return products(graph.Transpose(inverse, 1, 2), inverse)
		})
	})
	define("linalg", "Det", "x", "", func(c *call) []Spec {
		s := c.matrix("x", true)
		return []Spec{{s.Shape[:len(s.Shape)-2], s.DType}}
	}, func(c *call) []*graph.Node {
		return c.onMatrices("x", func(x *graph.Node) *graph.Node {
			lu := eliminate(x, x.Shape().Dimensions[1])
			det := lu.parity
			for _, d := range lu.diagonal() {
				det = graph.Mul(det, d)
			}
			return det
		})
	})
	define("numpy", "Slogdet", "x", "", func(c *call) []Spec {
		s := c.perhapsSquare("x")
		sign, log := Spec{nil, s.DType}, Spec{s.Shape[:len(s.Shape)-2], s.DType}
		if c.g != nil { // Keras promises one sign for all matrices, and gives each its own
			sign.Shape = log.Shape
		}
		return []Spec{sign, log}
	}, func(c *call) []*graph.Node {
		return c.manyOnMatrices("x", func(x *graph.Node) []*graph.Node {
			sign, log := logDeterminant(x)
			return []*graph.Node{sign, log}
		})
	})
	define("math", "Logdet", "x", "", func(c *call) []Spec {
		s := c.perhapsSquare("x")
		return []Spec{{s.Shape[:len(s.Shape)-2], s.DType}}
	}, func(c *call) []*graph.Node {
		return c.onMatrices("x", func(x *graph.Node) *graph.Node {
			_, log := logDeterminant(x)
			return log
		})
	})
	define("linalg", "Inv", "x", "", square, func(c *call) []*graph.Node {
		return c.onMatrices("x", func(x *graph.Node) *graph.Node {
			n := x.Shape().Dimensions[1]
			return solve(x, unitMatrices(x, n, n))
		})
	})
	define("linalg", "LuFactor", "x", "", func(c *call) []Spec {
		s, m, n := c.knownMatrix("x")
		return []Spec{s, {append(slices.Clone(s.Shape[:len(s.Shape)-2]), min(m, n)), s.DType}}
	}, func(c *call) []*graph.Node {
		return c.manyOnMatrices("x", func(x *graph.Node) []*graph.Node {
			lu := eliminate(x, min(x.Shape().Dimensions[1], x.Shape().Dimensions[2]))
			return []*graph.Node{lu.matrix(), lu.pivots()}
		})
	})
	define("linalg", "Qr", "x", "mode=\"reduced\"", func(c *call) []Spec {
		s, m, n := c.knownMatrix("x")
		mode, _ := c.config["mode"].(string)
		if mode != "reduced" && mode != "complete" {
			fail("mode: got %v, want \"reduced\" or \"complete\"", c.config["mode"])
		}
		batch := s.Shape[:len(s.Shape)-2]
		k := m
		if mode == "reduced" {
			k = min(m, n)
		}
		return []Spec{{append(slices.Clone(batch), m, k), s.DType}, {append(slices.Clone(batch), k, n), s.DType}}
	}, func(c *call) []*graph.Node {
		return c.manyOnMatrices("x", func(x *graph.Node) []*graph.Node {
			shape := c.out[0].Shape
			q, r := qr(x, shape[len(shape)-1])
			return []*graph.Node{q, r}
		})
	})
	define("linalg", "Solve", "a b", "", solution, func(c *call) []*graph.Node { return c.solving(solve) })
	define("linalg", "SolveTriangular", "a b", "lower=false", solution, func(c *call) []*graph.Node {
		return c.solving(func(a, b *graph.Node) *graph.Node { return solveTriangular(a, b, c.boolParam("lower")) })
	})
	define("math", "CDist", "x y", "", func(c *call) []Spec {
		a, b := c.spec("x"), c.spec("y")
		m, n := len(a.Shape), len(b.Shape)
		if m < 2 || n < 2 {
			fail("inputs to `cdist` must have rank >= 2, received shapes %s and %s", ShapeText(a.Shape), ShapeText(b.Shape))
		}
		if p, q := a.Shape[m-1], b.Shape[n-1]; p != None && q != None && p != q {
			fail("the last dimension of inputs to `cdist` must match, received shapes %s and %s", ShapeText(a.Shape), ShapeText(b.Shape))
		}
		return []Spec{{append(broadcast(a.Shape[:m-2], b.Shape[:n-2]), a.Shape[m-2], b.Shape[n-2]), promote(a.DType, b.DType, "float")}}
	}, func(c *call) []*graph.Node {
		x, y := c.nodeOf(c.need("x"), c.out[0].DType), c.nodeOf(c.need("y"), c.out[0].DType)
		x, y = spread(graph.InsertAxes(x, x.Rank()-1), graph.InsertAxes(y, y.Rank()-2))
		return []*graph.Node{graph.Sqrt(graph.ReduceSum(graph.Square(graph.Sub(x, y)), -1))}
	})
}

// matrix is an argument whose last two axes are those of matrices.
func (c *call) matrix(name string, isSquare bool) Spec {
	s := c.typed(name, resolved)
	n := len(s.Shape)
	if n < 2 {
		fail("expected input to have rank >= 2, received input with shape %s", ShapeText(s.Shape))
	}
	rows, columns := s.Shape[n-2], s.Shape[n-1]
	switch {
	case isSquare && rows != columns:
		fail("expected a square matrix, received non-square input with shape %s", ShapeText(s.Shape))
	case rows > largestMatrix || columns > largestMatrix:
		fail("matrices of more than %d rows or columns aren't supported, received input with shape %s", largestMatrix, ShapeText(s.Shape))
	}
	return s
}

// perhapsSquare is an argument whose matrices are square as far as is known: of these operations Keras doesn't ask it before they compute.
func (c *call) perhapsSquare(name string) Spec {
	s := c.matrix(name, false)
	if rows, columns := s.Shape[len(s.Shape)-2], s.Shape[len(s.Shape)-1]; rows != None && columns != None {
		return c.matrix(name, true)
	}
	return s
}

// knownMatrix is an argument whose matrices have known rows and columns: Keras, too, must know which are fewer.
func (c *call) knownMatrix(name string) (s Spec, rows, columns int) {
	s = c.matrix(name, false)
	rows, columns = s.Shape[len(s.Shape)-2], s.Shape[len(s.Shape)-1]
	if rows == None || columns == None {
		fail("the last two axes must be known, received input with shape %s", ShapeText(s.Shape))
	}
	return s, rows, columns
}

// solution is the output of a system of equations a·x = b.
func solution(c *call) []Spec {
	a, b := c.matrix("a", true), c.typed("b", resolved)
	m, n := len(a.Shape), len(b.Shape)
	var rows int
	switch {
	case n == 0:
		fail("expected input to have rank >= 1, received a number")
	case n == m:
		rows = b.Shape[n-2]
	case n == m-1:
		rows = b.Shape[n-1]
	default:
		fail("`b` of shape %s doesn't fit `a` of shape %s: it must have as many axes, or one less", ShapeText(b.Shape), ShapeText(a.Shape))
	}
	if rows != a.Shape[m-2] {
		fail("incompatible shapes between `a` and `b`: received a.shape=%s, b.shape=%s", ShapeText(a.Shape), ShapeText(b.Shape))
	}
	return []Spec{b}
}

// solving gives f matrices, and the shape of b to what it returns.
func (c *call) solving(f func(a, b *graph.Node) *graph.Node) []*graph.Node {
	dtype := wide(promote(c.spec("a").DType, c.spec("b").DType))
	a, b := c.nodeOf(c.need("a"), dtype), c.nodeOf(c.need("b"), dtype)
	shape := b.Shape().Dimensions
	if b.Rank() < a.Rank() {
		b = graph.InsertAxes(b, -1)
	}
	batchA, batchB := a.Shape().Dimensions[:a.Rank()-2], b.Shape().Dimensions[:b.Rank()-2]
	if !slices.Equal(batchA, batchB) {
		fail("`a` and `b` must hold as many systems, received %s and %s", ShapeText(batchA), ShapeText(batchB))
	}
	x := graph.Reshape(f(flatMatrices(a), flatMatrices(b)), shape...)
	return []*graph.Node{convert(x, dtypeOf(toFloat(c.out[0].DType)))}
}

// wide is the type in which matrices are computed.
func wide(dtype string) string { return averaged(toFloat(dtype)) }

func (c *call) onMatrices(name string, f func(x *graph.Node) *graph.Node) []*graph.Node {
	return c.manyOnMatrices(name, func(x *graph.Node) []*graph.Node { return []*graph.Node{f(x)} })
}

// manyOnMatrices gives f the matrices as (count, rows, columns), and the outputs their shapes and the inputs' type, of whole numbers float32.
func (c *call) manyOnMatrices(name string, f func(x *graph.Node) []*graph.Node) []*graph.Node {
	out := f(flatMatrices(c.nodeOf(c.need(name), wide(c.spec(name).DType))))
	for i, y := range out {
		y = graph.Reshape(y, c.out[i].Shape...)
		if y.DType().IsFloat() {
			y = convert(y, dtypeOf(toFloat(c.out[i].DType)))
		}
		out[i] = y
	}
	return out
}

func flatMatrices(x *graph.Node) *graph.Node {
	dims := x.Shape().Dimensions
	return graph.Reshape(x, -1, dims[len(dims)-2], dims[len(dims)-1])
}

// unitMatrices are unit matrices of m rows and n columns, as many as x has matrices, in x's type.
func unitMatrices(x *graph.Node, m, n int) *graph.Node {
	s := shapes.Make(dtypes.Int32, x.Shape().Dimensions[0], m, n)
	return graph.ConvertDType(graph.Equal(graph.Iota(x.Graph(), s, 1), graph.Iota(x.Graph(), s, 2)), x.DType())
}

func products(x, y *graph.Node) *graph.Node {
	return graph.DotGeneral(x, []int{2}, []int{0}, y, []int{1}, []int{0})
}

// block is rows and columns of matrices.
func block(x *graph.Node, row, rowEnd, column, columnEnd int) *graph.Node {
	return cut(cut(x, 1, row, rowEnd), 2, column, columnEnd)
}

// stacked lays matrices on top of each other, or beside each other along axis 2; those without any element are left out.
func stacked(axis int, parts ...*graph.Node) *graph.Node {
	parts = slices.DeleteFunc(parts, func(x *graph.Node) bool { return x == nil })
	if len(parts) == 1 {
		return parts[0]
	}
	return graph.Concatenate(parts, axis)
}

func zeroMatrix(x *graph.Node, m, n int) *graph.Node {
	if m == 0 || n == 0 {
		return nil
	}
	return graph.Zeros(x.Graph(), shapes.Make(x.DType(), x.Shape().Dimensions[0], m, n))
}

func times(x, y *graph.Node) *graph.Node {
	x, y = spread(x, y)
	return graph.Mul(x, y)
}

func over(x, y *graph.Node) *graph.Node {
	x, y = spread(x, y)
	return graph.Div(x, y)
}

func either(condition, x, y *graph.Node) *graph.Node {
	shape := broadcast(broadcast(condition.Shape().Dimensions, x.Shape().Dimensions), y.Shape().Dimensions)
	return graph.Where(broadcastTo(condition, shape), broadcastTo(x, shape), broadcastTo(y, shape))
}

// cholesky is the lower factor of what is symmetric in x; all of it is NaN where x isn't positive definite.
func cholesky(x *graph.Node) *graph.Node {
	n := x.Shape().Dimensions[1]
	rest := graph.MulScalar(graph.Add(x, graph.Transpose(x, 1, 2)), 0.5)
	var positive *graph.Node
	var columns []*graph.Node
	for j := range n {
		d := block(rest, 0, 1, 0, 1)
		isPositive := graph.GreaterThan(d, graph.ZerosLike(d))
		if positive == nil {
			positive = isPositive
		} else {
			positive = graph.LogicalAnd(positive, isPositive)
		}
		column := over(cut(rest, 2, 0, 1), graph.Sqrt(graph.Where(isPositive, d, graph.OnesLike(d))))
		columns = append(columns, stacked(1, zeroMatrix(x, j, 1), column))
		if size := n - j; size > 1 {
			below := cut(column, 1, 1, size)
			rest = graph.Sub(block(rest, 1, size, 1, size), times(below, graph.Transpose(below, 1, 2)))
		}
	}
	return either(positive, stacked(2, columns...), graph.Scalar(x.Graph(), x.DType(), math.NaN()))
}

// solveTriangular solves a·x = b for the triangle of a.
func solveTriangular(a, b *graph.Node, lower bool) *graph.Node {
	n := a.Shape().Dimensions[1]
	rows := make([]*graph.Node, n)
	if lower {
		for i := range n {
			size := n - i
			rows[i] = over(cut(b, 1, 0, 1), block(a, i, i+1, i, i+1))
			if size > 1 {
				b = graph.Sub(cut(b, 1, 1, size), times(block(a, i+1, n, i, i+1), rows[i]))
			}
		}
		return stacked(1, rows...)
	}
	for i := n - 1; i >= 0; i-- {
		rows[i] = over(cut(b, 1, i, i+1), block(a, i, i+1, i, i+1))
		if i > 0 {
			b = graph.Sub(cut(b, 1, 0, i), times(block(a, 0, i, i, i+1), rows[i]))
		}
	}
	return stacked(1, rows...)
}

// elimination is Gauss's, with the largest element of a column as its pivot.
type elimination struct {
	rows    []*graph.Node // (count, 1, columns): factors left of the diagonal, what is left of the matrix from there on
	places  []*graph.Node // (count): with which row each was exchanged
	parity  *graph.Node   // (count): 1 or -1
	columns int
}

// eliminate takes so many steps.
func eliminate(x *graph.Node, steps int) elimination {
	g, dtype := x.Graph(), x.DType()
	count, m, n := x.Shape().Dimensions[0], x.Shape().Dimensions[1], x.Shape().Dimensions[2]
	e := elimination{parity: graph.Ones(g, shapes.Make(dtype, count)), columns: n}
	rest := x
	for k := range steps {
		size := m - k
		place := graph.ArgMax(graph.Abs(graph.StopGradient(graph.Reshape(cut(rest, 2, k, k+1), count, size))), 1, dtypes.Int32)
		e.places = append(e.places, graph.AddScalar(place, float64(k)))
		if size == 1 {
			e.rows = append(e.rows, rest)
			return e
		}
		e.parity = graph.Where(graph.GreaterThan(place, graph.ZerosLike(place)), graph.Neg(e.parity), e.parity)
		numbers := graph.Iota(g, shapes.Make(dtypes.Int32, count, size, 1), 1)
		is := graph.Equal(numbers, graph.BroadcastToDims(graph.Reshape(place, count, 1, 1), count, size, 1))
		pivot := graph.InsertAxes(graph.ReduceSum(either(is, rest, graph.ScalarZero(g, dtype)), 1), 1)
		rest = cut(either(is, cut(rest, 1, 0, 1), rest), 1, 1, size)
		e.rows = append(e.rows, pivot)
		d := cut(pivot, 2, k, k+1)
		factors := over(cut(rest, 2, k, k+1), graph.Where(graph.Equal(d, graph.ZerosLike(d)), graph.OnesLike(d), d))
		parts := []*graph.Node{nil, factors, nil}
		if k > 0 {
			parts[0] = cut(rest, 2, 0, k)
		}
		if k+1 < n {
			parts[2] = graph.Sub(cut(rest, 2, k+1, n), times(factors, cut(pivot, 2, k+1, n)))
		}
		rest = stacked(2, parts...)
	}
	e.rows = append(e.rows, rest)
	return e
}

func (e elimination) matrix() *graph.Node { return stacked(1, e.rows...) }

func (e elimination) pivots() *graph.Node { return graph.Stack(e.places, 1) }

// diagonal are the elements of the diagonal, each of shape (count).
func (e elimination) diagonal() []*graph.Node {
	out := make([]*graph.Node, len(e.places))
	for i := range out {
		out[i] = graph.Reshape(cut(e.rows[i], 2, i, i+1), -1)
	}
	return out
}

func logDeterminant(x *graph.Node) (sign, log *graph.Node) {
	e := eliminate(x, x.Shape().Dimensions[1])
	sign = e.parity
	for _, d := range e.diagonal() {
		sign = graph.Mul(sign, graph.Sign(graph.StopGradient(d)))
		if part := graph.Log(graph.Abs(d)); log == nil {
			log = part
		} else {
			log = graph.Add(log, part)
		}
	}
	return sign, log
}

func solve(a, b *graph.Node) *graph.Node {
	n := a.Shape().Dimensions[1]
	m := eliminate(stacked(2, a, b), n).matrix()
	return solveTriangular(cut(m, 2, 0, n), cut(m, 2, n, m.Shape().Dimensions[2]), false)
}

// qr is the decomposition by Householder's reflections, with LAPACK's signs: Q with so many columns, R with so many rows.
func qr(x *graph.Node, columns int) (q, r *graph.Node) {
	m, n := x.Shape().Dimensions[1], x.Shape().Dimensions[2]
	type reflection struct{ v, tau *graph.Node }
	var reflections []reflection
	var rows []*graph.Node
	apply := func(f reflection, x *graph.Node) *graph.Node {
		return graph.Sub(x, times(f.tau, times(f.v, products(graph.Transpose(f.v, 1, 2), x))))
	}
	rest := x
	k := min(m, n)
	for j := range k {
		size := m - j
		if size == 1 {
			rows = append(rows, stacked(2, zeroMatrix(x, 1, j), rest))
			break
		}
		alpha, below := block(rest, 0, 1, 0, 1), block(rest, 1, size, 0, 1)
		squares := graph.InsertAxes(graph.ReduceSum(graph.Square(below), 1), 1)
		nothing := graph.Equal(squares, graph.ZerosLike(squares)) // below the diagonal: no reflection
		one := graph.OnesLike(alpha)
		length := graph.Sqrt(graph.Where(nothing, one, graph.Add(graph.Square(alpha), squares)))
		beta := graph.Where(nothing, alpha, graph.Where(graph.LessThan(alpha, graph.ZerosLike(alpha)), length, graph.Neg(length)))
		f := reflection{
			v:   stacked(1, one, over(below, graph.Where(nothing, one, graph.Sub(alpha, beta)))),
			tau: graph.Where(nothing, graph.ZerosLike(one), graph.Div(graph.Sub(beta, alpha), graph.Where(nothing, one, beta))),
		}
		reflections = append(reflections, f)
		row := []*graph.Node{zeroMatrix(x, 1, j), beta, nil}
		if j+1 < n {
			right := apply(f, cut(rest, 2, 1, n-j))
			row[2] = cut(right, 1, 0, 1)
			rest = cut(right, 1, 1, size)
		}
		rows = append(rows, stacked(2, row...))
	}
	if len(rows) < columns {
		rows = append(rows, zeroMatrix(x, columns-len(rows), n))
	}
	q = unitMatrices(x, m, columns)
	for j := len(reflections) - 1; j >= 0; j-- {
		lower := apply(reflections[j], cut(q, 1, j, m))
		if j > 0 {
			lower = stacked(1, cut(q, 1, 0, j), lower)
		}
		q = lower
	}
	return q, stacked(1, rows...)
}
