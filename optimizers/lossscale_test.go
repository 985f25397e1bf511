package optimizers_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

// TestLossScaleArguments makes the constructor calls that Keras took or refused.
func TestLossScaleArguments(t *testing.T) {
	var fixture struct {
		Errors []struct {
			Arguments map[string]any
			Error     *struct{ Message string }
		}
	}
	golden.Load(t, "lossscale", &fixture)
	require.NotEmpty(t, fixture.Errors)
	for _, tc := range fixture.Errors {
		tc.Arguments["inner_optimizer"] = map[string]any{"class_name": "SGD", "config": map[string]any{"learning_rate": 0.1}}
		o, err := optimizers.Get(map[string]any{"class_name": "LossScaleOptimizer", "config": tc.Arguments})
		if tc.Error != nil {
			for argument := range tc.Arguments {
				if argument != "inner_optimizer" {
					require.ErrorContains(t, err, argument)
				}
			}
			continue
		}
		require.NoError(t, err, tc.Arguments)
		fields, err := config.Fields(o.KerasConfig())
		require.NoError(t, err)
		require.Len(t, fields, 4, "what means nothing isn't written")
	}
}

// ownScaler is an optimizer of somebody else's that scales the loss.
type ownScaler struct{ optimizers.Optimizer }

func (ownScaler) ScaleLoss(_ []optimizers.Variable, _ []*graph.Node, loss *graph.Node) *graph.Node {
	return loss
}

func TestLossScaleValidate(t *testing.T) {
	var none *optimizers.AdamOptimizer
	missing := "inner_optimizer is missing: want the optimizer to scale the loss for"
	require.EqualError(t, optimizers.LossScale(nil).Validate(), missing)
	require.EqualError(t, optimizers.LossScale(none).Validate(), missing)
	for want, o := range map[string]optimizers.Optimizer{
		"inner_optimizer: LossScaleOptimizer scales the loss itself":                   optimizers.LossScale(optimizers.LossScale(optimizers.Adam())),
		"inner_optimizer: SGD scales the loss itself":                                  optimizers.LossScale(ownScaler{optimizers.SGD()}),
		"inner_optimizer: Lion: beta_1 must be in the range (0, 1]; received beta_1=0": optimizers.LossScale(optimizers.Lion().Beta1(0)),
		"initial_scale must be a finite number above 0; received initial_scale=0":      optimizers.LossScale(optimizers.Adam()).InitialScale(0),
		"initial_scale must be a finite number above 0; received initial_scale=1e+40":  optimizers.LossScale(optimizers.Adam()).InitialScale(1e40),
	} {
		require.EqualError(t, o.Validate(), want)
	}
	require.NoError(t, optimizers.LossScale(optimizers.Adam()).Validate())
	_, err := optimizers.Get("loss_scale_optimizer")
	require.ErrorContains(t, err, "inner_optimizer is missing")
	require.NotContains(t, optimizers.Names(), "loss_scale_optimizer")
}

func TestAutoScaled(t *testing.T) {
	require.Nil(t, optimizers.AutoScaled(nil))
	adam := optimizers.Adam().LossScaleFactor(8)
	scaled := optimizers.AutoScaled(adam)
	require.Equal(t, adam, scaled.(optimizers.Wrapper).Inner())
	require.Equal(t, "loss_scale_optimizer", scaled.KerasName())
	require.Equal(t, scaled, optimizers.AutoScaled(scaled))

	encoded, err := config.Encode(scaled)
	require.NoError(t, err)
	inner := encoded["config"].(map[string]any)["inner_optimizer"].(map[string]any)["config"].(map[string]any)
	require.Nil(t, inner["loss_scale_factor"], "Keras switches it off")
	own, err := config.Fields(adam.KerasConfig())
	require.NoError(t, err)
	require.Equal(t, 8.0, own["loss_scale_factor"], "for other models the optimizer stays as it was")
}

func TestLearningRateIndex(t *testing.T) {
	scheduled := optimizers.SGD().LearningRateSchedule(optimizers.ExponentialDecay(0.1, 2, 0.5))
	require.Equal(t, 1, optimizers.LearningRateIndex(optimizers.Adam(), nil))
	require.Equal(t, 5, optimizers.LearningRateIndex(optimizers.LossScale(optimizers.Adam()), nil))
	require.Equal(t, -1, optimizers.LearningRateIndex(scheduled, nil))
	require.Equal(t, -1, optimizers.LearningRateIndex(optimizers.LossScale(scheduled), nil))
}
