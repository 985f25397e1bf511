package plt

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/internal/atomicfile"
	"github.com/gokeras/gokeras/internal/canvas"
	"github.com/gokeras/gokeras/internal/jpeg"
	"github.com/gokeras/gokeras/port/np"
)

// Folder is where [Show] writes figures; it is made where it is missing.
var Folder = "figures"

// Fig is a figure (matplotlib: Figure).
type Fig struct {
	width, height float64 // inches
	axes          []*Axes
	current       *Axes
	title         string
	titleSize     float64
	tight         bool
}

var (
	open   []*Fig
	shown  int
	figure *Fig
)

// NewFigure begins a figure, 6.4×4.8 inches unless [FigSize] says otherwise (pyplot: plt.figure).
func NewFigure(args ...any) *Fig {
	f := &Fig{width: 6.4, height: 4.8}
	for _, a := range args {
		if size, ok := a.(FigSize); ok {
			if !(size[0] > 0 && size[1] > 0 && size[0] < 600 && size[1] < 600) {
				np.Fail("ValueError", "figure size must be positive finite not %v", size)
			}
			f.width, f.height = size[0], size[1]
		}
	}
	open = append(open, f)
	figure = f
	return f
}

// Gcf returns the current figure.
func Gcf() *Fig {
	if figure == nil {
		NewFigure()
	}
	return figure
}

// Gca returns the current axes.
func Gca() *Axes {
	f := Gcf()
	if f.current == nil {
		return f.AddSubplot(1, 1, 1)
	}
	return f.current
}

// Sca makes axes the current ones.
func Sca(a *Axes) {
	for _, f := range open {
		if slices.Contains(f.axes, a) {
			figure, f.current = f, a
		}
	}
}

// AddSubplot makes axes at a place, from 1, in a grid, or finds those that are there.
func (f *Fig) AddSubplot(rows, cols, index int) *Axes {
	if rows < 1 || cols < 1 || rows*cols > 10000 {
		np.Fail("ValueError", "Number of rows must be a positive integer, not %d", rows)
	}
	if index < 1 || index > rows*cols {
		np.Fail("ValueError", "num must be an integer with 1 <= num <= %d, not %d", rows*cols, index)
	}
	for _, a := range f.axes {
		if a.rows == rows && a.cols == cols && a.first == index-1 {
			f.current = a
			return a
		}
	}
	a := newAxes(rows, cols, index-1, index-1)
	f.axes = append(f.axes, a)
	f.current = a
	return a
}

// Subplot makes axes at a place, from 1, in a grid: Subplot(2, 3, 1), or Subplot(231).
func Subplot(place ...int) *Axes {
	if len(place) == 1 && place[0] >= 111 && place[0] <= 999 {
		return Gcf().AddSubplot(place[0]/100, place[0]/10%10, place[0]%10)
	}
	if len(place) != 3 {
		np.Fail("ValueError", "subplot takes 1 or 3 numbers")
	}
	return Gcf().AddSubplot(place[0], place[1], place[2])
}

// Panes is a grid of axes, as [Subplots] makes it.
type Panes [][]*Axes

// Flat returns the axes row by row.
func (p Panes) Flat() []*Axes { return slices.Concat(p...) }

// Subplots makes a figure with a grid of axes, [FigSize] as of NewFigure. Axes are at panes[row][column].
func Subplots(rows, cols int, args ...any) (*Fig, Panes) {
	f := NewFigure(args...)
	out := make(Panes, rows)
	for r := range rows {
		for c := range cols {
			out[r] = append(out[r], f.AddSubplot(rows, cols, r*cols+c+1))
		}
	}
	return f, out
}

// Suptitle sets the title of the figure.
func (f *Fig) Suptitle(text string, args ...any) { f.title, f.titleSize = text, styleOf(args).font }

// TightLayout makes room for labels between axes.
func (f *Fig) TightLayout() { f.tight = true }

// Savefig writes the figure; the suffix of the path is "png" or "svg", and PNG without one. [DPI] is 100 unless given.
func (f *Fig) Savefig(path string, args ...any) {
	format := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	if format == "" {
		format = "png"
		path += ".png"
	}
	if format != "png" && format != "svg" {
		np.Fail("ValueError", "Format '%s' is not supported (supported formats: png, svg)", format)
	}
	dpi := 100
	for _, a := range args {
		if d, ok := a.(DPI); ok {
			dpi = min(max(int(d), 10), 1200)
		}
	}
	if f.width*f.height*float64(dpi)*float64(dpi) > 1<<28 {
		np.Fail("ValueError", "Image size of %.0fx%.0f pixels is too large", f.width*float64(dpi), f.height*float64(dpi))
	}
	picture := canvas.New(format, f.width, f.height, dpi)
	f.draw(picture)
	err := atomicfile.Write(path, 0o644, func(file *os.File) error {
		_, err := picture.WriteTo(file)
		return err
	})
	if err != nil {
		np.Fail("FileNotFoundError", "%v", err)
	}
}

