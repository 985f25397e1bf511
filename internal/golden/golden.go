package golden

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/goengine"
)

// Load decodes testdata/<family>.json into the value that into points to.
func Load(t testing.TB, family string, into any) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(here), "testdata", family+".json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into), "%s.json", family)
}

// Array is a NumPy array in a fixture: Data holds its values in row-major order, or Strings where DType is "string".
type Array struct {
	Shape   []int    `json:"shape"`
	DType   string   `json:"dtype"`
	Data    []Value  `json:"data"`
	Strings []string `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler; null leaves the array without a shape.
func (a *Array) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	var fields struct {
		Shape []int           `json:"shape"`
		DType string          `json:"dtype"`
		Data  json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	*a = Array{Shape: fields.Shape, DType: fields.DType}
	if a.DType == "string" {
		return json.Unmarshal(fields.Data, &a.Strings)
	}
	return json.Unmarshal(fields.Data, &a.Data)
}

// Value is a number of a fixture; false and true read as 0 and 1, and the
// strings "nan", "inf" and "-inf" as what they say.
type Value float64

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(raw []byte) error {
	switch string(raw) {
	case "true":
		*v = 1
		return nil
	case "false":
		*v = 0
		return nil
	}
	if s, err := strconv.Unquote(string(raw)); err == nil {
		raw = []byte(s)
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	*v = Value(f)
	return err
}

// Tensor returns the array as a GoMLX tensor of its data type.
func (a Array) Tensor(t testing.TB) *tensors.Tensor {
	t.Helper()
	switch a.DType {
	case "float32", "float64", "float16", "bfloat16":
		// Halves are compared after the conversion that the test makes; they are held as float32.
		return fromFlat[float32](a)
	case "int8":
		return fromFlat[int8](a)
	case "int16":
		return fromFlat[int16](a)
	case "int32":
		return fromFlat[int32](a)
	case "int64":
		return fromFlat[int64](a)
	case "uint8":
		return fromFlat[uint8](a)
	case "uint16":
		return fromFlat[uint16](a)
	case "uint32":
		return fromFlat[uint32](a)
	case "bool":
		data := make([]bool, len(a.Data))
		for i, v := range a.Data {
			data[i] = v != 0
		}
		return tensors.FromFlatDataAndDimensions(data, a.Shape...)
	}
	t.Fatalf("fixture array of dtype %q", a.DType)
	return nil
}

func fromFlat[T float32 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](a Array) *tensors.Tensor {
	data := make([]T, len(a.Data))
	for i, v := range a.Data {
		data[i] = T(v)
	}
	return tensors.FromFlatDataAndDimensions(data, a.Shape...)
}

// Floats returns a tensor's values as float64, whatever its data type.
func Floats(t testing.TB, x *tensors.Tensor) []float64 {
	t.Helper()
	var out []float64
	err := x.ConstFlatData(func(flat any) {
		switch d := flat.(type) {
		case []float32:
			out = convert(d)
		case []float64:
			out = convert(d)
		case []int8:
			out = convert(d)
		case []int16:
			out = convert(d)
		case []int32:
			out = convert(d)
		case []int64:
			out = convert(d)
		case []uint8:
			out = convert(d)
		case []uint16:
			out = convert(d)
		case []uint32:
			out = convert(d)
		case []float16.Float16:
			out = make([]float64, len(d))
			for i, v := range d {
				out[i] = float64(v.Float32())
			}
		case []bfloat16.BFloat16:
			out = make([]float64, len(d))
			for i, v := range d {
				out[i] = float64(v.Float32())
			}
		case []bool:
			out = make([]float64, len(d))
			for i, v := range d {
				if v {
					out[i] = 1
				}
			}
		default:
			t.Fatalf("tensor of dtype %s", x.DType())
		}
	})
	require.NoError(t, err)
	return out
}

func convert[T float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](in []T) []float64 {
	out := make([]float64, len(in))
	for i, v := range in {
		out[i] = float64(v)
	}
	return out
}

// Tolerance bounds |got-want| by Abs + Rel·|want|.
type Tolerance struct{ Abs, Rel float64 }

// Float32 is what two correct float32 computations of a small case differ by.
var Float32 = Tolerance{Abs: 1e-6, Rel: 1e-5}

// Close fails the test unless got has want's shape and, within tol, its values.
func Close(t testing.TB, what string, got *tensors.Tensor, want Array, tol Tolerance) {
	t.Helper()
	require.Equal(t, fmt.Sprint(want.Shape), fmt.Sprint(got.Shape().Dimensions), "%s: shape", what)
	values := Floats(t, got)
	for i, w := range want.Data {
		if !near(values[i], float64(w), tol) {
			t.Fatalf("%s: value %d of shape %v: got %v, Keras has %v (tolerance %+v)", what, i, want.Shape, values[i], float64(w), tol)
		}
	}
}

// Same fails the test unless the tensors have the shapes and types of those wanted and, within tol, their values.
func Same(t testing.TB, got, want []*tensors.Tensor, tol Tolerance) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i].Shape(), got[i].Shape(), "tensor %d", i)
		g, w := Floats(t, got[i]), Floats(t, want[i])
		for k := range w {
			if !near(g[k], w[k], tol) {
				t.Fatalf("tensor %d, value %d: got %v, want %v (tolerance %+v)", i, k, g[k], w[k], tol)
			}
		}
	}
}

func near(got, want float64, tol Tolerance) bool {
	switch {
	case math.IsNaN(want):
		return math.IsNaN(got)
	case math.IsInf(want, 0):
		return got == want
	}
	return math.Abs(got-want) <= tol.Abs+tol.Rel*math.Abs(want)
}

// Engine is one of the engines to test on.
type Engine struct {
	Name    string
	Backend compute.Backend
}

// Engines returns the pure-Go engine and, where a plugin is installed, XLA.
// GOKERAS_TEST_ENGINES=go keeps to the first, GOKERAS_TEST_ENGINES=xla to the second.
func Engines(t testing.TB) []Engine {
	t.Helper()
	list, err := engines()
	require.NoError(t, err)
	return list
}

// OnEngines runs the test once on every engine, which is the default engine meanwhile.
func OnEngines(t *testing.T, run func(t *testing.T, engine compute.Backend)) {
	t.Helper()
	for _, e := range Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			defer backend.Use(e.Backend)()
			run(t, e.Backend)
		})
	}
}

// OnSomeEngines is [OnEngines] for the i-th of many like cases, on the engines that run it: see [Runs].
func OnSomeEngines(t *testing.T, i int, run func(t *testing.T, engine compute.Backend)) {
	t.Helper()
	for _, e := range Engines(t) {
		if !Runs(e.Backend, i) {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			defer backend.Use(e.Backend)()
			run(t, e.Backend)
		})
	}
}

// Runs reports whether the engine runs the i-th of many like cases: XLA, which compiles each anew, runs every third of them, and all with
// GOKERAS_TEST_ENGINES=all.
func Runs(engine compute.Backend, i int) bool {
	return i%3 == 0 || backend.KindOf(engine) == backend.Go || os.Getenv("GOKERAS_TEST_ENGINES") == "all"
}

// OnEach is [OnEngines] for tests that only need the default engine.
func OnEach(t *testing.T, run func(t *testing.T)) {
	t.Helper()
	OnEngines(t, func(t *testing.T, _ compute.Backend) { run(t) })
}

// OnGo makes the pure-Go engine, which starts at once, the default one until the test ends.
func OnGo(t testing.TB) {
	t.Helper()
	t.Cleanup(backend.Use(Engines(t)[0].Backend))
}

var engines = sync.OnceValues(func() ([]Engine, error) {
	goEngine, err := goengine.New("")
	if err != nil {
		return nil, err
	}
	list := []Engine{{"go", goEngine}}
	asked := os.Getenv("GOKERAS_TEST_ENGINES")
	if asked == "go" {
		return list, nil
	}
	if xla := newXLA(); xla != nil {
		list = append(list, Engine{"xla", xla})
		if asked == "xla" {
			list = list[1:]
		}
	}
	return list, nil
})
