package plots

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-graphviz"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/gokeras/gokeras/internal/canvas"
)

// graphvizMu guards Graphviz, which is one program with one memory.
var graphvizMu sync.Mutex

// render lays the graph out and returns the picture. Graphviz writes SVG itself; a PNG is drawn here from its
// drawing instructions, since Graphviz without libraries of the system has no fonts.
func render(text, format string, dpi int) ([]byte, error) {
	if format == "svg" {
		return layout(text, graphviz.SVG)
	}
	data, err := layout(text, "json")
	if err != nil {
		return nil, err
	}
	var picture drawing
	if err := json.Unmarshal(data, &picture); err != nil {
		return nil, fmt.Errorf("reading the layout: %w", err)
	}
	return picture.png(dpi)
}

func layout(text string, format graphviz.Format) (data []byte, err error) {
	graphvizMu.Lock()
	defer graphvizMu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("laying out the graph failed: %v", r)
		}
	}()
	ctx := context.Background()
	g, err := graphviz.New(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = g.Close() }()
	graph, err := graphviz.ParseBytes([]byte(text))
	if err != nil {
		return nil, err
	}
	defer func() { _ = graph.Close() }()
	var out bytes.Buffer
	if err := g.Render(ctx, graph, format, &out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// drawing is Graphviz's JSON: the operations of the graph, of its clusters and nodes, and of its edges.
type drawing struct {
	Box     string `json:"bb"` // "x0,y0,x1,y1" in points
	Objects []item `json:"objects"`
	Edges   []item `json:"edges"`
}

type item struct {
	Draw  []operation `json:"_draw_"`
	Label []operation `json:"_ldraw_"`
	Head  []operation `json:"_hdraw_"`
	Tail  []operation `json:"_tdraw_"`
}

// operation is one of xdot's: pens and fonts, polygons, curves and texts.
type operation struct {
	Op     string       `json:"op"`
	Color  string       `json:"color"`
	Points [][2]float64 `json:"points"`
	Style  string       `json:"style"`
	Size   float64      `json:"size"`
	Bold   int          `json:"fontchar"`
	At     [2]float64   `json:"pt"`
	Align  string       `json:"align"`
	Width  float64      `json:"width"`
	Text   string       `json:"text"`
}

const (
	margin  = 4      // points around the picture, as Graphviz leaves them
	maxSide = 32_767 // pixels, as Graphviz's own bitmaps
)

// png draws the picture.
func (d drawing) png(dpi int) ([]byte, error) {
	var x0, y0, x1, y1 float64
	if _, err := fmt.Sscanf(strings.ReplaceAll(d.Box, ",", " "), "%g %g %g %g", &x0, &y0, &x1, &y1); err != nil {
		return nil, fmt.Errorf("the layout has the size %q: %w", d.Box, err)
	}
	width, height := (x1-x0+2*margin)/72, (y1-y0+2*margin)/72 // inches
	limit := min(maxSide/max(width, height), math.Sqrt(maxPixels/(width*height)))
	dpi = max(1, min(dpi, int(limit)))
	c := canvas.New("png", width, height, dpi)
	c.Translate(vg.Point{X: vg.Points(margin - x0), Y: vg.Points(margin - y0)})
	for _, it := range append(d.Objects, d.Edges...) {
		for _, list := range [][]operation{it.Draw, it.Label, it.Head, it.Tail} {
			drawOn(c, list)
		}
	}
	var out bytes.Buffer
	_, err := c.WriteTo(&out)
	return out.Bytes(), err
}

// drawOn carries the operations out; each list begins with a black pen of width 1.
func drawOn(c canvas.Canvas, list []operation) {
	var pen, fill color.Color = color.Black, color.Black
	text := font.Font{Typeface: "Liberation", Variant: "Sans"}
	c.SetLineWidth(vg.Points(1))
	c.SetLineDash(nil, 0)
	for _, op := range list {
		points := make([]vg.Point, len(op.Points))
		for i, p := range op.Points {
			points[i] = vg.Point{X: vg.Points(p[0]), Y: vg.Points(p[1])}
		}
		switch op.Op {
		case "c":
			pen = parseColor(op.Color)
		case "C":
			fill = parseColor(op.Color)
		case "S":
			style(c, op.Style)
		case "P": // filled
			c.SetColor(fill)
			c.Fill(canvas.Polygon(points))
			fallthrough
		case "p":
			c.SetColor(pen)
			c.Stroke(canvas.Polygon(points))
		case "b": // an open curve; edges have no filled ones
			c.SetColor(pen)
			c.Stroke(curve(points))
		case "F":
			text.Size = vg.Points(op.Size)
		case "t":
			text.Weight = xfont.WeightNormal
			if op.Bold&1 != 0 {
				text.Weight = xfont.WeightBold
			}
		case "T":
			x := op.At[0] // the middle, or where the text begins
			switch op.Align {
			case "c":
				x -= op.Width / 2
			case "r":
				x -= op.Width
			}
			c.SetColor(pen)
			c.FillString(font.DefaultCache.Lookup(text, text.Size), vg.Point{X: vg.Points(x), Y: vg.Points(op.At[1])}, op.Text)
		}
	}
}

func style(c canvas.Canvas, name string) {
	switch {
	case name == "dashed":
		c.SetLineDash([]vg.Length{vg.Points(5), vg.Points(2)}, 0)
	case name == "solid":
		c.SetLineDash(nil, 0)
	default:
		inside, ok := strings.CutPrefix(name, "setlinewidth(")
		if width, err := strconv.ParseFloat(strings.TrimSuffix(inside, ")"), 64); ok && err == nil {
			c.SetLineWidth(vg.Points(width))
		}
	}
}

// curve is a Bézier spline. Parts without any bend are lines: the canvas loses a curve whose control points are its ends.
func curve(points []vg.Point) vg.Path {
	var p vg.Path
	if len(points) == 0 {
		return p
	}
	p.Move(points[0])
	for i := 1; i+2 < len(points); i += 3 {
		from, to := points[i-1], points[i+2]
		if straight(from, points[i], to) && straight(from, points[i+1], to) {
			if to != from {
				p.Line(to)
			}
			continue
		}
		p.CubeTo(points[i], points[i+1], to)
	}
	return p
}

func straight(a, b, c vg.Point) bool {
	return math.Abs(float64((b.X-a.X)*(c.Y-a.Y)-(b.Y-a.Y)*(c.X-a.X))) < 1e-3
}

// parseColor reads "#rrggbb" or "#rrggbbaa", black if it is neither.
func parseColor(text string) color.Color {
	v, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 32)
	switch {
	case err == nil && len(text) == 7:
		return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}
	case err == nil && len(text) == 9:
		return color.NRGBA{uint8(v >> 24), uint8(v >> 16), uint8(v >> 8), uint8(v)}
	}
	return color.Black
}
