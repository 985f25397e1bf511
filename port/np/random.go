package np

import (
	"crypto/rand"
	"encoding/binary"
	"math"
	"reflect"
	"slices"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// RandomState is NumPy's legacy generator, a Mersenne Twister: the same seed gives the same numbers as in NumPy
// (np.random.RandomState). It isn't for concurrent use.
type RandomState struct {
	mt       *mt19937.Source
	gauss    float64
	hasGauss bool
	binomial binomial
}

// random is the namespace np.random.
type random struct{ *RandomState }

// Random has NumPy's np.random: its functions draw from one generator, which starts at a different place in each run
// until Seed sets it.
var Random = random{newRandomState(nil)}

// NewRandomState is np.random.RandomState(seed); nil seeds it from the system.
func NewRandomState(seed any) *RandomState { return newRandomState(seed) }

// State is NewRandomState (NumPy: np.random.RandomState).
func (random) State(seed any) *RandomState { return newRandomState(seed) }

// DefaultRNG is np.random.default_rng(seed); nil seeds it from the system.
func (random) DefaultRNG(seed any) *Generator { return DefaultRNG(seed) }

func newRandomState(seed any) *RandomState {
	r := &RandomState{}
	r.Seed(seed)
	return r
}

// Seed begins anew: an integer in 0 … 2³²-1, several of them, or nil for a seed from the system.
func (r *RandomState) Seed(seed any) {
	*r = RandomState{}
	if seed == nil {
		r.mt = mt19937.FromKeys(systemWords(8))
		return
	}
	a := Of(seed)
	if a.kind.float() || a.kind == kStr {
		fail("TypeError", "Cannot cast array data from dtype('%s') to dtype('int64') according to the rule 'safe'", a.DType())
	}
	var keys []uint32
	for _, v := range elems[int64](a) {
		if v < 0 || v > math.MaxUint32 {
			if len(a.shape) == 0 {
				fail("ValueError", "Seed must be between 0 and 2**32 - 1")
			}
			fail("ValueError", "Seed values must be between 0 and 2**32 - 1")
		}
		keys = append(keys, uint32(v))
	}
	switch {
	case len(a.shape) == 0:
		r.mt = mt19937.New(keys[0])
	case len(keys) == 0:
		fail("ValueError", "Seed must be non-empty")
	default:
		r.mt = mt19937.FromKeys(keys)
	}
}

func systemWords(n int) []uint32 {
	data := make([]byte, 4*n)
	_, _ = rand.Read(data) // it never fails
	out := make([]uint32, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return out
}

func filled(shape []int, f func() float64) *Array {
	out := newArray(kFloat64, shape)
	data := out.data.(cells[float64])
	for i := range data {
		data[i] = f()
	}
	return out
}

// draw makes an array of f(p, q) for broadcast parameters.
func draw(p, q any, shape []int, f func(p, q float64) float64) *Array {
	x, y := Of(p).cast(kFloat64), Of(q).cast(kFloat64)
	if len(x.shape) == 0 && len(y.shape) == 0 {
		a, b := x.Float(), y.Float()
		return filled(shape, func() float64 { return f(a, b) })
	}
	both := broadcastOf(x, y)
	if len(shape) == 0 {
		shape = both
	} else if got := broadcast(both, shape); !slices.Equal(got, shape) {
		fail("ValueError", "Output size %s is not compatible with broadcast dimensions of inputs %s.", tuple(shape, ", "), tuple(both, ", "))
	}
	xs, ys := elems[float64](x.to(shape)), elems[float64](y.to(shape))
	i := -1
	return filled(shape, func() float64 { i++; return f(xs[i], ys[i]) })
}

// Rand draws from [0, 1) (NumPy: np.random.rand, random, random_sample).
func (r *RandomState) Rand(shape ...int) *Array { return filled(shape, r.mt.Double) }

// Random is Rand.
func (r *RandomState) Random(shape ...int) *Array { return r.Rand(shape...) }

// RandomSample is Rand.
func (r *RandomState) RandomSample(shape ...int) *Array { return r.Rand(shape...) }

func (r *RandomState) normal() float64 {
	if r.hasGauss {
		r.hasGauss = false
		return r.gauss
	}
	for {
		x := 2*r.mt.Double() - 1
		y := 2*r.mt.Double() - 1
		size := float64(x*x) + float64(y*y)
		if size >= 1 || size == 0 {
			continue
		}
		f := math.Sqrt(-2 * logarithm(size) / size)
		r.gauss, r.hasGauss = f*x, true
		return f * y
	}
}

// Randn draws from the standard normal distribution (NumPy: np.random.randn, standard_normal).
func (r *RandomState) Randn(shape ...int) *Array { return filled(shape, r.normal) }

// StandardNormal is Randn.
func (r *RandomState) StandardNormal(shape ...int) *Array { return r.Randn(shape...) }

// Normal draws from a normal distribution; mean and scale are numbers or arrays (NumPy: np.random.normal).
func (r *RandomState) Normal(mean, scale any, shape ...int) *Array {
	noNegative(scale)
	return draw(mean, scale, shape, func(m, s float64) float64 { return m + float64(s*r.normal()) })
}

func noNegative(scale any) {
	if Less(scale, 0.0).AnyTrue() {
		fail("ValueError", "scale < 0")
	}
}

// Uniform draws from [low, high); both are numbers or arrays (NumPy: np.random.uniform).
func (r *RandomState) Uniform(low, high any, shape ...int) *Array {
	return draw(low, high, shape, func(l, h float64) float64 { return l + float64((h-l)*r.mt.Double()) })
}

// Exponential draws from the exponential distribution (NumPy: np.random.exponential).
func (r *RandomState) Exponential(scale any, shape ...int) *Array {
	noNegative(scale)
	return draw(scale, 0.0, shape, func(s, _ float64) float64 { return s * -logarithm(1-r.mt.Double()) })
}

// Poisson draws from the Poisson distribution; mean is a number or an array (NumPy: np.random.poisson).
func (r *RandomState) Poisson(mean any, shape ...int) *Array {
	return poisson(mean, shape, r.mt.Double)
}

func poisson(mean any, shape []int, double func() float64) *Array {
	// As NumPy's own bound: beyond it an int64 can't hold the numbers.
	if bound := math.MaxInt64 - 10*math.Sqrt(math.MaxInt64); LogicalNot(LessEqual(mean, bound)).AnyTrue() {
		fail("ValueError", "lam value too large")
	}
	if LogicalNot(GreaterEqual(mean, 0.0)).AnyTrue() {
		fail("ValueError", "lam < 0 or lam is NaN")
	}
	return draw(mean, 0.0, shape, func(m, _ float64) float64 {
		switch {
		case m >= 10:
			return manyEvents(m, double)
		case m == 0:
			return 0
		}
		limit, n := math.Exp(-m), 0.0
		for p := double(); p > limit; p *= double() {
			n++
		}
		return n
	}).cast(kInt64)
}

// manyEvents is a draw of Poisson's for a mean of 10 or more, by transformed rejection as NumPy does it.
func manyEvents(mean float64, double func() float64) float64 {
	b := 0.931 + 2.53*math.Sqrt(mean)
	a := -0.059 + float64(0.02483*b)
	inverse := 1.1239 + 1.1328/(b-3.4)
	most := 0.9277 - 3.6224/(b-2)
	for {
		u := double() - 0.5
		v := double()
		us := 0.5 - math.Abs(u)
		k := math.Floor(float64((2*a/us+b)*u) + mean + 0.43)
		if us >= 0.07 && v <= most {
			return k
		}
		if k < 0 || us < 0.013 && v > us {
			continue
		}
		if logarithm(v)+logarithm(inverse)-logarithm(a/float64(us*us)+b) <= -mean+float64(k*logarithm(mean))-logGamma(k+1) {
			return k
		}
	}
}

// logGamma is the logarithm of the gamma function as NumPy's generators compute it.
func logGamma(x float64) float64 {
	if x == 1 || x == 2 {
		return 0
	}
	terms := [...]float64{8.333333333333333e-02, -2.777777777777778e-03, 7.936507936507937e-04, -5.952380952380952e-04, 8.417508417508418e-04,
		-1.917526917526918e-03, 6.410256410256410e-03, -2.955065359477124e-02, 1.796443723688307e-01, -1.39243221690590e+00}
	n := 0
	if x < 7 {
		n = int(7 - x)
	}
	at := x + float64(n)
	square := (1 / at) * (1 / at)
	sum := terms[9]
	for i := 8; i >= 0; i-- {
		sum = float64(sum*square) + terms[i]
	}
	const logTwoPi = 1.8378770664093453
	value := sum/at + 0.5*logTwoPi + float64((at-0.5)*logarithm(at)) - at
	for range n {
		at--
		value -= logarithm(at)
	}
	return value
}

// RandInt draws int64 from low … high-1 (NumPy: np.random.randint; its randint(n) is RandInt(0, n)).
func (r *RandomState) RandInt(low, high int, shape ...int) *Array {
	span := intSpan(low, high)
	out := newArray(kInt64, shape)
	data := out.data.(cells[int64])
	for i := range data {
		data[i] = int64(uint64(low) + mt19937.UpTo(r.mt, span))
	}
	return out
}

func intSpan(low, high int) uint64 {
	if low >= high {
		fail("ValueError", "low >= high")
	}
	return uint64(high) - uint64(low) - 1
}

// Shuffle orders an array along its first axis, or a Go slice, at random in place (NumPy: np.random.shuffle).
func (r *RandomState) Shuffle(x any) {
	shuffle(x, func(limit int) int { return int(mt19937.UpTo(r.mt, uint64(limit))) })
}

func shuffle(x any, below func(limit int) int) {
	a, ok := x.(*Array)
	if !ok {
		if v := reflect.ValueOf(x); v.Kind() == reflect.Slice {
			swap := reflect.Swapper(x)
			for i := v.Len() - 1; i > 0; i-- {
				swap(i, below(i))
			}
			return
		}
		fail("TypeError", "a %T can't be shuffled in place", x)
	}
	order := sequence(a.Len())
	for i := len(order) - 1; i > 0; i-- {
		j := below(i)
		order[i], order[j] = order[j], order[i]
	}
	a.SetIndex(a.Index(wrap(order, len(order))), Ellipsis)
}

// Permutation is a random order of 0 … n-1, or of an array's first axis, as a copy (NumPy: np.random.permutation).
func (r *RandomState) Permutation(x any) *Array {
	return permutation(x, r.Shuffle)
}

func permutation(x any, shuffle func(any)) *Array {
	if n, ok := x.(int); ok {
		x = Arange(n)
	}
	out := Of(x)
	if len(out.shape) == 0 {
		out = Arange(out.Int())
	}
	out = out.Copy()
	shuffle(out)
	return out
}

// Replace says whether Choice may choose an element more than once, as it does unless told otherwise.
type Replace bool

// P is the probabilities of Choice.
type P []float64

// choosing is the arguments of Choice.
type choosing struct {
	pool    *Array // nil for 0 … n-1
	n       int
	shape   []int
	size    int
	replace bool
	p       []float64
}

func choosingOf(a any, opts []any) choosing {
	c := choosing{replace: true, shape: []int{}, size: 1}
	if n, ok := a.(int); ok {
		c.n = n
	} else {
		c.pool = Of(a)
		switch len(c.pool.shape) {
		case 0:
			c.n = c.pool.Int()
			c.pool = nil
		case 1:
			c.n = c.pool.shape[0]
		default:
			fail("ValueError", "a must be 1-dimensional")
		}
	}
	for _, o := range opts {
		switch v := o.(type) {
		case nil:
		case int:
			c.shape = append(c.shape, v)
		case []int:
			c.shape = append(c.shape, v...)
		case Replace:
			c.replace = bool(v)
		case P:
			c.p = v
		case *Array:
			c.p = v.Floats()
		case []float64:
			c.p = v
		default:
			fail("TypeError", "unexpected argument of type %T: want lengths (int), np.Replace or np.P", o)
		}
	}
	c.size = sizeOf(kInt64, c.shape)
	if c.n <= 0 && c.size > 0 {
		if c.pool == nil {
			fail("ValueError", "a must be greater than 0 unless no samples are taken")
		}
		fail("ValueError", "'a' cannot be empty unless no samples are taken")
	}
	if c.p != nil {
		if len(c.p) != c.n {
			fail("ValueError", "'a' and 'p' must have same size")
		}
		sum, lost := 0.0, 0.0 // Kahan's
		for _, v := range c.p {
			switch {
			case math.IsNaN(v):
				fail("ValueError", "probabilities contain NaN")
			case v < 0:
				fail("ValueError", "probabilities are not non-negative")
			}
			y := v - lost
			t := sum + y
			lost = float64(t-sum) - y
			sum = t
		}
		if math.Abs(sum-1) > 1.4901161193847656e-08 {
			fail("ValueError", "probabilities do not sum to 1")
		}
	}
	if !c.replace && c.size > c.n {
		fail("ValueError", "Cannot take a larger sample than population when 'replace=False'")
	}
	return c
}

func (c choosing) result(index *Array) *Array {
	index = Reshape(index, c.shape...)
	if c.pool == nil {
		return index
	}
	return c.pool.Index(index)
}

// byChance chooses with probabilities.
func (c choosing) byChance(double func() float64) *Array {
	draw := func(cdf *Array, n int) *Array {
		return Searchsorted(cdf, filled([]int{n}, double), true)
	}
	p := wrap(slices.Clone(c.p), len(c.p))
	distribution := func() *Array {
		cdf := Cumsum(p)
		return Divide(cdf, cdf.Index(-1))
	}
	if c.replace {
		return draw(distribution(), c.size)
	}
	if CountNonzero(Greater(p, 0.0)).Int() < c.size {
		fail("ValueError", "Fewer non-zero entries in p than size")
	}
	var found []int64
	for len(found) < c.size {
		x := filled([]int{c.size - len(found)}, double)
		if len(found) > 0 {
			p.SetIndex(0.0, found)
		}
		fresh := Searchsorted(distribution(), x, true)
		_, index, _, _ := UniqueAll(fresh)
		index.Sort()
		found = append(found, elems[int64](fresh.Index(index))...)
	}
	return wrap(found, len(found))
}

// Choice draws from 0 … a-1 or from an array's elements (NumPy: np.random.choice). Arguments after it are the lengths of the
// result's axes (int), [Replace] and [P].
func (r *RandomState) Choice(a any, opts ...any) *Array {
	c := choosingOf(a, opts)
	switch {
	case c.p != nil:
		return c.result(c.byChance(r.mt.Double))
	case c.replace:
		if c.size == 0 {
			return c.result(newArray(kInt64, []int{0}))
		}
		return c.result(r.RandInt(0, c.n, c.size))
	}
	return c.result(r.Permutation(c.n).Index(S(":%d", c.size)))
}

// binomial keeps what NumPy computes once for a pair of n and p.
type binomial struct {
	n       int64
	p       float64
	q, r, c float64
	bound   int64
	set     bool
}

// Binomial draws the successes of n trials of probability p (NumPy: np.random.binomial). Where n·min(p, 1-p) is more than 30,
// NumPy's numbers come from a method that isn't here, and there is an error.
func (r *RandomState) Binomial(n int, p float64, shape ...int) *Array {
	switch {
	case n < 0:
		fail("ValueError", "n < 0")
	case !(p >= 0 && p <= 1):
		fail("ValueError", "p < 0, p > 1 or p is NaN")
	}
	out := newArray(kInt64, shape)
	data := out.data.(cells[int64])
	for i := range data {
		data[i] = r.successes(int64(n), p)
	}
	return out
}

func (r *RandomState) successes(n int64, p float64) int64 {
	switch {
	case n == 0 || p == 0:
		return 0
	case p > 0.5:
		return n - r.inversion(n, 1-p)
	}
	return r.inversion(n, p)
}

func (r *RandomState) inversion(n int64, p float64) int64 {
	if p*float64(n) > 30 {
		fail("NotImplementedError", "binomial draws of n*p beyond 30 aren't supported")
	}
	b := &r.binomial
	if !b.set || b.n != n || b.p != p {
		*b = binomial{n: n, p: p, set: true, q: 1 - p}
		b.r = math.Exp(float64(n) * logarithm(b.q))
		b.c = float64(n) * p
		b.bound = int64(min(float64(n), b.c+10*math.Sqrt(float64(b.c*b.q)+1)))
	}
	x, px, u := int64(0), b.r, r.mt.Double()
	for u > px {
		x++
		if x > b.bound {
			x, px, u = 0, b.r, r.mt.Double()
			continue
		}
		u -= px
		px = float64(float64(n-x+1)*p*px) / (float64(x) * b.q)
	}
	return x
}

// Multinomial draws the counts of n throws with the probabilities p, shape… times (NumPy: np.random.multinomial).
func (r *RandomState) Multinomial(n int, p any, shape ...int) *Array {
	probs := Of(p).Floats()
	d := len(probs)
	if n < 0 {
		fail("ValueError", "n < 0")
	}
	sum := 0.0
	for i, v := range probs {
		if !(v >= 0 && v <= 1) {
			fail("ValueError", "pvals < 0, pvals > 1 or pvals contains NaNs")
		}
		if i < d-1 {
			sum += v
		}
	}
	if sum > 1+1e-12 {
		text := "sum(pvals[:-1]) > 1.0"
		if Of(p).kind != kFloat64 {
			text = "sum(pvals[:-1].astype(np.float64)) > 1.0. The pvals array is cast to 64-bit floating point prior to checking the sum. Precision changes when casting may cause problems even if the sum of the original pvals is valid."
		}
		fail("ValueError", "%s", text)
	}
	out := newArray(kInt64, append(slices.Clone(shape), d))
	data := out.data.(cells[int64])
	for at := 0; at+d <= len(data) && d > 0; at += d {
		left, rest := int64(n), 1.0
		for j := range d - 1 {
			data[at+j] = r.successes(left, probs[j]/rest)
			if left -= data[at+j]; left <= 0 {
				break
			}
			rest -= probs[j]
		}
		if left > 0 {
			data[at+d-1] = left
		}
	}
	return out
}

// Seed seeds the generator that np.random's functions share; without an argument from the system.
func (n random) Seed(seed ...any) {
	if len(seed) == 0 {
		n.RandomState.Seed(nil)
		return
	}
	n.RandomState.Seed(seed[0])
}
