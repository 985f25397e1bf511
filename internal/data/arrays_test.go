package data

import (
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
