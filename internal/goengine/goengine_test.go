package goengine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// engines are GoMLX's and this one.
func engines(t testing.TB) (gomlx, own compute.Backend) {
	t.Helper()
	gomlx, err := gobackend.New("")
	require.NoError(t, err)
	own, err = New("")
	require.NoError(t, err)
	own.(*Backend).workers = 3
	return gomlx, own
}

// random makes a tensor of numbers from -1 to 1.
func random(rng *rand.Rand, dims ...int) *tensors.Tensor {
	x := tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
	tensors.MustMutableFlatData(x, func(flat []float32) {
		for i := range flat {
			flat[i] = 2*rng.Float32() - 1
		}
	})
	return x
}

// copies are for one engine, which keeps its own in the tensor.
func copies(list ...*tensors.Tensor) []any {
	own := make([]any, len(list))
	for i, x := range list {
		own[i] = tensors.FromFlatDataAndDimensions(tensors.MustCopyFlatData[float32](x), x.Shape().Dimensions...)
	}
	return own
}

// values runs f and returns the results' values.
func values[F graph.ExecGraphFn](t testing.TB, engine compute.Backend, f F, inputs ...*tensors.Tensor) [][]float32 {
	t.Helper()
	exec, err := graph.NewExec(engine, f)
	require.NoError(t, err)
	out, err := exec.Call(copies(inputs...)...)
	require.NoError(t, err)
	list := make([][]float32, len(out))
	for i, o := range out {
		list[i] = tensors.MustCopyFlatData[float32](o)
	}
	return list
}

// same compares f's results on both engines.
func same[F graph.ExecGraphFn](t testing.TB, f F, inputs ...*tensors.Tensor) {
	t.Helper()
	gomlx, own := engines(t)
	want, got := values(t, gomlx, f, inputs...), values(t, own, f, inputs...)
	require.Len(t, got, len(want))
	for i := range want {
		require.Len(t, got[i], len(want[i]))
		for k, w := range want[i] {
			if math.IsNaN(float64(w)) {
				require.True(t, math.IsNaN(float64(got[i][k])), "result %d, value %d: want NaN, got %v", i, k, got[i][k])
				continue
			}
			require.InDelta(t, w, got[i][k], 2e-5+1e-5*math.Abs(float64(w)), "result %d, value %d", i, k)
		}
	}
}

// onKernel fails unless the program of f needs a kernel.
func onKernel[F graph.ExecGraphFn](t testing.TB, f F, inputs ...*tensors.Tensor) {
	t.Helper()
	_, own := engines(t)
	spy := &spy{Backend: own.(*Backend)}
	values(t, spy, f, inputs...)
	require.True(t, spy.staged, "no kernel was used")
}

// spy is an engine that tells whether a program was cut into stages.
type spy struct {
	*Backend
	staged bool
}

func (s *spy) Builder(name string) compute.Builder {
	return &spyBuilder{s.Backend.Builder(name), s}
}

type spyBuilder struct {
	compute.Builder
	spy *spy
}

func (b *spyBuilder) Compile() (compute.Executable, error) {
	e, err := b.Builder.Compile()
	_, b.spy.staged = e.(*staged)
	return e, err
}

// TestParallel has every number worked on once.
func TestParallel(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		for _, n := range []int{0, 1, 3, 100} {
			counts := make([]int, n)
			parallel(workers, n, func(worker, i int) {
				if worker < 0 || worker >= workers {
					panic(worker)
				}
				counts[i]++
			})
			for _, c := range counts {
				require.Equal(t, 1, c)
			}
		}
	}
}
