package kerasops

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
	"github.com/gokeras/gokeras/internal/scan"
)

// Singular values and eigenvalues by Jacobi's rotations, as often as matrices of [largestMatrix] columns need them. The gradients are JAX's
// formulas. Signs of vectors are free, and other ones on each of Keras's backends.

// sweeps is how often each pair of columns is made orthogonal; rotations converge quadratically.
const sweeps = 12

func init() {
	define("linalg", "SVD", "x", "full_matrices=true compute_uv=true", func(c *call) []Spec {
		s, m, n := c.knownMatrix("x")
		batch := s.Shape[:len(s.Shape)-2]
		k := min(m, n)
		if k == 0 {
			fail("got a matrix of shape %s, want at least one row and column", ShapeText(s.Shape))
		}
		values := Spec{append(slices.Clone(batch), k), s.DType}
		if !c.boolParam("compute_uv") {
			c.boolParam("full_matrices")
			return []Spec{values}
		}
		left, right := k, k
		if c.boolParam("full_matrices") {
			left, right = m, n
		}
		return []Spec{{append(slices.Clone(batch), m, left), s.DType}, values, {append(slices.Clone(batch), right, n), s.DType}}
	}, func(c *call) []*graph.Node {
		return c.manyOnMatrices("x", func(x *graph.Node) []*graph.Node {
			if !c.boolParam("compute_uv") {
				_, s, _ := svd(x, false)
				return []*graph.Node{s}
			}
			u, s, vt := svd(x, c.boolParam("full_matrices"))
			return []*graph.Node{u, s, vt}
		})
	})
	define("linalg", "Eigh", "x", "", func(c *call) []Spec {
		s := c.matrix("x", true)
		if s.Shape[len(s.Shape)-1] == 0 {
			fail("got a matrix of shape %s, want at least one row", ShapeText(s.Shape))
		}
		return []Spec{{s.Shape[:len(s.Shape)-1], s.DType}, s}
	}, func(c *call) []*graph.Node {
		return c.manyOnMatrices("x", func(x *graph.Node) []*graph.Node {
			w, v := eigh(x)
			return []*graph.Node{w, v}
		})
	})
	define("linalg", "MatrixRank", "x", "tol=null", func(c *call) []Spec {
		s := c.matrix("x", false)
		c.optionalFloat("tol", 0)
		return []Spec{{s.Shape[:len(s.Shape)-2], "int32"}}
	}, func(c *call) []*graph.Node {
		return c.onMatrices("x", func(x *graph.Node) *graph.Node {
			_, s, _ := decompose(x, false)
			floor := graph.Scalar(x.Graph(), x.DType(), c.optionalFloat("tol", 0))
			if c.config["tol"] == nil {
				dims := x.Shape().Dimensions
				floor = graph.MulScalar(cut(s, 1, 0, 1), float64(max(dims[1], dims[2]))*epsilon)
			}
			s, floor = spread(s, floor)
			return graph.ReduceSum(graph.ConvertDType(graph.GreaterThan(s, floor), dtypes.Int32), 1)
		})
	})
	define("linalg", "Pinv", "x", "rcond=null", func(c *call) []Spec {
		s := c.matrix("x", false)
		c.optionalFloat("rcond", 0)
		n := len(s.Shape)
		return []Spec{{append(slices.Clone(s.Shape[:n-2]), s.Shape[n-1], s.Shape[n-2]), s.DType}}
	}, func(c *call) []*graph.Node {
		return c.onMatrices("x", func(x *graph.Node) *graph.Node {
			dims := x.Shape().Dimensions
			return pinv(x, c.optionalFloat("rcond", 10*float64(max(dims[1], dims[2]))*epsilon))
		})
	})
	define("linalg", "Lstsq", "a b", "rcond=null", func(c *call) []Spec {
		a, b := c.typed("a", resolved), c.typed("b", resolved)
		if len(a.Shape) != 2 {
			fail("expected a to have rank 2, received: a.shape=%s", ShapeText(a.Shape))
		}
		c.matrix("a", false)
		if len(b.Shape) != 1 && len(b.Shape) != 2 {
			fail("expected b to have rank 1 or 2, received: b.shape=%s", ShapeText(b.Shape))
		}
		if b.Shape[0] != a.Shape[0] {
			fail("expected b.shape[0] to be equal to a.shape[0], received: a.shape=%s, b.shape=%s", ShapeText(a.Shape), ShapeText(b.Shape))
		}
		c.optionalFloat("rcond", 0)
		return []Spec{{append([]int{a.Shape[1]}, b.Shape[1:]...), a.DType}}
	}, func(c *call) []*graph.Node {
		dtype := wide(promote(c.spec("a").DType, c.spec("b").DType))
		a, b := flatMatrices(c.nodeOf(c.need("a"), dtype)), c.nodeOf(c.need("b"), dtype)
		dims := a.Shape().Dimensions
		rcond := c.optionalFloat("rcond", float64(max(dims[1], dims[2]))*epsilon)
		if rcond < 0 {
			rcond = epsilon
		}
		u, s, vt := svd(a, false)
		largest := broadcastTo(graph.StopGradient(cut(s, 1, 0, 1)), s.Shape().Dimensions)
		counts := graph.LogicalAnd(graph.GreaterThan(s, graph.ZerosLike(s)), graph.GreaterOrEqual(s, graph.MulScalar(largest, rcond)))
		inverse := graph.Where(counts, graph.Reciprocal(graph.Where(counts, s, graph.OnesLike(s))), graph.ZerosLike(s))
		right := products(graph.Transpose(u, 1, 2), graph.Reshape(b, 1, dims[1], -1))
		x := products(graph.Transpose(vt, 1, 2), times(graph.InsertAxes(inverse, -1), right))
		return []*graph.Node{convert(graph.Reshape(x, c.out[0].Shape...), dtypeOf(toFloat(c.out[0].DType)))}
	})
}

