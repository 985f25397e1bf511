package optimizers_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

func TestMultiOptimizerRefusals(t *testing.T) {
	var f struct {
		Errors []struct {
			Others map[string]any `json:"others"`
			Error  struct {
				Message string `json:"message"`
			} `json:"error"`
		} `json:"errors"`
	}
	golden.Load(t, "optimizers_multi", &f)
	require.Len(t, f.Errors, 3)
	for _, e := range f.Errors {
		paths := optimizers.OptimizerMap(optimizers.SGD())
		for path, encoded := range e.Others {
			o, err := optimizers.Get(encoded)
			require.NoError(t, err)
			paths.Set(path, o)
		}
		err := catch.Panic(func() error {
			optimizers.MultiOptimizer(paths).Variables([]optimizers.Variable{{Path: "hidden/kernel", DType: dtypes.Float32}, {Path: "out/kernel", DType: dtypes.Float32}})
			return nil
		})
		require.Error(t, err, e.Error.Message)
	}
	for want, paths := range map[string]*optimizers.PathMap{
		"is missing":              nil,
		"there is no optimizer":   optimizers.OptimizerMap(nil),
		"twice":                   optimizers.OptimizerMap(optimizers.SGD()).Set("a", optimizers.SGD()).Set("a", optimizers.SGD()),
		"error parsing regexp":    optimizers.OptimizerMap(optimizers.SGD()).Set("(?=a)", optimizers.SGD()),
		"only one of clipnorm":    optimizers.OptimizerMap(optimizers.SGD().Clipnorm(1).Clipvalue(1)),
		"can't be inside a Multi": optimizers.OptimizerMap(optimizers.LossScaleOptimizer(optimizers.SGD())),
	} {
		require.ErrorContains(t, optimizers.MultiOptimizer(paths).Validate(), want)
	}
	_, err := optimizers.Get(map[string]any{"class_name": "MultiOptimizer", "config": map[string]any{"optimizer_map": map[string]any{"class_name": "function", "config": "choose"}}})
	require.ErrorContains(t, err, "function")
}

// TestMultiOptimizerShares: an optimizer that stands in a map twice has its weights together.
func TestMultiOptimizerShares(t *testing.T) {
	shared := optimizers.SGD().Momentum(0.9)
	o := optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.Adam()).Set("a", shared).Set("b.*", shared))
	trainable := []optimizers.Variable{{Path: "b1", DType: dtypes.Float32}, {Path: "c", DType: dtypes.Float32}, {Path: "a", DType: dtypes.Float32}}
	parts := o.Parts(trainable, false)
	require.Len(t, parts, 2)
	require.Equal(t, []int{0, 2}, parts[0].Weights)
	require.Equal(t, []int{1}, parts[1].Weights)
	require.Len(t, o.Variables(trainable), 2+(2+2)+(2+2))
}
