package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// matplotlib's first two colours, and those of its grid and legend.
var (
	firstColor  = color.NRGBA{0x1f, 0x77, 0xb4, 0xff}
	secondColor = color.NRGBA{0xff, 0x7f, 0x0e, 0xff}
	gridColor   = color.NRGBA{0xb0, 0xb0, 0xb0, 0xff}
	legendEdge  = color.NRGBA{0xcc, 0xcc, 0xcc, 0xff}
	legendFill  = color.NRGBA{0xff, 0xff, 0xff, 0xcc}
)

var sans = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 10}

// series is a line of a pane: its values by epoch.
type series struct {
	label  string
	values []float64
	color  color.Color
}

// pane is one pair of axes.
type pane struct {
	name   string // of the metric
	first  int    // number of the first epoch
	series []series
}

// at is the place of the i-th value on the horizontal axis.
func (p pane) at(i int) float64 { return float64(p.first + i) }

// draw draws the pane with matplotlib's look: a frame, a grid, ticks outside.
func (p pane) draw(c draw.Canvas) {
	axes := plot.New()
	axes.BackgroundColor = nil
	axes.X.Min, axes.X.Max, axes.Y.Min, axes.Y.Max = p.limits()
	axes.X.Tick.Marker = ticker{whole: true}
	axes.Y.Tick.Marker = ticker{}
	axes.X.Label.Text, axes.Y.Label.Text = "epoch", p.name
	for _, a := range []*plot.Axis{&axes.X, &axes.Y} {
		a.Label.TextStyle.Font = sans
		a.Padding = 0
		a.LineStyle.Width = 0 // the frame is there
		a.Tick.Length = vg.Points(3.5)
		a.Tick.LineStyle.Width = vg.Points(0.8)
		a.Tick.Label.Font = sans
	}
	axes.Add(p)
	axes.Draw(c)
	frame := axes.DataCanvas(c)
	p.frame(frame)
	p.legend(frame, axes)
}

// limits are the ends of the axes: the data with a margin of a twentieth.
func (p pane) limits() (xmin, xmax, ymin, ymax float64) {
	ymin, ymax = math.Inf(1), math.Inf(-1)
	xmax = p.at(0)
	for _, s := range p.series {
		xmax = max(xmax, p.at(len(s.values)-1))
		for _, v := range s.values {
			if isFinite(v) {
				ymin, ymax = min(ymin, v), max(ymax, v)
			}
		}
	}
	if ymin > ymax { // nothing finite
		ymin, ymax = 0, 1
	}
	xmin, xmax = widen(p.at(0), xmax)
	ymin, ymax = widen(ymin, ymax)
	return xmin, xmax, ymin, ymax
}

func widen(low, high float64) (float64, float64) {
	margin := high/20 - low/20 // high-low may overflow
	if margin <= math.Abs(low)*1e-9 {
		margin = math.Abs(low) / 20
	}
	if margin == 0 {
		margin = 0.05
	}
	return max(low-margin, -math.MaxFloat64/4), min(high+margin, math.MaxFloat64/4)
}

// Plot implements [plot.Plotter]: the grid below the lines.
func (p pane) Plot(c draw.Canvas, axes *plot.Plot) {
	x, y := axes.Transforms(&c)
	grid := draw.LineStyle{Color: gridColor, Width: vg.Points(0.8)}
	for _, t := range axes.X.Tick.Marker.Ticks(axes.X.Min, axes.X.Max) {
		c.StrokeLine2(grid, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
	}
	for _, t := range axes.Y.Tick.Marker.Ticks(axes.Y.Min, axes.Y.Max) {
		c.StrokeLine2(grid, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
	}
	for _, s := range p.series {
		line := draw.LineStyle{Color: s.color, Width: vg.Points(1.5)}
		for _, run := range runs(s.values) {
			points := make([]vg.Point, 0, len(run.values))
			for i, v := range run.values {
				points = append(points, vg.Point{X: x(p.at(run.start + i)), Y: y(v)})
			}
			if len(points) == 1 { // a line of one point would not be seen
				c.DrawGlyph(draw.GlyphStyle{Color: s.color, Radius: vg.Points(3), Shape: draw.CircleGlyph{}}, points[0])
				continue
			}
			c.StrokeLines(line, points)
		}
	}
}

// run are finite values that follow each other.
type run struct {
	start  int
	values []float64
}

// runs cuts values at those that aren't finite.
func runs(values []float64) []run {
	var list []run
	for i, v := range values {
		switch {
		case !isFinite(v):
		case i > 0 && isFinite(values[i-1]):
			last := &list[len(list)-1]
			last.values = append(last.values, v)
		default:
			list = append(list, run{i, []float64{v}})
		}
	}
	return list
}

func (p pane) frame(c draw.Canvas) {
	c.StrokeLines(draw.LineStyle{Color: color.Black, Width: vg.Points(0.8)},
		[]vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}, c.Min})
}