// epsilon is the distance from 1 to the next number of float32.
const epsilon = 0x1p-23

// optionalFloat is a number of the configuration, or byNone for null.
func (c *call) optionalFloat(name string, byNone float64) float64 {
	if c.config[name] == nil {
		return byNone
	}
	v, ok := config.AsFloat(c.config[name])
	if !ok {
		fail("%s: got %v, want a number", name, c.config[name])
	}
	return v
}

// withChanges gives the values, which were computed of x without gradients, the gradients of their changes: changes of values by a change of x, to the first
// order. Gradients see the values that changes takes as depending on x, so that there are gradients of gradients.
func withChanges(x *graph.Node, values []*graph.Node, changes func(values []*graph.Node, dx *graph.Node) []*graph.Node) []*graph.Node {
	result := make([]*graph.Node, len(values))
	for i, y := range values {
		result[i] = lowering.WithGradient(y, func(dy *graph.Node) []*graph.Node {
			dx := graph.ZerosLike(x)
			change := changes(withChanges(x, values, changes), dx)[i]
			return []*graph.Node{graph.Gradient(graph.ReduceAllSum(graph.Mul(change, dy)), dx)[0]}
		}, x)
	}
	return result
}

// rotate makes the columns of x (count, m, n) orthogonal to each other, and returns them with the rotations v (count, n, n): x·v.
func rotate(x *graph.Node) (columns, v *graph.Node) {
	m, n := x.Shape().Dimensions[1], x.Shape().Dimensions[2]
	both := stacked(1, x, unitMatrices(x, n, n))
	if n == 1 {
		return x, cut(both, 1, m, m+1)
	}
	even := n + n%2
	if even > n { // a column of zeros is orthogonal to all, so that it stays as it is
		both = stacked(2, both, zeroMatrix(x, m+n, 1))
	}
	// As in a tournament: each column of one half plays the one beside it in the other half, then all but the first move on by one place.
	k := even / 2
	loop := scan.Loop{Steps: sweeps * (even - 1), States: []*graph.Node{cut(both, 2, 0, k), cut(both, 2, k, even)}}
	states, _ := loop.Run(func(s *scan.Step) (states, outputs []*graph.Node) {
		p, q := s.States[0], s.States[1]
		sum := func(x, y *graph.Node) *graph.Node {
			return graph.InsertAxes(graph.ReduceSum(graph.Mul(cut(x, 1, 0, m), cut(y, 1, 0, m)), 1), 1)
		}
		common := sum(p, q)
		none := graph.Equal(common, graph.ZerosLike(common))
		one := graph.OnesLike(common)
		zeta := graph.Div(graph.Sub(sum(q, q), sum(p, p)), graph.MulScalar(graph.Where(none, one, common), 2))
		tangent := graph.Reciprocal(graph.Add(graph.Abs(zeta), graph.Sqrt(graph.OnePlus(graph.Square(zeta)))))
		tangent = graph.Where(isLess(zeta, 0), graph.Neg(tangent), tangent)
		tangent = graph.Where(none, graph.ZerosLike(tangent), tangent)
		cosine := graph.Reciprocal(graph.Sqrt(graph.OnePlus(graph.Square(tangent))))
		sine := graph.Mul(cosine, tangent)
		p, q = graph.Sub(times(p, cosine), times(q, sine)), graph.Add(times(p, sine), times(q, cosine))
		if k == 1 {
			return []*graph.Node{p, q}, nil
		}
		first := []*graph.Node{cut(p, 2, 0, 1), cut(q, 2, 0, 1), nil}
		if k > 2 {
			first[2] = cut(p, 2, 1, k-1)
		}
		return []*graph.Node{stacked(2, first...), stacked(2, cut(q, 2, 1, k), cut(p, 2, k-1, k))}, nil
	})
	// Each sweep ends in the order in which it began.
	both = cut(stacked(2, states...), 2, 0, n)
	return cut(both, 1, 0, m), cut(both, 1, m, m+n)
}

