package download

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress counts the bytes written to it and shows them, in a way that suits where they are shown.
type progress struct {
	out io.Writer
	bar *progressbar.ProgressBar // nil where out is not a terminal
}

func newProgress(out io.Writer, name, url string, size int64) *progress {
	if out == nil {
		out = io.Discard
	}
	p := &progress{out: out}
	if size > 0 {
		_, _ = fmt.Fprintf(out, "Downloading %s (%.1f MB) from %s\n", name, float64(size)/1e6, url)
	} else {
		_, _ = fmt.Fprintf(out, "Downloading %s from %s\n", name, url)
	}
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
