package losses_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/losses"
)

type moreFixtures struct {
	Losses   []fixture                 `json:"losses"`
	Masked   []fixture                 `json:"masked"`
	Defaults map[string]map[string]any `json:"defaults"`
	Names    map[string]struct {
		Class    string `json:"class"`
		Function string `json:"function"`
		Name     string `json:"name"`
		Error    string `json:"error"`
	} `json:"names"`
	Errors []struct {
		Class     string         `json:"class"`
		Arguments map[string]any `json:"arguments"`
		Shapes    [][]int        `json:"shapes"`
		Error     struct {
			Message string `json:"message"`
		} `json:"error"`
	} `json:"errors"`
}

func loadMore(t *testing.T) (f moreFixtures) {
	golden.Load(t, "losses_more", &f)
	require.NotEmpty(t, f.Losses)
	require.NotEmpty(t, f.Masked)
	return f
}

func TestMoreAgainstKeras(t *testing.T) {
	all := loadMore(t)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for at, f := range append(all.Losses, all.Masked...) {
			if !golden.Runs(engine, at) {
				continue
			}
			t.Run(f.Name, func(t *testing.T) { f.check(t, engine) })
		}
	})
}

func TestDefaults(t *testing.T) {
	all := loadMore(t)
	require.Greater(t, len(all.Defaults), 20)
	golden.SameDecoded(t, all.Defaults, losses.Get, func(name string) any { return map[string]any{"class_name": name, "config": map[string]any{}} })
	for _, f := range append(all.Losses, all.Masked...) {
		loss, err := losses.Get(f.Config)
		require.NoError(t, err)
		require.Equal(t, f.Config, golden.Encoded(t, loss), f.Name)
	}
}

func TestNames(t *testing.T) {
	for given, want := range loadMore(t).Names {
		loss, err := losses.Resolve(given, nil, nil)
		if want.Error != "" {
			if given != "CategoricalGeneralizedCrossEntropy" && given != config.SnakeCase("CategoricalGeneralizedCrossEntropy") { // which files may hold
				require.Error(t, err, given)
			}
			continue
		}
		require.NoError(t, err, given)
		require.Equal(t, want.Name, loss.KerasName(), given)
		require.Equal(t, want.Function, config.SnakeCase(loss.KerasClass().Name), given)
	}
	huber, err := losses.Get(map[string]any{"module": "builtins", "class_name": "function", "config": "huber", "registered_name": "function"})
	require.NoError(t, err)
	require.Equal(t, "huber", huber.KerasName())
}

func TestErrorsOfMore(t *testing.T) {
	all := loadMore(t)
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for _, f := range all.Errors {
			require.NotEmpty(t, f.Error.Message)
			loss, err := losses.Get(map[string]any{"class_name": f.Class, "config": f.Arguments})
			if err == nil {
				err = config.Validate(loss)
			}
			if f.Shapes == nil {
				require.Error(t, err, "%s %v", f.Class, f.Arguments)
				continue
			}
			require.NoError(t, err)
			_, err = graph.CallOnce(engine, func(y, p *graph.Node) *graph.Node { return losses.Compute(loss, y, p, nil, nil) }, zeros(f.Shapes[0]), zeros(f.Shapes[1]))
			require.ErrorContains(t, err, "loss "+loss.KerasName(), "%s %v", f.Class, f.Arguments)
		}
	})
}

// Arguments of a hostile file are refused or give a number, and nothing panics.
func TestStrangeArguments(t *testing.T) {
	for _, cfg := range []map[string]any{
		{"class_name": "Huber", "config": map[string]any{"delta": "1"}},
		{"class_name": "CategoricalFocalCrossentropy", "config": map[string]any{"alpha": []any{"a"}}},
		{"class_name": "CategoricalFocalCrossentropy", "config": map[string]any{"gamma": nil}},
		{"class_name": "Dice", "config": map[string]any{"axis": 0.5}},
		{"class_name": "Tversky", "config": map[string]any{"axis": []any{[]any{1}}}},
		{"class_name": "Circle", "config": map[string]any{"remove_diagonal": 1}},
		{"class_name": "MeanSquaredError", "config": map[string]any{"dtype": 16}},
	} {
		_, err := losses.Get(cfg)
		require.Error(t, err, "%v", cfg)
	}
	nothing, err := losses.Get(map[string]any{"class_name": "CategoricalFocalCrossentropy", "config": map[string]any{"alpha": nil}})
	require.NoError(t, err)
	require.ErrorContains(t, config.Validate(nothing), "alpha is empty")
	require.ErrorContains(t, losses.MeanSquaredError().DType("int32").Validate(), `dtype "int32", want a type of floats`)
	require.ErrorContains(t, losses.CategoricalGeneralizedCrossEntropy().Q(2).Validate(), "q is 2, want more than 0 and less than 1")
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for _, loss := range []losses.Loss{
			losses.Dice().Axis(1 << 40), losses.Tversky().Axis(-3), losses.CategoricalFocalCrossentropy().Alpha(), losses.Huber().DType("bool"),
		} {
			_, err := graph.CallOnce(engine, func(y, p *graph.Node) *graph.Node { return losses.Compute(loss, y, p, nil, nil) }, zeros([]int{2, 3}), zeros([]int{2, 3}))
			require.ErrorContains(t, err, "loss "+loss.KerasName())
		}
	})
}

func TestSettersOfMore(t *testing.T) {
	fields := func(l losses.Loss) map[string]any {
		got, err := config.Fields(l.KerasConfig())
		require.NoError(t, err)
		delete(got, "name")
		delete(got, "reduction")
		delete(got, "dtype")
		return got
	}
	require.Equal(t, map[string]any{"from_logits": true, "label_smoothing": 0.1, "axis": 0, "apply_class_balancing": true, "alpha": 0.5, "gamma": 1.0},
		fields(losses.BinaryFocalCrossentropy().FromLogits(true).LabelSmoothing(0.1).Axis(0).ApplyClassBalancing(true).Alpha(0.5).Gamma(1)))
	require.Equal(t, map[string]any{"from_logits": true, "label_smoothing": 0.1, "axis": 0, "alpha": []any{1.0, 2.0}, "gamma": 1.0},
		fields(losses.CategoricalFocalCrossentropy().FromLogits(true).LabelSmoothing(0.1).Axis(0).Alpha(1, 2).Gamma(1)))
	require.Equal(t, 0.5, fields(losses.CategoricalFocalCrossentropy().Alpha(0.5))["alpha"])
	require.Equal(t, map[string]any{"axis": []any{1, 2}}, fields(losses.Dice().Axis(1, 2)))
	require.Equal(t, map[string]any{"axis": -1, "alpha": 0.3, "beta": 0.7}, fields(losses.Tversky().Axis(-1).Alpha(0.3).Beta(0.7)))
	require.Equal(t, map[string]any{"gamma": 2.0, "margin": 0.1, "remove_diagonal": false}, fields(losses.Circle().Gamma(2).Margin(0.1).RemoveDiagonal(false)))
	require.Equal(t, map[string]any{"q": 0.7}, fields(losses.CategoricalGeneralizedCrossEntropy().Q(0.7)))
}
