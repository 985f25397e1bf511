package np

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// MatMul is Python's a @ b: the product of matrices, of stacks of them, and of vectors (NumPy: np.matmul).
func MatMul(a, b any) *Array {
	x, y := Of(a), Of(b)
	if len(x.shape) == 0 || len(y.shape) == 0 {
		fail("ValueError", "matmul: Input operand %d does not have enough dimensions (has 0, gufunc core with signature (n?,k),(k,m?)->(n?,m?) requires 1)", pick(len(x.shape) == 0, 0, 1))
	}
	row, column := len(x.shape) == 1, len(y.shape) == 1
	if row {
		x = ExpandDims(x, 0)
	}
	if column {
		y = ExpandDims(y, 1)
	}
	p, q := len(x.shape)-2, len(y.shape)-2
	if x.shape[p+1] != y.shape[q] {
		fail("ValueError", "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?) (size %d is different from %d)", y.shape[q], x.shape[p+1])
	}
	k := promote(x.kind, y.kind)
	k.summing()
	stack := broadcast(x.shape[:p], y.shape[:q])
	if stack == nil {
		fail("ValueError", "operands could not be broadcast together with remapped shapes [original->remapped]: %s %s ", tuple(x.shape, ","), tuple(y.shape, ","))
	}
	n, m, inner := x.shape[p], y.shape[q+1], x.shape[p+1]
	xs := x.cast(k).to(append(slices.Clone(stack), n, inner))
	ys := y.cast(k).to(append(slices.Clone(stack), inner, m))
	out := newArray(k, append(slices.Clone(stack), n, m))
	count := 1
	for _, d := range stack {
		count *= d
	}
	switch k {
	case kFloat64:
		products(elems[float64](xs), elems[float64](ys), out.data.(cells[float64]), count, n, inner, m, multiply64)
	case kFloat32:
		products(elems[float32](xs), elems[float32](ys), out.data.(cells[float32]), count, n, inner, m, multiply32)
	case kFloat16:
		wide := newArray(kFloat32, out.shape)
		products(elems[float32](xs), elems[float32](ys), wide.data.(cells[float32]), count, n, inner, m, multiply32)
		out = wide.cast(kFloat16)
	case kUint64:
		products(elems[uint64](xs), elems[uint64](ys), out.data.(cells[uint64]), count, n, inner, m, multiplyInts[uint64])
	default:
		// Products that wrap around in 64 bits wrap around alike in fewer.
		wide := newArray(kInt64, out.shape)
		products(elems[int64](xs), elems[int64](ys), wide.data.(cells[int64]), count, n, inner, m, multiplyInts[int64])
		out = wide.cast(k)
	}
	if column {
		out = Reshape(out, out.shape[:len(out.shape)-1]...)
	}
	if row {
		at := len(out.shape) - 1
		if !column {
			at--
		}
		out = Squeeze(out, at)
	}
	return out
}

func products[T number](x, y, out []T, count, n, inner, m int, f func(x, y, out []T, n, inner, m int)) {
	if n*inner*m == 0 {
		return
	}
	for i := range count {
		f(x[i*n*inner:(i+1)*n*inner], y[i*inner*m:(i+1)*inner*m], out[i*n*m:(i+1)*n*m], n, inner, m)
	}
}

func multiply64(x, y, out []float64, n, inner, m int) {
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, blas64.General{Rows: n, Cols: inner, Stride: inner, Data: x},
		blas64.General{Rows: inner, Cols: m, Stride: m, Data: y}, 0, blas64.General{Rows: n, Cols: m, Stride: m, Data: out})
}

func multiply32(x, y, out []float32, n, inner, m int) {
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, blas32.General{Rows: n, Cols: inner, Stride: inner, Data: x},
		blas32.General{Rows: inner, Cols: m, Stride: m, Data: y}, 0, blas32.General{Rows: n, Cols: m, Stride: m, Data: out})
}

func multiplyInts[T integer](x, y, out []T, n, inner, m int) {
	for i := range n {
		for k := range inner {
			v := x[i*inner+k]
			for j := range m {
				out[i*m+j] += v * y[k*m+j]
			}
		}
	}
}

// Dot is the product of matrices and vectors; of numbers the product; of more axes, the sum over the last of a and the last but one of b (NumPy: np.dot).
func Dot(a, b any) *Array {
	x, y := Of(a), Of(b)
	if len(x.shape) == 0 || len(y.shape) == 0 {
		return Multiply(a, b)
	}
	at := max(len(y.shape)-2, 0)
	if x.shape[len(x.shape)-1] != y.shape[at] {
		fail("ValueError", "shapes %s and %s not aligned: %d (dim %d) != %d (dim %d)", tuple(x.shape, ","), tuple(y.shape, ","), x.shape[len(x.shape)-1], len(x.shape)-1, y.shape[at], at)
	}
	if len(x.shape) <= 2 && len(y.shape) <= 2 {
		return MatMul(x, y)
	}
	return TensorDot(x, y, []int{len(x.shape) - 1}, []int{at})
}

