package initializers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/golden"
)

// TestSTFT holds the initializer's configuration and values to Keras.
func TestSTFT(t *testing.T) {
	var file struct {
		Initializers []struct {
			Object map[string]any
			Values golden.Array
		}
		InitializerErrors []struct{ Arguments map[string]any } `json:"initializer_errors"`
	}
	golden.Load(t, "spectrograms", &file)
	require.NotEmpty(t, file.Initializers)
	for _, c := range file.Initializers {
		i, err := Get(c.Object)
		require.NoError(t, err)
		require.Equal(t, c.Object, golden.Encoded(t, i))
		values, err := i.Values(c.Values.Shape, nil)
		require.NoError(t, err)
		want := golden.Floats(t, c.Values.Tensor(t))
		for k, v := range values {
			require.InDelta(t, want[k], v, 1e-7, "%v: value %d", c.Object, k)
		}
	}
	for _, c := range file.InitializerErrors {
		i := STFT()
		require.NoError(t, config.Decode(c.Arguments, i.KerasConfig()))
		require.Error(t, config.Validate(i.KerasConfig()), "%v", c.Arguments)
	}
	made := STFT().Side("imag").Window([]float64{1, 2}).Scaling("spectrum").Periodic(true)
	values, err := made.Values([]int{2, 1, 2}, nil)
	require.NoError(t, err)
	require.Len(t, values, 4)
	for name, i := range map[string]*STFTInitializer{"side": STFT().Side("x"), "window": STFT().Window("x"), "a window's type": STFT().Window(3), "weights": STFT().Window([]float64{1}), "scaling": STFT().Scaling("x")} {
		_, err := i.Values([]int{2, 1, 2}, nil)
		require.Error(t, err, name)
	}
	_, err = STFT().Values([]int{2, 2, 2}, nil)
	require.ErrorContains(t, err, "want (frame length, 1, bins)")
}
