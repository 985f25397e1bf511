package backend

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/gomlx/go-xla/installer"

	"github.com/gokeras/gokeras/internal/download"
)

// lookupTimeout bounds asking a source where its file is.
const lookupTimeout = 10 * time.Second

// releaseVersion is the plugin version that this go-xla was tested with. It is empty in programs
// without XLA, which install the latest.
var releaseVersion string

// pluginSources returns where to get the CPU plugin for this platform, the preferred one first.
func pluginSources() []source {
	var sources []source
	platform := runtime.GOOS + "_" + runtime.GOARCH
	if runtime.GOOS != "windows" && slices.Contains(installer.CPUSupportedPlatforms, platform) {
		sources = append(sources, source{what: "go-xla's release", fetch: release{lookup: lookupRelease}.fetch})
	}
	if w, ok := wheels[platform]; ok {
		sources = append(sources, source{what: "the xla-cpu-pjrt wheel", fetch: w.fetch})
	}
	return sources
}

// release is go-xla's own release, of which no checksum is known beforehand: it rests on the connection's
// security and on the archive's own checksum, as in go-xla's installer.
type release struct {
	// lookup returns the address of the archive.
	lookup func() (url string, err error)
}

// lookupRelease finds the archive that go-xla's installer would take.
func lookupRelease() (string, error) {
	version := releaseVersion
	if version == "" {
		var err error
		if version, err = installer.GitHubGetLatestVersion(); err != nil {
			return "", err
		}
	}
	return installer.CPUGetDownloadURL(runtime.GOOS+"_"+runtime.GOARCH, version)
}

// fetch implements source.fetch.
func (r release) fetch(ctx context.Context, tmp string, progress io.Writer) (string, error) {
	url, err := within(ctx, lookupTimeout, r.lookup)
	if err != nil {
		return "", err
	}
	archive := filepath.Join(tmp, "plugin.tar.gz")
	if err := fetchArchive(ctx, download.File{URL: url, Path: archive, Unverified: true}, progress); err != nil {
		return "", err
	}
	unpacked := filepath.Join(tmp, "unpacked")
	if err := os.Mkdir(unpacked, 0o755); err != nil {
		return "", err
	}
	files, err := installer.Untar(archive, unpacked)
	if err != nil {
		return "", fmt.Errorf("unpacking the plugin: %w", err)
	}
	for _, file := range files {
		info, err := os.Lstat(file)
		if err == nil && info.Mode().IsRegular() && reReleaseFile.MatchString(filepath.Base(file)) {
			return file, nil
		}
	}
	return "", fmt.Errorf("the release holds no CPU plugin, only %d other files", len(files))
}

// reReleaseFile is the name of the plugin in a release.
var reReleaseFile = regexp.MustCompile(`^pjrt_c_api_cpu_.+_plugin\.(so|dylib)$`)

// wheel is a Python wheel that carries a CPU plugin.
type wheel struct {
	pkg     string // the package's name
	version string
	file    string // the wheel's file name
	sha256  string // of the wheel
	member  string // the plugin inside it
	glibc   string // what the wheel's tag asks for

	// info looks the package up; nil means installer.GetPipInfo.
	info func(pkg string) (*installer.PipPackageInfo, error)
	// host returns the machine's glibc version; nil means hostGlibc.
	host func() string
}

// wheels are the pinned wheels by platform.
var wheels = map[string]wheel{
	"linux_amd64": {
		pkg: "xla-cpu-pjrt", version: "0.0.1", glibc: "2.27",
		file:   "xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_x86_64.whl",
		sha256: "55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc",
		member: "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so",
	},
	"linux_arm64": {
		pkg: "xla-cpu-pjrt", version: "0.0.1", glibc: "2.27",
		file:   "xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_aarch64.whl",
		sha256: "8f613be6e891858f40d64f9799319502fff42689661944fc18a6ffd8210b30c9",
		member: "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so",
	},
}

// fetch implements source.fetch.
func (w wheel) fetch(ctx context.Context, tmp string, progress io.Writer) (string, error) {
	host := hostGlibc
	if w.host != nil {
		host = w.host
	}
	// The wheel's tag tells before the download whether the plugin can run.
	if err := glibcSuffices(w.file, w.glibc, host()); err != nil {
		return "", err
	}
	info := installer.GetPipInfo
	if w.info != nil {
		info = w.info
	}
	found, err := within(ctx, lookupTimeout, func() (*installer.PipPackageInfo, error) { return info(w.pkg) })
	if err != nil {
		return "", err
	}
	files := found.Releases[w.version]
	i := slices.IndexFunc(files, func(f installer.PipReleaseInfo) bool { return f.Filename == w.file })
	if i < 0 {
		return "", fmt.Errorf("version %s of %s has no file %s", w.version, w.pkg, w.file)
	}
	archive := filepath.Join(tmp, w.file)
	if err := fetchArchive(ctx, download.File{URL: files[i].URL, Path: archive, SHA256: w.sha256}, progress); err != nil {
		return "", err
	}
	path := filepath.Join(tmp, "pjrt_c_api_cpu_wheel_v"+w.version+"_plugin.so")
	if err := installer.ExtractFileFromZip(archive, w.member, path); err != nil {
		return "", fmt.Errorf("unpacking %s from %s: %w", w.member, w.file, err)
	}
	return path, nil
}

// maxArchive bounds what a source may send, far above any CPU plugin.
const maxArchive = 2 << 30

// stallTimeout is how long a source may send nothing.
var stallTimeout = 15 * time.Second

// fetchArchive gives up within seconds when a source can't be reached or stops sending.
func fetchArchive(ctx context.Context, file download.File, progress io.Writer) error {
	file.MaxBytes = maxArchive
	return download.Fetch(ctx, file, download.Options{
		Progress: progress, Title: "gokeras: fetching the XLA CPU plugin, once", ConnectTimeout: 5 * time.Second, StallTimeout: stallTimeout,
	})
}

// within runs fn, which takes no context, and stops waiting for it when ctx ends or after limit.
func within[T any](ctx context.Context, limit time.Duration, fn func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := fn()
		done <- result{value, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var zero T
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		return zero, fmt.Errorf("no answer within %v", limit)
	case <-ctx.Done():
		return zero, context.Cause(ctx)
	}
}
