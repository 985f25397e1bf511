package download

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress counts the bytes written to it and shows them, in a way that suits where they are shown.
type progress struct {
	out io.Writer
	bar *progressbar.ProgressBar // nil where out is not a terminal
}

func newProgress(options Options, file File, size int64) *progress {
	out, name := options.Progress, filepath.Base(file.Path)
	if out == nil {
		out = io.Discard
	}
	p := &progress{out: out}
	title := cmp.Or(options.Title, fmt.Sprintf("Downloading %s from %s", name, file.URL))
	if size > 0 {
		title += fmt.Sprintf(" (%.1f MB)", float64(size)/1e6)
	}
	_, _ = fmt.Fprintln(out, title)
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(out),
			progressbar.OptionSetDescription(name),
			progressbar.OptionShowBytes(true),
			progressbar.OptionShowTotalBytes(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond),
		)
	}
	return p
}

// Write implements io.Writer. It never fails: a progress bar that cannot be drawn is no reason to lose a download.
func (p *progress) Write(b []byte) (int, error) {
	if p.bar != nil {
		_ = p.bar.Add(len(b))
	}
	return len(b), nil
}

// finish leaves the cursor on a fresh line.
func (p *progress) finish(complete bool) {
	if p.bar == nil {
		return
	}
	if complete {
		_ = p.bar.Finish()
	}
	_, _ = fmt.Fprintln(p.out)
}
