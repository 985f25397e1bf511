package functional

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// TestBytesStayBytes: the host converts no images; what goes to the device are the user's bytes.
func TestBytesStayBytes(t *testing.T) {
	in := Input(2)
	m, err := NewModel(in, in)
	require.NoError(t, err)
	a, err := m.newArrays("data", [][]uint8{{1, 2}, {3, 4}, {5, 6}}, nil, nil, 2, false)
	require.NoError(t, err)
	var rows []int
	for b, err := range a.epoch() {
		require.NoError(t, err)
		require.Equal(t, dtypes.Uint8, b.x[0].DType())
		rows = append(rows, b.rows)
	}
	require.Equal(t, []int{2, 1}, rows)
}

// TestOverlappingBatches: the last batch is as large as the others, and begins before their end.
func TestOverlappingBatches(t *testing.T) {
	a := &arrays{x: []*tensors.Tensor{tensors.FromValue([]int32{0, 1, 2, 3, 4})}, rows: 5, batchSize: 3, overlap: true}
	var got [][]int32
	var starts []int
	for b, err := range a.epoch() {
		require.NoError(t, err)
		got = append(got, b.x[0].Value().([]int32))
		starts = append(starts, b.start)
	}
	require.Equal(t, [][]int32{{0, 1, 2}, {2, 3, 4}}, got)
	require.Equal(t, []int{0, 2}, starts)
}
