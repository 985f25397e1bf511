package metrics_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/metrics"
)

// alone runs the test on every engine, as the process's default.
func alone(t *testing.T, run func(t *testing.T)) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		defer backend.Use(engine)()
		run(t)
	})
}

// result is the metric's result as Go has it.
func result(t *testing.T, m interface {
	Result() (*tensors.Tensor, error)
}) any {
	out, err := m.Result()
	require.NoError(t, err)
	return out.Value()
}

func TestValuesAgainstKeras(t *testing.T) {
	var all struct {
		Values []struct {
			Name    string         `json:"name"`
			Config  map[string]any `json:"config"`
			Updates []struct {
				Values       golden.Array  `json:"values"`
				SampleWeight *golden.Array `json:"sample_weight"`
				Result       golden.Array  `json:"result"`
			} `json:"updates"`
		} `json:"values"`
	}
	golden.Load(t, "masked", &all)
	require.NotEmpty(t, all.Values)
	alone(t, func(t *testing.T) {
		for _, f := range all.Values {
			t.Run(f.Name, func(t *testing.T) {
				metric, err := metrics.Get(f.Config)
				require.NoError(t, err)
				values := metric.(interface {
					UpdateState(values, sampleWeight any) error
					Result() (*tensors.Tensor, error)
				})
				for i, u := range f.Updates {
					var weight any
					if u.SampleWeight != nil {
						weight = u.SampleWeight.Tensor(t)
					}
					require.NoError(t, values.UpdateState(u.Values.Tensor(t), weight))
					out, err := values.Result()
					require.NoError(t, err)
					golden.Close(t, fmt.Sprintf("update %d", i+1), out, u.Result, golden.Float32)
				}
			})
		}
	})
}

func TestByItself(t *testing.T) {
	alone(t, func(t *testing.T) {
		m := metrics.BinaryAccuracy()
		require.Equal(t, float32(0), result(t, m))
		require.NoError(t, m.UpdateState([]int{1, 0, 1}, []float64{0.9, 0.2, 0.1}, nil))
		require.NoError(t, m.UpdateState([3]float32{1, 1, 1}, [3]float32{0.9, 0.9, 0.9}, []float32{1, 1, 0}))
		require.Equal(t, float32(0.8), result(t, m))
		m.ResetState()
		require.Equal(t, float32(0), result(t, m))

		// A state shaped by the first batch is kept in that shape.
		f1 := metrics.F1Score().Threshold(0.5)
		_, err := f1.Result()
		require.EqualError(t, err, "metric f1_score: the number of classes is known from the first batch")
		require.NoError(t, f1.UpdateState([][]int{{1, 0}}, [][]float32{{0.9, 0.1}}, nil))
		require.InDeltaSlice(t, []float32{1, 0}, result(t, f1), 1e-6)
		f1.ResetState()
		require.Equal(t, []float32{0, 0}, result(t, f1))
		err = f1.UpdateState([][]int{{1, 0, 0}}, [][]float32{{0.9, 0.1, 0}}, nil)
		require.ErrorContains(t, err, "metric f1_score: ")
		require.Equal(t, []float32{0, 0}, result(t, f1), "the state after an error")
	})
}

func TestStatesAreApart(t *testing.T) {
	alone(t, func(t *testing.T) {
		m := metrics.MeanAbsoluteError()
		other := metrics.NewAccumulator(m)
		require.NoError(t, m.UpdateState([][]float32{{1}}, [][]float32{{2}}, nil))
		require.NoError(t, other.UpdateState([][]float32{{1}}, [][]float32{{4}}, nil))
		require.Equal(t, float32(1), result(t, m))
		require.Equal(t, float32(3), result(t, other))
	})
}

func TestAccumulatorMovesBetweenEngines(t *testing.T) {
	m := metrics.Mean()
	alone(t, func(t *testing.T) {
		require.NoError(t, m.UpdateState([]float32{1, 3}, nil))
		require.Equal(t, float32(2), result(t, m))
	})
}

