package goengine

import (
	"testing"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// TestManyLargeOperations runs more operations at a time than the engine has workers, each of which asks for
// workers of its own: operations that keep theirs while they wait for others would wait for ever.
func TestManyLargeOperations(t *testing.T) {
	engine, err := New("")
	require.NoError(t, err)
	exec, err := graph.NewExec(engine, func(x *graph.Node) *graph.Node {
		var sum *graph.Node
		for i := range 64 {
			y := graph.Erf(graph.MulScalar(x, float64(i)))
			if sum == nil {
				sum = y
			} else {
				sum = graph.Add(sum, y)
			}
		}
		return sum
	})
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		for range 20 {
			if _, err := exec.Call(tensors.FromShape(shapes.Make(dtypes.Float64, 100, 1000))); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("the operations wait for each other")
	}
}
