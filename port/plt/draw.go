package plt

import (
	"image"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/gokeras/gokeras/internal/canvas"
)

var sans = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 10}

func textStyle(size float64) draw.TextStyle {
	f := sans
	if size > 0 {
		f.Size = vg.Points(size)
	}
	return draw.TextStyle{Color: color.Black, Font: f, Handler: plot.DefaultTextHandler}
}

// box is a rectangle in points, y upwards.
type box struct{ x0, y0, x1, y1 float64 }

func (f *Fig) draw(picture canvas.Canvas) {
	c := draw.New(picture)
	for _, a := range f.axes {
		a.draw(c, f.place(a))
	}
	if f.title != "" {
		s := textStyle(or(f.titleSize, 12))
		s.XAlign, s.YAlign = draw.XCenter, draw.YTop
		c.FillText(s, vg.Point{X: vg.Points(f.width * 36), Y: vg.Points(f.height * 72 * 0.98)}, f.title)
	}
}

func or(v, other float64) float64 {
	if v == 0 {
		return other
	}
	return v
}

// place finds where axes are: in matplotlib's margins, or tightly around their labels.
func (f *Fig) place(a *Axes) box {
	w, h := f.width*72, f.height*72
	row, col := float64(a.first/a.cols), float64(a.first%a.cols)
	if f.tight {
		top := h
		if f.title != "" {
			top = h * 0.95
		}
		left, right, below, above := 0.0, 0.0, 0.0, 0.0
		for _, b := range f.axes {
			l, r, d, u := b.around()
			left, right, below, above = max(left, l), max(right, r), max(below, d), max(above, u)
		}
		const pad = 5
		cw, ch := w/float64(a.cols), top/float64(a.rows)
		out := box{col*cw + left + pad, top - (row+1)*ch + below + pad, (col+1)*cw - right - pad, top - row*ch - above - pad}
		if out.x1 > out.x0+5 && out.y1 > out.y0+5 {
			return out
		}
	}
	const left, right, bottom, top, space = 0.125, 0.9, 0.11, 0.88, 0.2
	cw := (right - left) / (float64(a.cols) + space*float64(a.cols-1))
	ch := (top - bottom) / (float64(a.rows) + space*float64(a.rows-1))
	x0, y1 := left+col*cw*(1+space), top-row*ch*(1+space)
	return box{x0 * w, (y1 - ch) * h, (x0 + cw) * w, y1 * h}
}

// around measures the room that labels need on the left, right, below and above.
func (a *Axes) around() (left, right, below, above float64) {
	if a.title != "" {
		above += or(a.titleSize, 12) + 8
	}
	if a.off {
		return 2, 2, 2, above
	}
	s := textStyle(0)
	for _, text := range a.yTicks(200).labels {
		left = max(left, s.Width(text).Points())
	}
	left += 9
	if a.twin {
		if a.ylabel != "" {
			left += or(a.labelSize, 10) + 5
		}
		return 0, left, 0, above
	}
	below = 22
	if t := a.xticks; t != nil && t.rotation != 0 {
		for _, text := range t.labels {
			below = max(below, 10+s.Width(text).Points()*math.Abs(math.Sin(t.rotation*math.Pi/180)))
		}
	}
	if a.ylabel != "" {
		left += or(a.labelSize, 10) + 5
	}
	if a.xlabel != "" {
		below += or(a.labelSize, 10) + 5
	}
	if a.bar {
		right += 15
	}
	return left, right + 4, below, above + 2
}

type axisTicks struct {
	at     []float64
	labels []string
	power  string
}

func (t *ticks) or(lo, hi float64, bins int, log bool) axisTicks {
	if t != nil && t.at != nil {
		out := axisTicks{at: t.at, labels: t.labels}
		if out.labels == nil {
			out.labels, out.power = labelsOf(t.at)
		}
		return out
	}
	if log {
		var out axisTicks
		for e := math.Ceil(math.Log10(min(lo, hi)) - 1e-9); e <= math.Log10(max(lo, hi))+1e-9 && len(out.at) < 40; e++ {
			out.at = append(out.at, math.Pow(10, e))
			out.labels = append(out.labels, "1e"+FormatNumber(e+0, "d"))
		}
		return out
	}
	at := locate(lo, hi, bins)
	labels, power := labelsOf(at)
	return axisTicks{at, labels, power}
}

