package plt

import (
	"github.com/gokeras/gokeras/port/np"
)

// Plot draws lines on the current axes; see [Axes.Plot].
func Plot(args ...any) { Gca().Plot(args...) }

// Semilogx is [Axes.Semilogx] of the current axes.
func Semilogx(args ...any) { Gca().Semilogx(args...) }

// Semilogy is [Axes.Semilogy] of the current axes.
func Semilogy(args ...any) { Gca().Semilogy(args...) }

// Loglog is [Axes.Loglog] of the current axes.
func Loglog(args ...any) { Gca().Loglog(args...) }

// Scatter is [Axes.Scatter] of the current axes.
func Scatter(x, y any, args ...any) { Gca().Scatter(x, y, args...) }

// Bar is [Axes.Bar] of the current axes.
func Bar(x, height any, args ...any) { Gca().Bar(x, height, args...) }

// Barh is [Axes.Barh] of the current axes.
func Barh(y, width any, args ...any) { Gca().Barh(y, width, args...) }

// Hist is [Axes.Hist] of the current axes.
func Hist(x any, args ...any) (counts, edges *np.Array) { return Gca().Hist(x, args...) }

// Imshow is [Axes.Imshow] of the current axes.
func Imshow(picture any, args ...any) { Gca().Imshow(picture, args...) }

// Matshow is [Axes.Matshow] of new axes.
func Matshow(picture any, args ...any) { Gca().Matshow(picture, args...) }

// FillBetween is [Axes.FillBetween] of the current axes.
func FillBetween(x, y1, y2 any, args ...any) { Gca().FillBetween(x, y1, y2, args...) }

// Axhline is [Axes.Axhline] of the current axes.
func Axhline(y float64, args ...any) { Gca().Axhline(y, args...) }

// Axvline is [Axes.Axvline] of the current axes.
func Axvline(x float64, args ...any) { Gca().Axvline(x, args...) }

// Hlines is [Axes.Hlines] of the current axes.
func Hlines(y any, xmin, xmax float64, args ...any) { Gca().Hlines(y, xmin, xmax, args...) }

// Vlines is [Axes.Vlines] of the current axes.
func Vlines(x any, ymin, ymax float64, args ...any) { Gca().Vlines(x, ymin, ymax, args...) }

// Text is [Axes.Text] of the current axes.
func Text(x, y float64, text string, args ...any) { Gca().Text(x, y, text, args...) }

// Title is [Axes.Title] of the current axes.
func Title(text string, args ...any) { Gca().Title(text, args...) }

// Xlabel is [Axes.Xlabel] of the current axes.
func Xlabel(text string, args ...any) { Gca().Xlabel(text, args...) }

// Ylabel is [Axes.Ylabel] of the current axes.
func Ylabel(text string, args ...any) { Gca().Ylabel(text, args...) }

// Legend is [Axes.Legend] of the current axes.
func Legend(args ...any) { Gca().Legend(args...) }

// Grid is [Axes.Grid] of the current axes.
func Grid(on ...bool) { Gca().Grid(on...) }

// Axis is [Axes.Axis] of the current axes.
func Axis(mode string) { Gca().Axis(mode) }

// Xlim is [Axes.Xlim] of the current axes.
func Xlim(ends ...float64) { Gca().Xlim(ends...) }

// Ylim is [Axes.Ylim] of the current axes.
func Ylim(ends ...float64) { Gca().Ylim(ends...) }

// Xticks is [Axes.Xticks] of the current axes.
func Xticks(at any, args ...any) { Gca().Xticks(at, args...) }

// Yticks is [Axes.Yticks] of the current axes.
func Yticks(at any, args ...any) { Gca().Yticks(at, args...) }

// Xscale is [Axes.Xscale] of the current axes.
func Xscale(name string) { Gca().Xscale(name) }

// Yscale is [Axes.Yscale] of the current axes.
func Yscale(name string) { Gca().Yscale(name) }

// Colorbar puts the colours of the last image or scatter beside the current axes.
func Colorbar() {
	a := Gca()
	if a.mapped == nil {
		np.Fail("RuntimeError", "No mappable was found to use for colorbar creation. First define a mappable such as an image (with imshow) or a contour set (with contourf).")
	}
	a.bar = true
}

// Heatmap is seaborn's: cells coloured by value, with [Annot] their numbers in the format [Fmt], ".2g" unless given; [Labels] names the
// columns and rows. Without a [Cmap] it is matplotlib's "magma", which looks like seaborn's own "rocket".
func Heatmap(data any, args ...any) {
	a, x, s := Gca(), np.Of(data), styleOf(args)
	if x.NDim() != 2 {
		np.Fail("ValueError", "Must pass 2-d input. shape=%s", x.ShapeString())
	}
	if s.cmap == "" {
		args = append(args, Cmap("magma"))
	}
	a.Imshow(x, append(args, Aspect("auto"))...)
	names := func(n int) ([]float64, []string) {
		var at []float64
		var labels []string
		for i := range n {
			at = append(at, float64(i))
			label := np.Of(i).Text()
			if i < len(s.labels) {
				label = s.labels[i]
			}
			labels = append(labels, label)
		}
		return at, labels
	}
	xs, xl := names(x.Dim(1))
	ys, yl := names(x.Dim(0))
	a.xticks, a.yticks = &ticks{at: xs, labels: xl}, &ticks{at: ys, labels: yl, rotation: 90}
	if s.annot {
		for i, v := range x.Floats() {
			c := Color("w")
			if luminance(a.mapped.at(v)) > 0.408 {
				c = Color("0.15")
			}
			a.textAt(float64(i%x.Dim(1)), float64(i/x.Dim(1)), FormatNumber(v, s.format), true, []any{c})
		}
	}
	a.bar = true
}
