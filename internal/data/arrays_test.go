package data

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/goengine"
)

// TestOverlappingBatches: the last batch is as large as the others, and begins before their end.
func TestOverlappingBatches(t *testing.T) {
	a := &Arrays{X: []*tensors.Tensor{tensors.FromValue([]int32{0, 1, 2, 3, 4})}, Rows: 5, BatchSize: 3, Overlap: true}
	var got [][]int32
	var starts []int
	for b, err := range a.Epoch() {
		require.NoError(t, err)
		got = append(got, b.X[0].Value().([]int32))
		starts = append(starts, b.Start)
	}
	require.Equal(t, [][]int32{{0, 1, 2}, {2, 3, 4}}, got)
	require.Equal(t, []int{0, 2}, starts)
}

// TestShuffledInBatches: each batch keeps its samples, in an order that changes.
func TestShuffledInBatches(t *testing.T) {
	a := &Arrays{X: []*tensors.Tensor{tensors.FromValue([]int32{0, 1, 2, 3, 4, 5, 6})}, Rows: 7, BatchSize: 3, Shuffle: rand.NewPCG(1, 2), InBatches: true}
	orders := map[int32]bool{}
	for range 10 {
		var sorted [][]int32
		for b, err := range a.Epoch() {
			require.NoError(t, err)
			rows := b.X[0].Value().([]int32)
			orders[rows[0]] = true
			sorted = append(sorted, slices.Sorted(slices.Values(rows)))
		}
		require.Equal(t, [][]int32{{0, 1, 2}, {3, 4, 5}, {6}}, sorted)
	}
	require.Len(t, orders, 7)
}

// TestStaging: batches that are read where they are, or gathered in memory that is used again, are those of memory of their own, whenever they are given back.
func TestStaging(t *testing.T) {
	engine, err := goengine.New("")
	require.NoError(t, err)
	values := make([]int32, 50*1500)
	for i := range values {
		values[i] = int32(i)
	}
	x, y := tensors.FromFlatDataAndDimensions(values, 50, 1500), tensors.FromFlatDataAndDimensions(values[:50], 50)
	viewed := 0
	view := func(engine compute.Backend, memory []byte, shape shapes.Shape) compute.Buffer {
		if viewed++; viewed%3 == 0 {
			return nil // as where memory doesn't begin at the right place
		}
		b, flat, err := engine.NewSharedBuffer(0, shape)
		require.NoError(t, err)
		copy(dtypes.UnsafeByteSliceFromAny(flat), memory)
		return b
	}
	for _, shuffled := range []bool{false, true} {
		read := func(s *Staging) (got [][]int32) {
			a := &Arrays{X: []*tensors.Tensor{x}, Y: []*tensors.Tensor{y}, Rows: 50, BatchSize: 8, Staging: s}
			if shuffled {
				a.Shuffle = rand.NewPCG(1, 2)
			}
			var out []*Batch
			for range 2 {
				for b, err := range a.Epoch() {
					require.NoError(t, err)
					require.Equal(t, s != nil, b.Lent())
					for _, part := range b.All() {
						tensors.MustConstFlatData(part, func(flat []int32) { got = append(got, slices.Clone(flat)) })
					}
					if out = append(out, b); len(out) == 3 { // as many as a loop holds while others are made
						require.NoError(t, out[0].Return())
						out = out[1:]
					}
				}
			}
			require.NoError(t, s.End())
			for _, b := range out {
				require.NoError(t, b.Return())
			}
			return got
		}
		require.Equal(t, read(nil), read(NewStaging(engine, view)))
	}
	require.NotZero(t, viewed)
}
