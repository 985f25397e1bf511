package serial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/symbolic"
)

// The places in a legacy HDF5 file.
const (
	legacyModelConfig    = "model_config"
	legacyTrainingConfig = "training_config"
	legacyModelWeights   = "model_weights"
	legacyTopWeights     = "top_level_model_weights"
	legacyOptimizer      = "optimizer_weights"
	legacyLayerNames     = "layer_names"
	legacyWeightNames    = "weight_names"
	legacyVersion        = "keras_version"
	legacyBackend        = "backend"
)

// readLegacy makes the model of a legacy HDF5 file.
func readLegacy(f *kerasfile.Reader, compile CompileFunc, show bool) (symbolic.Layer, error) {
	root := f.Weights()
	config, err := legacyJSON(root, legacyModelConfig)
	if err != nil {
		return nil, err
	}
	if config == nil {
		return nil, fmt.Errorf("it has no %s, and so no model", legacyModelConfig)
	}
	var training map[string]any
	if compile != nil {
		if training, err = legacyJSON(root, legacyTrainingConfig); err != nil {
			return nil, err
		}
	}
	version, said := root.Attr(legacyVersion).(string)
	if !said {
		version, _ = unsaidVersion(config)
	}
	modern, err := modernConfig(config, training, version)
	if err != nil {
		return nil, err
	}
	if show {
		markShown(modern)
	}
	l, arguments, err := fromDecoded(modern)
	if err == nil {
		followVersion(l, version)
	}
	if err == nil && training != nil {
		err = compile.run(l, arguments)
	}
	if err != nil {
		return nil, err
	}
	n, _ := symbolic.NetworkOf(l)
	p := newRestorePlan(false)
	p.show = show
	if err := p.matchLegacyModel(n, f); err != nil {
		return nil, err
	}
	if training != nil {
		if err := p.matchLegacyOptimizer(l, root.Group(legacyOptimizer)); err != nil {
			return nil, err
		}
	}
	if err := p.apply(f); err != nil {
		return nil, err
	}
	return l, nil
}

