package symbolic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/nest"
)

// Builder is what a layer's Declare declares its weights, seeds and inner layers on. The first mistake in a declaration is
// returned by the layer's application.
type Builder struct {
	base *BaseLayer
	err  error
}

// Weight declares a weight (Keras: add_weight). A shape with an axis that isn't known is an error.
func (b *Builder) Weight(spec WeightSpec) {
	err := CheckShape(spec.Shape)
	if err == nil && slices.Contains(spec.Shape, None) {
		err = fmt.Errorf("its shape would be %s: the layer wants an input whose axes are known there", Shape(spec.Shape))
	}
	if err != nil {
		b.fail(fmt.Errorf("weight %q: %w", spec.Name, err))
		return
	}
	if spec.State {
		spec.NonTrainable = true
		b.base.states = append(b.base.states, newWeight(b.base, spec))
		return
	}
	b.base.weights = append(b.base.weights, newWeight(b.base, spec))
}

// Extend gives a layer more weights than it declared when it was built. A model compiled before must be compiled again.
func (b *BaseLayer) Extend(specs ...WeightSpec) error {
	builder, weights := &Builder{base: b}, b.weights
	for _, spec := range specs {
		builder.Weight(spec)
	}
	if builder.err != nil {
		b.weights = weights
		return builder.err
	}
	revision.Add(1)
	return nil
}

// Redeclare gives a built layer a dtype policy and the weights that declare declares in place of its own; those that stay as they were keep their
// values. A model compiled before must be compiled again.
func (b *BaseLayer) Redeclare(policy DTypePolicy, declare func(*Builder)) error {
	if err := policy.Validate(); err != nil {
		return err
	}
	before, was := b.weights, b.cfg.DType
	builder := &Builder{base: b}
	b.weights, b.cfg.DType = nil, policy
	if declare(builder); builder.err != nil {
		b.weights, b.cfg.DType = before, was
		return builder.err
	}
	for i, w := range b.weights {
		for _, old := range before {
			if old.Name() == w.Name() && old.DType() == w.DType() && slices.Equal(old.spec.Shape, w.spec.Shape) {
				b.weights[i] = old
			}
		}
	}
	revision.Add(1)
	return nil
}

// checkQuantized refuses a quantized policy to layers that have no quantized form.
func (b *BaseLayer) checkQuantized() error {
	if mode, _ := b.cfg.DType.Quantization(); mode != "" {
		if _, ok := b.layer.(Quantizer); !ok {
			return fmt.Errorf("dtype %q: layers of class %s aren't quantized: want the policy %q", b.cfg.DType, b.layer.KerasClass().Name, b.cfg.DType.source())
		}
	}
	return nil
}

// Share makes a weight of a layer that is tracked one of the layer's own, too, as assigning it to an attribute does in Python
// (self.kernel = self.layer.kernel): it stands among them in the weights' order and in files, and is returned; nil if inner has none of that name.
func (b *Builder) Share(inner Layer, name string) *Weight {
	w := inner.Base().OwnWeight(name)
	if w != nil {
		b.base.weights = append(b.base.weights, w)
	}
	return w
}

// Seed declares a random generator (Keras: SeedGenerator), whose state is saved and goes on from call to call; a nil seed is
// drawn from the session. [Call.Random] draws from it.
func (b *Builder) Seed(seed *int) {
	b.base.seeds = append(b.base.seeds, newSeedState(b.base, seed))
}

// Track makes inner a part of the layer, as assigning it to an attribute does in Python (self.dense = Dense(4)), and builds it for a call
// with those arguments, each a [Spec] or a list of them; it returns the specs of inner's outputs. [Call.Apply] calls it. Inner's
// weights then count, train, freeze and are saved with the layer's, under the attribute's name;
// of a list of layers the names are those of Python's files: "blocks/dense", "blocks/dense_1".
func (b *Builder) Track(attribute string, inner Layer, args ...any) []Spec {
	out, err := b.base.track(attribute, inner, args)
	if err != nil {
		b.fail(fmt.Errorf("attribute %q: %w", attribute, err))
	}
	return out
}

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// trackedLayer is a layer that another one, which isn't a model, has as an attribute.
type trackedLayer struct {
	attribute string
	layer     Layer
}

// Attribute is a layer that another one has as an attribute.
type Attribute struct {
	Name  string
	Layer Layer
}

