package plots

import (
	"bufio"
	"fmt"
	"os"

	"gonum.org/v1/plot/vg/draw"

	"github.com/gokeras/gokeras/internal/atomicfile"
	"github.com/gokeras/gokeras/internal/canvas"
)

// picture draws on a canvas of that size, in inches, and writes it to path.
func picture(path, format string, width, height float64, dpi int, paint func(draw.Canvas)) error {
	scale := 1.0
	if format == "png" {
		scale = float64(dpi)
	}
	if pixels := width * scale * height * scale; !(pixels <= maxPixels) {
		return fmt.Errorf("%v×%v inches at %d DPI are %.0f million pixels: want %d million at most", width, height, dpi, pixels/1e6, maxPixels/1_000_000)
	}
	target := canvas.New(format, width, height, dpi)
	paint(draw.New(target))
	return atomicfile.Write(path, 0o644, func(w *os.File) error {
		buffered := bufio.NewWriter(w)
		if _, err := target.WriteTo(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	})
}
