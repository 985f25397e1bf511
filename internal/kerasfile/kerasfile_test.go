package kerasfile

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// description is what generate.py says about a fixture.
type description struct {
	Arrays map[string]struct {
		DType  string `json:"dtype"`
		Shape  []int  `json:"shape"`
		SHA256 string `json:"sha256"`
	} `json:"arrays"`
	Attrs  map[string]map[string]string `json:"attrs"`
	Assets map[string]string            `json:"assets"`
	Config string                       `json:"config_sha256"`
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// checkReader compares what was opened with what generate.py says about a fixture.
func checkReader(t *testing.T, r *Reader, fixture string) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + fixture + ".json")
	require.NoError(t, err)
	var want description
	require.NoError(t, json.Unmarshal(text, &want))
	count := 0
	require.NoError(t, r.Weights().Walk(func(path string, a Array) error {
		count++
		require.Contains(t, want.Arrays, path)
		w := want.Arrays[path]
		require.Equal(t, w.DType, a.DType(), path)
		require.Equal(t, w.Shape, a.Shape(), path)
		data, err := a.Bytes()
		require.NoError(t, err)
		require.Equal(t, w.SHA256, hash(data), path)
		tensor, err := a.Tensor()
		require.NoError(t, err)
		again, err := FromTensor(tensor)
		require.NoError(t, err)
		require.Equal(t, a.DType(), again.DType())
		require.Equal(t, a.Shape(), again.Shape())
		same, err := again.Bytes()
		require.NoError(t, err)
		require.Equal(t, data, same)
		return nil
	}))
	require.Len(t, want.Arrays, count)
	for path, attrs := range want.Attrs {
		for name, value := range attrs {
			require.Equal(t, value, r.Weights().Group(path).Attr(name), path)
		}
	}
	require.Len(t, r.AssetNames(), len(want.Assets))
	for name, content := range want.Assets {
		data, err := r.Asset(name)
		require.NoError(t, err)
		require.Equal(t, content, string(data))
	}
	if want.Config != "" {
		require.Equal(t, want.Config, hash(r.Config()))
		require.Equal(t, KerasVersion, r.Metadata().KerasVersion)
		require.Regexp(t, `^\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d$`, r.Metadata().DateSaved)
	}
	require.NoError(t, r.Verify(t.Context()))
}

var archives = []string{"trained.keras", "bfloat16.keras", "lookup.keras"}

// load opens a fixture and returns all of it, arrays still in the file.
func load(t testing.TB, fixture string) *Archive {
	t.Helper()
	r, err := Open("testdata/" + fixture)
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	a := &Archive{Metadata: r.Metadata(), Config: r.Config(), Weights: r.Weights(), Assets: map[string][]byte{}}
	for _, name := range r.AssetNames() {
		a.Assets[name], err = r.Asset(name)
		require.NoError(t, err)
	}
	return a
}

func TestArchives(t *testing.T) {
	for _, fixture := range archives {
		t.Run(fixture, func(t *testing.T) {
			r, err := Open("testdata/" + fixture)
			require.NoError(t, err)
			checkReader(t, r, fixture)
			require.NoError(t, r.Close())
			_, err = r.Asset("nothing")
			require.ErrorContains(t, err, "nothing")

			path := filepath.Join(t.TempDir(), "copy.keras")
			require.NoError(t, Write(path, load(t, fixture)))
			r, err = Open(path)
			require.NoError(t, err)
			checkReader(t, r, fixture)
			require.NoError(t, r.Close())
			compareInPython(t, "testdata/"+fixture, path)
		})
	}
}

func TestWeightsFiles(t *testing.T) {
	const fixture = "trained.weights.h5"
	r, err := OpenWeights("testdata/" + fixture)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	require.Equal(t, WeightsFormat, r.Format())
	require.Nil(t, r.Config())
	checkReader(t, r, fixture)
	path := filepath.Join(t.TempDir(), "copy.weights.h5")
	require.NoError(t, WriteWeights(path, r.Weights()))
	again, err := OpenWeights(path)
	require.NoError(t, err)
	checkReader(t, again, fixture)
	require.NoError(t, again.Close())
	compareInPython(t, "testdata/"+fixture, path)

	// The weights inside an archive will do as well.
	whole, err := OpenWeights("testdata/trained.keras")
	require.NoError(t, err)
	require.Equal(t, ArchiveFormat, whole.Format())
	require.NoError(t, whole.Close())
}

