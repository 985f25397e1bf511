package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// give writes values as a dataset wants them.
func give(values any) func(io.Writer) error {
	return func(w io.Writer) error { return binary.Write(w, binary.LittleEndian, values) }
}

// variety is a file with everything that can be written.
func variety(t testing.TB) *Builder {
	b := NewBuilder()
	root := b.Root()
	add := func(path string, d Datatype, shape []int, values any) *DatasetBuilder {
		set, err := root.Dataset(path, d, shape, give(values))
		require.NoError(t, err)
		return set
	}
	add("i1", Int8, []int{2}, []int8{-1, 2})
	add("i2", Int16, []int{2}, []int16{-1, 2})
	add("i4", Int32, []int{2}, []int32{-1, 2})
	add("iteration", Int64, nil, int64(-7))
	add("u1", Uint8, []int{2}, []uint8{255, 2})
	add("u2", Uint16, []int{2}, []uint16{65535, 2})
	add("u4", Uint32, []int{2}, []uint32{1 << 31, 2})
	add("u8", Uint64, []int{2}, []uint64{1 << 63, 2})
	add("f2", Float16, []int{2}, []uint16{0x3c00, 0xc000})
	add("f4", Float32, []int{2, 1, 2}, []float32{1, 2.5, -3, 4})
	add("f8", Float64, []int{1}, []float64{1e300})
	add("bool", Boolean, []int{3}, []bool{true, false, true})
	add("names", StringOf(4), []int{2}, []byte("ab\x00\x00wxyz"))
	add("empty", Float32, []int{0, 4}, []float32{})
	bf := add("layers/dense/vars/0", OpaqueOf(2), []int{2}, []uint16{0x3f80, 0x4000})
	require.NoError(t, bf.SetAttr("dtype", "bfloat16"))
	g, err := root.Group("layers/dense/vars")
	require.NoError(t, err)
	for name, value := range map[string]any{
		"name": "dense", "empty": "", "long": strings.Repeat("grüße ", 30000), "texts": []string{"a", "", "bcd"},
		"fixed": FixedStrings{"kernel:0", "bias:0"}, "flag": true, "int": 3, "ints": []int{1, -2}, "i32": int32(-5),
		"i32s": []int32{1}, "u32": uint32(7), "u32s": []uint32{8}, "u64": uint64(1) << 63, "u64s": []uint64{1},
		"f32": float32(1.5), "f32s": []float32{1, 2}, "f64": 0.1, "f64s": []float64{0.1, 0.2}, "none": FixedStrings{},
	} {
		require.NoError(t, g.SetAttr(name, value))
	}
	_, err = root.Group("nothing/in/here")
	require.NoError(t, err)
	for i := range 1000 {
		require.NoError(t, g.SetAttr("text_"+fmt.Sprint(i), strings.Repeat("t", i%50)))
	}
	return b
}

func build(t testing.TB, b *Builder) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := b.WriteTo(&out)
	require.NoError(t, err)
	require.Equal(t, int64(out.Len()), n)
	size, err := b.Size()
	require.NoError(t, err)
	require.Equal(t, n, size)
	return out.Bytes()
}

func parse(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	return f
}

func TestWriteThenRead(t *testing.T) {
	root := parse(t, build(t, variety(t))).Root()
	names, err := root.Names()
	require.NoError(t, err)
	require.True(t, sort.StringsAreSorted(names))
	require.Len(t, names, 16)
	for path, want := range map[string]any{
		"i1": []int8{-1, 2}, "iteration": int64(-7), "f4": []float32{1, 2.5, -3, 4}, "bool": []bool{true, false, true},
		"u8": []uint64{1 << 63, 2}, "layers/dense/vars/0": []uint16{0x3f80, 0x4000}, "empty": []float32{},
	} {
		d, err := root.Dataset(path)
		require.NoError(t, err)
		got, err := d.Bytes()
		require.NoError(t, err)
		var bytes bytes.Buffer
		require.NoError(t, binary.Write(&bytes, binary.LittleEndian, want))
		require.Equal(t, append([]byte{}, bytes.Bytes()...), got, path)
	}
	d, err := root.Dataset("names")
	require.NoError(t, err)
	texts, err := d.Strings()
	require.NoError(t, err)
	require.Equal(t, []string{"ab", "wxyz"}, texts)
	g, err := root.Group("layers/dense/vars")
	require.NoError(t, err)
	for name, want := range map[string]any{
		"name": "dense", "empty": "", "long": strings.Repeat("grüße ", 30000), "texts": []string{"a", "", "bcd"},
		"fixed": []string{"kernel:0", "bias:0"}, "flag": true, "int": int64(3), "ints": []int64{1, -2}, "u64": uint64(1) << 63,
		"f32": 1.5, "f64s": []float64{0.1, 0.2}, "none": []string{}, "text_49": strings.Repeat("t", 49),
	} {
		a, err := g.Attribute(name)
		require.NoError(t, err)
		got, err := a.Value()
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

// Sizes around where the index of a group gains a leaf, a node or a level.
func TestGroupsOfAnySize(t *testing.T) {
	for _, n := range []int{0, 1, 8, 9, 256, 257, 8192, 8193} {
		b := NewBuilder()
		g, err := b.Root().Group("g")
		require.NoError(t, err)
		for i := range n {
			_, err := g.Dataset(fmt.Sprintf("layer_%d", i), Int32, nil, give(int32(i)))
			require.NoError(t, err)
		}
		read, err := parse(t, build(t, b)).Root().Group("g")
		require.NoError(t, err)
		names, err := read.Names()
		require.NoError(t, err)
		require.Len(t, names, n)
		for i := 0; i < n; i += 7 {
			d, err := read.Dataset(fmt.Sprintf("layer_%d", i))
			require.NoError(t, err)
			got, err := d.Bytes()
			require.NoError(t, err)
			require.Equal(t, uint32(i), le.Uint32(got))
		}
	}
}

// Random trees come back as they were written.
func TestRandomTrees(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 1))
		b := NewBuilder()
		want := map[string][]byte{}
		for range rng.IntN(60) {
			parts := []string{}
			for range 1 + rng.IntN(4) {
				parts = append(parts, fmt.Sprintf("g%d", rng.IntN(4)))
			}
			path := strings.Join(parts, "/") + fmt.Sprintf("/d%d", rng.IntN(1000))
			shape := []int{}
			size := 1
			for range rng.IntN(4) {
				n := rng.IntN(5)
				shape, size = append(shape, n), size*n
			}
			data := make([]byte, size)
			for i := range data {
				data[i] = byte(rng.Uint32())
			}
			if _, taken := want[path]; taken {
				continue
			}
			_, err := b.Root().Dataset(path, Uint8, shape, give(data))
			require.NoError(t, err)
			want[path] = data
		}
		root := parse(t, build(t, b)).Root()
		for path, data := range want {
			d, err := root.Dataset(path)
			require.NoError(t, err)
			got, err := d.Bytes()
			require.NoError(t, err)
			require.Equal(t, data, got)
		}
	}
}