// xTicks and yTicks choose ticks for an axis of a length in points, with room for labels of 10 points.
func (a *Axes) xTicks(length float64) axisTicks {
	lo, hi := a.GetXlim()
	return a.xticks.or(lo, hi, min(max(int(length/30), 1), 9), a.xlog)
}

func (a *Axes) yTicks(length float64) axisTicks {
	lo, hi := a.GetYlim()
	return a.yticks.or(lo, hi, min(max(int(length/20), 1), 9), a.ylog)
}

// view maps data to points.
type view struct {
	box
	xlo, xhi, ylo, yhi float64
	xlog, ylog         bool
}

func scaled(v, lo, hi float64, log bool) float64 {
	if log {
		return math.Log(v/lo) / math.Log(hi/lo)
	}
	return (v - lo) / (hi - lo)
}

func (v view) at(p point) vg.Point {
	x := v.x0 + scaled(p.x, v.xlo, v.xhi, v.xlog)*(v.x1-v.x0)
	y := v.y0 + scaled(p.y, v.ylo, v.yhi, v.ylog)*(v.y1-v.y0)
	bound := func(f float64) vg.Length { return vg.Points(min(max(f, -1e6), 1e6)) }
	return vg.Point{X: bound(x), Y: bound(y)}
}

func (a *Axes) draw(c draw.Canvas, b box) {
	full := b
	if a.bar {
		b.x1 -= 0.2 * (full.x1 - full.x0)
	}
	xlo, xhi := a.GetXlim()
	ylo, yhi := a.GetYlim()
	if a.equal && xhi != xlo && yhi != ylo {
		// The box shrinks until a unit is as long in both directions.
		unit := min((b.x1-b.x0)/math.Abs(xhi-xlo), (b.y1-b.y0)/math.Abs(yhi-ylo))
		w, h := unit*math.Abs(xhi-xlo), unit*math.Abs(yhi-ylo)
		cx, cy := (b.x0+b.x1)/2, (b.y0+b.y1)/2
		b = box{cx - w/2, cy - h/2, cx + w/2, cy + h/2}
	}
	v := view{b, xlo, xhi, ylo, yhi, a.xlog, a.ylog}
	inside := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: vg.Points(b.x0), Y: vg.Points(b.y0)}, Max: vg.Point{X: vg.Points(b.x1), Y: vg.Points(b.y1)}}}
	xt, yt := a.xTicks(b.x1-b.x0), a.yTicks(b.y1-b.y0)
	for _, m := range a.marks {
		if m.kind == "image" {
			m.draw(inside, v)
		}
	}
	if a.grid && !a.off {
		style := draw.LineStyle{Color: color.NRGBA{0xb0, 0xb0, 0xb0, 0xff}, Width: vg.Points(0.8)}
		for _, t := range xt.at {
			if p := v.at(point{t, ylo}); inside.ContainsX(p.X) {
				c.StrokeLine2(style, p.X, inside.Min.Y, p.X, inside.Max.Y)
			}
		}
		for _, t := range yt.at {
			if p := v.at(point{xlo, t}); inside.ContainsY(p.Y) {
				c.StrokeLine2(style, inside.Min.X, p.Y, inside.Max.X, p.Y)
			}
		}
	}
	for _, kinds := range []string{"area", "points", "line hline vline", "text centered"} {
		for _, m := range a.marks {
			if strings.Contains(kinds, m.kind) {
				m.draw(inside, v)
			}
		}
	}
	if !a.off {
		a.frame(c, v, inside, xt, yt)
	}
	if a.title != "" {
		s := textStyle(or(a.titleSize, 12))
		s.XAlign, s.YAlign = draw.XCenter, draw.YBottom
		y := b.y1 + 6
		if a.top {
			y += 14
		}
		lines := strings.Split(a.title, "\n")
		for i, line := range lines {
			c.FillText(s, vg.Point{X: vg.Points((b.x0 + b.x1) / 2), Y: vg.Points(y + float64(len(lines)-1-i)*or(a.titleSize, 12)*1.2)}, line)
		}
	}
	if a.legend != nil {
		a.drawLegend(inside, v)
	}
	if a.bar && a.mapped != nil {
		a.drawBar(c, b, full)
	}
}

