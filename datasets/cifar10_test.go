package datasets

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/cifartest"
)

// home makes an empty folder the home of Keras, and returns its folder of data sets.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("KERAS_HOME", dir)
	t.Setenv("GOKERAS_OFFLINE", "")
	return filepath.Join(dir, "datasets")
}

func flat(t *testing.T, x *tensors.Tensor) []byte {
	t.Helper()
	b, err := tensors.CopyFlatData[uint8](x)
	require.NoError(t, err)
	return b
}

// requireCIFAR compares every pixel and label with the set that the files were made of.
func requireCIFAR(t *testing.T, want *cifartest.Set, got *Data) {
	t.Helper()
	var labels []byte
	images := 0
	for _, b := range want.Train {
		labels = append(labels, b.Labels...)
		images += len(b.Labels)
	}
	require.Equal(t, []int{images, 32, 32, 3}, got.XTrain.Shape().Dimensions)
	require.Equal(t, []int{images, 1}, got.YTrain.Shape().Dimensions)
	require.Equal(t, []int{len(want.Test.Labels), 32, 32, 3}, got.XTest.Shape().Dimensions)
	require.Equal(t, []int{len(want.Test.Labels), 1}, got.YTest.Shape().Dimensions)
	require.Equal(t, labels, flat(t, got.YTrain))
	require.Equal(t, want.Test.Labels, flat(t, got.YTest))

	var expected []byte
	for _, b := range append(want.Train[:], want.Test) {
		for i := range b.Labels {
			for row := range 32 {
				for column := range 32 {
					for channel := range 3 {
						expected = append(expected, b.At(i, row, column, channel))
					}
				}
			}
		}
	}
	require.True(t, bytes.Equal(expected, append(flat(t, got.XTrain), flat(t, got.XTest)...)), "the pixels differ")
}

func TestCIFAR10FindsWhatIsThere(t *testing.T) {
	set := cifartest.New(3, 1)
	binary := func(path ...string) func(string) error {
		return func(root string) error {
			return set.WriteBinaryArchive(filepath.Join(append([]string{root}, path...)...))
		}
	}
	python := func(path ...string) func(string) error {
		return func(root string) error {
			return set.WritePythonArchive(filepath.Join(append([]string{root}, path...)...))
		}
	}
	folder := func(files []cifartest.File, path ...string) func(string) error {
		return func(root string) error {
			return cifartest.WriteFolder(filepath.Join(append([]string{root}, path...)...), files)
		}
	}
	cases := map[string]struct {
		write  func(root string) error
		source string
	}{
		"binary archive":                {binary(cifartest.BinaryArchive), cifartest.BinaryArchive},
		"Keras 2's archive":             {python(cifartest.PythonArchive), cifartest.PythonArchive},
		"Keras 3's archive":             {python(cifartest.PythonArchive3), cifartest.PythonArchive3},
		"the archive as published":      {python("cifar-10-python.tar.gz"), "cifar-10-python.tar.gz"},
		"Keras 2's folder":              {folder(set.PythonFiles(), cifartest.PythonFolder), cifartest.PythonFolder},
		"Keras 3's folder":              {folder(set.PythonFiles(), cifartest.PythonTarget3, cifartest.PythonFolder), filepath.Join(cifartest.PythonTarget3, cifartest.PythonFolder)},
		"folder of the binary archive":  {folder(set.BinaryFiles(), cifartest.BinaryFolder), cifartest.BinaryFolder},
		"the files themselves, binary":  {folder(set.BinaryFiles()), ""},
		"the files themselves, pickled": {folder(set.PythonFiles()), ""},
		"a broken folder, then an archive": {func(root string) error {
			if err := folder(set.PythonFiles()[:3], cifartest.PythonFolder)(root); err != nil {
				return err
			}
			return binary(cifartest.BinaryArchive)(root)
		}, cifartest.BinaryArchive},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cache := home(t)
			require.NoError(t, c.write(cache))
			data, err := CIFAR10(Options{Offline: true})
			require.NoError(t, err)
			requireCIFAR(t, set, data)
			require.Equal(t, filepath.Join(cache, c.source), data.Source)

			elsewhere := t.TempDir()
			require.NoError(t, os.RemoveAll(cache))
			require.NoError(t, c.write(elsewhere))
			data, err = CIFAR10(Options{Folder: elsewhere})
			require.NoError(t, err)
			requireCIFAR(t, set, data)
		})
	}

	t.Run("the path of an archive", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "my copy.tgz")
		require.NoError(t, set.WriteBinaryArchive(path))
		data, err := CIFAR10(Options{Folder: path})
		require.NoError(t, err)
		requireCIFAR(t, set, data)
	})
	t.Run("plain tar", func(t *testing.T) {
		z, err := gzip.NewReader(bytes.NewReader(cifartest.TarGz(cifartest.BinaryFolder, set.BinaryFiles())))
		require.NoError(t, err)
		plain, err := io.ReadAll(z)
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "cifar-10-binary.tar")
		require.NoError(t, os.WriteFile(path, plain, 0o644))
		data, err := CIFAR10(Options{Folder: path})
		require.NoError(t, err)
		requireCIFAR(t, set, data)
	})
}

