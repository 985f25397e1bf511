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
	shared, isShared := m[sharedMark].(*sharedLayer)
	if isShared && shared.layer != nil {
		return shared.layer, nil
	}
	layer, err := decodeLayer(m)
	if isShared {
		shared.layer = layer
	}
	return layer, err
}

func decodeLayer(m map[string]any) (Layer, error) {
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
		return nil, unknownLayer(m, err)
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

// unknownLayer explains a class that nothing here knows: one of the user's must get a body in Go.
func unknownLayer(m map[string]any, err error) error {
	module, _ := m["module"].(string)
	registered, _ := m["registered_name"].(string)
	if registered == "" && (module == "" || module == "keras" || strings.HasPrefix(module, "keras.")) {
		return err
	}
	where := ""
	if module != "" {
		where = fmt.Sprintf(" of module %q", module)
	}
	if !strings.Contains(registered, ">") {
		return fmt.Errorf("layer class %v%s is defined in Python and not registered there: decorate it with "+
			"@keras.saving.register_keras_serializable(package=\"mine\") and save the model again, then register a Go type of that name with functional.RegisterLayer: %w",
			m["class_name"], where, err)
	}
	return fmt.Errorf("layer class %q%s is defined in Python: register a Go type of that name with functional.RegisterLayer: %w", registered, where, err)
}
