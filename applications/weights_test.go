package applications

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
)

// elsewhere sends all requests to a server of the test, under the path that they have.
type elsewhere struct{ server *httptest.Server }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if e.server == nil {
		return nil, fmt.Errorf("no network in this test")
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(e.server.URL, "http://")
	return http.DefaultTransport.RoundTrip(r)
}

// from is a Download from a server that answers so; nil is no server at all.
func from(t *testing.T, handler http.HandlerFunc) Download {
	e := elsewhere{}
	if handler != nil {
		e.server = httptest.NewServer(handler)
		t.Cleanup(e.server.Close)
	}
	return Download{Progress: io.Discard, client: &http.Client{Transport: e}}
}

// kerasHome is a new KERAS_HOME; it returns the folder of models.
func kerasHome(t *testing.T) string {
	home := t.TempDir()
	t.Setenv("KERAS_HOME", home)
	t.Setenv("GOKERAS_OFFLINE", "")
	return filepath.Join(home, "models")
}

func files(t *testing.T, folder string) []string {
	entries, err := os.ReadDir(folder)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// small is a network whose published files have no checksum in Keras.
func small() *MobileNetNetwork {
	return MobileNet().Alpha(0.25).InputShape(128, 128, 3).IncludeTop(false)
}

const smallFile = "mobilenet_2_5_128_tf_no_top.h5"

// smallWeights is a file of that network's, in the layout of Keras's published ones, and the model that it is of.
func smallWeights(t *testing.T) ([]byte, *functional.Model) {
	m, err := small().Weights("").Model()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), smallFile)
	require.NoError(t, m.SaveWeights(path))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return raw, m
}

func sameWeights(t *testing.T, want, got *functional.Model) {
	t.Helper()
	a, err := want.GetWeights()
	require.NoError(t, err)
	b, err := got.GetWeights()
	require.NoError(t, err)
	golden.Same(t, b, a, golden.Tolerance{})
}

func TestPublishedWeights(t *testing.T) {
	golden.OnGo(t)
	folder := kerasHome(t)
	raw, want := smallWeights(t)
	asked := 0
	server := from(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		require.Equal(t, "/tensorflow/keras-applications/mobilenet/"+smallFile, r.URL.Path)
		_, _ = w.Write(raw)
	})
	got, err := small().Download(server).Model()
	require.NoError(t, err)
	sameWeights(t, want, got)
	require.Equal(t, []string{smallFile}, files(t, folder))

	got, err = small().Download(from(t, nil)).Model()
	require.NoError(t, err, "it is there now")
	sameWeights(t, want, got)
	require.Equal(t, 1, asked)

	got, err = small().Weights(filepath.Join(folder, smallFile)).Model()
	require.NoError(t, err)
	sameWeights(t, want, got)

	_, err = MobileNet().Alpha(0.25).InputShape(128, 128, 3).Classes(4).Weights(filepath.Join(folder, smallFile)).Model()
	require.ErrorContains(t, err, smallFile, "a file without the top")
}

func TestPublishedChecksums(t *testing.T) {
	folder := kerasHome(t)
	content := bytes.Repeat([]byte("weights "), 5000)
	old, new := md5.Sum(content), sha256.Sum256(content)
	serve := from(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	for name, hash := range map[string]string{"old.h5": hex.EncodeToString(old[:]), "new.h5": hex.EncodeToString(new[:])} {
		f := weightsFile{name: name, url: storage + name, hash: hash}
		path, err := f.fetch(serve)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(folder, name), path)
		_, err = f.fetch(from(t, nil))
		require.NoError(t, err, "it is there now")

		require.NoError(t, os.WriteFile(path, []byte("something else"), 0o644))
		_, err = f.fetch(from(t, nil))
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorContains(t, err, hash)
		require.ErrorContains(t, err, "the file that lies there has the checksum")
		_, err = f.fetch(serve)
		require.NoError(t, err, "a wrong file is fetched again")
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, content, got)
	}
}

