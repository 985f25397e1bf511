package np_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
	"github.com/gokeras/gokeras/port/porttest"
)

var x, f, m, u, i8, b, n, s, z, f32, h *np.Array

// reset makes the arrays that expressions use, as generate.py does.
func reset() {
	x = np.Arange(12).Reshape(3, 4)
	f = np.Linspace(0, 1, 7)
	m = np.Of([][]float64{{1.5, -2, 3.25}, {4, 0.5, -6}})
	u = np.Of([]uint8{250, 3, 255})
	i8 = np.Of([]int8{-128, 127, 5})
	b = np.Of([]bool{true, false, true})
	n = np.Of([]float64{1, np.NaN, -np.Inf, 3})
	s = np.Of([]string{"dog", "cat", "bird", "cat"})
	z = np.Zeros(0, 3)
	f32 = np.Of([]float32{0.1, 2.5, 1e-3})
	h = np.ArrayOf(np.Float16, []float64{0.1, 2.5, 1000})
}

func set(a *np.Array, value any, index ...any) *np.Array {
	a = a.Copy()
	a.SetIndex(value, index...)
	return a
}

func inPlace(f func(a *np.Array)) *np.Array {
	a := x.Copy()
	f(a)
	return a
}

func overlap() *np.Array {
	return inPlace(func(a *np.Array) { a.SetIndex(a.Index(np.S(":-1")), np.S("1:")) })
}

func viewed() *np.Array {
	return inPlace(func(a *np.Array) { a.Index(1).SetIndex(99, 0) })
}

func two(a, b *np.Array) []*np.Array { return []*np.Array{a, b} }

func singular(a *np.Array) *np.Array {
	_, values, _ := np.Linalg.SVD(a)
	return values
}

func eigenvalues() *np.Array {
	values, _ := np.Linalg.Eigh([][]float64{{2, 1}, {1, 3}})
	return values
}

func TestExpressions(t *testing.T) {
	porttest.Run(t, expressions, reset)
}

func digest(a *np.Array) string {
	var words []uint64
	if a.DType() == "float64" {
		for _, v := range a.Floats() {
			words = append(words, math.Float64bits(v))
		}
	} else {
		for _, v := range a.Ints() {
			words = append(words, uint64(v))
		}
	}
	var out []byte
	for _, word := range words {
		out = binary.LittleEndian.AppendUint64(out, word)
	}
	sum := sha256.Sum256(out)
	return hex.EncodeToString(sum[:])
}

type drawn struct {
	Values  [][]string `json:"values"`
	Digests []string   `json:"digests"`
}

func TestRandom(t *testing.T) {
	var want struct {
		Legacy, Modern map[string]drawn
		Array, Wide    []string
	}
	porttest.Load(t, "random.json", &want)
	require.Len(t, want.Legacy, 20)
	require.Len(t, want.Modern, 20)
	check := func(t *testing.T, want drawn, got []*np.Array, digests []string) {
		t.Helper()
		require.Len(t, got, len(want.Values))
		for i, w := range want.Values {
			numbers(t, w, got[i], i)
		}
		require.Equal(t, want.Digests, digests)
	}
	for text, w := range want.Legacy {
		t.Run("legacy "+text, func(t *testing.T) {
			seed, _ := strconv.Atoi(text)
			r := np.NewRandomState(seed)
			a := np.Arange(12).Reshape(6, 2)
			r.Shuffle(a)
			got := []*np.Array{
				a, r.Rand(3), r.Randn(5), r.RandInt(0, 10, 6), r.RandInt(-5, 1<<40, 2), r.RandInt(3, 4, 2), r.Normal(2, 0.5, 3), r.Uniform(-1, 3, 2),
				r.Permutation(7), r.Choice(10, 4), r.Choice(10, 4, np.Replace(false)), r.Choice([]int{5, 6, 7}, 4, np.P{0.2, 0.3, 0.5}),
				r.Choice(5, 3, np.Replace(false), np.P{0.1, 0.2, 0.3, 0.2, 0.2}), r.Multinomial(1, []float64{0.2, 0.5, 0.3}, 3), r.Multinomial(20, []float64{0.2, 0.5, 0.3}),
				r.Exponential(2, 3), r.Normal([]int{0, 10}, []int{1, 2}, 2, 2), r.Binomial(10, 0.7, 4), r.Permutation(np.Multiply(np.Arange(4), 1.5)),
				r.Poisson(3.5, 5), r.Poisson([]float64{0, 14, 250.5}, 4, 3),
			}
			check(t, w, got, []string{digest(r.Randn(10000)), digest(r.Rand(10000)), digest(r.RandInt(0, 1000, 10000)), digest(r.Permutation(10000))})
		})
	}
	for text, w := range want.Modern {
		t.Run("modern "+text, func(t *testing.T) {
			seed, _ := strconv.Atoi(text)
			g := np.DefaultRNG(seed)
			a := np.Arange(12).Reshape(6, 2)
			g.Shuffle(a)
			got := []*np.Array{
				a, g.Random(3), g.StandardNormal(5), g.Integers(0, 10, 7), g.Integers(-5, 1<<40, 2), g.Normal(2, 0.5, 3), g.Uniform(-1, 3, 2),
				g.Permutation(7), g.Choice(10, 4), g.Choice(10, 4, np.Replace(false)), g.Choice([]int{5, 6, 7}, 4, np.P{0.2, 0.3, 0.5}),
				g.Choice(20000, 1000, np.Replace(false)).Index(np.S(":5")), g.Poisson(2, 5), g.Poisson(31.5, 8),
			}
			check(t, w, got, []string{digest(g.StandardNormal(10000)), digest(g.Random(10000)), digest(g.Integers(0, 1000, 10000)), digest(g.Permutation(10000))})
		})
	}
	numbers(t, want.Array, np.NewRandomState([]int{1, 2, 3}).Rand(3), 0)
	numbers(t, want.Wide, np.DefaultRNG(1<<40+5).Random(3), 0)
}

func numbers(t *testing.T, want []string, got *np.Array, at int) {
	t.Helper()
	require.Equal(t, len(want), got.Size(), "draw %d", at)
	for i, v := range got.Floats() {
		require.Equal(t, porttest.Parse(t, want[i]), v, "draw %d, number %d", at, i)
	}
}
