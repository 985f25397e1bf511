package serial

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/ndarray"
	"github.com/gokeras/gokeras/losses"
	"github.com/gokeras/gokeras/metrics"
	"github.com/gokeras/gokeras/symbolic"
)

// isLegacyPath tells the suffixes of Keras's legacy format from that of weights.
func isLegacyPath(path string) bool {
	ext := filepath.Ext(path)
	return (ext == ".h5" || ext == ".hdf5") && !strings.HasSuffix(path, weightsSuffix)
}

// saveLegacy writes the whole model as Keras's save_model_to_hdf5 does. The optimizer's variables are all there, though
// Keras 3.15 itself takes only the step count from them: it builds the optimizer for no weights when it loads such a file.
func saveLegacy(l symbolic.Layer, path string) error {
	s, renamed, err := encodeNamed(l)
	if err != nil {
		return err
	}
	n, _ := symbolic.NetworkOf(l)
	if err := checkKept(n); err != nil {
		return err
	}
	root := kerasfile.NewGroup()
	if err := legacyOrigin(root, versionOf(l)); err != nil {
		return err
	}
	if err := setJSON(root, legacyModelConfig, legacyObject(s)); err != nil {
		return err
	}
	if arguments, _ := s["compile_config"].(map[string]any); len(arguments) > 0 {
		if c, ok := l.(Compiled); ok { // Keras names the one in use in these files
			if arguments["optimizer"], err = c.OptimizerConfig(); err != nil {
				return err
			}
		}
		if err := setJSON(root, legacyTrainingConfig, legacyTraining(arguments)); err != nil {
			return err
		}
	}
	var optimizer []*symbolic.Weight
	if c, ok := l.(Compiled); ok && n.Connected() {
		parts, _, err := c.OptimizerState()
		if err != nil {
			return err
		}
		if len(parts) > 0 {
			optimizer = parts[0].Variables
		}
	}
	tree := &saved{weights: root, claimed: append(n.Weights(), optimizer...)}
	return tree.write(func() error {
		weights, err := root.MkGroup(legacyModelWeights)
		if err != nil {
			return err
		}
		if err := putLegacyWeights(n, weights, renamed); err != nil {
			return err
		}
		if optimizer != nil {
			group, err := root.MkGroup(legacyOptimizer)
			if err != nil {
				return err
			}
			if err := putLegacyArrays(group, optimizer); err != nil {
				return err
			}
		}
		return kerasfile.WriteWeights(path, root)
	})
}

// saveLegacyWeights writes the weights alone.
func saveLegacyWeights(n *symbolic.Network, path string) error {
	tree := &saved{weights: kerasfile.NewGroup(), claimed: n.Weights()}
	return tree.write(func() error {
		if err := putLegacyWeights(n, tree.weights, nil); err != nil {
			return err
		}
		return kerasfile.WriteWeights(path, tree.weights)
	})
}

// legacyOrigin notes the version of Keras whose format is written. The backend is the one whose weights have the same layout.
func legacyOrigin(group *kerasfile.Group, version string) error {
	if err := group.SetAttr(legacyVersion, version); err != nil {
		return err
	}
	return group.SetAttr(legacyBackend, "jax")
}

func setJSON(group *kerasfile.Group, name string, v any) error {
	text, err := config.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return group.SetAttr(name, string(text))
}

// putLegacyWeights writes a group for every layer; some may be renamed.
func putLegacyWeights(n *symbolic.Network, root *kerasfile.Group, renamed map[string]string) error {
	names := make([]string, len(n.Operations()))
	byName := make(map[string]symbolic.Layer, len(names))
	for i, l := range n.Operations() {
		names[i] = cmp.Or(renamed[l.Base().Name()], l.Base().Name())
		byName[names[i]] = l
	}
	if err := root.SetTexts(legacyLayerNames, names); err != nil {
		return err
	}
	if err := legacyOrigin(root, versionOf(n)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		group, err := root.MkGroup(name)
		if err != nil {
			return err
		}
		if err := putLegacyArrays(group, legacyLayout{era: keras3}.weights(byName[name])); err != nil {
			return fmt.Errorf("layer %q: %w", name, err)
		}
	}
	top, err := root.MkGroup(legacyTopWeights)
	if err != nil {
		return err
	}
	return top.SetTexts(legacyWeightNames, nil)
}

