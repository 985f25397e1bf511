package plt

import (
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/gokeras/gokeras/port/np"
)

type point struct{ x, y float64 }

// mark is something drawn in the coordinates of the data.
type mark struct {
	kind   string // "line", "points", "area", "image", "text", "vline", "hline"
	points []point
	colors []color.Color // of points; one for all
	edge   color.Color
	style  style
	image  image.Image
	text   string
	data   *mapped
}

// mapped is what a colour bar shows.
type mapped struct {
	lo, hi float64
	colors colormap
}

// bounds are the limits of data along one axis.
type bounds struct {
	lo, hi  float64
	stickLo bool // no margin there
	stickHi bool
}

func (b *bounds) add(v float64) {
	if v-v != 0 {
		return
	}
	if b.lo > b.hi {
		b.lo, b.hi = v, v
		return
	}
	b.lo, b.hi = min(b.lo, v), max(b.hi, v)
}

// Axes is one pair of axes (matplotlib: Axes). Its methods are pyplot's functions and those with "set_" in matplotlib.
type Axes struct {
	rows, cols, first, last int // place in the grid, from 0; last is in the same grid
	marks                   []mark
	x, y                    bounds
	xlim, ylim              [2]*float64
	inverted                bool // y grows downwards
	equal                   bool
	title, xlabel, ylabel   string
	titleSize, labelSize    float64
	xticks, yticks          *ticks
	xlog, ylog              bool
	grid, off               bool
	legend                  *style
	legendNames             []string
	colors                  int // how many of the cycle are used
	mapped                  *mapped
	bar                     bool    // a colour bar stands beside it
	top                     bool    // the x axis' labels are above
	shared                  []*Axes // those with the same x axis
	twin                    bool    // its y axis stands on the right of the axes whose x axis it shares
}

type ticks struct {
	at       []float64
	labels   []string
	rotation float64
	size     float64
}

func newAxes(rows, cols, first, last int) *Axes {
	return &Axes{rows: rows, cols: cols, first: first, last: last, x: bounds{lo: 1, hi: 0}, y: bounds{lo: 1, hi: 0}}
}

func floats(v any) []float64 { return np.Of(v).Ravel().Floats() }

// next takes a colour of the cycle.
func (a *Axes) next() color.Color {
	a.colors++
	return cycle(a.colors - 1)
}

// Plot draws lines through points: y, or x and y, each with a format string such as "r--" behind it or without; then keyword
// arguments. An array of two axes is a line a column.
func (a *Axes) Plot(args ...any) {
	s := styleOf(args)
	rest := s.rest
	for len(rest) > 0 {
		if _, text := rest[0].(string); text {
			np.Fail("ValueError", "a format string without data")
		}
		one := s
		ys := np.Of(rest[0])
		xs := np.Arange(max(1, ys.Size()))
		if ys.NDim() > 0 {
			xs = np.Arange(ys.Len())
		}
		rest = rest[1:]
		if len(rest) > 0 {
			if _, text := rest[0].(string); !text {
				xs, ys = ys, np.Of(rest[0])
				rest = rest[1:]
			}
		}
		if len(rest) > 0 {
			if text, ok := rest[0].(string); ok {
				one.readFormat(text)
				rest = rest[1:]
			}
		}
		xs, ys = np.Atleast1D(xs), np.Atleast1D(ys)
		if xs.Len() != ys.Len() {
			np.Fail("ValueError", "x and y must have same first dimension, but have shapes %s and %s", xs.ShapeString(), ys.ShapeString())
		}
		columns := 1
		if ys.NDim() == 2 {
			columns = ys.Dim(1)
		}
		for c := range columns {
			x, y := xs, ys
			if ys.NDim() == 2 {
				y = ys.Index(np.All, c)
			}
			if xs.NDim() == 2 {
				x = xs.Index(np.All, min(c, xs.Dim(1)-1))
			}
			a.line(floats(x), floats(y), one)
		}
	}
}

