//go:build cgo && linux && amd64

package backend

import (
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMemoryIsKept counts the pages that the system had to give while large results come and go: see kernels.KeepMemory. Several programs of
// changing sizes at a time have the right values.
func TestMemoryIsKept(t *testing.T) {
	for _, name := range []string{"MALLOC_ARENA_MAX", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"} {
		if _, ok := syscall.Getenv(name); ok {
			t.Skip("the C library's memory is set by " + name)
		}
	}
	b := openXLACPU(t)
	exec, err := graph.NewExec(b, func(x *graph.Node) *graph.Node {
		return graph.Add(graph.Iota(x.Graph(), x.Shape(), 0), x)
	})
	require.NoError(t, err)
	run := func(size int, from float32) {
		x := tensors.FromFlatDataAndDimensions(make([]float32, size), size)
		tensors.MustMutableFlatData(x, func(flat []float32) {
			for i := range flat {
				flat[i] = from
			}
		})
		results, err := exec.Call(x)
		if !assert.NoError(t, err) {
			return
		}
		tensors.MustConstFlatData(results[0], func(flat []float32) {
			for i, v := range flat {
				if v != float32(i)+from {
					assert.Failf(t, "wrong value", "%g at %d", v, i)
					return
				}
			}
		})
		results[0].FinalizeAll()
		x.FinalizeAll()
	}

	exec.SetMaxCache(-1)
	const pages, calls = 4096, 20
	large := tensors.FromFlatDataAndDimensions(make([]float32, pages*1024), pages*1024)
	repeat := func(n int) {
		for range n {
			results, err := exec.Call(large)
			require.NoError(t, err)
			results[0].FinalizeAll()
		}
	}
	repeat(3)
	var before, after syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
	repeat(calls)
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
	require.Less(t, after.Minflt-before.Minflt, int64(calls*pages/4))

	sizes := []int{1000, 40_000, 90_000, 100_000, 150_000, 700_000}
	var group sync.WaitGroup
	for seed := range uint64(4) {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(seed, 1))
			for range 40 {
				run(sizes[rng.IntN(len(sizes))], float32(rng.IntN(1000)))
			}
		})
	}
	group.Wait()
}