// frame draws the frame, ticks and labels.
func (a *Axes) frame(c draw.Canvas, v view, inside draw.Canvas, xt, yt axisTicks) {
	thin := draw.LineStyle{Color: color.Black, Width: vg.Points(0.8)}
	r := inside.Rectangle
	if a.twin {
		a.rightAxis(c, v, inside, yt)
		return
	}
	c.StrokeLines(thin, []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}, r.Min})
	s := textStyle(0)
	tick := vg.Points(3.5)
	deep := vg.Length(0)
	if a.xticks != nil && a.xticks.size > 0 {
		s = textStyle(a.xticks.size)
	}
	for i, t := range xt.at {
		p := v.at(point{t, v.ylo})
		if !inside.ContainsX(p.X) {
			continue
		}
		label := s
		label.XAlign, label.YAlign = draw.XCenter, draw.YTop
		edge, out := r.Min.Y, -tick
		if a.top {
			edge, out, label.YAlign = r.Max.Y, tick, draw.YBottom
		}
		c.StrokeLine2(thin, p.X, edge, p.X, edge+out)
		if a.xticks != nil && a.xticks.rotation != 0 {
			label.Rotation = a.xticks.rotation * math.Pi / 180
			label.XAlign, label.YAlign = draw.XRight, draw.YCenter
			if a.xticks.rotation < 0 {
				label.XAlign = draw.XLeft
			}
			deep = max(deep, s.Width(xt.labels[i])*vg.Length(math.Abs(math.Sin(label.Rotation))))
		}
		c.FillText(label, vg.Point{X: p.X, Y: edge + 2*out}, xt.labels[i])
	}
	s = textStyle(0)
	wide := vg.Length(0)
	for i, t := range yt.at {
		p := v.at(point{v.xlo, t})
		if !inside.ContainsY(p.Y) {
			continue
		}
		c.StrokeLine2(thin, r.Min.X, p.Y, r.Min.X-tick, p.Y)
		label := s
		label.XAlign, label.YAlign = draw.XRight, draw.YCenter
		if a.yticks != nil && a.yticks.rotation == 90 {
			label.Rotation = math.Pi / 2
			label.XAlign, label.YAlign = draw.XCenter, draw.YBottom
			wide = max(wide, vg.Points(10))
		} else {
			wide = max(wide, s.Width(yt.labels[i]))
		}
		c.FillText(label, vg.Point{X: r.Min.X - 2*tick, Y: p.Y}, yt.labels[i])
	}
	if yt.power != "" {
		p := s
		p.YAlign = draw.YBottom
		c.FillText(p, vg.Point{X: r.Min.X, Y: r.Max.Y + vg.Points(2)}, yt.power)
	}
	if xt.power != "" {
		p := s
		p.XAlign, p.YAlign = draw.XRight, draw.YTop
		c.FillText(p, vg.Point{X: r.Max.X, Y: r.Min.Y - vg.Points(20)}, xt.power)
	}
	s = textStyle(or(a.labelSize, 10))
	if a.xlabel != "" {
		s.XAlign, s.YAlign = draw.XCenter, draw.YTop
		c.FillText(s, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: r.Min.Y - 2*tick - max(vg.Points(13), deep+vg.Points(4))}, a.xlabel)
	}
	if a.ylabel != "" {
		s.Rotation = math.Pi / 2
		s.XAlign, s.YAlign = draw.XCenter, draw.YBottom
		c.FillText(s, vg.Point{X: r.Min.X - 2*tick - wide - vg.Points(4), Y: (r.Min.Y + r.Max.Y) / 2}, a.ylabel)
	}
}

