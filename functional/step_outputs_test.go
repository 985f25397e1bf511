package functional_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/optimizers"
)

type stepOutputs struct {
	Pictures struct {
		JSON                                 json.RawMessage
		Labels                               [][]int32
		Gradient, Adversarial, Scores, Inner golden.Array
		InnerGradient                        golden.Array `json:"inner_gradient"`
	}
	Penalties []struct {
		Name      string
		JSON      json.RawMessage
		Shape     []int
		Penalty   float64
		Gradients []golden.Array
	}
	Clipped []struct {
		Kind     string
		Argument map[string]float64
		JSON     []json.RawMessage
		Losses   []float64
		Weights  []golden.Array
	}
}

func ruleModel(t *testing.T, raw json.RawMessage) *functional.Model {
	t.Helper()
	m, err := functional.FromJSON(raw, false)
	require.NoError(t, err)
	for k, w := range m.Weights() {
		require.NoError(t, w.Set(golden.RuleWeight(k, w.Name(), w.Shape()...).Tensor(t)))
	}
	return m
}

func stepOf(t *testing.T, o functional.TrainerOptions) *functional.Trainer {
	t.Helper()
	trainer, err := functional.NewTrainer(o)
	require.NoError(t, err)
	return trainer
}

// TestStepOutputs takes gradients by inputs and inner tensors out of a test step.
func TestStepOutputs(t *testing.T) {
	var want stepOutputs
	golden.Load(t, "step_outputs", &want)
	p := want.Pictures
	golden.OnEach(t, func(t *testing.T) {
		m := ruleModel(t, p.JSON)
		conv, err := m.GetLayer("conv")
		require.NoError(t, err)
		both, err := functional.NewModel(m.Inputs(), []*functional.Tensor{conv.Base().Output(), m.Outputs()[0]})
		require.NoError(t, err)
		trainer := stepOf(t, functional.TrainerOptions{Models: []*functional.Model{m, both}, TestStep: func(s *functional.Step) {
			x, epsilon := s.Inputs()[0], s.Inputs()[1]
			gradient := graph.Gradient(s.Loss("sparse_categorical_crossentropy", s.Targets()[0], s.CallMulti(m, false, x)[0]), x)[0]
			adversarial := graph.Add(x, graph.Mul(epsilon, graph.Sign(gradient)))
			s.Output("x", x)
			s.Output("gradient", gradient)
			s.Output("adversarial", adversarial)
			s.Output("scores", s.CallMulti(m, false, adversarial)[0])
			outputs := s.CallMulti(both, false, x)
			class := graph.Slice(outputs[1], graph.AxisRange(), graph.AxisElem(2))
			s.Output("inner", outputs[0])
			s.Output("inner gradient", graph.Gradient(graph.ReduceAllSum(class), outputs[0])[0])
			s.Report("most", graph.ReduceAllMax(outputs[1]))
		}})
		x := golden.RuleInput(0, 3, 6, 6, 2)
		given := x.Tensor(t)
		for range 2 {
			scores, err := trainer.TestOnBatch([]any{given, float32(0.1)}, p.Labels)
			require.NoError(t, err)
			require.Equal(t, []string{"most"}, scores.Names)
			require.Len(t, scores.Outputs, 6)
			golden.Close(t, "x", scores.Outputs["x"], x, golden.Tolerance{})
			golden.Close(t, "gradient", scores.Outputs["gradient"], p.Gradient, golden.Float32)
			golden.Close(t, "adversarial", scores.Outputs["adversarial"], p.Adversarial, golden.Float32)
			golden.Close(t, "scores", scores.Outputs["scores"], p.Scores, golden.Float32)
			golden.Close(t, "inner", scores.Outputs["inner"], p.Inner, golden.Float32)
			golden.Close(t, "inner gradient", scores.Outputs["inner gradient"], p.InnerGradient, golden.Float32)
		}
		// Evaluate computes no arrays, and reports as ever.
		none, err := functional.NewTrainer(functional.TrainerOptions{Models: []*functional.Model{m}, TestStep: func(s *functional.Step) {
			out := s.CallMulti(m, false, s.X())[0]
			s.Output("out", out)
			s.Report("most", graph.ReduceAllMax(out))
		}})
		require.NoError(t, err)
		scores, err := none.Evaluate(given, nil, functional.Evaluate{BatchSize: 2, Verbose: functional.Silent})
		require.NoError(t, err)
		require.Empty(t, scores.Outputs)
		require.Equal(t, []string{"most"}, scores.Names)
	})
}

// penaltyOf is the penalty of a critic's slope.
func penaltyOf(s *functional.Step, critic *functional.Model, x *graph.Node) *graph.Node {
	slope := graph.Gradient(graph.ReduceAllSum(s.Call(critic, x)), x)[0]
	norm := graph.Sqrt(graph.ReduceSum(graph.Square(graph.Reshape(slope, x.Shape().Dimensions[0], -1)), 1))
	return graph.ReduceAllMean(graph.Square(graph.AddScalar(norm, -1)))
}