func (a *Axes) line(x, y []float64, s style) {
	if s.color == nil {
		s.color = a.next()
	}
	m := mark{kind: "line", style: s, colors: []color.Color{fade(s.color, s.alpha)}}
	for i := range y {
		m.points = append(m.points, point{x[i], y[i]})
		a.x.add(x[i])
		a.y.add(y[i])
	}
	a.marks = append(a.marks, m)
}

// Semilogx is [Axes.Plot] with a logarithmic x axis.
func (a *Axes) Semilogx(args ...any) {
	a.Xscale("log")
	a.Plot(args...)
}

// Semilogy is [Axes.Plot] with a logarithmic y axis.
func (a *Axes) Semilogy(args ...any) {
	a.Yscale("log")
	a.Plot(args...)
}

// Loglog is [Axes.Plot] with two logarithmic axes.
func (a *Axes) Loglog(args ...any) {
	a.Xscale("log")
	a.Semilogy(args...)
}

// Scatter draws points; [C] colours them by numbers.
func (a *Axes) Scatter(x, y any, args ...any) {
	s := styleOf(args)
	xs, ys := floats(x), floats(y)
	if len(xs) != len(ys) {
		np.Fail("ValueError", "x and y must be the same size")
	}
	if s.marker == "" {
		s.marker = "o"
	}
	m := mark{kind: "points", style: s}
	if s.values != nil {
		v := floats(s.values)
		if len(v) != len(xs) {
			np.Fail("ValueError", "'c' argument has %d elements, which is inconsistent with 'x' and 'y' with size %d.", len(v), len(xs))
		}
		m.data = a.mapping(v, s)
		for _, value := range v {
			m.colors = append(m.colors, fade(m.data.at(value), s.alpha))
		}
		a.mapped = m.data
	} else {
		if s.color == nil {
			s.color = a.next()
		}
		m.colors = []color.Color{fade(s.color, s.alpha)}
	}
	for i := range xs {
		m.points = append(m.points, point{xs[i], ys[i]})
		a.x.add(xs[i])
		a.y.add(ys[i])
	}
	a.marks = append(a.marks, m)
}

func (m *mapped) at(v float64) color.NRGBA {
	if m.hi == m.lo {
		return m.colors(0)
	}
	return m.colors((v - m.lo) / (m.hi - m.lo))
}

func (a *Axes) mapping(values []float64, s style) *mapped {
	b := bounds{lo: 1, hi: 0}
	for _, v := range values {
		b.add(v)
	}
	if s.vmin != nil {
		b.lo = *s.vmin
	}
	if s.vmax != nil {
		b.hi = *s.vmax
	}
	return &mapped{b.lo, b.hi, colormapOf(s.cmap)}
}

// area fills a polygon.
func (a *Axes) area(points []point, s style) {
	m := mark{kind: "area", points: points, style: s, colors: []color.Color{fade(s.color, s.alpha)}, edge: s.edge}
	for _, p := range points {
		a.x.add(p.x)
		a.y.add(p.y)
	}
	a.marks = append(a.marks, m)
}

// places are the positions of bars, numbers or names.
func places(v any) (at []float64, names []string) {
	x := np.Of(v).Ravel()
	if x.DType()[0] != '<' {
		return x.Floats(), nil
	}
	return np.Arange(float64(x.Size())).Floats(), x.Strings()
}

// Bar draws bars of heights at x, numbers or names.
func (a *Axes) Bar(x, height any, args ...any) {
	at, names := places(x)
	if names != nil {
		a.xticks = &ticks{at: at, labels: names}
	}
	a.bars(at, floats(height), styleOf(args), false)
	a.y.stickLo = true
}

// Barh draws bars of widths at y, numbers or names.
func (a *Axes) Barh(y, width any, args ...any) {
	at, names := places(y)
	if names != nil {
		a.yticks = &ticks{at: at, labels: names}
	}
	a.bars(at, floats(width), styleOf(args), true)
	a.x.stickLo = true
}

