package symbolic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/initializers"
	"github.com/gokeras/gokeras/internal/catch"
)

// FuncLayer is a layer whose body is a function of symbolic tensors; [LayerFunc] makes its kinds.
type FuncLayer struct {
	BaseLayer
	cfg   LayerConfig
	class Class
	body  func(l *LayerBody, x []*Tensor) *Tensor
}

// LayerBody is what the body of a [FuncLayer] asks for beside its inputs.
type LayerBody struct {
	layer    *FuncLayer
	traced   *traced
	training bool
	specs    []WeightSpec
	tensors  []*Tensor // of the weights
}

// Weight is a weight of the layer (Keras: self.add_weight, in the layer's compute type); a nil initializer is Keras's default, GlorotUniform. Each
// call of the body must ask for the same weights.
func (b *LayerBody) Weight(name string, shape []int, initializer initializers.Initializer) *Tensor {
	return b.AddWeight(WeightSpec{Name: name, Shape: shape, Initializer: initializer})
}

// AddWeight is Weight for one that has more to it, such as a regularizer, or that gradients never change.
func (b *LayerBody) AddWeight(spec WeightSpec) *Tensor {
	for i, s := range b.specs {
		if s.Name == spec.Name {
			return b.tensors[i]
		}
	}
	t := b.traced.open(b.layer.Floats(append(Shape{}, spec.Shape...)))
	b.specs = append(b.specs, spec)
	b.tensors = append(b.tensors, t)
	return t
}

// Training tells the training phase from inference (Keras: training=).
func (b *LayerBody) Training() bool { return b.training }

// LayerFunc is what functional.LayerFunc says.
func LayerFunc(name string, body func(l *LayerBody, x []*Tensor) *Tensor) func() *FuncLayer {
	module, class, ok := strings.Cut(name, ">")
	if !ok {
		module, class = "Custom", name
	}
	create := func() *FuncLayer {
		l := &FuncLayer{class: Class{Module: module, Name: class, Registered: module + ">" + class}, body: body}
		l.Init(l, &l.cfg)
		return l
	}
	RegisterLayer(func() Layer { return create() })
	return create
}

// Name sets the layer's name (Keras: name).
func (l *FuncLayer) Name(name string) *FuncLayer {
	l.SetName(name)
	return l
}

// KerasClass is the class by which files know the function.
func (l *FuncLayer) KerasClass() Class { return l.class }

// KerasConfig returns the layer's configuration.
func (l *FuncLayer) KerasConfig() any { return &l.cfg }

// Infer asks the function.
func (l *FuncLayer) Infer(in *Inputs) ([]Spec, error) {
	t, _, err := l.trace(in.First(), false)
	if err != nil {
		return nil, err
	}
	return []Spec{t.output.spec()}, nil
}

// Declare declares the weights that the function asks for.
func (l *FuncLayer) Declare(b *Builder, in *Inputs) error {
	_, body, err := l.trace(in.First(), false)
	if err != nil {
		return err
	}
	for _, s := range body.specs {
		b.Weight(s)
	}
	return nil
}

// Call computes what the function says.
func (l *FuncLayer) Call(c *Call, in []*graph.Node) []*graph.Node {
	t, body, err := l.trace(specsOfNodes(in), c.Training)
	if err != nil {
		panic(err)
	}
	nodes := slices.Clone(in) // the weights are the inputs behind them
	for _, s := range body.specs {
		nodes = append(nodes, c.Weight(s.Name))
	}
	return []*graph.Node{t.compute(c.Graph(), nodes, c.Training)}
}

func (l *FuncLayer) trace(specs []Spec, training bool) (t *traced, body *LayerBody, err error) {
	if l.body == nil {
		return nil, nil, fmt.Errorf("a layer without a function: make it with LayerFunc")
	}
	err = catch.Panic(func() error {
		t = trace(specs, func(t *traced) *Tensor {
			body = &LayerBody{layer: l, traced: t, training: training}
			return l.body(body, t.inputs[:len(specs):len(specs)])
		})
		return nil
	})
	return t, body, err
}
