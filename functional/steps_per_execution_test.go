package functional_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
)

// calls records the batch hooks.
type calls struct {
	callbacks.Base
	list []string
}

func (c *calls) note(what string, batch int) error {
	c.list = append(c.list, fmt.Sprintf("%s %d", what, batch))
	return nil
}

func (c *calls) OnTrainBatchBegin(batch int) error { return c.note("train begin", batch) }
func (c *calls) OnTrainBatchEnd(batch int, _ *callbacks.Logs) error {
	return c.note("train end", batch)
}
func (c *calls) OnTestBatchBegin(batch int) error                  { return c.note("test begin", batch) }
func (c *calls) OnTestBatchEnd(batch int, _ *callbacks.Logs) error { return c.note("test end", batch) }
func (c *calls) OnPredictBatchBegin(batch int) error               { return c.note("predict begin", batch) }
func (c *calls) OnPredictBatchEnd(batch int) error                 { return c.note("predict end", batch) }

// stepsModels have what a step may hold: weights that gradients change and others, random layers, penalties, windows, and what can't stand in a loop.
var stepsModels = map[string]func() (in, out *functional.Tensor){
	"dense": func() (in, out *functional.Tensor) {
		in = functional.Input(4)
		x := layers.Dense(6).Activation("relu").KernelRegularizer("l2").Apply(in)
		x = layers.BatchNormalization().Apply(x)
		x = layers.Dropout(0.3).Seed(7).Apply(x)
		return in, layers.Dense(3).Activation("softmax").Apply(x)
	},
	"windows": func() (in, out *functional.Tensor) {
		in = functional.Input(4)
		x := layers.Conv2D(2, 2).Apply(layers.Reshape(2, 2, 1).Apply(in))
		return in, layers.Dense(3).Activation("softmax").Apply(layers.Flatten().Apply(x))
	},
	"sorting": func() (in, out *functional.Tensor) {
		in = functional.Input(4)
		x := layers.Dense(5).Activation("sparsemax").Apply(in)
		return in, layers.Dense(3).Activation("softmax").Apply(x)
	},
}

// TestStepsInALoop: XLA loops over steps where that is possible and no slower.
func TestStepsInALoop(t *testing.T) {
	for name, build := range stepsModels {
		t.Run(name, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				m := model(build())
				require.NoError(t, m.Compile(functional.Compile{Loss: "mse", StepsPerExecution: 2}))
				_, err := m.Fit(golden.RuleInput(0, 8, 4).Tensor(t), golden.RuleInput(1, 8, 3).Tensor(t), functional.Fit{BatchSize: 2, Verbose: functional.Silent})
				require.NoError(t, err)
				looped, apart := functional.LoopsSteps(m)
				want := backend.KindOf(engine) == backend.XLACPU && name == "dense"
				require.Equal(t, []bool{want, !want}, []bool{looped, apart})
			})
		})
	}
}

// TestStepsPerExecution has the numbers of single steps, whatever the steps between two calls of callbacks.
func TestStepsPerExecution(t *testing.T) {
	t.Setenv("GOKERAS_CACHE", t.TempDir()) // what it compares is often the same program
	const rows, batch = 26, 4              // seven batches, the last one of two
	x := golden.RuleInput(0, rows, 4)
	labels := tensors.FromFlatDataAndDimensions(golden.RuleLabels(rows, 3), rows)
	for name, build := range stepsModels {
		t.Run(name, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				defer backend.Use(engine)()
				type outcome struct {
					history map[string][]float64
					weights []*tensors.Tensor
					scores  map[string]float64
					calls   []string
				}
				run := func(steps int) outcome {
					functional.ClearSession()
					functional.SetRandomSeed(3)
					in, out := build()
					m, err := functional.NewModel(in, out)
					require.NoError(t, err)
					for k, w := range m.Weights() {
						require.NoError(t, w.Set(golden.RuleWeight(k, w.Name(), w.Shape()...).Tensor(t)))
					}
					require.NoError(t, m.Compile(functional.Compile{Optimizer: "adam", Loss: "sparse_categorical_crossentropy",
						Metrics: []any{"accuracy"}, StepsPerExecution: steps}))
					c := &calls{}
					list := []callbacks.Callback{c}
					history, err := m.Fit(x.Tensor(t), labels, functional.Fit{BatchSize: batch, Epochs: 2, Seed: 5, Verbose: functional.Silent, Callbacks: list})
					require.NoError(t, err)
					scores, err := m.Evaluate(x.Tensor(t), labels, functional.Evaluate{BatchSize: batch, Verbose: functional.Silent, Callbacks: list})
					require.NoError(t, err)
					predicted, err := m.Predict(x.Tensor(t), functional.Predict{BatchSize: batch, Verbose: functional.Silent, Callbacks: list})
					require.NoError(t, err)
					weights, err := m.GetWeights()
					require.NoError(t, err)
					return outcome{history.History, append(weights, predicted), scores.Map(), c.list}
				}
				want := run(1)
				for _, steps := range []int{2, 3, 7, 40} {
					got := run(steps)
					for key, values := range want.history {
						require.InDeltaSlice(t, values, got.history[key], 1e-6, "%s with %d", key, steps)
					}
					for key, value := range want.scores {
						require.InDelta(t, value, got.scores[key], 1e-6, "%s with %d", key, steps)
					}
					for i, w := range want.weights {
						require.True(t, w.InDelta(got.weights[i], 1e-6), "weight %d with %d", i, steps)
					}
					var calls []string
					for _, what := range []string{"train", "train", "test", "predict"} {
						for at := 0; at < 7; at += steps {
							calls = append(calls, fmt.Sprintf("%s begin %d", what, at), fmt.Sprintf("%s end %d", what, at+steps-1))
						}
					}
					require.Equal(t, calls, got.calls)
				}
			})
		})
	}
}

// canceller ends a context after the first execution.
type canceller struct {
	calls
	cancel func()
}

func (c *canceller) OnTrainBatchEnd(batch int, logs *callbacks.Logs) error {
	c.cancel()
	return c.calls.OnTrainBatchEnd(batch, logs)
}

// TestStepsPerExecutionEndsWithContext: a context that ends is seen between executions.
func TestStepsPerExecutionEndsWithContext(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		in := functional.Input(4)
		m := model(in, layers.Dense(2).Apply(in))
		require.NoError(t, m.Compile(functional.Compile{Loss: "mse", StepsPerExecution: 2}))
		ctx, cancel := context.WithCancel(t.Context())
		c := &canceller{cancel: cancel}
		_, err := m.Fit(golden.RuleInput(0, 24, 4).Tensor(t), golden.RuleInput(1, 24, 2).Tensor(t),
			functional.Fit{BatchSize: 4, Context: ctx, Verbose: functional.Silent, Callbacks: []callbacks.Callback{c}})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "stopped after batch 2")
		require.Equal(t, []string{"train begin 0", "train end 1"}, c.list)
	})
}