func (a *Axes) bars(at, sizes []float64, s style, flat bool) {
	if len(sizes) == 1 {
		for len(sizes) < len(at) {
			sizes = append(sizes, sizes[0])
		}
	}
	if len(at) != len(sizes) {
		np.Fail("ValueError", "shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg 0 with shape (%d,) and arg 1 with shape (%d,).", len(at), len(sizes))
	}
	if s.color == nil {
		s.color = a.next()
	}
	for i, v := range at {
		lo, hi := v-s.bar/2, v+s.bar/2
		p := []point{{lo, 0}, {hi, 0}, {hi, sizes[i]}, {lo, sizes[i]}}
		if flat {
			for j := range p {
				p[j].x, p[j].y = p[j].y, p[j].x
			}
		}
		a.area(p, s)
		s.label = ""
	}
}

// Hist draws a histogram of [Bins] bins, 10 unless given, and returns counts and edges.
func (a *Axes) Hist(x any, args ...any) (counts, edges *np.Array) {
	s := styleOf(args)
	var bins any = s.bins
	for _, r := range s.rest {
		bins = r
	}
	counts, edges = np.Histogram(x, bins)
	heights := counts
	if s.density {
		heights = np.Divide(np.Divide(counts, np.Diff(edges)), np.Sum(counts))
	}
	counts = heights
	if s.color == nil {
		s.color = a.next()
	}
	e := edges.Floats()
	for i, h := range heights.Floats() {
		a.area([]point{{e[i], 0}, {e[i+1], 0}, {e[i+1], h}, {e[i], h}}, s)
		s.label = ""
	}
	a.y.stickLo = true
	return counts, edges
}

// Imshow draws an image: (height, width) through a colour map, or (height, width, 3 or 4) of bytes or of floats in 0 … 1.
func (a *Axes) Imshow(picture any, args ...any) {
	x, s := np.Of(picture), styleOf(args)
	if x.NDim() == 3 && x.Dim(2) == 1 {
		x = x.Squeeze(2)
	}
	if x.NDim() != 2 && (x.NDim() != 3 || x.Dim(2) != 3 && x.Dim(2) != 4) {
		np.Fail("TypeError", "Invalid shape %s for image data", x.ShapeString())
	}
	if x.Size() == 0 {
		np.Fail("ValueError", "zero-size array to reduction operation minimum which has no identity")
	}
	h, w := x.Dim(0), x.Dim(1)
	values := x.Floats()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	if x.NDim() == 2 {
		m := a.mapping(values, s)
		a.mapped = m
		for i, v := range values {
			img.SetNRGBA(i%w, i/w, m.at(v))
		}
	} else {
		scale := 1.0
		if t := x.DType(); t == np.Float16 || t == np.Float32 || t == np.Float64 {
			scale = 255
		}
		n := x.Dim(2)
		for i := range w * h {
			c := [4]uint8{3: 255}
			for j := range n {
				c[j] = uint8(min(max(values[i*n+j]*scale, 0), 255))
			}
			img.SetNRGBA(i%w, i/w, color.NRGBA{c[0], c[1], c[2], c[3]})
		}
	}
	corners := []point{{-0.5, float64(h) - 0.5}, {float64(w) - 0.5, -0.5}}
	for _, p := range corners {
		a.x.add(p.x)
		a.y.add(p.y)
	}
	a.x.stickLo, a.x.stickHi, a.y.stickLo, a.y.stickHi = true, true, true, true
	a.inverted, a.equal = true, s.aspect != "auto"
	a.marks = append(a.marks, mark{kind: "image", points: corners, image: img, style: s})
}

// Matshow is Imshow with the column numbers above.
func (a *Axes) Matshow(picture any, args ...any) {
	a.Imshow(picture, args...)
	a.top = true
}

// FillBetween fills what lies between two curves; y2 is numbers or one number.
func (a *Axes) FillBetween(x, y1, y2 any, args ...any) {
	s := styleOf(args)
	if s.color == nil {
		s.color = a.next()
	}
	xs := floats(x)
	upper, lower := floats(np.BroadcastTo(y1, len(xs))), floats(np.BroadcastTo(y2, len(xs)))
	var p []point
	for i := range xs {
		p = append(p, point{xs[i], upper[i]})
	}
	for i := len(xs) - 1; i >= 0; i-- {
		p = append(p, point{xs[i], lower[i]})
	}
	a.area(p, s)
}

