package hdf5

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// visitAll reads everything reachable in a file, ignoring errors: it must come back, and without a panic.
func visitAll(data []byte) {
	f, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return
	}
	budget := 2000 // links may share objects, and then there are more paths than objects
	var visit func(o Object)
	visit = func(o Object) {
		if budget--; budget < 0 {
			return
		}
		attrs, _ := o.Attributes()
		for _, a := range attrs {
			_, _ = a.Value()
		}
		switch o := o.(type) {
		case *Group:
			names, _ := o.Names()
			for _, name := range names {
				if child, err := o.Child(name); err == nil {
					visit(child)
				}
			}
		case *Dataset:
			_, _ = o.Bytes()
			if o.Type().isText() {
				_, _ = o.Strings()
			}
			if o.NumBytes() < 1<<20 {
				_, _ = o.WriteTo(io.Discard)
			}
		}
	}
	visit(f.Root())
}

func fixtures(t testing.TB) [][]byte {
	paths, err := filepath.Glob("testdata/*.h5")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var out [][]byte
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		out = append(out, data)
	}
	return append(out, build(t, variety(t)))
}

// Files with bytes flipped or cut off never panic, hang or take memory out of proportion.
func TestDamagedFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, data := range fixtures(t) {
		for range 40 {
			bad := bytes.Clone(data)
			for range 1 + rng.IntN(8) {
				// Most damage goes where structure is dense.
				at := rng.IntN(len(bad))
				if rng.IntN(2) == 0 {
					at = rng.IntN(min(len(bad), 4096))
				}
				bad[at] = byte(rng.Uint32())
				if rng.IntN(3) == 0 {
					bad[at] = 0xff
				}
			}
			if rng.IntN(5) == 0 {
				bad = bad[:rng.IntN(len(bad))]
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			visitAll(bad)
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<30))
		}
	}
}

// patch returns a copy of data with bytes replaced from where marker stands.
func patch(t *testing.T, data []byte, marker string, offset int, with ...byte) []byte {
	t.Helper()
	at := bytes.Index(data, []byte(marker))
	require.GreaterOrEqual(t, at, 0)
	out := bytes.Clone(data)
	copy(out[at+offset:], with)
	return out
}

func TestHostileFiles(t *testing.T) {
	b := NewBuilder()
	root := b.Root()
	_, err := root.Dataset("value", Float32, []int{2, 3}, give(make([]float32, 6)))
	require.NoError(t, err)
	require.NoError(t, root.SetAttr("text", "hello"))
	good := build(t, b)
	ff := bytes.Repeat([]byte{0xff}, 7)
	huge := append(bytes.Clone(ff), 0x0f)
	read := func(data []byte) error {
		f, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return err
		}
		if _, err := f.Root().Attribute("text"); err != nil {
			return err
		}
		a, err := f.Root().Attribute("text")
		if err == nil {
			_, err = a.Value()
		}
		if err != nil {
			return err
		}
		d, err := f.Root().Dataset("value")
		if err != nil {
			return err
		}
		_, err = d.Bytes()
		return err
	}
	require.NoError(t, read(good))
	// A header of the dataset begins with its dataspace: two dimensions, 2 and 3.
	space := "\x01\x02\x01\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x03"
	rootAt := good[64:72]
	tree := bytes.Index(good, []byte("TREE"))
	snod := bytes.Index(good, []byte("SNOD"))
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"cut":                   {good[:len(good)-20], "truncated"},
		"version of superblock": {patch(t, good, signature, 8, 9), "version 9"},
		"address width":         {patch(t, good, signature, 13, 3), "3 bytes"},
		"root past the end":     {patch(t, good, signature, 64, huge...), "past the end"},
		"vast dimension":        {patch(t, good, space, 8, huge...), "too large"},
		"larger than stored":    {patch(t, good, space, 8, 200), "stored"},
		"rank":                  {patch(t, good, space, 1, 200), "dimensions"},
		"B-tree signature":      {patch(t, good, "TREE", 0, 'X'), "TREE"},
		"B-tree level":          {patch(t, good, "TREE", 5, 200), "level"},
		"B-tree kind":           {patch(t, good, "TREE", 4, 1), "kind"},
		"B-tree count":          {patch(t, good, "TREE", 6, 255, 255), "past the end"},
		"B-tree loop": {patch(t, patch(t, good, "TREE", 5, 1), "TREE", 32,
			byte(tree), byte(tree>>8), 0, 0), "twice"},
		"leaf count":         {patch(t, good, "SNOD", 6, 255, 255), "past the end"},
		"name past the heap": {patch(t, good, "SNOD", 8, 0xff, 0xff), "heap"},
		"member is the root": {patch(t, good, "SNOD", 16, rootAt...), "contains itself"},
		"heap too large":     {patch(t, good, "HEAP", 8, huge...), "past the end"},
		"text heap":          {patch(t, good, "GCOL", 8, huge...), "past the end"},
		"text too long":      {patch(t, good, "GCOL", 24, huge...), "passes its end"},
		"text missing":       {patch(t, good, "GCOL", 16, 9), "no text"},
		"values past the end": {patch(t, good, "\x03\x01"+string(le.AppendUint64(nil, uint64(len(good)-24))), 2, huge...),
			"past the end"},
		"symbols twice": {patch(t, patch(t, good, "TREE", 6, 2), "TREE", 48,
			byte(snod), byte(snod>>8), 0, 0), "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			err := read(c.data)
			require.Error(t, err)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// A reader that fails passes its error on.
func TestReadErrors(t *testing.T) {
	data, err := os.ReadFile("testdata/default.h5")
	require.NoError(t, err)
	_, err = Open(bytes.NewReader(data[:2000]), int64(len(data)))
	if err == nil {
		var f *File
		f, err = Open(bytes.NewReader(data[:2000]), int64(len(data)))
		require.NoError(t, err)
		_, err = f.Root().Names()
	}
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func FuzzRead(f *testing.F) {
	for _, data := range fixtures(f) {
		if len(data) < 20000 {
			f.Add(data)
		}
	}
	b := NewBuilder()
	if _, err := b.Root().Dataset("g/value", Float32, []int{2}, give([]float32{1, 2})); err != nil {
		f.Fatal(err)
	}
	f.Add(build(f, b))
	f.Fuzz(func(_ *testing.T, data []byte) { visitAll(data) })
}