// rightAxis draws ticks and labels on the right.
func (a *Axes) rightAxis(c draw.Canvas, v view, inside draw.Canvas, yt axisTicks) {
	thin := draw.LineStyle{Color: color.Black, Width: vg.Points(0.8)}
	r := inside.Rectangle
	tick, wide := vg.Points(3.5), vg.Length(0)
	s := textStyle(0)
	s.YAlign = draw.YCenter
	for i, t := range yt.at {
		p := v.at(point{v.xlo, t})
		if !inside.ContainsY(p.Y) {
			continue
		}
		c.StrokeLine2(thin, r.Max.X, p.Y, r.Max.X+tick, p.Y)
		wide = max(wide, s.Width(yt.labels[i]))
		c.FillText(s, vg.Point{X: r.Max.X + 2*tick, Y: p.Y}, yt.labels[i])
	}
	if yt.power != "" {
		p := textStyle(0)
		p.XAlign, p.YAlign = draw.XRight, draw.YBottom
		c.FillText(p, vg.Point{X: r.Max.X, Y: r.Max.Y + vg.Points(2)}, yt.power)
	}
	if a.ylabel != "" {
		s := textStyle(or(a.labelSize, 10))
		s.Rotation = math.Pi / 2
		s.XAlign, s.YAlign = draw.XCenter, draw.YTop
		c.FillText(s, vg.Point{X: r.Max.X + 2*tick + wide + vg.Points(4), Y: (r.Min.Y + r.Max.Y) / 2}, a.ylabel)
	}
}

func lineStyle(s style, c color.Color) draw.LineStyle {
	out := draw.LineStyle{Color: c, Width: vg.Points(s.width)}
	unit := func(parts ...float64) []vg.Length {
		var d []vg.Length
		for _, p := range parts {
			d = append(d, vg.Points(p*s.width))
		}
		return d
	}
	switch s.line {
	case "--", "dashed":
		out.Dashes = unit(3.7, 1.6)
	case ":", "dotted":
		out.Dashes = unit(1, 1.65)
	case "-.", "dashdot":
		out.Dashes = unit(6.4, 1.6, 1, 1.6)
	}
	return out
}

func visible(line string) bool { return line != "" && line != " " && line != "None" && line != "none" }

func (m mark) draw(c draw.Canvas, v view) {
	color := func(i int) color.Color { return m.colors[min(i, len(m.colors)-1)] }
	switch m.kind {
	case "image":
		// Enlarged here, so that pixels have sharp edges.
		b := m.image.Bounds()
		p, q := v.at(m.points[0]), v.at(m.points[1])
		rect := vg.Rectangle{Min: vg.Point{X: min(p.X, q.X), Y: min(p.Y, q.Y)}, Max: vg.Point{X: max(p.X, q.X), Y: max(p.Y, q.Y)}}
		k := max(1, min(64, int(math.Ceil(800/float64(max(b.Dx(), b.Dy()))))))
		big := image.NewNRGBA(image.Rect(0, 0, b.Dx()*k, b.Dy()*k))
		for y := range b.Dy() * k {
			for x := range b.Dx() * k {
				big.Set(x, y, m.image.At(x/k, y/k))
			}
		}
		c.DrawImage(rect, big)
	case "area":
		var outline []vg.Point
		for _, p := range m.points {
			if p.x-p.x != 0 || p.y-p.y != 0 {
				return
			}
			outline = append(outline, v.at(p))
		}
		outline = c.ClipPolygonXY(outline)
		c.FillPolygon(color(0), outline)
		if m.edge != nil && len(outline) > 0 {
			c.StrokeLines(draw.LineStyle{Color: m.edge, Width: vg.Points(1)}, c.ClipLinesXY(append(outline, outline[0]))...)
		}
	case "points":
		for i, p := range m.points {
			m.glyph(c, v, p, color(i), math.Sqrt(m.style.size)/2)
		}
	case "line":
		if visible(m.style.line) {
			var run []vg.Point
			flush := func() {
				c.StrokeLines(lineStyle(m.style, color(0)), c.ClipLinesXY(run)...)
				run = nil
			}
			for _, p := range m.points {
				if p.x-p.x != 0 || p.y-p.y != 0 || v.xlog && p.x <= 0 || v.ylog && p.y <= 0 {
					flush()
					continue
				}
				run = append(run, v.at(p))
			}
			flush()
		}
		if m.style.marker != "" {
			for _, p := range m.points {
				m.glyph(c, v, p, color(0), 3)
			}
		}
	case "hline":
		p := v.at(point{v.xlo, m.points[0].y})
		if c.ContainsY(p.Y) {
			c.StrokeLine2(lineStyle(m.style, color(0)), c.Min.X, p.Y, c.Max.X, p.Y)
		}
	case "vline":
		p := v.at(point{m.points[0].x, v.ylo})
		if c.ContainsX(p.X) {
			c.StrokeLine2(lineStyle(m.style, color(0)), p.X, c.Min.Y, p.X, c.Max.Y)
		}
	case "text", "centered":
		s := textStyle(m.style.font)
		s.Color = color(0)
		if m.kind == "centered" {
			s.XAlign, s.YAlign = draw.XCenter, draw.YCenter
		}
		c.FillText(s, v.at(m.points[0]), m.text)
	}
}