// TestGradientOfGradient takes the gradient of a penalty of gradients for the weights, for layers of many kinds.
func TestGradientOfGradient(t *testing.T) {
	var want stepOutputs
	golden.Load(t, "step_outputs", &want)
	golden.OnEach(t, func(t *testing.T) {
		for _, c := range want.Penalties {
			t.Run(c.Name, func(t *testing.T) {
				m := ruleModel(t, c.JSON)
				trainer := stepOf(t, functional.TrainerOptions{Models: []*functional.Model{m}, TrainStep: func(s *functional.Step) {
					penalty := penaltyOf(s, m, s.X())
					for i, g := range graph.Gradient(penalty, s.Weights(m)...) {
						s.Output(fmt.Sprint(i), g)
					}
					s.Report("penalty", penalty)
				}})
				scores, err := trainer.TrainOnBatch(golden.RuleInput(0, append([]int{2}, c.Shape...)...).Tensor(t), nil)
				require.NoError(t, err)
				require.InEpsilon(t, c.Penalty, scores.Value("penalty"), 2e-5)
				for i, g := range c.Gradients {
					golden.Close(t, "gradient "+fmt.Sprint(i), scores.Outputs[fmt.Sprint(i)], g, golden.Float32)
				}
			})
		}
	})
}

// TestClippedSteps clips gradients in a step: by the optimizer's arguments, as Keras does, and by hand, which must do the same.
func TestClippedSteps(t *testing.T) {
	t.Setenv("GOKERAS_CACHE", t.TempDir()) // what it compares is often the same program
	var want stepOutputs
	golden.Load(t, "step_outputs", &want)
	byHand := map[string]func(grads []*graph.Node, v float64) []*graph.Node{
		"clipnorm": func(grads []*graph.Node, v float64) []*graph.Node {
			for i, g := range grads {
				grads[i] = optimizers.ClipByNorm(g, v)
			}
			return grads
		},
		"global_clipnorm": func(grads []*graph.Node, v float64) []*graph.Node {
			clipped, _ := optimizers.ClipByGlobalNorm(grads, v)
			return clipped
		},
		"clipvalue": func(grads []*graph.Node, v float64) []*graph.Node {
			for i, g := range grads {
				grads[i] = graph.ClipScalar(g, -v, v)
			}
			return grads
		},
	}
	golden.OnEach(t, func(t *testing.T) {
		x := golden.RuleInput(0, 5, 4).Tensor(t)
		for _, c := range want.Clipped {
			for _, hand := range []bool{false, true} {
				a, b := ruleModel(t, c.JSON[0]), ruleModel(t, c.JSON[1])
				v := c.Argument
				optimizer := map[string]optimizers.Optimizer{"sgd": clips(optimizers.SGD(0.5), v, hand), "adam": clips(optimizers.Adam(0.1).Epsilon(1e-3), v, hand)}[c.Kind]
				trainer := stepOf(t, functional.TrainerOptions{Models: []*functional.Model{a, b}, TrainStep: func(s *functional.Step) {
					loss := graph.ReduceAllMean(graph.Square(graph.AddScalar(graph.Add(s.Call(a, s.X()), s.Call(b, s.X())), -2)))
					s.Report("loss", loss)
					if !hand {
						s.Minimize(loss, optimizer, a, b)
						return
					}
					grads := graph.Gradient(loss, slices.Concat(s.Weights(a), s.Weights(b))...)
					for argument, v := range c.Argument {
						grads = byHand[argument](grads, v)
					}
					s.ApplyGradients(grads, optimizer, a, b)
				}})
				for _, loss := range c.Losses {
					scores, err := trainer.TrainOnBatch(x, nil)
					require.NoError(t, err)
					require.InEpsilon(t, loss, scores.Loss(), 1e-5)
				}
				for i, w := range slices.Concat(a.Weights(), b.Weights()) {
					got, err := w.Value()
					require.NoError(t, err)
					golden.Close(t, fmt.Sprintf("%s %v, weight %d, by hand %v", c.Kind, c.Argument, i, hand), got, c.Weights[i], golden.Float32)
				}
			}
		}
	})
}

// clips gives an optimizer an argument that clips, unless that is done by hand.
func clips[O interface {
	optimizers.Optimizer
	Clipnorm(float64) O
	GlobalClipnorm(float64) O
	Clipvalue(float64) O
}](o O, argument map[string]float64, hand bool) optimizers.Optimizer {
	set := map[string]func(float64) O{"clipnorm": o.Clipnorm, "global_clipnorm": o.GlobalClipnorm, "clipvalue": o.Clipvalue}
	for name, v := range argument {
		if !hand {
			set[name](v)
		}
	}
	return o
}

func TestStepOutputMistakes(t *testing.T) {
	onGo(t)
	in := functional.Input(2)
	m := model(in, layers.Dense(1).Apply(in))
	odd := func(s *functional.Step) {
		s.Output("x", s.X())
		if s.BatchSize() == 1 {
			s.Output("more", s.X())
		}
	}
	twice := func(s *functional.Step) {
		s.Output("x", s.X())
		s.Output("x", s.X())
	}
	trainer := stepOf(t, functional.TrainerOptions{Models: []*functional.Model{m}, TrainStep: odd, TestStep: twice})
	_, err := trainer.TestOnBatch([]float32{1}, nil)
	require.ErrorContains(t, err, `the array "x" is given twice`)
	_, err = trainer.TrainOnBatch([]float32{1, 2}, nil)
	require.NoError(t, err)
	_, err = trainer.TrainOnBatch([]float32{1}, nil)
	require.ErrorContains(t, err, "give the same ones in every step")
	applies := stepOf(t, functional.TrainerOptions{Models: []*functional.Model{m}, TestStep: func(s *functional.Step) {
		s.Minimize(graph.Scalar(s.Graph(), dtypes.Float32, 1), optimizers.SGD(), m)
	}})
	_, err = applies.TestOnBatch([]float32{1}, nil)
	require.ErrorContains(t, err, "applies an optimizer")
	_, err = applies.Fit([]float32{1}, nil, functional.Fit{Verbose: functional.Silent})
	require.ErrorContains(t, err, "there is no train step")
}
