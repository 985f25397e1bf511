package training

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/symbolic"
)

// TestBytesStayBytes: the host converts no images; what goes to the device are the user's bytes.
func TestBytesStayBytes(t *testing.T) {
	in := symbolic.Input(2)
	n, l := symbolic.NewNetwork()
	n.Start(l)
	require.NoError(t, n.Connect(in, in))
	a, err := New(n).Arrays("data", [][]uint8{{1, 2}, {3, 4}, {5, 6}}, nil, nil, 2, false)
	require.NoError(t, err)
	var rows []int
	for b, err := range a.Epoch() {
		require.NoError(t, err)
		require.Equal(t, dtypes.Uint8, b.X[0].DType())
		rows = append(rows, b.Rows)
	}
	require.Equal(t, []int{2, 1}, rows)
}
