package serial

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/notice"
	"github.com/gokeras/gokeras/metrics"
)

// renamed are the losses, which serve as metrics too, that Keras 2 and 1 know by names that are gone.
var renamed = map[string]string{"huber_loss": "huber", "kullback_leibler_divergence": "kl_divergence", "logcosh": "log_cosh"}

// cosines are the names that Keras 2 had for what is cosine_similarity now. Before Keras 2.0.9 they took the mean of the products in place of their sum.
var cosines = []string{"cosine", "cosine_proximity"}

// modernName is the name that a loss, or a metric, has now.
func modernName(name string) string {
	if now, ok := renamed[name]; ok {
		return now
	}
	return name
}

// modernCompile turns the training_config of a legacy file, which that version of Keras wrote, into the compile_config of a .keras archive.
func modernCompile(training map[string]any, outputs []string, version string) map[string]any {
	metric := func(v any) any { return modernMetric(v, outputs) }
	loss := func(v any) any {
		v = modernLoss(v)
		if name, ok := v.(string); ok && slices.Contains(cosines, name) && sumsCosines(version) {
			return "cosine_similarity"
		}
		return v
	}
	cfg := map[string]any{
		"optimizer":        modernOptimizer(training["optimizer_config"]),
		"loss":             eachObject(training["loss"], loss),
		"metrics":          withoutNulls(eachObject(training["metrics"], metric)),
		"weighted_metrics": withoutNulls(eachObject(training["weighted_metrics"], metric)),
		"loss_weights":     training["loss_weights"],
	}
	if n, ok := training["steps_per_execution"]; ok && n != nil {
		cfg["steps_per_execution"] = n
	}
	return cfg
}

// sumsCosines reports whether a version of Keras sums the products that make a cosine.
func sumsCosines(version string) bool {
	var major, minor, patch int
	n, _ := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch)
	own := !strings.HasSuffix(version, "-tf") // TensorFlow's had another sign for a while
	return own && n >= 2 && (major > 2 || major == 2 && (minor > 0 || patch >= 9))
}

// eachObject converts names and serialised objects in any nesting of lists and maps.
func eachObject(v any, convert func(any) any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = eachObject(e, convert)
		}
		return list
	case map[string]any:
		if config.IsEnvelope(v) {
			return convert(v)
		}
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = eachObject(e, convert)
		}
		return out
	case string:
		return convert(v)
	}
	return v
}

// withoutNulls drops the nulls that stand in an output's list of metrics when Keras 2 has none for it.
func withoutNulls(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, e := range list {
		if inner, ok := e.([]any); ok {
			e = slices.DeleteFunc(slices.Clone(inner), func(m any) bool { return m == nil })
		}
		out[i] = e
	}
	return out
}

// modernObject gives a class registered by a user its name in Keras 3's place for it, and drops the package
// that Keras 2 gave its own optimizers.
func modernObject(m map[string]any) map[string]any {
	out := maps.Clone(m)
	class, _ := m["class_name"].(string)
	if own, ok := strings.CutPrefix(class, "Custom>"); ok && m["registered_name"] == nil {
		out["class_name"] = own
	} else if strings.Contains(class, ">") {
		out["registered_name"] = class
		out["class_name"] = class[strings.LastIndexByte(class, '>')+1:]
	}
	cfg, _ := m["config"].(map[string]any)
	out["config"] = maps.Clone(cfg)
	return out
}