// decompose is the singular value decomposition without gradients: full is for square u (m, m) and vt (n, n).
func decompose(x *graph.Node, full bool) (u, s, vt *graph.Node) {
	x = graph.StopGradient(x)
	m, n := x.Shape().Dimensions[1], x.Shape().Dimensions[2]
	if m < n {
		v, s, ut := decompose(graph.Transpose(x, 1, 2), full)
		return graph.Transpose(ut, 1, 2), s, graph.Transpose(v, 1, 2)
	}
	// Of numbers around 1 the squares are neither too large nor too small.
	scale := graph.InsertAxes(graph.ReduceMax(graph.Abs(x), 1, 2), -1, -1)
	scale = graph.Where(graph.Equal(scale, graph.ZerosLike(scale)), graph.OnesLike(scale), scale)
	columns, v := rotate(over(x, scale))
	s = graph.Sqrt(graph.ReduceSum(graph.Square(columns), 1))
	order := argsort(s, 1, true)
	s = takeAlong(s, order, 1)
	arranged := func(x *graph.Node) *graph.Node {
		return takeAlong(x, broadcastTo(graph.InsertAxes(order, 1), x.Shape().Dimensions), 2)
	}
	columns, v = arranged(columns), arranged(v)
	size := n
	if full {
		size = m
	}
	// Reflections find vectors for singular values of 0, too, and more of them for a square u.
	u, r := qr(columns, size)
	diagonal := graph.ReduceSum(graph.Mul(cut(r, 1, 0, n), unitMatrices(r, n, n)), 1)
	sign := graph.InsertAxes(graph.Where(isLess(diagonal, 0), graph.Neg(graph.OnesLike(diagonal)), graph.OnesLike(diagonal)), 1)
	if size > n {
		sign = stacked(2, sign, graph.Ones(x.Graph(), shapes.Make(x.DType(), x.Shape().Dimensions[0], 1, size-n)))
	}
	return times(u, sign), times(s, graph.Reshape(scale, -1, 1)), graph.Transpose(v, 1, 2)
}

// svd is the singular value decomposition; full is for square u (m, m) and vt (n, n), which have no gradient where x isn't square.
func svd(x *graph.Node, full bool) (u, s, vt *graph.Node) {
	m, n := x.Shape().Dimensions[1], x.Shape().Dimensions[2]
	u, s, vt = decompose(x, full)
	k := min(m, n)
	unit := unitMatrices(x, k, k)
	all := withChanges(x, []*graph.Node{u, s, vt}, func(values []*graph.Node, dx *graph.Node) []*graph.Node {
		u, s, vt := cut(values[0], 2, 0, k), values[1], cut(values[2], 1, 0, k)
		ut, v := graph.Transpose(u, 1, 2), graph.Transpose(vt, 1, 2)
		inside := products(products(ut, dx), v)
		ds := graph.ReduceSum(graph.Mul(inside, unit), 2)
		if full && m != n {
			return []*graph.Node{withoutGradient(values[0], dx), ds, withoutGradient(values[2], dx)}
		}
		row, column := graph.InsertAxes(s, 1), graph.InsertAxes(s, 2)
		rows, cols := spread(row, column)
		f := graph.Sub(graph.Reciprocal(graph.Add(graph.Mul(graph.Add(rows, cols), graph.Sub(rows, cols)), unit)), unit)
		symmetric := func(x *graph.Node) *graph.Node { return graph.Add(x, graph.Transpose(x, 1, 2)) }
		nothing := graph.Equal(s, graph.ZerosLike(s))
		inverse := graph.Where(nothing, graph.ZerosLike(s), graph.Reciprocal(graph.Where(nothing, graph.OnesLike(s), s)))
		turn := times(graph.Mul(graph.MulScalar(graph.Sub(inside, graph.Transpose(inside, 1, 2)), 0.5), unit), graph.InsertAxes(inverse, 2))
		du := products(u, graph.Add(graph.Mul(f, symmetric(graph.Mul(rows, inside))), turn))
		dv := products(v, graph.Mul(f, symmetric(graph.Mul(cols, inside))))
		if m > n {
			rest := products(dx, v)
			du = graph.Add(du, over(graph.Sub(rest, products(u, products(ut, rest))), row))
		}
		if n > m {
			rest := products(graph.Transpose(dx, 1, 2), u)
			dv = graph.Add(dv, over(graph.Sub(rest, products(v, products(vt, rest))), row))
		}
		return []*graph.Node{du, ds, graph.Transpose(dv, 1, 2)}
	})
	return all[0], all[1], all[2]
}

