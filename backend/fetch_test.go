package backend

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomlx/go-xla/installer"
	"github.com/stretchr/testify/require"
)

const testMember = "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"

var pluginContent = strings.Repeat("a plugin", 10_000)

// testWheel returns a wheel's bytes and their SHA-256.
func testWheel(t *testing.T) (data []byte, sum string) {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for name, content := range map[string]string{"xla_plugins/__init__.py": "", testMember: pluginContent} {
		w, err := archive.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, content)
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	hash := sha256.Sum256(buffer.Bytes())
	return buffer.Bytes(), hex.EncodeToString(hash[:])
}

// serve runs handler on this machine and returns a source for the wheel behind it.
func serve(t *testing.T, sum string, handler http.HandlerFunc) source {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	w := wheel{
		pkg: "xla-cpu-pjrt", version: "0.0.1", file: "xla_cpu_pjrt-0.0.1.whl", sha256: sum, member: testMember, glibc: "2.27",
		info: func(pkg string) (*installer.PipPackageInfo, error) {
			if pkg != "xla-cpu-pjrt" {
				return nil, fmt.Errorf("no package %s", pkg)
			}
			return &installer.PipPackageInfo{Releases: map[string][]installer.PipReleaseInfo{"0.0.1": {
				{Filename: "other.whl", URL: server.URL + "/other"},
				{Filename: "xla_cpu_pjrt-0.0.1.whl", URL: server.URL + "/wheel"},
			}}}, nil
		},
		host: func() string { return "2.36" },
	}
	return source{what: "the wheel", fetch: w.fetch}
}

// serveWheel serves the whole wheel.
func serveWheel(t *testing.T) source {
	data, sum := testWheel(t)
	return serve(t, sum, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
}

// failing is a source that fails and counts its calls.
func failing(calls *atomic.Int32) source {
	return source{what: "the release", fetch: func(context.Context, string, io.Writer) (string, error) {
		calls.Add(1)
		return "", errors.New("no such host")
	}}
}

// anyPlugin accepts whole test plugins.
func anyPlugin(path string) error {
	data, err := os.ReadFile(path)
	if err == nil && string(data) != pluginContent {
		err = errors.New("not a plugin")
	}
	return err
}

// names lists what a folder holds.
func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestInstall(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "")
	dir := filepath.Join(t.TempDir(), "lib", "go-xla")
	// A fetch that was killed left this.
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".fetching-123"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".fetching-123", "half"), []byte("a pl"), 0o644))

	var releases atomic.Int32
	var progress bytes.Buffer
	o := InstallOptions{Dir: dir, Progress: &progress, sources: []source{failing(&releases), serveWheel(t)}, check: anyPlugin}
	path, err := Install(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "pjrt_c_api_cpu_plugin.so"), path)
	require.Equal(t, []string{lockName, "pjrt_c_api_cpu_plugin.so", "pjrt_c_api_cpu_wheel_v0.0.1_plugin.so"}, names(t, dir))
	require.NoError(t, anyPlugin(path))
	require.EqualValues(t, 1, releases.Load())
	require.Contains(t, progress.String(), "fetching the XLA CPU plugin")
	require.Contains(t, progress.String(), path)
	require.Equal(t, []Plugin{{"cpu", path}}, matching(FindPlugins([]string{dir}), "cpu"))

	// The second time nothing happens, the third is forced.
	progress.Reset()
	again, err := Install(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, path, again)
	require.Empty(t, progress.String())
	require.EqualValues(t, 1, releases.Load())
	o.Force = true
	_, err = Install(t.Context(), o)
	require.NoError(t, err)
	require.EqualValues(t, 2, releases.Load())

	// A plugin that got broken is replaced.
	require.NoError(t, os.WriteFile(path, []byte("broken"), 0o644))
	o.Force = false
	_, err = Install(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, anyPlugin(path))
}

