package functional

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
)

// layerCatalogue lists the layers that files may name.
var layerCatalogue = config.NewCatalogue[Layer]("layer")

// RegisterLayer makes a layer known to files: under its Keras class name, or
// under its registered name ("package>Name") for a class of the user's (Keras:
// keras.saving.register_keras_serializable).
func RegisterLayer(create func() Layer) {
	sample := create()
	sample.Base().auto.giveBack()
	layerCatalogue.AddClass(sample.KerasClass(), create)
}

// LayerNames lists the classes that RegisterLayer knows, in snake case.
func LayerNames() []string { return layerCatalogue.Names() }

// newLayerFromConfig makes the layer that a decoded JSON object describes.
func newLayerFromConfig(m map[string]any) (Layer, error) {
	className, _ := m["class_name"].(string)
	registered, _ := m["registered_name"].(string)
	name := className
	if strings.Contains(registered, ">") {
		name = registered
	}
	if module, _ := m["module"].(string); isOperationModule(module) {
		return operationFromConfig(m)
	}
	switch className {
	case "Functional", "Model":
		return modelFromConfig(m)
	case "Sequential":
		return sequentialFromConfig(m)
	case "Lambda":
		return nil, fmt.Errorf("a Lambda layer holds Python code, which is never run here: re-save the model with a registered layer class in its place")
	}
	layer, err := layerCatalogue.New(name)
	if err != nil {
		return nil, err
	}
	cfg, ok := m["config"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("layer %s has no configuration object", name)
	}
	base := layer.Base()
	base.auto.giveBack()
	if err := config.Decode(cfg, layer.KerasConfig()); err != nil {
		return nil, fmt.Errorf("layer %v (%s): %w", cfg["name"], className, err)
	}
	if input, ok := layer.(*InputLayer); ok {
		input.lc.Name = input.cfg.Name
	}
	if base.cfg.Name == "" {
		base.auto = takeName(config.SnakeCase(className), 0)
		base.cfg.Name = base.auto.String()
	}
	if err := checkName(base.cfg.Name); err != nil {
		return nil, fmt.Errorf("layer name: %w", err)
	}
	return layer, nil
}
