// Package canvas is what pictures are drawn on: PNG and SVG whose letters look right.
package canvas

import (
	"bytes"
	"image/color"
	"io"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Canvas is what a picture is drawn on and written from.
type Canvas interface {
	vg.CanvasSizer
	io.WriterTo
}

// New returns a white canvas of the given size in inches; format is "png" or "svg", dpi is that of a png.
func New(format string, width, height float64, dpi int) Canvas {
	w, h := vg.Length(width)*vg.Inch, vg.Length(height)*vg.Inch
	if format == "png" {
		return bitmap{vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))}}
	}
	c := svg{vgsvg.New(w, h)}
	c.SetColor(color.White)
	c.Fill(Rectangle(0, 0, w, h))
	c.SetColor(color.Black)
	return c
}

// Rectangle is a path around a rectangle.
func Rectangle(x0, y0, x1, y1 vg.Length) vg.Path {
	return Polygon([]vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

// Polygon is a closed path through the points.
func Polygon(points []vg.Point) vg.Path {
	var p vg.Path
	for i, pt := range points {
		if i == 0 {
			p.Move(pt)
			continue
		}
		p.Line(pt)
	}
	p.Close()
	return p
}

// bitmap is a PNG whose text isn't kerned: rounded to pixels, kerning makes letters touch.
type bitmap struct{ vgimg.PngCanvas }

// FillString implements [vg.Canvas].
func (c bitmap) FillString(face font.Face, at vg.Point, text string) {
	for _, r := range text {
		letter := string(r)
		if strings.TrimSpace(letter) != "" {
			c.PngCanvas.FillString(face, at, letter)
		}
		at.X += face.Width(letter)
	}
}

// svg is an SVG that also looks right where its font isn't installed.
type svg struct{ *vgsvg.Canvas }

// WriteTo implements [io.WriterTo].
func (c svg) WriteTo(w io.Writer) (int64, error) {
	var out bytes.Buffer
	if _, err := c.Canvas.WriteTo(&out); err != nil {
		return 0, err
	}
	const family = "font-family:Liberation Sans;"
	text := bytes.ReplaceAll(out.Bytes(), []byte(family), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	n, err := w.Write(text)
	return int64(n), err
}
