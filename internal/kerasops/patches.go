package kerasops

import "github.com/gomlx/gomlx/core/graph"

func init() {
	define("image", "ExtractPatches", "images", "size strides=null dilation_rate=1 padding=\"valid\" data_format=null", func(c *call) []Spec {
		s := c.typed("images", resolved)
		n := c.patchAxes()
		shape := s.Shape
		single := len(shape) == n+1
		if single {
			shape = append([]int{1}, shape...)
		}
		w, channels := c.patches(shape)
		shape = w.output(shape, channels)
		if single {
			shape = shape[1:]
		}
		return []Spec{{shape, s.DType}}
	}, func(c *call) []*graph.Node {
		x := c.node("images")
		single := x.Rank() == c.patchAxes()+1
		if single {
			x = graph.InsertAxes(x, 0)
		}
		w, _ := c.patches(x.Shape().Dimensions)
		y := w.elements(x)
		return []*graph.Node{graph.Reshape(y, c.out[0].Shape...)}
	})
}

// patchAxes is along how many axes patches lie, two or three: size says so, as in Keras.
func (c *call) patchAxes() int {
	list, _ := ints("size", c.config["size"])
	if _, isList := c.config["size"].([]any); !isList {
		return 2
	}
	if len(list) != 2 && len(list) != 3 {
		fail("size: got %v, want a number, or two or three", c.config["size"])
	}
	return len(list)
}

// patches is the window of ExtractPatches over a batch of images, and how many elements a patch has.
func (c *call) patches(shape []int) (w *window, channels int) {
	n := c.patchAxes()
	if len(shape) != n+2 {
		fail("got images of shape %s for patches of %v, want (height, width, channels), of volumes with a depth before that, with or without a batch", ShapeText(shape), c.config["size"])
	}
	w = c.window(shape, c.perAxis("size", n, nil), "strides", "dilation_rate")
	channels = shape[w.channels]
	if channels == None {
		fail("got images of shape %s, want a known number of channels", ShapeText(shape))
	}
	for _, d := range w.sizes {
		channels = bounded("a patch's elements", channels*d, 1<<16)
	}
	return w, channels
}

// elements puts the elements of each window in the channels, all channels of one element before those of the next.
func (w *window) elements(x *graph.Node) *graph.Node {
	var parts []*graph.Node
	first := w.over(x, graph.ScalarZero(x.Graph(), x.DType()), func(first, part *graph.Node) *graph.Node {
		parts = append(parts, part)
		return first
	})
	return stacked(w.channels, append([]*graph.Node{first}, parts...)...)
}
