package download

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

// File says what to fetch, where to put it, and how to know that it is the right one.
type File struct {
	// URL is where the file comes from, over http or https.
	URL string
	// Path is the file to write. Its folder is made when it does not exist.
	Path string
	// SHA256 is the checksum of the whole file, in hexadecimal.
	SHA256 string
	// MD5 stands in for SHA256 where a publisher has only that. It finds damage; against forgery the connection's security stands.
	MD5 string
	// Unverified says that no checksum is known: the file rests on the connection's security and on whoever reads it. The checksums must then be empty.
	Unverified bool
	// MaxBytes is the size past which the transfer is given up, in bytes. Zero or less means DefaultMaxBytes.
	MaxBytes int64
}

// DefaultMaxBytes is the largest file taken when File.MaxBytes does not say: 1 GiB.
const DefaultMaxBytes = 1 << 30

// Options adjusts how a file is fetched. The zero value is the default.
type Options struct {
	// Progress receives one line a file and, when it is a terminal, a progress bar. nil shows nothing.
	Progress io.Writer
	// Title is what the line says before the size. "" means "Downloading", the file's name and where it comes from.
	Title string
	// Client makes the request. nil means a client with timeouts for connecting and for the first answer.
	Client *http.Client
	// ConnectTimeout ends the attempt to reach a server, and twice that the wait for its first answer. Zero means 15 seconds. It
	// doesn't change a Client that is given.
	ConnectTimeout time.Duration
	// StallTimeout ends a transfer in which no byte arrives for so long. Zero means one minute.
	StallTimeout time.Duration
}

// ChecksumError is returned when the bytes that arrived are not those of the expected file.
type ChecksumError struct {
	// URL is where the bytes came from.
	URL string
	// Kind is "SHA-256" or "MD5".
	Kind string
	// Want and Got are the expected checksum and that of the bytes, in hexadecimal.
	Want, Got string
	// Bytes is how many bytes arrived.
	Bytes int64
}

// Error implements error.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("%s: the %d bytes that arrived have %s %s, and it should be %s", e.URL, e.Bytes, e.Kind, e.Got, e.Want)
}

var errStalled = errors.New("the server stopped sending")

// Fetch downloads file and writes it atomically.
//
// Its errors wrap the cause (context.Canceled, a *ChecksumError, a network error) and name the URL.
func Fetch(ctx context.Context, file File, options Options) error {
	kind, want, sum := "SHA-256", strings.ToLower(file.SHA256), sha256.New()
	if file.MD5 != "" && want == "" {
		kind, want, sum = "MD5", strings.ToLower(file.MD5), md5.New()
	}
	if raw, err := hex.DecodeString(want); (err != nil || len(raw) != sum.Size()) && !(file.Unverified && want == "") {
		return fmt.Errorf("download %s: %q is not a %s in hexadecimal", file.URL, want, kind)
	}
	if file.Path == "" {
		return fmt.Errorf("download %s: no file to write it to", file.URL)
	}
	if ctx == nil {
		ctx = context.Background()
	}
	maxBytes := file.MaxBytes
	if maxBytes <= 0 {
		maxBytes = DefaultMaxBytes
	}
	stall := cmp.Or(max(options.StallTimeout, 0), time.Minute)
	client := options.Client
	if client == nil {
		client = newClient(cmp.Or(max(options.ConnectTimeout, 0), 15*time.Second))
		defer client.CloseIdleConnections()
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(stall, func() { cancel(fmt.Errorf("%w for %s", errStalled, stall)) })
	defer watchdog.Stop()

	fail := func(err error) error {
		// The cause says "the server stopped sending" where the plain error says only "context canceled".
		if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
			err = cause
		}
		return fmt.Errorf("download %s: %w", file.URL, err)
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, nil)
	if err != nil {
		return fail(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fail(fmt.Errorf("the server answered %s", response.Status))
	}
	if response.ContentLength > maxBytes {
		return fail(fmt.Errorf("the server offers %d bytes, more than the %d expected at most", response.ContentLength, maxBytes))
	}
	if err := os.MkdirAll(filepath.Dir(file.Path), 0o755); err != nil {
		return fail(err)
	}

	shown := newProgress(options, file, response.ContentLength)
	err = atomicfile.Write(file.Path, 0o644, func(w *os.File) error {
		body := &watchedReader{r: io.LimitReader(response.Body, maxBytes+1), timer: watchdog, stall: stall}
		n, err := io.Copy(io.MultiWriter(w, sum, shown), body)
		switch {
		case err != nil:
			return fmt.Errorf("after %d bytes: %w", n, err)
		case n > maxBytes:
			return fmt.Errorf("the file is longer than the %d bytes expected at most", maxBytes)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != want && !file.Unverified {
			return &ChecksumError{URL: file.URL, Kind: kind, Want: want, Got: got, Bytes: n}
		}
		return nil
	})
	shown.finish(err == nil)
	if err != nil {
		return fail(err)
	}
	return nil
}

func newClient(connect time.Duration) *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   connect,
		ResponseHeaderTimeout: 2 * connect,
		ForceAttemptHTTP2:     true,
	}}
}

// watchedReader puts the timer off whenever a byte arrives.
type watchedReader struct {
	r     io.Reader
	timer *time.Timer
	stall time.Duration
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.timer.Reset(w.stall)
	}
	return n, err
}