// Show writes the open figures as figure_1.png … into [Folder], prints their names and closes them.
func Show() {
	if err := os.MkdirAll(Folder, 0o755); err != nil {
		np.Fail("FileNotFoundError", "%v", err)
	}
	for _, f := range open {
		shown++
		path := filepath.Join(Folder, "figure_"+strconv.Itoa(shown)+".png")
		f.Savefig(path)
		fmt.Println(path)
	}
	open, figure = nil, nil
}

// Close closes the current figure, or with "all" all of them.
func Close(what ...any) {
	if len(what) > 0 && what[0] == "all" {
		open, figure = nil, nil
		return
	}
	if i := slices.Index(open, figure); i >= 0 {
		open = slices.Delete(open, i, i+1)
	}
	figure = nil
	if len(open) > 0 {
		figure = open[len(open)-1]
	}
}

// Clf empties the current figure.
func Clf() {
	f := Gcf()
	f.axes, f.current, f.title = nil, nil, ""
}

// Savefig writes the current figure.
func Savefig(path string, args ...any) { Gcf().Savefig(path, args...) }

// TightLayout makes room for labels in the current figure.
func TightLayout() { Gcf().TightLayout() }

// Suptitle sets the title of the current figure.
func Suptitle(text string, args ...any) { Gcf().Suptitle(text, args...) }

// Imread reads a PNG or JPEG as (height, width) where it is gray, else (height, width, 3 or 4): floats in 0 … 1 of a PNG, bytes of a JPEG, those that matplotlib has.
func Imread(path string) *np.Array {
	file, err := os.Open(path)
	if err != nil {
		np.Fail("FileNotFoundError", "[Errno 2] No such file or directory: '%s'", path)
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, 2)
	if _, err := io.ReadFull(file, head); err == nil && string(head) == "\xff\xd8" {
		return readJPEG(path)
	}
	if _, err := file.Seek(0, 0); err != nil {
		np.Fail("ValueError", "%v", err)
	}
	config, err := png.DecodeConfig(file)
	if err != nil || config.Width*config.Height > largestImage {
		np.Fail("ValueError", "%s: the image can't be read", path)
	}
	if _, err := file.Seek(0, 0); err != nil {
		np.Fail("ValueError", "%v", err)
	}
	img, err := png.Decode(file)
	if err != nil {
		np.Fail("ValueError", "%s: %v", path, err)
	}
	b := img.Bounds()
	channels := 4
	switch img := img.(type) {
	case *image.Gray:
		return np.Divide(np.Of(img.Pix).Reshape(b.Dy(), b.Dx()).AsType(np.Float32), 255)
	case *image.Gray16:
		fine := make([]float32, 0, b.Dx()*b.Dy())
		for at := range slices.Chunk(img.Pix, 2) {
			fine = append(fine, float32(at[0])*256+float32(at[1]))
		}
		return np.Divide(np.Of(fine).Reshape(b.Dy(), b.Dx()), 65535)
	case *image.RGBA, *image.RGBA64: // as files without alpha come
		channels = 3
	}
	out := make([]uint8, 0, b.Dx()*b.Dy()*channels)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := nrgba(img.At(x, y))
			out = append(out, []uint8{c.R, c.G, c.B, c.A}[:channels]...)
		}
	}
	return np.Divide(np.Of(out).Reshape(b.Dy(), b.Dx(), channels).AsType(np.Float32), 255)
}

// largestImage bounds the pixels of an image that is read.
const largestImage = 1 << 28

// readJPEG reads a JPEG file; inks become red, green, blue and alpha.
func readJPEG(path string) *np.Array {
	data, err := os.ReadFile(path)
	if err != nil {
		np.Fail("OSError", "%s: %v", path, err)
	}
	if width, height, err := jpeg.Size(data); err != nil || width*height > largestImage {
		np.Fail("ValueError", "%s: the image can't be read", path)
	}
	p, err := jpeg.Decode(data, jpeg.Options{}, nil)
	if err != nil {
		np.Fail("ValueError", "%s: %v", path, err)
	}
	switch p.Space {
	case jpeg.Gray:
		return np.Of(p.Pixels).Reshape(p.Height, p.Width)
	case jpeg.RGB:
		return np.Of(p.Pixels).Reshape(p.Height, p.Width, 3)
	}
	mixed := make([]uint8, 0, 4*p.Width*p.Height)
	for color := range slices.Chunk(p.RGB(false).Pixels, 3) {
		mixed = append(mixed, color[0], color[1], color[2], 255)
	}
	return np.Of(mixed).Reshape(p.Height, p.Width, 4)
}
