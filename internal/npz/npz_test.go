package npz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	npyio "github.com/sbinet/npyio/npz"
	"github.com/stretchr/testify/require"
)

// values are those of the fixtures: see testdata/generate.py.
func values(k kind) *tensors.Tensor {
	n := []int{-2, -1, 0, 1, 2, 3}
	if k.code[0] == 'u' || k.code[0] == 'b' {
		n = []int{0, 1, 2, 3, 4, 5}
	}
	switch k.tensor {
	case dtypes.Bool:
		return tensors.FromFlatDataAndDimensions([]bool{false, true, false, true, false, true}, 2, 3)
	case dtypes.Int8:
		return numbers[int8](n)
	case dtypes.Int16:
		return numbers[int16](n)
	case dtypes.Int32:
		return numbers[int32](n)
	case dtypes.Int64:
		return numbers[int64](n)
	case dtypes.Uint8:
		return numbers[uint8](n)
	case dtypes.Uint16:
		return numbers[uint16](n)
	case dtypes.Uint32:
		return numbers[uint32](n)
	case dtypes.Uint64:
		return numbers[uint64](n)
	case dtypes.Float16:
		var out []float16.Float16
		for _, v := range n {
			out = append(out, float16.FromFloat32(float32(v)))
		}
		return tensors.FromFlatDataAndDimensions(out, 2, 3)
	case dtypes.Float32:
		return numbers[float32](n)
	case dtypes.Float64:
		return numbers[float64](n)
	case dtypes.Complex64:
		var out []complex64
		for _, v := range n {
			out = append(out, complex(float32(v), -float32(v)))
		}
		return tensors.FromFlatDataAndDimensions(out, 2, 3)
	}
	var out []complex128
	for _, v := range n {
		out = append(out, complex(float64(v), -float64(v)))
	}
	return tensors.FromFlatDataAndDimensions(out, 2, 3)
}

func numbers[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64](n []int) *tensors.Tensor {
	out := make([]T, len(n))
	for i, v := range n {
		out[i] = T(v)
	}
	return tensors.FromFlatDataAndDimensions(out, 2, 3)
}

