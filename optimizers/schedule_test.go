package optimizers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/optimizers"
)

type scheduleFixtures struct {
	At        []int32 `json:"at"`
	Schedules []struct {
		Config json.RawMessage `json:"config"`
		Rates  golden.Array    `json:"rates"`
	} `json:"schedules"`
}

func loadSchedules(t *testing.T) scheduleFixtures {
	var f scheduleFixtures
	golden.Load(t, "schedules", &f)
	require.NotEmpty(t, f.Schedules)
	return f
}

func scheduleFrom(t *testing.T, raw json.RawMessage) optimizers.Schedule {
	var m map[string]any
	require.NoError(t, json.Unmarshal(raw, &m))
	s, err := optimizers.GetSchedule(m)
	require.NoError(t, err, "%s", raw)
	return s
}

func TestSchedulesAgainstKeras(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		f := loadSchedules(t)
		for _, c := range f.Schedules {
			s := scheduleFrom(t, c.Config)
			exec, err := graph.NewExec(backend, s.At)
			require.NoError(t, err)
			for i, step := range f.At {
				out, err := exec.Call(step)
				require.NoError(t, err)
				require.Equal(t, dtypes.Float32, out[0].DType())
				want := golden.Array{DType: "float32", Data: c.Rates.Data[i : i+1]}
				// A cosine near its end is a difference of two numbers near 1.
				golden.Close(t, fmt.Sprintf("step %d of %s", step, c.Config), out[0], want, golden.Tolerance{Abs: 1e-7, Rel: 1e-5})
			}
			exec.Finalize()
		}
	})
}

// TestScheduleConfig compares the configurations as text, in which 10 is not 10.0.
func TestScheduleConfig(t *testing.T) {
	numbers := func(raw []byte) any {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		require.NoError(t, d.Decode(&v))
		return v
	}
	for _, c := range loadSchedules(t).Schedules {
		encoded, err := config.Encode(scheduleFrom(t, c.Config))
		require.NoError(t, err)
		raw, err := config.Marshal(encoded)
		require.NoError(t, err)
		require.Equal(t, numbers(c.Config), numbers(raw))
	}
}