// TestNothingIsLeftBehind is about transfers that fail.
func TestNothingIsLeftBehind(t *testing.T) {
	const file, hash = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"another file": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "not the weights") }, "have MD5"},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(1<<20))
			_, _ = w.Write(make([]byte, 1000))
		}, "after 1000 bytes"},
		"not there":  {http.NotFound, "404 Not Found"},
		"no network": {nil, "no network in this test"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := kerasHome(t)
			_, err := VGG16().IncludeTop(false).Download(from(t, c.handler)).Model()
			require.ErrorIs(t, err, ErrNotFound)
			for _, want := range []string{"applications.VGG16", c.want, file, hash, folder, keras2Folder + "vgg16/" + file} {
				require.ErrorContains(t, err, want)
			}
			require.Empty(t, files(t, folder))
		})
	}
	t.Run("offline", func(t *testing.T) {
		folder := kerasHome(t)
		_, err := VGG16().IncludeTop(false).Download(Download{Offline: true}).Model()
		require.ErrorContains(t, err, "forbidden by GOKERAS_OFFLINE")
		t.Setenv("GOKERAS_OFFLINE", "1")
		_, err = VGG16().IncludeTop(false).Model()
		require.ErrorContains(t, err, "forbidden by GOKERAS_OFFLINE")
		require.Empty(t, files(t, folder))
	})
	t.Run("called off", func(t *testing.T) {
		folder := kerasHome(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		o := from(t, http.NotFound)
		o.Context = ctx
		_, err := VGG16().IncludeTop(false).Download(o).Model()
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, ErrNotFound)
		require.Empty(t, files(t, folder))
	})
}

// TestOtherLayouts gives a network a file that isn't its own.
func TestOtherLayouts(t *testing.T) {
	golden.OnGo(t)
	folder := kerasHome(t)
	raw, _ := smallWeights(t)
	require.NoError(t, os.MkdirAll(folder, 0o755))
	path := filepath.Join(folder, "mobilenet_5_0_128_tf_no_top.h5")
	require.NoError(t, os.WriteFile(path, raw, 0o644))
	_, err := MobileNet().Alpha(0.5).InputShape(128, 128, 3).IncludeTop(false).Model()
	require.ErrorContains(t, err, path)
	require.NoError(t, os.WriteFile(path, []byte("no HDF5"), 0o644))
	_, err = MobileNet().Alpha(0.5).InputShape(128, 128, 3).IncludeTop(false).Model()
	require.ErrorContains(t, err, path)
}

func TestDecodePredictions(t *testing.T) {
	var fixture struct {
		Decoded []struct {
			Top    int
			Result [][][3]any
		}
	}
	golden.Load(t, "applications", &fixture)
	folder := kerasHome(t)
	var index strings.Builder
	index.WriteString("{")
	for i := range imageNetClasses {
		fmt.Fprintf(&index, `"%d": ["n%08d", "thing_%d"],`, i, i, i)
	}
	content := strings.TrimSuffix(index.String(), ",") + "}"
	sum := md5.Sum([]byte(content))
	really := classIndex
	t.Cleanup(func() { classIndex = really })
	classIndex.hash = hex.EncodeToString(sum[:])
	serve := from(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/download.tensorflow.org/data/imagenet_class_index.json", r.URL.Path)
		_, _ = io.WriteString(w, content)
	})

	scores := make([][]float32, 2)
	flat := golden.RuleSigned(9, 2, imageNetClasses)
	for i := range scores {
		for _, v := range flat.Data[i*imageNetClasses : (i+1)*imageNetClasses] {
			scores[i] = append(scores[i], float32(v))
		}
	}
	for _, c := range fixture.Decoded {
		got, err := DecodePredictions(scores, c.Top, serve)
		require.NoError(t, err)
		var list [][][3]any
		for _, row := range got {
			var rows [][3]any
			for _, p := range row {
				rows = append(rows, [3]any{p.Class, p.Description, p.Score})
			}
			list = append(list, rows)
		}
		require.Equal(t, c.Result, list)
	}
	require.Equal(t, []string{"imagenet_class_index.json"}, files(t, folder))
	byDefault, err := DecodePredictions(scores, 0)
	require.NoError(t, err)
	require.Len(t, byDefault[1], 5)
	all, err := DecodePredictions(scores, 5000)
	require.NoError(t, err)
	require.Len(t, all[0], imageNetClasses)

	for want, give := range map[string]func() error{
		"want predictions of shape (samples, 1000), received shape (1, 3)": func() error { _, err := DecodePredictions([][]float32{{1, 2, 3}}, 1); return err },
		"top=-1":             func() error { _, err := DecodePredictions(scores, -1); return err },
		"2 Download options": func() error { _, err := DecodePredictions(scores, 1, Download{}, Download{}); return err },
		"class_index.json has no class 7": func() error {
			_, err := readClassNames("imagenet_class_index.json", []byte(strings.Replace(content, `"7"`, `"x"`, 1)))
			return err
		},
		"class_index.json: invalid": func() error { _, err := readClassNames("imagenet_class_index.json", []byte("<html>")); return err },
	} {
		require.ErrorContains(t, give(), want)
	}
}
