package functional_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

// sideBySide is how long the mix runs on each engine; GOKERAS_SIDE_BY_SIDE=1m makes it a minute.
func sideBySide(t *testing.T) time.Duration {
	t.Helper()
	if given := os.Getenv("GOKERAS_SIDE_BY_SIDE"); given != "" {
		d, err := time.ParseDuration(given)
		require.NoError(t, err)
		return d
	}
	return time.Second
}

// fill sets all weights of a model to one value.
func fill(m *functional.Model, value float32) error {
	var values []*tensors.Tensor
	for _, w := range m.Weights() {
		values = append(values, tensors.FromFlatDataAndDimensions(slices.Repeat([]float32{value}, w.Size()), w.Shape()...))
	}
	return m.SetWeights(values)
}

// TestSideBySide trains, tests, reads, saves, loads and compiles a model, and another one that shares a layer with it, all at once.
func TestSideBySide(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		const units = 4
		shared := layers.Dense(units).KernelInitializer("zeros").BiasInitializer("zeros").Name("shared")
		model := func(name string) *functional.Model {
			x := functional.Input(units)
			own := layers.Dense(units).KernelInitializer("zeros").BiasInitializer("zeros").Name("own_" + name)
			m, err := functional.NewModel(x, own.Apply(shared.Apply(x)))
			require.NoError(t, err)
			return m
		}
		first, second := model("first"), model("second")
		compile := func(m *functional.Model) error {
			return m.Compile(functional.Compile{Optimizer: optimizers.SGD().LearningRate(0.001), Loss: "mse", Metrics: []any{"mae"}})
		}
		require.NoError(t, compile(first))
		require.NoError(t, compile(second))
		x, y := golden.RuleInput(0, 12, units).Tensor(t), golden.RuleInput(1, 12, units).Tensor(t)
		path := filepath.Join(t.TempDir(), "m.weights.h5")
		require.NoError(t, first.SaveWeights(path))
		predictor, err := first.NewPredictor(functional.PredictorOptions{BatchSize: 12})
		require.NoError(t, err)

		fit := functional.Fit{Epochs: 2, BatchSize: 4, Verbose: functional.Silent, ValidationSplit: 0.4}
		var stop atomic.Bool
		var group sync.WaitGroup
		failed := make(chan error, 32)
		repeat := func(run func(i int) error) {
			group.Add(1)
			go func() {
				defer group.Done()
				for i := 0; !stop.Load(); i++ {
					if err := run(i); err != nil {
						stop.Store(true)
						failed <- err
						return
					}
				}
			}()
		}
		for _, m := range []*functional.Model{first, second} {
			repeat(func(int) error { _, err := m.Fit(x, y, fit); return err })
			repeat(func(int) error {
				_, err := m.Evaluate(x, y, functional.Evaluate{BatchSize: 5, Verbose: functional.Silent})
				return err
			})
			repeat(func(int) error { _, err := m.Predict(x, functional.Predict{Verbose: functional.Silent}); return err })
			repeat(func(int) error { _, err := m.TrainOnBatch(x, y, functional.BatchOptions{}); return err })
			repeat(func(int) error { return compile(m) })
		}
		repeat(func(int) error { _, err := predictor.Predict(x); return err })
		repeat(func(int) error { return first.LoadWeights(path) })
		repeat(func(int) error { return first.Save(filepath.Join(filepath.Dir(path), "m.keras")) })
		repeat(func(int) error { return first.Save(filepath.Join(filepath.Dir(path), "m.h5")) })
		repeat(func(int) error { _, err := first.GetWeights(); return err })
		repeat(func(i int) error { return fill(second, float32(i%7)/100) })
		time.Sleep(sideBySide(t))
		stop.Store(true)
		group.Wait()
		close(failed)
		for err := range failed {
			require.NoError(t, err)
		}
	})
}

// TestWeightsOfOneMoment sets all weights to one value after another: what reads meanwhile sees those of before or after, never a mixture.
func TestWeightsOfOneMoment(t *testing.T) {
	golden.OnEach(t, func(t *testing.T) {
		const units = 64
		x := functional.Input(units)
		h := x
		for range 4 {
			h = layers.Dense(units).UseBias(false).KernelInitializer("zeros").Apply(h)
		}
		m, err := functional.NewModel(x, h)
		require.NoError(t, err)
		ones := slices.Repeat([]float32{1}, units)
		stop := make(chan struct{})
		var group sync.WaitGroup
		group.Add(1)
		var failed error
		go func() {
			defer group.Done()
			for i := 0; failed == nil; i++ {
				select {
				case <-stop:
					return
				default:
					failed = fill(m, float32(i%2)/units)
				}
			}
		}()
		path := filepath.Join(t.TempDir(), "m.weights.h5")
		read := func() error {
			y, err := m.Predict([][]float32{ones}, functional.Predict{Verbose: functional.Silent})
			if err != nil {
				return err
			}
			for _, v := range golden.Floats(t, y) {
				if v != 0 && v != 1 {
					return errors.New("a prediction saw a mixture of weights")
				}
			}
			if err := m.SaveWeights(path); err != nil {
				return err
			}
			values, err := m.GetWeights()
			if err != nil {
				return err
			}
			for _, w := range values {
				if golden.Floats(t, w)[0] != golden.Floats(t, values[0])[0] {
					return errors.New("GetWeights returned a mixture")
				}
			}
			return nil
		}
		var err2 error
		for i := 0; i < 200 && err2 == nil; i++ {
			err2 = read()
		}
		close(stop)
		group.Wait()
		require.NoError(t, failed)
		require.NoError(t, err2)
	})
}
