package layers

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/probe"
)

// values are x's as float64, halves included.
func values(t *testing.T, x *tensors.Tensor) (out []float64) {
	t.Helper()
	require.NoError(t, x.ConstFlatData(func(flat any) {
		switch d := flat.(type) {
		case []float16.Float16:
			for _, v := range d {
				out = append(out, float64(v.Float32()))
			}
		case []bfloat16.BFloat16:
			for _, v := range d {
				out = append(out, float64(v.Float32()))
			}
		}
	}))
	if out == nil {
		out = golden.Floats(t, x)
	}
	return out
}

// TestPrecision runs the layers in halves: their results must be those of float32 within the precision.
func TestPrecision(t *testing.T) {
	for name, c := range map[string]struct {
		layer  func() applied
		shapes [][]int
	}{
		"dense":          {func() applied { return Dense(3).Activation("softmax") }, [][]int{{2, 4}}},
		"conv2d":         {func() applied { return Conv2D(2, 3).Padding(Same).Activation("tanh") }, [][]int{{2, 5, 4, 2}}},
		"conv2d even":    {func() applied { return Conv2D(2, 2).Strides(2) }, [][]int{{2, 5, 4, 2}}},
		"max pooling":    {func() applied { return MaxPooling2D().Padding(Same) }, [][]int{{2, 5, 4, 2}}},
		"average":        {func() applied { return AveragePooling2D().Padding(Same) }, [][]int{{2, 5, 4, 2}}},
		"global average": {func() applied { return GlobalAveragePooling2D() }, [][]int{{2, 5, 4, 2}}},
		"global max":     {func() applied { return GlobalMaxPooling2D() }, [][]int{{2, 2, 2, 2}}},
		"normalization":  {func() applied { return BatchNormalization() }, [][]int{{6, 3}}},
		"flatten":        {func() applied { return Flatten().DataFormat(ChannelsFirst) }, [][]int{{2, 2, 3}}},
		"activation":     {func() applied { return Activation("gelu") }, [][]int{{2, 3}}},
		"softmax":        {func() applied { return Softmax().Axis(1, 2) }, [][]int{{2, 2, 3}}},
		"add":            {func() applied { return Add() }, [][]int{{2, 3}, {2, 3}}},
		"average of two": {func() applied { return Average() }, [][]int{{2, 3}, {2, 3}}},
		"maximum":        {func() applied { return Maximum() }, [][]int{{2, 3}, {2, 3}}},
		"concatenate":    {func() applied { return Concatenate() }, [][]int{{2, 3}, {2, 1}}},
		"rescaling":      {func() applied { return Rescaling(0.5).Offset(1) }, [][]int{{2, 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
				functional.SetRandomSeed(1)
				var weights []*tensors.Tensor
				var want [][]float64
				for _, policy := range []functional.DTypePolicy{"float32", "mixed_float16", "mixed_bfloat16", "float16", "bfloat16"} {
					l := c.layer()
					l.Base().SetDType(policy)
					var inputs []*functional.Tensor
					var data []*tensors.Tensor
					for i, s := range c.shapes {
						inputs = append(inputs, functional.Input(s[1:]...))
						data = append(data, golden.RuleInput(i, s...).Tensor(t))
					}
					y := l.Apply(inputs...)
					require.NoError(t, y.Err())
					for i, w := range l.Base().Weights() {
						if policy == "float32" {
							value, err := w.Value()
							require.NoError(t, err)
							weights = append(weights, value)
						}
						require.NoError(t, w.Set(weights[i]))
					}
					out := y.Shape()
					out[0] = c.shapes[0][0]
					p, err := probe.Layer(engine, l, true, data, []*tensors.Tensor{golden.RuleInput(9, out...).Tensor(t)})
					require.NoError(t, err, policy)
					var got [][]float64
					for _, list := range [][]*tensors.Tensor{p.Outputs, p.InputGrads, p.WeightGrads, p.NonTrainable} {
						for _, x := range list {
							got = append(got, values(t, x))
						}
					}
					if want == nil {
						want = got
					}
					for i := range want {
						largest := 0.0
						for _, v := range want[i] {
							largest = max(largest, math.Abs(v))
						}
						require.InDeltaSlice(t, want[i], got[i], 0.03*(1+largest), "%s: %d", policy, i)
					}
				}
			})
		})
	}
}

