//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

import (
	"math"
	"runtime"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// TestChain has the numbers of plain runs, whoever takes a weight or puts another in between.
func TestChain(t *testing.T) {
	b := engine(t)
	g := step(b)
	plain := run(t, g, b)
	each := len(plain) / 3
	weight := func(buffer compute.Buffer) *tensors.Tensor {
		t.Helper()
		x, err := tensors.FromBuffer(buffer)
		require.NoError(t, err)
		return x
	}
	bits := func(x *tensors.Tensor) (list []uint32) {
		tensors.MustConstFlatData(x, func(flat []float32) {
			for _, v := range flat {
				list = append(list, math.Float32bits(v))
			}
		})
		return list
	}
	donate := func(x *tensors.Tensor) compute.Buffer {
		buffer, err := x.DonateBuffer(b, 0)
		require.NoError(t, err)
		return buffer
	}
	c := NewChain(executable(g), []bool{true, true}, []int{1})
	require.NotNil(t, c)
	require.False(t, c.Whole())
	require.Nil(t, c.Take(1))
	require.Error(t, c.Put(1, nil))
	require.NoError(t, c.Put(1, donate(ramp(3, 3, 3, 5))))
	require.True(t, c.Whole())
	for i := range 3 {
		x := ramp(4, 8, 8, 3)
		require.NoError(t, c.Put(0, donate(x)))
		results, err := c.Run()
		require.NoError(t, err)
		require.Len(t, results, 2)
		require.True(t, c.Whole())
		require.False(t, c.Has(0))
		want := plain[i*each : (i+1)*each]
		require.Equal(t, want[len(want)-2:], append(bits(weight(results[0])), bits(weight(results[1]))...))
		if i > 0 { // it leaves, and comes back
			k := weight(c.Take(1))
			require.False(t, c.Whole())
			require.Nil(t, c.Take(1))
			require.Equal(t, want[:len(want)-2], bits(k))
			require.NoError(t, c.Put(1, donate(k)))
		}
		runtime.GC()
	}
	g.Finalize()
	_, err := c.Run()
	require.Error(t, err)
	require.NoError(t, c.Take(1).Finalize())

	require.Nil(t, NewChain(nil, nil, nil))
}