// TensorDot sums products over pairs of axes (NumPy: np.tensordot).
func TensorDot(a, b any, axesA, axesB []int) *Array {
	x, y := Of(a), Of(b)
	if len(axesA) != len(axesB) {
		fail("ValueError", "shape-mismatch for sum")
	}
	split := func(v *Array, axes []int) (free, bound []int) {
		mark := make([]bool, len(v.shape))
		for _, axis := range axes {
			bound = append(bound, axisOf(axis, len(v.shape)))
			mark[bound[len(bound)-1]] = true
		}
		for i, m := range mark {
			if !m {
				free = append(free, i)
			}
		}
		return free, bound
	}
	fx, bx := split(x, axesA)
	fy, by := split(y, axesB)
	inner, shape := 1, []int{}
	for i := range bx {
		if x.shape[bx[i]] != y.shape[by[i]] {
			fail("ValueError", "shape-mismatch for sum")
		}
		inner *= x.shape[bx[i]]
	}
	n, m := 1, 1
	for _, i := range fx {
		shape = append(shape, x.shape[i])
		n *= x.shape[i]
	}
	for _, i := range fy {
		shape = append(shape, y.shape[i])
		m *= y.shape[i]
	}
	p := Reshape(Transpose(x, slices.Concat(fx, bx)...), n, inner)
	q := Reshape(Transpose(y, slices.Concat(by, fy)...), inner, m)
	return Reshape(MatMul(p, q), shape...)
}

// Vdot and Inner of vectors are their product.
func Vdot(a, b any) *Array { return Dot(Ravel(a), Ravel(b)) }

// Inner sums products over the last axes (NumPy: np.inner).
func Inner(a, b any) *Array {
	x, y := Of(a), Of(b)
	if len(x.shape) == 0 || len(y.shape) == 0 {
		return Multiply(a, b)
	}
	return TensorDot(x, y, []int{-1}, []int{-1})
}

// linalg is the namespace np.linalg.
type linalg struct{}

// Linalg has NumPy's np.linalg, on gonum. Decompositions may differ from NumPy's in signs and last digits.
var Linalg linalg

// matrix takes a square or other matrix of floats.
func matrix(a any, square bool) (*mat.Dense, kind) {
	x := Of(a)
	if len(x.shape) != 2 {
		fail("LinAlgError", "%d-dimensional array given. Array must be two-dimensional", len(x.shape))
	}
	if square && x.shape[0] != x.shape[1] {
		fail("LinAlgError", "Last 2 dimensions of the array must be square")
	}
	k := kFloat64
	if x.kind == kFloat32 {
		k = kFloat32
	}
	if x.Size() == 0 {
		fail("LinAlgError", "an empty matrix isn't supported")
	}
	return mat.NewDense(x.shape[0], x.shape[1], x.Floats()), k
}

func ofMatrix(m mat.Matrix, k kind) *Array {
	n, c := m.Dims()
	out := make([]float64, 0, n*c)
	for i := range n {
		for j := range c {
			out = append(out, m.At(i, j))
		}
	}
	return wrap(out, n, c).cast(k)
}

// Inv is the inverse of a matrix (NumPy: np.linalg.inv).
func (linalg) Inv(a any) *Array {
	m, k := matrix(a, true)
	return Linalg.Solve(a, Eye(m.RawMatrix().Rows)).cast(k)
}

// Solve solves a·x = b (NumPy: np.linalg.solve).
func (linalg) Solve(a, b any) *Array {
	m, k := matrix(a, true)
	y := Of(b)
	rows := y
	if len(y.shape) == 1 {
		rows = ExpandDims(y, 1)
	}
	if rows.shape[0] != m.RawMatrix().Rows {
		fail("ValueError", "solve: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (m,m),(m,n)->(m,n) (size %d is different from %d)", rows.shape[0], m.RawMatrix().Rows)
	}
	var lu mat.LU
	lu.Factorize(m)
	if lu.Det() == 0 {
		fail("LinAlgError", "Singular matrix")
	}
	var out mat.Dense
	right, _ := matrix(rows, false)
	// A bad condition is an answer in NumPy.
	_ = lu.SolveTo(&out, false, right)
	if k == kFloat32 && y.kind != kFloat32 {
		k = kFloat64
	}
	return Reshape(ofMatrix(&out, k), y.shape...)
}

// Det is the determinant (NumPy: np.linalg.det).
func (linalg) Det(a any) *Array {
	m, k := matrix(a, true)
	return wrap([]float64{mat.Det(m)}).cast(k)
}