// compareInPython has Python Keras load both files and compare them, when GOKERAS_PYTHON names a Python that has it.
func compareInPython(t *testing.T, original, copied string) {
	t.Helper()
	exe := os.Getenv("GOKERAS_PYTHON")
	if exe == "" {
		return
	}
	cmd := exec.CommandContext(t.Context(), exe, "testdata/compare.py", original, copied)
	cmd.Env = append(os.Environ(), "KERAS_BACKEND=jax")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// The entries of an archive are as Python's zipfile writes them, so that every unzip reads them front to back too.
func TestZipEntries(t *testing.T) {
	a := load(t, "lookup.keras")
	a.Assets["länge.txt"] = []byte("x")
	path := filepath.Join(t.TempDir(), "a.keras")
	require.NoError(t, Write(path, a))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var names []string
	for _, entry := range z.File {
		names = append(names, entry.Name)
		require.Equal(t, zip.Store, entry.Method)
		require.Zero(t, entry.Flags&8, "no data descriptors")
		at, err := entry.DataOffset()
		require.NoError(t, err)
		content := data[at : at+int64(entry.UncompressedSize64)]
		require.Equal(t, entry.CRC32, crc32.ChecksumIEEE(content))
		local := data[at-int64(len(entry.Name))-30:]
		require.Equal(t, []byte{byte(entry.CRC32), byte(entry.CRC32 >> 8), byte(entry.CRC32 >> 16), byte(entry.CRC32 >> 24)}, local[14:18])
	}
	require.Equal(t, []string{metadataName, configName, weightsName,
		"assets/layers/string_lookup/vocabulary.txt", "assets/länge.txt"}, names)
	again := filepath.Join(t.TempDir(), "b.keras")
	require.NoError(t, Write(again, a))
	same, err := os.ReadFile(again)
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, same), "the same content gives the same bytes")
}

// deflate writes a fixture's entries compressed, as a person's own zip program would.
func deflate(t testing.TB, change func(name string, data []byte) []byte, fixture string) []byte {
	t.Helper()
	in, err := zip.OpenReader("testdata/" + fixture)
	require.NoError(t, err)
	defer func() { _ = in.Close() }()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, entry := range in.File {
		r, err := entry.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		to, err := w.Create(entry.Name)
		require.NoError(t, err)
		_, err = to.Write(change(entry.Name, data))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestCompressedArchive(t *testing.T) {
	same := func(_ string, data []byte) []byte { return data }
	data := deflate(t, same, "trained.keras")
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "small")
	require.NoError(t, err)
	checkReader(t, r, "trained.keras")
	require.NoError(t, r.Close())

	// Larger weights are unpacked to a file, which must go when the reader does.
	t.Setenv("TMPDIR", t.TempDir())
	grown := deflate(t, func(name string, data []byte) []byte {
		if name == weightsName {
			for i := range maxInMemory / 64 {
				data = append(data, bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 32)...)
			}
		}
		return data
	}, "trained.keras")
	r, err = NewReader(bytes.NewReader(grown), int64(len(grown)), "large")
	require.NoError(t, err)
	checkReader(t, r, "trained.keras")
	require.NoError(t, r.Close())
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	if runtime.GOOS == "linux" {
		require.Empty(t, left)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	data, err := os.ReadFile("testdata/trained.keras")
	require.NoError(t, err)
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	data[at-2000] ^= 1 // among the optimizer's values
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "damaged.keras")
	if err != nil {
		return // the damage hit the structure: found earlier still
	}
	err = r.Verify(t.Context())
	require.ErrorContains(t, err, "damaged.keras")
	require.ErrorContains(t, err, "checksum")
}

