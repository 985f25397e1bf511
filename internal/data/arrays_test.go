package data

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
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