func TestScheduleSetters(t *testing.T) {
	for _, tc := range []struct {
		schedule optimizers.Schedule
		class    string
		want     map[string]any
	}{
		{optimizers.ExponentialDecay(0.5, 10, 0.25).Staircase(true).Name("a"), "ExponentialDecay",
			map[string]any{"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.25, "staircase": true, "name": "a"}},
		{optimizers.InverseTimeDecay(0.5, 10, 0.25).Staircase(true).Name("a"), "InverseTimeDecay",
			map[string]any{"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.25, "staircase": true, "name": "a"}},
		{optimizers.PolynomialDecay(0.5, 10).EndLearningRate(0.1).Power(2).Cycle(true).Name("a"), "PolynomialDecay",
			map[string]any{"initial_learning_rate": 0.5, "decay_steps": 10, "end_learning_rate": 0.1, "power": 2.0, "cycle": true, "name": "a"}},
		{optimizers.PiecewiseConstantDecay([]int{1, 2}, []float64{3, 4, 5}).Name("a"), "PiecewiseConstantDecay",
			map[string]any{"boundaries": []any{1, 2}, "values": []any{3.0, 4.0, 5.0}, "name": "a"}},
		{optimizers.CosineDecay(0.5, 10).Alpha(0.1).WarmupTarget(0.7).WarmupSteps(3).Name("a"), "CosineDecay",
			map[string]any{"initial_learning_rate": 0.5, "decay_steps": 10, "alpha": 0.1, "warmup_target": 0.7, "warmup_steps": 3, "name": "a"}},
		{optimizers.CosineDecayRestarts(0.5, 10).TMul(3).MMul(0.5).Alpha(0.1).Name("a"), "CosineDecayRestarts",
			map[string]any{"initial_learning_rate": 0.5, "first_decay_steps": 10, "t_mul": 3.0, "m_mul": 0.5, "alpha": 0.1, "name": "a"}},
	} {
		encoded, err := config.Encode(tc.schedule)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"module": "keras.optimizers.schedules", "class_name": tc.class, "config": tc.want, "registered_name": nil}, encoded)
	}
}

func TestScheduleErrors(t *testing.T) {
	var none *optimizers.CosineDecaySchedule
	for want, s := range map[string]optimizers.Schedule{
		"the learning rate schedule is nil":                                                                                                           nil,
		"learning_rate: the learning rate schedule is nil":                                                                                            none,
		"learning_rate: ExponentialDecay: decay_steps must be > 0; received decay_steps=0":                                                            optimizers.ExponentialDecay(0.1, 0, 0.5),
		"learning_rate: InverseTimeDecay: decay_steps must be > 0; received decay_steps=-1":                                                           optimizers.InverseTimeDecay(0.1, -1, 0.5),
		"learning_rate: PolynomialDecay: decay_steps must be > 0; received decay_steps=0":                                                             optimizers.PolynomialDecay(0.1, 0),
		"learning_rate: CosineDecay: decay_steps must be > 0; received decay_steps=0":                                                                 optimizers.CosineDecay(0.1, 0),
		"learning_rate: CosineDecayRestarts: first_decay_steps must be > 0; received first_decay_steps=0":                                             optimizers.CosineDecayRestarts(0.1, 0),
		"learning_rate: PiecewiseConstantDecay: there must be at least one of boundaries, and one more of values; received 0 boundaries and 1 values": optimizers.PiecewiseConstantDecay(nil, []float64{1}),
		"learning_rate: PiecewiseConstantDecay: there must be at least one of boundaries, and one more of values; received 2 boundaries and 2 values": optimizers.PiecewiseConstantDecay([]int{1, 2}, []float64{1, 2}),
		"learning_rate: PiecewiseConstantDecay: boundaries[0] is 2.147483648e+09, want a step of at most 2147483647":                                  optimizers.PiecewiseConstantDecay([]int{1 << 31}, []float64{1, 2}),
	} {
		require.EqualError(t, optimizers.Adam().LearningRateSchedule(s).Validate(), want)
	}
	for want, v := range map[string]any{
		`unknown learning rate schedule "CosinDecay"; did you mean "cosine_decay"?`:                               map[string]any{"class_name": "CosinDecay", "config": map[string]any{}},
		`learning rate schedule: CosineDecay: decay_steps: got a string, want a number`:                           map[string]any{"class_name": "CosineDecay", "config": map[string]any{"decay_steps": "many"}},
		`learning rate schedule: PiecewiseConstantDecay: boundaries: [1]: got a bool, want a number`:              map[string]any{"class_name": "PiecewiseConstantDecay", "config": map[string]any{"boundaries": []any{1., true}}},
		`learning rate schedule: ExponentialDecay: unknown argument "decay"`:                                      map[string]any{"class_name": "ExponentialDecay", "config": map[string]any{"decay": 1.}},
		`CosineDecay: decay_steps must be > 0; received decay_steps=-3`:                                           map[string]any{"class_name": "CosineDecay", "config": map[string]any{"decay_steps": -3.}},
		`got a int, want a name such as "cosine_decay" or a value of this project's learning rate schedule types`: 3,
	} {
		_, err := optimizers.GetSchedule(v)
		require.ErrorContains(t, err, want)
	}
	s, err := optimizers.GetSchedule(nil)
	require.NoError(t, err)
	require.Nil(t, s)
	_, err = config.Encode(optimizers.Adam().LearningRateSchedule(none))
	require.ErrorContains(t, err, "Adam: learning_rate: the learning rate schedule is nil")
}

func TestScheduleNames(t *testing.T) {
	require.Subset(t, optimizers.ScheduleNames(), []string{"cosine_decay", "cosine_decay_restarts", "exponential_decay", "inverse_time_decay",
		"piecewise_constant_decay", "polynomial_decay"})
}

// TestScheduleNameOfKeras2 reads the null that Keras 2 writes where no name was given.
func TestScheduleNameOfKeras2(t *testing.T) {
	s, err := optimizers.GetSchedule(map[string]any{"class_name": "CosineDecayRestarts", "config": map[string]any{
		"initial_learning_rate": 0.1, "first_decay_steps": 10., "t_mul": 2., "m_mul": 1., "alpha": 0., "name": nil}})
	require.NoError(t, err)
	got, err := config.Fields(s.KerasConfig())
	require.NoError(t, err)
	require.Equal(t, "SGDRDecay", got["name"])
	_, err = optimizers.GetSchedule(map[string]any{"class_name": "CosineDecay", "config": map[string]any{"name": 3.}})
	require.ErrorContains(t, err, "name: got a float64, want a string")
}

// TestScheduleOrNumber checks that the last of LearningRate and LearningRateSchedule counts.
func TestScheduleOrNumber(t *testing.T) {
	trainable := []optimizers.Variable{{Name: "kernel", Shape: []int{2}, DType: dtypes.Float32}}
	o := optimizers.Adam().UseEMA(true).LearningRateSchedule(optimizers.CosineDecay(0.1, 10))
	require.Equal(t, "kernel_average", o.Variables(trainable)[1].Name)
	require.Equal(t, []int{1}, o.Averages(trainable))
	o.LearningRate(0.5)
	require.Equal(t, "learning_rate", o.Variables(trainable)[1].Name)
	require.Equal(t, []int{2}, o.Averages(trainable))
}

// halving is a custom schedule, in a data type that the optimizer has to convert.
type halving struct {
	cfg struct {
		From float64 `keras:"from" default:"1.0"`
	}
	vector bool
}

func (h *halving) KerasClass() optimizers.Class {
	return optimizers.Class{Module: "my_package", Name: "Halving", Registered: "my_package>Halving"}
}
func (h *halving) KerasConfig() any { return &h.cfg }

func (h *halving) At(step *graph.Node) *graph.Node {
	x := graph.ConvertDType(step, dtypes.Float64)
	if h.vector {
		x = graph.Reshape(x, 1)
	}
	return graph.MulScalar(graph.Pow(graph.Scalar(step.Graph(), dtypes.Float64, 0.5), x), h.cfg.From)
}

func TestCustomSchedule(t *testing.T) {
	optimizers.RegisterSchedule(func() optimizers.Schedule { return &halving{} })
	given := &halving{}
	given.cfg.From = 8
	encoded, err := config.Encode(optimizers.SGD().LearningRateSchedule(given))
	require.NoError(t, err)
	o, err := optimizers.Get(encoded)
	require.NoError(t, err)
	trainable := []optimizers.Variable{{Name: "kernel", Shape: []int{1}, DType: dtypes.Float32}}
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		step := func(o optimizers.Optimizer) func(i, w *graph.Node) []*graph.Node {
			return func(i, w *graph.Node) []*graph.Node {
				state, weights := o.Apply(trainable, []*graph.Node{i}, []*graph.Node{w}, []*graph.Node{graph.OnesLike(w)})
				return append(state, weights...)
			}
		}
		out, err := graph.CallOnceN(backend, step(o), int32(3), []float32{10})
		require.NoError(t, err)
		require.Equal(t, int32(4), out[0].Value())
		require.Equal(t, []float32{9}, out[1].Value())
		_, err = graph.CallOnceN(backend, step(optimizers.SGD().LearningRateSchedule(&halving{vector: true})), int32(3), []float32{10})
		require.ErrorContains(t, err, "optimizer sgd: learning_rate: Halving.At must return a scalar")
	})
}
