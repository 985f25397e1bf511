package optimizers_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

func TestValidate(t *testing.T) {
	for want, o := range map[string]optimizers.Optimizer{
		"only one of clipnorm, clipvalue and global_clipnorm can be set; received clipnorm=1, clipvalue=2.5, global_clipnorm=None": optimizers.Adam().Clipnorm(1).Clipvalue(2.5),
		"gradient_accumulation_steps must be an integer >= 2; received gradient_accumulation_steps=1":                              optimizers.SGD().GradientAccumulationSteps(1),
		"ema_momentum must be in the range [0, 1]; received ema_momentum=2":                                                        optimizers.SGD().UseEMA(true).EMAMomentum(2),
		"ema_overwrite_frequency must be an integer >= 1 or none; received ema_overwrite_frequency=0":                              optimizers.SGD().UseEMA(true).EMAOverwriteFrequency(0),
		"momentum must be between 0 and 1; received momentum=1.5":                                                                  optimizers.SGD().Momentum(1.5),
		"got 2 learning rates, want one or none":                                                                                   optimizers.Adam(0.1, 0.2),
		"exclude_from_weight_decay: error parsing regexp: missing closing ): `a(`":                                                 optimizers.AdamW().ExcludeFromWeightDecay("a("),
		"loss_scale_factor must not be 0":                                                                                          optimizers.Adam().LossScaleFactor(0),
		"learning_rate_power must be negative or zero; received learning_rate_power=1":                                             optimizers.Ftrl().LearningRatePower(1),
		"l1_regularization_strength must be positive or zero; received l1_regularization_strength=-1":                              optimizers.Ftrl().L1RegularizationStrength(-1),
		"beta_1 must be in the range (0, 1]; received beta_1=0":                                                                    optimizers.Lion().Beta1(0),
	} {
		require.EqualError(t, o.Validate(), want)
	}
	require.NoError(t, optimizers.Adam(1e-4).Clipnorm(1).Validate())
	require.NoError(t, optimizers.SGD().GradientAccumulationSteps(0).Validate(), "0 is none, as in Keras")
}

func TestGet(t *testing.T) {
	for name, class := range map[string]string{
		"adam": "Adam", "Adam": "Adam", "ADAM": "Adam", "sgd": "SGD", "SGD": "SGD", "rmsprop": "RMSprop", "RMSprop": "RMSprop",
		"adamw": "AdamW", "AdamW": "AdamW", "nadam": "Nadam", "adamax": "Adamax", "adagrad": "Adagrad", "adadelta": "Adadelta",
		"ftrl": "Ftrl", "lion": "Lion",
	} {
		o, err := optimizers.Get(name)
		require.NoError(t, err, name)
		require.Equal(t, class, o.KerasClass().Name)
	}
	none, err := optimizers.Get(nil)
	require.NoError(t, err)
	require.Nil(t, none)

	for name, tc := range map[string]struct {
		given any
		want  string
	}{
		"schedule":    {map[string]any{"class_name": "Adam", "config": map[string]any{"learning_rate": map[string]any{"class_name": "CosineDecay"}}}, "optimizer: Adam: learning_rate: CosineDecay: decay_steps must be > 0; received decay_steps=0"},
		"two clips":   {map[string]any{"class_name": "Adam", "config": map[string]any{"clipnorm": 1., "clipvalue": 1.}}, "optimizer Adam: only one of clipnorm, clipvalue and global_clipnorm can be set"},
		"no decay":    {map[string]any{"class_name": "AdamW", "config": map[string]any{"weight_decay": nil}}, "optimizer AdamW: weight_decay must be a number; received weight_decay=None"},
		"wrong type":  {3, "optimizer: got a int, want a name"},
		"rate a word": {map[string]any{"class_name": "SGD", "config": map[string]any{"learning_rate": "fast"}}, "learning_rate: got a string, want a number"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := optimizers.Get(tc.given)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestSetters(t *testing.T) {
	got, err := config.Fields(optimizers.Adam(0.5).Name("a").Beta1(0.1).Beta2(0.2).Epsilon(0.25).AMSGrad(true).WeightDecay(0.3).GlobalClipnorm(2).
		UseEMA(true).EMAMomentum(0.5).EMAOverwriteFrequency(7).LossScaleFactor(8).GradientAccumulationSteps(4).KerasConfig())
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"name": "a", "learning_rate": 0.5, "beta_1": 0.1, "beta_2": 0.2, "epsilon": 0.25, "amsgrad": true, "weight_decay": 0.3,
		"clipnorm": nil, "clipvalue": nil, "global_clipnorm": 2.0, "use_ema": true, "ema_momentum": 0.5, "ema_overwrite_frequency": 7,
		"loss_scale_factor": 8.0, "gradient_accumulation_steps": 4,
	}, got)
}

func TestOwnSetters(t *testing.T) {
	for _, tc := range []struct {
		optimizer optimizers.Optimizer
		want      map[string]any
	}{
		{optimizers.SGD().LearningRate(0.5).Momentum(0.25).Nesterov(true), map[string]any{"learning_rate": 0.5, "momentum": 0.25, "nesterov": true}},
		{optimizers.RMSprop(0.5).Rho(0.1).Momentum(0.2).Epsilon(0.3).Centered(true), map[string]any{"learning_rate": 0.5, "rho": 0.1, "momentum": 0.2, "epsilon": 0.3, "centered": true}},
		{optimizers.AdamW(0.5).Beta1(0.1).Beta2(0.2).Epsilon(0.3).AMSGrad(true), map[string]any{"learning_rate": 0.5, "beta_1": 0.1, "beta_2": 0.2, "epsilon": 0.3, "amsgrad": true, "weight_decay": 0.004}},
		{optimizers.Nadam().Beta1(0.1).Beta2(0.2).Epsilon(0.3), map[string]any{"beta_1": 0.1, "beta_2": 0.2, "epsilon": 0.3}},
		{optimizers.Adamax().Beta1(0.1).Beta2(0.2).Epsilon(0.3), map[string]any{"beta_1": 0.1, "beta_2": 0.2, "epsilon": 0.3}},
		{optimizers.Adagrad().InitialAccumulatorValue(0.2).Epsilon(0.3), map[string]any{"initial_accumulator_value": 0.2, "epsilon": 0.3}},
		{optimizers.Adadelta().Rho(0.2).Epsilon(0.3), map[string]any{"rho": 0.2, "epsilon": 0.3}},
		{optimizers.Lion().Beta1(0.1).Beta2(0.2).Clipnorm(3), map[string]any{"beta_1": 0.1, "beta_2": 0.2, "clipnorm": 3.0}},
		{optimizers.Ftrl().LearningRatePower(-0.1).InitialAccumulatorValue(0.2).L1RegularizationStrength(0.3).L2RegularizationStrength(0.4).
			L2ShrinkageRegularizationStrength(0.5).Beta(0.6).Clipvalue(2), map[string]any{"learning_rate_power": -0.1, "initial_accumulator_value": 0.2,
			"l1_regularization_strength": 0.3, "l2_regularization_strength": 0.4, "l2_shrinkage_regularization_strength": 0.5, "beta": 0.6, "clipvalue": 2.0}},
	} {
		got, err := config.Fields(tc.optimizer.KerasConfig())
		require.NoError(t, err)
		for key, want := range tc.want {
			require.Equal(t, want, got[key], "%s: %s", tc.optimizer.KerasClass().Name, key)
		}
		require.NoError(t, tc.optimizer.Validate())
	}
}

// TestReuse holds the optimizer to being arguments only: one value serves models of different shapes.
func TestReuse(t *testing.T) {
	o := optimizers.Adam()
	one := []optimizers.Variable{{Name: "kernel", Shape: []int{2}, DType: dtypes.Float32}}
	two := append(one, optimizers.Variable{Name: "bias", Shape: []int{3}, DType: dtypes.Float32})
	require.Len(t, o.Variables(one), 4)
	require.Len(t, o.Variables(two), 6)
	require.Len(t, o.Variables(one), 4)
	require.Equal(t, "kernel_momentum", o.Variables(one)[2].Name)
	require.Nil(t, o.Averages(one))
	require.Equal(t, []int{2, 3}, optimizers.SGD().UseEMA(true).Averages(two))
}

func TestApplyMisuse(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		trainable := []optimizers.Variable{{Name: "kernel", Shape: []int{2}, DType: dtypes.Float32}}
		_, err := graph.CallOnceN(backend, func(i, w *graph.Node) []*graph.Node {
			state, _ := optimizers.Adam().Apply(trainable, []*graph.Node{i}, []*graph.Node{w}, []*graph.Node{w})
			return state
		}, int32(0), []float32{1, 2})
		require.ErrorContains(t, err, "optimizer adam: got 1 variables, 1 weights and 1 gradients, want 4, 1 and 1")
	})
}

