package losses_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/losses"
)

type fixture struct {
	Name         string         `json:"name"`
	Unsaved      map[string]any `json:"unsaved"` // arguments that the configuration lacks
	Config       map[string]any `json:"config"`
	YTrue        golden.Array   `json:"y_true"`
	YPred        golden.Array   `json:"y_pred"`
	SampleWeight *golden.Array  `json:"sample_weight"`
	Mask         *golden.Array  `json:"mask"`
	Values       *golden.Array  `json:"values"`
	Loss         golden.Array   `json:"loss"`
	Grad         *golden.Array  `json:"grad"`
}

func load(t *testing.T) (plain, masked []fixture) {
	golden.Load(t, "losses", &plain)
	var f struct {
		Losses []fixture `json:"losses"`
	}
	golden.Load(t, "masked", &f)
	require.NotEmpty(t, f.Losses)
	return plain, f.Losses
}

func TestAgainstKeras(t *testing.T) {
	plain, masked := load(t)
	for what, fixtures := range map[string][]fixture{"plain": plain, "masked": masked} {
		t.Run(what, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				for at, f := range fixtures {
					if !golden.Runs(engine, at) {
						continue
					}
					t.Run(f.Name, func(t *testing.T) { f.check(t, engine) })
				}
			})
		})
	}
}

func (f *fixture) check(t *testing.T, engine compute.Backend) {
	loss, err := losses.Get(f.Config)
	require.NoError(t, err)
	tolerance := golden.Float32
	switch f.Unsaved["dtype"] {
	case "float16":
		tolerance = golden.Tolerance{Abs: 1e-3, Rel: 2e-3}
	case "bfloat16":
		tolerance = golden.Tolerance{Abs: 8e-3, Rel: 16e-3}
	}
	if f.Unsaved != nil {
		given := maps.Clone(f.Config["config"].(map[string]any))
		maps.Copy(given, f.Unsaved)
		require.NoError(t, config.Decode(given, loss.KerasConfig()))
	}
	args := []any{f.YTrue.Tensor(t), f.YPred.Tensor(t)}
	for _, extra := range []*golden.Array{f.SampleWeight, f.Mask} {
		if extra != nil {
			args = append(args, extra.Tensor(t))
		}
	}
	out, err := graph.CallOnceN(engine, func(in []*graph.Node) []*graph.Node {
		var weight, mask *graph.Node
		rest := in[2:]
		if f.SampleWeight != nil {
			weight, rest = rest[0], rest[1:]
		}
		if f.Mask != nil {
			mask = rest[0]
		}
		reduced := losses.Compute(loss, in[0], in[1], weight, mask)
		return []*graph.Node{loss.Values(in[0], in[1]), reduced, graph.Gradient(graph.ReduceAllSum(reduced), in[1])[0]}
	}, args...)
	require.NoError(t, err)
	if f.Values != nil {
		golden.Close(t, "values", out[0], *f.Values, tolerance)
	}
	golden.Close(t, "loss", out[1], f.Loss, tolerance)
	if f.Grad != nil {
		golden.Close(t, "gradient", out[2], *f.Grad, tolerance)
	}
}

func TestConfigRoundTrip(t *testing.T) {
	plain, masked := load(t)
	for _, f := range append(plain, masked...) {
		loss, err := losses.Get(f.Config)
		require.NoError(t, err)
		encoded, err := config.Encode(loss)
		require.NoError(t, err)
		require.Equal(t, golden.JSON(t, f.Config), golden.JSON(t, encoded), f.Name)
	}
}

