package activations

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
)

type goldenCase struct {
	Name string         `json:"name"`
	Args map[string]any `json:"args"`
	X    golden.Array   `json:"x"`
	DY   golden.Array   `json:"dy"`
	Y    golden.Array   `json:"y"`
	DX   golden.Array   `json:"dx"`
}

type goldenFile struct {
	Values     []goldenCase      `json:"values"`
	Extremes   []goldenCase      `json:"extremes"`
	Serialized map[string]string `json:"serialized"`
	Custom     []map[string]any  `json:"custom"`
	Enveloped  map[string]any    `json:"enveloped"`
}

// function returns the Go call that mirrors the case's Python call.
func (c goldenCase) function(t *testing.T) Function {
	t.Helper()
	if len(c.Args) == 0 {
		f, err := Get(Name(c.Name))
		require.NoError(t, err)
		return f
	}
	number := func(key string, otherwise float64) float64 {
		if v, ok := c.Args[key].(float64); ok {
			return v
		}
		return otherwise
	}
	return func(x *graph.Node) *graph.Node {
		switch c.Name {
		case "relu":
			var maxValue *float64
			if v, ok := c.Args["max_value"].(float64); ok {
				maxValue = &v
			}
			return ReLUWith(x, number("negative_slope", 0), maxValue, number("threshold", 0))
		case "leaky_relu":
			return LeakyReLUWith(x, number("negative_slope", 0.2))
		case "elu":
			return ELUWith(x, number("alpha", 1))
		case "celu":
			return CELUWith(x, number("alpha", 1))
		case "gelu":
			return GELUWith(x, c.Args["approximate"].(bool))
		case "hard_shrink":
			return HardShrinkWith(x, number("threshold", 0.5))
		case "soft_shrink":
			return SoftShrinkWith(x, number("threshold", 0.5))
		case "squareplus":
			return SquareplusWith(x, number("b", 4))
		case "threshold":
			return ThresholdWith(x, number("threshold", 0), number("default_value", 0))
		case "glu":
			return GLUAxis(x, int(number("axis", -1)))
		case "sparsemax":
			return SparsemaxAxis(x, int(number("axis", -1)))
		case "softmax", "log_softmax":
			axes := []int{int(number("axis", -1))}
			if list, ok := c.Args["axis"].([]any); ok {
				axes = nil
				for _, a := range list {
					axes = append(axes, int(a.(float64)))
				}
			}
			if c.Name == "softmax" {
				return SoftmaxAxis(x, axes...)
			}
			return LogSoftmaxAxis(x, axes...)
		}
		panic(fmt.Errorf("no Go call for %s(%v)", c.Name, c.Args))
	}
}

// run computes every case's output and gradient in one program.
func run(t *testing.T, backend compute.Backend, cases []goldenCase) (y, dx []*tensors.Tensor) {
	t.Helper()
	var inputs []any
	for _, c := range cases {
		inputs = append(inputs, c.X.Tensor(t), c.DY.Tensor(t))
	}
	out, err := graph.CallOnceN(backend, func(in []*graph.Node) []*graph.Node {
		var out []*graph.Node
		for i, c := range cases {
			x, dy := in[2*i], in[2*i+1]
			y := c.function(t)(x)
			grad := graph.Gradient(graph.ReduceAllSum(graph.Mul(y, dy)), x)[0]
			out = append(out, y, grad)
		}
		return out
	}, inputs...)
	require.NoError(t, err)
	for i := range cases {
		y, dx = append(y, out[2*i]), append(dx, out[2*i+1])
	}
	return y, dx
}

func TestValuesAndGradients(t *testing.T) {
	var file goldenFile
	golden.Load(t, "activations", &file)
	covered := map[string]bool{}
	for _, c := range file.Values {
		covered[c.Name] = true
	}
	for name := range builtin {
		require.True(t, covered[string(name)], "no fixture of %s", name)
	}
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		ys, dxs := run(t, backend, file.Values)
		for i, c := range file.Values {
			t.Run(fmt.Sprintf("%s/%d", c.Name, i), func(t *testing.T) {
				golden.Close(t, fmt.Sprintf("%s(%v)", c.Name, c.Args), ys[i], c.Y, golden.Float32)
				tolerance := golden.Float32
				if c.Args["approximate"] == true {
					tolerance.Abs = 2e-6 // Keras's own gradient is 1.4e-6 off at -4
				}
				golden.Close(t, fmt.Sprintf("gradient of %s(%v)", c.Name, c.Args), dxs[i], c.DX, tolerance)
			})
		}
	})
}