func TestOtherFormatsAreNamed(t *testing.T) {
	dir := t.TempDir()
	put := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		return path
	}
	put("saved/saved_model.pb", "x")
	put("orbax/checkpoint_metadata", "x")
	put("folder/config.json", "{}")
	put("folder/model.weights.h5", "x")
	var torch bytes.Buffer
	z := zip.NewWriter(&torch)
	_, err := z.Create("archive/data.pkl")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	var other bytes.Buffer
	z = zip.NewWriter(&other)
	_, err = z.Create("readme.txt")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for path, c := range map[string]struct {
		format Format
		says   string
	}{
		filepath.Join(dir, "saved"):                {SavedModelFormat, "TensorFlow SavedModel"},
		filepath.Join(dir, "folder"):               {FolderFormat, "unzipped"},
		filepath.Join(dir, "orbax"):                {OrbaxFormat, "Orbax"},
		put("b.zip", other.String()):               {ZipFormat, "without a Keras model"},
		put("a.pt", torch.String()):                {TorchFormat, "PyTorch"},
		put("a.txt", "hello there"):                {Unknown, "no format"},
		put("w.json", `{"weight_map": {}}`):        {ShardedFormat, "several files"},
		put("x.json", `{"a": {}}`):                 {Unknown, "no format"},
		put("empty", ""):                           {EmptyFormat, "is empty"},
		put("cut.h5", "\x89HDF\r\n\x1a\n\x00\x00"): {DamagedFormat, "HDF5 file that is cut off or damaged"},
		put("page.h5", "\n<!DOCTYPE html><html>"):  {HTMLFormat, "page of the web"},
		put("lfs.h5", "version https://git-lfs.github.com/spec/v1\noid sha256:00"): {LFSFormat, "git lfs pull"},
		put("m.gz", "\x1f\x8b\x08"):                                                   {GzipFormat, "packed by gzip"},
		put("m.tflite", "\x1c\x00\x00\x00TFL3\x14\x00"):                               {TFLiteFormat, "TensorFlow Lite"},
		put("m.onnx", "\x08\x08\x12\x07pytorch\x1a"):                                  {ONNXFormat, "ONNX"},
		put("m.pb", "\x0a\x2e\x0a\x01x\x12\x0bPlaceholder*"):                          {ProtobufFormat, "graph of TensorFlow"},
		put("checkpoint", "model_checkpoint_path: \"ckpt\"\n"):                        {CheckpointFormat, "TensorFlow checkpoint"},
		put("ckpt.index", strings.Repeat("x", 60)+"\x57\xfb\x80\x8b\x24\x75\x47\xdb"): {CheckpointFormat, "TensorFlow checkpoint"},
		put("m.pkl", "\x80\x04\x95"):                                                  {PickleFormat, "Python pickle"},
		put("a.npy", "\x93NUMPY\x01\x00"):                                             {NumPyFormat, "NumPy's"},
		put("m.safetensors", "\x02\x00\x00\x00\x00\x00\x00\x00{}  "):                  {SafetensorsFormat, "safetensors"},
		"testdata/legacy.h5":                                                          {LegacyModelFormat, "whole model in Keras's legacy"},
		"testdata/legacy_weights.h5":                                                  {LegacyWeightsFormat, "weights in Keras's legacy"},
		"testdata/trained.weights.h5":                                                 {WeightsFormat, "weights of a model and not the model"},
		put("b.keras", "PK\x03\x04oops"):                                              {ArchiveFormat, "not an intact zip"},
	} {
		format, err := Detect(path)
		require.NoError(t, err)
		require.Equal(t, c.format, format, path)
		_, err = Open(path)
		require.ErrorContains(t, err, c.says)
		require.ErrorContains(t, err, path)
		var format2 *FormatError
		require.Equal(t, c.format != ArchiveFormat, errors.As(err, &format2))
		if c.format != WeightsFormat {
			_, err = OpenWeights(path)
			require.ErrorContains(t, err, path)
		}
	}
	_, err = Open(filepath.Join(dir, "missing.keras"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestLegacyFilesOpenAsTrees(t *testing.T) {
	r, err := OpenHDF5("testdata/legacy.h5")
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	require.Equal(t, LegacyModelFormat, r.Format())
	config, ok := r.Weights().Attr("model_config").(string)
	require.True(t, ok)
	require.Contains(t, config, "Sequential")
	require.Equal(t, KerasVersion, r.Weights().Attr("keras_version"))
	require.Contains(t, r.Weights().Group("model_weights").Attr("layer_names"), "dense_2")
	kernel, ok := r.Weights().Array("model_weights/dense_2/sequential_2/dense_2/kernel")
	require.True(t, ok)
	require.Equal(t, []int{2, 1}, kernel.Shape())

	weights, err := OpenHDF5("testdata/legacy_weights.h5")
	require.NoError(t, err)
	require.Equal(t, LegacyWeightsFormat, weights.Format())
	require.NoError(t, weights.Close())
	_, err = OpenHDF5("testdata/trained.keras")
	require.ErrorContains(t, err, "a .keras archive")
}

func TestTensorTypes(t *testing.T) {
	for _, value := range []any{
		true, int8(-1), int16(-2), int32(-3), int64(-4), uint8(1), uint16(2), uint32(3), uint64(4), float32(1.5), 2.5,
		[][]float32{{1, 2}, {3, 4}}, []bool{true, false},
		tensors.FromShape(shapes.Make(dtypes.Int32, 0, 3)), tensors.FromShape(shapes.Make(dtypes.Float16, 2)),
		tensors.FromShape(shapes.Make(dtypes.BFloat16, 2, 1)),
	} {
		tensor, made := value.(*tensors.Tensor)
		if !made {
			var err error
			tensor, err = tensors.FromAnyValue(value)
			require.NoError(t, err)
		}
		a, err := FromTensor(tensor)
		require.NoError(t, err)
		g := NewGroup()
		require.NoError(t, g.Set("vars/0", a))
		path := filepath.Join(t.TempDir(), "a.weights.h5")
		require.NoError(t, WriteWeights(path, g))
		r, err := OpenWeights(path)
		require.NoError(t, err)
		back, ok := r.Weights().Array("vars/0")
		require.True(t, ok)
		require.Equal(t, strings.ToLower(tensor.DType().String()), back.DType())
		got, err := back.Tensor()
		require.NoError(t, err)
		require.True(t, tensor.Equal(got), "%v", value)
		require.NoError(t, r.Close())
	}
}

func TestArraysRefuse(t *testing.T) {
	for says, call := range map[string]func() error{
		"the types are":    func() error { _, err := NewArray("complex64", nil, make([]byte, 8)); return err },
		"takes 8 bytes":    func() error { _, err := NewArray("float32", []int{2}, make([]byte, 4)); return err },
		"negative":         func() error { _, err := NewArray("float32", []int{-2}, nil); return err },
		"too large":        func() error { _, err := NewArray("int8", []int{1 << 40, 1 << 40}, nil); return err },
		"nil tensor":       func() error { _, err := FromTensor(nil); return err },
		"holds nothing":    func() error { _, err := Array{}.Bytes(); return err },
		"array that holds": func() error { return NewGroup().Set("a", Array{}) },
		"cannot be stored": func() error { _, err := Array{dtype: "V3"}.Tensor(); return err },
		"no archive":       func() error { return Write(filepath.Join(t.TempDir(), "a.keras"), nil) },
		"config.json":      func() error { return Write(filepath.Join(t.TempDir(), "a.keras"), &Archive{}) },
		"cannot be named": func() error {
			return Write(filepath.Join(t.TempDir(), "a"), &Archive{Config: []byte("{}"), Assets: map[string][]byte{"../x": nil}})
		},
		"type chan int": func() error { return NewGroup().SetAttr("x", make(chan int)) },
		"nest 150 deep": func() error { _, err := NewGroup().MkGroup(string(bytes.Repeat([]byte("a/"), 500)) + "a"); return err },
		`"" cannot`:     func() error { _, err := NewGroup().MkGroup("a//b"); return err },
		"invalid":       finalized,
	} {
		require.ErrorContains(t, call(), says)
	}
	a, err := NewArray("int8", []int{1}, []byte{1})
	require.NoError(t, err)
	g := NewGroup()
	require.NoError(t, g.Set("a/b", a))
	require.NoError(t, g.Set("a/b", a), "replacing is fine")
	require.Equal(t, []string{"b"}, g.Group("a").Names())
	require.ErrorContains(t, g.Set("a", a), "group of that name")
	require.ErrorContains(t, g.Set("a/b/c", a), "array already")
	require.ErrorContains(t, a.Read(make([]byte, 2)), "2 bytes")
	require.Nil(t, g.Group("no/such"))
	_, ok := g.Array("no/such/0")
	require.False(t, ok)
}

// finalized stores a tensor that is gone.
func finalized() error {
	tensor := tensors.FromScalar(float32(1))
	a, err := FromTensor(tensor)
	if err != nil {
		return err
	}
	if err := tensor.FinalizeAll(); err != nil {
		return err
	}
	_, err = a.Bytes()
	return err
}

// Neither writing nor reading takes memory for more than one array at a time, and writing none at all.
func TestMemory(t *testing.T) {
	const each = 8 << 20
	g := NewGroup()
	zeros := make([]byte, each)
	for i := range 12 {
		a, err := NewArray("float32", []int{each / 4}, zeros)
		require.NoError(t, err)
		require.NoError(t, g.Set(fmt.Sprintf("layers/dense_%d/vars/0", i), a))
	}
	path := filepath.Join(t.TempDir(), "big.keras")
	allocated := func(f func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	require.Less(t, allocated(func() { require.NoError(t, Write(path, &Archive{Config: []byte("{}"), Weights: g})) }), uint64(2<<20))
	require.Less(t, allocated(func() {
		r, err := Open(path)
		require.NoError(t, err)
		a, ok := r.Weights().Array("layers/dense_7/vars/0")
		require.True(t, ok)
		_, err = a.Tensor()
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}), uint64(each+2<<20))
}

func TestFailedWriteLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.keras")
	require.NoError(t, Write(path, &Archive{Config: []byte(`{"v":1}`)}))
	broken := errors.New("device lost")
	g := NewGroup()
	require.NoError(t, g.Set("vars/0", Array{dtype: "int8", shape: []int{1}, size: 1, read: func([]byte) error { return broken },
		stream: func(io.Writer) error { return broken }}))
	err := Write(path, &Archive{Config: []byte(`{"v":2}`), Weights: g})
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "vars/0")
	r, err := Open(path)
	require.NoError(t, err)
	require.JSONEq(t, `{"v":1}`, string(r.Config()))
	require.NoError(t, r.Close())
}