func TestGet(t *testing.T) {
	for given, want := range map[any]struct{ class, name string }{
		"mse":                             {"MeanSquaredError", "mse"},
		"MSE":                             {"MeanSquaredError", "MSE"},
		"mean_squared_error":              {"MeanSquaredError", "mean_squared_error"},
		"MeanSquaredError":                {"MeanSquaredError", "mean_squared_error"},
		"mae":                             {"MeanAbsoluteError", "mae"},
		"bce":                             {"BinaryCrossentropy", "bce"},
		"BCE":                             {"BinaryCrossentropy", "BCE"},
		"categorical_crossentropy":        {"CategoricalCrossentropy", "categorical_crossentropy"},
		"SparseCategoricalCrossentropy":   {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"},
		"sparse_categorical_crossentropy": {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"},
	} {
		loss, err := losses.Get(given)
		require.NoError(t, err)
		require.Equal(t, want.class, loss.KerasClass().Name)
		require.Equal(t, want.name, loss.KerasName())
	}
	function, err := losses.Get(map[string]any{"module": "builtins", "class_name": "function", "config": "mean_squared_error", "registered_name": "function"})
	require.NoError(t, err)
	require.Equal(t, "MeanSquaredError", function.KerasClass().Name)
	none, err := losses.Get(nil)
	require.NoError(t, err)
	require.Nil(t, none)

	_, err = losses.Get("categorical_crosentropy")
	require.EqualError(t, err, `unknown loss "categorical_crosentropy"; did you mean "categorical_crossentropy"? (known: `+strings.Join(losses.Names(), ", ")+")")
	_, err = losses.Get(map[string]any{"class_name": "MeanSquaredError", "config": map[string]any{"reduction": "avg"}})
	require.ErrorContains(t, err, `reduction: unknown reduction "avg"`)
}

func TestSetters(t *testing.T) {
	fields := func(l losses.Loss) map[string]any {
		got, err := config.Fields(l.KerasConfig())
		require.NoError(t, err)
		return got
	}
	require.Equal(t, map[string]any{"name": "n", "reduction": "sum", "from_logits": true, "label_smoothing": 0.1, "axis": 1},
		fields(losses.CategoricalCrossentropy().Name("n").Reduction(losses.Sum).FromLogits(true).LabelSmoothing(0.1).Axis(1)))
	require.Equal(t, map[string]any{"name": "binary_crossentropy", "reduction": nil, "from_logits": true, "label_smoothing": 0.2, "axis": 0},
		fields(losses.BinaryCrossentropy().Reduction("").FromLogits(true).LabelSmoothing(0.2).Axis(0)))
	require.Equal(t, map[string]any{"name": "sparse_categorical_crossentropy", "reduction": "none", "from_logits": true, "ignore_class": 255},
		fields(losses.SparseCategoricalCrossentropy().Reduction(losses.None).FromLogits(true).IgnoreClass(255).Axis(-1)))
	require.NoError(t, losses.MeanSquaredError().Reduction(losses.Mean).Validate())
	require.EqualError(t, losses.MeanAbsoluteError().Reduction("summ").Validate(),
		`loss mean_absolute_error: unknown reduction "summ"; did you mean "sum"? (known: sum_over_batch_size, sum, mean, mean_with_sample_weight, none)`)
}

func TestResolve(t *testing.T) {
	for _, tc := range []struct {
		given       string
		truth, pred []int
		want        string
	}{
		{"crossentropy", []int{-1, 1}, []int{-1, 1}, "binary_crossentropy"},
		{"ce", []int{-1}, []int{-1, 1}, "binary_crossentropy"},
		{"ce", []int{-1}, []int{-1, 10}, "sparse_categorical_crossentropy"},
		{"CE", []int{-1, 1}, []int{-1, 10}, "sparse_categorical_crossentropy"},
		{"ce", []int{-1, 10}, []int{-1, 10}, "categorical_crossentropy"},
		{"mse", []int{-1, 10}, []int{-1, 10}, "mse"},
	} {
		loss, err := losses.Resolve(tc.given, tc.truth, tc.pred)
		require.NoError(t, err)
		require.Equal(t, tc.want, loss.KerasName())
	}
	_, err := losses.Resolve("ce", nil, []int{-1, 10})
	require.ErrorContains(t, err, "targets of shape () and predictions of shape (None, 10)")
}

func TestShapeErrors(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		for name, tc := range map[string]struct {
			loss   losses.Loss
			truth  []int
			pred   []int
			weight []int
			want   string
		}{
			"mse":         {losses.MeanSquaredError(), []int{2, 3}, []int{2, 4}, nil, "loss mean_squared_error: targets of shape (2, 3) don't fit predictions of shape (2, 4): want shapes that broadcast to one"},
			"categorical": {losses.CategoricalCrossentropy(), []int{2}, []int{2, 4}, nil, "targets of shape (2,) don't fit predictions of shape (2, 4): want the same shape"},
			"binary":      {losses.BinaryCrossentropy(), []int{2, 3}, []int{2, 4}, nil, "targets of shape (2, 3) don't fit predictions of shape (2, 4): want the same shape"},
			"sparse":      {losses.SparseCategoricalCrossentropy(), []int{2, 4}, []int{2, 4}, nil, "targets of shape (2, 4) don't fit predictions of shape (2, 4): want a class number a prediction, shape (2,)"},
			"weight":      {losses.MeanSquaredError(), []int{2, 3, 4}, []int{2, 3, 4}, []int{2}, "sample weights of shape (2,) don't broadcast to the loss's values of shape (2, 3)"},
			"axis":        {losses.CategoricalCrossentropy().Axis(2), []int{2, 4}, []int{2, 4}, nil, "axis 2, want one of the 2 axes of predictions of shape (2, 4)"},
			"reduction":   {losses.MeanSquaredError().Reduction("avg"), []int{2}, []int{2}, nil, `unknown reduction "avg"`},
			"scalar":      {losses.MeanSquaredError(), nil, nil, nil, "want at least the batch axis"},
		} {
			t.Run(name, func(t *testing.T) {
				args := []any{zeros(tc.truth), zeros(tc.pred)}
				if tc.weight != nil {
					args = append(args, zeros(tc.weight))
				}
				_, err := graph.CallOnce(backend, func(in []*graph.Node) *graph.Node {
					return losses.Compute(tc.loss, in[0], in[1], append(in, nil)[2], nil)
				}, args...)
				require.ErrorContains(t, err, tc.want)
			})
		}
	})
}