func TestAccumulatorIsSafe(t *testing.T) {
	alone(t, func(t *testing.T) {
		m := metrics.Sum()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := m.UpdateState([]float32{1, 2}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.Equal(t, float32(24), result(t, m))
	})
}

func TestAccumulatorErrors(t *testing.T) {
	alone(t, func(t *testing.T) {
		for want, err := range map[string]error{
			"metric mean_absolute_error: update: targets: got nil, want an array of numbers":                  metrics.MeanAbsoluteError().UpdateState(nil, []float32{1}, nil),
			"metric mean_absolute_error: update: predictions: got a string":                                   metrics.MeanAbsoluteError().UpdateState([]float32{1}, "one", nil),
			"metric mean_absolute_error: update: sample weights: got a map[string]int":                        metrics.MeanAbsoluteError().UpdateState([]float32{1}, []float32{1}, map[string]int{}),
			"metric accuracy: targets of shape (2,) don't fit predictions of shape (3,)":                      metrics.Accuracy().UpdateState([]int{1, 2}, []int{1, 2, 3}, nil),
			"metric area: targets of shape (2, 1) don't fit predictions of shape (3,): want the same shape":   metrics.AUC().Name("area").UpdateState([][]int{{1}, {2}}, []float32{1, 2, 3}, nil),
			"metric area: sample weights of shape (2,) don't fit predictions of shape (3,)":                   metrics.AUC().Name("area").UpdateState([]int{1, 2, 1}, []float32{1, 2, 3}, []int{1, 2}),
			"metric area: label weights of shape (2,) don't fit predictions of shape (2, 3)":                  metrics.AUC().Name("area").LabelWeights(1, 2).UpdateState([2][3]int{}, [2][3]float32{}, nil),
			"metric area: got 2 label weights for 3 labels":                                                   metrics.AUC().Name("area").MultiLabel(true).LabelWeights(1, 2).UpdateState([2][3]int{}, [2][3]float32{}, nil),
			"metric area: predictions of shape (2, 3), want (batch, 4): a prediction a label":                 metrics.AUC().Name("area").MultiLabel(true).NumLabels(4).UpdateState([2][3]int{}, [2][3]float32{}, nil),
			`metric area: unknown curve "ROCK"; did you mean "ROC"? (known: ROC, PR, PRGAIN)`:                 metrics.AUC().Name("area").Curve("ROCK").UpdateState([]int{1}, []float32{1}, nil),
			`metric area: dtype "floaty", want a type of numbers such as "float32"`:                           metrics.AUC().Name("area").DType("floaty").UpdateState([]int{1}, []float32{1}, nil),
			`metric f1_score: unknown average "most"`:                                                         metrics.F1Score().Average("most").UpdateState([][]int{{1}}, [][]float32{{1}}, nil),
			"metric f1_score: sample weights of shape (1, 1), want one a sample: (1,)":                        metrics.F1Score().UpdateState([][]int{{1}}, [][]float32{{1}}, [][]int{{1}}),
			"metric io: num_classes is 0, want the number of classes":                                         metrics.MeanIoU(0).Name("io").UpdateState([]int{1}, []int{1}, nil),
			"metric io: target class 3, want one of the 3 classes from 0 to 2":                                metrics.IoU(3, 3).Name("io").UpdateState([]int{1}, []int{1}, nil),
			"metric io: target_class_ids is empty, want at least one of the 3 classes":                        metrics.IoU(3).Name("io").UpdateState([]int{1}, []int{1}, nil),
			"metric io: targets of shape (2,) don't fit predictions of shape (1,): want a class a prediction": metrics.MeanIoU(3).Name("io").UpdateState([]int{1, 2}, []int{1}, nil),
			"metric io: sample weights of shape (2,), want one or one a target: 1":                            metrics.MeanIoU(3).Name("io").UpdateState([]int{1}, []int{1}, []int{1, 2}),
			"metric io: axis 2, want one of the 2 axes of targets of shape (1, 3)":                            metrics.OneHotMeanIoU(3).Name("io").Axis(2).UpdateState([1][3]int{}, [1][3]int{}, nil),
			`metric wrapped: unknown metric "wrapped"`:                                                        metrics.Func("wrapped", nil).UpdateState([]int{1}, []int{1}, nil),
			"metric odd: update: the update gives 0 values for 1 state variables":                             metrics.NewAccumulator(odd{}).UpdateState([]int{1}, []int{1}, nil),
			`metric odd: update: the update gives state variable "x" of shape () a value of shape (2,)`:       metrics.NewAccumulator(odd{returns: 1}).UpdateState([]int{1, 2}, []int{1, 2}, nil),
			"metric odd: update: there are no state variables":                                                metrics.NewAccumulator(odd{stateless: true}).UpdateState([]int{1, 2}, []int{1, 2}, nil),
		} {
			require.ErrorContains(t, err, want)
		}
	})
}

// odd is a metric that does as it is told.
type odd struct {
	returns   int
	stateless bool
}

func (odd) KerasClass() metrics.Class { return metrics.Class{Name: "odd"} }
func (odd) KerasConfig() any          { return &struct{}{} }
func (odd) KerasName() string         { return "odd" }

func (o odd) State(_, _ []int) ([]metrics.Variable, error) {
	if o.stateless {
		return nil, nil
	}
	return []metrics.Variable{{Name: "x", DType: dtypes.Int32, Initial: 3}}, nil
}

func (o odd) Update(_ []*graph.Node, b metrics.Batch) []*graph.Node {
	return []*graph.Node{b.YPred}[:o.returns]
}

func (odd) Value(state []*graph.Node) *graph.Node { return state[0] }

func TestInitialValues(t *testing.T) {
	alone(t, func(t *testing.T) {
		m := metrics.NewAccumulator(odd{returns: 1})
		require.Equal(t, int32(3), result(t, m))
		require.NoError(t, m.UpdateState(1, 2.9, nil))
		require.Equal(t, int32(2), result(t, m)) // converted to the variable's type
		m.ResetState()
		require.Equal(t, int32(3), result(t, m))
	})
}
