package np_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
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

// result is what generate.py writes of a value.
type result struct {
	List   []result `json:"list"`
	Error  string   `json:"error"`
	Text   *string  `json:"text"`
	Shape  []int    `json:"shape"`
	DType  string   `json:"dtype"`
	Values []string `json:"values"`
	Str    string   `json:"str"`
	Repr   string   `json:"repr"`
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
}

func pythonHex(v float64) string {
	switch {
	case v != v:
		return "nan"
	case math.IsInf(v, 0):
		return strings.TrimPrefix(strconv.FormatFloat(v, 'f', -1, 64), "+")[:map[bool]int{true: 4, false: 3}[v < 0]]
	}
	return strconv.FormatFloat(v, 'b', -1, 64)
}

func values(a *np.Array) []string {
	switch {
	case strings.HasPrefix(string(a.DType()), "<U"):
		return a.Strings()
	case strings.HasPrefix(string(a.DType()), "float"):
		var out []string
		for _, v := range a.Floats() {
			out = append(out, pythonHex(v))
		}
		return out
	case a.DType() == "bool":
		a = a.AsType("uint8")
	}
	return a.AsType("str").Strings()
}

func parse(t *testing.T, text string) float64 {
	t.Helper()
	if text == "nan" || strings.HasSuffix(text, "inf") {
		v, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		return v
	}
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err, text)
	return v
}

func same(t *testing.T, want result, got any, tolerance float64) {
	t.Helper()
	switch v := got.(type) {
	case []*np.Array:
		require.Len(t, v, len(want.List))
		for i := range v {
			same(t, want.List[i], v[i], tolerance)
		}
		return
	case string:
		require.NotNil(t, want.Text)
		require.Equal(t, *want.Text, v)
		return
	}
	a := np.Of(got)
	require.Equal(t, want.Shape, append([]int{}, a.Shape()...))
	require.Equal(t, want.DType, string(a.DType()))
	have := values(a)
	if strings.HasPrefix(want.DType, "float") {
		if len(want.Values) == 2 && want.Values[0] == "sha256" {
			have = nil
		}
		for i, v := range have {
			p := parse(t, want.Values[i])
			q := a.Floats()[i]
			if tolerance == 0 {
				require.Equal(t, pythonHex(p), v, "element %d: %v, want %v", i, q, p)
				continue
			}
			if p == p && !math.IsInf(p, 0) {
				require.InDelta(t, p, q, tolerance*math.Max(math.Abs(p), 1e-300)*4, "element %d", i)
			} else {
				require.Equal(t, pythonHex(p), v)
			}
		}
	} else if len(want.Values) == 2 && want.Values[0] == "sha256" {
		sum := sha256.Sum256([]byte(strings.Join(have, "\n")))
		require.Equal(t, want.Values[1], hex.EncodeToString(sum[:]))
	} else {
		require.Equal(t, want.Values, append([]string{}, have...))
	}
	if _, array := got.(*np.Array); array && tolerance == 0 {
		require.Equal(t, want.Str, a.String())
		require.Equal(t, want.Repr, a.Repr())
	}
}

func TestExpressions(t *testing.T) {
	var want map[string]result
	load(t, "expressions.json", &want)
	require.GreaterOrEqual(t, len(want), 300)
	require.Len(t, want, len(expressions), "run testdata/generate.py")
	for _, e := range expressions {
		t.Run(e.python, func(t *testing.T) {
			reset()
			w, ok := want[e.python]
			require.True(t, ok, "run testdata/generate.py")
			var got any
			err := np.Try(func() { got = e.port() })
			if w.Error != "" {
				require.Error(t, err, "NumPy: %s: %v", w.Error, w.Text)
				require.Equal(t, w.Error+": "+*w.Text, err.Error())
				return
			}
			require.NoError(t, err)
			same(t, w, got, e.tolerance)
		})
	}
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
	load(t, "random.json", &want)
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
				g.Choice(20000, 1000, np.Replace(false)).Index(np.S(":5")),
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
		require.Equal(t, parse(t, want[i]), v, "draw %d, number %d", at, i)
	}
}