// At infinities, at 1e30 and at NaN the outputs are Keras's, and the gradients are finite wherever Keras's are.
func TestExtremes(t *testing.T) {
	var file goldenFile
	golden.Load(t, "activations", &file)
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		ys, dxs := run(t, backend, file.Extremes)
		for i, c := range file.Extremes {
			t.Run(c.Name, func(t *testing.T) {
				golden.Close(t, c.Name, ys[i], c.Y, golden.Float32)
				got := golden.Floats(t, dxs[i])
				for k, want := range c.DX.Data {
					if x := float64(c.X.Data[k]); !math.IsNaN(float64(want)) && !math.IsNaN(x) {
						require.InDelta(t, float64(want), got[k], 1e-6, "gradient at %v", x)
					}
				}
			})
		}
	})
}

func TestConfigurationIsKerass(t *testing.T) {
	var file goldenFile
	golden.Load(t, "activations", &file)
	for name, want := range file.Serialized {
		if name == "threshold" { // no layer can call it: it has no default arguments
			continue
		}
		var n Name
		require.NoError(t, n.DecodeKeras(name), name)
		got, err := Name(name).EncodeKeras()
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, Name(want), n)
	}

	var n Name
	require.NoError(t, n.DecodeKeras(file.Enveloped))
	require.Equal(t, Name(ReLU), n)
	require.NoError(t, n.DecodeKeras(nil))
	require.Equal(t, Name(Linear), n)
	enc, err := Name("").EncodeKeras()
	require.NoError(t, err)
	require.Equal(t, "linear", enc)

	Register("golden>twice", func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 2) })
	Register("thrice", func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 3) })
	for i, name := range []Name{"golden>twice", "thrice"} {
		got, err := name.EncodeKeras()
		require.NoError(t, err)
		require.Equal(t, any(file.Custom[i]), got)
		var n Name
		require.NoError(t, n.DecodeKeras(file.Custom[i]))
		_, err = Get(n)
		require.NoError(t, err)
		require.Contains(t, Names(), string(n))
	}
}

// Every activation keeps the data type that it is given, and computes the same in it to its precision.
func TestDataTypes(t *testing.T) {
	x := []float32{-3, -0.75, 0.25, 0, 1.5, 6}
	golden.OnEngines(t, func(t *testing.T, backend compute.Backend) {
		for _, dtype := range []dtypes.DType{dtypes.Float64, dtypes.Float16, dtypes.BFloat16} {
			out, err := graph.CallOnceN(backend, func(x *graph.Node) []*graph.Node {
				var out []*graph.Node
				for _, name := range Names() {
					f, err := Get(Name(name))
					require.NoError(t, err)
					in := graph.ConvertDType(x, dtype)
					y := f(in)
					require.Equal(t, dtype, y.DType(), name)
					dx := graph.Gradient(graph.ReduceAllSum(y), in)[0]
					require.Equal(t, dtype, dx.DType(), name)
					want := f(x)
					for _, pair := range [][2]*graph.Node{{y, want}, {dx, graph.Gradient(graph.ReduceAllSum(want), x)[0]}} {
						off := graph.Abs(graph.Sub(graph.ConvertDType(pair[0], dtypes.Float32), pair[1]))
						out = append(out, graph.ReduceAllMax(graph.Div(off, graph.AddScalar(graph.Abs(pair[1]), 1))))
					}
				}
				return out
			}, x)
			require.NoError(t, err, dtype)
			for i, name := range Names() {
				for _, worst := range out[2*i : 2*i+2] {
					require.Less(t, golden.Floats(t, worst)[0], 0.02, "%s in %s", name, dtype)
				}
			}
		}
	})
}
