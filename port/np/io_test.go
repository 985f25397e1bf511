package np_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
)

func TestSaveAndLoad(t *testing.T) {
	reset()
	dir := t.TempDir()
	for _, a := range []*np.Array{x, x.T(), m, u, b, f32, h, z, np.Of(3.5)} {
		path := filepath.Join(dir, "a.npy")
		np.Save(path, a)
		require.Equal(t, a.Repr(), np.Load(path).Repr())
	}
	path := filepath.Join(dir, "b.npz")
	np.SaveNPZ(path, map[string]any{"x": x, "y": 1.5})
	arrays := np.LoadNPZ(path)
	require.Equal(t, x.Repr(), arrays["x"].Repr())
	require.Equal(t, 1.5, arrays["y"].Float())

	text := filepath.Join(dir, "c.csv")
	np.SaveTxt(text, x, "%d", ",")
	raw, err := os.ReadFile(text)
	require.NoError(t, err)
	require.Equal(t, "0,1,2,3\n4,5,6,7\n8,9,10,11\n", string(raw))
	require.Equal(t, x.AsType("float").Repr(), np.LoadTxt(text, ",", 0).Repr())
	require.Equal(t, "[ 8.  9. 10. 11.]", np.LoadTxt(text, ",", 2).String())
	np.SaveTxt(text, []float64{0.1}, "", "")
	raw, err = os.ReadFile(text)
	require.NoError(t, err)
	require.Equal(t, "1.000000000000000056e-01\n", string(raw))
}

// TestReadsNumPy reads what numpy.save wrote: Fortran order, big-endian numbers.
func TestReadsNumPy(t *testing.T) {
	require.Equal(t, "array([[1, 2, 3],\n       [4, 5, 6]], dtype=int16)", np.Load("testdata/fortran.npy").Repr())
	require.Equal(t, "array([1.5, 2.5], dtype=float32)", np.Load("testdata/big.npy").Repr())
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	raise := func(kind string, f func()) {
		t.Helper()
		err := np.Try(f)
		var e *np.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, kind, e.Kind)
	}
	raise("FileNotFoundError", func() { np.Load(filepath.Join(dir, "none.npy")) })
	path := filepath.Join(dir, "bad.npy")
	for _, content := range []string{"", "\x93NUMPY", "\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999), }                                                 \n", "PK\x03\x04"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		raise("ValueError", func() { np.Load(path) })
	}
	raise("TypeError", func() { np.Save(path, []string{"a"}) })
}

func TestTensors(t *testing.T) {
	reset()
	for _, a := range []*np.Array{x, m.T(), u, b, f32, h, z, np.Of(2)} {
		require.Equal(t, a.Repr(), np.FromTensor(a.Tensor()).Repr())
	}
	require.Equal(t, "[[1. 2.]]", np.Of(tensors.FromValue([][]float32{{1, 2}})).String())
}

func TestLimit(t *testing.T) {
	defer func(n int64) { np.MaxBytes = n }(np.MaxBytes)
	np.MaxBytes = 1 << 20
	for _, f := range []func(){
		func() { np.Zeros(1<<17, 2) }, func() { np.Arange(1 << 18) }, func() { np.Tile(np.Ones(1000), 1000) }, func() { np.Repeat(1, 1<<40) },
		func() { np.Outer(np.Ones(1000), np.Ones(1000)) }, func() { np.Bincount([]int{1 << 50}) }, func() { np.Random.Rand(1 << 30) }, func() { np.Pad(x, 1<<40) },
	} {
		require.Error(t, np.Try(f))
	}
}

// TestMisuse holds that what no NumPy program can say raises, too, and nothing panics otherwise.
func TestMisuse(t *testing.T) {
	reset()
	for _, f := range []func(){
		func() { np.Of(nil) }, func() { np.Of(struct{}{}) }, func() { np.Of(make(chan int)) }, func() { np.Sum(x, "axis") }, func() { np.S("1") }, func() { np.S("a:b") },
		func() { np.Random.Choice(0, 1) }, func() { np.Random.Choice(3, 4, np.Replace(false)) }, func() { np.Random.Choice(2, 1, np.P{0.5}) },
		func() { np.Random.Choice(2, 1, np.P{0.5, 0.6}) }, func() { np.Random.RandInt(3, 3) }, func() { np.Random.Seed(-1) }, func() { np.Random.Seed(1.5) },
		func() { np.Random.Shuffle(3) }, func() { np.Random.Normal(0, -1) }, func() { np.DefaultRNG(-1) }, func() { x.Index(1.5) }, func() { x.Index("a") },
		func() { np.Split(x, 0) }, func() { np.Concatenate(5) }, func() { np.Linalg.Inv(np.Zeros(0, 0)) }, func() { np.Median(s) }, func() { np.Exp(s) },
		func() { s.Tensor() }, func() { np.Histogram(n) }, func() { np.Histogram(x, 0) }, func() { np.Transpose(x, 5, 6) }, func() { np.Dot(x, m) }, func() { x.Len(); np.Of(1).Len() },
		func() { np.Random.Multinomial(1, []float64{0.9, 0.9, 0.1}) }, func() { np.Full(1, -5) }, func() { np.Arange(0, 1, 0) }, func() { np.Arange(np.NaN) }, func() { np.Linspace(0, 1, -3) },
	} {
		require.Error(t, np.Try(f))
	}
}