func TestNothingToTrain(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		out, err := graph.CallOnceN(backend, func(i, rate *graph.Node) []*graph.Node {
			state, weights := optimizers.Adam().GlobalClipnorm(1).Apply(nil, []*graph.Node{i, rate}, nil, nil)
			require.Empty(t, weights)
			return state
		}, int32(4), float32(0.5))
		require.NoError(t, err)
		require.Equal(t, int32(5), out[0].Value())
	})
}

func TestScaleLoss(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		for want, o := range map[float32]optimizers.LossScaler{3: optimizers.Adam(), 24: optimizers.Adam().LossScaleFactor(8)} {
			out, err := graph.CallOnce(backend, func(loss *graph.Node) *graph.Node { return o.ScaleLoss(nil, nil, loss) }, float32(3))
			require.NoError(t, err)
			require.Equal(t, want, out.Value())
		}
	})
}

// TestHalfWeights checks that weights of a half type stay so, with a learning rate that is float32.
func TestHalfWeights(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		for _, name := range optimizers.Names() {
			o, err := optimizers.Get(name)
			require.NoError(t, err)
			trainable := []optimizers.Variable{{Name: "kernel", Shape: []int{2}, DType: dtypes.BFloat16}}
			_, err = graph.CallOnceN(backend, func(i, rate, w *graph.Node) []*graph.Node {
				w = graph.ConvertDType(w, dtypes.BFloat16)
				state := []*graph.Node{i, rate}
				for _, v := range o.Variables(trainable)[2:] {
					if len(v.Shape) == 0 {
						state = append(state, graph.Scalar(w.Graph(), v.DType, v.Initial))
					} else {
						state = append(state, graph.MulScalar(graph.OnesLike(w), v.Initial))
					}
				}
				newState, newWeights := o.Apply(trainable, state, []*graph.Node{w}, []*graph.Node{w})
				for j, v := range o.Variables(trainable) {
					require.Equal(t, v.DType, newState[j].DType(), "%s: %s", name, v.Name)
				}
				require.Equal(t, dtypes.BFloat16, newWeights[0].DType())
				return []*graph.Node{graph.ConvertDType(newWeights[0], dtypes.Float32)}
			}, int32(0), float32(0.5), []float32{1, -2})
			require.NoError(t, err, name)
		}
	})
}