func zeros(dims []int) *tensors.Tensor {
	return tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
}

func TestMaskErrors(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		for _, tc := range []struct {
			loss losses.Loss
			mask []int
			want string
		}{
			{losses.MeanSquaredError(), []int{2}, "values of the mask of shape (2,) don't broadcast to the loss's values of shape (2, 3)"},
			{losses.SparseCategoricalCrossentropy().IgnoreClass(1), []int{4, 3}, "the mask of the predictions of shape (4, 3) don't broadcast to the loss's own mask of shape (2, 3)"},
		} {
			_, err := graph.CallOnce(engine, func(y, p, mask *graph.Node) *graph.Node {
				if _, sparse := tc.loss.(losses.Masked); sparse {
					y = graph.ReduceSum(y, -1)
				}
				return losses.Compute(tc.loss, y, p, nil, mask)
			}, zeros([]int{2, 3, 4}), zeros([]int{2, 3, 4}), zeros(tc.mask))
			require.ErrorContains(t, err, tc.want)
		}
	})
}

func TestFunc(t *testing.T) {
	quartic := func(yTrue, yPred *graph.Node) *graph.Node {
		return graph.ReduceMean(graph.Square(graph.Square(graph.Sub(yPred, yTrue))), -1)
	}
	given := losses.Func("my_package>quartic", quartic).Reduction(losses.Sum)
	require.NoError(t, given.Validate())
	require.Equal(t, "quartic", given.KerasName())
	encoded, err := config.Encode(given)
	require.NoError(t, err)
	require.JSONEq(t, `{"module":"keras.losses","class_name":"LossFunctionWrapper","registered_name":null,"config":{"name":"quartic","reduction":"sum",
		"fn":{"module":"builtins","class_name":"function","config":"my_package>quartic","registered_name":"function"}}}`, golden.JSON(t, encoded))

	read, err := losses.Get(encoded)
	require.NoError(t, err)
	require.ErrorContains(t, read.(*losses.FuncLoss).Validate(), `loss quartic: unknown loss "my_package>quartic"`)
	losses.RegisterFunc("my_package>quartic", quartic)
	require.NoError(t, read.(*losses.FuncLoss).Validate())
	named, err := losses.Resolve("my_package>quartic", nil, nil)
	require.NoError(t, err)
	require.Equal(t, "quartic", named.KerasName())
	builtin, err := losses.Get(map[string]any{"class_name": "LossFunctionWrapper", "config": map[string]any{"name": "error", "fn": "mean_absolute_error"}})
	require.NoError(t, err)
	empty, err := losses.Get("LossFunctionWrapper")
	require.NoError(t, err)
	require.Error(t, empty.(*losses.FuncLoss).Validate())

	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		out, err := graph.CallOnceN(engine, func(in []*graph.Node) (results []*graph.Node) {
			for _, loss := range []losses.Loss{given, read, named, builtin} {
				results = append(results, losses.Compute(loss, in[0], in[1], nil, nil))
			}
			return results
		}, [][]float32{{0, 1}, {2, 3}}, [][]float32{{2, 1}, {2, 2}})
		require.NoError(t, err)
		for i, want := range []float32{8.5, 8.5, 4.25, 0.75} {
			require.Equal(t, want, out[i].Value())
		}
	})
}
