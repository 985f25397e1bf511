package optimizers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/optimizers"
)

func TestSettersOfMore(t *testing.T) {
	has := func(o optimizers.Optimizer, want map[string]any) {
		require.NoError(t, o.Validate())
		got, err := config.Fields(o.KerasConfig())
		require.NoError(t, err)
		for key, value := range want {
			require.Equal(t, value, got[key], key)
		}
	}
	has(optimizers.Adafactor(0.5).Beta2Decay(-0.5).Epsilon1(1e-8).Epsilon2(0.1).ClipThreshold(2).RelativeStep(false), map[string]any{
		"learning_rate": 0.5, "beta_2_decay": -0.5, "epsilon_1": 1e-8, "epsilon_2": 0.1, "clip_threshold": 2.0, "relative_step": false})
	has(optimizers.Lamb().Beta1(0.8).Beta2(0.9).Epsilon(1e-3), map[string]any{"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3})
	has(optimizers.ScheduleFreeAdamW().Beta1(0.8).Beta2(0.9).Epsilon(1e-3).WarmupSteps(4), map[string]any{
		"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "warmup_steps": 4})
	has(optimizers.Muon().AdamBeta1(0.8).AdamBeta2(0.9).AdamWeightDecay(0.1).Epsilon(1e-3).ExcludeLayers("out").ExcludeEmbeddings(false).
		Polynomial(1, 2, 3).AdamLRRatio(0.5).Momentum(0.7).NSSteps(2).Nesterov(false).RMSRate(0.3), map[string]any{
		"adam_beta_1": 0.8, "adam_beta_2": 0.9, "adam_weight_decay": 0.1, "epsilon": 1e-3, "exclude_layers": []any{"out"}, "exclude_embeddings": false,
		"muon_a": 1.0, "muon_b": 2.0, "muon_c": 3.0, "adam_lr_ratio": 0.5, "momentum": 0.7, "ns_steps": 2, "nesterov": false, "rms_rate": 0.3})
	has(optimizers.Muon().NoRMSRate(), map[string]any{"rms_rate": nil})
}

func TestStrangeArgumentsOfMore(t *testing.T) {
	for class, arguments := range map[string][]map[string]any{
		"Muon":              {{"ns_steps": 1 << 40}, {"exclude_layers": []any{"["}}, {"exclude_layers": "out"}, {"nesterov": 1}},
		"Adafactor":         {{"relative_step": nil}, {"epsilon_1": "small"}},
		"ScheduleFreeAdamW": {{"warmup_steps": 0.5}},
		"Lamb":              {{"clipnorm": 1.0, "clipvalue": 1.0}},
	} {
		for _, a := range arguments {
			_, err := optimizers.Get(map[string]any{"class_name": class, "config": a})
			require.Error(t, err, "%s %v", class, a)
		}
	}
}
