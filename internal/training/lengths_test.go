package training

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSharedLength: as docs/recurrent.md says, few lengths serve all, and little is added to long sequences.
func TestSharedLength(t *testing.T) {
	for n, want := range map[int]int{1: 8, 8: 8, 9: 16, 64: 64, 65: 80, 100: 112, 128: 128, 129: 160, 1000: 1024} {
		require.Equal(t, want, sharedLength(n), "%d steps", n)
	}
	shared := map[int]bool{}
	for n := 1; n <= 1024; n++ {
		shared[sharedLength(n)] = true
		require.LessOrEqual(t, sharedLength(n)-n, max(7, n/4), "%d steps", n)
	}
	require.Len(t, shared, 8+4*4)
}