// legend draws a box with the lines' names into the corner that hides least of them.
func (p pane) legend(c draw.Canvas, axes *plot.Plot) {
	const (
		lineHeight, thumb, gap = 15, 20, 8
		pad, inset             = 4, 5 // inside and outside the box
	)
	style := draw.TextStyle{Color: color.Black, Font: sans, Handler: plot.DefaultTextHandler}
	var text vg.Length
	for _, s := range p.series {
		text = max(text, style.Width(s.label))
	}
	width := text + vg.Points(thumb+gap+2*pad+2) // letters of a bitmap take a little more
	height := vg.Points(lineHeight*float64(len(p.series)) + 2*pad)
	box := p.emptiest(c, axes, width, height, vg.Points(inset))

	outline := []vg.Point{box.Min, {X: box.Max.X, Y: box.Min.Y}, box.Max, {X: box.Min.X, Y: box.Max.Y}}
	c.FillPolygon(legendFill, outline)
	c.StrokeLines(draw.LineStyle{Color: legendEdge, Width: vg.Points(1)}, append(outline, box.Min))
	style.YAlign = draw.YCenter
	for i, s := range p.series {
		y := box.Max.Y - vg.Points(pad+lineHeight*(float64(i)+0.5))
		x := box.Min.X + vg.Points(pad)
		c.StrokeLine2(draw.LineStyle{Color: s.color, Width: vg.Points(1.5)}, x, y, x+vg.Points(thumb), y)
		c.FillText(style, vg.Point{X: x + vg.Points(thumb+gap), Y: y}, s.label)
	}
}

// emptiest finds the corner whose box covers the shortest part of the lines, the upper right one if several do.
func (p pane) emptiest(c draw.Canvas, axes *plot.Plot, width, height, inset vg.Length) vg.Rectangle {
	x, y := axes.Transforms(&c)
	var best vg.Rectangle
	fewest := math.MaxInt
	for corner := range 4 {
		at := vg.Point{X: c.Max.X - inset - width, Y: c.Max.Y - inset - height}
		if corner%2 == 1 {
			at.X = c.Min.X + inset
		}
		if corner/2 == 1 {
			at.Y = c.Min.Y + inset
		}
		box := vg.Rectangle{Min: at, Max: vg.Point{X: at.X + width, Y: at.Y + height}}
		covered := 0
		for _, s := range p.series {
			for i, v := range s.values {
				if !isFinite(v) {
					continue
				}
				const parts = 16 // of the way to the next value
				for k := range parts {
					e, u := p.at(i), v
					if i+1 < len(s.values) && isFinite(s.values[i+1]) {
						f := float64(k) / parts
						e, u = e+f, v*(1-f)+s.values[i+1]*f
					}
					if pt := (vg.Point{X: x(e), Y: y(u)}); pt.X >= box.Min.X && pt.X <= box.Max.X && pt.Y >= box.Min.Y && pt.Y <= box.Max.Y {
						covered++
					}
				}
			}
		}
		if covered < fewest {
			best, fewest = box, covered
		}
	}
	return best
}
