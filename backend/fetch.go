package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

// failureLifetime is how long a failed fetch stops programs from trying again by themselves.
const failureLifetime = time.Hour

// markerName is the file in the plugin folder that remembers a failed fetch.
const markerName = ".gokeras-fetch-failed.json"

// lockName is the file in the plugin folder that fetching processes lock.
const lockName = ".gokeras-fetch.lock"

// InstallOptions are the choices of [Install]. The zero value installs into [PluginDir], quietly.
type InstallOptions struct {
	// Dir is the folder to install into; "" means [PluginDir].
	Dir string
	// Force fetches also when the folder already holds a CPU plugin that works.
	Force bool
	// RespectFailure returns the remembered error of a fetch that failed within the last hour instead
	// of trying again.
	RespectFailure bool
	// Progress receives a progress bar if it is a terminal and a few lines otherwise; nil means none.
	Progress io.Writer

	sources []source           // nil means pluginSources
	check   func(string) error // nil means checkPlugin
	now     func() time.Time   // nil means time.Now
}

// source is one place to get the CPU plugin from.
type source struct {
	// what names the source in messages.
	what string
	// fetch puts the plugin into the existing folder tmp and returns the path of its file there.
	// The file's base name is the one that it will have when installed.
	fetch func(ctx context.Context, tmp string, progress io.Writer) (path string, err error)
}