func open(t testing.TB, path string) *Archive {
	t.Helper()
	a, err := Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestReadWhatNumPyWrites(t *testing.T) {
	for _, file := range []string{"types.npz", "big.npz", "compressed.npz"} {
		a := open(t, filepath.Join("testdata", file))
		require.Len(t, a.Names(), len(kinds), file)
		for _, k := range kinds {
			got, err := a.Tensor(k.name)
			require.NoError(t, err, file)
			require.True(t, values(k).Equal(got), "%s of %s: %s", k.name, file, got)
		}
	}
}

func TestShapes(t *testing.T) {
	a := open(t, filepath.Join("testdata", "shapes.npz"))
	require.Equal(t, []string{"c", "fortran", "scalar", "empty", "group/name", "transposed"}, a.Names())
	cube := make([]int32, 24)
	for i := range cube {
		cube[i] = int32(i)
	}
	for name, want := range map[string]*tensors.Tensor{
		"c":          tensors.FromFlatDataAndDimensions(cube, 2, 3, 4),
		"fortran":    tensors.FromFlatDataAndDimensions(cube, 2, 3, 4),
		"scalar":     tensors.FromScalar(float32(7)),
		"empty":      tensors.FromShape(shapes.Make(dtypes.Float64, 0, 3)),
		"group/name": tensors.FromFlatDataAndDimensions([]int64{0, 1, 2}, 3),
		"transposed": tensors.FromFlatDataAndDimensions([]float64{0, 3, 1, 4, 2, 5}, 3, 2),
	} {
		got, err := a.Tensor(name)
		require.NoError(t, err, name)
		require.True(t, want.Shape().Equal(got.Shape()), "%s: %s", name, got.Shape())
		if want.Size() > 0 {
			require.True(t, want.Equal(got), "%s: %s", name, got)
		}
	}
	require.True(t, a.Has("c"))
	require.False(t, a.Has("c.npy"))
}

func TestRefusedTypes(t *testing.T) {
	a := open(t, filepath.Join("testdata", "refused.npz"))
	for name, want := range map[string]string{
		"text":      `the array "text": elements of type "<U1", which are text: convert the array with astype`,
		"object":    `the array "object": elements of type "|O", which are Python objects`,
		"time":      `the array "time": elements of type "<M8[D]", which are times`,
		"structure": `the array "structure": the elements are structures of several fields: save each field as an array of its own`,
		"bfloat16":  `which NumPy has no numbers for, as it does for bfloat16`,
		"absent":    `the archive has no array "absent", only "text", "object"`,
	} {
		_, err := a.Tensor(name)
		require.ErrorContains(t, err, want, name)
	}
}

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arrays.npz")
	arrays := map[string]*tensors.Tensor{
		"scalar": tensors.FromScalar(int64(-3)), "empty": tensors.FromShape(shapes.Make(dtypes.Float32, 2, 0)),
		"brief": tensors.FromFlatDataAndDimensions([]bfloat16.BFloat16{bfloat16.FromFloat32(1.5), bfloat16.FromFloat32(-2)}, 2),
	}
	for _, k := range kinds {
		arrays[k.name] = values(k)
	}
	require.NoError(t, WriteFile(path, arrays))
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	a := open(t, path)
	require.Len(t, a.Names(), len(arrays))
	arrays["brief"] = tensors.FromFlatDataAndDimensions([]float32{1.5, -2}, 2)
	for name, want := range arrays {
		got, err := a.Tensor(name)
		require.NoError(t, err, name)
		require.True(t, want.Shape().Equal(got.Shape()), name)
		if want.Size() > 0 {
			require.True(t, want.Equal(got), "%s: %s", name, got)
		}
		array, err := a.Array(name)
		require.NoError(t, err)
		require.Zero(t, array.length%alignment, name)
	}

	// The same arrays make the same file.
	arrays["brief"] = tensors.FromFlatDataAndDimensions([]bfloat16.BFloat16{bfloat16.FromFloat32(1.5), bfloat16.FromFloat32(-2)}, 2)
	require.NoError(t, WriteFile(path, arrays))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestWriteAgreesWithNpyio(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arrays.npz")
	require.NoError(t, WriteFile(path, map[string]*tensors.Tensor{
		"a": tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4, 5, 6}, 2, 3),
		"b": tensors.FromFlatDataAndDimensions([]int64{-1, 1 << 40}, 2),
	}))
	r, err := npyio.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	require.Equal(t, []string{"a.npy", "b.npy"}, r.Keys())
	var a []float32
	require.NoError(t, r.Read("a.npy", &a))
	require.Equal(t, []float32{1, 2, 3, 4, 5, 6}, a)
	require.Equal(t, []int{2, 3}, r.Header("a.npy").Descr.Shape)
	var b []int64
	require.NoError(t, r.Read("b.npy", &b))
	require.Equal(t, []int64{-1, 1 << 40}, b)
}

func TestWriteErrors(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "arrays.npz")
	one := tensors.FromScalar(float32(1))
	gone := tensors.FromScalar(float32(1))
	require.NoError(t, gone.FinalizeAll())
	for name, c := range map[string]struct {
		arrays map[string]*tensors.Tensor
		want   string
	}{
		"no name":   {map[string]*tensors.Tensor{"": one}, `the array "": the name can't be used`},
		"NUL":       {map[string]*tensors.Tensor{"a\x00": one}, "the name can't be used"},
		"no tensor": {map[string]*tensors.Tensor{"a": nil}, `the array "a": the tensor is nil`},
		"finalized": {map[string]*tensors.Tensor{"a": gone}, `the array "a": `},
		"int4":      {map[string]*tensors.Tensor{"a": tensors.FromShape(shapes.Make(dtypes.Int4, 2))}, `the array "a": NumPy has no elements of type`},
	} {
		require.NoError(t, WriteFile(path, map[string]*tensors.Tensor{"kept": one}))
		err := WriteFile(path, c.arrays)
		require.ErrorContains(t, err, c.want, name)
		require.ErrorContains(t, err, path, name)
		require.Equal(t, []string{"kept"}, open(t, path).Names(), name)
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// npy is an array whose header says what is given.
func npy(descr, order, shape string, data []byte) []byte {
	text := fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape)
	out := append([]byte(magic+"\x01\x00"), byte(len(text)), byte(len(text)>>8))
	return append(append(out, text...), data...)
}

