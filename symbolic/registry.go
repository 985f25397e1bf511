package symbolic

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// layerCatalogue lists the layers that files may name.
var layerCatalogue = config.NewCatalogue[Layer]("layer").Spelled()

// RegisterLayer makes a layer known to files: under its Keras class name, or
// under its registered name ("package>Name") for a class of the user's (Keras:
// keras.saving.register_keras_serializable). Files may also call it by the aliases.
func RegisterLayer(create func() Layer, aliases ...string) {
	sample := create()
	sample.Base().GiveNameBack()
	layerCatalogue.AddClass(sample.KerasClass(), create, aliases...)
}

// NewLayer makes the layer of a Keras class name, or of a registered name, with all arguments at their defaults. The caller names it.
func NewLayer(name string) (Layer, error) { return layerCatalogue.New(name) }

// KnowsLayer reports whether NewLayer knows the name.
func KnowsLayer(name string) bool { return layerCatalogue.Has(name) }

// ReadConfig gives a layer that NewLayer just made its configuration. It uses up an automatic name only if there is none in it.
func ReadConfig(l Layer, cfg map[string]any) error {
	base := l.Base()
	base.GiveNameBack()
	if rank := cfg["lora_rank"]; rank != nil && l.KerasClass().Registered == "" && !mergesWeights(l) {
		return fmt.Errorf("layer %v (%s): LoRA (lora_rank) is not supported: files hold its kernel with the LoRA weights added, so a layer "+
			"made in Python without lora_rank can take them; save that one", cfg["name"], l.KerasClass().Name)
	}
	if err := config.Decode(cfg, l.KerasConfig()); err != nil {
		return fmt.Errorf("layer %v (%s): %w", cfg["name"], l.KerasClass().Name, err)
	}
	if finished, ok := l.(interface{ FinishDecoding() }); ok {
		finished.FinishDecoding()
	}
	if base.Name() == "" {
		base.TakeName()
	}
	if err := CheckSavedName(base.Name()); err != nil {
		return fmt.Errorf("layer name: %w", err)
	}
	return nil
}

func mergesWeights(l Layer) bool {
	_, does := l.(Merger)
	return does
}

// Copy makes a layer of that name that is else as l's configuration says once change, which may be nil, has changed that; it has weights of its own. Registered
// layers have copies alone.
func Copy(l Layer, name string, change func(cfg map[string]any)) (Layer, error) {
	cfg, err := config.Fields(l.KerasConfig())
	if err != nil {
		return nil, fmt.Errorf("layer %q: %w", l.Base().Name(), err)
	}
	cfg["name"] = name
	if change != nil {
		change(cfg)
	}
	class := l.KerasClass()
	fresh, err := NewLayer(cmp.Or(class.Registered, class.Name))
	if err == nil {
		err = ReadConfig(fresh, cfg)
	}
	return fresh, err
}

// LayerNames lists the classes that RegisterLayer knows, in snake case.
func LayerNames() []string {
	names := layerCatalogue.Names()
	for i, name := range names {
		if !strings.Contains(name, ">") {
			names[i] = config.SnakeCase(name)
		}
	}
	return names
}

var newModel func() Layer

// RegisterModels says how models that files hold are made: create returns a new value of a type that embeds [Network]. A program without package
// functional has plain networks.
func RegisterModels(create func() Layer) { newModel = create }

// NewNetwork makes a model that isn't connected yet.
func NewNetwork() (*Network, Layer) {
	if newModel == nil {
		n := &Network{}
		return n, n
	}
	l := newModel()
	n, _ := NetworkOf(l)
	return n, l
}