func TestBuilderRefuses(t *testing.T) {
	root := NewBuilder().Root()
	_, err := root.Dataset("a", Float32, nil, give(float32(1)))
	require.NoError(t, err)
	for says, call := range map[string]func() error{
		"already something":  func() error { _, err := root.Dataset("a", Float32, nil, nil); return err },
		"cannot be a group":  func() error { _, err := root.Dataset("a/b", Float32, nil, nil); return err },
		"cannot be the name": func() error { _, err := root.Group("x//y"); return err },
		`"." cannot be`:      func() error { _, err := root.Group("."); return err },
		`"" cannot be`:       func() error { _, err := root.Dataset("", Float32, nil, nil); return err },
		"shape [-1]":         func() error { _, err := root.Dataset("b", Float32, []int{-1}, nil); return err },
		"shape [4611":        func() error { _, err := root.Dataset("b", Float32, []int{1 << 62}, nil); return err },
		"33 dimensions":      func() error { _, err := root.Dataset("b", Float32, make([]int, 33), nil); return err },
		"str cannot":         func() error { _, err := root.Dataset("b", UTF8Text, nil, nil); return err },
		"float24 cannot":     func() error { _, err := root.Dataset("b", Datatype{Kind: Float, Size: 3}, nil, nil); return err },
		"type chan int":      func() error { return root.SetAttr("x", make(chan int)) },
		"split it":           func() error { return root.SetAttr("x", make([]float64, 9000)) },
		"must not be empty":  func() error { return root.SetAttr("", 1) },
		"nest 200 deep":      func() error { _, err := root.Group(strings.Repeat("g/", 300) + "g"); return err },
	} {
		require.ErrorContains(t, call(), says)
	}
}

func TestValuesMustMatchTheShape(t *testing.T) {
	broken := errors.New("no values")
	for says, write := range map[string]func(io.Writer) error{
		"should take 8":    give(float32(1)),
		"more values than": give([]float32{1, 2, 3}),
		"no values":        func(io.Writer) error { return broken },
	} {
		b := NewBuilder()
		_, err := b.Root().Dataset("g/d", Float32, []int{2}, write)
		require.NoError(t, err)
		_, err = b.WriteTo(io.Discard)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "/g/d")
	}
}

// python runs a script with the Python that GOKERAS_PYTHON names.
func python(t *testing.T, args ...string) {
	t.Helper()
	exe := os.Getenv("GOKERAS_PYTHON")
	if exe == "" {
		t.Skip("GOKERAS_PYTHON names no Python with h5py")
	}
	out, err := exec.CommandContext(t.Context(), exe, args...).CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestH5pyReadsWhatIsWritten(t *testing.T) {
	big := NewBuilder()
	for i := range 3000 {
		_, err := big.Root().Dataset(fmt.Sprintf("many/layer_%d/vars/0", i), Int32, nil, give(int32(i)))
		require.NoError(t, err)
	}
	for name, b := range map[string]*Builder{"empty": NewBuilder(), "variety": variety(t), "big": big} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, description := filepath.Join(dir, "a.h5"), filepath.Join(dir, "a.json")
			require.NoError(t, os.WriteFile(file, build(t, b), 0o600))
			python(t, "testdata/generate.py", description, file)
			checkFile(t, file, description)
			// h5py must be able to go on with the file: every structure, also what reading skips, has to be right.
			python(t, "-c", `
import h5py, sys
with h5py.File(sys.argv[1], "a") as f:
    for i in range(50):
        f[f"many/added_{i}/x"] = i
        f[f"added_{i}"] = i
        f.attrs[f"text_{i}"] = "t" * 500
    for name in list(f["many"])[:20]:
        del f["many"][name]
`, file)
			python(t, "testdata/generate.py", description, file)
			checkFile(t, file, description)
		})
	}
}
