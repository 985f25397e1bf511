package np

import (
	"math"
	"math/bits"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// Generator is NumPy's modern generator, PCG64: the same seed gives the same numbers as np.random.default_rng. It isn't
// for concurrent use.
type Generator struct{ src *pcg64 }

// DefaultRNG is np.random.default_rng(seed); nil seeds it from the system.
func DefaultRNG(seed any) *Generator {
	var entropy []uint32
	if seed == nil {
		entropy = systemWords(4)
	} else {
		a := Of(seed)
		if !a.kind.integer() {
			fail("TypeError", "SeedSequence expects int or sequence of ints for entropy not %v", a)
		}
		for _, v := range elems[int64](a) {
			if v < 0 {
				fail("ValueError", "expected non-negative integer")
			}
			entropy = append(entropy, uint32(v))
			if v>>32 != 0 {
				entropy = append(entropy, uint32(v>>32))
			}
		}
	}
	return &Generator{newPCG64(entropy)}
}

// Random draws from [0, 1) (NumPy: rng.random).
func (g *Generator) Random(shape ...int) *Array { return filled(shape, g.src.double) }

// Uniform draws from [low, high) (NumPy: rng.uniform).
func (g *Generator) Uniform(low, high any, shape ...int) *Array {
	return draw(low, high, shape, func(l, h float64) float64 { return l + float64((h-l)*g.src.double()) })
}

// lemire draws from 0 … limit by multiplication.
func lemire(s *pcg64, limit uint64) uint64 {
	switch {
	case limit == 0:
		return 0
	case limit == math.MaxUint32:
		return uint64(s.Uint32())
	case limit < math.MaxUint32:
		n := limit + 1
		m := uint64(s.Uint32()) * n
		if uint32(m) < uint32(n) {
			least := uint32(math.MaxUint32-limit) % uint32(n)
			for uint32(m) < least {
				m = uint64(s.Uint32()) * n
			}
		}
		return m >> 32
	case limit == math.MaxUint64:
		return s.Uint64()
	}
	n := limit + 1
	high, low := bits.Mul64(s.Uint64(), n)
	if low < n {
		least := (math.MaxUint64 - limit) % n
		for low < least {
			high, low = bits.Mul64(s.Uint64(), n)
		}
	}
	return high
}

// Integers draws int64 from low … high-1 (NumPy: rng.integers; its integers(n) is Integers(0, n)).
func (g *Generator) Integers(low, high int, shape ...int) *Array {
	span := intSpan(low, high)
	out := newArray(kInt64, shape)
	data := out.data.(cells[int64])
	for i := range data {
		data[i] = int64(uint64(low) + lemire(g.src, span))
	}
	return out
}

func (g *Generator) normal() float64 {
	const edge, inverse = 3.6541528853610087963519472518, 0.27366123732975827203338247596
	for {
		r := g.src.Uint64()
		row := r & 0xff
		r >>= 8
		negative := r&1 == 1
		size := r >> 1 & 0x000fffffffffffff
		x := float64(size) * zigguratW[row]
		if negative {
			x = -x
		}
		if size < zigguratK[row] {
			return x
		}
		if row == 0 {
			for {
				xx := -inverse * math.Log1p(-g.src.double())
				yy := -math.Log1p(-g.src.double())
				if yy+yy > xx*xx {
					if size>>8&1 == 1 {
						return -(edge + xx)
					}
					return edge + xx
				}
			}
		}
		if float64((zigguratF[row-1]-zigguratF[row])*g.src.double())+zigguratF[row] < math.Exp(-0.5*x*x) {
			return x
		}
	}
}

// StandardNormal draws from the standard normal distribution (NumPy: rng.standard_normal).
func (g *Generator) StandardNormal(shape ...int) *Array { return filled(shape, g.normal) }

// Normal draws from a normal distribution (NumPy: rng.normal).
func (g *Generator) Normal(mean, scale any, shape ...int) *Array {
	noNegative(scale)
	return draw(mean, scale, shape, func(m, s float64) float64 { return m + float64(s*g.normal()) })
}

// Poisson draws from the Poisson distribution (NumPy: rng.poisson).
func (g *Generator) Poisson(mean any, shape ...int) *Array { return poisson(mean, shape, g.src.double) }

func (g *Generator) below(limit int) int { return int(lemire(g.src, uint64(limit))) }

// Shuffle orders an array along its first axis, or a Go slice, at random in place (NumPy: rng.shuffle).
func (g *Generator) Shuffle(x any) {
	shuffle(x, func(limit int) int { return int(mt19937.UpTo(g.src, uint64(limit))) })
}

// Permutation is a random order of 0 … n-1, or of an array's first axis, as a copy (NumPy: rng.permutation).
func (g *Generator) Permutation(x any) *Array { return permutation(x, g.Shuffle) }

// Choice draws from 0 … a-1 or from an array's elements (NumPy: rng.choice); arguments as of [RandomState.Choice].
func (g *Generator) Choice(a any, opts ...any) *Array {
	c := choosingOf(a, opts)
	switch {
	case c.size == 0:
		return c.result(newArray(kInt64, []int{0}))
	case c.p != nil:
		return c.result(c.byChance(g.src.double))
	case c.replace:
		return c.result(g.Integers(0, c.n, c.size))
	}
	// NumPy shuffles the tail of a large part, and otherwise draws by Floyd's method.
	if c.n > 10000 && c.size > c.n/50 {
		all := sequence(c.n)
		for i := c.n - 1; i >= max(c.n-c.size, 1); i-- {
			j := g.below(i)
			all[i], all[j] = all[j], all[i]
		}
		return c.result(wrap(all[c.n-c.size:], c.size))
	}
	there := make(map[int]bool, c.size)
	out := make([]int64, c.size)
	for i := range out {
		j := c.n - c.size + i
		v := g.below(j)
		if there[v] {
			v = j
		}
		there[v] = true
		out[i] = int64(v)
	}
	for i := len(out) - 1; i > 0; i-- {
		j := g.below(i)
		out[i], out[j] = out[j], out[i]
	}
	return c.result(wrap(out, len(out)))
}
