package np

import "math"

// The polynomials of Cephes' inverse of the normal distribution, which SciPy has, from the highest power to the lowest; those that divide begin
// with 1.
var (
	middleAbove = []float64{-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1, -1.23916583867381258016e0}
	middleBelow = []float64{1, 1.95448858338141759834e0, 4.67627912898881538453e0, 8.63602421390890590575e1, -2.25462687854119370527e2, 2.00260212380060660359e2,
		-8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142e0}
	nearAbove = []float64{4.05544892305962419923e0, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.40805073893200834700e1, 1.46849561928858024014e1,
		2.18663306850790267539e0, -1.40256079171354495875e-1, -3.50424626827848203418e-2, -8.57456785154685413611e-4}
	nearBelow = []float64{1, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1, 2.50464946208309415979e0,
		-1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4}
	farAbove = []float64{3.23774891776946035970e0, 6.91522889068984211695e0, 3.93881025292474443415e0, 1.33303460815807542389e0, 2.01485389549179081538e-1,
		1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6, 6.23974539184983293730e-9}
	farBelow = []float64{1, 6.02427039364742014255e0, 3.67983563856160859403e0, 1.37702099489081330271e0, 2.16236993594496635890e-1, 1.34204006088543189037e-2,
		3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9}
)

func polynomial(x float64, factors []float64) float64 {
	sum := factors[0]
	for _, f := range factors[1:] {
		sum = float64(sum*x) + f
	}
	return sum
}

// normPPF is the number below which a share p of the normal distribution lies.
func normPPF(p float64) float64 {
	switch {
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	case !(p > 0 && p < 1):
		return math.NaN()
	}
	const edge = 0.13533528323661269189 // exp(-2)
	negate, y := true, p
	if y > 1-edge {
		y, negate = 1-y, false
	}
	if y > edge {
		y -= 0.5
		square := y * y
		x := y + y*(square*polynomial(square, middleAbove)/polynomial(square, middleBelow))
		return x * 2.50662827463100050242 // sqrt(2π)
	}
	x := math.Sqrt(-2 * math.Log(y))
	first := x - math.Log(x)/x
	z := 1 / x
	above, below := nearAbove, nearBelow
	if x >= 8 {
		above, below = farAbove, farBelow
	}
	x = first - z*polynomial(z, above)/polynomial(z, below)
	if negate {
		x = -x
	}
	return x
}

// NormPPF gives the numbers below which shares of the standard normal distribution lie (SciPy: scipy.stats.norm.ppf).
func NormPPF(q any) *Array { return eachFloat(q, normPPF) }

// NormPDF gives the density of the standard normal distribution (SciPy: scipy.stats.norm.pdf).
func NormPDF(x any) *Array {
	return eachFloat(x, func(v float64) float64 { return math.Exp(-v*v/2) / math.Sqrt(2*math.Pi) })
}

func eachFloat(x any, f func(float64) float64) *Array {
	a := Of(x)
	values := Reshape(a, -1).AsType(Float64).Floats()
	for i, v := range values {
		values[i] = f(v)
	}
	return Reshape(Of(values), a.Shape()...)
}

// MultivariateNormal draws from the normal distribution of several numbers with a mean and a covariance, as many times as size says
// (NumPy: np.random.multivariate_normal). It panics with a ValueError where mean isn't a list of as many numbers as cov has rows and columns.
func (r *RandomState) MultivariateNormal(mean, cov any, size ...int) *Array {
	m, c := Of(mean), Of(cov)
	switch {
	case m.NDim() != 1:
		fail("ValueError", "mean must be 1 dimensional")
	case c.NDim() != 2 || c.Dim(0) != c.Dim(1):
		fail("ValueError", "cov must be 2 dimensional and square")
	case m.Dim(0) != c.Dim(0):
		fail("ValueError", "mean and cov must have same length")
	}
	n := m.Dim(0)
	shape := append(append([]int{}, size...), n)
	x := Reshape(r.StandardNormal(shape...), -1, n)
	_, s, v := Linalg.SVD(c)
	x = Add(MatMul(x, Multiply(ExpandDims(Sqrt(s), -1), v)), m)
	return Reshape(x, shape...)
}