func TestCIFAR10FromPythonsOwnPickles(t *testing.T) {
	for _, name := range []string{"batch_python2", "batch_protocol2", "batch_protocol4"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		b, err := decodeCIFARPython(content)
		require.NoError(t, err)
		require.Equal(t, []byte{1, 4, 7}, b.labels)
		for i := range 3 {
			for j := range 3072 {
				plane, at := j/1024, j%1024
				require.EqualValues(t, (7*i+j)%251, b.images[i*3072+at*3+plane], "%s: image %d, position %d", name, i, j)
			}
		}
	}
}

func TestCIFAR10NotFound(t *testing.T) {
	cache := home(t)
	t.Setenv("GOKERAS_OFFLINE", "1")
	_, err := CIFAR10()
	require.ErrorIs(t, err, ErrNotFound)
	require.EqualError(t, err, "datasets.CIFAR10: data set not found\n"+
		"  "+cache+": no such folder\n"+
		"  download: forbidden by GOKERAS_OFFLINE or Options.Offline\n"+
		"Put cifar-10-batches-py.tar.gz (also called cifar-10-python.tar.gz) or cifar-10-binary.tar.gz into "+cache+
		", or set KERAS_HOME to the folder that has it as datasets/….")

	folder := t.TempDir()
	require.NoError(t, cifartest.WriteFolder(filepath.Join(folder, "cifar-10-batches-py"), cifartest.New(1, 1).PythonFiles()[:4]))
	_, err = CIFAR10(Options{Folder: folder})
	require.ErrorIs(t, err, ErrNotFound)
	require.EqualError(t, err, "datasets.CIFAR10: data set not found\n"+
		"  "+filepath.Join(folder, "cifar-10-batches-py")+": no file data_batch_2\n"+
		"Put cifar-10-batches-py.tar.gz (also called cifar-10-python.tar.gz) or cifar-10-binary.tar.gz into "+folder+".")

	_, err = CIFAR10(Options{}, Options{})
	require.EqualError(t, err, "datasets.CIFAR10: 2 Options given, and one at most was expected")
}

func TestCIFAR10Downloads(t *testing.T) {
	set := cifartest.New(2, 5)
	archive := cifartest.TarGz(cifartest.PythonFolder, set.PythonFiles())
	sum := sha256.Sum256(archive)
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		_, _ = w.Write(archive)
	}))
	defer server.Close()
	cache := home(t)
	newTestLoader := func(ctx context.Context, sum string) *loader {
		l, err := newLoader("CIFAR10", []Options{{Progress: io.Discard, Context: ctx}})
		require.NoError(t, err)
		l.cifar = origin{server.URL + "/cifar-10-python.tar.gz", sum, 1 << 20}
		return l
	}

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newTestLoader(cancelled, hex.EncodeToString(sum[:])).loadCIFAR10()
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrNotFound)

	_, err = newTestLoader(t.Context(), strings.Repeat("0", 64)).loadCIFAR10()
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, "and it should be 0000")
	require.NoFileExists(t, filepath.Join(cache, cifarDownloadName))

	for range 2 {
		data, err := newTestLoader(t.Context(), hex.EncodeToString(sum[:])).loadCIFAR10()
		require.NoError(t, err)
		requireCIFAR(t, set, data)
		require.Equal(t, filepath.Join(cache, "cifar-10-batches-py-target_archive"), data.Source)
	}
	require.Equal(t, 2, requests, "the second load has the file")
}