func run(t *testing.T, engine compute.Backend, l functional.Layer, training bool, x *tensors.Tensor) ([]float64, []float64) {
	t.Helper()
	ones := tensors.FromScalarAndDimensions(float32(1), x.Shape().Dimensions...)
	p, err := probe.Layer(engine, l, training, []*tensors.Tensor{x}, []*tensors.Tensor{ones})
	require.NoError(t, err)
	return values(t, p.Outputs[0]), values(t, p.InputGrads[0])
}

func TestDropoutDistribution(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		const rows, columns = 200, 100
		x := tensors.FromScalarAndDimensions(float32(3), rows, columns)
		l := Dropout(0.3).Seed(7)
		require.NoError(t, l.Apply(functional.Input(columns)).Err())

		y, grad := run(t, engine, l, true, x)
		kept := 0
		for i, v := range y {
			if v != 0 {
				kept++
				require.InDelta(t, 3/0.7, v, 1e-5)
				require.InDelta(t, 1/0.7, grad[i], 1e-5)
			} else {
				require.Zero(t, grad[i])
			}
		}
		// Five standard deviations of a binomial distribution.
		require.InDelta(t, 0.7, float64(kept)/(rows*columns), 5*math.Sqrt(0.3*0.7/(rows*columns)))

		again, _ := run(t, engine, l, true, x)
		require.Equal(t, y, again, "the state of the generator didn't move, so the draw is the same")
		other := Dropout(0.3).Seed(8)
		require.NoError(t, other.Apply(functional.Input(columns)).Err())
		different, _ := run(t, engine, other, true, x)
		require.NotEqual(t, y, different)

		same, _ := run(t, engine, l, false, x)
		require.Equal(t, golden.Floats(t, x), same)
	})
}

func TestDropoutArguments(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		x := tensors.FromScalarAndDimensions(float32(1), 4, 5, 6)
		all := Dropout(1)
		require.NoError(t, all.Apply(functional.Input(5, 6)).Err())
		y, grad := run(t, engine, all, true, x)
		require.Equal(t, make([]float64, 4*5*6), y)
		require.Equal(t, make([]float64, 4*5*6), grad)

		noise := Dropout(0.5).NoiseShape(functional.None, 1, 6).Seed(3)
		require.NoError(t, noise.Apply(functional.Input(5, 6)).Err())
		y, _ = run(t, engine, noise, true, x)
		distinct := map[float64]bool{}
		for b := range 4 {
			for column := range 6 {
				for row := range 5 {
					v := y[b*30+row*6+column]
					require.Equal(t, y[b*30+column], v, "the mask is shared along axis 1")
					distinct[v] = true
				}
			}
		}
		require.Equal(t, map[float64]bool{0: true, 2: true}, distinct)
	})
}

func TestDropoutDrawsAnew(t *testing.T) {
	inputs := functional.Input(50)
	drop := Dropout(0.5).Seed(1)
	model, err := functional.NewModel(inputs, Subtract().Apply(drop.Apply(inputs), drop.Apply(inputs)))
	require.NoError(t, err)
	require.NoError(t, model.Apply(functional.Input(50)).Err())
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		y, _ := run(t, engine, model, true, tensors.FromScalarAndDimensions(float32(1), 4, 50))
		distinct := map[float64]bool{}
		for _, v := range y {
			distinct[v] = true
		}
		require.Equal(t, map[float64]bool{-2: true, 0: true, 2: true}, distinct)
	})
}