// putLegacyArrays writes weights under their paths, and lists these in order.
func putLegacyArrays(group *kerasfile.Group, weights []*symbolic.Weight) error {
	names := make([]string, len(weights))
	used := map[string]bool{}
	for i, w := range weights {
		name := w.Path()
		for n := 1; used[name]; n++ { // models inside a model may use a name twice
			name = w.Path() + "_" + strconv.Itoa(n)
		}
		used[name], names[i] = true, name
		a, err := kerasfile.FromHeld(func(use func(t *tensors.Tensor) error) error { return w.Look(legible(use)) })
		if err == nil {
			err = group.Set(name, a)
		}
		if err != nil {
			return fmt.Errorf("weight %s: %w", w.Path(), err)
		}
	}
	return group.SetTexts(legacyWeightNames, names)
}

// legible gives bfloat16 as float32: Keras can't read its own legacy files with the former.
func legible(use func(t *tensors.Tensor) error) func(t *tensors.Tensor) error {
	return func(t *tensors.Tensor) error {
		if t.DType() == dtypes.BFloat16 {
			var err error
			if t, err = ndarray.Convert(t, dtypes.Float32); err != nil {
				return err
			}
		}
		return use(t)
	}
}

// legacyObject turns a serialised layer or model into the form of legacy files: without the module, and with a
// registered name in the place of the class.
func legacyObject(entry map[string]any) map[string]any {
	class, _ := entry["class_name"].(string)
	if registered, ok := entry["registered_name"].(string); ok && strings.Contains(registered, ">") {
		class = registered
	}
	out := map[string]any{"class_name": class, "config": entry["config"]}
	if registered := config.RegisteredName(entry); registered != "" && registered != class { // Keras reads a class of its own
		out["gokeras"] = registered
	}
	cfg, _ := entry["config"].(map[string]any)
	if layers, ok := cfg["layers"].([]any); ok && isModelClass(class) {
		cfg = maps.Clone(cfg)
		list := make([]any, len(layers))
		for i, l := range layers {
			list[i] = l
			layer, ok := l.(map[string]any)
			if !ok || isOperation(layer) {
				continue
			}
			converted := legacyObject(layer)
			for _, key := range []string{"name", "inbound_nodes", sharedID} {
				if v, ok := layer[key]; ok {
					converted[key] = v
				}
			}
			list[i] = converted
		}
		cfg["layers"] = list
		out["config"] = cfg
	}
	return out
}

// isOperation tells an operation of keras.ops, which Keras finds by its module alone.
func isOperation(layer map[string]any) bool {
	module, _ := layer["module"].(string)
	return strings.HasPrefix(module, "keras.") && strings.Contains(module, ".ops")
}

// legacyTraining turns a compile_config into a training_config.
func legacyTraining(compile map[string]any) map[string]any {
	out := maps.Clone(compile)
	delete(out, "optimizer")
	out["loss"] = eachObject(compile["loss"], legacyLoss)
	for _, key := range []string{"metrics", "weighted_metrics"} {
		out[key] = eachObject(compile[key], legacyMetric)
	}
	if optimizer, ok := compile["optimizer"].(map[string]any); ok {
		out["optimizer_config"] = legacyObject(optimizer)
	}
	return out
}

// legacyLoss spells a name such as "mse" out: Keras fails to load a legacy file, its own too, that has the short form.
func legacyLoss(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return legacyObject(v)
	case string:
		if l, err := losses.Get(v); err == nil && l != nil && l.KerasClass().Registered == "" {
			return config.SnakeCase(l.KerasClass().Own())
		}
	}
	return v
}

// legacyMetric is legacyLoss for metrics, which keep the name that the user gave them for the logs.
func legacyMetric(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return legacyObject(v)
	case string:
		if slices.Contains([]string{"accuracy", "acc", "crossentropy", "ce"}, v) { // Keras finds out what these mean
			return v
		}
		metric, err := metrics.Resolve(v, []int{symbolic.None, 1}, []int{symbolic.None, 1})
		if err != nil {
			return v
		}
		if object, err := config.Encode(metric); err == nil {
			return legacyObject(object)
		}
	}
	return v
}
