// Package porttest holds ports of Python expressions to what Python gave for them.
package porttest

import (
	"crypto/sha256"
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

// Expression is Python's, and its port.
type Expression = struct {
	Python string
	Port   func() any
	// Tolerance 0 wants elements the same bit for bit, and the printed forms the same; else it is relative.
	Tolerance float64
}

// Run holds ports to what Python's expressions gave, by testdata/expressions.json. reset runs before each.
func Run(t *testing.T, expressions []Expression, reset func()) {
	var want map[string]result
	Load(t, "expressions.json", &want)
	require.Len(t, want, len(expressions), "run testdata/generate.py")
	for _, e := range expressions {
		t.Run(e.Python, func(t *testing.T) {
			reset()
			w, ok := want[e.Python]
			require.True(t, ok, "run testdata/generate.py")
			var got any
			err := np.Try(func() { got = e.Port() })
			if w.Error != "" {
				require.Error(t, err, "Python: %s: %v", w.Error, w.Text)
				require.Equal(t, w.Error+": "+*w.Text, err.Error())
				return
			}
			require.NoError(t, err)
			same(t, w, got, e.Tolerance)
		})
	}
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

// Load decodes a file of testdata.
func Load(t *testing.T, name string, into any) {
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

// Parse reads a number as Python's float.hex writes it.
func Parse(t *testing.T, text string) float64 {
	t.Helper()
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
			p := Parse(t, want.Values[i])
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
