package kerasfile

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/hdf5"
)

type entry struct {
	name, data string
}

func zipOf(t testing.TB, method uint16, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		to, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		require.NoError(t, err)
		if !strings.HasSuffix(e.name, "/") {
			_, err = to.Write([]byte(e.data))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func smallWeights(t testing.TB) string {
	path := filepath.Join(t.TempDir(), "w.weights.h5")
	a, err := NewArray("int8", []int{1}, []byte{1})
	require.NoError(t, err)
	g := NewGroup()
	require.NoError(t, g.Set("vars/0", a))
	require.NoError(t, WriteWeights(path, g))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func TestHostileArchives(t *testing.T) {
	config, weights := entry{configName, "{}"}, entry{weightsName, smallWeights(t)}
	open := func(data []byte) error {
		r, err := NewReader(bytes.NewReader(data), int64(len(data)), "evil.keras")
		if err != nil {
			return err
		}
		return r.Close()
	}
	require.NoError(t, open(zipOf(t, zip.Store, config, weights, entry{"assets/", ""})))
	stored := zipOf(t, zip.Store, config, weights)
	// In the directory, at the end of the file: where an entry's flags and sizes stand.
	directory := func(name string, offset int, with ...byte) []byte {
		out := bytes.Clone(stored)
		at := bytes.LastIndex(out, []byte(name)) - 46
		copy(out[at+offset:], with)
		return out
	}
	deep := `{"a":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"not a zip":        {[]byte("hello"), "zip"},
		"cut":              {stored[:len(stored)-30], "zip"},
		"no config":        {zipOf(t, zip.Store, weights), configName},
		"no weights":       {zipOf(t, zip.Store, config), weightsName},
		"npz":              {zipOf(t, zip.Store, config, entry{"model.weights.npz", ""}), "npz"},
		"traversal":        {zipOf(t, zip.Store, config, weights, entry{"assets/../../etc/passwd", ""}), "cannot be named"},
		"absolute":         {zipOf(t, zip.Store, config, weights, entry{"/etc/passwd", ""}), "cannot be named"},
		"backslash":        {zipOf(t, zip.Store, config, weights, entry{`assets\..\x`, ""}), "cannot be named"},
		"drive":            {zipOf(t, zip.Store, config, weights, entry{"C:x", ""}), "cannot be named"},
		"long name":        {zipOf(t, zip.Store, config, weights, entry{strings.Repeat("x", 5000), ""}), "cannot be named"},
		"twice":            {zipOf(t, zip.Store, config, config, weights), "two entries"},
		"config not JSON":  {zipOf(t, zip.Store, entry{configName, `{"a":}`}, weights), "byte 6"},
		"config a list":    {zipOf(t, zip.Store, entry{configName, `[1]`}, weights), "not an object"},
		"config null":      {zipOf(t, zip.Store, entry{configName, `null`}, weights), "not an object"},
		"config deep":      {zipOf(t, zip.Store, entry{configName, deep}, weights), "deep"},
		"metadata a text":  {zipOf(t, zip.Store, config, weights, entry{metadataName, `"x"`}), metadataName},
		"metadata version": {zipOf(t, zip.Store, config, weights, entry{metadataName, `{"keras_version":1}`}), metadataName},
		"large metadata":   {zipOf(t, zip.Deflate, config, weights, entry{metadataName, strings.Repeat(" ", 2<<20)}), "more than"},
		"weights not HDF5": {zipOf(t, zip.Store, config, entry{weightsName, "hello"}), weightsName},
		"encrypted":        {directory(weightsName, 8, 1), "encrypted"},
		"bomb":             {directory(weightsName, 24, 0xff, 0xff, 0xff, 0x7f), "exhaust memory"},
		"sizes differ":     {directory(weightsName, 24, 1, 0, 0, 0), "pass the end"},
		"past the end":     {directory(weightsName, 20, 0, 0, 0, 0x70, 0, 0, 0, 0x70), "pass the end"},
		"method":           {directory(weightsName, 10, 99), "algorithm"},
		"wrong checksum":   {directory(configName, 16, 1, 2, 3, 4), "checksum"},
	} {
		t.Run(name, func(t *testing.T) {
			err := open(c.data)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "evil.keras")
		})
	}
}

// Every group of a chain holds the next one twice: few groups, and 2^40 paths through them.
func TestSharedGroupsDoNotExplode(t *testing.T) {
	b := hdf5.NewBuilder()
	for depth := range 40 {
		_, err := b.Root().Group(strings.Repeat("a/", depth) + "b")
		require.NoError(t, err)
	}
	_, err := b.Root().Group(strings.Repeat("a/", 40) + "end")
	require.NoError(t, err)
	var out bytes.Buffer
	_, err = b.WriteTo(&out)
	require.NoError(t, err)
	data := out.Bytes()
	for at := 0; ; at++ {
		next := bytes.Index(data[at:], []byte("SNOD\x01\x00\x02\x00"))
		if next < 0 {
			break
		}
		at += next
		copy(data[at+8+40+8:at+8+40+16], data[at+8+8:]) // the second entry's object becomes the first's
	}
	_, err = NewWeightsReader(bytes.NewReader(data), int64(len(data)), "shared.weights.h5")
	require.ErrorContains(t, err, "too many times")
}

func TestPythonNumbers(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"a": NaN, "b": [Infinity,-Infinity], "c": "NaN\" Infinity"}`: true,
		`{"a": -1, "b": "\\"}`: true,
		`{"a": 1NaN}`:          false,
		`{"a": Nan}`:           false,
		`{"a": "x}`:            false,
		`{"a": 1} {}`:          false,
		``:                     false,
	} {
		if err := checkJSON([]byte(text)); ok {
			require.NoError(t, err, text)
		} else {
			require.Error(t, err, text)
		}
	}
}

// visit reads everything in an archive or weights file, ignoring errors: it must come back, and without a panic.
func visit(data []byte) {
	for _, open := range []func() (*Reader, error){
		func() (*Reader, error) { return NewReader(bytes.NewReader(data), int64(len(data)), "x") },
		func() (*Reader, error) { return NewWeightsReader(bytes.NewReader(data), int64(len(data)), "x") },
	} {
		r, err := open()
		if err != nil {
			continue
		}
		budget := 200
		_ = r.Weights().Walk(func(_ string, a Array) error {
			if budget--; budget > 0 {
				_, _ = a.Tensor()
			}
			return nil
		})
		for _, name := range r.AssetNames() {
			_, _ = r.Asset(name)
		}
		_ = r.Close()
	}
}

func TestDamagedArchives(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	same := func(_ string, data []byte) []byte { return data }
	for _, fixture := range archives {
		plain, err := os.ReadFile("testdata/" + fixture)
		require.NoError(t, err)
		for _, data := range [][]byte{plain, deflate(t, same, fixture)} {
			for range 60 {
				bad := bytes.Clone(data)
				for range 1 + rng.IntN(4) {
					bad[rng.IntN(len(bad))] = byte(rng.Uint32())
				}
				if rng.IntN(6) == 0 {
					bad = bad[:rng.IntN(len(bad))]
				}
				visit(bad)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	weights := smallWeights(f)
	f.Add([]byte(weights))
	f.Add(zipOf(f, zip.Store, entry{configName, "{}"}, entry{weightsName, weights}))
	f.Add(zipOf(f, zip.Deflate, entry{configName, "{}"}, entry{metadataName, "{}"}, entry{weightsName, weights}, entry{"assets/a", "b"}))
	f.Fuzz(func(_ *testing.T, data []byte) { visit(data) })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a": [NaN, -Infinity, {"b": "\"c"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := plainJSON(data)
		if err == nil && len(plain) != len(data) {
			t.Fatalf("%d bytes became %d", len(data), len(plain))
		}
		_ = checkJSON(data)
	})
}