func TestInstallFailures(t *testing.T) {
	data, sum := testWheel(t)
	whole := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
	tests := map[string]struct {
		source func(t *testing.T) source
		check  func(string) error
		want   string
	}{
		"a wrong checksum": {
			source: func(t *testing.T) source { return serve(t, strings.Repeat("0", 64), whole) },
			want:   "have SHA-256 " + sum + ", and it should be " + strings.Repeat("0", 64),
		},
		"a truncated download": {
			source: func(t *testing.T) source {
				return serve(t, sum, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Length", fmt.Sprint(len(data)))
					_, _ = w.Write(data[:100])
				})
			},
			want: "after 100 bytes",
		},
		"a download that ends early without saying so": {
			source: func(t *testing.T) source {
				return serve(t, sum, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data[:100]) })
			},
			want: "the 100 bytes that arrived have SHA-256",
		},
		"a missing file": {
			source: func(t *testing.T) source { return serve(t, sum, http.NotFound) },
			want:   "404 Not Found",
		},
		"an absurd size": {
			source: func(t *testing.T) source {
				return serve(t, sum, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Length", fmt.Sprint(int64(maxArchive)+1))
				})
			},
			want: "more than the 2147483648 expected",
		},
		"a download that stalls": {
			source: func(t *testing.T) source {
				return serve(t, sum, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", fmt.Sprint(len(data)))
					_, _ = w.Write(data[:100])
					w.(http.Flusher).Flush()
					<-r.Context().Done()
				})
			},
			want: "stopped sending for 200ms",
		},
		"a plugin that can't run here": {
			source: serveWheel,
			check:  func(string) error { return errors.New("needs glibc 9.9") },
			want:   "needs glibc 9.9",
		},
	}
	previous := stallTimeout
	stallTimeout = 200 * time.Millisecond
	t.Cleanup(func() { stallTimeout = previous })
	t.Setenv("GOKERAS_OFFLINE", "")
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			check := anyPlugin
			if tc.check != nil {
				check = tc.check
			}
			dir := t.TempDir()
			_, err := Install(t.Context(), InstallOptions{Dir: dir, sources: []source{tc.source(t)}, check: check})
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, "the wheel: ")
			require.NotContains(t, err.Error(), "\n")
			require.Equal(t, []string{markerName, lockName}, names(t, dir), "no half-written plugin may stay")
		})
	}
}

func TestRelease(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "")
	archive := func(name string) []byte {
		var buffer bytes.Buffer
		zipped := gzip.NewWriter(&buffer)
		w := tar.NewWriter(zipped)
		require.NoError(t, w.WriteHeader(&tar.Header{Name: "LICENSE", Mode: 0o644, Size: 2, Typeflag: tar.TypeReg}))
		_, err := io.WriteString(w, "ok")
		require.NoError(t, err)
		require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(pluginContent)), Typeflag: tar.TypeReg}))
		_, err = io.WriteString(w, pluginContent)
		require.NoError(t, err)
		require.NoError(t, errors.Join(w.Close(), zipped.Close()))
		return buffer.Bytes()
	}
	whole := archive("pjrt_c_api_cpu_v0.98.0_plugin.so")
	tests := map[string]struct {
		data []byte
		want string // an error's text, "" for success
	}{
		"whole":          {data: whole},
		"cut":            {data: whole[:len(whole)-20], want: "unpacking the plugin"},
		"no archive":     {data: []byte("<html>"), want: "unpacking the plugin"},
		"without plugin": {data: archive("README"), want: "holds no CPU plugin"},
		"climbing out":   {data: archive("../../../pjrt_c_api_cpu_v1_plugin.so"), want: "unsafe"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(tc.data) }))
			t.Cleanup(server.Close)
			dir := t.TempDir()
			s := source{what: "the release", fetch: release{lookup: func() (string, error) { return server.URL, nil }}.fetch}
			path, err := Install(t.Context(), InstallOptions{Dir: dir, sources: []source{s}, check: anyPlugin})
			if tc.want != "" {
				require.ErrorContains(t, err, tc.want)
				require.Equal(t, []string{markerName, lockName}, names(t, dir))
				return
			}
			require.NoError(t, err)
			require.Equal(t, filepath.Join(dir, "pjrt_c_api_cpu_plugin.so"), path)
			require.Equal(t, []string{lockName, "pjrt_c_api_cpu_plugin.so", "pjrt_c_api_cpu_v0.98.0_plugin.so"}, names(t, dir))
		})
	}
}

func TestUnreachableSourcesCostOneShortLine(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "")
	refused := &url.Error{Op: "Get", URL: "https://example.invalid/x", Err: errors.New("no such host")}
	s := source{what: "the release", fetch: func(context.Context, string, io.Writer) (string, error) {
		return "", fmt.Errorf("failed to fetch https://example.invalid/x: %w", refused)
	}}
	other := s
	other.what = "the wheel"
	_, err := Install(t.Context(), InstallOptions{Dir: t.TempDir(), sources: []source{s, other}, check: anyPlugin})
	require.EqualError(t, err, "the release: no such host; the wheel: no such host")
	require.ErrorIs(t, err, refused.Err)
}