func (m mark) glyph(c draw.Canvas, v view, p point, col color.Color, radius float64) {
	if p.x-p.x != 0 || p.y-p.y != 0 {
		return
	}
	at := v.at(p)
	g := draw.GlyphStyle{Color: col, Radius: vg.Points(radius), Shape: draw.CircleGlyph{}}
	switch m.style.marker {
	case ".", ",":
		g.Radius /= 2
	case "s":
		g.Shape = draw.BoxGlyph{}
	case "^", "v", "<", ">":
		g.Shape = draw.PyramidGlyph{}
	case "x", "X":
		g.Shape = draw.CrossGlyph{}
	case "+":
		g.Shape = draw.PlusGlyph{}
	case "d", "D":
		r := g.Radius
		if c.Contains(at) {
			c.FillPolygon(col, []vg.Point{{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}})
		}
		return
	case "*":
		var star []vg.Point
		for i := range 10 {
			r := float64(g.Radius)
			if i%2 == 1 {
				r *= 0.382
			}
			angle := math.Pi/2 + float64(i)*math.Pi/5
			star = append(star, vg.Point{X: at.X + vg.Length(r*math.Cos(angle)), Y: at.Y + vg.Length(r*math.Sin(angle))})
		}
		if c.Contains(at) {
			c.FillPolygon(col, star)
		}
		return
	}
	c.DrawGlyph(g, at)
}

