package layers

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

// Dictionaries of images and what belongs to them, under Keras's keys. The layers change all of it by the same random numbers; what else is in a dictionary
// stays.
const (
	imagesKey = "images"             // (batch, height, width, channels), or one image without the first axis, as are then the others
	labelsKey = "labels"             // (batch, …); (batch, classes) where they are mixed
	boxesKey  = "bounding_boxes"     // {"boxes": (batch, boxes, 4), "labels": (batch, boxes)}
	masksKey  = "segmentation_masks" // (batch, height, width, channels)
)

// What an augmenter makes of the parts that aren't images, where it doesn't leave them as they are.
type (
	labelMixer interface {
		labels(c *symbolic.Call, y *graph.Node, t transformation) *graph.Node
	}
	boxMover interface {
		boxes(b boxes, t transformation) boxes
	}
	maskMaker interface {
		masks(c *symbolic.Call, x *graph.Node, t transformation) *graph.Node
	}
	// restingMasks are changed outside of training.
	restingMasks interface {
		masksAtRest(c *symbolic.Call, x *graph.Node) *graph.Node
	}
	// floatMasks have the type of the images, not the one that they came with.
	floatMasks interface{ makesFloatMasks() }
	// mover moves pixels: masks by the nearest one.
	mover interface {
		move(x *graph.Node, t transformation, how Interpolation) *graph.Node
	}
	refuser interface {
		refuses(part string, training bool) bool
	}
)

// onlyImages refuses a dictionary of symbolic tensors.
func onlyImages(args []any) error {
	if len(args) > 0 {
		if _, ok := args[0].(map[string]any); ok {
			return fmt.Errorf("this layer can't be applied to a dictionary of symbolic tensors, as in Keras: put it into a Pipeline, or call it on data (functional.NewCaller)")
		}
	}
	return nil
}