// Attributes lists the layers that the layer tracks, in the order of their attributes' names, as Keras's files do.
func (b *BaseLayer) Attributes() []Attribute {
	list := make([]Attribute, len(b.tracked))
	for i, t := range b.tracked {
		list[i] = Attribute{t.attribute, t.layer}
	}
	slices.SortStableFunc(list, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (b *BaseLayer) track(attribute string, inner Layer, args []any) ([]Spec, error) {
	if err := Made(inner); err != nil {
		return nil, err
	}
	base := inner.Base()
	fail := func(err error) ([]Spec, error) { return nil, fmt.Errorf("layer %q: %w", base.Name(), err) }
	if attribute == "" || attribute == "vars" || strings.HasPrefix(attribute, "/") || strings.HasSuffix(attribute, "/") {
		return fail(fmt.Errorf("that can't be an attribute's name"))
	}
	if mode, _ := base.cfg.DType.Quantization(); mode != "" {
		return fail(fmt.Errorf("its weights are quantized, which a layer inside another one can't be: Keras forgets their scales there, or can't read the file; leave it out of quantize() in Python"))
	}
	if _, onHost := b.layer.(HostLayer); !onHost && hasHostLayer(inner) {
		return fail(fmt.Errorf("it runs on the host, before the compiled program, and can't be a part of a layer that runs in it"))
	}
	if i := slices.IndexFunc(b.tracked, func(t trackedLayer) bool { return t.attribute == attribute }); i < 0 {
		if b.told != nil && !slices.Contains(b.configured(), inner) {
			base.SetTrainable(*b.told)
		}
		b.tracked = append(b.tracked, trackedLayer{attribute, inner})
		b.children = append(b.children, inner)
	} else if b.tracked[i].layer != inner {
		return fail(fmt.Errorf("the attribute has another layer already"))
	}
	b.enclose(inner)
	out, err := base.prepare(args, nil)
	if err != nil {
		return fail(err)
	}
	return out, nil
}

// enclose names the weights of an inner layer that isn't built yet after the layer.
func (b *BaseLayer) enclose(inner Layer) {
	if base := inner.Base(); !base.Built() && base != b {
		base.scope = b.scope + b.Name() + "/"
	}
}

// InferInner returns the specs of the outputs of a layer inside this one for a call with those arguments, each a [Spec] or a list of them. It
// builds nothing, except that a Sequential that knows no shapes yet takes those.
func (b *BaseLayer) InferInner(inner Layer, args ...any) ([]Spec, error) {
	b.enclose(inner)
	in, err := inner.Base().bindSpecs(args, nil)
	if err == nil {
		var out []Spec
		if out, err = inner.Infer(in); err == nil {
			return out, nil
		}
	}
	return nil, fmt.Errorf("layer %q (%s): %w", inner.Base().Name(), inner.KerasClass().Name, err)
}

// bindSpecs binds a call that is given as specs.
func (b *BaseLayer) bindSpecs(args []any, kwargs map[string]any) (*Inputs, error) {
	if b.err != nil {
		return nil, b.err
	}
	if err := config.Validate(b.layer.KerasConfig()); err != nil {
		return nil, err
	}
	if err := b.checkQuantized(); err != nil {
		return nil, err
	}
	signature, err := ParseSignature(b.layer.Signature())
	if err != nil {
		return nil, err
	}
	return bindArguments[Spec](signature, args, kwargs, func(Spec) any { return nil })
}

// prepare infers the outputs of a call that is given as specs, and builds the layer if this is its first.
func (b *BaseLayer) prepare(args []any, kwargs map[string]any) ([]Spec, error) {
	in, err := b.bindSpecs(args, kwargs)
	if err == nil {
		err = b.checkTexts(in)
	}
	if err != nil {
		return nil, err
	}
	var out []Spec
	err = catch.Panic(func() error {
		var err error
		if out, err = b.layer.Infer(in); err != nil {
			return err
		}
		return b.build(in)
	})
	if err != nil {
		return nil, err
	}
	for _, s := range out {
		if err := CheckShape(s.Shape); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// BuildOn builds the layer for a call on such inputs, each a [Spec] or a dictionary of them, without applying it (Keras: layer.build(input_shape)).
func (b *BaseLayer) BuildOn(inputs ...any) error {
	_, err := b.prepare(b.grouped(inputs), nil)
	return err
}

// build creates the weights on the first application.
func (b *BaseLayer) build(in *Inputs) error {
	if b.isBuilt {
		return nil
	}
	builder := &Builder{base: b}
	weights, states, seeds := b.weights, b.states, b.seeds
	err := b.layer.Declare(builder, in)
	if err == nil {
		err = builder.err
	}
	if err != nil {
		b.weights, b.states, b.seeds = weights, states, seeds
		return err
	}
	b.isBuilt = true
	b.built = []Shape{}
	for _, s := range in.First() {
		b.built = append(b.built, s.Shape.Clone())
	}
	b.byName = builtShapes(b.layer, in)
	return nil
}

// builtShapes are the shapes by which Keras's files remember how a layer was built: {"input_shape": …} for one argument,
// {"shapes_dict": {"query_shape": …}} for several; nil for none.
func builtShapes(l Layer, in *Inputs) map[string]any {
	if _, skip := l.(ReadyMade); skip {
		return nil
	}
	names := []string{in.firstName()}
	if s, ok := l.(ShapeBuilt); ok {
		names = strings.Fields(s.BuildArguments())
	}
	shapes := map[string]any{}
	for _, name := range names {
		if one, ok := in.Tensor(name); ok {
			shapes[name+"_shape"] = one.Shape.JSON()
			continue
		}
		if len(in.Tensors(name)) == 0 {
			continue
		}
		shape, _ := nest.Map(in.Get(name), func(leaf any) (any, error) {
			if s, ok := leaf.(Spec); ok {
				return s.Shape.JSON(), nil
			}
			return nil, nil
		})
		shapes[name+"_shape"] = shape
	}
	switch len(shapes) {
	case 0:
		if len(names) == 0 { // a layer that says so: its files have an empty one
			return shapes
		}
		return nil
	case 1:
		for _, shape := range shapes {
			return map[string]any{"input_shape": shape}
		}
	}
	return map[string]any{"shapes_dict": shapes}
}

// BuildConfig is what Keras's files say of the shapes that the layer was built for (Keras: get_build_config), nil for nothing.
func (b *BaseLayer) BuildConfig() map[string]any {
	if b.byName != nil && b.inFile != nil {
		return b.inFile
	}
	return b.byName
}

// KeepBuildConfig keeps what the file that the layer was read from says of the one shape that it was built for, as Keras does: the first call that is read with it
// may be on another, such as one without the number of samples that the layer was adapted to.
func (b *BaseLayer) KeepBuildConfig(config map[string]any) {
	if shape, err := ShapeFromJSON(config["input_shape"]); err == nil && len(config) == 1 {
		b.inFile = map[string]any{"input_shape": shape.JSON()}
	}
}