type entry struct {
	name    string
	content []byte
	method  uint16
	// declared, if any, is what the list of entries says of the size.
	declared uint64
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, e := range entries {
		if e.declared != 0 {
			w, err := z.CreateRaw(&zip.FileHeader{Name: e.name, Method: e.method, CRC32: crc32.ChecksumIEEE(e.content),
				CompressedSize64: uint64(len(e.content)), UncompressedSize64: e.declared})
			require.NoError(t, err)
			_, err = w.Write(e.content)
			require.NoError(t, err)
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: e.method})
		require.NoError(t, err)
		_, err = w.Write(e.content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return out.Bytes()
}

// overlapping makes the list of entries name the first entry's bytes twice.
func overlapping(t testing.TB) []byte {
	content := archive(t, entry{name: "a.npy", content: npy("'<f4'", "False", "(2,)", make([]byte, 8))},
		entry{name: "b.npy", content: npy("'<f4'", "False", "(2,)", make([]byte, 8))})
	list := bytes.LastIndex(content, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(content[list+42:], 0) // where the second one begins
	return content
}

func TestHostile(t *testing.T) {
	two := make([]byte, 8)
	one := func(content []byte) []byte { return archive(t, entry{name: "a.npy", content: content}) }
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"nothing":            {nil, "the archive is cut short or damaged"},
		"text":               {[]byte("not an archive at all"), "the archive is cut short or damaged"},
		"bare array":         {npy("'<f4'", "False", "(2,)", two), "it is a single array as numpy.save writes it: save it with numpy.savez"},
		"twice":              {archive(t, entry{name: "a.npy"}, entry{name: "a.npy"}), `the entry "a.npy" is there twice`},
		"shared bytes":       {overlapping(t), `the entries "a.npy" and "b.npy" share bytes`},
		"declared, stored":   {archive(t, entry{name: "a.npy", content: two, declared: 1 << 40}), "which the 8 bytes it takes in the archive cannot hold"},
		"declared, deflated": {archive(t, entry{name: "a.npy", content: two, method: zip.Deflate, declared: 1 << 40}), "declares 1099511627776 bytes"},
		"declared, in all": {archive(t, entry{name: "a.npy", content: make([]byte, 5<<20), method: zip.Deflate, declared: 5 << 30}),
			"declares more than 4294967296 bytes of arrays: save it without compression"},
		"declared too little": {archive(t, entry{name: "a.npy", content: npy("'<f4'", "False", "(2,)", two), method: zip.Deflate, declared: 1}),
			`the array "a": `},
		"other method":    {archive(t, entry{name: "a.npy", content: two, method: 99, declared: 8}), "unsupported compression"},
		"empty":           {one(nil), "in the header: EOF"},
		"no array":        {one([]byte("something else")), "it does not start as a NumPy array does"},
		"version 9":       {one([]byte(magic + "\x09\x00\x00\x00")), "version 9 of the format"},
		"huge header":     {one([]byte(magic + "\x02\x00\xff\xff\xff\xff")), "a header of 4294967295 bytes"},
		"short header":    {one([]byte(magic + "\x01\x00\x50\x00{")), "in the header: unexpected EOF"},
		"no dictionary":   {one([]byte(magic + "\x01\x00\x02\x00{}")), "the header is not one that NumPy writes"},
		"code":            {one(npy("__import__('os')", "False", "(2,)", two)), "the header is not one that NumPy writes"},
		"key twice":       {one(npy("'<f4', 'descr': '<f4'", "False", "(2,)", two)), "the header is not one that NumPy writes"},
		"other key":       {one(npy("'<f4', 'more': 'x'", "False", "(2,)", two)), "the header is not one that NumPy writes"},
		"after it":        {one(npy("'<f4'", "False", "(2,)} {(", two)), "the header is not one that NumPy writes"},
		"negative":        {one(npy("'<f4'", "False", "(-2,)", two)), "the header is not one that NumPy writes"},
		"not a tuple":     {one(npy("'<f4'", "False", "2", two)), "the header is not one that NumPy writes"},
		"many axes":       {one(npy("'<f4'", "False", "("+string(bytes.Repeat([]byte("1,"), 65))+")", two[:4])), "more than 64 axes"},
		"beyond integers": {one(npy("'<f4'", "False", "(92233720368547758070,)", two)), "an axis of length 92233720368547758070"},
		"overflow":        {one(npy("'<f4'", "False", "(4294967296, 4294967296)", two)), "shape (4294967296, 4294967296) is too large"},
		"too large":       {one(npy("'<f4'", "False", "(1099511627776,)", two)), "of shape (1099511627776,) and type float32 takes 4398046511104 bytes, and has 8"},
		"too short":       {one(npy("'<f4'", "False", "(3,)", two)), "takes 12 bytes, and has 8"},
		"too long":        {one(npy("'<f4'", "False", "(1,)", two)), "takes 4 bytes, and has 8"},
		"pickle":          {one(npy("'|O'", "False", "(1,)", []byte("\x80\x02cos\nsystem\n"))), "which are Python objects"},
		"odd size":        {one(npy("'<f3'", "False", "(1,)", two)), "which is not a size that tensors have"},
		"no type":         {one(npy("''", "False", "(1,)", two)), "which no tensor has"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := readAll(c.content)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, c.want)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
		})
	}

	whole := archive(t, entry{name: "a.npy", content: npy("'<f4'", "False", "(2,)", two), method: zip.Deflate},
		entry{name: "b.npy", content: npy("'>i2'", "True", "(2, 2)", two)})
	require.NoError(t, readAll(whole))
	for n := range whole {
		require.Error(t, readAll(whole[:n]), "cut to %d bytes", n)
	}

	// A flipped bit of an element does not pass the checksum.
	at := bytes.Index(whole, []byte("PK\x07\x08")) // after the first entry's bytes
	require.Positive(t, at)
	flipped := bytes.Clone(whole)
	flipped[at-3] ^= 4
	require.Error(t, readAll(flipped))
}