// dataSpecs checks a dictionary and returns the specs of what becomes of it.
func dataSpecs(a augmenter, data map[string]any, alone *sampleWiseUnless) (map[string]any, error) {
	x, ok := data[imagesKey].(symbolic.Spec)
	if !ok {
		return nil, fmt.Errorf("expected images or a dictionary with the key %q, received the keys %q", imagesKey, slices.Sorted(maps.Keys(data)))
	}
	rank := len(x.Shape)
	if rank != 3 && rank != 4 {
		return nil, fmt.Errorf("expected image tensor to have rank 3 (single image) or 4 (batch of images), received: data.shape=%s", x.Shape)
	}
	alone.crossesIf(rank == 3)
	out := maps.Clone(data)
	out[imagesKey] = a.Base().Floats(a.sized(x.Shape.Clone()))
	for _, key := range []string{labelsKey, boxesKey, masksKey} {
		given, ok := data[key]
		if !ok {
			continue
		}
		if refused(a, key, false) {
			return nil, errRefused(key)
		}
		var err error
		switch spec, one := given.(symbolic.Spec); {
		case key == boxesKey:
			out[key], err = boxSpecs(a, given, rank)
		case !one:
			err = fmt.Errorf("it isn't one tensor")
		case key == masksKey:
			out[key], err = maskSpec(a, spec, rank)
		default:
			if _, mixes := a.(labelMixer); mixes {
				if len(spec.Shape) != rank-2 {
					err = fmt.Errorf("expected a number for each class, (batch, classes), received shape %s", spec.Shape)
				}
				out[key] = a.Base().Floats(spec.Shape)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
	}
	return out, nil
}

func boxSpecs(a augmenter, given any, rank int) (map[string]any, error) {
	format := a.KerasConfig().(interface{ boxFormat() boxFormat }).boxFormat()
	if format == "" {
		return nil, fmt.Errorf("the layer has no bounding box format: set one by BoundingBoxFormat(…), such as \"xyxy\"")
	}
	if _, _, err := format.Plain(); err != nil {
		return nil, err
	}
	both, ok := given.(map[string]any)
	at, hasBoxes := both["boxes"].(symbolic.Spec)
	labels, hasLabels := both["labels"].(symbolic.Spec)
	if !ok || !hasBoxes || !hasLabels || len(both) != 2 {
		return nil, fmt.Errorf("expected a dictionary with the keys \"boxes\" and \"labels\" alone")
	}
	if len(at.Shape) != rank-1 || len(labels.Shape) != rank-2 || at.Shape[rank-2] != 4 {
		return nil, fmt.Errorf("expected boxes of shape (batch, boxes, 4) and labels (batch, boxes), for one image without the first axis, received %s and %s", at.Shape, labels.Shape)
	}
	boxes, named := at.Shape.Clone(), labels.Shape.Clone()
	if n, ok := a.(interface{ numberOfBoxes(given int) int }); ok {
		boxes[rank-3] = n.numberOfBoxes(boxes[rank-3])
		named[rank-3] = boxes[rank-3]
	}
	return map[string]any{"boxes": symbolic.Spec{Shape: boxes, DType: "float32"}, "labels": symbolic.Spec{Shape: named, DType: labels.DType}}, nil
}

func maskSpec(a augmenter, x symbolic.Spec, rank int) (symbolic.Spec, error) {
	if len(x.Shape) != rank {
		return x, fmt.Errorf("expected as many axes as the images have, %d, received shape %s", rank, x.Shape)
	}
	shape := a.sized(x.Shape.Clone())
	if _, makes := a.(floatMasks); makes {
		return a.Base().Floats(shape), nil
	}
	return symbolic.Spec{Shape: shape, DType: x.DType}, nil
}

// flatSpecs are the specs in a dictionary in the order of outputs.
func flatSpecs(data map[string]any) []symbolic.Spec {
	var specs []symbolic.Spec
	nest.Each(data, func(leaf any) {
		if s, ok := leaf.(symbolic.Spec); ok {
			specs = append(specs, s)
		}
	})
	return specs
}

func refused(a augmenter, key string, training bool) bool {
	r, ok := a.(refuser)
	return ok && r.refuses(key, training)
}

func errRefused(key string) error {
	return fmt.Errorf("the layer doesn't take %q, as in Keras", key)
}

// changedData computes what becomes of a dictionary by what is drawn, in the order of outputs.
func changedData(c *symbolic.Call, a augmenter, data map[string]any, draw func(d draws, dims []int) transformation) []*graph.Node {
	x := data[imagesKey].(*graph.Node)
	alone := x.Rank() == 3
	if _, keeps := a.(interface{ keepsIntegers() }); !keeps {
		x = toCompute(c, x)
	}
	one := func(x *graph.Node) *graph.Node {
		if alone {
			return graph.InsertAxes(x, 0)
		}
		return x
	}
	x = one(x)
	var t transformation
	active := c.Training || always(a)
	if active {
		t = draw(draws{c}, x.Shape().Dimensions)
	}
	out := maps.Clone(data)
	if boxes, ok := data[boxesKey].(map[string]any); ok && active {
		h, w := a.KerasConfig().(interface {
			spatialAxes(rank int) (height, width int)
		}).spatialAxes(4)
		b := boxesOf(one(boxes["boxes"].(*graph.Node)), one(boxes["labels"].(*graph.Node)), x.Shape().Dimensions[h], x.Shape().Dimensions[w])
		b.call = c
		b = changedBoxes(a, b, t)
		out[boxesKey] = map[string]any{"boxes": b.given.joined(), "labels": b.labels}
	} else if ok {
		out[boxesKey] = map[string]any{"boxes": graph.ConvertDType(one(boxes["boxes"].(*graph.Node)), dtypes.Float32), "labels": one(boxes["labels"].(*graph.Node))}
	}
	if y, ok := data[labelsKey].(*graph.Node); ok {
		y = one(y)
		if l, mixes := a.(labelMixer); mixes && active {
			y = l.labels(c, y, t)
		}
		out[labelsKey] = y
	}
	if m, ok := data[masksKey].(*graph.Node); ok {
		m = one(m)
		rests, atRest := a.(restingMasks)
		switch {
		case active && refused(a, masksKey, c.Training):
			panic(errRefused(masksKey))
		case active:
			m = changedMasks(c, a, m, t)
		case atRest:
			m = rests.masksAtRest(c, m)
		}
		out[masksKey] = m
	}
	if active {
		x = a.transform(c, x, t)
	}
	out[imagesKey] = x
	if alone {
		for _, key := range []string{imagesKey, labelsKey, boxesKey, masksKey} {
			if v, ok := out[key]; ok {
				out[key], _ = nest.Map(v, func(leaf any) (any, error) { return withoutFirst(key, leaf.(*graph.Node)), nil })
			}
		}
	}
	var flat []*graph.Node
	nest.Each(out, func(leaf any) {
		if n, ok := leaf.(*graph.Node); ok {
			flat = append(flat, n)
		}
	})
	return flat
}

// withoutFirst takes the axis of the one image away.
func withoutFirst(key string, x *graph.Node) *graph.Node {
	if x.Shape().Dimensions[0] != 1 {
		panic(fmt.Errorf("%q of one image became those of %d, as in Keras: give a batch", key, x.Shape().Dimensions[0]))
	}
	return graph.Squeeze(x, 0)
}

// changedMasks are a batch of segmentation masks as the layer leaves them.
func changedMasks(c *symbolic.Call, a augmenter, x *graph.Node, t transformation) *graph.Node {
	switch a := a.(type) {
	case maskMaker:
		return a.masks(c, x, t)
	case mover:
		return a.move(x, t, Nearest)
	}
	return x
}
