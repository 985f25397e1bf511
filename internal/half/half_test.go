package half

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes/float16"
	"github.com/stretchr/testify/require"
)

// TestFromFloat32 has every float16 come back, and what lies between two neighbours go to the nearer, halfway to the even.
func TestFromFloat32(t *testing.T) {
	for bits := range uint16(0x7c00) {
		h := float16.Float16(bits)
		v := h.Float32()
		require.Equal(t, h, FromFloat32(v))
		require.Equal(t, h|0x8000, FromFloat32(-v))
		next := (h + 1).Float32()
		if math.IsInf(float64(next), 0) {
			continue
		}
		between := v + (next-v)/2
		require.Equal(t, h+h&1, FromFloat32(between), "%v", between)
		require.Equal(t, h, FromFloat32(math.Nextafter32(between, 0)), "%v", between)
		require.Equal(t, h+1, FromFloat32(math.Nextafter32(between, 1e9)), "%v", between)
	}
	require.Equal(t, float16.Float16(0x7c00), FromFloat32(65520))
	require.True(t, math.IsNaN(float64(FromFloat32(float32(math.NaN())).Float32())))
	require.Equal(t, float16.Float16(2), FromFloat32(1e-7), "Keras's usual epsilon")
}