func TestCIFAR10Hostile(t *testing.T) {
	set := cifartest.New(1, 1)
	py, bin := set.PythonFiles(), set.BinaryFiles()
	with := func(files []cifartest.File, name, content string) []byte {
		files = slices.Clone(files)
		for i := range files {
			if files[i].Name == name {
				files[i].Content = []byte(content)
			}
		}
		folder := cifartest.PythonFolder
		if strings.HasSuffix(name, ".bin") {
			folder = cifartest.BinaryFolder
		}
		return cifartest.TarGz(folder, files)
	}
	entry := func(header tar.Header, content string) []byte {
		if header.Typeflag == tar.TypeReg {
			header.Size = int64(len(content))
		}
		return cifartest.RawTarGz([]tar.Header{header}, [][]byte{[]byte(content)})
	}
	record := strings.Repeat("\x01", cifarRecord)
	cases := map[string]struct {
		archive []byte
		want    string
	}{
		"nothing":               {nil, "the archive has no cifar-10-batches-py/data_batch_1"},
		"text":                  {[]byte(strings.Repeat("not an archive ", 100)), "the archive is damaged"},
		"only the gzip magic":   {[]byte("\x1f\x8b"), "the archive is cut short"},
		"another archive":       {cifartest.TarGz("docs", []cifartest.File{{Name: "readme.txt", Content: []byte("hi")}}), "it is not CIFAR-10"},
		"a batch missing":       {cifartest.TarGz(cifartest.BinaryFolder, bin[:4]), "the archive has no entry cifar-10-batches-bin/data_batch_4.bin"},
		"half a record":         {with(bin, "data_batch_2.bin", record[:1000]), "the entry cifar-10-batches-bin/data_batch_2.bin: it has 1000 bytes"},
		"one and a half":        {with(bin, "data_batch_2.bin", record+record[:1000]), "it is cut short, or no CIFAR-10 batch"},
		"class 10":              {with(bin, "data_batch_2.bin", record+"\x0a"+record[1:]), "sample 1 has class 10"},
		"more than the real":    {with(bin, "data_batch_2.bin", strings.Repeat(record, 10_001)), "has 30733073 bytes, and 30730000 are the most expected"},
		"code in a pickle":      {with(py, "test_batch", "\x80\x02cos\nsystem\nU\x04true\x85R."), `the entry cifar-10-batches-py/test_batch: pickle, byte 2: the file asks for "system" of "os"`},
		"a pickle of a number":  {with(py, "test_batch", "\x80\x02K\x01."), "the pickle holds an int"},
		"no images":             {with(py, "test_batch", "\x80\x02}."), `the pickle's "data" is None`},
		"an empty batch":        {with(py, "test_batch", string(cifartest.Batch{}.Pickle("x"))), "the pickle holds no images"},
		"fewer pixels":          {with(py, "test_batch", string(cifartest.Batch{Labels: []byte{1, 2}, Pixels: make([]byte, 3072)}.Pickle("x"))), "shape [2 3072] has only 3072 elements"},
		"more labels":           {with(py, "test_batch", strings.Replace(string(cifartest.Batch{Labels: []byte{1}, Pixels: make([]byte, 3072)}.Pickle("x")), "(K\x01e", "(K\x01K\x01e", 1)), "1 images and 2 labels"},
		"class 11 in a pickle":  {with(py, "test_batch", string(cifartest.Batch{Labels: []byte{11}, Pixels: make([]byte, 3072)}.Pickle("x"))), "image 0 has class 11"},
		"both kinds":            {cifartest.RawTarGz([]tar.Header{{Typeflag: tar.TypeReg, Name: "cifar-10-batches-bin/data_batch_1.bin", Size: cifarRecord}, {Typeflag: tar.TypeReg, Name: "cifar-10-batches-py/data_batch_1"}}, [][]byte{[]byte(record), nil}), "the archive mixes binary and Python batches"},
		"a batch twice":         {cifartest.TarGz(cifartest.BinaryFolder, append(slices.Clone(bin), bin[1])), "the entry cifar-10-batches-bin/data_batch_1.bin is there twice"},
		"symbolic link":         {entry(tar.Header{Typeflag: tar.TypeSymlink, Name: "cifar-10-batches-bin/data_batch_1.bin", Linkname: "/etc/passwd"}, ""), "is not a regular file"},
		"hard link":             {entry(tar.Header{Typeflag: tar.TypeLink, Name: "cifar-10-batches-bin/data_batch_1.bin", Linkname: "/etc/passwd"}, ""), "is not a regular file"},
		"device":                {entry(tar.Header{Typeflag: tar.TypeChar, Name: "cifar-10-batches-bin/data_batch_1.bin"}, ""), "is not a regular file"},
		"traversal":             {entry(tar.Header{Typeflag: tar.TypeReg, Name: "../cifar-10-batches-bin/data_batch_1.bin"}, record), "it is not CIFAR-10"},
		"traversal in the name": {entry(tar.Header{Typeflag: tar.TypeReg, Name: "cifar-10-batches-bin/../cifar-10-batches-bin/data_batch_1.bin"}, record), "it is not CIFAR-10"},
		"absolute":              {entry(tar.Header{Typeflag: tar.TypeReg, Name: "/cifar-10-batches-bin/data_batch_1.bin"}, record), "it is not CIFAR-10"},
		"too many entries":      {cifartest.TarGz("x", slices.Repeat([]cifartest.File{{Name: "x"}}, 1001)), "more than 1000 entries"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, cifartest.PythonArchive)
			require.NoError(t, os.WriteFile(path, c.archive, 0o644))
			_, err := CIFAR10(Options{Folder: folder})
			require.Error(t, err)
			require.NotErrorIs(t, err, ErrNotFound, "a damaged file is not a missing one")
			require.True(t, strings.HasPrefix(err.Error(), "datasets.CIFAR10: "+path+": "), err.Error())
			require.Contains(t, err.Error(), c.want)
			entries, readErr := os.ReadDir(folder)
			require.NoError(t, readErr)
			require.Len(t, entries, 1, "nothing is unpacked")
		})
	}
}