// withoutGradient is 0, shaped as y, whose gradient for dx isn't known.
func withoutGradient(y, dx *graph.Node) *graph.Node {
	none := graph.IdentityWithCustomGradient(graph.ReduceSum(dx, 1, 2), func(_, v *graph.Node) *graph.Node {
		fail("operation SVD: singular vectors have no gradient with full_matrices, for matrices that aren't square")
		return nil
	})
	return broadcastTo(graph.InsertAxes(none, -1, -1), y.Shape().Dimensions)
}

// eigh is the eigenvalues of the symmetric part of x, in rising order, and the eigenvectors as columns.
func eigh(x *graph.Node) (w, v *graph.Node) {
	n := x.Shape().Dimensions[1]
	x = graph.MulScalar(graph.Add(x, graph.Transpose(x, 1, 2)), 0.5)
	x0 := graph.StopGradient(x)
	scale := graph.InsertAxes(graph.ReduceMax(graph.Abs(x0), 1, 2), -1, -1)
	scaled := over(x0, graph.Where(graph.Equal(scale, graph.ZerosLike(scale)), graph.OnesLike(scale), scale))
	// Where all eigenvalues are positive, and none much smaller than others, they are the singular values and have the same vectors.
	unit := unitMatrices(x, n, n)
	bound := graph.InsertAxes(graph.ReduceMax(graph.ReduceSum(graph.Abs(scaled), 2), 1), -1, -1)
	_, v = rotate(graph.Add(scaled, times(unit, graph.MulScalar(bound, 2))))
	quotients := func(v *graph.Node) *graph.Node { return graph.ReduceSum(graph.Mul(v, products(x0, v)), 1) }
	w = quotients(v)
	order := argsort(w, 1, false)
	w, v = takeAlong(w, order, 1), takeAlong(v, broadcastTo(graph.InsertAxes(order, 1), v.Shape().Dimensions), 2)
	all := withChanges(x, []*graph.Node{w, v}, func(values []*graph.Node, dx *graph.Node) []*graph.Node {
		w, v := values[0], values[1]
		rows, columns := spread(graph.InsertAxes(w, 1), graph.InsertAxes(w, 2))
		f := graph.Sub(graph.Reciprocal(graph.Add(unit, graph.Sub(rows, columns))), unit)
		inside := products(products(graph.Transpose(v, 1, 2), dx), v)
		return []*graph.Node{graph.ReduceSum(graph.Mul(inside, unit), 2), products(v, graph.Mul(f, inside))}
	})
	return all[0], all[1]
}

// pinv is the pseudoinverse; singular values of at most rcond times the largest count as 0.
func pinv(x *graph.Node, rcond float64) *graph.Node {
	u, s, vt := decompose(x, false)
	largest := broadcastTo(cut(s, 1, 0, 1), s.Shape().Dimensions)
	counts := graph.GreaterThan(s, graph.MulScalar(largest, rcond))
	inverse := graph.Where(counts, graph.Reciprocal(graph.Where(counts, s, graph.OnesLike(s))), graph.ZerosLike(s))
	transpose := func(x *graph.Node) *graph.Node { return graph.Transpose(x, 1, 2) }
	p := products(transpose(vt), times(graph.InsertAxes(inverse, -1), transpose(u)))
	return withChanges(x, []*graph.Node{p}, func(values []*graph.Node, da *graph.Node) []*graph.Node {
		p := values[0]
		left := products(products(p, transpose(p)), transpose(da))
		right := products(products(transpose(da), transpose(p)), p)
		dp := graph.Neg(products(products(p, da), p))
		dp = graph.Add(dp, graph.Sub(left, products(products(left, x), p)))
		dp = graph.Add(dp, graph.Sub(right, products(products(p, x), right)))
		return []*graph.Node{dp}
	})[0]
}