// Norm is the length of a vector, or the Frobenius norm of a matrix (NumPy: np.linalg.norm). An option "ord" of [Ord]
// gives others of vectors: 1, infinity …; axes (int, one) and [KeepDims] as of Sum.
func (linalg) Norm(a any, opts ...any) *Array {
	x := Of(a)
	if !x.kind.float() {
		x = x.cast(kFloat64)
	}
	order, rest := 2.0, []any{}
	given := false
	for _, o := range opts {
		if v, ok := o.(Ord); ok {
			order, given = float64(v), true
			continue
		}
		rest = append(rest, o)
	}
	axes := optionsOf(rest).axes
	if given && axes == nil && len(x.shape) != 1 || len(axes) > 1 && given {
		fail("ValueError", "the norm of this order of a matrix isn't supported: give an axis")
	}
	switch {
	case math.IsInf(order, 1):
		return Max(Abs(x), rest...)
	case math.IsInf(order, -1):
		return Min(Abs(x), rest...)
	case order == 0:
		return Sum(NotEqual(x, 0).cast(x.kind), rest...)
	case order == 1:
		return Sum(Abs(x), rest...)
	case order == 2:
		return Sqrt(Sum(Multiply(x, x), rest...))
	}
	return Power(Sum(Power(Abs(x), order), rest...), 1/order)
}

// Ord is the order of a norm.
type Ord float64

// SVD decomposes a into u·diag(s)·vt, the shapes reduced as with full_matrices=False (NumPy: np.linalg.svd).
func (linalg) SVD(a any) (u, s, vt *Array) {
	m, k := matrix(a, false)
	var d mat.SVD
	if !d.Factorize(m, mat.SVDThin) {
		fail("LinAlgError", "SVD did not converge")
	}
	var p, q mat.Dense
	d.UTo(&p)
	d.VTo(&q)
	values := d.Values(nil)
	return ofMatrix(&p, k), wrap(values, len(values)).cast(k), ofMatrix(q.T(), k)
}

// Eig gives the eigenvalues and eigenvectors, in columns, of a matrix whose eigenvalues are real; others aren't supported,
// for there are no complex arrays (NumPy: np.linalg.eig).
func (linalg) Eig(a any) (values, vectors *Array) {
	m, k := matrix(a, true)
	var d mat.Eigen
	if !d.Factorize(m, mat.EigenRight) {
		fail("LinAlgError", "Eigenvalues did not converge")
	}
	complexes := d.Values(nil)
	out := make([]float64, len(complexes))
	for i, c := range complexes {
		if imag(c) != 0 {
			fail("LinAlgError", "the matrix has complex eigenvalues, which aren't supported")
		}
		out[i] = real(c)
	}
	var v mat.CDense
	d.VectorsTo(&v)
	n := len(out)
	vec := make([]float64, n*n)
	for i := range n {
		for j := range n {
			vec[i*n+j] = real(v.At(i, j))
		}
	}
	return wrap(out, n).cast(k), wrap(vec, n, n).cast(k)
}

// Eigh gives the rising eigenvalues and the eigenvectors, in columns, of a symmetric matrix (NumPy: np.linalg.eigh).
func (linalg) Eigh(a any) (values, vectors *Array) {
	m, k := matrix(a, true)
	n := m.RawMatrix().Rows
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			sym.SetSym(i, j, m.At(i, j))
		}
	}
	var d mat.EigenSym
	if !d.Factorize(sym, true) {
		fail("LinAlgError", "Eigenvalues did not converge")
	}
	var v mat.Dense
	d.VectorsTo(&v)
	out := d.Values(nil)
	return wrap(out, n).cast(k), ofMatrix(&v, k)
}

// Pinv is the pseudo-inverse (NumPy: np.linalg.pinv).
func (linalg) Pinv(a any) *Array {
	u, s, vt := Linalg.SVD(a)
	cut := Multiply(Max(s), 1e-15)
	inverse := Where(Greater(s, cut), Divide(1.0, s), ZerosLike(s))
	return MatMul(vt.T(), Multiply(ExpandDims(inverse, 1), u.T()))
}

// MatrixRank is the number of singular values that aren't almost zero (NumPy: np.linalg.matrix_rank).
func (linalg) MatrixRank(a any) int {
	x := Of(a)
	_, s, _ := Linalg.SVD(x)
	eps := 0x1p-52
	if s.kind == kFloat32 {
		eps = 0x1p-23
	}
	return CountNonzero(Greater(s, Max(s).Float()*float64(max(x.shape[0], x.shape[1]))*eps)).Int()
}

// Cov is the covariance of variables in rows (NumPy: np.cov).
func Cov(a any) *Array {
	x := Atleast2D(a)
	if !x.kind.float() {
		x = x.cast(kFloat64)
	}
	d := Subtract(x, Mean(x, 1, KeepDims))
	return Squeeze(Divide(MatMul(d, d.T()), float64(x.shape[1]-1)))
}

// Corrcoef is the correlation of variables in rows, or of two arrays (NumPy: np.corrcoef).
func Corrcoef(a any, b ...any) *Array {
	if len(b) > 0 {
		a = VStack([]any{a, b[0]})
	}
	c := Atleast2D(Cov(a))
	d := Sqrt(c.Diagonal())
	return Squeeze(Clip(Divide(Divide(c, ExpandDims(d, 1)), ExpandDims(d, 0)), -1, 1))
}