// Axhline draws a line across at y.
func (a *Axes) Axhline(y float64, args ...any) { a.across("hline", y, &a.y, args) }

// Axvline draws a line from the bottom to the top at x.
func (a *Axes) Axvline(x float64, args ...any) { a.across("vline", x, &a.x, args) }

func (a *Axes) across(kind string, v float64, b *bounds, args []any) {
	s := styleOf(args)
	for _, r := range s.rest {
		if text, ok := r.(string); ok {
			s.readFormat(text)
		}
	}
	if s.color == nil {
		s.color = cycle(0)
	}
	b.add(v)
	a.marks = append(a.marks, mark{kind: kind, points: []point{{v, v}}, style: s, colors: []color.Color{fade(s.color, s.alpha)}})
}

// Hlines draws lines at each y from xmin to xmax.
func (a *Axes) Hlines(y any, xmin, xmax float64, args ...any) {
	s := styleOf(args)
	if s.color == nil {
		s.color = cycle(0)
	}
	for _, v := range floats(y) {
		a.line([]float64{xmin, xmax}, []float64{v, v}, s)
	}
}

// Vlines draws lines at each x from ymin to ymax.
func (a *Axes) Vlines(x any, ymin, ymax float64, args ...any) {
	s := styleOf(args)
	if s.color == nil {
		s.color = cycle(0)
	}
	for _, v := range floats(x) {
		a.line([]float64{v, v}, []float64{ymin, ymax}, s)
	}
}

// Text writes text whose lower left corner is at (x, y) in the data's coordinates.
func (a *Axes) Text(x, y float64, text string, args ...any) { a.textAt(x, y, text, false, args) }

func (a *Axes) textAt(x, y float64, text string, centered bool, args []any) {
	s := styleOf(args)
	if s.color == nil {
		s.color = color.Black
	}
	m := mark{kind: "text", points: []point{{x, y}}, text: text, style: s, colors: []color.Color{s.color}}
	if centered {
		m.kind = "centered"
	}
	a.marks = append(a.marks, m)
}

// Title sets what stands above.
func (a *Axes) Title(text string, args ...any) { a.title, a.titleSize = text, styleOf(args).font }

// Xlabel sets what stands below.
func (a *Axes) Xlabel(text string, args ...any) { a.xlabel, a.labelSize = text, styleOf(args).font }

// Ylabel sets what stands on the left.
func (a *Axes) Ylabel(text string, args ...any) { a.ylabel, a.labelSize = text, styleOf(args).font }

// Legend shows the labels; names given here are those of the marks in turn.
func (a *Axes) Legend(args ...any) {
	s := styleOf(args)
	a.legend = &s
	for _, r := range s.rest {
		if names, ok := r.([]string); ok {
			a.legendNames = names
		}
	}
	if s.labels != nil {
		a.legendNames = s.labels
	}
}

// Grid shows or hides the grid: shown without an argument.
func (a *Axes) Grid(on ...bool) { a.grid = len(on) == 0 || on[0] }

// Axis is "off" or "on", or "equal", "tight" or "auto".
func (a *Axes) Axis(mode string) {
	switch mode {
	case "off", "on":
		a.off = mode == "off"
	case "equal", "image", "square", "scaled":
		a.equal = true
	case "tight":
		a.x.stickLo, a.x.stickHi, a.y.stickLo, a.y.stickHi = true, true, true, true
	case "auto":
		a.equal = false
	default:
		np.Fail("ValueError", "Unrecognized string '%s' to axis; try 'on' or 'off'", mode)
	}
}

// Xlim sets the ends of the x axis; one alone is the left one.
func (a *Axes) Xlim(ends ...float64) { limit(&a.xlim, ends) }

// Ylim sets the ends of the y axis; one alone is the lower one.
func (a *Axes) Ylim(ends ...float64) { limit(&a.ylim, ends) }