// readAll reads every array.
func readAll(content []byte) error {
	a, err := New(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	for _, name := range a.Names() {
		t, err := a.Tensor(name)
		if err != nil {
			return err
		}
		if err := t.FinalizeAll(); err != nil {
			return err
		}
	}
	return nil
}

func TestOpenErrors(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "none.npz"))
	require.ErrorIs(t, err, os.ErrNotExist)
	folder := t.TempDir()
	_, err = Open(folder)
	require.ErrorContains(t, err, folder+": it is not a regular file")
}

// TestOtherHeaders reads headers that other programs than NumPy write.
func TestOtherHeaders(t *testing.T) {
	for _, text := range []string{
		`{"descr": "<f4", "fortran_order": False, "shape": (2, 3)}`,
		"{'shape': (2,3), 'fortran_order': True,\n 'descr': '<f4'}   \n",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }",
	} {
		h, err := parseHeader(text)
		require.NoError(t, err, text)
		require.Equal(t, []int{2, 3}, h.shape)
		require.Equal(t, int64(24), h.numBytes)
	}
}

func FuzzArchive(f *testing.F) {
	for _, name := range []string{"types.npz", "big.npz", "compressed.npz", "shapes.npz", "refused.npz"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(content)
	}
	f.Add(overlapping(f))
	f.Add(archive(f, entry{name: "a.npy", content: npy("'<f4'", "False", "(0, 9223372036854775807)", nil)}))
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := New(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		arrays := map[string]*tensors.Tensor{}
		for _, name := range a.Names() {
			if got, err := a.Tensor(name); err == nil && name != "" && len(name) < 100 {
				arrays[name] = got
			}
		}
		_ = Write(io.Discard, arrays)
	})
}

// FuzzArray fuzzes what is inside the zip file, whose checksums keep mutations out.
func FuzzArray(f *testing.F) {
	for _, name := range []string{"types.npz", "big.npz", "shapes.npz", "refused.npz"} {
		z, err := zip.OpenReader(filepath.Join("testdata", name))
		require.NoError(f, err)
		for _, e := range z.File {
			r, err := e.Open()
			require.NoError(f, err)
			content, err := io.ReadAll(r)
			require.NoError(f, err)
			f.Add(content)
		}
		require.NoError(f, z.Close())
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		whole := archive(t, entry{name: "a.npy", content: content})
		a, err := New(bytes.NewReader(whole), int64(len(whole)))
		require.NoError(t, err)
		first, err := a.Tensor("a")
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, Write(&out, map[string]*tensors.Tensor{"a": first}))
		again, err := New(bytes.NewReader(out.Bytes()), int64(out.Len()))
		require.NoError(t, err)
		second, err := again.Tensor("a")
		require.NoError(t, err)
		require.True(t, first.Shape().Equal(second.Shape()))
	})
}
