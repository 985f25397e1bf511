package datasets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func zipped(t *testing.T, names ...string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range names {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte("in " + name))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return out.Bytes()
}

func tarred(t *testing.T, headers ...tar.Header) []byte {
	var out bytes.Buffer
	g := gzip.NewWriter(&out)
	w := tar.NewWriter(g)
	for _, h := range headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = 2
		}
		h.Mode = 0o644
		require.NoError(t, w.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			_, err := w.Write([]byte("hi"))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, g.Close())
	return out.Bytes()
}

func TestGetFile(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "")
	asked := 0
	files := map[string][]byte{
		"/a.txt":      []byte("text"),
		"/b.zip":      zipped(t, "x/1.txt", "2.txt"),
		"/c.tgz":      tarred(t, tar.Header{Name: "d/", Typeflag: tar.TypeDir}, tar.Header{Name: "d/e.txt", Typeflag: tar.TypeReg}),
		"/slip.zip":   zipped(t, "ok.txt", "../out.txt"),
		"/root.zip":   zipped(t, "/etc/out.txt"),
		"/slip.tgz":   tarred(t, tar.Header{Name: "../../out.txt", Typeflag: tar.TypeReg}),
		"/link.tgz":   tarred(t, tar.Header{Name: "l", Linkname: "/etc", Typeflag: tar.TypeSymlink}, tar.Header{Name: "l/out.txt", Typeflag: tar.TypeReg}),
		"/hard.tgz":   tarred(t, tar.Header{Name: "l", Linkname: "/etc/passwd", Typeflag: tar.TypeLink}),
		"/none.zip":   []byte("no archive"),
		"/broken.tgz": tarred(t, tar.Header{Name: "a", Typeflag: tar.TypeReg})[:40],
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if content, ok := files[r.URL.Path]; ok {
			_, _ = w.Write(content)
			return
		}
		http.NotFound(w, r)
	}))
	defer server.Close()
	dir := t.TempDir()
	get := func(name string, o GetFileOptions) (string, error) {
		o.CacheDir, o.Progress = dir, io.Discard
		return GetFile(server.URL+name, o)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte("text")))
	for _, hash := range []string{"", sum, fmt.Sprintf("%X", md5.Sum([]byte("text")))} {
		path, err := get("/a.txt", GetFileOptions{Hash: hash})
		require.NoError(t, err)
		require.Equal(t, filepath.Join(dir, "datasets", "a.txt"), path)
	}
	require.Equal(t, 1, asked, "it was in the cache")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "datasets", "a.txt"), []byte("damaged"), 0o644))
	path, err := get("/a.txt", GetFileOptions{Hash: sum})
	require.NoError(t, err)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "text", string(content))
	_, err = get("/a.txt", GetFileOptions{Name: "other", Hash: "00" + sum[2:]})
	require.Error(t, err)
	require.NoFileExists(t, filepath.Join(dir, "datasets", "other"))

	// Keras's names of folders.
	for _, c := range []struct{ address, name, folder, file, inside string }{
		{"/b.zip", "", "b.zip", "b.zip_archive", "x/1.txt"}, {"/b.zip", "n.tar.zip", "n_extracted", "n.tar.zip", "2.txt"}, {"/c.tgz", "plain", "plain", "plain_archive", "d/e.txt"},
	} {
		for range 2 {
			path, err := get(c.address, GetFileOptions{Name: c.name, Extract: true, CacheSubdir: "sub"})
			require.NoError(t, err)
			require.Equal(t, filepath.Join(dir, "sub", c.folder), path)
			require.FileExists(t, filepath.Join(dir, "sub", c.file))
			require.FileExists(t, filepath.Join(path, filepath.FromSlash(c.inside)))
		}
	}
	for name, want := range map[string]string{
		"/slip.zip": "leads out", "/root.zip": "leads out", "/slip.tgz": "leads out", "/link.tgz": "link", "/hard.tgz": "link", "/none.zip": "it is no .zip", "/broken.tgz": "broken.tgz", "/404": "404",
	} {
		_, err := get(name, GetFileOptions{Extract: true})
		require.ErrorContains(t, err, want, name)
		require.NoDirExists(t, filepath.Join(dir, "datasets", filepath.Base(name)))
		require.NoFileExists(t, filepath.Join(dir, "out.txt"))
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", ".extracting-*"))
	require.NoError(t, err)
	require.Empty(t, left)
	for _, o := range []GetFileOptions{{Name: "../x"}, {Name: ".."}, {Hash: "12"}, {Offline: true, Name: "new"}} {
		_, err := get("/a.txt", o)
		require.Error(t, err)
	}
	_, err = GetFile("file:///etc/passwd", GetFileOptions{CacheDir: dir})
	require.Error(t, err)
}
