package functional

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// trackedLayer is a layer that another one, which isn't a model, has as an attribute.
type trackedLayer struct {
	attribute string
	layer     Layer
}

// Track makes inner a part of the layer, as assigning it to an attribute does in Python (self.dense = Dense(4)), and builds it for
// inputs of those shapes; it returns the shapes of inner's outputs. Call it in WeightSpecs, once for each inner layer, and
// [Call.Apply] in Call. Inner's weights then count, train, freeze and are saved with the layer's, under the attribute's name;
// of a list of layers the names are those of Python's files: "blocks/dense", "blocks/dense_1".
func (b *BaseLayer) Track(attribute string, inner Layer, inputs ...Shape) ([]Shape, error) {
	if inner == nil || inner.Base() == nil || inner.Base().layer == nil {
		return nil, fmt.Errorf("attribute %q is no layer that its constructor made", attribute)
	}
	fail := func(err error) ([]Shape, error) {
		return nil, fmt.Errorf("attribute %q: layer %q: %w", attribute, inner.Base().Name(), err)
	}
	if attribute == "" || attribute == "vars" || strings.HasPrefix(attribute, "/") || strings.HasSuffix(attribute, "/") {
		return fail(fmt.Errorf("that can't be an attribute's name"))
	}
	base := inner.Base()
	if base.err != nil {
		return fail(base.err)
	}
	if err := validate(inner.KerasConfig()); err != nil {
		return fail(err)
	}
	shapes := make([]Shape, len(inputs))
	for i, s := range inputs {
		shapes[i] = s.Clone()
	}
	out, err := inner.OutputShapes(shapes)
	if err != nil {
		return fail(err)
	}
	if !base.Built() {
		base.scope = b.scope + b.Name() + "/"
		if err := base.build(shapes); err != nil {
			return fail(err)
		}
	}
	if i := slices.IndexFunc(b.tracked, func(t trackedLayer) bool { return t.attribute == attribute }); i >= 0 {
		if b.tracked[i].layer != inner {
			return fail(fmt.Errorf("the attribute has another layer already"))
		}
		return out, nil
	}
	b.tracked = append(b.tracked, trackedLayer{attribute, inner})
	b.children = append(b.children, inner)
	return out, nil
}

// Apply runs a layer that the layer tracks and returns its outputs (Python: self.dense(x)).
func (c *Call) Apply(inner Layer, inputs ...*graph.Node) []*graph.Node {
	if !slices.ContainsFunc(c.layer.tracked, func(t trackedLayer) bool { return t.layer == inner }) {
		panic(fmt.Errorf("layer %q applies a layer that it doesn't track: call Track in WeightSpecs", c.layer.Name()))
	}
	return c.pass.apply(inner, inputs)
}

// tracked visits the layers that l tracks, in the order of their attributes' names, as Keras does.
func (w *treeWalk) tracked(path string, l Layer) error {
	list := slices.Clone(l.Base().tracked)
	slices.SortFunc(list, func(a, b trackedLayer) int { return strings.Compare(a.attribute, b.attribute) })
	for _, t := range list {
		if w.visited[t.layer.Base()] && !w.again {
			continue
		}
		w.visited[t.layer.Base()] = true
		inner := join(path, t.attribute)
		if sub, ok := t.layer.(*Model); ok {
			if err := w.model(inner, sub); err != nil {
				return err
			}
			continue
		}
		if err := w.visit(inner, t.layer, t.layer.Base().ownWeights()); err != nil {
			return err
		}
		if err := w.tracked(inner, t.layer); err != nil {
			return err
		}
	}
	return nil
}
