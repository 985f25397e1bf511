package backend

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	// maxDownload bounds what a source may send, far above any CPU plugin.
	maxDownload = 2 << 30
)

// stallTimeout is how long a download may go without a byte.
var stallTimeout = 15 * time.Second

// httpClient gives up within seconds when a host can't be reached or doesn't answer.
var httpClient = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	TLSHandshakeTimeout:   5 * time.Second,
	ResponseHeaderTimeout: 10 * time.Second,
	ForceAttemptHTTP2:     true,
}}

// download gets url into the new file path. It fails if the transfer is cut, stalls or is larger than
// maxDownload, or if the content's SHA-256 isn't wantSHA256, which is in hexadecimal and may be empty.
func download(ctx context.Context, url, path, wantSHA256 string, progress io.Writer) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(stallTimeout, func() {
		cancel(fmt.Errorf("the download stalled for %v", stallTimeout))
	})
	defer stalled.Stop()
	defer func() {
		if cause := context.Cause(ctx); err != nil && cause != nil {
			err = cause
		}
	}()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := httpClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("downloading %s: the server answered %s", url, response.Status)
	}
	if response.ContentLength > maxDownload {
		return fmt.Errorf("downloading %s: %d bytes are more than a plugin can have", url, response.ContentLength)
	}

	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	bar, finish := progressBar(progress, response.ContentLength)
	defer finish()
	hash := sha256.New()
	tick := writerFunc(func(p []byte) (int, error) {
		stalled.Reset(stallTimeout)
		return len(p), nil
	})
	n, err := io.Copy(io.MultiWriter(file, hash, bar, tick), io.LimitReader(response.Body, maxDownload+1))
	switch {
	case err != nil:
		return fmt.Errorf("downloading %s: cut after %d bytes: %w", url, n, err)
	case n > maxDownload:
		return fmt.Errorf("downloading %s: more than %d bytes", url, int64(maxDownload))
	}
	if got := hex.EncodeToString(hash.Sum(nil)); wantSHA256 != "" && got != wantSHA256 {
		return fmt.Errorf("downloading %s: wrong SHA-256: %s instead of %s", url, got, wantSHA256)
	}
	return nil
}

// progressBar shows the download of size bytes (-1 if unknown) on w: a bar on a terminal, one line
// elsewhere.
func progressBar(w io.Writer, size int64) (bar io.Writer, finish func()) {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		bar := progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetDescription("gokeras: fetching the XLA CPU plugin"),
			progressbar.OptionShowBytes(true),
			progressbar.OptionShowTotalBytes(true),
			progressbar.OptionSetWidth(20),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
		return bar, func() { _ = bar.Finish() }
	}
	if size > 0 {
		fmt.Fprintf(w, "gokeras: fetching the XLA CPU plugin (%d MB, once)\n", (size+500_000)/1_000_000)
	} else {
		fmt.Fprintln(w, "gokeras: fetching the XLA CPU plugin (once)")
	}
	return io.Discard, func() {}
}

// writerFunc is a function as an io.Writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
