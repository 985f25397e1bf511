package serial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/internal/nest"
	"github.com/gokeras/gokeras/symbolic"
)

func init() {
	config.DecodeBy(func(raw any) (symbolic.Layer, error) {
		m, ok := raw.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("got a %T, want a serialized layer", raw)
		}
		return newLayer(m)
	})
}

// newLayer makes the layer that a decoded JSON object describes.
func newLayer(m map[string]any) (symbolic.Layer, error) {
	shared, isShared := m[sharedMark].(*sharedLayer)
	if isShared && shared.layer != nil {
		return shared.layer, nil
	}
	layer, err := decodeLayer(m)
	if err != nil {
		if stand := unknownShown(m, err); stand != nil {
			layer, err = stand, nil
		}
	} else {
		showOutputs(m, layer)
	}
	if isShared {
		shared.layer = layer
	}
	return layer, err
}

// classOf is the name under which the class of an entry is registered.
func classOf(m map[string]any) string {
	if registered := config.RegisteredName(m); registered != "" {
		return registered
	}
	class, _ := m["class_name"].(string)
	return class
}

func decodeLayer(m map[string]any) (symbolic.Layer, error) {
	className, _ := m["class_name"].(string)
	name := classOf(m)
	if module, _ := m["module"].(string); kerasops.IsModule(module) {
		return operationFromConfig(m)
	}
	switch className {
	case "Functional", "Model":
		return modelFromConfig(m)
	case "Sequential":
		return sequentialFromConfig(m)
	case "Lambda":
		if cfg, ok := m["config"].(map[string]any); ok {
			return symbolic.NewLambda(cfg)
		}
	}
	layer, err := symbolic.NewLayer(name)
	if err != nil {
		return nil, unknownLayer(m, err)
	}
	cfg, ok := m["config"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("layer %s has no configuration object", name)
	}
	if err := symbolic.ReadConfig(layer, cfg); err != nil {
		return nil, err
	}
	if build, ok := m["build_config"].(map[string]any); ok {
		layer.Base().KeepBuildConfig(build)
	}
	return layer, nil
}

// pythonPrograms are Keras's layers around what only Python runs.
var pythonPrograms = map[string]string{
	"JaxLayer": "a function of JAX", "FlaxLayer": "a module of Flax", "TFSMLayer": "a TensorFlow SavedModel", "TorchModuleWrapper": "a module of PyTorch",
}

// unknownLayer explains a class that nothing here knows: one of the user's must get a body in Go.
func unknownLayer(m map[string]any, err error) error {
	module, _ := m["module"].(string)
	registered, _ := m["registered_name"].(string)
	class, _ := m["class_name"].(string)
	if runs := pythonPrograms[class]; runs != "" && !strings.Contains(registered, ">") {
		cfg, _ := m["config"].(map[string]any)
		return fmt.Errorf("layer %q is a %s, which runs %s in Python: register a Go type of class %q with functional.RegisterLayer, "+
			"or re-save the model from Python with Keras's layers, or a registered layer class, in its place: %w", fmt.Sprint(cfg["name"]), class, runs, class, err)
	}
	if pkg := packageOf(class, registered); pkg != "" {
		cfg, _ := m["config"].(map[string]any)
		return ofPackage(fmt.Sprint(cfg["name"]), class, pkg)
	}
	if registered == "" && (module == "" || module == "keras" || strings.HasPrefix(module, "keras.")) {
		return fmt.Errorf("%w: a Go type that functional.RegisterLayer knows by that name can stand in", err)
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

// unknownClasses lists the layers and operations in a configuration that nothing here knows, each once, as Keras spells them.
func unknownClasses(cfg any) []string {
	var list []string
	nest.Walk(cfg, func(at nest.Path, v any) bool {
		m, _ := v.(map[string]any)
		class, ok := m["class_name"].(string)
		if _, isObject := m["config"].(map[string]any); !ok || !isObject || slices.Contains(list, class) {
			return true
		}
		module, _ := m["module"].(string)
		_, isEntry := m["inbound_nodes"]
		switch {
		case kerasops.IsModule(module):
			if kerasops.Module(class) == "" {
				list = append(list, class)
			}
		case isEntry || module == "keras.layers":
			if name := classOf(m); !isModelClass(name) && !symbolic.KnowsLayer(name) {
				list = append(list, class)
			}
		}
		return true
	})
	return list
}

// operationFromConfig makes the operation that an entry of a configuration's list of layers describes.
func operationFromConfig(m map[string]any) (symbolic.Layer, error) {
	class, _ := m["class_name"].(string)
	cfg, _ := m["config"].(map[string]any)
	name, ok := cfg["name"].(string)
	if !ok {
		name, _ = m["name"].(string)
	}
	return symbolic.NewOperation(class, cfg, name)
}