// modernOptimizer converts an optimizer, whose learning rate was once called lr and had a decay of its own.
func modernOptimizer(v any) any {
	m, ok := v.(map[string]any)
	if !ok || !config.IsEnvelope(m) {
		return v
	}
	out := modernObject(m)
	cfg, _ := out["config"].(map[string]any)
	if class := out["class_name"]; class == "LossScaleOptimizer" || class == "LossScaleOptimizerV3" {
		return modernLossScale(cfg)
	}
	if rate, ok := cfg["lr"]; ok {
		delete(cfg, "lr")
		cfg["learning_rate"] = rate
	}
	momentum, _ := config.AsFloat(cfg["momentum"])
	if _, first := cfg["decay"]; first && (out["class_name"] == "Adagrad" || out["class_name"] == "RMSprop" && momentum == 0) { // Keras 2's first optimizers
		cfg["epsilon_after_root"] = true
		notice.Once(fmt.Sprintf("%s adds its epsilon after the root, as where the file was made; what is saved of the model is Keras 3's, which adds it before", out["class_name"]))
	}
	decay, _ := config.AsFloat(cfg["decay"])
	if out["class_name"] == "Nadam" { // there it was the decay of the momentum, now a constant
		decay = 0
	}
	if rate, plain := config.AsFloat(cfg["learning_rate"]); plain && decay > 0 {
		cfg["learning_rate"] = map[string]any{
			"module": "keras.optimizers.schedules", "class_name": "InverseTimeDecay", "registered_name": nil,
			"config": map[string]any{"initial_learning_rate": rate, "decay_steps": 1.0, "decay_rate": decay, "staircase": false, "name": "InverseTimeDecay"},
		}
	}
	for _, key := range []string{"decay", "schedule_decay", "is_legacy_optimizer", "jit_compile"} {
		delete(cfg, key)
	}
	for _, key := range []string{"epsilon", "ema_overwrite_frequency"} { // null, or unused, means the default
		if cfg[key] == nil || key == "ema_overwrite_frequency" && cfg["use_ema"] == false {
			delete(cfg, key)
		}
	}
	return out
}

// modernLossScale converts the configuration of an optimizer around another. A scale that stays what it is has become an argument of the one inside.
func modernLossScale(cfg map[string]any) map[string]any {
	out := map[string]any{}
	for _, key := range []string{"name", "initial_scale", "dynamic_growth_steps"} {
		if v := cfg[key]; v != nil {
			out[key] = v
		}
	}
	inner := modernOptimizer(cfg["inner_optimizer"])
	if inner == nil { // as TensorFlow called it at first
		inner = modernOptimizer(cfg["optimizer"])
	}
	if m, ok := inner.(map[string]any); ok && cfg["dynamic"] == false {
		if own, ok := m["config"].(map[string]any); ok {
			own["loss_scale_factor"] = cfg["initial_scale"]
		}
		return m
	}
	out["inner_optimizer"] = inner
	return config.Envelope(config.Class{Module: "keras.optimizers", Name: "LossScaleOptimizer"}, out)
}

// modernLoss converts a loss.
func modernLoss(v any) any {
	if name, ok := v.(string); ok {
		return modernName(name)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := modernObject(m)
	cfg, _ := out["config"].(map[string]any)
	if fn, ok := cfg["fn"].(string); ok && out["class_name"] == "LossFunctionWrapper" {
		return modernName(fn)
	}
	if cfg == nil {
		return m
	}
	delete(cfg, "fn")
	if cfg["reduction"] == "auto" {
		cfg["reduction"] = "sum_over_batch_size"
	}
	return out
}

// modernMetric converts a metric. Keras 2 wraps functions as metrics, and puts the names of outputs before those of metrics.
func modernMetric(v any, outputs []string) any {
	if name, ok := v.(string); ok {
		return modernName(name)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := modernObject(m)
	cfg, _ := out["config"].(map[string]any)
	if cfg == nil {
		return m
	}
	wrappers := []string{"MeanMetricWrapper", "SumOverBatchSizeMetricWrapper"}
	if class, _ := out["class_name"].(string); slices.Contains(wrappers, class) {
		fn, _ := cfg["fn"].(string)
		fn = modernName(fn)
		out["class_name"] = fn // what isn't known is reported by this name
		if known, err := metrics.Get(fn); err == nil {
			out["class_name"] = known.KerasClass().Name
		}
	}
	delete(cfg, "fn")
	if name, ok := cfg["name"].(string); ok && len(outputs) > 1 {
		for _, output := range outputs {
			if short, ok := strings.CutPrefix(name, output+"_"); ok {
				cfg["name"] = short
				break
			}
		}
	}
	return out
}
