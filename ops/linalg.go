package ops

import "github.com/gokeras/gokeras/symbolic"

// The operations of linear algebra take matrices (…, rows, columns) of at most 64 rows and columns, whose program grows with their size.

// Cholesky is the lower triangular factor of positive definite matrices, or the upper one; NaN where they aren't (Keras: ops.cholesky).
func Cholesky(x any, upper bool) *symbolic.Tensor {
	return one("Cholesky", config{"upper": upper}, x)
}

// CholeskyInverse is the inverse of a matrix whose factor x is, lower or upper (Keras: ops.cholesky_inverse).
func CholeskyInverse(x any, upper bool) *symbolic.Tensor {
	return one("CholeskyInverse", config{"upper": upper}, x)
}

// Det is the determinants of square matrices (Keras: ops.det).
func Det(x any) *symbolic.Tensor { return unary("Det", x) }

// Slogdet is the sign of the determinants, and the logarithm of their size (Keras: ops.slogdet).
func Slogdet(x any) (sign, logabsdet *symbolic.Tensor) { return two("Slogdet", nil, x) }

// Logdet is the logarithm of the size of the determinants (Keras: ops.logdet).
func Logdet(x any) *symbolic.Tensor { return unary("Logdet", x) }

// Inv is the inverses of square matrices (Keras: ops.inv).
func Inv(x any) *symbolic.Tensor { return unary("Inv", x) }

// LuFactor is the factors L and U of matrices in one, and with which row each was exchanged (Keras: ops.lu_factor).
func LuFactor(x any) (lu, pivots *symbolic.Tensor) { return two("LuFactor", nil, x) }

// Qr is an orthogonal matrix and an upper triangular one whose product x is: mode "reduced", Keras's default, or "complete" (Keras: ops.qr).
func Qr(x any, mode string) (q, r *symbolic.Tensor) { return two("Qr", config{"mode": mode}, x) }

// Solve is x in a·x = b: a (…, m, m), b (…, m, n), or a vector (m,) for one matrix (Keras: ops.solve).
func Solve(a, b any) *symbolic.Tensor { return one("Solve", nil, a, b) }

// SolveTriangular is [Solve] for the upper triangle of a, or the lower one (Keras: ops.solve_triangular).
func SolveTriangular(a, b any, lower bool) *symbolic.Tensor {
	return one("SolveTriangular", config{"lower": lower}, a, b)
}

// Cdist is the distances of each of the vectors x (…, m, n) from each of y (…, k, n), as (…, m, k) (Keras: ops.cdist).
func Cdist(x, y any) *symbolic.Tensor { return one("CDist", nil, x, y) }

// The signs of singular vectors and eigenvectors are free, and needn't be those that a backend of Keras has.

// Svd is the singular values of matrices (…, m, n) in falling order, between unitary u and vh: x = u·diag(s)·vh. With fullMatrices, Keras's
// default, u is (…, m, m) and vh (…, n, n), which have no gradients where m isn't n; else (…, m, k) and (…, k, n), k the smaller of both (Keras: ops.svd).
func Svd(x any, fullMatrices bool) (u, s, vh *symbolic.Tensor) {
	out := many("SVD", config{"full_matrices": fullMatrices}, x)
	if len(out) != 3 {
		return out[0], out[0], out[0]
	}
	return out[0], out[1], out[2]
}

// SingularValues are those of [Svd] alone (Keras: ops.svd with compute_uv=False).
func SingularValues(x any) *symbolic.Tensor { return one("SVD", config{"compute_uv": false}, x) }

// Eigh is the eigenvalues of symmetric matrices (…, n, n) in rising order (…, n), and the eigenvectors as columns (…, n, n) (Keras: ops.eigh).
func Eigh(x any) (values, vectors *symbolic.Tensor) { return two("Eigh", nil, x) }

// MatrixRank is how many singular values are above tol; nil is Keras's default, which is a share of the largest one (Keras: ops.matrix_rank).
func MatrixRank(x, tol any) *symbolic.Tensor { return one("MatrixRank", config{"tol": tol}, x) }

// Pinv is the pseudoinverses (…, n, m) of matrices (…, m, n). Singular values of at most rcond times the largest count as 0; nil is Keras's
// default, 10·max(m, n) times the precision of float32 (Keras: ops.pinv).
func Pinv(x, rcond any) *symbolic.Tensor { return one("Pinv", config{"rcond": rcond}, x) }

// Lstsq is the x with the least squares of a·x - b, of several the shortest: a (m, n), b (m, k) or (m,). Singular values below rcond times
// the largest count as 0; nil is Keras's default, max(m, n) times the precision of float32 (Keras: ops.lstsq).
func Lstsq(a, b, rcond any) *symbolic.Tensor { return one("Lstsq", config{"rcond": rcond}, a, b) }
