package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var content = bytes.Repeat([]byte("sixteen bytes ok"), 4096)

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/file.bin"
}

// onlyFiles fails when the folder of path holds anything but the named files, such as a temporary one.
func onlyFiles(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	got := []string{}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	require.ElementsMatch(t, names, got)
}

func TestFetch(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	folder := filepath.Join(t.TempDir(), "made", "on", "the", "way")
	path := filepath.Join(folder, "file.bin")
	var shown bytes.Buffer
	require.NoError(t, Fetch(t.Context(), File{URL: url, Path: path, SHA256: sum(content)}, Options{Progress: &shown}))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, got)
	require.Contains(t, shown.String(), "Downloading file.bin")
	require.Contains(t, shown.String(), url)
	onlyFiles(t, folder, "file.bin")
}

func TestFetchUnverified(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content)
	})
	path := filepath.Join(t.TempDir(), "file.bin")
	var shown bytes.Buffer
	require.NoError(t, Fetch(t.Context(), File{URL: url, Path: path, Unverified: true}, Options{Progress: &shown, Title: "Fetching it, once"}))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, got)
	require.Equal(t, "Fetching it, once (0.1 MB)\n", shown.String())
}

func TestFetchFailures(t *testing.T) {
	whole := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }
	cases := map[string]struct {
		handler http.HandlerFunc
		file    File
		options Options
		want    []string
	}{
		"wrong checksum": {whole, File{SHA256: sum([]byte("other"))}, Options{}, []string{"65536 bytes", sum(content), sum([]byte("other"))}},
		"not a checksum": {whole, File{SHA256: "abc"}, Options{}, []string{`"abc" is not a SHA-256`}},
		"not found":      {http.NotFound, File{SHA256: sum(content)}, Options{}, []string{"404 Not Found"}},
		"longer and saying so": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			_, _ = w.Write(content)
		}, File{SHA256: sum(content), MaxBytes: 1000}, Options{}, []string{"65536 bytes, more than the 1000"}},
		"longer without saying so": {func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(content)
		}, File{SHA256: sum(content), MaxBytes: 1000}, Options{}, []string{"longer than the 1000 bytes"}},
		"truncated": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			_, _ = w.Write(content[:100])
		}, File{SHA256: sum(content)}, Options{}, []string{"after 100 bytes", "unexpected EOF"}},
		"stalled": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(content[:100])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, File{SHA256: sum(content)}, Options{StallTimeout: 100 * time.Millisecond}, []string{"the server stopped sending for 100ms"}},
		"a checksum and none": {whole, File{SHA256: "abc", Unverified: true}, Options{}, []string{`"abc" is not a SHA-256`}},
		"no path":             {whole, File{SHA256: sum(content), Path: "-"}, Options{}, []string{"no file to write it to"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			old := filepath.Join(folder, "file.bin")
			require.NoError(t, os.WriteFile(old, []byte("the file of before"), 0o644))
			c.file.URL = serve(t, c.handler)
			if c.file.Path == "-" {
				c.file.Path = ""
			} else {
				c.file.Path = old
			}
			err := Fetch(t.Context(), c.file, c.options)
			require.Error(t, err)
			require.Contains(t, err.Error(), c.file.URL)
			for _, want := range c.want {
				require.Contains(t, err.Error(), want)
			}
			got, readErr := os.ReadFile(old)
			require.NoError(t, readErr)
			require.Equal(t, "the file of before", string(got))
			onlyFiles(t, folder, "file.bin")
		})
	}
}

func TestFetchCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(content[:100])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	folder := t.TempDir()
	err := Fetch(ctx, File{URL: url, Path: filepath.Join(folder, "file.bin"), SHA256: sum(content)}, Options{})
	require.ErrorIs(t, err, context.Canceled)
	onlyFiles(t, folder)
}