func TestWheelChecksBeforeDownloading(t *testing.T) {
	lookups := 0
	w := wheels["linux_amd64"]
	w.info = func(string) (*installer.PipPackageInfo, error) {
		lookups++
		return &installer.PipPackageInfo{}, nil
	}
	w.host = func() string { return "2.17" }
	_, err := w.fetch(t.Context(), t.TempDir(), io.Discard)
	require.ErrorContains(t, err, "needs glibc 2.27 or newer, and this machine has 2.17")
	w.host = func() string { return "" }
	_, err = w.fetch(t.Context(), t.TempDir(), io.Discard)
	require.ErrorContains(t, err, "doesn't run on glibc")
	require.Zero(t, lookups)

	w.host = func() string { return "2.27" }
	_, err = w.fetch(t.Context(), t.TempDir(), io.Discard)
	require.ErrorContains(t, err, "has no file "+w.file)
	require.Equal(t, 1, lookups)
}

func TestFailureIsRemembered(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "")
	dir := t.TempDir()
	now := time.Now()
	var calls atomic.Int32
	o := InstallOptions{
		Dir: dir, RespectFailure: true, sources: []source{failing(&calls)}, check: anyPlugin,
		now: func() time.Time { return now },
	}
	install := func(wantCalls int32) error {
		t.Helper()
		_, err := Install(t.Context(), o)
		require.ErrorContains(t, err, "no such host")
		require.Equal(t, wantCalls, calls.Load())
		return err
	}
	install(1)
	now = now.Add(failureLifetime - time.Minute)
	require.ErrorContains(t, install(1), "`gokeras backend install`")

	// Asking for it outright tries again, and so does a program after an hour.
	o.RespectFailure = false
	install(2)
	o.RespectFailure = true
	install(2)
	now = now.Add(failureLifetime)
	install(3)

	// A clock that was wrong, or a marker that is damaged, doesn't forbid anything.
	now = now.Add(-2 * failureLifetime)
	install(4)
	require.NoError(t, os.WriteFile(filepath.Join(dir, markerName), []byte("{"), 0o644))
	install(5)

	// Success forgets the failure.
	o.RespectFailure, o.sources = false, []source{serveWheel(t)}
	_, err := Install(t.Context(), o)
	require.NoError(t, err)
	require.NotContains(t, names(t, dir), markerName)
}

func TestInstallInterrupted(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "")
	data, sum := testWheel(t)
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	s := serve(t, sum, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:100])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	_, err := Install(ctx, InstallOptions{Dir: dir, sources: []source{s}, check: anyPlugin})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{lockName}, names(t, dir), "an interruption is no failure to remember")
}

func TestInstallOffline(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "1")
	dir := t.TempDir()
	var calls atomic.Int32
	o := InstallOptions{Dir: dir, sources: []source{failing(&calls)}, check: anyPlugin}
	_, err := Install(t.Context(), o)
	require.ErrorIs(t, err, ErrOffline)
	require.Zero(t, calls.Load())

	plugin := filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")
	require.NoError(t, os.WriteFile(plugin, []byte(pluginContent), 0o644))
	path, err := Install(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, plugin, path)
}

func TestInstallTogether(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "")
	dir := t.TempDir()
	inner := serveWheel(t)
	var fetches atomic.Int32
	s := source{what: "the wheel", fetch: func(ctx context.Context, tmp string, progress io.Writer) (string, error) {
		fetches.Add(1)
		time.Sleep(50 * time.Millisecond)
		return inner.fetch(ctx, tmp, progress)
	}}
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		group.Go(func() {
			_, errs[i] = Install(t.Context(), InstallOptions{Dir: dir, sources: []source{s}, check: anyPlugin})
		})
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	require.EqualValues(t, 1, fetches.Load())
}

func TestInstallWithoutSource(t *testing.T) {
	_, err := Install(t.Context(), InstallOptions{Dir: t.TempDir(), sources: []source{}, check: anyPlugin})
	require.ErrorContains(t, err, "there is no XLA CPU plugin for ")
}

func TestWithin(t *testing.T) {
	never := make(chan int)
	wait := func() (int, error) { return <-never, nil }
	_, err := within(t.Context(), 10*time.Millisecond, wait)
	require.ErrorContains(t, err, "no answer within 10ms")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = within(ctx, time.Minute, wait)
	require.ErrorIs(t, err, context.Canceled)
	value, err := within(t.Context(), time.Minute, func() (int, error) { return 7, nil })
	require.NoError(t, err)
	require.Equal(t, 7, value)
}