// legacyJSON decodes an attribute that holds a JSON object, nil when there is none.
func legacyJSON(root *kerasfile.Group, name string) (map[string]any, error) {
	value := root.Attr(name)
	if value == nil {
		return nil, nil
	}
	text, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("%s is a %T, want a text", name, value)
	}
	m, err := decodeJSON([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// weights lists a layer's weights in the order of legacy files: those that training changes first, also
// across the layers inside a model.
func (f legacyLayout) weights(l symbolic.Layer) []*symbolic.Weight {
	weights := f.ordered(l)
	if !l.Base().Trainable() {
		return weights
	}
	list := make([]*symbolic.Weight, 0, len(weights))
	for _, trainable := range []bool{true, false} {
		for _, w := range weights {
			if w.Trainable() == trainable {
				list = append(list, w)
			}
		}
	}
	return list
}

// ordered are a layer's weights, those of a model in the order of its layers in the file.
func (f legacyLayout) ordered(l symbolic.Layer) []*symbolic.Weight {
	n, isModel := symbolic.NetworkOf(l)
	if !isModel || !f.era.old() {
		if inside := l.Base().Attributes(); l.KerasClass().Name == "TimeDistributed" && len(inside) == 1 && f.era.old() {
			return f.ordered(inside[0].Layer)
		}
		return l.Base().Weights()
	}
	var list []*symbolic.Weight
	for _, inner := range n.LayersAsRead() {
		for _, w := range f.ordered(inner) {
			if !slices.Contains(list, w) { // of a layer that stands in several places
				list = append(list, w)
			}
		}
	}
	return list
}

// layers are those of a model, in the order of the file.
func (f legacyLayout) layers(n *symbolic.Network) []symbolic.Layer {
	if f.era.old() {
		return n.LayersAsRead()
	}
	return n.Operations()
}

// legacyLayer is a layer's weights in a file.
type legacyLayer struct {
	name   string
	arrays []kerasfile.Array
	paths  []string
}

// readLegacyLayers lists the layers of a legacy file in order.
func readLegacyLayers(root *kerasfile.Group) ([]legacyLayer, error) {
	names, err := root.Texts(legacyLayerNames)
	if err != nil {
		return nil, err
	}
	layers := make([]legacyLayer, len(names))
	for i, name := range names {
		if layers[i], err = readLegacyLayer(root, name); err != nil {
			return nil, err
		}
	}
	return layers, nil
}

func readLegacyLayer(root *kerasfile.Group, name string) (legacyLayer, error) {
	l := legacyLayer{name: name}
	group := root.Group(name)
	if group == nil {
		return l, fmt.Errorf("%s names %.200q, but there is no such group", legacyLayerNames, name)
	}
	paths, err := group.Texts(legacyWeightNames)
	if err != nil {
		return l, fmt.Errorf("layer %.200q: %w", name, err)
	}
	for _, path := range paths {
		a, ok := group.Array(path)
		if !ok {
			return l, fmt.Errorf("layer %.200q: %s names %.200q, but there is no such weight", name, legacyWeightNames, path)
		}
		l.arrays, l.paths = append(l.arrays, a), append(l.paths, path)
	}
	return l, nil
}

// matchLegacyFile finds the weights of the model in a legacy file of a model or of weights.
func (p *restorePlan) matchLegacyFile(n *symbolic.Network, f *kerasfile.Reader, byName bool) error {
	return p.matchLegacy(n, f, func(saved []legacyLayer) error {
		if byName {
			return p.matchByName(n, saved)
		}
		return p.matchInOrder(n, saved)
	}, byName)
}

// matchLegacyModel is matchLegacyFile for the model that the file itself describes. Its layers have the names they have in the file,
// which is safer to go by than the order: not every version of Keras sorts the layers of a graph alike.
func (p *restorePlan) matchLegacyModel(n *symbolic.Network, f *kerasfile.Reader) error {
	return p.matchLegacy(n, f, func(saved []legacyLayer) error {
		named := map[string]bool{}
		for _, s := range saved {
			if len(s.arrays) > 0 {
				named[s.name] = true
			}
		}
		for _, l := range p.layout.layers(n) {
			if len(p.layout.weights(l)) > 0 && !named[l.Base().Name()] {
				return p.matchInOrder(n, saved)
			}
			delete(named, l.Base().Name())
		}
		if len(named) > 0 {
			return p.matchInOrder(n, saved)
		}
		return p.matchByName(n, saved)
	}, true)
}

// matchLegacy reads the layers of a legacy file and lets match pair them.
func (p *restorePlan) matchLegacy(n *symbolic.Network, f *kerasfile.Reader, match func(saved []legacyLayer) error, byName bool) error {
	root := f.Weights()
	whole := f.Format() == kerasfile.LegacyModelFormat
	if whole {
		if root = root.Group(legacyModelWeights); root == nil {
			return fmt.Errorf("it has no group %s", legacyModelWeights)
		}
	}
	saved, err := readLegacyLayers(root)
	if err != nil {
		return err
	}
	version, _ := root.Attr(legacyVersion).(string)
	p.layout.era = eraOf(version)
	p.layout.backend, _ = root.Attr(legacyBackend).(string)
	if top := root.Group(legacyTopWeights); top != nil {
		own, err := readLegacyLayer(root, legacyTopWeights)
		if err != nil {
			return err
		}
		if count := len(own.arrays); count > 0 {
			err := fmt.Errorf("the file has %d weights of the model itself, outside its layers, where this model has none", count)
			if err := p.miscount(n.Name(), byName, err); err != nil {
				return err
			}
		}
	}
	return match(saved)
}

// matchByName gives layers the weights of the layers in the file that have their names.
func (p *restorePlan) matchByName(n *symbolic.Network, saved []legacyLayer) error {
	byName := map[string]legacyLayer{}
	for _, s := range saved {
		byName[s.name] = s
	}
	for _, l := range p.layout.layers(n) {
		weights := p.layout.weights(l)
		s, ok := byName[l.Base().Name()]
		switch {
		case ok:
			if err := p.matchLegacyLayer(l, s, weights, true); err != nil {
				return err
			}
		case len(weights) > 0:
			p.skipped = append(p.skipped, Skipped{Layer: l.Base().Name(), Reason: "the file has no layer of that name"})
		}
	}
	return nil
}

// matchInOrder gives the layers with weights those of the file, one after the other, whatever their names.
func (p *restorePlan) matchInOrder(n *symbolic.Network, saved []legacyLayer) error {
	var layers []symbolic.Layer
	for _, l := range p.layout.layers(n) {
		if len(p.layout.weights(l)) > 0 {
			layers = append(layers, l)
		}
	}
	var filled []legacyLayer
	for _, s := range saved {
		if len(s.arrays) > 0 {
			filled = append(filled, s)
		}
	}
	if len(filled) != len(layers) {
		names := make([]string, len(layers))
		for i, l := range layers {
			names[i] = l.Base().Name()
		}
		inFile := make([]string, len(filled))
		for i, s := range filled {
			inFile[i] = fmt.Sprintf("%.40s", s.name)
		}
		return fmt.Errorf("the model has %d layers with weights (%s), the file has %d (%s): load it by name to fill the layers that both have",
			len(layers), strings.Join(names, ", "), len(filled), strings.Join(inFile, ", "))
	}
	for i, l := range layers {
		if err := p.matchLegacyLayer(l, filled[i], p.layout.weights(l), false); err != nil {
			return err
		}
	}
	return nil
}

// miscount is misfit for other numbers of weights, which Keras never skips where it goes by the order.
func (p *restorePlan) miscount(layer string, byName bool, err error) error {
	if !byName {
		return err
	}
	return p.misfit(layer, err)
}

// matchLegacyLayer pairs a layer's weights with those in the file. Of a layer that may be skipped, each weight that fits is taken, as in Keras.
func (p *restorePlan) matchLegacyLayer(l symbolic.Layer, s legacyLayer, weights []*symbolic.Weight, byName bool) error {
	name := l.Base().Name()
	if p.show && len(weights) == 0 {
		return p.showWeights(l, s.paths, s.arrays)
	}
	arrays, err := p.layout.convert(l, s.arrays)
	if err != nil {
		return p.miscount(name, byName, fmt.Errorf("layer %q: %w", name, err))
	}
	s.arrays = arrays
	if len(s.arrays) != len(weights) {
		return p.miscount(name, byName, fmt.Errorf("layer %q has %d weights, layer %.200q in the file has %d", name, len(weights), s.name, len(s.arrays)))
	}
	pairs := make([]restorePair, 0, len(weights))
	for i, w := range weights {
		if got := symbolic.Shape(s.arrays[i].Shape()); !got.Equal(w.Spec().Shape) {
			err := fmt.Errorf("layer %q: weight %s has shape %s, %.200s in the file has shape %s", name, w.Path(), symbolic.Shape(w.Spec().Shape), s.paths[i], got)
			if err := p.misfit(name, err); err != nil {
				return err
			}
			continue
		}
		pairs = append(pairs, restorePair{w, s.arrays[i]})
	}
	p.add(name, pairs)
	return nil
}