func TestCIFAR10TarBomb(t *testing.T) {
	var archive bytes.Buffer
	z, err := gzip.NewWriterLevel(&archive, gzip.BestSpeed)
	require.NoError(t, err)
	w := tar.NewWriter(z)
	require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "zeros", Size: 600 << 20}))
	zeros := make([]byte, 1<<20)
	for range 600 {
		_, err := w.Write(zeros)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	_, err = readCIFARArchive(&archive)
	require.EqualError(t, err, "it unpacks to more than 512 MB")
}

func TestCIFAR10TruncatedAndFlipped(t *testing.T) {
	set := cifartest.New(1, 9)
	for _, whole := range [][]byte{
		cifartest.TarGz(cifartest.PythonFolder, set.PythonFiles()), cifartest.TarGz(cifartest.BinaryFolder, set.BinaryFiles()),
	} {
		_, err := readCIFARArchive(bytes.NewReader(whole))
		require.NoError(t, err)
		for i := range 300 {
			n := i * len(whole) / 300
			_, err := readCIFARArchive(bytes.NewReader(whole[:n]))
			require.Error(t, err, "cut to %d of %d bytes", n, len(whole))
		}
		for i := range 200 {
			// From byte 10 on: what is before is the gzip header, of which some fields mean nothing.
			at := 10 + i*(len(whole)-10)/200
			flipped := bytes.Clone(whole)
			flipped[at] ^= 0x10
			_, err := readCIFARArchive(bytes.NewReader(flipped))
			require.Error(t, err, "byte %d flipped", at)
		}
	}
}

func TestCacheFolder(t *testing.T) {
	t.Setenv("HOME", "/home/someone")
	for value, want := range map[string]string{
		"": "/home/someone/.keras/datasets", "/data/keras": "/data/keras/datasets", "~/k": "/home/someone/k/datasets",
		"~": "/home/someone/datasets", "~k": "~k/datasets",
	} {
		t.Setenv("KERAS_HOME", value)
		got, err := cacheFolder()
		require.NoError(t, err)
		require.Equal(t, filepath.FromSlash(want), got, "KERAS_HOME=%s", value)
	}
}

func FuzzCIFARArchive(f *testing.F) {
	set := cifartest.New(1, 1)
	f.Add(cifartest.TarGz(cifartest.PythonFolder, set.PythonFiles()))
	f.Add(cifartest.TarGz(cifartest.BinaryFolder, set.BinaryFiles()))
	for _, packed := range [][]byte{cifartest.TarGz(cifartest.BinaryFolder, set.BinaryFiles()[:2])} {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		require.NoError(f, err)
		plain, err := io.ReadAll(z)
		require.NoError(f, err)
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		batches, err := readCIFARArchive(bytes.NewReader(archive))
		if err != nil {
			return
		}
		data, err := cifarData(batches)
		require.NoError(t, err)
		require.Equal(t, data.XTrain.Shape().Dimensions[0], data.YTrain.Shape().Dimensions[0])
	})
}

func FuzzCIFARBatch(f *testing.F) {
	b := cifartest.New(1, 1).Test
	f.Add(b.Binary())
	f.Add(b.Pickle("testing batch 1 of 1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, kind := range []*cifarKind{cifarBinary, cifarPython} {
			if b, err := kind.decode(content); err == nil {
				require.Len(t, b.images, len(b.labels)*cifarImage)
				require.NoError(t, checkLabels(b.labels))
			}
		}
	})
}
