package layers

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/boundingboxes"
	"github.com/gokeras/gokeras/symbolic"
)

type boxFormat = boundingboxes.Format

// boxes are the bounding boxes of a batch of images.
type boxes struct {
	call          *symbolic.Call
	given         sides       // the numbers in the layer's format
	sides         sides       // left, top, right and bottom in pixels, for layers that don't take the numbers as they are
	labels        *graph.Node // (batch, boxes)
	height, width int         // of the images that relative formats are parts of

	imageHeight, imageWidth int
}

// sides are the four numbers of boxes, each (batch, boxes, 1) of float32.
type sides [4]*graph.Node

func boxesOf(at, labels *graph.Node, height, width int) boxes {
	at = graph.ConvertDType(at, dtypes.Float32)
	b := boxes{labels: labels, height: height, width: width, imageHeight: height, imageWidth: width}
	for i := range b.given {
		b.given[i] = part(at, 2, i, 1)
	}
	return b
}

func (s sides) joined() *graph.Node { return graph.Concatenate(s[:], 2) }

// changedBoxes are boxes as the layer leaves them.
func changedBoxes(a augmenter, b boxes, t transformation) boxes {
	m, ok := a.(boxMover)
	if !ok {
		return b
	}
	if _, ok := a.(interface{ boxesInTheirFormat() }); ok {
		return m.boxes(b, t)
	}
	if s, ok := a.(interface{ boxSize() (height, width int) }); ok {
		b.height, b.width = s.boxSize()
	}
	format := a.KerasConfig().(interface{ boxFormat() boxFormat }).boxFormat()
	if _, ok := a.(interface{ boxesTakenForXYXY() }); ok {
		b.sides = b.given
	} else {
		b.sides = b.given.corners(format, b)
	}
	after := m.boxes(b, t)
	b.labels = after.labels
	if _, ok := a.(interface{ boxesStayXYXY() }); ok {
		b.given = after.sides
	} else {
		b.given = after.sides.numbers(format, after)
	}
	return b
}

// corners are left, top, right and bottom in pixels.
func (s sides) corners(format boxFormat, b boxes) sides {
	plain, relative, err := format.Plain()
	if err != nil {
		panic(err)
	}
	half := func(v *graph.Node) *graph.Node { return graph.DivScalar(v, 2) }
	switch plain {
	case boundingboxes.YXYX:
		s = sides{s[1], s[0], s[3], s[2]}
	case boundingboxes.XYWH:
		s = sides{s[0], s[1], graph.Add(s[0], s[2]), graph.Add(s[1], s[3])}
	case boundingboxes.CenterXYWH, boundingboxes.CenterYXHW:
		if plain == boundingboxes.CenterYXHW {
			s = sides{s[1], s[0], s[3], s[2]}
		}
		w, h := half(s[2]), half(s[3])
		s = sides{graph.Sub(s[0], w), graph.Sub(s[1], h), graph.Add(s[0], w), graph.Add(s[1], h)}
	}
	if relative {
		return s.times(float64(b.width), float64(b.height))
	}
	return s
}

// numbers is the way back.
func (s sides) numbers(format boxFormat, b boxes) sides {
	plain, relative, err := format.Plain()
	if err != nil {
		panic(err)
	}
	if plain != boundingboxes.XYXY && plain != boundingboxes.YXYX {
		w, h := graph.Sub(s[2], s[0]), graph.Sub(s[3], s[1])
		if plain != boundingboxes.XYWH {
			s[0], s[1] = graph.Add(s[0], graph.DivScalar(w, 2)), graph.Add(s[1], graph.DivScalar(h, 2))
		}
		s[2], s[3] = w, h
	}
	if relative {
		s = s.over(float64(b.width), float64(b.height))
	}
	if plain == boundingboxes.YXYX || plain == boundingboxes.CenterYXHW {
		s = sides{s[1], s[0], s[3], s[2]}
	}
	return s
}

// times multiplies the first and the third number by x and the others by y.
func (s sides) times(x, y float64) sides { return s.each(graph.MulScalar[float64], x, y) }

// over divides them.
func (s sides) over(x, y float64) sides { return s.each(graph.DivScalar[float64], x, y) }

// plus adds to them.
func (s sides) plus(x, y float64) sides { return s.each(graph.AddScalar[float64], x, y) }

func (s sides) each(do func(v *graph.Node, by float64) *graph.Node, x, y float64) sides {
	return sides{do(s[0], x), do(s[1], y), do(s[2], x), do(s[3], y)}
}

// within cuts boxes off at 0 and at a width and a height. Labels of which nothing is left become -1.
func (b boxes) within(width, height float64) boxes {
	for i, v := range b.sides {
		b.sides[i] = graph.ClipScalar(v, 0, []float64{width, height}[i%2])
	}
	s := b.sides
	area := graph.Squeeze(graph.Mul(graph.Sub(s[2], s[0]), graph.Sub(s[3], s[1])), 2)
	some := graph.GreaterThan(area, graph.ZerosLike(area))
	b.labels = graph.Where(some, b.labels, graph.Neg(graph.OnesLike(b.labels)))
	return b
}

// cut moves boxes to a part of the image and cuts them off there.
func (b boxes) cut(left, top, width, height float64) boxes {
	from, size := []float64{left, top}, []float64{width, height}
	for i, v := range b.sides {
		b.sides[i] = graph.AddScalar(graph.ClipScalar(v, from[i%2], from[i%2]+size[i%2]), -from[i%2])
	}
	return b
}

// around are boxes that hold the four corners where a function takes them.
func (b boxes) around(move func(x, y *graph.Node) (*graph.Node, *graph.Node)) boxes {
	var out sides
	for _, corner := range [][2]int{{0, 1}, {2, 1}, {2, 3}, {0, 3}} {
		x, y := move(b.sides[corner[0]], b.sides[corner[1]])
		if out[0] == nil {
			out = sides{x, y, x, y}
			continue
		}
		out = sides{graph.Min(out[0], x), graph.Min(out[1], y), graph.Max(out[2], x), graph.Max(out[3], y)}
	}
	b.sides = out
	return b
}