// drawLegend draws a box with the labels, where it hides least unless a place is named.
func (a *Axes) drawLegend(c draw.Canvas, v view) {
	var entries []mark
	given := 0
	for _, m := range a.marks {
		if m.kind == "image" || m.kind == "text" || m.kind == "centered" {
			continue
		}
		if a.legendNames != nil {
			if given >= len(a.legendNames) {
				break
			}
			m.style.label = a.legendNames[given]
			given++
		}
		if m.style.label != "" {
			entries = append(entries, m)
		}
	}
	if len(entries) == 0 {
		return
	}
	s := textStyle(a.legend.font)
	size := float64(s.Font.Size)
	text := vg.Length(0)
	for _, m := range entries {
		text = max(text, s.Width(m.style.label))
	}
	pad, row, thumb := 0.4*size, 1.5*size, 2*size
	w, h := float64(text)+thumb+0.8*size+2*pad+2, row*float64(len(entries))+2*pad-0.3*size
	in := 0.5 * size
	b := v.box
	left, right, low, high := b.x0+in, b.x1-in-w, b.y0+in, b.y1-in-h
	midX, midY := (b.x0+b.x1-w)/2, (b.y0+b.y1-h)/2
	spots := map[string][2]float64{
		"upper right": {right, high}, "upper left": {left, high}, "lower left": {left, low}, "lower right": {right, low}, "right": {right, midY},
		"center left": {left, midY}, "center right": {right, midY}, "lower center": {midX, low}, "upper center": {midX, high}, "center": {midX, midY},
	}
	at, ok := spots[a.legend.loc]
	if !ok {
		fewest := math.MaxInt
		for _, name := range []string{"upper right", "upper left", "lower left", "lower right", "center left", "center right", "lower center", "upper center", "center"} {
			spot, hidden := spots[name], 0
			for _, m := range a.marks {
				for i, p := range m.points {
					const parts = 8
					for k := range parts {
						q := p
						if m.kind == "line" && i+1 < len(m.points) {
							t := float64(k) / parts
							q = point{p.x*(1-t) + m.points[i+1].x*t, p.y*(1-t) + m.points[i+1].y*t}
						}
						if d := v.at(q); float64(d.X) >= spot[0] && float64(d.X) <= spot[0]+w && float64(d.Y) >= spot[1] && float64(d.Y) <= spot[1]+h {
							hidden++
						}
					}
				}
			}
			if hidden < fewest {
				at, fewest = spot, hidden
			}
		}
	}
	corner := func(x, y float64) vg.Point { return vg.Point{X: vg.Points(x), Y: vg.Points(y)} }
	outline := []vg.Point{corner(at[0], at[1]), corner(at[0]+w, at[1]), corner(at[0]+w, at[1]+h), corner(at[0], at[1]+h)}
	c.FillPolygon(color.NRGBA{255, 255, 255, 204}, outline)
	c.StrokeLines(draw.LineStyle{Color: color.NRGBA{0xcc, 0xcc, 0xcc, 0xff}, Width: vg.Points(1)}, append(outline, outline[0]))
	s.YAlign = draw.YCenter
	for i, m := range entries {
		y := at[1] + h - pad - row*(float64(i)+0.5) + 0.15*size
		x := at[0] + pad
		switch m.kind {
		case "area":
			c.FillPolygon(m.colors[0], []vg.Point{corner(x, y-0.35*size), corner(x+thumb, y-0.35*size), corner(x+thumb, y+0.35*size), corner(x, y+0.35*size)})
		case "points":
			c.DrawGlyph(draw.GlyphStyle{Color: m.colors[0], Radius: vg.Points(3), Shape: draw.CircleGlyph{}}, corner(x+thumb/2, y))
		default:
			if visible(m.style.line) {
				c.StrokeLine2(lineStyle(m.style, m.colors[0]), vg.Points(x), vg.Points(y), vg.Points(x+thumb), vg.Points(y))
			}
			if m.style.marker != "" {
				m.glyph(c, view{box{x, y, x + thumb, y + 1}, 0, 1, 0, 1, false, false}, point{0.5, 0}, m.colors[0], 3)
			}
		}
		c.FillText(s, corner(x+thumb+0.8*size, y), m.style.label)
	}
}

// drawBar draws the colour bar in the room that was left for it.
func (a *Axes) drawBar(c draw.Canvas, b, full box) {
	height := full.y1 - full.y0
	bar := newAxes(1, 1, 0, 0)
	x0 := max(b.x1, full.x0+0.8*(full.x1-full.x0)) + 0.05*(full.x1-full.x0)
	const steps = 256
	img := image.NewNRGBA(image.Rect(0, 0, 1, steps))
	for i := range steps {
		img.SetNRGBA(0, i, a.mapped.colors(1-float64(i)/(steps-1)))
	}
	lo, hi := a.mapped.lo, a.mapped.hi
	if lo == hi {
		lo, hi = lo-0.05, hi+0.05
	}
	one := 1.0
	zero := 0.0
	bar.xlim, bar.ylim = [2]*float64{&zero, &one}, [2]*float64{&lo, &hi}
	bar.marks = []mark{{kind: "image", points: []point{{0, lo}, {1, hi}}, image: img}}
	place := box{x0, full.y0, x0 + height/20, full.y1}
	v := view{place, 0, 1, lo, hi, false, false}
	inside := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: vg.Points(place.x0), Y: vg.Points(place.y0)}, Max: vg.Point{X: vg.Points(place.x1), Y: vg.Points(place.y1)}}}
	bar.marks[0].draw(inside, v)
	thin := draw.LineStyle{Color: color.Black, Width: vg.Points(0.8)}
	r := inside.Rectangle
	c.StrokeLines(thin, []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}, r.Min})
	t := bar.yTicks(height)
	s := textStyle(0)
	s.YAlign = draw.YCenter
	for i, value := range t.at {
		p := v.at(point{0, value})
		if inside.ContainsY(p.Y) {
			c.StrokeLine2(thin, r.Max.X, p.Y, r.Max.X+vg.Points(3.5), p.Y)
			c.FillText(s, vg.Point{X: r.Max.X + vg.Points(7), Y: p.Y}, t.labels[i])
		}
	}
}