// Install makes sure that the XLA CPU plugin is in the plugin folder and returns its absolute path. It
// fetches the plugin from go-xla's release or, failing that, from the wheel whose checksum is pinned; the file
// appears under its final name only when whole and checked. Processes that install at the same time
// wait for the first one.
//
// It returns an error when the platform has no plugin, no source can be reached, a checksum is
// wrong, the plugin can't run here (an older glibc), the folder can't be written, GOKERAS_OFFLINE forbids
// fetching ([ErrOffline]), or ctx ends.
func Install(ctx context.Context, o InstallOptions) (path string, err error) {
	if o.Dir == "" {
		if o.Dir, err = PluginDir(); err != nil {
			return "", fmt.Errorf("finding the plugin folder: %w", err)
		}
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return "", fmt.Errorf("finding the plugin folder: %w", err)
	}
	if o.sources == nil {
		o.sources = pluginSources()
	}
	if o.check == nil {
		o.check = checkPlugin
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if len(o.sources) == 0 {
		return "", fmt.Errorf("there is no XLA CPU plugin for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	// Looking before locking lets a folder that can't be written serve.
	if path := o.installed(); path != "" && !o.Force {
		return path, nil
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return "", fmt.Errorf("making the plugin folder: %w", err)
	}
	unlock, err := o.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	if path := o.installed(); path != "" && !o.Force {
		return path, nil
	}
	if isSet(os.Getenv("GOKERAS_OFFLINE")) {
		return "", fmt.Errorf("no XLA CPU plugin is in %s and %w by GOKERAS_OFFLINE", o.Dir, ErrOffline)
	}
	if o.RespectFailure {
		if err := o.remembered(); err != nil {
			return "", err
		}
	}
	path, err = o.fetch(ctx)
	switch {
	case err == nil:
		_ = os.Remove(filepath.Join(o.Dir, markerName))
	case ctx.Err() == nil:
		o.remember(err)
	}
	return path, err
}

// installed returns the path of a CPU plugin in the folder that can be loaded, "" without one.
func (o *InstallOptions) installed() string {
	for _, p := range matching(FindPlugins([]string{o.Dir}), "cpu") {
		if o.check(p.Path) == nil {
			return p.Path
		}
	}
	return ""
}

// lock waits for the folder's lock. The lock ends with the process, so it can't be left behind.
func (o *InstallOptions) lock(ctx context.Context) (unlock func(), err error) {
	lock := flock.New(filepath.Join(o.Dir, lockName))
	locked, err := lock.TryLock()
	if err == nil && !locked {
		fmt.Fprintln(o.Progress, "gokeras: waiting for another process that is fetching the XLA CPU plugin")
		_, err = lock.TryLockContext(ctx, 200*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the plugin folder %s: %w", o.Dir, err)
	}
	return func() { _ = lock.Close() }, nil
}

// fetch tries the sources in turn. The folder is locked.
func (o *InstallOptions) fetch(ctx context.Context) (string, error) {
	// Nobody else is fetching, so folders of this kind were left by processes that died.
	if stale, err := filepath.Glob(filepath.Join(o.Dir, ".fetching-*")); err == nil {
		for _, dir := range stale {
			_ = os.RemoveAll(dir)
		}
	}
	var errs []error
	for _, s := range o.sources {
		path, err := o.fetchFrom(ctx, s)
		if err == nil {
			return path, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		errs = append(errs, fmt.Errorf("%s: %w", s.what, unwrapURL(err)))
	}
	return "", joinLine(errs)
}

// fetchFrom fetches from s into a folder of its own, checks the result and renames it into place.
func (o *InstallOptions) fetchFrom(ctx context.Context, s source) (string, error) {
	tmp, err := os.MkdirTemp(o.Dir, ".fetching-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	fetched, err := s.fetch(ctx, tmp, o.Progress)
	if err != nil {
		return "", err
	}
	if err := o.check(fetched); err != nil {
		return "", err
	}
	if err := os.Chmod(fetched, 0o755); err != nil {
		return "", err
	}
	if err := syncPath(fetched); err != nil {
		return "", err
	}
	final := filepath.Join(o.Dir, filepath.Base(fetched))
	if err := os.Rename(fetched, final); err != nil {
		return "", err
	}
	path, err := o.link(tmp, final)
	if err != nil {
		return "", err
	}
	if err := syncPath(o.Dir); err != nil {
		return "", err
	}
	fmt.Fprintf(o.Progress, "gokeras: installed the XLA CPU plugin in %s\n", path)
	return path, nil
}

// link points go-xla's unversioned name at final, which lies in the same folder, and returns it.
func (o *InstallOptions) link(tmp, final string) (string, error) {
	name := "pjrt_c_api_cpu_plugin" + filepath.Ext(final)
	path := filepath.Join(o.Dir, name)
	if path == final {
		return path, nil
	}
	aside := filepath.Join(tmp, "link")
	if err := os.Symlink(filepath.Base(final), aside); err != nil {
		return "", err
	}
	if err := os.Rename(aside, path); err != nil {
		return "", err
	}
	return path, nil
}

// syncPath flushes a file or folder to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// failure is what the marker file holds.
type failure struct {
	Time  time.Time `json:"time"`
	Error string    `json:"error"`
}

// remembered returns the error of a fetch that failed a short time ago, or nil.
func (o *InstallOptions) remembered() error {
	data, err := os.ReadFile(filepath.Join(o.Dir, markerName))
	if err != nil {
		return nil
	}
	var last failure
	if json.Unmarshal(data, &last) != nil {
		return nil
	}
	// A time ahead of the clock would otherwise hold until the clock catches up.
	if age := o.now().Sub(last.Time); age < 0 || age >= failureLifetime {
		return nil
	}
	return fmt.Errorf("%s (at %s; tried again after an hour, or now by `gokeras backend install`)",
		last.Error, last.Time.Local().Format("15:04"))
}

// remember notes a failed fetch. Not being able to is no error: the next process tries again.
func (o *InstallOptions) remember(cause error) {
	data, err := json.Marshal(failure{Time: o.now(), Error: oneLine(cause)})
	if err != nil {
		return
	}
	_ = atomicfile.Write(filepath.Join(o.Dir, markerName), 0o600, func(w *os.File) error {
		_, err := w.Write(data)
		return err
	})
}

// unwrapURL returns what went wrong in an HTTP request, without the addresses that clients and installers
// put before it more than once.
func unwrapURL(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}

// joinLine joins errors on one line, keeping them all for errors.Is.
func joinLine(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = oneLine(err)
	}
	return &joined{text: strings.Join(texts, "; "), errs: errs}
}

// joined is several errors with one line of text.
type joined struct {
	text string
	errs []error
}

func (j *joined) Error() string   { return j.text }
func (j *joined) Unwrap() []error { return j.errs }