func limit(to *[2]*float64, ends []float64) {
	for i, v := range ends[:min(len(ends), 2)] {
		if v-v != 0 {
			np.Fail("ValueError", "Axis limits cannot be NaN or Inf")
		}
		to[i] = &v
	}
}

// Xticks sets where ticks are, and with [Labels] what they say; [Rotation] turns the labels. An empty slice hides them.
func (a *Axes) Xticks(at any, args ...any) { a.xticks = ticksOf(at, args) }

// Yticks is Xticks of the y axis.
func (a *Axes) Yticks(at any, args ...any) { a.yticks = ticksOf(at, args) }

func ticksOf(at any, args []any) *ticks {
	s := styleOf(args)
	t := &ticks{rotation: s.rotation, size: s.font, labels: s.labels}
	if at != nil {
		t.at = append([]float64{}, floats(at)...)
	}
	if t.labels != nil && len(t.labels) != len(t.at) {
		np.Fail("ValueError", "The number of FixedLocator locations (%d), usually from a call to set_ticks, does not match the number of labels (%d).", len(t.at), len(t.labels))
	}
	return t
}

// Xscale is "linear" or "log".
func (a *Axes) Xscale(name string) { a.xlog = name == "log" }

// Yscale is "linear" or "log".
func (a *Axes) Yscale(name string) { a.ylog = name == "log" }

// GetXlim returns the ends of the x axis.
func (a *Axes) GetXlim() (left, right float64) {
	x, ends := a.x, a.xlim
	for _, b := range a.shared {
		if b.x.lo <= b.x.hi {
			x.add(b.x.lo)
			x.add(b.x.hi)
		}
		x.stickLo, x.stickHi = x.stickLo || b.x.stickLo, x.stickHi || b.x.stickHi
		for i, end := range b.xlim {
			if ends[i] == nil {
				ends[i] = end
			}
		}
	}
	return x.limits(ends, a.xlog)
}

// Twinx returns axes in the same place with the same x axis, and a y axis of their own on the right. They become the current ones.
func (a *Axes) Twinx() *Axes {
	b := newAxes(a.rows, a.cols, a.first, a.last)
	b.twin, b.xlog, b.xticks = true, a.xlog, a.xticks
	b.shared = append([]*Axes{a}, a.shared...)
	for _, other := range b.shared {
		other.shared = append(other.shared, b)
	}
	for _, f := range open {
		if slices.Contains(f.axes, a) {
			f.axes = append(f.axes, b)
			f.current = b
		}
	}
	return b
}

// GetYlim returns the ends of the y axis, the lower one first, which is the larger one where the axis is inverted.
func (a *Axes) GetYlim() (bottom, top float64) {
	lo, hi := a.y.limits(a.ylim, a.ylog)
	if a.inverted && a.ylim[0] == nil {
		return hi, lo
	}
	return lo, hi
}

// limits widens the data's by a twentieth, as matplotlib does.
func (b bounds) limits(fixed [2]*float64, log bool) (lo, hi float64) {
	lo, hi = b.lo, b.hi
	if lo > hi {
		lo, hi = 0, 1
		b.stickLo, b.stickHi = true, true
		if log {
			lo, hi = 1, 10
		}
	}
	if log {
		if lo <= 0 {
			lo = hi / 1e3
			if hi <= 0 {
				lo, hi = 0.1, 1
			}
		}
		margin := math.Pow(hi/lo, 0.05)
		lo, hi = lo/margin, hi*margin
	} else {
		if size := max(math.Abs(lo), math.Abs(hi)); hi-lo <= size*1e-15*1e3 {
			if size == 0 {
				lo, hi = -0.05, 0.05
			} else {
				lo, hi = lo-0.05*math.Abs(lo), hi+0.05*math.Abs(hi)
			}
		}
		margin := hi*0.05 - lo*0.05
		if !b.stickLo || lo < 0 && !b.stickHi {
			lo -= margin
		}
		if !b.stickHi {
			hi += margin
		}
	}
	if fixed[0] != nil {
		lo = *fixed[0]
	}
	if fixed[1] != nil {
		hi = *fixed[1]
	}
	return lo, hi
}