func TestUnknownAxes(t *testing.T) {
	const none = functional.None
	for _, c := range []struct {
		name  string
		layer applied
		in    [][]int
		want  functional.Shape
	}{
		{"conv2d", Conv2D(4, 3), [][]int{{none, none, 3}}, functional.Shape{none, none, none, 4}},
		{"conv2d height", Conv2D(4, 3).Padding(Same).Strides(2), [][]int{{none, 9, 3}}, functional.Shape{none, none, 5, 4}},
		{"max pooling", MaxPooling2D(), [][]int{{none, 9, none}}, functional.Shape{none, none, 4, none}},
		{"average pooling", AveragePooling2D().DataFormat(ChannelsFirst), [][]int{{none, 9, none}}, functional.Shape{none, none, 4, none}},
		{"global", GlobalMaxPooling2D(), [][]int{{none, none, 3}}, functional.Shape{none, 3}},
		{"flatten", Flatten(), [][]int{{none, 3}}, functional.Shape{none, none}},
		{"reshape", Reshape(3, -1), [][]int{{none, 3}}, functional.Shape{none, 3, none}},
		{"dense", Dense(2), [][]int{{none, 3}}, functional.Shape{none, none, 2}},
		{"normalization", BatchNormalization(), [][]int{{none, 3}}, functional.Shape{none, none, 3}},
		{"dropout", Dropout(0.5).NoiseShape(none, 1, 3), [][]int{{none, 3}}, functional.Shape{none, none, 3}},
		{"softmax", Softmax(), [][]int{{none, none}}, functional.Shape{none, none, none}},
		{"glu", Activation("glu"), [][]int{{none}}, functional.Shape{none, none}},
		{"add", Add(), [][]int{{none, 3}, {4, 1}, {3}}, functional.Shape{none, none, 3}},
		{"concatenate", Concatenate(), [][]int{{none, 3}, {4, 2}}, functional.Shape{none, 4, 5}},
		{"concatenate unknown", Concatenate().Axis(1), [][]int{{none, 3}, {4, none}}, functional.Shape{none, none, 3}},
		{"rescaling", Rescaling([]float64{1, 2}), [][]int{{none, none}}, functional.Shape{none, none, none}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var inputs []*functional.Tensor
			for _, s := range c.in {
				inputs = append(inputs, functional.Input(s...))
			}
			y := c.layer.Apply(inputs...)
			require.NoError(t, y.Err())
			require.Equal(t, c.want, y.Shape())
		})
	}
}

func TestIntegers(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, engine compute.Backend) {
		x := tensors.FromFlatDataAndDimensions([]int32{1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 4, 1)
		for _, c := range []struct {
			name  string
			layer applied
			dtype string
			want  []float64
		}{
			{"max pooling", MaxPooling2D(), "float32", []float64{6, 8}},
			{"average pooling", AveragePooling2D(), "float32", []float64{3.5, 5.5}},
			{"global average", GlobalAveragePooling2D(), "float32", []float64{4.5}},
			{"global max", GlobalMaxPooling2D(), "float32", []float64{8}},
			{"convolution", Conv2D(1, 2).KernelInitializer("ones").Strides(2), "float32", []float64{14, 22}},
			{"maximum", Maximum(), "float32", []float64{1, 2, 3, 4, 5, 6, 7, 8}},
			{"average", Average(), "float32", []float64{1, 2, 3, 4, 5, 6, 7, 8}},
		} {
			y := c.layer.Apply(functional.InputWith(functional.InputOptions{Shape: []int{2, 4, 1}, DType: "int32"}))
			require.NoError(t, y.Err(), c.name)
			require.Equal(t, c.dtype, y.DType(), c.name)
			p, err := probe.Layer(engine, c.layer, false, []*tensors.Tensor{x}, nil)
			require.NoError(t, err, c.name)
			require.Equal(t, c.want, values(t, p.Outputs[0]), c.name)
		}
	})
}

func TestRenormInitialValues(t *testing.T) {
	l := BatchNormalization().Renorm(true).MovingVarianceInitializer(4.0)
	require.ErrorContains(t, l.Apply(functional.Input(2)).Err(), "moving_variance_initializer")

	l = BatchNormalization().Renorm(true).RenormMomentum(0.5)
	require.NoError(t, l.Apply(functional.Input(2)).Err())
	var names []string
	for _, w := range l.Weights() {
		names = append(names, w.Name())
		value, err := w.Value()
		require.NoError(t, err)
		want := 1.0
		if w.Name() == "beta" || w.Name() == "moving_mean" || w.Name() == "renorm_mean" {
			want = 0
		}
		require.Equal(t, []float64{want, want}, golden.Floats(t, value), w.Name())
	}
	require.Equal(t, []string{"gamma", "beta", "moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev"}, names)
}

func TestNumPyRescaling(t *testing.T) {
	// Keras writes an array that was given as a scale like this.
	cfg := map[string]any{"name": "r", "trainable": true, "offset": 0., "dtype": map[string]any{"module": "keras", "class_name": "DTypePolicy",
		"config": map[string]any{"name": "float32"}, "registered_name": nil},
		"scale": map[string]any{"class_name": "__numpy__", "config": map[string]any{"value": []any{1., 2.}, "dtype": "float32"}}}
	l, err := fromConfig(t, "Rescaling", cfg)
	require.NoError(t, err)
	require.NoError(t, l.Apply(functional.Input(2)).Err())
}
